//! `-W` options → the settings of an engine.

use whit_core::{CompilationMode, Config, Engine, StoreLimits, StoreLimitsBuilder};
use whit_spec_tests::features::Features;
use whit_spec_tests::runner::apply_features;

use crate::args::WasmSettings;
use crate::report::Failure;

/// An engine for `settings`; `mode` is the verb's own choice where they make none.
pub fn engine(settings: &WasmSettings, mode: CompilationMode, fuel: bool) -> Result<Engine, Failure> {
    let mut config = Config::new();
    apply_features(&mut config, settings.features.apply(Features::default()));
    config.execution(settings.engine).compilation_mode(settings.mode.unwrap_or(mode));
    config.consume_fuel(fuel || settings.fuel.is_some()).epoch_interruption(settings.timeout.is_some());
    // A frame takes room on the stack, so that its size alone bounds the depth: one limit with one flag, not two of which one has none.
    config.max_call_depth(u32::MAX / 2);
    if let Some(bytes) = settings.max_wasm_stack {
        config.max_wasm_stack(bytes);
    }
    Engine::new(&config).map_err(|error| Failure::new(format!("these -W options cannot be used: {error}")))
}

/// What a guest's memories and tables may grow to.
pub fn limits(settings: &WasmSettings) -> StoreLimits {
    let mut limits = StoreLimitsBuilder::new();
    if let Some(bytes) = settings.max_memory_size {
        limits = limits.memory_size(usize::try_from(bytes).unwrap_or(usize::MAX));
    }
    if let Some(elements) = settings.max_table_elements {
        limits = limits.table_elements(usize::try_from(elements).unwrap_or(usize::MAX));
    }
    limits.build()
}
