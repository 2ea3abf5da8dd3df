//! `wasi:sockets/instance-network`.

use whit_component::Linker;
use whit_core::Error;

use crate::p2::interface::{Interface, Project};

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut instance_network = Interface::<T>::new(linker, "wasi:sockets/instance-network@0.2.12", ctx)?;
    instance_network.func("instance-network", |ctx, ()| {
        let network = ctx.network().clone();
        Ok((ctx.table.push(network)?,))
    })
}
