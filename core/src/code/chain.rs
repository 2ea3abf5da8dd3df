//! Chains: ops that run up to four ops behind them too, which saves the dispatches between them.
//!
//! Where the ops of a chain follow each other, its number stands in place of the first one's. Nothing else changes: the others stay where they
//! are, whole, so whatever leads to them still does, and a trap, a charge or a return address is the same place as without chains.
//! ```text
//! @14  i32_shr_u_si_t reg <- s0, 3 &2      one dispatch runs this op and the two behind it
//! @24  i32_add_ri s4 <- reg, 1024
//! @32  i64_load8_u_r s5 <- reg, offset=0
//! ```
//! Everything that reads code sees its ops; only the tail engine's handlers know the difference. Which chains there are was decided by counts of
//! kernels and real programs: `docs/performance.md`.

use super::decode::DecodedOp;
use super::op::OpCode;

/// Calls `$consumer!` with all chains, those with the same first op behind one another.
///
/// All ops but the last end in [`Flow::Next`](crate::exec::machine::Flow), or the chain ends there: behind one that branches it goes on where that one
/// does not.
macro_rules! for_each_chain {
    ($consumer:ident) => {
        $consumer! {
            i32_const, i32_const;
            i32_const, i64_const, i64_const, i64_load8_u_s_t, i32_add_ri_t;
            i32_const, i32_eq_si, i64_load32_u_s, i64_load32_u_s, i32_le_s_rs;
            i32_const, br;
            i32_const, charge;
            i32_const, i16x8_shl, i16x8_add, i32_add_si_t, v128_load8x8_u_r;
            i32_const, i16x8_shl, i32_add_si_t, v128_load8x8_u_r;
            i32_const, br_i32_eq_si;
            i32_const, br_i32_eq_si, i32_const;
            i32_const, step_br_lt_u_s;
            i32_const, i32_add_si_t, i32_and_ri_t, br_i32_lt_u_ri, i32_const;
            i32_const, i32_add_si_t, i32_and_ri_t, br_i32_le_u_ri, copy;
            i32_const, select_s_t;
            f64_const, i32_const, f64_const, f64_const, f64_const;
            copy, i32_const;
            copy, i32_const, call_local;
            copy, br;
            copy, call_local;
            copy, i32_add_ri, br_i32_gt_u_rs, copy_int_r, copy;
            copy, i32_sub_sr, i32_add_ss, i32_const;
            copy, i32_rotl_ri, i32_rotl_si_t, i32_xor_rs, i32_rotl_si_t;
            copy, i64_load32_u_r, i64_store32_ss, copy, br_if_s;
            copy, step_br_if;
            copy, step_br_if, i32_step2, step_br_ne_i;
            copy, i32_and_rs_t, i32_or_rs_t, i32_add_rs;
            i32_add_ss, i32_const;
            i32_add_ss, i32_add_ss, i32_and_si, i32_shl_ri, i64_load32_u_sum_rs;
            i32_add_ss, i32_add_ss, i64_load8_u_step_si, i64_load8_u_s_t, br_i32_eq_rs;
            i32_add_ss, i32_sub_ss, br_i32_eq_ri, i64_store_si, i32_const;
            i32_add_ss, i64_shl_si, i64_load32_u_sum_si_t, i64_or_rs;
            i32_add_ss, i32_load8_s_s, i32_and_ri, i64_store32_sr;
            i32_add_ss, br;
            i32_add_ss, i32_add_ri;
            i32_add_ss, copy2, copy2, step_br_ne_i;
            i32_add_ss, i64_load32_u_sum_ss, i32_shl_ri, i32_and_si_t;
            i32_add_ss, i64_load32_u_sum_ri, i64_load32_u_s_t, i32_or_rs_t, br_i32_and_ri;
            i32_add_ss, i64_load8_u_step_rs, global_get_int;
            i32_add_ss, step2_br_ne_s;
            i32_add_ss, i32_add_ri_t, v128_load8x8_u_r, i32_add_si_t, v128_load8x8_u_r;
            i32_add_ss, i32_add_ri_t, br_i32_ge_u_rs;
            i32_add_si, i32_const;
            i32_add_si, copy, call_local;
            i32_add_si, copy, i32_add_ri, br_i32_le_u_rs, br;
            i32_add_si, i32_add_si;
            i32_add_si, i64_add_si, i64_load8_u_s;
            i32_add_si, i64_gt_u_si, copy, br_if_s;
            i32_add_si, br;
            i32_add_si, call_local;
            i32_add_si, copy_int_r, i32_add_si, br_i32_lt_s_ss, br;
            i32_add_si, br_i32_eq_si, i64_load8_u_s, copy, br_if_s;
            i32_add_si, br_i32_eq_rs, i64_load8_u_sum_si, i64_load8_u_sum_si_t, br_i32_eq_rs;
            i32_add_si, br_i32_gt_u_si, f64_add_ss, copy_int_r, f64_sub_ss_t;
            i32_add_si, br_i32_gt_u_ri;
            i32_add_si, i64_store32_sr;
            i32_add_si, copy2;
            i32_add_si, copy2, call_local;
            i32_add_si, i64_shr_u_xor_sis, i64_shl_ri_t, i64_xor_rs, i64_shr_u_xor_rir;
            i32_add_si, i32_and_ri_t, i32_shl_add_rii, i64_load32_u_sum_si_t, i32_mul_ri_t;
            i32_add_si, i32_shr_u_ri_t, i64_load8_u_sum_ri, i32_add_si;
            i32_add_si, i64_load8_u_sum_si_t, i64_store8_sr;
            i32_add_si, i64_load_s_t, i64_store_sr;
            i32_add_si, i64_load_sum_si_t, i64_store_sr;
            i32_and_si, i32_add_rs_t, i32_shl_ri, i64_load16_u_sum_ri_t, br_i32_eq_rs;
            i32_sub_ss, i32_const, select_i32_lt_u_i, i32_const, select_i32_gt_u_i;
            i32_sub_si, br_if_r;
            i32_sub_si, i32_step2, br_i32_eq_si, copy, br_i32_and_si;
            i32_shl_si, i64_extend_i32_u_s, i64_const, copy;
            i32_rem_u_ss, i32_const, select_s, i32_mul_ss, i32_add_si;
            i64_add_si, i64_load8_u_s, i32_add_si, i64_load8_u_sum_si_t, br_i32_lt_u_ri;
            f64_mul_si, i64_load8_u_s_t, i32_add_ri_t, f64_convert_i32_s_r, f64_add_rs;
            i32_ge_u_ss, br_if_r, i64_load8_u_s, i32_and_si_t, br_i32_eq_rs;
            i64_load8_u_s, i32_add_si, br_if_s;
            i64_load8_u_s, i32_add_si, br_i32_ge_u_rs, i64_load8_u_step_ri, i64_store8_ss;
            i64_load8_u_s, i64_load8_u_s;
            i64_load8_u_s, i64_load8_u_s, i32_and_si, i32_add_ri, i32_const;
            i64_load8_u_s, i64_load8_u_s, br_i32_ne_rs, i32_step2, step_br_if;
            i64_load8_u_s, i64_store8_ss, i32_add_si, copy, br_i32_ne_rs;
            i64_load8_u_s, br_i32_eq_ri;
            i64_load8_u_s, br_i32_eq_ri, i32_const, i32_const;
            i64_load8_u_s, br_i32_ne_ri;
            i64_load8_u_s, i64_load8_u_s_t, i64_store8_sr, i64_store8_ss;
            i32_load8_s_s, i32_and_ri_t, i64_store32_sr;
            i32_load8_s_s, i64_extend_i32_u_r_t, i64_and_ri, br_i32_le_s_si;
            i64_load16_u_s, br_not_i32_and_ri;
            i32_load16_s_s, i32_load16_s_s_t;
            i64_load32_u_s, i32_const;
            i64_load32_u_s, copy;
            i64_load32_u_s, i32_shl_si, i32_add_rs, i64_load8_u_r_t;
            i64_load32_u_s, i64_load32_u_s;
            i64_load32_u_s, i64_load32_u_s, i64_load32_u_s;
            i64_load32_u_s, i64_load32_u_s, br_i32_le_u_rs;
            i64_load32_u_s, br;
            i64_load32_u_s, br_i32_eq_ri;
            i64_load32_u_s, br_i32_ne_ri;
            i64_load32_u_s, br_i32_gt_u_ri, i64_store8_sr, i32_add_si, br_i32_eq_si;
            i64_load32_u_s, br_i32_le_u_rs;
            i64_load32_u_s, i64_load32_u_r;
            i64_load32_u_s, i64_load32_u_r, i64_load32_u_s, i32_sub_sr_t, br_i32_gt_u_ri;
            i64_load32_u_s, br_if_r;
            i64_load32_u_s, br_unless_r;
            i64_load32_u_s, i32_shl_add_sis;
            i64_load32_u_s, i32_add_rs_t, i64_load8_u_sum_rs_t, i32_sub_rs, br_i32_ne_ri;
            i64_load32_u_s, i32_add_ri_t, i64_store32_sr;
            i64_load32_u_s, i64_load8_u_s_t, i32_or_rs, i64_load32_u_scaled_si_t, i32_sub_ri_t;
            i64_load32_u_s, i64_load32_u_s_t;
            i64_load32_u_s, i64_load32_u_s_t, i64_sub_sr;
            i64_load32_u_s, i64_load32_u_s_t, br_i32_le_u_rs, i32_add_si_t, i64_store32_sr;
            i64_load32_u_s, i64_load32_u_s_t, i64_store32_sr;
            i64_load32_u_s, i64_load32_u_r_t;
            i64_load32_u_s, i32_shl_add_sis_t;
            i64_load_s, br_i64_ge_s_rs, i32_add_si, br_i32_lt_s_ss, i32_const;
            i64_store8_si, i32_add_si, br_i32_ge_u_ss, i64_store8_si, i32_add_si;
            i64_store16_ss, i32_sub_ss_t, i64_store32_sr, i64_load32_u_s_t, br_if_r;
            i64_store16_si, i32_add_si, i64_store32_sr, i64_store32_ss, i32_add_rs;
            i64_store32_ss, i64_store32_ss;
            i64_store32_ss, return_int_s;
            i64_store_si, br_i32_eq_si, i64_load32_u_s, br_i32_eq_ri, br_i32_gt_u_rs;
            br_if_s, i32_shl_si, i32_sub_ss, f64_load_step_rs;
            select_s, i64_load32_u_s, i32_or_rs_t, br_i32_eq_ri, i32_eq_si;
            enter, i32_const;
            enter, i32_const, br_i32_eq_si;
            enter, i32_eq_si, i32_and_si_t, i32_eq_ri_t, i32_or_rs_t;
            enter, i64_load8_u_s, i32_extend8_s_r, br_i32_lt_s_ri;
            enter, i64_load32_u_s;
            enter, i64_load32_u_s, i64_load32_u_s;
            enter, i64_load32_u_s, i64_load32_u_s_t, br_i32_ne_rs;
            enter, charge;
            enter, charge, i64_load32_u_s, i64_load32_u_s;
            enter, charge, br_i32_gt_u_si, charge, i64_extend_i32_u_s_t;
            enter, br_i32_eq_si, i32_add_si, i64_load32_u_sum_si, i32_and_ri;
            enter, br_i32_gt_u_si, i64_extend_i32_u_s_t, return_int_r;
            enter, br_not_i32_and_si, br_i32_eq_si;
            enter, i64_load8_u_step_rs, i64_load8_u_step_rs, br_i32_ne_rs, i64_load8_u_sum_si;
            enter, global_get_int_t, i32_sub_ri, global_set_int_r;
            enter, global_get_int_t, i32_sub_ri, global_set_int_r, i64_load32_u_s;
            enter, i64_load16_u_s_t, br_if_r, i64_load8_u_s_t, i32_or_ri_t;
            charge, i32_const, br_i32_eq_si, charge;
            charge, i32_add_ss, i64_shl_si, i64_load32_u_sum_si_t, i64_or_rs;
            charge, i32_add_ss, i32_add_ri;
            charge, i32_add_ss, i32_add_ri_t, br_i32_ge_u_rs, charge;
            charge, i32_add_si;
            charge, i32_add_si, call_local;
            charge, i32_add_si, br_i32_eq_rs, charge, charge;
            charge, i32_add_si, br_i32_gt_u_si, charge, f64_add_ss;
            charge, f64_load_s;
            charge, br_i32_eq_si, charge;
            charge, br_i32_ge_u_ss, charge;
            charge, copy2;
            charge, i64_load8_u_sum_ss, i32_add_ss_t, i64_load8_u_sum_ri_t, br_i32_ne_rs;
            charge, i64_load8_u_sum_si, i64_load8_u_sum_si_t;
            charge, i64_load8_u_step_rs, i64_load8_u_sum_rs_t, br_i32_eq_ri, charge;
            charge, f64_load_step_rs;
            charge, step_br_unless, charge, i32_and_si_t, i64_load32_u_scaled_ri;
            charge, step_br_ne_s;
            charge, i32_step2, charge, i64_load32_u_step_si_t;
            charge, i32_add_si_t, i64_store_ri, step_br_if, charge;
            charge, i64_load32_u_s_t, i32_shl_add_rii, charge, i64_load32_u_step_si_t;
            charge, i64_load8_u_step_rs_t, i64_load8_u_sum_rs_t, br_if_r, charge;
            charge, i64_load32_u_step_si_t;
            i8x16_shuffle, v128_store64_lane, i32_step2, br_i32_lt_u_si;
            i8x16_max_u, i32_const, i8x16_shr_u, i8x16_add_sat_u, v128_store_s;
            i16x8_add, v128_const, i16x8_add, i32_const, i16x8_shr_u;
            i16x8_add, i32_add_si_t, v128_load8x8_u_r;
            i32x4_extmul_high_i16x8_s, i32x4_add, i32x4_extmul_low_i16x8_s, i32x4_add, step_br_if;
            f32x4_add, step_br_if;
            copy_int_r, i32_sub_ss, select_s, br_if_r, i32_const;
            copy_int_r, i32_eq_si, i32_gt_u_si_t, br_i32_and_rs, i32_or_ss_t;
            copy_int_r, br;
            copy_int_r, br_i32_eq_ri;
            copy_int_r, i64_store32_sr;
            copy_int_r, br_if_r;
            copy_int_r, i32_and_si_t, i32_shl_add_rii, i64_load32_u_sum_si, i32_mul_ri_t;
            i32_add_rs, i32_add_si, copy, step_br_if, i32_add_ss;
            i32_add_rs, i32_gt_s_rs, i32_const, select_s, i32_gt_s_ss;
            i32_add_rs, i64_load8_u_r_t;
            i32_add_rs, i64_load32_u_sum_si_t;
            i32_add_ri, i64_store32_sr;
            i32_add_ri, i32_mul_si_t, i32_add_rs, i64_load32_u_r_t, br_if_r;
            i32_or_rs, i32_or_ss_t, i32_ne_ri_t, br_i32_and_rs;
            i32_shl_ri, i32_shr_u_si_t, i32_or_rs_t, i64_store32_sr, i32_add_si;
            i32_shl_ri, i64_load8_u_s_t, i32_or_rs, i64_load16_u_s_t, i32_and_rs_t;
            i64_add_rs, i64_store32_sr, i64_shr_u_ri, i32_step2, step2_br_if;
            i64_mul_rs, i64_shr_u_si_t, i64_add_rs, i64_store32_sr;
            f32_add_ri, f32_store_sr, i32_add_si;
            f32_add_ri, f32_store_sr, step_br_ne_i;
            f64_add_rs, copy_f64_r, f64_mul_ss, f64_mul_add_sss, f64_mul_rs;
            br_i32_eq_si, i32_const, select_s_t, i64_load32_u_r_t;
            br_i32_eq_si, i32_add_si, br;
            br_i32_eq_si, br_i32_lt_u_ss;
            br_i32_eq_rs, i32_const, i32_const, select_i32_lt_s_s_t, return_int_r;
            br_i32_eq_rs, charge, i32_const, i32_const, select_i32_lt_s_s_t;
            br_i32_ne_rs, i64_load8_u_sum_si, i64_load8_u_sum_si;
            br_i32_ne_rs, i64_load16_u_scaled_ss, i64_load16_u_scaled_ss, br_i32_ne_rs, i32_add_si;
            br_i32_ne_ri, i32_step2, br_i32_gt_u_ri, br_i32_eq_si, i32_and_si;
            br_i32_lt_s_ss, i64_store32_si, i64_load32_u_s, i64_store8_sr, i64_load32_u_s;
            br_i32_lt_s_si, i32_add_si, i64_load8_u_sum_si, br;
            br_i32_lt_s_ri, i32_add_si, br_i32_ge_u_rs;
            i32_lt_u_rs, i32_const, select_i32_lt_u_s_t, return_int_r;
            i32_lt_u_ri, i64_and_si_t, i64_eq_ri, i32_or_rs_t, br_i32_ne_ri;
            br_i32_gt_s_si, i32_shl_si, i64_load32_u_sum_rs_t, br_i32_ge_s_rs, i32_add_si;
            br_i32_gt_s_ri, i64_store32_ss, i64_load32_u_step_si, br_if_r, i64_store32_ss;
            br_i32_gt_s_ri, i32_add_ri, i64_store32_sr, br_if_r;
            i32_le_u_ri, i32_shl_is, i32_and_ri, i32_const, select_s_t;
            br_i32_le_u_ss, i32_shl_si, i32_const, select_s_t, i64_load32_u_sum_rs_t;
            br_i32_le_u_ss, i64_store32_ss, copy, br_i32_ne_ss;
            br_i32_ge_s_ri, i64_load16_u_step_ri, i64_load16_u_s_t, i64_store16_sr, i64_store16_ss;
            br_i32_ge_u_ss, f64_load_scaled_ss, copy, br_i32_eq_si;
            br_i32_ge_u_ss, i32_shl_add_sis_t, i64_load8_u_r_t, br_i32_ge_u_ri, i32_add_si;
            br_i32_ge_u_rs, i64_load32_u_s, i32_shl_add_sis_t, i64_store32_rs, br;
            br_not_i32_and_si, i64_load32_u_s_t, i64_store32_sr, i32_step2, br_not_i32_and_si;
            i64_load32_u_r, br_i32_eq_ri;
            f64_load_a, f64_load_a, f64_mul_ri_t, f64_add_rs_t, f64_store_ar;
            i64_store8_sr, i32_add_si, i64_load8_u_sum_si_t;
            i64_store8_sr, step_br_ne_s;
            i64_store32_sr, i32_const;
            i64_store32_sr, i32_add_si;
            i64_store32_sr, br;
            i64_store32_sr, i64_shr_u_ri, i32_step2, step2_br_if;
            i64_store32_sr, i64_shr_u_ri, i64_load32_u_s_t, i64_add_rs, i64_load32_u_s_t;
            i64_store32_sr, br_i32_ge_u_si, i32_add_si, br;
            i64_store_sr, copy, i64_load32_u_step_si_t;
            i64_store_rs, i32_step2, br_i32_gt_u_ri;
            f64_store_rr, i32_add_si;
            copy2, copy, i32_and_si, br_if_r, br_i32_lt_u_si;
            copy2, copy, call_local;
            copy2, copy, i32_shl_si_t, i64_load32_u_r_t, i32_sub_ri_t;
            copy2, call_local;
            copy2, copy2, copy2, copy, call_local;
            f64_mul_add_rss, f64_store_rr, step2_br_if;
            f64_mul_add_rss, f64_store_rr, step2_br_if, i32_add_ss, step_br_ne_s;
            f64_mul_add_rss, f64_sqrt_r_t, f64_mul_rs_t, f64_div_ir, f64_mul_rs_t;
            i32_mul_add_rss, i32_add_si, i32_add_ss, step_br_if, i64_store32_ss;
            i32_shl_add_sis, copy2, i64_load32_u_r_t, i64_store32_sr, i64_store32_ss;
            i32_shl_add_sis, select_i32_lt_s_s_t, i32_add_ri, copy;
            i32_shl_add_sii, i32_add_si, i64_store32_sr, i32_shl_add_sii;
            i32_shl_add_ris, i32_sub_si, i32_shr_u_rs, i64_store16_sr, br_i32_gt_s_si;
            i32_shl_add_ris, i64_load32_u_r, i64_load16_u_sum_si_t, i32_shl_add_ris, i64_load32_u_r;
            i32_shl_add_ris, i64_load32_u_r_t, i32_add_ri_t, i64_store32_sr;
            i64_shr_u_xor_sis, i64_shl_ri_t, i64_xor_rs, i64_shr_u_xor_rir;
            i64_shr_u_xor_sis, i64_shl_ri_t, i64_xor_rs, i64_shr_u_xor_rir, i64_mul_ri_t;
            i64_shr_u_xor_rir, i64_shl_ri_t, i64_xor_rs, i64_shr_u_xor_rir, i64_store_sr;
            select_i32_lt_u_i, br_i32_ne_ri;
            i64_load8_u_sum_ss, br_i32_eq_ri, i32_add_ss, i32_extend8_s_s, br_i32_ge_s_ri;
            i64_load8_u_sum_ss, br_i32_eq_ri, br_i32_eq_ri, step_br_ne_s, i64_load32_u_s;
            i64_load8_u_sum_ss, i32_add_ss_t, i64_load8_u_sum_ri_t, br_i32_ne_rs;
            i64_load8_u_sum_ss, i32_add_ss_t, i64_load8_u_sum_ri_t, br_i32_ne_rs, step_br_ne_s;
            i64_load8_u_sum_ss, i64_load8_u_sum_si_t, br_i32_ne_rs, step_br_ne_s, br;
            i64_load8_u_sum_si, i64_load8_u_sum_ss_t;
            i64_load8_u_sum_si, i64_load8_u_sum_si_t;
            i64_load8_u_sum_rs, i32_add_si_t, i64_load8_u_sum_rs_t, br_i32_ne_ri, i32_add_si;
            i64_load32_u_sum_si, i32_rotl_ri, i32_rotl_si_t, i32_xor_rs_t, i32_shr_u_xor_sir_t;
            f64_load_sum_ri, f64_load_sum_ri, f64_load_sum_ri, i32_add_ri, f64_load_r;
            i64_load8_u_step_ri, i64_load8_u_step_ri_t, i64_store8_sr, i64_store8_ss;
            i64_load8_u_step_rs, i32_extend8_s_r, br_i32_lt_s_ri, global_get_int_t, i32_add_ri_t;
            i64_load8_u_step_rs, i32_add_ri_t;
            i64_load8_u_step_rs, i64_load8_u_sum_rs_t, br_i32_eq_ri, i32_const, i32_add_si_t;
            i64_load8_u_step_rs, i64_load8_u_sum_rs_t, br_unless_r, i32_const, i32_sub_si_t;
            i32_load8_s_step_rs, br_i32_le_s_ri, i32_and_ri, br;
            i64_load32_u_step_ri, i32_xor_ri, i32_add_si_t, i32_and_rs_t, br_not_i32_and_ri;
            i64_load32_u_step_ri, i64_load32_u_sum_si_t, i64_sub_sr_t, i64_add_rs, i64_store32_sr;
            i64_load_step_ri, i64_load_step_ri_t;
            i64_load_step_ri, i64_load_step_ri_t, i64_eq_rs, i64_extend_i32_u_r_t;
            i64_load_step_ri, i64_load_step_ri_t, i64_store_sr, i64_store_ss, i64_load16_u_step_ri;
            i64_load_step_ri, i64_load_step_ri_t, i64_add_rs_t, i64_store_sr, copy;
            i64_load_step_ri, i64_load_step_ri_t, i64_and_rs_t, i64_store_sr, copy;
            step_br_unless, i32_and_si_t, i64_load32_u_scaled_ri, br_i32_eq_ri, i32_sub_sr_t;
            i32_step2, i32_step2, i32_add_si, br_i32_eq_si;
            i32_step2, i32_add_rs_t, br_if_r;
            i32_step2, i64_load32_u_step_si_t;
            i32_add_ss_t, i32_add_ri, i64_add_ss, i64_store32_sr, i32_add_si;
            i32_add_ss_t, i32_shr_s_ri;
            i32_add_ss_t, i64_store32_sr;
            i32_add_ss_t, i64_store32_rs, i32_or_si_t, i64_store32_sr;
            i32_add_ss_t, i32_shl_add_ris, i64_store32_ri, copy2, copy;
            i32_add_ss_t, i64_load8_u_sum_ri, br_i32_ne_rs;
            i32_add_ss_t, i64_load8_u_sum_ri, i64_load8_u_sum_ss_t, br_i32_ne_rs;
            i32_add_si_t, v128_load_r, i32_add_si_t, v128_load_r;
            i32_add_si_t, v128_load_r, i32_add_si_t, v128_load_r, f32x4_mul;
            i32_add_si_t, i32_and_rs, i32_mul_ri_t, i32_add_rs, i64_load32_u_r;
            i32_add_si_t, i32_and_ri, i32_const, select_i32_lt_u_i, i32_shr_u_ri;
            i32_add_si_t, i64_store16_rs, i32_add_si_t, i64_store8_rs;
            i32_add_si_t, i64_store32_sr;
            i32_add_si_t, i64_store32_sr, i64_store8_ss, i64_load32_u_s;
            i32_add_si_t, i64_store32_sr, i64_store8_si;
            i32_add_si_t, i64_store32_sr, i64_store32_ss;
            i32_add_si_t, i64_store32_rs;
            i32_add_si_t, i64_store32_ri, i32_add_si_t;
            i32_add_si_t, i64_store_rs, i32_add_si_t, i64_store_rs, i32_add_si_t;
            i32_add_si_t, i64_store_ri;
            i32_add_si_t, i64_store_ri, step_br_if;
            i32_add_si_t, i64_store_ri, i32_add_si_t, i64_store_ri;
            i32_add_si_t, global_set_int_r, return_none;
            i32_add_si_t, global_set_int_r, return_int_s;
            i32_add_rs_t, i64_store32_sr, copy, step_br_ne_i;
            i32_add_rs_t, i32_add_rs_t, i32_add_rs_t, i32_add_rs_t, i32_add_rs_t;
            i32_add_ri_t, i64_store32_sr;
            i32_add_ri_t, i64_store32_sr, i64_load8_u_s, i64_load32_u_s, i32_shr_u_xor_ris_t;
            i32_mul_si_t, i32_add_rs;
            i32_mul_ri_t, i32_add_rs;
            i32_mul_ri_t, i64_store8_sr;
            i32_mul_ri_t, i64_store8_sr, step_br_if;
            i32_mul_ri_t, i64_store8_sr, step_br_ne_i;
            i32_and_si_t, br_i32_ne_ri, br_i32_gt_u_ss;
            i32_and_si_t, i64_load32_u_r, br;
            i32_and_si_t, i32_shr_u_ri_t, i32_or_rs_t, i64_store16_sr;
            i32_and_si_t, i64_load8_u_r_t, i32_and_ri_t, i32_shr_u_ri, br;
            i32_and_ri_t, br_i32_ne_ri;
            i32_and_ri_t, i32_shr_u_sr_t, i32_and_ri, select_r;
            i32_or_rs_t, i64_store32_sr;
            i32_or_rs_t, br_if_r;
            i32_xor_ss_t, i32_and_rs, i32_and_ss_t, i32_xor_rs_t, i32_add_rs;
            i32_xor_rs_t, i32_add_rs, copy, i32_xor_si_t, i32_and_rs;
            i32_xor_rs_t, i32_mul_ri, i64_load8_u_sum_si_t, i32_xor_rs_t, i32_mul_ri;
            i32_xor_rs_t, i32_and_ri_t, i64_load32_u_scaled_ri_t, i32_shr_u_xor_sir;
            i32_xor_rs_t, i32_and_ri_t, i64_load32_u_scaled_ri_t, i32_shr_u_xor_sir, step_br_if;
            i32_sub_si_t, i32_and_ri, select_i32_lt_u_i, i64_store8_ss, step_br_ne_s;
            i32_sub_sr_t, br_i32_ne_ri, i32_const, i64_load32_u_s, i32_shr_u_si_t;
            i32_shl_si_t, i32_and_ri, i32_and_si_t, i32_shl_ri_t, i32_or_rs;
            i32_shl_si_t, i32_xor_rs_t, i64_store32_sr, br_i32_le_u_ss;
            i32_shl_ri_t, i32_or_rs, i32_shr_u_and_sii, i32_shr_u_si_t, i32_or_rs_t;
            i32_shl_ri_t, i32_or_rs, i32_and_si_t, i32_or_rs, i32_and_si_t;
            i32_shr_s_si_t, i32_add_rs, i64_load8_u_r, i64_store16_ss, i32_shl_si_t;
            i32_shr_u_si_t, i32_add_rs, i64_load8_u_r, i32_and_ri, i32_shr_s_si;
            i32_shr_u_si_t, i32_add_ri, i64_load8_u_r;
            i32_shr_u_si_t, i64_load8_u_sum_ri, i32_add_si_t;
            i32_shr_u_sr_t, i32_shl_ri_t, i32_and_ri_t, i32_or_rs;
            i64_add_rs_t, return_int_r;
            i64_mul_ss_t, i64_sub_sr, select_i32_lt_u_s, select_s, step2_br_ne_s;
            i64_mul_si_t, i64_shr_u_ri_t, i32_mul_rs_t, i32_shr_u_ri;
            i64_mul_ri_t, i64_sub_sr_t, i32_or_ri_t, i64_store8_sr;
            i64_mul_ri_t, i64_shr_u_ri_t, i32_add_ri_t, i64_store16_sr, step_br_ne_i;
            i64_and_rs_t, i64_shr_u_ri_t, i32_add_ri_t, i64_store8_sr, step_br_if;
            i64_xor_rs_t, i64_mul_ri, i64_shr_u_ri, i64_load8_u_sum_si_t, i64_xor_rs_t;
            i64_xor_rs_t, i64_mul_ri, i64_shr_u_xor_rir;
            i64_xor_rs_t, i64_mul_ri, i64_shr_u_xor_rir, step_br_ne_i;
            i64_xor_ri_t, i64_and_ri_t, i64_popcnt_r, i32_add_rs;
            i64_shl_ri_t, i64_xor_rs, i64_shr_u_xor_rir, i64_mul_ri, i64_mul_si_t;
            i64_shl_ri_t, i64_xor_rs, i64_shr_u_xor_rir, i64_mul_ri_t, i64_shr_u_ri;
            i64_shr_s_si_t, i64_add_rs, i64_store32_sr, i64_shr_s_ri, i32_step2;
            i64_shr_u_ri_t, f64_convert_i32_u_r, f64_mul_ri_t, f64_add_ri_t, f64_store_sr;
            i64_shr_u_ri_t, i32_add_ri_t, i64_store16_sr;
            i64_shr_u_ri_t, i64_mul_ri_t, i64_shr_u_ri, i32_add_ri, i64_store16_sr;
            i64_shr_u_ri_t, i64_mul_ri_t, i64_shr_u_ri_t, f32_convert_i32_u_r, f32_mul_ri;
            i64_shr_u_ri_t, i64_mul_ri_t, i64_shr_u_ri_t, i32_add_ri_t, i64_store8_sr;
            f64_add_rs_t, br_f64_le_ri, return_int_s;
            f64_mul_ss_t, f64_mul_rs, f64_load_r_t, f64_add_rs, f64_store_rr;
            f64_mul_si_t, f64_div_rs_t, f64_add_ri, copy, call_local;
            f64_mul_rs_t, f64_sub_rs, f64_mul_si_t, f64_mul_rs_t, f64_div_sr_t;
            f64_sub_sr_t, f64_store_sr, f64_load_s, f64_mul_ss_t, f64_mul_rs_t;
            f64_sub_sr_t, f64_store_sr, f64_load_step_ri, f64_mul_ss_t, f64_mul_add_rss;
            global_get_int_t, i32_add_ri;
            global_get_int_t, i32_sub_ri, global_set_int_r;
            global_get_int_t, i64_load32_u_sum_ri;
            i64_load8_u_s_t, i32_add_ri, br_i32_gt_u_ri;
            i64_load8_u_s_t, br_i32_eq_ri;
            i64_load8_u_s_t, br_i32_ne_ri;
            i64_load8_u_s_t, br_not_i32_and_ri;
            i64_load8_u_s_t, i64_store8_sr;
            i64_load8_u_s_t, i64_store8_sr, i32_step2, i32_add_si, br_not_i32_and_ri;
            i64_load8_u_s_t, br_if_r;
            i64_load8_u_s_t, i32_and_ri_t, i64_store8_sr;
            i64_load8_u_s_t, i32_shr_u_ri_t, i32_add_rs, step_br_lt_u_s;
            i64_load8_u_r_t, i32_shl_ri, i64_load8_u_s_t, i32_or_rs_t, i32_and_rs_t;
            i64_load8_u_r_t, br_i32_ne_ri;
            i64_load8_u_r_t, i32_sub_ri_t, i32_and_ri_t, i32_gt_u_ri, i32_eq_si_t;
            i64_load8_u_sum_ss_t, i32_add_rs, i32_add_rs_t, br_i32_lt_u_ri;
            i64_load8_u_sum_ss_t, br_i32_ne_rs;
            i64_load8_u_sum_ss_t, i64_store8_sr, i32_step2, br_i32_ge_u_rs, charge;
            i64_load8_u_sum_ss_t, i64_store8_sr, i32_step2, br_i32_ge_u_rs, br_i32_lt_u_ss;
            i64_load8_u_sum_rs_t, i64_store8_sr, i32_add_si, i64_load8_u_sum_si_t, i64_load8_u_sum_rs_t;
            i64_load8_u_sum_rs_t, br_if_r, br;
            i64_load8_u_sum_ri_t, br_not_i32_and_ri;
            i32_load8_s_sum_ss_t, br_i32_lt_s_ri;
            i64_load16_u_s_t, i32_mul_rs, copy2, i32_shr_u_and_rii, i32_shr_u_and_sii_t;
            i64_load16_u_s_t, br_i64_lt_u_rs, i64_store16_ss, i32_sub_ss_t, i32_add_rs;
            i64_load16_u_s_t, i64_store16_sr;
            i64_load16_u_s_t, i32_load16_s_scaled_ri, i32_add_rs_t, i64_load16_u_scaled_ri, i64_store16_sr;
            i64_load32_u_s_t, i32_add_rs;
            i64_load32_u_s_t, i32_and_ri, br_i32_eq_ri;
            i64_load32_u_s_t, i32_xor_rs, i32_sub_ir_t, i32_or_rs_t, i32_and_ri_t;
            i64_load32_u_s_t, i32_sub_ri, i64_store32_sr;
            i64_load32_u_s_t, i32_sub_ri, i32_shr_s_ri_t, i32_and_rs_t, i32_add_rs;
            i64_load32_u_s_t, br_i32_eq_rs;
            i64_load32_u_s_t, br_i32_eq_ri;
            i64_load32_u_s_t, br_i32_ne_ri;
            i64_load32_u_s_t, br_i32_le_u_rs;
            i64_load32_u_s_t, br_i32_le_u_rs, i32_add_ss_t, i64_load8_u_sum_ri;
            i64_load32_u_s_t, br_not_i32_and_ri, i64_load32_u_s, i32_eq_ri_t, br_i32_and_rs;
            i64_load32_u_s_t, i64_load8_u_r, br_i32_eq_rs, br_i32_ne_si, i64_load32_u_s;
            i64_load32_u_s_t, i64_load8_u_r, i32_and_si_t, i32_xor_rs_t, br_i32_eq_ri;
            i64_load32_u_s_t, i64_load16_u_r, i32_and_si_t, br_i32_eq_rs, i64_load32_u_s;
            i64_load32_u_s_t, i64_load32_u_r;
            i64_load32_u_s_t, i64_load32_u_r, i64_load32_u_s, select_i32_lt_s_s_t, i32_add_ri;
            i64_load32_u_s_t, i64_store32_sr;
            i64_load32_u_s_t, i64_store32_sr, i32_add_si, i64_load32_u_sum_si_t, i64_store32_sr;
            i64_load32_u_s_t, i64_store_sr, br;
            i64_load32_u_s_t, br_if_r;
            i64_load32_u_s_t, i32_shl_add_rii, i64_load32_u_step_si_t;
            i64_load32_u_s_t, i32_shl_add_rii, i64_load_step_ri_t, i64_store_sr, i32_add_si;
            i64_load32_u_s_t, i32_add_rs_t;
            i64_load32_u_s_t, i32_add_ri_t, i64_store32_sr;
            i64_load32_u_s_t, i32_add_ri_t, i64_store32_sr, br;
            i64_load32_u_s_t, i32_mul_ri_t, i32_add_rs;
            i64_load32_u_s_t, i32_mul_ri_t, i32_add_rs, i64_load8_u_r_t, br_not_i32_and_ri;
            i64_load32_u_s_t, i32_mul_ri_t, i32_add_rs_t, i32_add_ri;
            i64_load32_u_s_t, i32_sub_ri_t;
            i64_load32_u_s_t, i64_load8_u_r_t;
            i64_load32_u_s_t, i64_load32_u_r_t;
            i64_load32_u_s_t, i64_load32_u_r_t, i64_load32_u_r;
            i64_load32_u_s_t, i64_load32_u_r_t, i64_load32_u_r_t, i64_load32_u_r;
            i64_load32_u_s_t, i64_load_scaled_ri_t, i64_store_sr, br;
            i64_load32_u_r_t, i32_sub_ri, copy2, i64_store32_sr, i32_shl_add_ris;
            i64_load32_u_r_t, i64_load32_u_r_t, i64_load32_u_r_t;
            i64_load32_u_sum_si_t, i32_add_rs, i64_load32_u_sum_ss_t, i32_add_rs, i32_add_rs;
            i64_load32_u_sum_si_t, i64_store32_sr, i32_add_si;
            i64_load32_u_sum_si_t, i64_store32_sr, i32_step2, i32_sub_si, br_i32_gt_u_ri;
            i64_load32_u_sum_ri_t, br_i32_gt_u_rs, i64_load32_u_s, i64_load32_u_s_t, i32_add_rs;
            i64_load_s_t, i64_store_sr;
            i64_load_s_t, i64_store_sr, copy, i64_load32_u_sum_si_t, br_i32_ne_rs;
            i64_load_s_t, i64_store_sr, i64_load_s_t, i64_store_sr;
            i64_load_s_t, i64_xor_rs_t, i64_mul_ri, i64_shr_u_xor_rir;
            i64_load_r_t, i64_store_sr;
            i64_load_sum_si_t, i64_xor_rs, i64_and_ri_t, i64_add_ri_t, i64_or_rs_t;
            i64_load_sum_si_t, i64_store_sr, i32_add_si, copy, i64_load32_u_step_si_t;
            f64_load_s_t, f64_mul_add_rss, f64_load_sum_si, f64_load_sum_ss_t, f64_mul_add_rss;
            f64_load_sum_si_t, f64_sub_sr, f64_mul_add_rss, f64_load_sum_si_t, f64_sub_sr;
            i64_load32_u_scaled_ss_t, i32_sub_ri, i32_shr_s_ri_t, i32_and_rs_t, i32_add_rs_t;
            i32_shl_add_ris_t, i32_add_ri, copy2, i64_load32_u_r, i64_store16_sr;
            i32_shl_add_ris_t, i64_load32_u_sum_ri_t, i32_gt_s_rs, select_r, select_s;
            i32_shr_u_and_sii_t, i64_load16_u_r, i32_and_si_t, i32_shr_u_sr_t, i32_and_ri;
            i32_shr_u_and_sii_t, i32_shl_ir_t, i32_or_rs_t, i64_store8_sr, i32_add_ss;
            i32_shr_u_and_rii_t, i32_add_ri, i64_load32_u_r_t, i64_store32_sr, i64_store32_ss;
            i32_shr_u_xor_sis_t, i32_and_ri_t, select_r, i32_shr_u_and_rii, i32_xor_ri;
            i32_shr_u_xor_sir_t, i64_load32_u_scaled_ri_t, i32_xor_rs_t, i64_store32_sr, i32_add_ss_t;
            i32_shr_u_xor_rir_t, i32_mul_ri, i64_load32_u_s_t, i32_xor_rs_t;
            i32_eq_ss_t, i32_add_rs, step_br_ne_s;
            i32_eq_si_t, i32_add_rs, i32_eq_si_t, i32_add_rs, i32_add_si;
            i32_eq_si_t, i32_or_rs_t, br_if_r, i32_eq_si, i32_eq_si_t;
            i32_eq_rs_t, i32_add_rs, i64_load8_u_sum_si_t, i32_eq_rs_t, i32_add_rs;
            i32_eq_rs_t, i32_add_rs, i32_eq_rs_t, i32_add_rs, step_br_ne_i;
            select_i32_eq_i_t, i32_add_rs, i64_store32_sr, br_i32_lt_u_rs;
            i64_load8_u_step_ri_t, i64_store8_sr, i64_load16_u_sum_si, i64_store16_ss, i64_load8_u_sum_si;
            i64_load8_u_step_rs_t, i64_load8_u_sum_rs_t, br_if_r, step_br_ne_s, br_if_s;
            i64_load8_u_step_rs_t, i64_load8_u_sum_ri_t, br_if_r, step_br_ne_s, br_if_s;
            i64_load32_u_step_ri_t, i64_add_rs, i64_load32_u_sum_si_t, i64_add_rs;
            i64_load32_u_step_ri_t, i64_add_rs, i64_load32_u_sum_si_t, i64_mul_add_rss;
            i64_load32_u_step_ri_t, i32_mul_ri_t, i32_shr_u_and_rii_t, i64_load32_u_sum_ri, br_i32_eq_ri;
            i64_load_step_ri_t, br_i64_eq_ri, i32_add_si, i64_load32_u_step_si_t;
            f64_load_step_ri_t, f64_sub_sr, f64_load_sum_si, f64_mul_rs, f64_mul_ss;
            f64_load_step_rs_t, f64_mul_add_rss_t, f64_store_sr, f64_load_step_ri, f64_load_sum_si_t;
        }
    };
}
#[cfg(tail)]
pub(crate) use for_each_chain;

/// Whether this build has them: the handlers are those of the tail engine.
pub(crate) const CHAINS: bool = cfg!(all(tail, feature = "specialized-ops"));

/// The most ops of a chain.
pub(super) const LONGEST: usize = 5;

/// The ops of a chain: their numbers plus one, and zeros behind them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain([u16; LONGEST]);

impl Chain {
    const fn new(ops: &[OpCode]) -> Chain {
        assert!(ops.len() >= 2 && ops.len() <= LONGEST);
        // A return looks at what stands where it goes.
        assert!(!matches!(ops[0], OpCode::reload_memory));
        let mut chain = [0; LONGEST];
        let mut index = 0;
        while index < ops.len() {
            chain[index] = ops[index] as u16 + 1;
            index += 1;
        }
        Chain(chain)
    }

    /// All of them, the first one included.
    pub(crate) fn ops(&self) -> impl Iterator<Item = OpCode> {
        self.0.into_iter().filter_map(|number| OpCode::from_u16(number.checked_sub(1)?))
    }
}

macro_rules! define_chains {
    ($($($op:ident),+;)*) => {
        /// The chains, by number less that of the first one.
        const ALL: &[Chain] = &[$(Chain::new(&[$(OpCode::$op),+]),)*];
    };
}

for_each_chain!(define_chains);

/// How many chains there are.
pub(crate) const COUNT: usize = ALL.len();

/// The number of the first chain: those of the ops stand before.
pub(crate) const BASE: usize = OpCode::ALL.len();

/// The chain with this number, which is no op's.
pub(crate) fn of(number: u16) -> Option<Chain> {
    if !CHAINS {
        return None;
    }
    ALL.get(usize::from(number).checked_sub(BASE)?).copied()
}

/// The op with this number, or the first one of the chain with this number.
pub(crate) fn first(number: u16) -> Option<OpCode> {
    OpCode::from_u16(number).or_else(|| of(number)?.ops().next())
}

/// Where the chains of each op begin in [`ALL`], and behind the last op how many there are: they stand in the order of their ops.
static BEGINNINGS: [u16; BASE + 1] = {
    let mut beginnings = [0; BASE + 1];
    let mut index = 0;
    while index < COUNT {
        // Counted one further on, and summed up below.
        beginnings[ALL[index].0[0] as usize] += 1;
        assert!(index == 0 || ALL[index - 1].0[0] <= ALL[index].0[0], "chains stand in the order of their ops");
        index += 1;
    }
    let mut op = 0;
    while op < BASE {
        beginnings[op + 1] += beginnings[op];
        op += 1;
    }
    beginnings
};

/// The longest chain that these ops begin with, by its number.
fn longest(ops: &[OpCode]) -> Option<u16> {
    let &first = ops.first()?;
    let (mut start, end) = (BEGINNINGS[first as usize].into(), BEGINNINGS[first as usize + 1].into());
    // Those that begin like the ops so far; the one that ends there stands before those that go on.
    let mut chains = &ALL[start..end];
    let mut found = None;
    for index in 1..LONGEST {
        let wanted = ops.get(index).map_or(0, |op| *op as u16 + 1);
        let before = chains.partition_point(|chain| chain.0[index] < wanted);
        let behind =
            chains[before..].iter().position(|chain| chain.0[index] != wanted).unwrap_or(chains.len() - before);
        if wanted == 0 || behind == 0 {
            break;
        }
        chains = &chains[before..before + behind];
        start += before;
        if chains[0].0.get(index + 1).is_none_or(|next| *next == 0) {
            found = Some((BASE + start) as u16);
        }
    }
    found
}

/// Puts its chain in place of each op that is the first of one, the longest where there are several.
pub(crate) fn join(units: &mut [u16]) {
    // The ops from the place that is looked at on, and where they stand.
    let (mut ops, mut starts) = ([OpCode::leave; LONGEST], [0; LONGEST]);
    let mut held = 0;
    let mut position = 0;
    loop {
        let op = DecodedOp::at(units, position).map(|op| (op.opcode, op.end));
        if let Some((opcode, end)) = op {
            (ops[held], starts[held]) = (opcode, position);
            held += 1;
            position = end;
        }
        if held == LONGEST || op.is_none() {
            if held == 0 {
                return;
            }
            if let Some(number) = longest(&ops[..held]) {
                units[starts[0] / 2] = number;
            }
            ops.rotate_left(1);
            starts.rotate_left(1);
            held -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::encode::CodeBuffer;
    use crate::code::op;
    use crate::code::shape::{Binary, Nullary, Reg, Slot, Unary};

    #[test]
    fn chains_are_made_of_ops_that_have_handlers() {
        for chain in ALL {
            for (index, opcode) in chain.ops().enumerate() {
                let section = OpCode::SECTIONS[opcode as usize].0;
                assert!(["hot", "vector", "specialized"].contains(&section), "{} is of {section}", opcode.name());
                // What stands behind a call is looked at by whoever returns; what leads elsewhere has nothing behind it.
                let elsewhere = ["br_table", "return_", "call_", "tail_call", "reload_memory", "unreachable"];
                let last = index + 1 == chain.ops().count();
                let goes_on = opcode != OpCode::br && !elsewhere.iter().any(|name| opcode.name().starts_with(name));
                assert!(last || goes_on, "nothing runs behind {}", opcode.name());
            }
        }
    }

    #[test]
    fn no_chain_is_there_twice() {
        let names = |chain: &Chain| chain.ops().map(|op| op as u16).collect::<alloc::vec::Vec<_>>();
        for pair in ALL.windows(2) {
            assert!(names(&pair[0]) < names(&pair[1]), "in the order of the ops: {:?}", pair[1]);
        }
    }

    #[test]
    fn ops_that_follow_each_other_are_joined_and_stay_what_they_are() {
        // Any chain, between ops that are in none with it.
        let chain = ALL[COUNT / 2];
        let mut code = CodeBuffer::default();
        code.emit(op::ref_null, crate::code::shape::Indexed { dst: crate::code::shape::RefSlot(0), index: 0 });
        let start = code.position();
        for opcode in chain.ops() {
            code.append_units(&[opcode as u16]);
            code.append_units(&alloc::vec![0; opcode.shape_len() / 2]);
        }
        code.emit(op::leave, Nullary {});
        let plain = code.units().to_vec();
        let mut joined = plain.clone();
        join(&mut joined);
        if !CHAINS {
            // Nobody asks for it then; what it writes is no code.
            return;
        }
        let found = DecodedOp::at(&joined, start).expect("an op");
        assert_eq!(Some(found.opcode), chain.ops().next());
        assert!(found.chain.expect("a chain").ops().eq(chain.ops()));
        let ops = |units: &[u16]| super::super::decode::ops(units).map(|op| op.opcode).collect::<alloc::vec::Vec<_>>();
        assert_eq!(ops(&joined), ops(&plain));
        let differing: alloc::vec::Vec<usize> = (0..plain.len()).filter(|&unit| plain[unit] != joined[unit]).collect();
        assert!(differing.contains(&(start / 2)));
        assert!(differing.iter().all(|unit| super::of(joined[*unit]).is_some()));
    }

    #[test]
    fn the_longest_chain_is_found() {
        for (index, chain) in ALL.iter().enumerate() {
            let mut ops: alloc::vec::Vec<OpCode> = chain.ops().collect();
            assert_eq!(longest(&ops), Some((BASE + index) as u16), "{ops:?}");
            // Whatever follows, one at least as long is found.
            for follower in [OpCode::leave, ops[0], OpCode::i32_add_si] {
                ops.push(follower);
                let found = ALL[usize::from(longest(&ops[..ops.len().min(LONGEST)]).expect("a chain")) - BASE];
                assert!(found.ops().count() >= chain.ops().count());
                assert!(found.ops().zip(&ops).all(|(op, should)| op == *should));
                ops.pop();
            }
            assert_eq!(longest(&ops[..1]), None);
        }
    }

    #[test]
    fn ops_without_a_chain_stay_alone() {
        let mut code = CodeBuffer::default();
        code.emit(op::f32_copysign_ss, Binary { dst: Slot(0), lhs: Slot(1), rhs: Slot(2) });
        code.emit(op::f32_copysign_ss, Binary { dst: Slot(0), lhs: Slot(1), rhs: Slot(2) });
        code.emit(op::copy_int_r, Unary { dst: Slot(0), src: Reg });
        let plain = code.units().to_vec();
        code.join();
        assert_eq!(code.units(), plain);
    }
}
