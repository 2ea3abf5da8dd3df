//! The network: what of it is granted, names, TCP and UDP.
//!
//! ```text
//! grants ──Network──▶ check ──▶ TcpSocket, UdpSocket ──▶ Stream, datagrams
//!              ╰──▶ Lookup: name ──▶ addresses, remembered for the check
//! ```
//!
//! A [`Network`] answers every question of right: each connect, bind, datagram and lookup asks it, with the address that
//! the system is going to be given. Every socket is non-blocking; one that cannot go on answers
//! [`SocketError::WouldBlock`], and its [`Source`](super::wait::Source) says when to try again.
//!
//! Files: [`grants`](NetGrants) the allow-list · `name` what a host name is · `network` the questions · `lookup` names to
//! addresses · `tcp`, `udp` the sockets · `stream` connections as such, which WASI 0.1 has too · `options` of sockets.

mod error;
mod grants;
mod lookup;
mod name;
mod network;
mod options;
mod stream;
mod tcp;
mod udp;

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

pub use error::SocketError;
pub use grants::{NetGrants, NetRule, NetRuleError};
pub use lookup::{Lookup, Resolve, SystemResolver};
pub use name::{Host, HostName, NameError};
pub use network::{Network, Protocol};
pub use stream::{Listener, Stream};
pub use tcp::{Direction, TcpSocket};
pub use udp::{Datagram, IncomingDatagrams, MAX_DATAGRAMS, OutgoingDatagrams, UdpSocket};

/// The family of a socket's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6 alone: such a socket has no IPv4-mapped addresses.
    V6,
}

impl Family {
    fn domain(self) -> socket2::Domain {
        match self {
            Family::V4 => socket2::Domain::IPV4,
            Family::V6 => socket2::Domain::IPV6,
        }
    }

    /// Refuses addresses of the other family, also where they are dressed up as this one's.
    fn check(self, address: &SocketAddr) -> Result<(), SocketError> {
        match (self, address) {
            (Family::V4, SocketAddr::V4(_)) => Ok(()),
            (Family::V6, SocketAddr::V6(address)) if !embeds_ipv4(address.ip()) => Ok(()),
            _ => Err(SocketError::InvalidArgument),
        }
    }
}

/// `::ffff:a.b.c.d`, and the deprecated `::a.b.c.d`, which some systems treat alike.
fn embeds_ipv4(ip: &Ipv6Addr) -> bool {
    ip.to_ipv4_mapped().is_some() || (ip.segments()[..6] == [0; 6] && ip.segments()[6] != 0)
}

/// Addresses that stand for more than one host, or for none.
fn is_unicast(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !ip.is_multicast() && !ip.is_broadcast(),
        IpAddr::V6(ip) => !ip.is_multicast(),
    }
}

/// Refuses what cannot be a remote end: no address, no port.
fn check_remote(family: Family, address: &SocketAddr) -> Result<(), SocketError> {
    family.check(address)?;
    if address.ip().is_unspecified() || address.port() == 0 { Err(SocketError::InvalidArgument) } else { Ok(()) }
}
