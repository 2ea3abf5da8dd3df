//! `future-incoming-response` of `wasi:http/types`.

use whit_component::Resource;
use whit_core::Error;

use super::error_code::ErrorCode;
use super::types::Types;
use crate::host::http::{FutureIncomingResponse, IncomingResponse};

type This = Resource<FutureIncomingResponse>;

/// What came of a request.
type Response = Result<Resource<IncomingResponse>, ErrorCode>;

pub(super) fn define<T: 'static>(types: &mut Types<'_, T>) -> Result<(), Error> {
    types.resource::<FutureIncomingResponse>("future-incoming-response")?;
    types.func("[method]future-incoming-response.subscribe", |ctx, (this,): (This,)| {
        let pollable = ctx.table.get(&this)?.subscribe();
        Ok((ctx.table.push(pollable)?,))
    })?;
    types.func("[method]future-incoming-response.get", |ctx, (this,): (This,)| {
        let response: Option<Result<Response, ()>> = match ctx.table.get_mut(&this)?.get() {
            None => None,
            Some(Err(())) => Some(Err(())),
            Some(Ok(Err(error))) => Some(Ok(Err(error.into()))),
            Some(Ok(Ok(response))) => Some(Ok(Ok(ctx.table.push(response)?))),
        };
        Ok((response,))
    })
}
