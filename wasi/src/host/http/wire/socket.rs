//! A socket as `hyper` wants it.

use core::cell::Cell;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use hyper::rt::{Read, ReadBufCursor, Write};

use super::super::super::HostError;
use super::super::super::net::Stream;
use super::super::super::wait::Source;
use super::driver::Driver;

/// The bytes that one read takes off a socket.
pub(super) const READ_SIZE: usize = 1 << 14;

/// A connection whose waits are `driver`'s.
pub(super) struct Socket {
    stream: Stream,
    driver: Driver,
    receiving: Arc<dyn Source>,
    #[cfg(unix)]
    sending: Arc<dyn Source>,
    blocked: Rc<Cell<Option<Instant>>>,
}

impl Socket {
    pub(super) fn new(stream: Stream, driver: Driver) -> Self {
        Socket {
            receiving: stream.receive_source(),
            #[cfg(unix)]
            sending: stream.send_source(),
            stream,
            driver,
            blocked: Rc::default(),
        }
    }

    /// Since when the peer has taken nothing of what is to be sent, if that is so.
    pub(super) fn blocked(&self) -> Rc<Cell<Option<Instant>>> {
        self.blocked.clone()
    }

    /// Receives some bytes; 0 is the end.
    pub(super) fn receive(&self, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        match self.stream.receive(buffer, false) {
            Err(HostError::WouldBlock) => {
                self.driver.wait_for(&self.receiving);
                Poll::Pending
            }
            result => Poll::Ready(result.map_err(io::Error::other)),
        }
    }

    /// Sends some of `bytes`.
    pub(super) fn send(&self, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.stream.send(bytes) {
            Err(HostError::WouldBlock) => {
                #[cfg(unix)]
                self.driver.wait_for(&self.sending);
                // Elsewhere a source is a pause from when it is made.
                #[cfg(not(unix))]
                self.driver.wait_for(&self.stream.send_source());
                self.blocked.set(Some(self.blocked.get().unwrap_or_else(Instant::now)));
                Poll::Pending
            }
            result => {
                self.blocked.set(None);
                Poll::Ready(result.map_err(io::Error::other))
            }
        }
    }

    /// Tells the peer that nothing follows.
    pub(super) fn shut_down(&self) -> io::Result<()> {
        match self.stream.shutdown(std::net::Shutdown::Write) {
            // A connection that ended by itself needs no end.
            Ok(()) | Err(HostError::NotConnected) => Ok(()),
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

impl Read for Socket {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, mut buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; READ_SIZE];
        let room = buffer.remaining().min(READ_SIZE);
        self.receive(&mut bytes[..room]).map_ok(|size| buffer.put_slice(&bytes[..size]))
    }
}

impl Write for Socket {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.send(bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.shut_down())
    }
}
