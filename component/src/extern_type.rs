//! What a component imports and exports, for an embedder to look at: names, and types with everything they are made of.
//!
//! A view into a [`Component`], which it borrows; nothing is copied. [`Type`] and [`FuncType`] display as WIT writes them.

use alloc::vec::Vec;
use core::fmt;

use crate::component::Component;
use crate::plan::{ExportItem, ImportIdx, ImportItem, ImportKind, Module, Plan, TypeItem};
use crate::types::display::{Whole, func};
use crate::types::{self, DefinedType, Name, ResourceIdx, Types, ValType};

/// Something a component imports.
#[derive(Clone, Copy)]
pub struct ImportType<'c> {
    plan: &'c Plan,
    name: &'c Name,
    item: &'c ImportItem,
}

impl<'c> ImportType<'c> {
    pub(crate) fn new(plan: &'c Plan, name: &'c Name, item: &'c ImportItem) -> Self {
        Self { plan, name, item }
    }

    /// Its name: a plain one, or that of an interface.
    pub fn name(&self) -> &'c str {
        self.name
    }

    /// The interface that it is, if its name is a plain one that says so (`implements`).
    pub fn implements(&self) -> Option<&'c str> {
        interface(&self.plan.import_interfaces, self.name)
    }

    /// What it must be.
    pub fn ty(&self) -> ExternType<'c> {
        import_type(self.plan, self.item)
    }
}

/// Something a component exports.
#[derive(Clone, Copy)]
pub struct ExportType<'c> {
    component: &'c Component,
    name: &'c Name,
    item: &'c ExportItem,
}

impl<'c> ExportType<'c> {
    pub(crate) fn new(component: &'c Component, name: &'c Name, item: &'c ExportItem) -> Self {
        Self { component, name, item }
    }

    /// Its name: a plain one, or that of an interface.
    pub fn name(&self) -> &'c str {
        self.name
    }

    /// The interface that it is, if its name is a plain one that says so (`implements`).
    pub fn implements(&self) -> Option<&'c str> {
        interface(&self.component.plan().export_interfaces, self.name)
    }

    /// What it is.
    pub fn ty(&self) -> ExternType<'c> {
        export_type(self.component, self.item)
    }
}

fn interface<'c>(interfaces: &'c [(Name, Name)], name: &Name) -> Option<&'c str> {
    interfaces.iter().find(|(plain, _)| plain == name).map(|(_, interface)| &**interface)
}

/// What is imported or exported.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ExternType<'c> {
    /// A function.
    Func(FuncType<'c>),
    /// An instance: names and what they stand for.
    Instance(InstanceType<'c>),
    /// A core module.
    Module(ModuleType<'c>),
    /// A component.
    Component,
    /// A type of values.
    Type(Type<'c>),
    /// A type of functions.
    FuncType(FuncType<'c>),
    /// A type of resources. Where it is imported, one that was not mentioned before is to be supplied.
    Resource(ResourceId),
    /// A type of instances or components.
    Other,
}

fn import_type<'c>(plan: &'c Plan, item: &'c ImportItem) -> ExternType<'c> {
    match item {
        ImportItem::Func(_, ty) => ExternType::Func(FuncType { types: &plan.types, ty: plan.types.func(*ty) }),
        ImportItem::Module(import) => imported_module(plan, *import),
        ImportItem::Instance(items) => ExternType::Instance(InstanceType(Items::Imported(plan, items))),
        ImportItem::Resource(resource) => ExternType::Resource(ResourceId(*resource)),
        ImportItem::Type(item) => type_item(plan, *item),
        ImportItem::Component => ExternType::Component,
    }
}

fn imported_module(plan: &Plan, import: ImportIdx) -> ExternType<'_> {
    match &plan.import_leaves[import.index()].kind {
        ImportKind::Module(ty) => ExternType::Module(ModuleType(Modules::Imported(ty))),
        // A leaf is what the tree says.
        ImportKind::Func(_) | ImportKind::Resource => ExternType::Other,
    }
}

fn export_type<'c>(component: &'c Component, item: &'c ExportItem) -> ExternType<'c> {
    let plan = component.plan();
    match item {
        ExportItem::Func(_, ty) => ExternType::Func(FuncType { types: &plan.types, ty: plan.types.func(*ty) }),
        ExportItem::Module(Module::Embedded(index)) => {
            ExternType::Module(ModuleType(Modules::Embedded(component.module(*index))))
        }
        ExportItem::Module(Module::Import(index)) => imported_module(plan, *index),
        ExportItem::Instance(items) => ExternType::Instance(InstanceType(Items::Exported(component, items))),
        ExportItem::Type(item) => type_item(plan, *item),
        ExportItem::Component => ExternType::Component,
    }
}

fn type_item(plan: &Plan, item: TypeItem) -> ExternType<'_> {
    match item {
        TypeItem::Value(ty) => ExternType::Type(Type { types: &plan.types, ty }),
        TypeItem::Func(ty) => ExternType::FuncType(FuncType { types: &plan.types, ty: plan.types.func(ty) }),
        TypeItem::Resource(resource) => ExternType::Resource(ResourceId(resource)),
        TypeItem::Other => ExternType::Other,
    }
}

/// What an instance exports.
#[derive(Clone, Copy)]
pub struct InstanceType<'c>(Items<'c>);

#[derive(Clone, Copy)]
enum Items<'c> {
    Imported(&'c Plan, &'c [(Name, ImportItem)]),
    Exported(&'c Component, &'c [(Name, ExportItem)]),
}

impl<'c> InstanceType<'c> {
    /// Names and what they stand for, in order.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = (&'c str, ExternType<'c>)> + use<'c> {
        let items = self.0;
        let count = match items {
            Items::Imported(_, items) => items.len(),
            Items::Exported(_, items) => items.len(),
        };
        (0..count).map(move |at| match items {
            Items::Imported(plan, items) => (&*items[at].0, import_type(plan, &items[at].1)),
            Items::Exported(component, items) => (&*items[at].0, export_type(component, &items[at].1)),
        })
    }
}

impl fmt::Debug for InstanceType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.exports()).finish()
    }
}

/// What a core module imports and exports.
#[derive(Clone, Copy)]
pub struct ModuleType<'c>(Modules<'c>);

#[derive(Clone, Copy)]
enum Modules<'c> {
    Imported(&'c crate::plan::ModuleType),
    Embedded(&'c whit_core::Module),
}

impl<'c> ModuleType<'c> {
    /// The module itself, if the component has it and not only its type.
    pub fn module(&self) -> Option<&'c whit_core::Module> {
        match self.0 {
            Modules::Embedded(module) => Some(module),
            Modules::Imported(_) => None,
        }
    }

    /// Module name, field name, type; in order.
    pub fn imports(&self) -> impl Iterator<Item = (&'c str, &'c str, whit_core::ExternType)> + use<'c> {
        let (imported, embedded) = self.parts();
        let imported = imported.into_iter().flat_map(|ty| &ty.imports);
        let embedded = embedded.into_iter().flat_map(|module| module.imports());
        let imported = imported.map(|(module, name, ty)| (&**module, &**name, ty.clone()));
        imported.chain(embedded.map(|import| (import.module(), import.name(), import.ty())))
    }

    /// Name, type; in order.
    pub fn exports(&self) -> impl Iterator<Item = (&'c str, whit_core::ExternType)> + use<'c> {
        let (imported, embedded) = self.parts();
        let imported = imported.into_iter().flat_map(|ty| &ty.exports).map(|(name, ty)| (&**name, ty.clone()));
        let embedded = embedded.into_iter().flat_map(|module| module.exports());
        imported.chain(embedded.map(|export| (export.name(), export.ty())))
    }

    fn parts(&self) -> (Option<&'c crate::plan::ModuleType>, Option<&'c whit_core::Module>) {
        match self.0 {
            Modules::Imported(ty) => (Some(ty), None),
            Modules::Embedded(module) => (None, Some(module)),
        }
    }
}

impl fmt::Debug for ModuleType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.exports()).finish()
    }
}

/// A resource type: equal, within one component, exactly if it is the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ResourceId(ResourceIdx);

/// The type of a component function. Displays as WIT writes it.
#[derive(Clone, Copy)]
pub struct FuncType<'c> {
    types: &'c Types,
    ty: &'c types::FuncType,
}

impl<'c> FuncType<'c> {
    /// Whether it may block its caller (`async`).
    pub fn is_async(&self) -> bool {
        self.ty.is_async
    }

    /// Names and types of the parameters, in order.
    pub fn params(&self) -> impl ExactSizeIterator<Item = (&'c str, Type<'c>)> + use<'c> {
        let types = self.types;
        self.ty.params.iter().map(move |param| (&*param.name, Type { types, ty: param.ty }))
    }

    /// The result, if there is one.
    pub fn result(&self) -> Option<Type<'c>> {
        self.ty.result.map(|ty| Type { types: self.types, ty })
    }
}

impl fmt::Display for FuncType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        func(f, self.ty, &|ty| Whole(self.types, ty))
    }
}

impl fmt::Debug for FuncType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The type of a value. Displays as WIT writes it.
#[derive(Clone, Copy)]
pub struct Type<'c> {
    types: &'c Types,
    ty: ValType,
}

/// What a value of a type is made of.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is the type of WIT with the same name")]
pub enum TypeKind<'c> {
    Bool,
    S8,
    U8,
    S16,
    U16,
    S32,
    U32,
    S64,
    U64,
    F32,
    F64,
    Char,
    String,
    ErrorContext,
    List(Type<'c>),
    FixedList(Type<'c>, u32),
    Map(Type<'c>, Type<'c>),
    Record(Vec<(&'c str, Type<'c>)>),
    Tuple(Vec<Type<'c>>),
    Variant(Vec<(&'c str, Option<Type<'c>>)>),
    Enum(Vec<&'c str>),
    Flags(Vec<&'c str>),
    Option(Type<'c>),
    Result(Option<Type<'c>>, Option<Type<'c>>),
    Own(ResourceId),
    Borrow(ResourceId),
    Stream(Option<Type<'c>>),
    Future(Option<Type<'c>>),
}

impl<'c> Type<'c> {
    /// What it is made of.
    pub fn kind(&self) -> TypeKind<'c> {
        let types = self.types;
        let part = |ty: &ValType| Type { types, ty: *ty };
        let labels = |labels: &'c [Name]| labels.iter().map(|label| &**label).collect();
        let index = match self.ty {
            ValType::Bool => return TypeKind::Bool,
            ValType::S8 => return TypeKind::S8,
            ValType::U8 => return TypeKind::U8,
            ValType::S16 => return TypeKind::S16,
            ValType::U16 => return TypeKind::U16,
            ValType::S32 => return TypeKind::S32,
            ValType::U32 => return TypeKind::U32,
            ValType::S64 => return TypeKind::S64,
            ValType::U64 => return TypeKind::U64,
            ValType::F32 => return TypeKind::F32,
            ValType::F64 => return TypeKind::F64,
            ValType::Char => return TypeKind::Char,
            ValType::String => return TypeKind::String,
            ValType::ErrorContext => return TypeKind::ErrorContext,
            ValType::Defined(index) => index,
        };
        match types.get(index) {
            DefinedType::List(ty) => TypeKind::List(part(ty)),
            DefinedType::FixedList(ty, length) => TypeKind::FixedList(part(ty), *length),
            DefinedType::Map(key, value) => TypeKind::Map(part(key), part(value)),
            DefinedType::Record(fields) => {
                TypeKind::Record(fields.iter().map(|field| (&*field.name, part(&field.ty))).collect())
            }
            DefinedType::Tuple(types) => TypeKind::Tuple(types.iter().map(part).collect()),
            DefinedType::Variant(cases) => {
                TypeKind::Variant(cases.iter().map(|case| (&*case.name, case.ty.as_ref().map(part))).collect())
            }
            DefinedType::Enum(names) => TypeKind::Enum(labels(names)),
            DefinedType::Flags(names) => TypeKind::Flags(labels(names)),
            DefinedType::Option(ty) => TypeKind::Option(part(ty)),
            DefinedType::Result(ok, error) => TypeKind::Result(ok.as_ref().map(part), error.as_ref().map(part)),
            DefinedType::Own(resource) => TypeKind::Own(ResourceId(*resource)),
            DefinedType::Borrow(resource) => TypeKind::Borrow(ResourceId(*resource)),
            DefinedType::Stream(ty) => TypeKind::Stream(ty.as_ref().map(part)),
            DefinedType::Future(ty) => TypeKind::Future(ty.as_ref().map(part)),
        }
    }
}

impl fmt::Display for Type<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Whole(self.types, self.ty).fmt(f)
    }
}

impl fmt::Debug for Type<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
