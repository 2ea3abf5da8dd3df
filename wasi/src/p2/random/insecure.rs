//! `wasi:random/insecure`.

use whit_component::Linker;
use whit_core::Error;

use crate::p2::interface::{Interface, Project};

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut insecure = Interface::<T>::new(linker, "wasi:random/insecure@0.2.12", ctx)?;
    insecure.func("get-insecure-random-bytes", |ctx, (len,): (u64,)| {
        Ok((ctx.random.insecure_bytes(len).map_err(Error::new)?,))
    })?;
    insecure.func("get-insecure-random-u64", |ctx, ()| Ok((ctx.random.insecure_number().map_err(Error::new)?,)))
}
