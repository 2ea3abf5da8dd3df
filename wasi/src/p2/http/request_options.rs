//! `request-options` of `wasi:http/types`.

use whit_component::Resource;
use whit_core::Error;

use super::types::Types;
use crate::host::http::RequestOptions;

type This = Resource<RequestOptions>;
type Duration = Option<u64>;

pub(super) fn define<T: 'static>(types: &mut Types<'_, T>) -> Result<(), Error> {
    types.resource::<RequestOptions>("request-options")?;
    types.func("[constructor]request-options", |ctx, ()| Ok((ctx.table.push(RequestOptions::default())?,)))?;
    types.func("[method]request-options.connect-timeout", |ctx, (this,): (This,)| {
        Ok((ctx.table.get(&this)?.connect_timeout,))
    })?;
    types.func("[method]request-options.set-connect-timeout", |ctx, (this, duration): (This, Duration)| {
        ctx.table.get_mut(&this)?.connect_timeout = duration;
        Ok((Ok::<(), ()>(()),))
    })?;
    types.func("[method]request-options.first-byte-timeout", |ctx, (this,): (This,)| {
        Ok((ctx.table.get(&this)?.first_byte_timeout,))
    })?;
    types.func("[method]request-options.set-first-byte-timeout", |ctx, (this, duration): (This, Duration)| {
        ctx.table.get_mut(&this)?.first_byte_timeout = duration;
        Ok((Ok::<(), ()>(()),))
    })?;
    types.func("[method]request-options.between-bytes-timeout", |ctx, (this,): (This,)| {
        Ok((ctx.table.get(&this)?.between_bytes_timeout,))
    })?;
    types.func("[method]request-options.set-between-bytes-timeout", |ctx, (this, duration): (This, Duration)| {
        ctx.table.get_mut(&this)?.between_bytes_timeout = duration;
        Ok((Ok::<(), ()>(()),))
    })
}
