//! What traps tell.

use whit_core::{CompilationMode, Engine, Instance, Module, Store, TrapCode, TrapFacts};

use crate::support::{instance, on_each_engine};

/// What a call traps with: the code, the facts, and each frame's function name and place.
type Told = (TrapCode, Option<TrapFacts>, Vec<(Option<String>, Option<u32>)>);

fn trap_of(engine: &Engine, text: &str, name: &str) -> Told {
    let (mut store, instance) = instance(engine, text);
    let func = instance.get_typed_func::<(), ()>(&mut store, name).expect("exported");
    let error = func.call(&mut store, ()).expect_err("a trap");
    let trap = error.as_trap().expect("a trap");
    let frames = trap.backtrace().expect("frames").frames().iter();
    let frames = frames.map(|frame| (frame.func_name().map(str::to_string), frame.module_offset())).collect();
    (trap.code(), trap.facts().cloned(), frames)
}

#[test]
fn an_access_out_of_bounds_tells_where() {
    let text = r#"(module
        (memory 1)
        (memory $large i64 1)
        (global $at (mut i32) (i32.const 70000))
        (func (export "constant") (drop (i32.load16_u offset=4 (i32.const 65533))))
        (func (export "register") (drop (f64.load offset=1 (i32.add (global.get $at) (i32.const 5)))))
        (func (export "store") (i64.store8 (i32.sub (i32.const 0) (global.get $at)) (i64.const 1)))
        (func (export "other") (drop (v128.load $large offset=0xffffffffff (i64.const 3)))))"#;
    on_each_engine(
        |_| (),
        |engine| {
            for (name, address, length) in [
                ("constant", 65537, 2),
                ("register", 70006, 8),
                ("store", u64::from(0_u32.wrapping_sub(70000)), 1),
                ("other", 0xff_ffff_ffff + 3, 16),
            ] {
                let (code, facts, _) = trap_of(engine, text, name);
                assert_eq!(code, TrapCode::MemoryOutOfBounds);
                assert_eq!(facts, Some(TrapFacts::Memory { address, length, size: 65536 }), "{name}");
            }
        },
    );
}

/// A branch back to a loop runs a copy of its header, and a load behind a step shares the step's op.
#[test]
fn what_traps_in_a_later_round_of_a_loop_tells_the_same_place() {
    let text = r#"(module
        (memory 1)
        (func $sum (param $p i32)
            (block $end
                (loop $next
                    (br_if $end (i32.load8_u (local.tee $p (i32.add (local.get $p) (i32.const 1)))))
                    (local.set $p (i32.sub (local.get $p) (i32.const 1)))
                    (local.set $p (i32.add (i32.shl (local.get $p) (i32.const 1)) (i32.const 1)))
                    (br $next))))
        (func (export "first") (call $sum (i32.const 65535)))
        (func (export "later") (call $sum (i32.const 0))))"#;
    on_each_engine(
        |_| (),
        |engine| {
            let [first, later] = ["first", "later"].map(|name| trap_of(engine, text, name));
            assert_eq!(first.0, TrapCode::MemoryOutOfBounds);
            assert_eq!(first.1, Some(TrapFacts::Memory { address: 65536, length: 1, size: 65536 }));
            assert_eq!((first.0, first.1, &first.2[0]), (later.0, later.1, &later.2[0]));
        },
    );
}

#[test]
fn an_indirect_call_tells_what_it_met() {
    let text = r#"(module
        (type $none (func)) (type $one (func (param i32)))
        (table 3 funcref)
        (elem (i32.const 1) $f)
        (func $f (param i32))
        (func (export "beyond") (call_indirect (type $none) (i32.add (i32.const 4) (table.size))))
        (func (export "null") (call_indirect (type $none) (i32.const 2)))
        (func (export "other") (call_indirect (type $none) (i32.const 1)))
        (func (export "get") (drop (table.get (i32.const 9)))))"#;
    on_each_engine(
        |_| (),
        |engine| {
            let facts = |name: &str| {
                let (code, facts, _) = trap_of(engine, text, name);
                (code, facts)
            };
            let table = |index| Some(TrapFacts::Table { index, size: 3 });
            assert_eq!(facts("beyond"), (TrapCode::UndefinedElement, table(7)));
            assert_eq!(facts("null"), (TrapCode::UninitializedElement, table(2)));
            assert_eq!(facts("get"), (TrapCode::TableOutOfBounds, table(9)));
            let types = TrapFacts::Type { expected: "(func)".into(), actual: "(func (param i32))".into() };
            assert_eq!(facts("other"), (TrapCode::IndirectCallTypeMismatch, Some(types)));
        },
    );
}

#[test]
fn a_failed_cast_tells_both_types() {
    let text = r#"(module
        (func (export "null") (drop (ref.cast (ref i31) (ref.null any))))
        (func (export "other") (drop (ref.cast (ref struct) (ref.i31 (i32.const 1))))))"#;
    on_each_engine(
        |_| (),
        |engine| {
            for (name, expected, actual) in [("null", "(ref i31)", "null"), ("other", "(ref struct)", "(ref i31)")] {
                let (code, facts, _) = trap_of(engine, text, name);
                assert_eq!(code, TrapCode::CastFailure);
                let types = TrapFacts::Type { expected: expected.into(), actual: actual.into() };
                assert_eq!(facts, Some(types), "{name}");
            }
        },
    );
}

#[test]
fn a_backtrace_has_the_frames_and_their_places() {
    let text = r#"(module
        (func $inner (param i32) (if (local.get 0) (then (unreachable))))
        (func $middle (param i32) (nop) (call $inner (local.get 0)) (nop))
        (func $outer (export "run") (call $inner (i32.const 0)) (call $middle (i32.const 1))))"#;
    let wasm = wat::parse_str(text).expect("well formed");
    on_each_engine(
        |_| (),
        |engine| {
            let (code, _, frames) = trap_of(engine, text, "run");
            assert_eq!(code, TrapCode::Unreachable);
            let names: Vec<_> = frames.iter().map(|(name, _)| name.as_deref()).collect();
            assert_eq!(names, [Some("inner"), Some("middle"), Some("outer")]);
            let opcodes: Vec<_> = frames.iter().map(|(_, offset)| wasm[offset.expect("known") as usize]).collect();
            // `unreachable`, `call`, `call`; and of the two calls in `outer` the second.
            assert_eq!(opcodes, [0x00, 0x10, 0x10]);
            let outer = frames[2].1.expect("known") as usize;
            assert_eq!(wasm[outer + 1], 1, "calls function 1");
        },
    );
}

#[test]
fn an_invalid_body_traps_when_it_is_called_first() {
    let text = r#"(module
        (func $bad (result i32) (i64.const 1))
        (func (export "good") (result i32) (i32.const 1))
        (func (export "run") (drop (call $bad))))"#;
    on_each_engine(
        |config| _ = config.compilation_mode(CompilationMode::Lazy),
        |engine| {
            let module = Module::new(engine, wat::parse_str(text).expect("well formed")).expect("not looked at yet");
            let mut store = Store::new(engine, ());
            let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
            let good = instance.get_typed_func::<(), i32>(&mut store, "good").expect("exported");
            let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect("exported");
            for _ in 0..2 {
                let error = run.call(&mut store, ()).expect_err("invalid");
                let trap = error.as_trap().expect("a trap");
                assert_eq!(trap.code(), TrapCode::InvalidFunction);
                assert!(trap.validation_error().is_some_and(|error| error.message().contains("type mismatch")));
                let frames = trap.backtrace().expect("frames").frames();
                assert_eq!(frames[0].func_name(), Some("bad"));
                assert_eq!(good.call(&mut store, ()).expect("valid"), 1);
            }
        },
    );
}
