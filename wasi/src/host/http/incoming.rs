//! What comes in: requests that a guest answers, responses to its own, and their bodies.

use std::sync::Arc;

use super::super::HostError;
use super::super::poll::Pollable;
use super::super::stream::{Failure, Input, InputStream};
use super::super::wait::Source;
use super::{BodyReceiver, ErrorCode, Fields, Message, Method, ReadError, Scheme, StatusCode};

/// `incoming-request`.
pub struct IncomingRequest {
    /// The method.
    pub method: Method,
    /// The scheme that the client used.
    pub scheme: Option<Scheme>,
    /// The host that the client asked for, and perhaps a port.
    pub authority: Option<String>,
    /// The path and query.
    pub path_with_query: Option<String>,
    /// The headers, which cannot be changed.
    pub headers: Fields,
    /// The body, until the guest asks for it.
    pub body: Option<IncomingBody>,
}

/// `incoming-response`.
pub struct IncomingResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers, which cannot be changed.
    pub headers: Fields,
    /// The body, until the guest asks for it.
    pub body: Option<IncomingBody>,
}

/// `incoming-body`.
pub struct IncomingBody {
    message: Message,
    receiver: Arc<BodyReceiver>,
    is_taken: bool,
}

impl IncomingBody {
    /// The body of `message` that arrives at `receiver`.
    pub fn new(message: Message, receiver: BodyReceiver) -> Self {
        IncomingBody { message, receiver: Arc::new(receiver), is_taken: false }
    }

    /// `stream`: the stream to read from, once.
    pub fn stream(&mut self) -> Option<Input> {
        if core::mem::replace(&mut self.is_taken, true) {
            return None;
        }
        let origin: fn(HostError) -> Failure = match self.message {
            Message::Request => |error| Failure::Http(code(Message::Request, error)),
            Message::Response => |error| Failure::Http(code(Message::Response, error)),
        };
        Some(Input::new(BodyStream(self.receiver.clone()), origin))
    }

    /// Whether the stream is still there; the body must outlive it.
    pub fn is_lent(&self) -> bool {
        Arc::strong_count(&self.receiver) > 1
    }

    /// `finish`: what is left of the body is given up, and its end waited for.
    pub fn finish(self) -> FutureTrailers {
        self.receiver.skip();
        FutureTrailers { receiver: self.receiver, is_told: false }
    }
}

struct BodyStream(Arc<BodyReceiver>);

impl InputStream for BodyStream {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HostError> {
        self.0.read(buffer).map_err(|error| match error {
            ReadError::WouldBlock => HostError::WouldBlock,
            ReadError::Broken(error) => spoken(&error),
        })
    }

    fn source(&self) -> Arc<dyn Source> {
        self.0.source()
    }
}

/// A body's error in the words that streams have. [`code`] is the way back; the exact error is the trailers' to tell.
fn spoken(error: &ErrorCode) -> HostError {
    match error {
        ErrorCode::ConnectionTerminated => HostError::ConnectionReset,
        ErrorCode::ConnectionReadTimeout => HostError::TimedOut,
        ErrorCode::HttpResponseIncomplete => HostError::Pipe,
        ErrorCode::HttpRequestBodySize(_) | ErrorCode::HttpResponseBodySize(_) => HostError::FileTooLarge,
        ErrorCode::HttpProtocolError => HostError::IllegalByteSequence,
        _ => HostError::Io,
    }
}

fn code(message: Message, error: HostError) -> ErrorCode {
    match error {
        HostError::ConnectionReset => ErrorCode::ConnectionTerminated,
        HostError::TimedOut => ErrorCode::ConnectionReadTimeout,
        HostError::Pipe => ErrorCode::HttpResponseIncomplete,
        HostError::FileTooLarge => message.body_size(None),
        HostError::IllegalByteSequence => ErrorCode::HttpProtocolError,
        error => ErrorCode::InternalError(Some(error.to_string())),
    }
}

/// `future-trailers`.
pub struct FutureTrailers {
    receiver: Arc<BodyReceiver>,
    is_told: bool,
}

impl FutureTrailers {
    /// `subscribe`: ready when the body has ended.
    pub fn subscribe(&self) -> Pollable {
        Pollable::source(self.receiver.end_source())
    }

    /// `get`: how the body ended, which is told once; `None` if it did not yet.
    #[allow(clippy::type_complexity, reason = "the interface's own nesting")]
    pub fn get(&mut self) -> Option<Result<Result<Option<Fields>, ErrorCode>, ()>> {
        if self.is_told {
            return Some(Err(()));
        }
        let end = self.receiver.end()?;
        self.is_told = true;
        Some(Ok(end))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::stream::StreamError;
    use super::super::{FieldLimits, body_channel};
    use super::*;

    #[test]
    fn a_body_has_one_stream_and_then_trailers_once() {
        let (sender, receiver) = body_channel(10);
        let mut body = IncomingBody::new(Message::Request, receiver);
        let mut input = body.stream().unwrap();
        assert!(body.stream().is_none() && body.is_lent());
        sender.write(b"abc").unwrap();
        assert_eq!(input.read(2), Ok(b"ab".to_vec()));
        drop(input);
        assert!(!body.is_lent());
        let mut trailers = body.finish();
        assert!(trailers.get().is_none());
        sender.write(&[0; 100]).unwrap();
        sender.end(Some(Fields::from_list(FieldLimits::default(), [("a", &b"1"[..])]).unwrap()));
        let Some(Ok(Ok(Some(mut fields)))) = trailers.get() else { panic!("there are trailers") };
        assert!(fields.has("A") && fields.append("b", b"2").is_err());
        assert!(matches!(trailers.get(), Some(Err(()))));
    }

    #[test]
    fn a_body_that_breaks_off_says_why() {
        for error in [
            ErrorCode::ConnectionTerminated,
            ErrorCode::ConnectionReadTimeout,
            ErrorCode::HttpResponseIncomplete,
            ErrorCode::HttpResponseBodySize(None),
            ErrorCode::HttpProtocolError,
        ] {
            let (sender, receiver) = body_channel(10);
            let mut body = IncomingBody::new(Message::Response, receiver);
            let mut input = body.stream().unwrap();
            sender.write(b"a").unwrap();
            sender.fail(error.clone());
            assert_eq!(input.read(9), Ok(b"a".to_vec()));
            assert_eq!(input.read(9), Err(StreamError::Failed(Failure::Http(error.clone()))));
            drop(input);
            assert_eq!(body.finish().get().unwrap().unwrap().unwrap_err(), error);
        }
    }
}
