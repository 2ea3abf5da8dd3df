//! HTTP messages as a guest builds and sees them: types and rules, no I/O.
//!
//! Whatever a guest puts into a message is checked when it puts it there, so that what is sent later is one message, with
//! the meaning that was checked: no line ends in names or values, no second length, no connection management, no host that
//! is spelt past a grant.
//!
//! `error` the interface's error codes · `fields` headers and trailers · `request` methods, schemes, authorities, paths ·
//! `body` lengths that are kept.

mod body;
mod error;
mod fields;
mod request;

pub use body::{BodyLength, Message, OutgoingBody};
pub use error::{DnsError, ErrorCode, FieldSize, TlsAlert};
pub use fields::{FieldLimits, Fields, FieldsError};
pub use request::{Authority, Method, OutgoingRequest, PathWithQuery, RequestOptions, Scheme, StatusCode, Target};

/// Whether `byte` may stand in a token: the names of methods and fields.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
