//! Rows that are functions of their own: a case each, which says what the row does a second time.

use super::bench::{Bench, END_LEN, Ended, FP, OTHER_BYTE, Outcome, State, describe, emit_end, observe};
use super::{Edges, FIRST, Operand, RESULTS, SECOND, THIRD, pattern};
use crate::code::encode::CodeBuffer;
use crate::code::op::{self, Code};
use crate::code::shape::*;
use crate::exec::dispatch::Left;
use crate::exec::machine::{Exit, HEADER};
use crate::numeric::vector::V128;
use crate::runtime::store::InstanceObject;
use crate::trap::TrapCode;

/// All of them.
pub(super) fn rows(bench: &mut Bench) {
    constants_and_copies(bench);
    far_copies(bench);
    wide_arithmetic(bench);
    jumps(bench);
    branch_tables(bench);
    selections(bench);
    entries(bench);
    calls(bench);
    tail_calls(bench);
    returns(bench);
    metering(bench);
    globals(bench);
    references(bench);
    tables_and_memories(bench);
    shuffles(bench);
}

/// Makes all registers hold `bits`.
fn mirror(state: &mut State, bits: u64) {
    (state.r0, state.f0, state.d0) = (bits, bits as u32, bits);
}

fn constants_and_copies(bench: &mut Bench) {
    for value in V128::edges() {
        let before = bench.state();
        let mut after = before.clone();
        after.set_wide(FIRST, value);
        bench.check(op::v128_const, Const128 { dst: Wide(FIRST), value: value.into() }, &before, &after, Ended::Next);
    }
    for bits in [0, 1, 0xffff_ffff, 0xdead_beef_0000_0001, u64::MAX] {
        for dst in RESULTS {
            let mut before = bench.state();
            *before.slot(FIRST) = bits;
            let mut narrow = before.clone();
            *narrow.slot(dst) = bits & 0xffff_ffff;
            let (to, from) = (RefSlot(dst), RefSlot(FIRST));
            bench.check(op::copy_ref, Unary { dst: to, src: from }, &before, &narrow, Ended::Next);
            bench.check(op::ref_to_slot, Unary { dst: Slot(dst), src: from }, &before, &narrow, Ended::Next);
            let mut whole = before.clone();
            *whole.slot(dst) = bits;
            bench.check(op::slot_to_ref, Unary { dst: to, src: Slot(FIRST) }, &before, &whole, Ended::Next);
        }
    }
}

fn far_copies(bench: &mut Bench) {
    const FAR: i16 = 77;
    let far = FarSlot(FAR.into());
    let before = bench.state();
    let moved = |from: i16, to: i16, slots: i16| {
        let mut after = before.clone();
        for slot in 0..slots {
            *after.slot(to + slot) = *before.clone().slot(from + slot);
        }
        after
    };
    let (near_in, near_out) = (moved(FAR, FIRST, 1), moved(FIRST, FAR, 1));
    let (wide_in, wide_out) = (moved(FAR, FIRST, 2), moved(FIRST, FAR, 2));
    bench.check(op::copy_far_in, CopyFarIn { dst: Slot(FIRST), far }, &before, &near_in, Ended::Next);
    bench.check(op::copy_ref_far_in, CopyFarIn { dst: RefSlot(FIRST), far }, &before, &near_in, Ended::Next);
    bench.check(op::copy_wide_far_in, CopyFarIn { dst: Wide(FIRST), far }, &before, &wide_in, Ended::Next);
    bench.check(op::copy_far_out, CopyFarOut { src: Slot(FIRST), far }, &before, &near_out, Ended::Next);
    bench.check(op::copy_ref_far_out, CopyFarOut { src: RefSlot(FIRST), far }, &before, &near_out, Ended::Next);
    bench.check(op::copy_wide_far_out, CopyFarOut { src: Wide(FIRST), far }, &before, &wide_out, Ended::Next);
}

fn wide_arithmetic(bench: &mut Bench) {
    const FOURTH: i16 = 40;
    for a in u64::edges() {
        for b in u64::edges() {
            let mut before = bench.state();
            for (slot, value) in [(FIRST, a), (SECOND, b), (THIRD, !a), (FOURTH, b ^ 5)] {
                *before.slot(slot) = value;
            }
            // Both results are written after all operands have been read.
            for (low, high) in [(-10, -11), (SECOND, FIRST)] {
                let check = |bench: &mut Bench, code: Code<Wide128>, value: u128| {
                    let mut after = before.clone();
                    *after.slot(low) = value as u64;
                    *after.slot(high) = (value >> 64) as u64;
                    after.r0 = (value >> 64) as u64;
                    let op = Wide128 {
                        low: Slot(low),
                        high: Slot(high),
                        a_low: Slot(FIRST),
                        a_high: Slot(SECOND),
                        b_low: Slot(THIRD),
                        b_high: Slot(FOURTH),
                    };
                    bench.check(code, op, &before, &after, Ended::Next);
                };
                let (lhs, rhs) = (u128::from(a) | u128::from(b) << 64, u128::from(!a) | u128::from(b ^ 5) << 64);
                check(bench, op::i64_add128, lhs.wrapping_add(rhs));
                check(bench, op::i64_sub128, lhs.wrapping_sub(rhs));
                let check = |bench: &mut Bench, code: Code<MulWide>, value: u128| {
                    let mut after = before.clone();
                    *after.slot(low) = value as u64;
                    *after.slot(high) = (value >> 64) as u64;
                    after.r0 = (value >> 64) as u64;
                    let op = MulWide { low: Slot(low), high: Slot(high), lhs: Slot(FIRST), rhs: Slot(SECOND) };
                    bench.check(code, op, &before, &after, Ended::Next);
                };
                check(bench, op::i64_mul_wide_s, (i128::from(a as i64) * i128::from(b as i64)) as u128);
                check(bench, op::i64_mul_wide_u, u128::from(a) * u128::from(b));
            }
        }
    }
}

fn jumps(bench: &mut Bench) {
    let state = bench.state();
    bench.check(op::unreachable, Nullary {}, &state, &state, Ended::trap(TrapCode::Unreachable));
    bench.check(op::br, Jump { target: Target(END_LEN) }, &state, &state, Ended::Taken);
    bench.check(op::br, Jump { target: Target(0) }, &state, &state, Ended::Next);
    for handle in [0, 1, 2, u32::MAX] {
        let mut state = bench.state();
        // The upper half of a slot means nothing.
        *state.slot(FIRST) = u64::from(handle) | 1 << 32;
        let op = BranchRef { src: RefSlot(FIRST), target: Target(END_LEN) };
        let (null, other) = if handle == 0 { (Ended::Taken, Ended::Next) } else { (Ended::Next, Ended::Taken) };
        bench.check(op::br_on_null, op, &state, &state, null);
        bench.check(op::br_on_non_null, op, &state, &state, other);
    }
}

fn branch_tables(bench: &mut Bench) {
    fn check<I: Operand<u32>>(bench: &mut Bench, code: Code<BranchTable<I>>) {
        for index in u32::edges() {
            // The default is taken by every index from 3 on.
            for targets in [[0, END_LEN, 0, END_LEN], [END_LEN, 0, END_LEN, 0]] {
                let mut state = bench.state();
                let operand = I::hold(FIRST, index, &mut state).expect("slots and registers hold any index");
                let mut buffer = CodeBuffer::default();
                buffer.emit(code, BranchTable { index: operand, count: targets.len() as u32 });
                for target in targets {
                    buffer.emit_target(Target(target));
                }
                let ended = if targets[index.min(3) as usize] == 0 { Ended::Next } else { Ended::Taken };
                bench.check_buffer(code.opcode, buffer, &state, &state, ended, &mut |_| ());
            }
        }
    }
    check(bench, op::br_table_s);
    check(bench, op::br_table_r);

    fn check_again<I: Operand<u32>>(bench: &mut Bench, again: Code<Jump>, code: Code<BranchTable<I>>) {
        for index in [0, 1, 2, u32::MAX] {
            let mut state = bench.state();
            let operand = I::hold(FIRST, index, &mut state).expect("slots and registers hold any index");
            let mut buffer = CodeBuffer::default();
            // An end stands between the op and its table.
            buffer.emit(again, Jump { target: Target(END_LEN) });
            emit_end(&mut buffer);
            buffer.emit(code, BranchTable { index: operand, count: 2 });
            buffer.emit_target(Target(END_LEN));
            buffer.emit_target(Target(0));
            let ended = if index == 0 { Ended::Taken } else { Ended::Next };
            bench.check_buffer(again.opcode, buffer, &state, &state, ended, &mut |_| ());
        }
    }
    check_again(bench, op::br_table_again_s, op::br_table_s);
    check_again(bench, op::br_table_again_r, op::br_table_r);
}

fn selections(bench: &mut Bench) {
    for condition in [0, 1, i32::MIN] {
        for dst in RESULTS {
            let mut before = bench.state();
            let (first, second) = (*before.slot(SECOND), *before.slot(THIRD));
            before.r0 = u64::from(condition as u32) | 0xffff_0000_0000_0000;
            *before.slot(FIRST) = before.r0;
            let value = if condition != 0 { first } else { second };
            let mut after = before.clone();
            *after.slot(dst) = value;
            let narrow_reference = {
                let mut after = after.clone();
                *after.slot(dst) = value & 0xffff_ffff;
                after
            };
            after.r0 = value;
            let (first, second) = (Slot(SECOND), Slot(THIRD));
            let op = Select { dst: Slot(dst), condition: Slot(FIRST), first, second };
            bench.check(op::select_s, op, &before, &after, Ended::Next);
            let op = Select { dst: Slot(dst), condition: Reg, first, second };
            bench.check(op::select_r, op, &before, &after, Ended::Next);
            let mut spared = before.clone();
            spared.r0 = value;
            let op = Select { dst: Spared(dst), condition: Slot(FIRST), first, second };
            bench.check(op::select_s_t, op, &before, &spared, Ended::Next);
            let op = Select { dst: Spared(dst), condition: Reg, first, second };
            bench.check(op::select_r_t, op, &before, &spared, Ended::Next);
            let (first, second) = (RefSlot(SECOND), RefSlot(THIRD));
            let op = Select { dst: RefSlot(dst), condition: Slot(FIRST), first, second };
            bench.check(op::select_ref, op, &before, &narrow_reference, Ended::Next);

            let mut after = before.clone();
            let from = if condition != 0 { SECOND } else { THIRD };
            for slot in 0..2 {
                *after.slot(dst + slot) = *before.slot(from + slot);
            }
            let op = Select { dst: Wide(dst), condition: Slot(FIRST), first: Wide(SECOND), second: Wide(THIRD) };
            bench.check(op::select_wide, op, &before, &after, Ended::Next);
        }
    }
}

fn entries(bench: &mut Bench) {
    let room = bench.state().slots.len() - FP;
    let max_depth = bench.store().max_depth;
    for (frame, depth) in [(50, 3), (room, max_depth), (room + 1, 3), (50, max_depth + 1), (u32::MAX as usize, 1)] {
        for zero in [0, 4] {
            let mut before = bench.state();
            *before.slot(-2) = u64::from(depth) << 32 | 0xffff_ffff;
            let mut after = before.clone();
            let fits = frame <= room && depth <= max_depth;
            let ended = if fits { Ended::Next } else { Ended::Left(Left::Exit(Exit::StackLimit)) };
            if fits {
                *after.slot(-2) = u64::from(depth) << 32 | 9;
                (0..zero).for_each(|slot| *after.slot(slot) = 0);
            }
            let (frame, zero) = (frame as u32, zero as u32);
            bench.check(op::enter, Enter { function: 9, frame, zero }, &before, &after, ended);
            if fits {
                (100..105).for_each(|slot| *after.slot(slot) = 0);
            }
            let op = EnterFar { function: 9, frame, zero, far: 100, far_count: 5 };
            bench.check(op::enter_far, op, &before, &after, ended);
        }
    }
}

/// Functions of the world, by their index in its module.
const IMPORTED: u32 = 0;
const UNARY: u32 = 1;
const CONSTANT: u32 = 2;

/// Where callees read a byte of memory 0 to, so that it is seen which memory they have.
const BYTE: i16 = 40;

/// Slots of the parameters and the header of the frame, where its caller needs to know.
const PARAMS: u16 = HEADER as u16 + 4;

/// The store's address of a function of the world.
fn address(bench: &Bench, function: u32) -> u32 {
    // SAFETY: I4 — nothing runs.
    unsafe { (*bench.instance.cast::<InstanceObject>().as_ptr()).function(function).expect("an address").0 }
}

/// What a call leads to.
struct Callee {
    function: u32,
    /// Its frame, relative to the caller's.
    fp: i16,
    /// The depth of its frame.
    depth: u32,
    /// How far its caller's frame is below.
    advance: Advance,
    /// Whether the call itself notes the function's index; else `enter` does.
    noted: bool,
    /// Where it returns to, in bytes from the end of the op, which is where `reload_memory` stands.
    returns_to: i32,
}

/// Bytes of `reload_memory`.
const RELOAD_LEN: i32 = 2;

/// Runs a call whose callee's code is in the same buffer.
fn check_call<S: Shape>(
    bench: &mut Bench,
    code: Code<S>,
    shape: S,
    prepare: impl FnOnce(&mut State, *const u16),
    callee: Callee,
    expect: impl FnOnce(&State, &mut State),
) {
    let mut buffer = CodeBuffer::default();
    buffer.emit(code, shape);
    let behind = buffer.position();
    buffer.emit(op::reload_memory, ReloadMemory {});
    emit_end(&mut buffer);
    let entry = buffer.position();
    buffer.emit(op::i64_load8_u_a, Load { dst: Slot(BYTE), addr: Zero, offset: 0 });
    emit_end(&mut buffer);
    let last = buffer.position() - 2;

    // SAFETY: inside the buffer.
    let at = |position: usize| unsafe { buffer.units().as_ptr().byte_add(position) };
    let mut before = bench.state();
    prepare(&mut before, at(behind));
    let mut after = before.clone();
    expect(&before, &mut after);
    let imported = callee.function == IMPORTED;
    let instance = if imported { bench.other } else { bench.instance };
    // The imported function is the first of its own module.
    let index =
        if callee.noted { if imported { 0 } else { callee.function } } else { *after.slot(callee.fp - 2) as u32 };
    *after.slot(callee.fp - 3) = at(behind).wrapping_byte_offset(callee.returns_to as isize).expose_provenance() as u64;
    *after.slot(callee.fp - 4) = callee.advance.0 as u64;
    *after.slot(callee.fp - 2) = u64::from(callee.depth) << 32 | u64::from(index);
    *after.slot(callee.fp - 1) = instance.as_ptr().expose_provenance() as u64;
    let byte = if imported { OTHER_BYTE } else { bench.memory(0)[0].into() };
    *after.slot(callee.fp + BYTE) = byte;
    after.r0 = byte;
    let fp = FP.wrapping_add_signed(callee.fp.into());
    let mut slots = after.slots;
    observe(&mut slots, fp, &after);

    let target = address(bench, callee.function) as usize;
    let original = bench.redirect(target, at(entry));
    bench.run_each(code.opcode, &buffer, 0, &before, |_, engine, outcome| {
        compare(&describe(code.opcode, engine, &buffer), &outcome, last, fp, &slots);
    });
    bench.redirect(target, original.cast());
}

/// Compares what a run that ended at a `leave` left behind.
fn compare(what: &str, outcome: &Outcome, position: usize, fp: usize, slots: &[u64]) {
    assert_eq!(outcome.left, Left::Exit(Exit::Driver), "{what}");
    assert_eq!((outcome.position, outcome.fp), (position as isize, fp), "{what}: where it left");
    for (at, (is, should)) in outcome.slots.iter().zip(slots).enumerate() {
        let slot = at as isize - FP as isize;
        assert_eq!(is, should, "{what}: slot {slot} is {is:#x} instead of {should:#x}");
    }
}

fn calls(bench: &mut Bench) {
    const ADVANCE: i16 = 25;
    let advance = Advance::slots(ADVANCE.into());
    bench.memory(0).copy_from_slice(&pattern());
    let callee = |function: u32, noted: bool| Callee {
        function,
        fp: ADVANCE,
        advance,
        depth: 4,
        noted,
        returns_to: if function == IMPORTED { 0 } else { RELOAD_LEN },
    };
    // `call_local` counts the functions that the module defines.
    let op = CallLocal { function: UNARY - 1, advance };
    check_call(bench, op::call_local, op, |_, _| (), callee(UNARY, false), |_, _| ());
    let op = CallImport { function: IMPORTED, advance };
    check_call(bench, op::call_import, op, |_, _| (), callee(IMPORTED, true), |_, _| ());
    for function in [IMPORTED, UNARY, CONSTANT] {
        let handle = u64::from(address(bench, function)) + 1;
        let op = CallRef { callee: RefSlot(FIRST), advance };
        let prepare = |state: &mut State, _| *state.slot(FIRST) = handle | 5 << 32;
        check_call(bench, op::call_ref, op, prepare, callee(function, true), |_, _| ());
    }
    let mut null = bench.state();
    *null.slot(FIRST) = 5 << 32;
    let op = CallRef { callee: RefSlot(FIRST), advance };
    bench.check(op::call_ref, op, &null, &null, Ended::trap(TrapCode::NullFunctionReference));

    // The table: null, `UNARY`, `IMPORTED`, `CONSTANT`; the types: that of the first two, that of the last.
    for (index, type_index, function) in [(1, 0, UNARY), (2, 0, IMPORTED), (3, 1, CONSTANT)] {
        let dirty = index | 0xffff << 32;
        let op = CallIndirect { index: Slot(FIRST), table: 0, type_index, advance };
        let prepare = |state: &mut State, _| *state.slot(FIRST) = dirty;
        check_call(bench, op::call_indirect_s, op, prepare, callee(function, true), |_, _| ());
        let op = CallIndirect { index: Reg, table: 0, type_index, advance };
        let prepare = |state: &mut State, _| state.r0 = dirty;
        check_call(bench, op::call_indirect_r, op, prepare, callee(function, true), |_, _| ());
    }
    for (index, type_index, ended) in failing_indirect_calls() {
        let mut state = bench.state();
        *state.slot(FIRST) = index;
        state.r0 = index;
        let op = CallIndirect { index: Slot(FIRST), table: 0, type_index, advance };
        bench.check(op::call_indirect_s, op, &state, &state, ended);
        let op = CallIndirect { index: Reg, table: 0, type_index, advance };
        bench.check(op::call_indirect_r, op, &state, &state, ended);
    }
}

/// Index, type, and how an indirect call with them ends: a wrong type may be a subtype, so that is for the driver to say.
fn failing_indirect_calls() -> [(u64, u32, Ended); 6] {
    let perhaps = Ended::Left(Left::Exit(Exit::Driver));
    [
        (0, 0, Ended::trap(TrapCode::UninitializedElement)),
        (4, 0, Ended::trap(TrapCode::UndefinedElement)),
        (0xffff_ffff, 1, Ended::trap(TrapCode::UndefinedElement)),
        (1, 1, perhaps),
        (2, 1, perhaps),
        (3, 0, perhaps),
    ]
}

fn tail_calls(bench: &mut Bench) {
    const FROM: i16 = 60;
    const MOVED: u16 = 2;
    const BELOW: Advance = Advance(23 * 8);
    let from = FarSlot(FROM.into());
    // The parameters begin where those of the frame that ends began; the header stands behind them.
    let start = -(PARAMS as i16);
    let fp = start + MOVED as i16 + HEADER as i16;
    bench.memory(0).copy_from_slice(&pattern());
    let moves = |before: &State, after: &mut State| {
        for slot in 0..MOVED as i16 {
            *after.slot(start + slot) = *before.clone().slot(FROM + slot);
        }
    };
    // The caller of the frame that ends expects a return behind its `reload_memory`, or to it.
    for skips_reload in [true, false] {
        let returns = move |state: &mut State, reload: *const u16| {
            let return_ip = reload.wrapping_byte_add(if skips_reload { RELOAD_LEN as usize } else { 0 });
            *state.slot(-3) = return_ip.expose_provenance() as u64;
            *state.slot(-4) = BELOW.0 as u64;
        };
        let callee = |function: u32| Callee {
            function,
            fp,
            // The same frame as before, from another one.
            advance: Advance(BELOW.0 + Advance::slots(fp.into()).0),
            depth: 3,
            noted: true,
            // Another instance's function makes the caller reload.
            returns_to: if skips_reload && function != IMPORTED { RELOAD_LEN } else { 0 },
        };
        for function in [IMPORTED, UNARY, CONSTANT] {
            match function.checked_sub(1) {
                // `tail_call_local` counts the functions that the module defines, and leaves the note to `enter`.
                Some(defined) => {
                    let op = TailCall { function: defined, params: PARAMS, moved: MOVED, from };
                    let callee = Callee { noted: false, ..callee(function) };
                    check_call(bench, op::tail_call_local, op, returns, callee, moves);
                }
                None => {
                    let op = TailCall { function, params: PARAMS, moved: MOVED, from };
                    check_call(bench, op::tail_call_import, op, returns, callee(function), moves);
                }
            }
            let handle = u64::from(address(bench, function)) + 1;
            let op = TailCallRef { callee: RefSlot(FIRST), params: PARAMS, moved: MOVED, from };
            let prepare = |state: &mut State, reload| {
                returns(state, reload);
                *state.slot(FIRST) = handle | 5 << 32;
            };
            check_call(bench, op::tail_call_ref, op, prepare, callee(function), moves);
        }
        for (index, type_index, function) in [(1, 0, UNARY), (2, 0, IMPORTED), (3, 1, CONSTANT)] {
            let op = TailCallIndirect { index: Slot(FIRST), table: 0, type_index, params: PARAMS, moved: MOVED, from };
            let prepare = |state: &mut State, reload| {
                returns(state, reload);
                *state.slot(FIRST) = index;
            };
            check_call(bench, op::tail_call_indirect, op, prepare, callee(function), moves);
        }
    }
    let mut state = bench.state();
    *state.slot(FIRST) = 0;
    let op = TailCallRef { callee: RefSlot(FIRST), params: PARAMS, moved: MOVED, from };
    bench.check(op::tail_call_ref, op, &state, &state, Ended::trap(TrapCode::NullFunctionReference));
    for (index, type_index, ended) in failing_indirect_calls() {
        *state.slot(FIRST) = index;
        let op = TailCallIndirect { index: Slot(FIRST), table: 0, type_index, params: PARAMS, moved: MOVED, from };
        bench.check(op::tail_call_indirect, op, &state, &state, ended);
    }
}

/// Runs a return to a caller whose frame stands lower, and expects its results, in the slots that `apply` is told, there.
pub(super) fn check_return<S: Shape>(
    bench: &mut Bench,
    code: Code<S>,
    shape: impl FnOnce(u16) -> S,
    mut before: State,
    apply: impl FnOnce(i16, &mut State),
) {
    let caller = -(PARAMS as i16) - 9;
    let mut buffer = CodeBuffer::default();
    buffer.emit(code, shape(PARAMS));
    buffer.emit(op::reload_memory, ReloadMemory {});
    let return_to = buffer.position();
    emit_end(&mut buffer);
    // SAFETY: inside the buffer.
    *before.slot(-3) = unsafe { buffer.units().as_ptr().byte_add(return_to) }.expose_provenance() as u64;
    *before.slot(-4) = Advance::slots((-caller).into()).0 as u64;
    *before.slot(caller - 1) = bench.instance.as_ptr().expose_provenance() as u64;
    let mut after = before.clone();
    apply(-(PARAMS as i16), &mut after);
    let fp = FP.wrapping_add_signed(caller.into());
    let mut slots = after.slots;
    observe(&mut slots, fp, &after);
    bench.run_each(code.opcode, &buffer, 0, &before, |_, engine, outcome| {
        let last = return_to + END_LEN as usize - 2;
        compare(&describe(code.opcode, engine, &buffer), &outcome, last, fp, &slots);
    });
}

fn returns(bench: &mut Bench) {
    let state = bench.state();
    check_return(bench, op::return_none, |_| Return {}, state.clone(), |_, _| ());
    for value in V128::edges() {
        let mut before = state.clone();
        before.set_wide(FIRST, value);
        let shape = |params| ReturnSlot { src: Wide(FIRST), params };
        check_return(bench, op::return_wide, shape, before, |slot, after| after.set_wide(slot, value));
    }
    for bits in [0, u64::MAX, 0x1_0000_0000] {
        let mut before = state.clone();
        *before.slot(FIRST) = bits;
        let shape = |params| ReturnSlot { src: RefSlot(FIRST), params };
        check_return(bench, op::return_ref, shape, before, |slot, after| *after.slot(slot) = bits & 0xffff_ffff);
    }
    // The results may reach over the frame's header, and overlap where they come from.
    for (count, from) in [(0, 10), (1, 10), (5, 10), (20, -2), (20, 10)] {
        let shape = |params| ReturnMany { params, count, from: FarSlot(from) };
        check_return(bench, op::return_many, shape, state.clone(), |slot, after| {
            let before = after.clone();
            for index in 0..count as i16 {
                *after.slot(slot + index) = *before.clone().slot(from as i16 + index);
            }
            let first = *after.slot(slot);
            mirror(after, first);
        });
    }
    // The memory register is the instance's again, whatever it was.
    let mut buffer = CodeBuffer::default();
    buffer.emit(op::reload_memory, ReloadMemory {});
    buffer.emit(op::i64_load8_u_a, Load { dst: Slot(BYTE), addr: Zero, offset: 0 });
    let mut after = state.clone();
    let byte = bench.memory(0)[0].into();
    assert_ne!(byte, OTHER_BYTE);
    *after.slot(BYTE) = byte;
    after.r0 = byte;
    let memory0 = bench.mem;
    // SAFETY: I4 — nothing runs.
    bench.mem = unsafe { (*bench.other.as_ref().memory0).base() };
    bench.check_buffer(op::reload_memory.opcode, buffer, &state, &after, Ended::Next, &mut |_| ());
    bench.mem = memory0;
}

fn metering(bench: &mut Bench) {
    let state = bench.state();
    for (fuel, amount) in [(0, 0), (0, 1), (10, 10), (10, 9), (9, 10), (u64::MAX, u32::MAX), (1 << 40, 1)] {
        let paid = fuel.checked_sub(amount.into());
        let ended = if paid.is_some() { Ended::Next } else { Ended::Left(Left::Exit(Exit::OutOfFuel)) };
        bench.store().fuel = fuel;
        bench.check_beyond(op::charge, Charge { amount }, &state, &state, ended, &mut |bench| {
            assert_eq!(bench.store().fuel, paid.unwrap_or(fuel));
            bench.store().fuel = fuel;
        });
    }
    // The epoch is 0; a deadline lies in the future if it is less than half a turn ahead.
    for (deadline, reached) in [(0, true), (1, false), (1 << 31, false), (u32::MAX, true), ((1 << 31) + 1, true)] {
        bench.store().epoch_deadline = deadline;
        let ended = if reached { Ended::Left(Left::Exit(Exit::Interrupted)) } else { Ended::Next };
        bench.check(op::poll, Nullary {}, &state, &state, ended);
    }
}

fn globals(bench: &mut Bench) {
    for low in u64::edges() {
        let before = bench.state();
        let cell = [low, !low];
        (0..3).for_each(|global| *bench.global(global) = cell);
        let mut after = before.clone();
        (*after.slot(FIRST), after.r0) = (low, low);
        let op = GlobalGet { dst: Slot(FIRST), global: 0 };
        bench.check(op::global_get_int, op, &before, &after, Ended::Next);
        let mut untouched = before.clone();
        untouched.r0 = low;
        let spared = GlobalGet { dst: Spared(FIRST), global: 0 };
        bench.check(op::global_get_int_t, spared, &before, &untouched, Ended::Next);
        let mut after = before.clone();
        (*after.slot(FIRST), after.f0) = (low & 0xffff_ffff, low as u32);
        bench.check(op::global_get_f32, op, &before, &after, Ended::Next);
        let mut after = before.clone();
        (*after.slot(FIRST), after.d0) = (low, low);
        bench.check(op::global_get_f64, op, &before, &after, Ended::Next);
        let mut after = before.clone();
        (*after.slot(FIRST), *after.slot(FIRST + 1)) = (low, !low);
        let op = GlobalGet { dst: Wide(FIRST), global: 1 };
        bench.check(op::global_get_wide, op, &before, &after, Ended::Next);
        let mut after = before.clone();
        *after.slot(FIRST) = low & 0xffff_ffff;
        let op = GlobalGet { dst: RefSlot(FIRST), global: 2 };
        bench.check(op::global_get_ref, op, &before, &after, Ended::Next);

        let mut state = bench.state();
        (*state.slot(FIRST), *state.slot(FIRST + 1)) = (low, low ^ 1);
        let op = GlobalSet { src: Wide(FIRST), global: 1 };
        bench.check_beyond(op::global_set_wide, op, &state, &state, Ended::Next, &mut |bench| {
            assert_eq!(core::mem::take(bench.global(1)), [low, low ^ 1]);
        });
        let op = GlobalSet { src: RefSlot(FIRST), global: 2 };
        *bench.global(2) = [3, 4];
        bench.check_beyond(op::global_set_ref, op, &state, &state, Ended::Next, &mut |bench| {
            assert_eq!(core::mem::replace(bench.global(2), [3, 4]), [low & 0xffff_ffff, 4]);
        });
    }
    *bench.global(2) = [0, 0];
}

fn references(bench: &mut Bench) {
    for dst in RESULTS {
        let before = bench.state();
        for function in [IMPORTED, UNARY, CONSTANT] {
            let mut after = before.clone();
            *after.slot(dst) = u64::from(address(bench, function)) + 1;
            let op = Indexed { dst: RefSlot(dst), index: function };
            bench.check(op::ref_func, op, &before, &after, Ended::Next);
        }
        let mut after = before.clone();
        *after.slot(dst) = 0;
        bench.check(op::ref_null, Indexed { dst: RefSlot(dst), index: 0 }, &before, &after, Ended::Next);

        for handle in u32::edges() {
            let mut before = bench.state();
            *before.slot(FIRST) = u64::from(handle) | 0xabcd << 32;
            let result = |value: u64, mirrored: bool| {
                let mut after = before.clone();
                *after.slot(dst) = value;
                if mirrored {
                    after.r0 = value;
                }
                after
            };
            let (number, reference) = (Slot(dst), RefSlot(dst));
            let src = RefSlot(FIRST);
            let after = result((handle == 0).into(), true);
            bench.check(op::ref_is_null, Unary { dst: number, src }, &before, &after, Ended::Next);
            let trap_or = |after: State, trap| match handle {
                0 => (before.clone(), Ended::trap(trap)),
                _ => (after, Ended::Next),
            };
            let (after, ended) = trap_or(result(handle.into(), false), TrapCode::NullReference);
            bench.check(op::ref_as_non_null, Unary { dst: reference, src }, &before, &after, ended);
            let (after, ended) = trap_or(result((handle >> 1).into(), true), TrapCode::NullI31Reference);
            bench.check(op::i31_get_u, Unary { dst: number, src }, &before, &after, ended);
            let signed = (handle as i32 >> 1) as u32;
            let (after, ended) = trap_or(result(signed.into(), true), TrapCode::NullI31Reference);
            bench.check(op::i31_get_s, Unary { dst: number, src }, &before, &after, ended);
            let after = result((handle << 1 | 1).into(), false);
            bench.check(op::ref_i31, Unary { dst: reference, src: Slot(FIRST) }, &before, &after, Ended::Next);

            for other in u32::edges() {
                let mut before = before.clone();
                *before.slot(SECOND) = u64::from(other) | 0x1234 << 32;
                let mut after = before.clone();
                (*after.slot(dst), after.r0) = ((handle == other).into(), (handle == other).into());
                let op = Binary { dst: number, lhs: src, rhs: RefSlot(SECOND) };
                bench.check(op::ref_eq, op, &before, &after, Ended::Next);
            }
        }
    }
}

fn tables_and_memories(bench: &mut Bench) {
    let elements = bench.table();
    for index in [0, 1, 3, 4, u32::MAX] {
        let mut before = bench.state();
        *before.slot(FIRST) = u64::from(index) | 0xffff << 32;
        *before.slot(SECOND) = 0x1234_5678_0000_0002;
        let mut after = before.clone();
        let (inside, ended) = match elements.get(index as usize) {
            Some(_) => (true, Ended::Next),
            None => (false, Ended::trap(TrapCode::TableOutOfBounds)),
        };
        if inside {
            *after.slot(THIRD) = elements[index as usize].into();
        }
        let op = TableGet { dst: RefSlot(THIRD), index: Slot(FIRST), table: 0 };
        bench.check(op::table_get, op, &before, &after, ended);
        let op = TableSet { index: Slot(FIRST), value: RefSlot(SECOND), table: 0 };
        bench.check_beyond(op::table_set, op, &before, &before, ended, &mut |bench| {
            let mut should = elements.clone();
            if inside {
                should[index as usize] = 2;
            }
            assert_eq!(bench.table(), should);
            (0..4).for_each(|index| bench.set_table(index, elements[index as usize]));
        });
    }
    let before = bench.state();
    let mut after = before.clone();
    (*after.slot(FIRST), after.r0) = (4, 4);
    bench.check(op::table_size, Indexed { dst: Slot(FIRST), index: 0 }, &before, &after, Ended::Next);
    (*after.slot(FIRST), after.r0) = (256, 256);
    for index in 0..4 {
        bench.check(op::memory_size, Indexed { dst: Slot(FIRST), index }, &before, &after, Ended::Next);
    }
}

fn shuffles(bench: &mut Bench) {
    for (turn, lhs) in V128::edges().into_iter().enumerate() {
        for rhs in V128::edges() {
            for dst in RESULTS {
                let lanes: [u8; 16] = core::array::from_fn(|lane| ((lane * 7 + turn * 5) % 32) as u8);
                let mut before = bench.state();
                before.set_wide(FIRST, lhs);
                before.set_wide(SECOND, rhs);
                let bytes: alloc::vec::Vec<u8> = [<[u8; 16]>::from(lhs), rhs.into()].concat();
                let mut after = before.clone();
                after.set_wide(dst, V128::from(lanes.map(|lane| bytes[usize::from(lane)])));
                let op = Shuffle { dst: Wide(dst), lhs: Wide(FIRST), rhs: Wide(SECOND), lanes };
                bench.check(op::i8x16_shuffle, op, &before, &after, Ended::Next);
            }
        }
    }
}
