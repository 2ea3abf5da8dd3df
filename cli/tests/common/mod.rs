//! What the tests of the program share: starting it, and components of the tests' own.

// Each test binary uses its own part of this.
#![allow(dead_code, reason = "shared between test binaries")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Runs `whit` to its end: status, standard output, standard error.
pub fn whit<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whit"));
    let Output { status, stdout, stderr } = command.args(arguments).stdin(Stdio::null()).output().expect("whit starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is text");
    (status.code().expect("whit is not killed"), text(stdout), text(stderr))
}

/// A guest that is checked in.
pub fn guest(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests/wasm").join(name).with_extension("wasm");
    path.to_str().expect("the repository's path is text").to_string()
}

/// A folder of a test's own, gone when it is dropped.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// An empty folder.
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("there is room for a folder"))
    }

    /// The path of what has, or is to have, this name.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The same as an argument.
    pub fn at(&self, name: &str) -> String {
        self.path(name).to_str().expect("temporary folders have names of text").to_string()
    }

    /// Writes a file and returns its path as an argument.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), content).expect("the folder can be written to");
        self.at(name)
    }
}
