//! Fuel and epochs.

use std::future::{Future, pending};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use whit_core::{
    Caller, Engine, ErrorKind, Instance, Linker, MemoryType, Progress, SharedMemory, Store, TrapCode, TrapFacts,
    UpdateDeadline,
};

use crate::support::{Counter, Ticker, engine, module};

const SPIN: &str = r#"(module (func (export "spin") (loop $again (br $again))))"#;

fn spinning(engine: &Engine) -> (Store<u32>, whit_core::TypedFunc<(), ()>) {
    let mut store = Store::new(engine, 0);
    let module = module(engine, SPIN);
    let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
    let spin = instance.get_typed_func(&store, "spin").expect("exported");
    (store, spin)
}

fn code(error: &whit_core::Error) -> Option<TrapCode> {
    error.as_trap().map(|trap| trap.code())
}

#[test]
fn a_call_without_fuel_traps() {
    let engine = engine(|config| {
        config.consume_fuel(true);
    });
    let (mut store, spin) = spinning(&engine);
    store.set_fuel(10_000).expect("fuel is counted");
    let error = spin.call(&mut store, ()).expect_err("endless");
    assert_eq!(code(&error), Some(TrapCode::OutOfFuel));
    assert!(store.get_fuel().expect("fuel is counted") < 100);
}

#[test]
fn an_execution_goes_on_when_refuelled_and_counts_the_same() {
    let engine = engine(|config| {
        config.consume_fuel(true);
    });
    let module = module(
        &engine,
        r#"(module (func (export "f") (param i32) (result i32) (local i32)
            (loop $again
                (local.set 1 (i32.add (local.get 1) (local.get 0)))
                (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (local.get 1)))"#,
    );
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
    let func = instance.get_typed_func::<i32, i32>(&store, "f").expect("exported");
    store.set_fuel(1_000_000).expect("fuel is counted");
    let whole = func.call(&mut store, 100).expect("enough fuel");
    let used = 1_000_000 - store.get_fuel().expect("fuel is counted");

    let mut execution = func.start(&mut store, 100).expect("room");
    let (mut given, mut slices) = (0, 0);
    store.set_fuel(0).expect("fuel is counted");
    let sliced = loop {
        match execution.resume(&mut store).expect("no trap") {
            Progress::Done(result) => break result,
            Progress::OutOfFuel => {
                let left = store.get_fuel().expect("fuel is counted");
                store.set_fuel(left + 50).expect("fuel is counted");
                (given, slices) = (given + 50, slices + 1);
            }
            other => panic!("unexpected {other:?}"),
        }
    };
    let left = store.get_fuel().expect("fuel is counted");
    assert_eq!((sliced, given - left), (whole, used), "suspending changes neither result nor count");
    assert!(slices > 5);
}

#[test]
fn fuel_is_refused_where_it_is_not_counted() {
    let mut store = Store::new(&Engine::default(), ());
    assert_eq!(store.get_fuel().map_err(|error| error.kind()), Err(ErrorKind::Misuse));
    assert_eq!(store.set_fuel(1).map_err(|error| error.kind()), Err(ErrorKind::Misuse));
}

#[test]
fn another_thread_interrupts_by_the_epoch() {
    let engine = engine(|config| {
        config.epoch_interruption(true);
    });
    let (mut store, spin) = spinning(&engine);
    store.set_epoch_deadline(1);
    let ticker = Ticker::start(&engine);
    let error = spin.call(&mut store, ()).expect_err("interrupted");
    assert_eq!(code(&error), Some(TrapCode::Interrupted));
    drop(ticker);

    // An execution is only left, and goes on with a later deadline.
    let mut execution = spin.start(&mut store, ()).expect("room");
    for _ in 0..3 {
        store.set_epoch_deadline(0);
        assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Interrupted);
    }
}

#[test]
fn a_callback_decides_at_the_deadline() {
    let engine = engine(|config| {
        config.epoch_interruption(true);
    });
    let (mut store, spin) = spinning(&engine);
    let _ticker = Ticker::start(&engine);
    store.epoch_deadline_callback(|mut context| {
        *context.data_mut() += 1;
        Ok(if *context.data() < 5 { UpdateDeadline::Continue(0) } else { UpdateDeadline::Interrupt })
    });
    store.set_epoch_deadline(0);
    let error = spin.call(&mut store, ()).expect_err("interrupted at last");
    assert_eq!((code(&error), *store.data()), (Some(TrapCode::Interrupted), 5));

    store.epoch_deadline_callback(|_| Err(whit_core::Error::msg("enough")));
    store.set_epoch_deadline(0);
    let error = spin.call(&mut store, ()).expect_err("the callback's own error");
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::Host, String::from("enough")));

    store.epoch_deadline_trap();
    store.set_epoch_deadline(0);
    assert_eq!(code(&spin.call(&mut store, ()).expect_err("interrupted")), Some(TrapCode::Interrupted));
}

#[test]
fn an_atomic_wait_suspends_an_execution_and_obeys_the_deadline_in_a_call() {
    let engine = engine(|config| {
        config.epoch_interruption(true);
    });
    let ty = MemoryType::new(1, Some(1)).with_shared(true);
    let memory = SharedMemory::new(&engine, ty).expect("a memory");
    let module = module(
        &engine,
        r#"(module (import "" "m" (memory 1 1 shared))
            (func (export "wait") (param i64) (result i32)
                (memory.atomic.wait32 (i32.const 16) (i32.const 0) (local.get 0))))"#,
    );
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[memory.clone().into()]).expect("an instance");
    let wait = instance.get_typed_func::<i64, i32>(&store, "wait").expect("exported");

    store.set_epoch_deadline(1_000_000);
    assert_eq!(wait.call(&mut store, 2_000_000).expect("no trap"), 2, "timed out after two milliseconds");

    let mut execution = wait.start(&mut store, -1).expect("room");
    for _ in 0..3 {
        assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Pending);
    }
    assert_eq!(memory.atomic_notify(16, 1).expect("aligned, in bounds"), 1);
    assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Done(0), "notified");

    let execution = wait.start(&mut store, -1).expect("room");
    drop(execution);

    store.set_epoch_deadline(1);
    let _ticker = Ticker::start(&engine);
    assert_eq!(code(&wait.call(&mut store, -1).expect_err("for ever")), Some(TrapCode::Interrupted));
}

const LIMIT: Duration = Duration::from_millis(5);

fn timed_out(error: &whit_core::Error) -> bool {
    let trap = error.as_trap().expect("a trap");
    trap.code() == TrapCode::Timeout && trap.facts() == Some(&TrapFacts::Time { limit: LIMIT })
}

#[test]
fn a_timeout_ends_running_code_and_says_how_long_it_was() {
    let engine = engine(|config| {
        config.epoch_interruption(true);
    });
    let (mut store, spin) = spinning(&engine);
    let start = Instant::now();
    store.set_timeout(Some(LIMIT)).expect("code watches");
    let error = spin.call(&mut store, ()).expect_err("endless");
    assert!(timed_out(&error) && start.elapsed() >= LIMIT);
    assert_eq!(error.to_string(), "time limit exceeded: 5ms");
    assert!(error.as_trap().and_then(|trap| trap.backtrace()).is_some_and(|frames| !frames.frames().is_empty()));
    assert!(timed_out(&spin.call(&mut store, ()).expect_err("the time is over for all calls")));

    // An execution cannot go on either: it ends, where at an epoch deadline it would only be left.
    store.set_timeout(Some(LIMIT)).expect("code watches");
    let mut execution = spin.start(&mut store, ()).expect("room");
    assert!(timed_out(&execution.resume(&mut store).expect_err("endless")));
    assert!(execution.is_finished());
}

#[test]
fn a_timeout_and_an_epoch_deadline_hold_side_by_side() {
    let engine = engine(|config| {
        config.epoch_interruption(true);
    });
    let (mut store, spin) = spinning(&engine);
    store.set_timeout(Some(Duration::from_secs(3600))).expect("code watches");
    store.set_epoch_deadline(3);
    let ticker = Ticker::start(&engine);
    assert_eq!(code(&spin.call(&mut store, ()).expect_err("interrupted")), Some(TrapCode::Interrupted));
    drop(ticker);
    store.set_timeout(Some(LIMIT)).expect("code watches");
    store.set_epoch_deadline(1_000_000);
    assert!(timed_out(&spin.call(&mut store, ()).expect_err("endless")));
    store.set_timeout(None).expect("code watches");
    let mut execution = spin.start(&mut store, ()).expect("room");
    store.set_epoch_deadline(0);
    assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Interrupted);
}

#[test]
fn one_stores_timeout_is_no_tick_for_another() {
    let engine = engine(|config| {
        config.epoch_interruption(true);
    });
    let module = module(&engine, r#"(module (func (export "f") (result i32) (i32.const 7)))"#);
    let mut other = Store::new(&engine, ());
    let instance = Instance::new(&mut other, &module, &[]).expect("an instance");
    let f = instance.get_typed_func::<(), i32>(&other, "f").expect("exported");
    other.set_epoch_deadline(1);
    let (mut store, spin) = spinning(&engine);
    for _ in 0..3 {
        store.set_timeout(Some(LIMIT)).expect("code watches");
        assert!(timed_out(&spin.call(&mut store, ()).expect_err("endless")));
        assert_eq!(f.call(&mut other, ()).expect("no tick yet"), 7);
    }
    engine.increment_epoch();
    assert_eq!(code(&f.call(&mut other, ()).expect_err("one tick")), Some(TrapCode::Interrupted));
}

#[test]
fn a_timeout_wakes_the_task_of_a_pending_host_function() {
    let engine = engine(|config| {
        config.epoch_interruption(true);
    });
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap_async("host", "wait", |_: Caller<'_, ()>, (): ()| Box::new(pending::<()>())).expect("a new name");
    let module = module(&engine, r#"(module (import "host" "wait" (func $wait)) (func (export "f") (call $wait)))"#);
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).expect("an instance");
    let f = instance.get_typed_func::<(), ()>(&store, "f").expect("exported");
    let (counter, waker) = Counter::new();
    let mut context = Context::from_waker(&waker);
    let start = Instant::now();
    store.set_timeout(Some(LIMIT)).expect("code watches");
    {
        let mut call = pin!(f.call_async(&mut store, ()));
        let error = loop {
            let wakes = counter.wakes();
            match call.as_mut().poll(&mut context) {
                Poll::Ready(result) => break result.expect_err("nothing finishes it"),
                Poll::Pending => assert!(wakes == 0, "it was woken too early"),
            }
            while counter.wakes() == wakes {
                assert!(start.elapsed() < Duration::from_secs(60), "nobody wakes the task");
                std::thread::yield_now();
            }
        };
        assert!(timed_out(&error) && start.elapsed() >= LIMIT);
    }
    store.set_timeout(Some(Duration::from_secs(3600))).expect("code watches");
    let mut execution = f.start(&mut store, ()).expect("room");
    assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Pending);
    store.set_timeout(Some(LIMIT)).expect("code watches");
    std::thread::sleep(LIMIT);
    assert!(timed_out(&execution.resume(&mut store).expect_err("resumed too late")));
}

#[test]
fn a_timeout_ends_an_atomic_wait_however_it_is_run() {
    let engine = engine(|config| {
        config.epoch_interruption(true);
    });
    let module = module(
        &engine,
        r#"(module (memory 1 1 shared) (func (export "wait") (result i32)
            (memory.atomic.wait32 (i32.const 16) (i32.const 0) (i64.const -1))))"#,
    );
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
    let wait = instance.get_typed_func::<(), i32>(&store, "wait").expect("exported");
    store.set_timeout(Some(LIMIT)).expect("code watches");
    assert!(timed_out(&wait.call(&mut store, ()).expect_err("for ever")));
    store.set_timeout(Some(LIMIT)).expect("code watches");
    let mut execution = wait.start(&mut store, ()).expect("room");
    let error = loop {
        match execution.resume(&mut store) {
            Ok(progress) => assert_eq!(progress, Progress::Pending),
            Err(error) => break error,
        }
    };
    assert!(timed_out(&error));
}

#[test]
fn a_timeout_is_refused_where_code_does_not_watch() {
    let mut store = Store::new(&Engine::default(), ());
    assert_eq!(store.set_timeout(Some(LIMIT)).map_err(|error| error.kind()), Err(ErrorKind::Misuse));
}
