//! Waiting, kept apart from doing: what a call waits for, and one way to block on it.
//!
//! A capability that cannot proceed answers [`HostError::WouldBlock`](super::HostError::WouldBlock) and offers a
//! [`Source`]. A [`Wait`] gathers sources and a deadline. Whoever runs the guest decides how to wait: [`Wait::block`]
//! parks the thread under the embedder's own limit, an event loop can look at [`Wait::deadline`], [`Wait::is_over`]
//! and the sources' operating-system handles itself.
//!
//! On Unix, sources with an operating-system handle are waited for by `poll`, in-memory ones by a condition variable;
//! where both kinds meet in one wait, a pipe lets the second interrupt the first. Only for sources that can do nothing
//! but answer, the thread wakes every [`SLICE`].

use core::pin::Pin;
use core::task::{Context, Poll, Waker};
#[cfg(unix)]
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};
#[cfg(unix)]
use std::sync::OnceLock;

/// How often sources are asked that nothing announces.
pub const SLICE: Duration = Duration::from_millis(5);

/// Something that becomes ready by itself: data to read, room to write, a connection to accept.
pub trait Source: Send + Sync {
    /// Whether trying again is worth while. Never blocks.
    fn is_ready(&self) -> bool;

    /// Asks for `signal` to be notified when the source becomes ready; false if the source cannot do that.
    fn subscribe(&self, signal: &Signal) -> bool {
        let _ = signal;
        false
    }

    /// The handle that the operating system can wait for.
    #[cfg(unix)]
    fn os_handle(&self) -> Option<(BorrowedFd<'_>, Interest)> {
        None
    }
}

/// What is waited for on an operating-system handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Data, a connection, or the end of the stream.
    Read,
    /// Room for more data, or the reader's absence.
    Write,
}

/// A source that is always ready: files, memory that never fills.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ready;

impl Source for Ready {
    fn is_ready(&self) -> bool {
        true
    }

    fn subscribe(&self, _: &Signal) -> bool {
        true
    }
}

/// Wakes a thread inside [`Wait::block`], from any thread. Clones wake the same one.
#[derive(Clone, Debug, Default)]
pub struct Signal {
    inner: Arc<SignalInner>,
}

#[derive(Debug, Default)]
struct SignalInner {
    raised: Mutex<bool>,
    changed: Condvar,
    /// Made when a thread that sits in `poll` is to be woken; nothing if the system has no handles left.
    #[cfg(unix)]
    pipe: OnceLock<Option<WakePipe>>,
}

/// Bytes in it mean nothing but "look again".
#[cfg(unix)]
#[derive(Debug)]
struct WakePipe {
    reader: io::PipeReader,
    writer: io::PipeWriter,
}

#[cfg(unix)]
impl WakePipe {
    fn new() -> Option<Self> {
        let (reader, writer) = io::pipe().ok()?;
        rustix::io::ioctl_fionbio(&reader, true).ok()?;
        rustix::io::ioctl_fionbio(&writer, true).ok()?;
        Some(WakePipe { reader, writer })
    }

    /// A full pipe is as good a wake-up as one more byte.
    fn wake(&self) {
        let _ = rustix::io::write(&self.writer, &[0]);
    }

    fn drain(&self) {
        while rustix::io::read(&self.reader, &mut [0; 64]).is_ok_and(|size| size > 0) {}
    }
}

impl Signal {
    /// Wakes the waiter, or makes its next wait end at once.
    pub fn notify(&self) {
        *lock(&self.inner.raised) = true;
        self.inner.changed.notify_all();
        // Whoever makes the pipe looks at `raised` afterwards, so one of the two is seen.
        #[cfg(unix)]
        if let Some(Some(pipe)) = self.inner.pipe.get() {
            pipe.wake();
        }
    }

    #[cfg(unix)]
    fn pipe(&self) -> Option<&WakePipe> {
        self.inner.pipe.get_or_init(WakePipe::new).as_ref()
    }

    /// Whether it was notified. The notification is used up.
    #[cfg(unix)]
    fn take(&self) -> bool {
        core::mem::take(&mut *lock(&self.inner.raised))
    }

    /// Waits until notified or `until`; true if notified. The notification is used up.
    fn wait_until(&self, until: Option<Instant>) -> bool {
        let mut raised = lock(&self.inner.raised);
        loop {
            if core::mem::take(&mut *raised) {
                return true;
            }
            match until {
                None => raised = self.inner.changed.wait(raised).unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    raised = self.inner.changed.wait_timeout(raised, left).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }
}

/// The signals that wait for one source.
#[derive(Debug, Default)]
pub(crate) struct Subscribers {
    signals: Vec<Weak<SignalInner>>,
}

impl Subscribers {
    /// Remembers `signal` until the next [`notify`](Self::notify); signals whose wait has ended are forgotten here.
    pub(crate) fn add(&mut self, signal: &Signal) -> bool {
        let new = Arc::downgrade(&signal.inner);
        // Whoever waits again and again with one signal stands here once.
        self.signals.retain(|known| known.strong_count() > 0 && !known.ptr_eq(&new));
        if self.signals.try_reserve(1).is_err() {
            return false;
        }
        self.signals.push(new);
        true
    }

    pub(crate) fn notify(&mut self) {
        for inner in self.signals.drain(..).filter_map(|known| known.upgrade()) {
            Signal { inner }.notify();
        }
    }
}

/// A panic of another thread while it held one of our locks leaves plain data behind, which stays usable.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why [`Wait::block`] came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// A source is ready or the call's own deadline has come: resume the call.
    Over,
    /// The embedder's limit came first.
    Limit,
    /// [`Wait::signal`] was notified, from outside or by a source that is not ready any more.
    Notified,
}

/// A try at something that may have to wait. What is tried again when the wait is over stays with the caller.
#[derive(Debug)]
pub enum Attempt<T> {
    /// It is done.
    Done(T),
    /// Try again when this is over. Trying earlier is harmless.
    Wait(Wait),
}

/// What a suspended call waits for: any of its sources, or its deadline.
#[derive(Clone, Default)]
pub struct Wait {
    deadline: Option<Instant>,
    sources: Vec<Arc<dyn Source>>,
    signal: Signal,
}

impl core::fmt::Debug for Wait {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Wait").field("deadline", &self.deadline).field("sources", &self.sources.len()).finish()
    }
}

impl Wait {
    /// A wait for one source, without deadline.
    pub fn for_source(source: Arc<dyn Source>) -> Self {
        Wait { sources: vec![source], ..Wait::default() }
    }

    /// A wait that `signal` ends as well.
    #[cfg(feature = "http")]
    pub(super) fn ended_by(signal: Signal) -> Self {
        Wait { signal, ..Wait::default() }
    }

    /// A wait that is over at once: the call only wants to let others run.
    pub fn over() -> Self {
        Wait { deadline: Some(Instant::now()), ..Wait::default() }
    }

    /// Adds a source; false if there is no memory to remember it.
    pub fn add(&mut self, source: Arc<dyn Source>) -> bool {
        let room = self.sources.try_reserve(1).is_ok();
        if room {
            self.sources.push(source);
        }
        room
    }

    /// Ends the wait `nanoseconds` from now at the latest. A time too far away to be represented never comes.
    pub fn end_after(&mut self, nanoseconds: u64) {
        let end = Instant::now().checked_add(Duration::from_nanos(nanoseconds));
        self.deadline = match (self.deadline, end) {
            (Some(known), Some(end)) => Some(known.min(end)),
            (known, end) => known.or(end),
        };
    }

    /// Ends the wait at `deadline` at the latest.
    #[cfg(feature = "http")]
    pub(super) fn end_at(&mut self, deadline: Instant) {
        self.deadline = Some(self.deadline.map_or(deadline, |known| known.min(deadline)));
    }

    /// Adds what `other` waits for: the joint wait is over when either is. Sources without memory to remember them are left
    /// to the deadline, which is then at most [`SLICE`] away.
    pub fn join(&mut self, other: &Wait) {
        self.deadline = match (self.deadline, other.deadline) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        for source in &other.sources {
            if !self.add(source.clone()) {
                return self.end_after(SLICE.as_nanos() as u64);
            }
        }
    }

    /// When the call resumes even if no source became ready.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// What the call waits for besides its deadline.
    pub fn sources(&self) -> &[Arc<dyn Source>] {
        &self.sources
    }

    /// A handle by which another thread ends [`block`](Self::block): a timer, a signal handler, a shutdown.
    pub fn signal(&self) -> Signal {
        self.signal.clone()
    }

    /// Whether resuming the call is worth while now.
    pub fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline) || self.sources.iter().any(|s| s.is_ready())
    }

    /// Parks the thread until the wait is over, `limit` comes, or the signal is notified.
    pub fn block(&self, limit: Option<Instant>) -> Waited {
        // Subscribing comes before looking, so that nothing can become ready unseen in between.
        let (mut subscribed, mut silent) = (false, false);
        #[cfg(unix)]
        let mut polled = false;
        for source in &self.sources {
            let announces = source.subscribe(&self.signal);
            subscribed |= announces;
            #[cfg(unix)]
            if !announces && source.os_handle().is_some() {
                polled = true;
                continue;
            }
            silent |= !announces;
        }
        // Only what somebody may notify needs a way into `poll`.
        #[cfg(unix)]
        let pipe = if polled && (subscribed || Arc::strong_count(&self.signal.inner) > 1) {
            let pipe = self.signal.pipe();
            silent |= pipe.is_none();
            pipe
        } else {
            None
        };
        #[cfg(not(unix))]
        let _ = subscribed;
        loop {
            if self.is_over() {
                return Waited::Over;
            }
            let now = Instant::now();
            if limit.is_some_and(|limit| now >= limit) {
                return Waited::Limit;
            }
            let mut until = match (self.deadline, limit) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            if silent {
                let end = now + SLICE;
                until = Some(until.map_or(end, |until| until.min(end)));
            }
            #[cfg(unix)]
            if polled {
                let mut notified = self.signal.take();
                if !notified {
                    self.poll_handles(pipe, until);
                    notified = self.signal.take();
                }
                if notified && !self.is_over() {
                    return Waited::Notified;
                }
                continue;
            }
            if self.signal.wait_until(until) && !self.is_over() {
                return Waited::Notified;
            }
        }
    }

    /// Waits in the operating system for any handle or the pipe. Failures, also for lack of memory, end in a short
    /// sleep: the loop around asks every source itself.
    #[cfg(unix)]
    fn poll_handles(&self, pipe: Option<&WakePipe>, until: Option<Instant>) {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let mut handles = Vec::new();
        if handles.try_reserve_exact(self.sources.len() + 1).is_err() {
            return std::thread::sleep(SLICE);
        }
        for (fd, interest) in self.sources.iter().filter_map(|source| source.os_handle()) {
            handles.push(PollFd::from_borrowed_fd(fd, poll_flags(interest)));
        }
        if let Some(pipe) = pipe {
            handles.push(PollFd::from_borrowed_fd(pipe.reader.as_fd(), PollFlags::IN));
        }
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let timeout = left.map(|left| Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX) as _,
            tv_nsec: left.subsec_nanos() as _,
        });
        if poll(&mut handles, timeout.as_ref()).is_err() {
            std::thread::sleep(SLICE);
        }
        if let Some(pipe) = pipe {
            pipe.drain();
        }
    }
}

#[cfg(unix)]
fn poll_flags(interest: Interest) -> rustix::event::PollFlags {
    match interest {
        Interest::Read => rustix::event::PollFlags::IN,
        Interest::Write => rustix::event::PollFlags::OUT,
    }
}

/// The waits of all suspended calls of one context, for whoever runs its guests. Clones are the same collection.
///
/// A thread that resumes executions by hand asks for the [`joint`](Self::joint) wait and blocks on it. Futures are woken by
/// a helper thread, which runs while there are futures to wake.
#[derive(Clone, Default)]
pub struct Waits {
    inner: Arc<Mutex<WaitsInner>>,
}

#[derive(Default)]
struct WaitsInner {
    waiting: Vec<Entry>,
    next_id: u64,
    /// Interrupts the helper thread; present while it runs.
    helper: Option<Signal>,
}

struct Entry {
    id: u64,
    wait: Wait,
    /// Whom to wake; nobody if the execution is resumed by hand.
    waker: Option<Waker>,
}

impl core::fmt::Debug for Waits {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Waits").field("waiting", &lock(&self.inner).waiting.len()).finish()
    }
}

impl Waits {
    /// One wait for all suspended calls. Without any, it is never over by itself.
    pub fn joint(&self) -> Wait {
        let mut joint = Wait::default();
        for entry in &lock(&self.inner).waiting {
            joint.join(&entry.wait);
        }
        joint
    }

    /// A future that is ready when `wait` is over.
    pub fn until(&self, wait: Wait) -> Waiting {
        Waiting { waits: self.clone(), wait, id: None }
    }

    /// Remembers a wait and whom to wake at its end.
    fn put(&self, id: Option<u64>, wait: &Wait, waker: &Waker) -> Option<u64> {
        let waker = (!waker.will_wake(Waker::noop())).then(|| waker.clone());
        let needs_helper = waker.is_some();
        let mut inner = lock(&self.inner);
        let id = match inner.waiting.iter_mut().find(|entry| Some(entry.id) == id) {
            Some(entry) => {
                entry.waker = waker;
                entry.id
            }
            None => {
                if inner.waiting.try_reserve(1).is_err() {
                    // Forgotten rather than failed: come back at once.
                    waker?.wake();
                    return None;
                }
                let id = inner.next_id;
                inner.next_id += 1;
                inner.waiting.push(Entry { id, wait: wait.clone(), waker });
                id
            }
        };
        if needs_helper {
            match &inner.helper {
                Some(helper) => helper.notify(),
                None => {
                    let signal = Signal::default();
                    let (waits, own) = (Arc::downgrade(&self.inner), signal.clone());
                    let start = std::thread::Builder::new().name("whit-wait".into());
                    if start.spawn(move || wake_futures(&waits, own)).is_ok() {
                        inner.helper = Some(signal);
                    } else if let Some(entry) = inner.waiting.iter_mut().find(|entry| entry.id == id)
                        && let Some(waker) = entry.waker.take()
                    {
                        // Without a thread the executor has to ask again and again.
                        waker.wake();
                    }
                }
            }
        }
        Some(id)
    }

    fn remove(&self, id: u64) {
        lock(&self.inner).waiting.retain(|entry| entry.id != id);
    }
}

/// How long the helper thread waits before it looks whether anybody still needs it.
const HELPER_PATIENCE: Duration = Duration::from_millis(500);

fn wake_futures(waits: &Weak<Mutex<WaitsInner>>, signal: Signal) {
    loop {
        let Some(inner) = waits.upgrade() else { return };
        let mut over = Vec::new();
        let mut joint = Wait { signal: signal.clone(), ..Wait::default() };
        {
            let mut inner = lock(&inner);
            for entry in &mut inner.waiting {
                if entry.waker.is_none() {
                    continue;
                }
                if entry.wait.is_over() {
                    over.extend(entry.waker.take());
                } else {
                    joint.join(&entry.wait);
                }
            }
            if over.is_empty() && joint.sources.is_empty() && joint.deadline.is_none() {
                inner.helper = None;
                return;
            }
        }
        // Wakers run the executor's code: never under the lock, nor keeping the collection alive.
        drop(inner);
        if over.is_empty() {
            joint.block(Instant::now().checked_add(HELPER_PATIENCE));
        }
        over.into_iter().for_each(Waker::wake);
    }
}

/// The future of [`Waits::until`].
#[derive(Debug)]
pub struct Waiting {
    waits: Waits,
    wait: Wait,
    id: Option<u64>,
}

impl Future for Waiting {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.wait.is_over() {
            return Poll::Ready(());
        }
        self.id = self.waits.put(self.id, &self.wait, context.waker());
        Poll::Pending
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.waits.remove(id);
        }
    }
}

/// Whether the operating system says that `fd` is ready. Errors count as ready, so that trying shows them.
#[cfg(unix)]
pub(crate) fn is_fd_ready(fd: BorrowedFd<'_>, interest: Interest) -> bool {
    use rustix::event::{PollFd, Timespec, poll};
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut [PollFd::from_borrowed_fd(fd, poll_flags(interest))], Some(&now)) != Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Never;
    impl Source for Never {
        fn is_ready(&self) -> bool {
            false
        }
    }

    #[test]
    fn a_deadline_ends_a_wait_and_the_limit_comes_first_if_it_is_earlier() {
        let mut wait = Wait::default();
        wait.end_after(2_000_000);
        assert_eq!(wait.block(None), Waited::Over);
        let mut wait = Wait::for_source(Arc::new(Never));
        wait.end_after(u64::MAX);
        let start = Instant::now();
        assert_eq!(wait.block(Some(start + Duration::from_millis(10))), Waited::Limit);
        assert!(start.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn the_earliest_deadline_counts() {
        let mut wait = Wait::default();
        wait.end_after(u64::MAX);
        wait.end_after(1);
        wait.end_after(3_600_000_000_000);
        assert_eq!(wait.block(None), Waited::Over);
        assert!(Wait::over().is_over());
    }

    #[test]
    fn another_thread_can_end_a_wait_without_deadline() {
        for wait in [Wait::default(), Wait::for_source(Arc::new(Never))] {
            let signal = wait.signal();
            let thread = std::thread::spawn(move || signal.notify());
            assert_eq!(wait.block(None), Waited::Notified);
            thread.join().unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_signal_reaches_a_thread_that_waits_in_the_operating_system() {
        struct Silent(io::PipeReader);
        impl Source for Silent {
            fn is_ready(&self) -> bool {
                is_fd_ready(self.0.as_fd(), Interest::Read)
            }

            fn os_handle(&self) -> Option<(BorrowedFd<'_>, Interest)> {
                Some((self.0.as_fd(), Interest::Read))
            }
        }
        let (reader, mut writer) = io::pipe().unwrap();
        let wait = Wait::for_source(Arc::new(Silent(reader)));
        for _ in 0..3 {
            let signal = wait.signal();
            let thread = std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(20));
                signal.notify();
            });
            assert_eq!(wait.block(None), Waited::Notified);
            thread.join().unwrap();
        }
        let limit = Instant::now() + Duration::from_millis(5);
        assert_eq!(wait.block(Some(limit)), Waited::Limit);
        io::Write::write(&mut writer, b"x").unwrap();
        assert_eq!(wait.block(None), Waited::Over);
    }

    fn wait_of(milliseconds: u64) -> Wait {
        let mut wait = Wait::default();
        wait.end_after(milliseconds * 1_000_000);
        wait
    }

    #[test]
    fn futures_are_woken_by_the_helper_thread_and_the_thread_ends() {
        struct Unpark(std::thread::Thread);
        impl std::task::Wake for Unpark {
            fn wake(self: Arc<Self>) {
                self.0.unpark();
            }
        }
        let waits = Waits::default();
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut futures: Vec<_> = [20, 5, 10].map(|milliseconds| waits.until(wait_of(milliseconds))).into();
        while !futures.is_empty() {
            let before = futures.len();
            futures.retain_mut(|future| Pin::new(future).poll(&mut context).is_pending());
            if futures.len() == before {
                std::thread::park_timeout(Duration::from_secs(10));
            }
        }
        assert!(lock(&waits.inner).waiting.is_empty());
        let end = Instant::now() + Duration::from_secs(10);
        while lock(&waits.inner).helper.is_some() {
            assert!(Instant::now() < end, "the thread stays");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn executions_resumed_by_hand_share_one_wait_and_need_no_thread() {
        let waits = Waits::default();
        let mut context = Context::from_waker(Waker::noop());
        let mut long = waits.until(wait_of(3_600_000));
        let mut short = waits.until(wait_of(5));
        assert!(Pin::new(&mut long).poll(&mut context).is_pending());
        assert!(Pin::new(&mut short).poll(&mut context).is_pending());
        assert_eq!(waits.joint().block(None), Waited::Over);
        assert!(Pin::new(&mut short).poll(&mut context).is_ready());
        assert!(lock(&waits.inner).helper.is_none());
        drop((short, long));
        assert_eq!(waits.joint().block(Some(Instant::now())), Waited::Limit);
    }
}
