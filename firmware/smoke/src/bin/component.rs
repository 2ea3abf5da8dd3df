//! A component from plain `.wasm`, on the device: parsed, validated, planned, linked and called. Two components that call each other are in
//! it, and strings pass from the host through both and back.

#![no_std]
#![no_main]

extern crate alloc;

use alloc::string::String;

use whit_board::println;
use whit_component::{Component, Linker};
use whit_core::{Error, Store, StoreContextMut};
use whit_smoke::{Failure, check, engine};

static GUEST: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/greeter.wasm"));

/// What the component has had printed.
type Printed = String;

fn main() -> Result<(), Failure> {
    let engine = engine()?;
    let component = Component::new(&engine, GUEST)?;
    let mut linker = Linker::new(&engine);
    linker.root().func_wrap("log", log)?;
    let mut store = Store::try_new(&engine, Printed::new())?;
    let instance = linker.instantiate(&mut store, &component)?;
    let greet = instance.get_typed_func::<(&str,), (u32,)>(&mut store, &["greet"])?;
    let (length,) = greet.call(&mut store, ("hello, device",))?;
    check("bytes greeted", length.into(), 13)?;
    check("as it must be", (store.data() == "HELLO, DEVICE").into(), 1)
}

fn log(mut store: StoreContextMut<'_, Printed>, (message,): (String,)) -> Result<(), Error> {
    println!("{message}");
    *store.data_mut() = message;
    Ok(())
}

whit_board::entry!(main);
