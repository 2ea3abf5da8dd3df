//! What instances, handles and tasks trap for, with the words that say so.
//!
//! The traps of values are in [`crate::trap`], those of core code in [`whit_core::TrapCode`]. Where the official test scripts expect a
//! text, the message begins with it.

use core::fmt;

use whit_core::Error;

macro_rules! traps {
    ($( $(#[$doc:meta])* $name:ident $(($($field:ident: $ty:ty),*))? = $message:literal; )*) => {
        /// Why the runtime of the component model stopped a guest.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[non_exhaustive]
        pub enum RuntimeTrap {
            $( $(#[$doc])* $name $(($($ty),*))?, )*
        }

        impl fmt::Display for RuntimeTrap {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $( Self::$name $(($($field),*))? => write!(f, $message $($(, $field = $field)*)?), )*
                }
            }
        }
    };
}

traps! {
    /// A built-in or an import was called where that is not allowed: from `realloc` or `post-return`.
    CannotLeave = "cannot leave component instance";
    /// An instance was called after it, or one it is linked with, had trapped.
    CannotEnter = "cannot enter component instance";
    /// A handle index names nothing.
    UnknownHandle(index: u32) = "unknown handle index {index}";
    /// A handle index names something of another kind.
    WrongHandle(index: u32) = "handle index {index} used with the wrong type";
    /// A handle index names a resource of another type.
    WrongResource(index: u32, expected: ResourceKind, found: ResourceKind) =
        "handle index {index} used with the wrong type, expected {expected} but found {found}";
    /// An `own` handle was given away or dropped while borrows of it are in use.
    ResourceLent = "cannot remove owned resource while borrowed";
    /// A borrow was passed where an `own` is needed.
    NotOwned(index: u32) = "handle index {index} used with the wrong type, expected an owned handle but found a borrowed one";
    /// A function returned and kept a borrow it was lent.
    BorrowsRemain = "borrow handles still remain at the end of the call";
    /// There is no room for another handle in the tables of a store.
    TooManyHandles = "handle table is full: the components of a store have as many handles as the limit `max-handles` allows";
    /// `task.return` or `task.cancel` in a task of another form, of another type, or a second time.
    InvalidTaskReturn = "invalid `task.return` signature and/or options for current task";
    /// A task ended without returning a value.
    NoReturn = "a task ended without returning its result";
    /// A built-in of the async ABI that this version does not have yet.
    NotYet(name: &'static str) = "`{name}` is not supported yet: the async ABI is the next milestone";
    /// A function that must not block would have to.
    CannotBlock = "cannot block a synchronous task before returning";
    /// The backpressure counter over- or underflowed.
    Backpressure = "backpressure counter overflow";
    /// What a callback returned is none of the codes that it may return.
    UnsupportedCallback = "unsupported callback code";
    /// An exception left a component function.
    ExceptionEscaped = "an exception left a component function";
}

/// Whose resource type it is, for [`RuntimeTrap::WrongResource`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResourceKind {
    /// Of a component.
    Guest,
    /// Of a component too, and not the one expected.
    OtherGuest,
    /// Of the host.
    Host,
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Guest => "guest-defined resource",
            Self::OtherGuest => "a different guest-defined resource",
            Self::Host => "host-defined resource",
        })
    }
}

impl core::error::Error for RuntimeTrap {}

impl From<RuntimeTrap> for Error {
    fn from(trap: RuntimeTrap) -> Self {
        Self::new(trap)
    }
}
