//! Modules that several threads validate and translate when they are loaded.

use std::fmt::Write;

use whit_core::{CompilationMode, Config, Engine, Error, Module};

const FUNCTIONS: usize = 400;

/// A module of 400 functions with 200 KB of bodies; those in `invalid` return a number of the wrong type.
fn module(invalid: &[usize]) -> Vec<u8> {
    let mut text = String::from("(module");
    for function in 0..FUNCTIONS {
        text.push_str("(func (param i32) (result i32) (local i32)");
        for step in 0..40 {
            write!(text, "(local.set 1 (i32.add (local.get 0) (i32.const {})))", function * 1000 + step).unwrap();
        }
        text.push_str(if invalid.contains(&function) { "(i64.const 0))" } else { "(local.get 1))" });
    }
    text.push(')');
    wat::parse_str(&text).expect("a text that the assembler takes")
}

fn load(wasm: &[u8], mode: CompilationMode, threads: usize) -> Result<Module, Error> {
    Module::new(&Engine::new(Config::new().compilation_mode(mode).loading_threads(threads))?, wasm.to_vec())
}

#[test]
fn code_is_the_same_however_many_threads_made_it() {
    let wasm = module(&[]);
    let [one, many] = [1, 4].map(|threads| load(&wasm, CompilationMode::Eager, threads).expect("a valid module"));
    assert_eq!(one.translated(), many.translated());
    assert_eq!(many.translated().functions, FUNCTIONS);
    for index in 0..FUNCTIONS as u32 {
        assert_eq!(one.disassemble(index).unwrap(), many.disassemble(index).unwrap());
    }
}

#[test]
fn the_error_is_that_of_the_first_invalid_body() {
    let first_alone = module(&[211]);
    for (wasm, times) in [(module(&[211, 212, 399]), 20), (first_alone.clone(), 1)] {
        for mode in [CompilationMode::Eager, CompilationMode::ValidateThenLazy] {
            let wanted = load(&first_alone, mode, 1).expect_err("an invalid module").to_string();
            for threads in [1, 2, 3, 8] {
                // Threads meet the bodies in another order each time.
                for _ in 0..times {
                    assert_eq!(load(&wasm, mode, threads).expect_err("an invalid module").to_string(), wanted);
                }
            }
        }
    }
}

#[test]
fn nothing_is_translated_before_it_is_called() {
    let lazy = load(&module(&[]), CompilationMode::ValidateThenLazy, 0).expect("a valid module");
    assert_eq!(lazy.translated().functions, 0);
}
