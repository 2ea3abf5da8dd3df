//! `expectations.toml` → which directives may deviate, and why.
//!
//! A deviation is forced by a tool outside this project (the text parser, the validator): the table names the directive, the tool with its
//! version, and the reason. Assumes a table checked in with the code. Promises that a listed directive which passes is reported, so the table
//! cannot outlive its reasons, and that an entry is found by the end of a script's path, wherever the suite lies.
//!
//! Beside the deviations it lists the scripts that *await* a part of the engine which is not built yet. They are run and judged as a whole: one that
//! holds entirely is reported, so this list can only become shorter.

use std::fmt;
use std::path::Path;

use serde::Deserialize;

/// The table that belongs to this version of the tools.
const CHECKED_IN: &str = include_str!("../expectations.toml");

/// Known deviations.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectations {
    #[serde(default)]
    deviation: Vec<Deviation>,
    #[serde(default)]
    awaiting: Vec<Awaiting>,
}

/// One directive that cannot behave as the script asserts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    /// The end of the script's path, with `/`.
    pub file: String,
    /// The line of the directive, or absent when the tool refuses the whole file.
    pub line: Option<usize>,
    /// The tool that forces it, with its version.
    pub tool: String,
    /// What the tool does.
    pub reason: String,
}

/// Scripts that await a part of the engine which is not built yet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Awaiting {
    /// What they await.
    pub what: String,
    /// The folder they lie in: the end of its path.
    folder: String,
    /// Their names in that folder.
    scripts: Vec<String>,
}

impl Awaiting {
    fn has(&self, path: &Path) -> bool {
        path.parent().is_some_and(|folder| folder.ends_with(&self.folder))
            && path.file_name().is_some_and(|name| self.scripts.iter().any(|script| name == script.as_str()))
    }
}

/// A table that cannot be read.
#[derive(Debug)]
pub struct ExpectationsError(toml::de::Error);

impl fmt::Display for ExpectationsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table of expectations: {}", self.0)
    }
}

impl std::error::Error for ExpectationsError {}

impl Expectations {
    /// Reads a table.
    ///
    /// # Errors
    /// The text is not TOML, or not this table.
    pub fn parse(text: &str) -> Result<Self, ExpectationsError> {
        toml::from_str(text).map_err(ExpectationsError)
    }

    /// The table that is checked in beside this crate.
    pub fn checked_in() -> Self {
        // A test below reads the same text.
        Self::parse(CHECKED_IN).expect("the checked-in table is well formed")
    }

    /// No deviation is known: everything must pass.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether the directive at `line` of `path` is listed; no line stands for the file as a whole.
    pub fn find(&self, path: &Path, line: Option<usize>) -> Option<&Deviation> {
        self.deviation.iter().find(|deviation| deviation.line == line && path.ends_with(&deviation.file))
    }

    /// What the script at `path` awaits, if it is listed as one that does.
    pub fn awaited_by(&self, path: &Path) -> Option<&str> {
        self.awaiting.iter().find(|awaiting| awaiting.has(path)).map(|awaiting| awaiting.what.as_str())
    }

    /// The listed deviations of `path`.
    pub fn of_file<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = &'a Deviation> {
        self.deviation.iter().filter(|deviation| path.ends_with(&deviation.file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checked_in_table_is_well_formed_and_every_entry_has_a_reason() {
        for deviation in Expectations::checked_in().deviation {
            assert!(!deviation.reason.is_empty() && deviation.tool.contains(' '), "{deviation:?}");
        }
    }

    #[test]
    fn entries_are_found_by_whole_path_components() {
        let text = "[[deviation]]\nfile = \"legacy/a.wast\"\nline = 3\ntool = \"t 1\"\nreason = \"r\"\n";
        let table = Expectations::parse(text).unwrap();
        assert!(table.find(Path::new("/suite/legacy/a.wast"), Some(3)).is_some());
        assert!(table.find(Path::new("/suite/legacy/a.wast"), None).is_none());
        assert!(table.find(Path::new("/suite/notlegacy/a.wast"), Some(3)).is_none());
        assert!(table.find(Path::new("/suite/a.wast"), Some(3)).is_none());
    }

    #[test]
    fn scripts_that_wait_are_found_by_folder_and_name() {
        let text = "[[awaiting]]\nwhat = \"threads\"\nfolder = \"async\"\nscripts = [\"a.wast\"]\n";
        let table = Expectations::parse(text).unwrap();
        assert_eq!(table.awaited_by(Path::new("/suite/async/a.wast")), Some("threads"));
        for other in ["/suite/async/b.wast", "/suite/a.wast", "/suite/async/more/a.wast", "/suite/notasync/a.wast"] {
            assert_eq!(table.awaited_by(Path::new(other)), None, "{other}");
        }
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(Expectations::parse("[[awaiting]]\nwhat = \"a\"\nfolder = \"b\"").is_err());
        assert!(Expectations::parse("[[deviation]]\nfile = \"a\"\nwhy = \"?\"").is_err());
    }
}
