//! A guest that would take everything, kept within bounds: memory, computing steps, depth. Next: `suspend_resume.rs`; the
//! limits are in `core/src/limits.rs`.

use whit_core::{Config, Engine, Error, Instance, Module, Result, Store, StoreLimits, StoreLimitsBuilder};

const GUEST: &str = r#"(module
    (memory 1)
    (func (export "take") (result i32)
        (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (memory.size))
    (func (export "spin") (loop $again (br $again)))
    (func $deep (export "deep") (call $deep)))"#;

fn main() -> Result<()> {
    let mut config = Config::new();
    config.consume_fuel(true).max_call_depth(10_000);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, wat::parse_str(GUEST).map_err(Error::new)?)?;

    let limits = StoreLimitsBuilder::new().memory_size(1 << 20).build();
    let mut store: Store<StoreLimits> = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    store.set_fuel(1_000_000)?;
    let instance = Instance::new(&mut store, &module, &[])?;

    let take = instance.get_typed_func::<(), i32>(&store, "take")?;
    println!("it got {} pages of 64 KiB", take.call(&mut store, ())?);
    for name in ["deep", "spin"] {
        let func = instance.get_typed_func::<(), ()>(&store, name)?;
        match func.call(&mut store, ()) {
            Ok(()) => println!("{name}: returned"),
            Err(error) => println!("{name}: {error}, {} fuel left", store.get_fuel()?),
        }
    }
    Ok(())
}
