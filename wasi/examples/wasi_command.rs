//! A WASI 0.1 command with exactly the grants that it needs: its arguments, one folder to read, and the standard outputs. Next: `wasi_async.rs`; what
//! can be granted is in `wasi/src/ctx.rs`.

use whit_core::{Config, Engine, Error, Linker, Module, Result, Store};
use whit_wasi::{Access, Exit, WasiCtx, WasiView, add_to_linker_p1};

/// Counts lines, words and bytes of the files named in its arguments.
const WORDCOUNT: &[u8] = include_bytes!("../../guests/wasm/wordcount.wasm");

fn main() -> Result<()> {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, WORDCOUNT)?;
    let mut linker = Linker::new(&engine);
    add_to_linker_p1(&mut linker, WasiCtx::wasi)?;

    let mut grants = WasiCtx::builder();
    grants.args(["wordcount", "/crate/Cargo.toml", "/crate/none"]).map_err(Error::new)?;
    grants.dir(env!("CARGO_MANIFEST_DIR"), "/crate", Access::ReadOnly).map_err(Error::new)?;
    grants.inherit_stdout().inherit_stderr();
    let mut store = Store::new(&engine, grants.build().map_err(Error::new)?);
    store.set_timeout(Some(std::time::Duration::from_secs(10)))?;

    let instance = linker.instantiate(&mut store, &module)?;
    match instance.get_typed_func::<(), ()>(&store, "_start")?.call(&mut store, ()) {
        Ok(()) => println!("it returned"),
        // A guest that ends itself ends its call with an error that says how. Here it misses one file.
        Err(error) => match error.downcast_ref::<Exit>() {
            Some(Exit(status)) => println!("it exited with status {status}"),
            None => return Err(error),
        },
    }
    Ok(())
}
