//! `wasi:cli/terminal-input` and `terminal-output`, and `terminal-stdin`, `terminal-stdout` and `terminal-stderr`, which say whether a
//! standard stream is one.

use whit_component::{Linker, Resource};
use whit_core::Error;

use crate::ctx::WasiCtx;
use crate::host::stream::{InputStream, OutputStream};
use crate::p2::interface::{Interface, Project};

/// The resource of `terminal-input`: that there is one is all it says.
struct TerminalInput;

/// The resource of `terminal-output`.
struct TerminalOutput;

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    Interface::<T>::new(linker, "wasi:cli/terminal-input@0.2.12", ctx)?.resource::<TerminalInput>("terminal-input")?;
    Interface::<T>::new(linker, "wasi:cli/terminal-output@0.2.12", ctx)?
        .resource::<TerminalOutput>("terminal-output")?;
    Interface::<T>::new(linker, "wasi:cli/terminal-stdin@0.2.12", ctx)?.func("get-terminal-stdin", |ctx, ()| {
        let is_terminal = ctx.stdio.stdin.is_terminal();
        Ok((is_terminal.then(|| ctx.table.push(TerminalInput)).transpose()?,))
    })?;
    Interface::<T>::new(linker, "wasi:cli/terminal-stdout@0.2.12", ctx)?
        .func("get-terminal-stdout", |ctx, ()| Ok((output(ctx, ctx.stdio.stdout.is_terminal())?,)))?;
    Interface::<T>::new(linker, "wasi:cli/terminal-stderr@0.2.12", ctx)?
        .func("get-terminal-stderr", |ctx, ()| Ok((output(ctx, ctx.stdio.stderr.is_terminal())?,)))
}

fn output(ctx: &mut WasiCtx, is_terminal: bool) -> Result<Option<Resource<TerminalOutput>>, Error> {
    is_terminal.then(|| ctx.table.push(TerminalOutput)).transpose()
}
