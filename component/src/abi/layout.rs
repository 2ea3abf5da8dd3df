//! Where values lie in memory ("Alignment" and "Element Size" of the Canonical ABI), for memories with 32-bit addresses.
//!
//! A type becomes its [`Layout`] from the layouts of its parts, which [`Types`] holds already, so no function here recurses. Promises
//! that a size never exceeds [`MAX_VALUE_SIZE`].

use crate::abi::flat::{self, FlatTypes};
use crate::types::{Case, DefinedIdx, DefinedType, FlatType, Layout, TypeError, Types, ValType};

/// Bytes that a value may take in memory, what its strings and lists point to not counted.
pub const MAX_VALUE_SIZE: u32 = 1 << 28;

/// Bytes of a pointer (`ptr_size`).
pub const PTR_SIZE: u32 = 4;

/// Strings, and lists of no fixed length: a pointer and a length.
pub static POINTER_AND_LENGTH: Layout = Layout {
    size: 2 * PTR_SIZE,
    align: PTR_SIZE,
    flat: Some(FlatTypes::of(&[FlatType::I32, FlatType::I32])),
    is_plain: false,
    has_pointers: true,
    has_handles: false,
};

/// A handle: an index of a table.
pub static HANDLE: Layout = Layout {
    size: 4,
    align: 4,
    flat: Some(FlatTypes::of(&[FlatType::I32])),
    is_plain: false,
    has_pointers: false,
    has_handles: true,
};

/// Nothing; what a record is before it has fields.
static EMPTY: Layout = Layout {
    size: 0,
    align: 1,
    flat: Some(FlatTypes::of(&[])),
    is_plain: true,
    has_pointers: false,
    has_handles: false,
};

/// The layout of a value that is one core value and neither a pointer nor a handle.
const fn scalar(size: u32, flat: FlatType, is_plain: bool) -> Layout {
    let flat = Some(FlatTypes::of(&[flat]));
    Layout { size, align: size, flat, is_plain, has_pointers: false, has_handles: false }
}

/// The layout of a type that is not defined; the index of one that is.
pub fn primitive(ty: ValType) -> Result<&'static Layout, DefinedIdx> {
    static BYTE_TO_CHECK: Layout = scalar(1, FlatType::I32, false);
    static WORD_TO_CHECK: Layout = scalar(4, FlatType::I32, false);
    static INT8: Layout = scalar(1, FlatType::I32, true);
    static INT16: Layout = scalar(2, FlatType::I32, true);
    static INT32: Layout = scalar(4, FlatType::I32, true);
    static INT64: Layout = scalar(8, FlatType::I64, true);
    static FLOAT32: Layout = scalar(4, FlatType::F32, true);
    static FLOAT64: Layout = scalar(8, FlatType::F64, true);
    Ok(match ty {
        ValType::Bool => &BYTE_TO_CHECK,
        ValType::S8 | ValType::U8 => &INT8,
        ValType::S16 | ValType::U16 => &INT16,
        ValType::S32 | ValType::U32 => &INT32,
        ValType::S64 | ValType::U64 => &INT64,
        ValType::F32 => &FLOAT32,
        ValType::F64 => &FLOAT64,
        ValType::Char => &WORD_TO_CHECK,
        ValType::String => &POINTER_AND_LENGTH,
        ValType::ErrorContext => &HANDLE,
        ValType::Defined(index) => return Err(index),
    })
}

/// The layout of a defined type (`alignment`, `elem_size` and `flatten_type`).
///
/// # Errors
/// Beyond [`MAX_VALUE_SIZE`].
pub fn defined(types: &Types, ty: &DefinedType) -> Result<Layout, TypeError> {
    let layout = |ty: &ValType| types.layout(*ty);
    match ty {
        DefinedType::List(_) | DefinedType::Map(..) => Ok(POINTER_AND_LENGTH),
        DefinedType::FixedList(element, length) => fixed_list(layout(element), *length),
        DefinedType::Record(fields) => record(fields.iter().map(|field| layout(&field.ty))),
        DefinedType::Tuple(fields) => record(fields.iter().map(layout)),
        DefinedType::Variant(cases) => variant(cases.iter().map(|Case { ty, .. }| ty.as_ref().map(layout))),
        DefinedType::Enum(labels) => variant(labels.iter().map(|_| None)),
        DefinedType::Flags(labels) => Ok(flags(labels.len())),
        DefinedType::Option(some) => variant([None, Some(layout(some))].into_iter()),
        DefinedType::Result(ok, error) => variant([ok.as_ref().map(layout), error.as_ref().map(layout)].into_iter()),
        DefinedType::Own(_) | DefinedType::Borrow(_) | DefinedType::Stream(_) | DefinedType::Future(_) => Ok(HANDLE),
    }
}

/// The least multiple of `align`, a power of two, that is not below `offset` (`align_to`).
///
/// `offset` is at most [`MAX_VALUE_SIZE`].
pub const fn align_to(offset: u32, align: u32) -> u32 {
    (offset + (align - 1)) & !(align - 1)
}

/// The layout of a record or a tuple (`alignment_record`, `elem_size_record`).
///
/// # Errors
/// Beyond [`MAX_VALUE_SIZE`].
pub fn record<'t>(fields: impl Iterator<Item = &'t Layout>) -> Result<Layout, TypeError> {
    let mut whole = EMPTY;
    for field in fields {
        let offset = align_to(whole.size, field.align);
        whole.is_plain &= field.is_plain && offset == whole.size;
        whole.has_pointers |= field.has_pointers;
        whole.has_handles |= field.has_handles;
        whole.align = whole.align.max(field.align);
        whole.size = bounded(u64::from(offset) + u64::from(field.size))?;
        whole.flat = flat::concat(whole.flat, field.flat);
    }
    let size = align_to(whole.size, whole.align);
    whole.is_plain &= size == whole.size;
    whole.size = bounded(size.into())?;
    Ok(whole)
}

/// Bytes of the discriminant of so many cases (`discriminant_type`).
pub const fn discriminant_size(cases: usize) -> u32 {
    match cases {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    }
}

/// Where the payload of a variant begins, whichever case it is.
pub fn payload_offset<'t>(cases: impl ExactSizeIterator<Item = Option<&'t Layout>>) -> u32 {
    let discriminant = discriminant_size(cases.len());
    let align = cases.flatten().map(|payload| payload.align).max().unwrap_or(1);
    align_to(discriminant, align)
}

/// The layout of a variant and of what despecialises to one (`alignment_variant`, `elem_size_variant`).
fn variant<'t>(cases: impl ExactSizeIterator<Item = Option<&'t Layout>> + Clone) -> Result<Layout, TypeError> {
    let discriminant = discriminant_size(cases.len());
    let (mut align, mut size) = (discriminant, 0);
    let (mut has_pointers, mut has_handles) = (false, false);
    for payload in cases.clone().flatten() {
        align = align.max(payload.align);
        size = size.max(payload.size);
        has_pointers |= payload.has_pointers;
        has_handles |= payload.has_handles;
    }
    let flat = flat::variant(cases.clone().flatten().map(|payload| payload.flat));
    let size = bounded(u64::from(payload_offset(cases)) + u64::from(size))?;
    Ok(Layout { size: bounded(align_to(size, align).into())?, align, flat, is_plain: false, has_pointers, has_handles })
}

/// The layout of a list of fixed length (`alignment_list`, `elem_size_list`).
fn fixed_list(element: &Layout, length: u32) -> Result<Layout, TypeError> {
    let size = bounded(u64::from(element.size) * u64::from(length))?;
    Ok(Layout { size, flat: flat::repeat(element.flat, length), ..*element })
}

/// The layout of flags (`alignment_flags`, `elem_size_flags`). Bits that have no name are not copied, so only flags that use all of
/// their bits are plain.
const fn flags(count: usize) -> Layout {
    let size = match count {
        0..=8 => 1,
        9..=16 => 2,
        _ => 4,
    };
    scalar(size, FlatType::I32, count == size as usize * 8)
}

fn bounded(size: u64) -> Result<u32, TypeError> {
    match u32::try_from(size) {
        Ok(size) if size <= MAX_VALUE_SIZE => Ok(size),
        _ => Err(TypeError::ValueTooLarge),
    }
}

#[cfg(test)]
mod tests;
