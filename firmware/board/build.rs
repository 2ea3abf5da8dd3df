//! Puts the memory map of the chosen board where the linker looks for `memory.x`.

use std::path::PathBuf;
use std::{env, fs};

const BOARDS: [&str; 3] = ["mps2-an386", "netduinoplus2", "virt"];

fn main() {
    let feature = |board: &str| format!("CARGO_FEATURE_{}", board.to_uppercase().replace('-', "_"));
    let chosen: Vec<&str> = BOARDS.into_iter().filter(|board| env::var_os(feature(board)).is_some()).collect();
    let [board] = chosen[..] else { panic!("choose one board by its feature, of {BOARDS:?}; chosen: {chosen:?}") };

    let map = format!("memory/{board}.x");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo names the directory"));
    fs::copy(&map, out.join("memory.x")).unwrap_or_else(|e| panic!("{map}: {e}"));
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed={map}");
    println!("cargo::rerun-if-changed=build.rs");
}
