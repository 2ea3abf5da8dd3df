//! The embedder's mistake of taking a component-level type for another one.

use alloc::borrow::Cow;
use alloc::format;
use core::fmt;

use whit_core::Error;

use crate::types::{DefinedType, TypeError, Types, ValType};

/// A value, or a type of Rust, does not fit the type that the component has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypeMismatch {
    message: Cow<'static, str>,
}

impl TypeMismatch {
    /// `given`, with its article, is not what the component has there.
    pub(crate) fn new(types: &Types, expected: ValType, given: &str) -> Self {
        Self::message(format!("expected a value of type `{}`, found {given}", kind(types, expected)))
    }

    /// Something else does not fit.
    pub(crate) fn message(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into() }
    }

    /// More fields were asked for than there are.
    pub(crate) fn too_few_fields() -> Self {
        Self::message("the component's type has fewer fields")
    }

    /// Names what the mismatch was found in.
    pub(crate) fn within(self, what: &str) -> Self {
        Self::message(format!("{what}: {}", self.message))
    }
}

impl fmt::Display for TypeMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "type mismatch: {}", self.message)
    }
}

impl core::error::Error for TypeMismatch {}

impl From<TypeError> for TypeMismatch {
    fn from(_: TypeError) -> Self {
        Self::message("the values of this type are too large")
    }
}

impl From<TypeMismatch> for Error {
    fn from(mismatch: TypeMismatch) -> Self {
        Self::new(mismatch)
    }
}

/// The word of a type's definition that says what kind it is.
fn kind(types: &Types, ty: ValType) -> &'static str {
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
        ValType::Defined(index) => match types.get(index) {
            DefinedType::List(_) | DefinedType::FixedList(..) => "list",
            DefinedType::Map(..) => "map",
            DefinedType::Record(_) => "record",
            DefinedType::Tuple(_) => "tuple",
            DefinedType::Variant(_) => "variant",
            DefinedType::Enum(_) => "enum",
            DefinedType::Flags(_) => "flags",
            DefinedType::Option(_) => "option",
            DefinedType::Result(..) => "result",
            DefinedType::Own(_) => "own",
            DefinedType::Borrow(_) => "borrow",
            DefinedType::Stream(_) => "stream",
            DefinedType::Future(_) => "future",
        },
    }
}
