//! Atomic waits: executions in a queue.

use std::time::Duration;

use whit_core::{Linker, MemoryType, Progress, SharedMemory, Store, TrapCode};

use crate::support::{code, instance, module, on_each_engine};

const WAITING: &str = r#"(module
    (import "m" "memory" (memory 1 1 shared))
    (func (export "wait32") (param i32 i32 i64) (result i32)
        (memory.atomic.wait32 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "wait64") (param i32 i64 i64) (result i32)
        (memory.atomic.wait64 offset=8 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "notify") (param i32 i32) (result i32) (memory.atomic.notify (local.get 0) (local.get 1))))"#;

#[test]
fn waits_end_by_notification_in_order_or_by_time() {
    on_each_engine(
        |_| (),
        |engine| {
            let memory = SharedMemory::new(engine, MemoryType::new(1, Some(1)).with_shared(true)).expect("room");
            let mut store = Store::new(engine, ());
            let mut linker = Linker::new(engine);
            linker.define(&store, "m", "memory", memory.clone()).expect("defined");
            let instance = linker.instantiate(&mut store, &module(engine, WAITING)).expect("an instance");
            let wait = instance.get_typed_func::<(i32, i32, i64), i32>(&mut store, "wait32").expect("exported");
            let wait64 = instance.get_typed_func::<(i32, i64, i64), i32>(&mut store, "wait64").expect("exported");
            let notify = instance.get_typed_func::<(i32, i32), i32>(&mut store, "notify").expect("exported");

            assert_eq!(wait.call(&mut store, (8, 1, -1)).expect("not equal"), 1);
            assert_eq!(wait.call(&mut store, (8, 0, 0)).expect("no time"), 2);
            assert_eq!(wait64.call(&mut store, (8, 0, 1_000_000)).expect("a little time"), 2);

            let mut waiting: Vec<_> = (0..4).map(|_| wait.start(&mut store, (8, 0, -1)).expect("started")).collect();
            for execution in &mut waiting {
                assert_eq!(execution.resume(&mut store).expect("waits"), Progress::Pending);
            }
            // One that is dropped is no longer there to be notified.
            drop(waiting.remove(0));
            store.gc().expect("collected");
            assert_eq!(notify.call(&mut store, (12, 9)).expect("another address"), 0);
            assert_eq!(notify.call(&mut store, (8, 1)).expect("the first"), 1);
            let ends: Vec<_> =
                waiting.iter_mut().map(|execution| execution.resume(&mut store).expect("no trap")).collect();
            assert_eq!(ends, [Progress::Done(0), Progress::Pending, Progress::Pending]);
            assert_eq!(memory.atomic_notify(8, 9).expect("aligned"), 2);
            for execution in &mut waiting[1..] {
                assert_eq!(execution.resume(&mut store).expect("no trap"), Progress::Done(0));
            }
            assert_eq!(
                code(&wait.call(&mut store, (2, 0, 0)).expect_err("unaligned")),
                Some(TrapCode::UnalignedAtomic)
            );
            let error = wait.call(&mut store, (65536, 0, 0)).expect_err("beyond");
            assert_eq!(code(&error), Some(TrapCode::MemoryOutOfBounds));
        },
    );
}

#[test]
fn a_store_on_another_thread_notifies() {
    on_each_engine(
        |_| (),
        |engine| {
            let memory = SharedMemory::new(engine, MemoryType::new(1, Some(1)).with_shared(true)).expect("room");
            let run = |name: &'static str| {
                let (engine, memory) = (engine.clone(), memory.clone());
                std::thread::spawn(move || {
                    let mut store = Store::new(&engine, ());
                    let mut linker = Linker::new(&engine);
                    linker.define(&store, "m", "memory", memory).expect("defined");
                    let instance = linker.instantiate(&mut store, &module(&engine, WAITING)).expect("an instance");
                    if name == "wait32" {
                        let wait = instance.get_typed_func::<(i32, i32, i64), i32>(&mut store, name).expect("exported");
                        return wait.call(&mut store, (16, 0, 60_000_000_000)).expect("notified");
                    }
                    let notify = instance.get_typed_func::<(i32, i32), i32>(&mut store, name).expect("exported");
                    loop {
                        match notify.call(&mut store, (16, 1)).expect("aligned") {
                            0 => std::thread::sleep(Duration::from_millis(1)),
                            woken => return woken,
                        }
                    }
                })
            };
            let (waiting, notifying) = (run("wait32"), run("notify"));
            assert_eq!(waiting.join().expect("no panic"), 0);
            assert_eq!(notifying.join().expect("no panic"), 1);
        },
    );
}

#[test]
fn a_memory_of_one_store_cannot_be_waited_on() {
    let text = r#"(module
        (memory 1)
        (func (export "wait") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0)))
        (func (export "notify") (result i32) (memory.atomic.notify (i32.const 0) (i32.const 1))))"#;
    on_each_engine(
        |_| (),
        |engine| {
            let (mut store, instance) = instance(engine, text);
            let wait = instance.get_typed_func::<(), i32>(&mut store, "wait").expect("exported");
            let notify = instance.get_typed_func::<(), i32>(&mut store, "notify").expect("exported");
            let error = wait.call(&mut store, ()).expect_err("not shared");
            assert_eq!(code(&error), Some(TrapCode::ExpectedSharedMemory));
            assert_eq!(notify.call(&mut store, ()).expect("nobody waits"), 0);
        },
    );
}
