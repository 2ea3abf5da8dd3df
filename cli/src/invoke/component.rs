//! `--invoke` of a component: a call in WAVE → an exported function and its arguments.
//!
//! A function of the world is written by its name. One of an exported interface is written behind the interface and a dot, or by its name alone if no other
//! has it; the interface with or without its package, with or without its version, which stands behind it or behind the function's name:
//! `add`, `calc.add`, `my:pkg/calc.add`, `my:pkg/calc@1.0.0.add`, `my:pkg/calc.add@1.0.0`.

use whit_component::{Component, ExternType, FuncType, Type, Val};

use super::wave::{self, Arguments, Refusal};
use crate::report::{self, Failure};
use crate::terminal::printable;

/// A function to call, by the names that lead to it.
#[derive(Debug)]
pub struct Call {
    /// The exported interface it belongs to, if it is not the world's own.
    interface: Option<String>,
    name: String,
    /// Its arguments.
    pub arguments: Vec<Val>,
}

impl Call {
    /// The names of the exports, from the outermost.
    pub fn path(&self) -> Vec<&str> {
        self.interface.iter().map(String::as_str).chain([self.name.as_str()]).collect()
    }
}

/// The value as a line of output.
pub fn result(value: &Val) -> Result<String, Failure> {
    let text = wave::text(value).ok_or_else(|| {
        Failure::new("the function has returned, and there is a handle in its result, which no text stands for")
    })?;
    Ok(format!("{text}\n"))
}

/// A function that a component exports.
#[derive(Clone, Copy)]
struct Candidate<'c> {
    interface: Option<&'c str>,
    name: &'c str,
    ty: FuncType<'c>,
}

impl Candidate<'_> {
    /// As it is written in a call.
    fn written(&self) -> String {
        let interface = self.interface.map_or_else(String::new, |interface| format!("{}.", printable(interface)));
        format!("{interface}{}", printable(self.name))
    }

    fn signature(&self) -> String {
        wave::cut(printable(&format!("{}: {}", self.written(), self.ty)))
    }

    /// A call that would do.
    fn example(&self) -> String {
        let arguments: Vec<String> = self.ty.params().map(|(_, ty)| wave::example(ty)).collect();
        format!("{}({})", self.written(), arguments.join(", "))
    }
}

/// The function that `text` calls, and its arguments.
pub fn call(component: &Component, text: &str) -> Result<Call, Failure> {
    let (name, arguments) = text.split_at(text.find('(').unwrap_or(text.len()));
    let candidates = candidates(component);
    let function = find(&candidates, name.trim())?;
    let params: Vec<(&str, Type<'_>)> = function.ty.params().collect();
    let refused = |refusal: Refusal| refused(text, name.len(), &refusal, function);
    let arguments = Arguments::parse(arguments).and_then(|arguments| arguments.values(&params)).map_err(refused)?;
    Ok(Call { interface: function.interface.map(Into::into), name: function.name.into(), arguments })
}

fn candidates(component: &Component) -> Vec<Candidate<'_>> {
    let mut candidates = Vec::new();
    for export in component.exports() {
        match export.ty() {
            ExternType::Func(ty) => candidates.push(Candidate { interface: None, name: export.name(), ty }),
            ExternType::Instance(instance) => {
                candidates.extend(instance.exports().filter_map(|(name, item)| match item {
                    ExternType::Func(ty) => Some(Candidate { interface: Some(export.name()), name, ty }),
                    _ => None,
                }));
            }
            _ => {}
        }
    }
    candidates
}

/// The interface, if one is written, and the function's name.
fn split(written: &str) -> (Option<String>, &str) {
    // Labels have no dots, but versions have, and so have the names of a resource's functions, which begin with a bracket.
    let Some(end) = written.find(['.', '@', '[']).filter(|end| !written[*end..].starts_with('[')) else {
        return (None, written);
    };
    let (interface, rest) = (&written[..end], &written[end + 1..]);
    if written[end..].starts_with('.') {
        return match rest.rsplit_once('@') {
            Some((name, version)) => (Some(format!("{interface}@{version}")), name),
            None => (Some(interface.into()), rest),
        };
    }
    // Behind a version comes a name, whose brackets may hold a dot.
    let name = rest.find(".[").or_else(|| rest.rfind('.'));
    match name {
        Some(dot) => (Some(format!("{interface}@{}", &rest[..dot])), &rest[dot + 1..]),
        None => (None, written),
    }
}

/// Whether `interface` is what `written` stands for: its name, with or without the package, with or without the version.
fn is_meant(interface: &str, written: &str) -> bool {
    let whole = interface.split_once('@').map_or(interface, |(name, _)| name);
    let (name, version) = match written.split_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (written, None),
    };
    let plain = whole.rsplit_once('/').map_or(whole, |(_, name)| name);
    (name == whole || name == plain)
        && version.is_none_or(|version| interface.split_once('@').is_some_and(|(_, known)| known == version))
}

fn find<'a, 'c>(candidates: &'a [Candidate<'c>], written: &str) -> Result<&'a Candidate<'c>, Failure> {
    let (interface, name) = split(written);
    let named = candidates.iter().filter(|candidate| candidate.name == name);
    let fitting: Vec<&Candidate<'_>> = match &interface {
        Some(interface) => {
            named.filter(|known| known.interface.is_some_and(|known| is_meant(known, interface))).collect()
        }
        None => named.collect(),
    };
    match fitting.as_slice() {
        [one] => Ok(one),
        [] => Err(missing(candidates, written, name)),
        // The world's own function is what its name alone means.
        many => match many.iter().find(|candidate| candidate.interface.is_none()) {
            Some(own) => Ok(own),
            None => {
                let list: Vec<String> = many.iter().map(|candidate| format!("\n  {}", candidate.signature())).collect();
                Err(Failure::new(format!(
                    "--invoke: more than one interface has a function `{}`; which one is meant?{}",
                    printable(written),
                    list.concat()
                )))
            }
        },
    }
}

/// There is no such function: which ones there are.
fn missing(candidates: &[Candidate<'_>], written: &str, name: &str) -> Failure {
    let mut message = format!("the component exports no function `{}`", printable(written));
    let near = report::nearest(name, candidates.iter().map(|candidate| candidate.name));
    let shown: Vec<&Candidate<'_>> = match near.is_empty() {
        false => candidates.iter().filter(|candidate| near.contains(&candidate.name)).take(10).collect(),
        true => candidates.iter().take(10).collect(),
    };
    message.push_str(match (near.is_empty(), shown.is_empty()) {
        (false, _) => "; did you mean",
        (true, false) => "; it exports",
        (true, true) => "; it exports no functions at all",
    });
    for candidate in &shown {
        message.push_str(&format!("\n  {}", candidate.signature()));
    }
    if let Some(candidate) = shown.first() {
        message.push_str(&format!("\n  for example: whit --invoke '{}' FILE", candidate.example()));
    }
    if near.is_empty() && shown.len() < candidates.len() {
        message.push_str("\n  `whit inspect FILE` lists them all");
    }
    Failure::new(message)
}

/// A call whose arguments do not do: where, why, and one that would.
fn refused(text: &str, name: usize, refusal: &Refusal, function: &Candidate<'_>) -> Failure {
    let mut message = format!("--invoke: {}\n", printable(&refusal.why));
    // Lines of text are shown as they are; a caret below another line would point nowhere.
    if !text.contains(['\n', '\r', '\t']) && refusal.place.end + name <= text.len() {
        let column = text.get(..name + refusal.place.start).map_or(0, |before| before.chars().count());
        let marked = text.get(name + refusal.place.start..name + refusal.place.end);
        let width = marked.map_or(1, |marked| marked.chars().count()).max(1);
        message.push_str(&format!("  {}\n  {}{}\n", printable(text), " ".repeat(column), "^".repeat(width)));
    }
    message.push_str(&format!("  the function is {}", function.signature()));
    message.push_str(&format!("\n  for example: whit --invoke '{}' FILE", function.example()));
    Failure::new(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_split_where_the_interface_ends() {
        let is = |written: &str, interface: Option<&str>, name: &str| {
            assert_eq!(split(written), (interface.map(Into::into), name), "{written}");
        };
        is("add", None, "add");
        is("calc.add", Some("calc"), "add");
        is("my:pkg/calc.add", Some("my:pkg/calc"), "add");
        is("my:pkg/calc@1.0.0.add", Some("my:pkg/calc@1.0.0"), "add");
        is("my:pkg/calc.add@1.0.0", Some("my:pkg/calc@1.0.0"), "add");
        is("[static]r.make", None, "[static]r.make");
        is("calc.[static]r.make", Some("calc"), "[static]r.make");
        is("my:pkg/calc@1.0.0.[static]r.make", Some("my:pkg/calc@1.0.0"), "[static]r.make");
    }

    #[test]
    fn an_interface_is_meant_with_and_without_package_and_version() {
        for written in ["calc", "my:pkg/calc", "my:pkg/calc@1.0.0", "calc@1.0.0"] {
            assert!(is_meant("my:pkg/calc@1.0.0", written), "{written}");
        }
        for written in ["cal", "pkg/calc", "your:pkg/calc", "calc@1.0.1", "my:pkg"] {
            assert!(!is_meant("my:pkg/calc@1.0.0", written), "{written}");
        }
        assert!(is_meant("calc", "calc") && !is_meant("calc", "calc@1.0.0"));
    }
}
