//! `wasi:keyvalue/atomics`.

use whit_component::{Linker, Resource};
use whit_core::Error;

use crate::host::keyvalue::{Bucket, KeyValueError};
use crate::p2::interface::{Interface, Project};

pub(super) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut atomics = Interface::<T, KeyValueError>::new(linker, "wasi:keyvalue/atomics@0.2.0-draft", ctx)?;
    atomics.fallible("increment", |ctx, (bucket, key, delta): (Resource<Bucket>, String, u64)| {
        Ok(ctx.table.get(&bucket)?.increment(&key, delta)?)
    })
}
