//! A kernel of `guests/kernels` with a checksum to compare: what CI runs where there is no CoreMark.

#![no_std]
#![no_main]

use whit_core::{Linker, Module, Store};
use whit_smoke::{Failure, check, engine};

static GUEST: &[u8] = include_bytes!("../../../../guests/wasm/sha256.wasm");

fn main() -> Result<(), Failure> {
    let engine = engine()?;
    let module = Module::new(&engine, GUEST)?;
    let mut store = Store::try_new(&engine, ())?;
    let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<i32, i64>(&mut store, "run")?;
    // The row of the kernel in guests/kernels/kernels.tsv, which a native build confirms.
    check("sha256(1)", run.call(&mut store, 1)?, -1_650_501_529_755_789_152)
}

whit_board::entry!(main);
