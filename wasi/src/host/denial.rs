//! Denials: what a guest tried without a grant, and the flag that would grant it.
//!
//! A guest only sees its interface's error code. The person who runs it wants the flag: each denial is a value that knows it,
//! and a context keeps the first few ([`Denials`]) for whoever reports how the guest ended.

use core::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use super::wait::lock;

/// Something that was not granted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denial {
    /// Connecting, or sending a datagram, to an address.
    Connect(SocketAddr),
    /// A request to a host by its name, and port.
    Request(String, u16),
    /// Binding or listening at an address.
    Bind(SocketAddr),
    /// Looking up the addresses of a name.
    Lookup(String),
    /// TCP at all, though addresses are granted.
    Tcp,
    /// UDP at all, though addresses are granted.
    Udp,
    /// A change beneath a directory that was granted for reading.
    Write,
    /// Opening a bucket of values by key.
    Bucket(String),
}

impl Denial {
    /// The command line's flag that grants just this.
    pub fn flag(&self) -> String {
        match self {
            Denial::Connect(address) => format!("--allow-net {}", Canonical(address)),
            Denial::Request(host, port) => format!("--allow-net {host}:{port}"),
            Denial::Bind(address) => format!("--allow-bind {}", Canonical(address)),
            Denial::Lookup(_) => "--allow-dns".into(),
            Denial::Tcp => "-S tcp".into(),
            Denial::Udp => "-S udp".into(),
            Denial::Write => "--dir HOST::GUEST:rw".into(),
            Denial::Bucket(_) => "-S keyvalue".into(),
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Denial::Connect(address) => write!(f, "connecting to {}", Canonical(address)),
            Denial::Request(host, port) => write!(f, "a request to {host}:{port}"),
            Denial::Bind(address) => write!(f, "listening at {}", Canonical(address)),
            Denial::Lookup(name) => write!(f, "looking up {name}"),
            Denial::Tcp => write!(f, "TCP"),
            Denial::Udp => write!(f, "UDP"),
            Denial::Write => write!(f, "changing what is in a directory"),
            Denial::Bucket(name) => write!(f, "opening the bucket `{name}`"),
        }?;
        match self {
            Denial::Bucket(name) if !name.is_empty() => {
                f.write_str(" is not granted (-S keyvalue grants one without a name)")
            }
            _ => write!(f, " is not granted ({} grants it)", self.flag()),
        }
    }
}

impl core::error::Error for Denial {}

/// An address as a grant writes it: without scope and flow, and an IPv4 address as such.
struct Canonical<'a>(&'a SocketAddr);

impl fmt::Display for Canonical<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.0.port();
        match self.0.ip().to_canonical() {
            IpAddr::V4(ip) => write!(f, "{ip}:{port}"),
            IpAddr::V6(ip) => write!(f, "[{ip}]:{port}"),
        }
    }
}

/// The first different denials of a context. Clones are the same list.
#[derive(Clone, Debug, Default)]
pub struct Denials {
    list: Arc<Mutex<Vec<Denial>>>,
}

/// How many denials are kept: enough for a person, and no list that a guest makes grow.
const MAX_DENIALS: usize = 16;

impl Denials {
    /// Remembers `denial` unless it is known or the list is full, and hands it back.
    pub fn record(&self, denial: Denial) -> Denial {
        let mut list = lock(&self.list);
        if list.len() < MAX_DENIALS && !list.contains(&denial) && list.try_reserve(1).is_ok() {
            list.push(denial.clone());
        }
        denial
    }

    /// All that are kept, in the order they happened.
    pub fn list(&self) -> Vec<Denial> {
        lock(&self.list).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_names_the_flag_that_grants_just_it() {
        let flag = |address: &str| Denial::Connect(address.parse().unwrap()).flag();
        assert_eq!(flag("10.0.0.1:80"), "--allow-net 10.0.0.1:80");
        assert_eq!(flag("[::ffff:10.0.0.1]:80"), "--allow-net 10.0.0.1:80");
        assert_eq!(flag("[fe80::1%3]:80"), "--allow-net [fe80::1]:80");
        assert_eq!(Denial::Bind("[::]:0".parse().unwrap()).flag(), "--allow-bind [::]:0");
        assert_eq!(
            Denial::Lookup("example.com".into()).to_string(),
            "looking up example.com is not granted (--allow-dns grants it)"
        );
    }

    #[test]
    fn the_list_is_short_and_without_repetitions() {
        let denials = Denials::default();
        for port in (0..1000).chain(0..1000) {
            denials.record(Denial::Request("a".into(), port));
        }
        assert_eq!(denials.list().len(), MAX_DENIALS);
        assert_eq!(denials.list()[15], Denial::Request("a".into(), 15));
    }
}
