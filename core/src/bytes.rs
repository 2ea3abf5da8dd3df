//! The bytes of a module, wherever they live: flash, a shared buffer, or the heap.
//!
//! A module keeps its bytes as long as it lives (bodies are translated when first called, data segments are read when an
//! instance is made), so how they are held matters: a microcontroller must not copy them out of flash. Promises that
//! cloning never copies the bytes.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

/// Immutable bytes, cheap to clone.
///
/// Made with `into()`: a `&'static [u8]` is borrowed, an `Arc<[u8]>` shared, a `Vec<u8>` taken over, and a `&Vec<u8>`
/// copied. A slice that does not live forever is copied by [`Bytes::copy_from_slice`].
#[derive(Clone)]
pub struct Bytes(Repr);

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
        Self(Repr::Shared(Arc::from(bytes)))
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Repr::Static(bytes) => bytes,
            Repr::Shared(bytes) => bytes,
            Repr::Owned(bytes) => bytes,
        }
    }

    /// The bytes, if they live for ever.
    pub(crate) fn as_static(&self) -> Option<&'static [u8]> {
        match self.0 {
            Repr::Static(bytes) => Some(bytes),
            Repr::Shared(_) | Repr::Owned(_) => None,
        }
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
        let held = match &self.0 {
            Repr::Static(_) => "static",
            Repr::Shared(_) => "shared",
            Repr::Owned(_) => "owned",
        };
        write!(f, "Bytes({held}, {} bytes)", self.len())
    }
}

impl From<&'static [u8]> for Bytes {
    fn from(bytes: &'static [u8]) -> Self {
        Self(Repr::Static(bytes))
    }
}

impl<const N: usize> From<&'static [u8; N]> for Bytes {
    fn from(bytes: &'static [u8; N]) -> Self {
        Self(Repr::Static(bytes))
    }
}

impl From<Arc<[u8]>> for Bytes {
    fn from(bytes: Arc<[u8]>) -> Self {
        Self(Repr::Shared(bytes))
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Repr::Owned(Arc::new(bytes)))
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
    fn a_borrowed_vector_is_copied() {
        let owned = FLASH.to_vec();
        let bytes = Bytes::from(&owned);
        assert_ne!(bytes.as_ptr(), owned.as_ptr());
        assert_eq!(&*bytes, &owned[..]);
    }
}
