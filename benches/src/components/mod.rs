//! Runtimes of components, behind what the question [`components`](crate::questions::components) asks of them.

#[cfg(feature = "peer-pulley")]
mod wasmtime;
mod whit;

use anyhow::Result;

/// A runtime of components.
pub trait ComponentRuntime {
    /// Its column.
    fn name(&self) -> &'static str;

    /// Loads a component and links it: a function `length: func(text: string) -> u32` of the host, and stubs for all other imports, or WASI.
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Loaded>>;
}

/// A component that is loaded and linked.
pub trait Loaded {
    /// Makes a store and an instance in it, and drops both.
    fn instantiate(&mut self) -> Result<()>;

    /// Makes an instance, and calls its `export: func(times: u32) -> u32` on each call of what is returned.
    fn counter(&mut self, export: &str) -> Result<Counter<'_>>;

    /// The same for `export: func(text: string) -> u32`.
    fn measurer(&mut self, export: &str) -> Result<Measurer<'_>>;
}

/// A function of a component that takes and gives a number.
pub type Counter<'a> = Box<dyn FnMut(u32) -> Result<u32> + 'a>;

/// A function of a component from text to a number.
pub type Measurer<'a> = Box<dyn FnMut(&str) -> Result<u32> + 'a>;

/// All that this build has.
pub fn runtimes() -> Vec<Box<dyn ComponentRuntime>> {
    vec![
        Box::new(whit::Whit),
        #[cfg(feature = "peer-pulley")]
        Box::new(wasmtime::Wasmtime::native()),
        #[cfg(feature = "peer-pulley")]
        Box::new(wasmtime::Wasmtime::pulley()),
    ]
}
