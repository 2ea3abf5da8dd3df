//! `whit validate`: files → whether each is a valid module or component.

use std::process::ExitCode;

use serde_json::json;
use whit_component::Component;
use whit_core::{CompilationMode, ErrorKind, Module, ParseError, ValidationError};

use crate::args::Validate;
use crate::engine::engine;
use crate::load::{is_component, load, shown};
use crate::print;
use crate::report::{self, Failure};

/// Validates every file, and fails in the end if any was not valid.
pub fn run(asked: &Validate) -> Result<ExitCode, Failure> {
    let engine = engine(&asked.wasm.resolve(), CompilationMode::ValidateThenLazy, false)?;
    let mut status = ExitCode::SUCCESS;
    for file in &asked.files {
        let name = shown(file);
        let verdict = load(file).map_err(|failure| (failure, None)).and_then(|bytes| {
            let valid = match is_component(&bytes) {
                true => Component::validate(&engine, &bytes),
                false => Module::validate(&engine, &bytes),
            };
            valid.map_err(|error| (report::refused(&name, &error), Some(error)))
        });
        let (valid, failure, error) = match verdict {
            Ok(()) => (true, None, None),
            Err((failure, error)) => (false, Some(failure), error),
        };
        if !valid {
            status = ExitCode::FAILURE;
        }
        if asked.json {
            let offset = error.as_ref().and_then(|error| {
                let parse = error.downcast_ref::<ParseError>().map(ParseError::offset);
                parse.or_else(|| error.downcast_ref::<ValidationError>().map(ValidationError::offset))
            });
            let stage = error.map(|error| match error.kind() {
                ErrorKind::Parse => "malformed",
                ErrorKind::Validation => "invalid",
                _ => "refused",
            });
            let message = failure.map(|failure| failure.message);
            print(&format!(
                "{}\n",
                json!({ "file": name, "valid": valid, "stage": stage, "offset": offset, "message": message })
            ))?;
        } else if let Some(failure) = failure {
            eprintln!("error: {}", failure.message);
        }
    }
    Ok(status)
}
