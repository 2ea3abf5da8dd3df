//! What does leaving the guest cost, and entering it? A thousand crossings an iteration, loop included.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use whit_benches::guests;
use whit_benches::peers::{for_execution, whit_and_baseline};
use whit_benches::questions::calls::increment_import;

const CROSSINGS: u32 = 1000;

fn crossings(criterion: &mut Criterion) {
    let wasm = guests::calls().expect("guests/wasm is part of the repository");
    let mut group = criterion.benchmark_group("host_crossing/guest_to_host");
    group.throughput(Throughput::Elements(u64::from(CROSSINGS)));
    for runtime in whit_and_baseline(for_execution()) {
        let mut instance = runtime.instantiate(&wasm, &[increment_import()]).expect("the module loads");
        group.bench_function(runtime.name(), |bencher| {
            bencher.iter(|| {
                let result = instance.run("host", CROSSINGS as i32).expect("the guest runs");
                assert_eq!(result, i64::from(CROSSINGS));
            });
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("host_crossing/host_to_guest");
    group.throughput(Throughput::Elements(u64::from(CROSSINGS)));
    for runtime in whit_and_baseline(for_execution()) {
        let mut instance = runtime.instantiate(&wasm, &[increment_import()]).expect("the module loads");
        group.bench_function(runtime.name(), |bencher| {
            bencher.iter(|| {
                let result = instance.iterate("increment", 0, CROSSINGS).expect("the guest runs");
                assert_eq!(result, i64::from(CROSSINGS));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, crossings);
criterion_main!(benches);
