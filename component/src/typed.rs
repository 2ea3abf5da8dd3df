//! Which types of Rust stand for which component-level types, and how their values pass.
//!
//! A type that implements [`ComponentType`] knows which types of a component it fits; that is checked once, when a typed function is made.
//! [`Lift`] takes its values out of a guest, [`Lower`] puts them into one. Both are given the component's type along with the place,
//! since a handle cannot be passed without knowing of what, and both work for core values and memory alike. For a record they are:
//!
//! ```
//! use whit_component::typed::*;
//!
//! struct Greeting {
//!     text: String,
//!     exclamation_marks: u8,
//! }
//!
//! impl ComponentType for Greeting {
//!     fn typecheck(ty: ValType, types: &Types) -> Result<(), TypeMismatch> {
//!         typecheck_record(ty, types, &[("text", String::typecheck), ("exclamation-marks", u8::typecheck)])
//!     }
//! }
//!
//! impl Lift for Greeting {
//!     fn lift(from: &mut Lifting<'_>, ty: ValType, at: Place) -> Result<Self, Error> {
//!         let mut fields = from.fields(ty, at)?;
//!         Ok(Self { text: from.field(&mut fields)?, exclamation_marks: from.field(&mut fields)? })
//!     }
//! }
//!
//! impl Lower for Greeting {
//!     fn lower(&self, to: &mut Lowering<'_>, ty: ValType, at: Place) -> Result<(), Error> {
//!         let mut fields = to.fields(ty, at)?;
//!         to.field(&mut fields, &self.text)?;
//!         to.field(&mut fields, &self.exclamation_marks)
//!     }
//! }
//! ```
//!
//! The macros [`record!`](crate::record), [`variant!`](crate::variant), [`enumeration!`](crate::enumeration) and
//! [`flags!`](crate::flags) write that.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::array;

use crate::abi::load::{canonicalize_nan32, canonicalize_nan64};
use crate::types::{DefinedType, Field, Name};

pub use whit_core::Error;

pub use crate::abi::lift::{Lifting, ListRange, Variant};
pub use crate::abi::lower::{ListRoom, Lowering};
pub use crate::abi::place::{Fields, Part, Place};
pub use crate::mismatch::TypeMismatch;
pub use crate::types::{Types, ValType};

/// A type of Rust that stands for component-level types.
pub trait ComponentType {
    /// Whether it stands for this one.
    ///
    /// # Errors
    /// It does not.
    fn typecheck(ty: ValType, types: &Types) -> Result<(), TypeMismatch>;
}

/// A type whose values can be taken out of a guest.
pub trait Lift: ComponentType + Sized {
    /// The value at a place.
    ///
    /// # Errors
    /// There is none of this type; the guest is at fault then.
    fn lift(from: &mut Lifting<'_>, ty: ValType, at: Place) -> Result<Self, Error>;

    /// The elements of a list.
    ///
    /// # Errors
    /// As for one value.
    fn lift_list(from: &mut Lifting<'_>, list: ListRange) -> Result<Vec<Self>, Error> {
        let mut items = from.room(list.len as usize)?;
        for index in 0..list.len {
            items.push(Self::lift(from, list.element, list.at(index))?);
        }
        Ok(items)
    }
}

/// A type whose values can be put into a guest.
pub trait Lower: ComponentType {
    /// Puts it at a place.
    ///
    /// # Errors
    /// The guest has no room for what it points to, or no more handles.
    fn lower(&self, to: &mut Lowering<'_>, ty: ValType, at: Place) -> Result<(), Error>;

    /// Puts the elements of a list where there is room for as many.
    ///
    /// # Errors
    /// As for one value.
    fn lower_list(items: &[Self], to: &mut Lowering<'_>, room: ListRoom) -> Result<(), Error>
    where
        Self: Sized,
    {
        for (item, index) in items.iter().zip(0..) {
            item.lower(to, room.element, room.at(index))?;
        }
        Ok(())
    }
}

impl Lifting<'_> {
    /// The next of some fields.
    ///
    /// # Errors
    /// Those of its type.
    pub fn field<T: Lift>(&mut self, fields: &mut Fields<'_>) -> Result<T, Error> {
        let Part { ty, at } = fields.part()?;
        T::lift(self, ty, at)
    }

    /// The payload of a case that has one.
    ///
    /// # Errors
    /// Those of its type.
    pub fn payload<T: Lift>(&mut self, payload: Option<Part>) -> Result<T, Error> {
        let Part { ty, at } = expect_payload(payload)?;
        T::lift(self, ty, at)
    }
}

impl Lowering<'_> {
    /// The next of some fields.
    ///
    /// # Errors
    /// Those of its type.
    pub fn field<T: Lower + ?Sized>(&mut self, fields: &mut Fields<'_>, value: &T) -> Result<(), Error> {
        let Part { ty, at } = fields.part()?;
        value.lower(self, ty, at)
    }

    /// The payload of a case that has one.
    ///
    /// # Errors
    /// Those of its type.
    pub fn payload<T: Lower + ?Sized>(&mut self, payload: Option<Part>, value: &T) -> Result<(), Error> {
        let Part { ty, at } = expect_payload(payload)?;
        value.lower(self, ty, at)
    }
}

fn expect_payload(payload: Option<Part>) -> Result<Part, TypeMismatch> {
    payload.ok_or_else(|| TypeMismatch::message("the component's type has no payload in this case"))
}

/// [`ComponentType::typecheck`] of some type.
pub type Typecheck = fn(ValType, &Types) -> Result<(), TypeMismatch>;

/// Whether a type is a record of these fields, in this order.
///
/// # Errors
/// It is not.
pub fn typecheck_record(ty: ValType, types: &Types, fields: &[(&str, Typecheck)]) -> Result<(), TypeMismatch> {
    let Some(DefinedType::Record(actual)) = types.defined(ty) else {
        return Err(TypeMismatch::new(types, ty, "a record"));
    };
    same_names(actual.iter().map(|field| &field.name), fields.iter().map(|field| field.0))?;
    for (actual, (name, typecheck)) in actual.iter().zip(fields) {
        typecheck(actual.ty, types).map_err(|error| error.within(name))?;
    }
    Ok(())
}

/// Whether a type is a variant of these cases, in this order; each with the type of its payload, or with none.
///
/// # Errors
/// It is not.
pub fn typecheck_variant(ty: ValType, types: &Types, cases: &[(&str, &[Typecheck])]) -> Result<(), TypeMismatch> {
    let Some(DefinedType::Variant(actual)) = types.defined(ty) else {
        return Err(TypeMismatch::new(types, ty, "a variant"));
    };
    same_names(actual.iter().map(|case| &case.name), cases.iter().map(|case| case.0))?;
    for (actual, (name, typecheck)) in actual.iter().zip(cases) {
        match (actual.ty, typecheck.first()) {
            (Some(ty), Some(typecheck)) => typecheck(ty, types).map_err(|error| error.within(name))?,
            (None, None) => {}
            _ => return Err(TypeMismatch::message("a payload on one side only").within(name)),
        }
    }
    Ok(())
}

/// Whether a type is an enum of these cases, in this order.
///
/// # Errors
/// It is not.
pub fn typecheck_enum(ty: ValType, types: &Types, names: &[&str]) -> Result<(), TypeMismatch> {
    let Some(DefinedType::Enum(actual)) = types.defined(ty) else {
        return Err(TypeMismatch::new(types, ty, "an enum"));
    };
    same_names(actual.iter(), names.iter().copied())
}

/// Whether a type is these flags, in this order.
///
/// # Errors
/// It is not.
pub fn typecheck_flags(ty: ValType, types: &Types, names: &[&str]) -> Result<(), TypeMismatch> {
    let Some(DefinedType::Flags(actual)) = types.defined(ty) else {
        return Err(TypeMismatch::new(types, ty, "flags"));
    };
    same_names(actual.iter(), names.iter().copied())
}

/// What is wrong with a case that the type of Rust does not have.
pub fn unknown_case(ty: ValType, types: &Types) -> TypeMismatch {
    TypeMismatch::new(types, ty, "a type with fewer cases")
}

fn same_names<'n>(
    actual: impl ExactSizeIterator<Item = &'n Name>,
    expected: impl ExactSizeIterator<Item = &'n str>,
) -> Result<(), TypeMismatch> {
    same_count(expected.len(), actual.len())?;
    for (actual, expected) in actual.zip(expected) {
        if **actual != *expected {
            return Err(TypeMismatch::message(format!("`{expected}` is called `{actual}` in the component's type")));
        }
    }
    Ok(())
}

fn same_count(given: usize, actual: usize) -> Result<(), TypeMismatch> {
    match given == actual {
        true => Ok(()),
        false => Err(TypeMismatch::message(format!("{given} parts, where the component's type has {actual}"))),
    }
}

/// Types that are one case of [`ValType`]. Lists of those of fixed size are passed as one range of bytes.
macro_rules! primitives {
    ($($name:ident = $ty:ty, $method:ident $(, bytes $from_bytes:expr, $to_bytes:expr)?;)*) => { $(
        impl ComponentType for $ty {
            fn typecheck(ty: ValType, types: &Types) -> Result<(), TypeMismatch> {
                match ty {
                    ValType::$name => Ok(()),
                    _ => Err(TypeMismatch::new(types, ty, concat!("`", stringify!($ty), "`"))),
                }
            }
        }

        impl Lift for $ty {
            fn lift(from: &mut Lifting<'_>, _: ValType, at: Place) -> Result<Self, Error> {
                from.$method(at)
            }
            $(
                fn lift_list(from: &mut Lifting<'_>, list: ListRange) -> Result<Vec<Self>, Error> {
                    let mut items = from.room(list.len as usize)?;
                    items.extend(from.list_bytes(&list).as_chunks().0.iter().map(|bytes| $from_bytes(*bytes)));
                    Ok(items)
                }
            )?
        }

        impl Lower for $ty {
            fn lower(&self, to: &mut Lowering<'_>, _: ValType, at: Place) -> Result<(), Error> {
                to.$method(at, *self)
            }
            $(
                fn lower_list(items: &[Self], to: &mut Lowering<'_>, room: ListRoom) -> Result<(), Error> {
                    for (bytes, item) in to.list_bytes(&room).as_chunks_mut().0.iter_mut().zip(items) {
                        *bytes = $to_bytes(*item);
                    }
                    Ok(())
                }
            )?
        }
    )* };
}

primitives! {
    Bool = bool, bool;
    S8 = i8, s8, bytes i8::from_le_bytes, i8::to_le_bytes;
    U8 = u8, u8, bytes u8::from_le_bytes, u8::to_le_bytes;
    S16 = i16, s16, bytes i16::from_le_bytes, i16::to_le_bytes;
    U16 = u16, u16, bytes u16::from_le_bytes, u16::to_le_bytes;
    S32 = i32, s32, bytes i32::from_le_bytes, i32::to_le_bytes;
    U32 = u32, u32, bytes u32::from_le_bytes, u32::to_le_bytes;
    S64 = i64, s64, bytes i64::from_le_bytes, i64::to_le_bytes;
    U64 = u64, u64, bytes u64::from_le_bytes, u64::to_le_bytes;
    F32 = f32, f32, bytes f32_from_bytes, f32_to_bytes;
    F64 = f64, f64, bytes f64_from_bytes, f64_to_bytes;
    Char = char, char;
}

fn f32_from_bytes(bytes: [u8; 4]) -> f32 {
    f32::from_bits(canonicalize_nan32(u32::from_le_bytes(bytes)))
}

fn f32_to_bytes(value: f32) -> [u8; 4] {
    canonicalize_nan32(value.to_bits()).to_le_bytes()
}

fn f64_from_bytes(bytes: [u8; 8]) -> f64 {
    f64::from_bits(canonicalize_nan64(u64::from_le_bytes(bytes)))
}

fn f64_to_bytes(value: f64) -> [u8; 8] {
    canonicalize_nan64(value.to_bits()).to_le_bytes()
}

impl ComponentType for str {
    fn typecheck(ty: ValType, types: &Types) -> Result<(), TypeMismatch> {
        match ty {
            ValType::String => Ok(()),
            _ => Err(TypeMismatch::new(types, ty, "a string")),
        }
    }
}

impl Lower for str {
    fn lower(&self, to: &mut Lowering<'_>, _: ValType, at: Place) -> Result<(), Error> {
        to.string(at, self)
    }
}

impl Lift for String {
    fn lift(from: &mut Lifting<'_>, _: ValType, at: Place) -> Result<Self, Error> {
        from.string(at)
    }
}

impl<T: ComponentType> ComponentType for [T] {
    fn typecheck(ty: ValType, types: &Types) -> Result<(), TypeMismatch> {
        match types.defined(ty) {
            Some(DefinedType::List(element)) => T::typecheck(*element, types),
            _ => Err(TypeMismatch::new(types, ty, "a list")),
        }
    }
}

impl<T: Lower> Lower for [T] {
    fn lower(&self, to: &mut Lowering<'_>, ty: ValType, at: Place) -> Result<(), Error> {
        let room = to.list(ty, at, self.len())?;
        T::lower_list(self, to, room)
    }
}

impl<T: Lift> Lift for Vec<T> {
    fn lift(from: &mut Lifting<'_>, ty: ValType, at: Place) -> Result<Self, Error> {
        let list = from.list(ty, at)?;
        T::lift_list(from, list)
    }
}

/// Types that pass as what they refer to.
macro_rules! references {
    ($({$($generics:tt)*} $ty:ty => $target:ty;)*) => { $(
        impl<$($generics)* ComponentType + ?Sized> ComponentType for $ty {
            fn typecheck(ty: ValType, types: &Types) -> Result<(), TypeMismatch> {
                <$target>::typecheck(ty, types)
            }
        }

        impl<$($generics)* Lower + ?Sized> Lower for $ty {
            fn lower(&self, to: &mut Lowering<'_>, ty: ValType, at: Place) -> Result<(), Error> {
                <$target>::lower(self, to, ty, at)
            }
        }
    )* };
}

references! {
    {T:} &T => T;
    {T:} Box<T> => T;
    {T:} Arc<T> => T;
}

impl ComponentType for String {
    fn typecheck(ty: ValType, types: &Types) -> Result<(), TypeMismatch> {
        str::typecheck(ty, types)
    }
}

impl Lower for String {
    fn lower(&self, to: &mut Lowering<'_>, ty: ValType, at: Place) -> Result<(), Error> {
        str::lower(self, to, ty, at)
    }
}

impl<T: ComponentType> ComponentType for Vec<T> {
    fn typecheck(ty: ValType, types: &Types) -> Result<(), TypeMismatch> {
        <[T]>::typecheck(ty, types)
    }
}

impl<T: Lower> Lower for Vec<T> {
    fn lower(&self, to: &mut Lowering<'_>, ty: ValType, at: Place) -> Result<(), Error> {
        <[T]>::lower(self, to, ty, at)
    }
}

impl<T: Lift> Lift for Box<T> {
    fn lift(from: &mut Lifting<'_>, ty: ValType, at: Place) -> Result<Self, Error> {
        from.charge::<T>(1)?;
        T::lift(from, ty, at).map(Self::new)
    }
}

impl<T: Lift> Lift for Arc<T> {
    fn lift(from: &mut Lifting<'_>, ty: ValType, at: Place) -> Result<Self, Error> {
        from.charge::<T>(1)?;
        T::lift(from, ty, at).map(Self::new)
    }
}

impl<T: ComponentType, const N: usize> ComponentType for [T; N] {
    fn typecheck(ty: ValType, types: &Types) -> Result<(), TypeMismatch> {
        match types.defined(ty) {
            Some(DefinedType::FixedList(element, len)) => {
                same_count(N, *len as usize)?;
                T::typecheck(*element, types)
            }
            _ => Err(TypeMismatch::new(types, ty, "a list of fixed length")),
        }
    }
}

impl<T: Lift, const N: usize> Lift for [T; N] {
    fn lift(from: &mut Lifting<'_>, ty: ValType, at: Place) -> Result<Self, Error> {
        let mut fields = from.fields(ty, at)?;
        let mut failure = None;
        let items: [Option<T>; N] = array::from_fn(|_| match failure {
            None => from.field(&mut fields).map_err(|error| failure = Some(error)).ok(),
            Some(_) => None,
        });
        match failure {
            None => Ok(items.map(|item| item.expect("an item without a failure is there"))),
            Some(error) => Err(error),
        }
    }
}

impl<T: Lower, const N: usize> Lower for [T; N] {
    fn lower(&self, to: &mut Lowering<'_>, ty: ValType, at: Place) -> Result<(), Error> {
        let mut fields = to.fields(ty, at)?;
        self.iter().try_for_each(|item| to.field(&mut fields, item))
    }
}

impl<K: ComponentType, V: ComponentType> ComponentType for BTreeMap<K, V> {
    fn typecheck(ty: ValType, types: &Types) -> Result<(), TypeMismatch> {
        match types.defined(ty) {
            Some(DefinedType::Map(key, value)) => {
                K::typecheck(*key, types)?;
                V::typecheck(*value, types)
            }
            _ => Err(TypeMismatch::new(types, ty, "a map")),
        }
    }
}

/// Of entries with the same key, the last one stays.
impl<K: Lift + Ord, V: Lift> Lift for BTreeMap<K, V> {
    fn lift(from: &mut Lifting<'_>, ty: ValType, at: Place) -> Result<Self, Error> {
        let list = from.list(ty, at)?;
        // A node is never less than half full, nor its bookkeeping larger than a few words for each entry.
        from.charge::<(K, V, [usize; 2])>(2 * list.len as usize)?;
        let mut map = Self::new();
        for index in 0..list.len {
            let (key, value) = from.entry(ty, list.at(index))?;
            map.insert(K::lift(from, key.ty, key.at)?, V::lift(from, value.ty, value.at)?);
        }
        Ok(map)
    }
}

impl<K: Lower, V: Lower> Lower for BTreeMap<K, V> {
    fn lower(&self, to: &mut Lowering<'_>, ty: ValType, at: Place) -> Result<(), Error> {
        let room = to.list(ty, at, self.len())?;
        for ((key, value), index) in self.iter().zip(0..) {
            let (key_part, value_part) = to.entry(ty, room.at(index))?;
            key.lower(to, key_part.ty, key_part.at)?;
            value.lower(to, value_part.ty, value_part.at)?;
        }
        Ok(())
    }
}

impl<T: ComponentType> ComponentType for Option<T> {
    fn typecheck(ty: ValType, types: &Types) -> Result<(), TypeMismatch> {
        match types.defined(ty) {
            Some(DefinedType::Option(some)) => T::typecheck(*some, types),
            _ => Err(TypeMismatch::new(types, ty, "an option")),
        }
    }
}

impl<T: Lift> Lift for Option<T> {
    fn lift(from: &mut Lifting<'_>, ty: ValType, at: Place) -> Result<Self, Error> {
        let variant = from.variant(ty, at)?;
        match variant.case {
            0 => Ok(None),
            _ => from.payload(variant.payload).map(Some),
        }
    }
}

impl<T: Lower> Lower for Option<T> {
    fn lower(&self, to: &mut Lowering<'_>, ty: ValType, at: Place) -> Result<(), Error> {
        let payload = to.variant(ty, at, self.is_some().into())?;
        match self {
            None => Ok(()),
            Some(value) => to.payload(payload, value),
        }
    }
}

/// What a case of a `result` can carry: a value, or `()` for nothing.
pub trait Payload {
    /// Whether it stands for such a payload.
    ///
    /// # Errors
    /// It does not.
    fn typecheck_payload(payload: Option<ValType>, types: &Types) -> Result<(), TypeMismatch>;
}

/// A [`Payload`] that can be taken out of a guest.
pub trait LiftPayload: Payload + Sized {
    /// The payload at a place.
    ///
    /// # Errors
    /// Those of its type.
    fn lift_payload(from: &mut Lifting<'_>, payload: Option<Part>) -> Result<Self, Error>;
}

/// A [`Payload`] that can be put into a guest.
pub trait LowerPayload: Payload {
    /// Puts it at a place.
    ///
    /// # Errors
    /// Those of its type.
    fn lower_payload(&self, to: &mut Lowering<'_>, payload: Option<Part>) -> Result<(), Error>;
}

impl Payload for () {
    fn typecheck_payload(payload: Option<ValType>, types: &Types) -> Result<(), TypeMismatch> {
        payload.map_or(Ok(()), |ty| Err(TypeMismatch::new(types, ty, "no payload")))
    }
}

impl LiftPayload for () {
    fn lift_payload(_: &mut Lifting<'_>, _: Option<Part>) -> Result<Self, Error> {
        Ok(())
    }
}

impl LowerPayload for () {
    fn lower_payload(&self, _: &mut Lowering<'_>, _: Option<Part>) -> Result<(), Error> {
        Ok(())
    }
}

impl<T: ComponentType> Payload for T {
    fn typecheck_payload(payload: Option<ValType>, types: &Types) -> Result<(), TypeMismatch> {
        match payload {
            Some(ty) => T::typecheck(ty, types),
            None => Err(TypeMismatch::message("a payload, where the component's type has none")),
        }
    }
}

impl<T: Lift> LiftPayload for T {
    fn lift_payload(from: &mut Lifting<'_>, payload: Option<Part>) -> Result<Self, Error> {
        from.payload(payload)
    }
}

impl<T: Lower> LowerPayload for T {
    fn lower_payload(&self, to: &mut Lowering<'_>, payload: Option<Part>) -> Result<(), Error> {
        to.payload(payload, self)
    }
}

impl<T: Payload, E: Payload> ComponentType for Result<T, E> {
    fn typecheck(ty: ValType, types: &Types) -> Result<(), TypeMismatch> {
        match types.defined(ty) {
            Some(DefinedType::Result(ok, error)) => {
                T::typecheck_payload(*ok, types)?;
                E::typecheck_payload(*error, types)
            }
            _ => Err(TypeMismatch::new(types, ty, "a result")),
        }
    }
}

impl<T: LiftPayload, E: LiftPayload> Lift for Result<T, E> {
    fn lift(from: &mut Lifting<'_>, ty: ValType, at: Place) -> Result<Self, Error> {
        let variant = from.variant(ty, at)?;
        match variant.case {
            0 => T::lift_payload(from, variant.payload).map(Ok),
            _ => E::lift_payload(from, variant.payload).map(Err),
        }
    }
}

impl<T: LowerPayload, E: LowerPayload> Lower for Result<T, E> {
    fn lower(&self, to: &mut Lowering<'_>, ty: ValType, at: Place) -> Result<(), Error> {
        let payload = to.variant(ty, at, self.is_err().into())?;
        match self {
            Ok(value) => value.lower_payload(to, payload),
            Err(error) => error.lower_payload(to, payload),
        }
    }
}

/// The parameters or the results of a function: a tuple of component types.
pub trait ComponentNamedList: Sized {
    /// What each of them can stand for. A table and no function, because a program has hundreds of lists.
    const TYPES: &'static [Typecheck];
}

/// Whether types stand for these parameters.
pub(crate) fn typecheck_params(list: &[Typecheck], params: &[Field], types: &Types) -> Result<(), TypeMismatch> {
    same_count(list.len(), params.len())?;
    let mut pairs = list.iter().zip(params);
    pairs.try_for_each(|(typecheck, param)| typecheck(param.ty, types).map_err(|error| error.within(&param.name)))
}

/// Whether types stand for this result: none for none, one for one.
pub(crate) fn typecheck_result(list: &[Typecheck], result: Option<ValType>, types: &Types) -> Result<(), TypeMismatch> {
    same_count(list.len(), result.iter().len())?;
    list.iter().zip(result).try_for_each(|(typecheck, ty)| typecheck(ty, types))
}

/// A [`ComponentNamedList`] that can be taken out of a guest.
pub trait LiftNamedList: ComponentNamedList {
    /// The values at some places.
    ///
    /// # Errors
    /// Those of their types.
    fn lift_fields(from: &mut Lifting<'_>, fields: &mut Fields<'_>) -> Result<Self, Error>;
}

/// A [`ComponentNamedList`] that can be put into a guest.
pub trait LowerNamedList: ComponentNamedList {
    /// Puts the values at some places.
    ///
    /// # Errors
    /// Those of their types.
    fn lower_fields(&self, to: &mut Lowering<'_>, fields: &mut Fields<'_>) -> Result<(), Error>;
}

impl ComponentNamedList for () {
    const TYPES: &'static [Typecheck] = &[];
}

impl LiftNamedList for () {
    fn lift_fields(_: &mut Lifting<'_>, _: &mut Fields<'_>) -> Result<Self, Error> {
        Ok(())
    }
}

impl LowerNamedList for () {
    fn lower_fields(&self, _: &mut Lowering<'_>, _: &mut Fields<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Tuples of at least one type are lists of parameters, and also types themselves: `tuple<…>`.
macro_rules! tuples {
    ($($count:literal: $($name:ident)*;)*) => { $(
        impl<$($name: ComponentType),*> ComponentNamedList for ($($name,)*) {
            const TYPES: &'static [Typecheck] = &[$($name::typecheck),*];
        }

        impl<$($name: Lift),*> LiftNamedList for ($($name,)*) {
            fn lift_fields(from: &mut Lifting<'_>, fields: &mut Fields<'_>) -> Result<Self, Error> {
                Ok(($(from.field::<$name>(fields)?,)*))
            }
        }

        impl<$($name: Lower),*> LowerNamedList for ($($name,)*) {
            #[allow(non_snake_case, reason = "the values are named as their types")]
            fn lower_fields(&self, to: &mut Lowering<'_>, fields: &mut Fields<'_>) -> Result<(), Error> {
                let ($($name,)*) = self;
                $( to.field(fields, $name)?; )*
                Ok(())
            }
        }

        impl<$($name: ComponentType),*> ComponentType for ($($name,)*) {
            fn typecheck(ty: ValType, types: &Types) -> Result<(), TypeMismatch> {
                let Some(DefinedType::Tuple(fields)) = types.defined(ty) else {
                    return Err(TypeMismatch::new(types, ty, "a tuple"));
                };
                same_count($count, fields.len())?;
                Self::TYPES.iter().zip(fields.iter()).try_for_each(|(typecheck, ty)| typecheck(*ty, types))
            }
        }

        impl<$($name: Lift),*> Lift for ($($name,)*) {
            fn lift(from: &mut Lifting<'_>, ty: ValType, at: Place) -> Result<Self, Error> {
                let mut fields = from.fields(ty, at)?;
                Self::lift_fields(from, &mut fields)
            }
        }

        impl<$($name: Lower),*> Lower for ($($name,)*) {
            fn lower(&self, to: &mut Lowering<'_>, ty: ValType, at: Place) -> Result<(), Error> {
                let mut fields = to.fields(ty, at)?;
                self.lower_fields(to, &mut fields)
            }
        }
    )* };
}

tuples! {
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
    7: A B C D E F G;
    8: A B C D E F G H;
    9: A B C D E F G H I;
    10: A B C D E F G H I J;
    11: A B C D E F G H I J K;
    12: A B C D E F G H I J K L;
    13: A B C D E F G H I J K L M;
    14: A B C D E F G H I J K L M N;
    15: A B C D E F G H I J K L M N O;
    16: A B C D E F G H I J K L M N O P;
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;

    use super::*;
    use crate::abi::testing::{ENCODINGS, Guest, flatten, func};
    use crate::plan::StringEncoding;
    use crate::types::Case;
    use crate::value::{Val, lift_vals};

    crate::record! {
        #[derive(Clone, PartialEq, Debug)]
        struct Greeting {
            text: String = "text",
            marks: u8 = "marks",
        }
    }

    crate::variant! {
        #[derive(Clone, PartialEq, Debug)]
        enum Answer {
            Silence = "silence",
            Word(word: String) = "word",
            Number(number: f64) = "number",
        }
    }

    crate::enumeration! {
        #[derive(Clone, Copy, PartialEq, Debug)]
        enum Color {
            Red = "red",
            Green = "green",
        }
    }

    crate::flags! {
        struct Rights {
            READ = "read",
            WRITE = "write",
        }
    }

    fn field(name: &str, ty: ValType) -> Field {
        Field { name: name.into(), ty }
    }

    /// Types under construction.
    struct Made(Types);

    impl Made {
        fn new() -> Self {
            Self(Types::new(100))
        }

        fn add(&mut self, ty: DefinedType) -> ValType {
            ValType::Defined(self.0.intern(ty).unwrap())
        }

        fn greeting(&mut self) -> ValType {
            self.add(DefinedType::Record([field("text", ValType::String), field("marks", ValType::U8)].into()))
        }

        fn answer(&mut self) -> ValType {
            let case = |name: &str, ty| Case { name: name.into(), ty };
            let cases =
                [case("silence", None), case("word", Some(ValType::String)), case("number", Some(ValType::F64))];
            self.add(DefinedType::Variant(cases.into()))
        }

        fn color(&mut self) -> ValType {
            self.add(DefinedType::Enum(["red".into(), "green".into()].into()))
        }

        fn rights(&mut self) -> ValType {
            self.add(DefinedType::Flags(["read".into(), "write".into()].into()))
        }
    }

    /// Passes values as parameters of these types to a guest and takes them back, as they are and as dynamic values.
    fn round_trip<P: LowerNamedList + LiftNamedList + PartialEq + core::fmt::Debug>(
        types: &Types,
        params: &[ValType],
        values: P,
    ) -> Vec<Val> {
        let ty = func(params, None);
        typecheck_params(P::TYPES, &ty.params, types).unwrap();
        let in_memory = flatten(types, &ty).1.params_in_memory;
        let mut dynamic = Vec::new();
        for encoding in ENCODINGS {
            let mut guest = Guest::new();
            let mut flat = [0; 17];
            let mut to = Lowering::new(&mut guest, types, encoding, &mut flat);
            let mut fields = to.params(&ty.params, in_memory).unwrap();
            values.lower_fields(&mut to, &mut fields).unwrap();
            let mut from = Lifting::new(&mut guest, types, encoding, &flat);
            let mut fields = from.params(&ty.params, in_memory).unwrap();
            assert_eq!(P::lift_fields(&mut from, &mut fields).unwrap(), values);
            let fields = from.params(&ty.params, in_memory).unwrap();
            dynamic = lift_vals(&mut from, fields).unwrap();
        }
        dynamic
    }

    #[test]
    fn primitive_values_pass() {
        use ValType::{Bool, Char, F32, F64, S8, S16, S32, S64, String as Text, U8, U16, U32, U64};
        let signed = [Bool, S8, S16, S32, S64, F32, F64];
        let dynamic = round_trip(&Types::new(0), &signed, (true, -1_i8, -2_i16, i32::MIN, i64::MIN, 0.5_f32, -0.0_f64));
        assert_eq!(dynamic[1], Val::S8(-1));
        let unsigned = [U8, U16, U32, U64, Char, Text];
        let dynamic =
            round_trip(&Types::new(0), &unsigned, (255_u8, 65535_u16, u32::MAX, u64::MAX, 'ö', "ö☃".to_string()));
        assert_eq!(dynamic[5], Val::String("ö☃".into()));
    }

    #[test]
    fn compound_values_pass() {
        let mut made = Made::new();
        let (greeting, answer, color, rights) = (made.greeting(), made.answer(), made.color(), made.rights());
        let greetings = made.add(DefinedType::List(greeting));
        let maybe = made.add(DefinedType::Option(answer));
        let result = made.add(DefinedType::Result(Some(rights), Some(color)));
        let silent = made.add(DefinedType::Result(None, Some(ValType::Char)));
        let three = made.add(DefinedType::FixedList(ValType::U16, 3));
        let ages = made.add(DefinedType::Map(ValType::String, ValType::U32));
        let tuple = made.add(DefinedType::Tuple([answer, color].into()));
        let hello = Greeting { text: "hello".into(), marks: 3 };
        let values = (
            hello.clone(),
            vec![hello.clone(), Greeting { text: "☃".into(), marks: 0 }],
            Some(Answer::Number(1.5)),
            Result::<_, Color>::Ok(Rights::WRITE),
            Result::<(), _>::Err('x'),
            [1_u16, 2, 3],
            BTreeMap::from([("ada".to_string(), 36_u32), ("kurt".to_string(), 71)]),
            Box::new((Answer::Word("yes".into()), Color::Green)),
            (Answer::Silence, Color::Red),
            Result::<Rights, _>::Err(Color::Green),
            Result::<(), char>::Ok(()),
        );
        let params = [greeting, greetings, maybe, result, silent, three, ages, tuple, tuple, result, silent];
        let dynamic = round_trip(&made.0, &params, values);
        assert_eq!(
            dynamic[0],
            Val::Record(vec![("text".into(), Val::String("hello".into())), ("marks".into(), Val::U8(3))])
        );
        assert_eq!(dynamic[3], Val::Result(Ok(Some(Box::new(Val::Flags(vec!["write".into()]))))));
        assert_eq!(dynamic[4], Val::Result(Err(Some(Box::new(Val::Char('x'))))));
        assert_eq!(dynamic[9], Val::Result(Err(Some(Box::new(Val::Enum("green".into()))))));
    }

    #[test]
    fn lists_of_numbers_pass_as_bytes() {
        let mut made = Made::new();
        let element = [ValType::U8, ValType::S16, ValType::U64, ValType::F32, ValType::F64];
        let lists = element.map(|ty| made.add(DefinedType::List(ty)));
        let values =
            (vec![1_u8, 2, 255], vec![-1_i16, 7], vec![u64::MAX], vec![0.5_f32, f32::INFINITY], Vec::<f64>::new());
        let dynamic = round_trip(&made.0, &lists, values);
        assert_eq!(dynamic[1], Val::List(vec![Val::S16(-1), Val::S16(7)]));
    }

    #[test]
    fn lists_of_floats_have_one_nan() {
        let mut made = Made::new();
        let list = made.add(DefinedType::List(ValType::F32));
        let mut guest = Guest::new();
        let mut flat = [0; 17];
        let mut to = Lowering::new(&mut guest, &made.0, StringEncoding::Utf8, &mut flat);
        [f32::from_bits(0xffff_ffff)][..].lower(&mut to, list, Place::Flat(0)).unwrap();
        assert_eq!(guest.memory[64..], 0x7fc0_0000_u32.to_le_bytes());
        guest.memory[64..].fill(0xff);
        let mut from = Lifting::new(&mut guest, &made.0, StringEncoding::Utf8, &flat);
        let lifted = Vec::<f32>::lift(&mut from, list, Place::Flat(0)).unwrap();
        assert_eq!(lifted[0].to_bits(), 0x7fc0_0000);
    }

    #[test]
    fn references_pass_as_what_they_refer_to() {
        let mut made = Made::new();
        let list = made.add(DefinedType::List(ValType::String));
        let ty = func(&[ValType::String, list, list], None);
        type Params<'a> = (&'a str, &'a [&'a str], Arc<[Box<str>]>);
        typecheck_params(Params::TYPES, &ty.params, &made.0).unwrap();
        let values: Params<'_> = ("a", &["b", "c"], Arc::from([Box::from("d")]));
        let mut guest = Guest::new();
        let mut flat = [0; 17];
        let mut to = Lowering::new(&mut guest, &made.0, StringEncoding::Utf8, &mut flat);
        let mut fields = to.params(&ty.params, false).unwrap();
        values.lower_fields(&mut to, &mut fields).unwrap();
        let mut from = Lifting::new(&mut guest, &made.0, StringEncoding::Utf8, &flat);
        let mut fields = from.params(&ty.params, false).unwrap();
        let lifted = <(String, Vec<String>, Arc<Vec<String>>)>::lift_fields(&mut from, &mut fields).unwrap();
        assert_eq!(lifted, ("a".into(), vec!["b".into(), "c".into()], Arc::new(vec!["d".into()])));
    }

    #[test]
    fn a_mismatch_says_where() {
        let mut made = Made::new();
        let (greeting, answer) = (made.greeting(), made.answer());
        let other = made.add(DefinedType::Record([field("text", ValType::Char), field("marks", ValType::U8)].into()));
        let renamed =
            made.add(DefinedType::Record([field("txt", ValType::String), field("marks", ValType::U8)].into()));
        let types = &made.0;
        let message = |result: Result<(), TypeMismatch>| result.unwrap_err().to_string();
        assert_eq!(Greeting::typecheck(greeting, types), Ok(()));
        assert_eq!(
            message(Greeting::typecheck(other, types)),
            "type mismatch: text: expected a value of type `char`, found a string"
        );
        assert_eq!(
            message(Greeting::typecheck(renamed, types)),
            "type mismatch: `text` is called `txt` in the component's type"
        );
        assert_eq!(
            message(Greeting::typecheck(answer, types)),
            "type mismatch: expected a value of type `variant`, found a record"
        );
        assert_eq!(
            message(typecheck_params(<(u8, u8)>::TYPES, &[field("x", ValType::U8)], types)),
            "type mismatch: 2 parts, where the component's type has 1"
        );
        assert_eq!(
            message(typecheck_params(<(String,)>::TYPES, &[field("name", ValType::U8)], types)),
            "type mismatch: name: expected a value of type `u8`, found a string"
        );
        assert_eq!(typecheck_result(<()>::TYPES, None, types), Ok(()));
        assert_eq!(typecheck_result(<(u8,)>::TYPES, Some(ValType::U8), types), Ok(()));
        assert!(typecheck_result(<(u8,)>::TYPES, None, types).is_err());
        assert!(Result::<(), ()>::typecheck(answer, types).is_err());
        let result = DefinedType::Result(Some(ValType::U8), None);
        let result = ValType::Defined(Types::intern(&mut made.0, result).unwrap());
        assert_eq!(Result::<u8, ()>::typecheck(result, &made.0), Ok(()));
        assert!(Result::<(), ()>::typecheck(result, &made.0).is_err());
        assert!(Result::<u8, u8>::typecheck(result, &made.0).is_err());
    }

    /// A type that was not checked leads to errors, not to panics.
    #[test]
    fn wrong_types_are_errors() {
        let mut made = Made::new();
        let (greeting, color) = (made.greeting(), made.color());
        let mut guest = Guest::new();
        let mut from = Lifting::new(&mut guest, &made.0, StringEncoding::Utf8, &[0]);
        for ty in [greeting, color, ValType::String, ValType::U8] {
            for at in [Place::Flat(0), Place::Flat(u32::MAX - 40), Place::Memory(u32::MAX)] {
                let _ = <(u8, u8, u8)>::lift(&mut from, ty, at);
                let _ = Vec::<u64>::lift(&mut from, ty, at);
                let _ = Option::<u8>::lift(&mut from, ty, at);
                let _ = BTreeMap::<u8, u8>::lift(&mut from, ty, at);
                let _ = Rights::lift(&mut from, ty, at);
                let _ = Greeting::lift(&mut from, ty, at);
            }
        }
    }
}
