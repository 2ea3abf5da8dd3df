//! Relaxed vector instructions, each with the one result the specification's deterministic profile prescribes.
//!
//! That profile takes the first of the results each instruction may have: fused multiply-add is not fused, both
//! operands of a dot product are signed, and all others behave as their strict twins in [`simd`]. Spec:
//! "Relaxed Operations".

use super::simd::{self, V128};

semantics! {
    fn i8x16_relaxed_swizzle(a: V128, b: V128) -> V128 = simd::i8x16_swizzle(a, b);
    fn i32x4_relaxed_trunc_f32x4_s(a: V128) -> V128 = simd::i32x4_trunc_sat_f32x4_s(a);
    fn i32x4_relaxed_trunc_f32x4_u(a: V128) -> V128 = simd::i32x4_trunc_sat_f32x4_u(a);
    fn i32x4_relaxed_trunc_f64x2_s_zero(a: V128) -> V128 = simd::i32x4_trunc_sat_f64x2_s_zero(a);
    fn i32x4_relaxed_trunc_f64x2_u_zero(a: V128) -> V128 = simd::i32x4_trunc_sat_f64x2_u_zero(a);

    /// `a * b + c`, rounded after the product and after the sum.
    fn f32x4_relaxed_madd(a: V128, b: V128, c: V128) -> V128 = simd::f32x4_add(simd::f32x4_mul(a, b), c);
    /// `-a * b + c`, rounded after the product and after the sum.
    fn f32x4_relaxed_nmadd(a: V128, b: V128, c: V128) -> V128 = f32x4_relaxed_madd(simd::f32x4_neg(a), b, c);
    /// As [`f32x4_relaxed_madd`].
    fn f64x2_relaxed_madd(a: V128, b: V128, c: V128) -> V128 = simd::f64x2_add(simd::f64x2_mul(a, b), c);
    /// As [`f32x4_relaxed_nmadd`].
    fn f64x2_relaxed_nmadd(a: V128, b: V128, c: V128) -> V128 = f64x2_relaxed_madd(simd::f64x2_neg(a), b, c);

    // The profile selects bit by bit, so the width of the lanes does not matter.
    fn i8x16_relaxed_laneselect(a: V128, b: V128, mask: V128) -> V128 = simd::v128_bitselect(a, b, mask);
    fn i16x8_relaxed_laneselect(a: V128, b: V128, mask: V128) -> V128 = simd::v128_bitselect(a, b, mask);
    fn i32x4_relaxed_laneselect(a: V128, b: V128, mask: V128) -> V128 = simd::v128_bitselect(a, b, mask);
    fn i64x2_relaxed_laneselect(a: V128, b: V128, mask: V128) -> V128 = simd::v128_bitselect(a, b, mask);

    fn f32x4_relaxed_min(a: V128, b: V128) -> V128 = simd::f32x4_min(a, b);
    fn f32x4_relaxed_max(a: V128, b: V128) -> V128 = simd::f32x4_max(a, b);
    fn f64x2_relaxed_min(a: V128, b: V128) -> V128 = simd::f64x2_min(a, b);
    fn f64x2_relaxed_max(a: V128, b: V128) -> V128 = simd::f64x2_max(a, b);
    fn i16x8_relaxed_q15mulr_s(a: V128, b: V128) -> V128 = simd::i16x8_q15mulr_sat_s(a, b);

    /// Sums of neighbouring products, both operands signed; a sum that does not fit saturates.
    fn i16x8_relaxed_dot_i8x16_i7x16_s(a: V128, b: V128) -> V128 = simd::zip(a, b, |x: i16, y: i16| {
        // Both factors of a product as halves of a wide lane, for the sake of vectors.
        let low = i16::from(x as i8) * i16::from(y as i8);
        let high = (x >> 8) * (y >> 8);
        low.saturating_add(high)
    });
    /// Neighbouring lanes of [`i16x8_relaxed_dot_i8x16_i7x16_s`] added up, plus `c`.
    fn i32x4_relaxed_dot_i8x16_i7x16_add_s(a: V128, b: V128, c: V128) -> V128 =
        simd::i32x4_add(simd::i32x4_extadd_pairwise_i16x8_s(i16x8_relaxed_dot_i8x16_i7x16_s(a, b)), c);
}
