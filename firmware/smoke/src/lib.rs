//! What the smoke programs share: an engine for a small machine, and what can go wrong.

#![no_std]
#![forbid(unsafe_code)]

use core::fmt::{self, Display};

use whit_core::{Config, Engine, Error};

/// Bytes of value stack, part of the heap: enough for every guest here, and a bound that a runaway one meets.
pub const VALUE_STACK: usize = 16 * 1024;

/// An engine whose limits fit a microcontroller.
///
/// # Errors
/// If Whit refuses the settings.
pub fn engine() -> Result<Engine, Failure> {
    let mut config = Config::new();
    config.max_wasm_stack(VALUE_STACK);
    Ok(Engine::new(&config)?)
}

/// Compares a guest's result with the one it must have.
///
/// # Errors
/// If they differ.
pub fn check(what: &'static str, found: i64, expected: i64) -> Result<(), Failure> {
    whit_board::println!("{what} = {found}");
    if found == expected { Ok(()) } else { Err(Failure::Wrong { what, found, expected }) }
}

/// Why a program failed.
#[derive(Debug)]
pub enum Failure {
    /// Whit returned an error.
    Whit(Error),
    /// The guest computed something else than it must.
    Wrong {
        /// The value compared.
        what: &'static str,
        /// What the guest computed.
        found: i64,
        /// What is right.
        expected: i64,
    },
    /// The guest lacks an export it should have.
    NoMemory,
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whit(error) => error.fmt(f),
            Self::Wrong { what, found, expected } => write!(f, "{what} is {found}, not {expected}"),
            Self::NoMemory => f.write_str("the guest exports no memory"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Whit(error)
    }
}
