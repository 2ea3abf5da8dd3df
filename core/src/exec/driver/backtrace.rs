//! What a trap tells: the frames that were active, and the types that did not match.
//!
//! Best effort: without memory for them these are left out. What other ops tried to do is found in `facts`.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use super::super::frame::Frames;
use super::{Driver, Stop};
use crate::backtrace::{FrameInfo, WasmBacktrace};
use crate::error::TrapFacts;
use crate::module::Module;
use crate::trap::TrapCode;
use crate::types::{TypeId, Types};

impl Driver {
    /// The frames that are active, if the embedder wants to know.
    pub(super) unsafe fn backtrace(&self) -> Option<WasmBacktrace> {
        // SAFETY: I1, I2, I4
        unsafe {
            let store = &*self.store;
            if !store.engine().config().wasm_backtrace || self.fp.is_null() {
                return None;
            }
            let mut frames = Vec::new();
            let mut omitted = 0;
            for frame in Frames::new(self.ip, self.fp, self.at_op) {
                if frames.len() == WasmBacktrace::MAX_FRAMES {
                    omitted += 1;
                    continue;
                }
                frames.try_reserve(1).ok()?;
                if let Some(module) = &(*frame.object()).module {
                    let position = frame.position().and_then(|position| u32::try_from(position).ok());
                    let module = Module::from_inner(Arc::clone(module));
                    frames.push(FrameInfo::new(module, frame.function, frame.defined().zip(position)));
                }
            }
            Some(WasmBacktrace::new(frames, omitted))
        }
    }

    /// A trap is its code where there is little flash: the names of ops and of their fields would take 50 KB of it.
    #[cfg(not(feature = "std"))]
    pub(super) unsafe fn explain(&self, code: TrapCode) -> Stop {
        Stop::Trap(code)
    }

    /// The trap of a call whose callee has another type.
    pub(super) unsafe fn type_mismatch(&self, expected: TypeId, actual: TypeId) -> Stop {
        // SAFETY: I4
        let types = unsafe { (*self.store).types() };
        let spell = |id| types.defined(id).and_then(|ty| text(ty.sub_type()));
        match (spell(expected), spell(actual)) {
            (Some(expected), Some(actual)) => {
                Stop::Facts(TrapCode::IndirectCallTypeMismatch, TrapFacts::Type { expected, actual })
            }
            _ => TrapCode::IndirectCallTypeMismatch.into(),
        }
    }
}

/// A value as text, if there is memory for it.
pub(super) fn text(value: impl fmt::Display) -> Option<Box<str>> {
    struct Count(usize);
    impl Write for Count {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 += text.len();
            Ok(())
        }
    }
    struct Fill(String);
    impl Write for Fill {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            // Never more than was reserved: `push_str` would abort where memory is short.
            if self.0.len() + text.len() > self.0.capacity() {
                return Err(fmt::Error);
            }
            self.0.push_str(text);
            Ok(())
        }
    }
    let mut count = Count(0);
    write!(count, "{value}").ok()?;
    let mut fill = Fill(String::new());
    fill.0.try_reserve_exact(count.0).ok()?;
    write!(fill, "{value}").ok()?;
    Some(fill.0.into_boxed_str())
}
