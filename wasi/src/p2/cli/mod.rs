//! `wasi:cli`, what a command imports of it.

pub(super) mod environment;
pub(super) mod exit;
pub(super) mod stdio;
pub(super) mod terminal;
