//! Types as text, as WIT writes them. Resources have no name here and show their number.

use core::fmt;

use crate::types::{DefinedType, FuncType, Name, ResourceIdx, Types, ValType};

/// A type, with everything that it is made of.
pub struct Whole<'t>(pub &'t Types, pub ValType);

impl fmt::Display for Whole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(types, ty) = *self;
        match ty {
            ValType::Defined(index) => defined(f, types.get(index), &|ty| Whole(types, ty)),
            ty => f.write_str(primitive(ty)),
        }
    }
}

/// A type, if need be as a number.
pub struct Short(pub ValType);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ValType::Defined(index) => write!(f, "t{}", index.0),
            ty => f.write_str(primitive(ty)),
        }
    }
}

fn primitive(ty: ValType) -> &'static str {
    match ty {
        ValType::Bool => "bool",
        ValType::S8 => "s8",
        ValType::U8 => "u8",
        ValType::S16 => "s16",
        ValType::U16 => "u16",
        ValType::S32 => "s32",
        ValType::U32 => "u32",
        ValType::S64 => "s64",
        ValType::U64 => "u64",
        ValType::F32 => "f32",
        ValType::F64 => "f64",
        ValType::Char => "char",
        ValType::String => "string",
        ValType::ErrorContext => "error-context",
        // Whoever asks writes these otherwise.
        ValType::Defined(_) => "_",
    }
}

/// Writes a defined type; `part` says how to write what it is made of.
pub fn defined<P: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    ty: &DefinedType,
    part: &dyn Fn(ValType) -> P,
) -> fmt::Result {
    let labels = |f: &mut fmt::Formatter<'_>, keyword: &str, labels: &[Name]| {
        write!(f, "{keyword} {{ ")?;
        separated(f, labels, |f, label| f.write_str(label))?;
        f.write_str(" }")
    };
    match ty {
        DefinedType::List(ty) => write!(f, "list<{}>", part(*ty)),
        DefinedType::FixedList(ty, length) => write!(f, "list<{}, {length}>", part(*ty)),
        DefinedType::Map(key, value) => write!(f, "map<{}, {}>", part(*key), part(*value)),
        DefinedType::Record(fields) => {
            f.write_str("record { ")?;
            separated(f, fields, |f, field| write!(f, "{}: {}", field.name, part(field.ty)))?;
            f.write_str(" }")
        }
        DefinedType::Tuple(types) => {
            f.write_str("tuple<")?;
            separated(f, types, |f, ty| write!(f, "{}", part(*ty)))?;
            f.write_str(">")
        }
        DefinedType::Variant(cases) => {
            f.write_str("variant { ")?;
            separated(f, cases, |f, case| match case.ty {
                Some(ty) => write!(f, "{}({})", case.name, part(ty)),
                None => f.write_str(&case.name),
            })?;
            f.write_str(" }")
        }
        DefinedType::Enum(names) => labels(f, "enum", names),
        DefinedType::Flags(names) => labels(f, "flags", names),
        DefinedType::Option(ty) => write!(f, "option<{}>", part(*ty)),
        DefinedType::Result(None, None) => f.write_str("result"),
        DefinedType::Result(Some(ok), None) => write!(f, "result<{}>", part(*ok)),
        DefinedType::Result(None, Some(error)) => write!(f, "result<_, {}>", part(*error)),
        DefinedType::Result(Some(ok), Some(error)) => write!(f, "result<{}, {}>", part(*ok), part(*error)),
        DefinedType::Own(ResourceIdx(resource)) => write!(f, "own<r{resource}>"),
        DefinedType::Borrow(ResourceIdx(resource)) => write!(f, "borrow<r{resource}>"),
        DefinedType::Stream(None) => f.write_str("stream"),
        DefinedType::Stream(Some(ty)) => write!(f, "stream<{}>", part(*ty)),
        DefinedType::Future(None) => f.write_str("future"),
        DefinedType::Future(Some(ty)) => write!(f, "future<{}>", part(*ty)),
    }
}

/// Writes a function type; `part` says how to write what it is made of.
pub fn func<P: fmt::Display>(f: &mut fmt::Formatter<'_>, ty: &FuncType, part: &dyn Fn(ValType) -> P) -> fmt::Result {
    f.write_str(if ty.is_async { "async func(" } else { "func(" })?;
    separated(f, &ty.params, |f, param| write!(f, "{}: {}", param.name, part(param.ty)))?;
    f.write_str(")")?;
    ty.result.map_or(Ok(()), |result| write!(f, " -> {}", part(result)))
}

/// Writes items with commas between them.
pub fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    each: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    items.iter().enumerate().try_for_each(|(position, item)| {
        if position > 0 {
            f.write_str(", ")?;
        }
        each(f, item)
    })
}
