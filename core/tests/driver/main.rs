//! The driver of the interpreter, seen through the public API: what happens where an engine leaves an op to it. Everything runs on every
//! engine of this build.

mod bulk;
mod collector;
mod exceptions;
mod stack;
mod support;
mod traps;
mod waiting;
