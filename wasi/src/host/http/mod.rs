//! HTTP messages as a guest builds and sees them: types and rules; I/O is behind a trait.
//!
//! Whatever a guest puts into a message is checked when it puts it there, so that what is sent later is one message, with
//! the meaning that was checked: no line ends in names or values, no second length, no connection management, no host that
//! is spelt past a grant.
//!
//! `error` the interface's error codes · `fields` headers and trailers · `request` methods, schemes, authorities, paths ·
//! `body` lengths that are kept · `incoming`, `response` what arrives and what is answered · `promise`, `channel` how a response and a
//! body pass between a guest and whoever sends them · `transport` the trait that sends them · `wire` the one for this machine.

mod body;
mod channel;
mod error;
mod fields;
mod incoming;
mod promise;
mod request;
mod response;
mod transport;
#[cfg(feature = "http")]
pub mod wire;

use std::sync::Arc;

pub use body::{BodyLength, Message, OutgoingBody};
pub use channel::{BODY_CAPACITY, BodyReceiver, BodySender, ReadError, body_channel};
pub use error::{DnsError, ErrorCode, FieldSize, TlsAlert};
pub use fields::{FieldLimits, Fields, FieldsError};
pub use incoming::{FutureTrailers, IncomingBody, IncomingRequest, IncomingResponse};
pub use promise::{Outcome, Promise, Promised, promise};
pub use request::{
    Authority, Method, OutgoingRequest, PathWithQuery, RequestOptions, Scheme, SentRequest, StatusCode, Target,
};
pub use response::{FutureIncomingResponse, OutgoingResponse, ResponseOutparam};
pub use transport::{Client, ResponsePromise, Transport};

/// The way this machine sends requests, if it was built in.
pub(crate) fn transport() -> Option<Arc<dyn Transport>> {
    #[cfg(feature = "http")]
    return Some(wire::client());
    #[cfg(not(feature = "http"))]
    None
}

/// Whether `byte` may stand in a token: the names of methods and fields.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
