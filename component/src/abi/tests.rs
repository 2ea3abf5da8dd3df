//! Values of random types: what is lowered is lifted again, copied or not, and nothing that a guest can have in its memory does harm.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use proptest::collection::vec as vec_of;
use proptest::option;
use proptest::prelude::*;
use whit_core::Error;

use super::context::{Budget, Handle};
use super::copy::{CallProgram, Side};
use super::lift::Lifting;
use super::lower::Lowering;
use super::store::{ReallocTraps, allocate};
use super::testing::{ENCODINGS, Guest, Pair, flatten, func};
use crate::plan::StringEncoding;
use crate::resource_any::ResourceAny;
use crate::trap::TrapCode;
use crate::types::{Case, DefinedType, Field, FuncType, MAX_FLAT_PARAMS, Name, ResourceIdx, Types, ValType};
use crate::value::{ErrorContextAny, FutureAny, StreamAny, Val, lift_vals, lower_vals};

/// A type that is not interned yet.
#[derive(Clone, Debug)]
enum Shape {
    Primitive(ValType),
    List(Box<Shape>),
    FixedList(Box<Shape>, u32),
    Map(Box<Shape>, Box<Shape>),
    Record(Vec<Shape>),
    Tuple(Vec<Shape>),
    Variant(Vec<Option<Shape>>),
    Enum(usize),
    Flags(usize),
    Option(Box<Shape>),
    Result(Option<Box<Shape>>, Option<Box<Shape>>),
    Own,
    Borrow,
    Stream,
    Future,
}

const PRIMITIVES: [ValType; 14] = [
    ValType::Bool,
    ValType::S8,
    ValType::U8,
    ValType::S16,
    ValType::U16,
    ValType::S32,
    ValType::U32,
    ValType::S64,
    ValType::U64,
    ValType::F32,
    ValType::F64,
    ValType::Char,
    ValType::String,
    ValType::ErrorContext,
];

fn shapes() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        8 => prop::sample::select(&PRIMITIVES[..]).prop_map(Shape::Primitive),
        1 => prop_oneof![1_usize..6, 256_usize..259].prop_map(Shape::Enum),
        1 => (1_usize..=32).prop_map(Shape::Flags),
        1 => prop::sample::select(&[Shape::Own, Shape::Borrow, Shape::Stream, Shape::Future][..]),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let boxed = inner.clone().prop_map(Box::new).boxed();
        prop_oneof![
            boxed.clone().prop_map(Shape::List),
            (boxed.clone(), 1_u32..4).prop_map(|(element, len)| Shape::FixedList(element, len)),
            (boxed.clone(), boxed.clone()).prop_map(|(key, value)| Shape::Map(key, value)),
            vec_of(inner.clone(), 1..6).prop_map(Shape::Record),
            vec_of(inner.clone(), 1..6).prop_map(Shape::Tuple),
            vec_of(option::of(inner), 1..5).prop_map(Shape::Variant),
            boxed.clone().prop_map(Shape::Option),
            (option::of(boxed.clone()), option::of(boxed)).prop_map(|(ok, error)| Shape::Result(ok, error)),
        ]
    })
}

fn name(index: usize) -> Name {
    format!("n{index}").into()
}

impl Shape {
    fn intern(&self, types: &mut Types) -> ValType {
        let ty = match self {
            Self::Primitive(ty) => return *ty,
            Self::List(element) => DefinedType::List(element.intern(types)),
            Self::FixedList(element, len) => DefinedType::FixedList(element.intern(types), *len),
            Self::Map(key, value) => DefinedType::Map(key.intern(types), value.intern(types)),
            Self::Record(fields) => {
                let fields = fields.iter().enumerate();
                DefinedType::Record(fields.map(|(at, ty)| Field { name: name(at), ty: ty.intern(types) }).collect())
            }
            Self::Tuple(fields) => DefinedType::Tuple(fields.iter().map(|ty| ty.intern(types)).collect()),
            Self::Variant(cases) => {
                let cases = cases.iter().enumerate();
                let case = |(at, ty): (usize, &Option<Shape>)| Case {
                    name: name(at),
                    ty: ty.as_ref().map(|ty| ty.intern(types)),
                };
                DefinedType::Variant(cases.map(case).collect())
            }
            Self::Enum(count) => DefinedType::Enum((0..*count).map(name).collect()),
            Self::Flags(count) => DefinedType::Flags((0..*count).map(name).collect()),
            Self::Option(some) => DefinedType::Option(some.intern(types)),
            Self::Result(ok, error) => {
                let ok = ok.as_ref().map(|ty| ty.intern(types));
                DefinedType::Result(ok, error.as_ref().map(|ty| ty.intern(types)))
            }
            Self::Own => DefinedType::Own(ResourceIdx(1)),
            Self::Borrow => DefinedType::Borrow(ResourceIdx(2)),
            Self::Stream => DefinedType::Stream(Some(ValType::U8)),
            Self::Future => DefinedType::Future(None),
        };
        ValType::Defined(types.intern(ty).expect("a small type"))
    }

    /// Its values. NaNs are not among them, as they are not equal to themselves.
    fn values(&self) -> BoxedStrategy<Val> {
        let payload = |ty: &Option<Box<Shape>>| match ty {
            None => Just(None).boxed(),
            Some(ty) => ty.values().prop_map(|value| Some(Box::new(value))).boxed(),
        };
        let fields = |types: &[Shape]| types.iter().map(Self::values).collect::<Vec<_>>();
        let handle = any::<u64>().prop_map(Handle);
        match self {
            Self::Primitive(ty) => primitive_values(*ty),
            Self::List(element) => vec_of(element.values(), 0..5).prop_map(Val::List).boxed(),
            Self::FixedList(element, len) => vec_of(element.values(), *len as usize).prop_map(Val::FixedList).boxed(),
            Self::Map(key, value) => vec_of((key.values(), value.values()), 0..4).prop_map(Val::Map).boxed(),
            Self::Record(types) => fields(types)
                .prop_map(|values| {
                    Val::Record(values.into_iter().enumerate().map(|(at, value)| (name(at), value)).collect())
                })
                .boxed(),
            Self::Tuple(types) => fields(types).prop_map(Val::Tuple).boxed(),
            Self::Variant(cases) => {
                let cases = cases.clone();
                (0..cases.len())
                    .prop_flat_map(move |case| {
                        let payload = match &cases[case] {
                            None => Just(None).boxed(),
                            Some(ty) => ty.values().prop_map(|value| Some(Box::new(value))).boxed(),
                        };
                        payload.prop_map(move |payload| Val::Variant(name(case), payload))
                    })
                    .boxed()
            }
            Self::Enum(count) => (0..*count).prop_map(|case| Val::Enum(name(case))).boxed(),
            Self::Flags(count) => vec_of(any::<bool>(), *count)
                .prop_map(|bits| {
                    let set = bits.into_iter().enumerate().filter(|(_, is_set)| *is_set);
                    Val::Flags(set.map(|(at, _)| name(at)).collect())
                })
                .boxed(),
            Self::Option(some) => option::of(some.values().prop_map(Box::new)).prop_map(Val::Option).boxed(),
            Self::Result(ok, error) => {
                let (ok, error) = (payload(ok), payload(error));
                prop_oneof![ok.prop_map(|ok| Val::Result(Ok(ok))), error.prop_map(|error| Val::Result(Err(error)))]
                    .boxed()
            }
            Self::Own | Self::Borrow => handle.prop_map(|handle| Val::Resource(ResourceAny::new(handle, None))).boxed(),
            Self::Stream => handle.prop_map(|handle| Val::Stream(StreamAny(handle))).boxed(),
            Self::Future => handle.prop_map(|handle| Val::Future(FutureAny(handle))).boxed(),
        }
    }
}

fn primitive_values(ty: ValType) -> BoxedStrategy<Val> {
    match ty {
        ValType::Bool => any::<bool>().prop_map(Val::Bool).boxed(),
        ValType::S8 => any::<i8>().prop_map(Val::S8).boxed(),
        ValType::U8 => any::<u8>().prop_map(Val::U8).boxed(),
        ValType::S16 => any::<i16>().prop_map(Val::S16).boxed(),
        ValType::U16 => any::<u16>().prop_map(Val::U16).boxed(),
        ValType::S32 => any::<i32>().prop_map(Val::S32).boxed(),
        ValType::U32 => any::<u32>().prop_map(Val::U32).boxed(),
        ValType::S64 => any::<i64>().prop_map(Val::S64).boxed(),
        ValType::U64 => any::<u64>().prop_map(Val::U64).boxed(),
        ValType::F32 => {
            any::<f32>().prop_filter_map("NaN", |value| (!value.is_nan()).then_some(Val::F32(value))).boxed()
        }
        ValType::F64 => {
            any::<f64>().prop_filter_map("NaN", |value| (!value.is_nan()).then_some(Val::F64(value))).boxed()
        }
        ValType::Char => any::<char>().prop_map(Val::Char).boxed(),
        ValType::String => strings().prop_map(Val::String).boxed(),
        ValType::ErrorContext => any::<u64>().prop_map(|it| Val::ErrorContext(ErrorContextAny(Handle(it)))).boxed(),
        ValType::Defined(_) => unreachable!("not a primitive type"),
    }
}

/// ASCII, Latin-1, and everything; sometimes longer than a chunk.
fn strings() -> impl Strategy<Value = String> {
    let ascii = || (0_u8..128).prop_map(char::from);
    let latin1 = || any::<u8>().prop_map(char::from);
    prop_oneof![
        vec_of(ascii(), 0..20),
        vec_of(latin1(), 0..20),
        vec_of(any::<char>(), 0..20),
        (vec_of(latin1(), 250..270), vec_of(any::<char>(), 0..100)).prop_map(|(start, end)| [start, end].concat()),
    ]
    .prop_map(|chars| chars.into_iter().collect())
}

/// A function of one to four parameters and a result, with values for them.
fn calls() -> impl Strategy<Value = (Vec<Shape>, Vec<Val>)> {
    vec_of(shapes(), 1..5).prop_flat_map(|shapes| {
        let values = shapes.iter().map(Shape::values).collect::<Vec<_>>();
        (Just(shapes), values)
    })
}

fn intern(shapes: &[Shape]) -> (Types, FuncType) {
    let mut types = Types::new(u32::MAX);
    let all: Vec<_> = shapes.iter().map(|shape| shape.intern(&mut types)).collect();
    let func = func(&all, all.first().copied());
    (types, func)
}

type Flat = [u64; MAX_FLAT_PARAMS + 1];

/// Lowers arguments.
fn lower_params(
    guest: &mut Guest,
    (types, ty): (&Types, &FuncType),
    encoding: StringEncoding,
    in_memory: bool,
    values: &[Val],
) -> Result<Flat, Error> {
    let mut flat = [0; MAX_FLAT_PARAMS + 1];
    let mut to = Lowering::new(guest, types, encoding, &mut flat);
    let fields = to.params(&ty.params, in_memory)?;
    lower_vals(&mut to, values, fields)?;
    Ok(flat)
}

/// Lowers a result, whose address is returned if it is in memory.
fn lower_result(
    guest: &mut Guest,
    (types, ty): (&Types, &FuncType),
    encoding: StringEncoding,
    in_memory: bool,
    value: &Val,
) -> Result<Flat, Error> {
    let mut flat = [0; MAX_FLAT_PARAMS + 1];
    let result = ty.result.expect("a function with a result");
    let address = match in_memory {
        true => {
            let layout = types.layout(result);
            Some(allocate(guest, layout.align, layout.size, ReallocTraps::HOST)?.ptr)
        }
        false => None,
    };
    let mut to = Lowering::new(guest, types, encoding, &mut flat);
    let fields = to.result(ty.result, address)?;
    lower_vals(&mut to, core::slice::from_ref(value), fields)?;
    if let Some(address) = address {
        flat[0] = address.into();
    }
    Ok(flat)
}

fn lift_params(
    guest: &mut Guest,
    (types, ty): (&Types, &FuncType),
    encoding: StringEncoding,
    in_memory: bool,
    flat: &[u64],
) -> Result<Vec<Val>, Error> {
    let mut from = Lifting::new(guest, types, encoding, flat);
    let fields = from.params(&ty.params, in_memory)?;
    lift_vals(&mut from, fields)
}

fn lift_result(
    guest: &mut Guest,
    (types, ty): (&Types, &FuncType),
    encoding: StringEncoding,
    in_memory: bool,
    flat: &[u64],
) -> Result<Vec<Val>, Error> {
    let mut from = Lifting::new(guest, types, encoding, flat);
    let fields = from.result(ty.result, in_memory)?;
    lift_vals(&mut from, fields)
}

fn side(string_encoding: StringEncoding) -> Side {
    Side { string_encoding, is_async: false }
}

proptest! {
    #[test]
    fn what_is_lowered_is_lifted((shapes, values) in calls(), encoding in prop::sample::select(&ENCODINGS[..])) {
        let (types, ty) = intern(&shapes);
        let (_, flat_ty) = flatten(&types, &ty);
        let mut guest = Guest::new();
        let flat = lower_params(&mut guest, (&types, &ty), encoding, flat_ty.params_in_memory, &values).unwrap();
        let lifted = lift_params(&mut guest, (&types, &ty), encoding, flat_ty.params_in_memory, &flat).unwrap();
        prop_assert_eq!(&lifted, &values);

        let in_memory = flat_ty.result_in_memory;
        let flat = lower_result(&mut guest, (&types, &ty), encoding, in_memory, &values[0]).unwrap();
        let lifted = lift_result(&mut guest, (&types, &ty), encoding, in_memory, &flat).unwrap();
        prop_assert_eq!(&lifted, &values[..1]);
    }

    #[test]
    fn copying_is_lifting_and_lowering(
        (shapes, values) in calls(),
        from in prop::sample::select(&ENCODINGS[..]),
        to in prop::sample::select(&ENCODINGS[..]),
        from_async in any::<bool>(),
    ) {
        let (types, ty) = intern(&shapes);
        let ty = &FuncType { is_async: from_async, ..ty };
        let caller = Side { is_async: from_async, ..side(from) };
        let program = CallProgram::new(&types, ty, caller, side(to)).unwrap();
        let lowered = super::flat::flatten_functype(&types, ty, from_async, super::flat::Context::Lower);
        let (_, lifted_ty) = flatten(&types, ty);

        let mut source = Guest::new();
        let arguments = lower_params(&mut source, (&types, ty), from, lowered.params_in_memory, &values).unwrap();
        let mut pair = Pair { from: source, to: Guest::new() };
        let mut copied = [0; MAX_FLAT_PARAMS + 1];
        program.params(&mut pair, &arguments, &mut copied).unwrap();
        // The host's strings are UTF-8, so from there not even `realloc` can tell the difference.
        if from == StringEncoding::Utf8 {
            let mut expected = Guest::new();
            let flat = lower_params(&mut expected, (&types, ty), to, lifted_ty.params_in_memory, &values).unwrap();
            prop_assert_eq!(copied, flat);
            prop_assert_eq!(&pair.to.reallocs, &expected.reallocs);
            prop_assert_eq!(&pair.to.memory, &expected.memory);
            prop_assert_eq!(&pair.to.handles, &expected.handles);
        }
        let lifted = lift_params(&mut pair.to, (&types, ty), to, lifted_ty.params_in_memory, &copied).unwrap();
        prop_assert_eq!(&lifted, &values);

        // And the result goes the other way.
        let mut callee = Guest::new();
        let results = lower_result(&mut callee, (&types, ty), to, lifted_ty.result_in_memory, &values[0]).unwrap();
        let mut pair = Pair { from: callee, to: Guest::new() };
        let layout = types.layout(ty.result.unwrap());
        let address = allocate(&mut pair.to, layout.align, layout.size, ReallocTraps::HOST).unwrap().ptr;
        let result = program.result(&mut pair, &results, &[7, address.into()]).unwrap();
        let flat = [result.unwrap_or(address.into())];
        let lifted = lift_result(&mut pair.to, (&types, ty), from, lowered.result_in_memory, &flat).unwrap();
        prop_assert_eq!(&lifted, &values[..1]);
    }

    #[test]
    fn a_guest_may_call_itself((shapes, values) in calls(), encoding in prop::sample::select(&ENCODINGS[..])) {
        let (types, ty) = intern(&shapes);
        let program = CallProgram::new(&types, &ty, side(encoding), side(encoding)).unwrap();
        let (lowered, lifted) = flatten(&types, &ty);
        let mut guest = Guest::new();
        let arguments = lower_params(&mut guest, (&types, &ty), encoding, lowered.params_in_memory, &values).unwrap();
        let mut copied = [0; MAX_FLAT_PARAMS + 1];
        program.params(&mut guest, &arguments, &mut copied).unwrap();
        let lifted = lift_params(&mut guest, (&types, &ty), encoding, lifted.params_in_memory, &copied).unwrap();
        prop_assert_eq!(&lifted, &values);
    }

    #[test]
    fn nothing_in_a_memory_does_harm(
        shapes in vec_of(shapes(), 1..5),
        // Mostly small numbers, so that pointers and lengths lead somewhere.
        memory in vec_of(prop_oneof![8 => Just(0_u8), 4 => 0_u8..32, 1 => any::<u8>()], 0..300),
        flat in vec_of(prop_oneof![4 => 0_u64..64, 1 => any::<u64>()], MAX_FLAT_PARAMS + 1),
        returned in prop_oneof![Just(None), (0_u32..300).prop_map(Some), any::<u32>().prop_map(Some)],
        from in prop::sample::select(&ENCODINGS[..]),
        to in prop::sample::select(&ENCODINGS[..]),
    ) {
        let (types, ty) = intern(&shapes);
        let (lowered, lifted) = flatten(&types, &ty);
        let mut guest = Guest::with_memory(memory.clone());
        guest.budget = Budget::new(1 << 16);
        if let Ok(values) = lift_params(&mut guest, (&types, &ty), from, lifted.params_in_memory, &flat) {
            let mut other = Guest::with_memory(memory.clone());
            other.returned = returned;
            let _ = lower_params(&mut other, (&types, &ty), to, lifted.params_in_memory, &values);
        }
        guest.budget = Budget::new(1 << 16);
        guest.returned = returned;
        let program = CallProgram::new(&types, &ty, side(from), side(to)).unwrap();
        let mut copied = [0; MAX_FLAT_PARAMS + 1];
        let _ = program.result(&mut guest, &flat[..1], &flat[..lowered.params.len()]);
        let _ = program.params(&mut guest, &flat, &mut copied);
        let mut pair = Pair { from: guest, to: Guest::with_memory(memory) };
        pair.from.budget = Budget::new(1 << 16);
        pair.to.returned = returned;
        let _ = program.params(&mut pair, &flat, &mut copied);
        let _ = program.result(&mut pair, &flat[..1], &flat[..lowered.params.len()]);
    }
}

/// Lifts one parameter.
fn lift_one(guest: &mut Guest, types: &Types, ty: ValType, flat: &[u64]) -> Result<Val, Error> {
    let ty = func(&[ty], None);
    let in_memory = flatten(types, &ty).1.params_in_memory;
    lift_params(guest, (types, &ty), StringEncoding::Utf8, in_memory, flat).map(|mut values| values.remove(0))
}

/// Passes one parameter from a guest to another; gives the core values.
fn copy_one(from: Guest, types: &Types, ty: ValType, flat: &[u64]) -> Result<(Flat, Guest), Error> {
    let ty = func(&[ty], None);
    let program = CallProgram::new(types, &ty, side(StringEncoding::Utf8), side(StringEncoding::Utf8)).unwrap();
    let mut copied = [0; MAX_FLAT_PARAMS + 1];
    let mut pair = Pair { from, to: Guest::new() };
    program.params(&mut pair, flat, &mut copied)?;
    Ok((copied, pair.to))
}

fn trap<T>(result: Result<T, Error>) -> Option<TrapCode> {
    result.err().and_then(|error| error.downcast_ref().copied())
}

#[test]
fn scalars_have_as_many_bits_as_their_type() {
    let types = Types::new(0);
    let junk = u64::MAX << 32;
    for (ty, bits, value, copied) in [
        (ValType::Bool, junk | 0x100, Val::Bool(true), 1),
        (ValType::Bool, junk, Val::Bool(false), 0),
        (ValType::U8, 0xff01, Val::U8(1), 1),
        (ValType::S8, 0x1ff, Val::S8(-1), 0xffff_ffff),
        (ValType::U16, 0xff_ffff, Val::U16(0xffff), 0xffff),
        (ValType::S16, 0xff_8000, Val::S16(-0x8000), 0xffff_8000),
        (ValType::S64, u64::MAX, Val::S64(-1), u64::MAX),
        (ValType::Char, junk | 0x26f3, Val::Char('⛳'), 0x26f3),
    ] {
        assert_eq!(lift_one(&mut Guest::new(), &types, ty, &[bits]).unwrap(), value);
        assert_eq!(copy_one(Guest::new(), &types, ty, &[bits]).unwrap().0[0], copied, "{value:?}");
    }
}

#[test]
fn there_is_one_nan() {
    let types = Types::new(0);
    for (ty, bits, nan) in [
        (ValType::F32, 0xffff_ffff, 0x7fc0_0000),
        (ValType::F32, 0x7f80_0001, 0x7fc0_0000),
        (ValType::F64, u64::MAX, 0x7ff8_0000_0000_0000),
    ] {
        let lifted = match lift_one(&mut Guest::new(), &types, ty, &[bits]).unwrap() {
            Val::F32(value) => value.to_bits().into(),
            Val::F64(value) => value.to_bits(),
            other => panic!("{other:?}"),
        };
        assert_eq!(lifted, nan);
        assert_eq!(copy_one(Guest::new(), &types, ty, &[bits]).unwrap().0[0], nan);
    }
}

#[test]
fn what_no_value_looks_like_is_a_trap_on_both_ways() {
    let mut types = Types::new(10);
    let mut defined = |ty| ValType::Defined(types.intern(ty).unwrap());
    let three = defined(DefinedType::Enum((0..3).map(name).collect()));
    let option = defined(DefinedType::Option(ValType::U8));
    let list = defined(DefinedType::List(ValType::U32));
    let bools = defined(DefinedType::List(ValType::Bool));
    let option_of_char = defined(DefinedType::Option(ValType::Char));
    for (ty, flat, lifting, copying) in [
        (ValType::Char, [0xd800, 0], TrapCode::InvalidChar, TrapCode::InvalidChar),
        (ValType::Char, [0x11_0000, 0], TrapCode::InvalidChar, TrapCode::InvalidChar),
        (option_of_char, [1, 0xdfff], TrapCode::InvalidChar, TrapCode::InvalidChar),
        (three, [3, 0], TrapCode::InvalidDiscriminant, TrapCode::InvalidDiscriminant),
        (option, [0x100, 0], TrapCode::InvalidDiscriminant, TrapCode::InvalidDiscriminant),
        (list, [2, 0], TrapCode::UnalignedPointer, TrapCode::UnalignedPointer),
        (list, [60, 2], TrapCode::ListOutOfBounds, TrapCode::ListContentOutOfBounds),
        (list, [68, 0], TrapCode::ListOutOfBounds, TrapCode::ListContentOutOfBounds),
        (list, [0, 1 << 26], TrapCode::ListTooLong, TrapCode::ListTooLong),
        (list, [0, 1 << 30], TrapCode::ListTooLong, TrapCode::ListTooLong),
        (bools, [0, (1 << 28) - 1], TrapCode::ListOutOfBounds, TrapCode::ListContentOutOfBounds),
        (ValType::String, [65, 0], TrapCode::StringOutOfBounds, TrapCode::StringContentOutOfBounds),
        (ValType::String, [63, 2], TrapCode::StringOutOfBounds, TrapCode::StringContentOutOfBounds),
        (ValType::String, [0, 1 << 28], TrapCode::StringTooLong, TrapCode::StringTooLong),
    ] {
        assert_eq!(trap(lift_one(&mut Guest::new(), &types, ty, &flat)), Some(lifting));
        assert_eq!(trap(copy_one(Guest::new(), &types, ty, &flat)), Some(copying), "{ty:?} {flat:?}");
    }
}

#[test]
fn flags_without_a_name_are_dropped() {
    let mut types = Types::new(10);
    let flags = ValType::Defined(types.intern(DefinedType::Flags((0..9).map(name).collect())).unwrap());
    let lifted = lift_one(&mut Guest::new(), &types, flags, &[0xffff_ff11]).unwrap();
    assert_eq!(lifted, Val::Flags(vec![name(0), name(4), name(8)]));
    assert_eq!(copy_one(Guest::new(), &types, flags, &[0xffff_ff11]).unwrap().0[0], 0x111);
}

/// Sixteen parameters are passed as they are, seventeen in memory; what `realloc` returns for them is checked.
#[test]
fn the_seventeenth_parameter_spills() {
    let types = Types::new(0);
    let lower = |count, returned| {
        let ty = func(&vec![ValType::U32; count], None);
        let in_memory = flatten(&types, &ty).1.params_in_memory;
        let mut guest = Guest::new();
        guest.returned = returned;
        let values: Vec<_> = (0..count as u32).map(Val::U32).collect();
        let flat = lower_params(&mut guest, (&types, &ty), StringEncoding::Utf8, in_memory, &values)?;
        Ok((in_memory, flat, guest.reallocs))
    };
    let (in_memory, flat, reallocs) = lower(16, None).unwrap();
    assert_eq!((in_memory, flat[15], reallocs.len()), (false, 15, 0));
    let (in_memory, flat, reallocs) = lower(17, None).unwrap();
    assert_eq!((in_memory, flat[0], flat[1], &reallocs[..]), (true, 64, 0, &[[0, 0, 4, 68]][..]));
    assert_eq!(trap(lower(17, Some(1))), Some(TrapCode::ReallocUnaligned));
    assert_eq!(trap(lower(17, Some(0))), Some(TrapCode::ReallocOutOfBounds));
    assert_eq!(trap(lower(17, Some(u32::MAX - 3))), Some(TrapCode::ReallocOutOfBounds));
}

/// "realloc.wast", for lists that come from a guest and from the host.
#[test]
fn realloc_is_called_for_nothing_and_checked_all_the_same() {
    let mut types = Types::new(10);
    let list = ValType::Defined(types.intern(DefinedType::List(ValType::U32)).unwrap());
    let ty = func(&[list], None);
    let program = CallProgram::new(&types, &ty, side(StringEncoding::Utf8), side(StringEncoding::Utf8)).unwrap();
    for (returned, copying, lowering) in [
        (u32::MAX, TrapCode::UnalignedPointer, TrapCode::ReallocUnaligned),
        (u32::MAX - 3, TrapCode::ListContentOutOfBounds, TrapCode::ReallocOutOfBounds),
        (2, TrapCode::UnalignedPointer, TrapCode::ReallocUnaligned),
    ] {
        let mut pair = Pair { from: Guest::new(), to: Guest::new() };
        pair.to.returned = Some(returned);
        assert_eq!(trap(program.params(&mut pair, &[0, 0], &mut [0; 2])), Some(copying));
        assert_eq!(pair.to.reallocs, [[0, 0, 4, 0]]);
        let lowered = lower_params(&mut pair.to, (&types, &ty), StringEncoding::Utf8, false, &[Val::List(Vec::new())]);
        assert_eq!(trap(lowered), Some(lowering));
        assert_eq!(pair.to.reallocs, [[0, 0, 4, 0]; 2]);
    }
}

#[test]
fn a_result_in_memory_is_checked_where_it_comes_from_and_where_it_goes() {
    let mut types = Types::new(10);
    let tuple = types.intern(DefinedType::Tuple([ValType::U32, ValType::U32].into())).unwrap();
    let ty = func(&[], Some(ValType::Defined(tuple)));
    let program = CallProgram::new(&types, &ty, side(StringEncoding::Utf8), side(StringEncoding::Utf8)).unwrap();
    let pass = |from, to| trap(program.result(&mut Pair { from: Guest::new(), to: Guest::new() }, &[from], &[to]));
    assert_eq!(pass(0, 8), None);
    assert_eq!(pass(1, 8), Some(TrapCode::UnalignedPointer));
    assert_eq!(pass(0, 1), Some(TrapCode::UnalignedPointer));
    assert_eq!(pass(60, 8), Some(TrapCode::PointerOutOfBounds));
    assert_eq!(pass(0, 60), Some(TrapCode::PointerOutOfBounds));
}

/// Padding of one guest's memory is not seen by the other.
#[test]
fn padding_is_not_copied() {
    let mut types = Types::new(10);
    let record = types.intern(DefinedType::Tuple([ValType::U8, ValType::U32].into())).unwrap();
    let list = ValType::Defined(types.intern(DefinedType::List(ValType::Defined(record))).unwrap());
    let (flat, guest) = copy_one(Guest::with_memory(vec![0xee; 64]), &types, list, &[0, 2]).unwrap();
    let copied = &guest.memory[flat[0] as usize..];
    assert_eq!(copied, [[0xee, 0, 0, 0, 0xee, 0xee, 0xee, 0xee]; 2].as_flattened());
}

/// A value of 2²⁷ parts in a type of 27 levels needs a program of 27 blocks, and a budget.
#[test]
fn programs_and_values_do_not_explode() {
    let mut types = Types::new(100);
    let mut ty = ValType::Bool;
    for _ in 0..27 {
        ty = ValType::Defined(types.intern(DefinedType::Tuple([ty, ty].into())).unwrap());
    }
    let list = ValType::Defined(types.intern(DefinedType::List(ty)).unwrap());
    let program =
        CallProgram::new(&types, &func(&[ty, list], Some(ty)), side(StringEncoding::Utf8), side(StringEncoding::Utf8));
    assert!(program.is_ok());

    // Lists within lists, each of which is all of memory.
    let mut ty = ValType::U8;
    for _ in 0..8 {
        ty = ValType::Defined(types.intern(DefinedType::List(ty)).unwrap());
    }
    let memory: Vec<u8> = [0_u32.to_le_bytes(), 512_u32.to_le_bytes()].as_flattened().repeat(512);
    let mut guest = Guest::with_memory(memory);
    assert_eq!(trap(lift_one(&mut guest, &types, ty, &[0, 512])), Some(TrapCode::ValueMemory));
    assert_eq!(trap(copy_one(guest, &types, ty, &[0, 512])), Some(TrapCode::ValueMemory));
}

/// "variants.wast": of the core value that cases share, a case uses its own bits.
#[test]
fn cases_share_core_values() {
    let mut types = Types::new(10);
    let case = |at, ty| Case { name: name(at), ty: Some(ty) };
    let cases = [case(0, ValType::F32), case(1, ValType::U64), case(2, ValType::U16), case(3, ValType::S8)];
    let mixed = ValType::Defined(types.intern(DefinedType::Variant(cases.into())).unwrap());
    for (flat, value, copied) in [
        ([0, 0xffff_ffff_4049_0fdb], Val::F32(f32::from_bits(0x4049_0fdb)), 0x4049_0fdb),
        ([1, 0xfedc_ba98_7654_3210], Val::U64(0xfedc_ba98_7654_3210), 0xfedc_ba98_7654_3210),
        ([2, 0xff_00ff_0004], Val::U16(4), 4),
        ([3, 0xff_00ff_00ff], Val::S8(-1), 0xffff_ffff),
    ] {
        let variant = Val::Variant(name(flat[0] as usize), Some(Box::new(value)));
        assert_eq!(lift_one(&mut Guest::new(), &types, mixed, &flat).unwrap(), variant);
        assert_eq!(copy_one(Guest::new(), &types, mixed, &flat).unwrap().0[..2], [flat[0], copied]);
        let ty = func(&[mixed], None);
        let lowered = lower_params(&mut Guest::new(), (&types, &ty), StringEncoding::Utf8, false, &[variant]);
        assert_eq!(lowered.unwrap()[..2], [flat[0], copied]);
    }
}

#[test]
fn memory_of_exactly_4_gib_ends_without_overflow() {
    // Places after the last field wrap to zero, and nothing is there.
    let mut types = Types::new(10);
    let pair = types.intern(DefinedType::Tuple([ValType::U32, ValType::U32].into())).unwrap();
    let at = super::place::Place::Memory(u32::MAX - 7);
    let parts = super::place::Fields::of(&types, ValType::Defined(pair), at).unwrap();
    let places: Vec<_> = parts.map(|part| part.at).collect();
    assert_eq!(places, [at, super::place::Place::Memory(u32::MAX - 3)]);
}
