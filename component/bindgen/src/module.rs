//! One module under construction: its text, and the names of other places that it has to `use`.

use std::collections::{BTreeMap, BTreeSet};

use wit_parser::{InterfaceId, TypeId};

use crate::context::{Context, Interface, Side};
use crate::names::Scope;
use crate::output::Output;

/// A module of Rust: that of an interface, or that of the world.
pub(crate) struct Module<'c, 'a> {
    pub context: &'c Context<'a>,
    pub side: Side,
    /// The interface whose it is; none for the world.
    pub interface: Option<InterfaceId>,
    /// Its path, from the module of the world.
    pub path: Vec<String>,
    /// The names of its types and traits.
    pub scope: Scope,
    pub body: Output,
    uses: BTreeSet<&'static str>,
    /// Types of other modules that are here too, by the module: `Name`, or `Name as Other`.
    reexports: BTreeMap<String, Vec<String>>,
}

/// Where a name comes from that generated code uses.
enum Home {
    /// It is there without `use`, by this path also.
    Prelude(&'static str),
    /// A path of the standard library's.
    Core(&'static str),
    /// A path in `whit_component`.
    Component(&'static str),
}

fn home(name: &'static str) -> Home {
    match name {
        "Option" => Home::Prelude("core::option"),
        "Result" => Home::Prelude("core::result"),
        "Send" => Home::Prelude("core::marker"),
        "Future" => Home::Core("core::future"),
        "Box" => Home::Component("::alloc::boxed"),
        "BTreeMap" => Home::Component("::alloc::collections"),
        "String" => Home::Component("::alloc::string"),
        "Vec" => Home::Component("::alloc::vec"),
        "AsContextMut" | "Error" => Home::Component("::whit_core"),
        _ => Home::Component(""),
    }
}

impl<'c, 'a> Module<'c, 'a> {
    /// The module of an interface.
    pub(crate) fn of_interface(context: &'c Context<'a>, side: Side, interface: &Interface) -> Self {
        let types = context.resolve.interfaces[interface.id].types.values().copied();
        Self::new(context, side, Some(interface.id), interface.path.clone(), types)
    }

    /// The module of the world.
    pub(crate) fn of_world(context: &'c Context<'a>) -> Self {
        let types = context.world_types();
        Self::new(context, Side::Import, None, Vec::new(), types.into_iter().map(|(_, id)| id))
    }

    fn new(
        context: &'c Context<'a>,
        side: Side,
        interface: Option<InterfaceId>,
        path: Vec<String>,
        types: impl Iterator<Item = TypeId>,
    ) -> Self {
        let scope = context.scope(types);
        // Around it is the module of the world too.
        let body = Output::within(path.len() + 1);
        Self { context, side, interface, path, scope, body, uses: BTreeSet::new(), reexports: BTreeMap::new() }
    }

    /// From here on the text is what will be within a block; what was there before.
    pub(crate) fn begin_inner(&mut self) -> Output {
        let inner = self.body.inner();
        std::mem::replace(&mut self.body, inner)
    }

    /// How to write a name of another place here: as it is, unless WIT has a type that is called so.
    pub(crate) fn name(&mut self, name: &'static str) -> String {
        let krate = &self.context.krate;
        let parent = match home(name) {
            Home::Prelude(parent) | Home::Core(parent) => parent.to_owned(),
            Home::Component(parent) => format!("{krate}{parent}"),
        };
        if self.scope.has(name) {
            return format!("{parent}::{name}");
        }
        if !matches!(home(name), Home::Prelude(_)) {
            self.uses.insert(name);
        }
        name.to_owned()
    }

    /// The path to another module, with what leads to something in it.
    pub(crate) fn path_to(&self, other: &[String]) -> String {
        let common = self.path.iter().zip(other).take_while(|(here, there)| here == there).count();
        let mut path = "super::".repeat(self.path.len() - common);
        for module in &other[common..] {
            path.push_str(module);
            path.push_str("::");
        }
        path
    }

    /// Makes a type of another module one of this too.
    pub(crate) fn reexport(&mut self, module: String, name: String) {
        self.reexports.entry(module).or_default().push(name);
    }

    /// The text, after the `use` lines that it needs.
    pub(crate) fn finish(self) -> Output {
        let mut by_parent: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for name in &self.uses {
            let parent = match home(name) {
                Home::Prelude(parent) | Home::Core(parent) => parent.to_owned(),
                Home::Component(parent) => format!("{}{parent}", self.context.krate),
            };
            by_parent.entry(parent).or_default().push(name);
        }
        // What is at the crate's own top comes last.
        let last = by_parent.remove_entry(&self.context.krate);
        let mut output = Output::default();
        for (parent, names) in by_parent.into_iter().chain(last) {
            output.line(format!("use {parent}::{};", group(&names)));
        }
        output.blank();
        for (module, mut names) in self.reexports {
            names.sort();
            output.line(format!("pub use {module}{};", group(&names)));
        }
        output.blank();
        output.append(&self.body);
        output
    }
}

/// `Name`, or `{Name, Other}`.
fn group<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [only] => (*only).to_owned(),
        names => format!("{{{}}}", names.join(", ")),
    }
}
