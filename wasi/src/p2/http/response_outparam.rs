//! `response-outparam` of `wasi:http/types`.

use whit_component::Resource;
use whit_core::Error;

use super::error_code::ErrorCode;
use super::types::Types;
use crate::host::http::{self, Fields, OutgoingResponse, ResponseOutparam};

type This = Resource<ResponseOutparam>;

pub(super) fn define<T: 'static>(types: &mut Types<'_, T>) -> Result<(), Error> {
    types.resource::<ResponseOutparam>("response-outparam")?;
    types.func(
        "[static]response-outparam.set",
        |ctx, (this, response): (This, Result<Resource<OutgoingResponse>, ErrorCode>)| {
            let outparam = ctx.table.delete(this)?;
            outparam.set(match response {
                Ok(response) => Ok(ctx.table.delete(response)?),
                Err(error) => Err(error.into()),
            });
            Ok(())
        },
    )?;
    // What is answered where informational responses are not supported.
    types.fallible(
        "[method]response-outparam.send-informational",
        |ctx, (this, status, headers): (This, u16, Resource<Fields>)| {
            ctx.table.get(&this)?;
            ctx.table.delete(headers)?;
            let error = match status {
                100..=199 => http::ErrorCode::InternalError(None),
                _ => http::ErrorCode::HttpProtocolError,
            };
            Err::<(), _>(error.into())
        },
    )
}
