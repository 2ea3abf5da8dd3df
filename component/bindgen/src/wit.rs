//! WIT text → a resolved world, with the files that it was read from.

use std::path::{Path, PathBuf};

use syn::Error;
use wit_parser::{PackageId, Resolve, WorldId};

use crate::options::Options;

/// The name under which WIT given inline appears in messages.
const INLINE: &str = "inline";

/// WIT that has been read.
pub(crate) struct Wit {
    pub resolve: Resolve,
    pub world: WorldId,
    /// What has to be read again when it changes.
    pub files: Vec<PathBuf>,
}

/// Reads what the options name. Relative paths begin at `root`.
///
/// # Errors
/// There is no such file, what it holds is not WIT, or it has no such world.
pub(crate) fn read(options: &Options, root: &Path) -> Result<Wit, Error> {
    let mut resolve = Resolve::default();
    resolve.features.extend(options.features.iter().map(|feature| feature.value()));
    let mut files = Vec::new();
    let mut main = None;
    for literal in &options.paths {
        let path = root.join(literal.value());
        if !path.exists() {
            let message =
                format!("there is no file or folder `{}`; a path begins at the package's folder", path.display());
            return Err(Error::new(literal.span(), message));
        }
        match resolve.push_path(&path) {
            Ok((package, sources)) => {
                files.extend(sources.paths().map(Path::to_owned));
                main = Some(package);
            }
            Err(error) => return Err(Error::new(literal.span(), resolve.render_error(&error))),
        }
    }
    if let Some(inline) = &options.inline {
        match resolve.push_str(INLINE, &inline.value()) {
            Ok(package) => main = Some(package),
            Err(error) => return Err(Error::new(inline.span(), resolve.render_error(&error))),
        }
    }
    let Some(main) = main else { return Err(Error::new(options.span, "no WIT is given: `path` is an empty list")) };
    let world = select(&resolve, main, options)?;
    Ok(Wit { resolve, world, files })
}

/// The world that is meant: one of the main package by its name, or any by its name with the package.
fn select(resolve: &Resolve, main: PackageId, options: &Options) -> Result<WorldId, Error> {
    let Some(literal) = &options.world else {
        let found = resolve.select_world(&[main], None);
        return found.map_err(|_| Error::new(options.span, missing(resolve, main, None)));
    };
    let name = literal.value();
    if let Some(world) = resolve.packages[main].worlds.get(&name) {
        return Ok(*world);
    }
    if !name.contains(':') {
        return Err(Error::new(literal.span(), missing(resolve, main, Some(name))));
    }
    resolve.select_world(&[main], Some(&name)).map_err(|error| Error::new(literal.span(), format!("{error:#}")))
}

/// What to say where no world is found.
fn missing(resolve: &Resolve, main: PackageId, name: Option<String>) -> String {
    let package = &resolve.packages[main];
    let worlds: Vec<String> = package.worlds.keys().map(|world| format!("`{world}`")).collect();
    let there_are = match worlds.as_slice() {
        [] => format!("the package `{}` has no worlds", package.name),
        [only] => format!("the package `{}` has the world {only}", package.name),
        all => format!("the package `{}` has the worlds {}", package.name, all.join(", ")),
    };
    match name {
        Some(name) => format!("there is no world `{name}`: {there_are}"),
        None => format!("{there_are}; `world: \"…\"` chooses one"),
    }
}
