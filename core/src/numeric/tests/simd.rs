//! Vector instructions, each against one lane of it written as arithmetic on wide integers or as the scalar
//! instruction.

use alloc::{format, vec::Vec};

use super::super::relaxed::*;
use super::super::simd::*;
use super::super::{arch, convert, float};
use super::{EDGES_F32, EDGES_F64, STEP, config, signed, unsigned};
use proptest::prelude::*;

// ---- Vectors as lists of numbers, taken out of and put into one 128-bit number by division

fn lanes(v: V128, bits: u32) -> Vec<i128> {
    let number = u128::from(v);
    (0..128 / bits).map(|index| (number >> (index * bits)) as i128 & ((1 << bits) - 1)).collect()
}

fn lanes_signed(v: V128, bits: u32) -> Vec<i128> {
    lanes(v, bits).into_iter().map(|lane| signed(lane, bits)).collect()
}

fn vector(lanes: impl IntoIterator<Item = i128>, bits: u32) -> V128 {
    let mut number = 0;
    for (index, lane) in lanes.into_iter().enumerate() {
        number |= (unsigned(lane, bits) as u128) << (index as u32 * bits);
    }
    V128::from(number)
}

fn clamp(n: i128, bits: u32, with_sign: bool) -> i128 {
    if with_sign { n.clamp(-(1 << (bits - 1)), (1 << (bits - 1)) - 1) } else { n.clamp(0, (1 << bits) - 1) }
}

fn lanes_f32(v: V128) -> Vec<f32> {
    lanes(v, 32).into_iter().map(|bits| f32::from_bits(bits as u32)).collect()
}

fn lanes_f64(v: V128) -> Vec<f64> {
    lanes(v, 64).into_iter().map(|bits| f64::from_bits(bits as u64)).collect()
}

// ---- Operands

fn any_vector() -> impl Strategy<Value = V128> {
    let byte = prop_oneof![any::<u8>(), prop::sample::select(&[0u8, 1, 2, 15, 16, 0x7f, 0x80, 0x81, 0xfe, 0xff][..])];
    let narrow = prop_oneof![
        any::<u32>(),
        (any::<i32>(), 0u32..32).prop_map(|(n, k)| (n >> k) as u32),
        (-20_000_000i32..20_000_000, 0u32..5).prop_map(|(n, k)| (n as f32 / (1 << k) as f32).to_bits()),
        (prop::sample::select(&EDGES_F32[..]), any::<bool>()).prop_map(|(bits, sign)| bits | u32::from(sign) << 31),
    ];
    let wide = prop_oneof![
        any::<u64>(),
        (any::<i64>(), 0u32..64).prop_map(|(n, k)| (n >> k) as u64),
        (any::<i64>(), 0u32..64).prop_map(|(n, k)| (n as f64 / (1u64 << k) as f64).to_bits()),
        (prop::sample::select(&EDGES_F64[..]), any::<bool>()).prop_map(|(bits, sign)| bits | u64::from(sign) << 63),
    ];
    prop_oneof![
        prop::array::uniform16(byte).prop_map(V128::from),
        prop::array::uniform4(narrow).prop_map(|v| vector(v.map(i128::from), 32)),
        prop::array::uniform2(wide).prop_map(|v| vector(v.map(i128::from), 64)),
    ]
}

// ---- Integer lanes

type Unary = fn(V128) -> V128;
type Binary = fn(V128, V128) -> V128;
type Shift = fn(V128, u32) -> V128;

/// What every shape of integer lanes has. `_s` reads lanes as signed, `_u` as unsigned.
fn check_shape(
    bits: u32,
    a: V128,
    b: V128,
    count: u32,
    signed_ops: &[(&str, Binary)],
    unsigned_ops: &[(&str, Binary)],
) {
    let reference = |name: &str, x: i128, y: i128, with_sign: bool| {
        let ones = |test: bool| if test { -1 } else { 0 };
        match name {
            "eq" => ones(x == y),
            "ne" => ones(x != y),
            "lt" => ones(x < y),
            "gt" => ones(x > y),
            "le" => ones(x <= y),
            "ge" => ones(x >= y),
            "add" => x + y,
            "sub" => x - y,
            "mul" => unsigned(x * unsigned(y, bits / 2), bits) + ((x * (y >> (bits / 2))) << (bits / 2)),
            "add_sat" => clamp(x + y, bits, with_sign),
            "sub_sat" => clamp(x - y, bits, with_sign),
            "min" => (x + y - (x - y).abs()) / 2,
            "max" => (x + y + (x - y).abs()) / 2,
            "avgr" => (x + y + 1) / 2,
            "q15mulr_sat" => clamp((2 * x * y + (1 << 15)).div_euclid(1 << 16), bits, true),
            other => unreachable!("{other} {count}"),
        }
    };
    for (ops, with_sign) in [(signed_ops, true), (unsigned_ops, false)] {
        let read = if with_sign { lanes_signed } else { lanes };
        for (name, op) in ops {
            let expected = read(a, bits).into_iter().zip(read(b, bits)).map(|(x, y)| reference(name, x, y, with_sign));
            assert_eq!(op(a, b), vector(expected, bits), "{name} on {bits} bits, {with_sign} of {a:?} {b:?}");
        }
    }
}

struct Unaries {
    abs: Unary,
    neg: Unary,
    shl: Shift,
    shr_s: Shift,
    shr_u: Shift,
    all_true: fn(V128) -> bool,
    bitmask: fn(V128) -> u32,
}

fn check_unaries(bits: u32, a: V128, count: u32, ops: &Unaries) {
    let power = 1i128 << (count % bits);
    let what = || format!("{bits} bits of {a:?}, {count}");
    let map = |f: &dyn Fn(i128) -> i128| vector(lanes_signed(a, bits).into_iter().map(f), bits);
    assert_eq!((ops.abs)(a), map(&|x| x.max(-x)), "abs on {}", what());
    assert_eq!((ops.neg)(a), map(&|x| -x), "neg on {}", what());
    assert_eq!((ops.shl)(a, count), map(&|x| unsigned(x, bits) * power), "shl on {}", what());
    assert_eq!((ops.shr_s)(a, count), map(&|x| x.div_euclid(power)), "shr_s on {}", what());
    assert_eq!((ops.shr_u)(a, count), map(&|x| unsigned(x, bits) / power), "shr_u on {}", what());
    assert_eq!((ops.all_true)(a), !lanes(a, bits).contains(&0), "all_true on {}", what());
    let signs = lanes_signed(a, bits).into_iter().enumerate().filter(|(_, lane)| *lane < 0);
    assert_eq!((ops.bitmask)(a), signs.map(|(index, _)| 1u32 << index).sum::<u32>(), "bitmask on {}", what());
}

fn check_integers(a: V128, b: V128, count: u32) {
    check_shape(
        8,
        a,
        b,
        count,
        &[
            ("eq", i8x16_eq),
            ("ne", i8x16_ne),
            ("lt", i8x16_lt_s),
            ("gt", i8x16_gt_s),
            ("le", i8x16_le_s),
            ("ge", i8x16_ge_s),
            ("add", i8x16_add),
            ("sub", i8x16_sub),
            ("add_sat", i8x16_add_sat_s),
            ("sub_sat", i8x16_sub_sat_s),
            ("min", i8x16_min_s),
            ("max", i8x16_max_s),
        ],
        &[
            ("lt", i8x16_lt_u),
            ("gt", i8x16_gt_u),
            ("le", i8x16_le_u),
            ("ge", i8x16_ge_u),
            ("add_sat", i8x16_add_sat_u),
            ("sub_sat", i8x16_sub_sat_u),
            ("min", i8x16_min_u),
            ("max", i8x16_max_u),
            ("avgr", i8x16_avgr_u),
        ],
    );
    check_shape(
        16,
        a,
        b,
        count,
        &[
            ("eq", i16x8_eq),
            ("ne", i16x8_ne),
            ("lt", i16x8_lt_s),
            ("gt", i16x8_gt_s),
            ("le", i16x8_le_s),
            ("ge", i16x8_ge_s),
            ("add", i16x8_add),
            ("sub", i16x8_sub),
            ("mul", i16x8_mul),
            ("add_sat", i16x8_add_sat_s),
            ("sub_sat", i16x8_sub_sat_s),
            ("min", i16x8_min_s),
            ("max", i16x8_max_s),
            ("q15mulr_sat", i16x8_q15mulr_sat_s),
            ("q15mulr_sat", i16x8_relaxed_q15mulr_s),
        ],
        &[
            ("lt", i16x8_lt_u),
            ("gt", i16x8_gt_u),
            ("le", i16x8_le_u),
            ("ge", i16x8_ge_u),
            ("add_sat", i16x8_add_sat_u),
            ("sub_sat", i16x8_sub_sat_u),
            ("min", i16x8_min_u),
            ("max", i16x8_max_u),
            ("avgr", i16x8_avgr_u),
        ],
    );
    check_shape(
        32,
        a,
        b,
        count,
        &[
            ("eq", i32x4_eq),
            ("ne", i32x4_ne),
            ("lt", i32x4_lt_s),
            ("gt", i32x4_gt_s),
            ("le", i32x4_le_s),
            ("ge", i32x4_ge_s),
            ("add", i32x4_add),
            ("sub", i32x4_sub),
            ("mul", i32x4_mul),
            ("min", i32x4_min_s),
            ("max", i32x4_max_s),
        ],
        &[
            ("lt", i32x4_lt_u),
            ("gt", i32x4_gt_u),
            ("le", i32x4_le_u),
            ("ge", i32x4_ge_u),
            ("min", i32x4_min_u),
            ("max", i32x4_max_u),
        ],
    );
    check_shape(
        64,
        a,
        b,
        count,
        &[
            ("eq", i64x2_eq),
            ("ne", i64x2_ne),
            ("lt", i64x2_lt_s),
            ("gt", i64x2_gt_s),
            ("le", i64x2_le_s),
            ("ge", i64x2_ge_s),
            ("add", i64x2_add),
            ("sub", i64x2_sub),
            ("mul", i64x2_mul),
        ],
        &[],
    );
    let shapes = [
        Unaries {
            abs: i8x16_abs,
            neg: i8x16_neg,
            shl: i8x16_shl,
            shr_s: i8x16_shr_s,
            shr_u: i8x16_shr_u,
            all_true: i8x16_all_true,
            bitmask: i8x16_bitmask,
        },
        Unaries {
            abs: i16x8_abs,
            neg: i16x8_neg,
            shl: i16x8_shl,
            shr_s: i16x8_shr_s,
            shr_u: i16x8_shr_u,
            all_true: i16x8_all_true,
            bitmask: i16x8_bitmask,
        },
        Unaries {
            abs: i32x4_abs,
            neg: i32x4_neg,
            shl: i32x4_shl,
            shr_s: i32x4_shr_s,
            shr_u: i32x4_shr_u,
            all_true: i32x4_all_true,
            bitmask: i32x4_bitmask,
        },
        Unaries {
            abs: i64x2_abs,
            neg: i64x2_neg,
            shl: i64x2_shl,
            shr_s: i64x2_shr_s,
            shr_u: i64x2_shr_u,
            all_true: i64x2_all_true,
            bitmask: i64x2_bitmask,
        },
    ];
    for (ops, bits) in shapes.iter().zip([8, 16, 32, 64]) {
        check_unaries(bits, a, count, ops);
    }
    let ones = lanes(a, 8).into_iter().map(|lane| format!("{lane:b}").matches('1').count() as i128);
    assert_eq!(i8x16_popcnt(a), vector(ones, 8));
}

// ---- Bits and bytes

fn check_bits(a: V128, b: V128, c: V128) {
    let (x, y, z) = (u128::from(a), u128::from(b), u128::from(c));
    assert_eq!(u128::from(v128_not(a)), u128::MAX - x);
    assert_eq!(u128::from(v128_and(a, b)), x & y);
    assert_eq!(u128::from(v128_andnot(a, b)), x - (x & y));
    assert_eq!(u128::from(v128_or(a, b)), x | y);
    assert_eq!(u128::from(v128_xor(a, b)), (x | y) - (x & y));
    let selected = y ^ ((x ^ y) & z);
    let selects = [
        v128_bitselect,
        i8x16_relaxed_laneselect,
        i16x8_relaxed_laneselect,
        i32x4_relaxed_laneselect,
        i64x2_relaxed_laneselect,
    ];
    for select in selects {
        assert_eq!(u128::from(select(a, b, c)), selected);
    }
    assert_eq!(v128_any_true(a), x > 0);

    let (bytes, indices) = (lanes(a, 8), <[u8; 16]>::from(b));
    let swizzled = indices.iter().map(|&index| bytes.get(usize::from(index)).copied().unwrap_or(0));
    let swizzled = vector(swizzled, 8);
    assert_eq!(i8x16_swizzle(a, b), swizzled);
    assert_eq!(i8x16_relaxed_swizzle(a, b), swizzled);
    let both = [bytes, lanes(c, 8)].concat();
    let indices = indices.map(|index| index & 31);
    assert_eq!(i8x16_shuffle(a, c, indices), vector(indices.map(|index| both[usize::from(index)]), 8));
}

fn check_lanes(a: V128, x: u64, lane: u8) {
    let n = i128::from(x);
    let put = |bits: u32| {
        let mut lanes = lanes(a, bits);
        let index = usize::from(lane) % lanes.len();
        lanes[index] = n;
        vector(lanes, bits)
    };
    let get = |bits: u32| lanes(a, bits)[usize::from(lane) % (128 / bits) as usize];
    assert_eq!(i128::from(i8x16_extract_lane_s(a, lane)), signed(get(8), 8));
    assert_eq!(i128::from(i8x16_extract_lane_u(a, lane)), get(8));
    assert_eq!(i128::from(i16x8_extract_lane_s(a, lane)), signed(get(16), 16));
    assert_eq!(i128::from(i16x8_extract_lane_u(a, lane)), get(16));
    assert_eq!(i128::from(i32x4_extract_lane(a, lane)), signed(get(32), 32));
    assert_eq!(i128::from(i64x2_extract_lane(a, lane)), signed(get(64), 64));
    assert_eq!(i128::from(f32x4_extract_lane(a, lane).to_bits()), get(32));
    assert_eq!(i128::from(f64x2_extract_lane(a, lane).to_bits()), get(64));
    assert_eq!(i128::from(v128_store8_lane(a, lane)), get(8));
    assert_eq!(i128::from(v128_store16_lane(a, lane)), get(16));
    assert_eq!(i128::from(v128_store32_lane(a, lane)), get(32));
    assert_eq!(i128::from(v128_store64_lane(a, lane)), get(64));
    assert_eq!(i8x16_replace_lane(a, lane, x as i32), put(8));
    assert_eq!(i16x8_replace_lane(a, lane, x as i32), put(16));
    assert_eq!(i32x4_replace_lane(a, lane, x as i32), put(32));
    assert_eq!(i64x2_replace_lane(a, lane, x as i64), put(64));
    assert_eq!(f32x4_replace_lane(a, lane, f32::from_bits(x as u32)), put(32));
    assert_eq!(f64x2_replace_lane(a, lane, f64::from_bits(x)), put(64));
    assert_eq!(v128_load8_lane(a, lane, x as u8), put(8));
    assert_eq!(v128_load16_lane(a, lane, x as u16), put(16));
    assert_eq!(v128_load32_lane(a, lane, x as u32), put(32));
    assert_eq!(v128_load64_lane(a, lane, x), put(64));

    let all = |bits: u32| vector((0..128 / bits).map(|_| n), bits);
    assert_eq!([i8x16_splat(x as i32), v128_load8_splat(x as u8)], [all(8); 2]);
    assert_eq!([i16x8_splat(x as i32), v128_load16_splat(x as u16)], [all(16); 2]);
    assert_eq!([i32x4_splat(x as i32), v128_load32_splat(x as u32)], [all(32); 2]);
    assert_eq!([i64x2_splat(x as i64), v128_load64_splat(x)], [all(64); 2]);
    assert_eq!(f32x4_splat(f32::from_bits(x as u32)), all(32));
    assert_eq!(f64x2_splat(f64::from_bits(x)), all(64));

    assert_eq!(v128_load32_zero(x as u32), vector([n, 0, 0, 0].map(|lane| lane & 0xffff_ffff), 32));
    assert_eq!(v128_load64_zero(x), vector([n, 0], 64));
    let low = vector([n, 0], 64);
    let widened = |bits: u32, read: fn(V128, u32) -> Vec<i128>| {
        vector(read(low, bits).into_iter().take(64 / bits as usize), 2 * bits)
    };
    assert_eq!(v128_load8x8_s(x), widened(8, lanes_signed));
    assert_eq!(v128_load8x8_u(x), widened(8, lanes));
    assert_eq!(v128_load16x4_s(x), widened(16, lanes_signed));
    assert_eq!(v128_load16x4_u(x), widened(16, lanes));
    assert_eq!(v128_load32x2_s(x), widened(32, lanes_signed));
    assert_eq!(v128_load32x2_u(x), widened(32, lanes));
}

// ---- Integer lanes of two widths

fn check_widening(a: V128, b: V128, c: V128) {
    type Half<T> = [T; 2];
    // (bits, with sign, extend low and high, extmul low and high)
    let rows: [(u32, bool, Half<Unary>, Half<Binary>); 6] = [
        (
            8,
            true,
            [i16x8_extend_low_i8x16_s, i16x8_extend_high_i8x16_s],
            [i16x8_extmul_low_i8x16_s, i16x8_extmul_high_i8x16_s],
        ),
        (
            8,
            false,
            [i16x8_extend_low_i8x16_u, i16x8_extend_high_i8x16_u],
            [i16x8_extmul_low_i8x16_u, i16x8_extmul_high_i8x16_u],
        ),
        (
            16,
            true,
            [i32x4_extend_low_i16x8_s, i32x4_extend_high_i16x8_s],
            [i32x4_extmul_low_i16x8_s, i32x4_extmul_high_i16x8_s],
        ),
        (
            16,
            false,
            [i32x4_extend_low_i16x8_u, i32x4_extend_high_i16x8_u],
            [i32x4_extmul_low_i16x8_u, i32x4_extmul_high_i16x8_u],
        ),
        (
            32,
            true,
            [i64x2_extend_low_i32x4_s, i64x2_extend_high_i32x4_s],
            [i64x2_extmul_low_i32x4_s, i64x2_extmul_high_i32x4_s],
        ),
        (
            32,
            false,
            [i64x2_extend_low_i32x4_u, i64x2_extend_high_i32x4_u],
            [i64x2_extmul_low_i32x4_u, i64x2_extmul_high_i32x4_u],
        ),
    ];
    for (bits, with_sign, extend, multiply) in rows {
        let read = |v| if with_sign { lanes_signed(v, bits) } else { lanes(v, bits) };
        let count = (64 / bits) as usize;
        for half in 0..2 {
            let (x, y) = (read(a).into_iter().skip(half * count).take(count), read(b).into_iter().skip(half * count));
            let what = format!("half {half} of {bits} bits, {with_sign}, of {a:?} {b:?}");
            assert_eq!(extend[half](a), vector(x.clone(), 2 * bits), "extend {what}");
            assert_eq!(multiply[half](a, b), vector(x.zip(y).map(|(x, y)| x * y), 2 * bits), "extmul {what}");
        }
    }

    let pairs = |lanes: Vec<i128>| lanes.chunks(2).map(|pair| pair[0] + pair[1]).collect::<Vec<_>>();
    assert_eq!(i16x8_extadd_pairwise_i8x16_s(a), vector(pairs(lanes_signed(a, 8)), 16));
    assert_eq!(i16x8_extadd_pairwise_i8x16_u(a), vector(pairs(lanes(a, 8)), 16));
    assert_eq!(i32x4_extadd_pairwise_i16x8_s(a), vector(pairs(lanes_signed(a, 16)), 32));
    assert_eq!(i32x4_extadd_pairwise_i16x8_u(a), vector(pairs(lanes(a, 16)), 32));

    let products = |bits| lanes_signed(a, bits).into_iter().zip(lanes_signed(b, bits)).map(|(x, y)| x * y).collect();
    assert_eq!([i32x4_dot_i16x8_s(a, b), arch::portable::dot_i16x8(a, b)], [vector(pairs(products(16)), 32); 2]);
    let dot: Vec<_> = pairs(products(8)).into_iter().map(|sum| clamp(sum, 16, true)).collect();
    assert_eq!(i16x8_relaxed_dot_i8x16_i7x16_s(a, b), vector(dot.clone(), 16));
    let sums = pairs(dot).into_iter().zip(lanes(c, 32)).map(|(x, y)| x + y);
    assert_eq!(i32x4_relaxed_dot_i8x16_i7x16_add_s(a, b, c), vector(sums, 32));

    let narrowed = |from: u32, with_sign: bool| {
        let all = [lanes_signed(a, from), lanes_signed(b, from)].concat();
        vector(all.into_iter().map(|lane| clamp(lane, from / 2, with_sign)), from / 2)
    };
    assert_eq!(i8x16_narrow_i16x8_s(a, b), narrowed(16, true));
    assert_eq!(i8x16_narrow_i16x8_u(a, b), narrowed(16, false));
    assert_eq!(i16x8_narrow_i32x4_s(a, b), narrowed(32, true));
    assert_eq!(i16x8_narrow_i32x4_u(a, b), narrowed(32, false));
}

// ---- Float lanes

/// Name, and for each width the vector instruction and what it is for one lane.
type FloatUnary = (&'static str, Unary, fn(f32) -> f32, Unary, fn(f64) -> f64);
type FloatBinary = (&'static str, Binary, fn(f32, f32) -> f32, Binary, fn(f64, f64) -> f64);
type FloatTest = (Binary, fn(f32, f32) -> bool, Binary, fn(f64, f64) -> bool);

fn check_floats(a: V128, b: V128, c: V128) {
    let narrow = |f: &dyn Fn(f32) -> f32| vector(lanes_f32(a).into_iter().map(|x| f(x).to_bits().into()), 32);
    let wide = |f: &dyn Fn(f64) -> f64| vector(lanes_f64(a).into_iter().map(|x| f(x).to_bits().into()), 64);
    let unary: [FloatUnary; 7] = [
        ("abs", f32x4_abs, |x| float::f32_abs(x), f64x2_abs, |x| float::f64_abs(x)),
        ("neg", f32x4_neg, |x| float::f32_neg(x), f64x2_neg, |x| float::f64_neg(x)),
        ("ceil", f32x4_ceil, |x| float::f32_ceil(x), f64x2_ceil, |x| float::f64_ceil(x)),
        ("floor", f32x4_floor, |x| float::f32_floor(x), f64x2_floor, |x| float::f64_floor(x)),
        ("trunc", f32x4_trunc, |x| float::f32_trunc(x), f64x2_trunc, |x| float::f64_trunc(x)),
        ("nearest", f32x4_nearest, |x| float::f32_nearest(x), f64x2_nearest, |x| float::f64_nearest(x)),
        ("sqrt", f32x4_sqrt, |x| float::f32_sqrt(x), f64x2_sqrt, |x| float::f64_sqrt(x)),
    ];
    for (name, op_f32, reference_f32, op_f64, reference_f64) in unary {
        assert_eq!(op_f32(a), narrow(&reference_f32), "f32x4.{name} {a:?}");
        assert_eq!(op_f64(a), wide(&reference_f64), "f64x2.{name} {a:?}");
    }

    let binary: [FloatBinary; 10] = [
        ("add", f32x4_add, |x, y| float::f32_add(x, y), f64x2_add, |x, y| float::f64_add(x, y)),
        ("sub", f32x4_sub, |x, y| float::f32_sub(x, y), f64x2_sub, |x, y| float::f64_sub(x, y)),
        ("mul", f32x4_mul, |x, y| float::f32_mul(x, y), f64x2_mul, |x, y| float::f64_mul(x, y)),
        ("div", f32x4_div, |x, y| float::f32_div(x, y), f64x2_div, |x, y| float::f64_div(x, y)),
        ("min", f32x4_min, |x, y| float::f32_min(x, y), f64x2_min, |x, y| float::f64_min(x, y)),
        ("max", f32x4_max, |x, y| float::f32_max(x, y), f64x2_max, |x, y| float::f64_max(x, y)),
        ("min", f32x4_relaxed_min, |x, y| float::f32_min(x, y), f64x2_relaxed_min, |x, y| float::f64_min(x, y)),
        ("max", f32x4_relaxed_max, |x, y| float::f32_max(x, y), f64x2_relaxed_max, |x, y| float::f64_max(x, y)),
        ("pmin", f32x4_pmin, |x, y| if y < x { y } else { x }, f64x2_pmin, |x, y| if y < x { y } else { x }),
        ("pmax", f32x4_pmax, |x, y| if x < y { y } else { x }, f64x2_pmax, |x, y| if x < y { y } else { x }),
    ];
    for (name, op_f32, reference_f32, op_f64, reference_f64) in binary {
        let lanes = lanes_f32(a).into_iter().zip(lanes_f32(b)).map(|(x, y)| reference_f32(x, y).to_bits().into());
        assert_eq!(op_f32(a, b), vector(lanes, 32), "f32x4.{name} {a:?} {b:?}");
        let lanes = lanes_f64(a).into_iter().zip(lanes_f64(b)).map(|(x, y)| reference_f64(x, y).to_bits().into());
        assert_eq!(op_f64(a, b), vector(lanes, 64), "f64x2.{name} {a:?} {b:?}");
    }

    let tests: [FloatTest; 6] = [
        (f32x4_eq, |x, y| float::f32_eq(x, y), f64x2_eq, |x, y| float::f64_eq(x, y)),
        (f32x4_ne, |x, y| float::f32_ne(x, y), f64x2_ne, |x, y| float::f64_ne(x, y)),
        (f32x4_lt, |x, y| float::f32_lt(x, y), f64x2_lt, |x, y| float::f64_lt(x, y)),
        (f32x4_gt, |x, y| float::f32_gt(x, y), f64x2_gt, |x, y| float::f64_gt(x, y)),
        (f32x4_le, |x, y| float::f32_le(x, y), f64x2_le, |x, y| float::f64_le(x, y)),
        (f32x4_ge, |x, y| float::f32_ge(x, y), f64x2_ge, |x, y| float::f64_ge(x, y)),
    ];
    for (op_f32, reference_f32, op_f64, reference_f64) in tests {
        let lanes = lanes_f32(a).into_iter().zip(lanes_f32(b)).map(|(x, y)| -i128::from(reference_f32(x, y)));
        assert_eq!(op_f32(a, b), vector(lanes, 32), "{a:?} {b:?}");
        let lanes = lanes_f64(a).into_iter().zip(lanes_f64(b)).map(|(x, y)| -i128::from(reference_f64(x, y)));
        assert_eq!(op_f64(a, b), vector(lanes, 64), "{a:?} {b:?}");
    }

    for sign in [1.0, -1.0] {
        let signed = |x: f32| if sign < 0.0 { -x } else { x };
        let fused = lanes_f32(a).into_iter().zip(lanes_f32(b)).zip(lanes_f32(c));
        let expected = fused.map(|((x, y), z)| float::f32_add(float::f32_mul(signed(x), y), z).to_bits().into());
        let op = if sign < 0.0 { f32x4_relaxed_nmadd } else { f32x4_relaxed_madd };
        assert_eq!(op(a, b, c), vector(expected, 32), "{sign} {a:?} {b:?} {c:?}");
        let signed = |x: f64| if sign < 0.0 { -x } else { x };
        let fused = lanes_f64(a).into_iter().zip(lanes_f64(b)).zip(lanes_f64(c));
        let expected = fused.map(|((x, y), z)| float::f64_add(float::f64_mul(signed(x), y), z).to_bits().into());
        let op = if sign < 0.0 { f64x2_relaxed_nmadd } else { f64x2_relaxed_madd };
        assert_eq!(op(a, b, c), vector(expected, 64), "{sign} {a:?} {b:?} {c:?}");
    }
}

fn check_conversions(a: V128) {
    let (f32s, f64s) = (lanes_f32(a), lanes_f64(a));
    let zeroes = [0, 0];
    let trunc_s = vector(f32s.iter().map(|&x| convert::i32_trunc_sat_f32_s(x).into()), 32);
    let trunc_u = vector(f32s.iter().map(|&x| convert::i32_trunc_sat_f32_u(x).into()), 32);
    let zero_s = vector(f64s.iter().map(|&x| convert::i32_trunc_sat_f64_s(x).into()).chain(zeroes), 32);
    let zero_u = vector(f64s.iter().map(|&x| convert::i32_trunc_sat_f64_u(x).into()).chain(zeroes), 32);
    assert_eq!([i32x4_trunc_sat_f32x4_s(a), i32x4_relaxed_trunc_f32x4_s(a)], [trunc_s; 2]);
    assert_eq!([i32x4_trunc_sat_f32x4_u(a), i32x4_relaxed_trunc_f32x4_u(a)], [trunc_u; 2]);
    assert_eq!([i32x4_trunc_sat_f64x2_s_zero(a), i32x4_relaxed_trunc_f64x2_s_zero(a)], [zero_s; 2]);
    assert_eq!([i32x4_trunc_sat_f64x2_u_zero(a), i32x4_relaxed_trunc_f64x2_u_zero(a)], [zero_u; 2]);

    let (s, u) = (lanes_signed(a, 32), lanes(a, 32));
    let f32_bits = |x: f32| i128::from(x.to_bits());
    let f64_bits = |x: f64| i128::from(x.to_bits());
    let narrow_s = s.iter().map(|&n| f32_bits(convert::f32_convert_i32_s(n as i32)));
    let narrow_u = u.iter().map(|&n| f32_bits(convert::f32_convert_i32_u(n as u32)));
    let wide_s = s.iter().take(2).map(|&n| f64_bits(convert::f64_convert_i32_s(n as i32)));
    let wide_u = u.iter().take(2).map(|&n| f64_bits(convert::f64_convert_i32_u(n as u32)));
    assert_eq!(f32x4_convert_i32x4_s(a), vector(narrow_s, 32));
    assert_eq!(f32x4_convert_i32x4_u(a), vector(narrow_u, 32));
    assert_eq!(f64x2_convert_low_i32x4_s(a), vector(wide_s, 64));
    assert_eq!(f64x2_convert_low_i32x4_u(a), vector(wide_u, 64));
    let demoted = f64s.iter().map(|&x| f32_bits(convert::f32_demote_f64(x))).chain(zeroes);
    assert_eq!(f32x4_demote_f64x2_zero(a), vector(demoted, 32));
    let promoted = f32s.iter().take(2).map(|&x| f64_bits(convert::f64_promote_f32(x)));
    assert_eq!(f64x2_promote_low_f32x4(a), vector(promoted, 64));
}

// ---- What random operands rarely meet

#[test]
fn lane_0_is_the_low_end_and_the_first_byte() {
    let v = V128::from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    assert_eq!(u128::from(v), 0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100);
    assert_eq!(V128::from(u128::from(v)), v);
    assert_eq!(i8x16_extract_lane_u(v, 1), 1);
    assert_eq!(i16x8_extract_lane_u(v, 1), 0x0302);
    assert_eq!(i32x4_extract_lane(v, 1), 0x0706_0504);
    assert_eq!(i64x2_extract_lane(v, 1), 0x0f0e_0d0c_0b0a_0908);
    assert_eq!(format!("{v:?}"), "V128(0x03020100 0x07060504 0x0b0a0908 0x0f0e0d0c)");
}

#[test]
fn sums_of_extreme_products_wrap_or_saturate() {
    let least = i16x8_splat(i16::MIN.into());
    assert_eq!(i32x4_dot_i16x8_s(least, least), i32x4_splat(i32::MIN));
    assert_eq!(i16x8_q15mulr_sat_s(least, least), i16x8_splat(i16::MAX.into()));
    let least = i8x16_splat(i8::MIN.into());
    assert_eq!(i16x8_relaxed_dot_i8x16_i7x16_s(least, least), i16x8_splat(i16::MAX.into()));
    assert_eq!(i32x4_relaxed_dot_i8x16_i7x16_add_s(least, least, i32x4_splat(1)), i32x4_splat(65_535));
}

#[test]
fn relaxed_multiply_add_rounds_twice() {
    let [x, y, z] = [0x3f80_0002, 0x3f80_0100, 0xbf80_0102].map(|bits| f32x4_splat(f32::from_bits(bits)));
    assert_eq!(f32x4_relaxed_madd(x, y, z), V128::ZERO);
}

#[test]
fn float_lanes_at_the_edges() {
    for &x in EDGES_F32.iter().step_by(STEP) {
        for &y in EDGES_F32.iter().step_by(STEP) {
            let [a, b] =
                [[x, y, x | 1 << 31, y | 1 << 31], [y, x | 1 << 31, y, x]].map(|v| vector(v.map(i128::from), 32));
            check_floats(a, b, a);
            check_conversions(a);
        }
    }
    for &x in EDGES_F64.iter().step_by(STEP) {
        for &y in EDGES_F64.iter().step_by(STEP) {
            let [a, b] = [[x, x | 1 << 63], [y, y]].map(|v| vector(v.map(i128::from), 64));
            check_floats(a, b, b);
            check_conversions(a);
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn integer_lanes_anywhere(a in any_vector(), b in any_vector(), count in any::<u32>()) {
        check_integers(a, b, count);
        check_integers(a, a, count);
    }

    #[test]
    fn bits_and_bytes_anywhere(a in any_vector(), b in any_vector(), c in any_vector(), x: u64, lane: u8) {
        check_bits(a, b, c);
        check_lanes(a, x, lane);
    }

    #[test]
    fn lanes_of_two_widths_anywhere(a in any_vector(), b in any_vector(), c in any_vector()) {
        check_widening(a, b, c);
    }

    #[test]
    fn float_lanes_anywhere(a in any_vector(), b in any_vector(), c in any_vector()) {
        check_floats(a, b, c);
        check_conversions(a);
    }
}
