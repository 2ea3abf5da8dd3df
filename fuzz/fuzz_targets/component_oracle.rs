//! Components do what they do in Wasmtime: the same values, or a trap in both.
#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::{Corpus, fuzz_target};
use whit_fuzz::component::generate;
use whit_fuzz::component_reference::{FUNCTIONS, Wasmtime, Whit};

fuzz_target!(|input: &[u8]| -> Corpus {
    let Ok(case) = generate(&mut Unstructured::new(input)) else { return Corpus::Reject };
    let wasm = wat::parse_str(&case.text).unwrap_or_else(|error| panic!("{error}\n{}", case.text));
    let (whit, wasmtime) = (Whit::new(&case, &wasm), Wasmtime::new(&case, &wasm));
    for function in FUNCTIONS {
        let (Ok(here), Ok(there)) = (whit.call(function), wasmtime.call(function)) else { continue };
        assert!(here == there, "{function}\nWhit:     {here:?}\nWasmtime: {there:?}\n{}", case.text);
    }
    Corpus::Keep
});
