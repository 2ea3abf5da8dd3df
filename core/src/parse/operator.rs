//! One instruction through the validator.

use wasmparser::{Error, FuncValidator, Operator, ValidatorResources};

/// Validates the instruction that stands at `offset`.
///
/// The validator has a function that does this, which ends in a panic for vectors that nobody can validate; and to say what it met that panic has
/// the name of every instruction and of every field, 20 KB of any program with it.
#[cfg(feature = "simd")]
pub(super) fn validate_operator(
    validator: &mut FuncValidator<ValidatorResources>,
    offset: u64,
    operator: &Operator<'_>,
) -> Result<(), Error> {
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
#[cfg(not(feature = "simd"))]
pub(super) fn validate_operator(
    validator: &mut FuncValidator<ValidatorResources>,
    offset: u64,
    operator: &Operator<'_>,
) -> Result<(), Error> {
    validator.op(offset, operator)
}
