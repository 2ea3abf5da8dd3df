//! The host's memory runs out at the Nth allocation, for every N: from the store on each failure is the error
//! `OutOfMemory`, never an abort, and what was there before still works.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use whit_core::{
    Engine, Error, ErrorKind, Instance, Memory, MemoryType, Module, Ref, RefType, Store, Table, TableType,
};

/// The system's allocator, except that it can be told to refuse.
struct Refusing;

thread_local! {
    /// How many more allocations of this thread succeed; `None` for all.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

impl Refusing {
    fn refuses() -> bool {
        LEFT.with(|left| match left.get() {
            Some(0) => true,
            Some(more) => {
                left.set(Some(more - 1));
                false
            }
            None => false,
        })
    }
}

// SAFETY: hands everything on to the system's allocator, or gives null, which means that there is no memory.
unsafe impl GlobalAlloc for Refusing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        if Self::refuses() { core::ptr::null_mut() } else { unsafe { System.alloc(layout) } }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        if Self::refuses() { core::ptr::null_mut() } else { unsafe { System.alloc_zeroed(layout) } }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        if Self::refuses() { core::ptr::null_mut() } else { unsafe { System.realloc(pointer, layout, size) } }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Refusing = Refusing;

/// Runs `body` with the first, the second, … allocation failing, until it needs no more. Returns how many it needs.
fn fail_each<R>(mut body: impl FnMut() -> Result<R, Error>) -> usize {
    for allowed in 0.. {
        LEFT.with(|left| left.set(Some(allowed)));
        let result = body();
        let left = LEFT.with(|left| left.replace(None));
        match result {
            Ok(_) if left != Some(0) => return allowed - left.unwrap_or(0),
            // The last one may have been refused, and done without.
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::OutOfMemory, "after {allowed} allocations: {error}"),
        }
    }
    unreachable!("some number of allocations is enough")
}

fn module(engine: &Engine, text: &str) -> Module {
    Module::new(engine, wat::parse_str(text).expect("a module in text form")).expect("a valid module")
}

#[test]
fn a_store() {
    let engine = Engine::default();
    assert!(fail_each(|| Store::try_new(&engine, ())) > 2);
}

#[test]
fn an_instance_with_everything() {
    let engine = Engine::default();
    let module = module(
        &engine,
        r#"(module
            (type $s (struct (field i32) (field (ref null $s))))
            (type $a (array (mut i8)))
            (memory (export "m") 1) (memory 2 3 shared) (tag (param i32))
            (table (export "t") 10 funcref (ref.func $f))
            (func $f (export "f"))
            (global (ref $s) (struct.new $s (i32.const 1) (struct.new_default $s)))
            (global (ref $a) (array.new $a (i32.const 7) (i32.const 100)))
            (global i64 (i64.add (i64.const 1) (i64.const 2)))
            (elem (i32.const 3) $f $f) (elem funcref (ref.func $f))
            (elem (ref null $s) (struct.new_default $s))
            (data (i32.const 5) "active") (data "passive"))"#,
    );
    let mut store = Store::new(&engine, ());
    assert!(fail_each(|| Instance::new(&mut store, &module, &[])) > 20);
    let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
    let memory = instance.get_memory(&store, "m").expect("a memory");
    let mut bytes = [0; 6];
    memory.read(&store, 5, &mut bytes).expect("in bounds");
    assert_eq!(&bytes, b"active");
}

#[test]
fn growth_without_effect() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).expect("a memory");
    let ty = TableType::new(RefType::FUNCREF, 1, None);
    let table = Table::new(&mut store, ty, Ref::Func(None)).expect("a table");
    LEFT.with(|left| left.set(Some(0)));
    let (grown, longer) = (memory.grow(&mut store, 1), table.grow(&mut store, 1000, Ref::Func(None)));
    LEFT.with(|left| left.set(None));
    assert!(grown.is_err() && longer.is_err());
    assert_eq!((memory.size(&store), table.size(&store)), (1, 1));
    assert_eq!(memory.grow(&mut store, 1).expect("memory"), 1);
    assert_eq!(table.grow(&mut store, 1000, Ref::Func(None)).expect("memory"), 1);
}
