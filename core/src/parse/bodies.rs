//! All bodies of a module, one after another or on several threads.
//!
//! Each body can be validated and translated without the others: what they share is only read, and where code is put is made for threads (lazy
//! translation needs that too). Promises that the error is that of the first body that has one, however many threads there are.

use crate::error::{Error, Result};
use crate::module::ModuleInner;

/// Bytes of bodies for which a thread is worth being started: by SpiderMonkey's, 0.4 ms of validation or 1.5 of translation.
#[cfg(feature = "std")]
const WORTH_A_THREAD: u64 = 32 << 10;

/// Bodies that a thread takes at a time.
#[cfg(feature = "std")]
const TAKEN: usize = 16;

/// Calls `work` with the number of each body that the module defines, until one fails. Each thread has a `S` of its own, kept from body to body.
pub(super) fn for_each_body<S: Default>(
    module: &ModuleInner,
    work: impl Fn(&mut S, u32) -> Result<()> + Sync,
) -> Result<()> {
    #[cfg(feature = "std")]
    if let helpers @ 1.. = helpers(module) {
        return on_threads(module.bodies.len(), helpers, work);
    }
    let mut state = S::default();
    (0..module.bodies.len() as u32).try_for_each(|defined| work(&mut state, defined))
}

/// How many threads would help this one.
#[cfg(feature = "std")]
fn helpers(module: &ModuleInner) -> usize {
    let bytes: u64 = module.bodies.iter().map(|body| u64::from(body.end - body.start)).sum();
    let worth = (bytes / WORTH_A_THREAD) as usize;
    let wanted = module.engine.config().loading_threads;
    if worth < 2 || wanted == Some(1) {
        // Asking what the machine has takes a while.
        return 0;
    }
    let there = || std::thread::available_parallelism().map_or(1, usize::from);
    worth.min(wanted.unwrap_or_else(there)).saturating_sub(1)
}

/// The same on this thread and `helpers` more, or as many of them as can be started.
#[cfg(feature = "std")]
fn on_threads<S: Default>(
    bodies: usize,
    helpers: usize,
    work: impl Fn(&mut S, u32) -> Result<()> + Sync,
) -> Result<()> {
    use core::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::Mutex;
    use std::thread;

    /// The first body that failed, so far.
    struct Failure {
        body: usize,
        error: Error,
    }

    let next = AtomicUsize::new(0);
    let failure: Mutex<Option<Failure>> = Mutex::new(None);
    let take = || {
        let mut state = S::default();
        loop {
            // Whoever takes bodies takes them in their order, so that those before a failure have all been taken by someone.
            let start = next.fetch_add(TAKEN, Ordering::Relaxed);
            if start >= bodies {
                return;
            }
            for body in start..bodies.min(start + TAKEN) {
                let Err(error) = work(&mut state, body as u32) else { continue };
                let mut first = failure.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                if first.as_ref().is_none_or(|first| body < first.body) {
                    *first = Some(Failure { body, error });
                }
                next.store(bodies, Ordering::Relaxed);
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..helpers {
            // A machine without another thread does it on this one.
            if thread::Builder::new().name("whit-loading".into()).spawn_scoped(scope, take).is_err() {
                break;
            }
        }
        take();
    });
    match failure.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
        Some(Failure { error, .. }) => Err(error),
        None => Ok(()),
    }
}
