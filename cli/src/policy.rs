//! A policy file → grants: the same as the flags say, kept beside a program.
//!
//! ```toml
//! dir = ["data::/data:ro", "/var/cache::/cache"]
//! env = ["LANG", "MODE=fast"]
//! listen = ["127.0.0.1:8080"]
//! allow-net = ["api.example.com:443"]
//! allow-bind = ["127.0.0.1:0"]
//! allow-dns = true
//!
//! [wasi]                # what -S says
//! max-descriptors = 64
//!
//! [wasm]                # what -W says
//! timeout = "2s"
//! max-memory-size = "64M"
//! ```
//!
//! Values are written as for the flags of the same names; the directories of the host are relative to the file's own. Assumes nothing of the file. Promises
//! that whatever it says is obeyed or refused: a key that nobody knows is an error with its line, because a grant that is misspelt is not there, and a
//! limit that is misspelt holds nothing.

use std::fs;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::args::{DirGrant, EnvGrant, Granted, NetGrant, parse_address};
use crate::load::shown;
use crate::report::{self, Failure};
use crate::terminal::printable;

/// A policy is a page of text; a file that is larger is another one.
const MAX_SIZE: u64 = 1 << 20;

/// Adds what the file says to `granted`.
pub fn read(file: &Path, granted: &mut Granted) -> Result<(), Failure> {
    let unreadable = |why: &str| Failure::new(format!("--policy: cannot read {}: {why}", shown(file)));
    let size = fs::metadata(file).map_err(|error| unreadable(&report::said(&error)))?.len();
    if size > MAX_SIZE {
        return Err(unreadable("it is larger than 1 MiB"));
    }
    let text = fs::read_to_string(file).map_err(|error| unreadable(&report::said(&error)))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    add(&text, folder, granted).map_err(|refusal| {
        let line = text.get(..refusal.place.start).map_or(0, |before| before.matches('\n').count()) + 1;
        Failure::new(format!("{}:{line}: {}", shown(file), printable(&refusal.why)))
    })
}

/// Why a policy is none, and where, in bytes of its text.
#[derive(Debug)]
struct Refusal {
    place: Range<usize>,
    why: String,
}

impl Refusal {
    fn new(place: Range<usize>, why: impl Into<String>) -> Self {
        Self { place, why: why.into() }
    }
}

const KEYS: &[&str] = &["dir", "env", "listen", "allow-net", "allow-bind", "allow-dns", "wasi", "wasm"];

fn add(text: &str, folder: &Path, granted: &mut Granted) -> Result<(), Refusal> {
    let policy = DeTable::parse(text)
        .map_err(|error| Refusal::new(error.span().unwrap_or(0..0), error.message().replace('\n', "; ")))?;
    for (key, value) in policy.get_ref() {
        match key.get_ref().as_ref() {
            "dir" => each(key, value, DirGrant::parse, |grant| {
                granted.dirs.push(DirGrant { host: folder.join(grant.host), ..grant });
            })?,
            "env" => each(key, value, EnvGrant::parse, |grant| granted.env.push(grant))?,
            "listen" => each(key, value, parse_address, |address| granted.system.listen.push(address))?,
            "allow-net" => each(key, value, NetGrant::parse, |grant| granted.allow_net.push(grant))?,
            "allow-bind" => each(key, value, NetGrant::parse, |grant| granted.allow_bind.push(grant))?,
            "allow-dns" => match value.get_ref() {
                DeValue::Boolean(allowed) => granted.system.allow_dns = *allowed,
                other => {
                    return Err(Refusal::new(
                        value.span(),
                        format!("`allow-dns` is true or false, not {}", kind(other)),
                    ));
                }
            },
            "wasi" => options(key, value, |option| granted.system.set(option))?,
            "wasm" => options(key, value, |option| granted.wasm.set(option))?,
            other => {
                let near: Vec<String> =
                    report::nearest(other, KEYS.iter().copied()).iter().map(|near| format!("`{near}`")).collect();
                let help = match near.is_empty() {
                    true => format!("; the keys are {}", KEYS.join(", ")),
                    false => format!("; did you mean {}?", near.join(" or ")),
                };
                return Err(Refusal::new(key.span(), format!("there is no key `{other}`{help}")));
            }
        }
    }
    Ok(())
}

type Key<'t> = Spanned<std::borrow::Cow<'t, str>>;

/// The grants of a list of texts.
fn each<T>(
    key: &Key<'_>,
    value: &Spanned<DeValue<'_>>,
    parse: impl Fn(&str) -> Result<T, String>,
    mut add: impl FnMut(T),
) -> Result<(), Refusal> {
    let name = key.get_ref();
    let DeValue::Array(values) = value.get_ref() else {
        let why = format!("`{name}` is a list of texts, `{name} = [\"…\"]`, not {}", kind(value.get_ref()));
        return Err(Refusal::new(value.span(), why));
    };
    for value in values.iter() {
        let DeValue::String(text) = value.get_ref() else {
            let why = format!("`{name}` is a list of texts, and this is {}", kind(value.get_ref()));
            return Err(Refusal::new(value.span(), why));
        };
        add(parse(text).map_err(|why| Refusal::new(value.span(), format!("{name} \"{text}\": {why}")))?);
    }
    Ok(())
}

/// The options of a table, each as `name=value`.
fn options(
    key: &Key<'_>,
    value: &Spanned<DeValue<'_>>,
    mut set: impl FnMut(&str) -> Result<(), String>,
) -> Result<(), Refusal> {
    let DeValue::Table(table) = value.get_ref() else {
        let why = format!("`{0}` is a table, `[{0}]`, not {1}", key.get_ref(), kind(value.get_ref()));
        return Err(Refusal::new(value.span(), why));
    };
    for (name, value) in table {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_string(),
            DeValue::Boolean(on) => on.to_string(),
            other => {
                let why =
                    format!("`{}` is a text, a decimal number, true or false, not {}", name.get_ref(), kind(other));
                return Err(Refusal::new(value.span(), why));
            }
        };
        let refused = |why: String| Refusal::new(name.span(), format!("[{}]: {why}", key.get_ref()));
        set(&format!("{}={text}", name.get_ref())).map_err(refused)?;
    }
    Ok(())
}

/// What a value is, with its article.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(number) if number.radix() != 10 => "a number that is not decimal",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;

    fn granted(text: &str) -> Granted {
        let mut granted = Granted::default();
        add(text, Path::new("/etc/app"), &mut granted).unwrap_or_else(|refusal| panic!("{refusal:?}"));
        granted
    }

    #[test]
    fn everything_that_flags_can_grant_can_be_written() {
        let text = r#"
            dir = ["data::/data:ro", "/var/cache::/cache"]
            env = ["LANG", "MODE=fast"]
            listen = ["127.0.0.1:0"]
            allow-net = ["api.example.com:443", "10.0.0.0/8:*"]
            allow-bind = ["127.0.0.1:0"]
            allow-dns = true
            [wasi]
            deterministic = 7
            pin-preopens = true
            udp = false
            [wasm]
            fuel = 1_000
            timeout = "200ms"
            max-memory-size = "64M"
            gc = false"#;
        let all = granted(text);
        assert_eq!(all.dirs[0].host, PathBuf::from("/etc/app/data"));
        assert_eq!((all.dirs[0].guest.as_str(), all.dirs[0].writable), ("/data", false));
        assert_eq!(all.dirs[1].host, PathBuf::from("/var/cache"));
        assert_eq!((all.env[0].value.as_deref(), all.env[1].value.as_deref()), (None, Some("fast")));
        assert_eq!((all.allow_net.len(), all.allow_bind.len()), (2, 1));
        assert_eq!((all.system.listen.len(), all.system.allow_dns, all.system.udp), (1, true, false));
        assert_eq!((all.system.deterministic, all.system.pin_preopens), (Some(7), true));
        assert_eq!((all.wasm.fuel, all.wasm.timeout), (Some(1000), Some(Duration::from_millis(200))));
        assert_eq!(all.wasm.max_memory_size, Some(64 << 20));
        assert!(granted("").dirs.is_empty());
    }

    #[test]
    fn whatever_is_not_understood_is_refused_where_it_stands() {
        for (text, line, part) in [
            ("alow-net = []", 1, "there is no key `alow-net`; did you mean `allow-net`?"),
            ("\nsomething = 1", 2, "the keys are dir, env"),
            ("dir = \"/\"", 1, "`dir` is a list of texts"),
            ("dir = [\n  \"a\",\n  1,\n]", 3, "this is a number"),
            ("dir = [\"::/x\"]", 1, "dir \"::/x\": a directory grant is"),
            ("allow-net = [\"example.com\"]", 1, "a port is needed"),
            ("env = [\"=x\"]", 1, "no name"),
            ("listen = [\"8080\"]", 1, "HOST:PORT"),
            ("allow-dns = \"yes\"", 1, "`allow-dns` is true or false, not a text"),
            ("wasm = 1", 1, "`wasm` is a table"),
            ("[wasm]\nfule = 1", 2, "did you mean `fuel`"),
            ("[wasm]\n\ntimeout = 1.5", 3, "a number with a fraction"),
            ("[wasm]\nfuel = 0x10", 2, "not decimal"),
            ("[wasm]\nfuel = \"many\"", 2, "is not a whole number"),
            ("[wasi]\nhelp = true", 2, "there is no option `help`"),
            ("[wasi.more]\nx = 1", 1, "not a table"),
            ("dir = []\ndir = []", 2, "duplicate key"),
            ("dir = [", 1, ""),
        ] {
            let mut granted = Granted::default();
            let refusal = add(text, Path::new(""), &mut granted).expect_err(text);
            assert!(refusal.why.contains(part), "{text}: {}", refusal.why);
            assert_eq!(text[..refusal.place.start].matches('\n').count() + 1, line, "{text}: {refusal:?}");
        }
    }
}
