//! Bodies that are as long as their message says.

use std::sync::{Arc, Mutex};

use super::super::HostError;
use super::super::quota::Held;
use super::super::stream::{Failure, Output, OutputStream, SharedOutput};
use super::super::wait::{Source, lock};
use super::{BODY_CAPACITY, BodyReceiver, BodySender, ErrorCode, Fields, body_channel};

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
    pub(super) fn body_size(self, size: Option<u64>) -> ErrorCode {
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

/// `outgoing-body`: what a guest writes into, and whoever sends the message reads from the receiver.
pub struct OutgoingBody {
    output: SharedOutput,
    message: Message,
    progress: Arc<Mutex<Progress>>,
    is_taken: bool,
    lent: Arc<()>,
}

struct Progress {
    length: BodyLength,
    trailers: Option<Fields>,
}

impl OutgoingBody {
    /// A body of `message` with `declared` bytes, which keeps its `place` until neither side of it is left. It is whole after
    /// [`finish`](Self::finish) alone: one that is dropped before has broken off for its reader.
    pub fn new(message: Message, declared: Option<u64>, place: Held) -> (Self, BodyReceiver) {
        let (sender, receiver) = body_channel(BODY_CAPACITY);
        sender.hold(place);
        (OutgoingBody::into_sender(message, declared, sender), receiver)
    }

    fn into_sender(message: Message, declared: Option<u64>, sender: BodySender) -> Self {
        let progress = Progress { length: BodyLength::new(message, declared), trailers: None };
        let progress = Arc::new(Mutex::new(progress));
        let output = SharedOutput::new(Counted { sender, progress: progress.clone() });
        OutgoingBody { output, message, progress, is_taken: false, lent: Arc::default() }
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
        Some(Output::shared(self.output.clone(), origin).lent(self.lent.clone()))
    }

    /// Whether the stream is still there; the body must outlive it.
    pub fn is_lent(&self) -> bool {
        Arc::strong_count(&self.lent) > 1
    }

    /// `finish`: the end of the body, if it is as long as declared and `trailers` can follow it. What was written still goes
    /// out.
    pub fn finish(self, trailers: Option<Fields>) -> Result<(), ErrorCode> {
        let pending = self.output.pending();
        trailers.as_ref().map_or(Ok(()), Fields::check_trailers)?;
        let mut progress = lock(&self.progress);
        progress.length.finish(pending)?;
        progress.trailers = trailers;
        drop(progress);
        self.output.close().map_err(|_| ErrorCode::ConnectionTerminated)
    }
}

fn failure(message: Message, error: HostError) -> Failure {
    Failure::Http(match error {
        HostError::FileTooLarge => message.body_size(None),
        HostError::Pipe => ErrorCode::ConnectionTerminated,
        error => ErrorCode::InternalError(Some(error.to_string())),
    })
}

/// A body that takes as many bytes as were declared, and no more.
struct Counted {
    sender: BodySender,
    progress: Arc<Mutex<Progress>>,
}

impl OutputStream for Counted {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, HostError> {
        let mut progress = lock(&self.progress);
        // All of them at once, lest the beginning of a body that is too long looks like a whole one.
        let mut counted = progress.length;
        counted.add(bytes.len()).map_err(|_| HostError::FileTooLarge)?;
        let size = self.sender.write(bytes)?;
        counted = progress.length;
        let _ = counted.add(size);
        progress.length = counted;
        Ok(size)
    }

    fn source(&self) -> Arc<dyn Source> {
        self.sender.source()
    }

    fn close(&mut self) -> Result<(), HostError> {
        self.sender.end(lock(&self.progress).trailers.take());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::stream::StreamError;
    use super::super::super::wait::Wait;
    use super::super::{FieldLimits, ReadError};
    use super::*;

    fn body(declared: Option<u64>, capacity: usize) -> (BodyReceiver, OutgoingBody) {
        let (sender, receiver) = body_channel(capacity);
        (receiver, OutgoingBody::into_sender(Message::Request, declared, sender))
    }

    fn write(output: &mut Output, bytes: &[u8]) -> Result<(), StreamError> {
        output.check_write()?;
        output.write(bytes)
    }

    #[test]
    fn a_body_ends_where_it_was_said_to() {
        for declared in [None, Some(6)] {
            let (pipe, mut body) = body(declared, 100);
            assert!(!body.is_lent());
            let mut output = body.stream().unwrap();
            assert!(body.stream().is_none() && body.is_lent());
            write(&mut output, b"abc").unwrap();
            write(&mut output, b"def").unwrap();
            drop(output);
            assert!(!body.is_lent());
            body.finish(None).unwrap();
            let mut contents = [0; 10];
            assert_eq!(pipe.read(&mut contents), Ok(6));
            assert_eq!(pipe.read(&mut contents), Ok(0), "the end is to be seen");
        }
    }

    #[test]
    fn a_body_that_is_too_short_has_no_end() {
        let (pipe, mut body) = body(Some(6), 100);
        write(&mut body.stream().unwrap(), b"abc").unwrap();
        assert_eq!(body.finish(None), Err(ErrorCode::HttpRequestBodySize(Some(3))));
        assert_eq!(pipe.read(&mut [0; 10]), Ok(3));
        let broken = ReadError::Broken(ErrorCode::ConnectionTerminated);
        assert_eq!(pipe.read(&mut [0; 10]), Err(broken));
    }

    #[test]
    fn a_body_that_is_too_long_fails_where_it_is_and_does_not_look_whole() {
        let (pipe, mut body) = body(Some(4), 100);
        let mut output = body.stream().unwrap();
        write(&mut output, b"abc").unwrap();
        let too_long = StreamError::Failed(Failure::Http(ErrorCode::HttpRequestBodySize(None)));
        assert_eq!(write(&mut output, b"de"), Err(too_long));
        let mut contents = [0; 10];
        assert_eq!((pipe.read(&mut contents), &contents[..3]), (Ok(3), &b"abc"[..]));
        drop(output);
        assert_eq!(body.finish(None), Err(ErrorCode::HttpRequestBodySize(Some(3))));
    }

    #[test]
    fn what_waits_for_a_slow_reader_counts_and_arrives() {
        let (pipe, mut body) = body(Some(6), 2);
        write(&mut body.stream().unwrap(), b"abcdef").unwrap();
        body.finish(None).unwrap();
        let mut all = Vec::new();
        loop {
            let mut piece = [0; 2];
            match pipe.read(&mut piece) {
                Ok(0) => break,
                Ok(size) => all.extend_from_slice(&piece[..size]),
                Err(ReadError::WouldBlock) => drop(Wait::for_source(pipe.source()).block(None)),
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!(all, b"abcdef");
    }

    #[test]
    fn trailers_are_checked() {
        let trailers = Fields::from_list(FieldLimits::default(), [("Content-Length", &b"0"[..])]).unwrap();
        let (_pipe, body) = body(None, 1);
        assert_eq!(body.finish(Some(trailers)), Err(ErrorCode::HttpProtocolError));
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
