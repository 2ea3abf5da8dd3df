//! `wasi:sockets/network`: what the interfaces of the package share.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use whit_component::{Linker, Resource};
use whit_core::Error;

use crate::ctx::WasiCtx;
use crate::host::net::{Family, Network, SocketError};
use crate::host::stream::Failure;
use crate::p2::interface::{Code, Interface, Project};

whit_component::enumeration! {
    /// `error-code`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum ErrorCode {
        Unknown = "unknown",
        AccessDenied = "access-denied",
        NotSupported = "not-supported",
        InvalidArgument = "invalid-argument",
        OutOfMemory = "out-of-memory",
        Timeout = "timeout",
        ConcurrencyConflict = "concurrency-conflict",
        NotInProgress = "not-in-progress",
        WouldBlock = "would-block",
        InvalidState = "invalid-state",
        NewSocketLimit = "new-socket-limit",
        AddressNotBindable = "address-not-bindable",
        AddressInUse = "address-in-use",
        RemoteUnreachable = "remote-unreachable",
        ConnectionRefused = "connection-refused",
        ConnectionReset = "connection-reset",
        ConnectionAborted = "connection-aborted",
        DatagramTooLarge = "datagram-too-large",
        NameUnresolvable = "name-unresolvable",
        TemporaryResolverFailure = "temporary-resolver-failure",
        PermanentResolverFailure = "permanent-resolver-failure",
    }
}

impl From<&SocketError> for ErrorCode {
    fn from(error: &SocketError) -> Self {
        match error {
            SocketError::Unknown => Self::Unknown,
            SocketError::AccessDenied | SocketError::Denied(_) => Self::AccessDenied,
            SocketError::NotSupported => Self::NotSupported,
            SocketError::InvalidArgument => Self::InvalidArgument,
            SocketError::OutOfMemory => Self::OutOfMemory,
            SocketError::Timeout => Self::Timeout,
            SocketError::ConcurrencyConflict => Self::ConcurrencyConflict,
            SocketError::NotInProgress => Self::NotInProgress,
            SocketError::WouldBlock => Self::WouldBlock,
            SocketError::InvalidState => Self::InvalidState,
            SocketError::NewSocketLimit => Self::NewSocketLimit,
            SocketError::AddressNotBindable => Self::AddressNotBindable,
            SocketError::AddressInUse => Self::AddressInUse,
            SocketError::RemoteUnreachable => Self::RemoteUnreachable,
            SocketError::ConnectionRefused => Self::ConnectionRefused,
            SocketError::ConnectionReset => Self::ConnectionReset,
            SocketError::ConnectionAborted => Self::ConnectionAborted,
            SocketError::DatagramTooLarge => Self::DatagramTooLarge,
            SocketError::NameUnresolvable => Self::NameUnresolvable,
            SocketError::TemporaryResolverFailure => Self::TemporaryResolverFailure,
            SocketError::PermanentResolverFailure => Self::PermanentResolverFailure,
        }
    }
}

impl Code for SocketError {
    type Code = ErrorCode;

    /// What was denied the network has recorded.
    fn code(self, _: &mut WasiCtx) -> Result<ErrorCode, Error> {
        Ok((&self).into())
    }
}

whit_component::enumeration! {
    /// `ip-address-family`.
    #[derive(Clone, Copy)]
    pub(crate) enum IpAddressFamily {
        Ipv4 = "ipv4",
        Ipv6 = "ipv6",
    }
}

impl From<Family> for IpAddressFamily {
    fn from(family: Family) -> Self {
        match family {
            Family::V4 => Self::Ipv4,
            Family::V6 => Self::Ipv6,
        }
    }
}

impl From<IpAddressFamily> for Family {
    fn from(family: IpAddressFamily) -> Self {
        match family {
            IpAddressFamily::Ipv4 => Self::V4,
            IpAddressFamily::Ipv6 => Self::V6,
        }
    }
}

/// `ipv4-address`.
type Ipv4Address = (u8, u8, u8, u8);

/// `ipv6-address`.
type Ipv6Address = (u16, u16, u16, u16, u16, u16, u16, u16);

whit_component::variant! {
    /// `ip-address`.
    #[derive(Clone, Copy)]
    pub(crate) enum IpAddress {
        Ipv4(address: Ipv4Address) = "ipv4",
        Ipv6(address: Ipv6Address) = "ipv6",
    }
}

impl From<IpAddr> for IpAddress {
    fn from(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => Self::Ipv4(ip.octets().into()),
            IpAddr::V6(ip) => Self::Ipv6(ip.segments().into()),
        }
    }
}

whit_component::record! {
    /// `ipv4-socket-address`.
    #[derive(Clone, Copy)]
    pub(crate) struct Ipv4SocketAddress {
        port: u16 = "port",
        address: Ipv4Address = "address",
    }
}

whit_component::record! {
    /// `ipv6-socket-address`.
    #[derive(Clone, Copy)]
    pub(crate) struct Ipv6SocketAddress {
        port: u16 = "port",
        flow_info: u32 = "flow-info",
        address: Ipv6Address = "address",
        scope_id: u32 = "scope-id",
    }
}

whit_component::variant! {
    /// `ip-socket-address`.
    #[derive(Clone, Copy)]
    pub(crate) enum IpSocketAddress {
        Ipv4(address: Ipv4SocketAddress) = "ipv4",
        Ipv6(address: Ipv6SocketAddress) = "ipv6",
    }
}

impl From<SocketAddr> for IpSocketAddress {
    fn from(address: SocketAddr) -> Self {
        match address {
            SocketAddr::V4(address) => {
                Self::Ipv4(Ipv4SocketAddress { port: address.port(), address: address.ip().octets().into() })
            }
            SocketAddr::V6(address) => Self::Ipv6(Ipv6SocketAddress {
                port: address.port(),
                flow_info: address.flowinfo(),
                address: address.ip().segments().into(),
                scope_id: address.scope_id(),
            }),
        }
    }
}

impl From<IpSocketAddress> for SocketAddr {
    fn from(address: IpSocketAddress) -> Self {
        match address {
            IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address }) => {
                SocketAddrV4::new(Ipv4Addr::from(<[u8; 4]>::from(address)), port).into()
            }
            IpSocketAddress::Ipv6(Ipv6SocketAddress { port, flow_info, address, scope_id }) => {
                SocketAddrV6::new(Ipv6Addr::from(<[u16; 8]>::from(address)), port, flow_info, scope_id).into()
            }
        }
    }
}

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut network = Interface::<T>::new(linker, "wasi:sockets/network@0.2.12", ctx)?;
    network.resource::<Network>("network")?;
    network.func("network-error-code", |ctx, (error,): (Resource<Failure>,)| {
        Ok((match ctx.table.get(&error)? {
            Failure::Socket(error) => Some(ErrorCode::from(error)),
            _ => None,
        },))
    })
}
