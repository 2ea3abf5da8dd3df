//! `path_*`: names beneath a directory. Decoding only: what a path may be and where it leads is decided by
//! [`host::fs`](crate::host::fs).

use super::abi::{self, Fdflags, Filestat, Lookupflags, Oflags, Rights};
use super::fd::new_times;
use super::table::{Descriptor, DirDescriptor, FileDescriptor};
use super::{Call, Errno, GuestMemory, Stop};
use crate::ctx::WasiCtx;
use crate::host::HostError;
use crate::host::fs::{OpenHow, Opened};

/// The guest's string. Bytes that are no UTF-8 are `ilseq`.
fn string<'m>(memory: &'m GuestMemory<'_>, path: u32, path_len: u32) -> Result<&'m str, Stop> {
    let bytes = memory.slice(path, path_len)?;
    // Longer than any path the host takes: refused before its bytes are looked at.
    if bytes.len() > crate::host::path::MAX_PATH_BYTES {
        return Err(HostError::NameTooLong.into());
    }
    Ok(core::str::from_utf8(bytes).map_err(|_| Errno::Ilseq)?)
}

fn follows(flags: u32) -> Result<bool, Errno> {
    Ok(abi::flags::<Lookupflags>(flags)?.contains(Lookupflags::SYMLINK_FOLLOW))
}

pub(super) fn path_create_directory(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Call {
    Ok(ctx.descriptors.dir(fd)?.create_dir_at(string(memory, path, path_len)?)?)
}

pub(super) fn path_filestat_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    stat: u32,
) -> Call {
    let follow = follows(flags)?;
    let found = ctx.descriptors.dir(fd)?.stat_at(string(memory, path, path_len)?, follow)?;
    Ok(Filestat::try_from(found)?.write(memory, stat)?)
}

#[expect(clippy::too_many_arguments, reason = "the specification's")]
pub(super) fn path_filestat_set_times(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    atim: u64,
    mtim: u64,
    fst_flags: u32,
) -> Call {
    let follow = follows(flags)?;
    let (accessed, modified) = new_times(atim, mtim, fst_flags)?;
    let dir = ctx.descriptors.dir(fd)?;
    Ok(dir.set_times_at(string(memory, path, path_len)?, follow, accessed, modified)?)
}

#[expect(clippy::too_many_arguments, reason = "the specification's")]
pub(super) fn path_link(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    old_fd: u32,
    old_flags: u32,
    old_path: u32,
    old_path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Call {
    let follow = follows(old_flags)?;
    let (old_dir, new_dir) = (ctx.descriptors.dir(old_fd)?, ctx.descriptors.dir(new_fd)?);
    let (old_path, new_path) = (string(memory, old_path, old_path_len)?, string(memory, new_path, new_path_len)?);
    Ok(old_dir.link_at(old_path, follow, new_dir, new_path)?)
}

#[expect(clippy::too_many_arguments, reason = "the specification's")]
pub(super) fn path_open(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    dirflags: u32,
    path: u32,
    path_len: u32,
    oflags: u32,
    rights_base: u64,
    rights_inheriting: u64,
    fdflags: u32,
    opened_fd: u32,
) -> Call {
    let follow = follows(dirflags)?;
    let oflags: Oflags = abi::flags(oflags)?;
    let rights: Rights = abi::flags(rights_base)?;
    let _: Rights = abi::flags(rights_inheriting)?;
    let fdflags: Fdflags = abi::flags(fdflags)?;
    memory.check(opened_fd, 4, 4)?;
    let path = string(memory, path, path_len)?;
    let dir = match ctx.descriptors.get(fd)? {
        Descriptor::Dir(descriptor) => &descriptor.dir,
        Descriptor::File(_) => return Err(Errno::NotDir.into()),
        _ => return Err(Errno::Badf.into()),
    };
    if fdflags.intersects(Fdflags::DSYNC | Fdflags::RSYNC | Fdflags::SYNC) {
        return Err(Errno::NotSup.into());
    }
    ctx.descriptors.check_room()?;
    let how = OpenHow {
        read: rights.contains(Rights::FD_READ),
        write: rights.contains(Rights::FD_WRITE),
        create: oflags.contains(Oflags::CREAT),
        exclusive: oflags.contains(Oflags::EXCL),
        truncate: oflags.contains(Oflags::TRUNC),
        directory: oflags.contains(Oflags::DIRECTORY),
        follow,
        mutate_directory: false,
    };
    let opened = match dir.open_at(path, how)? {
        Opened::Dir(dir) => Descriptor::Dir(DirDescriptor { dir, preopen: None, listing: None }),
        Opened::File(file) => Descriptor::File(FileDescriptor {
            file,
            position: 0,
            append: fdflags.contains(Fdflags::APPEND),
            nonblock: fdflags.contains(Fdflags::NONBLOCK),
        }),
    };
    let opened = ctx.descriptors.insert(opened)?;
    Ok(memory.write_u32(opened_fd, opened)?)
}

#[expect(clippy::too_many_arguments, reason = "the specification's")]
pub(super) fn path_readlink(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
    buf: u32,
    buf_len: u32,
    bufused: u32,
) -> Call {
    memory.check(bufused, 4, 4)?;
    let contents = ctx.descriptors.dir(fd)?.read_link_at(string(memory, path, path_len)?)?;
    // A short buffer gets the beginning, as in POSIX.
    let bytes = &contents.as_bytes()[..contents.len().min(buf_len as usize)];
    memory.write(buf, bytes)?;
    Ok(memory.write_u32(bufused, bytes.len() as u32)?)
}

pub(super) fn path_remove_directory(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Call {
    Ok(ctx.descriptors.dir(fd)?.remove_dir_at(string(memory, path, path_len)?)?)
}

#[expect(clippy::too_many_arguments, reason = "the specification's")]
pub(super) fn path_rename(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    old_path: u32,
    old_path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Call {
    let (old_dir, new_dir) = (ctx.descriptors.dir(fd)?, ctx.descriptors.dir(new_fd)?);
    let (old_path, new_path) = (string(memory, old_path, old_path_len)?, string(memory, new_path, new_path_len)?);
    Ok(old_dir.rename_at(old_path, new_dir, new_path)?)
}

pub(super) fn path_symlink(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    old_path: u32,
    old_path_len: u32,
    fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Call {
    let dir = ctx.descriptors.dir(fd)?;
    let (contents, path) = (string(memory, old_path, old_path_len)?, string(memory, new_path, new_path_len)?);
    Ok(dir.symlink_at(contents, path)?)
}

pub(super) fn path_unlink_file(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Call {
    Ok(ctx.descriptors.dir(fd)?.unlink_at(string(memory, path, path_len)?)?)
}
