//! The guest of the example, which is made by a toolchain.

use whit_component::{Component, Linker, bindgen};
use whit_core::{Engine, Store};

bindgen!({ path: "tests/goldens/greeter.wit" });

#[test]
fn the_greeter_greets() {
    let engine = Engine::default();
    let bytes = include_bytes!("../../../../guests/wasm/greeter.wasm").as_slice();
    let component = Component::new(&engine, bytes).unwrap();
    let mut linker = Linker::new(&engine);
    linker.define_unknown_imports_as_traps(&component).unwrap();
    let mut store = Store::new(&engine, ());
    let greeter = Greeter::instantiate(&mut store, &component, &linker).unwrap();
    let name = String::from("Ada");
    let greeting = greeter.call_greet_user(&mut store, &name).unwrap();
    assert_eq!(greeting, Greeting { text: "Hello, Ada".into(), exclamation_marks: 3 });
}

/// The WIT of the golden is that of the guest.
#[test]
fn the_golden_is_the_guests_world() {
    let golden = include_str!("../goldens/greeter.wit");
    let guest = include_str!("../../../../guests/greeter/greeter.wit");
    assert_eq!(golden.split_once('\n').map(|(_, rest)| rest), Some(guest));
}
