//! The module of a world: its types, the traits of what it imports, its struct, and the modules of its interfaces.

use std::collections::BTreeMap;

use syn::Error;
use wit_parser::{Function, TypeDefKind, WorldItem, WorldKey};

use crate::context::{Context, Interface, Side};
use crate::exports::Exports;
use crate::func::Functions;
use crate::imports::Imports;
use crate::module::Module;
use crate::names::{Scope, camel, snake};
use crate::output::Output;

/// All that is generated for a world.
///
/// # Errors
/// The world has something that is not supported, or `with` names something that it has not.
pub(crate) fn generate(context: &Context<'_>) -> Result<String, Error> {
    let mut tree = Tree::default();
    let mut imported = Vec::new();
    for interface in &context.imports {
        if context.mapped_interface(interface.id, 0).is_some() {
            continue;
        }
        let (module, host) = import(context, interface)?;
        tree.insert(&interface.path, context.docs(interface), module);
        if let Some(host) = host {
            imported.push((interface, host));
        }
    }
    let mut exported = Vec::new();
    for interface in &context.exports {
        let (module, guest) = export(context, interface)?;
        tree.insert(&interface.path, context.docs(interface), module);
        if let Some(guest) = guest {
            exported.push((interface, guest));
        }
    }
    let mut module = Module::of_world(context);
    world(&mut module, &imported, &exported)?;
    context.check_with()?;
    context.check_async()?;

    let mut output = Output::default();
    let name = format!("{}_world", snake(&context.world.name));
    match &context.world.docs.contents {
        Some(docs) => output.docs(docs),
        None => output.line(format!("/// The world `{}`.", context.world.name)),
    }
    output.nest("#[allow(", ")]", |output| {
        ["dead_code,", "missing_docs,", "rustdoc::all,"].iter().for_each(|lint| output.line(lint));
        output.line("reason = \"a world is declared whole, and with the documentation that it has\"");
    });
    output.block(format!("mod {name}"), |output| {
        output.append(&module.finish());
        tree.write(output);
    });
    output.blank();
    output.line("#[allow(unused_imports, reason = \"whichever of it is used\")]");
    output.line(format!("pub use {name}::*;"));
    Ok(output.into_text())
}

/// Modules within modules.
#[derive(Default)]
struct Tree<'a> {
    docs: Option<&'a str>,
    content: Output,
    inner: BTreeMap<String, Self>,
}

impl<'a> Tree<'a> {
    fn insert(&mut self, path: &[String], docs: Option<&'a str>, content: Output) {
        match path {
            [] => (self.docs, self.content) = (docs, content),
            [first, rest @ ..] => self.inner.entry(first.clone()).or_default().insert(rest, docs, content),
        }
    }

    fn write(&self, output: &mut Output) {
        output.append(&self.content);
        for (name, inner) in &self.inner {
            output.blank();
            if let Some(docs) = inner.docs {
                output.docs(docs);
            }
            output.block(format!("pub mod {name}"), |output| inner.write(output));
        }
    }
}

/// The module of an imported interface, and its trait if it has functions.
fn import(context: &Context<'_>, interface: &Interface) -> Result<(Output, Option<String>), Error> {
    let mut module = Module::of_interface(context, Side::Import, interface);
    let functions = declare_types(&mut module, interface)?;
    if functions.is_empty() {
        return Ok((module.finish(), None));
    }
    let imports = module.import_traits(&functions, "Host", &format!("the interface `{}`", interface.name))?;
    let docs = format!("Defines the interface `{}` in a linker.", interface.name);
    add_to_linker(&mut module, &docs, std::slice::from_ref(&imports.host), |module| {
        module.body.line(format!("let mut interface = linker.instance({:?})?;", interface.name));
        module.define("interface", &functions, &imports)
    })?;
    Ok((module.finish(), Some(imports.host)))
}

/// The module of an exported interface, and its struct if it has functions.
fn export(context: &Context<'_>, interface: &Interface) -> Result<(Output, Option<String>), Error> {
    let mut module = Module::of_interface(context, Side::Export, interface);
    let functions = declare_types(&mut module, interface)?;
    if functions.free.is_empty() && functions.resources.iter().all(|resource| resource.funcs.is_empty()) {
        return Ok((module.finish(), None));
    }
    let guest = module.guest(&functions, &interface.name)?;
    Ok((module.finish(), Some(guest)))
}

/// Declares the types of an interface; its functions, by resource.
fn declare_types<'a>(module: &mut Module<'_, 'a>, interface: &Interface) -> Result<Functions<'a>, Error> {
    let resolve = module.context.resolve;
    let wit = &resolve.interfaces[interface.id];
    for id in wit.types.values() {
        module.declare(*id)?;
    }
    let resources = wit.types.iter().map(|(name, id)| (name.as_str(), *id));
    let resources = resources.filter(|(_, id)| matches!(resolve.types[*id].kind, TypeDefKind::Resource));
    Functions::new(module.context, resources, wit.functions.values())
}

/// A function that defines things in a linker.
fn add_to_linker<'c, 'a>(
    module: &mut Module<'c, 'a>,
    docs: &str,
    bounds: &[String],
    define: impl FnOnce(&mut Module<'c, 'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    let (linker, result, error) = (module.name("Linker"), module.name("Result"), module.name("Error"));
    let mut outer = module.begin_inner();
    define(module)?;
    module.body.line("Ok(())");
    outer.blank();
    outer.line(format!("/// {docs}"));
    outer.line("///");
    outer.line("/// `host` finds in the data of a store what implements it.");
    outer.line("///");
    outer.line("/// # Errors");
    outer.line("/// A name is taken.");
    let params = [format!("linker: &mut {linker}<T>"), "host: fn(&mut T) -> &mut H".to_owned()];
    let result = format!(" -> {result}<(), {error}>");
    match bounds {
        [bound] => {
            let head = format!("pub fn add_to_linker<T: 'static, H: {bound} + 'static>");
            outer.call_block(&head, &params, &result, |outer| outer.append(&module.body));
        }
        bounds => {
            outer.call("pub fn add_to_linker<T, H>", &params, &result);
            outer.nest("where", "{", |outer| {
                outer.line("T: 'static,");
                let line = format!("H: {} + 'static,", bounds.join(" + "));
                if outer.fits(&line) {
                    outer.line(line);
                    return;
                }
                outer.line(format!("H: {}", bounds[0]));
                bounds[1..].iter().for_each(|bound| outer.line(format!("    + {bound}")));
                outer.line("    + 'static,");
            });
            outer.indented(|outer| outer.append(&module.body));
            outer.line("}");
        }
    }
    module.body = outer;
    Ok(())
}

/// What belongs to the world itself.
fn world(
    module: &mut Module<'_, '_>,
    imported: &[(&Interface, String)],
    exported: &[(&Interface, String)],
) -> Result<(), Error> {
    let context = module.context;
    // Before anything is written that may go by the same name.
    let name = module.scope.take(camel(&context.world.name));
    let types = context.world_types();
    for (_, id) in &types {
        module.declare(*id)?;
    }
    let resources = types.iter().map(|(name, id)| (name.as_str(), *id));
    let resources = resources.filter(|(_, id)| matches!(context.resolve.types[*id].kind, TypeDefKind::Resource));
    let functions = Functions::new(context, resources, funcs(&context.world.imports))?;
    let imports = match functions.is_empty() {
        true => None,
        false => {
            let of = format!("the world `{}`", context.world.name);
            Some(module.import_traits(&functions, &format!("{name}Imports"), &of)?)
        }
    };

    let calls: Vec<&Function> = funcs(&context.world.exports).collect();
    calls.iter().try_for_each(|func| context.check_func(func))?;
    let mut names = Scope::with(&["instance", "new", "instantiate", "add_to_linker"]);
    let mut exports = Exports::default();
    module.exports(&calls, None, &mut names, &mut exports)?;
    for (interface, guest) in exported {
        let path = module.path_to(&interface.path) + guest;
        let accessor = interface.path[1..].join("_");
        let docs = format!("The functions of the interface `{}`.", interface.name);
        exports.inner.push((names.take(accessor), path, docs));
    }
    let instance = module.name("Instance");
    module.body.blank();
    module.body.line(format!("/// An instance of a component of the world `{}`.", context.world.name));
    module.body.line("#[derive(Clone)]");
    module.body.block(format!("pub struct {name}"), |body| {
        body.line(format!("instance: {instance},"));
        exports.fields(body);
    });

    let mut outer = module.begin_inner();
    constructors(module, &exports);
    if imports.is_some() || !imported.is_empty() {
        let hosts = imports.iter().map(|imports| imports.host.clone());
        let hosts = hosts.chain(imported.iter().map(|(interface, host)| module.path_to(&interface.path) + host));
        let bounds: Vec<String> = hosts.collect();
        add_to_linker(module, "Defines what the world imports in a linker.", &bounds, |module| {
            for (interface, _) in imported {
                let path = module.path_to(&interface.path);
                module.body.line(format!("{path}add_to_linker(linker, host)?;"));
            }
            define_own(module, &functions, imports.as_ref())
        })?;
    }
    module.accessors(&exports);
    module.calls(&exports.funcs, &calls)?;
    outer.blank();
    outer.block(format!("impl {name}"), |outer| outer.append(&module.body));
    module.body = outer;
    Ok(())
}

/// The functions among what a world imports or exports.
fn funcs<'a>(items: impl IntoIterator<Item = (&'a WorldKey, &'a WorldItem)>) -> impl Iterator<Item = &'a Function> {
    items.into_iter().filter_map(|(_, item)| match item {
        WorldItem::Function(func) => Some(func),
        _ => None,
    })
}

/// Defines what the world imports without an interface.
fn define_own(module: &mut Module<'_, '_>, functions: &Functions<'_>, imports: Option<&Imports>) -> Result<(), Error> {
    let Some(imports) = imports else { return Ok(()) };
    module.body.line("let mut root = linker.root();");
    module.define("root", functions, imports)
}

/// `instantiate`, `new` and `instance`.
fn constructors(module: &mut Module<'_, '_>, exports: &Exports) {
    let (as_context_mut, component, instance, linker, result, error) = (
        module.name("AsContextMut"),
        module.name("Component"),
        module.name("Instance"),
        module.name("Linker"),
        module.name("Result"),
        module.name("Error"),
    );
    let body = &mut module.body;
    body.line("/// Instantiates a component of this world with what a linker has for its imports.");
    body.line("///");
    body.line("/// # Errors");
    body.line("/// An import is missing, an export is, a type is another, or a start function trapped.");
    let params = [
        format!("mut store: impl {as_context_mut}<Data = T>"),
        format!("component: &{component}"),
        format!("linker: &{linker}<T>"),
    ];
    body.call_block("pub fn instantiate<T: 'static>", &params, &format!(" -> {result}<Self, {error}>"), |body| {
        body.line("let instance = linker.instantiate(&mut store, component)?;");
        body.line("Self::new(store, instance)");
    });
    body.blank();
    body.line("/// Finds what the world exports in an instance.");
    body.line("///");
    body.line("/// # Errors");
    body.line("/// Something is not exported, or its type is another.");
    let store = if exports.is_empty() { "_" } else { "mut store" };
    let params = [format!("{store}: impl {as_context_mut}"), format!("instance: {instance}")];
    body.call_block("pub fn new", &params, &format!(" -> {result}<Self, {error}>"), |body| {
        let fields = ["instance".to_owned()].into_iter().chain(exports.finds());
        body.fields("Ok(Self {", &fields.collect::<Vec<_>>(), "})");
    });
    body.blank();
    body.line("/// The instance.");
    body.block(format!("pub fn instance(&self) -> {instance}"), |body| body.line("self.instance"));
}
