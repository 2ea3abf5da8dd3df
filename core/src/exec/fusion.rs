//! Ops that do what two or three instructions say: the same results, roundings and traps, in one dispatch.

use super::machine::{Destination, Flow, Machine, Source};
use crate::code::shape::*;
use crate::exec::memory::{Raw, flat};
use crate::numeric::{float, int};
use crate::trap::TrapCode;

/// Product, then sum: rounded twice, as the two instructions are. A NaN product makes a NaN sum, and one canonical NaN is the next:
/// it is enough to look at the sum.
#[inline(always)]
pub(crate) fn f32_mul_add(a: f32, b: f32, c: f32) -> f32 {
    float::f32_add(a * b, c)
}

/// Product, then sum: as [`f32_mul_add`].
#[inline(always)]
pub(crate) fn f64_mul_add(a: f64, b: f64, c: f64) -> f64 {
    float::f64_add(a * b, c)
}

/// Product, then sum.
#[inline(always)]
pub(crate) fn i32_mul_add(a: i32, b: i32, c: i32) -> i32 {
    int::i32_add(int::i32_mul(a, b), c)
}

/// Product, then sum.
#[inline(always)]
pub(crate) fn i64_mul_add(a: i64, b: i64, c: i64) -> i64 {
    int::i64_add(int::i64_mul(a, b), c)
}

/// The place of an array element: index shifted, base added.
#[inline(always)]
pub(crate) fn i32_shl_add(index: i32, shift: i32, base: i32) -> i32 {
    index.wrapping_shl(shift as u32).wrapping_add(base)
}

/// A bit field: shifted down, masked.
#[inline(always)]
pub(crate) fn i32_shr_u_and(value: u32, shift: u32, mask: u32) -> u32 {
    value.wrapping_shr(shift) & mask
}

/// Shifted down, then exclusive or.
#[inline(always)]
pub(crate) fn i32_shr_u_xor(value: u32, shift: u32, other: u32) -> u32 {
    value.wrapping_shr(shift) ^ other
}

/// Shifted down, then exclusive or.
#[inline(always)]
pub(crate) fn i64_shr_u_xor(value: u64, shift: u32, other: u64) -> u64 {
    value.wrapping_shr(shift) ^ other
}

/// `dst ← f(first, second, third)`.
#[inline(always)]
pub(crate) unsafe fn fused<X: Source<A>, Y: Source<B>, Z: Source<C>, D: Destination<R>, A, B, C, R>(
    m: &mut Machine,
    op: &Fused<X, Y, Z, D>,
    f: impl Fn(A, B, C) -> R,
) -> Flow {
    // SAFETY: I2
    unsafe { op.dst.put(m, f(op.first.get(m), op.second.get(m), op.third.get(m))) };
    Flow::Next
}

/// `dst ← f(memory0[(lhs + rhs) + offset])`.
#[inline(always)]
pub(crate) unsafe fn load_sum<L: Source<u32>, S: Source<u32>, D: Destination<R>, T: Raw, R>(
    m: &mut Machine,
    op: &LoadSum<L, S, D>,
    f: impl Fn(T) -> R,
) -> Flow {
    // SAFETY: I2, I5
    unsafe {
        let address = op.lhs.get(m).wrapping_add(op.rhs.get(m));
        match flat(m, address, op.offset, size_of::<T>()) {
            Some(at) => op.dst.put(m, f(at.cast::<T>().read_unaligned().in_order())),
            None => return Flow::Trap(TrapCode::MemoryOutOfBounds),
        }
    }
    Flow::Next
}

/// `dst ← f(memory0[((index << shift) + base) + offset])`.
#[inline(always)]
pub(crate) unsafe fn load_scaled<I: Source<u32>, B: Source<u32>, D: Destination<R>, T: Raw, R>(
    m: &mut Machine,
    op: &LoadScaled<I, B, D>,
    f: impl Fn(T) -> R,
) -> Flow {
    // SAFETY: I2, I5
    unsafe {
        let address = op.index.get(m).wrapping_shl(u32::from(op.shift)).wrapping_add(op.base.get(m));
        match flat(m, address, op.offset, size_of::<T>()) {
            Some(at) => op.dst.put(m, f(at.cast::<T>().read_unaligned().in_order())),
            None => return Flow::Trap(TrapCode::MemoryOutOfBounds),
        }
    }
    Flow::Next
}

/// `sum ← src + step`; `dst ← f(memory0[addr + offset])`.
#[inline(always)]
pub(crate) unsafe fn load_step<A: Source<u32>, I: Source<u32>, D: Destination<R>, T: Raw, R>(
    m: &mut Machine,
    op: &LoadStep<A, I, D>,
    f: impl Fn(T) -> R,
) -> Flow {
    // SAFETY: I2, I5
    unsafe {
        let sum = Source::<u32>::get(op.src, m).wrapping_add(op.step.get(m));
        Destination::<u32>::put(op.sum, m, sum);
        match flat(m, op.addr.get(m), op.offset, size_of::<T>()) {
            Some(at) => op.dst.put(m, f(at.cast::<T>().read_unaligned().in_order())),
            None => return Flow::Trap(TrapCode::MemoryOutOfBounds),
        }
    }
    Flow::Next
}

/// `dst ← f(lhs, rhs) ? first : second`; as of a select, the register of integers mirrors the result.
#[inline(always)]
pub(crate) unsafe fn select_compare<S: Source<T>, D: Destination<u64>, T>(
    m: &mut Machine,
    op: &SelectCompare<S, D>,
    f: impl Fn(T, T) -> bool,
) -> Flow
where
    Slot: Source<T>,
{
    // SAFETY: I2
    unsafe {
        let (first, second) = (Source::<u64>::get(op.first, m), Source::<u64>::get(op.second, m));
        let value = if f(op.lhs.get(m), op.rhs.get(m)) { first } else { second };
        op.dst.put(m, value);
    }
    Flow::Next
}

/// `dst ← src + step`.
#[inline(always)]
unsafe fn step(m: &mut Machine, dst: Slot, src: Slot, step: i32) -> i32 {
    // SAFETY: I2
    unsafe {
        let value = Source::<i32>::get(src, m).wrapping_add(step);
        dst.put(m, value);
        value
    }
}

/// Two steps, one after the other.
#[inline(always)]
pub(crate) unsafe fn i32_step2(m: &mut Machine, op: &StepTwice) -> Flow {
    // SAFETY: I2
    unsafe {
        step(m, op.first_dst, op.first_src, op.first_step);
        step(m, op.dst, op.src, op.step);
    }
    Flow::Next
}

/// Two steps; branch if `f(dst)`.
#[inline(always)]
pub(crate) unsafe fn step_twice_branch(m: &mut Machine, op: &StepTwiceBranch, f: impl Fn(i32) -> bool) -> Flow {
    // SAFETY: I1, I2
    unsafe {
        step(m, op.first_dst, op.first_src, op.first_step);
        if f(step(m, op.dst, op.src, op.step)) { super::control::jump(m, op.target) } else { Flow::Next }
    }
}

/// Two steps; branch if `f(dst, rhs)`.
#[inline(always)]
pub(crate) unsafe fn step_twice_compare<S: Source<i32>>(
    m: &mut Machine,
    op: &StepTwiceCompare<S>,
    f: impl Fn(i32, i32) -> bool,
) -> Flow {
    // SAFETY: I1, I2
    unsafe {
        step(m, op.first_dst, op.first_src, op.first_step);
        let value = step(m, op.dst, op.src, op.step);
        if f(value, op.rhs.get(m)) { super::control::jump(m, op.target) } else { Flow::Next }
    }
}

/// `dst ← src + step`; branch if `f(dst)`.
#[inline(always)]
pub(crate) unsafe fn step_branch(m: &mut Machine, op: &StepBranch, f: impl Fn(i32) -> bool) -> Flow {
    // SAFETY: I1, I2
    unsafe { if f(step(m, op.dst, op.src, op.step)) { super::control::jump(m, op.target) } else { Flow::Next } }
}

/// `dst ← src + step`; branch if `f(dst, rhs)`.
#[inline(always)]
pub(crate) unsafe fn step_compare<S: Source<T>, T>(
    m: &mut Machine,
    op: &StepCompare<S>,
    f: impl Fn(T, T) -> bool,
) -> Flow
where
    Slot: Source<T>,
{
    // SAFETY: I1, I2
    unsafe {
        step(m, op.dst, op.src, op.step);
        if f(op.dst.get(m), op.rhs.get(m)) { super::control::jump(m, op.target) } else { Flow::Next }
    }
}
