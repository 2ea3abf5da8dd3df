//! Work in a process of its own: what a peer does to it cannot harm the table.
//!
//! A bug in a peer may abort the process (a panic across `extern "C"`, a C assertion, an overflowing native stack), which
//! no `catch_unwind` catches. So every pair of runtime and guest is first tried in a child; only what survives is run in
//! the common process, where times are comparable.

use std::process::Command;

use crate::measure::one_line;

/// Runs this program again with `arguments` and gives what it printed, or in one line how it failed.
pub fn in_child(arguments: &[&str]) -> Result<String, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(program).args(arguments).env("RUST_BACKTRACE", "0").output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_string());
    }
    Err(one_line(&reason(&String::from_utf8_lossy(&output.stderr), &output.status.to_string())))
}

/// The first line that tells something: our own error, or the message below the first panic's place.
fn reason(stderr: &str, status: &str) -> String {
    let mut lines = stderr.lines().filter(|line| !line.is_empty() && !line.starts_with("thread "));
    match lines.next() {
        Some(line) => match line.strip_prefix("error: ") {
            Some(error) => error.to_string(),
            None => format!("{status}: {line}"),
        },
        None => status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn a_failure_is_told_in_one_line() {
        assert_eq!(reason("error: wrong result\n", "exit status: 1"), "wrong result");
        let abort = "\nthread 'main' panicked at src/lib.rs:1:2:\ncalled on None\nthread caused non-unwinding panic\n";
        assert_eq!(reason(abort, "signal: 6"), "signal: 6: called on None");
        assert_eq!(reason("", "signal: 11"), "signal: 11");
    }
}
