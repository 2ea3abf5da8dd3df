//! [`Store<T>`]: everything that instances share, and the embedder's own data beside it.
//!
//! A store is two halves. `StoreInner` is all that running code knows; it lives behind a raw pointer, because an interpreter in
//! the middle of a function and the embedder's closures take turns with it. The other half depends on `T`: the closures, the
//! limiter, the epoch callback, the futures of pending host calls. Execution runs on the inner half alone and returns to
//! [`execution`](crate::execution) for whatever needs the other. [`AsContext`] and [`AsContextMut`] let every function of this
//! crate take a store, a [`Caller`](crate::Caller) or a reference to either.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::{Any, TypeId};
use core::fmt;
use core::ptr::NonNull;

use hashbrown::HashMap;

use crate::engine::Engine;
use crate::error::Error;
use crate::exec;
use crate::exec::step::{ExecutionAddr, HostCall};
use crate::execution::timeout;
use crate::host::{HostFunction, PendingCall, Site};
use crate::limits::ResourceLimiter;
use crate::reference::ExnRef;
use crate::runtime::context::FuncAddr;
use crate::runtime::memory::MemoryObject;
use crate::runtime::store::{Due, GivenSlice, StoreId, StoreInner};
use crate::sync::Lock;
use crate::trap::TrapCode;
use crate::value::Val;

/// The home of instances and everything they own, with data `T` of the embedder.
///
/// Nothing is removed from a store before the store itself goes, except garbage-collected objects and executions: make one
/// store for one unit of work. A store is `Send` if `T` is; handles such as [`Func`](crate::Func) name something in one store and are refused
/// with an error by any other.
pub struct Store<T: 'static> {
    /// Dropped first: nothing in it refers to the fields below.
    inner: Owner,
    pub(crate) host: HostSide<T>,
    data: T,
}

/// What a store holds that depends on its data type.
pub(crate) struct HostSide<T: 'static> {
    /// Closures, by `FuncRecord::host`. Only ever grows: running closures are borrowed across pushes (see `host.rs`).
    functions: Vec<(Arc<dyn HostFunction<T>>, Site)>,
    /// Where a linker's closure has been put, by the address of its allocation, which `functions` keeps alive.
    placed: HashMap<usize, FuncAddr>,
    /// Host calls that have returned pending, by address of the execution. The lock is never contended: it makes futures, which need
    /// not be `Sync`, part of a store that is.
    pending: Lock<Vec<Pending<T>>>,
    /// How many there are.
    pending_count: usize,
    /// Arguments and results of dynamically typed closures, kept between calls.
    scratch: Vec<Val>,
    pub(crate) limiter: Option<Box<Limiter<T>>>,
    pub(crate) on_epoch: Option<Box<OnEpoch<T>>>,
    /// What layers above the core keep here, each beside its type (I12).
    extensions: Vec<(TypeId, Box<dyn Any + Send + Sync>)>,
    /// How many drivers stand on the native stack.
    pub(crate) nesting: u32,
}

/// A host call that waits, at the place that its execution has; `None` where none does.
type Pending<T> = Option<(HostCall, PendingCall<T>)>;
type Limiter<T> = dyn FnMut(&mut T) -> &mut (dyn ResourceLimiter) + Send + Sync;
type OnEpoch<T> = dyn FnMut(StoreContextMut<'_, T>) -> Result<UpdateDeadline, Error> + Send + Sync;

/// What an epoch callback wants to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdateDeadline {
    /// Go on at once, with the deadline this many ticks, but at least one, beyond the current epoch.
    Continue(u64),
    /// The same, but first let other tasks of the executor run; in a call that cannot suspend, the same as `Continue`.
    Yield(u64),
    /// Interrupt the execution: [`Progress::Interrupted`](crate::Progress::Interrupted), or the trap where it cannot suspend.
    Interrupt,
}

/// The pointer to the inner half, which the store owns.
struct Owner(NonNull<StoreInner>);

// SAFETY: I8 — the inner half is owned through this pointer alone and refers to nothing that is bound to a thread.
#[allow(unsafe_code, reason = "raw ownership is what keeps references out of running code's way")]
unsafe impl Send for Owner {}
// SAFETY: I8 — through `&Owner` only `&StoreInner` can be had.
#[allow(unsafe_code, reason = "see `Send`")]
unsafe impl Sync for Owner {}

impl Drop for Owner {
    fn drop(&mut self) {
        // SAFETY: I8 — `StoreInner::new` leaked a box for it, this drops it once, and no execution is running: drivers borrow the store.
        #[allow(unsafe_code, reason = "the counterpart of `StoreInner::new`")]
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

impl<T: 'static> Store<T> {
    /// An empty store.
    ///
    /// # Panics
    /// If the host has no memory for it; [`Store::try_new`] gives an error instead.
    pub fn new(engine: &Engine, data: T) -> Self {
        match Self::try_new(engine, data) {
            Ok(store) => store,
            Err(error) => panic!("cannot make a store: {error}"),
        }
    }

    /// An empty store, or an error if the host has no memory for it.
    pub fn try_new(engine: &Engine, data: T) -> Result<Self, Error> {
        let inner = Owner(StoreInner::new(engine)?);
        let host = HostSide {
            functions: Vec::new(),
            placed: HashMap::new(),
            pending: Lock::new(Vec::new()),
            pending_count: 0,
            scratch: Vec::new(),
            limiter: None,
            on_epoch: None,
            extensions: Vec::new(),
            nesting: 0,
        };
        Ok(Self { inner, host, data })
    }

    /// The embedder's data.
    pub fn data(&self) -> &T {
        &self.data
    }

    /// The embedder's data, to change.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.data
    }

    /// Drops the store and gives the data back.
    pub fn into_data(self) -> T {
        let Self { data, .. } = self;
        data
    }

    /// Which store this is: no two of a process are equal.
    pub fn id(&self) -> StoreId {
        self.inner().id()
    }

    /// The engine the store was made with.
    pub fn engine(&self) -> &Engine {
        self.inner().engine()
    }

    /// What a layer above the core keeps in this store, beside the embedder's data: one value for each type, made when first asked for.
    /// An error if the host has no memory for it.
    #[inline]
    pub fn extension_mut<E: Default + Send + Sync + 'static>(&mut self) -> Result<&mut E, Error> {
        // Layers above ask several times for each call of a guest, and there is one of them as a rule.
        let place = match self.host.extensions.first() {
            Some((ty, _)) if *ty == TypeId::of::<E>() => 0,
            _ => self.place_of_extension::<E>()?,
        };
        let value: *mut (dyn Any + Send + Sync) = &mut *self.host.extensions[place].1;
        // SAFETY: I12 — the type at this place is `E`, and the value is borrowed as long as the store is.
        #[allow(unsafe_code, reason = "asking the value for its type is a call, and costs more than all the rest")]
        Ok(unsafe { &mut *value.cast::<E>() })
    }

    /// Where the value of a type is; it is made where there is none.
    #[cold]
    fn place_of_extension<E: Default + Send + Sync + 'static>(&mut self) -> Result<usize, Error> {
        let extensions = &mut self.host.extensions;
        if let Some(place) = extensions.iter().position(|(ty, _)| *ty == TypeId::of::<E>()) {
            return Ok(place);
        }
        extensions.try_reserve(1)?;
        extensions.push((TypeId::of::<E>(), Box::new(E::default())));
        Ok(extensions.len() - 1)
    }

    /// Installs what is asked before memories and tables grow and instances are made, in place of the store's own finite limits.
    pub fn limiter(&mut self, limiter: impl FnMut(&mut T) -> &mut (dyn ResourceLimiter) + Send + Sync + 'static) {
        self.host.limiter = Some(Box::new(limiter));
        self.inner_mut().ask_limiter = true;
    }

    /// Gives RAM to the next memory that is made in this store, by a module that defines one or by [`Memory::new`](crate::Memory::new): it lies
    /// there as one of [`Memory::in_slice`](crate::Memory::in_slice) does, whatever the engine's policy. Several slices are used in the order
    /// in which they were given. A memory that does not fit into its slice cannot be made, and a shared one takes none.
    pub fn give_slice(&mut self, slice: &'static mut [u8]) -> Result<(), Error> {
        let slices = &mut self.inner_mut().slices;
        slices.try_reserve(1)?;
        slices.push(GivenSlice { slice, make: MemoryObject::in_slice });
        Ok(())
    }

    /// The fuel left; an error unless [`Config::consume_fuel`](crate::Config::consume_fuel) is on.
    pub fn get_fuel(&self) -> Result<u64, Error> {
        self.inner().fuel()
    }

    /// Sets the fuel left; an error unless [`Config::consume_fuel`](crate::Config::consume_fuel) is on.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), Error> {
        self.inner_mut().set_fuel(fuel)
    }

    /// Charges work that the host does for a guest in proportion to what the guest asked for, as a bulk operation over so many bytes is
    /// charged. The error, if the guest cannot pay or is to be interrupted, is for the host function to return.
    pub fn charge_bulk(&mut self, bytes: u64) -> Result<(), Error> {
        if self.engine().config().consume_fuel {
            let fuel = self.get_fuel()?.checked_sub(bytes / 64).ok_or(TrapCode::OutOfFuel)?;
            self.set_fuel(fuel)?;
        }
        if !self.engine().config().epoch_interruption {
            return Ok(());
        }
        match self.inner_mut().due() {
            None => return Ok(()),
            Some(Due::Timeout(limit)) => return Err(timeout(limit)),
            Some(Due::Epoch) => {}
        }
        match self.ask_epoch()? {
            UpdateDeadline::Continue(ticks) | UpdateDeadline::Yield(ticks) => {
                self.set_epoch_deadline(ticks.max(1));
                Ok(())
            }
            UpdateDeadline::Interrupt => Err(TrapCode::Interrupted.into()),
        }
    }

    /// Lets guests run until the engine's epoch has advanced by this many ticks: calls of
    /// [`Engine::increment_epoch`](crate::Engine::increment_epoch).
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.inner_mut().set_epoch_deadline(ticks_beyond_current);
    }

    /// Gives guests this much time from now on, all calls together. `None` lifts the limit; what holds then is the epoch deadline.
    ///
    /// When it is over they end with the trap [`TrapCode::Timeout`], also in atomic waits and while a host function is
    /// pending: the task that polls them is woken for it. A closure that keeps its thread is waited for. An epoch deadline
    /// holds beside it, once one has been set.
    ///
    /// One thread watches the clock for all stores of the process. An error unless
    /// [`Config::epoch_interruption`](crate::Config::epoch_interruption) is on, or if there cannot be a thread.
    #[cfg(feature = "std")]
    pub fn set_timeout(&mut self, timeout: Option<core::time::Duration>) -> Result<(), Error> {
        let engine = self.engine();
        if !engine.config().epoch_interruption {
            return Err(Error::misuse("code does not watch for timeouts: see Config::epoch_interruption"));
        }
        let alarm = timeout.map(|timeout| crate::alarm::Alarm::set(engine, timeout)).transpose()?;
        self.inner_mut().set_alarm(alarm);
        Ok(())
    }

    /// Makes reaching the epoch deadline interrupt the guest, which is what a new store does.
    pub fn epoch_deadline_trap(&mut self) {
        self.host.on_epoch = None;
    }

    /// Asks `callback` what to do when the epoch deadline is reached. Its error ends the execution.
    pub fn epoch_deadline_callback(
        &mut self,
        callback: impl FnMut(StoreContextMut<'_, T>) -> Result<UpdateDeadline, Error> + Send + Sync + 'static,
    ) {
        self.host.on_epoch = Some(Box::new(callback));
    }

    /// Collects garbage now: objects that neither guests nor handles can reach, and executions that were dropped.
    pub fn gc(&mut self) -> Result<(), Error> {
        self.reap();
        self.inner_mut().collect_garbage()
    }

    /// The error that throws `exception` when a host function returns it; guests can catch it.
    pub fn throw<R>(&mut self, exception: ExnRef) -> Result<R, Error> {
        exception.to_slot(self.inner())?;
        Err(exception.into_error())
    }

    /// The half of the store that running code knows.
    #[inline]
    pub(crate) fn inner(&self) -> &StoreInner {
        // SAFETY: I8 — `self` owns it, and no execution is running while the driver lends `self` out.
        #[allow(unsafe_code, reason = "the inner half is owned through a raw pointer")]
        unsafe {
            self.inner.0.as_ref()
        }
    }

    /// The half of the store that running code knows, to change. The reference must end before an execution is resumed.
    #[inline]
    pub(crate) fn inner_mut(&mut self) -> &mut StoreInner {
        // SAFETY: I8 — as in `inner`, and `self` is borrowed exclusively.
        #[allow(unsafe_code, reason = "the inner half is owned through a raw pointer")]
        unsafe {
            self.inner.0.as_mut()
        }
    }

    /// The pointer with which executions run.
    #[inline]
    pub(crate) fn inner_ptr(&mut self) -> NonNull<StoreInner> {
        self.inner.0
    }

    /// The embedder's limiter, if it has one, and what it limits.
    pub(crate) fn limiter_and_inner(&mut self) -> (Option<&mut dyn ResourceLimiter>, &mut StoreInner) {
        let Self { inner, host, data } = self;
        // SAFETY: I8 — as in `inner_mut`; `data` and `host` are other memory.
        #[allow(unsafe_code, reason = "the inner half is owned through a raw pointer")]
        let inner = unsafe { inner.0.as_mut() };
        (host.limiter.as_mut().map(|limiter| limiter(data)), inner)
    }

    /// The half that running code knows and the embedder's data, both to change.
    pub(crate) fn inner_and_data(&mut self) -> (&mut StoreInner, &mut T) {
        // SAFETY: I8 — as in `inner_mut`; `data` is other memory.
        #[allow(unsafe_code, reason = "the inner half is owned through a raw pointer")]
        let inner = unsafe { self.inner.0.as_mut() };
        (inner, &mut self.data)
    }

    /// Asks whoever limits the store: the embedder's limiter or the store's own limits.
    pub(crate) fn with_limiter<R>(&mut self, question: impl FnOnce(&mut dyn ResourceLimiter) -> R) -> R {
        let (limiter, inner) = self.limiter_and_inner();
        match limiter {
            Some(limiter) => question(limiter),
            None => question(&mut inner.limits),
        }
    }

    /// Runs the epoch callback, if there is one.
    pub(crate) fn ask_epoch(&mut self) -> Result<UpdateDeadline, Error> {
        // Taken out while it runs, so that it may use the store; put back also if it has installed nothing else.
        let Some(mut callback) = self.host.on_epoch.take() else { return Ok(UpdateDeadline::Interrupt) };
        let answer = callback(StoreContextMut(self));
        self.host.on_epoch.get_or_insert(callback);
        answer
    }

    /// Makes a closure callable in this store.
    pub(crate) fn add_host_function(&mut self, function: Arc<dyn HostFunction<T>>, site: Site) -> Result<u32, Error> {
        let index = u32::try_from(self.host.functions.len()).ok().filter(|&index| index != u32::MAX);
        let index = index.ok_or_else(Error::out_of_memory)?;
        self.host.functions.try_reserve(1)?;
        self.host.functions.push((function, site));
        Ok(index)
    }

    /// Makes room for so many more functions, of guests and of the host, for a layer that knows how many it will make: growing by and by takes
    /// longer.
    pub fn reserve_functions(&mut self, guests: usize, hosts: usize) -> Result<(), Error> {
        self.host.functions.try_reserve(hosts)?;
        Ok(self.inner_mut().functions.try_reserve(guests.saturating_add(hosts))?)
    }

    /// Where a closure of a linker already stands in this store.
    pub(crate) fn placed(&self, function: &Arc<dyn HostFunction<T>>) -> Option<FuncAddr> {
        self.host.placed.get(&(Arc::as_ptr(function) as *const () as usize)).copied()
    }

    /// Remembers where a closure of a linker stands, so that a second instantiation adds nothing.
    pub(crate) fn note_placed(&mut self, function: &Arc<dyn HostFunction<T>>, func: FuncAddr) -> Result<(), Error> {
        self.host.placed.try_reserve(1).map_err(|_| Error::out_of_memory())?;
        self.host.placed.insert(Arc::as_ptr(function) as *const () as usize, func);
        Ok(())
    }

    /// The closure with the given index.
    #[inline]
    pub(crate) fn host_function(&self, index: u32) -> Option<&(Arc<dyn HostFunction<T>>, Site)> {
        self.host.functions.get(index as usize)
    }

    /// Keeps the rest of a host call, which it takes out of `pending`, until its execution is resumed.
    pub(crate) fn put_pending(
        &mut self,
        execution: ExecutionAddr,
        call: HostCall,
        pending: &mut Option<PendingCall<T>>,
    ) -> Result<(), Error> {
        let place = execution.0 as usize;
        self.host.pending.with(|list| {
            if place >= list.len() {
                list.try_reserve(place + 1 - list.len())?;
                list.resize_with(place + 1, || None);
            }
            list[place] = pending.take().map(|pending| (call, pending));
            Ok::<_, Error>(())
        })?;
        self.host.pending_count += 1;
        Ok(())
    }

    /// Takes the rest of the host call in which `execution` waits, if it does.
    #[inline]
    pub(crate) fn take_pending(&mut self, execution: ExecutionAddr) -> Option<(HostCall, PendingCall<T>)> {
        // Most calls are in stores where nothing is pending.
        if self.host.pending_count == 0 {
            return None;
        }
        let taken = self.host.pending.with(|list| list.get_mut(execution.0 as usize)?.take());
        self.host.pending_count -= usize::from(taken.is_some());
        taken
    }

    /// The buffer of dynamically typed calls, empty; give it back with [`put_scratch`](Self::put_scratch).
    pub(crate) fn take_scratch(&mut self) -> Vec<Val> {
        core::mem::take(&mut self.host.scratch)
    }

    /// Keeps the buffer for the next call.
    pub(crate) fn put_scratch(&mut self, mut scratch: Vec<Val>) {
        scratch.clear();
        self.host.scratch = scratch;
    }

    /// Frees executions whose handle was dropped.
    #[inline]
    pub(crate) fn reap(&mut self) {
        while let Some(execution) = self.inner().handles().take_abandoned() {
            self.remove_execution(execution);
        }
    }

    /// Frees an execution wherever it stands, with the host call it may wait in.
    #[inline]
    pub(crate) fn remove_execution(&mut self, execution: ExecutionAddr) {
        exec::remove(self.inner_ptr(), execution);
        // The future is dropped last, when the store is whole again: its drop is the embedder's code.
        if let Some((_, mut pending)) = self.take_pending(execution) {
            pending.abandon(self);
        }
    }
}

impl<T: Default + 'static> Default for Store<T> {
    /// An empty store of a default engine.
    fn default() -> Self {
        Self::new(&Engine::default(), T::default())
    }
}

impl<T: fmt::Debug + 'static> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("data", &self.data).finish_non_exhaustive()
    }
}

/// A shared borrow of a store, without its type's owner: what [`AsContext`] gives.
pub struct StoreContext<'a, T: 'static>(pub(crate) &'a Store<T>);

/// An exclusive borrow of a store: what [`AsContextMut`] gives. Stores cannot be swapped through it.
pub struct StoreContextMut<'a, T: 'static>(pub(crate) &'a mut Store<T>);

impl<'a, T: 'static> StoreContext<'a, T> {
    /// See [`Store::id`].
    pub fn id(&self) -> StoreId {
        self.0.id()
    }

    /// The embedder's data.
    pub fn data(&self) -> &'a T {
        self.0.data()
    }

    /// The engine the store was made with.
    pub fn engine(&self) -> &'a Engine {
        self.0.engine()
    }

    /// See [`Store::get_fuel`].
    pub fn get_fuel(&self) -> Result<u64, Error> {
        self.0.get_fuel()
    }

    pub(crate) fn inner(&self) -> &'a StoreInner {
        self.0.inner()
    }
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// See [`Store::id`].
    pub fn id(&self) -> StoreId {
        self.0.id()
    }

    /// The embedder's data.
    pub fn data(&self) -> &T {
        self.0.data()
    }

    /// The embedder's data, to change.
    pub fn data_mut(&mut self) -> &mut T {
        self.0.data_mut()
    }

    /// The engine the store was made with.
    pub fn engine(&self) -> &Engine {
        self.0.engine()
    }

    /// See [`Store::charge_bulk`].
    pub fn charge_bulk(&mut self, bytes: u64) -> Result<(), Error> {
        self.0.charge_bulk(bytes)
    }

    /// See [`Store::reserve_functions`].
    pub fn reserve_functions(&mut self, guests: usize, hosts: usize) -> Result<(), Error> {
        self.0.reserve_functions(guests, hosts)
    }

    /// See [`Store::extension_mut`].
    pub fn extension_mut<E: Default + Send + Sync + 'static>(&mut self) -> Result<&mut E, Error> {
        self.0.extension_mut()
    }

    /// See [`Store::get_fuel`].
    pub fn get_fuel(&self) -> Result<u64, Error> {
        self.0.get_fuel()
    }

    /// See [`Store::set_fuel`].
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), Error> {
        self.0.set_fuel(fuel)
    }

    /// See [`Store::set_epoch_deadline`].
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.0.set_epoch_deadline(ticks_beyond_current);
    }

    /// See [`Store::gc`].
    pub fn gc(&mut self) -> Result<(), Error> {
        self.0.gc()
    }

    /// See [`Store::throw`].
    pub fn throw<R>(&mut self, exception: ExnRef) -> Result<R, Error> {
        self.0.throw(exception)
    }

    pub(crate) fn inner(&self) -> &StoreInner {
        self.0.inner()
    }

    pub(crate) fn inner_mut(&mut self) -> &mut StoreInner {
        self.0.inner_mut()
    }
}

impl<T: 'static> Clone for StoreContext<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: 'static> Copy for StoreContext<'_, T> {}

/// Something that leads to a store: a [`Store`], a [`Caller`](crate::Caller), a context, or a reference to one.
pub trait AsContext {
    /// The data type of the store.
    type Data: 'static;

    /// The store.
    fn as_context(&self) -> StoreContext<'_, Self::Data>;
}

/// Something that leads to a store, to change it.
pub trait AsContextMut: AsContext {
    /// The store, to change.
    fn as_context_mut(&mut self) -> StoreContextMut<'_, Self::Data>;
}

impl<T: 'static> AsContext for Store<T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext(self)
    }
}

impl<T: 'static> AsContextMut for Store<T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut(self)
    }
}

impl<T: 'static> AsContext for StoreContext<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        *self
    }
}

impl<T: 'static> AsContext for StoreContextMut<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext(self.0)
    }
}

impl<T: 'static> AsContextMut for StoreContextMut<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut(self.0)
    }
}

impl<C: AsContext> AsContext for &'_ C {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContext> AsContext for &'_ mut C {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContextMut> AsContextMut for &'_ mut C {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        C::as_context_mut(self)
    }
}

impl<'a, T: 'static> From<StoreContextMut<'a, T>> for StoreContext<'a, T> {
    fn from(context: StoreContextMut<'a, T>) -> Self {
        StoreContext(context.0)
    }
}

/// Any reference to a store becomes a context with the same lifetime, as [`Memory::data`](crate::Memory::data) needs.
impl<'a, C: AsContext> From<&'a C> for StoreContext<'a, C::Data> {
    fn from(context: &'a C) -> Self {
        C::as_context(context)
    }
}

impl<'a, C: AsContext> From<&'a mut C> for StoreContext<'a, C::Data> {
    fn from(context: &'a mut C) -> Self {
        C::as_context(context)
    }
}

impl<'a, C: AsContextMut> From<&'a mut C> for StoreContextMut<'a, C::Data> {
    fn from(context: &'a mut C) -> Self {
        C::as_context_mut(context)
    }
}

/// What embedders rely on when they move things between threads.
const _: () = {
    const fn is_send<V: Send>() {}
    const fn is_sync<V: Sync>() {}
    is_send::<Store<()>>();
    is_sync::<Store<()>>();
    is_send::<Engine>();
    is_sync::<Engine>();
    is_send::<crate::Module>();
    is_sync::<crate::Module>();
    is_send::<crate::Linker<core::cell::Cell<u8>>>();
    is_sync::<crate::Linker<core::cell::Cell<u8>>>();
    is_send::<crate::InstancePre<core::cell::Cell<u8>>>();
    is_sync::<crate::InstancePre<core::cell::Cell<u8>>>();
    is_send::<crate::Execution>();
    is_sync::<crate::Execution>();
    is_send::<Val>();
    is_sync::<Val>();
    is_send::<Error>();
    is_sync::<Error>();
    is_send::<crate::Accessor<core::cell::Cell<u8>>>();
};
