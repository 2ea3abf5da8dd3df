//! No path leads out of its directory: dots, symbolic links, trailing slashes, magic links, for every operation.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;
use whit_wasi::Access;
use whit_wasi::p1::Errno;

use crate::guest::{CREAT, DIRECTORY, EXCL, FOLLOW, Guest, READ, TRUNC, WRITE, snapshot};

/// `inside` is granted, `outside` is not, and `inside` is full of ways there.
fn traps() -> TempDir {
    let root = TempDir::new().unwrap();
    let (inside, outside) = (root.path().join("inside"), root.path().join("outside"));
    fs::create_dir_all(inside.join("dir/nested")).unwrap();
    fs::create_dir_all(outside.join("dir")).unwrap();
    fs::write(inside.join("file"), "inside").unwrap();
    fs::write(inside.join("dir/nested/file"), "nested").unwrap();
    fs::write(outside.join("secret"), "secret").unwrap();
    for (link, target) in [
        ("link", "dir"),
        ("link_slash", "dir/"),
        ("up", ".."),
        ("up_slash", "../"),
        ("out", "../outside"),
        ("out_slash", "../outside/"),
        ("out_file", "../outside/secret"),
        ("out_chain", "link/../out"),
        ("deep", "dir/nested/../../../outside"),
        ("dangling", "missing"),
        ("dangling_out", "../outside/new"),
        ("loop", "loop"),
        ("loop_a", "loop_b"),
        ("loop_b", "loop_a"),
    ] {
        symlink(target, inside.join(link)).unwrap();
    }
    symlink(&outside, inside.join("abs")).unwrap();
    symlink(outside.join("secret"), inside.join("abs_file")).unwrap();
    root
}

/// Directories outside, spelt in every way; each ends where a name can be appended.
const WAYS_OUT: &[&str] = &[
    "../outside/",
    "../outside//",
    ".//..//outside/",
    "./.././outside/./",
    "dir/../../outside/",
    "dir/nested/../../../outside/",
    "link/../../outside/",
    "link//..//..//outside//",
    "out/",
    "out//",
    "out/./",
    "out_slash/",
    "out_slash//",
    "out_chain/",
    "deep/",
    "up/outside/",
    "up//outside//",
    "up_slash/outside/",
    "link/../up/outside/",
    "abs/",
    "abs//",
    "/outside/",
    "out/dir/../",
];

#[test]
fn no_operation_leaves_the_directory_by_any_spelling() {
    let root = traps();
    let outside = snapshot(&root.path().join("outside"));
    let mut guest = Guest::in_dir(&root.path().join("inside"));
    for way in WAYS_OUT {
        // The directory itself with a trailing slash, and things in it that exist, do not, and are directories.
        for tail in ["", ".", "secret", "secret/", "new", "new/", "dir", "dir/", "dir/.."] {
            let path = &format!("{way}{tail}");
            for dirflags in [0, FOLLOW] {
                for oflags in [0, CREAT, CREAT | EXCL, TRUNC, DIRECTORY] {
                    for rights in [0, READ, READ | WRITE] {
                        assert!(guest.open(3, path, dirflags, oflags, rights, 0).is_err(), "open {path}");
                    }
                }
                assert!(guest.stat_at(3, dirflags, path).is_err(), "stat {path}");
                assert!(guest.set_times_at(3, dirflags, path, 1, 1, 5).is_err(), "set_times {path}");
                assert!(guest.link(3, dirflags, path, 3, "stolen").is_err(), "link from {path}");
            }
            for name in ["path_create_directory", "path_remove_directory", "path_unlink_file"] {
                assert!(guest.on_path(name, 3, path).is_err(), "{name} {path}");
            }
            assert!(guest.link(3, 0, "file", 3, path).is_err(), "link to {path}");
            assert!(guest.rename(3, path, 3, "stolen").is_err(), "rename from {path}");
            assert!(guest.rename(3, "file", 3, path).is_err(), "rename file to {path}");
            assert!(guest.rename(3, "dir", 3, path).is_err(), "rename directory to {path}");
            assert!(guest.symlink("file", 3, path).is_err(), "symlink {path}");
            assert!(guest.readlink(3, path, 100).is_err(), "readlink {path}");
        }
    }
    assert_eq!(snapshot(&root.path().join("outside")), outside);
    assert!(!root.path().join("inside/stolen").exists());
}

#[test]
fn the_parent_itself_is_out_of_reach() {
    let root = traps();
    let mut guest = Guest::in_dir(&root.path().join("inside"));
    for path in
        ["..", "../", "..//", "./..", ".//..//", "dir/../..", "link/../..", "up/", "up/.", "up_slash/", "../inside"]
    {
        assert_eq!(guest.open(3, path, FOLLOW, DIRECTORY, 0, 0), Err(Errno::Perm), "{path}");
        assert_eq!(guest.stat_at(3, FOLLOW, path), Err(Errno::Perm), "{path}");
    }
    // Climbing within the directory is fine, through links too.
    for path in [".", "./", ".//", "dir/..", "dir/nested/../..", "link/..", "link_slash/..", "link/nested/../../"] {
        let fd = guest.open(3, path, FOLLOW, DIRECTORY, 0, 0).unwrap_or_else(|errno| panic!("{path}: {errno:?}"));
        assert_eq!(guest.stat(fd).unwrap().ino, guest.stat(3).unwrap().ino, "{path}");
    }
}

#[test]
fn links_that_lead_out_can_be_seen_and_removed_but_not_followed() {
    let root = traps();
    let outside = snapshot(&root.path().join("outside"));
    let mut guest = Guest::in_dir(&root.path().join("inside"));
    for link in ["out_file", "abs_file", "dangling_out", "out", "out_slash", "abs", "up", "out_chain", "deep"] {
        for oflags in [0, CREAT, TRUNC, CREAT | TRUNC] {
            assert!(guest.open(3, link, FOLLOW, oflags, READ | WRITE, 0).is_err(), "{link}");
            assert_eq!(guest.open(3, link, 0, oflags, READ, 0), Err(Errno::Loop), "{link}");
        }
        assert!(guest.stat_at(3, FOLLOW, link).is_err(), "{link}");
        assert!(guest.set_times_at(3, FOLLOW, link, 1, 1, 5).is_err(), "{link}");
        assert_eq!(guest.stat_at(3, 0, link).unwrap().filetype, 7, "{link}");
    }
    assert_eq!(guest.readlink(3, "out", 100).unwrap(), b"../outside");
    assert_eq!(guest.readlink(3, "abs", 100), Err(Errno::Perm), "an absolute target is the host's secret");
    guest.on_path("path_unlink_file", 3, "out_file").unwrap();
    guest.rename(3, "abs_file", 3, "moved").unwrap();
    guest.on_path("path_unlink_file", 3, "moved").unwrap();
    assert_eq!(snapshot(&root.path().join("outside")), outside);
}

#[test]
fn a_guests_own_links_are_checked_when_followed() {
    let root = traps();
    let mut guest = Guest::in_dir(&root.path().join("inside"));
    for (contents, name) in [("../outside/secret", "mine"), ("..", "mine_up"), ("../outside/", "mine_slash")] {
        guest.symlink(contents, 3, name).unwrap();
        assert_eq!(guest.open(3, name, FOLLOW, 0, READ, 0), Err(Errno::Perm), "{name}");
    }
    for contents in ["/", "/etc/passwd", "//etc"] {
        assert_eq!(guest.symlink(contents, 3, "absolute"), Err(Errno::Perm), "{contents}");
    }
    assert_eq!(guest.symlink("", 3, "empty"), Err(Errno::NoEnt));
    assert_eq!(guest.symlink("a\0b", 3, "nul"), Err(Errno::Inval));
}

#[test]
fn link_loops_and_dangling_links_end_with_an_error() {
    let root = traps();
    let mut guest = Guest::in_dir(&root.path().join("inside"));
    for path in ["loop", "loop/", "loop_a", "loop/file", "loop_a/../file"] {
        assert_eq!(guest.open(3, path, FOLLOW, 0, READ, 0), Err(Errno::Loop), "{path}");
        assert_eq!(guest.stat_at(3, FOLLOW, path), Err(Errno::Loop), "{path}");
    }
    assert_eq!(guest.open(3, "dangling", FOLLOW, 0, READ, 0), Err(Errno::NoEnt));
    assert_eq!(guest.open(3, "dangling", 0, CREAT, READ, 0), Err(Errno::Loop));
    assert_eq!(guest.open(3, "dangling", FOLLOW, CREAT | EXCL, READ, 0), Err(Errno::Exist));
    let fd = guest.open(3, "dangling", FOLLOW, CREAT, WRITE, 0).unwrap();
    guest.write(fd, b"x").unwrap();
    assert_eq!(fs::read(root.path().join("inside/missing")).unwrap(), b"x");
}

#[test]
fn a_file_is_not_a_directory_however_it_is_spelt() {
    let root = traps();
    let mut guest = Guest::in_dir(&root.path().join("inside"));
    for path in ["file/", "file//", "file/.", "file/..", "file/../file", "file/x", "dir/nested/file/.."] {
        for oflags in [0, CREAT, TRUNC, DIRECTORY] {
            assert!(guest.open(3, path, FOLLOW, oflags, READ, 0).is_err(), "open {path}");
        }
        assert_eq!(guest.stat_at(3, FOLLOW, path), Err(Errno::NotDir), "stat {path}");
        assert!(guest.on_path("path_unlink_file", 3, path).is_err(), "unlink {path}");
        assert!(guest.on_path("path_remove_directory", 3, path).is_err(), "remove {path}");
        assert!(guest.rename(3, path, 3, "moved").is_err(), "rename {path}");
        assert!(guest.link(3, 0, path, 3, "linked").is_err(), "link {path}");
    }
    assert!(guest.open(3, "new/", 0, CREAT, WRITE, 0).is_err());
    assert_eq!(fs::read(root.path().join("inside/file")).unwrap(), b"inside");
    assert!(!root.path().join("inside/new").exists());
}

#[test]
fn trailing_slashes_on_links_to_directories_stay_inside() {
    let root = traps();
    let mut guest = Guest::in_dir(&root.path().join("inside"));
    for path in ["link/", "link//", "link/.", "link_slash", "link_slash/", "link/nested//"] {
        let fd = guest.open(3, path, FOLLOW, DIRECTORY, 0, 0).unwrap_or_else(|errno| panic!("{path}: {errno:?}"));
        guest.close(fd).unwrap();
    }
    // Removing through a slash must neither remove the link nor what it leads to.
    for name in ["path_unlink_file", "path_remove_directory"] {
        assert!(guest.on_path(name, 3, "link/").is_err(), "{name}");
    }
    // Nor is the link moved, replaced, or given a second name.
    assert_eq!(guest.rename(3, "link/", 3, "moved"), Err(Errno::NotDir));
    assert_eq!(guest.rename(3, "file", 3, "link/"), Err(Errno::NotDir));
    assert_eq!(guest.rename(3, "file", 3, "new/"), Err(Errno::NotDir));
    assert!(guest.rename(3, "dir/nested", 3, "link/").is_err());
    assert!(guest.link(3, 0, "link/", 3, "linked").is_err());
    assert!(guest.link(3, 0, "file", 3, "link/").is_err());
    assert_eq!(guest.on_path("path_create_directory", 3, "link/"), Err(Errno::Exist));
    assert_eq!(guest.on_path("path_create_directory", 3, "dangling_out/"), Err(Errno::Exist));
    assert_eq!(guest.stat_at(3, 0, "link").unwrap().filetype, 7);
    assert_eq!(guest.stat_at(3, 0, "dir").unwrap().filetype, 3);
    // Looked at with its slash, a link is what it leads to.
    assert_eq!(guest.stat_at(3, 0, "link/").unwrap().ino, guest.stat_at(3, 0, "dir").unwrap().ino);
    assert_eq!(guest.stat_at(3, 0, "file/"), Err(Errno::NotDir));
    guest.set_times_at(3, 0, "link/", 1, 1_000, 5).unwrap();
    assert_eq!(guest.stat_at(3, 0, "dir").unwrap().mtim, 1_000);
}

#[test]
fn malformed_paths_are_refused() {
    let root = traps();
    let mut guest = Guest::in_dir(&root.path().join("inside"));
    assert_eq!(guest.open(3, "", 0, 0, READ, 0), Err(Errno::NoEnt));
    assert_eq!(guest.open(3, "file\0", 0, 0, READ, 0), Err(Errno::Inval));
    assert_eq!(guest.open(3, "fi\0le", 0, 0, READ, 0), Err(Errno::Inval));
    assert_eq!(guest.open(3, "/file", 0, 0, READ, 0), Err(Errno::Perm));
    assert_eq!(guest.open_bytes(3, b"\xff\xfe", 0, 0, READ, 0), Err(Errno::Ilseq));
    assert_eq!(guest.open_bytes(3, b"file\xc3", 0, 0, READ, 0), Err(Errno::Ilseq));
    assert_eq!(guest.open_bytes(3, b"\xed\xa0\x80", 0, 0, READ, 0), Err(Errno::Ilseq));
    assert_eq!(guest.open(3, &"a".repeat(300), 0, CREAT, READ, 0), Err(Errno::NameTooLong));
    assert_eq!(guest.open(3, &"a/".repeat(2_500), 0, 0, READ, 0), Err(Errno::NameTooLong));
}

#[cfg(target_os = "linux")]
#[test]
fn magic_links_of_proc_lead_nowhere() {
    let root = traps();
    let secret = fs::File::open(root.path().join("outside/secret")).unwrap();
    let mut guest = Guest::with(|builder| {
        builder.dir("/proc/self", "/", Access::ReadOnly).unwrap();
    });
    let fd = std::os::fd::AsRawFd::as_raw_fd(&secret);
    for path in [format!("fd/{fd}"), "root/etc/passwd".into(), "cwd/Cargo.toml".into(), "exe".into()] {
        assert!(guest.open(3, &path, FOLLOW, 0, READ, 0).is_err(), "{path}");
        assert!(guest.stat_at(3, FOLLOW, &path).is_err(), "{path}");
    }
}

#[test]
fn pipes_in_the_file_system_never_block() {
    let root = TempDir::new().unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        root.path().join("fifo"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    let mut guest = Guest::in_dir(root.path());
    assert_eq!(guest.open(3, "fifo", 0, 0, WRITE, 0), Err(Errno::Nxio), "no reader");
    let fd = guest.open(3, "fifo", 0, 0, READ, 0).unwrap();
    assert_eq!(guest.fdstat(fd).unwrap().0, 0, "there is no file type for it");
    assert_eq!(guest.read(fd, 10), Err(Errno::Spipe));
    guest.symlink("fifo", 3, "link").unwrap();
    for path in ["fifo", "link"] {
        for follow in [0, FOLLOW] {
            guest.set_times_at(3, follow, path, 1, 1, 5).unwrap();
        }
    }
    assert_eq!(guest.stat_at(3, 0, "fifo").unwrap().mtim, 1);
}

#[test]
fn a_directory_moved_away_while_open_is_no_way_out() {
    let root = traps();
    let mut guest = Guest::in_dir(&root.path().join("inside"));
    let nested = guest.open(3, "dir/nested", 0, DIRECTORY, 0, 0).unwrap();
    fs::rename(root.path().join("inside/dir/nested"), root.path().join("outside/nested")).unwrap();
    // The handle still works for what is beneath it, and only for that.
    assert!(guest.open(nested, "file", 0, 0, READ, 0).is_ok());
    for path in ["..", "../secret", "../../outside/secret", "../../inside/file"] {
        assert_eq!(guest.open(nested, path, FOLLOW, 0, READ, 0), Err(Errno::Perm), "{path}");
    }
}
