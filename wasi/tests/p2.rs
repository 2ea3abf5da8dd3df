//! WASI 0.2 as a component sees it: waits, statuses, and what happens to one that misuses what it was given.
//!
//! Each guest is a few lines of core code inside one component (`p2/guest.wat`), which imports interfaces at different versions of 0.2.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use whit_component::{Component, Linker};
use whit_core::{Engine, Error, Store};
use whit_wasi::host::http::{
    ErrorCode, FieldLimits, Fields, IncomingBody, IncomingResponse, Message, ResponsePromise, SentRequest, StatusCode,
    Transport, body_channel,
};
use whit_wasi::host::net::Network;
use whit_wasi::host::stream::MemoryPipe;
use whit_wasi::{Exit, Limits, WasiCtx, WasiCtxBuilder, WasiView, add_to_linker_p2};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park_timeout(Duration::from_secs(20));
    }
}

/// Runs `code`, the body of the core function `run`, which returns a number.
fn run(code: &str, grant: impl FnOnce(&mut WasiCtxBuilder)) -> Result<u32, Error> {
    run_and_look(code, grant).0
}

/// The same, and the context as the guest left it.
fn run_and_look(code: &str, grant: impl FnOnce(&mut WasiCtxBuilder)) -> (Result<u32, Error>, WasiCtx) {
    let engine = Engine::default();
    let text = include_str!("p2/guest.wat").replace(";; CODE", code);
    let component = Component::new(&engine, wat::parse_str(text).unwrap()).unwrap();
    let mut linker = Linker::new(&engine);
    add_to_linker_p2(&mut linker, WasiCtx::wasi).unwrap();
    let mut builder = WasiCtx::builder();
    grant(&mut builder);
    let mut store = Store::new(&engine, builder.build().unwrap());
    let instance = linker.instantiate(&mut store, &component).unwrap();
    let run = instance.get_func(&mut store, &["run"]).unwrap().typed::<(), (u32,)>(&mut store).unwrap();
    let result = block_on(run.call_async(&mut store, ())).map(|(number,)| number);
    (result, store.into_data())
}

/// The words with which a guest ends.
fn trap(code: &str) -> String {
    run(code, |_| {}).expect_err(code).to_string()
}

#[test]
fn a_guest_reads_and_writes_and_waits_for_both() {
    let (input, output) = (MemoryPipe::default(), MemoryPipe::new(3));
    let (writer, reader) = (input.clone(), output.clone());
    let other_side = thread::spawn(move || {
        let mut text = Vec::new();
        thread::sleep(Duration::from_millis(20));
        writer.push(b"hello").unwrap();
        while text.len() < 5 {
            let mut piece = [0; 2];
            let size = reader.pull(&mut piece);
            text.extend_from_slice(&piece[..size]);
            thread::sleep(Duration::from_millis(1));
        }
        text
    });
    // Reads what comes, at least one byte, and writes it.
    let code = "
        (call $blocking-read (call $get-stdin) (i64.const 100) (i32.const 0))
        (if (i32.load8_u (i32.const 0)) (then unreachable))
        (call $blocking-write-and-flush (call $get-stdout) (i32.load (i32.const 4)) (i32.load (i32.const 8)) (i32.const 16))
        (if (i32.load8_u (i32.const 16)) (then unreachable))
        (i32.load (i32.const 8))";
    let result = run(code, |builder| {
        builder.stdin(input).stdout(output);
    });
    assert_eq!(result.unwrap(), 5);
    assert_eq!(other_side.join().unwrap(), b"hello");
}

#[test]
fn a_guest_waits_for_the_first_of_several_things() {
    let start = Instant::now();
    // An hour, standard input that never comes, and a moment: the third is ready.
    let code = "
        (i32.store (i32.const 0) (call $subscribe-duration (i64.const 3600000000000)))
        (i32.store (i32.const 4) (call $subscribe-input (call $get-stdin)))
        (i32.store (i32.const 8) (call $subscribe-duration (i64.const 20000000)))
        (call $poll (i32.const 0) (i32.const 3) (i32.const 16))
        (if (i32.ne (i32.load (i32.const 20)) (i32.const 1)) (then unreachable))
        (call $block (i32.load (i32.const 8)))
        (drop (call $ready (i32.load (i32.const 0))))
        (i32.load (i32.load (i32.const 16)))";
    let result = run(code, |builder| {
        builder.stdin(MemoryPipe::default());
    });
    assert_eq!(result.unwrap(), 2);
    assert!(start.elapsed() >= Duration::from_millis(20));
}

#[test]
fn a_deterministic_guest_sleeps_without_waiting() {
    let start = Instant::now();
    let code = "(call $block (call $subscribe-duration (i64.const 36000000000000))) (i32.const 1)";
    let result = run(code, |builder| {
        builder.deterministic(Default::default(), 1);
    });
    assert_eq!(result.unwrap(), 1);
    assert!(start.elapsed() < Duration::from_secs(3600));
}

#[test]
fn a_guest_ends_itself_with_a_status() {
    for (code, status) in [
        ("(call $exit (i32.const 0)) unreachable", 0),
        ("(call $exit (i32.const 1)) unreachable", 1),
        ("(call $exit-with-code (i32.const 255)) unreachable", 255),
    ] {
        assert_eq!(run(code, |_| {}).unwrap_err().downcast_ref(), Some(&Exit(status)), "{code}");
    }
}

#[test]
fn without_grants_there_is_nothing() {
    for code in [
        // No directory, no argument, no variable, and standard input at its end.
        "(call $get-directories (i32.const 0)) (i32.load (i32.const 4))",
        "(call $get-arguments (i32.const 0)) (i32.load (i32.const 4))",
        "(call $get-environment (i32.const 0)) (i32.load (i32.const 4))",
        "(call $blocking-read (call $get-stdin) (i64.const 1) (i32.const 0))
         (i32.ne (i32.load8_u (i32.const 4)) (i32.const 1))",
        "(call $get-terminal-stdin (i32.const 0)) (i32.load8_u (i32.const 0))",
    ] {
        assert_eq!(run(code, |_| {}).unwrap(), 0, "{code}");
    }
}

#[test]
fn misuse_of_a_stream_ends_the_guest() {
    for (code, words) in [
        // Without a permit; more than it says; more than a blocking write takes.
        ("(call $write (call $get-stdout) (i32.const 0) (i32.const 1) (i32.const 64)) (i32.const 0)", "check-write"),
        (
            "(call $blocking-write-and-flush (call $get-stdout) (i32.const 0) (i32.const 4097) (i32.const 64)) (i32.const 0)",
            "4096",
        ),
        (
            "(call $blocking-write-zeroes-and-flush (call $get-stdout) (i64.const -1) (i32.const 64)) (i32.const 0)",
            "4096",
        ),
        // A list that reaches past memory, or is longer than any may be.
        (
            "(call $write (call $get-stdout) (i32.const 65535) (i32.const 65535) (i32.const 64)) (i32.const 0)",
            "out of bounds",
        ),
        ("(call $write (call $get-stdout) (i32.const 0) (i32.const -1) (i32.const 64)) (i32.const 0)", "list"),
    ] {
        let ended = trap(code);
        assert!(ended.contains(words), "{code}: {ended}");
    }
}

#[test]
fn polls_of_nothing_or_too_much_end_the_guest() {
    assert!(trap("(call $poll (i32.const 0) (i32.const 0) (i32.const 64)) (i32.const 0)").contains("poll of nothing"));
    // One handle, again and again.
    let code = "
        (local $at i32) (local $pollable i32)
        (drop (memory.grow (i32.const 8)))
        (local.set $pollable (call $subscribe-duration (i64.const 0)))
        (loop $next
          (i32.store (i32.add (i32.const 1024) (local.get $at)) (local.get $pollable))
          (local.set $at (i32.add (local.get $at) (i32.const 4)))
          (br_if $next (i32.lt_u (local.get $at) (i32.const 262148))))
        (call $poll (i32.const 1024) (i32.const 65537) (i32.const 64))
        (i32.const 0)";
    assert!(trap(code).contains("65536"));
}

#[test]
fn handles_that_do_not_exist_or_are_of_something_else_end_the_guest() {
    for code in [
        "(call $ready (i32.const 0))",
        "(call $ready (i32.const 77))",
        "(call $ready (call $get-stdin))",
        "(drop (call $subscribe-input (call $get-stdout))) (i32.const 0)",
        "(call $drop-pollable (i32.const 1)) (i32.const 0)",
        "(call $drop-pollable (call $get-stdin)) (i32.const 0)",
        "(local $pollable i32) (local.set $pollable (call $subscribe-duration (i64.const 0)))
         (call $drop-pollable (local.get $pollable)) (call $ready (local.get $pollable))",
        "(i32.store (i32.const 0) (i32.const 9)) (call $poll (i32.const 0) (i32.const 1) (i32.const 64)) (i32.const 0)",
    ] {
        let ended = trap(code);
        assert!(ended.contains("handle") || ended.contains("resource"), "{code}: {ended}");
    }
}

#[test]
fn what_is_made_from_a_stream_may_outlive_it() {
    let code = "
        (local $input i32) (local $pollable i32)
        (local.set $input (call $get-stdin))
        (local.set $pollable (call $subscribe-input (local.get $input)))
        (call $drop-input (local.get $input))
        (call $ready (local.get $pollable))
        (call $drop-pollable (local.get $pollable))";
    let (result, mut ctx) = run_and_look(code, |_| {});
    assert_eq!(result.unwrap(), 1);
    assert!(ctx.table().is_empty());
}

#[test]
fn resources_and_random_bytes_have_limits() {
    let hoard = "(loop $more (drop (call $get-stdin)) (br $more)) unreachable";
    let ended = run(hoard, |builder| {
        let mut limits = Limits::default();
        limits.max_resources = 100;
        builder.limits(limits);
    });
    assert!(ended.unwrap_err().to_string().contains("max-resources"));
    assert!(trap(hoard).contains("max-resources"));
    trap("(call $get-random-bytes (i64.const -1) (i32.const 0)) (i32.const 0)");
    trap("(call $get-random-bytes (i64.const 67108865) (i32.const 0)) (i32.const 0)");
    // Fewer would do, but the guest's own memory does not hold them: its `realloc` says so.
    trap("(call $get-random-bytes (i64.const 1000000) (i32.const 0)) (i32.const 0)");
}

#[test]
fn bytes_are_spliced_from_one_stream_to_another() {
    let output = MemoryPipe::default();
    let code = "
        (call $blocking-splice (call $get-stdout) (call $get-stdin) (i64.const 4) (i32.const 0))
        (if (i32.load8_u (i32.const 0)) (then unreachable))
        (i32.load (i32.const 8))";
    let result = run(code, |builder| {
        builder.stdin(MemoryPipe::with_contents("splice")).stdout(output.clone());
    });
    assert_eq!((result.unwrap(), output.contents()), (4, b"spli".to_vec()));
}

#[test]
fn a_plain_call_cannot_wait_and_says_so() {
    let engine = Engine::default();
    let code = "(call $block (call $subscribe-duration (i64.const 60000000000))) (i32.const 0)";
    let text = include_str!("p2/guest.wat").replace(";; CODE", code);
    let component = Component::new(&engine, wat::parse_str(text).unwrap()).unwrap();
    let mut linker = Linker::new(&engine);
    add_to_linker_p2(&mut linker, WasiCtx::wasi).unwrap();
    let mut store = Store::new(&engine, WasiCtx::default());
    let instance = linker.instantiate(&mut store, &component).unwrap();
    let run = instance.get_func(&mut store, &["run"]).unwrap().typed::<(), (u32,)>(&mut store).unwrap();
    let trap = run.call(&mut store, ()).unwrap_err();
    assert_eq!(trap.as_trap().map(|trap| trap.code()), Some(whit_core::TrapCode::CannotSuspend));
}

/// A network of the embedder's own: whatever is asked for is in memory.
struct InMemory;

impl Transport for InMemory {
    fn send(&self, _: Network, request: SentRequest, response: ResponsePromise) -> Result<(), ErrorCode> {
        let (promise, _place) = response.into_parts();
        let (sender, receiver) = body_channel(1024);
        let answer = format!("{} {}:{}", request.method, request.target.host, request.target.port);
        sender.write(answer.as_bytes()).expect("it fits");
        sender.end(None);
        let headers = Fields::received(FieldLimits::default(), [("X-From", &b"memory"[..])]).expect("they are few");
        let body = Some(IncomingBody::new(Message::Response, receiver));
        promise.keep(Ok(IncomingResponse { status: StatusCode::default(), headers, body }));
        Ok(())
    }
}

#[test]
fn requests_go_through_the_embedders_transport_if_they_are_granted() {
    let fetch = |url: &str| {
        let engine = Engine::default();
        let component = Component::new(&engine, include_bytes!("../../guests/wasm/fetch.wasm").to_vec()).unwrap();
        let mut linker = Linker::new(&engine);
        add_to_linker_p2(&mut linker, WasiCtx::wasi).unwrap();
        let output = MemoryPipe::default();
        let mut builder = WasiCtx::builder();
        builder.transport(Arc::new(InMemory)).stdout(output.clone()).args(["fetch", url]).unwrap();
        builder.allow_net("granted.example:443".parse().unwrap()).unwrap();
        let mut store = Store::new(&engine, builder.build().unwrap());
        let instance = linker.instantiate(&mut store, &component).unwrap();
        let run = instance.get_func(&mut store, &["wasi:cli/run@0.2.12", "run"]).unwrap();
        let run = run.typed::<(), (Result<(), ()>,)>(&mut store).unwrap();
        let ended = block_on(run.call_async(&mut store, ())).is_ok_and(|(result,)| result.is_ok());
        let denials: Vec<_> = store.data().denials().iter().map(|denial| denial.flag()).collect();
        (ended, String::from_utf8(output.contents()).unwrap(), denials)
    };
    let (ended, output, denials) = fetch("https://granted.example/a");
    assert!(ended && denials.is_empty(), "{output}");
    assert_eq!(output, "200\nX-From: memory\n\nGET granted.example:443\n");
    let (ended, output, denials) = fetch("https://other.example/");
    assert_eq!((ended, output.as_str(), &*denials), (false, "", &["--allow-net other.example:443".to_string()][..]));
}
