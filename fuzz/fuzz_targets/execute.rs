//! Both engines, all modes, fuel on and off, epochs watched or not: the same results, traps, host calls, final state, and fuel.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::{Corpus, fuzz_target};
use whit_core::{CompilationMode, ExecutionEngine};
use whit_fuzz::generate::{Purpose, case, is_module, waits};
use whit_fuzz::guest::{Settings, Way};
use whit_fuzz::trace::Ending;

struct Ways {
    first: Way,
    metered: [(&'static str, Way); 2],
    unmetered: [(&'static str, Way); 2],
}

static WAYS: LazyLock<Ways> = LazyLock::new(|| {
    use CompilationMode::{Eager, Lazy};
    use ExecutionEngine::{Loop, Tail};
    let way = |execution, mode, metered, epochs| Way::new(Settings { execution, mode, metered, epochs, slice: None });
    Ways {
        first: way(Tail, Eager, true, false),
        metered: [
            ("loop, lazy, fuel", way(Loop, Lazy, true, false)),
            ("tail, lazy, fuel, epochs", way(Tail, Lazy, true, true)),
        ],
        unmetered: [
            ("tail, lazy", way(Tail, Lazy, false, false)),
            ("loop, eager, epochs", way(Loop, Eager, false, true)),
        ],
    }
});

fuzz_target!(|input: &[u8]| -> Corpus {
    let Ok(case) = case(input, Purpose::Execution) else { return Corpus::Reject };
    if waits(&case.wasm) {
        return Corpus::Reject;
    }
    let first = WAYS.first.run(&case.wasm, &case.rest);
    if let Ending::Refused(kind) = first.instantiation {
        assert!(is_module(input), "a generated module is refused: {kind:?}");
        return Corpus::Reject;
    }
    for (name, way) in &WAYS.metered {
        assert_eq!(first, way.run(&case.wasm, &case.rest), "left: tail, eager, fuel; right: {name}");
    }
    // Only fuel ends some modules; those that end without can run without.
    if first.is_complete() {
        let first = first.without_fuel();
        for (name, way) in &WAYS.unmetered {
            assert_eq!(first, way.run(&case.wasm, &case.rest), "left: tail, eager; right: {name}");
        }
    }
    Corpus::Keep
});
