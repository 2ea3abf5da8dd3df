//! `fields` of `wasi:http/types`.

use whit_component::Resource;
use whit_core::Error;

use super::types::Types;
use crate::ctx::WasiCtx;
use crate::host::Held;
use crate::host::http::{Fields, FieldsError};
use crate::p2::interface::{Code, answer};

whit_component::variant! {
    /// `header-error`.
    pub(crate) enum HeaderError {
        InvalidSyntax = "invalid-syntax",
        Forbidden = "forbidden",
        Immutable = "immutable",
    }
}

impl Code for FieldsError {
    type Code = HeaderError;

    fn code(self, _: &mut WasiCtx) -> Result<HeaderError, Error> {
        match self {
            FieldsError::InvalidSyntax => Ok(HeaderError::InvalidSyntax),
            FieldsError::Forbidden => Ok(HeaderError::Forbidden),
            FieldsError::Immutable => Ok(HeaderError::Immutable),
            // The interface has no word for it.
            FieldsError::TooLarge => Err(Error::new(self)),
        }
    }
}

type This = Resource<Fields>;
type Entries = Vec<(String, Vec<u8>)>;

pub(super) fn define<T: 'static>(types: &mut Types<'_, T>) -> Result<(), Error> {
    types.resource::<Fields>("fields")?;
    types.func("[constructor]fields", |ctx, ()| {
        let fields = Fields::new(ctx.limits.fields).in_place(place(ctx)?);
        Ok((ctx.table.push(fields)?,))
    })?;
    types.func("[static]fields.from-list", |ctx, (entries,): (Entries,)| {
        let entries = entries.iter().map(|(name, value)| (&**name, &**value));
        let fields = match Fields::from_list(ctx.limits.fields, entries) {
            Ok(fields) => {
                let fields = fields.in_place(place(ctx)?);
                Ok(ctx.table.push(fields)?)
            }
            Err(error) => Err(error),
        };
        Ok((answer(ctx, fields)?,))
    })?;
    types.func("[method]fields.get", |ctx, (this, name): (This, String)| {
        let values: Vec<Vec<u8>> = ctx.table.get(&this)?.get(&name).map(Vec::from).collect();
        Ok((values,))
    })?;
    types.func("[method]fields.has", |ctx, (this, name): (This, String)| Ok((ctx.table.get(&this)?.has(&name),)))?;
    types.func("[method]fields.set", |ctx, (this, name, values): (This, String, Vec<Vec<u8>>)| {
        let changed = ctx.table.get_mut(&this)?.set(&name, values.iter().map(Vec::as_slice));
        Ok((answer(ctx, changed)?,))
    })?;
    types.func("[method]fields.delete", |ctx, (this, name): (This, String)| {
        let changed = ctx.table.get_mut(&this)?.delete(&name);
        Ok((answer(ctx, changed)?,))
    })?;
    types.func("[method]fields.append", |ctx, (this, name, value): (This, String, Vec<u8>)| {
        let changed = ctx.table.get_mut(&this)?.append(&name, &value);
        Ok((answer(ctx, changed)?,))
    })?;
    types.func("[method]fields.entries", |ctx, (this,): (This,)| {
        let entries: Entries =
            ctx.table.get(&this)?.entries().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok((entries,))
    })?;
    types.func("[method]fields.clone", |ctx, (this,): (This,)| {
        let copy = ctx.table.get(&this)?.clone().in_place(place(ctx)?);
        Ok((ctx.table.push(copy)?,))
    })
}

/// Room for one more set of fields.
fn place(ctx: &WasiCtx) -> Result<Held, Error> {
    ctx.field_sets.take().ok_or_else(|| Error::msg("the guest has as many sets of HTTP fields as the host allows"))
}
