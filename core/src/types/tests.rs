use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::convert::Converter;
use super::*;

/// The types of a module in the text format, read as loading does.
fn load(registry: &Arc<TypeRegistry>, text: &str) -> (RegisteredTypes, Vec<EntityType>) {
    let bytes = wat::parse_str(text).expect("the text of a test parses");
    let mut types = RegisteredTypes::new(Arc::clone(registry));
    let mut imports = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(&bytes) {
        match payload.expect("wat writes well-formed modules") {
            wasmparser::Payload::TypeSection(section) => {
                for group in section {
                    types.register_parsed(&group.expect("wat writes well-formed types")).expect("types register");
                }
            }
            wasmparser::Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let ty = import.expect("wat writes well-formed imports").ty;
                    imports.push(Converter::new(types.ids()).entity_type(ty).expect("import types convert"));
                }
            }
            _ => {}
        }
    }
    (types, imports)
}

fn ids(registry: &Arc<TypeRegistry>, text: &str) -> (RegisteredTypes, Vec<TypeId>) {
    let (types, _) = load(registry, text);
    let ids = types.ids().to_vec();
    (types, ids)
}

#[test]
fn equal_groups_of_different_modules_get_the_same_ids() {
    let registry = Arc::new(TypeRegistry::new());
    let text = "(module (rec (type $a (sub (struct (field (ref null $b))))) (type $b (func (param (ref $a))))))";
    let (_first, a) = ids(&registry, text);
    let (_second, b) = ids(&registry, text);
    assert_eq!(a, b);
    assert_eq!(registry.len(), 2);
}

#[test]
fn equality_is_iso_recursive() {
    let registry = Arc::new(TypeRegistry::new());
    // The second type refers to the first where the first refers to itself: unrolled once, equal as infinite trees, but
    // different types.
    let (_hold, t) = ids(
        &registry,
        "(module (type $a (struct (field (ref null $a)))) (type $b (struct (field (ref null $a))))
                 (type $c (struct (field (ref null $c)))))",
    );
    assert_ne!(t[0], t[1]);
    assert_eq!(t[0], t[2]);
    // The same definitions in another order or grouping are other types.
    let (_hold, t) = ids(
        &registry,
        "(module (type $f (func)) (rec (type $g (func)) (type (struct))) (rec (type (struct)) (type $h (func)))
                 (rec (type $i (func)) (type (struct))))",
    );
    let [f, g, _, _, h, i, _] = t[..] else { panic!("seven types") };
    assert!(f != g && g != h && f != h);
    assert_eq!(g, i);
}

#[test]
fn finality_mutability_nullability_exactness_and_descriptors_tell_types_apart() {
    let registry = Arc::new(TypeRegistry::new());
    let (_hold, t) = ids(
        &registry,
        "(module (type (struct (field i32))) (type (sub (struct (field i32)))) (type (struct (field (mut i32))))
                 (type (struct (field i8))) (type (array i8)) (type (struct (field anyref))) (type (struct (field (ref any))))
                 (type $s (sub 1 (struct (field i32)))) (type (struct (field (ref $s)))) (type (struct (field (ref (exact $s)))))
                 (rec (type $o (descriptor $d) (struct (field i32))) (type $d (describes $o) (struct))))",
    );
    for (index, id) in t.iter().enumerate() {
        assert!(!t[..index].contains(id), "type {index} equals an earlier one");
    }
}

#[test]
fn declared_supertypes_are_found_at_any_depth() {
    let registry = Arc::new(TypeRegistry::new());
    let (hold, t) = ids(
        &registry,
        "(module (type $a (sub (struct))) (type $b (sub $a (struct))) (type $c (sub $b (struct (field i32))))
                 (type $x (sub $a (struct (field i64)))) (type $z (sub (struct))))",
    );
    let [a, b, c, x, z] = t[..] else { panic!("five types") };
    let mut table = TypeTable::default();
    table.add(&Arc::new(hold)).expect("a small table");
    let yes = [(a, a), (b, a), (c, b), (c, a), (x, a), (z, z), (a, z)];
    let no = [(a, b), (a, c), (x, b), (x, c), (c, x), (b, c)];
    assert!(yes.iter().all(|(sub, sup)| table.is_subtype(*sub, *sup)));
    assert!(no.iter().all(|(sub, sup)| !table.is_subtype(*sub, *sup)));
    assert!(yes.iter().all(|(sub, sup)| registry.with(|view| view.is_subtype(*sub, *sup))));
    assert!(!table.is_subtype(TypeId::new(77_777), a));
    assert!(!table.is_subtype(a, TypeId::new(77_777)));
}

#[test]
fn heap_types_match_along_the_hierarchies() {
    let registry = Arc::new(TypeRegistry::new());
    let (_hold, t) = ids(
        &registry,
        "(module (type $f (func)) (type $s (sub (struct))) (type $t (sub $s (struct))) (type $a (array i8)))",
    );
    let [f, s, t, a] = t[..] else { panic!("four types") };
    use HeapType::*;
    let matches = |sub: HeapType, sup: HeapType| registry.with(|view| sub.matches(sup, view));
    let chains: &[&[HeapType]] = &[
        &[None, Exact(t), Concrete(t), Concrete(s), Struct, Eq, Any],
        &[None, Exact(s), Concrete(s), Struct],
        &[None, Exact(a), Concrete(a), Array, Eq, Any],
        &[None, I31, Eq, Any],
        &[NoFunc, Exact(f), Concrete(f), Func],
        &[NoExtern, Extern],
        &[NoExn, Exn],
    ];
    for chain in chains {
        for (low, sub) in chain.iter().enumerate() {
            for (high, sup) in chain.iter().enumerate() {
                assert_eq!(matches(*sub, *sup), low <= high, "{sub} <: {sup}");
            }
        }
    }
    let apart = [(Exact(t), Exact(s)), (Concrete(t), Exact(s)), (Struct, Array), (I31, Struct), (Concrete(f), Struct)];
    let unrelated = [(Extern, Any), (None, NoFunc), (None, Concrete(f)), (NoFunc, Concrete(s)), (NoExn, Exact(s))];
    for (one, other) in apart.into_iter().chain(unrelated) {
        assert!(!matches(one, other) && !matches(other, one) || (one, other) == (Exact(t), Exact(s)), "{one} {other}");
    }
    assert!(!matches(Exact(t), Exact(s)));
    assert!(!matches(None, Concrete(TypeId::new(9_999))));
    let null = |nullable| RefType::new(nullable, HeapType::Any);
    registry.with(|view| {
        assert!(null(false).matches(null(true), view));
        assert!(!null(true).matches(null(false), view));
        assert!(!ValType::I32.matches(ValType::I64, view));
        let wide = FuncType::new([ValType::EQREF], [ValType::STRUCTREF]);
        let narrow = FuncType::new([ValType::STRUCTREF], [ValType::ANYREF]);
        assert!(wide.matches(&narrow, view) && !narrow.matches(&wide, view));
    });
}

#[test]
fn imports_match_as_the_specification_says() {
    let registry = Arc::new(TypeRegistry::new());
    let (_hold, t) = ids(&registry, "(module (type $f (sub (func))) (type $g (sub $f (func))) (type $h (func)))");
    let [f, g, h] = t[..] else { panic!("three types") };
    let matches = |given: EntityType, wanted: EntityType| registry.with(|view| given.matches(wanted, view));
    let func = |ty, exact| EntityType::Func { ty, exact };
    assert!(matches(func(g, false), func(f, false)) && !matches(func(f, false), func(g, false)));
    assert!(!matches(func(g, false), func(f, true)) && matches(func(f, false), func(f, true)));
    assert!(!matches(func(h, false), func(f, false)));
    assert!(matches(EntityType::Tag(f), EntityType::Tag(f)) && !matches(EntityType::Tag(g), EntityType::Tag(f)));
    assert!(!matches(EntityType::Tag(f), func(f, false)));

    let memory = |ty| EntityType::Memory(ty);
    let one = MemoryType::new(1, Some(2));
    assert!(matches(memory(one), memory(MemoryType::new(0, None))));
    assert!(matches(memory(one), memory(MemoryType::new(1, Some(2)))));
    assert!(!matches(memory(one), memory(MemoryType::new(2, Some(2)))));
    assert!(!matches(memory(one), memory(MemoryType::new(1, Some(1)))));
    assert!(!matches(memory(MemoryType::new(1, None)), memory(one)));
    assert!(!matches(memory(one), memory(MemoryType::new64(1, Some(2)))));
    assert!(!matches(memory(one), memory(one.with_shared(true))));
    assert!(!matches(memory(one), memory(one.with_page_size_log2(0))));

    let table = |element| EntityType::Table(TableType::new(element, 1, None));
    let of = |id| RefType::new(true, HeapType::Concrete(id));
    assert!(matches(table(of(f)), table(of(f))) && !matches(table(of(g)), table(of(f))));
    assert!(!matches(table(of(f)), EntityType::Table(TableType::new64(of(f), 1, None))));

    let global = |ty, mutability| EntityType::Global(GlobalType::new(ty, mutability));
    let (sub, sup) = (ValType::Ref(of(g)), ValType::FUNCREF);
    assert!(matches(global(sub, Mutability::Const), global(sup, Mutability::Const)));
    assert!(!matches(global(sub, Mutability::Var), global(sup, Mutability::Var)));
    assert!(!matches(global(sup, Mutability::Var), global(sup, Mutability::Const)));
    assert!(matches(global(sup, Mutability::Var), global(sup, Mutability::Var)));
}

#[test]
fn types_print_as_in_the_text_format() {
    let registry = Arc::new(TypeRegistry::new());
    let (types, imports) = load(
        &registry,
        r#"(module (type (func (param i32 externref) (result (ref any))))
             (type (sub (struct (field i8) (field (mut (ref null 0))))))
             (type (sub final 1 (struct (field i8) (field (mut (ref null 0))) (field v128))))
             (type (array (mut i16)))
             (import "" "m" (memory i64 1 2)) (import "" "s" (memory 1 2 shared)) (import "" "t" (table 3 funcref))
             (import "" "g" (global (mut i64))) (import "" "e" (tag (param f32))) (import "" "f" (func (type 0))))"#,
    );
    let printed: Vec<_> = types.types().iter().map(|ty| ty.sub_type().to_string()).collect();
    assert_eq!(
        printed[..4],
        [
            "(func (param i32 externref) (result (ref any)))",
            "(sub (struct (field i8) (field (mut (ref null 0)))))",
            "(sub final 1 (struct (field i8) (field (mut (ref null 0))) (field v128)))",
            "(array (mut i16))",
        ]
    );
    let externs: Vec<_> = imports
        .iter()
        .map(|ty| registry.with(|view| ty.to_extern(view)).expect("imports name known types").to_string())
        .collect();
    assert_eq!(
        externs,
        [
            "(memory i64 1 2)",
            "(memory 1 2 shared)",
            "(table 3 funcref)",
            "(global (mut i64))",
            "(tag (param f32))",
            "(func (param i32 externref) (result (ref any)))",
        ]
    );
}

#[test]
fn fields_keep_their_place_in_subtypes_and_fill_words() {
    let registry = Arc::new(TypeRegistry::new());
    let (types, _) = load(
        &registry,
        "(module (type $f (func))
           (type $a (sub (struct (field i8) (field i64) (field (ref null $f)) (field i16) (field anyref))))
           (type (sub $a (struct (field i8) (field i64) (field (ref null $f)) (field i16) (field anyref)
                                 (field v128) (field i8) (field (ref null $a)) (field externref) (field exnref)))))",
    );
    let layout = |index: usize| types.types()[index].layout();
    assert_eq!(*layout(1).offsets, [0, 8, 4, 2, 16]);
    assert_eq!(*layout(1).traced, [16]);
    assert_eq!(layout(1).words, 3);
    assert_eq!(*layout(2).offsets, [0, 8, 4, 2, 16, 24, 1, 20, 40, 44]);
    assert_eq!(*layout(2).traced, [16, 20, 40, 44]);
    assert_eq!(layout(2).words, 6);
}

#[test]
fn what_nobody_holds_takes_no_memory() {
    let registry = Arc::new(TypeRegistry::new());
    let func = |id: Option<TypeId>| {
        let params = id.map(|id| ValType::Ref(RefType::new(true, HeapType::Concrete(id))));
        SubType::new(CompositeType::Func(FuncType::new(params, [])))
    };
    let kept = RegisteredTypes::of_func(registry.clone(), FuncType::new([ValType::F64], [])).expect("one type");
    let mut highest = 0;
    for round in 0..100_000u32 {
        let mut module = RegisteredTypes::new(registry.clone());
        let first = module.register_group(vec![func(None)]).expect("one type")[0];
        let second = module.register_group(vec![func(Some(first))]).expect("one type")[0];
        if round % 2 == 0 {
            module.register_group(vec![func(Some(second)), func(Some(TypeId::relative(0)))]).expect("two types");
        }
        highest = module.ids().iter().map(|id| id.index()).fold(highest, u32::max);
    }
    assert_eq!(registry.len(), 1);
    assert!(highest < 8, "ids are used again: {highest}");
    drop(kept);
    assert_eq!(registry.len(), 0);
}

#[test]
fn a_group_keeps_the_groups_it_refers_to() {
    let registry = Arc::new(TypeRegistry::new());
    let text = "(module (type $a (sub (struct))) (type $b (sub $a (struct (field i32)))))";
    let (first, t) = ids(&registry, text);
    let (second, _) = ids(&registry, text);
    drop(first);
    assert_eq!(registry.len(), 2);
    assert!(registry.with(|view| view.is_subtype(t[1], t[0])));
    let mut table = TypeTable::default();
    table.add(&Arc::new(second)).expect("a small table");
    assert_eq!(registry.len(), 2, "the store's table holds the types");
    drop(table);
    assert_eq!(registry.len(), 0);
    assert!(registry.get(t[0]).is_none());
}

#[test]
fn a_long_chain_of_types_is_dropped_without_recursion() {
    let registry = Arc::new(TypeRegistry::new());
    let mut chain = RegisteredTypes::new(registry.clone());
    let mut last = HeapType::Any;
    for _ in 0..100_000 {
        let field = FieldType::new(Mutability::Const, StorageType::Val(RefType::new(true, last).into()));
        let group = vec![SubType::new(CompositeType::Struct(StructType::new([field])))];
        last = HeapType::Concrete(chain.register_group(group).expect("one type")[0]);
    }
    // Only the last link is held from here on.
    let mut end = RegisteredTypes::new(registry.clone());
    let field = FieldType::new(Mutability::Const, StorageType::Val(RefType::new(true, last).into()));
    end.register_group(vec![SubType::new(CompositeType::Struct(StructType::new([field])))]).expect("one type");
    drop(chain);
    assert_eq!(registry.len(), 100_001);
    drop(end);
    assert_eq!(registry.len(), 0);
}

#[test]
fn unknown_types_are_refused() {
    let registry = Arc::new(TypeRegistry::new());
    let reference = |id| ValType::Ref(RefType::new(true, HeapType::Concrete(id)));
    let unknown = [TypeId::new(3), TypeId::relative(1)];
    for id in unknown {
        let refused = RegisteredTypes::of_func(registry.clone(), FuncType::new([reference(id)], []));
        assert_eq!(refused.err(), Some(TypeError::UnknownType));
    }
    // A supertype that stands after its subtype.
    let mut late = SubType::new(CompositeType::Struct(StructType::new([])));
    late.supertype = Some(TypeId::relative(0));
    let mut types = RegisteredTypes::new(registry.clone());
    assert_eq!(types.register_group(vec![late]).err(), Some(TypeError::UnknownType));
    assert_eq!(registry.len(), 0);
}

#[test]
fn engines_share_the_registry_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<TypeRegistry>();
    shared::<RegisteredTypes>();
    shared::<TypeTable>();
}

/// A recursion group in the text format that begins at type index `start`, made from a few numbers. References are to any
/// type up to the end of the group; `exact` groups count their own types from `start`, so that repeating the numbers
/// repeats the group.
fn group_text(start: u32, types: &[(u8, u8, u8)], shapes: &mut Vec<(String, bool)>) -> String {
    let mut text = String::from("(rec ");
    for (kind, target, sup) in types {
        // Odd targets are positions in the group, even ones are earlier types.
        let target = match target % 2 {
            1 => start + u32::from(target / 2) % types.len() as u32,
            _ => u32::from(target / 2) % (start + 1),
        };
        let composite = match kind % 7 {
            0 => String::from("(struct)"),
            1 => format!("(struct (field (ref null {target})))"),
            2 => format!("(array (mut (ref {target})))"),
            3 => format!("(func (param i32) (result (ref null {target})))"),
            4 => String::from("(func (param i32))"),
            5 => format!("(struct (field anyref) (field (mut (ref null {target}))))"),
            _ => format!("(struct (field (ref null (exact {target}))))"),
        };
        // A subtype repeats its supertype's contents, which is always valid.
        let open = shapes.get(usize::from(*sup)).filter(|(_, open)| *open).map(|(shape, _)| shape.clone());
        let (text_of_type, composite) = match open {
            Some(shape) => (format!("(type (sub {sup} {shape}))"), shape),
            None if kind % 2 == 0 => (format!("(type (sub {composite}))"), composite),
            None => (format!("(type {composite})"), composite),
        };
        shapes.push((composite, text_of_type.contains("sub")));
        text += &text_of_type;
    }
    text + ")"
}

proptest! {
    /// Canonical ids and subtyping against wasmparser's validator, which has its own.
    #[test]
    fn canonical_ids_agree_with_the_validator(
        groups in prop::collection::vec(prop::collection::vec((0..7u8, 0..8u8, 0..12u8), 1..3), 1..5),
        order in prop::collection::vec(0..5usize, 1..12),
    ) {
        let (mut text, mut shapes) = (String::from("(module "), Vec::new());
        for index in order {
            let group = &groups[index % groups.len()];
            text += &group_text(shapes.len() as u32, group, &mut shapes);
        }
        text += ")";
        let bytes = wat::parse_str(&text).expect("the text parses");
        let mut validator = wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all());
        let Ok(known) = validator.validate_all(&bytes) else { return Err(TestCaseError::reject("invalid")) };
        let known = known.as_ref();
        let registry = Arc::new(TypeRegistry::new());
        let (types, ids) = ids(&registry, &text);
        let theirs: Vec<_> = (0..ids.len()).map(|i| known.core_type_at_in_module(i as u32)).collect();
        for (a, their_a) in ids.iter().zip(&theirs) {
            for (b, their_b) in ids.iter().zip(&theirs) {
                prop_assert_eq!(a == b, their_a == their_b, "{} {}", a, b);
                let supertypes = core::iter::successors(Some(*their_a), |id| {
                    known[*id].supertype_idxs.first().and_then(|index| index.as_core_type_id())
                });
                let theirs = supertypes.into_iter().any(|id| id == *their_b);
                prop_assert_eq!(registry.with(|view| view.is_subtype(*a, *b)), theirs, "{} <: {}", a, b);
            }
        }
        // A second module with the same types adds nothing; when both are gone nothing is left.
        let count = registry.len();
        let (again, same) = load(&registry, &text);
        prop_assert!(same.is_empty() && again.ids() == ids && registry.len() == count);
        drop((types, again));
        prop_assert_eq!(registry.len(), 0);
    }
}
