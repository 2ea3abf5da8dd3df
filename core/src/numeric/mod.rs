//! What each numeric instruction computes: pure functions named as the instructions, `.` written `_`.
//!
//! Shared by the handlers, constant expressions, constant folding and fuzzing, so that no two of them can disagree.
//! A function takes and returns the Rust type that says how the instruction reads its bits (`i32_div_u` takes `u32`);
//! comparisons and tests return `bool`; an instruction that may trap returns `Result<_, TrapCode>`.
//!
//! Deterministic: an operation that computes a float and gets a NaN returns the canonical positive NaN (see
//! [`float`]), and a relaxed vector instruction does what the specification's deterministic profile prescribes (see
//! [`relaxed`]). Nothing here panics, allocates, or touches a store. Written after the specification's chapter
//! "Numerics".

// Every function is one or a few machine instructions that belong into the handler that calls it. Each row spells its
// whole name and signature; the macro only saves repeating the attributes. The set is the specification's: which of them a
// build uses depends on its features.
macro_rules! semantics {
    ($( $(#[$attr:meta])* fn $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $body:expr; )*) => {
        $(
            $(#[$attr])*
            #[inline(always)]
            #[must_use]
            #[allow(dead_code)]
            pub fn $name($($arg: $ty),*) -> $ret {
                $body
            }
        )*
    };
}

mod arch;
pub mod convert;
pub mod float;
pub mod int;
#[cfg(feature = "simd")]
pub mod relaxed;
#[cfg(feature = "simd")]
pub mod simd;
pub mod vector;

#[cfg(test)]
mod tests;
