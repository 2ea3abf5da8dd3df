//! A call that is left at every safepoint, with interruptions and collections in between, does what the same call does undisturbed, for the same fuel.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::{Corpus, fuzz_target};
use whit_core::{CompilationMode, ExecutionEngine};
use whit_fuzz::generate::{Purpose, case, waits};
use whit_fuzz::guest::{Settings, Way};
use whit_fuzz::trace::Ending;

/// The undisturbed way, and slices of 1 (every block), of a few blocks, and of many.
static WAYS: LazyLock<(Way, [(u64, Way); 3])> = LazyLock::new(|| {
    use ExecutionEngine::{Loop, Tail};
    let way = |execution, slice| {
        Way::new(Settings { execution, mode: CompilationMode::Lazy, metered: true, epochs: true, slice })
    };
    let slices = [(Tail, 1), (Loop, 5), (Tail, 61)];
    (way(Tail, None), slices.map(|(execution, slice)| (slice, way(execution, Some(slice)))))
});

fuzz_target!(|input: &[u8]| -> Corpus {
    let Ok(case) = case(input, Purpose::Execution) else { return Corpus::Reject };
    if waits(&case.wasm) {
        return Corpus::Reject;
    }
    let (undisturbed, sliced) = &*WAYS;
    let expected = undisturbed.run(&case.wasm, &case.rest);
    if let Ending::Refused(_) = expected.instantiation {
        return Corpus::Reject;
    }
    for (slice, way) in sliced {
        assert_eq!(expected, way.run(&case.wasm, &case.rest), "left: undisturbed; right: in slices of {slice}");
    }
    Corpus::Keep
});
