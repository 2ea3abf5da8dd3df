//! Code and instance moved to other addresses, and run again: nothing in code depends on where it, its instance or its engine is.
//!
//! A module's code is copied, word by word, into the same module loaded anew: by another engine, whose types have other ids, into an instance
//! elsewhere. The original is dropped before the copy runs, so that an address or an id left in a word would lead to what is gone or
//! to something else. Calls in progress do not move: their frames hold addresses.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::sync::atomic::Ordering;
use std::path::{Path, PathBuf};

use crate::code::FunctionCode;
use crate::{CompilationMode, Config, Engine, ExecutionEngine, Instance, Linker, Module, Store, Val};

/// Every way in which code names something: other functions, directly, through a table and by reference, tail calls, types, globals, memories,
/// tables, segments, tags, branch tables, constants, and a host function.
const NAMES: &str = r#"(module
    (import "host" "twice" (func $twice (param i32) (result i32)))
    (type $pair (struct (field (mut i32)) (field v128)))
    (type $list (array (mut i64)))
    (type $unary (func (param i32) (result i32)))
    (memory 1) (memory $second 1)
    (data (i32.const 8) "\05\06\07\08")
    (data $passive "\09\0a\0b\0c")
    (table $table 4 funcref)
    (elem (i32.const 1) $succ $twice $trap)
    (elem declare func $succ)
    (global $count (mut i32) (i32.const 40))
    (tag $tag (param i32))
    (func $succ (type $unary) (i32.add (local.get 0) (i32.const 1)))
    (func $trap (type $unary) (i32.div_u (i32.const 7) (local.get 0)))
    (func $down (param i32 i64) (result i64)
        (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
        (return_call $down (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 0x100000001))))
    (func $throws (param i32) (throw $tag (i32.mul (local.get 0) (i32.const 3))))
    (func $catches (param i32) (result i32)
        (block $caught (result i32)
            (try_table (catch $tag $caught) (call $throws (local.get 0)))
            (i32.const -1)))
    (func $switch (param i32) (result i32)
        (block $c (block $b (block $a (br_table $a $b $c (local.get 0)))
            (return (i32.const 100))) (return (i32.const 200))) (i32.const 300))
    (func $objects (param i32) (result i32) (local $pair (ref null $pair)) (local $list (ref null $list))
        (local.set $pair (struct.new $pair (local.get 0) (v128.const i32x4 1 2 3 4)))
        (local.set $list (array.new $list (i64.const 5) (i32.const 3)))
        (struct.set $pair 0 (local.get $pair) (i32.add (struct.get $pair 0 (local.get $pair)) (i32.const 2)))
        (i32.add
            (i32.add (struct.get $pair 0 (local.get $pair)) (i32.wrap_i64 (array.get $list (local.get $list) (i32.const 2))))
            (i32x4.extract_lane 2 (struct.get $pair 1 (ref.cast (ref $pair) (local.get $pair))))))
    (func (export "run") (param i32) (result i64)
        (memory.init $second $passive (i32.const 16) (i32.const 0) (i32.const 4))
        (memory.copy 0 $second (i32.const 12) (i32.const 16) (i32.const 4))
        (global.set $count (i32.add (global.get $count) (call $catches (local.get 0))))
        (global.set $count (i32.add (global.get $count) (call $switch (i32.and (local.get 0) (i32.const 3)))))
        (global.set $count (i32.add (global.get $count) (call $objects (local.get 0))))
        (global.set $count (i32.add (global.get $count) (call_ref $unary (local.get 0) (ref.func $succ))))
        (global.set $count (i32.add (global.get $count) (call_indirect (type $unary) (local.get 0) (i32.const 2))))
        (global.set $count (i32.add (global.get $count) (call_indirect (type $unary) (local.get 0) (i32.const 3))))
        (i64.add (call $down (i32.const 9) (i64.load (i32.const 8))) (i64.extend_i32_u (global.get $count)))))"#;

/// Loads, instantiates with the one host function there is, and takes the module's `run`.
struct Guest {
    store: Store<()>,
    instance: Instance,
    module: Module,
}

impl Guest {
    fn new(engine: &Engine, bytes: &[u8]) -> Self {
        let module = Module::new(engine, bytes.to_vec()).expect("a valid module");
        let mut linker = Linker::new(engine);
        linker.func_wrap("host", "twice", |x: i32| x.wrapping_mul(2)).expect("a new name");
        let mut store = Store::new(engine, ());
        store.set_fuel(u64::MAX).expect("fuel is counted");
        let instance = linker.instantiate(&mut store, &module).expect("an instance");
        Self { store, instance, module }
    }

    /// What a call shows: its result, or its trap with all frames and their places in the binary, and its fuel.
    fn run(&mut self, argument: i32) -> String {
        let run = self.instance.get_func(&mut self.store, "run").expect("exported");
        let mut results = [Val::I64(0)];
        let before = self.store.get_fuel().expect("fuel is counted");
        let outcome = match run.call(&mut self.store, &[Val::I32(argument)], &mut results) {
            Ok(()) => format!("{:?}", results[0].i64()),
            Err(error) => {
                let trap = error.as_trap().expect("a trap");
                format!("{trap}\n{}", trap.backtrace().expect("noted"))
            }
        };
        format!("{outcome} for {}", before - self.store.get_fuel().expect("fuel is counted"))
    }
}

fn engine(execution: ExecutionEngine, mode: CompilationMode) -> Engine {
    let mut config = Config::new();
    config.execution(execution).compilation_mode(mode).consume_fuel(true);
    Engine::new(&config).expect("the engine is in this build")
}

/// Gives `to` copies of the code of `from`, both being the same module.
fn move_code(from: &Module, to: &Module) {
    let (from, to) = (from.inner(), to.inner());
    assert!(from.code.len() == to.code.len() && !to.code.is_empty());
    for ((original, cell), entry) in from.code.iter().zip(&to.code).zip(&to.entries) {
        let original = original.get().expect("eager: every function has code");
        assert!(cell.get().is_none(), "lazy: no function has code of its own");
        let code = FunctionCode::new(original.units().into(), original.handlers().into(), original.frame);
        assert_ne!(code.units().as_ptr(), original.units().as_ptr());
        let code = cell.set(code.into());
        entry.store(code.units().as_ptr().cast::<u8>().cast_mut(), Ordering::Release);
    }
}

/// Runs `bytes` where it was translated, moves its code, and runs it there.
fn moves(bytes: &[u8], arguments: &[i32], execution: ExecutionEngine) -> Vec<String> {
    let mut original = Guest::new(&engine(execution, CompilationMode::Eager), bytes);
    let expected: Vec<String> = arguments.iter().map(|argument| original.run(*argument)).collect();

    let elsewhere = engine(execution, CompilationMode::Lazy);
    let others =
        r#"(module (rec (type (struct)) (type (func (param i32 f32)))) (type (array i8)) (func (param f64 f32 i64)))"#;
    let _others = Module::new(&elsewhere, wat::parse_str(others).expect("well formed")).expect("valid");
    let mut moved = Guest::new(&elsewhere, bytes);
    move_code(&original.module, &moved.module);
    drop(original);
    let found: Vec<String> = arguments.iter().map(|argument| moved.run(*argument)).collect();
    assert_eq!(expected, found, "{execution:?}");
    expected
}

fn engines() -> impl Iterator<Item = ExecutionEngine> {
    [ExecutionEngine::Loop, ExecutionEngine::Auto].into_iter()
}

#[test]
fn moved_code_finds_everything_that_it_names() {
    let bytes = wat::parse_str(NAMES).expect("well formed");
    for execution in engines() {
        // The last call divides by zero, two calls deep.
        let shown = moves(&bytes, &[5, 2, 3, 0], execution);
        assert!(shown[..3].iter().all(|call| call.starts_with("Some(")), "{shown:?}");
        assert!(shown[3].starts_with("integer divide by zero\n") && shown[3].contains("trap"), "{}", shown[3]);
    }
}

#[test]
fn moved_kernels_compute_the_same() {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests");
    let list = std::fs::read_to_string(guests.join("kernels/kernels.tsv")).expect("the kernels are there");
    let mut seen = 0;
    for line in list.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let path: PathBuf = guests.join(format!("wasm/{}.wasm", fields[0]));
        let bytes = std::fs::read(path).expect("readable");
        for execution in engines() {
            let shown = moves(&bytes, &[fields[1].parse().expect("a number")], execution);
            assert!(shown[0].starts_with(&format!("Some({}) ", fields[2])), "{}: {}", fields[0], shown[0]);
        }
        seen += 1;
    }
    assert!(seen > 10, "only {seen} kernels");
}
