//! [`V128`]: sixteen bytes, whatever lanes an instruction sees in them.
//!
//! Apart from the instructions of `simd`, because the code format, the GC's fields and the handlers' slots know vectors
//! even where the instructions are not compiled.

use core::fmt;

/// A 128-bit vector: sixteen bytes, lane 0 first, each lane little-endian.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(transparent)]
pub struct V128(pub(super) [u8; 16]);

impl V128 {
    /// All bits zero.
    pub const ZERO: Self = Self([0; 16]);
}

impl From<[u8; 16]> for V128 {
    #[inline(always)]
    fn from(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl From<V128> for [u8; 16] {
    #[inline(always)]
    fn from(vector: V128) -> Self {
        vector.0
    }
}

/// The vector whose lane 0 is the low end of the number.
impl From<u128> for V128 {
    #[inline(always)]
    fn from(number: u128) -> Self {
        Self(number.to_le_bytes())
    }
}

impl From<V128> for u128 {
    #[inline(always)]
    fn from(vector: V128) -> Self {
        Self::from_le_bytes(vector.0)
    }
}

/// As four 32-bit lanes in hexadecimal, the way test scripts write vectors.
impl fmt::Debug for V128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = u128::from_le_bytes(self.0);
        let [a, b, c, d] = [0, 32, 64, 96].map(|shift| (whole >> shift) as u32);
        write!(f, "V128({a:#010x} {b:#010x} {c:#010x} {d:#010x})")
    }
}
