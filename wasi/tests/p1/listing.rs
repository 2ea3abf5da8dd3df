//! `fd_readdir`: cookies, buffers of every size, directories that change, forged positions.

use std::collections::BTreeSet;
use std::fs;

use tempfile::TempDir;
use whit_wasi::p1::Errno;

use crate::guest::{DATA, DIRECTORY, Guest};

/// One entry: (next cookie, file, type, name).
type Entry = (u64, u64, u8, String);

/// The bytes one call gives.
fn raw(guest: &mut Guest, fd: u32, len: u32, cookie: u64) -> Vec<u8> {
    guest.memory[DATA as usize..][..len as usize + 8].fill(0xaa);
    guest.call("fd_readdir", &[fd.into(), DATA.into(), len.into(), cookie, 0]).unwrap();
    let used = guest.u32(0);
    assert!(used <= len);
    assert_eq!(guest.bytes(DATA + used, len - used + 8), vec![0xaa; (len - used + 8) as usize], "beyond what was used");
    guest.bytes(DATA, used).to_vec()
}

/// The whole entries in `bytes`.
fn parse(mut bytes: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    while bytes.len() >= 24 {
        let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
        let len = u32::from_le_bytes(bytes[16..20].try_into().unwrap()) as usize;
        assert_eq!(bytes[21..24], [0; 3], "padding");
        let Some(name) = bytes.get(24..24 + len) else { break };
        entries.push((number(0), number(8), bytes[20], String::from_utf8(name.to_vec()).unwrap()));
        bytes = &bytes[24 + len..];
    }
    entries
}

/// Lists as guest libraries do: the last, cut entry is asked for again.
fn list(guest: &mut Guest, fd: u32, len: u32) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    let mut cookie = 0;
    loop {
        let bytes = raw(guest, fd, len, cookie);
        let entries = parse(&bytes);
        if let Some(last) = entries.last() {
            cookie = last.0;
        }
        let progress = !entries.is_empty();
        all.extend(entries);
        if bytes.len() < len as usize {
            return all;
        }
        assert!(progress, "a buffer of {len} bytes makes no progress");
    }
}

fn filled(count: usize) -> TempDir {
    let root = TempDir::new().unwrap();
    for index in 0..count {
        fs::write(root.path().join(format!("file.{index}")), "").unwrap();
    }
    root
}

#[test]
fn every_entry_comes_once_whatever_the_buffer() {
    let root = filled(60);
    let mut guest = Guest::in_dir(root.path());
    let want: BTreeSet<String> =
        (0..60).map(|index| format!("file.{index}")).chain([".".into(), "..".into()]).collect();
    for len in (31..150).chain([1_000, 10_000]) {
        let entries = list(&mut guest, 3, len);
        let names: BTreeSet<String> = entries.iter().map(|entry| entry.3.clone()).collect();
        assert_eq!((entries.len(), &names), (62, &want), "buffer of {len}");
        assert_eq!(entries.iter().map(|entry| entry.0).collect::<Vec<_>>(), (1..=62).collect::<Vec<_>>());
    }
}

#[test]
fn tiny_buffers_are_filled_and_never_overrun() {
    let root = filled(1);
    let mut guest = Guest::in_dir(root.path());
    for len in 0..25 {
        for cookie in 0..3 {
            assert_eq!(raw(&mut guest, 3, len, cookie).len(), len as usize, "{len} {cookie}");
        }
    }
}

#[test]
fn entries_say_what_they_are() {
    let root = filled(1);
    fs::create_dir(root.path().join("dir")).unwrap();
    let mut guest = Guest::in_dir(root.path());
    let entries = list(&mut guest, 3, 1_000);
    for (_, ino, filetype, name) in &entries {
        let stat = guest.stat_at(3, 0, if name == ".." { "." } else { name }).unwrap();
        assert_eq!((*ino, *filetype), (stat.ino, stat.filetype), "{name}");
    }
    // The parent of a directory that was opened may be outside the grant: it is not told.
    let dir = guest.open(3, "dir", 0, DIRECTORY, 0, 0).unwrap();
    let entries = list(&mut guest, dir, 1_000);
    assert_eq!(entries[1].1, entries[0].1);
}

#[test]
fn forged_cookies_find_an_entry_or_the_end() {
    let root = filled(3);
    let mut guest = Guest::in_dir(root.path());
    let all = list(&mut guest, 3, 1_000);
    for cookie in [0, 1, 2, 3, 4, 2, 0, 4, 1] {
        assert_eq!(parse(&raw(&mut guest, 3, 1_000, cookie)), all[cookie as usize..], "cookie {cookie}");
    }
    for cookie in [5, 6, 1_000, 1 << 40, u64::from(u32::MAX) + 2, u64::MAX - 1, u64::MAX] {
        assert_eq!(raw(&mut guest, 3, 1_000, cookie), b"", "cookie {cookie:#x}");
    }
    // The end stays the end, and the start can be had again.
    assert_eq!(raw(&mut guest, 3, 1_000, u64::MAX), b"");
    assert_eq!(parse(&raw(&mut guest, 3, 1_000, 0)), all);
}

#[test]
fn a_directory_may_change_while_it_is_listed() {
    let root = filled(100);
    let mut guest = Guest::in_dir(root.path());
    let first = parse(&raw(&mut guest, 3, 300, 0));
    for index in 0..100 {
        fs::remove_file(root.path().join(format!("file.{index}"))).unwrap();
    }
    let cookie = first.last().unwrap().0;
    // What comes now is the system's choice, but it comes to an end.
    let rest = parse(&raw(&mut guest, 3, 10_000, cookie));
    assert!(rest.len() <= 100);
    assert_eq!(list(&mut guest, 3, 1_000).len(), 2, "from the start, the directory is empty");
    fs::write(root.path().join("new"), "").unwrap();
    assert_eq!(list(&mut guest, 3, 1_000).len(), 3);
}

#[test]
fn a_removed_directory_and_a_file_cannot_be_listed() {
    let root = filled(1);
    fs::create_dir(root.path().join("dir")).unwrap();
    let mut guest = Guest::in_dir(root.path());
    let dir = guest.open(3, "dir", 0, DIRECTORY, 0, 0).unwrap();
    fs::remove_dir(root.path().join("dir")).unwrap();
    let call = guest.call("fd_readdir", &[dir.into(), DATA.into(), 100, 2, 0]);
    assert!(call.is_err() || guest.u32(0) == 0, "{call:?}");
    let file = guest.open(3, "file.0", 0, 0, 0, 0).unwrap();
    assert_eq!(guest.call("fd_readdir", &[file.into(), DATA.into(), 100, 0, 0]), Err(Errno::Badf));
    assert_eq!(guest.call("fd_readdir", &[0, DATA.into(), 100, 0, 0]), Err(Errno::Badf));
}

#[test]
fn a_buffer_outside_the_memory_ends_the_guest() {
    let root = filled(1);
    let mut guest = Guest::in_dir(root.path());
    let end = guest.memory.len() as u64;
    for (buf, len, used) in [(end - 10, 11, 0), (0, end + 1, 0), (u32::MAX.into(), 1, 0), (0, 10, end), (0, 10, 2)] {
        assert!(guest.start("fd_readdir", &[3, buf, len, 0, used]).is_err(), "{buf:#x} {len:#x} {used:#x}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_an_error() {
    use std::os::unix::ffi::OsStrExt;
    let root = TempDir::new().unwrap();
    fs::write(root.path().join(std::ffi::OsStr::from_bytes(b"\xff\xfe")), "").unwrap();
    let mut guest = Guest::in_dir(root.path());
    assert_eq!(guest.call("fd_readdir", &[3, DATA.into(), 100, 2, 0]), Err(Errno::Ilseq));
}
