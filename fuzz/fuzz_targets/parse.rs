//! Arbitrary and damaged bytes: no panic, typed errors, and the same verdict in every compilation mode and by the parser alone.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use wasmparser::{Validator, WasmFeatures};
use whit_core::{CompilationMode, Config, Engine, Error, ErrorKind, Module};
use whit_fuzz::generate::{Purpose, case, is_module};

static ENGINES: LazyLock<[Engine; 3]> = LazyLock::new(|| {
    [CompilationMode::Lazy, CompilationMode::ValidateThenLazy, CompilationMode::Eager]
        .map(|mode| Engine::new(Config::new().compilation_mode(mode)).unwrap_or_else(|error| panic!("{error}")))
});

/// The proposals of Whit's default configuration.
fn features() -> WasmFeatures {
    WasmFeatures::WASM3
        .union(WasmFeatures::THREADS)
        .union(WasmFeatures::CUSTOM_PAGE_SIZES)
        .union(WasmFeatures::WIDE_ARITHMETIC)
        .difference(WasmFeatures::COMPACT_IMPORTS)
}

fuzz_target!(|input: &[u8]| {
    let wasm = match input.split_first() {
        None => return,
        Some(_) if is_module(input) => match case(input, Purpose::Translation) {
            Ok(case) => case.wasm,
            Err(_) => return,
        },
        // A valid module with some bytes changed reaches further than noise.
        Some((changes, input)) => {
            let Ok(mut case) = case(input, Purpose::Translation) else { return };
            for place in case.rest.chunks_exact(3).take(usize::from(changes % 4)) {
                let at = usize::from(u16::from_le_bytes([place[0], place[1]])) % case.wasm.len();
                case.wasm[at] = place[2];
            }
            case.wasm
        }
    };
    let expected = Validator::new_with_features(features()).validate_all(&wasm).is_ok();
    let [lazy, validating, eager] = &*ENGINES;
    let verdict = |result: Result<(), Error>| match result {
        Ok(()) => true,
        Err(error) => {
            let kind = error.kind();
            assert!(matches!(kind, ErrorKind::Parse | ErrorKind::Validation), "{kind:?}: {error}");
            false
        }
    };
    let whole = verdict(Module::validate(lazy, &wasm));
    assert_eq!(whole, expected, "Module::validate, wasmparser");
    for engine in [validating, eager] {
        let mode = engine.config();
        assert_eq!(verdict(Module::new(engine, wasm.clone()).map(drop)), expected, "{mode:?}");
    }
    // A lazy load may put off finding what is wrong, and then finds it.
    match Module::new(lazy, wasm) {
        Ok(module) => assert_eq!(verdict(module.translate_all()), expected, "bodies translated later"),
        Err(error) => assert!(!verdict(Err(error)) && !expected, "a lazy load refuses a valid module"),
    }
});
