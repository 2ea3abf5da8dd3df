//! Conversions between number types: `wrap`, `extend`, `trunc`, `trunc_sat`, `convert`, `demote`, `promote`,
//! `reinterpret`.
//!
//! Float to integer rounds towards zero and either traps or saturates; integer to float rounds to nearest-even;
//! changing the float width canonicalises NaNs (see [`float`](super::float)); `reinterpret` keeps every bit. Spec:
//! "Conversions".

#![allow(clippy::manual_range_contains)] // The bounds are a table; two notations in it would hide the odd row.

use super::float::{canonical_f32, canonical_f64};
use crate::trap::TrapCode;

semantics! {
    fn i32_wrap_i64(a: i64) -> i32 = a as i32;
    fn i64_extend_i32_s(a: i32) -> i64 = i64::from(a);
    fn i64_extend_i32_u(a: u32) -> u64 = u64::from(a);

    // `as` is the specification's saturating truncation: NaN becomes 0, everything else the nearest bound.
    fn i32_trunc_sat_f32_s(a: f32) -> i32 = a as i32;
    fn i32_trunc_sat_f32_u(a: f32) -> u32 = a as u32;
    fn i32_trunc_sat_f64_s(a: f64) -> i32 = a as i32;
    fn i32_trunc_sat_f64_u(a: f64) -> u32 = a as u32;
    fn i64_trunc_sat_f32_s(a: f32) -> i64 = a as i64;
    fn i64_trunc_sat_f32_u(a: f32) -> u64 = a as u64;
    fn i64_trunc_sat_f64_s(a: f64) -> i64 = a as i64;
    fn i64_trunc_sat_f64_u(a: f64) -> u64 = a as u64;

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

// A trapping truncation is the saturating one where that did not saturate: the operand lies strictly between the
// neighbours of the target's range. The bounds are floats the comparison can be exact with: where `MIN - 1` is not
// one, no float lies between it and `MIN`, and the comparison includes `MIN` instead.
macro_rules! trapping {
    ($( fn $name:ident($a:ident: $float:ty) -> $int:ty where $in_range:expr; )*) => {
        $(
            #[inline(always)]
            pub fn $name($a: $float) -> Result<$int, TrapCode> {
                if $in_range { Ok($a as $int) } else { Err(not_an_integer($a.is_nan())) }
            }
        )*
    };
}

trapping! {
    fn i32_trunc_f32_s(a: f32) -> i32 where a >= -2_147_483_648.0 && a < 2_147_483_648.0;
    fn i32_trunc_f32_u(a: f32) -> u32 where a > -1.0 && a < 4_294_967_296.0;
    fn i32_trunc_f64_s(a: f64) -> i32 where a > -2_147_483_649.0 && a < 2_147_483_648.0;
    fn i32_trunc_f64_u(a: f64) -> u32 where a > -1.0 && a < 4_294_967_296.0;
    fn i64_trunc_f32_s(a: f32) -> i64 where a >= -9_223_372_036_854_775_808.0 && a < 9_223_372_036_854_775_808.0;
    fn i64_trunc_f32_u(a: f32) -> u64 where a > -1.0 && a < 18_446_744_073_709_551_616.0;
    fn i64_trunc_f64_s(a: f64) -> i64 where a >= -9_223_372_036_854_775_808.0 && a < 9_223_372_036_854_775_808.0;
    fn i64_trunc_f64_u(a: f64) -> u64 where a > -1.0 && a < 18_446_744_073_709_551_616.0;
}

#[inline(always)]
fn not_an_integer(is_nan: bool) -> TrapCode {
    if is_nan { TrapCode::BadConversionToInteger } else { TrapCode::IntegerOverflow }
}
