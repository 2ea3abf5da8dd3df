//! Sockets that were granted, and what the functions say of anything else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use tempfile::TempDir;
use whit_wasi::Access;
use whit_wasi::host::wait::Waited;
use whit_wasi::p1::{Errno, Outcome};

use crate::guest::{DATA, Guest};

const NONBLOCK: u64 = 4;
const PEEK: u64 = 1;
const WAITALL: u64 = 2;

fn listening() -> (Guest, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let guest = Guest::with(|builder| {
        builder.preopen_socket(listener).unwrap();
    });
    (guest, address)
}

fn connected() -> (Guest, TcpStream, u32) {
    let (mut guest, address) = listening();
    let peer = TcpStream::connect(address).unwrap();
    guest.call("sock_accept", &[3, 0, 0]).unwrap();
    let fd = guest.u32(0);
    (guest, peer, fd)
}

fn recv(guest: &mut Guest, fd: u32, len: u32, flags: u64) -> Result<Vec<u8>, Errno> {
    let [iovs, count] = guest.iovecs(&[(DATA, len)]);
    guest.call("sock_recv", &[fd.into(), iovs, count, flags, 0, 4])?;
    Ok(guest.bytes(DATA, guest.u32(0)).to_vec())
}

fn send(guest: &mut Guest, fd: u32, bytes: &[u8]) -> Result<u32, Errno> {
    guest.put(DATA, bytes);
    let [iovs, count] = guest.iovecs(&[(DATA, bytes.len() as u32)]);
    guest.call("sock_send", &[fd.into(), iovs, count, 0, 0]).map(|()| guest.u32(0))
}

#[test]
fn accepting_waits_for_a_connection() {
    let (mut guest, address) = listening();
    let pending = guest.pending("sock_accept", &[3, 0, 0]);
    assert!(!pending.wait().is_over());
    let thread = std::thread::spawn(move || TcpStream::connect(address).unwrap());
    assert_eq!(pending.wait().block(None), Waited::Over);
    assert!(matches!(guest.resume(pending), Ok(Outcome::Done(Errno::Success))));
    assert_eq!(guest.u32(0), 4);
    assert_eq!(guest.fdstat(4).unwrap().0, 6);
    thread.join().unwrap();
    // Without waiting it is an error.
    guest.call("fd_fdstat_set_flags", &[3, NONBLOCK]).unwrap();
    assert_eq!(guest.call("sock_accept", &[3, 0, 0]), Err(Errno::Again));
    assert_eq!(guest.fdstat(3).unwrap().1, 4);
}

#[test]
fn bytes_go_both_ways() {
    let (mut guest, mut peer, fd) = connected();
    peer.write_all(b"ping").unwrap();
    assert_eq!(recv(&mut guest, fd, 10, PEEK).unwrap(), b"ping");
    assert_eq!(recv(&mut guest, fd, 2, 0).unwrap(), b"pi");
    assert_eq!(guest.read(fd, 10).unwrap(), b"ng");
    assert_eq!(send(&mut guest, fd, b"po"), Ok(2));
    assert_eq!(guest.write(fd, b"ng"), Ok(2));
    guest.call("sock_shutdown", &[fd.into(), 2]).unwrap();
    let mut text = String::new();
    peer.read_to_string(&mut text).unwrap();
    assert_eq!(text, "pong");
    drop(peer);
    assert_eq!(recv(&mut guest, fd, 10, 0).unwrap(), b"");
}

#[test]
fn waiting_for_all_waits_for_all() {
    let (mut guest, mut peer, fd) = connected();
    peer.write_all(b"abc").unwrap();
    let [iovs, count] = guest.iovecs(&[(DATA, 2), (DATA + 100, 4)]);
    // The first bytes may not have arrived yet either.
    let pending = guest.pending("sock_recv", &[fd.into(), iovs, count, WAITALL, 0, 4]);
    peer.write_all(b"defg").unwrap();
    let mut outcome = Ok(Outcome::Pending(pending));
    while let Ok(Outcome::Pending(pending)) = outcome {
        pending.wait().block(None);
        outcome = guest.resume(pending);
    }
    assert!(matches!(outcome, Ok(Outcome::Done(Errno::Success))));
    assert_eq!(guest.u32(0), 6);
    assert_eq!((guest.bytes(DATA, 2), guest.bytes(DATA + 100, 4)), (&b"ab"[..], &b"cdef"[..]));
    assert_eq!(recv(&mut guest, fd, 10, 0).unwrap(), b"g");
    // The end of the stream is the end of the wait.
    peer.write_all(b"x").unwrap();
    drop(peer);
    assert_eq!(recv(&mut guest, fd, 10, WAITALL).unwrap(), b"x");
}

#[test]
fn a_connection_that_does_not_wait_says_again() {
    let (mut guest, address) = listening();
    let mut peer = TcpStream::connect(address).unwrap();
    guest.call("sock_accept", &[3, NONBLOCK, 0]).unwrap();
    let fd = guest.u32(0);
    assert_eq!(guest.fdstat(fd).unwrap().1, 4);
    assert_eq!(recv(&mut guest, fd, 10, 0), Err(Errno::Again));
    assert_eq!(recv(&mut guest, fd, 10, WAITALL), Err(Errno::Again));
    // A peer that does not read fills the connection, and then it says again as well.
    let block = vec![0; 0x1_0000];
    let full = (0..10_000).find_map(|_| send(&mut guest, fd, &block).err());
    assert_eq!(full, Some(Errno::Again));
    peer.write_all(b"x").unwrap();
}

#[test]
fn a_peer_that_does_not_read_makes_the_writer_wait_not_the_host() {
    let (mut guest, mut peer, fd) = connected();
    let buffers = vec![(0, 0x4_0000); 200];
    let [iovs, count] = guest.iovecs(&buffers);
    let count_at = 0x8000 + 0x3000;
    let mut outcome = guest.start("sock_send", &[fd.into(), iovs, count, 0, count_at]);
    let reader = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        let mut all = Vec::new();
        peer.read_to_end(&mut all).unwrap();
        all.len()
    });
    while let Ok(Outcome::Pending(pending)) = outcome {
        pending.wait().block(None);
        outcome = guest.resume(pending);
    }
    assert!(matches!(outcome, Ok(Outcome::Done(Errno::Success))));
    assert_eq!(guest.u32(count_at as u32), 200 * 0x4_0000);
    guest.close(fd).unwrap();
    assert_eq!(reader.join().unwrap(), 200 * 0x4_0000);
}

#[test]
fn a_lost_connection_is_an_error_and_no_signal() {
    let (mut guest, peer, fd) = connected();
    drop(peer);
    let error = (0..1_000).find_map(|_| send(&mut guest, fd, b"x").err());
    assert!(matches!(error, Some(Errno::Pipe | Errno::ConnReset)), "{error:?}");
}

#[test]
fn anything_else_is_not_a_socket() {
    let root = TempDir::new().unwrap();
    let (mut guest, _) = listening();
    let mut files = Guest::with(|builder| {
        builder.dir(root.path(), "/", Access::ReadWrite).unwrap();
    });
    for (fd, errno) in [(0, Errno::NotSock), (1, Errno::NotSock), (3, Errno::NotSock), (99, Errno::Badf)] {
        assert_eq!(files.call("sock_accept", &[fd, 0, 0]), Err(errno));
        assert_eq!(files.call("sock_recv", &[fd, 0, 0, 0, 0, 4]), Err(errno));
        assert_eq!(files.call("sock_send", &[fd, 0, 0, 0, 0]), Err(errno));
        assert_eq!(files.call("sock_shutdown", &[fd, 1]), Err(errno));
    }
    assert_eq!(guest.call("sock_shutdown", &[3, 1]), Err(Errno::NotSock), "a listener is no connection");
    assert_eq!(guest.call("sock_recv", &[3, 0, 0, 4, 0, 4]), Err(Errno::Inval));
    assert_eq!(guest.call("sock_send", &[3, 0, 0, 1, 0]), Err(Errno::Inval));
    assert_eq!(guest.call("sock_shutdown", &[3, 4]), Err(Errno::Inval));
    assert_eq!(guest.call("sock_accept", &[3, 1, 0]), Err(Errno::Inval));
    assert_eq!(guest.read(3, 1), Err(Errno::Badf));
    let (mut guest, _peer, fd) = connected();
    assert_eq!(guest.call("sock_shutdown", &[fd.into(), 0]), Err(Errno::Inval));
    assert_eq!(guest.call("sock_accept", &[fd.into(), 0, 0]), Err(Errno::NotSock));
    assert_eq!(guest.seek(fd, 0, 0), Err(Errno::Spipe));
}
