//! `input-stream` of `wasi:io/streams`: what a guest holds to read.

use super::super::HostError;
use super::super::poll::Pollable;
use super::super::wait::{Attempt, Wait};
use super::{InputStream, Origin, StreamError};

/// The most bytes that one call reads or skips. The interface allows fewer than asked for.
const MAX_READ: usize = 1 << 16;

/// An input with the memory that `wasi:io/streams` asks for: after its end or a failure it is closed.
pub struct Input {
    stream: Box<dyn InputStream>,
    origin: Origin,
    is_closed: bool,
}

impl Input {
    /// A guest's handle of `stream`, whose failures are `origin`'s.
    pub fn new(stream: impl InputStream + 'static, origin: Origin) -> Self {
        Input { stream: Box::new(stream), origin, is_closed: false }
    }

    /// `read`: up to `len` bytes, none if there are none yet.
    pub fn read(&mut self, len: u64) -> Result<Vec<u8>, StreamError> {
        if self.is_closed {
            return Err(StreamError::Closed);
        }
        let len = usize::try_from(len).unwrap_or(MAX_READ).min(MAX_READ);
        let mut bytes = Vec::new();
        if bytes.try_reserve_exact(len).is_err() {
            return Err(self.fail(HostError::OutOfMemory));
        }
        bytes.resize(len, 0);
        let size = self.read_into(&mut bytes)?;
        bytes.truncate(size);
        Ok(bytes)
    }

    /// As [`read`](Self::read), into a buffer; 0 bytes mean that there are none yet, or that `buffer` is empty.
    pub fn read_into(&mut self, buffer: &mut [u8]) -> Result<usize, StreamError> {
        if self.is_closed {
            return Err(StreamError::Closed);
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        match self.stream.read(buffer) {
            Ok(0) => {
                self.is_closed = true;
                Err(StreamError::Closed)
            }
            // A custom stream may claim more than it was given room for.
            Ok(size) => Ok(size.min(buffer.len())),
            Err(HostError::WouldBlock) => Ok(0),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// `skip`: passes over up to `len` bytes and says over how many.
    pub fn skip(&mut self, len: u64) -> Result<u64, StreamError> {
        let mut scratch = [0; 4096];
        let len = len.min(MAX_READ as u64);
        let mut skipped = 0;
        loop {
            let room = scratch.len().min((len - skipped) as usize);
            match self.read_into(&mut scratch[..room]) {
                Ok(0) => return Ok(skipped),
                Ok(size) => skipped += size as u64,
                // The end is the next call's to tell; a failure would be lost by then.
                Err(StreamError::Closed) if skipped > 0 => return Ok(skipped),
                Err(error) => return Err(error),
            }
        }
    }

    /// `blocking-read`: at least one byte, unless none is asked for.
    pub fn blocking_read(&mut self, len: u64) -> Attempt<Result<Vec<u8>, StreamError>> {
        match self.read(len) {
            Ok(bytes) if bytes.is_empty() && len > 0 => self.wait(),
            result => Attempt::Done(result),
        }
    }

    /// `blocking-skip`: at least one byte, unless none is asked for.
    pub fn blocking_skip(&mut self, len: u64) -> Attempt<Result<u64, StreamError>> {
        match self.skip(len) {
            Ok(0) if len > 0 => self.wait(),
            result => Attempt::Done(result),
        }
    }

    /// `subscribe`: ready when there is something to read, or the end.
    pub fn subscribe(&self) -> Pollable {
        if self.is_closed { Pollable::ready() } else { Pollable::source(self.stream.source()) }
    }

    pub(super) fn wait<T>(&self) -> Attempt<T> {
        Attempt::Wait(Wait::for_source(self.stream.source()))
    }

    fn fail(&mut self, error: HostError) -> StreamError {
        self.is_closed = true;
        StreamError::Failed((self.origin)(error))
    }
}

impl core::fmt::Debug for Input {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Input").field("is_closed", &self.is_closed).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Failure, MemoryPipe, Null};
    use super::*;

    #[test]
    fn nothing_yet_is_no_bytes_and_the_end_is_closed_for_good() {
        let pipe = MemoryPipe::default();
        let mut input = Input::new(pipe.clone(), Failure::Other);
        assert_eq!(input.read(10), Ok(vec![]));
        assert_eq!(input.read(0), Ok(vec![]));
        pipe.push(b"hello").unwrap();
        assert_eq!(input.read(3), Ok(b"hel".to_vec()));
        assert_eq!(input.skip(1), Ok(1));
        pipe.close();
        assert_eq!(input.read(u64::MAX), Ok(b"o".to_vec()));
        assert_eq!(input.read(0), Ok(vec![]), "the end was not met yet");
        assert_eq!(input.read(1), Err(StreamError::Closed));
        assert_eq!(input.read(0), Err(StreamError::Closed));
        assert_eq!(input.skip(1), Err(StreamError::Closed));
        assert!(matches!(input.blocking_read(1), Attempt::Done(Err(StreamError::Closed))));
    }

    #[test]
    fn a_failure_is_told_once_with_its_origin() {
        struct Failing;
        impl InputStream for Failing {
            fn read(&mut self, _: &mut [u8]) -> Result<usize, HostError> {
                Err(HostError::Io)
            }

            fn source(&self) -> std::sync::Arc<dyn super::super::Source> {
                Null.source_of_input()
            }
        }
        let mut input = Input::new(Failing, Failure::File);
        assert_eq!(input.read(1), Err(StreamError::Failed(Failure::File(HostError::Io))));
        assert_eq!(input.read(1), Err(StreamError::Closed));
    }

    #[test]
    fn a_blocking_read_waits_for_a_byte_and_is_tried_again() {
        let pipe = MemoryPipe::default();
        let mut input = Input::new(pipe.clone(), Failure::Other);
        assert!(matches!(input.blocking_read(0), Attempt::Done(Ok(bytes)) if bytes.is_empty()));
        let Attempt::Wait(wait) = input.blocking_read(8) else { panic!("there is nothing to read") };
        assert!(!wait.is_over());
        pipe.push(b"x").unwrap();
        assert!(wait.is_over());
        assert!(matches!(input.blocking_read(8), Attempt::Done(Ok(bytes)) if bytes == b"x"));
        assert!(matches!(input.blocking_skip(8), Attempt::Wait(_)));
    }

    #[test]
    fn no_length_makes_one_call_allocate_or_loop_without_bound() {
        struct Endless;
        impl InputStream for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HostError> {
                Ok(buffer.len() + 1)
            }

            fn source(&self) -> std::sync::Arc<dyn super::super::Source> {
                Null.source_of_input()
            }
        }
        let mut input = Input::new(Endless, Failure::Other);
        assert_eq!(input.read(u64::MAX).unwrap().len(), MAX_READ);
        assert_eq!(input.skip(u64::MAX), Ok(MAX_READ as u64));
    }

    impl Null {
        fn source_of_input(self) -> std::sync::Arc<dyn super::super::Source> {
            InputStream::source(&self)
        }
    }
}
