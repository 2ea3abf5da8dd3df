//! A component's function from Rust: the macro reads WIT, and the types and the call are those of Rust.
//!
//! Next: `docs/component-model.md`, "Bindings", for what a component imports; `guests/greeter` for the other side.

use whit_component::whit_core::{Engine, Error, Store};
use whit_component::{Component, Linker, bindgen};

bindgen!({ path: "../guests/greeter/greeter.wit" });

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let component = Component::new(&engine, include_bytes!("../../guests/wasm/greeter.wasm").as_slice())?;
    let mut linker = Linker::new(&engine);
    // Rust's standard library brings along imports of WASI, which this component never calls.
    linker.define_unknown_imports_as_traps(&component)?;
    let mut store = Store::new(&engine, ());
    let greeter = Greeter::instantiate(&mut store, &component, &linker)?;
    let greeting = greeter.call_greet_user(&mut store, "Ada")?;
    println!("{}{}", greeting.text, "!".repeat(greeting.exclamation_marks.into()));
    assert_eq!((greeting.text.as_str(), greeting.exclamation_marks), ("Hello, Ada", 3));
    Ok(())
}
