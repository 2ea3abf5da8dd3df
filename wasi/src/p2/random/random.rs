//! `wasi:random/random`.

use whit_component::Linker;
use whit_core::Error;

use crate::p2::interface::{Interface, Project};

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut random = Interface::<T>::new(linker, "wasi:random/random@0.2.12", ctx)?;
    random.func("get-random-bytes", |ctx, (len,): (u64,)| Ok((ctx.random.bytes(len).map_err(Error::new)?,)))?;
    random.func("get-random-u64", |ctx, ()| Ok((ctx.random.number().map_err(Error::new)?,)))
}
