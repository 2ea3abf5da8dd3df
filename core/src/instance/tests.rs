//! Instantiation up to the start function: matching, initial values, segments and what is left when one of them traps.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

use super::*;
use crate::runtime::context::TableAddr;
use crate::trap::TrapCode;
use crate::types::{CompositeType, FuncType, GlobalType, MemoryType, Mutability, RefType, TableType, ValType};
use crate::{Config, Engine, ErrorKind, LinkError, StoreLimits};

/// A store on its own.
#[allow(unsafe_code, reason = "owns the pointer that `StoreInner::new` gives, as `Store<T>` does")]
struct Owned(NonNull<StoreInner>);

#[allow(unsafe_code, reason = "see `Owned`")]
impl Deref for Owned {
    type Target = StoreInner;

    fn deref(&self) -> &StoreInner {
        // SAFETY: I8.
        unsafe { self.0.as_ref() }
    }
}

#[allow(unsafe_code, reason = "see `Owned`")]
impl DerefMut for Owned {
    fn deref_mut(&mut self) -> &mut StoreInner {
        // SAFETY: I8.
        unsafe { self.0.as_mut() }
    }
}

#[allow(unsafe_code, reason = "see `Owned`")]
impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: I8.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

fn store_of(engine: &Engine) -> Owned {
    Owned(StoreInner::new(engine).expect("a store"))
}

fn module(engine: &Engine, text: &str) -> Module {
    Module::new(engine, wat::parse_str(text).expect("a module in text form")).expect("a valid module")
}

/// An instance of `text` in a store of its own.
fn instance_of(text: &str) -> Result<(Owned, InstanceAddr)> {
    let engine = Engine::default();
    let mut store = store_of(&engine);
    let module = module(&engine, text);
    let (instance, _) = instantiate(&mut store, &module, &[], None)?;
    Ok((store, instance))
}

fn global(store: &StoreInner, instance: InstanceAddr, name: &str) -> [u64; 2] {
    match store.instance(instance).expect("an instance").export(name) {
        Some(ExternAddr::Global(addr)) => store.global(addr).expect("a global").slots,
        other => panic!("{name} is {other:?}"),
    }
}

fn table(store: &StoreInner, instance: InstanceAddr, name: &str) -> (TableAddr, Vec<u32>) {
    match store.instance(instance).expect("an instance").export(name) {
        Some(ExternAddr::Table(addr)) => (addr, store.table(addr).expect("a table").as_slice().to_vec()),
        other => panic!("{name} is {other:?}"),
    }
}

fn trap_of(text: &str) -> TrapCode {
    match instance_of(text) {
        Ok(_) => panic!("{text} does not trap"),
        Err(error) => error.as_trap().expect("a trap").code(),
    }
}

#[test]
fn globals_are_evaluated_in_order() {
    let (store, instance) = instance_of(
        r#"(module
            (global $a i32 (i32.const 40))
            (global (export "b") i32 (i32.add (global.get $a) (i32.mul (i32.const -2) (i32.const -1))))
            (global (export "c") i64 (i64.sub (i64.const 1) (i64.const 3)))
            (global (export "d") f32 (f32.const -0.5))
            (global (export "e") f64 (f64.const nan:0x4000000000001))
            (global (export "f") (mut externref) (ref.null extern))
            (global (export "v") v128 (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)))"#,
    )
    .expect("an instance");
    assert_eq!(global(&store, instance, "b")[0], 42);
    assert_eq!(global(&store, instance, "c")[0], -2i64 as u64);
    assert_eq!(global(&store, instance, "d")[0], (-0.5f32).to_bits().into());
    assert_eq!(global(&store, instance, "e")[0], 0x7ff4_0000_0000_0001);
    assert_eq!(global(&store, instance, "f")[0], 0);
    let bytes = global(&store, instance, "v").map(u64::to_ne_bytes).concat();
    assert_eq!(bytes, (0..16).collect::<Vec<u8>>());
}

#[test]
fn tables_start_with_their_initial_value_and_segments() {
    let (store, instance) = instance_of(
        r#"(module
            (func $f) (func $g)
            (table (export "t") 5 funcref (ref.func $g))
            (table (export "n") i64 3 funcref)
            (elem (i32.const 1) func $f $g)
            (elem (table 1) (i64.const 1) funcref (ref.func $f) (ref.null func))
            (elem $passive func $f)
            (elem $declared declare func $g))"#,
    )
    .expect("an instance");
    assert_eq!(table(&store, instance, "t").1, [2, 1, 2, 2, 2]);
    assert_eq!(table(&store, instance, "n").1, [0, 1, 0]);
    let object = store.instance(instance).expect("an instance");
    let segments: Vec<&[u32]> = (0..5).map(|segment| object.element(segment)).collect();
    assert_eq!(segments, [&[][..], &[], &[1], &[], &[]]);
}

#[test]
fn data_segments_are_copied_once() {
    let (mut store, instance) = instance_of(
        r#"(module (memory (export "m") 1) (memory $n i64 1)
            (data (i32.const 65533) "abc") (data $passive "xyz") (data (memory 1) (i64.const 2) "q"))"#,
    )
    .expect("an instance");
    let object = store.instance(instance).expect("an instance");
    assert_eq!([0, 1, 2, 3].map(|segment| object.data(segment)), [&b""[..], b"xyz", b"", b""]);
    let memories: Vec<_> = object.memories.clone();
    assert_eq!(&store.memory(memories[0]).expect("a memory").data().expect("not shared")[65532..], b"\0abc");
    assert_eq!(&store.memory(memories[1]).expect("a memory").data().expect("not shared")[..4], b"\0\0q\0");
    store.instance_mut(instance).expect("an instance").drop_data(1);
    assert_eq!(store.instance(instance).expect("an instance").data(1), b"");
}

#[test]
fn a_segment_out_of_bounds_traps_and_earlier_effects_stay() {
    let engine = Engine::default();
    let mut store = store_of(&engine);
    let memory = store.add_memory(MemoryType::new(1, None), None).expect("a memory");
    let funcref = TableType::new(RefType::FUNCREF, 4, None);
    let table = store.add_table(funcref, 0, None).expect("a table");
    let module = module(
        &engine,
        r#"(module (import "" "m" (memory 1)) (import "" "t" (table 4 funcref)) (func $f)
            (elem (i32.const 3) func $f)
            (data (i32.const 5) "kept") (data (i32.const 65535) "no") (data (i32.const 0) "never"))"#,
    );
    let imports = [ExternAddr::Memory(memory), ExternAddr::Table(table)];
    let error = instantiate(&mut store, &module, &imports, None).expect_err("out of bounds");
    let trap = error.as_trap().expect("a trap");
    assert_eq!(trap.code(), TrapCode::MemoryOutOfBounds);
    assert_eq!(trap.facts(), Some(&TrapFacts::Memory { address: 65535, length: 2, size: 65536 }));
    let data = store.memory(memory).expect("a memory").data().expect("not shared");
    assert_eq!((&data[..9], data[65535]), (&b"\0\0\0\0\0kept"[..], 0));
    assert_eq!(store.table(table).expect("a table").get(3), Some(1));
}

#[test]
fn offsets_are_unsigned() {
    let out_of_memory = r#"(module (memory 1) (data (i32.const -1) "a"))"#;
    assert_eq!(trap_of(out_of_memory), TrapCode::MemoryOutOfBounds);
    assert_eq!(trap_of("(module (memory 0) (data (i32.const 1)))"), TrapCode::MemoryOutOfBounds);
    assert_eq!(trap_of(r#"(module (memory i64 1) (data (i64.const -1) "a"))"#), TrapCode::MemoryOutOfBounds);
    assert_eq!(trap_of("(module (table 1 funcref) (func) (elem (i32.const 1) 0))"), TrapCode::TableOutOfBounds);
    assert_eq!(trap_of("(module (table 0 funcref) (elem (i32.const -1)))"), TrapCode::TableOutOfBounds);
    assert!(instance_of(r#"(module (memory 1) (data (i32.const 65536) ""))"#).is_ok());
}

#[test]
fn imports_are_matched_and_all_problems_named() {
    let engine = Engine::default();
    let mut store = store_of(&engine);
    let func = store.add_host_func(&FuncType::new([ValType::I32], []), 0).expect("a function");
    let memory = store.add_memory(MemoryType::new(1, Some(2)), None).expect("a memory");
    let constant = GlobalType::new(ValType::I32, Mutability::Const);
    let number = store.add_global(constant, [7, 0]).expect("a global");
    let imports = [ExternAddr::Func(func), ExternAddr::Memory(memory), ExternAddr::Global(number)];
    let fits = module(
        &engine,
        r#"(module (import "h" "f" (func (param i32))) (import "h" "m" (memory 0 3)) (import "h" "g" (global i32))
            (global (export "copy") i32 (global.get 0)) (export "f" (func 0)))"#,
    );
    let (instance, start) = instantiate(&mut store, &fits, &imports, None).expect("an instance");
    assert_eq!((global(&store, instance, "copy")[0], start), (7, None));
    let object = store.instance(instance).expect("an instance");
    assert_eq!(object.export("f"), Some(ExternAddr::Func(func)));

    let differs = module(
        &engine,
        r#"(module (import "h" "f" (func (param i64))) (import "h" "m" (memory 2)) (import "h" "g" (global (mut i32))))"#,
    );
    let before = store.instances.len();
    let error = instantiate(&mut store, &differs, &imports, None).expect_err("three wrong imports");
    assert_eq!((error.kind(), store.instances.len()), (ErrorKind::Link, before));
    let problems = error.downcast_ref::<LinkError>().expect("a link error").problems();
    let names: Vec<_> = problems.iter().map(|problem| problem.name()).collect();
    assert_eq!(names, ["f", "m", "g"]);
    assert_eq!(problems[1].to_string(), "incompatible import type: `h::m`: expected (memory 2), found (memory 1 2)");
    assert_eq!(instantiate(&mut store, &fits, &[], None).expect_err("no imports").kind(), ErrorKind::Misuse);
}

#[test]
fn a_grown_memory_matches_with_its_present_size() {
    let engine = Engine::default();
    let mut store = store_of(&engine);
    let memory = store.add_memory(MemoryType::new(1, None), None).expect("a memory");
    let wants_two = module(&engine, r#"(module (import "" "" (memory 2)))"#);
    let imports = [ExternAddr::Memory(memory)];
    assert!(instantiate(&mut store, &wants_two, &imports, None).is_err());
    store.memory_mut(memory).expect("a memory").grow(1).expect("grown");
    assert!(instantiate(&mut store, &wants_two, &imports, None).is_ok());
}

#[test]
fn the_start_function_is_named_and_not_run() {
    let engine = Engine::default();
    let mut store = store_of(&engine);
    let module = module(&engine, "(module (func) (func $start unreachable) (start $start))");
    let (instance, start) = instantiate(&mut store, &module, &[], None).expect("an instance");
    let start = start.expect("a start function");
    assert_eq!(store.instance(instance).expect("an instance").function(1), Some(start));
    let record = store.func(start).expect("a function");
    assert_eq!((record.index, record.host), (1, crate::runtime::context::FuncRecord::NOT_HOST));
}

#[test]
fn another_engines_module_is_refused() {
    let mut store = store_of(&Engine::default());
    let module = module(&Engine::default(), "(module)");
    assert_eq!(instantiate(&mut store, &module, &[], None).expect_err("misuse").kind(), ErrorKind::Misuse);
}

#[cfg(feature = "gc")]
#[test]
fn constant_expressions_make_objects() {
    let (mut store, instance) = instance_of(
        r#"(module
            (type $point (struct (field i32) (field (mut i8)) (field v128) (field (ref null $point))))
            (type $bytes (array i8))
            (type $points (array (ref null $point)))
            (global $p (ref $point)
                (struct.new $point (i32.const -1) (i32.const 0x1ff) (v128.const i64x2 5 6) (ref.null $point)))
            (global (export "p") (ref $point) (global.get $p))
            (global (export "q") (ref $point)
                (struct.new $point (i32.const 2) (i32.const 3) (v128.const i64x2 0 0) (global.get $p)))
            (global (export "d") (ref $point) (struct.new_default $point))
            (global (export "b") (ref $bytes) (array.new $bytes (i32.const 0x107) (i32.const 3)))
            (global (export "a") (ref $points)
                (array.new_fixed $points 3 (global.get $p) (struct.new_default $point) (ref.null $point)))
            (global (export "i") (ref i31) (ref.i31 (i32.const -5)))
            (global (export "x") externref (extern.convert_any (array.new_default $bytes (i32.const 9))))
            (table (export "t") 2 (ref null $point) (struct.new_default $point))
            (elem $e (ref null $point) (struct.new_default $point) (ref.null $point)))"#,
    )
    .expect("an instance");
    store.collect_garbage().expect("a collection");
    let handle = |name: &str| Handle::from_bits(global(&store, instance, name)[0] as u32);
    let field = |object: Handle, index: usize| {
        let ty = match store.heap.referent(object) {
            Ok(crate::runtime::heap::Referent::Struct(id)) => store.types().defined_arc(id).expect("a known type"),
            other => panic!("{other:?}"),
        };
        let CompositeType::Struct(fields) = ty.sub_type().composite() else { panic!("a struct") };
        let storage = fields.fields()[index].element_type();
        store.heap.field_value(object, ty.layout().offsets[index], storage).expect("a field")
    };
    let p = handle("p");
    assert_eq!([0, 1, 2, 3].map(|index| field(p, index)), [0xffff_ffff, 0xff, 6 << 64 | 5, 0]);
    assert_eq!(field(handle("q"), 3), p.bits().into());
    assert_eq!([0, 1, 2, 3].map(|index| field(handle("d"), index)), [0; 4]);
    assert_eq!([0, 1, 2].map(|index| store.heap.array_value(handle("b"), index)), [Ok(7); 3]);
    assert_eq!(store.heap.array_value(handle("a"), 0), Ok(p.bits().into()));
    assert_ne!(store.heap.array_value(handle("a"), 1), Ok(0));
    assert_eq!(store.heap.array_value(handle("a"), 2), Ok(0));
    assert_eq!(handle("i").i31_signed(), Some(-5));
    assert_eq!(store.heap.array_len(handle("x")), Ok(9));
    let elements = table(&store, instance, "t").1;
    assert_eq!((field(Handle::from_bits(elements[0]), 0), elements[0]), (0, elements[1]));
    let element = store.instance(instance).expect("an instance").element(0);
    assert_eq!((field(Handle::from_bits(element[0]), 0), element[1]), (0, 0));
}

#[cfg(feature = "gc")]
#[test]
fn objects_of_an_unfinished_expression_survive_collections() {
    // 1.6 MB of arrays that only the stack of the expression holds, which is beyond the first threshold.
    let mut text = alloc::string::String::from(
        "(module (type $b (array i8)) (type $l (array (ref $b))) (global (export \"l\") (ref $l)",
    );
    for _ in 0..400 {
        text.push_str(" (array.new $b (i32.const 7) (i32.const 4000))");
    }
    text.push_str(" (array.new_fixed $l 400)))");
    let engine = Engine::default();
    let mut store = store_of(&engine);
    let module = module(&engine, &text);
    for _ in 0..20 {
        let (instance, _) = instantiate(&mut store, &module, &[], None).expect("an instance");
        let list = Handle::from_bits(global(&store, instance, "l")[0] as u32);
        for index in 0..400 {
            let bytes = Handle::from_bits(store.heap.array_value(list, index).expect("an element") as u32);
            assert_eq!(store.heap.array_value(bytes, 3999), Ok(7));
        }
    }
}

#[test]
fn limits_of_the_store_hold_at_instantiation() {
    for (limits, text) in [
        (StoreLimits::new().memory_size(65535), "(module (memory 1))"),
        (StoreLimits::new().table_elements(9), "(module (table 10 funcref))"),
        (StoreLimits::new().memories(1), "(module (memory 0) (memory 0))"),
        (StoreLimits::new().tables(1), "(module (table 0 funcref) (table 0 funcref))"),
        (StoreLimits::new().instances(0), "(module)"),
    ] {
        let engine = Engine::new(Config::new().store_limits(limits)).expect("an engine");
        let mut store = store_of(&engine);
        let error = instantiate(&mut store, &module(&engine, text), &[], None).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::Limit, "{text}: {error}");
    }
    let mut embedder = StoreLimits::new().memory_size(65536);
    let engine = Engine::default();
    let mut store = store_of(&engine);
    let two_pages = module(&engine, "(module (memory 2))");
    let error = instantiate(&mut store, &two_pages, &[], Some(&mut embedder)).expect_err("too large");
    assert_eq!(error.to_string(), "resource limit exceeded: bytes of a memory");
    let one_page = module(&engine, "(module (memory 1))");
    assert!(instantiate(&mut store, &one_page, &[], Some(&mut embedder)).is_ok());
}

#[test]
#[cfg_attr(miri, ignore = "Miri ends where an allocator would refuse")]
fn gigantic_memories_and_tables_are_errors() {
    for text in [
        "(module (memory i64 0x1000000000000))",
        "(module (memory i64 0x800000000000))",
        "(module (table 0xffffffff funcref))",
        "(module (table i64 0x1000000000000000 funcref))",
    ] {
        let error = instance_of(text).map(drop).expect_err(text);
        assert!(matches!(error.kind(), ErrorKind::Limit | ErrorKind::OutOfMemory), "{text}: {error}");
    }
}

#[test]
fn a_dropped_store_gives_everything_back() {
    let engine = Engine::default();
    let module = module(&engine, "(module (type (struct (field i32))) (memory 1) (func (export \"f\")))");
    let alive = alloc::sync::Arc::strong_count(module.inner());
    let mut store = store_of(&engine);
    for _ in 0..10 {
        instantiate(&mut store, &module, &[], None).expect("an instance");
    }
    assert_eq!(alloc::sync::Arc::strong_count(module.inner()), alive + 10);
    drop(store);
    assert_eq!(alloc::sync::Arc::strong_count(module.inner()), alive);
}
