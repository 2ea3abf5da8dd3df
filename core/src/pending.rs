//! Host calls that have not finished: the future an asynchronous closure returned, and its way to the store.
//!
//! While a host call is pending its execution is suspended and the store is free for others, so the future cannot hold a borrow of
//! it. It asks instead: [`Accessor::with`] hands a closure to the driver, which runs it with a [`Caller`] at the next
//! poll and gives the answer back through the future that `with` returned. Nothing here needs a thread, a runtime or unsafe
//! code, and dropping any part at any time leaves the others working.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use crate::error::Error;
use crate::exec::step::HostCall;
use crate::host::{Caller, finish, finish_vals};
use crate::local::LocalCall;
use crate::raw::{self, RawPoll};
use crate::store::{Store, StoreContextMut};
use crate::sync::Lock;
use crate::typed::WasmTyList;
use crate::types::FuncType;
use crate::value::Val;

/// The rest of a host call. Its last field is unsized, so that one allocation holds call, future and results.
pub(crate) struct PendingFuture<T: 'static, F: ?Sized = dyn Finish<T>> {
    mailbox: Arc<Mailbox<T>>,
    future: F,
}

/// A future whose output goes into the slots of a call.
pub(crate) trait Finish<T: 'static>: Send {
    /// Polls; when ready, writes the results.
    fn poll(&mut self, store: &mut Store<T>, call: &HostCall, context: &mut Context<'_>) -> Poll<Result<(), Error>>;

    /// Lets go of what the call keeps in the embedder's data: it will not be polled again.
    fn abandon(&mut self, _store: &mut Store<T>) {}
}

struct Typed<F>(Pin<Box<F>>);

impl<T: 'static, F, L: WasmTyList> Finish<T> for Typed<F>
where
    F: Future<Output = Result<L, Error>> + Send,
{
    fn poll(&mut self, store: &mut Store<T>, call: &HostCall, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.as_mut().poll(context).map(|results| finish(store, call, results))
    }
}

type DynamicFuture = Pin<Box<dyn Future<Output = Result<Vec<Val>, Error>> + Send>>;

struct Dynamic(Arc<FuncType>, DynamicFuture);

impl<T: 'static> Finish<T> for Dynamic {
    fn poll(&mut self, store: &mut Store<T>, call: &HostCall, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.1.as_mut().poll(context).map(|results| finish_vals(store, call, &self.0, &results?))
    }
}

/// A raw call, with room for its results: those that a short list of results takes, or more.
struct Raw<T: 'static>(Vec<u64>, Box<RawPoll<T>>);

impl<T: 'static> Finish<T> for Raw<T> {
    fn poll(&mut self, store: &mut Store<T>, call: &HostCall, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Self(results, poll) = self;
        poll(StoreContextMut(store), results, context).map_ok(|()| raw::finish(call, results))
    }
}

impl<T: 'static> PendingFuture<T> {
    /// A raw call with so many slots of results.
    pub(crate) fn raw(results: usize, poll: Box<RawPoll<T>>) -> Box<Self> {
        Box::new(PendingFuture { mailbox: Arc::default(), future: Raw(alloc::vec![0; results], poll) })
    }

    /// A call that `future` finishes.
    pub(crate) fn new<L: WasmTyList>(
        mailbox: Arc<Mailbox<T>>,
        future: impl Future<Output = Result<L, Error>> + Send + 'static,
    ) -> Box<Self> {
        Box::new(PendingFuture { mailbox, future: Typed(Box::pin(future)) })
    }

    /// A call of type `ty` that `future` finishes.
    pub(crate) fn dynamic(mailbox: Arc<Mailbox<T>>, ty: Arc<FuncType>, future: DynamicFuture) -> Box<Self> {
        Box::new(PendingFuture { mailbox, future: Dynamic(ty, future) })
    }

    /// A call whose future waits in the embedder's data.
    pub(crate) fn local<L: WasmTyList>(mailbox: Arc<Mailbox<T>>, call: LocalCall<T, L>) -> Box<Self> {
        Box::new(PendingFuture { mailbox, future: call })
    }

    /// Ends the call before it is finished; after that it is only to be dropped.
    pub(crate) fn abandon(&mut self, store: &mut Store<T>) {
        self.future.abandon(store);
    }

    /// Polls the future and runs what it asks of the store until neither has anything left to do.
    pub(crate) fn poll(
        &mut self,
        store: &mut Store<T>,
        call: &HostCall,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        self.mailbox.state.with(|state| match &mut state.driver {
            Some(driver) => driver.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        });
        loop {
            // Requests may also come from other tasks than the future, between polls: answer before and after.
            self.answer(store, call);
            if let Poll::Ready(result) = self.future.poll(store, call, context) {
                return Poll::Ready(result);
            }
            if !self.answer(store, call) {
                return Poll::Pending;
            }
        }
    }

    /// Runs the requests that have come in; whether there were any.
    fn answer(&mut self, store: &mut Store<T>, call: &HostCall) -> bool {
        let requests = self.mailbox.state.with(|state| core::mem::take(&mut state.requests));
        let any = !requests.is_empty();
        for request in requests {
            request(Caller::new(store, call.caller()));
        }
        any
    }
}

impl<T: 'static, F: ?Sized> Drop for PendingFuture<T, F> {
    fn drop(&mut self) {
        // Whoever still waits for an answer is told that none will come: dropping a request wakes its asker.
        let requests = self.mailbox.state.with(|state| {
            state.closed = true;
            core::mem::take(&mut state.requests)
        });
        drop(requests);
    }
}

/// Where the requests of one host call meet its driver.
pub(crate) struct Mailbox<T: 'static> {
    state: Lock<MailboxState<T>>,
}

struct MailboxState<T: 'static> {
    requests: Vec<Request<T>>,
    driver: Option<Waker>,
    closed: bool,
}

type Request<T> = Box<dyn FnOnce(Caller<'_, T>) + Send>;

impl<T: 'static> Default for Mailbox<T> {
    fn default() -> Self {
        Self { state: Lock::new(MailboxState { requests: Vec::new(), driver: None, closed: false }) }
    }
}

/// A way to the store for the future of an asynchronous host function, from [`Caller::accessor`].
pub struct Accessor<T: 'static>(Arc<Mailbox<T>>);

impl<T: 'static> Accessor<T> {
    pub(crate) fn new(mailbox: &Arc<Mailbox<T>>) -> Self {
        Self(mailbox.clone())
    }

    /// Runs `body` with the store, soon: await the result.
    ///
    /// The error says that the host call is over, so that nobody lends the store any more.
    pub fn with<R, F>(&self, body: F) -> impl Future<Output = Result<R, Error>> + Send + use<T, R, F>
    where
        R: Send + 'static,
        F: FnOnce(Caller<'_, T>) -> R + Send + 'static,
    {
        let answer = Arc::new(Answer(Lock::new(AnswerState { value: None, asker: None, over: false })));
        let sender = Sender(answer.clone());
        let request: Request<T> = Box::new(move |caller| {
            let value = body(caller);
            sender.0.0.with(|state| state.value = Some(value));
        });
        let driver = self.0.state.with(|state| {
            if !state.closed {
                state.requests.push(request);
            }
            state.driver.clone()
        });
        if let Some(driver) = driver {
            driver.wake();
        }
        With(answer)
    }
}

impl<T: 'static> Clone for Accessor<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: 'static> fmt::Debug for Accessor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Accessor")
    }
}

/// Where a request leaves its result.
struct Answer<R>(Lock<AnswerState<R>>);

struct AnswerState<R> {
    value: Option<R>,
    asker: Option<Waker>,
    /// The request has run or was dropped.
    over: bool,
}

/// The request's end: wakes the asker when the request has run, and also when it never will.
struct Sender<R>(Arc<Answer<R>>);

impl<R> Drop for Sender<R> {
    fn drop(&mut self) {
        let asker = self.0.0.with(|state| {
            state.over = true;
            state.asker.take()
        });
        if let Some(asker) = asker {
            asker.wake();
        }
    }
}

/// The asker's end.
struct With<R>(Arc<Answer<R>>);

impl<R> Future for With<R> {
    type Output = Result<R, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.0.with(|state| match (state.value.take(), state.over) {
            (Some(value), _) => Poll::Ready(Ok(value)),
            (None, true) => Poll::Ready(Err(Error::misuse("the host call has ended: its store cannot be reached"))),
            (None, false) => {
                state.asker = Some(context.waker().clone());
                Poll::Pending
            }
        })
    }
}
