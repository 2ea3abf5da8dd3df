//! `outgoing-body` of `wasi:http/types`.

use whit_component::Resource;
use whit_core::Error;

use super::types::Types;
use crate::host::http::{Fields, OutgoingBody};

type This = Resource<OutgoingBody>;

pub(super) fn define<T: 'static>(types: &mut Types<'_, T>) -> Result<(), Error> {
    types.resource_unless("outgoing-body", OutgoingBody::is_lent, LENT)?;
    types.func("[method]outgoing-body.write", |ctx, (this,): (This,)| {
        let output = ctx.table.get_mut(&this)?.stream();
        Ok((output.map(|output| ctx.table.push(output)).transpose()?.ok_or(()),))
    })?;
    types.fallible("[static]outgoing-body.finish", |ctx, (this, trailers): (This, Option<Resource<Fields>>)| {
        let body = ctx.table.delete(this)?;
        let trailers = trailers.map(|trailers| ctx.table.delete(trailers)).transpose()?;
        if body.is_lent() {
            return Err(Error::msg(LENT).into());
        }
        Ok(body.finish(trailers)?)
    })
}

const LENT: &str = "an outgoing body is finished or dropped before its stream";
