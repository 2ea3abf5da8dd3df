//! `future-trailers` of `wasi:http/types`.

use whit_component::Resource;
use whit_core::Error;

use super::error_code::ErrorCode;
use super::types::Types;
use crate::host::http::{Fields, FutureTrailers};

type This = Resource<FutureTrailers>;

/// The end of a body: its trailers, if it has any.
type End = Result<Option<Resource<Fields>>, ErrorCode>;

pub(super) fn define<T: 'static>(types: &mut Types<'_, T>) -> Result<(), Error> {
    types.resource::<FutureTrailers>("future-trailers")?;
    types.func("[method]future-trailers.subscribe", |ctx, (this,): (This,)| {
        let pollable = ctx.table.get(&this)?.subscribe();
        Ok((ctx.table.push(pollable)?,))
    })?;
    types.func("[method]future-trailers.get", |ctx, (this,): (This,)| {
        let end: Option<Result<End, ()>> = match ctx.table.get_mut(&this)?.get() {
            None => None,
            Some(Err(())) => Some(Err(())),
            Some(Ok(Err(error))) => Some(Ok(Err(error.into()))),
            Some(Ok(Ok(trailers))) => Some(Ok(Ok(trailers.map(|trailers| ctx.table.push(trailers)).transpose()?))),
        };
        Ok((end,))
    })
}
