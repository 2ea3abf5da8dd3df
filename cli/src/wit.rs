//! `whit wit`: a component → its world, as WIT text.
//!
//! The text is made from the validator's types ([`Outside`]), in which a `use` of another interface's type, an alias and a definition can be told apart. A
//! component has no name, and what its world is called is no part of it: `root:component/root` stands for both, as in other tools. Assumes nothing of the
//! bytes. Promises text that other tools read, with a comment for what WIT has no words for: imported modules and components, functions that are named
//! like interfaces, or that mention types of an interface without a package.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use wasmparser::component_types::{
    AliasableResourceId, ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncTypeId, ComponentInstanceTypeId, ComponentItem, ComponentValType,
};
use wasmparser::types::Types;

use crate::load::{is_component, load, shown};
use crate::outside::{Outside, TypeNames};
use crate::print;
use crate::report::Failure;
use crate::terminal::printable;

/// Prints the world.
pub fn run(file: &Path) -> Result<ExitCode, Failure> {
    let name = shown(file);
    let bytes = load(file)?;
    if !is_component(&bytes) {
        return Err(Failure::new(format!(
            "{name} is a core module, which has no world; `whit inspect` shows what it imports and exports"
        )));
    }
    let text = text(&bytes).map_err(|why| Failure::new(format!("{name} is not a valid component: {why}")))?;
    print(&text).map(|()| ExitCode::SUCCESS)
}

/// The world of a component.
pub fn text(bytes: &[u8]) -> Result<String, String> {
    let outside = Outside::read(bytes)?;
    let mut printer = Printer::new(&outside.types);
    Ok(printer.world(&outside))
}

/// A name for a type: where it stands, and what it is there.
#[derive(Clone, PartialEq, Eq)]
struct Known {
    scope: usize,
    name: String,
}

/// An interface, or the world: where names of types mean something.
#[derive(Default)]
struct Scope {
    /// The interface's name; none for the world and for interfaces in it, which cannot be used elsewhere.
    path: Option<String>,
    /// The names that are taken.
    names: HashSet<String>,
    /// Types of other interfaces: the interface, the type, its name here.
    uses: Vec<(String, String, String)>,
}

/// An interface of a package.
struct Interface {
    package: String,
    name: String,
    items: usize,
    lines: Vec<String>,
}

struct Printer<'t> {
    types: &'t Types,
    known: TypeNames<Known>,
    scopes: Vec<Scope>,
    interfaces: Vec<Interface>,
}

impl<'t> Printer<'t> {
    fn new(types: &'t Types) -> Self {
        Self { types, known: TypeNames::default(), scopes: vec![Scope::default()], interfaces: Vec::new() }
    }

    fn world(&mut self, outside: &Outside) -> String {
        const WORLD: usize = 0;
        self.register(WORLD, &outside.imports);
        self.register(WORLD, &outside.exports);
        let mut lines = Vec::new();
        let imports = self.world_items("import", &outside.imports, &mut lines);
        let exports = self.world_items("export", &outside.exports, &mut lines);
        let mut body = self.uses(WORLD);
        for part in [lines, imports, exports] {
            if !body.is_empty() && !part.is_empty() {
                body.push(String::new());
            }
            body.extend(part);
        }
        let mut text = String::from("package root:component;\n\nworld root {\n");
        write_lines(&mut text, 1, &body);
        text.push_str("}\n");
        let mut packages: Vec<&str> = Vec::new();
        for interface in &self.interfaces {
            if !packages.contains(&interface.package.as_str()) {
                packages.push(&interface.package);
            }
        }
        for package in packages {
            let _ = writeln!(text, "package {package} {{");
            let within = self.interfaces.iter().filter(|interface| interface.package == package);
            for (at, interface) in within.enumerate() {
                let _ = writeln!(text, "{}  interface {} {{", if at == 0 { "" } else { "\n" }, interface.name);
                write_lines(&mut text, 2, &interface.lines);
                text.push_str("  }\n");
            }
            text.push_str("}\n");
        }
        text
    }

    /// What the world imports or exports, except types, which go to `types`.
    fn world_items(&mut self, word: &str, items: &[(String, ComponentItem)], types: &mut Vec<String>) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, item) in items {
            match (&item.ty, item.full_implements()) {
                (ComponentEntityType::Instance(instance), Some(interface)) => {
                    self.interface(&interface, *instance);
                    lines.push(format!("{word} {}: {};", id(name), path(&interface)));
                }
                (ComponentEntityType::Instance(instance), None) if name.contains(':') => {
                    let name = item.full_name(name);
                    self.interface(&name, *instance);
                    lines.push(format!("{word} {};", path(&name)));
                }
                (ComponentEntityType::Instance(instance), None) => {
                    lines.push(format!("{word} {}: interface {{", id(name)));
                    let inner = self.scope(None, *instance).0;
                    lines.extend(indented(inner));
                    lines.push("}".into());
                }
                (ComponentEntityType::Func(func), _) if !name.starts_with('[') => {
                    let func = self.func(0, *func, false);
                    let is_plain = !name.contains(':');
                    lines.push(said(format!("{word} {}: {func};", id(name)), is_plain));
                }
                // Those of resources stand with them.
                (ComponentEntityType::Func(_), _) => {}
                (ComponentEntityType::Type { referenced, created }, _) => {
                    let definition = self.definition(0, name, *referenced, *created, items);
                    separate(types, definition, false);
                }
                (ComponentEntityType::Module(_), _) => {
                    lines.push(format!("// {word} {}: core module", printable(name)))
                }
                (ComponentEntityType::Component(_), _) => {
                    lines.push(format!("// {word} {}: component", printable(name)));
                }
                (ComponentEntityType::Value(_), _) => lines.push(format!("// {word} {}: value", printable(name))),
            }
        }
        lines
    }

    /// Notes an interface. What is imported and exported under one name is there once, as the larger of the two.
    fn interface(&mut self, name: &str, instance: ComponentInstanceTypeId) {
        let (lines, items) = self.scope(Some(name), instance);
        let (whole, version) = name.split_once('@').map_or((name, None), |(whole, version)| (whole, Some(version)));
        let (package, short) = whole.rsplit_once('/').unwrap_or((whole, whole));
        let version = version.map_or_else(String::new, |version| format!("@{version}"));
        let interface = Interface { package: format!("{}{version}", path(package)), name: id(short), items, lines };
        match self.interfaces.iter_mut().find(|one| one.package == interface.package && one.name == interface.name) {
            Some(known) if known.items >= items => {}
            Some(known) => *known = interface,
            None => self.interfaces.push(interface),
        }
    }

    /// The lines of an interface, and how many items it has.
    fn scope(&mut self, path: Option<&str>, instance: ComponentInstanceTypeId) -> (Vec<String>, usize) {
        let scope = self.scopes.len();
        self.scopes.push(Scope { path: path.map(Into::into), ..Scope::default() });
        let types = self.types;
        let items: Vec<(String, ComponentItem)> =
            types[instance].exports.iter().map(|(name, item)| (name.clone(), item.clone())).collect();
        self.register(scope, &items);
        let mut lines = Vec::new();
        for (name, item) in &items {
            let (text, apart) = match &item.ty {
                ComponentEntityType::Func(func) if !name.starts_with('[') => {
                    (vec![said(format!("{}: {};", id(name), self.func(scope, *func, false)), true)], true)
                }
                ComponentEntityType::Type { referenced, created } => {
                    (self.definition(scope, name, *referenced, *created, &items), false)
                }
                ComponentEntityType::Func(_) => continue,
                _ => (vec![format!("// {}: nothing that an interface can have", printable(name))], false),
            };
            separate(&mut lines, text, apart);
        }
        let mut all = self.uses(scope);
        if !all.is_empty() && !lines.is_empty() {
            all.push(String::new());
        }
        all.extend(lines);
        (all, items.len())
    }

    /// Gives the types among `items` their names, before anything mentions them.
    fn register(&mut self, scope: usize, items: &[(String, ComponentItem)]) {
        for (name, item) in items {
            self.scopes[scope].names.insert(name.clone());
            if let ComponentEntityType::Type { created, .. } = &item.ty {
                self.known.insert(*created, Known { scope, name: name.clone() });
            }
        }
    }

    /// A type's name in `scope`, taken from another interface if need be.
    fn name(&mut self, scope: usize, ty: ComponentAnyTypeId) -> Option<String> {
        let known = self.find(ty)?;
        let (here, there) = (self.scopes.get(scope)?, self.scopes.get(known.scope)?);
        if known.scope == scope || here.path.is_some() && here.path == there.path {
            return Some(id(&known.name));
        }
        let path = there.path.clone()?;
        Some(self.take(scope, path, &known.name, None))
    }

    fn find(&self, ty: ComponentAnyTypeId) -> Option<Known> {
        self.known.find(self.types, ty).cloned()
    }

    /// The name in `scope` of another interface's type, which is `wanted` if that is said.
    fn take(&mut self, scope: usize, path: String, name: &str, wanted: Option<&str>) -> String {
        let scope = &mut self.scopes[scope];
        let known =
            scope.uses.iter().find(|used| used.0 == path && used.1 == name && wanted.is_none_or(|to| to == used.2));
        if let Some((_, _, local)) = known {
            return id(local);
        }
        let local = match wanted {
            Some(wanted) => wanted.to_string(),
            None => {
                let mut local = name.to_string();
                while !scope.names.insert(local.clone()) {
                    local.push_str("-used");
                }
                local
            }
        };
        scope.uses.push((path, name.into(), local.clone()));
        id(&local)
    }

    /// The `use` lines of a scope, one for each interface.
    fn uses(&self, scope: usize) -> Vec<String> {
        let scope = &self.scopes[scope];
        let mut lines: Vec<(String, Vec<String>)> = Vec::new();
        for (from, name, local) in &scope.uses {
            let item = if name == local { id(name) } else { format!("{} as {}", id(name), id(local)) };
            // In one package the interface's own name is enough.
            let package = |path: &str| {
                let (whole, version) = path.split_once('@').unwrap_or((path, ""));
                whole.rsplit_once('/').map(|(package, _)| format!("{package}@{version}"))
            };
            let shown = match scope.path.as_deref() {
                Some(here) if package(here) == package(from) => {
                    let whole = from.split_once('@').map_or(from.as_str(), |(whole, _)| whole);
                    id(whole.rsplit_once('/').map_or(whole, |(_, name)| name))
                }
                _ => path(from),
            };
            match lines.iter_mut().find(|(from, _)| *from == shown) {
                Some((_, items)) => items.push(item),
                None => lines.push((shown, vec![item])),
            }
        }
        lines.into_iter().map(|(from, items)| format!("use {from}.{{{}}};", items.join(", "))).collect()
    }

    /// The lines that give `name` its meaning; none if it is used from elsewhere.
    fn definition(
        &mut self,
        scope: usize,
        name: &str,
        referenced: ComponentAnyTypeId,
        created: ComponentAnyTypeId,
        items: &[(String, ComponentItem)],
    ) -> Vec<String> {
        let own = Known { scope, name: name.into() };
        let mut other = self.find(referenced).filter(|known| *known != own);
        // An export of what is imported under the same name.
        if other.is_none() && self.find(created).is_some_and(|known| known != own) {
            other = self.find(created);
        }
        if let Some(other) = other {
            return match self.scopes[other.scope].path.clone() {
                Some(path) if other.scope != scope => {
                    self.take(scope, path, &other.name, Some(name));
                    Vec::new()
                }
                _ if other.scope == scope && other.name == name => Vec::new(),
                _ => vec![format!("type {} = {};", id(name), id(&other.name))],
            };
        }
        match created {
            ComponentAnyTypeId::Resource(_) => self.resource(scope, name, items),
            ComponentAnyTypeId::Defined(ty) => self.defined(scope, name, ty),
            _ => vec![format!("// {}: a type that WIT has no words for", printable(name))],
        }
    }

    fn defined(&mut self, scope: usize, name: &str, ty: ComponentDefinedTypeId) -> Vec<String> {
        let types = self.types;
        let block = |keyword: &str, members: Vec<String>| {
            let members = members.into_iter().map(|member| format!("  {member},"));
            [vec![format!("{keyword} {} {{", id(name))], members.collect(), vec!["}".into()]].concat()
        };
        match &types[ty] {
            ComponentDefinedType::Record(record) => {
                let fields = record.fields.iter();
                block("record", fields.map(|(field, ty)| format!("{}: {}", id(field), self.ty(scope, *ty))).collect())
            }
            ComponentDefinedType::Variant(variant) => {
                let cases = variant.cases.iter();
                block("variant", cases.map(|(case, of)| self.case(scope, case, of.ty)).collect())
            }
            ComponentDefinedType::Enum(names) => block("enum", names.iter().map(|name| id(name)).collect()),
            ComponentDefinedType::Flags(names) => block("flags", names.iter().map(|name| id(name)).collect()),
            _ => vec![format!("type {} = {};", id(name), self.structure(scope, ty))],
        }
    }

    fn case(&mut self, scope: usize, name: &str, ty: Option<ComponentValType>) -> String {
        match ty {
            Some(ty) => format!("{}({})", id(name), self.ty(scope, ty)),
            None => id(name),
        }
    }

    /// A resource with the functions that belong to it.
    fn resource(&mut self, scope: usize, name: &str, items: &[(String, ComponentItem)]) -> Vec<String> {
        let mut lines = Vec::new();
        for (item, ty) in items {
            let ComponentEntityType::Func(func) = ty.ty else { continue };
            let Some((kind, of)) = item.strip_prefix('[').and_then(|item| item.split_once(']')) else { continue };
            let (of, method) = of.split_once('.').unwrap_or((of, ""));
            if of != name {
                continue;
            }
            lines.push(match kind {
                "constructor" => format!("  {};", self.constructor(scope, func)),
                "method" => format!("  {}: {};", id(method), self.func(scope, func, true)),
                "static" => format!("  {}: static {};", id(method), self.func(scope, func, false)),
                _ => format!("  // {}", printable(item)),
            });
        }
        match lines.is_empty() {
            true => vec![format!("resource {};", id(name))],
            false => [vec![format!("resource {} {{", id(name))], lines, vec!["}".into()]].concat(),
        }
    }

    fn constructor(&mut self, scope: usize, func: ComponentFuncTypeId) -> String {
        let types = self.types;
        let params = self.params(scope, func, 0);
        let result = match types[func].result {
            // One that can fail says so; any other returns the resource.
            Some(ComponentValType::Type(ty)) if matches!(types[ty], ComponentDefinedType::Result { .. }) => {
                format!(" -> {}", self.ty(scope, ComponentValType::Type(ty)))
            }
            _ => String::new(),
        };
        format!("constructor({params}){result}")
    }

    fn params(&mut self, scope: usize, func: ComponentFuncTypeId, skipped: usize) -> String {
        let types = self.types;
        let params = types[func].params.iter().skip(skipped);
        let params: Vec<String> = params.map(|(name, ty)| format!("{}: {}", id(name), self.ty(scope, *ty))).collect();
        params.join(", ")
    }

    /// A function's type; a method's first parameter is the resource, which goes without saying.
    fn func(&mut self, scope: usize, func: ComponentFuncTypeId, is_method: bool) -> String {
        let types = self.types;
        let params = self.params(scope, func, usize::from(is_method));
        let result = types[func].result.map_or_else(String::new, |ty| format!(" -> {}", self.ty(scope, ty)));
        let word = if types[func].async_ { "async func" } else { "func" };
        format!("{word}({params}){result}")
    }

    fn ty(&mut self, scope: usize, ty: ComponentValType) -> String {
        match ty {
            ComponentValType::Primitive(ty) => ty.to_string(),
            ComponentValType::Type(ty) => match self.name(scope, ComponentAnyTypeId::Defined(ty)) {
                Some(name) => name,
                None => self.structure(scope, ty),
            },
        }
    }

    /// A type without a name. (The validator bounds how deep they are, and how large all that is imported and exported is together.)
    fn structure(&mut self, scope: usize, ty: ComponentDefinedTypeId) -> String {
        let types = self.types;
        let of = |word: &str, ty: Option<String>| ty.map_or_else(|| word.into(), |ty| format!("{word}<{ty}>"));
        match &types[ty] {
            ComponentDefinedType::Primitive(ty) => ty.to_string(),
            ComponentDefinedType::List { element, .. } => format!("list<{}>", self.ty(scope, *element)),
            ComponentDefinedType::FixedLengthList { element, length, .. } => {
                format!("list<{}, {length}>", self.ty(scope, *element))
            }
            ComponentDefinedType::Map { key, value, .. } => {
                format!("map<{}, {}>", self.ty(scope, *key), self.ty(scope, *value))
            }
            ComponentDefinedType::Tuple(tuple) => {
                let types: Vec<String> = tuple.types.iter().map(|ty| self.ty(scope, *ty)).collect();
                format!("tuple<{}>", types.join(", "))
            }
            ComponentDefinedType::Option { ty, .. } => format!("option<{}>", self.ty(scope, *ty)),
            ComponentDefinedType::Result { ok, err, .. } => {
                let ok = ok.map(|ty| self.ty(scope, ty));
                match err.map(|ty| self.ty(scope, ty)) {
                    Some(error) => format!("result<{}, {error}>", ok.unwrap_or_else(|| "_".into())),
                    None => of("result", ok),
                }
            }
            ComponentDefinedType::Own(resource) => self.handle(scope, *resource),
            ComponentDefinedType::Borrow(resource) => format!("borrow<{}>", self.handle(scope, *resource)),
            ComponentDefinedType::Future { ty, .. } => of("future", ty.map(|ty| self.ty(scope, ty))),
            ComponentDefinedType::Stream { ty, .. } => of("stream", ty.map(|ty| self.ty(scope, ty))),
            // These have names, but perhaps in an interface that has none itself.
            ComponentDefinedType::Record(_) => format!("{NAMELESS}a record"),
            ComponentDefinedType::Variant(_) => format!("{NAMELESS}a variant"),
            ComponentDefinedType::Enum(_) => format!("{NAMELESS}an enum"),
            ComponentDefinedType::Flags(_) => format!("{NAMELESS}flags"),
        }
    }

    fn handle(&mut self, scope: usize, resource: AliasableResourceId) -> String {
        let name = self.name(scope, ComponentAnyTypeId::Resource(resource));
        name.unwrap_or_else(|| format!("{NAMELESS}a resource"))
    }
}

/// What stands for a type that only an interface within the world names, where no `use` reaches.
const NAMELESS: &str = "the name elsewhere of ";

/// A function, as a comment if WIT cannot say it.
fn said(function: String, can_be: bool) -> String {
    if can_be && !function.contains(NAMELESS) { function } else { format!("// {function}") }
}

/// Adds an item to a list of them: functions, and whatever takes more than a line, stand apart.
fn separate(lines: &mut Vec<String>, item: Vec<String>, apart: bool) {
    let long = item.len() > 1 || apart;
    if !item.is_empty() && !lines.is_empty() && (long || lines.last().is_some_and(|last| last == "}")) {
        lines.push(String::new());
    }
    lines.extend(item);
}

fn indented(lines: Vec<String>) -> impl Iterator<Item = String> {
    lines.into_iter().map(|line| if line.is_empty() { line } else { format!("  {line}") })
}

fn write_lines(text: &mut String, depth: usize, lines: &[String]) {
    for line in lines {
        match line.is_empty() {
            true => text.push('\n'),
            false => _ = writeln!(text, "{:width$}{line}", "", width = depth * 2),
        }
    }
}

/// The words of WIT, which as names take a `%`.
const KEYWORDS: &[&str] = &[
    "as",
    "async",
    "bool",
    "borrow",
    "char",
    "constructor",
    "enum",
    "error-context",
    "export",
    "f32",
    "f64",
    "flags",
    "from",
    "func",
    "future",
    "import",
    "include",
    "interface",
    "list",
    "map",
    "option",
    "own",
    "package",
    "record",
    "resource",
    "result",
    "s16",
    "s32",
    "s64",
    "s8",
    "static",
    "stream",
    "string",
    "tuple",
    "type",
    "u16",
    "u32",
    "u64",
    "u8",
    "use",
    "variant",
    "with",
    "world",
];

fn id(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("%{name}") } else { name.into() }
}

/// The name of an interface or package, whose parts may be words of WIT.
fn path(name: &str) -> String {
    let (whole, version) = name.split_once('@').map_or((name, None), |(whole, version)| (whole, Some(version)));
    let mut text = String::new();
    for part in whole.split_inclusive([':', '/']) {
        let label = part.trim_end_matches([':', '/']);
        text.push_str(&id(label));
        text.push_str(&part[label.len()..]);
    }
    version.map_or(text.clone(), |version| format!("{text}@{version}"))
}
