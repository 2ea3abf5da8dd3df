//! Closures as functions.

use std::panic::{AssertUnwindSafe, catch_unwind};

use whit_core::{
    Caller, Engine, Error, ErrorKind, Extern, Func, FuncType, Instance, Linker, Store, TrapCode, Val, ValType,
};

use crate::support::{engine, module};

#[test]
fn a_closure_sees_data_and_the_callers_memory() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("host", "log", |mut caller: Caller<'_, Vec<String>>, start: u32, len: u32| {
            let memory =
                caller.get_export("memory").and_then(Extern::into_memory).ok_or_else(|| Error::msg("no memory"))?;
            let (bytes, log) = memory.data_and_store_mut(&mut caller);
            let text = bytes.get(start as usize..).and_then(|bytes| bytes.get(..len as usize));
            log.push(String::from_utf8_lossy(text.ok_or_else(|| Error::msg("out of bounds"))?).into_owned());
            Ok(())
        })
        .expect("a new name");
    let module = module(
        &engine,
        r#"(module
            (import "host" "log" (func $log (param i32 i32)))
            (memory (export "memory") 1)
            (data (i32.const 8) "hello")
            (func (export "run") (call $log (i32.const 8) (i32.const 5))))"#,
    );
    let mut store = Store::new(&engine, Vec::new());
    let instance = linker.instantiate(&mut store, &module).expect("an instance");
    instance.get_typed_func::<(), ()>(&mut store, "run").expect("exported").call(&mut store, ()).expect("no trap");
    assert_eq!(store.into_data(), ["hello"]);
}

#[test]
fn a_closures_own_error_comes_out_as_it_is() {
    #[derive(Debug, PartialEq)]
    struct Own(i32);
    impl std::fmt::Display for Own {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "own error {}", self.0)
        }
    }
    impl std::error::Error for Own {}

    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("", "fail", |x: i32| -> Result<i32, Error> { Err(Error::new(Own(x))) }).expect("a new name");
    let module = module(
        &engine,
        r#"(module (import "" "fail" (func $fail (param i32) (result i32)))
            (func (export "run") (result i32) (call $fail (i32.const 7))))"#,
    );
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).expect("an instance");
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").expect("exported");
    let error = run.call(&mut store, ()).expect_err("the closure fails");
    assert_eq!((error.kind(), error.downcast_ref::<Own>()), (ErrorKind::Host, Some(&Own(7))));
}

#[test]
fn a_panic_in_a_closure_leaves_the_store_usable() {
    let engine = Engine::default();
    let mut linker: Linker<u32> = Linker::new(&engine);
    linker
        .func_wrap("", "maybe", |mut caller: Caller<'_, u32>, panic: i32| {
            *caller.data_mut() += 1;
            assert!(panic == 0, "as asked");
            panic + 1
        })
        .expect("a new name");
    let module = module(
        &engine,
        r#"(module (import "" "maybe" (func $maybe (param i32) (result i32)))
            (func (export "run") (param i32) (result i32) (call $maybe (local.get 0))))"#,
    );
    let mut store = Store::new(&engine, 0);
    let instance = linker.instantiate(&mut store, &module).expect("an instance");
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run").expect("exported");
    for _ in 0..200 {
        let result = catch_unwind(AssertUnwindSafe(|| run.call(&mut store, 1)));
        assert!(result.is_err(), "the panic passes through");
        assert_eq!(run.call(&mut store, 0).expect("no trap"), 1);
    }
    assert_eq!(*store.data(), 400);
}

#[test]
fn a_closure_can_call_the_guest_again_until_the_limit() {
    let engine = engine(|config| {
        config.max_host_depth(20);
    });
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("", "again", |mut caller: Caller<'_, ()>, depth: i32| -> Result<i32, Error> {
            let run = caller.get_export("run").and_then(Extern::into_func).ok_or_else(|| Error::msg("no run"))?;
            run.typed::<i32, i32>(&caller)?.call(&mut caller, depth)
        })
        .expect("a new name");
    let module = module(
        &engine,
        r#"(module (import "" "again" (func $again (param i32) (result i32)))
            (func (export "run") (param i32) (result i32)
                (if (result i32) (i32.eqz (local.get 0))
                    (then (i32.const 0))
                    (else (i32.add (i32.const 1) (call $again (i32.sub (local.get 0) (i32.const 1))))))))"#,
    );
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).expect("an instance");
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run").expect("exported");
    assert_eq!(run.call(&mut store, 19).expect("within the limit"), 19);
    let error = run.call(&mut store, 20).expect_err("beyond the limit");
    assert_eq!(error.as_trap().map(|trap| trap.code()), Some(TrapCode::StackOverflow));
    assert_eq!(run.call(&mut store, 19).expect("within the limit again"), 19);
}

#[test]
fn dynamic_results_are_compared_with_the_type() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 0);
    let ty = FuncType::new([ValType::I32], [ValType::I64, ValType::EXTERNREF]);
    let func = Func::new(&mut store, ty, |caller: Caller<'_, i32>, params, results| {
        let expected = matches!(results, [Val::I64(0), Val::ExternRef(None)]);
        results[0] = if *caller.data() == 0 { Val::I64(params[0].unwrap_i32().into()) } else { Val::F32(0) };
        if expected { Ok(()) } else { Err(Error::msg("not the defaults")) }
    });
    let mut results = [Val::I32(0), Val::I32(0)];
    func.call(&mut store, &[Val::I32(-4)], &mut results).expect("the right types");
    assert_eq!(results[0].i64(), Some(-4));
    *store.data_mut() = 1;
    let error = func.call(&mut store, &[Val::I32(-4)], &mut results).expect_err("a wrong type");
    assert_eq!(error.kind(), ErrorKind::Misuse);
}

#[test]
fn a_raw_closure_works_on_the_slots() {
    let engine = Engine::default();
    let mut linker: Linker<u64> = Linker::new(&engine);
    let ty = FuncType::new([ValType::I64, ValType::I64], [ValType::I64]);
    linker
        .func_raw("", "add", ty, |sum, slots| {
            slots[0] = slots[0].wrapping_add(slots[1]);
            *sum += 1;
            Ok(())
        })
        .expect("numbers only");
    let references = FuncType::new([ValType::FUNCREF], []);
    let error = linker.func_raw("", "refs", references, |_, _| Ok(())).map(drop).expect_err("references are refused");
    assert_eq!(error.kind(), ErrorKind::Misuse);
    let module = module(
        &engine,
        r#"(module (import "" "add" (func $add (param i64 i64) (result i64)))
            (func (export "run") (result i64) (call $add (call $add (i64.const 1) (i64.const 2)) (i64.const 3))))"#,
    );
    let mut store = Store::new(&engine, 0);
    let instance = linker.instantiate(&mut store, &module).expect("an instance");
    let run = instance.get_typed_func::<(), i64>(&mut store, "run").expect("exported");
    assert_eq!(run.call(&mut store, ()).expect("no trap"), 6);
    assert_eq!(*store.data(), 2);
}

#[test]
fn a_start_function_may_call_the_host_and_its_trap_fails_the_instantiation() {
    let engine = Engine::default();
    let mut linker: Linker<i32> = Linker::new(&engine);
    linker.func_wrap("", "note", |mut caller: Caller<'_, i32>, x: i32| *caller.data_mut() += x).expect("a new name");
    let mut store = Store::new(&engine, 0);
    for (body, fails) in [("", false), ("unreachable", true)] {
        let text = format!(
            r#"(module (import "" "note" (func $note (param i32)))
                (func $start (call $note (i32.const 3)) {body})
                (start $start))"#,
        );
        let result = linker.instantiate(&mut store, &module(&engine, &text));
        assert_eq!(result.is_err_and(|error| error.kind() == ErrorKind::Trap), fails);
    }
    assert_eq!(*store.data(), 6);
}

#[test]
fn a_host_function_in_a_table_is_called_indirectly() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = module(
        &engine,
        r#"(module
            (import "" "f" (func $f (param i32) (result i32)))
            (table funcref (elem $f))
            (func (export "run") (param i32) (result i32)
                (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))))"#,
    );
    let triple = Func::wrap(&mut store, |x: i32| x * 3);
    let instance = Instance::new(&mut store, &module, &[triple.into()]).expect("an instance");
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run").expect("exported");
    assert_eq!(run.call(&mut store, 14).expect("no trap"), 42);
}
