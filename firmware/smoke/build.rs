//! Links the programs with the script that the start-up crate of the target brings, and makes their guests from text.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

/// The folder of the guests that are written as text.
const GUESTS: &str = "guests";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    // Sections need no pages of their own where there are no pages: the image stays as small as it is.
    println!("cargo::rustc-link-arg-bins=--nmagic");
    println!("cargo::rerun-if-changed=build.rs");

    println!("cargo::rerun-if-changed={GUESTS}");
    let out = env::var("OUT_DIR")?;
    for guest in fs::read_dir(GUESTS)? {
        let text = guest?.path();
        let name = text.with_extension("wasm");
        fs::write(Path::new(&out).join(name.file_name().ok_or("a guest without a name")?), wat::parse_file(&text)?)?;
    }
    Ok(())
}
