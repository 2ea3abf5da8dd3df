//! Options that TCP and UDP sockets share.

use socket2::SockRef;

use super::{Family, SocketError};

/// Which of a socket's two buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Buffer {
    Receive,
    Send,
}

/// The largest buffer that is asked for: Linux doubles it in a signed 32-bit number, and clamps it to its own limit.
const MAX_BUFFER: u64 = (i32::MAX / 2) as u64;

pub(super) fn hop_limit(socket: &SockRef<'_>, family: Family) -> Result<u8, SocketError> {
    let hops = match family {
        Family::V4 => socket.ttl_v4(),
        Family::V6 => socket.unicast_hops_v6(),
    }?;
    Ok(u8::try_from(hops).unwrap_or(u8::MAX))
}

pub(super) fn set_hop_limit(socket: &SockRef<'_>, family: Family, hops: u8) -> Result<(), SocketError> {
    if hops == 0 {
        return Err(SocketError::InvalidArgument);
    }
    Ok(match family {
        Family::V4 => socket.set_ttl_v4(hops.into()),
        Family::V6 => socket.set_unicast_hops_v6(hops.into()),
    }?)
}

pub(super) fn buffer_size(socket: &SockRef<'_>, buffer: Buffer) -> Result<u64, SocketError> {
    let size = match buffer {
        Buffer::Receive => socket.recv_buffer_size(),
        Buffer::Send => socket.send_buffer_size(),
    }?;
    // Linux doubles what is set, for its own needs, and tells the double.
    Ok(size as u64 / if cfg!(target_os = "linux") { 2 } else { 1 })
}

pub(super) fn set_buffer_size(socket: &SockRef<'_>, buffer: Buffer, size: u64) -> Result<(), SocketError> {
    if size == 0 {
        return Err(SocketError::InvalidArgument);
    }
    let size = size.min(MAX_BUFFER) as usize;
    Ok(match buffer {
        Buffer::Receive => socket.set_recv_buffer_size(size),
        Buffer::Send => socket.set_send_buffer_size(size),
    }?)
}
