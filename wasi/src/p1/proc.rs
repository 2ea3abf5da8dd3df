//! `proc_*`: the end of the guest.

use super::{Call, Errno, Fault, GuestMemory, Stop};
use crate::ctx::WasiCtx;

/// Statuses from here on belong to shells and signals.
const INVALID_STATUS: u32 = 126;

pub(super) fn proc_exit(_: &mut WasiCtx, _: &mut GuestMemory<'_>, status: u32) -> Call {
    Err(if status < INVALID_STATUS { Stop::Exit(status) } else { Fault::ExitStatus(status).into() })
}

/// There are no signals.
pub(super) fn proc_raise(_: &mut WasiCtx, _: &mut GuestMemory<'_>, _signal: u32) -> Call {
    Err(Errno::NotSup.into())
}
