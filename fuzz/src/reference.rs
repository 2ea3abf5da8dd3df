//! A module on Wasmtime: the calls of a trace once more → where the two differ.
//!
//! Wasmtime is given the same proposals, canonical NaNs and the deterministic relaxed SIMD, which are what Whit always does. What ran into a limit on
//! either side ends the comparison: their limits are not the same. What ends on Whit must end on Wasmtime, without fuel, which the two count differently:
//! the fuzzer's time limit watches over that.

use std::cell::UnsafeCell;
use std::sync::LazyLock;

use wasmtime::{
    AnyRef, Caller, Collector, Config, Engine, Error, Extern, ExternRef, Func, GcHeapOutOfMemory, I31, Instance,
    Linker, Module, OptLevel, Ref, Rooted, Store, StoreLimits, StoreLimitsBuilder, ThrownException, Trap, V128, Val,
    ValType,
};
use whit_core::TrapCode;

use crate::generate::MEMORY_BYTES;
use crate::guest::mix;
use crate::trace::{ELEMENTS_SEEN, Ending, Left, Trace, Value, digest, digest_bytes};

static SHARED: LazyLock<(Engine, Linker<Host>)> = LazyLock::new(|| {
    let made = engine().and_then(|engine| {
        let linker = linker(&engine)?;
        Ok((engine, linker))
    });
    made.unwrap_or_else(|error| panic!("{error:?}"))
});

fn engine() -> Result<Engine, Error> {
    let mut config = Config::new();
    config.cranelift_nan_canonicalization(true).relaxed_simd_deterministic(true);
    config.wasm_gc(true).wasm_function_references(true).wasm_exceptions(true).wasm_tail_call(true);
    config.wasm_memory64(true).wasm_multi_memory(true).wasm_extended_const(true).wasm_threads(true);
    config.wasm_custom_page_sizes(true).wasm_wide_arithmetic(true).wasm_simd(true).wasm_relaxed_simd(true);
    config.shared_memory(true);
    // Modules run once and briefly: compiling them is most of the work.
    config.cranelift_opt_level(OptLevel::None).wasm_backtrace_max_frames(None);
    config.collector(Collector::Null);
    // The fuzzer has signal handlers of its own, and address space for each of three memories takes time to reserve.
    config.signals_based_traps(false).memory_reservation(0).memory_guard_size(0).memory_init_cow(false);
    config.gc_heap_reservation(0).gc_heap_guard_size(0);
    Engine::new(&config)
}

/// The data of a store.
struct Host {
    seen: u64,
    limits: StoreLimits,
}

impl Host {
    fn see(&mut self, words: &[u64]) {
        self.seen = words.iter().fold(self.seen, |seen, word| digest(seen, *word));
    }
}

/// The error of the imported function that refuses.
#[derive(Debug)]
struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("refused")
    }
}

impl std::error::Error for Refused {}

fn linker(engine: &Engine) -> Result<Linker<Host>, Error> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "note", |mut caller: Caller<'_, Host>, a: i32| caller.data_mut().see(&[1, a as u64]))?;
    linker.func_wrap("host", "mix", |mut caller: Caller<'_, Host>, a: i32, b: i64, c: f32, d: f64| -> i64 {
        caller.data_mut().see(&[2, a as u64, b as u64, u64::from(c.to_bits()), d.to_bits()]);
        mix(a, b, c, d)
    })?;
    linker.func_wrap("host", "swap", |mut caller: Caller<'_, Host>, a: f64, b: i32| -> (i32, f64) {
        caller.data_mut().see(&[3, a.to_bits(), b as u64]);
        (b, a)
    })?;
    linker.func_wrap("host", "vector", |mut caller: Caller<'_, Host>, a: V128, b: V128| -> V128 {
        let (a, b) = (a.as_u128(), b.as_u128());
        caller.data_mut().see(&[4, a as u64, (a >> 64) as u64, b as u64, (b >> 64) as u64]);
        V128::from(a ^ b.rotate_left(8))
    })?;
    linker.func_wrap(
        "host",
        "keep",
        |mut caller: Caller<'_, Host>, a: Option<Rooted<ExternRef>>, b: Option<Func>| {
            caller.data_mut().see(&[5, u64::from(a.is_some()), u64::from(b.is_some())]);
            (a, b)
        },
    )?;
    linker.func_wrap("host", "refuse", |mut caller: Caller<'_, Host>, a: i32| -> Result<i32, Error> {
        caller.data_mut().see(&[6, a as u64]);
        if a % 3 == 0 { Err(Error::new(Refused)) } else { Ok(a / 2) }
    })?;
    Ok(linker)
}

/// Runs what `trace` saw Whit do once more on Wasmtime.
///
/// # Panics
/// Wasmtime did something else.
pub fn compare(wasm: &[u8], trace: &Trace) {
    let (engine, linker) = &*SHARED;
    // Whit has accepted the module; that Wasmtime does too is compared, except for its own limits.
    let module = match Module::new(engine, wasm) {
        Ok(module) => module,
        Err(error) => {
            let text = format!("{error:?}");
            assert!(is_implementation_limit(&text), "Wasmtime refuses the module: {text}");
            return;
        }
    };
    let limits = StoreLimitsBuilder::new().memory_size(MEMORY_BYTES as usize * 2).table_elements(1000).build();
    let mut store = Store::new(engine, Host { seen: 0, limits });
    store.limiter(|host| &mut host.limits);
    if trace.instantiation.is_limit() {
        return;
    }
    let instance = linker.instantiate(&mut store, &module);
    let ended = instance.as_ref().map_or_else(ending, |_| Ending::Returned(Vec::new()));
    let Some(()) = agree("instantiation", &trace.instantiation, &ended) else { return };
    let Ok(instance) = instance else { return };
    for call in &trace.calls {
        // What comes behind a limit of Whit has no counterpart; such a call is not even begun, since it may not end.
        if call.ending.is_limit() {
            return;
        }
        let Some(func) = instance.get_func(&mut store, &call.name) else { panic!("no function {:?}", call.name) };
        let ended = run(&mut store, func, &call.arguments);
        let Some(()) = agree(&format!("{:?} with {:?}", call.name, call.arguments), &call.ending, &ended) else {
            return;
        };
        assert_eq!(call.host, store.data().seen, "calls of host functions until {:?}", call.name);
    }
    let left = state(&mut store, &instance, &module);
    assert_eq!(trace.state, left, "state at the end: Whit, Wasmtime");
}

/// Whether the words of an error are about what Wasmtime does not have, rather than about what the module is.
fn is_implementation_limit(text: &str) -> bool {
    ["too large", "limit", "not supported", "unsupported", "too many", "exceed"].iter().any(|word| text.contains(word))
}

/// Compares how something ended; `None` if Wasmtime ran into a limit, behind which nothing can be compared.
fn agree(what: &str, whit: &Ending, wasmtime: &Ending) -> Option<()> {
    if wasmtime.is_limit() {
        return None;
    }
    assert_eq!(as_wasmtime_says(whit), *wasmtime, "{what}: Whit ({whit:?}), Wasmtime");
    Some(())
}

/// Wasmtime tells fewer traps apart.
fn as_wasmtime_says(ending: &Ending) -> Ending {
    let Ending::Trapped(code) = ending else { return ending.clone() };
    Ending::Trapped(match code {
        TrapCode::UndefinedElement => TrapCode::TableOutOfBounds,
        TrapCode::NullFunctionReference
        | TrapCode::NullStructureReference
        | TrapCode::NullArrayReference
        | TrapCode::NullI31Reference
        | TrapCode::NullExceptionReference
        | TrapCode::NullDescriptorReference => TrapCode::NullReference,
        code => *code,
    })
}

fn run(store: &mut Store<Host>, func: Func, arguments: &[Value]) -> Ending {
    let ty = func.ty(&*store);
    let arguments: Vec<Val> =
        arguments.iter().zip(ty.params()).map(|(argument, ty)| val(store, *argument, &ty)).collect();
    let mut results = vec![Val::I32(0); ty.results().len()];
    match func.call(&mut *store, &arguments, &mut results) {
        Ok(()) => Ending::Returned(results.iter().map(|result| value(store, result)).collect()),
        Err(error) => ending(&error),
    }
}

fn ending(error: &Error) -> Ending {
    if error.is::<ThrownException>() {
        return Ending::Threw;
    }
    if error.is::<Refused>() {
        return Ending::Host;
    }
    if error.is::<GcHeapOutOfMemory<()>>() {
        return Ending::Limit("memory");
    }
    let Some(trap) = error.downcast_ref::<Trap>() else { return Ending::Limit("other") };
    Ending::Trapped(match trap {
        Trap::UnreachableCodeReached => TrapCode::Unreachable,
        Trap::IntegerDivisionByZero => TrapCode::IntegerDivideByZero,
        Trap::IntegerOverflow => TrapCode::IntegerOverflow,
        Trap::BadConversionToInteger => TrapCode::BadConversionToInteger,
        Trap::MemoryOutOfBounds => TrapCode::MemoryOutOfBounds,
        Trap::TableOutOfBounds => TrapCode::TableOutOfBounds,
        Trap::IndirectCallToNull => TrapCode::UninitializedElement,
        Trap::BadSignature => TrapCode::IndirectCallTypeMismatch,
        Trap::NullReference => TrapCode::NullReference,
        Trap::ArrayOutOfBounds => TrapCode::ArrayOutOfBounds,
        Trap::CastFailure => TrapCode::CastFailure,
        Trap::HeapMisaligned => TrapCode::UnalignedAtomic,
        Trap::AtomicWaitNonSharedMemory => TrapCode::ExpectedSharedMemory,
        _ => return Ending::Limit("other"),
    })
}

fn val(store: &mut Store<Host>, value: Value, ty: &ValType) -> Val {
    match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(bits) => Val::F32(bits),
        Value::F64(bits) => Val::F64(bits),
        Value::V128(bits) => Val::V128(bits.into()),
        Value::I31(value) => Val::AnyRef(Some(AnyRef::from_i31(&mut *store, I31::wrapping_u32(value)))),
        Value::Null | Value::Reference(_) => Val::default_for_ty(ty).unwrap_or_else(|| panic!("{ty} is not nullable")),
    }
}

fn value(store: &mut Store<Host>, value: &Val) -> Value {
    match value {
        Val::I32(value) => Value::I32(*value),
        Val::I64(value) => Value::I64(*value),
        Val::F32(bits) => Value::F32(*bits),
        Val::F64(bits) => Value::F64(*bits),
        Val::V128(bits) => Value::V128(bits.as_u128()),
        Val::FuncRef(Some(_)) => Value::Reference("func"),
        Val::ExternRef(Some(_)) => Value::Reference("extern"),
        Val::ExnRef(Some(_)) => Value::Reference("exn"),
        Val::AnyRef(Some(reference)) => any(store, reference).unwrap_or_else(|error| panic!("{error:?}")),
        _ => Value::Null,
    }
}

fn any(store: &mut Store<Host>, reference: &Rooted<AnyRef>) -> Result<Value, Error> {
    Ok(match reference.as_i31(&*store)? {
        Some(number) => Value::I31(number.get_u32()),
        None if reference.is_struct(&*store)? => Value::Reference("struct"),
        None if reference.is_array(&*store)? => Value::Reference("array"),
        None => Value::Reference("any"),
    })
}

fn reference(store: &mut Store<Host>, reference: Ref) -> Value {
    match reference {
        Ref::Func(Some(_)) => Value::Reference("func"),
        Ref::Extern(Some(_)) => Value::Reference("extern"),
        Ref::Exn(Some(_)) => Value::Reference("exn"),
        Ref::Any(Some(any_ref)) => any(store, &any_ref).unwrap_or_else(|error| panic!("{error:?}")),
        _ => Value::Null,
    }
}

/// A byte of a shared memory.
#[allow(unsafe_code, reason = "Wasmtime has no other way to read one")]
fn unshared(byte: &UnsafeCell<u8>) -> u8 {
    // SAFETY: no other thread has the memory, and no guest runs while its state is looked at.
    unsafe { *byte.get() }
}

fn state(store: &mut Store<Host>, instance: &Instance, module: &Module) -> Vec<Left> {
    let mut left = Vec::new();
    for export in module.exports() {
        left.push(match instance.get_export(&mut *store, export.name()) {
            Some(Extern::Memory(memory)) => {
                let bytes = memory.data(&*store);
                Left::Memory(bytes.len(), digest_bytes(bytes))
            }
            Some(Extern::SharedMemory(memory)) => {
                let bytes: Vec<u8> = memory.data().iter().map(unshared).collect();
                Left::Memory(bytes.len(), digest_bytes(&bytes))
            }
            Some(Extern::Table(table)) => {
                let size = table.size(&*store);
                let mut seen = Vec::new();
                for index in 0..size.min(ELEMENTS_SEEN) {
                    let element = table.get(&mut *store, index);
                    seen.push(element.map_or(Value::Null, |element| reference(store, element)));
                }
                Left::Table(size, seen)
            }
            Some(Extern::Global(global)) => {
                let val = global.get(&mut *store);
                Left::Global(value(store, &val))
            }
            _ => continue,
        });
    }
    left
}
