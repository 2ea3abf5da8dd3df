//! `--invoke` of components: calls in WAVE, what they return, and what is said when they cannot be made.

mod common;

use common::{Folder, whit};

/// Functions that return what they are given, of many types: a core function and a memory serve them all.
const ECHO: &str = r#"(component
    (type $point' (record (field "x" s32) (field "y" s32) (field "label" (option string))))
    (type $shape' (variant (case "circle" f64) (case "none") (case "point" u8)))
    (type $colour' (enum "red" "green"))
    (type $rights' (flags "read" "write"))
    (core module $m
        (memory (export "memory") 2)
        (global $next (mut i32) (i32.const 1024))
        (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
            (local $at i32)
            (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
                (i32.sub (i32.const 0) (local.get $align))))
            (global.set $next (i32.add (local.get $at) (local.get $size)))
            (local.get $at))
        (func (export "one") (param i32) (result i32) (local.get 0))
        (func (export "wide") (param i64) (result i64) (local.get 0))
        (func (export "float") (param f64) (result f64) (local.get 0))
        (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
        (func (export "pair") (param i32 i32) (result i32)
            (i32.store (i32.const 64) (local.get 0))
            (i32.store (i32.const 68) (local.get 1))
            (i32.const 64))
        (func (export "five") (param i32 i32 i32 i32 i32) (result i32)
            (i32.store (i32.const 64) (local.get 0))
            (i32.store (i32.const 68) (local.get 1))
            (i32.store (i32.const 72) (local.get 2))
            (i32.store (i32.const 76) (local.get 3))
            (i32.store (i32.const 80) (local.get 4))
            (i32.const 64))
        (func (export "narrow") (param i32 i32) (result i32)
            (i32.store8 (i32.const 64) (local.get 0))
            (i32.store8 (i32.const 65) (local.get 1))
            (i32.const 64))
        (func (export "wide-case") (param i32 i64) (result i32)
            (i32.store8 (i32.const 64) (local.get 0))
            (i64.store (i32.const 72) (local.get 1))
            (i32.const 64))
        (func (export "nothing"))
        (func (export "trap") unreachable))
    (core instance $i (instantiate $m))
    (func (export "u8") (param "value" u8) (result u8) (canon lift (core func $i "one")))
    (func (export "s64") (param "value" s64) (result s64) (canon lift (core func $i "wide")))
    (func (export "f64") (param "value" f64) (result f64) (canon lift (core func $i "float")))
    (func (export "bool") (param "value" bool) (result bool) (canon lift (core func $i "one")))
    (func (export "char") (param "value" char) (result char) (canon lift (core func $i "one")))
    (func (export "nothing") (canon lift (core func $i "nothing")))
    (func (export "trap") (canon lift (core func $i "trap")))
    (func (export "string") (param "value" string) (result string)
        (canon lift (core func $i "pair") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (func (export "names") (param "value" (list string)) (result (list string))
        (canon lift (core func $i "pair") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (func (export "map") (param "value" (map string u32)) (result (map string u32))
        (canon lift (core func $i "pair") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (func (export "tuple") (param "value" (tuple u32 s32)) (result (tuple u32 s32))
        (canon lift (core func $i "pair") (memory (core memory $i "memory"))))
    (func (export "option") (param "value" (option u8)) (result (option u8))
        (canon lift (core func $i "narrow") (memory (core memory $i "memory"))))
    (func (export "result") (param "value" (result u8 (error u8))) (result (result u8 (error u8)))
        (canon lift (core func $i "narrow") (memory (core memory $i "memory"))))
    (export $colour "colour" (type $colour'))
    (export $rights "rights" (type $rights'))
    (export $shape "shape" (type $shape'))
    (export $point "point" (type $point'))
    (func (export "enum") (param "value" $colour) (result $colour) (canon lift (core func $i "one")))
    (func (export "flags") (param "value" $rights) (result $rights) (canon lift (core func $i "one")))
    (func (export "variant") (param "value" $shape) (result $shape)
        (canon lift (core func $i "wide-case") (memory (core memory $i "memory"))))
    (func (export "record") (param "value" $point) (result $point)
        (canon lift (core func $i "five") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
    (instance $calc (export "add" (func $add)))
    (export "my:pkg/calc@1.2.0" (instance $calc))
    (instance $other (export "add" (func $add)) (export "sum" (func $add)))
    (export "my:pkg/other" (instance $other)))"#;

fn invoke(call: &str) -> (i32, String, String) {
    let folder = Folder::new();
    let file = folder.write("echo.wat", ECHO);
    whit(["--invoke", call, &file])
}

#[test]
fn values_go_in_and_come_out_in_wave() {
    for (call, result) in [
        ("u8(255)", "255"),
        ("s64(-9223372036854775808)", "-9223372036854775808"),
        ("f64(1.5e3)", "1500"),
        ("f64(-inf)", "-inf"),
        ("f64(nan)", "nan"),
        ("bool(true)", "true"),
        ("char('\\u{1F980}')", "'🦀'"),
        (r#"string("one \"two\"\n\u{1b}[31m")"#, r#""one \"two\"\n\u{1b}[31m""#),
        (r#"string("")"#, r#""""#),
        (r#"names(["a", "b"])"#, r#"["a", "b"]"#),
        (r#"names([])"#, "[]"),
        (r#"map({"a": 1, "b": 2, "a": 3})"#, r#"{"a": 3, "b": 2}"#),
        ("tuple((1, -1))", "(1, -1)"),
        ("option(some(3))", "some(3)"),
        ("option(3)", "some(3)"),
        ("option(none)", "none"),
        ("option()", "none"),
        ("result(ok(3))", "ok(3)"),
        ("result(3)", "ok(3)"),
        ("result(err(4))", "err(4)"),
        ("enum(green)", "green"),
        ("flags({write, read})", "{read, write}"),
        ("flags({})", "{}"),
        ("variant(circle(0.5))", "circle(0.5)"),
        ("variant(%none)", "%none"),
        (r#"record({y: -2, x: 1, label: some("l")})"#, r#"{x: 1, y: -2, label: some("l")}"#),
        ("record({x: 1, y: 2})", "{x: 1, y: 2}"),
        (" u8 ( 7 ) // spaces and comments", "7"),
    ] {
        let (status, stdout, stderr) = invoke(call);
        assert_eq!((status, stdout.as_str(), stderr.as_str()), (0, format!("{result}\n").as_str(), ""), "{call}");
    }
    for call in ["nothing()", "nothing", "nothing( )"] {
        assert_eq!(invoke(call), (0, String::new(), String::new()), "{call}");
    }
}

#[test]
fn interfaces_are_named_with_and_without_package_and_version() {
    for name in ["calc.add", "my:pkg/calc.add", "my:pkg/calc@1.2.0.add", "my:pkg/calc.add@1.2.0", "other.add", "sum"] {
        let (status, stdout, stderr) = invoke(&format!("{name}(1, 2)"));
        assert_eq!((status, stdout.as_str()), (0, "3\n"), "{name}: {stderr}");
    }
}

#[test]
fn what_is_not_there_is_answered_with_what_is() {
    let says = |call: &str, parts: &[&str]| {
        let (status, stdout, stderr) = invoke(call);
        assert_eq!((status, stdout.as_str()), (1, ""), "{call}");
        for part in parts {
            assert!(stderr.contains(part), "no `{part}` in {stderr}");
        }
    };
    says("smu(1, 2)", &["no function `smu`; did you mean", "my:pkg/other.sum: func(a: u32, b: u32) -> u32"]);
    says("smu(1, 2)", &["for example: whit --invoke 'my:pkg/other.sum(1, 1)' FILE"]);
    says("calc.sum(1, 2)", &["no function `calc.sum`; did you mean", "my:pkg/other.sum"]);
    says("my:pkg/calc@9.0.0.add(1, 2)", &["my:pkg/calc@1.2.0.add: func("]);
    says("quadrupled(1)", &["it exports", "`whit inspect FILE` lists them all"]);
    says("add(1, 2)", &["more than one interface", "my:pkg/calc@1.2.0.add", "my:pkg/other.add"]);
}

#[test]
fn arguments_that_do_not_fit_are_shown_where_they_stand() {
    let says = |call: &str, parts: &[&str]| {
        let (status, stdout, stderr) = invoke(call);
        assert_eq!((status, stdout.as_str()), (1, ""), "{call}");
        for part in parts {
            assert!(stderr.contains(part), "{call}: no `{part}` in {stderr}");
        }
    };
    says("sum(1)", &["it takes 2 arguments, not 1", "sum(1)\n       ^\n", "for example: whit --invoke '"]);
    says("sum(1, 2, 3)", &["it takes 2 arguments, not 3", "sum(1, 2, 3)\n            ^\n"]);
    says("sum", &["it takes 2 arguments, not 0"]);
    says("nothing(1)", &["it takes no arguments, not 1"]);
    says("sum(1, \"x\")", &["`b`: expected `u32`, found a string", "sum(1, \"x\")\n         ^^^\n"]);
    says("u8(256)", &["`256` is not a value of type `u8`"]);
    says("u8(1.5)", &["`1.5` is not a value of type `u8`"]);
    says("string(hello)", &["expected `string`, found a label (a string stands in double quotes)"]);
    says("enum(blue)", &["there is no case `blue`; there are `red`, `green`", "enum(blue)\n       ^^^^\n"]);
    says("flags({red})", &["there is no flag `red`"]);
    says("variant(circle)", &["`circle` needs a value of type `f64`: `circle(1.5)`"]);
    says("variant(%none(1))", &["`none` has no value"]);
    says("record({x: 1})", &["the field `y` is missing: `y: 1`"]);
    says("record({x: 1, y: 2, z: 3})", &["there is no field `z`"]);
    says("record({x: 1, x: 2, y: 2})", &["duplicate field"]);
    says("tuple((1, 2, 3))", &["expected 2 values, found 3"]);
    says("names([\"a\", 1])", &["expected `string`, found a number", "          ^\n"]);
    says("u8(1", &["unexpected end of input"]);
    says("u8(1) 2", &["trailing characters"]);
    says(&format!("names({}", "[".repeat(200)), &["nesting too deep"]);
}

#[test]
fn a_trap_is_a_trap_and_nothing_runs_before_the_call_is_understood() {
    let (status, stdout, stderr) = invoke("trap()");
    assert_eq!((status, stdout.as_str()), (if cfg!(windows) { 3 } else { 134 }, ""));
    assert!(stderr.contains("unreachable"), "{stderr}");
    let folder = Folder::new();
    let start = r#"(component (core module $m (func $f unreachable) (func (export "f")) (start $f))
        (core instance $i (instantiate $m)) (func (export "f") (canon lift (core func $i "f"))))"#;
    let file = folder.write("start.wat", start);
    let (status, _, stderr) = whit(["--invoke", "g()", &file]);
    assert!(status == 1 && stderr.contains("no function `g`"), "{stderr}");
}

#[test]
fn handles_cannot_be_written() {
    let folder = Folder::new();
    let resources = r#"(component
        (type $r' (resource (rep i32)))
        (core func $new (canon resource.new $r'))
        (core module $m (import "" "new" (func $new (param i32) (result i32)))
            (func (export "make") (result i32) (call $new (i32.const 1)))
            (func (export "take") (param i32)))
        (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
        (export $r "r" (type $r'))
        (func (export "make") (result (own $r)) (canon lift (core func $i "make")))
        (func (export "take") (param "it" (own $r)) (canon lift (core func $i "take"))))"#;
    let file = folder.write("resources.wat", resources);
    let (status, stdout, stderr) = whit(["--invoke", "make()", &file]);
    assert!(status == 1 && stdout.is_empty() && stderr.contains("handle"), "{stderr}");
    let (status, _, stderr) = whit(["--invoke", "take(1)", &file]);
    assert!(status == 1 && stderr.contains("no text stands for"), "{stderr}");
}

#[test]
fn modules_keep_their_names_and_words() {
    let (status, stdout, _) = whit(["--invoke", "run", &common::guest("fib"), "10"]);
    assert_eq!((status, stdout.as_str()), (0, "55\n"));
    let (status, _, stderr) = whit(["--invoke", "run(10)", &common::guest("fib")]);
    assert!(status == 1 && stderr.contains("for example: whit --invoke run FILE 1"), "{stderr}");
}

#[test]
fn a_component_reads_the_configuration_that_it_is_given() {
    let guest = concat!(env!("CARGO_MANIFEST_DIR"), "/../wasi/tests/config/guest.wat");
    let get = |options: &[&str], call: &str| whit([options, &["--invoke", call, guest]].concat());
    let given = ["-S", "config,config-var=colour=blue", "-Sconfig-var=sum=1+1=2"];
    assert_eq!(get(&given, r#"get("colour")"#), (0, "\"blue\"\n".into(), String::new()));
    assert_eq!(get(&given, r#"get("sum")"#).1, "\"1+1=2\"\n");
    assert_eq!(get(&[], r#"get("colour")"#).1, "\"(nothing)\"\n");
    let (status, _, stderr) = get(&["-Sconfig-var=colour"], r#"get("colour")"#);
    assert_eq!(status, 1);
    assert!(stderr.contains("config-var=colour=blue"), "{stderr}");
}

#[test]
fn a_component_opens_the_bucket_that_it_is_granted() {
    let guest = concat!(env!("CARGO_MANIFEST_DIR"), "/../wasi/tests/keyvalue/guest.wat");
    let open =
        |options: &[&str], name: &str| whit([options, &["--invoke", &format!("open({name:?})"), guest]].concat());
    assert_eq!(open(&["-Skeyvalue"], ""), (0, "0\n".into(), String::new()));
    // The error `no-such-store`.
    assert_eq!(open(&["-Skeyvalue"], "other").1, "1\n");
    assert_eq!(open(&[], "").1, "1\n");
    // It is a number already, and what the guest finds first is not nothing.
    let (status, stdout, _) = whit(["-S", "keyvalue-in-memory-data=one=7", "--invoke", "run()", guest]);
    assert_eq!((status, stdout.as_str()), (0, "2\n"));
}

#[test]
fn a_bucket_in_a_file_is_there_the_next_time() {
    let guest = concat!(env!("CARGO_MANIFEST_DIR"), "/../wasi/tests/keyvalue/guest.wat");
    let folder = tempfile::tempdir().unwrap();
    let option = format!("keyvalue-file={}", folder.path().join("bucket").display());
    let run = || whit(["-S", &option, "--invoke", "run()", guest]);
    if cfg!(feature = "keyvalue-file") {
        assert_eq!(run(), (0, "0\n".into(), String::new()));
        // What it left, `two`, is there when it is run again, and it counts on what it finds.
        assert_eq!(run().0, 0);
        let broken = whit(["-S", &format!("keyvalue-file={}", folder.path().display()), "--invoke", "run()", guest]);
        assert!(broken.0 == 1 && broken.2.contains("the bucket's file"), "{broken:?}");
    } else {
        let (status, _, stderr) = run();
        assert!(status == 1 && stderr.contains("--features keyvalue-file"), "{stderr}");
    }
}
