//! Functions of a store, in the form calls need them: making a [`FuncRecord`].

use crate::error::{Error, Result};
use crate::runtime::context::FuncRecord;
use crate::types::{FuncType, ValType};

/// The slots that a call's arguments take: numbers first, references behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ArgumentSlots {
    /// Slots of number and vector values; a vector takes two.
    pub numbers: u16,
    /// Slots of references.
    pub references: u16,
}

impl ArgumentSlots {
    /// The slots of these values.
    pub(crate) fn of(types: &[ValType]) -> Result<Self> {
        let references = types.iter().filter(|ty| ty.is_ref()).count();
        let all: u32 = types.iter().map(ValType::slots).sum();
        let slots = |count: usize| u16::try_from(count).map_err(|_| Error::limit("parameters of a function"));
        Ok(Self { numbers: slots(all as usize - references)?, references: slots(references)? })
    }

    /// The slots of the function's parameters.
    pub(crate) fn of_params(ty: &FuncType) -> Result<Self> {
        Self::of(ty.params())
    }
}

impl FuncRecord {
    /// What stands in [`FuncRecord::host`] of a function that a module defines.
    pub(crate) const NOT_HOST: u32 = u32::MAX;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_take_two_slots_and_references_are_apart() {
        let types = [ValType::V128, ValType::FUNCREF, ValType::I32, ValType::EXTERNREF];
        let slots = ArgumentSlots::of(&types).expect("few parameters");
        assert_eq!((slots.numbers, slots.references), (3, 2));
    }
}
