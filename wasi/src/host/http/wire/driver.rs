//! Runs a future on the thread that calls, and blocks wherever it waits.

use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, Mutex};
use std::task::Wake;
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};

use super::super::super::wait::{Signal, Source, Wait, lock};

/// What the futures of one thread wait for. Clones are the same.
#[derive(Clone, Default)]
pub(super) struct Driver {
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Default)]
struct Waiting {
    sources: Vec<Arc<dyn Source>>,
    deadlines: Vec<(u64, Instant)>,
    next_id: u64,
}

impl Driver {
    /// Polls the calling future again when `source` is ready. Each source is to be made once and kept: the same is not waited for twice.
    pub(super) fn wait_for(&self, source: &Arc<dyn Source>) {
        let mut waiting = lock(&self.waiting);
        if !waiting.sources.iter().any(|known| Arc::ptr_eq(known, source)) {
            waiting.sources.push(source.clone());
        }
    }

    /// A future that is ready at `deadline`.
    pub(super) fn alarm(&self, deadline: Instant) -> Alarm {
        let mut waiting = lock(&self.waiting);
        let id = waiting.next_id;
        waiting.next_id += 1;
        waiting.deadlines.push((id, deadline));
        Alarm { driver: self.clone(), id, deadline }
    }

    /// A future that is ready `duration` from now, or never if that cannot be told.
    pub(super) fn alarm_after(&self, duration: Duration) -> Alarm {
        const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
        let now = Instant::now();
        self.alarm(now.checked_add(duration).unwrap_or_else(|| now + NEVER))
    }

    /// Polls `future` until it is ready. What it waits for must have been left with this driver, or wake it by its waker.
    pub(super) fn run<F: Future>(&self, future: F) -> F::Output {
        let signal = Signal::default();
        let waker = Waker::from(Arc::new(Notify(signal.clone())));
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
            let mut wait = Wait::ended_by(signal.clone());
            {
                let waiting = lock(&self.waiting);
                for source in &waiting.sources {
                    wait.add(source.clone());
                }
                for (_, deadline) in &waiting.deadlines {
                    wait.end_at(*deadline);
                }
            }
            wait.block(None);
            // What became ready has been told of by the coming poll. The rest stays: whoever waits for it may not be polled through again.
            lock(&self.waiting).sources.retain(|source| !source.is_ready());
        }
    }
}

struct Notify(Signal);

impl Wake for Notify {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// A time that is waited for.
pub(super) struct Alarm {
    driver: Driver,
    id: u64,
    deadline: Instant,
}

impl Alarm {
    /// Whether the time has come.
    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.deadline
    }
}

impl Future for Alarm {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.is_over() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        lock(&self.driver.waiting).deadlines.retain(|(id, _)| *id != self.id);
    }
}

impl Sleep for Alarm {}

impl Timer for Driver {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        Box::pin(self.alarm_after(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(self.alarm(deadline))
    }
}

#[cfg(test)]
mod tests {
    use core::future::poll_fn;

    use super::super::super::{ReadError, body_channel};
    use super::*;

    #[test]
    fn a_future_waits_for_sources_wakers_and_times() {
        let driver = Driver::default();
        let (sender, receiver) = body_channel(10);
        let source = receiver.source();
        let writer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(5));
            sender.write(b"x").unwrap();
            sender
        });
        let read = driver.run(poll_fn(|_| match receiver.read(&mut [0; 4]) {
            Err(ReadError::WouldBlock) => {
                driver.wait_for(&source);
                Poll::Pending
            }
            result => Poll::Ready(result),
        }));
        assert_eq!(read, Ok(1));
        drop(writer.join().unwrap());

        let mut polls = 0;
        driver.run(poll_fn(|context| {
            polls += 1;
            let waker = context.waker().clone();
            std::thread::spawn(move || waker.wake());
            if polls == 3 { Poll::Ready(()) } else { Poll::Pending }
        }));

        let start = Instant::now();
        driver.run(driver.alarm_after(Duration::from_millis(10)));
        assert!(start.elapsed() >= Duration::from_millis(10));
        assert!(lock(&driver.waiting).deadlines.is_empty(), "an alarm that is gone is waited for no more");
        let never = driver.alarm_after(Duration::MAX);
        driver.run(driver.alarm_after(Duration::from_millis(1)));
        drop(never);
    }
}
