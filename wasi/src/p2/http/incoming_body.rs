//! `incoming-body` of `wasi:http/types`.

use whit_component::Resource;
use whit_core::Error;

use super::types::Types;
use crate::host::http::IncomingBody;

type This = Resource<IncomingBody>;

pub(super) fn define<T: 'static>(types: &mut Types<'_, T>) -> Result<(), Error> {
    types.resource_unless("incoming-body", IncomingBody::is_lent, LENT)?;
    types.func("[method]incoming-body.stream", |ctx, (this,): (This,)| {
        let input = ctx.table.get_mut(&this)?.stream();
        Ok((input.map(|input| ctx.table.push(input)).transpose()?.ok_or(()),))
    })?;
    types.func("[static]incoming-body.finish", |ctx, (this,): (This,)| {
        let body = ctx.table.delete(this)?;
        if body.is_lent() {
            return Err(Error::msg(LENT));
        }
        Ok((ctx.table.push(body.finish())?,))
    })
}

const LENT: &str = "an incoming body is finished or dropped before its stream";
