//! Paged memories: they do what flat ones do, cost what is written to them, and running out of the host's memory is an error.

#![cfg(feature = "paged")]

mod counting;

use counting::{LEFT, cost};
use whit_core::{
    Caller, CompilationMode, Config, Engine, Error, ErrorKind, Extern, Instance, Linker, Memory, MemoryPolicy,
    MemoryType, Module, SharedMemory, Store, TrapCode,
};

/// An engine of this policy that has translated everything before anything runs.
fn engine(policy: MemoryPolicy) -> Engine {
    let mut config = Config::new();
    config.memory_policy(policy).compilation_mode(CompilationMode::Eager).consume_fuel(true);
    Engine::new(&config).expect("the settings make sense")
}

fn engines() -> [Engine; 2] {
    [MemoryPolicy::Flat, MemoryPolicy::Paged].map(engine)
}

fn module(engine: &Engine, text: &str) -> Module {
    Module::new(engine, wat::parse_str(text).expect("a module in text form")).expect("a valid module")
}

/// The same in bytes that live for ever.
fn module_in_flash(engine: &Engine, bytes: &[u8]) -> Module {
    let bytes: &'static [u8] = Vec::leak(bytes.to_vec());
    Module::new(engine, bytes).expect("a valid module")
}

/// A store that will not run out of fuel.
fn store(engine: &Engine) -> Store<Vec<u8>> {
    let mut store = Store::new(engine, Vec::new());
    store.set_fuel(FUEL).expect("fuel is counted");
    store
}

const FUEL: u64 = 1 << 40;

#[test]
fn seventeen_pages_of_which_three_kilobytes_are_touched_take_less_than_eight_kilobytes() {
    let engine = engine(MemoryPolicy::Paged);
    let mut store = store(&engine);
    let ((), _, peak) = cost(|| {
        let memory = Memory::new(&mut store, MemoryType::new(17, None)).expect("a memory");
        assert_eq!(memory.data_size(&store), 17 << 16);
        // As a guest in Rust does: the end of its stack, then its variables and heap.
        memory.write(&mut store, (1 << 20) - 500, &[1; 500]).expect("inside");
        memory.write(&mut store, (1 << 20) + 700, &[2; 2500]).expect("inside");
        let mut bytes = [0; 2];
        memory.read(&store, (1 << 20) + 699, &mut bytes).expect("inside");
        assert_eq!(bytes, [0, 2]);
    });
    assert!(peak < 8 << 10, "{peak} bytes");
}

/// The functions of WASI 0.1 that `hello.wasm` imports; what it prints goes to the store's data.
fn linker(engine: &Engine) -> Linker<Vec<u8>> {
    const WASI: &str = "wasi_snapshot_preview1";
    let memory = |caller: &mut Caller<'_, Vec<u8>>| {
        caller.get_export("memory").and_then(Extern::into_memory).ok_or_else(|| Error::msg("no memory"))
    };
    let mut linker = Linker::new(engine);
    for nothing in ["args_sizes_get", "environ_sizes_get"] {
        linker
            .func_wrap(WASI, nothing, move |mut caller: Caller<'_, Vec<u8>>, count: u32, size: u32| {
                for place in [count, size] {
                    memory(&mut caller)?.write(&mut caller, place as usize, &[0; 4])?;
                }
                Ok::<_, Error>(0_i32)
            })
            .expect("the first of its name");
    }
    for nothing in ["args_get", "environ_get"] {
        linker.func_wrap(WASI, nothing, |_: u32, _: u32| 0_i32).expect("the first of its name");
    }
    let exit = |status: i32| -> Result<(), Error> { Err(Error::msg(format!("exit {status}"))) };
    linker.func_wrap(WASI, "proc_exit", exit).expect("the first of its name");
    linker
        .func_wrap(
            WASI,
            "fd_write",
            move |mut caller: Caller<'_, Vec<u8>>, _: u32, iovs: u32, count: u32, written: u32| {
                let memory = memory(&mut caller)?;
                let mut total = 0;
                for iov in 0..count {
                    let mut words = [[0; 4]; 2];
                    memory.read(&caller, (iovs + 8 * iov) as usize, words.as_flattened_mut())?;
                    let [at, len] = words.map(u32::from_le_bytes);
                    let mut text = vec![0; len as usize];
                    memory.read(&caller, at as usize, &mut text)?;
                    caller.data_mut().extend(text);
                    total += len;
                }
                memory.write(&mut caller, written as usize, &total.to_le_bytes())?;
                Ok::<_, Error>(0_i32)
            },
        )
        .expect("the first of its name");
    linker
}

#[test]
fn a_rust_guest_of_seventeen_pages_says_hello_in_a_few_kilobytes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../guests/wasm/hello.wasm");
    let bytes = std::fs::read(path).expect("checked in");
    let mut fuel = Vec::new();
    for engine in engines() {
        let (module, linker) = (module_in_flash(&engine, &bytes), linker(&engine));
        let mut store = store(&engine);
        let (memory, live, peak) = cost(|| {
            let instance = linker.instantiate(&mut store, &module).expect("an instance");
            let start = instance.get_typed_func::<(), ()>(&store, "_start").expect("exported");
            start.call(&mut store, ()).expect("no trap");
            instance.get_memory(&store, "memory").expect("exported")
        });
        assert_eq!(store.data(), b"Hello, world!\n");
        fuel.push(store.get_fuel().expect("counted"));
        if memory.is_paged(&store) {
            // Instance, value stack and handles included.
            assert!(peak < 24 << 10, "{peak} bytes at most, {live} at the end");
        } else {
            // All of it is there, whoever gave it: on Linux that is not the allocator.
            assert_eq!(memory.data(&store).len(), 17 << 16);
        }
    }
    assert_eq!(fuel[0], fuel[1]);
}

#[test]
fn data_segments_cost_nothing_while_they_are_only_read() {
    let text = format!(
        r#"(module (memory (export "m") 2) (data (i32.const 100) "{}")
            (func (export "sum") (param $from i32) (param $to i32) (result i64) (local $sum i64)
                (loop $again
                    (local.set $sum (i64.add (local.get $sum) (i64.load8_u (local.get $from))))
                    (br_if $again (i32.lt_u
                        (local.tee $from (i32.add (local.get $from) (i32.const 1))) (local.get $to))))
                (local.get $sum))
            (func (export "set") (param i32) (i32.store8 (local.get 0) (i32.const 0))))"#,
        "\\01".repeat(40_000)
    );
    let bytes = wat::parse_str(&text).expect("a module in text form");
    let engine = engine(MemoryPolicy::Paged);
    for (module, in_flash) in
        [(module_in_flash(&engine, &bytes), true), (Module::new(&engine, bytes.clone()).expect("valid"), false)]
    {
        let mut store = store(&engine);
        let (instance, live, _) = cost(|| Instance::new(&mut store, &module, &[]).expect("an instance"));
        assert_eq!(live < 2 << 10, in_flash, "{live} bytes");
        assert_eq!(live > 40_000, !in_flash, "{live} bytes");
        let sum = instance.get_typed_func::<(u32, u32), i64>(&store, "sum").expect("exported");
        let set = instance.get_typed_func::<u32, ()>(&store, "set").expect("exported");
        assert_eq!(sum.call(&mut store, (0, 131_072)).expect("no trap"), 40_000);
        let (_, live, _) = cost(|| {
            for place in [99, 100, 40_099, 40_100] {
                set.call(&mut store, place).expect("memory");
            }
        });
        assert_eq!(sum.call(&mut store, (0, 131_072)).expect("no trap"), 39_998);
        assert!(live < 4 << 10, "two chunks and their leaves: {live} bytes");
    }
}

#[test]
fn growing_takes_a_little_and_moves_nothing() {
    let engine = engine(MemoryPolicy::Paged);
    let mut store = store(&engine);
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(100))).expect("a memory");
    memory.write(&mut store, 0, &[7; 65536]).expect("inside");
    let (_, _, peak) = cost(|| {
        for pages in 1..100 {
            assert_eq!(memory.grow(&mut store, 1).expect("within the maximum"), pages);
        }
    });
    assert!(peak < 8 << 10, "{peak} bytes");
    assert!(memory.grow(&mut store, 1).is_err());
    let mut bytes = [1; 4];
    memory.read(&store, 65534, &mut bytes).expect("inside");
    assert_eq!(bytes, [7, 7, 0, 0]);
    memory.write(&mut store, 100 * 65536 - 1, &[1]).expect("inside");
    assert!(memory.write(&mut store, 100 * 65536, &[1]).is_err());
}

#[test]
fn the_host_reads_and_writes_but_gets_no_slice() {
    let [flat, paged] = engines();
    let mut store = store(&paged);
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).expect("a memory");
    assert!(memory.is_paged(&store));
    assert_eq!((memory.data_size(&store), memory.size(&store)), (65536, 1));
    assert!(memory.data(&store).is_empty() && memory.data_mut(&mut store).is_empty());
    memory.write(&mut store, 65530, b"abcdef").expect("inside");
    assert_eq!(
        memory.write(&mut store, 65531, b"abcdef").map_err(|error| Error::from(error).kind()),
        Err(ErrorKind::Trap)
    );
    // Memories in slices stay there, shared ones in one piece.
    let given = Vec::leak(vec![0; 1 << 17]);
    let in_slice = Memory::in_slice(&mut store, MemoryType::new(1, Some(1)), given).expect("it fits");
    assert!(!in_slice.is_paged(&store) && in_slice.data(&store).len() == 65536);
    let shared = SharedMemory::new(&paged, MemoryType::new(1, Some(1)).with_shared(true)).expect("a memory");
    shared.write(0, &[1]).expect("inside");
    let mut other = Store::new(&flat, ());
    let memory = Memory::new(&mut other, MemoryType::new(1, None)).expect("a memory");
    assert!(!memory.is_paged(&other));
}

/// One memory of each kind, and every way to move bytes between them.
const MIXED: &str = r#"(module
    (import "" "slice" (memory $slice 1))
    (import "" "shared" (memory $shared 1 1 shared))
    (memory $paged (export "paged") 1)
    (memory $wide i64 1)
    (memory $bytes 1000 (pagesize 1))
    (data $data "the data segment")
    (func (export "run") (result i64)
        (memory.init $paged $data (i32.const 505) (i32.const 0) (i32.const 16))
        (memory.copy $slice $paged (i32.const 3) (i32.const 500) (i32.const 30))
        (memory.copy $shared $slice (i32.const 5) (i32.const 3) (i32.const 30))
        (memory.copy $paged $shared (i32.const 1020) (i32.const 5) (i32.const 30))
        (memory.copy $paged $paged (i32.const 1022) (i32.const 1020) (i32.const 1000))
        (memory.copy $paged $paged (i32.const 1000) (i32.const 1022) (i32.const 1000))
        (memory.copy $wide $paged (i64.const 65000) (i32.const 1000) (i32.const 500))
        (memory.copy $bytes $wide (i32.const 500) (i64.const 65000) (i32.const 500))
        (memory.fill $bytes (i32.const 505) (i32.const 0x2a) (i32.const 7))
        (drop (i32.atomic.rmw.add $paged (i32.const 1024) (i32.const 77)))
        (drop (i64.atomic.rmw.cmpxchg $wide (i64.const 65016) (i64.load $wide (i64.const 65016)) (i64.const -1)))
        (v128.store $paged offset=2 (i32.const 1530) (v128.load $paged (i32.const 1000)))
        (i64.add (i64.load $bytes (i32.const 503)) (i64.add (i64.load $wide (i64.const 65016))
            (i64.mul (i64.load $paged (i32.const 1021)) (i64.load $paged (i32.const 1537))))))
    (func (export "out") (param i32) (result i64) (i64.load $paged (local.get 0)))
    (func (export "grow") (result i32) (drop (memory.grow $paged (i32.const 1))) (memory.size $paged))
    (func (export "notify") (result i32) (memory.atomic.notify $paged (i32.const 8) (i32.const 1)))
    (func (export "wait") (result i32)
        (memory.atomic.wait32 $paged (i32.const 8) (i32.const 0) (i64.const 0))))"#;

#[test]
fn memories_of_all_kinds_mix() {
    let mut outcomes = Vec::new();
    for engine in engines() {
        let module = module(&engine, MIXED);
        let mut store = store(&engine);
        let slice = Vec::leak(vec![0; 65536 + 32]);
        let slice = Memory::in_slice(&mut store, MemoryType::new(1, None), slice).expect("it fits");
        let shared = SharedMemory::new(&engine, MemoryType::new(1, Some(1)).with_shared(true)).expect("a memory");
        let instance = Instance::new(&mut store, &module, &[slice.into(), shared.into()]).expect("an instance");
        let memory = instance.get_memory(&store, "paged").expect("exported");
        let run = instance.get_typed_func::<(), i64>(&store, "run").expect("exported");
        let result = run.call(&mut store, ()).expect("no trap");
        let fuel = store.get_fuel().expect("counted");
        let mut bytes = vec![0; 65536];
        memory.read(&store, 0, &mut bytes).expect("inside");
        let out = instance.get_typed_func::<u32, i64>(&store, "out").expect("exported");
        assert_eq!(out.call(&mut store, 65528).expect("inside"), 0);
        let traps = [65529, u32::MAX].map(|at| out.call(&mut store, at).expect_err("outside").to_string());
        let mut call = |name| {
            let function = instance.get_typed_func::<(), i32>(&store, name).expect("exported");
            function.call(&mut store, ()).map_err(|error| error.as_trap().map(|trap| trap.code()))
        };
        assert_eq!((call("grow"), call("notify")), (Ok(2), Ok(0)));
        assert_eq!(call("wait"), Err(Some(TrapCode::ExpectedSharedMemory)));
        assert_ne!(result, 0);
        outcomes.push((result, fuel, bytes, traps));
    }
    assert!(outcomes[0] == outcomes[1]);
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
fn kernels_compute_the_same_for_the_same_fuel() {
    for (name, argument, expected) in kernels() {
        let path = format!("{}/../guests/wasm/{name}.wasm", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let fuel = engines().map(|engine| {
            let module = module_in_flash(&engine, &bytes);
            let mut store = store(&engine);
            let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
            let run = instance.get_typed_func::<i32, i64>(&store, "run").expect("exported");
            assert_eq!(run.call(&mut store, argument).expect("no trap"), expected, "{name}");
            FUEL - store.get_fuel().expect("counted")
        });
        assert_eq!(fuel[0], fuel[1], "{name}");
    }
}

/// What makes chunks: each exports `run`, which gives 1 when it was done, or -1 for a growth that was refused.
const COMMITTING: &[&str] = &[
    r#"(memory 4) (func (export "run") (result i32) (local $at i32)
        (loop $again
            (i32.store16 (local.get $at) (i32.const 257))
            (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 5000))) (i32.const 200000))))
        (i32.load8_u (i32.const 195000)))"#,
    r#"(memory 1) (func (export "run") (result i32)
        (memory.fill (i32.const 300) (i32.const 1) (i32.const 5000)) (i32.load8_u (i32.const 5299)))"#,
    r#"(memory 1) (data (i32.const 500) "\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01")
        (data $data "\01\01\01\01\01\01\01\01")
        (func (export "run") (result i32)
            (memory.init $data (i32.const 1020) (i32.const 0) (i32.const 8))
            (memory.copy (i32.const 3000) (i32.const 400) (i32.const 1000))
            (i32.and (i32.load8_u (i32.const 3119)) (i32.load8_u (i32.const 3623))))"#,
    r#"(memory 1) (func (export "run") (result i32)
        (if (i32.eq (memory.grow (i32.const 99)) (i32.const -1)) (then (return (i32.const -1))))
        (v128.store (i32.const 6000000) (v128.const i8x16 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1))
        (drop (i64.atomic.rmw.add (i32.const 70000) (i64.const 1)))
        (i32.load8_u (i32.const 6000015)))"#,
];

#[test]
fn a_chunk_that_cannot_be_had_is_an_error_and_the_store_goes_on() {
    let engine = engine(MemoryPolicy::Paged);
    for text in COMMITTING {
        let bytes = wat::parse_str(format!("(module {text})")).expect("a module in text form");
        let module = Module::new(&engine, bytes).expect("valid");
        let mut refused = 0;
        for allowed in 0.. {
            let mut store = store(&engine);
            LEFT.set(Some(allowed));
            let result = Instance::new(&mut store, &module, &[]).and_then(|instance| {
                let run = instance.get_typed_func::<(), i32>(&store, "run")?;
                run.call(&mut store, ())
            });
            let left = LEFT.replace(None);
            match result {
                Ok(1) if left != Some(0) => break,
                Ok(result) => assert!([1, -1].contains(&result), "{text}: {result}"),
                Err(error) => {
                    let trap = error.as_trap().map(|trap| trap.code());
                    assert!(
                        error.kind() == ErrorKind::OutOfMemory || trap == Some(TrapCode::OutOfMemory),
                        "{text}: {error}"
                    );
                    refused += 1;
                }
            }
            // There is memory again.
            let again = Instance::new(&mut store, &module, &[]).expect("an instance");
            let run = again.get_typed_func::<(), i32>(&store, "run").expect("exported");
            assert_eq!(run.call(&mut store, ()).expect("no trap"), 1, "{text}");
        }
        assert!(refused > 5, "{text}: {refused}");
    }
}

#[test]
fn writes_of_the_host_say_that_there_is_no_memory() {
    let engine = engine(MemoryPolicy::Paged);
    let mut store = store(&engine);
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).expect("a memory");
    LEFT.set(Some(0));
    let (zeros, ones) = (memory.write(&mut store, 5, &[0; 600]), memory.write(&mut store, 5, &[1; 600]));
    LEFT.set(None);
    assert_eq!(zeros, Ok(()), "nothing changes, so nothing is needed");
    assert_eq!(ones.map_err(|error| Error::from(error).kind()), Err(ErrorKind::OutOfMemory));
    memory.write(&mut store, 5, &[1; 600]).expect("memory");
}
