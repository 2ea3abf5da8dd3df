//! Which ops an instruction has: one static for each instruction, naming the row for each class of operands.

use crate::code::op::{self, Code};
use crate::code::shape::*;

/// The rows of a binary instruction whose operands may be exchanged.
pub(super) struct Commutative<I> {
    pub ss: Code<Binary<Slot, Slot>>,
    pub si: Code<Binary<Slot, I>>,
    pub rs: Code<Binary<Reg, Slot>>,
    pub ri: Code<Binary<Reg, I>>,
}

/// The rows of an addition that takes in the operation before it.
pub(super) struct AddForms {
    pub mul_add_s: Code<Fused<Slot, Slot, Slot>>,
    pub mul_add_r: Code<Fused<Reg, Slot, Slot>>,
    pub shl_add: Option<ShlAddForms>,
}

/// The rows of a sum with a shifted index.
pub(super) struct ShlAddForms {
    pub sis: Code<Fused<Slot, i32, Slot>>,
    pub sii: Code<Fused<Slot, i32, i32>>,
    pub ris: Code<Fused<Reg, i32, Slot>>,
    pub rii: Code<Fused<Reg, i32, i32>>,
}

pub(super) static I32_SUMS: AddForms = AddForms {
    mul_add_s: op::i32_mul_add_sss,
    mul_add_r: op::i32_mul_add_rss,
    shl_add: Some(ShlAddForms {
        sis: op::i32_shl_add_sis,
        sii: op::i32_shl_add_sii,
        ris: op::i32_shl_add_ris,
        rii: op::i32_shl_add_rii,
    }),
};
pub(super) static I64_SUMS: AddForms =
    AddForms { mul_add_s: op::i64_mul_add_sss, mul_add_r: op::i64_mul_add_rss, shl_add: None };
pub(super) static F32_SUMS: AddForms =
    AddForms { mul_add_s: op::f32_mul_add_sss, mul_add_r: op::f32_mul_add_rss, shl_add: None };
pub(super) static F64_SUMS: AddForms =
    AddForms { mul_add_s: op::f64_mul_add_sss, mul_add_r: op::f64_mul_add_rss, shl_add: None };

/// The rows of a binary instruction whose operands may not be exchanged.
pub(super) struct Ordered<I> {
    pub ss: Code<Binary<Slot, Slot>>,
    pub si: Code<Binary<Slot, I>>,
    pub is: Code<Binary<I, Slot>>,
    pub rs: Code<Binary<Reg, Slot>>,
    pub sr: Code<Binary<Slot, Reg>>,
    pub ri: Code<Binary<Reg, I>>,
    pub ir: Code<Binary<I, Reg>>,
}

/// The rows of a division, which takes so long that where its operands are makes no difference; but a constant divisor needs no check.
pub(super) struct Division<I> {
    pub ss: Code<Binary<Slot, Slot>>,
    pub si: Code<Binary<Slot, I>>,
}

/// The rows of a branch on a comparison.
pub(super) struct Branches<I> {
    pub ss: Code<BranchCompare<Slot, Slot>>,
    pub si: Code<BranchCompare<Slot, I>>,
    pub rs: Code<BranchCompare<Reg, Slot>>,
    pub ri: Code<BranchCompare<Reg, I>>,
}

/// A comparison: as a value, as a branch when it holds, and as a branch when it does not.
pub(super) struct Compare<I: 'static> {
    pub value: Commutative<I>,
    pub taken: Branches<I>,
    pub not_taken: Branches<I>,
    /// The comparison with its operands exchanged.
    pub swapped: &'static Compare<I>,
    /// The opposite comparison, where there is one (not for floats: NaN).
    pub negated: Option<&'static Compare<I>>,
}

/// The rows of an instruction with one operand.
pub(super) struct UnaryForms {
    pub s: Code<Unary<Slot>>,
    pub r: Code<Unary<Reg>>,
}

/// The rows of a load.
pub(super) struct LoadForms {
    pub s: Code<Load<Slot>>,
    pub r: Code<Load<Reg>>,
    pub a: Code<Load<Zero>>,
    pub x: Code<LoadX<Slot>>,
    /// With an address that is a sum.
    pub sum: SumForms,
    /// With the address of an array element, where there are such rows.
    pub scaled: Option<ScaledForms>,
    /// Behind a step, where there are such rows.
    pub step: Option<StepForms>,
}

/// The rows of a load behind a step: address, addend.
pub(super) struct StepForms {
    pub ri: Code<LoadStep<Reg, i32>>,
    pub rs: Code<LoadStep<Reg, Slot>>,
    pub si: Code<LoadStep<Slot, i32>>,
}

/// The rows of a value shifted down and combined with another.
pub(super) struct ShiftForms {
    pub sis: Code<Fused<Slot, i32, Slot>>,
    pub sir: Code<Fused<Slot, i32, Reg>>,
    pub ris: Code<Fused<Reg, i32, Slot>>,
    pub rir: Code<Fused<Reg, i32, Reg>>,
}

pub(super) static I32_SHR_U_XOR: ShiftForms = ShiftForms {
    sis: op::i32_shr_u_xor_sis,
    sir: op::i32_shr_u_xor_sir,
    ris: op::i32_shr_u_xor_ris,
    rir: op::i32_shr_u_xor_rir,
};
pub(super) static I64_SHR_U_XOR: ShiftForms = ShiftForms {
    sis: op::i64_shr_u_xor_sis,
    sir: op::i64_shr_u_xor_sir,
    ris: op::i64_shr_u_xor_ris,
    rir: op::i64_shr_u_xor_rir,
};

/// The rows of a load whose address is a sum.
pub(super) struct SumForms {
    pub ss: Code<LoadSum<Slot, Slot>>,
    pub si: Code<LoadSum<Slot, i32>>,
    pub rs: Code<LoadSum<Reg, Slot>>,
    pub ri: Code<LoadSum<Reg, i32>>,
}

/// The rows of a load of an array element: index, base.
pub(super) struct ScaledForms {
    pub ss: Code<LoadScaled<Slot, Slot>>,
    pub si: Code<LoadScaled<Slot, i32>>,
    pub rs: Code<LoadScaled<Reg, Slot>>,
    pub ri: Code<LoadScaled<Reg, i32>>,
}

/// The rows of an integer store: address class, value class.
pub(super) struct StoreForms<I> {
    pub ss: Code<Store<Slot, Slot>>,
    pub sr: Code<Store<Slot, Reg>>,
    pub si: Code<Store<Slot, I>>,
    pub rs: Code<Store<Reg, Slot>>,
    pub ri: Code<Store<Reg, I>>,
    pub as_: Code<Store<Zero, Slot>>,
    pub ar: Code<Store<Zero, Reg>>,
    pub ai: Code<Store<Zero, I>>,
    pub x: Code<StoreX<Slot>>,
}

/// The rows of a float store whose value is in the float register; the others are those of the integer of its size.
pub(super) struct FloatStoreForms {
    pub sr: Code<Store<Slot, Reg>>,
    pub rr: Code<Store<Reg, Reg>>,
    pub ar: Code<Store<Zero, Reg>>,
}

pub(super) static F32_STORE: FloatStoreForms =
    FloatStoreForms { sr: op::f32_store_sr, rr: op::f32_store_rr, ar: op::f32_store_ar };
pub(super) static F64_STORE: FloatStoreForms =
    FloatStoreForms { sr: op::f64_store_sr, rr: op::f64_store_rr, ar: op::f64_store_ar };

pub(super) static I32_ADD: Commutative<i32> =
    Commutative { ss: op::i32_add_ss, si: op::i32_add_si, rs: op::i32_add_rs, ri: op::i32_add_ri };
pub(super) static I32_MUL: Commutative<i32> =
    Commutative { ss: op::i32_mul_ss, si: op::i32_mul_si, rs: op::i32_mul_rs, ri: op::i32_mul_ri };
pub(super) static I32_OR: Commutative<i32> =
    Commutative { ss: op::i32_or_ss, si: op::i32_or_si, rs: op::i32_or_rs, ri: op::i32_or_ri };
pub(super) static I32_XOR: Commutative<i32> =
    Commutative { ss: op::i32_xor_ss, si: op::i32_xor_si, rs: op::i32_xor_rs, ri: op::i32_xor_ri };
pub(super) static I32_SUB: Ordered<i32> = Ordered {
    ss: op::i32_sub_ss,
    si: op::i32_sub_si,
    is: op::i32_sub_is,
    rs: op::i32_sub_rs,
    sr: op::i32_sub_sr,
    ri: op::i32_sub_ri,
    ir: op::i32_sub_ir,
};
pub(super) static I32_SHL: Ordered<i32> = Ordered {
    ss: op::i32_shl_ss,
    si: op::i32_shl_si,
    is: op::i32_shl_is,
    rs: op::i32_shl_rs,
    sr: op::i32_shl_sr,
    ri: op::i32_shl_ri,
    ir: op::i32_shl_ir,
};
pub(super) static I32_SHR_S: Ordered<i32> = Ordered {
    ss: op::i32_shr_s_ss,
    si: op::i32_shr_s_si,
    is: op::i32_shr_s_is,
    rs: op::i32_shr_s_rs,
    sr: op::i32_shr_s_sr,
    ri: op::i32_shr_s_ri,
    ir: op::i32_shr_s_ir,
};
pub(super) static I32_SHR_U: Ordered<i32> = Ordered {
    ss: op::i32_shr_u_ss,
    si: op::i32_shr_u_si,
    is: op::i32_shr_u_is,
    rs: op::i32_shr_u_rs,
    sr: op::i32_shr_u_sr,
    ri: op::i32_shr_u_ri,
    ir: op::i32_shr_u_ir,
};
pub(super) static I32_ROTL: Ordered<i32> = Ordered {
    ss: op::i32_rotl_ss,
    si: op::i32_rotl_si,
    is: op::i32_rotl_is,
    rs: op::i32_rotl_rs,
    sr: op::i32_rotl_sr,
    ri: op::i32_rotl_ri,
    ir: op::i32_rotl_ir,
};
pub(super) static I32_ROTR: Ordered<i32> = Ordered {
    ss: op::i32_rotr_ss,
    si: op::i32_rotr_si,
    is: op::i32_rotr_is,
    rs: op::i32_rotr_rs,
    sr: op::i32_rotr_sr,
    ri: op::i32_rotr_ri,
    ir: op::i32_rotr_ir,
};
pub(super) static I32_DIV_S: Division<i32> = Division { ss: op::i32_div_s_ss, si: op::i32_div_s_si };
pub(super) static I32_DIV_U: Division<i32> = Division { ss: op::i32_div_u_ss, si: op::i32_div_u_si };
pub(super) static I32_REM_S: Division<i32> = Division { ss: op::i32_rem_s_ss, si: op::i32_rem_s_si };
pub(super) static I32_REM_U: Division<i32> = Division { ss: op::i32_rem_u_ss, si: op::i32_rem_u_si };
pub(super) static I64_ADD: Commutative<i64> =
    Commutative { ss: op::i64_add_ss, si: op::i64_add_si, rs: op::i64_add_rs, ri: op::i64_add_ri };
pub(super) static I64_MUL: Commutative<i64> =
    Commutative { ss: op::i64_mul_ss, si: op::i64_mul_si, rs: op::i64_mul_rs, ri: op::i64_mul_ri };
pub(super) static I64_OR: Commutative<i64> =
    Commutative { ss: op::i64_or_ss, si: op::i64_or_si, rs: op::i64_or_rs, ri: op::i64_or_ri };
pub(super) static I64_XOR: Commutative<i64> =
    Commutative { ss: op::i64_xor_ss, si: op::i64_xor_si, rs: op::i64_xor_rs, ri: op::i64_xor_ri };
pub(super) static I64_SUB: Ordered<i64> = Ordered {
    ss: op::i64_sub_ss,
    si: op::i64_sub_si,
    is: op::i64_sub_is,
    rs: op::i64_sub_rs,
    sr: op::i64_sub_sr,
    ri: op::i64_sub_ri,
    ir: op::i64_sub_ir,
};
pub(super) static I64_SHL: Ordered<i64> = Ordered {
    ss: op::i64_shl_ss,
    si: op::i64_shl_si,
    is: op::i64_shl_is,
    rs: op::i64_shl_rs,
    sr: op::i64_shl_sr,
    ri: op::i64_shl_ri,
    ir: op::i64_shl_ir,
};
pub(super) static I64_SHR_S: Ordered<i64> = Ordered {
    ss: op::i64_shr_s_ss,
    si: op::i64_shr_s_si,
    is: op::i64_shr_s_is,
    rs: op::i64_shr_s_rs,
    sr: op::i64_shr_s_sr,
    ri: op::i64_shr_s_ri,
    ir: op::i64_shr_s_ir,
};
pub(super) static I64_SHR_U: Ordered<i64> = Ordered {
    ss: op::i64_shr_u_ss,
    si: op::i64_shr_u_si,
    is: op::i64_shr_u_is,
    rs: op::i64_shr_u_rs,
    sr: op::i64_shr_u_sr,
    ri: op::i64_shr_u_ri,
    ir: op::i64_shr_u_ir,
};
pub(super) static I64_ROTL: Ordered<i64> = Ordered {
    ss: op::i64_rotl_ss,
    si: op::i64_rotl_si,
    is: op::i64_rotl_is,
    rs: op::i64_rotl_rs,
    sr: op::i64_rotl_sr,
    ri: op::i64_rotl_ri,
    ir: op::i64_rotl_ir,
};
pub(super) static I64_ROTR: Ordered<i64> = Ordered {
    ss: op::i64_rotr_ss,
    si: op::i64_rotr_si,
    is: op::i64_rotr_is,
    rs: op::i64_rotr_rs,
    sr: op::i64_rotr_sr,
    ri: op::i64_rotr_ri,
    ir: op::i64_rotr_ir,
};
pub(super) static I64_DIV_S: Division<i64> = Division { ss: op::i64_div_s_ss, si: op::i64_div_s_si };
pub(super) static I64_DIV_U: Division<i64> = Division { ss: op::i64_div_u_ss, si: op::i64_div_u_si };
pub(super) static I64_REM_S: Division<i64> = Division { ss: op::i64_rem_s_ss, si: op::i64_rem_s_si };
pub(super) static I64_REM_U: Division<i64> = Division { ss: op::i64_rem_u_ss, si: op::i64_rem_u_si };
pub(super) static F32_ADD: Commutative<F32Bits> =
    Commutative { ss: op::f32_add_ss, si: op::f32_add_si, rs: op::f32_add_rs, ri: op::f32_add_ri };
pub(super) static F32_MUL: Commutative<F32Bits> =
    Commutative { ss: op::f32_mul_ss, si: op::f32_mul_si, rs: op::f32_mul_rs, ri: op::f32_mul_ri };
pub(super) static F32_MIN: Commutative<F32Bits> =
    Commutative { ss: op::f32_min_ss, si: op::f32_min_si, rs: op::f32_min_rs, ri: op::f32_min_ri };
pub(super) static F32_MAX: Commutative<F32Bits> =
    Commutative { ss: op::f32_max_ss, si: op::f32_max_si, rs: op::f32_max_rs, ri: op::f32_max_ri };
pub(super) static F32_SUB: Ordered<F32Bits> = Ordered {
    ss: op::f32_sub_ss,
    si: op::f32_sub_si,
    is: op::f32_sub_is,
    rs: op::f32_sub_rs,
    sr: op::f32_sub_sr,
    ri: op::f32_sub_ri,
    ir: op::f32_sub_ir,
};
pub(super) static F32_DIV: Ordered<F32Bits> = Ordered {
    ss: op::f32_div_ss,
    si: op::f32_div_si,
    is: op::f32_div_is,
    rs: op::f32_div_rs,
    sr: op::f32_div_sr,
    ri: op::f32_div_ri,
    ir: op::f32_div_ir,
};
pub(super) static F64_ADD: Commutative<F64Bits> =
    Commutative { ss: op::f64_add_ss, si: op::f64_add_si, rs: op::f64_add_rs, ri: op::f64_add_ri };
pub(super) static F64_MUL: Commutative<F64Bits> =
    Commutative { ss: op::f64_mul_ss, si: op::f64_mul_si, rs: op::f64_mul_rs, ri: op::f64_mul_ri };
pub(super) static F64_MIN: Commutative<F64Bits> =
    Commutative { ss: op::f64_min_ss, si: op::f64_min_si, rs: op::f64_min_rs, ri: op::f64_min_ri };
pub(super) static F64_MAX: Commutative<F64Bits> =
    Commutative { ss: op::f64_max_ss, si: op::f64_max_si, rs: op::f64_max_rs, ri: op::f64_max_ri };
pub(super) static F64_SUB: Ordered<F64Bits> = Ordered {
    ss: op::f64_sub_ss,
    si: op::f64_sub_si,
    is: op::f64_sub_is,
    rs: op::f64_sub_rs,
    sr: op::f64_sub_sr,
    ri: op::f64_sub_ri,
    ir: op::f64_sub_ir,
};
pub(super) static F64_DIV: Ordered<F64Bits> = Ordered {
    ss: op::f64_div_ss,
    si: op::f64_div_si,
    is: op::f64_div_is,
    rs: op::f64_div_rs,
    sr: op::f64_div_sr,
    ri: op::f64_div_ri,
    ir: op::f64_div_ir,
};
pub(super) static I32_EQ: Compare<i32> = Compare {
    value: Commutative { ss: op::i32_eq_ss, si: op::i32_eq_si, rs: op::i32_eq_rs, ri: op::i32_eq_ri },
    taken: Branches { ss: op::br_i32_eq_ss, si: op::br_i32_eq_si, rs: op::br_i32_eq_rs, ri: op::br_i32_eq_ri },
    not_taken: Branches { ss: op::br_i32_ne_ss, si: op::br_i32_ne_si, rs: op::br_i32_ne_rs, ri: op::br_i32_ne_ri },
    swapped: &I32_EQ,
    negated: Some(&I32_NE),
};
pub(super) static I32_NE: Compare<i32> = Compare {
    value: Commutative { ss: op::i32_ne_ss, si: op::i32_ne_si, rs: op::i32_ne_rs, ri: op::i32_ne_ri },
    taken: Branches { ss: op::br_i32_ne_ss, si: op::br_i32_ne_si, rs: op::br_i32_ne_rs, ri: op::br_i32_ne_ri },
    not_taken: Branches { ss: op::br_i32_eq_ss, si: op::br_i32_eq_si, rs: op::br_i32_eq_rs, ri: op::br_i32_eq_ri },
    swapped: &I32_NE,
    negated: Some(&I32_EQ),
};
pub(super) static I32_LT_S: Compare<i32> = Compare {
    value: Commutative { ss: op::i32_lt_s_ss, si: op::i32_lt_s_si, rs: op::i32_lt_s_rs, ri: op::i32_lt_s_ri },
    taken: Branches { ss: op::br_i32_lt_s_ss, si: op::br_i32_lt_s_si, rs: op::br_i32_lt_s_rs, ri: op::br_i32_lt_s_ri },
    not_taken: Branches {
        ss: op::br_i32_ge_s_ss,
        si: op::br_i32_ge_s_si,
        rs: op::br_i32_ge_s_rs,
        ri: op::br_i32_ge_s_ri,
    },
    swapped: &I32_GT_S,
    negated: Some(&I32_GE_S),
};
pub(super) static I32_LT_U: Compare<i32> = Compare {
    value: Commutative { ss: op::i32_lt_u_ss, si: op::i32_lt_u_si, rs: op::i32_lt_u_rs, ri: op::i32_lt_u_ri },
    taken: Branches { ss: op::br_i32_lt_u_ss, si: op::br_i32_lt_u_si, rs: op::br_i32_lt_u_rs, ri: op::br_i32_lt_u_ri },
    not_taken: Branches {
        ss: op::br_i32_ge_u_ss,
        si: op::br_i32_ge_u_si,
        rs: op::br_i32_ge_u_rs,
        ri: op::br_i32_ge_u_ri,
    },
    swapped: &I32_GT_U,
    negated: Some(&I32_GE_U),
};
pub(super) static I32_GT_S: Compare<i32> = Compare {
    value: Commutative { ss: op::i32_gt_s_ss, si: op::i32_gt_s_si, rs: op::i32_gt_s_rs, ri: op::i32_gt_s_ri },
    taken: Branches { ss: op::br_i32_gt_s_ss, si: op::br_i32_gt_s_si, rs: op::br_i32_gt_s_rs, ri: op::br_i32_gt_s_ri },
    not_taken: Branches {
        ss: op::br_i32_le_s_ss,
        si: op::br_i32_le_s_si,
        rs: op::br_i32_le_s_rs,
        ri: op::br_i32_le_s_ri,
    },
    swapped: &I32_LT_S,
    negated: Some(&I32_LE_S),
};
pub(super) static I32_GT_U: Compare<i32> = Compare {
    value: Commutative { ss: op::i32_gt_u_ss, si: op::i32_gt_u_si, rs: op::i32_gt_u_rs, ri: op::i32_gt_u_ri },
    taken: Branches { ss: op::br_i32_gt_u_ss, si: op::br_i32_gt_u_si, rs: op::br_i32_gt_u_rs, ri: op::br_i32_gt_u_ri },
    not_taken: Branches {
        ss: op::br_i32_le_u_ss,
        si: op::br_i32_le_u_si,
        rs: op::br_i32_le_u_rs,
        ri: op::br_i32_le_u_ri,
    },
    swapped: &I32_LT_U,
    negated: Some(&I32_LE_U),
};
pub(super) static I32_LE_S: Compare<i32> = Compare {
    value: Commutative { ss: op::i32_le_s_ss, si: op::i32_le_s_si, rs: op::i32_le_s_rs, ri: op::i32_le_s_ri },
    taken: Branches { ss: op::br_i32_le_s_ss, si: op::br_i32_le_s_si, rs: op::br_i32_le_s_rs, ri: op::br_i32_le_s_ri },
    not_taken: Branches {
        ss: op::br_i32_gt_s_ss,
        si: op::br_i32_gt_s_si,
        rs: op::br_i32_gt_s_rs,
        ri: op::br_i32_gt_s_ri,
    },
    swapped: &I32_GE_S,
    negated: Some(&I32_GT_S),
};
pub(super) static I32_LE_U: Compare<i32> = Compare {
    value: Commutative { ss: op::i32_le_u_ss, si: op::i32_le_u_si, rs: op::i32_le_u_rs, ri: op::i32_le_u_ri },
    taken: Branches { ss: op::br_i32_le_u_ss, si: op::br_i32_le_u_si, rs: op::br_i32_le_u_rs, ri: op::br_i32_le_u_ri },
    not_taken: Branches {
        ss: op::br_i32_gt_u_ss,
        si: op::br_i32_gt_u_si,
        rs: op::br_i32_gt_u_rs,
        ri: op::br_i32_gt_u_ri,
    },
    swapped: &I32_GE_U,
    negated: Some(&I32_GT_U),
};
pub(super) static I32_GE_S: Compare<i32> = Compare {
    value: Commutative { ss: op::i32_ge_s_ss, si: op::i32_ge_s_si, rs: op::i32_ge_s_rs, ri: op::i32_ge_s_ri },
    taken: Branches { ss: op::br_i32_ge_s_ss, si: op::br_i32_ge_s_si, rs: op::br_i32_ge_s_rs, ri: op::br_i32_ge_s_ri },
    not_taken: Branches {
        ss: op::br_i32_lt_s_ss,
        si: op::br_i32_lt_s_si,
        rs: op::br_i32_lt_s_rs,
        ri: op::br_i32_lt_s_ri,
    },
    swapped: &I32_LE_S,
    negated: Some(&I32_LT_S),
};
pub(super) static I32_GE_U: Compare<i32> = Compare {
    value: Commutative { ss: op::i32_ge_u_ss, si: op::i32_ge_u_si, rs: op::i32_ge_u_rs, ri: op::i32_ge_u_ri },
    taken: Branches { ss: op::br_i32_ge_u_ss, si: op::br_i32_ge_u_si, rs: op::br_i32_ge_u_rs, ri: op::br_i32_ge_u_ri },
    not_taken: Branches {
        ss: op::br_i32_lt_u_ss,
        si: op::br_i32_lt_u_si,
        rs: op::br_i32_lt_u_rs,
        ri: op::br_i32_lt_u_ri,
    },
    swapped: &I32_LE_U,
    negated: Some(&I32_LT_U),
};
pub(super) static I64_EQ: Compare<i64> = Compare {
    value: Commutative { ss: op::i64_eq_ss, si: op::i64_eq_si, rs: op::i64_eq_rs, ri: op::i64_eq_ri },
    taken: Branches { ss: op::br_i64_eq_ss, si: op::br_i64_eq_si, rs: op::br_i64_eq_rs, ri: op::br_i64_eq_ri },
    not_taken: Branches { ss: op::br_i64_ne_ss, si: op::br_i64_ne_si, rs: op::br_i64_ne_rs, ri: op::br_i64_ne_ri },
    swapped: &I64_EQ,
    negated: Some(&I64_NE),
};
pub(super) static I64_NE: Compare<i64> = Compare {
    value: Commutative { ss: op::i64_ne_ss, si: op::i64_ne_si, rs: op::i64_ne_rs, ri: op::i64_ne_ri },
    taken: Branches { ss: op::br_i64_ne_ss, si: op::br_i64_ne_si, rs: op::br_i64_ne_rs, ri: op::br_i64_ne_ri },
    not_taken: Branches { ss: op::br_i64_eq_ss, si: op::br_i64_eq_si, rs: op::br_i64_eq_rs, ri: op::br_i64_eq_ri },
    swapped: &I64_NE,
    negated: Some(&I64_EQ),
};
pub(super) static I64_LT_S: Compare<i64> = Compare {
    value: Commutative { ss: op::i64_lt_s_ss, si: op::i64_lt_s_si, rs: op::i64_lt_s_rs, ri: op::i64_lt_s_ri },
    taken: Branches { ss: op::br_i64_lt_s_ss, si: op::br_i64_lt_s_si, rs: op::br_i64_lt_s_rs, ri: op::br_i64_lt_s_ri },
    not_taken: Branches {
        ss: op::br_i64_ge_s_ss,
        si: op::br_i64_ge_s_si,
        rs: op::br_i64_ge_s_rs,
        ri: op::br_i64_ge_s_ri,
    },
    swapped: &I64_GT_S,
    negated: Some(&I64_GE_S),
};
pub(super) static I64_LT_U: Compare<i64> = Compare {
    value: Commutative { ss: op::i64_lt_u_ss, si: op::i64_lt_u_si, rs: op::i64_lt_u_rs, ri: op::i64_lt_u_ri },
    taken: Branches { ss: op::br_i64_lt_u_ss, si: op::br_i64_lt_u_si, rs: op::br_i64_lt_u_rs, ri: op::br_i64_lt_u_ri },
    not_taken: Branches {
        ss: op::br_i64_ge_u_ss,
        si: op::br_i64_ge_u_si,
        rs: op::br_i64_ge_u_rs,
        ri: op::br_i64_ge_u_ri,
    },
    swapped: &I64_GT_U,
    negated: Some(&I64_GE_U),
};
pub(super) static I64_GT_S: Compare<i64> = Compare {
    value: Commutative { ss: op::i64_gt_s_ss, si: op::i64_gt_s_si, rs: op::i64_gt_s_rs, ri: op::i64_gt_s_ri },
    taken: Branches { ss: op::br_i64_gt_s_ss, si: op::br_i64_gt_s_si, rs: op::br_i64_gt_s_rs, ri: op::br_i64_gt_s_ri },
    not_taken: Branches {
        ss: op::br_i64_le_s_ss,
        si: op::br_i64_le_s_si,
        rs: op::br_i64_le_s_rs,
        ri: op::br_i64_le_s_ri,
    },
    swapped: &I64_LT_S,
    negated: Some(&I64_LE_S),
};
pub(super) static I64_GT_U: Compare<i64> = Compare {
    value: Commutative { ss: op::i64_gt_u_ss, si: op::i64_gt_u_si, rs: op::i64_gt_u_rs, ri: op::i64_gt_u_ri },
    taken: Branches { ss: op::br_i64_gt_u_ss, si: op::br_i64_gt_u_si, rs: op::br_i64_gt_u_rs, ri: op::br_i64_gt_u_ri },
    not_taken: Branches {
        ss: op::br_i64_le_u_ss,
        si: op::br_i64_le_u_si,
        rs: op::br_i64_le_u_rs,
        ri: op::br_i64_le_u_ri,
    },
    swapped: &I64_LT_U,
    negated: Some(&I64_LE_U),
};
pub(super) static I64_LE_S: Compare<i64> = Compare {
    value: Commutative { ss: op::i64_le_s_ss, si: op::i64_le_s_si, rs: op::i64_le_s_rs, ri: op::i64_le_s_ri },
    taken: Branches { ss: op::br_i64_le_s_ss, si: op::br_i64_le_s_si, rs: op::br_i64_le_s_rs, ri: op::br_i64_le_s_ri },
    not_taken: Branches {
        ss: op::br_i64_gt_s_ss,
        si: op::br_i64_gt_s_si,
        rs: op::br_i64_gt_s_rs,
        ri: op::br_i64_gt_s_ri,
    },
    swapped: &I64_GE_S,
    negated: Some(&I64_GT_S),
};
pub(super) static I64_LE_U: Compare<i64> = Compare {
    value: Commutative { ss: op::i64_le_u_ss, si: op::i64_le_u_si, rs: op::i64_le_u_rs, ri: op::i64_le_u_ri },
    taken: Branches { ss: op::br_i64_le_u_ss, si: op::br_i64_le_u_si, rs: op::br_i64_le_u_rs, ri: op::br_i64_le_u_ri },
    not_taken: Branches {
        ss: op::br_i64_gt_u_ss,
        si: op::br_i64_gt_u_si,
        rs: op::br_i64_gt_u_rs,
        ri: op::br_i64_gt_u_ri,
    },
    swapped: &I64_GE_U,
    negated: Some(&I64_GT_U),
};
pub(super) static I64_GE_S: Compare<i64> = Compare {
    value: Commutative { ss: op::i64_ge_s_ss, si: op::i64_ge_s_si, rs: op::i64_ge_s_rs, ri: op::i64_ge_s_ri },
    taken: Branches { ss: op::br_i64_ge_s_ss, si: op::br_i64_ge_s_si, rs: op::br_i64_ge_s_rs, ri: op::br_i64_ge_s_ri },
    not_taken: Branches {
        ss: op::br_i64_lt_s_ss,
        si: op::br_i64_lt_s_si,
        rs: op::br_i64_lt_s_rs,
        ri: op::br_i64_lt_s_ri,
    },
    swapped: &I64_LE_S,
    negated: Some(&I64_LT_S),
};
pub(super) static I64_GE_U: Compare<i64> = Compare {
    value: Commutative { ss: op::i64_ge_u_ss, si: op::i64_ge_u_si, rs: op::i64_ge_u_rs, ri: op::i64_ge_u_ri },
    taken: Branches { ss: op::br_i64_ge_u_ss, si: op::br_i64_ge_u_si, rs: op::br_i64_ge_u_rs, ri: op::br_i64_ge_u_ri },
    not_taken: Branches {
        ss: op::br_i64_lt_u_ss,
        si: op::br_i64_lt_u_si,
        rs: op::br_i64_lt_u_rs,
        ri: op::br_i64_lt_u_ri,
    },
    swapped: &I64_LE_U,
    negated: Some(&I64_LT_U),
};
pub(super) static F32_EQ: Compare<F32Bits> = Compare {
    value: Commutative { ss: op::f32_eq_ss, si: op::f32_eq_si, rs: op::f32_eq_rs, ri: op::f32_eq_ri },
    taken: Branches { ss: op::br_f32_eq_ss, si: op::br_f32_eq_si, rs: op::br_f32_eq_rs, ri: op::br_f32_eq_ri },
    not_taken: Branches {
        ss: op::br_not_f32_eq_ss,
        si: op::br_not_f32_eq_si,
        rs: op::br_not_f32_eq_rs,
        ri: op::br_not_f32_eq_ri,
    },
    swapped: &F32_EQ,
    negated: None,
};
pub(super) static F32_NE: Compare<F32Bits> = Compare {
    value: Commutative { ss: op::f32_ne_ss, si: op::f32_ne_si, rs: op::f32_ne_rs, ri: op::f32_ne_ri },
    taken: Branches { ss: op::br_f32_ne_ss, si: op::br_f32_ne_si, rs: op::br_f32_ne_rs, ri: op::br_f32_ne_ri },
    not_taken: Branches {
        ss: op::br_not_f32_ne_ss,
        si: op::br_not_f32_ne_si,
        rs: op::br_not_f32_ne_rs,
        ri: op::br_not_f32_ne_ri,
    },
    swapped: &F32_NE,
    negated: None,
};
pub(super) static F32_LT: Compare<F32Bits> = Compare {
    value: Commutative { ss: op::f32_lt_ss, si: op::f32_lt_si, rs: op::f32_lt_rs, ri: op::f32_lt_ri },
    taken: Branches { ss: op::br_f32_lt_ss, si: op::br_f32_lt_si, rs: op::br_f32_lt_rs, ri: op::br_f32_lt_ri },
    not_taken: Branches {
        ss: op::br_not_f32_lt_ss,
        si: op::br_not_f32_lt_si,
        rs: op::br_not_f32_lt_rs,
        ri: op::br_not_f32_lt_ri,
    },
    swapped: &F32_GT,
    negated: None,
};
pub(super) static F32_GT: Compare<F32Bits> = Compare {
    value: Commutative { ss: op::f32_gt_ss, si: op::f32_gt_si, rs: op::f32_gt_rs, ri: op::f32_gt_ri },
    taken: Branches { ss: op::br_f32_gt_ss, si: op::br_f32_gt_si, rs: op::br_f32_gt_rs, ri: op::br_f32_gt_ri },
    not_taken: Branches {
        ss: op::br_not_f32_gt_ss,
        si: op::br_not_f32_gt_si,
        rs: op::br_not_f32_gt_rs,
        ri: op::br_not_f32_gt_ri,
    },
    swapped: &F32_LT,
    negated: None,
};
pub(super) static F32_LE: Compare<F32Bits> = Compare {
    value: Commutative { ss: op::f32_le_ss, si: op::f32_le_si, rs: op::f32_le_rs, ri: op::f32_le_ri },
    taken: Branches { ss: op::br_f32_le_ss, si: op::br_f32_le_si, rs: op::br_f32_le_rs, ri: op::br_f32_le_ri },
    not_taken: Branches {
        ss: op::br_not_f32_le_ss,
        si: op::br_not_f32_le_si,
        rs: op::br_not_f32_le_rs,
        ri: op::br_not_f32_le_ri,
    },
    swapped: &F32_GE,
    negated: None,
};
pub(super) static F32_GE: Compare<F32Bits> = Compare {
    value: Commutative { ss: op::f32_ge_ss, si: op::f32_ge_si, rs: op::f32_ge_rs, ri: op::f32_ge_ri },
    taken: Branches { ss: op::br_f32_ge_ss, si: op::br_f32_ge_si, rs: op::br_f32_ge_rs, ri: op::br_f32_ge_ri },
    not_taken: Branches {
        ss: op::br_not_f32_ge_ss,
        si: op::br_not_f32_ge_si,
        rs: op::br_not_f32_ge_rs,
        ri: op::br_not_f32_ge_ri,
    },
    swapped: &F32_LE,
    negated: None,
};
pub(super) static F64_EQ: Compare<F64Bits> = Compare {
    value: Commutative { ss: op::f64_eq_ss, si: op::f64_eq_si, rs: op::f64_eq_rs, ri: op::f64_eq_ri },
    taken: Branches { ss: op::br_f64_eq_ss, si: op::br_f64_eq_si, rs: op::br_f64_eq_rs, ri: op::br_f64_eq_ri },
    not_taken: Branches {
        ss: op::br_not_f64_eq_ss,
        si: op::br_not_f64_eq_si,
        rs: op::br_not_f64_eq_rs,
        ri: op::br_not_f64_eq_ri,
    },
    swapped: &F64_EQ,
    negated: None,
};
pub(super) static F64_NE: Compare<F64Bits> = Compare {
    value: Commutative { ss: op::f64_ne_ss, si: op::f64_ne_si, rs: op::f64_ne_rs, ri: op::f64_ne_ri },
    taken: Branches { ss: op::br_f64_ne_ss, si: op::br_f64_ne_si, rs: op::br_f64_ne_rs, ri: op::br_f64_ne_ri },
    not_taken: Branches {
        ss: op::br_not_f64_ne_ss,
        si: op::br_not_f64_ne_si,
        rs: op::br_not_f64_ne_rs,
        ri: op::br_not_f64_ne_ri,
    },
    swapped: &F64_NE,
    negated: None,
};
pub(super) static F64_LT: Compare<F64Bits> = Compare {
    value: Commutative { ss: op::f64_lt_ss, si: op::f64_lt_si, rs: op::f64_lt_rs, ri: op::f64_lt_ri },
    taken: Branches { ss: op::br_f64_lt_ss, si: op::br_f64_lt_si, rs: op::br_f64_lt_rs, ri: op::br_f64_lt_ri },
    not_taken: Branches {
        ss: op::br_not_f64_lt_ss,
        si: op::br_not_f64_lt_si,
        rs: op::br_not_f64_lt_rs,
        ri: op::br_not_f64_lt_ri,
    },
    swapped: &F64_GT,
    negated: None,
};
pub(super) static F64_GT: Compare<F64Bits> = Compare {
    value: Commutative { ss: op::f64_gt_ss, si: op::f64_gt_si, rs: op::f64_gt_rs, ri: op::f64_gt_ri },
    taken: Branches { ss: op::br_f64_gt_ss, si: op::br_f64_gt_si, rs: op::br_f64_gt_rs, ri: op::br_f64_gt_ri },
    not_taken: Branches {
        ss: op::br_not_f64_gt_ss,
        si: op::br_not_f64_gt_si,
        rs: op::br_not_f64_gt_rs,
        ri: op::br_not_f64_gt_ri,
    },
    swapped: &F64_LT,
    negated: None,
};
pub(super) static F64_LE: Compare<F64Bits> = Compare {
    value: Commutative { ss: op::f64_le_ss, si: op::f64_le_si, rs: op::f64_le_rs, ri: op::f64_le_ri },
    taken: Branches { ss: op::br_f64_le_ss, si: op::br_f64_le_si, rs: op::br_f64_le_rs, ri: op::br_f64_le_ri },
    not_taken: Branches {
        ss: op::br_not_f64_le_ss,
        si: op::br_not_f64_le_si,
        rs: op::br_not_f64_le_rs,
        ri: op::br_not_f64_le_ri,
    },
    swapped: &F64_GE,
    negated: None,
};
pub(super) static F64_GE: Compare<F64Bits> = Compare {
    value: Commutative { ss: op::f64_ge_ss, si: op::f64_ge_si, rs: op::f64_ge_rs, ri: op::f64_ge_ri },
    taken: Branches { ss: op::br_f64_ge_ss, si: op::br_f64_ge_si, rs: op::br_f64_ge_rs, ri: op::br_f64_ge_ri },
    not_taken: Branches {
        ss: op::br_not_f64_ge_ss,
        si: op::br_not_f64_ge_si,
        rs: op::br_not_f64_ge_rs,
        ri: op::br_not_f64_ge_ri,
    },
    swapped: &F64_LE,
    negated: None,
};
/// `and` whose result is only tested.
pub(super) static I32_TEST: Compare<i32> = Compare {
    value: Commutative { ss: op::i32_and_ss, si: op::i32_and_si, rs: op::i32_and_rs, ri: op::i32_and_ri },
    taken: Branches { ss: op::br_i32_and_ss, si: op::br_i32_and_si, rs: op::br_i32_and_rs, ri: op::br_i32_and_ri },
    not_taken: Branches {
        ss: op::br_not_i32_and_ss,
        si: op::br_not_i32_and_si,
        rs: op::br_not_i32_and_rs,
        ri: op::br_not_i32_and_ri,
    },
    swapped: &I32_TEST,
    negated: None,
};
/// `and` whose result is only tested.
pub(super) static I64_TEST: Compare<i64> = Compare {
    value: Commutative { ss: op::i64_and_ss, si: op::i64_and_si, rs: op::i64_and_rs, ri: op::i64_and_ri },
    taken: Branches { ss: op::br_i64_and_ss, si: op::br_i64_and_si, rs: op::br_i64_and_rs, ri: op::br_i64_and_ri },
    not_taken: Branches {
        ss: op::br_not_i64_and_ss,
        si: op::br_not_i64_and_si,
        rs: op::br_not_i64_and_rs,
        ri: op::br_not_i64_and_ri,
    },
    swapped: &I64_TEST,
    negated: None,
};
pub(super) static I32_CLZ: UnaryForms = UnaryForms { s: op::i32_clz_s, r: op::i32_clz_r };
pub(super) static I32_CTZ: UnaryForms = UnaryForms { s: op::i32_ctz_s, r: op::i32_ctz_r };
pub(super) static I32_POPCNT: UnaryForms = UnaryForms { s: op::i32_popcnt_s, r: op::i32_popcnt_r };
pub(super) static I32_EXTEND8_S: UnaryForms = UnaryForms { s: op::i32_extend8_s_s, r: op::i32_extend8_s_r };
pub(super) static I32_EXTEND16_S: UnaryForms = UnaryForms { s: op::i32_extend16_s_s, r: op::i32_extend16_s_r };
pub(super) static I64_CLZ: UnaryForms = UnaryForms { s: op::i64_clz_s, r: op::i64_clz_r };
pub(super) static I64_CTZ: UnaryForms = UnaryForms { s: op::i64_ctz_s, r: op::i64_ctz_r };
pub(super) static I64_POPCNT: UnaryForms = UnaryForms { s: op::i64_popcnt_s, r: op::i64_popcnt_r };
pub(super) static I64_EXTEND8_S: UnaryForms = UnaryForms { s: op::i64_extend8_s_s, r: op::i64_extend8_s_r };
pub(super) static I64_EXTEND16_S: UnaryForms = UnaryForms { s: op::i64_extend16_s_s, r: op::i64_extend16_s_r };
pub(super) static I64_EXTEND32_S: UnaryForms = UnaryForms { s: op::i64_extend32_s_s, r: op::i64_extend32_s_r };
pub(super) static F32_ABS: UnaryForms = UnaryForms { s: op::f32_abs_s, r: op::f32_abs_r };
pub(super) static F32_NEG: UnaryForms = UnaryForms { s: op::f32_neg_s, r: op::f32_neg_r };
pub(super) static F32_CEIL: UnaryForms = UnaryForms { s: op::f32_ceil_s, r: op::f32_ceil_r };
pub(super) static F32_FLOOR: UnaryForms = UnaryForms { s: op::f32_floor_s, r: op::f32_floor_r };
pub(super) static F32_TRUNC: UnaryForms = UnaryForms { s: op::f32_trunc_s, r: op::f32_trunc_r };
pub(super) static F32_NEAREST: UnaryForms = UnaryForms { s: op::f32_nearest_s, r: op::f32_nearest_r };
pub(super) static F32_SQRT: UnaryForms = UnaryForms { s: op::f32_sqrt_s, r: op::f32_sqrt_r };
pub(super) static F64_ABS: UnaryForms = UnaryForms { s: op::f64_abs_s, r: op::f64_abs_r };
pub(super) static F64_NEG: UnaryForms = UnaryForms { s: op::f64_neg_s, r: op::f64_neg_r };
pub(super) static F64_CEIL: UnaryForms = UnaryForms { s: op::f64_ceil_s, r: op::f64_ceil_r };
pub(super) static F64_FLOOR: UnaryForms = UnaryForms { s: op::f64_floor_s, r: op::f64_floor_r };
pub(super) static F64_TRUNC: UnaryForms = UnaryForms { s: op::f64_trunc_s, r: op::f64_trunc_r };
pub(super) static F64_NEAREST: UnaryForms = UnaryForms { s: op::f64_nearest_s, r: op::f64_nearest_r };
pub(super) static F64_SQRT: UnaryForms = UnaryForms { s: op::f64_sqrt_s, r: op::f64_sqrt_r };
pub(super) static I64_EXTEND_I32_S: UnaryForms = UnaryForms { s: op::i64_extend_i32_s_s, r: op::i64_extend_i32_s_r };
pub(super) static I64_EXTEND_I32_U: UnaryForms = UnaryForms { s: op::i64_extend_i32_u_s, r: op::i64_extend_i32_u_r };
pub(super) static F32_CONVERT_I32_S: UnaryForms = UnaryForms { s: op::f32_convert_i32_s_s, r: op::f32_convert_i32_s_r };
pub(super) static F32_CONVERT_I32_U: UnaryForms = UnaryForms { s: op::f32_convert_i32_u_s, r: op::f32_convert_i32_u_r };
pub(super) static F32_CONVERT_I64_S: UnaryForms = UnaryForms { s: op::f32_convert_i64_s_s, r: op::f32_convert_i64_s_r };
pub(super) static F32_CONVERT_I64_U: UnaryForms = UnaryForms { s: op::f32_convert_i64_u_s, r: op::f32_convert_i64_u_r };
pub(super) static F32_DEMOTE_F64: UnaryForms = UnaryForms { s: op::f32_demote_f64_s, r: op::f32_demote_f64_r };
pub(super) static F64_CONVERT_I32_S: UnaryForms = UnaryForms { s: op::f64_convert_i32_s_s, r: op::f64_convert_i32_s_r };
pub(super) static F64_CONVERT_I32_U: UnaryForms = UnaryForms { s: op::f64_convert_i32_u_s, r: op::f64_convert_i32_u_r };
pub(super) static F64_CONVERT_I64_S: UnaryForms = UnaryForms { s: op::f64_convert_i64_s_s, r: op::f64_convert_i64_s_r };
pub(super) static F64_CONVERT_I64_U: UnaryForms = UnaryForms { s: op::f64_convert_i64_u_s, r: op::f64_convert_i64_u_r };
pub(super) static F64_PROMOTE_F32: UnaryForms = UnaryForms { s: op::f64_promote_f32_s, r: op::f64_promote_f32_r };
pub(super) static I32_REINTERPRET_F32: UnaryForms =
    UnaryForms { s: op::i32_reinterpret_f32_s, r: op::i32_reinterpret_f32_r };
pub(super) static I64_REINTERPRET_F64: UnaryForms =
    UnaryForms { s: op::i64_reinterpret_f64_s, r: op::i64_reinterpret_f64_r };
pub(super) static F32_REINTERPRET_I32: UnaryForms =
    UnaryForms { s: op::f32_reinterpret_i32_s, r: op::f32_reinterpret_i32_r };
pub(super) static F64_REINTERPRET_I64: UnaryForms =
    UnaryForms { s: op::f64_reinterpret_i64_s, r: op::f64_reinterpret_i64_r };
pub(super) static I32_TRUNC_SAT_F32_S: UnaryForms =
    UnaryForms { s: op::i32_trunc_sat_f32_s_s, r: op::i32_trunc_sat_f32_s_r };
pub(super) static I32_TRUNC_SAT_F32_U: UnaryForms =
    UnaryForms { s: op::i32_trunc_sat_f32_u_s, r: op::i32_trunc_sat_f32_u_r };
pub(super) static I32_TRUNC_SAT_F64_S: UnaryForms =
    UnaryForms { s: op::i32_trunc_sat_f64_s_s, r: op::i32_trunc_sat_f64_s_r };
pub(super) static I32_TRUNC_SAT_F64_U: UnaryForms =
    UnaryForms { s: op::i32_trunc_sat_f64_u_s, r: op::i32_trunc_sat_f64_u_r };
pub(super) static I64_TRUNC_SAT_F32_S: UnaryForms =
    UnaryForms { s: op::i64_trunc_sat_f32_s_s, r: op::i64_trunc_sat_f32_s_r };
pub(super) static I64_TRUNC_SAT_F32_U: UnaryForms =
    UnaryForms { s: op::i64_trunc_sat_f32_u_s, r: op::i64_trunc_sat_f32_u_r };
pub(super) static I64_TRUNC_SAT_F64_S: UnaryForms =
    UnaryForms { s: op::i64_trunc_sat_f64_s_s, r: op::i64_trunc_sat_f64_s_r };
pub(super) static I64_TRUNC_SAT_F64_U: UnaryForms =
    UnaryForms { s: op::i64_trunc_sat_f64_u_s, r: op::i64_trunc_sat_f64_u_r };
pub(super) static I32_TRUNC_F32_S: UnaryForms = UnaryForms { s: op::i32_trunc_f32_s_s, r: op::i32_trunc_f32_s_r };
pub(super) static I32_TRUNC_F32_U: UnaryForms = UnaryForms { s: op::i32_trunc_f32_u_s, r: op::i32_trunc_f32_u_r };
pub(super) static I32_TRUNC_F64_S: UnaryForms = UnaryForms { s: op::i32_trunc_f64_s_s, r: op::i32_trunc_f64_s_r };
pub(super) static I32_TRUNC_F64_U: UnaryForms = UnaryForms { s: op::i32_trunc_f64_u_s, r: op::i32_trunc_f64_u_r };
pub(super) static I64_TRUNC_F32_S: UnaryForms = UnaryForms { s: op::i64_trunc_f32_s_s, r: op::i64_trunc_f32_s_r };
pub(super) static I64_TRUNC_F32_U: UnaryForms = UnaryForms { s: op::i64_trunc_f32_u_s, r: op::i64_trunc_f32_u_r };
pub(super) static I64_TRUNC_F64_S: UnaryForms = UnaryForms { s: op::i64_trunc_f64_s_s, r: op::i64_trunc_f64_s_r };
pub(super) static I64_TRUNC_F64_U: UnaryForms = UnaryForms { s: op::i64_trunc_f64_u_s, r: op::i64_trunc_f64_u_r };
pub(super) static I64_LOAD8_U: LoadForms = LoadForms {
    s: op::i64_load8_u_s,
    r: op::i64_load8_u_r,
    a: op::i64_load8_u_a,
    x: op::i64_load8_u_x,
    sum: SumForms {
        ss: op::i64_load8_u_sum_ss,
        si: op::i64_load8_u_sum_si,
        rs: op::i64_load8_u_sum_rs,
        ri: op::i64_load8_u_sum_ri,
    },
    scaled: None,
    step: Some(StepForms { ri: op::i64_load8_u_step_ri, rs: op::i64_load8_u_step_rs, si: op::i64_load8_u_step_si }),
};
pub(super) static I32_LOAD8_S: LoadForms = LoadForms {
    s: op::i32_load8_s_s,
    r: op::i32_load8_s_r,
    a: op::i32_load8_s_a,
    x: op::i32_load8_s_x,
    sum: SumForms {
        ss: op::i32_load8_s_sum_ss,
        si: op::i32_load8_s_sum_si,
        rs: op::i32_load8_s_sum_rs,
        ri: op::i32_load8_s_sum_ri,
    },
    scaled: None,
    step: Some(StepForms { ri: op::i32_load8_s_step_ri, rs: op::i32_load8_s_step_rs, si: op::i32_load8_s_step_si }),
};
pub(super) static I64_LOAD8_S: LoadForms = LoadForms {
    s: op::i64_load8_s_s,
    r: op::i64_load8_s_r,
    a: op::i64_load8_s_a,
    x: op::i64_load8_s_x,
    sum: SumForms {
        ss: op::i64_load8_s_sum_ss,
        si: op::i64_load8_s_sum_si,
        rs: op::i64_load8_s_sum_rs,
        ri: op::i64_load8_s_sum_ri,
    },
    scaled: None,
    step: None,
};
pub(super) static I64_LOAD16_U: LoadForms = LoadForms {
    s: op::i64_load16_u_s,
    r: op::i64_load16_u_r,
    a: op::i64_load16_u_a,
    x: op::i64_load16_u_x,
    sum: SumForms {
        ss: op::i64_load16_u_sum_ss,
        si: op::i64_load16_u_sum_si,
        rs: op::i64_load16_u_sum_rs,
        ri: op::i64_load16_u_sum_ri,
    },
    scaled: Some(ScaledForms {
        ss: op::i64_load16_u_scaled_ss,
        si: op::i64_load16_u_scaled_si,
        rs: op::i64_load16_u_scaled_rs,
        ri: op::i64_load16_u_scaled_ri,
    }),
    step: Some(StepForms { ri: op::i64_load16_u_step_ri, rs: op::i64_load16_u_step_rs, si: op::i64_load16_u_step_si }),
};
pub(super) static I32_LOAD16_S: LoadForms = LoadForms {
    s: op::i32_load16_s_s,
    r: op::i32_load16_s_r,
    a: op::i32_load16_s_a,
    x: op::i32_load16_s_x,
    sum: SumForms {
        ss: op::i32_load16_s_sum_ss,
        si: op::i32_load16_s_sum_si,
        rs: op::i32_load16_s_sum_rs,
        ri: op::i32_load16_s_sum_ri,
    },
    scaled: Some(ScaledForms {
        ss: op::i32_load16_s_scaled_ss,
        si: op::i32_load16_s_scaled_si,
        rs: op::i32_load16_s_scaled_rs,
        ri: op::i32_load16_s_scaled_ri,
    }),
    step: Some(StepForms { ri: op::i32_load16_s_step_ri, rs: op::i32_load16_s_step_rs, si: op::i32_load16_s_step_si }),
};
pub(super) static I64_LOAD16_S: LoadForms = LoadForms {
    s: op::i64_load16_s_s,
    r: op::i64_load16_s_r,
    a: op::i64_load16_s_a,
    x: op::i64_load16_s_x,
    sum: SumForms {
        ss: op::i64_load16_s_sum_ss,
        si: op::i64_load16_s_sum_si,
        rs: op::i64_load16_s_sum_rs,
        ri: op::i64_load16_s_sum_ri,
    },
    scaled: None,
    step: None,
};
pub(super) static I64_LOAD32_U: LoadForms = LoadForms {
    s: op::i64_load32_u_s,
    r: op::i64_load32_u_r,
    a: op::i64_load32_u_a,
    x: op::i64_load32_u_x,
    sum: SumForms {
        ss: op::i64_load32_u_sum_ss,
        si: op::i64_load32_u_sum_si,
        rs: op::i64_load32_u_sum_rs,
        ri: op::i64_load32_u_sum_ri,
    },
    scaled: Some(ScaledForms {
        ss: op::i64_load32_u_scaled_ss,
        si: op::i64_load32_u_scaled_si,
        rs: op::i64_load32_u_scaled_rs,
        ri: op::i64_load32_u_scaled_ri,
    }),
    step: Some(StepForms { ri: op::i64_load32_u_step_ri, rs: op::i64_load32_u_step_rs, si: op::i64_load32_u_step_si }),
};
pub(super) static I64_LOAD32_S: LoadForms = LoadForms {
    s: op::i64_load32_s_s,
    r: op::i64_load32_s_r,
    a: op::i64_load32_s_a,
    x: op::i64_load32_s_x,
    sum: SumForms {
        ss: op::i64_load32_s_sum_ss,
        si: op::i64_load32_s_sum_si,
        rs: op::i64_load32_s_sum_rs,
        ri: op::i64_load32_s_sum_ri,
    },
    scaled: None,
    step: None,
};
pub(super) static I64_LOAD: LoadForms = LoadForms {
    s: op::i64_load_s,
    r: op::i64_load_r,
    a: op::i64_load_a,
    x: op::i64_load_x,
    sum: SumForms {
        ss: op::i64_load_sum_ss,
        si: op::i64_load_sum_si,
        rs: op::i64_load_sum_rs,
        ri: op::i64_load_sum_ri,
    },
    scaled: Some(ScaledForms {
        ss: op::i64_load_scaled_ss,
        si: op::i64_load_scaled_si,
        rs: op::i64_load_scaled_rs,
        ri: op::i64_load_scaled_ri,
    }),
    step: Some(StepForms { ri: op::i64_load_step_ri, rs: op::i64_load_step_rs, si: op::i64_load_step_si }),
};
pub(super) static F32_LOAD: LoadForms = LoadForms {
    s: op::f32_load_s,
    r: op::f32_load_r,
    a: op::f32_load_a,
    x: op::f32_load_x,
    sum: SumForms {
        ss: op::f32_load_sum_ss,
        si: op::f32_load_sum_si,
        rs: op::f32_load_sum_rs,
        ri: op::f32_load_sum_ri,
    },
    scaled: Some(ScaledForms {
        ss: op::f32_load_scaled_ss,
        si: op::f32_load_scaled_si,
        rs: op::f32_load_scaled_rs,
        ri: op::f32_load_scaled_ri,
    }),
    step: Some(StepForms { ri: op::f32_load_step_ri, rs: op::f32_load_step_rs, si: op::f32_load_step_si }),
};
pub(super) static F64_LOAD: LoadForms = LoadForms {
    s: op::f64_load_s,
    r: op::f64_load_r,
    a: op::f64_load_a,
    x: op::f64_load_x,
    sum: SumForms {
        ss: op::f64_load_sum_ss,
        si: op::f64_load_sum_si,
        rs: op::f64_load_sum_rs,
        ri: op::f64_load_sum_ri,
    },
    scaled: Some(ScaledForms {
        ss: op::f64_load_scaled_ss,
        si: op::f64_load_scaled_si,
        rs: op::f64_load_scaled_rs,
        ri: op::f64_load_scaled_ri,
    }),
    step: Some(StepForms { ri: op::f64_load_step_ri, rs: op::f64_load_step_rs, si: op::f64_load_step_si }),
};
pub(super) static I64_STORE8: StoreForms<i32> = StoreForms {
    ss: op::i64_store8_ss,
    sr: op::i64_store8_sr,
    si: op::i64_store8_si,
    rs: op::i64_store8_rs,
    ri: op::i64_store8_ri,
    as_: op::i64_store8_as,
    ar: op::i64_store8_ar,
    ai: op::i64_store8_ai,
    x: op::i64_store8_x,
};
pub(super) static I64_STORE16: StoreForms<i32> = StoreForms {
    ss: op::i64_store16_ss,
    sr: op::i64_store16_sr,
    si: op::i64_store16_si,
    rs: op::i64_store16_rs,
    ri: op::i64_store16_ri,
    as_: op::i64_store16_as,
    ar: op::i64_store16_ar,
    ai: op::i64_store16_ai,
    x: op::i64_store16_x,
};
pub(super) static I64_STORE32: StoreForms<i32> = StoreForms {
    ss: op::i64_store32_ss,
    sr: op::i64_store32_sr,
    si: op::i64_store32_si,
    rs: op::i64_store32_rs,
    ri: op::i64_store32_ri,
    as_: op::i64_store32_as,
    ar: op::i64_store32_ar,
    ai: op::i64_store32_ai,
    x: op::i64_store32_x,
};
pub(super) static I64_STORE: StoreForms<i64> = StoreForms {
    ss: op::i64_store_ss,
    sr: op::i64_store_sr,
    si: op::i64_store_si,
    rs: op::i64_store_rs,
    ri: op::i64_store_ri,
    as_: op::i64_store_as,
    ar: op::i64_store_ar,
    ai: op::i64_store_ai,
    x: op::i64_store_x,
};
