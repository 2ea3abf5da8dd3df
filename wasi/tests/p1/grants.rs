//! What a grant allows: read-only directories, several directories, descriptors and what they report.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use whit_wasi::p1::Errno;
use whit_wasi::{Access, GrantError, WasiCtx};

use crate::guest::{CREAT, DIRECTORY, EXCL, FOLLOW, Guest, READ, TRUNC, WRITE, snapshot};

fn filled() -> TempDir {
    let root = TempDir::new().unwrap();
    fs::create_dir_all(root.path().join("ro/dir")).unwrap();
    fs::create_dir_all(root.path().join("rw/dir")).unwrap();
    fs::write(root.path().join("ro/file"), "read only").unwrap();
    fs::write(root.path().join("rw/file"), "read and write").unwrap();
    root
}

/// Descriptor 3 is read-only, 4 is not.
fn guest_of_both(root: &Path) -> Guest {
    Guest::with(|builder| {
        builder.dir(root.join("ro"), "/ro", Access::ReadOnly).unwrap();
        builder.dir(root.join("rw"), "/rw", Access::ReadWrite).unwrap();
    })
}

#[test]
fn nothing_is_granted_by_default() {
    let mut guest = Guest::new(WasiCtx::default());
    assert_eq!(guest.fdstat(3), Err(Errno::Badf));
    assert_eq!(guest.read(0, 10), Ok(vec![]));
    assert_eq!(guest.write(1, b"into the void"), Ok(13));
    for name in ["args_sizes_get", "environ_sizes_get"] {
        guest.call(name, &[0, 4]).unwrap();
        assert_eq!((guest.u32(0), guest.u32(4)), (0, 0), "{name}");
    }
}

#[test]
fn a_read_only_directory_refuses_before_any_effect() {
    let root = filled();
    let before = snapshot(&root.path().join("ro"));
    let mut guest = guest_of_both(root.path());
    for oflags in [TRUNC, CREAT, CREAT | EXCL, CREAT | TRUNC] {
        for rights in [0, READ, WRITE, READ | WRITE] {
            for path in ["file", "new", "dir"] {
                assert_eq!(guest.open(3, path, 0, oflags, rights, 0), Err(Errno::Perm), "{path} {oflags}");
            }
        }
    }
    assert_eq!(guest.open(3, "file", 0, 0, WRITE, 0), Err(Errno::Perm));
    // Malformed before forbidden.
    assert_eq!(guest.open(3, "new", 0, CREAT | DIRECTORY, 0, 0), Err(Errno::Inval));
    assert_eq!(guest.on_path("path_create_directory", 3, "new"), Err(Errno::Perm));
    assert_eq!(guest.on_path("path_remove_directory", 3, "dir"), Err(Errno::Perm));
    assert_eq!(guest.on_path("path_unlink_file", 3, "file"), Err(Errno::Perm));
    assert_eq!(guest.symlink("file", 3, "new"), Err(Errno::Perm));
    for flags in [0, FOLLOW] {
        assert_eq!(guest.set_times_at(3, flags, "file", 1, 1, 5), Err(Errno::Perm));
        assert_eq!(guest.link(3, flags, "file", 3, "new"), Err(Errno::Perm));
    }
    assert_eq!(guest.rename(3, "file", 3, "new"), Err(Errno::Perm));
    assert_eq!(guest.call("fd_filestat_set_times", &[3, 1, 1, 5]), Err(Errno::Perm));

    let fd = guest.open(3, "file", 0, 0, READ, 0).unwrap();
    assert_eq!(guest.write(fd, b"x"), Err(Errno::Badf));
    assert_eq!(guest.pwrite(fd, b"x", 0), Err(Errno::Badf));
    assert_eq!(guest.call("fd_filestat_set_size", &[fd.into(), 0]), Err(Errno::Perm));
    assert_eq!(guest.call("fd_filestat_set_times", &[fd.into(), 1, 1, 5]), Err(Errno::Perm));
    // A directory opened through it is read-only as well.
    let dir = guest.open(3, "dir", 0, DIRECTORY, 0, 0).unwrap();
    assert_eq!(guest.open(dir, "new", 0, CREAT, WRITE, 0), Err(Errno::Perm));
    assert_eq!(guest.read(fd, 100).unwrap(), b"read only");
    assert_eq!(snapshot(&root.path().join("ro")), before);
}

#[test]
fn moving_and_linking_between_directories_needs_both_to_be_writable() {
    let root = filled();
    let before = snapshot(root.path());
    let mut guest = guest_of_both(root.path());
    for (from, to) in [(3, 4), (4, 3)] {
        assert_eq!(guest.rename(from, "file", to, "moved"), Err(Errno::Perm));
        assert_eq!(guest.rename(from, "file", to, "file"), Err(Errno::Perm));
        assert_eq!(guest.rename(from, "dir", to, "moved"), Err(Errno::Perm));
        for flags in [0, FOLLOW] {
            assert_eq!(guest.link(from, flags, "file", to, "linked"), Err(Errno::Perm));
        }
    }
    assert_eq!(snapshot(root.path()), before);
    guest.link(4, 0, "file", 4, "linked").unwrap();
    assert_eq!(guest.link(4, FOLLOW, "file", 4, "followed"), Err(Errno::Inval));
    assert_eq!(guest.stat_at(4, 0, "linked").unwrap().nlink, 2);
}

#[test]
fn overlapping_grants_keep_their_own_rights() {
    let root = filled();
    let mut guest = Guest::with(|builder| {
        builder.dir(root.path(), "/all", Access::ReadOnly).unwrap();
        builder.dir(root.path().join("rw"), "/rw", Access::ReadWrite).unwrap();
    });
    assert_eq!(guest.open(3, "rw/file", 0, TRUNC, WRITE, 0), Err(Errno::Perm));
    let fd = guest.open(4, "file", 0, TRUNC, WRITE, 0).unwrap();
    guest.write(fd, b"new").unwrap();
    let seen = guest.open(3, "rw/file", 0, 0, READ, 0).unwrap();
    assert_eq!(guest.read(seen, 10).unwrap(), b"new");
}

#[test]
fn grants_that_cannot_be_given_say_why() {
    let root = filled();
    let mut builder = WasiCtx::builder();
    let missing = root.path().join("missing");
    let error = builder.dir(&missing, "/", Access::ReadOnly).unwrap_err();
    assert!(error.to_string().contains("missing"), "{error}");
    assert!(matches!(
        builder.dir(root.path().join("ro/file"), "/", Access::ReadOnly),
        Err(GrantError::Directory { .. })
    ));
    assert!(matches!(builder.dir(root.path(), "", Access::ReadOnly), Err(GrantError::GuestPath(_))));
    assert!(matches!(builder.dir(root.path(), "a\0", Access::ReadOnly), Err(GrantError::GuestPath(_))));
    builder.dir(root.path(), "/", Access::ReadOnly).unwrap();
    assert!(matches!(builder.dir(root.path(), "/", Access::ReadWrite), Err(GrantError::GuestPathTaken(_))));
    assert!(matches!(builder.arg("a\0"), Err(GrantError::Environment(_))));
    builder.max_descriptors(3);
    assert!(matches!(builder.build(), Err(GrantError::TooMany)));
}

#[test]
fn descriptors_report_the_rights_wasmtime_reports() {
    let root = filled();
    let mut guest = guest_of_both(root.path());
    const ALL: u64 = (1 << 30) - 1;
    assert_eq!(guest.fdstat(0), Ok((0, 0, READ, READ)));
    assert_eq!(guest.fdstat(1), Ok((0, 0, WRITE, WRITE)));
    assert_eq!(guest.fdstat(2), Ok((0, 0, WRITE, WRITE)));
    for fd in [3, 4] {
        let (filetype, flags, base, inheriting) = guest.fdstat(fd).unwrap();
        assert_eq!((filetype, flags), (3, 0));
        assert_eq!(base, 0x7b7_fe00 & !(1 << 19) & !(1 << 22), "fd {fd}: {base:#x}");
        assert_eq!(inheriting, base | 0xfff & !0xe00 | 1 << 22 | 1 << 27 | 0x1ff, "fd {fd}: {inheriting:#x}");
    }
    let dir = guest.open(4, "dir", 0, DIRECTORY, 0, 0).unwrap();
    let not_for_dirs = 1 << 2 | 1 << 6 | 1 << 19 | 1 << 22;
    assert_eq!(guest.fdstat(dir), Ok((3, 0, ALL & !not_for_dirs, ALL & !not_for_dirs)));
    let file = guest.open(4, "file", 0, 0, READ, 1 << 2).unwrap();
    assert_eq!(guest.fdstat(file), Ok((4, 1 << 2, ALL & !WRITE, ALL & !WRITE)));
    let file = guest.open(4, "file", 0, 0, WRITE, 1).unwrap();
    let write_only = ALL & !(READ | 1 << 14);
    assert_eq!(guest.fdstat(file), Ok((4, 1, write_only, write_only)));
    // Opened for nothing is opened for reading.
    let file = guest.open(4, "file", 0, 0, 0, 0).unwrap();
    assert_eq!(guest.fdstat(file), Ok((4, 0, ALL & !WRITE, ALL & !WRITE)));
}

#[test]
fn rights_can_be_looked_at_but_not_dropped() {
    let root = filled();
    let mut guest = guest_of_both(root.path());
    let file = guest.open(4, "file", 0, 0, READ, 0).unwrap();
    for fd in [3, 4, file] {
        assert_eq!(guest.call("fd_fdstat_set_rights", &[fd.into(), 0, 0]), Err(Errno::NotSup));
    }
    for fd in [0, 1, 2, 99] {
        assert_eq!(guest.call("fd_fdstat_set_rights", &[fd, 0, 0]), Err(Errno::Badf));
    }
    assert_eq!(guest.call("fd_fdstat_set_rights", &[4, 1 << 30, 0]), Err(Errno::Inval));
}

#[test]
fn wrong_kinds_of_descriptors_get_wasmtimes_codes() {
    let root = filled();
    let mut guest = guest_of_both(root.path());
    let file = guest.open(4, "file", 0, 0, READ | WRITE, 0).unwrap();
    assert_eq!(guest.open(file, "x", 0, 0, 0, 0), Err(Errno::NotDir));
    assert_eq!(guest.open(0, "x", 0, 0, 0, 0), Err(Errno::Badf));
    assert_eq!(guest.open(99, "x", 0, 0, 0, 0), Err(Errno::Badf));
    assert_eq!(guest.stat_at(file, 0, "x"), Err(Errno::Badf));
    assert_eq!(guest.read(1, 1), Err(Errno::Badf));
    assert_eq!(guest.write(0, b"x"), Err(Errno::Badf));
    assert_eq!(guest.read(3, 1), Err(Errno::Badf));
    assert_eq!(guest.write(3, b"x"), Err(Errno::Badf));
    assert_eq!(guest.pread(0, 1, 0), Err(Errno::Spipe));
    assert_eq!(guest.pread(1, 1, 0), Err(Errno::Badf));
    assert_eq!(guest.pread(3, 1, 0), Err(Errno::Badf));
    assert_eq!(guest.pwrite(0, b"x", 0), Err(Errno::Badf));
    assert_eq!(guest.pwrite(3, b"x", 0), Err(Errno::Badf));
    assert_eq!(guest.pwrite(1, b"x", 0), Err(Errno::Spipe));
    assert_eq!(guest.seek(0, 0, 0), Err(Errno::Spipe));
    assert_eq!(guest.seek(3, 0, 0), Err(Errno::Badf));
    assert_eq!(guest.tell(2), Err(Errno::Spipe));
    assert_eq!(guest.tell(99), Err(Errno::Badf));
    assert_eq!(guest.call("fd_sync", &[3]), Err(Errno::Badf));
    assert_eq!(guest.call("fd_allocate", &[3, 0, 1]), Err(Errno::Badf));
    assert_eq!(guest.call("fd_allocate", &[file.into(), 0, 1]), Err(Errno::NotSup));
    assert_eq!(guest.call("fd_fdstat_set_flags", &[1, 0]), Err(Errno::Badf));
    assert_eq!(guest.call("fd_fdstat_set_flags", &[file.into(), 1 << 1]), Err(Errno::Inval));
    assert_eq!(guest.call("fd_fdstat_set_flags", &[file.into(), 1 << 5]), Err(Errno::Inval));
    assert_eq!(guest.call("fd_prestat_get", &[file.into(), 0]), Err(Errno::Badf));
    assert_eq!(guest.call("fd_prestat_dir_name", &[file.into(), 0, 10]), Err(Errno::NotDir));
    assert_eq!(guest.call("fd_prestat_dir_name", &[3, 0, 2]), Err(Errno::NameTooLong));
    guest.call("fd_prestat_get", &[3, 0]).unwrap();
    assert_eq!((guest.u32(0), guest.u32(4)), (0, 3));
    guest.call("fd_prestat_dir_name", &[3, 0, 3]).unwrap();
    assert_eq!(guest.bytes(0, 3), b"/ro");
}

#[test]
fn the_descriptor_limit_is_an_error_without_effect() {
    let root = filled();
    let mut guest = Guest::with(|builder| {
        builder.dir(root.path().join("rw"), "/", Access::ReadWrite).unwrap().max_descriptors(6);
    });
    let fds: Vec<_> = (0..2).map(|_| guest.open(3, "file", 0, 0, READ, 0).unwrap()).collect();
    assert_eq!(fds, [4, 5]);
    assert_eq!(guest.open(3, "new", 0, CREAT, READ, 0), Err(Errno::Mfile));
    assert!(!root.path().join("rw/new").exists(), "nothing was created");
    guest.close(4).unwrap();
    assert_eq!(guest.open(3, "new", 0, CREAT, READ, 0), Ok(4));
}

#[test]
fn renumbering_replaces_and_closes() {
    let root = filled();
    let mut guest = guest_of_both(root.path());
    let a = guest.open(4, "file", 0, 0, READ, 0).unwrap();
    let b = guest.open(3, "file", 0, 0, READ, 0).unwrap();
    let renumber = |guest: &mut Guest, from: u32, to: u32| guest.call("fd_renumber", &[from.into(), to.into()]);
    renumber(&mut guest, a, a).unwrap();
    renumber(&mut guest, a, b).unwrap();
    assert_eq!(guest.close(a), Err(Errno::Badf));
    assert_eq!(guest.read(b, 100).unwrap(), b"read and write");
    assert_eq!(renumber(&mut guest, a, b), Err(Errno::Badf));
    assert_eq!(renumber(&mut guest, b, a), Err(Errno::Badf));
    assert_eq!(renumber(&mut guest, b, u32::MAX), Err(Errno::Badf));
    // Onto a granted directory: the guest loses it. Pinned, it is refused.
    renumber(&mut guest, b, 3).unwrap();
    assert_eq!(guest.open(3, "file", 0, 0, READ, 0), Err(Errno::NotDir));
    let mut guest = Guest::with(|builder| {
        builder.dir(root.path(), "/", Access::ReadWrite).unwrap().pin_preopens(true);
    });
    let fd = guest.open(3, "rw/file", 0, 0, READ, 0).unwrap();
    assert_eq!(renumber(&mut guest, fd, 3), Err(Errno::NotSup));
    assert_eq!(guest.read(fd, 4).unwrap(), b"read");
}

#[test]
fn arguments_and_environment_arrive_as_given() {
    let mut guest = Guest::with(|builder| {
        builder.args(["prog", "", "ünïcode"]).unwrap().env("A", "1").unwrap().env("B", "x=y").unwrap();
    });
    guest.call("args_sizes_get", &[0, 4]).unwrap();
    assert_eq!((guest.u32(0), guest.u32(4)), (3, 5 + 1 + 10));
    guest.call("args_get", &[0, 100]).unwrap();
    assert_eq!([guest.u32(0), guest.u32(4), guest.u32(8)], [100, 105, 106]);
    assert_eq!(guest.bytes(100, 16), "prog\0\0ünïcode\0".as_bytes());
    guest.call("environ_sizes_get", &[0, 4]).unwrap();
    assert_eq!((guest.u32(0), guest.u32(4)), (2, 10));
    guest.call("environ_get", &[0, 100]).unwrap();
    assert_eq!(guest.bytes(100, 10), b"A=1\0B=x=y\0");
    // No room is the guest's end, not an overrun.
    let end = guest.memory.len() as u64;
    assert!(guest.start("args_get", &[0, end - 4]).is_err());
    assert!(guest.start("args_get", &[end, 0]).is_err());
    assert!(guest.start("args_get", &[2, 0]).is_err());
    assert!(guest.start("environ_get", &[0, u32::MAX.into()]).is_err());
}
