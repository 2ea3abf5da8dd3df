//! Alarms: when a time has come, the epoch of an engine moves on and waiting tasks are woken.
//!
//! What watches the clock is one thread of the process, started with the first alarm; it sleeps until the earliest. An alarm is no
//! tick: [`EngineInner`](crate::engine::EngineInner) counts alarms apart, so that one store's timeout moves no other store's deadline.
//! Without `std` there is no clock, and [`Alarm`] is a type without values.

#[cfg(feature = "std")]
mod imp {
    use alloc::collections::BTreeMap;
    use alloc::sync::{Arc, Weak};
    use alloc::vec::Vec;
    use core::task::Waker;
    use core::time::Duration;
    use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
    use std::thread;
    use std::time::Instant;

    use crate::engine::{Engine, EngineInner};
    use crate::error::Error;
    use crate::exec::step::ExecutionAddr;

    /// An alarm that has been set; dropping it calls it off.
    #[derive(Debug)]
    pub(crate) struct Alarm {
        key: Key,
        timeout: Duration,
    }

    /// When, and a number that tells alarms of one time apart.
    type Key = (Instant, u64);

    /// What happens when the time has come.
    struct Entry {
        engine: Weak<EngineInner>,
        /// Of executions that wait for something that may come too late.
        wakers: Vec<(ExecutionAddr, Waker)>,
    }

    /// Beyond any process's life, and within what every clock can represent.
    const LONGEST: Duration = Duration::from_secs(u32::MAX as u64);

    impl Alarm {
        /// Sets an alarm for `timeout` from now.
        pub(crate) fn set(engine: &Engine, timeout: Duration) -> Result<Self, Error> {
            let end = Instant::now().checked_add(timeout.min(LONGEST));
            let end = end.ok_or_else(|| Error::misuse("the clock cannot represent the end of the timeout"))?;
            let entry = Entry { engine: Arc::downgrade(engine.shared()), wakers: Vec::new() };
            Ok(Self { key: Clock::get()?.add(end, entry), timeout })
        }

        /// Whether the time has come.
        pub(crate) fn is_over(&self) -> bool {
            Instant::now() >= self.key.0
        }

        /// How long it was set for.
        pub(crate) fn timeout(&self) -> Duration {
            self.timeout
        }

        /// Wakes the task that polls `execution` when the time has come; at once if it has, or if it cannot be remembered.
        pub(crate) fn wake(&self, execution: ExecutionAddr, waker: &Waker) {
            if waker.will_wake(Waker::noop()) {
                return;
            }
            // Making and dropping a waker is the executor's code: before and after the lock, since it may drop a store with an alarm.
            let mut waker = waker.clone();
            let mut state = CLOCK.lock();
            if let Some(Entry { wakers, .. }) = state.alarms.get_mut(&self.key) {
                if let Some((_, known)) = wakers.iter_mut().find(|(address, _)| *address == execution) {
                    return core::mem::swap(known, &mut waker);
                }
                if wakers.try_reserve(1).is_ok() {
                    return wakers.push((execution, waker));
                }
            }
            drop(state);
            waker.wake();
        }
    }

    impl Drop for Alarm {
        fn drop(&mut self) {
            // As in `wake`: not under the lock.
            let entry = CLOCK.lock().alarms.remove(&self.key);
            drop(entry);
        }
    }

    /// All alarms of the process.
    struct Clock {
        state: Mutex<State>,
        /// There is an earlier alarm than the one that is slept for.
        earlier: Condvar,
    }

    struct State {
        alarms: BTreeMap<Key, Entry>,
        next: u64,
        watched: bool,
    }

    static CLOCK: Clock = Clock {
        state: Mutex::new(State { alarms: BTreeMap::new(), next: 0, watched: false }),
        earlier: Condvar::new(),
    };

    impl Clock {
        /// The clock, with a thread that watches it.
        fn get() -> Result<&'static Self, Error> {
            let mut state = CLOCK.lock();
            if !state.watched {
                let thread = thread::Builder::new().name("whit-clock".into()).spawn(|| CLOCK.watch());
                thread.map_err(Error::new)?;
                state.watched = true;
            }
            Ok(&CLOCK)
        }

        fn lock(&self) -> MutexGuard<'_, State> {
            // Nothing panics under the lock but for want of memory, and then nothing has been changed.
            self.state.lock().unwrap_or_else(PoisonError::into_inner)
        }

        fn add(&self, end: Instant, entry: Entry) -> Key {
            let mut state = self.lock();
            let key = (end, state.next);
            state.next += 1;
            state.alarms.insert(key, entry);
            if state.alarms.first_key_value().is_some_and(|(first, _)| *first == key) {
                self.earlier.notify_one();
            }
            key
        }

        /// Sets alarms off, for ever.
        fn watch(&self) {
            let mut state = self.lock();
            loop {
                let now = Instant::now();
                let first = state.alarms.first_key_value().map(|((end, _), _)| *end);
                state = match first {
                    None => self.earlier.wait(state).unwrap_or_else(PoisonError::into_inner),
                    Some(end) if end > now => {
                        self.earlier.wait_timeout(state, end - now).unwrap_or_else(PoisonError::into_inner).0
                    }
                    Some(_) => {
                        let entry = state.alarms.pop_first();
                        // As in `wake`: not under the lock.
                        drop(state);
                        if let Some((_, entry)) = entry {
                            entry.go_off();
                        }
                        self.lock()
                    }
                };
            }
        }
    }

    impl Entry {
        fn go_off(self) {
            if let Some(engine) = self.engine.upgrade() {
                engine.alarm();
            }
            for (_, waker) in self.wakers {
                waker.wake();
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn an_alarm_moves_the_epoch_and_not_the_ticks() {
            let engine = Engine::default();
            let before = engine.inner().epoch_and_ticks();
            let long = Alarm::set(&engine, Duration::MAX).expect("a thread");
            let short = Alarm::set(&engine, Duration::from_millis(2)).expect("a thread");
            let start = Instant::now();
            while engine.inner().epoch_and_ticks().0 == before.0 {
                assert!(start.elapsed() < Duration::from_secs(60), "the thread does not wake");
                thread::yield_now();
            }
            assert_eq!(engine.inner().epoch_and_ticks(), (before.0 + 1, before.1));
            assert!(short.is_over() && !long.is_over());
        }

        #[test]
        fn an_alarm_that_is_dropped_does_not_go_off() {
            let engine = Engine::default();
            let alarm = Alarm::set(&engine, Duration::from_secs(3600)).expect("a thread");
            let key = alarm.key;
            assert!(CLOCK.lock().alarms.contains_key(&key));
            drop(alarm);
            assert!(!CLOCK.lock().alarms.contains_key(&key));
        }
    }
}

#[cfg(not(feature = "std"))]
mod imp {
    use core::task::Waker;
    use core::time::Duration;

    use crate::exec::step::ExecutionAddr;

    /// Without a clock nobody can set one.
    #[derive(Debug)]
    pub(crate) enum Alarm {}

    impl Alarm {
        pub(crate) fn is_over(&self) -> bool {
            match *self {}
        }

        pub(crate) fn timeout(&self) -> Duration {
            match *self {}
        }

        pub(crate) fn wake(&self, _: ExecutionAddr, _: &Waker) {
            match *self {}
        }
    }
}

pub(crate) use imp::Alarm;
