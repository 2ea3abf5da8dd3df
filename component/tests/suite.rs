//! Every component of the component-model suite is loaded: valid ones load, the others are refused at the right stage.
//!
//! What the scripts ask of a component that runs is asked elsewhere. Components whose text the tool itself refuses are counted apart.
//! (The tool takes the strict syntax for indices that the suite is written in, unless `WAST_STRICT_COMPONENT_INDICES` is 0.)

use std::io::Write;
use std::path::{Path, PathBuf};

use wast::parser::{ParseBuffer, parse};
use wast::token::Span;
use wast::{QuoteWat, Wast, WastDirective, WastExecute};
use whit_component::Component;
use whit_core::{CompilationMode, Config, Engine, ErrorKind};

#[derive(Default, Debug)]
struct Counts {
    files: u32,
    valid: u32,
    invalid: u32,
    malformed: u32,
    refused_as_text: u32,
}

#[test]
fn the_components_of_the_suite_load_or_are_refused_at_the_right_stage() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().and_then(Path::parent).expect("in a repository");
    let folder = top.join("shared").join("component-model-tests").join("current");
    if !folder.is_dir() {
        let what = "ABSENT: ../shared/component-model-tests: no component of the suite is loaded";
        let _ = writeln!(std::io::stderr(), "{what}");
        return;
    }
    let mut scripts = Vec::new();
    find(&folder, &mut scripts);
    scripts.sort();
    let mut config = Config::new();
    config.compilation_mode(CompilationMode::ValidateThenLazy);
    let engine = Engine::new(&config).expect("the configuration is good");
    let (mut counts, mut problems) = (Counts::default(), Vec::new());
    for path in scripts {
        counts.files += 1;
        script(&engine, &path, &mut counts, &mut problems);
    }
    let _ = writeln!(std::io::stderr(), "{counts:?}");
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    let Counts { files, valid, invalid, malformed, .. } = counts;
    assert!(files >= 72 && valid >= 300 && invalid >= 300 && malformed >= 50, "{counts:?}");
}

fn find(folder: &Path, scripts: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            find(&path, scripts);
        } else if path.extension().is_some_and(|extension| extension == "wast") {
            scripts.push(path);
        }
    }
}

fn script(engine: &Engine, path: &Path, counts: &mut Counts, problems: &mut Vec<String>) {
    let text = std::fs::read_to_string(path).expect("readable");
    let buffer = ParseBuffer::new(&text).expect("a script");
    let script = parse::<Wast<'_>>(&buffer).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut problem = |span: Span, what: String| {
        let (line, _) = span.linecol_in(&text);
        problems.push(format!("{}:{}: {what}", path.display(), line + 1));
    };
    for directive in script.directives {
        let span = directive.span();
        match directive {
            WastDirective::Module(component) | WastDirective::ModuleDefinition(component) => {
                valid(engine, component, counts).unwrap_or_else(|what| problem(span, what));
            }
            WastDirective::AssertTrap { exec: WastExecute::Wat(component), .. }
            | WastDirective::AssertUnlinkable { module: component, .. } => {
                valid(engine, QuoteWat::Wat(component), counts).unwrap_or_else(|what| problem(span, what));
            }
            WastDirective::AssertInvalid { module, message, .. } => match stage(engine, module) {
                Stage::Text => counts.refused_as_text += 1,
                Stage::Refused(ErrorKind::Validation, _) => counts.invalid += 1,
                found => problem(span, format!("is invalid ({message}): {found:?}")),
            },
            WastDirective::AssertMalformed { module, message, .. } => match stage(engine, module) {
                Stage::Text => counts.refused_as_text += 1,
                Stage::Refused(ErrorKind::Parse, _) => counts.malformed += 1,
                found => problem(span, format!("is malformed ({message}): {found:?}")),
            },
            _ => {}
        }
    }
}

/// Loads a valid component, and looks at all of it.
fn valid(engine: &Engine, mut component: QuoteWat<'_>, counts: &mut Counts) -> Result<(), String> {
    counts.valid += 1;
    let bytes = component.encode().map_err(|error| error.to_string())?;
    let component = Component::new(engine, bytes).map_err(|error| error.to_string())?;
    let imports = component.imports().map(|import| format!("{}: {:?}", import.name(), import.ty()));
    let exports = component.exports().map(|export| format!("{}: {:?}", export.name(), export.ty()));
    let seen: Vec<String> = imports.chain(exports).collect();
    let listing = component.disassemble();
    match listing.lines().count() >= seen.len() && seen.iter().all(|text| text.len() > 3) {
        true => Ok(()),
        false => Err("what is imported and exported is not listed".into()),
    }
}

#[derive(Debug)]
enum Stage {
    /// The tool that makes binaries of text refuses it.
    Text,
    Refused(ErrorKind, #[allow(dead_code, reason = "shown by Debug")] String),
    Loaded,
}

fn stage(engine: &Engine, mut component: QuoteWat<'_>) -> Stage {
    let Ok(bytes) = component.encode() else { return Stage::Text };
    match Component::new(engine, bytes) {
        Ok(_) => Stage::Loaded,
        Err(error) => Stage::Refused(error.kind(), error.to_string()),
    }
}
