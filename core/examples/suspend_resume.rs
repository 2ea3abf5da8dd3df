//! Several calls in one store, each run a little at a time: an execution is a value that can be left, kept and resumed.
//! Next: `no_std_embed.rs`; how it works is in `core/src/execution.rs`.

use whit_core::{Config, Engine, Error, Execution, Instance, Module, Progress, Result, Store};

const GUEST: &str = r#"(module
    (func (export "sum") (param i32) (result i32) (local $sum i32)
        (loop $again
            (local.set $sum (i32.add (local.get $sum) (local.get 0)))
            (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get $sum)))"#;

fn main() -> Result<()> {
    let mut config = Config::new();
    config.consume_fuel(true);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, wat::parse_str(GUEST).map_err(Error::new)?)?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let sum = instance.get_typed_func::<i32, i32>(&store, "sum")?;

    let mut tasks: Vec<(i32, Execution<i32>)> = Vec::new();
    for limit in [10, 100, 1000] {
        tasks.push((limit, sum.start(&mut store, limit)?));
    }
    let mut turn = 0;
    while !tasks.is_empty() {
        turn += 1;
        let mut waiting = Vec::new();
        for (limit, mut task) in tasks {
            store.set_fuel(500)?;
            match task.resume(&mut store)? {
                Progress::Done(sum) => println!("turn {turn}: the numbers up to {limit} make {sum}"),
                // Out of fuel: its turn comes again.
                _ => waiting.push((limit, task)),
            }
        }
        tasks = waiting;
    }
    Ok(())
}
