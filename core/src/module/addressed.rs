//! [`AddressedFunctions`]: which of the functions that a module defines need an address in the store.
//!
//! Those that something other than a direct call can reach: exports, the start function, and all of the specification's
//! `refs` (what element segments and constant expressions name; a body may refer to no others). They are few, and only they
//! cost an instance anything. Found while the sections go by, never changed afterwards.

use alloc::collections::TryReserveError;
use alloc::vec::Vec;

/// A set of defined functions that knows how many of its members stand before one.
#[derive(Debug, Default)]
pub(crate) struct AddressedFunctions {
    groups: Vec<Group>,
}

/// Functions that stand side by side, as many as a word has bits.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    members: u32,
    /// How many members earlier groups have, once the set is [complete](AddressedFunctions::complete).
    before: u32,
}

impl AddressedFunctions {
    /// Adds the defined function with this number, for which room is made.
    pub(crate) fn add(&mut self, defined: u32) -> Result<(), TryReserveError> {
        let at = (defined / u32::BITS) as usize;
        if at >= self.groups.len() {
            self.groups.try_reserve(at + 1 - self.groups.len())?;
            self.groups.resize(at + 1, Group::default());
        }
        self.groups[at].members |= 1 << (defined % u32::BITS);
        Ok(())
    }

    /// Counts the members, when all are there.
    pub(crate) fn complete(mut self) -> Self {
        let mut before = 0;
        for group in &mut self.groups {
            group.before = before;
            before += group.members.count_ones();
        }
        self
    }

    /// How many members there are.
    pub(crate) fn count(&self) -> u32 {
        self.groups.last().map_or(0, |last| last.before + last.members.count_ones())
    }

    /// How many members stand before this one; `None` if it is none.
    #[inline(always)] // handlers, which may not call anything, look into it
    pub(crate) fn position(&self, defined: u32) -> Option<u32> {
        let group = self.groups.get((defined / u32::BITS) as usize)?;
        let member = 1 << (defined % u32::BITS);
        let lower = group.members & (member - 1);
        (group.members & member != 0).then(|| group.before + lower.count_ones())
    }

    /// The members, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.groups.iter().zip(0..).flat_map(|(group, number)| {
            let mut left = group.members;
            core::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(number * u32::BITS + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_numbered_in_their_order() {
        let members = [0, 5, 31, 32, 95, 200];
        let mut set = AddressedFunctions::default();
        for member in members.iter().rev().chain(&members) {
            set.add(*member).expect("memory");
        }
        let set = set.complete();
        assert_eq!(set.count(), members.len() as u32);
        assert!(set.iter().eq(members));
        for (position, member) in (0..).zip(members) {
            assert_eq!(set.position(member), Some(position));
        }
        for other in [1, 30, 33, 64, 96, 201, 1000, u32::MAX] {
            assert_eq!(set.position(other), None, "{other}");
        }
        assert_eq!((AddressedFunctions::default().count(), AddressedFunctions::default().position(0)), (0, None));
    }
}
