//! Throwing through frames, instances and hosts.

use whit_core::{Caller, Error, ErrorKind, ExnRef, Linker, Store, Val};

use crate::support::{instance, module, on_each_engine};

#[test]
fn an_exception_passes_frames_of_other_instances() {
    let thrower = r#"(module
        (tag $e (export "e") (param i32 i64))
        (memory (export "m") 1)
        (func $deep (param i32)
            (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 3) (i64.const 40))))
            (call $deep (i32.sub (local.get 0) (i32.const 1))))
        (func (export "throw") (param i32) (call $deep (local.get 0)))
        (func (export "throw_by_tail_call") (param i32) (return_call $deep (local.get 0))))"#;
    let catcher = r#"(module
        (import "t" "e" (tag $e (param i32 i64)))
        (import "t" "throw" (func $throw (param i32)))
        (import "t" "throw_by_tail_call" (func $tail (param i32)))
        (tag $other (param i32 i64))
        (memory 1)
        (data (i32.const 0) "\2a")
        (func $wrap (param i32 i32)
            (if (local.get 1) (then (call $tail (local.get 0))) (else (call $throw (local.get 0)))))
        (func (export "catch") (param i32 i32) (result i64) (local i64)
            (block $h (result i32 i64)
                (block $wrong (result i32 i64)
                    (try_table (catch $other $wrong) (catch $e $h) (call $wrap (local.get 0) (local.get 1)))
                    (unreachable))
                (unreachable))
            (local.set 2) (i64.extend_i32_u) (i64.add (local.get 2))
            ;; The memory is this instance's again.
            (i64.add (i64.load8_u (i32.const 0)))))"#;
    on_each_engine(
        |_| (),
        |engine| {
            let mut store = Store::new(engine, ());
            let mut linker = Linker::new(engine);
            let first = linker.instantiate(&mut store, &module(engine, thrower)).expect("an instance");
            linker.instance(&mut store, "t", first).expect("names");
            let second = linker.instantiate(&mut store, &module(engine, catcher)).expect("an instance");
            let catch = second.get_typed_func::<(i32, i32), i64>(&mut store, "catch").expect("exported");
            for (depth, tail) in [(0, 0), (5, 0), (2000, 0), (0, 1), (2000, 1)] {
                assert_eq!(catch.call(&mut store, (depth, tail)).expect("caught"), 3 + 40 + 42);
            }
        },
    );
}

#[test]
fn what_nobody_catches_reaches_the_host_with_its_frames() {
    let text = r#"(module
        (tag $e (export "e") (param i32 v128 f64))
        (func $inner (throw $e (i32.const 1) (v128.const i64x2 2 3) (f64.const 4)))
        (func $outer (export "run") (call $inner)))"#;
    on_each_engine(
        |_| (),
        |engine| {
            let (mut store, instance) = instance(engine, text);
            let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect("exported");
            let error = run.call(&mut store, ()).expect_err("thrown");
            assert_eq!(error.kind(), ErrorKind::Exception);
            let uncaught = error.as_exception().expect("an exception");
            let names: Vec<_> =
                uncaught.backtrace().expect("frames").frames().iter().map(|frame| frame.func_name()).collect();
            assert_eq!(names, [Some("inner"), Some("outer")]);
            let fields = uncaught.exception().fields(&mut store).expect("its values");
            assert!(matches!(fields[..], [Val::I32(1), Val::V128(_), Val::F64(bits)] if f64::from_bits(bits) == 4.0));
        },
    );
}

#[test]
fn a_host_throws_into_its_caller_and_passes_exceptions_on() {
    let text = r#"(module
        (import "h" "again" (func $again (param exnref)))
        (tag $e (param i32))
        (func (export "run") (result i32) (local $exn exnref)
            (block $first (result i32 exnref)
                (try_table (catch_ref $e $first) (throw $e (i32.const 7)))
                (unreachable))
            (local.set $exn) (drop)
            (block $second (result i32)
                (try_table (catch $e $second) (call $again (local.get $exn)))
                (unreachable))))"#;
    on_each_engine(
        |_| (),
        |engine| {
            let mut store = Store::new(engine, ());
            let mut linker = Linker::new(engine);
            linker
                .func_wrap("h", "again", |mut caller: Caller<'_, ()>, exn: Option<ExnRef>| -> Result<(), Error> {
                    let exception = exn.ok_or_else(|| Error::msg("no exception"))?;
                    caller.throw(exception)
                })
                .expect("defined");
            let instance = linker.instantiate(&mut store, &module(engine, text)).expect("an instance");
            let run = instance.get_typed_func::<(), i32>(&mut store, "run").expect("exported");
            assert_eq!(run.call(&mut store, ()).expect("caught twice"), 7);
        },
    );
}

#[test]
fn a_delegate_to_a_try_without_handlers_goes_on_outwards() {
    let text = r#"(module
        (tag $e)
        (func (export "run") (result i32)
            try (result i32)
                try $inner (result i32)
                    try
                        throw $e
                    delegate $inner
                    i32.const 1
                end
            catch $e
                i32.const 42
            end))"#;
    on_each_engine(
        |config| {
            config.wasm_legacy_exceptions(true);
        },
        |engine| {
            let (mut store, instance) = instance(engine, text);
            let run = instance.get_typed_func::<(), i32>(&mut store, "run").expect("exported");
            assert_eq!(run.call(&mut store, ()).expect("caught"), 42);
        },
    );
}
