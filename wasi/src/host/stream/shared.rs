//! One stream for several holders: a standard stream that is handed out anew at each request, a socket's two halves.
//!
//! What a guest wrote and the stream did not take yet is kept here, once for all holders, so that their writes stay in
//! order. It goes out whenever anybody writes, asks for room, or waits for it. [`MAX_PENDING`] bounds it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::super::HostError;
use super::super::wait::{Signal, Source, Wait, Waited, lock};
use super::{BUDGET, InputStream, OutputStream};

#[cfg(unix)]
use super::super::wait::Interest;
#[cfg(unix)]
use std::os::fd::BorrowedFd;

/// An input with several readers. Clones are the same stream.
#[derive(Clone)]
pub struct SharedInput {
    stream: Arc<Mutex<Box<dyn InputStream>>>,
}

impl SharedInput {
    /// Shares `stream`.
    pub fn new(stream: impl InputStream + 'static) -> Self {
        SharedInput { stream: Arc::new(Mutex::new(Box::new(stream))) }
    }
}

impl InputStream for SharedInput {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HostError> {
        lock(&self.stream).read(buffer)
    }

    fn source(&self) -> Arc<dyn Source> {
        lock(&self.stream).source()
    }

    fn is_terminal(&self) -> bool {
        lock(&self.stream).is_terminal()
    }
}

/// An output with several writers. Clones are the same stream.
#[derive(Clone)]
pub struct SharedOutput {
    core: Arc<Mutex<Core>>,
}

/// The most bytes that wait for one stream. Each holder may have been permitted [`BUDGET`] bytes before another's write used
/// the room; this many holders can use their permission so.
const MAX_PENDING: usize = 16 * BUDGET;

/// How long a closed stream's last bytes are waited for before it is closed without them.
const LINGER: Duration = Duration::from_secs(30);

pub(super) struct Core {
    stream: Box<dyn OutputStream>,
    pending: VecDeque<u8>,
    /// What went wrong while nobody was there to be told.
    failed: Option<HostError>,
    closing: Closing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Closing {
    Open,
    /// Nothing more is accepted; the stream is closed once it took what is pending.
    Asked,
    Done,
}

impl Core {
    /// Moves pending bytes on; true if none are left. After a failure they are given up.
    pub(super) fn drain(&mut self) -> Result<bool, HostError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        while !self.pending.is_empty() {
            let bytes = self.pending.as_slices().0;
            match self.stream.write(bytes) {
                // A custom stream that takes nothing would be asked for ever.
                Err(HostError::WouldBlock) | Ok(0) => return Ok(false),
                Ok(size) => {
                    let size = size.min(bytes.len());
                    self.pending.drain(..size);
                }
                Err(error) => {
                    self.pending = VecDeque::new();
                    return Err(error);
                }
            }
        }
        self.finish()?;
        Ok(true)
    }

    /// Writes all of `bytes`, or keeps what the stream does not take.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), HostError> {
        let mut rest = bytes;
        if self.drain()? {
            while !rest.is_empty() {
                match self.stream.write(rest) {
                    Err(HostError::WouldBlock) | Ok(0) => break,
                    Ok(size) => rest = &rest[size.min(rest.len())..],
                    Err(error) => return Err(error),
                }
            }
        }
        if rest.len() > MAX_PENDING - self.pending.len() || self.pending.try_reserve(rest.len()).is_err() {
            return Err(HostError::OutOfMemory);
        }
        self.pending.extend(rest);
        Ok(())
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closing != Closing::Open
    }

    /// Closes the stream if that was asked for.
    fn finish(&mut self) -> Result<(), HostError> {
        if self.closing != Closing::Asked {
            return Ok(());
        }
        self.closing = Closing::Done;
        self.stream.close()
    }
}

impl Drop for Core {
    /// The last chance of bytes that nobody waited for.
    fn drop(&mut self) {
        let _ = self.drain();
    }
}

impl SharedOutput {
    /// Shares `stream`.
    pub fn new(stream: impl OutputStream + 'static) -> Self {
        let core = Core { stream: Box::new(stream), pending: VecDeque::new(), failed: None, closing: Closing::Open };
        SharedOutput { core: Arc::new(Mutex::new(core)) }
    }

    /// Accepts nothing more, and closes the stream as soon as it took what was written so far. If that takes time, a
    /// helper thread sees to it, and gives up after 30 seconds.
    pub fn close(&self) -> Result<(), HostError> {
        let mut core = lock(&self.core);
        if core.is_closed() {
            return Ok(());
        }
        core.closing = Closing::Asked;
        if core.drain()? {
            return Ok(());
        }
        drop(core);
        let output = self.clone();
        let wait_and_finish = move || {
            let end = Instant::now().checked_add(LINGER);
            while let Some(wait) = output.unwritten() {
                // Whoever took some bytes notifies, and others may be left.
                if wait.block(end) == Waited::Limit {
                    break;
                }
            }
            let _ = lock(&output.core).finish();
        };
        match std::thread::Builder::new().name("whit-drain".into()).spawn(wait_and_finish) {
            Ok(_) => Ok(()),
            Err(_) => lock(&self.core).finish(),
        }
    }

    /// The wait for the stream to take what was written, or `None` if it did.
    pub fn unwritten(&self) -> Option<Wait> {
        let drained = lock(&self.core).drain();
        (drained == Ok(false)).then(|| Wait::for_source(self.drained()))
    }

    /// The bytes that were written and not taken yet.
    pub(in super::super) fn pending(&self) -> usize {
        lock(&self.core).pending.len()
    }

    /// When nothing is pending, or the stream failed.
    pub(super) fn drained(&self) -> Arc<dyn Source> {
        let stream = lock(&self.core).stream.source();
        Arc::new(OutputSource { core: self.core.clone(), stream, for_direct_write: false })
    }

    pub(super) fn with_core<R>(&self, body: impl FnOnce(&mut Core) -> R) -> R {
        body(&mut lock(&self.core))
    }
}

/// Writing past the pending bytes' queue, as WASI 0.1 does: what is pending goes first.
impl OutputStream for SharedOutput {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, HostError> {
        let mut core = lock(&self.core);
        if core.is_closed() {
            return Err(HostError::Pipe);
        }
        if core.drain()? { core.stream.write(bytes) } else { Err(HostError::WouldBlock) }
    }

    fn source(&self) -> Arc<dyn Source> {
        let stream = lock(&self.core).stream.source();
        Arc::new(OutputSource { core: self.core.clone(), stream, for_direct_write: true })
    }

    fn close(&mut self) -> Result<(), HostError> {
        SharedOutput::close(self)
    }

    fn is_terminal(&self) -> bool {
        lock(&self.core).stream.is_terminal()
    }
}

/// Moves pending bytes on each time it is asked.
struct OutputSource {
    core: Arc<Mutex<Core>>,
    stream: Arc<dyn Source>,
    /// Whether the stream itself must have room, and not only the queue before it.
    for_direct_write: bool,
}

impl Source for OutputSource {
    fn is_ready(&self) -> bool {
        let mut core = lock(&self.core);
        match core.drain() {
            Ok(drained) => drained && (!self.for_direct_write || core.is_closed() || self.stream.is_ready()),
            Err(error) => {
                core.failed = Some(error);
                true
            }
        }
    }

    fn subscribe(&self, signal: &Signal) -> bool {
        self.stream.subscribe(signal)
    }

    #[cfg(unix)]
    fn os_handle(&self) -> Option<(BorrowedFd<'_>, Interest)> {
        self.stream.os_handle()
    }
}
