//! Vector instructions other than memory accesses: operands and results are pairs of slots.

use super::Translator;
use super::frame::Retry;
use super::operands::Kind;
use crate::code::op::{self, Code};
use crate::code::shape::*;

impl<R: super::Resources> Translator<'_, R> {
    pub(super) fn v128_const(&mut self, value: [u8; 16]) -> Result<(), Retry> {
        let dst = self.push_temp(Kind::V128)?;
        let position = self.code.emit(op::v128_const, Const128 { dst: Wide(dst.near), value });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn wide_unary(&mut self, code: Code<Unary<Wide, Wide>>) -> Result<(), Retry> {
        let src = self.pop();
        let src = self.wide(src)?;
        let dst = self.push_temp(Kind::V128)?;
        let position = self.code.emit(code, Unary { dst: Wide(dst.near), src });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn wide_binary(&mut self, code: Code<Binary<Wide, Wide, Wide>>) -> Result<(), Retry> {
        let (rhs, lhs) = (self.pop(), self.pop());
        let (lhs, rhs) = (self.wide(lhs)?, self.wide(rhs)?);
        let dst = self.push_temp(Kind::V128)?;
        let position = self.code.emit(code, Binary { dst: Wide(dst.near), lhs, rhs });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn wide_ternary(&mut self, code: Code<Ternary>) -> Result<(), Retry> {
        let (third, second, first) = (self.pop(), self.pop(), self.pop());
        let (first, second, third) = (self.wide(first)?, self.wide(second)?, self.wide(third)?);
        let dst = self.push_temp(Kind::V128)?;
        let position = self.code.emit(code, Ternary { dst: Wide(dst.near), first, second, third });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn wide_shift(&mut self, code: Code<Binary<Wide, Slot, Wide>>) -> Result<(), Retry> {
        let (rhs, lhs) = (self.pop(), self.pop());
        let (lhs, rhs) = (self.wide(lhs)?, self.slot(rhs)?);
        let dst = self.push_temp(Kind::V128)?;
        let position = self.code.emit(code, Binary { dst: Wide(dst.near), lhs, rhs });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn splat(&mut self, code: Code<Unary<Slot, Wide>>) -> Result<(), Retry> {
        let src = self.pop();
        let src = self.slot(src)?;
        let dst = self.push_temp(Kind::V128)?;
        let position = self.code.emit(code, Unary { dst: Wide(dst.near), src });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn wide_test(&mut self, code: Code<Unary<Wide, Slot>>) -> Result<(), Retry> {
        let src = self.pop();
        let src = self.wide(src)?;
        let dst = self.push_temp(Kind::I32)?;
        let position = self.code.emit(code, Unary { dst: Slot(dst.near), src });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn extract_lane(&mut self, lane: u8, kind: Kind, code: Code<ExtractLane>) -> Result<(), Retry> {
        let src = self.pop();
        let src = self.wide(src)?;
        let dst = self.push_temp(kind)?;
        let position = self.code.emit(code, ExtractLane { dst: Slot(dst.near), src, lane: lane.into() });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn replace_lane(&mut self, lane: u8, code: Code<ReplaceLane>) -> Result<(), Retry> {
        let (value, src) = (self.pop(), self.pop());
        let (value, src) = (self.slot(value)?, self.wide(src)?);
        let dst = self.push_temp(Kind::V128)?;
        let position = self.code.emit(code, ReplaceLane { dst: Wide(dst.near), src, value, lane: lane.into() });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn shuffle(&mut self, lanes: [u8; 16]) -> Result<(), Retry> {
        let (rhs, lhs) = (self.pop(), self.pop());
        let (lhs, rhs) = (self.wide(lhs)?, self.wide(rhs)?);
        let dst = self.push_temp(Kind::V128)?;
        let position = self.code.emit(op::i8x16_shuffle, Shuffle { dst: Wide(dst.near), lhs, rhs, lanes });
        self.defined(dst, position);
        Ok(())
    }
}
