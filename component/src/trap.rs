//! The one table of traps of the component model: every reason its rules stop a guest, with the words that say so.
//!
//! Where the official test scripts expect a text, the message begins with it, so that a runner can compare. What core code traps for is in
//! [`whit_core::TrapCode`].

use core::fmt;

use whit_core::Error;

macro_rules! trap_codes {
    ($( $(#[$doc:meta])* $name:ident = $message:literal; )*) => {
        /// Why the component model stopped a guest.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum TrapCode {
            $( $(#[$doc])* $name, )*
        }

        impl TrapCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// The text for people and test scripts, without a final full stop.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self {
                    $( Self::$name => $message, )*
                }
            }
        }
    };
}

trap_codes! {
    /// A pointer is not a multiple of the alignment of what it points to.
    UnalignedPointer = "unaligned pointer";
    /// Arguments or a result that are passed in memory reach past its end.
    PointerOutOfBounds = "pointer out of bounds of memory";
    /// A string that the host was given reaches past the end of memory.
    StringOutOfBounds = "string pointer/length out of bounds of memory";
    /// A list that the host was given reaches past the end of memory.
    ListOutOfBounds = "list pointer/length out of bounds of memory";
    /// A string passed from guest to guest reaches past the end of the memory of one of them.
    StringContentOutOfBounds = "string content out-of-bounds";
    /// A list passed from guest to guest reaches past the end of the memory of one of them.
    ListContentOutOfBounds = "list content out-of-bounds";
    /// A string is longer than the canonical ABI allows.
    StringTooLong = "string is longer than 2^28-1 bytes";
    /// A list is longer than the canonical ABI allows.
    ListTooLong = "list is longer than 2^28-1 bytes";
    /// What `realloc` returned is not a multiple of the alignment it was asked for.
    ReallocUnaligned = "realloc return: result not aligned";
    /// What `realloc` returned does not have the size it was asked for before memory ends.
    ReallocOutOfBounds = "realloc return: beyond end of memory";
    /// A string is not UTF-8.
    InvalidUtf8 = "invalid utf-8 sequence in a string";
    /// A string is UTF-8 up to its end, which is within a character.
    IncompleteUtf8 = "incomplete utf-8 byte sequence at the end of a string";
    /// Half of a surrogate pair stands alone in a UTF-16 string.
    UnpairedSurrogate = "unpaired surrogate in a utf-16 string";
    /// A character is a surrogate, or beyond the last character.
    InvalidChar = "invalid `char` bit pattern";
    /// There are not so many cases.
    InvalidDiscriminant = "invalid variant discriminant";
    /// What the guest made the host allocate for its values is more than the limit.
    ValueMemory = "the values of one call take more host memory than the limit `max-value-memory` allows";
}

impl fmt::Display for TrapCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.message())
    }
}

impl core::error::Error for TrapCode {}

impl From<TrapCode> for Error {
    fn from(code: TrapCode) -> Self {
        Self::new(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trap_can_be_told_from_the_error_it_becomes() {
        for code in TrapCode::ALL {
            assert_eq!(Error::from(*code).downcast_ref::<TrapCode>(), Some(code));
        }
    }

    #[test]
    fn messages_are_distinct() {
        for (index, code) in TrapCode::ALL.iter().enumerate() {
            assert!(TrapCode::ALL[..index].iter().all(|other| other.message() != code.message()), "{code}");
        }
    }
}
