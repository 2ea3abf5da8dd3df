//! WASI 0.1: every function of `wasi_snapshot_preview1`, over [`host`](crate::host).
//!
//! Each function takes the context, a view of the guest's memory and the guest's arguments, and comes back at once. One
//! that must wait comes back as [`Stop::Pending`]; [`Pending::resume`] goes on when its [`Wait`] is over. Nothing is
//! borrowed in between, so a guest that waits is a plain value which can be kept, moved or dropped.
//!
//! Behaves as Wasmtime 48 where the specification leaves a choice; `docs/wasi.md` has the table. One file per group of
//! functions: `args_env` `clocks` `fd` `path` `poll` `proc` `random` `sched` `sock`; [`abi`] has the numbers, `table` the
//! descriptors.

pub mod abi;
mod args_env;
mod clocks;
mod fd;
mod memory;
mod path;
mod poll;
mod proc;
mod random;
mod sched;
mod sock;
mod table;

pub use abi::Errno;
pub use memory::{Fault, GuestMemory};
pub(crate) use table::{Descriptor, Descriptors, DirDescriptor, ListenerDescriptor};

use crate::ctx::WasiCtx;
use crate::host::HostError;
use crate::host::wait::Wait;

/// The name under which guests import the functions.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// Why a call did not simply succeed.
#[derive(Debug)]
pub enum Stop {
    /// It failed; the guest sees the code.
    Errno(Errno),
    /// The guest made a mistake that ends it.
    Fault(Fault),
    /// The guest ends with this status.
    Exit(u32),
    /// The call waits.
    Pending(Pending),
}

/// How a call went; `Ok` is the error code 0.
pub type Call = Result<(), Stop>;

impl From<Errno> for Stop {
    fn from(errno: Errno) -> Self {
        Stop::Errno(errno)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Fault(fault)
    }
}

impl From<HostError> for Stop {
    fn from(error: HostError) -> Self {
        Stop::Errno(error.into())
    }
}

/// What a call means to whoever runs the guest.
#[derive(Debug)]
pub enum Outcome {
    /// The guest goes on with this result.
    Done(Errno),
    /// The guest ends with this status.
    Exit(u32),
    /// The guest waits.
    Pending(Pending),
}

impl Outcome {
    /// Sorts a call's ways to stop into those the guest survives and the one it does not.
    pub fn of(call: Call) -> Result<Self, Fault> {
        match call {
            Ok(()) => Ok(Outcome::Done(Errno::Success)),
            Err(Stop::Errno(errno)) => Ok(Outcome::Done(errno)),
            Err(Stop::Exit(status)) => Ok(Outcome::Exit(status)),
            Err(Stop::Pending(pending)) => Ok(Outcome::Pending(pending)),
            Err(Stop::Fault(fault)) => Err(fault),
        }
    }
}

/// A call that waits. Dropping it abandons the call, which leaves the context usable.
#[derive(Debug)]
pub struct Pending {
    wait: Wait,
    rest: Rest,
}

/// What is left of a call. Addresses are checked again when it goes on: the memory may have changed.
#[derive(Clone, Copy, Debug)]
enum Rest {
    Read(fd::Read),
    Write(fd::Write),
    Receive(sock::Receive),
    Accept(sock::Accept),
    Poll(poll::Poll),
    Random(random::Random),
}

impl Pending {
    fn stop(wait: Wait, rest: Rest) -> Stop {
        Stop::Pending(Pending { wait, rest })
    }

    /// What the call waits for. Resuming it earlier is harmless: it will wait again.
    pub fn wait(&self) -> &Wait {
        &self.wait
    }

    /// Goes on with the call.
    pub fn resume(self, ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>) -> Result<Outcome, Fault> {
        Outcome::of(match self.rest {
            Rest::Read(read) => read.run(ctx, memory),
            Rest::Write(write) => write.run(ctx, memory),
            Rest::Receive(receive) => receive.run(ctx, memory),
            Rest::Accept(accept) => accept.run(ctx, memory),
            Rest::Poll(poll) => poll.run(ctx, memory),
            Rest::Random(random) => random.run(ctx, memory),
        })
    }
}

/// The WebAssembly type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param {
    /// A 32-bit number or address.
    I32,
    /// A 64-bit number.
    I64,
}

/// One function as data, for linking it into any engine.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name in [`MODULE`].
    pub name: &'static str,
    /// Its parameters.
    pub params: &'static [Param],
    /// Whether it returns an error code, an `i32`. Only `proc_exit` does not return.
    pub returns: bool,
    /// The function. Takes one number per parameter, as many as [`params`](Self::params) has.
    pub call: fn(&mut WasiCtx, &mut GuestMemory<'_>, &[u64]) -> Call,
}

/// The one table of functions, for whoever makes something of each: those that always come back at once, those that may wait,
/// and the one that never comes back. Parameters have the types by which WebAssembly passes them, signed where they are.
macro_rules! for_each_function {
    ($callback:ident) => {
        $callback! {
            at_once {
                args_env::args_get(argv: u32, argv_buf: u32);
                args_env::args_sizes_get(argc: u32, argv_buf_size: u32);
                args_env::environ_get(environ: u32, environ_buf: u32);
                args_env::environ_sizes_get(count: u32, buf_size: u32);
                clocks::clock_res_get(id: u32, resolution: u32);
                clocks::clock_time_get(id: u32, precision: u64, time: u32);
                fd::fd_advise(fd: u32, offset: u64, len: u64, advice: u32);
                fd::fd_allocate(fd: u32, offset: u64, len: u64);
                fd::fd_close(fd: u32);
                fd::fd_datasync(fd: u32);
                fd::fd_fdstat_get(fd: u32, stat: u32);
                fd::fd_fdstat_set_flags(fd: u32, flags: u32);
                fd::fd_fdstat_set_rights(fd: u32, rights_base: u64, rights_inheriting: u64);
                fd::fd_filestat_get(fd: u32, stat: u32);
                fd::fd_filestat_set_size(fd: u32, size: u64);
                fd::fd_filestat_set_times(fd: u32, atim: u64, mtim: u64, fst_flags: u32);
                fd::fd_pread(fd: u32, iovs: u32, iovs_len: u32, offset: u64, nread: u32);
                fd::fd_prestat_get(fd: u32, prestat: u32);
                fd::fd_prestat_dir_name(fd: u32, path: u32, path_len: u32);
                fd::fd_pwrite(fd: u32, iovs: u32, iovs_len: u32, offset: u64, nwritten: u32);
                fd::fd_readdir(fd: u32, buf: u32, buf_len: u32, cookie: u64, bufused: u32);
                fd::fd_renumber(from: u32, to: u32);
                fd::fd_seek(fd: u32, offset: i64, whence: u32, newoffset: u32);
                fd::fd_sync(fd: u32);
                fd::fd_tell(fd: u32, offset: u32);
                path::path_create_directory(fd: u32, path: u32, path_len: u32);
                path::path_filestat_get(fd: u32, flags: u32, path: u32, path_len: u32, stat: u32);
                path::path_filestat_set_times(
                    fd: u32, flags: u32, path: u32, path_len: u32, atim: u64, mtim: u64, fst_flags: u32
                );
                path::path_link(
                    old_fd: u32, old_flags: u32, old_path: u32, old_path_len: u32, new_fd: u32, new_path: u32,
                    new_path_len: u32
                );
                path::path_open(
                    fd: u32, dirflags: u32, path: u32, path_len: u32, oflags: u32, rights_base: u64,
                    rights_inheriting: u64, fdflags: u32, opened_fd: u32
                );
                path::path_readlink(fd: u32, path: u32, path_len: u32, buf: u32, buf_len: u32, bufused: u32);
                path::path_remove_directory(fd: u32, path: u32, path_len: u32);
                path::path_rename(
                    fd: u32, old_path: u32, old_path_len: u32, new_fd: u32, new_path: u32, new_path_len: u32
                );
                path::path_symlink(old_path: u32, old_path_len: u32, fd: u32, new_path: u32, new_path_len: u32);
                path::path_unlink_file(fd: u32, path: u32, path_len: u32);
                proc::proc_raise(signal: u32);
                sched::sched_yield();
                sock::sock_shutdown(fd: u32, how: u32);
            }
            may_wait {
                fd::fd_read(fd: u32, iovs: u32, iovs_len: u32, nread: u32);
                fd::fd_write(fd: u32, iovs: u32, iovs_len: u32, nwritten: u32);
                poll::poll_oneoff(subscriptions: u32, events: u32, nsubscriptions: u32, nevents: u32);
                random::random_get(buf: u32, buf_len: u32);
                sock::sock_accept(fd: u32, flags: u32, accepted_fd: u32);
                sock::sock_recv(fd: u32, iovs: u32, iovs_len: u32, ri_flags: u32, ro_datalen: u32, ro_flags: u32);
                sock::sock_send(fd: u32, iovs: u32, iovs_len: u32, si_flags: u32, so_datalen: u32);
            }
            never_returns {
                proc::proc_exit(status: u32);
            }
        }
    };
}
pub(crate) use for_each_function;

macro_rules! functions {
    ($($manner:ident { $($group:ident :: $name:ident ( $($param:ident : $type:ident),* );)* })*) => {
        $($(#[doc = concat!("`", stringify!($name), "`, directly callable with a context and a view of memory.")]
        #[allow(clippy::too_many_arguments, reason = "the specification's")]
        pub fn $name(ctx: &mut WasiCtx, memory: &mut GuestMemory<'_>, $($param: $type),*) -> Call {
            $group::$name(ctx, memory, $($param),*)
        })*)*

        /// Every function of the module.
        pub const FUNCTIONS: &[Function] = &[$($(Function {
            name: stringify!($name),
            params: &[$(functions!(@param $type)),*],
            returns: functions!(@returns $manner),
            call: |ctx, memory, args| {
                #[allow(unused_mut, reason = "one function has no parameters")]
                let mut args = args.iter().copied();
                $(let $param = args.next().unwrap_or_default() as $type;)*
                let _ = args;
                $group::$name(ctx, memory, $($param),*)
            },
        },)*)*];
    };
    (@param u32) => { Param::I32 };
    (@param u64) => { Param::I64 };
    (@param i64) => { Param::I64 };
    (@returns never_returns) => { false };
    (@returns $manner:ident) => { true };
}

for_each_function!(functions);
