//! The one table of traps: every reason a running guest stops, with the words that say so.
//!
//! Where the official test scripts expect a text, the message is that text, so that a runner can compare it. Numbers
//! are small, dense and non-zero: a handler hands a code over in a register, and zero stays free for "no trap". They
//! mean nothing outside one build of this crate.

use core::fmt;

macro_rules! trap_codes {
    ($( $(#[$doc:meta])* $number:literal: $name:ident = $message:literal; )*) => {
        /// Why running code trapped.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum TrapCode {
            $( $(#[$doc])* $name = $number, )*
        }

        impl TrapCode {
            /// Every code, in ascending order of its number.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// The text for people and test scripts, without a final full stop.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self {
                    $( Self::$name => $message, )*
                }
            }

            /// The code whose number `code as u8` was, if there is one.
            #[must_use]
            pub const fn from_u8(number: u8) -> Option<Self> {
                match number {
                    $( $number => Some(Self::$name), )*
                    _ => None,
                }
            }
        }
    };
}

trap_codes! {
    /// The instruction `unreachable` was reached.
    1: Unreachable = "unreachable";
    /// An integer was divided by zero.
    2: IntegerDivideByZero = "integer divide by zero";
    /// A quotient or a truncated float does not fit its integer type.
    3: IntegerOverflow = "integer overflow";
    /// A NaN was converted to an integer.
    4: BadConversionToInteger = "invalid conversion to integer";
    /// An access reaches past the end of a linear memory or of a data segment.
    5: MemoryOutOfBounds = "out of bounds memory access";
    /// An access reaches past the end of a table or of an element segment.
    6: TableOutOfBounds = "out of bounds table access";
    /// An indirect call named an index past the end of its table.
    7: UndefinedElement = "undefined element";
    /// An indirect call named a table element that is null.
    8: UninitializedElement = "uninitialized element";
    /// An indirect call met a function of another type than the one it states.
    9: IndirectCallTypeMismatch = "indirect call type mismatch";
    /// A call needs more frames or more value stack than the limits allow.
    10: StackOverflow = "call stack exhausted";
    /// `ref.as_non_null` met null.
    11: NullReference = "null reference";
    /// `call_ref` or `return_call_ref` met null.
    12: NullFunctionReference = "null function reference";
    /// A structure access met null.
    13: NullStructureReference = "null structure reference";
    /// An array access met null.
    14: NullArrayReference = "null array reference";
    /// `i31.get_s` or `i31.get_u` met null.
    15: NullI31Reference = "null i31 reference";
    /// `throw_ref` met null.
    16: NullExceptionReference = "null exception reference";
    /// A descriptor was needed and null was given.
    17: NullDescriptorReference = "null descriptor reference";
    /// An access reaches past the end of an array.
    18: ArrayOutOfBounds = "out of bounds array access";
    /// `ref.cast` met a value of another type.
    19: CastFailure = "cast failure";
    /// A cast by descriptor met a value with another descriptor.
    20: DescriptorCastFailure = "descriptor cast failure";
    /// An atomic access is not aligned to its size.
    21: UnalignedAtomic = "unaligned atomic";
    /// `memory.atomic.wait` was used on a memory that is not shared.
    22: ExpectedSharedMemory = "expected shared memory";
    /// The fuel given to this execution is used up.
    23: OutOfFuel = "all fuel consumed";
    /// The embedder interrupted the execution.
    24: Interrupted = "interrupted";
    /// The wall-clock time given to this execution is over.
    25: Timeout = "time limit exceeded";
    /// The host, or a limit set by the embedder, refused memory that the guest needs to go on.
    26: OutOfMemory = "out of memory";
    /// An array or structure is larger than any that can exist.
    27: AllocationTooLarge = "allocation size too large";
    /// An exception left the outermost function.
    28: UncaughtException = "unhandled exception";
    /// A function body, looked at only when first called, is not valid.
    29: InvalidFunction = "invalid function";
    /// A host function wants to wait where its caller cannot be suspended.
    30: CannotSuspend = "cannot suspend";
}

impl TrapCode {
    /// Whether the trap comes from a limit of the embedder or the host rather than from what the program computed.
    ///
    /// The same program may run to its end under other limits.
    #[must_use]
    pub const fn is_limit(self) -> bool {
        matches!(self, Self::StackOverflow | Self::OutOfFuel | Self::Interrupted | Self::Timeout | Self::OutOfMemory)
    }
}

impl From<TrapCode> for u8 {
    fn from(code: TrapCode) -> Self {
        code as Self
    }
}

impl fmt::Display for TrapCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.message())
    }
}

impl core::error::Error for TrapCode {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn numbers_are_dense_and_round_trip() {
        for (index, &code) in TrapCode::ALL.iter().enumerate() {
            assert_eq!(u8::from(code) as usize, index + 1);
            assert_eq!(TrapCode::from_u8(code as u8), Some(code));
        }
        assert_eq!(TrapCode::from_u8(0), None);
        for number in TrapCode::ALL.len() + 1..=255 {
            assert_eq!(TrapCode::from_u8(number as u8), None);
        }
        assert_eq!(size_of::<Option<TrapCode>>(), 1);
    }

    #[test]
    fn messages_are_distinct_and_displayed() {
        for (index, &code) in TrapCode::ALL.iter().enumerate() {
            assert_eq!(code.to_string(), code.message());
            assert!(TrapCode::ALL[..index].iter().all(|other| other.message() != code.message()));
        }
    }

    /// Texts of `assert_trap` and `assert_exhaustion` in the core suite. A script's text may go on ("uninitialized
    /// element 2"), so a message has to be a prefix of it.
    #[test]
    fn messages_are_those_of_the_test_scripts() {
        let expected = [
            "unreachable",
            "integer divide by zero",
            "integer overflow",
            "invalid conversion to integer",
            "out of bounds memory access",
            "out of bounds table access",
            "out of bounds array access",
            "undefined element",
            "uninitialized element",
            "uninitialized element 2",
            "indirect call type mismatch",
            "call stack exhausted",
            "null reference",
            "null function reference",
            "null structure reference",
            "null array reference",
            "null i31 reference",
            "null descriptor reference",
            "cast failure",
            "descriptor cast failure",
            "unaligned atomic",
        ];
        for text in expected {
            assert!(TrapCode::ALL.iter().any(|code| text.starts_with(code.message())), "no trap says {text:?}");
        }
    }
}
