//! [`Signature`]: a function type that an engine knows, for making many functions of it.

use alloc::sync::Arc;

use crate::engine::Engine;
use crate::error::Error;
use crate::raw::only_numbers;
use crate::types::FuncType;
use crate::types::registry::RegisteredTypes;

/// A function type over numbers, made known to an engine once. A layer that makes functions for each instance
/// ([`Func::new_raw`](crate::Func::new_raw)) keeps one of these for each type, so that making a function is no look-up among all types.
#[derive(Clone, Debug)]
pub struct Signature {
    ty: FuncType,
    types: Arc<RegisteredTypes>,
    /// Of the parameters and of the results.
    slots: (u16, u16),
}

impl Signature {
    /// Makes the type known to the engine, as long as the value or a clone of it lives.
    ///
    /// # Errors
    /// If the type has references, or if the host has no memory for it.
    pub fn new(engine: &Engine, ty: FuncType) -> Result<Self, Error> {
        only_numbers(&ty)?;
        let (params, results) = (u16::try_from(ty.param_slots()), u16::try_from(ty.result_slots()));
        let (Ok(params), Ok(results)) = (params, results) else { return Err(Error::limit("slots of a signature")) };
        let types = RegisteredTypes::of_func(Arc::clone(engine.types()), ty.clone())?;
        Ok(Self { ty, types: Arc::new(types), slots: (params, results) })
    }

    /// The type.
    pub fn ty(&self) -> &FuncType {
        &self.ty
    }

    /// The slots of the parameters and of the results.
    pub(crate) fn slots(&self) -> (u16, u16) {
        self.slots
    }

    /// The hold on it.
    pub(crate) fn types(&self) -> &Arc<RegisteredTypes> {
        &self.types
    }
}
