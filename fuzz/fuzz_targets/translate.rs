//! Valid modules: every body translates, and the verifier accepts the code (it runs behind each translation with the feature `checked`).
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::{Corpus, fuzz_target};
use whit_core::{CompilationMode, Config, Engine, ErrorKind, Module};
use whit_fuzz::generate::{Purpose, case, is_module};

/// Bodies are translated with and without metering: they differ.
static ENGINES: LazyLock<[Engine; 2]> = LazyLock::new(|| {
    [false, true].map(|metered| {
        let mut config = Config::new();
        config.compilation_mode(CompilationMode::Eager).consume_fuel(metered).epoch_interruption(metered);
        Engine::new(&config).unwrap_or_else(|error| panic!("{error}"))
    })
});

fuzz_target!(|input: &[u8]| -> Corpus {
    let Ok(case) = case(input, Purpose::Translation) else { return Corpus::Reject };
    let generated = !is_module(input);
    for engine in &*ENGINES {
        if let Err(error) = Module::new(engine, case.wasm.clone()) {
            let kind = error.kind();
            assert!(!generated && matches!(kind, ErrorKind::Parse | ErrorKind::Validation), "{kind:?}: {error}");
            return Corpus::Reject;
        }
    }
    Corpus::Keep
});
