//! Fixed-width vector instructions: `v128.*`, `i8x16.*` … `f64x2.*`.
//!
//! A [`V128`] is sixteen bytes in the order memory has them; lanes are read from and written to those bytes as
//! little-endian numbers, so the same code is right on every host. Each instruction is a loop over lanes that the
//! compiler turns into vector instructions of the host; the shapes were chosen by looking at what comes out. Lane
//! semantics are those of the scalar instructions: floats are canonicalised where [`float`] does it,
//! here by selection rather than by a branch.
//!
//! The memory instructions appear as what they do to the bytes they loaded or are about to store. Lane numbers are
//! validated before they get here, and are taken modulo the number of lanes so that nothing can panic. Spec: "Vector
//! Operations".

use super::arch;
use super::float::{self, CANONICAL_NAN_F32, CANONICAL_NAN_F64};

pub use super::vector::V128;

impl V128 {
    #[inline(always)]
    fn lanes<T: Lane<N>, const N: usize>(self) -> [T; N] {
        from_fn(|index| T::read(&self.0, index))
    }

    #[inline(always)]
    fn from_lanes<T: Lane<N>, const N: usize>(lanes: [T; N]) -> Self {
        let mut bytes = [0; 16];
        let mut index = 0;
        while index < N {
            lanes[index].write(&mut bytes, index);
            index += 1;
        }
        Self(bytes)
    }
}

/// What `core::array::from_fn` does. The functions inside that one are not inlined in every build, and a handler that calls one keeps a vector on
/// the native stack: then its way to the next handler is a call and no jump.
#[inline(always)]
fn from_fn<T: Copy, const N: usize>(f: impl Fn(usize) -> T) -> [T; N] {
    let mut lanes = [f(0); N];
    let mut index = 1;
    while index < N {
        lanes[index] = f(index);
        index += 1;
    }
    lanes
}

/// A number that fits a vector `N` times.
pub(super) trait Lane<const N: usize>: Copy {
    fn read(bytes: &[u8; 16], index: usize) -> Self;
    fn write(self, bytes: &mut [u8; 16], index: usize);
}

macro_rules! lanes {
    ($( $ty:ty: $count:literal; )*) => {
        $(
            impl Lane<$count> for $ty {
                #[inline(always)]
                fn read(bytes: &[u8; 16], index: usize) -> Self {
                    Self::from_le_bytes(bytes.as_chunks().0[index])
                }

                #[inline(always)]
                fn write(self, bytes: &mut [u8; 16], index: usize) {
                    bytes.as_chunks_mut().0[index] = self.to_le_bytes();
                }
            }
        )*
    };
}

lanes! { i8: 16; u8: 16; i16: 8; u16: 8; i32: 4; u32: 4; f32: 4; i64: 2; u64: 2; f64: 2; }

// The shapes of instructions: how result lanes depend on operand lanes.

#[inline(always)]
fn splat<T: Lane<N>, const N: usize>(lane: T) -> V128 {
    V128::from_lanes([lane; N])
}

#[inline(always)]
fn extract<T: Lane<N>, const N: usize>(v: V128, lane: u8) -> T {
    T::read(&v.0, usize::from(lane) % N)
}

#[inline(always)]
fn replace<T: Lane<N>, const N: usize>(mut v: V128, lane: u8, value: T) -> V128 {
    value.write(&mut v.0, usize::from(lane) % N);
    v
}

#[inline(always)]
fn map<T: Lane<N>, U: Lane<N>, const N: usize>(a: V128, f: impl Fn(T) -> U) -> V128 {
    let a = a.lanes();
    V128::from_lanes::<U, N>(from_fn(|index| f(a[index])))
}

#[inline(always)]
pub(super) fn zip<T: Lane<N>, U: Lane<N>, const N: usize>(a: V128, b: V128, f: impl Fn(T, T) -> U) -> V128 {
    let (a, b) = (a.lanes(), b.lanes());
    V128::from_lanes::<U, N>(from_fn(|index| f(a[index], b[index])))
}

/// Result lanes from the low half of the operand's lanes.
#[inline(always)]
fn map_low<T: Lane<M>, U: Lane<N>, const M: usize, const N: usize>(a: V128, f: impl Fn(T) -> U) -> V128 {
    let a = a.lanes();
    V128::from_lanes::<U, N>(from_fn(|index| f(a[index])))
}

/// Result lanes from the high half of the operand's lanes.
#[inline(always)]
fn map_high<T: Lane<M>, U: Lane<N>, const M: usize, const N: usize>(a: V128, f: impl Fn(T) -> U) -> V128 {
    let a = a.lanes();
    V128::from_lanes::<U, N>(from_fn(|index| f(a[index + N])))
}

/// Twice as wide result lanes as operand lanes, and zeroes in the other half.
#[inline(always)]
fn map_zero<T: Lane<N>, U: Lane<M> + Default, const N: usize, const M: usize>(a: V128, f: impl Fn(T) -> U) -> V128 {
    let a = a.lanes();
    V128::from_lanes::<U, M>(from_fn(|index| if index < N { f(a[index]) } else { U::default() }))
}

#[inline(always)]
fn zip_low<T: Lane<M>, U: Lane<N>, const M: usize, const N: usize>(a: V128, b: V128, f: impl Fn(T, T) -> U) -> V128 {
    let (a, b) = (a.lanes(), b.lanes());
    V128::from_lanes::<U, N>(from_fn(|index| f(a[index], b[index])))
}

#[inline(always)]
fn zip_high<T: Lane<M>, U: Lane<N>, const M: usize, const N: usize>(a: V128, b: V128, f: impl Fn(T, T) -> U) -> V128 {
    let (a, b) = (a.lanes(), b.lanes());
    V128::from_lanes::<U, N>(from_fn(|index| f(a[index + N], b[index + N])))
}

/// Each result lane from two neighbouring operand lanes.
#[inline(always)]
fn pairwise<T: Lane<M>, U: Lane<N>, const M: usize, const N: usize>(a: V128, f: impl Fn(T, T) -> U) -> V128 {
    let a = a.lanes();
    V128::from_lanes::<U, N>(from_fn(|index| f(a[2 * index], a[2 * index + 1])))
}

/// Result lanes half as wide: all of `a`, then all of `b`.
#[inline(always)]
fn narrow<T: Lane<N>, U: Lane<M>, const N: usize, const M: usize>(a: V128, b: V128, f: impl Fn(T) -> U) -> V128 {
    let (a, b) = (a.lanes(), b.lanes());
    V128::from_lanes::<U, M>(from_fn(|index| f(if index < N { a[index] } else { b[index - N] })))
}

/// The bytes of `a`, then those of `b`.
#[inline(always)]
fn joined(a: V128, b: V128) -> [u8; 32] {
    from_fn(|index| if index < 16 { a.0[index] } else { b.0[index - 16] })
}

#[inline(always)]
fn all_true<T: Lane<N> + Default + PartialEq, const N: usize>(a: V128) -> bool {
    // Not `all`: stopping early would be a branch per lane.
    let (lanes, mut all, mut index) = (a.lanes::<T, N>(), true, 0);
    while index < N {
        all &= lanes[index] != T::default();
        index += 1;
    }
    all
}

const SIGN_F32: u32 = 1 << 31;
const SIGN_F64: u64 = 1 << 63;

// Arithmetic of one lane where the scalar instruction has another form.

semantics! {
    fn canonical_lane_f32(r: f32) -> f32 = if r.is_nan() { CANONICAL_NAN_F32 } else { r };
    fn canonical_lane_f64(r: f64) -> f64 = if r.is_nan() { CANONICAL_NAN_F64 } else { r };
    // The extreme first, then the check: computed behind the check, it would be branches and no vectors.
    fn min_lane_f32(a: f32, b: f32) -> f32 = {
        let min = float::ordered_min_f32(a, b);
        if a.is_nan() || b.is_nan() { CANONICAL_NAN_F32 } else { min }
    };
    fn max_lane_f32(a: f32, b: f32) -> f32 = {
        let max = float::ordered_max_f32(a, b);
        if a.is_nan() || b.is_nan() { CANONICAL_NAN_F32 } else { max }
    };
    fn min_lane_f64(a: f64, b: f64) -> f64 = {
        let min = float::ordered_min_f64(a, b);
        if a.is_nan() || b.is_nan() { CANONICAL_NAN_F64 } else { min }
    };
    fn max_lane_f64(a: f64, b: f64) -> f64 = {
        let max = float::ordered_max_f64(a, b);
        if a.is_nan() || b.is_nan() { CANONICAL_NAN_F64 } else { max }
    };
    fn q15mulr_sat(a: i16, b: i16) -> i16 = {
        // Only -1 times -1 overflows, and nothing else comes out as the least number.
        let product = ((i32::from(a) * i32::from(b) + 0x4000) >> 15) as i16;
        if product == i16::MIN { i16::MAX } else { product }
    };
}

// Memory: `x` is what was loaded, read as a little-endian number, or what is to be stored.

semantics! {
    fn v128_load8x8_s(x: u64) -> V128 = map_low(v128_load64_zero(x), |lane: i8| i16::from(lane));
    fn v128_load8x8_u(x: u64) -> V128 = {
        // Spread by halves, as numbers: byte by byte, LLVM would leave the vector registers.
        let x = u128::from(x as u32) | u128::from(x >> 32) << 64;
        map(V128::from(x), |half: u64| {
            let half = (half | half << 16) & 0x0000_ffff_0000_ffff;
            (half | half << 8) & 0x00ff_00ff_00ff_00ff
        })
    };
    fn v128_load16x4_s(x: u64) -> V128 = map_low(v128_load64_zero(x), |lane: i16| i32::from(lane));
    fn v128_load16x4_u(x: u64) -> V128 = map_low(v128_load64_zero(x), |lane: u16| u32::from(lane));
    fn v128_load32x2_s(x: u64) -> V128 = map_low(v128_load64_zero(x), |lane: i32| i64::from(lane));
    fn v128_load32x2_u(x: u64) -> V128 = map_low(v128_load64_zero(x), |lane: u32| u64::from(lane));
    fn v128_load8_splat(x: u8) -> V128 = splat(x);
    fn v128_load16_splat(x: u16) -> V128 = splat(x);
    fn v128_load32_splat(x: u32) -> V128 = splat(x);
    fn v128_load64_splat(x: u64) -> V128 = splat(x);
    fn v128_load32_zero(x: u32) -> V128 = V128::from(u128::from(x));
    fn v128_load64_zero(x: u64) -> V128 = V128::from(u128::from(x));
    fn v128_load8_lane(v: V128, lane: u8, x: u8) -> V128 = replace(v, lane, x);
    fn v128_load16_lane(v: V128, lane: u8, x: u16) -> V128 = replace(v, lane, x);
    fn v128_load32_lane(v: V128, lane: u8, x: u32) -> V128 = replace(v, lane, x);
    fn v128_load64_lane(v: V128, lane: u8, x: u64) -> V128 = replace(v, lane, x);
    fn v128_store8_lane(v: V128, lane: u8) -> u8 = extract(v, lane);
    fn v128_store16_lane(v: V128, lane: u8) -> u16 = extract(v, lane);
    fn v128_store32_lane(v: V128, lane: u8) -> u32 = extract(v, lane);
    fn v128_store64_lane(v: V128, lane: u8) -> u64 = extract(v, lane);
}

// Lanes.

semantics! {
    /// Byte `i` of the result is byte `lanes[i]` of the 32 bytes `a` then `b`.
    fn i8x16_shuffle(a: V128, b: V128, lanes: [u8; 16]) -> V128 = {
        let both = joined(a, b);
        V128(from_fn(|index| both[usize::from(lanes[index] % 32)]))
    };
    /// Byte `i` of the result is byte `b[i]` of `a`, or 0 where `a` has no such byte.
    fn i8x16_swizzle(a: V128, b: V128) -> V128 = {
        // Zeros behind the bytes, to the first of which every index too large is led: no branches.
        let bytes = joined(a, V128::ZERO);
        V128(from_fn(|index| bytes[usize::from(b.0[index].min(16))]))
    };

    fn i8x16_extract_lane_s(a: V128, lane: u8) -> i32 = i32::from(extract::<i8, 16>(a, lane));
    fn i8x16_extract_lane_u(a: V128, lane: u8) -> u32 = u32::from(extract::<u8, 16>(a, lane));
    fn i16x8_extract_lane_s(a: V128, lane: u8) -> i32 = i32::from(extract::<i16, 8>(a, lane));
    fn i16x8_extract_lane_u(a: V128, lane: u8) -> u32 = u32::from(extract::<u16, 8>(a, lane));
    fn i32x4_extract_lane(a: V128, lane: u8) -> i32 = extract(a, lane);
    fn i64x2_extract_lane(a: V128, lane: u8) -> i64 = extract(a, lane);
    fn f32x4_extract_lane(a: V128, lane: u8) -> f32 = extract(a, lane);
    fn f64x2_extract_lane(a: V128, lane: u8) -> f64 = extract(a, lane);
    fn i8x16_replace_lane(a: V128, lane: u8, x: i32) -> V128 = replace(a, lane, x as i8);
    fn i16x8_replace_lane(a: V128, lane: u8, x: i32) -> V128 = replace(a, lane, x as i16);
    fn i32x4_replace_lane(a: V128, lane: u8, x: i32) -> V128 = replace(a, lane, x);
    fn i64x2_replace_lane(a: V128, lane: u8, x: i64) -> V128 = replace(a, lane, x);
    fn f32x4_replace_lane(a: V128, lane: u8, x: f32) -> V128 = replace(a, lane, x);
    fn f64x2_replace_lane(a: V128, lane: u8, x: f64) -> V128 = replace(a, lane, x);
    fn i8x16_splat(x: i32) -> V128 = splat(x as i8);
    fn i16x8_splat(x: i32) -> V128 = splat(x as i16);
    fn i32x4_splat(x: i32) -> V128 = splat(x);
    fn i64x2_splat(x: i64) -> V128 = splat(x);
    fn f32x4_splat(x: f32) -> V128 = splat(x);
    fn f64x2_splat(x: f64) -> V128 = splat(x);
}

// All 128 bits.

semantics! {
    fn v128_not(a: V128) -> V128 = map(a, |x: u64| !x);
    fn v128_and(a: V128, b: V128) -> V128 = zip(a, b, |x: u64, y: u64| x & y);
    fn v128_andnot(a: V128, b: V128) -> V128 = zip(a, b, |x: u64, y: u64| x & !y);
    fn v128_or(a: V128, b: V128) -> V128 = zip(a, b, |x: u64, y: u64| x | y);
    fn v128_xor(a: V128, b: V128) -> V128 = zip(a, b, |x: u64, y: u64| x ^ y);
    /// Bits of `a` where `mask` has ones, bits of `b` where it has zeroes.
    fn v128_bitselect(a: V128, b: V128, mask: V128) -> V128 =
        v128_or(v128_and(a, mask), v128_andnot(b, mask));
    fn v128_any_true(a: V128) -> bool = a != V128::ZERO;
}

// Comparisons: a lane of ones where they hold, of zeroes elsewhere.

semantics! {
    fn i8x16_eq(a: V128, b: V128) -> V128 = zip(a, b, |x: i8, y: i8| -i8::from(x == y));
    fn i8x16_ne(a: V128, b: V128) -> V128 = zip(a, b, |x: i8, y: i8| -i8::from(x != y));
    fn i8x16_lt_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i8, y: i8| -i8::from(x < y));
    fn i8x16_lt_u(a: V128, b: V128) -> V128 = zip(a, b, |x: u8, y: u8| -i8::from(x < y));
    fn i8x16_gt_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i8, y: i8| -i8::from(x > y));
    fn i8x16_gt_u(a: V128, b: V128) -> V128 = zip(a, b, |x: u8, y: u8| -i8::from(x > y));
    fn i8x16_le_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i8, y: i8| -i8::from(x <= y));
    fn i8x16_le_u(a: V128, b: V128) -> V128 = zip(a, b, |x: u8, y: u8| -i8::from(x <= y));
    fn i8x16_ge_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i8, y: i8| -i8::from(x >= y));
    fn i8x16_ge_u(a: V128, b: V128) -> V128 = zip(a, b, |x: u8, y: u8| -i8::from(x >= y));

    fn i16x8_eq(a: V128, b: V128) -> V128 = zip(a, b, |x: i16, y: i16| -i16::from(x == y));
    fn i16x8_ne(a: V128, b: V128) -> V128 = zip(a, b, |x: i16, y: i16| -i16::from(x != y));
    fn i16x8_lt_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i16, y: i16| -i16::from(x < y));
    fn i16x8_lt_u(a: V128, b: V128) -> V128 = zip(a, b, |x: u16, y: u16| -i16::from(x < y));
    fn i16x8_gt_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i16, y: i16| -i16::from(x > y));
    fn i16x8_gt_u(a: V128, b: V128) -> V128 = zip(a, b, |x: u16, y: u16| -i16::from(x > y));
    fn i16x8_le_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i16, y: i16| -i16::from(x <= y));
    fn i16x8_le_u(a: V128, b: V128) -> V128 = zip(a, b, |x: u16, y: u16| -i16::from(x <= y));
    fn i16x8_ge_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i16, y: i16| -i16::from(x >= y));
    fn i16x8_ge_u(a: V128, b: V128) -> V128 = zip(a, b, |x: u16, y: u16| -i16::from(x >= y));

    fn i32x4_eq(a: V128, b: V128) -> V128 = zip(a, b, |x: i32, y: i32| -i32::from(x == y));
    fn i32x4_ne(a: V128, b: V128) -> V128 = zip(a, b, |x: i32, y: i32| -i32::from(x != y));
    fn i32x4_lt_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i32, y: i32| -i32::from(x < y));
    fn i32x4_lt_u(a: V128, b: V128) -> V128 = zip(a, b, |x: u32, y: u32| -i32::from(x < y));
    fn i32x4_gt_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i32, y: i32| -i32::from(x > y));
    fn i32x4_gt_u(a: V128, b: V128) -> V128 = zip(a, b, |x: u32, y: u32| -i32::from(x > y));
    fn i32x4_le_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i32, y: i32| -i32::from(x <= y));
    fn i32x4_le_u(a: V128, b: V128) -> V128 = zip(a, b, |x: u32, y: u32| -i32::from(x <= y));
    fn i32x4_ge_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i32, y: i32| -i32::from(x >= y));
    fn i32x4_ge_u(a: V128, b: V128) -> V128 = zip(a, b, |x: u32, y: u32| -i32::from(x >= y));

    fn i64x2_eq(a: V128, b: V128) -> V128 = zip(a, b, |x: i64, y: i64| -i64::from(x == y));
    fn i64x2_ne(a: V128, b: V128) -> V128 = zip(a, b, |x: i64, y: i64| -i64::from(x != y));
    fn i64x2_lt_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i64, y: i64| -i64::from(x < y));
    fn i64x2_gt_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i64, y: i64| -i64::from(x > y));
    fn i64x2_le_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i64, y: i64| -i64::from(x <= y));
    fn i64x2_ge_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i64, y: i64| -i64::from(x >= y));

    fn f32x4_eq(a: V128, b: V128) -> V128 = zip(a, b, |x: f32, y: f32| -i32::from(x == y));
    fn f32x4_ne(a: V128, b: V128) -> V128 = zip(a, b, |x: f32, y: f32| -i32::from(x != y));
    fn f32x4_lt(a: V128, b: V128) -> V128 = zip(a, b, |x: f32, y: f32| -i32::from(x < y));
    fn f32x4_gt(a: V128, b: V128) -> V128 = zip(a, b, |x: f32, y: f32| -i32::from(x > y));
    fn f32x4_le(a: V128, b: V128) -> V128 = zip(a, b, |x: f32, y: f32| -i32::from(x <= y));
    fn f32x4_ge(a: V128, b: V128) -> V128 = zip(a, b, |x: f32, y: f32| -i32::from(x >= y));

    fn f64x2_eq(a: V128, b: V128) -> V128 = zip(a, b, |x: f64, y: f64| -i64::from(x == y));
    fn f64x2_ne(a: V128, b: V128) -> V128 = zip(a, b, |x: f64, y: f64| -i64::from(x != y));
    fn f64x2_lt(a: V128, b: V128) -> V128 = zip(a, b, |x: f64, y: f64| -i64::from(x < y));
    fn f64x2_gt(a: V128, b: V128) -> V128 = zip(a, b, |x: f64, y: f64| -i64::from(x > y));
    fn f64x2_le(a: V128, b: V128) -> V128 = zip(a, b, |x: f64, y: f64| -i64::from(x <= y));
    fn f64x2_ge(a: V128, b: V128) -> V128 = zip(a, b, |x: f64, y: f64| -i64::from(x >= y));
}

// Integer arithmetic.

semantics! {
    fn i8x16_abs(a: V128) -> V128 = map(a, i8::wrapping_abs);
    fn i8x16_neg(a: V128) -> V128 = map(a, i8::wrapping_neg);
    fn i8x16_popcnt(a: V128) -> V128 = map(a, |x: u8| x.count_ones() as u8);
    fn i8x16_all_true(a: V128) -> bool = all_true::<i8, 16>(a);
    /// Bit `i` of the result is the sign of lane `i`.
    fn i8x16_bitmask(a: V128) -> u32 = {
        // The factor moves the sign of byte i from bit 8i + 7 to bit 56 + i, and no two bits meet.
        let signs = |x: u64| ((x & 0x8080_8080_8080_8080) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        let [low, high] = a.lanes();
        (signs(low) | signs(high) << 8) as u32
    };
    fn i8x16_shl(a: V128, count: u32) -> V128 = map(a, |x: i8| x.wrapping_shl(count));
    fn i8x16_shr_s(a: V128, count: u32) -> V128 = map(a, |x: i8| x.wrapping_shr(count));
    fn i8x16_shr_u(a: V128, count: u32) -> V128 = map(a, |x: u8| x.wrapping_shr(count));
    fn i8x16_add(a: V128, b: V128) -> V128 = zip(a, b, i8::wrapping_add);
    fn i8x16_add_sat_s(a: V128, b: V128) -> V128 = zip(a, b, i8::saturating_add);
    fn i8x16_add_sat_u(a: V128, b: V128) -> V128 = zip(a, b, u8::saturating_add);
    fn i8x16_sub(a: V128, b: V128) -> V128 = zip(a, b, i8::wrapping_sub);
    fn i8x16_sub_sat_s(a: V128, b: V128) -> V128 = zip(a, b, i8::saturating_sub);
    fn i8x16_sub_sat_u(a: V128, b: V128) -> V128 = zip(a, b, u8::saturating_sub);
    fn i8x16_min_s(a: V128, b: V128) -> V128 = zip(a, b, i8::min);
    fn i8x16_min_u(a: V128, b: V128) -> V128 = zip(a, b, u8::min);
    fn i8x16_max_s(a: V128, b: V128) -> V128 = zip(a, b, i8::max);
    fn i8x16_max_u(a: V128, b: V128) -> V128 = zip(a, b, u8::max);
    /// The mean, rounded up.
    fn i8x16_avgr_u(a: V128, b: V128) -> V128 =
        zip(a, b, |x: u8, y: u8| ((u16::from(x) + u16::from(y) + 1) >> 1) as u8);

    fn i16x8_abs(a: V128) -> V128 = map(a, i16::wrapping_abs);
    fn i16x8_neg(a: V128) -> V128 = map(a, i16::wrapping_neg);
    fn i16x8_all_true(a: V128) -> bool = all_true::<i16, 8>(a);
    /// As [`i8x16_bitmask`].
    fn i16x8_bitmask(a: V128) -> u32 = {
        let signs = |x: u64| ((x >> 15) & 0x0001_0001_0001_0001).wrapping_mul(0x1000_2000_4000_8000) >> 60;
        let [low, high] = a.lanes();
        (signs(low) | signs(high) << 4) as u32
    };
    fn i16x8_shl(a: V128, count: u32) -> V128 = map(a, |x: i16| x.wrapping_shl(count));
    fn i16x8_shr_s(a: V128, count: u32) -> V128 = map(a, |x: i16| x.wrapping_shr(count));
    fn i16x8_shr_u(a: V128, count: u32) -> V128 = map(a, |x: u16| x.wrapping_shr(count));
    fn i16x8_add(a: V128, b: V128) -> V128 = zip(a, b, i16::wrapping_add);
    fn i16x8_add_sat_s(a: V128, b: V128) -> V128 = zip(a, b, i16::saturating_add);
    fn i16x8_add_sat_u(a: V128, b: V128) -> V128 = zip(a, b, u16::saturating_add);
    fn i16x8_sub(a: V128, b: V128) -> V128 = zip(a, b, i16::wrapping_sub);
    fn i16x8_sub_sat_s(a: V128, b: V128) -> V128 = zip(a, b, i16::saturating_sub);
    fn i16x8_sub_sat_u(a: V128, b: V128) -> V128 = zip(a, b, u16::saturating_sub);
    fn i16x8_mul(a: V128, b: V128) -> V128 = zip(a, b, i16::wrapping_mul);
    fn i16x8_min_s(a: V128, b: V128) -> V128 = zip(a, b, i16::min);
    fn i16x8_min_u(a: V128, b: V128) -> V128 = zip(a, b, u16::min);
    fn i16x8_max_s(a: V128, b: V128) -> V128 = zip(a, b, i16::max);
    fn i16x8_max_u(a: V128, b: V128) -> V128 = zip(a, b, u16::max);
    fn i16x8_avgr_u(a: V128, b: V128) -> V128 =
        zip(a, b, |x: u16, y: u16| ((u32::from(x) + u32::from(y) + 1) >> 1) as u16);
    /// Product of fractions with 15 bits after the point, rounded to nearest, saturating.
    fn i16x8_q15mulr_sat_s(a: V128, b: V128) -> V128 = zip(a, b, q15mulr_sat);

    fn i32x4_abs(a: V128) -> V128 = map(a, i32::wrapping_abs);
    fn i32x4_neg(a: V128) -> V128 = map(a, i32::wrapping_neg);
    fn i32x4_all_true(a: V128) -> bool = all_true::<i32, 4>(a);
    /// As [`i8x16_bitmask`].
    fn i32x4_bitmask(a: V128) -> u32 = {
        let [x, y, z, w] = a.lanes::<u32, 4>();
        x >> 31 | y >> 31 << 1 | z >> 31 << 2 | w >> 31 << 3
    };
    fn i32x4_shl(a: V128, count: u32) -> V128 = map(a, |x: i32| x.wrapping_shl(count));
    fn i32x4_shr_s(a: V128, count: u32) -> V128 = map(a, |x: i32| x.wrapping_shr(count));
    fn i32x4_shr_u(a: V128, count: u32) -> V128 = map(a, |x: u32| x.wrapping_shr(count));
    fn i32x4_add(a: V128, b: V128) -> V128 = zip(a, b, i32::wrapping_add);
    fn i32x4_sub(a: V128, b: V128) -> V128 = zip(a, b, i32::wrapping_sub);
    fn i32x4_mul(a: V128, b: V128) -> V128 = zip(a, b, i32::wrapping_mul);
    fn i32x4_min_s(a: V128, b: V128) -> V128 = zip(a, b, i32::min);
    fn i32x4_min_u(a: V128, b: V128) -> V128 = zip(a, b, u32::min);
    fn i32x4_max_s(a: V128, b: V128) -> V128 = zip(a, b, i32::max);
    fn i32x4_max_u(a: V128, b: V128) -> V128 = zip(a, b, u32::max);

    fn i64x2_abs(a: V128) -> V128 = map(a, i64::wrapping_abs);
    fn i64x2_neg(a: V128) -> V128 = map(a, i64::wrapping_neg);
    fn i64x2_all_true(a: V128) -> bool = all_true::<i64, 2>(a);
    /// As [`i8x16_bitmask`].
    fn i64x2_bitmask(a: V128) -> u32 = {
        let [x, y] = a.lanes::<u64, 2>();
        (x >> 63 | y >> 63 << 1) as u32
    };
    fn i64x2_shl(a: V128, count: u32) -> V128 = map(a, |x: i64| x.wrapping_shl(count));
    fn i64x2_shr_s(a: V128, count: u32) -> V128 = map(a, |x: i64| x.wrapping_shr(count));
    fn i64x2_shr_u(a: V128, count: u32) -> V128 = map(a, |x: u64| x.wrapping_shr(count));
    fn i64x2_add(a: V128, b: V128) -> V128 = zip(a, b, i64::wrapping_add);
    fn i64x2_sub(a: V128, b: V128) -> V128 = zip(a, b, i64::wrapping_sub);
    fn i64x2_mul(a: V128, b: V128) -> V128 = zip(a, b, i64::wrapping_mul);
}

// Between integer lanes of different widths.

semantics! {
    fn i8x16_narrow_i16x8_s(a: V128, b: V128) -> V128 =
        narrow(a, b, |x: i16| x.clamp(i8::MIN.into(), i8::MAX.into()) as i8);
    fn i8x16_narrow_i16x8_u(a: V128, b: V128) -> V128 =
        narrow(a, b, |x: i16| x.clamp(u8::MIN.into(), u8::MAX.into()) as u8);
    fn i16x8_narrow_i32x4_s(a: V128, b: V128) -> V128 =
        narrow(a, b, |x: i32| x.clamp(i16::MIN.into(), i16::MAX.into()) as i16);
    fn i16x8_narrow_i32x4_u(a: V128, b: V128) -> V128 =
        narrow(a, b, |x: i32| x.clamp(u16::MIN.into(), u16::MAX.into()) as u16);
    fn i16x8_extend_low_i8x16_s(a: V128) -> V128 = map_low(a, |x: i8| i16::from(x));
    fn i16x8_extend_high_i8x16_s(a: V128) -> V128 = map_high(a, |x: i8| i16::from(x));
    fn i16x8_extend_low_i8x16_u(a: V128) -> V128 = map_low(a, |x: u8| u16::from(x));
    fn i16x8_extend_high_i8x16_u(a: V128) -> V128 = map_high(a, |x: u8| u16::from(x));
    fn i16x8_extmul_low_i8x16_s(a: V128, b: V128) -> V128 =
        zip_low(a, b, |x: i8, y: i8| i16::from(x) * i16::from(y));
    fn i16x8_extmul_high_i8x16_s(a: V128, b: V128) -> V128 =
        zip_high(a, b, |x: i8, y: i8| i16::from(x) * i16::from(y));
    fn i16x8_extmul_low_i8x16_u(a: V128, b: V128) -> V128 =
        zip_low(a, b, |x: u8, y: u8| u16::from(x) * u16::from(y));
    fn i16x8_extmul_high_i8x16_u(a: V128, b: V128) -> V128 =
        zip_high(a, b, |x: u8, y: u8| u16::from(x) * u16::from(y));
    fn i16x8_extadd_pairwise_i8x16_s(a: V128) -> V128 =
        pairwise(a, |x: i8, y: i8| i16::from(x) + i16::from(y));
    fn i16x8_extadd_pairwise_i8x16_u(a: V128) -> V128 =
        pairwise(a, |x: u8, y: u8| u16::from(x) + u16::from(y));
    fn i32x4_extend_low_i16x8_s(a: V128) -> V128 = map_low(a, |x: i16| i32::from(x));
    fn i32x4_extend_high_i16x8_s(a: V128) -> V128 = map_high(a, |x: i16| i32::from(x));
    fn i32x4_extend_low_i16x8_u(a: V128) -> V128 = map_low(a, |x: u16| u32::from(x));
    fn i32x4_extend_high_i16x8_u(a: V128) -> V128 = map_high(a, |x: u16| u32::from(x));
    fn i32x4_extmul_low_i16x8_s(a: V128, b: V128) -> V128 =
        zip_low(a, b, |x: i16, y: i16| i32::from(x) * i32::from(y));
    fn i32x4_extmul_high_i16x8_s(a: V128, b: V128) -> V128 =
        zip_high(a, b, |x: i16, y: i16| i32::from(x) * i32::from(y));
    fn i32x4_extmul_low_i16x8_u(a: V128, b: V128) -> V128 =
        zip_low(a, b, |x: u16, y: u16| u32::from(x) * u32::from(y));
    fn i32x4_extmul_high_i16x8_u(a: V128, b: V128) -> V128 =
        zip_high(a, b, |x: u16, y: u16| u32::from(x) * u32::from(y));
    fn i32x4_extadd_pairwise_i16x8_s(a: V128) -> V128 =
        pairwise(a, |x: i16, y: i16| i32::from(x) + i32::from(y));
    fn i32x4_extadd_pairwise_i16x8_u(a: V128) -> V128 =
        pairwise(a, |x: u16, y: u16| u32::from(x) + u32::from(y));
    fn i64x2_extend_low_i32x4_s(a: V128) -> V128 = map_low(a, |x: i32| i64::from(x));
    fn i64x2_extend_high_i32x4_s(a: V128) -> V128 = map_high(a, |x: i32| i64::from(x));
    fn i64x2_extend_low_i32x4_u(a: V128) -> V128 = map_low(a, |x: u32| u64::from(x));
    fn i64x2_extend_high_i32x4_u(a: V128) -> V128 = map_high(a, |x: u32| u64::from(x));
    fn i64x2_extmul_low_i32x4_s(a: V128, b: V128) -> V128 =
        zip_low(a, b, |x: i32, y: i32| i64::from(x) * i64::from(y));
    fn i64x2_extmul_high_i32x4_s(a: V128, b: V128) -> V128 =
        zip_high(a, b, |x: i32, y: i32| i64::from(x) * i64::from(y));
    fn i64x2_extmul_low_i32x4_u(a: V128, b: V128) -> V128 =
        zip_low(a, b, |x: u32, y: u32| u64::from(x) * u64::from(y));
    fn i64x2_extmul_high_i32x4_u(a: V128, b: V128) -> V128 =
        zip_high(a, b, |x: u32, y: u32| u64::from(x) * u64::from(y));
    /// Sums of neighbouring products; only `i16::MIN` in all four operands makes a sum wrap.
    fn i32x4_dot_i16x8_s(a: V128, b: V128) -> V128 = arch::dot_i16x8(a, b);
}

// Float arithmetic.

semantics! {
    fn f32x4_ceil(a: V128) -> V128 = map(a, |x: f32| canonical_lane_f32(float::native::ceil_lane_f32(x)));
    fn f32x4_floor(a: V128) -> V128 = map(a, |x: f32| canonical_lane_f32(float::native::floor_lane_f32(x)));
    fn f32x4_trunc(a: V128) -> V128 = map(a, |x: f32| canonical_lane_f32(float::native::trunc_lane_f32(x)));
    fn f32x4_nearest(a: V128) -> V128 = map(a, |x: f32| canonical_lane_f32(float::native::nearest_lane_f32(x)));
    fn f32x4_sqrt(a: V128) -> V128 = map(a, float::native::sqrt_lane_f32);
    fn f32x4_abs(a: V128) -> V128 = map(a, |x: u32| x & !SIGN_F32);
    fn f32x4_neg(a: V128) -> V128 = map(a, |x: u32| x ^ SIGN_F32);
    fn f32x4_add(a: V128, b: V128) -> V128 = zip(a, b, |x: f32, y: f32| canonical_lane_f32(x + y));
    fn f32x4_sub(a: V128, b: V128) -> V128 = zip(a, b, |x: f32, y: f32| canonical_lane_f32(x - y));
    fn f32x4_mul(a: V128, b: V128) -> V128 = zip(a, b, |x: f32, y: f32| canonical_lane_f32(x * y));
    fn f32x4_div(a: V128, b: V128) -> V128 = zip(a, b, |x: f32, y: f32| canonical_lane_f32(x / y));
    fn f32x4_min(a: V128, b: V128) -> V128 = zip(a, b, min_lane_f32);
    fn f32x4_max(a: V128, b: V128) -> V128 = zip(a, b, max_lane_f32);
    /// `b < a ? b : a`, keeping the bits of whichever it is.
    fn f32x4_pmin(a: V128, b: V128) -> V128 = zip(a, b, |x: f32, y: f32| if y < x { y } else { x });
    /// `a < b ? b : a`, keeping the bits of whichever it is.
    fn f32x4_pmax(a: V128, b: V128) -> V128 = zip(a, b, |x: f32, y: f32| if x < y { y } else { x });

    fn f64x2_ceil(a: V128) -> V128 = map(a, |x: f64| canonical_lane_f64(float::native::ceil_lane_f64(x)));
    fn f64x2_floor(a: V128) -> V128 = map(a, |x: f64| canonical_lane_f64(float::native::floor_lane_f64(x)));
    fn f64x2_trunc(a: V128) -> V128 = map(a, |x: f64| canonical_lane_f64(float::native::trunc_lane_f64(x)));
    fn f64x2_nearest(a: V128) -> V128 = map(a, |x: f64| canonical_lane_f64(float::native::nearest_lane_f64(x)));
    fn f64x2_sqrt(a: V128) -> V128 = map(a, float::native::sqrt_lane_f64);
    fn f64x2_abs(a: V128) -> V128 = map(a, |x: u64| x & !SIGN_F64);
    fn f64x2_neg(a: V128) -> V128 = map(a, |x: u64| x ^ SIGN_F64);
    fn f64x2_add(a: V128, b: V128) -> V128 = zip(a, b, |x: f64, y: f64| canonical_lane_f64(x + y));
    fn f64x2_sub(a: V128, b: V128) -> V128 = zip(a, b, |x: f64, y: f64| canonical_lane_f64(x - y));
    fn f64x2_mul(a: V128, b: V128) -> V128 = zip(a, b, |x: f64, y: f64| canonical_lane_f64(x * y));
    fn f64x2_div(a: V128, b: V128) -> V128 = zip(a, b, |x: f64, y: f64| canonical_lane_f64(x / y));
    fn f64x2_min(a: V128, b: V128) -> V128 = zip(a, b, min_lane_f64);
    fn f64x2_max(a: V128, b: V128) -> V128 = zip(a, b, max_lane_f64);
    fn f64x2_pmin(a: V128, b: V128) -> V128 = zip(a, b, |x: f64, y: f64| if y < x { y } else { x });
    fn f64x2_pmax(a: V128, b: V128) -> V128 = zip(a, b, |x: f64, y: f64| if x < y { y } else { x });
}

// Between integer and float lanes, and between float widths.

semantics! {
    fn i32x4_trunc_sat_f32x4_s(a: V128) -> V128 = map(a, |x: f32| x as i32);
    fn i32x4_trunc_sat_f32x4_u(a: V128) -> V128 = map(a, |x: f32| x as u32);
    fn i32x4_trunc_sat_f64x2_s_zero(a: V128) -> V128 = map_zero(a, |x: f64| x as i32);
    fn i32x4_trunc_sat_f64x2_u_zero(a: V128) -> V128 = map_zero(a, |x: f64| x as u32);
    fn f32x4_convert_i32x4_s(a: V128) -> V128 = map(a, |x: i32| x as f32);
    fn f32x4_convert_i32x4_u(a: V128) -> V128 = map(a, |x: u32| x as f32);
    fn f64x2_convert_low_i32x4_s(a: V128) -> V128 = map_low(a, |x: i32| f64::from(x));
    fn f64x2_convert_low_i32x4_u(a: V128) -> V128 = map_low(a, |x: u32| f64::from(x));
    fn f32x4_demote_f64x2_zero(a: V128) -> V128 = map_zero(a, |x: f64| canonical_lane_f32(x as f32));
    fn f64x2_promote_low_f32x4(a: V128) -> V128 = map_low(a, |x: f32| canonical_lane_f64(f64::from(x)));
}
