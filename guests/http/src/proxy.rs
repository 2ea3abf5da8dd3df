//! A handler of HTTP that does what the path says, for `whit serve`.

mod client;

use std::thread;
use std::time::Duration;

use wasip2::http::types::{Fields, IncomingBody, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

struct Proxy;

wasip2::http::proxy::export!(Proxy);

impl wasip2::exports::http::incoming_handler::Guest for Proxy {
    fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        match path {
            "/" => text(outparam, 200, "hello, world\n"),
            "/echo" => echo(request, outparam),
            "/request" => text(outparam, 200, &described(&request)),
            "/fetch" => match client::send(Method::Get, query, &[], false, None) {
                Ok(answer) => text(outparam, answer.status, &String::from_utf8_lossy(&answer.body)),
                Err(error) => text(outparam, 502, &format!("{error:?}\n")),
            },
            "/sleep" => {
                thread::sleep(Duration::from_millis(query.parse().expect("a number of milliseconds")));
                text(outparam, 200, "slept\n");
            }
            "/flood" => flood(outparam, query.parse().expect("a number of kibibytes")),
            "/trailers" => trailers(outparam),
            // An endless loop that waits for nothing.
            "/spin" => loop {
                core::hint::black_box(());
            },
            "/trap" => panic!("as it was asked to"),
            "/silence" => {}
            "/break" => break_off(outparam),
            "/late-trap" => {
                break_off(outparam);
                panic!("after its response");
            }
            "/stdout" => {
                println!("{query}");
                text(outparam, 200, "said\n");
            }
            "/env" => text(outparam, 200, &format!("{:?}\n", std::env::vars().collect::<Vec<_>>())),
            "/file" => match std::fs::read_to_string(query) {
                Ok(contents) => text(outparam, 200, &contents),
                Err(error) => text(outparam, 403, &format!("{:?}\n", error.kind())),
            },
            _ => text(outparam, 404, "there is nothing there\n"),
        }
    }
}

/// Answers with `text` and its length.
fn text(outparam: ResponseOutparam, status: u16, text: &str) {
    let headers = Fields::new();
    headers.append("Content-Type", b"text/plain").expect("it is well-formed");
    headers.append("Content-Length", text.len().to_string().as_bytes()).expect("it is well-formed");
    let (body, stream) = begin(outparam, status, headers);
    write(&stream, text.as_bytes());
    drop(stream);
    OutgoingBody::finish(body, None).expect("it is as long as it should be");
}

/// Sends the head of a response.
fn begin(outparam: ResponseOutparam, status: u16, headers: Fields) -> (OutgoingBody, OutputStream) {
    let response = OutgoingResponse::new(headers);
    response.set_status_code(status).expect("it is a status");
    let body = response.body().expect("it is asked for once");
    ResponseOutparam::set(outparam, Ok(response));
    let stream = body.write().expect("it is asked for once");
    (body, stream)
}

/// Writes all of `bytes`, unless the client has gone.
fn write(stream: &OutputStream, bytes: &[u8]) {
    for piece in bytes.chunks(4096) {
        if stream.blocking_write_and_flush(piece).is_err() {
            return;
        }
    }
}

/// Sends back what comes, as it comes.
fn echo(request: IncomingRequest, outparam: ResponseOutparam) {
    let incoming = request.consume().expect("it is consumed once");
    let input: InputStream = incoming.stream().expect("it is asked for once");
    let (body, output) = begin(outparam, 200, Fields::new());
    loop {
        match input.blocking_read(4096) {
            Ok(piece) => write(&output, &piece),
            Err(StreamError::Closed) => break,
            // The body broke off, and so does the response.
            Err(StreamError::LastOperationFailed(_)) => return,
        }
    }
    drop(input);
    let trailers = IncomingBody::finish(incoming);
    trailers.subscribe().block();
    drop(output);
    OutgoingBody::finish(body, None).expect("it may have any length");
}

/// What the request looks like from here.
fn described(request: &IncomingRequest) -> String {
    let mut text = format!("{:?} {:?} {:?}\n", request.method(), request.scheme(), request.authority());
    for (name, value) in request.headers().entries() {
        text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(&value)));
    }
    text
}

fn flood(outparam: ResponseOutparam, kibibytes: usize) {
    let (body, stream) = begin(outparam, 200, Fields::new());
    for _ in 0..kibibytes {
        write(&stream, &[b'.'; 1024]);
    }
    drop(stream);
    OutgoingBody::finish(body, None).expect("it may have any length");
}

fn trailers(outparam: ResponseOutparam) {
    let headers = Fields::new();
    headers.append("Trailer", b"X-Sum").expect("it is well-formed");
    let (body, stream) = begin(outparam, 200, headers);
    write(&stream, b"summed\n");
    drop(stream);
    let trailers = Fields::new();
    trailers.append("X-Sum", b"7").expect("it is well-formed");
    OutgoingBody::finish(body, Some(trailers)).expect("it may have any length");
}

/// Begins a body of ten bytes and writes three.
fn break_off(outparam: ResponseOutparam) {
    let headers = Fields::new();
    headers.append("Content-Length", b"10").expect("it is well-formed");
    let (body, stream) = begin(outparam, 200, headers);
    write(&stream, b"abc");
    drop(stream);
    drop(body);
}
