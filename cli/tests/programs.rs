//! Real programs do what they do in Wasmtime: standard output, standard error, exit status and the files they leave.
//!
//! `programs/cases.json` holds the cases with what Wasmtime did; `programs/expect.py` fills that in again. Larger programs, which are not checked in, are
//! compared by the commands in `docs/testing.md`.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

const TRAPPED: i32 = if cfg!(windows) { 3 } else { 134 };

/// A list of strings; an absent one is empty.
fn strings(value: &Value) -> Vec<&str> {
    value.as_array().map_or_else(Vec::new, |items| items.iter().filter_map(Value::as_str).collect())
}

/// Runs `case` on `engine` and says how it differs from what is expected.
fn difference(case: &Value, engine: &str) -> Option<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guest = format!("{}.wasm", case["guest"].as_str().expect("a guest"));
    let grant = tempfile::tempdir().expect("a directory");
    for (name, content) in case["files"].as_object().into_iter().flatten() {
        fs::write(grant.path().join(name), strings(content).concat()).expect("the case's file");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_whit"));
    command.args(["run", "-W", engine, "--dir", &format!("{}::/", grant.path().display())]);
    for variable in strings(&case["env"]) {
        command.args(["--env", variable]);
    }
    command.arg(here.join("../guests/wasm").join(guest)).args(strings(&case["args"]));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("whit starts");
    // A program that does not read its input may have ended already.
    let _ = child.stdin.take().expect("a pipe").write_all(strings(&case["stdin"]).concat().as_bytes());
    let output = child.wait_with_output().expect("whit ends");

    let expect = &case["expect"];
    let status = match expect["status"].as_i64() {
        Some(134) => TRAPPED,
        status => status.and_then(|status| i32::try_from(status).ok()).expect("a status"),
    };
    let mut leaves: Vec<String> = fs::read_dir(grant.path())
        .expect("the directory is still there")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    leaves.sort();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // Each runtime tells of a trap in its own words.
    let same_stderr = status == TRAPPED || stderr == strings(&expect["stderr"]).concat();
    let same = output.status.code() == Some(status)
        && stdout == strings(&expect["stdout"]).concat()
        && same_stderr
        && leaves == strings(&expect["leaves"]);
    (!same).then(|| {
        let name = case["name"].as_str().unwrap_or_default();
        format!("{name} ({engine}): {}\n{stdout}{stderr}{leaves:?}\nexpected {expect:#}", output.status)
    })
}

#[test]
fn programs_do_what_they_do_in_wasmtime() {
    let cases: Value = serde_json::from_str(include_str!("programs/cases.json")).expect("the cases are JSON");
    let cases = cases["cases"].as_array().expect("a list of cases");
    let differences: Vec<String> = ["engine=auto", "engine=loop"]
        .iter()
        .flat_map(|engine| cases.iter().filter_map(|case| difference(case, engine)))
        .collect();
    assert!(cases.len() >= 37, "{} cases", cases.len());
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}
