//! `sock_*`: connections through listening sockets that were granted. On any other descriptor they are `notsock`.

use std::net::Shutdown;

use super::abi::{self, Fdflags, Riflags, Sdflags};
use super::fd::{MAX_TRANSFER, Write, iovec, iovec_count};
use super::table::{Descriptor, StreamDescriptor};
use super::{Call, Errno, Fault, GuestMemory, Pending, Rest};
use crate::ctx::WasiCtx;
use crate::host::HostError;
use crate::host::wait::Wait;

pub(super) fn sock_accept(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    accepted_fd: u32,
) -> Call {
    Accept { fd, flags, accepted_fd }.run(ctx, memory)
}

/// An accept that waits for a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accept {
    fd: u32,
    flags: u32,
    accepted_fd: u32,
}

impl Accept {
    pub(super) fn run(self, ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>) -> Call {
        let flags: Fdflags = abi::flags(self.flags)?;
        memory.check(self.accepted_fd, 4, 4)?;
        let Descriptor::Listener(socket) = ctx.descriptors.get(self.fd)? else {
            return Err(Errno::NotSock.into());
        };
        if !flags.difference(Fdflags::NONBLOCK).is_empty() {
            return Err(Errno::Inval.into());
        }
        ctx.descriptors.check_room()?;
        let stream = match socket.listener.accept() {
            Err(HostError::WouldBlock) if !socket.nonblock => {
                return Err(Pending::stop(Wait::for_source(socket.listener.source()), Rest::Accept(self)));
            }
            result => result?,
        };
        let nonblock = flags.contains(Fdflags::NONBLOCK);
        let accepted = ctx.descriptors.insert(Descriptor::Stream(StreamDescriptor { stream, nonblock }))?;
        Ok(memory.write_u32(self.accepted_fd, accepted)?)
    }
}

#[expect(clippy::too_many_arguments, reason = "the specification's")]
pub(super) fn sock_recv(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    ri_flags: u32,
    ro_datalen: u32,
    ro_flags: u32,
) -> Call {
    Receive { fd, iovs, iovs_len, ri_flags, ro_datalen, ro_flags, done: 0 }.run(ctx, memory)
}

/// A receive of which `done` bytes are in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receive {
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    ri_flags: u32,
    ro_datalen: u32,
    ro_flags: u32,
    done: u32,
}

impl Receive {
    pub(super) fn run(mut self, ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>) -> Call {
        let flags: Riflags = abi::flags(self.ri_flags)?;
        memory.check(self.ro_datalen, 4, 4)?;
        memory.check(self.ro_flags, 2, 2)?;
        let Descriptor::Stream(socket) = ctx.descriptors.get(self.fd)? else {
            return Err(Errno::NotSock.into());
        };
        match self.receive(memory, socket, flags)? {
            Err(HostError::WouldBlock) if !socket.nonblock => {
                Err(Pending::stop(Wait::for_source(socket.stream.receive_source()), Rest::Receive(self)))
            }
            result => {
                result?;
                memory.write_u32(self.ro_datalen, self.done)?;
                // A stream never cuts off what it delivers.
                Ok(memory.write_u16(self.ro_flags, 0)?)
            }
        }
    }

    /// Receives from where the last attempt stopped. A failure after the first byte is left to the next call.
    fn receive(
        &mut self,
        memory: &mut GuestMemory<'_>,
        socket: &StreamDescriptor,
        flags: Riflags,
    ) -> Result<Result<(), HostError>, Fault> {
        let peek = flags.contains(Riflags::PEEK);
        let waits_for_all = flags.contains(Riflags::WAITALL) && !socket.nonblock;
        let mut skip = self.done;
        for index in 0..iovec_count(memory, self.iovs, self.iovs_len)? {
            let (buf, len) = iovec(memory, self.iovs, index)?;
            let skipped = skip.min(len);
            skip -= skipped;
            let mut buffer = &mut memory.slice_mut(buf, len)?[skipped as usize..];
            while !buffer.is_empty() {
                let room = buffer.len().min((MAX_TRANSFER - self.done) as usize);
                match if room == 0 { Ok(0) } else { socket.stream.receive(&mut buffer[..room], peek) } {
                    Ok(0) => return Ok(Ok(())),
                    Ok(size) => {
                        self.done += size as u32;
                        if peek {
                            // Looking again would show the same bytes.
                            return Ok(Ok(()));
                        }
                        buffer = &mut buffer[size..];
                    }
                    Err(HostError::WouldBlock) if waits_for_all => return Ok(Err(HostError::WouldBlock)),
                    Err(_) if self.done > 0 => return Ok(Ok(())),
                    Err(error) => return Ok(Err(error)),
                }
            }
        }
        Ok(Ok(()))
    }
}

pub(super) fn sock_send(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    si_flags: u32,
    so_datalen: u32,
) -> Call {
    if si_flags != 0 {
        return Err(Errno::Inval.into());
    }
    let Descriptor::Stream(_) = ctx.descriptors.get(fd)? else {
        return Err(Errno::NotSock.into());
    };
    Write { fd, iovs, iovs_len, nwritten: so_datalen, done: 0 }.run(ctx, memory)
}

pub(super) fn sock_shutdown(ctx: &mut WasiCtx, _: &mut GuestMemory<'_>, fd: u32, how: u32) -> Call {
    let how: Sdflags = abi::flags(how)?;
    let Descriptor::Stream(socket) = ctx.descriptors.get(fd)? else {
        return Err(Errno::NotSock.into());
    };
    let how = match (how.contains(Sdflags::RD), how.contains(Sdflags::WR)) {
        (true, true) => Shutdown::Both,
        (true, false) => Shutdown::Read,
        (false, true) => Shutdown::Write,
        (false, false) => return Err(Errno::Inval.into()),
    };
    Ok(socket.stream.shutdown(how)?)
}
