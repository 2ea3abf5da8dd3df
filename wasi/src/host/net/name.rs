//! Host names: one spelling for grants, lookups and requests, so that no other spelling slips past a grant.

use core::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A host name in its one spelling: ASCII in lower case, without a dot at its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostName(Box<str>);

/// Why a text is no host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameError;

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a host name")
    }
}

impl core::error::Error for NameError {}

/// The longest name, and the longest part between dots, as the name service has them.
const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

impl HostName {
    /// Reads a name. Letters, digits, `-` and `_` between single dots; one dot at the end is dropped. The last part must
    /// not be a number, because `127.1` and `0x7f.1` are addresses to some resolvers. Other alphabets are written as their
    /// users' browsers send them (`xn--…`).
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.strip_suffix('.').unwrap_or(text);
        let is_label = |label: &str| {
            (1..=MAX_LABEL).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if text.len() > MAX_NAME || !text.split('.').all(is_label) || ends_in_number(text) {
            return Err(NameError);
        }
        Ok(HostName(text.to_ascii_lowercase().into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name means this machine by definition.
    pub(super) fn is_localhost(&self) -> bool {
        &*self.0 == "localhost" || self.0.ends_with(".localhost")
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn ends_in_number(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or_default();
    let is_hexadecimal = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    last.bytes().all(|byte| byte.is_ascii_digit())
        || is_hexadecimal.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// What names a host: a name or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A name.
    Name(HostName),
    /// An address, an IPv4 one as such.
    Address(IpAddr),
}

impl Host {
    /// Reads a name, an IPv4 address, or an IPv6 address with or without brackets.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if let Some(inner) = text.strip_prefix('[') {
            let ip: Ipv6Addr = inner.strip_suffix(']').and_then(|ip| ip.parse().ok()).ok_or(NameError)?;
            return Ok(Host::Address(IpAddr::V6(ip).to_canonical()));
        }
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Ok(Host::Address(ip.to_canonical()));
        }
        // With its dot at the end an address is still one to some resolvers.
        if let Some(ip) = text.strip_suffix('.').and_then(|text| text.parse::<Ipv4Addr>().ok()) {
            return Ok(Host::Address(ip.into()));
        }
        HostName::parse(text).map(Host::Name)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => name.fmt(f),
            Host::Address(IpAddr::V4(ip)) => ip.fmt(f),
            Host::Address(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        let name = HostName::parse("API.Example.COM.").unwrap();
        assert_eq!(name.as_str(), "api.example.com");
        assert_eq!(name, HostName::parse("api.example.com").unwrap());
        for text in ["localhost", "a-b.c_d", "1and1.com", "xn--bcher-kva.example", &"a.".repeat(126)] {
            assert!(HostName::parse(text).is_ok(), "{text}");
        }
        assert!(HostName::parse("LocalHost").unwrap().is_localhost());
        assert!(HostName::parse("a.localhost.").unwrap().is_localhost());
        assert!(!HostName::parse("notlocalhost").unwrap().is_localhost());
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let (long_label, long_name) = ("a".repeat(64), "a.".repeat(127) + "a");
        for text in [
            "",
            ".",
            "..",
            "a..b",
            ".a",
            "a b",
            "a\0b",
            "a/b",
            "user@host",
            "a:80",
            "-a",
            "a-",
            "bücher.example",
            "a..",
            "*",
            "a%25",
            "127.1",
            "0x7f.1",
            "2130706433",
            "0x7f000001",
            "1.2.3.4",
            "a.0X1",
            &long_label,
            &long_name,
        ] {
            assert_eq!(HostName::parse(text), Err(NameError), "{text}");
        }
    }

    #[test]
    fn addresses_are_told_from_names_and_mapped_ones_are_what_they_hide() {
        let address = |text: &str| Ok(Host::Address(text.parse().unwrap()));
        assert_eq!(Host::parse("1.2.3.4"), address("1.2.3.4"));
        assert_eq!(Host::parse("1.2.3.4."), address("1.2.3.4"));
        assert_eq!(Host::parse("[::1]"), address("::1"));
        assert_eq!(Host::parse("::ffff:1.2.3.4"), address("1.2.3.4"));
        assert_eq!(Host::parse("[::ffff:1.2.3.4]"), address("1.2.3.4"));
        for text in ["[1.2.3.4]", "[::1", "1.2.3", "01.2.3.4", "1.2.3.4.5"] {
            assert_eq!(Host::parse(text), Err(NameError), "{text}");
        }
        assert_eq!(Host::parse("::1").unwrap().to_string(), "[::1]");
    }
}
