//! `wasi:cli/stdin`, `stdout` and `stderr`. Each call gives a handle of its own; all handles are the same stream.

use whit_component::Linker;
use whit_core::Error;

use crate::host::stream::{Failure, Input, Output};
use crate::p2::interface::{Interface, Project};

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut stdin = Interface::<T>::new(linker, "wasi:cli/stdin@0.2.12", ctx)?;
    stdin.func("get-stdin", |ctx, ()| {
        let stdin = ctx.stdio.stdin.clone();
        Ok((ctx.table.push(Input::new(stdin, Failure::Other))?,))
    })?;
    let mut stdout = Interface::<T>::new(linker, "wasi:cli/stdout@0.2.12", ctx)?;
    stdout.func("get-stdout", |ctx, ()| {
        let stdout = ctx.stdio.stdout.clone();
        Ok((ctx.table.push(Output::shared(stdout, Failure::Other))?,))
    })?;
    let mut stderr = Interface::<T>::new(linker, "wasi:cli/stderr@0.2.12", ctx)?;
    stderr.func("get-stderr", |ctx, ()| {
        let stderr = ctx.stdio.stderr.clone();
        Ok((ctx.table.push(Output::shared(stderr, Failure::Other))?,))
    })
}
