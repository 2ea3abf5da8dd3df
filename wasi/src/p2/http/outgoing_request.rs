//! `outgoing-request` of `wasi:http/types`.

use whit_component::Resource;
use whit_core::Error;

use super::method::Method;
use super::scheme::Scheme;
use super::types::Types;
use crate::host::http::{Authority, Fields, OutgoingRequest, PathWithQuery};

type This = Resource<OutgoingRequest>;

pub(super) fn define<T: 'static>(types: &mut Types<'_, T>) -> Result<(), Error> {
    types.resource::<OutgoingRequest>("outgoing-request")?;
    types.func("[constructor]outgoing-request", |ctx, (headers,): (Resource<Fields>,)| {
        let headers = ctx.table.delete(headers)?;
        Ok((ctx.table.push(OutgoingRequest::new(headers))?,))
    })?;
    types.func("[method]outgoing-request.headers", |ctx, (this,): (This,)| {
        let headers = ctx.table.get(&this)?.headers.shown();
        Ok((ctx.table.push(headers)?,))
    })?;
    types.func("[method]outgoing-request.body", |ctx, (this,): (This,)| {
        let body = ctx.table.get_mut(&this)?.body(&ctx.bodies);
        Ok((body.map(|body| ctx.table.push(body)).transpose()?.ok_or(()),))
    })?;
    define_parts(types)
}

/// What can be set, each part by itself.
fn define_parts<T: 'static>(types: &mut Types<'_, T>) -> Result<(), Error> {
    types.func("[method]outgoing-request.method", |ctx, (this,): (This,)| {
        Ok((Method::from(&ctx.table.get(&this)?.method),))
    })?;
    types.func("[method]outgoing-request.set-method", |ctx, (this, method): (This, Method)| {
        Ok((set(&mut ctx.table.get_mut(&this)?.method, method.parse()),))
    })?;
    types.func("[method]outgoing-request.path-with-query", |ctx, (this,): (This,)| {
        Ok((ctx.table.get(&this)?.path_with_query.as_ref().map(|path| path.as_str().to_owned()),))
    })?;
    types.func("[method]outgoing-request.set-path-with-query", |ctx, (this, path): (This, Option<String>)| {
        Ok((set(&mut ctx.table.get_mut(&this)?.path_with_query, parsed(path, |path| PathWithQuery::parse(&path))),))
    })?;
    types.func("[method]outgoing-request.scheme", |ctx, (this,): (This,)| {
        Ok((ctx.table.get(&this)?.scheme.as_ref().map(Scheme::from),))
    })?;
    types.func("[method]outgoing-request.set-scheme", |ctx, (this, scheme): (This, Option<Scheme>)| {
        Ok((set(&mut ctx.table.get_mut(&this)?.scheme, parsed(scheme, Scheme::parse)),))
    })?;
    types.func("[method]outgoing-request.authority", |ctx, (this,): (This,)| {
        Ok((ctx.table.get(&this)?.authority.as_ref().map(|authority| authority.as_str().to_owned()),))
    })?;
    types.func("[method]outgoing-request.set-authority", |ctx, (this, authority): (This, Option<String>)| {
        let authority = parsed(authority, |authority| Authority::parse(&authority));
        Ok((set(&mut ctx.table.get_mut(&this)?.authority, authority),))
    })
}

/// What may be left out, in the host's form; `None` if it is there and malformed.
fn parsed<A, B>(given: Option<A>, parse: impl FnOnce(A) -> Option<B>) -> Option<Option<B>> {
    given.map_or(Some(None), |given| parse(given).map(Some))
}

/// Replaces `part`, unless the new one is malformed.
fn set<P>(part: &mut P, new: Option<P>) -> Result<(), ()> {
    *part = new.ok_or(())?;
    Ok(())
}
