//! `wasi:keyvalue/store`.
//!
//! A cursor is the number of keys before the page that it leads to.

use whit_component::{Linker, Resource};
use whit_core::Error;

use crate::ctx::WasiCtx;
use crate::host::Denial;
use crate::host::keyvalue::{Bucket, KeyValueError};
use crate::p2::interface::{Code, Interface, Project};

whit_component::variant! {
    /// `error`.
    #[allow(dead_code, reason = "the interface has the cases; a bucket that is not granted is none that there is")]
    pub(crate) enum StoreError {
        NoSuchStore = "no-such-store",
        AccessDenied = "access-denied",
        Other(message: String) = "other",
    }
}

impl Code for KeyValueError {
    type Code = StoreError;

    fn code(self, ctx: &mut WasiCtx) -> Result<StoreError, Error> {
        Ok(match self {
            KeyValueError::NoSuchStore(name) => {
                ctx.deny(Denial::Bucket(name));
                StoreError::NoSuchStore
            }
            error => StoreError::Other(error.to_string()),
        })
    }
}

whit_component::record! {
    /// `key-response`.
    struct KeyResponse {
        keys: Vec<String> = "keys",
        cursor: Option<u64> = "cursor",
    }
}

type This = Resource<Bucket>;

pub(super) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut store = Interface::<T, KeyValueError>::new(linker, "wasi:keyvalue/store@0.2.0-draft", ctx)?;
    store.resource::<Bucket>("bucket")?;
    store.fallible("open", |ctx, (identifier,): (String,)| {
        let bucket = ctx.buckets.get(&identifier).cloned().ok_or(KeyValueError::NoSuchStore(identifier))?;
        Ok(ctx.table.push(bucket)?)
    })?;
    store.fallible("[method]bucket.get", |ctx, (this, key): (This, String)| Ok(ctx.table.get(&this)?.get(&key)))?;
    store.fallible("[method]bucket.set", |ctx, (this, key, value): (This, String, Vec<u8>)| {
        Ok(ctx.table.get(&this)?.set(&key, value)?)
    })?;
    store.fallible("[method]bucket.delete", |ctx, (this, key): (This, String)| {
        Ok(ctx.table.get(&this)?.delete(&key)?)
    })?;
    store
        .fallible("[method]bucket.exists", |ctx, (this, key): (This, String)| Ok(ctx.table.get(&this)?.exists(&key)))?;
    store.fallible("[method]bucket.list-keys", |ctx, (this, cursor): (This, Option<u64>)| {
        let bucket = ctx.table.get(&this)?;
        // A cursor that leads past the end is at the end.
        let before = usize::try_from(cursor.unwrap_or(0)).unwrap_or(usize::MAX);
        let after = match before.checked_sub(1) {
            None => None,
            Some(last) => match bucket.key_at(last) {
                Some(key) => Some(key),
                None => return Ok(KeyResponse { keys: Vec::new(), cursor: None }),
            },
        };
        let (keys, more) = bucket.keys(after.as_deref());
        let cursor = more.then_some((before + keys.len()) as u64);
        Ok(KeyResponse { keys, cursor })
    })
}
