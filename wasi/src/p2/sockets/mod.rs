//! `wasi:sockets`.

pub(super) mod instance_network;
pub(super) mod ip_name_lookup;
pub(super) mod network;
pub(super) mod tcp;
pub(super) mod tcp_create_socket;
pub(super) mod udp;
pub(super) mod udp_create_socket;
