//! What all tests here need.

use whit_core::{Config, Engine, Error, ExecutionEngine, Instance, Module, Store, TrapCode};

/// Calls `test` with an engine of each kind, its settings changed by `change`.
pub fn on_each_engine(change: impl Fn(&mut Config), test: impl Fn(&Engine)) {
    for execution in [ExecutionEngine::Loop, ExecutionEngine::Auto] {
        let mut config = Config::new();
        config.execution(execution);
        change(&mut config);
        test(&Engine::new(&config).expect("the configuration makes sense"));
    }
}

/// A module from its text.
pub fn module(engine: &Engine, text: &str) -> Module {
    Module::new(engine, wat::parse_str(text).expect("the text is well formed")).expect("the module is valid")
}

/// A store with an instance of a module without imports.
pub fn instance(engine: &Engine, text: &str) -> (Store<()>, Instance) {
    let mut store = Store::new(engine, ());
    let module = module(engine, text);
    let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
    (store, instance)
}

/// The code of an error that is a trap.
pub fn code(error: &Error) -> Option<TrapCode> {
    error.as_trap().map(|trap| trap.code())
}
