//! Counts of executed ops and pairs of ops: which fusions would pay. Only in builds with the feature `profile`, on the loop engine.

use std::sync::atomic::{AtomicU64, Ordering};
use std::vec::Vec;

use crate::code::OpCode;

const OPS: usize = OpCode::ALL.len();

/// `PAIRS[first * OPS + second]`.
static PAIRS: [AtomicU64; OPS * OPS] = [const { AtomicU64::new(0) }; OPS * OPS];

/// `second` runs directly after `first`.
#[inline(always)]
pub(crate) fn count(first: OpCode, second: OpCode) {
    PAIRS[first as usize * OPS + second as usize].fetch_add(1, Ordering::Relaxed);
}

/// The most frequent ops and pairs since the start of the process, most frequent first: `(names, count)`.
pub fn op_counts() -> (u64, Vec<(&'static str, u64)>, Vec<(&'static str, &'static str, u64)>) {
    let mut singles: Vec<(&'static str, u64)> = OpCode::ALL.iter().map(|op| (op.name(), 0)).collect();
    let mut pairs = Vec::new();
    let mut total = 0;
    for (index, cell) in PAIRS.iter().enumerate() {
        let count = cell.load(Ordering::Relaxed);
        if count > 0 {
            let (first, second) = (OpCode::ALL[index / OPS], OpCode::ALL[index % OPS]);
            singles[second as usize].1 += count;
            pairs.push((first.name(), second.name(), count));
            total += count;
        }
    }
    singles.retain(|(_, count)| *count > 0);
    singles.sort_unstable_by_key(|(_, count)| core::cmp::Reverse(*count));
    pairs.sort_unstable_by_key(|(_, _, count)| core::cmp::Reverse(*count));
    (total, singles, pairs)
}
