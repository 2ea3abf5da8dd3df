//! `wasi:sockets/udp-create-socket`.

use whit_component::Linker;
use whit_core::Error;

use super::network::IpAddressFamily;
use crate::host::net::SocketError;
use crate::p2::interface::{Interface, Project};

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut create = Interface::<T, SocketError>::new(linker, "wasi:sockets/udp-create-socket@0.2.12", ctx)?;
    create.fallible("create-udp-socket", |ctx, (family,): (IpAddressFamily,)| {
        let socket = ctx.network().udp_socket(family.into())?;
        Ok(ctx.table.push(socket)?)
    })
}
