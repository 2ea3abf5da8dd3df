//! `whit inspect --explain`: a module or component and grants → what it could reach, before it runs.
//!
//! Each import belongs to a capability; what is granted of that, or which flag would grant it, is said for all of them, and what nobody provides is named as
//! a run would name it. Nothing of the guest runs, no directory is opened and no port is bound. Assumes that names come from a hostile guest.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::process::ExitCode;

use serde_json::{Value, json};
use whit_component::{Component, ExternType};
use whit_core::{CompilationMode, Error, Module};

use crate::args::{DirGrant, Granted, Inspect, NetGrant, WasmSettings};
use crate::component;
use crate::engine::engine;
use crate::grants;
use crate::load::{is_component, load, shown};
use crate::print;
use crate::report::{self, Failure};
use crate::run;
use crate::terminal::printable;

/// Prints what is reached.
pub fn explain(asked: &Inspect) -> Result<ExitCode, Failure> {
    let granted = grants::resolve(&asked.grants, &asked.wasm)?;
    let engine = engine(&granted.wasm, CompilationMode::Lazy, false)?;
    let name = shown(&asked.file);
    let bytes = load(&asked.file)?;
    let refused = |error: Error| report::refused(&name, &error);
    let (kind, wants, linked) = if is_component(&bytes) {
        let component = Component::new(&engine, bytes).map_err(refused)?;
        let linked = component::linker(&component, &granted.wasm).and_then(|linker| linker.instantiate_pre(&component));
        ("component", wants_of_component(&component), linked.map(drop))
    } else {
        let module = Module::new(&engine, bytes).map_err(refused)?;
        let linked = run::linker(&module, &granted.wasm).and_then(|linker| linker.instantiate_pre(&module));
        ("module", wants_of_module(&module), linked.map(drop))
    };
    let explained = Explained {
        reaches: reaches(&wants, &granted),
        others: others(&wants),
        limits: limits(&granted.wasm),
        problem: linked.err().map(|error| report::ended(&error, &granted.wasm).message),
    };
    let text = match asked.json {
        true => format!("{:#}\n", explained.to_json(&name, kind)),
        false => explained.to_text(&name, kind),
    };
    print(&text).map(|()| ExitCode::SUCCESS)
}

/// Something that is imported: the module or interface, without its version, and the function in it.
struct Want {
    from: String,
    version: String,
    name: String,
}

fn wants_of_component(component: &Component) -> Vec<Want> {
    let mut wants = Vec::new();
    for import in component.imports() {
        let interface = import.implements().unwrap_or(import.name());
        let (from, version) = interface.split_once('@').unwrap_or((interface, ""));
        let want = |name: &str| Want { from: from.into(), version: version.into(), name: name.into() };
        match import.ty() {
            ExternType::Instance(instance) => {
                let before = wants.len();
                let functions = instance.exports().filter(|(_, item)| matches!(item, ExternType::Func(_)));
                wants.extend(functions.map(|(name, _)| want(name)));
                if wants.len() == before {
                    wants.push(want(""));
                }
            }
            // A type by itself gives nothing.
            ExternType::Type(_) | ExternType::FuncType(_) => {}
            _ => wants.push(want("")),
        }
    }
    wants
}

fn wants_of_module(module: &Module) -> Vec<Want> {
    let want = |import: whit_core::ImportType<'_>| Want {
        from: import.module().into(),
        version: String::new(),
        name: import.name().into(),
    };
    module.imports().map(want).collect()
}

/// What a guest can do with some of its imports.
struct Capability {
    what: &'static str,
    /// Whether an import is for it.
    is_for: fn(&Want) -> bool,
    judge: fn(&Granted) -> Verdict,
}

/// What the grants come to for a capability.
enum Verdict {
    /// Nobody needs a grant for it.
    Always(&'static str),
    /// These.
    Granted(Vec<String>),
    /// Nothing; these flags would grant something.
    Denied(&'static str),
}

const P1: &str = "wasi_snapshot_preview1";

/// The capabilities; an import belongs to the first that it is for.
const CAPABILITIES: &[Capability] = &[
    Capability {
        what: "files and directories",
        is_for: |want| {
            want.from.starts_with("wasi:filesystem/")
                || want
                    .is_p1(|name| name.starts_with("path_") || name.starts_with("fd_prestat") || name == "fd_readdir")
        },
        judge: |granted| {
            let shown = |grant: &DirGrant| {
                let access = if grant.writable { "may be changed" } else { "read-only" };
                format!("`{}` is {} here, {access}", grant.guest, grant.host.display())
            };
            Verdict::of(granted.dirs.iter().map(shown).collect(), "--dir HOST[::GUEST][:ro|:rw]")
        },
    },
    Capability {
        what: "environment variables",
        is_for: |want| {
            want.is(&["wasi:cli/environment"]) && want.name == "get-environment"
                || want.is_p1(|name| name.starts_with("environ_"))
        },
        judge: |granted| {
            let mut all: Vec<String> = Vec::new();
            if granted.system.inherit_env {
                all.push("the whole environment of this process".into());
            }
            all.extend(granted.env.iter().map(|grant| match grant.value {
                Some(_) => format!("{}, as set", grant.name),
                None => format!("{}, from this process", grant.name),
            }));
            Verdict::of(all, "--env NAME[=VALUE], -S inherit-env")
        },
    },
    Capability {
        what: "arguments",
        is_for: |want| want.is(&["wasi:cli/environment"]) || want.is_p1(|name| name.starts_with("args_")),
        judge: |_| Verdict::Always("the words behind FILE"),
    },
    Capability {
        what: "names in the network",
        is_for: |want| want.is(&["wasi:sockets/ip-name-lookup"]),
        judge: |granted| {
            let all = match granted.system.allow_dns || granted.system.inherit_network {
                true => vec!["the addresses of any name".into()],
                false => granted.allow_net.iter().filter_map(|grant| name(&grant.text)).collect(),
            };
            Verdict::of(all, "--allow-dns, --allow-net NAME:PORT")
        },
    },
    Capability {
        what: "listening and receiving",
        is_for: |want| {
            let accepts = ["bind", "listen", "accept", "receive"].iter().any(|word| want.name.contains(word));
            want.is(&["wasi:sockets/tcp", "wasi:sockets/udp"]) && accepts
        },
        judge: |granted| Verdict::of(granted.network(&granted.allow_bind), "--allow-bind RULE, -S inherit-network"),
    },
    Capability {
        what: "accepting connections",
        is_for: |want| want.is_p1(|name| name.starts_with("sock_")),
        judge: |granted| {
            let shown = |address: &String| format!("{address}, opened before it starts");
            Verdict::of(granted.system.listen.iter().map(shown).collect(), "--listen ADDR")
        },
    },
    Capability {
        what: "connecting and sending",
        is_for: |want| want.from.starts_with("wasi:sockets/"),
        judge: |granted| Verdict::of(granted.network(&granted.allow_net), "--allow-net RULE, -S inherit-network"),
    },
    Capability {
        what: "HTTP requests",
        is_for: |want| want.is(&["wasi:http/outgoing-handler"]),
        judge: |granted| Verdict::of(granted.network(&granted.allow_net), "--allow-net RULE, -S inherit-network"),
    },
    Capability {
        what: "messages of HTTP",
        is_for: |want| want.from.starts_with("wasi:http/"),
        judge: |_| Verdict::Always("gives nothing by itself"),
    },
    Capability {
        what: "configuration",
        is_for: |want| want.from.starts_with("wasi:config/"),
        judge: |granted| {
            Verdict::of(
                granted.system.config.iter().map(|(name, _)| name.clone()).collect(),
                "-S config-var=NAME=VALUE",
            )
        },
    },
    Capability {
        what: "values by key",
        is_for: |want| want.from.starts_with("wasi:keyvalue/"),
        judge: |granted| {
            let system = &granted.system;
            let place = match &system.keyvalue_file {
                Some(path) => format!("in {}", path.display()),
                None => "in memory".into(),
            };
            let bucket = system.has_bucket().then(|| format!("the bucket whose name is empty, {place}"));
            Verdict::of(bucket.into_iter().collect(), "-S keyvalue")
        },
    },
    Capability {
        what: "standard streams",
        is_for: |want| {
            let streams = ["wasi:cli/stdin", "wasi:cli/stdout", "wasi:cli/stderr"];
            want.is(&streams)
                || want.from.starts_with("wasi:cli/terminal-")
                || want.is_p1(|name| name.starts_with("fd_"))
        },
        judge: |_| Verdict::Always("those of this process, and files that are open already"),
    },
    Capability {
        what: "clocks",
        is_for: |want| want.from.starts_with("wasi:clocks/") || want.is_p1(|name| name.starts_with("clock_")),
        judge: |granted| match granted.system.deterministic {
            Some(_) => Verdict::Always("virtual ones (-S deterministic)"),
            None => Verdict::Always("the real ones; `-S deterministic` gives virtual ones"),
        },
    },
    Capability {
        what: "random bytes",
        is_for: |want| want.from.starts_with("wasi:random/") || want.is_p1(|name| name == "random_get"),
        judge: |granted| match granted.system.deterministic {
            Some(_) => Verdict::Always("from a seed (-S deterministic)"),
            None => Verdict::Always("this machine's; `-S deterministic=SEED` takes them from a seed"),
        },
    },
    Capability {
        what: "waiting, and streams of what it has",
        is_for: |want| want.from.starts_with("wasi:io/") || want.is_p1(|name| name == "poll_oneoff"),
        judge: |_| Verdict::Always("gives nothing by itself"),
    },
    Capability {
        what: "ending itself",
        is_for: |want| {
            want.is(&["wasi:cli/exit"]) || want.is_p1(|name| name.starts_with("proc_") || name == "sched_yield")
        },
        judge: |_| Verdict::Always("with a status"),
    },
];

impl Want {
    fn is(&self, interfaces: &[&str]) -> bool {
        interfaces.contains(&self.from.as_str())
    }

    fn is_p1(&self, is: impl Fn(&str) -> bool) -> bool {
        self.from == P1 && is(&self.name)
    }

    /// As it is named in the list of imports: the function of a module, the interface of a component.
    fn shown(&self) -> String {
        match (self.from.contains(':'), self.version.is_empty()) {
            (true, true) => printable(&self.from),
            (true, false) => printable(&format!("{}@{}", self.from, self.version)),
            (false, _) if self.name.is_empty() => printable(&self.from),
            (false, _) if self.from == P1 => printable(&self.name),
            (false, _) => printable(&format!("{}::{}", self.from, self.name)),
        }
    }
}

impl Verdict {
    fn of(granted: Vec<String>, flag: &'static str) -> Self {
        if granted.is_empty() { Self::Denied(flag) } else { Self::Granted(granted) }
    }
}

impl Granted {
    /// The rules, and what else bears on them.
    fn network(&self, rules: &[NetGrant]) -> Vec<String> {
        let by = match (self.system.tcp, self.system.udp) {
            (true, true) => "",
            (true, false) => ", by TCP alone (-S udp=no)",
            (false, true) => ", by UDP alone (-S tcp=no)",
            (false, false) => return Vec::new(),
        };
        let all = self.system.inherit_network.then(|| "the whole network of this machine".to_string());
        all.into_iter().chain(rules.iter().map(|grant| grant.text.clone())).map(|rule| format!("{rule}{by}")).collect()
    }
}

/// The host of a rule, if it is a name.
fn name(rule: &str) -> Option<String> {
    let (host, _) = rule.rsplit_once(':')?;
    let is_name = host.parse::<IpAddr>().is_err() && !host.contains(['/', '[', '*']);
    is_name.then(|| format!("the addresses of {host}"))
}

/// A capability that is wanted, by which imports, and what the grants come to.
struct Reach {
    what: &'static str,
    imports: Vec<String>,
    verdict: Verdict,
}

fn capability(want: &Want) -> Option<usize> {
    CAPABILITIES.iter().position(|capability| (capability.is_for)(want))
}

fn reaches(wants: &[Want], granted: &Granted) -> Vec<Reach> {
    let reach = |(at, capability): (usize, &Capability)| {
        let imports = named(wants.iter().filter(|want| self::capability(want) == Some(at)));
        let verdict = (capability.judge)(granted);
        (!imports.is_empty()).then_some(Reach { what: capability.what, imports, verdict })
    };
    CAPABILITIES.iter().enumerate().filter_map(reach).collect()
}

/// What belongs to no capability.
fn others(wants: &[Want]) -> Vec<String> {
    named(wants.iter().filter(|want| capability(want).is_none()))
}

/// The names of imports, each once.
fn named<'w>(wants: impl Iterator<Item = &'w Want>) -> Vec<String> {
    let mut names: Vec<String> = wants.map(Want::shown).collect();
    names.sort();
    names.dedup();
    names
}

fn limits(settings: &WasmSettings) -> Vec<String> {
    let mut limits = Vec::new();
    limits.extend(settings.fuel.map(|fuel| format!("{fuel} units of fuel")));
    limits.extend(settings.timeout.map(|time| format!("{time:?} of time")));
    limits.extend(settings.max_memory_size.map(|bytes| format!("{bytes} bytes in each memory")));
    limits.extend(settings.max_table_elements.map(|elements| format!("{elements} elements in each table")));
    limits.extend(settings.max_wasm_stack.map(|bytes| format!("{bytes} bytes of stack")));
    limits.extend(settings.max_handles.map(|handles| format!("{handles} handles of resources")));
    limits
}

struct Explained {
    reaches: Vec<Reach>,
    others: Vec<String>,
    limits: Vec<String>,
    /// Why it would not start.
    problem: Option<String>,
}

impl Explained {
    fn to_text(&self, name: &str, kind: &str) -> String {
        let mut text = format!("{name}: {kind}\n\nwith these grants it reaches:\n");
        for Reach { what, imports, verdict } in &self.reaches {
            let word = verdict.word();
            let _ = writeln!(text, "  {word:<8} {what}");
            match verdict {
                Verdict::Always(detail) => _ = writeln!(text, "           {detail}"),
                Verdict::Granted(all) => {
                    all.iter().for_each(|one| _ = writeln!(text, "           {}", printable(one)));
                }
                Verdict::Denied(flag) => _ = writeln!(text, "           granted by {flag}"),
            }
            let _ = writeln!(text, "           imported as {}", imports.join(", "));
        }
        if self.reaches.is_empty() {
            text.push_str("  nothing: it imports nothing that a host could give it\n");
        }
        if !self.others.is_empty() {
            let _ = writeln!(text, "  nothing  is behind {}", self.others.join(", "));
        }
        let limits =
            if self.limits.is_empty() { "the defaults of `whit run` (-W help)".into() } else { self.limits.join(", ") };
        let _ = writeln!(text, "\nlimits: {limits}");
        if let Some(problem) = &self.problem {
            let _ = writeln!(text, "\nit would not start: {problem}");
        }
        text
    }

    fn to_json(&self, name: &str, kind: &str) -> Value {
        let reach = |Reach { what, imports, verdict }: &Reach| {
            let (detail, grant) = match verdict {
                Verdict::Always(detail) => (vec![detail.to_string()], None),
                Verdict::Granted(all) => (all.clone(), None),
                Verdict::Denied(flag) => (Vec::new(), Some(*flag)),
            };
            json!({
                "what": what,
                "verdict": verdict.word(),
                "detail": detail,
                "grant": grant,
                "imports": imports,
            })
        };
        json!({
            "file": name,
            "kind": kind,
            "reaches": self.reaches.iter().map(reach).collect::<Vec<_>>(),
            "others": self.others,
            "limits": self.limits,
            "problem": self.problem,
        })
    }
}

impl Verdict {
    fn word(&self) -> &'static str {
        match self {
            Self::Always(_) => "always",
            Self::Granted(_) => "granted",
            Self::Denied(_) => "denied",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_import_belongs_to_what_it_gives() {
        let of = |from: &str, name: &str| {
            let want = Want { from: from.into(), version: "0.2.0".into(), name: name.into() };
            capability(&want).map_or("nothing", |at| CAPABILITIES[at].what)
        };
        for (from, name, what) in [
            (P1, "path_open", "files and directories"),
            (P1, "fd_prestat_get", "files and directories"),
            (P1, "fd_write", "standard streams"),
            (P1, "environ_get", "environment variables"),
            (P1, "args_sizes_get", "arguments"),
            (P1, "sock_accept", "accepting connections"),
            (P1, "clock_time_get", "clocks"),
            (P1, "poll_oneoff", "waiting, and streams of what it has"),
            (P1, "proc_exit", "ending itself"),
            ("wasi:filesystem/types", "", "files and directories"),
            ("wasi:cli/environment", "get-environment", "environment variables"),
            ("wasi:cli/environment", "get-arguments", "arguments"),
            ("wasi:cli/terminal-stdin", "get-terminal-stdin", "standard streams"),
            ("wasi:sockets/tcp", "[method]tcp-socket.start-connect", "connecting and sending"),
            ("wasi:sockets/tcp", "[method]tcp-socket.start-bind", "listening and receiving"),
            ("wasi:sockets/ip-name-lookup", "resolve-addresses", "names in the network"),
            ("wasi:random/insecure", "get-insecure-random-u64", "random bytes"),
            ("wasi:http/types", "", "messages of HTTP"),
            ("wasi:http/outgoing-handler", "handle", "HTTP requests"),
            ("env", "f", "nothing"),
        ] {
            assert_eq!(of(from, name), what, "{from} {name}");
        }
    }

    #[test]
    fn every_function_of_wasi_01_belongs_somewhere() {
        for function in whit_wasi::p1::FUNCTIONS {
            let want = Want { from: P1.into(), version: String::new(), name: function.name.into() };
            assert!(capability(&want).is_some(), "{}", function.name);
        }
    }

    #[test]
    fn only_names_can_be_looked_up() {
        assert_eq!(name("example.com:443").as_deref(), Some("the addresses of example.com"));
        for rule in ["10.0.0.1:80", "10.0.0.0/8:*", "[::1]:80", "*:443"] {
            assert_eq!(name(rule), None, "{rule}");
        }
    }
}
