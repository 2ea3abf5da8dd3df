//! Names that could clash do not: that this compiles is the test.

use whit_component::bindgen;

use crate::linked;

bindgen!({ path: "tests/goldens/clashes.wit", world: "string" });

#[test]
fn names_that_mean_something_in_rust_are_escaped() {
    let result = core_::exports::whit_component::Result { self_: 1, type_: 2, host: "host".into() };
    assert_eq!((result.self_, result.type_, result.host.as_str()), (1, 2, "host"));
    let (mut store, component, linker) = linked("(component)", ());
    let error = String::instantiate(&mut store, &component, &linker).err().expect("refused").to_string();
    assert_eq!(error, "the component exports no function `new`");
}
