//! A module's debugging sections → `file:line` for an offset in its code.
//!
//! Compilers put DWARF into custom sections; its addresses count from the start of the code section's contents. Assumes nothing of those
//! sections: they are guest data, and one that cannot be read only means that no line is shown. Reading is done by `addr2line`; nothing
//! is read before a backtrace is printed.

use std::borrow::Cow;

use gimli::{EndianSlice, LittleEndian};
use wasmparser::{Parser, Payload};

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// The lines of one module.
pub struct Lines<'a> {
    context: addr2line::Context<Slice<'a>>,
    /// Where the code section's contents start in the file.
    code: u64,
}

/// A place in the source. With inlining, one offset is several places, the innermost first.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// The function, demangled.
    pub function: Option<String>,
    /// The file as the compiler names it.
    pub file: String,
    /// The line, if known.
    pub line: Option<u32>,
}

impl<'a> Lines<'a> {
    /// Reads the sections of the module `wasm`; `None` if there are none that can be read.
    pub fn read(wasm: &'a [u8]) -> Option<Self> {
        let (mut code, mut sections) = (None, Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.ok()? {
                Payload::CodeSectionStart { unchecked_range, .. } => code = Some(unchecked_range.start),
                Payload::CustomSection(section) if section.name().starts_with(".debug_") => {
                    sections.push((section.name(), section.data()));
                }
                _ => {}
            }
        }
        let find = |id: gimli::SectionId| {
            let data = sections.iter().find(|(name, _)| *name == id.name()).map_or(&[][..], |(_, data)| data);
            Ok::<_, gimli::Error>(EndianSlice::new(data, LittleEndian))
        };
        if sections.is_empty() {
            return None;
        }
        let context = addr2line::Context::from_dwarf(gimli::Dwarf::load(find).ok()?).ok()?;
        Some(Self { context, code: code? })
    }

    /// The places of the instruction at `offset` in the file, the innermost first; empty where nothing is known.
    pub fn places(&self, offset: u64) -> Vec<Place> {
        let Some(address) = offset.checked_sub(self.code) else { return Vec::new() };
        let Ok(mut frames) = self.context.find_frames(address).skip_all_loads() else { return Vec::new() };
        let mut places = Vec::new();
        while let Ok(Some(frame)) = frames.next() {
            let Some(location) = frame.location else { continue };
            let Some(file) = location.file else { continue };
            let function = frame.function.and_then(|name| name.demangle().map(Cow::into_owned).ok());
            places.push(Place { function, file: file.to_string(), line: location.line });
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_without_debugging_sections_has_no_lines() {
        assert!(Lines::read(&wat::parse_str("(module (func))").unwrap()).is_none());
        assert!(Lines::read(b"\0asm").is_none());
    }

    #[test]
    fn broken_sections_are_no_lines_and_no_panic() {
        let mut wasm = wat::parse_str("(module (func nop))").unwrap();
        for name in [".debug_info", ".debug_line", ".debug_abbrev"] {
            let mut section = vec![name.len() as u8];
            section.extend_from_slice(name.as_bytes());
            section.extend_from_slice(&[0xff; 20]);
            wasm.push(0);
            wasm.push(section.len() as u8);
            wasm.extend_from_slice(&section);
        }
        if let Some(lines) = Lines::read(&wasm) {
            for offset in 0..wasm.len() as u64 {
                lines.places(offset);
            }
        }
    }
}
