//! `wasi:io/poll`.

use whit_component::{Linker, Resource};
use whit_core::Error;

use crate::ctx::WasiCtx;
use crate::host::poll::{self, Pollable};
use crate::host::wait::Attempt;
use crate::p2::interface::{Interface, Project};

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut interface = Interface::<T>::new(linker, "wasi:io/poll@0.2.12", ctx)?;
    interface.resource::<Pollable>("pollable")?;
    interface.func("[method]pollable.ready", |ctx, (this,): (Resource<Pollable>,)| {
        Ok((ctx.table.get(&this)?.is_ready(&*ctx.clocks.monotonic),))
    })?;
    interface.waiting(
        "[method]pollable.block",
        |(this,): (Resource<Pollable>,)| Ok(this),
        |ctx, this| Ok(ctx.table.get(this)?.block(&*ctx.clocks.monotonic)),
    )?;
    interface.waiting("poll", |(list,): (Vec<Resource<Pollable>>,)| Ok(list), |ctx, list| poll_list(ctx, list))
}

fn poll_list(ctx: &WasiCtx, list: &[Resource<Pollable>]) -> Result<Attempt<(Vec<u32>,)>, Error> {
    let mut pollables = Vec::new();
    pollables.try_reserve_exact(list.len())?;
    for pollable in list {
        pollables.push(ctx.table.get(pollable)?);
    }
    match poll::poll(pollables.into_iter(), &*ctx.clocks.monotonic).map_err(Error::new)? {
        Attempt::Done(ready) => Ok(Attempt::Done((ready,))),
        Attempt::Wait(wait) => Ok(Attempt::Wait(wait)),
    }
}
