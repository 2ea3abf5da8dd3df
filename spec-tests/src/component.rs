//! Components in scripts: instances in stores of their own, and what their calls come to.
//!
//! Scripts about components import nothing, so each instance has a store and an empty linker; after a trap it is of no more use, and the script
//! makes another. Traps and link errors are compared by the beginnings of texts, as in core scripts.

use whit_component::{Component, LinkError, Linker, Val};
use whit_core::{Error, ErrorKind, Store, TrapCode};

use crate::script::{Argument, ComponentValue, Invoke, Pattern};

/// An instance and its store.
pub struct Instance {
    store: Store<()>,
    instance: whit_component::Instance,
}

/// What an action came to: the result of a function, if it has one.
pub type Outcome = Result<Option<Val>, Error>;

impl Instance {
    /// Instantiates a component that imports nothing.
    ///
    /// # Errors
    /// It imports something, or traps.
    pub fn new(component: &Component) -> Result<Self, Error> {
        let mut store = Store::new(component.engine(), ());
        let instance = Linker::new(component.engine()).instantiate(&mut store, component)?;
        Ok(Self { store, instance })
    }

    /// Calls a function. The outer error is a mistake of the script.
    ///
    /// # Errors
    /// There is no such function, or an argument is not a component-level value.
    pub fn invoke(&mut self, invoke: &Invoke) -> Result<Outcome, String> {
        let func = self.instance.get_func(&mut self.store, &[&invoke.name]);
        let func = func.ok_or_else(|| format!("the instance exports no function `{}`", invoke.name))?;
        let arguments = invoke.arguments.iter().map(|argument| match argument {
            Argument::Component(value) => Ok(val(value)),
            other => Err(format!("{other:?} is not a component-level value")),
        });
        let arguments = arguments.collect::<Result<Vec<_>, _>>()?;
        Ok(func.call(&mut self.store, &arguments))
    }
}

/// Whether an action trapped as expected.
///
/// # Errors
/// It did not.
pub fn expect_trap(outcome: Outcome, message: &str) -> Result<(), String> {
    let error = match outcome {
        Ok(value) => return Err(format!("returned {value:?}, expected: {message}")),
        Err(error) => error,
    };
    let text = match error.as_trap() {
        // The scripts have it in the words of another engine.
        Some(trap) if trap.code() == TrapCode::Unreachable => "wasm `unreachable` instruction executed".into(),
        Some(trap) => trap.code().message().to_string(),
        None => error.to_string(),
    };
    let message = message.strip_prefix("wasm trap: ").unwrap_or(message);
    match text.starts_with(message) || message.starts_with(&text) {
        true => Ok(()),
        false => Err(format!("{text}, expected: {message}")),
    }
}

/// Whether an action returned what was expected.
///
/// # Errors
/// It did not.
pub fn expect_results(outcome: Outcome, expected: &[Pattern]) -> Result<(), String> {
    let value = outcome.map_err(|error| error.to_string())?;
    let matches = match (&value, expected) {
        (None, []) => true,
        (Some(value), [Pattern::Component(expected)]) => same(value, &val(expected)),
        _ => false,
    };
    if matches { Ok(()) } else { Err(format!("returned {value:?}, expected {expected:?}")) }
}

/// Whether a component could not be linked, as expected.
///
/// # Errors
/// The error is another one.
pub fn expect_unlinkable(error: &Error, message: &str) -> Result<(), String> {
    match error.downcast_ref::<LinkError>().is_some() || error.kind() == ErrorKind::Link {
        true => Ok(()),
        false => Err(format!("{error}, expected: {message}")),
    }
}

/// A value of a script as one of the component model.
fn val(value: &ComponentValue) -> Val {
    use ComponentValue as V;
    let all = |values: &[V]| values.iter().map(val).collect();
    let optional = |value: &Option<Box<V>>| value.as_deref().map(|value| Box::new(val(value)));
    match value {
        V::Bool(value) => Val::Bool(*value),
        V::U8(value) => Val::U8(*value),
        V::S8(value) => Val::S8(*value),
        V::U16(value) => Val::U16(*value),
        V::S16(value) => Val::S16(*value),
        V::U32(value) => Val::U32(*value),
        V::S32(value) => Val::S32(*value),
        V::U64(value) => Val::U64(*value),
        V::S64(value) => Val::S64(*value),
        V::F32(bits) => Val::F32(f32::from_bits(*bits)),
        V::F64(bits) => Val::F64(f64::from_bits(*bits)),
        V::Char(value) => Val::Char(*value),
        V::String(value) => Val::String(value.clone()),
        V::List(values) => Val::List(all(values)),
        V::Map(entries) => Val::Map(entries.iter().map(|(key, value)| (val(key), val(value))).collect()),
        V::Record(fields) => {
            Val::Record(fields.iter().map(|(name, value)| (name.as_str().into(), val(value))).collect())
        }
        V::Tuple(values) => Val::Tuple(all(values)),
        V::Variant(case, payload) => Val::Variant(case.as_str().into(), optional(payload)),
        V::Enum(case) => Val::Enum(case.as_str().into()),
        V::Option(payload) => Val::Option(optional(payload)),
        V::Result(payload) => Val::Result(payload.as_ref().map(optional).map_err(optional)),
        V::Flags(names) => Val::Flags(names.iter().map(|name| name.as_str().into()).collect()),
    }
}

/// Whether two values are the same, floats by their bits and NaNs all alike.
fn same(one: &Val, other: &Val) -> bool {
    let all = |a: &[Val], b: &[Val]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b));
    let optional = |a: &Option<Box<Val>>, b: &Option<Box<Val>>| match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => same(a, b),
        _ => false,
    };
    match (one, other) {
        (Val::F32(a), Val::F32(b)) => a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
        (Val::F64(a), Val::F64(b)) => a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
        // Scripts have one way to write lists.
        (Val::List(a) | Val::FixedList(a), Val::List(b) | Val::FixedList(b)) | (Val::Tuple(a), Val::Tuple(b)) => {
            all(a, b)
        }
        (Val::Map(a), Val::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(&a.0, &b.0) && same(&a.1, &b.1))
        }
        (Val::Record(a), Val::Record(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && same(&a.1, &b.1))
        }
        (Val::Variant(a, pa), Val::Variant(b, pb)) => a == b && optional(pa, pb),
        (Val::Option(a), Val::Option(b)) => optional(a, b),
        (Val::Result(Ok(a)), Val::Result(Ok(b))) | (Val::Result(Err(a)), Val::Result(Err(b))) => optional(a, b),
        (one, other) => one == other,
    }
}
