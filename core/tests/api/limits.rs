//! Limits that the embedder sets.

use whit_core::{
    Engine, Error, ErrorKind, Instance, Memory, MemoryType, Ref, RefType, ResourceLimiter, Store, StoreLimits,
    StoreLimitsBuilder, Table, TableType, TrapCode,
};

use crate::support::{engine, module};

const GROW: &str = r#"(module
    (memory (export "m") 1) (table (export "t") 1 funcref)
    (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "table") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))"#;

#[test]
fn the_embedders_limits_make_growth_fail() {
    let engine = Engine::default();
    let limits = StoreLimitsBuilder::new().memory_size(3 * 65536).table_elements(10).build();
    let mut store: Store<StoreLimits> = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    let instance = Instance::new(&mut store, &module(&engine, GROW), &[]).expect("within the limits");
    let memory = instance.get_typed_func::<i32, i32>(&store, "memory").expect("exported");
    let table = instance.get_typed_func::<i32, i32>(&store, "table").expect("exported");
    assert_eq!(memory.call(&mut store, 2).expect("no trap"), 1);
    assert_eq!(memory.call(&mut store, 1).expect("no trap"), -1);
    assert_eq!(memory.call(&mut store, -1).expect("no trap"), -1);
    assert_eq!(table.call(&mut store, 9).expect("no trap"), 1);
    assert_eq!(table.call(&mut store, 1).expect("no trap"), -1);
    let handle = instance.get_memory(&store, "m").expect("exported");
    assert!(handle.grow(&mut store, 1).is_err(), "from outside as well");
    assert_eq!(handle.size(&store), 3);
    assert!(Memory::new(&mut store, MemoryType::new(4, None)).is_err());
    assert!(Table::new(&mut store, TableType::new(RefType::FUNCREF, 11, None), Ref::Func(None)).is_err());
}

#[test]
fn a_limiter_sees_sizes_and_may_trap() {
    #[derive(Default)]
    struct Watch(Vec<(usize, usize, Option<usize>)>);
    impl ResourceLimiter for Watch {
        fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool, Error> {
            self.0.push((current, desired, maximum));
            if desired > 4 * 65536 { Err(Error::msg("too much")) } else { Ok(true) }
        }

        fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool, Error> {
            Ok(true)
        }
    }
    let engine = Engine::default();
    let mut store = Store::new(&engine, Watch::default());
    store.limiter(|watch| watch);
    let instance = Instance::new(&mut store, &module(&engine, GROW), &[]).expect("within the limits");
    let memory = instance.get_typed_func::<i32, i32>(&store, "memory").expect("exported");
    assert_eq!(memory.call(&mut store, 3).expect("allowed"), 1);
    let error = memory.call(&mut store, 1).expect_err("the limiter's error");
    assert_eq!(error.to_string(), "too much");
    assert_eq!(store.data().0, [(0, 65536, None), (65536, 4 * 65536, None), (4 * 65536, 5 * 65536, None)]);
}

#[test]
fn numbers_of_instances_memories_and_tables_are_limited() {
    let engine = Engine::default();
    let limits = StoreLimitsBuilder::new().instances(2).memories(3).tables(3).build();
    let mut store = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    let module = module(&engine, GROW);
    Instance::new(&mut store, &module, &[]).expect("the first");
    Instance::new(&mut store, &module, &[]).expect("the second");
    assert_eq!(Instance::new(&mut store, &module, &[]).map_err(|error| error.kind()), Err(ErrorKind::Limit));
    Memory::new(&mut store, MemoryType::new(1, None)).expect("the third");
    assert!(Memory::new(&mut store, MemoryType::new(1, None)).is_err());
}

#[test]
fn limits_are_finite_without_being_asked_for() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    assert!(Memory::new(&mut store, MemoryType::new64(1 << 40, None)).is_err());
    let table = TableType::new(RefType::FUNCREF, u32::MAX, None);
    assert!(Table::new(&mut store, table, Ref::Func(None)).is_err());
}

#[test]
fn endless_recursion_is_the_trap_of_an_exhausted_stack() {
    let engine = engine(|config| {
        config.max_call_depth(1000);
    });
    let mut store = Store::new(&engine, ());
    let module = module(
        &engine,
        r#"(module
            (func $down (export "down") (param i32) (result i32)
                (if (result i32) (local.get 0)
                    (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))
                    (else (i32.const 0)))))"#,
    );
    let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
    let down = instance.get_typed_func::<i32, i32>(&store, "down").expect("exported");
    let error = down.call(&mut store, 5000).expect_err("too deep");
    assert_eq!(error.as_trap().map(|trap| trap.code()), Some(TrapCode::StackOverflow));
    assert_eq!(down.call(&mut store, 900).expect("within the limit"), 900);
}
