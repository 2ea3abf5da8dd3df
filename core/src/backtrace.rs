//! The guest's frames when something went wrong.
//!
//! A [`WasmBacktrace`] keeps the modules it names alive and reads function names from them only when asked.

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
        for (depth, frame) in self.frames.iter().enumerate() {
            writeln!(f, "{depth:>4}: {frame}")?;
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
    offset: Option<u32>,
}

impl FrameInfo {
    /// The frame of a function; `offset` is the byte of the module's binary where it stood.
    pub(crate) fn new(module: Module, func_index: u32, offset: Option<u32>) -> Self {
        Self { module, func_index, offset }
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

    /// The byte of the module's binary where the frame stood, where it is known.
    pub fn module_offset(&self) -> Option<u32> {
        self.offset
    }
}

impl fmt::Display for FrameInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(offset) = self.offset {
            write!(f, "{offset:#8x} - ")?;
        }
        f.write_str(self.module.name().unwrap_or("<unnamed>"))?;
        match self.func_name() {
            Some(name) => write!(f, "!{name}"),
            None => write!(f, "!<wasm function {}>", self.func_index),
        }
    }
}

impl fmt::Debug for FrameInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FrameInfo({self})")
    }
}
