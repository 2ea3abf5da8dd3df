//! `output-stream` of `wasi:io/streams`: what a guest holds to write.
//!
//! The interface promises that a permitted write is taken whole, which no pipe or socket does: the rest of a write waits in
//! the [`SharedOutput`] beneath, and while it does nothing more is permitted.

use std::sync::Arc;

use super::super::HostError;
use super::super::poll::Pollable;
use super::super::wait::{Attempt, Wait};
use super::{Input, Misuse, Origin, OutputStream, SharedOutput, StreamError};

/// The number of bytes that one `check-write` permits.
pub const BUDGET: usize = 1 << 16;

/// The number of bytes that `blocking-write-and-flush` takes.
pub const MAX_WRITE_AND_FLUSH: usize = 4096;

/// An output with the memory that `wasi:io/streams` asks for: what was permitted, and that it is closed after a failure.
pub struct Output {
    shared: SharedOutput,
    origin: Origin,
    /// What the last `check-write` permitted, used up by the next write.
    permit: u64,
    is_closed: bool,
    /// Shared with whoever wants to know whether the handle is still there.
    _lent: Option<Arc<()>>,
}

impl Output {
    /// A guest's handle of `stream`, whose failures are `origin`'s.
    pub fn new(stream: impl OutputStream + 'static, origin: Origin) -> Self {
        Output::shared(SharedOutput::new(stream), origin)
    }

    /// One of several handles of a stream.
    pub fn shared(shared: SharedOutput, origin: Origin) -> Self {
        Output { shared, origin, permit: 0, is_closed: false, _lent: None }
    }

    /// The same handle, whose end shows in that nobody else holds `token` any more.
    pub(in super::super) fn lent(self, token: Arc<()>) -> Self {
        Output { _lent: Some(token), ..self }
    }

    /// `check-write`: how many bytes the next write may have; 0 while earlier ones are on their way.
    pub fn check_write(&mut self) -> Result<u64, StreamError> {
        self.permit = if self.is_drained()? { BUDGET as u64 } else { 0 };
        Ok(self.permit)
    }

    /// `write`: all of `bytes`, which the last `check-write` must have permitted.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), StreamError> {
        if bytes.len() as u64 > core::mem::take(&mut self.permit) {
            return Err(StreamError::Misuse(Misuse::Unpermitted));
        }
        self.push(bytes)
    }

    /// `write-zeroes`: as [`write`](Self::write), of `len` zeros.
    pub fn write_zeroes(&mut self, len: u64) -> Result<(), StreamError> {
        if len > core::mem::take(&mut self.permit) {
            return Err(StreamError::Misuse(Misuse::Unpermitted));
        }
        let zeroes = [0; 4096];
        let mut left = len;
        while left > 0 {
            let size = left.min(zeroes.len() as u64);
            self.push(&zeroes[..size as usize])?;
            left -= size;
        }
        Ok(())
    }

    /// `flush`: hurries what was written. Until it is out nothing more is permitted.
    pub fn flush(&mut self) -> Result<(), StreamError> {
        self.permit = 0;
        self.is_drained().map(drop)
    }

    /// `blocking-flush`: until what was written is out.
    pub fn blocking_flush(&mut self) -> Attempt<Result<(), StreamError>> {
        self.permit = 0;
        match self.is_drained() {
            Ok(false) => self.wait(),
            result => Attempt::Done(result.map(drop)),
        }
    }

    /// `splice`: moves up to `len` bytes from `input`, as far as both sides go without waiting.
    pub fn splice(&mut self, input: &mut Input, len: u64) -> Result<u64, StreamError> {
        let bytes = input.read(len.min(self.check_write()?))?;
        self.write(&bytes)?;
        Ok(bytes.len() as u64)
    }

    /// `blocking-splice`: waits for room, then for something to read, then is a [`splice`](Self::splice).
    pub fn blocking_splice(&mut self, input: &mut Input, len: u64) -> Attempt<Result<u64, StreamError>> {
        match self.check_write() {
            Ok(0) => return self.wait(),
            Ok(_) => {}
            Err(error) => return Attempt::Done(Err(error)),
        }
        match self.splice(input, len) {
            Ok(0) if len > 0 => input.wait(),
            result => Attempt::Done(result),
        }
    }

    /// `subscribe`: ready when something is permitted, or the stream failed or is closed.
    pub fn subscribe(&self) -> Pollable {
        if self.is_closed { Pollable::ready() } else { Pollable::source(self.shared.drained()) }
    }

    fn wait<T>(&self) -> Attempt<T> {
        Attempt::Wait(Wait::for_source(self.shared.drained()))
    }

    /// Whether all that was written is out.
    fn is_drained(&mut self) -> Result<bool, StreamError> {
        if self.is_closed || self.shared.with_core(|core| core.is_closed()) {
            return Err(StreamError::Closed);
        }
        self.shared.with_core(|core| core.drain()).map_err(|error| self.fail(error))
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), StreamError> {
        if self.is_closed || self.shared.with_core(|core| core.is_closed()) {
            return Err(StreamError::Closed);
        }
        self.shared.with_core(|core| core.push(bytes)).map_err(|error| self.fail(error))
    }

    fn fail(&mut self, error: HostError) -> StreamError {
        self.is_closed = true;
        match error {
            // The reader is gone: that is what closed means.
            HostError::Pipe => StreamError::Closed,
            error => StreamError::Failed((self.origin)(error)),
        }
    }
}

impl core::fmt::Debug for Output {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Output { permit, is_closed, .. } = self;
        f.debug_struct("Output").field("permit", permit).field("is_closed", is_closed).finish_non_exhaustive()
    }
}

/// `blocking-write-and-flush` and `blocking-write-zeroes-and-flush` under way.
#[derive(Debug)]
pub struct WriteAndFlush {
    /// Not written yet; nothing once it is.
    contents: Vec<u8>,
}

impl WriteAndFlush {
    /// Of `contents`.
    pub fn new(contents: Vec<u8>) -> Result<Self, Misuse> {
        if contents.len() > MAX_WRITE_AND_FLUSH { Err(Misuse::TooLong) } else { Ok(WriteAndFlush { contents }) }
    }

    /// Of `len` zeros.
    pub fn zeroes(len: u64) -> Result<Self, Misuse> {
        match usize::try_from(len) {
            Ok(len) if len <= MAX_WRITE_AND_FLUSH => Ok(WriteAndFlush { contents: vec![0; len] }),
            _ => Err(Misuse::TooLong),
        }
    }

    /// Goes on as far as `output` does without waiting.
    pub fn attempt(&mut self, output: &mut Output) -> Attempt<Result<(), StreamError>> {
        if !self.contents.is_empty() {
            match output.check_write() {
                Ok(0) => return output.wait(),
                Ok(_) => {}
                Err(error) => return Attempt::Done(Err(error)),
            }
            if let Err(error) = output.write(&core::mem::take(&mut self.contents)) {
                return Attempt::Done(Err(error));
            }
        }
        output.blocking_flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Failure, MemoryPipe};
    use super::*;

    fn over_pipe(capacity: usize) -> (MemoryPipe, Output) {
        let pipe = MemoryPipe::new(capacity);
        (pipe.clone(), Output::new(pipe, Failure::Other))
    }

    #[test]
    fn what_was_permitted_is_taken_whole_and_nothing_more_is_until_it_is_out() {
        let (pipe, mut output) = over_pipe(10);
        assert_eq!(output.check_write(), Ok(BUDGET as u64));
        let text: Vec<u8> = (0..BUDGET).map(|at| at as u8).collect();
        output.write(&text).unwrap();
        assert_eq!(output.check_write(), Ok(0));
        let pollable = output.subscribe();
        let mut out = Vec::new();
        while out.len() < text.len() {
            assert!(!pollable.is_ready_without_clock());
            let mut piece = [0; 7];
            let size = pipe.pull(&mut piece);
            out.extend_from_slice(&piece[..size]);
            if out.len() + 10 < text.len() {
                assert_eq!(output.check_write(), Ok(0));
            } else {
                break;
            }
        }
        assert!(pollable.is_ready_without_clock());
        assert_eq!(output.check_write(), Ok(BUDGET as u64));
        out.extend(pipe.contents());
        assert_eq!(out, text);
    }

    #[test]
    fn a_permit_is_for_one_write_and_no_more_bytes_than_it_says() {
        let (_pipe, mut output) = over_pipe(1 << 20);
        let unpermitted = Err(StreamError::Misuse(Misuse::Unpermitted));
        assert_eq!(output.write(b"x"), unpermitted);
        assert_eq!(output.write(b""), Ok(()));
        output.check_write().unwrap();
        output.write(b"x").unwrap();
        assert_eq!(output.write(b"x"), unpermitted);
        output.check_write().unwrap();
        assert_eq!(output.write(&vec![0; BUDGET + 1]), unpermitted);
        output.check_write().unwrap();
        assert_eq!(output.write_zeroes(u64::MAX), unpermitted);
        output.check_write().unwrap();
        output.flush().unwrap();
        assert_eq!(output.write_zeroes(1), unpermitted);
    }

    #[test]
    fn zeroes_are_zeroes() {
        let (pipe, mut output) = over_pipe(BUDGET);
        output.check_write().unwrap();
        output.write_zeroes(BUDGET as u64).unwrap();
        assert_eq!(pipe.contents(), vec![0; BUDGET]);
    }

    #[test]
    fn a_reader_that_left_is_closed_and_a_failure_is_told_once() {
        let (pipe, mut output) = over_pipe(1);
        output.check_write().unwrap();
        output.write(b"ab").unwrap();
        pipe.close();
        assert_eq!(output.check_write(), Err(StreamError::Closed));

        struct Full;
        impl OutputStream for Full {
            fn write(&mut self, _: &[u8]) -> Result<usize, HostError> {
                Err(HostError::NoSpace)
            }

            fn source(&self) -> std::sync::Arc<dyn super::super::Source> {
                std::sync::Arc::new(super::super::Ready)
            }
        }
        let mut output = Output::new(Full, Failure::File);
        output.check_write().unwrap();
        assert_eq!(output.write(b"x"), Err(StreamError::Failed(Failure::File(HostError::NoSpace))));
        assert_eq!(output.check_write(), Err(StreamError::Closed));
        assert_eq!(output.flush(), Err(StreamError::Closed));
        assert!(output.subscribe().is_ready_without_clock());
    }

    #[test]
    fn a_failure_met_while_nobody_looked_is_told_at_the_next_call() {
        let (pipe, mut output) = over_pipe(1);
        output.check_write().unwrap();
        output.write(b"ab").unwrap();
        let pollable = output.subscribe();
        assert!(!pollable.is_ready_without_clock());
        pipe.close();
        assert!(pollable.is_ready_without_clock());
        assert_eq!(output.check_write(), Err(StreamError::Closed));
    }

    #[test]
    fn handles_of_one_stream_write_in_order_and_within_bounds() {
        let pipe = MemoryPipe::new(1);
        let shared = SharedOutput::new(pipe.clone());
        let mut handles: Vec<_> = (0..20).map(|_| Output::shared(shared.clone(), Failure::Other)).collect();
        // All are permitted before the first writes.
        handles.iter_mut().for_each(|output| assert_eq!(output.check_write(), Ok(BUDGET as u64)));
        let results: Vec<_> = handles.iter_mut().map(|output| output.write(&[7; BUDGET])).collect();
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 16);
        assert_eq!(results[19], Err(StreamError::Failed(Failure::Other(HostError::OutOfMemory))));
        // What goes past the queue waits for it.
        assert_eq!(shared.clone().write(b"late"), Err(HostError::WouldBlock));
        assert!(shared.unwritten().is_some());
    }

    #[test]
    fn a_closed_stream_takes_nothing_and_its_last_bytes_still_arrive() {
        let pipe = MemoryPipe::new(2);
        let shared = SharedOutput::new(pipe.clone());
        let mut output = Output::shared(shared.clone(), Failure::Other);
        output.check_write().unwrap();
        output.write(b"abcdef").unwrap();
        shared.close().unwrap();
        shared.close().unwrap();
        assert_eq!(output.check_write(), Err(StreamError::Closed));
        assert_eq!(output.write(b""), Err(StreamError::Closed));
        let mut arrived = Vec::new();
        let mut input = Input::new(pipe, Failure::Other);
        loop {
            match input.blocking_read(1) {
                Attempt::Done(Ok(bytes)) => arrived.extend(bytes),
                Attempt::Done(Err(error)) => break assert_eq!(error, StreamError::Closed),
                Attempt::Wait(wait) => drop(wait.block(None)),
            }
        }
        assert_eq!(arrived, b"abcdef");
    }

    #[test]
    fn blocking_writes_wait_until_everything_is_out() {
        let (pipe, mut output) = over_pipe(3);
        assert_eq!(WriteAndFlush::new(vec![0; MAX_WRITE_AND_FLUSH + 1]).unwrap_err(), Misuse::TooLong);
        assert_eq!(WriteAndFlush::zeroes(u64::MAX).unwrap_err(), Misuse::TooLong);
        let mut write = WriteAndFlush::new(b"abcde".to_vec()).unwrap();
        assert!(matches!(write.attempt(&mut output), Attempt::Wait(_)));
        assert!(matches!(write.attempt(&mut output), Attempt::Wait(_)), "nothing is written twice");
        assert_eq!(pipe.pull(&mut [0; 2]), 2);
        assert!(matches!(write.attempt(&mut output), Attempt::Done(Ok(()))));
        assert_eq!(pipe.contents(), b"cde");
        assert!(matches!(WriteAndFlush::zeroes(0).unwrap().attempt(&mut output), Attempt::Done(Ok(()))));
    }

    #[test]
    fn splicing_moves_what_both_sides_allow() {
        let (from, (to, mut output)) = (MemoryPipe::default(), over_pipe(4));
        let mut input = Input::new(from.clone(), Failure::Other);
        assert_eq!(output.splice(&mut input, 100), Ok(0));
        assert!(matches!(output.blocking_splice(&mut input, 0), Attempt::Done(Ok(0))));
        assert!(matches!(output.blocking_splice(&mut input, 100), Attempt::Wait(_)));
        from.push(b"0123456789").unwrap();
        assert!(matches!(output.blocking_splice(&mut input, 6), Attempt::Done(Ok(6))));
        let Attempt::Wait(room) = output.blocking_splice(&mut input, 6) else { panic!("there is no room") };
        assert_eq!(output.splice(&mut input, 6), Ok(0));
        to.pull(&mut [0; 4]);
        assert!(room.is_over());
        assert_eq!(output.splice(&mut input, 6), Ok(4));
        from.close();
        assert_eq!(output.splice(&mut input, 6), Ok(0), "the last four fill the pipe again");
        to.pull(&mut [0; 4]);
        assert_eq!(output.splice(&mut input, 6), Err(StreamError::Closed));
    }
}
