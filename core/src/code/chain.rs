//! Chains: ops that run the one or two ops behind them too, which saves the dispatches between them.
//!
//! Where the ops of a chain follow each other, its number stands in place of the first one's. Nothing else changes: the others stay where they
//! are, whole, so whatever leads to them still does, and a trap, a charge or a return address is the same place as without chains.
//! ```text
//! @14  i32_shr_u_si_t reg <- s0, 3 &       one dispatch runs both
//! @24  i32_add_ri s4 <- reg, 1024
//! ```
//! Everything that reads code sees its ops; only the tail engine's handlers know the difference. Which chains there are is decided by counts of
//! `op_profile` over the kernels and real programs.

use super::decode::DecodedOp;
use super::op::OpCode;

/// Calls `$consumer!` with all chains, those with the same first op behind one another.
///
/// All ops but the last end in [`Flow::Next`](crate::exec::machine::Flow) or leave; behind one that branches, the chain goes on where it does not.
macro_rules! for_each_chain {
    ($consumer:ident) => {
        $consumer! {
            i32_const, i32_const;
            i32_const, i32_const, select_s_t;
            i32_const, i32_const, select_i32_eq_i_t;
            i32_const, br;
            i32_const, select_s;
            i32_const, call_local;
            i32_const, i8x16_shr_u, i8x16_add_sat_u;
            i32_const, i16x8_shl;
            i32_const, br_i32_eq_si;
            i32_const, br_i32_eq_si, i32_const;
            i32_const, select_i32_lt_u_i;
            i32_const, i32_add_si_t, i32_and_ri_t;
            i32_const, select_s_t;
            i32_const, select_i32_lt_u_s_t, return_int_r;
            f64_const, f64_const, f64_const;
            copy, i32_and_si, br_if_r;
            copy, br;
            copy, br_if_s;
            copy, call_local;
            copy, i32_add_ri, br_i32_gt_u_rs;
            copy, i32_rotl_ri, i32_rotl_si_t;
            copy, i64_load32_u_r;
            copy, step_br_if;
            copy, i32_and_rs_t, i32_or_rs_t;
            copy, i32_shl_si_t, i64_load32_u_r_t;
            copy, i64_load32_u_step_si_t;
            i32_add_ss, i64_shl_si, i64_load32_u_sum_si_t;
            i32_add_ss, i32_extend8_s_s, br_i32_ge_s_ri;
            i32_add_ss, i32_add_ri;
            i32_add_ss, i32_add_ri, v128_load8x8_u_r;
            i32_add_ss, i32_add_ri, i64_shr_u_xor_sis;
            i32_add_ss, i32_add_ri, i64_load32_u_sum_si;
            i32_add_ss, br_i32_lt_u_rs;
            i32_add_ss, copy2, copy2;
            i32_add_ss, i64_load32_u_sum_ss, i32_shl_ri;
            i32_add_ss, i64_load8_u_step_rs, global_get_int;
            i32_add_ss, step2_br_ne_s, i32_shl_si;
            i32_add_ss, i32_add_ri_t, br_i32_ge_u_rs;
            i32_add_si, copy, i32_add_ri;
            i32_add_si, i32_add_ss, step_br_if;
            i32_add_si, i32_add_si;
            i32_add_si, i64_add_si, i64_load8_u_s;
            i32_add_si, br;
            i32_add_si, call_local;
            i32_add_si, v128_load_r;
            i32_add_si, v128_load_r, i32x4_extmul_high_i16x8_s;
            i32_add_si, v128_load_r, f32x4_mul;
            i32_add_si, v128_load8x8_u_r;
            i32_add_si, br_i32_eq_si, i64_load8_u_s;
            i32_add_si, br_i32_eq_rs, i64_load8_u_sum_si;
            i32_add_si, br_i32_ne_ss;
            i32_add_si, br_i32_gt_u_si, f64_add_ss;
            i32_add_si, i64_store32_sr;
            i32_add_si, copy2;
            i32_add_si, i64_shr_u_xor_sis;
            i32_add_si, i64_load32_u_sum_si;
            i32_add_si, i32_and_ri_t;
            i32_add_si, i32_shr_u_ri_t, i64_load8_u_sum_ri;
            i32_add_si, f64_mul_ss_t, f64_mul_rs;
            i32_sub_ss, return_int_s;
            i32_sub_si, i32_sub_si_t;
            f64_mul_si, i64_load8_u_s_t, i32_add_ri_t;
            i64_load8_u_s, i32_add_si, br_i32_ge_u_rs;
            i64_load8_u_s, i64_load8_u_s, br_i32_ne_rs;
            i64_load8_u_s, br_i32_eq_ri;
            i64_load8_u_s, br_i32_lt_u_ri, br_i32_le_u_ri;
            i64_load8_u_s, i64_load8_u_s_t, i64_store8_sr;
            i32_load8_s_s, i32_and_ri, i64_store32_sr;
            i32_load8_s_s, br_i32_lt_s_ri, i64_extend_i32_u_s_t;
            i32_load8_s_s, i32_and_ri_t, i64_store32_sr;
            i32_load8_s_s, i64_extend_i32_u_r_t, i64_and_ri;
            i64_load16_u_s, i64_load16_u_s_t, i32_mul_rs;
            i32_load16_s_s, i32_load16_s_s_t, i32_mul_add_rss;
            i64_load32_u_s, copy;
            i64_load32_u_s, i32_add_si;
            i64_load32_u_s, i64_load32_u_s;
            i64_load32_u_s, i64_load32_u_s, br_i32_le_u_rs;
            i64_load32_u_s, i32_add_rs, i32_gt_s_rs;
            i64_load32_u_s, br_i32_eq_ri;
            i64_load32_u_s, br_i32_gt_s_ri;
            i64_load32_u_s, i64_load32_u_r;
            i64_load32_u_s, br_if_r;
            i64_load32_u_s, copy2;
            i64_load32_u_s, i64_load8_u_s_t, i32_or_rs;
            i64_load32_u_s, i64_load32_u_s_t;
            i64_load32_u_s, i64_load32_u_s_t, i64_sub_sr;
            i64_load32_u_s, i64_load32_u_s_t, br_i32_le_u_rs;
            i64_load32_u_s, i64_load32_u_s_t, i64_load32_u_scaled_rs;
            i64_load_s, br_i64_ge_s_rs, i32_add_si;
            f64_load_s, f64_mul_ss_t;
            f64_load_s, f64_load_s_t, f64_mul_add_rss;
            f64_load_s, f64_load_step_ri_t, f64_sub_sr;
            i64_store8_ss, copy, br_i32_gt_u_ss;
            i64_store32_ss, copy, br_if_s;
            i64_store32_ss, i64_store32_ss;
            br_if_s, i32_shl_si, i32_sub_ss;
            enter, i32_const;
            enter, i32_const, br_i32_eq_si;
            enter, f64_const, i32_const;
            enter, i64_load8_u_s, i32_extend8_s_r;
            enter, i64_load16_u_s, br_not_i32_and_ri;
            enter, i64_load32_u_s;
            enter, i64_load32_u_s, i64_load32_u_s;
            enter, br_i32_eq_si;
            enter, br_i32_gt_u_si, i64_extend_i32_u_s_t;
            enter, br_not_i32_and_si, br_i32_eq_si;
            enter, global_get_int_t, i32_sub_ri;
            v128_store_s, i32_step2, br_i32_lt_u_si;
            i8x16_shuffle, v128_store64_lane, i32_step2;
            i16x8_add, i32_const, i16x8_shl;
            i16x8_add, i32_const, i16x8_shr_u;
            i16x8_add, v128_const;
            i16x8_add, i32_add_si, v128_load8x8_u_r;
            i32x4_add, i32x4_extmul_low_i16x8_s, i32x4_add;
            f32x4_add, i32_add_si, v128_load_r;
            f32x4_add, step_br_if, f32x4_extract_lane;
            copy_int_r, copy;
            copy_int_r, i32_sub_ss, select_s;
            copy_int_r, br_i32_eq_ri;
            copy_int_r, i64_store32_sr, i64_mul_ss_t;
            copy_int_r, br_if_r;
            copy_int_r, f64_sub_ss_t, f64_add_rs;
            copy_f64_r, f64_mul_ss, f64_mul_add_sss;
            i32_add_rs, i32_add_si;
            i32_add_rs, i64_load32_u_s, br_i32_gt_u_ri;
            i32_add_rs, i64_store32_sr, br_i32_lt_u_rs;
            i32_add_rs, i32_add_rs_t, br_i32_lt_u_ri;
            i32_add_rs, i64_load32_u_sum_si_t, i32_add_rs;
            i32_add_ri, i64_load8_u_r, i32_shr_u_and_sii_t;
            i32_add_ri, i64_store16_sr, i32_sub_is;
            i32_add_ri, i64_store32_sr, br_if_r;
            i32_add_ri, i64_shr_u_xor_sis;
            i32_mul_ri, i64_load32_u_s_t, i32_xor_rs_t;
            i32_and_rs, i32_and_ss_t, i32_xor_rs_t;
            i32_and_ri, select_i32_lt_u_i, i64_store8_ss;
            i32_or_rs, i64_load16_u_s_t, i32_and_rs_t;
            i32_xor_ri, i32_shr_u_xor_sis_t;
            i32_rotl_ri, i32_rotl_si_t, i32_xor_rs_t;
            i64_add_rs, i64_store32_sr;
            i64_mul_ri, i64_mul_si_t, i64_and_rs_t;
            i64_sub_sr, select_i32_lt_u_s, select_s;
            i64_shr_s_ri, i32_step2, step2_br_if;
            i64_shr_u_ri, i32_step2, step2_br_if;
            i64_shr_u_ri, i64_load8_u_sum_si_t;
            f64_mul_rs, f64_add_rs_t, br_f64_le_ri;
            br_i32_eq_ss, i32_const, i64_load8_u_sum_ss;
            br_i32_eq_rs, i32_const, i32_const;
            br_i32_eq_ri, step_br_ne_s;
            br_i32_ne_ri, i32_step2, br_i32_gt_u_ri;
            br_i32_lt_s_ri, i32_add_si, br_i32_ge_u_rs;
            br_i32_lt_s_ri, global_get_int_t, i32_add_ri_t;
            br_i32_gt_s_ri, i64_store32_ss, i64_load32_u_step_si;
            br_i32_gt_u_si, i32_mul_si, f64_load_sum_ri;
            br_i32_le_u_ss, i64_store32_ss, copy;
            br_i32_ge_u_ss, i64_store8_si, i32_add_si;
            br_i32_ge_u_ss, f64_load_scaled_ss, copy;
            br_i32_ge_u_rs, br_i32_lt_u_ss;
            f32_convert_i32_u_r, f32_mul_ri, f32_add_ri;
            i64_load16_u_r, i32_and_si_t, br_i32_eq_rs;
            i64_load32_u_r, br_i32_eq_ri;
            f64_load_a, f64_load_a, f64_mul_ri_t;
            i64_store8_sr, i32_add_si;
            i64_store8_sr, i32_add_si, i64_load8_u_sum_si_t;
            i64_store32_sr, i32_add_si;
            i64_store32_sr, i64_load32_u_s;
            i64_store32_sr, br_i32_lt_s_si, i32_add_si;
            i64_store_sr, copy, i64_load32_u_step_si_t;
            f64_store_rr, step2_br_if, i32_add_ss;
            global_set_int_r, i64_load8_u_s, i64_load8_u_s;
            global_set_int_r, i64_load32_u_s;
            copy2, copy, call_local;
            copy2, call_local;
            copy2, i32_shr_u_and_rii, i32_shr_u_and_sii_t;
            i64_mul_add_rss, i64_store32_sr;
            i32_shl_add_sis, i64_load32_u_sum_ri_t, br_i32_gt_u_rs;
            i32_shr_u_and_sii, i32_shr_u_si_t, i32_or_rs_t;
            i32_shl_add_rii, i64_load32_u_sum_si_t;
            i64_shr_u_xor_rir, step_br_ne_i, return_int_s;
            i64_load8_u_sum_ss, br_i32_eq_ri;
            i64_load8_u_sum_si, i64_load8_u_sum_ss_t;
            i64_load8_u_sum_si, i64_load8_u_sum_si_t, i32_xor_rs_t;
            i64_load16_u_sum_si, i64_store16_ss, i64_load8_u_sum_si;
            f64_load_sum_si, f64_mul_rs, f64_mul_ss;
            f64_load_sum_si, f64_load_sum_ss_t, f64_mul_add_rss;
            f64_load_sum_ri, f64_load_sum_ri, i32_add_ri;
            i64_load8_u_step_ri, i64_store8_ss, i64_store8_sr;
            i64_load8_u_step_ri, i64_load8_u_step_ri_t, i64_store8_sr;
            i64_load8_u_step_rs, i32_extend8_s_r;
            i64_load16_u_step_ri, i64_load8_u_step_ri_t, i64_store8_sr;
            i64_load32_u_step_ri, i64_load32_u_sum_si_t, i64_sub_sr_t;
            i64_load_step_ri, i64_load_step_ri_t;
            i64_load_step_ri, i64_load_step_ri_t, i64_eq_rs;
            i64_load_step_ri, i64_load_step_ri_t, i64_add_rs_t;
            i64_load_step_ri, i64_load_step_ri_t, i64_and_rs_t;
            f64_load_step_ri, f64_mul_ss_t, f64_mul_add_rss;
            f64_load_step_ri, f64_load_sum_si_t, f64_mul_add_rss;
            f64_load_step_rs, f64_load_step_rs_t, f64_mul_add_rss_t;
            i32_step2, i32_add_si;
            i32_step2, br_i32_le_u_rs;
            i32_step2, br_not_i32_and_si;
            i32_step2, step_br_if;
            i32_step2, i32_add_rs_t, br_if_r;
            i32_step2, i64_load32_u_step_si_t;
            i32_add_ss_t, i32_add_ri, i64_add_ss;
            i32_add_ss_t, i64_load8_u_sum_ri;
            i32_add_ss_t, i64_load8_u_sum_ri, i64_load8_u_sum_ss_t;
            i32_add_ss_t, i64_load8_u_sum_ri_t, br_i32_ne_rs;
            i32_add_ss_t, i64_load8_u_sum_ri_t, i64_store8_sr;
            i32_add_si_t, i64_store16_rs, i32_add_si_t;
            i32_add_si_t, i64_store32_sr;
            i32_add_si_t, i64_store32_sr, i64_store8_ss;
            i32_add_si_t, i64_store32_sr, i64_store8_si;
            i32_add_si_t, i64_store32_sr, i64_store32_ss;
            i32_add_si_t, i64_store32_ri, i32_add_si_t;
            i32_add_si_t, i64_store_ri;
            i32_add_si_t, i64_store_ri, step_br_if;
            i32_add_si_t, global_set_int_r, return_none;
            i32_add_si_t, global_set_int_r, return_int_s;
            i32_add_rs_t, i64_store32_sr, copy;
            i32_add_ri_t, i64_store32_sr;
            i32_mul_si_t, i32_add_rs;
            i32_mul_ri_t, i32_add_rs;
            i32_mul_ri_t, i64_store8_sr;
            i32_mul_ri_t, i64_store8_sr, step_br_if;
            i32_mul_ri_t, i64_store8_sr, step_br_ne_i;
            i32_mul_ri_t, i32_add_rs_t, i32_add_ri;
            i32_mul_ri_t, i32_shr_u_and_rii_t, i32_add_ri;
            i32_mul_ri_t, i32_shr_u_and_rii_t, i64_load32_u_sum_ri;
            i32_and_si_t, i64_load32_u_scaled_ri, br_i32_eq_ri;
            i32_and_si_t, i32_xor_rs_t, br_i32_eq_ri;
            i32_and_si_t, i32_shl_ri_t, i32_or_rs;
            i32_and_si_t, i32_shr_u_ri_t, i32_or_rs_t;
            i32_and_ri_t, select_r, i32_shr_u_and_rii;
            i32_and_ri_t, i64_load32_u_scaled_ri_t, i32_shr_u_xor_sir;
            i32_or_si_t, i64_store32_sr;
            i32_or_rs_t, i64_store32_sr;
            i32_or_rs_t, i32_and_rs_t, i32_add_rs;
            i32_xor_si_t, i32_and_rs;
            i32_xor_rs_t, i32_add_rs, copy;
            i32_sub_sr_t, br_i32_lt_u_ri;
            i32_shl_si_t, i32_and_ri;
            i32_shl_ir_t, i32_or_rs_t, i64_store8_sr;
            i32_shr_u_si_t, i64_load8_u_sum_ri, i32_add_si_t;
            i32_shr_u_sr_t, i32_and_ri, select_r;
            i32_shr_u_ri_t, i32_add_rs, step_br_lt_u_s;
            i32_rotl_si_t, i32_xor_rs, i32_xor_ss_t;
            i64_add_rs_t, return_int_r;
            i64_add_ri_t, i64_or_rs_t, i64_xor_ri_t;
            i64_mul_ri_t, i64_shr_u_ri, i64_mul_si_t;
            i64_mul_ri_t, i64_sub_sr_t, i32_or_ri_t;
            i64_mul_ri_t, i64_shr_u_ri_t, i32_add_ri_t;
            i64_mul_ri_t, i64_shr_u_ri_t, i64_mul_ri_t;
            i64_and_ri_t, i64_popcnt_r, i32_add_rs;
            i64_xor_rs_t, i64_mul_ri;
            i64_xor_rs_t, i64_mul_ri, i64_shr_u_xor_rir;
            i64_xor_rs_t, i64_xor_rs_t, i64_mul_ri;
            i64_shl_ri_t, i64_xor_rs, i64_shr_u_xor_rir;
            i64_shr_s_si_t, i64_add_rs, i64_store32_sr;
            i64_shr_u_ri_t, f64_convert_i32_u_r, f64_mul_ri_t;
            i64_shr_u_ri_t, i32_add_ri_t, i64_store8_sr;
            i64_shr_u_ri_t, i32_mul_rs_t, i32_shr_u_ri;
            f64_add_rs_t, f64_store_ar;
            f64_mul_si_t, f64_div_rs_t, f64_add_ri;
            f64_mul_rs_t, f64_sub_sr_t, f64_store_sr;
            global_get_int_t, i32_add_ri;
            global_get_int_t, i64_load32_u_sum_ri;
            i64_load8_u_s_t, i32_add_ri, br_i32_gt_u_ri;
            i64_load8_u_s_t, br_i32_eq_ri;
            i64_load8_u_s_t, br_not_i32_and_ri;
            i64_load8_u_s_t, br_if_r;
            i64_load8_u_s_t, i32_and_ri_t, i64_store8_sr;
            i64_load8_u_r_t, i32_shl_ri, i64_load8_u_s_t;
            i64_load8_u_r_t, br_not_i32_and_ri;
            i64_load8_u_sum_ss_t, br_i32_ne_rs, i64_load32_u_s;
            i64_load8_u_sum_ss_t, i64_store8_sr, i32_step2;
            i64_load8_u_sum_si_t, br_i32_eq_rs;
            i64_load8_u_sum_si_t, i32_xor_rs_t, i32_mul_ri;
            i64_load8_u_sum_rs_t, i64_store8_sr, step_br_ne_s;
            i64_load8_u_sum_rs_t, br_if_r, br;
            i64_load16_u_s_t, i64_store16_sr;
            i64_load32_u_s_t, i32_and_ri, br_i32_eq_ri;
            i64_load32_u_s_t, i32_xor_rs;
            i64_load32_u_s_t, i64_add_rs, i64_load32_u_s_t;
            i64_load32_u_s_t, br_i32_eq_rs;
            i64_load32_u_s_t, br_i32_le_u_rs, i64_load8_u_sum_ss;
            i64_load32_u_s_t, i64_load8_u_r;
            i64_load32_u_s_t, i64_load32_u_r, i64_load32_u_s;
            i64_load32_u_s_t, i64_store32_sr;
            i64_load32_u_s_t, i64_store_sr, br;
            i64_load32_u_s_t, br_if_r;
            i64_load32_u_s_t, i32_shl_add_rii;
            i64_load32_u_s_t, i32_shl_add_rii, i64_load32_u_step_si_t;
            i64_load32_u_s_t, i32_add_rs_t, i64_store8_ri;
            i64_load32_u_s_t, i32_add_ri_t, i64_store32_sr;
            i64_load32_u_s_t, i32_mul_ri_t, i32_add_rs;
            i64_load32_u_s_t, i64_load8_u_r_t;
            i64_load32_u_s_t, i64_load32_u_r_t;
            i64_load32_u_s_t, i64_load_scaled_ri_t, i64_store_sr;
            i64_load32_u_r_t, i64_store32_sr, i64_store32_ss;
            i64_load32_u_r_t, i32_add_ri_t, i64_store32_sr;
            i64_load32_u_sum_ss_t, i32_add_rs, i32_add_rs;
            i64_load_s_t, i64_store_sr;
            i64_load_sum_si_t, i64_xor_rs, i64_and_ri_t;
            i64_load_sum_si_t, i64_store_sr, i32_add_si;
            f64_load_r_t, f64_add_rs, f64_store_rr;
            f64_load_sum_si_t, f64_sub_sr, f64_mul_add_rss;
            i32_eq_ss_t, i32_add_rs, step_br_ne_s;
            i32_eq_si_t, i32_add_rs;
            i32_eq_rs_t, i32_add_rs;
            i32_eq_rs_t, i32_add_rs, step_br_ne_i;
            i32_sub_ir_t, i32_or_rs_t, i32_and_ri_t;
            f64_sqrt_r_t, f64_mul_rs_t, f64_div_ir;
            select_i32_lt_s_s_t, i32_add_ri, i32_div_s_si;
            select_i32_lt_s_s_t, return_int_r;
            i64_load8_u_step_rs_t, i32_xor_rs_t, i32_mul_ri;
            i64_load8_u_step_rs_t, i64_xor_rs_t, i64_mul_ri;
            i64_load32_u_step_ri_t, i64_add_rs, i64_load32_u_sum_si_t;
            i64_load32_u_step_ri_t, i64_mul_rs, i64_shr_u_si_t;
            i64_load_step_ri_t, br_i64_eq_ri, i32_add_si;
            i64_load_step_ri_t, i64_store_sr, i32_add_si;
        }
    };
}
#[cfg(tail)]
pub(crate) use for_each_chain;

/// Whether this build has them: the handlers are those of the tail engine.
pub(crate) const CHAINS: bool = cfg!(all(tail, feature = "specialized-ops"));

/// The ops of a chain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    pub first: OpCode,
    pub second: OpCode,
    pub third: Option<OpCode>,
}

macro_rules! define_chains {
    ($($first:ident, $second:ident $(, $third:ident)?;)*) => {
        /// The ops of each chain, by its number less that of the first one.
        const CHAIN_OPS: &[Chain] = &[$(Chain {
            first: OpCode::$first,
            second: OpCode::$second,
            third: third!($($third)?),
        },)*];
    };
}

macro_rules! third {
    () => {
        None
    };
    ($third:ident) => {
        Some(OpCode::$third)
    };
}

for_each_chain!(define_chains);

/// How many chains there are.
pub(crate) const COUNT: usize = CHAIN_OPS.len();

/// The number of the first chain: those of the ops stand before.
pub(crate) const BASE: usize = OpCode::ALL.len();

/// The chain with this number, which is no op's.
pub(crate) fn of(number: u16) -> Option<Chain> {
    if !CHAINS {
        return None;
    }
    CHAIN_OPS.get(usize::from(number).checked_sub(BASE)?).copied()
}

/// Where the chains of each op begin in [`CHAIN_OPS`], [`COUNT`] for an op that is first in none.
static BEGINNINGS: [u16; BASE] = {
    let mut beginnings = [COUNT as u16; BASE];
    let mut index = COUNT;
    while index > 0 {
        index -= 1;
        let first = CHAIN_OPS[index].first as usize;
        let behind = beginnings[first] as usize;
        assert!(behind == COUNT || behind == index + 1, "the chains of an op stand together");
        beginnings[first] = index as u16;
    }
    beginnings
};

/// The number of the chain of these ops.
fn number_of(first: OpCode, second: OpCode, third: Option<OpCode>) -> Option<u16> {
    let beginning = usize::from(BEGINNINGS[first as usize]);
    let chains = CHAIN_OPS[beginning..].iter().take_while(|chain| chain.first == first);
    let index = chains.into_iter().position(|chain| chain.second == second && chain.third == third)?;
    Some((BASE + beginning + index) as u16)
}

/// Puts its chain in place of each op that is the first of one, the longest where there are several.
pub(crate) fn join(units: &mut [u16]) {
    let (mut position, mut last, mut last_but_one) = (0, None, None);
    while let Some(DecodedOp { opcode, end, .. }) = DecodedOp::at(units, position) {
        if let Some((start, first)) = last
            && let Some(number) = number_of(first, opcode, None)
        {
            units[start / 2] = number;
        }
        if let (Some((start, first)), Some((_, second))) = (last_but_one, last)
            && let Some(number) = number_of(first, second, Some(opcode))
        {
            units[start / 2] = number;
        }
        (last_but_one, last) = (last, Some((position, opcode)));
        position = end;
    }
}
