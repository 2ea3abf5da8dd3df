//! Where locals and temps are in the frame of a function: slots relative to `fp`.
//!
//! `[number params][reference params] header [near references][scratch][near numbers] [far references][far numbers] [temps]`
//!
//! Near slots are within reach of a 16-bit index. Locals beyond are far, and then all temps are too: such functions are rare and may be slow, but
//! they are translated. How many temps hold references is not known before the body has been read; the frame is laid out for
//! a guess, and translation starts over with a better one ([`Retry`]).

use alloc::collections::TryReserveError;
use alloc::vec::Vec;

use super::operands::Kind;
use crate::code::function::FrameLayout;
use crate::exec::machine::HEADER as HEADER_SLOTS;
use crate::runtime::try_with_capacity;

/// What a first attempt did not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Guess {
    /// Temps for references.
    pub reference_temps: u32,
    /// Whether slots are needed to bring far values near.
    pub scratch: bool,
}

/// Why translation cannot go on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Retry {
    /// It must start over with this guess.
    With(Guess),
    /// The host has no memory left.
    OutOfMemory,
}

impl From<TryReserveError> for Retry {
    fn from(_: TryReserveError) -> Self {
        Self::OutOfMemory
    }
}

/// Where a local is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local {
    pub kind: Kind,
    pub slot: i32,
    /// The newest entry of the symbolic stack that stands for this local; entries chain further down.
    pub pending: u32,
}

/// No entry.
pub(super) const NO_ENTRY: u32 = u32::MAX;

/// The places of one function's frame.
#[derive(Debug)]
pub(super) struct Frame {
    pub locals: Vec<Local>,
    pub layout: FrameLayout,
    pub guess: Guess,
    /// First temp for numbers.
    pub number_temps: u32,
    /// First temp for references.
    pub reference_temps: u32,
    /// First of the slots that far numbers are brought to.
    scratch: u32,
    /// First of the slots that far references are brought to.
    reference_scratch: u32,
    /// Slots `[0, zeroed)` are zero at entry.
    pub zeroed: u32,
    /// So are `[far, far_end)`.
    pub far: u32,
    pub far_end: u32,
}

/// Near locals of each half, in slots; with all temps that translation may use beside them they stay in reach.
const NEAR_LOCALS: u32 = 8192;
/// Near temps for references.
const NEAR_REFERENCE_TEMPS: u32 = 4096;
/// Slots to bring far values near: enough for the operands and results of any one op.
const SCRATCH: u32 = 16;
const REFERENCE_SCRATCH: u32 = 8;

impl Frame {
    /// Lays out the frame for parameters and locals of these kinds.
    pub(super) fn new(
        params: impl Iterator<Item = Kind> + Clone,
        locals: &[(u32, Kind)],
        guess: Guess,
    ) -> Result<Frame, TryReserveError> {
        let number_params: u32 = params.clone().filter(|kind| *kind != Kind::Ref).map(Kind::slots).sum();
        let reference_params = params.clone().filter(|kind| *kind == Kind::Ref).count() as u32;
        let total = |of_references: bool| -> u32 {
            locals
                .iter()
                .filter(|(_, kind)| (*kind == Kind::Ref) == of_references)
                .map(|(n, kind)| n * kind.slots())
                .sum()
        };
        let (near_references, near_numbers) = (total(true).min(NEAR_LOCALS), total(false).min(NEAR_LOCALS));
        let far_references = total(true) - near_references;
        let far_numbers = total(false) - near_numbers;
        let far_reference_temps = if guess.reference_temps > NEAR_REFERENCE_TEMPS { guess.reference_temps } else { 0 };
        let far = far_references + far_numbers + far_reference_temps > 0;
        let guess = Guess { scratch: guess.scratch || far, ..guess };

        let near_reference_temps = if far_reference_temps == 0 { guess.reference_temps } else { 0 };
        let reference_scratch = near_references + near_reference_temps;
        let references = reference_scratch + if guess.scratch { REFERENCE_SCRATCH } else { 0 };
        let scratch = references;
        let first_number = scratch + if guess.scratch { SCRATCH } else { 0 };
        let zeroed = first_number + near_numbers;
        let far_end = zeroed + far_references + far_reference_temps + far_numbers;

        let count = params.clone().count() + locals.iter().map(|(count, _)| *count as usize).sum::<usize>();
        let mut frame = Frame {
            locals: try_with_capacity(count)?,
            layout: FrameLayout {
                number_params,
                reference_params,
                references,
                far_references: zeroed,
                far_reference_count: far_references + far_reference_temps,
                size: far_end,
            },
            guess,
            number_temps: far_end,
            reference_temps: if far_reference_temps == 0 { near_references } else { zeroed + far_references },
            scratch,
            reference_scratch,
            zeroed,
            far: zeroed,
            far_end,
        };
        let header = HEADER_SLOTS as i32;
        let (mut number, mut reference) =
            (-header - (number_params + reference_params) as i32, -header - reference_params as i32);
        for kind in params {
            let next = if kind == Kind::Ref { &mut reference } else { &mut number };
            frame.locals.push(Local { kind, slot: *next, pending: NO_ENTRY });
            *next += kind.slots() as i32;
        }
        let (mut number, mut reference) = (Region::new(first_number, near_numbers), Region::new(0, near_references));
        number.far = zeroed + far_references + far_reference_temps;
        reference.far = zeroed;
        for &(count, kind) in locals {
            let region = if kind == Kind::Ref { &mut reference } else { &mut number };
            for _ in 0..count {
                let slot = region.take(kind.slots());
                frame.locals.push(Local { kind, slot: slot as i32, pending: NO_ENTRY });
            }
        }
        Ok(frame)
    }

    /// Slots of the parameters and the header: what lies between the parameters' start and `fp`.
    pub(super) fn params_and_header(&self) -> u16 {
        (HEADER_SLOTS as u32 + self.layout.number_params + self.layout.reference_params) as u16
    }

    /// The scratch slot for the operand or result of this number in an op.
    pub(super) fn scratch(&self, kind: Kind, number: u32) -> Result<i16, Retry> {
        if !self.guess.scratch {
            return Err(Retry::With(Guess { scratch: true, ..self.guess }));
        }
        debug_assert!(number * 2 + 1 < SCRATCH && number < REFERENCE_SCRATCH);
        Ok(if kind == Kind::Ref { self.reference_scratch + number } else { self.scratch + number * 2 } as i16)
    }

    /// The slot of the temp for the reference at this height.
    pub(super) fn reference_temp(&self, height: u32) -> Result<i32, Retry> {
        if height >= self.guess.reference_temps {
            let reference_temps = (height + 1).next_power_of_two().max(4);
            return Err(Retry::With(Guess { reference_temps, ..self.guess }));
        }
        Ok((self.reference_temps + height) as i32)
    }

    /// Makes the frame reach up to `end`.
    pub(super) fn cover(&mut self, end: u32) {
        self.layout.size = self.layout.size.max(end);
    }
}

/// Locals of one half being placed: near ones first, then far ones. A `v128` stays whole.
struct Region {
    next: u32,
    near_end: u32,
    far: u32,
}

impl Region {
    fn new(start: u32, len: u32) -> Region {
        Region { next: start, near_end: start + len, far: 0 }
    }

    fn take(&mut self, slots: u32) -> u32 {
        if self.next + slots <= self.near_end {
            self.next += slots;
            self.next - slots
        } else {
            // A gap of one near slot may remain before a v128; the far part has room for all.
            self.near_end = self.next;
            self.far += slots;
            self.far - slots
        }
    }
}
