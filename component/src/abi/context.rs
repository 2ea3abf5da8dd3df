//! Through what the canonical ABI reaches an instance: its memory, its `realloc`, its handles ("Lifting and Lowering Context").
//!
//! A side that values are lifted from is a [`LiftContext`], a side that they are lowered into a [`LowerContext`], and a call from guest to
//! guest is both in one, a [`CopyContext`]. They are used as trait objects, so that the code of the ABI exists once and not once for each
//! type of host data. Whoever implements them checks handles; pointers are checked here, and after every call of `realloc` the memory is
//! asked for anew.

use whit_core::{Error, StoreId};

use crate::trap::TrapCode;
use crate::types::{DefinedType, ResourceIdx, Types, ValType};

/// The types whose values are indices of an instance's table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HandleType {
    /// `own<R>`.
    Own(ResourceIdx),
    /// `borrow<R>`.
    Borrow(ResourceIdx),
    /// `stream<T>`.
    Stream(Option<ValType>),
    /// `future<T>`.
    Future(Option<ValType>),
    /// `error-context`.
    ErrorContext,
}

impl HandleType {
    /// This type, if it is one of those.
    pub fn of(types: &Types, ty: ValType) -> Option<Self> {
        match ty {
            ValType::ErrorContext => Some(Self::ErrorContext),
            ValType::Defined(index) => match *types.get(index) {
                DefinedType::Own(resource) => Some(Self::Own(resource)),
                DefinedType::Borrow(resource) => Some(Self::Borrow(resource)),
                DefinedType::Stream(element) => Some(Self::Stream(element)),
                DefinedType::Future(element) => Some(Self::Future(element)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// What an index of a table stands for, outside of any table. Only whoever implements the contexts knows more.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Handle(pub u64);

/// The side that values are lifted from.
pub trait LiftContext {
    /// The store that it is in; none in tests of the ABI alone.
    fn store(&self) -> Option<StoreId> {
        None
    }

    /// The bytes of its memory; none, if its canonical options name none.
    fn source(&self) -> &[u8];

    /// What the handle at an index of its table stands for (`lift_own`, `lift_borrow`, `lift_stream`, `lift_future`,
    /// `lift_error_context`).
    ///
    /// # Errors
    /// There is no such handle, it is of another type, or it may not be passed now.
    fn lift_handle(&mut self, ty: HandleType, index: u32) -> Result<Handle, Error>;

    /// The host is about to allocate so many bytes because the guest's values are that large. A [`Budget`] is one way to answer.
    ///
    /// # Errors
    /// That is too much.
    fn charge(&mut self, bytes: usize) -> Result<(), Error>;
}

/// The side that values are lowered into.
pub trait LowerContext {
    /// The store that it is in; none in tests of the ABI alone.
    fn store(&self) -> Option<StoreId> {
        None
    }

    /// The bytes of its memory; none, if its canonical options name none.
    fn destination(&mut self) -> &mut [u8];

    /// Calls its `realloc`, as it is: the pointer it returns is checked by the caller (`reallocate`).
    ///
    /// # Errors
    /// The call failed, or its canonical options name no `realloc`.
    fn realloc(&mut self, old: u32, old_size: u32, align: u32, new_size: u32) -> Result<u32, Error>;

    /// The index in its table of a new handle (`lower_own`, `lower_borrow`, `lower_stream`, `lower_future`, `lower_error_context`).
    ///
    /// # Errors
    /// The table is full, or the handle is of another type.
    fn lower_handle(&mut self, ty: HandleType, handle: Handle) -> Result<u32, Error>;
}

/// Both sides of a call from guest to guest.
pub trait CopyContext: LiftContext + LowerContext {
    /// So many bytes are about to be copied: the place to charge fuel and to see whether the call is to be interrupted. Lists within
    /// lists can refer to the same bytes over and over, so this may be far more than there is memory.
    ///
    /// # Errors
    /// The call is to end.
    fn work(&mut self, bytes: u32) -> Result<(), Error>;

    /// Copies bytes from the source to the destination, as if by way of a third place. Both ranges are known to be in bounds.
    fn copy(&mut self, from: u32, to: u32, len: u32);

    /// Passes a handle on.
    ///
    /// # Errors
    /// Those of lifting and lowering it.
    fn transfer_handle(&mut self, ty: HandleType, index: u32) -> Result<u32, Error> {
        let handle = self.lift_handle(ty, index)?;
        self.lower_handle(ty, handle)
    }
}

/// How much more the host may allocate for the values of one call.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    left: usize,
}

impl Budget {
    /// Bytes, unless the embedder says otherwise.
    pub const DEFAULT: usize = 128 << 20;

    /// So many bytes.
    pub const fn new(bytes: usize) -> Self {
        Self { left: bytes }
    }

    /// Takes from it.
    ///
    /// # Errors
    /// There is not so much left.
    pub fn charge(&mut self, bytes: usize) -> Result<(), TrapCode> {
        self.left = self.left.checked_sub(bytes).ok_or(TrapCode::ValueMemory)?;
        Ok(())
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Self::DEFAULT)
    }
}
