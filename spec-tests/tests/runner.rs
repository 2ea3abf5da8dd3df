//! The runner itself: what scripts assert is what it checks, and nothing passes by accident.

use std::fs;
use std::path::Path;

use whit_core::CompilationMode;
use whit_spec_tests::expectations::Expectations;
use whit_spec_tests::features::Features;
use whit_spec_tests::report::{Counts, FileReport};
use whit_spec_tests::runner::{self, Options};
use whit_spec_tests::script::Script;

fn run_with(text: &str, options: &Options, expectations: &str) -> FileReport {
    let script = Script::parse(text).expect("the script parses");
    let expectations = Expectations::parse(expectations).expect("the table parses");
    runner::run_script(Path::new("folder/a.wast"), &script, Features::default(), options, &expectations)
}

fn run(text: &str) -> FileReport {
    run_with(text, &Options::default(), "")
}

const ADD: &str = r#"(module $m (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
    (func (export "trap") unreachable) (func (export "deep") (call 2)) (tag $t) (func (export "throw") (throw $t)))"#;

#[test]
fn assertions_that_hold_pass() {
    let report = run(&format!(
        r#"{ADD}
        (assert_return (invoke "add" (i32.const 1) (i32.const 2)) (i32.const 3))
        (assert_return (invoke $m "add" (i32.const 1) (i32.const 2)) (either (i32.const 4) (i32.const 3)))
        (assert_trap (invoke "trap") "unreachable")
        (assert_exhaustion (invoke "deep") "call stack exhausted")
        (assert_exception (invoke "throw"))
        (assert_invalid (module (func (result i32))) "type mismatch")
        (assert_malformed (module binary "\00asm" "\02\00\00\00") "unknown binary version")
        (assert_malformed (module quote "(func") "unexpected end")
        (assert_unlinkable (module (import "spectest" "nothing" (func))) "unknown import")
        (assert_unlinkable (module (import "spectest" "global_i32" (func))) "incompatible import type")
        (module definition $d (global (export "g") i32 (i32.const 7)))
        (module instance $i $d)
        (assert_return (get $i "g") (i32.const 7))"#
    ));
    assert_eq!(report.failures, []);
    assert_eq!((report.counts.assertions, report.counts.passed, report.counts.text), (11, 11, 1));
}

#[test]
fn assertions_that_do_not_hold_fail_with_their_line() {
    for (text, part) in [
        (r#"(assert_return (invoke "add" (i32.const 1) (i32.const 2)) (i32.const 4))"#, "returned"),
        (r#"(assert_return (invoke "trap"))"#, "unreachable"),
        (r#"(assert_return (invoke "add" (i32.const 1)) (i32.const 4))"#, ""),
        (r#"(assert_trap (invoke "trap") "integer overflow")"#, "unreachable"),
        (r#"(assert_trap (invoke "add" (i32.const 1) (i32.const 2)) "unreachable")"#, "returned"),
        (r#"(assert_trap (invoke "throw") "unreachable")"#, "Exception"),
        (r#"(assert_exhaustion (invoke "trap") "call stack exhausted")"#, "unreachable"),
        (r#"(assert_exception (invoke "trap"))"#, "Trap"),
        (r#"(assert_invalid (module (func)) "type mismatch")"#, "accepted"),
        (r#"(assert_invalid (module binary "\00asm" "\02\00\00\00") "type mismatch")"#, "Parse"),
        (
            r#"(assert_malformed (module binary "\00asm\01\00\00\00\01\04\01\60\00\00\03\02\01\01\0a\04\01\02\00\0b") "x")"#,
            "refused as Validation",
        ),
        (r#"(assert_malformed (module quote "(func)") "unexpected end")"#, "accepted"),
        (r#"(assert_unlinkable (module (import "spectest" "print" (func))) "unknown import")"#, "links"),
        (r#"(assert_return (invoke $nobody "f"))"#, "no instance $nobody"),
        (r#"(invoke "trap")"#, "unreachable"),
        (r#"(register "x" $nobody)"#, "no instance"),
        (r#"(module instance $i $nothing)"#, "no definition"),
        (r#"(module (func (result i32)))"#, "type mismatch"),
        (r#"(wait $nobody)"#, "no thread"),
    ] {
        // An eager engine, so that the last invalid module fails where it stands.
        let options = Options { mode: CompilationMode::Eager, ..Options::default() };
        let report = run_with(&format!("{}\n{text}", ADD.replace('\n', " ")), &options, "");
        assert_eq!(report.failures.len(), 1, "{text}\n{report}");
        assert_eq!(report.failures[0].line, Some(2), "{text}");
        assert!(report.failures[0].message.contains(part), "{text}: {}", report.failures[0].message);
    }
}

#[test]
fn a_lazy_run_forces_bodies_that_nobody_called() {
    let report = run(r#"(module (func (export "f") (result i32)))"#);
    assert_eq!(report.counts.failed, 1, "{report}");
    assert!(report.failures[0].message.contains("never called"), "{report}");
}

#[test]
fn a_deviation_must_be_listed_and_a_listed_one_must_deviate() {
    let entry = "[[deviation]]\nfile = \"a.wast\"\nline = 1\ntool = \"tool 1\"\nreason = \"does this\"\n";
    let failing = r#"(assert_invalid (module) "nothing is wrong with it")"#;
    let listed = run_with(failing, &Options::default(), entry);
    assert_eq!((listed.counts.known, listed.counts.failed, listed.counts.passed), (1, 0, 0), "{listed}");
    let passing = run_with("(module)", &Options::default(), entry);
    assert_eq!((passing.counts.known, passing.counts.failed), (0, 1), "{passing}");
    assert!(passing.failures[0].message.contains("unexpected pass"), "{passing}");
    let gone = run_with("\n\n(module)", &Options::default(), entry);
    assert_eq!(gone.counts.failed, 1, "{gone}");
}

#[test]
fn a_script_that_awaits_something_is_apart_until_it_holds() {
    let entry = "[[awaiting]]\nwhat = \"what comes\"\nfolder = \"folder\"\nscripts = [\"a.wast\"]\n";
    let waits = run_with("(module)\n(assert_invalid (module) \"x\")\n(module)", &Options::default(), entry);
    assert_eq!(waits.counts, Counts { awaiting: 1, ..Counts::default() }, "{waits}");
    assert!(waits.to_string().starts_with("folder/a.wast: awaiting: what comes (line 2: accepted"), "{waits}");
    assert_eq!((&waits.to_json()["awaiting"], &waits.to_json()["failed"]), (&1.into(), &0.into()));
    let holds = run_with("(assert_invalid (module (func (result i32))) \"x\")", &Options::default(), entry);
    assert_eq!((holds.counts.passed, holds.counts.failed, holds.counts.awaiting), (1, 1, 0), "{holds}");
    assert!(holds.failures[0].message.contains("unexpected pass"), "{holds}");
}

#[test]
fn components_are_instances_like_modules() {
    let report = run(r#"(component) (assert_invalid (component (export "a" (func 0))) "x") (module)"#);
    assert_eq!((report.counts.skipped, report.counts.assertions, report.counts.failed), (0, 1, 0), "{report}");
}

#[test]
fn threads_share_memory_and_nothing_else() {
    let report = run(r#"(module $M (memory (export "memory") 1 1 shared) (func (export "f")))
        (thread $T (shared (module $M))
            (register "mem" $M)
            (module (memory (import "mem" "memory") 1 1 shared)
                (func (export "run") (i32.atomic.store (i32.const 4) (i32.const 42))))
            (invoke "run")
            (assert_return (invoke "run"))
            (assert_return (invoke $M "f")))
        (wait $T)
        (module (memory (import "M" "memory") 1 1 shared))
        (register "M" $M)
        (module (memory (import "M" "memory") 1 1 shared)
            (func (export "read") (result i32) (i32.atomic.load (i32.const 4))))
        (assert_return (invoke "read") (i32.const 42))"#);
    // The thread must not call a function of another thread's instance, and "M" is registered too late once.
    let lines: Vec<Option<usize>> = report.failures.iter().map(|note| note.line).collect();
    assert_eq!(lines, [Some(8), Some(10)], "{report}");
    assert_eq!((report.counts.assertions, report.counts.passed), (3, 2));
}

#[test]
fn files_and_folders_are_found_in_order_and_mistakes_are_named() {
    let folder = std::env::temp_dir().join(format!("whit-runner-{}", std::process::id()));
    fs::create_dir_all(folder.join("b")).unwrap();
    for name in ["c.wast", "a.wast", "b/x.wast", "notes.txt"] {
        fs::write(folder.join(name), "(module)").unwrap();
    }
    let found = runner::find_scripts(std::slice::from_ref(&folder)).unwrap();
    let names: Vec<_> = found.iter().map(|path| path.strip_prefix(&folder).unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["a.wast", "b/x.wast", "c.wast"]);
    assert!(runner::find_scripts(&[folder.join("none")]).unwrap_err().contains("none"));

    fs::write(folder.join("bad.wast"), ";;! warp = true\n(module)").unwrap();
    let report = runner::run_file(&folder.join("bad.wast"), &Options::default(), &Expectations::none());
    assert_eq!(report.failures[0].line, Some(1), "{report}");
    fs::write(folder.join("bad.wast"), [0xff, 0xfe]).unwrap();
    let report = runner::run_file(&folder.join("bad.wast"), &Options::default(), &Expectations::none());
    assert_eq!(report.counts.failed, 1);
    fs::remove_dir_all(&folder).unwrap();
}
