//! The shortest way from a module to a result. Next: `host_function.rs`; the types used here are in `core/src/lib.rs`.

use whit_core::{Engine, Instance, Module, Result, Store};

/// `wat::parse_str` of `(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`.
const ADD: &[u8] = &[
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic, version
    0x01, 0x07, 0x01, 0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f, // types
    0x03, 0x02, 0x01, 0x00, // functions
    0x07, 0x07, 0x01, 0x03, b'a', b'd', b'd', 0x00, 0x00, // exports
    0x0a, 0x09, 0x01, 0x07, 0x00, 0x20, 0x00, 0x20, 0x01, 0x6a, 0x0b, // code
];

fn main() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, ADD)?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let add = instance.get_typed_func::<(i32, i32), i32>(&store, "add")?;
    println!("20 + 22 = {}", add.call(&mut store, (20, 22))?);
    Ok(())
}
