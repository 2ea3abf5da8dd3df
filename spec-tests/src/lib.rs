//! Runs the suites that WebAssembly is specified by.
//!
//! ```text
//! .wast text ──script (wast)──▶ directives ──runner──▶ verdict per directive ──▶ report per file, totals
//! path + header ──features──▶ proposals of the file        expectations.toml ──▶ known deviations
//! WASI program + .json ──wasi──▶ verdict per program
//! ```
//!
//! A library, because `whit wast` and this crate's own tests run the same code. It uses the engine only through its public API, so that
//! what passes here is what an embedder gets. Next: [`script`], then [`runner`].

#![forbid(unsafe_code)]

pub mod component;
pub mod expectations;
pub mod features;
pub mod matching;
pub mod report;
pub mod runner;
pub mod script;
pub mod spectest;
pub mod wasi;

/// The example of the README runs as it stands there.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
