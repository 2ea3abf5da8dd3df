use alloc::boxed::Box;
use alloc::string::ToString;

use super::*;
use crate::types::{Field, Name, ResourceIdx};

fn names(count: usize) -> Box<[Name]> {
    (0..count).map(|number| Name::from(number.to_string())).collect()
}

fn record_of(fields: &[ValType]) -> DefinedType {
    let field = |(number, ty): (usize, &ValType)| Field { name: Name::from(number.to_string()), ty: *ty };
    DefinedType::Record(fields.iter().enumerate().map(field).collect())
}

fn variant_of(payloads: &[Option<ValType>]) -> DefinedType {
    let case = |(number, ty): (usize, &Option<ValType>)| Case { name: Name::from(number.to_string()), ty: *ty };
    DefinedType::Variant(payloads.iter().enumerate().map(case).collect())
}

/// Size and alignment.
fn size_align(ty: DefinedType) -> (u32, u32) {
    let layout = defined(&Types::new(10), &ty).expect("small");
    (layout.size, layout.align)
}

#[test]
fn fields_are_aligned_and_the_end_is_padded() {
    use ValType::{F64, U8, U16, U32, U64};
    assert_eq!(size_align(record_of(&[U8])), (1, 1));
    assert_eq!(size_align(record_of(&[U8, U32])), (8, 4));
    assert_eq!(size_align(record_of(&[U32, U8])), (8, 4));
    assert_eq!(size_align(record_of(&[U8, U16, U8, U64, U8])), (24, 8));
    assert_eq!(size_align(DefinedType::Tuple([ValType::String, F64, U8].into())), (24, 8));
}

#[test]
fn a_discriminant_is_as_small_as_the_number_of_cases_allows() {
    assert_eq!(size_align(DefinedType::Enum(names(1))), (1, 1));
    assert_eq!(size_align(DefinedType::Enum(names(256))), (1, 1));
    assert_eq!(size_align(DefinedType::Enum(names(257))), (2, 2));
    assert_eq!(discriminant_size(0x1_0000), 2);
    assert_eq!(discriminant_size(0x1_0001), 4);
}

#[test]
fn a_payload_follows_the_discriminant_at_its_alignment() {
    use ValType::{U8, U16, U64};
    assert_eq!(size_align(DefinedType::Option(U8)), (2, 1));
    assert_eq!(size_align(DefinedType::Option(U64)), (16, 8));
    assert_eq!(size_align(DefinedType::Result(None, None)), (1, 1));
    assert_eq!(size_align(DefinedType::Result(Some(ValType::String), Some(U8))), (12, 4));
    assert_eq!(size_align(variant_of(&[Some(U16), None, Some(U8)])), (4, 2));
    let types = Types::new(0);
    assert_eq!(payload_offset([None, Some(types.layout(U64))].into_iter()), 8);
    assert_eq!(payload_offset([None, Some(types.layout(U8))].into_iter()), 1);
    assert_eq!(payload_offset([None, None].into_iter()), 1);
}

#[test]
fn flags_take_one_two_or_four_bytes() {
    for (count, size) in [(1, 1), (8, 1), (9, 2), (16, 2), (17, 4), (32, 4)] {
        assert_eq!(size_align(DefinedType::Flags(names(count))), (size, size), "{count} flags");
    }
}

#[test]
fn a_list_of_fixed_length_is_in_place_and_others_are_pointers() {
    assert_eq!(size_align(DefinedType::FixedList(ValType::U16, 5)), (10, 2));
    assert_eq!(size_align(DefinedType::List(ValType::U16)), (8, 4));
    assert_eq!(size_align(DefinedType::Map(ValType::String, ValType::U64)), (8, 4));
    assert_eq!(size_align(DefinedType::Own(ResourceIdx(0))), (4, 4));
    assert_eq!(size_align(DefinedType::Stream(Some(ValType::U64))), (4, 4));
}

#[test]
fn plain_data_has_no_padding_and_nothing_to_check() {
    use ValType::{Bool, Char, F32, U8, U16, U32};
    let plain = |ty| defined(&Types::new(10), &ty).expect("small").is_plain;
    assert!(plain(record_of(&[U32, F32])));
    assert!(plain(record_of(&[U16, U8, U8])));
    assert!(!plain(record_of(&[U8, U16])), "padding between");
    assert!(!plain(record_of(&[U16, U8])), "padding at the end");
    assert!(!plain(record_of(&[U8, Bool])));
    assert!(!plain(record_of(&[Char])));
    assert!(!plain(DefinedType::Option(U8)));
    assert!(!plain(DefinedType::Enum(names(256))));
    assert!(plain(DefinedType::Flags(names(8))));
    assert!(!plain(DefinedType::Flags(names(7))));
    assert!(plain(DefinedType::FixedList(U32, 3)));
    assert!(!plain(DefinedType::List(U8)));
}

#[test]
fn what_a_value_holds_is_seen_through_its_parts() {
    let mut types = Types::new(10);
    let list = ValType::Defined(types.intern(DefinedType::List(ValType::U8)).expect("small"));
    let own = ValType::Defined(types.intern(DefinedType::Own(ResourceIdx(0))).expect("small"));
    let both = types.intern(variant_of(&[Some(list), Some(own)])).expect("small");
    let layout = types.layout(ValType::Defined(both));
    assert!(layout.has_pointers && layout.has_handles);
    let stream = types.intern(DefinedType::Stream(Some(list))).expect("small");
    let layout = types.layout(ValType::Defined(stream));
    assert!(!layout.has_pointers && layout.has_handles, "a stream is an index, whatever comes through it");
}

#[test]
fn a_value_beyond_the_largest_size_is_refused() {
    let mut types = Types::new(10);
    let refused = Err(TypeError::ValueTooLarge);
    assert_eq!(types.intern(DefinedType::FixedList(ValType::U8, MAX_VALUE_SIZE + 1)), refused);
    assert_eq!(types.intern(DefinedType::FixedList(ValType::U64, u32::MAX)), refused);
    let largest = types.intern(DefinedType::FixedList(ValType::U8, MAX_VALUE_SIZE)).expect("as large as can be");
    let largest = ValType::Defined(largest);
    assert_eq!(types.intern(DefinedType::Tuple([largest, ValType::U8].into())), refused);
    assert_eq!(types.intern(DefinedType::Option(largest)), refused);
}
