//! Types of WIT → types of Rust: how one is written where it is used, and how it is declared.

use syn::Error;
use wit_parser::{Docs, Handle, Type, TypeDef, TypeDefKind, TypeId};

use crate::context::{MAX_TUPLE, Side, path_text};
use crate::module::Module;
use crate::names::{Scope, camel, screaming, snake};
use crate::output::Output;

/// The most flags that the component model lets a type have.
const MAX_FLAGS: usize = 32;

/// How values of a type are passed.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// As they are.
    Owned,
    /// By reference, where that saves a copy; with a lifetime, such as `'static `, or with none.
    Borrowed(&'static str),
}

/// What all values of a type can do.
#[derive(Clone, Copy)]
struct Traits {
    is_copy: bool,
    is_partial_eq: bool,
    is_eq: bool,
}

impl Traits {
    const ALL: Self = Self { is_copy: true, is_partial_eq: true, is_eq: true };
    const NONE: Self = Self { is_copy: false, is_partial_eq: false, is_eq: false };

    fn and(self, other: Self) -> Self {
        Self {
            is_copy: self.is_copy && other.is_copy,
            is_partial_eq: self.is_partial_eq && other.is_partial_eq,
            is_eq: self.is_eq && other.is_eq,
        }
    }
}

impl Module<'_, '_> {
    /// A type, as it is written here.
    pub(crate) fn ty(&mut self, ty: &Type, form: Form) -> Result<String, Error> {
        Ok(match ty {
            Type::Bool => "bool".into(),
            Type::U8 => "u8".into(),
            Type::U16 => "u16".into(),
            Type::U32 => "u32".into(),
            Type::U64 => "u64".into(),
            Type::S8 => "i8".into(),
            Type::S16 => "i16".into(),
            Type::S32 => "i32".into(),
            Type::S64 => "i64".into(),
            Type::F32 => "f32".into(),
            Type::F64 => "f64".into(),
            Type::Char => "char".into(),
            Type::String => match form {
                Form::Owned => self.name("String"),
                Form::Borrowed(lifetime) => format!("&{lifetime}str"),
            },
            Type::ErrorContext => return Err(self.not_yet(None, "`error-context`")),
            Type::Id(id) => self.defined(*id, form)?,
        })
    }

    fn defined(&mut self, id: TypeId, form: Form) -> Result<String, Error> {
        let context = self.context;
        let ty = &context.resolve.types[id];
        if ty.name.is_none() {
            return self.anonymous(ty, form);
        }
        let name = context.type_name(id).to_owned();
        let Form::Borrowed(lifetime) = form else { return Ok(name) };
        let definition = context.despecialize_alias(id);
        if context.is_foreign(id) {
            return Ok(format!("&{lifetime}{name}"));
        }
        match &definition.kind {
            TypeDefKind::Record(_) | TypeDefKind::Variant(_) if !self.traits(&Type::Id(id)).is_copy => {
                Ok(format!("&{lifetime}{name}"))
            }
            // Behind the name is something with a form of its own.
            TypeDefKind::List(_)
            | TypeDefKind::Map(..)
            | TypeDefKind::Option(_)
            | TypeDefKind::Result(_)
            | TypeDefKind::Tuple(_)
                if self.is_local(definition) =>
            {
                self.anonymous(definition, form)
            }
            TypeDefKind::List(_) | TypeDefKind::Map(..) | TypeDefKind::FixedLengthList(..) => {
                Ok(format!("&{lifetime}{name}"))
            }
            TypeDefKind::Option(_) | TypeDefKind::Result(_) | TypeDefKind::Tuple(_)
                if !self.traits(&Type::Id(id)).is_copy =>
            {
                Ok(format!("&{lifetime}{name}"))
            }
            TypeDefKind::Type(Type::String) => Ok(format!("&{lifetime}str")),
            _ => Ok(name),
        }
    }

    /// Whether a resource is one that guests define: one of an exported interface, as such interfaces see it.
    fn is_of_guest(&self, id: TypeId) -> bool {
        let mut resource = id;
        while let TypeDefKind::Type(Type::Id(next)) = self.context.resolve.types[resource].kind {
            resource = next;
        }
        let owner = self.context.owner(resource).and_then(|owner| self.context.interface(owner, self.side));
        owner.is_some_and(|interface| interface.side == Side::Export)
    }

    /// Whether what a type is made of can be named here.
    fn is_local(&self, ty: &TypeDef) -> bool {
        match ty.owner {
            wit_parser::TypeOwner::Interface(owner) => {
                self.context.interface(owner, self.side).is_some_and(|interface| interface.path == self.path)
            }
            wit_parser::TypeOwner::World(_) => self.path.is_empty(),
            wit_parser::TypeOwner::None => true,
        }
    }

    /// A type by what it is made of.
    fn anonymous(&mut self, ty: &TypeDef, form: Form) -> Result<String, Error> {
        Ok(match &ty.kind {
            TypeDefKind::Handle(Handle::Own(resource) | Handle::Borrow(resource)) => {
                let resource = *resource;
                match self.is_of_guest(resource) {
                    true => self.context.type_name(resource).to_owned(),
                    false => format!("{}<{}>", self.name("Resource"), self.context.type_name(resource)),
                }
            }
            TypeDefKind::List(element) => {
                let element = self.ty(element, Form::Owned)?;
                match form {
                    Form::Owned => format!("{}<{element}>", self.name("Vec")),
                    Form::Borrowed(lifetime) => format!("&{lifetime}[{element}]"),
                }
            }
            TypeDefKind::FixedLengthList(element, len) => {
                let element = self.ty(element, Form::Owned)?;
                match form {
                    Form::Owned => format!("[{element}; {len}]"),
                    Form::Borrowed(lifetime) => format!("&{lifetime}[{element}; {len}]"),
                }
            }
            TypeDefKind::Map(key, value) => {
                let (key, value) = (self.ty(key, Form::Owned)?, self.ty(value, Form::Owned)?);
                let map = self.name("BTreeMap");
                match form {
                    Form::Owned => format!("{map}<{key}, {value}>"),
                    Form::Borrowed(lifetime) => format!("&{lifetime}{map}<{key}, {value}>"),
                }
            }
            TypeDefKind::Option(some) => format!("{}<{}>", self.name("Option"), self.ty(some, form)?),
            TypeDefKind::Result(result) => {
                let mut payload = |ty: &Option<Type>| match ty {
                    Some(ty) => self.ty(ty, form),
                    None => Ok("()".to_owned()),
                };
                let (ok, error) = (payload(&result.ok)?, payload(&result.err)?);
                format!("{}<{ok}, {error}>", self.name("Result"))
            }
            TypeDefKind::Tuple(tuple) if tuple.types.len() > MAX_TUPLE => {
                let message = format!("a tuple of more than {MAX_TUPLE} types; not supported");
                return Err(self.context.error(ty.span, message));
            }
            TypeDefKind::Tuple(tuple) => {
                let types: Result<Vec<_>, _> = tuple.types.iter().map(|ty| self.ty(ty, form)).collect();
                tuple_text(&types?)
            }
            TypeDefKind::Type(target) => self.ty(target, form)?,
            TypeDefKind::Future(_) => return Err(self.not_yet(Some(ty), "`future`")),
            TypeDefKind::Stream(_) => return Err(self.not_yet(Some(ty), "`stream`")),
            // These have names.
            TypeDefKind::Record(_)
            | TypeDefKind::Variant(_)
            | TypeDefKind::Enum(_)
            | TypeDefKind::Flags(_)
            | TypeDefKind::Resource
            | TypeDefKind::Unknown => {
                return Err(self.context.error(ty.span, format!("a {} without a name", ty.kind.as_str())));
            }
        })
    }

    fn not_yet(&self, ty: Option<&TypeDef>, what: &str) -> Error {
        let message = format!("the type {what}; not yet: asynchronous components");
        match ty {
            Some(ty) => self.context.error(ty.span, message),
            None => Error::new(self.context.options.span, message),
        }
    }

    /// Declares a type under its name.
    pub(crate) fn declare(&mut self, id: TypeId) -> Result<(), Error> {
        let context = self.context;
        let ty = &context.resolve.types[id];
        let name = context.type_name(id).to_owned();
        let mapped = context.mapped_type(id, self.path.len());
        if let (TypeDefKind::Type(Type::Id(target)), None) = (&ty.kind, &mapped)
            && context.resolve.types[*target].owner != ty.owner
        {
            self.use_type(*target, &name);
            return Ok(());
        }
        self.body.blank();
        if let Some(path) = mapped {
            type_docs(&mut self.body, ty);
            self.body.line(format!("pub type {name} = {path};"));
            return Ok(());
        }
        match &ty.kind {
            TypeDefKind::Record(record) => {
                let mut scope = Scope::default();
                let mut fields = Vec::new();
                for field in &record.fields {
                    let ty = self.ty(&field.ty, Form::Owned)?;
                    let line = format!("pub {}: {ty} = {:?},", scope.take(snake(&field.name)), field.name);
                    fields.push((&field.docs, line));
                }
                self.declaration("record", id, "struct", &name, &fields);
            }
            TypeDefKind::Variant(variant) => {
                let mut scope = Scope::default();
                let mut cases = Vec::new();
                for case in &variant.cases {
                    let payload = match &case.ty {
                        Some(ty) => format!("({}: {})", PAYLOAD, self.ty(ty, Form::Owned)?),
                        None => String::new(),
                    };
                    let line = format!("{}{payload} = {:?},", scope.take(camel(&case.name)), case.name);
                    cases.push((&case.docs, line));
                }
                self.declaration("variant", id, "enum", &name, &cases);
            }
            TypeDefKind::Enum(enumeration) => {
                let mut scope = Scope::default();
                let case = |name: &str, scope: &mut Scope| format!("{} = {name:?},", scope.take(camel(name)));
                let cases: Vec<_> =
                    enumeration.cases.iter().map(|item| (&item.docs, case(&item.name, &mut scope))).collect();
                self.declaration("enumeration", id, "enum", &name, &cases);
            }
            TypeDefKind::Flags(flags) if flags.flags.len() > MAX_FLAGS => {
                let message = format!("`{name}` has more than {MAX_FLAGS} flags, which components cannot have");
                return Err(context.error(ty.span, message));
            }
            TypeDefKind::Flags(flags) => {
                let mut scope = Scope::default();
                let flag = |name: &str, scope: &mut Scope| format!("{} = {name:?},", scope.take(screaming(name)));
                let flags: Vec<_> = flags.flags.iter().map(|item| (&item.docs, flag(&item.name, &mut scope))).collect();
                self.declaration("flags", id, "struct", &name, &flags);
            }
            TypeDefKind::Resource if self.is_of_guest(id) => {
                let handle = self.name("ResourceAny");
                type_docs(&mut self.body, ty);
                self.body.line(format!("pub type {name} = {handle};"));
            }
            TypeDefKind::Resource => {
                type_docs(&mut self.body, ty);
                self.body.line(format!("pub enum {name} {{}}"));
            }
            kind => {
                let target = match kind {
                    TypeDefKind::Type(target) => self.ty(target, Form::Owned)?,
                    _ => self.anonymous(ty, Form::Owned)?,
                };
                type_docs(&mut self.body, ty);
                self.body.line(format!("pub type {name} = {target};"));
            }
        }
        Ok(())
    }

    /// Makes a type of another interface one of this too.
    fn use_type(&mut self, id: TypeId, name: &str) {
        let context = self.context;
        let target = context.type_name(id);
        let module = match context.owner(id) {
            Some(owner) => match context.mapped_interface(owner, self.path.len()) {
                Some(path) => path + "::",
                None => self.path_to(context.interface(owner, self.side).map_or(&[], |interface| &interface.path)),
            },
            None => self.path_to(&[]),
        };
        self.reexport(module, if target == name { target.to_owned() } else { format!("{target} as {name}") });
    }

    /// A type by one of the macros of `whit_component`.
    fn declaration(&mut self, with: &str, id: TypeId, keyword: &str, name: &str, items: &[(&Docs, String)]) {
        let context = self.context;
        let derives = self.derives(id);
        let ty = &context.resolve.types[id];
        let mut inner = Output::default();
        type_docs(&mut inner, ty);
        if !derives.is_empty() {
            inner.line(format!("#[derive({})]", derives.join(", ")));
        }
        inner.block(format!("pub {keyword} {name}"), |body| {
            for (docs, line) in items {
                if let Some(docs) = &docs.contents {
                    body.docs(docs);
                }
                body.line(line);
            }
        });
        self.body.block(format!("{}::{with}!", context.krate), |body| body.append(&inner));
    }

    /// What to derive.
    fn derives(&self, id: TypeId) -> Vec<String> {
        let additional = self.context.options.additional_derives.iter().map(path_text);
        let mut derives = Vec::new();
        if !matches!(self.context.resolve.types[id].kind, TypeDefKind::Flags(_)) {
            // The macro for flags has these itself.
            let traits = self.traits(&Type::Id(id));
            derives.push("Clone".to_owned());
            derives.extend(traits.is_copy.then(|| "Copy".to_owned()));
            derives.push("Debug".to_owned());
            derives.extend(traits.is_partial_eq.then(|| "PartialEq".to_owned()));
            derives.extend(traits.is_eq.then(|| "Eq".to_owned()));
        }
        derives.extend(additional);
        derives
    }

    /// What values of a type can do, and so those of a type that they are in.
    fn traits(&self, ty: &Type) -> Traits {
        let Type::Id(id) = ty else {
            return match ty {
                Type::String => Traits { is_copy: false, ..Traits::ALL },
                Type::F32 | Type::F64 => Traits { is_eq: false, ..Traits::ALL },
                _ => Traits::ALL,
            };
        };
        if self.context.is_foreign(*id) {
            return Traits::NONE;
        }
        let all = |types: &mut dyn Iterator<Item = &Type>| types.fold(Traits::ALL, |all, ty| all.and(self.traits(ty)));
        match &self.context.resolve.types[*id].kind {
            TypeDefKind::Record(record) => all(&mut record.fields.iter().map(|field| &field.ty)),
            TypeDefKind::Variant(variant) => all(&mut variant.cases.iter().filter_map(|case| case.ty.as_ref())),
            TypeDefKind::Tuple(tuple) => all(&mut tuple.types.iter()),
            TypeDefKind::Result(result) => all(&mut [&result.ok, &result.err].into_iter().flatten()),
            TypeDefKind::Option(ty) | TypeDefKind::FixedLengthList(ty, _) | TypeDefKind::Type(ty) => self.traits(ty),
            TypeDefKind::List(ty) => Traits { is_copy: false, ..self.traits(ty) },
            TypeDefKind::Map(key, value) => Traits { is_copy: false, ..self.traits(key).and(self.traits(value)) },
            TypeDefKind::Enum(_) | TypeDefKind::Flags(_) => Traits::ALL,
            // Two handles are not compared, and an owned one is better not copied.
            _ => Traits::NONE,
        }
    }
}

/// The documentation of a type, or what it is.
fn type_docs(output: &mut Output, ty: &TypeDef) {
    match &ty.docs.contents {
        Some(docs) => output.docs(docs),
        None => output.line(format!("/// The {} `{}`.", ty.kind.as_str(), ty.name.as_deref().unwrap_or_default())),
    }
}

/// What the payload of a case is called, which says nothing of what it is: WIT has no name for it.
const PAYLOAD: &str = "payload";

/// `(A, B)`, or `(A,)`.
pub(crate) fn tuple_text(types: &[String]) -> String {
    match types {
        [only] => format!("({only},)"),
        types => format!("({})", types.join(", ")),
    }
}
