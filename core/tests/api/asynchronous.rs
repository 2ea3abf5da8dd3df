//! Host functions that are finished by futures.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use whit_core::{
    Caller, Engine, Error, ErrorKind, Extern, FuncType, Instance, Linker, LocalFutures, Progress, Store, TrapCode, Val,
    ValType,
};

use crate::support::{Counter, Dropped, module};

/// A future that is pending until it is told.
#[derive(Default)]
struct Gate {
    open: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Gate {
    fn open(&self) {
        self.open.store(true, Ordering::SeqCst);
        if let Some(waker) = self.waker.lock().expect("no panic").take() {
            waker.wake();
        }
    }

    fn wait(self: Arc<Self>) -> impl Future<Output = ()> + Send {
        poll_fn(move |context| {
            if self.open.load(Ordering::SeqCst) {
                return Poll::Ready(());
            }
            *self.waker.lock().expect("no panic") = Some(context.waker().clone());
            Poll::Pending
        })
    }
}

const GUEST: &str = r#"(module
    (import "host" "wait" (func $wait (param i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "run") (param i32) (result i32)
        (i32.add (i32.const 1) (call $wait (local.get 0)))))"#;

/// A store whose guest waits for a gate, and its instance.
fn waiting(gate: &Arc<Gate>) -> (Store<u32>, Instance) {
    let engine = Engine::default();
    let mut linker: Linker<u32> = Linker::new(&engine);
    let gate = gate.clone();
    linker
        .func_wrap_async("host", "wait", move |mut caller: Caller<'_, u32>, (x,): (i32,)| {
            *caller.data_mut() += 1;
            let gate = gate.clone();
            Box::new(async move {
                gate.wait().await;
                x * 10
            })
        })
        .expect("a new name");
    let mut store = Store::new(&engine, 0);
    let instance = linker.instantiate(&mut store, &module(&engine, GUEST)).expect("an instance");
    (store, instance)
}

#[test]
fn a_pending_host_function_suspends_the_execution() {
    let gate = Arc::new(Gate::default());
    let (mut store, instance) = waiting(&gate);
    let run = instance.get_typed_func::<i32, i32>(&store, "run").expect("exported");
    let mut execution = run.start(&mut store, 4).expect("room");
    for _ in 0..3 {
        assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Pending);
    }
    assert_eq!(*store.data(), 1, "the closure ran once");
    gate.open();
    assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Done(41));
}

#[test]
fn a_future_is_woken_and_finishes() {
    let gate = Arc::new(Gate::default());
    let (mut store, instance) = waiting(&gate);
    let run = instance.get_typed_func::<i32, i32>(&store, "run").expect("exported");
    let (counter, waker) = Counter::new();
    let mut context = Context::from_waker(&waker);
    {
        let mut call = pin!(run.call_async(&mut store, 5));
        assert!(call.as_mut().poll(&mut context).is_pending());
        assert_eq!(counter.wakes(), 0);
        gate.open();
        assert_eq!(counter.wakes(), 1);
        assert!(matches!(call.as_mut().poll(&mut context), Poll::Ready(Ok(51))));
    }
    let mut results = [Val::I32(0)];
    let func = instance.get_func(&store, "run").expect("exported");
    let mut call = Box::pin(func.call_async(&mut store, &[Val::I32(6)], &mut results));
    assert!(matches!(call.as_mut().poll(&mut context), Poll::Ready(Ok(()))));
    drop(call);
    assert_eq!(results[0].i32(), Some(61));
}

#[test]
fn a_plain_call_cannot_wait() {
    let gate = Arc::new(Gate::default());
    let (mut store, instance) = waiting(&gate);
    let run = instance.get_typed_func::<i32, i32>(&store, "run").expect("exported");
    let error = run.call(&mut store, 1).expect_err("it would have to wait");
    assert_eq!(error.as_trap().map(|trap| trap.code()), Some(TrapCode::CannotSuspend));
    gate.open();
    assert_eq!(run.call(&mut store, 1).expect("ready at once"), 11);
}

#[test]
fn a_call_inside_a_closure_cannot_wait_either() {
    let gate = Arc::new(Gate::default());
    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    let inner_gate = gate.clone();
    linker
        .func_wrap_async("host", "wait", move |_: Caller<'_, ()>, (x,): (i32,)| {
            let gate = inner_gate.clone();
            Box::new(async move {
                gate.wait().await;
                x
            })
        })
        .expect("a new name")
        .func_wrap("host", "call", |mut caller: Caller<'_, ()>| -> Result<i32, Error> {
            let inner =
                caller.get_export("inner").and_then(Extern::into_func).ok_or_else(|| Error::msg("no export"))?;
            inner.typed::<(), i32>(&caller)?.call(&mut caller, ())
        })
        .expect("a new name");
    let module = module(
        &engine,
        r#"(module
            (import "host" "wait" (func $wait (param i32) (result i32)))
            (import "host" "call" (func $call (result i32)))
            (func (export "inner") (result i32) (call $wait (i32.const 3)))
            (func (export "outer") (result i32) (call $call)))"#,
    );
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).expect("an instance");
    let outer = instance.get_typed_func::<(), i32>(&store, "outer").expect("exported");
    let mut execution = outer.start(&mut store, ()).expect("room");
    let error = execution.resume(&mut store).expect_err("a closure on the native stack cannot be left");
    assert_eq!(error.as_trap().map(|trap| trap.code()), Some(TrapCode::CannotSuspend));
    gate.open();
    assert_eq!(outer.call(&mut store, ()).expect("ready at once"), 3);
}

#[test]
fn dropping_a_pending_call_drops_its_future_and_leaves_the_store_usable() {
    let engine = Engine::default();
    let drops = Arc::new(AtomicUsize::new(0));
    let gate = Arc::new(Gate::default());
    let mut linker: Linker<()> = Linker::new(&engine);
    let (future_drops, future_gate) = (drops.clone(), gate.clone());
    linker
        .func_wrap_async("host", "wait", move |_: Caller<'_, ()>, (x,): (i32,)| {
            let (held, gate) = (Dropped(future_drops.clone()), future_gate.clone());
            Box::new(async move {
                gate.wait().await;
                drop(held);
                x
            })
        })
        .expect("a new name");
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module(&engine, GUEST)).expect("an instance");
    let run = instance.get_typed_func::<i32, i32>(&store, "run").expect("exported");
    let mut context = Context::from_waker(Waker::noop());

    let mut call: Pin<Box<_>> = Box::pin(run.call_async(&mut store, 1));
    assert!(call.as_mut().poll(&mut context).is_pending());
    drop(call);
    assert_eq!(drops.load(Ordering::SeqCst), 1, "dropped with the call");

    let mut execution = run.start(&mut store, 2).expect("room");
    assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Pending);
    drop(execution);
    store.gc().expect("a collection");
    assert_eq!(drops.load(Ordering::SeqCst), 2, "dropped when the store was next used");

    let mut execution = run.start(&mut store, 3).expect("room");
    assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Pending);
    gate.open();
    assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Done(4));
    drop(store);
    drop(execution);
    assert_eq!(drops.load(Ordering::SeqCst), 3);
}

#[test]
fn many_pending_calls_finish_in_any_order() {
    let engine = Engine::default();
    let gates: Arc<Vec<Arc<Gate>>> = Arc::new((0..100).map(|_| Arc::default()).collect());
    let mut linker: Linker<()> = Linker::new(&engine);
    let all = gates.clone();
    linker
        .func_wrap_async("host", "wait", move |_: Caller<'_, ()>, (x,): (i32,)| {
            let gate = all[x as usize].clone();
            Box::new(async move {
                gate.wait().await;
                x
            })
        })
        .expect("a new name");
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module(&engine, GUEST)).expect("an instance");
    let run = instance.get_typed_func::<i32, i32>(&store, "run").expect("exported");
    let mut executions: Vec<_> = (0..100).map(|n| run.start(&mut store, n).expect("room")).collect();
    for execution in &mut executions {
        assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Pending);
    }
    for n in (0..100).map(|n| (n * 37) % 100) {
        gates[n].open();
        assert_eq!(executions[n].resume(&mut store).expect("no trap"), Progress::Done(n as i32 + 1));
    }
}

#[test]
fn a_future_reaches_the_store_through_its_accessor() {
    let engine = Engine::default();
    let gate = Arc::new(Gate::default());
    let mut linker: Linker<u32> = Linker::new(&engine);
    let future_gate = gate.clone();
    linker
        .func_wrap_async("host", "wait", move |caller: Caller<'_, u32>, (x,): (i32,)| {
            let (accessor, gate) = (caller.accessor(), future_gate.clone());
            Box::new(async move {
                let accessor = accessor.ok_or_else(|| Error::msg("no accessor"))?;
                gate.wait().await;
                let before = accessor
                    .with(move |mut caller| {
                        let memory = caller.get_export("memory").and_then(Extern::into_memory);
                        let memory = memory.ok_or_else(|| Error::msg("no memory"))?;
                        memory.write(&mut caller, 0, &x.to_le_bytes())?;
                        *caller.data_mut() += 1;
                        Ok::<_, Error>(*caller.data())
                    })
                    .await??;
                let after = accessor.with(|caller| *caller.data()).await?;
                Ok((before + after) as i32)
            })
        })
        .expect("a new name");
    let mut store = Store::new(&engine, 5);
    let instance = linker.instantiate(&mut store, &module(&engine, GUEST)).expect("an instance");
    let run = instance.get_typed_func::<i32, i32>(&store, "run").expect("exported");
    let mut execution = run.start(&mut store, 0x0a0b).expect("room");
    assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Pending);
    gate.open();
    assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Done(13));
    let memory = instance.get_memory(&store, "memory").expect("exported");
    assert_eq!(memory.data(&store)[..2], [0x0b, 0x0a]);
}

#[test]
fn an_accessor_that_outlives_its_call_is_told_so() {
    let engine = Engine::default();
    let leaked = Arc::new(Mutex::new(None));
    let mut linker: Linker<()> = Linker::new(&engine);
    let place = leaked.clone();
    linker
        .func_wrap_async("host", "wait", move |caller: Caller<'_, ()>, (x,): (i32,)| {
            *place.lock().expect("no panic") = caller.accessor();
            Box::new(async move { x })
        })
        .expect("a new name");
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module(&engine, GUEST)).expect("an instance");
    let run = instance.get_typed_func::<i32, i32>(&store, "run").expect("exported");
    assert_eq!(run.call(&mut store, 1).expect("ready at once"), 2);
    let accessor = leaked.lock().expect("no panic").take().expect("given");
    let mut answer = pin!(accessor.with(|_| ()));
    let result = answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(result, Poll::Ready(Err(error)) if error.kind() == ErrorKind::Misuse));
}

#[test]
fn dynamic_asynchronous_functions_give_values() {
    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    let ty = FuncType::new([ValType::I32], [ValType::I32]);
    linker
        .func_new_async("host", "wait", ty, |_, params| {
            let x = params[0].unwrap_i32();
            Box::new(async move { Ok(if x == 0 { vec![] } else { vec![Val::I32(x * 2)] }) })
        })
        .expect("a new name");
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module(&engine, GUEST)).expect("an instance");
    let run = instance.get_typed_func::<i32, i32>(&store, "run").expect("exported");
    assert_eq!(run.call(&mut store, 4).expect("ready at once"), 9);
    assert_eq!(run.call(&mut store, 0).expect_err("too few results").kind(), ErrorKind::Misuse);
}

#[test]
fn a_start_function_may_wait() {
    let engine = Engine::default();
    let gate = Arc::new(Gate::default());
    let mut linker: Linker<()> = Linker::new(&engine);
    let future_gate = gate.clone();
    linker
        .func_wrap_async("host", "wait", move |_: Caller<'_, ()>, (): ()| {
            let gate = future_gate.clone();
            Box::new(async move { gate.wait().await })
        })
        .expect("a new name");
    let module = module(&engine, r#"(module (import "host" "wait" (func $wait)) (start $wait))"#);
    let mut store = Store::new(&engine, ());
    let mut context = Context::from_waker(Waker::noop());
    let mut instance = pin!(linker.instantiate_async(&mut store, &module));
    assert!(instance.as_mut().poll(&mut context).is_pending());
    gate.open();
    assert!(matches!(instance.as_mut().poll(&mut context), Poll::Ready(Ok(_))));
}

/// What the local host function below shares with its store's thread.
#[derive(Default)]
struct Local {
    waiting: LocalFutures,
    /// Not `Send`: only this thread may count.
    calls: Rc<Cell<i32>>,
    gate: Arc<Gate>,
    drops: Arc<AtomicUsize>,
    panics: bool,
}

fn waiting_locally() -> (Store<Local>, whit_core::TypedFunc<i32, i32>) {
    let engine = Engine::default();
    let mut linker: Linker<Local> = Linker::new(&engine);
    linker
        .func_wrap_async_local(
            "host",
            "wait",
            |data: &mut Local| &mut data.waiting,
            |caller: Caller<'_, Local>, (x,): (i32,)| {
                let data = caller.data();
                let (calls, gate, panics) = (data.calls.clone(), data.gate.clone(), data.panics);
                let held = Dropped(data.drops.clone());
                let accessor = caller.accessor();
                Box::new(async move {
                    let _held = held;
                    assert!(!panics, "as asked");
                    gate.wait().await;
                    calls.set(calls.get() + 1);
                    let accessor = accessor.ok_or_else(|| Error::msg("no accessor"))?;
                    let before = accessor.with(|caller| caller.data().calls.get()).await?;
                    Ok::<_, Error>(x * 10 + before)
                })
            },
        )
        .expect("a new name");
    let mut store = Store::new(&engine, Local::default());
    let instance = linker.instantiate(&mut store, &module(&engine, GUEST)).expect("an instance");
    let run = instance.get_typed_func(&store, "run").expect("exported");
    (store, run)
}

#[test]
fn a_future_that_is_not_send_waits_in_the_embedders_data() {
    let (mut store, run) = waiting_locally();
    let gate = store.data().gate.clone();
    let mut executions: Vec<_> = (0..3).map(|n| run.start(&mut store, n).expect("room")).collect();
    for execution in &mut executions {
        assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Pending);
    }
    assert_eq!(store.data().waiting.len(), 3);
    gate.open();
    for (n, execution) in executions.iter_mut().enumerate().rev() {
        let calls = 3 - n as i32;
        assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Done(n as i32 * 10 + calls + 1));
    }
    assert!(store.data().waiting.is_empty());
    assert_eq!((store.data().calls.get(), store.data().drops.load(Ordering::SeqCst)), (3, 3));
    assert_eq!(run.call(&mut store, 1).expect("ready at once"), 15);
}

#[test]
fn a_local_future_goes_with_its_call() {
    let (mut store, run) = waiting_locally();
    let drops = store.data().drops.clone();
    let mut context = Context::from_waker(Waker::noop());
    let mut call = Box::pin(run.call_async(&mut store, 1));
    assert!(call.as_mut().poll(&mut context).is_pending());
    drop(call);
    assert_eq!((store.data().waiting.len(), drops.load(Ordering::SeqCst)), (0, 1), "a call that is dropped");

    let error = run.call(&mut store, 1).expect_err("it would have to wait");
    assert_eq!(error.as_trap().map(|trap| trap.code()), Some(TrapCode::CannotSuspend));
    assert_eq!((store.data().waiting.len(), drops.load(Ordering::SeqCst)), (0, 2), "a call that cannot wait");

    store.data_mut().panics = true;
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run.call(&mut store, 1)));
    assert!(panic.is_err());
    assert_eq!((store.data().waiting.len(), drops.load(Ordering::SeqCst)), (0, 3), "a future that panics");

    store.data_mut().panics = false;
    let mut execution = run.start(&mut store, 1).expect("room");
    assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Pending);
    let data = store.into_data();
    assert_eq!((data.waiting.len(), drops.load(Ordering::SeqCst)), (1, 3), "the data outlives its store");
    drop(data);
    assert_eq!(drops.load(Ordering::SeqCst), 4);
}

#[test]
fn a_local_future_that_was_taken_away_is_an_error() {
    let (mut store, run) = waiting_locally();
    let mut execution = run.start(&mut store, 1).expect("room");
    assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Pending);
    let taken = std::mem::take(&mut store.data_mut().waiting);
    assert_eq!(execution.resume(&mut store).expect_err("nothing to poll").kind(), ErrorKind::Misuse);
    assert_eq!(taken.len(), 1, "the embedder has it");
}
