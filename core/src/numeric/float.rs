//! Float instructions: `f32.*`, `f64.*`.
//!
//! IEEE 754 with round-to-nearest-even, which is what Rust's operators do. On top of that every result that is a NaN
//! is made the one canonical positive NaN, so that a program computes the same bits on every machine; `abs`, `neg` and
//! `copysign` only move the sign and keep a NaN's payload, as the specification demands. Spec: "Floating-Point
//! Operations".
//!
//! `core` has neither rounding nor a square root. Rounding is done here in plain arithmetic that a compiler can turn
//! into vector code (see [`round`]); the standard library replaces it where the target has an instruction for it. The
//! square root is the standard library's, or `libm`'s without `std`. The tests hold all of them to the same bits.

/// The NaN every arithmetic instruction on `f32` returns.
pub const CANONICAL_NAN_F32: f32 = f32::from_bits(0x7fc0_0000);
/// The NaN every arithmetic instruction on `f64` returns.
pub const CANONICAL_NAN_F64: f64 = f64::from_bits(0x7ff8_0000_0000_0000);

semantics! {
    fn f32_eq(a: f32, b: f32) -> bool = a == b;
    fn f32_ne(a: f32, b: f32) -> bool = a != b;
    fn f32_lt(a: f32, b: f32) -> bool = a < b;
    fn f32_gt(a: f32, b: f32) -> bool = a > b;
    fn f32_le(a: f32, b: f32) -> bool = a <= b;
    fn f32_ge(a: f32, b: f32) -> bool = a >= b;

    fn f32_abs(a: f32) -> f32 = a.abs();
    fn f32_neg(a: f32) -> f32 = -a;
    fn f32_copysign(a: f32, b: f32) -> f32 = a.copysign(b);
    fn f32_ceil(a: f32) -> f32 = canonical_f32(native::ceil_f32(a));
    fn f32_floor(a: f32) -> f32 = canonical_f32(native::floor_f32(a));
    fn f32_trunc(a: f32) -> f32 = canonical_f32(native::trunc_f32(a));
    /// Ties go to the even neighbour.
    fn f32_nearest(a: f32) -> f32 = canonical_f32(native::nearest_f32(a));
    fn f32_sqrt(a: f32) -> f32 = native::sqrt_f32(a);

    fn f32_add(a: f32, b: f32) -> f32 = canonical_f32(a + b);
    fn f32_sub(a: f32, b: f32) -> f32 = canonical_f32(a - b);
    fn f32_mul(a: f32, b: f32) -> f32 = canonical_f32(a * b);
    fn f32_div(a: f32, b: f32) -> f32 = canonical_f32(a / b);
    /// NaN if either operand is one; -0 is less than +0.
    fn f32_min(a: f32, b: f32) -> f32 = if a.is_nan() || b.is_nan() { unlikely(CANONICAL_NAN_F32) } else { ordered_min_f32(a, b) };
    /// NaN if either operand is one; +0 is greater than -0.
    fn f32_max(a: f32, b: f32) -> f32 = if a.is_nan() || b.is_nan() { unlikely(CANONICAL_NAN_F32) } else { ordered_max_f32(a, b) };

    fn f64_eq(a: f64, b: f64) -> bool = a == b;
    fn f64_ne(a: f64, b: f64) -> bool = a != b;
    fn f64_lt(a: f64, b: f64) -> bool = a < b;
    fn f64_gt(a: f64, b: f64) -> bool = a > b;
    fn f64_le(a: f64, b: f64) -> bool = a <= b;
    fn f64_ge(a: f64, b: f64) -> bool = a >= b;

    fn f64_abs(a: f64) -> f64 = a.abs();
    fn f64_neg(a: f64) -> f64 = -a;
    fn f64_copysign(a: f64, b: f64) -> f64 = a.copysign(b);
    fn f64_ceil(a: f64) -> f64 = canonical_f64(native::ceil_f64(a));
    fn f64_floor(a: f64) -> f64 = canonical_f64(native::floor_f64(a));
    fn f64_trunc(a: f64) -> f64 = canonical_f64(native::trunc_f64(a));
    /// Ties go to the even neighbour.
    fn f64_nearest(a: f64) -> f64 = canonical_f64(native::nearest_f64(a));
    fn f64_sqrt(a: f64) -> f64 = native::sqrt_f64(a);

    fn f64_add(a: f64, b: f64) -> f64 = canonical_f64(a + b);
    fn f64_sub(a: f64, b: f64) -> f64 = canonical_f64(a - b);
    fn f64_mul(a: f64, b: f64) -> f64 = canonical_f64(a * b);
    fn f64_div(a: f64, b: f64) -> f64 = canonical_f64(a / b);
    /// As [`f32_min`].
    fn f64_min(a: f64, b: f64) -> f64 = if a.is_nan() || b.is_nan() { unlikely(CANONICAL_NAN_F64) } else { ordered_min_f64(a, b) };
    /// As [`f32_max`].
    fn f64_max(a: f64, b: f64) -> f64 = if a.is_nan() || b.is_nan() { unlikely(CANONICAL_NAN_F64) } else { ordered_max_f64(a, b) };
}

semantics! {
    // NaNs are rare and a selection would lengthen every chain of dependent operations: [`unlikely`] keeps it a branch.

    /// `r`, or the canonical NaN if `r` is any NaN.
    fn canonical_f32(r: f32) -> f32 = if r.is_nan() { unlikely(CANONICAL_NAN_F32) } else { r };
    /// `r`, or the canonical NaN if `r` is any NaN.
    fn canonical_f64(r: f64) -> f64 = if r.is_nan() { unlikely(CANONICAL_NAN_F64) } else { r };

    // For operands that are not NaN. Of equal operands only zeroes differ in bits: the lesser one has either's sign, the
    // greater one the sign that both have.
    fn ordered_min_f32(a: f32, b: f32) -> f32 =
        f32::from_bits((if a < b { a } else { b }).to_bits() | (if b < a { b } else { a }).to_bits());
    fn ordered_max_f32(a: f32, b: f32) -> f32 =
        f32::from_bits((if a > b { a } else { b }).to_bits() & (if b > a { b } else { a }).to_bits());
    fn ordered_min_f64(a: f64, b: f64) -> f64 =
        f64::from_bits((if a < b { a } else { b }).to_bits() | (if b < a { b } else { a }).to_bits());
    fn ordered_max_f64(a: f64, b: f64) -> f64 =
        f64::from_bits((if a > b { a } else { b }).to_bits() & (if b > a { b } else { a }).to_bits());
}

/// `value`, on a path not worth keeping fast.
#[cold]
#[inline(always)]
pub(super) fn unlikely<T>(value: T) -> T {
    value
}

/// Rounding to an integral value without a rounding instruction.
///
/// From 2²³ (2⁵² for `f64`) on every float is integral. Below, adding that number leaves no room for a fraction, so
/// the addition itself rounds to nearest-even, and subtracting it again is exact; the other directions correct that
/// result by one. The sign is put back last: all four directions keep it, also on a zero. Relies on the
/// round-to-nearest mode that Rust guarantees.
///
/// `…_small_…` is that, for small operands. The function without it is for one operand and jumps over the work for a
/// large one; `…_lane_…` is for one of several and selects. What is not integral by then is a NaN and stays some NaN.
pub(crate) mod round {
    const INTEGRAL_F32: f32 = 8_388_608.0;
    const INTEGRAL_F64: f64 = 4_503_599_627_370_496.0;

    semantics! {
        fn nearest_small_f32(a: f32) -> f32 = {
            let shift = INTEGRAL_F32.copysign(a);
            ((a + shift) - shift).copysign(a)
        };
        fn floor_small_f32(a: f32) -> f32 = {
            let shift = INTEGRAL_F32.copysign(a);
            let nearest = (a + shift) - shift;
            (nearest - if nearest > a { 1.0 } else { 0.0 }).copysign(a)
        };
        fn ceil_small_f32(a: f32) -> f32 = {
            let shift = INTEGRAL_F32.copysign(a);
            let nearest = (a + shift) - shift;
            (nearest + if nearest < a { 1.0 } else { 0.0 }).copysign(a)
        };
        fn trunc_small_f32(a: f32) -> f32 = floor_small_f32(a.abs()).copysign(a);

        fn nearest_small_f64(a: f64) -> f64 = {
            let shift = INTEGRAL_F64.copysign(a);
            ((a + shift) - shift).copysign(a)
        };
        fn floor_small_f64(a: f64) -> f64 = {
            let shift = INTEGRAL_F64.copysign(a);
            let nearest = (a + shift) - shift;
            (nearest - if nearest > a { 1.0 } else { 0.0 }).copysign(a)
        };
        fn ceil_small_f64(a: f64) -> f64 = {
            let shift = INTEGRAL_F64.copysign(a);
            let nearest = (a + shift) - shift;
            (nearest + if nearest < a { 1.0 } else { 0.0 }).copysign(a)
        };
        fn trunc_small_f64(a: f64) -> f64 = floor_small_f64(a.abs()).copysign(a);

        fn ceil_f32(a: f32) -> f32 = if a.abs() < INTEGRAL_F32 { ceil_small_f32(a) } else { super::unlikely(a) };
        fn floor_f32(a: f32) -> f32 = if a.abs() < INTEGRAL_F32 { floor_small_f32(a) } else { super::unlikely(a) };
        fn trunc_f32(a: f32) -> f32 = if a.abs() < INTEGRAL_F32 { trunc_small_f32(a) } else { super::unlikely(a) };
        fn nearest_f32(a: f32) -> f32 = if a.abs() < INTEGRAL_F32 { nearest_small_f32(a) } else { super::unlikely(a) };

        fn ceil_f64(a: f64) -> f64 = if a.abs() < INTEGRAL_F64 { ceil_small_f64(a) } else { super::unlikely(a) };
        fn floor_f64(a: f64) -> f64 = if a.abs() < INTEGRAL_F64 { floor_small_f64(a) } else { super::unlikely(a) };
        fn trunc_f64(a: f64) -> f64 = if a.abs() < INTEGRAL_F64 { trunc_small_f64(a) } else { super::unlikely(a) };
        fn nearest_f64(a: f64) -> f64 = if a.abs() < INTEGRAL_F64 { nearest_small_f64(a) } else { super::unlikely(a) };

        fn ceil_lane_f32(a: f32) -> f32 = {
            let small = ceil_small_f32(a);
            if a.abs() < INTEGRAL_F32 { small } else { a }
        };
        fn floor_lane_f32(a: f32) -> f32 = {
            let small = floor_small_f32(a);
            if a.abs() < INTEGRAL_F32 { small } else { a }
        };
        fn trunc_lane_f32(a: f32) -> f32 = {
            let small = trunc_small_f32(a);
            if a.abs() < INTEGRAL_F32 { small } else { a }
        };
        fn nearest_lane_f32(a: f32) -> f32 = {
            let small = nearest_small_f32(a);
            if a.abs() < INTEGRAL_F32 { small } else { a }
        };

        fn ceil_lane_f64(a: f64) -> f64 = {
            let small = ceil_small_f64(a);
            if a.abs() < INTEGRAL_F64 { small } else { a }
        };
        fn floor_lane_f64(a: f64) -> f64 = {
            let small = floor_small_f64(a);
            if a.abs() < INTEGRAL_F64 { small } else { a }
        };
        fn trunc_lane_f64(a: f64) -> f64 = {
            let small = trunc_small_f64(a);
            if a.abs() < INTEGRAL_F64 { small } else { a }
        };
        fn nearest_lane_f64(a: f64) -> f64 = {
            let small = nearest_small_f64(a);
            if a.abs() < INTEGRAL_F64 { small } else { a }
        };
    }
}

/// The best of what the target and the features offer.
pub(crate) mod native {
    // With an instruction for it, the standard library's method is that instruction; without one it is a call, which
    // a handler cannot afford.
    #[cfg(all(feature = "std", any(target_arch = "aarch64", target_feature = "sse4.1", target_arch = "wasm32")))]
    mod rounding {
        semantics! {
            fn ceil_f32(a: f32) -> f32 = a.ceil();
            fn floor_f32(a: f32) -> f32 = a.floor();
            fn trunc_f32(a: f32) -> f32 = a.trunc();
            fn nearest_f32(a: f32) -> f32 = a.round_ties_even();
            fn ceil_f64(a: f64) -> f64 = a.ceil();
            fn floor_f64(a: f64) -> f64 = a.floor();
            fn trunc_f64(a: f64) -> f64 = a.trunc();
            fn nearest_f64(a: f64) -> f64 = a.round_ties_even();
        }
        pub use self::{
            ceil_f32 as ceil_lane_f32, ceil_f64 as ceil_lane_f64, floor_f32 as floor_lane_f32,
            floor_f64 as floor_lane_f64, nearest_f32 as nearest_lane_f32, nearest_f64 as nearest_lane_f64,
            trunc_f32 as trunc_lane_f32, trunc_f64 as trunc_lane_f64,
        };
    }
    #[cfg(all(feature = "std", any(target_arch = "aarch64", target_feature = "sse4.1", target_arch = "wasm32")))]
    pub use rounding::*;

    #[cfg(not(all(
        feature = "std",
        any(target_arch = "aarch64", target_feature = "sse4.1", target_arch = "wasm32")
    )))]
    pub use super::round::*;

    #[cfg(not(feature = "std"))]
    use libm::{sqrt as root_f64, sqrtf as root_f32};

    semantics! {
        /// The canonical NaN for a NaN and for negative operands, -0 for -0.
        ///
        /// Zeroes are taken out because LLVM 22 reduces "NaN if `a < 0`, else the root of `a`", into which a check of
        /// the root for NaN turns as well, to the bare root: what a machine makes of a negative operand is a NaN, but
        /// not the canonical one. The root comes before the choice so that lanes become vectors.
        fn sqrt_f32(a: f32) -> f32 = {
            let root = root_f32(a);
            if a > 0.0 { root } else if a == 0.0 { a } else { super::unlikely(super::CANONICAL_NAN_F32) }
        };
        /// As [`sqrt_f32`].
        fn sqrt_f64(a: f64) -> f64 = {
            let root = root_f64(a);
            if a > 0.0 { root } else if a == 0.0 { a } else { super::unlikely(super::CANONICAL_NAN_F64) }
        };
        /// [`sqrt_f32`] as one lane of several.
        fn sqrt_lane_f32(a: f32) -> f32 = {
            let root = root_f32(a);
            let no_root = if a == 0.0 { a } else { super::CANONICAL_NAN_F32 };
            if a > 0.0 { root } else { no_root }
        };
        /// As [`sqrt_lane_f32`].
        fn sqrt_lane_f64(a: f64) -> f64 = {
            let root = root_f64(a);
            let no_root = if a == 0.0 { a } else { super::CANONICAL_NAN_F64 };
            if a > 0.0 { root } else { no_root }
        };
    }

    #[cfg(feature = "std")]
    semantics! {
        fn root_f32(a: f32) -> f32 = a.sqrt();
        fn root_f64(a: f64) -> f64 = a.sqrt();
    }
}
