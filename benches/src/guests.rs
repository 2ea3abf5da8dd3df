//! The wasm programs that are timed, and what they must answer.
//!
//! Kernels are the project's own (`guests/kernels`), each with two known results; larger files lie beside the repository
//! in `../shared/bench` and may be absent, which is said where a table would have them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::peers::{Host, Import, NumType};

/// One compute kernel: exports `run: (i32) -> i64` and imports nothing.
pub struct Kernel {
    /// The name fixed in `docs/performance.md`.
    pub name: String,
    /// The module.
    pub wasm: Vec<u8>,
    /// Argument and result of a run that takes next to no time.
    pub small: (i32, i64),
    /// Argument and result of the run that is timed.
    pub full: (i32, i64),
}

/// A module whose start-up is timed.
pub struct Program {
    /// File name without its ending.
    pub name: String,
    /// The module.
    pub wasm: Vec<u8>,
    /// Every import it declares.
    pub imports: Vec<Import>,
    /// An exported function to look up.
    pub export: String,
}

/// The folder `guests` of this repository.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests")
}

/// The folder of larger programs beside the repository.
pub fn shared_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/bench")
}

/// Reads `guests/kernels/kernels.tsv` and every module it names, in its order.
pub fn kernels() -> Result<Vec<Kernel>> {
    let folder = folder();
    let list = folder.join("kernels/kernels.tsv");
    let text = fs::read_to_string(&list).with_context(|| format!("reading {}", list.display()))?;
    let rows = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    rows.map(|row| {
        let [name, small, small_result, full, full_result] = row.split('\t').collect::<Vec<_>>()[..] else {
            bail!("{}: not five columns: {row}", list.display());
        };
        Ok(Kernel {
            name: name.to_string(),
            wasm: read_wasm(&folder.join(format!("wasm/{name}.wasm")))?,
            small: (small.parse()?, small_result.parse()?),
            full: (full.parse()?, full_result.parse()?),
        })
    })
    .collect()
}

/// The module for questions about calls: see `guests/kernels/calls.c`.
pub fn calls() -> Result<Vec<u8>> {
    read_wasm(&folder().join("wasm/calls.wasm"))
}

/// A command of WASI 0.2 that prints a line.
pub fn command() -> Result<Vec<u8>> {
    read_wasm(&folder().join("wasm/command.wasm"))
}

/// The component for questions about calls that carry a string.
pub fn component_calls() -> Result<Vec<u8>> {
    Ok(wat::parse_str(include_str!("components/calls.wat"))?)
}

/// CoreMark, which is not part of this repository; `None` where `../shared/bench` is absent.
pub fn coremark() -> Result<Option<Vec<u8>>> {
    let path = shared_folder().join("coremark.wasm");
    if path.exists() { read_wasm(&path).map(Some) } else { Ok(None) }
}

/// The programs whose start-up is timed, smallest first: two of the project's own, and those of `../shared/bench` where
/// that folder is.
pub fn programs() -> Result<Vec<Program>> {
    let mut programs = program_paths()?.iter().map(|path| Program::read(path)).collect::<Result<Vec<_>>>()?;
    programs.sort_by_key(|program| program.wasm.len());
    Ok(programs)
}

/// One of [`programs`], without reading the others.
pub fn program(name: &str) -> Result<Program> {
    let path = program_paths()?.into_iter().find(|path| path.file_stem().is_some_and(|stem| stem == name));
    Program::read(&path.with_context(|| format!("no program `{name}`"))?)
}

fn program_paths() -> Result<Vec<PathBuf>> {
    let own = ["hello", "sqlite"].map(|name| folder().join(format!("wasm/{name}.wasm")));
    let shared = match fs::read_dir(shared_folder()) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?,
        Err(_) => {
            eprintln!("{} is not here: its programs are left out", shared_folder().display());
            Vec::new()
        }
    };
    let is_wasm = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "wasm");
    Ok(own.into_iter().chain(shared).filter(is_wasm).collect())
}

impl Program {
    /// Reads a module and the imports it declares, which must all be functions over numbers.
    pub fn read(path: &Path) -> Result<Self> {
        let wasm = read_wasm(path)?;
        let (imports, export) = outline(&wasm).with_context(|| format!("reading {}", path.display()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, wasm, imports, export })
    }
}

fn read_wasm(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("reading {}", path.display()))
}

/// A module's imports, each with a stub behind it, and the name of one exported function.
fn outline(wasm: &[u8]) -> Result<(Vec<Import>, String)> {
    let mut types = Vec::new();
    let mut imports = Vec::new();
    let mut export = None;
    for payload in wasmparser::Parser::new(0).parse_all(wasm) {
        match payload? {
            wasmparser::Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    types.push(ty?);
                }
            }
            wasmparser::Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    let wasmparser::TypeRef::Func(index) = import.ty else {
                        bail!("import {}.{} is not a function", import.module, import.name);
                    };
                    let ty = types.get(index as usize).context("type index out of range")?;
                    imports.push(Import {
                        module: import.module.to_string(),
                        name: import.name.to_string(),
                        params: ty.params().iter().map(number).collect::<Result<_>>()?,
                        results: ty.results().iter().map(number).collect::<Result<_>>()?,
                        host: Host::Stub,
                    });
                }
            }
            wasmparser::Payload::ExportSection(section) => {
                for item in section {
                    let item = item?;
                    if item.kind == wasmparser::ExternalKind::Func {
                        export.get_or_insert_with(|| item.name.to_string());
                    }
                }
            }
            _ => {}
        }
    }
    Ok((imports, export.context("no function is exported")?))
}

fn number(ty: &wasmparser::ValType) -> Result<NumType> {
    Ok(match ty {
        wasmparser::ValType::I32 => NumType::I32,
        wasmparser::ValType::I64 => NumType::I64,
        wasmparser::ValType::F32 => NumType::F32,
        wasmparser::ValType::F64 => NumType::F64,
        other => bail!("an import takes or gives {other}"),
    })
}
