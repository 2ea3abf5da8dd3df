//! Streams of bytes that never block, and the objects a guest holds of them.
//!
//! ```text
//! file, pipe, socket, terminal ──InputStream, OutputStream──▶ Input, Output ──▶ read, check-write, write, flush, splice
//! ```
//!
//! An [`InputStream`] or [`OutputStream`] is what a capability or an embedder implements: it moves some bytes now or answers
//! [`HostError::WouldBlock`], and its [`Source`] says when to try again. WASI 0.1 reads and writes these as they are.
//! [`Input`] and [`Output`] are the resources of `wasi:io/streams` over them, with that interface's rules: budgets, what
//! closed means, what a failure leaves behind. [`SharedInput`] and [`SharedOutput`] let several holders use one stream.

mod input;
mod output;
mod pipe;
mod shared;

use core::fmt;
use std::sync::Arc;

use super::HostError;
use super::http;
use super::net::SocketError;
use super::wait::{Ready, Source};

pub use input::Input;
pub use output::{BUDGET, MAX_WRITE_AND_FLUSH, Output, WriteAndFlush};
pub use pipe::{DEFAULT_PIPE_CAPACITY, MemoryPipe};
pub use shared::{SharedInput, SharedOutput};

/// A stream to read from.
pub trait InputStream: Send {
    /// Reads up to `buffer.len()` bytes; 0 is the end of the stream. Never blocks: [`HostError::WouldBlock`] means that
    /// there is nothing yet.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HostError>;

    /// When reading is worth while again.
    fn source(&self) -> Arc<dyn Source>;

    /// Whether a person types into it.
    fn is_terminal(&self) -> bool {
        false
    }
}

/// A stream to write to.
pub trait OutputStream: Send {
    /// Writes some of `bytes`, at least one unless `bytes` is empty. Never blocks: [`HostError::WouldBlock`] means that
    /// there is no room yet.
    fn write(&mut self, bytes: &[u8]) -> Result<usize, HostError>;

    /// When writing is worth while again.
    fn source(&self) -> Arc<dyn Source>;

    /// Tells the other side that nothing follows, where there is a way to say it.
    fn close(&mut self) -> Result<(), HostError> {
        Ok(())
    }

    /// Whether a person reads it.
    fn is_terminal(&self) -> bool {
        false
    }
}

impl<S: InputStream + ?Sized> InputStream for Box<S> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HostError> {
        (**self).read(buffer)
    }

    fn source(&self) -> Arc<dyn Source> {
        (**self).source()
    }

    fn is_terminal(&self) -> bool {
        (**self).is_terminal()
    }
}

impl<S: OutputStream + ?Sized> OutputStream for Box<S> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, HostError> {
        (**self).write(bytes)
    }

    fn source(&self) -> Arc<dyn Source> {
        (**self).source()
    }

    fn close(&mut self) -> Result<(), HostError> {
        (**self).close()
    }

    fn is_terminal(&self) -> bool {
        (**self).is_terminal()
    }
}

/// An input that is at its end, or an output that swallows everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Null;

impl InputStream for Null {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, HostError> {
        Ok(0)
    }

    fn source(&self) -> Arc<dyn Source> {
        Arc::new(Ready)
    }
}

impl OutputStream for Null {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, HostError> {
        Ok(bytes.len())
    }

    fn source(&self) -> Arc<dyn Source> {
        Arc::new(Ready)
    }
}

/// Why an operation on an [`Input`] or [`Output`] did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamError {
    /// It failed, and with it the stream, which is closed from now on.
    Failed(Failure),
    /// The stream is closed.
    Closed,
    /// The guest used the stream against its rules and ends.
    Misuse(Misuse),
}

/// What failed beneath a stream: the payload of `last-operation-failed`, which interfaces ask for their own error code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// A file.
    File(HostError),
    /// A socket.
    Socket(SocketError),
    /// A body of an HTTP message.
    Http(http::ErrorCode),
    /// Something that no interface has an error code for: a standard stream.
    Other(HostError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::File(error) | Failure::Other(error) => error.fmt(f),
            Failure::Socket(error) => error.fmt(f),
            Failure::Http(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Failure {}

/// How a stream tells the failures of what is beneath it: [`Failure::File`], [`Failure::Other`], or a mapping of its own.
pub type Origin = fn(HostError) -> Failure;

/// A mistake in the use of an [`Output`] that the interface answers with a trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misuse {
    /// More bytes than the last `check-write` permitted.
    Unpermitted,
    /// More bytes than a blocking write takes at once.
    TooLong,
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Misuse::Unpermitted => "a write of more bytes than `check-write` permitted",
            Misuse::TooLong => "a blocking write of more than 4096 bytes",
        })
    }
}

impl core::error::Error for Misuse {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_at_its_end_and_swallows() {
        assert_eq!(Null.read(&mut [0; 4]), Ok(0));
        assert_eq!(Null.write(b"gone"), Ok(4));
    }
}
