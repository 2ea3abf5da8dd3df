//! `whit serve`: a component of the world `wasi:http/proxy` → a server that answers requests with it.
//!
//! ```text
//! accept ──a thread a connection──▶ request ──queue──▶ one of --max-requests workers ──a fresh store and instance──▶ response
//! ```
//!
//! Each request has an instance of its own, so that nothing of one request is seen by another, and a trap ends one request. The compiled component is
//! shared. Assumes that clients and component are hostile. Promises that every request ends, at the latest at its time limit, and that what runs when the
//! server is asked to end is finished.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use whit_component::{Component, InstancePre, Linker, Resource};
use whit_core::{CompilationMode, Engine, Error};
use whit_wasi::host::Denial;
use whit_wasi::host::http::wire::server::{self, ServerLimits, Shutdown};
use whit_wasi::host::http::{FieldLimits, IncomingRequest, ResponseOutparam};
use whit_wasi::host::net::Listener;
use whit_wasi::host::stream::SharedOutput;
use whit_wasi::host::wait::Wait;
use whit_wasi::{Exit, WasiCtx};

use crate::args::{Granted, Serve};
use crate::engine::engine;
use crate::executor::block_on;
use crate::grants;
use crate::load::{is_component, load, shown};
use crate::report::{self, Failure};
use crate::run::{self, Host};
use crate::terminal::printable;

/// The interface that makes a component a handler.
const HANDLER: &str = "wasi:http/incoming-handler@0.2.12";

/// How long a request may take where `-W timeout` does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// How much longer than its request's limit a connection may take to end when the server does: for clients to receive what is left.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until a signal ends it.
pub fn run(asked: &Serve) -> Result<ExitCode, Failure> {
    let mut granted = grants::provide(&asked.grants, &asked.wasm)?;
    let timeout = *granted.wasm.timeout.get_or_insert(DEFAULT_TIMEOUT);
    if !granted.system.listen.is_empty() {
        return Err(Failure::new(
            "--listen is for programs that accept connections themselves; --addr says where the server listens",
        ));
    }
    let (listener, address) = listen(&asked.addr)?;
    let site = Arc::new(Site::new(asked, granted)?);
    eprintln!("Serving HTTP on http://{address}/");
    let shutdown = Shutdown::default();
    end_on_signals(&shutdown)?;

    let mut limits = ServerLimits::default();
    limits.fields = FieldLimits { max_bytes: saturated(asked.max_headers), ..FieldLimits::default() };
    limits.max_body = Some(asked.max_body);
    let workers = Workers::new(asked.max_requests.get(), site);
    let connections = Arc::new(Places::new(asked.max_connections.get()));
    loop {
        let stream = match server::accept(&listener, &shutdown) {
            Ok(Some(stream)) => stream,
            Ok(None) => break,
            Err(error) => {
                // It may be one connection's, or the system has no room for more; both pass.
                eprintln!("warning: a connection cannot be accepted: {}", report::said(&error));
                thread::sleep(Duration::from_millis(100));
                continue;
            }
        };
        let place = connections.take();
        let (workers, shutdown) = (workers.clone(), shutdown.clone());
        let serve = move || {
            server::serve(stream, &limits, &shutdown, &|request, outparam| workers.answer(request, outparam));
            drop(place);
        };
        if thread::Builder::new().name("whit-connection".into()).spawn(serve).is_err() {
            eprintln!("warning: a connection is dropped: the system has no room for its thread");
        }
    }
    // From here on the system refuses connections.
    drop(listener);
    if !connections.wait_for_none(timeout + GRACE) {
        eprintln!("warning: the server ends before all connections have");
    }
    Ok(ExitCode::SUCCESS)
}

fn saturated(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Listens there, and tells where that is.
fn listen(address: &str) -> Result<(Listener, SocketAddr), Failure> {
    let failed = |why: String| Failure::new(format!("--addr {}: cannot listen there: {why}", printable(address)));
    let listener = TcpListener::bind(address).map_err(|error| failed(report::said(&error)))?;
    let bound = listener.local_addr().map_err(|error| failed(report::said(&error)))?;
    let listener = Listener::new(listener).map_err(|error| failed(report::said(&error)))?;
    Ok((listener, bound))
}

/// What all requests share: the component with all that it imports, and what it is granted.
struct Site {
    engine: Engine,
    component: InstancePre<Host>,
    granted: Granted,
    stdout: SharedOutput,
    stderr: SharedOutput,
    /// What was denied and told of: once for all requests.
    denials: Mutex<Vec<Denial>>,
}

/// How many different denials are told of.
const MAX_DENIALS: usize = 64;

impl Site {
    fn new(asked: &Serve, granted: Granted) -> Result<Self, Failure> {
        let settings = granted.wasm;
        let engine = engine(&settings, CompilationMode::Lazy, false)?;
        let name = shown(&asked.file);
        let bytes = load(&asked.file)?;
        if !is_component(&bytes) {
            return Err(Failure::new(format!(
                "{} is a core module, and only a component can be served",
                printable(&name)
            )));
        }
        let component = Component::new(&engine, bytes).map_err(|error| report::refused(&name, &error))?;
        is_handler(&component)?;
        let ended = |error: Error| report::ended(&error, &settings);
        let mut linker = Linker::new(&engine);
        whit_wasi::add_to_linker_p2(&mut linker, |host: &mut Host| &mut host.wasi).map_err(ended)?;
        if settings.unknown_imports_trap {
            linker.define_unknown_imports_as_traps(&component).map_err(ended)?;
        }
        let component = linker.instantiate_pre(&component).map_err(ended)?;
        grants::warn(&granted);
        let (stdout, stderr) = grants::outputs(asked.terminal);
        let (stdout, stderr) = (SharedOutput::new(stdout), SharedOutput::new(stderr));
        let site = Site { engine, component, granted, stdout, stderr, denials: Mutex::default() };
        // What cannot be granted is found out now and not by the first client.
        site.context()?;
        Ok(site)
    }

    /// A context for one request. Its standard input is at its end.
    fn context(&self) -> Result<WasiCtx, Failure> {
        let mut builder = WasiCtx::builder();
        grants::grant(&mut builder, &self.granted)?;
        builder.stdout(self.stdout.clone()).stderr(self.stderr.clone());
        builder.build().map_err(grants::refused)
    }

    /// Answers one request; says on standard error what went wrong.
    fn answer(&self, request: IncomingRequest, outparam: ResponseOutparam) {
        let asked = format!("{} {}", request.method, request.path_with_query.as_deref().unwrap_or_default());
        if let Err(failure) = self.call(request, outparam) {
            eprintln!("error: {}: {}", printable(&asked), failure.message);
        }
    }

    fn call(&self, request: IncomingRequest, outparam: ResponseOutparam) -> Result<(), Failure> {
        let mut store = run::store(&self.engine, self.context()?, &self.granted.wasm)?;
        let outcome = (|| {
            if let Some(fuel) = self.granted.wasm.fuel {
                store.set_fuel(fuel)?;
            }
            store.set_timeout(self.granted.wasm.timeout)?;
            let instance = self.component.instantiate(&mut store)?;
            let handle = instance.get_func(&mut store, &[HANDLER, "handle"]);
            let handle = handle.ok_or_else(|| Error::msg("the component exports no `handle`"))?;
            let handle = handle.typed::<(Resource<IncomingRequest>, Resource<ResponseOutparam>), ()>(&mut store)?;
            let is_set = outparam.is_set();
            let left = store.data().wasi.until(Wait::for_source(outparam.abandoned()));
            let table = store.data_mut().wasi.table();
            let (request, outparam) = (table.push(request)?, table.push(outparam)?);
            block_on(unless_left(handle.call_async(&mut store, (request, outparam)), left, &is_set))?;
            match is_set.load(Ordering::Relaxed) {
                true => Ok(()),
                false => Err(Error::msg("the component gave no response")),
            }
        })();
        self.tell(store.data().wasi.denials());
        if let Some(wait) = store.data().wasi.unwritten() {
            wait.block(self.granted.wasm.timeout.and_then(|limit| Instant::now().checked_add(limit)));
        }
        match outcome {
            Err(error) if error.downcast_ref::<Exit>() == Some(&Exit(0)) => Ok(()),
            outcome => outcome.map_err(|error| report::ended(&error, &self.granted.wasm)),
        }
    }

    /// Says what was denied, each thing once.
    fn tell(&self, denials: Vec<Denial>) {
        let mut told = lock(&self.denials);
        for denial in denials {
            if told.len() < MAX_DENIALS && !told.contains(&denial) {
                eprintln!("note: {}", printable(&denial.to_string()));
                told.push(denial);
            }
        }
    }
}

/// The outcome of a call, unless the client leaves before there is a response: then the call is given up where it waits. (One that computes has its limits,
/// and one that writes a body learns of it.)
async fn unless_left(
    call: impl Future<Output = Result<(), Error>>,
    left: impl Future<Output = ()>,
    is_set: &AtomicBool,
) -> Result<(), Error> {
    let (mut call, mut left) = (pin!(call), pin!(left));
    poll_fn(|context| {
        if let Poll::Ready(outcome) = call.as_mut().poll(context) {
            return Poll::Ready(outcome);
        }
        // Nobody waits either for a response that has been fetched.
        if is_set.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        left.as_mut().poll(context).map(|()| Err(Error::msg("the client has left; its request is given up")))
    })
    .await
}

fn is_handler(component: &Component) -> Result<(), Failure> {
    let exports = |interface: &str| component.exports().any(|export| export.name().starts_with(interface));
    if exports("wasi:http/incoming-handler@0.2") {
        return Ok(());
    }
    let why = if exports("wasi:http/handler@") || exports("wasi:http/incoming-handler@") {
        "it is one of another version of WASI"
    } else if exports("wasi:cli/run@") {
        "it is a command: `whit run FILE` runs it"
    } else {
        "`whit inspect FILE` shows what it exports"
    };
    Err(Failure::new(format!(
        "the component is no handler of HTTP, which would export `wasi:http/incoming-handler` of WASI 0.2: {why}"
    )))
}

/// The threads that answer, started as they are needed. Clones are the same.
#[derive(Clone)]
struct Workers {
    shared: Arc<SharedWorkers>,
}

struct SharedWorkers {
    site: Arc<Site>,
    max: usize,
    queue: Mutex<Queue>,
    added: Condvar,
}

#[derive(Default)]
struct Queue {
    /// One for each connection at most, which bounds it.
    waiting: VecDeque<(IncomingRequest, ResponseOutparam)>,
    threads: usize,
    idle: usize,
}

impl Workers {
    fn new(max: usize, site: Arc<Site>) -> Self {
        Self { shared: Arc::new(SharedWorkers { site, max, queue: Mutex::default(), added: Condvar::new() }) }
    }

    /// Answers a request as soon as there is a thread for it.
    fn answer(&self, request: IncomingRequest, outparam: ResponseOutparam) {
        let mut queue = lock(&self.shared.queue);
        queue.waiting.push_back((request, outparam));
        if queue.waiting.len() > queue.idle && queue.threads < self.shared.max {
            let shared = self.shared.clone();
            match thread::Builder::new().name("whit-request".into()).spawn(move || shared.work()) {
                Ok(_) => queue.threads += 1,
                // With other threads there it is only later; without any, the response that is dropped is an error.
                Err(_) if queue.threads > 0 => {}
                Err(_) => queue.waiting.clear(),
            }
        }
        self.shared.added.notify_one();
    }
}

impl SharedWorkers {
    fn work(&self) {
        loop {
            let mut queue = lock(&self.queue);
            let (request, outparam) = loop {
                if let Some(next) = queue.waiting.pop_front() {
                    break next;
                }
                queue.idle += 1;
                queue = self.added.wait(queue).unwrap_or_else(PoisonError::into_inner);
                queue.idle -= 1;
            };
            drop(queue);
            self.site.answer(request, outparam);
        }
    }
}

/// A bound on how many of something there are.
struct Places {
    max: usize,
    taken: Mutex<usize>,
    freed: Condvar,
}

/// One of the places.
struct Place(Arc<Places>);

impl Places {
    fn new(max: usize) -> Self {
        Self { max, taken: Mutex::default(), freed: Condvar::new() }
    }

    /// A place, as soon as there is one.
    fn take(self: &Arc<Self>) -> Place {
        let mut taken = lock(&self.taken);
        while *taken >= self.max {
            taken = self.freed.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        *taken += 1;
        Place(self.clone())
    }

    /// Waits until no place is taken; false if that takes longer than `limit`.
    fn wait_for_none(&self, limit: Duration) -> bool {
        let taken = lock(&self.taken);
        let (taken, _) =
            self.freed.wait_timeout_while(taken, limit, |taken| *taken > 0).unwrap_or_else(PoisonError::into_inner);
        *taken == 0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *lock(&self.0.taken) -= 1;
        self.0.freed.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets the signals that ask a program to end ask the server; a second one ends the process at once.
fn end_on_signals(shutdown: &Shutdown) -> Result<(), Failure> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    /// How often it is looked whether a signal came.
    const LOOK: Duration = Duration::from_millis(50);

    let came = Arc::new(AtomicBool::new(false));
    let failed = |error: std::io::Error| Failure::new(format!("signals cannot be received: {}", report::said(&error)));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 1, came.clone()).map_err(failed)?;
        signal_hook::flag::register(signal, came.clone()).map_err(failed)?;
    }
    let shutdown = shutdown.clone();
    let watch = move || {
        while !came.load(Ordering::Relaxed) {
            thread::sleep(LOOK);
        }
        eprintln!("ending: requests that run are finished; a second signal ends at once");
        shutdown.ask();
    };
    thread::Builder::new().name("whit-signals".into()).spawn(watch).map(drop).map_err(failed)
}
