//! Every kernel on every runtime of this build gives the result that its native build gives.
//!
//! Small arguments only: this checks the guests and the adapters, not speed. Runtimes that cannot run a kernel (no SIMD,
//! a bug that aborts) are the tables' business, so only Whit and the baseline must pass here.

use whit_benches::guests;
use whit_benches::peers::{for_execution, whit_and_baseline};
use whit_benches::questions::compute::run_checked;

#[test]
fn kernels_agree_with_their_native_builds() {
    for runtime in whit_and_baseline(for_execution()) {
        for kernel in guests::kernels().unwrap() {
            let mut instance = runtime.instantiate(&kernel.wasm, &[]).unwrap();
            // Twice: a kernel starts afresh at every call.
            for _ in 0..2 {
                if let Err(error) = run_checked(&mut *instance, kernel.small) {
                    panic!("{} on {}: {error}", kernel.name, runtime.name());
                }
            }
        }
    }
}

#[test]
fn programs_have_a_function_to_look_up() {
    let programs = guests::programs().unwrap();
    assert!(programs.len() >= 2);
    for program in programs {
        assert!(!program.export.is_empty(), "{}", program.name);
    }
}
