//! A queue of bytes in memory: the stream between a guest and an embedder, or between two parts of the host.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex};

use super::super::HostError;
use super::super::wait::{Signal, Source, Subscribers, lock};
use super::{InputStream, OutputStream};

/// A byte queue in memory with a fixed capacity: an input the embedder fills, or an output the embedder drains.
///
/// Clones are the same queue. A full queue makes the writing guest wait; [`close`](Self::close) ends the input for a
/// reader and makes a writer fail with [`HostError::Pipe`].
#[derive(Clone)]
pub struct MemoryPipe {
    queue: Arc<Mutex<Queue>>,
}

struct Queue {
    bytes: VecDeque<u8>,
    capacity: usize,
    closed: bool,
    subscribers: Subscribers,
}

/// The capacity of a [`MemoryPipe`] whose maker names none.
pub const DEFAULT_PIPE_CAPACITY: usize = 1 << 20;

impl Default for MemoryPipe {
    fn default() -> Self {
        MemoryPipe::new(DEFAULT_PIPE_CAPACITY)
    }
}

impl MemoryPipe {
    /// An empty, open queue for up to `capacity` bytes.
    pub fn new(capacity: usize) -> Self {
        let subscribers = Subscribers::default();
        MemoryPipe {
            queue: Arc::new(Mutex::new(Queue { bytes: VecDeque::new(), capacity, closed: false, subscribers })),
        }
    }

    /// A closed queue that holds `bytes`: an input known in full.
    pub fn with_contents(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = VecDeque::from(bytes.into());
        let (capacity, subscribers) = (bytes.len(), Subscribers::default());
        MemoryPipe { queue: Arc::new(Mutex::new(Queue { bytes, capacity, closed: true, subscribers })) }
    }

    /// Appends as much of `bytes` as there is room for and says how much that was.
    pub fn push(&self, bytes: &[u8]) -> Result<usize, HostError> {
        let mut queue = lock(&self.queue);
        if queue.closed {
            return Err(HostError::Pipe);
        }
        let take = bytes.len().min(queue.capacity - queue.bytes.len());
        queue.bytes.try_reserve(take).map_err(|_| HostError::OutOfMemory)?;
        queue.bytes.extend(&bytes[..take]);
        if take > 0 {
            queue.subscribers.notify();
        }
        Ok(take)
    }

    /// Takes up to `buffer.len()` bytes off the front and says how many there were.
    pub fn pull(&self, buffer: &mut [u8]) -> usize {
        let mut queue = lock(&self.queue);
        // Reading from a `VecDeque` cannot fail.
        let taken = queue.bytes.read(buffer).unwrap_or(0);
        if taken > 0 {
            queue.subscribers.notify();
        }
        taken
    }

    /// A copy of all bytes in the queue.
    pub fn contents(&self) -> Vec<u8> {
        lock(&self.queue).bytes.iter().copied().collect()
    }

    /// Ends the stream: readers see the end after the bytes that are left, writers fail.
    pub fn close(&self) {
        let mut queue = lock(&self.queue);
        queue.closed = true;
        queue.subscribers.notify();
    }
}

impl InputStream for MemoryPipe {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HostError> {
        match self.pull(buffer) {
            0 if !buffer.is_empty() && !lock(&self.queue).closed => Err(HostError::WouldBlock),
            taken => Ok(taken),
        }
    }

    fn source(&self) -> Arc<dyn Source> {
        Arc::new(PipeSource { queue: self.queue.clone(), is_ready: |queue| queue.closed || !queue.bytes.is_empty() })
    }
}

impl OutputStream for MemoryPipe {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, HostError> {
        match self.push(bytes)? {
            0 if !bytes.is_empty() => Err(HostError::WouldBlock),
            written => Ok(written),
        }
    }

    fn close(&mut self) -> Result<(), HostError> {
        MemoryPipe::close(self);
        Ok(())
    }

    fn source(&self) -> Arc<dyn Source> {
        let is_ready = |queue: &Queue| queue.closed || queue.bytes.len() < queue.capacity;
        Arc::new(PipeSource { queue: self.queue.clone(), is_ready })
    }
}

struct PipeSource {
    queue: Arc<Mutex<Queue>>,
    is_ready: fn(&Queue) -> bool,
}

impl Source for PipeSource {
    fn is_ready(&self) -> bool {
        (self.is_ready)(&lock(&self.queue))
    }

    fn subscribe(&self, signal: &Signal) -> bool {
        lock(&self.queue).subscribers.add(signal)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::wait::{Wait, Waited};
    use super::*;

    #[test]
    fn a_pipe_fills_drains_and_ends() {
        let mut pipe = MemoryPipe::new(4);
        assert_eq!(pipe.read(&mut [0; 4]), Err(HostError::WouldBlock));
        assert_eq!(pipe.write(b"abcdef"), Ok(4));
        assert_eq!(pipe.write(b"ef"), Err(HostError::WouldBlock));
        assert!(!OutputStream::source(&pipe).is_ready());
        let mut buffer = [0; 3];
        assert_eq!(pipe.read(&mut buffer), Ok(3));
        assert_eq!(&buffer, b"abc");
        assert!(OutputStream::source(&pipe).is_ready());
        pipe.close();
        assert_eq!(pipe.write(b"x"), Err(HostError::Pipe));
        assert_eq!(pipe.read(&mut buffer), Ok(1));
        assert_eq!(pipe.read(&mut buffer), Ok(0));
    }

    #[test]
    fn filling_a_pipe_from_another_thread_ends_the_wait_for_it() {
        let pipe = MemoryPipe::default();
        let wait = Wait::for_source(InputStream::source(&pipe));
        let writer = pipe.clone();
        let thread = std::thread::spawn(move || writer.push(b"x"));
        assert_eq!(wait.block(None), Waited::Over);
        thread.join().unwrap().unwrap();
        assert_eq!(pipe.contents(), b"x");
    }
}
