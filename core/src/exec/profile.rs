//! Counts of executed ops: which fusions and chains would pay. Only in builds with the feature `profile`, on the loop engine.

use core::fmt;
use std::collections::BTreeMap;
use std::format;
use std::string::{String, ToString};
use std::sync::{Mutex, PoisonError};
use std::vec::Vec;

use crate::code::{OpCode, chain};

/// One op in code that has run.
#[derive(Clone, Copy, Debug)]
pub struct OpPlace {
    /// Its row's name.
    pub name: &'static str,
    /// How often it has run.
    pub count: u64,
    /// How often the op that stands behind it has run right after it.
    pub went_on: u64,
    /// How often it was run by an op before it, without a dispatch.
    pub joined: u64,
    /// Whether the next place is the op that stands behind it.
    pub followed: bool,
}

/// What is known of the op at an address.
#[derive(Clone, Copy)]
struct Counts {
    opcode: OpCode,
    count: u64,
    went_on: u64,
    joined: u64,
}

/// By where the ops stand.
static PLACES: Mutex<BTreeMap<usize, Counts>> = Mutex::new(BTreeMap::new());

/// What one run of code has met last.
pub(crate) struct Counter {
    /// The op, and where it ends.
    last: (usize, usize),
    /// How many of the next ops are part of its chain.
    chained: usize,
}

impl Default for Counter {
    fn default() -> Self {
        Counter { last: (0, usize::MAX), chained: 0 }
    }
}

impl Counter {
    /// Counts the op at `ip`, and says which it is.
    ///
    /// # Safety
    /// I1: an op stands there.
    pub(crate) unsafe fn count(&mut self, ip: *const u16) -> OpCode {
        // SAFETY: I1
        let (opcode, number) = unsafe { (OpCode::at(ip), *ip) };
        let mut places = PLACES.lock().unwrap_or_else(PoisonError::into_inner);
        let behind = ip.addr() == self.last.1;
        if behind && let Some(last) = places.get_mut(&self.last.0) {
            last.went_on += 1;
        }
        let here = places.entry(ip.addr()).or_insert(Counts { opcode, count: 0, went_on: 0, joined: 0 });
        here.count += 1;
        if behind && self.chained > 0 {
            here.joined += 1;
            self.chained -= 1;
        } else {
            self.chained = chain::of(number).map_or(0, |chain| chain.ops().count() - 1);
        }
        self.last = (ip.addr(), ip.addr() + size_of::<u16>() + opcode.shape_len());
        opcode
    }
}

/// What has run since the start of the process. As text: how many dispatches and ops, and the most frequent ops and pairs of ops.
#[derive(Debug)]
pub struct OpProfile {
    /// All ops that have run, those of a function in the order of its code.
    pub places: Vec<OpPlace>,
}

/// What has run so far.
pub fn op_profile() -> OpProfile {
    let counted = PLACES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut places: Vec<OpPlace> = Vec::new();
    let mut end = 0;
    for (&address, &Counts { opcode, count, went_on, joined }) in &*counted {
        if let Some(last) = places.last_mut() {
            last.followed = end == address;
        }
        places.push(OpPlace { name: opcode.name(), count, went_on, joined, followed: false });
        end = address + size_of::<u16>() + opcode.shape_len();
    }
    OpProfile { places }
}

impl OpProfile {
    /// A line for each place: the op's name, how often it has run, how often what stands behind it ran next, and whether that is the next line.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.places
            .iter()
            .map(|OpPlace { name, count, went_on, followed, .. }| format!("{name} {count} {went_on} {followed}"))
    }
}

impl fmt::Display for OpProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: u64 = self.places.iter().map(|place| place.count).sum();
        // An op that one before it has run is no dispatch.
        let joined: u64 = self.places.iter().map(|place| place.joined).sum();
        let (mut ops, mut pairs) = (BTreeMap::new(), BTreeMap::new());
        for (index, place) in self.places.iter().enumerate() {
            *ops.entry(place.name.to_string()).or_insert(0) += place.count;
            if place.followed {
                *pairs.entry(format!("{} + {}", place.name, self.places[index + 1].name)).or_insert(0) += place.went_on;
            }
        }
        writeln!(f, "{} dispatches", total - joined)?;
        writeln!(f, "{total} ops")?;
        for (counts, most) in [(ops, 25), (pairs, 40)] {
            let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
            counts.sort_by_key(|(_, count)| core::cmp::Reverse(*count));
            for (name, count) in counts.iter().take(most) {
                writeln!(f, "{:6.2} %  {name}", *count as f64 * 100.0 / total as f64)?;
            }
        }
        Ok(())
    }
}
