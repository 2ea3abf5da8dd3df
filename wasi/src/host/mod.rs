//! One implementation per capability, for every WASI version.
//!
//! No type of any WASI interface appears here: arguments are plain Rust, failures are [`HostError`] or, on the network,
//! [`SocketError`](net::SocketError), and a call that cannot proceed answers `WouldBlock` together with a
//! [`wait::Source`] that says when to try again, or is a [`wait::Attempt`]. Assumes that the caller checked nothing;
//! promises that no path leaves its directory ([`path`], [`fs`]), that a read-only grant is refused before any effect, that
//! nothing reaches an address that was not granted ([`net`]), and that no allocation is sized by the guest alone.

pub mod clocks;
pub mod config;
mod denial;
pub mod env;
mod error;
pub mod fs;
pub mod http;
pub mod keyvalue;
pub mod net;
pub mod path;
pub mod poll;
mod quota;
pub mod random;
pub mod stdio;
pub mod stream;
pub mod wait;

pub use denial::{Denial, Denials};
pub use error::HostError;
pub use quota::{Held, Quota};
