//! What does a call between guest functions cost? A thousand calls an iteration, loop included.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use whit_benches::guests;
use whit_benches::peers::{for_execution, whit_and_baseline};
use whit_benches::questions::calls::increment_import;

const CALLS: i32 = 1000;

fn guest_calls(criterion: &mut Criterion) {
    let wasm = guests::calls().expect("guests/wasm is part of the repository");
    for export in ["direct", "indirect"] {
        let mut group = criterion.benchmark_group(format!("calls/{export}"));
        group.throughput(Throughput::Elements(CALLS as u64));
        for runtime in whit_and_baseline(for_execution()) {
            let mut instance = runtime.instantiate(&wasm, &[increment_import()]).expect("the module loads");
            group.bench_function(runtime.name(), |bencher| {
                bencher.iter(|| {
                    let result = instance.run(export, CALLS).expect("the guest runs");
                    assert_eq!(result, i64::from(CALLS));
                });
            });
        }
        group.finish();
    }
    let mut group = criterion.benchmark_group("calls/fib");
    for runtime in whit_and_baseline(for_execution()) {
        let mut instance = runtime.instantiate(&wasm, &[increment_import()]).expect("the module loads");
        group.bench_function(runtime.name(), |bencher| {
            bencher.iter(|| assert_eq!(instance.run("fib", 20).expect("the guest runs"), 6765));
        });
    }
    group.finish();
}

criterion_group!(benches, guest_calls);
criterion_main!(benches);
