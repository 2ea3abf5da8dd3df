//! `wasi:clocks/monotonic-clock`.

use whit_component::Linker;
use whit_core::Error;

use crate::host::poll::Pollable;
use crate::p2::interface::{Interface, Project};

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut clock = Interface::<T>::new(linker, "wasi:clocks/monotonic-clock@0.2.12", ctx)?;
    clock.func("now", |ctx, ()| Ok((ctx.clocks.monotonic.now(),)))?;
    clock.func("resolution", |ctx, ()| Ok((ctx.clocks.monotonic.resolution(),)))?;
    clock.func("subscribe-instant", |ctx, (when,): (u64,)| Ok((ctx.table.push(Pollable::at(when))?,)))?;
    clock.func("subscribe-duration", |ctx, (when,): (u64,)| {
        let pollable = Pollable::after(when, &*ctx.clocks.monotonic);
        Ok((ctx.table.push(pollable)?,))
    })
}
