//! How fast is translated code? Each kernel with its full argument.

use criterion::{Criterion, criterion_group, criterion_main};
use whit_benches::guests;
use whit_benches::peers::{for_execution, whit_and_baseline};
use whit_benches::questions::compute::run_checked;

fn kernels(criterion: &mut Criterion) {
    let runtimes = whit_and_baseline(for_execution());
    for kernel in guests::kernels().expect("guests/kernels is part of the repository") {
        let mut group = criterion.benchmark_group(format!("compute/{}", kernel.name));
        group.sample_size(10);
        for runtime in &runtimes {
            let mut instance = runtime.instantiate(&kernel.wasm, &[]).expect("the kernel loads");
            run_checked(&mut *instance, kernel.small).expect("the kernel is right");
            group.bench_function(runtime.name(), |bencher| {
                bencher.iter(|| run_checked(&mut *instance, kernel.full).expect("the kernel is right"));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, kernels);
criterion_main!(benches);
