//! Words of the command line → values: what flags of several kinds have in common.

use std::ffi::OsStr;
use std::time::Duration;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;

use crate::report;

/// `name=value` in its parts.
pub fn split_option(text: &str) -> (&str, Option<&str>) {
    match text.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (text.trim(), None),
    }
}

/// That `-FLAG name` does not exist, and what may have been meant. `known` are the options as their help writes them.
pub fn unknown_option<'a>(flag: char, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known = known.map(|option| option.split(['=', '[']).next().unwrap_or(option));
    let near: Vec<String> = report::nearest(name, known).iter().map(|near| format!("`{near}`")).collect();
    let meant = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) };
    format!("there is no option `{name}`{meant} (`-{flag} help` lists them all)")
}

/// A switch: alone it is on.
pub fn parse_switch(name: &str, value: Option<&str>) -> Result<bool, String> {
    match value {
        None | Some("true" | "yes" | "y" | "on") => Ok(true),
        Some("false" | "no" | "n" | "off") => Ok(false),
        Some(other) => Err(format!("`{name}={other}` is neither true nor false")),
    }
}

/// A whole number, in which `_` may stand between digits.
pub fn parse_number(name: &str, text: &str) -> Result<u64, String> {
    text.replace('_', "").parse().map_err(|_| format!("`{name}={text}` is not a whole number"))
}

/// A number of bytes, with K, M and G.
pub fn parse_size(name: &str, text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(['K', 'M', 'G']);
    let shift = match &text[digits.len()..] {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        _ => return Err(format!("`{name}={text}` is not a size")),
    };
    parse_number(name, digits)?.checked_mul(1 << shift).ok_or_else(|| format!("`{name}={text}` is too large"))
}

/// A time with its unit.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let number = text.trim_end_matches(|c: char| !c.is_ascii_digit() && c != '.');
    let unit = match &text[number.len()..] {
        "" | "s" => 1.0,
        "ns" => 1e-9,
        "us" | "μs" => 1e-6,
        "ms" => 1e-3,
        "m" => 60.0,
        "h" => 3600.0,
        other => return Err(format!("`{other}` is not a unit of time: ns, us, ms, s, m or h")),
    };
    // A sign or an exponent would be read as well, but nobody means it.
    let count = number.parse::<f64>().ok().filter(|_| number.chars().all(|c| c.is_ascii_digit() || c == '.'));
    let count = count.ok_or_else(|| format!("`{text}` is not a time such as 200ms or 1.5s"))?;
    Duration::try_from_secs_f64(count * unit).map_err(|_| format!("`{text}` is too long"))
}

/// A parser for clap out of a function that explains refusals.
pub fn value<T: Clone + Send + Sync + 'static>(
    parse: fn(&str) -> Result<T, String>,
) -> impl TypedValueParser<Value = T> {
    clap::builder::StringValueParser::new().try_map(move |text| parse(&text))
}

/// A parser for a flag that is a list of options; the one option `help` asks what there is.
#[derive(Clone)]
pub struct Listed<T> {
    /// Reads one value.
    pub parse: fn(&str) -> Result<T, String>,
    /// The list.
    pub help: fn() -> String,
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Listed<T> {
    type Value = T;

    fn parse_ref(&self, command: &clap::Command, arg: Option<&clap::Arg>, text: &OsStr) -> Result<T, clap::Error> {
        if text == "help" {
            // As an error, because only that ends the parsing before FILE is found missing.
            return Err(clap::Error::raw(ErrorKind::DisplayHelp, (self.help)()));
        }
        value(self.parse).parse_ref(command, arg, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(parse_duration("3"), Ok(Duration::from_secs(3)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("200ms"), Ok(Duration::from_millis(200)));
        assert!(parse_duration("1e3s").is_err() && parse_duration("1.2.3s").is_err() && parse_duration(".").is_err());
        assert!(parse_duration(&format!("{}h", "9".repeat(30))).is_err());
        assert!(parse_duration("ms").is_err() && parse_duration("").is_err() && parse_duration("-1s").is_err());
    }
}
