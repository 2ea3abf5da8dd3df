//! `fd_*`: what a descriptor can do by itself.
//!
//! Files are read and written at positions kept here, streams as far as they go without waiting. Every address that will
//! be written is checked before the call has an effect.

use std::sync::Arc;

use super::abi::{self, Dirent, Fdflags, Fdstat, Filestat, Filetype, Fstflags, Rights, Whence};
use super::table::{Descriptor, DirDescriptor, FileDescriptor, Listing};
use super::{Call, Errno, Fault, GuestMemory, Pending, Rest, Stop};
use crate::ctx::WasiCtx;
use crate::host::HostError;
use crate::host::clocks::Timestamp;
use crate::host::fs::{Dir, DirEntry, File, NewTime};
use crate::host::stream::{InputStream, OutputStream};
use crate::host::wait::{Source, Wait};

/// The number of buffers one call looks at, as in most systems. More are a short read or write, not an error.
const MAX_IOVECS: u32 = 1024;

/// The number of bytes one call reads, or writes to a file. More are a short read or write.
pub(super) const MAX_TRANSFER: u32 = 64 << 20;

/// The number of bytes a call moves to a stream before the embedder gets a chance to interrupt.
const STREAM_STEP: usize = 1 << 20;

pub(super) fn fd_advise(
    ctx: &mut WasiCtx,
    _: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    len: u64,
    advice: u32,
) -> Call {
    let advice = abi::advice(advice)?;
    Ok(ctx.descriptors.file(fd)?.file.advise(offset, len, advice)?)
}

/// Not every system can promise space, so none does, as in Wasmtime.
pub(super) fn fd_allocate(ctx: &mut WasiCtx, _: &mut GuestMemory<'_>, fd: u32, _offset: u64, _len: u64) -> Call {
    ctx.descriptors.file(fd)?;
    Err(Errno::NotSup.into())
}

pub(super) fn fd_close(ctx: &mut WasiCtx, _: &mut GuestMemory<'_>, fd: u32) -> Call {
    ctx.descriptors.remove(fd)?;
    Ok(())
}

pub(super) fn fd_datasync(ctx: &mut WasiCtx, _: &mut GuestMemory<'_>, fd: u32) -> Call {
    Ok(ctx.descriptors.file(fd)?.file.sync(true)?)
}

pub(super) fn fd_sync(ctx: &mut WasiCtx, _: &mut GuestMemory<'_>, fd: u32) -> Call {
    Ok(ctx.descriptors.file(fd)?.file.sync(false)?)
}

pub(super) fn fd_fdstat_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, fd: u32, stat: u32) -> Call {
    let same = |filetype, flags, rights| Fdstat { filetype, flags, rights_base: rights, rights_inheriting: rights };
    let flags_if = |nonblock| if nonblock { Fdflags::NONBLOCK } else { Fdflags::empty() };
    let record = match ctx.descriptors.get(fd)? {
        Descriptor::Stdin => same(terminal(ctx.stdio.stdin.is_terminal()), Fdflags::empty(), Rights::FD_READ),
        Descriptor::Stdout => same(terminal(ctx.stdio.stdout.is_terminal()), Fdflags::empty(), Rights::FD_WRITE),
        Descriptor::Stderr => same(terminal(ctx.stdio.stderr.is_terminal()), Fdflags::empty(), Rights::FD_WRITE),
        Descriptor::Dir(DirDescriptor { preopen: Some(_), .. }) => Fdstat {
            filetype: Filetype::Directory,
            flags: Fdflags::empty(),
            rights_base: PREOPEN_RIGHTS,
            rights_inheriting: PREOPEN_RIGHTS.union(PREOPEN_INHERITING),
        },
        Descriptor::Dir(_) => same(Filetype::Directory, Fdflags::empty(), Rights::all().difference(NOT_FOR_DIRS)),
        Descriptor::File(FileDescriptor { file, append, nonblock, .. }) => {
            let mut rights = Rights::all();
            if !file.is_readable() {
                rights.remove(Rights::FD_READ | Rights::FD_READDIR);
            }
            if !file.is_writable() {
                rights.remove(Rights::FD_WRITE);
            }
            let mut flags = flags_if(*nonblock);
            flags.set(Fdflags::APPEND, *append);
            same(file.stat()?.kind.into(), flags, rights)
        }
        Descriptor::Listener(socket) => same(Filetype::SocketStream, flags_if(socket.nonblock), LISTENER_RIGHTS),
        Descriptor::Stream(socket) => same(Filetype::SocketStream, flags_if(socket.nonblock), STREAM_RIGHTS),
    };
    Ok(record.write(memory, stat)?)
}

/// A stream is a character device if a person is at the other end; what else it is, the guest is not told.
fn terminal(is_terminal: bool) -> Filetype {
    if is_terminal { Filetype::CharacterDevice } else { Filetype::Unknown }
}

/// What guest libraries expect of a granted directory, whatever the grant: `:ro` shows when it is used.
const PREOPEN_RIGHTS: Rights = Rights::PATH_CREATE_DIRECTORY
    .union(Rights::PATH_CREATE_FILE)
    .union(Rights::PATH_LINK_SOURCE)
    .union(Rights::PATH_LINK_TARGET)
    .union(Rights::PATH_OPEN)
    .union(Rights::FD_READDIR)
    .union(Rights::PATH_READLINK)
    .union(Rights::PATH_RENAME_SOURCE)
    .union(Rights::PATH_RENAME_TARGET)
    .union(Rights::PATH_SYMLINK)
    .union(Rights::PATH_REMOVE_DIRECTORY)
    .union(Rights::PATH_UNLINK_FILE)
    .union(Rights::PATH_FILESTAT_GET)
    .union(Rights::PATH_FILESTAT_SET_TIMES)
    .union(Rights::FD_FILESTAT_GET)
    .union(Rights::FD_FILESTAT_SET_TIMES);

/// What can be asked for, beyond that, of files opened through a granted directory.
const PREOPEN_INHERITING: Rights = Rights::FD_DATASYNC
    .union(Rights::FD_READ)
    .union(Rights::FD_SEEK)
    .union(Rights::FD_FDSTAT_SET_FLAGS)
    .union(Rights::FD_SYNC)
    .union(Rights::FD_TELL)
    .union(Rights::FD_WRITE)
    .union(Rights::FD_ADVISE)
    .union(Rights::FD_ALLOCATE)
    .union(Rights::FD_FILESTAT_SET_SIZE)
    .union(Rights::POLL_FD_READWRITE);

const NOT_FOR_DIRS: Rights =
    Rights::FD_SEEK.union(Rights::FD_WRITE).union(Rights::FD_FILESTAT_SET_SIZE).union(Rights::PATH_FILESTAT_SET_SIZE);

const LISTENER_RIGHTS: Rights = Rights::SOCK_ACCEPT
    .union(Rights::FD_FDSTAT_SET_FLAGS)
    .union(Rights::FD_FILESTAT_GET)
    .union(Rights::POLL_FD_READWRITE);

const STREAM_RIGHTS: Rights = Rights::FD_READ
    .union(Rights::FD_WRITE)
    .union(Rights::FD_FDSTAT_SET_FLAGS)
    .union(Rights::FD_FILESTAT_GET)
    .union(Rights::POLL_FD_READWRITE)
    .union(Rights::SOCK_SHUTDOWN);

pub(super) fn fd_fdstat_set_flags(ctx: &mut WasiCtx, _: &mut GuestMemory<'_>, fd: u32, flags: u32) -> Call {
    let flags: Fdflags = abi::flags(flags)?;
    let is_nonblock = flags.contains(Fdflags::NONBLOCK);
    match ctx.descriptors.get_mut(fd)? {
        Descriptor::File(FileDescriptor { append, nonblock, .. }) => {
            if flags.intersects(Fdflags::DSYNC | Fdflags::RSYNC | Fdflags::SYNC) {
                return Err(Errno::Inval.into());
            }
            *append = flags.contains(Fdflags::APPEND);
            *nonblock = is_nonblock;
            Ok(())
        }
        Descriptor::Listener(super::ListenerDescriptor { nonblock, .. })
        | Descriptor::Stream(super::table::StreamDescriptor { nonblock, .. }) => {
            if flags.difference(Fdflags::NONBLOCK).is_empty() {
                *nonblock = is_nonblock;
                Ok(())
            } else {
                Err(Errno::Inval.into())
            }
        }
        _ => Err(Errno::Badf.into()),
    }
}

/// Rights are a matter of grants, not of descriptors, as in Wasmtime: what the specification calls rights can be looked at
/// but not dropped.
pub(super) fn fd_fdstat_set_rights(
    ctx: &mut WasiCtx,
    _: &mut GuestMemory<'_>,
    fd: u32,
    base: u64,
    inheriting: u64,
) -> Call {
    let _: (Rights, Rights) = (abi::flags(base)?, abi::flags(inheriting)?);
    match ctx.descriptors.get(fd)? {
        Descriptor::Stdin | Descriptor::Stdout | Descriptor::Stderr => Err(Errno::Badf.into()),
        _ => Err(Errno::NotSup.into()),
    }
}

pub(super) fn fd_filestat_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, fd: u32, stat: u32) -> Call {
    let record = match ctx.descriptors.get(fd)? {
        Descriptor::Stdin => Filestat::of_type(terminal(ctx.stdio.stdin.is_terminal())),
        Descriptor::Stdout => Filestat::of_type(terminal(ctx.stdio.stdout.is_terminal())),
        Descriptor::Stderr => Filestat::of_type(terminal(ctx.stdio.stderr.is_terminal())),
        Descriptor::Listener(_) | Descriptor::Stream(_) => Filestat::of_type(Filetype::SocketStream),
        Descriptor::Dir(descriptor) => descriptor.dir.stat()?.try_into()?,
        Descriptor::File(descriptor) => descriptor.file.stat()?.try_into()?,
    };
    Ok(record.write(memory, stat)?)
}

pub(super) fn fd_filestat_set_size(ctx: &mut WasiCtx, _: &mut GuestMemory<'_>, fd: u32, size: u64) -> Call {
    Ok(ctx.descriptors.file(fd)?.file.set_size(size)?)
}

pub(super) fn fd_filestat_set_times(
    ctx: &mut WasiCtx,
    _: &mut GuestMemory<'_>,
    fd: u32,
    atim: u64,
    mtim: u64,
    fst_flags: u32,
) -> Call {
    let (accessed, modified) = new_times(atim, mtim, fst_flags)?;
    match ctx.descriptors.get(fd)? {
        Descriptor::Dir(descriptor) => Ok(descriptor.dir.set_times(accessed, modified)?),
        Descriptor::File(descriptor) => Ok(descriptor.file.set_times(accessed, modified)?),
        _ => Err(Errno::Badf.into()),
    }
}

/// What `fstflags` says of the two times. Asking for a time and for now at once is a contradiction.
pub(super) fn new_times(atim: u64, mtim: u64, fst_flags: u32) -> Result<(NewTime, NewTime), Errno> {
    let flags: Fstflags = abi::flags(fst_flags)?;
    let time = |set, now, time| match (flags.contains(set), flags.contains(now)) {
        (true, true) => Err(Errno::Inval),
        (true, false) => Ok(NewTime::At(Timestamp::from_nanoseconds(time))),
        (false, true) => Ok(NewTime::Now),
        (false, false) => Ok(NewTime::Keep),
    };
    Ok((time(Fstflags::ATIM, Fstflags::ATIM_NOW, atim)?, time(Fstflags::MTIM, Fstflags::MTIM_NOW, mtim)?))
}

/// The buffer numbered `index` of an array of (address, length) that was checked to be inside the memory.
pub(super) fn iovec(memory: &GuestMemory<'_>, iovs: u32, index: u32) -> Result<(u32, u32), Fault> {
    let at = iovs + index * 8;
    Ok((memory.read_u32(at)?, memory.read_u32(at + 4)?))
}

/// Checks the whole array, and says how many of its buffers one call uses.
pub(super) fn iovec_count(memory: &GuestMemory<'_>, iovs: u32, iovs_len: u32) -> Result<u32, Fault> {
    memory.check(iovs, u64::from(iovs_len) * 8, 4)?;
    Ok(iovs_len.min(MAX_IOVECS))
}

/// Hands buffer after buffer to `read`, until one comes back short. What was read before a failure is a success.
fn read_buffers(
    memory: &mut GuestMemory<'_>,
    iovs: u32,
    iovs_len: u32,
    mut read: impl FnMut(&mut [u8], u32) -> Result<usize, HostError>,
) -> Result<Result<u32, HostError>, Fault> {
    let mut total = 0;
    for index in 0..iovec_count(memory, iovs, iovs_len)? {
        let (buf, len) = iovec(memory, iovs, index)?;
        let buffer = memory.slice_mut(buf, len)?;
        let room = buffer.len().min((MAX_TRANSFER - total) as usize);
        let buffer = &mut buffer[..room];
        if buffer.is_empty() {
            continue;
        }
        match read(buffer, total) {
            Ok(size) => {
                // A custom stream may claim more than it was given room for.
                let size = size.min(room);
                total += size as u32;
                if size < room {
                    break;
                }
            }
            Err(_) if total > 0 => break,
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(total))
}

pub(super) fn fd_pread(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    nread: u32,
) -> Call {
    let file = match ctx.descriptors.get(fd)? {
        // Output streams cannot be read at all, and that is said first.
        Descriptor::Stdout | Descriptor::Stderr => return Err(Errno::Badf.into()),
        _ => &ctx.descriptors.seekable(fd)?.file,
    };
    let size = read_file(memory, file, iovs, iovs_len, offset, nread)?;
    Ok(memory.write_u32(nread, size)?)
}

fn read_file(
    memory: &mut GuestMemory<'_>,
    file: &File,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    nread: u32,
) -> Result<u32, Stop> {
    memory.check(nread, 4, 4)?;
    let read = |buffer: &mut [u8], done: u32| match offset.checked_add(done.into()) {
        Some(offset) => file.read_at(buffer, offset),
        None => Err(HostError::Invalid),
    };
    Ok(read_buffers(memory, iovs, iovs_len, read)??)
}

pub(super) fn fd_read(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    nread: u32,
) -> Call {
    Read { fd, iovs, iovs_len, nread }.run(ctx, memory)
}

/// A read that waits for its stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read {
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    nread: u32,
}

impl Read {
    pub(super) fn run(self, ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>) -> Call {
        let Read { fd, iovs, iovs_len, nread } = self;
        memory.check(nread, 4, 4)?;
        let (result, source): (_, Option<Arc<dyn Source>>) = match ctx.descriptors.get_mut(fd)? {
            Descriptor::File(FileDescriptor { file, position, .. }) => {
                let size = read_file(memory, file, iovs, iovs_len, *position, nread)?;
                *position = position.checked_add(size.into()).ok_or(Errno::Overflow)?;
                (Ok(size), None)
            }
            Descriptor::Stdin => {
                let stdin = &mut ctx.stdio.stdin;
                let read = |buffer: &mut [u8], _| stdin.read(buffer);
                (read_buffers(memory, iovs, iovs_len, read)?, Some(ctx.stdio.stdin.source()))
            }
            Descriptor::Stream(socket) => {
                let read = |buffer: &mut [u8], _| socket.stream.receive(buffer, false);
                let result = read_buffers(memory, iovs, iovs_len, read)?;
                (result, (!socket.nonblock).then(|| socket.stream.receive_source()))
            }
            _ => return Err(Errno::Badf.into()),
        };
        match (result, source) {
            (Err(HostError::WouldBlock), Some(source)) => {
                Err(Pending::stop(Wait::for_source(source), Rest::Read(self)))
            }
            (result, _) => Ok(memory.write_u32(nread, result?)?),
        }
    }
}

pub(super) fn fd_pwrite(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    nwritten: u32,
) -> Call {
    let descriptor = match ctx.descriptors.get_mut(fd)? {
        Descriptor::Stdin => return Err(Errno::Badf.into()),
        _ => ctx.descriptors.seekable(fd)?,
    };
    memory.check(nwritten, 4, 4)?;
    let size = write_file(memory, &descriptor.file, descriptor.append, iovs, iovs_len, offset)?;
    Ok(memory.write_u32(nwritten, size)?)
}

/// Writes at `offset`, or at the end if the file appends: then the offset is ignored, as on Linux.
fn write_file(
    memory: &GuestMemory<'_>,
    file: &File,
    append: bool,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
) -> Result<u32, Stop> {
    let mut total = 0;
    for index in 0..iovec_count(memory, iovs, iovs_len)? {
        let (buf, len) = iovec(memory, iovs, index)?;
        let bytes = memory.slice(buf, len)?;
        let bytes = &bytes[..bytes.len().min((MAX_TRANSFER - total) as usize)];
        if bytes.is_empty() {
            continue;
        }
        let result = match offset.checked_add(total.into()) {
            _ if append => file.append(bytes),
            Some(offset) => file.write_at(bytes, offset),
            None => Err(HostError::FileTooLarge),
        };
        match result {
            Ok(size) => {
                total += size as u32;
                if size < bytes.len() {
                    break;
                }
            }
            Err(_) if total > 0 => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(total)
}

pub(super) fn fd_write(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    nwritten: u32,
) -> Call {
    Write { fd, iovs, iovs_len, nwritten, done: 0 }.run(ctx, memory)
}

/// A write of which `done` bytes are out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write {
    pub(super) fd: u32,
    pub(super) iovs: u32,
    pub(super) iovs_len: u32,
    pub(super) nwritten: u32,
    pub(super) done: u32,
}

/// How far a stream took a write.
enum Progress {
    Finished,
    Full,
    Interruptible,
}

impl Write {
    pub(super) fn run(mut self, ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>) -> Call {
        memory.check(self.nwritten, 4, 4)?;
        let (progress, source) = match ctx.descriptors.get_mut(self.fd)? {
            Descriptor::File(FileDescriptor { file, position, append, .. }) => {
                let size = write_file(memory, file, *append, self.iovs, self.iovs_len, *position)?;
                *position = match append {
                    true => file.stat()?.size,
                    false => position.checked_add(size.into()).ok_or(Errno::Overflow)?,
                };
                return Ok(memory.write_u32(self.nwritten, size)?);
            }
            Descriptor::Stdout => self.write_stream(memory, &mut ctx.stdio.stdout)?,
            Descriptor::Stderr => self.write_stream(memory, &mut ctx.stdio.stderr)?,
            Descriptor::Stream(socket) => {
                let nonblock = socket.nonblock;
                let (progress, source) = self.write_stream(memory, &mut socket.stream.clone())?;
                match progress {
                    Progress::Finished => {}
                    _ if nonblock && self.done == 0 => return Err(Errno::Again.into()),
                    _ if nonblock => return Ok(memory.write_u32(self.nwritten, self.done)?),
                    _ => {}
                }
                (progress, source)
            }
            _ => return Err(Errno::Badf.into()),
        };
        match progress {
            Progress::Finished => Ok(memory.write_u32(self.nwritten, self.done)?),
            Progress::Full => Err(Pending::stop(Wait::for_source(source), Rest::Write(self))),
            Progress::Interruptible => Err(Pending::stop(Wait::over(), Rest::Write(self))),
        }
    }

    /// Writes from where the last attempt stopped. A failure after the first byte is left to the next call.
    fn write_stream(
        &mut self,
        memory: &GuestMemory<'_>,
        stream: &mut dyn OutputStream,
    ) -> Result<(Progress, Arc<dyn Source>), Stop> {
        let mut skip = self.done;
        let mut step = STREAM_STEP;
        for index in 0..iovec_count(memory, self.iovs, self.iovs_len)? {
            let (buf, len) = iovec(memory, self.iovs, index)?;
            let mut bytes = memory.slice(buf, len)?;
            let skipped = skip.min(len);
            skip -= skipped;
            bytes = &bytes[skipped as usize..];
            // The count must stay positive as a signed number.
            bytes = &bytes[..bytes.len().min((i32::MAX as u32 - self.done) as usize)];
            while !bytes.is_empty() {
                if step == 0 {
                    return Ok((Progress::Interruptible, stream.source()));
                }
                match stream.write(&bytes[..bytes.len().min(step)]) {
                    // A custom stream that writes nothing would be asked for ever.
                    Err(HostError::WouldBlock) | Ok(0) => return Ok((Progress::Full, stream.source())),
                    Ok(size) => {
                        let size = size.min(bytes.len()).min(step);
                        step -= size;
                        self.done += size as u32;
                        bytes = &bytes[size..];
                    }
                    Err(_) if self.done > 0 => return Ok((Progress::Finished, stream.source())),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok((Progress::Finished, stream.source()))
    }
}

pub(super) fn fd_prestat_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, fd: u32, prestat: u32) -> Call {
    let Descriptor::Dir(DirDescriptor { preopen: Some(name), .. }) = ctx.descriptors.get(fd)? else {
        return Err(Errno::Badf.into());
    };
    // Tag 0, a directory; then the length of its name.
    memory.check(prestat, 8, 4)?;
    memory.write_u32(prestat, 0)?;
    Ok(memory.write_u32(prestat + 4, u32::try_from(name.len()).map_err(|_| Errno::Overflow)?)?)
}

pub(super) fn fd_prestat_dir_name(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Call {
    let Descriptor::Dir(DirDescriptor { preopen: Some(name), .. }) = ctx.descriptors.get(fd)? else {
        return Err(Errno::NotDir.into());
    };
    if name.len() > path_len as usize {
        return Err(Errno::NameTooLong.into());
    }
    Ok(memory.write(path, name.as_bytes())?)
}

pub(super) fn fd_renumber(ctx: &mut WasiCtx, _: &mut GuestMemory<'_>, from: u32, to: u32) -> Call {
    Ok(ctx.descriptors.renumber(from, to)?)
}

pub(super) fn fd_seek(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    offset: i64,
    whence: u32,
    newoffset: u32,
) -> Call {
    let whence = Whence::new(whence)?;
    memory.check(newoffset, 8, 8)?;
    let descriptor = ctx.descriptors.seekable(fd)?;
    let origin = match whence {
        Whence::Set => 0,
        Whence::Cur => descriptor.position,
        Whence::End => descriptor.file.stat()?.size,
    };
    let position = origin.checked_add_signed(offset).ok_or(Errno::Inval)?;
    descriptor.position = position;
    Ok(memory.write_u64(newoffset, position)?)
}

pub(super) fn fd_tell(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, fd: u32, offset: u32) -> Call {
    let position = ctx.descriptors.seekable(fd)?.position;
    Ok(memory.write_u64(offset, position)?)
}

/// Cookies count entries: 0 is `.`, 1 is `..`, the system's follow. A listing goes on where the last call stopped; any
/// other cookie starts it again and passes over as many entries as it says, so a forged one only finds the end.
pub(super) fn fd_readdir(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buf: u32,
    buf_len: u32,
    cookie: u64,
    bufused: u32,
) -> Call {
    memory.check(bufused, 4, 4)?;
    memory.check(buf, buf_len.into(), 1)?;
    let Descriptor::Dir(DirDescriptor { dir, listing, .. }) = ctx.descriptors.get_mut(fd)? else {
        return Err(Errno::Badf.into());
    };
    let mut output = Output { at: buf, left: buf_len };
    let mut cookie = cookie;
    for name in [".", ".."].into_iter().skip(usize::try_from(cookie).unwrap_or(usize::MAX)) {
        cookie += 1;
        // The parent may lie outside the grant, so `..` shows the directory itself.
        let dirent =
            Dirent { next: cookie, ino: dir.stat()?.id, namlen: name.len() as u32, filetype: Filetype::Directory };
        if !output.put(memory, dirent, name)? {
            return Ok(memory.write_u32(bufused, buf_len)?);
        }
    }
    let mut current = match listing.take() {
        // From the first entry the guest expects to see the directory as it is now.
        Some(listing) if listing.cookie == cookie && cookie > FIRST_COOKIE => listing,
        _ => start_listing(dir, cookie)?,
    };
    while let Some(entry) = current.peeked.take().map(Ok).or_else(|| current.entries.next()).transpose()? {
        let namlen = u32::try_from(entry.name.len()).map_err(|_| Errno::Overflow)?;
        let dirent =
            Dirent { next: current.cookie.saturating_add(1), ino: entry.id, namlen, filetype: entry.kind.into() };
        if !output.put(memory, dirent, &entry.name)? {
            current.peeked = Some(entry);
            break;
        }
        current.cookie = dirent.next;
    }
    *listing = Some(current);
    Ok(memory.write_u32(bufused, buf_len - output.left)?)
}

/// The cookie of the first entry after `.` and `..`.
const FIRST_COOKIE: u64 = 2;

fn start_listing(dir: &Dir, cookie: u64) -> Result<Listing, Stop> {
    let mut entries = dir.entries()?;
    for _ in FIRST_COOKIE..cookie {
        if !entries.skip_one()? {
            break;
        }
    }
    Ok(Listing { entries, cookie, peeked: None::<DirEntry> })
}

/// The guest's buffer for a listing.
struct Output {
    at: u32,
    left: u32,
}

impl Output {
    /// Writes an entry, or as much of it as there is room for; false if the guest must ask for it again.
    fn put(&mut self, memory: &mut GuestMemory<'_>, dirent: Dirent, name: &str) -> Result<bool, Fault> {
        for part in [&dirent.to_bytes()[..], name.as_bytes()] {
            let part = &part[..part.len().min(self.left as usize)];
            memory.write(self.at, part)?;
            self.left -= part.len() as u32;
            // With nothing left the address may be one past the last, and is not used again.
            self.at = self.at.wrapping_add(part.len() as u32);
        }
        Ok(self.left > 0)
    }
}
