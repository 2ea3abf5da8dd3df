//! Requests out of this machine: what is checked before one is sent, and the trait behind which it is sent.

use std::sync::Arc;

use super::super::net::{Network, SocketError};
use super::super::quota::{Held, Quota};
use super::{
    DnsError, ErrorCode, FieldLimits, FutureIncomingResponse, IncomingResponse, OutgoingRequest, Promise,
    RequestOptions, SentRequest, promise,
};

/// A way to send requests: what an embedder implements who has a network of his own.
pub trait Transport: Send + Sync {
    /// Starts to send `request` and returns at once; the response, or why there is none, is given to the promise later. Whoever sends it
    /// connects through `network`, so that every address is checked against the grants, and gives up when the promise is abandoned.
    ///
    /// # Errors
    /// The request cannot even be started.
    fn send(&self, network: Network, request: SentRequest, response: ResponsePromise) -> Result<(), ErrorCode>;
}

/// The place for a response, which also holds the request's place among those under way.
pub struct ResponsePromise {
    promise: Promise<Result<IncomingResponse, ErrorCode>>,
    place: Held,
}

impl ResponsePromise {
    /// The promise, and the request's place, which must be kept until nothing more of the response is received.
    pub fn into_parts(self) -> (Promise<Result<IncomingResponse, ErrorCode>>, Held) {
        (self.promise, self.place)
    }
}

/// What a context sends requests with.
pub struct Client {
    transport: Option<Arc<dyn Transport>>,
    under_way: Quota,
    limits: FieldLimits,
}

impl Client {
    /// Requests through `transport`, as many at a time as `under_way` has room for, and with responses whose fields keep `limits`.
    pub fn new(transport: Option<Arc<dyn Transport>>, under_way: Quota, limits: FieldLimits) -> Self {
        Client { transport, under_way, limits }
    }

    /// `handle`: sends `request` if it is one, and if it may go where it says.
    pub fn send(
        &self,
        network: &Network,
        request: OutgoingRequest,
        options: RequestOptions,
    ) -> Result<FutureIncomingResponse, ErrorCode> {
        let request = request.into_sent(options, self.limits)?;
        network.check_request(&request.target.host, request.target.port)?;
        let transport = self.transport.as_ref().ok_or(ErrorCode::ConfigurationError)?;
        let place = self.under_way.take().ok_or(ErrorCode::ConnectionLimitReached)?;
        let (promise, promised) = promise();
        transport.send(network.clone(), request, ResponsePromise { promise, place })?;
        Ok(FutureIncomingResponse::new(promised))
    }
}

/// What went wrong on the network, as HTTP tells it. What was denied the network has recorded.
impl From<SocketError> for ErrorCode {
    fn from(error: SocketError) -> Self {
        match error {
            SocketError::Denied(_) | SocketError::AccessDenied => ErrorCode::HttpRequestDenied,
            SocketError::Timeout => ErrorCode::ConnectionTimeout,
            SocketError::NewSocketLimit => ErrorCode::ConnectionLimitReached,
            SocketError::RemoteUnreachable => ErrorCode::DestinationIpUnroutable,
            SocketError::ConnectionRefused => ErrorCode::ConnectionRefused,
            SocketError::ConnectionReset | SocketError::ConnectionAborted => ErrorCode::ConnectionTerminated,
            SocketError::NameUnresolvable
            | SocketError::TemporaryResolverFailure
            | SocketError::PermanentResolverFailure => ErrorCode::DnsError(DnsError::default()),
            error => ErrorCode::InternalError(Some(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::super::Denials;
    use super::super::super::net::NetGrants;
    use super::super::super::wait::lock;
    use super::super::{Authority, Fields, Scheme};
    use super::*;

    /// Keeps what it is to send.
    #[derive(Default)]
    struct Kept(Mutex<Vec<(SentRequest, ResponsePromise)>>);

    impl Transport for Kept {
        fn send(&self, _: Network, request: SentRequest, response: ResponsePromise) -> Result<(), ErrorCode> {
            lock(&self.0).push((request, response));
            Ok(())
        }
    }

    fn request(authority: &str) -> OutgoingRequest {
        let mut request = OutgoingRequest::new(Fields::new(FieldLimits::default()));
        (request.scheme, request.authority) = (Some(Scheme::Http), Authority::parse(authority));
        request
    }

    #[test]
    fn only_what_is_granted_is_sent_and_not_without_bound() {
        let mut grants = NetGrants::default();
        grants.allow_connect("example.com:80".parse().unwrap()).unwrap();
        let (denials, transport) = (Denials::default(), Arc::new(Kept::default()));
        let network = Network::new(grants, Quota::new(0), denials.clone());
        let client = Client::new(Some(transport.clone()), Quota::new(2), FieldLimits::default());
        let send = |authority: &str| client.send(&network, request(authority), RequestOptions::default());
        for authority in ["example.org", "example.com:81", "127.0.0.1", "[::1]:80"] {
            assert!(matches!(send(authority), Err(ErrorCode::HttpRequestDenied)), "{authority}");
        }
        assert!(denials.list()[0].to_string().contains("--allow-net example.org:80"));
        let _responses = (send("Example.com.:80").unwrap(), send("example.com").unwrap());
        assert!(matches!(send("example.com"), Err(ErrorCode::ConnectionLimitReached)));
        lock(&transport.0).clear();
        assert!(send("example.com").is_ok());
    }

    #[test]
    fn without_a_transport_nothing_is_sent() {
        let mut grants = NetGrants::default();
        grants.allow_connect("*:*".parse().unwrap()).unwrap();
        let network = Network::new(grants, Quota::new(2), Denials::default());
        let client = Client::new(None, Quota::new(1), FieldLimits::default());
        let sent = client.send(&network, request("a.example"), RequestOptions::default());
        assert!(matches!(sent, Err(ErrorCode::ConfigurationError)));
    }
}
