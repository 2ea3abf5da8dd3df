//! The program as a user meets it: arguments in, output and exit status out.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// `whit` with these arguments.
fn whit<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whit"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs `command` to its end.
fn finish(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("whit starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is text");
    (status.code().expect("whit is not killed"), text(stdout), text(stderr))
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    finish(&mut whit(arguments))
}

/// A guest that is checked in.
fn guest(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests/wasm").join(name).with_extension("wasm");
    path.to_str().expect("the repository's path is text").to_string()
}

/// A module of the test's own.
struct Module {
    folder: tempfile::TempDir,
    path: PathBuf,
}

fn module(text: &str) -> Module {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("module.wat");
    fs::write(&path, text).unwrap();
    Module { folder, path }
}

impl Module {
    fn path(&self) -> &str {
        self.path.to_str().unwrap()
    }
}

const TRAPPED: i32 = if cfg!(windows) { 3 } else { 134 };

#[test]
fn a_program_runs_with_or_without_the_verb() {
    let hello = guest("hello");
    for arguments in [vec![hello.as_str()], vec!["run", hello.as_str()]] {
        let (status, stdout, stderr) = run(&arguments);
        assert_eq!((status, stderr.as_str()), (0, ""));
        assert!(stdout.to_lowercase().contains("hello"), "{stdout}");
    }
    let (_, stdout, _) = run(&[&hello, "Ada", "--dir", "x"]);
    assert!(stdout.contains("Ada") && stdout.contains("--dir"), "{stdout}");
}

#[test]
fn the_guests_status_is_ours_up_to_125() {
    assert_eq!(run(&[&guest("exit42")]).0, 42);
    let exit = |status: i32| {
        module(&format!(
            r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const {status}))))"#
        ))
    };
    assert_eq!(run(&[exit(0).path()]).0, 0);
    assert_eq!(run(&[exit(125).path()]).0, 125);
    let (status, _, stderr) = run(&[exit(126).path()]);
    assert_eq!(status, 1);
    assert!(stderr.contains("126"), "{stderr}");
}

#[test]
fn a_trap_shows_the_guests_frames_with_lines_and_nothing_of_the_host() {
    let (status, stdout, stderr) = run(&[&guest("trap")]);
    assert_eq!((status, stdout.as_str()), (TRAPPED, ""));
    assert!(stderr.starts_with("error: trap: integer divide by zero"), "{stderr}");
    let position = |text: &str| stderr.find(text).unwrap_or_else(|| panic!("no `{text}` in {stderr}"));
    assert!(position("share") < position("hand_out"), "{stderr}");
    assert!(stderr.contains("trap.c:"), "{stderr}");
    for host in [".rs:", "whit_core", "RUST_BACKTRACE", "panicked"] {
        assert!(!stderr.contains(host), "{stderr}");
    }
}

#[test]
fn limits_end_a_guest_and_name_their_flag() {
    let spin = guest("spin");
    let start = Instant::now();
    let (status, _, stderr) = run(&["-W", "timeout=200ms", &spin]);
    assert!(start.elapsed() >= Duration::from_millis(200) && start.elapsed() < Duration::from_secs(10));
    assert_eq!(status, TRAPPED);
    assert!(stderr.contains("timeout") && stderr.contains("200ms"), "{stderr}");

    let (status, _, stderr) = run(&["-W", "fuel=10000", &spin]);
    assert_eq!(status, TRAPPED);
    assert!(stderr.contains("fuel") && stderr.contains("10000"), "{stderr}");

    let deep = module(r#"(module (func (export "_start") (call 0)))"#);
    let (status, _, stderr) = run(&[deep.path()]);
    assert_eq!(status, TRAPPED);
    assert!(stderr.contains("call stack exhausted") && stderr.contains("max-wasm-stack"), "{stderr}");

    let hoard = finish(&mut whit(["-W", "max-memory-size=1M", &guest("hoard")]));
    assert_eq!(hoard.0, 3, "{}", hoard.2);
}

#[test]
fn a_guest_that_waits_is_ended_by_the_timeout_too() {
    // Standard input that never ends and never says anything.
    let reads = module(
        r#"(module (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1) (data (i32.const 0) "\10\00\00\00\10\00\00\00")
            (func (export "_start") (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))"#,
    );
    let mut child = whit(["-W", "timeout=200ms", reads.path()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdin = child.stdin.take();
    assert_eq!(child.wait().unwrap().code(), Some(TRAPPED));
    drop(stdin);
}

#[test]
fn instructions_are_counted_exactly() {
    let count = |arguments: &[&str]| {
        let stderr = run(arguments).2;
        stderr.lines().last().and_then(|line| line.strip_prefix("instructions: ")).map(str::to_string)
    };
    let hello = guest("hello");
    let counted = count(&["--instructions", &hello]);
    assert!(counted.is_some());
    for engine in ["engine=loop", "mode=eager", "mode=validate-then-lazy", "fuel=100000000"] {
        assert_eq!(count(&["--instructions", "-W", engine, &hello]), counted, "{engine}");
    }
}

#[test]
fn an_export_is_called_with_values_of_its_types() {
    let text = module(
        r#"(module (func (export "add") (param i32 i64) (result i64) (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1)))
            (func (export "pi") (result f64) (f64.const 3.5)) (func (export "two") (result i32 f32) (i32.const -1) (f32.const 0.5)))"#,
    );
    let path = text.path();
    assert_eq!(run(&["--invoke", "add", path, "-1", "0x10"]), (0, "15\n".into(), String::new()));
    assert_eq!(run(&["--invoke", "pi", path]).1, "3.5\n");
    assert_eq!(run(&["--invoke", "two", path]).1, "-1\n0.5\n");
    let (status, _, stderr) = run(&["--invoke", "add", path, "1"]);
    assert!(status == 1 && stderr.contains("takes 2 arguments"), "{stderr}");
    let (status, _, stderr) = run(&["--invoke", "add", path, "1", "x"]);
    assert!(status == 1 && stderr.contains("not a value of type i64"), "{stderr}");
    let (status, _, stderr) = run(&["--invoke", "adds", path, "1", "x"]);
    assert!(status == 1 && stderr.contains("did you mean") && stderr.contains("--invoke add"), "{stderr}");
}

#[test]
fn a_module_comes_as_binary_text_or_on_standard_input() {
    let text = r#"(module (func (export "f") (result i32) (i32.const 7)))"#;
    for bytes in [text.as_bytes().to_vec(), wat::parse_str(text).unwrap()] {
        let mut child = whit(["--invoke", "f", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&bytes).unwrap();
        assert_eq!(child.wait_with_output().unwrap().stdout, b"7\n");
    }
}

#[test]
fn what_cannot_be_run_is_one_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = |bytes: &[u8]| {
        let path = folder.path().join("file.wasm");
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_string()
    };
    let mut modules: Vec<(String, &str)> = Vec::new();
    for (bytes, part) in [
        (b"" as &[u8], "neither"),
        (b"\x7fELF\x02\x01\x01\0", "neither"),
        (b"(module (func", "not WebAssembly text"),
        (b"\0asm\x01\0\0\0\x01", "not a well-formed module"),
        (b"\0asm\x01\0\0\0\x03\x02\x01\0", "module"),
        (b"\0asm\x0d\0\x01\0", "component"),
        (b"(component)", "component"),
    ] {
        modules.push((file(bytes), part));
        let (path, part) = &modules[modules.len() - 1];
        let (status, stdout, stderr) = run(&[path]);
        assert_eq!((status, stdout.as_str()), (1, ""), "{stderr}");
        assert!(stderr.starts_with("error: ") && stderr.contains(part), "{part}: {stderr}");
        assert_eq!(stderr.matches("error:").count(), 1, "{stderr}");
    }
    let (status, _, stderr) = run(&[folder.path().join("missing.wasm").to_str().unwrap()]);
    assert!(status == 1 && stderr.contains("missing.wasm"), "{stderr}");
    let (status, _, stderr) = run(&[folder.path().to_str().unwrap()]);
    assert!(status == 1 && stderr.contains("directory"), "{stderr}");
}

#[test]
fn a_body_that_is_invalid_is_found_when_it_is_called_and_validate_is_advised() {
    let invalid =
        module(r#"(module (func (export "_start") (call 1)) (func (drop (i32.add (i32.const 1) (i64.const 1)))))"#);
    let (status, _, stderr) = run(&[invalid.path()]);
    assert_eq!(status, TRAPPED);
    assert!(stderr.contains("invalid function") && stderr.contains("whit validate"), "{stderr}");
    let (status, _, stderr) = run(&["validate", invalid.path()]);
    assert!(status == 1 && stderr.contains("type mismatch"), "{stderr}");
    let (status, _, _) = run(&["-W", "mode=eager", invalid.path()]);
    assert_eq!(status, 1);
}

#[test]
fn every_missing_import_is_named_at_once() {
    let needs = module(
        r#"(module (import "env" "one" (func (param i32))) (import "wasix_32v1" "two" (func)) (import "a\1b[2J" "b" (global i32))
            (func (export "_start") (call 0 (i32.const 1))))"#,
    );
    let (status, _, stderr) = run(&[needs.path()]);
    assert_eq!(status, 1);
    for part in ["env::one", "wasix_32v1::two", "WASI", "unknown-imports-trap", "a␛[2J::b"] {
        assert!(stderr.contains(part), "no `{part}` in {stderr}");
    }
    assert!(!stderr.contains('\x1b'));

    let functions =
        module(r#"(module (import "env" "one" (func)) (func (export "_start")) (func (export "f") (call 0)))"#);
    assert_eq!(run(&["-W", "unknown-imports-trap", functions.path()]).0, 0);
    assert_ne!(run(&["-W", "unknown-imports-trap", "--invoke", "f", functions.path()]).0, 0);
}

#[test]
fn a_guest_has_the_environment_it_is_given_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("text"), "one two\nthree\n").unwrap();
    let wordcount = guest("wordcount");
    let mount = format!("{}::/data:ro", folder.path().display());
    let (status, stdout, stderr) = run(&["--dir", &mount, &wordcount, "/data/text"]);
    assert_eq!(status, 0, "{stderr}");
    assert!(stdout.contains('2') && stdout.contains('3') && stdout.contains("14"), "{stdout}");
    // Nothing is granted by default.
    assert_eq!(run(&[&wordcount, "/data/text"]).0, 1);
    // The environment is inherited only by name.
    let all = finish(whit(["--dir", &mount, &wordcount, "/data/text"]).env("WORDCOUNT_ONLY", "words"));
    assert_eq!(all.1, stdout);
    let only = finish(
        whit(["--env", "WORDCOUNT_ONLY", "--dir", &mount, &wordcount, "/data/text"]).env("WORDCOUNT_ONLY", "words"),
    );
    let given = run(&["--env", "WORDCOUNT_ONLY=words", "--dir", &mount, &wordcount, "/data/text"]);
    assert_eq!(only, given);
    assert_ne!(only.1, stdout);
    let unset =
        finish(whit(["--env", "WHIT_UNSET", "--dir", &mount, &wordcount, "/data/text"]).env_remove("WHIT_UNSET"));
    assert!(unset.0 == 0 && unset.2.contains("warning") && unset.2.contains("WHIT_UNSET"), "{}", unset.2);
}

#[test]
fn directories_that_cannot_be_granted_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let hello = guest("hello");
    let (status, _, stderr) = run(&["--dir", "/no/such/folder", &hello]);
    assert!(status == 1 && stderr.contains("/no/such/folder"), "{stderr}");
    let swapped = format!("/no/such/folder::{}", folder.path().display());
    let (status, _, stderr) = run(&["--dir", &swapped, &hello]);
    assert!(status == 1 && stderr.contains("HOST::GUEST"), "{stderr}");
    let twice = format!("{}::/a", folder.path().display());
    let (status, _, stderr) = run(&["--dir", &twice, "--dir", &twice, &hello]);
    assert!(status == 1 && stderr.contains("/a"), "{stderr}");
}

#[test]
fn mistakes_on_the_command_line_are_status_1() {
    for arguments in [&["--bogus"][..], &[], &["wast"], &["-W", "warp", "a.wasm"], &["run"]] {
        let (status, stdout, stderr) = run(arguments);
        assert_eq!((status, stdout.as_str()), (1, ""), "{arguments:?}");
        assert!(!stderr.is_empty());
    }
    for arguments in [&["--help"][..], &["run", "--help"], &["--version"], &["completion", "bash"]] {
        let (status, stdout, stderr) = run(arguments);
        assert_eq!((status, stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(stdout.contains("whit"), "{arguments:?}");
    }
}

#[test]
fn help_and_completion_know_every_verb() {
    for arguments in [["--help"].as_slice(), &["completion", "bash"], &["completion", "fish"], &["completion", "zsh"]] {
        let (_, text, _) = run(arguments);
        for verb in ["run", "wast", "validate", "inspect", "wit", "compose", "dump", "completion"] {
            assert!(text.contains(verb), "no `{verb}` in {arguments:?}");
        }
    }
    for (verb, flag) in [("run", "--policy"), ("inspect", "--explain"), ("inspect", "--wit"), ("compose", "--plug")] {
        assert!(run(&[verb, "--help"]).1.contains(flag), "{verb} {flag}");
    }
    let (status, _, stderr) = run(&["compse", "a.wasm"]);
    assert!(status == 1 && stderr.contains("did you mean `whit compose`?"), "{stderr}");
}

#[test]
fn inspecting_a_module_shows_its_outside() {
    let (status, stdout, _) = run(&["inspect", &guest("hello")]);
    assert_eq!(status, 0);
    for part in ["wasi_snapshot_preview1::fd_write", "_start", "memory", "code:"] {
        assert!(stdout.contains(part), "no `{part}` in {stdout}");
    }
    let (_, stdout, _) = run(&["inspect", "--json", &guest("exit42")]);
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(json["imports"][0]["name"], "proc_exit");
    assert_eq!(json["imports"][0]["kind"], "func");
    assert!(json["sections"].as_array().unwrap().iter().any(|section| section["kind"] == "code"));
    let (_, stdout, _) = run(&["inspect", "--json", &guest("fib")]);
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let custom = json["sections"].as_array().unwrap().iter().find(|section| section["kind"] == "custom");
    assert_eq!(custom.unwrap()["name"], "name");
}

#[test]
fn validating_several_files_judges_each() {
    let good = guest("fib");
    let bad = module("(module (func (result i32)))");
    let (status, stdout, stderr) = run(&["validate", &good, bad.path(), &good]);
    assert_eq!((status, stdout.as_str()), (1, ""));
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    let (status, stdout, _) = run(&["validate", "--json", &good, bad.path()]);
    assert_eq!(status, 1);
    let lines: Vec<serde_json::Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["valid"], &lines[1]["valid"]), (&true.into(), &false.into()));
    assert_eq!(lines[1]["stage"], "invalid");
    assert!(lines[1]["offset"].is_u64());
    assert_eq!(run(&["validate", &good]), (0, String::new(), String::new()));
    // A proposal that is switched off is not there.
    let tail = module("(module (func return_call 0))");
    assert_eq!(run(&["validate", tail.path()]).0, 0);
    assert_eq!(run(&["validate", "-W", "tail-call=no", tail.path()]).0, 1);
}

#[test]
fn the_dump_shows_code_of_one_function_or_all() {
    let (status, stdout, stderr) = run(&["dump", &guest("fib")]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert!(stdout.contains("func"), "{stdout}");
    let (status, one, _) = run(&["dump", "--func", "0", &guest("fib")]);
    assert!(status == 0 && one.len() <= stdout.len() && !one.is_empty());
    let (status, _, stderr) = run(&["dump", "--func", "9999", &guest("fib")]);
    assert!(status == 1 && stderr.contains("9999"), "{stderr}");
}

#[test]
fn scripts_end_with_their_totals() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.wast"), r#"(module (func (export "f"))) (assert_return (invoke "f"))"#).unwrap();
    let path = folder.path().to_str().unwrap();
    let (status, stdout, _) = run(&["wast", path]);
    assert_eq!((status, stdout.as_str()), (0, "files 1, assertions 1, passed 1, failed 0, skipped 0\n"));

    fs::write(folder.path().join("b.wast"), r#"(module (func (export "f"))) (assert_trap (invoke "f") "x")"#).unwrap();
    let (status, stdout, _) = run(&["wast", path]);
    assert_eq!(status, 1);
    assert!(stdout.contains("b.wast:1: failed"), "{stdout}");
    assert!(stdout.ends_with("files 2, assertions 2, passed 1, failed 1, skipped 0\n"), "{stdout}");

    let (status, stdout, _) = run(&["wast", "--json", path]);
    assert_eq!(status, 1);
    let lines: Vec<serde_json::Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[1]["failed"]), (2, &1.into()));

    let (status, _, stderr) = run(&["wast", "/no/such/script.wast"]);
    assert!(status == 1 && stderr.contains("/no/such/script.wast"), "{stderr}");
}

#[test]
fn scripts_that_await_something_are_named_and_counted_apart() {
    let folder = tempfile::tempdir().unwrap();
    let (waits, table) = (folder.path().join("later/a.wast"), folder.path().join("table.toml"));
    fs::create_dir(folder.path().join("later")).unwrap();
    fs::write(&waits, r#"(assert_invalid (module) "not yet")"#).unwrap();
    fs::write(&table, "[[awaiting]]\nwhat = \"what comes\"\nfolder = \"later\"\nscripts = [\"a.wast\"]\n").unwrap();
    let wast = |arguments: &[&str]| {
        let path = folder.path().to_str().unwrap();
        run(&[&["wast", "--expectations", table.to_str().unwrap(), path], arguments].concat())
    };
    let (status, stdout, _) = wast(&[]);
    assert!(stdout.contains("a.wast: awaiting: what comes (line 1: accepted"), "{stdout}");
    assert!(stdout.ends_with("files 1, assertions 0, passed 0, failed 0, skipped 0 awaiting 1\n"), "{stdout}");
    assert_eq!(status, 1, "nothing has passed");
    fs::write(folder.path().join("b.wast"), r#"(module (func (export "f"))) (assert_return (invoke "f"))"#).unwrap();
    let (status, stdout, _) = wast(&["--json"]);
    let lines: Vec<serde_json::Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let waiting = |json: &serde_json::Value| json["awaiting"].as_u64();
    assert_eq!((status, lines.iter().filter_map(waiting).sum::<u64>()), (0, 1), "{stdout}");
    fs::write(&waits, "(module)").unwrap();
    let (status, stdout, _) = wast(&[]);
    assert!(status == 1 && stdout.contains("unexpected pass"), "{stdout}");
}

#[test]
fn a_module_that_nobody_needs_to_run_says_how_to_use_it() {
    let library = module(r#"(module (func (export "f")))"#);
    let (status, _, stderr) = run(&[library.path()]);
    assert!(status == 0 && stderr.contains("--invoke"), "{stderr}");
    drop(library.folder);
}

#[test]
fn a_slip_on_the_command_line_is_recognised() {
    let fib = guest("fib");
    let (status, _, stderr) = run(&["valdate", &fib]);
    assert!(status == 1 && stderr.contains("did you mean `whit validate`"), "{stderr}");
    let (status, _, stderr) = run(&["-W", "ful=3", &fib]);
    assert!(status == 1 && stderr.contains("did you mean `fuel`"), "{stderr}");
    let (status, _, stderr) = run(&["--invoke", "memory", &fib]);
    assert!(status == 1 && stderr.contains("is no function"), "{stderr}");
    let (status, _, stderr) = run(&["--invoke", "run", &fib]);
    assert!(status == 1 && stderr.contains("takes 1 argument, not 0"), "{stderr}");
    for (word, part) in [("1.5", "whole number"), ("4294967296", "fits")] {
        let (status, _, stderr) = run(&["--invoke", "run", &fib, word]);
        assert!(status == 1 && stderr.contains(part), "{stderr}");
    }
    for flag in ["-W", "-S"] {
        let (status, stdout, stderr) = run(&[flag, "help"]);
        assert!(status == 0 && stderr.is_empty() && stdout.starts_with("The options of"), "{stdout}{stderr}");
    }
    let (status, _, stderr) = run(&["-S", "tls", &fib]);
    assert!(status == 1 && stderr.contains("components"), "{stderr}");
}

#[test]
fn grants_that_cannot_be_given_say_why() {
    let hello = guest("hello");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let refused = |arguments: &[&str], part: &str| {
        let (status, stdout, stderr) = run(&[arguments, &[hello.as_str()]].concat());
        assert_eq!((status, stdout.as_str()), (1, ""), "{stderr}");
        assert!(stderr.contains(part) && !stderr.contains("os error"), "{part}: {stderr}");
    };
    refused(&["--dir", "/no/such/folder"], "cannot open the directory");
    refused(&["--dir", &hello], "cannot open the directory");
    refused(&["--dir", &format!("/no/such/folder::{path}")], "HOST::GUEST");
    refused(&["--dir", path, "--dir", &format!("{path}:ro")], "already");
    refused(&["-S", "max-descriptors=3", "--dir", path], "max-descriptors");
    refused(&["-S", "max-descriptors=2"], "max-descriptors");
    refused(&["-W", "max-wasm-stack=1"], "1 KiB");
    refused(&["-W", "max-memory-size=64K"], "65536 bytes (-W max-memory-size)");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    refused(&["--listen", &taken.local_addr().unwrap().to_string()], "cannot listen there");

    let (status, stdout, stderr) = run(&["--env", "WHIT_TEST_IS_NOT_SET", &hello]);
    assert_eq!((status, stdout.as_str()), (0, "Hello, world!\n"));
    assert!(stderr.starts_with("warning: --env WHIT_TEST_IS_NOT_SET: it is not set here"), "{stderr}");
    let (status, _, stderr) = run(&["--dir", &format!("{path}::/data:RO"), &hello]);
    assert!(status == 0 && stderr.starts_with("warning: --dir") && stderr.contains("`:ro`"), "{stderr}");
}

#[test]
fn everything_that_is_wrong_with_the_imports_is_said_at_once() {
    let imports = module(
        r#"(module (import "env" "a" (func (param i32))) (import "wasix_32v1" "b" (func)) (import "env" "memory" (memory 1))
            (import "wasi_snapshot_preview1" "fd_write" (func (param i64))) (func (export "_start")))"#,
    );
    let (status, stdout, stderr) = run(&[imports.path()]);
    assert_eq!((status, stdout.as_str()), (1, ""));
    for part in
        ["env::a", "wasix_32v1::b", "env::memory", "plain WASI", "unknown-imports-trap", "another type", "fd_write"]
    {
        assert!(stderr.contains(part), "no `{part}` in {stderr}");
    }
}

#[test]
fn overlapping_grants_keep_their_own_access() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("inner")).unwrap();
    let (outer, inner) = (folder.path().display().to_string(), folder.path().join("inner").display().to_string());
    let write = |path: &str| {
        let (outer, inner) = (format!("{outer}::/ro:ro"), format!("{inner}::/rw:rw"));
        run(&["--dir", &outer, "--dir", &inner, &guest("sqlite"), path, "create table t(a)"])
    };
    let (status, _, stderr) = write("/ro/inner/a.db");
    assert!(status == 1 && stderr.contains("sqlite: "), "{stderr}");
    assert_eq!(fs::read_dir(&inner).unwrap().count(), 0);
    assert_eq!(write("/rw/b.db").0, 0);
    assert!(Path::new(&inner).join("b.db").exists());
}

#[test]
fn recursion_is_shown_once() {
    let (status, _, stderr) = run(&[&guest("recurse")]);
    assert_eq!(status, TRAPPED);
    assert!(stderr.contains("call stack exhausted") && stderr.contains("times more"), "{stderr}");
    assert!(stderr.lines().count() < 10, "{stderr}");
    let turns = module(r#"(module (func $a (export "_start") (call $b)) (func $b (call $a)))"#);
    let (_, _, stderr) = run(&[turns.path()]);
    assert!(stderr.contains("these 2 in turn") && stderr.lines().count() < 12, "{stderr}");
    // More stack is more depth: nothing but the stack's size limits it.
    let deep = module(
        r#"(module (func $f (export "f") (param i32) (result i32)
            (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0)))))"#,
    );
    assert_eq!(run(&["-W", "max-wasm-stack=256M", "--invoke", "f", deep.path(), "1000000"]).1, "1000000\n");
    assert_eq!(run(&["-W", "max-wasm-stack=16K", "--invoke", "f", deep.path(), "10000"]).0, TRAPPED);
}

#[test]
fn a_start_function_that_traps_is_a_trap() {
    let start = module(
        r#"(module (memory 1) (func $boom (drop (i32.load (i32.const 70000)))) (start $boom) (func (export "_start")))"#,
    );
    let (status, stdout, stderr) = run(&[start.path()]);
    assert_eq!((status, stdout.as_str()), (TRAPPED, ""));
    assert!(stderr.contains("out of bounds memory access") && stderr.contains("boom"), "{stderr}");
}

#[test]
fn huge_files_are_refused_without_being_read() {
    let folder = tempfile::tempdir().unwrap();
    let sparse = |name: &str, start: &[u8], size: u64| {
        let path = folder.path().join(name);
        let mut file = fs::File::create(&path).unwrap();
        file.write_all(start).unwrap();
        file.set_len(size).unwrap();
        path.to_str().unwrap().to_string()
    };
    let start = Instant::now();
    for (path, part) in [
        (sparse("zeros.wasm", b"", 1 << 30), "neither"),
        (sparse("large.wasm", b"\0asm\x01\0\0\0", (1 << 30) + 1), "larger than 1 GiB"),
        (sparse("holes.wasm", b"\0asm\x01\0\0\0", 100 << 20), "not a well-formed module"),
    ] {
        let (status, stdout, stderr) = run(&[&path]);
        assert_eq!((status, stdout.as_str()), (1, ""));
        assert!(stderr.contains(part), "{stderr}");
    }
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in [&["dump"][..], &["inspect", "--json"], &["run"]] {
        let guest = guest("sqlite");
        let mut child = whit([arguments, &[guest.as_str()]].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let query = b"with recursive n(i) as (select 1 union all select i + 1 from n where i < 9999) select i from n;";
        child.stdin.take().map(|mut stdin| stdin.write_all(query));
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}

/// What a guest needs to look at the clocks and at randomness: it prints 8 bytes of each.
const TIMES: &str = r#"(module
    (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 0) "\10\00\00\00\18\00\00\00")
    (func (export "_start")
        (drop (call $time (i32.const 0) (i64.const 0) (i32.const 16)))
        (drop (call $time (i32.const 1) (i64.const 0) (i32.const 24)))
        (drop (call $random (i32.const 32) (i32.const 8)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

#[test]
fn a_deterministic_run_repeats_and_its_seed_matters() {
    let times = module(TIMES);
    let bytes = |options: &[&str]| whit([options, &[times.path()]].concat()).output().unwrap().stdout;
    let first = bytes(&["-S", "deterministic=7"]);
    assert_eq!(first.len(), 24);
    assert_eq!(u64::from_le_bytes(first[..8].try_into().unwrap()) / 1_000_000_000, 946_684_800);
    assert_eq!(first, bytes(&["-S", "deterministic=7", "-W", "engine=loop"]));
    let other = bytes(&["-S", "deterministic"]);
    assert!(first[..16] == other[..16] && first[16..] != other[16..]);
    assert_ne!(bytes(&[]), bytes(&[]));
}

#[test]
fn a_guest_accepts_connections_where_it_may_listen() {
    use std::io::{BufRead, BufReader, Read};
    // Accepts one connection on the first granted socket and greets.
    let server = module(
        r#"(module
            (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "sock_send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1) (data (i32.const 0) "\10\00\00\00\05\00\00\00") (data (i32.const 16) "hello")
            (func (export "_start")
                (call $accept (i32.const 3) (i32.const 0) (i32.const 32)) (if (then (call $exit (i32.const 1))))
                (call $send (i32.load (i32.const 32)) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 36))
                (if (then (call $exit (i32.const 2))))))"#,
    );
    for flags in [["--listen", "127.0.0.1:0"], ["-S", "tcplisten=127.0.0.1:0"]] {
        let mut child = whit(flags).args(["-W", "timeout=30s", server.path()]).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}"));
        let mut greeting = String::new();
        std::net::TcpStream::connect(address).unwrap().read_to_string(&mut greeting).unwrap();
        assert_eq!((greeting.as_str(), child.wait().unwrap().code()), ("hello", Some(0)));
    }
    // Without the grant there is no such descriptor.
    assert_eq!(run(&[server.path()]).0, 1);
}

#[test]
fn functions_are_dumped_by_name_too() {
    let (fib, by_index) = (guest("fib"), run(&["dump", "--func", "1", &guest("fib")]));
    assert_eq!(run(&["dump", "--func", "fib", &fib]), by_index);
    let (status, _, stderr) = run(&["dump", "--func", "fibb", &fib]);
    assert!(status == 1 && stderr.contains("did you mean `fib`"), "{stderr}");
}
