//! Values of the collected heap: how long they live, what the host makes and sees of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use whit_core::{
    AnyRef, ArrayRef, ArrayRefPre, ArrayType, Engine, Error, ErrorKind, ExnRef, ExternRef, FieldType, Func, FuncType,
    I31, Linker, Mutability, StorageType, Store, StructRef, StructRefPre, StructType, Tag, TagType, TrapCode, Val,
    ValType,
};

use crate::support::{Dropped, instance, module};

#[test]
fn a_host_value_lives_as_long_as_a_handle_or_a_guest_keeps_it() {
    let (mut store, instance) = instance(
        r#"(module (table (export "t") 2 externref)
            (func (export "keep") (param externref) (table.set (i32.const 0) (local.get 0)))
            (func (export "forget") (table.set (i32.const 0) (ref.null extern))))"#,
    );
    let drops = Arc::new(AtomicUsize::new(0));
    let dropped = || drops.load(Ordering::SeqCst);
    let value = ExternRef::new(&mut store, Dropped(drops.clone())).expect("room");
    let second = value.clone();
    drop(value);
    store.gc().expect("a collection");
    assert_eq!(dropped(), 0, "a handle keeps it");

    let keep = instance.get_typed_func::<Option<ExternRef>, ()>(&store, "keep").expect("exported");
    keep.call(&mut store, Some(second)).expect("no trap");
    store.gc().expect("a collection");
    assert_eq!(dropped(), 0, "the guest's table keeps it");

    let forget = instance.get_typed_func::<(), ()>(&store, "forget").expect("exported");
    forget.call(&mut store, ()).expect("no trap");
    store.gc().expect("a collection");
    assert_eq!(dropped(), 1, "nobody keeps it");

    let kept = ExternRef::new(&mut store, Dropped(drops.clone())).expect("room");
    drop(store);
    assert_eq!(dropped(), 2, "the store is gone");
    drop(kept);
}

#[test]
fn handles_are_dropped_on_any_thread() {
    let mut store = Store::new(&Engine::default(), ());
    let drops = Arc::new(AtomicUsize::new(0));
    let values: Vec<_> = (0..100).map(|_| ExternRef::new(&mut store, Dropped(drops.clone())).expect("room")).collect();
    std::thread::scope(|scope| {
        for value in values {
            scope.spawn(move || drop(value.clone()));
        }
    });
    store.gc().expect("a collection");
    assert_eq!(drops.load(Ordering::SeqCst), 100);
}

#[test]
fn a_host_value_is_read_and_changed_through_its_handle() {
    let mut store = Store::new(&Engine::default(), ());
    let value = ExternRef::new(&mut store, String::from("a")).expect("room");
    let data = value.data_mut(&mut store).expect("its store").expect("a host value");
    data.downcast_mut::<String>().expect("a string").push('b');
    let data = value.data(&store).expect("its store").expect("a host value");
    assert_eq!(data.downcast_ref::<String>().map(String::as_str), Some("ab"));
    let any = AnyRef::convert_extern(&store, &value).expect("its store");
    assert!(ExternRef::convert_any(&store, &any).expect("its store").same(&value));
    let int = AnyRef::from_i31(&store, I31::wrapping_u32(9)).expect("room");
    let outside = ExternRef::convert_any(&store, &int).expect("its store");
    assert!(outside.data(&store).expect("its store").is_none(), "not a host value");
}

#[test]
fn small_integers_are_unboxed() {
    assert_eq!(I31::new_i32(-1).map(|value| (value.get_i32(), value.get_u32())), Some((-1, 0x7fff_ffff)));
    assert_eq!(I31::new_i32(1 << 30), None);
    assert_eq!(I31::new_i32(-(1 << 30)).map(|value| value.get_i32()), Some(-(1 << 30)));
    assert_eq!(I31::new_u32(1 << 31), None);
    assert_eq!(I31::new_u32(u32::MAX >> 1).map(|value| value.get_i32()), Some(-1));
    assert_eq!(I31::wrapping_u32(u32::MAX).get_u32(), u32::MAX >> 1);
}

#[test]
fn the_host_makes_structures_that_guests_read() {
    let (mut store, instance) = instance(
        r#"(module
            (type $point (struct (field (mut i32)) (field i8) (field f64) (field v128) (field externref)))
            (func (export "sum") (param (ref null $point)) (result f64)
                (f64.add
                    (f64.convert_i32_s (i32.add
                        (struct.get $point 0 (local.get 0))
                        (struct.get_s $point 1 (local.get 0))))
                    (struct.get $point 2 (local.get 0))))
            (func (export "make") (result (ref $point))
                (struct.new $point (i32.const 1) (i32.const 2) (f64.const 3)
                    (v128.const i64x2 4 5) (ref.null extern))))"#,
    );
    let field = |mutability, ty| FieldType::new(mutability, ty);
    let ty = StructType::new([
        field(Mutability::Var, StorageType::Val(ValType::I32)),
        field(Mutability::Const, StorageType::I8),
        field(Mutability::Const, StorageType::Val(ValType::F64)),
        field(Mutability::Const, StorageType::Val(ValType::V128)),
        field(Mutability::Const, StorageType::Val(ValType::EXTERNREF)),
    ]);
    let pre = StructRefPre::new(&mut store, ty.clone()).expect("a type");
    let vector = Val::V128(1.into());
    let fields = [Val::I32(40), Val::I32(0x1ff), Val::from(0.5), vector, Val::null_extern_ref()];
    let point = StructRef::new(&mut store, &pre, &fields).expect("room");
    let sum = instance.get_func(&store, "sum").expect("exported");
    let mut results = [Val::I32(0)];
    sum.call(&mut store, &[point.clone().into()], &mut results).expect("no trap");
    assert_eq!(results[0].f64(), Some(39.5));
    point.set_field(&mut store, 0, Val::I32(1)).expect("mutable");
    assert!(point.set_field(&mut store, 1, Val::I32(1)).is_err(), "immutable");
    assert!(point.set_field(&mut store, 0, Val::I64(1)).is_err(), "another type");
    assert!(point.field(&mut store, 5).is_err(), "no such field");
    sum.call(&mut store, &[point.clone().into()], &mut results).expect("no trap");
    assert_eq!(results[0].f64(), Some(0.5));
    assert_eq!(point.ty(&store).expect("a structure"), ty);

    let make = instance.get_typed_func::<(), StructRef>(&store, "make").expect("exported");
    let made = make.call(&mut store, ()).expect("no trap");
    let values = made.fields(&mut store).expect("readable");
    assert_eq!(values[0].i32(), Some(1));
    assert_eq!(values[3].v128().map(|vector| vector.as_u128()), Some(4 | 5 << 64));
    assert!(StructRef::new(&mut store, &pre, &fields[..3]).is_err(), "too few fields");
}

#[test]
fn the_host_makes_arrays_that_guests_read() {
    let (mut store, instance) = instance(
        r#"(module
            (type $bytes (array (mut i8)))
            (func (export "get") (param (ref $bytes) i32) (result i32)
                (array.get_u $bytes (local.get 0) (local.get 1))))"#,
    );
    let ty = ArrayType::new(FieldType::new(Mutability::Var, StorageType::I8));
    let pre = ArrayRefPre::new(&mut store, ty).expect("a type");
    let array = ArrayRef::new(&mut store, &pre, &Val::I32(7), 100).expect("room");
    array.set(&mut store, 50, Val::I32(-1)).expect("in bounds");
    let get = instance.get_typed_func::<(ArrayRef, i32), i32>(&store, "get").expect("some arrays fit");
    assert_eq!(get.call(&mut store, (array.clone(), 50)).expect("no trap"), 255);
    assert_eq!(get.call(&mut store, (array.clone(), 51)).expect("no trap"), 7);
    let trap = get.call(&mut store, (array.clone(), 100)).expect_err("out of bounds");
    assert_eq!(trap.as_trap().map(|trap| trap.code()), Some(TrapCode::ArrayOutOfBounds));
    assert!(array.get(&mut store, 100).is_err() && array.set(&mut store, 100, Val::I32(0)).is_err());
    let fixed = ArrayRef::new_fixed(&mut store, &pre, &[Val::I32(1), Val::I32(2)]).expect("room");
    let elements: Vec<_> = fixed.elems(&mut store).expect("readable").iter().map(Val::unwrap_i32).collect();
    assert_eq!(elements, [1, 2]);

    let other = ArrayType::new(FieldType::new(Mutability::Var, StorageType::I16));
    let pre = ArrayRefPre::new(&mut store, other).expect("a type");
    let wrong = ArrayRef::new(&mut store, &pre, &Val::I32(7), 100).expect("room");
    assert_eq!(get.call(&mut store, (wrong, 0)).expect_err("another type").kind(), ErrorKind::Misuse);
}

#[test]
fn values_are_narrowed_and_widened() {
    let mut store = Store::new(&Engine::default(), ());
    let pre = StructRefPre::new(&mut store, StructType::new([])).expect("a type");
    let structure = StructRef::new(&mut store, &pre, &[]).expect("room");
    let any = structure.to_anyref();
    assert!(any.is_struct(&store).expect("its store") && !any.is_array(&store).expect("its store"));
    assert!(any.as_struct(&store).expect("its store").is_some_and(|same| same.same(&structure)));
    assert!(any.as_eqref(&store).expect("its store").is_some());
    let outside = ExternRef::new(&mut store, ()).expect("room");
    let any = AnyRef::convert_extern(&store, &outside).expect("its store");
    assert!(any.as_eqref(&store).expect("its store").is_none(), "host values are not compared");
    let int = AnyRef::from_i31(&store, I31::wrapping_i32(-4)).expect("room");
    assert_eq!(int.as_i31(&store).expect("its store").map(|value| value.get_i32()), Some(-4));
    assert!(int.as_eqref(&store).expect("its store").is_some());
}

#[test]
fn a_host_function_throws_what_a_guest_catches() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, None);
    let tag = Tag::new(&mut store, &TagType::new(FuncType::new([ValType::I32, ValType::I64], []))).expect("a tag");
    *store.data_mut() = Some(tag);
    let mut linker: Linker<Option<Tag>> = Linker::new(&engine);
    linker.define(&store, "", "tag", tag).expect("its store");
    linker
        .func_wrap("", "throw", |mut caller: whit_core::Caller<'_, Option<Tag>>, x: i32| -> Result<(), Error> {
            let tag = caller.data().ok_or_else(|| Error::msg("no tag"))?;
            let exception = ExnRef::new(&mut caller, &tag, &[Val::I32(x), Val::I64(-1)])?;
            caller.throw(exception)
        })
        .expect("a new name");
    let module = module(
        &engine,
        r#"(module
            (import "" "tag" (tag $t (param i32 i64)))
            (import "" "throw" (func $throw (param i32)))
            (func (export "catch") (param i32) (result i32 i64)
                (block $caught (result i32 i64)
                    (try_table (catch $t $caught) (call $throw (local.get 0)))
                    (unreachable)))
            (func (export "pass") (call $throw (i32.const 5)))
            (func (export "own") (throw $t (i32.const 8) (i64.const 9))))"#,
    );
    let instance = linker.instantiate(&mut store, &module).expect("an instance");
    let catch = instance.get_typed_func::<i32, (i32, i64)>(&store, "catch").expect("exported");
    assert_eq!(catch.call(&mut store, 6).expect("caught"), (6, -1));

    for (name, expected) in [("pass", (5, -1)), ("own", (8, 9))] {
        let func = instance.get_typed_func::<(), ()>(&store, name).expect("exported");
        let error = func.call(&mut store, ()).expect_err("nobody catches");
        assert_eq!(error.kind(), ErrorKind::Exception);
        let exception = error.as_exception().expect("an exception").exception();
        store.gc().expect("a collection");
        assert_eq!(exception.tag(&store).expect("its store"), tag);
        let values = exception.fields(&mut store).expect("readable");
        assert_eq!((values[0].unwrap_i32(), values[1].unwrap_i64()), expected);
    }
}

#[test]
fn garbage_of_the_host_is_collected_when_room_is_needed() {
    let mut store = Store::new(&Engine::default(), ());
    let drops = Arc::new(AtomicUsize::new(0));
    for _ in 0..200_000 {
        drop(ExternRef::new(&mut store, Dropped(drops.clone())).expect("room"));
    }
    assert!(drops.load(Ordering::SeqCst) > 0, "some of it was collected on the way");
    let nothing = Func::wrap(&mut store, || {});
    nothing.call(&mut store, &[], &mut []).expect("the store is usable");
}
