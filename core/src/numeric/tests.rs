//! Scalar instructions against formulations that share nothing with them: wide integers, text, decoded floats.
//!
//! Every property is checked on all pairs of edge values and on random ones.

// The references round and take roots with the standard library, whichever the code under test uses.
#[cfg(not(feature = "std"))]
extern crate std;

use alloc::format;
use alloc::vec::Vec;

use super::arch;
use super::convert::*;
use super::float::*;
use super::int::*;
use crate::trap::TrapCode;
use proptest::prelude::*;

#[cfg(feature = "simd")]
mod simd;

const EDGES_I32: [i32; 16] =
    [0, 1, -1, 2, -2, 7, 31, 32, 33, -128, 0x7fff, 0x8000, i32::MAX, i32::MAX - 1, i32::MIN, i32::MIN + 1];
const EDGES_I64: [i64; 19] = [
    0,
    1,
    -1,
    2,
    -2,
    63,
    64,
    65,
    -128,
    0x8000,
    0x7fff_ffff,
    0x8000_0000,
    -0x8000_0001,
    1 << 32,
    0x1_0000_0020,
    i64::MAX,
    i64::MAX - 1,
    i64::MIN,
    i64::MIN + 1,
];

/// Magnitudes; each is used with both signs. NaNs with and without payload, quiet and signalling.
pub(super) const EDGES_F32: [u32; 27] = [
    0,
    1,
    0x007f_ffff, // greatest subnormal
    0x0080_0000, // least normal
    0x3eff_ffff, // below 1/2
    0x3f00_0000,
    0x3f7f_ffff, // below 1
    0x3f80_0000,
    0x3fc0_0000, // 1.5
    0x4020_0000, // 2.5
    0x4060_0000, // 3.5
    0x4aff_ffff, // 2²³ - 0.5
    0x4b00_0000, // 2²³
    0x4b00_0001,
    0x4b80_0001, // 2²⁴ + 2
    0x4eff_ffff, // below 2³¹
    0x4f00_0000,
    0x4f00_0001,
    0x4f7f_ffff, // below 2³²
    0x4f80_0000,
    0x5eff_ffff, // below 2⁶³
    0x5f00_0000,
    0x5f80_0000, // 2⁶⁴
    0x7f7f_ffff, // greatest
    0x7f80_0000,
    0x7fc0_0000,
    0x7fa1_2345,
];
pub(super) const EDGES_F64: [u64; 34] = [
    0,
    1,
    0x000f_ffff_ffff_ffff,
    0x0010_0000_0000_0000,
    0x3690_0000_0000_0000, // half the least subnormal of f32
    0x3690_0000_0000_0001,
    0x3fdf_ffff_ffff_ffff,
    0x3fe0_0000_0000_0000,
    0x3fef_ffff_ffff_ffff,
    0x3ff0_0000_0000_0000,
    0x3ff0_0000_1000_0000, // halfway between two f32
    0x3ff0_0000_3000_0000,
    0x3ff8_0000_0000_0000,
    0x4004_0000_0000_0000,
    0x400c_0000_0000_0000,
    0x41df_ffff_ffbf_ffff, // below 2³¹ - 1
    0x41df_ffff_ffff_ffff, // below 2³¹
    0x41e0_0000_0000_0000,
    0x41e0_0000_001f_ffff, // below 2³¹ + 1
    0x41e0_0000_0020_0000,
    0x41ef_ffff_ffff_ffff, // below 2³²
    0x41f0_0000_0000_0000,
    0x432f_ffff_ffff_ffff, // 2⁵² - 0.5
    0x4330_0000_0000_0000,
    0x4330_0000_0000_0001,
    0x43df_ffff_ffff_ffff, // below 2⁶³
    0x43e0_0000_0000_0000,
    0x43f0_0000_0000_0000, // 2⁶⁴
    0x47ef_ffff_efff_ffff, // rounds to the greatest f32
    0x47ef_ffff_f000_0000, // rounds to the infinite f32
    0x7fef_ffff_ffff_ffff,
    0x7ff0_0000_0000_0000,
    0x7ff8_0000_0000_0000,
    0x7ff4_0000_dead_beef,
];

/// Miri looks at every operation, not at every value.
pub(super) const STEP: usize = if cfg!(miri) { 9 } else { 1 };

fn edges_f32() -> Vec<f32> {
    EDGES_F32.iter().step_by(STEP).flat_map(|&bits| [bits, bits | 1 << 31]).map(f32::from_bits).collect()
}

fn edges_f64() -> Vec<f64> {
    EDGES_F64.iter().step_by(STEP).flat_map(|&bits| [bits, bits | 1 << 63]).map(f64::from_bits).collect()
}

/// No file of failures (Miri has no files), and few cases where each is slow.
pub(super) fn config() -> ProptestConfig {
    ProptestConfig { cases: if cfg!(miri) { 2 } else { 1000 }, failure_persistence: None, ..ProptestConfig::default() }
}

/// Random bits are mostly huge or tiny; the others are where rounding happens.
fn any_f32() -> impl Strategy<Value = f32> {
    prop_oneof![
        any::<u32>().prop_map(f32::from_bits),
        (-20_000_000i32..20_000_000, 0u32..5).prop_map(|(n, k)| n as f32 / (1 << k) as f32),
        any::<i64>().prop_map(|n| n as f32),
        prop::sample::select(edges_f32()),
    ]
}

fn any_f64() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        (-1_i64 << 54..1 << 54, 0u32..5).prop_map(|(n, k)| n as f64 / (1 << k) as f64),
        any::<i64>().prop_map(|n| n as f64),
        any::<u32>().prop_map(|bits| f64::from(f32::from_bits(bits))),
        prop::sample::select(edges_f64()),
    ]
}

fn any_i64() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), (any::<i64>(), 0u32..64).prop_map(|(n, k)| n >> k), prop::sample::select(&EDGES_I64[..])]
}

// ---- Integers

/// The number congruent to `n` among those of `bits` bits with sign.
pub(super) fn signed(n: i128, bits: u32) -> i128 {
    let unsigned = unsigned(n, bits);
    if unsigned >= 1 << (bits - 1) { unsigned - (1 << bits) } else { unsigned }
}

/// The number congruent to `n` among those of `bits` bits without sign.
pub(super) fn unsigned(n: i128, bits: u32) -> i128 {
    n.rem_euclid(1 << bits)
}

/// Bit `i` of the result is bit `i - by` of `n`, around the corner.
fn rotated(n: i128, by: i128, bits: u32) -> i128 {
    let bit = |i: i128| (n >> i) & 1;
    (0..i128::from(bits)).map(|i| bit((i - by).rem_euclid(i128::from(bits))) << i).sum()
}

/// What all `i32` and `i64` binary instructions must return, as signed numbers, from their operands as signed numbers.
fn check_integers(
    bits: u32,
    a: i128,
    b: i128,
    results: &[(&str, i128)],
    trapping: &[(&str, Result<i128, TrapCode>)],
    tests: &[(&str, bool)],
) {
    let (ua, ub) = (unsigned(a, bits), unsigned(b, bits));
    let count = ub % i128::from(bits);
    let power = 1i128 << count;
    let binary = format!("{ua:0width$b}", width = bits as usize);
    let run = |text: &str| text.chars().take_while(|&c| c == '0').count() as i128;
    for &(name, actual) in results {
        let expected = match name {
            "add" => a + b,
            "sub" => a - b,
            // Modulo 2^bits, the product of the unsigned readings is the same and fits 128 bits halfwise.
            "mul" => (((ua >> 32) * ub % (1 << bits)) << 32) + (ua & 0xffff_ffff) * ub,
            "and" => !(!a | !b),
            "or" => a + b - (a & b),
            "xor" => (a | b) - (a & b),
            "shl" => ua * power,
            "shr_s" => a.div_euclid(power),
            "shr_u" => ua / power,
            "rotl" => rotated(ua, count, bits),
            "rotr" => rotated(ua, -count, bits),
            "clz" => run(&binary),
            "ctz" => run(&binary.chars().rev().collect::<alloc::string::String>()),
            "popcnt" => binary.matches('1').count() as i128,
            "extend8_s" => signed(a, 8),
            "extend16_s" => signed(a, 16),
            "extend32_s" => signed(a, 32),
            other => unreachable!("{other}"),
        };
        assert_eq!(actual, signed(expected, bits), "{name} {a} {b}");
    }
    for &(name, actual) in trapping {
        let (x, y) = if name.ends_with('u') { (ua, ub) } else { (a, b) };
        let expected = if y == 0 {
            Err(TrapCode::IntegerDivideByZero)
        } else if name.starts_with("rem") {
            Ok(x - y * (x / y))
        } else if name == "div_s" && x / y >= 1 << (bits - 1) {
            Err(TrapCode::IntegerOverflow)
        } else {
            Ok(x / y)
        };
        assert_eq!(actual, expected.map(|n| signed(n, bits)), "{name} {a} {b}");
    }
    for &(name, actual) in tests {
        let (x, y) = if name.ends_with('u') { (ua, ub) } else { (a, b) };
        let difference = (x - y).signum();
        let expected = match &name[..2] {
            "eq" if name == "eqz" => a == 0,
            "eq" => difference == 0,
            "ne" => difference != 0,
            "lt" => difference == -1,
            "gt" => difference == 1,
            "le" => difference != 1,
            "ge" => difference != -1,
            other => unreachable!("{other}"),
        };
        assert_eq!(actual, expected, "{name} {a} {b}");
    }
}

fn check_i32(a: i32, b: i32) {
    let (ua, ub) = (a as u32, b as u32);
    let s = |n: i32| i128::from(n);
    let u = |n: u32| i128::from(n as i32);
    check_integers(
        32,
        a.into(),
        b.into(),
        &[
            ("add", s(i32_add(a, b))),
            ("sub", s(i32_sub(a, b))),
            ("mul", s(i32_mul(a, b))),
            ("and", s(i32_and(a, b))),
            ("or", s(i32_or(a, b))),
            ("xor", s(i32_xor(a, b))),
            ("shl", s(i32_shl(a, ub))),
            ("shr_s", s(i32_shr_s(a, ub))),
            ("shr_u", u(i32_shr_u(ua, ub))),
            ("rotl", u(i32_rotl(ua, ub))),
            ("rotr", u(i32_rotr(ua, ub))),
            ("clz", s(i32_clz(a))),
            ("ctz", s(i32_ctz(a))),
            ("popcnt", s(i32_popcnt(a))),
            ("extend8_s", s(i32_extend8_s(a))),
            ("extend16_s", s(i32_extend16_s(a))),
        ],
        &[
            ("div_s", i32_div_s(a, b).map(s)),
            ("div_u", i32_div_u(ua, ub).map(u)),
            ("rem_s", i32_rem_s(a, b).map(s)),
            ("rem_u", i32_rem_u(ua, ub).map(u)),
        ],
        &[
            ("eqz", i32_eqz(a)),
            ("eq", i32_eq(a, b)),
            ("ne", i32_ne(a, b)),
            ("lt_s", i32_lt_s(a, b)),
            ("lt_u", i32_lt_u(ua, ub)),
            ("gt_s", i32_gt_s(a, b)),
            ("gt_u", i32_gt_u(ua, ub)),
            ("le_s", i32_le_s(a, b)),
            ("le_u", i32_le_u(ua, ub)),
            ("ge_s", i32_ge_s(a, b)),
            ("ge_u", i32_ge_u(ua, ub)),
        ],
    );
}

fn check_i64(a: i64, b: i64) {
    let (ua, ub) = (a as u64, b as u64);
    let s = |n: i64| i128::from(n);
    let u = |n: u64| i128::from(n as i64);
    check_integers(
        64,
        a.into(),
        b.into(),
        &[
            ("add", s(i64_add(a, b))),
            ("sub", s(i64_sub(a, b))),
            ("mul", s(i64_mul(a, b))),
            ("shl", s(i64_shl(a, ub))),
            ("and", s(i64_and(a, b))),
            ("or", s(i64_or(a, b))),
            ("xor", s(i64_xor(a, b))),
            ("shr_s", s(i64_shr_s(a, ub))),
            ("shr_u", u(i64_shr_u(ua, ub))),
            ("rotl", u(i64_rotl(ua, ub))),
            ("rotr", u(i64_rotr(ua, ub))),
            ("clz", s(i64_clz(a))),
            ("ctz", s(i64_ctz(a))),
            ("popcnt", s(i64_popcnt(a))),
            ("extend8_s", s(i64_extend8_s(a))),
            ("extend16_s", s(i64_extend16_s(a))),
            ("extend32_s", s(i64_extend32_s(a))),
        ],
        &[
            ("div_s", i64_div_s(a, b).map(s)),
            ("div_u", i64_div_u(ua, ub).map(u)),
            ("rem_s", i64_rem_s(a, b).map(s)),
            ("rem_u", i64_rem_u(ua, ub).map(u)),
        ],
        &[
            ("eqz", i64_eqz(a)),
            ("eq", i64_eq(a, b)),
            ("ne", i64_ne(a, b)),
            ("lt_s", i64_lt_s(a, b)),
            ("lt_u", i64_lt_u(ua, ub)),
            ("gt_s", i64_gt_s(a, b)),
            ("gt_u", i64_gt_u(ua, ub)),
            ("le_s", i64_le_s(a, b)),
            ("le_u", i64_le_u(ua, ub)),
            ("ge_s", i64_ge_s(a, b)),
            ("ge_u", i64_ge_u(ua, ub)),
        ],
    );
    // Products by digits of 32 bits.
    let [low, high] = long_multiplication(ua, ub);
    assert_eq!(i64_mul_wide_u(ua, ub), (low, high), "mul_wide_u {a} {b}");
    // -1 as a high half counts as 2⁶⁴ too much: take the other factor off the high half for each negative one.
    let correction = if a < 0 { ub } else { 0 }.wrapping_add(if b < 0 { ua } else { 0 });
    assert_eq!(i64_mul_wide_s(a, b), (low, high.wrapping_sub(correction)), "mul_wide_s {a} {b}");

    assert_eq!(i128::from(i32_wrap_i64(a)), signed(a.into(), 32));
    assert_eq!(i128::from(i64_extend_i32_s(a as i32)), signed(a.into(), 32));
    assert_eq!(i128::from(i64_extend_i32_u(ua as u32)), unsigned(a.into(), 32));
}

/// `[low, high]` of the product.
fn long_multiplication(a: u64, b: u64) -> [u64; 2] {
    let digits = |n: u64| [n & 0xffff_ffff, n >> 32];
    let mut product = [0u64; 4];
    for (i, x) in digits(a).into_iter().enumerate() {
        let mut carry = 0;
        for (j, y) in digits(b).into_iter().enumerate() {
            let sum = product[i + j] + x * y + carry;
            product[i + j] = sum & 0xffff_ffff;
            carry = sum >> 32;
        }
        product[i + 2] += carry;
    }
    [product[0] | product[1] << 32, product[2] | product[3] << 32]
}

fn check_wide(a: [u64; 2], b: [u64; 2]) {
    let (low, carry) = a[0].overflowing_add(b[0]);
    let high = a[1].wrapping_add(b[1]).wrapping_add(carry.into());
    assert_eq!(i64_add128(a[0], a[1], b[0], b[1]), (low, high), "{a:?} + {b:?}");
    // What was added can be taken away again, from either side.
    assert_eq!(i64_sub128(low, high, b[0], b[1]), (a[0], a[1]), "{a:?} + {b:?} - {b:?}");
    assert_eq!(i64_sub128(low, high, a[0], a[1]), (b[0], b[1]), "{a:?} + {b:?} - {a:?}");
}

#[test]
fn integers_at_the_edges() {
    for a in EDGES_I32.into_iter().step_by(STEP) {
        for b in EDGES_I32 {
            check_i32(a, b);
        }
    }
    for a in EDGES_I64.into_iter().step_by(STEP) {
        for b in EDGES_I64 {
            check_i64(a, b);
            check_wide([a as u64, b as u64], [b as u64, a as u64]);
            check_wide([a as u64, b as u64], [a as u64, !b as u64]);
        }
    }
}

// ---- Floats

fn is_canonical_f32(r: f32) -> bool {
    r.to_bits() == 0x7fc0_0000
}

fn is_canonical_f64(r: f64) -> bool {
    r.to_bits() == 0x7ff8_0000_0000_0000
}

#[track_caller]
fn same_f32(actual: f32, expected: f32, what: &str) {
    let right = if expected.is_nan() { is_canonical_f32(actual) } else { actual.to_bits() == expected.to_bits() };
    assert!(right, "{what}: {actual:e} {:#x}, not {expected:e} {:#x}", actual.to_bits(), expected.to_bits());
}

#[track_caller]
fn same_f64(actual: f64, expected: f64, what: &str) {
    let right = if expected.is_nan() { is_canonical_f64(actual) } else { actual.to_bits() == expected.to_bits() };
    assert!(right, "{what}: {actual:e} {:#x}, not {expected:e} {:#x}", actual.to_bits(), expected.to_bits());
}

fn check_f32(a: f32, b: f32) {
    // With more than twice its precision, f64 gives the same results for the basic operations after a second rounding.
    let (wide_a, wide_b) = (f64::from(a), f64::from(b));
    let what = |op: &str| format!("{op} {a:e} {b:e}");
    same_f32(f32_add(a, b), (wide_a + wide_b) as f32, &what("add"));
    same_f32(f32_sub(a, b), (wide_a - wide_b) as f32, &what("sub"));
    same_f32(f32_mul(a, b), (wide_a * wide_b) as f32, &what("mul"));
    same_f32(f32_div(a, b), (wide_a / wide_b) as f32, &what("div"));
    same_f32(f32_sqrt(a), wide_a.sqrt() as f32, &what("sqrt"));
    same_f32(f32_sqrt(a), libm::sqrtf(a), &what("sqrt of libm"));

    let nan = a.is_nan() || b.is_nan();
    let (less, more) = if a.total_cmp(&b).is_le() { (a, b) } else { (b, a) };
    same_f32(f32_min(a, b), if nan { f32::NAN } else { less }, &what("min"));
    same_f32(f32_max(a, b), if nan { f32::NAN } else { more }, &what("max"));

    same_f32(f32_ceil(a), a.ceil(), &what("ceil"));
    same_f32(f32_floor(a), a.floor(), &what("floor"));
    same_f32(f32_trunc(a), a.trunc(), &what("trunc"));
    same_f32(f32_nearest(a), a.round_ties_even(), &what("nearest"));
    same_f32(canonical_f32(round::ceil_f32(a)), libm::ceilf(a), &what("portable ceil"));
    same_f32(canonical_f32(round::floor_f32(a)), libm::floorf(a), &what("portable floor"));
    same_f32(canonical_f32(round::trunc_f32(a)), libm::truncf(a), &what("portable trunc"));
    same_f32(canonical_f32(round::nearest_f32(a)), libm::rintf(a), &what("portable nearest"));

    // Bits stay, whatever they mean.
    let (bits, sign_b) = (a.to_bits(), b.to_bits() & 1 << 31);
    assert_eq!(f32_abs(a).to_bits(), bits & !(1 << 31));
    assert_eq!(f32_neg(a).to_bits(), bits ^ 1 << 31);
    assert_eq!(f32_copysign(a, b).to_bits(), bits & !(1 << 31) | sign_b);
    assert_eq!(f32_reinterpret_i32(bits).to_bits(), bits);
    assert_eq!(i32_reinterpret_f32(a), bits);

    // Order by the bits: sign and magnitude read as one number.
    let key = |x: f32| if x < 0.0 { -i64::from(x.abs().to_bits()) } else { i64::from(x.abs().to_bits()) };
    let order = |test: fn(&i64, &i64) -> bool| !nan && test(&key(a), &key(b));
    assert_eq!(f32_eq(a, b), order(i64::eq), "{}", what("eq"));
    assert_eq!(f32_ne(a, b), !order(i64::eq), "{}", what("ne"));
    assert_eq!(f32_lt(a, b), order(i64::lt), "{}", what("lt"));
    assert_eq!(f32_gt(a, b), order(i64::gt), "{}", what("gt"));
    assert_eq!(f32_le(a, b), order(i64::le), "{}", what("le"));
    assert_eq!(f32_ge(a, b), order(i64::ge), "{}", what("ge"));
}

fn check_f64(a: f64, b: f64) {
    let what = |op: &str| format!("{op} {a:e} {b:e}");
    // The host's arithmetic is the reference here; what is checked is what becomes of NaNs.
    let (host_a, host_b) = (core::hint::black_box(a), core::hint::black_box(b));
    same_f64(f64_add(a, b), host_a + host_b, &what("add"));
    same_f64(f64_sub(a, b), host_a - host_b, &what("sub"));
    same_f64(f64_mul(a, b), host_a * host_b, &what("mul"));
    same_f64(f64_div(a, b), host_a / host_b, &what("div"));
    same_f64(f64_sqrt(a), host_a.sqrt(), &what("sqrt"));
    same_f64(f64_sqrt(a), libm::sqrt(a), &what("sqrt of libm"));

    let nan = a.is_nan() || b.is_nan();
    let (less, more) = if a.total_cmp(&b).is_le() { (a, b) } else { (b, a) };
    same_f64(f64_min(a, b), if nan { f64::NAN } else { less }, &what("min"));
    same_f64(f64_max(a, b), if nan { f64::NAN } else { more }, &what("max"));

    same_f64(f64_ceil(a), a.ceil(), &what("ceil"));
    same_f64(f64_floor(a), a.floor(), &what("floor"));
    same_f64(f64_trunc(a), a.trunc(), &what("trunc"));
    same_f64(f64_nearest(a), a.round_ties_even(), &what("nearest"));
    same_f64(canonical_f64(round::ceil_f64(a)), libm::ceil(a), &what("portable ceil"));
    same_f64(canonical_f64(round::floor_f64(a)), libm::floor(a), &what("portable floor"));
    same_f64(canonical_f64(round::trunc_f64(a)), libm::trunc(a), &what("portable trunc"));
    same_f64(canonical_f64(round::nearest_f64(a)), libm::rint(a), &what("portable nearest"));

    let (bits, sign_b) = (a.to_bits(), b.to_bits() & 1 << 63);
    assert_eq!(f64_abs(a).to_bits(), bits & !(1 << 63));
    assert_eq!(f64_neg(a).to_bits(), bits ^ 1 << 63);
    assert_eq!(f64_copysign(a, b).to_bits(), bits & !(1 << 63) | sign_b);
    assert_eq!(f64_reinterpret_i64(bits).to_bits(), bits);
    assert_eq!(i64_reinterpret_f64(a), bits);

    let key = |x: f64| if x < 0.0 { -i128::from(x.abs().to_bits()) } else { i128::from(x.abs().to_bits()) };
    let order = |test: fn(&i128, &i128) -> bool| !nan && test(&key(a), &key(b));
    assert_eq!(f64_eq(a, b), order(i128::eq), "{}", what("eq"));
    assert_eq!(f64_ne(a, b), !order(i128::eq), "{}", what("ne"));
    assert_eq!(f64_lt(a, b), order(i128::lt), "{}", what("lt"));
    assert_eq!(f64_gt(a, b), order(i128::gt), "{}", what("gt"));
    assert_eq!(f64_le(a, b), order(i128::le), "{}", what("le"));
    assert_eq!(f64_ge(a, b), order(i128::ge), "{}", what("ge"));
}

#[test]
fn floats_at_the_edges() {
    for a in edges_f32() {
        for b in edges_f32() {
            check_f32(a, b);
        }
    }
    for a in edges_f64() {
        for b in edges_f64() {
            check_f64(a, b);
        }
    }
}

#[test]
fn rounding_keeps_the_sign_of_zero_and_breaks_ties_to_even() {
    let cases = [(-0.25, -0.0, -1.0, -0.0, -0.0), (0.5, 1.0, 0.0, 0.0, 0.0), (-0.5, -0.0, -1.0, -0.0, -0.0)];
    let more = [(1.5, 2.0, 1.0, 1.0, 2.0), (2.5, 3.0, 2.0, 2.0, 2.0), (-2.5, -2.0, -3.0, -2.0, -2.0)];
    for (a, ceil, floor, trunc, nearest) in cases.into_iter().chain(more) {
        same_f64(f64_ceil(a), ceil, "ceil");
        same_f64(f64_floor(a), floor, "floor");
        same_f64(f64_trunc(a), trunc, "trunc");
        same_f64(f64_nearest(a), nearest, "nearest");
        let a = a as f32;
        same_f32(f32_ceil(a), ceil as f32, "ceil");
        same_f32(f32_floor(a), floor as f32, "floor");
        same_f32(f32_trunc(a), trunc as f32, "trunc");
        same_f32(f32_nearest(a), nearest as f32, "nearest");
    }
}

// ---- Conversions

/// The integral part, from the bits; far outside of every integer type it is some number far outside. `None` for a NaN.
fn integral_part(a: f64) -> Option<i128> {
    let (bits, exponent) = (a.to_bits(), (a.to_bits() >> 52 & 0x7ff) as i32 - 1075);
    let significand = i128::from(bits & ((1 << 52) - 1) | 1 << 52);
    let magnitude = match exponent {
        972 if bits << 12 != 0 => return None,
        20.. => 1 << 100,
        0.. => significand << exponent,
        -52.. => significand >> -exponent,
        _ => 0,
    };
    Some(if bits >> 63 == 1 { -magnitude } else { magnitude })
}

#[track_caller]
fn check_truncation<T: TryFrom<i128> + Into<i128> + PartialEq + core::fmt::Debug + Copy>(
    a: f64,
    bounds: (T, T),
    trapping: Result<T, TrapCode>,
    saturating: T,
) {
    let expected = match integral_part(a) {
        None => Err(TrapCode::BadConversionToInteger),
        Some(n) => T::try_from(n).map_err(|_| TrapCode::IntegerOverflow),
    };
    assert_eq!(trapping, expected, "trunc {a:e}");
    let nearest = integral_part(a).unwrap_or(0).clamp(bounds.0.into(), bounds.1.into());
    assert_eq!(saturating.into(), nearest, "trunc_sat {a:e}");
}

fn check_to_integer(a: f64) {
    if let Some(n) = arch::truncate_f64(a) {
        assert_eq!(Some(i128::from(n)), integral_part(a), "{a:e}");
    }
    if let Some(n) = arch::truncate_f32(a as f32) {
        assert_eq!(Some(i128::from(n)), integral_part(f64::from(a as f32)), "{a:e}");
    }
    let narrow = a as f32;
    macro_rules! check {
        ($( $trapping:ident $saturating:ident ($a:ident) -> $int:ident; )*) => {
            $(
                let (bounds, exact) = (($int::MIN, $int::MAX), f64::from($a));
                check_truncation(exact, bounds, $trapping($a), $saturating($a));
                check_truncation(exact, bounds, portable::$trapping($a), portable::$saturating($a));
            )*
        };
    }
    check! {
        i32_trunc_f32_s i32_trunc_sat_f32_s(narrow) -> i32;
        i32_trunc_f32_u i32_trunc_sat_f32_u(narrow) -> u32;
        i32_trunc_f64_s i32_trunc_sat_f64_s(a) -> i32;
        i32_trunc_f64_u i32_trunc_sat_f64_u(a) -> u32;
        i64_trunc_f32_s i64_trunc_sat_f32_s(narrow) -> i64;
        i64_trunc_f32_u i64_trunc_sat_f32_u(narrow) -> u64;
        i64_trunc_f64_s i64_trunc_sat_f64_s(a) -> i64;
        i64_trunc_f64_u i64_trunc_sat_f64_u(a) -> u64;
    }
}

/// `n` rounded to `precision` significant bits, ties to even.
fn rounded(n: i128, precision: u32) -> i128 {
    let excess = (128 - n.unsigned_abs().leading_zeros()).saturating_sub(precision);
    let unit = 1 << excess;
    let (quotient, remainder) = (n.div_euclid(unit), n.rem_euclid(unit));
    let up = remainder * 2 > unit || (remainder * 2 == unit && quotient % 2 != 0);
    (quotient + i128::from(up)) * unit
}

fn check_from_integer(n: i64) {
    let (narrow, u) = (n as i32, n as u64);
    // Every expectation is exact in f64, and so is its way there through `integral_part`.
    let exactly = |actual: f64, n: i128, precision: u32| {
        assert_eq!(integral_part(actual), Some(rounded(n, precision)), "{n}");
        assert_eq!(actual.trunc(), actual);
    };
    exactly(f32_convert_i32_s(narrow).into(), narrow.into(), 24);
    exactly(f32_convert_i32_u(u as u32).into(), (u as u32).into(), 24);
    exactly(f32_convert_i64_s(n).into(), n.into(), 24);
    exactly(f32_convert_i64_u(u).into(), u.into(), 24);
    exactly(f64_convert_i32_s(narrow), narrow.into(), 53);
    exactly(f64_convert_i32_u(u as u32), (u as u32).into(), 53);
    exactly(f64_convert_i64_s(n), n.into(), 53);
    exactly(f64_convert_i64_u(u), u.into(), 53);
}

fn check_width(a: f64) {
    let narrow = f32_demote_f64(a);
    if a.is_nan() {
        assert!(is_canonical_f32(narrow));
    } else if narrow.is_infinite() {
        // Half a step beyond the greatest number rounds away.
        assert!(a.abs() >= 3.402_823_567_797_336_6e38 && narrow.is_sign_negative() == a.is_sign_negative());
    } else {
        let distance = |candidate: f32| (a - f64::from(candidate)).abs();
        for neighbour in [narrow.next_up(), narrow.next_down()] {
            let better = distance(narrow) < distance(neighbour);
            let tie_to_even = distance(narrow) == distance(neighbour) && narrow.to_bits() & 1 == 0;
            assert!(better || tie_to_even, "demote {a:e}: {narrow:e} or {neighbour:e}");
        }
        assert_eq!(narrow.is_sign_negative(), a.is_sign_negative());
        // Every f32 is an f64, so widening again loses nothing.
        same_f32(f32_demote_f64(f64_promote_f32(narrow)), narrow, "demote promote");
        assert_eq!(f64_promote_f32(narrow), f64::from(narrow));
    }
    assert!(is_canonical_f64(f64_promote_f32(f32::from_bits(0xffa1_2345))));
}

#[test]
fn conversions_at_the_edges() {
    for a in edges_f64().into_iter().chain(edges_f32().into_iter().map(f64::from)) {
        check_to_integer(a);
        check_width(a);
    }
    for n in EDGES_I64 {
        check_from_integer(n);
    }
    for shift in (0..64).step_by(STEP) {
        for near in -2..=2 {
            check_from_integer((1i64 << shift).wrapping_add(near));
            check_from_integer((3i64 << shift).wrapping_add(near));
        }
    }
}

#[test]
fn truncation_bounds_are_exact() {
    // The last float that converts, and the first that does not.
    assert_eq!(i32_trunc_f64_s(2_147_483_647.999_999_7), Ok(i32::MAX));
    assert_eq!(i32_trunc_f64_s(2_147_483_648.0), Err(TrapCode::IntegerOverflow));
    assert_eq!(i32_trunc_f64_s(-2_147_483_648.999_999_5), Ok(i32::MIN));
    assert_eq!(i32_trunc_f64_s(-2_147_483_649.0), Err(TrapCode::IntegerOverflow));
    assert_eq!(i32_trunc_f32_s(-2_147_483_648.0), Ok(i32::MIN));
    assert_eq!(i32_trunc_f32_s(-2_147_483_904.0), Err(TrapCode::IntegerOverflow));
    assert_eq!(i32_trunc_f64_u(-0.999_999_999_999_999_9), Ok(0));
    assert_eq!(i32_trunc_f64_u(-1.0), Err(TrapCode::IntegerOverflow));
    assert_eq!(i64_trunc_f64_s(-9_223_372_036_854_775_808.0), Ok(i64::MIN));
    assert_eq!(i64_trunc_f64_s(9_223_372_036_854_775_808.0), Err(TrapCode::IntegerOverflow));
    assert_eq!(i64_trunc_f64_u(18_446_744_073_709_549_568.0), Ok(18_446_744_073_709_549_568));
    assert_eq!(i64_trunc_f64_u(f64::INFINITY), Err(TrapCode::IntegerOverflow));
    assert_eq!(i64_trunc_f32_s(f32::NAN), Err(TrapCode::BadConversionToInteger));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn integers_anywhere(a in any_i64(), b in any_i64(), c in any_i64(), d in any_i64()) {
        check_i32(a as i32, b as i32);
        check_i64(a, b);
        check_wide([a as u64, b as u64], [c as u64, d as u64]);
    }

    #[test]
    fn narrow_floats_anywhere(a in any_f32(), b in any_f32()) {
        check_f32(a, b);
    }

    #[test]
    fn wide_floats_anywhere(a in any_f64(), b in any_f64()) {
        check_f64(a, b);
    }

    #[test]
    fn conversions_anywhere(a in any_f64(), n in any_i64()) {
        check_to_integer(a);
        check_width(a);
        check_from_integer(n);
    }
}
