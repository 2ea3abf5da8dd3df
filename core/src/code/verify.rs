//! An independent check of code: that running it touches only its frame and names only what its module has.
//!
//! One linear pass in the order of the code, with one bit of memory for each unit. Runs after translation in tests, in debug builds and under fuzzing,
//! and on images before they run. It knows nothing of how code is made: each field of each op is looked at by its type alone.

use alloc::collections::TryReserveError;
use alloc::vec::Vec;
use core::fmt;

use super::chain::LONGEST;
use super::decode::DecodedOp;
use super::function::FunctionCode;
use super::op::OpCode;
use super::shape::{Field, Role};
use crate::exec::machine::HEADER;
use crate::module::ModuleInner;

/// What is wrong with code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Defect {
    /// Byte offset of the op.
    pub position: usize,
    /// Which promise it breaks.
    pub what: &'static str,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.position, self.what)
    }
}

/// Checks the code of one function of `module`.
///
/// # Errors
/// The host has no memory for it; inside, the first defect in code order.
pub(crate) fn verify(code: &FunctionCode, module: &ModuleInner) -> Result<Result<(), Defect>, TryReserveError> {
    let words = code.units().len() / 64 + 1;
    let mut starts = Vec::new();
    starts.try_reserve_exact(words)?;
    starts.resize(words, 0_u64);
    Ok(verify_with(code, module, &mut starts))
}

/// The same with one bit for each unit, all zero.
fn verify_with(code: &FunctionCode, module: &ModuleInner, starts: &mut [u64]) -> Result<(), Defect> {
    let units = code.units();
    let mut position = 0;
    let mut last: Option<DecodedOp<'_>> = None;
    // What the next ops are by the chains before them.
    let mut expected = [None; LONGEST];
    while position < units.len() * 2 {
        let op = DecodedOp::at(units, position).ok_or(Defect { position, what: "not a whole op" })?;
        starts[position / 128] |= 1 << (position / 2 % 64);
        fields(code, module, &op)?;
        if expected[0].is_some_and(|expected| expected != op.opcode) {
            return Err(Defect { position, what: "not the op of the chain before it" });
        }
        expected.rotate_left(1);
        expected[LONGEST - 1] = None;
        for (expected, opcode) in expected.iter_mut().zip(op.chain.iter().flat_map(|chain| chain.ops().skip(1))) {
            if expected.replace(opcode).is_some_and(|other| other != opcode) {
                return Err(Defect { position, what: "a chain that differs from the one before it" });
            }
        }
        last = Some(op);
        position = op.end;
    }
    match last {
        Some(op) if ends_block(op.opcode) && expected[0].is_none() => {}
        _ => return Err(Defect { position, what: "control runs off the end" }),
    }
    let is_start = |target: i64| {
        usize::try_from(target).is_ok_and(|target| {
            target % 2 == 0 && target < units.len() * 2 && starts[target / 128] & 1 << (target / 2 % 64) != 0
        })
    };
    for op in super::decode::ops(units) {
        let mut good = op.table_targets().all(|target| is_start(op.end as i64 + i64::from(target)));
        op.visit(&mut |_, _, field| {
            if let Field::Target(target) = field {
                let target = op.end as i64 + i64::from(target);
                good &= is_start(target) && leads_to(op.opcode, units, target as usize);
            }
        });
        if !good {
            return Err(Defect { position: op.position, what: "a target is not an op" });
        }
    }
    for handler in code.handlers() {
        let delegates = matches!(handler.kind, super::function::HandlerKind::Delegate { .. });
        if handler.start > handler.end || !(delegates || is_start(handler.target.into())) {
            return Err(Defect { position: handler.target as usize, what: "an exception handler is not an op" });
        }
    }
    Ok(())
}

/// Whether control never goes on behind this op.
fn ends_block(opcode: OpCode) -> bool {
    let name = opcode.name();
    name.starts_with("return_")
        || name.starts_with("tail_call")
        || name.starts_with("br_table")
        || name.starts_with("throw")
        || matches!(opcode, OpCode::br | OpCode::unreachable)
}

/// Whether a branch of this op may lead to the op that stands at `target`: what goes through a table must find one.
fn leads_to(opcode: OpCode, units: &[u16], target: usize) -> bool {
    let table = match opcode {
        OpCode::br_table_again_s => OpCode::br_table_s,
        OpCode::br_table_again_r => OpCode::br_table_r,
        _ => return true,
    };
    units.get(target / 2) == Some(&(table as u16))
}

/// Checks the fields of one op.
fn fields(code: &FunctionCode, module: &ModuleInner, op: &DecodedOp<'_>) -> Result<(), Defect> {
    let frame = &code.frame;
    let header = HEADER as i64;
    let params = i64::from(frame.number_params + frame.reference_params);
    let size = i64::from(frame.size);
    let references = i64::from(frame.references);
    // Numbers: parameters, and everything above the near references. Slots of the header are nobody's.
    let is_number = |slot: i64, slots: i64| {
        (slot >= references && slot + slots <= size)
            || (slot >= -header - params && slot + slots <= -header - i64::from(frame.reference_params))
    };
    let far = i64::from(frame.far_references);
    let is_reference = |slot: i64| {
        (0..references).contains(&slot)
            || (-header - i64::from(frame.reference_params)..-header).contains(&slot)
            || (far..far + i64::from(frame.far_reference_count)).contains(&slot)
    };
    let mut defect = None;
    op.visit(&mut |role, name, field| {
        let count = |len: usize| len as u64;
        let in_range = |value: u64| match name {
            "function" => match op.opcode {
                OpCode::call_local | OpCode::tail_call_local => value < count(module.bodies.len()),
                OpCode::call_import | OpCode::tail_call_import => value < module.imported.functions.into(),
                _ => value < count(module.functions.len()),
            },
            "index" if op.opcode == OpCode::ref_func => module.has_address(value as u32),
            "type_index" => value < count(module.types.ids().len()),
            "global" => value < count(module.globals.len()),
            "table" => value < count(module.tables.len()),
            "memory" => value < count(module.memories.len()),
            "tag" => value < count(module.tags.len()),
            _ => true,
        };
        let good = match field {
            Field::Slot(slot) => is_number(slot.into(), 1),
            Field::Wide(slot) => is_number(slot.into(), 2),
            Field::Ref(slot) => is_reference(slot.into()),
            Field::Far(slot) => (-header - params..=size).contains(&i64::from(slot)),
            Field::Advance(bytes) => bytes % 8 == 0 && (header..=size).contains(&i64::from(bytes / 8)),
            Field::Index16(value) => in_range(value.into()),
            Field::Index32(value) => in_range(value.into()),
            Field::Index64(_)
            | Field::Integer(_)
            | Field::F32(_)
            | Field::F64(_)
            | Field::V128(_)
            | Field::Target(_)
            | Field::Reg
            | Field::Zero => true,
        };
        if !good && defect.is_none() {
            let what = match (role, field) {
                (_, Field::Slot(_) | Field::Wide(_)) => "a number slot outside the frame's numbers",
                (_, Field::Ref(_)) => "a reference slot outside the frame's references",
                (_, Field::Far(_) | Field::Advance(_)) => "a place outside the frame",
                (Role::Write | Role::Read | Role::Plain, _) => "an index the module does not have",
            };
            defect = Some(Defect { position: op.position, what });
        }
    });
    defect.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::verify;
    use crate::code::chain;
    use crate::code::decode::ops;
    use crate::code::{FunctionCode, OpCode};
    use crate::{CompilationMode, Config, Engine, ExecutionEngine, Module};

    #[test]
    fn a_chain_must_stand_before_its_ops() {
        let mut config = Config::new();
        config.compilation_mode(CompilationMode::Eager).execution(ExecutionEngine::Loop);
        let engine = Engine::new(&config).expect("good settings");
        let text = r#"(module (memory 1)
            (func (param i32 i32) (result i32)
                (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (i32.const 1)))
                (local.set 1 (i32.load (local.get 1)))
                (if (i32.eqz (i32.load offset=4 (local.get 0))) (then (return (local.get 1))))
                (i32.add (i32.load (i32.add (local.get 0) (local.get 1))) (i32.load (local.get 1)))))"#;
        let module = Module::new(&engine, wat::parse_str(text).expect("well formed")).expect("valid");
        let code = module.inner().code[0].get().expect("eager: every function has code");
        let opcodes: Vec<(usize, OpCode)> = ops(code.units()).map(|op| (op.position, op.opcode)).collect();
        let (mut good, mut bad) = (0, 0);
        for (number, chain) in (chain::BASE..).map_while(|number| Some((number as u16, chain::of(number as u16)?))) {
            for (index, &(position, opcode)) in opcodes.iter().enumerate() {
                if chain.ops().next() != Some(opcode) {
                    continue;
                }
                let mut units = code.units().to_vec();
                units[position / 2] = number;
                let behind = opcodes[index..].iter().map(|(_, opcode)| *opcode);
                let stands = behind.take(chain.ops().count()).eq(chain.ops());
                let changed = FunctionCode::new(units.into(), code.handlers().into(), code.frame);
                let verdict = verify(&changed, module.inner()).expect("memory");
                assert_eq!(
                    verdict.is_ok(),
                    stands,
                    "{:?} at {position}",
                    chain.ops().map(OpCode::name).collect::<Vec<_>>()
                );
                good += usize::from(stands);
                bad += usize::from(!stands);
            }
        }
        // Builds without the tail engine have no chains.
        assert!(!chain::CHAINS || (good > 0 && bad > 0), "{good} {bad}");
    }
}
