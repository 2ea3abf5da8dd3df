//! `wasi:sockets/tcp`.

use whit_component::{Linker, Resource};
use whit_core::Error;

use super::network::{IpAddressFamily, IpSocketAddress};
use crate::host::net::{Direction, Network, SocketError, TcpSocket};
use crate::p2::interface::{Interface, Project};

whit_component::enumeration! {
    /// `shutdown-type`.
    enum ShutdownType {
        Receive = "receive",
        Send = "send",
        Both = "both",
    }
}

impl From<ShutdownType> for Direction {
    fn from(ty: ShutdownType) -> Self {
        match ty {
            ShutdownType::Receive => Self::Receive,
            ShutdownType::Send => Self::Send,
            ShutdownType::Both => Self::Both,
        }
    }
}

type This = Resource<TcpSocket>;

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut tcp = Interface::<T, SocketError>::new(linker, "wasi:sockets/tcp@0.2.12", ctx)?;
    tcp.resource::<TcpSocket>("tcp-socket")?;
    define_states(&mut tcp)?;
    define_options(&mut tcp)?;
    tcp.func("[method]tcp-socket.subscribe", |ctx, (this,): (This,)| {
        let pollable = ctx.table.get(&this)?.subscribe();
        Ok((ctx.table.push(pollable)?,))
    })
}

/// From unbound to connected or listening, and what can be asked on the way.
fn define_states<T: 'static>(tcp: &mut Interface<'_, T, SocketError>) -> Result<(), Error> {
    type At = (This, Resource<Network>, IpSocketAddress);
    tcp.fallible("[method]tcp-socket.start-bind", |ctx, (this, network, address): At| {
        Ok(ctx.table.get(&this)?.start_bind(ctx.table.get(&network)?, address.into())?)
    })?;
    tcp.fallible("[method]tcp-socket.finish-bind", |ctx, (this,): (This,)| Ok(ctx.table.get(&this)?.finish_bind()?))?;
    tcp.fallible("[method]tcp-socket.start-connect", |ctx, (this, network, address): At| {
        Ok(ctx.table.get(&this)?.start_connect(ctx.table.get(&network)?, address.into())?)
    })?;
    tcp.fallible("[method]tcp-socket.finish-connect", |ctx, (this,): (This,)| {
        let (input, output) = ctx.table.get(&this)?.finish_connect()?;
        Ok((ctx.table.push(input)?, ctx.table.push(output)?))
    })?;
    tcp.fallible("[method]tcp-socket.start-listen", |ctx, (this,): (This,)| {
        Ok(ctx.table.get(&this)?.start_listen()?)
    })?;
    tcp.fallible("[method]tcp-socket.finish-listen", |ctx, (this,): (This,)| {
        Ok(ctx.table.get(&this)?.finish_listen()?)
    })?;
    tcp.fallible("[method]tcp-socket.accept", |ctx, (this,): (This,)| {
        let (socket, input, output) = ctx.table.get(&this)?.accept(ctx.network())?;
        Ok((ctx.table.push(socket)?, ctx.table.push(input)?, ctx.table.push(output)?))
    })?;
    tcp.fallible("[method]tcp-socket.shutdown", |ctx, (this, ty): (This, ShutdownType)| {
        Ok(ctx.table.get(&this)?.shutdown(ty.into())?)
    })?;
    tcp.fallible("[method]tcp-socket.local-address", |ctx, (this,): (This,)| {
        Ok(IpSocketAddress::from(ctx.table.get(&this)?.local_address()?))
    })?;
    tcp.fallible("[method]tcp-socket.remote-address", |ctx, (this,): (This,)| {
        Ok(IpSocketAddress::from(ctx.table.get(&this)?.remote_address()?))
    })?;
    tcp.func("[method]tcp-socket.is-listening", |ctx, (this,): (This,)| Ok((ctx.table.get(&this)?.is_listening(),)))?;
    tcp.func("[method]tcp-socket.address-family", |ctx, (this,): (This,)| {
        Ok((IpAddressFamily::from(ctx.table.get(&this)?.family()),))
    })
}

/// What can be set.
fn define_options<T: 'static>(tcp: &mut Interface<'_, T, SocketError>) -> Result<(), Error> {
    tcp.fallible("[method]tcp-socket.set-listen-backlog-size", |ctx, (this, size): (This, u64)| {
        Ok(ctx.table.get(&this)?.set_listen_backlog_size(size)?)
    })?;
    tcp.fallible("[method]tcp-socket.keep-alive-enabled", |ctx, (this,): (This,)| {
        Ok(ctx.table.get(&this)?.keep_alive_enabled())
    })?;
    tcp.fallible("[method]tcp-socket.set-keep-alive-enabled", |ctx, (this, enabled): (This, bool)| {
        Ok(ctx.table.get(&this)?.set_keep_alive_enabled(enabled)?)
    })?;
    tcp.fallible("[method]tcp-socket.keep-alive-idle-time", |ctx, (this,): (This,)| {
        Ok(ctx.table.get(&this)?.keep_alive_idle_time())
    })?;
    tcp.fallible("[method]tcp-socket.set-keep-alive-idle-time", |ctx, (this, time): (This, u64)| {
        Ok(ctx.table.get(&this)?.set_keep_alive_idle_time(time)?)
    })?;
    tcp.fallible("[method]tcp-socket.keep-alive-interval", |ctx, (this,): (This,)| {
        Ok(ctx.table.get(&this)?.keep_alive_interval())
    })?;
    tcp.fallible("[method]tcp-socket.set-keep-alive-interval", |ctx, (this, time): (This, u64)| {
        Ok(ctx.table.get(&this)?.set_keep_alive_interval(time)?)
    })?;
    tcp.fallible("[method]tcp-socket.keep-alive-count", |ctx, (this,): (This,)| {
        Ok(ctx.table.get(&this)?.keep_alive_count())
    })?;
    tcp.fallible("[method]tcp-socket.set-keep-alive-count", |ctx, (this, count): (This, u32)| {
        Ok(ctx.table.get(&this)?.set_keep_alive_count(count)?)
    })?;
    tcp.fallible("[method]tcp-socket.hop-limit", |ctx, (this,): (This,)| Ok(ctx.table.get(&this)?.hop_limit()?))?;
    tcp.fallible("[method]tcp-socket.set-hop-limit", |ctx, (this, hops): (This, u8)| {
        Ok(ctx.table.get(&this)?.set_hop_limit(hops)?)
    })?;
    tcp.fallible("[method]tcp-socket.receive-buffer-size", |ctx, (this,): (This,)| {
        Ok(ctx.table.get(&this)?.receive_buffer_size()?)
    })?;
    tcp.fallible("[method]tcp-socket.set-receive-buffer-size", |ctx, (this, size): (This, u64)| {
        Ok(ctx.table.get(&this)?.set_receive_buffer_size(size)?)
    })?;
    tcp.fallible("[method]tcp-socket.send-buffer-size", |ctx, (this,): (This,)| {
        Ok(ctx.table.get(&this)?.send_buffer_size()?)
    })?;
    tcp.fallible("[method]tcp-socket.set-send-buffer-size", |ctx, (this, size): (This, u64)| {
        Ok(ctx.table.get(&this)?.set_send_buffer_size(size)?)
    })
}
