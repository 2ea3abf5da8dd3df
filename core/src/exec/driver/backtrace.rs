//! What a trap tells: the frames that were active, and the circumstances of the op that trapped.
//!
//! A trap costs nothing before it happens: its op is decoded again to learn what it tried to do. Best effort: without memory for
//! them the facts are left out.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use super::super::frame::Frames;
use super::{Driver, Stop};
use crate::backtrace::{FrameInfo, WasmBacktrace};
use crate::code::OpCode;
use crate::code::decode::DecodedOp;
use crate::code::shape::{Field, Role};
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
            // Recursion repeats a place, which takes a translation to find.
            let mut last = None;
            for frame in Frames::new(&store.functions, self.ip, self.fp, self.at_op) {
                if frames.len() == WasmBacktrace::MAX_FRAMES {
                    omitted += 1;
                    continue;
                }
                frames.try_reserve(1).ok()?;
                let place = (core::ptr::from_ref(frame.module()), frame.function, frame.position());
                let offset = match last {
                    Some((known, offset)) if known == place => offset,
                    _ => {
                        let position = frame.position().and_then(|position| u32::try_from(position).ok());
                        let place = frame.defined().zip(position);
                        place.and_then(|(defined, at)| crate::parse::func::wasm_offset(frame.module(), defined, at))
                    }
                };
                last = Some((place, offset));
                if let Some(module) = &(*frame.object()).module {
                    let module = Module::from_inner(Arc::clone(module));
                    frames.push(FrameInfo::new(module, frame.function, offset));
                }
            }
            Some(WasmBacktrace::new(frames, omitted))
        }
    }

    /// A trap of the op at hand, with its circumstances.
    pub(super) unsafe fn explain(&self, code: TrapCode) -> Stop {
        // SAFETY: I1, I2, I4
        let facts = unsafe {
            match code {
                TrapCode::MemoryOutOfBounds => self.memory_facts(),
                TrapCode::TableOutOfBounds | TrapCode::UndefinedElement | TrapCode::UninitializedElement => {
                    self.table_facts()
                }
                _ => None,
            }
        };
        facts.map_or(Stop::Trap(code), |facts| Stop::Facts(code, facts))
    }

    /// Decodes the op at hand.
    unsafe fn visit_op(&self, visit: &mut dyn FnMut(&'static str, Field)) -> Option<OpCode> {
        // SAFETY: I1, I2, I4
        unsafe {
            let frame = Frames::new(&(*self.store).functions, self.ip, self.fp, self.at_op).next()?;
            let op = DecodedOp::at(frame.code()?.units(), frame.position()?)?;
            op.visit(&mut |_: Role, name, field| visit(name, field));
            Some(op.opcode)
        }
    }

    /// The bits of an operand.
    unsafe fn operand(&self, field: Field) -> u64 {
        match field {
            // SAFETY: I2
            Field::Slot(slot) => unsafe { *self.slot(slot) },
            Field::Reg => self.registers,
            _ => 0,
        }
    }

    unsafe fn memory_facts(&self) -> Option<TrapFacts> {
        // SAFETY: I1, I2, I4
        unsafe {
            let (mut addr, mut offset, mut index) = (0, 0, 0);
            let opcode = self.visit_op(&mut |name, field| match (name, field) {
                ("addr", field) => addr = self.operand(field),
                ("offset", Field::Index32(value)) => offset = value.into(),
                ("offset", Field::Index64(value)) => offset = value,
                ("memory", Field::Index16(value)) => index = value,
                _ => {}
            })?;
            let length = access_size(opcode.name())?;
            let memory = self.memory(index.into());
            let addr = if (*memory).is_64() { addr } else { u64::from(addr as u32) };
            Some(TrapFacts::Memory { address: addr.saturating_add(offset), length, size: (*memory).byte_len() })
        }
    }

    unsafe fn table_facts(&self) -> Option<TrapFacts> {
        // SAFETY: I1, I2, I4
        unsafe {
            let (mut index, mut table) = (None, None);
            self.visit_op(&mut |name, field| match (name, field) {
                ("index", field) => index = Some(self.operand(field) as u32),
                ("table", Field::Index16(value)) => table = Some(value.into()),
                ("table", Field::Index32(value)) => table = Some(value),
                _ => {}
            })?;
            Some(TrapFacts::Table { index: index?.into(), size: (*self.table(table?)).size().into() })
        }
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

/// How many bytes the op of this name accesses: the number behind `load`, `store` or `rmw`, else the size of its type.
fn access_size(name: &str) -> Option<u64> {
    let (ty, rest) = name.split_once('_')?;
    let at = ["load", "store", "rmw"].iter().find_map(|verb| Some(rest.find(verb)? + verb.len()))?;
    let mut numbers = rest[at..].split(|c: char| !c.is_ascii_digit() && c != 'x');
    let bits = |number: &str| number.parse::<u64>().ok();
    let sizes = numbers.next().unwrap_or_default();
    let all = match sizes.split_once('x') {
        // Lanes of a widening load.
        Some((size, lanes)) => bits(size)? * bits(lanes)?,
        None => bits(sizes).or_else(|| bits(&ty[1..]))?,
    };
    Some(all / 8)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_op_says_what_it_accesses() {
        for (name, bytes) in [
            ("i64_load8_u_s", 1),
            ("i64_load_r", 8),
            ("f32_load_a", 4),
            ("i64_store16_ss", 2),
            ("v128_load_x", 16),
            ("v128_load8x8_s_s", 8),
            ("v128_load32x2_u_x", 8),
            ("v128_load16_splat_s", 2),
            ("v128_store64_lane", 8),
            ("i32_atomic_rmw16_add_u", 2),
            ("i64_atomic_rmw_cmpxchg", 8),
            ("i32_atomic_load", 4),
        ] {
            assert_eq!(access_size(name), Some(bytes), "{name}");
        }
        assert_eq!(access_size("memory_fill"), None);
    }
}
