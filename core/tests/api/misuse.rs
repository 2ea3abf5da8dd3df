//! Handles used with stores and engines that they do not belong to: errors or empty answers, never more.

use whit_core::{
    AnyRef, Engine, ErrorKind, ExnRef, ExternRef, Func, FuncType, Global, GlobalType, I31, Instance, Linker, Memory,
    MemoryType, Mutability, Ref, RefType, Store, Table, TableType, Tag, TagType, Val, ValType,
};

use crate::support::module;

fn stores() -> (Store<()>, Store<()>) {
    let engine = Engine::default();
    (Store::new(&engine, ()), Store::new(&engine, ()))
}

fn misused<V>(result: Result<V, whit_core::Error>) -> bool {
    matches!(result, Err(error) if error.kind() == ErrorKind::Misuse)
}

#[test]
fn functions() {
    let (mut own, mut other) = stores();
    let func = Func::wrap(&mut own, |x: i32| x);
    // The other store has a function at the same address.
    let _ = Func::wrap(&mut other, || {});
    assert!(misused(func.call(&mut other, &[Val::I32(1)], &mut [Val::I32(0)])));
    assert!(misused(func.typed::<i32, i32>(&other)));
    assert!(misused(func.start(&mut other, &[Val::I32(1)])));
    let typed = func.typed::<i32, i32>(&own).expect("the type fits");
    assert!(misused(typed.call(&mut other, 1)));
    assert!(misused(typed.start(&mut other, 1)));
    assert_eq!(func.ty(&other), FuncType::new([], []));
}

#[test]
fn function_references() {
    let (mut own, mut other) = stores();
    let func = Func::wrap(&mut own, || {});
    let take = Func::wrap(&mut other, |_: Option<Func>| {});
    assert!(misused(take.call(&mut other, &[Val::FuncRef(Some(func))], &mut [])));
    assert!(misused(take.typed::<Option<Func>, ()>(&other).expect("the type fits").call(&mut other, Some(func))));
    let ty = TableType::new(RefType::FUNCREF, 1, None);
    assert!(misused(Table::new(&mut other, ty, func.into())));
    let table = Table::new(&mut other, ty, Ref::Func(None)).expect("a table");
    assert!(misused(table.set(&mut other, 0, func.into())));
    assert!(misused(table.grow(&mut other, 1, func.into())));
    let ty = GlobalType::new(ValType::FUNCREF, Mutability::Var);
    assert!(misused(Global::new(&mut other, ty, func.into())));
    let leak = Func::wrap(&mut other, move || Some(func));
    assert!(misused(leak.call(&mut other, &[], &mut [Val::I32(0)])), "a closure returns another store's function");
}

#[test]
fn memories_tables_globals_and_tags() {
    let (mut own, mut other) = stores();
    let memory = Memory::new(&mut own, MemoryType::new(1, None)).expect("a memory");
    assert!(memory.read(&other, 0, &mut [0]).is_err() && memory.write(&mut other, 0, &[0]).is_err());
    assert!(memory.data(&other).is_empty() && memory.data_mut(&mut other).is_empty());
    assert_eq!((memory.size(&other), memory.data_size(&other)), (0, 0));
    assert!(misused(memory.grow(&mut other, 1)));

    let table = Table::new(&mut own, TableType::new(RefType::EXTERNREF, 1, None), Ref::Extern(None)).expect("a table");
    assert!(table.get(&mut other, 0).is_none() && table.size(&other) == 0);
    assert!(misused(table.set(&mut other, 0, Ref::Extern(None))));
    assert!(misused(table.grow(&mut other, 1, Ref::Extern(None))));
    assert!(misused(table.fill(&mut other, 0, Ref::Extern(None), 1)));
    assert!(misused(Table::copy(&mut other, &table, 0, &table, 0, 1)));

    let ty = GlobalType::new(ValType::I32, Mutability::Var);
    let global = Global::new(&mut own, ty, Val::I32(5)).expect("a global");
    assert!(misused(global.try_get(&mut other)) && misused(global.set(&mut other, Val::I32(1))));
    assert_eq!(global.get(&mut other).i32(), Some(0));

    let tag = Tag::new(&mut own, &TagType::new(FuncType::new([], []))).expect("a tag");
    assert!(misused(ExnRef::new(&mut other, &tag, &[])));
}

#[test]
fn heap_references() {
    let (mut own, mut other) = stores();
    let value = ExternRef::new(&mut own, 1_u8).expect("room");
    let _ = ExternRef::new(&mut other, 2_u8).expect("room");
    assert!(misused(value.data(&other)) && misused(value.data_mut(&mut other)));
    assert!(misused(AnyRef::convert_extern(&other, &value)));
    let take = Func::wrap(&mut other, |_: Option<ExternRef>| {});
    assert!(misused(take.call(&mut other, &[Val::ExternRef(Some(value.clone()))], &mut [])));
    let int = AnyRef::from_i31(&own, I31::wrapping_i32(3)).expect("room");
    assert!(misused(int.as_i31(&other)));
    let tag = Tag::new(&mut own, &TagType::new(FuncType::new([], []))).expect("a tag");
    let exception = ExnRef::new(&mut own, &tag, &[]).expect("room");
    assert!(misused(exception.tag(&other)));
    assert!(misused(other.throw::<()>(exception)));
    drop(own);
    // A handle outlives its store as a number that nobody understands.
    drop(value.clone());
    assert!(misused(value.data(&other)));
}

#[test]
fn instances_and_imports() {
    let (mut own, mut other) = stores();
    let empty = module(own.engine(), r#"(module (func (export "f")))"#);
    let instance = Instance::new(&mut own, &empty, &[]).expect("an instance");
    assert!(instance.get_export(&other, "f").is_none() && instance.exports(&other).next().is_none());
    assert!(misused(instance.module(&other)));
    assert!(misused(instance.get_typed_func::<(), ()>(&other, "f")));
    let importing = module(own.engine(), r#"(module (import "" "f" (func)))"#);
    let func = instance.get_func(&own, "f").expect("exported");
    assert!(misused(Instance::new(&mut other, &importing, &[func.into()])));

    let mut linker = Linker::new(own.engine());
    assert!(misused(linker.define(&other, "", "f", func).map(drop)));
    linker.define(&own, "", "f", func).expect("its own store");
    assert!(misused(linker.instantiate(&mut other, &importing)));
    assert!(linker.instantiate(&mut own, &importing).is_ok());
}

#[test]
fn modules_of_another_engine() {
    let (mut store, _) = stores();
    let foreign_engine = Engine::default();
    let foreign = module(&foreign_engine, "(module)");
    assert!(misused(Instance::new(&mut store, &foreign, &[])));
    let linker: Linker<()> = Linker::new(store.engine());
    assert!(misused(linker.instantiate(&mut store, &foreign)));
    let own = module(store.engine(), "(module)");
    let mut foreign_store = Store::new(&foreign_engine, ());
    assert!(misused(linker.instantiate(&mut foreign_store, &own)));
}

#[test]
fn executions() {
    let (mut own, mut other) = stores();
    let func = Func::wrap(&mut own, || 1_i32).typed::<(), i32>(&own).expect("the type fits");
    let mut execution = func.start(&mut own, ()).expect("room");
    assert!(misused(execution.resume(&mut other)));
    assert_eq!(execution.resume(&mut own).ok().and_then(|progress| progress.done()), Some(1));
    assert!(execution.is_finished());
    assert!(misused(execution.resume(&mut own)), "it has ended");
}
