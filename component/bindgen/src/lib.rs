//! The macro [`bindgen!`]: a world of WIT → Rust over `whit_component` that reads as if written by hand.
//!
//! ```text
//! options ──▶ WIT (wit-parser) ──▶ context: modules and names ──▶ one module an interface, one of the world ──▶ text ──▶ tokens
//! ```
//!
//! `world.rs` puts the modules together; `types.rs`, `imports.rs` and `exports.rs` say what becomes of types and functions. What comes out
//! is in `tests/goldens`. Everything happens when a crate is built: the text needs neither the standard library nor an allocator of its own.

mod context;
mod exports;
mod func;
mod imports;
mod module;
mod names;
mod options;
mod output;
mod types;
mod wit;
mod world;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use syn::Error;

use context::Context;
use options::Options;

/// Rust for a world of WIT: types, traits for the host to implement, and a struct with methods for what a component exports.
///
/// ```
/// use whit_component::{Component, Linker};
/// use whit_core::{Engine, Store};
///
/// whit_component::bindgen!({ inline: "
///     package example:sums;
///     world adder { export add: func(a: u32, b: u32) -> u32; }
/// " });
///
/// fn three(engine: &Engine, component: &Component) -> Result<u32, whit_core::Error> {
///     let mut store = Store::new(engine, ());
///     Adder::instantiate(&mut store, component, &Linker::new(engine))?.call_add(&mut store, 1, 2)
/// }
/// ```
///
/// The options are `path` (files or folders of WIT; `wit` if nothing is said), `inline`, `world`, `with` (types and modules of Rust in the place
/// of those of WIT), `async` (imports that are futures), `features`, `additional_derives` and `crate`; `"world"` and `"world" in "path"` are short
/// forms. `docs/component-model.md` of the project describes them, and what is written.
#[proc_macro]
pub fn bindgen(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(input.into()).unwrap_or_else(Error::into_compile_error).into()
}

fn expand(input: TokenStream) -> Result<TokenStream, Error> {
    let options: Options = syn::parse2(input)?;
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
    let (mut text, files) = generate(&options, &root)?;
    for file in files {
        // Cargo builds a crate again when a file changes that is included.
        text += &format!("const _: &[u8] = include_bytes!({:?});\n", file.display().to_string());
    }
    text.parse()
        .map_err(|error| Error::new(options.span, format!("a defect of `bindgen!`: it wrote what is no Rust: {error}")))
}

/// The text, and the files that it comes from.
fn generate(options: &Options, root: &Path) -> Result<(String, Vec<PathBuf>), Error> {
    let wit = wit::read(options, root)?;
    let text = world::generate(&Context::new(&wit, options)?)?;
    Ok((text, wit.files))
}
