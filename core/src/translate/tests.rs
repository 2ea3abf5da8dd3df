//! Goldens: WebAssembly text in, disassembly out.
//!
//! Each `.wat` of `core/tests/goldens` has a `.txt` with the code of its functions. `WHIT_BLESS=1 cargo test -p whit-core goldens` writes them.

use alloc::string::String;
use core::fmt::Write as _;
use std::path::Path;

use crate::{CompilationMode, Config, Engine, ExecutionEngine, Module};

fn listing(bytes: alloc::vec::Vec<u8>, fuel: bool) -> String {
    let mut config = Config::new();
    // Code of the loop engine has no chains: it is the same in every build.
    config.compilation_mode(CompilationMode::Eager).consume_fuel(fuel).execution(ExecutionEngine::Loop);
    let engine = Engine::new(&config).expect("the configuration is good");
    let module = Module::new(&engine, bytes).expect("the module is valid");
    let inner = module.inner();
    let mut text = String::new();
    for (defined, code) in inner.code.iter().enumerate() {
        let name = module.function_name(inner.imported.functions + defined as u32).unwrap_or("?");
        let code = code.get().expect("eager: every function has code");
        write!(text, "func {defined} ${name} frame={}\n{code}\n", code.frame.size).expect("a string takes all");
    }
    text
}

// They show the ops of the full build.
#[cfg(feature = "specialized-ops")]
#[test]
fn goldens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    let bless = std::env::var_os("WHIT_BLESS").is_some();
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).expect("the goldens are there") {
        let wat_path = entry.expect("readable").path();
        if wat_path.extension().is_none_or(|extension| extension != "wat") {
            continue;
        }
        seen += 1;
        let bytes = wat::parse_file(&wat_path).expect("valid text");
        let fuel = wat_path.file_stem().is_some_and(|stem| stem == "fuel");
        let found = listing(bytes, fuel);
        let golden = wat_path.with_extension("txt");
        if bless {
            std::fs::write(&golden, &found).expect("writable");
        }
        let wanted = std::fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(wanted, found, "{} differs; WHIT_BLESS=1 accepts what is found", golden.display());
    }
    assert!(seen > 0, "no goldens in {}", folder.display());
}

/// What fuzzing has found: it translates, and verifies. `tests/findings.rs` runs it.
#[test]
fn findings_translate() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/findings");
    for entry in std::fs::read_dir(&folder).expect("the findings are there") {
        let bytes = wat::parse_file(entry.expect("readable").path()).expect("valid text");
        for fuel in [false, true] {
            assert!(!listing(bytes.clone(), fuel).is_empty());
        }
    }
}

/// The real programs beside the design, where they are present: every function translates, and verifies.
#[test]
fn real_programs_translate() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/bench");
    let Ok(files) = std::fs::read_dir(&folder) else {
        std::eprintln!("real_programs_translate: {} is absent, nothing was tested", folder.display());
        return;
    };
    for file in files {
        let path = file.expect("readable").path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            let bytes = std::fs::read(&path).expect("readable");
            for fuel in [false, true] {
                assert!(!listing(bytes.clone(), fuel).is_empty());
            }
        }
    }
}
