//! `whit compose`: components → one component, in which the exports of some are the imports of others.
//!
//! ```text
//! app ── its imports ──▶ exports of the plugs, in their order
//!  plug ── its imports ──▶ exports of the plugs behind it
//!   whatever is left over ──▶ imports of the new component      its exports are the app's
//! ```
//!
//! The components are not changed: they lie in the new one as they are, and it instantiates each once. Names match as they do when a component is
//! linked: the same interface, in a compatible version. Promises that what is written is valid; components that do not fit are refused instead.

mod encode;
mod module;

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType, ComponentItem};
use whit_component::Component;
use whit_component::names::{are_compatible, version};
use whit_core::CompilationMode;

use crate::args::{Compose, WasmSettings};
use crate::engine::engine;
use crate::load::{is_component, load, shown};
use crate::outside::{Outside, TypeNames};
use crate::report::{self, Failure};
use crate::terminal::printable;

/// Reads, joins, validates, writes.
pub fn run(asked: &Compose) -> Result<ExitCode, Failure> {
    let files = std::iter::once(&asked.file).chain(&asked.plugs);
    let mut parts = files.map(|file| Part::read(file)).collect::<Result<Vec<_>, _>>()?;
    let imports = connect(&mut parts);
    every_plug_is_used(&parts)?;
    let bytes = encode::encode(&parts, imports)?;
    let engine = engine(&WasmSettings::default(), CompilationMode::Lazy, false)?;
    Component::validate(&engine, &bytes).map_err(|error| {
        let why = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        Failure::new(format!("the components do not fit together: {}", printable(&why)))
    })?;
    write(&asked.output, &bytes)?;
    Ok(ExitCode::SUCCESS)
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = match file.to_str() {
        Some("-") => {
            let mut out = io::stdout().lock();
            out.write_all(bytes).and_then(|()| out.flush())
        }
        _ => fs::write(file, bytes),
    };
    written.map_err(|error| Failure::new(format!("cannot write {}: {}", shown(file), report::said(&error))))
}

/// A component that is to be joined with others.
struct Part {
    /// Its file, for messages.
    name: String,
    bytes: Vec<u8>,
    outside: Outside,
    /// The types that its imports and exports define.
    types: TypeNames<TypeName>,
    /// Where each of its imports comes from.
    sources: Vec<Source>,
}

/// A type that an import or export of a part defines.
#[derive(Clone, PartialEq, Eq)]
struct TypeName {
    owner: Owner,
    /// The name in the instance that is imported or exported; none if the type itself is.
    name: Option<String>,
}

/// Which import or export of a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Import(usize),
    Export(usize),
}

/// Where an import comes from.
enum Source {
    /// An export of another part.
    Plug(usize, String),
    /// A type that the export of another part has: what a world that `use`s a type imports beside the interface.
    TypeOfPlug(usize, String, String),
    /// An import of the new component.
    Import(usize),
}

/// An import of the new component.
struct Import {
    /// Its name: of compatible versions the greatest that is wanted.
    name: String,
    /// Who wants it: the parts, and which of their imports.
    wants: Vec<(usize, usize)>,
}

impl Part {
    fn read(file: &Path) -> Result<Self, Failure> {
        let name = shown(file);
        let bytes = load(file)?;
        if !is_component(&bytes) {
            let help = "make it a component first (`wasm-tools component new`), or build it for `wasm32-wasip2`";
            return Err(Failure::new(format!("{name} is a core module, and only components can be joined: {help}")));
        }
        let outside =
            Outside::read(&bytes).map_err(|why| Failure::new(format!("{name} is not a valid component: {why}")))?;
        let mut part = Self { name, bytes, outside, types: TypeNames::default(), sources: Vec::new() };
        part.name_types();
        Ok(part)
    }

    /// Names the types that imports define, and then those that exports do.
    fn name_types(&mut self) {
        let imports = (0..).map(Owner::Import).zip(&self.outside.imports);
        let exports = (0..).map(Owner::Export).zip(&self.outside.exports);
        for (owner, (_, item)) in imports.chain(exports) {
            match &item.ty {
                ComponentEntityType::Type { created, .. } => {
                    self.types.insert(*created, TypeName { owner, name: None });
                }
                ComponentEntityType::Instance(instance) => {
                    for (name, item) in &self.outside.types[*instance].exports {
                        if let ComponentEntityType::Type { created, .. } = item.ty {
                            self.types.insert(created, TypeName { owner, name: Some(name.clone()) });
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// The name of a type that is not `own`.
    fn other_name(&self, ty: ComponentAnyTypeId, own: &TypeName) -> Option<&TypeName> {
        self.types.find(&self.outside.types, ty).filter(|name| *name != own)
    }
}

/// Decides where every import comes from, and returns the imports that are left.
fn connect(parts: &mut [Part]) -> Vec<Import> {
    let mut imports: Vec<Import> = Vec::new();
    for at in 0..parts.len() {
        let mut sources = Vec::new();
        for (index, (name, item)) in parts[at].outside.imports.iter().enumerate() {
            // Only parts behind this one: so none can want, by whatever way, what it gives.
            let plug = parts
                .iter()
                .enumerate()
                .skip(at + 1)
                .find_map(|(plug, part)| export(part, name, item).map(|export| Source::Plug(plug, export.into())));
            let source = plug.or_else(|| type_of_plug(&parts[at], &sources, index, item));
            sources.push(source.unwrap_or_else(|| Source::Import(left_over(&mut imports, name, (at, index)))));
        }
        parts[at].sources = sources;
    }
    imports
}

/// Where an imported type comes from that is one of an interface which a plug has.
fn type_of_plug(part: &Part, sources: &[Source], import: usize, item: &ComponentItem) -> Option<Source> {
    let ComponentEntityType::Type { referenced, .. } = item.ty else { return None };
    let own = TypeName { owner: Owner::Import(import), name: None };
    let TypeName { owner: Owner::Import(interface), name: Some(name) } = part.other_name(referenced, &own)? else {
        return None;
    };
    match sources.get(*interface)? {
        Source::Plug(plug, export) => Some(Source::TypeOfPlug(*plug, export.clone(), name.clone())),
        _ => None,
    }
}

/// The export that fits an import: the one with its name, or else that with the greatest compatible version.
fn export<'p>(part: &'p Part, name: &str, wanted: &ComponentItem) -> Option<&'p str> {
    let same_kind = |item: &ComponentItem| std::mem::discriminant(&item.ty) == std::mem::discriminant(&wanted.ty);
    let fitting = part.outside.exports.iter().filter(|(_, item)| same_kind(item)).map(|(export, _)| export.as_str());
    fitting
        .clone()
        .find(|export| *export == name)
        .or_else(|| fitting.filter(|export| are_compatible(export, name)).max_by_key(|export| version(export)))
}

/// The number of the import with this name, or a compatible one.
fn left_over(imports: &mut Vec<Import>, name: &str, want: (usize, usize)) -> usize {
    let known = imports.iter().position(|import| import.name == name || are_compatible(&import.name, name));
    match known {
        Some(at) => {
            let import = &mut imports[at];
            if version(name) > version(&import.name) {
                import.name = name.into();
            }
            import.wants.push(want);
            at
        }
        None => {
            imports.push(Import { name: name.into(), wants: vec![want] });
            imports.len() - 1
        }
    }
}

/// A plug that fits nowhere is a mistake, and often one letter of a name.
fn every_plug_is_used(parts: &[Part]) -> Result<(), Failure> {
    let is_used = |plug: usize| {
        let mut sources = parts.iter().flat_map(|part| &part.sources);
        sources.any(|source| matches!(source, Source::Plug(at, _) if *at == plug))
    };
    let Some((plug, part)) = parts.iter().enumerate().skip(1).find(|(plug, _)| !is_used(*plug)) else { return Ok(()) };
    let exports: Vec<&str> = part.outside.exports.iter().map(|(name, _)| name.as_str()).collect();
    let wanted: Vec<&str> =
        parts[..plug].iter().flat_map(|part| &part.outside.imports).map(|(name, _)| name.as_str()).collect();
    let list = |names: &[&str]| match names.is_empty() {
        true => "\n    nothing".to_string(),
        false => names.iter().map(|name| format!("\n    {}", printable(name))).collect(),
    };
    let taken = exports.iter().find(|export| wanted.iter().any(|want| want == *export || are_compatible(want, export)));
    let why = match taken {
        Some(export) => format!("`{}` is imported, but a plug before it has it already", printable(export)),
        None => "none of its exports is an import of what stands before it".into(),
    };
    Err(Failure::new(format!(
        "{} is not used: {why}\n  it exports{}\n  imported before it are{}",
        part.name,
        list(&exports),
        list(&wanted)
    )))
}
