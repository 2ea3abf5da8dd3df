//! `poll_oneoff`: waiting for times and descriptors.
//!
//! Nothing is kept between two looks but when the call began: the subscriptions are read again each time, so no list in
//! the host grows with the guest's. The wait holds one source per descriptor, and the table of descriptors is bounded.

use super::abi::{Clockid, Event, Interest, Subscription};
use super::table::{Descriptor, FileDescriptor};
use super::{Call, Errno, GuestMemory, Pending, Rest, Stop};
use crate::ctx::WasiCtx;
use crate::host::HostError;
use crate::host::stream::{InputStream, OutputStream};
use crate::host::wait::{Source, Wait};
use std::sync::Arc;

pub(super) fn poll_oneoff(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    subscriptions: u32,
    events: u32,
    nsubscriptions: u32,
    nevents: u32,
) -> Call {
    if nsubscriptions == 0 {
        // Nothing would ever end the wait.
        return Err(Errno::Inval.into());
    }
    let began = ctx.clocks.monotonic.now();
    Poll { subscriptions, events, nsubscriptions, nevents, began }.run(ctx, memory)
}

/// A poll that waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Poll {
    subscriptions: u32,
    events: u32,
    nsubscriptions: u32,
    nevents: u32,
    /// On the monotonic clock.
    began: u64,
}

/// What a subscription is worth right now.
enum State {
    Ready(Event),
    /// Ready by itself in so many nanoseconds.
    Later(u64),
    Waiting(Arc<dyn Source>),
}

impl Poll {
    pub(super) fn run(self, ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>) -> Call {
        let count = self.nsubscriptions;
        memory.check(self.subscriptions, u64::from(count) * u64::from(Subscription::SIZE), 8)?;
        memory.check(self.events, u64::from(count) * u64::from(Event::SIZE), 8)?;
        memory.check(self.nevents, 4, 4)?;

        // First look without writing: the two arrays may overlap, and one bad subscription fails the call.
        let now = ctx.clocks.monotonic.now();
        let mut wait = Wait::default();
        let mut nearest = None;
        let mut any_ready = false;
        for index in 0..count {
            match self.look(ctx, memory, index, now)? {
                State::Ready(_) => any_ready = true,
                State::Later(left) => nearest = Some(nearest.map_or(left, |nearest: u64| nearest.min(left))),
                State::Waiting(source) => {
                    // Beyond one source for each descriptor and direction the list would only repeat itself.
                    if wait.sources().len() < 2 * ctx.limits.max_descriptors as usize && !wait.add(source) {
                        return Err(Errno::NoMem.into());
                    }
                }
            }
        }
        if !any_ready {
            if let Some(left) = nearest
                && ctx.clocks.monotonic.skip(left)
            {
                // On a virtual clock the wait is already over.
                return Err(Pending::stop(Wait::over(), Rest::Poll(self)));
            }
            if let Some(left) = nearest {
                wait.end_after(left);
            }
            return Err(Pending::stop(wait, Rest::Poll(self)));
        }

        let mut written = 0;
        for index in 0..count {
            if let State::Ready(event) = self.look(ctx, memory, index, now)? {
                event.write(memory, self.events + written * Event::SIZE)?;
                written += 1;
            }
        }
        Ok(memory.write_u32(self.nevents, written)?)
    }

    fn look(&self, ctx: &WasiCtx, memory: &GuestMemory<'_>, index: u32, now: u64) -> Result<State, Stop> {
        let at = self.subscriptions + index * Subscription::SIZE;
        let Subscription { userdata, interest } = Subscription::read(memory, at)??;
        let event = Event { userdata, error: Errno::Success, kind: 0, nbytes: 0, hangup: false };
        match interest {
            Interest::Clock { clock, timeout, absolute } => {
                let left = match (clock, absolute) {
                    // Looked at anew each time, because this clock can be set. After its last nanosecond every time has come.
                    (Clockid::Realtime, true) => {
                        timeout.saturating_sub(ctx.clocks.wall.now().to_nanoseconds().unwrap_or(u64::MAX))
                    }
                    (_, true) => timeout.saturating_sub(now),
                    (_, false) => self.began.saturating_add(timeout).saturating_sub(now),
                };
                Ok(if left == 0 { State::Ready(event) } else { State::Later(left) })
            }
            Interest::Read(fd) => {
                let event = Event { kind: 1, ..event };
                let (source, nbytes) = match ctx.descriptors.get(fd)? {
                    Descriptor::Stdin => (ctx.stdio.stdin.source(), 1),
                    Descriptor::Stream(socket) => (socket.stream.receive_source(), 1),
                    Descriptor::Listener(socket) => (socket.listener.source(), 1),
                    Descriptor::File(FileDescriptor { file, position, .. }) => {
                        let left = file.stat()?.size.saturating_sub(*position);
                        return Ok(State::Ready(Event { nbytes: left, hangup: left == 0, ..event }));
                    }
                    _ => return Err(HostError::BadDescriptor.into()),
                };
                Ok(when(source, Event { nbytes, ..event }))
            }
            Interest::Write(fd) => {
                let event = Event { kind: 2, nbytes: 1, ..event };
                let source = match ctx.descriptors.get(fd)? {
                    Descriptor::Stdout => ctx.stdio.stdout.source(),
                    Descriptor::Stderr => ctx.stdio.stderr.source(),
                    Descriptor::Stream(socket) => socket.stream.send_source(),
                    Descriptor::File(_) => return Ok(State::Ready(event)),
                    _ => return Err(HostError::BadDescriptor.into()),
                };
                Ok(when(source, event))
            }
        }
    }
}

fn when(source: Arc<dyn Source>, event: Event) -> State {
    if source.is_ready() { State::Ready(event) } else { State::Waiting(source) }
}
