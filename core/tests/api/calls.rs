//! Calls into guests, typed and by value.

use whit_core::{ErrorKind, Func, I31, TrapCode, V128, Val};

use crate::support::instance;

#[test]
fn every_number_type_goes_in_and_comes_out() {
    let (mut store, instance) = instance(
        r#"(module
            (func (export "i32") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
            (func (export "i64") (param i64) (result i64) (i64.add (local.get 0) (i64.const 1)))
            (func (export "f32") (param f32) (result f32) (f32.add (local.get 0) (f32.const 0.5)))
            (func (export "f64") (param f64) (result f64) (f64.add (local.get 0) (f64.const 0.5))))"#,
    );
    macro_rules! check {
        ($($name:literal $ty:ty: $from:expr => $to:expr;)*) => {$(
            let func = instance.get_typed_func::<$ty, $ty>(&mut store, $name).expect("the type fits");
            assert_eq!(func.call(&mut store, $from).expect("no trap"), $to);
        )*};
    }
    check! {
        "i32" i32: -5 => -4;
        "i32" i32: i32::MAX => i32::MIN;
        "i32" u32: u32::MAX => 0;
        "i64" i64: i64::MIN => i64::MIN + 1;
        "i64" u64: u64::MAX - 1 => u64::MAX;
        "f32" f32: 1.0 => 1.5;
        "f64" f64: -1.0 => -0.5;
    }
}

#[test]
fn nan_payloads_survive_values() {
    let (mut store, instance) = instance(
        r#"(module
            (func (export "f32") (param f32) (result f32) (local.get 0))
            (func (export "f64") (param f64) (result f64) (local.get 0)))"#,
    );
    for (name, value) in [("f32", Val::F32(0x7fa0_1234)), ("f64", Val::F64(0xfff4_0000_0000_4321))] {
        let mut results = [Val::I32(0)];
        let func = instance.get_func(&mut store, name).expect("exported");
        func.call(&mut store, core::slice::from_ref(&value), &mut results).expect("no trap");
        assert_eq!(format!("{:?}", results[0]), format!("{value:?}"));
    }
}

#[test]
fn vectors_go_in_and_come_out_in_lane_order() {
    let (mut store, instance) = instance(
        r#"(module
            (func (export "mix") (param i32 v128 i64) (result i64 v128 i32)
                (local.get 2)
                (i8x16.replace_lane 0 (local.get 1) (i32.const 0xaa))
                (local.get 0)))"#,
    );
    let bytes: [u8; 16] = core::array::from_fn(|index| index as u8);
    let func = instance.get_typed_func::<(i32, V128, i64), (i64, V128, i32)>(&mut store, "mix").expect("the type fits");
    let (long, vector, int) = func.call(&mut store, (7, V128::from_le_bytes(bytes), -9)).expect("no trap");
    let mut expected = bytes;
    expected[0] = 0xaa;
    assert_eq!((long, vector.to_le_bytes(), int), (-9, expected, 7));
}

#[test]
fn numbers_and_references_keep_their_places_in_mixed_lists() {
    let (mut store, instance) = instance(
        r#"(module
            (func (export "turn") (param externref i32 funcref f64 i31ref) (result i31ref f64 funcref i32 externref)
                (local.get 4) (local.get 3) (local.get 2) (local.get 1) (local.get 0)))"#,
    );
    let func = Func::wrap(&mut store, |x: i32| x);
    let value = whit_core::ExternRef::new(&mut store, "value").expect("room");
    type In = (Option<whit_core::ExternRef>, i32, Option<Func>, f64, Option<I31>);
    type Out = (Option<I31>, f64, Option<Func>, i32, Option<whit_core::ExternRef>);
    let turn = instance.get_typed_func::<In, Out>(&mut store, "turn").expect("the type fits");
    let arguments = (Some(value.clone()), 5, Some(func), 2.5, I31::new_i32(-3));
    let (int31, float, back, int, same) = turn.call(&mut store, arguments).expect("no trap");
    assert_eq!((int31.map(|x| x.get_i32()), float, back, int), (Some(-3), 2.5, Some(func), 5));
    assert!(same.expect("not null").same(&value));

    let nulls = turn.call(&mut store, (None, 0, None, 0.0, None)).expect("no trap");
    assert!(nulls.0.is_none() && nulls.2.is_none() && nulls.4.is_none());
}

#[test]
fn sixteen_parameters_and_many_results_fit() {
    let params = "i32 ".repeat(16);
    let gets: String = (0..16).rev().map(|index| format!("(local.get {index})")).collect();
    let text = format!(r#"(module (func (export "turn") (param {params}) (result {params}) {gets}))"#);
    let (mut store, instance) = instance(&text);
    type Sixteen = (i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32);
    let turn = instance.get_typed_func::<Sixteen, Sixteen>(&mut store, "turn").expect("the type fits");
    let result = turn.call(&mut store, (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)).expect("no trap");
    assert_eq!(result.0, 15);
    assert_eq!(result.15, 0);
}

#[test]
fn values_are_compared_with_the_type() {
    let (mut store, instance) = instance(r#"(module (func (export "f") (param i32 i64) (result f32) (f32.const 1)))"#);
    let func = instance.get_func(&mut store, "f").expect("exported");
    let mut one = [Val::I32(0)];
    let mut call =
        |params: &[Val], results: &mut [Val]| func.call(&mut store, params, results).map_err(|error| error.kind());
    assert_eq!(call(&[Val::I32(1)], &mut one), Err(ErrorKind::Misuse), "too few parameters");
    assert_eq!(call(&[Val::I32(1), Val::I64(2), Val::I32(3)], &mut one), Err(ErrorKind::Misuse), "too many");
    assert_eq!(call(&[Val::I64(1), Val::I64(2)], &mut one), Err(ErrorKind::Misuse), "a wrong type");
    assert_eq!(call(&[Val::I32(1), Val::null_func_ref()], &mut one), Err(ErrorKind::Misuse), "a reference");
    assert_eq!(call(&[Val::I32(1), Val::I64(2)], &mut []), Err(ErrorKind::Misuse), "too few results");
    assert_eq!(call(&[Val::I32(1), Val::I64(2)], &mut one), Ok(()));
    assert_eq!(one[0].f32(), Some(1.0));
}

#[test]
fn a_typed_function_must_have_the_type() {
    let (mut store, instance) = instance(r#"(module (func (export "f") (param i32) (result i64) (i64.const 0)))"#);
    assert!(instance.get_typed_func::<i32, i64>(&mut store, "f").is_ok());
    assert!(instance.get_typed_func::<u32, u64>(&mut store, "f").is_ok());
    assert!(instance.get_typed_func::<(i32,), (i64,)>(&mut store, "f").is_ok());
    let kind = |error: whit_core::Error| error.kind();
    assert_eq!(instance.get_typed_func::<i64, i64>(&mut store, "f").map_err(kind).err(), Some(ErrorKind::Misuse));
    assert_eq!(instance.get_typed_func::<i32, ()>(&mut store, "f").map_err(kind).err(), Some(ErrorKind::Misuse));
    let error = instance.get_typed_func::<f32, i64>(&mut store, "f").expect_err("another type");
    assert!(error.to_string().contains("(param i32) (result i64)"), "{error}");
    let error = instance.get_typed_func::<(), ()>(&mut store, "g").expect_err("no such export");
    assert!(error.to_string().contains("`g`"), "{error}");
}

#[test]
fn a_function_reference_of_a_subtype_is_checked_at_the_call() {
    let (mut store, instance) = instance(
        r#"(module
            (type $t (func (param i32) (result i32)))
            (func (export "call") (param (ref null $t)) (result i32) (call_ref $t (i32.const 20) (local.get 0)))
            (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
            (func (export "nothing")))"#,
    );
    let call = instance.get_typed_func::<Option<Func>, i32>(&mut store, "call").expect("some functions fit");
    let double = instance.get_func(&mut store, "double").expect("exported");
    let nothing = instance.get_func(&mut store, "nothing").expect("exported");
    assert_eq!(call.call(&mut store, Some(double)).expect("no trap"), 40);
    assert_eq!(call.call(&mut store, Some(nothing)).expect_err("wrong type").kind(), ErrorKind::Misuse);
    let trap = call.call(&mut store, None).expect_err("null");
    assert_eq!(trap.as_trap().map(|trap| trap.code()), Some(TrapCode::NullFunctionReference));
}

#[test]
fn a_trap_leaves_the_instance_usable() {
    let (mut store, instance) = instance(
        r#"(module
            (global $count (mut i32) (i32.const 0))
            (func (export "divide") (param i32 i32) (result i32)
                (global.set $count (i32.add (global.get $count) (i32.const 1)))
                (i32.div_s (local.get 0) (local.get 1)))
            (func (export "count") (result i32) (global.get $count)))"#,
    );
    let divide = instance.get_typed_func::<(i32, i32), i32>(&mut store, "divide").expect("the type fits");
    let error = divide.call(&mut store, (1, 0)).expect_err("a trap");
    assert_eq!(error.as_trap().map(|trap| trap.code()), Some(TrapCode::IntegerDivideByZero));
    assert_eq!(divide.call(&mut store, (6, 3)).expect("no trap"), 2);
    let count = instance.get_typed_func::<(), i32>(&mut store, "count").expect("the type fits");
    assert_eq!(count.call(&mut store, ()).expect("no trap"), 2);
}

#[test]
fn host_functions_can_be_called_directly() {
    let (mut store, _) = instance("(module)");
    let func = Func::wrap(&mut store, |x: i32, y: f64| (f64::from(x) + y, x));
    let typed = func.typed::<(i32, f64), (f64, i32)>(&store).expect("the type fits");
    assert_eq!(typed.call(&mut store, (2, 0.5)).expect("no trap"), (2.5, 2));
}
