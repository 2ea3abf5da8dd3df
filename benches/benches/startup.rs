//! How soon can a module be called? Engine, loading, instantiation, look-up of one export, in every mode.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use whit_benches::guests;
use whit_benches::peers::{for_startup, whit_and_baseline};

fn startup(criterion: &mut Criterion) {
    let runtimes = whit_and_baseline(for_startup());
    for program in guests::programs().expect("the programs are readable") {
        let mut group = criterion.benchmark_group(format!("startup/{}", program.name));
        group.sample_size(20);
        for runtime in &runtimes {
            // The instance is dropped outside the measured time.
            group.bench_function(runtime.name(), |bencher| {
                bencher.iter_batched(
                    || (),
                    |()| {
                        let instance = runtime.instantiate(&program.wasm, &program.imports);
                        let mut instance = instance.expect("the program loads");
                        assert!(instance.has_function(&program.export));
                        instance
                    },
                    BatchSize::PerIteration,
                );
            });
        }
        group.finish();
    }
}

criterion_group!(benches, startup);
criterion_main!(benches);
