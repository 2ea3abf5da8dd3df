//! Results that stay in a register: ops whose result the next op takes need not write their slot.
//!
//! A temp is read once, by the op that pops it. Where that op comes right behind the one that made the value and has it from the register,
//! nobody ever looks into the slot: the row is exchanged for its twin that leaves it alone. Both have the same length, so nothing moves, and
//! where the reader is taken back to be fused with another, the twin is exchanged again:
//! ```text
//! s5 <- i64_mul_ri reg, 31               reg <- i64_mul_ri_t reg, 31
//! s5 <- i64_shr_u_ri reg, 7              s5 <- i64_shr_u_ri reg, 7
//! ```
//! Promises that no op reads a slot whose last writer was exchanged; the feature `checked` fills such slots with a value that shows.

use super::Translator;
use super::operands::{Entry, Operand, Place};
use crate::code::OpCode;
use crate::code::op::{self, Code};

/// The op that wrote a slot and its register: where it stands, in bytes, and where it ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Producer {
    pub position: u32,
    pub end: u32,
    pub slot: i32,
}

/// An op that has been exchanged for its twin.
#[derive(Clone, Copy, Debug)]
pub(super) struct SparedOp {
    position: usize,
    end: usize,
    original: OpCode,
}

impl<R: super::Resources> Translator<'_, R> {
    /// The op that is written next takes this operand, which has been popped, as `operand`.
    pub(super) fn spare_operand(&mut self, operand: Operand, entry: Entry) {
        if self.specializes()
            && matches!(operand, Operand::Reg)
            && matches!(entry.place, Place::Temp)
            && let Ok(slot) = self.temp_slot(entry)
        {
            self.spare(slot);
        }
    }

    /// The op that is written next takes what `slot` holds from the register, and nobody takes it later: if the op just written made it, and
    /// no live operand has that temp, the slot is not written.
    pub(super) fn spare(&mut self, slot: i32) {
        if self.specializes() && slot >= (self.frame.number_temps + self.stack.numbers) as i32 {
            self.spare_dead(slot);
        }
    }

    /// The same where it is known that nothing lives behind the next op.
    pub(super) fn spare_dead(&mut self, slot: i32) {
        if !self.specializes() || slot < self.frame.number_temps as i32 {
            return;
        }
        let Some(Producer { position, end, slot: written }) = self.registers.producer else { return };
        let (position, end) = (position as usize, end as usize);
        if written != slot || end != self.code.position() {
            return;
        }
        // Something else may have taken its place without a word.
        let Some((original, field)) = self.code.last_op(position) else { return };
        if i32::from(field as i16) == slot
            && let Some(twin) = spared(original)
        {
            self.code.set_opcode(position, twin);
            self.spared = [Some(SparedOp { position, end, original }), self.spared[0]];
        }
    }

    /// Takes back what stands from `position` on, and whatever op before it was exchanged because of what stood there.
    pub(super) fn take_back(&mut self, position: usize) {
        self.code.truncate(position);
        if !self.specializes() {
            return;
        }
        for spared in &mut self.spared {
            if let Some(SparedOp { position: at, original, .. }) = spared.take_if(|spared| spared.end >= position)
                && at < position
            {
                self.code.set_opcode(at, original);
            }
        }
    }
}

/// The row that does the same and leaves the slot as it is.
fn spared(original: OpCode) -> Option<OpCode> {
    OpCode::from_u16(TWINS[original as usize]).filter(|twin| *twin != NONE)
}

/// What no row is a twin of, and so means none.
const NONE: OpCode = OpCode::i32_const;

type Twins = [u16; OpCode::ALL.len()];

/// Notes that two rows differ in nothing but whether they write their slot.
const fn pair<S, T>(twins: &mut Twins, original: Code<S>, twin: Code<T>) {
    assert!(size_of::<S>() == size_of::<T>());
    twins[original.opcode as usize] = twin.opcode as u16;
}

macro_rules! twins {
    ($($original:ident $twin:ident,)*) => {{
        let mut twins = [NONE as u16; OpCode::ALL.len()];
        $(pair(&mut twins, op::$original, op::$twin);)*
        twins
    }};
}

/// The twin of each row, by its number.
#[rustfmt::skip]
static TWINS: Twins = twins! {
    i32_add_ss i32_add_ss_t,
    i32_add_si i32_add_si_t,
    i32_add_rs i32_add_rs_t,
    i32_add_ri i32_add_ri_t,
    i32_mul_ss i32_mul_ss_t,
    i32_mul_si i32_mul_si_t,
    i32_mul_rs i32_mul_rs_t,
    i32_mul_ri i32_mul_ri_t,
    i32_and_ss i32_and_ss_t,
    i32_and_si i32_and_si_t,
    i32_and_rs i32_and_rs_t,
    i32_and_ri i32_and_ri_t,
    i32_or_ss i32_or_ss_t,
    i32_or_si i32_or_si_t,
    i32_or_rs i32_or_rs_t,
    i32_or_ri i32_or_ri_t,
    i32_xor_ss i32_xor_ss_t,
    i32_xor_si i32_xor_si_t,
    i32_xor_rs i32_xor_rs_t,
    i32_xor_ri i32_xor_ri_t,
    i32_sub_ss i32_sub_ss_t,
    i32_sub_si i32_sub_si_t,
    i32_sub_is i32_sub_is_t,
    i32_sub_rs i32_sub_rs_t,
    i32_sub_sr i32_sub_sr_t,
    i32_sub_ri i32_sub_ri_t,
    i32_shl_ss i32_shl_ss_t,
    i32_shl_si i32_shl_si_t,
    i32_shl_rs i32_shl_rs_t,
    i32_shl_ri i32_shl_ri_t,
    i32_shl_ir i32_shl_ir_t,
    i32_shr_s_si i32_shr_s_si_t,
    i32_shr_s_ri i32_shr_s_ri_t,
    i32_shr_u_ss i32_shr_u_ss_t,
    i32_shr_u_si i32_shr_u_si_t,
    i32_shr_u_sr i32_shr_u_sr_t,
    i32_shr_u_ri i32_shr_u_ri_t,
    i32_rotl_si i32_rotl_si_t,
    i32_rotl_ri i32_rotl_ri_t,
    i64_add_ss i64_add_ss_t,
    i64_add_si i64_add_si_t,
    i64_add_rs i64_add_rs_t,
    i64_add_ri i64_add_ri_t,
    i64_mul_ss i64_mul_ss_t,
    i64_mul_si i64_mul_si_t,
    i64_mul_rs i64_mul_rs_t,
    i64_mul_ri i64_mul_ri_t,
    i64_and_ss i64_and_ss_t,
    i64_and_si i64_and_si_t,
    i64_and_rs i64_and_rs_t,
    i64_and_ri i64_and_ri_t,
    i64_or_ss i64_or_ss_t,
    i64_or_si i64_or_si_t,
    i64_or_rs i64_or_rs_t,
    i64_or_ri i64_or_ri_t,
    i64_xor_ss i64_xor_ss_t,
    i64_xor_si i64_xor_si_t,
    i64_xor_rs i64_xor_rs_t,
    i64_xor_ri i64_xor_ri_t,
    i64_sub_ss i64_sub_ss_t,
    i64_sub_si i64_sub_si_t,
    i64_sub_is i64_sub_is_t,
    i64_sub_rs i64_sub_rs_t,
    i64_sub_sr i64_sub_sr_t,
    i64_sub_ri i64_sub_ri_t,
    i64_shl_ss i64_shl_ss_t,
    i64_shl_si i64_shl_si_t,
    i64_shl_rs i64_shl_rs_t,
    i64_shl_ri i64_shl_ri_t,
    i64_shl_ir i64_shl_ir_t,
    i64_shr_s_si i64_shr_s_si_t,
    i64_shr_s_ri i64_shr_s_ri_t,
    i64_shr_u_ss i64_shr_u_ss_t,
    i64_shr_u_si i64_shr_u_si_t,
    i64_shr_u_sr i64_shr_u_sr_t,
    i64_shr_u_ri i64_shr_u_ri_t,
    i64_rotl_si i64_rotl_si_t,
    i64_rotl_ri i64_rotl_ri_t,
    f32_add_ss f32_add_ss_t,
    f32_add_rs f32_add_rs_t,
    f32_mul_ss f32_mul_ss_t,
    f32_mul_rs f32_mul_rs_t,
    f32_sub_ss f32_sub_ss_t,
    f32_sub_rs f32_sub_rs_t,
    f32_sub_sr f32_sub_sr_t,
    f64_add_ss f64_add_ss_t,
    f64_add_si f64_add_si_t,
    f64_add_rs f64_add_rs_t,
    f64_add_ri f64_add_ri_t,
    f64_mul_ss f64_mul_ss_t,
    f64_mul_si f64_mul_si_t,
    f64_mul_rs f64_mul_rs_t,
    f64_mul_ri f64_mul_ri_t,
    f64_sub_ss f64_sub_ss_t,
    f64_sub_rs f64_sub_rs_t,
    f64_sub_sr f64_sub_sr_t,
    f64_div_ss f64_div_ss_t,
    f64_div_rs f64_div_rs_t,
    f64_div_sr f64_div_sr_t,
    i64_extend_i32_s_s i64_extend_i32_s_s_t,
    i64_extend_i32_s_r i64_extend_i32_s_r_t,
    i64_extend_i32_u_s i64_extend_i32_u_s_t,
    i64_extend_i32_u_r i64_extend_i32_u_r_t,
    global_get_int global_get_int_t,
    i64_load8_u_s i64_load8_u_s_t,
    i64_load8_u_r i64_load8_u_r_t,
    i64_load8_u_sum_ss i64_load8_u_sum_ss_t,
    i64_load8_u_sum_si i64_load8_u_sum_si_t,
    i64_load8_u_sum_rs i64_load8_u_sum_rs_t,
    i64_load8_u_sum_ri i64_load8_u_sum_ri_t,
    i32_load8_s_s i32_load8_s_s_t,
    i32_load8_s_r i32_load8_s_r_t,
    i32_load8_s_sum_ss i32_load8_s_sum_ss_t,
    i32_load8_s_sum_rs i32_load8_s_sum_rs_t,
    i64_load16_u_s i64_load16_u_s_t,
    i64_load16_u_r i64_load16_u_r_t,
    i64_load16_u_sum_ss i64_load16_u_sum_ss_t,
    i64_load16_u_sum_si i64_load16_u_sum_si_t,
    i64_load16_u_sum_rs i64_load16_u_sum_rs_t,
    i64_load16_u_sum_ri i64_load16_u_sum_ri_t,
    i32_load16_s_s i32_load16_s_s_t,
    i32_load16_s_r i32_load16_s_r_t,
    i32_load16_s_sum_ss i32_load16_s_sum_ss_t,
    i32_load16_s_sum_rs i32_load16_s_sum_rs_t,
    i64_load32_u_s i64_load32_u_s_t,
    i64_load32_u_r i64_load32_u_r_t,
    i64_load32_u_sum_ss i64_load32_u_sum_ss_t,
    i64_load32_u_sum_si i64_load32_u_sum_si_t,
    i64_load32_u_sum_rs i64_load32_u_sum_rs_t,
    i64_load32_u_sum_ri i64_load32_u_sum_ri_t,
    i64_load_s i64_load_s_t,
    i64_load_r i64_load_r_t,
    i64_load_sum_ss i64_load_sum_ss_t,
    i64_load_sum_si i64_load_sum_si_t,
    i64_load_sum_rs i64_load_sum_rs_t,
    i64_load_sum_ri i64_load_sum_ri_t,
    f32_load_s f32_load_s_t,
    f32_load_r f32_load_r_t,
    f32_load_sum_ss f32_load_sum_ss_t,
    f32_load_sum_rs f32_load_sum_rs_t,
    f64_load_s f64_load_s_t,
    f64_load_r f64_load_r_t,
    f64_load_sum_ss f64_load_sum_ss_t,
    f64_load_sum_si f64_load_sum_si_t,
    f64_load_sum_rs f64_load_sum_rs_t,
    f64_load_sum_ri f64_load_sum_ri_t,
    i64_load16_u_scaled_ss i64_load16_u_scaled_ss_t,
    i64_load16_u_scaled_si i64_load16_u_scaled_si_t,
    i64_load16_u_scaled_rs i64_load16_u_scaled_rs_t,
    i64_load16_u_scaled_ri i64_load16_u_scaled_ri_t,
    i64_load32_u_scaled_ss i64_load32_u_scaled_ss_t,
    i64_load32_u_scaled_si i64_load32_u_scaled_si_t,
    i64_load32_u_scaled_rs i64_load32_u_scaled_rs_t,
    i64_load32_u_scaled_ri i64_load32_u_scaled_ri_t,
    i64_load_scaled_ss i64_load_scaled_ss_t,
    i64_load_scaled_si i64_load_scaled_si_t,
    i64_load_scaled_rs i64_load_scaled_rs_t,
    i64_load_scaled_ri i64_load_scaled_ri_t,
    f64_load_scaled_ss f64_load_scaled_ss_t,
    f64_load_scaled_si f64_load_scaled_si_t,
    f64_load_scaled_rs f64_load_scaled_rs_t,
    f64_load_scaled_ri f64_load_scaled_ri_t,
    f64_mul_add_sss f64_mul_add_sss_t,
    f64_mul_add_rss f64_mul_add_rss_t,
    i32_shl_add_sis i32_shl_add_sis_t,
    i32_shl_add_sii i32_shl_add_sii_t,
    i32_shl_add_ris i32_shl_add_ris_t,
    i32_shl_add_rii i32_shl_add_rii_t,
    i32_shr_u_and_sii i32_shr_u_and_sii_t,
    i32_shr_u_and_rii i32_shr_u_and_rii_t,
    i32_shr_u_xor_sis i32_shr_u_xor_sis_t,
    i32_shr_u_xor_sir i32_shr_u_xor_sir_t,
    i32_shr_u_xor_ris i32_shr_u_xor_ris_t,
    i32_shr_u_xor_rir i32_shr_u_xor_rir_t,
    i64_shr_u_xor_sis i64_shr_u_xor_sis_t,
    i64_shr_u_xor_sir i64_shr_u_xor_sir_t,
    i64_shr_u_xor_ris i64_shr_u_xor_ris_t,
    i64_shr_u_xor_rir i64_shr_u_xor_rir_t,
    i32_eq_ss i32_eq_ss_t,
    i32_eq_si i32_eq_si_t,
    i32_eq_rs i32_eq_rs_t,
    i32_eq_ri i32_eq_ri_t,
    i32_ne_ss i32_ne_ss_t,
    i32_ne_si i32_ne_si_t,
    i32_ne_rs i32_ne_rs_t,
    i32_ne_ri i32_ne_ri_t,
    i32_lt_s_ss i32_lt_s_ss_t,
    i32_lt_s_si i32_lt_s_si_t,
    i32_lt_s_rs i32_lt_s_rs_t,
    i32_lt_s_ri i32_lt_s_ri_t,
    i32_lt_u_ss i32_lt_u_ss_t,
    i32_lt_u_si i32_lt_u_si_t,
    i32_lt_u_rs i32_lt_u_rs_t,
    i32_lt_u_ri i32_lt_u_ri_t,
    i32_gt_s_ss i32_gt_s_ss_t,
    i32_gt_s_si i32_gt_s_si_t,
    i32_gt_s_rs i32_gt_s_rs_t,
    i32_gt_s_ri i32_gt_s_ri_t,
    i32_gt_u_ss i32_gt_u_ss_t,
    i32_gt_u_si i32_gt_u_si_t,
    i32_gt_u_rs i32_gt_u_rs_t,
    i32_gt_u_ri i32_gt_u_ri_t,
    i32_shl_sr i32_shl_sr_t,
    i32_shr_s_sr i32_shr_s_sr_t,
    i32_sub_ir i32_sub_ir_t,
    i64_shl_sr i64_shl_sr_t,
    i64_shr_s_sr i64_shr_s_sr_t,
    i64_sub_ir i64_sub_ir_t,
    f64_sub_ir f64_sub_ir_t,
    f64_div_ir f64_div_ir_t,
    i32_extend8_s_s i32_extend8_s_s_t,
    i32_extend8_s_r i32_extend8_s_r_t,
    i32_extend16_s_s i32_extend16_s_s_t,
    i32_extend16_s_r i32_extend16_s_r_t,
    f64_sqrt_s f64_sqrt_s_t,
    f64_sqrt_r f64_sqrt_r_t,
    select_s select_s_t,
    select_r select_r_t,
    select_i32_eq_s select_i32_eq_s_t,
    select_i32_eq_i select_i32_eq_i_t,
    select_i32_lt_s_s select_i32_lt_s_s_t,
    select_i32_lt_s_i select_i32_lt_s_i_t,
    select_i32_lt_u_s select_i32_lt_u_s_t,
    select_i32_lt_u_i select_i32_lt_u_i_t,
    select_i32_gt_s_i select_i32_gt_s_i_t,
    select_i32_gt_u_i select_i32_gt_u_i_t,
    i64_load8_u_step_ri i64_load8_u_step_ri_t,
    i64_load8_u_step_rs i64_load8_u_step_rs_t,
    i64_load8_u_step_si i64_load8_u_step_si_t,
    i32_load8_s_step_ri i32_load8_s_step_ri_t,
    i32_load8_s_step_rs i32_load8_s_step_rs_t,
    i32_load8_s_step_si i32_load8_s_step_si_t,
    i64_load16_u_step_ri i64_load16_u_step_ri_t,
    i64_load16_u_step_rs i64_load16_u_step_rs_t,
    i64_load16_u_step_si i64_load16_u_step_si_t,
    i64_load32_u_step_ri i64_load32_u_step_ri_t,
    i64_load32_u_step_rs i64_load32_u_step_rs_t,
    i64_load32_u_step_si i64_load32_u_step_si_t,
    i64_load_step_ri i64_load_step_ri_t,
    i64_load_step_rs i64_load_step_rs_t,
    i64_load_step_si i64_load_step_si_t,
    f64_load_step_ri f64_load_step_ri_t,
    f64_load_step_rs f64_load_step_rs_t,
    f64_load_step_si f64_load_step_si_t,
};
