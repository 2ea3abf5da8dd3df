//! A component's bytes become [`Definition`](items::Definition)s: what each component in the binary defines, in order, validated.
//!
//! wasmparser reads and validates; [`items`] keeps what instantiation needs, with the validator's answers about types beside it, and
//! [`diagnose`] tells malformed from invalid. What the items denote is [`crate::plan`]'s business.

pub mod diagnose;
pub mod items;
