//! The guests in several languages: sources in `guests/languages` → components.
//!
//! `cargo xtask languages` builds those that are too large to be checked in (Python, JavaScript) to `target/languages`; `rust` and `c` as arguments
//! build those that are checked in again. The toolchains come from package registries into `target/languages`, at the versions below.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, shell};

const COMPONENTIZE_PY: &str = "componentize-py==0.25.1";
const ZIG: &str = "ziglang==0.17.1";
const NPM: &[&str] = &["@bytecodealliance/jco@1.35.0", "@bytecodealliance/componentize-js@0.23.0"];

/// A language: its name, and what builds its guest to a path.
type Language = (&'static str, fn(&Path) -> Outcome);

const CHECKED_IN: &[Language] = &[("rust", rust), ("c", c)];
const LARGE: &[Language] =
    &[("python", python), ("javascript", javascript), ("javascript_handler", javascript_handler)];

pub fn run(wanted: &[String]) -> Outcome {
    if let Some(unknown) =
        wanted.iter().find(|name| [CHECKED_IN, LARGE].concat().iter().all(|(known, _)| known != name))
    {
        return Err(format!(
            "no guest is written in `{unknown}`; there are rust, c, python, javascript, javascript_handler"
        ));
    }
    fs::create_dir_all(folder()).map_err(|e| format!("{}: {e}", folder().display()))?;
    let chosen = |name: &str| wanted.iter().any(|wanted| wanted == name);
    for (name, build) in CHECKED_IN.iter().filter(|(name, _)| chosen(name)) {
        build(&shell::top().join("guests/wasm").join(format!("language_{name}.wasm")))?;
    }
    for (name, build) in LARGE.iter().filter(|(name, _)| wanted.is_empty() || chosen(name)) {
        build(&folder().join(format!("language_{name}.wasm")))?;
    }
    Ok(())
}

/// Where the toolchains and the large guests lie.
fn folder() -> PathBuf {
    shell::target_dir().join("languages")
}

fn sources() -> PathBuf {
    shell::top().join("guests/languages")
}

fn rust(to: &Path) -> Outcome {
    if !shell::has_target("wasm32-wasip2") {
        println!("the Rust target wasm32-wasip2: not available");
        return Ok(());
    }
    let mut rustc = Command::new("rustc");
    rustc.current_dir(sources()).args(["--edition", "2024", "--target", "wasm32-wasip2", "-C", "opt-level=z"]);
    rustc.args(["-C", "lto", "-C", "panic=abort", "-C", "codegen-units=1", "-C", "strip=symbols"]);
    shell::run(rustc.arg("-o").arg(to).arg("guest.rs"))
}

fn c(to: &Path) -> Outcome {
    let (Some(python), Some(jco)) = (pip(ZIG), npm("jco")) else { return Ok(()) };
    let module = folder().join("c.wasm");
    let mut zig = Command::new(python);
    zig.current_dir(sources()).args(["-m", "ziglang", "cc", "-target", "wasm32-wasi", "-Os", "-s", "-std=c11"]);
    shell::run(zig.args(["-Wall", "-Wextra", "-Werror", "-o"]).arg(&module).arg("guest.c"))?;
    shell::run(Command::new(jco).arg("new").arg(&module).args(["--wasi-command", "-o"]).arg(to))
}

fn python(to: &Path) -> Outcome {
    let Some(python) = pip(COMPONENTIZE_PY) else { return Ok(()) };
    // Python leaves what it compiled beside the source.
    for name in ["guest.py", "python.wit"] {
        fs::copy(sources().join(name), folder().join(name)).map_err(|e| format!("{name}: {e}"))?;
    }
    let mut componentize = Command::new(python.with_file_name("componentize-py"));
    componentize.current_dir(folder()).args(["-d", "python.wit", "-w", "guest", "componentize", "guest", "-o"]);
    shell::run(componentize.arg(to))
}

/// The version of WASI whose packages `jco` ships.
const WASI: &str = "0.2.12";

fn javascript(to: &Path) -> Outcome {
    // It makes no requests.
    componentize_js(to, "guest", WASI, &["--disable", "http", "--disable", "fetch-event"])
}

fn javascript_handler(to: &Path) -> Outcome {
    // That of the handler that `componentize-js` brings; what `jco` ships only adds to it.
    componentize_js(to, "handler", "0.2.10", &[])
}

/// Makes a component of the source and the world `name`, at a version of WASI.
fn componentize_js(to: &Path, name: &str, version: &str, options: &[&str]) -> Outcome {
    let Some(componentize) = npm("componentize-js") else { return Ok(()) };
    let wit = folder().join("wit").join(name);
    let failed = |e: std::io::Error| format!("{}: {e}", wit.display());
    fs::create_dir_all(wit.join("deps")).map_err(failed)?;
    let copy = |from: &Path, to: &Path| {
        let text = fs::read_to_string(from).map_err(|e| format!("{}: {e}", from.display()))?;
        fs::write(to, text.replace(WASI, version)).map_err(failed)
    };
    copy(&sources().join("javascript.wit"), &wit.join("world.wit"))?;
    // `jco` has one file for each package of WASI, in a folder with its name.
    let packages = folder().join("npm/node_modules/@bytecodealliance/jco/lib/wit/builtin").join(WASI);
    for package in fs::read_dir(&packages).map_err(|e| format!("{}: {e}", packages.display()))? {
        let package = package.map_err(failed)?;
        let name = package.file_name().to_string_lossy().into_owned();
        copy(&package.path().join("package.wit"), &wit.join("deps").join(name + ".wit"))?;
    }
    let mut componentize = Command::new(componentize);
    componentize.current_dir(sources()).arg(format!("{name}.js")).args(["-n", name, "-w"]).arg(&wit);
    shell::run(componentize.args(options).arg("-o").arg(to))
}

/// A Python that has `package`; says so if there is none to be had.
fn pip(package: &str) -> Option<PathBuf> {
    let venv = folder().join("venv");
    let python = venv.join("bin/python");
    let there = python.exists() || shell::run(Command::new("python3").args(["-m", "venv"]).arg(&venv)).is_ok();
    let had = there && shell::run(Command::new(&python).args(["-m", "pip", "install", "--quiet", package])).is_ok();
    if !had {
        println!("{package} from PyPI: not available");
    }
    had.then_some(python)
}

/// One of the programs of [`NPM`]; says so if they are not to be had.
fn npm(program: &str) -> Option<PathBuf> {
    let (packages, list) = (folder().join("npm"), folder().join("npm.txt"));
    let wanted = NPM.join(", ");
    // A second `npm install` of the same packages was seen to remove one that they need.
    if fs::read_to_string(&list).is_ok_and(|text| text == wanted) {
        return Some(packages.join("node_modules/.bin").join(program));
    }
    // What is not there need not be removed.
    let _ = fs::remove_dir_all(&packages);
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(&packages).args(NPM);
    let had = shell::run(&mut npm).is_ok() && fs::write(&list, &wanted).is_ok();
    if !had {
        println!("{wanted} from npm: not available");
    }
    had.then(|| packages.join("node_modules/.bin").join(program))
}
