//! Reference types inside ops: 64 bits that mean the same in every engine and store.
//!
//! ```text
//! bits 0–31 type index of the module │ 32–39 kind of heap type │ 40 nullable
//! ```
//! A defined type is named by its index in the module's type section, so code that holds an encoded type stays position independent; the
//! running instance says which engine-wide [`TypeId`] the index stands for. Assumes validated types; a type that validation
//! excludes (of a proposal Whit lacks, or outside the module) becomes the empty type, which only null matches.

use crate::types::{HeapType, RefType, TypeId};

const NULLABLE: u64 = 1 << 40;
const KIND_SHIFT: u32 = 32;
const CONCRETE: u8 = 13;
const EXACT: u8 = 14;

/// Heap types that need no index, each with the number that stands for it. Numbers are stored in images: only append.
const ABSTRACT: [(u8, HeapType); 12] = [
    (1, HeapType::Func),
    (2, HeapType::NoFunc),
    (3, HeapType::Extern),
    (4, HeapType::NoExtern),
    (5, HeapType::Any),
    (6, HeapType::None),
    (7, HeapType::Eq),
    (8, HeapType::I31),
    (9, HeapType::Struct),
    (10, HeapType::Array),
    (11, HeapType::Exn),
    (12, HeapType::NoExn),
];

/// The form of `ty` that ops hold.
pub(crate) fn encode(ty: wasmparser::RefType) -> u64 {
    use wasmparser::{AbstractHeapType as Abstract, HeapType as Parsed, UnpackedIndex};
    let (kind, index) = match ty.heap_type() {
        Parsed::Concrete(UnpackedIndex::Module(index)) => (CONCRETE, index),
        Parsed::Exact(UnpackedIndex::Module(index)) => (EXACT, index),
        Parsed::Abstract { shared: false, ty } => match ty {
            Abstract::Func => (number(HeapType::Func), 0),
            Abstract::NoFunc => (number(HeapType::NoFunc), 0),
            Abstract::Extern => (number(HeapType::Extern), 0),
            Abstract::NoExtern => (number(HeapType::NoExtern), 0),
            Abstract::Any => (number(HeapType::Any), 0),
            Abstract::None => (number(HeapType::None), 0),
            Abstract::Eq => (number(HeapType::Eq), 0),
            Abstract::I31 => (number(HeapType::I31), 0),
            Abstract::Struct => (number(HeapType::Struct), 0),
            Abstract::Array => (number(HeapType::Array), 0),
            Abstract::Exn => (number(HeapType::Exn), 0),
            Abstract::NoExn => (number(HeapType::NoExn), 0),
            Abstract::Cont | Abstract::NoCont => (number(HeapType::None), 0),
        },
        _ => (number(HeapType::None), 0),
    };
    pack(ty.is_nullable(), kind, index)
}

/// The type that was encoded; `type_id` says what a type index stands for.
pub(crate) fn decode(encoded: u64, type_id: impl FnOnce(u32) -> Option<TypeId>) -> RefType {
    let index = encoded as u32;
    let kind = (encoded >> KIND_SHIFT) as u8;
    let heap_type = match kind {
        CONCRETE => type_id(index).map(HeapType::Concrete),
        EXACT => type_id(index).map(HeapType::Exact),
        kind => ABSTRACT.get(usize::from(kind).wrapping_sub(1)).map(|(_, ty)| *ty),
    };
    RefType::new(encoded & NULLABLE != 0, heap_type.unwrap_or(HeapType::None))
}

const fn pack(nullable: bool, kind: u8, index: u32) -> u64 {
    let nullable = if nullable { NULLABLE } else { 0 };
    nullable | (kind as u64) << KIND_SHIFT | index as u64
}

fn number(ty: HeapType) -> u8 {
    ABSTRACT.iter().find(|(_, known)| *known == ty).map_or(0, |(number, _)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::{AbstractHeapType as Abstract, HeapType as Parsed, UnpackedIndex};

    fn round_trip(nullable: bool, heap_type: Parsed) -> RefType {
        let ty = wasmparser::RefType::new(nullable, heap_type).expect("a small index");
        decode(encode(ty), |index| Some(TypeId::new(index + 100)))
    }

    #[test]
    fn abstract_types_round_trip() {
        for (place, (number, _)) in ABSTRACT.iter().enumerate() {
            assert_eq!(usize::from(*number), place + 1);
        }
        for (parsed, ours) in [
            (Abstract::Func, HeapType::Func),
            (Abstract::None, HeapType::None),
            (Abstract::I31, HeapType::I31),
            (Abstract::NoExn, HeapType::NoExn),
        ] {
            let parsed = Parsed::Abstract { shared: false, ty: parsed };
            assert_eq!(round_trip(true, parsed), RefType::new(true, ours));
            assert_eq!(round_trip(false, parsed), RefType::new(false, ours));
        }
    }

    #[test]
    fn defined_types_are_named_by_index() {
        let index = UnpackedIndex::Module(70_000);
        let id = TypeId::new(70_100);
        assert_eq!(round_trip(true, Parsed::Concrete(index)), RefType::new(true, HeapType::Concrete(id)));
        assert_eq!(round_trip(false, Parsed::Exact(index)), RefType::new(false, HeapType::Exact(id)));
    }

    #[test]
    fn what_does_not_decode_is_empty() {
        assert_eq!(decode(u64::from(CONCRETE) << KIND_SHIFT, |_| None), RefType::new(false, HeapType::None));
        assert_eq!(decode(200 << KIND_SHIFT, |_| None), RefType::new(false, HeapType::None));
    }
}
