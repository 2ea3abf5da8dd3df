//! Bulk operations: bounds before effects, pieces, fuel.

use whit_core::{Progress, TrapCode, TrapFacts};

use crate::support::{code, instance, on_each_engine};

const BULK: &str = r#"(module
    (memory (export "memory") 64)
    (table $table (export "table") 200000 funcref)
    (func $f)
    (elem declare func $f)
    (data $bytes "0123456789")
    (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
    (func (export "init") (param i32 i32 i32) (memory.init $bytes (local.get 0) (local.get 1) (local.get 2)))
    (func (export "drop") (data.drop $bytes))
    (func (export "fill_table") (param i32 i32)
        (table.fill $table (local.get 0) (ref.func $f) (local.get 1)))
    (func (export "is_null") (param i32) (result i32) (ref.is_null (table.get $table (local.get 0)))))"#;

#[test]
fn a_long_operation_is_left_between_pieces_and_costs_the_same() {
    const LEN: u32 = 1_000_000;
    on_each_engine(
        |config| _ = config.consume_fuel(true),
        |engine| {
            for (dst, src) in [(1_000_003_u32, 1000_u32), (500_000, 1000), (1000, 500_000)] {
                let run = |fuel_at_a_time: u64| {
                    let (mut store, instance) = instance(engine, BULK);
                    let memory = instance.get_memory(&mut store, "memory").expect("exported");
                    for (at, byte) in memory.data_mut(&mut store).iter_mut().enumerate() {
                        *byte = (at * 7 / 3) as u8;
                    }
                    let copy = instance.get_typed_func::<(u32, u32, u32), ()>(&mut store, "copy").expect("exported");
                    let mut execution = copy.start(&mut store, (dst, src, LEN)).expect("started");
                    let (mut given, mut left) = (0, 0);
                    store.set_fuel(0).expect("counted");
                    loop {
                        match execution.resume(&mut store).expect("no trap") {
                            Progress::Done(()) => break,
                            Progress::OutOfFuel => left += 1,
                            other => panic!("{other:?}"),
                        }
                        let fuel = store.get_fuel().expect("counted") + fuel_at_a_time;
                        given += fuel_at_a_time;
                        store.set_fuel(fuel).expect("counted");
                    }
                    let used = given - store.get_fuel().expect("counted");
                    (memory.data(&store).to_vec(), used, left)
                };
                let (at_once, used, left) = run(1_000_000_000);
                let expected = |at: usize| (at * 7 / 3) as u8;
                let inside = dst as usize..(dst + LEN) as usize;
                assert!(at_once.iter().enumerate().all(|(at, byte)| {
                    *byte
                        == if inside.contains(&at) { expected(at - dst as usize + src as usize) } else { expected(at) }
                }));
                assert_eq!(left, 1);
                let (in_pieces, used_in_pieces, left) = run(1100);
                assert!(left > 10, "left {left} times");
                assert!(in_pieces == at_once, "the copy is the same");
                assert_eq!(used_in_pieces, used);
                assert!(used >= u64::from(LEN) / 64);
            }
        },
    );
}

#[test]
fn a_fill_that_does_not_fit_has_no_effect() {
    on_each_engine(
        |_| (),
        |engine| {
            let (mut store, instance) = instance(engine, BULK);
            let memory = instance.get_memory(&mut store, "memory").expect("exported");
            let size = memory.data_size(&store) as u32;
            let fill = instance.get_typed_func::<(u32, u32, u32), ()>(&mut store, "fill").expect("exported");
            let error = fill.call(&mut store, (1, 7, size)).expect_err("one byte too many");
            assert_eq!(code(&error), Some(TrapCode::MemoryOutOfBounds));
            let facts = TrapFacts::Memory { address: 1, length: size.into(), size: size.into() };
            assert_eq!(error.as_trap().and_then(|trap| trap.facts()), Some(&facts));
            assert!(memory.data(&store).iter().all(|byte| *byte == 0));
            fill.call(&mut store, (0, 7, size)).expect("it fits");
            assert!(memory.data(&store).iter().all(|byte| *byte == 7));
            fill.call(&mut store, (size, 7, 0)).expect("nothing fits at the end");
            fill.call(&mut store, (size + 1, 7, 0)).expect_err("nothing does not fit behind it");
        },
    );
}

#[test]
fn a_dropped_segment_is_empty() {
    on_each_engine(
        |_| (),
        |engine| {
            let (mut store, instance) = instance(engine, BULK);
            let memory = instance.get_memory(&mut store, "memory").expect("exported");
            let init = instance.get_typed_func::<(u32, u32, u32), ()>(&mut store, "init").expect("exported");
            init.call(&mut store, (5, 2, 4)).expect("inside");
            assert_eq!(memory.data(&store)[4..10], *b"\x002345\0");
            init.call(&mut store, (5, 7, 4)).expect_err("beyond the segment");
            instance
                .get_typed_func::<(), ()>(&mut store, "drop")
                .expect("exported")
                .call(&mut store, ())
                .expect("dropped");
            init.call(&mut store, (5, 0, 1)).expect_err("empty now");
            init.call(&mut store, (5, 0, 0)).expect("nothing of nothing");
        },
    );
}

#[test]
fn tables_are_filled_piece_by_piece() {
    on_each_engine(
        |_| (),
        |engine| {
            let (mut store, instance) = instance(engine, BULK);
            let fill = instance.get_typed_func::<(u32, u32), ()>(&mut store, "fill_table").expect("exported");
            let is_null = instance.get_typed_func::<u32, i32>(&mut store, "is_null").expect("exported");
            fill.call(&mut store, (10, 199_990)).expect("inside");
            for (index, null) in [(0, 1), (9, 1), (10, 0), (70_000, 0), (199_999, 0)] {
                assert_eq!(is_null.call(&mut store, index).expect("inside"), null, "{index}");
            }
            let error = fill.call(&mut store, (11, 199_990)).expect_err("one too many");
            assert_eq!(code(&error), Some(TrapCode::TableOutOfBounds));
        },
    );
}

#[test]
fn memories_of_different_index_types_copy_into_each_other() {
    let text = r#"(module
        (memory $small 1)
        (memory $large i64 1)
        (data (memory $small) (i32.const 0) "abcdef")
        (func (export "there") (param i64 i32 i32) (memory.copy $large $small (local.get 0) (local.get 1) (local.get 2)))
        (func (export "back") (param i32 i64 i32) (memory.copy $small $large (local.get 0) (local.get 1) (local.get 2)))
        (func (export "load") (param i32) (result i32) (i32.load8_u $small (local.get 0))))"#;
    on_each_engine(
        |_| (),
        |engine| {
            let (mut store, instance) = instance(engine, text);
            let there = instance.get_typed_func::<(u64, u32, u32), ()>(&mut store, "there").expect("exported");
            let back = instance.get_typed_func::<(u32, u64, u32), ()>(&mut store, "back").expect("exported");
            let load = instance.get_typed_func::<u32, u32>(&mut store, "load").expect("exported");
            there.call(&mut store, (100, 1, 4)).expect("inside");
            back.call(&mut store, (200, 101, 3)).expect("inside");
            let loaded: Vec<u32> = (199..204).map(|at| load.call(&mut store, at).expect("inside")).collect();
            assert_eq!(loaded, [0, b'c'.into(), b'd'.into(), b'e'.into(), 0]);
            there.call(&mut store, (1 << 40, 1, 4)).expect_err("beyond");
            there.call(&mut store, (u64::MAX, 0, 1)).expect_err("beyond 64 bits");
        },
    );
}
