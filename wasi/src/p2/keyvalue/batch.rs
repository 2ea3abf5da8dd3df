//! `wasi:keyvalue/batch`.

use whit_component::{Linker, Resource};
use whit_core::Error;

use crate::host::keyvalue::{Bucket, KeyValueError};
use crate::p2::interface::{Interface, Project};

type Pairs = Vec<(String, Vec<u8>)>;
type Found = Vec<Option<(String, Vec<u8>)>>;

pub(super) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut batch = Interface::<T, KeyValueError>::new(linker, "wasi:keyvalue/batch@0.2.0-draft", ctx)?;
    batch.fallible("get-many", |ctx, (bucket, keys): (Resource<Bucket>, Vec<String>)| {
        let bucket = ctx.table.get(&bucket)?;
        let found = keys.into_iter().map(|key| bucket.get(&key).map(|value| (key, value)));
        Ok(found.collect::<Found>())
    })?;
    batch.fallible("set-many", |ctx, (bucket, pairs): (Resource<Bucket>, Pairs)| {
        Ok(ctx.table.get(&bucket)?.set_all(pairs)?)
    })?;
    batch.fallible("delete-many", |ctx, (bucket, keys): (Resource<Bucket>, Vec<String>)| {
        Ok(ctx.table.get(&bucket)?.delete_all(keys)?)
    })
}
