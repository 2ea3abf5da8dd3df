//! `--invoke`: what is named on the command line → functions to call, with values for their parameters.
//!
//! A function of a core module is a name, and its arguments are the words behind FILE. A function of a component is a call in WAVE, the text format for
//! component-level values: `iface.func("x", {a: 1})`. Assumes that names and types come from a hostile guest. Promises that everything
//! that can be refused is refused before anything of the guest runs, with what was expected and an example that would do.

pub mod component;
pub mod module;
mod wave;
