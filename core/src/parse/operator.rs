//! One instruction through the validator.
//!
//! The validator has a function that does this, which ends in a panic for what cannot happen; and to say what it met that panic needs the name
//! of every instruction and of every field, which is 20 KB of any program that has it.

use wasmparser::{Error, FuncValidator, Operator, ValidatorResources, VisitOperator};

/// Validates the instruction that stands at `offset`.
pub(super) fn validate_operator(
    validator: &mut FuncValidator<ValidatorResources>,
    offset: u64,
    operator: &Operator<'_>,
) -> Result<(), Error> {
    macro_rules! visit {
        ($(@$proposal:ident $name:ident $({ $($field:ident: $type:ty),* })? => $visit:ident ($($arity:tt)*))*) => {
            match operator {
                $(Operator::$name $({ $($field),* })? => validator.visitor(offset).$visit($($($field.clone()),*)?),)*
                vector => validate_vector(validator, offset, vector),
            }
        };
    }
    wasmparser::for_each_visit_operator!(visit)
}

#[cfg(feature = "simd")]
fn validate_vector(
    validator: &mut FuncValidator<ValidatorResources>,
    offset: u64,
    operator: &Operator<'_>,
) -> Result<(), Error> {
    use wasmparser::VisitSimdOperator;

    macro_rules! visit {
        ($(@$proposal:ident $name:ident $({ $($field:ident: $type:ty),* })? => $visit:ident ($($arity:tt)*))*) => {
            match operator {
                $(Operator::$name $({ $($field),* })? => validator.simd_visitor(offset).$visit($($($field.clone()),*)?),)*
                _ => unreachable!("each instruction is in one of the two lists"),
            }
        };
    }
    wasmparser::for_each_visit_simd_operator!(visit)
}

// Another crate may have given the parser vectors; the configuration refuses them.
#[cfg(not(feature = "simd"))]
fn validate_vector(
    validator: &mut FuncValidator<ValidatorResources>,
    offset: u64,
    operator: &Operator<'_>,
) -> Result<(), Error> {
    validator.op(offset, operator)
}
