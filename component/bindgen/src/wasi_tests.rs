//! Every world of WASI 0.2 becomes Rust that compiles.
//!
//! The packages are in `../shared/wit` beside the repository. What they become is compiled by `rustc` as one crate, with `whit_component` as
//! it was built for this test.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use super::*;

/// Packages of WASI 0.2.12 and drafts on top of it, each after those that it uses.
const PACKAGES: &[&str] = &[
    "0.2.12/io",
    "0.2.12/clocks",
    "0.2.12/random",
    "0.2.12/filesystem",
    "0.2.12/sockets",
    "0.2.12/cli",
    "0.2.12/http",
    "drafts/config-0.2.0-rc.1",
    "drafts/keyvalue-0.2.0-draft",
    "drafts/nn-0.2.0-rc-2024-10-28",
    "drafts/tls-0.2.0-draft",
];

#[test]
fn wasi_0_2_compiles() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the repository is two folders up");
    let folder = top.parent().expect("in a folder").join("shared/wit");
    if !folder.exists() {
        let _ = writeln!(std::io::stderr(), "ABSENT: ../shared/wit: no world of WASI is compiled");
        return;
    }
    let mut text = String::new();
    let mut worlds = Vec::new();
    for count in 1..=PACKAGES.len() {
        let paths: Vec<PathBuf> = PACKAGES[..count].iter().map(|name| folder.join(name)).collect();
        for world in worlds_of(&paths) {
            let paths: Vec<String> = paths.iter().map(|path| format!("{:?}", path.display().to_string())).collect();
            for is_async in [false, true] {
                let options = format!("{{ path: [{}], world: {world:?}, async: {is_async} }}", paths.join(", "));
                let options: Options = syn::parse_str(&options).expect("options");
                let (generated, _) = generate(&options, &folder).expect("supported");
                text += &format!("pub mod world_{} {{\n{generated}}}\n", worlds.len());
                worlds.push(format!("{}/{world}", PACKAGES[count - 1]));
            }
        }
    }
    assert!(
        worlds.contains(&"0.2.12/http/proxy".into()) && worlds.contains(&"0.2.12/cli/command".into()),
        "{worlds:?}"
    );
    compile(&text);
    let _ = writeln!(std::io::stderr(), "{} worlds of WASI compiled, each in both forms", worlds.len() / 2);
}

/// What is asynchronous in itself is refused, with the place.
#[test]
fn wasi_0_3_is_not_yet() {
    let text = "package a:b; interface i { read: func() -> stream<u8>; } world w { import i; }";
    let options: Options = syn::parse_str(&format!("{{ inline: {text:?} }}")).expect("options");
    let error = generate(&options, Path::new("")).expect_err("not supported").to_string();
    assert!(error.contains("the type `stream`; not yet: asynchronous components"), "{error}");
}

/// The names of the worlds in the last of some packages.
fn worlds_of(paths: &[PathBuf]) -> Vec<String> {
    let mut resolve = wit_parser::Resolve::default();
    let packages = paths.iter().map(|path| resolve.push_path(path).expect("good WIT").0);
    let last = packages.last().expect("at least one");
    resolve.packages[last].worlds.keys().cloned().collect()
}

/// Checks a crate without the standard library that uses `whit_component`.
fn compile(text: &str) {
    let libraries = std::env::current_exe().expect("known").parent().expect("in a folder").to_owned();
    let built =
        |entry: &fs::DirEntry| entry.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let entries = fs::read_dir(&libraries).expect("readable").filter_map(Result::ok);
    let library = entries
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.starts_with("libwhit_component-") && name.ends_with(".rlib")
        })
        .max_by_key(built)
        .expect("built for this test");
    let folder = libraries.join("whit-bindgen-wasi");
    fs::create_dir_all(&folder).expect("writable");
    let source = folder.join("wasi.rs");
    fs::write(&source, format!("#![no_std]\n#![deny(warnings)]\n{text}")).expect("writable");
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "--out-dir"])
        .arg(&folder)
        .arg("-L")
        .arg(format!("dependency={}", libraries.display()))
        .arg("--extern")
        .arg(format!("whit_component={}", library.path().display()))
        .arg(&source)
        .output()
        .expect("rustc runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
