//! Verdicts → counts, text and JSON.
//!
//! Promises that a run's last line is its totals in a fixed form, that nothing is counted twice, and that the output of two runs with
//! the same verdicts is the same text: no times, files in the order given.

use std::fmt;
use std::ops::AddAssign;
use std::path::PathBuf;

use serde_json::{Value, json};

/// How many directives came to which end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// `assert_*` directives in the script.
    pub assertions: usize,
    /// Assertions that held.
    pub passed: usize,
    /// Of those, the ones about text, which the text parser answered and not the engine.
    pub text: usize,
    /// Directives, assertions or not, that did not do what they must.
    pub failed: usize,
    /// Directives that were not run.
    pub skipped: usize,
    /// Directives, or whole files, that deviate as the table of expectations says.
    pub known: usize,
    /// Files that await a part of the engine. Their directives count nowhere else.
    pub awaiting: usize,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.assertions += other.assertions;
        self.passed += other.passed;
        self.text += other.text;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.known += other.known;
        self.awaiting += other.awaiting;
    }
}

/// Something to tell about one directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its line; `None` for the file as a whole.
    pub line: Option<usize>,
    /// What happened.
    pub message: String,
}

/// The verdicts of one script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileReport {
    /// The script.
    pub path: PathBuf,
    /// Its totals.
    pub counts: Counts,
    /// Each failure.
    pub failures: Vec<Note>,
    /// Each directive not run, and why.
    pub skips: Vec<Note>,
    /// Each known deviation, and its reason.
    pub deviations: Vec<Note>,
    /// What the script awaits, and what showed it first; empty for all others.
    pub awaited: Vec<Note>,
}

impl FileReport {
    /// As one JSON object.
    pub fn to_json(&self) -> Value {
        let notes = |notes: &[Note]| -> Vec<Value> {
            notes.iter().map(|note| json!({ "line": note.line, "message": note.message })).collect()
        };
        json!({
            "file": self.path.to_string_lossy(),
            "assertions": self.counts.assertions,
            "passed": self.counts.passed,
            "text": self.counts.text,
            "failed": self.counts.failed,
            "skipped": self.counts.skipped,
            "known": self.counts.known,
            "awaiting": self.counts.awaiting,
            "failures": notes(&self.failures),
            "skips": notes(&self.skips),
            "deviations": notes(&self.deviations),
            "awaited": notes(&self.awaited),
        })
    }
}

impl fmt::Display for FileReport {
    /// One line for each thing worth a look; nothing for a file that simply passed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (word, notes) in [
            ("failed", &self.failures),
            ("skipped", &self.skips),
            ("known", &self.deviations),
            ("awaiting", &self.awaited),
        ] {
            for note in notes {
                write!(f, "{}", self.path.display())?;
                if let Some(line) = note.line {
                    write!(f, ":{line}")?;
                }
                writeln!(f, ": {word}: {}", note.message)?;
            }
        }
        Ok(())
    }
}

/// The totals of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Scripts.
    pub files: usize,
    /// Their counts together.
    pub counts: Counts,
}

impl Totals {
    /// Adds the counts of one more script.
    pub fn add(&mut self, file: &FileReport) {
        self.files += 1;
        self.counts += file.counts;
    }

    /// Whether everything ran and nothing failed. Scripts that await something have shown nothing: without others there is no success.
    pub fn is_success(&self) -> bool {
        self.files > self.counts.awaiting && self.counts.failed == 0 && self.counts.skipped == 0
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { assertions, passed, failed, skipped, known, awaiting, .. } = self.counts;
        write!(
            f,
            "files {}, assertions {assertions}, passed {passed}, failed {failed}, skipped {skipped}",
            self.files
        )?;
        if known > 0 {
            write!(f, " known {known}")?;
        }
        if awaiting > 0 {
            write!(f, " awaiting {awaiting}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_has_the_fixed_form() {
        let counts = Counts { assertions: 5, passed: 4, text: 1, failed: 1, ..Counts::default() };
        let mut totals = Totals::default();
        assert!(!totals.is_success(), "nothing was run");
        totals.add(&FileReport { counts, ..FileReport::default() });
        assert_eq!(totals.to_string(), "files 1, assertions 5, passed 4, failed 1, skipped 0");
        totals.add(&FileReport { counts: Counts { known: 2, ..Counts::default() }, ..FileReport::default() });
        assert_eq!(totals.to_string(), "files 2, assertions 5, passed 4, failed 1, skipped 0 known 2");
        totals.add(&FileReport { counts: Counts { awaiting: 1, ..Counts::default() }, ..FileReport::default() });
        let text = "files 3, assertions 5, passed 4, failed 1, skipped 0 known 2 awaiting 1";
        assert_eq!(totals.to_string(), text);
        assert!(!totals.is_success());
    }

    #[test]
    fn scripts_that_wait_are_no_failure_and_alone_no_success() {
        let mut totals = Totals::default();
        totals.add(&FileReport { counts: Counts { awaiting: 1, ..Counts::default() }, ..FileReport::default() });
        assert!(!totals.is_success(), "nothing was shown");
        totals.add(&FileReport {
            counts: Counts { assertions: 1, passed: 1, ..Counts::default() },
            ..FileReport::default()
        });
        assert!(totals.is_success());
    }

    #[test]
    fn a_note_says_where() {
        let note = |line| Note { line, message: "m".into() };
        let report = FileReport {
            path: "a.wast".into(),
            failures: vec![note(Some(3))],
            deviations: vec![note(None)],
            ..FileReport::default()
        };
        assert_eq!(report.to_string(), "a.wast:3: failed: m\na.wast: known: m\n");
        assert_eq!(report.to_json()["failures"][0]["line"], 3);
    }
}
