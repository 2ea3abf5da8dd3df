//! A guest calls the host, which reads the guest's memory and keeps data of its own in the store. Next: `limits_and_fuel.rs`;
//! how closures become functions is in `core/src/host.rs`.

use whit_core::{Caller, Engine, Error, Extern, Linker, Module, Result, Store};

const GUEST: &str = r#"(module
    (import "host" "log" (func $log (param i32 i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "hello from the guest")
    (func (export "run")
        (call $log (i32.const 0) (i32.const 5))
        (call $log (i32.const 11) (i32.const 9))))"#;

fn main() -> Result<()> {
    let engine = Engine::default();
    let mut linker: Linker<Vec<String>> = Linker::new(&engine);
    linker.func_wrap("host", "log", |mut caller: Caller<'_, Vec<String>>, start: u32, length: u32| {
        let memory = caller.get_export("memory").and_then(Extern::into_memory);
        let memory = memory.ok_or_else(|| Error::msg("the guest exports no memory"))?;
        let (bytes, lines) = memory.data_and_store_mut(&mut caller);
        // The guest may say anything: what is outside its memory is its error, not a panic here.
        let range = start as usize..start as usize + length as usize;
        let text = bytes.get(range).ok_or_else(|| Error::msg("log: out of bounds"))?;
        lines.push(String::from_utf8_lossy(text).into_owned());
        Ok(())
    })?;

    let module = Module::new(&engine, wat::parse_str(GUEST).map_err(Error::new)?)?;
    let mut store = Store::new(&engine, Vec::new());
    let instance = linker.instantiate(&mut store, &module)?;
    instance.get_typed_func::<(), ()>(&store, "run")?.call(&mut store, ())?;
    println!("the guest said {:?}", store.data());
    Ok(())
}
