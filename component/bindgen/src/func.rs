//! What imported and exported functions have in common: names, parameters, results.

use syn::Error;
use wit_parser::{Docs, Function, FunctionKind, Type, TypeId};

use crate::context::Context;
use crate::module::Module;
use crate::names::{Scope, snake, underscored};
use crate::types::{Form, tuple_text};

/// Names that bodies of generated functions use.
const LOCALS: &[&str] = &["host", "linker", "store", "interface", "root", "result", "rep", "instance"];

/// Functions of an interface or of the world: those that stand for themselves, and those of each resource.
pub(crate) struct Functions<'f> {
    pub free: Vec<&'f Function>,
    pub resources: Vec<Resource<'f>>,
}

/// A resource with its functions.
pub(crate) struct Resource<'f> {
    pub id: TypeId,
    /// Its name in WIT.
    pub name: &'f str,
    pub funcs: Vec<&'f Function>,
}

impl<'f> Functions<'f> {
    /// Puts functions with the resources that they are of.
    pub(crate) fn new(
        context: &Context<'_>,
        resources: impl Iterator<Item = (&'f str, TypeId)>,
        funcs: impl Iterator<Item = &'f Function>,
    ) -> Result<Self, Error> {
        let mut resources: Vec<_> = resources.map(|(name, id)| Resource { id, name, funcs: Vec::new() }).collect();
        let mut free = Vec::new();
        for func in funcs {
            context.check_func(func)?;
            match func.kind.resource() {
                None => free.push(func),
                Some(of) => resources
                    .iter_mut()
                    .filter(|resource| resource.id == of)
                    .for_each(|resource| resource.funcs.push(func)),
            }
        }
        Ok(Self { free, resources })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.free.is_empty() && self.resources.is_empty()
    }
}

/// A function as Rust has it.
pub(crate) struct Signature {
    /// `name: String`, and so on.
    pub params: Vec<String>,
    /// `(name, count)`.
    pub names: String,
    /// `name`, `count`.
    pub arguments: Vec<String>,
    /// `(String, u32)`.
    pub types: String,
    /// What it returns if nothing goes wrong.
    pub result: String,
    /// Whether that is anything.
    pub has_result: bool,
}

impl Module<'_, '_> {
    /// A function's parameters in a form, and its result.
    pub(crate) fn signature(&mut self, func: &Function, form: Form) -> Result<Signature, Error> {
        let mut scope = Scope::with(LOCALS);
        let mut names = Vec::new();
        let mut types = Vec::new();
        for (index, param) in func.params.iter().enumerate() {
            let is_this = index == 0 && matches!(func.kind, FunctionKind::Method(_));
            names.push(scope.take(if is_this { "this".to_owned() } else { snake(&param.name) }));
            types.push(self.ty(&param.ty, form)?);
        }
        Ok(Signature {
            params: names.iter().zip(&types).map(|(name, ty)| format!("{name}: {ty}")).collect(),
            names: tuple_text(&names),
            arguments: names,
            types: tuple_text(&types),
            result: self.result(&func.result)?,
            has_result: func.result.is_some(),
        })
    }

    fn result(&mut self, result: &Option<Type>) -> Result<String, Error> {
        match result {
            Some(ty) => self.ty(ty, Form::Owned),
            None => Ok("()".to_owned()),
        }
    }

    /// The documentation of a function, or which one it is.
    pub(crate) fn func_docs(&mut self, docs: &Docs, name: &str) {
        match &docs.contents {
            Some(docs) => self.body.docs(docs),
            None => self.body.line(format!("/// `{name}`.")),
        }
    }
}

/// A function's name within its interface or resource, which may be a keyword.
pub(crate) fn func_name(func: &Function, constructor: &str) -> String {
    match func.kind {
        FunctionKind::Constructor(_) => constructor.to_owned(),
        _ => underscored(func.item_name()),
    }
}
