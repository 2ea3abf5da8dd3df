//! Which ops a kernel runs, and in which pairs: `cargo run --release -p whit-core --features profile --example op_profile FILE N [places]`.
//!
//! Runs the export `run(i32) -> i64` on the loop engine. With `places`, prints each op that has run instead, in the order of the code: its name, how
//! often it has run, how often what stands behind it ran next, and whether that is the next line. Next: `docs/performance.md`.

use std::collections::BTreeMap;

use whit_core::{Config, Engine, ExecutionEngine, Linker, Module, OpPlace, Store};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("which module?")?;
    let n: i32 = args.next().ok_or("which argument?")?.parse()?;
    let mut config = Config::new();
    config.execution(ExecutionEngine::Loop);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, std::fs::read(path)?)?;
    let mut store = Store::new(&engine, 0_u32);
    let mut linker = Linker::<u32>::new(&engine);
    linker.func_wrap("env", "clock_ms", |mut caller: whit_core::Caller<'_, u32>| {
        *caller.data_mut() += 12_000;
        *caller.data()
    })?;
    let instance = linker.instantiate(&mut store, &module)?;
    if let Ok(run) = instance.get_typed_func::<i32, i64>(&mut store, "run") {
        run.call(&mut store, n)?;
    } else {
        instance.get_typed_func::<(), f32>(&mut store, "run")?.call(&mut store, ())?;
    }
    let places = whit_core::op_places();
    match args.next().as_deref() {
        Some("places") => places.iter().for_each(|OpPlace { name, count, went_on, followed, .. }| {
            println!("{name} {count} {went_on} {followed}");
        }),
        _ => summary(&places),
    }
    Ok(())
}

/// The most frequent ops and pairs of ops, and how many dispatches there were: an op that one before it has run is none.
fn summary(places: &[OpPlace]) {
    let total: u64 = places.iter().map(|place| place.count).sum();
    let joined: u64 = places.iter().map(|place| place.joined).sum();
    let (mut ops, mut pairs) = (BTreeMap::new(), BTreeMap::new());
    for (index, place) in places.iter().enumerate() {
        *ops.entry(place.name.to_string()).or_insert(0) += place.count;
        if place.followed {
            *pairs.entry(format!("{} + {}", place.name, places[index + 1].name)).or_insert(0) += place.went_on;
        }
    }
    println!("{} dispatches", total - joined);
    println!("{total} ops");
    print_most(ops, 25, total);
    print_most(pairs, 40, total);
}

fn print_most(counts: BTreeMap<String, u64>, most: usize, total: u64) {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (name, count) in counts.iter().take(most) {
        println!("{:6.2} %  {name}", *count as f64 * 100.0 / total as f64);
    }
}
