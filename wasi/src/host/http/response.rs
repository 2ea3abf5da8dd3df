//! Responses on their way: the one that a guest gives, and the one that it waits for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::poll::Pollable;
use super::super::quota::Quota;
use super::super::wait::Source;
use super::{
    BodyReceiver, ErrorCode, Fields, IncomingResponse, Message, Outcome, OutgoingBody, Promise, Promised, StatusCode,
    promise,
};

/// `outgoing-response`.
pub struct OutgoingResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers, which cannot be changed.
    pub headers: Fields,
    body: Taken,
}

/// The body of a message that goes out: its guest's side can be had once.
#[derive(Default)]
pub(super) struct Taken {
    is_taken: bool,
    receiver: Option<BodyReceiver>,
}

impl Taken {
    /// The guest's side of the body of `message` with these headers, if there is room for one more.
    pub(super) fn body(&mut self, message: Message, headers: &Fields, bodies: &Quota) -> Option<OutgoingBody> {
        if self.is_taken {
            return None;
        }
        let place = bodies.take()?;
        self.is_taken = true;
        // Lengths that contradict each other are refused with the message.
        let (body, receiver) = OutgoingBody::new(message, headers.content_length().ok().flatten(), place);
        self.receiver = Some(receiver);
        Some(body)
    }

    /// The sender's side, if the guest has the other: without, the body is empty.
    pub(super) fn into_receiver(self) -> Option<BodyReceiver> {
        self.receiver
    }
}

impl OutgoingResponse {
    /// A response with these headers and status 200; the headers cannot be changed any more.
    pub fn new(mut headers: Fields) -> Self {
        headers.freeze();
        OutgoingResponse { status: StatusCode::default(), headers, body: Taken::default() }
    }

    /// `body`: the body to write, once, and if `bodies` has room for it.
    pub fn body(&mut self, bodies: &Quota) -> Option<OutgoingBody> {
        self.body.body(Message::Response, &self.headers, bodies)
    }

    /// What is sent: the status, the headers, the length that they declare, and the body's bytes, if there are any.
    pub fn into_parts(self) -> Result<(StatusCode, Fields, Option<u64>, Option<BodyReceiver>), ErrorCode> {
        let length = self.headers.content_length()?;
        Ok((self.status, self.headers, length, self.body.into_receiver()))
    }
}

/// `response-outparam`: where a guest puts its response. Dropped without one, there will be none.
pub struct ResponseOutparam {
    promise: Promise<Result<OutgoingResponse, ErrorCode>>,
    is_set: Arc<AtomicBool>,
}

impl ResponseOutparam {
    /// A place for a response, and the wait for it.
    pub fn new() -> (Self, Promised<Result<OutgoingResponse, ErrorCode>>) {
        let (promise, promised) = promise();
        (ResponseOutparam { promise, is_set: Arc::default() }, promised)
    }

    /// Whether a response, or an error instead of one, has been set: for whoever gives the place away.
    pub fn is_set(&self) -> Arc<AtomicBool> {
        self.is_set.clone()
    }

    /// When nobody waits for the response: its client has left, or it has been set and fetched.
    pub fn abandoned(&self) -> Arc<dyn Source> {
        self.promise.abandoned()
    }

    /// `set`.
    pub fn set(self, response: Result<OutgoingResponse, ErrorCode>) {
        self.is_set.store(true, Ordering::Relaxed);
        self.promise.keep(response);
    }
}

/// `future-incoming-response`.
pub struct FutureIncomingResponse {
    promised: Promised<Result<IncomingResponse, ErrorCode>>,
    is_told: bool,
}

impl FutureIncomingResponse {
    /// The response that `promised` will be.
    pub fn new(promised: Promised<Result<IncomingResponse, ErrorCode>>) -> Self {
        FutureIncomingResponse { promised, is_told: false }
    }

    /// `subscribe`: ready when there is a response or an error.
    pub fn subscribe(&self) -> Pollable {
        Pollable::source(self.promised.source())
    }

    /// `get`: the response, which is told once; `None` if there is none yet.
    #[allow(clippy::type_complexity, reason = "the interface's own nesting")]
    pub fn get(&mut self) -> Option<Result<Result<IncomingResponse, ErrorCode>, ()>> {
        if self.is_told {
            return Some(Err(()));
        }
        let response = match self.promised.take() {
            Outcome::Pending => return None,
            Outcome::Kept(response) => response,
            // Whoever was to answer has given up without a word.
            Outcome::Over => Err(ErrorCode::ConnectionTerminated),
        };
        self.is_told = true;
        Some(Ok(response))
    }
}

#[cfg(test)]
mod tests {
    use super::super::FieldLimits;
    use super::*;

    #[test]
    fn a_response_is_given_once_or_never() {
        let headers = || Fields::new(FieldLimits::default());
        let (outparam, mut promised) = ResponseOutparam::new();
        let mut response = OutgoingResponse::new(headers());
        let bodies = Quota::new(1);
        assert!(OutgoingResponse::new(headers()).body(&Quota::new(0)).is_none());
        assert!(response.body(&bodies).is_some() && response.body(&bodies).is_none());
        let is_set = outparam.is_set();
        assert!(!is_set.load(Ordering::Relaxed));
        outparam.set(Ok(response));
        assert!(is_set.load(Ordering::Relaxed));
        let Outcome::Kept(Ok(response)) = promised.take() else { panic!("the response was set") };
        let Ok((_, _, None, Some(receiver))) = response.into_parts() else {
            panic!("there is a body without a length")
        };
        // What waits to be sent takes room as long as it waits.
        assert!(bodies.take().is_none());
        drop(receiver);
        assert!(bodies.take().is_some());
        let (outparam, mut promised) = ResponseOutparam::new();
        drop(outparam);
        assert!(matches!(promised.take(), Outcome::Over));
    }

    #[test]
    fn a_response_whose_lengths_differ_is_none() {
        let lengths = [("content-length", &b"1"[..]), ("Content-Length", b"2")];
        let response = OutgoingResponse::new(Fields::from_list(FieldLimits::default(), lengths).unwrap());
        assert!(matches!(response.into_parts(), Err(ErrorCode::HttpProtocolError)));
    }

    #[test]
    fn a_response_that_is_waited_for_is_told_once_also_if_it_never_comes() {
        let (promise, promised) = promise();
        let mut future = FutureIncomingResponse::new(promised);
        assert!(future.get().is_none());
        promise.keep(Err(ErrorCode::ConnectionRefused));
        assert!(matches!(future.get(), Some(Ok(Err(ErrorCode::ConnectionRefused)))));
        assert!(matches!(future.get(), Some(Err(()))));
        let (promise, promised) = super::promise();
        let mut future = FutureIncomingResponse::new(promised);
        drop(promise);
        assert!(matches!(future.get(), Some(Ok(Err(ErrorCode::ConnectionTerminated)))));
    }
}
