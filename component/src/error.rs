//! Why a component cannot be linked: all that is missing or does not fit, in one error.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use whit_core::Error;

use crate::types::Name;

/// A component cannot be linked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkError {
    problems: Vec<ImportProblem>,
}

impl LinkError {
    pub(crate) fn new(problems: Vec<ImportProblem>) -> Self {
        Self { problems }
    }

    /// What is wrong, in the order of the component's imports; at least one.
    pub fn problems(&self) -> &[ImportProblem] {
        &self.problems
    }
}

/// An import that is missing or does not fit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportProblem {
    path: Vec<Name>,
    problem: Problem,
}

/// What is wrong with an import.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing is supplied for it.
    Missing {
        /// The name supplied that is most like it.
        nearest: Option<String>,
    },
    /// What is supplied does not fit, for this reason.
    Mismatch(String),
}

impl ImportProblem {
    pub(crate) fn new(path: &[Name], problem: Problem) -> Self {
        Self { path: path.to_vec(), problem }
    }

    /// The name of the import, and below it the name of the export of an imported instance, and so on.
    pub fn path(&self) -> impl Iterator<Item = &str> {
        self.path.iter().map(|name| &**name)
    }

    /// What is wrong with it.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.len() {
            1 => f.write_str("the component cannot be linked:")?,
            count => write!(f, "the component cannot be linked, for {count} reasons:")?,
        }
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl fmt::Display for ImportProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`")?;
        for (at, name) in self.path.iter().enumerate() {
            write!(f, "{}{name}", if at == 0 { "" } else { "` · `" })?;
        }
        match &self.problem {
            Problem::Missing { nearest: None } => f.write_str("` is not supplied"),
            Problem::Missing { nearest: Some(nearest) } => write!(f, "` is not supplied; did you mean `{nearest}`?"),
            Problem::Mismatch(why) => write!(f, "` does not fit: {why}"),
        }
    }
}

impl core::error::Error for LinkError {}

impl From<LinkError> for Error {
    fn from(error: LinkError) -> Self {
        Self::new(error)
    }
}

/// The candidate that is most like a name, if one is like it at all.
pub(crate) fn nearest<'c>(name: &str, candidates: impl Iterator<Item = &'c str>) -> Option<String> {
    let scored = candidates.map(|candidate| (distance(name, candidate), candidate));
    let (distance, candidate) = scored.min_by_key(|(distance, _)| *distance)?;
    (distance <= name.chars().count() / 3).then(|| candidate.into())
}

/// How many characters have to be put in, left out or replaced to get from one name to the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (at, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, b) in other.chars().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_if_it_is_near() {
        let names = ["wasi:cli/stdin@0.2.0", "wasi:cli/stdout@0.2.0", "my:pkg/greeter"];
        assert_eq!(nearest("wasi:cli/stdn@0.2.0", names.into_iter()).as_deref(), Some("wasi:cli/stdin@0.2.0"));
        assert_eq!(nearest("other", names.into_iter()), None);
    }
}
