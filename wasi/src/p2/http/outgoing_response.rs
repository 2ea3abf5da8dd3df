//! `outgoing-response` of `wasi:http/types`.

use whit_component::Resource;
use whit_core::Error;

use super::types::Types;
use crate::host::http::{Fields, OutgoingResponse, StatusCode};

type This = Resource<OutgoingResponse>;

pub(super) fn define<T: 'static>(types: &mut Types<'_, T>) -> Result<(), Error> {
    types.resource::<OutgoingResponse>("outgoing-response")?;
    types.func("[constructor]outgoing-response", |ctx, (headers,): (Resource<Fields>,)| {
        let headers = ctx.table.delete(headers)?;
        Ok((ctx.table.push(OutgoingResponse::new(headers))?,))
    })?;
    types.func("[method]outgoing-response.status-code", |ctx, (this,): (This,)| {
        Ok((ctx.table.get(&this)?.status.get(),))
    })?;
    types.func("[method]outgoing-response.set-status-code", |ctx, (this, code): (This, u16)| {
        let response = ctx.table.get_mut(&this)?;
        Ok((StatusCode::new(code).map(|code| response.status = code).ok_or(()),))
    })?;
    types.func("[method]outgoing-response.headers", |ctx, (this,): (This,)| {
        let headers = ctx.table.get(&this)?.headers.shown();
        Ok((ctx.table.push(headers)?,))
    })?;
    types.func("[method]outgoing-response.body", |ctx, (this,): (This,)| {
        let body = ctx.table.get_mut(&this)?.body(&ctx.bodies);
        Ok((body.map(|body| ctx.table.push(body)).transpose()?.ok_or(()),))
    })
}
