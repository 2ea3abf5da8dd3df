//! `wasi:io/streams`.

use whit_component::{Linker, Resource};
use whit_core::Error;

use crate::ctx::WasiCtx;
use crate::host::stream::{Failure, Input, Output, StreamError, WriteAndFlush};
use crate::host::wait::Attempt;
use crate::p2::interface::{Code, Interface, Project, answer};

whit_component::variant! {
    /// `stream-error`.
    pub(crate) enum ErrorCode {
        LastOperationFailed(error: Resource<Failure>) = "last-operation-failed",
        Closed = "closed",
    }
}

impl Code for StreamError {
    type Code = ErrorCode;

    fn code(self, ctx: &mut WasiCtx) -> Result<ErrorCode, Error> {
        match self {
            StreamError::Failed(failure) => Ok(ErrorCode::LastOperationFailed(ctx.table.push(failure)?)),
            StreamError::Closed => Ok(ErrorCode::Closed),
            StreamError::Misuse(misuse) => Err(Error::new(misuse)),
        }
    }
}

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut streams = Interface::<T, StreamError>::new(linker, "wasi:io/streams@0.2.12", ctx)?;

    type This = Resource<Input>;
    streams.resource::<Input>("input-stream")?;
    streams.fallible("[method]input-stream.read", |ctx, (this, len): (This, u64)| {
        Ok(ctx.table.get_mut(&this)?.read(len)?)
    })?;
    streams.fallible("[method]input-stream.skip", |ctx, (this, len): (This, u64)| {
        Ok(ctx.table.get_mut(&this)?.skip(len)?)
    })?;
    streams.waiting("[method]input-stream.blocking-read", Ok, |ctx, (this, len): &mut (This, u64)| {
        let attempt = ctx.table.get_mut(this)?.blocking_read(*len);
        answer_attempt(ctx, attempt)
    })?;
    streams.waiting("[method]input-stream.blocking-skip", Ok, |ctx, (this, len): &mut (This, u64)| {
        let attempt = ctx.table.get_mut(this)?.blocking_skip(*len);
        answer_attempt(ctx, attempt)
    })?;
    streams.func("[method]input-stream.subscribe", |ctx, (this,): (This,)| {
        let pollable = ctx.table.get(&this)?.subscribe();
        Ok((ctx.table.push(pollable)?,))
    })?;
    define_output(&mut streams)
}

fn define_output<T: 'static>(streams: &mut Interface<'_, T, StreamError>) -> Result<(), Error> {
    type This = Resource<Output>;
    streams.resource::<Output>("output-stream")?;
    streams.fallible("[method]output-stream.check-write", |ctx, (this,): (This,)| {
        Ok(ctx.table.get_mut(&this)?.check_write()?)
    })?;
    streams.fallible("[method]output-stream.write", |ctx, (this, contents): (This, Vec<u8>)| {
        Ok(ctx.table.get_mut(&this)?.write(&contents)?)
    })?;
    streams.fallible("[method]output-stream.write-zeroes", |ctx, (this, len): (This, u64)| {
        Ok(ctx.table.get_mut(&this)?.write_zeroes(len)?)
    })?;
    streams
        .fallible("[method]output-stream.flush", |ctx, (this,): (This,)| Ok(ctx.table.get_mut(&this)?.flush()?))?;
    streams.fallible("[method]output-stream.splice", |ctx, (this, source, len): (This, Resource<Input>, u64)| {
        let (output, input) = ctx.table.get_pair_mut(&this, &source)?;
        Ok(output.splice(input, len)?)
    })?;
    streams.waiting(
        "[method]output-stream.blocking-write-and-flush",
        |(this, contents): (This, Vec<u8>)| Ok((this, WriteAndFlush::new(contents).map_err(Error::new)?)),
        write_and_flush,
    )?;
    streams.waiting(
        "[method]output-stream.blocking-write-zeroes-and-flush",
        |(this, len): (This, u64)| Ok((this, WriteAndFlush::zeroes(len).map_err(Error::new)?)),
        write_and_flush,
    )?;
    streams.waiting("[method]output-stream.blocking-flush", Ok, |ctx, (this,): &mut (This,)| {
        let attempt = ctx.table.get_mut(this)?.blocking_flush();
        answer_attempt(ctx, attempt)
    })?;
    streams.waiting(
        "[method]output-stream.blocking-splice",
        Ok,
        |ctx, (this, source, len): &mut (This, Resource<Input>, u64)| {
            let (output, input) = ctx.table.get_pair_mut(this, source)?;
            let attempt = output.blocking_splice(input, *len);
            answer_attempt(ctx, attempt)
        },
    )?;
    streams.func("[method]output-stream.subscribe", |ctx, (this,): (This,)| {
        let pollable = ctx.table.get(&this)?.subscribe();
        Ok((ctx.table.push(pollable)?,))
    })
}

/// The result of a blocking form.
type Answered<R> = Result<Attempt<(Result<R, ErrorCode>,)>, Error>;

fn write_and_flush(ctx: &mut WasiCtx, (this, write): &mut (Resource<Output>, WriteAndFlush)) -> Answered<()> {
    let attempt = write.attempt(ctx.table.get_mut(this)?);
    answer_attempt(ctx, attempt)
}

fn answer_attempt<R>(ctx: &mut WasiCtx, attempt: Attempt<Result<R, StreamError>>) -> Answered<R> {
    match attempt {
        Attempt::Done(result) => Ok(Attempt::Done((answer::<R, StreamError>(ctx, result)?,))),
        Attempt::Wait(wait) => Ok(Attempt::Wait(wait)),
    }
}
