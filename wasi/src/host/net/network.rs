//! The questions of right that everything on the network asks, and what answers them: grants, and the addresses that granted
//! names led to.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use super::super::denial::{Denial, Denials};
use super::super::quota::{Held, Quota};
use super::super::wait::lock;
use super::grants::{NetGrants, may_lead_to};
use super::lookup::{Lookup, Lookups, Resolve, SystemResolver};
use super::name::{Host, HostName};
use super::{Family, SocketError, TcpSocket, UdpSocket};

/// What is asked for on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Streams.
    Tcp,
    /// Datagrams.
    Udp,
}

/// A guest's access to the network: `network` of `wasi:sockets`. Clones are the same.
#[derive(Clone)]
pub struct Network {
    shared: Arc<Shared>,
}

struct Shared {
    grants: NetGrants,
    denials: Denials,
    sockets: Quota,
    lookups: Lookups,
    /// Where granted names led. Only names in the grants are kept, each with [`MAX_ADDRESSES`].
    led_to: Mutex<HashMap<HostName, VecDeque<IpAddr>>>,
}

/// How many addresses are remembered for a name. A service that has more is reached through its latest.
const MAX_ADDRESSES: usize = 256;

impl core::fmt::Debug for Network {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Network").field("grants", &self.shared.grants).finish_non_exhaustive()
    }
}

impl Default for Network {
    /// A network without any grant.
    fn default() -> Self {
        Network::new(NetGrants::default(), Quota::new(0), Denials::default())
    }
}

impl Network {
    /// The network of `grants`, with as many sockets as `sockets` has room for, whose refusals go to `denials`.
    pub fn new(grants: NetGrants, sockets: Quota, denials: Denials) -> Self {
        Network::with_resolver(grants, sockets, denials, Arc::new(SystemResolver))
    }

    /// As [`new`](Self::new), with another way to look names up.
    pub fn with_resolver(grants: NetGrants, sockets: Quota, denials: Denials, resolver: Arc<dyn Resolve>) -> Self {
        let (lookups, led_to) = (Lookups::new(resolver), Mutex::default());
        Network { shared: Arc::new(Shared { grants, denials, sockets, lookups, led_to }) }
    }

    /// `create-tcp-socket`.
    pub fn tcp_socket(&self, family: Family) -> Result<TcpSocket, SocketError> {
        TcpSocket::new(family, self.socket()?)
    }

    /// `create-udp-socket`.
    pub fn udp_socket(&self, family: Family) -> Result<UdpSocket, SocketError> {
        UdpSocket::new(family, self.socket()?)
    }

    /// `resolve-addresses`: starts to look `name` up. An address is its own answer and needs no grant; a name needs to be
    /// mentioned in a grant, or lookups to be granted.
    pub fn lookup(&self, name: &str) -> Result<Lookup, SocketError> {
        match Host::parse(name).map_err(|_| SocketError::InvalidArgument)? {
            Host::Address(ip) => Ok(Lookup::done(ip)),
            Host::Name(name) if self.shared.grants.permits_lookup(&name) => self.shared.lookups.start(self, name),
            Host::Name(name) => Err(self.denied(Denial::Lookup(name.to_string()))),
        }
    }

    /// Whether `protocol` may connect or send to `address`.
    pub fn check_connect(&self, protocol: Protocol, address: SocketAddr) -> Result<(), SocketError> {
        self.check_protocol(protocol)?;
        if self.permits_connect(address) { Ok(()) } else { Err(self.denied(Denial::Connect(address))) }
    }

    /// Whether a request may go to `host` at `port`. Where it leads is checked by [`check_connect`](Self::check_connect).
    pub fn check_request(&self, host: &Host, port: u16) -> Result<(), SocketError> {
        match host {
            Host::Address(ip) => self.check_connect(Protocol::Tcp, SocketAddr::new(*ip, port)),
            Host::Name(name) => {
                self.check_protocol(Protocol::Tcp)?;
                if self.shared.grants.permits_request(name, port) {
                    Ok(())
                } else {
                    Err(self.denied(Denial::Request(name.to_string(), port)))
                }
            }
        }
    }

    /// Whether `protocol` may bind to `address`.
    pub fn check_bind(&self, protocol: Protocol, address: SocketAddr) -> Result<(), SocketError> {
        self.check_protocol(protocol)?;
        if self.shared.grants.permits_bind(&address) { Ok(()) } else { Err(self.denied(Denial::Bind(address))) }
    }

    /// As the check for connecting, without a word: for datagrams that merely arrive.
    pub(super) fn permits_connect(&self, address: SocketAddr) -> bool {
        let led_to = lock(&self.shared.led_to);
        let resolved = |name: &HostName, ip: IpAddr| led_to.get(name).is_some_and(|ips| ips.contains(&ip));
        self.shared.grants.permits_connect(&address, resolved)
    }

    /// Whether there is anything to send to, which a socket must be bound for.
    pub(super) fn permits_some_connect(&self) -> bool {
        self.shared.grants.permits_some_connect()
    }

    /// Room for a socket.
    pub(in super::super) fn socket(&self) -> Result<Held, SocketError> {
        self.shared.sockets.take().ok_or(SocketError::NewSocketLimit)
    }

    /// Remembers where `name` led, as far as a grant of the name reaches.
    pub(super) fn remember(&self, name: &HostName, addresses: &[IpAddr]) {
        if !self.shared.grants.mentions(name) {
            return;
        }
        let mut led_to = lock(&self.shared.led_to);
        let known = led_to.entry(name.clone()).or_default();
        for &ip in addresses.iter().filter(|ip| may_lead_to(name, **ip)) {
            if !known.contains(&ip) {
                if known.len() == MAX_ADDRESSES {
                    known.pop_front();
                }
                known.push_back(ip);
            }
        }
    }

    fn check_protocol(&self, protocol: Protocol) -> Result<(), SocketError> {
        match protocol {
            Protocol::Tcp if self.shared.grants.without_tcp => Err(self.denied(Denial::Tcp)),
            Protocol::Udp if self.shared.grants.without_udp => Err(self.denied(Denial::Udp)),
            _ => Ok(()),
        }
    }

    fn denied(&self, denial: Denial) -> SocketError {
        SocketError::Denied(self.shared.denials.record(denial))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(rules: &[&str]) -> Network {
        let mut grants = NetGrants::default();
        for rule in rules {
            grants.allow_connect(rule.parse().unwrap()).unwrap();
        }
        Network::new(grants, Quota::new(8), Denials::default())
    }

    #[test]
    fn a_refusal_is_a_denial_that_names_its_flag_and_is_kept() {
        let network = network(&[]);
        let address: SocketAddr = "10.0.0.1:80".parse().unwrap();
        let error = network.check_connect(Protocol::Tcp, address).unwrap_err();
        assert_eq!(error.denial().unwrap().flag(), "--allow-net 10.0.0.1:80");
        let error = network.check_bind(Protocol::Tcp, address).unwrap_err();
        assert_eq!(error.denial().unwrap().flag(), "--allow-bind 10.0.0.1:80");
        let error = network.lookup("Example.com").unwrap_err();
        assert_eq!(error.denial().unwrap().flag(), "--allow-dns");
        let error = network.check_request(&Host::parse("example.com").unwrap(), 443).unwrap_err();
        assert_eq!(error.denial().unwrap().flag(), "--allow-net example.com:443");
        assert_eq!(network.shared.denials.list().len(), 4);
    }

    #[test]
    fn a_protocol_can_be_taken_away() {
        let mut grants = NetGrants::everything();
        grants.udp(false);
        let network = Network::new(grants, Quota::new(8), Denials::default());
        let address = "10.0.0.1:80".parse().unwrap();
        assert_eq!(network.check_connect(Protocol::Tcp, address), Ok(()));
        assert_eq!(network.check_bind(Protocol::Udp, address), Err(SocketError::Denied(Denial::Udp)));
        assert_eq!(network.check_connect(Protocol::Udp, address), Err(SocketError::Denied(Denial::Udp)));
    }

    #[test]
    fn an_address_of_a_granted_name_is_granted_once_the_name_led_there_but_never_into_the_machine() {
        let network = network(&["example.com:443"]);
        let name = HostName::parse("example.com").unwrap();
        let check = |address: &str| network.check_connect(Protocol::Tcp, address.parse().unwrap()).is_ok();
        assert!(!check("93.184.216.34:443"));
        let addresses = ["93.184.216.34", "127.0.0.1", "169.254.169.254", "::1"].map(|ip| ip.parse().unwrap());
        network.remember(&name, &addresses);
        network.remember(&HostName::parse("other.com").unwrap(), &["1.1.1.1".parse().unwrap()]);
        assert!(check("93.184.216.34:443"));
        for address in ["93.184.216.34:80", "127.0.0.1:443", "169.254.169.254:443", "[::1]:443", "1.1.1.1:443"] {
            assert!(!check(address), "{address}");
        }
        // An address written out is not the name it belongs to.
        assert!(network.check_request(&Host::parse("example.com.").unwrap(), 443).is_ok());
        assert!(network.check_request(&Host::parse("93.184.216.35").unwrap(), 443).is_err());
    }

    #[test]
    fn a_name_with_ever_new_addresses_keeps_its_latest() {
        let network = network(&["example.com:443"]);
        let name = HostName::parse("example.com").unwrap();
        for number in 0..10_000_u32 {
            network.remember(&name, &[IpAddr::V4((0x0a00_0000 + number).into())]);
        }
        assert_eq!(lock(&network.shared.led_to)[&name].len(), MAX_ADDRESSES);
        assert!(network.permits_connect("10.0.39.15:443".parse().unwrap()));
        assert!(!network.permits_connect("10.0.0.0:443".parse().unwrap()));
    }
}
