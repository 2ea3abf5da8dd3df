//! Reading, writing, positions, sizes and times of files, to the ends of their number ranges.

use std::fs;

use tempfile::TempDir;
use whit_wasi::p1::Errno;

use crate::guest::{CREAT, DATA, DIRECTORY, FOLLOW, Guest, READ, WRITE};

fn file(contents: &[u8]) -> (TempDir, Guest, u32) {
    let root = TempDir::new().unwrap();
    fs::write(root.path().join("file"), contents).unwrap();
    let mut guest = Guest::in_dir(root.path());
    let fd = guest.open(3, "file", 0, 0, READ | WRITE, 0).unwrap();
    (root, guest, fd)
}

#[test]
fn reads_and_writes_move_the_position_and_positional_ones_do_not() {
    let (root, mut guest, fd) = file(b"0123456789");
    assert_eq!(guest.read(fd, 4).unwrap(), b"0123");
    assert_eq!(guest.pread(fd, 3, 7).unwrap(), b"789");
    assert_eq!(guest.pwrite(fd, b"AB", 8), Ok(2));
    assert_eq!(guest.tell(fd), Ok(4));
    assert_eq!(guest.write(fd, b"xy"), Ok(2));
    assert_eq!(guest.tell(fd), Ok(6));
    assert_eq!(guest.read(fd, 100).unwrap(), b"67AB");
    assert_eq!(guest.read(fd, 100).unwrap(), b"");
    assert_eq!(guest.read(fd, 0).unwrap(), b"");
    assert_eq!(fs::read(root.path().join("file")).unwrap(), b"0123xy67AB");
}

#[test]
fn appending_ignores_the_offset_and_can_be_switched() {
    let (root, mut guest, _) = file(b"start");
    let fd = guest.open(3, "file", 0, 0, READ | WRITE, 1).unwrap();
    assert_eq!(guest.write(fd, b"1"), Ok(1));
    assert_eq!(guest.tell(fd), Ok(6));
    assert_eq!(guest.pwrite(fd, b"2", 0), Ok(1));
    guest.call("fd_fdstat_set_flags", &[fd.into(), 0]).unwrap();
    assert_eq!(guest.pwrite(fd, b"S", 0), Ok(1));
    guest.call("fd_fdstat_set_flags", &[fd.into(), 1]).unwrap();
    guest.seek(fd, 0, 0).unwrap();
    assert_eq!(guest.write(fd, b"3"), Ok(1));
    assert_eq!(guest.tell(fd), Ok(8));
    assert_eq!(fs::read(root.path().join("file")).unwrap(), b"Start123");
}

#[test]
fn several_buffers_are_one_transfer() {
    let (_root, mut guest, fd) = file(b"abcdefgh");
    let [iovs, count] = guest.iovecs(&[(100, 0), (100, 3), (200, 0), (200, 2), (300, 100)]);
    guest.call("fd_read", &[fd.into(), iovs, count, 0]).unwrap();
    assert_eq!(guest.u32(0), 8);
    assert_eq!((guest.bytes(100, 3), guest.bytes(200, 2), guest.bytes(300, 3)), (&b"abc"[..], &b"de"[..], &b"fgh"[..]));
    // Buffers may overlap; the later one wins.
    guest.seek(fd, 0, 0).unwrap();
    let [iovs, count] = guest.iovecs(&[(100, 4), (101, 4)]);
    guest.call("fd_read", &[fd.into(), iovs, count, 0]).unwrap();
    assert_eq!(guest.bytes(100, 5), b"aefgh");
    // No buffers at all move nothing.
    guest.call("fd_write", &[fd.into(), 0, 0, 4]).unwrap();
    assert_eq!(guest.u32(4), 0);
}

#[test]
fn more_buffers_than_one_call_uses_are_a_short_transfer() {
    let (_root, mut guest, fd) = file(&[7; 3000]);
    let buffers: Vec<_> = (0..2000).map(|index| (DATA + index, 1)).collect();
    let [iovs, count] = guest.iovecs(&buffers);
    guest.call("fd_read", &[fd.into(), iovs, count, 0]).unwrap();
    assert_eq!(guest.u32(0), 1024);
    assert_eq!(guest.tell(fd), Ok(1024));
}

#[test]
fn bad_addresses_end_the_guest_without_an_effect() {
    let (root, mut guest, fd) = file(b"0123456789");
    let end = guest.memory.len() as u32;
    let [iovs, count] = guest.iovecs(&[(DATA, 4)]);
    let fd64 = u64::from(fd);
    // The count goes nowhere: neither the position nor the file changes.
    for bad in [u64::from(end), u64::from(end) - 2, 2, u32::MAX.into()] {
        assert!(guest.start("fd_read", &[fd64, iovs, count, bad]).is_err(), "{bad:#x}");
        assert!(guest.start("fd_write", &[fd64, iovs, count, bad]).is_err(), "{bad:#x}");
        assert!(guest.start("fd_pwrite", &[fd64, iovs, count, 0, bad]).is_err(), "{bad:#x}");
        assert!(guest.start("fd_seek", &[fd64, 1, 0, bad]).is_err(), "{bad:#x}");
        assert!(guest.start("path_open", &[3, 0, 0, 0, CREAT.into(), 0, 0, 0, bad]).is_err(), "{bad:#x}");
    }
    assert_eq!(guest.tell(fd), Ok(0));
    // Arrays and buffers outside the memory.
    for (iovs, count) in [(end - 4, 1), (end, 1), (0, u32::MAX), (0, end / 8 + 1), (u32::MAX - 7, 2), (4, u32::MAX / 8)]
    {
        assert!(guest.start("fd_read", &[fd64, iovs.into(), count.into(), 0]).is_err(), "{iovs:#x} {count:#x}");
        assert!(guest.start("fd_write", &[fd64, iovs.into(), count.into(), 0]).is_err(), "{iovs:#x} {count:#x}");
    }
    for buffer in [(end - 1, 2), (end, 1), (u32::MAX, u32::MAX), (0, u32::MAX)] {
        let [iovs, count] = guest.iovecs(&[buffer]);
        assert!(guest.start("fd_read", &[fd64, iovs, count, 0]).is_err(), "{buffer:x?}");
        assert!(guest.start("fd_write", &[fd64, iovs, count, 0]).is_err(), "{buffer:x?}");
    }
    assert_eq!(fs::read(root.path().join("file")).unwrap(), b"0123456789");
}

#[test]
fn offsets_at_the_end_of_their_range_are_errors() {
    let (root, mut guest, fd) = file(b"0123456789");
    for offset in [u64::MAX, u64::MAX - 1, 1 << 63] {
        assert_eq!(guest.pread(fd, 1, offset), Err(Errno::Inval), "{offset:#x}");
        assert_eq!(guest.pwrite(fd, b"x", offset), Err(Errno::Inval), "{offset:#x}");
        assert!(guest.call("fd_filestat_set_size", &[fd.into(), offset]).is_err(), "{offset:#x}");
        assert_eq!(guest.call("fd_advise", &[fd.into(), offset, 1, 0]), Err(Errno::Inval), "{offset:#x}");
        assert_eq!(guest.call("fd_advise", &[fd.into(), 0, offset, 0]), Err(Errno::Inval), "{offset:#x}");
    }
    let last = i64::MAX as u64;
    assert_eq!(guest.pread(fd, 1, last).unwrap_or_default(), b"");
    assert!(guest.pwrite(fd, b"xy", last).is_err());
    assert_eq!(guest.call("fd_advise", &[fd.into(), 0, 0, 6]), Err(Errno::Inval));
    assert_eq!(guest.seek(fd, i64::MAX, 0), Ok(last));
    assert_eq!(guest.seek(fd, 1, 1), Ok(1 << 63));
    assert_eq!(guest.read(fd, 1), Err(Errno::Inval));
    assert_eq!(guest.write(fd, b"x"), Err(Errno::Inval));
    assert_eq!(guest.seek(fd, i64::MAX, 1), Ok(u64::MAX));
    assert_eq!(guest.seek(fd, 1, 1), Err(Errno::Inval));
    assert_eq!(guest.seek(fd, i64::MIN, 1), Ok(i64::MAX as u64));
    assert_eq!(guest.seek(fd, -1, 0), Err(Errno::Inval));
    assert_eq!(guest.seek(fd, i64::MIN, 2), Err(Errno::Inval));
    assert_eq!(guest.seek(fd, -11, 2), Err(Errno::Inval));
    assert_eq!(guest.seek(fd, 0, 3), Err(Errno::Inval));
    assert_eq!(guest.seek(fd, -3, 2), Ok(7));
    assert_eq!(guest.read(fd, 10).unwrap(), b"789");
    assert_eq!(fs::read(root.path().join("file")).unwrap(), b"0123456789");
}

#[test]
fn sizes_grow_with_zeros_and_shrink() {
    let (root, mut guest, fd) = file(b"0123456789");
    guest.call("fd_filestat_set_size", &[fd.into(), 3]).unwrap();
    guest.call("fd_filestat_set_size", &[fd.into(), 5]).unwrap();
    assert_eq!(fs::read(root.path().join("file")).unwrap(), b"012\0\0");
    for name in ["fd_sync", "fd_datasync"] {
        guest.call(name, &[fd.into()]).unwrap();
    }
}

#[test]
fn times_are_set_as_asked() {
    let (_root, mut guest, fd) = file(b"");
    const ATIM: u32 = 1;
    const ATIM_NOW: u32 = 2;
    const MTIM: u32 = 4;
    const MTIM_NOW: u32 = 8;
    let far = 9_000_000_000_123_456_789;
    guest.call("fd_filestat_set_times", &[fd.into(), 1_000_000_007, far, (ATIM | MTIM).into()]).unwrap();
    let stat = guest.stat(fd).unwrap();
    assert_eq!((stat.atim, stat.mtim), (1_000_000_007, far));
    guest.set_times_at(3, FOLLOW, "file", 0, 5, MTIM).unwrap();
    let stat = guest.stat_at(3, 0, "file").unwrap();
    assert_eq!((stat.atim, stat.mtim), (1_000_000_007, 5));
    guest.set_times_at(3, 0, "file", 0, 0, ATIM_NOW | MTIM_NOW).unwrap();
    assert!(guest.stat(fd).unwrap().mtim > 1_500_000_000_000_000_000);
    guest.call("fd_filestat_set_times", &[3, 0, 0, (ATIM | MTIM).into()]).unwrap();
    assert_eq!(guest.stat(3).unwrap().mtim, 0);
    // The whole range of the type, whatever the file system makes of it.
    for time in [u64::MAX, u64::MAX / 2 + 1, 0] {
        let _ = guest.call("fd_filestat_set_times", &[fd.into(), time, time, (ATIM | MTIM).into()]);
        let _ = guest.set_times_at(3, 0, "file", time, time, ATIM | MTIM);
        guest.stat(fd).unwrap();
    }
    for flags in [ATIM | ATIM_NOW, MTIM | MTIM_NOW, 1 << 4, u32::MAX] {
        assert_eq!(guest.call("fd_filestat_set_times", &[fd.into(), 0, 0, flags.into()]), Err(Errno::Inval));
        assert_eq!(guest.set_times_at(3, 0, "file", 0, 0, flags), Err(Errno::Inval));
    }
}

#[cfg(unix)]
#[test]
fn times_of_the_host_before_1970_are_shown_as_1970() {
    use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};
    let (root, mut guest, fd) = file(b"");
    for seconds in [-1, -1_000_000_000] {
        let time = Timespec { tv_sec: seconds, tv_nsec: 5 };
        let times = Timestamps { last_access: time, last_modification: time };
        utimensat(CWD, root.path().join("file"), &times, AtFlags::empty()).unwrap();
        assert_eq!(guest.stat(fd).unwrap().mtim, 0);
        assert_eq!(guest.stat_at(3, 0, "file").unwrap().atim, 0);
    }
}

#[cfg(unix)]
#[test]
fn the_host_layer_sets_times_before_1970_without_a_panic() {
    use whit_wasi::Access;
    use whit_wasi::host::clocks::Timestamp;
    use whit_wasi::host::fs::{Dir, NewTime, OpenHow, Opened};
    let (root, ..) = file(b"");
    let dir = Dir::open_ambient(root.path(), Access::ReadWrite).unwrap();
    let past = Timestamp { seconds: -1_000, nanoseconds: 7 };
    dir.set_times_at("file", true, NewTime::At(past), NewTime::Keep).unwrap();
    assert_eq!(dir.stat_at("file", true).unwrap().accessed, Some(past));
    let Opened::File(file) = dir.open_at("file", OpenHow { read: true, ..OpenHow::default() }).unwrap() else {
        panic!("a file");
    };
    file.set_times(NewTime::Keep, NewTime::At(past)).unwrap();
    assert_eq!(file.stat().unwrap().modified, Some(past));
    dir.set_times(NewTime::At(past), NewTime::At(past)).unwrap();
    assert_eq!(dir.stat().unwrap().modified, Some(past));
    let _ = file.set_times(NewTime::At(Timestamp { seconds: i64::MIN, nanoseconds: 0 }), NewTime::Keep);
    let _ = dir.set_times_at("file", false, NewTime::At(Timestamp { seconds: i64::MAX, nanoseconds: 0 }), NewTime::Now);
}

#[test]
fn files_keep_their_identity_under_every_name() {
    let (root, mut guest, fd) = file(b"x");
    guest.link(3, 0, "file", 3, "other").unwrap();
    fs::write(root.path().join("third"), "x").unwrap();
    let ino = guest.stat(fd).unwrap().ino;
    assert_eq!(guest.stat_at(3, 0, "file").unwrap().ino, ino);
    assert_eq!(guest.stat_at(3, 0, "other").unwrap(), guest.stat(fd).unwrap());
    assert_ne!(guest.stat_at(3, 0, "third").unwrap().ino, ino);
    assert_eq!(guest.stat(fd).unwrap().dev, 1);
    assert_eq!(guest.stat(1).unwrap().dev, 0);
}

#[test]
fn directories_are_opened_made_moved_and_removed() {
    let (_root, mut guest, _) = file(b"x");
    guest.on_path("path_create_directory", 3, "dir").unwrap();
    assert_eq!(guest.on_path("path_create_directory", 3, "dir"), Err(Errno::Exist));
    assert_eq!(guest.open(3, "dir", 0, 0, WRITE, 0), Err(Errno::Isdir));
    assert_eq!(guest.open(3, "dir", 0, CREAT | DIRECTORY, 0, 0), Err(Errno::Inval));
    assert_eq!(guest.open(3, "file", 0, DIRECTORY, 0, 0), Err(Errno::NotDir));
    assert_eq!(guest.open(3, "file", 0, 0, READ, 1 << 4), Err(Errno::NotSup));
    assert_eq!(guest.on_path("path_unlink_file", 3, "dir"), Err(Errno::Isdir));
    guest.rename(3, "file", 3, "dir/file").unwrap();
    assert_eq!(guest.on_path("path_remove_directory", 3, "dir"), Err(Errno::NotEmpty));
    assert_eq!(guest.rename(3, "dir", 3, "dir/dir"), Err(Errno::Inval));
    guest.on_path("path_unlink_file", 3, "dir/file").unwrap();
    guest.on_path("path_remove_directory", 3, "dir/").unwrap();
    assert_eq!(guest.stat_at(3, 0, "dir"), Err(Errno::NoEnt));
}

#[cfg(unix)]
#[test]
fn a_short_buffer_gets_the_beginning_of_a_link() {
    let (_root, mut guest, _) = file(b"");
    guest.symlink("a/long/target", 3, "link").unwrap();
    assert_eq!(guest.readlink(3, "link", 100).unwrap(), b"a/long/target");
    assert_eq!(guest.readlink(3, "link", 6).unwrap(), b"a/long");
    assert_eq!(guest.readlink(3, "link", 0).unwrap(), b"");
    assert_eq!(guest.readlink(3, "file", 10), Err(Errno::Inval));
}
