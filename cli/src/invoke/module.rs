//! What to call in a core module: its start, or the export that `--invoke` names, with the words behind FILE as arguments.

use whit_core::{ExternType, FuncType, Module, Val, ValType};

use crate::args::Run;
use crate::report::{self, Failure};
use crate::terminal::printable;

/// A function to call.
pub struct Call {
    /// The name of the export.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<Val>,
    /// Whether anybody asked for its results.
    pub shows_results: bool,
}

/// What to call in `module`, in order.
pub fn calls(module: &Module, asked: &Run) -> Result<Vec<Call>, Failure> {
    let exported = |name: &str| matches!(module.get_export(name), Some(ExternType::Func(_)));
    let bare = |name: &str| Call { name: name.into(), arguments: Vec::new(), shows_results: false };
    let mut calls = Vec::new();
    // A command's start does what a library's `_initialize` does, and must run only once.
    if !exported("_start") && exported("_initialize") {
        calls.push(bare("_initialize"));
    }
    match &asked.invoke {
        Some(name) => match module.get_export(name) {
            Some(ExternType::Func(ty)) => {
                calls.push(Call { name: name.clone(), arguments: arguments(name, &ty, asked)?, shows_results: true });
            }
            _ => return Err(no_such_function(module, name)),
        },
        None => calls.extend(["_start", ""].into_iter().find(|name| exported(name)).map(bare)),
    }
    if calls.is_empty() && module.exports().len() > 0 {
        eprintln!("warning: the module has no `_start` to run; `--invoke NAME` calls one of its exports");
    }
    Ok(calls)
}

fn no_such_function(module: &Module, name: &str) -> Failure {
    let functions: Vec<(&str, FuncType)> = module
        .exports()
        .filter_map(|export| match export.ty() {
            ExternType::Func(ty) => Some((export.name(), ty)),
            _ => None,
        })
        .collect();
    let mut message = match module.get_export(name) {
        Some(other) => format!("the export `{}` is no function but {other}", printable(name)),
        None => format!("the module exports no function `{}`", printable(name)),
    };
    // A call as those of components are written.
    let called = name.split_once('(').map_or(name, |(name, _)| name);
    let near = report::nearest(called, functions.iter().map(|(name, _)| *name));
    let shown: Vec<&(&str, FuncType)> = match near.is_empty() {
        false => functions.iter().filter(|(name, _)| near.contains(name)).collect(),
        true => functions.iter().take(10).collect(),
    };
    message.push_str(match (near.is_empty(), functions.is_empty()) {
        (false, _) => "; did you mean",
        (true, false) => "; it exports",
        (true, true) => "",
    });
    for (name, ty) in &shown {
        message.push_str(&format!("\n  {} {ty}", printable(name)));
    }
    if let Some((name, ty)) = shown.first() {
        let values: Vec<&str> = ty.params().iter().map(example).collect();
        message.push_str(&format!("\n  for example: whit --invoke {} FILE {}", printable(name), values.join(" ")));
    }
    if shown.len() < functions.len() && near.is_empty() {
        message.push_str("\n  `whit inspect FILE` lists them all");
    }
    Failure::new(message.trim_end())
}

fn example(ty: &ValType) -> &'static str {
    match ty {
        ValType::F32 | ValType::F64 => "1.5",
        _ => "1",
    }
}

/// The guest's arguments as values for a function of type `ty`.
fn arguments(name: &str, ty: &FuncType, asked: &Run) -> Result<Vec<Val>, Failure> {
    let words = asked.args();
    if words.len() != ty.params().len() {
        let count = |count: usize, one: &str, many: &str| match count {
            0 => format!("no {many}"),
            1 => format!("1 {one}"),
            count => format!("{count} {many}"),
        };
        return Err(Failure::new(format!(
            "`{}` is {ty}: it takes {}, not {}",
            printable(name),
            count(ty.params().len(), "argument", "arguments"),
            words.len()
        )));
    }
    let value = |(word, ty): (&std::ffi::OsString, &ValType)| {
        let text = word.to_string_lossy();
        value(&text, ty).ok_or_else(|| {
            let text = printable(&text);
            Failure::new(match ty {
                ValType::Ref(_) => format!("`{text}` cannot be given: no text stands for a value of type {ty}"),
                ValType::F32 | ValType::F64 => {
                    format!("`{text}` is not a value of type {ty}, such as -1.5, 1e9, inf or nan")
                }
                _ => format!("`{text}` is not a value of type {ty}: a whole number that fits, in decimal or after 0x"),
            })
        })
    };
    words.iter().zip(ty.params()).map(value).collect()
}

/// A number of type `ty`: decimal, or hexadecimal after `0x`; an integer may be written with or without sign.
fn value(text: &str, ty: &ValType) -> Option<Val> {
    let integer = |bits: u32| {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let magnitude = match digits.strip_prefix("0x") {
            Some(digits) => u128::from_str_radix(digits, 16).ok()?,
            None => digits.parse().ok()?,
        };
        let limit = if negative { 1_u128 << (bits - 1) } else { u128::MAX >> (128 - bits) };
        (magnitude <= limit).then(|| if negative { magnitude.wrapping_neg() } else { magnitude })
    };
    Some(match ty {
        ValType::I32 => Val::I32(integer(32)? as i32),
        ValType::I64 => Val::I64(integer(64)? as i64),
        ValType::F32 => Val::F32(text.parse::<f32>().ok()?.to_bits()),
        ValType::F64 => Val::F64(text.parse::<f64>().ok()?.to_bits()),
        ValType::V128 => Val::V128(integer(128)?.into()),
        ValType::Ref(_) => return None,
    })
}

/// A result as a line of output.
pub fn text(value: &Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(bits) => f32::from_bits(*bits).to_string(),
        Val::F64(bits) => f64::from_bits(*bits).to_string(),
        Val::V128(value) => value.as_u128().to_string(),
        Val::FuncRef(None) => "<null funcref>".into(),
        Val::FuncRef(Some(_)) => "<funcref>".into(),
        Val::ExternRef(None) => "<null externref>".into(),
        Val::ExternRef(Some(_)) => "<externref>".into(),
        Val::AnyRef(None) => "<null anyref>".into(),
        Val::AnyRef(Some(_)) => "<anyref>".into(),
        Val::ExnRef(None) => "<null exnref>".into(),
        Val::ExnRef(Some(_)) => "<exnref>".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_in_both_signs_and_bases_and_must_fit() {
        let read = |word: &str, ty: ValType| value(word, &ty).map(|value| text(&value));
        let is = |text: &str| Some(text.to_string());
        assert_eq!(read("-1", ValType::I32), is("-1"));
        assert_eq!(read("4294967295", ValType::I32), is("-1"));
        assert_eq!(read("0xffffffff", ValType::I32), is("-1"));
        assert_eq!(read("-0x80000000", ValType::I32), is("-2147483648"));
        assert_eq!(read("4294967296", ValType::I32), None);
        assert_eq!(read("-2147483649", ValType::I32), None);
        assert_eq!(read("-9223372036854775808", ValType::I64), is("-9223372036854775808"));
        assert_eq!(read("1.5", ValType::F64), is("1.5"));
        for wrong in ["", "-", "0x", "one", "1_000", "--1"] {
            assert_eq!(read(wrong, ValType::I64), None, "{wrong}");
        }
    }
}
