//! A guest without an engine: a context, a memory, and calls by name.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use whit_wasi::p1::{Errno, FUNCTIONS, Fault, Function, GuestMemory, Outcome, Pending};
use whit_wasi::{Access, WasiCtx, WasiCtxBuilder};

pub const CREAT: u32 = 1;
pub const DIRECTORY: u32 = 2;
pub const EXCL: u32 = 4;
pub const TRUNC: u32 = 8;
pub const FOLLOW: u32 = 1;
pub const READ: u64 = 1 << 1;
pub const WRITE: u64 = 1 << 6;

/// Where the helpers put their arguments; tests that choose addresses use what lies below.
const SCRATCH: u32 = 0x8000;
const RESULT: u32 = 0x8000 + 0x4000;
/// Where buffers of data are.
pub const DATA: u32 = 0x1_0000;

pub struct Guest {
    pub ctx: WasiCtx,
    pub memory: Vec<u8>,
}

pub fn function(name: &str) -> &'static Function {
    FUNCTIONS.iter().find(|function| function.name == name).unwrap_or_else(|| panic!("no function {name}"))
}

impl Guest {
    pub fn new(ctx: WasiCtx) -> Self {
        Guest { ctx, memory: vec![0; 0x4_0000] }
    }

    /// A guest with `dir` as descriptor 3.
    pub fn in_dir(dir: &Path) -> Self {
        Self::with(|builder| {
            builder.dir(dir, "/", Access::ReadWrite).unwrap();
        })
    }

    pub fn with(grant: impl FnOnce(&mut WasiCtxBuilder)) -> Self {
        let mut builder = WasiCtx::builder();
        grant(&mut builder);
        Self::new(builder.build().unwrap())
    }

    /// One call, as far as it goes without waiting.
    pub fn start(&mut self, name: &str, args: &[u64]) -> Result<Outcome, Fault> {
        Outcome::of((function(name).call)(&mut self.ctx, &mut GuestMemory::new(&mut self.memory), args))
    }

    pub fn resume(&mut self, pending: Pending) -> Result<Outcome, Fault> {
        pending.resume(&mut self.ctx, &mut GuestMemory::new(&mut self.memory))
    }

    /// A call to its end, for which it may take ten seconds.
    pub fn call(&mut self, name: &str, args: &[u64]) -> Result<(), Errno> {
        let limit = Instant::now() + Duration::from_secs(10);
        let mut outcome = self.start(name, args).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        loop {
            match outcome {
                Outcome::Done(Errno::Success) => return Ok(()),
                Outcome::Done(errno) => return Err(errno),
                Outcome::Exit(status) => panic!("{name}: exit {status}"),
                Outcome::Pending(pending) => {
                    assert!(Instant::now() < limit, "{name} never ends");
                    pending.wait().block(Some(limit));
                    outcome = self.resume(pending).unwrap_or_else(|fault| panic!("{name}: {fault}"));
                }
            }
        }
    }

    /// The call must wait.
    pub fn pending(&mut self, name: &str, args: &[u64]) -> Pending {
        match self.start(name, args) {
            Ok(Outcome::Pending(pending)) => pending,
            other => panic!("{name}: {other:?}"),
        }
    }

    pub fn put(&mut self, address: u32, bytes: &[u8]) {
        self.memory[address as usize..][..bytes.len()].copy_from_slice(bytes);
    }

    pub fn bytes(&self, address: u32, len: u32) -> &[u8] {
        &self.memory[address as usize..][..len as usize]
    }

    pub fn u32(&self, address: u32) -> u32 {
        u32::from_le_bytes(self.bytes(address, 4).try_into().unwrap())
    }

    pub fn u64(&self, address: u32) -> u64 {
        u64::from_le_bytes(self.bytes(address, 8).try_into().unwrap())
    }

    /// Writes an array of buffers and gives its address and length as arguments.
    pub fn iovecs(&mut self, buffers: &[(u32, u32)]) -> [u64; 2] {
        for (index, (buf, len)) in buffers.iter().enumerate() {
            let at = SCRATCH + 8 * index as u32;
            self.put(at, &buf.to_le_bytes());
            self.put(at + 4, &len.to_le_bytes());
        }
        [SCRATCH.into(), buffers.len() as u64]
    }

    /// Puts up to two paths and gives address and length of each.
    fn paths(&mut self, first: &[u8], second: &[u8]) -> [u64; 4] {
        let at = SCRATCH + 0x2000;
        self.put(SCRATCH, first);
        self.put(at, second);
        [SCRATCH.into(), first.len() as u64, at.into(), second.len() as u64]
    }

    pub fn open(
        &mut self,
        dir: u32,
        path: &str,
        dirflags: u32,
        oflags: u32,
        rights: u64,
        fdflags: u32,
    ) -> Result<u32, Errno> {
        self.open_bytes(dir, path.as_bytes(), dirflags, oflags, rights, fdflags)
    }

    pub fn open_bytes(
        &mut self,
        dir: u32,
        path: &[u8],
        dirflags: u32,
        oflags: u32,
        rights: u64,
        fdflags: u32,
    ) -> Result<u32, Errno> {
        let [path, len, ..] = self.paths(path, b"");
        let args = [dir.into(), dirflags.into(), path, len, oflags.into(), rights, 0, fdflags.into(), RESULT.into()];
        self.call("path_open", &args).map(|()| self.u32(RESULT))
    }

    pub fn close(&mut self, fd: u32) -> Result<(), Errno> {
        self.call("fd_close", &[fd.into()])
    }

    pub fn write(&mut self, fd: u32, bytes: &[u8]) -> Result<u32, Errno> {
        self.put(DATA, bytes);
        let [iovs, count] = self.iovecs(&[(DATA, bytes.len() as u32)]);
        self.call("fd_write", &[fd.into(), iovs, count, RESULT.into()]).map(|()| self.u32(RESULT))
    }

    pub fn pwrite(&mut self, fd: u32, bytes: &[u8], offset: u64) -> Result<u32, Errno> {
        self.put(DATA, bytes);
        let [iovs, count] = self.iovecs(&[(DATA, bytes.len() as u32)]);
        self.call("fd_pwrite", &[fd.into(), iovs, count, offset, RESULT.into()]).map(|()| self.u32(RESULT))
    }

    pub fn read(&mut self, fd: u32, len: u32) -> Result<Vec<u8>, Errno> {
        let [iovs, count] = self.iovecs(&[(DATA, len)]);
        self.call("fd_read", &[fd.into(), iovs, count, RESULT.into()])?;
        Ok(self.bytes(DATA, self.u32(RESULT)).to_vec())
    }

    pub fn pread(&mut self, fd: u32, len: u32, offset: u64) -> Result<Vec<u8>, Errno> {
        let [iovs, count] = self.iovecs(&[(DATA, len)]);
        self.call("fd_pread", &[fd.into(), iovs, count, offset, RESULT.into()])?;
        Ok(self.bytes(DATA, self.u32(RESULT)).to_vec())
    }

    pub fn seek(&mut self, fd: u32, offset: i64, whence: u32) -> Result<u64, Errno> {
        self.call("fd_seek", &[fd.into(), offset as u64, whence.into(), RESULT.into()]).map(|()| self.u64(RESULT))
    }

    pub fn tell(&mut self, fd: u32) -> Result<u64, Errno> {
        self.call("fd_tell", &[fd.into(), RESULT.into()]).map(|()| self.u64(RESULT))
    }

    /// (file type, flags, base rights, inheriting rights)
    pub fn fdstat(&mut self, fd: u32) -> Result<(u8, u16, u64, u64), Errno> {
        self.call("fd_fdstat_get", &[fd.into(), RESULT.into()])?;
        let flags = u16::from_le_bytes(self.bytes(RESULT + 2, 2).try_into().unwrap());
        Ok((self.memory[RESULT as usize], flags, self.u64(RESULT + 8), self.u64(RESULT + 16)))
    }

    fn filestat(&self) -> Filestat {
        let field = |at| self.u64(RESULT + at);
        Filestat {
            dev: field(0),
            ino: field(8),
            filetype: self.memory[RESULT as usize + 16],
            nlink: field(24),
            size: field(32),
            atim: field(40),
            mtim: field(48),
        }
    }

    pub fn stat(&mut self, fd: u32) -> Result<Filestat, Errno> {
        self.call("fd_filestat_get", &[fd.into(), RESULT.into()]).map(|()| self.filestat())
    }

    pub fn stat_at(&mut self, dir: u32, flags: u32, path: &str) -> Result<Filestat, Errno> {
        let [path, len, ..] = self.paths(path.as_bytes(), b"");
        let args = [dir.into(), flags.into(), path, len, RESULT.into()];
        self.call("path_filestat_get", &args).map(|()| self.filestat())
    }

    pub fn set_times_at(
        &mut self,
        dir: u32,
        flags: u32,
        path: &str,
        atim: u64,
        mtim: u64,
        fst_flags: u32,
    ) -> Result<(), Errno> {
        let [path, len, ..] = self.paths(path.as_bytes(), b"");
        self.call("path_filestat_set_times", &[dir.into(), flags.into(), path, len, atim, mtim, fst_flags.into()])
    }

    /// `path_create_directory`, `path_remove_directory`, `path_unlink_file`.
    pub fn on_path(&mut self, name: &str, dir: u32, path: &str) -> Result<(), Errno> {
        let [path, len, ..] = self.paths(path.as_bytes(), b"");
        self.call(name, &[dir.into(), path, len])
    }

    pub fn rename(&mut self, dir: u32, from: &str, new_dir: u32, to: &str) -> Result<(), Errno> {
        let [from, from_len, to, to_len] = self.paths(from.as_bytes(), to.as_bytes());
        self.call("path_rename", &[dir.into(), from, from_len, new_dir.into(), to, to_len])
    }

    pub fn link(&mut self, dir: u32, flags: u32, from: &str, new_dir: u32, to: &str) -> Result<(), Errno> {
        let [from, from_len, to, to_len] = self.paths(from.as_bytes(), to.as_bytes());
        self.call("path_link", &[dir.into(), flags.into(), from, from_len, new_dir.into(), to, to_len])
    }

    pub fn symlink(&mut self, contents: &str, dir: u32, path: &str) -> Result<(), Errno> {
        let [contents, contents_len, path, len] = self.paths(contents.as_bytes(), path.as_bytes());
        self.call("path_symlink", &[contents, contents_len, dir.into(), path, len])
    }

    pub fn readlink(&mut self, dir: u32, path: &str, buf_len: u32) -> Result<Vec<u8>, Errno> {
        let [path, len, ..] = self.paths(path.as_bytes(), b"");
        self.call("path_readlink", &[dir.into(), path, len, DATA.into(), buf_len.into(), RESULT.into()])?;
        Ok(self.bytes(DATA, self.u32(RESULT)).to_vec())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filestat {
    pub dev: u64,
    pub ino: u64,
    pub filetype: u8,
    pub nlink: u64,
    pub size: u64,
    pub atim: u64,
    pub mtim: u64,
}

/// Every path below `root` with what is there, to see whether anything changed.
pub fn snapshot(root: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut dirs = vec![root.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let metadata = std::fs::symlink_metadata(&path).unwrap();
            let modified = metadata.modified().unwrap();
            let what = if metadata.is_dir() {
                dirs.push(path.clone());
                format!("directory {modified:?}")
            } else if metadata.is_symlink() {
                format!("link {:?} {modified:?}", std::fs::read_link(&path).unwrap())
            } else {
                format!("file {:?} {modified:?}", std::fs::read(&path).unwrap())
            };
            found.push((path, what));
        }
    }
    found.sort();
    found
}
