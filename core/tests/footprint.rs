//! What an instance takes of the heap, without its store, its module and the stack that calls run on.

mod counting;

use counting::cost;
use whit_core::{Engine, Instance, Module, Store};

#[test]
fn an_instance_of_an_empty_module_takes_less_than_a_kibibyte() {
    const COUNT: isize = 256;
    let engine = Engine::default();
    let module = Module::new(&engine, b"\0asm\x01\0\0\0").expect("a module");
    let instantiate = |store: &mut Store<()>| Instance::new(store, &module, &[]).expect("an instance");
    let (mut store, first, _) = cost(|| {
        let mut store = Store::new(&engine, ());
        instantiate(&mut store);
        store
    });
    let ((), others, _) = cost(|| (0..COUNT).for_each(|_| _ = instantiate(&mut store)));
    let each = others / COUNT;
    println!("an instance of an empty module: {each} bytes; the first one with its store: {first}");
    assert!((1..1024).contains(&each), "{each} bytes");
}
