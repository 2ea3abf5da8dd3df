//! What a world imports: traits for the host to implement, and their functions' way into a linker.

use syn::Error;
use wit_parser::Function;

use crate::func::{Functions, Resource, func_name};
use crate::module::Module;
use crate::names::{Scope, camel, escape};
use crate::types::Form;

/// What becomes of some functions: a trait, and one for each resource.
pub(crate) struct Imports {
    /// The trait that is all of them.
    pub host: String,
    /// The traits of resources, in their order.
    resources: Vec<String>,
    /// The methods of the trait, as the functions' order has them; then those of each resource.
    methods: Vec<Vec<String>>,
}

impl Module<'_, '_> {
    /// Declares the traits.
    pub(crate) fn import_traits(&mut self, functions: &Functions<'_>, name: &str, of: &str) -> Result<Imports, Error> {
        let host = self.scope.take(name.to_owned());
        let mut imports = Imports { host: host.clone(), resources: Vec::new(), methods: Vec::new() };
        for resource in &functions.resources {
            imports.resources.push(self.scope.take(format!("Host{}", camel(resource.name))));
        }
        let bounds = match imports.resources.as_slice() {
            [] => String::new(),
            some => format!(": {}", some.join(" + ")),
        };
        self.body.blank();
        self.body.line(format!("/// What {of} asks of the host."));
        if functions.free.is_empty() {
            self.body.line(format!("pub trait {host}{bounds} {{}}"));
            self.body.blank();
            self.body.line(format!("impl<H{bounds}> {host} for H {{}}"));
            imports.methods.push(Vec::new());
        } else {
            let methods = self.trait_block(&format!("pub trait {host}{bounds}"), &functions.free, None)?;
            imports.methods.push(methods);
        }
        for (resource, name) in functions.resources.iter().zip(&imports.resources) {
            self.body.blank();
            self.body.line(format!("/// What the resource `{}` asks of the host.", resource.name));
            let methods = self.trait_block(&format!("pub trait {name}"), &resource.funcs, Some(resource))?;
            imports.methods.push(methods);
        }
        Ok(imports)
    }

    /// A trait with a method for each function; that of a resource also has one that drops it.
    fn trait_block(
        &mut self,
        head: &str,
        funcs: &[&Function],
        resource: Option<&Resource<'_>>,
    ) -> Result<Vec<String>, Error> {
        let mut outer = self.begin_inner();
        let mut scope = Scope::with(if resource.is_some() { &["drop"] } else { &[] });
        let mut methods = Vec::new();
        for func in funcs {
            let name = scope.take(escape(func_name(func, "new")));
            self.method(func, &name)?;
            methods.push(name);
        }
        if let Some(resource) = resource {
            let ty = format!("{}<{}>", self.name("Resource"), self.context.type_name(resource.id));
            let (result, error) = (self.name("Result"), self.name("Error"));
            self.body.blank();
            self.body.line("/// The guest has dropped its last handle.");
            self.body.line(format!("fn drop(&mut self, this: {ty}) -> {result}<(), {error}>;"));
        }
        outer.block(head, |outer| outer.append(&self.body));
        self.body = outer;
        Ok(methods)
    }

    fn method(&mut self, func: &Function, name: &str) -> Result<(), Error> {
        let signature = self.signature(func, Form::Owned)?;
        let mut params = vec!["&mut self".to_owned()];
        params.extend(signature.params);
        let result = format!("{}<{}, {}>", self.name("Result"), signature.result, self.name("Error"));
        let result = match self.context.is_async(self.interface, func) {
            false => result,
            true => format!("impl {}<Output = {result}> + {} + 'static", self.name("Future"), self.name("Send")),
        };
        self.body.blank();
        self.func_docs(&func.docs, &func.name);
        self.body.call(&format!("fn {name}"), &params, &format!(" -> {result};"));
        Ok(())
    }

    /// Defines the functions and resources at a variable, `at`.
    pub(crate) fn define(&mut self, at: &str, functions: &Functions<'_>, imports: &Imports) -> Result<(), Error> {
        for (resource, host) in functions.resources.iter().zip(&imports.resources) {
            let ty = self.context.type_name(resource.id).to_owned();
            let (handle, resource_type) = (self.name("Resource"), self.name("ResourceType"));
            let argument = format!("{:?}, {resource_type}::of::<{ty}>()", resource.name);
            self.body.closure(&format!("{at}.resource"), &argument, "move |mut store, rep|", |body| {
                body.line(format!("{host}::drop(host(store.data_mut()), {handle}::from_rep(rep))"));
            });
        }
        self.define_funcs(at, &functions.free, &imports.host, &imports.methods[0])?;
        for (index, resource) in functions.resources.iter().enumerate() {
            self.define_funcs(at, &resource.funcs, &imports.resources[index], &imports.methods[index + 1])?;
        }
        Ok(())
    }

    fn define_funcs(&mut self, at: &str, funcs: &[&Function], host: &str, methods: &[String]) -> Result<(), Error> {
        for (func, method) in funcs.iter().zip(methods) {
            let signature = self.signature(func, Form::Owned)?;
            let mut arguments = vec!["host(store.data_mut())".to_owned()];
            arguments.extend(signature.arguments);
            let call = format!("{host}::{method}({})", arguments.join(", "));
            let params = match signature.params.is_empty() {
                true => "()".to_owned(),
                false => format!("{}: {}", signature.names, signature.types),
            };
            let is_async = self.context.is_async(self.interface, func);
            let wrap = if is_async { "func_wrap_async" } else { "func_wrap" };
            let boxed = is_async.then(|| self.name("Box"));
            let closure = format!("move |mut store, {params}|");
            let name = format!("{:?}", func.name);
            self.body.closure(&format!("{at}.{wrap}"), &name, &closure, |body| match (boxed, signature.has_result) {
                (None, false) => body.line(call),
                (None, true) => body.line(format!("Ok(({call}?,))")),
                (Some(boxed), false) => body.line(format!("{boxed}::pin({call})")),
                (Some(boxed), true) => {
                    body.line(format!("let result = {call};"));
                    body.line(format!("{boxed}::pin(async move {{ Ok((result.await?,)) }})"));
                }
            });
        }
        Ok(())
    }
}
