//! Where the fields of an object lie: a composite type becomes byte offsets and a list of what the collector follows.
//!
//! The offset of a field depends only on the fields before it, so a subtype, which has the fields of its supertype and
//! then more, keeps their places: an access compiled for the supertype serves both. Assumes at most 10,000 fields
//! (validation); promises that no field crosses an 8-byte word, except that a `v128` is two whole words.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{CompositeType, HeapType, StorageType, TypeError, TypeId, ValType};

/// The place of each part of an object of one type, in bytes from the end of its header.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Layout {
    /// 8-byte words of a struct, without a descriptor.
    pub(crate) words: u32,
    /// Byte offset of each struct field.
    pub(crate) offsets: Box<[u32]>,
    /// Byte offsets of the struct fields that hold a handle to the collected heap.
    pub(crate) traced: Box<[u32]>,
    /// Bytes of an array element, as a power of two.
    pub(crate) element_log2: u32,
    /// Whether array elements are handles to the collected heap.
    pub(crate) elements_traced: bool,
}

impl Layout {
    /// Lays out a struct or an array; functions have no objects. `is_func` tells the function types among defined types.
    pub(super) fn new(ty: &CompositeType, is_func: impl Fn(TypeId) -> bool) -> Result<Self, TypeError> {
        match ty {
            CompositeType::Func(_) => Ok(Self::default()),
            CompositeType::Array(ty) => {
                let element = ty.field_type().element_type();
                let (element_log2, elements_traced) = (element.size_log2(), is_traced(element, &is_func));
                Ok(Self { element_log2, elements_traced, ..Self::default() })
            }
            CompositeType::Struct(ty) => {
                let mut space = Space::default();
                let (mut offsets, mut traced) = (Vec::new(), Vec::new());
                offsets.try_reserve_exact(ty.fields().len())?;
                traced
                    .try_reserve_exact(ty.fields().iter().filter(|f| is_traced(f.element_type(), &is_func)).count())?;
                for field in ty.fields() {
                    let offset = space.take(field.element_type().size_log2());
                    offsets.push(offset);
                    if is_traced(field.element_type(), &is_func) {
                        traced.push(offset);
                    }
                }
                let (offsets, traced) = (offsets.into_boxed_slice(), traced.into_boxed_slice());
                Ok(Self { words: space.words, offsets, traced, ..Self::default() })
            }
        }
    }
}

/// Whether values of the type are handles to the collected heap: all references but those to functions, which live as
/// long as their store.
pub(crate) fn is_traced(ty: StorageType, is_func: impl Fn(TypeId) -> bool) -> bool {
    match ty.unpack() {
        ValType::Ref(ty) => match ty.heap_type() {
            HeapType::Func | HeapType::NoFunc => false,
            HeapType::Concrete(id) | HeapType::Exact(id) => !is_func(id),
            _ => true,
        },
        _ => false,
    }
}

/// Packs fields into words without moving earlier ones: what is left of a word serves later, smaller fields.
#[derive(Default)]
struct Space {
    words: u32,
    /// The free piece of 1, 2 and 4 bytes. There is at most one of each, since a larger piece is split only when no
    /// smaller one is left.
    holes: [Option<u32>; 3],
}

impl Space {
    /// The offset of a new field of 2^`log2` bytes.
    fn take(&mut self, log2: u32) -> u32 {
        if log2 >= 3 {
            let offset = self.words * 8;
            self.words += 1 << (log2 - 3);
            return offset;
        }
        let wanted = log2 as usize;
        let found = (wanted..3).find_map(|size| self.holes[size].take().map(|offset| (size, offset)));
        let (mut size, offset) = found.unwrap_or_else(|| {
            self.words += 1;
            (3, (self.words - 1) * 8)
        });
        while size > wanted {
            size -= 1;
            self.holes[size] = Some(offset + (1 << size));
        }
        offset
    }
}
