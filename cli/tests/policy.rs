//! `--policy` and `inspect --explain`: grants in a file, and what they let a program reach.

mod common;

use std::fs;

use common::{Folder, guest, whit};

#[test]
fn a_policy_grants_what_flags_would_and_flags_add_to_it() {
    let folder = Folder::new();
    fs::create_dir(folder.path("data")).unwrap();
    folder.write("data/text", "here\n");
    let policy = folder.write("whit.toml", "dir = [\"data::/data:ro\"]\nenv = [\"A=policy\", \"B=policy\"]\n");
    let (status, stdout, stderr) = whit(["--policy", &policy, &guest("command"), "read=/data/text", "env"]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert_eq!(stdout, "read=/data/text: here\n\nenv: [(\"A\", \"policy\"), (\"B\", \"policy\")]\n");
    let (status, _, stderr) = whit(["--policy", &policy, &guest("command"), "write=/data/text"]);
    assert!(status == 1 && stderr.contains("ReadOnlyFilesystem"), "{stderr}");
    let flags = ["--policy", &policy, "--env", "B=flag", "--env", "C=flag", &guest("command"), "env"];
    let (status, stdout, _) = whit(flags);
    assert_eq!(status, 0);
    for part in ["(\"A\", \"policy\")", "(\"B\", \"flag\")", "(\"C\", \"flag\")"] {
        assert!(stdout.contains(part), "no `{part}` in {stdout}");
    }
}

#[test]
fn a_policy_limits_and_a_flag_wins() {
    let folder = Folder::new();
    let policy = folder.write("whit.toml", "[wasm]\nfuel = 1000\n");
    let (status, _, stderr) = whit(["--policy", &policy, &guest("spin")]);
    assert!(status != 0 && stderr.contains("1000"), "{stderr}");
    let (_, _, stderr) = whit(["--policy", &policy, "-W", "fuel=2000", &guest("spin")]);
    assert!(stderr.contains("2000"), "{stderr}");
}

#[test]
fn a_policy_that_is_not_understood_grants_nothing_and_runs_nothing() {
    let folder = Folder::new();
    for (text, message) in [
        ("env = []\nalow-dns = true\n", "whit.toml:2: there is no key `alow-dns`; did you mean `allow-dns`?"),
        ("[wasm]\nfule = 1\n", "whit.toml:2: [wasm]: there is no option `fule`; did you mean `fuel`"),
        ("dir = [\"/no/such::/x\"]\n", "/no/such: cannot open the directory"),
        ("dir = [", "whit.toml:1: "),
    ] {
        let policy = folder.write("whit.toml", text);
        let (status, stdout, stderr) = whit(["--policy", &policy, &guest("hello")]);
        assert_eq!((status, stdout.as_str()), (1, ""), "{text}");
        assert!(stderr.contains(message), "no `{message}` in {stderr}");
    }
    let (status, _, stderr) = whit(["--policy", &folder.at("none.toml"), &guest("hello")]);
    assert!(status == 1 && stderr.contains("--policy: cannot read") && stderr.contains("none.toml"), "{stderr}");
}

#[test]
fn what_could_be_reached_is_explained_before_it_runs() {
    let folder = Folder::new();
    let policy = folder.write("whit.toml", "env = [\"LANG\"]\nallow-net = [\"example.com:443\"]\n");
    // Neither the directory nor anything else needs to be there: nothing is opened.
    let grants = ["--policy", &policy, "--dir", "/no/such::/data:ro", "-W", "timeout=2s"];
    let command = guest("command");
    let (status, text, stderr) = whit([&["inspect", "--explain", &command], &grants[..]].concat());
    assert_eq!((status, stderr.as_str()), (0, ""));
    for part in [
        "granted  files and directories\n           `/data` is /no/such here, read-only",
        "granted  environment variables\n           LANG, from this process",
        "granted  names in the network\n           the addresses of example.com",
        "granted  connecting and sending\n           example.com:443",
        "denied   listening and receiving\n           granted by --allow-bind RULE",
        "always   clocks",
        "limits: 2s of time",
    ] {
        assert!(text.contains(part), "no `{part}` in {text}");
    }
    let (status, text, _) = whit(["inspect", "--explain", "--json", &guest("sqlite")]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let files = &json["reaches"][0];
    assert_eq!((status, files["verdict"].as_str()), (0, Some("denied")));
    assert!(files["grant"].as_str().unwrap().starts_with("--dir"), "{text}");
    assert!(files["imports"].as_array().unwrap().contains(&"path_open".into()), "{text}");
    assert_eq!(json["problem"], serde_json::Value::Null);
}

#[test]
fn where_requests_may_go_is_explained() {
    let explain = |grants: &[&str]| whit([&["inspect", "--explain", &guest("fetch")], grants].concat()).1;
    assert!(explain(&[]).contains("denied   HTTP requests\n           granted by --allow-net"));
    let text = explain(&["--allow-net", "example.com:443"]);
    assert!(
        text.contains("granted  HTTP requests\n           example.com:443") && text.contains("messages of HTTP"),
        "{text}"
    );
}

#[test]
fn what_nobody_provides_is_explained_too() {
    let folder = Folder::new();
    let text = r#"(component (import "my:own/thing" (instance $own (export "f" (func))))
        (core func $f (canon lower (func $own "f")))
        (core module $m (import "" "f" (func)))
        (core instance (instantiate $m (with "" (instance (export "f" (func $f)))))))"#;
    let (status, text, _) = whit(["inspect", "--explain", &folder.write("own.wat", text)]);
    assert_eq!(status, 0);
    for part in ["nothing  is behind my:own/thing", "it would not start:", "my:own/thing (f)"] {
        assert!(text.contains(part), "no `{part}` in {text}");
    }
    let (status, text, _) = whit(["inspect", "--explain", &guest("fib")]);
    assert!(status == 0 && text.contains("nothing: it imports nothing"), "{text}");
    let (status, _, stderr) = whit(["inspect", "--dir", "/", &guest("fib")]);
    assert!(status == 1 && stderr.contains("--explain"), "{stderr}");
}
