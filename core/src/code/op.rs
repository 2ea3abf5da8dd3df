//! The one table of ops: a row per op, from which everything about ops is made.
//!
//! A row reads `name(Shape) = family(semantics);`. The name says the operation and, after the last underscore, the class of each operand in
//! order: `s` slot, `r` register, `i` immediate, `a` absolute address, `x` any memory; `_t` behind them is a result that goes to the register
//! alone. The [shape](super::shape) is what the code holds;
//! `family(semantics)` is what the engines run: a function of `exec/` given a pure function of `numeric/` (or of its own).
//! Rows of the sections `driver` and `gc` are left to the driver, which runs the method named there.
//!
//! Consumers: [`OpCode`] and the typed constants below, [`decode`](super::decode), the two engines in `exec/dispatch`, the
//! driver in `exec/driver.rs`, and the test that executes every row. To add an op, add its row, then its lowering.

use core::marker::PhantomData;

use super::shape::*;

/// Calls `$consumer!` with all rows, in sections: `hot` and `driver`, which every build has, `gc` (feature `gc`), `vector` (feature `simd`), `atomic`
/// (feature `threads`), and `specialized` (feature `specialized-ops`): rows that stand for several others, or whose operand or result is in a
/// register. A build has no code with rows of a section that it lacks, and the fewest numbers to jump by where it lacks the last ones.
///
/// Consumers take what is in parentheses as one token, `$shape:tt`. For each further row the compiler copies what it has matched so far: tokens
/// are shared, but a `ty` or `expr` is a tree, and copying these took longer than everything else of a check.
macro_rules! for_each_op {
    ($consumer:ident) => {
        $consumer! {
        hot {
            // Constants and copies.
            i32_const(Unary<i32>) = unary(identity::<i32>);
            i64_const(Unary<i64>) = unary(identity::<i64>);
            f32_const(Unary<F32Bits>) = unary(identity::<f32>);
            f64_const(Unary<F64Bits>) = unary(identity::<f64>);
            v128_const(Const128) = run(control::v128_const);
            copy(Unary<Slot>) = unary(identity::<u64>);
            copy_wide(Unary<Wide, Wide>) = unary(identity::<V128>);
            copy_ref(Unary<RefSlot, RefSlot>) = run(reference::copy_ref);
            ref_to_slot(Unary<RefSlot, Slot>) = run(reference::ref_to_slot);
            slot_to_ref(Unary<Slot, RefSlot>) = run(reference::slot_to_ref);
            copy_far_in(CopyFarIn<Slot>) = run(control::copy_far_in);
            copy_wide_far_in(CopyFarIn<Wide>) = run(control::copy_wide_far_in);
            copy_ref_far_in(CopyFarIn<RefSlot>) = run(control::copy_ref_far_in);
            copy_far_out(CopyFarOut<Slot>) = run(control::copy_far_out);
            copy_wide_far_out(CopyFarOut<Wide>) = run(control::copy_wide_far_out);
            copy_ref_far_out(CopyFarOut<RefSlot>) = run(control::copy_ref_far_out);

            // i32 arithmetic.
            i32_add_ss(Binary<Slot, Slot>) = binary(int::i32_add);
            i32_add_si(Binary<Slot, i32>) = binary(int::i32_add);
            i32_mul_ss(Binary<Slot, Slot>) = binary(int::i32_mul);
            i32_mul_si(Binary<Slot, i32>) = binary(int::i32_mul);
            i32_and_ss(Binary<Slot, Slot>) = binary(int::i32_and);
            i32_and_si(Binary<Slot, i32>) = binary(int::i32_and);
            i32_or_ss(Binary<Slot, Slot>) = binary(int::i32_or);
            i32_or_si(Binary<Slot, i32>) = binary(int::i32_or);
            i32_xor_ss(Binary<Slot, Slot>) = binary(int::i32_xor);
            i32_xor_si(Binary<Slot, i32>) = binary(int::i32_xor);
            i32_sub_ss(Binary<Slot, Slot>) = binary(int::i32_sub);
            i32_sub_si(Binary<Slot, i32>) = binary(int::i32_sub);
            i32_sub_is(Binary<i32, Slot>) = binary(int::i32_sub);
            i32_shl_ss(Binary<Slot, Slot>) = binary(int::i32_shl);
            i32_shl_si(Binary<Slot, i32>) = binary(int::i32_shl);
            i32_shl_is(Binary<i32, Slot>) = binary(int::i32_shl);
            i32_shr_s_ss(Binary<Slot, Slot>) = binary(int::i32_shr_s);
            i32_shr_s_si(Binary<Slot, i32>) = binary(int::i32_shr_s);
            i32_shr_s_is(Binary<i32, Slot>) = binary(int::i32_shr_s);
            i32_shr_u_ss(Binary<Slot, Slot>) = binary(int::i32_shr_u);
            i32_shr_u_si(Binary<Slot, i32>) = binary(int::i32_shr_u);
            i32_shr_u_is(Binary<i32, Slot>) = binary(int::i32_shr_u);
            i32_rotl_ss(Binary<Slot, Slot>) = binary(int::i32_rotl);
            i32_rotl_si(Binary<Slot, i32>) = binary(int::i32_rotl);
            i32_rotl_is(Binary<i32, Slot>) = binary(int::i32_rotl);
            i32_rotr_ss(Binary<Slot, Slot>) = binary(int::i32_rotr);
            i32_rotr_si(Binary<Slot, i32>) = binary(int::i32_rotr);
            i32_rotr_is(Binary<i32, Slot>) = binary(int::i32_rotr);
            i32_div_s_ss(Binary<Slot, Slot>) = binary_try(int::i32_div_s);
            i32_div_s_si(Binary<Slot, i32>) = binary_try(int::i32_div_s);
            i32_div_u_ss(Binary<Slot, Slot>) = binary_try(int::i32_div_u);
            i32_div_u_si(Binary<Slot, i32>) = binary_try(int::i32_div_u);
            i32_rem_s_ss(Binary<Slot, Slot>) = binary_try(int::i32_rem_s);
            i32_rem_s_si(Binary<Slot, i32>) = binary_try(int::i32_rem_s);
            i32_rem_u_ss(Binary<Slot, Slot>) = binary_try(int::i32_rem_u);
            i32_rem_u_si(Binary<Slot, i32>) = binary_try(int::i32_rem_u);

            // i64 arithmetic.
            i64_add_ss(Binary<Slot, Slot>) = binary(int::i64_add);
            i64_add_si(Binary<Slot, i64>) = binary(int::i64_add);
            i64_mul_ss(Binary<Slot, Slot>) = binary(int::i64_mul);
            i64_mul_si(Binary<Slot, i64>) = binary(int::i64_mul);
            i64_and_ss(Binary<Slot, Slot>) = binary(int::i64_and);
            i64_and_si(Binary<Slot, i64>) = binary(int::i64_and);
            i64_or_ss(Binary<Slot, Slot>) = binary(int::i64_or);
            i64_or_si(Binary<Slot, i64>) = binary(int::i64_or);
            i64_xor_ss(Binary<Slot, Slot>) = binary(int::i64_xor);
            i64_xor_si(Binary<Slot, i64>) = binary(int::i64_xor);
            i64_sub_ss(Binary<Slot, Slot>) = binary(int::i64_sub);
            i64_sub_si(Binary<Slot, i64>) = binary(int::i64_sub);
            i64_sub_is(Binary<i64, Slot>) = binary(int::i64_sub);
            i64_shl_ss(Binary<Slot, Slot>) = binary(int::i64_shl);
            i64_shl_si(Binary<Slot, i64>) = binary(int::i64_shl);
            i64_shl_is(Binary<i64, Slot>) = binary(int::i64_shl);
            i64_shr_s_ss(Binary<Slot, Slot>) = binary(int::i64_shr_s);
            i64_shr_s_si(Binary<Slot, i64>) = binary(int::i64_shr_s);
            i64_shr_s_is(Binary<i64, Slot>) = binary(int::i64_shr_s);
            i64_shr_u_ss(Binary<Slot, Slot>) = binary(int::i64_shr_u);
            i64_shr_u_si(Binary<Slot, i64>) = binary(int::i64_shr_u);
            i64_shr_u_is(Binary<i64, Slot>) = binary(int::i64_shr_u);
            i64_rotl_ss(Binary<Slot, Slot>) = binary(int::i64_rotl);
            i64_rotl_si(Binary<Slot, i64>) = binary(int::i64_rotl);
            i64_rotl_is(Binary<i64, Slot>) = binary(int::i64_rotl);
            i64_rotr_ss(Binary<Slot, Slot>) = binary(int::i64_rotr);
            i64_rotr_si(Binary<Slot, i64>) = binary(int::i64_rotr);
            i64_rotr_is(Binary<i64, Slot>) = binary(int::i64_rotr);
            i64_div_s_ss(Binary<Slot, Slot>) = binary_try(int::i64_div_s);
            i64_div_s_si(Binary<Slot, i64>) = binary_try(int::i64_div_s);
            i64_div_u_ss(Binary<Slot, Slot>) = binary_try(int::i64_div_u);
            i64_div_u_si(Binary<Slot, i64>) = binary_try(int::i64_div_u);
            i64_rem_s_ss(Binary<Slot, Slot>) = binary_try(int::i64_rem_s);
            i64_rem_s_si(Binary<Slot, i64>) = binary_try(int::i64_rem_s);
            i64_rem_u_ss(Binary<Slot, Slot>) = binary_try(int::i64_rem_u);
            i64_rem_u_si(Binary<Slot, i64>) = binary_try(int::i64_rem_u);

            // f32 arithmetic.
            f32_add_ss(Binary<Slot, Slot>) = binary(float::f32_add);
            f32_add_si(Binary<Slot, F32Bits>) = binary(float::f32_add);
            f32_mul_ss(Binary<Slot, Slot>) = binary(float::f32_mul);
            f32_mul_si(Binary<Slot, F32Bits>) = binary(float::f32_mul);
            f32_min_ss(Binary<Slot, Slot>) = binary(float::f32_min);
            f32_min_si(Binary<Slot, F32Bits>) = binary(float::f32_min);
            f32_max_ss(Binary<Slot, Slot>) = binary(float::f32_max);
            f32_max_si(Binary<Slot, F32Bits>) = binary(float::f32_max);
            f32_sub_ss(Binary<Slot, Slot>) = binary(float::f32_sub);
            f32_sub_si(Binary<Slot, F32Bits>) = binary(float::f32_sub);
            f32_sub_is(Binary<F32Bits, Slot>) = binary(float::f32_sub);
            f32_div_ss(Binary<Slot, Slot>) = binary(float::f32_div);
            f32_div_si(Binary<Slot, F32Bits>) = binary(float::f32_div);
            f32_div_is(Binary<F32Bits, Slot>) = binary(float::f32_div);
            f32_copysign_ss(Binary<Slot, Slot>) = binary(float::f32_copysign);

            // f64 arithmetic.
            f64_add_ss(Binary<Slot, Slot>) = binary(float::f64_add);
            f64_add_si(Binary<Slot, F64Bits>) = binary(float::f64_add);
            f64_mul_ss(Binary<Slot, Slot>) = binary(float::f64_mul);
            f64_mul_si(Binary<Slot, F64Bits>) = binary(float::f64_mul);
            f64_min_ss(Binary<Slot, Slot>) = binary(float::f64_min);
            f64_min_si(Binary<Slot, F64Bits>) = binary(float::f64_min);
            f64_max_ss(Binary<Slot, Slot>) = binary(float::f64_max);
            f64_max_si(Binary<Slot, F64Bits>) = binary(float::f64_max);
            f64_sub_ss(Binary<Slot, Slot>) = binary(float::f64_sub);
            f64_sub_si(Binary<Slot, F64Bits>) = binary(float::f64_sub);
            f64_sub_is(Binary<F64Bits, Slot>) = binary(float::f64_sub);
            f64_div_ss(Binary<Slot, Slot>) = binary(float::f64_div);
            f64_div_si(Binary<Slot, F64Bits>) = binary(float::f64_div);
            f64_div_is(Binary<F64Bits, Slot>) = binary(float::f64_div);
            f64_copysign_ss(Binary<Slot, Slot>) = binary(float::f64_copysign);

            // i32 comparisons, as values and as branches.
            i32_eq_ss(Binary<Slot, Slot>) = binary(int::i32_eq);
            i32_eq_si(Binary<Slot, i32>) = binary(int::i32_eq);
            i32_ne_ss(Binary<Slot, Slot>) = binary(int::i32_ne);
            i32_ne_si(Binary<Slot, i32>) = binary(int::i32_ne);
            i32_lt_s_ss(Binary<Slot, Slot>) = binary(int::i32_lt_s);
            i32_lt_s_si(Binary<Slot, i32>) = binary(int::i32_lt_s);
            i32_lt_u_ss(Binary<Slot, Slot>) = binary(int::i32_lt_u);
            i32_lt_u_si(Binary<Slot, i32>) = binary(int::i32_lt_u);
            i32_gt_s_ss(Binary<Slot, Slot>) = binary(int::i32_gt_s);
            i32_gt_s_si(Binary<Slot, i32>) = binary(int::i32_gt_s);
            i32_gt_u_ss(Binary<Slot, Slot>) = binary(int::i32_gt_u);
            i32_gt_u_si(Binary<Slot, i32>) = binary(int::i32_gt_u);
            i32_le_s_ss(Binary<Slot, Slot>) = binary(int::i32_le_s);
            i32_le_s_si(Binary<Slot, i32>) = binary(int::i32_le_s);
            i32_le_u_ss(Binary<Slot, Slot>) = binary(int::i32_le_u);
            i32_le_u_si(Binary<Slot, i32>) = binary(int::i32_le_u);
            i32_ge_s_ss(Binary<Slot, Slot>) = binary(int::i32_ge_s);
            i32_ge_s_si(Binary<Slot, i32>) = binary(int::i32_ge_s);
            i32_ge_u_ss(Binary<Slot, Slot>) = binary(int::i32_ge_u);
            i32_ge_u_si(Binary<Slot, i32>) = binary(int::i32_ge_u);

            // i64 comparisons, as values and as branches.
            i64_eq_ss(Binary<Slot, Slot>) = binary(int::i64_eq);
            i64_eq_si(Binary<Slot, i64>) = binary(int::i64_eq);
            i64_ne_ss(Binary<Slot, Slot>) = binary(int::i64_ne);
            i64_ne_si(Binary<Slot, i64>) = binary(int::i64_ne);
            i64_lt_s_ss(Binary<Slot, Slot>) = binary(int::i64_lt_s);
            i64_lt_s_si(Binary<Slot, i64>) = binary(int::i64_lt_s);
            i64_lt_u_ss(Binary<Slot, Slot>) = binary(int::i64_lt_u);
            i64_lt_u_si(Binary<Slot, i64>) = binary(int::i64_lt_u);
            i64_gt_s_ss(Binary<Slot, Slot>) = binary(int::i64_gt_s);
            i64_gt_s_si(Binary<Slot, i64>) = binary(int::i64_gt_s);
            i64_gt_u_ss(Binary<Slot, Slot>) = binary(int::i64_gt_u);
            i64_gt_u_si(Binary<Slot, i64>) = binary(int::i64_gt_u);
            i64_le_s_ss(Binary<Slot, Slot>) = binary(int::i64_le_s);
            i64_le_s_si(Binary<Slot, i64>) = binary(int::i64_le_s);
            i64_le_u_ss(Binary<Slot, Slot>) = binary(int::i64_le_u);
            i64_le_u_si(Binary<Slot, i64>) = binary(int::i64_le_u);
            i64_ge_s_ss(Binary<Slot, Slot>) = binary(int::i64_ge_s);
            i64_ge_s_si(Binary<Slot, i64>) = binary(int::i64_ge_s);
            i64_ge_u_ss(Binary<Slot, Slot>) = binary(int::i64_ge_u);
            i64_ge_u_si(Binary<Slot, i64>) = binary(int::i64_ge_u);

            // f32 comparisons, as values and as branches.
            f32_eq_ss(Binary<Slot, Slot>) = binary(float::f32_eq);
            f32_eq_si(Binary<Slot, F32Bits>) = binary(float::f32_eq);
            f32_ne_ss(Binary<Slot, Slot>) = binary(float::f32_ne);
            f32_ne_si(Binary<Slot, F32Bits>) = binary(float::f32_ne);
            f32_lt_ss(Binary<Slot, Slot>) = binary(float::f32_lt);
            f32_lt_si(Binary<Slot, F32Bits>) = binary(float::f32_lt);
            f32_gt_ss(Binary<Slot, Slot>) = binary(float::f32_gt);
            f32_gt_si(Binary<Slot, F32Bits>) = binary(float::f32_gt);
            f32_le_ss(Binary<Slot, Slot>) = binary(float::f32_le);
            f32_le_si(Binary<Slot, F32Bits>) = binary(float::f32_le);
            f32_ge_ss(Binary<Slot, Slot>) = binary(float::f32_ge);
            f32_ge_si(Binary<Slot, F32Bits>) = binary(float::f32_ge);

            // f64 comparisons, as values and as branches.
            f64_eq_ss(Binary<Slot, Slot>) = binary(float::f64_eq);
            f64_eq_si(Binary<Slot, F64Bits>) = binary(float::f64_eq);
            f64_ne_ss(Binary<Slot, Slot>) = binary(float::f64_ne);
            f64_ne_si(Binary<Slot, F64Bits>) = binary(float::f64_ne);
            f64_lt_ss(Binary<Slot, Slot>) = binary(float::f64_lt);
            f64_lt_si(Binary<Slot, F64Bits>) = binary(float::f64_lt);
            f64_gt_ss(Binary<Slot, Slot>) = binary(float::f64_gt);
            f64_gt_si(Binary<Slot, F64Bits>) = binary(float::f64_gt);
            f64_le_ss(Binary<Slot, Slot>) = binary(float::f64_le);
            f64_le_si(Binary<Slot, F64Bits>) = binary(float::f64_le);
            f64_ge_ss(Binary<Slot, Slot>) = binary(float::f64_ge);
            f64_ge_si(Binary<Slot, F64Bits>) = binary(float::f64_ge);

            // Unary integer operations.
            i32_clz_s(Unary<Slot>) = unary(int::i32_clz);
            i32_ctz_s(Unary<Slot>) = unary(int::i32_ctz);
            i32_popcnt_s(Unary<Slot>) = unary(int::i32_popcnt);
            i32_extend8_s_s(Unary<Slot>) = unary(int::i32_extend8_s);
            i32_extend16_s_s(Unary<Slot>) = unary(int::i32_extend16_s);
            i64_clz_s(Unary<Slot>) = unary(int::i64_clz);
            i64_ctz_s(Unary<Slot>) = unary(int::i64_ctz);
            i64_popcnt_s(Unary<Slot>) = unary(int::i64_popcnt);
            i64_extend8_s_s(Unary<Slot>) = unary(int::i64_extend8_s);
            i64_extend16_s_s(Unary<Slot>) = unary(int::i64_extend16_s);
            i64_extend32_s_s(Unary<Slot>) = unary(int::i64_extend32_s);

            // Unary float operations.
            f32_abs_s(Unary<Slot>) = unary(float::f32_abs);
            f32_neg_s(Unary<Slot>) = unary(float::f32_neg);
            f32_ceil_s(Unary<Slot>) = unary(float::f32_ceil);
            f32_floor_s(Unary<Slot>) = unary(float::f32_floor);
            f32_trunc_s(Unary<Slot>) = unary(float::f32_trunc);
            f32_nearest_s(Unary<Slot>) = unary(float::f32_nearest);
            f32_sqrt_s(Unary<Slot>) = unary(float::f32_sqrt);
            f64_abs_s(Unary<Slot>) = unary(float::f64_abs);
            f64_neg_s(Unary<Slot>) = unary(float::f64_neg);
            f64_ceil_s(Unary<Slot>) = unary(float::f64_ceil);
            f64_floor_s(Unary<Slot>) = unary(float::f64_floor);
            f64_trunc_s(Unary<Slot>) = unary(float::f64_trunc);
            f64_nearest_s(Unary<Slot>) = unary(float::f64_nearest);
            f64_sqrt_s(Unary<Slot>) = unary(float::f64_sqrt);

            // Conversions.
            i64_extend_i32_s_s(Unary<Slot>) = unary(convert::i64_extend_i32_s);
            i64_extend_i32_u_s(Unary<Slot>) = unary(convert::i64_extend_i32_u);
            f32_convert_i32_s_s(Unary<Slot>) = unary(convert::f32_convert_i32_s);
            f32_convert_i32_u_s(Unary<Slot>) = unary(convert::f32_convert_i32_u);
            f32_convert_i64_s_s(Unary<Slot>) = unary(convert::f32_convert_i64_s);
            f32_convert_i64_u_s(Unary<Slot>) = unary(convert::f32_convert_i64_u);
            f32_demote_f64_s(Unary<Slot>) = unary(convert::f32_demote_f64);
            f64_convert_i32_s_s(Unary<Slot>) = unary(convert::f64_convert_i32_s);
            f64_convert_i32_u_s(Unary<Slot>) = unary(convert::f64_convert_i32_u);
            f64_convert_i64_s_s(Unary<Slot>) = unary(convert::f64_convert_i64_s);
            f64_convert_i64_u_s(Unary<Slot>) = unary(convert::f64_convert_i64_u);
            f64_promote_f32_s(Unary<Slot>) = unary(convert::f64_promote_f32);
            i32_reinterpret_f32_s(Unary<Slot>) = unary(convert::i32_reinterpret_f32);
            i64_reinterpret_f64_s(Unary<Slot>) = unary(convert::i64_reinterpret_f64);
            f32_reinterpret_i32_s(Unary<Slot>) = unary(convert::f32_reinterpret_i32);
            f64_reinterpret_i64_s(Unary<Slot>) = unary(convert::f64_reinterpret_i64);
            i32_trunc_sat_f32_s_s(Unary<Slot>) = unary(convert::i32_trunc_sat_f32_s);
            i32_trunc_sat_f32_u_s(Unary<Slot>) = unary(convert::i32_trunc_sat_f32_u);
            i32_trunc_sat_f64_s_s(Unary<Slot>) = unary(convert::i32_trunc_sat_f64_s);
            i32_trunc_sat_f64_u_s(Unary<Slot>) = unary(convert::i32_trunc_sat_f64_u);
            i64_trunc_sat_f32_s_s(Unary<Slot>) = unary(convert::i64_trunc_sat_f32_s);
            i64_trunc_sat_f32_u_s(Unary<Slot>) = unary(convert::i64_trunc_sat_f32_u);
            i64_trunc_sat_f64_s_s(Unary<Slot>) = unary(convert::i64_trunc_sat_f64_s);
            i64_trunc_sat_f64_u_s(Unary<Slot>) = unary(convert::i64_trunc_sat_f64_u);
            i32_trunc_f32_s_s(Unary<Slot>) = unary_try(convert::i32_trunc_f32_s);
            i32_trunc_f32_u_s(Unary<Slot>) = unary_try(convert::i32_trunc_f32_u);
            i32_trunc_f64_s_s(Unary<Slot>) = unary_try(convert::i32_trunc_f64_s);
            i32_trunc_f64_u_s(Unary<Slot>) = unary_try(convert::i32_trunc_f64_u);
            i64_trunc_f32_s_s(Unary<Slot>) = unary_try(convert::i64_trunc_f32_s);
            i64_trunc_f32_u_s(Unary<Slot>) = unary_try(convert::i64_trunc_f32_u);
            i64_trunc_f64_s_s(Unary<Slot>) = unary_try(convert::i64_trunc_f64_s);
            i64_trunc_f64_u_s(Unary<Slot>) = unary_try(convert::i64_trunc_f64_u);

            // A 64-bit table index as the 32-bit one that is out of bounds whenever it is.
            u32_saturate_i64(Unary<Slot>) = unary(table::u32_saturate_i64);

            // 128-bit arithmetic.
            i64_add128(Wide128) = run(numeric::i64_add128);
            i64_sub128(Wide128) = run(numeric::i64_sub128);
            i64_mul_wide_s(MulWide) = run(numeric::i64_mul_wide_s);
            i64_mul_wide_u(MulWide) = run(numeric::i64_mul_wide_u);

            // Loads from memory 0. `load8_u`, `load16_u` and `load32_u` serve i32 and i64 alike: a slot is written whole.
            i64_load8_u_s(Load<Slot>) = load(memory::i64_load8_u);
            i32_load8_s_s(Load<Slot>) = load(memory::i32_load8_s);
            i64_load8_s_s(Load<Slot>) = load(memory::i64_load8_s);
            i64_load16_u_s(Load<Slot>) = load(memory::i64_load16_u);
            i32_load16_s_s(Load<Slot>) = load(memory::i32_load16_s);
            i64_load16_s_s(Load<Slot>) = load(memory::i64_load16_s);
            i64_load32_u_s(Load<Slot>) = load(memory::i64_load32_u);
            i64_load32_s_s(Load<Slot>) = load(memory::i64_load32_s);
            i64_load_s(Load<Slot>) = load(memory::i64_load);
            f32_load_s(Load<Slot>) = load(memory::f32_load);
            f64_load_s(Load<Slot>) = load(memory::f64_load);

            // Stores to memory 0. Operand order: address, value.
            i64_store8_ss(Store<Slot, Slot>) = store(memory::i32_store8);
            i64_store8_si(Store<Slot, i32>) = store(memory::i32_store8);
            i64_store16_ss(Store<Slot, Slot>) = store(memory::i32_store16);
            i64_store16_si(Store<Slot, i32>) = store(memory::i32_store16);
            i64_store32_ss(Store<Slot, Slot>) = store(memory::i32_store32);
            i64_store32_si(Store<Slot, i32>) = store(memory::i32_store32);
            i64_store_ss(Store<Slot, Slot>) = store(memory::i64_store);
            i64_store_si(Store<Slot, i64>) = store(memory::i64_store);

            // Any memory: 64-bit, shared, or of index above 0.
            i64_load8_u_x(LoadX<Slot>) = load_x(memory::i64_load8_u);
            i32_load8_s_x(LoadX<Slot>) = load_x(memory::i32_load8_s);
            i64_load8_s_x(LoadX<Slot>) = load_x(memory::i64_load8_s);
            i64_load16_u_x(LoadX<Slot>) = load_x(memory::i64_load16_u);
            i32_load16_s_x(LoadX<Slot>) = load_x(memory::i32_load16_s);
            i64_load16_s_x(LoadX<Slot>) = load_x(memory::i64_load16_s);
            i64_load32_u_x(LoadX<Slot>) = load_x(memory::i64_load32_u);
            i64_load32_s_x(LoadX<Slot>) = load_x(memory::i64_load32_s);
            i64_load_x(LoadX<Slot>) = load_x(memory::i64_load);
            f32_load_x(LoadX<Slot>) = load_x(memory::f32_load);
            f64_load_x(LoadX<Slot>) = load_x(memory::f64_load);
            i64_store8_x(StoreX<Slot>) = store_x(memory::i32_store8);
            i64_store16_x(StoreX<Slot>) = store_x(memory::i32_store16);
            i64_store32_x(StoreX<Slot>) = store_x(memory::i32_store32);
            i64_store_x(StoreX<Slot>) = store_x(memory::i64_store);

            // Control.
            unreachable(Nullary) = run(control::unreachable);
            br(Jump) = run(control::br);
            br_if_s(BranchIf<Slot>) = branch_if(control::is_true);
            br_unless_s(BranchIf<Slot>) = branch_if(control::is_false);
            br_table_s(BranchTable<Slot>) = run(control::br_table);
            br_table_again_s(Jump) = run(control::br_table_again::<Slot>);
            br_table_again_r(Jump) = run(control::br_table_again::<Reg>);
            select_s(Select<Slot, Slot>) = run(control::select);
            select_wide(Select<Wide, Slot>) = run(control::select_wide);
            select_ref(Select<RefSlot, Slot>) = run(control::select_ref);
            enter(Enter) = run(control::enter);
            enter_far(EnterFar) = run(control::enter_far);
            call_local(CallLocal) = run(control::call_local);
            call_import(CallImport) = run(control::call_import);
            call_indirect_s(CallIndirect<Slot>) = run(control::call_indirect);
            call_ref(CallRef) = run(control::call_ref);
            tail_call_local(TailCall) = run(control::tail_call_local);
            tail_call_import(TailCall) = run(control::tail_call_import);
            tail_call_indirect(TailCallIndirect) = run(control::tail_call_indirect);
            tail_call_ref(TailCallRef) = run(control::tail_call_ref);
            reload_memory(ReloadMemory) = run(control::reload_memory);
            return_none(Return) = run(control::return_none);
            return_int_s(ReturnOne<Slot>) = return_one(identity::<u64>);
            return_int_i(ReturnOne<i64>) = return_one(identity::<i64>);
            return_f32_s(ReturnOne<Slot>) = return_one(identity::<f32>);
            return_f64_s(ReturnOne<Slot>) = return_one(identity::<f64>);
            return_wide(ReturnSlot<Wide>) = run(control::return_wide);
            return_ref(ReturnSlot<RefSlot>) = run(control::return_ref);
            return_many(ReturnMany) = run(control::return_many);
            charge(Charge) = run(fuel::charge);
            poll(Nullary) = run(fuel::poll);

            // Variables.
            global_get_int(GlobalGet<Slot>) = run(variable::global_get_int);
            global_get_f32(GlobalGet<Slot>) = run(variable::global_get_f32);
            global_get_f64(GlobalGet<Slot>) = run(variable::global_get_f64);
            global_get_wide(GlobalGet<Wide>) = run(variable::global_get_wide);
            global_get_ref(GlobalGet<RefSlot>) = run(variable::global_get_ref);
            global_set_int_s(GlobalSet<Slot>) = global_set(identity::<u64>);
            global_set_int_i(GlobalSet<i64>) = global_set(identity::<i64>);
            global_set_wide(GlobalSet<Wide>) = run(variable::global_set_wide);
            global_set_ref(GlobalSet<RefSlot>) = run(variable::global_set_ref);

            // References, tables and memory sizes.
            ref_null(Indexed<RefSlot>) = run(reference::ref_null);
            ref_func(Indexed<RefSlot>) = run(reference::ref_func);
            ref_is_null(Unary<RefSlot, Slot>) = run(reference::ref_is_null);
            ref_eq(Binary<RefSlot, RefSlot>) = run(reference::ref_eq);
            ref_as_non_null(Unary<RefSlot, RefSlot>) = run(reference::ref_as_non_null);
            ref_i31(Unary<Slot, RefSlot>) = run(reference::ref_i31);
            i31_get_s(Unary<RefSlot, Slot>) = run(reference::i31_get_s);
            i31_get_u(Unary<RefSlot, Slot>) = run(reference::i31_get_u);
            br_on_null(BranchRef) = run(reference::br_on_null);
            br_on_non_null(BranchRef) = run(reference::br_on_non_null);
            table_get(TableGet) = run(table::table_get);
            table_set(TableSet) = run(table::table_set);
            table_size(Indexed<Slot>) = run(table::table_size);
            memory_size(Indexed<Slot>) = run(memory::memory_size);
        }
        driver {
            translate(Translate) = translate;
            leave(Nullary) = leave;
            enter_host(Nullary) = enter_host;
            enter_host_wide(Nullary) = enter_host_wide;
            return_to_host(Nullary) = return_to_host;
            memory_grow(Grow) = memory_grow;
            memory_copy(Bulk) = memory_copy;
            memory_fill(Bulk) = memory_fill;
            memory_init(Bulk) = memory_init;
            data_drop(IndexOnly) = data_drop;
            table_grow(TableGrow) = table_grow;
            table_fill(TableFill) = table_fill;
            table_copy(Bulk) = table_copy;
            table_init(Bulk) = table_init;
            elem_drop(IndexOnly) = elem_drop;
            throw(Throw) = throw;
            throw_ref(ThrowRef) = throw_ref;
            memory_atomic_notify(AtomicRmw) = memory_atomic_notify;
            memory_atomic_wait32(AtomicWait) = memory_atomic_wait32;
            memory_atomic_wait64(AtomicWait) = memory_atomic_wait64;
        }
        gc {
            struct_new(NewStaged) = struct_new;
            struct_new_desc(NewStagedDesc) = struct_new_desc;
            struct_new_default(NewDefault) = struct_new_default;
            struct_new_default_desc(NewDefaultDesc) = struct_new_default_desc;
            struct_get(StructGet<Slot>) = struct_get;
            struct_get_wide(StructGet<Wide>) = struct_get_wide;
            struct_get_ref(StructGet<RefSlot>) = struct_get_ref;
            struct_set(StructSet<Slot>) = struct_set;
            struct_set_wide(StructSet<Wide>) = struct_set_wide;
            struct_set_ref(StructSet<RefSlot>) = struct_set_ref;
            ref_get_desc(Cast<RefSlot>) = ref_get_desc;
            array_new(ArrayNew<Slot>) = array_new;
            array_new_wide(ArrayNew<Wide>) = array_new_wide;
            array_new_ref(ArrayNew<RefSlot>) = array_new_ref;
            array_new_default(ArrayNewDefault) = array_new_default;
            array_new_fixed(NewStaged) = array_new_fixed;
            array_new_data(ArrayNewSegment) = array_new_data;
            array_new_elem(ArrayNewSegment) = array_new_elem;
            array_get(ArrayGet<Slot>) = array_get;
            array_get_wide(ArrayGet<Wide>) = array_get_wide;
            array_get_ref(ArrayGet<RefSlot>) = array_get_ref;
            array_set(ArraySet<Slot>) = array_set;
            array_set_wide(ArraySet<Wide>) = array_set_wide;
            array_set_ref(ArraySet<RefSlot>) = array_set_ref;
            array_len(Unary<RefSlot, Slot>) = array_len;
            array_fill(ArrayFill<Slot>) = array_fill;
            array_fill_wide(ArrayFill<Wide>) = array_fill_wide;
            array_fill_ref(ArrayFill<RefSlot>) = array_fill_ref;
            array_copy(ArrayCopy) = array_copy;
            array_init_data(ArrayInit) = array_init_data;
            array_init_elem(ArrayInit) = array_init_elem;
            ref_test(Cast<Slot>) = ref_test;
            ref_cast(Cast<RefSlot>) = ref_cast;
            ref_cast_desc_eq(CastDesc) = ref_cast_desc_eq;
            br_on_cast(BranchCast) = br_on_cast;
            br_on_cast_fail(BranchCast) = br_on_cast_fail;
            br_on_cast_desc_eq(BranchCastDesc) = br_on_cast_desc_eq;
            br_on_cast_desc_eq_fail(BranchCastDesc) = br_on_cast_desc_eq_fail;
        }
        vector {
            // Vectors. Operands are slots: pairs for v128, single for scalars.
            v128_load_s(Load<Slot, Wide>) = load(memory::v128_load);
            v128_load_r(Load<Reg, Wide>) = load(memory::v128_load);
            v128_load_x(LoadX<Wide>) = load_x(memory::v128_load);
            v128_load8x8_s_s(Load<Slot, Wide>) = load(simd::v128_load8x8_s);
            v128_load8x8_s_r(Load<Reg, Wide>) = load(simd::v128_load8x8_s);
            v128_load8x8_s_x(LoadX<Wide>) = load_x(simd::v128_load8x8_s);
            v128_load8x8_u_s(Load<Slot, Wide>) = load(simd::v128_load8x8_u);
            v128_load8x8_u_r(Load<Reg, Wide>) = load(simd::v128_load8x8_u);
            v128_load8x8_u_x(LoadX<Wide>) = load_x(simd::v128_load8x8_u);
            v128_load16x4_s_s(Load<Slot, Wide>) = load(simd::v128_load16x4_s);
            v128_load16x4_s_r(Load<Reg, Wide>) = load(simd::v128_load16x4_s);
            v128_load16x4_s_x(LoadX<Wide>) = load_x(simd::v128_load16x4_s);
            v128_load16x4_u_s(Load<Slot, Wide>) = load(simd::v128_load16x4_u);
            v128_load16x4_u_r(Load<Reg, Wide>) = load(simd::v128_load16x4_u);
            v128_load16x4_u_x(LoadX<Wide>) = load_x(simd::v128_load16x4_u);
            v128_load32x2_s_s(Load<Slot, Wide>) = load(simd::v128_load32x2_s);
            v128_load32x2_s_r(Load<Reg, Wide>) = load(simd::v128_load32x2_s);
            v128_load32x2_s_x(LoadX<Wide>) = load_x(simd::v128_load32x2_s);
            v128_load32x2_u_s(Load<Slot, Wide>) = load(simd::v128_load32x2_u);
            v128_load32x2_u_r(Load<Reg, Wide>) = load(simd::v128_load32x2_u);
            v128_load32x2_u_x(LoadX<Wide>) = load_x(simd::v128_load32x2_u);
            v128_load8_splat_s(Load<Slot, Wide>) = load(simd::v128_load8_splat);
            v128_load8_splat_r(Load<Reg, Wide>) = load(simd::v128_load8_splat);
            v128_load8_splat_x(LoadX<Wide>) = load_x(simd::v128_load8_splat);
            v128_load16_splat_s(Load<Slot, Wide>) = load(simd::v128_load16_splat);
            v128_load16_splat_r(Load<Reg, Wide>) = load(simd::v128_load16_splat);
            v128_load16_splat_x(LoadX<Wide>) = load_x(simd::v128_load16_splat);
            v128_load32_splat_s(Load<Slot, Wide>) = load(simd::v128_load32_splat);
            v128_load32_splat_r(Load<Reg, Wide>) = load(simd::v128_load32_splat);
            v128_load32_splat_x(LoadX<Wide>) = load_x(simd::v128_load32_splat);
            v128_load64_splat_s(Load<Slot, Wide>) = load(simd::v128_load64_splat);
            v128_load64_splat_r(Load<Reg, Wide>) = load(simd::v128_load64_splat);
            v128_load64_splat_x(LoadX<Wide>) = load_x(simd::v128_load64_splat);
            v128_load32_zero_s(Load<Slot, Wide>) = load(simd::v128_load32_zero);
            v128_load32_zero_r(Load<Reg, Wide>) = load(simd::v128_load32_zero);
            v128_load32_zero_x(LoadX<Wide>) = load_x(simd::v128_load32_zero);
            v128_load64_zero_s(Load<Slot, Wide>) = load(simd::v128_load64_zero);
            v128_load64_zero_r(Load<Reg, Wide>) = load(simd::v128_load64_zero);
            v128_load64_zero_x(LoadX<Wide>) = load_x(simd::v128_load64_zero);
            v128_store_s(Store<Slot, Wide>) = store(memory::v128_store);
            v128_store_r(Store<Reg, Wide>) = store(memory::v128_store);
            v128_store_x(StoreX<Wide>) = store_x(memory::v128_store);
            v128_load8_lane(LoadLane) = load_lane(simd::v128_load8_lane);
            v128_load16_lane(LoadLane) = load_lane(simd::v128_load16_lane);
            v128_load32_lane(LoadLane) = load_lane(simd::v128_load32_lane);
            v128_load64_lane(LoadLane) = load_lane(simd::v128_load64_lane);
            v128_store8_lane(StoreLane) = store_lane(simd::v128_store8_lane);
            v128_store16_lane(StoreLane) = store_lane(simd::v128_store16_lane);
            v128_store32_lane(StoreLane) = store_lane(simd::v128_store32_lane);
            v128_store64_lane(StoreLane) = store_lane(simd::v128_store64_lane);
            i8x16_shuffle(Shuffle) = run(vector::shuffle);
            i8x16_extract_lane_s(ExtractLane) = extract_lane(simd::i8x16_extract_lane_s);
            i8x16_extract_lane_u(ExtractLane) = extract_lane(simd::i8x16_extract_lane_u);
            i8x16_replace_lane(ReplaceLane) = replace_lane(simd::i8x16_replace_lane);
            i16x8_extract_lane_s(ExtractLane) = extract_lane(simd::i16x8_extract_lane_s);
            i16x8_extract_lane_u(ExtractLane) = extract_lane(simd::i16x8_extract_lane_u);
            i16x8_replace_lane(ReplaceLane) = replace_lane(simd::i16x8_replace_lane);
            i32x4_extract_lane(ExtractLane) = extract_lane(simd::i32x4_extract_lane);
            i32x4_replace_lane(ReplaceLane) = replace_lane(simd::i32x4_replace_lane);
            i64x2_extract_lane(ExtractLane) = extract_lane(simd::i64x2_extract_lane);
            i64x2_replace_lane(ReplaceLane) = replace_lane(simd::i64x2_replace_lane);
            f32x4_extract_lane(ExtractLane) = extract_lane(simd::f32x4_extract_lane);
            f32x4_replace_lane(ReplaceLane) = replace_lane(simd::f32x4_replace_lane);
            f64x2_extract_lane(ExtractLane) = extract_lane(simd::f64x2_extract_lane);
            f64x2_replace_lane(ReplaceLane) = replace_lane(simd::f64x2_replace_lane);
            i8x16_swizzle(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_swizzle);
            i8x16_splat(Unary<Slot, Wide>) = unary(simd::i8x16_splat);
            i16x8_splat(Unary<Slot, Wide>) = unary(simd::i16x8_splat);
            i32x4_splat(Unary<Slot, Wide>) = unary(simd::i32x4_splat);
            i64x2_splat(Unary<Slot, Wide>) = unary(simd::i64x2_splat);
            f32x4_splat(Unary<Slot, Wide>) = unary(simd::f32x4_splat);
            f64x2_splat(Unary<Slot, Wide>) = unary(simd::f64x2_splat);
            i8x16_eq(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_eq);
            i8x16_ne(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_ne);
            i8x16_lt_s(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_lt_s);
            i8x16_lt_u(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_lt_u);
            i8x16_gt_s(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_gt_s);
            i8x16_gt_u(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_gt_u);
            i8x16_le_s(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_le_s);
            i8x16_le_u(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_le_u);
            i8x16_ge_s(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_ge_s);
            i8x16_ge_u(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_ge_u);
            i16x8_eq(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_eq);
            i16x8_ne(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_ne);
            i16x8_lt_s(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_lt_s);
            i16x8_lt_u(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_lt_u);
            i16x8_gt_s(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_gt_s);
            i16x8_gt_u(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_gt_u);
            i16x8_le_s(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_le_s);
            i16x8_le_u(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_le_u);
            i16x8_ge_s(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_ge_s);
            i16x8_ge_u(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_ge_u);
            i32x4_eq(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_eq);
            i32x4_ne(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_ne);
            i32x4_lt_s(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_lt_s);
            i32x4_lt_u(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_lt_u);
            i32x4_gt_s(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_gt_s);
            i32x4_gt_u(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_gt_u);
            i32x4_le_s(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_le_s);
            i32x4_le_u(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_le_u);
            i32x4_ge_s(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_ge_s);
            i32x4_ge_u(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_ge_u);
            i64x2_eq(Binary<Wide, Wide, Wide>) = binary(simd::i64x2_eq);
            i64x2_ne(Binary<Wide, Wide, Wide>) = binary(simd::i64x2_ne);
            i64x2_lt_s(Binary<Wide, Wide, Wide>) = binary(simd::i64x2_lt_s);
            i64x2_gt_s(Binary<Wide, Wide, Wide>) = binary(simd::i64x2_gt_s);
            i64x2_le_s(Binary<Wide, Wide, Wide>) = binary(simd::i64x2_le_s);
            i64x2_ge_s(Binary<Wide, Wide, Wide>) = binary(simd::i64x2_ge_s);
            f32x4_eq(Binary<Wide, Wide, Wide>) = binary(simd::f32x4_eq);
            f32x4_ne(Binary<Wide, Wide, Wide>) = binary(simd::f32x4_ne);
            f32x4_lt(Binary<Wide, Wide, Wide>) = binary(simd::f32x4_lt);
            f32x4_gt(Binary<Wide, Wide, Wide>) = binary(simd::f32x4_gt);
            f32x4_le(Binary<Wide, Wide, Wide>) = binary(simd::f32x4_le);
            f32x4_ge(Binary<Wide, Wide, Wide>) = binary(simd::f32x4_ge);
            f64x2_eq(Binary<Wide, Wide, Wide>) = binary(simd::f64x2_eq);
            f64x2_ne(Binary<Wide, Wide, Wide>) = binary(simd::f64x2_ne);
            f64x2_lt(Binary<Wide, Wide, Wide>) = binary(simd::f64x2_lt);
            f64x2_gt(Binary<Wide, Wide, Wide>) = binary(simd::f64x2_gt);
            f64x2_le(Binary<Wide, Wide, Wide>) = binary(simd::f64x2_le);
            f64x2_ge(Binary<Wide, Wide, Wide>) = binary(simd::f64x2_ge);
            v128_not(Unary<Wide, Wide>) = unary(simd::v128_not);
            v128_and(Binary<Wide, Wide, Wide>) = binary(simd::v128_and);
            v128_andnot(Binary<Wide, Wide, Wide>) = binary(simd::v128_andnot);
            v128_or(Binary<Wide, Wide, Wide>) = binary(simd::v128_or);
            v128_xor(Binary<Wide, Wide, Wide>) = binary(simd::v128_xor);
            v128_bitselect(Ternary) = ternary(simd::v128_bitselect);
            v128_any_true(Unary<Wide, Slot>) = unary(simd::v128_any_true);
            i8x16_abs(Unary<Wide, Wide>) = unary(simd::i8x16_abs);
            i8x16_neg(Unary<Wide, Wide>) = unary(simd::i8x16_neg);
            i8x16_popcnt(Unary<Wide, Wide>) = unary(simd::i8x16_popcnt);
            i8x16_all_true(Unary<Wide, Slot>) = unary(simd::i8x16_all_true);
            i8x16_bitmask(Unary<Wide, Slot>) = unary(simd::i8x16_bitmask);
            i8x16_narrow_i16x8_s(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_narrow_i16x8_s);
            i8x16_narrow_i16x8_u(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_narrow_i16x8_u);
            i8x16_shl(Binary<Wide, Slot, Wide>) = binary(simd::i8x16_shl);
            i8x16_shr_s(Binary<Wide, Slot, Wide>) = binary(simd::i8x16_shr_s);
            i8x16_shr_u(Binary<Wide, Slot, Wide>) = binary(simd::i8x16_shr_u);
            i8x16_add(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_add);
            i8x16_add_sat_s(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_add_sat_s);
            i8x16_add_sat_u(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_add_sat_u);
            i8x16_sub(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_sub);
            i8x16_sub_sat_s(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_sub_sat_s);
            i8x16_sub_sat_u(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_sub_sat_u);
            i8x16_min_s(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_min_s);
            i8x16_min_u(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_min_u);
            i8x16_max_s(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_max_s);
            i8x16_max_u(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_max_u);
            i8x16_avgr_u(Binary<Wide, Wide, Wide>) = binary(simd::i8x16_avgr_u);
            i16x8_extadd_pairwise_i8x16_s(Unary<Wide, Wide>) = unary(simd::i16x8_extadd_pairwise_i8x16_s);
            i16x8_extadd_pairwise_i8x16_u(Unary<Wide, Wide>) = unary(simd::i16x8_extadd_pairwise_i8x16_u);
            i16x8_abs(Unary<Wide, Wide>) = unary(simd::i16x8_abs);
            i16x8_neg(Unary<Wide, Wide>) = unary(simd::i16x8_neg);
            i16x8_q15mulr_sat_s(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_q15mulr_sat_s);
            i16x8_all_true(Unary<Wide, Slot>) = unary(simd::i16x8_all_true);
            i16x8_bitmask(Unary<Wide, Slot>) = unary(simd::i16x8_bitmask);
            i16x8_narrow_i32x4_s(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_narrow_i32x4_s);
            i16x8_narrow_i32x4_u(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_narrow_i32x4_u);
            i16x8_extend_low_i8x16_s(Unary<Wide, Wide>) = unary(simd::i16x8_extend_low_i8x16_s);
            i16x8_extend_high_i8x16_s(Unary<Wide, Wide>) = unary(simd::i16x8_extend_high_i8x16_s);
            i16x8_extend_low_i8x16_u(Unary<Wide, Wide>) = unary(simd::i16x8_extend_low_i8x16_u);
            i16x8_extend_high_i8x16_u(Unary<Wide, Wide>) = unary(simd::i16x8_extend_high_i8x16_u);
            i16x8_shl(Binary<Wide, Slot, Wide>) = binary(simd::i16x8_shl);
            i16x8_shr_s(Binary<Wide, Slot, Wide>) = binary(simd::i16x8_shr_s);
            i16x8_shr_u(Binary<Wide, Slot, Wide>) = binary(simd::i16x8_shr_u);
            i16x8_add(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_add);
            i16x8_add_sat_s(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_add_sat_s);
            i16x8_add_sat_u(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_add_sat_u);
            i16x8_sub(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_sub);
            i16x8_sub_sat_s(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_sub_sat_s);
            i16x8_sub_sat_u(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_sub_sat_u);
            i16x8_mul(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_mul);
            i16x8_min_s(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_min_s);
            i16x8_min_u(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_min_u);
            i16x8_max_s(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_max_s);
            i16x8_max_u(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_max_u);
            i16x8_avgr_u(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_avgr_u);
            i16x8_extmul_low_i8x16_s(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_extmul_low_i8x16_s);
            i16x8_extmul_high_i8x16_s(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_extmul_high_i8x16_s);
            i16x8_extmul_low_i8x16_u(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_extmul_low_i8x16_u);
            i16x8_extmul_high_i8x16_u(Binary<Wide, Wide, Wide>) = binary(simd::i16x8_extmul_high_i8x16_u);
            i32x4_extadd_pairwise_i16x8_s(Unary<Wide, Wide>) = unary(simd::i32x4_extadd_pairwise_i16x8_s);
            i32x4_extadd_pairwise_i16x8_u(Unary<Wide, Wide>) = unary(simd::i32x4_extadd_pairwise_i16x8_u);
            i32x4_abs(Unary<Wide, Wide>) = unary(simd::i32x4_abs);
            i32x4_neg(Unary<Wide, Wide>) = unary(simd::i32x4_neg);
            i32x4_all_true(Unary<Wide, Slot>) = unary(simd::i32x4_all_true);
            i32x4_bitmask(Unary<Wide, Slot>) = unary(simd::i32x4_bitmask);
            i32x4_extend_low_i16x8_s(Unary<Wide, Wide>) = unary(simd::i32x4_extend_low_i16x8_s);
            i32x4_extend_high_i16x8_s(Unary<Wide, Wide>) = unary(simd::i32x4_extend_high_i16x8_s);
            i32x4_extend_low_i16x8_u(Unary<Wide, Wide>) = unary(simd::i32x4_extend_low_i16x8_u);
            i32x4_extend_high_i16x8_u(Unary<Wide, Wide>) = unary(simd::i32x4_extend_high_i16x8_u);
            i32x4_shl(Binary<Wide, Slot, Wide>) = binary(simd::i32x4_shl);
            i32x4_shr_s(Binary<Wide, Slot, Wide>) = binary(simd::i32x4_shr_s);
            i32x4_shr_u(Binary<Wide, Slot, Wide>) = binary(simd::i32x4_shr_u);
            i32x4_add(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_add);
            i32x4_sub(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_sub);
            i32x4_mul(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_mul);
            i32x4_min_s(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_min_s);
            i32x4_min_u(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_min_u);
            i32x4_max_s(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_max_s);
            i32x4_max_u(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_max_u);
            i32x4_dot_i16x8_s(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_dot_i16x8_s);
            i32x4_extmul_low_i16x8_s(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_extmul_low_i16x8_s);
            i32x4_extmul_high_i16x8_s(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_extmul_high_i16x8_s);
            i32x4_extmul_low_i16x8_u(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_extmul_low_i16x8_u);
            i32x4_extmul_high_i16x8_u(Binary<Wide, Wide, Wide>) = binary(simd::i32x4_extmul_high_i16x8_u);
            i64x2_abs(Unary<Wide, Wide>) = unary(simd::i64x2_abs);
            i64x2_neg(Unary<Wide, Wide>) = unary(simd::i64x2_neg);
            i64x2_all_true(Unary<Wide, Slot>) = unary(simd::i64x2_all_true);
            i64x2_bitmask(Unary<Wide, Slot>) = unary(simd::i64x2_bitmask);
            i64x2_extend_low_i32x4_s(Unary<Wide, Wide>) = unary(simd::i64x2_extend_low_i32x4_s);
            i64x2_extend_high_i32x4_s(Unary<Wide, Wide>) = unary(simd::i64x2_extend_high_i32x4_s);
            i64x2_extend_low_i32x4_u(Unary<Wide, Wide>) = unary(simd::i64x2_extend_low_i32x4_u);
            i64x2_extend_high_i32x4_u(Unary<Wide, Wide>) = unary(simd::i64x2_extend_high_i32x4_u);
            i64x2_shl(Binary<Wide, Slot, Wide>) = binary(simd::i64x2_shl);
            i64x2_shr_s(Binary<Wide, Slot, Wide>) = binary(simd::i64x2_shr_s);
            i64x2_shr_u(Binary<Wide, Slot, Wide>) = binary(simd::i64x2_shr_u);
            i64x2_add(Binary<Wide, Wide, Wide>) = binary(simd::i64x2_add);
            i64x2_sub(Binary<Wide, Wide, Wide>) = binary(simd::i64x2_sub);
            i64x2_mul(Binary<Wide, Wide, Wide>) = binary(simd::i64x2_mul);
            i64x2_extmul_low_i32x4_s(Binary<Wide, Wide, Wide>) = binary(simd::i64x2_extmul_low_i32x4_s);
            i64x2_extmul_high_i32x4_s(Binary<Wide, Wide, Wide>) = binary(simd::i64x2_extmul_high_i32x4_s);
            i64x2_extmul_low_i32x4_u(Binary<Wide, Wide, Wide>) = binary(simd::i64x2_extmul_low_i32x4_u);
            i64x2_extmul_high_i32x4_u(Binary<Wide, Wide, Wide>) = binary(simd::i64x2_extmul_high_i32x4_u);
            f32x4_ceil(Unary<Wide, Wide>) = unary(simd::f32x4_ceil);
            f32x4_floor(Unary<Wide, Wide>) = unary(simd::f32x4_floor);
            f32x4_trunc(Unary<Wide, Wide>) = unary(simd::f32x4_trunc);
            f32x4_nearest(Unary<Wide, Wide>) = unary(simd::f32x4_nearest);
            f32x4_abs(Unary<Wide, Wide>) = unary(simd::f32x4_abs);
            f32x4_neg(Unary<Wide, Wide>) = unary(simd::f32x4_neg);
            f32x4_sqrt(Unary<Wide, Wide>) = unary(simd::f32x4_sqrt);
            f32x4_add(Binary<Wide, Wide, Wide>) = binary(simd::f32x4_add);
            f32x4_sub(Binary<Wide, Wide, Wide>) = binary(simd::f32x4_sub);
            f32x4_mul(Binary<Wide, Wide, Wide>) = binary(simd::f32x4_mul);
            f32x4_div(Binary<Wide, Wide, Wide>) = binary(simd::f32x4_div);
            f32x4_min(Binary<Wide, Wide, Wide>) = binary(simd::f32x4_min);
            f32x4_max(Binary<Wide, Wide, Wide>) = binary(simd::f32x4_max);
            f32x4_pmin(Binary<Wide, Wide, Wide>) = binary(simd::f32x4_pmin);
            f32x4_pmax(Binary<Wide, Wide, Wide>) = binary(simd::f32x4_pmax);
            f64x2_ceil(Unary<Wide, Wide>) = unary(simd::f64x2_ceil);
            f64x2_floor(Unary<Wide, Wide>) = unary(simd::f64x2_floor);
            f64x2_trunc(Unary<Wide, Wide>) = unary(simd::f64x2_trunc);
            f64x2_nearest(Unary<Wide, Wide>) = unary(simd::f64x2_nearest);
            f64x2_abs(Unary<Wide, Wide>) = unary(simd::f64x2_abs);
            f64x2_neg(Unary<Wide, Wide>) = unary(simd::f64x2_neg);
            f64x2_sqrt(Unary<Wide, Wide>) = unary(simd::f64x2_sqrt);
            f64x2_add(Binary<Wide, Wide, Wide>) = binary(simd::f64x2_add);
            f64x2_sub(Binary<Wide, Wide, Wide>) = binary(simd::f64x2_sub);
            f64x2_mul(Binary<Wide, Wide, Wide>) = binary(simd::f64x2_mul);
            f64x2_div(Binary<Wide, Wide, Wide>) = binary(simd::f64x2_div);
            f64x2_min(Binary<Wide, Wide, Wide>) = binary(simd::f64x2_min);
            f64x2_max(Binary<Wide, Wide, Wide>) = binary(simd::f64x2_max);
            f64x2_pmin(Binary<Wide, Wide, Wide>) = binary(simd::f64x2_pmin);
            f64x2_pmax(Binary<Wide, Wide, Wide>) = binary(simd::f64x2_pmax);
            i32x4_trunc_sat_f32x4_s(Unary<Wide, Wide>) = unary(simd::i32x4_trunc_sat_f32x4_s);
            i32x4_trunc_sat_f32x4_u(Unary<Wide, Wide>) = unary(simd::i32x4_trunc_sat_f32x4_u);
            f32x4_convert_i32x4_s(Unary<Wide, Wide>) = unary(simd::f32x4_convert_i32x4_s);
            f32x4_convert_i32x4_u(Unary<Wide, Wide>) = unary(simd::f32x4_convert_i32x4_u);
            i32x4_trunc_sat_f64x2_s_zero(Unary<Wide, Wide>) = unary(simd::i32x4_trunc_sat_f64x2_s_zero);
            i32x4_trunc_sat_f64x2_u_zero(Unary<Wide, Wide>) = unary(simd::i32x4_trunc_sat_f64x2_u_zero);
            f64x2_convert_low_i32x4_s(Unary<Wide, Wide>) = unary(simd::f64x2_convert_low_i32x4_s);
            f64x2_convert_low_i32x4_u(Unary<Wide, Wide>) = unary(simd::f64x2_convert_low_i32x4_u);
            f32x4_demote_f64x2_zero(Unary<Wide, Wide>) = unary(simd::f32x4_demote_f64x2_zero);
            f64x2_promote_low_f32x4(Unary<Wide, Wide>) = unary(simd::f64x2_promote_low_f32x4);
            i8x16_relaxed_swizzle(Binary<Wide, Wide, Wide>) = binary(relaxed::i8x16_relaxed_swizzle);
            i32x4_relaxed_trunc_f32x4_s(Unary<Wide, Wide>) = unary(relaxed::i32x4_relaxed_trunc_f32x4_s);
            i32x4_relaxed_trunc_f32x4_u(Unary<Wide, Wide>) = unary(relaxed::i32x4_relaxed_trunc_f32x4_u);
            i32x4_relaxed_trunc_f64x2_s_zero(Unary<Wide, Wide>) = unary(relaxed::i32x4_relaxed_trunc_f64x2_s_zero);
            i32x4_relaxed_trunc_f64x2_u_zero(Unary<Wide, Wide>) = unary(relaxed::i32x4_relaxed_trunc_f64x2_u_zero);
            f32x4_relaxed_madd(Ternary) = ternary(relaxed::f32x4_relaxed_madd);
            f32x4_relaxed_nmadd(Ternary) = ternary(relaxed::f32x4_relaxed_nmadd);
            f64x2_relaxed_madd(Ternary) = ternary(relaxed::f64x2_relaxed_madd);
            f64x2_relaxed_nmadd(Ternary) = ternary(relaxed::f64x2_relaxed_nmadd);
            i8x16_relaxed_laneselect(Ternary) = ternary(relaxed::i8x16_relaxed_laneselect);
            i16x8_relaxed_laneselect(Ternary) = ternary(relaxed::i16x8_relaxed_laneselect);
            i32x4_relaxed_laneselect(Ternary) = ternary(relaxed::i32x4_relaxed_laneselect);
            i64x2_relaxed_laneselect(Ternary) = ternary(relaxed::i64x2_relaxed_laneselect);
            f32x4_relaxed_min(Binary<Wide, Wide, Wide>) = binary(relaxed::f32x4_relaxed_min);
            f32x4_relaxed_max(Binary<Wide, Wide, Wide>) = binary(relaxed::f32x4_relaxed_max);
            f64x2_relaxed_min(Binary<Wide, Wide, Wide>) = binary(relaxed::f64x2_relaxed_min);
            f64x2_relaxed_max(Binary<Wide, Wide, Wide>) = binary(relaxed::f64x2_relaxed_max);
            i16x8_relaxed_q15mulr_s(Binary<Wide, Wide, Wide>) = binary(relaxed::i16x8_relaxed_q15mulr_s);
            i16x8_relaxed_dot_i8x16_i7x16_s(Binary<Wide, Wide, Wide>) = binary(relaxed::i16x8_relaxed_dot_i8x16_i7x16_s);
            i32x4_relaxed_dot_i8x16_i7x16_add_s(Ternary) = ternary(relaxed::i32x4_relaxed_dot_i8x16_i7x16_add_s);
        }
        atomic {
            // Atomic accesses, any memory.
            i32_atomic_load(LoadX<Slot>) = atomic_load(atomic::load32);
            i64_atomic_load(LoadX<Slot>) = atomic_load(atomic::load64);
            i32_atomic_load8_u(LoadX<Slot>) = atomic_load(atomic::load8);
            i32_atomic_load16_u(LoadX<Slot>) = atomic_load(atomic::load16);
            i64_atomic_load8_u(LoadX<Slot>) = atomic_load(atomic::load8);
            i64_atomic_load16_u(LoadX<Slot>) = atomic_load(atomic::load16);
            i64_atomic_load32_u(LoadX<Slot>) = atomic_load(atomic::load32);
            i32_atomic_store(StoreX<Slot>) = atomic_store(atomic::store32);
            i64_atomic_store(StoreX<Slot>) = atomic_store(atomic::store64);
            i32_atomic_store8(StoreX<Slot>) = atomic_store(atomic::store8);
            i32_atomic_store16(StoreX<Slot>) = atomic_store(atomic::store16);
            i64_atomic_store8(StoreX<Slot>) = atomic_store(atomic::store8);
            i64_atomic_store16(StoreX<Slot>) = atomic_store(atomic::store16);
            i64_atomic_store32(StoreX<Slot>) = atomic_store(atomic::store32);
            i32_atomic_rmw_add(AtomicRmw) = atomic_rmw(atomic::add32);
            i64_atomic_rmw_add(AtomicRmw) = atomic_rmw(atomic::add64);
            i32_atomic_rmw8_add_u(AtomicRmw) = atomic_rmw(atomic::add8);
            i32_atomic_rmw16_add_u(AtomicRmw) = atomic_rmw(atomic::add16);
            i64_atomic_rmw8_add_u(AtomicRmw) = atomic_rmw(atomic::add8);
            i64_atomic_rmw16_add_u(AtomicRmw) = atomic_rmw(atomic::add16);
            i64_atomic_rmw32_add_u(AtomicRmw) = atomic_rmw(atomic::add32);
            i32_atomic_rmw_sub(AtomicRmw) = atomic_rmw(atomic::sub32);
            i64_atomic_rmw_sub(AtomicRmw) = atomic_rmw(atomic::sub64);
            i32_atomic_rmw8_sub_u(AtomicRmw) = atomic_rmw(atomic::sub8);
            i32_atomic_rmw16_sub_u(AtomicRmw) = atomic_rmw(atomic::sub16);
            i64_atomic_rmw8_sub_u(AtomicRmw) = atomic_rmw(atomic::sub8);
            i64_atomic_rmw16_sub_u(AtomicRmw) = atomic_rmw(atomic::sub16);
            i64_atomic_rmw32_sub_u(AtomicRmw) = atomic_rmw(atomic::sub32);
            i32_atomic_rmw_and(AtomicRmw) = atomic_rmw(atomic::and32);
            i64_atomic_rmw_and(AtomicRmw) = atomic_rmw(atomic::and64);
            i32_atomic_rmw8_and_u(AtomicRmw) = atomic_rmw(atomic::and8);
            i32_atomic_rmw16_and_u(AtomicRmw) = atomic_rmw(atomic::and16);
            i64_atomic_rmw8_and_u(AtomicRmw) = atomic_rmw(atomic::and8);
            i64_atomic_rmw16_and_u(AtomicRmw) = atomic_rmw(atomic::and16);
            i64_atomic_rmw32_and_u(AtomicRmw) = atomic_rmw(atomic::and32);
            i32_atomic_rmw_or(AtomicRmw) = atomic_rmw(atomic::or32);
            i64_atomic_rmw_or(AtomicRmw) = atomic_rmw(atomic::or64);
            i32_atomic_rmw8_or_u(AtomicRmw) = atomic_rmw(atomic::or8);
            i32_atomic_rmw16_or_u(AtomicRmw) = atomic_rmw(atomic::or16);
            i64_atomic_rmw8_or_u(AtomicRmw) = atomic_rmw(atomic::or8);
            i64_atomic_rmw16_or_u(AtomicRmw) = atomic_rmw(atomic::or16);
            i64_atomic_rmw32_or_u(AtomicRmw) = atomic_rmw(atomic::or32);
            i32_atomic_rmw_xor(AtomicRmw) = atomic_rmw(atomic::xor32);
            i64_atomic_rmw_xor(AtomicRmw) = atomic_rmw(atomic::xor64);
            i32_atomic_rmw8_xor_u(AtomicRmw) = atomic_rmw(atomic::xor8);
            i32_atomic_rmw16_xor_u(AtomicRmw) = atomic_rmw(atomic::xor16);
            i64_atomic_rmw8_xor_u(AtomicRmw) = atomic_rmw(atomic::xor8);
            i64_atomic_rmw16_xor_u(AtomicRmw) = atomic_rmw(atomic::xor16);
            i64_atomic_rmw32_xor_u(AtomicRmw) = atomic_rmw(atomic::xor32);
            i32_atomic_rmw_xchg(AtomicRmw) = atomic_rmw(atomic::xchg32);
            i64_atomic_rmw_xchg(AtomicRmw) = atomic_rmw(atomic::xchg64);
            i32_atomic_rmw8_xchg_u(AtomicRmw) = atomic_rmw(atomic::xchg8);
            i32_atomic_rmw16_xchg_u(AtomicRmw) = atomic_rmw(atomic::xchg16);
            i64_atomic_rmw8_xchg_u(AtomicRmw) = atomic_rmw(atomic::xchg8);
            i64_atomic_rmw16_xchg_u(AtomicRmw) = atomic_rmw(atomic::xchg16);
            i64_atomic_rmw32_xchg_u(AtomicRmw) = atomic_rmw(atomic::xchg32);
            i32_atomic_rmw_cmpxchg(AtomicCmpxchg) = atomic_cmpxchg(atomic::cmpxchg32);
            i64_atomic_rmw_cmpxchg(AtomicCmpxchg) = atomic_cmpxchg(atomic::cmpxchg64);
            i32_atomic_rmw8_cmpxchg_u(AtomicCmpxchg) = atomic_cmpxchg(atomic::cmpxchg8);
            i32_atomic_rmw16_cmpxchg_u(AtomicCmpxchg) = atomic_cmpxchg(atomic::cmpxchg16);
            i64_atomic_rmw8_cmpxchg_u(AtomicCmpxchg) = atomic_cmpxchg(atomic::cmpxchg8);
            i64_atomic_rmw16_cmpxchg_u(AtomicCmpxchg) = atomic_cmpxchg(atomic::cmpxchg16);
            i64_atomic_rmw32_cmpxchg_u(AtomicCmpxchg) = atomic_cmpxchg(atomic::cmpxchg32);
        }
        specialized {
            // Constants and copies.
            copy_int_r(Unary<Reg>) = unary(identity::<u64>);
            copy_f32_r(Unary<Reg>) = unary(identity::<f32>);
            copy_f64_r(Unary<Reg>) = unary(identity::<f64>);

            // i32 arithmetic.
            i32_add_rs(Binary<Reg, Slot>) = binary(int::i32_add);
            i32_add_ri(Binary<Reg, i32>) = binary(int::i32_add);
            i32_mul_rs(Binary<Reg, Slot>) = binary(int::i32_mul);
            i32_mul_ri(Binary<Reg, i32>) = binary(int::i32_mul);
            i32_and_rs(Binary<Reg, Slot>) = binary(int::i32_and);
            i32_and_ri(Binary<Reg, i32>) = binary(int::i32_and);
            i32_or_rs(Binary<Reg, Slot>) = binary(int::i32_or);
            i32_or_ri(Binary<Reg, i32>) = binary(int::i32_or);
            i32_xor_rs(Binary<Reg, Slot>) = binary(int::i32_xor);
            i32_xor_ri(Binary<Reg, i32>) = binary(int::i32_xor);
            i32_sub_rs(Binary<Reg, Slot>) = binary(int::i32_sub);
            i32_sub_sr(Binary<Slot, Reg>) = binary(int::i32_sub);
            i32_sub_ri(Binary<Reg, i32>) = binary(int::i32_sub);
            i32_sub_ir(Binary<i32, Reg>) = binary(int::i32_sub);
            i32_shl_rs(Binary<Reg, Slot>) = binary(int::i32_shl);
            i32_shl_sr(Binary<Slot, Reg>) = binary(int::i32_shl);
            i32_shl_ri(Binary<Reg, i32>) = binary(int::i32_shl);
            i32_shl_ir(Binary<i32, Reg>) = binary(int::i32_shl);
            i32_shr_s_rs(Binary<Reg, Slot>) = binary(int::i32_shr_s);
            i32_shr_s_sr(Binary<Slot, Reg>) = binary(int::i32_shr_s);
            i32_shr_s_ri(Binary<Reg, i32>) = binary(int::i32_shr_s);
            i32_shr_s_ir(Binary<i32, Reg>) = binary(int::i32_shr_s);
            i32_shr_u_rs(Binary<Reg, Slot>) = binary(int::i32_shr_u);
            i32_shr_u_sr(Binary<Slot, Reg>) = binary(int::i32_shr_u);
            i32_shr_u_ri(Binary<Reg, i32>) = binary(int::i32_shr_u);
            i32_shr_u_ir(Binary<i32, Reg>) = binary(int::i32_shr_u);
            i32_rotl_rs(Binary<Reg, Slot>) = binary(int::i32_rotl);
            i32_rotl_sr(Binary<Slot, Reg>) = binary(int::i32_rotl);
            i32_rotl_ri(Binary<Reg, i32>) = binary(int::i32_rotl);
            i32_rotl_ir(Binary<i32, Reg>) = binary(int::i32_rotl);
            i32_rotr_rs(Binary<Reg, Slot>) = binary(int::i32_rotr);
            i32_rotr_sr(Binary<Slot, Reg>) = binary(int::i32_rotr);
            i32_rotr_ri(Binary<Reg, i32>) = binary(int::i32_rotr);
            i32_rotr_ir(Binary<i32, Reg>) = binary(int::i32_rotr);

            // i64 arithmetic.
            i64_add_rs(Binary<Reg, Slot>) = binary(int::i64_add);
            i64_add_ri(Binary<Reg, i64>) = binary(int::i64_add);
            i64_mul_rs(Binary<Reg, Slot>) = binary(int::i64_mul);
            i64_mul_ri(Binary<Reg, i64>) = binary(int::i64_mul);
            i64_and_rs(Binary<Reg, Slot>) = binary(int::i64_and);
            i64_and_ri(Binary<Reg, i64>) = binary(int::i64_and);
            i64_or_rs(Binary<Reg, Slot>) = binary(int::i64_or);
            i64_or_ri(Binary<Reg, i64>) = binary(int::i64_or);
            i64_xor_rs(Binary<Reg, Slot>) = binary(int::i64_xor);
            i64_xor_ri(Binary<Reg, i64>) = binary(int::i64_xor);
            i64_sub_rs(Binary<Reg, Slot>) = binary(int::i64_sub);
            i64_sub_sr(Binary<Slot, Reg>) = binary(int::i64_sub);
            i64_sub_ri(Binary<Reg, i64>) = binary(int::i64_sub);
            i64_sub_ir(Binary<i64, Reg>) = binary(int::i64_sub);
            i64_shl_rs(Binary<Reg, Slot>) = binary(int::i64_shl);
            i64_shl_sr(Binary<Slot, Reg>) = binary(int::i64_shl);
            i64_shl_ri(Binary<Reg, i64>) = binary(int::i64_shl);
            i64_shl_ir(Binary<i64, Reg>) = binary(int::i64_shl);
            i64_shr_s_rs(Binary<Reg, Slot>) = binary(int::i64_shr_s);
            i64_shr_s_sr(Binary<Slot, Reg>) = binary(int::i64_shr_s);
            i64_shr_s_ri(Binary<Reg, i64>) = binary(int::i64_shr_s);
            i64_shr_s_ir(Binary<i64, Reg>) = binary(int::i64_shr_s);
            i64_shr_u_rs(Binary<Reg, Slot>) = binary(int::i64_shr_u);
            i64_shr_u_sr(Binary<Slot, Reg>) = binary(int::i64_shr_u);
            i64_shr_u_ri(Binary<Reg, i64>) = binary(int::i64_shr_u);
            i64_shr_u_ir(Binary<i64, Reg>) = binary(int::i64_shr_u);
            i64_rotl_rs(Binary<Reg, Slot>) = binary(int::i64_rotl);
            i64_rotl_sr(Binary<Slot, Reg>) = binary(int::i64_rotl);
            i64_rotl_ri(Binary<Reg, i64>) = binary(int::i64_rotl);
            i64_rotl_ir(Binary<i64, Reg>) = binary(int::i64_rotl);
            i64_rotr_rs(Binary<Reg, Slot>) = binary(int::i64_rotr);
            i64_rotr_sr(Binary<Slot, Reg>) = binary(int::i64_rotr);
            i64_rotr_ri(Binary<Reg, i64>) = binary(int::i64_rotr);
            i64_rotr_ir(Binary<i64, Reg>) = binary(int::i64_rotr);

            // f32 arithmetic.
            f32_add_rs(Binary<Reg, Slot>) = binary(float::f32_add);
            f32_add_ri(Binary<Reg, F32Bits>) = binary(float::f32_add);
            f32_mul_rs(Binary<Reg, Slot>) = binary(float::f32_mul);
            f32_mul_ri(Binary<Reg, F32Bits>) = binary(float::f32_mul);
            f32_min_rs(Binary<Reg, Slot>) = binary(float::f32_min);
            f32_min_ri(Binary<Reg, F32Bits>) = binary(float::f32_min);
            f32_max_rs(Binary<Reg, Slot>) = binary(float::f32_max);
            f32_max_ri(Binary<Reg, F32Bits>) = binary(float::f32_max);
            f32_sub_rs(Binary<Reg, Slot>) = binary(float::f32_sub);
            f32_sub_sr(Binary<Slot, Reg>) = binary(float::f32_sub);
            f32_sub_ri(Binary<Reg, F32Bits>) = binary(float::f32_sub);
            f32_sub_ir(Binary<F32Bits, Reg>) = binary(float::f32_sub);
            f32_div_rs(Binary<Reg, Slot>) = binary(float::f32_div);
            f32_div_sr(Binary<Slot, Reg>) = binary(float::f32_div);
            f32_div_ri(Binary<Reg, F32Bits>) = binary(float::f32_div);
            f32_div_ir(Binary<F32Bits, Reg>) = binary(float::f32_div);

            // f64 arithmetic.
            f64_add_rs(Binary<Reg, Slot>) = binary(float::f64_add);
            f64_add_ri(Binary<Reg, F64Bits>) = binary(float::f64_add);
            f64_mul_rs(Binary<Reg, Slot>) = binary(float::f64_mul);
            f64_mul_ri(Binary<Reg, F64Bits>) = binary(float::f64_mul);
            f64_min_rs(Binary<Reg, Slot>) = binary(float::f64_min);
            f64_min_ri(Binary<Reg, F64Bits>) = binary(float::f64_min);
            f64_max_rs(Binary<Reg, Slot>) = binary(float::f64_max);
            f64_max_ri(Binary<Reg, F64Bits>) = binary(float::f64_max);
            f64_sub_rs(Binary<Reg, Slot>) = binary(float::f64_sub);
            f64_sub_sr(Binary<Slot, Reg>) = binary(float::f64_sub);
            f64_sub_ri(Binary<Reg, F64Bits>) = binary(float::f64_sub);
            f64_sub_ir(Binary<F64Bits, Reg>) = binary(float::f64_sub);
            f64_div_rs(Binary<Reg, Slot>) = binary(float::f64_div);
            f64_div_sr(Binary<Slot, Reg>) = binary(float::f64_div);
            f64_div_ri(Binary<Reg, F64Bits>) = binary(float::f64_div);
            f64_div_ir(Binary<F64Bits, Reg>) = binary(float::f64_div);

            // i32 comparisons, as values and as branches.
            i32_eq_rs(Binary<Reg, Slot>) = binary(int::i32_eq);
            i32_eq_ri(Binary<Reg, i32>) = binary(int::i32_eq);
            br_i32_eq_ss(BranchCompare<Slot, Slot>) = branch(int::i32_eq);
            br_i32_eq_si(BranchCompare<Slot, i32>) = branch(int::i32_eq);
            br_i32_eq_rs(BranchCompare<Reg, Slot>) = branch(int::i32_eq);
            br_i32_eq_ri(BranchCompare<Reg, i32>) = branch(int::i32_eq);
            i32_ne_rs(Binary<Reg, Slot>) = binary(int::i32_ne);
            i32_ne_ri(Binary<Reg, i32>) = binary(int::i32_ne);
            br_i32_ne_ss(BranchCompare<Slot, Slot>) = branch(int::i32_ne);
            br_i32_ne_si(BranchCompare<Slot, i32>) = branch(int::i32_ne);
            br_i32_ne_rs(BranchCompare<Reg, Slot>) = branch(int::i32_ne);
            br_i32_ne_ri(BranchCompare<Reg, i32>) = branch(int::i32_ne);
            i32_lt_s_rs(Binary<Reg, Slot>) = binary(int::i32_lt_s);
            i32_lt_s_ri(Binary<Reg, i32>) = binary(int::i32_lt_s);
            br_i32_lt_s_ss(BranchCompare<Slot, Slot>) = branch(int::i32_lt_s);
            br_i32_lt_s_si(BranchCompare<Slot, i32>) = branch(int::i32_lt_s);
            br_i32_lt_s_rs(BranchCompare<Reg, Slot>) = branch(int::i32_lt_s);
            br_i32_lt_s_ri(BranchCompare<Reg, i32>) = branch(int::i32_lt_s);
            i32_lt_u_rs(Binary<Reg, Slot>) = binary(int::i32_lt_u);
            i32_lt_u_ri(Binary<Reg, i32>) = binary(int::i32_lt_u);
            br_i32_lt_u_ss(BranchCompare<Slot, Slot>) = branch(int::i32_lt_u);
            br_i32_lt_u_si(BranchCompare<Slot, i32>) = branch(int::i32_lt_u);
            br_i32_lt_u_rs(BranchCompare<Reg, Slot>) = branch(int::i32_lt_u);
            br_i32_lt_u_ri(BranchCompare<Reg, i32>) = branch(int::i32_lt_u);
            i32_gt_s_rs(Binary<Reg, Slot>) = binary(int::i32_gt_s);
            i32_gt_s_ri(Binary<Reg, i32>) = binary(int::i32_gt_s);
            br_i32_gt_s_ss(BranchCompare<Slot, Slot>) = branch(int::i32_gt_s);
            br_i32_gt_s_si(BranchCompare<Slot, i32>) = branch(int::i32_gt_s);
            br_i32_gt_s_rs(BranchCompare<Reg, Slot>) = branch(int::i32_gt_s);
            br_i32_gt_s_ri(BranchCompare<Reg, i32>) = branch(int::i32_gt_s);
            i32_gt_u_rs(Binary<Reg, Slot>) = binary(int::i32_gt_u);
            i32_gt_u_ri(Binary<Reg, i32>) = binary(int::i32_gt_u);
            br_i32_gt_u_ss(BranchCompare<Slot, Slot>) = branch(int::i32_gt_u);
            br_i32_gt_u_si(BranchCompare<Slot, i32>) = branch(int::i32_gt_u);
            br_i32_gt_u_rs(BranchCompare<Reg, Slot>) = branch(int::i32_gt_u);
            br_i32_gt_u_ri(BranchCompare<Reg, i32>) = branch(int::i32_gt_u);
            i32_le_s_rs(Binary<Reg, Slot>) = binary(int::i32_le_s);
            i32_le_s_ri(Binary<Reg, i32>) = binary(int::i32_le_s);
            br_i32_le_s_ss(BranchCompare<Slot, Slot>) = branch(int::i32_le_s);
            br_i32_le_s_si(BranchCompare<Slot, i32>) = branch(int::i32_le_s);
            br_i32_le_s_rs(BranchCompare<Reg, Slot>) = branch(int::i32_le_s);
            br_i32_le_s_ri(BranchCompare<Reg, i32>) = branch(int::i32_le_s);
            i32_le_u_rs(Binary<Reg, Slot>) = binary(int::i32_le_u);
            i32_le_u_ri(Binary<Reg, i32>) = binary(int::i32_le_u);
            br_i32_le_u_ss(BranchCompare<Slot, Slot>) = branch(int::i32_le_u);
            br_i32_le_u_si(BranchCompare<Slot, i32>) = branch(int::i32_le_u);
            br_i32_le_u_rs(BranchCompare<Reg, Slot>) = branch(int::i32_le_u);
            br_i32_le_u_ri(BranchCompare<Reg, i32>) = branch(int::i32_le_u);
            i32_ge_s_rs(Binary<Reg, Slot>) = binary(int::i32_ge_s);
            i32_ge_s_ri(Binary<Reg, i32>) = binary(int::i32_ge_s);
            br_i32_ge_s_ss(BranchCompare<Slot, Slot>) = branch(int::i32_ge_s);
            br_i32_ge_s_si(BranchCompare<Slot, i32>) = branch(int::i32_ge_s);
            br_i32_ge_s_rs(BranchCompare<Reg, Slot>) = branch(int::i32_ge_s);
            br_i32_ge_s_ri(BranchCompare<Reg, i32>) = branch(int::i32_ge_s);
            i32_ge_u_rs(Binary<Reg, Slot>) = binary(int::i32_ge_u);
            i32_ge_u_ri(Binary<Reg, i32>) = binary(int::i32_ge_u);
            br_i32_ge_u_ss(BranchCompare<Slot, Slot>) = branch(int::i32_ge_u);
            br_i32_ge_u_si(BranchCompare<Slot, i32>) = branch(int::i32_ge_u);
            br_i32_ge_u_rs(BranchCompare<Reg, Slot>) = branch(int::i32_ge_u);
            br_i32_ge_u_ri(BranchCompare<Reg, i32>) = branch(int::i32_ge_u);

            // i64 comparisons, as values and as branches.
            i64_eq_rs(Binary<Reg, Slot>) = binary(int::i64_eq);
            i64_eq_ri(Binary<Reg, i64>) = binary(int::i64_eq);
            br_i64_eq_ss(BranchCompare<Slot, Slot>) = branch(int::i64_eq);
            br_i64_eq_si(BranchCompare<Slot, i64>) = branch(int::i64_eq);
            br_i64_eq_rs(BranchCompare<Reg, Slot>) = branch(int::i64_eq);
            br_i64_eq_ri(BranchCompare<Reg, i64>) = branch(int::i64_eq);
            i64_ne_rs(Binary<Reg, Slot>) = binary(int::i64_ne);
            i64_ne_ri(Binary<Reg, i64>) = binary(int::i64_ne);
            br_i64_ne_ss(BranchCompare<Slot, Slot>) = branch(int::i64_ne);
            br_i64_ne_si(BranchCompare<Slot, i64>) = branch(int::i64_ne);
            br_i64_ne_rs(BranchCompare<Reg, Slot>) = branch(int::i64_ne);
            br_i64_ne_ri(BranchCompare<Reg, i64>) = branch(int::i64_ne);
            i64_lt_s_rs(Binary<Reg, Slot>) = binary(int::i64_lt_s);
            i64_lt_s_ri(Binary<Reg, i64>) = binary(int::i64_lt_s);
            br_i64_lt_s_ss(BranchCompare<Slot, Slot>) = branch(int::i64_lt_s);
            br_i64_lt_s_si(BranchCompare<Slot, i64>) = branch(int::i64_lt_s);
            br_i64_lt_s_rs(BranchCompare<Reg, Slot>) = branch(int::i64_lt_s);
            br_i64_lt_s_ri(BranchCompare<Reg, i64>) = branch(int::i64_lt_s);
            i64_lt_u_rs(Binary<Reg, Slot>) = binary(int::i64_lt_u);
            i64_lt_u_ri(Binary<Reg, i64>) = binary(int::i64_lt_u);
            br_i64_lt_u_ss(BranchCompare<Slot, Slot>) = branch(int::i64_lt_u);
            br_i64_lt_u_si(BranchCompare<Slot, i64>) = branch(int::i64_lt_u);
            br_i64_lt_u_rs(BranchCompare<Reg, Slot>) = branch(int::i64_lt_u);
            br_i64_lt_u_ri(BranchCompare<Reg, i64>) = branch(int::i64_lt_u);
            i64_gt_s_rs(Binary<Reg, Slot>) = binary(int::i64_gt_s);
            i64_gt_s_ri(Binary<Reg, i64>) = binary(int::i64_gt_s);
            br_i64_gt_s_ss(BranchCompare<Slot, Slot>) = branch(int::i64_gt_s);
            br_i64_gt_s_si(BranchCompare<Slot, i64>) = branch(int::i64_gt_s);
            br_i64_gt_s_rs(BranchCompare<Reg, Slot>) = branch(int::i64_gt_s);
            br_i64_gt_s_ri(BranchCompare<Reg, i64>) = branch(int::i64_gt_s);
            i64_gt_u_rs(Binary<Reg, Slot>) = binary(int::i64_gt_u);
            i64_gt_u_ri(Binary<Reg, i64>) = binary(int::i64_gt_u);
            br_i64_gt_u_ss(BranchCompare<Slot, Slot>) = branch(int::i64_gt_u);
            br_i64_gt_u_si(BranchCompare<Slot, i64>) = branch(int::i64_gt_u);
            br_i64_gt_u_rs(BranchCompare<Reg, Slot>) = branch(int::i64_gt_u);
            br_i64_gt_u_ri(BranchCompare<Reg, i64>) = branch(int::i64_gt_u);
            i64_le_s_rs(Binary<Reg, Slot>) = binary(int::i64_le_s);
            i64_le_s_ri(Binary<Reg, i64>) = binary(int::i64_le_s);
            br_i64_le_s_ss(BranchCompare<Slot, Slot>) = branch(int::i64_le_s);
            br_i64_le_s_si(BranchCompare<Slot, i64>) = branch(int::i64_le_s);
            br_i64_le_s_rs(BranchCompare<Reg, Slot>) = branch(int::i64_le_s);
            br_i64_le_s_ri(BranchCompare<Reg, i64>) = branch(int::i64_le_s);
            i64_le_u_rs(Binary<Reg, Slot>) = binary(int::i64_le_u);
            i64_le_u_ri(Binary<Reg, i64>) = binary(int::i64_le_u);
            br_i64_le_u_ss(BranchCompare<Slot, Slot>) = branch(int::i64_le_u);
            br_i64_le_u_si(BranchCompare<Slot, i64>) = branch(int::i64_le_u);
            br_i64_le_u_rs(BranchCompare<Reg, Slot>) = branch(int::i64_le_u);
            br_i64_le_u_ri(BranchCompare<Reg, i64>) = branch(int::i64_le_u);
            i64_ge_s_rs(Binary<Reg, Slot>) = binary(int::i64_ge_s);
            i64_ge_s_ri(Binary<Reg, i64>) = binary(int::i64_ge_s);
            br_i64_ge_s_ss(BranchCompare<Slot, Slot>) = branch(int::i64_ge_s);
            br_i64_ge_s_si(BranchCompare<Slot, i64>) = branch(int::i64_ge_s);
            br_i64_ge_s_rs(BranchCompare<Reg, Slot>) = branch(int::i64_ge_s);
            br_i64_ge_s_ri(BranchCompare<Reg, i64>) = branch(int::i64_ge_s);
            i64_ge_u_rs(Binary<Reg, Slot>) = binary(int::i64_ge_u);
            i64_ge_u_ri(Binary<Reg, i64>) = binary(int::i64_ge_u);
            br_i64_ge_u_ss(BranchCompare<Slot, Slot>) = branch(int::i64_ge_u);
            br_i64_ge_u_si(BranchCompare<Slot, i64>) = branch(int::i64_ge_u);
            br_i64_ge_u_rs(BranchCompare<Reg, Slot>) = branch(int::i64_ge_u);
            br_i64_ge_u_ri(BranchCompare<Reg, i64>) = branch(int::i64_ge_u);

            // f32 comparisons, as values and as branches.
            f32_eq_rs(Binary<Reg, Slot>) = binary(float::f32_eq);
            f32_eq_ri(Binary<Reg, F32Bits>) = binary(float::f32_eq);
            br_f32_eq_ss(BranchCompare<Slot, Slot>) = branch(float::f32_eq);
            br_f32_eq_si(BranchCompare<Slot, F32Bits>) = branch(float::f32_eq);
            br_f32_eq_rs(BranchCompare<Reg, Slot>) = branch(float::f32_eq);
            br_f32_eq_ri(BranchCompare<Reg, F32Bits>) = branch(float::f32_eq);
            br_not_f32_eq_ss(BranchCompare<Slot, Slot>) = branch_not(float::f32_eq);
            br_not_f32_eq_si(BranchCompare<Slot, F32Bits>) = branch_not(float::f32_eq);
            br_not_f32_eq_rs(BranchCompare<Reg, Slot>) = branch_not(float::f32_eq);
            br_not_f32_eq_ri(BranchCompare<Reg, F32Bits>) = branch_not(float::f32_eq);
            f32_ne_rs(Binary<Reg, Slot>) = binary(float::f32_ne);
            f32_ne_ri(Binary<Reg, F32Bits>) = binary(float::f32_ne);
            br_f32_ne_ss(BranchCompare<Slot, Slot>) = branch(float::f32_ne);
            br_f32_ne_si(BranchCompare<Slot, F32Bits>) = branch(float::f32_ne);
            br_f32_ne_rs(BranchCompare<Reg, Slot>) = branch(float::f32_ne);
            br_f32_ne_ri(BranchCompare<Reg, F32Bits>) = branch(float::f32_ne);
            br_not_f32_ne_ss(BranchCompare<Slot, Slot>) = branch_not(float::f32_ne);
            br_not_f32_ne_si(BranchCompare<Slot, F32Bits>) = branch_not(float::f32_ne);
            br_not_f32_ne_rs(BranchCompare<Reg, Slot>) = branch_not(float::f32_ne);
            br_not_f32_ne_ri(BranchCompare<Reg, F32Bits>) = branch_not(float::f32_ne);
            f32_lt_rs(Binary<Reg, Slot>) = binary(float::f32_lt);
            f32_lt_ri(Binary<Reg, F32Bits>) = binary(float::f32_lt);
            br_f32_lt_ss(BranchCompare<Slot, Slot>) = branch(float::f32_lt);
            br_f32_lt_si(BranchCompare<Slot, F32Bits>) = branch(float::f32_lt);
            br_f32_lt_rs(BranchCompare<Reg, Slot>) = branch(float::f32_lt);
            br_f32_lt_ri(BranchCompare<Reg, F32Bits>) = branch(float::f32_lt);
            br_not_f32_lt_ss(BranchCompare<Slot, Slot>) = branch_not(float::f32_lt);
            br_not_f32_lt_si(BranchCompare<Slot, F32Bits>) = branch_not(float::f32_lt);
            br_not_f32_lt_rs(BranchCompare<Reg, Slot>) = branch_not(float::f32_lt);
            br_not_f32_lt_ri(BranchCompare<Reg, F32Bits>) = branch_not(float::f32_lt);
            f32_gt_rs(Binary<Reg, Slot>) = binary(float::f32_gt);
            f32_gt_ri(Binary<Reg, F32Bits>) = binary(float::f32_gt);
            br_f32_gt_ss(BranchCompare<Slot, Slot>) = branch(float::f32_gt);
            br_f32_gt_si(BranchCompare<Slot, F32Bits>) = branch(float::f32_gt);
            br_f32_gt_rs(BranchCompare<Reg, Slot>) = branch(float::f32_gt);
            br_f32_gt_ri(BranchCompare<Reg, F32Bits>) = branch(float::f32_gt);
            br_not_f32_gt_ss(BranchCompare<Slot, Slot>) = branch_not(float::f32_gt);
            br_not_f32_gt_si(BranchCompare<Slot, F32Bits>) = branch_not(float::f32_gt);
            br_not_f32_gt_rs(BranchCompare<Reg, Slot>) = branch_not(float::f32_gt);
            br_not_f32_gt_ri(BranchCompare<Reg, F32Bits>) = branch_not(float::f32_gt);
            f32_le_rs(Binary<Reg, Slot>) = binary(float::f32_le);
            f32_le_ri(Binary<Reg, F32Bits>) = binary(float::f32_le);
            br_f32_le_ss(BranchCompare<Slot, Slot>) = branch(float::f32_le);
            br_f32_le_si(BranchCompare<Slot, F32Bits>) = branch(float::f32_le);
            br_f32_le_rs(BranchCompare<Reg, Slot>) = branch(float::f32_le);
            br_f32_le_ri(BranchCompare<Reg, F32Bits>) = branch(float::f32_le);
            br_not_f32_le_ss(BranchCompare<Slot, Slot>) = branch_not(float::f32_le);
            br_not_f32_le_si(BranchCompare<Slot, F32Bits>) = branch_not(float::f32_le);
            br_not_f32_le_rs(BranchCompare<Reg, Slot>) = branch_not(float::f32_le);
            br_not_f32_le_ri(BranchCompare<Reg, F32Bits>) = branch_not(float::f32_le);
            f32_ge_rs(Binary<Reg, Slot>) = binary(float::f32_ge);
            f32_ge_ri(Binary<Reg, F32Bits>) = binary(float::f32_ge);
            br_f32_ge_ss(BranchCompare<Slot, Slot>) = branch(float::f32_ge);
            br_f32_ge_si(BranchCompare<Slot, F32Bits>) = branch(float::f32_ge);
            br_f32_ge_rs(BranchCompare<Reg, Slot>) = branch(float::f32_ge);
            br_f32_ge_ri(BranchCompare<Reg, F32Bits>) = branch(float::f32_ge);
            br_not_f32_ge_ss(BranchCompare<Slot, Slot>) = branch_not(float::f32_ge);
            br_not_f32_ge_si(BranchCompare<Slot, F32Bits>) = branch_not(float::f32_ge);
            br_not_f32_ge_rs(BranchCompare<Reg, Slot>) = branch_not(float::f32_ge);
            br_not_f32_ge_ri(BranchCompare<Reg, F32Bits>) = branch_not(float::f32_ge);

            // f64 comparisons, as values and as branches.
            f64_eq_rs(Binary<Reg, Slot>) = binary(float::f64_eq);
            f64_eq_ri(Binary<Reg, F64Bits>) = binary(float::f64_eq);
            br_f64_eq_ss(BranchCompare<Slot, Slot>) = branch(float::f64_eq);
            br_f64_eq_si(BranchCompare<Slot, F64Bits>) = branch(float::f64_eq);
            br_f64_eq_rs(BranchCompare<Reg, Slot>) = branch(float::f64_eq);
            br_f64_eq_ri(BranchCompare<Reg, F64Bits>) = branch(float::f64_eq);
            br_not_f64_eq_ss(BranchCompare<Slot, Slot>) = branch_not(float::f64_eq);
            br_not_f64_eq_si(BranchCompare<Slot, F64Bits>) = branch_not(float::f64_eq);
            br_not_f64_eq_rs(BranchCompare<Reg, Slot>) = branch_not(float::f64_eq);
            br_not_f64_eq_ri(BranchCompare<Reg, F64Bits>) = branch_not(float::f64_eq);
            f64_ne_rs(Binary<Reg, Slot>) = binary(float::f64_ne);
            f64_ne_ri(Binary<Reg, F64Bits>) = binary(float::f64_ne);
            br_f64_ne_ss(BranchCompare<Slot, Slot>) = branch(float::f64_ne);
            br_f64_ne_si(BranchCompare<Slot, F64Bits>) = branch(float::f64_ne);
            br_f64_ne_rs(BranchCompare<Reg, Slot>) = branch(float::f64_ne);
            br_f64_ne_ri(BranchCompare<Reg, F64Bits>) = branch(float::f64_ne);
            br_not_f64_ne_ss(BranchCompare<Slot, Slot>) = branch_not(float::f64_ne);
            br_not_f64_ne_si(BranchCompare<Slot, F64Bits>) = branch_not(float::f64_ne);
            br_not_f64_ne_rs(BranchCompare<Reg, Slot>) = branch_not(float::f64_ne);
            br_not_f64_ne_ri(BranchCompare<Reg, F64Bits>) = branch_not(float::f64_ne);
            f64_lt_rs(Binary<Reg, Slot>) = binary(float::f64_lt);
            f64_lt_ri(Binary<Reg, F64Bits>) = binary(float::f64_lt);
            br_f64_lt_ss(BranchCompare<Slot, Slot>) = branch(float::f64_lt);
            br_f64_lt_si(BranchCompare<Slot, F64Bits>) = branch(float::f64_lt);
            br_f64_lt_rs(BranchCompare<Reg, Slot>) = branch(float::f64_lt);
            br_f64_lt_ri(BranchCompare<Reg, F64Bits>) = branch(float::f64_lt);
            br_not_f64_lt_ss(BranchCompare<Slot, Slot>) = branch_not(float::f64_lt);
            br_not_f64_lt_si(BranchCompare<Slot, F64Bits>) = branch_not(float::f64_lt);
            br_not_f64_lt_rs(BranchCompare<Reg, Slot>) = branch_not(float::f64_lt);
            br_not_f64_lt_ri(BranchCompare<Reg, F64Bits>) = branch_not(float::f64_lt);
            f64_gt_rs(Binary<Reg, Slot>) = binary(float::f64_gt);
            f64_gt_ri(Binary<Reg, F64Bits>) = binary(float::f64_gt);
            br_f64_gt_ss(BranchCompare<Slot, Slot>) = branch(float::f64_gt);
            br_f64_gt_si(BranchCompare<Slot, F64Bits>) = branch(float::f64_gt);
            br_f64_gt_rs(BranchCompare<Reg, Slot>) = branch(float::f64_gt);
            br_f64_gt_ri(BranchCompare<Reg, F64Bits>) = branch(float::f64_gt);
            br_not_f64_gt_ss(BranchCompare<Slot, Slot>) = branch_not(float::f64_gt);
            br_not_f64_gt_si(BranchCompare<Slot, F64Bits>) = branch_not(float::f64_gt);
            br_not_f64_gt_rs(BranchCompare<Reg, Slot>) = branch_not(float::f64_gt);
            br_not_f64_gt_ri(BranchCompare<Reg, F64Bits>) = branch_not(float::f64_gt);
            f64_le_rs(Binary<Reg, Slot>) = binary(float::f64_le);
            f64_le_ri(Binary<Reg, F64Bits>) = binary(float::f64_le);
            br_f64_le_ss(BranchCompare<Slot, Slot>) = branch(float::f64_le);
            br_f64_le_si(BranchCompare<Slot, F64Bits>) = branch(float::f64_le);
            br_f64_le_rs(BranchCompare<Reg, Slot>) = branch(float::f64_le);
            br_f64_le_ri(BranchCompare<Reg, F64Bits>) = branch(float::f64_le);
            br_not_f64_le_ss(BranchCompare<Slot, Slot>) = branch_not(float::f64_le);
            br_not_f64_le_si(BranchCompare<Slot, F64Bits>) = branch_not(float::f64_le);
            br_not_f64_le_rs(BranchCompare<Reg, Slot>) = branch_not(float::f64_le);
            br_not_f64_le_ri(BranchCompare<Reg, F64Bits>) = branch_not(float::f64_le);
            f64_ge_rs(Binary<Reg, Slot>) = binary(float::f64_ge);
            f64_ge_ri(Binary<Reg, F64Bits>) = binary(float::f64_ge);
            br_f64_ge_ss(BranchCompare<Slot, Slot>) = branch(float::f64_ge);
            br_f64_ge_si(BranchCompare<Slot, F64Bits>) = branch(float::f64_ge);
            br_f64_ge_rs(BranchCompare<Reg, Slot>) = branch(float::f64_ge);
            br_f64_ge_ri(BranchCompare<Reg, F64Bits>) = branch(float::f64_ge);
            br_not_f64_ge_ss(BranchCompare<Slot, Slot>) = branch_not(float::f64_ge);
            br_not_f64_ge_si(BranchCompare<Slot, F64Bits>) = branch_not(float::f64_ge);
            br_not_f64_ge_rs(BranchCompare<Reg, Slot>) = branch_not(float::f64_ge);
            br_not_f64_ge_ri(BranchCompare<Reg, F64Bits>) = branch_not(float::f64_ge);

            // Tests of single bits as branches.
            br_i32_and_ss(BranchCompare<Slot, Slot>) = branch(control::i32_test);
            br_i32_and_si(BranchCompare<Slot, i32>) = branch(control::i32_test);
            br_i32_and_rs(BranchCompare<Reg, Slot>) = branch(control::i32_test);
            br_i32_and_ri(BranchCompare<Reg, i32>) = branch(control::i32_test);
            br_i64_and_ss(BranchCompare<Slot, Slot>) = branch(control::i64_test);
            br_i64_and_si(BranchCompare<Slot, i64>) = branch(control::i64_test);
            br_i64_and_rs(BranchCompare<Reg, Slot>) = branch(control::i64_test);
            br_i64_and_ri(BranchCompare<Reg, i64>) = branch(control::i64_test);
            br_not_i32_and_ss(BranchCompare<Slot, Slot>) = branch_not(control::i32_test);
            br_not_i32_and_si(BranchCompare<Slot, i32>) = branch_not(control::i32_test);
            br_not_i32_and_rs(BranchCompare<Reg, Slot>) = branch_not(control::i32_test);
            br_not_i32_and_ri(BranchCompare<Reg, i32>) = branch_not(control::i32_test);
            br_not_i64_and_ss(BranchCompare<Slot, Slot>) = branch_not(control::i64_test);
            br_not_i64_and_si(BranchCompare<Slot, i64>) = branch_not(control::i64_test);
            br_not_i64_and_rs(BranchCompare<Reg, Slot>) = branch_not(control::i64_test);
            br_not_i64_and_ri(BranchCompare<Reg, i64>) = branch_not(control::i64_test);

            // Unary integer operations.
            i32_clz_r(Unary<Reg>) = unary(int::i32_clz);
            i32_ctz_r(Unary<Reg>) = unary(int::i32_ctz);
            i32_popcnt_r(Unary<Reg>) = unary(int::i32_popcnt);
            i32_extend8_s_r(Unary<Reg>) = unary(int::i32_extend8_s);
            i32_extend16_s_r(Unary<Reg>) = unary(int::i32_extend16_s);
            i64_clz_r(Unary<Reg>) = unary(int::i64_clz);
            i64_ctz_r(Unary<Reg>) = unary(int::i64_ctz);
            i64_popcnt_r(Unary<Reg>) = unary(int::i64_popcnt);
            i64_extend8_s_r(Unary<Reg>) = unary(int::i64_extend8_s);
            i64_extend16_s_r(Unary<Reg>) = unary(int::i64_extend16_s);
            i64_extend32_s_r(Unary<Reg>) = unary(int::i64_extend32_s);

            // Unary float operations.
            f32_abs_r(Unary<Reg>) = unary(float::f32_abs);
            f32_neg_r(Unary<Reg>) = unary(float::f32_neg);
            f32_ceil_r(Unary<Reg>) = unary(float::f32_ceil);
            f32_floor_r(Unary<Reg>) = unary(float::f32_floor);
            f32_trunc_r(Unary<Reg>) = unary(float::f32_trunc);
            f32_nearest_r(Unary<Reg>) = unary(float::f32_nearest);
            f32_sqrt_r(Unary<Reg>) = unary(float::f32_sqrt);
            f64_abs_r(Unary<Reg>) = unary(float::f64_abs);
            f64_neg_r(Unary<Reg>) = unary(float::f64_neg);
            f64_ceil_r(Unary<Reg>) = unary(float::f64_ceil);
            f64_floor_r(Unary<Reg>) = unary(float::f64_floor);
            f64_trunc_r(Unary<Reg>) = unary(float::f64_trunc);
            f64_nearest_r(Unary<Reg>) = unary(float::f64_nearest);
            f64_sqrt_r(Unary<Reg>) = unary(float::f64_sqrt);

            // Conversions.
            i64_extend_i32_s_r(Unary<Reg>) = unary(convert::i64_extend_i32_s);
            i64_extend_i32_u_r(Unary<Reg>) = unary(convert::i64_extend_i32_u);
            f32_convert_i32_s_r(Unary<Reg>) = unary(convert::f32_convert_i32_s);
            f32_convert_i32_u_r(Unary<Reg>) = unary(convert::f32_convert_i32_u);
            f32_convert_i64_s_r(Unary<Reg>) = unary(convert::f32_convert_i64_s);
            f32_convert_i64_u_r(Unary<Reg>) = unary(convert::f32_convert_i64_u);
            f32_demote_f64_r(Unary<Reg>) = unary(convert::f32_demote_f64);
            f64_convert_i32_s_r(Unary<Reg>) = unary(convert::f64_convert_i32_s);
            f64_convert_i32_u_r(Unary<Reg>) = unary(convert::f64_convert_i32_u);
            f64_convert_i64_s_r(Unary<Reg>) = unary(convert::f64_convert_i64_s);
            f64_convert_i64_u_r(Unary<Reg>) = unary(convert::f64_convert_i64_u);
            f64_promote_f32_r(Unary<Reg>) = unary(convert::f64_promote_f32);
            i32_reinterpret_f32_r(Unary<Reg>) = unary(convert::i32_reinterpret_f32);
            i64_reinterpret_f64_r(Unary<Reg>) = unary(convert::i64_reinterpret_f64);
            f32_reinterpret_i32_r(Unary<Reg>) = unary(convert::f32_reinterpret_i32);
            f64_reinterpret_i64_r(Unary<Reg>) = unary(convert::f64_reinterpret_i64);
            i32_trunc_sat_f32_s_r(Unary<Reg>) = unary(convert::i32_trunc_sat_f32_s);
            i32_trunc_sat_f32_u_r(Unary<Reg>) = unary(convert::i32_trunc_sat_f32_u);
            i32_trunc_sat_f64_s_r(Unary<Reg>) = unary(convert::i32_trunc_sat_f64_s);
            i32_trunc_sat_f64_u_r(Unary<Reg>) = unary(convert::i32_trunc_sat_f64_u);
            i64_trunc_sat_f32_s_r(Unary<Reg>) = unary(convert::i64_trunc_sat_f32_s);
            i64_trunc_sat_f32_u_r(Unary<Reg>) = unary(convert::i64_trunc_sat_f32_u);
            i64_trunc_sat_f64_s_r(Unary<Reg>) = unary(convert::i64_trunc_sat_f64_s);
            i64_trunc_sat_f64_u_r(Unary<Reg>) = unary(convert::i64_trunc_sat_f64_u);
            i32_trunc_f32_s_r(Unary<Reg>) = unary_try(convert::i32_trunc_f32_s);
            i32_trunc_f32_u_r(Unary<Reg>) = unary_try(convert::i32_trunc_f32_u);
            i32_trunc_f64_s_r(Unary<Reg>) = unary_try(convert::i32_trunc_f64_s);
            i32_trunc_f64_u_r(Unary<Reg>) = unary_try(convert::i32_trunc_f64_u);
            i64_trunc_f32_s_r(Unary<Reg>) = unary_try(convert::i64_trunc_f32_s);
            i64_trunc_f32_u_r(Unary<Reg>) = unary_try(convert::i64_trunc_f32_u);
            i64_trunc_f64_s_r(Unary<Reg>) = unary_try(convert::i64_trunc_f64_s);
            i64_trunc_f64_u_r(Unary<Reg>) = unary_try(convert::i64_trunc_f64_u);

            // Loads from memory 0. `load8_u`, `load16_u` and `load32_u` serve i32 and i64 alike: a slot is written whole.
            i64_load8_u_r(Load<Reg>) = load(memory::i64_load8_u);
            i64_load8_u_a(Load<Zero>) = load(memory::i64_load8_u);
            i32_load8_s_r(Load<Reg>) = load(memory::i32_load8_s);
            i32_load8_s_a(Load<Zero>) = load(memory::i32_load8_s);
            i64_load8_s_r(Load<Reg>) = load(memory::i64_load8_s);
            i64_load8_s_a(Load<Zero>) = load(memory::i64_load8_s);
            i64_load16_u_r(Load<Reg>) = load(memory::i64_load16_u);
            i64_load16_u_a(Load<Zero>) = load(memory::i64_load16_u);
            i32_load16_s_r(Load<Reg>) = load(memory::i32_load16_s);
            i32_load16_s_a(Load<Zero>) = load(memory::i32_load16_s);
            i64_load16_s_r(Load<Reg>) = load(memory::i64_load16_s);
            i64_load16_s_a(Load<Zero>) = load(memory::i64_load16_s);
            i64_load32_u_r(Load<Reg>) = load(memory::i64_load32_u);
            i64_load32_u_a(Load<Zero>) = load(memory::i64_load32_u);
            i64_load32_s_r(Load<Reg>) = load(memory::i64_load32_s);
            i64_load32_s_a(Load<Zero>) = load(memory::i64_load32_s);
            i64_load_r(Load<Reg>) = load(memory::i64_load);
            i64_load_a(Load<Zero>) = load(memory::i64_load);
            f32_load_r(Load<Reg>) = load(memory::f32_load);
            f32_load_a(Load<Zero>) = load(memory::f32_load);
            f64_load_r(Load<Reg>) = load(memory::f64_load);
            f64_load_a(Load<Zero>) = load(memory::f64_load);

            // Stores to memory 0. Operand order: address, value.
            i64_store8_sr(Store<Slot, Reg>) = store(memory::i32_store8);
            i64_store8_rs(Store<Reg, Slot>) = store(memory::i32_store8);
            i64_store8_ri(Store<Reg, i32>) = store(memory::i32_store8);
            i64_store8_as(Store<Zero, Slot>) = store(memory::i32_store8);
            i64_store8_ar(Store<Zero, Reg>) = store(memory::i32_store8);
            i64_store8_ai(Store<Zero, i32>) = store(memory::i32_store8);
            i64_store16_sr(Store<Slot, Reg>) = store(memory::i32_store16);
            i64_store16_rs(Store<Reg, Slot>) = store(memory::i32_store16);
            i64_store16_ri(Store<Reg, i32>) = store(memory::i32_store16);
            i64_store16_as(Store<Zero, Slot>) = store(memory::i32_store16);
            i64_store16_ar(Store<Zero, Reg>) = store(memory::i32_store16);
            i64_store16_ai(Store<Zero, i32>) = store(memory::i32_store16);
            i64_store32_sr(Store<Slot, Reg>) = store(memory::i32_store32);
            i64_store32_rs(Store<Reg, Slot>) = store(memory::i32_store32);
            i64_store32_ri(Store<Reg, i32>) = store(memory::i32_store32);
            i64_store32_as(Store<Zero, Slot>) = store(memory::i32_store32);
            i64_store32_ar(Store<Zero, Reg>) = store(memory::i32_store32);
            i64_store32_ai(Store<Zero, i32>) = store(memory::i32_store32);
            i64_store_sr(Store<Slot, Reg>) = store(memory::i64_store);
            i64_store_rs(Store<Reg, Slot>) = store(memory::i64_store);
            i64_store_ri(Store<Reg, i64>) = store(memory::i64_store);
            i64_store_as(Store<Zero, Slot>) = store(memory::i64_store);
            i64_store_ar(Store<Zero, Reg>) = store(memory::i64_store);
            i64_store_ai(Store<Zero, i64>) = store(memory::i64_store);
            f32_store_sr(Store<Slot, Reg>) = store(memory::f32_store);
            f32_store_rr(Store<Reg, Reg>) = store(memory::f32_store);
            f32_store_ar(Store<Zero, Reg>) = store(memory::f32_store);
            f64_store_sr(Store<Slot, Reg>) = store(memory::f64_store);
            f64_store_rr(Store<Reg, Reg>) = store(memory::f64_store);
            f64_store_ar(Store<Zero, Reg>) = store(memory::f64_store);

            // Control.
            br_if_r(BranchIf<Reg>) = branch_if(control::is_true);
            br_unless_r(BranchIf<Reg>) = branch_if(control::is_false);
            br_table_r(BranchTable<Reg>) = run(control::br_table);
            select_r(Select<Slot, Reg>) = run(control::select);
            call_indirect_r(CallIndirect<Reg>) = run(control::call_indirect);
            return_int_r(ReturnOne<Reg>) = return_one(identity::<u64>);
            return_f32_r(ReturnOne<Reg>) = return_one(identity::<f32>);
            return_f64_r(ReturnOne<Reg>) = return_one(identity::<f64>);

            // Variables.
            global_set_int_r(GlobalSet<Reg>) = global_set(identity::<u64>);

            // Two operations in one: see translate/fuse.rs for when.
            copy2(Copy2) = run(control::copy2);
            f32_mul_add_sss(Fused<Slot, Slot, Slot>) = fused(fusion::f32_mul_add);
            f32_mul_add_rss(Fused<Reg, Slot, Slot>) = fused(fusion::f32_mul_add);
            f64_mul_add_sss(Fused<Slot, Slot, Slot>) = fused(fusion::f64_mul_add);
            f64_mul_add_rss(Fused<Reg, Slot, Slot>) = fused(fusion::f64_mul_add);
            i32_mul_add_sss(Fused<Slot, Slot, Slot>) = fused(fusion::i32_mul_add);
            i32_mul_add_rss(Fused<Reg, Slot, Slot>) = fused(fusion::i32_mul_add);
            i64_mul_add_sss(Fused<Slot, Slot, Slot>) = fused(fusion::i64_mul_add);
            i64_mul_add_rss(Fused<Reg, Slot, Slot>) = fused(fusion::i64_mul_add);
            i32_shl_add_sis(Fused<Slot, i32, Slot>) = fused(fusion::i32_shl_add);
            i32_shl_add_sii(Fused<Slot, i32, i32>) = fused(fusion::i32_shl_add);
            i32_shr_u_and_sii(Fused<Slot, i32, i32>) = fused(fusion::i32_shr_u_and);
            i32_shl_add_ris(Fused<Reg, i32, Slot>) = fused(fusion::i32_shl_add);
            i32_shl_add_rii(Fused<Reg, i32, i32>) = fused(fusion::i32_shl_add);
            i32_shr_u_and_rii(Fused<Reg, i32, i32>) = fused(fusion::i32_shr_u_and);
            i32_shr_u_xor_sis(Fused<Slot, i32, Slot>) = fused(fusion::i32_shr_u_xor);
            i32_shr_u_xor_sir(Fused<Slot, i32, Reg>) = fused(fusion::i32_shr_u_xor);
            i32_shr_u_xor_ris(Fused<Reg, i32, Slot>) = fused(fusion::i32_shr_u_xor);
            i32_shr_u_xor_rir(Fused<Reg, i32, Reg>) = fused(fusion::i32_shr_u_xor);
            i64_shr_u_xor_sis(Fused<Slot, i32, Slot>) = fused(fusion::i64_shr_u_xor);
            i64_shr_u_xor_sir(Fused<Slot, i32, Reg>) = fused(fusion::i64_shr_u_xor);
            i64_shr_u_xor_ris(Fused<Reg, i32, Slot>) = fused(fusion::i64_shr_u_xor);
            i64_shr_u_xor_rir(Fused<Reg, i32, Reg>) = fused(fusion::i64_shr_u_xor);
            select_i32_eq_s(SelectCompare<Slot>) = select_compare(int::i32_eq);
            select_i32_eq_i(SelectCompare<i32>) = select_compare(int::i32_eq);
            select_i32_lt_s_s(SelectCompare<Slot>) = select_compare(int::i32_lt_s);
            select_i32_lt_s_i(SelectCompare<i32>) = select_compare(int::i32_lt_s);
            select_i32_lt_u_s(SelectCompare<Slot>) = select_compare(int::i32_lt_u);
            select_i32_lt_u_i(SelectCompare<i32>) = select_compare(int::i32_lt_u);
            select_i32_gt_s_i(SelectCompare<i32>) = select_compare(int::i32_gt_s);
            select_i32_gt_u_i(SelectCompare<i32>) = select_compare(int::i32_gt_u);

            // Loads whose address is a sum: left operand, right operand.
            i64_load8_u_sum_ss(LoadSum<Slot, Slot>) = load_sum(memory::i64_load8_u);
            i64_load8_u_sum_si(LoadSum<Slot, i32>) = load_sum(memory::i64_load8_u);
            i64_load8_u_sum_rs(LoadSum<Reg, Slot>) = load_sum(memory::i64_load8_u);
            i64_load8_u_sum_ri(LoadSum<Reg, i32>) = load_sum(memory::i64_load8_u);
            i32_load8_s_sum_ss(LoadSum<Slot, Slot>) = load_sum(memory::i32_load8_s);
            i32_load8_s_sum_si(LoadSum<Slot, i32>) = load_sum(memory::i32_load8_s);
            i32_load8_s_sum_rs(LoadSum<Reg, Slot>) = load_sum(memory::i32_load8_s);
            i32_load8_s_sum_ri(LoadSum<Reg, i32>) = load_sum(memory::i32_load8_s);
            i64_load8_s_sum_ss(LoadSum<Slot, Slot>) = load_sum(memory::i64_load8_s);
            i64_load8_s_sum_si(LoadSum<Slot, i32>) = load_sum(memory::i64_load8_s);
            i64_load8_s_sum_rs(LoadSum<Reg, Slot>) = load_sum(memory::i64_load8_s);
            i64_load8_s_sum_ri(LoadSum<Reg, i32>) = load_sum(memory::i64_load8_s);
            i64_load16_u_sum_ss(LoadSum<Slot, Slot>) = load_sum(memory::i64_load16_u);
            i64_load16_u_sum_si(LoadSum<Slot, i32>) = load_sum(memory::i64_load16_u);
            i64_load16_u_sum_rs(LoadSum<Reg, Slot>) = load_sum(memory::i64_load16_u);
            i64_load16_u_sum_ri(LoadSum<Reg, i32>) = load_sum(memory::i64_load16_u);
            i32_load16_s_sum_ss(LoadSum<Slot, Slot>) = load_sum(memory::i32_load16_s);
            i32_load16_s_sum_si(LoadSum<Slot, i32>) = load_sum(memory::i32_load16_s);
            i32_load16_s_sum_rs(LoadSum<Reg, Slot>) = load_sum(memory::i32_load16_s);
            i32_load16_s_sum_ri(LoadSum<Reg, i32>) = load_sum(memory::i32_load16_s);
            i64_load16_s_sum_ss(LoadSum<Slot, Slot>) = load_sum(memory::i64_load16_s);
            i64_load16_s_sum_si(LoadSum<Slot, i32>) = load_sum(memory::i64_load16_s);
            i64_load16_s_sum_rs(LoadSum<Reg, Slot>) = load_sum(memory::i64_load16_s);
            i64_load16_s_sum_ri(LoadSum<Reg, i32>) = load_sum(memory::i64_load16_s);
            i64_load32_u_sum_ss(LoadSum<Slot, Slot>) = load_sum(memory::i64_load32_u);
            i64_load32_u_sum_si(LoadSum<Slot, i32>) = load_sum(memory::i64_load32_u);
            i64_load32_u_sum_rs(LoadSum<Reg, Slot>) = load_sum(memory::i64_load32_u);
            i64_load32_u_sum_ri(LoadSum<Reg, i32>) = load_sum(memory::i64_load32_u);
            i64_load32_s_sum_ss(LoadSum<Slot, Slot>) = load_sum(memory::i64_load32_s);
            i64_load32_s_sum_si(LoadSum<Slot, i32>) = load_sum(memory::i64_load32_s);
            i64_load32_s_sum_rs(LoadSum<Reg, Slot>) = load_sum(memory::i64_load32_s);
            i64_load32_s_sum_ri(LoadSum<Reg, i32>) = load_sum(memory::i64_load32_s);
            i64_load_sum_ss(LoadSum<Slot, Slot>) = load_sum(memory::i64_load);
            i64_load_sum_si(LoadSum<Slot, i32>) = load_sum(memory::i64_load);
            i64_load_sum_rs(LoadSum<Reg, Slot>) = load_sum(memory::i64_load);
            i64_load_sum_ri(LoadSum<Reg, i32>) = load_sum(memory::i64_load);
            f32_load_sum_ss(LoadSum<Slot, Slot>) = load_sum(memory::f32_load);
            f32_load_sum_si(LoadSum<Slot, i32>) = load_sum(memory::f32_load);
            f32_load_sum_rs(LoadSum<Reg, Slot>) = load_sum(memory::f32_load);
            f32_load_sum_ri(LoadSum<Reg, i32>) = load_sum(memory::f32_load);
            f64_load_sum_ss(LoadSum<Slot, Slot>) = load_sum(memory::f64_load);
            f64_load_sum_si(LoadSum<Slot, i32>) = load_sum(memory::f64_load);
            f64_load_sum_rs(LoadSum<Reg, Slot>) = load_sum(memory::f64_load);
            f64_load_sum_ri(LoadSum<Reg, i32>) = load_sum(memory::f64_load);

            // Loads of array elements: index, base.
            i64_load16_u_scaled_ss(LoadScaled<Slot, Slot>) = load_scaled(memory::i64_load16_u);
            i64_load16_u_scaled_si(LoadScaled<Slot, i32>) = load_scaled(memory::i64_load16_u);
            i64_load16_u_scaled_rs(LoadScaled<Reg, Slot>) = load_scaled(memory::i64_load16_u);
            i64_load16_u_scaled_ri(LoadScaled<Reg, i32>) = load_scaled(memory::i64_load16_u);
            i32_load16_s_scaled_ss(LoadScaled<Slot, Slot>) = load_scaled(memory::i32_load16_s);
            i32_load16_s_scaled_si(LoadScaled<Slot, i32>) = load_scaled(memory::i32_load16_s);
            i32_load16_s_scaled_rs(LoadScaled<Reg, Slot>) = load_scaled(memory::i32_load16_s);
            i32_load16_s_scaled_ri(LoadScaled<Reg, i32>) = load_scaled(memory::i32_load16_s);
            i64_load32_u_scaled_ss(LoadScaled<Slot, Slot>) = load_scaled(memory::i64_load32_u);
            i64_load32_u_scaled_si(LoadScaled<Slot, i32>) = load_scaled(memory::i64_load32_u);
            i64_load32_u_scaled_rs(LoadScaled<Reg, Slot>) = load_scaled(memory::i64_load32_u);
            i64_load32_u_scaled_ri(LoadScaled<Reg, i32>) = load_scaled(memory::i64_load32_u);
            i64_load_scaled_ss(LoadScaled<Slot, Slot>) = load_scaled(memory::i64_load);
            i64_load_scaled_si(LoadScaled<Slot, i32>) = load_scaled(memory::i64_load);
            i64_load_scaled_rs(LoadScaled<Reg, Slot>) = load_scaled(memory::i64_load);
            i64_load_scaled_ri(LoadScaled<Reg, i32>) = load_scaled(memory::i64_load);
            f32_load_scaled_ss(LoadScaled<Slot, Slot>) = load_scaled(memory::f32_load);
            f32_load_scaled_si(LoadScaled<Slot, i32>) = load_scaled(memory::f32_load);
            f32_load_scaled_rs(LoadScaled<Reg, Slot>) = load_scaled(memory::f32_load);
            f32_load_scaled_ri(LoadScaled<Reg, i32>) = load_scaled(memory::f32_load);
            f64_load_scaled_ss(LoadScaled<Slot, Slot>) = load_scaled(memory::f64_load);
            f64_load_scaled_si(LoadScaled<Slot, i32>) = load_scaled(memory::f64_load);
            f64_load_scaled_rs(LoadScaled<Reg, Slot>) = load_scaled(memory::f64_load);
            f64_load_scaled_ri(LoadScaled<Reg, i32>) = load_scaled(memory::f64_load);

            // A step of a local and a load behind it: address (the register is the sum), addend.
            i64_load8_u_step_ri(LoadStep<Reg, i32>) = load_step(memory::i64_load8_u);
            i64_load8_u_step_rs(LoadStep<Reg, Slot>) = load_step(memory::i64_load8_u);
            i64_load8_u_step_si(LoadStep<Slot, i32>) = load_step(memory::i64_load8_u);
            i32_load8_s_step_ri(LoadStep<Reg, i32>) = load_step(memory::i32_load8_s);
            i32_load8_s_step_rs(LoadStep<Reg, Slot>) = load_step(memory::i32_load8_s);
            i32_load8_s_step_si(LoadStep<Slot, i32>) = load_step(memory::i32_load8_s);
            i64_load16_u_step_ri(LoadStep<Reg, i32>) = load_step(memory::i64_load16_u);
            i64_load16_u_step_rs(LoadStep<Reg, Slot>) = load_step(memory::i64_load16_u);
            i64_load16_u_step_si(LoadStep<Slot, i32>) = load_step(memory::i64_load16_u);
            i32_load16_s_step_ri(LoadStep<Reg, i32>) = load_step(memory::i32_load16_s);
            i32_load16_s_step_rs(LoadStep<Reg, Slot>) = load_step(memory::i32_load16_s);
            i32_load16_s_step_si(LoadStep<Slot, i32>) = load_step(memory::i32_load16_s);
            i64_load32_u_step_ri(LoadStep<Reg, i32>) = load_step(memory::i64_load32_u);
            i64_load32_u_step_rs(LoadStep<Reg, Slot>) = load_step(memory::i64_load32_u);
            i64_load32_u_step_si(LoadStep<Slot, i32>) = load_step(memory::i64_load32_u);
            i64_load_step_ri(LoadStep<Reg, i32>) = load_step(memory::i64_load);
            i64_load_step_rs(LoadStep<Reg, Slot>) = load_step(memory::i64_load);
            i64_load_step_si(LoadStep<Slot, i32>) = load_step(memory::i64_load);
            f32_load_step_ri(LoadStep<Reg, i32>) = load_step(memory::f32_load);
            f32_load_step_rs(LoadStep<Reg, Slot>) = load_step(memory::f32_load);
            f32_load_step_si(LoadStep<Slot, i32>) = load_step(memory::f32_load);
            f64_load_step_ri(LoadStep<Reg, i32>) = load_step(memory::f64_load);
            f64_load_step_rs(LoadStep<Reg, Slot>) = load_step(memory::f64_load);
            f64_load_step_si(LoadStep<Slot, i32>) = load_step(memory::f64_load);

            // The latch of a counting loop: step and branch.
            step_br_if(StepBranch) = step_branch(control::is_true);
            step_br_unless(StepBranch) = step_branch(control::is_false);
            step_br_ne_s(StepCompare<Slot>) = step_compare(int::i32_ne);
            step_br_ne_i(StepCompare<i32>) = step_compare(int::i32_ne);
            step_br_lt_s_s(StepCompare<Slot>) = step_compare(int::i32_lt_s);
            step_br_lt_s_i(StepCompare<i32>) = step_compare(int::i32_lt_s);
            step_br_lt_u_s(StepCompare<Slot>) = step_compare(int::i32_lt_u);
            step_br_lt_u_i(StepCompare<i32>) = step_compare(int::i32_lt_u);
            i32_step2(StepTwice) = run(fusion::i32_step2);
            step2_br_if(StepTwiceBranch) = step_twice_branch(control::is_true);
            step2_br_ne_s(StepTwiceCompare<Slot>) = step_twice_compare(int::i32_ne);
            step2_br_ne_i(StepTwiceCompare<i32>) = step_twice_compare(int::i32_ne);

            // Results that the next op takes from the register, and nobody from the slot: see translate/spare.rs for when.
            i32_add_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i32_add);
            i32_add_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_add);
            i32_add_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i32_add);
            i32_add_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_add);
            i32_mul_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i32_mul);
            i32_mul_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_mul);
            i32_mul_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i32_mul);
            i32_mul_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_mul);
            i32_and_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i32_and);
            i32_and_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_and);
            i32_and_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i32_and);
            i32_and_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_and);
            i32_or_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i32_or);
            i32_or_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_or);
            i32_or_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i32_or);
            i32_or_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_or);
            i32_xor_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i32_xor);
            i32_xor_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_xor);
            i32_xor_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i32_xor);
            i32_xor_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_xor);
            i32_sub_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i32_sub);
            i32_sub_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_sub);
            i32_sub_is_t(Binary<i32, Slot, Spared>) = binary(int::i32_sub);
            i32_sub_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i32_sub);
            i32_sub_sr_t(Binary<Slot, Reg, Spared>) = binary(int::i32_sub);
            i32_sub_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_sub);
            i32_shl_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i32_shl);
            i32_shl_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_shl);
            i32_shl_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i32_shl);
            i32_shl_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_shl);
            i32_shl_ir_t(Binary<i32, Reg, Spared>) = binary(int::i32_shl);
            i32_shr_s_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_shr_s);
            i32_shr_s_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_shr_s);
            i32_shr_u_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i32_shr_u);
            i32_shr_u_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_shr_u);
            i32_shr_u_sr_t(Binary<Slot, Reg, Spared>) = binary(int::i32_shr_u);
            i32_shr_u_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_shr_u);
            i32_rotl_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_rotl);
            i32_rotl_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_rotl);
            i64_add_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i64_add);
            i64_add_si_t(Binary<Slot, i64, Spared>) = binary(int::i64_add);
            i64_add_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i64_add);
            i64_add_ri_t(Binary<Reg, i64, Spared>) = binary(int::i64_add);
            i64_mul_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i64_mul);
            i64_mul_si_t(Binary<Slot, i64, Spared>) = binary(int::i64_mul);
            i64_mul_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i64_mul);
            i64_mul_ri_t(Binary<Reg, i64, Spared>) = binary(int::i64_mul);
            i64_and_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i64_and);
            i64_and_si_t(Binary<Slot, i64, Spared>) = binary(int::i64_and);
            i64_and_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i64_and);
            i64_and_ri_t(Binary<Reg, i64, Spared>) = binary(int::i64_and);
            i64_or_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i64_or);
            i64_or_si_t(Binary<Slot, i64, Spared>) = binary(int::i64_or);
            i64_or_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i64_or);
            i64_or_ri_t(Binary<Reg, i64, Spared>) = binary(int::i64_or);
            i64_xor_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i64_xor);
            i64_xor_si_t(Binary<Slot, i64, Spared>) = binary(int::i64_xor);
            i64_xor_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i64_xor);
            i64_xor_ri_t(Binary<Reg, i64, Spared>) = binary(int::i64_xor);
            i64_sub_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i64_sub);
            i64_sub_si_t(Binary<Slot, i64, Spared>) = binary(int::i64_sub);
            i64_sub_is_t(Binary<i64, Slot, Spared>) = binary(int::i64_sub);
            i64_sub_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i64_sub);
            i64_sub_sr_t(Binary<Slot, Reg, Spared>) = binary(int::i64_sub);
            i64_sub_ri_t(Binary<Reg, i64, Spared>) = binary(int::i64_sub);
            i64_shl_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i64_shl);
            i64_shl_si_t(Binary<Slot, i64, Spared>) = binary(int::i64_shl);
            i64_shl_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i64_shl);
            i64_shl_ri_t(Binary<Reg, i64, Spared>) = binary(int::i64_shl);
            i64_shl_ir_t(Binary<i64, Reg, Spared>) = binary(int::i64_shl);
            i64_shr_s_si_t(Binary<Slot, i64, Spared>) = binary(int::i64_shr_s);
            i64_shr_s_ri_t(Binary<Reg, i64, Spared>) = binary(int::i64_shr_s);
            i64_shr_u_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i64_shr_u);
            i64_shr_u_si_t(Binary<Slot, i64, Spared>) = binary(int::i64_shr_u);
            i64_shr_u_sr_t(Binary<Slot, Reg, Spared>) = binary(int::i64_shr_u);
            i64_shr_u_ri_t(Binary<Reg, i64, Spared>) = binary(int::i64_shr_u);
            i64_rotl_si_t(Binary<Slot, i64, Spared>) = binary(int::i64_rotl);
            i64_rotl_ri_t(Binary<Reg, i64, Spared>) = binary(int::i64_rotl);
            f32_add_ss_t(Binary<Slot, Slot, Spared>) = binary(float::f32_add);
            f32_add_rs_t(Binary<Reg, Slot, Spared>) = binary(float::f32_add);
            f32_mul_ss_t(Binary<Slot, Slot, Spared>) = binary(float::f32_mul);
            f32_mul_rs_t(Binary<Reg, Slot, Spared>) = binary(float::f32_mul);
            f32_sub_ss_t(Binary<Slot, Slot, Spared>) = binary(float::f32_sub);
            f32_sub_rs_t(Binary<Reg, Slot, Spared>) = binary(float::f32_sub);
            f32_sub_sr_t(Binary<Slot, Reg, Spared>) = binary(float::f32_sub);
            f64_add_ss_t(Binary<Slot, Slot, Spared>) = binary(float::f64_add);
            f64_add_si_t(Binary<Slot, F64Bits, Spared>) = binary(float::f64_add);
            f64_add_rs_t(Binary<Reg, Slot, Spared>) = binary(float::f64_add);
            f64_add_ri_t(Binary<Reg, F64Bits, Spared>) = binary(float::f64_add);
            f64_mul_ss_t(Binary<Slot, Slot, Spared>) = binary(float::f64_mul);
            f64_mul_si_t(Binary<Slot, F64Bits, Spared>) = binary(float::f64_mul);
            f64_mul_rs_t(Binary<Reg, Slot, Spared>) = binary(float::f64_mul);
            f64_mul_ri_t(Binary<Reg, F64Bits, Spared>) = binary(float::f64_mul);
            f64_sub_ss_t(Binary<Slot, Slot, Spared>) = binary(float::f64_sub);
            f64_sub_rs_t(Binary<Reg, Slot, Spared>) = binary(float::f64_sub);
            f64_sub_sr_t(Binary<Slot, Reg, Spared>) = binary(float::f64_sub);
            f64_div_ss_t(Binary<Slot, Slot, Spared>) = binary(float::f64_div);
            f64_div_rs_t(Binary<Reg, Slot, Spared>) = binary(float::f64_div);
            f64_div_sr_t(Binary<Slot, Reg, Spared>) = binary(float::f64_div);
            i64_extend_i32_s_s_t(Unary<Slot, Spared>) = unary(convert::i64_extend_i32_s);
            i64_extend_i32_s_r_t(Unary<Reg, Spared>) = unary(convert::i64_extend_i32_s);
            i64_extend_i32_u_s_t(Unary<Slot, Spared>) = unary(convert::i64_extend_i32_u);
            i64_extend_i32_u_r_t(Unary<Reg, Spared>) = unary(convert::i64_extend_i32_u);
            global_get_int_t(GlobalGet<Spared>) = run(variable::global_get_int);
            i64_load8_u_s_t(Load<Slot, Spared>) = load(memory::i64_load8_u);
            i64_load8_u_r_t(Load<Reg, Spared>) = load(memory::i64_load8_u);
            i64_load8_u_sum_ss_t(LoadSum<Slot, Slot, Spared>) = load_sum(memory::i64_load8_u);
            i64_load8_u_sum_si_t(LoadSum<Slot, i32, Spared>) = load_sum(memory::i64_load8_u);
            i64_load8_u_sum_rs_t(LoadSum<Reg, Slot, Spared>) = load_sum(memory::i64_load8_u);
            i64_load8_u_sum_ri_t(LoadSum<Reg, i32, Spared>) = load_sum(memory::i64_load8_u);
            i32_load8_s_s_t(Load<Slot, Spared>) = load(memory::i32_load8_s);
            i32_load8_s_r_t(Load<Reg, Spared>) = load(memory::i32_load8_s);
            i32_load8_s_sum_ss_t(LoadSum<Slot, Slot, Spared>) = load_sum(memory::i32_load8_s);
            i32_load8_s_sum_rs_t(LoadSum<Reg, Slot, Spared>) = load_sum(memory::i32_load8_s);
            i64_load16_u_s_t(Load<Slot, Spared>) = load(memory::i64_load16_u);
            i64_load16_u_r_t(Load<Reg, Spared>) = load(memory::i64_load16_u);
            i64_load16_u_sum_ss_t(LoadSum<Slot, Slot, Spared>) = load_sum(memory::i64_load16_u);
            i64_load16_u_sum_si_t(LoadSum<Slot, i32, Spared>) = load_sum(memory::i64_load16_u);
            i64_load16_u_sum_rs_t(LoadSum<Reg, Slot, Spared>) = load_sum(memory::i64_load16_u);
            i64_load16_u_sum_ri_t(LoadSum<Reg, i32, Spared>) = load_sum(memory::i64_load16_u);
            i32_load16_s_s_t(Load<Slot, Spared>) = load(memory::i32_load16_s);
            i32_load16_s_r_t(Load<Reg, Spared>) = load(memory::i32_load16_s);
            i32_load16_s_sum_ss_t(LoadSum<Slot, Slot, Spared>) = load_sum(memory::i32_load16_s);
            i32_load16_s_sum_rs_t(LoadSum<Reg, Slot, Spared>) = load_sum(memory::i32_load16_s);
            i64_load32_u_s_t(Load<Slot, Spared>) = load(memory::i64_load32_u);
            i64_load32_u_r_t(Load<Reg, Spared>) = load(memory::i64_load32_u);
            i64_load32_u_sum_ss_t(LoadSum<Slot, Slot, Spared>) = load_sum(memory::i64_load32_u);
            i64_load32_u_sum_si_t(LoadSum<Slot, i32, Spared>) = load_sum(memory::i64_load32_u);
            i64_load32_u_sum_rs_t(LoadSum<Reg, Slot, Spared>) = load_sum(memory::i64_load32_u);
            i64_load32_u_sum_ri_t(LoadSum<Reg, i32, Spared>) = load_sum(memory::i64_load32_u);
            i64_load_s_t(Load<Slot, Spared>) = load(memory::i64_load);
            i64_load_r_t(Load<Reg, Spared>) = load(memory::i64_load);
            i64_load_sum_ss_t(LoadSum<Slot, Slot, Spared>) = load_sum(memory::i64_load);
            i64_load_sum_si_t(LoadSum<Slot, i32, Spared>) = load_sum(memory::i64_load);
            i64_load_sum_rs_t(LoadSum<Reg, Slot, Spared>) = load_sum(memory::i64_load);
            i64_load_sum_ri_t(LoadSum<Reg, i32, Spared>) = load_sum(memory::i64_load);
            f32_load_s_t(Load<Slot, Spared>) = load(memory::f32_load);
            f32_load_r_t(Load<Reg, Spared>) = load(memory::f32_load);
            f32_load_sum_ss_t(LoadSum<Slot, Slot, Spared>) = load_sum(memory::f32_load);
            f32_load_sum_rs_t(LoadSum<Reg, Slot, Spared>) = load_sum(memory::f32_load);
            f64_load_s_t(Load<Slot, Spared>) = load(memory::f64_load);
            f64_load_r_t(Load<Reg, Spared>) = load(memory::f64_load);
            f64_load_sum_ss_t(LoadSum<Slot, Slot, Spared>) = load_sum(memory::f64_load);
            f64_load_sum_si_t(LoadSum<Slot, i32, Spared>) = load_sum(memory::f64_load);
            f64_load_sum_rs_t(LoadSum<Reg, Slot, Spared>) = load_sum(memory::f64_load);
            f64_load_sum_ri_t(LoadSum<Reg, i32, Spared>) = load_sum(memory::f64_load);
            i64_load16_u_scaled_ss_t(LoadScaled<Slot, Slot, Spared>) = load_scaled(memory::i64_load16_u);
            i64_load16_u_scaled_si_t(LoadScaled<Slot, i32, Spared>) = load_scaled(memory::i64_load16_u);
            i64_load16_u_scaled_rs_t(LoadScaled<Reg, Slot, Spared>) = load_scaled(memory::i64_load16_u);
            i64_load16_u_scaled_ri_t(LoadScaled<Reg, i32, Spared>) = load_scaled(memory::i64_load16_u);
            i64_load32_u_scaled_ss_t(LoadScaled<Slot, Slot, Spared>) = load_scaled(memory::i64_load32_u);
            i64_load32_u_scaled_si_t(LoadScaled<Slot, i32, Spared>) = load_scaled(memory::i64_load32_u);
            i64_load32_u_scaled_rs_t(LoadScaled<Reg, Slot, Spared>) = load_scaled(memory::i64_load32_u);
            i64_load32_u_scaled_ri_t(LoadScaled<Reg, i32, Spared>) = load_scaled(memory::i64_load32_u);
            i64_load_scaled_ss_t(LoadScaled<Slot, Slot, Spared>) = load_scaled(memory::i64_load);
            i64_load_scaled_si_t(LoadScaled<Slot, i32, Spared>) = load_scaled(memory::i64_load);
            i64_load_scaled_rs_t(LoadScaled<Reg, Slot, Spared>) = load_scaled(memory::i64_load);
            i64_load_scaled_ri_t(LoadScaled<Reg, i32, Spared>) = load_scaled(memory::i64_load);
            f64_load_scaled_ss_t(LoadScaled<Slot, Slot, Spared>) = load_scaled(memory::f64_load);
            f64_load_scaled_si_t(LoadScaled<Slot, i32, Spared>) = load_scaled(memory::f64_load);
            f64_load_scaled_rs_t(LoadScaled<Reg, Slot, Spared>) = load_scaled(memory::f64_load);
            f64_load_scaled_ri_t(LoadScaled<Reg, i32, Spared>) = load_scaled(memory::f64_load);
            f64_mul_add_sss_t(Fused<Slot, Slot, Slot, Spared>) = fused(fusion::f64_mul_add);
            f64_mul_add_rss_t(Fused<Reg, Slot, Slot, Spared>) = fused(fusion::f64_mul_add);
            i32_shl_add_sis_t(Fused<Slot, i32, Slot, Spared>) = fused(fusion::i32_shl_add);
            i32_shl_add_sii_t(Fused<Slot, i32, i32, Spared>) = fused(fusion::i32_shl_add);
            i32_shl_add_ris_t(Fused<Reg, i32, Slot, Spared>) = fused(fusion::i32_shl_add);
            i32_shl_add_rii_t(Fused<Reg, i32, i32, Spared>) = fused(fusion::i32_shl_add);
            i32_shr_u_and_sii_t(Fused<Slot, i32, i32, Spared>) = fused(fusion::i32_shr_u_and);
            i32_shr_u_and_rii_t(Fused<Reg, i32, i32, Spared>) = fused(fusion::i32_shr_u_and);
            i32_shr_u_xor_sis_t(Fused<Slot, i32, Slot, Spared>) = fused(fusion::i32_shr_u_xor);
            i32_shr_u_xor_sir_t(Fused<Slot, i32, Reg, Spared>) = fused(fusion::i32_shr_u_xor);
            i32_shr_u_xor_ris_t(Fused<Reg, i32, Slot, Spared>) = fused(fusion::i32_shr_u_xor);
            i32_shr_u_xor_rir_t(Fused<Reg, i32, Reg, Spared>) = fused(fusion::i32_shr_u_xor);
            i64_shr_u_xor_sis_t(Fused<Slot, i32, Slot, Spared>) = fused(fusion::i64_shr_u_xor);
            i64_shr_u_xor_sir_t(Fused<Slot, i32, Reg, Spared>) = fused(fusion::i64_shr_u_xor);
            i64_shr_u_xor_ris_t(Fused<Reg, i32, Slot, Spared>) = fused(fusion::i64_shr_u_xor);
            i64_shr_u_xor_rir_t(Fused<Reg, i32, Reg, Spared>) = fused(fusion::i64_shr_u_xor);
            i32_eq_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i32_eq);
            i32_eq_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_eq);
            i32_eq_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i32_eq);
            i32_eq_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_eq);
            i32_ne_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i32_ne);
            i32_ne_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_ne);
            i32_ne_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i32_ne);
            i32_ne_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_ne);
            i32_lt_s_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i32_lt_s);
            i32_lt_s_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_lt_s);
            i32_lt_s_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i32_lt_s);
            i32_lt_s_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_lt_s);
            i32_lt_u_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i32_lt_u);
            i32_lt_u_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_lt_u);
            i32_lt_u_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i32_lt_u);
            i32_lt_u_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_lt_u);
            i32_gt_s_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i32_gt_s);
            i32_gt_s_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_gt_s);
            i32_gt_s_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i32_gt_s);
            i32_gt_s_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_gt_s);
            i32_gt_u_ss_t(Binary<Slot, Slot, Spared>) = binary(int::i32_gt_u);
            i32_gt_u_si_t(Binary<Slot, i32, Spared>) = binary(int::i32_gt_u);
            i32_gt_u_rs_t(Binary<Reg, Slot, Spared>) = binary(int::i32_gt_u);
            i32_gt_u_ri_t(Binary<Reg, i32, Spared>) = binary(int::i32_gt_u);
            i32_shl_sr_t(Binary<Slot, Reg, Spared>) = binary(int::i32_shl);
            i32_shr_s_sr_t(Binary<Slot, Reg, Spared>) = binary(int::i32_shr_s);
            i32_sub_ir_t(Binary<i32, Reg, Spared>) = binary(int::i32_sub);
            i64_shl_sr_t(Binary<Slot, Reg, Spared>) = binary(int::i64_shl);
            i64_shr_s_sr_t(Binary<Slot, Reg, Spared>) = binary(int::i64_shr_s);
            i64_sub_ir_t(Binary<i64, Reg, Spared>) = binary(int::i64_sub);
            f64_sub_ir_t(Binary<F64Bits, Reg, Spared>) = binary(float::f64_sub);
            f64_div_ir_t(Binary<F64Bits, Reg, Spared>) = binary(float::f64_div);
            i32_extend8_s_s_t(Unary<Slot, Spared>) = unary(int::i32_extend8_s);
            i32_extend8_s_r_t(Unary<Reg, Spared>) = unary(int::i32_extend8_s);
            i32_extend16_s_s_t(Unary<Slot, Spared>) = unary(int::i32_extend16_s);
            i32_extend16_s_r_t(Unary<Reg, Spared>) = unary(int::i32_extend16_s);
            f64_sqrt_s_t(Unary<Slot, Spared>) = unary(float::f64_sqrt);
            f64_sqrt_r_t(Unary<Reg, Spared>) = unary(float::f64_sqrt);
            select_s_t(Select<Slot, Slot, Spared>) = run(control::select);
            select_r_t(Select<Slot, Reg, Spared>) = run(control::select);
            select_i32_eq_s_t(SelectCompare<Slot, Spared>) = select_compare(int::i32_eq);
            select_i32_eq_i_t(SelectCompare<i32, Spared>) = select_compare(int::i32_eq);
            select_i32_lt_s_s_t(SelectCompare<Slot, Spared>) = select_compare(int::i32_lt_s);
            select_i32_lt_s_i_t(SelectCompare<i32, Spared>) = select_compare(int::i32_lt_s);
            select_i32_lt_u_s_t(SelectCompare<Slot, Spared>) = select_compare(int::i32_lt_u);
            select_i32_lt_u_i_t(SelectCompare<i32, Spared>) = select_compare(int::i32_lt_u);
            select_i32_gt_s_i_t(SelectCompare<i32, Spared>) = select_compare(int::i32_gt_s);
            select_i32_gt_u_i_t(SelectCompare<i32, Spared>) = select_compare(int::i32_gt_u);
            i64_load8_u_step_ri_t(LoadStep<Reg, i32, Spared>) = load_step(memory::i64_load8_u);
            i64_load8_u_step_rs_t(LoadStep<Reg, Slot, Spared>) = load_step(memory::i64_load8_u);
            i64_load8_u_step_si_t(LoadStep<Slot, i32, Spared>) = load_step(memory::i64_load8_u);
            i32_load8_s_step_ri_t(LoadStep<Reg, i32, Spared>) = load_step(memory::i32_load8_s);
            i32_load8_s_step_rs_t(LoadStep<Reg, Slot, Spared>) = load_step(memory::i32_load8_s);
            i32_load8_s_step_si_t(LoadStep<Slot, i32, Spared>) = load_step(memory::i32_load8_s);
            i64_load16_u_step_ri_t(LoadStep<Reg, i32, Spared>) = load_step(memory::i64_load16_u);
            i64_load16_u_step_rs_t(LoadStep<Reg, Slot, Spared>) = load_step(memory::i64_load16_u);
            i64_load16_u_step_si_t(LoadStep<Slot, i32, Spared>) = load_step(memory::i64_load16_u);
            i64_load32_u_step_ri_t(LoadStep<Reg, i32, Spared>) = load_step(memory::i64_load32_u);
            i64_load32_u_step_rs_t(LoadStep<Reg, Slot, Spared>) = load_step(memory::i64_load32_u);
            i64_load32_u_step_si_t(LoadStep<Slot, i32, Spared>) = load_step(memory::i64_load32_u);
            i64_load_step_ri_t(LoadStep<Reg, i32, Spared>) = load_step(memory::i64_load);
            i64_load_step_rs_t(LoadStep<Reg, Slot, Spared>) = load_step(memory::i64_load);
            i64_load_step_si_t(LoadStep<Slot, i32, Spared>) = load_step(memory::i64_load);
            f64_load_step_ri_t(LoadStep<Reg, i32, Spared>) = load_step(memory::f64_load);
            f64_load_step_rs_t(LoadStep<Reg, Slot, Spared>) = load_step(memory::f64_load);
            f64_load_step_si_t(LoadStep<Slot, i32, Spared>) = load_step(memory::f64_load);
        }
        }
    };
}
pub(crate) use for_each_op;

macro_rules! define_opcodes {
    ($($section:ident { $($name:ident $shape:tt = $family:ident $(($($semantics:tt)*))?;)* })*) => {
        /// An op's number: its place in the table.
        #[allow(non_camel_case_types)] // named exactly as the row, so that one search finds everything
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        pub(crate) enum OpCode { $($($name,)*)* }

        impl OpCode {
            /// All ops in order.
            pub(crate) const ALL: &'static [OpCode] = &[$($(OpCode::$name,)*)*];

            /// Each row's section, and whether its shape is of those that only specialised ops have.
            #[cfg(test)]
            pub(super) const SECTIONS: &'static [(&'static str, bool)] =
                &[$($((stringify!($section), <$shape as Shape>::SPECIALIZED),)*)*];

            /// The row's name.
            pub(crate) fn name(self) -> &'static str {
                // One text, and where each name ends: pointers to a thousand would be larger than the names.
                const NAMES: &str = concat!($($(stringify!($name),)*)*);
                static ENDS: [u16; OpCode::ALL.len()] = ends(&[$($(stringify!($name).len() as u8,)*)*]);
                let start = (self as usize).checked_sub(1).map_or(0, |before| ENDS[before].into());
                &NAMES[start..ENDS[self as usize].into()]
            }

            /// Length of the shape in bytes.
            pub(crate) fn shape_len(self) -> usize {
                const LENGTHS: &[u8] = &[$($(size_of::<$shape>() as u8,)*)*];
                LENGTHS[self as usize].into()
            }
        }

        $($(
            #[allow(non_upper_case_globals)]
            #[cfg_attr(not(all(feature = "simd", feature = "gc", feature = "threads")), allow(dead_code))]
            pub(crate) const $name: Code<$shape> = Code::new(OpCode::$name);
        )*)*
    };
}

for_each_op!(define_opcodes);

/// Where pieces of these lengths end that stand behind one another.
const fn ends<const N: usize>(lengths: &[u8; N]) -> [u16; N] {
    let mut ends = [0; N];
    let (mut index, mut end) = (0, 0);
    while index < N {
        end += lengths[index] as u16;
        ends[index] = end;
        index += 1;
    }
    ends
}

impl OpCode {
    /// The op with this number.
    #[allow(unsafe_code, reason = "a table of all numbers would be as large as they are")]
    pub(crate) fn from_u16(number: u16) -> Option<OpCode> {
        // SAFETY: it is one of the values.
        (usize::from(number) < OpCode::ALL.len()).then(|| unsafe { OpCode::from_code(number) })
    }

    /// The op at `ip`, which may begin a chain.
    ///
    /// # Safety
    /// I1: an op stands there.
    #[allow(unsafe_code, reason = "the caller's promise")]
    pub(crate) unsafe fn at(ip: *const u16) -> OpCode {
        // SAFETY: I1 — its number is an op's or a chain's.
        unsafe { super::chain::first(*ip).unwrap_unchecked() }
    }

    /// The op with this number, read from code that has no chains.
    ///
    /// # Safety
    /// I1: `number` was written by `CodeBuffer::emit`, or verified.
    #[inline(always)]
    #[allow(unsafe_code, reason = "the one reinterpretation of code as opcodes")]
    pub(crate) unsafe fn from_code(number: u16) -> OpCode {
        debug_assert!(usize::from(number) < OpCode::ALL.len());
        // SAFETY: I1 — the enum is `repr(u16)` and `number` is one of its values.
        unsafe { core::mem::transmute(number) }
    }
}

/// An opcode that knows its shape: what [`encode`](super::encode) takes.
#[derive(Debug)]
pub(crate) struct Code<S> {
    pub opcode: OpCode,
    shape: PhantomData<fn(S)>,
}

impl<S> Code<S> {
    const fn new(opcode: OpCode) -> Self {
        Code { opcode, shape: PhantomData }
    }

    /// Length of the op in bytes, without what stands behind a branch table.
    #[cfg(tail)]
    pub(crate) const fn length(&self) -> usize {
        size_of::<u16>() + size_of::<S>()
    }
}

impl<S> Clone for Code<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Code<S> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_section_has_the_rows_with_the_shapes_of_specialised_ops() {
        for (opcode, (section, specialized)) in OpCode::ALL.iter().zip(OpCode::SECTIONS) {
            // Of vectors a build has all or none.
            if *section != "vector" {
                assert_eq!(*section == "specialized", *specialized, "{}", opcode.name());
            }
        }
    }
}
