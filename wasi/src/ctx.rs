//! Granting: [`WasiCtxBuilder`] collects what a guest may reach, [`WasiCtx`] is the result.

use core::fmt;
use std::io;
use std::net::TcpListener;
use std::path::Path;

use crate::host::clocks::{Clocks, MonotonicClock, Timestamp, WallClock};
use crate::host::env::{EnvError, Environment};
use crate::host::fs::{Access, Dir};
use crate::host::net::Listener;
use crate::host::random::{OsRandom, RandomSource, SeededRandom};
use crate::host::stdio::{self, Stdio};
use crate::host::stream::{InputStream, OutputStream, SharedInput, SharedOutput};
use crate::host::wait::{Wait, Waits};
use crate::p1::{Descriptor, Descriptors, DirDescriptor, ListenerDescriptor};

/// Bounds on what a guest can make the host hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The number of descriptors open at a time (command line: `-S max-descriptors=N`).
    pub max_descriptors: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_descriptors: 1024 }
    }
}

/// What one guest may reach of the host, and what it holds of that.
///
/// Independent of any engine and of any thread: a guest that waits can be moved with its context.
pub struct WasiCtx {
    pub(crate) env: Environment,
    pub(crate) clocks: Clocks,
    pub(crate) random: Box<dyn RandomSource>,
    pub(crate) stdio: Stdio,
    pub(crate) descriptors: Descriptors,
    pub(crate) limits: Limits,
    pub(crate) waits: Waits,
}

impl fmt::Debug for WasiCtx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WasiCtx")
            .field("env", &self.env)
            .field("descriptors", &self.descriptors)
            .finish_non_exhaustive()
    }
}

impl WasiCtx {
    /// Starts granting; nothing is granted yet.
    pub fn builder() -> WasiCtxBuilder {
        WasiCtxBuilder::default()
    }

    /// What the suspended calls of all executions with this context wait for, as one wait.
    ///
    /// When an execution comes back pending, block on this under your own limit, then resume it.
    pub fn pending_wait(&self) -> Wait {
        self.waits.joint()
    }
}

impl Default for WasiCtx {
    /// A context without any grant.
    fn default() -> Self {
        let stdio = Stdio::default();
        let mut descriptors = Descriptors::new(Limits::default().max_descriptors, false);
        for stream in [Descriptor::Stdin, Descriptor::Stdout, Descriptor::Stderr] {
            // Three are far below the default limit; without memory for them the guest starts with fewer streams.
            let _ = descriptors.insert(stream);
        }
        WasiCtx {
            env: Environment::default(),
            clocks: Clocks::default(),
            random: Box::new(OsRandom),
            stdio,
            descriptors,
            limits: Limits::default(),
            waits: Waits::default(),
        }
    }
}

/// Why something cannot be granted.
#[derive(Debug)]
#[non_exhaustive]
pub enum GrantError {
    /// An argument or environment variable.
    Environment(EnvError),
    /// A directory that cannot be opened.
    Directory {
        /// As it was given.
        path: std::path::PathBuf,
        /// What the host says.
        error: io::Error,
    },
    /// A guest name that is empty or holds a NUL byte.
    GuestPath(String),
    /// A guest name that another directory has already.
    GuestPathTaken(String),
    /// A socket that cannot be used.
    Socket(io::Error),
    /// More grants than [`Limits::max_descriptors`].
    TooMany,
}

impl fmt::Display for GrantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GrantError::Environment(error) => error.fmt(f),
            GrantError::Directory { path, error } => write!(f, "cannot open directory `{}`: {error}", path.display()),
            GrantError::GuestPath(path) => {
                write!(f, "directory name `{}` is empty or contains a NUL byte", path.escape_debug())
            }
            GrantError::GuestPathTaken(path) => {
                write!(f, "two directories are granted under the name `{}`", path.escape_debug())
            }
            GrantError::Socket(error) => write!(f, "cannot use the socket: {error}"),
            GrantError::TooMany => f.write_str("more grants than descriptors"),
        }
    }
}

impl core::error::Error for GrantError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            GrantError::Environment(error) => Some(error),
            GrantError::Directory { error, .. } | GrantError::Socket(error) => Some(error),
            GrantError::GuestPath(_) | GrantError::GuestPathTaken(_) | GrantError::TooMany => None,
        }
    }
}

impl From<EnvError> for GrantError {
    fn from(error: EnvError) -> Self {
        GrantError::Environment(error)
    }
}

/// Collects grants.
///
/// ```
/// use whit_wasi::{Access, WasiCtx};
/// use whit_wasi::host::stream::MemoryPipe;
///
/// let output = MemoryPipe::default();
/// let mut builder = WasiCtx::builder();
/// builder.arg("hello")?.env("LANG", "C")?.stdout(output.clone());
/// builder.dir(".", "/", Access::ReadOnly)?;
/// let ctx = builder.build()?;
/// # drop(ctx);
/// # Ok::<(), whit_wasi::GrantError>(())
/// ```
#[derive(Default)]
pub struct WasiCtxBuilder {
    env: Environment,
    clocks: Clocks,
    random: Option<Box<dyn RandomSource>>,
    stdio: Stdio,
    dirs: Vec<(String, Dir)>,
    listeners: Vec<Listener>,
    limits: Limits,
    pin_preopens: bool,
}

impl fmt::Debug for WasiCtxBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WasiCtxBuilder").field("env", &self.env).field("dirs", &self.dirs).finish_non_exhaustive()
    }
}

impl WasiCtxBuilder {
    /// Appends an argument; the first is the program's name.
    pub fn arg(&mut self, arg: &str) -> Result<&mut Self, GrantError> {
        self.env.push_arg(arg)?;
        Ok(self)
    }

    /// Appends arguments.
    pub fn args<S: AsRef<str>>(&mut self, args: impl IntoIterator<Item = S>) -> Result<&mut Self, GrantError> {
        for arg in args {
            self.arg(arg.as_ref())?;
        }
        Ok(self)
    }

    /// Sets an environment variable. The last value given for a name counts.
    pub fn env(&mut self, name: &str, value: &str) -> Result<&mut Self, GrantError> {
        self.env.set_var(name, value)?;
        Ok(self)
    }

    /// Passes on the host's whole environment, except for variables that are not Unicode.
    pub fn inherit_env(&mut self) -> Result<&mut Self, GrantError> {
        for (name, value) in std::env::vars_os() {
            // Windows keeps the current directory of each drive under names like `=C:`; those are not variables.
            if let (Some(name), Some(value)) = (name.to_str(), value.to_str())
                && !name.is_empty()
                && !name.contains('=')
            {
                self.env(name, value)?;
            }
        }
        Ok(self)
    }

    /// Gives the guest a standard input.
    pub fn stdin(&mut self, stream: impl InputStream + 'static) -> &mut Self {
        self.stdio.stdin = SharedInput::new(stream);
        self
    }

    /// Gives the guest a standard output.
    pub fn stdout(&mut self, stream: impl OutputStream + 'static) -> &mut Self {
        self.stdio.stdout = SharedOutput::new(stream);
        self
    }

    /// Gives the guest a standard error.
    pub fn stderr(&mut self, stream: impl OutputStream + 'static) -> &mut Self {
        self.stdio.stderr = SharedOutput::new(stream);
        self
    }

    /// Shares the host's standard input.
    pub fn inherit_stdin(&mut self) -> &mut Self {
        self.stdin(stdio::inherit_stdin())
    }

    /// Shares the host's standard output.
    pub fn inherit_stdout(&mut self) -> &mut Self {
        self.stdout(stdio::inherit_stdout())
    }

    /// Shares the host's standard error.
    pub fn inherit_stderr(&mut self) -> &mut Self {
        self.stderr(stdio::inherit_stderr())
    }

    /// Shares the host's three standard streams.
    pub fn inherit_stdio(&mut self) -> &mut Self {
        self.inherit_stdin().inherit_stdout().inherit_stderr()
    }

    /// Grants the directory `host` under the name `guest`.
    ///
    /// Directories get descriptors in the order they are granted, from 3 on. Grants may overlap on the host; the access
    /// that counts is that of the descriptor the guest uses.
    pub fn dir(&mut self, host: impl AsRef<Path>, guest: &str, access: Access) -> Result<&mut Self, GrantError> {
        if guest.is_empty() || guest.contains('\0') {
            return Err(GrantError::GuestPath(guest.to_owned()));
        }
        if self.dirs.iter().any(|(known, _)| known == guest) {
            return Err(GrantError::GuestPathTaken(guest.to_owned()));
        }
        let dir = Dir::open_ambient(host.as_ref(), access)
            .map_err(|error| GrantError::Directory { path: host.as_ref().to_owned(), error })?;
        self.dirs.push((guest.to_owned(), dir));
        Ok(self)
    }

    /// Grants a listening socket, on which the guest can accept connections.
    ///
    /// Sockets get descriptors after all directories: guest libraries stop looking for directories at the first
    /// descriptor that is none.
    pub fn preopen_socket(&mut self, listener: TcpListener) -> Result<&mut Self, GrantError> {
        self.listeners.push(Listener::new(listener).map_err(GrantError::Socket)?);
        Ok(self)
    }

    /// Replaces the time of day.
    pub fn wall_clock(&mut self, clock: impl WallClock + 'static) -> &mut Self {
        self.clocks.wall = Box::new(clock);
        self
    }

    /// Replaces the interval clock.
    pub fn monotonic_clock(&mut self, clock: impl MonotonicClock + 'static) -> &mut Self {
        self.clocks.monotonic = Box::new(clock);
        self
    }

    /// Replaces the source of randomness.
    pub fn random(&mut self, source: impl RandomSource + 'static) -> &mut Self {
        self.random = Some(Box::new(source));
        self
    }

    /// Makes runs repeat: virtual clocks that start at `start` and skip over sleeps, and randomness from `seed`.
    pub fn deterministic(&mut self, start: Timestamp, seed: u64) -> &mut Self {
        self.clocks = Clocks::deterministic(start);
        self.random(SeededRandom::new(seed))
    }

    /// Sets the bounds.
    pub fn limits(&mut self, limits: Limits) -> &mut Self {
        self.limits = limits;
        self
    }

    /// The number of descriptors open at a time.
    pub fn max_descriptors(&mut self, count: u32) -> &mut Self {
        self.limits.max_descriptors = count;
        self
    }

    /// Whether renumbering a descriptor onto a granted directory is refused (`notsup`). Off, as in Wasmtime: a guest that
    /// overwrites its own grant only loses it.
    pub fn pin_preopens(&mut self, pinned: bool) -> &mut Self {
        self.pin_preopens = pinned;
        self
    }

    /// The context with everything granted so far.
    pub fn build(self) -> Result<WasiCtx, GrantError> {
        let mut descriptors = Descriptors::new(self.limits.max_descriptors, self.pin_preopens);
        let streams = [Descriptor::Stdin, Descriptor::Stdout, Descriptor::Stderr];
        let dirs = self
            .dirs
            .into_iter()
            .map(|(guest, dir)| Descriptor::Dir(DirDescriptor { dir, preopen: Some(guest), listing: None }));
        let listeners = self
            .listeners
            .into_iter()
            .map(|l| Descriptor::Listener(ListenerDescriptor { listener: l, nonblock: false }));
        for descriptor in streams.into_iter().chain(dirs).chain(listeners) {
            descriptors.insert(descriptor).map_err(|_| GrantError::TooMany)?;
        }
        Ok(WasiCtx {
            env: self.env,
            clocks: self.clocks,
            random: self.random.unwrap_or_else(|| Box::new(OsRandom)),
            stdio: self.stdio,
            descriptors,
            limits: self.limits,
            waits: Waits::default(),
        })
    }
}
