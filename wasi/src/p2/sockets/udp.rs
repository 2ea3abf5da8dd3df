//! `wasi:sockets/udp`.

use std::net::SocketAddr;

use whit_component::{Linker, Resource};
use whit_core::Error;

use super::network::{IpAddressFamily, IpSocketAddress};
use crate::ctx::WasiCtx;
use crate::host::net::{Datagram, IncomingDatagrams, Network, OutgoingDatagrams, SocketError, UdpSocket};
use crate::p2::interface::{Fail, Interface, Project};

whit_component::record! {
    /// `incoming-datagram`.
    struct IncomingDatagram {
        data: Vec<u8> = "data",
        remote_address: IpSocketAddress = "remote-address",
    }
}

impl From<Datagram> for IncomingDatagram {
    fn from(datagram: Datagram) -> Self {
        IncomingDatagram { data: datagram.data, remote_address: datagram.remote.into() }
    }
}

whit_component::record! {
    /// `outgoing-datagram`.
    struct OutgoingDatagram {
        data: Vec<u8> = "data",
        remote_address: Option<IpSocketAddress> = "remote-address",
    }
}

type This = Resource<UdpSocket>;

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut udp = Interface::<T, SocketError>::new(linker, "wasi:sockets/udp@0.2.12", ctx)?;
    udp.resource::<UdpSocket>("udp-socket")?;
    udp.resource::<IncomingDatagrams>("incoming-datagram-stream")?;
    udp.resource::<OutgoingDatagrams>("outgoing-datagram-stream")?;
    define_socket(&mut udp)?;
    define_streams(&mut udp)
}

fn define_socket<T: 'static>(udp: &mut Interface<'_, T, SocketError>) -> Result<(), Error> {
    type At = (This, Resource<Network>, IpSocketAddress);
    udp.fallible("[method]udp-socket.start-bind", |ctx, (this, network, address): At| {
        Ok(ctx.table.get(&this)?.start_bind(ctx.table.get(&network)?, address.into())?)
    })?;
    udp.fallible("[method]udp-socket.finish-bind", |ctx, (this,): (This,)| Ok(ctx.table.get(&this)?.finish_bind()?))?;
    udp.fallible("[method]udp-socket.stream", |ctx, (this, remote): (This, Option<IpSocketAddress>)| {
        let (incoming, outgoing) = ctx.table.get(&this)?.stream(ctx.network(), remote.map(SocketAddr::from))?;
        Ok((ctx.table.push(incoming)?, ctx.table.push(outgoing)?))
    })?;
    udp.fallible("[method]udp-socket.local-address", |ctx, (this,): (This,)| {
        Ok(IpSocketAddress::from(ctx.table.get(&this)?.local_address()?))
    })?;
    udp.fallible("[method]udp-socket.remote-address", |ctx, (this,): (This,)| {
        Ok(IpSocketAddress::from(ctx.table.get(&this)?.remote_address()?))
    })?;
    udp.func("[method]udp-socket.address-family", |ctx, (this,): (This,)| {
        Ok((IpAddressFamily::from(ctx.table.get(&this)?.family()),))
    })?;
    udp.fallible("[method]udp-socket.unicast-hop-limit", |ctx, (this,): (This,)| {
        Ok(ctx.table.get(&this)?.unicast_hop_limit()?)
    })?;
    udp.fallible("[method]udp-socket.set-unicast-hop-limit", |ctx, (this, hops): (This, u8)| {
        Ok(ctx.table.get(&this)?.set_unicast_hop_limit(hops)?)
    })?;
    udp.fallible("[method]udp-socket.receive-buffer-size", |ctx, (this,): (This,)| {
        Ok(ctx.table.get(&this)?.receive_buffer_size()?)
    })?;
    udp.fallible("[method]udp-socket.set-receive-buffer-size", |ctx, (this, size): (This, u64)| {
        Ok(ctx.table.get(&this)?.set_receive_buffer_size(size)?)
    })?;
    udp.fallible("[method]udp-socket.send-buffer-size", |ctx, (this,): (This,)| {
        Ok(ctx.table.get(&this)?.send_buffer_size()?)
    })?;
    udp.fallible("[method]udp-socket.set-send-buffer-size", |ctx, (this, size): (This, u64)| {
        Ok(ctx.table.get(&this)?.set_send_buffer_size(size)?)
    })?;
    udp.func("[method]udp-socket.subscribe", |ctx, (this,): (This,)| {
        let pollable = ctx.table.get(&this)?.subscribe();
        Ok((ctx.table.push(pollable)?,))
    })
}

fn define_streams<T: 'static>(udp: &mut Interface<'_, T, SocketError>) -> Result<(), Error> {
    type Incoming = Resource<IncomingDatagrams>;
    udp.fallible("[method]incoming-datagram-stream.receive", |ctx, (this, max_results): (Incoming, u64)| {
        let datagrams = ctx.table.get(&this)?.receive(max_results)?;
        Ok(datagrams.into_iter().map(IncomingDatagram::from).collect::<Vec<_>>())
    })?;
    udp.func("[method]incoming-datagram-stream.subscribe", |ctx, (this,): (Incoming,)| {
        let pollable = ctx.table.get(&this)?.subscribe();
        Ok((ctx.table.push(pollable)?,))
    })?;
    type Outgoing = Resource<OutgoingDatagrams>;
    udp.fallible("[method]outgoing-datagram-stream.check-send", |ctx, (this,): (Outgoing,)| {
        Ok(ctx.table.get_mut(&this)?.check_send()?)
    })?;
    udp.fallible("[method]outgoing-datagram-stream.send", send)?;
    udp.func("[method]outgoing-datagram-stream.subscribe", |ctx, (this,): (Outgoing,)| {
        let pollable = ctx.table.get(&this)?.subscribe();
        Ok((ctx.table.push(pollable)?,))
    })
}

fn send(
    ctx: &mut WasiCtx,
    (this, datagrams): (Resource<OutgoingDatagrams>, Vec<OutgoingDatagram>),
) -> Result<u64, Fail<SocketError>> {
    let datagrams = datagrams.iter().map(|datagram| (&*datagram.data, datagram.remote_address.map(SocketAddr::from)));
    Ok(ctx.table.get_mut(&this)?.send(datagrams).map_err(Error::new)??)
}
