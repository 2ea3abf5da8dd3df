//! Failures of the network, in the words of `wasi:sockets`, which both of its versions share.

use core::fmt;

use super::super::{Denial, HostError};

macro_rules! socket_errors {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Why something on the network was refused or failed.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum SocketError {
            $($(#[$doc])* #[doc = concat!("“", $text, "”")] $name,)*
            /// It is not granted. To the guest the same as [`AccessDenied`](Self::AccessDenied).
            Denied(Denial),
        }

        impl fmt::Display for SocketError {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(SocketError::$name => f.write_str($text),)*
                    SocketError::Denied(denial) => denial.fmt(f),
                }
            }
        }
    };
}

socket_errors! {
    Unknown = "network failure",
    /// The system's refusal, not a missing grant.
    AccessDenied = "access denied",
    NotSupported = "not supported",
    InvalidArgument = "invalid argument",
    OutOfMemory = "out of memory",
    Timeout = "timed out",
    ConcurrencyConflict = "another operation is in progress",
    NotInProgress = "no such operation is in progress",
    /// Not a failure: wait for the source that belongs to the call, then try again.
    WouldBlock = "operation would block",
    InvalidState = "not valid in the socket's state",
    NewSocketLimit = "too many sockets",
    AddressNotBindable = "address cannot be bound",
    AddressInUse = "address in use",
    RemoteUnreachable = "remote address unreachable",
    ConnectionRefused = "connection refused",
    ConnectionReset = "connection reset",
    ConnectionAborted = "connection aborted",
    DatagramTooLarge = "datagram too large",
    NameUnresolvable = "name has no address",
    TemporaryResolverFailure = "temporary failure of the name service",
    PermanentResolverFailure = "permanent failure of the name service",
}

impl core::error::Error for SocketError {}

impl From<HostError> for SocketError {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Access | HostError::NotPermitted => SocketError::AccessDenied,
            HostError::AddressFamily | HostError::Unsupported => SocketError::NotSupported,
            HostError::AddressInUse => SocketError::AddressInUse,
            HostError::AddressNotAvailable => SocketError::AddressNotBindable,
            HostError::Already => SocketError::ConcurrencyConflict,
            HostError::ConnectionAborted => SocketError::ConnectionAborted,
            HostError::ConnectionRefused => SocketError::ConnectionRefused,
            HostError::ConnectionReset | HostError::Pipe => SocketError::ConnectionReset,
            HostError::Invalid => SocketError::InvalidArgument,
            HostError::IsConnected | HostError::NotConnected => SocketError::InvalidState,
            HostError::MessageSize => SocketError::DatagramTooLarge,
            HostError::OutOfMemory => SocketError::OutOfMemory,
            HostError::TimedOut => SocketError::Timeout,
            HostError::TooManyOpenFiles => SocketError::NewSocketLimit,
            HostError::Unreachable => SocketError::RemoteUnreachable,
            HostError::WouldBlock => SocketError::WouldBlock,
            _ => SocketError::Unknown,
        }
    }
}

impl From<std::io::Error> for SocketError {
    fn from(error: std::io::Error) -> Self {
        HostError::from(error).into()
    }
}

impl SocketError {
    /// What was not granted, if that is why.
    pub fn denial(&self) -> Option<&Denial> {
        match self {
            SocketError::Denied(denial) => Some(denial),
            _ => None,
        }
    }
}
