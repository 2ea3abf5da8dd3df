//! How many ops each kernel runs: a count that wobbles on no machine, compared with the one that was accepted.
//!
//! Any difference fails, a better count too: it is accepted by writing the file anew, with `WHIT_BLESS=1`, and seen in the change that makes it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::process::Command;

use crate::{Outcome, asm, shell};

/// Name, argument of a short run and what it gives, and more, for each kernel.
const KERNELS: &str = "guests/kernels/kernels.tsv";

/// The accepted counts.
const ACCEPTED: &str = "core/tests/goldens/dispatches.tsv";

const HEADING: &str =
    "# kernel, dispatches of its short run on the loop engine; written by `WHIT_BLESS=1 cargo xtask dispatches`\n";

pub fn run(_: &[String]) -> Outcome {
    let profiler = asm::build_apart()?.join("op_profile");
    let read = |path: &str| fs::read_to_string(shell::top().join(path)).map_err(|e| format!("{path}: {e}"));
    let mut counts = Vec::new();
    for kernel in rows(&read(KERNELS)?) {
        let [name, argument, ..] = kernel[..] else { return Err(format!("{KERNELS}: a line without an argument")) };
        let wasm = shell::top().join("guests/wasm").join(name).with_extension("wasm");
        let output = Command::new(&profiler).arg(&wasm).arg(argument).output().map_err(|e| e.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let count = text.lines().next().and_then(|line| line.strip_suffix(" dispatches")?.parse::<u64>().ok());
        let count = count.ok_or_else(|| format!("{name}: {}", String::from_utf8_lossy(&output.stderr)))?;
        counts.push((name.to_string(), count));
    }

    if std::env::var_os("WHIT_BLESS").is_some() {
        let mut text = HEADING.to_string();
        counts.iter().for_each(|(name, count)| _ = writeln!(text, "{name}\t{count}"));
        return fs::write(shell::top().join(ACCEPTED), text).map_err(|e| format!("{ACCEPTED}: {e}"));
    }
    compare(&counts, &read(ACCEPTED)?)
}

/// The lines of a table that are not comments, word by word.
fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_whitespace().collect())
}

/// Prints all counts, and fails if one is not the accepted one.
fn compare(counts: &[(String, u64)], accepted: &str) -> Outcome {
    let accepted: BTreeMap<&str, u64> =
        rows(accepted).filter_map(|row| Some((*row.first()?, row.get(1)?.parse().ok()?))).collect();
    let mut differences = 0;
    for (name, count) in counts {
        let verdict = match accepted.get(name.as_str()) {
            Some(before) if before == count => "as accepted".to_string(),
            Some(before) => {
                differences += 1;
                format!("{before} accepted: {:+.2} %", (*count as f64 / *before as f64 - 1.0) * 100.0)
            }
            None => {
                differences += 1;
                "not yet accepted".to_string()
            }
        };
        println!("{name:<12} {count:>12} dispatches, {verdict}");
    }
    if differences == 0 {
        Ok(())
    } else {
        Err(format!(
            "{differences} counts differ; if that is meant, `WHIT_BLESS=1 cargo xtask dispatches` accepts them"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_other_count_is_a_difference() {
        let accepted = "# kernel, dispatches\nfib\t10\nvm\t20\n";
        let count = |name: &str, count| (name.to_string(), count);
        assert_eq!(compare(&[count("fib", 10), count("vm", 20)], accepted), Ok(()));
        for counts in [
            [count("fib", 11), count("vm", 20)],
            [count("fib", 10), count("vm", 19)],
            [count("fib", 10), count("lz", 1)],
        ] {
            assert!(compare(&counts, accepted).is_err_and(|why| why.starts_with("1 counts")));
        }
    }
}
