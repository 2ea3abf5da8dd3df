//! Whit and Wasmtime do the same: results, traps, host calls, final state.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::{Corpus, fuzz_target};
use whit_core::{CompilationMode, ExecutionEngine};
use whit_fuzz::generate::{Purpose, case, waits};
use whit_fuzz::guest::{Settings, Way};
use whit_fuzz::reference;
use whit_fuzz::trace::Ending;

static WAY: LazyLock<Way> = LazyLock::new(|| {
    let (execution, mode) = (ExecutionEngine::Tail, CompilationMode::ValidateThenLazy);
    Way::new(Settings { execution, mode, metered: true, epochs: false, slice: None })
});

fuzz_target!(|input: &[u8]| -> Corpus {
    let Ok(case) = case(input, Purpose::Execution) else { return Corpus::Reject };
    if waits(&case.wasm) {
        return Corpus::Reject;
    }
    let trace = WAY.run(&case.wasm, &case.rest);
    if let Ending::Refused(_) = trace.instantiation {
        return Corpus::Reject;
    }
    reference::compare(&case.wasm, &trace);
    Corpus::Keep
});
