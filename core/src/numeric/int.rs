//! Integer instructions: `i32.*`, `i64.*` and wide arithmetic.
//!
//! Arithmetic wraps; shift and rotate counts are taken modulo the width; only division traps. Instructions that read
//! their operands as unsigned take unsigned types, all others signed ones. Spec: "Integer Operations". Conversions
//! between types are in [`convert`](super::convert).

use crate::trap::TrapCode;

semantics! {
    fn i32_eqz(a: i32) -> bool = a == 0;
    fn i32_eq(a: i32, b: i32) -> bool = a == b;
    fn i32_ne(a: i32, b: i32) -> bool = a != b;
    fn i32_lt_s(a: i32, b: i32) -> bool = a < b;
    fn i32_lt_u(a: u32, b: u32) -> bool = a < b;
    fn i32_gt_s(a: i32, b: i32) -> bool = a > b;
    fn i32_gt_u(a: u32, b: u32) -> bool = a > b;
    fn i32_le_s(a: i32, b: i32) -> bool = a <= b;
    fn i32_le_u(a: u32, b: u32) -> bool = a <= b;
    fn i32_ge_s(a: i32, b: i32) -> bool = a >= b;
    fn i32_ge_u(a: u32, b: u32) -> bool = a >= b;

    fn i32_clz(a: i32) -> i32 = a.leading_zeros() as i32;
    fn i32_ctz(a: i32) -> i32 = a.trailing_zeros() as i32;
    fn i32_popcnt(a: i32) -> i32 = a.count_ones() as i32;
    fn i32_extend8_s(a: i32) -> i32 = i32::from(a as i8);
    fn i32_extend16_s(a: i32) -> i32 = i32::from(a as i16);

    fn i32_add(a: i32, b: i32) -> i32 = a.wrapping_add(b);
    fn i32_sub(a: i32, b: i32) -> i32 = a.wrapping_sub(b);
    fn i32_mul(a: i32, b: i32) -> i32 = a.wrapping_mul(b);
    fn i32_and(a: i32, b: i32) -> i32 = a & b;
    fn i32_or(a: i32, b: i32) -> i32 = a | b;
    fn i32_xor(a: i32, b: i32) -> i32 = a ^ b;
    fn i32_shl(a: i32, b: u32) -> i32 = a.wrapping_shl(b);
    fn i32_shr_s(a: i32, b: u32) -> i32 = a.wrapping_shr(b);
    fn i32_shr_u(a: u32, b: u32) -> u32 = a.wrapping_shr(b);
    fn i32_rotl(a: u32, b: u32) -> u32 = a.rotate_left(b & 31);
    fn i32_rotr(a: u32, b: u32) -> u32 = a.rotate_right(b & 31);

    fn i64_eqz(a: i64) -> bool = a == 0;
    fn i64_eq(a: i64, b: i64) -> bool = a == b;
    fn i64_ne(a: i64, b: i64) -> bool = a != b;
    fn i64_lt_s(a: i64, b: i64) -> bool = a < b;
    fn i64_lt_u(a: u64, b: u64) -> bool = a < b;
    fn i64_gt_s(a: i64, b: i64) -> bool = a > b;
    fn i64_gt_u(a: u64, b: u64) -> bool = a > b;
    fn i64_le_s(a: i64, b: i64) -> bool = a <= b;
    fn i64_le_u(a: u64, b: u64) -> bool = a <= b;
    fn i64_ge_s(a: i64, b: i64) -> bool = a >= b;
    fn i64_ge_u(a: u64, b: u64) -> bool = a >= b;

    fn i64_clz(a: i64) -> i64 = i64::from(a.leading_zeros());
    fn i64_ctz(a: i64) -> i64 = i64::from(a.trailing_zeros());
    fn i64_popcnt(a: i64) -> i64 = i64::from(a.count_ones());
    fn i64_extend8_s(a: i64) -> i64 = i64::from(a as i8);
    fn i64_extend16_s(a: i64) -> i64 = i64::from(a as i16);
    fn i64_extend32_s(a: i64) -> i64 = i64::from(a as i32);

    fn i64_add(a: i64, b: i64) -> i64 = a.wrapping_add(b);
    fn i64_sub(a: i64, b: i64) -> i64 = a.wrapping_sub(b);
    fn i64_mul(a: i64, b: i64) -> i64 = a.wrapping_mul(b);
    fn i64_and(a: i64, b: i64) -> i64 = a & b;
    fn i64_or(a: i64, b: i64) -> i64 = a | b;
    fn i64_xor(a: i64, b: i64) -> i64 = a ^ b;
    // The width is a power of two no larger than 2³², so the low half of a count decides.
    fn i64_shl(a: i64, b: u64) -> i64 = a.wrapping_shl(b as u32);
    fn i64_shr_s(a: i64, b: u64) -> i64 = a.wrapping_shr(b as u32);
    fn i64_shr_u(a: u64, b: u64) -> u64 = a.wrapping_shr(b as u32);
    fn i64_rotl(a: u64, b: u64) -> u64 = a.rotate_left(b as u32 & 63);
    fn i64_rotr(a: u64, b: u64) -> u64 = a.rotate_right(b as u32 & 63);
}

/// Division by zero traps before overflow is looked at, and `MIN / -1` is the only quotient out of range.
#[inline(always)]
pub fn i32_div_s(a: i32, b: i32) -> Result<i32, TrapCode> {
    if b == 0 {
        return Err(TrapCode::IntegerDivideByZero);
    }
    a.checked_div(b).ok_or(TrapCode::IntegerOverflow)
}

#[inline(always)]
pub fn i32_div_u(a: u32, b: u32) -> Result<u32, TrapCode> {
    a.checked_div(b).ok_or(TrapCode::IntegerDivideByZero)
}

/// The remainder always fits: `MIN % -1` is 0 although the quotient would overflow.
#[inline(always)]
pub fn i32_rem_s(a: i32, b: i32) -> Result<i32, TrapCode> {
    if b == 0 {
        return Err(TrapCode::IntegerDivideByZero);
    }
    Ok(a.wrapping_rem(b))
}

#[inline(always)]
pub fn i32_rem_u(a: u32, b: u32) -> Result<u32, TrapCode> {
    a.checked_rem(b).ok_or(TrapCode::IntegerDivideByZero)
}

/// As [`i32_div_s`].
#[inline(always)]
pub fn i64_div_s(a: i64, b: i64) -> Result<i64, TrapCode> {
    if b == 0 {
        return Err(TrapCode::IntegerDivideByZero);
    }
    a.checked_div(b).ok_or(TrapCode::IntegerOverflow)
}

#[inline(always)]
pub fn i64_div_u(a: u64, b: u64) -> Result<u64, TrapCode> {
    a.checked_div(b).ok_or(TrapCode::IntegerDivideByZero)
}

/// As [`i32_rem_s`].
#[inline(always)]
pub fn i64_rem_s(a: i64, b: i64) -> Result<i64, TrapCode> {
    if b == 0 {
        return Err(TrapCode::IntegerDivideByZero);
    }
    Ok(a.wrapping_rem(b))
}

#[inline(always)]
pub fn i64_rem_u(a: u64, b: u64) -> Result<u64, TrapCode> {
    a.checked_rem(b).ok_or(TrapCode::IntegerDivideByZero)
}

// Wide arithmetic. A 128-bit number is a pair of 64-bit operands, low half first, as on the Wasm stack.

semantics! {
    fn i64_add128(a_lo: u64, a_hi: u64, b_lo: u64, b_hi: u64) -> (u64, u64) =
        halves(wide(a_lo, a_hi).wrapping_add(wide(b_lo, b_hi)));
    fn i64_sub128(a_lo: u64, a_hi: u64, b_lo: u64, b_hi: u64) -> (u64, u64) =
        halves(wide(a_lo, a_hi).wrapping_sub(wide(b_lo, b_hi)));
    fn i64_mul_wide_s(a: i64, b: i64) -> (u64, u64) = halves((i128::from(a) * i128::from(b)) as u128);
    fn i64_mul_wide_u(a: u64, b: u64) -> (u64, u64) = halves(u128::from(a) * u128::from(b));
}

#[inline(always)]
fn wide(lo: u64, hi: u64) -> u128 {
    u128::from(hi) << 64 | u128::from(lo)
}

#[inline(always)]
fn halves(value: u128) -> (u64, u64) {
    (value as u64, (value >> 64) as u64)
}
