//! Instruction by instruction: which ops an operator becomes.

use wasmparser::Operator;

use super::calls::Callee;
use super::forms::{self, Commutative, Division, Ordered, UnaryForms};
use super::frame::Retry;
use super::operands::{Entry, Immediate, Kind, Operand, Place, Register};
use super::{Translator, fuse, kind};
use crate::code::op;
use crate::code::shape::*;

impl<R: super::Resources> Translator<'_, R> {
    /// Translates a reachable instruction.
    pub(super) fn lower(&mut self, operator: &Operator<'_>) -> Result<(), Retry> {
        match *operator {
            // Control.
            Operator::Unreachable => {
                self.emit_unit(op::unreachable, Nullary {});
                self.set_unreachable();
                Ok(())
            }
            Operator::Nop => Ok(()),
            Operator::Block { blockty } => self.block(blockty),
            Operator::Loop { blockty } => self.loop_(blockty),
            Operator::If { blockty } => self.if_(blockty),
            Operator::Else => self.else_(),
            Operator::End => self.end(),
            Operator::Br { relative_depth } => self.br(relative_depth),
            Operator::BrIf { relative_depth } => self.br_if(relative_depth),
            Operator::BrTable { ref targets } => self.br_table(targets),
            Operator::Return => self.return_(),
            Operator::Call { function_index } => {
                self.call(self.type_of_function(function_index), Callee::Function(function_index))
            }
            Operator::CallIndirect { type_index, table_index } => {
                self.call(type_index, Callee::Table { table: table_index, type_index })
            }
            Operator::CallRef { type_index } => self.call(type_index, Callee::Reference),
            Operator::ReturnCall { function_index } => {
                self.tail_call(self.type_of_function(function_index), Callee::Function(function_index))
            }
            Operator::ReturnCallIndirect { type_index, table_index } => {
                self.tail_call(type_index, Callee::Table { table: table_index, type_index })
            }
            Operator::ReturnCallRef { type_index } => self.tail_call(type_index, Callee::Reference),
            Operator::TryTable { ref try_table } => self.try_table(try_table.ty, &try_table.catches),
            Operator::Throw { tag_index } => self.throw(tag_index),
            Operator::ThrowRef => self.throw_ref(),
            Operator::Try { blockty } => self.legacy_try(blockty),
            Operator::Catch { tag_index } => self.legacy_catch(Some(tag_index)),
            Operator::CatchAll => self.legacy_catch(None),
            Operator::Rethrow { relative_depth } => self.rethrow(relative_depth),
            Operator::Delegate { relative_depth } => self.delegate(relative_depth),
            Operator::Drop => {
                self.pop();
                Ok(())
            }
            Operator::Select | Operator::TypedSelect { .. } => self.select(),

            // Variables.
            Operator::LocalGet { local_index } => {
                self.push_local(local_index);
                Ok(())
            }
            Operator::LocalSet { local_index } => self.set_local(local_index, false),
            Operator::LocalTee { local_index } => self.set_local(local_index, true),
            Operator::GlobalGet { global_index } => self.global_get(global_index),
            Operator::GlobalSet { global_index } => self.global_set(global_index),

            // Constants.
            Operator::I32Const { value } => self.constant(Kind::I32, u64::from(value as u32)),
            Operator::I64Const { value } => self.constant(Kind::I64, value as u64),
            Operator::F32Const { value } => self.constant(Kind::F32, u64::from(value.bits())),
            Operator::F64Const { value } => self.constant(Kind::F64, value.bits()),

            // Numeric instructions.
            Operator::I32Eqz => self.eqz(&forms::I32_EQ, fuse::LastCompare::is_i32),
            Operator::I64Eqz => self.eqz(&forms::I64_EQ, fuse::LastCompare::is_i64_and),
            Operator::I32And => self.i32_and(),
            Operator::I64And => self.and(fuse::AND.1),
            // An i32 is the low half of its slot whatever is in the high one.
            Operator::I32WrapI64 => self.retype(Kind::I32),
            Operator::I32Add => self.add(Kind::I32, &forms::I32_ADD, &forms::I32_SUMS),
            Operator::I32Mul => {
                self.remembered(fuse::Operation::Mul, |this| this.commutative(Kind::I32, &forms::I32_MUL))
            }
            Operator::I32Or => self.commutative(Kind::I32, &forms::I32_OR),
            Operator::I32Xor => self.xor(Kind::I32, &forms::I32_XOR, &forms::I32_SHR_U_XOR),
            Operator::I32Sub => self.ordered(Kind::I32, &forms::I32_SUB),
            Operator::I32Shl => self.shift(Kind::I32, fuse::Operation::Shl, &forms::I32_SHL),
            Operator::I32ShrS => self.ordered(Kind::I32, &forms::I32_SHR_S),
            Operator::I32ShrU => self.shift(Kind::I32, fuse::Operation::ShrU(Kind::I32), &forms::I32_SHR_U),
            Operator::I32Rotl => self.ordered(Kind::I32, &forms::I32_ROTL),
            Operator::I32Rotr => self.ordered(Kind::I32, &forms::I32_ROTR),
            Operator::I32DivS => self.division(Kind::I32, &forms::I32_DIV_S),
            Operator::I32DivU => self.division(Kind::I32, &forms::I32_DIV_U),
            Operator::I32RemS => self.division(Kind::I32, &forms::I32_REM_S),
            Operator::I32RemU => self.division(Kind::I32, &forms::I32_REM_U),
            Operator::I64Add => self.add(Kind::I64, &forms::I64_ADD, &forms::I64_SUMS),
            Operator::I64Mul => {
                self.remembered(fuse::Operation::Mul, |this| this.commutative(Kind::I64, &forms::I64_MUL))
            }
            Operator::I64Or => self.commutative(Kind::I64, &forms::I64_OR),
            Operator::I64Xor => self.xor(Kind::I64, &forms::I64_XOR, &forms::I64_SHR_U_XOR),
            Operator::I64Sub => self.ordered(Kind::I64, &forms::I64_SUB),
            Operator::I64Shl => self.ordered(Kind::I64, &forms::I64_SHL),
            Operator::I64ShrS => self.ordered(Kind::I64, &forms::I64_SHR_S),
            Operator::I64ShrU => self.shift(Kind::I64, fuse::Operation::ShrU(Kind::I64), &forms::I64_SHR_U),
            Operator::I64Rotl => self.ordered(Kind::I64, &forms::I64_ROTL),
            Operator::I64Rotr => self.ordered(Kind::I64, &forms::I64_ROTR),
            Operator::I64DivS => self.division(Kind::I64, &forms::I64_DIV_S),
            Operator::I64DivU => self.division(Kind::I64, &forms::I64_DIV_U),
            Operator::I64RemS => self.division(Kind::I64, &forms::I64_REM_S),
            Operator::I64RemU => self.division(Kind::I64, &forms::I64_REM_U),
            Operator::F32Add => self.add(Kind::F32, &forms::F32_ADD, &forms::F32_SUMS),
            Operator::F32Mul => {
                self.remembered(fuse::Operation::Mul, |this| this.commutative(Kind::F32, &forms::F32_MUL))
            }
            Operator::F32Min => self.commutative(Kind::F32, &forms::F32_MIN),
            Operator::F32Max => self.commutative(Kind::F32, &forms::F32_MAX),
            Operator::F32Sub => self.ordered(Kind::F32, &forms::F32_SUB),
            Operator::F32Div => self.ordered(Kind::F32, &forms::F32_DIV),
            Operator::F32Copysign => self.binary_of_slots(Kind::F32, op::f32_copysign_ss),
            Operator::F64Add => self.add(Kind::F64, &forms::F64_ADD, &forms::F64_SUMS),
            Operator::F64Mul => {
                self.remembered(fuse::Operation::Mul, |this| this.commutative(Kind::F64, &forms::F64_MUL))
            }
            Operator::F64Min => self.commutative(Kind::F64, &forms::F64_MIN),
            Operator::F64Max => self.commutative(Kind::F64, &forms::F64_MAX),
            Operator::F64Sub => self.ordered(Kind::F64, &forms::F64_SUB),
            Operator::F64Div => self.ordered(Kind::F64, &forms::F64_DIV),
            Operator::F64Copysign => self.binary_of_slots(Kind::F64, op::f64_copysign_ss),
            Operator::I32Eq => self.compare(&forms::I32_EQ),
            Operator::I32Ne => self.compare(&forms::I32_NE),
            Operator::I32LtS => self.compare(&forms::I32_LT_S),
            Operator::I32LtU => self.compare(&forms::I32_LT_U),
            Operator::I32GtS => self.compare(&forms::I32_GT_S),
            Operator::I32GtU => self.compare(&forms::I32_GT_U),
            Operator::I32LeS => self.compare(&forms::I32_LE_S),
            Operator::I32LeU => self.compare(&forms::I32_LE_U),
            Operator::I32GeS => self.compare(&forms::I32_GE_S),
            Operator::I32GeU => self.compare(&forms::I32_GE_U),
            Operator::I64Eq => self.compare(&forms::I64_EQ),
            Operator::I64Ne => self.compare(&forms::I64_NE),
            Operator::I64LtS => self.compare(&forms::I64_LT_S),
            Operator::I64LtU => self.compare(&forms::I64_LT_U),
            Operator::I64GtS => self.compare(&forms::I64_GT_S),
            Operator::I64GtU => self.compare(&forms::I64_GT_U),
            Operator::I64LeS => self.compare(&forms::I64_LE_S),
            Operator::I64LeU => self.compare(&forms::I64_LE_U),
            Operator::I64GeS => self.compare(&forms::I64_GE_S),
            Operator::I64GeU => self.compare(&forms::I64_GE_U),
            Operator::F32Eq => self.compare(&forms::F32_EQ),
            Operator::F32Ne => self.compare(&forms::F32_NE),
            Operator::F32Lt => self.compare(&forms::F32_LT),
            Operator::F32Gt => self.compare(&forms::F32_GT),
            Operator::F32Le => self.compare(&forms::F32_LE),
            Operator::F32Ge => self.compare(&forms::F32_GE),
            Operator::F64Eq => self.compare(&forms::F64_EQ),
            Operator::F64Ne => self.compare(&forms::F64_NE),
            Operator::F64Lt => self.compare(&forms::F64_LT),
            Operator::F64Gt => self.compare(&forms::F64_GT),
            Operator::F64Le => self.compare(&forms::F64_LE),
            Operator::F64Ge => self.compare(&forms::F64_GE),
            Operator::I32Clz => self.unary(Kind::I32, &forms::I32_CLZ),
            Operator::I32Ctz => self.unary(Kind::I32, &forms::I32_CTZ),
            Operator::I32Popcnt => self.unary(Kind::I32, &forms::I32_POPCNT),
            Operator::I32Extend8S => self.unary(Kind::I32, &forms::I32_EXTEND8_S),
            Operator::I32Extend16S => self.unary(Kind::I32, &forms::I32_EXTEND16_S),
            Operator::I64Clz => self.unary(Kind::I64, &forms::I64_CLZ),
            Operator::I64Ctz => self.unary(Kind::I64, &forms::I64_CTZ),
            Operator::I64Popcnt => self.unary(Kind::I64, &forms::I64_POPCNT),
            Operator::I64Extend8S => self.unary(Kind::I64, &forms::I64_EXTEND8_S),
            Operator::I64Extend16S => self.unary(Kind::I64, &forms::I64_EXTEND16_S),
            Operator::I64Extend32S => self.unary(Kind::I64, &forms::I64_EXTEND32_S),
            Operator::F32Abs => self.unary(Kind::F32, &forms::F32_ABS),
            Operator::F32Neg => self.unary(Kind::F32, &forms::F32_NEG),
            Operator::F32Ceil => self.unary(Kind::F32, &forms::F32_CEIL),
            Operator::F32Floor => self.unary(Kind::F32, &forms::F32_FLOOR),
            Operator::F32Trunc => self.unary(Kind::F32, &forms::F32_TRUNC),
            Operator::F32Nearest => self.unary(Kind::F32, &forms::F32_NEAREST),
            Operator::F32Sqrt => self.unary(Kind::F32, &forms::F32_SQRT),
            Operator::F64Abs => self.unary(Kind::F64, &forms::F64_ABS),
            Operator::F64Neg => self.unary(Kind::F64, &forms::F64_NEG),
            Operator::F64Ceil => self.unary(Kind::F64, &forms::F64_CEIL),
            Operator::F64Floor => self.unary(Kind::F64, &forms::F64_FLOOR),
            Operator::F64Trunc => self.unary(Kind::F64, &forms::F64_TRUNC),
            Operator::F64Nearest => self.unary(Kind::F64, &forms::F64_NEAREST),
            Operator::F64Sqrt => self.unary(Kind::F64, &forms::F64_SQRT),
            Operator::I64ExtendI32S => self.unary(Kind::I64, &forms::I64_EXTEND_I32_S),
            Operator::I64ExtendI32U => self.unary(Kind::I64, &forms::I64_EXTEND_I32_U),
            Operator::F32ConvertI32S => self.unary(Kind::F32, &forms::F32_CONVERT_I32_S),
            Operator::F32ConvertI32U => self.unary(Kind::F32, &forms::F32_CONVERT_I32_U),
            Operator::F32ConvertI64S => self.unary(Kind::F32, &forms::F32_CONVERT_I64_S),
            Operator::F32ConvertI64U => self.unary(Kind::F32, &forms::F32_CONVERT_I64_U),
            Operator::F32DemoteF64 => self.unary(Kind::F32, &forms::F32_DEMOTE_F64),
            Operator::F64ConvertI32S => self.unary(Kind::F64, &forms::F64_CONVERT_I32_S),
            Operator::F64ConvertI32U => self.unary(Kind::F64, &forms::F64_CONVERT_I32_U),
            Operator::F64ConvertI64S => self.unary(Kind::F64, &forms::F64_CONVERT_I64_S),
            Operator::F64ConvertI64U => self.unary(Kind::F64, &forms::F64_CONVERT_I64_U),
            Operator::F64PromoteF32 => self.unary(Kind::F64, &forms::F64_PROMOTE_F32),
            Operator::I32ReinterpretF32 => self.unary(Kind::I32, &forms::I32_REINTERPRET_F32),
            Operator::I64ReinterpretF64 => self.unary(Kind::I64, &forms::I64_REINTERPRET_F64),
            Operator::F32ReinterpretI32 => self.unary(Kind::F32, &forms::F32_REINTERPRET_I32),
            Operator::F64ReinterpretI64 => self.unary(Kind::F64, &forms::F64_REINTERPRET_I64),
            Operator::I32TruncSatF32S => self.unary(Kind::I32, &forms::I32_TRUNC_SAT_F32_S),
            Operator::I32TruncSatF32U => self.unary(Kind::I32, &forms::I32_TRUNC_SAT_F32_U),
            Operator::I32TruncSatF64S => self.unary(Kind::I32, &forms::I32_TRUNC_SAT_F64_S),
            Operator::I32TruncSatF64U => self.unary(Kind::I32, &forms::I32_TRUNC_SAT_F64_U),
            Operator::I64TruncSatF32S => self.unary(Kind::I64, &forms::I64_TRUNC_SAT_F32_S),
            Operator::I64TruncSatF32U => self.unary(Kind::I64, &forms::I64_TRUNC_SAT_F32_U),
            Operator::I64TruncSatF64S => self.unary(Kind::I64, &forms::I64_TRUNC_SAT_F64_S),
            Operator::I64TruncSatF64U => self.unary(Kind::I64, &forms::I64_TRUNC_SAT_F64_U),
            Operator::I32TruncF32S => self.unary(Kind::I32, &forms::I32_TRUNC_F32_S),
            Operator::I32TruncF32U => self.unary(Kind::I32, &forms::I32_TRUNC_F32_U),
            Operator::I32TruncF64S => self.unary(Kind::I32, &forms::I32_TRUNC_F64_S),
            Operator::I32TruncF64U => self.unary(Kind::I32, &forms::I32_TRUNC_F64_U),
            Operator::I64TruncF32S => self.unary(Kind::I64, &forms::I64_TRUNC_F32_S),
            Operator::I64TruncF32U => self.unary(Kind::I64, &forms::I64_TRUNC_F32_U),
            Operator::I64TruncF64S => self.unary(Kind::I64, &forms::I64_TRUNC_F64_S),
            Operator::I64TruncF64U => self.unary(Kind::I64, &forms::I64_TRUNC_F64_U),
            Operator::I64Add128 => self.wide_sum(op::i64_add128),
            Operator::I64Sub128 => self.wide_sum(op::i64_sub128),
            Operator::I64MulWideS => self.wide_product(op::i64_mul_wide_s),
            Operator::I64MulWideU => self.wide_product(op::i64_mul_wide_u),

            // Memories.
            Operator::I32Load { memarg } => self.load(memarg, Kind::I32, &forms::I64_LOAD32_U),
            Operator::I64Load { memarg } => self.load(memarg, Kind::I64, &forms::I64_LOAD),
            Operator::F32Load { memarg } => self.load(memarg, Kind::F32, &forms::F32_LOAD),
            Operator::F64Load { memarg } => self.load(memarg, Kind::F64, &forms::F64_LOAD),
            Operator::I32Load8S { memarg } => self.load(memarg, Kind::I32, &forms::I32_LOAD8_S),
            Operator::I32Load8U { memarg } => self.load(memarg, Kind::I32, &forms::I64_LOAD8_U),
            Operator::I32Load16S { memarg } => self.load(memarg, Kind::I32, &forms::I32_LOAD16_S),
            Operator::I32Load16U { memarg } => self.load(memarg, Kind::I32, &forms::I64_LOAD16_U),
            Operator::I64Load8S { memarg } => self.load(memarg, Kind::I64, &forms::I64_LOAD8_S),
            Operator::I64Load8U { memarg } => self.load(memarg, Kind::I64, &forms::I64_LOAD8_U),
            Operator::I64Load16S { memarg } => self.load(memarg, Kind::I64, &forms::I64_LOAD16_S),
            Operator::I64Load16U { memarg } => self.load(memarg, Kind::I64, &forms::I64_LOAD16_U),
            Operator::I64Load32S { memarg } => self.load(memarg, Kind::I64, &forms::I64_LOAD32_S),
            Operator::I64Load32U { memarg } => self.load(memarg, Kind::I64, &forms::I64_LOAD32_U),
            Operator::I32Store { memarg } | Operator::I64Store32 { memarg } => self.store(memarg, &forms::I64_STORE32),
            Operator::I64Store { memarg } => self.store(memarg, &forms::I64_STORE),
            Operator::F32Store { memarg } => self.store_float(memarg, &forms::I64_STORE32, &forms::F32_STORE),
            Operator::F64Store { memarg } => self.store_float(memarg, &forms::I64_STORE, &forms::F64_STORE),
            Operator::I32Store8 { memarg } | Operator::I64Store8 { memarg } => self.store(memarg, &forms::I64_STORE8),
            Operator::I32Store16 { memarg } | Operator::I64Store16 { memarg } => {
                self.store(memarg, &forms::I64_STORE16)
            }
            Operator::MemorySize { mem } => self.memory_size(mem),
            Operator::MemoryGrow { mem } => self.memory_grow(mem),
            Operator::MemoryCopy { dst_mem, src_mem } => self.bulk(op::memory_copy, dst_mem, src_mem),
            Operator::MemoryFill { mem } => self.bulk(op::memory_fill, mem, 0),
            Operator::MemoryInit { data_index, mem } => self.bulk(op::memory_init, mem, data_index),
            Operator::DataDrop { data_index } => self.index_only(op::data_drop, data_index),

            // Tables.
            Operator::TableGet { table } => self.table_get(table),
            Operator::TableSet { table } => self.table_set(table),
            Operator::TableSize { table } => self.table_size(table),
            Operator::TableGrow { table } => self.table_grow(table),
            Operator::TableFill { table } => self.table_fill(table),
            Operator::TableCopy { dst_table, src_table } => self.bulk(op::table_copy, dst_table, src_table),
            Operator::TableInit { elem_index, table } => self.bulk(op::table_init, table, elem_index),
            Operator::ElemDrop { elem_index } => self.index_only(op::elem_drop, elem_index),

            // References.
            Operator::RefNull { .. } => self.ref_null(),
            Operator::RefFunc { function_index } => self.ref_func(function_index),
            Operator::RefIsNull => self.number_of_reference(op::ref_is_null),
            Operator::RefEq => self.ref_eq(),
            Operator::RefAsNonNull => self.ref_as_non_null(),
            Operator::BrOnNull { relative_depth } => self.br_on_null(relative_depth),
            Operator::BrOnNonNull { relative_depth } => self.br_on_non_null(relative_depth),

            _ => self.lower_gc(operator),
        }
    }

    /// Translates an instruction on objects, or goes on to the atomics.
    #[cfg(feature = "gc")]
    fn lower_gc(&mut self, operator: &Operator<'_>) -> Result<(), Retry> {
        match *operator {
            Operator::RefI31 => self.ref_i31(),
            Operator::I31GetS => self.number_of_reference(op::i31_get_s),
            Operator::I31GetU => self.number_of_reference(op::i31_get_u),
            // The two hierarchies share one representation.
            Operator::AnyConvertExtern | Operator::ExternConvertAny => Ok(()),
            Operator::RefTestNonNull { hty } => self.ref_test(hty, false),
            Operator::RefTestNullable { hty } => self.ref_test(hty, true),
            Operator::RefCastNonNull { hty } => self.ref_cast(hty, false),
            Operator::RefCastNullable { hty } => self.ref_cast(hty, true),
            Operator::BrOnCast { relative_depth, to_ref_type, .. } => {
                self.br_on_cast(relative_depth, to_ref_type, true)
            }
            Operator::BrOnCastFail { relative_depth, to_ref_type, .. } => {
                self.br_on_cast(relative_depth, to_ref_type, false)
            }
            Operator::RefGetDesc { type_index } => self.ref_get_desc(type_index),
            Operator::RefCastDescEqNonNull { hty } => self.ref_cast_desc_eq(hty, false),
            Operator::RefCastDescEqNullable { hty } => self.ref_cast_desc_eq(hty, true),
            Operator::BrOnCastDescEq { relative_depth, to_ref_type, .. } => {
                self.br_on_cast_desc_eq(relative_depth, to_ref_type, true)
            }
            Operator::BrOnCastDescEqFail { relative_depth, to_ref_type, .. } => {
                self.br_on_cast_desc_eq(relative_depth, to_ref_type, false)
            }

            // Structs and arrays.
            Operator::StructNew { struct_type_index } => self.struct_new(struct_type_index),
            Operator::StructNewDesc { struct_type_index } => self.struct_new_desc(struct_type_index),
            Operator::StructNewDefault { struct_type_index } => self.struct_new_default(struct_type_index),
            Operator::StructNewDefaultDesc { struct_type_index } => self.struct_new_default_desc(struct_type_index),
            Operator::StructGet { struct_type_index, field_index }
            | Operator::StructGetU { struct_type_index, field_index } => {
                self.struct_get(struct_type_index, field_index, false)
            }
            Operator::StructGetS { struct_type_index, field_index } => {
                self.struct_get(struct_type_index, field_index, true)
            }
            Operator::StructSet { struct_type_index, field_index } => self.struct_set(struct_type_index, field_index),
            Operator::ArrayNew { array_type_index } => self.array_new(array_type_index),
            Operator::ArrayNewDefault { array_type_index } => self.array_new_default(array_type_index),
            Operator::ArrayNewFixed { array_type_index, array_size } => {
                self.array_new_fixed(array_type_index, array_size)
            }
            Operator::ArrayNewData { array_type_index, array_data_index } => {
                self.array_new_segment(op::array_new_data, array_type_index, array_data_index)
            }
            Operator::ArrayNewElem { array_type_index, array_elem_index } => {
                self.array_new_segment(op::array_new_elem, array_type_index, array_elem_index)
            }
            Operator::ArrayGet { array_type_index } | Operator::ArrayGetU { array_type_index } => {
                self.array_get(array_type_index, false)
            }
            Operator::ArrayGetS { array_type_index } => self.array_get(array_type_index, true),
            Operator::ArraySet { array_type_index } => self.array_set(array_type_index),
            Operator::ArrayLen => self.array_len(),
            Operator::ArrayFill { array_type_index } => self.array_fill(array_type_index),
            Operator::ArrayCopy { .. } => self.array_copy(),
            Operator::ArrayInitData { array_type_index, array_data_index } => {
                self.array_init(op::array_init_data, array_type_index, array_data_index)
            }
            Operator::ArrayInitElem { array_type_index, array_elem_index } => {
                self.array_init(op::array_init_elem, array_type_index, array_elem_index)
            }

            _ => self.lower_atomic(operator),
        }
    }

    // Of an instruction whose feature is absent the validator knows that it is switched off.
    #[cfg(not(feature = "gc"))]
    fn lower_gc(&mut self, operator: &Operator<'_>) -> Result<(), Retry> {
        self.lower_atomic(operator)
    }

    /// Translates an atomic instruction, or goes on to the vectors.
    #[cfg(feature = "threads")]
    fn lower_atomic(&mut self, operator: &Operator<'_>) -> Result<(), Retry> {
        match *operator {
            Operator::MemoryAtomicNotify { memarg } => self.atomic_notify(memarg),
            Operator::MemoryAtomicWait32 { memarg } => self.atomic_wait(memarg, op::memory_atomic_wait32),
            Operator::MemoryAtomicWait64 { memarg } => self.atomic_wait(memarg, op::memory_atomic_wait64),
            Operator::AtomicFence { .. } => Ok(()), // every atomic access is sequentially consistent
            Operator::I32AtomicLoad { memarg } => self.atomic_load(memarg, Kind::I32, op::i32_atomic_load),
            Operator::I64AtomicLoad { memarg } => self.atomic_load(memarg, Kind::I64, op::i64_atomic_load),
            Operator::I32AtomicLoad8U { memarg } => self.atomic_load(memarg, Kind::I32, op::i32_atomic_load8_u),
            Operator::I32AtomicLoad16U { memarg } => self.atomic_load(memarg, Kind::I32, op::i32_atomic_load16_u),
            Operator::I64AtomicLoad8U { memarg } => self.atomic_load(memarg, Kind::I64, op::i64_atomic_load8_u),
            Operator::I64AtomicLoad16U { memarg } => self.atomic_load(memarg, Kind::I64, op::i64_atomic_load16_u),
            Operator::I64AtomicLoad32U { memarg } => self.atomic_load(memarg, Kind::I64, op::i64_atomic_load32_u),
            Operator::I32AtomicStore { memarg } => self.atomic_store(memarg, op::i32_atomic_store),
            Operator::I64AtomicStore { memarg } => self.atomic_store(memarg, op::i64_atomic_store),
            Operator::I32AtomicStore8 { memarg } => self.atomic_store(memarg, op::i32_atomic_store8),
            Operator::I32AtomicStore16 { memarg } => self.atomic_store(memarg, op::i32_atomic_store16),
            Operator::I64AtomicStore8 { memarg } => self.atomic_store(memarg, op::i64_atomic_store8),
            Operator::I64AtomicStore16 { memarg } => self.atomic_store(memarg, op::i64_atomic_store16),
            Operator::I64AtomicStore32 { memarg } => self.atomic_store(memarg, op::i64_atomic_store32),
            Operator::I32AtomicRmwAdd { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw_add),
            Operator::I64AtomicRmwAdd { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw_add),
            Operator::I32AtomicRmw8AddU { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw8_add_u),
            Operator::I32AtomicRmw16AddU { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw16_add_u),
            Operator::I64AtomicRmw8AddU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw8_add_u),
            Operator::I64AtomicRmw16AddU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw16_add_u),
            Operator::I64AtomicRmw32AddU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw32_add_u),
            Operator::I32AtomicRmwSub { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw_sub),
            Operator::I64AtomicRmwSub { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw_sub),
            Operator::I32AtomicRmw8SubU { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw8_sub_u),
            Operator::I32AtomicRmw16SubU { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw16_sub_u),
            Operator::I64AtomicRmw8SubU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw8_sub_u),
            Operator::I64AtomicRmw16SubU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw16_sub_u),
            Operator::I64AtomicRmw32SubU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw32_sub_u),
            Operator::I32AtomicRmwAnd { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw_and),
            Operator::I64AtomicRmwAnd { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw_and),
            Operator::I32AtomicRmw8AndU { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw8_and_u),
            Operator::I32AtomicRmw16AndU { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw16_and_u),
            Operator::I64AtomicRmw8AndU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw8_and_u),
            Operator::I64AtomicRmw16AndU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw16_and_u),
            Operator::I64AtomicRmw32AndU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw32_and_u),
            Operator::I32AtomicRmwOr { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw_or),
            Operator::I64AtomicRmwOr { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw_or),
            Operator::I32AtomicRmw8OrU { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw8_or_u),
            Operator::I32AtomicRmw16OrU { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw16_or_u),
            Operator::I64AtomicRmw8OrU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw8_or_u),
            Operator::I64AtomicRmw16OrU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw16_or_u),
            Operator::I64AtomicRmw32OrU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw32_or_u),
            Operator::I32AtomicRmwXor { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw_xor),
            Operator::I64AtomicRmwXor { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw_xor),
            Operator::I32AtomicRmw8XorU { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw8_xor_u),
            Operator::I32AtomicRmw16XorU { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw16_xor_u),
            Operator::I64AtomicRmw8XorU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw8_xor_u),
            Operator::I64AtomicRmw16XorU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw16_xor_u),
            Operator::I64AtomicRmw32XorU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw32_xor_u),
            Operator::I32AtomicRmwXchg { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw_xchg),
            Operator::I64AtomicRmwXchg { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw_xchg),
            Operator::I32AtomicRmw8XchgU { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw8_xchg_u),
            Operator::I32AtomicRmw16XchgU { memarg } => self.atomic_rmw(memarg, Kind::I32, op::i32_atomic_rmw16_xchg_u),
            Operator::I64AtomicRmw8XchgU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw8_xchg_u),
            Operator::I64AtomicRmw16XchgU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw16_xchg_u),
            Operator::I64AtomicRmw32XchgU { memarg } => self.atomic_rmw(memarg, Kind::I64, op::i64_atomic_rmw32_xchg_u),
            Operator::I32AtomicRmwCmpxchg { memarg } => {
                self.atomic_cmpxchg(memarg, Kind::I32, op::i32_atomic_rmw_cmpxchg)
            }
            Operator::I64AtomicRmwCmpxchg { memarg } => {
                self.atomic_cmpxchg(memarg, Kind::I64, op::i64_atomic_rmw_cmpxchg)
            }
            Operator::I32AtomicRmw8CmpxchgU { memarg } => {
                self.atomic_cmpxchg(memarg, Kind::I32, op::i32_atomic_rmw8_cmpxchg_u)
            }
            Operator::I32AtomicRmw16CmpxchgU { memarg } => {
                self.atomic_cmpxchg(memarg, Kind::I32, op::i32_atomic_rmw16_cmpxchg_u)
            }
            Operator::I64AtomicRmw8CmpxchgU { memarg } => {
                self.atomic_cmpxchg(memarg, Kind::I64, op::i64_atomic_rmw8_cmpxchg_u)
            }
            Operator::I64AtomicRmw16CmpxchgU { memarg } => {
                self.atomic_cmpxchg(memarg, Kind::I64, op::i64_atomic_rmw16_cmpxchg_u)
            }
            Operator::I64AtomicRmw32CmpxchgU { memarg } => {
                self.atomic_cmpxchg(memarg, Kind::I64, op::i64_atomic_rmw32_cmpxchg_u)
            }

            _ => self.lower_vector(operator),
        }
    }

    #[cfg(not(feature = "threads"))]
    fn lower_atomic(&mut self, operator: &Operator<'_>) -> Result<(), Retry> {
        self.lower_vector(operator)
    }

    #[cfg(not(feature = "simd"))]
    fn lower_vector(&mut self, _: &Operator<'_>) -> Result<(), Retry> {
        Ok(())
    }

    /// Translates a vector instruction.
    #[cfg(feature = "simd")]
    #[rustfmt::skip]
    fn lower_vector(&mut self, operator: &Operator<'_>) -> Result<(), Retry> {
        match *operator {
            Operator::V128Const { value } => self.v128_const(*value.bytes()),
            Operator::V128Load { memarg } => self.load_wide(memarg, op::v128_load_s, op::v128_load_r, op::v128_load_x),
            Operator::V128Load8x8S { memarg } => self.load_wide(memarg, op::v128_load8x8_s_s, op::v128_load8x8_s_r, op::v128_load8x8_s_x),
            Operator::V128Load8x8U { memarg } => self.load_wide(memarg, op::v128_load8x8_u_s, op::v128_load8x8_u_r, op::v128_load8x8_u_x),
            Operator::V128Load16x4S { memarg } => self.load_wide(memarg, op::v128_load16x4_s_s, op::v128_load16x4_s_r, op::v128_load16x4_s_x),
            Operator::V128Load16x4U { memarg } => self.load_wide(memarg, op::v128_load16x4_u_s, op::v128_load16x4_u_r, op::v128_load16x4_u_x),
            Operator::V128Load32x2S { memarg } => self.load_wide(memarg, op::v128_load32x2_s_s, op::v128_load32x2_s_r, op::v128_load32x2_s_x),
            Operator::V128Load32x2U { memarg } => self.load_wide(memarg, op::v128_load32x2_u_s, op::v128_load32x2_u_r, op::v128_load32x2_u_x),
            Operator::V128Load8Splat { memarg } => self.load_wide(memarg, op::v128_load8_splat_s, op::v128_load8_splat_r, op::v128_load8_splat_x),
            Operator::V128Load16Splat { memarg } => self.load_wide(memarg, op::v128_load16_splat_s, op::v128_load16_splat_r, op::v128_load16_splat_x),
            Operator::V128Load32Splat { memarg } => self.load_wide(memarg, op::v128_load32_splat_s, op::v128_load32_splat_r, op::v128_load32_splat_x),
            Operator::V128Load64Splat { memarg } => self.load_wide(memarg, op::v128_load64_splat_s, op::v128_load64_splat_r, op::v128_load64_splat_x),
            Operator::V128Load32Zero { memarg } => self.load_wide(memarg, op::v128_load32_zero_s, op::v128_load32_zero_r, op::v128_load32_zero_x),
            Operator::V128Load64Zero { memarg } => self.load_wide(memarg, op::v128_load64_zero_s, op::v128_load64_zero_r, op::v128_load64_zero_x),
            Operator::V128Store { memarg } => self.store_wide(memarg),
            Operator::V128Load8Lane { memarg, lane } => self.load_lane(memarg, lane, op::v128_load8_lane),
            Operator::V128Load16Lane { memarg, lane } => self.load_lane(memarg, lane, op::v128_load16_lane),
            Operator::V128Load32Lane { memarg, lane } => self.load_lane(memarg, lane, op::v128_load32_lane),
            Operator::V128Load64Lane { memarg, lane } => self.load_lane(memarg, lane, op::v128_load64_lane),
            Operator::V128Store8Lane { memarg, lane } => self.store_lane(memarg, lane, op::v128_store8_lane),
            Operator::V128Store16Lane { memarg, lane } => self.store_lane(memarg, lane, op::v128_store16_lane),
            Operator::V128Store32Lane { memarg, lane } => self.store_lane(memarg, lane, op::v128_store32_lane),
            Operator::V128Store64Lane { memarg, lane } => self.store_lane(memarg, lane, op::v128_store64_lane),
            Operator::I8x16Shuffle { lanes } => self.shuffle(lanes),
            Operator::I8x16ExtractLaneS { lane } => self.extract_lane(lane, Kind::I32, op::i8x16_extract_lane_s),
            Operator::I8x16ExtractLaneU { lane } => self.extract_lane(lane, Kind::I32, op::i8x16_extract_lane_u),
            Operator::I8x16ReplaceLane { lane } => self.replace_lane(lane, op::i8x16_replace_lane),
            Operator::I16x8ExtractLaneS { lane } => self.extract_lane(lane, Kind::I32, op::i16x8_extract_lane_s),
            Operator::I16x8ExtractLaneU { lane } => self.extract_lane(lane, Kind::I32, op::i16x8_extract_lane_u),
            Operator::I16x8ReplaceLane { lane } => self.replace_lane(lane, op::i16x8_replace_lane),
            Operator::I32x4ExtractLane { lane } => self.extract_lane(lane, Kind::I32, op::i32x4_extract_lane),
            Operator::I32x4ReplaceLane { lane } => self.replace_lane(lane, op::i32x4_replace_lane),
            Operator::I64x2ExtractLane { lane } => self.extract_lane(lane, Kind::I64, op::i64x2_extract_lane),
            Operator::I64x2ReplaceLane { lane } => self.replace_lane(lane, op::i64x2_replace_lane),
            Operator::F32x4ExtractLane { lane } => self.extract_lane(lane, Kind::F32, op::f32x4_extract_lane),
            Operator::F32x4ReplaceLane { lane } => self.replace_lane(lane, op::f32x4_replace_lane),
            Operator::F64x2ExtractLane { lane } => self.extract_lane(lane, Kind::F64, op::f64x2_extract_lane),
            Operator::F64x2ReplaceLane { lane } => self.replace_lane(lane, op::f64x2_replace_lane),
            Operator::I8x16Swizzle => self.wide_binary(op::i8x16_swizzle),
            Operator::I8x16Splat => self.splat(op::i8x16_splat),
            Operator::I16x8Splat => self.splat(op::i16x8_splat),
            Operator::I32x4Splat => self.splat(op::i32x4_splat),
            Operator::I64x2Splat => self.splat(op::i64x2_splat),
            Operator::F32x4Splat => self.splat(op::f32x4_splat),
            Operator::F64x2Splat => self.splat(op::f64x2_splat),
            Operator::I8x16Eq => self.wide_binary(op::i8x16_eq),
            Operator::I8x16Ne => self.wide_binary(op::i8x16_ne),
            Operator::I8x16LtS => self.wide_binary(op::i8x16_lt_s),
            Operator::I8x16LtU => self.wide_binary(op::i8x16_lt_u),
            Operator::I8x16GtS => self.wide_binary(op::i8x16_gt_s),
            Operator::I8x16GtU => self.wide_binary(op::i8x16_gt_u),
            Operator::I8x16LeS => self.wide_binary(op::i8x16_le_s),
            Operator::I8x16LeU => self.wide_binary(op::i8x16_le_u),
            Operator::I8x16GeS => self.wide_binary(op::i8x16_ge_s),
            Operator::I8x16GeU => self.wide_binary(op::i8x16_ge_u),
            Operator::I16x8Eq => self.wide_binary(op::i16x8_eq),
            Operator::I16x8Ne => self.wide_binary(op::i16x8_ne),
            Operator::I16x8LtS => self.wide_binary(op::i16x8_lt_s),
            Operator::I16x8LtU => self.wide_binary(op::i16x8_lt_u),
            Operator::I16x8GtS => self.wide_binary(op::i16x8_gt_s),
            Operator::I16x8GtU => self.wide_binary(op::i16x8_gt_u),
            Operator::I16x8LeS => self.wide_binary(op::i16x8_le_s),
            Operator::I16x8LeU => self.wide_binary(op::i16x8_le_u),
            Operator::I16x8GeS => self.wide_binary(op::i16x8_ge_s),
            Operator::I16x8GeU => self.wide_binary(op::i16x8_ge_u),
            Operator::I32x4Eq => self.wide_binary(op::i32x4_eq),
            Operator::I32x4Ne => self.wide_binary(op::i32x4_ne),
            Operator::I32x4LtS => self.wide_binary(op::i32x4_lt_s),
            Operator::I32x4LtU => self.wide_binary(op::i32x4_lt_u),
            Operator::I32x4GtS => self.wide_binary(op::i32x4_gt_s),
            Operator::I32x4GtU => self.wide_binary(op::i32x4_gt_u),
            Operator::I32x4LeS => self.wide_binary(op::i32x4_le_s),
            Operator::I32x4LeU => self.wide_binary(op::i32x4_le_u),
            Operator::I32x4GeS => self.wide_binary(op::i32x4_ge_s),
            Operator::I32x4GeU => self.wide_binary(op::i32x4_ge_u),
            Operator::I64x2Eq => self.wide_binary(op::i64x2_eq),
            Operator::I64x2Ne => self.wide_binary(op::i64x2_ne),
            Operator::I64x2LtS => self.wide_binary(op::i64x2_lt_s),
            Operator::I64x2GtS => self.wide_binary(op::i64x2_gt_s),
            Operator::I64x2LeS => self.wide_binary(op::i64x2_le_s),
            Operator::I64x2GeS => self.wide_binary(op::i64x2_ge_s),
            Operator::F32x4Eq => self.wide_binary(op::f32x4_eq),
            Operator::F32x4Ne => self.wide_binary(op::f32x4_ne),
            Operator::F32x4Lt => self.wide_binary(op::f32x4_lt),
            Operator::F32x4Gt => self.wide_binary(op::f32x4_gt),
            Operator::F32x4Le => self.wide_binary(op::f32x4_le),
            Operator::F32x4Ge => self.wide_binary(op::f32x4_ge),
            Operator::F64x2Eq => self.wide_binary(op::f64x2_eq),
            Operator::F64x2Ne => self.wide_binary(op::f64x2_ne),
            Operator::F64x2Lt => self.wide_binary(op::f64x2_lt),
            Operator::F64x2Gt => self.wide_binary(op::f64x2_gt),
            Operator::F64x2Le => self.wide_binary(op::f64x2_le),
            Operator::F64x2Ge => self.wide_binary(op::f64x2_ge),
            Operator::V128Not => self.wide_unary(op::v128_not),
            Operator::V128And => self.wide_binary(op::v128_and),
            Operator::V128AndNot => self.wide_binary(op::v128_andnot),
            Operator::V128Or => self.wide_binary(op::v128_or),
            Operator::V128Xor => self.wide_binary(op::v128_xor),
            Operator::V128Bitselect => self.wide_ternary(op::v128_bitselect),
            Operator::V128AnyTrue => self.wide_test(op::v128_any_true),
            Operator::I8x16Abs => self.wide_unary(op::i8x16_abs),
            Operator::I8x16Neg => self.wide_unary(op::i8x16_neg),
            Operator::I8x16Popcnt => self.wide_unary(op::i8x16_popcnt),
            Operator::I8x16AllTrue => self.wide_test(op::i8x16_all_true),
            Operator::I8x16Bitmask => self.wide_test(op::i8x16_bitmask),
            Operator::I8x16NarrowI16x8S => self.wide_binary(op::i8x16_narrow_i16x8_s),
            Operator::I8x16NarrowI16x8U => self.wide_binary(op::i8x16_narrow_i16x8_u),
            Operator::I8x16Shl => self.wide_shift(op::i8x16_shl),
            Operator::I8x16ShrS => self.wide_shift(op::i8x16_shr_s),
            Operator::I8x16ShrU => self.wide_shift(op::i8x16_shr_u),
            Operator::I8x16Add => self.wide_binary(op::i8x16_add),
            Operator::I8x16AddSatS => self.wide_binary(op::i8x16_add_sat_s),
            Operator::I8x16AddSatU => self.wide_binary(op::i8x16_add_sat_u),
            Operator::I8x16Sub => self.wide_binary(op::i8x16_sub),
            Operator::I8x16SubSatS => self.wide_binary(op::i8x16_sub_sat_s),
            Operator::I8x16SubSatU => self.wide_binary(op::i8x16_sub_sat_u),
            Operator::I8x16MinS => self.wide_binary(op::i8x16_min_s),
            Operator::I8x16MinU => self.wide_binary(op::i8x16_min_u),
            Operator::I8x16MaxS => self.wide_binary(op::i8x16_max_s),
            Operator::I8x16MaxU => self.wide_binary(op::i8x16_max_u),
            Operator::I8x16AvgrU => self.wide_binary(op::i8x16_avgr_u),
            Operator::I16x8ExtAddPairwiseI8x16S => self.wide_unary(op::i16x8_extadd_pairwise_i8x16_s),
            Operator::I16x8ExtAddPairwiseI8x16U => self.wide_unary(op::i16x8_extadd_pairwise_i8x16_u),
            Operator::I16x8Abs => self.wide_unary(op::i16x8_abs),
            Operator::I16x8Neg => self.wide_unary(op::i16x8_neg),
            Operator::I16x8Q15MulrSatS => self.wide_binary(op::i16x8_q15mulr_sat_s),
            Operator::I16x8AllTrue => self.wide_test(op::i16x8_all_true),
            Operator::I16x8Bitmask => self.wide_test(op::i16x8_bitmask),
            Operator::I16x8NarrowI32x4S => self.wide_binary(op::i16x8_narrow_i32x4_s),
            Operator::I16x8NarrowI32x4U => self.wide_binary(op::i16x8_narrow_i32x4_u),
            Operator::I16x8ExtendLowI8x16S => self.wide_unary(op::i16x8_extend_low_i8x16_s),
            Operator::I16x8ExtendHighI8x16S => self.wide_unary(op::i16x8_extend_high_i8x16_s),
            Operator::I16x8ExtendLowI8x16U => self.wide_unary(op::i16x8_extend_low_i8x16_u),
            Operator::I16x8ExtendHighI8x16U => self.wide_unary(op::i16x8_extend_high_i8x16_u),
            Operator::I16x8Shl => self.wide_shift(op::i16x8_shl),
            Operator::I16x8ShrS => self.wide_shift(op::i16x8_shr_s),
            Operator::I16x8ShrU => self.wide_shift(op::i16x8_shr_u),
            Operator::I16x8Add => self.wide_binary(op::i16x8_add),
            Operator::I16x8AddSatS => self.wide_binary(op::i16x8_add_sat_s),
            Operator::I16x8AddSatU => self.wide_binary(op::i16x8_add_sat_u),
            Operator::I16x8Sub => self.wide_binary(op::i16x8_sub),
            Operator::I16x8SubSatS => self.wide_binary(op::i16x8_sub_sat_s),
            Operator::I16x8SubSatU => self.wide_binary(op::i16x8_sub_sat_u),
            Operator::I16x8Mul => self.wide_binary(op::i16x8_mul),
            Operator::I16x8MinS => self.wide_binary(op::i16x8_min_s),
            Operator::I16x8MinU => self.wide_binary(op::i16x8_min_u),
            Operator::I16x8MaxS => self.wide_binary(op::i16x8_max_s),
            Operator::I16x8MaxU => self.wide_binary(op::i16x8_max_u),
            Operator::I16x8AvgrU => self.wide_binary(op::i16x8_avgr_u),
            Operator::I16x8ExtMulLowI8x16S => self.wide_binary(op::i16x8_extmul_low_i8x16_s),
            Operator::I16x8ExtMulHighI8x16S => self.wide_binary(op::i16x8_extmul_high_i8x16_s),
            Operator::I16x8ExtMulLowI8x16U => self.wide_binary(op::i16x8_extmul_low_i8x16_u),
            Operator::I16x8ExtMulHighI8x16U => self.wide_binary(op::i16x8_extmul_high_i8x16_u),
            Operator::I32x4ExtAddPairwiseI16x8S => self.wide_unary(op::i32x4_extadd_pairwise_i16x8_s),
            Operator::I32x4ExtAddPairwiseI16x8U => self.wide_unary(op::i32x4_extadd_pairwise_i16x8_u),
            Operator::I32x4Abs => self.wide_unary(op::i32x4_abs),
            Operator::I32x4Neg => self.wide_unary(op::i32x4_neg),
            Operator::I32x4AllTrue => self.wide_test(op::i32x4_all_true),
            Operator::I32x4Bitmask => self.wide_test(op::i32x4_bitmask),
            Operator::I32x4ExtendLowI16x8S => self.wide_unary(op::i32x4_extend_low_i16x8_s),
            Operator::I32x4ExtendHighI16x8S => self.wide_unary(op::i32x4_extend_high_i16x8_s),
            Operator::I32x4ExtendLowI16x8U => self.wide_unary(op::i32x4_extend_low_i16x8_u),
            Operator::I32x4ExtendHighI16x8U => self.wide_unary(op::i32x4_extend_high_i16x8_u),
            Operator::I32x4Shl => self.wide_shift(op::i32x4_shl),
            Operator::I32x4ShrS => self.wide_shift(op::i32x4_shr_s),
            Operator::I32x4ShrU => self.wide_shift(op::i32x4_shr_u),
            Operator::I32x4Add => self.wide_binary(op::i32x4_add),
            Operator::I32x4Sub => self.wide_binary(op::i32x4_sub),
            Operator::I32x4Mul => self.wide_binary(op::i32x4_mul),
            Operator::I32x4MinS => self.wide_binary(op::i32x4_min_s),
            Operator::I32x4MinU => self.wide_binary(op::i32x4_min_u),
            Operator::I32x4MaxS => self.wide_binary(op::i32x4_max_s),
            Operator::I32x4MaxU => self.wide_binary(op::i32x4_max_u),
            Operator::I32x4DotI16x8S => self.wide_binary(op::i32x4_dot_i16x8_s),
            Operator::I32x4ExtMulLowI16x8S => self.wide_binary(op::i32x4_extmul_low_i16x8_s),
            Operator::I32x4ExtMulHighI16x8S => self.wide_binary(op::i32x4_extmul_high_i16x8_s),
            Operator::I32x4ExtMulLowI16x8U => self.wide_binary(op::i32x4_extmul_low_i16x8_u),
            Operator::I32x4ExtMulHighI16x8U => self.wide_binary(op::i32x4_extmul_high_i16x8_u),
            Operator::I64x2Abs => self.wide_unary(op::i64x2_abs),
            Operator::I64x2Neg => self.wide_unary(op::i64x2_neg),
            Operator::I64x2AllTrue => self.wide_test(op::i64x2_all_true),
            Operator::I64x2Bitmask => self.wide_test(op::i64x2_bitmask),
            Operator::I64x2ExtendLowI32x4S => self.wide_unary(op::i64x2_extend_low_i32x4_s),
            Operator::I64x2ExtendHighI32x4S => self.wide_unary(op::i64x2_extend_high_i32x4_s),
            Operator::I64x2ExtendLowI32x4U => self.wide_unary(op::i64x2_extend_low_i32x4_u),
            Operator::I64x2ExtendHighI32x4U => self.wide_unary(op::i64x2_extend_high_i32x4_u),
            Operator::I64x2Shl => self.wide_shift(op::i64x2_shl),
            Operator::I64x2ShrS => self.wide_shift(op::i64x2_shr_s),
            Operator::I64x2ShrU => self.wide_shift(op::i64x2_shr_u),
            Operator::I64x2Add => self.wide_binary(op::i64x2_add),
            Operator::I64x2Sub => self.wide_binary(op::i64x2_sub),
            Operator::I64x2Mul => self.wide_binary(op::i64x2_mul),
            Operator::I64x2ExtMulLowI32x4S => self.wide_binary(op::i64x2_extmul_low_i32x4_s),
            Operator::I64x2ExtMulHighI32x4S => self.wide_binary(op::i64x2_extmul_high_i32x4_s),
            Operator::I64x2ExtMulLowI32x4U => self.wide_binary(op::i64x2_extmul_low_i32x4_u),
            Operator::I64x2ExtMulHighI32x4U => self.wide_binary(op::i64x2_extmul_high_i32x4_u),
            Operator::F32x4Ceil => self.wide_unary(op::f32x4_ceil),
            Operator::F32x4Floor => self.wide_unary(op::f32x4_floor),
            Operator::F32x4Trunc => self.wide_unary(op::f32x4_trunc),
            Operator::F32x4Nearest => self.wide_unary(op::f32x4_nearest),
            Operator::F32x4Abs => self.wide_unary(op::f32x4_abs),
            Operator::F32x4Neg => self.wide_unary(op::f32x4_neg),
            Operator::F32x4Sqrt => self.wide_unary(op::f32x4_sqrt),
            Operator::F32x4Add => self.wide_binary(op::f32x4_add),
            Operator::F32x4Sub => self.wide_binary(op::f32x4_sub),
            Operator::F32x4Mul => self.wide_binary(op::f32x4_mul),
            Operator::F32x4Div => self.wide_binary(op::f32x4_div),
            Operator::F32x4Min => self.wide_binary(op::f32x4_min),
            Operator::F32x4Max => self.wide_binary(op::f32x4_max),
            Operator::F32x4PMin => self.wide_binary(op::f32x4_pmin),
            Operator::F32x4PMax => self.wide_binary(op::f32x4_pmax),
            Operator::F64x2Ceil => self.wide_unary(op::f64x2_ceil),
            Operator::F64x2Floor => self.wide_unary(op::f64x2_floor),
            Operator::F64x2Trunc => self.wide_unary(op::f64x2_trunc),
            Operator::F64x2Nearest => self.wide_unary(op::f64x2_nearest),
            Operator::F64x2Abs => self.wide_unary(op::f64x2_abs),
            Operator::F64x2Neg => self.wide_unary(op::f64x2_neg),
            Operator::F64x2Sqrt => self.wide_unary(op::f64x2_sqrt),
            Operator::F64x2Add => self.wide_binary(op::f64x2_add),
            Operator::F64x2Sub => self.wide_binary(op::f64x2_sub),
            Operator::F64x2Mul => self.wide_binary(op::f64x2_mul),
            Operator::F64x2Div => self.wide_binary(op::f64x2_div),
            Operator::F64x2Min => self.wide_binary(op::f64x2_min),
            Operator::F64x2Max => self.wide_binary(op::f64x2_max),
            Operator::F64x2PMin => self.wide_binary(op::f64x2_pmin),
            Operator::F64x2PMax => self.wide_binary(op::f64x2_pmax),
            Operator::I32x4TruncSatF32x4S => self.wide_unary(op::i32x4_trunc_sat_f32x4_s),
            Operator::I32x4TruncSatF32x4U => self.wide_unary(op::i32x4_trunc_sat_f32x4_u),
            Operator::F32x4ConvertI32x4S => self.wide_unary(op::f32x4_convert_i32x4_s),
            Operator::F32x4ConvertI32x4U => self.wide_unary(op::f32x4_convert_i32x4_u),
            Operator::I32x4TruncSatF64x2SZero => self.wide_unary(op::i32x4_trunc_sat_f64x2_s_zero),
            Operator::I32x4TruncSatF64x2UZero => self.wide_unary(op::i32x4_trunc_sat_f64x2_u_zero),
            Operator::F64x2ConvertLowI32x4S => self.wide_unary(op::f64x2_convert_low_i32x4_s),
            Operator::F64x2ConvertLowI32x4U => self.wide_unary(op::f64x2_convert_low_i32x4_u),
            Operator::F32x4DemoteF64x2Zero => self.wide_unary(op::f32x4_demote_f64x2_zero),
            Operator::F64x2PromoteLowF32x4 => self.wide_unary(op::f64x2_promote_low_f32x4),
            Operator::I8x16RelaxedSwizzle => self.wide_binary(op::i8x16_relaxed_swizzle),
            Operator::I32x4RelaxedTruncF32x4S => self.wide_unary(op::i32x4_relaxed_trunc_f32x4_s),
            Operator::I32x4RelaxedTruncF32x4U => self.wide_unary(op::i32x4_relaxed_trunc_f32x4_u),
            Operator::I32x4RelaxedTruncF64x2SZero => self.wide_unary(op::i32x4_relaxed_trunc_f64x2_s_zero),
            Operator::I32x4RelaxedTruncF64x2UZero => self.wide_unary(op::i32x4_relaxed_trunc_f64x2_u_zero),
            Operator::F32x4RelaxedMadd => self.wide_ternary(op::f32x4_relaxed_madd),
            Operator::F32x4RelaxedNmadd => self.wide_ternary(op::f32x4_relaxed_nmadd),
            Operator::F64x2RelaxedMadd => self.wide_ternary(op::f64x2_relaxed_madd),
            Operator::F64x2RelaxedNmadd => self.wide_ternary(op::f64x2_relaxed_nmadd),
            Operator::I8x16RelaxedLaneselect => self.wide_ternary(op::i8x16_relaxed_laneselect),
            Operator::I16x8RelaxedLaneselect => self.wide_ternary(op::i16x8_relaxed_laneselect),
            Operator::I32x4RelaxedLaneselect => self.wide_ternary(op::i32x4_relaxed_laneselect),
            Operator::I64x2RelaxedLaneselect => self.wide_ternary(op::i64x2_relaxed_laneselect),
            Operator::F32x4RelaxedMin => self.wide_binary(op::f32x4_relaxed_min),
            Operator::F32x4RelaxedMax => self.wide_binary(op::f32x4_relaxed_max),
            Operator::F64x2RelaxedMin => self.wide_binary(op::f64x2_relaxed_min),
            Operator::F64x2RelaxedMax => self.wide_binary(op::f64x2_relaxed_max),
            Operator::I16x8RelaxedQ15mulrS => self.wide_binary(op::i16x8_relaxed_q15mulr_s),
            Operator::I16x8RelaxedDotI8x16I7x16S => self.wide_binary(op::i16x8_relaxed_dot_i8x16_i7x16_s),
            Operator::I32x4RelaxedDotI8x16I7x16AddS => self.wide_ternary(op::i32x4_relaxed_dot_i8x16_i7x16_add_s),
            // Proposals that the configuration cannot switch on; the validator has refused them.
            _ => Ok(()),
        }
    }

    fn type_of_function(&self, function: u32) -> u32 {
        self.resources.type_index_of_function(function).expect("validated: the function index is in range")
    }

    fn constant(&mut self, kind: Kind, bits: u64) -> Result<(), Retry> {
        self.push(kind, Place::Const(bits));
        Ok(())
    }

    /// The top operand's bits as another kind.
    fn retype(&mut self, kind: Kind) -> Result<(), Retry> {
        if let Some(entry) = self.stack.entries.last_mut() {
            entry.kind = kind;
        }
        self.last_compare = None;
        self.last_operation = None;
        Ok(())
    }

    /// A binary instruction whose operands may be exchanged.
    pub(super) fn commutative<I: Immediate>(&mut self, kind: Kind, rows: &Commutative<I>) -> Result<(), Retry> {
        let (mut rhs, mut lhs) = (self.pop(), self.pop());
        if matches!(lhs.place, Place::Const(_)) {
            (lhs, rhs) = (rhs, lhs);
        }
        // The right operand is a slot or immediate; the left one may be the register, and if only the right one is there, they change places.
        if let (Some(left), Some(right)) = (self.slot_of(lhs)?, self.slot_of(rhs)?)
            && self.mirrored(kind, right)
            && !self.mirrored(kind, left)
        {
            (lhs, rhs) = (rhs, lhs);
        }
        let right = self.slot_or_const(rhs)?;
        let left = self.slot_or_reg(lhs)?;
        self.spare_operand(left, lhs);
        let dst = self.push_temp(kind)?;
        let to = Slot(dst.near);
        let position = match (left, right) {
            (Operand::Slot(lhs), Operand::Slot(rhs)) => self.code.emit(rows.ss, Binary { dst: to, lhs, rhs }),
            (Operand::Slot(lhs), right) => self.code.emit(rows.si, Binary { dst: to, lhs, rhs: immediate(right) }),
            (_, Operand::Slot(rhs)) => self.code.emit(rows.rs, Binary { dst: to, lhs: Reg, rhs }),
            (_, right) => self.code.emit(rows.ri, Binary { dst: to, lhs: Reg, rhs: immediate(right) }),
        };
        self.defined(dst, position);
        Ok(())
    }

    /// A binary instruction whose operands may not be exchanged.
    fn ordered<I: Immediate>(&mut self, kind: Kind, rows: &Ordered<I>) -> Result<(), Retry> {
        let (rhs, lhs) = (self.pop(), self.pop());
        if matches!((lhs.place, rhs.place), (Place::Const(_), Place::Const(_))) {
            self.settle_value(lhs)?;
        }
        let both_const = matches!((lhs.place, rhs.place), (Place::Const(_), Place::Const(_)));
        let left = if both_const {
            Operand::Slot(self.slot(Entry { place: Place::Temp, ..lhs })?)
        } else {
            self.operand(lhs)?
        };
        let right = match left {
            Operand::Reg => self.slot_or_const(rhs)?,
            _ => self.operand(rhs)?,
        };
        self.spare_operand(left, lhs);
        self.spare_operand(right, rhs);
        let dst = self.push_temp(kind)?;
        let to = Slot(dst.near);
        let position = match (left, right) {
            (Operand::Slot(lhs), Operand::Slot(rhs)) => self.code.emit(rows.ss, Binary { dst: to, lhs, rhs }),
            (Operand::Slot(lhs), Operand::Reg) => self.code.emit(rows.sr, Binary { dst: to, lhs, rhs: Reg }),
            (Operand::Slot(lhs), right) => self.code.emit(rows.si, Binary { dst: to, lhs, rhs: immediate(right) }),
            (Operand::Const(_), Operand::Slot(rhs)) => {
                self.code.emit(rows.is, Binary { dst: to, lhs: immediate(left), rhs })
            }
            (Operand::Const(_), _) => self.code.emit(rows.ir, Binary { dst: to, lhs: immediate(left), rhs: Reg }),
            (Operand::Reg, Operand::Slot(rhs)) => self.code.emit(rows.rs, Binary { dst: to, lhs: Reg, rhs }),
            (Operand::Reg, right) => self.code.emit(rows.ri, Binary { dst: to, lhs: Reg, rhs: immediate(right) }),
        };
        self.defined(dst, position);
        Ok(())
    }

    /// A division or remainder.
    fn division<I: Immediate>(&mut self, kind: Kind, rows: &Division<I>) -> Result<(), Retry> {
        let (true, Some(Entry { place: Place::Const(divisor), .. })) = (self.specializes(), self.peek(0)) else {
            return self.binary_of_slots(kind, rows.ss);
        };
        let (_, lhs) = (self.pop(), self.pop());
        let lhs = self.slot(lhs)?;
        let dst = self.push_temp(kind)?;
        let position = self.code.emit(rows.si, Binary { dst: Slot(dst.near), lhs, rhs: I::from_bits(divisor) });
        self.defined(dst, position);
        Ok(())
    }

    /// A binary instruction with one row only.
    fn binary_of_slots(&mut self, kind: Kind, code: op::Code<Binary<Slot, Slot>>) -> Result<(), Retry> {
        let (rhs, lhs) = (self.pop(), self.pop());
        let (lhs, rhs) = (self.slot(lhs)?, self.slot(rhs)?);
        let dst = self.push_temp(kind)?;
        let position = self.code.emit(code, Binary { dst: Slot(dst.near), lhs, rhs });
        self.defined(dst, position);
        Ok(())
    }

    /// A shift; by a constant, it may be taken in by what consumes it.
    fn shift<I: Immediate>(&mut self, kind: Kind, operation: fuse::Operation, rows: &Ordered<I>) -> Result<(), Retry> {
        let by_constant = self.peek(0).is_some_and(|entry| matches!(entry.place, Place::Const(_)));
        if by_constant && self.peek(1).is_some_and(|entry| !matches!(entry.place, Place::Const(_))) {
            return self.remembered(operation, |this| this.ordered(kind, rows));
        }
        self.ordered(kind, rows)
    }

    /// The operand as a slot, or a constant as it is.
    fn slot_or_const(&mut self, entry: Entry) -> Result<Operand, Retry> {
        match entry.place {
            Place::Const(bits) => Ok(Operand::Const(bits)),
            _ => self.slot(entry).map(Operand::Slot),
        }
    }

    fn unary(&mut self, kind: Kind, rows: &UnaryForms) -> Result<(), Retry> {
        let entry = self.pop();
        let src = self.slot_or_reg(entry)?;
        self.spare_operand(src, entry);
        let dst = self.push_temp(kind)?;
        let to = Slot(dst.near);
        let position = match src {
            Operand::Slot(src) => self.code.emit(rows.s, Unary { dst: to, src }),
            _ => self.code.emit(rows.r, Unary { dst: to, src: Reg }),
        };
        self.defined(dst, position);
        Ok(())
    }

    /// `select`, typed or not.
    fn select(&mut self) -> Result<(), Retry> {
        if self.select_compare()? {
            return Ok(());
        }
        let (condition, second, first) = (self.pop(), self.pop(), self.pop());
        match first.kind {
            Kind::V128 => {
                let (first, second, condition) = (self.wide(first)?, self.wide(second)?, self.slot(condition)?);
                let dst = self.push_temp(Kind::V128)?;
                let position =
                    self.code.emit(op::select_wide, Select { dst: Wide(dst.near), condition, first, second });
                self.defined(dst, position);
            }
            Kind::Ref => {
                let (first, second, condition) =
                    (self.reference(first)?, self.reference(second)?, self.slot(condition)?);
                let dst = self.push_temp(Kind::Ref)?;
                let position =
                    self.code.emit(op::select_ref, Select { dst: RefSlot(dst.near), condition, first, second });
                self.defined(dst, position);
            }
            kind => {
                // Placing constants may take the register: arms first.
                let (first, second) = (self.slot(first)?, self.slot(second)?);
                let entry = condition;
                let condition = self.slot_or_reg(entry)?;
                self.spare_operand(condition, entry);
                let dst = self.push_temp(kind)?;
                let to = Slot(dst.near);
                let position = match condition {
                    Operand::Slot(condition) => {
                        self.code.emit(op::select_s, Select { dst: to, condition, first, second })
                    }
                    _ => self.code.emit(op::select_r, Select { dst: to, condition: Reg, first, second }),
                };
                self.selected(dst, position);
            }
        }
        Ok(())
    }

    fn wide_sum(&mut self, code: op::Code<Wide128>) -> Result<(), Retry> {
        let (b_high, b_low, a_high, a_low) = (self.pop(), self.pop(), self.pop(), self.pop());
        let (a_low, a_high) = (self.slot(a_low)?, self.slot(a_high)?);
        let (b_low, b_high) = (self.slot(b_low)?, self.slot(b_high)?);
        let (low, high) = (self.push_temp(Kind::I64)?, self.push_temp(Kind::I64)?);
        let shape = Wide128 { low: Slot(low.near), high: Slot(high.near), a_low, a_high, b_low, b_high };
        self.emit_unit(code, shape);
        self.defined_by_driver(low);
        self.defined_by_driver(high);
        Ok(())
    }

    fn wide_product(&mut self, code: op::Code<MulWide>) -> Result<(), Retry> {
        let (rhs, lhs) = (self.pop(), self.pop());
        let (lhs, rhs) = (self.slot(lhs)?, self.slot(rhs)?);
        let (low, high) = (self.push_temp(Kind::I64)?, self.push_temp(Kind::I64)?);
        self.emit_unit(code, MulWide { low: Slot(low.near), high: Slot(high.near), lhs, rhs });
        self.defined_by_driver(low);
        self.defined_by_driver(high);
        Ok(())
    }

    fn index_only(&mut self, code: op::Code<IndexOnly>, index: u32) -> Result<(), Retry> {
        self.emit_unit(code, IndexOnly { index });
        self.registers.forget();
        Ok(())
    }

    fn global_get(&mut self, global: u32) -> Result<(), Retry> {
        let kind = self.resources.global_at(global).map_or(Kind::I32, |ty| kind(ty.content_type));
        let dst = self.push_temp(kind)?;
        let near = dst.near;
        let position = match kind {
            Kind::I32 | Kind::I64 => self.code.emit(op::global_get_int, GlobalGet { dst: Slot(near), global }),
            Kind::F32 => self.code.emit(op::global_get_f32, GlobalGet { dst: Slot(near), global }),
            Kind::F64 => self.code.emit(op::global_get_f64, GlobalGet { dst: Slot(near), global }),
            Kind::V128 => self.code.emit(op::global_get_wide, GlobalGet { dst: Wide(near), global }),
            Kind::Ref => self.code.emit(op::global_get_ref, GlobalGet { dst: RefSlot(near), global }),
        };
        self.defined(dst, position);
        Ok(())
    }

    fn global_set(&mut self, global: u32) -> Result<(), Retry> {
        let value = self.pop();
        match value.kind {
            Kind::V128 => {
                let src = self.wide(value)?;
                self.emit_unit(op::global_set_wide, GlobalSet { src, global });
            }
            Kind::Ref => {
                let src = self.reference(value)?;
                self.emit_unit(op::global_set_ref, GlobalSet { src, global });
            }
            kind => match self.operand(value)? {
                // The integer row takes the register of integers only.
                Operand::Reg if kind.register() == Some(Register::Integer) => {
                    self.spare_operand(Operand::Reg, value);
                    self.emit_unit(op::global_set_int_r, GlobalSet { src: Reg, global });
                }
                Operand::Const(bits) => self.emit_unit(op::global_set_int_i, GlobalSet { src: bits as i64, global }),
                _ => {
                    let src = self.slot(value)?;
                    self.emit_unit(op::global_set_int_s, GlobalSet { src, global });
                }
            },
        }
        Ok(())
    }
}

/// The immediate of a constant operand.
fn immediate<I: Immediate>(operand: Operand) -> I {
    match operand {
        Operand::Const(bits) => I::from_bits(bits),
        Operand::Slot(_) | Operand::Reg => I::from_bits(0), // callers match constants only
    }
}
