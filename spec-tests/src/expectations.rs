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

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// The table that belongs to this version of the tools.
const CHECKED_IN: &str = include_str!("../expectations.toml");

/// Known deviations.
#[derive(Debug, Default)]
pub struct Expectations {
    deviation: Vec<Deviation>,
    awaiting: Vec<Awaiting>,
}

/// One directive that cannot behave as the script asserts.
#[derive(Debug)]
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
#[derive(Debug)]
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
pub struct ExpectationsError {
    line: usize,
    why: String,
}

impl fmt::Display for ExpectationsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table of expectations, line {}: {}", self.line, self.why)
    }
}

impl std::error::Error for ExpectationsError {}

impl Expectations {
    /// Reads a table.
    ///
    /// # Errors
    /// The text is not TOML, or not this table.
    pub fn parse(text: &str) -> Result<Self, ExpectationsError> {
        read(text).map_err(|refusal| {
            let line = text.get(..refusal.at).map_or(0, |before| before.matches('\n').count()) + 1;
            ExpectationsError { line, why: refusal.why }
        })
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

/// Why a text is no table of expectations, and at which byte.
struct Refusal {
    at: usize,
    why: String,
}

impl Refusal {
    fn new<T>(place: &Spanned<T>, why: impl Into<String>) -> Self {
        Self { at: place.span().start, why: why.into() }
    }
}

// Read by hand: what a derived reader adds to the program that carries it is larger than all of this file.

fn read(text: &str) -> Result<Expectations, Refusal> {
    let table = DeTable::parse(text)
        .map_err(|error| Refusal { at: error.span().map_or(0, |span| span.start), why: error.message().to_owned() })?;
    let mut expectations = Expectations::default();
    for (key, value) in table.get_ref() {
        match key.get_ref().as_ref() {
            "deviation" => expectations.deviation = each(value, deviation)?,
            "awaiting" => expectations.awaiting = each(value, awaiting)?,
            other => {
                return Err(Refusal::new(key, format!("`{other}` is neither `deviation` nor `awaiting`")));
            }
        }
    }
    Ok(expectations)
}

fn deviation(entry: &Spanned<DeValue<'_>>) -> Result<Deviation, Refusal> {
    let [file, line, tool, reason] = fields(entry, ["file", "line", "tool", "reason"])?;
    let given = |field, name| required(entry, field, name).and_then(text);
    Ok(Deviation {
        file: given(file, "file")?,
        line: line.map(number).transpose()?,
        tool: given(tool, "tool")?,
        reason: given(reason, "reason")?,
    })
}

fn awaiting(entry: &Spanned<DeValue<'_>>) -> Result<Awaiting, Refusal> {
    let [what, folder, scripts] = fields(entry, ["what", "folder", "scripts"])?;
    Ok(Awaiting {
        what: text(required(entry, what, "what")?)?,
        folder: text(required(entry, folder, "folder")?)?,
        scripts: each(required(entry, scripts, "scripts")?, text)?,
    })
}

type Field<'a, 't> = Option<&'a Spanned<DeValue<'t>>>;

/// The values of an entry in the order of `names`; it has no others.
fn fields<'a, 't, const N: usize>(
    entry: &'a Spanned<DeValue<'t>>,
    names: [&str; N],
) -> Result<[Field<'a, 't>; N], Refusal> {
    let DeValue::Table(table) = entry.get_ref() else {
        return Err(Refusal::new(entry, format!("an entry is a table of {}", names.join(", "))));
    };
    let mut values = [None; N];
    for (key, value) in table {
        let Some(place) = names.iter().position(|name| name == key.get_ref()) else {
            return Err(Refusal::new(key, format!("`{}` is none of {}", key.get_ref(), names.join(", "))));
        };
        values[place] = Some(value);
    }
    Ok(values)
}

fn required<'a, 't>(
    entry: &Spanned<DeValue<'t>>,
    field: Field<'a, 't>,
    name: &str,
) -> Result<&'a Spanned<DeValue<'t>>, Refusal> {
    field.ok_or_else(|| Refusal::new(entry, format!("this entry has no `{name}`")))
}

fn each<T>(
    list: &Spanned<DeValue<'_>>,
    read: impl Fn(&Spanned<DeValue<'_>>) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    let values: &DeArray<'_> = list.get_ref().as_array().ok_or_else(|| Refusal::new(list, "not a list"))?;
    values.iter().map(read).collect()
}

fn text(value: &Spanned<DeValue<'_>>) -> Result<String, Refusal> {
    value.get_ref().as_str().map(str::to_owned).ok_or_else(|| Refusal::new(value, "not a text"))
}

fn number(value: &Spanned<DeValue<'_>>) -> Result<usize, Refusal> {
    let decimal = value.get_ref().as_integer().filter(|number| number.radix() == 10);
    decimal.and_then(|number| number.as_str().parse().ok()).ok_or_else(|| Refusal::new(value, "not a decimal number"))
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
    fn what_is_missing_unknown_or_of_another_kind_is_refused_with_its_line() {
        for (table, expected) in [
            ("[[awaiting]]\nwhat = \"a\"\nfolder = \"b\"", "line 1: this entry has no `scripts`"),
            ("[[deviation]]\nfile = \"a\"\nwhy = \"?\"", "line 3: `why` is none of file, line, tool, reason"),
            ("[[deviation]]\nfile = \"a\"\nline = \"3\"\ntool = \"t\"\nreason = \"r\"", "line 3: not a decimal number"),
            ("deviation = 1", "line 1: not a list"),
            ("deviation = [1]", "line 1: an entry is a table of file, line, tool, reason"),
            ("\n[[deviations]]", "line 2: `deviations` is neither"),
            ("[[deviation]]\nfile =", "line 2: "),
        ] {
            let error = Expectations::parse(table).unwrap_err().to_string();
            assert!(error.contains(expected), "{table}: {error}");
        }
    }
}
