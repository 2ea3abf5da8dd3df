//! Values whose type is known only at run time.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use whit_core::Error;

use crate::abi::context::Handle;
use crate::abi::lift::Lifting;
use crate::abi::lower::Lowering;
use crate::abi::place::{Fields, Part, Place};
use crate::mismatch::TypeMismatch;
use crate::resource_any::ResourceAny;
use crate::typed::{ComponentType, Lift, Lower};
use crate::types::{DefinedType, Field, Name, Types, ValType};

/// A value of any component-level type.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Val {
    /// `bool`.
    Bool(bool),
    /// `s8`.
    S8(i8),
    /// `u8`.
    U8(u8),
    /// `s16`.
    S16(i16),
    /// `u16`.
    U16(u16),
    /// `s32`.
    S32(i32),
    /// `u32`.
    U32(u32),
    /// `s64`.
    S64(i64),
    /// `u64`.
    U64(u64),
    /// `f32`.
    F32(f32),
    /// `f64`.
    F64(f64),
    /// `char`.
    Char(char),
    /// `string`.
    String(String),
    /// `list<T>`.
    List(Vec<Val>),
    /// `list<T, N>`.
    FixedList(Vec<Val>),
    /// `map<K, V>`: keys and values, in the order in which they were given.
    Map(Vec<(Val, Val)>),
    /// A record: its fields, in the order of its type.
    Record(Vec<(Name, Val)>),
    /// `tuple<…>`.
    Tuple(Vec<Val>),
    /// A variant: the name of the case, and its payload if it has one.
    Variant(Name, Option<Box<Val>>),
    /// An enum: the name of the case.
    Enum(Name),
    /// Flags: the names of those that are set.
    Flags(Vec<Name>),
    /// `option<T>`.
    Option(Option<Box<Val>>),
    /// `result<T, E>`.
    Result(Result<Option<Box<Val>>, Option<Box<Val>>>),
    /// `own<R>` or `borrow<R>`.
    Resource(ResourceAny),
    /// `stream<T>`.
    Stream(StreamAny),
    /// `future<T>`.
    Future(FutureAny),
    /// `error-context`.
    ErrorContext(ErrorContextAny),
}

macro_rules! handles {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct $name(pub(crate) Handle);
    )* };
}

handles! {
    /// The readable end of a stream of some type, in the hands of the host.
    StreamAny;
    /// The readable end of a future of some type, in the hands of the host.
    FutureAny;
    /// An error context.
    ErrorContextAny;
}

impl Val {
    /// What kind of value this is, with its article.
    fn kind(&self) -> &'static str {
        match self {
            Self::Bool(_) => "a bool",
            Self::S8(_) => "an s8",
            Self::U8(_) => "a u8",
            Self::S16(_) => "an s16",
            Self::U16(_) => "a u16",
            Self::S32(_) => "an s32",
            Self::U32(_) => "a u32",
            Self::S64(_) => "an s64",
            Self::U64(_) => "a u64",
            Self::F32(_) => "an f32",
            Self::F64(_) => "an f64",
            Self::Char(_) => "a char",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::FixedList(_) => "a list of fixed length",
            Self::Map(_) => "a map",
            Self::Record(_) => "a record",
            Self::Tuple(_) => "a tuple",
            Self::Variant(..) => "a variant",
            Self::Enum(_) => "an enum",
            Self::Flags(_) => "flags",
            Self::Option(_) => "an option",
            Self::Result(_) => "a result",
            Self::Resource(_) => "a resource",
            Self::Stream(_) => "a stream",
            Self::Future(_) => "a future",
            Self::ErrorContext(_) => "an error context",
        }
    }
}

/// A `Val` fits every type until there is a value.
impl ComponentType for Val {
    fn typecheck(_: ValType, _: &Types) -> Result<(), TypeMismatch> {
        Ok(())
    }
}

impl Lift for Val {
    fn lift(from: &mut Lifting<'_>, ty: ValType, at: Place) -> Result<Self, Error> {
        Ok(match ty {
            ValType::Bool => Self::Bool(from.bool(at)?),
            ValType::S8 => Self::S8(from.s8(at)?),
            ValType::U8 => Self::U8(from.u8(at)?),
            ValType::S16 => Self::S16(from.s16(at)?),
            ValType::U16 => Self::U16(from.u16(at)?),
            ValType::S32 => Self::S32(from.s32(at)?),
            ValType::U32 => Self::U32(from.u32(at)?),
            ValType::S64 => Self::S64(from.s64(at)?),
            ValType::U64 => Self::U64(from.u64(at)?),
            ValType::F32 => Self::F32(from.f32(at)?),
            ValType::F64 => Self::F64(from.f64(at)?),
            ValType::Char => Self::Char(from.char(at)?),
            ValType::String => Self::String(from.string(at)?),
            ValType::ErrorContext => Self::ErrorContext(ErrorContextAny(from.handle(ty, at)?)),
            ValType::Defined(index) => match from.types().get(index) {
                DefinedType::List(_) => Self::List(lift_list(from, ty, at)?),
                DefinedType::FixedList(_, len) => Self::FixedList(lift_fields(from, *len as usize, ty, at)?),
                DefinedType::Map(..) => Self::Map(lift_map(from, ty, at)?),
                DefinedType::Record(fields) => Self::Record(lift_record(from, fields, ty, at)?),
                DefinedType::Tuple(fields) => Self::Tuple(lift_fields(from, fields.len(), ty, at)?),
                DefinedType::Variant(cases) => {
                    let variant = from.variant(ty, at)?;
                    let name = cases[variant.case as usize].name.clone();
                    Self::Variant(name, lift_payload(from, variant.payload)?)
                }
                DefinedType::Enum(labels) => Self::Enum(labels[from.variant(ty, at)?.case as usize].clone()),
                DefinedType::Flags(labels) => Self::Flags(lift_flags(from, labels, ty, at)?),
                DefinedType::Option(_) => {
                    let payload = from.variant(ty, at)?.payload;
                    Self::Option(lift_payload(from, payload)?)
                }
                DefinedType::Result(..) => {
                    let variant = from.variant(ty, at)?;
                    let payload = lift_payload(from, variant.payload)?;
                    Self::Result(if variant.case == 0 { Ok(payload) } else { Err(payload) })
                }
                DefinedType::Own(_) | DefinedType::Borrow(_) => Self::Resource(ResourceAny::lift(from, ty, at)?),
                DefinedType::Stream(_) => Self::Stream(StreamAny(from.handle(ty, at)?)),
                DefinedType::Future(_) => Self::Future(FutureAny(from.handle(ty, at)?)),
            },
        })
    }
}

fn lift_list(from: &mut Lifting<'_>, ty: ValType, at: Place) -> Result<Vec<Val>, Error> {
    let list = from.list(ty, at)?;
    let mut values = from.room(list.len as usize)?;
    for index in 0..list.len {
        values.push(Val::lift(from, list.element, list.at(index))?);
    }
    Ok(values)
}

fn lift_map(from: &mut Lifting<'_>, ty: ValType, at: Place) -> Result<Vec<(Val, Val)>, Error> {
    let map = from.list(ty, at)?;
    let mut entries = from.room(map.len as usize)?;
    for index in 0..map.len {
        let (key, value) = from.entry(ty, map.at(index))?;
        entries.push((Val::lift(from, key.ty, key.at)?, Val::lift(from, value.ty, value.at)?));
    }
    Ok(entries)
}

fn lift_record(from: &mut Lifting<'_>, names: &[Field], ty: ValType, at: Place) -> Result<Vec<(Name, Val)>, Error> {
    let mut values = from.room(names.len())?;
    for (field, part) in names.iter().zip(from.fields(ty, at)?) {
        values.push((field.name.clone(), Val::lift(from, part.ty, part.at)?));
    }
    Ok(values)
}

fn lift_fields(from: &mut Lifting<'_>, count: usize, ty: ValType, at: Place) -> Result<Vec<Val>, Error> {
    let mut values = from.room(count)?;
    for part in from.fields(ty, at)? {
        values.push(Val::lift(from, part.ty, part.at)?);
    }
    Ok(values)
}

fn lift_flags(from: &mut Lifting<'_>, labels: &[Name], ty: ValType, at: Place) -> Result<Vec<Name>, Error> {
    let bits = from.flags(ty, at)?;
    let mut names = from.room(bits.count_ones() as usize)?;
    names.extend(labels.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 != 0).map(|(_, name)| name.clone()));
    Ok(names)
}

fn lift_payload(from: &mut Lifting<'_>, payload: Option<Part>) -> Result<Option<Box<Val>>, Error> {
    let Some(part) = payload else {
        return Ok(None);
    };
    from.charge::<Val>(1)?;
    Ok(Some(Box::new(Val::lift(from, part.ty, part.at)?)))
}

impl Lower for Val {
    fn lower(&self, to: &mut Lowering<'_>, ty: ValType, at: Place) -> Result<(), Error> {
        let defined = to.types().defined(ty);
        match (self, ty) {
            (Self::Bool(value), ValType::Bool) => to.bool(at, *value),
            (Self::S8(value), ValType::S8) => to.s8(at, *value),
            (Self::U8(value), ValType::U8) => to.u8(at, *value),
            (Self::S16(value), ValType::S16) => to.s16(at, *value),
            (Self::U16(value), ValType::U16) => to.u16(at, *value),
            (Self::S32(value), ValType::S32) => to.s32(at, *value),
            (Self::U32(value), ValType::U32) => to.u32(at, *value),
            (Self::S64(value), ValType::S64) => to.s64(at, *value),
            (Self::U64(value), ValType::U64) => to.u64(at, *value),
            (Self::F32(value), ValType::F32) => to.f32(at, *value),
            (Self::F64(value), ValType::F64) => to.f64(at, *value),
            (Self::Char(value), ValType::Char) => to.char(at, *value),
            (Self::String(value), ValType::String) => to.string(at, value),
            (Self::ErrorContext(value), ValType::ErrorContext) => to.handle(ty, at, value.0),
            (value, _) => match (value, defined) {
                (Self::List(values), Some(DefinedType::List(_))) => lower_list(to, values, ty, at),
                (Self::FixedList(values), Some(DefinedType::FixedList(_, len))) => {
                    same_count(values.len(), *len as usize)?;
                    lower_fields(to, values.iter(), to.fields(ty, at)?)
                }
                (Self::Map(entries), Some(DefinedType::Map(..))) => lower_map(to, entries, ty, at),
                (Self::Record(values), Some(DefinedType::Record(fields))) => {
                    same_count(values.len(), fields.len())?;
                    for ((name, _), field) in values.iter().zip(fields) {
                        if *name != field.name {
                            return Err(unknown_name("field", name).into());
                        }
                    }
                    lower_fields(to, values.iter().map(|(_, value)| value), to.fields(ty, at)?)
                }
                (Self::Tuple(values), Some(DefinedType::Tuple(fields))) => {
                    same_count(values.len(), fields.len())?;
                    lower_fields(to, values.iter(), to.fields(ty, at)?)
                }
                (Self::Variant(name, payload), Some(DefinedType::Variant(cases))) => {
                    let case = cases.iter().position(|case| case.name == *name);
                    let case = case.ok_or_else(|| unknown_name("case", name))?;
                    lower_case(to, case as u32, payload.as_deref(), ty, at)
                }
                (Self::Enum(name), Some(DefinedType::Enum(labels))) => {
                    let case = labels.iter().position(|label| label == name);
                    lower_case(to, case.ok_or_else(|| unknown_name("case", name))? as u32, None, ty, at)
                }
                (Self::Flags(names), Some(DefinedType::Flags(labels))) => {
                    let mut bits = 0;
                    for name in names {
                        let bit = labels.iter().position(|label| label == name);
                        bits |= 1 << bit.ok_or_else(|| unknown_name("flag", name))?;
                    }
                    to.flags(ty, at, bits)
                }
                (Self::Option(payload), Some(DefinedType::Option(_))) => {
                    lower_case(to, payload.is_some().into(), payload.as_deref(), ty, at)
                }
                (Self::Result(result), Some(DefinedType::Result(..))) => {
                    let (Ok(payload) | Err(payload)) = result;
                    lower_case(to, result.is_err().into(), payload.as_deref(), ty, at)
                }
                (Self::Resource(value), Some(DefinedType::Own(_) | DefinedType::Borrow(_))) => value.lower(to, ty, at),
                (Self::Stream(value), Some(DefinedType::Stream(_))) => to.handle(ty, at, value.0),
                (Self::Future(value), Some(DefinedType::Future(_))) => to.handle(ty, at, value.0),
                _ => Err(TypeMismatch::new(to.types(), ty, value.kind()).into()),
            },
        }
    }
}

fn lower_list(to: &mut Lowering<'_>, values: &[Val], ty: ValType, at: Place) -> Result<(), Error> {
    let room = to.list(ty, at, values.len())?;
    for (value, index) in values.iter().zip(0..) {
        value.lower(to, room.element, room.at(index))?;
    }
    Ok(())
}

fn lower_map(to: &mut Lowering<'_>, entries: &[(Val, Val)], ty: ValType, at: Place) -> Result<(), Error> {
    let room = to.list(ty, at, entries.len())?;
    for ((key, value), index) in entries.iter().zip(0..) {
        let (key_part, value_part) = to.entry(ty, room.at(index))?;
        key.lower(to, key_part.ty, key_part.at)?;
        value.lower(to, value_part.ty, value_part.at)?;
    }
    Ok(())
}

fn lower_fields<'v>(
    to: &mut Lowering<'_>,
    values: impl Iterator<Item = &'v Val>,
    fields: Fields<'_>,
) -> Result<(), Error> {
    for (value, part) in values.zip(fields) {
        value.lower(to, part.ty, part.at)?;
    }
    Ok(())
}

fn lower_case(to: &mut Lowering<'_>, case: u32, payload: Option<&Val>, ty: ValType, at: Place) -> Result<(), Error> {
    match (payload, to.variant(ty, at, case)?) {
        (Some(value), Some(part)) => value.lower(to, part.ty, part.at),
        (None, None) => Ok(()),
        (Some(_), None) => Err(TypeMismatch::message("the case has no payload, and one was given").into()),
        (None, Some(_)) => Err(TypeMismatch::message("the case has a payload, and none was given").into()),
    }
}

fn same_count(given: usize, expected: usize) -> Result<(), TypeMismatch> {
    match given == expected {
        true => Ok(()),
        false => Err(TypeMismatch::message(alloc::format!("expected {expected} values, found {given}"))),
    }
}

fn unknown_name(what: &str, name: &Name) -> TypeMismatch {
    TypeMismatch::message(alloc::format!("unexpected {what} `{name}`"))
}

/// Lowers the arguments of a call, or its result, into their places.
///
/// # Errors
/// They are not as many, or not of the types, that the function has; and those of lowering.
pub(crate) fn lower_vals(to: &mut Lowering<'_>, values: &[Val], fields: Fields<'_>) -> Result<(), Error> {
    same_count(values.len(), fields.clone().count())?;
    lower_fields(to, values.iter(), fields)
}

/// Lifts the arguments of a call, or its result.
///
/// # Errors
/// Those of lifting.
pub(crate) fn lift_vals(from: &mut Lifting<'_>, fields: Fields<'_>) -> Result<Vec<Val>, Error> {
    let mut values = from.room(fields.clone().count())?;
    for part in fields {
        values.push(Val::lift(from, part.ty, part.at)?);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;

    use super::*;
    use crate::abi::testing::{Guest, func};
    use crate::plan::StringEncoding;
    use crate::types::Case;

    /// Why a value cannot be passed where one of type `ty` is expected.
    fn refusal(types: &Types, ty: ValType, value: Val) -> String {
        let ty = func(&[ty], None);
        let (mut guest, mut flat) = (Guest::new(), [0; 17]);
        let mut to = Lowering::new(&mut guest, types, StringEncoding::Utf8, &mut flat);
        let fields = to.params(&ty.params, false).unwrap();
        lower_vals(&mut to, &[value], fields).unwrap_err().to_string()
    }

    #[test]
    fn values_of_other_types_are_refused() {
        let mut types = Types::new(20);
        let mut defined = |ty| ValType::Defined(types.intern(ty).unwrap());
        let record = defined(DefinedType::Record([Field { name: "a".into(), ty: ValType::U8 }].into()));
        let case = |name: &str, ty| Case { name: name.into(), ty };
        let variant = defined(DefinedType::Variant([case("a", None), case("b", Some(ValType::U8))].into()));
        let flags = defined(DefinedType::Flags(["a".into()].into()));
        let three = defined(DefinedType::FixedList(ValType::U8, 3));
        let own = defined(DefinedType::Own(crate::types::ResourceIdx(0)));
        let types = &types;
        for (ty, value, expected) in [
            (ValType::U8, Val::U16(1), "expected a value of type `u8`, found a u16"),
            (ValType::String, Val::Char('a'), "expected a value of type `string`, found a char"),
            (record, Val::Tuple(vec![Val::U8(1)]), "expected a value of type `record`, found a tuple"),
            (record, Val::Record(vec![("b".into(), Val::U8(1))]), "unexpected field `b`"),
            (record, Val::Record(vec![]), "expected 1 values, found 0"),
            (variant, Val::Variant("c".into(), None), "unexpected case `c`"),
            (variant, Val::Variant("b".into(), None), "the case has a payload, and none was given"),
            (
                variant,
                Val::Variant("a".into(), Some(Box::new(Val::U8(1)))),
                "the case has no payload, and one was given",
            ),
            (flags, Val::Flags(vec!["b".into()]), "unexpected flag `b`"),
            (three, Val::FixedList(vec![Val::U8(1)]), "expected 3 values, found 1"),
            (own, Val::U32(1), "expected a value of type `own`, found a u32"),
        ] {
            assert_eq!(refusal(types, ty, value), alloc::format!("type mismatch: {expected}"));
        }
    }

    #[test]
    fn arguments_are_counted() {
        let (mut guest, mut flat) = (Guest::new(), [0; 17]);
        let types = Types::new(0);
        let ty = func(&[ValType::U8], None);
        let mut to = Lowering::new(&mut guest, &types, StringEncoding::Utf8, &mut flat);
        let fields = to.params(&ty.params, false).unwrap();
        assert!(lower_vals(&mut to, &[], fields).is_err());
    }
}
