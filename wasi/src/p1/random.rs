//! `random_get`: random bytes, written in place and a step at a time, so that a request for 4 GiB obeys a timeout.

use super::{Call, GuestMemory, Pending, Rest};
use crate::ctx::WasiCtx;
use crate::host::wait::Wait;

/// Bytes made before the embedder gets a chance to interrupt.
const STEP: u32 = 1 << 20;

pub(super) fn random_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, buf: u32, buf_len: u32) -> Call {
    Random { buf, len: buf_len }.run(ctx, memory)
}

/// The part of the buffer that is still to be filled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Random {
    buf: u32,
    len: u32,
}

impl Random {
    pub(super) fn run(self, ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>) -> Call {
        memory.check(self.buf, self.len.into(), 1)?;
        let step = self.len.min(STEP);
        ctx.random.fill(memory.slice_mut(self.buf, step)?)?;
        if step == self.len {
            return Ok(());
        }
        // `buf + len` is inside the memory, so `buf + step`, which is less, is an address.
        let rest = Random { buf: self.buf + step, len: self.len - step };
        Err(Pending::stop(Wait::over(), Rest::Random(rest)))
    }
}
