//! What stands for paged memories in builds without the feature `paged`: a type without values, so that no code is left of its uses.

use core::ops::Range;

use crate::runtime::table::GrowError;
use crate::trap::TrapCode;

/// There is none.
pub(crate) enum PagedMemory {}

impl PagedMemory {
    /// Never called: settings that ask for a paged memory are refused.
    pub(super) fn new() -> Result<Self, GrowError> {
        Err(GrowError::Limit)
    }

    pub(super) fn byte_len(&self) -> u64 {
        match *self {}
    }

    pub(super) fn resize(&mut self, _: usize) -> Result<(), GrowError> {
        match *self {}
    }

    pub(super) fn read(&self, _: usize, _: &mut [u8]) {
        match *self {}
    }

    pub(super) fn write(&mut self, _: usize, _: &[u8]) -> Result<(), TrapCode> {
        match *self {}
    }

    pub(super) fn fill(&mut self, _: Range<usize>, _: u8) -> Result<(), TrapCode> {
        match *self {}
    }

    pub(super) fn lay_under(&mut self, _: usize, _: &'static [u8]) -> Result<(), TrapCode> {
        match *self {}
    }

    pub(crate) fn load(&self, _: usize, _: usize) -> u64 {
        match *self {}
    }

    pub(crate) fn store(&mut self, _: usize, _: usize, _: u64) -> Result<(), TrapCode> {
        match *self {}
    }

    pub(crate) fn address(&mut self, _: usize) -> Result<*mut u8, TrapCode> {
        match *self {}
    }
}
