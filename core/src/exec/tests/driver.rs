//! Rows that engines leave to the driver, through Wasm: for each a function whose code holds the row, and what it gives or how it traps.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::code::op::for_each_op;
use crate::trap::TrapCode::{self, *};
use crate::{
    Caller, Config, Engine, Error, ExecutionEngine, Func, FuncType, Linker, Module, RawFunc, RawFunction, RawOutcome,
    Signature, Store, ValType,
};

/// What the functions use.
const WORLD: &str = r#"
    (import "host" "five" (func $host (result i64)))
    (import "host" "four" (func $many (result i64 i64 i64 i64)))
    (import "host" "doubled" (func $doubled (result i64)))
    (rec
        (type $a (sub (descriptor $d) (struct (field $x (mut i32)))))
        (type $d (sub (describes $a) (struct (field $y i64)))))
    (type $s (sub (struct
        (field $i (mut i32)) (field $b (mut i8)) (field $v (mut v128)) (field $r (mut (ref null $s))))))
    (type $t (sub $s (struct
        (field $i (mut i32)) (field $b (mut i8)) (field $v (mut v128)) (field $r (mut (ref null $s))) (field i64))))
    (type $bytes (array (mut i8)))
    (type $wides (array (mut v128)))
    (type $refs (array (mut anyref)))
    (memory 1 10) (memory $shared 1 1 shared)
    (table $table 5 20 funcref)
    (elem $functions funcref (ref.func $f) (ref.null func) (ref.func $f))
    (elem $objects anyref (ref.i31 (i32.const 5)) (ref.null any) (ref.i31 (i32.const 6)))
    (data $data "\01\02\03\04\05\06\07\08\89")
    (tag $e (param i64))
    (global $bytes (ref $bytes) (array.new $bytes (i32.const 0x85) (i32.const 4)))
    (global $wides (ref $wides) (array.new $wides (v128.const i64x2 3 4) (i32.const 4)))
    (global $refs (ref $refs) (array.new $refs (ref.i31 (i32.const 7)) (i32.const 4)))
    (global $s (ref $s) (struct.new $s
        (i32.const 11) (i32.const 200) (v128.const i64x2 1 2) (struct.new_default $s)))
    (global $t (ref $s) (struct.new_default $t))
    (func $f)
    (func $desc (result (ref (exact $d))) (struct.new $d (i64.const 8)))
    (func $int (param anyref) (result i64) (i64.extend_i32_u (i31.get_u (ref.cast (ref i31) (local.get 0)))))
"#;

/// Rows of stubs, which every function runs through but no function holds.
const STUBS: &[&str] = &["translate", "leave", "enter_host", "enter_host_wide", "return_to_host"];

/// Row, body of a function with an i64 result, what it ends with.
const CASES: &[(&str, &str, Result<i64, TrapCode>)] = &[
    ("translate", "(call $f) (i64.const 3)", Ok(3)),
    ("leave", "(i64.const 4)", Ok(4)),
    ("enter_host", "(call $host)", Ok(5)),
    ("enter_host_wide", "(call $many) (drop) (drop) (drop)", Ok(1)),
    ("return_to_host", "(call $doubled)", Ok(10)),
    ("memory_grow", "(i64.extend_i32_s (memory.grow (i32.const 2)))", Ok(1)),
    ("memory_grow", "(i64.extend_i32_s (memory.grow (i32.const 10)))", Ok(-1)),
    (
        "memory_copy",
        "(i64.store (i32.const 0) (i64.const 0x1122334455667788))
        (memory.copy (i32.const 3) (i32.const 0) (i32.const 8)) (i64.load (i32.const 1))",
        Ok(0x3344_5566_7788_6677),
    ),
    ("memory_copy", "(memory.copy (i32.const 65530) (i32.const 0) (i32.const 7)) (i64.const 0)", Err(MemoryOutOfBounds)),
    ("memory_fill", "(memory.fill (i32.const 9) (i32.const 0x1a5) (i32.const 2)) (i64.load (i32.const 8))", Ok(0xa5_a500)),
    ("memory_fill", "(memory.fill (i32.const 65536) (i32.const 0) (i32.const 1)) (i64.const 0)", Err(MemoryOutOfBounds)),
    ("memory_init", "(memory.init $data (i32.const 10) (i32.const 1) (i32.const 2)) (i64.load (i32.const 9))", Ok(0x03_0200)),
    ("memory_init", "(memory.init $data (i32.const 10) (i32.const 8) (i32.const 2)) (i64.const 0)", Err(MemoryOutOfBounds)),
    ("data_drop", "(data.drop $data) (memory.init $data (i32.const 0) (i32.const 0) (i32.const 0)) (i64.const 1)", Ok(1)),
    (
        "data_drop",
        "(data.drop $data) (memory.init $data (i32.const 0) (i32.const 0) (i32.const 1)) (i64.const 1)",
        Err(MemoryOutOfBounds),
    ),
    ("table_grow", "(i64.extend_i32_s (table.grow $table (ref.func $f) (i32.const 15)))", Ok(5)),
    ("table_grow", "(i64.extend_i32_s (table.grow $table (ref.func $f) (i32.const 16)))", Ok(-1)),
    (
        "table_fill",
        "(table.fill $table (i32.const 1) (ref.func $f) (i32.const 1))
        (i64.extend_i32_u (i32.add (ref.is_null (table.get $table (i32.const 1))) (i32.mul (i32.const 2)
            (ref.is_null (table.get $table (i32.const 2))))))",
        Ok(2),
    ),
    ("table_fill", "(table.fill $table (i32.const 5) (ref.func $f) (i32.const 1)) (i64.const 0)", Err(TableOutOfBounds)),
    (
        "table_copy",
        "(table.set $table (i32.const 0) (ref.func $f)) (table.copy $table $table (i32.const 2) (i32.const 0) (i32.const 3))
        (i64.extend_i32_u (ref.is_null (table.get $table (i32.const 2))))",
        Ok(0),
    ),
    ("table_copy", "(table.copy $table $table (i32.const 3) (i32.const 0) (i32.const 3)) (i64.const 0)", Err(TableOutOfBounds)),
    (
        "table_init",
        "(table.init $table $functions (i32.const 1) (i32.const 1) (i32.const 2))
        (i64.extend_i32_u (i32.add (ref.is_null (table.get $table (i32.const 2))) (i32.mul (i32.const 2)
            (ref.is_null (table.get $table (i32.const 1))))))",
        Ok(2),
    ),
    ("table_init", "(table.init $table $functions (i32.const 1) (i32.const 2) (i32.const 2)) (i64.const 0)", Err(TableOutOfBounds)),
    (
        "elem_drop",
        "(elem.drop $functions) (table.init $table $functions (i32.const 0) (i32.const 0) (i32.const 1)) (i64.const 0)",
        Err(TableOutOfBounds),
    ),
    ("throw", "(block $h (result i64) (try_table (result i64) (catch $e $h) (throw $e (i64.const 9))))", Ok(9)),
    (
        "throw_ref",
        "(block $h (result i64)
            (try_table (result i64) (catch $e $h)
                (throw_ref (block $r (result exnref) (try_table (catch_all_ref $r) (throw $e (i64.const 6))) (unreachable)))))",
        Ok(6),
    ),
    ("throw_ref", "(throw_ref (ref.null exn))", Err(NullExceptionReference)),
    ("memory_atomic_notify", "(i64.extend_i32_u (memory.atomic.notify $shared (i32.const 8) (i32.const 1)))", Ok(0)),
    ("memory_atomic_notify", "(i64.extend_i32_u (memory.atomic.notify $shared (i32.const 2) (i32.const 1)))", Err(UnalignedAtomic)),
    (
        "memory_atomic_wait32",
        "(i64.extend_i32_u (memory.atomic.wait32 $shared (i32.const 8) (i32.const 5) (i64.const -1)))",
        Ok(1),
    ),
    (
        "memory_atomic_wait32",
        "(i64.extend_i32_u (memory.atomic.wait32 $shared (i32.const 8) (i32.const 0) (i64.const 0)))",
        Ok(2),
    ),
    (
        "memory_atomic_wait64",
        "(i64.extend_i32_u (memory.atomic.wait64 $shared (i32.const 8) (i64.const 5) (i64.const -1)))",
        Ok(1),
    ),
    (
        "memory_atomic_wait64",
        "(i64.extend_i32_u (memory.atomic.wait64 (i32.const 8) (i64.const 5) (i64.const -1)))",
        Err(ExpectedSharedMemory),
    ),
    (
        "struct_new",
        "(i64.extend_i32_u (struct.get $s $i
            (struct.new $s (i32.const 7) (i32.const 1) (v128.const i64x2 1 2) (global.get $s))))",
        Ok(7),
    ),
    ("struct_new_default", "(i64.extend_i32_u (struct.get $s $i (struct.new_default $s)))", Ok(0)),
    ("struct_new_desc", "(i64.extend_i32_u (struct.get $a $x (struct.new_desc $a (i32.const 5) (call $desc))))", Ok(5)),
    (
        "struct_new_desc",
        "(i64.extend_i32_u (struct.get $a $x (struct.new_desc $a (i32.const 5) (ref.null (exact $d)))))",
        Err(NullDescriptorReference),
    ),
    ("struct_new_default_desc", "(i64.extend_i32_u (struct.get $a $x (struct.new_default_desc $a (call $desc))))", Ok(0)),
    ("struct_get", "(i64.extend_i32_s (struct.get_s $s $b (global.get $s)))", Ok(-56)),
    ("struct_get", "(i64.extend_i32_s (struct.get_u $s $b (global.get $s)))", Ok(200)),
    ("struct_get", "(i64.extend_i32_s (struct.get $s $i (ref.null $s)))", Err(NullStructureReference)),
    ("struct_get_wide", "(i64x2.extract_lane 1 (struct.get $s $v (global.get $s)))", Ok(2)),
    ("struct_get_ref", "(i64.extend_i32_s (struct.get $s $i (struct.get $s $r (global.get $s))))", Ok(0)),
    (
        "struct_set",
        "(struct.set $s $b (global.get $s) (i32.const 0x17f)) (i64.extend_i32_s (struct.get_s $s $b (global.get $s)))",
        Ok(127),
    ),
    (
        "struct_set_wide",
        "(struct.set $s $v (global.get $s) (v128.const i64x2 5 6)) (i64x2.extract_lane 0 (struct.get $s $v (global.get $s)))",
        Ok(5),
    ),
    (
        "struct_set_ref",
        "(struct.set $s $r (global.get $s) (ref.null $s)) (i64.extend_i32_s (ref.is_null (struct.get $s $r (global.get $s))))",
        Ok(1),
    ),
    (
        "ref_get_desc",
        "(struct.get $d $y (ref.get_desc $a (struct.new_default_desc $a (call $desc))))",
        Ok(8),
    ),
    ("array_new", "(i64.extend_i32_s (array.get_s $bytes (array.new $bytes (i32.const 0x180) (i32.const 3)) (i32.const 2)))", Ok(-128)),
    (
        "array_new_wide",
        "(i64x2.extract_lane 1 (array.get $wides (array.new $wides (v128.const i64x2 5 6) (i32.const 3)) (i32.const 2)))",
        Ok(6),
    ),
    ("array_new_ref", "(call $int (array.get $refs (array.new $refs (ref.i31 (i32.const 9)) (i32.const 3)) (i32.const 2)))", Ok(9)),
    ("array_new_default", "(i64.extend_i32_s (array.len (array.new_default $refs (i32.const 12))))", Ok(12)),
    (
        "array_new_fixed",
        "(i64.extend_i32_s (array.get_u $bytes (array.new_fixed $bytes 3 (i32.const 1) (i32.const 2) (i32.const 3)) (i32.const 2)))",
        Ok(3),
    ),
    (
        "array_new_data",
        "(i64.extend_i32_s (array.get_s $bytes (array.new_data $bytes $data (i32.const 6) (i32.const 3)) (i32.const 2)))",
        Ok(0x89 - 256),
    ),
    (
        "array_new_data",
        "(i64.extend_i32_s (array.len (array.new_data $bytes $data (i32.const 6) (i32.const 4))))",
        Err(MemoryOutOfBounds),
    ),
    ("array_new_elem", "(call $int (array.get $refs (array.new_elem $refs $objects (i32.const 1) (i32.const 2)) (i32.const 1)))", Ok(6)),
    (
        "array_new_elem",
        "(i64.extend_i32_s (array.len (array.new_elem $refs $objects (i32.const 1) (i32.const 3))))",
        Err(TableOutOfBounds),
    ),
    ("array_get", "(i64.extend_i32_s (array.get_u $bytes (global.get $bytes) (i32.const 3)))", Ok(0x85)),
    ("array_get", "(i64.extend_i32_s (array.get_u $bytes (global.get $bytes) (i32.const 4)))", Err(ArrayOutOfBounds)),
    ("array_get", "(i64.extend_i32_s (array.get_u $bytes (ref.null $bytes) (i32.const 0)))", Err(NullArrayReference)),
    ("array_get_wide", "(i64x2.extract_lane 1 (array.get $wides (global.get $wides) (i32.const 3)))", Ok(4)),
    ("array_get_ref", "(call $int (array.get $refs (global.get $refs) (i32.const 0)))", Ok(7)),
    (
        "array_set",
        "(array.set $bytes (global.get $bytes) (i32.const 1) (i32.const 0x101))
        (i64.extend_i32_s (array.get_u $bytes (global.get $bytes) (i32.const 1)))",
        Ok(1),
    ),
    ("array_set", "(array.set $bytes (global.get $bytes) (i32.const -1) (i32.const 1)) (i64.const 0)", Err(ArrayOutOfBounds)),
    (
        "array_set_wide",
        "(array.set $wides (global.get $wides) (i32.const 1) (v128.const i64x2 8 9))
        (i64x2.extract_lane 1 (array.get $wides (global.get $wides) (i32.const 1)))",
        Ok(9),
    ),
    (
        "array_set_ref",
        "(array.set $refs (global.get $refs) (i32.const 1) (ref.i31 (i32.const 8)))
        (call $int (array.get $refs (global.get $refs) (i32.const 1)))",
        Ok(8),
    ),
    ("array_len", "(i64.extend_i32_s (array.len (global.get $refs)))", Ok(4)),
    ("array_len", "(i64.extend_i32_s (array.len (ref.null array)))", Err(NullArrayReference)),
    (
        "array_fill",
        "(array.fill $bytes (global.get $bytes) (i32.const 1) (i32.const 3) (i32.const 2))
        (i64.extend_i32_s (i32.add (array.get_u $bytes (global.get $bytes) (i32.const 2))
            (array.get_u $bytes (global.get $bytes) (i32.const 3))))",
        Ok(3 + 0x85),
    ),
    ("array_fill", "(array.fill $bytes (global.get $bytes) (i32.const 1) (i32.const 3) (i32.const 4)) (i64.const 0)", Err(ArrayOutOfBounds)),
    (
        "array_fill_wide",
        "(array.fill $wides (global.get $wides) (i32.const 1) (v128.const i64x2 8 9) (i32.const 2))
        (i64x2.extract_lane 0 (array.get $wides (global.get $wides) (i32.const 2)))",
        Ok(8),
    ),
    (
        "array_fill_ref",
        "(array.fill $refs (global.get $refs) (i32.const 1) (ref.i31 (i32.const 6)) (i32.const 2))
        (call $int (array.get $refs (global.get $refs) (i32.const 2)))",
        Ok(6),
    ),
    (
        "array_copy",
        "(array.set $bytes (global.get $bytes) (i32.const 0) (i32.const 4))
        (array.copy $bytes $bytes (global.get $bytes) (i32.const 1) (global.get $bytes) (i32.const 0) (i32.const 3))
        (i64.extend_i32_s (i32.add (array.get_u $bytes (global.get $bytes) (i32.const 1))
            (array.get_u $bytes (global.get $bytes) (i32.const 2))))",
        Ok(4 + 0x85),
    ),
    (
        "array_copy",
        "(array.copy $refs $refs (global.get $refs) (i32.const 1) (global.get $refs) (i32.const 0) (i32.const 4)) (i64.const 0)",
        Err(ArrayOutOfBounds),
    ),
    (
        "array_init_data",
        "(array.init_data $bytes $data (global.get $bytes) (i32.const 1) (i32.const 4) (i32.const 2))
        (i64.extend_i32_s (array.get_u $bytes (global.get $bytes) (i32.const 2)))",
        Ok(6),
    ),
    (
        "array_init_elem",
        "(array.init_elem $refs $objects (global.get $refs) (i32.const 1) (i32.const 0) (i32.const 3))
        (call $int (array.get $refs (global.get $refs) (i32.const 3)))",
        Ok(6),
    ),
    ("ref_test", "(i64.extend_i32_u (ref.test (ref $t) (global.get $t)))", Ok(1)),
    ("ref_test", "(i64.extend_i32_u (ref.test (ref $t) (global.get $s)))", Ok(0)),
    ("ref_cast", "(struct.get $t 4 (ref.cast (ref $t) (global.get $t)))", Ok(0)),
    ("ref_cast", "(struct.get $t 4 (ref.cast (ref $t) (global.get $s)))", Err(CastFailure)),
    (
        "ref_cast_desc_eq",
        "(local $d (ref null (exact $d))) (local.set $d (call $desc))
        (i64.extend_i32_u (struct.get $a $x
            (ref.cast_desc_eq (ref $a) (struct.new_desc $a (i32.const 2) (local.get $d)) (local.get $d))))",
        Ok(2),
    ),
    (
        "ref_cast_desc_eq",
        "(i64.extend_i32_u (struct.get $a $x
            (ref.cast_desc_eq (ref $a) (struct.new_desc $a (i32.const 2) (call $desc)) (call $desc))))",
        Err(DescriptorCastFailure),
    ),
    (
        "br_on_cast",
        "(drop (block $yes (result (ref $t)) (br_on_cast $yes (ref $s) (ref $t) (global.get $t)) (return (i64.const 0))))
        (i64.const 1)",
        Ok(1),
    ),
    (
        "br_on_cast",
        "(drop (block $yes (result (ref $t)) (br_on_cast $yes (ref $s) (ref $t) (global.get $s)) (return (i64.const 0))))
        (i64.const 1)",
        Ok(0),
    ),
    (
        "br_on_cast_fail",
        "(drop (block $no (result (ref $s)) (br_on_cast_fail $no (ref $s) (ref $t) (global.get $t)) (return (i64.const 1))))
        (i64.const 0)",
        Ok(1),
    ),
    (
        "br_on_cast_fail",
        "(drop (block $no (result (ref $s)) (br_on_cast_fail $no (ref $s) (ref $t) (global.get $s)) (return (i64.const 1))))
        (i64.const 0)",
        Ok(0),
    ),
    (
        "br_on_cast_desc_eq",
        "(local $d (ref null (exact $d))) (local.set $d (call $desc))
        (drop (block $yes (result (ref $a))
            (br_on_cast_desc_eq $yes anyref (ref $a) (struct.new_desc $a (i32.const 2) (local.get $d)) (local.get $d))
            (return (i64.const 0))))
        (i64.const 1)",
        Ok(1),
    ),
    (
        "br_on_cast_desc_eq",
        "(drop (block $yes (result (ref $a))
            (br_on_cast_desc_eq $yes anyref (ref $a) (struct.new_desc $a (i32.const 2) (call $desc)) (call $desc))
            (return (i64.const 0))))
        (i64.const 1)",
        Ok(0),
    ),
    (
        "br_on_cast_desc_eq_fail",
        "(drop (block $no (result anyref)
            (br_on_cast_desc_eq_fail $no anyref (ref $a) (struct.new_desc $a (i32.const 2) (call $desc)) (call $desc))
            (return (i64.const 1))))
        (i64.const 0)",
        Ok(0),
    ),
];

macro_rules! define_driver_rows {
    (
        hot { $($hot:tt)* }
        driver { $($driver:ident $driver_shape:tt = $driver_method:ident;)* }
        gc { $($gc:ident $gc_shape:tt = $gc_method:ident;)* }
        vector { $($vector:tt)* }
        atomic { $($atomic:tt)* }
        specialized { $($specialized:tt)* }
    ) => {
        /// All rows of the driver.
        const ROWS: &[&str] = &[$(stringify!($driver),)* $(stringify!($gc),)*];
    };
}

for_each_op!(define_driver_rows);

/// A function of the host that calls another one where it stands, and gives twice its result.
struct Doubled(RawFunc);

impl RawFunction<()> for Doubled {
    fn call(&self, _: u32, _: Caller<'_, ()>, _: &mut [u64]) -> Result<RawOutcome<()>, Error> {
        Ok(RawOutcome::Call(self.0))
    }

    fn returned(&self, _: u32, _: Caller<'_, ()>, slots: &mut [u64], result: u64) -> Result<RawOutcome<()>, Error> {
        slots[0] = 2 * result;
        Ok(RawOutcome::Return)
    }
}

fn doubled(store: &mut Store<()>) -> Func {
    let five = Func::wrap(&mut *store, || 5_i64).raw(&*store).expect("numbers");
    let signature = Signature::new(store.engine(), FuncType::new([], [ValType::I64])).expect("numbers");
    Func::new_raw(store, &signature, Doubled(five)).expect("room")
}

#[test]
fn the_driver_does_every_row_that_engines_leave_to_it() {
    let missing: Vec<_> = ROWS.iter().filter(|row| !CASES.iter().any(|(name, ..)| name == *row)).collect();
    assert!(missing.is_empty(), "rows without a case: {missing:?}");
    let functions: String = CASES
        .iter()
        .enumerate()
        .map(|(number, (_, body, _))| format!(r#"(func (export "{number}") (result i64) {body})"#))
        .collect();
    let binary = wat::parse_str(format!("(module {WORLD} {functions})")).expect("well formed");
    let mut failures = Vec::new();
    for execution in [ExecutionEngine::Loop, ExecutionEngine::Auto] {
        let mut config = Config::new();
        config.execution(execution).wasm_custom_descriptors(true);
        let engine = Engine::new(&config).expect("the configuration makes sense");
        let module = Module::new(&engine, binary.clone()).expect("valid");
        let first = module.function_count() - CASES.len() as u32;
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "five", || 5_i64).expect("the first of its name");
        linker.func_wrap("host", "four", || (1_i64, 2_i64, 3_i64, 4_i64)).expect("the first of its name");
        for (number, (row, body, expected)) in CASES.iter().enumerate() {
            // An instance for each, since many change what they use.
            let mut store = Store::new(&engine, ());
            let mut linker = linker.clone();
            let doubled = doubled(&mut store);
            linker.define(&store, "host", "doubled", doubled).expect("the first of its name");
            let instance = linker.instantiate(&mut store, &module).expect("an instance");
            let name = format!("{number}");
            let f = instance.get_typed_func::<(), i64>(&store, &name).expect("exported");
            let result = f.call(&mut store, ()).map_err(|error| error.as_trap().map(|trap| trap.code()));
            if result != expected.map_err(Some) {
                failures.push(format!("{row} on {execution:?} gives {result:?} instead of {expected:?}: {body}"));
            }
            let listing = module.disassemble(first + number as u32).expect("valid").expect("defined");
            let held = listing.lines().any(|line| line.split_whitespace().nth(1) == Some(*row));
            if !held && !STUBS.contains(row) {
                failures.push(format!("{row} is not in the code of {body}:\n{listing}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
