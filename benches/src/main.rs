//! Timing of Whit beside its peers: builds the tables of `docs/performance.md`.

fn main() {}
