//! One implementation per capability, for every WASI version.
//!
//! No type of any WASI interface appears here: arguments are plain Rust, failures are [`HostError`], and a call that
//! cannot proceed answers [`HostError::WouldBlock`] together with a [`wait::Source`] that says when to try again.
//! Assumes that the caller checked nothing; promises that no path leaves its directory ([`path`], [`fs`]), that a
//! read-only grant is refused before any effect, and that no allocation is sized by the guest.

pub mod clocks;
pub mod env;
mod error;
pub mod fs;
pub mod net;
pub mod path;
pub mod random;
pub mod stdio;
pub mod wait;

pub use error::HostError;
