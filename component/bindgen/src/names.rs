//! Names of WIT → names of Rust: the case that Rust has, never a keyword, never one that is taken.

use std::collections::BTreeSet;

/// `exclamation-marks` → `exclamation_marks`.
pub(crate) fn snake(name: &str) -> String {
    escape(underscored(name))
}

/// The same as part of a longer name, which is no keyword.
pub(crate) fn underscored(name: &str) -> String {
    words(name).collect::<Vec<_>>().join("_")
}

/// `stream-error` → `StreamError`.
pub(crate) fn camel(name: &str) -> String {
    let mut camel = String::new();
    for word in words(name) {
        let (first, rest) = word.split_at(1);
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    escape(camel)
}

/// `symlink-follow` → `SYMLINK_FOLLOW`.
pub(crate) fn screaming(name: &str) -> String {
    underscored(name).to_ascii_uppercase()
}

/// The words of a name, in lower case. What a name of WIT cannot have, a version can: dots and a plus.
fn words(name: &str) -> impl Iterator<Item = String> {
    name.split(['-', '.', '+']).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase)
}

/// A name that is no keyword. Not all keywords can be raw identifiers, so none is.
pub(crate) fn escape(mut name: String) -> String {
    if KEYWORDS.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

/// Strict and reserved keywords of all editions.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The names of one place, such as a module or a parameter list: each is there once.
#[derive(Default)]
pub(crate) struct Scope(BTreeSet<String>);

impl Scope {
    /// A place where these names are taken.
    pub(crate) fn with(taken: &[&str]) -> Self {
        Self(taken.iter().map(|name| name.to_string()).collect())
    }

    /// Takes a name, or the next that is free.
    pub(crate) fn take(&mut self, name: String) -> String {
        let mut name = name;
        while !self.0.insert(name.clone()) {
            name.push('_');
        }
        name
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_case_of_rust() {
        assert_eq!(snake("exclamation-marks"), "exclamation_marks");
        assert_eq!(camel("stream-error"), "StreamError");
        assert_eq!(camel("HTTP-request-URI"), "HttpRequestUri");
        assert_eq!(screaming("symlink-follow"), "SYMLINK_FOLLOW");
        assert_eq!(snake("0.2.0-rc.1"), "0_2_0_rc_1");
    }

    #[test]
    fn keywords_are_escaped() {
        assert_eq!((snake("type"), camel("self"), snake("self")), ("type_".into(), "Self_".into(), "self_".into()));
    }

    #[test]
    fn a_name_is_taken_once() {
        let mut scope = Scope::with(&["store"]);
        assert_eq!(scope.take("store".into()), "store_");
        assert_eq!(scope.take("store".into()), "store__");
        assert_eq!(scope.take("name".into()), "name");
        assert!(scope.has("name") && !scope.has("nam"));
    }
}
