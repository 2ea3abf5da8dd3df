//! `udp-socket` of `wasi:sockets`: datagrams to and from granted addresses.
//!
//! Each datagram is checked by itself: connecting a socket to an address adds no right, and being bound gives none to send.
//! A socket without a grant to be bound can still be used to send, as a client does, if it leaves address and port to the
//! system; then it receives only from where it may send to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use socket2::{SockRef, Socket, Type};

use super::super::HostError;
use super::super::poll::Pollable;
use super::super::quota::Held;
use super::super::stream::Misuse;
use super::super::wait::{Source, lock};
use super::network::{Network, Protocol};
use super::options::{self, Buffer};
use super::{Family, SocketError, check_remote};

#[cfg(unix)]
use super::super::wait::{Interest, is_fd_ready};
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};

/// The most datagrams that one call sends or receives.
pub const MAX_DATAGRAMS: usize = 16;

/// The largest datagram there is: what IPv6 and IPv4 have left beside their headers is less.
const MAX_SIZE: usize = u16::MAX as usize;

/// How many unwanted datagrams one call passes over.
const MAX_UNWANTED: usize = 64;

/// A datagram that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// Its contents.
    pub data: Vec<u8>,
    /// Who sent it.
    pub remote: SocketAddr,
}

/// A UDP socket.
pub struct UdpSocket {
    shared: Arc<Shared>,
}

struct Shared {
    socket: std::net::UdpSocket,
    family: Family,
    state: Mutex<State>,
    _held: Held,
}

struct State {
    phase: Phase,
    /// Whether it was bound by a grant, and receives from everywhere.
    receives_all: bool,
    remote: Option<SocketAddr>,
    /// Counts the pairs of streams; only the latest works.
    generation: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Unbound,
    BindStarted,
    Bound(SocketAddr),
}

impl core::fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("UdpSocket").field("socket", &self.shared.socket).finish_non_exhaustive()
    }
}

impl UdpSocket {
    /// An unbound socket in the place `held`.
    pub(super) fn new(family: Family, held: Held) -> Result<Self, SocketError> {
        let socket = Socket::new(family.domain(), Type::DGRAM, Some(socket2::Protocol::UDP))?;
        if family == Family::V6 {
            socket.set_only_v6(true)?;
        }
        socket.set_nonblocking(true)?;
        let state = State { phase: Phase::Unbound, receives_all: false, remote: None, generation: 0 };
        let shared = Shared { socket: socket.into(), family, state: Mutex::new(state), _held: held };
        Ok(UdpSocket { shared: Arc::new(shared) })
    }

    /// `start-bind`.
    pub fn start_bind(&self, network: &Network, address: SocketAddr) -> Result<(), SocketError> {
        let mut state = lock(&self.shared.state);
        match state.phase {
            Phase::Unbound => {}
            Phase::BindStarted => return Err(SocketError::ConcurrencyConflict),
            Phase::Bound(_) => return Err(SocketError::InvalidState),
        }
        self.shared.family.check(&address)?;
        let is_left_to_the_system = address.ip().is_unspecified() && address.port() == 0;
        let receives_all = match network.check_bind(Protocol::Udp, address) {
            Ok(()) => true,
            Err(SocketError::Denied(super::super::Denial::Bind(_)))
                if is_left_to_the_system && network.permits_some_connect() =>
            {
                false
            }
            Err(error) => return Err(error),
        };
        self.shared.options().bind(&address.into())?;
        (state.phase, state.receives_all) = (Phase::BindStarted, receives_all);
        Ok(())
    }

    /// `finish-bind`.
    pub fn finish_bind(&self) -> Result<(), SocketError> {
        let mut state = lock(&self.shared.state);
        if state.phase != Phase::BindStarted {
            return Err(SocketError::NotInProgress);
        }
        state.phase = Phase::Bound(self.shared.socket.local_addr()?);
        Ok(())
    }

    /// `stream`: the two directions, with one peer or with any. Earlier pairs stop working.
    pub fn stream(
        &self,
        network: &Network,
        remote: Option<SocketAddr>,
    ) -> Result<(IncomingDatagrams, OutgoingDatagrams), SocketError> {
        let mut state = lock(&self.shared.state);
        let Phase::Bound(local) = state.phase else {
            return Err(SocketError::InvalidState);
        };
        if let Some(remote) = remote {
            check_remote(self.shared.family, &remote)?;
            network.check_connect(Protocol::Udp, remote)?;
        }
        match (remote, state.remote) {
            (Some(remote), _) => self.shared.socket.connect(remote).map_err(connect_error)?,
            (None, Some(_)) => self.shared.disconnect(local)?,
            (None, None) => {}
        }
        state.remote = remote;
        state.generation += 1;
        let end = End { shared: self.shared.clone(), network: network.clone(), generation: state.generation };
        Ok((IncomingDatagrams { end: end.clone() }, OutgoingDatagrams { end, permit: 0 }))
    }

    /// `local-address`.
    pub fn local_address(&self) -> Result<SocketAddr, SocketError> {
        match lock(&self.shared.state).phase {
            Phase::Bound(_) => Ok(self.shared.socket.local_addr()?),
            _ => Err(SocketError::InvalidState),
        }
    }

    /// `remote-address`.
    pub fn remote_address(&self) -> Result<SocketAddr, SocketError> {
        lock(&self.shared.state).remote.ok_or(SocketError::InvalidState)
    }

    /// `address-family`.
    pub fn family(&self) -> Family {
        self.shared.family
    }

    /// `unicast-hop-limit`.
    pub fn unicast_hop_limit(&self) -> Result<u8, SocketError> {
        options::hop_limit(&self.shared.options(), self.shared.family)
    }

    /// `set-unicast-hop-limit`.
    pub fn set_unicast_hop_limit(&self, hops: u8) -> Result<(), SocketError> {
        options::set_hop_limit(&self.shared.options(), self.shared.family, hops)
    }

    /// `receive-buffer-size`.
    pub fn receive_buffer_size(&self) -> Result<u64, SocketError> {
        options::buffer_size(&self.shared.options(), Buffer::Receive)
    }

    /// `set-receive-buffer-size`.
    pub fn set_receive_buffer_size(&self, size: u64) -> Result<(), SocketError> {
        options::set_buffer_size(&self.shared.options(), Buffer::Receive, size)
    }

    /// `send-buffer-size`.
    pub fn send_buffer_size(&self) -> Result<u64, SocketError> {
        options::buffer_size(&self.shared.options(), Buffer::Send)
    }

    /// `set-send-buffer-size`.
    pub fn set_send_buffer_size(&self, size: u64) -> Result<(), SocketError> {
        options::set_buffer_size(&self.shared.options(), Buffer::Send, size)
    }

    /// `subscribe`: always ready, because binding takes no time.
    pub fn subscribe(&self) -> Pollable {
        Pollable::ready()
    }
}

impl Shared {
    fn options(&self) -> SockRef<'_> {
        SockRef::from(&self.socket)
    }

    /// Takes the peer away again, and leaves the socket where it was bound.
    fn disconnect(&self, local: SocketAddr) -> Result<(), SocketError> {
        #[cfg(unix)]
        rustix::net::connect_unspec(&self.socket).map_err(HostError::from)?;
        #[cfg(not(unix))]
        {
            let nowhere = SocketAddr::new(if local.is_ipv4() { [0; 4].into() } else { [0; 16].into() }, 0);
            self.options().connect(&nowhere.into())?;
        }
        // A port that the system chose is given up with the peer.
        if self.socket.local_addr()?.port() != local.port() {
            self.options().bind(&local.into())?;
        }
        Ok(())
    }
}

fn connect_error(error: std::io::Error) -> SocketError {
    match HostError::from(error) {
        HostError::AddressNotAvailable => SocketError::AddressInUse,
        error => error.into(),
    }
}

/// One direction of a socket, as long as no later pair replaced it.
#[derive(Clone)]
struct End {
    shared: Arc<Shared>,
    network: Network,
    generation: u64,
}

impl End {
    fn state(&self) -> Result<MutexGuard<'_, State>, SocketError> {
        let state = lock(&self.shared.state);
        if state.generation == self.generation { Ok(state) } else { Err(SocketError::InvalidState) }
    }

    fn subscribe(&self, direction: Way) -> Pollable {
        Pollable::source(Arc::new(DatagramSource { shared: self.shared.clone(), direction }))
    }
}

/// `incoming-datagram-stream`.
pub struct IncomingDatagrams {
    end: End,
}

impl IncomingDatagrams {
    /// `receive`: up to `max` datagrams that are there; those from elsewhere than the peer, or than may be sent to where
    /// nothing else is granted, are passed over.
    pub fn receive(&self, max: u64) -> Result<Vec<Datagram>, SocketError> {
        let state = self.end.state()?;
        let mut datagrams = Vec::new();
        if max == 0 {
            return Ok(datagrams);
        }
        let max = usize::try_from(max).unwrap_or(MAX_DATAGRAMS).min(MAX_DATAGRAMS);
        let mut buffer = Vec::new();
        buffer.try_reserve_exact(MAX_SIZE).map_err(|_| SocketError::OutOfMemory)?;
        buffer.resize(MAX_SIZE, 0);
        let mut unwanted = 0;
        while datagrams.len() < max && unwanted < MAX_UNWANTED {
            let (size, remote) = match self.end.shared.socket.recv_from(&mut buffer).map_err(HostError::from) {
                Ok(received) => received,
                Err(HostError::Interrupted) => continue,
                Err(HostError::WouldBlock) => break,
                // A failure after the first datagram would take the others with it.
                Err(_) if !datagrams.is_empty() => break,
                Err(error) => return Err(error.into()),
            };
            let is_wanted = match state.remote {
                Some(peer) => is_same(peer, remote),
                None => state.receives_all || self.end.network.permits_connect(remote),
            };
            if !is_wanted {
                unwanted += 1;
                continue;
            }
            let mut data = Vec::new();
            let has_room = datagrams.try_reserve(1).is_ok() && data.try_reserve_exact(size).is_ok();
            if !has_room {
                return Err(SocketError::OutOfMemory);
            }
            data.extend_from_slice(&buffer[..size]);
            datagrams.push(Datagram { data, remote });
        }
        Ok(datagrams)
    }

    /// `subscribe`: ready when a datagram is there, wanted or not.
    pub fn subscribe(&self) -> Pollable {
        self.end.subscribe(Way::In)
    }
}

/// `outgoing-datagram-stream`.
pub struct OutgoingDatagrams {
    end: End,
    /// What the last `check-send` permitted.
    permit: usize,
}

impl OutgoingDatagrams {
    /// `check-send`: how many datagrams the next send may have.
    pub fn check_send(&mut self) -> Result<u64, SocketError> {
        drop(self.end.state()?);
        #[cfg(unix)]
        let has_room = is_fd_ready(self.end.shared.socket.as_fd(), Interest::Write);
        // Nothing portable tells; without room nothing is sent.
        #[cfg(not(unix))]
        let has_room = true;
        self.permit = if has_room { MAX_DATAGRAMS } else { 0 };
        Ok(self.permit as u64)
    }

    /// `send`: each of the datagrams, until one fails or there is no room, and how many that were. The failure of the first
    /// is told. The outer error ends the guest.
    pub fn send<'d>(
        &mut self,
        datagrams: impl ExactSizeIterator<Item = (&'d [u8], Option<SocketAddr>)>,
    ) -> Result<Result<u64, SocketError>, Misuse> {
        if datagrams.len() > core::mem::take(&mut self.permit) {
            return Err(Misuse::Unpermitted);
        }
        let mut sent = 0;
        for (data, remote) in datagrams {
            match self.send_one(data, remote) {
                Ok(()) => sent += 1,
                Err(SocketError::WouldBlock) => break,
                Err(error) if sent == 0 => return Ok(Err(error)),
                Err(_) => break,
            }
        }
        Ok(Ok(sent))
    }

    fn send_one(&self, data: &[u8], remote: Option<SocketAddr>) -> Result<(), SocketError> {
        let state = self.end.state()?;
        let socket = &self.end.shared.socket;
        let destination = match (state.remote, remote) {
            (Some(peer), None) => peer,
            (Some(peer), Some(remote)) if is_same(peer, remote) => peer,
            (None, Some(remote)) => remote,
            _ => return Err(SocketError::InvalidArgument),
        };
        check_remote(self.end.shared.family, &destination)?;
        self.end.network.check_connect(Protocol::Udp, destination)?;
        loop {
            let result = match state.remote {
                Some(_) => socket.send(data),
                None => socket.send_to(data, destination),
            };
            match result.map_err(HostError::from) {
                Ok(_) => return Ok(()),
                Err(HostError::Interrupted) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// `subscribe`: ready when there is room to send.
    pub fn subscribe(&self) -> Pollable {
        self.end.subscribe(Way::Out)
    }
}

/// Whether two addresses are one place: an IPv6 flow label is no part of it.
fn is_same(a: SocketAddr, b: SocketAddr) -> bool {
    let scope = |address| match address {
        SocketAddr::V6(address) => address.scope_id(),
        SocketAddr::V4(_) => 0,
    };
    a.ip() == b.ip() && a.port() == b.port() && (scope(a) == scope(b) || scope(a) == 0)
}

#[derive(Clone, Copy)]
enum Way {
    In,
    Out,
}

struct DatagramSource {
    shared: Arc<Shared>,
    direction: Way,
}

#[cfg(unix)]
impl DatagramSource {
    fn interest(&self) -> Interest {
        match self.direction {
            Way::In => Interest::Read,
            Way::Out => Interest::Write,
        }
    }
}

impl Source for DatagramSource {
    fn is_ready(&self) -> bool {
        #[cfg(unix)]
        return is_fd_ready(self.shared.socket.as_fd(), self.interest());
        #[cfg(not(unix))]
        match self.direction {
            Way::In => !matches!(self.shared.socket.peek_from(&mut [0]), Err(error)
                if error.kind() == std::io::ErrorKind::WouldBlock),
            Way::Out => true,
        }
    }

    #[cfg(unix)]
    fn os_handle(&self) -> Option<(BorrowedFd<'_>, Interest)> {
        Some((self.shared.socket.as_fd(), self.interest()))
    }
}

#[cfg(test)]
mod tests;
