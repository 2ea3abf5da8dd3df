//! `incoming-request` of `wasi:http/types`.

use whit_component::Resource;
use whit_core::Error;

use super::method::Method;
use super::scheme::Scheme;
use super::types::Types;
use crate::host::http::IncomingRequest;

type This = Resource<IncomingRequest>;

pub(super) fn define<T: 'static>(types: &mut Types<'_, T>) -> Result<(), Error> {
    types.resource::<IncomingRequest>("incoming-request")?;
    types.func("[method]incoming-request.method", |ctx, (this,): (This,)| {
        Ok((Method::from(&ctx.table.get(&this)?.method),))
    })?;
    types.func("[method]incoming-request.path-with-query", |ctx, (this,): (This,)| {
        Ok((ctx.table.get(&this)?.path_with_query.clone(),))
    })?;
    types.func("[method]incoming-request.scheme", |ctx, (this,): (This,)| {
        Ok((ctx.table.get(&this)?.scheme.as_ref().map(Scheme::from),))
    })?;
    types.func("[method]incoming-request.authority", |ctx, (this,): (This,)| {
        Ok((ctx.table.get(&this)?.authority.clone(),))
    })?;
    types.func("[method]incoming-request.headers", |ctx, (this,): (This,)| {
        let headers = ctx.table.get(&this)?.headers.shown();
        Ok((ctx.table.push(headers)?,))
    })?;
    types.func("[method]incoming-request.consume", |ctx, (this,): (This,)| {
        let body = ctx.table.get_mut(&this)?.body.take();
        Ok((body.map(|body| ctx.table.push(body)).transpose()?.ok_or(()),))
    })
}
