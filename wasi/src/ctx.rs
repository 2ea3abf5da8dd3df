//! Granting: [`WasiCtxBuilder`] collects what a guest may reach, [`WasiCtx`] is the result.
//!
//! WASI 0.1 keeps its descriptors in the context, WASI 0.2 its resources; each puts there what was granted when it is asked
//! for: directories, streams, the network.

use core::fmt;
use std::collections::BTreeMap;
use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use whit_component::ResourceTable;

use crate::host::clocks::{Clocks, MonotonicClock, TimeZone, Timestamp, WallClock};
use crate::host::config::Configuration;
use crate::host::env::{EnvError, Environment};
use crate::host::fs::{Access, Dir, MetadataKey};
use crate::host::http::{self, Client, FieldLimits, Transport};
use crate::host::keyvalue::Bucket;
use crate::host::net::{Listener, NetGrants, NetRule, NetRuleError, Network, Resolve, SystemResolver};
use crate::host::random::{Random, RandomSource, SeededRandom};
use crate::host::stdio::{self, Stdio};
use crate::host::stream::{InputStream, OutputStream, SharedInput, SharedOutput};
use crate::host::wait::{Wait, Waiting, Waits};
use crate::host::{Denial, Denials, HostError, Quota};
use crate::p1::{Descriptor, Descriptors, DirDescriptor, ListenerDescriptor};

/// Bounds on what a guest can make the host hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The number of descriptors open at a time (command line: `-S max-descriptors=N`).
    pub max_descriptors: u32,
    /// The number of sockets open at a time.
    pub max_sockets: u32,
    /// The resources of WASI 0.2 that a guest has at a time: streams, pollables, descriptors and all others.
    pub max_resources: u32,
    /// The fields of one HTTP message.
    pub fields: FieldLimits,
    /// The outgoing HTTP requests of which something is still to come.
    pub max_requests: u32,
    /// The HTTP fields that a guest has made and still holds, in messages too; each may be as large as `fields` says.
    pub max_field_sets: u32,
    /// The bodies of outgoing HTTP messages of which something may wait to be sent.
    pub max_bodies: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_descriptors: 1024,
            max_sockets: 256,
            max_resources: 1 << 16,
            fields: FieldLimits::default(),
            max_requests: 128,
            max_field_sets: 1024,
            max_bodies: 256,
        }
    }
}

/// What one guest may reach of the host, and what it holds of that.
///
/// Independent of any engine and of any thread: a guest that waits can be moved with its context.
pub struct WasiCtx {
    pub(crate) env: Environment,
    pub(crate) clocks: Clocks,
    pub(crate) random: Random,
    pub(crate) configuration: Configuration,
    pub(crate) buckets: BTreeMap<String, Bucket>,
    pub(crate) stdio: Stdio,
    pub(crate) descriptors: Descriptors,
    pub(crate) limits: Limits,
    pub(crate) waits: Waits,
    pub(crate) table: ResourceTable,
    pub(crate) client: Client,
    pub(crate) field_sets: Quota,
    pub(crate) bodies: Quota,
    preopens: Vec<(String, Dir)>,
    descriptor_quota: Quota,
    network: Network,
    denials: Denials,
    metadata_key: Option<MetadataKey>,
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

    /// A future that is ready when `wait` is over. The thread that wakes it is the one that wakes suspended calls with this context.
    pub fn until(&self, wait: Wait) -> Waiting {
        self.waits.until(wait)
    }

    /// The wait for standard output and error to take what the guest wrote, or `None` if they did: for whoever ends the
    /// process with the guest.
    pub fn unwritten(&self) -> Option<Wait> {
        let mut unwritten =
            [&self.stdio.stdout, &self.stdio.stderr].into_iter().filter_map(|output| output.unwritten());
        let mut wait = unwritten.next()?;
        unwritten.for_each(|other| wait.join(&other));
        Some(wait)
    }

    /// What components hold of the host: the table of the resources of WASI 0.2. Interfaces of an embedder may keep theirs there as well,
    /// and pass on those that are here.
    pub fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }

    /// Remembers what was denied.
    pub(crate) fn deny(&self, denial: Denial) {
        self.denials.record(denial);
    }

    /// What the guest tried without a grant: the first few different attempts.
    pub fn denials(&self) -> Vec<Denial> {
        self.denials.list()
    }

    /// Arguments, environment variables, and where the guest begins.
    pub fn environment(&self) -> &Environment {
        &self.env
    }

    /// The clocks and the time zone.
    pub fn clocks(&self) -> &Clocks {
        &self.clocks
    }

    /// Randomness.
    pub fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// The standard streams; clone them to hand them out.
    pub fn stdio(&self) -> &Stdio {
        &self.stdio
    }

    /// The granted directories with the guest's names for them.
    pub fn preopens(&self) -> &[(String, Dir)] {
        &self.preopens
    }

    /// The network, as far as it is granted.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Room for files and directories that a guest opens, beside those of WASI 0.1.
    pub fn descriptor_quota(&self) -> &Quota {
        &self.descriptor_quota
    }

    /// The bounds.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What this context's metadata hashes depend on besides the files.
    pub fn metadata_key(&mut self) -> Result<MetadataKey, HostError> {
        if let Some(key) = self.metadata_key {
            return Ok(key);
        }
        let key = MetadataKey([self.random.number()?, self.random.number()?]);
        Ok(*self.metadata_key.insert(key))
    }
}

impl Default for WasiCtx {
    /// A context without any grant.
    fn default() -> Self {
        let mut descriptors = Descriptors::new(Limits::default().max_descriptors, false);
        for stream in [Descriptor::Stdin, Descriptor::Stdout, Descriptor::Stderr] {
            // Three are far below the default limit; without memory for them the guest starts with fewer streams.
            let _ = descriptors.insert(stream);
        }
        WasiCtxBuilder::default().with_descriptors(descriptors)
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
    /// A rule for the network that fits nowhere.
    Net(NetRuleError),
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
            GrantError::Net(error) => error.fmt(f),
            GrantError::TooMany => f.write_str("more grants than descriptors"),
        }
    }
}

impl core::error::Error for GrantError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            GrantError::Environment(error) => Some(error),
            GrantError::Net(error) => Some(error),
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

impl From<NetRuleError> for GrantError {
    fn from(error: NetRuleError) -> Self {
        GrantError::Net(error)
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
/// builder.allow_net("api.example.com:443".parse()?)?.allow_net("10.0.0.0/8:5432".parse()?)?;
/// let ctx = builder.build()?;
/// # drop(ctx);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct WasiCtxBuilder {
    env: Environment,
    clocks: Clocks,
    clock_step: Option<u64>,
    random: Random,
    configuration: Configuration,
    buckets: BTreeMap<String, Bucket>,
    stdio: Stdio,
    dirs: Vec<(String, Dir)>,
    listeners: Vec<Listener>,
    network: NetGrants,
    resolver: Option<Arc<dyn Resolve>>,
    transport: Option<Arc<dyn Transport>>,
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

    /// Tells the guest what `.` is at the beginning. This grants nothing.
    pub fn initial_cwd(&mut self, path: &str) -> Result<&mut Self, GrantError> {
        self.env.set_initial_cwd(path)?;
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

    /// Grants connecting, and sending datagrams, to some hosts and ports (`--allow-net HOST:PORT` in denials). A host name
    /// grants its lookup, and then the addresses it leads to, except into this machine.
    pub fn allow_net(&mut self, rule: NetRule) -> Result<&mut Self, GrantError> {
        self.network.allow_connect(rule)?;
        Ok(self)
    }

    /// Grants binding, listening and receiving at some addresses and ports (`--allow-bind ADDRESS:PORT`).
    pub fn allow_bind(&mut self, rule: NetRule) -> Result<&mut Self, GrantError> {
        self.network.allow_bind(rule)?;
        Ok(self)
    }

    /// Grants looking up any name (`--allow-dns`). What it leads to is not granted by it.
    pub fn allow_dns(&mut self) -> &mut Self {
        self.network.allow_lookup();
        self
    }

    /// Grants the whole network of the host (`-S inherit-network`).
    pub fn inherit_network(&mut self) -> &mut Self {
        self.network.allow_everything();
        self
    }

    /// Whether what is granted of the network is so for TCP (`-S tcp=no`). It is by default.
    pub fn tcp(&mut self, allowed: bool) -> &mut Self {
        self.network.tcp(allowed);
        self
    }

    /// Whether what is granted of the network is so for UDP (`-S udp=no`). It is by default.
    pub fn udp(&mut self, allowed: bool) -> &mut Self {
        self.network.udp(allowed);
        self
    }

    /// Replaces the way names are looked up.
    pub fn resolver(&mut self, resolver: impl Resolve + 'static) -> &mut Self {
        self.resolver = Some(Arc::new(resolver));
        self
    }

    /// Replaces the way HTTP requests are sent, or gives one where there is none: without the feature `http` no request is.
    pub fn transport(&mut self, transport: Arc<dyn Transport>) -> &mut Self {
        self.transport = Some(transport);
        self
    }

    /// Tells the guest a time zone other than UTC.
    pub fn time_zone(&mut self, zone: impl TimeZone + 'static) -> &mut Self {
        self.clocks.zone = Box::new(zone);
        self
    }

    /// Lets both clocks move in steps of so many nanoseconds.
    pub fn clock_step(&mut self, nanoseconds: u64) -> &mut Self {
        self.clock_step = Some(nanoseconds);
        self
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

    /// Gives the guest a value to read by a name (`wasi:config`). The last one given for a name counts.
    pub fn config_var(&mut self, name: &str, value: &str) -> &mut Self {
        self.configuration.set(name, value);
        self
    }

    /// Lets the guest open a bucket by this name (`wasi:keyvalue`). The last one given for a name counts.
    pub fn bucket(&mut self, name: &str, bucket: &Bucket) -> &mut Self {
        self.buckets.insert(name.to_owned(), bucket.clone());
        self
    }

    /// Replaces the source of randomness.
    pub fn random(&mut self, source: impl RandomSource + 'static) -> &mut Self {
        self.random = Random::new(source);
        self
    }

    /// Makes runs repeat: virtual clocks that start at `start` and skip over sleeps, and randomness from `seed`.
    pub fn deterministic(&mut self, start: Timestamp, seed: u64) -> &mut Self {
        let Clocks { wall, monotonic, .. } = Clocks::deterministic(start);
        (self.clocks.wall, self.clocks.monotonic) = (wall, monotonic);
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

    /// The number of sockets open at a time.
    pub fn max_sockets(&mut self, count: u32) -> &mut Self {
        self.limits.max_sockets = count;
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
        let dirs = self.dirs.iter().cloned();
        let dirs = dirs.map(|(guest, dir)| Descriptor::Dir(DirDescriptor { dir, preopen: Some(guest), listing: None }));
        let listeners = self.listeners.iter().cloned();
        let listeners =
            listeners.map(|listener| Descriptor::Listener(ListenerDescriptor { listener, nonblock: false }));
        for descriptor in streams.into_iter().chain(dirs).chain(listeners) {
            descriptors.insert(descriptor).map_err(|_| GrantError::TooMany)?;
        }
        Ok(self.with_descriptors(descriptors))
    }

    fn with_descriptors(self, descriptors: Descriptors) -> WasiCtx {
        let denials = Denials::default();
        let resolver = self.resolver.unwrap_or_else(|| Arc::new(SystemResolver));
        let sockets = Quota::new(self.limits.max_sockets);
        let transport = self.transport.or_else(http::transport);
        let mut table = ResourceTable::new();
        table.set_limit(self.limits.max_resources as usize);
        WasiCtx {
            env: self.env,
            clocks: match self.clock_step {
                Some(step) => self.clocks.in_steps_of(step),
                None => self.clocks,
            },
            random: self.random,
            configuration: self.configuration,
            buckets: self.buckets,
            stdio: self.stdio,
            descriptors,
            limits: self.limits,
            waits: Waits::default(),
            table,
            client: Client::new(transport, Quota::new(self.limits.max_requests), self.limits.fields),
            field_sets: Quota::new(self.limits.max_field_sets),
            bodies: Quota::new(self.limits.max_bodies),
            preopens: self.dirs,
            descriptor_quota: Quota::new(self.limits.max_descriptors),
            network: Network::with_resolver(self.network, sockets, denials.clone(), resolver),
            denials,
            metadata_key: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::net::{Family, Protocol, SocketError};
    use crate::host::stream::{Failure, MemoryPipe, Output};

    #[test]
    fn a_context_without_grants_reaches_nothing() {
        for mut ctx in [WasiCtx::default(), WasiCtx::builder().build().unwrap()] {
            let address = "127.0.0.1:80".parse().unwrap();
            assert!(ctx.environment().args().is_empty() && ctx.environment().vars().is_empty());
            assert_eq!(ctx.environment().initial_cwd(), None);
            assert!(ctx.preopens().is_empty());
            assert!(ctx.network().lookup("localhost").is_err());
            for protocol in [Protocol::Tcp, Protocol::Udp] {
                assert!(ctx.network().check_connect(protocol, address).is_err());
                assert!(ctx.network().check_bind(protocol, address).is_err());
            }
            assert_eq!(ctx.clocks().zone.display(Timestamp::default()).name, "UTC");
            let flags: Vec<_> = ctx.denials().iter().map(Denial::flag).collect();
            assert_eq!(flags, ["--allow-dns", "--allow-net 127.0.0.1:80", "--allow-bind 127.0.0.1:80"]);
            assert_ne!(ctx.metadata_key().unwrap().0, WasiCtx::default().metadata_key().unwrap().0);
            assert_eq!(ctx.metadata_key().unwrap().0, ctx.metadata_key().unwrap().0);
        }
    }

    #[test]
    fn each_grant_grants_what_it_says() {
        let mut builder = WasiCtx::builder();
        builder.allow_net("127.0.0.1:80".parse().unwrap()).unwrap().max_sockets(1).udp(false).clock_step(1 << 20);
        builder.allow_bind("127.0.0.1:0".parse().unwrap()).unwrap().initial_cwd("/work").unwrap();
        assert!(matches!(builder.allow_net("0.0.0.0:80".parse().unwrap()), Err(GrantError::Net(_))));
        assert!(matches!(builder.initial_cwd("\0"), Err(GrantError::Environment(_))));
        let ctx = builder.build().unwrap();
        let network = ctx.network();
        let address = |text: &str| text.parse().unwrap();
        assert_eq!(network.check_connect(Protocol::Tcp, address("127.0.0.1:80")), Ok(()));
        assert_eq!(network.check_bind(Protocol::Tcp, address("127.0.0.1:0")), Ok(()));
        assert_eq!(
            network.check_connect(Protocol::Udp, address("127.0.0.1:80")),
            Err(SocketError::Denied(Denial::Udp))
        );
        assert!(network.check_connect(Protocol::Tcp, address("127.0.0.1:81")).is_err());
        let _socket = network.tcp_socket(Family::V4).unwrap();
        assert_eq!(network.tcp_socket(Family::V4).unwrap_err(), SocketError::NewSocketLimit);
        assert_eq!(ctx.environment().initial_cwd(), Some("/work"));
        assert_eq!(ctx.clocks().monotonic.now() % (1 << 20), 0);
        assert!(ctx.network().lookup("example.com").is_err());

        let mut builder = WasiCtx::builder();
        builder.inherit_network();
        let ctx = builder.build().unwrap();
        assert_eq!(ctx.network().check_bind(Protocol::Udp, address("0.0.0.0:53")), Ok(()));
        assert_eq!(ctx.network().check_connect(Protocol::Tcp, address("169.254.169.254:80")), Ok(()));
    }

    #[test]
    fn the_last_output_of_a_guest_can_be_waited_for() {
        let pipe = MemoryPipe::new(1);
        let mut builder = WasiCtx::builder();
        builder.stdout(pipe.clone());
        let ctx = builder.build().unwrap();
        assert!(ctx.unwritten().is_none());
        let mut output = Output::shared(ctx.stdio().stdout.clone(), Failure::Other);
        output.check_write().unwrap();
        output.write(b"ab").unwrap();
        drop(output);
        let wait = ctx.unwritten().unwrap();
        assert!(!wait.is_over());
        pipe.pull(&mut [0]);
        assert!(wait.is_over());
        assert_eq!(pipe.contents(), b"b");
        assert!(ctx.unwritten().is_none());
    }
}
