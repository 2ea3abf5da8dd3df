//! A value that one side gives and the other waits for: a response, on either side of the host.

use std::sync::{Arc, Mutex};

use super::super::wait::{Signal, Source, Subscribers, lock};

/// The side that gives the value. Dropping it without giving one tells the other side that none will come.
pub struct Promise<T> {
    shared: Arc<Shared<T>>,
}

/// The side that waits for the value. Dropping it tells the other side that nobody waits any more.
pub struct Promised<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    value: Option<T>,
    is_over: bool,
    is_abandoned: bool,
    subscribers: Subscribers,
}

/// What has become of a promise.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome<T> {
    /// Nothing yet.
    Pending,
    /// The value, which is told once.
    Kept(T),
    /// The value was told before, or will never come.
    Over,
}

/// A promise and the wait for it.
pub fn promise<T: Send + 'static>() -> (Promise<T>, Promised<T>) {
    let state = State { value: None, is_over: false, is_abandoned: false, subscribers: Subscribers::default() };
    let shared = Arc::new(Shared { state: Mutex::new(state) });
    (Promise { shared: shared.clone() }, Promised { shared })
}

impl<T> Promise<T> {
    /// Gives the value.
    pub fn keep(self, value: T) {
        // The drop that follows announces it.
        lock(&self.shared.state).value = Some(value);
    }
}

impl<T: Send + 'static> Promise<T> {
    /// When nobody waits for the value any more.
    pub fn abandoned(&self) -> Arc<dyn Source> {
        Arc::new(Moment { shared: self.shared.clone(), has_come: |state| state.is_abandoned })
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        state.is_over = true;
        state.subscribers.notify();
    }
}

impl<T: Send + 'static> Promised<T> {
    /// The value if it is there.
    pub fn take(&mut self) -> Outcome<T> {
        let mut state = lock(&self.shared.state);
        match state.value.take() {
            Some(value) => Outcome::Kept(value),
            None if state.is_over => Outcome::Over,
            None => Outcome::Pending,
        }
    }

    /// When there is a value, or none will come.
    pub fn source(&self) -> Arc<dyn Source> {
        Arc::new(Moment { shared: self.shared.clone(), has_come: |state| state.is_over })
    }
}

impl<T> Drop for Promised<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        state.is_abandoned = true;
        state.subscribers.notify();
        // A value that nobody fetched goes now, and outside of the lock: it may hold the other side of something.
        let value = state.value.take();
        drop(state);
        drop(value);
    }
}

struct Moment<T> {
    shared: Arc<Shared<T>>,
    has_come: fn(&State<T>) -> bool,
}

impl<T: Send> Source for Moment<T> {
    fn is_ready(&self) -> bool {
        (self.has_come)(&lock(&self.shared.state))
    }

    fn subscribe(&self, signal: &Signal) -> bool {
        lock(&self.shared.state).subscribers.add(signal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_told_once_and_a_broken_promise_is_over() {
        let (promise_, mut promised) = promise();
        let source = promised.source();
        assert!(promised.take() == Outcome::Pending && !source.is_ready());
        promise_.keep(7);
        assert!(source.is_ready());
        assert_eq!((promised.take(), promised.take()), (Outcome::Kept(7), Outcome::Over));
        let (broken, mut promised) = promise::<u8>();
        drop(broken);
        assert_eq!(promised.take(), Outcome::Over);
    }

    #[test]
    fn whoever_gives_learns_that_nobody_waits() {
        let (promise, promised) = promise::<u8>();
        let abandoned = promise.abandoned();
        assert!(!abandoned.is_ready());
        drop(promised);
        assert!(abandoned.is_ready());
        promise.keep(1);
    }
}
