//! The numbers of `wasi_snapshot_preview1`: error codes, flags, rights, and how its records lie in guest memory.
//!
//! Names and values are the witx files'. Records are written whole, padding included, so that a guest never reads what
//! the host left in between.

use bitflags::bitflags;

use super::memory::{Fault, GuestMemory};
use crate::host::HostError;
use crate::host::clocks::Timestamp;
use crate::host::fs::{Advice, FileKind, Stat};

macro_rules! errnos {
    ($($name:ident = $value:literal,)*) => {
        /// `errno`: the result of nearly every function.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        #[expect(missing_docs, reason = "the names are POSIX's")]
        pub enum Errno {
            $($name = $value,)*
        }

        impl Errno {
            /// The name without the leading `E`, in lower case, as in the witx files.
            pub fn name(self) -> String {
                match self { $(Errno::$name => stringify!($name),)* }.to_ascii_lowercase()
            }
        }
    };
}

errnos! {
    Success = 0, TooBig = 1, Acces = 2, AddrInUse = 3, AddrNotAvail = 4, AfNoSupport = 5, Again = 6, Already = 7,
    Badf = 8, BadMsg = 9, Busy = 10, Canceled = 11, Child = 12, ConnAborted = 13, ConnRefused = 14, ConnReset = 15,
    Deadlk = 16, DestAddrReq = 17, Dom = 18, Dquot = 19, Exist = 20, Fault = 21, Fbig = 22, HostUnreach = 23,
    Idrm = 24, Ilseq = 25, InProgress = 26, Intr = 27, Inval = 28, Io = 29, IsConn = 30, Isdir = 31, Loop = 32,
    Mfile = 33, Mlink = 34, MsgSize = 35, Multihop = 36, NameTooLong = 37, NetDown = 38, NetReset = 39,
    NetUnreach = 40, Nfile = 41, NoBufs = 42, NoDev = 43, NoEnt = 44, NoExec = 45, NoLck = 46, NoLink = 47,
    NoMem = 48, NoMsg = 49, NoProtoOpt = 50, NoSpc = 51, NoSys = 52, NotConn = 53, NotDir = 54, NotEmpty = 55,
    NotRecoverable = 56, NotSock = 57, NotSup = 58, NoTty = 59, Nxio = 60, Overflow = 61, OwnerDead = 62, Perm = 63,
    Pipe = 64, Proto = 65, ProtoNoSupport = 66, ProtoType = 67, Range = 68, Rofs = 69, Spipe = 70, Srch = 71,
    Stale = 72, TimedOut = 73, TxtBsy = 74, Xdev = 75, NotCapable = 76,
}

impl From<HostError> for Errno {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Access => Errno::Acces,
            HostError::AddressFamily => Errno::AfNoSupport,
            HostError::AddressInUse => Errno::AddrInUse,
            HostError::AddressNotAvailable => Errno::AddrNotAvail,
            HostError::Already => Errno::Already,
            HostError::BadDescriptor => Errno::Badf,
            HostError::Busy => Errno::Busy,
            HostError::ConnectionAborted => Errno::ConnAborted,
            HostError::ConnectionRefused => Errno::ConnRefused,
            HostError::ConnectionReset => Errno::ConnReset,
            HostError::CrossDevice => Errno::Xdev,
            HostError::Deadlock => Errno::Deadlk,
            HostError::Exist => Errno::Exist,
            HostError::FileTooLarge => Errno::Fbig,
            HostError::IllegalByteSequence => Errno::Ilseq,
            HostError::InProgress => Errno::InProgress,
            HostError::Interrupted => Errno::Intr,
            HostError::Invalid => Errno::Inval,
            HostError::Io => Errno::Io,
            HostError::IsConnected => Errno::IsConn,
            HostError::IsDirectory => Errno::Isdir,
            HostError::Loop => Errno::Loop,
            HostError::MessageSize => Errno::MsgSize,
            HostError::NameTooLong => Errno::NameTooLong,
            HostError::NoDevice => Errno::NoDev,
            HostError::NoEntry => Errno::NoEnt,
            HostError::NoLock => Errno::NoLck,
            HostError::NoSpace => Errno::NoSpc,
            HostError::NoSuchDevice => Errno::Nxio,
            HostError::NotConnected => Errno::NotConn,
            HostError::NotDirectory => Errno::NotDir,
            HostError::NotEmpty => Errno::NotEmpty,
            HostError::NotPermitted | HostError::ReadOnlyGrant => Errno::Perm,
            HostError::NotSocket => Errno::NotSock,
            HostError::OutOfMemory => Errno::NoMem,
            HostError::Overflow => Errno::Overflow,
            HostError::Pipe => Errno::Pipe,
            HostError::Quota => Errno::Dquot,
            HostError::ReadOnly => Errno::Rofs,
            HostError::InvalidSeek => Errno::Spipe,
            HostError::TextBusy => Errno::TxtBsy,
            HostError::TimedOut => Errno::TimedOut,
            HostError::TooManyLinks => Errno::Mlink,
            HostError::TooManyOpenFiles => Errno::Mfile,
            HostError::Unreachable => Errno::HostUnreach,
            HostError::Unsupported => Errno::NotSup,
            HostError::WouldBlock => Errno::Again,
        }
    }
}

bitflags! {
    /// `fdflags`
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Fdflags: u32 {
        /// Every write goes to the end.
        const APPEND = 1;
        /// Writes wait for the disk.
        const DSYNC = 1 << 1;
        /// Calls that would wait fail instead.
        const NONBLOCK = 1 << 2;
        /// Reads wait for the disk.
        const RSYNC = 1 << 3;
        /// Writes and attributes wait for the disk.
        const SYNC = 1 << 4;
    }

    /// `lookupflags`
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Lookupflags: u32 {
        /// Follow a symbolic link at the end of the path.
        const SYMLINK_FOLLOW = 1;
    }

    /// `oflags`
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Oflags: u32 {
        /// Create a missing file.
        const CREAT = 1;
        /// Only a directory will do.
        const DIRECTORY = 1 << 1;
        /// With `CREAT`: only a new file will do.
        const EXCL = 1 << 2;
        /// Empty the file.
        const TRUNC = 1 << 3;
    }

    /// `fstflags`
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Fstflags: u32 {
        /// Set the access time.
        const ATIM = 1;
        /// Set the access time to now.
        const ATIM_NOW = 1 << 1;
        /// Set the modification time.
        const MTIM = 1 << 2;
        /// Set the modification time to now.
        const MTIM_NOW = 1 << 3;
    }

    /// `riflags`
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Riflags: u32 {
        /// Leave what is received in the socket.
        const PEEK = 1;
        /// Wait until the buffers are full.
        const WAITALL = 1 << 1;
    }

    /// `sdflags`
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Sdflags: u32 {
        /// End receiving.
        const RD = 1;
        /// End sending.
        const WR = 1 << 1;
    }

    /// `rights`
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Rights: u64 {
        /// Calling `fd_datasync`.
        const FD_DATASYNC = 1;
        /// Calling `fd_read`.
        const FD_READ = 1 << 1;
        /// Calling `fd_seek`.
        const FD_SEEK = 1 << 2;
        /// Calling `fd_fdstat_set_flags`.
        const FD_FDSTAT_SET_FLAGS = 1 << 3;
        /// Calling `fd_sync`.
        const FD_SYNC = 1 << 4;
        /// Calling `fd_tell`.
        const FD_TELL = 1 << 5;
        /// Calling `fd_write`.
        const FD_WRITE = 1 << 6;
        /// Calling `fd_advise`.
        const FD_ADVISE = 1 << 7;
        /// Calling `fd_allocate`.
        const FD_ALLOCATE = 1 << 8;
        /// Calling `path_create_directory`.
        const PATH_CREATE_DIRECTORY = 1 << 9;
        /// Calling `path_open` with `oflags::creat`.
        const PATH_CREATE_FILE = 1 << 10;
        /// Calling `path_link` from here.
        const PATH_LINK_SOURCE = 1 << 11;
        /// Calling `path_link` to here.
        const PATH_LINK_TARGET = 1 << 12;
        /// Calling `path_open`.
        const PATH_OPEN = 1 << 13;
        /// Calling `fd_readdir`.
        const FD_READDIR = 1 << 14;
        /// Calling `path_readlink`.
        const PATH_READLINK = 1 << 15;
        /// Calling `path_rename` from here.
        const PATH_RENAME_SOURCE = 1 << 16;
        /// Calling `path_rename` to here.
        const PATH_RENAME_TARGET = 1 << 17;
        /// Calling `path_filestat_get`.
        const PATH_FILESTAT_GET = 1 << 18;
        /// Calling `path_open` with `oflags::trunc`.
        const PATH_FILESTAT_SET_SIZE = 1 << 19;
        /// Calling `path_filestat_set_times`.
        const PATH_FILESTAT_SET_TIMES = 1 << 20;
        /// Calling `fd_filestat_get`.
        const FD_FILESTAT_GET = 1 << 21;
        /// Calling `fd_filestat_set_size`.
        const FD_FILESTAT_SET_SIZE = 1 << 22;
        /// Calling `fd_filestat_set_times`.
        const FD_FILESTAT_SET_TIMES = 1 << 23;
        /// Calling `path_symlink`.
        const PATH_SYMLINK = 1 << 24;
        /// Calling `path_remove_directory`.
        const PATH_REMOVE_DIRECTORY = 1 << 25;
        /// Calling `path_unlink_file`.
        const PATH_UNLINK_FILE = 1 << 26;
        /// Waiting in `poll_oneoff`.
        const POLL_FD_READWRITE = 1 << 27;
        /// Calling `sock_shutdown`.
        const SOCK_SHUTDOWN = 1 << 28;
        /// Calling `sock_accept`.
        const SOCK_ACCEPT = 1 << 29;
    }
}

/// The flags that `bits` spell, or `inval` for a bit without meaning.
pub(super) fn flags<F: bitflags::Flags>(bits: F::Bits) -> Result<F, Errno> {
    F::from_bits(bits).ok_or(Errno::Inval)
}

/// `clockid`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clockid {
    /// The time of day.
    Realtime,
    /// The interval clock.
    Monotonic,
    /// Time used by the process or thread; never available.
    Cputime,
}

impl Clockid {
    /// The clock numbered `id`.
    pub fn new(id: u32) -> Result<Self, Errno> {
        match id {
            0 => Ok(Clockid::Realtime),
            1 => Ok(Clockid::Monotonic),
            2 | 3 => Ok(Clockid::Cputime),
            _ => Err(Errno::Inval),
        }
    }
}

/// `whence`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whence {
    /// From the start.
    Set,
    /// From the position.
    Cur,
    /// From the end.
    End,
}

impl Whence {
    /// The origin numbered `whence`.
    pub fn new(whence: u32) -> Result<Self, Errno> {
        match whence {
            0 => Ok(Whence::Set),
            1 => Ok(Whence::Cur),
            2 => Ok(Whence::End),
            _ => Err(Errno::Inval),
        }
    }
}

/// The hint numbered `advice`.
pub(super) fn advice(advice: u32) -> Result<Advice, Errno> {
    Ok(match advice {
        0 => Advice::Normal,
        1 => Advice::Sequential,
        2 => Advice::Random,
        3 => Advice::WillNeed,
        4 => Advice::DontNeed,
        5 => Advice::NoReuse,
        _ => return Err(Errno::Inval),
    })
}

/// `filetype`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Filetype {
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    SocketDgram = 5,
    SocketStream = 6,
    SymbolicLink = 7,
}

impl From<FileKind> for Filetype {
    fn from(kind: FileKind) -> Self {
        match kind {
            FileKind::BlockDevice => Filetype::BlockDevice,
            FileKind::CharacterDevice => Filetype::CharacterDevice,
            FileKind::Directory => Filetype::Directory,
            FileKind::RegularFile => Filetype::RegularFile,
            FileKind::SymbolicLink => Filetype::SymbolicLink,
            // There is no word for a FIFO, and whether a socket in the file system is a stream cannot be told.
            FileKind::Unknown | FileKind::Fifo | FileKind::Socket => Filetype::Unknown,
        }
    }
}

/// `fdstat`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fdstat {
    /// What the descriptor is.
    pub filetype: Filetype,
    /// Its flags.
    pub flags: Fdflags,
    /// What it can be used for.
    pub rights_base: Rights,
    /// What descriptors opened through it can be used for.
    pub rights_inheriting: Rights,
}

impl Fdstat {
    /// Bytes in memory.
    pub const SIZE: u32 = 24;

    /// Writes the record at `at`.
    pub fn write(&self, memory: &mut GuestMemory<'_>, at: u32) -> Result<(), Fault> {
        let mut record = [0; Self::SIZE as usize];
        record[0] = self.filetype as u8;
        record[2..4].copy_from_slice(&(self.flags.bits() as u16).to_le_bytes());
        record[8..16].copy_from_slice(&self.rights_base.bits().to_le_bytes());
        record[16..].copy_from_slice(&self.rights_inheriting.bits().to_le_bytes());
        memory.write_record(at, &record)
    }
}

/// `filestat`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filestat {
    /// The device; 1 for every file, 0 for what is not one.
    pub dev: u64,
    /// The file within the device.
    pub ino: u64,
    /// What it is.
    pub filetype: Filetype,
    /// Number of hard links.
    pub nlink: u64,
    /// Size in bytes.
    pub size: u64,
    /// Last access, in nanoseconds since 1970.
    pub atim: u64,
    /// Last change of the contents.
    pub mtim: u64,
    /// Last change of the attributes.
    pub ctim: u64,
}

impl Filestat {
    /// Bytes in memory.
    pub const SIZE: u32 = 64;

    /// The record of something that is no file.
    pub fn of_type(filetype: Filetype) -> Self {
        Filestat { dev: 0, ino: 0, filetype, nlink: 0, size: 0, atim: 0, mtim: 0, ctim: 0 }
    }

    /// Writes the record at `at`.
    pub fn write(&self, memory: &mut GuestMemory<'_>, at: u32) -> Result<(), Fault> {
        let mut record = [0; Self::SIZE as usize];
        record[0..8].copy_from_slice(&self.dev.to_le_bytes());
        record[8..16].copy_from_slice(&self.ino.to_le_bytes());
        record[16] = self.filetype as u8;
        for (field, value) in [self.nlink, self.size, self.atim, self.mtim, self.ctim].into_iter().enumerate() {
            let at = 24 + 8 * field;
            record[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
        memory.write_record(at, &record)
    }
}

impl TryFrom<Stat> for Filestat {
    type Error = HostError;

    fn try_from(stat: Stat) -> Result<Self, HostError> {
        let time = |time: Option<Timestamp>| time.unwrap_or_default().to_nanoseconds();
        Ok(Filestat {
            dev: 1,
            ino: stat.id,
            filetype: stat.kind.into(),
            nlink: stat.links,
            size: stat.size,
            atim: time(stat.accessed)?,
            mtim: time(stat.modified)?,
            ctim: time(stat.changed)?,
        })
    }
}

/// `dirent`, without the name that follows it
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dirent {
    /// The cookie of the entry after this one.
    pub next: u64,
    /// The file within its device.
    pub ino: u64,
    /// Bytes of the name.
    pub namlen: u32,
    /// What the entry is.
    pub filetype: Filetype,
}

impl Dirent {
    /// Bytes in memory.
    pub const SIZE: usize = 24;

    /// The record as bytes, because a directory listing may end within one.
    pub fn to_bytes(self) -> [u8; Self::SIZE] {
        let mut record = [0; Self::SIZE];
        record[0..8].copy_from_slice(&self.next.to_le_bytes());
        record[8..16].copy_from_slice(&self.ino.to_le_bytes());
        record[16..20].copy_from_slice(&self.namlen.to_le_bytes());
        record[20] = self.filetype as u8;
        record
    }
}

/// `subscription_u`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// A time has come.
    Clock {
        /// On which clock.
        clock: Clockid,
        /// The time, or the time from now.
        timeout: u64,
        /// Which of the two.
        absolute: bool,
    },
    /// A descriptor can be read.
    Read(u32),
    /// A descriptor can be written.
    Write(u32),
}

/// `subscription`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// What the event will carry.
    pub userdata: u64,
    /// What is waited for.
    pub interest: Interest,
}

impl Subscription {
    /// Bytes in memory.
    pub const SIZE: u32 = 48;

    /// Reads the record at `at`.
    pub fn read(memory: &GuestMemory<'_>, at: u32) -> Result<Result<Self, Errno>, Fault> {
        memory.check(at, Self::SIZE.into(), 8)?;
        let userdata = memory.read_u64(at)?;
        let interest = match memory.read_u8(at + 8)? {
            0 => {
                let clock = memory.read_u32(at + 16)?;
                let timeout = memory.read_u64(at + 24)?;
                let flags = memory.read_u16(at + 40)?;
                match Clockid::new(clock) {
                    // Bit 0 is the only flag; waiting for used processor time was never possible.
                    Ok(clock @ (Clockid::Realtime | Clockid::Monotonic)) if flags <= 1 => {
                        Interest::Clock { clock, timeout, absolute: flags == 1 }
                    }
                    _ => return Ok(Err(Errno::Inval)),
                }
            }
            1 => Interest::Read(memory.read_u32(at + 16)?),
            2 => Interest::Write(memory.read_u32(at + 16)?),
            _ => return Ok(Err(Errno::Inval)),
        };
        Ok(Ok(Subscription { userdata, interest }))
    }
}

/// `event`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// From the subscription.
    pub userdata: u64,
    /// Why the subscription failed.
    pub error: Errno,
    /// 0 clock, 1 read, 2 write.
    pub kind: u8,
    /// Bytes that can be read or written.
    pub nbytes: u64,
    /// Whether the other side is gone.
    pub hangup: bool,
}

impl Event {
    /// Bytes in memory.
    pub const SIZE: u32 = 32;

    /// Writes the record at `at`.
    pub fn write(&self, memory: &mut GuestMemory<'_>, at: u32) -> Result<(), Fault> {
        let mut record = [0; Self::SIZE as usize];
        record[0..8].copy_from_slice(&self.userdata.to_le_bytes());
        record[8..10].copy_from_slice(&(self.error as u16).to_le_bytes());
        record[10] = self.kind;
        record[16..24].copy_from_slice(&self.nbytes.to_le_bytes());
        record[24] = self.hangup.into();
        memory.write_record(at, &record)
    }
}
