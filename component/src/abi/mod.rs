//! The canonical ABI, as pure functions over types: how values lie in memory and which core values they are passed as.

pub mod flat;
pub mod layout;
