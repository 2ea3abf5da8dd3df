//! `wasi:io/error`: what failed beneath a stream. Other interfaces ask it for their error code.

use whit_component::{Linker, Resource};
use whit_core::Error;

use crate::host::stream::Failure;
use crate::p2::interface::{Interface, Project};

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut error = Interface::<T>::new(linker, "wasi:io/error@0.2.12", ctx)?;
    error.resource::<Failure>("error")?;
    error.func("[method]error.to-debug-string", |ctx, (this,): (Resource<Failure>,)| {
        Ok((ctx.table.get(&this)?.to_string(),))
    })
}
