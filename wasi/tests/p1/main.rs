//! WASI 0.1 as a guest sees it, through the public API: one file per subject, names state the behaviour.
//!
//! The attack list's lines for files are in `escape` and `grants`, those for sizes and offsets in `files`, `listing` and
//! `poll`, and `hostile` calls everything with anything.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests prepare and inspect the host's side")]

mod escape;
mod files;
mod grants;
mod guest;
mod hostile;
mod listing;
mod poll;
mod sock;
mod streams;
