//! Conversions between number types: `wrap`, `extend`, `trunc`, `trunc_sat`, `convert`, `demote`, `promote`,
//! `reinterpret`.
//!
//! Float to integer rounds towards zero and either traps or saturates; integer to float rounds to nearest-even;
//! changing the float width canonicalises NaNs (see [`float`](super::float)); `reinterpret` keeps every bit. Spec:
//! "Conversions".

#![allow(clippy::manual_range_contains)] // The bounds are a table; two notations in it would hide the odd row.

use super::arch;
use super::float::{canonical_f32, canonical_f64, unlikely};
use crate::trap::TrapCode;

semantics! {
    fn i32_wrap_i64(a: i64) -> i32 = a as i32;
    fn i64_extend_i32_s(a: i32) -> i64 = i64::from(a);
    fn i64_extend_i32_u(a: u32) -> u64 = u64::from(a);

    fn f32_convert_i32_s(a: i32) -> f32 = a as f32;
    fn f32_convert_i32_u(a: u32) -> f32 = a as f32;
    fn f32_convert_i64_s(a: i64) -> f32 = a as f32;
    fn f32_convert_i64_u(a: u64) -> f32 = a as f32;
    fn f64_convert_i32_s(a: i32) -> f64 = f64::from(a);
    fn f64_convert_i32_u(a: u32) -> f64 = f64::from(a);
    fn f64_convert_i64_s(a: i64) -> f64 = a as f64;
    fn f64_convert_i64_u(a: u64) -> f64 = a as f64;

    fn f32_demote_f64(a: f64) -> f32 = canonical_f32(a as f32);
    fn f64_promote_f32(a: f32) -> f64 = canonical_f64(f64::from(a));

    fn i32_reinterpret_f32(a: f32) -> u32 = a.to_bits();
    fn i64_reinterpret_f64(a: f64) -> u64 = a.to_bits();
    fn f32_reinterpret_i32(a: u32) -> f32 = f32::from_bits(a);
    fn f64_reinterpret_i64(a: u64) -> f64 = f64::from_bits(a);
}

// Float to integer. Rust's `as` is the saturating truncation: NaN becomes 0, everything else the nearest bound. The
// trapping one is the same where nothing saturates: the operand lies strictly between the neighbours of the target's
// range. The bounds are floats the comparison can be exact with: where `MIN - 1` is not one, no float lies between it
// and `MIN`, and the comparison includes `MIN` instead. Both ask [`arch`] first, whose answer needs no such care.
macro_rules! truncations {
    ($(
        $truncate:path:
        fn $trapping:ident, fn $saturating:ident($a:ident: $float:ty) -> $int:ty where $in_range:expr;
    )*) => {
        $(
            #[inline(always)]
            pub fn $trapping($a: $float) -> Result<$int, TrapCode> {
                match $truncate($a).and_then(|n| <$int>::try_from(n).ok()) {
                    Some(n) => Ok(n),
                    None if $in_range => Ok($a as $int),
                    None => Err(not_an_integer($a.is_nan())),
                }
            }

            #[inline(always)]
            #[must_use]
            pub fn $saturating($a: $float) -> $int {
                match $truncate($a).and_then(|n| <$int>::try_from(n).ok()) {
                    Some(n) => n,
                    None => unlikely($a as $int),
                }
            }
        )*
    };
}

macro_rules! truncations_with {
    ($truncate_f32:path, $truncate_f64:path) => {
        truncations! {
            $truncate_f32: fn i32_trunc_f32_s, fn i32_trunc_sat_f32_s(a: f32) -> i32
                where a >= -2_147_483_648.0 && a < 2_147_483_648.0;
            $truncate_f32: fn i32_trunc_f32_u, fn i32_trunc_sat_f32_u(a: f32) -> u32
                where a > -1.0 && a < 4_294_967_296.0;
            $truncate_f64: fn i32_trunc_f64_s, fn i32_trunc_sat_f64_s(a: f64) -> i32
                where a > -2_147_483_649.0 && a < 2_147_483_648.0;
            $truncate_f64: fn i32_trunc_f64_u, fn i32_trunc_sat_f64_u(a: f64) -> u32
                where a > -1.0 && a < 4_294_967_296.0;
            $truncate_f32: fn i64_trunc_f32_s, fn i64_trunc_sat_f32_s(a: f32) -> i64
                where a >= -9_223_372_036_854_775_808.0 && a < 9_223_372_036_854_775_808.0;
            $truncate_f32: fn i64_trunc_f32_u, fn i64_trunc_sat_f32_u(a: f32) -> u64
                where a > -1.0 && a < 18_446_744_073_709_551_616.0;
            $truncate_f64: fn i64_trunc_f64_s, fn i64_trunc_sat_f64_s(a: f64) -> i64
                where a >= -9_223_372_036_854_775_808.0 && a < 9_223_372_036_854_775_808.0;
            $truncate_f64: fn i64_trunc_f64_u, fn i64_trunc_sat_f64_u(a: f64) -> u64
                where a > -1.0 && a < 18_446_744_073_709_551_616.0;
        }
    };
}

truncations_with!(arch::truncate_f32, arch::truncate_f64);

#[inline(always)]
fn not_an_integer(is_nan: bool) -> TrapCode {
    if is_nan { TrapCode::BadConversionToInteger } else { TrapCode::IntegerOverflow }
}

/// What truncations are on hosts that [`arch`] does not know, for tests on those it does.
#[cfg(test)]
pub(super) mod portable {
    use super::{TrapCode, arch, not_an_integer, unlikely};

    truncations_with!(arch::portable::truncate_f32, arch::portable::truncate_f64);
}
