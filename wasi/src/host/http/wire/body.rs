//! Bodies between guests and `hyper`.

use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;
use std::time::Instant;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

use super::super::super::HostError;
use super::super::super::wait::Source;
use super::super::{BodyLength, BodyReceiver, BodySender, ErrorCode, FieldLimits, Message, ReadError};
use super::driver::Driver;
use super::{code_within, from_wire, to_wire};

/// The bytes of a body that are sent as one piece.
const PIECE: usize = 1 << 14;

/// The body of a message that goes out.
pub(super) struct OutgoingBytes {
    driver: Driver,
    receiver: Option<(BodyReceiver, Arc<dyn Source>)>,
    declared: Option<u64>,
}

impl OutgoingBytes {
    /// What `receiver` brings, or nothing; `declared` is how much the headers say it is.
    pub(super) fn new(receiver: Option<BodyReceiver>, declared: Option<u64>, driver: Driver) -> Self {
        let receiver = receiver.map(|receiver| {
            let source = receiver.source();
            (receiver, source)
        });
        OutgoingBytes { driver, receiver, declared }
    }
}

impl Body for OutgoingBytes {
    type Data = Bytes;
    type Error = ErrorCode;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ErrorCode>>> {
        let Some((receiver, source)) = &self.receiver else { return Poll::Ready(None) };
        let mut piece = vec![0; PIECE];
        match receiver.read(&mut piece) {
            Ok(0) => {
                let trailers = receiver.end().and_then(Result::ok).flatten();
                self.receiver = None;
                Poll::Ready(trailers.map(|trailers| to_wire(&trailers).map(Frame::trailers)))
            }
            Ok(size) => {
                piece.truncate(size);
                Poll::Ready(Some(Ok(Frame::data(piece.into()))))
            }
            Err(ReadError::WouldBlock) => {
                self.driver.wait_for(source);
                Poll::Pending
            }
            Err(ReadError::Broken(error)) => Poll::Ready(Some(Err(error))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.receiver {
            None => true,
            Some((receiver, _)) => receiver.is_finished() && matches!(receiver.end(), Some(Ok(None))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self.declared {
            Some(declared) => SizeHint::with_exact(declared),
            None if self.is_end_stream() => SizeHint::with_exact(0),
            None => SizeHint::default(),
        }
    }
}

/// A body that comes in, on its way to a guest.
pub(super) struct IncomingBytes {
    body: Incoming,
    sender: BodySender,
    room: Arc<dyn Source>,
    abandoned: Arc<dyn Source>,
    driver: Driver,
    message: Message,
    length: BodyLength,
    limits: FieldLimits,
    /// What did not fit.
    rest: Bytes,
    since: Option<Instant>,
}

impl IncomingBytes {
    /// Passes `body`, of which `max` bytes are allowed, on to `sender`.
    pub(super) fn new(
        message: Message,
        max: Option<u64>,
        body: Incoming,
        sender: BodySender,
        limits: FieldLimits,
        driver: Driver,
    ) -> Self {
        let (room, abandoned) = (sender.source(), sender.abandoned());
        let length = BodyLength::new(message, max);
        IncomingBytes {
            body,
            sender,
            room,
            abandoned,
            driver,
            message,
            length,
            limits,
            rest: Bytes::new(),
            since: None,
        }
    }

    /// Breaks the body off.
    pub(super) fn fail(&self, error: ErrorCode) {
        self.sender.fail(error);
    }

    /// Whether there is something to pass on for which there is no room.
    pub(super) fn waits_for_reader(&self) -> bool {
        !self.rest.is_empty()
    }

    /// Since when the peer has sent nothing of what it is asked for, if that is so.
    pub(super) fn waits_since(&self) -> Option<Instant> {
        self.since
    }

    /// Passes one more piece on. Ready with true when one was, and with false when the body is over, in whatever way.
    pub(super) fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<bool> {
        if self.abandoned.is_ready() {
            return Poll::Ready(false);
        }
        if !self.rest.is_empty() {
            match self.sender.write(&self.rest) {
                Ok(size) => {
                    let _ = self.rest.split_to(size);
                    return Poll::Ready(true);
                }
                Err(HostError::WouldBlock) => {
                    self.driver.wait_for(&self.room);
                    return Poll::Pending;
                }
                Err(_) => return Poll::Ready(false),
            }
        }
        self.driver.wait_for(&self.abandoned);
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            self.since = Some(self.since.unwrap_or_else(Instant::now));
            return Poll::Pending;
        };
        self.since = None;
        let Some(frame) = frame else {
            self.sender.end(None);
            return Poll::Ready(false);
        };
        let result = match frame.map(Frame::into_data) {
            Err(error) => Err(match (self.message, failure(&error)) {
                // There is no word for an incomplete request.
                (Message::Request, ErrorCode::HttpResponseIncomplete) => ErrorCode::ConnectionTerminated,
                (_, error) => error,
            }),
            Ok(Ok(data)) => self.length.add(data.len()).map(|()| self.rest = data),
            Ok(Err(frame)) => match frame.into_trailers().map(|trailers| from_wire(&trailers, self.limits)) {
                Ok(Some(trailers)) => {
                    self.sender.end(Some(trailers));
                    return Poll::Ready(false);
                }
                Ok(None) => Err(match self.message {
                    Message::Request => ErrorCode::HttpRequestTrailerSectionSize(None),
                    Message::Response => ErrorCode::HttpResponseTrailerSectionSize(None),
                }),
                // A frame of a kind that HTTP/1.1 does not have.
                Err(_) => Ok(()),
            },
        };
        match result {
            Ok(()) => Poll::Ready(true),
            Err(error) => {
                self.sender.fail(error);
                Poll::Ready(false)
            }
        }
    }
}

/// What `hyper` says, as the interface does.
pub(super) fn failure(error: &hyper::Error) -> ErrorCode {
    use std::error::Error as _;
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(error) = inner.downcast_ref::<ErrorCode>() {
            return error.clone();
        }
        // An error of the socket hides within one of `std::io`, which tells of it and not of itself.
        if let Some(error) = inner.downcast_ref::<std::io::Error>() {
            if let Some(error) = code_within(error) {
                return error;
            }
            match error.kind() {
                std::io::ErrorKind::UnexpectedEof => return ErrorCode::HttpResponseIncomplete,
                std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput => {
                    return ErrorCode::HttpProtocolError;
                }
                _ => {}
            }
        }
        source = inner.source();
    }
    if error.is_parse_too_large() {
        ErrorCode::HttpResponseHeaderSectionSize(None)
    } else if error.is_incomplete_message() {
        ErrorCode::HttpResponseIncomplete
    } else if error.is_parse() || error.is_user() {
        ErrorCode::HttpProtocolError
    } else if error.is_timeout() {
        ErrorCode::ConnectionReadTimeout
    } else {
        ErrorCode::ConnectionTerminated
    }
}
