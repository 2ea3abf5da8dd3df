//! The native stack does not know that guests call, loop and return.
//!
//! A dispatch that became a real call would leave a return address behind at every op, until the handlers return to the driver. A host function is
//! called by the driver, so that its own place on the stack shows what the driver leaks and nothing of what handlers do: those run in a thread with so
//! little stack that one byte for each op would overflow it hundreds of times.

use std::ptr;
use std::sync::{Arc, Mutex};
use std::thread;

use whit_core::{Config, Engine, ExecutionEngine, Linker, Module, Store};

/// Stack of the thread that runs the guest.
const STACK: usize = 256 << 10;

/// Ten ops each: the loop's three, and the call, entry, body and return of two functions, one of them through a table.
const ITERATIONS: i32 = 10_000_000;

const GUEST: &str = r#"(module
    (import "host" "probe" (func $probe))
    (type $unary (func (param i32) (result i32)))
    (table 1 funcref)
    (elem (i32.const 0) $next)
    (func $next (type $unary) (i32.add (local.get 0) (i32.const 3)))
    (func $twist (param i32) (result i32) (i32.xor (local.get 0) (i32.const 0x55)))
    (func (export "run") (param $count i32) (result i32) (local $sum i32)
        (call $probe)
        (loop $again
            (local.set $sum (call $twist (call_indirect (type $unary) (local.get $sum) (i32.const 0))))
            (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
        (call $probe)
        (local.get $sum)))"#;

/// Runs the guest, and returns its result with the addresses of a local variable of the host function at each of its calls.
fn run(execution: ExecutionEngine, iterations: i32) -> (i32, Vec<usize>) {
    let engine = Engine::new(Config::new().execution(execution)).expect("the engine is in this build");
    let places = Arc::new(Mutex::new(Vec::new()));
    let mut linker: Linker<()> = Linker::new(&engine);
    let seen = places.clone();
    let probe = move || {
        let here = 0_u8;
        seen.lock().expect("nothing panics").push(ptr::from_ref(std::hint::black_box(&here)).addr());
    };
    linker.func_wrap("host", "probe", probe).expect("a new name");
    let module = Module::new(&engine, wat::parse_str(GUEST).expect("well formed")).expect("valid");
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).expect("an instance");
    let run = instance.get_typed_func::<i32, i32>(&store, "run").expect("exported");
    let result = run.call(&mut store, iterations).expect("no trap");
    let places = places.lock().expect("nothing panics").clone();
    (result, places)
}

fn run_in_little_stack(execution: ExecutionEngine, iterations: i32) -> (i32, Vec<usize>) {
    let thread = thread::Builder::new().stack_size(STACK).spawn(move || run(execution, iterations));
    thread.expect("a thread").join().expect("the thread does not panic")
}

/// What the guest computes.
fn expected(iterations: i32) -> i32 {
    (0..iterations).fold(0_i32, |sum, _| sum.wrapping_add(3) ^ 0x55)
}

#[test]
fn a_hundred_million_ops_leave_the_native_stack_of_the_tail_engine_flat() {
    if Engine::new(Config::new().execution(ExecutionEngine::Tail)).is_err() {
        eprintln!("ABSENT: the tail engine is not in this build");
        return;
    }
    let (result, places) = run_in_little_stack(ExecutionEngine::Tail, ITERATIONS);
    assert_eq!(result, expected(ITERATIONS));
    assert_eq!(places.len(), 2);
    assert_eq!(places[0], places[1], "the driver calls host functions from the same depth");
}

#[test]
fn the_loop_engine_keeps_it_flat_too() {
    let iterations = ITERATIONS / 10;
    let (result, places) = run_in_little_stack(ExecutionEngine::Loop, iterations);
    assert_eq!(result, expected(iterations));
    assert_eq!(places[0], places[1]);
}
