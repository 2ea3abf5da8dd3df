//! What a guest was seen doing, in a form that can be compared: between engines, modes and runtimes.
//!
//! References have no identity outside their store, so that all a trace knows of one is its kind, and the number in an `i31`.

use whit_core::{ErrorKind, TrapCode};

/// All that was seen of one run of a module.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// How instantiation ended, start function included.
    pub instantiation: Ending,
    /// Each call of an exported function, in the order of the exports.
    pub calls: Vec<Call>,
    /// What was left in exported memories, tables and globals, in the order of the exports.
    pub state: Vec<Left>,
}

/// A call of an exported function.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The export.
    pub name: String,
    /// What it was called with.
    pub arguments: Vec<Value>,
    /// How it ended.
    pub ending: Ending,
    /// The fuel left, where fuel is counted.
    pub fuel: Option<u64>,
    /// A digest of all calls of host functions until then, with their arguments.
    pub host: u64,
}

/// How running code ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// With results; none for an instantiation.
    Returned(Vec<Value>),
    /// With a trap.
    Trapped(TrapCode),
    /// With an exception.
    Threw,
    /// With the error of a host function.
    Host,
    /// It did not begin.
    Refused(ErrorKind),
    /// It ran into a limit: fuel, stack or memory.
    Limit(&'static str),
}

impl Ending {
    /// Whether another runtime, with other limits, may end otherwise.
    pub fn is_limit(&self) -> bool {
        match self {
            Self::Limit(_) => true,
            Self::Trapped(code) => code.is_limit() || *code == TrapCode::AllocationTooLarge,
            _ => false,
        }
    }
}

/// A value as far as it can be compared.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the types of WebAssembly, and the kinds of references")]
pub enum Value {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(u128),
    Null,
    I31(u32),
    Reference(&'static str),
}

/// What was left in an exported entity.
#[derive(Clone, Debug, PartialEq)]
pub enum Left {
    /// A memory: bytes, and a digest of them.
    Memory(usize, u64),
    /// A table: its elements, as far as they are looked at.
    Table(u64, Vec<Value>),
    /// A global variable.
    Global(Value),
}

/// Elements of a table that are looked at.
pub const ELEMENTS_SEEN: u64 = 16;

impl Trace {
    /// The same without fuel, to be compared with runs that do not count it.
    pub fn without_fuel(mut self) -> Self {
        self.calls.iter_mut().for_each(|call| call.fuel = None);
        self
    }

    /// Whether nothing ran into a limit.
    pub fn is_complete(&self) -> bool {
        !self.instantiation.is_limit() && self.calls.iter().all(|call| !call.ending.is_limit())
    }
}

/// Adds to a digest. Not cryptographic: the guests do not fight it.
pub fn digest(so_far: u64, word: u64) -> u64 {
    (so_far ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// The digest of a memory's contents.
pub fn digest_bytes(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let whole = words.iter().fold(bytes.len() as u64, |so_far, word| digest(so_far, u64::from_le_bytes(*word)));
    rest.iter().fold(whole, |so_far, byte| digest(so_far, u64::from(*byte)))
}
