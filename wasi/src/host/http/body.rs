//! Bodies that are as long as their message says.

use std::sync::{Arc, Mutex};

use super::super::HostError;
use super::super::stream::{Failure, MemoryPipe, Output, OutputStream, SharedOutput};
use super::super::wait::{Source, lock};
use super::{ErrorCode, Fields};

/// Which message a body belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// A request.
    Request,
    /// A response.
    Response,
}

impl Message {
    /// The error of a body with `size` bytes where another number was declared.
    fn body_size(self, size: Option<u64>) -> ErrorCode {
        match self {
            Message::Request => ErrorCode::HttpRequestBodySize(size),
            Message::Response => ErrorCode::HttpResponseBodySize(size),
        }
    }
}

/// The bytes of a body counted against the number that was declared, if one was.
#[derive(Clone, Copy, Debug)]
pub struct BodyLength {
    message: Message,
    declared: Option<u64>,
    counted: u64,
}

impl BodyLength {
    /// Of a body of `message` with `declared` bytes.
    pub fn new(message: Message, declared: Option<u64>) -> Self {
        BodyLength { message, declared, counted: 0 }
    }

    /// Counts `size` more bytes, which must not pass them on if they are too many.
    pub fn add(&mut self, size: usize) -> Result<(), ErrorCode> {
        let counted = self.counted.saturating_add(size as u64);
        if self.declared.is_some_and(|declared| counted > declared) {
            return Err(self.message.body_size(Some(counted)));
        }
        self.counted = counted;
        Ok(())
    }

    /// Whether the body may end here, with `more` bytes on their way.
    pub fn finish(&self, more: usize) -> Result<(), ErrorCode> {
        let counted = self.counted.saturating_add(more as u64);
        match self.declared {
            Some(declared) if declared != counted => Err(self.message.body_size(Some(counted))),
            _ => Ok(()),
        }
    }
}

/// `outgoing-body`: what a guest writes into, and whoever sends the message reads from the pipe.
pub struct OutgoingBody {
    output: SharedOutput,
    message: Message,
    length: Arc<Mutex<BodyLength>>,
    is_taken: bool,
}

impl OutgoingBody {
    /// A body of `message` with `declared` bytes, into `pipe`. The pipe is closed by [`finish`](Self::finish) alone: a body that
    /// is dropped before has no end, which its reader must take for broken. How many bodies there may be is for whoever makes
    /// them to bound.
    pub fn new(message: Message, declared: Option<u64>, pipe: MemoryPipe) -> Self {
        let length = Arc::new(Mutex::new(BodyLength::new(message, declared)));
        let output = SharedOutput::new(Counted { pipe, length: length.clone() });
        OutgoingBody { output, message, length, is_taken: false }
    }

    /// `write`: the stream to write into, once.
    pub fn stream(&mut self) -> Option<Output> {
        if core::mem::replace(&mut self.is_taken, true) {
            return None;
        }
        let origin: fn(HostError) -> Failure = match self.message {
            Message::Request => |error| failure(Message::Request, error),
            Message::Response => |error| failure(Message::Response, error),
        };
        Some(Output::shared(self.output.clone(), origin))
    }

    /// `finish`: the end of the body, if it is as long as declared and `trailers` can follow it. What was written still goes
    /// out.
    pub fn finish(self, trailers: Option<&Fields>) -> Result<(), ErrorCode> {
        let pending = self.output.pending();
        lock(&self.length).finish(pending)?;
        trailers.map_or(Ok(()), Fields::check_trailers)?;
        self.output.close().map_err(|_| ErrorCode::ConnectionTerminated)
    }
}

fn failure(message: Message, error: HostError) -> Failure {
    Failure::Http(match error {
        HostError::FileTooLarge => message.body_size(None),
        error => ErrorCode::InternalError(Some(error.to_string())),
    })
}

/// A pipe that takes as many bytes as were declared, and no more.
struct Counted {
    pipe: MemoryPipe,
    length: Arc<Mutex<BodyLength>>,
}

impl OutputStream for Counted {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, HostError> {
        let mut length = lock(&self.length);
        // All of them at once, lest the beginning of a body that is too long looks like a whole one.
        let mut counted = *length;
        counted.add(bytes.len()).map_err(|_| HostError::FileTooLarge)?;
        let size = OutputStream::write(&mut self.pipe, bytes)?;
        counted = *length;
        let _ = counted.add(size);
        *length = counted;
        Ok(size)
    }

    fn source(&self) -> Arc<dyn Source> {
        OutputStream::source(&self.pipe)
    }

    fn close(&mut self) -> Result<(), HostError> {
        self.pipe.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::stream::{InputStream, StreamError};
    use super::super::FieldLimits;
    use super::*;

    fn body(declared: Option<u64>, capacity: usize) -> (MemoryPipe, OutgoingBody) {
        let pipe = MemoryPipe::new(capacity);
        (pipe.clone(), OutgoingBody::new(Message::Request, declared, pipe))
    }

    fn write(output: &mut Output, bytes: &[u8]) -> Result<(), StreamError> {
        output.check_write()?;
        output.write(bytes)
    }

    #[test]
    fn a_body_ends_where_it_was_said_to() {
        for declared in [None, Some(6)] {
            let (mut pipe, mut body) = body(declared, 100);
            let mut output = body.stream().unwrap();
            assert!(body.stream().is_none());
            write(&mut output, b"abc").unwrap();
            write(&mut output, b"def").unwrap();
            drop(output);
            body.finish(None).unwrap();
            let mut contents = [0; 10];
            assert_eq!(pipe.read(&mut contents), Ok(6));
            assert_eq!(pipe.read(&mut contents), Ok(0), "the end is to be seen");
        }
    }

    #[test]
    fn a_body_that_is_too_short_has_no_end() {
        let (mut pipe, mut body) = body(Some(6), 100);
        write(&mut body.stream().unwrap(), b"abc").unwrap();
        assert_eq!(body.finish(None), Err(ErrorCode::HttpRequestBodySize(Some(3))));
        assert_eq!(pipe.read(&mut [0; 10]), Ok(3));
        assert_eq!(pipe.read(&mut [0; 10]), Err(HostError::WouldBlock));
    }

    #[test]
    fn a_body_that_is_too_long_fails_where_it_is_and_does_not_look_whole() {
        let (pipe, mut body) = body(Some(4), 100);
        let mut output = body.stream().unwrap();
        write(&mut output, b"abc").unwrap();
        let too_long = StreamError::Failed(Failure::Http(ErrorCode::HttpRequestBodySize(None)));
        assert_eq!(write(&mut output, b"de"), Err(too_long));
        assert_eq!(pipe.contents(), b"abc");
        assert_eq!(body.finish(None), Err(ErrorCode::HttpRequestBodySize(Some(3))));
    }

    #[test]
    fn what_waits_for_a_slow_reader_counts_and_arrives() {
        let (mut pipe, mut body) = body(Some(6), 2);
        write(&mut body.stream().unwrap(), b"abcdef").unwrap();
        body.finish(None).unwrap();
        let mut all = Vec::new();
        loop {
            let mut piece = [0; 2];
            match pipe.read(&mut piece) {
                Ok(0) => break,
                Ok(size) => all.extend_from_slice(&piece[..size]),
                Err(_) => drop(super::super::super::wait::Wait::for_source(InputStream::source(&pipe)).block(None)),
            }
        }
        assert_eq!(all, b"abcdef");
    }

    #[test]
    fn trailers_are_checked() {
        let trailers = Fields::from_list(FieldLimits::default(), [("Content-Length", &b"0"[..])]).unwrap();
        let (_pipe, body) = body(None, 1);
        assert_eq!(body.finish(Some(&trailers)), Err(ErrorCode::HttpProtocolError));
    }

    #[test]
    fn lengths_at_the_end_of_the_numbers_do_not_wrap() {
        let mut length = BodyLength::new(Message::Response, Some(u64::MAX));
        length.counted = u64::MAX - 1;
        length.add(1).unwrap();
        assert_eq!(length.finish(0), Ok(()));
        assert!(BodyLength::new(Message::Response, Some(0)).add(1).is_err());
    }
}
