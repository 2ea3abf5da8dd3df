//! The bytes of a body on their way between a guest and whoever sends or receives the message, and how the body ended.
//!
//! A queue alone cannot tell a body that is whole from one that broke off, and must not: what broke off is never passed on as whole.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex};

use super::super::HostError;
use super::super::quota::Held;
use super::super::wait::{Signal, Source, Subscribers, lock};
use super::{ErrorCode, Fields};

/// The bytes of one body that wait for their reader.
pub const BODY_CAPACITY: usize = 1 << 16;

/// The side that writes. Dropping it before [`end`](Self::end) breaks the body off.
pub struct BodySender {
    shared: Arc<Shared>,
}

/// The side that reads. Dropping it makes writing fail.
pub struct BodyReceiver {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
}

struct State {
    bytes: VecDeque<u8>,
    capacity: usize,
    end: Option<Result<Option<Fields>, ErrorCode>>,
    reader: Reader,
    subscribers: Subscribers,
    /// The place of the bytes among those that a guest may have waiting.
    place: Option<Held>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Reads,
    /// Wants the end and not the bytes before it.
    Skips,
    Gone,
}

/// A body of which up to `capacity` bytes wait for their reader.
pub fn body_channel(capacity: usize) -> (BodySender, BodyReceiver) {
    let (bytes, subscribers) = (VecDeque::new(), Subscribers::default());
    let state = State { bytes, capacity, end: None, reader: Reader::Reads, subscribers, place: None };
    let shared = Arc::new(Shared { state: Mutex::new(state) });
    (BodySender { shared: shared.clone() }, BodyReceiver { shared })
}

impl State {
    fn finish(&mut self, end: Result<Option<Fields>, ErrorCode>) {
        if self.end.is_none() {
            self.end = Some(end);
            self.subscribers.notify();
        }
    }
}

impl BodySender {
    /// Appends some of `bytes`. [`HostError::WouldBlock`] means that there is no room, [`HostError::Pipe`] that nobody reads.
    pub fn write(&self, bytes: &[u8]) -> Result<usize, HostError> {
        let mut state = lock(&self.shared.state);
        if state.end.is_some() {
            return Err(HostError::Pipe);
        }
        match state.reader {
            Reader::Gone => return Err(HostError::Pipe),
            Reader::Skips => return Ok(bytes.len()),
            Reader::Reads => {}
        }
        let size = bytes.len().min(state.capacity - state.bytes.len());
        if size == 0 && !bytes.is_empty() {
            return Err(HostError::WouldBlock);
        }
        state.bytes.try_reserve(size).map_err(|_| HostError::OutOfMemory)?;
        state.bytes.extend(&bytes[..size]);
        state.subscribers.notify();
        Ok(size)
    }

    /// Keeps `place` until both sides of the body are gone.
    pub(super) fn hold(&self, place: Held) {
        lock(&self.shared.state).place = Some(place);
    }

    /// The body is whole.
    pub fn end(&self, trailers: Option<Fields>) {
        lock(&self.shared.state).finish(Ok(trailers));
    }

    /// The body broke off.
    pub fn fail(&self, error: ErrorCode) {
        lock(&self.shared.state).finish(Err(error));
    }

    /// When there is room, or nobody reads.
    pub fn source(&self) -> Arc<dyn Source> {
        let has_come = |state: &State| state.reader != Reader::Reads || state.bytes.len() < state.capacity;
        Arc::new(Moment { shared: self.shared.clone(), has_come })
    }

    /// When nobody reads any more.
    pub fn abandoned(&self) -> Arc<dyn Source> {
        Arc::new(Moment { shared: self.shared.clone(), has_come: |state| state.reader == Reader::Gone })
    }
}

impl Drop for BodySender {
    fn drop(&mut self) {
        self.fail(ErrorCode::ConnectionTerminated);
    }
}

impl BodyReceiver {
    /// Reads some bytes; 0 is the end of a whole body. One that broke off fails after its last byte.
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let mut state = lock(&self.shared.state);
        // Reading from a `VecDeque` cannot fail.
        let size = state.bytes.read(buffer).unwrap_or(0);
        if size > 0 || buffer.is_empty() {
            state.subscribers.notify();
            return Ok(size);
        }
        match &state.end {
            None => Err(ReadError::WouldBlock),
            Some(Ok(_)) => Ok(0),
            Some(Err(error)) => Err(ReadError::Broken(error.clone())),
        }
    }

    /// How the body ended, if it did: with its trailers, or why it broke off.
    pub fn end(&self) -> Option<Result<Option<Fields>, ErrorCode>> {
        lock(&self.shared.state).end.as_ref().map(|end| match end {
            Ok(trailers) => Ok(trailers.as_ref().map(Fields::shown)),
            Err(error) => Err(error.clone()),
        })
    }

    /// Whether the body is whole and nothing of it is left to read.
    pub fn is_finished(&self) -> bool {
        let state = lock(&self.shared.state);
        state.bytes.is_empty() && matches!(state.end, Some(Ok(_)))
    }

    /// Gives up the bytes that are left, so that they do not hold up the end.
    pub fn skip(&self) {
        let mut state = lock(&self.shared.state);
        state.bytes = VecDeque::new();
        state.reader = Reader::Skips;
        state.subscribers.notify();
    }

    /// When there is something to read, or the end.
    pub fn source(&self) -> Arc<dyn Source> {
        let has_come = |state: &State| state.end.is_some() || !state.bytes.is_empty();
        Arc::new(Moment { shared: self.shared.clone(), has_come })
    }

    /// When the body has ended.
    pub fn end_source(&self) -> Arc<dyn Source> {
        Arc::new(Moment { shared: self.shared.clone(), has_come: |state| state.end.is_some() })
    }
}

impl Drop for BodyReceiver {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        state.bytes = VecDeque::new();
        state.reader = Reader::Gone;
        state.subscribers.notify();
    }
}

/// Why there is nothing to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// There is nothing yet.
    WouldBlock,
    /// The body broke off.
    Broken(ErrorCode),
}

struct Moment {
    shared: Arc<Shared>,
    has_come: fn(&State) -> bool,
}

impl Source for Moment {
    fn is_ready(&self) -> bool {
        (self.has_come)(&lock(&self.shared.state))
    }

    fn subscribe(&self, signal: &Signal) -> bool {
        lock(&self.shared.state).subscribers.add(signal)
    }
}

#[cfg(test)]
mod tests {
    use super::super::FieldLimits;
    use super::*;

    #[test]
    fn a_body_fills_drains_and_ends_with_its_trailers() {
        let (sender, receiver) = body_channel(4);
        let mut buffer = [0; 3];
        assert_eq!(receiver.read(&mut buffer), Err(ReadError::WouldBlock));
        assert_eq!(sender.write(b"abcdef"), Ok(4));
        assert_eq!(sender.write(b"ef"), Err(HostError::WouldBlock));
        assert!(!sender.source().is_ready() && receiver.source().is_ready());
        assert_eq!(receiver.read(&mut buffer), Ok(3));
        assert!(sender.source().is_ready() && receiver.end().is_none() && !receiver.end_source().is_ready());
        sender.end(Some(Fields::from_list(FieldLimits::default(), [("X-Sum", &b"1"[..])]).unwrap()));
        assert_eq!(sender.write(b"late"), Err(HostError::Pipe));
        assert!(!receiver.is_finished());
        assert_eq!((receiver.read(&mut buffer), receiver.read(&mut buffer)), (Ok(1), Ok(0)));
        assert!(receiver.is_finished());
        assert!(receiver.end().unwrap().unwrap().unwrap().has("x-sum"));
    }

    #[test]
    fn a_body_that_breaks_off_never_looks_whole() {
        let (sender, receiver) = body_channel(4);
        sender.write(b"ab").unwrap();
        drop(sender);
        assert_eq!(receiver.read(&mut [0; 4]), Ok(2));
        assert_eq!(receiver.read(&mut [0; 4]), Err(ReadError::Broken(ErrorCode::ConnectionTerminated)));
        assert!(!receiver.is_finished());
    }

    #[test]
    fn a_reader_may_skip_to_the_end_or_go() {
        let (sender, receiver) = body_channel(4);
        sender.write(b"abcd").unwrap();
        receiver.skip();
        assert_eq!(sender.write(&[0; 1000]), Ok(1000));
        let abandoned = sender.abandoned();
        assert!(!abandoned.is_ready());
        drop(receiver);
        assert!(abandoned.is_ready());
        assert_eq!(sender.write(b"x"), Err(HostError::Pipe));
    }
}
