//! What modules and stores share: settings, the registry of types, and the epoch.

use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::{AtomicU32, Ordering};

use crate::config::{Config, ExecutionEngine};
use crate::error::{Error, Result};
use crate::exec::dispatch;
use crate::types::TypeRegistry;

/// Settings and types shared by modules and stores. Cheap to clone, usable from any thread.
///
/// Modules, types and stores of different engines do not mix; trying is an error.
#[derive(Clone)]
pub struct Engine(Arc<EngineInner>);

pub(crate) struct EngineInner {
    pub config: Config,
    pub types: Arc<TypeRegistry>,
    /// Advanced by ticks and by alarms, watched by running code; wraps.
    pub epoch: AtomicU32,
    /// How many of its advances were alarms: the rest are ticks.
    alarms: AtomicU32,
    /// Whether code runs on the tail engine: the setting, what this build has, and what works.
    pub tail: bool,
}

impl Engine {
    /// An engine with these settings, or an error if they make no sense.
    ///
    /// The first one of a process that may use the tail engine also finds out whether it works in this build.
    pub fn new(config: &Config) -> Result<Self> {
        config.check()?;
        // Paged memories have no rows of the tail engine.
        let tail = config.execution != ExecutionEngine::Loop && !config.is_paged() && dispatch::tail_works();
        if config.execution == ExecutionEngine::Tail && !tail {
            return Err(Error::misuse("the tail engine does not work in this build: its calls are not jumps"));
        }
        Ok(Self(Arc::new(EngineInner {
            config: config.clone(),
            types: Arc::new(TypeRegistry::new()),
            epoch: AtomicU32::new(0),
            alarms: AtomicU32::new(0),
            tail,
        })))
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Moves the epoch on by one. Code whose deadline is reached stops at its next safepoint.
    pub fn increment_epoch(&self) {
        self.0.epoch.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether both are the same engine.
    pub fn same(a: &Self, b: &Self) -> bool {
        Arc::ptr_eq(&a.0, &b.0)
    }

    /// Whether code runs on the tail engine.
    pub fn uses_tail_engine(&self) -> bool {
        self.0.tail
    }

    pub(crate) fn inner(&self) -> &EngineInner {
        &self.0
    }

    /// The same as a counted pointer.
    pub(crate) fn shared(&self) -> &Arc<EngineInner> {
        &self.0
    }

    pub(crate) fn types(&self) -> &Arc<TypeRegistry> {
        &self.0.types
    }
}

impl EngineInner {
    /// The epoch, and how many ticks it stands for.
    pub(crate) fn epoch_and_ticks(&self) -> (u32, u32) {
        // In this order, and with this ordering: an alarm that the epoch shows has been counted.
        let epoch = self.epoch.load(Ordering::Acquire);
        (epoch, epoch.wrapping_sub(self.alarms.load(Ordering::Relaxed)))
    }

    /// Moves the epoch on without a tick, so that running code returns to its driver and is told the time.
    pub(crate) fn alarm(&self) {
        self.alarms.fetch_add(1, Ordering::Relaxed);
        self.epoch.fetch_add(1, Ordering::Release);
    }
}

impl Default for Engine {
    fn default() -> Self {
        // The default settings contradict nothing (tested in `config`).
        Self::new(&Config::default()).unwrap_or_else(|error| unreachable!("default settings: {error}"))
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("config", &self.0.config).field("tail", &self.0.tail).finish()
    }
}
