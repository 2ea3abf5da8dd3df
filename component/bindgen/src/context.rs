//! What is settled before anything is written: where each interface's module is, and what each type is called.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use quote::ToTokens;
use syn::Error;
use wit_parser::{
    Function, InterfaceId, Resolve, Type, TypeDef, TypeDefKind, TypeId, TypeOwner, World, WorldItem, WorldKey,
};

use crate::names::{Scope, camel, snake};
use crate::options::{Asynchronous, Options};
use crate::wit::Wit;

/// Names that generated code needs for itself, in every module.
const RESERVED: &[&str] = &["T", "H", "Self", "Ok", "Err", "Some", "None"];

/// Names that modules cannot have, since generated code begins paths with them.
const RESERVED_MODULES: &[&str] = &["whit_component", "core", "exports"];

/// Whether something is asked of the host, or of the guest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Side {
    Import,
    Export,
}

/// An interface of the world.
#[derive(Clone)]
pub(crate) struct Interface {
    pub id: InterfaceId,
    pub side: Side,
    /// Its name in a component: `wasi:io/poll@0.2.12`.
    pub name: String,
    /// Its module's path, from the module of the world.
    pub path: Vec<String>,
}

/// A world, and how it is to be written.
pub(crate) struct Context<'a> {
    pub resolve: &'a Resolve,
    pub world: &'a World,
    pub options: &'a Options,
    /// The path of `whit_component`.
    pub krate: String,
    pub imports: Vec<Interface>,
    pub exports: Vec<Interface>,
    /// By the type's own definition.
    type_names: HashMap<TypeId, String>,
    /// Which of `with` has been of use.
    with_used: RefCell<BTreeSet<usize>>,
    /// Which names of `async` have been of use.
    async_used: RefCell<BTreeSet<usize>>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(wit: &'a Wit, options: &'a Options) -> Result<Self, Error> {
        let (resolve, world) = (&wit.resolve, &wit.resolve.worlds[wit.world]);
        let krate = options.krate.as_ref().map_or_else(|| "whit_component".to_owned(), path_text);
        let mut modules = Modules::new(resolve, world);
        let mut context = Self {
            resolve,
            world,
            options,
            krate,
            imports: modules.interfaces(Side::Import),
            exports: modules.interfaces(Side::Export),
            type_names: HashMap::new(),
            with_used: RefCell::default(),
            async_used: RefCell::default(),
        };
        context.name_types();
        Ok(context)
    }

    /// Names all types, each once in its interface or in the world.
    fn name_types(&mut self) {
        for interface in self.imports.iter().chain(&self.exports) {
            let mut scope = Scope::with(RESERVED);
            for (name, id) in &self.resolve.interfaces[interface.id].types {
                self.type_names.insert(*id, scope.take(camel(name)));
            }
        }
        let mut scope = Scope::with(RESERVED);
        for (name, id) in self.world_types() {
            self.type_names.insert(id, scope.take(camel(&name)));
        }
    }

    /// The types that belong to the world itself.
    pub(crate) fn world_types(&self) -> Vec<(String, TypeId)> {
        let types = self.world.imports.iter().filter_map(|(key, item)| match item {
            WorldItem::Type { id, .. } => Some((self.resolve.name_world_key(key), *id)),
            _ => None,
        });
        types.collect()
    }

    /// What a type is called in the module it belongs to.
    pub(crate) fn type_name(&self, id: TypeId) -> &str {
        &self.type_names[&id]
    }

    /// The names that types and generated code have in the module of an interface, or of the world.
    pub(crate) fn scope(&self, types: impl Iterator<Item = TypeId>) -> Scope {
        let mut scope = Scope::with(RESERVED);
        for id in types {
            // It was unique when it was given.
            scope.take(self.type_name(id).to_owned());
        }
        scope
    }

    /// The interface as seen from one that is imported or exported: what is exported goes with what is exported.
    pub(crate) fn interface(&self, id: InterfaceId, seen_from: Side) -> Option<&Interface> {
        let imported = self.imports.iter().find(|interface| interface.id == id);
        let exported = self.exports.iter().find(|interface| interface.id == id);
        match seen_from {
            Side::Import => imported.or(exported),
            Side::Export => exported.or(imported),
        }
    }

    /// The documentation of an interface.
    pub(crate) fn docs(&self, interface: &Interface) -> Option<&'a str> {
        self.resolve.interfaces[interface.id].docs.contents.as_deref()
    }

    /// Whose type it is, if it is an interface's.
    pub(crate) fn owner(&self, id: TypeId) -> Option<InterfaceId> {
        match self.resolve.types[id].owner {
            TypeOwner::Interface(interface) => Some(interface),
            _ => None,
        }
    }

    /// What `with` puts in the place of an interface, as seen from a module so deep.
    pub(crate) fn mapped_interface(&self, id: InterfaceId, depth: usize) -> Option<String> {
        self.mapped(&self.keys(id), depth)
    }

    /// What `with` puts in the place of a type, as seen from a module so deep.
    pub(crate) fn mapped_type(&self, id: TypeId, depth: usize) -> Option<String> {
        let ty = &self.resolve.types[id];
        let name = ty.name.as_deref()?;
        match ty.owner {
            TypeOwner::Interface(interface) => {
                let keys = self.keys(interface);
                let keys = keys.iter().flat_map(|key| [format!("{key}.{name}"), format!("{key}/{name}")]);
                self.mapped(&keys.collect::<Vec<_>>(), depth)
            }
            TypeOwner::World(_) => self.mapped(&[name.to_owned()], depth),
            TypeOwner::None => None,
        }
    }

    /// Whether a type is one that was not generated here.
    pub(crate) fn is_foreign(&self, id: TypeId) -> bool {
        let foreign_interface = self.owner(id).is_some_and(|owner| self.mapped_interface(owner, 0).is_some());
        foreign_interface || self.mapped_type(id, 0).is_some()
    }

    /// The names that an interface can have in `with`: with its version, and without.
    fn keys(&self, id: InterfaceId) -> Vec<String> {
        let Some(with_version) = self.resolve.id_of(id) else {
            let named = self.imports.iter().chain(&self.exports).filter(|interface| interface.id == id);
            return named.map(|interface| interface.name.clone()).collect();
        };
        let without = with_version.split('@').next().unwrap_or_default().to_owned();
        vec![with_version, without]
    }

    fn mapped(&self, keys: &[String], depth: usize) -> Option<String> {
        let index = self.options.with.iter().position(|(key, _)| keys.contains(&key.value()))?;
        self.with_used.borrow_mut().insert(index);
        let text = path_text(&self.options.with[index].1);
        if text.starts_with("::") || text.starts_with("crate::") {
            return Some(text);
        }
        // From where the macro stands: outside of all these modules and that of the world.
        Some("super::".repeat(depth + 1) + text.strip_prefix("self::").unwrap_or(&text))
    }

    /// An error for what `with` has and the world has not.
    pub(crate) fn check_with(&self) -> Result<(), Error> {
        let used = self.with_used.borrow();
        let mut unused = self.options.with.iter().enumerate().filter(|(index, _)| !used.contains(index));
        let Some((_, (key, _))) = unused.next() else { return Ok(()) };
        let interfaces: BTreeSet<&str> =
            self.imports.iter().chain(&self.exports).map(|interface| interface.name.as_str()).collect();
        let interfaces: Vec<String> = interfaces.iter().map(|name| format!("`{name}`")).collect();
        let message = format!(
            "the world `{}` uses no interface and no type `{}`; an interface is named as in `wasi:io/poll`, a type of it as in \
             `wasi:io/poll.pollable`, a type of the world by its own name; its interfaces are {}",
            self.world.name,
            key.value(),
            if interfaces.is_empty() { "none".to_owned() } else { interfaces.join(", ") },
        );
        Err(Error::new(key.span(), message))
    }

    /// Whether an imported function is a future.
    pub(crate) fn is_async(&self, interface: Option<InterfaceId>, func: &Function) -> bool {
        let Asynchronous::These(names) = &self.options.asynchronous else { return true };
        let own = match func.kind.resource() {
            Some(resource) => {
                let resource = self.resolve.types[resource].name.as_deref().unwrap_or_default();
                format!("{resource}.{}", func.item_name())
            }
            None => func.name.clone(),
        };
        let mut keys = Vec::new();
        match interface {
            Some(interface) => {
                keys.extend(self.keys(interface).into_iter().flat_map(|key| [format!("{key}.{own}"), key]))
            }
            None => keys.push(own),
        }
        let found: Vec<usize> = (0..names.len()).filter(|index| keys.contains(&names[*index].value())).collect();
        self.async_used.borrow_mut().extend(&found);
        !found.is_empty()
    }

    /// An error for a name in `async` of nothing that the world imports.
    pub(crate) fn check_async(&self) -> Result<(), Error> {
        let Asynchronous::These(names) = &self.options.asynchronous else { return Ok(()) };
        let used = self.async_used.borrow();
        let Some(unused) = (0..names.len()).find(|index| !used.contains(index)) else { return Ok(()) };
        let message = format!(
            "the world `{}` imports no interface and no function `{}`; a function is named as in `wasi:io/poll.poll`, a method as in \
             `wasi:io/poll.pollable.block`, a function of the world by its own name",
            self.world.name,
            names[unused].value(),
        );
        Err(Error::new(names[unused].span(), message))
    }

    /// An error about something in the WIT.
    pub(crate) fn error(&self, span: wit_parser::Span, message: impl std::fmt::Display) -> Error {
        Error::new(self.options.span, format!("{}: {message}", self.resolve.render_location(span)))
    }

    /// An error for a function that cannot be had yet.
    pub(crate) fn check_func(&self, func: &Function) -> Result<(), Error> {
        if func.kind.is_async() {
            let message = format!("the function `{}` is asynchronous; not yet: asynchronous components", func.name);
            return Err(self.error(func.span, message));
        }
        if func.kind.accessor().is_some() {
            let message = format!("`{}` is a getter or setter; not yet: accessors", func.name);
            return Err(self.error(func.span, message));
        }
        if func.params.len() > MAX_TUPLE {
            let message = format!("the function `{}` has more than {MAX_TUPLE} parameters; not supported", func.name);
            return Err(self.error(func.span, message));
        }
        Ok(())
    }

    /// A type's definition, after all names that it goes by.
    pub(crate) fn despecialize_alias(&self, id: TypeId) -> &TypeDef {
        let mut ty = &self.resolve.types[id];
        while let TypeDefKind::Type(Type::Id(next)) = ty.kind {
            ty = &self.resolve.types[next];
        }
        ty
    }
}

/// The most types that `whit_component` takes in a tuple, and with it in a parameter list.
pub(crate) const MAX_TUPLE: usize = 16;

/// A path as one writes it.
pub(crate) fn path_text(path: &syn::Path) -> String {
    let mut text = path.to_token_stream().to_string();
    for (spaced, close) in
        [(" :: ", "::"), (":: ", "::"), (" ::", "::"), (" < ", "<"), ("< ", "<"), (" <", "<"), (" >", ">"), (" ,", ",")]
    {
        text = text.replace(spaced, close);
    }
    text
}

/// Gives modules to interfaces: `wasi:io/poll` is `wasi::io::poll`, and `exports::wasi::io::poll` if it is exported.
struct Modules<'a> {
    resolve: &'a Resolve,
    world: &'a World,
    /// What is in a module, by its path.
    scopes: BTreeMap<Vec<String>, Scope>,
    /// Modules by the path of the one around them and by what they are of.
    known: BTreeMap<(Vec<String>, String), String>,
}

impl<'a> Modules<'a> {
    fn new(resolve: &'a Resolve, world: &'a World) -> Self {
        let scopes = BTreeMap::from([(Vec::new(), Scope::with(RESERVED_MODULES))]);
        Self { resolve, world, scopes, known: BTreeMap::new() }
    }

    fn interfaces(&mut self, side: Side) -> Vec<Interface> {
        let (items, root) = match side {
            Side::Import => (&self.world.imports, Vec::new()),
            Side::Export => (&self.world.exports, vec!["exports".to_owned()]),
        };
        let interfaces = items.iter().filter_map(|(key, item)| match item {
            WorldItem::Interface { id, .. } => Some((key, *id)),
            _ => None,
        });
        interfaces
            .map(|(key, id)| Interface {
                id,
                side,
                name: self.resolve.name_world_key(key),
                path: self.path(root.clone(), key, id),
            })
            .collect()
    }

    fn path(&mut self, root: Vec<String>, key: &WorldKey, id: InterfaceId) -> Vec<String> {
        let interface = &self.resolve.interfaces[id];
        match (key, interface.package, &interface.name) {
            (WorldKey::Interface(_), Some(package), Some(interface)) => {
                let name = &self.resolve.packages[package].name;
                let same =
                    |other: &wit_parser::PackageName| other.namespace == name.namespace && other.name == name.name;
                let versions = self.resolve.package_names.keys().filter(|other| same(other)).count();
                let package = match &name.version {
                    Some(version) if versions > 1 => format!("{}-{version}", name.name),
                    _ => name.name.clone(),
                };
                let path = self.child(root, &name.namespace);
                let path = self.child(path, &package);
                self.child(path, interface)
            }
            // The same name may be that of a namespace; the colon keeps them apart.
            (key, ..) => self.child(root, &format!(":{}", self.resolve.name_world_key(key))),
        }
    }

    /// The module of something in a module.
    fn child(&mut self, mut path: Vec<String>, of: &str) -> Vec<String> {
        let scope = self.scopes.entry(path.clone()).or_default();
        let name = self
            .known
            .entry((path.clone(), of.to_owned()))
            .or_insert_with(|| scope.take(snake(of.trim_start_matches(':'))))
            .clone();
        path.push(name);
        path
    }
}
