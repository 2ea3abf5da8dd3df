//! What a module may declare and what a store may hold: finite by default, each limit with a name.
//!
//! [`ModuleLimits`] bound loading, before the parser allocates anything: they make the memory a hostile module can cost
//! a known multiple of its size. [`StoreLimits`] bound what running code asks for; an embedder with other wishes
//! implements [`ResourceLimiter`].

use crate::error::Error;

/// Declares a struct of limits: field, setter, default and documentation in one row each.
macro_rules! limits {
    (
        $(#[$outer:meta])*
        pub struct $name:ident {
            $( $(#[$doc:meta])* $field:ident: $ty:ty = $default:expr, )*
        }
    ) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name {
            $( pub(crate) $field: $ty, )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $default, )* }
            }
        }

        impl $name {
            /// The default limits.
            pub fn new() -> Self {
                Self::default()
            }

            $(
                $(#[$doc])*
                #[must_use]
                pub const fn $field(mut self, limit: $ty) -> Self {
                    self.$field = limit;
                    self
                }
            )*
        }
    };
}

limits! {
    /// How much a module may declare. What exceeds a limit is refused as a [`ParseError`](crate::ParseError) that names it.
    ///
    /// # Worst case
    /// Loading goes through a parser that cannot report failed allocations, so it is bounded beforehand. The memory that
    /// loading takes, the module's own bytes not counted, is at most
    /// - 512 bytes for each type, plus 24 for each parameter, result and field,
    /// - 64 bytes for each function, import, export, global, table, tag and element or data segment,
    /// - 24 bytes for each constant instruction of an initialiser,
    ///
    /// and since each of these takes at least one to four bytes of the binary, at most about 200 times `module_size`.
    /// A host with little memory lowers `module_size` and the counts, or loads images, which need no parser.
    ///
    /// A body is validated when the module is loaded, or when it is first called. Meanwhile, until its end, the parser takes at most
    /// - 24 bytes for each operand that `operands` allows, 96 MB by default,
    /// - 48 bytes for each byte of the body (two bytes open a block), 368 MB for the largest by default,
    ///
    /// counted with what a growing list takes while it is copied. What translation itself takes can fail, and is an error then.
    pub struct ModuleLimits {
        /// Bytes of the whole module. Never more than 4 GiB, since places in a module are 32-bit numbers.
        module_size: u32 = 1 << 30,
        /// Defined types.
        types: u32 = 1_000_000,
        /// Functions, imported ones included.
        functions: u32 = 1_000_000,
        /// Imports.
        imports: u32 = 1_000_000,
        /// Exports.
        exports: u32 = 1_000_000,
        /// Globals, imported ones included.
        globals: u32 = 1_000_000,
        /// Tables, imported ones included.
        tables: u32 = 100_000,
        /// Memories, imported ones included.
        memories: u32 = 100,
        /// Exception tags, imported ones included.
        tags: u32 = 1_000_000,
        /// Element segments.
        element_segments: u32 = 100_000,
        /// Data segments.
        data_segments: u32 = 100_000,
        /// Custom sections.
        custom_sections: u32 = 100_000,
        /// Bytes of one function body. The parser itself allows 7,654,321.
        body_size: u32 = 7_654_321,
        /// Operands of one body at a time. The default is more than any body can push one by one.
        operands: u32 = 4_000_000,
        /// Bytes of an import's or export's name. The parser itself allows 100,000.
        name_length: u32 = 100_000,
    }
}

limits! {
    /// What the contents of a store may grow to; the default [`ResourceLimiter`].
    pub struct StoreLimits {
        /// Bytes of one linear memory.
        memory_size: usize = if usize::BITS > 32 { 1 << 32 } else { usize::MAX / 2 },
        /// Elements of one table.
        table_elements: usize = 10_000_000,
        /// Bytes of structs, arrays, exceptions and host values together.
        heap_size: usize = if usize::BITS > 32 { 1 << 30 } else { usize::MAX / 4 },
        /// Instances.
        instances: usize = 10_000,
        /// Tables.
        tables: usize = 10_000,
        /// Linear memories.
        memories: usize = 10_000,
        /// Executions that are suspended or running at one time.
        executions: usize = 100_000,
    }
}

/// Decides what running code may take. Asked when a memory or a table is made and when it grows.
///
/// Answering `Ok(false)` makes the guest's `memory.grow` or `table.grow` return -1, and an instantiation fail; an error
/// traps. Memory sizes are in bytes.
pub trait ResourceLimiter: Send {
    /// Whether a memory of `current` bytes may become one of `desired` bytes. `maximum` is what its type allows.
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool, Error>;

    /// Whether a table of `current` elements may become one of `desired` elements.
    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool, Error>;

    /// An allowed growth of a memory failed nevertheless. An error here traps instead of telling the guest -1.
    fn memory_grow_failed(&mut self, error: Error) -> Result<(), Error> {
        let _ = error;
        Ok(())
    }

    /// An allowed growth of a table failed nevertheless. An error here traps instead of telling the guest -1.
    fn table_grow_failed(&mut self, error: Error) -> Result<(), Error> {
        let _ = error;
        Ok(())
    }

    /// How many instances the store may hold.
    fn instances(&self) -> usize {
        StoreLimits::default().instances
    }

    /// How many tables the store may hold.
    fn tables(&self) -> usize {
        StoreLimits::default().tables
    }

    /// How many memories the store may hold.
    fn memories(&self) -> usize {
        StoreLimits::default().memories
    }
}

impl ResourceLimiter for StoreLimits {
    fn memory_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool, Error> {
        Ok(desired <= self.memory_size)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool, Error> {
        Ok(desired <= self.table_elements)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

/// Builds [`StoreLimits`], under the name embedders know.
#[derive(Debug, Clone, Default)]
pub struct StoreLimitsBuilder(StoreLimits);

impl StoreLimitsBuilder {
    /// The default limits, to be changed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes of one linear memory.
    #[must_use]
    pub const fn memory_size(self, limit: usize) -> Self {
        Self(self.0.memory_size(limit))
    }

    /// Elements of one table.
    #[must_use]
    pub const fn table_elements(self, limit: usize) -> Self {
        Self(self.0.table_elements(limit))
    }

    /// Instances.
    #[must_use]
    pub const fn instances(self, limit: usize) -> Self {
        Self(self.0.instances(limit))
    }

    /// Tables.
    #[must_use]
    pub const fn tables(self, limit: usize) -> Self {
        Self(self.0.tables(limit))
    }

    /// Linear memories.
    #[must_use]
    pub const fn memories(self, limit: usize) -> Self {
        Self(self.0.memories(limit))
    }

    /// The limits.
    pub const fn build(self) -> StoreLimits {
        self.0
    }
}
