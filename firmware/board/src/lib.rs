//! What the bare-metal programs of this folder need from a board: start-up, a heap, measurements, an exit status.
//!
//! A program is a function that returns `Ok` or what went wrong, handed to [`entry!`]. Around it this crate paints the
//! stack ([`stack`]), gives the rest of RAM to the heap ([`heap`]), counts instructions ([`counter`]), and at the end
//! prints one line for `cargo xtask firmware` to read:
//!
//! ```text
//! whit-board: heap=17320 stack=3224 instructions=4017880
//! ```
//!
//! Then it leaves QEMU by semihosting, with status 0 if all went well. A fault or a panic prints one line and leaves
//! with another status. Assumes one core and no interrupts: nothing here enables any.

#![no_std]

pub mod counter;
mod fault;
mod heap;
mod memory;
mod stack;

use core::fmt::Display;

pub use semihosting::{print, println};

/// Exit status of a program that returned an error.
const FAILED: i32 = 1;

/// Makes `$main`, a `fn() -> Result<(), impl Display>`, the program.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        // Both start-up crates jump to this symbol once memory is initialised.
        #[unsafe(export_name = "main")]
        extern "C" fn start_up() -> ! {
            $crate::run($main)
        }
    };
}

/// Runs `main` with everything measured, reports, and leaves.
pub fn run<E: Display>(main: fn() -> Result<(), E>) -> ! {
    stack::paint();
    heap::init();
    counter::start();
    let outcome = main();
    let instructions = counter::read();
    let stack = stack::used();

    println!("whit-board: heap={} stack={stack} instructions={instructions}", heap::peak());
    match outcome {
        Ok(()) if stack < memory::STACK => semihosting::process::exit(0),
        Ok(()) => println!("failed: the native stack is exhausted"),
        Err(why) => println!("failed: {why}"),
    }
    semihosting::process::exit(FAILED)
}
