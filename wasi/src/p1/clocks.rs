//! `clock_*`: the two clocks. Processor time is not measured, as in Wasmtime.

use super::abi::Clockid;
use super::{Call, Errno, GuestMemory};
use crate::ctx::WasiCtx;

pub(super) fn clock_res_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, id: u32, resolution: u32) -> Call {
    let nanoseconds = match Clockid::new(id)? {
        Clockid::Realtime => ctx.clocks.wall.resolution(),
        Clockid::Monotonic => ctx.clocks.monotonic.resolution(),
        Clockid::Cputime => return Err(Errno::Badf.into()),
    };
    Ok(memory.write_u64(resolution, nanoseconds)?)
}

pub(super) fn clock_time_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    id: u32,
    _precision: u64,
    time: u32,
) -> Call {
    let nanoseconds = match Clockid::new(id)? {
        Clockid::Realtime => ctx.clocks.wall.now().to_nanoseconds()?,
        Clockid::Monotonic => ctx.clocks.monotonic.now(),
        Clockid::Cputime => return Err(Errno::Badf.into()),
    };
    Ok(memory.write_u64(time, nanoseconds)?)
}
