//! Which ops a kernel runs, and in which pairs: `cargo run --release -p whit-core --features profile --example op_profile FILE N [places] [fuel]`.
//!
//! Runs the export `run(i32) -> i64` on the loop engine. With `places`, prints each op that has run instead ([`whit_core::OpProfile::lines`]); with `fuel`, of code that counts it. Next: `docs/performance.md`.

use whit_core::{Config, Engine, ExecutionEngine, Linker, Module, Store};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("which module?")?;
    let n: i32 = args.next().ok_or("which argument?")?.parse()?;
    let words: Vec<String> = args.collect();
    let asked = |word: &str| words.iter().any(|given| given == word);
    let mut config = Config::new();
    config.execution(ExecutionEngine::Loop).consume_fuel(asked("fuel"));
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, std::fs::read(path)?)?;
    let mut store = Store::new(&engine, 0_u32);
    let mut linker = Linker::<u32>::new(&engine);
    linker.func_wrap("env", "clock_ms", |mut caller: whit_core::Caller<'_, u32>| {
        *caller.data_mut() += 12_000;
        *caller.data()
    })?;
    if asked("fuel") {
        store.set_fuel(u64::MAX)?;
    }
    let instance = linker.instantiate(&mut store, &module)?;
    if let Ok(run) = instance.get_typed_func::<i32, i64>(&mut store, "run") {
        run.call(&mut store, n)?;
    } else {
        instance.get_typed_func::<(), f32>(&mut store, "run")?.call(&mut store, ())?;
    }
    let profile = whit_core::op_profile();
    match asked("places") {
        true => profile.lines().for_each(|line| println!("{line}")),
        false => print!("{profile}"),
    }
    Ok(())
}
