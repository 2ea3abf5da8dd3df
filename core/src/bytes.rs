//! The bytes of a module, wherever they live: flash, a shared buffer, or the heap.
//!
//! A module keeps its bytes as long as it lives (bodies are translated when first called, data segments are read when an
//! instance is made), so how they are held matters: a microcontroller must not copy them out of flash. Promises that
//! cloning never copies the bytes.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::{Deref, Range};

/// Immutable bytes, cheap to clone.
///
/// Made with `into()`: a `&'static [u8]` is borrowed, an `Arc<[u8]>` shared, a `Vec<u8>` taken over, and a `&Vec<u8>`
/// copied. A slice that does not live forever is copied by [`Bytes::copy_from_slice`].
#[derive(Clone)]
pub struct Bytes {
    held: Repr,
    /// What of them this is; inside what is held.
    range: Range<usize>,
}

#[derive(Clone)]
enum Repr {
    Static(&'static [u8]),
    Shared(Arc<[u8]>),
    /// Kept as a vector, because turning one into an `Arc<[u8]>` would copy it.
    Owned(Arc<Vec<u8>>),
}

impl Bytes {
    /// A copy of `bytes`.
    pub fn copy_from_slice(bytes: &[u8]) -> Self {
        Repr::Shared(Arc::from(bytes)).into()
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        self.held.as_slice().get(self.range.clone()).unwrap_or_default()
    }

    /// The bytes, if they live for ever.
    pub(crate) fn as_static(&self) -> Option<&'static [u8]> {
        match self.held {
            Repr::Static(bytes) => bytes.get(self.range.clone()),
            Repr::Shared(_) | Repr::Owned(_) => None,
        }
    }

    /// Some of the bytes, held together with all of them: a module inside a component. `None` if the range is not inside.
    pub fn slice(&self, range: Range<usize>) -> Option<Self> {
        self.get(range.clone())?;
        let start = self.range.start;
        Some(Self { held: self.held.clone(), range: start + range.start..start + range.end })
    }
}

impl Repr {
    fn as_slice(&self) -> &[u8] {
        match self {
            Self::Static(bytes) => bytes,
            Self::Shared(bytes) => bytes,
            Self::Owned(bytes) => bytes,
        }
    }
}

impl From<Repr> for Bytes {
    fn from(held: Repr) -> Self {
        let range = 0..held.as_slice().len();
        Self { held, range }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = match &self.held {
            Repr::Static(_) => "static",
            Repr::Shared(_) => "shared",
            Repr::Owned(_) => "owned",
        };
        write!(f, "Bytes({held}, {} bytes)", self.len())
    }
}

impl From<&'static [u8]> for Bytes {
    fn from(bytes: &'static [u8]) -> Self {
        Repr::Static(bytes).into()
    }
}

impl<const N: usize> From<&'static [u8; N]> for Bytes {
    fn from(bytes: &'static [u8; N]) -> Self {
        Repr::Static(bytes).into()
    }
}

impl From<Arc<[u8]>> for Bytes {
    fn from(bytes: Arc<[u8]>) -> Self {
        Repr::Shared(bytes).into()
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Repr::Owned(Arc::new(bytes)).into()
    }
}

impl From<&Vec<u8>> for Bytes {
    fn from(bytes: &Vec<u8>) -> Self {
        Self::copy_from_slice(bytes)
    }
}

impl From<&Bytes> for Bytes {
    fn from(bytes: &Bytes) -> Self {
        bytes.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static FLASH: [u8; 4] = *b"\0asm";

    #[test]
    fn static_and_shared_bytes_stay_where_they_are() {
        assert_eq!(Bytes::from(&FLASH).as_ptr(), FLASH.as_ptr());
        let shared: Arc<[u8]> = Arc::from(&FLASH[..]);
        assert_eq!(Bytes::from(shared.clone()).as_ptr(), shared.as_ptr());
        let owned = FLASH.to_vec();
        let at = owned.as_ptr();
        let bytes = Bytes::from(owned);
        assert_eq!((bytes.as_ptr(), bytes.clone().as_ptr()), (at, at));
    }

    #[test]
    fn a_slice_stays_where_it_is_and_inside() {
        let owned = FLASH.to_vec();
        let at = owned.as_ptr();
        let bytes = Bytes::from(owned);
        let tail = bytes.slice(1..4).expect("inside");
        assert_eq!((&*tail, tail.as_ptr()), (&b"asm"[..], at.wrapping_add(1)));
        let middle = tail.slice(1..2).expect("inside");
        assert_eq!((&*middle, middle.as_ptr()), (&b"s"[..], at.wrapping_add(2)));
        assert!(tail.slice(1..4).is_none() && tail.slice(4..4).is_none(), "a slice of a slice stays inside the slice");
        assert_eq!(tail.slice(3..3).as_deref(), Some(&[][..]));
    }

    #[test]
    fn a_borrowed_vector_is_copied() {
        let owned = FLASH.to_vec();
        let bytes = Bytes::from(&owned);
        assert_ne!(bytes.as_ptr(), owned.as_ptr());
        assert_eq!(&*bytes, &owned[..]);
    }
}
