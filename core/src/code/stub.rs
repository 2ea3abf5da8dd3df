//! What functions lead to until they are translated: one `translate` op for each, in one allocation for all.

use alloc::collections::TryReserveError;
use alloc::vec::Vec;

use super::op;
use super::shape::Translate;

/// A `translate` op as it stands in code.
#[derive(Clone, Copy, Debug)]
#[repr(C, packed(2))]
struct TranslateStub {
    opcode: u16,
    shape: Translate,
}

/// The stubs of a module's defined functions. Never changed; a vector and not a box, because moving a box claims what it holds for itself, and
/// entries point there while the module is put together.
#[derive(Debug)]
pub(crate) struct TranslateStubs(Vec<TranslateStub>);

impl TranslateStubs {
    /// Stubs for `count` functions.
    pub(crate) fn new(count: usize) -> Result<TranslateStubs, TryReserveError> {
        let mut stubs = Vec::new();
        stubs.try_reserve_exact(count)?;
        let opcode = op::translate.opcode as u16;
        stubs.extend((0..count as u32).map(|function| TranslateStub { opcode, shape: Translate { function } }));
        Ok(TranslateStubs(stubs))
    }

    /// Where the code of a defined function begins before there is any.
    pub(crate) fn entry(&self, defined: usize) -> *mut u8 {
        debug_assert!(defined < self.0.len());
        self.0.as_ptr().wrapping_add(defined).cast::<u8>().cast_mut()
    }
}
