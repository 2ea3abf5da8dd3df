//! References that must survive the evaluation of a constant expression: a stack that the collector visits.
//!
//! It is cut back when the expression has its value. What an embedder keeps is counted elsewhere, in
//! [`handles`](crate::runtime::handles); what running code keeps lies in its frames.

use alloc::vec::Vec;

use super::{Handle, Heap, HeapError};

/// How many roots there were; see [`Heap::enter_scope`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct RootScope(usize);

#[derive(Debug, Default)]
pub(super) struct Roots(Vec<Handle>);

impl Roots {
    /// Bytes that the stack takes.
    pub(super) fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<Handle>()
    }

    pub(super) fn for_each(&self, visit: impl FnMut(Handle)) {
        self.0.iter().copied().for_each(visit);
    }
}

impl Heap {
    /// Starts a scope: [`exit_scope`](Self::exit_scope) drops the roots made since.
    pub(crate) fn enter_scope(&self) -> RootScope {
        RootScope(self.roots.0.len())
    }

    /// Drops the roots made since the scope was entered.
    pub(crate) fn exit_scope(&mut self, scope: RootScope) {
        self.roots.0.truncate(scope.0);
    }

    /// Keeps the object behind a reference until the present scope is left.
    pub(crate) fn root_scoped(&mut self, handle: Handle) -> Result<(), HeapError> {
        let reserved = self.reserved_bytes();
        super::reserve_table(&mut self.roots.0, self.limit, reserved)?;
        self.roots.0.push(handle);
        Ok(())
    }
}
