//! Bytes of a fuzzer → modules, and the values that their functions are called with.
//!
//! An input that begins as a module, binary or text, is one: seeds and reproducers. Any other is the entropy from which a generator makes a valid module
//! of the proposals that Whit has. What the generator does not use becomes arguments.

use std::ffi::OsString;
use std::sync::LazyLock;

use arbitrary::{Error, Result, Unstructured};
use wasm_smith::Config;
use wasmparser::{Operator, Parser, Payload};

/// What modules are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be translated: large and odd ones, all proposals.
    Translation,
    /// To be executed: finite memories, everything exported, imports that [`guest`](crate::guest) has.
    Execution,
}

/// A module and what is left of the input.
#[derive(Debug)]
pub struct Case {
    /// The module.
    pub wasm: Vec<u8>,
    /// Entropy for arguments.
    pub rest: Vec<u8>,
}

/// The largest memory that a module for execution may declare.
pub const MEMORY_BYTES: u64 = 4 << 16;

/// Whether an input is a module as it stands.
pub fn is_module(input: &[u8]) -> bool {
    input.starts_with(b"\0asm") || input.starts_with(b"(module")
}

/// Makes a module of an input; an error if the input is of no use.
pub fn case(input: &[u8], purpose: Purpose) -> Result<Case> {
    if is_module(input) {
        let wasm = wat::parse_bytes(input).map_err(|_| Error::IncorrectFormat)?;
        return Ok(Case { wasm: wasm.into_owned(), rest: Vec::new() });
    }
    let mut entropy = Unstructured::new(input);
    let config = config(&mut entropy, purpose)?;
    let wasm = wasm_smith::Module::new(config, &mut entropy)?.to_bytes();
    show(&wasm);
    Ok(Case { wasm, rest: entropy.take_rest().to_vec() })
}

/// To look at what an input stands for: `WHIT_FUZZ_MODULE=m.wasm cargo fuzz run … TARGET INPUT`.
pub(crate) fn show(module: &[u8]) {
    if let Some(path) = MODULE_PATH.as_ref() {
        std::fs::write(path, module).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// Where the module or component of each input is written, if somebody wants to see it.
static MODULE_PATH: LazyLock<Option<OsString>> = LazyLock::new(|| std::env::var_os("WHIT_FUZZ_MODULE"));

/// The functions that modules for execution may import, defined by `guest` and `reference`.
static IMPORTS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let text = r#"(module
        (import "host" "note" (func (param i32)))
        (import "host" "mix" (func (param i32 i64 f32 f64) (result i64)))
        (import "host" "swap" (func (param f64 i32) (result i32 f64)))
        (import "host" "vector" (func (param v128 v128) (result v128)))
        (import "host" "keep" (func (param externref funcref) (result externref funcref)))
        (import "host" "refuse" (func (param i32) (result i32))))"#;
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
});

fn config(entropy: &mut Unstructured<'_>, purpose: Purpose) -> Result<Config> {
    // Zero switches everything on: short inputs see all proposals, and a bit that the fuzzer sets takes one away.
    let switches: u32 = entropy.arbitrary()?;
    let on = |bit: u32| switches >> bit & 1 == 0;
    let gc = on(0);
    let mut config = Config {
        bulk_memory_enabled: true,
        reference_types_enabled: true,
        compact_imports_enabled: false,
        custom_page_sizes_enabled: on(1),
        exceptions_enabled: on(2),
        extended_const_enabled: true,
        gc_enabled: gc,
        memory64_enabled: on(3),
        relaxed_simd_enabled: on(4) && on(5),
        simd_enabled: on(4),
        tail_call_enabled: on(6),
        threads_enabled: !on(7),
        wide_arithmetic_enabled: on(8),
        max_memories: if on(9) { 3 } else { 1 },
        max_tables: 3,
        allow_floats: on(10),
        min_funcs: 1,
        ..Config::default()
    };
    if purpose == Purpose::Execution {
        config.available_imports = on(11).then(|| IMPORTS.clone());
        config.max_imports = if on(11) { 6 } else { 0 };
        config.max_memory32_bytes = MEMORY_BYTES;
        config.max_memory64_bytes = MEMORY_BYTES.into();
        config.max_table_elements = 100;
        config.max_funcs = 8;
        config.max_instructions = if on(12) { 60 } else { 300 };
        config.max_types = 20;
        config.max_globals = 10;
        config.max_data_segments = 5;
        config.max_element_segments = 5;
        config.max_tags = 4;
        config.limit_arrays_in_const_exprs = true;
        config.export_everything = true;
    }
    Ok(config)
}

/// Whether the module has an instruction that waits: what comes of it depends on the time.
pub fn waits(wasm: &[u8]) -> bool {
    let bodies = Parser::new(0).parse_all(wasm).filter_map(|payload| match payload {
        Ok(Payload::CodeSectionEntry(body)) => Some(body),
        _ => None,
    });
    bodies.filter_map(|body| body.get_operators_reader().ok()).any(|operators| {
        operators.into_iter().any(|operator| {
            matches!(operator, Ok(Operator::MemoryAtomicWait32 { .. } | Operator::MemoryAtomicWait64 { .. }))
        })
    })
}
