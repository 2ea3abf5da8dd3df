//! What layers above the core keep in a store.

use whit_core::{Engine, Store};

#[derive(Default)]
struct First(u8);

#[derive(Default)]
struct Second(String);

#[test]
fn each_type_has_a_value_of_its_own_that_stays() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    store.extension_mut::<First>().unwrap().0 = 7;
    store.extension_mut::<Second>().unwrap().0.push_str("kept");
    // The one that was made first, the other, and one of the same shape as the first.
    assert_eq!(store.extension_mut::<First>().unwrap().0, 7);
    assert_eq!(store.extension_mut::<Second>().unwrap().0, "kept");
    assert_eq!(*store.extension_mut::<u8>().unwrap(), 0);
    assert_eq!(store.extension_mut::<First>().unwrap().0, 7);
    // Another store has its own.
    assert_eq!(Store::new(&engine, ()).extension_mut::<First>().unwrap().0, 0);
}
