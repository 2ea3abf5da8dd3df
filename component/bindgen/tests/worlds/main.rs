//! What `bindgen!` generates, at work: a file for each world, with a component of that world as text.
//!
//! The worlds are those of `tests/goldens`, where what is generated for them can be read.

use whit_component::{Component, Linker};
use whit_core::{Engine, Store};

mod bank;
mod clashes;
mod fetcher;
mod greeter;
mod mapped;
mod relay;
mod versions;

/// What a component of some text needs to be instantiated.
fn linked<T: 'static>(text: &str, data: T) -> (Store<T>, Component, Linker<T>) {
    let engine = Engine::default();
    let component = Component::new(&engine, wat::parse_str(text).expect("good text")).expect("a good component");
    (Store::new(&engine, data), component, Linker::new(&engine))
}
