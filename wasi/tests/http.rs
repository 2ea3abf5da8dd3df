//! The server's side of connections without a guest: clients that are slow, and what a handler answers.
#![cfg(feature = "http")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use whit_wasi::host::Quota;
use whit_wasi::host::http::wire::server::{self, ServerLimits, Shutdown};
use whit_wasi::host::http::{
    ErrorCode, FieldLimits, Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam, StatusCode,
};
use whit_wasi::host::net::Listener;
use whit_wasi::host::stream::Output;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that gives each request to `handle`, in a thread of its own.
fn start(limits: ServerLimits, handle: fn(IncomingRequest, ResponseOutparam)) -> (SocketAddr, Shutdown) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, shutdown) = (listener.local_addr().unwrap(), Shutdown::default());
    let (listener, asked) = (Listener::new(listener).unwrap(), shutdown.clone());
    thread::spawn(move || {
        while let Some(stream) = server::accept(&listener, &asked).unwrap() {
            let asked = asked.clone();
            thread::spawn(move || {
                server::serve(stream, &limits, &asked, &|request, outparam| {
                    thread::spawn(move || handle(request, outparam));
                })
            });
        }
    });
    (address, shutdown)
}

fn brief() -> ServerLimits {
    let mut limits = ServerLimits::default();
    (limits.head_timeout, limits.idle_timeout) = (Duration::from_millis(200), Duration::from_millis(200));
    limits
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends `text` and waits until the server closes; fails if it does not.
fn closed_after(address: SocketAddr, text: &str) -> String {
    let (mut stream, start, mut answer) = (connect(address), Instant::now(), Vec::new());
    stream.write_all(text.as_bytes()).unwrap();
    stream.read_to_end(&mut answer).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(150), "it was closed too early: {text:?}");
    String::from_utf8(answer).unwrap()
}

fn response(headers: &[(&str, &str)]) -> (OutgoingResponse, OutgoingBody, Output) {
    let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
    let mut response = OutgoingResponse::new(Fields::from_list(FieldLimits::default(), headers).unwrap());
    let mut body = response.body(&Quota::new(1)).unwrap();
    let output = body.stream().unwrap();
    (response, body, output)
}

fn write(output: &mut Output, bytes: &[u8]) -> bool {
    let Ok(mut write) = whit_wasi::host::stream::WriteAndFlush::new(bytes.to_vec()) else { return false };
    loop {
        match write.attempt(output) {
            whit_wasi::host::wait::Attempt::Done(result) => return result.is_ok(),
            whit_wasi::host::wait::Attempt::Wait(wait) => drop(wait.block(Some(Instant::now() + PATIENCE))),
        }
    }
}

/// Answers with "done" once it has the whole body, and with an error if the body breaks off.
fn after_the_body(request: IncomingRequest, outparam: ResponseOutparam) {
    let trailers = request.body.unwrap().finish();
    let clock = whit_wasi::host::clocks::SystemMonotonicClock::default();
    while let whit_wasi::host::wait::Attempt::Wait(wait) = trailers.subscribe().block(&clock) {
        wait.block(Some(Instant::now() + PATIENCE));
    }
    let mut trailers = trailers;
    if let Some(Ok(Err(error))) = trailers.get() {
        return outparam.set(Err(error));
    }
    let (response, body, mut output) = response(&[]);
    outparam.set(Ok(response));
    write(&mut output, b"done");
    drop(output);
    body.finish(None).unwrap();
}

/// Writes until nobody reads.
fn without_end(_: IncomingRequest, outparam: ResponseOutparam) {
    let (response, _body, mut output) = response(&[]);
    outparam.set(Ok(response));
    while write(&mut output, &[b'.'; 4096]) {}
}

#[test]
fn clients_that_take_their_time_are_left() {
    let (address, _) = start(brief(), after_the_body);
    for text in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n"] {
        // Nothing, or a word about it.
        assert!(!closed_after(address, text).contains("200"), "{text:?}");
    }
    // The rest of the body never comes.
    closed_after(address, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    // After an answer, the next request never comes.
    assert!(closed_after(address, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").contains("done"));
}

#[test]
fn a_client_that_does_not_read_is_left_and_whoever_writes_learns_of_it() {
    static ENDED: std::sync::OnceLock<()> = std::sync::OnceLock::new();
    let (address, _) = start(brief(), |request, outparam| {
        without_end(request, outparam);
        let _ = ENDED.set(());
    });
    let mut stream = connect(address);
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let start = Instant::now();
    while ENDED.get().is_none() {
        assert!(start.elapsed() < PATIENCE, "the handler still writes");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_handler_that_gives_an_error_or_nothing_or_nonsense_is_a_500() {
    fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
        match request.path_with_query.as_deref() {
            Some("/error") => outparam.set(Err(ErrorCode::LoopDetected)),
            Some("/nothing") => drop(outparam),
            Some("/lengths") => outparam.set(Ok(response(&[("content-length", "1"), ("content-length", "2")]).0)),
            Some("/missing") => {
                let headers = Fields::from_list(FieldLimits::default(), [("content-length", &b"1"[..])]).unwrap();
                outparam.set(Ok(OutgoingResponse::new(headers)));
            }
            _ => {
                let mut response = OutgoingResponse::new(Fields::new(FieldLimits::default()));
                response.status = StatusCode::new(101).unwrap();
                outparam.set(Ok(response));
            }
        }
    }
    let (address, _) = start(ServerLimits::default(), handle);
    for path in ["/error", "/nothing", "/lengths", "/missing", "/informational"] {
        let (mut stream, mut answer) = (connect(address), String::new());
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 500"), "{path}: {answer}");
    }
}

#[test]
fn thousands_of_requests_on_one_connection_leave_nothing_behind() {
    let (address, shutdown) = start(ServerLimits::default(), after_the_body);
    let mut stream = connect(address);
    for round in 0..2_000 {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"0\r\n\r\n") {
            let mut piece = [0; 512];
            let size = stream.read(&mut piece).unwrap();
            assert!(size > 0, "round {round}");
            answer.extend_from_slice(&piece[..size]);
        }
    }
    // Whoever waits for the end is told in the middle of waiting.
    let waiter = Arc::new(shutdown.clone());
    let waiting =
        thread::spawn(move || whit_wasi::host::wait::Wait::for_source(waiter).block(Some(Instant::now() + PATIENCE)));
    shutdown.ask();
    assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0, "an idle connection is closed");
    assert_eq!(waiting.join().unwrap(), whit_wasi::host::wait::Waited::Over);
}
