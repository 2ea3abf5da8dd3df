//! Rust types as WebAssembly types: what [`TypedFunc`](crate::TypedFunc) calls with and what closures take and return.
//!
//! A list of Rust values is written to and read from argument slots by constants: numbers first, then references, each in
//! declaration order, so the typed path allocates nothing and looks nothing up. Assumes that whoever pairs a list with a function has
//! compared their types; promises that a reference of another store is an error, not a write.

use alloc::vec::Vec;

use crate::error::Error;
use crate::func::Func;
use crate::reference::{AnyRef, ArrayRef, EqRef, ExnRef, ExternRef, I31, StructRef};
use crate::runtime::store::StoreInner;
use crate::types::{HeapType, RefType, ValType};
use crate::value::V128;

mod sealed {
    pub trait Sealed {}
}

/// A Rust type that stands for one WebAssembly value type.
///
/// Integers stand for `i32` and `i64` in either signedness. `Option` of a handle is a nullable reference, a bare handle one
/// that is never null.
pub trait WasmTy: sealed::Sealed + Send + Sized + 'static {
    /// Slots taken among the numbers.
    #[doc(hidden)]
    const NUMBERS: usize;
    /// Slots taken among the references.
    #[doc(hidden)]
    const REFERENCES: usize;

    /// The WebAssembly type.
    fn val_type() -> ValType;

    /// Writes the value to its slots (`NUMBERS + REFERENCES` of them, one of the two being zero).
    #[doc(hidden)]
    fn store(self, store: &mut Inner<'_>, slots: &mut [u64]) -> Result<(), Error>;

    /// Reads the value from its slots.
    #[doc(hidden)]
    fn load(store: &mut Inner<'_>, slots: &[u64]) -> Result<Self, Error>;
}

/// The store behind a conversion, opaque to users of the hidden methods.
#[doc(hidden)]
pub struct Inner<'a>(pub(crate) &'a mut StoreInner);

macro_rules! number {
    ($($rust:ty = $wasm:ident: |$value:ident| $to:expr, |$slot:ident| $from:expr;)*) => {$(
        impl sealed::Sealed for $rust {}
        impl WasmTy for $rust {
            const NUMBERS: usize = 1;
            const REFERENCES: usize = 0;

            fn val_type() -> ValType {
                ValType::$wasm
            }

            #[inline(always)]
            fn store(self, _: &mut Inner<'_>, slots: &mut [u64]) -> Result<(), Error> {
                let $value = self;
                slots[0] = $to;
                Ok(())
            }

            #[inline(always)]
            fn load(_: &mut Inner<'_>, slots: &[u64]) -> Result<Self, Error> {
                let $slot = slots[0];
                Ok($from)
            }
        }
    )*};
}

number! {
    i32 = I32: |value| u64::from(value as u32), |slot| slot as i32;
    u32 = I32: |value| u64::from(value), |slot| slot as u32;
    i64 = I64: |value| value as u64, |slot| slot as i64;
    u64 = I64: |value| value, |slot| slot;
    f32 = F32: |value| u64::from(value.to_bits()), |slot| f32::from_bits(slot as u32);
    f64 = F64: |value| value.to_bits(), |slot| f64::from_bits(slot);
}

impl sealed::Sealed for V128 {}
impl WasmTy for V128 {
    const NUMBERS: usize = 2;
    const REFERENCES: usize = 0;

    fn val_type() -> ValType {
        ValType::V128
    }

    #[inline(always)]
    fn store(self, _: &mut Inner<'_>, slots: &mut [u64]) -> Result<(), Error> {
        slots.copy_from_slice(&self.to_slots());
        Ok(())
    }

    #[inline(always)]
    fn load(_: &mut Inner<'_>, slots: &[u64]) -> Result<Self, Error> {
        Ok(Self::from_slots([slots[0], slots[1]]))
    }
}

/// One row per handle type: the bare form is not null, the optional form nullable.
macro_rules! reference {
    ($($handle:ty = $heap_type:ident;)*) => {$(
        impl sealed::Sealed for $handle {}
        impl WasmTy for $handle {
            const NUMBERS: usize = 0;
            const REFERENCES: usize = 1;

            fn val_type() -> ValType {
                ValType::Ref(RefType::new(false, HeapType::$heap_type))
            }

            #[inline]
            fn store(self, store: &mut Inner<'_>, slots: &mut [u64]) -> Result<(), Error> {
                slots[0] = u64::from(self.to_slot(store.0)?);
                Ok(())
            }

            #[inline]
            fn load(store: &mut Inner<'_>, slots: &[u64]) -> Result<Self, Error> {
                Self::from_slot(store.0, slots[0] as u32)?.ok_or_else(null_for_non_null)
            }
        }

        impl sealed::Sealed for Option<$handle> {}
        impl WasmTy for Option<$handle> {
            const NUMBERS: usize = 0;
            const REFERENCES: usize = 1;

            fn val_type() -> ValType {
                ValType::Ref(RefType::new(true, HeapType::$heap_type))
            }

            #[inline]
            fn store(self, store: &mut Inner<'_>, slots: &mut [u64]) -> Result<(), Error> {
                slots[0] = match self {
                    Some(handle) => u64::from(handle.to_slot(store.0)?),
                    None => 0,
                };
                Ok(())
            }

            #[inline]
            fn load(store: &mut Inner<'_>, slots: &[u64]) -> Result<Self, Error> {
                <$handle>::from_slot(store.0, slots[0] as u32)
            }
        }
    )*};
}

reference! {
    Func = Func;
    ExternRef = Extern;
    AnyRef = Any;
    EqRef = Eq;
    I31 = I31;
    StructRef = Struct;
    ArrayRef = Array;
    ExnRef = Exn;
}

#[cold]
fn null_for_non_null() -> Error {
    Error::misuse("a reference that cannot be null was null")
}

/// A list of [`WasmTy`]: the parameters or the results of a function. One value stands for the list of itself.
pub trait WasmTyList: sealed::Sealed + Send + Sized + 'static {
    /// Slots of all numbers.
    #[doc(hidden)]
    const NUMBERS: usize;
    /// Slots of all numbers and references.
    #[doc(hidden)]
    const SLOTS: usize;

    /// The WebAssembly types, in order.
    fn val_types() -> Vec<ValType> {
        Self::with_val_types(<[ValType]>::to_vec)
    }

    /// Shows `f` the WebAssembly types, in order, without allocating.
    #[doc(hidden)]
    fn with_val_types<R>(f: impl FnOnce(&[ValType]) -> R) -> R;

    /// Writes the values over the first `SLOTS` slots.
    #[doc(hidden)]
    fn store(self, store: &mut Inner<'_>, slots: &mut [u64]) -> Result<(), Error>;

    /// Reads the values from the first `SLOTS` slots.
    #[doc(hidden)]
    fn load(store: &mut Inner<'_>, slots: &[u64]) -> Result<Self, Error>;
}

/// The parameters of a [`TypedFunc`](crate::TypedFunc).
pub trait WasmParams: WasmTyList {}
impl<L: WasmTyList> WasmParams for L {}

/// The results of a [`TypedFunc`](crate::TypedFunc).
pub trait WasmResults: WasmTyList {}
impl<L: WasmTyList> WasmResults for L {}

impl<A: WasmTy> WasmTyList for A {
    const NUMBERS: usize = A::NUMBERS;
    const SLOTS: usize = A::NUMBERS + A::REFERENCES;

    fn with_val_types<R>(f: impl FnOnce(&[ValType]) -> R) -> R {
        f(&[A::val_type()])
    }

    #[inline(always)]
    fn store(self, store: &mut Inner<'_>, slots: &mut [u64]) -> Result<(), Error> {
        WasmTy::store(self, store, &mut slots[..<Self as WasmTyList>::SLOTS])
    }

    #[inline(always)]
    fn load(store: &mut Inner<'_>, slots: &[u64]) -> Result<Self, Error> {
        WasmTy::load(store, &slots[..<Self as WasmTyList>::SLOTS])
    }
}

/// `A0 A1` gives the list `(A0, A1)`: each value takes its slots from the two cursors, which are constants once inlined.
macro_rules! list {
    ($($name:ident)*) => {
        impl<$($name: WasmTy),*> sealed::Sealed for ($($name,)*) {}

        #[allow(non_snake_case, unused_variables, unused_mut, unused_assignments, reason = "the empty list uses nothing")]
        impl<$($name: WasmTy),*> WasmTyList for ($($name,)*) {
            const NUMBERS: usize = 0 $(+ $name::NUMBERS)*;
            const SLOTS: usize = 0 $(+ $name::NUMBERS + $name::REFERENCES)*;

            fn with_val_types<R>(f: impl FnOnce(&[ValType]) -> R) -> R {
                f(&[$($name::val_type()),*])
            }

            #[inline(always)]
            fn store(self, store: &mut Inner<'_>, slots: &mut [u64]) -> Result<(), Error> {
                let ($($name,)*) = self;
                let (mut number, mut reference) = (0, Self::NUMBERS);
                $(
                    let start = if $name::NUMBERS > 0 { number } else { reference };
                    $name.store(store, &mut slots[start..start + $name::NUMBERS + $name::REFERENCES])?;
                    number += $name::NUMBERS;
                    reference += $name::REFERENCES;
                )*
                Ok(())
            }

            #[inline(always)]
            fn load(store: &mut Inner<'_>, slots: &[u64]) -> Result<Self, Error> {
                let (mut number, mut reference) = (0, Self::NUMBERS);
                $(
                    let start = if $name::NUMBERS > 0 { number } else { reference };
                    let $name = $name::load(store, &slots[start..start + $name::NUMBERS + $name::REFERENCES])?;
                    number += $name::NUMBERS;
                    reference += $name::REFERENCES;
                )*
                Ok(($($name,)*))
            }
        }
    };
}

/// Calls `$callback!` with every list of names from none to sixteen.
macro_rules! for_each_arity {
    ($callback:ident) => {
        $callback!();
        $callback!(A1);
        $callback!(A1 A2);
        $callback!(A1 A2 A3);
        $callback!(A1 A2 A3 A4);
        $callback!(A1 A2 A3 A4 A5);
        $callback!(A1 A2 A3 A4 A5 A6);
        $callback!(A1 A2 A3 A4 A5 A6 A7);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15);
        $callback!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16);
    };
}
pub(crate) use for_each_arity;

for_each_arity!(list);
