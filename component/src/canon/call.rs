//! Calls by the host that have begun: finished at once, or awaited.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use whit_core::{Error, StoreContextMut};

use crate::canon::lift::cannot_suspend;

/// A call of a function or of a destructor.
pub(crate) trait Call: Sized {
    /// What it comes to.
    type Output;

    /// Runs the call until it has returned or waits for the host.
    fn poll<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        context: &mut Context<'_>,
    ) -> Poll<Result<Self::Output, Error>>;

    /// Ends a call that nobody waits for any longer, wherever it is. Its component cannot be used any more: it was left in the middle
    /// of something.
    fn abandon<T: 'static>(self, store: &mut StoreContextMut<'_, T>) -> Result<(), Error>;

    /// Runs the call to its end; that it would have to wait is a trap.
    fn finish_now<T: 'static>(mut self, store: &mut StoreContextMut<'_, T>) -> Result<Self::Output, Error> {
        match self.poll(store, &mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => {
                self.abandon(store)?;
                Err(cannot_suspend())
            }
        }
    }
}

/// A call that borrows its store until it has returned.
pub(crate) struct CallFuture<'a, T: 'static, C: Call> {
    store: StoreContextMut<'a, T>,
    /// `None` once it has ended.
    call: Option<C>,
}

impl<'a, T: 'static, C: Call> CallFuture<'a, T, C> {
    pub(crate) fn new(store: StoreContextMut<'a, T>, call: C) -> Self {
        Self { store, call: Some(call) }
    }
}

// Nothing in it is ever pinned.
impl<T: 'static, C: Call> Unpin for CallFuture<'_, T, C> {}

impl<T: 'static, C: Call> Future for CallFuture<'_, T, C> {
    type Output = Result<C::Output, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(call) = &mut this.call else { return Poll::Ready(Err(Error::msg("the call has ended already"))) };
        let polled = call.poll(&mut this.store, context);
        if polled.is_ready() {
            this.call = None;
        }
        polled
    }
}

impl<T: 'static, C: Call> Drop for CallFuture<'_, T, C> {
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            // What is left of it goes now; that it can have no error was seen when it began.
            let _ = call.abandon(&mut self.store);
        }
    }
}
