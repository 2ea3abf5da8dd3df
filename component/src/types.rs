//! Component types as plain data, interned once per component.
//!
//! Types arrive here with their resources already substituted: an `own` or `borrow` names a [`ResourceIdx`] of the plan, so two
//! instantiations of one component that define a resource have two resources and, where a signature mentions it, two types. Each type
//! carries its canonical-ABI [`Layout`], computed when it is interned ("Alignment", "Element Size" and "Flattening" of the Canonical
//! ABI document), so that nothing at run time walks a type to find a size.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::Hash;

use hashbrown::HashMap;

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);

        impl $name {
            /// As an index of a slice.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )* };
}
pub(crate) use index;

index! {
    /// A defined value type of a component's [`Types`].
    DefinedIdx;
    /// A function type of a component's [`Types`].
    FuncTypeIdx;
    /// A resource type of a plan: one for each imported resource, and one for each instantiation that defines one.
    ResourceIdx;
}

/// A value type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ValType {
    /// `bool`.
    Bool,
    /// `s8`.
    S8,
    /// `u8`.
    U8,
    /// `s16`.
    S16,
    /// `u16`.
    U16,
    /// `s32`.
    S32,
    /// `u32`.
    U32,
    /// `s64`.
    S64,
    /// `u64`.
    U64,
    /// `f32`.
    F32,
    /// `f64`.
    F64,
    /// `char`.
    Char,
    /// `string`.
    String,
    /// `error-context`.
    ErrorContext,
    /// Any other type.
    Defined(DefinedIdx),
}

/// A type that is made of others, or names a resource.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum DefinedType {
    /// `list<T>`.
    List(ValType),
    /// `list<T, N>`: exactly so many elements, in place.
    FixedList(ValType, u32),
    /// `map<K, V>`: in memory a list of pairs.
    Map(ValType, ValType),
    /// `record`: at least one field.
    Record(Box<[Field]>),
    /// `tuple`.
    Tuple(Box<[ValType]>),
    /// `variant`: at least one case.
    Variant(Box<[Case]>),
    /// `enum`: the names of its cases.
    Enum(Box<[Name]>),
    /// `flags`: the names of its bits, at most 32.
    Flags(Box<[Name]>),
    /// `option<T>`.
    Option(ValType),
    /// `result<T, E>`.
    Result(Option<ValType>, Option<ValType>),
    /// `own<R>`.
    Own(ResourceIdx),
    /// `borrow<R>`.
    Borrow(ResourceIdx),
    /// `stream<T>`.
    Stream(Option<ValType>),
    /// `future<T>`.
    Future(Option<ValType>),
}

/// A name in a type: of a field, a case, a flag or a parameter.
pub type Name = Arc<str>;

/// A field of a record.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Field {
    /// Its label.
    pub name: Name,
    /// Its type.
    pub ty: ValType,
}

/// A case of a variant.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Case {
    /// Its label.
    pub name: Name,
    /// The type of its payload, if it has one.
    pub ty: Option<ValType>,
}

/// A function type.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FuncType {
    /// Whether the function may block its caller: `async` in its type.
    pub is_async: bool,
    /// The parameters, in order.
    pub params: Box<[Field]>,
    /// The result, if there is one.
    pub result: Option<ValType>,
}

/// The core types that values are flattened to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FlatType {
    /// `i32`.
    I32,
    /// `i64`.
    I64,
    /// `f32`.
    F32,
    /// `f64`.
    F64,
}

impl FlatType {
    /// The type in which both can be passed ("join" of the Canonical ABI).
    pub fn join(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::I32, Self::F32) | (Self::F32, Self::I32) => Self::I32,
            _ => Self::I64,
        }
    }
}

/// Values of more flat types than this are passed in memory, whatever holds them (`MAX_FLAT_PARAMS`).
pub const MAX_FLAT_PARAMS: usize = 16;
/// The same for the parameters of an `async` lowered function (`MAX_FLAT_ASYNC_PARAMS`).
pub const MAX_FLAT_ASYNC_PARAMS: usize = 4;
/// The same for results (`MAX_FLAT_RESULTS`).
pub const MAX_FLAT_RESULTS: usize = 1;

/// How the canonical ABI lays a type out, in a memory with 32-bit addresses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Bytes an element takes; a multiple of `align`.
    pub size: u32,
    /// Bytes an element's address is a multiple of: 1, 2, 4 or 8.
    pub align: u32,
    /// The core values it is passed as; `None` if they are more than [`MAX_FLAT_PARAMS`].
    pub flat: Option<Box<[FlatType]>>,
    /// Every bit pattern is a value and means the same everywhere: runs of it are copied as bytes. (Numbers, and records, tuples and
    /// fixed-length lists of them without padding; not `bool`, `char`, floats in flat form, or anything with a discriminant.)
    pub is_plain: bool,
    /// It holds a string or a list somewhere, so lowering it into a memory may need `realloc`.
    pub has_pointers: bool,
    /// It holds a handle of any kind somewhere.
    pub has_handles: bool,
}

/// A defined type or function type in the making may be at most this deep ([`Types::intern`] refuses deeper ones).
pub const MAX_TYPE_DEPTH: u32 = 100;

/// The types of a component, each there once.
#[derive(Default, Debug)]
pub struct Types {
    defined: Vec<(DefinedType, Layout)>,
    depths: Vec<u32>,
    funcs: Vec<FuncType>,
    defined_indices: HashMap<DefinedType, DefinedIdx>,
    func_indices: HashMap<FuncType, FuncTypeIdx>,
}
