//! An execution that is left wherever it can be left does what one does that is never left: same results or trap, same memory, same fuel.
//! And what fuel is used depends neither on the engine nor on the mode.

use whit_core::{
    CompilationMode, Config, Engine, Error, ExecutionEngine, Instance, Linker, Module, Progress, Store, TrapCode,
};

/// Each exports `run`, which gives an i64, and the memory `m`. The first is short and has a little of everything: the one for Miri.
const PROGRAMS: &[(&str, &str)] = &[
    (
        "a little of everything",
        r#"(import "host" "note" (func $note (param i32 i64) (result i64 i32)))
        (type $f (func (param i64) (result i64)))
        (type $node (struct (field i64) (field (ref null $node))))
        (memory (export "m") 1 3) (data $d "012345678") (table $t 2 5 funcref) (elem (i32.const 0) func $down $throw)
        (tag $e (param i64))
        (func $throw (type $f) (throw $e (i64.add (local.get 0) (i64.const 1))))
        (func $down (type $f)
            (if (i64.eqz (local.get 0)) (then (return_call $throw (i64.const 40))))
            (call_ref $f (i64.sub (local.get 0) (i64.const 1)) (ref.func $down)))
        (func (export "run") (result i64) (local $i i32) (local $sum i64) (local $list (ref null $node)) (local $v v128)
            (loop $again
                (call $note (local.get $i) (local.get $sum))
                (local.set $i) (local.set $sum)
                (local.set $sum (i64.add (local.get $sum) (block $h (result i64)
                    (try_table (result i64) (catch $e $h)
                        (call_indirect $t (type $f) (i64.const 2) (i32.and (local.get $i) (i32.const 1)))))))
                (local.set $list (struct.new $node (local.get $sum) (local.get $list)))
                (memory.init $d (i32.const 100) (i32.const 1) (i32.const 8))
                (i32.store offset=104 (i32.and (memory.grow (i32.const 1)) (i32.const 7)) (local.get $i))
                (memory.copy (i32.const 65533) (i32.const 101) (i32.const 2))
                (local.set $v (i32x4.add (local.get $v) (v128.load (i32.const 100))))
                (drop (table.grow $t (ref.func $throw) (i32.const 2)))
                (br_if $again (i32.lt_u (local.get $i) (i32.const 3))))
            (loop $walk
                (local.set $sum (i64.add (local.get $sum) (struct.get $node 0 (local.get $list))))
                (br_if $walk (i32.eqz (ref.is_null (local.tee $list (struct.get $node 1 (local.get $list)))))))
            (i64.add (local.get $sum) (i64x2.extract_lane 0 (local.get $v))))"#,
    ),
    (
        "loops and branch tables",
        r#"(memory (export "m") 1)
        (func (export "run") (result i64) (local $i i32) (local $sum i64)
            (loop $outer
                (block $three (block $two (block $one
                    (br_table $one $two $three (i32.rem_u (local.get $i) (i32.const 4))))
                    (local.set $sum (i64.add (local.get $sum) (i64.const 3)))
                    (br $three))
                    (local.set $sum (i64.mul (local.get $sum) (i64.const 7))))
                (i64.store (i32.mul (local.get $i) (i32.const 8)) (local.get $sum))
                (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 200))))
            (local.get $sum))"#,
    ),
    (
        "branches back to loops with short headers",
        r#"(memory (export "m") 1)
        (func $halve (param $n i32) (result i32) (local $rounds i32)
            (block $end
                (loop $next
                    (br_if $end (i32.le_u (local.get $n) (i32.const 3)))
                    (local.set $n (i32.shr_u (local.get $n) (i32.const 1)))
                    (local.set $rounds (i32.add (local.get $rounds) (i32.const 1)))
                    (br_if $next (i32.eq (i32.and (local.get $n) (i32.const 5)) (i32.const 5)))
                    (local.set $n (i32.add (local.get $n) (i32.const 1)))
                    (br $next)))
            (local.get $rounds))
        (func (export "run") (result i64) (local $pc i32) (local $sum i64)
            (i64.store (i32.const 0) (i64.const 0x0300010202010102))
            (loop $next
                (block $stop
                    (block $add
                        (block $double
                            (block $back
                                (br_table $back $double $add $stop (i32.load8_u (local.get $pc))))
                            (local.set $pc (i32.add (i32.const 1) (local.get $pc)))
                            (br $next))
                        (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
                        (local.set $sum (i64.shl (local.get $sum) (i64.const 1)))
                        (br $next))
                    (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
                    (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (call $halve (i32.const 987654321)))))
                    (br $next)))
            (local.get $sum))"#,
    ),
    (
        "recursion",
        r#"(memory (export "m") 1)
        (func $fib (param i64) (result i64)
            (if (result i64) (i64.lt_u (local.get 0) (i64.const 2))
                (then (local.get 0))
                (else (i64.add
                    (call $fib (i64.sub (local.get 0) (i64.const 1)))
                    (call $fib (i64.sub (local.get 0) (i64.const 2)))))))
        (func (export "run") (result i64) (call $fib (i64.const 11)))"#,
    ),
    (
        "a stack that grows while it is left",
        r#"(memory (export "m") 1)
        (func $down (param i32) (result i64) (local i64 i64 i64 i64)
            (local.set 1 (i64.extend_i32_u (local.get 0)))
            (local.set 4 (i64.mul (local.get 1) (i64.const 3)))
            (if (i32.eqz (local.get 0)) (then (return (i64.const 1))))
            (i64.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i64.xor (local.get 1) (local.get 4))))
        (func (export "run") (result i64) (call $down (i32.const 1500)))"#,
    ),
    (
        "indirect calls, calls by reference, tail calls",
        r#"(memory (export "m") 1)
        (type $f (func (param i32 i64) (result i64)))
        (table 3 3 funcref) (elem (i32.const 0) func $add $mul $even)
        (func $add (type $f) (i64.add (local.get 1) (i64.extend_i32_u (local.get 0))))
        (func $mul (type $f) (i64.mul (local.get 1) (i64.const 3)))
        (func $even (type $f)
            (if (i32.eqz (local.get 0)) (then (return (i64.add (local.get 1) (i64.const 100)))))
            (return_call $odd (i32.sub (local.get 0) (i32.const 1)) (local.get 1)))
        (func $odd (type $f)
            (if (i32.eqz (local.get 0)) (then (return (i64.sub (local.get 1) (i64.const 100)))))
            (return_call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1)) (local.get 1) (i32.const 2)))
        (func (export "run") (result i64) (local $i i32) (local $sum i64)
            (loop $again
                (local.set $sum (call_indirect (type $f)
                    (local.get $i) (local.get $sum) (i32.rem_u (local.get $i) (i32.const 3))))
                (local.set $sum (call_ref $f (local.get $i) (local.get $sum) (ref.func $add)))
                (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 60))))
            (local.get $sum))"#,
    ),
    (
        "host functions",
        r#"(import "host" "note" (func $note (param i32 i64) (result i64 i32)))
        (memory (export "m") 1)
        (func (export "run") (result i64) (local $i i32) (local $sum i64)
            (loop $again
                (call $note (local.get $i) (local.get $sum))
                (local.set $i) (local.set $sum)
                (i64.store (i32.mul (local.get $i) (i32.const 8)) (local.get $sum))
                (br_if $again (i32.lt_u (local.get $i) (i32.const 50))))
            (local.get $sum))"#,
    ),
    (
        "growing memories and tables",
        r#"(memory (export "m") 1 20) (table $t 1 100 funcref) (elem declare func $f)
        (func $f)
        (func (export "run") (result i64) (local $i i32) (local $sum i64)
            (loop $again
                (i32.store (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)) (local.get $i))
                (local.set $sum (i64.add
                    (i64.mul (local.get $sum) (i64.const 31))
                    (i64.extend_i32_s (i32.add
                        (memory.grow (i32.const 3)) (table.grow $t (ref.func $f) (i32.const 30))))))
                (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9))))
            (i64.add (local.get $sum) (i64.extend_i32_u (table.size $t))))"#,
    ),
    (
        "bulk operations",
        r#"(memory (export "m") 8) (data $d "0123456789") (table $t 70000 funcref) (elem $e func $f $f $f)
        (func $f)
        (func (export "run") (result i64)
            (memory.init $d (i32.const 100) (i32.const 2) (i32.const 7))
            (memory.fill (i32.const 1000) (i32.const 0x5a) (i32.const 150000))
            (memory.copy (i32.const 200000) (i32.const 90) (i32.const 200000))
            (memory.copy (i32.const 130000) (i32.const 199000) (i32.const 140000))
            (memory.copy (i32.const 3) (i32.const 4) (i32.const 80000))
            (data.drop $d)
            (table.init $t $e (i32.const 5) (i32.const 1) (i32.const 2))
            (table.fill $t (i32.const 100) (ref.func $f) (i32.const 69000))
            (table.copy $t $t (i32.const 1) (i32.const 3) (i32.const 69990))
            (elem.drop $e)
            (i64.add
                (i64.load (i32.const 200007))
                (i64.extend_i32_u (ref.is_null (table.get $t (i32.const 4))))))"#,
    ),
    (
        "exceptions",
        r#"(memory (export "m") 1)
        (tag $e (param i64)) (tag $never)
        (func $deep (param i32)
            (if (i32.eqz (local.get 0)) (then (throw $e (i64.const 5))))
            (call $deep (i32.sub (local.get 0) (i32.const 1))))
        (func $rethrow (param i32)
            (block $h (result exnref)
                (try_table (catch $never 1) (catch_all_ref $h) (call $deep (local.get 0)))
                (return))
            (throw_ref))
        (func (export "run") (result i64) (local $i i32) (local $sum i64)
            (loop $again
                (block $h (result i64)
                    (try_table (catch $e $h) (call $rethrow (local.get $i)))
                    (unreachable))
                (local.set $sum (i64.add (local.get $sum)))
                (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 12))))
            (local.get $sum))"#,
    ),
    (
        "an exception that nobody catches",
        r#"(memory (export "m") 1) (tag $e (param i64))
        (func $deep (param i32)
            (i32.store (local.get 0) (local.get 0))
            (if (i32.eqz (local.get 0)) (then (throw $e (i64.const 5))))
            (call $deep (i32.sub (local.get 0) (i32.const 1))))
        (func (export "run") (result i64) (call $deep (i32.const 20)) (i64.const 0))"#,
    ),
    (
        "objects and collections",
        r#"(memory (export "m") 1)
        (type $bytes (array (mut i8)))
        (type $node (sub (struct (field i64) (field (mut (ref null $node))) (field (ref $bytes)))))
        (func (export "run") (result i64)
            (local $i i32) (local $list (ref null $node)) (local $sum i64) (local $a (ref null $bytes))
            (loop $again
                ;; Most of it is garbage at once.
                (local.set $a (array.new $bytes (local.get $i) (i32.const 20000)))
                (array.fill $bytes (local.get $a) (i32.const 7) (i32.const 9) (i32.const 300))
                (array.copy $bytes $bytes (local.get $a) (i32.const 8) (local.get $a) (i32.const 5) (i32.const 200))
                (if (i32.eqz (i32.and (local.get $i) (i32.const 7))) (then
                    (local.set $list (struct.new $node
                        (i64.extend_i32_u (array.get_u $bytes (local.get $a) (i32.const 11)))
                        (local.get $list)
                        (array.new_fixed $bytes 3 (i32.const 1) (local.get $i) (i32.const 3))))))
                (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 300))))
            (block $end
                (loop $walk
                    (br_if $end (ref.is_null (local.get $list)))
                    (local.set $sum (i64.add (local.get $sum) (i64.add
                        (struct.get $node 0 (local.get $list))
                        (i64.extend_i32_u (array.get_u $bytes (struct.get $node 2 (local.get $list)) (i32.const 1))))))
                    (local.set $list (struct.get $node 1 (local.get $list)))
                    (br $walk)))
            (local.get $sum))"#,
    ),
    (
        "vectors and floats",
        r#"(memory (export "m") 1)
        (func (export "run") (result i64) (local $i i32) (local $v v128) (local $x f64) (local $y f32)
            (local.set $x (f64.const 1.5))
            (loop $again
                (local.set $v (i32x4.add (local.get $v) (i32x4.splat (local.get $i))))
                (local.set $x (f64.add (f64.mul (local.get $x) (f64.const 1.0625)) (f64.convert_i32_u (local.get $i))))
                (local.set $y (f32.sqrt (f32.demote_f64 (local.get $x))))
                (v128.store (i32.mul (local.get $i) (i32.const 16)) (local.get $v))
                (f32.store offset=8192 (local.get $i) (local.get $y))
                (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
            (i64.xor (i64x2.extract_lane 1 (local.get $v)) (i64.reinterpret_f64 (local.get $x))))"#,
    ),
    (
        "a trap deep down",
        r#"(memory (export "m") 1)
        (func $down (param i32) (result i32)
            (i32.store (i32.mul (local.get 0) (i32.const 4)) (local.get 0))
            (drop (i32.div_u (i32.const 100) (local.get 0)))
            (call $down (i32.sub (local.get 0) (i32.const 1))))
        (func (export "run") (result i64) (i64.extend_i32_u (call $down (i32.const 30))))"#,
    ),
    (
        "a bulk operation that traps",
        r#"(memory (export "m") 2)
        (func (export "run") (result i64)
            (memory.fill (i32.const 0) (i32.const 1) (i32.const 131072))
            (memory.fill (i32.const 1) (i32.const 2) (i32.const 131072))
            (i64.const 0))"#,
    ),
];

/// How a run ended.
#[derive(Debug, PartialEq)]
struct Outcome {
    result: Result<i64, Option<TrapCode>>,
    memory: Vec<u8>,
    notes: u32,
    fuel: u64,
}

fn engine(change: impl FnOnce(&mut Config)) -> Engine {
    let mut config = Config::new();
    change(&mut config);
    Engine::new(&config).expect("the configuration makes sense")
}

/// The two engines of an optimised build, in every mode, metered.
fn metered_engines() -> Vec<Engine> {
    let mut engines = Vec::new();
    for execution in [ExecutionEngine::Loop, ExecutionEngine::Auto] {
        for mode in [CompilationMode::ValidateThenLazy, CompilationMode::Lazy, CompilationMode::Eager] {
            engines.push(engine(|config| {
                config.execution(execution).compilation_mode(mode).consume_fuel(true).epoch_interruption(true);
            }));
        }
    }
    engines
}

/// A program's binary.
fn assemble(program: &str) -> Vec<u8> {
    wat::parse_str(format!("(module {program})")).expect("well formed")
}

/// A store with an instance of the program, whose host function counts its calls.
fn instantiate(engine: &Engine, program: &[u8]) -> (Store<u32>, Instance) {
    let module = Module::new(engine, program.to_vec());
    let mut linker = Linker::new(engine);
    linker
        .func_wrap("host", "note", |mut caller: whit_core::Caller<'_, u32>, number: i32, sum: i64| {
            *caller.data_mut() += 1;
            (sum.wrapping_mul(5).wrapping_add(number.into()), number + 1)
        })
        .expect("the first of its name");
    let mut store = Store::new(engine, 0);
    let instance = linker.instantiate(&mut store, &module.expect("valid")).expect("an instance");
    (store, instance)
}

fn outcome(store: &Store<u32>, instance: &Instance, result: Result<i64, Error>, fuel: u64) -> Outcome {
    let memory = instance.get_memory(store, "m").expect("exported").data(store).to_vec();
    let result = result.map_err(|error| error.as_trap().map(|trap| trap.code()));
    Outcome { result, memory, notes: *store.data(), fuel }
}

/// Runs a program without leaving it.
fn straight(engine: &Engine, program: &[u8]) -> Outcome {
    const FUEL: u64 = 1 << 40;
    let (mut store, instance) = instantiate(engine, program);
    let counted = store.set_fuel(FUEL).is_ok();
    store.set_epoch_deadline(1 << 20);
    let run = instance.get_typed_func::<(), i64>(&store, "run").expect("exported");
    let result = run.call(&mut store, ());
    let fuel = if counted { FUEL - store.get_fuel().expect("counted") } else { 0 };
    outcome(&store, &instance, result, fuel)
}

/// Runs a program with one unit of fuel at a time; `polls` says whether also every look at the epoch interrupts it. Also gives how often it
/// was out of fuel, and how often interrupted.
fn in_slices(engine: &Engine, program: &[u8], polls: bool) -> (Outcome, [u64; 2]) {
    let (mut store, instance) = instantiate(engine, program);
    let far = 1 << 20;
    store.set_fuel(0).expect("counted");
    store.set_epoch_deadline(if polls { 0 } else { far });
    let run = instance.get_typed_func::<(), i64>(&store, "run").expect("exported");
    let mut execution = run.start(&mut store, ()).expect("room");
    let (mut given, mut left) = (0, [0; 2]);
    let result = loop {
        match execution.resume(&mut store) {
            Ok(Progress::Done(result)) => break Ok(result),
            Ok(Progress::OutOfFuel) => {
                left[0] += 1;
                given += 1;
                let fuel = store.get_fuel().expect("counted");
                store.set_fuel(fuel + 1).expect("counted");
                // A block has been reached since the last interruption: the next look at the epoch is another one.
                if polls {
                    store.set_epoch_deadline(0);
                }
            }
            Ok(Progress::Interrupted) => {
                left[1] += 1;
                store.set_epoch_deadline(far);
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => break Err(error),
        }
    };
    let fuel = given - store.get_fuel().expect("counted");
    (outcome(&store, &instance, result, fuel), left)
}

#[test]
fn leaving_at_every_safepoint_changes_nothing() {
    // Under Miri there is one engine, and programs this long would take hours.
    let (programs, executions) = match cfg!(miri) {
        true => (&PROGRAMS[..1], &[ExecutionEngine::Loop][..]),
        false => (PROGRAMS, &[ExecutionEngine::Loop, ExecutionEngine::Auto][..]),
    };
    for (name, program) in programs {
        let program = assemble(program);
        for execution in executions {
            let engine = engine(|config| {
                config.execution(*execution).consume_fuel(true).epoch_interruption(true);
            });
            let expected = straight(&engine, &program);
            let (sliced, left) = in_slices(&engine, &program, false);
            assert!(sliced == expected, "{name} on {execution:?}: {:?} and {:?}", sliced.result, expected.result);
            assert_eq!((left[0], left[1]), (expected.fuel, 0), "{name} on {execution:?}: every unit was waited for");
            let (interrupted, left) = in_slices(&engine, &program, true);
            assert!(
                interrupted == expected,
                "{name} on {execution:?}: {:?} and {:?}",
                interrupted.result,
                expected.result
            );
            assert!(left[1] >= 1, "{name} on {execution:?}: interrupted {} times", left[1]);
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "long, and leaves in the same ways as the first test")]
fn every_turn_of_a_loop_and_every_entry_can_be_interrupted() {
    let engine = engine(|config| _ = config.consume_fuel(true).epoch_interruption(true));
    let interruptions = |body: &str| {
        let program = format!(r#"(memory (export "m") 1) {body}"#);
        in_slices(&engine, &assemble(&program), true).1[1]
    };
    let turns = r#"(func (export "run") (result i64) (local $i i32)
        (loop $again (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
        (i64.const 0))"#;
    assert!(interruptions(turns) >= 100);
    let entries = r#"
        (func $down (param i32)
            (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))))
        (func (export "run") (result i64) (call $down (i32.const 100)) (i64.const 0))"#;
    assert!(interruptions(entries) >= 100);
}

#[test]
#[cfg_attr(miri, ignore = "long, and leaves in the same ways as the first test")]
fn fuel_is_the_same_on_every_engine_and_in_every_mode() {
    for (name, program) in PROGRAMS {
        let program = assemble(program);
        let mut expected = None;
        for engine in metered_engines() {
            let outcome = straight(&engine, &program);
            assert!(outcome.fuel > 0, "{name}");
            let expected = expected.get_or_insert_with(|| straight(&engine, &program));
            assert!(outcome == *expected, "{name}: fuel {} and {}", outcome.fuel, expected.fuel);
        }
        // Without metering all but the fuel is the same.
        let free = straight(&engine(|_| ()), &program);
        let expected = expected.expect("there are engines");
        assert!(free == Outcome { fuel: 0, ..expected }, "{name} without metering");
    }
}

/// A kernel of `guests/`: its small argument and result.
fn kernels() -> Vec<(String, i32, i64)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../guests/kernels/kernels.tsv");
    let table = std::fs::read_to_string(path).expect("the table of kernels is checked in");
    let rows = table.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    rows.map(|row| {
        let columns: Vec<_> = row.split('\t').collect();
        let number = |column: usize| columns[column].parse::<i64>().expect("a number");
        (columns[0].to_string(), number(1) as i32, number(2))
    })
    .collect()
}

#[test]
#[cfg_attr(miri, ignore = "long, and leaves in the same ways as the first test")]
fn kernels_use_the_same_fuel_in_every_mode_and_in_slices() {
    for (name, argument, expected) in kernels() {
        let path = format!("{}/../guests/wasm/{name}.wasm", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut used = None;
        for engine in metered_engines() {
            const FUEL: u64 = 1 << 40;
            let module = Module::new(&engine, bytes.clone()).expect("valid");
            let mut store = Store::new(&engine, ());
            store.set_fuel(FUEL).expect("counted");
            store.set_epoch_deadline(1 << 20);
            let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
            let run = instance.get_typed_func::<i32, i64>(&store, "run").expect("exported");
            assert_eq!(run.call(&mut store, argument).expect("no trap"), expected, "{name}");
            let fuel = FUEL - store.get_fuel().expect("counted");
            assert_eq!(*used.get_or_insert(fuel), fuel, "{name}");

            // The module's state has changed: another instance for the slices.
            let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
            let run = instance.get_typed_func::<i32, i64>(&store, "run").expect("exported");
            let slice = fuel / 1000 + 17;
            store.set_fuel(0).expect("counted");
            let mut execution = run.start(&mut store, argument).expect("room");
            let mut given = 0;
            let result = loop {
                match execution.resume(&mut store).expect("no trap") {
                    Progress::Done(result) => break result,
                    Progress::OutOfFuel => {
                        given += slice;
                        let left = store.get_fuel().expect("counted");
                        store.set_fuel(left + slice).expect("counted");
                    }
                    other => panic!("{other:?}"),
                }
            };
            assert_eq!((result, given - store.get_fuel().expect("counted")), (expected, fuel), "{name} in slices");
        }
    }
}
