//! Which ops a kernel runs, and in which pairs: `cargo run --release -p whit-core --features profile --example op_profile FILE N`.
//!
//! Runs the export `run(i32) -> i64` on the loop engine. Next: `docs/performance.md`.

use whit_core::{Config, Engine, ExecutionEngine, Linker, Module, Store};

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
    let (total, singles, pairs) = whit_core::op_counts();
    println!("{total} dispatches");
    for (name, count) in singles.iter().take(25) {
        println!("{:6.2} %  {name}", *count as f64 * 100.0 / total as f64);
    }
    for (first, second, count) in pairs.iter().take(40) {
        println!("{:6.2} %  {first} + {second}", *count as f64 * 100.0 / total as f64);
    }
    Ok(())
}
