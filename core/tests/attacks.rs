//! Hostile modules: the part of the attack list that is about processor and memory (docs/security.md). Each ends with the expected error, in
//! bounded time and memory, and leaves the store usable.

#[path = "driver/support.rs"]
mod support;

use whit_core::{
    Caller, Engine, Error, ErrorKind, Instance, Linker, Module, ModuleLimits, Progress, Store, StoreLimits, TrapCode,
    Val,
};

use support::{code, instance, module, on_each_engine};

/// Bodies, of functions without parameters and results, that never end.
const ENDLESS: &[(&str, &str)] = &[
    ("a loop", "(loop $again (br $again))"),
    ("a loop on a condition", "(loop $again (br_if $again (i32.const 1)))"),
    ("a loop in a loop", "(loop $outer (loop $inner (br_if $inner (i32.const 0)) (br $outer)))"),
    ("a branch table", "(loop $again (br_table $again $again (i32.const 7)))"),
    ("tail calls", "(return_call $self)"),
    ("indirect tail calls", "(return_call_indirect (type $f) (i32.const 0))"),
    ("tail calls by reference", "(return_call_ref $f (ref.func $self))"),
    ("a loop in a handler", "(loop $again (try_table (catch_all $again) (throw $e)))"),
    ("allocations", "(loop $again (drop (array.new_default $a (i32.const 100))) (br $again))"),
    ("growing by nothing", "(loop $again (drop (memory.grow (i32.const 0))) (br $again))"),
    ("empty bulk operations", "(loop $again (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)) (br $again))"),
];

fn endless(body: &str, start: &str) -> String {
    format!(
        r#"(module (type $f (func)) (type $a (array (mut i8))) (tag $e) (memory 1)
            (table 1 funcref) (elem (i32.const 0) $self)
            (func $self (export "f") (type $f) {body})
            (func (export "ok") (result i32) (i32.const 1)) {start})"#
    )
}

#[test]
fn endless_functions_end_by_fuel_and_by_the_epoch() {
    for (name, body) in ENDLESS {
        on_each_engine(
            |config| _ = config.consume_fuel(true),
            |engine| {
                let (mut store, instance) = instance(engine, &endless(body, ""));
                let f = instance.get_typed_func::<(), ()>(&store, "f").expect("exported");
                store.set_fuel(20_000).expect("counted");
                let error = f.call(&mut store, ()).expect_err("endless");
                assert_eq!(code(&error), Some(TrapCode::OutOfFuel), "{name}");
                store.set_fuel(100).expect("counted");
                let ok = instance.get_typed_func::<(), i32>(&store, "ok").expect("exported");
                assert_eq!(ok.call(&mut store, ()).expect("the store is as it was"), 1, "{name}");
            },
        );
        on_each_engine(
            |config| _ = config.epoch_interruption(true),
            |engine| {
                let (mut store, instance) = instance(engine, &endless(body, ""));
                let f = instance.get_typed_func::<(), ()>(&store, "f").expect("exported");
                // The deadline passes while the guest runs.
                store.set_epoch_deadline(1);
                let ticker = std::thread::spawn({
                    let engine = engine.clone();
                    move || {
                        std::thread::sleep(std::time::Duration::from_millis(2));
                        engine.increment_epoch();
                    }
                });
                let error = f.call(&mut store, ()).expect_err("endless");
                assert_eq!(code(&error), Some(TrapCode::Interrupted), "{name}");
                ticker.join().expect("it only sleeps");
            },
        );
    }
}

#[test]
fn endless_start_functions_end_too() {
    for (name, body) in ENDLESS {
        on_each_engine(
            |config| _ = config.consume_fuel(true),
            |engine| {
                let module = module(engine, &endless(body, "(start $self)"));
                let mut store = Store::new(engine, ());
                store.set_fuel(20_000).expect("counted");
                let error = Instance::new(&mut store, &module, &[]).expect_err("endless");
                assert_eq!(code(&error), Some(TrapCode::OutOfFuel), "{name}");
            },
        );
        on_each_engine(
            |config| _ = config.epoch_interruption(true),
            |engine| {
                let module = module(engine, &endless(body, "(start $self)"));
                let mut store = Store::new(engine, ());
                store.set_epoch_deadline(0);
                let error = Instance::new(&mut store, &module, &[]).expect_err("endless");
                assert_eq!(code(&error), Some(TrapCode::Interrupted), "{name}");
            },
        );
    }
}

#[test]
fn endless_recursion_exhausts_the_guests_stack_only() {
    let bodies = [
        ("a direct call", "(call $self)"),
        ("an indirect call", "(call_indirect (type $f) (i32.const 0))"),
        ("a call by reference", "(call_ref $f (ref.func $self))"),
        // Exhaustion is no exception: nothing catches it.
        ("a call in a handler", "(block $h (try_table (catch_all $h) (call $self)))"),
    ];
    for (name, body) in bodies {
        on_each_engine(
            |_| (),
            |engine| {
                let (mut store, instance) = instance(engine, &endless(body, ""));
                let f = instance.get_typed_func::<(), ()>(&store, "f").expect("exported");
                let error = f.call(&mut store, ()).expect_err("endless");
                assert_eq!(code(&error), Some(TrapCode::StackOverflow), "{name}");
                let ok = instance.get_typed_func::<(), i32>(&store, "ok").expect("exported");
                assert_eq!(ok.call(&mut store, ()).expect("the store is as it was"), 1, "{name}");
            },
        );
    }
}

#[test]
fn guest_and_host_calling_each_other_exhaust_neither_stack() {
    on_each_engine(
        |_| (),
        |engine| {
            let mut linker = Linker::new(engine);
            linker
                .func_wrap("host", "ping", |mut caller: Caller<'_, u32>| -> Result<(), Error> {
                    *caller.data_mut() += 1;
                    let pong = caller.get_export("pong").and_then(|pong| pong.into_func());
                    pong.ok_or_else(|| Error::msg("no pong"))?.call(&mut caller, &[], &mut [])
                })
                .expect("the first of its name");
            let module =
                module(engine, r#"(module (import "host" "ping" (func $ping)) (func (export "pong") (call $ping)))"#);
            let mut store = Store::new(engine, 0);
            let instance = linker.instantiate(&mut store, &module).expect("an instance");
            let pong = instance.get_typed_func::<(), ()>(&store, "pong").expect("exported");
            let error = pong.call(&mut store, ()).expect_err("endless");
            assert_eq!(code(&error), Some(TrapCode::StackOverflow));
            assert!((10..1000).contains(store.data()), "{} levels", store.data());
        },
    );
}

#[test]
fn two_instances_calling_each_other_exhaust_the_guests_stack_only() {
    on_each_engine(
        |_| (),
        |engine| {
            let table = module(engine, r#"(module (table (export "t") 2 funcref))"#);
            let player = |own: u32, other: u32| {
                format!(
                    r#"(module (type $f (func)) (import "" "t" (table 2 funcref))
                    (elem (i32.const {own}) func $f)
                    (func $f (export "f") (call_indirect (type $f) (i32.const {other}))))"#
                )
            };
            let mut store = Store::new(engine, ());
            let table = Instance::new(&mut store, &table, &[]).expect("an instance");
            let table = table.get_table(&store, "t").expect("exported");
            let mut last = None;
            for (own, other) in [(0, 1), (1, 0)] {
                let module = module(engine, &player(own, other));
                last = Some(Instance::new(&mut store, &module, &[table.into()]).expect("an instance"));
            }
            let f = last.and_then(|last| last.get_func(&store, "f")).expect("exported");
            let error = f.call(&mut store, &[], &mut []).expect_err("endless");
            assert_eq!(code(&error), Some(TrapCode::StackOverflow));
        },
    );
}

#[test]
fn a_bulk_operation_ends_in_the_middle() {
    const TEXT: &str = r#"(module (import "host" "tick" (func $tick))
        (memory (export "m") 320)
        (func (export "fill") (call $tick)
            (memory.fill (i32.const 0) (i32.const 1) (i32.const 20000000)))
        (func (export "copy") (call $tick)
            (memory.copy (i32.const 0) (i32.const 10000000) (i32.const 10000000))))"#;
    let run = |engine: &Engine, name: &str, fuel: Option<u64>| {
        let mut linker = Linker::new(engine);
        let ticking = engine.clone();
        linker.func_wrap("host", "tick", move || ticking.increment_epoch()).expect("the first of its name");
        let mut store = Store::new(engine, ());
        let instance = linker.instantiate(&mut store, &module(engine, TEXT)).expect("an instance");
        if let Some(fuel) = fuel {
            store.set_fuel(fuel).expect("counted");
        }
        let memory = instance.get_memory(&store, "m").expect("exported");
        memory.data_mut(&mut store)[10_000_000..].fill(1);
        store.set_epoch_deadline(1);
        let f = instance.get_func(&store, name).expect("exported");
        let error = f.call(&mut store, &[], &mut []).expect_err("stopped");
        let done = memory.data(&store)[..10_000_000].iter().filter(|byte| **byte == 1).count();
        (code(&error), done)
    };
    for name in ["fill", "copy"] {
        on_each_engine(
            |config| _ = config.epoch_interruption(true),
            |engine| {
                let (code, done) = run(engine, name, None);
                assert_eq!(code, Some(TrapCode::Interrupted), "{name}");
                assert!(done < 1_000_000, "{name} has done {done} bytes");
            },
        );
        on_each_engine(
            |config| _ = config.consume_fuel(true),
            |engine| {
                let (code, done) = run(engine, name, Some(20_000));
                assert_eq!(code, Some(TrapCode::OutOfFuel), "{name}");
                assert!((1..=64 * 20_000).contains(&done), "{name} has done {done} bytes");
            },
        );
    }
}

/// LEB128.
fn leb(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

/// A section, or anything else that begins with its size.
fn sized(id: Option<u8>, contents: &[u8]) -> Vec<u8> {
    [id.as_slice(), &leb(contents.len() as u64), contents].concat()
}

fn binary(sections: &[Vec<u8>]) -> Vec<u8> {
    [&b"\0asm\x01\0\0\0"[..], &sections.concat()].concat()
}

/// A module with one function, exported as `f`, without parameters and with an `i32` result.
fn with_body(locals: &[u8], instructions: &[u8]) -> Vec<u8> {
    let body = [locals, instructions, &[0x0b]].concat();
    binary(&[
        sized(Some(1), &[1, 0x60, 0, 1, 0x7f]),
        sized(Some(3), &[1, 0]),
        sized(Some(7), &[1, 1, b'f', 0, 0]),
        sized(Some(10), &[&[1][..], &sized(None, &body)].concat()),
    ])
}

/// Calls `f` of a module made by [`with_body`].
fn call(engine: &Engine, bytes: &[u8]) -> Result<i32, Error> {
    let module = Module::new(engine, bytes.to_vec())?;
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    instance.get_typed_func::<(), i32>(&store, "f").expect("exported").call(&mut store, ())
}

const NO_LOCALS: &[u8] = &[0];

#[test]
fn blocks_in_blocks_are_as_deep_as_a_body_is_long() {
    const DEPTH: usize = 100_000;
    let depth = leb(DEPTH as u64 - 1);
    let nested = |open: &[u8], inside: &[u8]| -> Vec<u8> {
        let mut body = open.repeat(DEPTH);
        body.extend_from_slice(inside);
        body.extend(vec![0x0b; DEPTH]);
        body
    };
    let seven = [0x41, 7];
    on_each_engine(
        |_| (),
        |engine| {
            // block … end, block (result i32) … end, loop, if: all but the last branch from the innermost to the outermost.
            let out = [&[0x0c][..], &depth].concat();
            let body = [nested(&[0x02, 0x40], &out), seven.to_vec()].concat();
            assert_eq!(call(engine, &with_body(NO_LOCALS, &body)).expect("it runs"), 7);
            let body = nested(&[0x02, 0x7f], &[&seven[..], &out].concat());
            assert_eq!(call(engine, &with_body(NO_LOCALS, &body)).expect("it runs"), 7);
            let body = nested(&[0x03, 0x7f], &seven);
            assert_eq!(call(engine, &with_body(NO_LOCALS, &body)).expect("it runs"), 7);
            let body = [nested(&[0x41, 1, 0x04, 0x40], &[]), seven.to_vec()].concat();
            assert_eq!(call(engine, &with_body(NO_LOCALS, &body)).expect("it runs"), 7);
            // try_table without handlers.
            let body = [nested(&[0x1f, 0x40, 0], &[]), seven.to_vec()].concat();
            assert_eq!(call(engine, &with_body(NO_LOCALS, &body)).expect("it runs"), 7);
            // Where nothing is reachable.
            let body = [seven.to_vec(), vec![0x0f], nested(&[0x02, 0x40], &out), seven.to_vec()].concat();
            assert_eq!(call(engine, &with_body(NO_LOCALS, &body)).expect("it runs"), 7);
        },
    );
}

#[test]
fn a_branch_table_may_be_long_but_not_endless() {
    on_each_engine(
        |_| (),
        |engine| {
            let table = |labels: u64| {
                // block (br_table 0 … 0 1) end: every label but the default leaves the block.
                let mut body = vec![0x41, 3, 0x02, 0x40, 0x41, 5, 0x0e];
                body.extend(leb(labels));
                body.extend(vec![0; labels as usize]);
                body.extend([0, 0x0b]);
                with_body(NO_LOCALS, &body)
            };
            assert_eq!(call(engine, &table(1_000_000)).expect("it runs"), 3);
            let error = Module::new(engine, table(8_000_000)).expect_err("longer than any body");
            assert!(matches!(error.kind(), ErrorKind::Parse | ErrorKind::Validation), "{error}");
            // It says that it is long, and is not.
            let body = [&[0x41, 5, 0x0e][..], &leb(u32::MAX.into())].concat();
            let error = Module::new(engine, with_body(NO_LOCALS, &body)).expect_err("too short");
            assert!(matches!(error.kind(), ErrorKind::Parse | ErrorKind::Validation), "{error}");
        },
    );
}

#[test]
fn thousands_of_locals_run() {
    on_each_engine(
        |_| (),
        |engine| {
            // The first, one in the middle and the last of 50,000: the second and third are far from the frame's beginning.
            let last = leb(49_999);
            let middle = leb(30_000);
            let locals = [&[1][..], &leb(50_000), &[0x7f]].concat();
            let mut body = Vec::new();
            for (number, index) in [(3, &leb(0)), (4, &middle), (5, &last)] {
                body.extend([0x41, number, 0x21]);
                body.extend(index);
            }
            // local.get 0 + 8 * local.get middle … as additions: 3 + 4 + 5 + an untouched one.
            for (position, index) in [leb(0), middle.clone(), last.clone(), leb(40_000)].iter().enumerate() {
                body.push(0x20);
                body.extend(index);
                if position > 0 {
                    body.push(0x6a);
                }
            }
            assert_eq!(call(engine, &with_body(&locals, &body)).expect("it runs"), 12);

            // 20,000 vectors: v128.const into the last, its lane 2, plus the lane of an untouched one.
            let last = leb(19_999);
            let locals = [&[1][..], &leb(20_000), &[0x7b]].concat();
            let mut body = vec![0xfd, 0x0c];
            body.extend([1, 0, 0, 0, 2, 0, 0, 0, 30, 0, 0, 0, 4, 0, 0, 0, 0x21]);
            body.extend(&last);
            body.push(0x20);
            body.extend(&last);
            body.extend([0xfd, 0x1b, 2, 0x20]);
            body.extend(leb(15_000));
            body.extend([0xfd, 0x1b, 2, 0x6a]);
            assert_eq!(call(engine, &with_body(&locals, &body)).expect("it runs"), 30);

            for locals in [50_001, u64::from(u32::MAX)] {
                let locals = [&[1][..], &leb(locals), &[0x7f]].concat();
                let error = Module::new(engine, with_body(&locals, &[0x41, 0])).expect_err("too many");
                assert!(matches!(error.kind(), ErrorKind::Parse | ErrorKind::Validation), "{error}");
            }
        },
    );
}

#[test]
fn an_operand_stack_as_high_as_a_body_is_long_is_an_exhausted_stack_at_the_call() {
    const HEIGHT: usize = 1_200_000;
    on_each_engine(
        |_| (),
        |engine| {
            // Results of memory.size are no constants, so each takes a slot: 9.6 MB of them, of 8 MiB.
            let mut body = [0x3f, 0].repeat(HEIGHT);
            body.extend(vec![0x6a; HEIGHT - 1]);
            let code_section = [&[0][..], &body, &[0x0b]].concat();
            let bytes = binary(&[
                sized(Some(1), &[1, 0x60, 0, 1, 0x7f]),
                sized(Some(3), &[1, 0]),
                sized(Some(5), &[1, 0, 1]),
                sized(Some(7), &[1, 1, b'f', 0, 0]),
                sized(Some(10), &[&[1][..], &sized(None, &code_section)].concat()),
            ]);
            let error = call(engine, &bytes).expect_err("too high");
            assert_eq!(code(&error), Some(TrapCode::StackOverflow));
        },
    );
}

#[test]
fn growing_for_ever_reaches_a_limit() {
    let text = r#"(module (memory 1) (table 1 externref)
        (type $list (struct (field (ref null $list)) (field i64)))
        (type $bytes (array (mut i8)))
        (global $keep (mut (ref null $list)) (ref.null $list))
        (func (export "memory") (result i32) (local i32)
            (loop $again
                (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (return (memory.size))))
                (br $again))
            (i32.const 0))
        (func (export "table") (result i32)
            (loop $again
                (if (i32.eq (table.grow (ref.null extern) (i32.const 100)) (i32.const -1)) (then (return (table.size))))
                (br $again))
            (i32.const 0))
        (func (export "objects") (result i32)
            (loop $again (global.set $keep (struct.new $list (global.get $keep) (i64.const 1))) (br $again))
            (i32.const 0))
        (func (export "array") (result i32) (array.len (array.new_default $bytes (i32.const -1))))
        (func (export "arrays") (result i32) (array.len (array.new_default $bytes (i32.const 0x7fffffff)))))"#;
    on_each_engine(
        |config| {
            let limits = StoreLimits::new().memory_size(64 * 65536).table_elements(1000).heap_size(1 << 20);
            config.store_limits(limits);
        },
        |engine| {
            let (mut store, instance) = instance(engine, text);
            let mut call = |name: &str| {
                let mut results = [Val::I32(0)];
                let f = instance.get_func(&store, name).expect("exported");
                f.call(&mut store, &[], &mut results).map(|()| results[0].unwrap_i32())
            };
            assert_eq!(call("memory").expect("no trap"), 64);
            assert_eq!(call("table").expect("no trap"), 901);
            for name in ["objects", "array", "arrays"] {
                let error = call(name).expect_err("no room");
                let expected = [TrapCode::OutOfMemory, TrapCode::AllocationTooLarge];
                assert!(
                    code(&error).is_some_and(|code| expected.contains(&code))
                        || matches!(error.kind(), ErrorKind::OutOfMemory | ErrorKind::Limit),
                    "{name}: {error}"
                );
            }
        },
    );
}

#[test]
fn gigantic_memories_and_tables_cannot_be_had() {
    on_each_engine(
        |_| (),
        |engine| {
            for text in [
                "(module (memory i64 0x1000000000000))",
                "(module (memory i64 0x100000000))",
                "(module (table i64 0x1000000000000000 funcref))",
                "(module (table 0xffffffff funcref))",
                "(module (table 0x20000000 externref))",
            ] {
                let error = match Module::new(engine, wat::parse_str(text).expect("well formed")) {
                    Ok(module) => Instance::new(&mut Store::new(engine, ()), &module, &[]).expect_err("too large"),
                    Err(error) => error,
                };
                let expected = [ErrorKind::Limit, ErrorKind::OutOfMemory, ErrorKind::Parse, ErrorKind::Validation];
                assert!(expected.contains(&error.kind()), "{text}: {:?} {error}", error.kind());
            }
            let (mut store, instance) = instance(
                engine,
                r#"(module (memory i64 1) (table i64 1 funcref)
                    (func (export "memory") (param i64) (result i64) (memory.grow (local.get 0)))
                    (func (export "table") (param i64) (result i64) (table.grow (ref.null func) (local.get 0)))
                    (func (export "load") (param i64) (result i64) (i64.load offset=0xffffffffffffffff (local.get 0)))
                    (func (export "get") (param i64) (result i64)
                        (i64.extend_i32_u (ref.is_null (table.get (local.get 0)))))
                    (func (export "fill") (param i64) (result i64)
                        (memory.fill (i64.const 1) (i32.const 0) (local.get 0)) (i64.const 0))
                    (func (export "size") (param i64) (result i64) (i64.add (memory.size) (table.size))))"#,
            );
            let mut call = |name: &str, argument: i64| {
                let f = instance.get_typed_func::<i64, i64>(&store, name).expect("exported");
                f.call(&mut store, argument)
            };
            for delta in [-1, i64::MIN, 1 << 60, 1 << 48, 0xffff_ffff_ffff, 1 << 32] {
                assert_eq!(call("memory", delta).expect("no trap"), -1, "{delta:#x}");
                assert_eq!(call("table", delta).expect("no trap"), -1, "{delta:#x}");
            }
            for address in [0, 1, -1, i64::MAX, i64::MIN, 65_536] {
                let error = call("load", address).expect_err("outside");
                assert_eq!(code(&error), Some(TrapCode::MemoryOutOfBounds), "{address:#x}");
            }
            for index in [1, 1 << 32, -1, i64::MIN] {
                assert_eq!(code(&call("get", index).expect_err("outside")), Some(TrapCode::TableOutOfBounds));
                if index != 1 {
                    assert_eq!(code(&call("fill", index).expect_err("outside")), Some(TrapCode::MemoryOutOfBounds));
                }
            }
            assert_eq!(call("size", 0).expect("no trap"), 2, "nothing has grown");
        },
    );
}

#[test]
fn a_memory_that_grows_while_it_is_used_is_used_where_it_went() {
    // The same instance under one call: through a callee, and through another instance that imports the memory.
    let owner = r#"(module (memory (export "m") 1)
        (func $grow (export "grow") (result i32) (memory.grow (i32.const 30)))
        (func (export "f") (param i32) (result i32)
            (i32.store (i32.const 16) (i32.const 77))
            (drop (call $grow))
            (i32.store (i32.const 1000000) (local.get 0))
            (i32.add (i32.load (i32.const 16)) (i32.load (i32.const 1000000)))))"#;
    let user = r#"(module (import "owner" "m" (memory 1)) (import "owner" "grow" (func $grow (result i32)))
        (import "host" "grow" (func $host))
        (func (export "f") (param i32) (result i32)
            (i32.store (i32.const 16) (i32.const 77))
            (drop (call $grow))
            (i32.store (i32.const 1000000) (local.get 0))
            (call $host)
            (i32.store (i32.const 3000000) (local.get 0))
            (i32.add (i32.load (i32.const 16)) (i32.load (i32.const 3000000)))))"#;
    on_each_engine(
        |_| (),
        |engine| {
            let mut linker = Linker::new(engine);
            let mut store = Store::new(engine, None);
            let owner = linker.instantiate(&mut store, &module(engine, owner)).expect("an instance");
            linker.instance(&mut store, "owner", owner).expect("new names");
            *store.data_mut() = owner.get_memory(&store, "m");
            linker
                .func_wrap("host", "grow", |mut caller: Caller<'_, Option<whit_core::Memory>>| -> Result<(), Error> {
                    let memory = caller.data().ok_or_else(|| Error::msg("no memory"))?;
                    memory.grow(&mut caller, 100).map(|_| ())
                })
                .expect("the first of its name");
            let f = owner.get_typed_func::<i32, i32>(&store, "f").expect("exported");
            assert_eq!(f.call(&mut store, 5).expect("inside"), 82);
            let user = linker.instantiate(&mut store, &module(engine, user)).expect("an instance");
            let f = user.get_typed_func::<i32, i32>(&store, "f").expect("exported");
            assert_eq!(f.call(&mut store, 6).expect("inside"), 83);
        },
    );
}

#[test]
fn a_segment_out_of_bounds_keeps_the_start_function_from_running() {
    let memory = r#"(module (import "host" "started" (func $started))
        (import "m" "m" (memory 1)) (import "m" "t" (table 1 funcref))"#;
    for (segments, expected) in [
        (r#"(data (i32.const 0) "a") (data (i32.const 65536) "b")"#, TrapCode::MemoryOutOfBounds),
        (r#"(data (i32.const 0) "a") (data (i32.const -1) "b")"#, TrapCode::MemoryOutOfBounds),
        (r#"(elem (i32.const 1) $started) (data (i32.const 0) "z")"#, TrapCode::TableOutOfBounds),
    ] {
        on_each_engine(
            |_| (),
            |engine| {
                let mut linker = Linker::new(engine);
                linker
                    .func_wrap("host", "started", |mut caller: Caller<'_, u32>| *caller.data_mut() += 1)
                    .expect("the first of its name");
                let mut store = Store::new(engine, 0);
                let text = r#"(module (memory (export "m") 1) (table (export "t") 1 funcref))"#;
                let shared = linker.instantiate(&mut store, &module(engine, text)).expect("an instance");
                linker.instance(&mut store, "m", shared).expect("new names");
                let module = module(engine, &format!("{memory} {segments} (start $started))"));
                let error = linker.instantiate(&mut store, &module).expect_err("out of bounds");
                assert_eq!(code(&error), Some(expected), "{segments}");
                assert_eq!(*store.data(), 0, "{segments}: the start function has not run");
                // Segments before the one that does not fit stay written, those after it are not.
                let first = shared.get_memory(&store, "m").expect("exported").data(&store)[0];
                let written = if expected == TrapCode::MemoryOutOfBounds { b'a' } else { 0 };
                assert_eq!(first, written, "{segments}");
            },
        );
    }
}

#[test]
fn counts_and_sizes_that_lie_are_malformed() {
    let engine = Engine::default();
    let count = leb(u32::MAX.into());
    let long_name = vec![b'n'; 100_001];
    let mut cases: Vec<(String, Vec<u8>)> = (1..=13_u8)
        .filter(|id| *id != 8)
        .flat_map(|id| {
            [
                (format!("section {id} with 2³²-1 items"), binary(&[sized(Some(id), &count)])),
                (format!("section {id} of 2³²-1 bytes"), binary(&[[&[id][..], &count].concat()])),
            ]
        })
        .collect();
    cases.extend([
        ("a type with 2³²-1 parameters".into(), binary(&[sized(Some(1), &[&[1, 0x60][..], &count].concat())])),
        ("a struct with 2³²-1 fields".into(), binary(&[sized(Some(1), &[&[1, 0x5f][..], &count].concat())])),
        ("a group of 2³²-1 types".into(), binary(&[sized(Some(1), &[&[1, 0x4e][..], &count].concat())])),
        ("a name of 2³²-1 bytes".into(), binary(&[sized(Some(2), &[&[1][..], &count].concat())])),
        (
            "an export with a name of 100,001 bytes".into(),
            binary(&[
                sized(Some(5), &[1, 0, 1]),
                sized(Some(7), &[&[1][..], &sized(None, &long_name), &[2, 0]].concat()),
            ]),
        ),
        ("an overlong count".into(), binary(&[sized(Some(1), &[0x80, 0x80, 0x80, 0x80, 0x80, 0])])),
        ("a count of 33 bits".into(), binary(&[sized(Some(1), &[0xff, 0xff, 0xff, 0xff, 0x1f])])),
        ("a code section without functions".into(), binary(&[sized(Some(10), &[1, 2, 0, 0x0b])])),
        ("functions without a code section".into(), {
            binary(&[sized(Some(1), &[1, 0x60, 0, 0]), sized(Some(3), &[1, 0])])
        }),
    ]);
    for (name, bytes) in cases {
        let started = std::time::Instant::now();
        let error = Module::new(&engine, bytes).map(|_| ()).expect_err(&name);
        assert!(matches!(error.kind(), ErrorKind::Parse | ErrorKind::Validation), "{name}: {:?} {error}", error.kind());
        assert!(started.elapsed().as_secs() < 5, "{name} took {:?}", started.elapsed());
    }
}

#[test]
fn limits_on_what_a_module_declares_hold() {
    let mut config = whit_core::Config::new();
    config.limits(ModuleLimits::new().functions(10).types(10).exports(10).module_size(1000));
    let engine = Engine::new(&config).expect("the configuration makes sense");
    let refused = |text: String| {
        let bytes = wat::parse_str(text).expect("well formed");
        Module::new(&engine, bytes).map(|_| ()).map_err(|error| error.kind())
    };
    assert_eq!(refused(format!("(module {})", "(func)".repeat(10))), Ok(()));
    assert_eq!(refused(format!("(module {})", "(func)".repeat(11))), Err(ErrorKind::Parse));
    let types: String = (0..11).map(|size| format!("(type (func {}))", "(param i32)".repeat(size))).collect();
    assert_eq!(refused(format!("(module {types})")), Err(ErrorKind::Parse));
    let exports: String = (0..11).map(|name| format!(r#"(export "{name}" (func 0))"#)).collect();
    assert_eq!(refused(format!("(module (func) {exports})")), Err(ErrorKind::Parse));
    assert_eq!(refused(format!(r#"(module (memory 1) (data "{}"))"#, "x".repeat(1000))), Err(ErrorKind::Parse));
}

#[test]
fn debug_names_that_lie_are_only_missing() {
    let names = |subsection: &[u8]| sized(Some(0), &[&sized(None, b"name")[..], subsection].concat());
    let count = leb(u32::MAX.into());
    let trapping = with_body(NO_LOCALS, &[0x00]);
    for section in [
        names(&[&[1][..], &sized(None, &count)].concat()),
        names(&[&[1][..], &count].concat()),
        names(&[0xff; 50]),
        names(&[&[1][..], &sized(None, &[&[1, 0][..], &count].concat())].concat()),
        names(&[&[1][..], &sized(None, &[1, 0, 2, 0xff, 0xfe])].concat()),
        names(&[]),
    ] {
        on_each_engine(
            |_| (),
            |engine| {
                let bytes = [&trapping[..], &section].concat();
                let error = call(engine, &bytes).expect_err("unreachable");
                assert_eq!(code(&error), Some(TrapCode::Unreachable));
                // The report shows a frame, whatever the names are.
                assert!(!format!("{error:?} {error}").is_empty());
            },
        );
    }
}

#[test]
fn an_exception_passes_a_hundred_thousand_frames() {
    let text = r#"(module (tag $e (param i32))
        (func $deep (param i32)
            (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 9))))
            (call $deep (i32.sub (local.get 0) (i32.const 1))))
        (func (export "f") (param i32) (result i32)
            (block $h (result i32) (try_table (catch $e $h) (call $deep (local.get 0))) (i32.const 0))))"#;
    on_each_engine(
        |_| (),
        |engine| {
            let (mut store, instance) = instance(engine, text);
            let f = instance.get_typed_func::<i32, i32>(&store, "f").expect("exported");
            assert_eq!(f.call(&mut store, 90_000).expect("caught"), 9);
        },
    );
}

#[test]
fn a_thousand_executions_are_dropped_wherever_they_stand() {
    on_each_engine(
        |config| _ = config.consume_fuel(true),
        |engine| {
            let (mut store, instance) = instance(engine, &endless("(loop $again (br $again))", ""));
            let f = instance.get_typed_func::<(), ()>(&store, "f").expect("exported");
            let mut executions: Vec<_> = (0..1000).map(|_| f.start(&mut store, ()).expect("room")).collect();
            for (number, execution) in executions.iter_mut().enumerate().filter(|(number, _)| number % 3 != 0) {
                store.set_fuel(number as u64 % 50).expect("counted");
                assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::OutOfFuel);
            }
            drop(executions);
            store.set_fuel(100).expect("counted");
            let ok = instance.get_typed_func::<(), i32>(&store, "ok").expect("exported");
            assert_eq!(ok.call(&mut store, ()).expect("the store is as it was"), 1);
        },
    );
}
