//! Arbitrary and damaged components: no panic, typed errors, the verdict of the parser's validator; and what loads can be looked at and instantiated.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Unstructured;
use libfuzzer_sys::{Corpus, fuzz_target};
use wasmparser::{Validator, WasmFeatures};
use whit_component::{Component, ComponentLimits, Linker};
use whit_core::{CompilationMode, Config, Engine, ErrorKind, Store, StoreLimits};
use whit_fuzz::component::generate;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    Engine::new(Config::new().compilation_mode(CompilationMode::ValidateThenLazy).consume_fuel(true))
        .unwrap_or_else(|error| panic!("{error}"))
});

/// The proposals that Whit has for components, beside those of its engine for modules.
fn features() -> WasmFeatures {
    ENGINE
        .config()
        .features()
        .union(WasmFeatures::COMPONENT_MODEL)
        .union(WasmFeatures::CM_ASYNC)
        .union(WasmFeatures::CM_ASYNC_STACKFUL)
        .union(WasmFeatures::CM_MORE_ASYNC_BUILTINS)
        .union(WasmFeatures::CM_THREADING)
        .union(WasmFeatures::CM_IMPLEMENTS)
        .union(WasmFeatures::CM_FIXED_LENGTH_LISTS)
        .union(WasmFeatures::CM_MAP)
        .union(WasmFeatures::CM_FORWARD)
}

/// An input that begins as a component, binary or text, is one. Any other is entropy for a good one, and for damage to it.
fn component(input: &[u8]) -> Option<Vec<u8>> {
    if input.starts_with(b"\0asm") || input.starts_with(b"(component") {
        return wat::parse_bytes(input).ok().map(|wasm| wasm.into_owned());
    }
    let mut entropy = Unstructured::new(input);
    let changes = entropy.int_in_range(0..=3).ok()?;
    let case = generate(&mut entropy).ok()?;
    let mut wasm = wat::parse_str(&case.text).unwrap_or_else(|error| panic!("{error}\n{}", case.text));
    for _ in 0..changes {
        let at = entropy.choose_index(wasm.len()).ok()?;
        wasm[at] = entropy.arbitrary().ok()?;
    }
    Some(wasm)
}

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some(wasm) = component(input) else { return Corpus::Reject };
    let is_module = wasm.starts_with(b"\0asm\x01");
    let valid = Validator::new_with_features(features()).validate_all(&wasm).is_ok() && !is_module;
    // Small ones, so that what multiplies is refused soon.
    let limits = ComponentLimits::new().instances(100).core_instances(100).steps(10_000);
    let component = match Component::new_with_limits(&ENGINE, wasm, &limits) {
        Ok(component) => component,
        Err(error) => {
            let (kind, text) = (error.kind(), error.to_string());
            assert!(matches!(kind, ErrorKind::Parse | ErrorKind::Validation), "{kind:?}: {text}");
            assert!(!valid || text.contains("beyond the limit"), "valid, and refused: {text}");
            return Corpus::Keep;
        }
    };
    assert!(valid, "invalid, and loaded");
    let _ = component.disassemble();
    component.imports().for_each(|import| _ = format!("{:?}", import.ty()));
    component.exports().for_each(|export| _ = format!("{:?}", export.ty()));

    let mut linker = Linker::new(&ENGINE);
    let mut store = Store::new(&ENGINE, StoreLimits::new().memory_size(1 << 20).table_elements(1000));
    store.limiter(|limits| limits);
    store.set_fuel(10_000).unwrap_or_else(|error| panic!("{error}"));
    // What is missing, traps or is too much is an error; that is all that is asked here.
    if linker.define_unknown_imports_as_traps(&component).is_ok() {
        let _ = linker.instantiate(&mut store, &component);
    }
    Corpus::Keep
});
