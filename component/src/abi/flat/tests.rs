use super::*;
use crate::types::{Case, DefinedType, Field, Name};
use FlatType::{F32, F64, I32, I64};

fn flat(types: &mut Types, ty: DefinedType) -> Option<FlatTypes> {
    let index = types.intern(ty).expect("small");
    types.layout(ValType::Defined(index)).flat
}

fn some(types: &[FlatType]) -> Option<FlatTypes> {
    Some(FlatTypes::of(types))
}

#[test]
fn records_are_one_field_after_another() {
    let mut types = Types::new(10);
    let tuple = DefinedType::Tuple([ValType::U8, ValType::F64, ValType::String].into());
    assert_eq!(flat(&mut types, tuple), some(&[I32, F64, I32, I32]));
    assert_eq!(flat(&mut types, DefinedType::FixedList(ValType::F32, 3)), some(&[F32, F32, F32]));
}

#[test]
fn cases_share_their_places() {
    let mut types = Types::new(10);
    let case = |ty| Case { name: Name::from("c"), ty: Some(ty) };
    let variant = |payloads: &[ValType]| DefinedType::Variant(payloads.iter().copied().map(case).collect());
    let mut joined = |payloads: &[ValType]| flat(&mut types, variant(payloads));
    assert_eq!(joined(&[ValType::U8, ValType::F32]), some(&[I32, I32]));
    assert_eq!(joined(&[ValType::F32, ValType::F32]), some(&[I32, F32]));
    assert_eq!(joined(&[ValType::F32, ValType::F64]), some(&[I32, I64]));
    assert_eq!(joined(&[ValType::U64, ValType::F32]), some(&[I32, I64]));
    assert_eq!(joined(&[ValType::F64, ValType::String]), some(&[I32, I64, I32]));
}

#[test]
fn sixteen_values_are_flat_and_seventeen_are_not() {
    let mut types = Types::new(10);
    assert_eq!(flat(&mut types, DefinedType::FixedList(ValType::U8, 16)), some(&[I32; 16]));
    assert_eq!(flat(&mut types, DefinedType::FixedList(ValType::U8, 17)), None);
    assert_eq!(flat(&mut types, DefinedType::FixedList(ValType::String, 1 << 20)), None);
    let sixteen = ValType::Defined(types.intern(DefinedType::FixedList(ValType::U8, 16)).expect("small"));
    assert_eq!(flat(&mut types, DefinedType::Option(sixteen)), None);
}

fn func(params: usize, result: Option<ValType>) -> FuncType {
    let param = |_| Field { name: Name::from("p"), ty: ValType::U32 };
    FuncType { is_async: false, params: (0..params).map(param).collect(), result }
}

#[test]
fn a_sync_call_spills_more_than_sixteen_parameters_and_more_than_one_result() {
    let types = Types::new(0);
    for context in [Context::Lift { callback: false }, Context::Lower] {
        let ty = flatten_functype(&types, &func(16, Some(ValType::F32)), false, context);
        assert_eq!((&*ty.params, &*ty.results), (&[I32; 16][..], &[F32][..]));
        assert!(!ty.params_in_memory && !ty.result_in_memory);
        let ty = flatten_functype(&types, &func(17, None), false, context);
        assert_eq!((&*ty.params, &*ty.results), (&[I32][..], &[][..]));
        assert!(ty.params_in_memory && !ty.result_in_memory);
    }
    let string = func(16, Some(ValType::String));
    let lifted = flatten_functype(&types, &string, false, Context::Lift { callback: false });
    assert_eq!((lifted.params.len(), &*lifted.results, lifted.result_in_memory), (16, &[I32][..], true));
    let lowered = flatten_functype(&types, &string, false, Context::Lower);
    assert_eq!((lowered.params.len(), &*lowered.results, lowered.result_in_memory), (17, &[][..], true));
}

#[test]
fn an_async_call_returns_a_status_and_spills_more_than_four_parameters() {
    let types = Types::new(0);
    let ty = flatten_functype(&types, &func(4, None), true, Context::Lower);
    assert_eq!((&*ty.params, &*ty.results, ty.result_in_memory), (&[I32; 4][..], &[I32][..], false));
    let ty = flatten_functype(&types, &func(5, Some(ValType::U8)), true, Context::Lower);
    assert_eq!((&*ty.params, &*ty.results), (&[I32, I32][..], &[I32][..]));
    assert!(ty.params_in_memory && ty.result_in_memory);
}

#[test]
fn an_async_lifted_function_returns_nothing_but_its_callback_code() {
    let types = Types::new(0);
    let string = func(16, Some(ValType::String));
    let ty = flatten_functype(&types, &string, true, Context::Lift { callback: true });
    assert_eq!((ty.params.len(), &*ty.results, ty.result_in_memory), (16, &[I32][..], false));
    let ty = flatten_functype(&types, &string, true, Context::Lift { callback: false });
    assert_eq!((ty.params.len(), &*ty.results, ty.result_in_memory), (16, &[][..], false));
}
