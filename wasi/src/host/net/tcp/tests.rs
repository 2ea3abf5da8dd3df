//! Over the loopback interface.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Instant;

use super::super::super::clocks::SystemMonotonicClock;
use super::super::super::quota::Quota;
use super::super::super::stream::{BUDGET, StreamError, WriteAndFlush};
use super::super::super::wait::{Attempt, Waited};
use super::super::super::{Denial, Denials};
use super::super::NetGrants;
use super::*;

fn network(connect: &[&str], bind: &[&str]) -> Network {
    let mut grants = NetGrants::default();
    for rule in connect {
        grants.allow_connect(rule.parse().unwrap()).unwrap();
    }
    for rule in bind {
        grants.allow_bind(rule.parse().unwrap()).unwrap();
    }
    Network::new(grants, Quota::new(8), Denials::default())
}

fn local() -> Network {
    network(&["127.0.0.0/8:*"], &["127.0.0.1:*"])
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn ready(pollable: &Pollable) {
    while let Attempt::Wait(wait) = pollable.block(&SystemMonotonicClock::default()) {
        let limit = Instant::now() + Duration::from_secs(20);
        assert_ne!(wait.block(Some(limit)), Waited::Limit, "never ready");
    }
}

fn done<T>(mut attempt: impl FnMut() -> Attempt<T>) -> T {
    loop {
        match attempt() {
            Attempt::Done(value) => return value,
            Attempt::Wait(wait) => {
                let limit = Instant::now() + Duration::from_secs(20);
                assert_ne!(wait.block(Some(limit)), Waited::Limit, "never over");
            }
        }
    }
}

fn connect(network: &Network, to: SocketAddr) -> Result<(TcpSocket, Input, Output), SocketError> {
    let socket = network.tcp_socket(Family::V4)?;
    socket.start_connect(network, to)?;
    let pollable = socket.subscribe();
    loop {
        match socket.finish_connect() {
            Err(SocketError::WouldBlock) => ready(&pollable),
            result => return result.map(|(input, output)| (socket, input, output)),
        }
    }
}

fn listen(network: &Network) -> TcpSocket {
    let socket = network.tcp_socket(Family::V4).unwrap();
    socket.start_bind(network, address("127.0.0.1:0")).unwrap();
    socket.finish_bind().unwrap();
    socket.start_listen().unwrap();
    socket.finish_listen().unwrap();
    socket
}

fn write(output: &mut Output, bytes: &[u8]) {
    for piece in bytes.chunks(4096) {
        let mut write = WriteAndFlush::new(piece.to_vec()).unwrap();
        done(|| write.attempt(output)).unwrap();
    }
}

fn read_all(input: &mut Input) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        match done(|| input.blocking_read(u64::MAX)) {
            Ok(bytes) => all.extend(bytes),
            Err(error) => {
                assert_eq!(error, StreamError::Closed);
                return all;
            }
        }
    }
}

#[test]
fn two_sockets_connect_talk_and_part() {
    let network = local();
    let server = listen(&network);
    assert!(server.is_listening());
    assert_eq!(server.accept(&network).unwrap_err(), SocketError::WouldBlock);
    let to = server.local_address().unwrap();
    let pollable = server.subscribe();

    let (client, mut client_in, mut client_out) = connect(&network, to).unwrap();
    ready(&pollable);
    let (peer, mut peer_in, mut peer_out) = server.accept(&network).unwrap();
    assert_eq!(client.remote_address(), Ok(to));
    assert_eq!(peer.remote_address(), client.local_address());

    assert_eq!(client_in.read(10), Ok(vec![]));
    write(&mut client_out, b"question");
    client.shutdown(Direction::Send).unwrap();
    client.shutdown(Direction::Send).unwrap();
    assert_eq!(client_out.check_write(), Err(StreamError::Closed));
    assert_eq!(read_all(&mut peer_in), b"question");
    write(&mut peer_out, b"answer");
    peer.shutdown(Direction::Both).unwrap();
    assert_eq!(read_all(&mut client_in), b"answer");
}

#[test]
fn more_than_the_system_takes_at_once_arrives_whole_although_the_sender_left() {
    let network = local();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (client, input, mut output) = connect(&network, listener.local_addr().unwrap()).unwrap();
    client.set_send_buffer_size(4096).unwrap();
    let (mut peer, _) = listener.accept().unwrap();
    // As much as is taken without a reader; then the rest waits in the stream.
    let mut sent = 0_usize;
    while output.check_write().unwrap() > 0 {
        output.write(&[7; BUDGET]).unwrap();
        sent += BUDGET;
    }
    client.shutdown(Direction::Send).unwrap();
    drop((client, input, output));
    let mut received = Vec::new();
    peer.read_to_end(&mut received).unwrap();
    assert_eq!(received.len(), sent);
}

#[test]
fn giving_up_receiving_closes_the_input_with_what_is_in_it() {
    let network = local();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (client, mut input, _output) = connect(&network, listener.local_addr().unwrap()).unwrap();
    let (mut peer, _) = listener.accept().unwrap();
    peer.write_all(b"unread").unwrap();
    ready(&input.subscribe());
    client.shutdown(Direction::Receive).unwrap();
    assert_eq!(input.read(1), Err(StreamError::Closed));
}

#[test]
fn a_peer_that_resets_is_a_failure_of_the_network() {
    let network = local();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (_client, mut input, mut output) = connect(&network, listener.local_addr().unwrap()).unwrap();
    let (peer, _) = listener.accept().unwrap();
    write(&mut output, b"never read");
    // Closing with unread data is a reset.
    ready(&Pollable::source(Stream::new(peer.try_clone().unwrap()).unwrap().receive_source()));
    drop(peer);
    let error = done(|| input.blocking_read(1)).unwrap_err();
    assert_eq!(error, StreamError::Failed(Failure::Socket(SocketError::ConnectionReset)));
    assert_eq!(input.read(1), Err(StreamError::Closed));
}

#[test]
fn what_was_not_granted_never_reaches_the_network() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = listener.local_addr().unwrap();
    let other_port = to.port().wrapping_add(1).max(1);
    for network in [network(&[], &["*:*"]), network(&["10.0.0.0/8:*", &format!("127.0.0.1:{other_port}")], &[])] {
        let socket = network.tcp_socket(Family::V4).unwrap();
        assert_eq!(socket.start_connect(&network, to), Err(SocketError::Denied(Denial::Connect(to))));
        // The socket is as it was.
        assert_eq!(socket.finish_connect().unwrap_err(), SocketError::NotInProgress);
    }
    let network = network(&["*:*"], &["127.0.0.2:*"]);
    for text in ["127.0.0.1:0", "0.0.0.0:0"] {
        let socket = network.tcp_socket(Family::V4).unwrap();
        let denied = SocketError::Denied(Denial::Bind(address(text)));
        assert_eq!(socket.start_bind(&network, address(text)), Err(denied));
        assert_eq!(socket.start_listen(), Err(SocketError::InvalidState));
    }
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err());
}

#[test]
fn addresses_that_are_none_are_refused_whatever_is_granted() {
    let network = Network::new(NetGrants::everything(), Quota::new(8), Denials::default());
    for (family, text) in [
        (Family::V4, "0.0.0.0:80"),
        (Family::V4, "127.0.0.1:0"),
        (Family::V4, "224.0.0.1:80"),
        (Family::V4, "255.255.255.255:80"),
        (Family::V4, "[::1]:80"),
        (Family::V6, "127.0.0.1:80"),
        (Family::V6, "[::]:80"),
        (Family::V6, "[::1]:0"),
        (Family::V6, "[::ffff:127.0.0.1]:80"),
        (Family::V6, "[::127.0.0.1]:80"),
        (Family::V6, "[ff02::1]:80"),
    ] {
        // Where the system has no IPv6 there is nothing to refuse.
        let Ok(socket) = network.tcp_socket(family) else { continue };
        assert_eq!(socket.start_connect(&network, address(text)), Err(SocketError::InvalidArgument), "{text}");
    }
    for (family, text) in [
        (Family::V4, "224.0.0.1:80"),
        (Family::V4, "255.255.255.255:80"),
        (Family::V4, "[::1]:80"),
        (Family::V6, "[::ffff:127.0.0.1]:0"),
        (Family::V6, "[ff02::1]:80"),
    ] {
        let Ok(socket) = network.tcp_socket(family) else { continue };
        assert_eq!(socket.start_bind(&network, address(text)), Err(SocketError::InvalidArgument), "{text}");
    }
}

#[test]
fn nobody_listening_is_a_refusal_and_closes_the_socket() {
    let network = local();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(connect(&network, nobody).unwrap_err(), SocketError::ConnectionRefused);

    let socket = network.tcp_socket(Family::V4).unwrap();
    socket.start_connect(&network, nobody).unwrap();
    ready(&socket.subscribe());
    // Looking does not use the error up.
    assert!(socket.subscribe().is_ready_without_clock());
    assert_eq!(socket.finish_connect().unwrap_err(), SocketError::ConnectionRefused);
    assert_eq!(socket.start_connect(&network, nobody), Err(SocketError::InvalidState));
    assert_eq!(socket.local_address(), Err(SocketError::InvalidState));
    assert_eq!(socket.set_listen_backlog_size(1), Err(SocketError::InvalidState));
}

#[test]
fn each_step_belongs_to_its_state() {
    let network = local();
    let socket = network.tcp_socket(Family::V4).unwrap();
    assert_eq!(socket.finish_bind(), Err(SocketError::NotInProgress));
    assert_eq!(socket.finish_connect().unwrap_err(), SocketError::NotInProgress);
    assert_eq!(socket.finish_listen(), Err(SocketError::NotInProgress));
    assert_eq!(socket.start_listen(), Err(SocketError::InvalidState));
    assert_eq!(socket.accept(&network).unwrap_err(), SocketError::InvalidState);
    assert_eq!(socket.local_address(), Err(SocketError::InvalidState));
    assert_eq!(socket.remote_address(), Err(SocketError::InvalidState));
    assert_eq!(socket.shutdown(Direction::Both), Err(SocketError::InvalidState));
    assert!(socket.subscribe().is_ready_without_clock());

    socket.start_bind(&network, address("127.0.0.1:0")).unwrap();
    assert_eq!(socket.start_bind(&network, address("127.0.0.1:0")), Err(SocketError::ConcurrencyConflict));
    assert_eq!(socket.start_connect(&network, address("127.0.0.1:9")), Err(SocketError::ConcurrencyConflict));
    assert_eq!(socket.start_listen(), Err(SocketError::ConcurrencyConflict));
    assert_eq!(socket.local_address(), Err(SocketError::InvalidState));
    socket.finish_bind().unwrap();
    assert_eq!(socket.finish_bind(), Err(SocketError::NotInProgress));
    assert_eq!(socket.start_bind(&network, address("127.0.0.1:0")), Err(SocketError::InvalidState));
    assert_ne!(socket.local_address().unwrap().port(), 0);

    socket.start_listen().unwrap();
    assert!(!socket.is_listening());
    assert_eq!(socket.start_listen(), Err(SocketError::ConcurrencyConflict));
    socket.finish_listen().unwrap();
    assert_eq!(socket.start_listen(), Err(SocketError::InvalidState));
    assert_eq!(socket.start_connect(&network, address("127.0.0.1:9")), Err(SocketError::InvalidState));
    assert_eq!(socket.set_listen_backlog_size(u64::MAX), Ok(()));
}

#[test]
fn a_port_in_use_is_said_and_another_can_be_tried() {
    let network = local();
    let taken = listen(&network).local_address().unwrap();
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = network.tcp_socket(Family::V4).unwrap();
    let error = socket.start_bind(&network, holder.local_addr().unwrap()).unwrap_err();
    assert_eq!(error, SocketError::AddressInUse);
    assert_eq!(socket.finish_bind(), Err(SocketError::NotInProgress));
    // The first one's listener is gone, and its port free at once.
    socket.start_bind(&network, taken).unwrap();
    socket.finish_bind().unwrap();
}

#[test]
fn options_are_kept_within_what_systems_take_and_handed_on() {
    let network = local();
    let server = listen(&network);
    assert_eq!((server.keep_alive_idle_time(), server.keep_alive_count()), (7_200_000_000_000, 9));
    assert!(!server.keep_alive_enabled());
    server.set_keep_alive_idle_time(1).unwrap();
    server.set_keep_alive_interval(u64::MAX).unwrap();
    server.set_keep_alive_count(u32::MAX).unwrap();
    assert!(!SockRef::from(&server.shared.handle.socket).keepalive().unwrap());
    server.set_keep_alive_enabled(true).unwrap();
    assert_eq!(server.keep_alive_idle_time(), 1_000_000_000);
    assert_eq!(server.keep_alive_interval(), MAX_KEEP_ALIVE_SECONDS * 1_000_000_000);
    assert_eq!(server.keep_alive_count(), MAX_KEEP_ALIVE_COUNT);
    server.set_hop_limit(42).unwrap();
    assert_eq!(server.hop_limit(), Ok(42));
    server.set_receive_buffer_size(u64::MAX).unwrap();
    server.set_send_buffer_size(16_384).unwrap();
    assert!(server.receive_buffer_size().unwrap() > 0);
    assert_eq!(server.send_buffer_size(), Ok(16_384));
    for result in [
        server.set_keep_alive_idle_time(0),
        server.set_keep_alive_interval(0),
        server.set_keep_alive_count(0),
        server.set_hop_limit(0),
        server.set_receive_buffer_size(0),
        server.set_send_buffer_size(0),
        server.set_listen_backlog_size(0),
    ] {
        assert_eq!(result, Err(SocketError::InvalidArgument));
    }

    let _client = connect(&network, server.local_address().unwrap()).unwrap();
    ready(&server.subscribe());
    let (peer, ..) = server.accept(&network).unwrap();
    assert!(peer.keep_alive_enabled());
    let system = SockRef::from(&peer.shared.handle.socket);
    assert!(system.keepalive().unwrap());
    #[cfg(unix)]
    assert_eq!(system.tcp_keepalive_time().unwrap(), Duration::from_secs(1));
    assert_eq!(peer.hop_limit(), Ok(42));
}

#[test]
fn sockets_are_counted_also_those_that_are_accepted() {
    let network = local();
    let server = listen(&network);
    let to = server.local_address().unwrap();
    let mut clients: Vec<_> = (0..7).map(|_| connect(&network, to).unwrap()).collect();
    assert_eq!(network.tcp_socket(Family::V4).unwrap_err(), SocketError::NewSocketLimit);
    ready(&server.subscribe());
    assert_eq!(server.accept(&network).unwrap_err(), SocketError::NewSocketLimit);
    // The halves of a connection are the socket, too.
    let (socket, input, output) = clients.pop().unwrap();
    drop((socket, input));
    assert_eq!(network.tcp_socket(Family::V4).unwrap_err(), SocketError::NewSocketLimit);
    drop(output);
    server.accept(&network).unwrap();
}
