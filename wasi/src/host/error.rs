//! The one vocabulary of failures: operating-system errors become [`HostError`], which each WASI version maps to its own.

use std::io;

use super::Denial;

macro_rules! host_errors {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Why a capability refused or failed.
        ///
        /// The words are POSIX's, because every WASI version took its error codes from there. Messages never carry host
        /// paths or addresses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum HostError {
            $($(#[$doc])* #[doc = concat!("“", $text, "”")] $name,)*
        }

        impl core::fmt::Display for HostError {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(match self { $(HostError::$name => $text,)* })
            }
        }
    };
}

host_errors! {
    Access = "permission denied",
    AddressFamily = "address family not supported",
    AddressInUse = "address in use",
    AddressNotAvailable = "address not available",
    Already = "connection already in progress",
    BadDescriptor = "bad descriptor",
    Busy = "resource busy",
    ConnectionAborted = "connection aborted",
    ConnectionRefused = "connection refused",
    ConnectionReset = "connection reset",
    CrossDevice = "cross-device link",
    Deadlock = "resource deadlock would occur",
    Exist = "file exists",
    FileTooLarge = "file too large",
    IllegalByteSequence = "illegal byte sequence",
    InProgress = "operation in progress",
    Interrupted = "interrupted",
    Invalid = "invalid argument",
    Io = "input/output error",
    IsConnected = "socket is connected",
    IsDirectory = "is a directory",
    Loop = "too many levels of symbolic links",
    MessageSize = "message too long",
    NameTooLong = "file name too long",
    NoDevice = "no such device",
    NoEntry = "no such file or directory",
    NoLock = "no locks available",
    NoSpace = "no space left on device",
    NoSuchDevice = "no such device or address",
    NotConnected = "socket not connected",
    NotDirectory = "not a directory",
    NotEmpty = "directory not empty",
    /// Also what an attempt to leave the sandbox answers.
    NotPermitted = "operation not permitted",
    NotSocket = "not a socket",
    OutOfMemory = "out of memory",
    Overflow = "value too large",
    Pipe = "broken pipe",
    Quota = "quota exceeded",
    ReadOnly = "read-only file system",
    /// A change beneath a directory that was granted for reading.
    ReadOnlyGrant = "the directory is granted read-only",
    InvalidSeek = "invalid seek",
    TextBusy = "text file busy",
    TimedOut = "timed out",
    TooManyLinks = "too many links",
    TooManyOpenFiles = "too many open files",
    Unreachable = "host or network unreachable",
    Unsupported = "not supported",
    /// Not a failure: wait for the source that belongs to the call, then try again.
    WouldBlock = "operation would block",
}

impl core::error::Error for HostError {}

impl HostError {
    /// What was not granted, if that is why.
    pub fn denial(self) -> Option<Denial> {
        (self == HostError::ReadOnlyGrant).then_some(Denial::Write)
    }
}

impl From<io::Error> for HostError {
    fn from(error: io::Error) -> Self {
        error.raw_os_error().and_then(from_os).unwrap_or_else(|| from_kind(error.kind()))
    }
}

#[cfg(unix)]
impl From<rustix::io::Errno> for HostError {
    fn from(errno: rustix::io::Errno) -> Self {
        HostError::from(io::Error::from(errno))
    }
}

/// Errors without a code of the operating system come from the standard library's own checks and from the sandbox, whose
/// refusal to leave a directory is `PermissionDenied`.
fn from_kind(kind: io::ErrorKind) -> HostError {
    use io::ErrorKind as K;
    match kind {
        K::AddrInUse => HostError::AddressInUse,
        K::AddrNotAvailable => HostError::AddressNotAvailable,
        K::AlreadyExists => HostError::Exist,
        K::BrokenPipe => HostError::Pipe,
        K::ConnectionAborted => HostError::ConnectionAborted,
        K::ConnectionRefused => HostError::ConnectionRefused,
        K::ConnectionReset => HostError::ConnectionReset,
        K::CrossesDevices => HostError::CrossDevice,
        K::Deadlock => HostError::Deadlock,
        K::DirectoryNotEmpty => HostError::NotEmpty,
        K::ExecutableFileBusy => HostError::TextBusy,
        K::FileTooLarge => HostError::FileTooLarge,
        K::HostUnreachable | K::NetworkUnreachable | K::NetworkDown => HostError::Unreachable,
        K::Interrupted => HostError::Interrupted,
        K::InvalidFilename => HostError::NameTooLong,
        K::InvalidInput => HostError::Invalid,
        K::IsADirectory => HostError::IsDirectory,
        K::NotADirectory => HostError::NotDirectory,
        K::NotConnected => HostError::NotConnected,
        K::NotFound => HostError::NoEntry,
        K::NotSeekable => HostError::InvalidSeek,
        K::OutOfMemory => HostError::OutOfMemory,
        K::PermissionDenied => HostError::NotPermitted,
        K::QuotaExceeded => HostError::Quota,
        K::ReadOnlyFilesystem => HostError::ReadOnly,
        K::ResourceBusy => HostError::Busy,
        K::StorageFull => HostError::NoSpace,
        K::TimedOut => HostError::TimedOut,
        K::TooManyLinks => HostError::TooManyLinks,
        K::Unsupported => HostError::Unsupported,
        K::WouldBlock => HostError::WouldBlock,
        _ => HostError::Io,
    }
}

#[cfg(unix)]
fn from_os(code: i32) -> Option<HostError> {
    use rustix::io::Errno as E;
    // A chain, not a match: some of these names share a number on some systems.
    let table = [
        (E::ACCESS, HostError::Access),
        (E::ADDRINUSE, HostError::AddressInUse),
        (E::ADDRNOTAVAIL, HostError::AddressNotAvailable),
        (E::AFNOSUPPORT, HostError::AddressFamily),
        (E::AGAIN, HostError::WouldBlock),
        (E::WOULDBLOCK, HostError::WouldBlock),
        (E::ALREADY, HostError::Already),
        (E::BADF, HostError::BadDescriptor),
        (E::BUSY, HostError::Busy),
        (E::CONNABORTED, HostError::ConnectionAborted),
        (E::CONNREFUSED, HostError::ConnectionRefused),
        (E::CONNRESET, HostError::ConnectionReset),
        (E::DEADLK, HostError::Deadlock),
        (E::DQUOT, HostError::Quota),
        (E::EXIST, HostError::Exist),
        (E::FBIG, HostError::FileTooLarge),
        (E::HOSTDOWN, HostError::Unreachable),
        (E::HOSTUNREACH, HostError::Unreachable),
        (E::ILSEQ, HostError::IllegalByteSequence),
        (E::INPROGRESS, HostError::InProgress),
        (E::INTR, HostError::Interrupted),
        (E::INVAL, HostError::Invalid),
        (E::IO, HostError::Io),
        (E::ISCONN, HostError::IsConnected),
        (E::ISDIR, HostError::IsDirectory),
        (E::LOOP, HostError::Loop),
        (E::MFILE, HostError::TooManyOpenFiles),
        (E::MLINK, HostError::TooManyLinks),
        (E::MSGSIZE, HostError::MessageSize),
        (E::NAMETOOLONG, HostError::NameTooLong),
        (E::NETDOWN, HostError::Unreachable),
        (E::NETUNREACH, HostError::Unreachable),
        (E::NFILE, HostError::TooManyOpenFiles),
        (E::NOBUFS, HostError::OutOfMemory),
        (E::NODEV, HostError::NoDevice),
        (E::NOENT, HostError::NoEntry),
        (E::NOLCK, HostError::NoLock),
        (E::NOMEM, HostError::OutOfMemory),
        (E::NOSPC, HostError::NoSpace),
        (E::NOSYS, HostError::Unsupported),
        (E::NOTCONN, HostError::NotConnected),
        (E::NOTDIR, HostError::NotDirectory),
        (E::NOTEMPTY, HostError::NotEmpty),
        (E::NOTSOCK, HostError::NotSocket),
        (E::NOTSUP, HostError::Unsupported),
        (E::NXIO, HostError::NoSuchDevice),
        (E::OPNOTSUPP, HostError::Unsupported),
        (E::OVERFLOW, HostError::Overflow),
        (E::PERM, HostError::NotPermitted),
        (E::PIPE, HostError::Pipe),
        (E::ROFS, HostError::ReadOnly),
        (E::SPIPE, HostError::InvalidSeek),
        (E::TIMEDOUT, HostError::TimedOut),
        (E::TXTBSY, HostError::TextBusy),
        (E::XDEV, HostError::CrossDevice),
    ];
    table.iter().find(|(errno, _)| errno.raw_os_error() == code).map(|&(_, error)| error)
}

/// Codes for which the standard library has no kind, or one that says less than POSIX does.
#[cfg(windows)]
fn from_os(code: i32) -> Option<HostError> {
    Some(match code {
        // ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION
        5 | 32 => HostError::Access,
        // ERROR_INVALID_HANDLE
        6 => HostError::BadDescriptor,
        // ERROR_NOT_READY, ERROR_BUSY
        21 | 170 => HostError::Busy,
        // ERROR_INVALID_NAME
        123 => HostError::NoEntry,
        // ERROR_NEGATIVE_SEEK, ERROR_NOT_A_REPARSE_POINT
        131 | 4390 => HostError::Invalid,
        // ERROR_DIRECTORY
        267 => HostError::NotDirectory,
        // ERROR_DIRECTORY_NOT_SUPPORTED
        336 => HostError::IsDirectory,
        // ERROR_STOPPED_ON_SYMLINK
        681 => HostError::Loop,
        // ERROR_PRIVILEGE_NOT_HELD
        1314 => HostError::NotPermitted,
        // ERROR_BUFFER_OVERFLOW
        111 => HostError::NameTooLong,
        // WSAEMFILE
        10024 => HostError::TooManyOpenFiles,
        // WSAEINPROGRESS
        10036 => HostError::InProgress,
        // WSAEALREADY
        10037 => HostError::Already,
        // WSAEMSGSIZE
        10040 => HostError::MessageSize,
        // WSAEAFNOSUPPORT
        10047 => HostError::AddressFamily,
        // WSAENOBUFS
        10055 => HostError::OutOfMemory,
        // WSAEISCONN
        10056 => HostError::IsConnected,
        // WSAEHOSTDOWN
        10064 => HostError::Unreachable,
        _ => return None,
    })
}

#[cfg(not(any(unix, windows)))]
fn from_os(_code: i32) -> Option<HostError> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_refusal_is_not_permitted_while_the_systems_is_access() {
        assert_eq!(HostError::from(io::Error::from(io::ErrorKind::PermissionDenied)), HostError::NotPermitted);
        #[cfg(unix)]
        assert_eq!(HostError::from(rustix::io::Errno::ACCESS), HostError::Access);
    }

    #[test]
    fn an_unknown_code_is_an_input_output_error() {
        assert_eq!(HostError::from(io::Error::from_raw_os_error(99_999)), HostError::Io);
        assert_eq!(HostError::from(io::Error::other("anything")), HostError::Io);
    }
}
