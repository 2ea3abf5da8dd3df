//! `whit inspect`: a module → what it imports, exports and contains.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};
use wasmparser::{Parser, Payload};
use whit_core::{CompilationMode, ExternType, Module};

use crate::args::Inspect;
use crate::engine::engine;
use crate::load::{load, shown};
use crate::print;
use crate::report::{self, Failure};
use crate::terminal::printable;

/// Prints what is in the file.
pub fn run(asked: &Inspect) -> Result<ExitCode, Failure> {
    let engine = engine(&asked.wasm.resolve(), CompilationMode::Lazy, false)?;
    let name = shown(&asked.file);
    let bytes = load(&asked.file)?;
    let sections = sections(&bytes);
    let size = bytes.len();
    let module = Module::new(&engine, bytes).map_err(|error| report::refused(&name, &error))?;
    let text = if asked.json {
        format!("{:#}\n", to_json(&name, size, &module, &sections))
    } else {
        to_text(&name, size, &module, &sections)
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// A section: what kind it is, the name of a custom one, its entries if it has any, and its size in bytes.
struct Section {
    kind: &'static str,
    name: Option<String>,
    entries: Option<u32>,
    size: u64,
}

/// The sections in their order; up to the first that does not parse, which loading then explains.
fn sections(wasm: &[u8]) -> Vec<Section> {
    let mut sections = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Ok(payload) = payload else { break };
        let (kind, entries) = match &payload {
            Payload::TypeSection(reader) => ("type", Some(reader.count())),
            Payload::ImportSection(reader) => ("import", Some(reader.count())),
            Payload::FunctionSection(reader) => ("function", Some(reader.count())),
            Payload::TableSection(reader) => ("table", Some(reader.count())),
            Payload::MemorySection(reader) => ("memory", Some(reader.count())),
            Payload::TagSection(reader) => ("tag", Some(reader.count())),
            Payload::GlobalSection(reader) => ("global", Some(reader.count())),
            Payload::ExportSection(reader) => ("export", Some(reader.count())),
            Payload::StartSection { .. } => ("start", None),
            Payload::ElementSection(reader) => ("element", Some(reader.count())),
            Payload::DataCountSection { .. } => ("data count", None),
            Payload::CodeSectionStart { count, .. } => ("code", Some(*count)),
            Payload::DataSection(reader) => ("data", Some(reader.count())),
            Payload::CustomSection(_) => ("custom", None),
            _ => continue,
        };
        let name = match &payload {
            Payload::CustomSection(reader) => Some(reader.name().to_string()),
            _ => None,
        };
        let size = match &payload {
            Payload::CodeSectionStart { size, .. } => u64::from(*size),
            other => other.as_section().map_or(0, |(_, range)| range.end - range.start),
        };
        sections.push(Section { kind, name, entries, size });
    }
    sections
}

fn kind(ty: &ExternType) -> &'static str {
    match ty {
        ExternType::Func(_) => "func",
        ExternType::Table(_) => "table",
        ExternType::Memory(_) => "memory",
        ExternType::Global(_) => "global",
        ExternType::Tag(_) => "tag",
        _ => "other",
    }
}

fn to_json(name: &str, size: usize, module: &Module, sections: &[Section]) -> Value {
    let imports: Vec<Value> = module
        .imports()
        .map(|import| {
            let ty = import.ty();
            json!({ "module": import.module(), "name": import.name(), "kind": kind(&ty), "type": ty.to_string() })
        })
        .collect();
    let exports: Vec<Value> = module
        .exports()
        .map(|export| {
            let ty = export.ty();
            json!({ "name": export.name(), "kind": kind(&ty), "type": ty.to_string() })
        })
        .collect();
    let sections: Vec<Value> = sections
        .iter()
        .map(|section| json!({ "kind": section.kind, "name": section.name, "entries": section.entries, "size": section.size }))
        .collect();
    json!({
        "file": name,
        "kind": "module",
        "name": module.name(),
        "size": size,
        "imports": imports,
        "exports": exports,
        "sections": sections,
    })
}

fn to_text(name: &str, size: usize, module: &Module, sections: &[Section]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(text, "{name}: core module, {size} bytes");
    if let Some(own) = module.name() {
        let _ = write!(text, ", named {}", printable(own));
    }
    let _ = writeln!(text, "\n\nimports: {}", module.imports().len());
    for import in module.imports() {
        let _ = writeln!(text, "  {}::{} {}", printable(import.module()), printable(import.name()), import.ty());
    }
    let _ = writeln!(text, "\nexports: {}", module.exports().len());
    for export in module.exports() {
        let _ = writeln!(text, "  {} {}", printable(export.name()), export.ty());
    }
    let _ = writeln!(text, "\nsections: {}", sections.len());
    for section in sections {
        let entries = match section.entries {
            None => String::new(),
            Some(1) => ", 1 entry".into(),
            Some(count) => format!(", {count} entries"),
        };
        let name = section.name.as_ref().map_or_else(String::new, |name| format!(" \"{}\"", printable(name)));
        let _ = writeln!(text, "  {}{name}: {} bytes{entries}", section.kind, section.size);
    }
    text
}
