//! A module on Whit, in one of the ways it can run → a trace.
//!
//! Every way gives the same trace: that is the property. Calls are bounded by fuel where it is counted; a way without fuel must only be given modules
//! that ended within theirs.

use arbitrary::Unstructured;
use whit_core::{
    AnyRef, Caller, CompilationMode, Config, Engine, Error, ErrorKind, ExecutionEngine, Extern, ExternRef, Func,
    FuncType, Global, HeapType, I31, Linker, Module, Progress, Store, StoreLimits, TrapCode, V128, Val, ValType,
};

use crate::generate::MEMORY_BYTES;
use crate::trace::{Call, ELEMENTS_SEEN, Ending, Left, Trace, Value, digest, digest_bytes};

/// Fuel of an instantiation, and of each call.
pub const FUEL: u64 = 10_000;

/// Calls of exported functions that are made of one instance.
const CALLS: usize = 12;

/// How guests are run.
pub struct Way {
    engine: Engine,
    linker: Linker<Host>,
    metered: bool,
    slice: Option<u64>,
}

/// What host functions have seen.
#[derive(Default)]
struct Host {
    seen: u64,
}

impl Host {
    fn see(&mut self, words: &[u64]) {
        self.seen = words.iter().fold(self.seen, |seen, word| digest(seen, *word));
    }
}

/// What distinguishes ways.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The engine that executes.
    pub execution: ExecutionEngine,
    /// When bodies are translated.
    pub mode: CompilationMode,
    /// Whether fuel is counted.
    pub metered: bool,
    /// Whether epochs are watched.
    pub epochs: bool,
    /// Fuel given at a time: the execution is left and resumed wherever it is used up.
    pub slice: Option<u64>,
}

impl Way {
    /// A way with these settings.
    ///
    /// # Panics
    /// If this build is without the engine: both must be there for the comparison to mean anything.
    pub fn new(settings: Settings) -> Self {
        let mut config = Config::new();
        config.execution(settings.execution).compilation_mode(settings.mode);
        config.consume_fuel(settings.metered).epoch_interruption(settings.epochs);
        // Modules that grow, recurse and allocate are to find the limits, and quickly.
        config.max_wasm_stack(1 << 18).max_call_depth(500);
        config.store_limits(limits());
        let engine = Engine::new(&config).unwrap_or_else(|error| panic!("{settings:?}: {error}"));
        let linker = linker(&engine).unwrap_or_else(|error| panic!("{error}"));
        Self { engine, linker, metered: settings.metered, slice: settings.slice }
    }

    /// Runs a module: instantiates it, calls its exported functions with values made of `entropy`, and looks at what is left.
    pub fn run(&self, wasm: &[u8], entropy: &[u8]) -> Trace {
        let mut store = Store::new(&self.engine, Host::default());
        let mut trace = Trace { instantiation: Ending::Returned(Vec::new()), calls: Vec::new(), state: Vec::new() };
        self.refuel(&mut store, FUEL);
        store.set_epoch_deadline(1);
        let instance =
            Module::new(&self.engine, wasm.to_vec()).and_then(|module| self.linker.instantiate(&mut store, &module));
        let instance = match instance {
            Ok(instance) => instance,
            Err(error) => {
                trace.instantiation = ending(&error);
                return trace;
            }
        };
        let mut entropy = Unstructured::new(entropy);
        let exports: Vec<(String, Extern)> =
            instance.exports(&store).map(|export| (export.name().to_string(), export.into_extern())).collect();
        let functions = exports.iter().filter_map(|(name, item)| Some((name, item.clone().into_func()?)));
        for (name, func) in functions.take(CALLS) {
            let Some(arguments) = arguments(&func.ty(&store), &mut entropy) else { continue };
            let (ending, withheld) = self.call(&mut store, func, &arguments);
            let fuel = self.metered.then(|| withheld + store.get_fuel().unwrap_or_default());
            trace.calls.push(Call { name: name.clone(), arguments, ending, fuel, host: store.data().seen });
        }
        trace.state = exports.iter().filter_map(|(_, item)| left(&mut store, item)).collect();
        // The instance is used once more after everything that happened: dropped executions leave nothing behind.
        self.refuel(&mut store, FUEL);
        _ = store.gc();
        trace
    }

    fn refuel(&self, store: &mut Store<Host>, fuel: u64) {
        if self.metered {
            store.set_fuel(fuel).unwrap_or_else(|error| panic!("{error}"));
        }
    }

    /// Calls a function. Returns how that ended, and how much of the fuel was never given.
    fn call(&self, store: &mut Store<Host>, func: Func, arguments: &[Value]) -> (Ending, u64) {
        let mut given = self.slice.unwrap_or(FUEL).min(FUEL);
        self.refuel(store, given);
        let ending = self.run_to_the_end(store, func, arguments, &mut given);
        (ending, FUEL - given)
    }

    fn run_to_the_end(&self, store: &mut Store<Host>, func: Func, arguments: &[Value], given: &mut u64) -> Ending {
        let ty = func.ty(&*store);
        let mut values = Vec::new();
        for (argument, ty) in arguments.iter().zip(ty.params()) {
            match val(store, *argument, ty) {
                Ok(value) => values.push(value),
                Err(error) => return ending(&error),
            }
        }
        let mut execution = match func.start(&mut *store, &values) {
            Ok(execution) => execution,
            Err(error) => return ending(&error),
        };
        drop(values);
        let mut turns = 0_u64;
        loop {
            turns += 1;
            match execution.resume(&mut *store) {
                Ok(Progress::Done(results)) => {
                    return Ending::Returned(results.iter().map(|result| value(store, result)).collect());
                }
                Ok(Progress::OutOfFuel) => {
                    let Some(slice) = self.slice.filter(|_| *given < FUEL) else { return Ending::Limit("fuel") };
                    let more = slice.min(FUEL - *given);
                    *given += more;
                    let rest = store.get_fuel().unwrap_or_default();
                    self.refuel(store, rest + more);
                    // While it stands still, everything that may happen meanwhile does: the next safepoint is also an interruption, and
                    // objects that only the execution knows are looked for.
                    self.engine.increment_epoch();
                    if turns.is_multiple_of(7) {
                        store.gc().unwrap_or_else(|error| panic!("{error}"));
                    }
                }
                Ok(Progress::Interrupted) => store.set_epoch_deadline(1),
                Ok(Progress::Pending | Progress::Suspended(_)) => return Ending::Limit("pending"),
                Err(error) => return ending(&error),
            }
        }
    }
}

/// What a store may grow to; [`reference`](crate::reference) has the same.
fn limits() -> StoreLimits {
    StoreLimits::new().memory_size(MEMORY_BYTES as usize * 2).table_elements(1000).heap_size(1 << 20)
}

/// The imports of `generate`. What they compute is arbitrary, and the same as in `reference`.
fn linker(engine: &Engine) -> Result<Linker<Host>, Error> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "note", |mut caller: Caller<'_, Host>, a: i32| {
        caller.data_mut().see(&[1, a as u64]);
    })?;
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
    linker.func_wrap("host", "keep", |mut caller: Caller<'_, Host>, a: Option<ExternRef>, b: Option<Func>| {
        caller.data_mut().see(&[5, u64::from(a.is_some()), u64::from(b.is_some())]);
        (a, b)
    })?;
    linker.func_wrap("host", "refuse", |mut caller: Caller<'_, Host>, a: i32| -> Result<i32, Error> {
        caller.data_mut().see(&[6, a as u64]);
        if a % 3 == 0 { Err(Error::msg("refused")) } else { Ok(a / 2) }
    })?;
    Ok(linker)
}

/// What the imported function of this name computes.
pub fn mix(a: i32, b: i64, c: f32, d: f64) -> i64 {
    i64::from(a).wrapping_mul(3) ^ b ^ i64::from(c.to_bits()) ^ d.to_bits() as i64
}

/// What an error of Whit comes to.
fn ending(error: &Error) -> Ending {
    match (error.kind(), error.as_trap()) {
        (_, Some(trap)) if trap.code() == TrapCode::OutOfFuel => Ending::Limit("fuel"),
        (_, Some(trap)) => Ending::Trapped(trap.code()),
        (ErrorKind::Exception, _) => Ending::Threw,
        (ErrorKind::Host, _) => Ending::Host,
        (ErrorKind::OutOfMemory | ErrorKind::Limit, _) => Ending::Limit("memory"),
        (kind, _) => Ending::Refused(kind),
    }
}

/// Arguments for a function; `None` if it wants a reference that cannot be made up.
fn arguments(ty: &FuncType, entropy: &mut Unstructured<'_>) -> Option<Vec<Value>> {
    ty.params().iter().map(|ty| argument(ty, entropy)).collect()
}

fn argument(ty: &ValType, entropy: &mut Unstructured<'_>) -> Option<Value> {
    // Numbers near the edges are where mistakes are; whole random ones hardly ever hit them.
    let choice: u8 = entropy.arbitrary().ok()?;
    let bits: u64 = match choice & 7 {
        0 => 0,
        1 => 1,
        2 => u64::MAX,
        3 => 1 << (choice >> 3),
        4 => u64::from(choice >> 3),
        5 => u64::from(f32::NAN.to_bits()) << 32 | u64::from(f32::NAN.to_bits()),
        _ => entropy.arbitrary().ok()?,
    };
    Some(match ty {
        ValType::I32 => Value::I32(bits as i32),
        ValType::I64 => Value::I64(bits as i64),
        ValType::F32 => Value::F32(bits as u32),
        ValType::F64 => Value::F64(bits),
        ValType::V128 => Value::V128(u128::from(bits) << 64 | u128::from(!bits)),
        ValType::Ref(ty) => match ty.heap_type() {
            HeapType::Any | HeapType::Eq | HeapType::I31 if !ty.is_nullable() || choice & 1 == 1 => {
                Value::I31(bits as u32 & 0x7fff_ffff)
            }
            _ if ty.is_nullable() => Value::Null,
            _ => return None,
        },
    })
}

fn val(store: &mut Store<Host>, value: Value, ty: &ValType) -> Result<Val, Error> {
    Ok(match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(bits) => Val::F32(bits),
        Value::F64(bits) => Val::F64(bits),
        Value::V128(bits) => Val::V128(bits.into()),
        Value::I31(value) => Val::AnyRef(Some(AnyRef::from_i31(&*store, I31::wrapping_u32(value))?)),
        Value::Null | Value::Reference(_) => Val::default_for_ty(ty).unwrap_or_else(|| panic!("{ty} is not nullable")),
    })
}

/// What can be seen of a value.
fn value(store: &mut Store<Host>, value: &Val) -> Value {
    match value {
        Val::I32(value) => Value::I32(*value),
        Val::I64(value) => Value::I64(*value),
        Val::F32(bits) => Value::F32(*bits),
        Val::F64(bits) => Value::F64(*bits),
        Val::V128(bits) => Value::V128(bits.as_u128()),
        Val::FuncRef(None) | Val::ExternRef(None) | Val::AnyRef(None) | Val::ExnRef(None) => Value::Null,
        Val::FuncRef(Some(_)) => Value::Reference("func"),
        Val::ExternRef(Some(_)) => Value::Reference("extern"),
        Val::ExnRef(Some(_)) => Value::Reference("exn"),
        Val::AnyRef(Some(reference)) => any(store, reference).unwrap_or_else(|error| panic!("{error}")),
    }
}

fn any(store: &mut Store<Host>, reference: &AnyRef) -> Result<Value, Error> {
    Ok(match reference.as_i31(&*store)? {
        Some(number) => Value::I31(number.get_u32()),
        None if reference.is_struct(&*store)? => Value::Reference("struct"),
        None if reference.is_array(&*store)? => Value::Reference("array"),
        None => Value::Reference("any"),
    })
}

/// What is left in an export.
fn left(store: &mut Store<Host>, item: &Extern) -> Option<Left> {
    Some(match item {
        Extern::Memory(memory) => {
            let bytes = memory.data(&*store);
            Left::Memory(bytes.len(), digest_bytes(bytes))
        }
        Extern::SharedMemory(memory) => {
            let mut bytes = vec![0; memory.data_size()];
            memory.read(0, &mut bytes).unwrap_or_else(|error| panic!("{error}"));
            Left::Memory(bytes.len(), digest_bytes(&bytes))
        }
        Extern::Table(table) => {
            let size = table.size(&*store);
            let mut seen = Vec::new();
            for index in 0..size.min(ELEMENTS_SEEN) {
                let element = table.get(&mut *store, index).map(Val::from);
                seen.push(element.map_or(Value::Null, |element| value(store, &element)));
            }
            Left::Table(size, seen)
        }
        Extern::Global(global) => Left::Global(global_value(store, global)),
        _ => return None,
    })
}

fn global_value(store: &mut Store<Host>, global: &Global) -> Value {
    let val = global.get(&mut *store);
    value(store, &val)
}
