//! The instructions of a body, one after another through the validator and the translator.
//!
//! With `std` the decoder calls [`Step`], which has a function for each instruction, so that only the translator asks once more which one it is.
//! Without, it makes an [`Operator`] for both to look at: 10 KB of flash less.

#[cfg(feature = "simd")]
use wasmparser::VisitSimdOperator;
use wasmparser::{BinaryReader, FuncValidator, Operator, ValidatorResources, VisitOperator};

use super::module::check_operands;
use crate::error::ParseError;
use crate::limits::ModuleLimits;
use crate::translate::{Resources, Stop, Translator};

/// Why a body has not become code.
pub(super) enum Refusal {
    /// The decoder or the validator refuses it.
    Wasm(wasmparser::Error),
    /// It is beyond a limit.
    Limit(ParseError),
    /// The translator has stopped.
    Stop(Stop),
}

impl From<wasmparser::Error> for Refusal {
    #[cold]
    fn from(error: wasmparser::Error) -> Self {
        Self::Wasm(error)
    }
}

impl From<ParseError> for Refusal {
    #[cold]
    fn from(error: ParseError) -> Self {
        Self::Limit(error)
    }
}

impl From<Stop> for Refusal {
    #[cold]
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// Validates and translates what stands in `reader`, which is behind the locals of a body.
#[cfg(feature = "std")]
pub(super) fn instructions<R: Resources>(
    mut reader: BinaryReader<'_>,
    validator: &mut FuncValidator<ValidatorResources>,
    limits: &ModuleLimits,
    translator: &mut Translator<'_, R>,
) -> Result<(), Refusal> {
    reader.set_features(*validator.features());
    let mut step = Step { validator, limits, translator, offset: 0 };
    while !reader.eof() {
        step.offset = reader.original_position();
        reader.visit_operator(&mut step)??;
    }
    Ok(reader.finish_expression(&step)?)
}

/// Validates and translates what stands in `reader`, which is behind the locals of a body.
#[cfg(not(feature = "std"))]
pub(super) fn instructions<R: Resources>(
    mut reader: BinaryReader<'_>,
    validator: &mut FuncValidator<ValidatorResources>,
    limits: &ModuleLimits,
    translator: &mut Translator<'_, R>,
) -> Result<(), Refusal> {
    reader.set_features(*validator.features());
    let mut operators = wasmparser::OperatorsReader::new(reader);
    while !operators.eof() {
        let offset = operators.original_position();
        let operator = operators.read()?;
        validate_operator(validator, offset, &operator)?;
        check_operands(validator, limits, offset)?;
        translator.operator(offset as u32, &operator)?;
    }
    Ok(operators.finish()?)
}

/// What is done with each instruction.
#[cfg(feature = "std")]
struct Step<'s, 't, R> {
    validator: &'s mut FuncValidator<ValidatorResources>,
    limits: &'s ModuleLimits,
    translator: &'s mut Translator<'t, R>,
    /// Where the instruction stands in the module.
    offset: u64,
}

#[cfg(feature = "std")]
impl<R: Resources> Step<'_, '_, R> {
    /// The validator at this instruction.
    #[cfg(feature = "simd")]
    fn validate<'this, 'a: 'this>(
        &'this mut self,
    ) -> impl VisitSimdOperator<'a, Output = wasmparser::Result<()>> + 'this {
        self.validator.simd_visitor(self.offset)
    }

    /// The validator at this instruction.
    #[cfg(not(feature = "simd"))]
    fn validate<'this, 'a: 'this>(&'this mut self) -> impl VisitOperator<'a, Output = wasmparser::Result<()>> + 'this {
        self.validator.visitor(self.offset)
    }

    /// The instruction is valid.
    fn translate(&mut self, operator: &Operator<'_>) -> Result<(), Refusal> {
        check_operands(self.validator, self.limits, self.offset)?;
        Ok(self.translator.operator(self.offset as u32, operator)?)
    }
}

#[cfg(feature = "std")]
impl<R> wasmparser::FrameStack for Step<'_, '_, R> {
    fn current_frame(&self) -> Option<wasmparser::FrameKind> {
        self.validator.get_control_frame(0).map(|frame| frame.kind)
    }
}

/// A function for each instruction.
#[cfg(feature = "std")]
macro_rules! steps {
    ($(@$proposal:ident $name:ident $({ $($field:ident: $type:ty),* })? => $visit:ident ($($arity:tt)*))*) => { $(
        fn $visit(&mut self $($(, $field: $type)*)?) -> Self::Output {
            self.validate().$visit($($($field.clone()),*)?)?;
            self.translate(&Operator::$name $({ $($field),* })?)
        }
    )* };
}

#[cfg(feature = "std")]
impl<'a, R: Resources> VisitOperator<'a> for Step<'_, '_, R> {
    type Output = Result<(), Refusal>;

    #[cfg(feature = "simd")]
    fn simd_visitor(&mut self) -> Option<&mut dyn VisitSimdOperator<'a, Output = Self::Output>> {
        Some(self)
    }

    wasmparser::for_each_visit_operator!(steps);
}

#[cfg(all(feature = "std", feature = "simd"))]
impl<'a, R: Resources> VisitSimdOperator<'a> for Step<'_, '_, R> {
    wasmparser::for_each_visit_simd_operator!(steps);
}

/// Validates the instruction that stands at `offset`.
///
/// The validator has a function that does this, which ends in a panic for vectors that nobody can validate; and to say what it met that panic has
/// the name of every instruction and of every field, 20 KB of any program with it.
#[cfg(all(not(feature = "std"), feature = "simd"))]
pub(super) fn validate_operator(
    validator: &mut FuncValidator<ValidatorResources>,
    offset: u64,
    operator: &Operator<'_>,
) -> Result<(), wasmparser::Error> {
    use wasmparser::{VisitOperator, VisitSimdOperator};

    macro_rules! vector {
        ($(@$proposal:ident $name:ident $({ $($field:ident: $type:ty),* })? => $visit:ident ($($arity:tt)*))*) => {
            match operator {
                $(Operator::$name $({ $($field),* })? => validator.simd_visitor(offset).$visit($($($field.clone()),*)?),)*
                _ => unreachable!("each instruction is in one of the two lists"),
            }
        };
    }
    macro_rules! instruction {
        ($(@$proposal:ident $name:ident $({ $($field:ident: $type:ty),* })? => $visit:ident ($($arity:tt)*))*) => {
            match operator {
                $(Operator::$name $({ $($field),* })? => validator.visitor(offset).$visit($($($field.clone()),*)?),)*
                _ => wasmparser::for_each_visit_simd_operator!(vector),
            }
        };
    }
    wasmparser::for_each_visit_operator!(instruction)
}

/// Validates the instruction that stands at `offset`. Without vectors there is no such panic.
#[cfg(all(not(feature = "std"), not(feature = "simd")))]
pub(super) fn validate_operator(
    validator: &mut FuncValidator<ValidatorResources>,
    offset: u64,
    operator: &Operator<'_>,
) -> Result<(), wasmparser::Error> {
    validator.op(offset, operator)
}
