//! Collections in the middle of running code: every reference a frame holds is a root.

use whit_core::{StoreLimits, TrapCode};

use crate::support::{code, instance, on_each_engine};

/// Builds lists while producing garbage, so that collections happen at every kind of place.
const LISTS: &str = r#"(module
    (type $list (struct (field $value i64) (field $next (ref null $list)) (field $wide v128)))
    (type $pair (struct (field $a (ref null $list)) (field $n i32) (field $b (ref null $list))))
    (type $lists (array (mut (ref null $list))))
    (global $kept (mut (ref null $list)) (ref.null $list))
    (table $table 4 (ref null $list))

    (func $node (param $value i64) (param $next (ref null $list)) (result (ref $list))
        (struct.new $list (local.get $value) (local.get $next) (v128.const i64x2 3 4)))
    (func $garbage (param $n i32)
        (loop $again
            (drop (call $node (i64.const -1) (call $node (i64.const -2) (ref.null $list))))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    ;; A list of n, made by recursion, with garbage made at every level while parameters and locals hold what is done.
    (func $build (param $n i64) (param $tail (ref null $list)) (result (ref null $list))
        (local $here (ref null $list))
        (if (i64.eqz (local.get $n)) (then (return (local.get $tail))))
        (local.set $here (call $node (local.get $n) (local.get $tail)))
        (call $garbage (i32.const 20))
        (call $build (i64.sub (local.get $n) (i64.const 1)) (local.get $here)))
    (func $sum (param $list (ref null $list)) (result i64) (local $sum i64)
        (block $end
            (loop $again
                (br_if $end (ref.is_null (local.get $list)))
                (local.set $sum (i64.add (local.get $sum) (struct.get $list $value (local.get $list))))
                (local.set $sum (i64.add (local.get $sum)
                    (i64x2.extract_lane 1 (struct.get $list $wide (local.get $list)))))
                (local.set $list (struct.get $list $next (local.get $list)))
                (br $again)))
        (local.get $sum))
    ;; Operands on the stack while other operands allocate: they are staged when the pair is made.
    (func (export "pair") (param $n i64) (result i64) (local $pair (ref null $pair))
        (local.set $pair (struct.new $pair
            (call $build (local.get $n) (ref.null $list))
            (i32.const 9)
            (call $build (local.get $n) (ref.null $list))))
        (call $garbage (i32.const 500))
        (i64.add
            (call $sum (struct.get $pair $a (local.get $pair)))
            (call $sum (struct.get $pair $b (local.get $pair)))))
    (func (export "array") (param $n i64) (result i64) (local $lists (ref null $lists)) (local $i i32) (local $sum i64)
        (local.set $lists (array.new_fixed $lists 3
            (call $build (local.get $n) (ref.null $list))
            (call $build (local.get $n) (ref.null $list))
            (call $build (local.get $n) (ref.null $list))))
        (call $garbage (i32.const 500))
        (loop $again
            (local.set $sum (i64.add (local.get $sum) (call $sum (array.get $lists (local.get $lists) (local.get $i)))))
            (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
        (local.get $sum))
    (func (export "global_and_table") (param $n i64) (result i64)
        (global.set $kept (call $build (local.get $n) (ref.null $list)))
        (table.set $table (i32.const 3) (call $build (local.get $n) (ref.null $list)))
        (call $garbage (i32.const 1000))
        (i64.add (call $sum (global.get $kept)) (call $sum (table.get $table (i32.const 3)))))
    (tag $thrown (param i32 (ref null $list) v128 i64))
    (func $throw (param $n i64)
        (throw $thrown (i32.const 5) (call $build (local.get $n) (ref.null $list)) (v128.const i64x2 7 8) (i64.const 11)))
    (func (export "exception") (param $n i64) (result i64)
        (local $wide v128) (local $list (ref null $list)) (local $i64 i64) (local $exn exnref)
        (block $caught (result i32 (ref null $list) v128 i64 exnref)
            (try_table (catch_ref $thrown $caught) (call $throw (local.get $n)))
            (unreachable))
        (local.set $exn) (local.set $i64) (local.set $wide) (local.set $list) (drop)
        (call $garbage (i32.const 500))
        (block $again (result i32 (ref null $list) v128 i64)
            (try_table (catch $thrown $again) (throw_ref (local.get $exn)))
            (unreachable))
        (local.set $i64 (i64.add (local.get $i64)))
        (i64x2.extract_lane 1)
        (local.set $i64 (i64.add (local.get $i64)))
        (call $sum)
        (i64.add (local.get $i64))
        (local.set $i64)
        (i64.extend_i32_u)
        (i64.add (local.get $i64))
        (i64.add (call $sum (local.get $list))))
    (func (export "keep_all") (param $n i64) (result i64)
        (call $sum (call $build (local.get $n) (ref.null $list)))))"#;

#[test]
fn what_frames_hold_survives() {
    // So little that there is a collection every few hundred objects.
    let limits = StoreLimits::new().heap_size(128 * 1024);
    on_each_engine(
        |config| _ = config.store_limits(limits),
        |engine| {
            let (mut store, instance) = instance(engine, LISTS);
            let mut call = |name: &str, n: i64| {
                let func = instance.get_typed_func::<i64, i64>(&mut store, name).expect("exported");
                func.call(&mut store, n).expect("there is room")
            };
            // The values and a lane of 4 for each node.
            let list = |n: i64| n * (n + 1) / 2 + 4 * n;
            for n in [1, 10, 300] {
                assert_eq!(call("pair", n), 2 * list(n), "pair of {n}");
                assert_eq!(call("array", n), 3 * list(n), "array of {n}");
                assert_eq!(call("global_and_table", n), 2 * list(n), "global and table of {n}");
                assert_eq!(call("exception", n), 2 * list(n) + 5 + 8 + 11 + 11, "exception of {n}");
            }
        },
    );
}

#[test]
fn a_full_heap_is_a_trap_and_can_be_used_again() {
    let limits = StoreLimits::new().heap_size(256 * 1024);
    on_each_engine(
        |config| _ = config.store_limits(limits),
        |engine| {
            let (mut store, instance) = instance(engine, LISTS);
            let keep = instance.get_typed_func::<i64, i64>(&mut store, "keep_all").expect("exported");
            let error = keep.call(&mut store, 100_000).expect_err("no room");
            assert_eq!(code(&error), Some(TrapCode::OutOfMemory));
            assert!(error.as_trap().and_then(|trap| trap.backtrace()).is_some());
            assert_eq!(keep.call(&mut store, 100).expect("all that was garbage"), 5050 + 400);
        },
    );
}
