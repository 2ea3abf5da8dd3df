//! `wasi:filesystem/types`.

use std::sync::Arc;

use whit_component::{Linker, Resource};
use whit_core::Error;

use crate::ctx::WasiCtx;
use crate::host::clocks::Timestamp;
use crate::host::fs::{self, Dir, DirEntries, File, FileKind, NewTime, OpenHow, Opened, Stat};
use crate::host::stream::{Failure, Input, InputStream, Output, OutputStream};
use crate::host::wait::Source;
use crate::host::{Held, HostError};
use crate::p2::clocks::wall_clock::Datetime;
use crate::p2::interface::{Code, Fail, Interface, Project};

whit_component::enumeration! {
    /// `descriptor-type`.
    #[derive(Clone, Copy)]
    enum DescriptorType {
        Unknown = "unknown",
        BlockDevice = "block-device",
        CharacterDevice = "character-device",
        Directory = "directory",
        Fifo = "fifo",
        SymbolicLink = "symbolic-link",
        RegularFile = "regular-file",
        Socket = "socket",
    }
}

impl From<FileKind> for DescriptorType {
    fn from(kind: FileKind) -> Self {
        match kind {
            FileKind::Unknown => Self::Unknown,
            FileKind::BlockDevice => Self::BlockDevice,
            FileKind::CharacterDevice => Self::CharacterDevice,
            FileKind::Directory => Self::Directory,
            FileKind::Fifo => Self::Fifo,
            FileKind::SymbolicLink => Self::SymbolicLink,
            FileKind::RegularFile => Self::RegularFile,
            FileKind::Socket => Self::Socket,
        }
    }
}

whit_component::flags! {
    /// `descriptor-flags`.
    struct DescriptorFlags {
        READ = "read",
        WRITE = "write",
        FILE_INTEGRITY_SYNC = "file-integrity-sync",
        DATA_INTEGRITY_SYNC = "data-integrity-sync",
        REQUESTED_WRITE_SYNC = "requested-write-sync",
        MUTATE_DIRECTORY = "mutate-directory",
    }
}

impl From<fs::DescriptorFlags> for DescriptorFlags {
    fn from(flags: fs::DescriptorFlags) -> Self {
        let only = |is_set: bool, flag| if is_set { flag } else { Self::default() };
        only(flags.read, Self::READ)
            | only(flags.write, Self::WRITE)
            | only(flags.mutate_directory, Self::MUTATE_DIRECTORY)
    }
}

whit_component::flags! {
    /// `path-flags`.
    struct PathFlags {
        SYMLINK_FOLLOW = "symlink-follow",
    }
}

impl PathFlags {
    fn follow(self) -> bool {
        self.contains(Self::SYMLINK_FOLLOW)
    }
}

whit_component::flags! {
    /// `open-flags`.
    struct OpenFlags {
        CREATE = "create",
        DIRECTORY = "directory",
        EXCLUSIVE = "exclusive",
        TRUNCATE = "truncate",
    }
}

whit_component::record! {
    /// `descriptor-stat`.
    struct DescriptorStat {
        ty: DescriptorType = "type",
        link_count: u64 = "link-count",
        size: u64 = "size",
        data_access_timestamp: Option<Datetime> = "data-access-timestamp",
        data_modification_timestamp: Option<Datetime> = "data-modification-timestamp",
        status_change_timestamp: Option<Datetime> = "status-change-timestamp",
    }
}

impl From<Stat> for DescriptorStat {
    fn from(stat: Stat) -> Self {
        DescriptorStat {
            ty: stat.kind.into(),
            link_count: stat.links,
            size: stat.size,
            data_access_timestamp: stat.accessed.map(Datetime::from),
            data_modification_timestamp: stat.modified.map(Datetime::from),
            status_change_timestamp: stat.changed.map(Datetime::from),
        }
    }
}

whit_component::variant! {
    /// `new-timestamp`.
    enum NewTimestamp {
        NoChange = "no-change",
        Now = "now",
        Timestamp(time: Datetime) = "timestamp",
    }
}

impl TryFrom<NewTimestamp> for NewTime {
    type Error = HostError;

    fn try_from(time: NewTimestamp) -> Result<Self, HostError> {
        Ok(match time {
            NewTimestamp::NoChange => NewTime::Keep,
            NewTimestamp::Now => NewTime::Now,
            NewTimestamp::Timestamp(time) => NewTime::At(Timestamp::try_from(time)?),
        })
    }
}

whit_component::record! {
    /// `directory-entry`.
    struct DirectoryEntry {
        ty: DescriptorType = "type",
        name: String = "name",
    }
}

whit_component::enumeration! {
    /// `advice`.
    #[derive(Clone, Copy)]
    enum Advice {
        Normal = "normal",
        Sequential = "sequential",
        Random = "random",
        WillNeed = "will-need",
        DontNeed = "dont-need",
        NoReuse = "no-reuse",
    }
}

impl From<Advice> for fs::Advice {
    fn from(advice: Advice) -> Self {
        match advice {
            Advice::Normal => fs::Advice::Normal,
            Advice::Sequential => fs::Advice::Sequential,
            Advice::Random => fs::Advice::Random,
            Advice::WillNeed => fs::Advice::WillNeed,
            Advice::DontNeed => fs::Advice::DontNeed,
            Advice::NoReuse => fs::Advice::NoReuse,
        }
    }
}

whit_component::record! {
    /// `metadata-hash-value`.
    struct MetadataHashValue {
        lower: u64 = "lower",
        upper: u64 = "upper",
    }
}

impl From<(u64, u64)> for MetadataHashValue {
    fn from((lower, upper): (u64, u64)) -> Self {
        MetadataHashValue { lower, upper }
    }
}

whit_component::enumeration! {
    /// `error-code`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum ErrorCode {
        Access = "access",
        WouldBlock = "would-block",
        Already = "already",
        BadDescriptor = "bad-descriptor",
        Busy = "busy",
        Deadlock = "deadlock",
        Quota = "quota",
        Exist = "exist",
        FileTooLarge = "file-too-large",
        IllegalByteSequence = "illegal-byte-sequence",
        InProgress = "in-progress",
        Interrupted = "interrupted",
        Invalid = "invalid",
        Io = "io",
        IsDirectory = "is-directory",
        Loop = "loop",
        TooManyLinks = "too-many-links",
        MessageSize = "message-size",
        NameTooLong = "name-too-long",
        NoDevice = "no-device",
        NoEntry = "no-entry",
        NoLock = "no-lock",
        InsufficientMemory = "insufficient-memory",
        InsufficientSpace = "insufficient-space",
        NotDirectory = "not-directory",
        NotEmpty = "not-empty",
        NotRecoverable = "not-recoverable",
        Unsupported = "unsupported",
        NoTty = "no-tty",
        NoSuchDevice = "no-such-device",
        Overflow = "overflow",
        NotPermitted = "not-permitted",
        Pipe = "pipe",
        ReadOnly = "read-only",
        InvalidSeek = "invalid-seek",
        TextFileBusy = "text-file-busy",
        CrossDevice = "cross-device",
    }
}

impl From<HostError> for ErrorCode {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Access => Self::Access,
            HostError::WouldBlock => Self::WouldBlock,
            HostError::Already => Self::Already,
            HostError::BadDescriptor => Self::BadDescriptor,
            HostError::Busy => Self::Busy,
            HostError::Deadlock => Self::Deadlock,
            HostError::Quota => Self::Quota,
            HostError::Exist => Self::Exist,
            HostError::FileTooLarge => Self::FileTooLarge,
            HostError::IllegalByteSequence => Self::IllegalByteSequence,
            HostError::InProgress => Self::InProgress,
            HostError::Interrupted => Self::Interrupted,
            HostError::Invalid => Self::Invalid,
            HostError::IsDirectory => Self::IsDirectory,
            HostError::Loop => Self::Loop,
            HostError::TooManyLinks => Self::TooManyLinks,
            HostError::MessageSize => Self::MessageSize,
            HostError::NameTooLong => Self::NameTooLong,
            HostError::NoDevice => Self::NoDevice,
            HostError::NoEntry => Self::NoEntry,
            HostError::NoLock => Self::NoLock,
            // The interface has no code for a full table of descriptors.
            HostError::OutOfMemory | HostError::TooManyOpenFiles => Self::InsufficientMemory,
            HostError::NoSpace => Self::InsufficientSpace,
            HostError::NotDirectory => Self::NotDirectory,
            HostError::NotEmpty => Self::NotEmpty,
            HostError::Unsupported => Self::Unsupported,
            HostError::NoSuchDevice => Self::NoSuchDevice,
            HostError::Overflow => Self::Overflow,
            HostError::NotPermitted => Self::NotPermitted,
            HostError::Pipe => Self::Pipe,
            HostError::ReadOnly | HostError::ReadOnlyGrant => Self::ReadOnly,
            HostError::InvalidSeek => Self::InvalidSeek,
            HostError::TextBusy => Self::TextFileBusy,
            HostError::CrossDevice => Self::CrossDevice,
            // Those of sockets, which no file has.
            _ => Self::Io,
        }
    }
}

impl Code for HostError {
    type Code = ErrorCode;

    fn code(self, ctx: &mut WasiCtx) -> Result<ErrorCode, Error> {
        if let Some(denial) = self.denial() {
            ctx.deny(denial);
        }
        Ok(self.into())
    }
}

/// The resource `descriptor`.
pub(crate) struct Descriptor {
    opened: Opened,
    /// Its room among the descriptors that the context may hold, which streams of the file keep.
    held: Option<Arc<Held>>,
}

impl Descriptor {
    /// Of what was opened, with the room it takes.
    pub(crate) fn new(opened: Opened, held: Option<Held>) -> Self {
        Descriptor { opened, held: held.map(Arc::new) }
    }

    /// A stream of the file, which keeps its room. Of a directory it is one, and no bad descriptor as elsewhere: that is what programs
    /// expect of reading one.
    fn stream<S>(&self, make: impl Fn(&File) -> Result<S, HostError>) -> Result<Holding<S>, HostError> {
        match &self.opened {
            Opened::File(file) => Ok(Holding { stream: make(file)?, _held: self.held.clone() }),
            Opened::Dir(_) => Err(HostError::IsDirectory),
        }
    }
}

/// The resource `directory-entry-stream`.
struct Listing {
    entries: DirEntries,
    _held: Held,
}

/// A stream of a file, which may outlive the descriptor.
struct Holding<S> {
    stream: S,
    _held: Option<Arc<Held>>,
}

impl<S: InputStream> InputStream for Holding<S> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HostError> {
        self.stream.read(buffer)
    }

    fn source(&self) -> Arc<dyn Source> {
        self.stream.source()
    }
}

impl<S: OutputStream> OutputStream for Holding<S> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, HostError> {
        self.stream.write(bytes)
    }

    fn source(&self) -> Arc<dyn Source> {
        self.stream.source()
    }
}

/// Room for one more descriptor.
fn hold(ctx: &WasiCtx) -> Result<Held, HostError> {
    ctx.descriptor_quota().take().ok_or(HostError::TooManyOpenFiles)
}

type This = Resource<Descriptor>;

/// What was opened.
fn opened<'c>(ctx: &'c WasiCtx, this: &This) -> Result<&'c Opened, Fail<HostError>> {
    Ok(&ctx.table.get(this)?.opened)
}

/// The same, as a file.
fn file<'c>(ctx: &'c WasiCtx, this: &This) -> Result<&'c File, Fail<HostError>> {
    Ok(opened(ctx, this)?.file()?)
}

/// The same, as a directory.
fn dir<'c>(ctx: &'c WasiCtx, this: &This) -> Result<&'c Dir, Fail<HostError>> {
    Ok(opened(ctx, this)?.dir()?)
}

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut types = Interface::<T, HostError>::new(linker, "wasi:filesystem/types@0.2.12", ctx)?;
    types.resource::<Descriptor>("descriptor")?;
    types.resource::<Listing>("directory-entry-stream")?;
    define_streams(&mut types)?;
    define_file(&mut types)?;
    define_any(&mut types)?;
    define_directory(&mut types)?;
    types.fallible("[method]directory-entry-stream.read-directory-entry", |ctx, (this,): (Resource<Listing>,)| {
        let entry = ctx.table.get_mut(&this)?.entries.next().transpose()?;
        Ok(entry.map(|entry| DirectoryEntry { ty: entry.kind.into(), name: entry.name }))
    })?;
    types.func("filesystem-error-code", |ctx, (error,): (Resource<Failure>,)| {
        Ok((match ctx.table.get(&error)? {
            Failure::File(error) => Some(ErrorCode::from(*error)),
            _ => None,
        },))
    })
}

/// Streams of files.
fn define_streams<T: 'static>(types: &mut Interface<'_, T, HostError>) -> Result<(), Error> {
    types.fallible("[method]descriptor.read-via-stream", |ctx, (this, offset): (This, u64)| {
        let stream = ctx.table.get(&this)?.stream(|file| file.read_via_stream(offset))?;
        Ok(ctx.table.push(Input::new(stream, Failure::File))?)
    })?;
    types.fallible("[method]descriptor.write-via-stream", |ctx, (this, offset): (This, u64)| {
        let stream = ctx.table.get(&this)?.stream(|file| file.write_via_stream(offset))?;
        Ok(ctx.table.push(Output::new(stream, Failure::File))?)
    })?;
    types.fallible("[method]descriptor.append-via-stream", |ctx, (this,): (This,)| {
        let stream = ctx.table.get(&this)?.stream(File::append_via_stream)?;
        Ok(ctx.table.push(Output::new(stream, Failure::File))?)
    })
}

/// What can be done with a file only.
fn define_file<T: 'static>(types: &mut Interface<'_, T, HostError>) -> Result<(), Error> {
    types.fallible("[method]descriptor.advise", |ctx, (this, offset, length, advice): (This, u64, u64, Advice)| {
        Ok(file(ctx, &this)?.advise(offset, length, advice.into())?)
    })?;
    types.fallible("[method]descriptor.set-size", |ctx, (this, size): (This, u64)| {
        Ok(file(ctx, &this)?.set_size(size)?)
    })?;
    types.fallible("[method]descriptor.read", |ctx, (this, length, offset): (This, u64, u64)| {
        Ok(file(ctx, &this)?.read(length, offset)?)
    })?;
    types.fallible("[method]descriptor.write", |ctx, (this, buffer, offset): (This, Vec<u8>, u64)| {
        Ok(file(ctx, &this)?.write_at(&buffer, offset)? as u64)
    })
}

/// What can be done with every descriptor.
fn define_any<T: 'static>(types: &mut Interface<'_, T, HostError>) -> Result<(), Error> {
    types.fallible("[method]descriptor.sync-data", |ctx, (this,): (This,)| Ok(opened(ctx, &this)?.sync(true)?))?;
    types.fallible("[method]descriptor.sync", |ctx, (this,): (This,)| Ok(opened(ctx, &this)?.sync(false)?))?;
    types.fallible("[method]descriptor.get-flags", |ctx, (this,): (This,)| {
        Ok(DescriptorFlags::from(opened(ctx, &this)?.flags()))
    })?;
    types.fallible("[method]descriptor.get-type", |ctx, (this,): (This,)| {
        Ok(DescriptorType::from(opened(ctx, &this)?.kind()?))
    })?;
    types.fallible("[method]descriptor.stat", |ctx, (this,): (This,)| {
        Ok(DescriptorStat::from(opened(ctx, &this)?.stat()?))
    })?;
    types.fallible(
        "[method]descriptor.set-times",
        |ctx, (this, accessed, modified): (This, NewTimestamp, NewTimestamp)| {
            Ok(opened(ctx, &this)?.set_times(accessed.try_into()?, modified.try_into()?)?)
        },
    )?;
    types.fallible("[method]descriptor.metadata-hash", |ctx, (this,): (This,)| {
        let key = ctx.metadata_key()?;
        Ok(MetadataHashValue::from(opened(ctx, &this)?.stat()?.metadata_hash(&key)))
    })?;
    types.func("[method]descriptor.is-same-object", |ctx, (this, other): (This, This)| {
        let (this, other) = (ctx.table.get(&this)?, ctx.table.get(&other)?);
        Ok((this.opened.is_same_object(&other.opened),))
    })
}

/// What can be done with a directory only: whatever takes a path.
fn define_directory<T: 'static>(types: &mut Interface<'_, T, HostError>) -> Result<(), Error> {
    types.fallible("[method]descriptor.read-directory", |ctx, (this,): (This,)| {
        let held = hold(ctx)?;
        let entries = dir(ctx, &this)?.entries()?;
        Ok(ctx.table.push(Listing { entries, _held: held })?)
    })?;
    types.fallible("[method]descriptor.create-directory-at", |ctx, (this, path): (This, String)| {
        Ok(dir(ctx, &this)?.create_dir_at(&path)?)
    })?;
    types.fallible("[method]descriptor.stat-at", |ctx, (this, flags, path): (This, PathFlags, String)| {
        Ok(DescriptorStat::from(dir(ctx, &this)?.stat_at(&path, flags.follow())?))
    })?;
    types.fallible(
        "[method]descriptor.set-times-at",
        |ctx, (this, flags, path, accessed, modified): (This, PathFlags, String, NewTimestamp, NewTimestamp)| {
            let (accessed, modified) = (accessed.try_into()?, modified.try_into()?);
            Ok(dir(ctx, &this)?.set_times_at(&path, flags.follow(), accessed, modified)?)
        },
    )?;
    types.fallible(
        "[method]descriptor.link-at",
        |ctx, (this, flags, old_path, new, new_path): (This, PathFlags, String, This, String)| {
            Ok(dir(ctx, &this)?.link_at(&old_path, flags.follow(), dir(ctx, &new)?, &new_path)?)
        },
    )?;
    types.fallible("[method]descriptor.open-at", open_at)?;
    types.fallible("[method]descriptor.readlink-at", |ctx, (this, path): (This, String)| {
        Ok(dir(ctx, &this)?.read_link_at(&path)?)
    })?;
    types.fallible("[method]descriptor.remove-directory-at", |ctx, (this, path): (This, String)| {
        Ok(dir(ctx, &this)?.remove_dir_at(&path)?)
    })?;
    types.fallible(
        "[method]descriptor.rename-at",
        |ctx, (this, old_path, new, new_path): (This, String, This, String)| {
            Ok(dir(ctx, &this)?.rename_at(&old_path, dir(ctx, &new)?, &new_path)?)
        },
    )?;
    types.fallible("[method]descriptor.symlink-at", |ctx, (this, old_path, new_path): (This, String, String)| {
        Ok(dir(ctx, &this)?.symlink_at(&old_path, &new_path)?)
    })?;
    types.fallible("[method]descriptor.unlink-file-at", |ctx, (this, path): (This, String)| {
        Ok(dir(ctx, &this)?.unlink_at(&path)?)
    })?;
    types.fallible("[method]descriptor.metadata-hash-at", |ctx, (this, flags, path): (This, PathFlags, String)| {
        let key = ctx.metadata_key()?;
        Ok(MetadataHashValue::from(dir(ctx, &this)?.metadata_hash_at(&path, flags.follow(), &key)?))
    })
}

fn open_at(
    ctx: &mut WasiCtx,
    (this, path_flags, path, open_flags, flags): (This, PathFlags, String, OpenFlags, DescriptorFlags),
) -> Result<This, Fail<HostError>> {
    let synchronous = [
        DescriptorFlags::FILE_INTEGRITY_SYNC,
        DescriptorFlags::DATA_INTEGRITY_SYNC,
        DescriptorFlags::REQUESTED_WRITE_SYNC,
    ];
    if synchronous.into_iter().any(|flag| flags.contains(flag)) {
        return Err(HostError::Unsupported.into());
    }
    let how = OpenHow {
        read: flags.contains(DescriptorFlags::READ),
        write: flags.contains(DescriptorFlags::WRITE),
        create: open_flags.contains(OpenFlags::CREATE),
        exclusive: open_flags.contains(OpenFlags::EXCLUSIVE),
        truncate: open_flags.contains(OpenFlags::TRUNCATE),
        directory: open_flags.contains(OpenFlags::DIRECTORY),
        follow: path_flags.follow(),
        mutate_directory: flags.contains(DescriptorFlags::MUTATE_DIRECTORY),
    };
    let held = hold(ctx)?;
    let opened = dir(ctx, &this)?.open_at(&path, how)?;
    Ok(ctx.table.push(Descriptor::new(opened, Some(held)))?)
}
