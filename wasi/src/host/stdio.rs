//! Standard streams: none, or the host's own.
//!
//! The host's own never block on Unix, because `poll` is asked first; elsewhere standard input is read by a helper
//! thread, on demand, so that nothing is taken from the terminal that the guest did not ask for.

use std::collections::VecDeque;
use std::io::{self, IsTerminal, Read};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::HostError;
use super::stream::{InputStream, Null, OutputStream, SharedInput, SharedOutput};
use super::wait::{Signal, Source, Subscribers, lock};

#[cfg(not(unix))]
use super::wait::Ready;
#[cfg(unix)]
use super::wait::{Interest, is_fd_ready};

/// The three standard streams.
pub struct Stdio {
    /// Standard input.
    pub stdin: SharedInput,
    /// Standard output.
    pub stdout: SharedOutput,
    /// Standard error.
    pub stderr: SharedOutput,
}

impl Default for Stdio {
    fn default() -> Self {
        Stdio { stdin: SharedInput::new(Null), stdout: SharedOutput::new(Null), stderr: SharedOutput::new(Null) }
    }
}

/// Any blocking reader as an input: a helper thread reads it, one block each time the guest finds nothing left.
///
/// The thread starts at the first use. Dropping the stream ends it, or leaves it to end when its reader returns.
pub struct ThreadedInput {
    shared: Arc<Shared>,
    /// Taken by the helper thread when it starts.
    reader: Mutex<Option<Box<dyn Read + Send>>>,
    is_terminal: bool,
}

struct Shared {
    state: Mutex<ReadState>,
    requested: Condvar,
}

#[derive(Default)]
struct ReadState {
    data: VecDeque<u8>,
    is_requested: bool,
    is_dropped: bool,
    end: Option<Result<(), HostError>>,
    subscribers: Subscribers,
}

impl ReadState {
    fn is_ready(&self) -> bool {
        !self.data.is_empty() || self.end.is_some()
    }
}

/// How much a helper thread reads at a time.
const BLOCK: usize = 8192;

impl ThreadedInput {
    /// Reads `reader` on a thread of its own.
    pub fn new(reader: impl Read + Send + 'static) -> Self {
        let shared = Shared { state: Mutex::new(ReadState::default()), requested: Condvar::new() };
        ThreadedInput { shared: Arc::new(shared), reader: Mutex::new(Some(Box::new(reader))), is_terminal: false }
    }

    fn request(&self) {
        if let Some(reader) = lock(&self.reader).take() {
            let shared = self.shared.clone();
            let start =
                std::thread::Builder::new().name("whit-stdin".into()).spawn(move || read_blocks(reader, &shared));
            if start.is_err() {
                lock(&self.shared.state).end = Some(Err(HostError::OutOfMemory));
            }
        }
        let mut state = lock(&self.shared.state);
        if !state.is_ready() && !state.is_requested {
            state.is_requested = true;
            self.shared.requested.notify_one();
        }
    }
}

fn read_blocks(mut reader: Box<dyn Read + Send>, shared: &Shared) {
    let mut block = [0; BLOCK];
    loop {
        let mut state = lock(&shared.state);
        while !state.is_requested && !state.is_dropped {
            state = shared.requested.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_dropped {
            return;
        }
        drop(state);
        let result = loop {
            match reader.read(&mut block) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        let mut state = lock(&shared.state);
        state.is_requested = false;
        match result {
            Ok(0) => state.end = Some(Ok(())),
            Err(error) => state.end = Some(Err(error.into())),
            Ok(size) if state.data.try_reserve(size).is_ok() => state.data.extend(&block[..size]),
            Ok(_) => state.end = Some(Err(HostError::OutOfMemory)),
        }
        state.subscribers.notify();
        if state.end.is_some() {
            return;
        }
    }
}

impl InputStream for ThreadedInput {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HostError> {
        let mut state = lock(&self.shared.state);
        if buffer.is_empty() {
            return Ok(0);
        }
        if !state.data.is_empty() {
            return Ok(state.data.read(buffer).unwrap_or(0));
        }
        if let Some(end) = state.end {
            return end.map(|()| 0);
        }
        drop(state);
        self.request();
        Err(HostError::WouldBlock)
    }

    fn source(&self) -> Arc<dyn Source> {
        // Asking when there will be data is asking for data.
        self.request();
        Arc::new(ThreadSource { shared: self.shared.clone() })
    }

    fn is_terminal(&self) -> bool {
        self.is_terminal
    }
}

impl Drop for ThreadedInput {
    fn drop(&mut self) {
        lock(&self.shared.state).is_dropped = true;
        self.shared.requested.notify_one();
    }
}

struct ThreadSource {
    shared: Arc<Shared>,
}

impl Source for ThreadSource {
    fn is_ready(&self) -> bool {
        lock(&self.shared.state).is_ready()
    }

    fn subscribe(&self, signal: &Signal) -> bool {
        lock(&self.shared.state).subscribers.add(signal)
    }
}

/// The host process's standard input.
pub fn inherit_stdin() -> Box<dyn InputStream> {
    #[cfg(unix)]
    return Box::new(unix::HostInput { stdin: Arc::new(io::stdin()) });
    #[cfg(not(unix))]
    {
        let mut input = ThreadedInput::new(io::stdin());
        input.is_terminal = io::stdin().is_terminal();
        Box::new(input)
    }
}

/// The host process's standard output.
pub fn inherit_stdout() -> Box<dyn OutputStream> {
    #[cfg(unix)]
    return Box::new(unix::HostOutput::new(io::stdout()));
    #[cfg(not(unix))]
    Box::new(BlockingOutput { is_terminal: io::stdout().is_terminal(), writer: io::stdout() })
}

/// The host process's standard error.
pub fn inherit_stderr() -> Box<dyn OutputStream> {
    #[cfg(unix)]
    return Box::new(unix::HostOutput::new(io::stderr()));
    #[cfg(not(unix))]
    Box::new(BlockingOutput { is_terminal: io::stderr().is_terminal(), writer: io::stderr() })
}

#[cfg(unix)]
mod unix {
    use super::{Arc, HostError, InputStream, Interest, IsTerminal, OutputStream, Source, io, is_fd_ready};
    use std::os::fd::{AsFd, BorrowedFd};

    /// Standard input without the standard library's buffer, which would hide bytes from `poll`.
    pub(super) struct HostInput {
        pub(super) stdin: Arc<io::Stdin>,
    }

    impl InputStream for HostInput {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HostError> {
            if !is_fd_ready(self.stdin.as_fd(), Interest::Read) {
                return Err(HostError::WouldBlock);
            }
            loop {
                match rustix::io::read(&*self.stdin, &mut *buffer) {
                    Err(rustix::io::Errno::INTR) => {}
                    result => return Ok(result?),
                }
            }
        }

        fn source(&self) -> Arc<dyn Source> {
            Arc::new(HostSource { handle: self.stdin.clone(), interest: Interest::Read })
        }

        fn is_terminal(&self) -> bool {
            self.stdin.is_terminal()
        }
    }

    /// What a pipe takes without blocking once `poll` calls it writable (POSIX's atomic size, at its smallest).
    const PIPE_BLOCK: usize = 512;
    /// The same on Linux, whose pipes are writable when a whole page is free.
    const LINUX_PIPE_BLOCK: usize = 4096;

    pub(super) struct HostOutput<W> {
        handle: Arc<W>,
        /// The most that one write can take without blocking.
        block: usize,
    }

    impl<W: AsFd + IsTerminal + io::Write> HostOutput<W> {
        pub(super) fn new(mut handle: W) -> Self {
            // What the host printed before goes out first; if it cannot, the guest's own write will say so.
            let _ = handle.flush();
            let is_file = rustix::fs::fstat(&handle)
                .is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file());
            let pipe_block = if cfg!(target_os = "linux") { LINUX_PIPE_BLOCK } else { PIPE_BLOCK };
            HostOutput { handle: Arc::new(handle), block: if is_file { usize::MAX } else { pipe_block } }
        }
    }

    impl<W: AsFd + IsTerminal + Send + Sync + 'static> OutputStream for HostOutput<W> {
        fn write(&mut self, bytes: &[u8]) -> Result<usize, HostError> {
            let mut written = 0;
            while written < bytes.len() {
                let result = if is_fd_ready(self.handle.as_fd(), Interest::Write) {
                    let end = bytes.len().min(written.saturating_add(self.block));
                    rustix::io::write(&*self.handle, &bytes[written..end]).map_err(HostError::from)
                } else {
                    Err(HostError::WouldBlock)
                };
                match result {
                    Ok(size) => written += size,
                    Err(HostError::Interrupted) => {}
                    // What went out is reported; the failure, if it lasts, is the next write's.
                    Err(_) if written > 0 => break,
                    Err(error) => return Err(error),
                }
            }
            Ok(written)
        }

        fn source(&self) -> Arc<dyn Source> {
            Arc::new(HostSource { handle: self.handle.clone(), interest: Interest::Write })
        }

        fn is_terminal(&self) -> bool {
            self.handle.is_terminal()
        }
    }

    struct HostSource<H> {
        handle: Arc<H>,
        interest: Interest,
    }

    impl<H: AsFd + Send + Sync> Source for HostSource<H> {
        fn is_ready(&self) -> bool {
            is_fd_ready(self.handle.as_fd(), self.interest)
        }

        fn os_handle(&self) -> Option<(BorrowedFd<'_>, Interest)> {
            Some((self.handle.as_fd(), self.interest))
        }
    }
}

/// The host's output where its readiness cannot be asked: writes block for as long as the reader lets them.
#[cfg(not(unix))]
struct BlockingOutput<W> {
    writer: W,
    is_terminal: bool,
}

#[cfg(not(unix))]
impl<W: io::Write + Send> OutputStream for BlockingOutput<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, HostError> {
        self.writer.write_all(bytes)?;
        self.writer.flush()?;
        Ok(bytes.len())
    }

    fn source(&self) -> Arc<dyn Source> {
        Arc::new(Ready)
    }

    fn is_terminal(&self) -> bool {
        self.is_terminal
    }
}

#[cfg(test)]
mod tests {
    use super::super::wait::{Wait, Waited};
    use super::*;

    #[test]
    fn a_helper_thread_reads_on_demand_and_reports_the_end() {
        let mut input = ThreadedInput::new(&b"hello"[..]);
        assert_eq!(input.read(&mut []), Ok(0));
        let mut text = Vec::new();
        loop {
            let mut buffer = [0; 3];
            match input.read(&mut buffer) {
                Err(HostError::WouldBlock) => assert_eq!(Wait::for_source(input.source()).block(None), Waited::Over),
                Ok(0) => break,
                Ok(size) => text.extend_from_slice(&buffer[..size]),
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(text, b"hello");
    }

    #[test]
    fn a_failing_reader_fails_the_stream() {
        struct Failing;
        impl Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
        let mut input = ThreadedInput::new(Failing);
        assert_eq!(input.read(&mut [0]), Err(HostError::WouldBlock));
        Wait::for_source(input.source()).block(None);
        assert_eq!(input.read(&mut [0]), Err(HostError::ConnectionReset));
    }
}
