//! Configuration: values by name that the embedder gives a guest for reading.

use std::collections::BTreeMap;

/// The values, in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    values: BTreeMap<String, String>,
}

impl Configuration {
    /// Sets a value. The last one given for a name counts.
    pub fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// The value of a name, if it has one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// All names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
