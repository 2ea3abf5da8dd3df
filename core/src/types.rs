//! The types of WebAssembly as plain data: what parsing makes, what linking compares, what the embedder sees.
//!
//! Follows the chapter "Types" of the specification. Nothing here refers to a parser or an engine: a defined type is
//! named by a [`TypeId`], which [`registry`] hands out so that two types are equal exactly if their ids are. [`matching`]
//! holds subtyping and import matching, [`layout`] where the fields of an object lie, `convert` the way in from
//! wasmparser. Assumes validated types; promises that an id nobody holds any more is answered with an error or "does not
//! match", never with a panic.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

pub(crate) mod convert;
pub(crate) mod layout;
pub(crate) mod matching;
pub(crate) mod registry;

#[cfg(test)]
mod tests;

pub(crate) use layout::Layout;
pub(crate) use matching::Types;
pub(crate) use registry::{DefinedType, RegisteredTypes, TypeRegistry, TypeTable};

/// The name of a defined type: equal ids are equal types, among all modules of one engine.
///
/// An id is valid as long as something that contains the type lives: a module, a function, a store that has used it.
/// It is meaningless in another engine.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct TypeId(u32);

impl TypeId {
    /// Set in ids that count from the start of the recursion group they stand in; such ids never leave registration.
    const RELATIVE: u32 = 1 << 31;

    /// The id with the given number.
    pub(crate) const fn new(index: u32) -> Self {
        Self(index)
    }

    /// The `position`th type of the recursion group in which this id is written.
    pub(crate) const fn relative(position: u32) -> Self {
        Self(position | Self::RELATIVE)
    }

    /// The position inside the recursion group being registered, if this is a relative id.
    pub(crate) const fn as_relative(self) -> Option<u32> {
        if self.0 & Self::RELATIVE != 0 { Some(self.0 & !Self::RELATIVE) } else { None }
    }

    /// The number of the type in its engine.
    pub const fn index(self) -> u32 {
        self.0
    }
}

impl fmt::Debug for TypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_relative() {
            Some(position) => write!(f, "TypeId(rec.{position})"),
            None => write!(f, "TypeId({})", self.0),
        }
    }
}

impl fmt::Display for TypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_relative() {
            Some(position) => write!(f, "rec.{position}"),
            None => write!(f, "{}", self.0),
        }
    }
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValType {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit floating point.
    F32,
    /// 64-bit floating point.
    F64,
    /// 128-bit vector.
    V128,
    /// Reference.
    Ref(RefType),
}

impl ValType {
    /// `funcref`, that is `(ref null func)`.
    pub const FUNCREF: Self = Self::Ref(RefType::FUNCREF);
    /// `externref`, that is `(ref null extern)`.
    pub const EXTERNREF: Self = Self::Ref(RefType::EXTERNREF);
    /// `anyref`, that is `(ref null any)`.
    pub const ANYREF: Self = Self::Ref(RefType::ANYREF);
    /// `eqref`, that is `(ref null eq)`.
    pub const EQREF: Self = Self::Ref(RefType::EQREF);
    /// `i31ref`, that is `(ref null i31)`.
    pub const I31REF: Self = Self::Ref(RefType::I31REF);
    /// `structref`, that is `(ref null struct)`.
    pub const STRUCTREF: Self = Self::Ref(RefType::STRUCTREF);
    /// `arrayref`, that is `(ref null array)`.
    pub const ARRAYREF: Self = Self::Ref(RefType::ARRAYREF);
    /// `exnref`, that is `(ref null exn)`.
    pub const EXNREF: Self = Self::Ref(RefType::EXNREF);
    /// `nullref`, that is `(ref null none)`.
    pub const NULLREF: Self = Self::Ref(RefType::NULLREF);
    /// `nullfuncref`, that is `(ref null nofunc)`.
    pub const NULLFUNCREF: Self = Self::Ref(RefType::NULLFUNCREF);
    /// `nullexternref`, that is `(ref null noextern)`.
    pub const NULLEXTERNREF: Self = Self::Ref(RefType::NULLEXTERNREF);
    /// `nullexnref`, that is `(ref null noexn)`.
    pub const NULLEXNREF: Self = Self::Ref(RefType::NULLEXNREF);

    /// Whether this is one of the four number types.
    pub const fn is_num(&self) -> bool {
        matches!(self, Self::I32 | Self::I64 | Self::F32 | Self::F64)
    }

    /// Whether this is a reference type.
    pub const fn is_ref(&self) -> bool {
        matches!(self, Self::Ref(_))
    }

    /// The reference type, if it is one.
    pub const fn as_ref(&self) -> Option<&RefType> {
        match self {
            Self::Ref(ty) => Some(ty),
            _ => None,
        }
    }

    /// Whether a local of this type starts with a value: everything but non-nullable references.
    pub const fn is_defaultable(&self) -> bool {
        match self {
            Self::Ref(ty) => ty.nullable,
            _ => true,
        }
    }

    /// How many 64-bit slots a value takes in a frame or an argument list: two for a vector, else one.
    pub const fn slots(&self) -> u32 {
        match self {
            Self::V128 => 2,
            _ => 1,
        }
    }
}

impl From<RefType> for ValType {
    fn from(ty: RefType) -> Self {
        Self::Ref(ty)
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::I32 => f.write_str("i32"),
            Self::I64 => f.write_str("i64"),
            Self::F32 => f.write_str("f32"),
            Self::F64 => f.write_str("f64"),
            Self::V128 => f.write_str("v128"),
            Self::Ref(ty) => ty.fmt(f),
        }
    }
}

/// The type of a reference: what it may point to, and whether it may be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RefType {
    nullable: bool,
    heap_type: HeapType,
}

impl RefType {
    /// `funcref`.
    pub const FUNCREF: Self = Self::new(true, HeapType::Func);
    /// `externref`.
    pub const EXTERNREF: Self = Self::new(true, HeapType::Extern);
    /// `anyref`.
    pub const ANYREF: Self = Self::new(true, HeapType::Any);
    /// `eqref`.
    pub const EQREF: Self = Self::new(true, HeapType::Eq);
    /// `i31ref`.
    pub const I31REF: Self = Self::new(true, HeapType::I31);
    /// `structref`.
    pub const STRUCTREF: Self = Self::new(true, HeapType::Struct);
    /// `arrayref`.
    pub const ARRAYREF: Self = Self::new(true, HeapType::Array);
    /// `exnref`.
    pub const EXNREF: Self = Self::new(true, HeapType::Exn);
    /// `nullref`.
    pub const NULLREF: Self = Self::new(true, HeapType::None);
    /// `nullfuncref`.
    pub const NULLFUNCREF: Self = Self::new(true, HeapType::NoFunc);
    /// `nullexternref`.
    pub const NULLEXTERNREF: Self = Self::new(true, HeapType::NoExtern);
    /// `nullexnref`.
    pub const NULLEXNREF: Self = Self::new(true, HeapType::NoExn);

    /// The type `(ref null? heap_type)`.
    pub const fn new(nullable: bool, heap_type: HeapType) -> Self {
        Self { nullable, heap_type }
    }

    /// Whether null is a value of this type.
    pub const fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// What a reference that is not null points to.
    pub const fn heap_type(&self) -> HeapType {
        self.heap_type
    }

    /// The same type without or with null.
    pub const fn with_nullable(self, nullable: bool) -> Self {
        Self { nullable, ..self }
    }
}

impl fmt::Display for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = match (self.nullable, self.heap_type) {
            (true, HeapType::Func) => "funcref",
            (true, HeapType::NoFunc) => "nullfuncref",
            (true, HeapType::Extern) => "externref",
            (true, HeapType::NoExtern) => "nullexternref",
            (true, HeapType::Any) => "anyref",
            (true, HeapType::None) => "nullref",
            (true, HeapType::Eq) => "eqref",
            (true, HeapType::I31) => "i31ref",
            (true, HeapType::Struct) => "structref",
            (true, HeapType::Array) => "arrayref",
            (true, HeapType::Exn) => "exnref",
            (true, HeapType::NoExn) => "nullexnref",
            (true, heap_type) => return write!(f, "(ref null {heap_type})"),
            (false, heap_type) => return write!(f, "(ref {heap_type})"),
        };
        f.write_str(short)
    }
}

/// What a reference points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeapType {
    /// Any function.
    Func,
    /// No function: the bottom of the function hierarchy.
    NoFunc,
    /// Any value of the host, or any internal value seen from outside.
    Extern,
    /// No external value: the bottom of that hierarchy.
    NoExtern,
    /// Any internal value.
    Any,
    /// No internal value: the bottom of that hierarchy.
    None,
    /// Internal values that `ref.eq` compares: `i31`, structs and arrays.
    Eq,
    /// Unboxed 31-bit integers.
    I31,
    /// Any struct.
    Struct,
    /// Any array.
    Array,
    /// Any exception.
    Exn,
    /// No exception: the bottom of that hierarchy.
    NoExn,
    /// Values of a defined type or of its subtypes.
    Concrete(TypeId),
    /// Values of exactly a defined type (custom descriptors).
    Exact(TypeId),
}

impl HeapType {
    /// The defined type this names, if it names one.
    pub const fn type_id(&self) -> Option<TypeId> {
        match self {
            Self::Concrete(id) | Self::Exact(id) => Some(*id),
            _ => None,
        }
    }
}

impl fmt::Display for HeapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Func => "func",
            Self::NoFunc => "nofunc",
            Self::Extern => "extern",
            Self::NoExtern => "noextern",
            Self::Any => "any",
            Self::None => "none",
            Self::Eq => "eq",
            Self::I31 => "i31",
            Self::Struct => "struct",
            Self::Array => "array",
            Self::Exn => "exn",
            Self::NoExn => "noexn",
            Self::Concrete(id) => return id.fmt(f),
            Self::Exact(id) => return write!(f, "(exact {id})"),
        };
        f.write_str(name)
    }
}

/// The parameters and results of a function.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FuncType {
    /// Parameters, then results: one allocation.
    types: Box<[ValType]>,
    param_count: u32,
}

impl FuncType {
    /// The type of functions from `params` to `results`.
    pub fn new(params: impl IntoIterator<Item = ValType>, results: impl IntoIterator<Item = ValType>) -> Self {
        let mut types: Vec<ValType> = params.into_iter().collect();
        let param_count = types.len() as u32;
        types.extend(results);
        Self { types: types.into_boxed_slice(), param_count }
    }

    /// Parameter types, in order.
    pub fn params(&self) -> &[ValType] {
        &self.types[..self.param_count as usize]
    }

    /// Result types, in order.
    pub fn results(&self) -> &[ValType] {
        &self.types[self.param_count as usize..]
    }

    /// How many 64-bit slots the parameters take.
    pub fn param_slots(&self) -> u32 {
        self.params().iter().map(ValType::slots).sum()
    }

    /// How many 64-bit slots the results take.
    pub fn result_slots(&self) -> u32 {
        self.results().iter().map(ValType::slots).sum()
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(func")?;
        for (keyword, types) in [("param", self.params()), ("result", self.results())] {
            if !types.is_empty() {
                write!(f, " ({keyword}")?;
                types.iter().try_for_each(|ty| write!(f, " {ty}"))?;
                f.write_str(")")?;
            }
        }
        f.write_str(")")
    }
}

/// Whether something can be assigned after it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mutability {
    /// It keeps its first value.
    Const,
    /// It can be assigned.
    Var,
}

impl Mutability {
    /// Whether this is [`Mutability::Var`].
    pub const fn is_var(self) -> bool {
        matches!(self, Self::Var)
    }
}

/// What a field or an array element holds: a value, or an integer packed into fewer bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StorageType {
    /// The low 8 bits of an `i32`.
    I8,
    /// The low 16 bits of an `i32`.
    I16,
    /// A whole value.
    Val(ValType),
}

impl StorageType {
    /// The type of the value that is read and written: `i32` for packed integers.
    pub const fn unpack(&self) -> ValType {
        match self {
            Self::I8 | Self::I16 => ValType::I32,
            Self::Val(ty) => *ty,
        }
    }

    /// Whether this is a packed integer.
    pub const fn is_packed(&self) -> bool {
        matches!(self, Self::I8 | Self::I16)
    }

    /// The number of bytes as a power of two; references are 32-bit handles.
    pub const fn size_log2(&self) -> u32 {
        match self {
            Self::I8 => 0,
            Self::I16 => 1,
            Self::Val(ValType::I32 | ValType::F32 | ValType::Ref(_)) => 2,
            Self::Val(ValType::I64 | ValType::F64) => 3,
            Self::Val(ValType::V128) => 4,
        }
    }
}

impl fmt::Display for StorageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::I8 => f.write_str("i8"),
            Self::I16 => f.write_str("i16"),
            Self::Val(ty) => ty.fmt(f),
        }
    }
}

/// The type of a struct field or of an array's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FieldType {
    mutability: Mutability,
    element_type: StorageType,
}

impl FieldType {
    /// A field holding `element_type`.
    pub const fn new(mutability: Mutability, element_type: StorageType) -> Self {
        Self { mutability, element_type }
    }

    /// Whether the field can be assigned.
    pub const fn mutability(&self) -> Mutability {
        self.mutability
    }

    /// What the field holds.
    pub const fn element_type(&self) -> StorageType {
        self.element_type
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mutability {
            Mutability::Var => write!(f, "(mut {})", self.element_type),
            Mutability::Const => self.element_type.fmt(f),
        }
    }
}

/// The fields of a struct.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StructType {
    fields: Box<[FieldType]>,
}

impl StructType {
    /// A struct with these fields.
    pub fn new(fields: impl IntoIterator<Item = FieldType>) -> Self {
        Self { fields: fields.into_iter().collect() }
    }

    /// The fields, in order.
    pub fn fields(&self) -> &[FieldType] {
        &self.fields
    }
}

impl fmt::Display for StructType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(struct")?;
        self.fields.iter().try_for_each(|field| write!(f, " (field {field})"))?;
        f.write_str(")")
    }
}

/// The elements of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ArrayType {
    field: FieldType,
}

impl ArrayType {
    /// An array of `field`.
    pub const fn new(field: FieldType) -> Self {
        Self { field }
    }

    /// The type of each element.
    pub const fn field_type(&self) -> FieldType {
        self.field
    }
}

impl fmt::Display for ArrayType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(array {})", self.field)
    }
}

/// A type that a module defines, before its place in the hierarchy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CompositeType {
    /// A function type.
    Func(FuncType),
    /// A struct type.
    Struct(StructType),
    /// An array type.
    Array(ArrayType),
}

impl fmt::Display for CompositeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Func(ty) => ty.fmt(f),
            Self::Struct(ty) => ty.fmt(f),
            Self::Array(ty) => ty.fmt(f),
        }
    }
}

/// A composite type with its place in the hierarchy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SubType {
    /// Whether it can have no subtypes.
    pub(crate) is_final: bool,
    /// The declared supertype.
    pub(crate) supertype: Option<TypeId>,
    /// The type of the descriptors of its values (custom descriptors).
    pub(crate) descriptor: Option<TypeId>,
    /// The type whose values it describes (custom descriptors).
    pub(crate) describes: Option<TypeId>,
    /// What its values are.
    pub(crate) composite: CompositeType,
}

impl SubType {
    /// The final type without supertype that a plain definition means.
    pub fn new(composite: CompositeType) -> Self {
        Self { is_final: true, supertype: None, descriptor: None, describes: None, composite }
    }

    /// Whether it can have no subtypes.
    pub fn is_final(&self) -> bool {
        self.is_final
    }

    /// The declared supertype.
    pub fn supertype(&self) -> Option<TypeId> {
        self.supertype
    }

    /// The type of the descriptors of its values (custom descriptors).
    pub fn descriptor(&self) -> Option<TypeId> {
        self.descriptor
    }

    /// The type whose values it describes (custom descriptors).
    pub fn describes(&self) -> Option<TypeId> {
        self.describes
    }

    /// What its values are.
    pub fn composite(&self) -> &CompositeType {
        &self.composite
    }

    /// The function type, if it is one.
    pub fn as_func(&self) -> Option<&FuncType> {
        match &self.composite {
            CompositeType::Func(ty) => Some(ty),
            _ => None,
        }
    }

    /// The struct type, if it is one.
    pub fn as_struct(&self) -> Option<&StructType> {
        match &self.composite {
            CompositeType::Struct(ty) => Some(ty),
            _ => None,
        }
    }

    /// The array type, if it is one.
    pub fn as_array(&self) -> Option<&ArrayType> {
        match &self.composite {
            CompositeType::Array(ty) => Some(ty),
            _ => None,
        }
    }
}

impl fmt::Display for SubType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.is_final && self.supertype.is_none();
        if !plain {
            f.write_str(if self.is_final { "(sub final " } else { "(sub " })?;
            if let Some(id) = self.supertype {
                write!(f, "{id} ")?;
            }
        }
        if let Some(id) = self.describes {
            write!(f, "(describes {id}) ")?;
        }
        if let Some(id) = self.descriptor {
            write!(f, "(descriptor {id}) ")?;
        }
        self.composite.fmt(f)?;
        if plain { Ok(()) } else { f.write_str(")") }
    }
}

/// How small and how large a memory (in pages) or a table (in elements) can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Size at the start, and the least size an import accepts.
    pub min: u64,
    /// Size beyond which it does not grow.
    pub max: Option<u64>,
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.max {
            Some(max) => write!(f, "{} {max}", self.min),
            None => self.min.fmt(f),
        }
    }
}

/// The type of a linear memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MemoryType {
    pub(crate) limits: Limits,
    pub(crate) is_64: bool,
    pub(crate) shared: bool,
    pub(crate) page_size_log2: u8,
}

impl MemoryType {
    /// The page size unless a memory says otherwise: 64 KiB.
    pub const DEFAULT_PAGE_SIZE_LOG2: u8 = 16;

    /// A memory with 32-bit addresses, from `min` to `max` pages of 64 KiB.
    pub const fn new(min: u32, max: Option<u32>) -> Self {
        let max = match max {
            Some(max) => Some(max as u64),
            None => None,
        };
        let limits = Limits { min: min as u64, max };
        Self { limits, is_64: false, shared: false, page_size_log2: Self::DEFAULT_PAGE_SIZE_LOG2 }
    }

    /// A memory with 64-bit addresses.
    pub const fn new64(min: u64, max: Option<u64>) -> Self {
        let limits = Limits { min, max };
        Self { limits, is_64: true, shared: false, page_size_log2: Self::DEFAULT_PAGE_SIZE_LOG2 }
    }

    /// The same memory, shared between threads; it needs a maximum.
    pub const fn with_shared(self, shared: bool) -> Self {
        Self { shared, ..self }
    }

    /// The same memory with pages of 2^`page_size_log2` bytes (custom page sizes: 0 or 16).
    pub const fn with_page_size_log2(self, page_size_log2: u8) -> Self {
        Self { page_size_log2, ..self }
    }

    /// The limits, in pages.
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// Pages at the start.
    pub const fn minimum(&self) -> u64 {
        self.limits.min
    }

    /// Pages beyond which it does not grow.
    pub const fn maximum(&self) -> Option<u64> {
        self.limits.max
    }

    /// Whether addresses have 64 bits.
    pub const fn is_64(&self) -> bool {
        self.is_64
    }

    /// Whether it is shared between threads.
    pub const fn is_shared(&self) -> bool {
        self.shared
    }

    /// The page size as a power of two.
    pub const fn page_size_log2(&self) -> u8 {
        self.page_size_log2
    }

    /// The page size in bytes.
    pub const fn page_size(&self) -> u64 {
        1 << self.page_size_log2
    }
}

impl fmt::Display for MemoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(memory {}{}", if self.is_64 { "i64 " } else { "" }, self.limits)?;
        if self.shared {
            f.write_str(" shared")?;
        }
        if self.page_size_log2 != Self::DEFAULT_PAGE_SIZE_LOG2 {
            write!(f, " (pagesize {})", self.page_size())?;
        }
        f.write_str(")")
    }
}

/// The type of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TableType {
    pub(crate) element: RefType,
    pub(crate) limits: Limits,
    pub(crate) is_64: bool,
}

impl TableType {
    /// A table with 32-bit indices, from `min` to `max` elements.
    pub const fn new(element: RefType, min: u32, max: Option<u32>) -> Self {
        let max = match max {
            Some(max) => Some(max as u64),
            None => None,
        };
        Self { element, limits: Limits { min: min as u64, max }, is_64: false }
    }

    /// A table with 64-bit indices.
    pub const fn new64(element: RefType, min: u64, max: Option<u64>) -> Self {
        Self { element, limits: Limits { min, max }, is_64: true }
    }

    /// What it holds.
    pub const fn element(&self) -> RefType {
        self.element
    }

    /// The limits, in elements.
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// Elements at the start.
    pub const fn minimum(&self) -> u64 {
        self.limits.min
    }

    /// Elements beyond which it does not grow.
    pub const fn maximum(&self) -> Option<u64> {
        self.limits.max
    }

    /// Whether indices have 64 bits.
    pub const fn is_64(&self) -> bool {
        self.is_64
    }
}

impl fmt::Display for TableType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(table {}{} {})", if self.is_64 { "i64 " } else { "" }, self.limits, self.element)
    }
}

/// The type of a global variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GlobalType {
    content: ValType,
    mutability: Mutability,
}

impl GlobalType {
    /// A global holding `content`.
    pub const fn new(content: ValType, mutability: Mutability) -> Self {
        Self { content, mutability }
    }

    /// What it holds.
    pub const fn content(&self) -> ValType {
        self.content
    }

    /// Whether it can be assigned.
    pub const fn mutability(&self) -> Mutability {
        self.mutability
    }
}

impl fmt::Display for GlobalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mutability {
            Mutability::Var => write!(f, "(global (mut {}))", self.content),
            Mutability::Const => write!(f, "(global {})", self.content),
        }
    }
}

/// The type of an exception tag: the values an exception carries are the parameters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TagType {
    ty: FuncType,
}

impl TagType {
    /// A tag whose exceptions carry the parameters of `ty`.
    pub const fn new(ty: FuncType) -> Self {
        Self { ty }
    }

    /// The signature.
    pub const fn ty(&self) -> &FuncType {
        &self.ty
    }
}

impl fmt::Display for TagType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(tag")?;
        if !self.ty.params().is_empty() {
            f.write_str(" (param")?;
            self.ty.params().iter().try_for_each(|ty| write!(f, " {ty}"))?;
            f.write_str(")")?;
        }
        f.write_str(")")
    }
}

/// The type of an import or an export, spelled out for the embedder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExternType {
    /// A function.
    Func(FuncType),
    /// A table.
    Table(TableType),
    /// A linear memory.
    Memory(MemoryType),
    /// A global variable.
    Global(GlobalType),
    /// An exception tag.
    Tag(TagType),
}

impl fmt::Display for ExternType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Func(ty) => ty.fmt(f),
            Self::Table(ty) => ty.fmt(f),
            Self::Memory(ty) => ty.fmt(f),
            Self::Global(ty) => ty.fmt(f),
            Self::Tag(ty) => ty.fmt(f),
        }
    }
}

/// The type of an import or an export, with functions and tags named by their defined type: what linking compares.
///
/// Two function types with equal parameters can be different types (they may stand in different recursion groups), so
/// an [`ExternType`] is not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntityType {
    /// A function of the defined type; `exact` imports refuse functions of its subtypes.
    Func {
        /// The function type.
        ty: TypeId,
        /// Whether subtypes are refused (custom descriptors).
        exact: bool,
    },
    /// A table.
    Table(TableType),
    /// A linear memory.
    Memory(MemoryType),
    /// A global variable.
    Global(GlobalType),
    /// A tag with the defined function type.
    Tag(TypeId),
}

impl EntityType {
    /// The same type spelled out; `None` if `types` does not know a type it names.
    pub(crate) fn to_extern(self, types: &impl Types) -> Option<ExternType> {
        let func = |id| Some(types.defined(id)?.sub_type().as_func()?.clone());
        Some(match self {
            Self::Func { ty, .. } => ExternType::Func(func(ty)?),
            Self::Table(ty) => ExternType::Table(ty),
            Self::Memory(ty) => ExternType::Memory(ty),
            Self::Global(ty) => ExternType::Global(ty),
            Self::Tag(ty) => ExternType::Tag(TagType::new(func(ty)?)),
        })
    }
}

/// Why types could not be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TypeError {
    /// The engine holds as many types as it can name.
    TooManyTypes,
    /// A type names another type that the engine does not hold.
    UnknownType,
    /// A type of a proposal that this engine does not have.
    Unsupported,
    /// The host has no memory left.
    OutOfMemory,
}

impl fmt::Display for TypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooManyTypes => "too many types in one engine",
            Self::UnknownType => "unknown type",
            Self::Unsupported => "unsupported type",
            Self::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for TypeError {}

impl From<alloc::collections::TryReserveError> for TypeError {
    fn from(_: alloc::collections::TryReserveError) -> Self {
        Self::OutOfMemory
    }
}
