//! Links the programs with the script that the start-up crate of the target brings.

fn main() {
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    // Sections need no pages of their own where there are no pages: the image stays as small as it is.
    println!("cargo::rustc-link-arg-bins=--nmagic");
    println!("cargo::rerun-if-changed=build.rs");
}
