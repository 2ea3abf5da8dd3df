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
}

impl Signature {
    /// Makes the type known to the engine, as long as the value or a clone of it lives.
    ///
    /// # Errors
    /// If the type has references, or if the host has no memory for it.
    pub fn new(engine: &Engine, ty: FuncType) -> Result<Self, Error> {
        only_numbers(&ty)?;
        let types = RegisteredTypes::of_func(Arc::clone(engine.types()), ty.clone())?;
        Ok(Self { ty, types: Arc::new(types) })
    }

    /// The type.
    pub fn ty(&self) -> &FuncType {
        &self.ty
    }

    /// The hold on it.
    pub(crate) fn types(&self) -> &Arc<RegisteredTypes> {
        &self.types
    }
}
