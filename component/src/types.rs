//! Component types as plain data, interned once per component.
//!
//! Types arrive here with their resources already substituted: an `own` or `borrow` names a [`ResourceIdx`] of the plan, so two
//! instantiations of one component that define a resource have two resources and, where a signature mentions it, two types. Each type
//! carries its canonical-ABI [`Layout`], computed when it is interned ("Alignment", "Element Size" and "Flattening" of the Canonical
//! ABI document), so that nothing at run time walks a type to find a size.

pub mod display;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::Hash;

use hashbrown::HashMap;

use crate::abi::flat::FlatTypes;
use crate::abi::layout;

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);

        impl $name {
            /// As an index of a slice.
            #[allow(dead_code, reason = "every kind of index has it")]
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

impl DefinedType {
    /// Gives `each` the types that this is made of.
    fn for_each_part(&self, mut each: impl FnMut(ValType)) {
        match self {
            Self::List(ty) | Self::FixedList(ty, _) | Self::Option(ty) => each(*ty),
            Self::Map(key, value) => [*key, *value].into_iter().for_each(each),
            Self::Record(fields) => fields.iter().for_each(|field| each(field.ty)),
            Self::Tuple(types) => types.iter().copied().for_each(each),
            Self::Variant(cases) => cases.iter().filter_map(|case| case.ty).for_each(each),
            Self::Result(ok, error) => ok.iter().chain(error).copied().for_each(each),
            Self::Stream(ty) | Self::Future(ty) => ty.iter().copied().for_each(each),
            Self::Enum(_) | Self::Flags(_) | Self::Own(_) | Self::Borrow(_) => {}
        }
    }
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
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Bytes an element takes; a multiple of `align`.
    pub size: u32,
    /// Bytes an element's address is a multiple of: 1, 2, 4 or 8.
    pub align: u32,
    /// The core values it is passed as; `None` if they are more than [`MAX_FLAT_PARAMS`].
    pub flat: Option<FlatTypes>,
    /// Every bit pattern is a value and means the same everywhere: runs of it are copied as bytes. (Numbers, flags that use all of their
    /// bits, and records, tuples and fixed-length lists of them without padding; not `bool`, `char`, or anything with a discriminant.)
    pub is_plain: bool,
    /// It holds a string or a list somewhere, so lowering it into a memory may need `realloc`.
    pub has_pointers: bool,
    /// It holds a handle of any kind somewhere.
    pub has_handles: bool,
}

/// A defined type or function type may be at most this deep ([`Types::intern`] refuses deeper ones).
pub const MAX_TYPE_DEPTH: u32 = 100;

/// Why a type was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TypeError {
    /// Deeper than [`MAX_TYPE_DEPTH`].
    TooDeep,
    /// A value would take more than [`MAX_VALUE_SIZE`](crate::abi::layout::MAX_VALUE_SIZE) bytes.
    ValueTooLarge,
    /// More types than the limit allows.
    TooMany,
}

/// The types of a component, each there once.
#[derive(Debug)]
pub struct Types {
    defined: Vec<Defined>,
    funcs: Vec<FuncType>,
    defined_indices: HashMap<DefinedType, DefinedIdx>,
    func_indices: HashMap<FuncType, FuncTypeIdx>,
    limit: u32,
}

/// A defined type, and what is known of it.
#[derive(Debug)]
struct Defined {
    ty: DefinedType,
    layout: Layout,
    depth: u32,
}

impl Types {
    /// No types, and room for `limit` defined types and function types together.
    pub fn new(limit: u32) -> Self {
        let (defined, funcs) = (Vec::new(), Vec::new());
        Self { defined, funcs, defined_indices: HashMap::new(), func_indices: HashMap::new(), limit }
    }

    /// The index of a type, which is added if it is not there. What it is made of is there already.
    ///
    /// # Errors
    /// Too deep, too large, or too many.
    pub fn intern(&mut self, ty: DefinedType) -> Result<DefinedIdx, TypeError> {
        if let Some(index) = self.defined_indices.get(&ty) {
            return Ok(*index);
        }
        let mut depth = 0;
        ty.for_each_part(|part| depth = depth.max(self.depth(part)));
        let depth = one_deeper(depth)?;
        let layout = layout::defined(self, &ty)?;
        self.make_room()?;
        let index = DefinedIdx(self.defined.len() as u32);
        self.defined_indices.insert(ty.clone(), index);
        self.defined.push(Defined { ty, layout, depth });
        Ok(index)
    }

    /// The index of a function type, which is added if it is not there. What it is made of is there already.
    ///
    /// # Errors
    /// Too deep, or too many.
    pub fn intern_func(&mut self, ty: FuncType) -> Result<FuncTypeIdx, TypeError> {
        if let Some(index) = self.func_indices.get(&ty) {
            return Ok(*index);
        }
        let parts = ty.params.iter().map(|param| param.ty).chain(ty.result);
        one_deeper(parts.map(|part| self.depth(part)).max().unwrap_or(0))?;
        self.make_room()?;
        let index = FuncTypeIdx(self.funcs.len() as u32);
        self.func_indices.insert(ty.clone(), index);
        self.funcs.push(ty);
        Ok(index)
    }

    /// A defined type.
    pub fn get(&self, index: DefinedIdx) -> &DefinedType {
        &self.defined[index.index()].ty
    }

    /// A type, if it is a defined one.
    pub fn defined(&self, ty: ValType) -> Option<&DefinedType> {
        match ty {
            ValType::Defined(index) => Some(self.get(index)),
            _ => None,
        }
    }

    /// A function type.
    pub fn func(&self, index: FuncTypeIdx) -> &FuncType {
        &self.funcs[index.index()]
    }

    /// How a type is laid out.
    pub fn layout(&self, ty: ValType) -> &Layout {
        match layout::primitive(ty) {
            Ok(layout) => layout,
            Err(index) => &self.defined[index.index()].layout,
        }
    }

    /// All defined types and their layouts, in the order of their indices.
    pub fn all(&self) -> impl Iterator<Item = (&DefinedType, &Layout)> {
        self.defined.iter().map(|Defined { ty, layout, .. }| (ty, layout))
    }

    fn depth(&self, ty: ValType) -> u32 {
        match ty {
            ValType::Defined(index) => self.defined[index.index()].depth,
            _ => 0,
        }
    }

    fn make_room(&self) -> Result<(), TypeError> {
        match self.defined.len() as u64 + (self.funcs.len() as u64) < u64::from(self.limit) {
            true => Ok(()),
            false => Err(TypeError::TooMany),
        }
    }
}

fn one_deeper(depth: u32) -> Result<u32, TypeError> {
    match depth < MAX_TYPE_DEPTH {
        true => Ok(depth + 1),
        false => Err(TypeError::TooDeep),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_types_have_one_index() {
        let mut types = Types::new(3);
        let list = types.intern(DefinedType::List(ValType::U8));
        assert_eq!(types.intern(DefinedType::List(ValType::U8)), list);
        assert_ne!(types.intern(DefinedType::Own(ResourceIdx(0))), types.intern(DefinedType::Own(ResourceIdx(1))));
        assert_eq!(types.intern(DefinedType::List(ValType::U16)), Err(TypeError::TooMany));
        assert_eq!(types.intern(DefinedType::List(ValType::U8)), list, "one more index is not needed");
    }

    #[test]
    fn a_type_may_be_so_deep_and_no_deeper() {
        let mut types = Types::new(u32::MAX);
        let mut ty = ValType::U8;
        for _ in 0..MAX_TYPE_DEPTH {
            ty = ValType::Defined(types.intern(DefinedType::Option(ty)).expect("not too deep"));
        }
        assert_eq!(types.intern(DefinedType::Option(ty)), Err(TypeError::TooDeep));
        let func = FuncType { is_async: false, params: [].into(), result: Some(ty) };
        assert_eq!(types.intern_func(func), Err(TypeError::TooDeep));
    }
}
