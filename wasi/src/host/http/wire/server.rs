//! Requests that come in: connections of clients, each a thread of the caller's, whose requests are handed on.
//!
//! What answers a request runs elsewhere, on a thread of its own choice: a connection only passes on what arrives, and sends what is answered.

use core::cell::RefCell;
use core::future::poll_fn;
use core::pin::pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::io;
use std::sync::{Arc, Mutex};

use hyper::body::Incoming;
use hyper::header::{EXPECT, HOST};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Version};

use super::super::super::HostError;
use super::super::super::net::{Listener, Stream};
use super::super::super::wait::{Signal, Source, Subscribers, Wait, lock};
use super::super::{
    Authority, BODY_CAPACITY, ErrorCode, FieldLimits, IncomingBody, IncomingRequest, Message, Method, Outcome,
    OutgoingResponse, Promised, ResponseOutparam, Scheme, body_channel,
};
use super::body::{IncomingBytes, OutgoingBytes};
use super::driver::{Alarm, Driver};
use super::socket::Socket;
use super::{from_wire, max_head, to_wire};

/// Bounds on what clients may ask for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ServerLimits {
    /// The fields of one request.
    pub fields: FieldLimits,
    /// The bytes of one request's body; `None` for any number.
    pub max_body: Option<u64>,
    /// How long a client may take for the head of a request, and so also how long a connection may be idle.
    pub head_timeout: Duration,
    /// How long a client may do nothing with a body of which the other side waits for more, or has more.
    pub idle_timeout: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        ServerLimits {
            fields: FieldLimits::default(),
            max_body: None,
            head_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(60),
        }
    }
}

/// Tells connections, and whoever accepts them, that the server ends. Clones are the same.
#[derive(Clone, Default)]
pub struct Shutdown {
    state: Arc<Mutex<ShutdownState>>,
}

#[derive(Default)]
struct ShutdownState {
    is_asked: bool,
    subscribers: Subscribers,
}

impl Shutdown {
    /// Ends the server: what is being answered is finished, and nothing more accepted.
    pub fn ask(&self) {
        let mut state = lock(&self.state);
        state.is_asked = true;
        state.subscribers.notify();
    }

    /// Whether the server ends.
    pub fn is_asked(&self) -> bool {
        lock(&self.state).is_asked
    }
}

impl Source for Shutdown {
    fn is_ready(&self) -> bool {
        self.is_asked()
    }

    fn subscribe(&self, signal: &Signal) -> bool {
        lock(&self.state).subscribers.add(signal)
    }
}

/// Waits for a connection; `None` once the server ends.
///
/// # Errors
/// The system has no room for one, or the socket is none.
pub fn accept(listener: &Listener, shutdown: &Shutdown) -> io::Result<Option<Stream>> {
    let mut wait = Wait::for_source(listener.source());
    wait.add(Arc::new(shutdown.clone()));
    loop {
        if shutdown.is_asked() {
            return Ok(None);
        }
        match listener.accept() {
            Err(HostError::WouldBlock) => _ = wait.block(None),
            Err(error) => return Err(io::Error::other(error)),
            Ok(stream) => return Ok(Some(stream)),
        }
    }
}

/// Serves the requests of one connection until it ends. `handle` is given each request with the place for its response, and must come back at
/// once.
pub fn serve(
    stream: Stream,
    limits: &ServerLimits,
    shutdown: &Shutdown,
    handle: &dyn Fn(IncomingRequest, ResponseOutparam),
) {
    let driver = Driver::default();
    // HTTP/1.1 has one request at a time; the body of one that was not read to its end is given up when the next comes.
    let arriving: RefCell<Option<IncomingBytes>> = RefCell::new(None);
    let service = service_fn(|request| {
        let promised = admit(request, limits, &driver, &arriving, handle);
        let driver = driver.clone();
        async move { Ok::<_, core::convert::Infallible>(respond(promised, driver).await) }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(driver.clone())
        .header_read_timeout(limits.head_timeout)
        .max_headers(limits.fields.max_fields)
        .max_buf_size(max_head(limits.fields));
    let asked: Arc<dyn Source> = Arc::new(shutdown.clone());
    stream.set_no_delay();
    let socket = Socket::new(stream, driver.clone());
    let unsent = socket.blocked();
    let mut connection = pin!(builder.serve_connection(socket, service));
    let (mut ends, mut alarm) = (false, None);
    let served = poll_fn(|context| {
        if !ends && asked.is_ready() {
            ends = true;
            connection.as_mut().graceful_shutdown();
        } else if !ends {
            driver.wait_for(&asked);
        }
        pass_on(&arriving, context);
        let polled = connection.as_mut().poll(context);
        if polled.is_ready() {
            return Poll::Ready(());
        }
        // A request that has just come may have brought its body.
        pass_on(&arriving, context);
        let unreceived = arriving.borrow().as_ref().and_then(IncomingBytes::waits_since);
        let waits_since = [unsent.get(), unreceived].into_iter().flatten().min();
        alarm = waits_since.and_then(|since| since.checked_add(limits.idle_timeout)).map(|end| driver.alarm(end));
        // A client that neither takes what is sent nor sends what it has announced is left.
        if alarm.as_ref().is_some_and(Alarm::is_over) { Poll::Ready(()) } else { Poll::Pending }
    });
    driver.run(served);
    if let Some(body) = arriving.take() {
        body.fail(ErrorCode::ConnectionTerminated);
    }
}

/// Passes on what has arrived of a request's body.
fn pass_on(arriving: &RefCell<Option<IncomingBytes>>, context: &mut Context<'_>) {
    let mut arriving = arriving.borrow_mut();
    while let Some(body) = &mut *arriving {
        match body.poll_piece(context) {
            Poll::Pending => return,
            Poll::Ready(true) => {}
            Poll::Ready(false) => *arriving = None,
        }
    }
}

type Answer = Result<Promised<Result<OutgoingResponse, ErrorCode>>, StatusCode>;

/// Hands a request on, or refuses it with a status.
fn admit(
    request: Request<Incoming>,
    limits: &ServerLimits,
    driver: &Driver,
    arriving: &RefCell<Option<IncomingBytes>>,
    handle: &dyn Fn(IncomingRequest, ResponseOutparam),
) -> Answer {
    let (head, body) = request.into_parts();
    // Both would change what the connection is.
    if head.method == hyper::Method::CONNECT {
        return Err(StatusCode::NOT_IMPLEMENTED);
    }
    if head.headers.get(EXPECT).is_some_and(|expected| !expected.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
        return Err(StatusCode::EXPECTATION_FAILED);
    }
    let method = Method::parse(head.method.as_str()).ok_or(StatusCode::NOT_IMPLEMENTED)?;
    let mut hosts = head.headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (None, _) if head.version == Version::HTTP_11 => return Err(StatusCode::BAD_REQUEST),
        (Some(_), Some(_)) => return Err(StatusCode::BAD_REQUEST),
        (host, _) => host.map(|host| host.to_str()).transpose().map_err(|_| StatusCode::BAD_REQUEST)?,
    };
    // An authority in the request line counts more than the field.
    let authority = match head.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => host.filter(|host| !host.is_empty()),
    };
    if authority.is_some_and(|authority| Authority::parse(authority).is_none()) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let headers = from_wire(&head.headers, limits.fields).ok_or(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)?;
    if let (Some(max), Ok(Some(length))) = (limits.max_body, headers.content_length())
        && length > max
    {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let (sender, receiver) = body_channel(BODY_CAPACITY);
    let request = IncomingRequest {
        method,
        scheme: Some(Scheme::Http),
        authority: authority.map(str::to_owned),
        path_with_query: Some(head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned()),
        headers,
        body: Some(IncomingBody::new(Message::Request, receiver)),
    };
    let body = IncomingBytes::new(Message::Request, limits.max_body, body, sender, limits.fields, driver.clone());
    *arriving.borrow_mut() = Some(body);
    let (outparam, promised) = ResponseOutparam::new();
    handle(request, outparam);
    Ok(promised)
}

/// Waits for the response and makes it one for `hyper`.
async fn respond(answer: Answer, driver: Driver) -> Response<OutgoingBytes> {
    let mut promised = match answer {
        Ok(promised) => promised,
        Err(status) => return empty(status, driver),
    };
    let source = promised.source();
    let outcome = poll_fn(|_| match promised.take() {
        Outcome::Pending => {
            driver.wait_for(&source);
            Poll::Pending
        }
        outcome => Poll::Ready(outcome),
    });
    // A guest that trapped, gave no response, or an error instead: what there is to know of it is not the client's business.
    let Outcome::Kept(Ok(response)) = outcome.await else {
        return empty(StatusCode::INTERNAL_SERVER_ERROR, driver);
    };
    let message = response.into_parts().and_then(|(status, headers, declared, receiver)| {
        if receiver.is_none() && declared.is_some_and(|length| length > 0) {
            return Err(ErrorCode::HttpResponseBodySize(Some(0)));
        }
        let mut message = Response::new(OutgoingBytes::new(receiver, declared, driver.clone()));
        // Informational statuses come before a response and are none.
        *message.status_mut() = match StatusCode::from_u16(status.get()) {
            Ok(status) if !status.is_informational() => status,
            _ => return Err(ErrorCode::HttpProtocolError),
        };
        *message.headers_mut() = to_wire(&headers)?;
        Ok(message)
    });
    message.unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR, driver))
}

fn empty(status: StatusCode, driver: Driver) -> Response<OutgoingBytes> {
    let mut response = Response::new(OutgoingBytes::new(None, Some(0), driver));
    *response.status_mut() = status;
    response
}
