//! `wasi:random/insecure-seed`.

use whit_component::Linker;
use whit_core::Error;

use crate::p2::interface::{Interface, Project};

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut insecure_seed = Interface::<T>::new(linker, "wasi:random/insecure-seed@0.2.12", ctx)?;
    insecure_seed.func("insecure-seed", |ctx, ()| Ok((ctx.random.insecure_seed().map_err(Error::new)?,)))
}
