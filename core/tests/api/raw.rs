//! Raw host functions that call guests on the stack of their caller.

use whit_core::{
    Caller, Config, Engine, Error, ErrorKind, Extern, Func, FuncType, Instance, Progress, RawFunc, RawFunction,
    RawFunctions, RawOutcome, Signature, Store, TrapCode, ValType,
};

use crate::support::{engine, module};

/// Calls a function of the store's data with its argument, and again with the result, until it has been called so often.
struct Times(u64);

/// What the host knows: the function that [`Times`] calls, and how often it has.
#[derive(Default)]
struct Data {
    callee: Option<RawFunc>,
    calls: u64,
}

impl Times {
    fn go_on(&self, caller: &Caller<'_, Data>) -> Result<RawOutcome<Data>, Error> {
        caller.data().callee.map(RawOutcome::Call).ok_or_else(|| Error::msg("nothing to call"))
    }
}

impl RawFunction<Data> for Times {
    fn call(&self, _: u32, mut caller: Caller<'_, Data>, _: &mut [u64]) -> Result<RawOutcome<Data>, Error> {
        caller.data_mut().calls = 0;
        self.go_on(&caller)
    }

    fn returned(
        &self,
        _: u32,
        mut caller: Caller<'_, Data>,
        slots: &mut [u64],
        result: u64,
    ) -> Result<RawOutcome<Data>, Error> {
        caller.data_mut().calls += 1;
        if caller.data().calls < self.0 {
            slots[0] = result;
            return self.go_on(&caller);
        }
        // The argument is still there.
        slots[0] = result.wrapping_mul(1000).wrapping_add(slots[0]);
        Ok(RawOutcome::Return)
    }
}

const GUEST: &str = r#"(module
    (import "host" "times" (func $times (param i64) (result i64)))
    (import "host" "wait" (func $wait))
    (tag $tag)
    (func $inc (export "inc") (param i64) (result i64) (local i64 i64)
        (i64.add (local.get 0) (i64.const 1)))
    (func (export "slow") (param i64) (result i64)
        (call $wait) (i64.add (local.get 0) (i64.const 2)))
    (func (export "trap") (param i64) (result i64) (unreachable))
    (func (export "throw") (param i64) (result i64) (throw $tag))
    (func (export "catch") (param i64) (result i64)
        (block $h (try_table (catch $tag $h) (throw $tag))) (i64.const 7))
    (func $deep (export "deep") (param i64) (result i64)
        (if (result i64) (i64.eqz (local.get 0)) (then (i64.const 0))
            (else (i64.add (i64.const 1) (call $deep (i64.sub (local.get 0) (i64.const 1)))))))
    (func (export "down") (param i64) (result i64)
        (if (result i64) (i64.eqz (local.get 0)) (then (i64.const 5))
            (else (call $times (i64.sub (local.get 0) (i64.const 1))))))
    (func (export "main") (param i64) (result i64)
        (i64.add (i64.const 1000000) (call $times (local.get 0))))
    (func (export "guarded") (param i64) (result i64)
        (block $h (try_table (catch_all $h) (return (call $times (local.get 0))))) (i64.const -1)))"#;

/// A store with an instance of the guest whose host function calls its `callee` so many times.
fn guest(config: impl FnOnce(&mut Config), callee: &str, times: u64) -> (Store<Data>, Instance) {
    let engine = engine(config);
    let mut store = Store::new(&engine, Data::default());
    // Of no use where it is not counted.
    let _ = store.set_fuel(1_000_000);
    let number = Signature::new(&engine, FuncType::new([ValType::I64], [ValType::I64])).expect("numbers");
    let nothing = Signature::new(&engine, FuncType::new([], [])).expect("nothing");
    let host = Func::new_raw(&mut store, &number, Times(times)).expect("room");
    let wait = |_: Caller<'_, Data>, _: &mut [u64]| Ok(RawOutcome::Suspend(9));
    let wait = Func::new_raw(&mut store, &nothing, wait).expect("room");
    let guest = module(&engine, GUEST);
    let instance = Instance::new(&mut store, &guest, &[Extern::Func(host), Extern::Func(wait)]).expect("an instance");
    let callee = instance.get_func(&store, callee).expect("exported").raw(&store).expect("numbers");
    store.data_mut().callee = Some(callee);
    (store, instance)
}

fn call(store: &mut Store<Data>, instance: &Instance, name: &str, argument: i64) -> Result<i64, Error> {
    let func = instance.get_typed_func::<i64, i64>(&mut *store, name).expect("exported");
    func.call(store, argument)
}

fn trap_code(error: &Error) -> Option<TrapCode> {
    error.as_trap().map(|trap| trap.code())
}

#[test]
fn what_a_host_function_calls_runs_on_its_callers_stack() {
    let (mut store, instance) = guest(|_| (), "inc", 3);
    assert_eq!(call(&mut store, &instance, "main", 4).expect("no trap"), 1_000_000 + 7004);
    // Called by the host itself, there is no caller below.
    let times = instance.get_typed_func::<i64, i64>(&store, "guarded").expect("exported");
    assert_eq!(times.call(&mut store, 1).expect("no trap"), 4001);
}

#[test]
fn a_callee_may_need_more_stack_than_there_is() {
    let (mut store, instance) = guest(|_| (), "deep", 2);
    assert_eq!(call(&mut store, &instance, "main", 900).expect("no trap"), 1_000_000 + 900_900);
}

#[test]
fn calls_through_the_host_are_no_recursion_of_the_host() {
    let deep = |config: &mut Config| {
        config.max_wasm_stack(16 << 20).max_call_depth(100_000);
    };
    let (mut store, instance) = guest(deep, "down", 1);
    // Each level multiplies and adds; that it comes back at all is the point.
    call(&mut store, &instance, "main", 20_000).expect("no trap");
    let error = call(&mut store, &instance, "main", 200_000).expect_err("too deep");
    assert_eq!(trap_code(&error), Some(TrapCode::StackOverflow));
    assert_eq!(call(&mut store, &instance, "inc", 1).expect("the store goes on"), 2);
}

#[test]
fn a_trap_ends_the_caller_and_names_all_frames() {
    let (mut store, instance) = guest(|_| (), "trap", 1);
    let error = call(&mut store, &instance, "guarded", 1).expect_err("a trap");
    assert_eq!(trap_code(&error), Some(TrapCode::Unreachable));
    let backtrace = error.as_trap().and_then(|trap| trap.backtrace()).expect("frames");
    let frames: Vec<u32> = backtrace.frames().iter().map(|frame| frame.func_index()).collect();
    let (trap, guarded) = (4, 10);
    assert_eq!(frames, [trap, guarded]);
}

#[test]
fn an_exception_ends_at_the_host_function() {
    let (mut store, instance) = guest(|_| (), "throw", 1);
    let error = call(&mut store, &instance, "guarded", 1).expect_err("nobody catches it");
    assert_eq!(error.kind(), ErrorKind::Exception);
    let (mut store, instance) = guest(|_| (), "catch", 1);
    assert_eq!(call(&mut store, &instance, "guarded", 1).expect("caught inside"), 7001);
}

#[test]
fn a_callee_can_be_left_and_dropped() {
    let (mut store, instance) = guest(|_| (), "slow", 2);
    let main = instance.get_typed_func::<i64, i64>(&store, "main").expect("exported");
    let mut execution = main.start(&mut store, 1).expect("room");
    for _ in 0..2 {
        assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Suspended(9));
        store.gc().expect("a collection");
        execution.answer(&mut store, &[]).expect("a call without results");
    }
    assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Done(1_000_000 + 5001));
    let mut dropped = main.start(&mut store, 1).expect("room");
    assert_eq!(dropped.resume(&mut store).expect("no trap"), Progress::Suspended(9));
    drop(dropped);
    // In a call that must end it cannot wait.
    let error = main.call(&mut store, 1).expect_err("nobody answers");
    assert_eq!(trap_code(&error), Some(TrapCode::CannotSuspend));
}

#[test]
fn fuel_runs_out_in_a_callee_as_anywhere() {
    let (mut store, instance) = guest(
        |config| {
            config.consume_fuel(true);
        },
        "deep",
        2,
    );
    let main = instance.get_typed_func::<i64, i64>(&store, "main").expect("exported");
    let before = store.get_fuel().expect("counted");
    let whole = main.call(&mut store, 300).expect("no trap");
    let spent = before - store.get_fuel().expect("counted");
    store.set_fuel(0).expect("counted");
    let mut execution = main.start(&mut store, 300).expect("room");
    let (mut given, mut pauses) = (0, 0);
    let result = loop {
        match execution.resume(&mut store).expect("no trap") {
            Progress::OutOfFuel => {
                pauses += 1;
                given += 100;
                store.set_fuel(store.get_fuel().expect("counted") + 100).expect("counted");
            }
            progress => break progress,
        }
    };
    assert_eq!(result, Progress::Done(whole));
    assert!(pauses > 10, "{pauses}");
    assert_eq!(given - store.get_fuel().expect("counted"), spent);
}

#[test]
fn a_raw_call_is_checked() {
    let (mut store, instance) = guest(|_| (), "inc", 1);
    let inc = instance.get_func(&store, "inc").expect("exported").raw(&store).expect("numbers");
    assert_eq!((inc.params(), inc.results()), (1, 1));
    assert_eq!(inc.call(&mut store, &[4]).expect("no trap"), Some(5));
    assert_eq!(inc.call(&mut store, &[]).expect_err("too few").kind(), ErrorKind::Misuse);
    let mut other = Store::new(store.engine(), Data::default());
    assert_eq!(inc.call(&mut other, &[4]).expect_err("another store").kind(), ErrorKind::Misuse);
    // A host function of another store that asks for it is told so, and its caller ends.
    let engine: &Engine = store.engine();
    let number = Signature::new(engine, FuncType::new([ValType::I64], [ValType::I64])).expect("numbers");
    let host = Func::new_raw(&mut other, &number, Times(1)).expect("room");
    other.data_mut().callee = Some(inc);
    let host = host.raw(&other).expect("numbers");
    assert_eq!(host.call(&mut other, &[1]).expect_err("another store").kind(), ErrorKind::Misuse);
    other.data_mut().callee = None;
    assert!(host.call(&mut other, &[1]).expect_err("nothing to call").to_string().contains("nothing to call"));
}

/// Adds its number.
struct Adders;

impl RawFunction<Data> for Adders {
    fn call(&self, number: u32, _: Caller<'_, Data>, slots: &mut [u64]) -> Result<RawOutcome<Data>, Error> {
        assert!(slots.len() >= RawFunc::MIN_SLOTS);
        slots[0] += u64::from(number);
        Ok(RawOutcome::Return)
    }
}

#[test]
fn functions_of_one_closure_are_told_apart_by_number() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, Data::default());
    let number = Signature::new(&engine, FuncType::new([ValType::I64], [ValType::I64])).expect("numbers");
    let adders = RawFunctions::new(Adders);
    store.reserve_functions(0, 3).expect("room");
    let funcs = [7, 8, 90].map(|adds| (adds, adders.func(&mut store, &number, adds).expect("room")));
    for (adds, func) in funcs {
        let raw = func.raw(&store).expect("numbers");
        assert_eq!(raw.call(&mut store, &[1000]).expect("no trap"), Some(1000 + u64::from(adds)));
    }
    let elsewhere = Signature::new(&Engine::default(), FuncType::new([], [])).expect("nothing");
    assert_eq!(adders.func(&mut store, &elsewhere, 1).expect_err("another engine").kind(), ErrorKind::Misuse);
}
