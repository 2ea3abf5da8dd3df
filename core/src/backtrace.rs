//! The guest's frames when something went wrong.
//!
//! A [`WasmBacktrace`] keeps the modules it names alive, and reads function names and finds places in them only when asked: that takes
//! memory, of which there may be none when it is made.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::module::Module;

/// The frames of a guest that were active, the innermost first.
pub struct WasmBacktrace {
    frames: Vec<FrameInfo>,
    /// Frames left out in the middle, because there were too many.
    omitted: u32,
}

impl WasmBacktrace {
    /// At most this many frames are kept.
    pub(crate) const MAX_FRAMES: usize = 64;

    /// These frames; `omitted` more were active outside them.
    pub(crate) fn new(frames: Vec<FrameInfo>, omitted: u32) -> Self {
        Self { frames, omitted }
    }

    /// The frames, the innermost first.
    pub fn frames(&self) -> &[FrameInfo] {
        &self.frames
    }

    /// How many frames outside the kept ones were active.
    pub fn omitted(&self) -> u32 {
        self.omitted
    }
}

impl fmt::Debug for WasmBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.frames).finish()
    }
}

impl fmt::Display for WasmBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last: Option<(&FrameInfo, Option<u32>)> = None;
        for (depth, frame) in self.frames.iter().enumerate() {
            // Recursion repeats a place.
            let offset = match last {
                Some((known, offset)) if known.stands_with(frame) => offset,
                _ => frame.module_offset(),
            };
            last = Some((frame, offset));
            write!(f, "{depth:>4}: ")?;
            frame.write(f, offset)?;
            writeln!(f)?;
        }
        if self.omitted > 0 {
            writeln!(f, "      … {} more", self.omitted)?;
        }
        Ok(())
    }
}

/// One frame of a [`WasmBacktrace`].
pub struct FrameInfo {
    module: Module,
    func_index: u32,
    /// The function's number among those that the module defines, and where the frame stood in its code.
    place: Option<(u32, u32)>,
}

impl FrameInfo {
    /// The frame of a function; `place` is the function's number among the defined ones and the byte of its code where it stood.
    pub(crate) fn new(module: Module, func_index: u32, place: Option<(u32, u32)>) -> Self {
        Self { module, func_index, place }
    }

    /// Whether both are at the same place of the same module.
    fn stands_with(&self, other: &Self) -> bool {
        self.place == other.place && Arc::ptr_eq(self.module.inner(), other.module.inner())
    }

    /// Writes a line without its end.
    fn write(&self, f: &mut fmt::Formatter<'_>, offset: Option<u32>) -> fmt::Result {
        if let Some(offset) = offset {
            write!(f, "{offset:#8x} - ")?;
        }
        f.write_str(self.module.name().unwrap_or("<unnamed>"))?;
        match self.func_name() {
            Some(name) => write!(f, "!{name}"),
            None => write!(f, "!<wasm function {}>", self.func_index),
        }
    }

    /// The module of the function.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The function's index in its module.
    pub fn func_index(&self) -> u32 {
        self.func_index
    }

    /// The function's name, if the module's `name` section has one.
    pub fn func_name(&self) -> Option<&str> {
        self.module.function_name(self.func_index)
    }

    /// The byte of the module's binary where the frame stood, where it is known. Finding it takes a translation of the function.
    pub fn module_offset(&self) -> Option<u32> {
        let (defined, position) = self.place?;
        crate::parse::func::wasm_offset(self.module.inner(), defined, position)
    }
}

impl fmt::Display for FrameInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, self.module_offset())
    }
}

impl fmt::Debug for FrameInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FrameInfo({self})")
    }
}
