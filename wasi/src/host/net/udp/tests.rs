//! Over the loopback interface.

use std::time::{Duration, Instant};

use super::super::super::clocks::SystemMonotonicClock;
use super::super::super::quota::Quota;
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

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn bound(network: &Network, at: &str) -> UdpSocket {
    let socket = network.udp_socket(Family::V4).unwrap();
    socket.start_bind(network, address(at)).unwrap();
    socket.finish_bind().unwrap();
    socket
}

fn ready(pollable: &Pollable) {
    while let Attempt::Wait(wait) = pollable.block(&SystemMonotonicClock::default()) {
        let limit = Instant::now() + Duration::from_secs(20);
        assert_ne!(wait.block(Some(limit)), Waited::Limit, "never ready");
    }
}

fn send(outgoing: &mut OutgoingDatagrams, data: &[u8], remote: Option<SocketAddr>) -> Result<u64, SocketError> {
    assert_eq!(outgoing.check_send(), Ok(MAX_DATAGRAMS as u64));
    outgoing.send([(data, remote)].into_iter()).unwrap()
}

#[test]
fn datagrams_go_and_come_with_their_sender() {
    let network = network(&["127.0.0.1:*"], &["127.0.0.1:*"]);
    let (a, b) = (bound(&network, "127.0.0.1:0"), bound(&network, "127.0.0.1:0"));
    let (to_a, to_b) = (a.local_address().unwrap(), b.local_address().unwrap());
    let (_, mut from_a) = a.stream(&network, None).unwrap();
    let (at_b, mut from_b) = b.stream(&network, Some(to_a)).unwrap();
    assert_eq!(at_b.receive(u64::MAX), Ok(vec![]));
    from_a.check_send().unwrap();
    let three = [&b"one"[..], b"", b"three"];
    assert_eq!(from_a.send(three.into_iter().map(|data| (data, Some(to_b)))), Ok(Ok(3)));
    ready(&at_b.subscribe());
    assert_eq!(at_b.receive(0), Ok(vec![]));
    let received = at_b.receive(2).unwrap();
    assert_eq!(received.iter().map(|datagram| datagram.data.as_slice()).collect::<Vec<_>>(), three[..2]);
    assert!(received.iter().all(|datagram| datagram.remote == to_a));
    assert_eq!(at_b.receive(u64::MAX).unwrap().len(), 1);
    // With a peer the address may be left out, or say the same.
    assert_eq!(send(&mut from_b, b"x", None), Ok(1));
    assert_eq!(send(&mut from_b, b"x", Some(to_a)), Ok(1));
    assert_eq!(send(&mut from_b, b"x", Some(to_b)), Err(SocketError::InvalidArgument));
    assert_eq!(send(&mut from_a, b"x", None), Err(SocketError::InvalidArgument));
}

#[test]
fn being_bound_or_connected_adds_no_right_to_send() {
    let peer = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let other = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let (to_peer, to_other) = (peer.local_addr().unwrap(), other.local_addr().unwrap());
    let network = network(&[&to_peer.to_string()], &["127.0.0.1:*"]);
    let socket = bound(&network, "127.0.0.1:0");
    let denied = SocketError::Denied(Denial::Connect(to_other));
    assert_eq!(socket.stream(&network, Some(to_other)).err(), Some(denied.clone()));
    // Connected first, then not: sending elsewhere is what it was.
    socket.stream(&network, Some(to_peer)).unwrap();
    let (_, mut outgoing) = socket.stream(&network, None).unwrap();
    assert_eq!(send(&mut outgoing, b"x", Some(to_other)), Err(denied));
    assert_eq!(send(&mut outgoing, b"x", Some(to_peer)), Ok(1));
    assert_eq!(peer.recv(&mut [0; 8]).unwrap(), 1);
    other.set_nonblocking(true).unwrap();
    assert!(other.recv(&mut [0; 8]).is_err());
}

#[test]
fn a_client_without_a_grant_to_be_bound_receives_only_from_where_it_may_send() {
    let peer = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let stranger = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let network = network(&[&peer.local_addr().unwrap().to_string()], &[]);
    for text in ["127.0.0.1:0", "0.0.0.0:5353"] {
        let socket = network.udp_socket(Family::V4).unwrap();
        let denied = SocketError::Denied(Denial::Bind(address(text)));
        assert_eq!(socket.start_bind(&network, address(text)), Err(denied));
    }
    let socket = bound(&network, "0.0.0.0:0");
    let (incoming, mut outgoing) = socket.stream(&network, None).unwrap();
    assert_eq!(send(&mut outgoing, b"hello", Some(peer.local_addr().unwrap())), Ok(1));
    let (_, client) = peer.recv_from(&mut [0; 8]).unwrap();
    for _ in 0..3 {
        stranger.send_to(b"unasked", client).unwrap();
    }
    peer.send_to(b"answer", client).unwrap();
    ready(&incoming.subscribe());
    let received = incoming.receive(16).unwrap();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].data, b"answer");

    let nothing = self::network(&[], &[]);
    let socket = nothing.udp_socket(Family::V4).unwrap();
    assert!(matches!(socket.start_bind(&nothing, address("0.0.0.0:0")), Err(SocketError::Denied(_))));
}

#[test]
fn a_socket_with_a_peer_hears_only_the_peer_and_keeps_its_port_when_it_lets_go() {
    let network = network(&["127.0.0.1:*"], &["127.0.0.1:*"]);
    let socket = bound(&network, "127.0.0.1:0");
    let at = socket.local_address().unwrap();
    let (peer, other) = (bound(&network, "127.0.0.1:0"), bound(&network, "127.0.0.1:0"));
    let to_peer = peer.local_address().unwrap();
    let (_, mut from_peer) = peer.stream(&network, None).unwrap();
    let (_, mut from_other) = other.stream(&network, None).unwrap();
    // What arrived before there was a peer is not let through either.
    assert_eq!(send(&mut from_other, b"early", Some(at)), Ok(1));
    let (incoming, mut outgoing) = socket.stream(&network, Some(to_peer)).unwrap();
    assert_eq!(socket.remote_address(), Ok(to_peer));
    let _ = send(&mut from_other, b"late", Some(at));
    assert_eq!(send(&mut from_peer, b"peer", Some(at)), Ok(1));
    let mut received = Vec::new();
    while received.is_empty() {
        ready(&incoming.subscribe());
        received = incoming.receive(16).unwrap();
    }
    assert_eq!(received, [Datagram { data: b"peer".to_vec(), remote: to_peer }]);

    let (incoming_2, _) = socket.stream(&network, None).unwrap();
    assert_eq!(socket.remote_address(), Err(SocketError::InvalidState));
    assert_eq!(socket.local_address(), Ok(at));
    assert_eq!(send(&mut from_other, b"heard", Some(at)), Ok(1));
    ready(&incoming_2.subscribe());
    assert_eq!(incoming_2.receive(16).unwrap()[0].data, b"heard");
    // The earlier pair is of no use any more.
    assert_eq!(incoming.receive(1), Err(SocketError::InvalidState));
    assert_eq!(outgoing.check_send(), Err(SocketError::InvalidState));
}

#[test]
fn each_step_belongs_to_its_state_and_sends_to_their_permit() {
    let network = network(&["127.0.0.1:*"], &["127.0.0.1:*"]);
    let socket = network.udp_socket(Family::V4).unwrap();
    assert_eq!(socket.finish_bind(), Err(SocketError::NotInProgress));
    assert_eq!(socket.local_address(), Err(SocketError::InvalidState));
    assert_eq!(socket.stream(&network, None).err(), Some(SocketError::InvalidState));
    assert_eq!(socket.start_bind(&network, address("[::1]:0")), Err(SocketError::InvalidArgument));
    socket.start_bind(&network, address("127.0.0.1:0")).unwrap();
    assert_eq!(socket.start_bind(&network, address("127.0.0.1:0")), Err(SocketError::ConcurrencyConflict));
    assert_eq!(socket.stream(&network, None).err(), Some(SocketError::InvalidState));
    socket.finish_bind().unwrap();
    assert_eq!(socket.start_bind(&network, address("127.0.0.1:0")), Err(SocketError::InvalidState));
    for text in ["0.0.0.0:80", "127.0.0.1:0", "[::1]:80"] {
        let error = socket.stream(&network, Some(address(text))).err();
        assert_eq!(error, Some(SocketError::InvalidArgument), "{text}");
    }
    let (_, mut outgoing) = socket.stream(&network, None).unwrap();
    let to = socket.local_address().unwrap();
    let one = || [(&b"x"[..], Some(to))].into_iter();
    assert_eq!(outgoing.send(one()), Err(Misuse::Unpermitted));
    assert_eq!(outgoing.send([].into_iter()), Ok(Ok(0)));
    outgoing.check_send().unwrap();
    assert_eq!(outgoing.send(vec![(&b"x"[..], Some(to)); MAX_DATAGRAMS + 1].into_iter()), Err(Misuse::Unpermitted));
    outgoing.check_send().unwrap();
    assert_eq!(outgoing.send(one()), Ok(Ok(1)));
    assert_eq!(outgoing.send(one()), Err(Misuse::Unpermitted));
    for (text, data) in [("0.0.0.0:80", 1), ("127.0.0.1:0", 1), ("[::1]:80", 1)] {
        assert_eq!(
            send(&mut outgoing, &vec![0; data], Some(address(text))),
            Err(SocketError::InvalidArgument),
            "{text}"
        );
    }
    assert_eq!(send(&mut outgoing, &vec![0; 70_000], Some(to)), Err(SocketError::DatagramTooLarge));
    // The first failure ends the list, and what was sent before counts.
    outgoing.check_send().unwrap();
    let list = [(&b"x"[..], Some(to)), (&b"x"[..], None), (&b"x"[..], Some(to))];
    assert_eq!(outgoing.send(list.into_iter()), Ok(Ok(1)));
}

#[test]
fn nobody_listening_is_told_to_a_socket_with_a_peer() {
    let network = network(&["127.0.0.1:*"], &["127.0.0.1:*"]);
    let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let socket = bound(&network, "127.0.0.1:0");
    let (incoming, mut outgoing) = socket.stream(&network, Some(nobody)).unwrap();
    assert_eq!(send(&mut outgoing, b"x", None), Ok(1));
    // Windows tells it as a reset.
    ready(&incoming.subscribe());
    let error = incoming.receive(1).unwrap_err();
    assert!(matches!(error, SocketError::ConnectionRefused | SocketError::ConnectionReset), "{error}");
}

#[test]
fn options_are_the_systems() {
    let network = network(&[], &["127.0.0.1:*"]);
    let socket = bound(&network, "127.0.0.1:0");
    socket.set_unicast_hop_limit(7).unwrap();
    assert_eq!(socket.unicast_hop_limit(), Ok(7));
    assert_eq!(socket.set_unicast_hop_limit(0), Err(SocketError::InvalidArgument));
    socket.set_send_buffer_size(16_384).unwrap();
    assert_eq!(socket.send_buffer_size(), Ok(16_384));
    assert_eq!(socket.set_receive_buffer_size(0), Err(SocketError::InvalidArgument));
    assert!(socket.receive_buffer_size().unwrap() > 0);
    assert_eq!(socket.family(), Family::V4);
}
