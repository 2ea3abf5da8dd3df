//! Errors → what a person reads, and the exit status.
//!
//! A message should end the search: every missing import at once with the flag that helps, the nearest names for one that does not exist, the guest's own
//! frames with file and line where the compiler left them, and for a limit its flag. Assumes that names and texts come from a hostile module: all
//! of them go through [`printable`]. Promises that no frame and no address of the host is shown.

use std::fmt::Write as _;
use std::io;
use std::process::ExitCode;

use whit_component::{Problem, RuntimeTrap};
use whit_core::{Error, ErrorKind, FrameInfo, ImportProblem, LimitExceeded, LinkError, TrapCode, WasmBacktrace};

use crate::args::WasmSettings;
use crate::dwarf::Lines;
use crate::terminal::printable;

/// What a shell sees of a program that trapped: that of an abort.
const TRAPPED: u8 = if cfg!(windows) { 3 } else { 134 };

/// Why the program ends, other than well.
#[derive(Debug)]
pub struct Failure {
    /// What to print; without the word "error".
    pub message: String,
    /// The exit status.
    pub status: u8,
}

impl Failure {
    /// A failure with the status of a mistake.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), status: 1 }
    }

    /// Prints the message and returns the exit status.
    pub fn exit(self) -> ExitCode {
        eprintln!("error: {}", self.message);
        ExitCode::from(self.status)
    }
}

/// A module or component that cannot be loaded.
pub fn refused(file: &str, error: &Error) -> Failure {
    let what = match error.kind() {
        ErrorKind::Parse => "is not a well-formed module or component",
        ErrorKind::Validation => "is not a valid module or component",
        _ => "cannot be loaded",
    };
    // The parser pads some of its numbers.
    let why = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    Failure::new(format!("{} {what}: {}", printable(file), printable(&why)))
}

/// A module or component that cannot be linked or instantiated, or a call that did not return.
pub fn ended(error: &Error, settings: &WasmSettings) -> Failure {
    if let Some(link) = error.downcast_ref::<LinkError>() {
        return Failure::new(unlinkable(link));
    }
    if let Some(link) = error.downcast_ref::<whit_component::LinkError>() {
        return Failure::new(unlinkable_component(link));
    }
    if let Some(trap) = error.as_trap() {
        let mut message = match (trap.code(), settings.timeout) {
            (TrapCode::Timeout, Some(limit)) => format!("trap: the time limit of {limit:?} is over (-W timeout)\n"),
            _ => format!("trap: {}\n", printable(&trap.to_string())),
        };
        explain(trap.code(), settings, &mut message);
        if let Some(frames) = trap.backtrace() {
            backtrace(frames, &mut message);
        }
        return Failure { message: message.trim_end().to_string(), status: TRAPPED };
    }
    let mut message = printable(&error.to_string());
    message.push('\n');
    if let Some(limit) = error.downcast_ref::<LimitExceeded>() {
        let help = match limit.what() {
            "bytes of a memory" => match settings.max_memory_size {
                Some(bytes) => format!("a memory may have {bytes} bytes (-W max-memory-size)"),
                None => "`-W max-memory-size=BYTES` allows more than 4 GiB".into(),
            },
            "elements of a table" => "`-W max-table-elements=N` allows more".into(),
            _ => return Failure::new(message.trim_end()),
        };
        let _ = writeln!(message, "  help: {help}");
    }
    if let Some(RuntimeTrap::TooManyHandles) = error.downcast_ref() {
        message.push_str("  help: `-W max-handles=N` allows more\n");
    }
    if let Some(frames) = error.as_exception().and_then(|exception| exception.backtrace()) {
        backtrace(frames, &mut message);
    }
    Failure::new(message.trim_end())
}

/// What the system says, without its number for it.
pub fn said(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error ").map_or(text.as_str(), |(text, _)| text).to_string()
}

/// For a trap that a flag could have prevented: the flag.
fn explain(code: TrapCode, settings: &WasmSettings, message: &mut String) {
    let help = match code {
        TrapCode::OutOfFuel => match settings.fuel {
            Some(fuel) => format!("the program may use {fuel} units of fuel (-W fuel)"),
            None => return,
        },
        TrapCode::StackOverflow => "`-W max-wasm-stack=BYTES` gives the program more stack".into(),
        TrapCode::InvalidFunction => "`whit validate` checks every function of a module before it runs".into(),
        _ => return,
    };
    let _ = writeln!(message, "  help: {help}");
}

fn unlinkable(error: &LinkError) -> String {
    let (wrong, missing): (Vec<_>, Vec<_>) = error.problems().iter().partition(|problem| problem.actual().is_some());
    let mut message = String::new();
    if !missing.is_empty() {
        let plural = if missing.len() == 1 { "an import that nobody provides" } else { "imports that nobody provides" };
        let _ = writeln!(message, "the module needs {plural}:");
        for problem in &missing {
            let _ = writeln!(message, "  {}", wanted(problem));
        }
    }
    for problem in &wrong {
        if let Some(actual) = problem.actual() {
            let _ = writeln!(message, "an import has another type: {}, and not {actual}", wanted(problem));
        }
    }
    let mut reasons: Vec<&str> = missing.iter().filter_map(|problem| origin(problem)).collect();
    reasons.sort_unstable();
    reasons.dedup();
    for reason in reasons {
        let _ = writeln!(message, "  note: {reason}");
    }
    if missing.iter().any(|problem| matches!(problem.expected(), whit_core::ExternType::Func(_))) {
        message.push_str("  help: with `-W unknown-imports-trap` the module starts, and traps where it calls one of these functions\n");
    }
    message.trim_end().to_string()
}

fn unlinkable_component(error: &whit_component::LinkError) -> String {
    let (missing, wrong): (Vec<_>, Vec<_>) =
        error.problems().iter().partition(|problem| matches!(problem.problem(), Problem::Missing { .. }));
    let mut message = String::new();
    // The functions and types of an interface are missing together.
    let mut interfaces: Vec<(&str, Vec<&str>, Option<&str>)> = Vec::new();
    for problem in &missing {
        let mut path = problem.path();
        let interface = path.next().unwrap_or_default();
        if interfaces.last().is_none_or(|(known, ..)| *known != interface) {
            let nearest = match problem.problem() {
                Problem::Missing { nearest } => nearest.as_deref(),
                _ => None,
            };
            interfaces.push((interface, Vec::new(), nearest));
        }
        if let (Some((_, names, _)), Some(name)) = (interfaces.last_mut(), path.next()) {
            names.push(name);
        }
    }
    if !interfaces.is_empty() {
        let plural =
            if interfaces.len() == 1 { "an import that nobody provides" } else { "imports that nobody provides" };
        let _ = writeln!(message, "the component needs {plural}:");
    }
    for (interface, names, nearest) in &interfaces {
        const SHOWN: usize = 3;
        let mut line = printable(interface);
        if !names.is_empty() {
            let shown: Vec<String> = names.iter().take(SHOWN).map(|name| printable(name)).collect();
            let _ = write!(line, " ({}", shown.join(", "));
            if names.len() > SHOWN {
                let _ = write!(line, ", and {} more", names.len() - SHOWN);
            }
            line.push(')');
        }
        if let Some(nearest) = nearest {
            let _ = write!(line, "; did you mean `{}`?", printable(nearest));
        }
        let _ = writeln!(message, "  {line}");
    }
    for problem in &wrong {
        let _ = writeln!(message, "an import has another type: {}", printable(&problem.to_string()));
    }
    let mut reasons: Vec<&str> = interfaces.iter().map(|(interface, ..)| component_origin(interface)).collect();
    reasons.sort_unstable();
    reasons.dedup();
    for reason in reasons {
        let _ = writeln!(message, "  note: {reason}");
    }
    if !missing.is_empty() {
        message.push_str("  help: with `-W unknown-imports-trap` the component starts, and traps where it calls one of these functions\n");
    }
    message.trim_end().to_string()
}

/// Where imports of that interface come from, when that says what to do.
fn component_origin(interface: &str) -> &'static str {
    let version = interface.rsplit_once('@').map_or("", |(_, version)| version);
    if interface.starts_with("wasi:") && version.starts_with("0.3") {
        "WASI 0.3 is not supported yet: build the component for WASI 0.2 (`wasm32-wasip2`)"
    } else if interface.starts_with("wasi:") {
        "of WASI 0.2 the packages io, clocks, random, filesystem, sockets, http and cli are supported"
    } else {
        "interfaces other than WASI's have to be provided by the component's own host, or by another component"
    }
}

fn wanted(problem: &ImportProblem) -> String {
    format!("{}::{} {}", printable(problem.module()), printable(problem.name()), problem.expected())
}

/// Where imports of that name come from, when that says what to do.
fn origin(problem: &ImportProblem) -> Option<&'static str> {
    let (module, name) = (problem.module(), problem.name());
    if module.starts_with("wasix") {
        Some("`wasix_*` is an extension of one runtime: build the program for plain WASI")
    } else if module == "wasi_unstable" {
        Some("`wasi_unstable` came before WASI 0.1: build the program with a current toolchain")
    } else if module == "wasi_snapshot_preview1" && name.starts_with("sock_") {
        Some("sockets beyond accept, receive, send and shutdown are an extension of one runtime")
    } else if module.starts_with("wasi:") || module.contains('/') {
        Some("this module is the inside of a component: run the component it was made for")
    } else if module.starts_with("wbg") || module == "__wbindgen_placeholder__" || module == "gojs" {
        Some("the module was built for a JavaScript host: build it for a WASI target")
    } else if module == "env" {
        Some("functions in `env` were left unresolved when the module was linked, or are its host's own")
    } else {
        None
    }
}

/// The guest's frames, the innermost first. Those of endless recursion repeat, singly or in turns, and are shown once.
fn backtrace(backtrace: &WasmBacktrace, message: &mut String) {
    let frames = backtrace.frames();
    if frames.is_empty() {
        return;
    }
    message.push_str("  guest frames, the innermost first:\n");
    let shown: Vec<String> = frames.iter().map(description).collect();
    let mut depth = 0;
    while depth < frames.len() {
        let (period, rounds) = cycle(&shown[depth..]);
        for (depth, frame) in frames.iter().enumerate().skip(depth).take(period) {
            let _ = writeln!(message, "  {depth:>4}: {}", shown[depth]);
            places(frame, message);
        }
        match (period, rounds - 1) {
            (_, 0) => {}
            (1, again) => _ = writeln!(message, "        … and the same {again} times more"),
            (_, again) => _ = writeln!(message, "        … and these {period} in turn {again} times more"),
        }
        depth += period * rounds;
    }
    if backtrace.omitted() > 0 {
        let _ = writeln!(message, "        … {} frames are not shown", backtrace.omitted());
    }
}

/// How many of the first frames come again and again, and how often in all; `(1, 1)` if none do.
fn cycle(frames: &[String]) -> (usize, usize) {
    const LONGEST: usize = 8;
    (1..=LONGEST)
        .filter_map(|period| Some((period, frames.get(..period)?)))
        .map(|(period, first)| (period, frames.chunks_exact(period).take_while(|chunk| *chunk == first).count()))
        // Twice is a function that calls itself; more is a pattern.
        .find(|(_, rounds)| *rounds > 2)
        .unwrap_or((1, 1))
}

/// Where in the sources a frame is. Reading the sections again for each frame costs a moment once, when the program has already failed.
fn places(frame: &FrameInfo, message: &mut String) {
    let Some((lines, offset)) = Lines::read(frame.module().bytes().as_slice()).zip(frame.module_offset()) else {
        return;
    };
    for place in lines.places(u64::from(offset)) {
        let line = place.line.map_or_else(String::new, |line| format!(":{line}"));
        let of = place.function.map_or_else(String::new, |name| format!(" in {}", printable(&name)));
        let _ = writeln!(message, "        at {}{line}{of}", printable(&place.file));
    }
}

/// Module, function and offset of a frame.
fn description(frame: &FrameInfo) -> String {
    let module = frame.module().name().unwrap_or("module");
    format!("{}!{}{}", printable(module), function(frame), offset(frame))
}

fn function(frame: &FrameInfo) -> String {
    match frame.func_name() {
        Some(name) => printable(&format!("{:#}", rustc_demangle::demangle(name))),
        None => format!("function {}", frame.func_index()),
    }
}

fn offset(frame: &FrameInfo) -> String {
    frame.module_offset().map_or_else(String::new, |offset| format!(" ({offset:#x})"))
}

/// The names among `known` that someone who typed `name` may have meant, the nearest first.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let length = name.chars().count();
    // At least one character is the same.
    let limit = (length / 3 + 1).min(length.saturating_sub(1));
    let mut near: Vec<(usize, &str)> =
        known.map(|other| (distance(name, other), other)).filter(|(distance, _)| *distance <= limit).collect();
    near.sort();
    near.into_iter().map(|(_, other)| other).take(3).collect()
}

/// How many characters must be inserted, deleted or replaced to turn one name into the other.
fn distance(a: &str, b: &str) -> usize {
    // Names in modules can be 100,000 characters long; nobody mistyped those.
    if a.len().max(b.len()) > 256 {
        return usize::MAX;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_that_repeat_are_found_and_others_are_left_alone() {
        let frames = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        assert_eq!(cycle(&frames("aaaab")), (1, 4));
        assert_eq!(cycle(&frames("abababa")), (2, 3));
        assert_eq!(cycle(&frames("aab")), (1, 1));
        assert_eq!(cycle(&frames("a")), (1, 1));
    }

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["fib", "factorial", "memory"];
        assert_eq!(nearest("fbi", known.iter().copied()), ["fib"]);
        assert_eq!(nearest("factoral", known.iter().copied()), ["factorial"]);
        assert!(nearest("quicksort", known.iter().copied()).is_empty());
        assert!(nearest("g", ["v"].into_iter()).is_empty() && nearest("", ["v"].into_iter()).is_empty());
        assert_eq!((distance("", "abc"), distance("kitten", "sitting")), (3, 3));
    }
}
