//! `wasi:config`, a draft: at its version 0.2.0-rc.1 and no other.

pub(crate) mod store;
