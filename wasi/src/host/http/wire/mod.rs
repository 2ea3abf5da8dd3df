//! HTTP/1.1 over this machine's sockets: `hyper` for the messages, threads and the sources of this crate for the waiting.
//!
//! ```text
//! SentRequest ──client──▶ hyper ──socket, tls──▶ peer      peer ──socket──▶ hyper ──server──▶ IncomingRequest
//!                            ╰── driver: polls, and blocks on whatever was not ready ──╯
//! ```
//!
//! A connection is one future on one thread. Nothing in it blocks: a socket or body that is not ready leaves its source with the driver,
//! which parks the thread on all of them at once. Assumes that peers are hostile. Promises that every wait has a deadline, that a body that
//! broke off is never shown as whole, and that heads and numbers of fields are bounded.

mod body;
mod client;
mod driver;
#[cfg(feature = "tls")]
mod provider;
pub mod server;
mod socket;
#[cfg(feature = "tls")]
mod tls;

pub(super) use client::client;

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

use super::{ErrorCode, FieldLimits, Fields};

/// The interface's word for an error, if it was put there.
fn code_within(error: &std::io::Error) -> Option<ErrorCode> {
    error.get_ref()?.downcast_ref().cloned()
}

/// The bytes of a message's head that are read: its fields and its first line.
fn max_head(limits: FieldLimits) -> usize {
    // Hyper refuses to have less room than this.
    limits.max_bytes.saturating_add(super::request::MAX_PATH).max(8192)
}

/// Fields for the wire.
fn to_wire(fields: &Fields) -> Result<HeaderMap, ErrorCode> {
    let mut map = HeaderMap::new();
    for (name, value) in fields.entries() {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| ErrorCode::HttpProtocolError)?;
        let value = HeaderValue::from_bytes(value).map_err(|_| ErrorCode::HttpProtocolError)?;
        map.try_append(name, value).map_err(|_| ErrorCode::HttpProtocolError)?;
    }
    Ok(map)
}

/// Fields from the wire, without those of the connection; `None` if they are more than `limits` allow.
fn from_wire(map: &HeaderMap, limits: FieldLimits) -> Option<Fields> {
    Fields::received(limits, map.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))).ok()
}
