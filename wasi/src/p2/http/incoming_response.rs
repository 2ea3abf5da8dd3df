//! `incoming-response` of `wasi:http/types`.

use whit_component::Resource;
use whit_core::Error;

use super::types::Types;
use crate::host::http::IncomingResponse;

type This = Resource<IncomingResponse>;

pub(super) fn define<T: 'static>(types: &mut Types<'_, T>) -> Result<(), Error> {
    types.resource::<IncomingResponse>("incoming-response")?;
    types
        .func("[method]incoming-response.status", |ctx, (this,): (This,)| Ok((ctx.table.get(&this)?.status.get(),)))?;
    types.func("[method]incoming-response.headers", |ctx, (this,): (This,)| {
        let headers = ctx.table.get(&this)?.headers.shown();
        Ok((ctx.table.push(headers)?,))
    })?;
    types.func("[method]incoming-response.consume", |ctx, (this,): (This,)| {
        let body = ctx.table.get_mut(&this)?.body.take();
        Ok((body.map(|body| ctx.table.push(body)).transpose()?.ok_or(()),))
    })
}
