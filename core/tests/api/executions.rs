//! Calls as values: left, kept, resumed in any order, dropped anywhere.

use whit_core::{
    Caller, Engine, Error, ErrorKind, Execution, Extern, Linker, Progress, Store, TrapCode, TypedFunc, UpdateDeadline,
    Val,
};

use crate::support::{Ticker, engine, instance, module};

/// A store whose guest counts and runs out of fuel on the way.
fn counting() -> (Store<()>, TypedFunc<i32, i32>) {
    let engine = engine(|config| {
        config.consume_fuel(true);
    });
    let module = module(
        &engine,
        r#"(module (func (export "count") (param i32) (result i32) (local i32)
            (loop $again
                (local.set 1 (i32.add (local.get 1) (i32.const 3)))
                (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (local.get 1)))"#,
    );
    let mut store = Store::new(&engine, ());
    store.set_fuel(0).expect("fuel is counted");
    let instance = whit_core::Instance::new(&mut store, &module, &[]).expect("an instance");
    let count = instance.get_typed_func(&store, "count").expect("exported");
    (store, count)
}

#[test]
fn a_thousand_suspended_executions_interleave() {
    let (mut store, count) = counting();
    let mut executions: Vec<(i32, Execution<i32>)> = Vec::new();
    for number in 1..=1000 {
        executions.push((number, count.start(&mut store, number).expect("room")));
    }
    let (mut rounds, mut done) = (0, 0);
    while !executions.is_empty() {
        rounds += 1;
        executions.retain_mut(|(number, execution)| {
            store.set_fuel(200).expect("fuel is counted");
            match execution.resume(&mut store).expect("no trap") {
                Progress::Done(result) => {
                    assert_eq!(result, *number * 3);
                    done += 1;
                    false
                }
                progress => {
                    assert_eq!(progress, Progress::OutOfFuel);
                    true
                }
            }
        });
    }
    assert_eq!(done, 1000);
    assert!(rounds > 10, "each took many slices: {rounds}");
}

#[test]
fn suspended_executions_can_be_dropped_anywhere() {
    let (mut store, count) = counting();
    for round in 0..50 {
        let mut executions: Vec<_> = (0..40).map(|_| count.start(&mut store, 1000).expect("room")).collect();
        for execution in executions.iter_mut().step_by(2) {
            store.set_fuel(100).expect("fuel is counted");
            assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::OutOfFuel);
        }
        // On another thread, in no particular order.
        std::thread::spawn(move || drop(executions)).join().expect("dropping does not panic");
        if round % 10 == 0 {
            store.gc().expect("a collection");
        }
    }
    store.set_fuel(1_000_000).expect("fuel is counted");
    assert_eq!(count.call(&mut store, 10).expect("no trap"), 30);
}

#[test]
fn a_suspended_execution_and_its_store_move_to_another_thread() {
    let (mut store, count) = counting();
    let mut execution = count.start(&mut store, 1000).expect("room");
    store.set_fuel(500).expect("fuel is counted");
    assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::OutOfFuel);
    let result = std::thread::spawn(move || {
        store.set_fuel(1_000_000).expect("fuel is counted");
        execution.resume(&mut store).expect("no trap")
    });
    assert_eq!(result.join().expect("no panic"), Progress::Done(3000));
}

#[test]
fn an_execution_ends_with_its_trap() {
    let (mut store, instance) = instance(r#"(module (func (export "f") (unreachable)))"#);
    let func = instance.get_func(&store, "f").expect("exported");
    let mut execution = func.start(&mut store, &[]).expect("room");
    let error = execution.resume(&mut store).expect_err("a trap");
    assert_eq!(error.as_trap().map(|trap| trap.code()), Some(TrapCode::Unreachable));
    assert!(execution.is_finished());
    assert_eq!(execution.resume(&mut store).expect_err("it has ended").kind(), ErrorKind::Misuse);
}

#[test]
fn arguments_are_compared_when_it_starts() {
    let (mut store, instance) =
        instance(r#"(module (func (export "f") (param i32) (result i32 i64) (local.get 0) (i64.const 2)))"#);
    let func = instance.get_func(&store, "f").expect("exported");
    assert!(func.start(&mut store, &[]).is_err() && func.start(&mut store, &[Val::I64(0)]).is_err());
    let mut execution = func.start(&mut store, &[Val::I32(1)]).expect("the type fits");
    let results = execution.resume(&mut store).expect("no trap").done().expect("nothing suspends it");
    assert_eq!((results[0].i32(), results[1].i64()), (Some(1), Some(2)));
}

#[test]
fn references_in_suspended_executions_survive_collections() {
    let engine = engine(|config| {
        config.consume_fuel(true);
    });
    let module = module(
        &engine,
        r#"(module
            (type $s (struct (field i32)))
            (func (export "hold") (param i32) (result i32) (local $s (ref null $s))
                (local.set $s (struct.new $s (local.get 0)))
                (loop $again
                    (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (struct.get $s 0 (local.get $s))))"#,
    );
    let mut store = Store::new(&engine, ());
    store.set_fuel(1000).expect("fuel is counted");
    let instance = whit_core::Instance::new(&mut store, &module, &[]).expect("an instance");
    let hold = instance.get_typed_func::<i32, i32>(&store, "hold").expect("exported");
    let mut executions: Vec<_> = (0..50).map(|n| hold.start(&mut store, 500 + n).expect("room")).collect();
    for execution in &mut executions {
        store.set_fuel(200).expect("fuel is counted");
        assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::OutOfFuel);
    }
    store.gc().expect("a collection");
    for (n, execution) in executions.iter_mut().enumerate() {
        store.set_fuel(1_000_000).expect("fuel is counted");
        assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Done(500 + n as i32));
    }
}

#[test]
fn a_host_function_can_resume_another_execution() {
    let engine = Engine::default();
    let mut linker: Linker<Vec<Execution<i32>>> = Linker::new(&engine);
    linker
        .func_wrap("", "other", |mut caller: Caller<'_, Vec<Execution<i32>>>| -> Result<i32, Error> {
            match caller.data_mut().pop() {
                Some(mut execution) => execution.resume(&mut caller)?.done().ok_or_else(|| Error::msg("suspended")),
                None => Ok(1),
            }
        })
        .expect("a new name");
    let module = module(
        &engine,
        r#"(module (import "" "other" (func $other (result i32)))
            (func (export "run") (result i32) (i32.mul (i32.const 2) (call $other))))"#,
    );
    let mut store = Store::new(&engine, Vec::new());
    let instance = linker.instantiate(&mut store, &module).expect("an instance");
    let run = instance.get_typed_func::<(), i32>(&store, "run").expect("exported");
    for _ in 0..10 {
        let execution = run.start(&mut store, ()).expect("room");
        store.data_mut().push(execution);
    }
    assert_eq!(run.call(&mut store, ()).expect("no trap"), 2048);
}

#[test]
fn a_panic_ends_the_execution_that_it_passed_through() {
    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap("", "panic", || -> () { panic!("as asked") }).expect("a new name");
    let module = module(&engine, r#"(module (import "" "panic" (func $panic)) (func (export "run") (call $panic)))"#);
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).expect("an instance");
    let run = instance.get_typed_func::<(), ()>(&store, "run").expect("exported");
    let mut execution = run.start(&mut store, ()).expect("room");
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| execution.resume(&mut store)));
    assert!(result.is_err() && execution.is_finished());
    assert_eq!(execution.resume(&mut store).expect_err("it has ended").kind(), ErrorKind::Misuse);
}

#[test]
fn an_epoch_callback_may_use_the_store() {
    let engine = engine(|config| {
        config.epoch_interruption(true);
    });
    let module = module(
        &engine,
        r#"(module (global $stop (export "stop") (mut i32) (i32.const 0))
            (func (export "spin") (loop $again (br_if $again (i32.eqz (global.get $stop))))))"#,
    );
    let mut store = Store::new(&engine, 0);
    let instance = whit_core::Instance::new(&mut store, &module, &[]).expect("an instance");
    let stop = instance.get_export(&store, "stop").and_then(Extern::into_global).expect("exported");
    let _ticker = Ticker::start(&engine);
    store.epoch_deadline_callback(move |mut context| {
        *context.data_mut() += 1;
        if *context.data() == 3 {
            stop.set(&mut context, Val::I32(1))?;
        }
        Ok(UpdateDeadline::Continue(0))
    });
    store.set_epoch_deadline(0);
    instance.get_typed_func::<(), ()>(&store, "spin").expect("exported").call(&mut store, ()).expect("stopped");
    assert!(*store.data() >= 3);
}
