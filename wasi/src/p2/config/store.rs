//! `wasi:config/store`.

use whit_component::Linker;
use whit_core::Error;

use crate::p2::interface::{Interface, Project};

whit_component::variant! {
    /// `error`. What is configured is in memory, where nothing fails.
    #[allow(dead_code, reason = "the interface has the cases, and no value here is one")]
    enum StoreError {
        Upstream(message: String) = "upstream",
        Io(message: String) = "io",
    }
}

pub(crate) fn define<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    let mut store = Interface::<T>::new(linker, "wasi:config/store@0.2.0-rc.1", ctx)?;
    store.func("get", |ctx, (key,): (String,)| {
        Ok((Ok::<_, StoreError>(ctx.configuration.get(&key).map(str::to_owned)),))
    })?;
    store.func("get-all", |ctx, ()| {
        let all = ctx.configuration.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok((Ok::<Vec<(String, String)>, StoreError>(all.collect()),))
    })
}
