//! Recursive Fibonacci: the smallest guest there is, so that flash and RAM are those of Whit.

#![no_std]
#![no_main]

use whit_core::{Linker, Module, Store};
use whit_smoke::{Failure, check, engine};

static GUEST: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/fib.wasm"));

fn main() -> Result<(), Failure> {
    let engine = engine()?;
    let module = Module::new(&engine, GUEST)?;
    let mut store = Store::try_new(&engine, ())?;
    let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    let fib = instance.get_typed_func::<u32, u32>(&mut store, "fib")?;
    check("fib(20)", fib.call(&mut store, 20)?.into(), 6765)
}

whit_board::entry!(main);
