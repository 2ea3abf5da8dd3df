//! `wasi:http/types`.

use whit_component::{Linker, Resource};
use whit_core::Error;

use super::error_code::ErrorCode;
use super::{
    fields, future_incoming_response, future_trailers, incoming_body, incoming_request, incoming_response,
    outgoing_body, outgoing_request, outgoing_response, request_options, response_outparam,
};
use crate::host::http;
use crate::host::stream::Failure;
use crate::p2::interface::{Interface, Project};

/// The interface, whose functions fail with `error-code` where they do not with a type of their own.
pub(super) type Types<'l, T> = Interface<'l, T, http::ErrorCode>;

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let types = &mut Types::new(linker, "wasi:http/types@0.2.12", ctx)?;
    fields::define(types)?;
    incoming_request::define(types)?;
    outgoing_request::define(types)?;
    request_options::define(types)?;
    response_outparam::define(types)?;
    incoming_response::define(types)?;
    incoming_body::define(types)?;
    future_trailers::define(types)?;
    outgoing_response::define(types)?;
    outgoing_body::define(types)?;
    future_incoming_response::define(types)?;
    types.func("http-error-code", |ctx, (error,): (Resource<Failure>,)| {
        Ok((match ctx.table.get(&error)? {
            Failure::Http(error) => Some(ErrorCode::from(error.clone())),
            _ => None,
        },))
    })
}
