//! Calls of component functions ("Tasks"), the threads that run them, and the calls seen from the caller ("Subtask").

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;

use whit_core::{AsContextMut, Error, Execution, RawResult, StoreContextMut};

use super::instance::{InstanceId, LiftedFunc, Options, RootId};
use crate::abi::context::LiftContext;
use crate::abi::copy::CallProgram;
use crate::plan::StringEncoding;
use crate::types::{MAX_FLAT_PARAMS, Types, ValType};

/// A task of a store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct TaskId(pub u32);

/// A thread of a store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct ThreadId(pub u32);

/// A call of a component function, seen from inside ("Task").
pub(crate) struct Task {
    /// The instance whose function it is.
    pub instance: InstanceId,
    /// What is run.
    pub callee: Callee,
    /// Borrowed handles that it has been given and has not dropped.
    pub borrows: u32,
    /// Whether it has returned its value or been cancelled.
    pub is_resolved: bool,
    /// Who waits for it.
    pub caller: Caller,
}

/// Who has called.
pub(crate) enum Caller {
    /// The host.
    Host(Delivery),
    /// A thread of a component with a stack of its own, by way of a lowered function.
    Guest(Box<Subtask>),
    /// A thread of a component on whose stack it runs.
    Below {
        /// That thread.
        thread: ThreadId,
        /// The handles that were lent for the call.
        lenders: Vec<u32>,
    },
}

/// How the host gets the value of a task of the `async` ABI, which it returns while it runs.
pub(crate) enum Delivery {
    /// It is lifted by this, which knows the type that the host wants.
    Expected(LiftResult),
    /// It has been lifted, and waits to be fetched.
    Lifted(Box<dyn Any + Send + Sync>),
    /// There is none, or it has been fetched.
    Nothing,
}

/// Lifts the result of a function from its core values.
pub(crate) type LiftResult = fn(
    &mut dyn LiftContext,
    &Types,
    StringEncoding,
    Option<ValType>,
    &[u64],
    usize,
) -> Result<Box<dyn Any + Send + Sync>, Error>;

/// What a task runs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Callee {
    /// A lifted function.
    Lifted(LiftedFunc),
    /// The destructor of a resource.
    Destructor,
    /// The start function of a core module.
    Start,
}

/// An interpreter stack ("Thread").
pub(crate) struct Thread {
    /// The task that it runs for.
    pub task: TaskId,
    /// Its frames; absent while it runs, and if they stand on those of another thread.
    pub execution: Option<ThreadExecution>,
    /// The thread in whose execution they stand, if they do.
    pub stack: Option<ThreadId>,
    /// Thread-local storage, for `context.get` and `context.set`.
    pub context: [u32; 2],
    /// What it has asked for by leaving its code.
    pub request: Option<Request>,
    /// The thread that it waits for, if it has called another.
    pub callee: Option<ThreadId>,
}

/// The frames of a thread.
pub(crate) enum ThreadExecution {
    /// Of a lifted function, or of a destructor that the host has called.
    Call(Execution<RawResult>),
    /// Of a start function.
    Start(Execution<()>),
}

/// What a thread asks the scheduler for.
pub(crate) enum Request {
    /// To call a lifted function: the call as its caller sees it.
    Call(Box<Subtask>),
}

/// A lowered function: what all calls by way of it have in common.
pub(crate) struct LoweredFunc {
    /// What is called.
    pub callee: LiftedFunc,
    /// Whose types the calls' are.
    pub root: RootId,
    /// How their values pass.
    pub program: CallProgram,
    /// The caller's options.
    pub options: Options,
}

/// A call by way of a lowered function.
pub(crate) struct LoweredCall {
    /// The function.
    pub func: Arc<LoweredFunc>,
    /// The core arguments.
    pub arguments: CoreArguments,
}

/// The core arguments of a call: no more than the canonical ABI passes flat, and a pointer to the result.
pub(crate) struct CoreArguments {
    slots: [u64; MAX_FLAT_PARAMS + 1],
    count: u8,
}

impl CoreArguments {
    /// These; `None` if they are more than there can be.
    pub(crate) fn new(arguments: &[u64]) -> Option<Self> {
        let mut slots = [0; MAX_FLAT_PARAMS + 1];
        slots.get_mut(..arguments.len())?.copy_from_slice(arguments);
        Some(Self { slots, count: arguments.len() as u8 })
    }

    /// Them.
    pub(crate) fn as_slice(&self) -> &[u64] {
        &self.slots[..usize::from(self.count)]
    }
}

/// A call of a component function, seen from the caller ("Subtask").
pub(crate) struct Subtask {
    /// The calling thread.
    pub thread: ThreadId,
    /// The handles that were lent for it.
    pub lenders: Vec<u32>,
    /// The call.
    pub call: LoweredCall,
    /// The core result, once there is one.
    pub result: Option<u64>,
}

impl ThreadExecution {
    /// Writes the results of the call in which the thread is suspended.
    pub(crate) fn answer<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        results: &[u64],
    ) -> Result<(), Error> {
        match self {
            Self::Call(execution) => execution.answer(store.as_context_mut(), results),
            Self::Start(execution) => execution.answer(store.as_context_mut(), results),
        }
    }
}
