//! Values of the engine ↔ values and patterns of a script.
//!
//! Floats are compared as bits: a script that expects `nan:0x200000` or `-0` means exactly that, and the two NaN classes are spelled out here as
//! the specification defines them. A host value is a number inside an `externref`; seen from inside, as `ref.host`, it is the same value.

use std::fmt::Write as _;

use whit_core::{AnyRef, AsContextMut, Error, ExternRef, Func, Store, Val, ValType};

use crate::script::{Argument, Float, Hierarchy, Pattern};

/// The argument as a value for a parameter of type `parameter`.
///
/// # Errors
/// The store has no room for a host value.
pub fn argument(store: &mut Store<()>, argument: &Argument, parameter: &ValType) -> Result<Val, Error> {
    Ok(match argument {
        Argument::I32(value) => Val::I32(*value),
        Argument::I64(value) => Val::I64(*value),
        Argument::F32(bits) => Val::F32(*bits),
        Argument::F64(bits) => Val::F64(*bits),
        Argument::V128(bits) => Val::V128((*bits).into()),
        Argument::RefNull(hierarchy) => null(*hierarchy, parameter),
        Argument::RefExtern(number) => Val::ExternRef(Some(ExternRef::new(&mut *store, *number)?)),
        Argument::Component(_) => return Err(Error::msg("a component-level value given to a core function")),
        Argument::RefHost(number) => {
            let host = ExternRef::new(&mut *store, *number)?;
            Val::AnyRef(Some(AnyRef::convert_extern(&*store, &host)?))
        }
    })
}

fn null(hierarchy: Hierarchy, parameter: &ValType) -> Val {
    match hierarchy {
        Hierarchy::Func => Val::FuncRef(None),
        Hierarchy::Extern => Val::ExternRef(None),
        Hierarchy::Any => Val::AnyRef(None),
        Hierarchy::Exn => Val::ExnRef(None),
        // The script names a type of the module: the parameter knows its hierarchy. Any other parameter refuses every null.
        Hierarchy::Unknown => match parameter {
            ValType::Ref(ty) => Val::null_ref(&ty.heap_type()),
            _ => Val::AnyRef(None),
        },
    }
}

/// Whether `value` is one that `pattern` describes.
///
/// # Errors
/// The value is a reference into another store.
pub fn matches(store: &Store<()>, value: &Val, pattern: &Pattern) -> Result<bool, Error> {
    Ok(match (pattern, value) {
        (Pattern::I32(expected), Val::I32(value)) => value == expected,
        (Pattern::I64(expected), Val::I64(value)) => value == expected,
        (Pattern::F32(shape), Val::F32(bits)) => float32(*shape, *bits),
        (Pattern::F64(shape), Val::F64(bits)) => float64(*shape, *bits),
        (Pattern::V128(expected), Val::V128(value)) => value.as_u128() == *expected,
        (Pattern::F32x4(shapes), Val::V128(value)) => {
            let lane = |index: usize| (value.as_u128() >> (32 * index)) as u32;
            shapes.iter().enumerate().all(|(index, shape)| float32(*shape, lane(index)))
        }
        (Pattern::F64x2(shapes), Val::V128(value)) => {
            let lane = |index: usize| (value.as_u128() >> (64 * index)) as u64;
            shapes.iter().enumerate().all(|(index, shape)| float64(*shape, lane(index)))
        }
        (Pattern::RefNull(expected), value) => match (expected, null_hierarchy(value)) {
            (_, None) => false,
            (None | Some(Hierarchy::Unknown), Some(_)) => true,
            (Some(expected), Some(actual)) => *expected == actual,
        },
        (Pattern::RefExtern(None), Val::ExternRef(value)) => value.is_some(),
        (Pattern::RefExtern(Some(number)), Val::ExternRef(Some(value))) => host_number(store, value)? == Some(*number),
        (Pattern::RefHost(number), Val::AnyRef(Some(value))) => {
            host_number(store, &ExternRef::convert_any(store, value)?)? == Some(*number)
        }
        (Pattern::RefFunc, Val::FuncRef(value)) => value.is_some(),
        (Pattern::RefAny, Val::AnyRef(value)) => value.is_some(),
        (Pattern::RefEq, Val::AnyRef(Some(value))) => value.as_eqref(store)?.is_some(),
        (Pattern::RefArray, Val::AnyRef(Some(value))) => value.is_array(store)?,
        (Pattern::RefStruct, Val::AnyRef(Some(value))) => value.is_struct(store)?,
        (Pattern::RefI31, Val::AnyRef(Some(value))) => value.is_i31(store)?,
        (Pattern::Either(patterns), value) => {
            for pattern in patterns {
                if matches(store, value, pattern)? {
                    return Ok(true);
                }
            }
            false
        }
        _ => false,
    })
}

/// The hierarchy whose null `value` is; `None` if it is no null.
fn null_hierarchy(value: &Val) -> Option<Hierarchy> {
    match value {
        Val::FuncRef(None) => Some(Hierarchy::Func),
        Val::ExternRef(None) => Some(Hierarchy::Extern),
        Val::AnyRef(None) => Some(Hierarchy::Any),
        Val::ExnRef(None) => Some(Hierarchy::Exn),
        _ => None,
    }
}

/// The number inside a host value; `None` for a value of the guest.
fn host_number(store: &Store<()>, value: &ExternRef) -> Result<Option<u32>, Error> {
    Ok(value.data(store)?.and_then(|data| data.downcast_ref::<u32>()).copied())
}

fn float32(shape: Float<u32>, bits: u32) -> bool {
    match shape {
        Float::Bits(expected) => bits == expected,
        Float::CanonicalNan => bits & 0x7fff_ffff == 0x7fc0_0000,
        Float::ArithmeticNan => bits & 0x7fc0_0000 == 0x7fc0_0000,
    }
}

fn float64(shape: Float<u64>, bits: u64) -> bool {
    match shape {
        Float::Bits(expected) => bits == expected,
        Float::CanonicalNan => bits & 0x7fff_ffff_ffff_ffff == 0x7ff8_0000_0000_0000,
        Float::ArithmeticNan => bits & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
    }
}

/// Values for a message about a failure.
pub fn describe(values: &[Val]) -> String {
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        // Writing to a string cannot fail.
        let _ = match value {
            Val::F32(bits) => write!(text, "f32 {bits:#010x} ({})", f32::from_bits(*bits)),
            Val::F64(bits) => write!(text, "f64 {bits:#018x} ({})", f64::from_bits(*bits)),
            Val::V128(value) => write!(text, "v128 {:#034x}", value.as_u128()),
            value => write!(text, "{value:?}"),
        };
    }
    format!("[{text}]")
}

/// Calls `func` with a script's arguments and returns its results.
///
/// # Errors
/// Whatever the call ends in, when that is not a return.
pub fn call(store: &mut Store<()>, func: &Func, arguments: &[Argument]) -> Result<Vec<Val>, Error> {
    let ty = func.ty(&*store);
    let mut values = Vec::with_capacity(arguments.len());
    for (index, value) in arguments.iter().enumerate() {
        // Too many arguments are for the engine to refuse.
        let parameter = ty.params().get(index).unwrap_or(&ValType::I32);
        values.push(argument(store, value, parameter)?);
    }
    let mut results = vec![Val::I32(0); ty.results().len()];
    func.call(store.as_context_mut(), &values, &mut results)?;
    Ok(results)
}

/// Whether `values` are what `patterns` describe, one for one.
///
/// # Errors
/// A value is a reference into another store.
pub fn all_match(store: &Store<()>, values: &[Val], patterns: &[Pattern]) -> Result<bool, Error> {
    if values.len() != patterns.len() {
        return Ok(false);
    }
    for (value, pattern) in values.iter().zip(patterns) {
        if !matches(store, value, pattern)? {
            return Ok(false);
        }
    }
    Ok(true)
}
