//! The disassembler: code as text, one op a line, for `whit dump`, goldens and traces.
//!
//! `s3` is number slot 3, `w3` the pair at 3 and 4, `p3` a reference slot, `reg` the register of the type, `@40` a position, and `&2` at the end
//! of a line says that the op runs the next two too.

use core::fmt;

use super::decode::{DecodedOp, ops};
use super::function::FunctionCode;
use super::shape::{Field, Role};

impl fmt::Display for FunctionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for op in ops(self.units()) {
            writeln!(f, "@{}  {op}", op.position)?;
        }
        for handler in self.handlers() {
            writeln!(f, "  catch @{}..@{} {:?} -> @{}", handler.start, handler.end, handler.kind, handler.target)?;
        }
        Ok(())
    }
}

impl fmt::Display for DecodedOp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut result = f.write_str(self.opcode.name());
        let mut separator = " ";
        let end = self.end as i64;
        self.visit(&mut |role, name, field| {
            if result.is_err() {
                return;
            }
            result = f.write_str(separator).and_then(|()| field_text(f, role, name, field, end));
            separator = if role == Role::Write { " <- " } else { ", " };
        });
        result?;
        for target in self.table_targets() {
            write!(f, " @{}", end + i64::from(target))?;
        }
        self.chain.map_or(Ok(()), |chain| write!(f, " &{}", chain.ops().count() - 1))
    }
}

fn field_text(f: &mut fmt::Formatter<'_>, role: Role, name: &str, field: Field, end: i64) -> fmt::Result {
    match field {
        Field::Slot(slot) => write!(f, "s{slot}"),
        Field::Wide(slot) => write!(f, "w{slot}"),
        Field::Ref(slot) => write!(f, "p{slot}"),
        Field::Reg => f.write_str("reg"),
        Field::Zero => f.write_str("0"),
        Field::Index16(value) => write!(f, "{name}={value}"),
        Field::Index32(value) => write!(f, "{name}={value}"),
        Field::Index64(value) => write!(f, "{name}={value}"),
        Field::Integer(value) if role == Role::Plain => write!(f, "{name}={value}"),
        Field::Integer(value) => write!(f, "{value}"),
        Field::F32(bits) => write!(f, "{:?}", f32::from_bits(bits)),
        Field::F64(bits) => write!(f, "{:?}", f64::from_bits(bits)),
        Field::V128(bytes) => write!(f, "{:#034x}", u128::from_le_bytes(bytes)),
        Field::Target(offset) => write!(f, "@{}", end + i64::from(offset)),
        Field::Advance(bytes) => write!(f, "advance={}", bytes / size_of::<u64>() as i32),
        Field::Far(slot) => write!(f, "{name}={slot}"),
    }
}
