//! `tcp-socket` of `wasi:sockets`: one socket from its creation to its connection, with the states that the interface names.
//!
//! ```text
//! unbound ─bind─▶ bound ─listen─▶ listening ─accept─▶ a connected socket
//!    ╰──connect──────╰─connect─▶ connecting ─finish─▶ connected ─shutdown─▶ …
//! ```
//!
//! Binding and listening never take time here, but the interface has them in two steps; so they are done in the first, and
//! the second only reports it. A failed connect closes the socket.

use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use socket2::{SockRef, Socket, TcpKeepalive, Type};

use super::super::HostError;
use super::super::poll::Pollable;
use super::super::quota::Held;
use super::super::stream::{Failure, Input, InputStream, Output, SharedOutput};
use super::super::wait::{Ready, Source, lock};
use super::network::{Network, Protocol};
use super::options::{self, Buffer};
use super::stream::{Handle, Stream};
use super::{Family, SocketError, check_remote, is_unicast};

#[cfg(unix)]
use super::super::wait::{Interest, is_fd_ready};
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};

/// What [`TcpSocket::shutdown`] ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// What the peer sends.
    Receive,
    /// What is sent to the peer.
    Send,
    /// Both.
    Both,
}

/// A TCP socket.
pub struct TcpSocket {
    shared: Arc<Shared>,
}

struct Shared {
    handle: Arc<Handle>,
    family: Family,
    state: Mutex<State>,
    settings: Mutex<Settings>,
    /// How the connect went, from when it was found out: the system tells an error only once.
    connected: Mutex<Option<Result<(), HostError>>>,
}

#[derive(Clone)]
enum State {
    Unbound,
    BindStarted,
    Bound,
    ListenStarted,
    Listening,
    Connecting,
    Connected(Connection),
    Closed,
}

#[derive(Clone)]
struct Connection {
    output: SharedOutput,
    /// Set when the guest gave up receiving.
    no_input: Arc<AtomicBool>,
}

/// What was set, to be told again and handed on to accepted sockets.
#[derive(Clone, Copy)]
struct Settings {
    keep_alive: bool,
    idle: Option<Duration>,
    interval: Option<Duration>,
    count: Option<u32>,
    hop_limit: Option<u8>,
    receive_buffer: Option<u64>,
    send_buffer: Option<u64>,
    backlog: u32,
}

/// Connections that wait to be accepted, unless the guest says otherwise.
const DEFAULT_BACKLOG: u32 = 128;
/// The most that the guest can ask for; systems clamp it further.
const MAX_BACKLOG: u64 = 4096;

/// What systems do if nothing is set: RFC 1122's two hours, and Linux's 75 seconds and 9 probes.
const DEFAULT_IDLE: Duration = Duration::from_secs(7200);
const DEFAULT_INTERVAL: Duration = Duration::from_secs(75);
const DEFAULT_COUNT: u32 = 9;

/// The most that Linux takes for a time in seconds, and for a count.
const MAX_KEEP_ALIVE_SECONDS: u64 = 32_767;
const MAX_KEEP_ALIVE_COUNT: u32 = 127;

impl Default for Settings {
    fn default() -> Self {
        Settings {
            keep_alive: false,
            idle: None,
            interval: None,
            count: None,
            hop_limit: None,
            receive_buffer: None,
            send_buffer: None,
            backlog: DEFAULT_BACKLOG,
        }
    }
}

impl core::fmt::Debug for TcpSocket {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("TcpSocket").field("handle", &self.shared.handle).finish_non_exhaustive()
    }
}

impl TcpSocket {
    /// An unbound socket in the place `held`.
    pub(super) fn new(family: Family, held: Held) -> Result<Self, SocketError> {
        let socket = Socket::new(family.domain(), Type::STREAM, Some(socket2::Protocol::TCP))?;
        if family == Family::V6 {
            socket.set_only_v6(true)?;
        }
        TcpSocket::in_state(socket.into(), Some(held), family, State::Unbound, Settings::default())
    }

    fn in_state(
        socket: TcpStream,
        held: Option<Held>,
        family: Family,
        state: State,
        settings: Settings,
    ) -> Result<Self, SocketError> {
        let handle = Arc::new(Handle::new(socket, held)?);
        let (state, settings) = (Mutex::new(state), Mutex::new(settings));
        Ok(TcpSocket { shared: Arc::new(Shared { handle, family, state, settings, connected: Mutex::default() }) })
    }

    /// `start-bind`.
    pub fn start_bind(&self, network: &Network, address: SocketAddr) -> Result<(), SocketError> {
        let mut state = lock(&self.shared.state);
        match *state {
            State::Unbound => {}
            State::BindStarted => return Err(SocketError::ConcurrencyConflict),
            _ => return Err(SocketError::InvalidState),
        }
        self.shared.family.check(&address)?;
        if !is_unicast(address.ip()) {
            return Err(SocketError::InvalidArgument);
        }
        network.check_bind(Protocol::Tcp, address)?;
        // Windows has another meaning for it, and does by itself what it means elsewhere: a port that was in use a moment
        // ago can be bound to again.
        #[cfg(not(windows))]
        self.socket().set_reuse_address(address.port() != 0)?;
        self.socket().bind(&address.into())?;
        *state = State::BindStarted;
        Ok(())
    }

    /// `finish-bind`.
    pub fn finish_bind(&self) -> Result<(), SocketError> {
        self.finish(|state| matches!(state, State::BindStarted), State::Bound)
    }

    /// `start-connect`.
    pub fn start_connect(&self, network: &Network, address: SocketAddr) -> Result<(), SocketError> {
        let mut state = lock(&self.shared.state);
        match *state {
            State::Unbound | State::Bound => {}
            State::BindStarted | State::ListenStarted | State::Connecting => {
                return Err(SocketError::ConcurrencyConflict);
            }
            _ => return Err(SocketError::InvalidState),
        }
        check_remote(self.shared.family, &address)?;
        if !is_unicast(address.ip()) {
            return Err(SocketError::InvalidArgument);
        }
        network.check_connect(Protocol::Tcp, address)?;
        match self.socket().connect(&address.into()) {
            Err(error) if !is_under_way(&error) => {
                *state = State::Closed;
                Err(connect_error(error.into()))
            }
            // One that came about at once is told by the second step too.
            _ => {
                *state = State::Connecting;
                Ok(())
            }
        }
    }

    /// `finish-connect`: the two halves of the connection.
    pub fn finish_connect(&self) -> Result<(Input, Output), SocketError> {
        let mut state = lock(&self.shared.state);
        if !matches!(*state, State::Connecting) {
            return Err(SocketError::NotInProgress);
        }
        match self.shared.connect_outcome() {
            None => Err(SocketError::WouldBlock),
            Some(Ok(())) => {
                let (connection, input, output) = connection(&self.shared.handle);
                *state = State::Connected(connection);
                Ok((input, output))
            }
            Some(Err(error)) => {
                *state = State::Closed;
                Err(connect_error(error))
            }
        }
    }

    /// The same, as one connection for both directions.
    #[cfg(feature = "http")]
    pub(in super::super) fn finish_connect_whole(&self) -> Result<Stream, SocketError> {
        self.finish_connect()?;
        Ok(Stream::of(self.shared.handle.clone()))
    }

    /// `start-listen`. That the socket could be bound was the grant for it.
    pub fn start_listen(&self) -> Result<(), SocketError> {
        let mut state = lock(&self.shared.state);
        match *state {
            State::Bound => {}
            State::BindStarted | State::ListenStarted | State::Connecting => {
                return Err(SocketError::ConcurrencyConflict);
            }
            _ => return Err(SocketError::InvalidState),
        }
        self.listen()?;
        *state = State::ListenStarted;
        Ok(())
    }

    /// `finish-listen`.
    pub fn finish_listen(&self) -> Result<(), SocketError> {
        self.finish(|state| matches!(state, State::ListenStarted), State::Listening)
    }

    /// `accept`: a connection's socket and its two halves. `network` has room for it or not.
    pub fn accept(&self, network: &Network) -> Result<(TcpSocket, Input, Output), SocketError> {
        if !matches!(*lock(&self.shared.state), State::Listening) {
            return Err(SocketError::InvalidState);
        }
        // A connection that there is no room for stays with the system.
        let held = network.socket()?;
        let accepted = self.shared.handle.accept()?;
        let settings = *lock(&self.shared.settings);
        let socket = TcpSocket::in_state(accepted, Some(held), self.shared.family, State::Closed, settings)?;
        socket.apply(settings);
        let (connection, input, output) = connection(&socket.shared.handle);
        *lock(&socket.shared.state) = State::Connected(connection);
        Ok((socket, input, output))
    }

    /// `shutdown`.
    pub fn shutdown(&self, direction: Direction) -> Result<(), SocketError> {
        let State::Connected(connection) = lock(&self.shared.state).clone() else {
            return Err(SocketError::InvalidState);
        };
        if direction != Direction::Send {
            connection.no_input.store(true, Ordering::Relaxed);
            match self.shared.handle.socket.shutdown(Shutdown::Read).map_err(HostError::from) {
                // The peer has ended the connection already.
                Err(HostError::NotConnected) | Ok(()) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if direction != Direction::Receive {
            connection.output.close()?;
        }
        Ok(())
    }

    /// `local-address`.
    pub fn local_address(&self) -> Result<SocketAddr, SocketError> {
        match *lock(&self.shared.state) {
            State::Unbound | State::BindStarted | State::Closed => Err(SocketError::InvalidState),
            _ => Ok(self.shared.handle.socket.local_addr()?),
        }
    }

    /// `remote-address`.
    pub fn remote_address(&self) -> Result<SocketAddr, SocketError> {
        match *lock(&self.shared.state) {
            State::Connected(_) => Ok(self.shared.handle.socket.peer_addr()?),
            _ => Err(SocketError::InvalidState),
        }
    }

    /// `is-listening`.
    pub fn is_listening(&self) -> bool {
        matches!(*lock(&self.shared.state), State::Listening)
    }

    /// `address-family`.
    pub fn family(&self) -> Family {
        self.shared.family
    }

    /// `set-listen-backlog-size`.
    pub fn set_listen_backlog_size(&self, size: u64) -> Result<(), SocketError> {
        if size == 0 {
            return Err(SocketError::InvalidArgument);
        }
        let state = lock(&self.shared.state);
        if matches!(*state, State::Connecting | State::Connected(_) | State::Closed) {
            return Err(SocketError::InvalidState);
        }
        lock(&self.shared.settings).backlog = size.min(MAX_BACKLOG) as u32;
        if matches!(*state, State::ListenStarted | State::Listening) {
            return self.listen().map_err(|_| SocketError::NotSupported);
        }
        Ok(())
    }

    /// `keep-alive-enabled`.
    pub fn keep_alive_enabled(&self) -> bool {
        lock(&self.shared.settings).keep_alive
    }

    /// `set-keep-alive-enabled`.
    pub fn set_keep_alive_enabled(&self, enabled: bool) -> Result<(), SocketError> {
        self.set(|settings| settings.keep_alive = enabled)
    }

    /// `keep-alive-idle-time`, in nanoseconds.
    pub fn keep_alive_idle_time(&self) -> u64 {
        nanoseconds(lock(&self.shared.settings).idle.unwrap_or(DEFAULT_IDLE))
    }

    /// `set-keep-alive-idle-time`: whole seconds, at least one.
    pub fn set_keep_alive_idle_time(&self, nanoseconds: u64) -> Result<(), SocketError> {
        let idle = keep_alive_time(nanoseconds)?;
        self.set(|settings| settings.idle = Some(idle))
    }

    /// `keep-alive-interval`, in nanoseconds.
    pub fn keep_alive_interval(&self) -> u64 {
        nanoseconds(lock(&self.shared.settings).interval.unwrap_or(DEFAULT_INTERVAL))
    }

    /// `set-keep-alive-interval`: whole seconds, at least one.
    pub fn set_keep_alive_interval(&self, nanoseconds: u64) -> Result<(), SocketError> {
        let interval = keep_alive_time(nanoseconds)?;
        self.set(|settings| settings.interval = Some(interval))
    }

    /// `keep-alive-count`.
    pub fn keep_alive_count(&self) -> u32 {
        lock(&self.shared.settings).count.unwrap_or(DEFAULT_COUNT)
    }

    /// `set-keep-alive-count`.
    pub fn set_keep_alive_count(&self, count: u32) -> Result<(), SocketError> {
        if count == 0 {
            return Err(SocketError::InvalidArgument);
        }
        self.set(|settings| settings.count = Some(count.min(MAX_KEEP_ALIVE_COUNT)))
    }

    /// `hop-limit`.
    pub fn hop_limit(&self) -> Result<u8, SocketError> {
        options::hop_limit(&self.socket(), self.shared.family)
    }

    /// `set-hop-limit`.
    pub fn set_hop_limit(&self, hops: u8) -> Result<(), SocketError> {
        options::set_hop_limit(&self.socket(), self.shared.family, hops)?;
        lock(&self.shared.settings).hop_limit = Some(hops);
        Ok(())
    }

    /// `receive-buffer-size`.
    pub fn receive_buffer_size(&self) -> Result<u64, SocketError> {
        options::buffer_size(&self.socket(), Buffer::Receive)
    }

    /// `set-receive-buffer-size`.
    pub fn set_receive_buffer_size(&self, size: u64) -> Result<(), SocketError> {
        options::set_buffer_size(&self.socket(), Buffer::Receive, size)?;
        lock(&self.shared.settings).receive_buffer = Some(size);
        Ok(())
    }

    /// `send-buffer-size`.
    pub fn send_buffer_size(&self) -> Result<u64, SocketError> {
        options::buffer_size(&self.socket(), Buffer::Send)
    }

    /// `set-send-buffer-size`.
    pub fn set_send_buffer_size(&self, size: u64) -> Result<(), SocketError> {
        options::set_buffer_size(&self.socket(), Buffer::Send, size)?;
        lock(&self.shared.settings).send_buffer = Some(size);
        Ok(())
    }

    /// `subscribe`: ready when what is in progress can be finished, or there is a connection to accept.
    pub fn subscribe(&self) -> Pollable {
        Pollable::source(self.shared.clone())
    }

    fn socket(&self) -> SockRef<'_> {
        SockRef::from(&self.shared.handle.socket)
    }

    fn listen(&self) -> std::io::Result<()> {
        let backlog = lock(&self.shared.settings).backlog;
        self.socket().listen(i32::try_from(backlog).unwrap_or(i32::MAX))
    }

    fn finish(&self, is_started: impl Fn(&State) -> bool, next: State) -> Result<(), SocketError> {
        let mut state = lock(&self.shared.state);
        if !is_started(&state) {
            return Err(SocketError::NotInProgress);
        }
        *state = next;
        Ok(())
    }

    /// Changes how the connection is kept alive. A change that the system refuses is not made.
    fn set(&self, change: impl FnOnce(&mut Settings)) -> Result<(), SocketError> {
        let mut settings = lock(&self.shared.settings);
        let mut new = *settings;
        change(&mut new);
        keep_alive(&self.socket(), &new)?;
        *settings = new;
        Ok(())
    }

    /// Makes an accepted socket what the listening one was set to be. Systems differ in what they hand on by themselves, and
    /// a connection is worth more than its settings.
    fn apply(&self, settings: Settings) {
        let socket = self.socket();
        let _ = keep_alive(&socket, &settings);
        if let Some(hops) = settings.hop_limit {
            let _ = options::set_hop_limit(&socket, self.shared.family, hops);
        }
        if let Some(size) = settings.receive_buffer {
            let _ = options::set_buffer_size(&socket, Buffer::Receive, size);
        }
        if let Some(size) = settings.send_buffer {
            let _ = options::set_buffer_size(&socket, Buffer::Send, size);
        }
    }
}

/// Tells the system when to probe an idle connection. What is set while it is off only counts once it is on.
fn keep_alive(socket: &SockRef<'_>, settings: &Settings) -> std::io::Result<()> {
    if !settings.keep_alive {
        return socket.set_keepalive(false);
    }
    let mut parameters = TcpKeepalive::new();
    if let Some(idle) = settings.idle {
        parameters = parameters.with_time(idle);
    }
    if let Some(interval) = settings.interval {
        parameters = parameters.with_interval(interval);
    }
    if let Some(count) = settings.count {
        parameters = parameters.with_retries(count);
    }
    socket.set_tcp_keepalive(&parameters)
}

fn keep_alive_time(nanoseconds: u64) -> Result<Duration, SocketError> {
    match nanoseconds.div_ceil(1_000_000_000) {
        0 => Err(SocketError::InvalidArgument),
        seconds => Ok(Duration::from_secs(seconds.min(MAX_KEEP_ALIVE_SECONDS))),
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn is_under_way(error: &std::io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error()) {
        return true;
    }
    error.kind() == std::io::ErrorKind::WouldBlock
}

/// In the words that the interface has for connecting: there, that no address is available means that no port is free.
fn connect_error(error: HostError) -> SocketError {
    match error {
        HostError::AddressNotAvailable => SocketError::AddressInUse,
        HostError::Invalid => SocketError::RemoteUnreachable,
        error => error.into(),
    }
}

/// The two halves of a connection.
fn connection(handle: &Arc<Handle>) -> (Connection, Input, Output) {
    let origin = |error: HostError| Failure::Socket(error.into());
    let stream = Stream::of(handle.clone());
    let output = SharedOutput::new(stream.clone());
    let no_input = Arc::new(AtomicBool::new(false));
    let input = Receiver { stream, no_input: no_input.clone() };
    (Connection { output: output.clone(), no_input }, Input::new(input, origin), Output::shared(output, origin))
}

/// The receiving half, until the guest gives it up.
struct Receiver {
    stream: Stream,
    no_input: Arc<AtomicBool>,
}

impl InputStream for Receiver {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HostError> {
        if self.no_input.load(Ordering::Relaxed) { Ok(0) } else { self.stream.receive(buffer, false) }
    }

    fn source(&self) -> Arc<dyn Source> {
        if self.no_input.load(Ordering::Relaxed) { Arc::new(Ready) } else { self.stream.receive_source() }
    }
}

impl Shared {
    /// How the connect in progress went, once it is known.
    fn connect_outcome(&self) -> Option<Result<(), HostError>> {
        let mut connected = lock(&self.connected);
        if connected.is_none() {
            *connected = self.look_at_connect();
        }
        *connected
    }

    fn look_at_connect(&self) -> Option<Result<(), HostError>> {
        let socket = &self.handle.socket;
        // Asked first: what comes about after it does not count yet.
        #[cfg(unix)]
        let is_over = is_fd_ready(socket.as_fd(), Interest::Write);
        match socket.take_error() {
            Ok(None) => {}
            Ok(Some(error)) | Err(error) => return Some(Err(error.into())),
        }
        if socket.peer_addr().is_ok() {
            return Some(Ok(()));
        }
        // Over, with neither an error nor a peer: it was there and is gone.
        #[cfg(unix)]
        if is_over {
            return Some(Err(HostError::ConnectionReset));
        }
        None
    }
}

impl Source for Shared {
    fn is_ready(&self) -> bool {
        match *lock(&self.state) {
            State::Listening => self.handle.can_accept(),
            State::Connecting => self.connect_outcome().is_some(),
            _ => true,
        }
    }

    #[cfg(unix)]
    fn os_handle(&self) -> Option<(BorrowedFd<'_>, Interest)> {
        let interest = match *lock(&self.state) {
            State::Listening => Interest::Read,
            _ => Interest::Write,
        };
        Some((self.handle.socket.as_fd(), interest))
    }
}

#[cfg(test)]
mod tests;
