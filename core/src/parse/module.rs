//! Sections become a [`ModuleInner`]: types are registered, everything else becomes small tables and byte ranges.
//!
//! wasmparser reads and validates each section; bodies are only located here, and validated by [`validate_bodies`] or when
//! they are first translated. What exceeds the engine's [`ModuleLimits`] is refused before the
//! parser looks at it. Promises that a binary which is not well formed gives a [`ParseError`], even if it also breaks a
//! rule of validation before the malformed place, and that a well-formed one which breaks a rule gives a [`ValidationError`].

use alloc::boxed::Box;
use alloc::collections::BinaryHeap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use wasmparser::{
    BinaryReader, Encoding, ExternalKind, FuncValidator, FuncValidatorAllocations, FunctionBody, Operator, Parser,
    Payload, Validator, ValidatorResources, WasmFeatures,
};

use super::bodies::for_each_body;
use crate::bytes::Bytes;
use crate::code::stub::TranslateStubs;
use crate::engine::Engine;
use crate::error::{Error, ParseError, Result, Section, ValidationError};
use crate::limits::ModuleLimits;
use crate::module::{
    AddressedFunctions, BodyValidation, ByteRange, ConstExpr, ConstOp, Counts, CustomSection, DataMode, DataSegment,
    ElementItems, ElementMode, ElementSegment, EntityIndex, Export, Function, Global, Import, ModuleInner, OnceCode,
    Table,
};
use crate::runtime::context::EntryCell;
use crate::runtime::func::ArgumentSlots;
use crate::runtime::{try_collect, try_with_capacity};
use crate::types::convert::Converter;
use crate::types::{EntityType, MemoryType, RefType, RegisteredTypes, TypeError, TypeId};

/// Parses a module and validates all of it but the bodies.
pub(crate) fn load(engine: &Engine, bytes: Bytes) -> Result<ModuleInner> {
    let limits = &engine.config().limits;
    if bytes.len() as u64 > u64::from(limits.module_size) {
        return Err(beyond("module size", limits.module_size, 0, Section::Header).into());
    }
    let features = engine.config().features;
    let mut loader = Loader::new(engine, &bytes);
    match loader.sections() {
        Ok(()) => loader.finish(bytes.clone()),
        Err(failure) => Err(failure.diagnose(&bytes, features, loader.section)),
    }
}

/// Validates the bodies of all functions that the module defines.
pub(crate) fn validate_bodies(module: &ModuleInner) -> Result<()> {
    for_each_body(module, |allocations: &mut FuncValidatorAllocations, defined| {
        let (Some(func), Some(body)) = (module.body_to_validate(defined), module.body_reader(defined)) else {
            return Err(Error::misuse("a body without a function"));
        };
        let mut validator = func.into_validator(core::mem::take(allocations));
        let config = module.engine.config();
        validate_body(&mut validator, &body, &config.limits)
            .map_err(|failure| failure.diagnose(&module.bytes, config.features, Section::Code))?;
        *allocations = validator.into_allocations();
        Ok(())
    })
}

/// Validates a body the fast way: instructions go to the validator as they are decoded.
#[cfg(feature = "std")]
fn validate_body(
    validator: &mut FuncValidator<ValidatorResources>,
    body: &FunctionBody<'_>,
    limits: &ModuleLimits,
) -> Result<(), Failure> {
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader)?;
    reader.set_features(*validator.features());
    while !reader.eof() {
        let offset = reader.original_position();
        reader.visit_operator(&mut validator.visitor(offset))??;
        check_operands(validator, limits, offset)?;
    }
    Ok(reader.finish_expression(&validator.visitor(reader.original_position()))?)
}

/// Validates a body with the decoder and the validator that translation has already: 10 KB of flash less than the fast way.
#[cfg(not(feature = "std"))]
fn validate_body(
    validator: &mut FuncValidator<ValidatorResources>,
    body: &FunctionBody<'_>,
    limits: &ModuleLimits,
) -> Result<(), Failure> {
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader)?;
    reader.set_features(*validator.features());
    let mut operators = wasmparser::OperatorsReader::new(reader);
    while !operators.eof() {
        let offset = operators.original_position();
        super::operator::validate_operator(validator, offset, &operators.read()?)?;
        check_operands(validator, limits, offset)?;
    }
    Ok(operators.finish()?)
}

/// An error if the instruction at `offset` has left more operands than a body may have at a time: two bytes, a call, can make a thousand of
/// them, and the validator's allocations cannot fail.
#[inline]
pub(crate) fn check_operands(
    validator: &FuncValidator<ValidatorResources>,
    limits: &ModuleLimits,
    offset: u64,
) -> Result<(), ParseError> {
    match validator.operand_stack_height() > limits.operands {
        true => Err(beyond("operands", limits.operands, offset, Section::Code)),
        false => Ok(()),
    }
}

/// The error of a body that the validator refused: malformed if any part of the module is, invalid otherwise.
pub(crate) fn diagnose_body(module: &ModuleInner, error: wasmparser::Error) -> Error {
    let features = module.engine.config().features;
    Failure::Wasm(error).diagnose(&module.bytes, features, Section::Code)
}

/// Why loading stopped.
enum Failure {
    /// The parser or the validator refused something.
    Wasm(wasmparser::Error),
    /// Something else went wrong.
    Other(Error),
}

impl From<wasmparser::Error> for Failure {
    fn from(error: wasmparser::Error) -> Self {
        Self::Wasm(error)
    }
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

impl Failure {
    /// Tells malformed from invalid. The parser has one error for both, so the whole module is read once more without
    /// being validated: whoever fails there is malformed.
    fn diagnose(self, bytes: &[u8], features: WasmFeatures, section: Section) -> Error {
        let error = match self {
            Self::Wasm(error) => error,
            Self::Other(error) => return error,
        };
        match read_all(bytes, features) {
            Err((error, section)) => ParseError::new(error.message(), error.offset(), section).into(),
            Ok(()) if is_malformed(error.message()) => ParseError::new(error.message(), error.offset(), section).into(),
            Ok(()) => ValidationError::new(error.message(), error.offset(), section).into(),
        }
    }
}

/// Whether a complaint of the validator is one that the specification makes about the binary format.
fn is_malformed(message: &str) -> bool {
    // The format itself demands a data count section before these instructions, that locals can be counted, and sections
    // that it knows.
    ["data count section required", "too many locals", "malformed section id"]
        .iter()
        .any(|start| message.starts_with(start))
}

/// Reads every item of every section, validating nothing.
fn read_all(bytes: &[u8], features: WasmFeatures) -> Result<(), (wasmparser::Error, Section)> {
    fn items<'a, T: wasmparser::FromReader<'a>>(
        reader: wasmparser::SectionLimited<'a, T>,
    ) -> Result<(), wasmparser::Error> {
        reader.into_iter().try_for_each(|item| item.map(drop))
    }
    let mut section = Section::Header;
    let mut parser = Parser::new(0);
    parser.set_features(features);
    for payload in parser.parse_all(bytes) {
        let payload = payload.map_err(|error| (error, section))?;
        section = section_of(&payload).unwrap_or(section);
        match payload {
            Payload::TypeSection(reader) => items(reader),
            Payload::ImportSection(reader) => reader.into_imports().try_for_each(|import| import.map(drop)),
            Payload::FunctionSection(reader) => items(reader),
            Payload::TableSection(reader) => items(reader),
            Payload::MemorySection(reader) => items(reader),
            Payload::TagSection(reader) => items(reader),
            Payload::GlobalSection(reader) => items(reader),
            Payload::ExportSection(reader) => items(reader),
            Payload::ElementSection(reader) => reader.into_iter().try_for_each(|segment| match segment?.items {
                wasmparser::ElementItems::Functions(reader) => items(reader),
                wasmparser::ElementItems::Expressions(_, reader) => items(reader),
            }),
            Payload::DataSection(reader) => items(reader),
            Payload::CodeSectionEntry(body) => read_body(&body),
            _ => Ok(()),
        }
        .map_err(|error| (error, section))?;
    }
    Ok(())
}

/// Reads every local declaration and instruction of a body.
fn read_body(body: &FunctionBody<'_>) -> Result<(), wasmparser::Error> {
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        operators.read()?;
    }
    operators.finish()
}

/// The section that a payload is, or the code section for parts of it; `None` for what is no section.
fn section_of(payload: &Payload<'_>) -> Option<Section> {
    Some(match payload {
        Payload::Version { .. } => Section::Header,
        Payload::TypeSection(_) => Section::Type,
        Payload::ImportSection(_) => Section::Import,
        Payload::FunctionSection(_) => Section::Function,
        Payload::TableSection(_) => Section::Table,
        Payload::MemorySection(_) => Section::Memory,
        Payload::TagSection(_) => Section::Tag,
        Payload::GlobalSection(_) => Section::Global,
        Payload::ExportSection(_) => Section::Export,
        Payload::StartSection { .. } => Section::Start,
        Payload::ElementSection(_) => Section::Element,
        Payload::DataCountSection { .. } => Section::DataCount,
        Payload::CodeSectionStart { .. } | Payload::CodeSectionEntry(_) => Section::Code,
        Payload::DataSection(_) => Section::Data,
        Payload::CustomSection(_) => Section::Custom,
        _ => return None,
    })
}

/// The error for something beyond a limit of the engine.
fn beyond(what: &str, limit: u32, offset: u64, section: Section) -> ParseError {
    ParseError::new(alloc::format!("{what} beyond the limit of {limit}"), offset, section)
}

/// Collects the parts of a module while its sections go by.
struct Loader<'a> {
    engine: &'a Engine,
    bytes: &'a [u8],
    limits: &'a ModuleLimits,
    validator: Validator,
    /// The section that is being read.
    section: Section,
    types: RegisteredTypes,
    imports: Vec<Import>,
    imported: Counts,
    functions: Vec<Function>,
    addressed: AddressedFunctions,
    tables: Vec<Table>,
    memories: Vec<MemoryType>,
    globals: Vec<Global>,
    tags: Vec<TypeId>,
    exports: Vec<Export>,
    start: Option<u32>,
    elements: Vec<ElementSegment>,
    element_exprs: Vec<ConstExpr>,
    data: Vec<DataSegment>,
    const_ops: Vec<ConstOp>,
    const_vectors: Vec<[u8; 16]>,
    bodies: Vec<ByteRange>,
    validation: Option<BodyValidation>,
    custom_sections: Vec<CustomSection>,
    names: Option<ByteRange>,
}

impl<'a> Loader<'a> {
    fn new(engine: &'a Engine, bytes: &'a [u8]) -> Self {
        Self {
            engine,
            bytes,
            limits: &engine.config().limits,
            validator: Validator::new_with_features(engine.config().features),
            section: Section::Header,
            types: RegisteredTypes::new(Arc::clone(engine.types())),
            imports: Vec::new(),
            imported: Counts::default(),
            functions: Vec::new(),
            addressed: AddressedFunctions::default(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            tags: Vec::new(),
            exports: Vec::new(),
            start: None,
            elements: Vec::new(),
            element_exprs: Vec::new(),
            data: Vec::new(),
            const_ops: Vec::new(),
            const_vectors: Vec::new(),
            bodies: Vec::new(),
            validation: None,
            custom_sections: Vec::new(),
            names: None,
        }
    }

    /// Reads all sections.
    fn sections(&mut self) -> Result<(), Failure> {
        let mut parser = Parser::new(0);
        parser.set_features(*self.validator.features());
        for payload in parser.parse_all(self.bytes) {
            let payload = payload?;
            self.section = section_of(&payload).unwrap_or(self.section);
            self.payload(payload)?;
        }
        Ok(())
    }

    fn payload(&mut self, payload: Payload<'a>) -> Result<(), Failure> {
        match payload {
            Payload::Version { num, encoding, range } => {
                if encoding == Encoding::Component {
                    let message = "unknown binary version: this is a component, not a module";
                    return Err(ParseError::new(message, range.start, Section::Header).into());
                }
                self.validator.version(num, encoding, &range)?;
            }
            Payload::TypeSection(reader) => self.type_section(reader)?,
            Payload::ImportSection(reader) => self.import_section(reader)?,
            Payload::FunctionSection(reader) => {
                self.check_count("functions", self.limits.functions, self.functions.len(), reader.count(), &reader)?;
                self.validator.function_section(&reader)?;
                self.functions.try_reserve_exact(reader.count() as usize)?;
                for type_index in reader {
                    let type_index = type_index?;
                    self.functions.push(Function { type_index, type_id: self.converter().type_id(type_index)? });
                }
            }
            Payload::TableSection(reader) => {
                self.check_count("tables", self.limits.tables, self.tables.len(), reader.count(), &reader)?;
                self.validator.table_section(&reader)?;
                self.tables.try_reserve_exact(reader.count() as usize)?;
                for table in reader {
                    let table = table?;
                    let init = match table.init {
                        wasmparser::TableInit::RefNull => None,
                        wasmparser::TableInit::Expr(expr) => Some(self.const_expr(&expr)?),
                    };
                    self.tables.push(Table { ty: self.converter().table_type(table.ty)?, init });
                }
            }
            Payload::MemorySection(reader) => {
                self.check_count("memories", self.limits.memories, self.memories.len(), reader.count(), &reader)?;
                self.validator.memory_section(&reader)?;
                self.memories.try_reserve_exact(reader.count() as usize)?;
                for ty in reader {
                    self.memories.push(self.converter().memory_type(ty?)?);
                }
            }
            Payload::TagSection(reader) => {
                self.check_count("tags", self.limits.tags, self.tags.len(), reader.count(), &reader)?;
                self.validator.tag_section(&reader)?;
                self.tags.try_reserve_exact(reader.count() as usize)?;
                for tag in reader {
                    self.tags.push(self.converter().type_id(tag?.func_type_idx)?);
                }
            }
            Payload::GlobalSection(reader) => {
                self.check_count("globals", self.limits.globals, self.globals.len(), reader.count(), &reader)?;
                self.validator.global_section(&reader)?;
                self.globals.try_reserve_exact(reader.count() as usize)?;
                for global in reader {
                    let global = global?;
                    let init = Some(self.const_expr(&global.init_expr)?);
                    self.globals.push(Global { ty: self.converter().global_type(global.ty)?, init });
                }
            }
            Payload::ExportSection(reader) => self.export_section(reader)?,
            Payload::StartSection { func, range } => {
                self.validator.start_section(func, &range)?;
                self.address(func)?;
                self.start = Some(func);
            }
            Payload::ElementSection(reader) => self.element_section(reader)?,
            Payload::DataCountSection { count, range } => {
                if count > self.limits.data_segments {
                    return Err(beyond("data segments", self.limits.data_segments, range.start, self.section).into());
                }
                self.validator.data_count_section(count, &range)?;
            }
            Payload::CodeSectionStart { count, unchecked_range, .. } => {
                self.validator.code_section_start(&unchecked_range)?;
                // Not more than there are functions, or the parser refuses the module at its end.
                self.bodies.try_reserve_exact((count as usize).min(self.functions.len()))?;
            }
            Payload::CodeSectionEntry(body) => self.body(&body)?,
            Payload::DataSection(reader) => self.data_section(reader)?,
            Payload::CustomSection(section) => {
                if self.custom_sections.len() as u64 >= u64::from(self.limits.custom_sections) {
                    let limit = self.limits.custom_sections;
                    return Err(beyond("custom sections", limit, section.range().start, self.section).into());
                }
                let data = self.place(section.data());
                if section.name() == "name" && self.names.is_none() {
                    self.names = Some(data);
                }
                self.custom_sections.try_reserve(1)?;
                self.custom_sections.push(CustomSection { name: self.place(section.name().as_bytes()), data });
            }
            Payload::End(offset) => drop(self.validator.end(offset)?),
            other => drop(self.validator.payload(&other)?),
        }
        Ok(())
    }

    fn type_section(&mut self, reader: wasmparser::TypeSectionReader<'a>) -> Result<(), Failure> {
        self.check_count("types", self.limits.types, 0, reader.count(), &reader)?;
        self.validator.type_section(&reader)?;
        let offset = reader.range().start;
        self.types.reserve(reader.count() as usize)?;
        for group in reader {
            self.types.register_parsed(&group?)?;
            if self.types.ids().len() as u64 > u64::from(self.limits.types) {
                return Err(beyond("types", self.limits.types, offset, self.section).into());
            }
        }
        Ok(())
    }

    fn import_section(&mut self, reader: wasmparser::ImportSectionReader<'a>) -> Result<(), Failure> {
        self.check_count("imports", self.limits.imports, 0, reader.count(), &reader)?;
        self.validator.import_section(&reader)?;
        let start = reader.range().start;
        for import in reader.into_imports() {
            let import = import?;
            self.check_name(import.module, start)?;
            self.check_name(import.name, start)?;
            let ty = self.converter().entity_type(import.ty)?;
            match (ty, import.ty) {
                (
                    EntityType::Func { ty: type_id, .. },
                    wasmparser::TypeRef::Func(type_index) | wasmparser::TypeRef::FuncExact(type_index),
                ) => {
                    self.functions.try_reserve(1)?;
                    self.functions.push(Function { type_index, type_id });
                    self.imported.functions += 1;
                }
                (EntityType::Table(ty), _) => {
                    self.tables.try_reserve(1)?;
                    self.tables.push(Table { ty, init: None });
                    self.imported.tables += 1;
                }
                (EntityType::Memory(ty), _) => {
                    self.memories.try_reserve(1)?;
                    self.memories.push(ty);
                    self.imported.memories += 1;
                }
                (EntityType::Global(ty), _) => {
                    self.globals.try_reserve(1)?;
                    self.globals.push(Global { ty, init: None });
                    self.imported.globals += 1;
                }
                (EntityType::Tag(ty), _) => {
                    self.tags.try_reserve(1)?;
                    self.tags.push(ty);
                    self.imported.tags += 1;
                }
                (EntityType::Func { .. }, _) => return Err(TypeError::UnknownType.into()),
            }
            let (module, name) = (self.place(import.module.as_bytes()), self.place(import.name.as_bytes()));
            self.imports.try_reserve(1)?;
            self.imports.push(Import { module, name, ty });
        }
        for (what, limit, count) in [
            ("imports", self.limits.imports, self.imports.len()),
            ("functions", self.limits.functions, self.functions.len()),
            ("tables", self.limits.tables, self.tables.len()),
            ("memories", self.limits.memories, self.memories.len()),
            ("globals", self.limits.globals, self.globals.len()),
            ("tags", self.limits.tags, self.tags.len()),
        ] {
            if count as u64 > u64::from(limit) {
                return Err(beyond(what, limit, start, self.section).into());
            }
        }
        Ok(())
    }

    fn export_section(&mut self, reader: wasmparser::ExportSectionReader<'a>) -> Result<(), Failure> {
        self.check_count("exports", self.limits.exports, 0, reader.count(), &reader)?;
        self.validator.export_section(&reader)?;
        let start = reader.range().start;
        self.exports.try_reserve_exact(reader.count() as usize)?;
        for export in reader {
            let export = export?;
            self.check_name(export.name, start)?;
            let index = match export.kind {
                ExternalKind::Func | ExternalKind::FuncExact => {
                    self.address(export.index)?;
                    EntityIndex::Func(export.index)
                }
                ExternalKind::Table => EntityIndex::Table(export.index),
                ExternalKind::Memory => EntityIndex::Memory(export.index),
                ExternalKind::Global => EntityIndex::Global(export.index),
                ExternalKind::Tag => EntityIndex::Tag(export.index),
            };
            self.exports.push(Export { name: self.place(export.name.as_bytes()), index });
        }
        Ok(())
    }

    fn element_section(&mut self, reader: wasmparser::ElementSectionReader<'a>) -> Result<(), Failure> {
        self.check_count("element segments", self.limits.element_segments, 0, reader.count(), &reader)?;
        self.validator.element_section(&reader)?;
        self.elements.try_reserve_exact(reader.count() as usize)?;
        for segment in reader {
            let segment = segment?;
            let mode = match segment.kind {
                wasmparser::ElementKind::Passive => ElementMode::Passive,
                wasmparser::ElementKind::Declared => ElementMode::Declared,
                wasmparser::ElementKind::Active { table_index, offset_expr } => {
                    ElementMode::Active { table: table_index.unwrap_or(0), offset: self.const_expr(&offset_expr)? }
                }
            };
            let (ty, items) = match segment.items {
                wasmparser::ElementItems::Functions(reader) => {
                    let (start, end) = (reader.original_position() as u32, reader.range().end as u32);
                    let items = ElementItems::Functions { bytes: ByteRange { start, end }, count: reader.count() };
                    for index in reader {
                        self.address(index?)?;
                    }
                    (RefType::FUNCREF, items)
                }
                wasmparser::ElementItems::Expressions(ty, reader) => {
                    let start = self.element_exprs.len() as u32;
                    self.element_exprs.try_reserve(reader.count() as usize)?;
                    for expr in reader {
                        let expr = self.const_expr(&expr?)?;
                        self.element_exprs.push(expr);
                    }
                    let end = self.element_exprs.len() as u32;
                    (self.converter().ref_type(ty)?, ElementItems::Expressions { start, end })
                }
            };
            self.elements.push(ElementSegment { mode, ty, items });
        }
        Ok(())
    }

    /// A function needs an address, which imported ones have.
    fn address(&mut self, index: u32) -> Result<(), Failure> {
        match index.checked_sub(self.imported.functions) {
            Some(defined) => Ok(self.addressed.add(defined)?),
            None => Ok(()),
        }
    }

    fn body(&mut self, body: &FunctionBody<'a>) -> Result<(), Failure> {
        let range = body.range();
        if range.end - range.start > u64::from(self.limits.body_size) {
            return Err(beyond("function body size", self.limits.body_size, range.start, self.section).into());
        }
        // What the validator hands out is the same for each body but for an index, so the first one is enough.
        if self.validation.is_none() {
            let func = self.validator.code_section_entry(body)?;
            self.validation = Some(BodyValidation { resources: func.resources, features: func.features });
        }
        self.bodies.try_reserve(1)?;
        self.bodies.push(ByteRange { start: range.start as u32, end: range.end as u32 });
        Ok(())
    }

    fn data_section(&mut self, reader: wasmparser::DataSectionReader<'a>) -> Result<(), Failure> {
        self.check_count("data segments", self.limits.data_segments, 0, reader.count(), &reader)?;
        self.validator.data_section(&reader)?;
        self.data.try_reserve_exact(reader.count() as usize)?;
        for segment in reader {
            let segment = segment?;
            let mode = match segment.kind {
                wasmparser::DataKind::Passive => DataMode::Passive,
                wasmparser::DataKind::Active { memory_index, offset_expr } => {
                    DataMode::Active { memory: memory_index, offset: self.const_expr(&offset_expr)? }
                }
            };
            self.data.push(DataSegment { mode, bytes: self.place(segment.data) });
        }
        Ok(())
    }

    /// A validated constant expression in our form.
    fn const_expr(&mut self, expr: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr, Failure> {
        let start = self.const_ops.len() as u32;
        for operator in expr.get_operators_reader() {
            let op = match operator? {
                Operator::End => break,
                Operator::I32Const { value } => ConstOp::I32(value),
                Operator::I64Const { value } => ConstOp::I64(value),
                Operator::F32Const { value } => ConstOp::F32(value.bits()),
                Operator::F64Const { value } => ConstOp::F64(value.bits()),
                #[cfg(feature = "simd")]
                Operator::V128Const { value } => {
                    self.const_vectors.try_reserve(1)?;
                    self.const_vectors.push(*value.bytes());
                    ConstOp::V128((self.const_vectors.len() - 1) as u32)
                }
                Operator::RefNull { .. } => ConstOp::RefNull,
                Operator::RefFunc { function_index } => {
                    self.address(function_index)?;
                    ConstOp::RefFunc(function_index)
                }
                Operator::GlobalGet { global_index } => ConstOp::GlobalGet(global_index),
                Operator::I32Add => ConstOp::I32Add,
                Operator::I32Sub => ConstOp::I32Sub,
                Operator::I32Mul => ConstOp::I32Mul,
                Operator::I64Add => ConstOp::I64Add,
                Operator::I64Sub => ConstOp::I64Sub,
                Operator::I64Mul => ConstOp::I64Mul,
                Operator::RefI31 => ConstOp::RefI31,
                Operator::StructNew { struct_type_index } => ConstOp::StructNew(struct_type_index),
                Operator::StructNewDefault { struct_type_index } => ConstOp::StructNewDefault(struct_type_index),
                Operator::StructNewDesc { struct_type_index } => ConstOp::StructNewDesc(struct_type_index),
                Operator::StructNewDefaultDesc { struct_type_index } => {
                    ConstOp::StructNewDefaultDesc(struct_type_index)
                }
                Operator::ArrayNew { array_type_index } => ConstOp::ArrayNew(array_type_index),
                Operator::ArrayNewDefault { array_type_index } => ConstOp::ArrayNewDefault(array_type_index),
                Operator::ArrayNewFixed { array_type_index, array_size } => {
                    ConstOp::ArrayNewFixed { type_index: array_type_index, len: array_size }
                }
                Operator::AnyConvertExtern | Operator::ExternConvertAny => ConstOp::Convert,
                _ => {
                    let offset = expr.get_binary_reader().original_position();
                    return Err(ValidationError::new("constant expression required", offset, self.section).into());
                }
            };
            self.const_ops.try_reserve(1)?;
            self.const_ops.push(op);
        }
        let end = self.const_ops.len() as u32;
        if end - start == 1
            && let Some(op) = self.const_ops.pop()
        {
            return Ok(ConstExpr::One(op));
        }
        Ok(ConstExpr::Many { start, end })
    }

    fn converter(&self) -> Converter<'_> {
        Converter::new(self.types.ids())
    }

    /// Where a part of the binary stands.
    fn place(&self, part: &[u8]) -> ByteRange {
        // Both are in the same buffer, of which 32-bit numbers reach all.
        let start = part.as_ptr().addr().wrapping_sub(self.bytes.as_ptr().addr()) as u32;
        ByteRange { start, end: start + part.len() as u32 }
    }

    /// An error if a section says that there are more things than the limit allows; `before` are there already.
    fn check_count<T>(
        &self,
        what: &str,
        limit: u32,
        before: usize,
        count: u32,
        reader: &wasmparser::SectionLimited<'_, T>,
    ) -> Result<(), ParseError> {
        match before as u64 + u64::from(count) > u64::from(limit) {
            true => Err(beyond(what, limit, reader.range().start, self.section)),
            false => Ok(()),
        }
    }

    fn check_name(&self, name: &str, offset: u64) -> Result<(), ParseError> {
        match name.len() as u64 > u64::from(self.limits.name_length) {
            true => Err(beyond("name length", self.limits.name_length, offset, self.section)),
            false => Ok(()),
        }
    }

    /// The module, once all sections have been read.
    fn finish(self, bytes: Bytes) -> Result<ModuleInner> {
        let defined = self.bodies.len();
        let mut by_name = try_with_capacity(self.exports.len())?;
        let names = self.exports.iter().map(|export| &self.bytes[export.name.as_range()]);
        by_name.extend(names.zip(0u32..));
        // By a heap: a build without the slices' own sorting is 4 KB smaller.
        let by_name = BinaryHeap::from(by_name).into_sorted_vec();
        let exports_by_name: Box<[u32]> = try_collect(by_name.into_iter().map(|(_, position)| position))?;
        let mut argument_slots = try_with_capacity(self.types.types().len())?;
        for ty in self.types.types() {
            argument_slots.push(match ty.sub_type().as_func() {
                Some(ty) => ArgumentSlots::of_params(ty)?,
                None => ArgumentSlots::default(),
            });
        }
        let stubs = TranslateStubs::new(defined)?;
        let mut entries: Vec<EntryCell> = try_with_capacity(defined)?;
        entries.extend((0..defined).map(|defined| EntryCell::new(stubs.entry(defined))));
        let mut code: Vec<OnceCode> = try_with_capacity(defined)?;
        code.resize_with(defined, OnceCode::new);
        Ok(ModuleInner {
            engine: self.engine.clone(),
            bytes,
            types: Arc::new(self.types),
            imports: self.imports.into_boxed_slice(),
            imported: self.imported,
            functions: self.functions.into_boxed_slice(),
            addressed: self.addressed.complete(),
            argument_slots: argument_slots.into_boxed_slice(),
            tables: self.tables.into_boxed_slice(),
            memories: self.memories.into_boxed_slice(),
            globals: self.globals.into_boxed_slice(),
            tags: self.tags.into_boxed_slice(),
            exports: self.exports.into_boxed_slice(),
            exports_by_name,
            start: self.start,
            elements: self.elements.into_boxed_slice(),
            element_exprs: self.element_exprs.into_boxed_slice(),
            data: self.data.into_boxed_slice(),
            const_ops: self.const_ops.into_boxed_slice(),
            const_vectors: self.const_vectors.into_boxed_slice(),
            bodies: self.bodies.into_boxed_slice(),
            entries: entries.into_boxed_slice(),
            stubs,
            code: code.into_boxed_slice(),
            validation: self.validation,
            custom_sections: self.custom_sections.into_boxed_slice(),
            names: self.names,
        })
    }
}

/// Decodes the function indices of an element segment.
pub(crate) fn function_indices(module: &ModuleInner, bytes: ByteRange) -> impl Iterator<Item = u32> {
    let mut reader = BinaryReader::new(module.bytes.get(bytes.as_range()).unwrap_or_default(), 0);
    // The section has been validated, so reading ends at the end only.
    core::iter::from_fn(move || if reader.eof() { None } else { reader.read_var_u32().ok() })
}

#[cfg(test)]
mod tests;
