//! `wasi:cli/environment`.

use whit_component::Linker;
use whit_core::Error;

use crate::p2::interface::{Interface, Project};

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut environment = Interface::<T>::new(linker, "wasi:cli/environment@0.2.12", ctx)?;
    environment.func("get-environment", |ctx, ()| Ok((ctx.env.vars().to_vec(),)))?;
    environment.func("get-arguments", |ctx, ()| Ok((ctx.env.args().to_vec(),)))?;
    environment.func("initial-cwd", |ctx, ()| Ok((ctx.env.initial_cwd().map(str::to_owned),)))
}
