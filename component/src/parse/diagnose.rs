//! Why a component was refused, by stage: a binary that is not well formed is a [`ParseError`], even if it also breaks a rule of
//! validation before the malformed place; a well-formed one that breaks a rule is a [`ValidationError`].

use wasmparser::{Parser, Payload, WasmFeatures};
use whit_core::{Error, ParseError, Section, ValidationError};

/// Why loading stopped.
pub enum Failure {
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

impl From<ParseError> for Failure {
    fn from(error: ParseError) -> Self {
        Self::Other(error.into())
    }
}

impl From<ValidationError> for Failure {
    fn from(error: ValidationError) -> Self {
        Self::Other(error.into())
    }
}

impl Failure {
    /// Tells malformed from invalid. The parser has one error for both, so the whole binary is read once more without being
    /// validated: whoever fails there is malformed.
    pub fn diagnose(self, bytes: &[u8], features: WasmFeatures, section: Section) -> Error {
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

/// The error for something beyond a limit.
pub fn beyond(what: &str, limit: u32, offset: u64, section: Section) -> ParseError {
    ParseError::new(alloc::format!("{what} beyond the limit of {limit}"), offset, section)
}

/// Whether a complaint of the validator is one that the specification makes about the binary format.
fn is_malformed(message: &str) -> bool {
    ["data count section required", "too many locals", "malformed section id"].iter().any(|part| message.contains(part))
}

/// Reads every item of every section of every component and module, validating nothing.
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
            Payload::InstanceSection(reader) => items(reader),
            Payload::CoreTypeSection(reader) => items(reader),
            Payload::ComponentInstanceSection(reader) => items(reader),
            Payload::ComponentAliasSection(reader) => items(reader),
            Payload::ComponentTypeSection(reader) => items(reader),
            Payload::ComponentCanonicalSection(reader) => items(reader),
            Payload::ComponentImportSection(reader) => items(reader),
            Payload::ComponentExportSection(reader) => items(reader),
            _ => Ok(()),
        }
        .map_err(|error| (error, section))?;
    }
    Ok(())
}

/// Reads every local declaration and instruction of a body.
fn read_body(body: &wasmparser::FunctionBody<'_>) -> Result<(), wasmparser::Error> {
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        operators.read()?;
    }
    operators.finish()
}

/// The section that a payload is, or the code section for parts of it; `None` for what is no section.
pub fn section_of(payload: &Payload<'_>) -> Option<Section> {
    Some(match payload {
        Payload::Version { .. } => Section::Header,
        Payload::TypeSection(_) | Payload::ComponentTypeSection(_) => Section::Type,
        Payload::ImportSection(_) | Payload::ComponentImportSection(_) => Section::Import,
        Payload::FunctionSection(_) => Section::Function,
        Payload::TableSection(_) => Section::Table,
        Payload::MemorySection(_) => Section::Memory,
        Payload::TagSection(_) => Section::Tag,
        Payload::GlobalSection(_) => Section::Global,
        Payload::ExportSection(_) | Payload::ComponentExportSection(_) => Section::Export,
        Payload::StartSection { .. } | Payload::ComponentStartSection { .. } => Section::Start,
        Payload::ElementSection(_) => Section::Element,
        Payload::DataCountSection { .. } => Section::DataCount,
        Payload::CodeSectionStart { .. } | Payload::CodeSectionEntry(_) => Section::Code,
        Payload::DataSection(_) => Section::Data,
        Payload::CustomSection(_) => Section::Custom,
        Payload::ModuleSection { .. } => Section::Module,
        Payload::ComponentSection { .. } => Section::Component,
        Payload::CoreTypeSection(_) => Section::CoreType,
        Payload::InstanceSection(_) => Section::CoreInstance,
        Payload::ComponentInstanceSection(_) => Section::Instance,
        Payload::ComponentAliasSection(_) => Section::Alias,
        Payload::ComponentCanonicalSection(_) => Section::Canonical,
        _ => return None,
    })
}
