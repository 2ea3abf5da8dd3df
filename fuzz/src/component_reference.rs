//! A generated component on Whit and on Wasmtime: what each of its functions comes to, as text.
//!
//! What cannot be compared is left out: where one of the two met its limit on the host's memory for values.

use std::fmt::Write;
use std::sync::LazyLock;

use whit_component::{TrapCode, Val};

use crate::component::Case;

/// What the host saw and got of a function, or `None` if it trapped.
pub type Outcome = Option<String>;

/// The functions, each of which is called in an instance of its own: a trap ends an instance.
pub const FUNCTIONS: [&str; 5] = ["sink", "source", "echo", "look-at-noise", "echo-noise"];

/// Why a comparison is not made.
#[derive(Debug)]
pub struct Limit;

/// What the host of Whit has seen, and has to give.
#[derive(Debug)]
pub struct Host {
    seen: String,
    result: Val,
}

/// A component in Whit.
pub struct Whit<'c> {
    case: &'c Case,
    linked: whit_component::InstancePre<Host>,
}

impl<'c> Whit<'c> {
    /// Loads and links it.
    pub fn new(case: &'c Case, wasm: &[u8]) -> Self {
        static ENGINE: LazyLock<whit_core::Engine> = LazyLock::new(whit_core::Engine::default);
        let link = || {
            let component = whit_component::Component::new(&ENGINE, wasm.to_vec())?;
            let mut linker = whit_component::Linker::<Host>::new(&ENGINE);
            for name in ["sink", "look"] {
                linker.root().func_new(name, |mut store, params| {
                    store.data_mut().seen = params.iter().map(text).collect();
                    Ok(None)
                })?;
            }
            linker.root().func_new("source", |store, _| Ok(Some(store.data().result.clone())))?;
            linker.instantiate_pre(&component)
        };
        Self { case, linked: link().unwrap_or_else(|error: whit_core::Error| panic!("{error}\n{}", case.text)) }
    }

    /// Calls a function in a new instance.
    ///
    /// # Errors
    /// A limit was met.
    pub fn call(&self, function: &str) -> Result<Outcome, Limit> {
        let host = Host { seen: String::new(), result: self.case.result.clone() };
        let mut store = whit_core::Store::new(self.linked.component().engine(), host);
        let instance = self.linked.instantiate(&mut store).expect("nothing runs when it is instantiated");
        let func = instance.get_func(&mut store, &[function]).expect("the component exports it");
        match func.call(&mut store, params(self.case, function)) {
            Ok(result) => Ok(Some(store.into_data().seen + &result.iter().map(text).collect::<String>())),
            Err(error) if error.downcast_ref() == Some(&TrapCode::ValueMemory) => Err(Limit),
            Err(_) => Ok(None),
        }
    }
}

/// A component in Wasmtime.
pub struct Wasmtime<'c> {
    case: &'c Case,
    linked: wasmtime::component::InstancePre<String>,
}

impl<'c> Wasmtime<'c> {
    /// Compiles and links it.
    pub fn new(case: &'c Case, wasm: &[u8]) -> Self {
        use wasmtime::component::{Component, Linker};
        static ENGINE: LazyLock<wasmtime::Engine> = LazyLock::new(|| {
            let mut config = wasmtime::Config::new();
            // As in `reference`.
            config.cranelift_opt_level(wasmtime::OptLevel::None).wasm_backtrace_max_frames(None);
            config.signals_based_traps(false).memory_reservation(0).memory_guard_size(0).memory_init_cow(false);
            wasmtime::Engine::new(&config).unwrap_or_else(|error| panic!("{error:?}"))
        });
        let link = || {
            let component = Component::new(&ENGINE, wasm)?;
            let mut linker = Linker::<String>::new(&ENGINE);
            for name in ["sink", "look"] {
                linker.root().func_new(name, |mut store, _, params, _| {
                    *store.data_mut() = params.iter().map(wasmtime_text).collect();
                    Ok(())
                })?;
            }
            let given = to_wasmtime(&case.result);
            linker.root().func_new("source", move |_, _, _, results| {
                results[0] = given.clone();
                Ok(())
            })?;
            linker.instantiate_pre(&component)
        };
        Self { case, linked: link().unwrap_or_else(|error: wasmtime::Error| panic!("{error:?}\n{}", case.text)) }
    }

    /// Calls a function in a new instance.
    ///
    /// # Errors
    /// A limit was met.
    pub fn call(&self, function: &str) -> Result<Outcome, Limit> {
        let mut store = wasmtime::Store::new(self.linked.engine(), String::new());
        let instance = self.linked.instantiate(&mut store).expect("nothing runs when it is instantiated");
        let func = instance.get_func(&mut store, function).expect("the component exports it");
        let params: Vec<_> = params(self.case, function).iter().map(to_wasmtime).collect();
        let returns = !matches!(function, "sink" | "look-at-noise");
        let mut results = vec![wasmtime::component::Val::Bool(false); returns.into()];
        match func.call(&mut store, &params, &mut results) {
            Ok(()) => Ok(Some(store.into_data() + &results.iter().map(wasmtime_text).collect::<String>())),
            Err(error) if format!("{error:?}").contains("fuel allocated for hostcalls") => Err(Limit),
            Err(_) => Ok(None),
        }
    }
}

/// What a function is called with.
fn params<'c>(case: &'c Case, function: &str) -> &'c [Val] {
    match function {
        "sink" => &case.params,
        "echo" => std::slice::from_ref(&case.list),
        _ => &[],
    }
}

/// A value as text, the same for both.
fn text(value: &Val) -> String {
    wasmtime_text(&to_wasmtime(value))
}

fn wasmtime_text(value: &wasmtime::component::Val) -> String {
    let mut text = String::new();
    let _ = write!(text, "{value:?}, ");
    text
}

fn to_wasmtime(value: &Val) -> wasmtime::component::Val {
    use wasmtime::component::Val as Other;
    let boxed = |value: &Option<Box<Val>>| value.as_ref().map(|value| Box::new(to_wasmtime(value)));
    let names = |names: &[std::sync::Arc<str>]| names.iter().map(|name| name.to_string()).collect();
    match value {
        Val::Bool(value) => Other::Bool(*value),
        Val::S8(value) => Other::S8(*value),
        Val::U8(value) => Other::U8(*value),
        Val::S16(value) => Other::S16(*value),
        Val::U16(value) => Other::U16(*value),
        Val::S32(value) => Other::S32(*value),
        Val::U32(value) => Other::U32(*value),
        Val::S64(value) => Other::S64(*value),
        Val::U64(value) => Other::U64(*value),
        Val::F32(value) => Other::Float32(*value),
        Val::F64(value) => Other::Float64(*value),
        Val::Char(value) => Other::Char(*value),
        Val::String(value) => Other::String(value.clone()),
        Val::List(values) => Other::List(values.iter().map(to_wasmtime).collect()),
        Val::Tuple(values) => Other::Tuple(values.iter().map(to_wasmtime).collect()),
        Val::Record(fields) => {
            Other::Record(fields.iter().map(|(name, value)| (name.to_string(), to_wasmtime(value))).collect())
        }
        Val::Variant(name, payload) => Other::Variant(name.to_string(), boxed(payload)),
        Val::Enum(name) => Other::Enum(name.to_string()),
        Val::Flags(set) => Other::Flags(names(set)),
        Val::Option(payload) => Other::Option(boxed(payload)),
        Val::Result(Ok(payload)) => Other::Result(Ok(boxed(payload))),
        Val::Result(Err(payload)) => Other::Result(Err(boxed(payload))),
        other => panic!("no value of this type is generated: {other:?}"),
    }
}
