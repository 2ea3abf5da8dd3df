//! A file name → the bytes of a module or component.
//!
//! Binary and text are told apart by their first bytes, not by the name, and so are modules and components. Assumes nothing of the file. Promises
//! the binary form; a file that is neither binary nor text is refused.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::report::{self, Failure};
use crate::terminal::printable;

/// No module is larger; the engine's own limit is the same, and this one holds before the bytes are in memory.
const MAX_SIZE: u64 = 1 << 30;

/// How a binary module starts.
const MAGIC: &[u8] = b"\0asm";

/// What follows for a component: version 13, layer 1. A core module has version 1, layer 0.
const COMPONENT_LAYER: &[u8] = &[1, 0];

/// The bytes of the module or component at `path`, or on standard input for `-`.
pub fn load(path: &Path) -> Result<Vec<u8>, Failure> {
    let shown = shown(path);
    let bytes = read(path).map_err(|error| Failure::new(format!("cannot read {shown}: {}", report::said(&error))))?;
    if bytes.starts_with(MAGIC) { Ok(bytes) } else { assemble(&shown, bytes) }
}

/// Whether the bytes are a component's, and not a core module's.
pub fn is_component(binary: &[u8]) -> bool {
    binary.get(6..8) == Some(COMPONENT_LAYER)
}

/// `path` for a message.
pub fn shown(path: &Path) -> String {
    match path.to_str() {
        Some("-") => "standard input".into(),
        Some("") => "a file without a name".into(),
        _ => printable(&path.to_string_lossy()),
    }
}

/// As much is made room for beforehand, whatever a file's size is said to be.
const MAX_RESERVED: u64 = 64 << 20;

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut source: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        let known = fs::metadata(path)?;
        if known.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
        }
        if known.len() > MAX_SIZE {
            return Err(too_large());
        }
        // Room for all of it at once, and for seeing that there is no more. What says it is large and is not is read as it is.
        bytes.try_reserve_exact(known.len().min(MAX_RESERVED) as usize + 32).map_err(|_| io::ErrorKind::OutOfMemory)?;
        Box::new(File::open(path)?)
    };
    // Neither a binary nor text has a NUL where the magic number belongs: a huge file or `/dev/zero` is not read to its end to find that out.
    source.by_ref().take(MAGIC.len() as u64).read_to_end(&mut bytes)?;
    if bytes != MAGIC && bytes.contains(&0) {
        return Ok(bytes);
    }
    source.by_ref().take(MAX_SIZE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(too_large());
    }
    Ok(bytes)
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 GiB")
}

/// Text to binary.
fn assemble(shown: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let text = match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') && !text.trim().is_empty() => text,
        _ => return Err(Failure::new(format!("{shown} is neither a WebAssembly binary nor WebAssembly text"))),
    };
    wat::parse_str(&text).map_err(|mut e| {
        e.set_path(shown);
        // The message quotes lines of the file.
        let lines: Vec<String> = e.to_string().lines().map(printable).collect();
        Failure::new(format!("{shown} is not WebAssembly text: {}", lines.join("\n")))
    })
}
