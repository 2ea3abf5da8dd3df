//! Components on the command line: what they are given, what they are denied and told, and how they end.
//!
//! What the guest `command` does with files and streams is compared with Wasmtime by `programs.rs`.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const TRAPPED: i32 = if cfg!(windows) { 3 } else { 134 };

fn whit(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whit"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// The status, standard output and standard error.
fn finish(mut command: Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("whit starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is text");
    (status.code().expect("whit is not killed"), text(stdout), text(stderr))
}

/// Runs the guest `command`: options, then steps.
fn command(options: &[&str], steps: &[&str]) -> (i32, String, String) {
    finish(whit(&[options, &[&guest()], steps].concat()))
}

fn guest() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests/wasm/command.wasm");
    path.to_str().expect("the repository's path is text").to_string()
}

/// Runs a component of the test's own.
fn run_text(text: &str, options: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("component.wat");
    fs::write(&path, text).unwrap();
    finish(whit(&[options, &[path.to_str().unwrap()]].concat()))
}

/// A command that imports `imports` and uses the core functions `used` that are made of them.
fn text(imports: &str, used: &str) -> String {
    format!(
        r#"(component {imports}
            (core module $m (func (export "run") (result i32) (i32.const 0)) (import "host" "used" (func)))
            (core instance $used {used})
            (core instance $i (instantiate $m (with "host" (instance $used))))
            (func $run (result (result)) (canon lift (core func $i "run")))
            (instance $run (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $run)))"#
    )
    // In the text format imports come first.
    .replace(
        r#"(func (export "run") (result i32) (i32.const 0)) (import "host" "used" (func))"#,
        r#"(import "host" "used" (func)) (func (export "run") (result i32) (i32.const 0))"#,
    )
}

#[test]
fn a_component_has_what_it_is_given_and_nothing_else() {
    let (status, stdout, stderr) = command(&[], &["args", "env", "stdin"]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert_eq!(stdout, "args: [\"command.wasm\", \"args\", \"env\", \"stdin\"]\nenv: []\nstdin: \n");
    let given = command(&["--env", "A=b", "--argv0", "name"], &["args", "env"]).1;
    assert_eq!(given, "args: [\"name\", \"args\", \"env\"]\nenv: [(\"A\", \"b\")]\n");
    for path in ["read=/etc/hostname", "read=Cargo.toml", "list=/", "list=."] {
        let (status, stdout, _) = command(&[], &[path]);
        assert_eq!((status, stdout.as_str()), (1, ""), "{path}");
    }
}

#[test]
fn a_directory_can_be_granted_for_reading_alone_and_the_denial_names_the_flag() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("text"), "here\n").unwrap();
    let grant = format!("{}::/data:ro", folder.path().display());
    let (status, stdout, _) = command(&["--dir", &grant], &["read=/data/text", "list=/data", "size=/data/text"]);
    assert_eq!((status, stdout.as_str()), (0, "read=/data/text: here\n\nlist=/data: text\nsize=/data/text: 5\n"));
    for change in
        ["write=/data/text", "append=/data/text", "mkdir=/data/d", "remove=/data/text", "rename=/data/text,/data/t"]
    {
        let (status, stdout, stderr) = command(&["--dir", &grant], &[change]);
        assert_eq!((status, stdout.as_str()), (1, ""), "{change}");
        assert!(stderr.contains("ReadOnlyFilesystem") && stderr.contains(":rw"), "{change}: {stderr}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("text")).unwrap(), "here\n");
    let out = command(&["--dir", &grant], &["read=/data/../secret"]);
    assert_eq!(out.0, 1, "{}", out.1);
}

#[test]
fn limits_end_a_component_that_computes_or_waits() {
    let guest = guest();
    for step in ["spin", "sleep=600000"] {
        let start = Instant::now();
        let (status, _, stderr) = command(&["-W", "timeout=200ms"], &[step]);
        assert_eq!(status, TRAPPED, "{step}: {stderr}");
        assert!(stderr.contains("-W timeout") && start.elapsed() < Duration::from_secs(60), "{step}: {stderr}");
    }
    let mut waits = whit(&["-W", "timeout=200ms", &guest, "stdin"]);
    let mut child = waits.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let stdin = child.stdin.take();
    assert_eq!(child.wait().unwrap().code(), Some(TRAPPED));
    drop(stdin);
    let (status, _, stderr) = command(&["-W", "fuel=1000"], &["now"]);
    assert!(status == TRAPPED && stderr.contains("-W fuel"), "{stderr}");
}

#[test]
fn handles_are_limited_and_the_flag_that_allows_more_is_named() {
    let hoard = r#"(component
        (type $r (resource (rep i32)))
        (core func $new (canon resource.new $r))
        (core module $m
            (import "" "new" (func $new (param i32) (result i32)))
            (func (export "run") (local $i i32)
                (loop $more
                    (drop (call $new (i32.const 1)))
                    (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5))))))
        (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
        (func (export "run") (canon lift (core func $i "run"))))"#;
    let (status, _, stderr) = run_text(hoard, &["-W", "max-handles=4", "--invoke", "run()"]);
    assert_ne!(status, 0);
    assert!(stderr.contains("handle table is full") && stderr.contains("-W max-handles=N"), "{stderr}");
    let (status, _, stderr) = run_text(hoard, &["-W", "max-handles=5", "--invoke", "run()"]);
    assert_eq!(status, 0, "{stderr}");
    let (status, _, stderr) = run_text(hoard, &["-W", "max-handles=5_000_000_000", "--invoke", "run()"]);
    assert!(status != 0 && stderr.contains("`max-handles` is too large"), "{stderr}");
}

#[test]
fn output_that_nobody_reads_for_a_while_is_complete() {
    let mut child = whit(&[&guest(), "flood=200"]).stdout(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_millis(100));
    let mut out = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut out).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(out.len(), 200 * 4096 + "flood=200: done\n".len());
}

#[test]
fn the_network_is_denied_and_the_flag_that_grants_it_works() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let step = format!("tcp={address}");
    let (status, _, stderr) = command(&[], &[&step]);
    let flag = format!("--allow-net {address}");
    assert!(status == 1 && stderr.contains("PermissionDenied") && stderr.contains(&flag), "{stderr}");

    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        stream.write_all(format!("you said {text}").as_bytes()).unwrap();
    });
    let (status, stdout, stderr) = command(&["--allow-net", &address], &[&step]);
    assert_eq!((status, stdout), (0, format!("{step}: you said hello\n\n")), "{stderr}");
    server.join().unwrap();

    // The same grant, without TCP.
    let (status, _, stderr) = command(&["--allow-net", &address, "-S", "tcp=no"], &[&step]);
    assert!(status == 1 && stderr.contains("-S tcp"), "{stderr}");
}

#[test]
fn a_component_accepts_a_connection_where_it_may_bind() {
    let (status, _, stderr) = command(&[], &["echo=127.0.0.1:0"]);
    assert!(status == 1 && stderr.contains("--allow-bind 127.0.0.1:0"), "{stderr}");

    let mut command = whit(&["--allow-bind", "127.0.0.1:0", &guest(), "echo=127.0.0.1:0"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut stream = TcpStream::connect(lines.next().unwrap().unwrap()).unwrap();
    stream.write_all(b"there and back").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert_eq!(text, "there and back");
    assert_eq!(lines.next().unwrap().unwrap(), "echo=127.0.0.1:0: 14");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn datagrams_go_where_they_are_granted() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let step = format!("udp={address}");
    let (status, _, stderr) = command(&["--allow-bind", "127.0.0.1:0"], &[&step]);
    assert!(status == 1 && stderr.contains(&format!("--allow-net {address}")), "{stderr}");
    let server = thread::spawn(move || {
        let mut buffer = [0; 64];
        let (size, from) = socket.recv_from(&mut buffer).unwrap();
        socket.send_to(&buffer[..size], from).unwrap();
    });
    let grants = ["--allow-net", &address, "--allow-bind", "127.0.0.1:0"];
    let (status, stdout, stderr) = command(&grants, &[&step]);
    assert_eq!((status, stdout), (0, format!("{step}: hello\n")), "{stderr}");
    server.join().unwrap();
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let imports = r#"
        (import "wasi:keyvalue/store@0.2.0" (instance $store
            (export "bucket" (type (sub resource))) (export "one" (func)) (export "two" (func))))
        (import "my:own/thing" (instance $own (export "do-it" (func))))
        (import "wasi:cli/stdn@0.2.0" (instance $slip (export "x" (func))))
        (core func $a (canon lower (func $store "one")))
        (core func $b (canon lower (func $own "do-it")))
        (core func $c (canon lower (func $slip "x")))"#;
    let text = text(imports, r#"(export "used" (func $a)) (export "b" (func $b)) (export "c" (func $c))"#);
    let (status, stdout, stderr) = run_text(&text, &[]);
    assert_eq!((status, stdout.as_str()), (1, ""), "{stderr}");
    for part in [
        "wasi:keyvalue/store@0.2.0 (bucket, one",
        "my:own/thing (do-it)",
        "did you mean `wasi:cli/stdin@0.2.12`",
        "the packages io",
        "unknown-imports-trap",
    ] {
        assert!(stderr.contains(part), "no `{part}` in {stderr}");
    }
    assert_eq!(run_text(&text, &["-W", "unknown-imports-trap"]).0, 0);
}

#[test]
fn imports_that_are_not_used_do_not_matter() {
    let imports = r#"
        (import "wasi:http/types@0.2.0" (instance $http (export "fields" (type (sub resource))) (export "one" (func))))
        (import "wasi:cli/exit@0.2.99" (instance $exit
            (export "exit" (func (param "status" (result)))) (export "exit-in-style" (func))))
        (core module $none (func (export "used")))
        (core instance $none (instantiate $none))
        (alias core export $none "used" (core func $used))"#;
    let (status, _, stderr) = run_text(&text(imports, r#"(export "used" (func $used))"#), &[]);
    assert_eq!((status, stderr.as_str()), (0, ""));
}

#[test]
fn what_is_no_command_says_what_it_is() {
    let (status, _, stderr) = run_text("(component)", &[]);
    assert!(status == 1 && stderr.contains("wasi:cli/run") && stderr.contains("exports nothing"), "{stderr}");
    let (status, _, stderr) = run_text(r#"(component (component $c) (export "a" (component $c)))"#, &["--invoke", "a"]);
    assert!(status == 1 && stderr.contains("no function `a`; it exports no functions"), "{stderr}");
    let (status, _, stderr) = run_text(r#"(component (component $c) (export "a" (component $c)))"#, &[]);
    assert!(status == 1 && stderr.contains("exports\n  a"), "{stderr}");
}

#[test]
fn inspect_and_validate_know_components() {
    let (status, stdout, _) = finish(whit(&["inspect", &guest()]));
    assert_eq!(status, 0);
    for part in [
        "component, ",
        "instance wasi:cli/environment@0.2",
        "func get-arguments",
        "instance wasi:cli/run@0.2",
        "func run",
    ] {
        assert!(stdout.contains(part), "no `{part}` in {stdout}");
    }
    let (status, stdout, _) = finish(whit(&["inspect", "--json", &guest()]));
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((status, json["kind"].as_str()), (0, Some("component")));
    assert_eq!(json["exports"][0]["items"][0]["name"].as_str(), Some("run"));
    assert_eq!(finish(whit(&["validate", &guest()])).0, 0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.wasm");
    let bytes = fs::read(guest()).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
    let (status, _, stderr) = finish(whit(&["validate", path.to_str().unwrap()]));
    assert!(status == 1 && stderr.contains("component"), "{stderr}");
    let (status, _, stderr) = finish(whit(&["dump", &guest()]));
    assert!(status == 1 && stderr.contains("component"), "{stderr}");
}

#[test]
#[cfg(unix)]
fn no_path_of_a_component_leads_out_of_the_directory_it_was_granted() {
    use std::os::unix::fs::symlink;
    // Names below the grant that lead out of it, or nowhere, if they are followed.
    let paths = [
        "..",
        "../",
        "../secret",
        "./../secret",
        ".//..//secret",
        "sub/../../secret",
        "sub//..//..//secret",
        "up",
        "up/",
        "up/secret",
        "up//secret",
        "abs",
        "abs/",
        "abs/secret",
        "file",
        "file/",
        "loop",
        "loop/",
        "dangling",
        "dangling/",
        "inner/../../secret",
        "inner/secret",
        "text/../../secret",
        "text/",
    ];
    let verbs = ["read", "write", "append", "size", "list", "mkdir", "rmdir", "remove"];
    let steps = paths.iter().flat_map(|path| {
        let renames = [format!("rename=/data/{path},/data/moved"), format!("rename=/data/text,/data/{path}")];
        verbs.iter().map(move |verb| format!("{verb}=/data/{path}")).chain(renames)
    });
    for step in steps {
        let outer = tempfile::tempdir().unwrap();
        let granted = outer.path().join("granted");
        fs::create_dir_all(granted.join("sub")).unwrap();
        fs::write(outer.path().join("secret"), "SECRET").unwrap();
        fs::write(granted.join("text"), "text").unwrap();
        symlink("..", granted.join("up")).unwrap();
        symlink(outer.path(), granted.join("abs")).unwrap();
        symlink("../secret", granted.join("file")).unwrap();
        symlink("loop", granted.join("loop")).unwrap();
        symlink("../new", granted.join("dangling")).unwrap();
        symlink("sub/../../", granted.join("inner")).unwrap();

        let (_, stdout, stderr) = command(&["--dir", &format!("{}::/data", granted.display())], &[&step]);
        assert!(!stdout.contains("SECRET") && !stdout.contains("granted secret"), "{step}: {stdout}");
        assert_eq!(fs::read_to_string(outer.path().join("secret")).unwrap(), "SECRET", "{step}: {stderr}");
        let mut names: Vec<_> = fs::read_dir(outer.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["granted", "secret"], "{step}: {stderr}");
    }
}

#[test]
fn nothing_is_moved_into_or_out_of_a_read_only_grant() {
    let (writable, fixed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(writable.path().join("mine"), "mine").unwrap();
    fs::write(fixed.path().join("theirs"), "theirs").unwrap();
    let grants = [format!("{}::/rw", writable.path().display()), format!("{}::/ro:ro", fixed.path().display())];
    for step in [
        "rename=/rw/mine,/ro/mine",
        "rename=/rw/mine,/ro/theirs",
        "rename=/ro/theirs,/rw/theirs",
        "rename=/ro/theirs,/rw/mine",
    ] {
        let (status, stdout, stderr) = command(&["--dir", &grants[0], "--dir", &grants[1]], &[step]);
        assert_eq!((status, stdout.as_str()), (1, ""), "{step}");
        assert!(stderr.contains(":rw"), "{step}: {stderr}");
    }
    assert_eq!(fs::read_to_string(writable.path().join("mine")).unwrap(), "mine");
    assert_eq!(fs::read_to_string(fixed.path().join("theirs")).unwrap(), "theirs");
}
