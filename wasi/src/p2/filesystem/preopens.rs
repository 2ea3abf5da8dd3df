//! `wasi:filesystem/preopens`.

use whit_component::{Linker, Resource};
use whit_core::Error;

use super::types::Descriptor;
use crate::ctx::WasiCtx;
use crate::host::fs::Opened;
use crate::p2::interface::{Interface, Project};

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut preopens = Interface::<T>::new(linker, "wasi:filesystem/preopens@0.2.12", ctx)?;
    preopens.func("get-directories", |ctx, ()| Ok((directories(ctx)?,)))
}

fn directories(ctx: &mut WasiCtx) -> Result<Vec<(Resource<Descriptor>, String)>, Error> {
    // A granted directory is open already, and counts for nothing more.
    let granted = ctx.preopens().to_vec();
    granted
        .into_iter()
        .map(|(name, dir)| Ok((ctx.table.push(Descriptor::new(Opened::Dir(dir), None))?, name)))
        .collect()
}
