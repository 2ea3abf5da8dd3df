//! `args_*` and `environ_*`: strings into guest memory, each with a terminator, and an array of their addresses.

use super::{Call, Fault, GuestMemory};
use crate::ctx::WasiCtx;

pub(super) fn args_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, argv: u32, argv_buf: u32) -> Call {
    let strings = ctx.env.args().iter().map(|arg| [arg.as_str(), "\0"]);
    write_strings(memory, argv, argv_buf, strings)
}

pub(super) fn args_sizes_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, argc: u32, size: u32) -> Call {
    // Both fit: the host's limit on the environment is far below 2³².
    memory.write_u32(argc, ctx.env.args().len() as u32)?;
    Ok(memory.write_u32(size, ctx.env.arg_bytes() as u32)?)
}

pub(super) fn environ_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, environ: u32, buf: u32) -> Call {
    let strings = ctx.env.vars().iter().map(|(name, value)| [name.as_str(), "=", value.as_str(), "\0"]);
    write_strings(memory, environ, buf, strings)
}

pub(super) fn environ_sizes_get(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, count: u32, size: u32) -> Call {
    memory.write_u32(count, ctx.env.vars().len() as u32)?;
    Ok(memory.write_u32(size, ctx.env.var_bytes() as u32)?)
}

fn write_strings<'a, const PARTS: usize>(
    memory: &mut GuestMemory<'_>,
    mut array: u32,
    mut buffer: u32,
    strings: impl Iterator<Item = [&'a str; PARTS]>,
) -> Call {
    for parts in strings {
        memory.write_u32(array, buffer)?;
        array = advance(memory, array, 4)?;
        for part in parts {
            memory.write(buffer, part.as_bytes())?;
            buffer = advance(memory, buffer, part.len())?;
        }
    }
    Ok(())
}

/// The address after `length` bytes that were just written. It can only be one past 2³² in a memory of that size.
fn advance(memory: &GuestMemory<'_>, address: u32, length: usize) -> Result<u32, Fault> {
    match address.checked_add(length as u32) {
        Some(next) => Ok(next),
        None => memory.slice(address, u32::MAX).map(|_| u32::MAX),
    }
}
