//! WASI for Whit: what a guest may reach of the machine it runs on.
//!
//! ```text
//! grants ──WasiCtxBuilder──▶ WasiCtx ──link──▶ wasi_snapshot_preview1, or wasi:cli/command, in a linker
//! guest call ──p1 | p2 (convert)──▶ host (one capability each) ──▶ operating system
//!                  ╰──▶ what to wait for ──▶ embedder waits ──▶ resume
//! ```
//!
//! Two layers. [`host`] holds one implementation per capability (clocks, random, environment, streams, files, the
//! network, HTTP) and knows nothing of any WASI version. [`p1`] is WASI 0.1, `wasi_snapshot_preview1`: thin functions that
//! convert arguments, call `host`, and convert results. `p2` is the same for WASI 0.2, whose interfaces components import. WASI 0.3 will sit
//! beside them on the same `host`.
//!
//! HTTP is sent and received with the cargo feature `http`, and through TLS with `tls`; an embedder may bring a transport of its own
//! ([`WasiCtxBuilder::transport`]). A server gives each request to a component as `host::http::wire::server` gives it to its handler.
//!
//! Nothing is granted by default: a fresh [`WasiCtx`] has no files, no network, no arguments, no environment, an empty
//! standard input and standard outputs that swallow what is written. Clocks and randomness are always there, because
//! no guest libc starts without them, and both can be replaced ([`WasiCtxBuilder::deterministic`]).
//!
//! Execution is sans-I/O: no function here blocks on a stream, a socket or a timer. A call that must wait returns
//! [`p1::Pending`], which names what it waits for; the embedder waits, under its own deadline, and resumes the call.
//!
//! Where to go next: [`ctx`] for granting, [`p1`] for the functions, [`host::path`] for the sandbox.
#![forbid(unsafe_code)]

pub mod ctx;
pub mod host;
mod link;
pub mod p1;
mod p2;
pub mod view;

pub use ctx::{GrantError, Limits, WasiCtx, WasiCtxBuilder};
pub use host::fs::Access;
pub use link::{Exit, add_to_linker_p1, add_to_linker_p2};
pub use view::WasiView;
