//! Every row of the op table, executed on every engine with edge values and compared with its semantics function called directly.
//!
//! The rows of a family are checked by this file's function of the same name, which fetches and stores operands in its own way: [`Operand`] and
//! [`Output`] share nothing with `machine.rs` but the layout they test. Rows that are functions of their own have a case each in
//! [`own`]. Engines must leave rows of the driver untouched; what the driver does for them is
//! tested through Wasm in [`driver`]. A row without a case fails the test.

mod bench;
#[cfg(tail)]
mod chains;
mod combined;
mod driver;
mod moved;
mod own;
#[cfg(feature = "paged")]
mod paged;

use alloc::vec;
use alloc::vec::Vec;

use self::bench::{Bench, END_LEN, Ended, MEMORY, State};
use self::combined::{
    fused, load_scaled, load_step, load_sum, select_compare, step_branch, step_compare, step_twice_branch,
    step_twice_compare,
};
use super::dispatch::Left;
use super::dispatch::rows::*;
use super::machine::Exit;
use super::memory::Raw;
use crate::code::OpCode;
use crate::code::op::{self, Code, for_each_op};
use crate::trap::TrapCode;

/// Slots in which operands stand, and where a result goes: a parameter, or over the first operand.
const FIRST: i16 = 5;
const SECOND: i16 = 20;
const THIRD: i16 = 30;
const RESULTS: [i16; 2] = [-10, FIRST];

/// Registers of the interpreter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Register {
    Int,
    F32,
    F64,
}

/// A type whose values operands can have.
trait Edges: Copy + 'static {
    /// Values at which something may happen.
    fn edges() -> Vec<Self>;
}

/// A value that has one slot and one register.
trait Number: Edges {
    const REGISTER: Register;
    /// Bits that count; the others of a slot may be anything.
    const BITS: u32;
    /// As the low bits of a slot, the others zero.
    fn bits(self) -> u64;
}

macro_rules! numbers {
    ($($type:ty: $register:ident, $bits:literal, [$($edge:expr),*], |$value:ident| $to_bits:expr;)*) => { $(
        impl Edges for $type {
            fn edges() -> Vec<Self> { vec![$($edge),*] }
        }
        impl Number for $type {
            const REGISTER: Register = Register::$register;
            const BITS: u32 = $bits;
            fn bits(self) -> u64 { let $value = self; $to_bits }
        }
    )* };
}

numbers! {
    bool: Int, 32, [false, true], |v| v as u64;
    u8: Int, 8, [0, 1, 0x7f, 0x80, 0xff], |v| v as u64;
    i8: Int, 8, [0, 1, -1, i8::MIN, i8::MAX], |v| v as u8 as u64;
    u16: Int, 16, [0, 1, 0x7fff, 0x8000, 0xffff], |v| v as u64;
    i16: Int, 16, [0, 1, -1, i16::MIN, i16::MAX], |v| v as u16 as u64;
    i32: Int, 32, [0, 1, -1, 2, 31, 32, 33, -128, 0x8000, 0x1234_5678, i32::MAX, i32::MIN, i32::MIN + 1], |v| v as u32 as u64;
    u32: Int, 32, [0, 1, 2, 31, 32, 33, 0x80, 0xffff, 0x1234_5678, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, u32::MAX], |v| v as u64;
    i64: Int, 64, [0, 1, -1, 2, 63, 64, 65, 1 << 31, -1 << 31, 1 << 32, 0x123_4567_89ab_cdef, i64::MAX, i64::MIN, i64::MIN + 1], |v| v as u64;
    u64: Int, 64, [0, 1, 2, 63, 64, 65, 1 << 31, 1 << 32, 0xffff_ffff, 0x123_4567_89ab_cdef, 1 << 63, u64::MAX - 1, u64::MAX], |v| v;
}

/// Magnitudes of floats; both signs are used.
const F32: [u32; 13] = [
    0,
    1,
    0x0080_0000,
    0x3f00_0000,
    0x3f80_0000,
    0x3fc0_0000,
    0x4b00_0001,
    0x4f00_0000,
    0x5f00_0000,
    0x7f7f_ffff,
    0x7f80_0000,
    0x7fc0_0000,
    0x7fa1_2345,
];
const F64: [u64; 13] = [
    0,
    1,
    0x0010_0000_0000_0000,
    0x3fe0_0000_0000_0000,
    0x3ff0_0000_0000_0000,
    0x3ff8_0000_1000_0000,
    0x41df_ffff_ffe0_0000,
    0x41e0_0000_0000_0000,
    0x43e0_0000_0000_0000,
    0x7fef_ffff_ffff_ffff,
    0x7ff0_0000_0000_0000,
    0x7ff8_0000_0000_0000,
    0x7ff4_0000_dead_beef,
];

impl Edges for f32 {
    fn edges() -> Vec<Self> {
        F32.into_iter().flat_map(|bits| [bits, bits | 1 << 31]).map(f32::from_bits).collect()
    }
}

impl Number for f32 {
    const REGISTER: Register = Register::F32;
    const BITS: u32 = 32;
    fn bits(self) -> u64 {
        self.to_bits().into()
    }
}

impl Edges for f64 {
    fn edges() -> Vec<Self> {
        F64.into_iter().flat_map(|bits| [bits, bits | 1 << 63]).map(f64::from_bits).collect()
    }
}

impl Number for f64 {
    const REGISTER: Register = Register::F64;
    const BITS: u32 = 64;
    fn bits(self) -> u64 {
        self.to_bits()
    }
}

impl Edges for V128 {
    fn edges() -> Vec<Self> {
        let bytes = |byte: fn(u8) -> u8| V128::from(core::array::from_fn::<u8, 16, _>(|lane| byte(lane as u8)));
        let singles = |a: u32, b: u32, c: u32, d: u32| {
            V128::from(u128::from(a) | u128::from(b) << 32 | u128::from(c) << 64 | u128::from(d) << 96)
        };
        vec![
            V128::ZERO,
            bytes(|_| 0xff),
            bytes(|lane| lane),
            bytes(|lane| 0x80 | lane.wrapping_mul(17)),
            bytes(|lane| if lane % 2 == 0 { 0x00 } else { 0x80 }),
            bytes(|lane| if lane % 4 == 3 { 0x7f } else { 0xff }),
            singles(0x3f80_0000, 0xbfc0_0000, 0x7fa1_2345, 0x7f80_0000),
            singles(0x8000_0000, 0x4f00_0000, 0xff7f_ffff, 1),
            singles(0, 0x3ff8_0000, 0xdead_beef, 0x7ff4_0000),
            singles(0, 0xc1e0_0000, 0, 0x43e0_0000),
        ]
    }
}

/// An operand class that can hold values of type `T`.
trait Operand<T>: FieldType {
    /// The operand, where it stands in `slot` if it stands in one, after making `state` hold `value` there; `None` if it cannot.
    fn hold(slot: i16, value: T, state: &mut State) -> Option<Self>;
}

/// The bits of a slot that holds `value`, with the bits that do not count set to something.
fn dirty<T: Number>(value: T) -> u64 {
    let unused = if T::BITS < 64 { 0xa5a5_5a5a_c3c3_3c3c << T::BITS } else { 0 };
    value.bits() | unused
}

impl<T: Number> Operand<T> for Slot {
    fn hold(slot: i16, value: T, state: &mut State) -> Option<Self> {
        *state.slot(slot) = dirty(value);
        Some(Slot(slot))
    }
}

impl<T: Number> Operand<T> for Reg {
    fn hold(_slot: i16, value: T, state: &mut State) -> Option<Self> {
        match T::REGISTER {
            Register::Int => state.r0 = dirty(value),
            Register::F32 => state.f0 = value.bits() as u32,
            Register::F64 => state.d0 = value.bits(),
        }
        Some(Reg)
    }
}

impl Operand<V128> for Wide {
    fn hold(slot: i16, value: V128, state: &mut State) -> Option<Self> {
        state.set_wide(slot, value);
        Some(Wide(slot))
    }
}

macro_rules! immediates {
    ($($class:ty: $type:ty, |$value:ident| $make:expr;)*) => { $(
        impl Operand<$type> for $class {
            fn hold(_slot: i16, $value: $type, _state: &mut State) -> Option<Self> { $make }
        }
    )* };
}

immediates! {
    i32: i32, |v| Some(v);
    i32: u32, |v| Some(v as i32);
    i64: i64, |v| Some(v);
    i64: u64, |v| Some(v as i64);
    F32Bits: f32, |v| Some(F32Bits(v.to_bits()));
    F64Bits: f64, |v| Some(F64Bits(v.to_bits()));
    Zero: u32, |v| (v == 0).then_some(Zero);
}

/// A destination class for values of type `T`.
trait Output<T>: FieldType {
    /// The destination in `slot`.
    fn at(slot: i16) -> Self;
    /// Makes `state` what it is after the result was written.
    fn expect(slot: i16, value: T, state: &mut State);
}

impl<T: Number> Output<T> for Slot {
    fn at(slot: i16) -> Self {
        Slot(slot)
    }

    fn expect(slot: i16, value: T, state: &mut State) {
        *state.slot(slot) = value.bits();
        match T::REGISTER {
            Register::Int => state.r0 = value.bits(),
            Register::F32 => state.f0 = value.bits() as u32,
            Register::F64 => state.d0 = value.bits(),
        }
    }
}

impl<T: Number> Output<T> for Spared {
    fn at(slot: i16) -> Self {
        Spared(slot)
    }

    fn expect(slot: i16, value: T, state: &mut State) {
        let untouched = *state.slot(slot);
        <Slot as Output<T>>::expect(slot, value, state);
        *state.slot(slot) = untouched;
    }
}

impl Output<V128> for Wide {
    fn at(slot: i16) -> Self {
        Wide(slot)
    }

    fn expect(slot: i16, value: V128, state: &mut State) {
        state.set_wide(slot, value);
    }
}

/// `unary`, and `unary_try` with a function that never fails.
fn unary_rows<S: Operand<A>, D: Output<R>, A: Edges, R>(
    bench: &mut Bench,
    code: Code<Unary<S, D>>,
    f: impl Fn(A) -> Result<R, TrapCode>,
) {
    for dst in RESULTS {
        for value in A::edges() {
            let mut before = bench.state();
            let Some(src) = S::hold(FIRST, value, &mut before) else { continue };
            let mut after = before.clone();
            let ended = match f(value) {
                Ok(result) => {
                    D::expect(dst, result, &mut after);
                    Ended::Next
                }
                Err(trap) => Ended::trap(trap),
            };
            bench.check(code, Unary { dst: D::at(dst), src }, &before, &after, ended);
        }
    }
}

fn unary<S: Operand<A>, D: Output<R>, A: Edges, R>(bench: &mut Bench, code: Code<Unary<S, D>>, f: impl Fn(A) -> R) {
    unary_rows(bench, code, |value| Ok(f(value)));
}

fn unary_try<S: Operand<A>, D: Output<R>, A: Edges, R>(
    bench: &mut Bench,
    code: Code<Unary<S, D>>,
    f: impl Fn(A) -> Result<R, TrapCode>,
) {
    unary_rows(bench, code, f);
}

fn binary_try<L: Operand<A>, S: Operand<B>, D: Output<R>, A: Edges, B: Edges, R>(
    bench: &mut Bench,
    code: Code<Binary<L, S, D>>,
    f: impl Fn(A, B) -> Result<R, TrapCode>,
) {
    for dst in RESULTS {
        for lhs in A::edges() {
            for rhs in B::edges() {
                let mut before = bench.state();
                let Some(left) = L::hold(FIRST, lhs, &mut before) else { continue };
                let Some(right) = S::hold(SECOND, rhs, &mut before) else { continue };
                let mut after = before.clone();
                let ended = match f(lhs, rhs) {
                    Ok(result) => {
                        D::expect(dst, result, &mut after);
                        Ended::Next
                    }
                    Err(trap) => Ended::trap(trap),
                };
                bench.check(code, Binary { dst: D::at(dst), lhs: left, rhs: right }, &before, &after, ended);
            }
        }
    }
}

fn binary<L: Operand<A>, S: Operand<B>, D: Output<R>, A: Edges, B: Edges, R>(
    bench: &mut Bench,
    code: Code<Binary<L, S, D>>,
    f: impl Fn(A, B) -> R,
) {
    binary_try(bench, code, |lhs, rhs| Ok(f(lhs, rhs)));
}

fn ternary(bench: &mut Bench, code: Code<Ternary>, f: impl Fn(V128, V128, V128) -> V128) {
    for dst in RESULTS {
        for first in V128::edges() {
            for second in V128::edges() {
                for third in V128::edges() {
                    let mut before = bench.state();
                    before.set_wide(FIRST, first);
                    before.set_wide(SECOND, second);
                    before.set_wide(THIRD, third);
                    let mut after = before.clone();
                    after.set_wide(dst, f(first, second, third));
                    let op = Ternary { dst: Wide(dst), first: Wide(FIRST), second: Wide(SECOND), third: Wide(THIRD) };
                    bench.check(code, op, &before, &after, Ended::Next);
                }
            }
        }
    }
}

fn branch<L: Operand<A>, S: Operand<B>, A: Edges, B: Edges>(
    bench: &mut Bench,
    code: Code<BranchCompare<L, S>>,
    f: impl Fn(A, B) -> bool,
) {
    for lhs in A::edges() {
        for rhs in B::edges() {
            let mut state = bench.state();
            let Some(left) = L::hold(FIRST, lhs, &mut state) else { continue };
            let Some(right) = S::hold(SECOND, rhs, &mut state) else { continue };
            let op = BranchCompare { lhs: left, rhs: right, target: Target(END_LEN) };
            let ended = if f(lhs, rhs) { Ended::Taken } else { Ended::Next };
            bench.check(code, op, &state, &state, ended);
        }
    }
}

fn branch_not<L: Operand<A>, S: Operand<B>, A: Edges, B: Edges>(
    bench: &mut Bench,
    code: Code<BranchCompare<L, S>>,
    f: impl Fn(A, B) -> bool,
) {
    branch(bench, code, |lhs, rhs| !f(lhs, rhs));
}

fn branch_if<S: Operand<i32>>(bench: &mut Bench, code: Code<BranchIf<S>>, f: impl Fn(i32) -> bool) {
    for value in i32::edges() {
        let mut state = bench.state();
        let Some(src) = S::hold(FIRST, value, &mut state) else { continue };
        let ended = if f(value) { Ended::Taken } else { Ended::Next };
        bench.check(code, BranchIf { src, target: Target(END_LEN) }, &state, &state, ended);
    }
}

/// A value as memory holds it.
trait Bytes: Raw {
    fn from_bytes(bytes: &[u8]) -> Self;
    fn to_bytes(self) -> Vec<u8>;
}

macro_rules! byte_forms {
    ($($type:ty)*) => { $(
        impl Bytes for $type {
            fn from_bytes(bytes: &[u8]) -> Self { Self::from_le_bytes(bytes.try_into().expect("as long")) }
            fn to_bytes(self) -> Vec<u8> { self.to_le_bytes().to_vec() }
        }
    )* };
}
byte_forms!(u8 i8 u16 i16 u32 i32 u64 i64 f32 f64);

impl Bytes for [u8; 16] {
    fn from_bytes(bytes: &[u8]) -> Self {
        bytes.try_into().expect("as long")
    }

    fn to_bytes(self) -> Vec<u8> {
        self.to_vec()
    }
}

/// What all memories hold before an access: signs of both kinds at every width, and floats that are no NaNs only by chance.
fn pattern() -> [u8; MEMORY] {
    core::array::from_fn(|at| (at as u8).wrapping_mul(0x65) ^ 0xa5)
}

/// Fills all memories, lets `check` run an op on one, and compares the others.
fn with_memories(
    bench: &mut Bench,
    written: usize,
    expected: &[u8; MEMORY],
    mut check: impl FnMut(&mut Bench, &mut dyn FnMut(&mut Bench)),
) {
    for index in 0..4 {
        bench.fill_memory(index, &pattern());
    }
    check(bench, &mut |bench| {
        for index in 0..4 {
            let should = if index == written { expected } else { &pattern() };
            let is = bench.bytes(index);
            assert!(is == *should, "memory {index} is {is:?}");
        }
        bench.fill_memory(written, &pattern());
    });
}

/// The range of an access of `size` bytes, if it is inside.
fn range(addr: u64, offset: u64, size: usize) -> Option<core::ops::Range<usize>> {
    let start = u128::from(addr) + u128::from(offset);
    (start + size as u128 <= MEMORY as u128).then(|| start as usize..start as usize + size)
}

/// Addresses around the ends of a memory.
fn addresses(size: usize) -> Vec<u32> {
    let (len, size) = (MEMORY as u32, size as u32);
    vec![0, 1, 8, 16, 101, len - size - 1, len - size, len - size + 1, len - 1, len, 1 << 31, u32::MAX - size, u32::MAX]
}

fn load<A: Operand<u32>, D: Output<R>, T: Bytes, R>(bench: &mut Bench, code: Code<Load<A, D>>, f: impl Fn(T) -> R) {
    let size = size_of::<T>();
    for dst in RESULTS {
        for offset in addresses(size) {
            for addr in addresses(size) {
                let mut before = bench.state();
                let Some(operand) = A::hold(FIRST, addr, &mut before) else { continue };
                let mut after = before.clone();
                let ended = match range(addr.into(), offset.into(), size) {
                    Some(range) => {
                        D::expect(dst, f(T::from_bytes(&pattern()[range])), &mut after);
                        Ended::Next
                    }
                    None => Ended::trap(TrapCode::MemoryOutOfBounds),
                };
                with_memories(bench, 0, &pattern(), |bench, beyond| {
                    let op = Load { dst: D::at(dst), addr: operand, offset };
                    bench.check_beyond(code, op, &before, &after, ended, beyond);
                });
            }
        }
    }
}

fn store<A: Operand<u32>, V: Operand<T>, T: Edges, R: Bytes>(
    bench: &mut Bench,
    code: Code<Store<A, V>>,
    f: impl Fn(T) -> R,
) {
    let size = size_of::<R>();
    for offset in addresses(size) {
        for addr in addresses(size) {
            // Address and value can both be in the integer register, but no row has them there together.
            for value in T::edges() {
                let mut state = bench.state();
                let Some(operand) = A::hold(FIRST, addr, &mut state) else { continue };
                let Some(src) = V::hold(SECOND, value, &mut state) else { continue };
                let mut expected = pattern();
                let ended = match range(addr.into(), offset.into(), size) {
                    Some(range) => {
                        expected[range].copy_from_slice(&f(value).to_bytes());
                        Ended::Next
                    }
                    None => Ended::trap(TrapCode::MemoryOutOfBounds),
                };
                with_memories(bench, 0, &expected, |bench, beyond| {
                    let op = Store { addr: operand, value: src, offset };
                    bench.check_beyond(code, op, &state, &state, ended, beyond);
                });
            }
        }
    }
}

/// Calls `access` with every combination of memory, address operand and offset, and the range if it is inside.
fn accesses_x(bench: &mut Bench, size: usize, mut access: impl FnMut(&mut Bench, State, u16, u64, u64)) {
    for memory in 0..4_u16 {
        for addr in addresses(size) {
            let mut offsets: Vec<u64> = addresses(size).into_iter().map(u64::from).collect();
            offsets.extend([u64::MAX - 1, u64::MAX, 1 << 32]);
            for offset in offsets {
                // The upper half of an address counts where the memory is a 64-bit one.
                for upper in [0, 1 << 32, u64::MAX << 32] {
                    let mut state = bench.state();
                    let operand = u64::from(addr) | upper;
                    *state.slot(FIRST) = operand;
                    let effective = if memory == 2 { operand } else { addr.into() };
                    access(bench, state, memory, effective, offset);
                }
            }
        }
    }
}

fn load_x<D: Output<R>, T: Bytes, R>(bench: &mut Bench, code: Code<LoadX<D>>, f: impl Fn(T) -> R) {
    let size = size_of::<T>();
    accesses_x(bench, size, |bench, before, memory, addr, offset| {
        for dst in RESULTS {
            let mut after = before.clone();
            let ended = match range(addr, offset, size) {
                Some(range) => {
                    D::expect(dst, f(T::from_bytes(&pattern()[range])), &mut after);
                    Ended::Next
                }
                None => Ended::trap(TrapCode::MemoryOutOfBounds),
            };
            with_memories(bench, memory.into(), &pattern(), |bench, beyond| {
                let op = LoadX { dst: D::at(dst), addr: Slot(FIRST), memory, offset };
                bench.check_beyond(code, op, &before, &after, ended, beyond);
            });
        }
    });
}

fn store_x<V: Operand<T>, T: Edges, R: Bytes>(bench: &mut Bench, code: Code<StoreX<V>>, f: impl Fn(T) -> R) {
    let size = size_of::<R>();
    let values = T::edges();
    let mut turn = 0;
    accesses_x(bench, size, |bench, mut state, memory, addr, offset| {
        turn += 1;
        let value = values[turn % values.len()];
        let Some(src) = V::hold(SECOND, value, &mut state) else { return };
        let mut expected = pattern();
        let ended = match range(addr, offset, size) {
            Some(range) => {
                expected[range].copy_from_slice(&f(value).to_bytes());
                Ended::Next
            }
            None => Ended::trap(TrapCode::MemoryOutOfBounds),
        };
        with_memories(bench, memory.into(), &expected, |bench, beyond| {
            let op = StoreX { addr: Slot(FIRST), value: src, memory, offset };
            bench.check_beyond(code, op, &state, &state, ended, beyond);
        });
    });
}

fn load_lane<T: Bytes>(bench: &mut Bench, code: Code<LoadLane>, f: impl Fn(V128, u8, T) -> V128) {
    let (size, vectors) = (size_of::<T>(), V128::edges());
    let mut turn = 0;
    accesses_x(bench, size, |bench, mut before, memory, addr, offset| {
        turn += 1;
        let (vector, lane) = (vectors[turn % vectors.len()], (turn % (16 / size)) as u16);
        before.set_wide(SECOND, vector);
        for dst in [-10, SECOND] {
            let mut after = before.clone();
            let ended = match range(addr, offset, size) {
                Some(range) => {
                    after.set_wide(dst, f(vector, lane as u8, T::from_bytes(&pattern()[range])));
                    Ended::Next
                }
                None => Ended::trap(TrapCode::MemoryOutOfBounds),
            };
            with_memories(bench, memory.into(), &pattern(), |bench, beyond| {
                let op = LoadLane { dst: Wide(dst), addr: Slot(FIRST), src: Wide(SECOND), memory, lane, offset };
                bench.check_beyond(code, op, &before, &after, ended, beyond);
            });
        }
    });
}

fn store_lane<T: Bytes>(bench: &mut Bench, code: Code<StoreLane>, f: impl Fn(V128, u8) -> T) {
    let (size, vectors) = (size_of::<T>(), V128::edges());
    let mut turn = 0;
    accesses_x(bench, size, |bench, mut state, memory, addr, offset| {
        turn += 1;
        let (vector, lane) = (vectors[turn % vectors.len()], (turn % (16 / size)) as u16);
        state.set_wide(SECOND, vector);
        let mut expected = pattern();
        let ended = match range(addr, offset, size) {
            Some(range) => {
                expected[range].copy_from_slice(&f(vector, lane as u8).to_bytes());
                Ended::Next
            }
            None => Ended::trap(TrapCode::MemoryOutOfBounds),
        };
        with_memories(bench, memory.into(), &expected, |bench, beyond| {
            let op = StoreLane { addr: Slot(FIRST), src: Wide(SECOND), memory, lane, offset };
            bench.check_beyond(code, op, &state, &state, ended, beyond);
        });
    });
}

/// A copy of a memory, as aligned as a memory is.
#[repr(align(16))]
struct Shadow([u8; MEMORY]);

/// Where an atomic access of a `T` goes in a shadow memory, or the trap it ends with.
fn atomic_place<T>(shadow: &mut Shadow, addr: u64, offset: u64) -> Result<*mut T, TrapCode> {
    if !addr.wrapping_add(offset).is_multiple_of(size_of::<T>() as u64) {
        return Err(TrapCode::UnalignedAtomic);
    }
    let range = range(addr, offset, size_of::<T>()).ok_or(TrapCode::MemoryOutOfBounds)?;
    Ok(shadow.0[range].as_mut_ptr().cast())
}

/// Checks an atomic op of any shape: `call` is its function, called on the shadow memory, and says what the op's result is.
fn atomic_rows<T, S: Shape>(
    bench: &mut Bench,
    code: Code<S>,
    shape: impl Fn(u16, u64) -> S,
    operands: [u64; 2],
    call: impl Fn(*mut T) -> Option<u64>,
) {
    accesses_x(bench, size_of::<T>(), |bench, mut before, memory, addr, offset| {
        *before.slot(SECOND) = operands[0];
        *before.slot(THIRD) = operands[1];
        let mut after = before.clone();
        let mut shadow = Shadow(pattern());
        let ended = match atomic_place::<T>(&mut shadow, addr, offset) {
            Ok(place) => {
                if let Some(result) = call(place) {
                    <Slot as Output<u64>>::expect(-10, result, &mut after);
                }
                Ended::Next
            }
            Err(trap) => Ended::trap(trap),
        };
        with_memories(bench, memory.into(), &shadow.0, |bench, beyond| {
            bench.check_beyond(code, shape(memory, offset), &before, &after, ended, beyond);
        });
    });
}

fn atomic_load<T>(bench: &mut Bench, code: Code<LoadX<Slot>>, f: unsafe fn(*mut T) -> u64) {
    let shape = |memory, offset| LoadX { dst: Slot(-10), addr: Slot(FIRST), memory, offset };
    // SAFETY: an aligned place in the shadow memory.
    atomic_rows(bench, code, shape, [0; 2], |place| Some(unsafe { f(place) }));
}

fn atomic_store<T>(bench: &mut Bench, code: Code<StoreX<Slot>>, f: unsafe fn(*mut T, u64)) {
    let shape = |memory, offset| StoreX { addr: Slot(FIRST), value: Slot(SECOND), memory, offset };
    for value in [0x1122_3344_5566_7788, u64::MAX] {
        atomic_rows(bench, code, shape, [value, 0], |place| {
            // SAFETY: an aligned place in the shadow memory.
            unsafe { f(place, value) };
            None
        });
    }
}

fn atomic_rmw<T>(bench: &mut Bench, code: Code<AtomicRmw>, f: unsafe fn(*mut T, u64) -> u64) {
    let shape = |memory, offset| AtomicRmw { dst: Slot(-10), addr: Slot(FIRST), value: Slot(SECOND), memory, offset };
    for value in [0x1122_3344_5566_7788, u64::MAX] {
        // SAFETY: an aligned place in the shadow memory.
        atomic_rows(bench, code, shape, [value, 0], |place| Some(unsafe { f(place, value) }));
    }
}

fn atomic_cmpxchg<T>(bench: &mut Bench, code: Code<AtomicCmpxchg>, f: unsafe fn(*mut T, u64, u64) -> u64) {
    let shape = |memory, offset| AtomicCmpxchg {
        dst: Slot(-10),
        addr: Slot(FIRST),
        expected: Slot(SECOND),
        value: Slot(THIRD),
        memory,
        offset,
    };
    // What stands at 16, so that some exchanges happen, and something else.
    let there = u64::from_le_bytes(pattern()[16..24].try_into().expect("as long"));
    let low = there & (u64::MAX >> (64 - 8 * size_of::<T>()));
    for expected in [low, there, low ^ 1] {
        let operands = [expected, 0x1122_3344_5566_7788];
        // SAFETY: an aligned place in the shadow memory.
        atomic_rows(bench, code, shape, operands, |place| Some(unsafe { f(place, operands[0], operands[1]) }));
    }
}

/// Lanes of the shape that the row's name begins with.
fn lanes(opcode: OpCode) -> u16 {
    let name = opcode.name();
    let (_, lanes) = name.split('_').next().and_then(|shape| shape.split_once('x')).expect("a name with lanes");
    lanes.parse().expect("a number of lanes")
}

fn extract_lane<R: Number>(bench: &mut Bench, code: Code<ExtractLane>, f: impl Fn(V128, u8) -> R) {
    for dst in RESULTS {
        for vector in V128::edges() {
            for lane in 0..lanes(code.opcode) {
                let mut before = bench.state();
                before.set_wide(FIRST, vector);
                let mut after = before.clone();
                <Slot as Output<R>>::expect(dst, f(vector, lane as u8), &mut after);
                let op = ExtractLane { dst: Slot(dst), src: Wide(FIRST), lane };
                bench.check(code, op, &before, &after, Ended::Next);
            }
        }
    }
}

fn replace_lane<A: Number>(bench: &mut Bench, code: Code<ReplaceLane>, f: impl Fn(V128, u8, A) -> V128) {
    for dst in RESULTS {
        for vector in V128::edges() {
            for value in A::edges() {
                for lane in 0..lanes(code.opcode) {
                    let mut before = bench.state();
                    before.set_wide(FIRST, vector);
                    *before.slot(SECOND) = dirty(value);
                    let mut after = before.clone();
                    after.set_wide(dst, f(vector, lane as u8, value));
                    let op = ReplaceLane { dst: Wide(dst), src: Wide(FIRST), value: Slot(SECOND), lane };
                    bench.check(code, op, &before, &after, Ended::Next);
                }
            }
        }
    }
}

fn global_set<S: Operand<T>, T: Number>(bench: &mut Bench, code: Code<GlobalSet<S>>, f: impl Fn(T) -> T) {
    for value in T::edges() {
        let mut state = bench.state();
        let Some(src) = S::hold(FIRST, value, &mut state) else { continue };
        *bench.global(0) = [0x1111, 0x2222];
        bench.check_beyond(code, GlobalSet { src, global: 0 }, &state, &state, Ended::Next, &mut |bench| {
            assert_eq!(*bench.global(0), [f(value).bits(), 0x2222], "{}", code.opcode.name());
            *bench.global(0) = [0x1111, 0x2222];
        });
    }
}

fn return_one<S: Operand<T>, T: Number>(bench: &mut Bench, code: Code<ReturnOne<S>>, f: impl Fn(T) -> T) {
    for value in T::edges() {
        let mut before = bench.state();
        let Some(src) = S::hold(FIRST, value, &mut before) else { continue };
        own::check_return(
            bench,
            code,
            |params| ReturnOne { src, params },
            before,
            |slot, after| {
                <Slot as Output<T>>::expect(slot, f(value), after);
            },
        );
    }
}

/// A function of its own: its case is in [`own`], and must have been run before.
fn run<S: Shape>(bench: &mut Bench, code: Code<S>, _f: unsafe fn(&mut Machine, &S) -> Flow) {
    assert!(bench.has_tried(code.opcode), "the row {} has no case in `own`", code.opcode.name());
}

/// Engines leave rows of the driver untouched.
fn driver_row<S: Shape>(bench: &mut Bench, code: Code<S>) {
    // SAFETY: shapes consist of integers; what they are does not matter, since nobody looks at them.
    let shape: S = unsafe { core::mem::zeroed() };
    let state = bench.state();
    bench.check(code, shape, &state, &state, Ended::Left(Left::Exit(Exit::Driver)));
}

macro_rules! define_checks {
    (
        hot { $($hot:ident $hot_shape:tt = $hot_family:ident $hot_semantics:tt;)* }
        driver { $($driver:ident $driver_shape:tt = $driver_method:ident;)* }
        gc { $($gc:ident $gc_shape:tt = $gc_method:ident;)* }
        vector { $($vector:ident $vector_shape:tt = $vector_family:ident $vector_semantics:tt;)* }
        atomic { $($atomic:ident $atomic_shape:tt = $atomic_family:ident $atomic_semantics:tt;)* }
        specialized { $($specialized:ident $specialized_shape:tt = $specialized_family:ident $specialized_semantics:tt;)* }
    ) => {
        fn hot_rows(bench: &mut Bench) {
            $($hot_family(bench, op::$hot, $hot_semantics);)*
        }

        fn specialized_rows(bench: &mut Bench) {
            $($specialized_family(bench, op::$specialized, $specialized_semantics);)*
        }

        fn vector_rows(bench: &mut Bench) {
            $($vector_family(bench, op::$vector, $vector_semantics);)*
        }

        fn atomic_row_list(bench: &mut Bench) {
            $($atomic_family(bench, op::$atomic, $atomic_semantics);)*
        }

        fn driver_rows(bench: &mut Bench) {
            $(driver_row(bench, op::$driver);)*
            $(driver_row(bench, op::$gc);)*
        }
    };
}

for_each_op!(define_checks);

#[test]
fn every_row_does_what_its_function_says_on_every_engine() {
    let mut bench = Bench::new();
    own::rows(&mut bench);
    combined::rows(&mut bench);
    hot_rows(&mut bench);
    specialized_rows(&mut bench);
    vector_rows(&mut bench);
    atomic_row_list(&mut bench);
    driver_rows(&mut bench);
    let missing: Vec<_> = OpCode::ALL.iter().filter(|row| !bench.has_tried(**row)).map(|row| row.name()).collect();
    assert!(missing.is_empty(), "rows without a case: {missing:?}");
    assert!(bench.runs() > 2 * OpCode::ALL.len());
    #[cfg(tail)]
    chains::chains(&mut bench);
}
