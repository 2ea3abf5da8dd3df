//! `wasi:http/outgoing-handler`.

use whit_component::{Linker, Resource};
use whit_core::Error;

use crate::host::http::{self, OutgoingRequest, RequestOptions};
use crate::p2::interface::{Interface, Project};

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut handler = Interface::<T, http::ErrorCode>::new(linker, "wasi:http/outgoing-handler@0.2.12", ctx)?;
    handler.fallible(
        "handle",
        |ctx, (request, options): (Resource<OutgoingRequest>, Option<Resource<RequestOptions>>)| {
            let request = ctx.table.delete(request)?;
            let options = options.map(|options| ctx.table.delete(options)).transpose()?.unwrap_or_default();
            let response = ctx.client.send(ctx.network(), request, options)?;
            Ok(ctx.table.push(response)?)
        },
    )
}
