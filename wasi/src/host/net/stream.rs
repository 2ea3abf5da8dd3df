//! Connections and listening sockets as such: what WASI 0.1 has of them, and what later versions build on.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;

use super::super::HostError;
use super::super::quota::Held;
use super::super::stream::OutputStream;
use super::super::wait::Source;

#[cfg(unix)]
use super::super::wait::{Interest, is_fd_ready};
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};

#[cfg(not(unix))]
use super::super::wait::{SLICE, lock};
#[cfg(not(unix))]
use std::sync::Mutex;

/// A socket that accepts connections. Clones are the same socket.
#[derive(Clone, Debug)]
pub struct Listener {
    handle: Arc<Handle>,
}

/// A TCP socket of the operating system, whatever it is used for.
#[derive(Debug)]
pub(super) struct Handle {
    /// The standard library's type for the one use serves as the owner for all: it promises nothing about the state.
    pub(super) socket: TcpStream,
    /// A connection that was accepted to find out whether there is one.
    #[cfg(not(unix))]
    accepted: Mutex<Option<TcpStream>>,
    _held: Option<Held>,
}

impl Handle {
    pub(super) fn new(socket: TcpStream, held: Option<Held>) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Handle {
            socket,
            #[cfg(not(unix))]
            accepted: Mutex::new(None),
            _held: held,
        })
    }

    /// Accepts one connection.
    pub(super) fn accept(&self) -> io::Result<TcpStream> {
        #[cfg(not(unix))]
        if let Some(stream) = lock(&self.accepted).take() {
            return Ok(stream);
        }
        loop {
            match socket2::SockRef::from(&self.socket).accept() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result.map(|(socket, _)| socket.into()),
            }
        }
    }

    /// Whether there is a connection to accept, or a failure to be told.
    pub(super) fn can_accept(&self) -> bool {
        #[cfg(unix)]
        return is_fd_ready(self.socket.as_fd(), Interest::Read);
        #[cfg(not(unix))]
        {
            let mut accepted = lock(&self.accepted);
            if accepted.is_none() {
                *accepted = match socket2::SockRef::from(&self.socket).accept() {
                    Ok((socket, _)) => Some(socket.into()),
                    Err(error) => return error.kind() != io::ErrorKind::WouldBlock,
                };
            }
            true
        }
    }
}

impl Listener {
    /// Takes over a listening socket of the host.
    pub fn new(listener: TcpListener) -> io::Result<Self> {
        let socket = socket2::Socket::from(listener).into();
        Ok(Listener { handle: Arc::new(Handle::new(socket, None)?) })
    }

    /// Accepts one connection.
    pub fn accept(&self) -> Result<Stream, HostError> {
        Ok(Stream::new(self.handle.accept()?)?)
    }

    /// When there is a connection to accept.
    pub fn source(&self) -> Arc<dyn Source> {
        Arc::new(Accepting(self.handle.clone()))
    }
}

struct Accepting(Arc<Handle>);

impl Source for Accepting {
    fn is_ready(&self) -> bool {
        self.0.can_accept()
    }

    #[cfg(unix)]
    fn os_handle(&self) -> Option<(BorrowedFd<'_>, Interest)> {
        Some((self.0.socket.as_fd(), Interest::Read))
    }
}

/// A connection. Clones are the same socket.
#[derive(Clone, Debug)]
pub struct Stream {
    handle: Arc<Handle>,
}

impl Stream {
    /// Takes over a connected socket of the host.
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        Ok(Stream { handle: Arc::new(Handle::new(stream, None)?) })
    }

    /// A socket that has just been connected.
    pub(super) fn of(handle: Arc<Handle>) -> Self {
        Stream { handle }
    }

    /// Sends every piece at once, however small, if the system can.
    #[cfg(feature = "http")]
    pub(in super::super) fn set_no_delay(&self) {
        // Without, it is only slower.
        let _ = self.handle.socket.set_nodelay(true);
    }

    /// Receives up to `buffer.len()` bytes, leaving them in the socket if `peek`; 0 is the end of the stream.
    pub fn receive(&self, buffer: &mut [u8], peek: bool) -> Result<usize, HostError> {
        loop {
            let result = if peek { self.handle.socket.peek(buffer) } else { (&self.handle.socket).read(buffer) };
            match result {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return Ok(result?),
            }
        }
    }

    /// Sends some of `bytes`.
    pub fn send(&self, bytes: &[u8]) -> Result<usize, HostError> {
        loop {
            match (&self.handle.socket).write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return Ok(result?),
            }
        }
    }

    /// Ends one or both directions.
    pub fn shutdown(&self, how: Shutdown) -> Result<(), HostError> {
        Ok(self.handle.socket.shutdown(how)?)
    }

    /// When there is something to receive, or the end.
    pub fn receive_source(&self) -> Arc<dyn Source> {
        Arc::new(Receiving(self.handle.clone()))
    }

    /// When there is room to send.
    pub fn send_source(&self) -> Arc<dyn Source> {
        Arc::new(Sending {
            handle: self.handle.clone(),
            #[cfg(not(unix))]
            since: std::time::Instant::now(),
        })
    }
}

/// The sending half.
impl OutputStream for Stream {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, HostError> {
        self.send(bytes)
    }

    fn source(&self) -> Arc<dyn Source> {
        self.send_source()
    }

    fn close(&mut self) -> Result<(), HostError> {
        match self.shutdown(Shutdown::Write) {
            // A connection that ended by itself needs no end.
            Err(HostError::NotConnected) => Ok(()),
            result => result,
        }
    }
}

struct Receiving(Arc<Handle>);

impl Source for Receiving {
    fn is_ready(&self) -> bool {
        !matches!(self.0.socket.peek(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    #[cfg(unix)]
    fn os_handle(&self) -> Option<(BorrowedFd<'_>, Interest)> {
        Some((self.0.socket.as_fd(), Interest::Read))
    }
}

struct Sending {
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix can ask a socket for room"))]
    handle: Arc<Handle>,
    #[cfg(not(unix))]
    since: std::time::Instant,
}

impl Source for Sending {
    fn is_ready(&self) -> bool {
        #[cfg(unix)]
        return is_fd_ready(self.handle.socket.as_fd(), Interest::Write);
        // Nothing portable tells whether a send would block, so it is tried again after a pause.
        #[cfg(not(unix))]
        return self.since.elapsed() >= SLICE;
    }

    #[cfg(unix)]
    fn os_handle(&self) -> Option<(BorrowedFd<'_>, Interest)> {
        Some((self.handle.socket.as_fd(), Interest::Write))
    }
}
