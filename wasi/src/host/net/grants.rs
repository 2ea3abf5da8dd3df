//! The allow-list of the network: which addresses and names, and which of their ports.
//!
//! A rule is `HOST:PORT`, `ADDRESS:PORT` or `ADDRESS/BITS:PORT`, IPv6 in brackets, with `*` for every host or port and
//! `FIRST-LAST` for a range of ports. Rules only decide; who asks them with which address is [`Network`](super::Network)'s
//! part. Nothing is granted by an empty list, and connecting and binding have a list each.

use core::fmt;
use core::str::FromStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::is_unicast;
use super::name::{Host, HostName};

/// What of the network a guest may reach.
#[derive(Clone, Debug, Default)]
pub struct NetGrants {
    everything: bool,
    connect: Vec<NetRule>,
    bind: Vec<NetRule>,
    lookup: bool,
    pub(super) without_tcp: bool,
    pub(super) without_udp: bool,
}

impl NetGrants {
    /// Allows everything that the host reaches, link-local addresses, lookups and every port to listen at included.
    pub fn allow_everything(&mut self) -> &mut Self {
        self.everything = true;
        self
    }

    #[cfg(test)]
    pub(super) fn everything() -> Self {
        NetGrants { everything: true, ..NetGrants::default() }
    }

    /// Allows to connect, and to send datagrams, to what `rule` says.
    pub fn allow_connect(&mut self, rule: NetRule) -> Result<&mut Self, NetRuleError> {
        if rule.ports == (Ports { first: 0, last: 0 }) {
            return Err(NetRuleError::NoPort);
        }
        if matches!(&rule.hosts, Hosts::Subnet(subnet) if subnet.is_unspecified()) {
            return Err(NetRuleError::Unspecified);
        }
        self.connect.push(rule);
        Ok(self)
    }

    /// Allows to bind, and to listen and receive, at what `rule` says.
    pub fn allow_bind(&mut self, rule: NetRule) -> Result<&mut Self, NetRuleError> {
        if matches!(rule.hosts, Hosts::Name(_)) {
            return Err(NetRuleError::BindToName);
        }
        self.bind.push(rule);
        Ok(self)
    }

    /// Allows to look up every name. Without it only the names that rules mention can be.
    pub fn allow_lookup(&mut self) -> &mut Self {
        self.lookup = true;
        self
    }

    /// Takes TCP away, or gives it back.
    pub fn tcp(&mut self, allowed: bool) -> &mut Self {
        self.without_tcp = !allowed;
        self
    }

    /// Takes UDP away, or gives it back.
    pub fn udp(&mut self, allowed: bool) -> &mut Self {
        self.without_udp = !allowed;
        self
    }

    /// Whether a connection to `address` is granted. `resolved` says whether a name led to an address.
    pub(super) fn permits_connect(&self, address: &SocketAddr, resolved: impl Fn(&HostName, IpAddr) -> bool) -> bool {
        let ip = address.ip().to_canonical();
        if ip.is_unspecified() || address.port() == 0 {
            return false;
        }
        self.everything
            || self.connect.iter().any(|rule| {
                rule.ports.contains(address.port())
                    && match &rule.hosts {
                        Hosts::All => !is_special(ip),
                        Hosts::Subnet(subnet) => subnet.contains(ip),
                        Hosts::Name(name) => resolved(name, ip),
                    }
            })
    }

    /// Whether a request to a host by its name is granted, wherever the name leads.
    pub(super) fn permits_request(&self, name: &HostName, port: u16) -> bool {
        port != 0
            && (self.everything
                || self.connect.iter().any(|rule| {
                    rule.ports.contains(port)
                        && match &rule.hosts {
                            Hosts::All => true,
                            Hosts::Subnet(_) => false,
                            Hosts::Name(known) => known == name,
                        }
                }))
    }

    /// Whether binding to `address` is granted. A rule with the unspecified address covers the others of its family, each of
    /// which is less.
    pub(super) fn permits_bind(&self, address: &SocketAddr) -> bool {
        let ip = address.ip().to_canonical();
        self.everything
            || self.bind.iter().any(|rule| {
                rule.ports.contains(address.port())
                    && match &rule.hosts {
                        Hosts::All => true,
                        Hosts::Subnet(subnet) => {
                            subnet.contains(ip) || (subnet.is_unspecified() && subnet.address.is_ipv4() == ip.is_ipv4())
                        }
                        Hosts::Name(_) => false,
                    }
            })
    }

    /// Whether anything can be connected to.
    pub(super) fn permits_some_connect(&self) -> bool {
        self.everything || !self.connect.is_empty()
    }

    /// Whether `name` may be looked up.
    pub(super) fn permits_lookup(&self, name: &HostName) -> bool {
        self.everything || self.lookup || self.mentions(name)
    }

    /// Whether what `name` leads to matters to a rule.
    pub(super) fn mentions(&self, name: &HostName) -> bool {
        self.connect.iter().any(|rule| matches!(&rule.hosts, Hosts::Name(known) if known == name))
    }
}

/// Whether a name that was granted may lead to `ip`: not into this machine or its link, or whoever runs the name's service
/// would decide what a guest reaches here.
pub(super) fn may_lead_to(name: &HostName, ip: IpAddr) -> bool {
    !is_special(ip) && (!ip.is_loopback() || name.is_localhost())
}

/// Addresses that only a rule with addresses grants: what is configured rather than assigned, such as the place where cloud
/// machines find their credentials (169.254.169.254), and what is no single host.
fn is_special(ip: IpAddr) -> bool {
    let reserved = match ip {
        IpAddr::V4(ip) => ip.is_link_local() || ip.octets()[0] == 0,
        IpAddr::V6(ip) => ip.is_unicast_link_local() || ip.is_unspecified(),
    };
    reserved || !is_unicast(ip)
}

/// One rule: some hosts, and some of their ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetRule {
    hosts: Hosts,
    ports: Ports,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    All,
    Subnet(Subnet),
    Name(HostName),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ports {
    first: u16,
    last: u16,
}

impl Ports {
    fn contains(self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Subnet {
    address: IpAddr,
    bits: u8,
}

impl Subnet {
    fn contains(self, ip: IpAddr) -> bool {
        match (self.address, ip) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => masked_v4(network, self.bits) == masked_v4(ip, self.bits),
            (IpAddr::V6(network), IpAddr::V6(ip)) => masked_v6(network, self.bits) == masked_v6(ip, self.bits),
            _ => false,
        }
    }

    /// Whether it is the one address that means "none" or "any".
    fn is_unspecified(self) -> bool {
        self.address.is_unspecified() && self.bits == if self.address.is_ipv4() { 32 } else { 128 }
    }
}

fn masked_v4(ip: Ipv4Addr, bits: u8) -> u32 {
    ip.to_bits() & u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0)
}

fn masked_v6(ip: Ipv6Addr, bits: u8) -> u128 {
    ip.to_bits() & u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0)
}

/// Why a text is no rule, or a rule does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetRuleError {
    /// The port is missing, no number, or a range that ends before it begins.
    Port,
    /// The host is neither a name nor an address.
    Host,
    /// The number of bits behind the slash is no number, or more than the address has.
    Bits,
    /// An IPv6 address without brackets.
    Brackets,
    /// Port 0 in a rule for connecting, which nothing listens at.
    NoPort,
    /// The unspecified address in a rule for connecting.
    Unspecified,
    /// A name in a rule for binding.
    BindToName,
}

impl fmt::Display for NetRuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NetRuleError::Port => "a port is needed behind the last colon: `HOST:443`, `HOST:8000-8099` or `HOST:*`",
            NetRuleError::Host => "the host is a name, an address, `ADDRESS/BITS` or `*`",
            NetRuleError::Bits => "the bits behind the slash are at most 32 for IPv4 and 128 for IPv6",
            NetRuleError::Brackets => "an IPv6 address needs brackets: `[::1]:443`, `[fd00::/8]:443`",
            NetRuleError::NoPort => "nothing can be reached at port 0; `HOST:*` means every port",
            NetRuleError::Unspecified => "`0.0.0.0` and `[::]` are nowhere; `*` means every host",
            NetRuleError::BindToName => "only addresses can be bound to, and names are none",
        })
    }
}

impl core::error::Error for NetRuleError {}

impl FromStr for NetRule {
    type Err = NetRuleError;

    fn from_str(text: &str) -> Result<Self, NetRuleError> {
        let (host, port) = text.rsplit_once(':').ok_or(NetRuleError::Port)?;
        // The colon found lies inside of brackets: no port follows them.
        if port.ends_with(']') {
            return Err(NetRuleError::Port);
        }
        Ok(NetRule { hosts: hosts(host)?, ports: ports(port).ok_or(NetRuleError::Port)? })
    }
}

fn ports(text: &str) -> Option<Ports> {
    // Signs, which `parse` would take, are no part of a port.
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
    if text == "*" {
        return Some(Ports { first: 0, last: u16::MAX });
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let ports = Ports { first: number(first)?, last: number(last)? };
    (ports.first <= ports.last).then_some(ports)
}

fn hosts(text: &str) -> Result<Hosts, NetRuleError> {
    if text == "*" {
        return Ok(Hosts::All);
    }
    let bracketed = text.strip_prefix('[').map(|text| text.strip_suffix(']').ok_or(NetRuleError::Brackets));
    let text = match bracketed {
        Some(inner) => inner?,
        None if text.contains(':') => return Err(NetRuleError::Brackets),
        None => text,
    };
    let is_bracketed = bracketed.is_some();
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let address = match (Host::parse(address).map_err(|_| NetRuleError::Host)?, bits) {
        (Host::Name(name), None) if !is_bracketed => return Ok(Hosts::Name(name)),
        (Host::Name(_), _) => return Err(NetRuleError::Host),
        // Read anew: the bits of an IPv4-mapped address count from its IPv6 form's beginning.
        (Host::Address(_), _) => address.parse::<IpAddr>().map_err(|_| NetRuleError::Host)?,
    };
    if address.is_ipv6() != is_bracketed {
        return Err(NetRuleError::Brackets);
    }
    let width = if address.is_ipv4() { 32 } else { 128 };
    let bits = match bits {
        None => width,
        Some(bits) => bits.parse().ok().filter(|bits| *bits <= width).ok_or(NetRuleError::Bits)?,
    };
    Ok(Hosts::Subnet(match address.to_canonical() {
        // Addresses are looked at in their IPv4 form, and so must the rule be.
        canonical @ IpAddr::V4(_) if address.is_ipv6() && bits >= 96 => Subnet { address: canonical, bits: bits - 96 },
        _ => Subnet { address, bits },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect(rules: &[&str]) -> NetGrants {
        let mut grants = NetGrants::default();
        for rule in rules {
            grants.allow_connect(rule.parse().unwrap()).unwrap();
        }
        grants
    }

    fn permits(grants: &NetGrants, address: &str) -> bool {
        grants.permits_connect(&address.parse().unwrap(), |_, _| false)
    }

    #[test]
    fn nothing_is_granted_by_default() {
        let grants = NetGrants::default();
        for address in ["127.0.0.1:80", "[::1]:80", "93.184.216.34:443"] {
            assert!(!permits(&grants, address));
            assert!(!grants.permits_bind(&address.parse().unwrap()));
        }
        assert!(!grants.permits_lookup(&HostName::parse("localhost").unwrap()));
        assert!(!grants.permits_some_connect());
    }

    #[test]
    fn a_rule_grants_its_addresses_and_ports_and_no_others() {
        let grants = connect(&["10.0.0.0/8:5432", "192.168.1.7:8000-8099", "[fd00::/8]:*", "[::1]:443"]);
        for address in
            ["10.0.0.0:5432", "10.255.255.255:5432", "192.168.1.7:8000", "192.168.1.7:8099", "[fd12::9]:1", "[::1]:443"]
        {
            assert!(permits(&grants, address), "{address}");
        }
        for address in [
            "11.0.0.0:5432",
            "10.0.0.0:5433",
            "192.168.1.8:8000",
            "192.168.1.7:8100",
            "192.168.1.7:7999",
            "[fe00::1]:1",
            "[::1]:80",
            "[fd12::9]:0",
        ] {
            assert!(!permits(&grants, address), "{address}");
        }
    }

    #[test]
    fn an_ipv4_address_is_the_same_in_its_mapped_form() {
        let grants = connect(&["10.0.0.1:80"]);
        assert!(permits(&grants, "[::ffff:10.0.0.1]:80"));
        assert!(!permits(&grants, "[::ffff:10.0.0.2]:80"));
        for rule in ["[::ffff:10.0.0.1]:80", "[::ffff:10.0.0.0/104]:80"] {
            assert!(permits(&connect(&[rule]), "10.0.0.1:80"), "{rule}");
        }
        // All of IPv6 is not all of IPv4.
        assert!(!permits(&connect(&["[::/0]:80"]), "10.0.0.1:80"));
        assert!(!permits(&connect(&["[::/0]:80"]), "[::ffff:10.0.0.1]:80"));
        assert!(!permits(&connect(&["0.0.0.0/0:80"]), "[::1]:80"));
    }

    #[test]
    fn no_rule_grants_nowhere_or_no_port() {
        for grants in [connect(&["*:*", "0.0.0.0/0:*", "[::/0]:*"]), NetGrants::everything()] {
            for address in ["0.0.0.0:80", "[::]:80", "[::ffff:0.0.0.0]:80", "127.0.0.1:0"] {
                assert!(!permits(&grants, address), "{address}");
            }
        }
    }

    #[test]
    fn every_host_is_not_the_link_or_a_crowd_unless_its_addresses_are_named() {
        let special = ["169.254.169.254:80", "[fe80::1]:80", "224.0.0.1:80", "255.255.255.255:80", "[ff02::1]:80"];
        let named = connect(&["0.0.0.0/0:80", "[::/0]:80"]);
        for address in special {
            assert!(!permits(&connect(&["*:80"]), address), "{address}");
            assert!(permits(&named, address), "{address}");
            assert!(permits(&NetGrants::everything(), address), "{address}");
        }
        assert!(permits(&connect(&["*:80"]), "127.0.0.1:80"));
        assert!(permits(&connect(&["*:80"]), "93.184.216.34:80"));
    }

    #[test]
    fn a_name_grants_the_addresses_it_led_to() {
        let grants = connect(&["Example.com.:443"]);
        let led = |name: &HostName, ip: IpAddr| name.as_str() == "example.com" && ip.to_string() == "93.184.216.34";
        assert!(grants.permits_connect(&"93.184.216.34:443".parse().unwrap(), led));
        assert!(!grants.permits_connect(&"93.184.216.34:80".parse().unwrap(), led));
        assert!(!grants.permits_connect(&"93.184.216.35:443".parse().unwrap(), led));
        let name = |text| HostName::parse(text).unwrap();
        assert!(grants.permits_lookup(&name("EXAMPLE.COM")));
        assert!(!grants.permits_lookup(&name("www.example.com")));
        assert!(grants.permits_request(&name("example.com"), 443));
        assert!(!grants.permits_request(&name("example.com"), 444));
        assert!(connect(&["*:443"]).permits_request(&name("anything"), 443));
        assert!(!connect(&["0.0.0.0/0:443"]).permits_request(&name("anything"), 443));
    }

    #[test]
    fn a_name_may_not_lead_back_into_the_machine() {
        let (public, local) = (HostName::parse("example.com").unwrap(), HostName::parse("localhost").unwrap());
        for ip in ["127.0.0.1", "::1"] {
            assert!(!may_lead_to(&public, ip.parse().unwrap()), "{ip}");
            assert!(may_lead_to(&local, ip.parse().unwrap()), "{ip}");
        }
        for ip in ["0.0.0.0", "0.1.2.3", "::", "169.254.169.254", "fe80::1", "224.0.0.1", "255.255.255.255", "ff02::1"]
        {
            assert!(!may_lead_to(&public, ip.parse().unwrap()), "{ip}");
            assert!(!may_lead_to(&local, ip.parse().unwrap()), "{ip}");
        }
        assert!(may_lead_to(&public, "10.0.0.1".parse().unwrap()));
    }

    #[test]
    fn binding_is_granted_apart_and_everywhere_covers_each_place() {
        assert!(!connect(&["*:*"]).permits_bind(&"127.0.0.1:80".parse().unwrap()));
        let mut grants = NetGrants::default();
        grants.allow_bind("127.0.0.1:8080".parse().unwrap()).unwrap();
        grants.allow_bind("0.0.0.0:9090".parse().unwrap()).unwrap();
        grants.allow_bind("[::1]:0".parse().unwrap()).unwrap();
        let binds = |address: &str| grants.permits_bind(&address.parse().unwrap());
        for address in ["127.0.0.1:8080", "0.0.0.0:9090", "127.0.0.1:9090", "[::1]:0"] {
            assert!(binds(address), "{address}");
        }
        for address in ["0.0.0.0:8080", "127.0.0.2:8080", "[::]:9090", "[::1]:9090", "[::1]:1", "127.0.0.1:0"] {
            assert!(!binds(address), "{address}");
        }
        assert!(!permits(&grants, "127.0.0.1:8080"));
    }

    #[test]
    fn what_is_no_rule_says_what_is_wrong() {
        for (text, error) in [
            ("", NetRuleError::Port),
            ("example.com", NetRuleError::Port),
            ("example.com:", NetRuleError::Port),
            ("example.com:http", NetRuleError::Port),
            ("example.com:65536", NetRuleError::Port),
            ("example.com:+80", NetRuleError::Port),
            ("example.com:9-8", NetRuleError::Port),
            ("example.com:-8", NetRuleError::Port),
            ("[::1]", NetRuleError::Port),
            (":80", NetRuleError::Host),
            ("*.example.com:80", NetRuleError::Host),
            ("user@example.com:80", NetRuleError::Host),
            ("https://example.com:80", NetRuleError::Brackets),
            ("bücher.example:80", NetRuleError::Host),
            ("example.com/8:80", NetRuleError::Host),
            ("[example.com]:80", NetRuleError::Host),
            ("127.1:80", NetRuleError::Host),
            ("::1:80", NetRuleError::Brackets),
            ("[::1:80", NetRuleError::Brackets),
            ("[1.2.3.4]:80", NetRuleError::Brackets),
            ("10.0.0.0/33:80", NetRuleError::Bits),
            ("10.0.0.0/:80", NetRuleError::Bits),
            ("[::/129]:80", NetRuleError::Bits),
        ] {
            assert_eq!(text.parse::<NetRule>(), Err(error), "{text}");
        }
        let mut grants = NetGrants::default();
        for (text, error) in [
            ("example.com:0", NetRuleError::NoPort),
            ("0.0.0.0:80", NetRuleError::Unspecified),
            ("[::]:80", NetRuleError::Unspecified),
        ] {
            assert_eq!(grants.allow_connect(text.parse().unwrap()).unwrap_err(), error, "{text}");
        }
        let named = "localhost:80".parse().unwrap();
        assert_eq!(grants.allow_bind(named).unwrap_err(), NetRuleError::BindToName);
    }
}
