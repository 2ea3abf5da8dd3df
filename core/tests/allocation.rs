//! The host's memory runs out at the Nth allocation, for every N: from the store on each failure is the error
//! `OutOfMemory`, never an abort, and what was there before still works.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use whit_core::{
    Caller, CompilationMode, Config, Engine, Error, ErrorKind, ExecutionEngine, ExternRef, Instance, Linker, Memory,
    MemoryType, Module, Progress, Ref, RefType, Store, Table, TableType, TrapCode, Val,
};

/// The system's allocator, except that it can be told to refuse.
struct Refusing;

thread_local! {
    /// How many more allocations of this thread succeed; `None` for all.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    /// Allocations of no more bytes than this succeed and do not count.
    static FREE: Cell<usize> = const { Cell::new(0) };
    /// The largest allocation since this was set to zero.
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

impl Refusing {
    fn refuses(size: usize) -> bool {
        LARGEST.with(|largest| largest.set(largest.get().max(size)));
        if size <= FREE.with(Cell::get) {
            return false;
        }
        LEFT.with(|left| match left.get() {
            Some(0) => true,
            Some(more) => {
                left.set(Some(more - 1));
                false
            }
            None => false,
        })
    }
}

// SAFETY: hands everything on to the system's allocator, or gives null, which means that there is no memory.
unsafe impl GlobalAlloc for Refusing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        if Self::refuses(layout.size()) { core::ptr::null_mut() } else { unsafe { System.alloc(layout) } }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        if Self::refuses(layout.size()) { core::ptr::null_mut() } else { unsafe { System.alloc_zeroed(layout) } }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        if Self::refuses(size) { core::ptr::null_mut() } else { unsafe { System.realloc(pointer, layout, size) } }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Refusing = Refusing;

/// Runs `body` with the first, the second, … allocation failing, until it needs no more. Returns how many it needs.
fn fail_each<R>(mut body: impl FnMut() -> Result<R, Error>) -> usize {
    fail_each_after(|| (), |()| body())
}

/// The same, with something made anew before each time, for which there is memory.
fn fail_each_after<S, R>(mut prepare: impl FnMut() -> S, mut body: impl FnMut(&mut S) -> Result<R, Error>) -> usize {
    for allowed in 0.. {
        let mut prepared = prepare();
        LEFT.with(|left| left.set(Some(allowed)));
        let result = body(&mut prepared);
        let left = LEFT.with(|left| left.replace(None));
        match result {
            Ok(_) if left != Some(0) => return allowed - left.unwrap_or(0),
            // The last one may have been refused, and done without.
            Ok(_) => {}
            Err(error) => assert!(is_out_of_memory(&error), "after {allowed} allocations: {error}"),
        }
    }
    unreachable!("some number of allocations is enough")
}

/// Does something of the test's own while the allocator is made to refuse: it does not count.
fn with_memory<R>(what: impl FnOnce() -> R) -> R {
    let left = LEFT.with(|left| left.replace(None));
    let result = what();
    LEFT.with(|slot| slot.set(left));
    result
}

/// Whether there was no memory, for the host or for the guest.
fn is_out_of_memory(error: &Error) -> bool {
    error.kind() == ErrorKind::OutOfMemory || error.as_trap().map(|trap| trap.code()) == Some(TrapCode::OutOfMemory)
}

fn module(engine: &Engine, text: &str) -> Module {
    Module::new(engine, wat::parse_str(text).expect("a module in text form")).expect("a valid module")
}

#[test]
fn a_store() {
    let engine = Engine::default();
    assert!(fail_each(|| Store::try_new(&engine, ())) > 2);
}

#[test]
fn an_instance_with_everything() {
    let engine = Engine::default();
    let module = module(
        &engine,
        r#"(module
            (type $s (struct (field i32) (field (ref null $s))))
            (type $a (array (mut i8)))
            (memory (export "m") 1) (memory 2 3 shared) (tag (param i32))
            (table (export "t") 10 funcref (ref.func $f))
            (func $f (export "f"))
            (global (ref $s) (struct.new $s (i32.const 1) (struct.new_default $s)))
            (global (ref $a) (array.new $a (i32.const 7) (i32.const 100)))
            (global i64 (i64.add (i64.const 1) (i64.const 2)))
            (elem (i32.const 3) $f $f) (elem funcref (ref.func $f))
            (elem (ref null $s) (struct.new_default $s))
            (data (i32.const 5) "active") (data "passive"))"#,
    );
    let mut store = Store::new(&engine, ());
    assert!(fail_each(|| Instance::new(&mut store, &module, &[])) > 20);
    let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
    let memory = instance.get_memory(&store, "m").expect("a memory");
    let mut bytes = [0; 6];
    memory.read(&store, 5, &mut bytes).expect("in bounds");
    assert_eq!(&bytes, b"active");
}

#[test]
fn growth_without_effect() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).expect("a memory");
    let ty = TableType::new(RefType::FUNCREF, 1, None);
    let table = Table::new(&mut store, ty, Ref::Func(None)).expect("a table");
    LEFT.with(|left| left.set(Some(0)));
    let (grown, longer) = (memory.grow(&mut store, 1), table.grow(&mut store, 1000, Ref::Func(None)));
    LEFT.with(|left| left.set(None));
    assert!(grown.is_err() && longer.is_err());
    assert_eq!((memory.size(&store), table.size(&store)), (1, 1));
    assert_eq!(memory.grow(&mut store, 1).expect("memory"), 1);
    assert_eq!(table.grow(&mut store, 1000, Ref::Func(None)).expect("memory"), 1);
}

/// What running code can need memory for: each exports `run`, from which the right result comes, or one of those that say that there was
/// no memory.
const RUNNING: &[(&str, &str, i64, &[i64])] = &[
    (
        "a growing stack",
        r#"(func $down (export "down") (param i32) (result i64)
            (if (result i64) (local.get 0)
                (then (i64.add (i64.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))
                (else (i64.const 0))))
        (func (export "run") (result i64) (call $down (i32.const 5000)))"#,
        5000,
        &[],
    ),
    (
        "a growing memory",
        r#"(memory 1)
        (func (export "run") (result i64)
            (i64.extend_i32_s (i32.add (i32.mul (memory.grow (i32.const 2)) (i32.const 10)) (memory.grow (i32.const 3)))))"#,
        13,
        &[-11, 9, -9],
    ),
    (
        "a growing table",
        r#"(table 1 externref)
        (func (export "run") (result i64) (i64.extend_i32_s (table.grow (ref.null extern) (i32.const 1000))))"#,
        1,
        &[-1],
    ),
    (
        "objects",
        r#"(type $node (struct (field i64) (field (ref null $node))))
        (type $bytes (array (mut i8)))
        (func (export "run") (result i64) (local $i i32) (local $list (ref null $node)) (local $sum i64)
            (loop $again
                (local.set $list (struct.new $node (i64.extend_i32_u (local.get $i)) (local.get $list)))
                (drop (array.new_default $bytes (i32.const 3000)))
                (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2000))))
            (block $end
                (loop $walk
                    (br_if $end (ref.is_null (local.get $list)))
                    (local.set $sum (i64.add (local.get $sum) (struct.get $node 0 (local.get $list))))
                    (local.set $list (struct.get $node 1 (local.get $list)))
                    (br $walk)))
            (local.get $sum))"#,
        1_999_000,
        &[],
    ),
    (
        "exceptions",
        r#"(tag $e (param i64 externref))
        (func $throw (param i64) (throw $e (local.get 0) (ref.null extern)))
        (func (export "run") (result i64) (local $i i64) (local $sum i64)
            (loop $again
                (block $h (result i64 externref)
                    (try_table (catch $e $h) (call $throw (local.get $i)))
                    (unreachable))
                (drop)
                (local.set $sum (i64.add (local.get $sum)))
                (br_if $again (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 1))) (i64.const 100))))
            (local.get $sum))"#,
        4950,
        &[],
    ),
    (
        "host functions that call back",
        r#"(import "host" "call" (func $call (param i64) (result i64)))
        (import "host" "keep" (func $keep (param externref) (result externref)))
        (func (export "back") (param i64) (result i64) (i64.mul (local.get 0) (i64.const 2)))
        (func (export "run") (result i64)
            (drop (call $keep (call $keep (ref.null extern))))
            (call $call (i64.const 21)))"#,
        42,
        &[],
    ),
];

/// Engines that have translated everything before anything runs: translation is part of loading.
fn eager_engines() -> [Engine; 2] {
    [ExecutionEngine::Loop, ExecutionEngine::Auto].map(|execution| {
        let mut config = Config::new();
        config.execution(execution).compilation_mode(CompilationMode::Eager);
        Engine::new(&config).expect("the configuration makes sense")
    })
}

fn linker(engine: &Engine) -> Linker<()> {
    let mut linker = Linker::new(engine);
    linker
        .func_wrap("host", "call", |mut caller: Caller<'_, ()>, number: i64| -> Result<i64, Error> {
            let back = caller.get_export("back").and_then(|back| back.into_func());
            let back = back.ok_or_else(Error::out_of_memory)?;
            back.typed::<i64, i64>(&caller)?.call(&mut caller, number)
        })
        .expect("the first of its name");
    linker
        .func_wrap(
            "host",
            "keep",
            |mut caller: Caller<'_, ()>, _: Option<ExternRef>| -> Result<Option<ExternRef>, Error> {
                ExternRef::new(&mut caller, [7_u8; 100]).map(Some)
            },
        )
        .expect("the first of its name");
    linker
}

#[test]
fn running_code() {
    for engine in eager_engines() {
        for (name, text, expected, lacking) in RUNNING {
            let module = module(&engine, &format!("(module {text})"));
            let linker = linker(&engine);
            let prepare = || {
                let mut store = Store::new(&engine, ());
                let instance = linker.instantiate(&mut store, &module).expect("an instance");
                let run = instance.get_typed_func::<(), i64>(&store, "run").expect("exported");
                (store, run)
            };
            let mut allocations = 0;
            let needed = fail_each_after(prepare, |(store, run)| {
                allocations += 1;
                let result = run.call(&mut *store, ());
                // Whatever happened, there is memory again and the store is as usable as before.
                with_memory(|| match &result {
                    Ok(value) => assert!(value == expected || lacking.contains(value), "{name}: {value}"),
                    Err(_) => assert_eq!(run.call(&mut *store, ()).expect("there is memory"), *expected, "{name}"),
                });
                result
            });
            assert!(needed > 0 && allocations > needed, "{name} allocates");
        }
    }
}

#[test]
fn executions_that_are_left() {
    for engine in eager_engines() {
        let module = module(&engine, &format!("(module {})", RUNNING[0].1));
        let prepare = || {
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
            let down = instance.get_func(&store, "down").expect("exported");
            (store, down)
        };
        let needed = fail_each_after(prepare, |(store, down)| {
            let mut executions =
                [down.start(&mut *store, &[Val::I32(900)])?, down.start(&mut *store, &[Val::I32(300)])?];
            for (execution, expected) in executions.iter_mut().zip([900, 300]) {
                let progress = execution.resume(&mut *store)?;
                with_memory(|| match progress {
                    Progress::Done(results) => assert_eq!(results.first().and_then(Val::i64), Some(expected)),
                    other => panic!("{other:?}"),
                });
            }
            Ok(())
        });
        assert!(needed > 2);
    }
}

#[test]
fn references_that_the_host_keeps() {
    let engine = Engine::default();
    let prepare = || Store::new(&engine, ());
    let needed = fail_each_after(prepare, |store| {
        let mut kept = Vec::new();
        with_memory(|| kept.reserve(50));
        for number in 0..50_u64 {
            kept.push(ExternRef::new(&mut *store, number)?);
        }
        for (number, reference) in kept.iter().enumerate() {
            let data = reference.data(&*store)?.and_then(|data| data.downcast_ref::<u64>());
            assert_eq!(data, Some(&(number as u64)));
        }
        Ok(())
    });
    assert!(needed > 50);
}

/// What comes out of a guest that fails is its own failure, with as much of a report as there is memory for, or the lack of memory.
#[test]
fn failures_that_come_out() {
    let text = r#"(module (tag $e (param i64)) (type $f (func (result i32)))
        (table 1 funcref) (elem (i32.const 0) $throw)
        (func $throw (param i32)
            (if (i32.eqz (local.get 0)) (then (throw $e (i64.const 1))))
            (call $throw (i32.sub (local.get 0) (i32.const 1))))
        (func $trap (param i32)
            (if (i32.eqz (local.get 0)) (then (unreachable)))
            (call $trap (i32.sub (local.get 0) (i32.const 1))))
        (func (export "throw") (call $throw (i32.const 100)))
        (func (export "trap") (call $trap (i32.const 100)))
        (func (export "type") (drop (call_indirect (type $f) (i32.const 0)))))"#;
    for engine in eager_engines() {
        let module = module(&engine, text);
        for (name, kind) in [("throw", ErrorKind::Exception), ("trap", ErrorKind::Trap), ("type", ErrorKind::Trap)] {
            let prepare = || {
                let mut store = Store::new(&engine, ());
                let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
                let f = instance.get_typed_func::<(), ()>(&store, name).expect("exported");
                (store, f)
            };
            let needed = fail_each_after(prepare, |(store, f)| {
                let error = f.call(&mut *store, ()).expect_err("it fails");
                if is_out_of_memory(&error) {
                    return Err(error);
                }
                with_memory(|| {
                    assert_eq!(error.kind(), kind, "{name}: {error}");
                    // The report is made when there is memory again.
                    assert!(!format!("{error:?}").is_empty());
                });
                Ok(())
            });
            assert!(needed > 1, "{name}");
        }
    }
}

/// Bodies for which one of translation's own lists is longer than any of the parser's: each exports `run`, which returns this.
fn long_bodies() -> Vec<(&'static str, String, i64)> {
    let repeat = |text: &str, times| text.repeat(times);
    vec![
        (
            "code",
            format!(
                r#"(func (export "run") (result i64) (local i64)
                    {} (local.get 0))"#,
                repeat("(local.set 0 (i64.add (i64.mul (local.get 0) (i64.const 3)) (i64.const 1)))", 4000)
            ),
            (0..4000).fold(0_i64, |x, _| x.wrapping_mul(3).wrapping_add(1)),
        ),
        (
            "locals",
            format!(r#"(func (export "run") (result i64) (local {}) (local.get 39000))"#, repeat("i64 ", 40_000)),
            0,
        ),
        (
            "operands",
            format!(
                r#"(func (export "run") (result i64) (local $x i64) (local.set $x (i64.const 1)) {} {})"#,
                repeat("local.get $x ", 3000),
                repeat("i64.add ", 2999)
            ),
            3000,
        ),
        (
            "blocks",
            format!(
                r#"(func (export "run") (result i64) {} (i64.const 7) {})"#,
                repeat("block (result i64) ", 900),
                repeat("end ", 900)
            ),
            7,
        ),
        (
            "a branch table",
            format!(
                r#"(func (export "run") (result i64)
                    block block (br_table {} 1 (i32.const 77777)) end (return (i64.const 1)) end (i64.const 2))"#,
                repeat("0 1 ", 2000)
            ),
            2,
        ),
        (
            "handlers",
            format!(
                r#"(tag $e) (func (export "run") (result i64) (local i64)
                    {} (local.get 0))"#,
                repeat(
                    "(block $h (try_table (catch $e $h) (throw $e))) (local.set 0 (i64.add (local.get 0) (i64.const 1)))",
                    500
                )
            ),
            500,
        ),
        (
            "results",
            format!(
                r#"(func $many (result {}) {}) (func (export "run") (result i64) (call $many) {})"#,
                repeat("i64 ", 900),
                repeat("(i64.const 2) ", 900),
                repeat("i64.add ", 899)
            ),
            1800,
        ),
    ]
}

/// Translation at a first call. The parser, which validates a body while it is translated, cannot fail to allocate: what it takes for a body is
/// bounded by `ModuleLimits`, and nothing that is as small as the largest of its allocations is refused here. Everything larger is
/// translation's own.
#[test]
fn bodies_that_are_translated_when_they_are_first_called() {
    for (name, text, expected) in long_bodies() {
        let bytes: &'static [u8] = wat::parse_str(format!("(module {text})")).expect("a module in text form").leak();
        LARGEST.with(|largest| largest.set(0));
        Module::new(&Engine::default(), bytes).expect("a valid module");
        let parsers = LARGEST.with(Cell::get);
        for execution in [ExecutionEngine::Loop, ExecutionEngine::Auto] {
            let mut config = Config::new();
            config.execution(execution).compilation_mode(CompilationMode::Lazy);
            let engine = Engine::new(&config).expect("the configuration makes sense");
            let prepare = || {
                FREE.with(|free| free.set(parsers));
                let module = Module::new(&engine, bytes).expect("a well-formed module");
                let mut store = Store::new(&engine, ());
                let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
                let run = instance.get_typed_func::<(), i64>(&store, "run").expect("exported");
                (store, run)
            };
            let needed = fail_each_after(prepare, |(store, run)| {
                let result = run.call(&mut *store, ());
                with_memory(|| assert_eq!(run.call(&mut *store, ()).expect("there is memory"), expected, "{name}"));
                result
            });
            FREE.with(|free| free.set(0));
            assert!(needed > 1, "{name}: the parser's {parsers} bytes are more than all but {needed} of ours");
        }
    }
}

/// What validating one body takes at once is as `ModuleLimits` says: a known multiple of the body, whatever it makes of its bytes.
#[test]
fn what_the_parser_takes_for_a_body_is_bounded() {
    const BODY: usize = 200_000;
    let largest = |text: &str| {
        let bytes: &'static [u8] = wat::parse_str(text).expect("a module in text form").leak();
        LARGEST.with(|largest| largest.set(0));
        let error = Module::new(&Engine::default(), bytes).err();
        (LARGEST.with(Cell::get), error)
    };
    // Blocks in blocks: two bytes for each.
    let (bytes, error) = largest(&format!("(module (func {} {}))", "block ".repeat(BODY / 3), "end ".repeat(BODY / 3)));
    assert!(error.is_none() && bytes < 32 * BODY, "{bytes} bytes");
    // A thousand operands for two bytes: more than a body may have.
    let calls = "call $many ".repeat(BODY / 2);
    let text = format!("(module (func $many (result {}) unreachable) (func {calls} unreachable))", "i64 ".repeat(1000));
    let (bytes, error) = largest(&text);
    let error = error.expect("beyond the limit");
    assert!(error.kind() == ErrorKind::Parse && error.to_string().starts_with("operands"), "{error}");
    assert!(bytes <= 16 * 4_000_000, "{bytes} bytes");
}
