//! Futures that stay on one thread: [`LocalFutures`], the place in the embedder's data where they wait.
//!
//! A store is `Send` if its data is, so a future that is not must not wait in the store's own half. It waits in the data instead, which
//! then is not `Send` either, and the compiler keeps the store where it is: no check at run time, no unsafe code. The store's own half
//! holds [`LocalCall`], which says where to look and takes the output over.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use hashbrown::HashMap;

use crate::error::Error;
use crate::exec::step::HostCall;
use crate::host::finish;
use crate::pending::Finish;
use crate::store::Store;
use crate::sync::Lock;
use crate::typed::WasmTyList;

/// Where the futures of [`Linker::func_wrap_async_local`](crate::Linker::func_wrap_async_local) wait: a part of the embedder's data.
///
/// A future leaves it when it is ready, and when its call is dropped.
///
/// Data with local futures is not `Send`, and neither is its store:
///
/// ```compile_fail,E0277
/// fn is_send<V: Send>() {}
/// is_send::<whit_core::Store<whit_core::LocalFutures>>();
/// ```
#[derive(Default)]
pub struct LocalFutures {
    /// By the address of the output, which future and call keep alive.
    futures: HashMap<usize, Pin<Box<dyn Future<Output = ()>>>>,
}

impl LocalFutures {
    /// An empty place.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many futures wait here.
    pub fn len(&self) -> usize {
        self.futures.len()
    }

    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.futures.is_empty()
    }
}

impl fmt::Debug for LocalFutures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalFutures").field("len", &self.len()).finish()
    }
}

/// Which part of the data holds the futures.
pub(crate) type Place<T> = dyn Fn(&mut T) -> &mut LocalFutures + Send + Sync;

/// The half of a call that may move between threads.
pub(crate) struct LocalCall<T: 'static, L> {
    place: Arc<Place<T>>,
    /// Filled by the future when it is ready.
    output: Arc<Lock<Option<Result<L, Error>>>>,
}

impl<T: 'static, L: WasmTyList> LocalCall<T, L> {
    /// Puts `future` into its place in `data`.
    pub(crate) fn new(
        data: &mut T,
        place: &Arc<Place<T>>,
        future: impl Future<Output = Result<L, Error>> + 'static,
    ) -> Self {
        let call = Self { place: place.clone(), output: Arc::new(Lock::new(None)) };
        let output = call.output.clone();
        let future = Box::pin(async move {
            let result = future.await;
            output.with(|place| *place = Some(result));
        });
        place(data).futures.insert(call.key(), future);
        call
    }

    fn key(&self) -> usize {
        Arc::as_ptr(&self.output).addr()
    }
}

impl<T: 'static, L: WasmTyList> Finish<T> for LocalCall<T, L> {
    fn poll(&mut self, store: &mut Store<T>, call: &HostCall, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let futures = &mut (self.place)(store.data_mut()).futures;
        let Some(future) = futures.get_mut(&self.key()) else {
            return Poll::Ready(Err(Error::misuse("the future of a host call is not where it was put")));
        };
        if future.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        drop(futures.remove(&self.key()));
        match self.output.with(Option::take) {
            Some(results) => Poll::Ready(results.and_then(|results| finish(store, call, results))),
            // Each future fills the output whose address it is found by.
            None => unreachable!("a local future is ready without an output"),
        }
    }

    fn abandon(&mut self, store: &mut Store<T>) {
        let future = (self.place)(store.data_mut()).futures.remove(&self.key());
        // Last, when the data is whole again: its drop is the embedder's code.
        drop(future);
    }
}
