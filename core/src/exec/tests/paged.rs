//! The rows that know any memory, executed once more where memories are paged.

use super::bench::Bench;
use super::{OpCode, op};
// The families that are checked, and what the table's semantics name.
use super::super::dispatch::rows::*;
use super::super::dispatch::rows::{
    atomic, control, convert, float, fuel, identity, int, memory, numeric, reference, relaxed, simd, table, variable,
    vector,
};
use super::{atomic_cmpxchg, atomic_load, atomic_rmw, atomic_store, load_lane, load_x, store_lane, store_x};
use crate::code::op::{Code, for_each_op};
use crate::{Config, MemoryPolicy};

/// Families of rows to which it is all the same. (No specialised row knows any memory.)
macro_rules! without_memory {
    ($($family:ident)*) => { $(
        fn $family<S, F>(_: &mut Bench, _: Code<S>, _: F) {}
    )* };
}

without_memory!(
    unary unary_try binary binary_try ternary branch_if return_one global_set extract_lane replace_lane load store
);

/// A row's own function, whose type is known from the row.
fn run<S>(_: &mut Bench, _: Code<S>, _: unsafe fn(&mut Machine, &S) -> Flow) {}

macro_rules! define_checks {
    (
        hot { $($hot:ident $hot_shape:tt = $hot_family:ident $hot_semantics:tt;)* }
        driver { $($driver:tt)* }
        gc { $($gc:tt)* }
        vector { $($vector:ident $vector_shape:tt = $vector_family:ident $vector_semantics:tt;)* }
        atomic { $($atomic:ident $atomic_shape:tt = $atomic_family:ident $atomic_semantics:tt;)* }
        specialized { $($specialized:tt)* }
    ) => {
        fn rows(bench: &mut Bench) {
            $($hot_family(bench, op::$hot, $hot_semantics);)*
            $($vector_family(bench, op::$vector, $vector_semantics);)*
            $($atomic_family(bench, op::$atomic, $atomic_semantics);)*
        }
    };
}

for_each_op!(define_checks);

#[test]
fn every_row_that_knows_any_memory_knows_paged_ones() {
    let mut bench = Bench::with(Config::new().memory_policy(MemoryPolicy::Paged));
    rows(&mut bench);
    let knows_any = |name: &str| {
        let accesses = name.contains("_load") || name.contains("_store") || name.contains("_rmw");
        accesses && (name.ends_with("_x") || name.ends_with("_lane") || name.contains("_atomic_"))
    };
    let expected: Vec<_> = OpCode::ALL.iter().filter(|row| knows_any(row.name())).map(|row| row.name()).collect();
    let tried: Vec<_> = OpCode::ALL.iter().filter(|row| bench.has_tried(**row)).map(|row| row.name()).collect();
    assert_eq!(tried, expected);
    assert!(expected.len() > 80);
}
