//! What a component may amount to: finite by default, each limit with a name.
//!
//! A component of a few hundred bytes can instantiate itself inside itself a million times over, so what is bounded is not only what a
//! binary declares (that bounds wasmparser, as for modules) but what following it produces. [`limit_handles`] bounds what components that run hold.

use whit_core::{AsContextMut, Error};

use crate::runtime::Runtime;

/// How much a component may amount to when it is loaded. What exceeds a limit is refused as a
/// [`ParseError`](whit_core::ParseError) that names it.
///
/// # Worst case
/// Loading goes through a parser that cannot report failed allocations, so it is bounded beforehand. Besides what is bounded by the
/// size of the binary, as for modules ([`ModuleLimits`](whit_core::ModuleLimits)), a plan and what is needed to make it take at most 128
/// bytes for each step, and the types another 512 bytes each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComponentLimits {
    pub(crate) component_size: u32,
    pub(crate) nesting: u32,
    pub(crate) instances: u32,
    pub(crate) core_instances: u32,
    pub(crate) types: u32,
    pub(crate) steps: u32,
}

impl Default for ComponentLimits {
    fn default() -> Self {
        Self {
            component_size: 1 << 30,
            nesting: 100,
            instances: 10_000,
            core_instances: 10_000,
            types: 100_000,
            steps: 1_000_000,
        }
    }
}

/// One setter for each limit.
macro_rules! setters {
    ($( $(#[$doc:meta])* $name:ident; )*) => { $(
        $(#[$doc])*
        #[must_use]
        pub const fn $name(mut self, limit: u32) -> Self {
            self.$name = limit;
            self
        }
    )* };
}

impl ComponentLimits {
    /// The default limits.
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Bytes of the whole component. Never more than 4 GiB. 1 GiB by default.
        component_size;
        /// How deep components may be defined, and instantiated, within components, and instances be exported by instances. 100 by
        /// default.
        nesting;
        /// Component instances, nested ones included. 10,000 by default.
        instances;
        /// Core instances, those of nested components included. 10,000 by default.
        core_instances;
        /// Value types that are made of others, and function types. Each counts once, but once for each instance whose resources it
        /// mentions. 100,000 by default.
        types;
        /// Definitions followed, counting those of a nested component each time that it is instantiated, and each import, export,
        /// argument and field that they list. 1,000,000 by default.
        steps;
    }
}

/// Sets how many handles of resources the components of a store may have at once, those that the host holds for them included: the limit `max-handles`,
/// 1,048,576 by default. A component that needs one more traps with
/// [`RuntimeTrap::TooManyHandles`](crate::RuntimeTrap::TooManyHandles). Places in tables are counted, which are used again and never given back, so
/// a limit below what is there already only keeps tables from growing.
///
/// # Errors
/// The host has no memory left.
pub fn limit_handles(mut store: impl AsContextMut<Data: 'static>, limit: u32) -> Result<(), Error> {
    Runtime::of(&mut store.as_context_mut())?.room.limit = limit;
    Ok(())
}
