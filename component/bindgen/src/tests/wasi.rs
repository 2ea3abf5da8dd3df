//! Every world of WASI 0.2 becomes Rust that compiles.
//!
//! The packages are in `../shared/wit` beside the repository. What they become is compiled as one crate without the standard library.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Options, generate, rustc};

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
    let errors = rustc::errors("wasi", &format!("#![no_std]\n#![deny(warnings)]\n{text}"));
    assert_eq!(errors, "");
    let _ = writeln!(std::io::stderr(), "{} worlds of WASI compiled, each in both forms", worlds.len() / 2);
}

/// The names of the worlds in the last of some packages.
fn worlds_of(paths: &[PathBuf]) -> Vec<String> {
    let mut resolve = wit_parser::Resolve::default();
    let packages = paths.iter().map(|path| resolve.push_path(path).expect("good WIT").0);
    let last = packages.last().expect("at least one");
    resolve.packages[last].worlds.keys().cloned().collect()
}
