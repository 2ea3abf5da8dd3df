//! `wasi:cli/exit`: ends the guest with the error [`Exit`].

use whit_component::Linker;
use whit_core::Error;

use crate::link::Exit;
use crate::p2::interface::{Interface, Project};

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut exit = Interface::<T>::new(linker, "wasi:cli/exit@0.2.12", ctx)?;
    exit.func("exit", |_, (status,): (Result<(), ()>,)| end(status.is_err().into()))?;
    exit.func("exit-with-code", |_, (status_code,): (u8,)| end(status_code))
}

fn end(status: u8) -> Result<(), Error> {
    Err(Error::new(Exit(status.into())))
}
