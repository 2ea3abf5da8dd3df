//! A guest in Rust, standard library included, on a machine with less RAM than the guest declares.
//!
//! It declares 17 pages, more than five times what the smallest board has, and touches a few kilobytes of them. Its memory is paged: chunks come
//! into being where it writes, and its constants are read where they lie, in flash. The six functions of WASI that it
//! imports are here; none does more than this guest needs.

#![no_std]
#![no_main]

use whit_board::print;
use whit_core::{Caller, Config, Engine, Error, Extern, Linker, Memory, MemoryPolicy, Module, Store, TrapCode};
use whit_smoke::{Failure, VALUE_STACK, check};

static GUEST: &[u8] = include_bytes!("../../../../guests/wasm/hello.wasm");

const WASI: &str = "wasi_snapshot_preview1";

/// Bytes that the guest has printed.
type Printed = u32;

fn main() -> Result<(), Failure> {
    let mut config = Config::new();
    config.max_wasm_stack(VALUE_STACK).memory_policy(MemoryPolicy::Paged);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, GUEST)?;
    let mut store = Store::try_new(&engine, 0)?;
    let mut linker = Linker::new(&engine);
    for name in ["args_sizes_get", "environ_sizes_get"] {
        linker.func_wrap(WASI, name, none_of_none)?;
    }
    for name in ["args_get", "environ_get"] {
        linker.func_wrap(WASI, name, |_: u32, _: u32| 0_i32)?;
    }
    linker.func_wrap(WASI, "fd_write", fd_write)?;
    linker.func_wrap(WASI, "proc_exit", |_: i32| -> Result<(), Error> { Err(TrapCode::Unreachable.into()) })?;
    let instance = linker.instantiate(&mut store, &module)?;
    let memory = instance.get_memory(&mut store, "memory").ok_or(Failure::NoMemory)?;
    check("pages", memory.size(&store) as i64, 17)?;
    instance.get_typed_func::<(), ()>(&mut store, "_start")?.call(&mut store, ())?;
    check("bytes printed", (*store.data()).into(), "Hello, world!\n".len() as i64)
}

fn memory_of(caller: &mut Caller<'_, Printed>) -> Result<Memory, Error> {
    let export = caller.get_export("memory").and_then(Extern::into_memory);
    export.ok_or_else(|| TrapCode::MemoryOutOfBounds.into())
}

/// `args_sizes_get`, `environ_sizes_get`: how many there are and their length, both none.
fn none_of_none(mut caller: Caller<'_, Printed>, count: u32, size: u32) -> Result<i32, Error> {
    let memory = memory_of(&mut caller)?;
    memory.write(&mut caller, count as usize, &[0; 4])?;
    memory.write(&mut caller, size as usize, &[0; 4])?;
    Ok(0)
}

/// `fd_write`: prints whatever the descriptor is.
fn fd_write(mut caller: Caller<'_, Printed>, _: u32, iovs: u32, count: u32, written: u32) -> Result<i32, Error> {
    let memory = memory_of(&mut caller)?;
    let mut total = 0;
    for iov in 0..count {
        let mut words = [[0; 4]; 2];
        memory.read(&caller, iovs.wrapping_add(8 * iov) as usize, words.as_flattened_mut())?;
        let [start, length] = words.map(u32::from_le_bytes);
        for at in 0..length {
            let mut byte = [0];
            memory.read(&caller, start.wrapping_add(at) as usize, &mut byte)?;
            print!("{}", char::from(byte[0]));
        }
        total += length;
    }
    *caller.data_mut() += total;
    memory.write(&mut caller, written as usize, &total.to_le_bytes())?;
    Ok(0)
}

whit_board::entry!(main);
