//! Loading: what is refused and how, what stays lazy, what can be seen of a component.

use std::sync::LazyLock;

use proptest::prelude::*;
use wasmparser::{Validator, WasmFeatures};
use whit_component::{Component, ComponentLimits, ExternType, TypeKind};
use whit_core::{Bytes, CompilationMode, Config, Engine, Error, ErrorKind, ParseError, Section, ValidationError};

fn binary(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("good text")
}

fn load(text: &str) -> Result<Component, Error> {
    Component::new(&Engine::default(), binary(text))
}

/// The error of a component that is refused.
fn refused(text: &str) -> Error {
    load(text).expect_err("refused")
}

fn engine(mode: CompilationMode) -> Engine {
    Engine::new(Config::new().compilation_mode(mode)).expect("good settings")
}

#[test]
fn a_component_crosses_threads() {
    fn crosses<T: Send + Sync + Clone>() {}
    crosses::<Component>();
}

#[test]
fn a_module_is_not_a_component() {
    let error = refused("(module)");
    assert_eq!(error.kind(), ErrorKind::Parse);
    assert!(error.to_string().contains("this is a module, not a component"), "{error}");
}

#[test]
fn a_start_function_is_refused_by_name() {
    // There is no text for it without the feature: section 9 with function 0, no arguments, no results.
    let mut bytes = binary("(component (import \"f\" (func)))");
    bytes.extend([9, 3, 0, 0, 0]);
    let error = Component::new(&Engine::default(), bytes).expect_err("refused");
    let error = error.downcast_ref::<ValidationError>().expect("well-formed");
    assert_eq!(error.section(), Section::Start);
    assert_eq!(error.message(), "start functions of components are not supported");
}

#[test]
fn built_ins_for_threads_of_the_host_are_refused() {
    for builtin in ["thread.available_parallelism", "thread.spawn-ref $t"] {
        let error =
            refused(&format!("(component (core type $t (shared (func (param i32)))) (core func (canon {builtin})))"));
        assert!(matches!(error.kind(), ErrorKind::Parse | ErrorKind::Validation), "{error}");
        assert!(error.to_string().contains("shared"), "{error}");
    }
}

#[test]
fn what_is_malformed_says_where() {
    let mut bytes = binary("(component (core module (func)))");
    let place = bytes.len() - 1;
    bytes.truncate(place);
    let error = Component::new(&Engine::default(), bytes).expect_err("cut off");
    let error = error.downcast_ref::<ParseError>().expect("malformed");
    assert!(error.offset() > 8 && error.offset() <= place as u64, "{error}");
}

const INVALID_BODY: &str = r#"(component (core module (func (export "f") (result i32) (i64.const 0x1234))))"#;

#[test]
fn a_body_is_validated_when_the_engine_says_so() {
    let bytes = binary(INVALID_BODY);
    Component::new(&engine(CompilationMode::Lazy), bytes.clone()).expect("bodies wait");
    for mode in [CompilationMode::ValidateThenLazy, CompilationMode::Eager] {
        let error = Component::new(&engine(mode), bytes.clone()).expect_err("the body is invalid");
        let error = error.downcast_ref::<ValidationError>().expect("invalid");
        // The place is one of the component, not of the module.
        let body = bytes.windows(3).position(|part| part == [0x42, 0xb4, 0x24]).expect("the constant") as u64;
        assert!((body..=body + 4).contains(&error.offset()), "{error}, {body:#x}");
        assert_eq!(error.section(), Section::Code);
    }
    let error = Component::validate(&engine(CompilationMode::Lazy), &bytes).expect_err("all bodies");
    assert_eq!(error.kind(), ErrorKind::Validation);
}

#[test]
fn modules_stay_where_the_component_is() {
    let bytes = Bytes::from(binary(r#"(component (core module $m (func)) (export "m" (core module $m)))"#));
    let component = Component::new(&Engine::default(), &bytes).expect("valid");
    let Some(ExternType::Module(ty)) = component.get_export("m") else { panic!("a module") };
    let inside = ty.module().expect("embedded").bytes().as_ptr_range();
    let whole = bytes.as_ptr_range();
    assert!(whole.start < inside.start && inside.end <= whole.end);
}

/// A component that contains `depth` components, each of which instantiates the one before twice.
fn doubling(depth: usize) -> String {
    let mut text = String::from("(component (component $c0)");
    for level in 1..=depth {
        let below = level - 1;
        text += &format!(
            "(component $c{level} (alias outer 1 $c{below} (component $c)) (instance (instantiate $c)) (instance (instantiate $c)))"
        );
    }
    text + &format!("(instance (instantiate $c{depth})))")
}

#[test]
fn a_component_that_grows_without_end_is_refused() {
    load(&doubling(10)).expect("two thousand instances");
    let error = refused(&doubling(60));
    assert_eq!(error.kind(), ErrorKind::Parse);
    assert!(error.to_string().contains("component instances beyond the limit of 10000"), "{error}");
}

#[test]
fn each_limit_has_its_name() {
    let within = |limits: ComponentLimits, text: &str| {
        Component::new_with_limits(&Engine::default(), binary(text), &limits).map(drop).map_err(|error| {
            assert_eq!(error.kind(), ErrorKind::Parse, "{error}");
            error.to_string()
        })
    };
    let limits = ComponentLimits::new();
    let says = |result: Result<(), String>, what: &str| {
        let error = result.expect_err(what);
        assert!(error.starts_with(what), "{error}");
    };
    let nested = "(component (component $a (component $b) (instance (instantiate $b))) (instance (instantiate $a)))";
    says(within(limits.component_size(10), nested), "component size beyond the limit of 10");
    says(within(limits.nesting(2), nested), "component nesting beyond the limit of 2");
    assert_eq!(within(limits.nesting(3).instances(3), nested), Ok(()));
    says(within(limits.instances(2), nested), "component instances beyond the limit of 2");
    says(within(limits.steps(3), nested), "steps of loading beyond the limit of 3");
    let modules = "(component (core module $m) (core instance (instantiate $m)) (core instance (instantiate $m)))";
    assert_eq!(within(limits.core_instances(2), modules), Ok(()));
    says(within(limits.core_instances(1), modules), "core instances beyond the limit of 1");
    let types = r#"(component (import "f" (func (param "a" (list u8)) (param "b" (list u16)))))"#;
    assert_eq!(within(limits.types(3), types), Ok(()));
    says(within(limits.types(2), types), "types beyond the limit of 2");
}

/// Instances that export the one before twice: few instances, but a tree of 2⁶⁰ names.
#[test]
fn a_tree_of_exports_is_not_followed_without_end() {
    let mut text = String::from("(component (import \"f\" (func $f)) (instance $i0 (export \"f\" (func $f)))");
    for level in 1..=60 {
        let below = level - 1;
        text +=
            &format!("(instance $i{level} (export \"a\" (instance $i{below})) (export \"b\" (instance $i{below})))");
    }
    let error = refused(&(text + "(export \"all\" (instance $i60)))"));
    // The validator counts it first, as the size of a type.
    assert!(matches!(error.kind(), ErrorKind::Parse | ErrorKind::Validation), "{error}");
}

#[test]
fn imports_and_exports_can_be_looked_at() {
    let component = load(
        r#"(component
            (import "a:b/c@1.0.0" (instance
                (export "r" (type $r (sub resource)))
                (export "f" (func async (param "self" (borrow $r)) (param "n" (list u8)) (result (option u32))))))
            (import "plain" (implements "a:b/d") (instance))
            (core module $m (func (export "g") (param i32) (result i32) (local.get 0)))
            (core instance $i (instantiate $m))
            (func $g (param "x" s8) (result bool) (canon lift (core func $i "g")))
            (export "g" (func $g))
            (export "m" (core module $m)))"#,
    )
    .expect("valid");
    let imports: Vec<_> = component.imports().collect();
    assert_eq!((imports[0].name(), imports[0].implements()), ("a:b/c@1.0.0", None));
    assert_eq!((imports[1].name(), imports[1].implements()), ("plain", Some("a:b/d")));
    let ExternType::Instance(instance) = imports[0].ty() else { panic!("an instance") };
    let exports: Vec<_> = instance.exports().collect();
    let [("r", ExternType::Resource(resource)), ("f", ExternType::Func(func))] = exports[..] else {
        panic!("{exports:?}")
    };
    assert_eq!(func.to_string(), "async func(self: borrow<r0>, n: list<u8>) -> option<u32>");
    assert!(func.is_async());
    let params: Vec<_> = func.params().collect();
    assert!(matches!(params[0].1.kind(), TypeKind::Borrow(of) if of == resource));
    assert!(matches!(params[1].1.kind(), TypeKind::List(of) if matches!(of.kind(), TypeKind::U8)));
    assert_eq!(func.result().expect("one").to_string(), "option<u32>");

    let names: Vec<_> = component.exports().map(|export| export.name()).collect();
    assert_eq!(names, ["g", "m"]);
    let Some(ExternType::Func(func)) = component.get_export("g") else { panic!("a function") };
    assert_eq!(func.to_string(), "func(x: s8) -> bool");
    let Some(ExternType::Module(module)) = component.get_export("m") else { panic!("a module") };
    assert_eq!((module.imports().count(), module.exports().next().expect("one").0), (0, "g"));
    assert!(component.get_export("nothing").is_none());
}

/// An instance that is passed on shows at the root what its type says there, whatever else it has.
#[test]
fn an_export_shows_what_its_type_says() {
    let component = load(
        r#"(component
            (component $narrow
                (import "i" (instance $i (export "f" (func))))
                (export "i" (instance $i)))
            (import "wide" (instance $wide (export "f" (func)) (export "g" (func))))
            (instance $n (instantiate $narrow (with "i" (instance $wide))))
            (export "n" (instance $n "i")))"#,
    )
    .expect("valid");
    let Some(ExternType::Instance(instance)) = component.get_export("n") else { panic!("an instance") };
    let names: Vec<_> = instance.exports().map(|(name, _)| name).collect();
    assert_eq!(names, ["f"]);
}

/// Good components, as binaries.
static GOLDENS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    let entries = std::fs::read_dir(folder).expect("the goldens are there");
    let paths = entries.map(|entry| entry.expect("readable").path());
    let texts = paths.filter(|path| path.extension().is_some_and(|extension| extension == "wat"));
    texts.map(|path| wat::parse_file(path).expect("valid text")).collect()
});

/// The verdict of the validator alone, with the proposals that Whit has.
fn expected(engine: &Engine, bytes: &[u8]) -> bool {
    let features = WasmFeatures::COMPONENT_MODEL
        .union(WasmFeatures::CM_ASYNC)
        .union(WasmFeatures::CM_ASYNC_STACKFUL)
        .union(WasmFeatures::CM_MORE_ASYNC_BUILTINS)
        .union(WasmFeatures::CM_THREADING)
        .union(WasmFeatures::CM_IMPLEMENTS)
        .union(WasmFeatures::CM_FIXED_LENGTH_LISTS)
        .union(WasmFeatures::CM_MAP)
        .union(WasmFeatures::CM_FORWARD);
    Validator::new_with_features(engine.config().features().union(features)).validate_all(bytes).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is done to good components, they load if they are valid and are refused otherwise, and neither takes a panic.
    #[test]
    fn a_damaged_component_loads_if_it_is_valid(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let mut bytes = which.get(&GOLDENS).clone();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let engine = engine(CompilationMode::ValidateThenLazy);
        let valid = expected(&engine, &bytes) && !bytes.starts_with(b"\0asm\x01");
        prop_assert_eq!(Component::validate(&engine, &bytes).is_ok(), valid);
        match Component::new(&engine, bytes) {
            Ok(component) => {
                prop_assert!(valid);
                prop_assert!(component.imports().count() <= component.disassemble().lines().count());
            }
            Err(error) => {
                prop_assert!(!valid, "{}", error);
                prop_assert!(matches!(error.kind(), ErrorKind::Parse | ErrorKind::Validation), "{}", error);
                prop_assert!(!error.to_string().contains("unexpected: "), "{}", error);
            }
        }
    }
}
