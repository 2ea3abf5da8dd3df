//! Memories, tables and globals from outside.

use whit_core::{
    Engine, ErrorKind, Func, Global, GlobalType, Memory, MemoryType, Mutability, Ref, RefType, SharedMemory, Store,
    Table, TableType, Val, ValType,
};

use crate::support::instance;

#[test]
fn bytes_are_copied_in_and_out_within_bounds() {
    let mut store = Store::new(&Engine::default(), ());
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(3))).expect("a memory");
    assert_eq!((memory.size(&store), memory.data_size(&store), memory.page_size(&store)), (1, 65536, 65536));
    memory.write(&mut store, 65532, b"tail").expect("in bounds");
    assert!(memory.write(&mut store, 65533, b"tail").is_err());
    assert!(memory.write(&mut store, usize::MAX, b"tail").is_err());
    let mut buffer = [0; 4];
    memory.read(&store, 65532, &mut buffer).expect("in bounds");
    assert_eq!(&buffer, b"tail");
    assert!(memory.read(&store, 65533, &mut buffer).is_err());
    assert_eq!(memory.data(&store)[65531..65533], [0, b't']);
}

#[test]
fn growth_is_zeroed_and_stops_at_the_maximum() {
    let mut store = Store::new(&Engine::default(), ());
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(3))).expect("a memory");
    memory.data_mut(&mut store).fill(0xff);
    assert_eq!(memory.grow(&mut store, 2).expect("within the maximum"), 1);
    assert!(memory.data(&store)[65536..].iter().all(|byte| *byte == 0));
    assert!(memory.data(&store)[..65536].iter().all(|byte| *byte == 0xff));
    assert!(memory.grow(&mut store, 1).is_err());
    assert!(memory.grow(&mut store, u64::MAX).is_err());
    assert_eq!(memory.ty(&store).minimum(), 3);
}

#[test]
fn bytes_and_data_are_borrowed_together() {
    let mut store = Store::new(&Engine::default(), 7_u8);
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).expect("a memory");
    let (bytes, data) = memory.data_and_store_mut(&mut store);
    bytes[0] = *data;
    *data += 1;
    assert_eq!((memory.data(&store)[0], *store.data()), (7, 8));
}

#[test]
fn a_memory_lives_in_the_embedders_slice() {
    let mut store = Store::new(&Engine::default(), ());
    let slice: &'static mut [u8] = Box::leak(vec![0xee; 2 * 65536 + 64].into_boxed_slice());
    let range = slice.as_ptr_range();
    let memory = Memory::in_slice(&mut store, MemoryType::new(1, None), slice).expect("it fits");
    assert!(memory.data(&store).iter().all(|byte| *byte == 0));
    assert_eq!(memory.grow(&mut store, 1).expect("it fits"), 1);
    assert_eq!(memory.grow(&mut store, 1).map_err(|error| error.kind()), Err(ErrorKind::OutOfMemory));
    let data = memory.data(&store).as_ptr_range();
    assert!(range.start <= data.start && data.end <= range.end);
}

#[test]
fn memories_that_modules_define_lie_in_slices_that_were_given() {
    let engine = Engine::default();
    let module = crate::support::module(
        &engine,
        r#"(module (memory (export "a") 1) (memory (export "b") 1) (memory (export "c") 1) (data (i32.const 9) "here"))"#,
    );
    let mut store = Store::new(&engine, ());
    let slices: [&'static mut [u8]; 2] = core::array::from_fn(|_| &mut *Vec::leak(vec![0xee; 65536 + 64]));
    let ranges = [slices[0].as_ptr_range(), slices[1].as_ptr_range()];
    for slice in slices {
        store.give_slice(slice).expect("room in a list");
    }
    let instance = whit_core::Instance::new(&mut store, &module, &[]).expect("an instance");
    let memories = ["a", "b", "c"].map(|name| instance.get_memory(&store, name).expect("exported"));
    for (memory, range) in memories.iter().zip(&ranges) {
        let data = memory.data(&store).as_ptr_range();
        assert!(range.start <= data.start && data.end <= range.end);
        assert_eq!(memory.grow(&mut store, 1).map_err(|error| error.kind()), Err(ErrorKind::OutOfMemory));
    }
    assert_eq!(memories[0].data(&store)[8..14], *b"\0here\0");
    assert_eq!(memories[2].grow(&mut store, 1).expect("a memory of its own"), 1);
    store.give_slice(Vec::leak(vec![0; 1000])).expect("room in a list");
    let small = whit_core::Instance::new(&mut store, &module, &[]).map_err(|error| error.kind());
    assert!(small.is_err(), "it does not fit");
}

#[test]
fn a_shared_memory_is_seen_by_two_stores() {
    let engine = Engine::default();
    let ty = MemoryType::new(1, Some(2)).with_shared(true);
    let memory = SharedMemory::new(&engine, ty).expect("a memory");
    let module = crate::support::module(
        &engine,
        r#"(module (import "" "m" (memory 1 2 shared)) (export "m" (memory 0))
            (func (export "add") (param i32) (result i32) (i32.atomic.rmw.add (i32.const 8) (local.get 0))))"#,
    );
    let mut sums = Vec::new();
    for amount in [3, 4] {
        let mut store = Store::new(&engine, ());
        let imports = [memory.clone().into()];
        let instance = whit_core::Instance::new(&mut store, &module, &imports).expect("an instance");
        assert!(instance.get_memory(&store, "m").is_none());
        assert_eq!(instance.get_shared_memory(&store, "m").map(|memory| memory.size()), Some(1));
        let add = instance.get_typed_func::<i32, i32>(&store, "add").expect("exported");
        sums.push(add.call(&mut store, amount).expect("no trap"));
    }
    assert_eq!(sums, [0, 3]);
    let mut bytes = [0; 4];
    memory.read(8, &mut bytes).expect("in bounds");
    assert_eq!(u32::from_le_bytes(bytes), 7);
    assert!(memory.read(65533, &mut bytes).is_err());
    assert_eq!(memory.grow(1).expect("within the maximum"), 1);
    assert!(memory.grow(1).is_err());
    assert!(memory.atomic_notify(2, 1).is_err());
    assert_eq!(memory.atomic_notify(8, 1).expect("aligned, in bounds"), 0);
    assert!(SharedMemory::new(&engine, MemoryType::new(1, Some(2))).is_err());
}

#[test]
fn tables_hold_what_their_type_says() {
    let mut store = Store::new(&Engine::default(), ());
    let table = Table::new(&mut store, TableType::new(RefType::FUNCREF, 2, Some(4)), Ref::Func(None)).expect("a table");
    let func = Func::wrap(&mut store, || 9_i32);
    table.set(&mut store, 1, func.into()).expect("in bounds");
    assert!(table.set(&mut store, 2, func.into()).is_err());
    assert_eq!(
        table.set(&mut store, 0, Ref::Extern(None)).map_err(|error| error.kind()),
        Err(ErrorKind::Misuse),
        "another hierarchy"
    );
    assert!(matches!(table.get(&mut store, 1), Some(Ref::Func(Some(found))) if found == func));
    assert!(matches!(table.get(&mut store, 0), Some(Ref::Func(None))));
    assert!(table.get(&mut store, 2).is_none());
    assert_eq!(table.grow(&mut store, 2, func.into()).expect("within the maximum"), 2);
    assert!(table.grow(&mut store, 1, func.into()).is_err());
    table.fill(&mut store, 0, Ref::Func(None), 3).expect("in bounds");
    Table::copy(&mut store, &table, 0, &table, 2, 2).expect("in bounds");
    assert!(Table::copy(&mut store, &table, 0, &table, 3, 2).is_err());
    let found: Vec<bool> =
        (0..4).map(|index| table.get(&mut store, index).is_some_and(|item| item.is_null())).collect();
    assert_eq!(found, [true, false, true, false]);
    let other = Table::new(&mut store, TableType::new(RefType::FUNCREF, 1, None), Ref::Func(None)).expect("a table");
    Table::copy(&mut store, &other, 0, &table, 1, 1).expect("in bounds");
    assert!(other.get(&mut store, 0).is_some_and(|item| !item.is_null()));
    let externs =
        Table::new(&mut store, TableType::new(RefType::EXTERNREF, 4, None), Ref::Extern(None)).expect("a table");
    assert!(Table::copy(&mut store, &externs, 0, &table, 1, 1).is_err(), "functions are no external references");
}

#[test]
fn globals_are_set_only_if_mutable_and_of_the_type() {
    let mut store = Store::new(&Engine::default(), ());
    let ty = |mutability| GlobalType::new(ValType::I64, mutability);
    let variable = Global::new(&mut store, ty(Mutability::Var), Val::I64(1)).expect("a global");
    let constant = Global::new(&mut store, ty(Mutability::Const), Val::I64(2)).expect("a global");
    assert!(Global::new(&mut store, ty(Mutability::Const), Val::I32(2)).is_err());
    variable.set(&mut store, Val::I64(-5)).expect("mutable");
    assert!(variable.set(&mut store, Val::F64(0)).is_err());
    assert!(constant.set(&mut store, Val::I64(3)).is_err());
    assert_eq!((variable.get(&mut store).i64(), constant.get(&mut store).i64()), (Some(-5), Some(2)));
    let vector = GlobalType::new(ValType::V128, Mutability::Const);
    let bits = whit_core::V128::from(0x0123_4567_89ab_cdef_0011_2233_4455_6677);
    let global = Global::new(&mut store, vector, Val::V128(bits)).expect("a global");
    assert_eq!(global.get(&mut store).v128(), Some(bits));
}

#[test]
fn guests_and_host_see_the_same_memory_and_globals() {
    let (mut store, instance) = instance(
        r#"(module (memory (export "m") 1) (global $g (export "g") (mut f64) (f64.const 0))
            (func (export "run") (param i32) (result i32)
                (global.set $g (f64.const 2.5))
                (drop (memory.grow (i32.const 1)))
                (i32.store (i32.const 65536) (local.get 0))
                (i32.load8_u (i32.const 3))))"#,
    );
    let memory = instance.get_memory(&store, "m").expect("exported");
    memory.write(&mut store, 3, &[77]).expect("in bounds");
    let run = instance.get_typed_func::<i32, i32>(&store, "run").expect("exported");
    assert_eq!(run.call(&mut store, 0x0102_0304).expect("no trap"), 77);
    assert_eq!(memory.data(&store)[65536..65540], [4, 3, 2, 1]);
    assert_eq!(instance.get_global(&store, "g").expect("exported").get(&mut store).f64(), Some(2.5));
}

#[test]
fn bytes_are_copied_from_one_memory_to_another_and_within_one() {
    let mut store = Store::new(&Engine::default(), ());
    let [one, other] = [1, 2].map(|pages| Memory::new(&mut store, MemoryType::new(pages, None)).expect("room"));
    one.write(&mut store, 10, b"abcdef").expect("inside");
    other.copy_from(&mut store, 70_000, one, 10, 6).expect("inside");
    other.copy_from(&mut store, 70_002, other, 70_000, 6).expect("inside");
    let mut bytes = [0; 8];
    other.read(&store, 70_000, &mut bytes).expect("inside");
    assert_eq!(&bytes, b"ababcdef");
    // All or nothing.
    assert!(one.copy_from(&mut store, 65_534, other, 70_000, 3).is_err());
    assert!(other.copy_from(&mut store, 0, one, 65_535, 2).is_err());
    one.read(&store, 65_528, &mut bytes).expect("inside");
    assert_eq!(bytes, [0; 8]);
    let mut elsewhere = Store::new(&Engine::default(), ());
    assert!(one.copy_from(&mut elsewhere, 0, other, 0, 1).is_err());
}
