use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::Cell;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::*;

use super::*;
use crate::types::{
    ArrayType, CompositeType, FieldType, FuncType, Mutability, RegisteredTypes, StructType, SubType, TypeRegistry,
    TypeTable,
};

std::thread_local! {
    /// How many more reservations succeed in this thread.
    static RESERVATIONS: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Called before every reservation of the heap.
pub(super) fn fail_if_told() -> Result<(), HeapError> {
    RESERVATIONS.with(|left| match left.get() {
        None => Ok(()),
        Some(0) => Err(HeapError::OutOfMemory),
        Some(n) => {
            left.set(Some(n - 1));
            Ok(())
        }
    })
}

struct Fixture {
    heap: Heap,
    table: TypeTable,
    types: Arc<RegisteredTypes>,
}

fn field(element: StorageType) -> FieldType {
    FieldType::new(Mutability::Var, element)
}

fn reference(heap_type: HeapType) -> StorageType {
    StorageType::Val(RefType::new(true, heap_type).into())
}

/// Indices into `Fixture::types`.
const NODE: usize = 0;
const REFS: usize = 1;
const BYTES: usize = 2;
const TAG: usize = 3;
const NUMBERS: usize = 4;
const SHORTS: usize = 5;
const LONGS: usize = 6;
const VECTORS: usize = 7;
const SPECIAL_NODE: usize = 8;
const DESCRIBED: usize = 9;
const DESCRIPTOR: usize = 10;
const INTS: usize = 11;

fn fixture(limit: usize) -> Fixture {
    let mut types = RegisteredTypes::new(Arc::new(TypeRegistry::new()));
    let mut define = |group: Vec<CompositeType>, change: &dyn Fn(&mut [SubType])| {
        let mut group: Vec<_> = group.into_iter().map(SubType::new).collect();
        change(&mut group);
        types.register_group(group).expect("a test's types register")[0]
    };
    let array = |element| vec![CompositeType::Array(ArrayType::new(field(element)))];
    let node = || [field(reference(HeapType::Any)), field(StorageType::I8), field(reference(HeapType::Extern))];
    let node_type = define(vec![CompositeType::Struct(StructType::new(node()))], &|group| group[0].is_final = false);
    define(array(reference(HeapType::Any)), &|_| {});
    define(array(StorageType::I8), &|_| {});
    let params = [ValType::V128, ValType::ANYREF, ValType::FUNCREF, ValType::I32, ValType::EXNREF];
    define(vec![CompositeType::Func(FuncType::new(params, []))], &|_| {});
    let numbers = [StorageType::I16, StorageType::Val(ValType::F64), StorageType::Val(ValType::V128)].map(field);
    define(vec![CompositeType::Struct(StructType::new(numbers))], &|_| {});
    define(array(StorageType::I16), &|_| {});
    define(array(StorageType::Val(ValType::I64)), &|_| {});
    define(array(StorageType::Val(ValType::V128)), &|_| {});
    let special = node().into_iter().chain([field(StorageType::I16)]);
    define(vec![CompositeType::Struct(StructType::new(special))], &|group| group[0].supertype = Some(node_type));
    let empty = || CompositeType::Struct(StructType::new([]));
    define(vec![empty(), empty()], &|group| {
        group[0].descriptor = Some(TypeId::relative(1));
        group[1].describes = Some(TypeId::relative(0));
    });
    define(array(StorageType::Val(ValType::I32)), &|_| {});
    let types = Arc::new(types);
    let mut table = TypeTable::default();
    table.add(&types).expect("a small table");
    Fixture { heap: Heap::new(limit), table, types }
}

impl Fixture {
    fn ty(&self, index: usize) -> Arc<DefinedType> {
        self.types.types()[index].clone()
    }

    fn collect(&mut self, roots: &[Handle]) {
        self.heap.collect(&self.table, |visit| roots.iter().for_each(|root| visit(*root)));
        self.check();
    }

    /// Allocates, collecting with `roots` when asked to.
    fn alloc(
        &mut self,
        roots: &[Handle],
        mut make: impl FnMut(&mut Heap) -> Result<Handle, HeapError>,
    ) -> Result<Handle, HeapError> {
        match make(&mut self.heap) {
            Err(HeapError::CollectFirst) => {
                self.collect(roots);
                let again = make(&mut self.heap);
                assert_ne!(again, Err(HeapError::CollectFirst), "asked to collect right after a collection");
                again
            }
            done => done,
        }
    }

    fn node(&mut self) -> Handle {
        let ty = self.ty(NODE);
        self.heap.alloc_struct(&ty, Handle::NULL).expect("room for a node")
    }

    fn array(&mut self, index: usize, length: u32) -> Handle {
        let ty = self.ty(index);
        self.heap.alloc_array(&ty, length).expect("room for an array")
    }

    fn link(&mut self, from: Handle, to: Handle) {
        self.heap.set_field(from, 0, to.bits()).expect("a node has the field");
    }

    /// Objects do not overlap, and the counts agree.
    fn check(&self) {
        let (mut end, mut words) = (1, 0);
        for index in 0..self.heap.space.words.len() {
            if self.heap.starts[index / 64] & 1 << (index % 64) != 0 {
                assert!(index >= end, "objects overlap");
                let size = Header(self.heap.space.words[index]).object_words();
                end = index + size;
                words += size as u64;
            }
        }
        assert!(end <= self.heap.space.words.len().max(1));
        assert_eq!(words, self.heap.object_words);
        assert!(self.heap.reserved_bytes() <= self.heap.limit);
    }
}

#[test]
fn small_integers_are_not_objects() {
    for (value, signed) in [(0, 0), (5, 5), (0x3fff_ffff, 0x3fff_ffff), (0x4000_0000, -0x4000_0000), (u32::MAX, -1)] {
        let handle = Handle::i31(value);
        assert_eq!(handle.i31_signed(), Some(signed));
        assert_eq!(handle.i31_unsigned(), Some(value & 0x7fff_ffff));
        assert!(!handle.is_null());
        assert_eq!(Heap::new(0).referent(handle), Ok(Referent::I31));
    }
    assert_eq!(Handle::NULL.i31_signed(), None);
}

#[test]
fn fields_start_zero_and_keep_what_is_set() {
    let mut f = fixture(1 << 20);
    let ty = f.ty(NUMBERS);
    let object = f.heap.alloc_struct(&ty, Handle::NULL).expect("room");
    let offsets = ty.layout().offsets.clone();
    let storage = |index: usize| ty.sub_type().as_struct().expect("a struct").fields()[index].element_type();
    let values = [0x8001u128, f64::to_bits(-1.5).into(), u128::MAX / 3];
    for (index, value) in values.into_iter().enumerate() {
        assert_eq!(f.heap.field_value(object, offsets[index], storage(index)), Ok(0));
        f.heap.set_field_value(object, offsets[index], storage(index), value).expect("the field exists");
    }
    for (index, value) in values.into_iter().enumerate() {
        assert_eq!(f.heap.field_value(object, offsets[index], storage(index)), Ok(value));
    }
    let payload = ty.layout().words * 8;
    assert_eq!(f.heap.field::<u8>(object, payload), Err(AccessError::Invalid));
    assert_eq!(f.heap.set_field(object, payload - 8, 0u128), Err(AccessError::Invalid));
    assert_eq!(f.heap.field::<u8>(Handle::NULL, 0), Err(AccessError::Null));
}

#[test]
fn garbage_goes_and_cycles_with_it() {
    let mut f = fixture(1 << 20);
    let (a, b, c) = (f.node(), f.node(), f.node());
    f.link(a, b);
    f.link(b, a);
    f.link(c, c);
    let live = f.heap.live_bytes();
    f.collect(&[a]);
    assert_eq!(f.heap.live_bytes() * 3, live * 2);
    assert!(f.heap.referent(b).is_ok());
    assert_eq!(f.heap.referent(c), Err(AccessError::Invalid));
    f.collect(&[]);
    assert_eq!(f.heap.live_bytes(), 0);
}

#[test]
fn exceptions_keep_their_reference_values() {
    let mut f = fixture(1 << 20);
    let (a, b) = (f.node(), f.node());
    let ty = f.ty(TAG);
    // The function reference has the bits of a handle, and must not keep its object.
    let unrelated = f.node();
    let slots = [1, 2, a.bits().into(), unrelated.bits().into(), 77, b.bits().into()];
    let exception = f.heap.alloc_exception(9, &ty, slots).expect("room");
    f.collect(&[exception]);
    assert_eq!(f.heap.exception(exception), Ok(Exception { tag: 9, type_id: ty.id(), slots: &slots }));
    assert!(f.heap.referent(a).is_ok() && f.heap.referent(b).is_ok());
    assert!(f.heap.referent(unrelated).is_err());
}

#[test]
fn descriptors_are_kept_and_found() {
    let mut f = fixture(1 << 20);
    let (described, descriptor) = (f.ty(DESCRIBED), f.ty(DESCRIPTOR));
    let d = f.heap.alloc_struct(&descriptor, Handle::NULL).expect("room");
    let o = f.heap.alloc_struct(&described, d).expect("room");
    f.collect(&[o]);
    assert_eq!(f.heap.descriptor(o), Ok(d));
    assert_eq!(f.heap.referent(d), Ok(Referent::Struct(descriptor.id())));
    assert_eq!(f.heap.descriptor(d), Err(AccessError::Invalid));
    assert_eq!(f.heap.descriptor(Handle::NULL), Err(AccessError::Null));
}

#[test]
fn casts_follow_the_hierarchies() {
    let mut f = fixture(1 << 20);
    let special_type = f.ty(SPECIAL_NODE);
    let (node, array) = (f.node(), f.array(BYTES, 3));
    let special = f.heap.alloc_struct(&special_type, Handle::NULL).expect("room");
    let tag = f.ty(TAG);
    let exception = f.heap.alloc_exception(0, &tag, []).expect("room");
    let host = f.heap.alloc_extern(Box::new(1)).map_err(|(error, _)| error).expect("room");
    let (node_id, special_id) = (f.ty(NODE).id(), special_type.id());
    use HeapType::*;
    let all = [Any, Eq, I31, Struct, Array, Extern, Exn, None, NoExtern, NoExn, Func, NoFunc];
    let rows: [(Handle, &[HeapType]); 6] = [
        (node, &[Any, Eq, Struct, Extern, Concrete(node_id), Exact(node_id)]),
        (special, &[Any, Eq, Struct, Extern, Concrete(node_id), Concrete(special_id), Exact(special_id)]),
        (array, &[Any, Eq, Array, Extern]),
        (Handle::i31(7), &[Any, Eq, I31, Extern]),
        (exception, &[Exn]),
        (host, &[Any, Extern]),
    ];
    let concrete = [Concrete(node_id), Exact(node_id), Concrete(special_id), Exact(special_id)];
    for (handle, expected) in rows {
        for ty in all.into_iter().chain(concrete) {
            let found = f.heap.matches(handle, RefType::new(true, ty), &f.table);
            assert_eq!(found, Ok(expected.contains(&ty)), "{handle:?} {ty}");
        }
    }
    assert_eq!(f.heap.matches(Handle::NULL, RefType::NULLREF, &f.table), Ok(true));
    assert_eq!(f.heap.matches(Handle::NULL, RefType::new(false, Any), &f.table), Ok(false));
    assert_eq!(f.heap.referent(special).expect("an object").heap_type(), Some(Exact(special_id)));
}

#[test]
fn forged_handles_are_errors() {
    let mut f = fixture(1 << 16);
    let array = f.array(LONGS, 16);
    // Element values that look like headers.
    for index in 0..16 {
        f.heap.array_set(array, index, u64::MAX - u64::from(index)).expect("in bounds");
    }
    let node = f.node();
    let valid = [array, node];
    let numbers = (0..4096).chain((0..32).map(|shift| 1 << shift)).chain([u32::MAX, u32::MAX - 1]);
    for handle in numbers.map(Handle::from_bits).filter(|handle| !valid.contains(handle)) {
        let object = handle.bits() & 1 == 0 && !handle.is_null();
        assert_eq!(f.heap.referent(handle).is_err(), object);
        assert!(f.heap.field::<u32>(handle, 0).is_err());
        assert!(f.heap.set_field(handle, 0, 1u32).is_err());
        assert!(f.heap.descriptor(handle).is_err());
        assert!(f.heap.array_len(handle).is_err());
        assert!(f.heap.array_value(handle, 0).is_err());
        assert!(f.heap.array_copy(array, 0, handle, 0, 1).is_err());
        assert!(f.heap.exception(handle).is_err());
        assert!(f.heap.extern_value(handle).is_err());
        assert!(f.heap.extern_value_mut(handle).is_err());
    }
    // The wrong kind or width is an error as well.
    assert_eq!(f.heap.field::<u32>(array, 0), Err(AccessError::Invalid));
    assert_eq!(f.heap.array_len(node), Err(AccessError::Invalid));
    assert_eq!(f.heap.array_get::<u8>(array, 0), Err(AccessError::Invalid));
    assert_eq!(f.heap.array_set(array, 0, 1u128), Err(AccessError::Invalid));
    // Forged references in a field and among the roots do no harm to a collection.
    for bits in (0..600).chain([u32::MAX, 1 << 31]) {
        f.link(node, Handle::from_bits(bits));
        f.collect(&[Handle::from_bits(bits), node, array]);
        assert!(f.heap.referent(node).is_ok() && f.heap.referent(array).is_ok());
    }
}

#[test]
fn host_values_are_dropped_once_their_object_is_gone() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let mut f = fixture(1 << 20);
    let make = |f: &mut Fixture| {
        let value = Box::new(Counted(dropped.clone()));
        f.heap.alloc_extern(value).map_err(|(error, _)| error).expect("room")
    };
    let (kept, _gone) = (make(&mut f), make(&mut f));
    f.collect(&[kept]);
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
    assert!(f.heap.extern_value(kept).expect("alive").is::<Counted>());
    // The entry is used again.
    let next = make(&mut f);
    assert!(f.heap.extern_value_mut(next).expect("alive").is::<Counted>());
    drop(f);
    assert_eq!(dropped.load(Ordering::Relaxed), 3);
}

#[test]
fn a_panicking_destructor_leaves_the_heap_in_order() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("a host's destructor panics");
        }
    }
    let mut f = fixture(1 << 20);
    let node = f.node();
    for _ in 0..2 {
        f.heap.alloc_extern(Box::new(Panics)).map_err(|(error, _)| error).expect("room");
    }
    let after = f.heap.alloc_extern(Box::new(5u8)).map_err(|(error, _)| error).expect("room");
    for _ in 0..2 {
        assert!(catch_unwind(AssertUnwindSafe(|| f.collect(&[node, after]))).is_err());
        // The place of the dead object is taken by a new one.
        f.heap.alloc_extern(Box::new(6u8)).map_err(|(error, _)| error).expect("room");
    }
    f.collect(&[node, after]);
    assert!(f.heap.extern_value(after).expect("alive").is::<u8>());
    assert_eq!(f.heap.externs.iter().filter(|entry| matches!(entry, Extern::Live { .. })).count(), 1);
}

#[test]
fn scoped_roots_keep_objects_until_their_scope_ends() {
    let mut f = fixture(1 << 20);
    let (a, b, c) = (f.node(), f.node(), f.node());
    let alive = |f: &Fixture| [a, b, c].map(|object| f.heap.referent(object).is_ok());
    let outer = f.heap.enter_scope();
    f.heap.root_scoped(b).expect("room");
    let inner = f.heap.enter_scope();
    f.heap.root_scoped(c).expect("room");
    f.heap.root_scoped(a).expect("room");
    f.collect(&[]);
    assert_eq!(alive(&f), [true; 3]);
    f.heap.exit_scope(inner);
    f.heap.root_scoped(a).expect("room");
    f.collect(&[]);
    assert_eq!(alive(&f), [true, true, false]);
    f.heap.exit_scope(outer);
    f.collect(&[]);
    assert_eq!(alive(&f), [false; 3]);
}

#[test]
fn the_limit_holds_and_space_comes_back() {
    for limit in [0, 100, 1 << 10, 10_000, 1 << 16, 1 << 20] {
        let mut f = fixture(limit);
        let ty = f.ty(BYTES);
        let mut kept = Vec::new();
        let error = loop {
            match f.alloc(&kept.clone(), |heap| heap.alloc_array(&ty, 40)) {
                Ok(handle) => kept.push(handle),
                Err(error) => break error,
            }
        };
        assert_eq!(error, HeapError::LimitReached);
        assert!(f.heap.reserved_bytes() <= limit);
        if limit >= 10_000 {
            assert!(kept.len() * 48 > limit * 4 / 5, "{limit}: {}", kept.len());
        }
        // Half of it goes; as much fits again, in the same places.
        let half: Vec<_> = kept.iter().copied().step_by(2).collect();
        f.collect(&half);
        let mut again = half.clone();
        while again.len() < kept.len() {
            let handle = f.alloc(&again.clone(), |heap| heap.alloc_array(&ty, 40)).expect("freed room is found");
            again.push(handle);
        }
        // And all of it goes: one object takes nearly everything.
        f.collect(&[]);
        if limit >= 1 << 10 {
            f.alloc(&[], |heap| heap.alloc_array(&ty, (limit * 3 / 4) as u32)).expect("free neighbours are merged");
        }
        assert_eq!(f.alloc(&[], |heap| heap.alloc_array(&ty, u32::MAX)), Err(HeapError::LimitReached));
        let vectors = f.ty(VECTORS);
        assert_eq!(f.alloc(&[], |heap| heap.alloc_array(&vectors, u32::MAX)), Err(HeapError::LimitReached));
    }
}

#[test]
fn host_values_and_roots_are_charged() {
    let mut f = fixture(4096);
    let mut kept = Vec::new();
    loop {
        let roots = kept.clone();
        let mut value = Some(Box::new([0u8; 100]) as HostValue);
        let made = f.alloc(&roots, |heap| {
            heap.alloc_extern(value.take().expect("it came back")).map_err(|(error, back)| {
                value = Some(back);
                error
            })
        });
        match made {
            Ok(handle) => kept.push(handle),
            Err(error) => break assert_eq!(error, HeapError::LimitReached),
        }
    }
    assert!((10..40).contains(&kept.len()), "{}", kept.len());
    f.collect(&[]);
    assert_eq!(f.heap.live_bytes(), 0);
    let mut roots = 0;
    let error = loop {
        match f.heap.root_scoped(Handle::i31(1)) {
            Ok(()) => roots += 1,
            Err(error) => break error,
        }
    };
    assert!((10..2000).contains(&roots), "{roots}");
    assert_eq!(error, HeapError::LimitReached);
    f.check();
}

#[test]
fn the_heap_stays_whole_when_any_reservation_fails() {
    for fail_at in 0..60 {
        let mut f = fixture(1 << 20);
        RESERVATIONS.with(|left| left.set(Some(fail_at)));
        let mut kept: Vec<Handle> = Vec::new();
        let mut failures = 0;
        for round in 0..600u32 {
            let (node, bytes) = (f.ty(NODE), f.ty(BYTES));
            let roots = kept.clone();
            let made = match round % 3 {
                0 => f.alloc(&roots, |heap| heap.alloc_struct(&node, Handle::NULL)),
                1 => f.alloc(&roots, |heap| heap.alloc_array(&bytes, round)),
                _ => f.alloc(&roots, |heap| heap.alloc_extern(Box::new(round)).map_err(|(error, _)| error)),
            };
            match made {
                Ok(handle) => kept.push(handle),
                Err(error) => {
                    assert_eq!(error, HeapError::OutOfMemory);
                    failures += 1;
                    if failures == 3 {
                        // Memory is back.
                        RESERVATIONS.with(|left| left.set(None));
                    }
                }
            }
            let _ = f.heap.root_scoped(kept.last().copied().unwrap_or_default());
            if round % 100 == 99 {
                f.collect(&kept.clone());
                assert!(kept.iter().all(|handle| f.heap.referent(*handle).is_ok()));
            }
        }
        RESERVATIONS.with(|left| left.set(None));
        f.check();
    }
}

#[test]
fn long_lists_and_wide_arrays_overflow_the_mark_stack_harmlessly() {
    let mut f = fixture(64 << 20);
    f.heap.threshold = u64::MAX;
    let wide = f.array(REFS, 50_000);
    let mut all = vec![wide];
    for index in 0..50_000 {
        let (outer, inner) = (f.node(), f.node());
        f.link(outer, inner);
        f.heap.array_set(wide, index, outer.bits()).expect("in bounds");
        all.extend([outer, inner]);
    }
    // A list whose every cell also refers to an older cell: the stack grows with its length.
    let mut last = Handle::NULL;
    for round in 0..50_000usize {
        let pair = f.array(REFS, 2);
        f.heap.array_set(pair, 0, last.bits()).expect("in bounds");
        f.heap.array_set(pair, 1, all[round].bits()).expect("in bounds");
        all.push(pair);
        last = pair;
    }
    f.collect(&[last]);
    assert!(all.iter().all(|handle| f.heap.referent(*handle).is_ok()));
    f.heap.gray = Vec::new();
    f.collect(&[wide]);
    assert!(all[..100_001].iter().all(|handle| f.heap.referent(*handle).is_ok()), "without any stack");
    assert!(all[100_001..].iter().all(|handle| f.heap.referent(*handle).is_err()));
}

#[test]
fn the_heap_is_collected_when_it_has_doubled() {
    let mut f = fixture(64 << 20);
    let ty = f.ty(LONGS);
    let mut collections = 0;
    for _ in 0..100_000 {
        if f.heap.alloc_array(&ty, 31) == Err(HeapError::CollectFirst) {
            f.collect(&[]);
            collections += 1;
        }
    }
    assert!((90..110).contains(&collections), "{collections}");
    assert!(f.heap.reserved_bytes() < 1 << 20, "garbage is used again: {}", f.heap.reserved_bytes());
}

#[test]
fn array_ranges_are_checked_before_anything_is_written() {
    let mut f = fixture(1 << 20);
    let (a, b) = (f.array(SHORTS, 5), f.array(SHORTS, 5));
    f.heap.array_write_bytes(a, 0, &[1, 0, 2, 0, 3, 0, 4, 0, 5, 0]).expect("in bounds");
    let before = |f: &Fixture| (0..5).map(|i| f.heap.array_get::<u16>(a, i)).collect::<Vec<_>>();
    let expected = before(&f);
    assert_eq!(f.heap.array_get::<u16>(a, 5), Err(AccessError::OutOfBounds));
    assert_eq!(f.heap.array_set(a, 5, 1u16), Err(AccessError::OutOfBounds));
    assert_eq!(f.heap.array_fill(a, 3, 9, 3), Err(AccessError::OutOfBounds));
    assert_eq!(f.heap.array_fill(a, u32::MAX, 9, u32::MAX), Err(AccessError::OutOfBounds));
    assert_eq!(f.heap.array_copy(a, 0, b, 1, 5), Err(AccessError::OutOfBounds));
    assert_eq!(f.heap.array_copy(a, 1, b, 0, 5), Err(AccessError::OutOfBounds));
    assert_eq!(f.heap.array_write_bytes(a, 3, &[0; 6]), Err(AccessError::OutOfBounds));
    assert_eq!(f.heap.array_write_values(a, 3, [0; 3].into_iter()), Err(AccessError::OutOfBounds));
    assert_eq!(f.heap.array_read_bytes(a, 4, &mut [0; 4]), Err(AccessError::OutOfBounds));
    assert_eq!(f.heap.array_write_bytes(a, 0, &[0; 3]), Err(AccessError::Invalid));
    let ints = f.array(INTS, 9);
    assert_eq!(f.heap.array_copy(a, 0, ints, 0, 1), Err(AccessError::Invalid));
    assert_eq!(before(&f), expected);
    for (index, count) in [(5, 0), (0, 0), (1, 0)] {
        f.heap.array_fill(a, index, 9, count).expect("an empty range at the end is in bounds");
        f.heap.array_copy(a, index, b, 5, count).expect("an empty range at the end is in bounds");
    }
    assert_eq!(before(&f), expected);
}

/// A step of a program over arrays of one element size.
#[derive(Debug, Clone)]
enum Step {
    Set(usize, u32, u128),
    Fill(usize, u32, u128, u32),
    Copy(usize, u32, usize, u32, u32),
    Bytes(usize, u32, Vec<u128>),
}

fn step() -> impl Strategy<Value = Step> {
    let (array, index) = (0..2usize, 0..40u32);
    prop_oneof![
        (array.clone(), index.clone(), any::<u128>()).prop_map(|(a, i, v)| Step::Set(a, i, v)),
        (array.clone(), index.clone(), any::<u128>(), 0..40u32).prop_map(|(a, i, v, n)| Step::Fill(a, i, v, n)),
        (array.clone(), index.clone(), array.clone(), index.clone(), 0..40u32)
            .prop_map(|(a, i, b, j, n)| Step::Copy(a, i, b, j, n)),
        (array, index, prop::collection::vec(any::<u128>(), 0..40)).prop_map(|(a, i, v)| Step::Bytes(a, i, v)),
    ]
}

proptest! {
    #[test]
    fn arrays_behave_as_vectors(
        kind in prop::sample::select(vec![BYTES, SHORTS, INTS, LONGS, VECTORS]),
        lengths in (0..40u32, 0..40u32),
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let mut f = fixture(1 << 20);
        let arrays = [f.array(kind, lengths.0), f.array(kind, lengths.1)];
        // Canaries: nothing is written beside the arrays.
        let canary = f.array(BYTES, 8);
        f.heap.array_write_bytes(canary, 0, &[0xa5; 8]).expect("in bounds");
        let size = 1usize << f.heap.array_element_log2(arrays[0]).expect("an array");
        let mask = if size == 16 { u128::MAX } else { (1 << (size * 8)) - 1 };
        let mut model = [vec![0u128; lengths.0 as usize], vec![0u128; lengths.1 as usize]];
        let range = |index: u32, count: usize| index as usize..index as usize + count;
        for step in steps {
            let (done, expected) = match step {
                Step::Set(a, i, v) => {
                    let slot = model[a].get_mut(i as usize).map(|slot| *slot = v & mask);
                    (f.heap.set_array_value(arrays[a], i, v), slot)
                }
                Step::Fill(a, i, v, n) => {
                    let slots = model[a].get_mut(range(i, n as usize)).map(|slots| slots.fill(v & mask));
                    (f.heap.array_fill(arrays[a], i, v, n), slots)
                }
                Step::Copy(a, i, b, j, n) => {
                    let source = model[b].get(range(j, n as usize)).map(<[u128]>::to_vec);
                    let slots = model[a].get_mut(range(i, n as usize)).zip(source).map(|(to, from)| to.copy_from_slice(&from));
                    (f.heap.array_copy(arrays[a], i, arrays[b], j, n), slots)
                }
                Step::Bytes(a, i, values) => {
                    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()[..size].to_vec()).collect();
                    let values: Vec<_> = values.iter().map(|v| v & mask).collect();
                    let slots = model[a].get_mut(range(i, values.len())).map(|slots| slots.copy_from_slice(&values));
                    (f.heap.array_write_bytes(arrays[a], i, &bytes), slots)
                }
            };
            prop_assert_eq!(done, expected.ok_or(AccessError::OutOfBounds));
            for (array, model) in arrays.iter().zip(&model) {
                for (index, value) in model.iter().enumerate() {
                    prop_assert_eq!(f.heap.array_value(*array, index as u32), Ok(*value));
                }
                let mut bytes = vec![0; model.len() * size];
                prop_assert_eq!(f.heap.array_read_bytes(*array, 0, &mut bytes), Ok(()));
                let expected: Vec<u8> = model.iter().flat_map(|v| v.to_le_bytes()[..size].to_vec()).collect();
                prop_assert_eq!(bytes, expected);
            }
            let mut bytes = [0; 8];
            prop_assert_eq!(f.heap.array_read_bytes(canary, 0, &mut bytes), Ok(()));
            prop_assert_eq!(bytes, [0xa5; 8]);
        }
    }

    #[test]
    fn exactly_the_reachable_objects_survive(
        limit in prop::sample::select(vec![20_000usize, 1 << 20]),
        program in prop::collection::vec((0..7u32, any::<u32>(), any::<u32>(), any::<u32>()), 1..400),
    ) {
        let mut f = fixture(limit);
        // For each object: where it is, what it refers to, what tells it from others.
        let mut objects: Vec<(Handle, Vec<Option<usize>>, u8)> = Vec::new();
        let mut roots: Vec<usize> = Vec::new();
        let mut alive: Vec<usize> = Vec::new();
        for (action, x, y, z) in program {
            let pick = |n: u32| alive.get(n as usize % alive.len().max(1)).copied();
            match action {
                0..=3 => {
                    // Everything not collected so far may still be used, so all of it is rooted.
                    let handles: Vec<_> = alive.iter().map(|o| objects[*o].0).collect();
                    let (node, refs, tag, bytes) = (f.ty(NODE), f.ty(REFS), f.ty(TAG), f.ty(BYTES));
                    let target = pick(x);
                    let bits = target.map_or(Handle::i31(z), |o| objects[o].0).bits();
                    let made = f.alloc(&handles, |heap| match action {
                        0 => heap.alloc_struct(&node, Handle::NULL),
                        1 => heap.alloc_array(&refs, y % 90),
                        2 => heap.alloc_exception(z, &tag, [0, 0, bits.into()]),
                        _ => heap.alloc_array(&bytes, y % 700),
                    });
                    if let Ok(handle) = made {
                        let refs = match action { 0 => 2, 1 => y as usize % 90, 2 => 1, _ => 0 };
                        let mut refs = vec![None; refs];
                        if action == 2 {
                            refs[0] = target;
                        }
                        let label = z as u8;
                        if action == 0 {
                            f.heap.set_field(handle, 4, label).unwrap();
                        }
                        alive.push(objects.len());
                        roots.push(objects.len());
                        objects.push((handle, refs, label));
                    } else {
                        prop_assert_eq!(made, Err(HeapError::LimitReached));
                    }
                }
                4 => if let (Some(from), to) = (pick(x), pick(y)) {
                    let bits = to.map_or(0, |o| objects[o].0.bits());
                    let (handle, refs, _) = &mut objects[from];
                    let place = z as usize % refs.len().max(1);
                    match f.heap.referent(*handle).unwrap() {
                        Referent::Struct(_) => f.heap.set_field(*handle, [0, 8][place], bits).unwrap(),
                        Referent::Array(id) if id == f.types.ids()[REFS] && !refs.is_empty() =>
                            f.heap.array_set(*handle, place as u32, bits).unwrap(),
                        _ => continue,
                    }
                    refs[place] = to;
                },
                5 => if !roots.is_empty() {
                    for n in [x, y, z] {
                        roots.swap_remove(n as usize % roots.len());
                        if roots.is_empty() { break }
                    }
                },
                _ => {
                    let handles: Vec<_> = roots.iter().map(|o| objects[*o].0).collect();
                    f.collect(&handles);
                    let mut reached = vec![false; objects.len()];
                    let mut todo = roots.clone();
                    while let Some(o) = todo.pop() {
                        if !core::mem::replace(&mut reached[o], true) {
                            todo.extend(objects[o].1.iter().flatten());
                        }
                    }
                    let was_alive = core::mem::take(&mut alive);
                    for o in was_alive {
                        let (handle, _, label) = &objects[o];
                        prop_assert_eq!(f.heap.referent(*handle).is_ok(), reached[o]);
                        if reached[o] {
                            alive.push(o);
                            if let Ok(Referent::Struct(_)) = f.heap.referent(*handle) {
                                prop_assert_eq!(f.heap.field::<u8>(*handle, 4), Ok(*label));
                            }
                        }
                    }
                }
            }
        }
        f.check();
    }
}

#[test]
fn a_heap_moves_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Heap>();
}
