//! `pollable` of `wasi:io/poll`: what a guest holds to wait for something, and waiting for any of a list.
//!
//! A [`Pollable`] outlives what it was made from. Polling holds one [`Source`] per list entry only while it waits; times
//! are looked at on the context's own clock, which may be virtual.

use core::fmt;
use std::sync::Arc;

use super::clocks::MonotonicClock;
use super::wait::{Attempt, Source, Wait};

/// The most pollables in one list. Handles may be repeated, so no table of handles bounds it.
pub const MAX_POLLABLES: usize = 1 << 16;

/// Something that becomes ready.
#[derive(Clone)]
pub struct Pollable {
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Ready,
    /// At this reading of the monotonic clock.
    At(u64),
    Source(Arc<dyn Source>),
}

impl Pollable {
    /// Ready from the beginning.
    pub fn ready() -> Self {
        Pollable { kind: Kind::Ready }
    }

    /// `subscribe-instant`: ready when the monotonic clock shows `instant`.
    pub fn at(instant: u64) -> Self {
        Pollable { kind: Kind::At(instant) }
    }

    /// `subscribe-duration`: ready in `nanoseconds` from now.
    pub fn after(nanoseconds: u64, clock: &dyn MonotonicClock) -> Self {
        Pollable::at(clock.now().saturating_add(nanoseconds))
    }

    /// Ready when `source` is.
    pub fn source(source: Arc<dyn Source>) -> Self {
        Pollable { kind: Kind::Source(source) }
    }

    /// `ready`: whether it is.
    pub fn is_ready(&self, clock: &dyn MonotonicClock) -> bool {
        match &self.kind {
            Kind::Ready => true,
            Kind::At(instant) => clock.now() >= *instant,
            Kind::Source(source) => source.is_ready(),
        }
    }

    /// `block`: until it is ready.
    pub fn block(&self, clock: &dyn MonotonicClock) -> Attempt<()> {
        if self.is_ready(clock) {
            return Attempt::Done(());
        }
        let mut wait = Wait::default();
        match &self.kind {
            Kind::Source(source) if wait.add(source.clone()) => {}
            // Without memory to remember the source, it is asked again at once.
            Kind::Ready | Kind::Source(_) => wait = Wait::over(),
            Kind::At(instant) => {
                let left = instant.saturating_sub(clock.now());
                if clock.skip(left) { wait = Wait::over() } else { wait.end_after(left) }
            }
        }
        Attempt::Wait(wait)
    }

    /// What it waits for, unless that is a time.
    #[cfg(feature = "http")]
    pub(super) fn into_source(self) -> Arc<dyn Source> {
        match self.kind {
            Kind::Source(source) => source,
            Kind::Ready | Kind::At(_) => Arc::new(super::wait::Ready),
        }
    }

    #[cfg(test)]
    pub(super) fn is_ready_without_clock(&self) -> bool {
        match &self.kind {
            Kind::Ready => true,
            Kind::At(_) => false,
            Kind::Source(source) => source.is_ready(),
        }
    }
}

impl fmt::Debug for Pollable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Ready => f.write_str("Ready"),
            Kind::At(instant) => f.debug_tuple("At").field(instant).finish(),
            Kind::Source(_) => f.write_str("Source"),
        }
    }
}

/// Why a list cannot be polled. The guest ends with any of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollError {
    /// It is empty, and nothing would ever end the wait.
    Empty,
    /// It is longer than [`MAX_POLLABLES`].
    TooMany,
    /// There is no memory for what is waited for.
    OutOfMemory,
}

impl fmt::Display for PollError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PollError::Empty => "a poll of nothing",
            PollError::TooMany => "a poll of more than 65536 pollables",
            PollError::OutOfMemory => "out of memory for a poll",
        })
    }
}

impl core::error::Error for PollError {}

/// `poll`: the indices of what is ready in `list`, at least one.
pub fn poll<'a>(
    list: impl ExactSizeIterator<Item = &'a Pollable>,
    clock: &dyn MonotonicClock,
) -> Result<Attempt<Vec<u32>>, PollError> {
    if list.len() == 0 {
        return Err(PollError::Empty);
    }
    if list.len() > MAX_POLLABLES {
        return Err(PollError::TooMany);
    }
    // One reading for all: of two times, the earlier is never the only one missed.
    let now = clock.now();
    let mut ready = Vec::new();
    let mut wait = Wait::default();
    let mut nearest: Option<u64> = None;
    for (index, pollable) in list.enumerate() {
        match &pollable.kind {
            Kind::At(instant) if *instant > now => {
                nearest = Some(nearest.map_or(*instant, |nearest| nearest.min(*instant)));
                continue;
            }
            Kind::Source(source) if !source.is_ready() => {
                // Once something is ready nothing is waited for.
                if ready.is_empty() && !wait.add(source.clone()) {
                    return Err(PollError::OutOfMemory);
                }
                continue;
            }
            _ => {}
        }
        ready.try_reserve(1).map_err(|_| PollError::OutOfMemory)?;
        ready.push(index as u32);
    }
    if !ready.is_empty() {
        return Ok(Attempt::Done(ready));
    }
    if let Some(nearest) = nearest {
        // On a virtual clock the time comes at once.
        if clock.skip(nearest - now) {
            return Ok(Attempt::Wait(Wait::over()));
        }
        wait.end_after(nearest - now);
    }
    Ok(Attempt::Wait(wait))
}

#[cfg(test)]
mod tests {
    use super::super::clocks::{Clocks, SystemMonotonicClock, Timestamp};
    use super::super::stream::{Failure, Input, MemoryPipe};
    use super::super::wait::Waited;
    use super::*;

    fn poll_to_the_end(list: &[Pollable], clock: &dyn MonotonicClock) -> Vec<u32> {
        loop {
            match poll(list.iter(), clock).unwrap() {
                Attempt::Done(ready) => return ready,
                Attempt::Wait(wait) => assert_ne!(wait.block(None), Waited::Limit),
            }
        }
    }

    #[test]
    fn an_empty_or_endless_list_is_refused() {
        let clock = SystemMonotonicClock::default();
        assert_eq!(poll([].iter(), &clock).unwrap_err(), PollError::Empty);
        let many = vec![Pollable::ready(); MAX_POLLABLES + 1];
        assert_eq!(poll(many.iter(), &clock).unwrap_err(), PollError::TooMany);
    }

    #[test]
    fn all_that_is_ready_is_told_by_index() {
        let clock = SystemMonotonicClock::default();
        let list = [Pollable::at(u64::MAX), Pollable::ready(), Pollable::at(0), Pollable::after(u64::MAX, &clock)];
        assert_eq!(poll_to_the_end(&list, &clock), [1, 2]);
    }

    #[test]
    fn thousands_of_pollables_wait_for_the_one_that_comes() {
        let clock = SystemMonotonicClock::default();
        let pipes: Vec<_> = (0..5_000).map(|_| MemoryPipe::default()).collect();
        let inputs: Vec<_> = pipes.iter().map(|pipe| Input::new(pipe.clone(), Failure::Other)).collect();
        let list: Vec<_> = inputs.iter().map(Input::subscribe).collect();
        // A pollable outlives its stream.
        drop(inputs);
        let pipe = pipes[4_321].clone();
        let thread = std::thread::spawn(move || pipe.push(b"x"));
        assert_eq!(poll_to_the_end(&list, &clock), [4_321]);
        thread.join().unwrap().unwrap();
    }

    #[test]
    fn times_come_in_order_on_a_real_and_on_a_virtual_clock() {
        let clock = SystemMonotonicClock::default();
        let list = [Pollable::after(3_600_000_000_000, &clock), Pollable::after(2_000_000, &clock)];
        assert_eq!(poll_to_the_end(&list, &clock), [1]);
        let Attempt::Wait(wait) = list[0].block(&clock) else { panic!("an hour has not passed") };
        assert!(wait.deadline().is_some());

        let virtual_clock = Clocks::deterministic(Timestamp::default()).monotonic;
        let list =
            [Pollable::after(7_200_000_000_000, &*virtual_clock), Pollable::after(3_600_000_000_000, &*virtual_clock)];
        assert_eq!(poll_to_the_end(&list, &*virtual_clock), [1]);
        assert!(matches!(list[0].block(&*virtual_clock), Attempt::Wait(wait) if wait.is_over()));
        assert!(list[0].is_ready(&*virtual_clock));
    }
}
