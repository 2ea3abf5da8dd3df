//! Requests that go out: one connection and one thread each.

use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper::header::{HOST, HeaderValue};
use hyper::rt::{Read, Write};
use hyper::{Request, Response, Uri};

use super::super::super::net::{Family, Host, Network, SocketError, Stream};
use super::super::super::wait::Source;
use super::super::{
    ErrorCode, IncomingBody, IncomingResponse, Message, Method, RequestOptions, ResponsePromise, SentRequest,
    StatusCode, Target, Transport, body_channel,
};
use super::body::{IncomingBytes, OutgoingBytes, failure};
use super::driver::{Alarm, Driver};
use super::socket::Socket;
use super::{from_wire, max_head, to_wire};

/// How long is waited where the guest does not say.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(60);
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(600);
const BETWEEN_BYTES_TIMEOUT: Duration = Duration::from_secs(600);

/// How long the end of a body that may be empty is waited for before the head is sent, for methods that seldom have one.
const EMPTY_BODY_PATIENCE: Duration = Duration::from_millis(20);

/// The way this machine sends requests: one for the process, so that certificates are read once.
pub(in super::super) fn client() -> Arc<dyn Transport> {
    static CLIENT: std::sync::OnceLock<Arc<Client>> = std::sync::OnceLock::new();
    CLIENT.get_or_init(Arc::default).clone()
}

/// Sends requests from threads of this process.
#[derive(Default)]
struct Client {
    #[cfg(feature = "tls")]
    tls: super::tls::Connector,
}

impl Transport for Client {
    fn send(&self, network: Network, request: SentRequest, response: ResponsePromise) -> Result<(), ErrorCode> {
        #[cfg(not(feature = "tls"))]
        if request.target.tls {
            return Err(ErrorCode::InternalError(Some("TLS is not built in".into())));
        }
        #[cfg(feature = "tls")]
        let tls = self.tls.clone();
        let (promise, place) = response.into_parts();
        let exchange = move || {
            let driver = Driver::default();
            let abandoned = promise.abandoned();
            let exchange = Exchange {
                driver: driver.clone(),
                network,
                options: request.options,
                #[cfg(feature = "tls")]
                tls,
            };
            // Dropped with its sender, the body of a response that nobody waits for breaks off.
            let begun = driver.run(unless(&driver, &abandoned, exchange.begin(request)));
            let Some(begun) = begun else { return };
            match begun {
                Err(error) => promise.keep(Err(error)),
                Ok((response, rest)) => {
                    promise.keep(Ok(response));
                    driver.run(rest.receive());
                }
            }
            drop(place);
        };
        let thread = std::thread::Builder::new().name("whit-http".into());
        thread.spawn(exchange).map(drop).map_err(|_| ErrorCode::ConnectionLimitReached)
    }
}

/// The outcome of `future`, or `None` once `abandoned`.
async fn unless<F: Future>(driver: &Driver, abandoned: &Arc<dyn Source>, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|context| {
        if abandoned.is_ready() {
            return Poll::Ready(None);
        }
        driver.wait_for(abandoned);
        future.as_mut().poll(context).map(Some)
    })
    .await
}

/// The outcome of `future`, or `late` if it takes longer than `limit`.
async fn within<F: Future<Output = Result<R, ErrorCode>>, R>(
    driver: &Driver,
    limit: Duration,
    late: ErrorCode,
    future: F,
) -> Result<R, ErrorCode> {
    let (mut alarm, mut future) = (pin!(driver.alarm_after(limit)), pin!(future));
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Pending => alarm.as_mut().poll(context).map(|()| Err(late.clone())),
        ready => ready,
    })
    .await
}

/// The time that a guest asked for, or ours.
fn limit(asked: Option<u64>, default: Duration) -> Duration {
    asked.map_or(default, Duration::from_nanos)
}

/// A connection's transport, with or without TLS.
pub(super) trait Wire: Read + Write + Unpin {}

impl<W: Read + Write + Unpin> Wire for W {}

type Running = Connection<Box<dyn Wire>, OutgoingBytes>;

/// One request and its response.
struct Exchange {
    driver: Driver,
    network: Network,
    options: RequestOptions,
    #[cfg(feature = "tls")]
    tls: super::tls::Connector,
}

impl Exchange {
    /// Connects, sends the head, and waits for the response's.
    async fn begin(self, request: SentRequest) -> Result<(IncomingResponse, Rest), ErrorCode> {
        let connect = limit(self.options.connect_timeout, CONNECT_TIMEOUT);
        let wire = self.connect(&request.target);
        let wire = within(&self.driver, connect, ErrorCode::ConnectionTimeout, wire).await?;
        let builder = builder(&request);
        let (sender, connection) = builder.handshake(wire).await.map_err(|error| failure(&error))?;
        let mut connection = Beside { connection: Some(Box::pin(connection)) };
        let limits = request.limits;
        let first_byte = limit(self.options.first_byte_timeout, FIRST_BYTE_TIMEOUT);
        let answered = self.exchange(sender, &mut connection, request);
        let response = within(&self.driver, first_byte, ErrorCode::HttpResponseTimeout, answered).await?;
        let (head, body) = response.into_parts();
        let headers = from_wire(&head.headers, limits).ok_or(ErrorCode::HttpResponseHeaderSectionSize(None))?;
        let (sender, receiver) = body_channel(super::super::BODY_CAPACITY);
        let response = IncomingResponse {
            status: StatusCode::new(head.status.as_u16()).ok_or(ErrorCode::HttpProtocolError)?,
            headers,
            body: Some(IncomingBody::new(Message::Response, receiver)),
        };
        let between = limit(self.options.between_bytes_timeout, BETWEEN_BYTES_TIMEOUT);
        let body = IncomingBytes::new(Message::Response, None, body, sender, limits, self.driver.clone());
        Ok((response, Rest { driver: self.driver, connection, body, between }))
    }

    /// A connection to where the request goes. Each address is checked when it is known, also where the name was granted.
    async fn connect(&self, target: &Target) -> Result<Box<dyn Wire>, ErrorCode> {
        let stream = match &target.host {
            Host::Address(ip) => self.connect_to(SocketAddr::new(*ip, target.port)).await?,
            Host::Name(name) => {
                let mut lookup = self.network.lookup(name.as_str())?;
                let source = lookup.subscribe().into_source();
                let mut failed = None;
                loop {
                    let next = poll_fn(|_| match lookup.next_address() {
                        Err(SocketError::WouldBlock) => {
                            self.driver.wait_for(&source);
                            Poll::Pending
                        }
                        next => Poll::Ready(next),
                    });
                    // The error of the first address says most: it is the one that is preferred.
                    let Some(ip) = next.await? else { return Err(failed.unwrap_or(ErrorCode::DestinationNotFound)) };
                    match self.connect_to(SocketAddr::new(ip, target.port)).await {
                        Ok(stream) => break stream,
                        Err(SocketError::Denied(_)) => _ = failed.get_or_insert(ErrorCode::DestinationIpProhibited),
                        Err(error) => _ = failed.get_or_insert(error.into()),
                    }
                }
            }
        };
        stream.set_no_delay();
        let socket = Socket::new(stream, self.driver.clone());
        #[cfg(feature = "tls")]
        if target.tls {
            return Ok(Box::new(self.tls.connect(socket, &target.host).await?));
        }
        Ok(Box::new(socket))
    }

    async fn connect_to(&self, address: SocketAddr) -> Result<Stream, SocketError> {
        let socket = self.network.tcp_socket(if address.is_ipv4() { Family::V4 } else { Family::V6 })?;
        socket.start_connect(&self.network, address)?;
        let source = socket.subscribe().into_source();
        poll_fn(|_| match socket.finish_connect_whole() {
            Err(SocketError::WouldBlock) => {
                self.driver.wait_for(&source);
                Poll::Pending
            }
            result => Poll::Ready(result),
        })
        .await
    }

    /// Sends the request and waits for the head of its response.
    async fn exchange(
        &self,
        mut sender: SendRequest<OutgoingBytes>,
        connection: &mut Beside,
        request: SentRequest,
    ) -> Result<Response<Incoming>, ErrorCode> {
        if let (Method::Get | Method::Head | Method::Options | Method::Trace | Method::Delete, Some(body), None) =
            (&request.method, &request.body, request.target.content_length)
        {
            // Most guests finish the empty body of such a request right after they have handed it over. Seen in time, it needs no coding.
            let (source, mut patience) = (body.source(), pin!(self.driver.alarm_after(EMPTY_BODY_PATIENCE)));
            poll_fn(|context| {
                if source.is_ready() {
                    return Poll::Ready(());
                }
                self.driver.wait_for(&source);
                patience.as_mut().poll(context)
            })
            .await;
        }
        let answered = sender.send_request(message(request, &self.driver)?);
        connection.until(answered).await.map_err(|error| failure(&error))
    }
}

/// The connection with the bounds that the request's fields have.
fn builder(request: &SentRequest) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.max_headers(request.limits.max_fields).max_buf_size(max_head(request.limits));
    builder
}

/// The request for `hyper`.
fn message(request: SentRequest, driver: &Driver) -> Result<Request<OutgoingBytes>, ErrorCode> {
    let SentRequest { method, target, headers, body, .. } = request;
    let body = OutgoingBytes::new(body, target.content_length, driver.clone());
    let mut message = Request::new(body);
    *message.method_mut() =
        method.as_str().parse().map_err(|_: hyper::http::method::InvalidMethod| ErrorCode::HttpRequestMethodInvalid)?;
    *message.uri_mut() =
        Uri::try_from(target.path_with_query.as_str()).map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    *message.headers_mut() = to_wire(&headers)?;
    let usual = if target.tls { 443 } else { 80 };
    let host = if target.port == usual { target.host.to_string() } else { format!("{}:{}", target.host, target.port) };
    let host = HeaderValue::try_from(host).map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    message.headers_mut().insert(HOST, host);
    Ok(message)
}

/// A connection that is polled beside whatever is waited for.
struct Beside {
    connection: Option<Pin<Box<Running>>>,
}

impl Beside {
    fn poll(&mut self, context: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection
            && connection.as_mut().poll(context).is_ready()
        {
            // Its error is told by what it was to bring.
            self.connection = None;
        }
    }

    async fn until<F: Future>(&mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|context| {
            self.poll(context);
            future.as_mut().poll(context)
        })
        .await
    }
}

/// What follows the head of a response.
struct Rest {
    driver: Driver,
    connection: Beside,
    body: IncomingBytes,
    between: Duration,
}

impl Rest {
    /// Passes the body on until it is over, or nobody reads it, or nothing comes for too long.
    async fn receive(mut self) {
        loop {
            let mut alarm: Pin<Box<Alarm>> = Box::pin(self.driver.alarm_after(self.between));
            let goes_on = poll_fn(|context| {
                self.connection.poll(context);
                match self.body.poll_piece(context) {
                    // The peer is not late while the guest is.
                    Poll::Pending if self.body.waits_for_reader() => Poll::Pending,
                    Poll::Pending => alarm.as_mut().poll(context).map(|()| None),
                    Poll::Ready(goes_on) => Poll::Ready(Some(goes_on)),
                }
            })
            .await;
            match goes_on {
                Some(true) => {}
                Some(false) => return,
                None => return self.body.fail(ErrorCode::ConnectionReadTimeout),
            }
        }
    }
}
