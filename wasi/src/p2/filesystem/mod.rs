//! `wasi:filesystem`.

pub(super) mod preopens;
pub(super) mod types;
