//! Components that mean harm: each ends with the error that names what it did, and nothing else is harmed.
//!
//! What the canonical ABI's conversions do with any bytes at all is tested where they are (`src/abi/tests.rs`).

use std::thread;
use std::time::Duration;

use whit_component::{
    Component, Instance, Linker, Resource, ResourceType, RuntimeTrap, TrapCode, TypeMismatch, Val, limit_handles,
};
use whit_core::{Config, Engine, Error, Store, StoreContextMut, TrapCode as CoreTrap};

fn instantiate(store: &mut Store<()>, text: &str) -> Result<Instance, Error> {
    let engine = store.engine().clone();
    let component = Component::new(&engine, wat::parse_str(text).expect("good text"))?;
    let mut linker = Linker::new(&engine);
    let mut root = linker.root();
    root.func_wrap("text", |_: StoreContextMut<'_, ()>, (): ()| Ok(("hello".to_string(),)))?;
    root.func_wrap("numbers", |_: StoreContextMut<'_, ()>, (): ()| Ok((vec![1_u32, 2],)))?;
    // Whatever it is given, as the component says.
    root.func_new("look", |_, _| Ok(None))?;
    linker.instantiate(store, &component)
}

fn call(store: &mut Store<()>, instance: &Instance) -> Result<Option<Val>, Error> {
    let run = instance.get_func(&mut *store, &["run"]).expect("an export `run`");
    run.call(store, &[])
}

/// Instantiates a component and calls its `run`.
fn run(text: &str) -> Result<Option<Val>, Error> {
    let mut store = Store::new(&Engine::default(), ());
    let instance = instantiate(&mut store, text)?;
    call(&mut store, &instance)
}

/// What went wrong in the component that is this text.
fn ended(text: &str) -> String {
    run(text).expect_err(text).to_string()
}

/// A component with the core function `run`, whose body is `code`. It has two resource types, `a` with a destructor that traps for 13, and `b`.
fn with_resources(code: &str) -> String {
    format!(
        r#"(component
            (core module $destructor (func (export "destroy") (param i32)
                (if (i32.eq (local.get 0) (i32.const 13)) (then unreachable))))
            (core instance $destructor (instantiate $destructor))
            (type $a (resource (rep i32) (dtor (core func $destructor "destroy"))))
            (type $b (resource (rep i32)))
            (core func $new-a (canon resource.new $a))
            (core func $new-b (canon resource.new $b))
            (core func $rep-a (canon resource.rep $a))
            (core func $drop-a (canon resource.drop $a))
            (core module $m
                (import "" "new-a" (func $new-a (param i32) (result i32)))
                (import "" "new-b" (func $new-b (param i32) (result i32)))
                (import "" "rep-a" (func $rep-a (param i32) (result i32)))
                (import "" "drop-a" (func $drop-a (param i32)))
                (func (export "run") (local $h i32) {code}))
            (core instance $i (instantiate $m (with "" (instance
                (export "new-a" (func $new-a)) (export "new-b" (func $new-b))
                (export "rep-a" (func $rep-a)) (export "drop-a" (func $drop-a))))))
            (func (export "run") (canon lift (core func $i "run"))))"#
    )
}

#[test]
fn handles_never_given_or_used_up_or_of_another_type_end_the_guest() {
    assert!(run(&with_resources("(call $drop-a (call $new-a (i32.const 1)))")).is_ok());
    for (code, words) in [
        ("(drop (call $rep-a (i32.const 0)))", "unknown handle index 0"),
        ("(drop (call $rep-a (i32.const 1)))", "unknown handle index 1"),
        ("(drop (call $rep-a (i32.const -1)))", "unknown handle index 4294967295"),
        ("(call $drop-a (i32.const 7))", "unknown handle index 7"),
        ("(drop (call $rep-a (call $new-b (i32.const 1))))", "handle index 1 used with the wrong type"),
        ("(call $drop-a (call $new-b (i32.const 1)))", "handle index 1 used with the wrong type"),
        (
            "(local.set $h (call $new-a (i32.const 1))) (call $drop-a (local.get $h)) (call $drop-a (local.get $h))",
            "unknown handle index 1",
        ),
        (
            "(local.set $h (call $new-a (i32.const 1))) (call $drop-a (local.get $h)) (drop (call $rep-a (local.get $h)))",
            "unknown handle index 1",
        ),
    ] {
        let ended = ended(&with_resources(code));
        assert!(ended.contains(words), "{code}: {ended}");
    }
}

#[test]
fn a_destructor_that_traps_ends_its_component_and_no_other() {
    let mut store = Store::new(&Engine::default(), ());
    let bad = instantiate(&mut store, &with_resources("(call $drop-a (call $new-a (i32.const 13)))")).unwrap();
    let good = instantiate(&mut store, &with_resources("(call $drop-a (call $new-a (i32.const 1)))")).unwrap();
    let trap = call(&mut store, &bad).unwrap_err();
    assert_eq!(trap.as_trap().map(|trap| trap.code()), Some(CoreTrap::Unreachable));
    for _ in 0..2 {
        let refused = call(&mut store, &bad).unwrap_err();
        assert_eq!(refused.downcast_ref(), Some(&RuntimeTrap::CannotEnter));
    }
    assert!(call(&mut store, &good).is_ok());
}

#[test]
fn a_mistake_of_the_host_is_its_error_and_the_guest_goes_on() {
    let text = r#"(component
        (core module $m
            (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                (if (i32.eq (local.get 3) (i32.const 7)) (then unreachable))
                (i32.const 16))
            (func (export "sum") (param i32 i32 i32) (result i32) (i32.add (local.get 1) (local.get 2))))
        (core instance $i (instantiate $m))
        (func (export "sum") (param "text" string) (param "more" u32) (result u32)
            (canon lift (core func $i "sum") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))"#;
    let mut store = Store::new(&Engine::default(), ());
    let instance = instantiate(&mut store, text).unwrap();
    let sum = instance.get_func(&mut store, &["sum"]).unwrap();
    let four = Val::String("four".into());
    for mistaken in [vec![four.clone(), four.clone()], vec![Val::U32(1), Val::U32(2)], vec![four.clone()]] {
        let error = sum.call(&mut store, &mistaken).unwrap_err();
        assert!(error.downcast_ref::<TypeMismatch>().is_some(), "{mistaken:?}: {error}");
        assert_eq!(sum.call(&mut store, &[four.clone(), Val::U32(1)]).unwrap(), Some(Val::U32(5)));
    }
    // What the guest does with a good argument is the guest's failure.
    let trap = sum.call(&mut store, &[Val::String("seventh".into()), Val::U32(1)]).unwrap_err();
    assert_eq!(trap.as_trap().map(|trap| trap.code()), Some(CoreTrap::Unreachable));
    let refused = sum.call(&mut store, &[four, Val::U32(1)]).unwrap_err();
    assert_eq!(refused.downcast_ref(), Some(&RuntimeTrap::CannotEnter));
}

#[test]
fn what_was_lent_before_a_mistake_of_the_host_is_not_there_for_guessing() {
    let text = r#"(component
        (component $A
            (type $t' (resource (rep i32)))
            (export $t "t" (type $t'))
            (core func $new (canon resource.new $t))
            (core module $m
                (import "" "new" (func $new (param i32) (result i32)))
                (func (export "make") (result i32) (call $new (i32.const 5))))
            (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
            (func (export "make") (result (own $t)) (canon lift (core func $i "make"))))
        (component $B
            (import "a" (instance $a (export "t" (type (sub resource)))))
            (alias export $a "t" (type $t))
            (core func $drop (canon resource.drop $t))
            (core module $m
                (import "" "drop" (func $drop (param i32)))
                (func (export "take") (param i32 i32) (call $drop (local.get 0)))
                (func (export "guess") (param i32) (call $drop (local.get 0))))
            (core instance $i (instantiate $m (with "" (instance (export "drop" (func $drop))))))
            (func (export "take") (param "r" (borrow $t)) (param "number" u32) (canon lift (core func $i "take")))
            (func (export "guess") (param "index" u32) (canon lift (core func $i "guess"))))
        (instance $a (instantiate $A))
        (instance $b (instantiate $B (with "a" (instance $a))))
        (export "a" (instance $a))
        (export "b" (instance $b)))"#;
    let mut store = Store::new(&Engine::default(), ());
    let instance = instantiate(&mut store, text).unwrap();
    let make = instance.get_func(&mut store, &["a", "make"]).unwrap();
    let [take, guess] = ["take", "guess"].map(|name| instance.get_func(&mut store, &["b", name]).unwrap());
    let made = make.call(&mut store, &[]).unwrap().unwrap();
    take.call(&mut store, &[made.clone(), Val::U32(1)]).unwrap();
    let error = take.call(&mut store, &[made.clone(), Val::Bool(true)]).unwrap_err();
    assert!(error.downcast_ref::<TypeMismatch>().is_some(), "{error}");
    take.call(&mut store, &[made.clone(), Val::U32(1)]).unwrap();
    take.call(&mut store, &[made, Val::Bool(true)]).unwrap_err();
    assert_eq!(
        guess.call(&mut store, &[Val::U32(1)]).unwrap_err().downcast_ref(),
        Some(&RuntimeTrap::UnknownHandle(1))
    );
}

#[test]
fn the_handles_of_a_store_are_finite_and_those_given_back_are_used_again() {
    let hoard = with_resources("(loop $more (drop (call $new-b (i32.const 1))) (br $more))");
    assert!(ended(&hoard).contains("max-handles"));
    let few = with_resources(
        "(loop $more (drop (call $new-b (i32.const 1))) (br_if $more (i32.lt_u
            (local.tee $h (i32.add (local.get $h) (i32.const 1))) (i32.const 5))))",
    );
    for (limit, is_enough) in [(4, false), (5, true)] {
        let mut store = Store::new(&Engine::default(), ());
        limit_handles(&mut store, limit).unwrap();
        let instance = instantiate(&mut store, &few).unwrap();
        let outcome = call(&mut store, &instance);
        assert_eq!(outcome.is_ok(), is_enough, "{limit}");
        if let Err(trap) = outcome {
            assert_eq!(trap.downcast_ref(), Some(&RuntimeTrap::TooManyHandles));
        }
    }
    let reuse = with_resources(
        "(loop $more (call $drop-a (call $new-a (i32.const 1))) (br_if $more (i32.lt_u
            (local.tee $h (i32.add (local.get $h) (i32.const 1))) (i32.const 20000))))",
    );
    assert!(run(&reuse).is_ok());
}

/// Two components in one: `$provider` defines a resource type, makes and takes its resources; the core function `run` of the other is `code`.
fn with_provider(code: &str) -> String {
    format!(
        r#"(component
            (component $Provider
                (type $r' (resource (rep i32)))
                (export $r "r" (type $r'))
                (core func $new (canon resource.new $r'))
                (core module $m
                    (import "" "new" (func $new (param i32) (result i32)))
                    (func (export "make") (result i32) (call $new (i32.const 5)))
                    (func (export "use") (param i32))
                    (func (export "both") (param i32 i32)))
                (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
                (func (export "make") (result (own $r)) (canon lift (core func $i "make")))
                (func (export "take") (param "r" (own $r)) (canon lift (core func $i "use")))
                (func (export "use") (param "r" (borrow $r)) (canon lift (core func $i "use")))
                (func (export "lend-and-give") (param "a" (borrow $r)) (param "b" (own $r)) (canon lift (core func $i "both")))
                (func (export "give-twice") (param "a" (own $r)) (param "b" (own $r)) (canon lift (core func $i "both"))))
            (instance $provider (instantiate $Provider))
            (alias export $provider "r" (type $r))
            (core func $make (canon lower (func $provider "make")))
            (core func $take (canon lower (func $provider "take")))
            (core func $use (canon lower (func $provider "use")))
            (core func $lend-and-give (canon lower (func $provider "lend-and-give")))
            (core func $give-twice (canon lower (func $provider "give-twice")))
            (core func $drop (canon resource.drop $r))
            (core module $m
                (import "" "make" (func $make (result i32)))
                (import "" "take" (func $take (param i32)))
                (import "" "use" (func $use (param i32)))
                (import "" "lend-and-give" (func $lend-and-give (param i32 i32)))
                (import "" "give-twice" (func $give-twice (param i32 i32)))
                (import "" "drop" (func $drop (param i32)))
                (func (export "run") (local $h i32) {code}))
            (core instance $i (instantiate $m (with "" (instance
                (export "make" (func $make)) (export "take" (func $take)) (export "use" (func $use))
                (export "lend-and-give" (func $lend-and-give)) (export "give-twice" (func $give-twice))
                (export "drop" (func $drop))))))
            (func (export "run") (canon lift (core func $i "run"))))"#
    )
}

#[test]
fn a_resource_cannot_be_given_away_while_lent_or_twice_or_by_who_does_not_have_it() {
    assert!(run(&with_provider("(call $use (local.tee $h (call $make))) (call $take (local.get $h))")).is_ok());
    for (code, words) in [
        // The provider has had it; here it was never made.
        ("(call $use (i32.const 1))", "unknown handle index 1"),
        ("(call $take (local.tee $h (call $make))) (call $use (local.get $h))", "unknown handle index 1"),
        ("(call $take (local.tee $h (call $make))) (call $drop (local.get $h))", "unknown handle index 1"),
        (
            "(call $lend-and-give (local.tee $h (call $make)) (local.get $h))",
            "cannot remove owned resource while borrowed",
        ),
        ("(call $give-twice (local.tee $h (call $make)) (local.get $h))", "unknown handle index 1"),
    ] {
        let ended = ended(&with_provider(code));
        assert!(ended.contains(words), "{code}: {ended}");
    }
}

#[test]
fn a_destructor_may_drop_what_its_resource_owns_and_a_long_chain_of_them_is_bounded() {
    // The representation of each is the handle of the one before.
    let chain = |count: u32| {
        format!(
            r#"(component
                (core module $shim (table (export "table") 1 funcref)
                    (func (export "drop") (param i32) (call_indirect (param i32) (local.get 0) (i32.const 0))))
                (core instance $shim (instantiate $shim))
                (core module $destructor (import "shim" "drop" (func $drop (param i32)))
                    (func (export "destroy") (param i32) (if (local.get 0) (then (call $drop (local.get 0))))))
                (core instance $destructor (instantiate $destructor (with "shim" (instance $shim))))
                (type $r (resource (rep i32) (dtor (core func $destructor "destroy"))))
                (core func $new (canon resource.new $r))
                (core func $drop (canon resource.drop $r))
                (core module $fix (import "shim" "table" (table 1 funcref)) (import "r" "drop" (func $drop (param i32)))
                    (elem (i32.const 0) func $drop))
                (core instance (instantiate $fix (with "shim" (instance $shim)) (with "r" (instance (export "drop" (func $drop))))))
                (core module $m
                    (import "r" "new" (func $new (param i32) (result i32)))
                    (import "r" "drop" (func $drop (param i32)))
                    (func (export "run") (local $last i32) (local $count i32)
                        (loop $more
                            (local.set $last (call $new (local.get $last)))
                            (br_if $more (i32.lt_u (local.tee $count (i32.add (local.get $count) (i32.const 1))) (i32.const {count}))))
                        (call $drop (local.get $last))))
                (core instance $i (instantiate $m
                    (with "r" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
                (func (export "run") (canon lift (core func $i "run"))))"#
        )
    };
    assert!(run(&chain(1_000)).is_ok());
    let ended = ended(&chain(200_000));
    assert!(ended.contains("call stack exhausted"), "{ended}");
}

/// A component whose function calls itself through the component model, without end.
const PING_PONG: &str = r#"(component
    (core module $shim (table (export "table") 1 funcref) (func (export "call") (call_indirect (i32.const 0))))
    (core instance $shim (instantiate $shim))
    (core module $m (import "shim" "call" (func $call)) (func (export "run") (call $call)))
    (core instance $i (instantiate $m (with "shim" (instance $shim))))
    (func $run (canon lift (core func $i "run")))
    (core func $again (canon lower (func $run)))
    (core module $fix (import "shim" "table" (table 1 funcref)) (import "" "run" (func $run)) (elem (i32.const 0) func $run))
    (core instance (instantiate $fix (with "shim" (instance $shim)) (with "" (instance (export "run" (func $again))))))
    (export "run" (func $run)))"#;

#[test]
fn components_that_call_each_other_without_end_exhaust_neither_stack_nor_memory() {
    let mut store = Store::new(&Engine::default(), ());
    let endless = instantiate(&mut store, PING_PONG).unwrap();
    let good = instantiate(&mut store, &with_resources("(call $drop-a (call $new-a (i32.const 1)))")).unwrap();
    let ended = call(&mut store, &endless).unwrap_err().to_string();
    assert!(ended.contains("call stack exhausted"), "{ended}");
    // What it took is there again.
    assert!(call(&mut store, &good).is_ok());
    assert_eq!(call(&mut store, &endless).unwrap_err().downcast_ref(), Some(&RuntimeTrap::CannotEnter));
}

/// A component that is given a value of the host by the import `name`, whose `realloc` is `code`.
fn with_realloc(import: &str, code: &str) -> String {
    format!(
        r#"(component
            {import}
            (import "look" (func $look))
            (core func $look (canon lower (func $look)))
            (core module $memory
                (import "" "look" (func $look))
                (memory (export "memory") 1)
                (func $realloc (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
                    {code}))
            (core instance $memory (instantiate $memory (with "" (instance (export "look" (func $look))))))
            (core func $given (canon lower (func $given)
                (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
            (core module $m (import "" "given" (func $given (param i32))) (func (export "run") (call $given (i32.const 64))))
            (core instance $i (instantiate $m (with "" (instance (export "given" (func $given))))))
            (func (export "run") (canon lift (core func $i "run"))))"#
    )
}

const TEXT: &str = r#"(import "text" (func $given (result string)))"#;
const NUMBERS: &str = r#"(import "numbers" (func $given (result (list u32))))"#;

#[test]
fn no_realloc_makes_the_host_write_where_it_must_not() {
    for code in [
        "(i32.const 0)",
        "(i32.const 65528)",
        // Memory that was not there when it was called.
        "(i32.mul (memory.grow (i32.const 1)) (i32.const 65536))",
    ] {
        assert!(run(&with_realloc(TEXT, code)).is_ok(), "{code}");
        assert!(run(&with_realloc(NUMBERS, code)).is_ok(), "{code}");
    }
    for (import, code, words) in [
        (TEXT, "(i32.const -1)", "beyond end of memory"),
        (TEXT, "(i32.const 65535)", "beyond end of memory"),
        (TEXT, "(i32.const 0x80000000)", "beyond end of memory"),
        (NUMBERS, "(i32.const 65532)", "beyond end of memory"),
        (NUMBERS, "(i32.const 2)", "not aligned"),
        (TEXT, "unreachable", "unreachable"),
        (TEXT, "(call $look) (i32.const 0)", "cannot leave component instance"),
        (
            TEXT,
            "(call $realloc (local.get 0) (local.get 1) (local.get 2) (local.get 3))",
            CoreTrap::StackOverflow.message(),
        ),
    ] {
        let ended = ended(&with_realloc(import, code));
        assert!(ended.contains(words), "{code}: {ended}");
    }
}

/// A component that gives values to the import `look` of the type `params`: `code` is the body of its core function.
fn looking(params: &str, core: &str, code: &str) -> String {
    format!(
        r#"(component
            (import "look" (func $look {params}))
            (core module $memory (memory (export "memory") 2))
            (core instance $memory (instantiate $memory))
            (core func $look (canon lower (func $look) (memory (core memory $memory "memory"))))
            (core module $m
                (import "memory" "memory" (memory 2))
                (import "" "look" (func $look (param {core})))
                (func (export "run") (local $at i32) {code}))
            (core instance $i (instantiate $m (with "memory" (instance $memory)) (with "" (instance (export "look" (func $look))))))
            (func (export "run") (canon lift (core func $i "run"))))"#
    )
}

#[test]
fn values_that_are_none_end_the_guest() {
    for (params, core, code, words) in [
        (r#"(param "v" string)"#, "i32 i32", "(call $look (i32.const -1) (i32.const 2))", "out of bounds"),
        (r#"(param "v" string)"#, "i32 i32", "(call $look (i32.const 131071) (i32.const 2))", "out of bounds"),
        (r#"(param "v" string)"#, "i32 i32", "(call $look (i32.const 0) (i32.const -1))", "2^28-1"),
        (r#"(param "v" (list u32))"#, "i32 i32", "(call $look (i32.const 2) (i32.const 1))", "unaligned pointer"),
        // Neither the product nor the sum wraps around, and nothing is allocated for what is not there.
        (r#"(param "v" (list u64))"#, "i32 i32", "(call $look (i32.const 0) (i32.const 0x20000001))", "2^28-1"),
        (r#"(param "v" (list u64))"#, "i32 i32", "(call $look (i32.const -8) (i32.const 1))", "out of bounds"),
        (r#"(param "v" (list u64))"#, "i32 i32", "(call $look (i32.const 0) (i32.const 33554431))", "out of bounds"),
        (r#"(param "v" char)"#, "i32", "(call $look (i32.const 0xd800))", "char"),
        (r#"(param "v" char)"#, "i32", "(call $look (i32.const 0x110000))", "char"),
        (r#"(param "v" (option u8))"#, "i32 i32", "(call $look (i32.const 2) (i32.const 0))", "discriminant"),
        (r#"(param "v" (result (error u8)))"#, "i32 i32", "(call $look (i32.const -1) (i32.const 0))", "discriminant"),
    ] {
        let ended = ended(&looking(params, core, code));
        assert!(ended.contains(words), "{params} {code}: {ended}");
    }
    // Any number but zero is true.
    assert!(run(&looking(r#"(param "v" bool)"#, "i32", "(call $look (i32.const 2))")).is_ok());
}

/// Fills the first page with lists that are all the second page.
const LISTS_OF_ONE_PAGE: &str = "
    (loop $next
        (i32.store (local.get $at) (i32.const 65536))
        (i32.store offset=4 (local.get $at) (i32.const 65536))
        (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 65536))))";

#[test]
fn lists_in_lists_cost_the_host_no_more_than_its_limit() {
    let code = format!("{LISTS_OF_ONE_PAGE} (call $look (i32.const 0) (i32.const 8192))");
    let error = run(&looking(r#"(param "v" (list (list u8)))"#, "i32 i32", &code)).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&TrapCode::ValueMemory));
}

/// Half a gigabyte from guest to guest, again and again, all of it to the same place.
fn copying() -> String {
    format!(
        r#"(component
            (component $Taker
                (core module $m (memory (export "memory") 2)
                    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
                    (func (export "take") (param i32 i32)))
                (core instance $i (instantiate $m))
                (func (export "take") (param "v" (list (list u8))) (canon lift (core func $i "take")
                    (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
            (instance $taker (instantiate $Taker))
            (core module $memory (memory (export "memory") 2))
            (core instance $memory (instantiate $memory))
            (core func $take (canon lower (func $taker "take") (memory (core memory $memory "memory"))))
            (core module $m
                (import "memory" "memory" (memory 2))
                (import "" "take" (func $take (param i32 i32)))
                (func (export "run") (local $at i32) {LISTS_OF_ONE_PAGE}
                    (loop $more (call $take (i32.const 0) (i32.const 8192)) (br $more))))
            (core instance $i (instantiate $m (with "memory" (instance $memory)) (with "" (instance (export "take" (func $take))))))
            (func (export "run") (canon lift (core func $i "run"))))"#
    )
}

#[test]
fn copies_between_guests_are_paid_and_can_be_interrupted() {
    let mut store = Store::new(&Engine::new(Config::new().consume_fuel(true)).unwrap(), ());
    store.set_fuel(1_000_000).unwrap();
    let instance = instantiate(&mut store, &copying()).unwrap();
    let trap = call(&mut store, &instance).unwrap_err();
    assert_eq!(trap.as_trap().map(|trap| trap.code()), Some(CoreTrap::OutOfFuel), "{trap}");

    let engine = Engine::new(Config::new().epoch_interruption(true)).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_epoch_deadline(1);
    let instance = instantiate(&mut store, &copying()).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(50));
            engine.increment_epoch();
        });
        let trap = call(&mut store, &instance).unwrap_err();
        assert_eq!(trap.as_trap().map(|trap| trap.code()), Some(CoreTrap::Interrupted), "{trap}");
    });
}

#[test]
fn endless_start_functions_reallocs_and_destructors_end_by_fuel() {
    let start =
        r#"(component (core module $m (func $start (loop (br 0))) (start $start)) (core instance (instantiate $m)))"#;
    let realloc = with_realloc(TEXT, "(loop (br 0)) (i32.const 0)");
    let destructor = r#"(component
        (core module $d (func (export "destroy") (param i32) (loop (br 0))))
        (core instance $d (instantiate $d))
        (type $r (resource (rep i32) (dtor (core func $d "destroy"))))
        (core func $new (canon resource.new $r))
        (core func $drop (canon resource.drop $r))
        (core module $m (import "" "new" (func $new (param i32) (result i32))) (import "" "drop" (func $drop (param i32)))
            (func (export "run") (call $drop (call $new (i32.const 1)))))
        (core instance $i (instantiate $m (with "" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
        (func (export "run") (canon lift (core func $i "run"))))"#;
    for text in [start, &realloc, destructor] {
        let mut store = Store::new(&Engine::new(Config::new().consume_fuel(true)).unwrap(), ());
        store.set_fuel(100_000).unwrap();
        let ended = match instantiate(&mut store, text) {
            Ok(instance) => call(&mut store, &instance).unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(ended.as_trap().map(|trap| trap.code()), Some(CoreTrap::OutOfFuel), "{text}: {ended}");
    }
}

#[test]
fn a_callback_code_that_is_none_ends_the_guest_and_a_callback_of_another_type_is_invalid() {
    let text = |code: u32, callback: &str| {
        format!(
            r#"(component
                (core module $m
                    (func (export "run") (result i32) (i32.const {code}))
                    (func (export "callback") {callback} unreachable))
                (core instance $i (instantiate $m))
                (func (export "run") async (canon lift (core func $i "run") async (callback (core func $i "callback")))))"#
        )
    };
    for code in [3, 4, 15] {
        let error = run(&text(code, "(param i32 i32 i32) (result i32)")).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&RuntimeTrap::UnsupportedCallback));
    }
    for callback in ["(param i32 i32 i32)", "(param i32 i32 i32) (result i32 i32)", "(param i32 i32) (result i32)"] {
        let refused = Component::new(&Engine::default(), wat::parse_str(text(0, callback)).unwrap()).unwrap_err();
        assert_eq!(refused.kind(), whit_core::ErrorKind::Validation, "{callback}: {refused}");
    }
}

#[test]
fn a_borrow_cannot_be_kept_given_away_or_made_to_outlive_its_call() {
    // The inner component lends a resource to the outer core code, which is `code`.
    let text = |code: &str| {
        format!(
            r#"(component
                (import "r" (type $r (sub resource)))
                (import "take" (func $take (param "r" (own $r))))
                (core func $take (canon lower (func $take)))
                (core func $drop (canon resource.drop $r))
                (core module $m
                    (import "" "take" (func $take (param i32)))
                    (import "" "drop" (func $drop (param i32)))
                    (func (export "run") (param $h i32) {code}))
                (core instance $i (instantiate $m (with "" (instance (export "take" (func $take)) (export "drop" (func $drop))))))
                (func (export "run") (param "r" (borrow $r)) (canon lift (core func $i "run"))))"#
        )
    };
    let lend = |code: &str| {
        let engine = Engine::default();
        let component = Component::new(&engine, wat::parse_str(text(code)).unwrap()).unwrap();
        let mut linker = Linker::new(&engine);
        linker.root().resource("r", ResourceType::new(), |_, _| Ok(())).unwrap();
        let take = |_: StoreContextMut<'_, ()>, (_,): (Resource<()>,)| Ok(());
        linker.root().func_wrap("take", take).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate(&mut store, &component).unwrap();
        let run = instance.get_func(&mut store, &["run"]).unwrap();
        let run = run.typed::<(Resource<()>,), ()>(&mut store).unwrap();
        run.call(&mut store, (Resource::from_rep(5),))
    };
    assert!(lend("(call $drop (local.get $h))").is_ok());
    for (code, words) in [
        ("", "borrow handles still remain at the end of the call"),
        ("(call $take (local.get $h))", "expected an owned handle but found a borrowed one"),
        ("(call $drop (local.get $h)) (call $drop (local.get $h))", "unknown handle index 1"),
    ] {
        let ended = lend(code).unwrap_err().to_string();
        assert!(ended.contains(words), "{code}: {ended}");
    }
}
