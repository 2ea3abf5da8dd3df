//! WASI 0.1 linked into the engine: guests that run, wait, end themselves, and make mistakes.

use std::time::{Duration, Instant};

use whit_core::{Engine, Error, Instance, Linker, Module, Progress, Store};
use whit_wasi::host::stream::MemoryPipe;
use whit_wasi::host::wait::Waited;
use whit_wasi::p1::{FUNCTIONS, Fault, MODULE, Param};
use whit_wasi::{Exit, WasiCtx, WasiCtxBuilder, WasiView, add_to_linker_p1};

fn instantiate(wat: &str, grant: impl FnOnce(&mut WasiCtxBuilder)) -> (Store<WasiCtx>, Instance) {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    add_to_linker_p1(&mut linker, WasiCtx::wasi).unwrap();
    let module = Module::new(&engine, wat::parse_str(wat).unwrap()).unwrap();
    let mut builder = WasiCtx::builder();
    grant(&mut builder);
    let mut store = Store::new(&engine, builder.build().unwrap());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    (store, instance)
}

fn run(store: &mut Store<WasiCtx>, instance: &Instance) -> Result<(), Error> {
    instance.get_typed_func::<(), ()>(&mut *store, "_start")?.call(store, ())
}

/// Reads a block of standard input, writes it to standard output, and exits with its length.
const ECHO: &str = r#"
    (module
      (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start")
        (i32.store (i32.const 0) (i32.const 64))
        (i32.store (i32.const 4) (i32.const 100))
        (if (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)) (then unreachable))
        (if (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
        (call $exit (i32.load (i32.const 8)))
        unreachable))"#;

#[test]
fn every_function_links_with_the_specifications_type() {
    let mut wat = String::from("(module (memory (export \"memory\") 1)");
    for function in FUNCTIONS {
        let params: String = function.params.iter().map(|p| if *p == Param::I32 { " i32" } else { " i64" }).collect();
        let result = if function.returns { "(result i32)" } else { "" };
        wat += &format!("(import \"{MODULE}\" \"{}\" (func (param{params}) {result}))", function.name);
    }
    // Imports come first in the text format.
    let wat = wat.replacen("(memory (export \"memory\") 1)", "", 1) + "(memory (export \"memory\") 1))";
    instantiate(&wat, |_| {});
}

#[test]
fn a_call_that_need_not_wait_is_an_ordinary_call() {
    let output = MemoryPipe::default();
    let (mut store, instance) = instantiate(ECHO, |builder| {
        builder.stdin(MemoryPipe::with_contents("hello")).stdout(output.clone());
    });
    let error = run(&mut store, &instance).unwrap_err();
    assert_eq!(error.downcast_ref::<Exit>(), Some(&Exit(5)));
    assert_eq!(output.contents(), b"hello");
}

#[test]
fn an_execution_that_waits_is_resumed_when_its_input_comes() {
    let (input, output) = (MemoryPipe::default(), MemoryPipe::default());
    let (mut store, instance) = instantiate(ECHO, |builder| {
        builder.stdin(input.clone()).stdout(output.clone());
    });
    let start = instance.get_func(&store, "_start").unwrap();
    let mut execution = start.start(&mut store, &[]).unwrap();
    assert!(matches!(execution.resume(&mut store), Ok(Progress::Pending)));
    // Nothing comes: the embedder's limit does. Resuming in vain changes nothing.
    let limit = Instant::now() + Duration::from_millis(5);
    assert_eq!(store.data().pending_wait().block(Some(limit)), Waited::Limit);
    assert!(matches!(execution.resume(&mut store), Ok(Progress::Pending)));
    let writer = std::thread::spawn(move || input.push(b"late"));
    assert_eq!(store.data().pending_wait().block(None), Waited::Over);
    let error = execution.resume(&mut store).unwrap_err();
    assert_eq!(error.downcast_ref::<Exit>(), Some(&Exit(4)));
    assert_eq!(output.contents(), b"late");
    writer.join().unwrap().unwrap();
    assert!(store.data().pending_wait().sources().is_empty());
}

#[test]
fn a_plain_call_that_would_wait_is_an_error_and_leaves_the_store_usable() {
    let (input, output) = (MemoryPipe::default(), MemoryPipe::default());
    let (mut store, instance) = instantiate(ECHO, |builder| {
        builder.stdin(input.clone()).stdout(output.clone());
    });
    assert!(run(&mut store, &instance).unwrap_err().downcast_ref::<Exit>().is_none());
    input.push(b"x").unwrap();
    assert_eq!(run(&mut store, &instance).unwrap_err().downcast_ref::<Exit>(), Some(&Exit(1)));
}

#[test]
fn a_hundred_waiting_executions_share_one_wait_and_can_be_dropped() {
    let (input, output) = (MemoryPipe::default(), MemoryPipe::default());
    let (mut store, instance) = instantiate(ECHO, |builder| {
        builder.stdin(input.clone()).stdout(output.clone());
    });
    let start = instance.get_func(&store, "_start").unwrap();
    let mut executions: Vec<_> = (0..100).map(|_| start.start(&mut store, &[]).unwrap()).collect();
    for execution in &mut executions {
        assert!(matches!(execution.resume(&mut store), Ok(Progress::Pending)));
    }
    assert_eq!(store.data().pending_wait().sources().len(), 100);
    executions.truncate(1);
    input.push(b"abc").unwrap();
    assert!(store.data().pending_wait().is_over());
    let error = executions[0].resume(&mut store).unwrap_err();
    assert_eq!(error.downcast_ref::<Exit>(), Some(&Exit(3)));
}

#[test]
fn a_future_is_woken_by_itself() {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let (input, output) = (MemoryPipe::default(), MemoryPipe::default());
    let (mut store, instance) = instantiate(ECHO, |builder| {
        builder.stdin(input.clone()).stdout(output.clone());
    });
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start").unwrap();
    let waker = std::task::Waker::from(std::sync::Arc::new(Unpark(std::thread::current())));
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(start.call_async(&mut store, ()));
    assert!(future.as_mut().poll(&mut context).is_pending());
    let writer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(10));
        input.push(b"woken")
    });
    let result = loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(result) => break result,
            std::task::Poll::Pending => std::thread::park_timeout(Duration::from_secs(10)),
        }
    };
    assert_eq!(result.unwrap_err().downcast_ref::<Exit>(), Some(&Exit(5)));
    writer.join().unwrap().unwrap();
}

#[test]
fn mistakes_end_the_guest_with_what_they_are() {
    let (mut store, instance) = instantiate(
        r#"(module
            (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
            (memory (export "memory") 1)
            (func (export "_start") (drop (call $time (i32.const 0) (i64.const 0) (i32.const 65536)))))"#,
        |_| {},
    );
    let error = run(&mut store, &instance).unwrap_err();
    let fault = Fault::OutOfBounds { address: 65536, length: 8, memory: 65536 };
    assert_eq!(error.downcast_ref::<Fault>(), Some(&fault), "{error}");

    let (mut store, instance) = instantiate(
        r#"(module
            (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
            (func (export "_start") (drop (call $yield))))"#,
        |_| {},
    );
    let error = run(&mut store, &instance).unwrap_err();
    assert_eq!(error.downcast_ref::<Fault>(), Some(&Fault::NoMemory), "{error}");
}
