//! Timing of Whit beside its peers: each module under [`questions`] turns guests and runtimes into one table.
//!
//! ```text
//! guests (kernels.tsv, wasm) ─┐
//!                             ├─▶ questions {compute, startup, calls, footprint, components} ─▶ table
//! peers (one adapter each) ───┤
//! components (likewise) ──────┘
//! ```
//!
//! A time is printed only for a result that was checked: a kernel's checksum is known before the first measurement, from
//! a native build of the same source. Times are the least of several rounds in one process, and every runtime runs once
//! in each round, so that a change of clock speed or a busy neighbour meets all of them. A runtime that is not built in,
//! or that cannot run a guest, appears by name with the reason.
//!
//! Start with [`peers`] for what a runtime must offer, then [`questions::compute`].

#![forbid(unsafe_code)]

pub mod components;
pub mod guests;
pub mod measure;
pub mod peers;
pub mod questions;
pub mod table;
pub mod trial;
