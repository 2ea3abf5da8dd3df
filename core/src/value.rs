//! Values as the embedder sees them: [`Val`], [`Ref`] and [`V128`], and their way in and out of slots.
//!
//! A value becomes slots only against a type: [`Val::to_slots`] checks kind, subtype and store, so that a wrong value or a handle of
//! another store is an error here and never reaches running code. Slots become values only in a store, which roots what
//! they refer to. The handles themselves are in [`reference`](crate::reference).

use core::fmt;

use crate::error::Error;
use crate::func::Func;
use crate::reference::{AnyRef, ExnRef, ExternRef};
use crate::runtime::store::StoreInner;
use crate::store::AsContext;
use crate::types::{HeapType, RefType, ValType};

/// A 128-bit vector, as its bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct V128(u128);

impl V128 {
    /// The bits; lane 0 is the least significant.
    pub const fn as_u128(self) -> u128 {
        self.0
    }

    /// The bytes, in lane order on every platform.
    pub const fn to_le_bytes(self) -> [u8; 16] {
        self.0.to_le_bytes()
    }

    /// The vector with these bytes, in lane order.
    pub const fn from_le_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_le_bytes(bytes))
    }

    /// Two slots whose bytes in memory are the vector's bytes in lane order, on either endianness.
    pub(crate) fn to_slots(self) -> [u64; 2] {
        let [low, high] = [self.0 as u64, (self.0 >> 64) as u64];
        [low.to_le(), high.to_le()]
    }

    /// The inverse of [`to_slots`](Self::to_slots).
    pub(crate) fn from_slots([low, high]: [u64; 2]) -> Self {
        Self(u128::from(u64::from_le(low)) | u128::from(u64::from_le(high)) << 64)
    }
}

impl From<u128> for V128 {
    fn from(bits: u128) -> Self {
        Self(bits)
    }
}

impl From<V128> for u128 {
    fn from(vector: V128) -> Self {
        vector.0
    }
}

impl fmt::Debug for V128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "V128({:#034x})", self.0)
    }
}

/// A WebAssembly value of any type.
///
/// Floats are kept as their bits, so that NaN payloads survive. References own their object: it lives as long as the value.
#[derive(Clone, Debug)]
pub enum Val {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// The bits of a 32-bit float.
    F32(u32),
    /// The bits of a 64-bit float.
    F64(u64),
    /// A 128-bit vector.
    V128(V128),
    /// A function or null.
    FuncRef(Option<Func>),
    /// A value of the host, or null.
    ExternRef(Option<ExternRef>),
    /// A garbage-collected value of the guest, an `i31`, or null.
    AnyRef(Option<AnyRef>),
    /// An exception or null.
    ExnRef(Option<ExnRef>),
}

macro_rules! accessors {
    ($($variant:ident($pattern:ident) $get:ident $unwrap:ident -> $ty:ty = $value:expr;)*) => {$(
        #[doc = concat!("The payload of a [`Val::", stringify!($variant), "`], else `None`.")]
        pub fn $get(&self) -> Option<$ty> {
            match self {
                Self::$variant($pattern) => Some($value),
                _ => None,
            }
        }

        #[doc = concat!("The payload of a [`Val::", stringify!($variant), "`].\n\n# Panics\nIf the value has another type.")]
        #[track_caller]
        pub fn $unwrap(&self) -> $ty {
            match self.$get() {
                Some(value) => value,
                None => panic!(concat!("expected ", stringify!($variant), ", found {:?}"), self),
            }
        }
    )*};
}

impl Val {
    accessors! {
        I32(value) i32 unwrap_i32 -> i32 = *value;
        I64(value) i64 unwrap_i64 -> i64 = *value;
        F32(bits) f32 unwrap_f32 -> f32 = f32::from_bits(*bits);
        F64(bits) f64 unwrap_f64 -> f64 = f64::from_bits(*bits);
        V128(value) v128 unwrap_v128 -> V128 = *value;
        FuncRef(value) funcref unwrap_funcref -> Option<&Func> = value.as_ref();
        ExternRef(value) externref unwrap_externref -> Option<&ExternRef> = value.as_ref();
        AnyRef(value) anyref unwrap_anyref -> Option<&AnyRef> = value.as_ref();
        ExnRef(value) exnref unwrap_exnref -> Option<&ExnRef> = value.as_ref();
    }

    /// The value a local of type `ty` starts with: zero or null. `None` for references that cannot be null.
    pub fn default_for_ty(ty: &ValType) -> Option<Self> {
        Some(match ty {
            ValType::I32 => Self::I32(0),
            ValType::I64 => Self::I64(0),
            ValType::F32 => Self::F32(0),
            ValType::F64 => Self::F64(0),
            ValType::V128 => Self::V128(V128(0)),
            ValType::Ref(ty) if ty.is_nullable() => Ref::null(&ty.heap_type()).into(),
            ValType::Ref(_) => return None,
        })
    }

    /// The null of a heap type's hierarchy; see [`Ref::null`].
    pub fn null_ref(heap_type: &HeapType) -> Self {
        Ref::null(heap_type).into()
    }

    /// The null function reference.
    pub const fn null_func_ref() -> Self {
        Self::FuncRef(None)
    }

    /// The null external reference.
    pub const fn null_extern_ref() -> Self {
        Self::ExternRef(None)
    }

    /// The null internal reference.
    pub const fn null_any_ref() -> Self {
        Self::AnyRef(None)
    }

    /// The value as a reference, if it is one.
    pub fn ref_(self) -> Option<Ref> {
        match self {
            Self::FuncRef(value) => Some(Ref::Func(value)),
            Self::ExternRef(value) => Some(Ref::Extern(value)),
            Self::AnyRef(value) => Some(Ref::Any(value)),
            Self::ExnRef(value) => Some(Ref::Exn(value)),
            _ => None,
        }
    }

    /// The most precise type of the value; an error if it belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> Result<ValType, Error> {
        Ok(match self {
            Self::I32(_) => ValType::I32,
            Self::I64(_) => ValType::I64,
            Self::F32(_) => ValType::F32,
            Self::F64(_) => ValType::F64,
            Self::V128(_) => ValType::V128,
            reference => {
                let store = store.as_context();
                let (inner, null) = (store.inner(), reference.null_type());
                match reference.ref_slot(inner)?.unwrap_or(0) {
                    0 => ValType::Ref(null),
                    slot => ValType::Ref(RefType::new(false, inner.heap_type_of(null.heap_type(), slot))),
                }
            }
        })
    }

    /// Whether the value may stand where `ty` is expected; an error if it belongs to another store.
    pub fn matches_ty(&self, store: impl AsContext, ty: &ValType) -> Result<bool, Error> {
        let store = store.as_context();
        self.matches(store.inner(), *ty)
    }

    /// `(ref null none)` or its like in the value's hierarchy; only for references.
    fn null_type(&self) -> RefType {
        match self {
            Self::FuncRef(_) => RefType::NULLFUNCREF,
            Self::ExternRef(_) => RefType::NULLEXTERNREF,
            Self::ExnRef(_) => RefType::NULLEXNREF,
            _ => RefType::NULLREF,
        }
    }

    /// The slot of a reference; `None` for other values. Checks the store.
    fn ref_slot(&self, inner: &StoreInner) -> Result<Option<u32>, Error> {
        Ok(Some(match self {
            Self::FuncRef(Some(func)) => func.to_slot(inner)?,
            Self::ExternRef(Some(handle)) => handle.to_slot(inner)?,
            Self::AnyRef(Some(handle)) => handle.to_slot(inner)?,
            Self::ExnRef(Some(handle)) => handle.to_slot(inner)?,
            Self::FuncRef(None) | Self::ExternRef(None) | Self::AnyRef(None) | Self::ExnRef(None) => 0,
            _ => return Ok(None),
        }))
    }

    /// Whether the value has type `ty`; an error if it belongs to another store.
    pub(crate) fn matches(&self, inner: &StoreInner, ty: ValType) -> Result<bool, Error> {
        Ok(match (self, ty) {
            (Self::I32(_), ValType::I32)
            | (Self::I64(_), ValType::I64)
            | (Self::F32(_), ValType::F32)
            | (Self::F64(_), ValType::F64)
            | (Self::V128(_), ValType::V128) => true,
            (reference, ValType::Ref(ty)) => match reference.ref_slot(inner)? {
                None => false,
                Some(0) if ty.heap_type().type_id().is_some() => ty.is_nullable(),
                Some(slot) => {
                    let hierarchy = self.null_type().heap_type();
                    hierarchy.top(inner.types()) == ty.heap_type().top(inner.types()) && inner.slot_matches(slot, ty)
                }
            },
            _ => false,
        })
    }

    /// The slots of the value, which must have type `ty`: one, or two for a vector (the second is otherwise unused).
    pub(crate) fn to_slots(&self, inner: &StoreInner, ty: ValType) -> Result<[u64; 2], Error> {
        if !self.matches(inner, ty)? {
            return Err(self.mismatch(ty));
        }
        Ok(match self {
            Self::I32(value) => [u64::from(*value as u32), 0],
            Self::I64(value) => [*value as u64, 0],
            Self::F32(bits) => [u64::from(*bits), 0],
            Self::F64(bits) => [*bits, 0],
            Self::V128(value) => value.to_slots(),
            reference => [u64::from(reference.ref_slot(inner)?.unwrap_or(0)), 0],
        })
    }

    #[cold]
    fn mismatch(&self, expected: ValType) -> Error {
        Error::misuse(alloc::format!("type mismatch: expected {expected}, found {self:?}"))
    }

    /// The value of type `ty` in slots that running code wrote.
    pub(crate) fn from_slots(inner: &mut StoreInner, ty: ValType, slots: &[u64]) -> Result<Self, Error> {
        let slot = slots.first().copied().unwrap_or(0);
        Ok(match ty {
            ValType::I32 => Self::I32(slot as i32),
            ValType::I64 => Self::I64(slot as i64),
            ValType::F32 => Self::F32(slot as u32),
            ValType::F64 => Self::F64(slot),
            ValType::V128 => Self::V128(V128::from_slots([slot, slots.get(1).copied().unwrap_or(0)])),
            ValType::Ref(ty) => Ref::from_slot(inner, ty, slot as u32)?.into(),
        })
    }
}

/// A list of values against a list of types, in the order slots have: numbers first, then references.
///
/// `place` gets each type's position in the list and the range of its slots.
pub(crate) fn for_each_slot<E>(
    types: &[ValType],
    mut place: impl FnMut(usize, ValType, core::ops::Range<usize>) -> Result<(), E>,
) -> Result<(), E> {
    let mut number = 0;
    let mut reference: usize = types.iter().filter(|ty| !ty.is_ref()).map(|ty| ty.slots() as usize).sum();
    types.iter().enumerate().try_for_each(|(position, ty)| {
        let cursor = if ty.is_ref() { &mut reference } else { &mut number };
        let start = *cursor;
        *cursor += ty.slots() as usize;
        place(position, *ty, start..*cursor)
    })
}

/// Writes `values` of `types` to their slots, checking each.
pub(crate) fn store_vals(
    inner: &StoreInner,
    types: &[ValType],
    values: &[Val],
    slots: &mut [u64],
) -> Result<(), Error> {
    for_each_slot(types, |position, ty, range| {
        let value = values.get(position).ok_or_else(|| wrong_count(types.len(), values.len()))?;
        let from = value.to_slots(inner, ty)?;
        let to = slots.get_mut(range).ok_or_else(|| wrong_count(types.len(), values.len()))?;
        to.copy_from_slice(&from[..to.len()]);
        Ok(())
    })
}

/// Reads values of `types` from their slots into `values`.
pub(crate) fn load_vals(
    inner: &mut StoreInner,
    types: &[ValType],
    slots: &[u64],
    values: &mut [Val],
) -> Result<(), Error> {
    let count = values.len();
    for_each_slot(types, |position, ty, range| {
        let from = slots.get(range).ok_or_else(|| wrong_count(types.len(), count))?;
        let to = values.get_mut(position).ok_or_else(|| wrong_count(types.len(), count))?;
        *to = Val::from_slots(inner, ty, from)?;
        Ok(())
    })
}

#[cold]
pub(crate) fn wrong_count(expected: usize, found: usize) -> Error {
    Error::misuse(alloc::format!("expected {expected} values, found {found}"))
}

/// A WebAssembly reference of any type.
#[derive(Clone, Debug)]
pub enum Ref {
    /// A function or null.
    Func(Option<Func>),
    /// A value of the host, or null.
    Extern(Option<ExternRef>),
    /// A garbage-collected value of the guest, an `i31`, or null.
    Any(Option<AnyRef>),
    /// An exception or null.
    Exn(Option<ExnRef>),
}

impl Ref {
    /// The null of a heap type's hierarchy.
    ///
    /// A defined type does not tell by itself whether its values are functions: its null is given as that of functions, and
    /// any null is accepted where a nullable defined type is expected.
    pub fn null(heap_type: &HeapType) -> Self {
        match heap_type {
            HeapType::Func | HeapType::NoFunc | HeapType::Concrete(_) | HeapType::Exact(_) => Self::Func(None),
            HeapType::Extern | HeapType::NoExtern => Self::Extern(None),
            HeapType::Exn | HeapType::NoExn => Self::Exn(None),
            HeapType::Any | HeapType::None | HeapType::Eq | HeapType::I31 | HeapType::Struct | HeapType::Array => {
                Self::Any(None)
            }
        }
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Func(None) | Self::Extern(None) | Self::Any(None) | Self::Exn(None))
    }

    /// The function reference, if this is one.
    pub fn as_func(&self) -> Option<Option<&Func>> {
        match self {
            Self::Func(func) => Some(func.as_ref()),
            _ => None,
        }
    }

    /// The external reference, if this is one.
    pub fn as_extern(&self) -> Option<Option<&ExternRef>> {
        match self {
            Self::Extern(handle) => Some(handle.as_ref()),
            _ => None,
        }
    }

    /// The internal reference, if this is one.
    pub fn as_any(&self) -> Option<Option<&AnyRef>> {
        match self {
            Self::Any(handle) => Some(handle.as_ref()),
            _ => None,
        }
    }

    /// The exception reference, if this is one.
    pub fn as_exn(&self) -> Option<Option<&ExnRef>> {
        match self {
            Self::Exn(handle) => Some(handle.as_ref()),
            _ => None,
        }
    }

    /// The most precise type of the reference; an error if it belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> Result<RefType, Error> {
        match Val::from(self.clone()).ty(store)? {
            ValType::Ref(ty) => Ok(ty),
            _ => Ok(RefType::NULLREF),
        }
    }

    /// Whether the reference may stand where `ty` is expected; an error if it belongs to another store.
    pub fn matches_ty(&self, store: impl AsContext, ty: &RefType) -> Result<bool, Error> {
        Val::from(self.clone()).matches_ty(store, &ValType::Ref(*ty))
    }

    /// The slot of a reference that must have type `ty`.
    pub(crate) fn to_slot(&self, inner: &StoreInner, ty: RefType) -> Result<u32, Error> {
        Val::from(self.clone()).to_slots(inner, ValType::Ref(ty)).map(|slots| slots[0] as u32)
    }

    /// The reference of type `ty` in a slot that running code wrote.
    pub(crate) fn from_slot(inner: &mut StoreInner, ty: RefType, slot: u32) -> Result<Self, Error> {
        Ok(match ty.heap_type().top(inner.types()) {
            Some(HeapType::Func) => Self::Func(Func::from_slot(inner, slot)?),
            Some(HeapType::Extern) => Self::Extern(ExternRef::from_slot(inner, slot)?),
            Some(HeapType::Exn) => Self::Exn(ExnRef::from_slot(inner, slot)?),
            _ => Self::Any(AnyRef::from_slot(inner, slot)?),
        })
    }
}

impl From<Ref> for Val {
    fn from(reference: Ref) -> Self {
        match reference {
            Ref::Func(value) => Self::FuncRef(value),
            Ref::Extern(value) => Self::ExternRef(value),
            Ref::Any(value) => Self::AnyRef(value),
            Ref::Exn(value) => Self::ExnRef(value),
        }
    }
}

macro_rules! from {
    ($($ty:ty, |$value:ident| $val:expr;)*) => {$(
        impl From<$ty> for Val {
            fn from($value: $ty) -> Self {
                $val
            }
        }
    )*};
}

from! {
    i32, |value| Self::I32(value);
    u32, |value| Self::I32(value as i32);
    i64, |value| Self::I64(value);
    u64, |value| Self::I64(value as i64);
    f32, |value| Self::F32(value.to_bits());
    f64, |value| Self::F64(value.to_bits());
    V128, |value| Self::V128(value);
    Func, |value| Self::FuncRef(Some(value));
    Option<Func>, |value| Self::FuncRef(value);
    ExternRef, |value| Self::ExternRef(Some(value));
    Option<ExternRef>, |value| Self::ExternRef(value);
    AnyRef, |value| Self::AnyRef(Some(value));
    Option<AnyRef>, |value| Self::AnyRef(value);
    ExnRef, |value| Self::ExnRef(Some(value));
    Option<ExnRef>, |value| Self::ExnRef(value);
}

macro_rules! ref_from {
    ($($variant:ident($handle:ty);)*) => {$(
        impl From<$handle> for Ref {
            fn from(handle: $handle) -> Self {
                Self::$variant(Some(handle))
            }
        }

        impl From<Option<$handle>> for Ref {
            fn from(handle: Option<$handle>) -> Self {
                Self::$variant(handle)
            }
        }
    )*};
}

ref_from! {
    Func(Func);
    Extern(ExternRef);
    Any(AnyRef);
    Exn(ExnRef);
}
