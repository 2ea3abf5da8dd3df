//! Bits in memory and in core values → scalars, and pointers → ranges that are known to be in bounds ("Loading" of the Canonical ABI).
//!
//! A core value is its bits, zero-extended to 64: `f32` and `f64` too. With that, what the document coerces where the cases of a variant
//! share a core value is already right, as every scalar looks at as many low bits as it has.

use crate::trap::TrapCode;

/// Bytes of a list or a string (`MAX_LIST_BYTE_LENGTH`, `MAX_STRING_BYTE_LENGTH`).
pub const MAX_BYTE_LENGTH: u32 = (1 << 28) - 1;

/// Bytes at an address; `None` beyond the end.
pub fn bytes<const N: usize>(memory: &[u8], at: u32) -> Option<[u8; N]> {
    memory.get(at as usize..)?.first_chunk().copied()
}

/// The two words, a pointer and a length, that are next to each other in memory.
pub const fn split(words: u64) -> (u32, u32) {
    (words as u32, (words >> 32) as u32)
}

/// So many bytes at a pointer from the guest.
///
/// # Errors
/// The pointer is no multiple of `align`, or memory ends before (then, `out_of_bounds`).
pub fn range(memory: &[u8], ptr: u32, len: u32, align: u32, out_of_bounds: TrapCode) -> Result<&[u8], TrapCode> {
    if ptr & (align - 1) != 0 {
        return Err(TrapCode::UnalignedPointer);
    }
    memory.get(ptr as usize..).and_then(|rest| rest.get(..len as usize)).ok_or(out_of_bounds)
}

/// Bytes of a list of so many elements.
///
/// # Errors
/// Too many.
pub fn list_byte_length(len: u32, element_size: u32) -> Result<u32, TrapCode> {
    len.checked_mul(element_size).filter(|size| *size <= MAX_BYTE_LENGTH).ok_or(TrapCode::ListTooLong)
}

/// The scalar value with this number (`convert_i32_to_char`).
///
/// # Errors
/// There is none.
pub fn convert_i32_to_char(number: u32) -> Result<char, TrapCode> {
    char::from_u32(number).ok_or(TrapCode::InvalidChar)
}

/// A discriminant.
///
/// # Errors
/// There are not so many cases.
pub fn check_discriminant(case: u32, cases: usize) -> Result<u32, TrapCode> {
    match (case as usize) < cases {
        true => Ok(case),
        false => Err(TrapCode::InvalidDiscriminant),
    }
}

/// The bits of an `f32`, with the one bit pattern for NaN (`canonicalize_nan32`).
pub const fn canonicalize_nan32(bits: u32) -> u32 {
    match f32::from_bits(bits).is_nan() {
        true => 0x7fc0_0000,
        false => bits,
    }
}

/// The bits of an `f64`, with the one bit pattern for NaN (`canonicalize_nan64`).
pub const fn canonicalize_nan64(bits: u64) -> u64 {
    match f64::from_bits(bits).is_nan() {
        true => 0x7ff8_0000_0000_0000,
        false => bits,
    }
}

/// The bits of flags that have a name (`unpack_flags_from_int`, without making names of them).
pub const fn flags_mask(labels: usize) -> u32 {
    match labels {
        0..32 => (1 << labels) - 1,
        _ => u32::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_checked_for_alignment_then_for_its_end() {
        let memory = [0; 16];
        let range = |ptr, len, align| range(&memory, ptr, len, align, TrapCode::ListOutOfBounds).map(<[u8]>::len);
        assert_eq!(range(8, 8, 8), Ok(8));
        assert_eq!(range(16, 0, 8), Ok(0), "the end is in bounds of nothing");
        assert_eq!(range(4, 4, 8), Err(TrapCode::UnalignedPointer));
        assert_eq!(range(u32::MAX, 4, 2), Err(TrapCode::UnalignedPointer));
        assert_eq!(range(u32::MAX - 1, 4, 2), Err(TrapCode::ListOutOfBounds));
        assert_eq!(range(17, 0, 1), Err(TrapCode::ListOutOfBounds));
        assert_eq!(range(8, u32::MAX, 1), Err(TrapCode::ListOutOfBounds));
    }

    #[test]
    fn a_list_is_at_most_one_byte_short_of_2_to_the_28() {
        assert_eq!(list_byte_length(MAX_BYTE_LENGTH, 1), Ok(MAX_BYTE_LENGTH));
        assert_eq!(list_byte_length(1 << 28, 1), Err(TrapCode::ListTooLong));
        assert_eq!(list_byte_length(1 << 25, 8), Err(TrapCode::ListTooLong));
        assert_eq!(list_byte_length(1 << 31, 2), Err(TrapCode::ListTooLong));
    }

    #[test]
    fn surrogates_and_what_is_beyond_the_last_character_are_no_characters() {
        for number in [0, 0xd7ff, 0xe000, 0x10_ffff] {
            assert_eq!(convert_i32_to_char(number).map(u32::from), Ok(number));
        }
        for number in [0xd800, 0xdfff, 0x11_0000, u32::MAX] {
            assert_eq!(convert_i32_to_char(number), Err(TrapCode::InvalidChar));
        }
    }

    #[test]
    fn only_named_flags_are_kept() {
        assert_eq!([1, 8, 9, 31, 32].map(flags_mask), [1, 0xff, 0x1ff, 0x7fff_ffff, 0xffff_ffff]);
    }
}
