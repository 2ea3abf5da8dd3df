//! `whit inspect`: a module or component → what it imports, exports and contains.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};
use wasmparser::{Parser, Payload};
use whit_component::{Component, ExternType as ComponentItem};
use whit_core::{CompilationMode, ExternType, Module};

use crate::args::Inspect;
use crate::engine::engine;
use crate::explain::explain;
use crate::load::{is_component, load, shown};
use crate::print;
use crate::report::{self, Failure};
use crate::terminal::printable;
use crate::wit;

/// Prints what is in the file.
pub fn run(asked: &Inspect) -> Result<ExitCode, Failure> {
    if asked.explain {
        return explain(asked);
    }
    if !asked.grants.is_empty() {
        return Err(Failure::new(
            "grants mean something to `whit run`, `whit serve` and `whit inspect --explain` alone",
        ));
    }
    if asked.wit {
        return wit::run(&asked.file);
    }
    let engine = engine(&asked.wasm.resolve(), CompilationMode::Lazy, false)?;
    let name = shown(&asked.file);
    let bytes = load(&asked.file)?;
    if is_component(&bytes) {
        let size = bytes.len();
        let component = Component::new(&engine, bytes).map_err(|error| report::refused(&name, &error))?;
        let text = if asked.json {
            format!("{:#}\n", component_to_json(&name, size, &component))
        } else {
            component_to_text(&name, size, &component)
        };
        return print(&text).map(|()| ExitCode::SUCCESS);
    }
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

/// An import or export of a component: its name, what it is, and what is within an instance.
struct Item {
    name: String,
    kind: &'static str,
    ty: Option<String>,
    items: Vec<Item>,
}

impl Item {
    fn new(name: &str, item: &ComponentItem<'_>) -> Self {
        let (kind, ty) = match item {
            ComponentItem::Func(ty) => ("func", Some(ty.to_string())),
            ComponentItem::Instance(_) => ("instance", None),
            ComponentItem::Module(_) => ("module", None),
            ComponentItem::Component => ("component", None),
            ComponentItem::Type(ty) => ("type", Some(ty.to_string())),
            ComponentItem::Resource(_) => ("resource", None),
            _ => ("other", None),
        };
        let items = match item {
            ComponentItem::Instance(instance) => {
                instance.exports().map(|(name, item)| Self::new(name, &item)).collect()
            }
            _ => Vec::new(),
        };
        Self { name: name.into(), kind, ty, items }
    }

    fn to_json(&self) -> Value {
        let items: Vec<Value> = self.items.iter().map(Self::to_json).collect();
        json!({ "name": self.name, "kind": self.kind, "type": self.ty, "items": items })
    }

    fn write(&self, depth: usize, text: &mut String) {
        let ty = self.ty.as_ref().map_or_else(String::new, |ty| format!(" {}", printable(ty)));
        let _ = writeln!(text, "{:depth$}{} {}{ty}", "", self.kind, printable(&self.name));
        self.items.iter().for_each(|item| item.write(depth + 2, text));
    }
}

/// Imports and exports, in order.
fn outside(component: &Component) -> (Vec<Item>, Vec<Item>) {
    let imports = component.imports().map(|import| Item::new(import.name(), &import.ty())).collect();
    let exports = component.exports().map(|export| Item::new(export.name(), &export.ty())).collect();
    (imports, exports)
}

fn component_to_json(name: &str, size: usize, component: &Component) -> Value {
    let (imports, exports) = outside(component);
    let list = |items: &[Item]| items.iter().map(Item::to_json).collect::<Vec<_>>();
    json!({ "file": name, "kind": "component", "size": size, "imports": list(&imports), "exports": list(&exports) })
}

fn component_to_text(name: &str, size: usize, component: &Component) -> String {
    let (imports, exports) = outside(component);
    let mut text = format!("{name}: component, {size} bytes\n");
    for (title, items) in [("imports", imports), ("exports", exports)] {
        let _ = writeln!(text, "\n{title}: {}", items.len());
        items.iter().for_each(|item| item.write(2, &mut text));
    }
    text
}
