//! [`Module`]: what a binary becomes. Immutable, shared by all its instances and threads.
//!
//! Nothing here is copied out of the binary but types and small tables: names, function bodies and segments are ranges of
//! its bytes. Made by [`crate::parse`], instantiated by [`crate::instance`](mod@crate::instance).

mod addressed;

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::ops::Range;

use crate::bytes::Bytes;
use crate::code::FunctionCode;
use crate::code::stub::TranslateStubs;
use crate::config::CompilationMode;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::once::OnceBox;
use crate::parse;
use crate::runtime::context::EntryCell;
use crate::runtime::func::ArgumentSlots;
use crate::types::{EntityType, ExternType, GlobalType, MemoryType, RefType, RegisteredTypes, TableType, TypeId};

pub(crate) use addressed::AddressedFunctions;

/// The translated code of one function, empty until it has been translated.
pub(crate) type OnceCode = OnceBox<FunctionCode>;

/// A WebAssembly module, validated as [`Config::compilation_mode`](crate::Config::compilation_mode) says. Cheap to clone,
/// usable from any thread.
#[derive(Clone)]
pub struct Module(Arc<ModuleInner>);

/// Part of the binary, in bytes from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ByteRange {
    pub start: u32,
    pub end: u32,
}

impl ByteRange {
    pub(crate) fn as_range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// How many entities of each kind there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub functions: u32,
    pub tables: u32,
    pub memories: u32,
    pub globals: u32,
    pub tags: u32,
}

/// Index of an entity in a module's index spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntityIndex {
    Func(u32),
    Table(u32),
    Memory(u32),
    Global(u32),
    Tag(u32),
}

/// What a module wants from outside.
#[derive(Debug)]
pub(crate) struct Import {
    pub module: ByteRange,
    pub name: ByteRange,
    pub ty: EntityType,
}

/// What a module offers.
#[derive(Debug)]
pub(crate) struct Export {
    pub name: ByteRange,
    pub index: EntityIndex,
}

/// A function's type: the index in its module and the engine's id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Function {
    pub type_index: u32,
    pub type_id: TypeId,
}

/// A table's type, and its initial element if the module defines it and says so.
#[derive(Debug)]
pub(crate) struct Table {
    pub ty: TableType,
    pub init: Option<ConstExpr>,
}

/// A global's type, and its value if the module defines it.
#[derive(Debug)]
pub(crate) struct Global {
    pub ty: GlobalType,
    pub init: Option<ConstExpr>,
}

/// A constant expression. The usual ones stand here; longer ones are ops of the module's pool, in stack order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ConstExpr {
    /// A single constant instruction.
    One(ConstOp),
    /// Some of [`ModuleInner::const_ops`].
    Many { start: u32, end: u32 },
}

/// A constant instruction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ConstOp {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    /// A vector: an index into [`ModuleInner::const_vectors`].
    V128(u32),
    RefNull,
    RefFunc(u32),
    GlobalGet(u32),
    I32Add,
    I32Sub,
    I32Mul,
    I64Add,
    I64Sub,
    I64Mul,
    RefI31,
    /// A struct of the type with this index, fields on the stack.
    StructNew(u32),
    StructNewDefault(u32),
    /// The same with a descriptor on top.
    StructNewDesc(u32),
    StructNewDefaultDesc(u32),
    /// An array of the type with this index.
    ArrayNew(u32),
    ArrayNewDefault(u32),
    ArrayNewFixed {
        type_index: u32,
        len: u32,
    },
    /// `any.convert_extern` or `extern.convert_any`: the same bits.
    Convert,
}

/// An element segment.
#[derive(Debug)]
pub(crate) struct ElementSegment {
    pub mode: ElementMode,
    pub ty: RefType,
    pub items: ElementItems,
}

/// What happens to an element segment at instantiation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ElementMode {
    Passive,
    Active { table: u32, offset: ConstExpr },
    Declared,
}

/// The elements of a segment.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ElementItems {
    /// Function indices, as they stand in the binary.
    Functions { bytes: ByteRange, count: u32 },
    /// Some of [`ModuleInner::element_exprs`].
    Expressions { start: u32, end: u32 },
}

impl ElementItems {
    /// How many there are.
    pub(crate) fn count(&self) -> u32 {
        match *self {
            Self::Functions { count, .. } => count,
            Self::Expressions { start, end } => end - start,
        }
    }
}

/// A data segment.
#[derive(Debug)]
pub(crate) struct DataSegment {
    pub mode: DataMode,
    pub bytes: ByteRange,
}

/// What happens to a data segment at instantiation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum DataMode {
    Passive,
    Active { memory: u32, offset: ConstExpr },
}

/// A custom section.
#[derive(Debug)]
pub(crate) struct CustomSection {
    pub name: ByteRange,
    pub data: ByteRange,
}

/// A module; its parts are in the order of the specification's index spaces, imports first.
pub(crate) struct ModuleInner {
    pub engine: Engine,
    pub bytes: Bytes,
    pub types: Arc<RegisteredTypes>,
    pub imports: Box<[Import]>,
    /// How many entities are imported.
    pub imported: Counts,
    pub functions: Box<[Function]>,
    /// Which of the defined functions have an address in the store.
    pub addressed: AddressedFunctions,
    /// What the arguments of each type of the type index space take; nothing for what is no function type.
    pub argument_slots: Box<[ArgumentSlots]>,
    pub tables: Box<[Table]>,
    pub memories: Box<[MemoryType]>,
    pub globals: Box<[Global]>,
    pub tags: Box<[TypeId]>,
    pub exports: Box<[Export]>,
    /// Positions in `exports`, in the order of the names' bytes.
    pub exports_by_name: Box<[u32]>,
    pub start: Option<u32>,
    pub elements: Box<[ElementSegment]>,
    pub element_exprs: Box<[ConstExpr]>,
    pub data: Box<[DataSegment]>,
    pub const_ops: Box<[ConstOp]>,
    pub const_vectors: Box<[[u8; 16]]>,
    /// Bodies of the defined functions, from their local declarations to their `end`.
    pub bodies: Box<[ByteRange]>,
    /// Where the code of each defined function starts: its `translate` stub, then its translated code.
    pub entries: Box<[EntryCell]>,
    /// What `entries` point to before translation.
    #[allow(dead_code, reason = "keeps alive what raw pointers lead to")]
    pub stubs: TranslateStubs,
    /// The code of each defined function.
    pub code: Box<[OnceCode]>,
    /// What validating a body needs; `None` if no function is defined.
    pub validation: Option<BodyValidation>,
    pub custom_sections: Box<[CustomSection]>,
    /// The contents of the `name` section.
    pub names: Option<ByteRange>,
}

/// What the validator needs for one body, whenever that is wanted.
pub(crate) struct BodyValidation {
    pub resources: wasmparser::ValidatorResources,
    pub features: wasmparser::WasmFeatures,
}

impl ModuleInner {
    /// Text that stands in the binary; it has been checked when it was parsed.
    pub(crate) fn text(&self, range: ByteRange) -> &str {
        let bytes = self.bytes.get(range.as_range()).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }

    /// Which export has this name.
    pub(crate) fn export_position(&self, name: &str) -> Option<u32> {
        let name_at = |position: &u32| &self.bytes[self.exports[*position as usize].name.as_range()];
        let found = self.exports_by_name.binary_search_by(|position| name_at(position).cmp(name.as_bytes()));
        found.ok().map(|at| self.exports_by_name[at])
    }

    /// The export with this name.
    pub(crate) fn export(&self, name: &str) -> Option<EntityIndex> {
        self.export_position(name).map(|position| self.exports[position as usize].index)
    }

    /// The type of an entity.
    pub(crate) fn entity_type(&self, index: EntityIndex) -> Option<EntityType> {
        Some(match index {
            EntityIndex::Func(index) => EntityType::Func { ty: self.func_type_id(index)?, exact: false },
            EntityIndex::Table(index) => EntityType::Table(self.tables.get(index as usize)?.ty),
            EntityIndex::Memory(index) => EntityType::Memory(*self.memories.get(index as usize)?),
            EntityIndex::Global(index) => EntityType::Global(self.globals.get(index as usize)?.ty),
            EntityIndex::Tag(index) => EntityType::Tag(*self.tags.get(index as usize)?),
        })
    }

    /// The type of a function.
    pub(crate) fn func_type_id(&self, index: u32) -> Option<TypeId> {
        Some(self.functions.get(index as usize)?.type_id)
    }

    /// Whether instances give the function with this index an address: what the verifier asks.
    #[cfg(any(test, debug_assertions, feature = "checked"))]
    pub(crate) fn has_address(&self, index: u32) -> bool {
        match index.checked_sub(self.imported.functions) {
            Some(defined) => self.addressed.position(defined).is_some(),
            None => true,
        }
    }

    /// What the arguments of a function take.
    pub(crate) fn argument_slots(&self, index: u32) -> Option<ArgumentSlots> {
        self.argument_slots.get(self.functions.get(index as usize)?.type_index as usize).copied()
    }

    /// The body of the defined function number `defined` (its index without the imported ones).
    pub(crate) fn body(&self, defined: u32) -> Option<ByteRange> {
        self.bodies.get(defined as usize).copied()
    }

    /// What the validator needs for the body of the defined function number `defined`.
    pub(crate) fn body_to_validate(
        &self,
        defined: u32,
    ) -> Option<wasmparser::FuncToValidate<wasmparser::ValidatorResources>> {
        let validation = self.validation.as_ref()?;
        let index = self.imported.functions + defined;
        let ty = self.functions.get(index as usize)?.type_index;
        let resources = validation.resources.clone();
        Some(wasmparser::FuncToValidate { resources, index, ty, features: validation.features })
    }

    /// The body of the defined function number `defined`, to be read.
    pub(crate) fn body_reader(&self, defined: u32) -> Option<wasmparser::FunctionBody<'_>> {
        let range = self.body(defined)?;
        let features = self.validation.as_ref()?.features;
        let bytes = self.bytes.get(range.as_range())?;
        let reader = wasmparser::BinaryReader::new_features(bytes, range.start.into(), features);
        Some(wasmparser::FunctionBody::new(reader))
    }

    /// The bytes of a data segment.
    pub(crate) fn data_bytes(&self, segment: u32) -> &[u8] {
        let range = self.data.get(segment as usize).map_or_else(ByteRange::default, |segment| segment.bytes);
        self.bytes.get(range.as_range()).unwrap_or_default()
    }

    /// The same, if they live for ever.
    pub(crate) fn static_data_bytes(&self, segment: u32) -> Option<&'static [u8]> {
        self.bytes.as_static()?.get(self.data.get(segment as usize)?.bytes.as_range())
    }

    /// The type of the entity as embedders see it.
    fn extern_type(&self, ty: EntityType) -> ExternType {
        // The module holds all its types, so the registry knows them.
        let known = self.engine.types().with(|types| ty.to_extern(types));
        known.unwrap_or_else(|| unreachable!("a module's types live as long as the module"))
    }
}

/// How much of a module has been translated: see [`Module::translated`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Translated {
    /// Functions that have code.
    pub functions: usize,
    /// Bytes of their bodies in the binary.
    pub body_bytes: usize,
    /// Bytes of their code, with all that is kept for each of them.
    pub code_bytes: usize,
}

impl Module {
    /// Parses a module, and validates and translates as much as
    /// [`Config::compilation_mode`](crate::Config::compilation_mode) says.
    ///
    /// Bytes that live in flash (`&'static [u8]`) or in an `Arc<[u8]>` stay where they are.
    pub fn new(engine: &Engine, bytes: impl Into<Bytes>) -> Result<Self> {
        let inner = parse::module::load(engine, bytes.into())?;
        match engine.config().compilation_mode {
            CompilationMode::Lazy => {}
            CompilationMode::ValidateThenLazy => parse::module::validate_bodies(&inner)?,
            CompilationMode::Eager => parse::func::translate_all(&inner)?,
        }
        Ok(Self(Arc::new(inner)))
    }

    /// Whether the bytes are a valid module, all bodies included, whatever the engine's compilation mode.
    pub fn validate(engine: &Engine, bytes: &[u8]) -> Result<()> {
        parse::module::validate_bodies(&parse::module::load(engine, Bytes::copy_from_slice(bytes))?)
    }

    /// Validates and translates every body that has not been translated yet, as
    /// [`CompilationMode::Eager`] does when it loads.
    ///
    /// # Errors
    /// In [`CompilationMode::Lazy`]: a body is malformed or invalid.
    pub fn translate_all(&self) -> Result<()> {
        parse::func::translate_all(&self.0)
    }

    /// The register code of the function at `index` as text, for people: its form is no promise. `None` if the function is imported or
    /// does not exist.
    ///
    /// # Errors
    /// In [`CompilationMode::Lazy`]: the body is malformed or invalid.
    pub fn disassemble(&self, index: u32) -> Result<Option<alloc::string::String>> {
        let imported = self.0.imported.functions;
        let Some(defined) = index.checked_sub(imported).filter(|defined| *defined < self.0.bodies.len() as u32) else {
            return Ok(None);
        };
        parse::func::translate(&self.0, defined)?;
        Ok(self.0.code.get(defined as usize).and_then(OnceCode::get).map(|code| alloc::format!("{code}")))
    }

    /// How much of the module has been translated so far, and what that takes.
    pub fn translated(&self) -> Translated {
        let mut sum = Translated::default();
        for (body, cell) in self.0.bodies.iter().zip(&self.0.code) {
            if let Some(code) = cell.get() {
                sum.functions += 1;
                sum.body_bytes += (body.end - body.start) as usize;
                sum.code_bytes += code.size() + size_of::<OnceCode>() + size_of::<EntryCell>();
            }
        }
        sum
    }

    /// The engine the module was made with.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// The module's name, if its `name` section has one.
    pub fn name(&self) -> Option<&str> {
        parse::names::module_name(self.0.name_section()?)
    }

    /// The name of a function, if the `name` section has one.
    pub fn function_name(&self, index: u32) -> Option<&str> {
        parse::names::function_name(self.0.name_section()?, index)
    }

    /// What the module wants from outside, in order.
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> {
        self.0.imports.iter().map(|import| ImportType { inner: &self.0, import })
    }

    /// What the module offers, in order.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> {
        self.0.exports.iter().map(|export| ExportType { inner: &self.0, export })
    }

    /// How many of the functions that it defines an instance puts into its store: those that can be reached otherwise than by
    /// a call that names them, as exports, elements and references can be.
    pub fn addressed_functions(&self) -> usize {
        self.0.addressed.count() as usize
    }

    /// Which of the [exports](Self::exports) has this name.
    pub fn export_position(&self, name: &str) -> Option<u32> {
        self.0.export_position(name)
    }

    /// The type of the export with this name.
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        Some(self.0.extern_type(self.0.entity_type(self.0.export(name)?)?))
    }

    /// The custom sections: name and contents, in order.
    pub fn custom_sections(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.0.custom_sections.iter().map(|section| {
            let data = self.0.bytes.get(section.data.as_range()).unwrap_or_default();
            (self.0.text(section.name), data)
        })
    }

    /// How many functions there are, imported ones included.
    pub fn function_count(&self) -> u32 {
        self.0.functions.len() as u32
    }

    /// The module's bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.0.bytes
    }

    pub(crate) fn inner(&self) -> &Arc<ModuleInner> {
        &self.0
    }

    /// The module that an instance keeps.
    pub(crate) fn from_inner(inner: Arc<ModuleInner>) -> Self {
        Self(inner)
    }

    /// An error unless the module was made with `engine`.
    pub(crate) fn check_engine(&self, engine: &Engine) -> Result<()> {
        match Engine::same(self.engine(), engine) {
            true => Ok(()),
            false => Err(Error::misuse("the module belongs to another engine")),
        }
    }
}

impl ModuleInner {
    fn name_section(&self) -> Option<&[u8]> {
        self.bytes.get(self.names?.as_range())
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module").field("name", &self.name()).field("bytes", &self.0.bytes).finish()
    }
}

/// Something a module imports.
#[derive(Clone, Copy)]
pub struct ImportType<'m> {
    inner: &'m ModuleInner,
    import: &'m Import,
}

impl<'m> ImportType<'m> {
    /// The first part of the name.
    pub fn module(&self) -> &'m str {
        self.inner.text(self.import.module)
    }

    /// The second part of the name.
    pub fn name(&self) -> &'m str {
        self.inner.text(self.import.name)
    }

    /// The type.
    pub fn ty(&self) -> ExternType {
        self.inner.extern_type(self.import.ty)
    }
}

impl fmt::Debug for ImportType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "import {:?} {:?} {}", self.module(), self.name(), self.ty())
    }
}

/// Something a module exports.
#[derive(Clone, Copy)]
pub struct ExportType<'m> {
    inner: &'m ModuleInner,
    export: &'m Export,
}

impl<'m> ExportType<'m> {
    /// The name.
    pub fn name(&self) -> &'m str {
        self.inner.text(self.export.name)
    }

    /// The type.
    pub fn ty(&self) -> ExternType {
        match self.inner.entity_type(self.export.index) {
            Some(ty) => self.inner.extern_type(ty),
            None => unreachable!("exported indices are validated"),
        }
    }
}

impl fmt::Debug for ExportType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "export {:?} {}", self.name(), self.ty())
    }
}

const _: () = {
    const fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Engine>();
    is_send_and_sync::<Module>();
};
