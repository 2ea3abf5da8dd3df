//! What a world exports: structs that know its functions, with a method to call each.

use syn::Error;
use wit_parser::Function;

use crate::func::{Functions, func_name};
use crate::module::Module;
use crate::names::{Scope, camel, escape, snake};
use crate::output::Output;
use crate::types::Form;

/// A function, ready to be called.
pub(crate) struct Export {
    /// The field that has it.
    name: String,
    /// The method that calls it.
    method: String,
    /// Its type: `TypedFunc<…>`.
    ty: String,
    /// Its path in an instance, as Rust: `&["greet"]`.
    path: String,
}

/// The fields of a struct of functions.
#[derive(Default)]
pub(crate) struct Exports {
    pub funcs: Vec<Export>,
    /// Fields that are such structs themselves: name, type, documentation.
    pub inner: Vec<(String, String, String)>,
}

impl Module<'_, '_> {
    /// Declares the struct of an exported interface, and those of its resources.
    pub(crate) fn guest(&mut self, functions: &Functions<'_>, interface: &str) -> Result<String, Error> {
        let guest = self.scope.take("Guest".to_owned());
        let mut names = Scope::with(&["new"]);
        let mut exports = Exports::default();
        self.exports(&functions.free, Some(interface), &mut names, &mut exports)?;
        let mut resources = Vec::new();
        for resource in functions.resources.iter().filter(|resource| !resource.funcs.is_empty()) {
            let name = self.scope.take(format!("Guest{}", camel(resource.name)));
            let mut inner = Exports::default();
            self.exports(&resource.funcs, Some(interface), &mut Scope::with(&["new"]), &mut inner)?;
            let docs = format!("The functions of the resource `{}`.", resource.name);
            exports.inner.push((names.take(snake(resource.name)), name.clone(), docs.clone()));
            resources.push((name, inner, docs, &resource.funcs));
        }
        self.guest_struct(
            &guest,
            &format!("The functions of the interface `{interface}`."),
            &exports,
            &functions.free,
        )?;
        for (name, inner, docs, funcs) in resources {
            self.guest_struct(&name, &docs, &inner, funcs)?;
        }
        Ok(guest)
    }

    /// Names and types some functions. Fields and methods share their names, since some methods are called as their fields.
    pub(crate) fn exports(
        &mut self,
        funcs: &[&Function],
        interface: Option<&str>,
        names: &mut Scope,
        exports: &mut Exports,
    ) -> Result<(), Error> {
        for func in funcs {
            let signature = self.signature(func, Form::Borrowed("'static "))?;
            let params = if signature.params.is_empty() { "()".to_owned() } else { signature.types };
            let results = if signature.has_result { format!("({},)", signature.result) } else { "()".to_owned() };
            let ty = format!("{}<{params}, {results}>", self.name("TypedFunc"));
            let path = match interface {
                Some(interface) => format!("&[{interface:?}, {:?}]", func.name),
                None => format!("&[{:?}]", func.name),
            };
            let name = func_name(func, "constructor");
            let method = names.take(format!("call_{name}"));
            exports.funcs.push(Export { name: names.take(escape(name)), method, ty, path });
        }
        Ok(())
    }

    fn guest_struct(&mut self, name: &str, docs: &str, exports: &Exports, funcs: &[&Function]) -> Result<(), Error> {
        self.body.blank();
        self.body.line(format!("/// {docs}"));
        self.body.line("#[derive(Clone)]");
        self.body.block(format!("pub struct {name}"), |body| exports.fields(body));
        let (as_context_mut, instance, result, error) =
            (self.name("AsContextMut"), self.name("Instance"), self.name("Result"), self.name("Error"));
        let mut outer = self.begin_inner();
        self.body.line("/// Finds the functions in an instance.");
        self.body.line("///");
        self.body.line("/// # Errors");
        self.body.line("/// One of them is not exported, or its type is another.");
        let params = [format!("mut store: impl {as_context_mut}"), format!("instance: {instance}")];
        self.body.call_block("pub fn new", &params, &format!(" -> {result}<Self, {error}>"), |body| {
            body.fields("Ok(Self {", &exports.finds(), "})");
        });
        self.accessors(exports);
        self.calls(&exports.funcs, funcs)?;
        outer.blank();
        outer.block(format!("impl {name}"), |outer| outer.append(&self.body));
        self.body = outer;
        Ok(())
    }

    /// Methods that give the structs within.
    pub(crate) fn accessors(&mut self, exports: &Exports) {
        for (name, ty, docs) in &exports.inner {
            self.body.blank();
            self.body.line(format!("/// {docs}"));
            self.body.block(format!("pub fn {name}(&self) -> &{ty}"), |body| body.line(format!("&self.{name}")));
        }
    }

    /// A method for each function.
    pub(crate) fn calls(&mut self, exports: &[Export], funcs: &[&Function]) -> Result<(), Error> {
        for (export, func) in exports.iter().zip(funcs) {
            let signature = self.signature(func, Form::Borrowed(""))?;
            let mut params = vec!["&self".to_owned(), format!("store: impl {}", self.name("AsContextMut"))];
            params.extend(signature.params);
            let result = format!(" -> {}<{}, {}>", self.name("Result"), signature.result, self.name("Error"));
            let (keyword, call, wait) = match self.context.options.asynchronous.is_empty() {
                true => ("fn", "call", ""),
                false => ("async fn", "call_async", ".await"),
            };
            self.body.blank();
            self.func_docs(&func.docs, &func.name);
            let call = format!("self.{}.{call}(store, {}){wait}", export.name, signature.names);
            let head = format!("pub {keyword} {}", export.method);
            self.body.call_block(&head, &params, &result, |body| {
                if !signature.has_result {
                    body.line(call);
                    return;
                }
                body.line(format!("let (result,) = {call}?;"));
                body.line("Ok(result)");
            });
        }
        Ok(())
    }
}

impl Exports {
    /// The fields' declarations.
    pub(crate) fn fields(&self, body: &mut Output) {
        for export in &self.funcs {
            body.line(format!("{}: {},", export.name, export.ty));
        }
        for (name, ty, _) in &self.inner {
            body.line(format!("{name}: {ty},"));
        }
    }

    /// The fields with their values, from `instance` in `store`.
    pub(crate) fn finds(&self) -> Vec<String> {
        let funcs =
            self.funcs.iter().map(|func| format!("{}: instance.get_typed_func(&mut store, {})?", func.name, func.path));
        let inner = self.inner.iter().map(|(name, ty, _)| format!("{name}: {ty}::new(&mut store, instance)?"));
        funcs.chain(inner).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.funcs.is_empty() && self.inner.is_empty()
    }
}
