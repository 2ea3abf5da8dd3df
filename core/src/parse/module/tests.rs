//! Loading: what becomes of a binary, and which error a bad one gives.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::module::{ConstExpr, ConstOp, ElementItems, EntityIndex};
use crate::{CompilationMode, Config, Engine, Error, ErrorKind, Module, ModuleLimits, ParseError, Section};

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("a module in text form")
}

fn load(text: &str) -> Module {
    Module::new(&Engine::default(), wasm(text)).expect("a valid module")
}

fn refused(bytes: &[u8]) -> Error {
    Module::validate(&Engine::default(), bytes).expect_err("a bad module")
}

const HEADER: &[u8] = b"\0asm\x01\0\0\0";

fn with_header(sections: &[u8]) -> Vec<u8> {
    [HEADER, sections].concat()
}

#[test]
fn imports_come_first_in_every_index_space() {
    let module = load(
        r#"(module
            (import "m" "f" (func (param i32)))
            (import "m" "g" (global i64))
            (func (export "own") (result i32) (i32.const 1))
            (global (export "counter") (mut i32) (i32.const 5))
            (memory (export "memory") 1 2)
            (table (export "table") 3 funcref)
            (tag (export "tag") (param f32)))"#,
    );
    let imports: Vec<String> = module.imports().map(|import| alloc::format!("{import:?}")).collect();
    assert_eq!(imports, [r#"import "m" "f" (func (param i32))"#, r#"import "m" "g" (global i64)"#]);
    let exports: Vec<String> = module.exports().map(|export| alloc::format!("{export:?}")).collect();
    assert_eq!(
        exports,
        [
            r#"export "own" (func (result i32))"#,
            r#"export "counter" (global (mut i32))"#,
            r#"export "memory" (memory 1 2)"#,
            r#"export "table" (table 3 funcref)"#,
            r#"export "tag" (tag (param f32))"#,
        ]
    );
    assert_eq!(module.inner().export("own"), Some(EntityIndex::Func(1)));
    assert_eq!(module.inner().export("counter"), Some(EntityIndex::Global(1)));
    assert_eq!(module.inner().export("owm"), None);
    assert_eq!(module.function_count(), 2);
}

#[test]
fn bodies_and_segments_stay_in_the_binary() {
    let bytes = wasm(
        r#"(module (memory 1) (table 4 funcref)
            (func $a (nop) (nop)) (func $b)
            (data (i32.const 3) "hello")
            (elem (i32.const 1) func $b $a $b))"#,
    );
    let module = Module::new(&Engine::default(), bytes.clone()).expect("a valid module");
    let inner = module.inner();
    assert_eq!(inner.data_bytes(0), b"hello");
    assert_eq!(inner.data_bytes(1), b"");
    let bodies: Vec<&[u8]> = inner.bodies.iter().map(|body| &bytes[body.as_range()]).collect();
    assert_eq!(bodies, [&b"\0\x01\x01\x0b"[..], b"\0\x0b"]);
    let ElementItems::Functions { bytes, count } = inner.elements[0].items else { panic!("function indices") };
    assert_eq!((super::function_indices(inner, bytes).collect::<Vec<_>>(), count), (vec![1, 0, 1], 3));
    assert_eq!((inner.entries.len(), inner.code.len()), (2, 2));
}

#[test]
fn short_constants_take_no_place_in_the_pool() {
    let module = load(
        "(module (global i32 (i32.const -1)) (global v128 (v128.const i32x4 1 2 3 4))
            (global i32 (i32.add (i32.const 1) (global.get 0))))",
    );
    let inits: Vec<_> = module.inner().globals.iter().filter_map(|global| global.init).collect();
    assert_eq!(inits[0], ConstExpr::One(ConstOp::I32(-1)));
    assert_eq!(inits[1], ConstExpr::One(ConstOp::V128(0)));
    let ConstExpr::Many { start, end } = inits[2] else { panic!("three ops") };
    let ops = &module.inner().const_ops[start as usize..end as usize];
    assert_eq!(ops, [ConstOp::I32(1), ConstOp::GlobalGet(0), ConstOp::I32Add]);
}

#[test]
fn names_come_from_the_name_section() {
    let module = load("(module $app (func $start_it) (func $other))");
    assert_eq!(module.name(), Some("app"));
    assert_eq!((module.function_name(1), module.function_name(2)), (Some("other"), None));
    let mut nameless = Module::new(&Engine::default(), HEADER).expect("the empty module").custom_sections().count();
    nameless += load("(module)").custom_sections().count();
    assert_eq!(nameless, 0);
}

#[test]
fn custom_sections_are_kept_as_they_are() {
    let bytes = with_header(b"\0\x06\x03foo\x01\x02\0\x02\x01x");
    let module = Module::new(&Engine::default(), bytes).expect("a valid module");
    assert_eq!(module.custom_sections().collect::<Vec<_>>(), [("foo", &[1, 2][..]), ("x", &[])]);
}

#[test]
fn malformed_and_invalid_are_told_apart() {
    for (bytes, message) in [
        (Vec::new(), "unexpected end"),
        (b"\0asm".to_vec(), "unexpected end"),
        (b"\0msa\x01\0\0\0".to_vec(), "magic"),
        (b"\0asm\x02\0\0\0".to_vec(), "unknown binary version"),
        (b"\0asm\x0d\0\x01\0".to_vec(), "unknown binary version"),
        (with_header(b"\x0e\0"), "malformed section id"),
        (with_header(b"\x01\x04\x01\x60\0"), "unexpected end"),
        (with_header(b"\x01\x01\0\x01\x01\0"), "section out of order"),
        // A function without a body.
        (with_header(b"\x01\x04\x01\x60\0\0\x03\x02\x01\0"), "code section is absent"),
        // 2^32 locals.
        (
            with_header(b"\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x0c\x01\x0a\x02\x80\x80\x80\x80\x10\x7f\x02\x7e\x0b"),
            "",
        ),
    ] {
        let error = refused(&bytes);
        assert_eq!(error.kind(), ErrorKind::Parse, "{bytes:?}: {error}");
        assert!(error.to_string().contains(message), "{error} is not about {message}");
    }
    for text in [
        "(module (func (result i32)))",
        "(module (func (export \"a\")) (func (export \"a\")))",
        "(module (global i32 (i64.const 0)))",
        "(module (import \"\" \"\" (func)) (func (call 2)))",
        "(module (memory 65537))",
        "(module (func $f (param i32)) (start $f))",
    ] {
        assert_eq!(refused(&wasm(text)).kind(), ErrorKind::Validation, "{text}");
    }
}

#[test]
fn a_malformed_place_behind_an_invalid_one_makes_the_module_malformed() {
    let mut bytes = wasm("(module (func (result i32)) (func (nop)))");
    assert_eq!(refused(&bytes).kind(), ErrorKind::Validation);
    let nop = bytes.iter().rposition(|byte| *byte == 0x01).expect("the nop");
    bytes[nop] = 0xff;
    let error = refused(&bytes);
    let error = error.downcast_ref::<ParseError>().expect("malformed");
    assert_eq!((error.section(), error.offset()), (Section::Code, nop as u64));
}

#[test]
fn every_prefix_of_a_module_is_refused_or_a_module_itself() {
    let bytes = wasm(
        r#"(module (type (func (param i32) (result i32))) (import "a" "b" (func (type 0))) (memory 1)
            (global (mut i32) (i32.const 0)) (func (type 0) (local i64) (local.get 0)) (export "f" (func 1))
            (table 1 funcref) (elem (i32.const 0) 0) (data (i32.const 0) "x"))"#,
    );
    for end in 0..bytes.len() {
        if let Err(error) = Module::validate(&Engine::default(), &bytes[..end]) {
            assert_eq!(error.kind(), ErrorKind::Parse, "{end}: {error}");
        }
    }
}

#[test]
fn every_flipped_byte_gives_a_module_or_an_error() {
    let bytes = wasm(
        r#"(module (type $s (struct (field i32) (field (ref null $s)))) (import "a" "b" (func))
            (global (ref $s) (struct.new $s (i32.const 1) (ref.null $s))) (tag (param i32)) (memory 1)
            (table 2 (ref null $s) (global.get 0)) (func (export "f") (result i32) (local i64) (i32.const 7))
            (elem (ref null $s) (item (global.get 0))) (data "abc"))"#,
    );
    let engine = Engine::default();
    for at in 8..bytes.len() {
        for flip in [0x01, 0x40, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= flip;
            if let Err(error) = Module::validate(&engine, &bytes) {
                assert!(matches!(error.kind(), ErrorKind::Parse | ErrorKind::Validation), "{at}: {error}");
            }
        }
    }
}

#[test]
fn lazy_mode_accepts_an_invalid_body_and_validate_does_not() {
    let engine = Engine::new(Config::new().compilation_mode(CompilationMode::Lazy)).expect("an engine");
    let bytes = wasm("(module (func (result i32)))");
    assert!(Module::new(&engine, &bytes).is_ok());
    assert_eq!(Module::validate(&engine, &bytes).expect_err("invalid").kind(), ErrorKind::Validation);
    assert!(Module::new(&Engine::default(), &bytes).is_err());
}

#[test]
fn what_is_beyond_a_limit_is_refused_by_name() {
    for (limits, text, what) in [
        (ModuleLimits::new().module_size(8), "(module (func))", "module size"),
        (ModuleLimits::new().types(1), "(module (type (func)) (type (struct)))", "types"),
        (ModuleLimits::new().types(1), "(module (rec (type (func)) (type (struct))))", "types"),
        (ModuleLimits::new().functions(1), "(module (func) (func))", "functions"),
        (ModuleLimits::new().functions(1), r#"(module (import "" "" (func)) (func))"#, "functions"),
        (ModuleLimits::new().imports(0), r#"(module (import "" "" (func)))"#, "imports"),
        (ModuleLimits::new().exports(0), r#"(module (func (export "")))"#, "exports"),
        (ModuleLimits::new().globals(0), "(module (global i32 (i32.const 0)))", "globals"),
        (ModuleLimits::new().tables(0), "(module (table 0 funcref))", "tables"),
        (ModuleLimits::new().memories(0), "(module (memory 0))", "memories"),
        (ModuleLimits::new().tags(0), "(module (tag))", "tags"),
        (ModuleLimits::new().element_segments(0), "(module (elem func))", "element segments"),
        (ModuleLimits::new().data_segments(0), r#"(module (data ""))"#, "data segments"),
        (ModuleLimits::new().custom_sections(0), "(module $name)", "custom sections"),
        (ModuleLimits::new().body_size(2), "(module (func (nop)))", "function body size"),
        (ModuleLimits::new().operands(1), "(module (func i32.const 1 i32.const 2 drop drop))", "operands"),
        (ModuleLimits::new().name_length(2), r#"(module (func (export "abc")))"#, "name length"),
        (ModuleLimits::new().name_length(2), r#"(module (import "abc" "" (func)))"#, "name length"),
    ] {
        let engine = Engine::new(Config::new().limits(limits)).expect("an engine");
        let error = Module::new(&engine, wasm(text)).expect_err(what);
        assert_eq!(error.kind(), ErrorKind::Parse, "{text}");
        assert!(error.to_string().starts_with(what), "{text}: {error}");
    }
}

#[test]
fn counts_that_the_binary_cannot_hold_cost_nothing() {
    // Sections that claim 2^32 - 1 entries and end at once. (8 is the start section, which has an index there.)
    for section in (1..=12u8).filter(|section| *section != 8) {
        let bytes = with_header(&[section, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]);
        assert_eq!(refused(&bytes).kind(), ErrorKind::Parse, "section {section}");
    }
    // A body with 50,000 locals is valid, with 50,001 beyond what the parser allows.
    let body = |count: u32| alloc::format!("(module (func (local {})))", "i32 ".repeat(count as usize));
    assert!(Module::validate(&Engine::default(), &wasm(&body(50_000))).is_ok());
    assert!(Module::validate(&Engine::default(), &wasm(&body(50_001))).is_err());
}

#[test]
fn proposals_can_be_switched_off() {
    for (text, change) in [
        (
            "(module (func (drop (v128.const i64x2 0 0))))",
            (|config| _ = config.wasm_simd(false).wasm_relaxed_simd(false)) as fn(&mut Config),
        ),
        ("(module (type (struct)))", |config| _ = config.wasm_gc(false)),
        ("(module (memory 1) (memory 1))", |config| _ = config.wasm_multi_memory(false)),
        ("(module (memory i64 1))", |config| _ = config.wasm_memory64(false)),
        ("(module (memory 1 1 shared))", |config| _ = config.wasm_threads(false)),
        ("(module (tag))", |config| _ = config.wasm_exceptions(false)),
        ("(module (func return_call 0))", |config| _ = config.wasm_tail_call(false)),
        ("(module (memory 1 (pagesize 1)))", |config| _ = config.wasm_custom_page_sizes(false)),
        ("(module (func (drop (drop (i64.mul_wide_u (i64.const 1) (i64.const 1))))))", |config| {
            _ = config.wasm_wide_arithmetic(false)
        }),
        ("(module (global i32 (i32.add (i32.const 1) (i32.const 1))))", |config| _ = config.wasm_extended_const(false)),
    ] {
        let bytes = wasm(text);
        assert!(Module::new(&Engine::default(), &bytes).is_ok(), "{text} is on by default");
        let mut config = Config::new();
        change(&mut config);
        assert!(Module::new(&Engine::new(&config).expect("an engine"), &bytes).is_err(), "{text} can be switched off");
    }
}

#[test]
fn modules_give_their_types_back() {
    let engine = Engine::default();
    let bytes = wasm("(module (type (struct (field i32))) (type (func (param f64 f64))) (func (type 1)))");
    let module = Module::new(&engine, &bytes).expect("a valid module");
    let types = engine.types().len();
    for _ in 0..100 {
        let twin = Module::new(&engine, &bytes).expect("a valid module");
        assert_eq!(twin.inner().types.ids(), module.inner().types.ids());
    }
    assert_eq!(engine.types().len(), types);
    drop(module);
    assert_eq!(engine.types().len(), 0);
}
