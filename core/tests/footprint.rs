//! What an instance takes of the heap, without its store, its module and the stack that calls run on.

#![allow(unsafe_code, reason = "an allocator that counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use whit_core::{Engine, Instance, Module, Store};

thread_local! {
    /// Bytes that this thread has allocated and not freed.
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: hands everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.set(LIVE.get() + layout.size() as isize);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.set(LIVE.get() - layout.size() as isize);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that each of many instances of a module leaves allocated in one store, and those of the store with one instance.
fn cost(wasm: &'static [u8]) -> (isize, isize) {
    const COUNT: isize = 256;
    let engine = Engine::default();
    let module = Module::new(&engine, wasm).expect("a module");
    let before = LIVE.get();
    let mut store = Store::new(&engine, ());
    Instance::new(&mut store, &module, &[]).expect("an instance");
    let first = LIVE.get() - before;
    for _ in 1..COUNT {
        Instance::new(&mut store, &module, &[]).expect("an instance");
    }
    ((LIVE.get() - before - first) / (COUNT - 1), first)
}

#[test]
fn an_instance_of_an_empty_module_takes_less_than_a_kibibyte() {
    let (each, first) = cost(b"\0asm\x01\0\0\0");
    println!("an instance of an empty module: {each} bytes; the first one with its store: {first}");
    assert!((1..1024).contains(&each), "{each} bytes");
}
