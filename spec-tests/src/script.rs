//! The text of a `.wast` script → its directives as plain data.
//!
//! The crate `wast` parses the script and encodes every module in it; nothing of that crate survives into [`Directive`], so its monthly
//! majors touch this file only. Assumes nothing about the text. Promises that every directive of the script is there, in order, with the line
//! it starts on; a module whose text the tool refuses is a [`ModuleSource`] holding that refusal, because scripts assert refusals.
//!
//! Spec heading: "Scripts" in the reference interpreter's manual. Next: [`runner`](crate::runner) executes what this produces.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wast::component::{ComponentKind, WastVal};
use wast::core::{
    AbstractHeapType, HeapType, ModuleKind, NanPattern as WastNan, V128Pattern as WastV128, WastArgCore, WastRetCore,
};
use wast::parser::{ParseBuffer, parse};
use wast::token::{F32, F64, Id};
use wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

/// A whole script.
#[derive(Debug, Serialize, Deserialize)]
pub struct Script {
    /// What to do, in order. Shared, because a thread of the script outlives no one but itself.
    pub directives: Arc<[Directive]>,
}

/// One directive and where it stands.
#[derive(Debug, Serialize, Deserialize)]
pub struct Directive {
    /// Line of the directive's keyword, counted from 1: what `expectations.toml` names it by.
    pub line: usize,
    /// What it asks for.
    pub kind: DirectiveKind,
}

/// The directives of the script language.
#[derive(Debug, Serialize, Deserialize)]
pub enum DirectiveKind {
    /// Define, validate and instantiate a module; it becomes the current instance.
    Module {
        /// `$name` under which later directives reach the definition and the instance.
        name: Option<String>,
        /// The module.
        source: ModuleSource,
    },
    /// Define and validate a module without instantiating it.
    ModuleDefinition {
        /// `$name` of the definition.
        name: Option<String>,
        /// The module.
        source: ModuleSource,
    },
    /// Instantiate an earlier definition; it becomes the current instance.
    ModuleInstance {
        /// `$name` of the new instance.
        instance: Option<String>,
        /// `$name` of the definition, or the latest one.
        definition: Option<String>,
    },
    /// Offer an instance's exports for import.
    Register {
        /// The import module name to offer them under.
        name: String,
        /// `$name` of the instance, or the current one.
        instance: Option<String>,
    },
    /// Call a function and ignore its results; it must not trap.
    Invoke(Invoke),
    /// The module must be refused.
    AssertRefused {
        /// At which stage.
        stage: Refusal,
        /// Whether the assertion is about a custom section or annotation.
        custom: bool,
        /// The module.
        source: ModuleSource,
        /// The reference interpreter's message.
        message: String,
    },
    /// The module must validate and fail to link.
    AssertUnlinkable {
        /// The module.
        source: ModuleSource,
        /// The reference interpreter's message.
        message: String,
    },
    /// The action must trap.
    AssertTrap {
        /// What to do.
        action: Action,
        /// The reference interpreter's message.
        message: String,
    },
    /// The action must succeed with these results.
    AssertReturn {
        /// What to do.
        action: Action,
        /// One pattern for each result.
        results: Vec<Pattern>,
    },
    /// The call must run out of stack.
    AssertExhaustion {
        /// What to call.
        invoke: Invoke,
        /// The reference interpreter's message.
        message: String,
    },
    /// The action must end in an uncaught exception.
    AssertException {
        /// What to do.
        action: Action,
    },
    /// The action must suspend without a handler (stack switching).
    AssertSuspension {
        /// What to do.
        action: Action,
        /// The reference interpreter's message.
        message: String,
    },
    /// Run directives on a new thread with an environment of its own.
    Thread {
        /// `$name` for `wait`.
        name: String,
        /// `$name` of the one instance that the thread may see.
        shared: Option<String>,
        /// What the thread does.
        directives: Arc<[Directive]>,
    },
    /// Wait for a thread.
    Wait {
        /// Its `$name`.
        thread: String,
    },
    /// Something outside core WebAssembly: the runner skips it by name.
    Unsupported {
        /// What it is.
        what: String,
        /// Whether it is an assertion.
        assertion: bool,
    },
}

impl DirectiveKind {
    /// Whether this is one of the `assert_*` directives, which is what the totals count.
    pub fn is_assertion(&self) -> bool {
        match self {
            Self::AssertRefused { .. }
            | Self::AssertUnlinkable { .. }
            | Self::AssertTrap { .. }
            | Self::AssertReturn { .. }
            | Self::AssertExhaustion { .. }
            | Self::AssertException { .. }
            | Self::AssertSuspension { .. } => true,
            Self::Unsupported { assertion, .. } => *assertion,
            Self::Module { .. }
            | Self::ModuleDefinition { .. }
            | Self::ModuleInstance { .. }
            | Self::Register { .. }
            | Self::Invoke(_)
            | Self::Thread { .. }
            | Self::Wait { .. } => false,
        }
    }
}

/// Before which stage a module must be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// It does not decode (or, for text, parse).
    Malformed,
    /// It decodes and does not validate.
    Invalid,
}

/// A module as the script gives it.
#[derive(Debug, Serialize, Deserialize)]
pub struct ModuleSource {
    /// How it was written.
    pub form: Form,
    /// Its binary form, or why the text tool refuses to make one.
    pub binary: Result<Vec<u8>, String>,
    /// Whether the script calls it a component.
    pub is_component: bool,
}

/// How a script writes a module down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// `(module …)`: text inside the script.
    Inline,
    /// `(module binary "…")`: bytes.
    Binary,
    /// `(module quote "…")`: text that need not parse.
    Quote,
}

/// Something that can return, trap or throw.
#[derive(Debug, Serialize, Deserialize)]
pub enum Action {
    /// Call an exported function.
    Invoke(Invoke),
    /// Read an exported global.
    Get {
        /// `$name` of the instance, or the current one.
        instance: Option<String>,
        /// The export.
        global: String,
    },
    /// Instantiate a module.
    Instantiate(ModuleSource),
}

/// A call of an exported function.
#[derive(Debug, Serialize, Deserialize)]
pub struct Invoke {
    /// `$name` of the instance, or the current one.
    pub instance: Option<String>,
    /// The export.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<Argument>,
}

/// A value given to a function. Floats are bits, so that no NaN is lost on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Argument {
    /// An `i32`.
    I32(i32),
    /// An `i64`.
    I64(i64),
    /// The bits of an `f32`.
    F32(u32),
    /// The bits of an `f64`.
    F64(u64),
    /// A vector.
    V128(u128),
    /// `ref.null` of a type in this hierarchy.
    RefNull(Hierarchy),
    /// The host's value with this number, as an `externref`.
    RefExtern(u32),
    /// The host's value with this number, as an `anyref`.
    RefHost(u32),
    /// A value of a component-level type.
    Component(ComponentValue),
}

/// A value of a component-level type, as the script writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is named as its type in WIT")]
pub enum ComponentValue {
    Bool(bool),
    U8(u8),
    S8(i8),
    U16(u16),
    S16(i16),
    U32(u32),
    S32(i32),
    U64(u64),
    S64(i64),
    /// The bits of an `f32`.
    F32(u32),
    /// The bits of an `f64`.
    F64(u64),
    Char(char),
    String(String),
    List(Vec<ComponentValue>),
    Map(Vec<(ComponentValue, ComponentValue)>),
    Record(Vec<(String, ComponentValue)>),
    Tuple(Vec<ComponentValue>),
    Variant(String, Option<Box<ComponentValue>>),
    Enum(String),
    Option(Option<Box<ComponentValue>>),
    Result(Result<Option<Box<ComponentValue>>, Option<Box<ComponentValue>>>),
    Flags(Vec<String>),
}

/// The top type above a reference type: all that a null value keeps of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hierarchy {
    /// `func` and below.
    Func,
    /// `extern` and below.
    Extern,
    /// `any` and below.
    Any,
    /// `exn` and below.
    Exn,
    /// A concrete or continuation type: the script does not say which hierarchy.
    Unknown,
}

/// What a result may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pattern {
    /// This `i32`.
    I32(i32),
    /// This `i64`.
    I64(i64),
    /// An `f32` of this shape.
    F32(Float<u32>),
    /// An `f64` of this shape.
    F64(Float<u64>),
    /// A vector of integer lanes (their width does not matter to equality).
    V128(u128),
    /// A vector of four `f32` shapes.
    F32x4([Float<u32>; 4]),
    /// A vector of two `f64` shapes.
    F64x2([Float<u64>; 2]),
    /// A null reference, of any type when none is named.
    RefNull(Option<Hierarchy>),
    /// A non-null `externref`; with a number, the host's value of that number.
    RefExtern(Option<u32>),
    /// The host's value of this number, as an `anyref`.
    RefHost(u32),
    /// A non-null function reference.
    RefFunc,
    /// A non-null `anyref`.
    RefAny,
    /// A non-null `eqref`.
    RefEq,
    /// A non-null array.
    RefArray,
    /// A non-null structure.
    RefStruct,
    /// A non-null `i31ref`.
    RefI31,
    /// Any of these.
    Either(Vec<Pattern>),
    /// This value of a component-level type.
    Component(ComponentValue),
}

/// A float: its exact bits, or one of the two kinds of NaN the specification distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Float<Bits> {
    /// Exactly these bits.
    Bits(Bits),
    /// A NaN whose payload is the quiet bit alone, either sign.
    CanonicalNan,
    /// A NaN whose quiet bit is set.
    ArithmeticNan,
}

/// Why a text is not a script.
#[derive(Debug)]
pub struct ScriptError {
    /// Line of the offending token, counted from 1.
    pub line: usize,
    /// What the tool says.
    pub message: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ScriptError {}

impl Script {
    /// Parses `text`.
    ///
    /// # Errors
    /// The text is not a script of the language that the `wast` tool knows.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let refuse = |e: wast::Error| ScriptError { line: e.span().linecol_in(text).0 + 1, message: e.message() };
        // The suite tests bidirectional controls and look-alikes in names: the lexer's lint against them is about editors, not Wasm.
        let mut lexer = wast::lexer::Lexer::new(text);
        lexer.allow_confusing_unicode(true);
        let buffer = ParseBuffer::new_with_lexer(lexer).map_err(refuse)?;
        let script = parse::<Wast<'_>>(&buffer).map_err(refuse)?;
        Ok(Self { directives: directives(text, script.directives) })
    }
}

fn directives(text: &str, directives: Vec<WastDirective<'_>>) -> Arc<[Directive]> {
    let convert = |directive: WastDirective<'_>| {
        let line = directive.span().linecol_in(text).0 + 1;
        let assertion = is_assertion(&directive);
        let kind =
            kind(text, directive).unwrap_or_else(|what| DirectiveKind::Unsupported { what: what.into(), assertion });
        Directive { line, kind }
    };
    directives.into_iter().map(convert).collect()
}

fn is_assertion(directive: &WastDirective<'_>) -> bool {
    match directive {
        WastDirective::Module(_)
        | WastDirective::ModuleDefinition(_)
        | WastDirective::ModuleInstance { .. }
        | WastDirective::Register { .. }
        | WastDirective::Invoke(_)
        | WastDirective::Thread(_)
        | WastDirective::Wait { .. } => false,
        WastDirective::AssertMalformed { .. }
        | WastDirective::AssertMalformedCustom { .. }
        | WastDirective::AssertInvalid { .. }
        | WastDirective::AssertInvalidCustom { .. }
        | WastDirective::AssertUnlinkable { .. }
        | WastDirective::AssertTrap { .. }
        | WastDirective::AssertReturn { .. }
        | WastDirective::AssertExhaustion { .. }
        | WastDirective::AssertException { .. }
        | WastDirective::AssertSuspension { .. } => true,
    }
}

/// What a core script cannot hold.
type Unsupported = &'static str;

fn kind(text: &str, directive: WastDirective<'_>) -> Result<DirectiveKind, Unsupported> {
    Ok(match directive {
        WastDirective::Module(module) => DirectiveKind::Module { name: owned(module.name()), source: source(module)? },
        WastDirective::ModuleDefinition(module) => {
            DirectiveKind::ModuleDefinition { name: owned(module.name()), source: source(module)? }
        }
        WastDirective::ModuleInstance { instance, module, .. } => {
            DirectiveKind::ModuleInstance { instance: owned(instance), definition: owned(module) }
        }
        WastDirective::Register { name, module, .. } => {
            DirectiveKind::Register { name: name.to_string(), instance: owned(module) }
        }
        WastDirective::Invoke(call) => DirectiveKind::Invoke(invoke(call)?),
        WastDirective::AssertMalformed { module, message, .. } => refused(Refusal::Malformed, false, module, message)?,
        WastDirective::AssertMalformedCustom { module, message, .. } => {
            refused(Refusal::Malformed, true, module, message)?
        }
        WastDirective::AssertInvalid { module, message, .. } => refused(Refusal::Invalid, false, module, message)?,
        WastDirective::AssertInvalidCustom { module, message, .. } => refused(Refusal::Invalid, true, module, message)?,
        WastDirective::AssertUnlinkable { module, message, .. } => {
            DirectiveKind::AssertUnlinkable { source: source(QuoteWat::Wat(module))?, message: message.to_string() }
        }
        WastDirective::AssertTrap { exec, message, .. } => {
            DirectiveKind::AssertTrap { action: action(exec)?, message: message.to_string() }
        }
        WastDirective::AssertReturn { exec, results, .. } => DirectiveKind::AssertReturn {
            action: action(exec)?,
            results: results.into_iter().map(result).collect::<Result<_, _>>()?,
        },
        WastDirective::AssertExhaustion { call, message, .. } => {
            DirectiveKind::AssertExhaustion { invoke: invoke(call)?, message: message.to_string() }
        }
        WastDirective::AssertException { exec, .. } => DirectiveKind::AssertException { action: action(exec)? },
        WastDirective::AssertSuspension { exec, message, .. } => {
            DirectiveKind::AssertSuspension { action: action(exec)?, message: message.to_string() }
        }
        WastDirective::Thread(thread) => DirectiveKind::Thread {
            name: thread.name.name().to_string(),
            shared: owned(thread.shared_module),
            directives: directives(text, thread.directives),
        },
        WastDirective::Wait { thread, .. } => DirectiveKind::Wait { thread: thread.name().to_string() },
    })
}

fn refused(stage: Refusal, custom: bool, module: QuoteWat<'_>, message: &str) -> Result<DirectiveKind, Unsupported> {
    Ok(DirectiveKind::AssertRefused { stage, custom, source: source(module)?, message: message.to_string() })
}

fn owned(id: Option<Id<'_>>) -> Option<String> {
    id.map(|id| id.name().to_string())
}

fn source(mut module: QuoteWat<'_>) -> Result<ModuleSource, Unsupported> {
    let (form, is_component) = match &module {
        QuoteWat::Wat(Wat::Component(component)) => match component.kind {
            ComponentKind::Binary(_) => (Form::Binary, true),
            ComponentKind::Text(_) => (Form::Inline, true),
        },
        QuoteWat::Wat(Wat::Module(module)) if matches!(module.kind, ModuleKind::Binary(_)) => (Form::Binary, false),
        QuoteWat::Wat(Wat::Module(_)) => (Form::Inline, false),
        QuoteWat::QuoteComponent(..) => (Form::Quote, true),
        QuoteWat::QuoteModule(..) => (Form::Quote, false),
    };
    Ok(ModuleSource { form, binary: module.encode().map_err(|e| e.message()), is_component })
}

fn action(execute: WastExecute<'_>) -> Result<Action, Unsupported> {
    Ok(match execute {
        WastExecute::Invoke(call) => Action::Invoke(invoke(call)?),
        WastExecute::Wat(module) => Action::Instantiate(source(QuoteWat::Wat(module))?),
        WastExecute::Get { module, global, .. } => Action::Get { instance: owned(module), global: global.to_string() },
    })
}

fn invoke(call: WastInvoke<'_>) -> Result<Invoke, Unsupported> {
    let arguments = call.args.into_iter().map(argument).collect::<Result<_, _>>()?;
    Ok(Invoke { instance: owned(call.module), name: call.name.to_string(), arguments })
}

fn argument(argument: WastArg<'_>) -> Result<Argument, Unsupported> {
    let argument = match argument {
        WastArg::Core(argument) => argument,
        WastArg::Component(value) => return Ok(Argument::Component(component_value(&value))),
        _ => return Err("a value of a kind unknown here"),
    };
    Ok(match argument {
        WastArgCore::I32(value) => Argument::I32(value),
        WastArgCore::I64(value) => Argument::I64(value),
        WastArgCore::F32(value) => Argument::F32(value.bits),
        WastArgCore::F64(value) => Argument::F64(value.bits),
        WastArgCore::V128(value) => Argument::V128(u128::from_le_bytes(value.to_le_bytes())),
        WastArgCore::RefNull(heap) => Argument::RefNull(hierarchy(&heap)),
        WastArgCore::RefExtern(number) => Argument::RefExtern(number),
        WastArgCore::RefHost(number) => Argument::RefHost(number),
    })
}

fn result(result: WastRet<'_>) -> Result<Pattern, Unsupported> {
    match result {
        WastRet::Core(result) => Ok(pattern(&result)),
        WastRet::Component(value) => Ok(Pattern::Component(component_value(&value))),
        _ => Err("a value of a kind unknown here"),
    }
}

fn component_value(value: &WastVal<'_>) -> ComponentValue {
    use ComponentValue as V;
    let all = |values: &[WastVal<'_>]| values.iter().map(component_value).collect();
    let optional = |value: &Option<Box<WastVal<'_>>>| value.as_deref().map(|value| Box::new(component_value(value)));
    match value {
        WastVal::Bool(value) => V::Bool(*value),
        WastVal::U8(value) => V::U8(*value),
        WastVal::S8(value) => V::S8(*value),
        WastVal::U16(value) => V::U16(*value),
        WastVal::S16(value) => V::S16(*value),
        WastVal::U32(value) => V::U32(*value),
        WastVal::S32(value) => V::S32(*value),
        WastVal::U64(value) => V::U64(*value),
        WastVal::S64(value) => V::S64(*value),
        WastVal::F32(value) => V::F32(value.bits),
        WastVal::F64(value) => V::F64(value.bits),
        WastVal::Char(value) => V::Char(*value),
        WastVal::String(value) => V::String((*value).into()),
        WastVal::List(values) => V::List(all(values)),
        WastVal::Map(entries) => {
            V::Map(entries.iter().map(|(key, value)| (component_value(key), component_value(value))).collect())
        }
        WastVal::Record(fields) => {
            V::Record(fields.iter().map(|(name, value)| ((*name).into(), component_value(value))).collect())
        }
        WastVal::Tuple(values) => V::Tuple(all(values)),
        WastVal::Variant(case, payload) => V::Variant((*case).into(), optional(payload)),
        WastVal::Enum(case) => V::Enum((*case).into()),
        WastVal::Option(payload) => V::Option(optional(payload)),
        WastVal::Result(payload) => V::Result(payload.as_ref().map(optional).map_err(optional)),
        WastVal::Flags(names) => V::Flags(names.iter().map(|name| (*name).into()).collect()),
    }
}

fn pattern(result: &WastRetCore<'_>) -> Pattern {
    match result {
        WastRetCore::I32(value) => Pattern::I32(*value),
        WastRetCore::I64(value) => Pattern::I64(*value),
        WastRetCore::F32(value) => Pattern::F32(float32(value)),
        WastRetCore::F64(value) => Pattern::F64(float64(value)),
        WastRetCore::V128(value) => vector(value),
        WastRetCore::RefNull(heap) => Pattern::RefNull(heap.as_ref().map(hierarchy)),
        WastRetCore::RefExtern(number) => Pattern::RefExtern(*number),
        WastRetCore::RefHost(number) => Pattern::RefHost(*number),
        WastRetCore::RefFunc(_) => Pattern::RefFunc,
        WastRetCore::RefAny => Pattern::RefAny,
        WastRetCore::RefEq => Pattern::RefEq,
        WastRetCore::RefArray => Pattern::RefArray,
        WastRetCore::RefStruct => Pattern::RefStruct,
        WastRetCore::RefI31 | WastRetCore::RefI31Shared => Pattern::RefI31,
        WastRetCore::Either(cases) => Pattern::Either(cases.iter().map(pattern).collect()),
    }
}

fn float32(value: &WastNan<F32>) -> Float<u32> {
    match value {
        WastNan::CanonicalNan => Float::CanonicalNan,
        WastNan::ArithmeticNan => Float::ArithmeticNan,
        WastNan::Value(value) => Float::Bits(value.bits),
    }
}

fn float64(value: &WastNan<F64>) -> Float<u64> {
    match value {
        WastNan::CanonicalNan => Float::CanonicalNan,
        WastNan::ArithmeticNan => Float::ArithmeticNan,
        WastNan::Value(value) => Float::Bits(value.bits),
    }
}

fn vector(value: &WastV128) -> Pattern {
    // Lane 0 is the least significant part of the vector.
    fn pack<const N: usize>(lanes: [u64; N]) -> Pattern {
        let width = 128 / N as u32;
        let mask = u64::MAX >> (64 - width);
        Pattern::V128(lanes.iter().rev().fold(0, |all, lane| all << width | u128::from(lane & mask)))
    }
    match value {
        WastV128::I8x16(lanes) => pack(lanes.map(|lane| lane as u64)),
        WastV128::I16x8(lanes) => pack(lanes.map(|lane| lane as u64)),
        WastV128::I32x4(lanes) => pack(lanes.map(|lane| lane as u64)),
        WastV128::I64x2(lanes) => pack(lanes.map(|lane| lane as u64)),
        WastV128::F32x4(lanes) => Pattern::F32x4(lanes.each_ref().map(float32)),
        WastV128::F64x2(lanes) => Pattern::F64x2(lanes.each_ref().map(float64)),
    }
}

fn hierarchy(heap: &HeapType<'_>) -> Hierarchy {
    use AbstractHeapType as H;
    let HeapType::Abstract { ty, .. } = heap else { return Hierarchy::Unknown };
    match ty {
        H::Func | H::NoFunc => Hierarchy::Func,
        H::Extern | H::NoExtern => Hierarchy::Extern,
        H::Exn | H::NoExn => Hierarchy::Exn,
        H::Any | H::Eq | H::Struct | H::Array | H::I31 | H::None => Hierarchy::Any,
        H::Cont | H::NoCont => Hierarchy::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directives(text: &str) -> Arc<[Directive]> {
        Script::parse(text).expect("the script parses").directives
    }

    #[test]
    fn lanes_are_packed_least_significant_first() {
        let results = |text: &str| match &directives(&format!("(assert_return (invoke \"f\") {text})"))[0].kind {
            DirectiveKind::AssertReturn { results, .. } => results.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(results("(v128.const i32x4 1 2 3 -1)"), [Pattern::V128(0xffff_ffff_0000_0003_0000_0002_0000_0001)]);
        assert_eq!(results("(v128.const i64x2 -1 0)"), [Pattern::V128(u128::from(u64::MAX))]);
        assert_eq!(
            results("(v128.const i8x16 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 127)"),
            [Pattern::V128(0x7f00_0000_0000_0000_0000_0000_0000_00ff)]
        );
    }

    #[test]
    fn a_directive_knows_its_line_and_how_its_module_was_written() {
        let script = Script::parse("(module)\n\n(assert_malformed (module quote \"(func\")\n \"unexpected\")").unwrap();
        assert_eq!(script.directives[1].line, 3);
        let DirectiveKind::AssertRefused { stage, custom, source, .. } = &script.directives[1].kind else { panic!() };
        assert_eq!((*stage, *custom, source.form), (Refusal::Malformed, false, Form::Quote));
        assert!(source.binary.is_err());
    }

    #[test]
    fn threads_nest_their_directives() {
        // The tool takes a text for a script by its first directive, and does not count `thread` among those.
        let text = "(module)(thread $T (shared (module $M)) (register \"m\" $M) (invoke \"run\" (ref.null extern)))";
        let directives = directives(text);
        let DirectiveKind::Thread { name, shared, directives } = &directives[1].kind else { panic!("{directives:?}") };
        assert_eq!((name.as_str(), shared.as_deref(), directives.len()), ("T", Some("M"), 2));
    }

    #[test]
    fn what_is_not_a_script_is_an_error_with_its_line() {
        assert_eq!(Script::parse("(module)\n(nonsense)").unwrap_err().line, 2);
        assert!(Script::parse("(module").is_err());
        assert!(Script::parse("\"unterminated").is_err());
    }
}
