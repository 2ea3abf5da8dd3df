//! Sockets that were granted: listening ones the embedder opened, and the connections they accept.
//!
//! A guest cannot open, bind or connect anything here; names and outgoing connections belong to later WASI versions.
//! Every socket is non-blocking, so calls answer [`HostError::WouldBlock`] instead of waiting.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::HostError;
use super::wait::{Source, lock};

#[cfg(unix)]
use super::wait::{Interest, is_fd_ready};
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};

/// A socket that accepts connections. Clones are the same socket.
#[derive(Clone, Debug)]
pub struct Listener {
    shared: Arc<Accepting>,
}

#[derive(Debug)]
struct Accepting {
    listener: TcpListener,
    /// A connection that was accepted to find out whether there is one.
    accepted: Mutex<Option<TcpStream>>,
}

impl Listener {
    /// Takes over a listening socket of the host.
    pub fn new(listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Listener { shared: Arc::new(Accepting { listener, accepted: Mutex::new(None) }) })
    }

    /// Accepts one connection.
    pub fn accept(&self) -> Result<Stream, HostError> {
        let stream = match lock(&self.shared.accepted).take() {
            Some(stream) => stream,
            None => self.shared.listener.accept()?.0,
        };
        Ok(Stream::new(stream)?)
    }

    /// When there is a connection to accept.
    pub fn source(&self) -> Arc<dyn Source> {
        self.shared.clone()
    }
}

impl Source for Accepting {
    fn is_ready(&self) -> bool {
        #[cfg(unix)]
        return lock(&self.accepted).is_some() || is_fd_ready(self.listener.as_fd(), Interest::Read);
        #[cfg(not(unix))]
        {
            let mut accepted = lock(&self.accepted);
            if accepted.is_none() {
                *accepted = match self.listener.accept() {
                    Ok((stream, _)) => Some(stream),
                    Err(error) => return error.kind() != io::ErrorKind::WouldBlock,
                };
            }
            true
        }
    }

    #[cfg(unix)]
    fn os_handle(&self) -> Option<(BorrowedFd<'_>, Interest)> {
        Some((self.listener.as_fd(), Interest::Read))
    }
}

/// A connection. Clones are the same socket.
#[derive(Clone, Debug)]
pub struct Stream {
    inner: Arc<TcpStream>,
}

impl Stream {
    /// Takes over a connected socket of the host.
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Stream { inner: Arc::new(stream) })
    }

    /// Receives up to `buffer.len()` bytes, leaving them in the socket if `peek`; 0 is the end of the stream.
    pub fn receive(&self, buffer: &mut [u8], peek: bool) -> Result<usize, HostError> {
        loop {
            let result = if peek { self.inner.peek(buffer) } else { (&*self.inner).read(buffer) };
            match result {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return Ok(result?),
            }
        }
    }

    /// Sends some of `bytes`.
    pub fn send(&self, bytes: &[u8]) -> Result<usize, HostError> {
        loop {
            match (&*self.inner).write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return Ok(result?),
            }
        }
    }

    /// Ends one or both directions.
    pub fn shutdown(&self, how: Shutdown) -> Result<(), HostError> {
        Ok(self.inner.shutdown(how)?)
    }

    /// When there is something to receive, or the end.
    pub fn receive_source(&self) -> Arc<dyn Source> {
        Arc::new(Receiving(self.inner.clone()))
    }

    /// When there is room to send.
    pub fn send_source(&self) -> Arc<dyn Source> {
        Arc::new(Sending { stream: self.inner.clone(), since: std::time::Instant::now() })
    }
}

struct Receiving(Arc<TcpStream>);

impl Source for Receiving {
    fn is_ready(&self) -> bool {
        !matches!(self.0.peek(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    #[cfg(unix)]
    fn os_handle(&self) -> Option<(BorrowedFd<'_>, Interest)> {
        Some((self.0.as_fd(), Interest::Read))
    }
}

struct Sending {
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix can ask a socket for room"))]
    stream: Arc<TcpStream>,
    #[cfg_attr(unix, expect(dead_code, reason = "Unix asks the socket"))]
    since: std::time::Instant,
}

impl Source for Sending {
    fn is_ready(&self) -> bool {
        #[cfg(unix)]
        return is_fd_ready(self.stream.as_fd(), Interest::Write);
        // Nothing portable tells whether a send would block, so it is tried again after a pause.
        #[cfg(not(unix))]
        return self.since.elapsed() >= super::wait::SLICE;
    }

    #[cfg(unix)]
    fn os_handle(&self) -> Option<(BorrowedFd<'_>, Interest)> {
        Some((self.stream.as_fd(), Interest::Write))
    }
}
