//! `wasi:sockets/ip-name-lookup`.

use whit_component::{Linker, Resource};
use whit_core::Error;

use super::network::IpAddress;
use crate::host::net::{Lookup, Network, SocketError};
use crate::p2::interface::{Interface, Project};

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut lookup = Interface::<T, SocketError>::new(linker, "wasi:sockets/ip-name-lookup@0.2.12", ctx)?;
    lookup.resource::<Lookup>("resolve-address-stream")?;
    lookup.fallible("resolve-addresses", |ctx, (network, name): (Resource<Network>, String)| {
        let lookup = ctx.table.get(&network)?.lookup(&name)?;
        Ok(ctx.table.push(lookup)?)
    })?;
    lookup.fallible("[method]resolve-address-stream.resolve-next-address", |ctx, (this,): (Resource<Lookup>,)| {
        Ok(ctx.table.get_mut(&this)?.next_address()?.map(IpAddress::from))
    })?;
    lookup.func("[method]resolve-address-stream.subscribe", |ctx, (this,): (Resource<Lookup>,)| {
        let pollable = ctx.table.get(&this)?.subscribe();
        Ok((ctx.table.push(pollable)?,))
    })
}
