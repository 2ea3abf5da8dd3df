//! WASI 0.2 for components: the interfaces that `wasi:cli/command` and `wasi:http/proxy` import, `wasi:config` and `wasi:keyvalue`.
//!
//! ```text
//! component ──canonical ABI──▶ interface (convert) ──▶ host ──▶ interface (convert) ──canonical ABI──▶ component
//! ```
//!
//! One folder a package, one file an interface or, where WIT has several in a file, that file; each thin over [`host`](crate::host). What
//! guests hold lives in the context's table of resources ([`WasiCtx::table`](crate::WasiCtx::table)), by the host's own types. Interfaces
//! are defined at version 0.2.12; components that import any 0.2 are linked to them.
//!
//! Next: `interface.rs` for how functions are defined, fail and wait, then `io/streams.rs`.

mod cli;
mod clocks;
mod config;
mod filesystem;
mod http;
mod interface;
mod io;
mod keyvalue;
mod random;
mod sockets;

use whit_component::Linker;
use whit_core::Error;

pub(crate) use interface::Project;

/// Defines all interfaces in `linker`.
pub(crate) fn add_to_linker<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    io::error::define(linker, ctx)?;
    io::poll::define(linker, ctx)?;
    io::streams::define(linker, ctx)?;
    clocks::monotonic_clock::define(linker, ctx)?;
    clocks::wall_clock::define(linker, ctx)?;
    clocks::timezone::define(linker, ctx)?;
    random::random::define(linker, ctx)?;
    random::insecure::define(linker, ctx)?;
    random::insecure_seed::define(linker, ctx)?;
    cli::environment::define(linker, ctx)?;
    cli::exit::define(linker, ctx)?;
    cli::stdio::define(linker, ctx)?;
    cli::terminal::define(linker, ctx)?;
    filesystem::types::define(linker, ctx)?;
    filesystem::preopens::define(linker, ctx)?;
    sockets::network::define(linker, ctx)?;
    sockets::instance_network::define(linker, ctx)?;
    sockets::ip_name_lookup::define(linker, ctx)?;
    sockets::tcp::define(linker, ctx)?;
    sockets::tcp_create_socket::define(linker, ctx)?;
    sockets::udp::define(linker, ctx)?;
    sockets::udp_create_socket::define(linker, ctx)?;
    http::types::define(linker, ctx)?;
    http::outgoing_handler::define(linker, ctx)?;
    config::store::define(linker, ctx)?;
    keyvalue::define(linker, ctx)
}
