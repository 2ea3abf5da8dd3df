//! The value stack: it grows, moves, and ends where the limits say.

use std::fmt::Write;

use whit_core::{Linker, Store, TrapCode};

use crate::support::{code, instance, module, on_each_engine};

/// Recursion that keeps a number, a vector and a reference of every level, and checks them on the way back.
const RECURSION: &str = r#"(module
    (func $down (export "down") (param $n i32) (param $r externref) (result i32)
        (local $number i64) (local $wide v128) (local $kept externref)
        (local.set $number (i64.extend_i32_u (local.get $n)))
        (local.set $wide (i32x4.splat (local.get $n)))
        (local.set $kept (local.get $r))
        (if (result i32) (local.get $n)
            (then
                (i32.add (call $down (i32.sub (local.get $n) (i32.const 1)) (local.get $kept))
                    (i32.and
                        (i64.eq (local.get $number) (i64.extend_i32_u (i32x4.extract_lane 2 (local.get $wide))))
                        (i32.eqz (ref.is_null (local.get $kept))))))
            (else (i32.const 0)))))"#;

#[test]
fn frames_survive_that_the_stack_moves() {
    on_each_engine(
        |config| _ = config.max_wasm_stack(64 << 20).max_call_depth(1_000_000),
        |engine| {
            let (mut store, instance) = instance(engine, RECURSION);
            let kept = whit_core::ExternRef::new(&mut store, 5_u8).expect("room");
            let down = instance
                .get_typed_func::<(i32, Option<whit_core::ExternRef>), i32>(&mut store, "down")
                .expect("exported");
            for depth in [1, 100, 100_000] {
                assert_eq!(down.call(&mut store, (depth, Some(kept.clone()))).expect("room"), depth);
            }
        },
    );
}

#[test]
fn the_depth_limit_counts_frames_exactly() {
    on_each_engine(
        |config| _ = config.max_call_depth(50),
        |engine| {
            let (mut store, instance) = instance(engine, RECURSION);
            let down = instance
                .get_typed_func::<(i32, Option<whit_core::ExternRef>), i32>(&mut store, "down")
                .expect("exported");
            down.call(&mut store, (49, None)).expect("50 frames");
            let error = down.call(&mut store, (50, None)).expect_err("51 frames");
            assert_eq!(code(&error), Some(TrapCode::StackOverflow));
            down.call(&mut store, (49, None)).expect("the store is as usable as before");
        },
    );
}

#[test]
fn the_stack_limit_is_the_trap_of_an_exhausted_stack() {
    on_each_engine(
        |config| _ = config.max_wasm_stack(16 * 1024).max_call_depth(u32::MAX),
        |engine| {
            let (mut store, instance) = instance(engine, RECURSION);
            let down = instance
                .get_typed_func::<(i32, Option<whit_core::ExternRef>), i32>(&mut store, "down")
                .expect("exported");
            down.call(&mut store, (50, None)).expect("room");
            let error = down.call(&mut store, (1_000_000, None)).expect_err("no room");
            assert_eq!(code(&error), Some(TrapCode::StackOverflow));
            let backtrace = error.as_trap().and_then(|trap| trap.backtrace()).expect("frames");
            assert!(backtrace.omitted() > 0 && backtrace.frames().len() == 64);
        },
    );
}

#[test]
fn functions_with_very_many_locals_run() {
    let mut text = String::from("(module (func (export \"run\") (result i64)");
    for ty in ["i64", "v128", "externref"] {
        let _ = write!(text, "(local {})", [ty; 16_000].join(" "));
    }
    text.push_str("(local.set 15999 (i64.const 7)) (local.set 31999 (v128.const i64x2 5 6))");
    text.push_str("(i64.add (local.get 15999) (i64x2.extract_lane 1 (local.get 31999)))");
    text.push_str("(i64.add (i64.extend_i32_u (ref.is_null (local.get 47999))))))");
    on_each_engine(
        |_| (),
        |engine| {
            let (mut store, instance) = instance(engine, &text);
            let run = instance.get_typed_func::<(), i64>(&mut store, "run").expect("exported");
            assert_eq!(run.call(&mut store, ()).expect("room"), 14);
        },
    );
    on_each_engine(
        |config| _ = config.max_wasm_stack(128 * 1024),
        |engine| {
            let (mut store, instance) = instance(engine, &text);
            let run = instance.get_typed_func::<(), i64>(&mut store, "run").expect("exported");
            let error = run.call(&mut store, ()).expect_err("an oversized frame is an exhausted stack");
            assert_eq!(code(&error), Some(TrapCode::StackOverflow));
        },
    );
}

#[test]
fn a_host_function_may_return_more_than_it_takes() {
    // Called at every distance from the end of a small stack, which has to grow for the results.
    let text = r#"(module
        (import "h" "many" (func $many (param i32) (result i64 i64 i64 i64 i64 i64 i64 i64)))
        (func $down (export "down") (param $n i32) (result i64)
            (if (local.get $n) (then (return (i64.add (i64.const 1)
                (call $down (i32.sub (local.get $n) (i32.const 1)))))))
            (call $many (i32.const 3))
            (i64.add) (i64.add) (i64.add) (i64.add) (i64.add) (i64.add) (i64.add)))"#;
    type Eight = (i64, i64, i64, i64, i64, i64, i64, i64);
    on_each_engine(
        |_| (),
        |engine| {
            let mut linker = Linker::new(engine);
            linker
                .func_wrap("h", "many", |n: i32| -> Eight {
                    let n = i64::from(n);
                    (n, n, n, n, n, n, n, n)
                })
                .expect("defined");
            let module = module(engine, text);
            for depth in 0..150 {
                let mut store = Store::new(engine, ());
                let instance = linker.instantiate(&mut store, &module).expect("an instance");
                let down = instance.get_typed_func::<i32, i64>(&mut store, "down").expect("exported");
                assert_eq!(down.call(&mut store, depth).expect("room"), 24 + i64::from(depth));
            }
        },
    );
}
