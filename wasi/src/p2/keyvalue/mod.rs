//! `wasi:keyvalue`, a draft: at its version 0.2.0-draft and no other.

mod atomics;
mod batch;
mod store;

use whit_component::Linker;
use whit_core::Error;

use crate::p2::interface::Project;

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    store::define(linker, ctx)?;
    atomics::define(linker, ctx)?;
    batch::define(linker, ctx)
}
