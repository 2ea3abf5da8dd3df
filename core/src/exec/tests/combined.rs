//! Cases of the rows that do two things in one: each against what its parts do one after the other.

use super::*;

/// Rows of their own.
pub(super) fn rows(bench: &mut Bench) {
    for (dst, src, second_dst, second_src) in
        [(THIRD, FIRST, FIRST, SECOND), (FIRST, SECOND, SECOND, FIRST), (FIRST, FIRST, SECOND, SECOND)]
    {
        let mut before = bench.state();
        *before.slot(FIRST) = 0x1111_2222_3333_4444;
        *before.slot(SECOND) = 0x5555_6666_7777_8888;
        let mut after = before.clone();
        *after.slot(dst) = *after.slot(src);
        *after.slot(second_dst) = *after.slot(second_src);
        after.r0 = *after.slot(second_dst);
        let op = Copy2 { dst: Slot(dst), src: Slot(src), second_dst: Slot(second_dst), second_src: Slot(second_src) };
        bench.check(op::copy2, op, &before, &after, Ended::Next);
    }
    for steps in STEPS {
        let before = bench.state();
        let mut after = before.clone();
        steps.take(&mut after);
        bench.check(op::i32_step2, steps.shape(), &before, &after, Ended::Next);
    }
}

/// Two steps, in the order in which they are taken: each from a slot, by an amount, to a slot.
struct Steps([(i16, i32, i16); 2]);

/// Into other slots, in place, and one after what the other has made.
const STEPS: [Steps; 3] = [
    Steps([(FIRST, 1, THIRD), (SECOND, -7, -10)]),
    Steps([(FIRST, i32::MIN, FIRST), (SECOND, 8, SECOND)]),
    Steps([(FIRST, 3, SECOND), (SECOND, 5, FIRST)]),
];

impl Steps {
    fn take(&self, state: &mut State) -> i32 {
        let mut value = 0;
        for (from, amount, to) in self.0 {
            value = (*state.slot(from) as i32).wrapping_add(amount);
            <Slot as Output<i32>>::expect(to, value, state);
        }
        value
    }

    fn shape(&self) -> StepTwice {
        let [(first_src, first_step, first_dst), (src, step, dst)] = self.0;
        let (first_dst, first_src) = (Slot(first_dst), Slot(first_src));
        StepTwice { dst: Slot(dst), src: Slot(src), step, first_dst, first_src, first_step }
    }
}

pub(super) fn step_twice_branch(bench: &mut Bench, code: Code<StepTwiceBranch>, f: impl Fn(i32) -> bool) {
    for steps in STEPS {
        for value in <i32 as Edges>::edges() {
            let mut before = bench.state();
            // Such that the second step may end at zero.
            *before.slot(SECOND) = value.wrapping_add(7).bits();
            *before.slot(FIRST) = value.wrapping_sub(8).bits();
            let mut after = before.clone();
            let stepped = steps.take(&mut after);
            let StepTwice { dst, src, step, first_dst, first_src, first_step } = steps.shape();
            let op = StepTwiceBranch { dst, src, step, first_dst, first_src, first_step, target: Target(END_LEN) };
            bench.check(code, op, &before, &after, if f(stepped) { Ended::Taken } else { Ended::Next });
        }
    }
}

pub(super) fn step_twice_compare<S: Operand<i32>>(
    bench: &mut Bench,
    code: Code<StepTwiceCompare<S>>,
    f: impl Fn(i32, i32) -> bool,
) {
    const RHS: i16 = 40;
    for steps in STEPS {
        let mut before = bench.state();
        let equal = steps.take(&mut before.clone());
        for rhs in [equal, equal.wrapping_add(1), 0] {
            let Some(right) = S::hold(RHS, rhs, &mut before) else { continue };
            let mut after = before.clone();
            let stepped = steps.take(&mut after);
            let StepTwice { dst, src, step, first_dst, first_src, first_step } = steps.shape();
            let target = Target(END_LEN);
            let op = StepTwiceCompare { dst, src, step, first_dst, first_src, first_step, rhs: right, target };
            bench.check(code, op, &before, &after, if f(stepped, rhs) { Ended::Taken } else { Ended::Next });
        }
    }
}

/// The step, then the load: in a register its address is the sum, in a slot it is what stands there.
pub(super) fn load_step<A: Operand<u32>, I: Operand<u32>, D: Output<R>, T: Bytes, R: Number>(
    bench: &mut Bench,
    code: Code<LoadStep<A, I, D>>,
    f: impl Fn(T) -> R,
) {
    const SUM: i16 = 40;
    let of_sum = size_of::<A>() == 0;
    for address in addresses(size_of::<T>()) {
        for (step, offset) in [(0_u32, 0), (8, 3), (u32::MAX, 0)] {
            for (sum, dst) in [(SUM, -10), (SUM, SUM), (FIRST, FIRST)] {
                let mut before = bench.state();
                let stepped = if of_sum { address } else { address ^ 5 };
                let Some(addr) = A::hold(THIRD, address, &mut before) else { continue };
                let Some(addend) = I::hold(SECOND, step, &mut before) else { continue };
                let Some(src) = <Slot as Operand<u32>>::hold(FIRST, stepped.wrapping_sub(step), &mut before) else {
                    continue;
                };
                before.r0 = 0x5555_5555_5555;
                let mut after = before.clone();
                <Slot as Output<u32>>::expect(sum, stepped, &mut after);
                let ended = match range(address.into(), offset.into(), size_of::<T>()) {
                    Some(range) => {
                        D::expect(dst, f(T::from_bytes(&pattern()[range])), &mut after);
                        Ended::Next
                    }
                    None => Ended::trap(TrapCode::MemoryOutOfBounds),
                };
                let op = LoadStep { dst: D::at(dst), sum: Slot(sum), src, step: addend, addr, offset };
                with_memories(bench, 0, &pattern(), |bench, beyond| {
                    bench.check_beyond(code, op, &before, &after, ended, beyond);
                });
            }
        }
    }
}

pub(super) fn select_compare<S: Operand<T>, D: Output<u64>, T: Number>(
    bench: &mut Bench,
    code: Code<SelectCompare<S, D>>,
    f: impl Fn(T, T) -> bool,
) {
    const SECOND_ARM: i16 = 40;
    for dst in RESULTS {
        for lhs in T::edges() {
            for rhs in T::edges() {
                let mut before = bench.state();
                let Some(left) = <Slot as Operand<T>>::hold(FIRST, lhs, &mut before) else { continue };
                let Some(right) = S::hold(SECOND, rhs, &mut before) else { continue };
                let (first, second) = (*before.slot(THIRD), *before.slot(SECOND_ARM));
                let value = if f(lhs, rhs) { first } else { second };
                let mut after = before.clone();
                D::expect(dst, value, &mut after);
                let (first, second) = (Slot(THIRD), Slot(SECOND_ARM));
                let op = SelectCompare { dst: D::at(dst), lhs: left, rhs: right, first, second };
                bench.check(code, op, &before, &after, Ended::Next);
            }
        }
    }
}

pub(super) fn fused<X, Y, Z, D, A: Edges, B: Edges, C: Edges, R>(
    bench: &mut Bench,
    code: Code<Fused<X, Y, Z, D>>,
    f: impl Fn(A, B, C) -> R,
) where
    X: Operand<A>,
    Y: Operand<B>,
    Z: Operand<C>,
    D: Output<R>,
{
    for dst in RESULTS {
        for first in A::edges() {
            for second in B::edges().into_iter().step_by(2) {
                for third in C::edges().into_iter().step_by(3) {
                    let mut before = bench.state();
                    let Some(x) = X::hold(FIRST, first, &mut before) else { continue };
                    let Some(y) = Y::hold(SECOND, second, &mut before) else { continue };
                    let Some(z) = Z::hold(THIRD, third, &mut before) else { continue };
                    // Where both are the register, only one value can be meant.
                    let mut unchanged = before.clone();
                    X::hold(FIRST, first, &mut unchanged);
                    if unchanged.r0 != before.r0 {
                        continue;
                    }
                    let mut after = before.clone();
                    D::expect(dst, f(first, second, third), &mut after);
                    let op = Fused { dst: D::at(dst), first: x, second: y, third: z };
                    bench.check(code, op, &before, &after, Ended::Next);
                }
            }
        }
    }
}

/// A load from `address`, which the operands in `before` add up to.
fn load_at<D: Output<R>, S: Shape, T: Bytes, R>(
    bench: &mut Bench,
    code: Code<S>,
    op: S,
    before: &State,
    dst: i16,
    place: (u32, u32),
    f: &impl Fn(T) -> R,
) {
    let (address, offset) = place;
    let mut after = before.clone();
    let ended = match range(address.into(), offset.into(), size_of::<T>()) {
        Some(range) => {
            D::expect(dst, f(T::from_bytes(&pattern()[range])), &mut after);
            Ended::Next
        }
        None => Ended::trap(TrapCode::MemoryOutOfBounds),
    };
    with_memories(bench, 0, &pattern(), |bench, beyond| bench.check_beyond(code, op, before, &after, ended, beyond));
}

pub(super) fn load_sum<L: Operand<u32>, S: Operand<u32>, D: Output<R>, T: Bytes, R>(
    bench: &mut Bench,
    code: Code<LoadSum<L, S, D>>,
    f: impl Fn(T) -> R,
) {
    for address in addresses(size_of::<T>()) {
        for rhs in [0_u32, 8, 1 << 31, u32::MAX] {
            for offset in [0, 3] {
                let lhs = address.wrapping_sub(rhs);
                let mut before = bench.state();
                let Some(left) = L::hold(FIRST, lhs, &mut before) else { continue };
                let Some(right) = S::hold(SECOND, rhs, &mut before) else { continue };
                let op = LoadSum { dst: D::at(FIRST), lhs: left, rhs: right, offset };
                load_at::<D, _, _, _>(bench, code, op, &before, FIRST, (address, offset), &f);
            }
        }
    }
}

pub(super) fn load_scaled<I: Operand<u32>, B: Operand<u32>, D: Output<R>, T: Bytes, R>(
    bench: &mut Bench,
    code: Code<LoadScaled<I, B, D>>,
    f: impl Fn(T) -> R,
) {
    for address in addresses(size_of::<T>()) {
        for index in [0_u32, 5, u32::MAX] {
            for (shift, offset) in [(0_u16, 0), (2, 3), (31, 0)] {
                let base = address.wrapping_sub(index << shift);
                let mut before = bench.state();
                let Some(left) = I::hold(FIRST, index, &mut before) else { continue };
                let Some(right) = B::hold(SECOND, base, &mut before) else { continue };
                let op = LoadScaled { dst: D::at(SECOND), index: left, base: right, shift, offset };
                load_at::<D, _, _, _>(bench, code, op, &before, SECOND, (address, offset), &f);
            }
        }
    }
}

pub(super) fn step_branch(bench: &mut Bench, code: Code<StepBranch>, f: impl Fn(i32) -> bool) {
    for value in <i32 as Edges>::edges() {
        for step in [1, -1, i32::MIN] {
            let mut before = bench.state();
            let Some(src) = <Slot as Operand<i32>>::hold(FIRST, value, &mut before) else { continue };
            let mut after = before.clone();
            let stepped = value.wrapping_add(step);
            <Slot as Output<i32>>::expect(FIRST, stepped, &mut after);
            let op = StepBranch { dst: Slot(FIRST), src, step, target: Target(END_LEN) };
            bench.check(code, op, &before, &after, if f(stepped) { Ended::Taken } else { Ended::Next });
        }
    }
}

/// The comparison is of whichever signedness its function has: the step's result goes through a slot.
pub(super) fn step_compare<S: Operand<T>, T: Number + Stepped>(
    bench: &mut Bench,
    code: Code<StepCompare<S>>,
    f: impl Fn(T, T) -> bool,
) {
    for value in <i32 as Edges>::edges() {
        for rhs in T::edges() {
            for step in [1, -7] {
                let mut before = bench.state();
                let Some(src) = <Slot as Operand<i32>>::hold(FIRST, value, &mut before) else { continue };
                let Some(right) = S::hold(SECOND, rhs, &mut before) else { continue };
                let mut after = before.clone();
                let stepped = value.wrapping_add(step);
                <Slot as Output<i32>>::expect(THIRD, stepped, &mut after);
                let op = StepCompare { dst: Slot(THIRD), src, step, rhs: right, target: Target(END_LEN) };
                let ended = if f(T::stepped(stepped), rhs) { Ended::Taken } else { Ended::Next };
                bench.check(code, op, &before, &after, ended);
            }
        }
    }
}

/// An i32 in the signedness a comparison looks at it.
pub(super) trait Stepped {
    fn stepped(value: i32) -> Self;
}

impl Stepped for i32 {
    fn stepped(value: i32) -> Self {
        value
    }
}

impl Stepped for u32 {
    fn stepped(value: i32) -> Self {
        value as u32
    }
}
