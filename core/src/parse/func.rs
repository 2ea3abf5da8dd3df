//! A function body through the validator and the translator, one instruction at a time: it is decoded once.
//!
//! Assumes a parsed module. Promises that code exists only for bodies that are valid to their end, and that the same body always becomes the same
//! code, so that the map from code back to Wasm need not be kept: [`wasm_offset`] translates once more.

use alloc::vec::Vec;

use wasmparser::{FuncValidatorAllocations, OperatorsReader, ValType};

use super::bodies::for_each_body;
use super::module::{check_operands, diagnose_body};
use super::operator::validate_operator;
use crate::code::FunctionCode;
use crate::code::chain::CHAINS;
use crate::error::{Error, Result};
use crate::exec::dispatch::LOOP_IS_SPECIALIZED;
use crate::module::ModuleInner;
use crate::translate::{Again, Buffers, Environment, Function, Stop, Translator};
use core::sync::atomic::Ordering;

/// What is kept from one body to the next.
#[derive(Default)]
pub(crate) struct Allocations {
    validator: FuncValidatorAllocations,
    buffers: Buffers,
}

/// Translates the defined function number `defined`, unless that has been done, and returns where its code begins.
///
/// # Errors
/// The body is malformed or invalid, or the host has no memory left.
pub(crate) fn translate(module: &ModuleInner, defined: u32) -> Result<*const u16> {
    translate_with(module, defined, &mut Allocations::default())
}

/// Translates all functions.
///
/// # Errors
/// As [`translate`].
pub(crate) fn translate_all(module: &ModuleInner) -> Result<()> {
    for_each_body(module, |allocations, defined| translate_with(module, defined, allocations).map(drop))
}

fn translate_with(module: &ModuleInner, defined: u32, allocations: &mut Allocations) -> Result<*const u16> {
    let Some(cell) = module.code.get(defined as usize) else {
        return Err(Error::misuse("there is no such function"));
    };
    let code = match cell.get() {
        Some(code) => code,
        None => {
            let (code, _) = body(module, defined, false, allocations)?;
            #[cfg(any(test, debug_assertions, feature = "checked"))]
            if let Err(defect) = crate::code::verify::verify(&code, module)? {
                panic!("translation of function {defined} broke an invariant: {defect}");
            }
            cell.set(crate::runtime::try_box(code)?)
        }
    };
    let entry = code.units().as_ptr();
    module.entries[defined as usize].store(entry.cast::<u8>().cast_mut(), Ordering::Release);
    Ok(entry)
}

/// The offset in the binary of the instruction that the op at byte `position` of a function's code came from.
pub(crate) fn wasm_offset(module: &ModuleInner, defined: u32, position: u32) -> Option<u32> {
    let (_, offsets) = body(module, defined, true, &mut Allocations::default()).ok()?;
    // The last instruction that had begun at that position.
    let found = offsets.partition_point(|(start, _)| *start <= position);
    Some(offsets[found.checked_sub(1)?].1)
}

/// Validates and translates a body, starting over while its frame turns out too small.
fn body(
    module: &ModuleInner,
    defined: u32,
    record_offsets: bool,
    allocations: &mut Allocations,
) -> Result<(FunctionCode, Vec<(u32, u32)>)> {
    let mut again = None;
    loop {
        match attempt(module, defined, record_offsets, again, allocations)? {
            Ok(done) => return Ok(done),
            Err(roomier) => again = Some(roomier),
        }
    }
}

type Attempt = core::result::Result<(FunctionCode, Vec<(u32, u32)>), Again>;

fn attempt(
    module: &ModuleInner,
    defined: u32,
    record_offsets: bool,
    again: Option<Again>,
    allocations: &mut Allocations,
) -> Result<Attempt> {
    let (Some(to_validate), Some(body)) = (module.body_to_validate(defined), module.body_reader(defined)) else {
        return Err(Error::misuse("there is no such function"));
    };
    let refused = |error| diagnose_body(module, error);
    let (index, type_index) = (to_validate.index, to_validate.ty);
    let mut validator = to_validate.into_validator(core::mem::take(&mut allocations.validator));
    // Locals are defined for the validator and remembered as runs for the frame.
    let mut locals: Vec<(u32, ValType)> = Vec::new();
    let mut reader = body.get_binary_reader();
    let runs = reader.read_var_u32().map_err(refused)?;
    for _ in 0..runs {
        let offset = reader.original_position();
        let count = reader.read_var_u32().map_err(refused)?;
        let ty: ValType = reader.read().map_err(refused)?;
        validator.define_locals(offset, count, ty).map_err(refused)?;
        locals.try_reserve(1).map_err(|_| Error::out_of_memory())?;
        locals.push((count, ty));
    }
    let config = module.engine.config();
    let environment = Environment {
        imported_functions: module.imported.functions,
        fuel: config.consume_fuel,
        epoch: config.epoch_interruption,
        paged: config.is_paged(),
        specialized: module.engine.uses_tail_engine() || LOOP_IS_SPECIALIZED,
        chains: CHAINS && (module.engine.uses_tail_engine() || cfg!(feature = "profile")),
    };
    let function = Function { index, type_index, locals: &locals };
    let resources = &module.validation.as_ref().ok_or(Error::misuse("there is no such function"))?.resources;
    let buffers = core::mem::take(&mut allocations.buffers);
    let mut translator = Translator::new(resources, environment, function, again, record_offsets, buffers)?;
    reader.set_features(*validator.features());
    let mut operators = OperatorsReader::new(reader);
    while !operators.eof() {
        let offset = operators.original_position();
        let operator = operators.read().map_err(refused)?;
        validate_operator(&mut validator, offset, &operator).map_err(refused)?;
        check_operands(&validator, &config.limits, offset)?;
        match translator.operator(offset as u32, &operator) {
            Ok(()) => {}
            Err(Stop::OutOfMemory) => return Err(Error::out_of_memory()),
            Err(Stop::Again(roomier)) => {
                allocations.buffers = translator.into_buffers();
                return Ok(Err(roomier));
            }
        }
    }
    operators.finish().map_err(refused)?;
    allocations.validator = validator.into_allocations();
    if record_offsets {
        let (code, offsets) = translator.finish_with_offsets()?;
        return Ok(Ok((code, offsets)));
    }
    let (code, buffers) = translator.finish()?;
    allocations.buffers = buffers;
    Ok(Ok((code, Vec::new())))
}
