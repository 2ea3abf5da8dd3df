//! Names to externs.

use whit_core::{
    Engine, ErrorKind, Func, Global, GlobalType, Instance, LinkError, Linker, Memory, MemoryType, Mutability, Store,
    Val, ValType,
};

use crate::support::module;

#[test]
fn all_missing_imports_are_reported_at_once() {
    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap("env", "there", || {}).expect("a new name");
    let module = module(
        &engine,
        r#"(module
            (import "env" "there" (func))
            (import "env" "gone" (func (param i32)))
            (import "wasi" "fd_write" (func (result i32)))
            (import "env" "memory" (memory 1)))"#,
    );
    let error = linker.instantiate_pre(&module).expect_err("three are missing");
    assert_eq!(error.kind(), ErrorKind::Link);
    let problems = error.downcast_ref::<LinkError>().expect("a link error").problems();
    let names: Vec<_> = problems.iter().map(|problem| (problem.module(), problem.name())).collect();
    assert_eq!(names, [("env", "gone"), ("wasi", "fd_write"), ("env", "memory")]);
    assert!(error.to_string().starts_with("unknown import"), "{error}");
}

#[test]
fn imports_of_the_wrong_type_are_named() {
    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap("env", "f", |_: i64| {}).expect("a new name");
    let mut store = Store::new(&engine, ());
    let module = module(&engine, r#"(module (import "env" "f" (func (param i32))))"#);
    let error = linker.instantiate(&mut store, &module).expect_err("another type");
    assert_eq!(error.kind(), ErrorKind::Link);
    assert!(error.to_string().starts_with("incompatible import type"), "{error}");
}

#[test]
fn a_name_is_defined_once_unless_shadowing_is_allowed() {
    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap("a", "f", || 1_i32).expect("a new name");
    let error = linker.func_wrap("a", "f", || 2_i32).map(drop).expect_err("taken");
    assert_eq!(error.kind(), ErrorKind::Misuse);
    linker.allow_shadowing(true).func_wrap("a", "f", || 3_i32).expect("shadowing is allowed");
    let mut store = Store::new(&engine, ());
    let func = linker.get(&mut store, "a", "f").and_then(|item| item.into_func()).expect("defined");
    let func = func.typed::<(), i32>(&store).expect("the type fits");
    assert_eq!(func.call(&mut store, ()).expect("no trap"), 3);
}

#[test]
fn aliases_stand_for_the_same_thing() {
    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap("a", "f", || {}).expect("a new name");
    linker.alias("a", "f", "b", "g").expect("defined");
    linker.alias_module("b", "c").expect("defined");
    assert!(linker.alias("a", "none", "b", "h").is_err());
    assert!(linker.alias_module("none", "d").is_err());
    let mut store = Store::new(&engine, ());
    let mut get = |module, name| linker.get(&mut store, module, name).and_then(|item| item.into_func());
    assert!(get("a", "f").is_some());
    assert_eq!(get("a", "f"), get("b", "g"));
    assert_eq!(get("a", "f"), get("c", "g"));
    let names: Vec<_> = linker.iter(&mut store).map(|(module, name, _)| format!("{module}.{name}")).collect();
    assert_eq!(names, ["a.f", "b.g", "c.g"]);
}

#[test]
fn a_linkers_function_is_put_into_a_store_once() {
    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap("a", "f", || {}).expect("a new name");
    let module = module(&engine, r#"(module (import "a" "f" (func $f)) (export "f" (func $f)))"#);
    let pre = linker.instantiate_pre(&module).expect("all there");
    let mut store = Store::new(&engine, ());
    let first = pre.instantiate(&mut store).expect("an instance");
    let second = pre.instantiate(&mut store).expect("an instance");
    assert_ne!(first, second);
    assert_eq!(first.get_func(&mut store, "f"), second.get_func(&mut store, "f"));
}

#[test]
fn instances_link_to_each_other_by_name() {
    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    let mut store = Store::new(&engine, ());
    let library = module(
        &engine,
        r#"(module
            (global (export "g") (mut i32) (i32.const 5))
            (memory (export "m") 1)
            (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))"#,
    );
    linker.module(&mut store, "lib", &library).expect("an instance");
    let user = module(
        &engine,
        r#"(module
            (import "lib" "g" (global $g (mut i32)))
            (import "lib" "m" (memory 1))
            (import "lib" "double" (func $double (param i32) (result i32)))
            (func (export "run") (result i32)
                (global.set $g (call $double (global.get $g)))
                (i32.store (i32.const 0) (global.get $g))
                (i32.load (i32.const 0))))"#,
    );
    let instance = linker.instantiate(&mut store, &user).expect("an instance");
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").expect("exported");
    assert_eq!(run.call(&mut store, ()).expect("no trap"), 10);
    assert_eq!(run.call(&mut store, ()).expect("no trap"), 20);
    let global = linker.get(&mut store, "lib", "g").and_then(|item| item.into_global()).expect("defined");
    assert_eq!(global.get(&mut store).i32(), Some(20));
}

#[test]
fn a_command_gets_a_fresh_instance_for_each_call() {
    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    let mut store = Store::new(&engine, ());
    let command = module(
        &engine,
        r#"(module
            (global $g (mut i32) (i32.const 0))
            (memory (export "memory") 1)
            (func (export "_start"))
            (func (export "next") (result i32)
                (global.set $g (i32.add (global.get $g) (i32.const 1)))
                (global.get $g)))"#,
    );
    linker.module(&mut store, "command", &command).expect("defined");
    let next = linker.get(&mut store, "command", "next").and_then(|item| item.into_func()).expect("defined");
    let next = next.typed::<(), i32>(&store).expect("the type fits");
    assert_eq!(next.call(&mut store, ()).expect("no trap"), 1);
    assert_eq!(next.call(&mut store, ()).expect("no trap"), 1);
    linker.get_default(&mut store, "command").expect("`_start`").call(&mut store, &[], &mut []).expect("no trap");
}

#[test]
fn unknown_functions_can_be_defined_as_traps() {
    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    let module = module(
        &engine,
        r#"(module (import "env" "gone" (func $gone (param i64) (result i32)))
            (func (export "run") (param i32) (result i32)
                (if (result i32) (local.get 0) (then (call $gone (i64.const 0))) (else (i32.const 1)))))"#,
    );
    linker.define_unknown_imports_as_traps(&module).expect("functions only");
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).expect("an instance");
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run").expect("exported");
    assert_eq!(run.call(&mut store, 0).expect("not called"), 1);
    let error = run.call(&mut store, 1).expect_err("called");
    assert!(error.to_string().contains("env::gone"), "{error}");
}

#[test]
fn unknown_imports_can_be_defined_as_empty_things() {
    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    let module = module(
        &engine,
        r#"(module
            (import "e" "f" (func $f (result i32 externref)))
            (import "e" "g" (global $g i64))
            (import "e" "t" (table 3 funcref))
            (import "e" "m" (memory 2))
            (import "e" "x" (tag))
            (func (export "run") (result i32 i64 i32 i32)
                (call $f) (drop) (global.get $g) (table.size) (memory.size)))"#,
    );
    let mut store = Store::new(&engine, ());
    linker.define_unknown_imports_as_default_values(&mut store, &module).expect("all have defaults");
    let instance = linker.instantiate(&mut store, &module).expect("an instance");
    let run = instance.get_typed_func::<(), (i32, i64, i32, i32)>(&mut store, "run").expect("exported");
    assert_eq!(run.call(&mut store, ()).expect("no trap"), (0, 0, 3, 2));
}

#[test]
fn exports_are_listed_in_order() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = module(
        &engine,
        r#"(module (memory (export "z") 1) (func (export "a")) (global (export "m") i32 (i32.const 1))
            (table (export "t") 1 funcref) (tag (export "e")))"#,
    );
    let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
    let names: Vec<_> = instance.exports(&store).map(|export| export.name().to_owned()).collect();
    assert_eq!(names, ["z", "a", "m", "t", "e"]);
    assert!(instance.get_memory(&store, "z").is_some() && instance.get_memory(&store, "a").is_none());
    assert!(instance.get_table(&store, "t").is_some() && instance.get_tag(&store, "e").is_some());
    assert!(instance.get_export(&store, "none").is_none());
}

#[test]
fn too_few_or_too_many_imports_are_refused() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = module(&engine, r#"(module (import "" "f" (func)) (import "" "g" (global i32)))"#);
    let func = Func::wrap(&mut store, || {});
    let ty = GlobalType::new(ValType::I32, Mutability::Const);
    let global = Global::new(&mut store, ty, Val::I32(1)).expect("a global");
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).expect("a memory");
    assert!(Instance::new(&mut store, &module, &[func.into()]).is_err());
    assert!(Instance::new(&mut store, &module, &[func.into(), global.into(), memory.into()]).is_err());
    assert!(Instance::new(&mut store, &module, &[global.into(), func.into()]).is_err());
    assert!(Instance::new(&mut store, &module, &[func.into(), global.into()]).is_ok());
}
