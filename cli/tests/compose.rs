//! `whit compose`: components that are joined, what is left to import, and what cannot be joined.

mod common;

use common::{Folder, guest, whit};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

/// Adds two numbers, through an interface with a resource that counts.
const LIB: &str = r#"(component
    (type $counter' (resource (rep i32)))
    (core func $new (canon resource.new $counter'))
    (core func $rep (canon resource.rep $counter'))
    (core module $m
        (import "" "new" (func $new (param i32) (result i32)))
        (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
        (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
        (func (export "get") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 10))))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
    (func $make (param "n" u32) (result (own $counter')) (canon lift (core func $i "make")))
    (func $get (param "self" (borrow $counter')) (result u32) (canon lift (core func $i "get")))
    (component $shape
        (import "counter" (type $c' (sub resource)))
        (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
        (import "make" (func $make (param "n" u32) (result (own $c'))))
        (import "get" (func $get (param "self" (borrow $c')) (result u32)))
        (export $c "counter" (type $c'))
        (export "add" (func $add))
        (export "[constructor]counter" (func $make) (func (param "n" u32) (result (own $c))))
        (export "[method]counter.get" (func $get) (func (param "self" (borrow $c)) (result u32))))
    (instance $calc (instantiate $shape
        (with "counter" (type $counter')) (with "add" (func $add)) (with "make" (func $make)) (with "get" (func $get))))
    (export "my:lib/calc@1.2.0" (instance $calc)))"#;

/// Uses it: `twice(n)` adds n to itself, `tenfold(n)` asks a counter.
const APP: &str = r#"(component
    (import "my:lib/calc@1.0.0" (instance $calc
        (export "counter" (type $counter (sub resource)))
        (export "add" (func (param "a" u32) (param "b" u32) (result u32)))
        (export "[constructor]counter" (func (param "n" u32) (result (own $counter))))
        (export "[method]counter.get" (func (param "self" (borrow $counter)) (result u32)))))
    (alias export $calc "counter" (type $counter))
    (core func $add (canon lower (func $calc "add")))
    (core func $make (canon lower (func $calc "[constructor]counter")))
    (core func $get (canon lower (func $calc "[method]counter.get")))
    (core func $drop (canon resource.drop $counter))
    (core module $m
        (import "calc" "add" (func $add (param i32 i32) (result i32)))
        (import "calc" "make" (func $make (param i32) (result i32)))
        (import "calc" "get" (func $get (param i32) (result i32)))
        (import "calc" "drop" (func $drop (param i32)))
        (func (export "twice") (param i32) (result i32) (call $add (local.get 0) (local.get 0)))
        (func (export "tenfold") (param i32) (result i32) (local $counter i32) (local $result i32)
            (local.set $counter (call $make (local.get 0)))
            (local.set $result (call $get (local.get $counter)))
            (call $drop (local.get $counter))
            (local.get $result)))
    (core instance $i (instantiate $m (with "calc" (instance
        (export "add" (func $add)) (export "make" (func $make)) (export "get" (func $get)) (export "drop" (func $drop))))))
    (func (export "twice") (param "n" u32) (result u32) (canon lift (core func $i "twice")))
    (func (export "tenfold") (param "n" u32) (result u32) (canon lift (core func $i "tenfold"))))"#;

#[test]
fn a_component_calls_another_and_shares_its_resources() {
    let folder = Folder::new();
    let (app, lib, out) = (folder.write("app.wat", APP), folder.write("lib.wat", LIB), folder.at("out.wasm"));
    assert_eq!(whit(["compose", &app, "--plug", &lib, "-o", &out]), (0, String::new(), String::new()));
    for (call, result) in [("twice(21)", "42\n"), ("tenfold(7)", "70\n")] {
        let (status, stdout, stderr) = whit(["--invoke", call, &out]);
        assert_eq!((status, stdout.as_str()), (0, result), "{stderr}");
    }
    let (_, world, _) = whit(["wit", &out]);
    assert!(world.contains("export twice") && !world.contains("import"), "{world}");
}

/// Functions that return 100 × what `n` of the same interface does, where they import it, and `n` times ten where they do not.
fn step(imports: bool, factor: u32) -> String {
    let (import, call, with) = match imports {
        true => (
            r#"(import "step" (func $step' (param "n" u32) (result u32))) (core func $step (canon lower (func $step')))"#,
            r#"(import "" "step" (func $step (param i32) (result i32)))"#,
            r#"(with "" (instance (export "step" (func $step))))"#,
        ),
        false => ("", "", ""),
    };
    let next = if imports { "(call $step (local.get 0))" } else { "(local.get 0)" };
    format!(
        r#"(component {import}
            (core module $m {call}
                (func (export "step") (param i32) (result i32) (i32.mul (i32.const {factor}) {next})))
            (core instance $i (instantiate $m {with}))
            (func $out (param "n" u32) (result u32) (canon lift (core func $i "step")))
            (export "step" (func $out)))"#
    )
}

#[test]
fn plugs_fill_what_stands_before_them_in_a_chain() {
    let folder = Folder::new();
    let (app, middle) = (folder.write("app.wat", step(true, 2)), folder.write("middle.wat", step(true, 3)));
    let (last, out) = (folder.write("last.wat", step(false, 5)), folder.at("out.wasm"));
    assert_eq!(whit(["compose", &app, "--plug", &middle, "--plug", &last, "--output", &out]).0, 0);
    assert_eq!(whit(["--invoke", "step(7)", &out]), (0, "210\n".into(), String::new()));
    // Without the last one, what the middle wants is left.
    assert_eq!(whit(["compose", &app, "--plug", &middle, "-o", &out]).0, 0);
    let (_, world, _) = whit(["wit", &out]);
    assert!(world.contains("import step: func(n: u32) -> u32;"), "{world}");
    // What comes out can be joined again.
    let again = folder.at("again.wasm");
    assert_eq!(whit(["compose", &out, "--plug", &last, "-o", &again]).0, 0);
    assert_eq!(whit(["--invoke", "step(7)", &again]).1, "210\n");
}

/// A component whose world is the world `root` of this text; its functions trap.
fn component(wit: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("world.wit", wit).expect("the text is WIT");
    let world = resolve.select_world(&[package], Some("root")).expect("there is a world `root`");
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)
        .expect("the world can be encoded");
    ComponentEncoder::default().module(&module).expect("the module fits").encode().expect("a component")
}

/// The world of what `app` and `lib` come to together.
fn joined(app: &str, lib: &str) -> String {
    let folder = Folder::new();
    let (app, lib) = (folder.write("app.wasm", component(app)), folder.write("lib.wasm", component(lib)));
    let out = folder.at("out.wasm");
    let (status, _, stderr) = whit(["compose", &app, "--plug", &lib, "-o", &out]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert_eq!(whit(["validate", &out]).0, 0);
    whit(["wit", &out]).1
}

/// Interfaces that others use types of; `functions` are those of streams.
fn io(version: &str, functions: &str) -> String {
    format!(
        r#"
        package my:io@{version} {{
            interface error {{ resource error {{ text: func() -> string; }} }}
            interface streams {{
                use error.{{error}};
                variant failure {{ last(error), closed }}
                resource input {{ {functions} }}
            }}
        }}"#
    )
}

const LIB_WIT: &str =
    "package my:lib { interface types { record item { name: string, tags: list<u8> } flags rights { r, w }
        resource store { constructor(rights: rights); get: func(name: string) -> option<item>; } }
    interface api { use types.{store, item}; copy: func(a: borrow<store>, b: item) -> result<store, list<item>>; } }";

#[test]
fn what_both_import_is_imported_once_with_all_that_either_wants() {
    let app = format!(
        "package root:component; world root {{ import my:io/streams@0.2.6; import my:lib/types; import my:lib/api; export run: func(); }}
        {LIB_WIT} {}",
        io("0.2.6", "read: func(n: u64) -> result<list<u8>, failure>;")
    );
    let lib = format!(
        "package root:component; world root {{ import my:io/streams@0.2.1; export my:lib/types; export my:lib/api; }}
        {LIB_WIT} {}",
        io("0.2.1", "skip: func(n: u64) -> result<u64, failure>; same: static func(a: borrow<input>) -> input;")
    );
    let world = joined(&app, &lib);
    for part in [
        "import my:io/error@0.2.6;",
        "import my:io/streams@0.2.6;",
        "read: func(",
        "skip: func(",
        "same: static func(",
        "export run: func();",
    ] {
        assert!(world.contains(part), "no `{part}` in {world}");
    }
    for gone in ["my:lib", "0.2.1"] {
        assert!(!world.contains(gone), "{gone} in {world}");
    }
}

#[test]
fn resources_that_both_use_stay_one_type() {
    let types = "package my:shared { interface types { resource token; record pair { a: u32, b: string } }
        interface maker { use types.{token, pair}; make: func(p: pair) -> token; }
        interface taker { use types.{token, pair}; take: func(t: token) -> pair; } }";
    // Both import the types, so what one makes the other takes.
    let app = format!(
        "package root:component; world root {{ import my:shared/maker; import my:shared/taker; export my:shared/maker; }} {types}"
    );
    let lib = format!("package root:component; world root {{ export my:shared/maker; }} {types}");
    let world = joined(&app, &lib);
    assert!(world.contains("import my:shared/types;") && world.contains("import my:shared/taker;"), "{world}");
    assert!(!world.contains("import my:shared/maker") && world.contains("export my:shared/maker;"), "{world}");
    // The plug provides the types too, and what is exported is made of them.
    let app = format!(
        "package root:component; world root {{ import my:shared/types; import my:shared/maker; import my:shared/taker; export go: func(); }} {types}"
    );
    let lib = format!(
        "package root:component; world root {{ export my:shared/types; export my:shared/maker; export my:shared/taker; }} {types}"
    );
    let world = joined(&app, &lib);
    assert!(!world.contains("my:shared"), "{world}");
}

#[test]
fn what_is_exported_may_be_made_of_what_a_plug_has() {
    let types = "package my:shared { interface types { resource token; record pair { a: u32, b: string } }
        interface user { use types.{token, pair}; f: func(t: token) -> pair; } }";
    let app = format!(
        "package root:component; world root {{ import my:shared/types; export my:shared/user; export g: func(a: u8); }} {types}"
    );
    let lib = format!("package root:component; world root {{ export my:shared/types; }} {types}");
    let world = joined(&app, &lib);
    assert!(world.contains("export my:shared/user;"), "{world}");
}

#[test]
fn types_that_an_export_mentions_are_exported_with_it() {
    let types = "package my:shared { interface types { record inner { n: u32 } record outer { i: inner } } }";
    // The exported interface names `outer` alone, and what that is made of lies in the plug.
    let app = format!(
        "package root:component; world root {{ import my:shared/types; export x: interface {{ use my:shared/types.{{outer}};
            f: func(o: outer) -> option<outer>; }} }} {types}"
    );
    let lib = format!("package root:component; world root {{ export my:shared/types; }} {types}");
    let world = joined(&app, &lib);
    for part in ["export my:shared/types;", "export x: interface {", "use my:shared/types.{outer};"] {
        assert!(world.contains(part), "no `{part}` in {world}");
    }
    assert!(!world.contains("import"), "{world}");
}

#[test]
fn a_type_that_a_world_uses_comes_from_where_its_interface_does() {
    let types = "package my:shared { interface types { resource token; record pair { a: u32, b: string } } }";
    let app = format!(
        "package root:component; world root {{ use my:shared/types.{{token, pair as two}}; export f: func(p: two) -> u32;
            export g: func(t: borrow<token>, u: token); }} {types}"
    );
    let lib = format!("package root:component; world root {{ export my:shared/types; }} {types}");
    let world = joined(&app, &lib);
    for part in
        ["export my:shared/types;", "export f: func(p: pair) -> u32;", "export g: func(t: borrow<token>, u: token);"]
    {
        assert!(world.contains(part), "no `{part}` in {world}");
    }
    assert!(!world.contains("import"), "{world}");
}

#[test]
fn an_import_cannot_depend_on_what_a_plug_has() {
    let folder = Folder::new();
    let types = "package my:shared { interface types { record pair { a: u32 } }
        interface user { use types.{pair}; f: func(p: pair); } }";
    let app = format!("package root:component; world root {{ import my:shared/user; }} {types}");
    let lib = format!("package root:component; world root {{ export my:shared/types; }} {types}");
    let (app, lib) = (folder.write("app.wasm", component(&app)), folder.write("lib.wasm", component(&lib)));
    let (status, _, stderr) = whit(["compose", &app, "--plug", &lib, "-o", &folder.at("out.wasm")]);
    assert!(status == 1 && stderr.contains("an import that is left uses types of `my:shared/types`"), "{stderr}");
}

#[test]
fn a_program_is_joined_with_what_stands_in_for_the_system() {
    // Its environment comes from a component that knows one variable by heart.
    let environment = r#"(component
        (core module $m (memory (export "memory") 1) (data (i32.const 32) "KEYvalue")
            (data (i32.const 64) "\20\00\00\00\03\00\00\00\23\00\00\00\05\00\00\00")
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "variables") (result i32)
                (i32.store (i32.const 128) (i32.const 64)) (i32.store (i32.const 132) (i32.const 1)) (i32.const 128))
            (func (export "arguments") (result i32)
                (i32.store (i32.const 128) (i32.const 64)) (i32.store (i32.const 132) (i32.const 2)) (i32.const 128))
            (func (export "none") (result i32) (i32.store (i32.const 128) (i32.const 0)) (i32.const 128)))
        (core instance $i (instantiate $m))
        (func $variables (result (list (tuple string string)))
            (canon lift (core func $i "variables") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
        (func $arguments (result (list string))
            (canon lift (core func $i "arguments") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
        (func $none (result (option string))
            (canon lift (core func $i "none") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
        (instance $all (export "get-environment" (func $variables)) (export "get-arguments" (func $arguments))
            (export "initial-cwd" (func $none)))
        (export "wasi:cli/environment@0.2.0" (instance $all)))"#;
    let folder = Folder::new();
    let (plug, out) = (folder.write("environment.wat", environment), folder.at("out.wasm"));
    let (status, _, stderr) = whit(["compose", &guest("command"), "--plug", &plug, "-o", &out]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    let (status, stdout, stderr) = whit(["--env", "REAL=1", &out, "env"]);
    // The first argument, which the plug says is KEY, is the program's name; the second is a step that does not exist.
    assert!(status == 1 && stdout.is_empty() && stderr.contains("value"), "{status} {stdout} {stderr}");
    let (_, world, _) = whit(["wit", &out]);
    assert!(
        !world.contains("import wasi:cli/environment") && world.contains("import wasi:cli/stdout@0.2.6"),
        "{world}"
    );
}

/// Writes to the stream that it is lent, by the functions of an older version of WASI.
const LOG: &str = r#"(component
    (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
    (alias export $error "error" (type $err))
    (import "wasi:io/streams@0.2.0" (instance $streams
        (export "error" (type $e (eq $err)))
        (export "output-stream" (type $o (sub resource)))
        (type $failure' (variant (case "last-operation-failed" (own $e)) (case "closed")))
        (export "stream-error" (type $failure (eq $failure')))
        (export "[method]output-stream.blocking-write-and-flush"
            (func (param "self" (borrow $o)) (param "contents" (list u8)) (result (result (error $failure)))))))
    (alias export $streams "output-stream" (type $out))
    (core module $bytes (memory (export "memory") 1) (data (i32.const 16) "through both\n"))
    (core instance $bytes (instantiate $bytes))
    (core func $write (canon lower
        (func $streams "[method]output-stream.blocking-write-and-flush") (memory (core memory $bytes "memory"))))
    (core func $drop (canon resource.drop $out))
    (core module $m
        (import "" "write" (func $write (param i32 i32 i32 i32)))
        (import "" "drop" (func $drop (param i32)))
        (func (export "log") (param i32)
            (call $write (local.get 0) (i32.const 16) (i32.const 13) (i32.const 64))
            (call $drop (local.get 0))))
    (core instance $i (instantiate $m
        (with "" (instance (export "write" (func $write)) (export "drop" (func $drop))))))
    (func $log (param "to" (borrow $out)) (canon lift (core func $i "log")))
    (component $shape
        (import "output-stream" (type $o (sub resource)))
        (import "log" (func $log (param "to" (borrow $o))))
        (export $o2 "output-stream" (type $o))
        (export "log" (func $log) (func (param "to" (borrow $o2)))))
    (instance $exported (instantiate $shape (with "output-stream" (type $out)) (with "log" (func $log))))
    (export "my:log/log" (instance $exported)))"#;

/// Gets standard output from a newer version, and lends it.
const LENDER: &str = r#"(component
    (import "wasi:io/streams@0.2.6" (instance $streams (export "output-stream" (type (sub resource)))))
    (alias export $streams "output-stream" (type $out))
    (import "wasi:cli/stdout@0.2.6" (instance $stdout
        (export "output-stream" (type $o (eq $out))) (export "get-stdout" (func (result (own $o))))))
    (import "my:log/log" (instance $log
        (export "output-stream" (type $o (eq $out))) (export "log" (func (param "to" (borrow $o))))))
    (core func $get (canon lower (func $stdout "get-stdout")))
    (core func $log (canon lower (func $log "log")))
    (core func $drop (canon resource.drop $out))
    (core module $m
        (import "" "get" (func $get (result i32)))
        (import "" "log" (func $log (param i32)))
        (import "" "drop" (func $drop (param i32)))
        (func (export "run") (result i32) (local $stream i32)
            (local.set $stream (call $get))
            (call $log (local.get $stream))
            (call $drop (local.get $stream))
            (i32.const 0)))
    (core instance $i (instantiate $m (with "" (instance
        (export "get" (func $get)) (export "log" (func $log)) (export "drop" (func $drop))))))
    (func $run (result (result)) (canon lift (core func $i "run")))
    (instance $exported (export "run" (func $run)))
    (export "wasi:cli/run@0.2.0" (instance $exported)))"#;

#[test]
fn a_resource_of_the_host_passes_between_parts_that_know_it_by_different_versions() {
    let folder = Folder::new();
    let (app, plug, out) = (folder.write("app.wat", LENDER), folder.write("log.wat", LOG), folder.at("out.wasm"));
    let (status, _, stderr) = whit(["compose", &app, "--plug", &plug, "-o", &out]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert_eq!(whit([&out]), (0, "through both\n".into(), String::new()));
    let (_, world, _) = whit(["wit", &out]);
    assert!(world.contains("import wasi:io/streams@0.2.6;") && !world.contains("streams@0.2.0"), "{world}");
}

#[test]
fn core_modules_are_imported_or_come_from_a_plug() {
    let folder = Folder::new();
    // Instantiates a core module that it is given, and calls it.
    let app = folder.write(
        "app.wat",
        r#"(component
            (core type $lib (module
                (import "env" "memory" (memory 1))
                (export "add" (func (param i32 i32) (result i32)))
                (export "limit" (global i64))
                (export "table" (table 1 10 funcref))))
            (import "lib" (core module $lib (type $lib)))
            (import "step" (func $step (param "n" u32) (result u32)))
            (core module $memory (memory (export "memory") 1))
            (core instance $memory (instantiate $memory))
            (core instance $lib (instantiate $lib (with "env" (instance $memory))))
            (core func $step (canon lower (func $step)))
            (core module $m
                (import "" "add" (func $add (param i32 i32) (result i32)))
                (import "" "step" (func $step (param i32) (result i32)))
                (func (export "run") (param i32) (result i32) (call $add (call $step (local.get 0)) (i32.const 1000))))
            (core instance $i (instantiate $m
                (with "" (instance (export "add" (func $lib "add")) (export "step" (func $step))))))
            (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))"#,
    );
    let (step, out) = (folder.write("step.wat", step(false, 2)), folder.at("out.wasm"));
    let (status, _, stderr) = whit(["compose", &app, "--plug", &step, "-o", &out]);
    assert_eq!((status, stderr.as_str()), (0, ""), "what is left over is imported again");
    let (status, stdout, stderr) = whit(["inspect", &out]);
    assert!(status == 0 && stdout.contains("lib"), "{stdout}{stderr}");
    let lib = folder.write(
        "lib.wat",
        r#"(component
            (core module (export "lib")
                (import "env" "memory" (memory 1))
                (global (export "limit") i64 (i64.const 1)) (table (export "table") 2 10 funcref)
                (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))))"#,
    );
    let whole = folder.at("whole.wasm");
    let (status, _, stderr) = whit(["compose", &out, "--plug", &lib, "-o", &whole]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    let (status, stdout, stderr) = whit(["run", "--invoke", "run(5)", &whole]);
    assert_eq!((status, stdout.trim()), (0, "1010"), "{stderr}");
}

#[test]
fn what_does_not_fit_is_refused_and_nothing_is_written() {
    let folder = Folder::new();
    let (app, lib, out) = (folder.write("app.wat", APP), folder.write("lib.wat", LIB), folder.at("out.wasm"));
    let refused = |arguments: &[&str], parts: &[&str]| {
        let (status, stdout, stderr) = whit([&["compose"], arguments, &["-o", &out]].concat());
        assert_eq!((status, stdout.as_str()), (1, ""), "{arguments:?}");
        for part in parts {
            assert!(stderr.contains(part), "no `{part}` in {stderr}");
        }
        assert!(!folder.path("out.wasm").exists(), "{arguments:?}");
    };
    let other = folder.write("other.wat", step(false, 1));
    refused(&[&app, "--plug", &other], &["other.wat is not used", "it exports\n    step", "my:lib/calc@1.0.0"]);
    refused(&[&app, "--plug", &lib, "--plug", &lib], &["a plug before it has it already"]);
    let old = folder.write("old.wat", LIB.replace("calc@1.2.0", "calc@2.0.0"));
    refused(&[&app, "--plug", &old], &["is not used", "my:lib/calc@2.0.0"]);
    let wrong = folder.write("wrong.wat", step(false, 1).replace("\"n\" u32) (result u32)", "\"n\" s32) (result u32)"));
    let wants = folder.write("wants.wat", step(true, 1));
    refused(&[&wants, "--plug", &wrong], &["do not fit together", "step"]);
    refused(&[&guest("fib"), "--plug", &lib], &["core module", "wasm-tools component new"]);
    refused(&[&app, "--plug", &folder.at("none.wasm")], &["none.wasm"]);
    let component = folder.write(
        "component.wat",
        r#"(component (import "step" (func (param "n" u32) (result u32))) (import "lib" (component)))"#,
    );
    refused(&[&component, "--plug", &other], &["component.wat: `lib` is an imported component"]);
    let module = folder.write(
        "module.wat",
        r#"(component (import "step" (func (param "n" u32) (result u32)))
            (core type $lib (module
                (type $f (func (param i32))) (export "f" (func (param (ref null func)))) (export "g" (table 1 funcref))
                (type $s (struct)) (export "h" (func (param (ref null $s))))))
            (import "lib" (core module (type $lib))))"#,
    );
    refused(&[&module, "--plug", &other], &["module.wat: `lib` is an imported core module with a type other than"]);
    let (status, _, stderr) = whit(["compose", &app, "-o", &out]);
    assert!(status == 1 && stderr.contains("--plug"), "{stderr}");
    let (status, _, stderr) = whit(["compose", &app, "--plug", &lib, "-o", &folder.at("no/such/folder.wasm")]);
    assert!(status == 1 && stderr.contains("cannot write"), "{stderr}");
}
