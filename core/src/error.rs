//! What can go wrong, told apart by stage: the taxonomy of the specification's test suite.
//!
//! A module is *malformed* ([`ParseError`]), *invalid* ([`ValidationError`]) or *unlinkable* ([`LinkError`]); running code
//! ends in a [`Trap`] or an uncaught exception; a host function's own error passes through intact; the embedder's
//! mistakes are [`Misuse`]. [`Error`] is one of these in two words. Promises that an out-of-memory error and a bare trap
//! are made without allocating, and that no message holds a host address.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use crate::backtrace::WasmBacktrace;
use crate::runtime::handles::Root;
use crate::runtime::try_box;
use crate::trap::TrapCode;
use crate::types::{ExternType, TypeError};

/// The result of everything that can fail, as in `whit_core::Result<()>`.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// Any error of this crate, or of a host function. Cheap to move; [`Error::kind`] tells what it is.
pub struct Error(Repr);

enum Repr {
    OutOfMemory,
    Trap(Trap),
    Boxed(Box<Boxed>),
}

enum Boxed {
    Parse(ParseError),
    Validation(ValidationError),
    Link(LinkError),
    Exception(UncaughtException),
    Host(Box<dyn core::error::Error + Send + Sync>),
    Misuse(Misuse),
    Limit(LimitExceeded),
}

/// What an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The binary is malformed: [`ParseError`].
    Parse,
    /// The module is invalid: [`ValidationError`].
    Validation,
    /// Imports are missing or of the wrong type: [`LinkError`].
    Link,
    /// Running code trapped: [`Trap`].
    Trap,
    /// An exception was not caught: [`UncaughtException`].
    Exception,
    /// A host function returned an error of its own.
    Host,
    /// The embedder asked for something that makes no sense: [`Misuse`].
    Misuse,
    /// A limit of the store or the engine: [`LimitExceeded`].
    Limit,
    /// The host has no memory left.
    OutOfMemory,
}

impl Error {
    /// An error of the embedder's own, to be returned from a host function. It comes out of the call that led there as it is.
    pub fn new(error: impl Into<Box<dyn core::error::Error + Send + Sync>>) -> Self {
        Self::boxed(Boxed::Host(error.into()))
    }

    /// An error of the embedder's own that is only a message.
    pub fn msg(message: impl fmt::Display) -> Self {
        Self::new(alloc::format!("{message}"))
    }

    /// The host has no memory left.
    pub const fn out_of_memory() -> Self {
        Self(Repr::OutOfMemory)
    }

    /// An exception on its way out of a host function or a guest. Guests that it passes may catch it.
    pub(crate) fn exception(exception: Root) -> Self {
        Self::boxed(Boxed::Exception(UncaughtException { exception, backtrace: None }))
    }

    /// A trap without circumstances.
    pub(crate) fn trap(code: TrapCode) -> Self {
        code.into()
    }

    /// A handle was used with a store that it does not belong to.
    pub(crate) fn wrong_store() -> Self {
        Self::misuse("the value belongs to another store")
    }

    /// A mistake of the embedder.
    pub(crate) fn misuse(message: impl Into<Cow<'static, str>>) -> Self {
        Self::boxed(Boxed::Misuse(Misuse { message: message.into() }))
    }

    /// A limit, with the name of what it limits.
    pub(crate) fn limit(what: &'static str) -> Self {
        Self::boxed(Boxed::Limit(LimitExceeded { what }))
    }

    fn boxed(inner: Boxed) -> Self {
        try_box(inner).map_or(Self(Repr::OutOfMemory), |inner| Self(Repr::Boxed(inner)))
    }

    /// What kind of error this is.
    pub fn kind(&self) -> ErrorKind {
        match &self.0 {
            Repr::OutOfMemory => ErrorKind::OutOfMemory,
            Repr::Trap(_) => ErrorKind::Trap,
            Repr::Boxed(inner) => match **inner {
                Boxed::Parse(_) => ErrorKind::Parse,
                Boxed::Validation(_) => ErrorKind::Validation,
                Boxed::Link(_) => ErrorKind::Link,
                Boxed::Exception(_) => ErrorKind::Exception,
                Boxed::Host(_) => ErrorKind::Host,
                Boxed::Misuse(_) => ErrorKind::Misuse,
                Boxed::Limit(_) => ErrorKind::Limit,
            },
        }
    }

    /// The trap, if this is one.
    pub fn as_trap(&self) -> Option<&Trap> {
        match &self.0 {
            Repr::Trap(trap) => Some(trap),
            _ => None,
        }
    }

    /// The trap, if this is one, to add facts to it.
    pub(crate) fn as_trap_mut(&mut self) -> Option<&mut Trap> {
        match &mut self.0 {
            Repr::Trap(trap) => Some(trap),
            _ => None,
        }
    }

    /// The uncaught exception, if this is one, to add facts to it.
    pub(crate) fn as_exception_mut(&mut self) -> Option<&mut UncaughtException> {
        match &mut self.0 {
            Repr::Boxed(inner) => match &mut **inner {
                Boxed::Exception(exception) => Some(exception),
                _ => None,
            },
            _ => None,
        }
    }

    /// The uncaught exception, if this is one.
    pub fn as_exception(&self) -> Option<&UncaughtException> {
        match &self.0 {
            Repr::Boxed(inner) => match &**inner {
                Boxed::Exception(exception) => Some(exception),
                _ => None,
            },
            _ => None,
        }
    }

    /// The error inside, if it is an `E`: one of this crate's stage errors, or the error a host function returned.
    pub fn downcast_ref<E: core::error::Error + 'static>(&self) -> Option<&E> {
        self.inner()?.downcast_ref()
    }

    /// Takes out the error that a host function returned, if it is an `E`.
    pub fn downcast<E: core::error::Error + Send + Sync + 'static>(self) -> Result<E, Self> {
        let error = match self.0 {
            Repr::Boxed(inner) if matches!(&*inner, Boxed::Host(error) if error.is::<E>()) => *inner,
            repr => return Err(Self(repr)),
        };
        match error {
            Boxed::Host(error) => error.downcast().map(|error| *error).map_err(Self::new),
            other => Err(Self::boxed(other)),
        }
    }

    /// The error inside, unless it is only "out of memory".
    fn inner(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(match &self.0 {
            Repr::OutOfMemory => return None,
            Repr::Trap(error) => error,
            Repr::Boxed(inner) => match &**inner {
                Boxed::Parse(error) => error,
                Boxed::Validation(error) => error,
                Boxed::Link(error) => error,
                Boxed::Exception(error) => error,
                Boxed::Host(error) => &**error,
                Boxed::Misuse(error) => error,
                Boxed::Limit(error) => error,
            },
        })
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.inner() {
            Some(error) => fmt::Debug::fmt(error, f),
            None => f.write_str("OutOfMemory"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.inner() {
            Some(error) => fmt::Display::fmt(error, f),
            None => f.write_str("out of memory"),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.inner()?.source()
    }
}

/// Each stage error becomes an [`Error`] by `?`.
macro_rules! from_stage {
    ($($variant:ident($ty:ty)),* $(,)?) => {
        $( impl From<$ty> for Error {
            fn from(error: $ty) -> Self {
                Self::boxed(Boxed::$variant(error))
            }
        } )*
    };
}

from_stage! {
    Parse(ParseError),
    Validation(ValidationError),
    Link(LinkError),
    Misuse(Misuse),
    Limit(LimitExceeded),
}

/// `Debug` is the name and what `Display` says. A derived one would bring the texts of all types into every build, since whoever holds an
/// error as `dyn core::error::Error` can ask for it.
macro_rules! debug_as_displayed {
    ($($name:ident),* $(,)?) => {
        $( impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        } )*
    };
}

debug_as_displayed! {
    ParseError, ValidationError, LinkError, Trap, UncaughtException, Misuse, LimitExceeded,
}

impl From<Trap> for Error {
    fn from(trap: Trap) -> Self {
        Self(Repr::Trap(trap))
    }
}

impl From<TrapCode> for Error {
    fn from(code: TrapCode) -> Self {
        Trap::from(code).into()
    }
}

impl From<alloc::collections::TryReserveError> for Error {
    fn from(_: alloc::collections::TryReserveError) -> Self {
        Self::out_of_memory()
    }
}

impl From<TypeError> for Error {
    fn from(error: TypeError) -> Self {
        match error {
            TypeError::OutOfMemory => Self::out_of_memory(),
            TypeError::TooManyTypes => Self::limit("types in one engine"),
            error => Self::misuse(alloc::format!("{error}")),
        }
    }
}

/// The part of a binary that an error stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Section {
    /// Magic number and version, or the places between sections.
    Header,
    /// A custom section.
    Custom,
    /// Types.
    Type,
    /// Imports.
    Import,
    /// Types of functions.
    Function,
    /// Tables.
    Table,
    /// Memories.
    Memory,
    /// Tags.
    Tag,
    /// Globals.
    Global,
    /// Exports.
    Export,
    /// The start function.
    Start,
    /// Element segments.
    Element,
    /// The number of data segments.
    DataCount,
    /// Function bodies.
    Code,
    /// Data segments.
    Data,
    /// A module in a component.
    Module,
    /// A component in a component.
    Component,
    /// Core types of a component.
    CoreType,
    /// Instances of core modules.
    CoreInstance,
    /// Instances of components.
    Instance,
    /// Aliases.
    Alias,
    /// Lifted and lowered functions, and built-ins.
    Canonical,
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Custom => "custom section",
            Self::Type => "type section",
            Self::Import => "import section",
            Self::Function => "function section",
            Self::Table => "table section",
            Self::Memory => "memory section",
            Self::Tag => "tag section",
            Self::Global => "global section",
            Self::Export => "export section",
            Self::Start => "start section",
            Self::Element => "element section",
            Self::DataCount => "data count section",
            Self::Code => "code section",
            Self::Data => "data section",
            Self::Module => "core module section",
            Self::Component => "component section",
            Self::CoreType => "core type section",
            Self::CoreInstance => "core instance section",
            Self::Instance => "instance section",
            Self::Alias => "alias section",
            Self::Canonical => "canonical section",
        })
    }
}

/// Where in a binary a module is wrong, and how.
#[derive(Clone, PartialEq, Eq)]
struct Diagnosis {
    message: Box<str>,
    offset: u64,
    section: Section,
}

/// The two errors about a binary differ in name only: one row each.
macro_rules! binary_error {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(Diagnosis);

        impl $name {
            /// For the crates that read binaries of which modules are parts.
            #[doc(hidden)]
            pub fn new(message: impl Into<String>, offset: u64, section: Section) -> Self {
                Self(Diagnosis { message: message.into().into_boxed_str(), offset, section })
            }

            /// What is wrong, without the place.
            pub fn message(&self) -> &str {
                &self.0.message
            }

            /// The byte of the binary at which it was noticed.
            pub fn offset(&self) -> u64 {
                self.0.offset
            }

            /// The part of the binary that it stands in.
            pub fn section(&self) -> Section {
                self.0.section
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} ({}, at offset {:#x})", self.0.message, self.0.section, self.0.offset)
            }
        }

        impl core::error::Error for $name {}
    };
}

binary_error! {
    /// A binary that is not a module: malformed, cut off, or beyond a [`ModuleLimits`](crate::ModuleLimits).
    ParseError
}

binary_error! {
    /// A module that breaks a rule of validation.
    ValidationError
}

/// Imports that could not be satisfied: all of them, not just the first.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkError {
    problems: Vec<ImportProblem>,
}

impl LinkError {
    /// An error about these imports; there is at least one.
    pub(crate) fn new(problems: Vec<ImportProblem>) -> Self {
        Self { problems }
    }

    /// The imports that could not be satisfied, in the module's order.
    pub fn problems(&self) -> &[ImportProblem] {
        &self.problems
    }
}

impl From<ImportProblem> for Error {
    fn from(problem: ImportProblem) -> Self {
        let mut problems = Vec::new();
        match problems.try_reserve_exact(1) {
            Ok(()) => {
                problems.push(problem);
                LinkError::new(problems).into()
            }
            Err(error) => error.into(),
        }
    }
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.problems.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl core::error::Error for LinkError {}

/// One import that could not be satisfied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProblem {
    module: Box<str>,
    name: Box<str>,
    expected: ExternType,
    actual: Option<ExternType>,
}

impl ImportProblem {
    /// `actual` is what was offered, if anything was.
    pub(crate) fn new(module: &str, name: &str, expected: ExternType, actual: Option<ExternType>) -> Self {
        Self { module: module.into(), name: name.into(), expected, actual }
    }

    /// The first part of the import's name.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// The second part of the import's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type the import declares.
    pub fn expected(&self) -> &ExternType {
        &self.expected
    }

    /// The type of what was offered; `None` if nothing was.
    pub fn actual(&self) -> Option<&ExternType> {
        self.actual.as_ref()
    }
}

impl fmt::Display for ImportProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { module, name, expected, actual } = self;
        match actual {
            None => write!(f, "unknown import: `{module}::{name}`: {expected}"),
            Some(actual) => {
                write!(f, "incompatible import type: `{module}::{name}`: expected {expected}, found {actual}")
            }
        }
    }
}

/// Running code stopped because it broke a rule that validation cannot check.
pub struct Trap {
    code: TrapCode,
    details: Option<Box<TrapDetails>>,
}

#[derive(Default)]
struct TrapDetails {
    facts: Option<TrapFacts>,
    invalid: Option<InvalidFunction>,
    backtrace: Option<WasmBacktrace>,
}

/// Why a body could not be translated when it was first called.
enum InvalidFunction {
    Malformed(ParseError),
    Invalid(ValidationError),
}

/// The circumstances of a trap.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrapFacts {
    /// An access outside a memory.
    Memory {
        /// First byte accessed.
        address: u64,
        /// How many bytes.
        length: u64,
        /// Bytes of the memory.
        size: u64,
    },
    /// An access outside a table, or a call through an element that cannot be called.
    Table {
        /// First element accessed.
        index: u64,
        /// Elements of the table.
        size: u64,
    },
    /// The time that [`Store::set_timeout`](crate::Store::set_timeout) allowed.
    Time {
        /// How long guests could run.
        limit: Duration,
    },
    /// A value of another type than the instruction needs.
    Type {
        /// The type needed.
        expected: Box<str>,
        /// The type found.
        actual: Box<str>,
    },
}

impl fmt::Display for TrapFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory { address, length, size } => {
                write!(f, "{length} bytes at address {address:#x} of a memory of {size:#x} bytes")
            }
            Self::Table { index, size } => write!(f, "element {index} of a table of {size}"),
            #[cfg(feature = "std")]
            Self::Time { limit } => write!(f, "{limit:?}"),
            // Nobody limits it without a clock, and a duration's own form takes 1.5 KB of flash.
            #[cfg(not(feature = "std"))]
            Self::Time { limit } => write!(f, "{} s", limit.as_secs()),
            Self::Type { expected, actual } => write!(f, "expected {expected}, found {actual}"),
        }
    }
}

impl Trap {
    /// The trap of a body that turned out malformed or invalid when it was first called.
    pub(crate) fn invalid_function(error: Error) -> Error {
        let invalid = match error.0 {
            Repr::Boxed(inner) => match *inner {
                Boxed::Parse(error) => InvalidFunction::Malformed(error),
                Boxed::Validation(error) => InvalidFunction::Invalid(error),
                other => return Error::boxed(other),
            },
            repr => return Error(repr),
        };
        let mut trap = Self::from(TrapCode::InvalidFunction);
        if let Some(details) = trap.details_mut() {
            details.invalid = Some(invalid);
        }
        trap.into()
    }

    /// Which rule was broken.
    pub fn code(&self) -> TrapCode {
        self.code
    }

    /// The circumstances, where they are known.
    pub fn facts(&self) -> Option<&TrapFacts> {
        self.details.as_ref()?.facts.as_ref()
    }

    /// For [`TrapCode::InvalidFunction`] of a well-formed body: the rule of validation it breaks.
    pub fn validation_error(&self) -> Option<&ValidationError> {
        match self.details.as_ref()?.invalid.as_ref()? {
            InvalidFunction::Invalid(error) => Some(error),
            InvalidFunction::Malformed(_) => None,
        }
    }

    /// For [`TrapCode::InvalidFunction`] of a malformed body: what is malformed.
    pub fn parse_error(&self) -> Option<&ParseError> {
        match self.details.as_ref()?.invalid.as_ref()? {
            InvalidFunction::Malformed(error) => Some(error),
            InvalidFunction::Invalid(_) => None,
        }
    }

    /// The guest's frames when it trapped, the innermost first.
    pub fn backtrace(&self) -> Option<&WasmBacktrace> {
        self.details.as_ref()?.backtrace.as_ref()
    }

    /// The same trap with its circumstances. Without memory for them the trap stays bare.
    #[must_use]
    pub(crate) fn with_facts(mut self, facts: TrapFacts) -> Self {
        if let Some(details) = self.details_mut() {
            details.facts = Some(facts);
        }
        self
    }

    /// Notes the guest's frames, unless an inner execution has already noted its own.
    pub(crate) fn set_backtrace(&mut self, backtrace: WasmBacktrace) {
        if let Some(details) = self.details_mut() {
            details.backtrace.get_or_insert(backtrace);
        }
    }

    fn details_mut(&mut self) -> Option<&mut TrapDetails> {
        if self.details.is_none() {
            self.details = try_box(TrapDetails::default()).ok();
        }
        self.details.as_deref_mut()
    }
}

impl From<TrapCode> for Trap {
    fn from(code: TrapCode) -> Self {
        Self { code, details: None }
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.code.message(), f)?;
        let Some(details) = &self.details else { return Ok(()) };
        match &details.invalid {
            Some(InvalidFunction::Malformed(error)) => write!(f, ": {error}")?,
            Some(InvalidFunction::Invalid(error)) => write!(f, ": {error}")?,
            None => {}
        }
        match &details.facts {
            Some(facts) => write!(f, ": {facts}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Trap {}

/// An exception that no handler of the guest caught.
pub struct UncaughtException {
    /// The exception, which lives as long as this does.
    pub(crate) exception: Root,
    backtrace: Option<WasmBacktrace>,
}

impl UncaughtException {
    /// Notes the guest's frames where it was thrown.
    pub(crate) fn set_backtrace(&mut self, backtrace: WasmBacktrace) {
        self.backtrace.get_or_insert(backtrace);
    }

    /// The guest's frames where it was thrown, the innermost first.
    pub fn backtrace(&self) -> Option<&WasmBacktrace> {
        self.backtrace.as_ref()
    }
}

impl fmt::Display for UncaughtException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unhandled exception")
    }
}

impl core::error::Error for UncaughtException {}

/// The embedder asked for something that makes no sense: a handle of another store, arguments of the wrong types, a
/// configuration that contradicts itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Misuse {
    message: Cow<'static, str>,
}

impl Misuse {
    /// What was wrong.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl core::error::Error for Misuse {}

/// A limit of the store or the engine stands in the way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LimitExceeded {
    what: &'static str,
}

impl LimitExceeded {
    /// What there would be too much of.
    pub fn what(&self) -> &'static str {
        self.what
    }
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "resource limit exceeded: {}", self.what)
    }
}

impl core::error::Error for LimitExceeded {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[derive(Debug, PartialEq)]
    struct OwnError(u32);

    impl fmt::Display for OwnError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "own {}", self.0)
        }
    }

    impl core::error::Error for OwnError {}

    #[test]
    fn a_host_error_passes_through_intact() {
        let error = Error::new(OwnError(7));
        assert_eq!(error.kind(), ErrorKind::Host);
        assert_eq!(error.downcast_ref::<OwnError>(), Some(&OwnError(7)));
        assert_eq!(error.to_string(), "own 7");
        assert_eq!(error.downcast::<OwnError>().ok(), Some(OwnError(7)));
    }

    #[test]
    fn downcasting_to_another_type_gives_the_error_back() {
        let error = Error::new(OwnError(7)).downcast::<fmt::Error>().expect_err("another type");
        assert_eq!(error.downcast_ref::<OwnError>(), Some(&OwnError(7)));
        assert_eq!(Error::out_of_memory().downcast::<OwnError>().expect_err("none").kind(), ErrorKind::OutOfMemory);
    }

    #[test]
    fn a_trap_tells_its_facts() {
        let trap = Trap::from(TrapCode::MemoryOutOfBounds).with_facts(TrapFacts::Memory {
            address: 0xffff,
            length: 4,
            size: 0x1_0000,
        });
        let text = "out of bounds memory access: 4 bytes at address 0xffff of a memory of 0x10000 bytes";
        assert_eq!(trap.to_string(), text);
        assert_eq!(Error::from(trap).kind(), ErrorKind::Trap);
    }

    #[test]
    fn an_invalid_function_carries_its_validation_error() {
        let invalid = ValidationError::new("type mismatch", 0x20, Section::Code);
        let error = Trap::invalid_function(invalid.clone().into());
        let trap = error.as_trap().expect("a trap");
        assert_eq!((trap.code(), trap.validation_error()), (TrapCode::InvalidFunction, Some(&invalid)));
        assert_eq!(trap.to_string(), "invalid function: type mismatch (code section, at offset 0x20)");
    }

    #[test]
    fn a_link_error_begins_as_the_scripts_expect() {
        let ty = || ExternType::Func(crate::types::FuncType::new([], []));
        let missing = Error::from(ImportProblem::new("m", "f", ty(), None));
        assert_eq!(missing.to_string(), "unknown import: `m::f`: (func)");
        let wrong = Error::from(ImportProblem::new("m", "f", ty(), Some(ty())));
        assert!(wrong.to_string().starts_with("incompatible import type"));
    }
}
