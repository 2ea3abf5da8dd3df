//! Cases of programs with what they did in Wasmtime: run in whit, and compared.
//!
//! A case is an object of JSON. `cases/expect.py`, which fills in `expect`, says what its keys mean.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

const TRAPPED: i32 = if cfg!(windows) { 3 } else { 134 };

/// The cases of a file.
pub fn read(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).expect("the cases are JSON");
    file["cases"].as_array().expect("a list of cases").clone()
}

/// A list of strings; an absent one is empty.
fn strings(value: &Value) -> Vec<&str> {
    value.as_array().map_or_else(Vec::new, |items| items.iter().filter_map(Value::as_str).collect())
}

/// Runs the program at `guest` as `case` says, on `engine`, and says how it differs from what is expected.
pub fn difference(case: &Value, guest: &Path, engine: &str) -> Option<String> {
    let folder = tempfile::tempdir().expect("a directory");
    for (name, content) in case["files"].as_object().into_iter().flatten() {
        fs::write(folder.path().join(name), strings(content).concat()).expect("the case's file");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_whit"));
    command.args(["run", "-W", engine]);
    match &case["grant"] {
        Value::String(grant) if grant.is_empty() => {}
        grant => {
            command.arg(format!("--dir={}::{}", folder.path().display(), grant.as_str().unwrap_or("/")));
        }
    }
    for variable in strings(&case["env"]) {
        command.args(["--env", variable]);
    }
    for variable in strings(&case["inherits"]) {
        let (name, value) = variable.split_once('=').expect("a variable is NAME=VALUE");
        command.arg(format!("--env={name}")).env(name, value);
    }
    command.arg(guest).args(strings(&case["args"]));
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
    let mut leaves: Vec<String> = fs::read_dir(folder.path())
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
        && leaves == strings(&expect["leaves"])
        && expect["writes"].as_object().into_iter().flatten().all(|(name, lines)| {
            fs::read_to_string(folder.path().join(name)).is_ok_and(|text| text == strings(lines).concat())
        });
    (!same).then(|| {
        let name = case["name"].as_str().unwrap_or_default();
        format!("{name} ({engine}): {}\n{stdout}{stderr}{leaves:?}\nexpected {expect:#}", output.status)
    })
}
