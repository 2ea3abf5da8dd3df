//! The settings of an engine: which proposals it accepts, how it runs code, and what it limits.
//!
//! A [`Config`] is plain data until [`Engine::new`](crate::Engine::new) checks it: settings that contradict each other, or
//! that this build cannot follow, are an error there and never a panic.

use wasmparser::WasmFeatures;

use crate::error::{Error, Result};
use crate::limits::{ModuleLimits, StoreLimits};

/// When bodies are validated and translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum CompilationMode {
    /// Loading validates every body; each is translated when first called.
    #[default]
    ValidateThenLazy,
    /// Each body is validated and translated when first called. The quickest to start; an invalid body traps with
    /// [`TrapCode::InvalidFunction`](crate::TrapCode::InvalidFunction).
    Lazy,
    /// Loading validates and translates every body.
    Eager,
}

/// How code is executed. Both engines give the same results and count the same fuel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ExecutionEngine {
    /// The tail engine where this build has it and it works, else the loop engine.
    #[default]
    Auto,
    /// Direct-threaded handlers that call each other in tail position. Only in optimised builds for some targets.
    Tail,
    /// One loop around a `match`. Everywhere.
    Loop,
}

/// How the memories that an engine's modules define, and those of [`Memory::new`](crate::Memory::new), hold their bytes.
///
/// Two kinds of memory are what they are under every policy: one in a slice that the embedder gave ([`Memory::in_slice`](crate::Memory::in_slice),
/// [`Store::give_slice`](crate::Store::give_slice)) stays in that slice, and a [shared](crate::SharedMemory) one reserves its maximum, since it
/// must never move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum MemoryPolicy {
    /// In one piece, all of it there from the start, which is reallocated when the memory grows. The fastest.
    #[default]
    Flat,
    /// In chunks of 512 bytes, each of which is allocated when something in it is first changed. A memory costs about what its guest writes to,
    /// whatever it declares; growing moves nothing; and data segments of a module whose bytes are `&'static` are read where
    /// they lie. For small machines: every access is slower, and code runs on the loop engine.
    ///
    /// A write for which the host has no memory traps with [`TrapCode::OutOfMemory`](crate::TrapCode::OutOfMemory). The bytes are in no one
    /// place, so that [`Memory::read`](crate::Memory::read) and [`Memory::write`](crate::Memory::write) reach them and
    /// [`Memory::data`](crate::Memory::data) does not. Needs the cargo feature `paged`.
    Paged,
}

/// Settings of an [`Engine`](crate::Engine).
///
/// By default WebAssembly 3.0 with threads, custom page sizes and wide arithmetic; not custom descriptors, compact
/// import sections and legacy exceptions. Proposals that a cargo feature leaves out (`simd`, `gc`, `threads`) are off.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) features: WasmFeatures,
    pub(crate) consume_fuel: bool,
    pub(crate) epoch_interruption: bool,
    pub(crate) compilation_mode: CompilationMode,
    #[cfg(feature = "std")]
    pub(crate) loading_threads: Option<usize>,
    pub(crate) execution: ExecutionEngine,
    pub(crate) memory_policy: MemoryPolicy,
    pub(crate) max_wasm_stack: usize,
    pub(crate) max_call_depth: u32,
    pub(crate) max_host_depth: u32,
    pub(crate) wasm_backtrace: bool,
    pub(crate) limits: ModuleLimits,
    pub(crate) store_limits: StoreLimits,
}

impl Default for Config {
    fn default() -> Self {
        let mut features = WasmFeatures::WASM3
            .union(WasmFeatures::THREADS)
            .union(WasmFeatures::CUSTOM_PAGE_SIZES)
            .union(WasmFeatures::WIDE_ARITHMETIC)
            .difference(WasmFeatures::COMPACT_IMPORTS);
        features.set(WasmFeatures::SIMD | WasmFeatures::RELAXED_SIMD, cfg!(feature = "simd"));
        features.set(WasmFeatures::GC, cfg!(feature = "gc"));
        features.set(WasmFeatures::THREADS, cfg!(feature = "threads"));
        Self {
            features,
            consume_fuel: false,
            epoch_interruption: false,
            compilation_mode: CompilationMode::default(),
            #[cfg(feature = "std")]
            loading_threads: None,
            execution: ExecutionEngine::default(),
            memory_policy: MemoryPolicy::default(),
            max_wasm_stack: if usize::BITS > 32 { 8 << 20 } else { 64 << 10 },
            max_call_depth: 100_000,
            max_host_depth: 64,
            wasm_backtrace: true,
            limits: ModuleLimits::default(),
            store_limits: StoreLimits::default(),
        }
    }
}

/// One setter for each proposal.
macro_rules! proposals {
    ($( $(#[$doc:meta])* $name:ident = $flag:expr; )*) => {
        impl Config {
            $(
                $(#[$doc])*
                pub fn $name(&mut self, enable: bool) -> &mut Self {
                    self.features.set($flag, enable);
                    self
                }
            )*
        }
    };
}

impl Config {
    /// For the crates that read binaries of which modules are parts.
    #[doc(hidden)]
    pub fn features(&self) -> WasmFeatures {
        self.features
    }
}

proposals! {
    /// Imports and exports of mutable globals.
    wasm_mutable_global = WasmFeatures::MUTABLE_GLOBAL;
    /// Conversions from floats that saturate instead of trapping.
    wasm_saturating_float_to_int = WasmFeatures::SATURATING_FLOAT_TO_INT;
    /// `i32.extend8_s` and its like.
    wasm_sign_extension = WasmFeatures::SIGN_EXTENSION;
    /// Functions and blocks with several results, blocks with parameters.
    wasm_multi_value = WasmFeatures::MULTI_VALUE;
    /// `memory.copy`, `table.init` and their like, passive segments.
    wasm_bulk_memory = WasmFeatures::BULK_MEMORY;
    /// `externref`, several tables, and instructions on tables.
    wasm_reference_types = WasmFeatures::REFERENCE_TYPES;
    /// 128-bit vectors.
    wasm_simd = WasmFeatures::SIMD;
    /// Vector instructions whose result may depend on the platform; here it never does.
    wasm_relaxed_simd = WasmFeatures::RELAXED_SIMD;
    /// Shared memories and atomic instructions.
    wasm_threads = WasmFeatures::THREADS;
    /// `return_call` and its like.
    wasm_tail_call = WasmFeatures::TAIL_CALL;
    /// More than one memory.
    wasm_multi_memory = WasmFeatures::MULTI_MEMORY;
    /// Exceptions with `try_table` and `exnref`.
    wasm_exceptions = WasmFeatures::EXCEPTIONS;
    /// The exception instructions that came before `try_table`.
    wasm_legacy_exceptions = WasmFeatures::LEGACY_EXCEPTIONS;
    /// Memories and tables with 64-bit addresses.
    wasm_memory64 = WasmFeatures::MEMORY64;
    /// Arithmetic in constant expressions.
    wasm_extended_const = WasmFeatures::EXTENDED_CONST;
    /// Typed function references.
    wasm_function_references = WasmFeatures::FUNCTION_REFERENCES;
    /// Structs, arrays, `i31` and casts.
    wasm_gc = WasmFeatures::GC;
    /// Memories whose pages are single bytes.
    wasm_custom_page_sizes = WasmFeatures::CUSTOM_PAGE_SIZES;
    /// 128-bit additions, subtractions and products.
    wasm_wide_arithmetic = WasmFeatures::WIDE_ARITHMETIC;
    /// Structs that describe other structs, and exact types.
    wasm_custom_descriptors = WasmFeatures::CUSTOM_DESCRIPTORS;
    /// Import sections that name each module once.
    wasm_compact_imports = WasmFeatures::COMPACT_IMPORTS;
}

impl Config {
    /// The default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether running code is charged fuel. Free when off; the counts are the same in every mode and on every platform.
    pub fn consume_fuel(&mut self, enable: bool) -> &mut Self {
        self.consume_fuel = enable;
        self
    }

    /// Whether running code watches the engine's epoch, which another thread can advance. Free when off.
    pub fn epoch_interruption(&mut self, enable: bool) -> &mut Self {
        self.epoch_interruption = enable;
        self
    }

    /// When bodies are validated and translated.
    pub fn compilation_mode(&mut self, mode: CompilationMode) -> &mut Self {
        self.compilation_mode = mode;
        self
    }

    /// How many threads, the calling one included, may validate and translate the bodies of one large module when it is loaded; 0 (the default)
    /// for as many as the machine has. What comes out, errors included, is the same.
    #[cfg(feature = "std")]
    pub fn loading_threads(&mut self, threads: usize) -> &mut Self {
        self.loading_threads = (threads > 0).then_some(threads);
        self
    }

    /// How code is executed.
    pub fn execution(&mut self, engine: ExecutionEngine) -> &mut Self {
        self.execution = engine;
        self
    }

    /// How memories hold their bytes.
    pub fn memory_policy(&mut self, policy: MemoryPolicy) -> &mut Self {
        self.memory_policy = policy;
        self
    }

    /// Bytes of the value stack of one execution: parameters, locals and temporaries of all active calls.
    pub fn max_wasm_stack(&mut self, bytes: usize) -> &mut Self {
        self.max_wasm_stack = bytes;
        self
    }

    /// How many calls of one execution may be active at a time.
    pub fn max_call_depth(&mut self, calls: u32) -> &mut Self {
        self.max_call_depth = calls;
        self
    }

    /// How deeply host functions may call guests that call host functions. Each level takes native stack.
    pub fn max_host_depth(&mut self, levels: u32) -> &mut Self {
        self.max_host_depth = levels;
        self
    }

    /// Whether traps note the guest's frames.
    pub fn wasm_backtrace(&mut self, enable: bool) -> &mut Self {
        self.wasm_backtrace = enable;
        self
    }

    /// How much a module may declare.
    pub fn limits(&mut self, limits: ModuleLimits) -> &mut Self {
        self.limits = limits;
        self
    }

    /// What the contents of each store may grow to.
    pub fn store_limits(&mut self, limits: StoreLimits) -> &mut Self {
        self.store_limits = limits;
        self
    }

    /// Whether memories are paged. Constant in builds without the feature, so that nothing of it is left there.
    pub(crate) fn is_paged(&self) -> bool {
        cfg!(feature = "paged") && self.memory_policy == MemoryPolicy::Paged
    }

    /// Whether the settings make sense together and in this build.
    pub(crate) fn check(&self) -> Result<()> {
        for (name, needed_name, flag, needed) in [
            ("relaxed SIMD", "SIMD", WasmFeatures::RELAXED_SIMD, WasmFeatures::SIMD),
            (
                "function references",
                "reference types",
                WasmFeatures::FUNCTION_REFERENCES,
                WasmFeatures::REFERENCE_TYPES,
            ),
            ("GC", "function references", WasmFeatures::GC, WasmFeatures::FUNCTION_REFERENCES),
            ("custom descriptors", "GC", WasmFeatures::CUSTOM_DESCRIPTORS, WasmFeatures::GC),
            ("reference types", "bulk memory", WasmFeatures::REFERENCE_TYPES, WasmFeatures::BULK_MEMORY),
        ] {
            if self.features.contains(flag) && !self.features.contains(needed) {
                return Err(Error::misuse(alloc::format!("the proposal {name} needs the proposal {needed_name}")));
            }
        }
        for (name, flag, built) in [
            ("simd", WasmFeatures::SIMD, cfg!(feature = "simd")),
            ("gc", WasmFeatures::GC, cfg!(feature = "gc")),
            ("threads", WasmFeatures::THREADS, cfg!(feature = "threads")),
        ] {
            if self.features.contains(flag) && !built {
                return Err(Error::misuse(alloc::format!("this build of Whit is without the cargo feature `{name}`")));
            }
        }
        if self.execution == ExecutionEngine::Tail && !cfg!(tail) {
            return Err(Error::misuse("this build of Whit is without the tail engine"));
        }
        if self.memory_policy == MemoryPolicy::Paged {
            if !cfg!(feature = "paged") {
                return Err(Error::misuse("this build of Whit is without the cargo feature `paged`"));
            }
            if self.execution == ExecutionEngine::Tail {
                return Err(Error::misuse("the tail engine does not know paged memories"));
            }
        }
        if self.max_wasm_stack < 1024 || self.max_wasm_stack > isize::MAX as usize / 2 {
            return Err(Error::misuse("the value stack must have at least 1 KiB, and room in the address space"));
        }
        if self.max_call_depth == 0 {
            return Err(Error::misuse("a call depth of 0 allows no call"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn the_default_settings_are_accepted() {
        Config::new().check().expect("default settings");
    }

    #[test]
    fn contradictions_are_errors() {
        let refused = |change: &dyn Fn(&mut Config)| {
            let mut config = Config::new();
            change(&mut config);
            config.check().expect_err("a contradiction").kind() == ErrorKind::Misuse
        };
        assert!(refused(&|config| _ = config.wasm_simd(false).wasm_relaxed_simd(true)));
        assert!(refused(&|config| _ = config.wasm_function_references(false)));
        assert!(refused(&|config| _ = config.wasm_gc(false).wasm_custom_descriptors(true)));
        assert!(refused(&|config| _ = config.max_call_depth(0)));
        assert!(refused(&|config| _ = config.memory_policy(MemoryPolicy::Paged).execution(ExecutionEngine::Tail)));
        assert!(refused(&|config| _ = config.max_wasm_stack(usize::MAX)));
    }

    #[test]
    fn the_features_of_wasm_2_are_accepted() {
        let mut config = Config::new();
        config.wasm_gc(false).wasm_function_references(false).wasm_exceptions(false).wasm_tail_call(false);
        config.check().expect("consistent settings");
    }
}
