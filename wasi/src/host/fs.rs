//! Files and directories beneath granted directories.
//!
//! A [`Dir`] is the only way in: every path is resolved by `cap-std` beneath the directory's own handle, component by
//! component or by the system's equivalent, so that neither `..`, nor symbolic links, nor a race with a rename leads out.
//! [`GuestPath`] refuses beforehand what cannot be a path inside.
//!
//! Promises: what a read-only grant forbids is refused before the system is asked, so nothing is truncated, created or
//! touched on the way to the error; nothing blocks on a FIFO or a terminal, because every open is non-blocking; nothing
//! panics on times before 1970 or offsets at the end of the number range. File positions are the caller's: all I/O here
//! is positional, and [`FileInput`] and [`FileOutput`] are callers.

mod descriptor;
mod stream;

use std::io;
use std::path::Path;
use std::sync::Arc;

use cap_fs_ext::{
    DirExt, FollowSymlinks, OpenOptionsFollowExt, OpenOptionsMaybeDirExt, OpenOptionsSyncExt, SystemTimeSpec,
};
use cap_std::fs::FileExt;

use super::HostError;
use super::clocks::Timestamp;
use super::path::{GuestPath, check_link_contents};

pub use descriptor::{DescriptorFlags, MetadataKey};
pub use stream::{FileInput, FileOutput};

/// What a granted directory, and everything opened through it, may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading files, listing directories, looking at metadata.
    ReadOnly,
    /// Everything.
    ReadWrite,
}

impl Access {
    /// Refuses a change beneath a read-only grant.
    fn check_write(self) -> Result<(), HostError> {
        match self {
            Access::ReadOnly => Err(HostError::ReadOnlyGrant),
            Access::ReadWrite => Ok(()),
        }
    }
}

/// What a path or handle leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// None of the others.
    Unknown,
    /// A block device.
    BlockDevice,
    /// A character device, such as a terminal.
    CharacterDevice,
    /// A directory.
    Directory,
    /// A named pipe.
    Fifo,
    /// An ordinary file.
    RegularFile,
    /// A socket in the file system.
    Socket,
    /// A symbolic link.
    SymbolicLink,
}

/// The attributes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stat {
    /// What it is.
    pub kind: FileKind,
    /// Equal for two handles exactly when they are the same file; derived from the host's device and inode numbers without
    /// showing them. 0 where the platform does not say.
    pub id: u64,
    /// Number of hard links.
    pub links: u64,
    /// Size in bytes.
    pub size: u64,
    /// Last access.
    pub accessed: Option<Timestamp>,
    /// Last change of the contents.
    pub modified: Option<Timestamp>,
    /// Last change of the attributes; where the platform does not keep it, the time of creation.
    pub changed: Option<Timestamp>,
    /// The host's device and inode numbers, where it has them.
    object: Option<(u64, u64)>,
}

impl Stat {
    /// Whether both are of the same file; false where the platform does not say.
    pub fn is_same_object(&self, other: &Stat) -> bool {
        self.object.is_some() && self.object == other.object
    }
}

/// A time to set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewTime {
    /// Leave it.
    Keep,
    /// The host's time of day.
    Now,
    /// This time.
    At(Timestamp),
}

/// How to open a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenHow {
    /// For reading.
    pub read: bool,
    /// For writing.
    pub write: bool,
    /// Create the file if it is missing.
    pub create: bool,
    /// With `create`: fail if the file exists.
    pub exclusive: bool,
    /// Empty the file.
    pub truncate: bool,
    /// Fail unless it is a directory.
    pub directory: bool,
    /// If the last component is a symbolic link, open what it leads to; else fail with [`HostError::Loop`].
    pub follow: bool,
    /// Fail unless what is beneath a directory may be changed. A directory has its grant's access either way.
    pub mutate_directory: bool,
}

/// What a path turned out to be.
#[derive(Debug)]
pub enum Opened {
    /// A directory.
    Dir(Dir),
    /// Anything else.
    File(File),
}

/// How a file will be used; a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Nothing special.
    Normal,
    /// In order.
    Sequential,
    /// In any order.
    Random,
    /// Soon.
    WillNeed,
    /// Not soon.
    DontNeed,
    /// Once.
    NoReuse,
}

/// A directory with what may be done beneath it. Clones are the same handle.
#[derive(Clone, Debug)]
pub struct Dir {
    inner: Arc<cap_std::fs::Dir>,
    access: Access,
}

impl Dir {
    /// Opens a directory of the host by its ordinary path. This is where a grant begins; nothing else in this crate uses
    /// the process's own authority over files.
    pub fn open_ambient(path: impl AsRef<Path>, access: Access) -> io::Result<Self> {
        let inner = cap_std::fs::Dir::open_ambient_dir(path, cap_std::ambient_authority())?;
        Ok(Dir { inner: Arc::new(inner), access })
    }

    /// What may be done beneath the directory.
    pub fn access(&self) -> Access {
        self.access
    }

    /// Opens `path`.
    pub fn open_at(&self, path: &str, how: OpenHow) -> Result<Opened, HostError> {
        let path = GuestPath::new(path)?;
        if how.directory && (how.create || how.exclusive || how.truncate) {
            return Err(HostError::Invalid);
        }
        let writable = how.write || how.create || how.truncate;
        if writable || how.mutate_directory {
            self.access.check_write()?;
        }
        let mut options = cap_std::fs::OpenOptions::new();
        // A file opened for nothing is opened for reading, or the system would not open it at all.
        options.read(how.read || !how.write).write(writable).truncate(how.truncate).maybe_dir(true);
        match (how.create, how.exclusive) {
            (true, true) => options.create_new(true),
            (true, false) => options.create(true),
            (false, _) => &mut options,
        };
        options.follow(if how.follow { FollowSymlinks::Yes } else { FollowSymlinks::No });
        // A FIFO without a peer, or a terminal, would otherwise stop the host's thread.
        options.nonblock(true);
        #[cfg(unix)]
        cap_std::fs::OpenOptionsExt::custom_flags(&mut options, rustix::fs::OFlags::NOCTTY.bits() as i32);

        let inner = self.inner.open_with(path.as_path(), &options)?;
        if inner.metadata()?.is_dir() {
            if how.write {
                // Where the system lets a directory be opened for writing, POSIX's answer still holds.
                return Err(HostError::IsDirectory);
            }
            let inner = Arc::new(cap_std::fs::Dir::from_std_file(inner.into_std()));
            return Ok(Opened::Dir(Dir { inner, access: self.access }));
        }
        if how.directory {
            return Err(HostError::NotDirectory);
        }
        let readable = how.read || !how.write;
        Ok(Opened::File(File { inner: Arc::new(inner), access: self.access, readable, writable }))
    }

    /// The attributes of the directory itself.
    pub fn stat(&self) -> Result<Stat, HostError> {
        Ok(stat_of(&self.inner.dir_metadata()?))
    }

    /// The attributes of what `path` leads to, or of a symbolic link at its end unless `follow`.
    pub fn stat_at(&self, path: &str, follow: bool) -> Result<Stat, HostError> {
        let path = GuestPath::new(path)?;
        // A slash after a link asks for what it leads to. `cap-std` forgets the slash where it does not follow.
        let follow = follow || path.names_directory();
        if follow { Ok(stat_of(&self.inner.metadata(path.as_path())?)) } else { self.stat_of_entry(path) }
    }

    /// The attributes of the entry that `path` names, be it a link.
    fn stat_of_entry(&self, path: GuestPath<'_>) -> Result<Stat, HostError> {
        Ok(stat_of(&self.inner.symlink_metadata(path.as_path())?))
    }

    /// Sets the times of the directory itself.
    pub fn set_times(&self, accessed: NewTime, modified: NewTime) -> Result<(), HostError> {
        self.set_times_at(".", true, accessed, modified)
    }

    /// Sets the times of what `path` leads to.
    pub fn set_times_at(
        &self,
        path: &str,
        follow: bool,
        accessed: NewTime,
        modified: NewTime,
    ) -> Result<(), HostError> {
        self.access.check_write()?;
        let checked = GuestPath::new(path)?;
        let leads_on = follow && self.stat_at(path, false)?.kind == FileKind::SymbolicLink;
        if !leads_on && !is_before_1970(accessed) && !is_before_1970(modified) {
            return Ok(self.inner.set_symlink_times(checked.as_path(), time_spec(accessed)?, time_spec(modified)?)?);
        }
        // Through a handle: following, `cap-std` would open a FIFO and wait for its reader, and on times before 1970 it
        // panics. A link itself has no handle, so that its times lie before 1970 is the one thing that cannot be set.
        let how = OpenHow { follow, ..OpenHow::default() };
        let opened = match self.open_at(path, OpenHow { read: true, ..how }) {
            Err(HostError::Access) => self.open_at(path, OpenHow { write: true, ..how }),
            result => result,
        };
        match opened? {
            Opened::File(file) => set_handle_times(&*file.inner, accessed, modified),
            Opened::Dir(dir) => set_handle_times(&*dir.inner, accessed, modified),
        }
    }

    /// Makes a directory.
    pub fn create_dir_at(&self, path: &str) -> Result<(), HostError> {
        self.access.check_write()?;
        Ok(self.inner.create_dir(GuestPath::new(path)?.as_path())?)
    }

    /// Removes an empty directory.
    pub fn remove_dir_at(&self, path: &str) -> Result<(), HostError> {
        self.access.check_write()?;
        // With its slash the path would mean the directory's own `.`, which no system removes.
        Ok(self.inner.remove_dir(GuestPath::new(path)?.without_trailing_slashes().as_path())?)
    }

    /// Removes anything but a directory.
    pub fn unlink_at(&self, path: &str) -> Result<(), HostError> {
        self.access.check_write()?;
        Ok(self.inner.remove_file_or_symlink(GuestPath::new(path)?.as_path())?)
    }

    /// Gives the file at `path` a second name. A symbolic link gets the second name itself; to `follow` it instead is not
    /// offered.
    pub fn link_at(&self, path: &str, follow: bool, new_dir: &Dir, new_path: &str) -> Result<(), HostError> {
        self.access.check_write()?;
        new_dir.access.check_write()?;
        if follow {
            return Err(HostError::Invalid);
        }
        let (path, new_path) = (GuestPath::new(path)?, GuestPath::new(new_path)?);
        Ok(self.inner.hard_link(path.as_path(), &new_dir.inner, new_path.as_path())?)
    }

    /// Renames or moves.
    pub fn rename_at(&self, path: &str, new_dir: &Dir, new_path: &str) -> Result<(), HostError> {
        self.access.check_write()?;
        new_dir.access.check_write()?;
        let (from, to) = (GuestPath::new(path)?, GuestPath::new(new_path)?);
        let (bare_from, bare_to) = (from.without_trailing_slashes(), to.without_trailing_slashes());
        // A slash on either side means that a directory is moved, not a link to one. Systems differ in what else they make
        // of it, some follow the link, so they never see the slash.
        if (from != bare_from || to != bare_to) && self.stat_of_entry(bare_from)?.kind != FileKind::Directory {
            return Err(HostError::NotDirectory);
        }
        Ok(self.inner.rename(bare_from.as_path(), &new_dir.inner, bare_to.as_path())?)
    }

    /// Makes a symbolic link at `path` that says `contents`.
    pub fn symlink_at(&self, contents: &str, path: &str) -> Result<(), HostError> {
        self.access.check_write()?;
        let (contents, path) = (check_link_contents(contents)?, GuestPath::new(path)?);
        Ok(DirExt::symlink(&*self.inner, contents, path.as_path())?)
    }

    /// What the symbolic link at `path` says. An absolute target is [`HostError::NotPermitted`]: it names a place of the
    /// host.
    pub fn read_link_at(&self, path: &str) -> Result<String, HostError> {
        let target = self.inner.read_link(GuestPath::new(path)?.as_path())?;
        target.into_os_string().into_string().map_err(|_| HostError::IllegalByteSequence)
    }

    /// Lists the directory from its start, without `.` and `..`.
    pub fn entries(&self) -> Result<DirEntries, HostError> {
        Ok(DirEntries { inner: self.inner.entries()? })
    }

    /// Waits until the directory's entries, or also its attributes, are on the disk.
    pub fn sync(&self, data_only: bool) -> Result<(), HostError> {
        let handle = self.inner.open(".")?;
        Ok(if data_only { handle.sync_data() } else { handle.sync_all() }?)
    }
}

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// Its name.
    pub name: String,
    /// What it is; a symbolic link is not followed.
    pub kind: FileKind,
    /// As [`Stat::id`].
    pub id: u64,
}

/// A listing under way. Entries that come or go meanwhile may or may not be seen.
#[derive(Debug)]
pub struct DirEntries {
    inner: cap_std::fs::ReadDir,
}

impl DirEntries {
    /// Passes over one entry without looking at it; false at the end.
    pub fn skip_one(&mut self) -> Result<bool, HostError> {
        self.inner.next().transpose().map(|entry| entry.is_some()).map_err(HostError::from)
    }
}

impl Iterator for DirEntries {
    type Item = Result<DirEntry, HostError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let entry = match self.inner.next()? {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error.into())),
            };
            let metadata = match entry.metadata() {
                Ok(metadata) => metadata,
                // Removed since it was listed.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Some(Err(error.into())),
            };
            let Ok(name) = entry.file_name().into_string() else {
                return Some(Err(HostError::IllegalByteSequence));
            };
            let Stat { kind, id, .. } = stat_of(&metadata);
            return Some(Ok(DirEntry { name, kind, id }));
        }
    }
}

/// An open file. Clones are the same handle.
#[derive(Clone, Debug)]
pub struct File {
    inner: Arc<cap_std::fs::File>,
    access: Access,
    readable: bool,
    writable: bool,
}

impl File {
    /// Whether it was opened for reading.
    pub fn is_readable(&self) -> bool {
        self.readable
    }

    /// Whether it was opened for writing.
    pub fn is_writable(&self) -> bool {
        self.writable
    }

    /// The file's attributes.
    pub fn stat(&self) -> Result<Stat, HostError> {
        Ok(stat_of(&self.inner.metadata()?))
    }

    /// Reads at `offset`; 0 bytes is the end of the file.
    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize, HostError> {
        check_offset(offset)?;
        retry(|| read_at(&self.inner, buffer, offset))
    }

    /// As [`read_at`](Self::read_at), up to `len` bytes and at most a megabyte, and whether the file ends before them.
    pub fn read(&self, len: u64, offset: u64) -> Result<(Vec<u8>, bool), HostError> {
        let len = len.min(MAX_READ) as usize;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len).map_err(|_| HostError::OutOfMemory)?;
        bytes.resize(len, 0);
        let size = self.read_at(&mut bytes, offset)?;
        bytes.truncate(size);
        Ok((bytes, size == 0 && len > 0))
    }

    /// Writes at `offset`.
    pub fn write_at(&self, bytes: &[u8], offset: u64) -> Result<usize, HostError> {
        check_offset(offset)?;
        retry(|| write_at(&self.inner, bytes, offset))
    }

    /// Writes at the end of the file, wherever that is by then.
    pub fn append(&self, bytes: &[u8]) -> Result<usize, HostError> {
        #[cfg(target_os = "linux")]
        {
            use rustix::io::{ReadWriteFlags, pwritev2};
            let append = || pwritev2(&*self.inner, &[io::IoSlice::new(bytes)], 0, ReadWriteFlags::APPEND);
            match retry(|| append().map_err(io::Error::from)) {
                // Kernels before 4.16 and a few file systems.
                Err(HostError::Unsupported) => {}
                result => return result,
            }
        }
        let end = self.inner.metadata()?.len();
        self.write_at(bytes, end)
    }

    /// Cuts or extends the file with zeros.
    pub fn set_size(&self, size: u64) -> Result<(), HostError> {
        self.access.check_write()?;
        Ok(self.inner.set_len(size)?)
    }

    /// Sets the file's times.
    pub fn set_times(&self, accessed: NewTime, modified: NewTime) -> Result<(), HostError> {
        self.access.check_write()?;
        set_handle_times(&*self.inner, accessed, modified)
    }

    /// Waits until the contents, or also the attributes, are on the disk.
    pub fn sync(&self, data_only: bool) -> Result<(), HostError> {
        match if data_only { self.inner.sync_data() } else { self.inner.sync_all() } {
            // Windows flushes only what is open for writing; a file that is not has nothing to flush.
            Err(error) if cfg!(windows) && !self.writable && error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            result => Ok(result?),
        }
    }

    /// Tells the system how the range will be used.
    pub fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<(), HostError> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            check_offset(offset)?;
            check_offset(len)?;
            let advice = match advice {
                Advice::Normal => rustix::fs::Advice::Normal,
                Advice::Sequential => rustix::fs::Advice::Sequential,
                Advice::Random => rustix::fs::Advice::Random,
                Advice::WillNeed => rustix::fs::Advice::WillNeed,
                Advice::DontNeed => rustix::fs::Advice::DontNeed,
                Advice::NoReuse => rustix::fs::Advice::NoReuse,
            };
            rustix::fs::fadvise(&*self.inner, offset, core::num::NonZeroU64::new(len), advice)?;
        }
        // Elsewhere a hint without a taker is a success.
        let _ = (offset, len, advice);
        Ok(())
    }
}

/// The most bytes that [`File::read`] reads at once.
const MAX_READ: u64 = 1 << 20;

/// Systems count offsets in signed 64 bits; a greater number is [`HostError::Invalid`] everywhere, as on Linux.
fn check_offset(offset: u64) -> Result<(), HostError> {
    if i64::try_from(offset).is_ok() { Ok(()) } else { Err(HostError::Invalid) }
}

fn retry(mut call: impl FnMut() -> io::Result<usize>) -> Result<usize, HostError> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return Ok(result?),
        }
    }
}

#[cfg(unix)]
fn read_at(file: &cap_std::fs::File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(buffer, offset)
}

#[cfg(unix)]
fn write_at(file: &cap_std::fs::File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    file.write_at(bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &cap_std::fs::File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    match file.seek_read(buffer, offset) {
        // ERROR_HANDLE_EOF: Windows reports reading past the end, POSIX reads nothing.
        Err(error) if error.raw_os_error() == Some(38) => Ok(0),
        result => result,
    }
}

#[cfg(windows)]
fn write_at(file: &cap_std::fs::File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    file.seek_write(bytes, offset)
}

fn is_before_1970(time: NewTime) -> bool {
    matches!(time, NewTime::At(time) if time.seconds < 0)
}

/// For `cap-std`, which must not be given a time before 1970.
fn time_spec(time: NewTime) -> Result<Option<SystemTimeSpec>, HostError> {
    Ok(match time {
        NewTime::Keep => None,
        NewTime::Now => Some(SystemTimeSpec::SymbolicNow),
        NewTime::At(time) => {
            let time = time.to_system_time().ok_or(HostError::Overflow)?;
            Some(SystemTimeSpec::Absolute(cap_std::time::SystemTime::from_std(time)))
        }
    })
}

#[cfg(unix)]
fn set_handle_times(handle: impl std::os::fd::AsFd, accessed: NewTime, modified: NewTime) -> Result<(), HostError> {
    use rustix::fs::{Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};
    let timespec = |time| match time {
        NewTime::Keep => Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT as _ },
        NewTime::Now => Timespec { tv_sec: 0, tv_nsec: UTIME_NOW as _ },
        NewTime::At(time) => Timespec { tv_sec: time.seconds as _, tv_nsec: time.nanoseconds as _ },
    };
    let times = Timestamps { last_access: timespec(accessed), last_modification: timespec(modified) };
    Ok(rustix::fs::futimens(handle, &times)?)
}

#[cfg(not(unix))]
fn set_handle_times<H: fs_set_times::SetTimes>(
    handle: &H,
    accessed: NewTime,
    modified: NewTime,
) -> Result<(), HostError> {
    let spec = |time| {
        Ok::<_, HostError>(match time {
            NewTime::Keep => None,
            NewTime::Now => Some(fs_set_times::SystemTimeSpec::SymbolicNow),
            // Before 1970 the library panics.
            NewTime::At(time) if time.seconds < 0 => return Err(HostError::Invalid),
            NewTime::At(time) => {
                Some(fs_set_times::SystemTimeSpec::Absolute(time.to_system_time().ok_or(HostError::Overflow)?))
            }
        })
    };
    Ok(handle.set_times(spec(accessed)?, spec(modified)?)?)
}

fn stat_of(metadata: &cap_std::fs::Metadata) -> Stat {
    let time = |time: io::Result<cap_std::time::SystemTime>| time.ok().map(|time| Timestamp::from(time.into_std()));
    let (object, links) = identity(metadata);
    Stat {
        kind: kind_of(metadata.file_type()),
        // `mix` is one-to-one: files of one device never collide.
        id: object.map_or(0, |(device, inode)| mix(inode ^ mix(device))),
        links,
        size: metadata.len(),
        accessed: time(metadata.accessed()),
        modified: time(metadata.modified()),
        changed: changed(metadata).or_else(|| time(metadata.created())),
        object,
    }
}

/// Device and inode, and the number of links.
#[cfg(unix)]
fn identity(metadata: &cap_std::fs::Metadata) -> (Option<(u64, u64)>, u64) {
    use cap_std::fs::MetadataExt;
    (Some((metadata.dev(), metadata.ino())), metadata.nlink())
}

/// The stable standard library does not tell a file's index here.
#[cfg(not(unix))]
fn identity(_: &cap_std::fs::Metadata) -> (Option<(u64, u64)>, u64) {
    (None, 1)
}

#[cfg(unix)]
fn changed(metadata: &cap_std::fs::Metadata) -> Option<Timestamp> {
    use cap_std::fs::MetadataExt;
    let nanoseconds = u32::try_from(metadata.ctime_nsec()).ok()?;
    Some(Timestamp { seconds: metadata.ctime(), nanoseconds })
}

#[cfg(not(unix))]
fn changed(_: &cap_std::fs::Metadata) -> Option<Timestamp> {
    None
}

/// Scrambles 64 bits one-to-one (the finaliser of SplitMix64).
pub(super) fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn kind_of(kind: cap_std::fs::FileType) -> FileKind {
    if kind.is_dir() {
        FileKind::Directory
    } else if kind.is_file() {
        FileKind::RegularFile
    } else if kind.is_symlink() {
        FileKind::SymbolicLink
    } else {
        special_kind(kind)
    }
}

#[cfg(unix)]
fn special_kind(kind: cap_std::fs::FileType) -> FileKind {
    use cap_std::fs::FileTypeExt;
    if kind.is_block_device() {
        FileKind::BlockDevice
    } else if kind.is_char_device() {
        FileKind::CharacterDevice
    } else if kind.is_fifo() {
        FileKind::Fifo
    } else if kind.is_socket() {
        FileKind::Socket
    } else {
        FileKind::Unknown
    }
}

#[cfg(not(unix))]
fn special_kind(_: cap_std::fs::FileType) -> FileKind {
    FileKind::Unknown
}
