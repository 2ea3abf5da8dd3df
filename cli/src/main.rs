//! The command line of Whit.

#![forbid(unsafe_code)]

mod args;
mod dwarf;
mod terminal;

fn main() {
    if let Err(error) = args::parse(std::env::args_os()) {
        error.exit();
    }
}
