//! The shortest way through everything: a module runs.

use whit_core::{Config, Engine, ExecutionEngine, Instance, Linker, Module, Store};

fn run(execution: ExecutionEngine) {
    let wasm = wat::parse_str(
        r#"(module
            (import "host" "double" (func $double (param i32) (result i32)))
            (func $fib (export "fib") (param i32) (result i32)
                (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
                    (then (local.get 0))
                    (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                                   (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
            (func (export "hosted") (param i32) (result i32)
                (i32.add (call $double (local.get 0)) (i32.const 1))))"#,
    )
    .unwrap();
    let engine = Engine::new(Config::new().execution(execution)).unwrap();
    let module = Module::new(&engine, wasm).unwrap();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "double", |value: i32| value * 2).unwrap();
    let instance: Instance = linker.instantiate(&mut store, &module).unwrap();
    let fib = instance.get_typed_func::<(i32,), (i32,)>(&mut store, "fib").unwrap();
    assert_eq!(fib.call(&mut store, (20,)).unwrap(), (6765,));
    let hosted = instance.get_typed_func::<(i32,), (i32,)>(&mut store, "hosted").unwrap();
    assert_eq!(hosted.call(&mut store, (20,)).unwrap(), (41,));
}

#[test]
fn the_loop_engine_runs() {
    run(ExecutionEngine::Loop);
}

#[test]
fn the_default_engine_runs() {
    run(ExecutionEngine::Auto);
}
