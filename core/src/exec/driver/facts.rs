//! The circumstances of the op that trapped: the address it tried to reach, the size of what it reached into.
//!
//! A trap costs nothing before it happens: its op is decoded again to learn what it tried to do. Only with `std`, since
//! the tables that this takes are a tenth of a small device's flash.

use super::super::frame::Frames;
use super::{Driver, Stop};
use crate::code::OpCode;
use crate::code::decode::DecodedOp;
use crate::code::shape::{Field, Role};
use crate::error::TrapFacts;
use crate::trap::TrapCode;

impl Driver {
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
            let frame = Frames::new(self.ip, self.fp, self.at_op).next()?;
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
            Field::Integer(value) => value as u64,
            _ => 0,
        }
    }

    unsafe fn memory_facts(&self) -> Option<TrapFacts> {
        // SAFETY: I1, I2, I4
        unsafe {
            // An address may be a sum, or the place of an array element: a shifted index and a base.
            let (mut addr, mut base, mut shift, mut offset, mut index) = (0, 0_u64, 0, 0, 0);
            let opcode = self.visit_op(&mut |name, field| match (name, field) {
                ("addr" | "lhs" | "index", field) => addr = self.operand(field),
                ("rhs" | "base", field) => base = self.operand(field),
                ("shift", Field::Index16(value)) => shift = value,
                ("offset", Field::Index32(value)) => offset = value.into(),
                ("offset", Field::Index64(value)) => offset = value,
                ("memory", Field::Index16(value)) => index = value,
                _ => {}
            })?;
            let length = access_size(opcode.name())?;
            let memory = self.memory(index.into());
            let addr = (addr << shift).wrapping_add(base);
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
