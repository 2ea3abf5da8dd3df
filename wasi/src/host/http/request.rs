//! The parts of a request and a response besides fields and body, each checked when it is set.

use core::fmt;

use super::super::net::Host;
use super::super::quota::Quota;
use super::response::Taken;
use super::{BodyReceiver, ErrorCode, FieldLimits, Fields, Message, OutgoingBody, is_token};

macro_rules! methods {
    ($($name:ident = $text:literal,)*) => {
        /// `method`.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Method {
            $(#[doc = $text] $name,)*
            /// Any other.
            Other(Box<str>),
        }

        impl Method {
            /// Reads a method; those with a variant of their own are never [`Other`](Self::Other).
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Method::$name),)*
                    _ if text.len() > MAX_WORD || text.is_empty() || !text.bytes().all(is_token) => None,
                    _ => Some(Method::Other(text.into())),
                }
            }

            /// As it is sent.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Method::$name => $text,)*
                    Method::Other(text) => text,
                }
            }
        }
    };
}

methods! {
    Get = "GET",
    Head = "HEAD",
    Post = "POST",
    Put = "PUT",
    Delete = "DELETE",
    Connect = "CONNECT",
    Options = "OPTIONS",
    Trace = "TRACE",
    Patch = "PATCH",
}

impl Default for Method {
    /// `GET`.
    fn default() -> Self {
        Method::Get
    }
}

/// The longest method or scheme that is no standard one.
const MAX_WORD: usize = 64;

/// The longest authority and the longest path with query, in bytes.
const MAX_AUTHORITY: usize = 1024;
pub(super) const MAX_PATH: usize = u16::MAX as usize - 1;

/// `scheme`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `http`
    Http,
    /// `https`
    Https,
    /// Any other.
    Other(Box<str>),
}

impl Scheme {
    /// Reads a scheme; `http` and `https`, in whatever case, are never [`Other`](Self::Other).
    pub fn parse(text: &str) -> Option<Self> {
        let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        if text.len() > MAX_WORD || !text.starts_with(|c: char| c.is_ascii_alphabetic()) || !text.bytes().all(rest) {
            return None;
        }
        Some(if text.eq_ignore_ascii_case("http") {
            Scheme::Http
        } else if text.eq_ignore_ascii_case("https") {
            Scheme::Https
        } else {
            Scheme::Other(text.into())
        })
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
            Scheme::Other(text) => text,
        }
    }
}

/// `authority`: a host, and perhaps a port. Without user information, which HTTP does not send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    text: Box<str>,
    host: Host,
    port: Option<u16>,
}

impl Authority {
    /// Reads `HOST` or `HOST:PORT`, where the host is a name, an IPv4 address, or an IPv6 address in brackets.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_AUTHORITY {
            return None;
        }
        let (host, port) = match text.rsplit_once(':') {
            // The colon is one of the address's.
            Some((_, rest)) if rest.ends_with(']') => (text, None),
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        };
        // Without brackets, part of an IPv6 address would be taken for a port.
        if host.contains(':') && !host.starts_with('[') {
            return None;
        }
        let port = match port {
            None => None,
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(port.parse().ok().filter(|port| *port != 0)?)
            }
            Some(_) => return None,
        };
        Some(Authority { text: text.into(), host: Host::parse(host).ok()?, port })
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Its port, if it has one.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

/// `path-with-query`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathWithQuery(Box<str>);

impl PathWithQuery {
    /// Reads a path that starts with `/`, a query alone that starts with `?`, `*`, or nothing; without spaces, control
    /// characters, a fragment, or anything that is no ASCII.
    pub fn parse(text: &str) -> Option<Self> {
        let starts_well = text.is_empty() || text == "*" || text.starts_with(['/', '?']);
        let is_sent = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
        (starts_well && text.len() <= MAX_PATH && text.bytes().all(is_sent)).then(|| PathWithQuery(text.into()))
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `status-code`: from 100 to 999.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusCode(u16);

impl StatusCode {
    /// Checks a number.
    pub fn new(code: u16) -> Option<Self> {
        (100..=999).contains(&code).then_some(StatusCode(code))
    }

    /// The number.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl Default for StatusCode {
    /// 200.
    fn default() -> Self {
        StatusCode(200)
    }
}

/// `request-options`: how long to wait, in nanoseconds; `None` is the host's choice. No time at all is over at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestOptions {
    /// For the connection.
    pub connect_timeout: Option<u64>,
    /// For the first byte of the response's body.
    pub first_byte_timeout: Option<u64>,
    /// Between two pieces of the response's body.
    pub between_bytes_timeout: Option<u64>,
}

/// `outgoing-request`, of which every part is well-formed, though not every combination.
pub struct OutgoingRequest {
    /// The method.
    pub method: Method,
    /// The scheme; HTTPS if it is left out.
    pub scheme: Option<Scheme>,
    /// The host and port.
    pub authority: Option<Authority>,
    /// The path and query.
    pub path_with_query: Option<PathWithQuery>,
    /// The headers.
    pub headers: Fields,
    body: Taken,
}

/// A request that can be sent.
pub struct SentRequest {
    /// The method.
    pub method: Method,
    /// Where it goes.
    pub target: Target,
    /// The headers, which are the guest's: those of the connection are the sender's to add.
    pub headers: Fields,
    /// The bytes of the body, if there is one.
    pub body: Option<BodyReceiver>,
    /// How long to wait.
    pub options: RequestOptions,
    /// Bounds on the fields of the response.
    pub limits: FieldLimits,
}

/// Where a request goes, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Whether through TLS.
    pub tls: bool,
    /// The host, as grants know it.
    pub host: Host,
    /// The port.
    pub port: u16,
    /// The path and query, never empty.
    pub path_with_query: String,
    /// The length of the body, if the headers declare it.
    pub content_length: Option<u64>,
}

impl OutgoingRequest {
    /// A request with these headers and nothing else; the headers cannot be changed any more.
    pub fn new(mut headers: Fields) -> Self {
        headers.freeze();
        OutgoingRequest {
            method: Method::default(),
            scheme: None,
            authority: None,
            path_with_query: None,
            headers,
            body: Taken::default(),
        }
    }

    /// `body`: the body to write, once, and if `bodies` has room for it.
    pub fn body(&mut self, bodies: &Quota) -> Option<OutgoingBody> {
        self.body.body(Message::Request, &self.headers, bodies)
    }

    /// What is sent, if the request can be.
    pub fn into_sent(self, options: RequestOptions, limits: FieldLimits) -> Result<SentRequest, ErrorCode> {
        let target = self.target()?;
        let OutgoingRequest { method, headers, body, .. } = self;
        let body = body.into_receiver();
        match target.content_length {
            Some(length) if length > 0 && body.is_none() => Err(ErrorCode::HttpRequestBodySize(Some(0))),
            _ => Ok(SentRequest { method, target, headers, body, options, limits }),
        }
    }

    /// Where the request goes, if it can be sent at all.
    pub fn target(&self) -> Result<Target, ErrorCode> {
        let tls = match &self.scheme {
            None | Some(Scheme::Https) => true,
            Some(Scheme::Http) => false,
            Some(Scheme::Other(_)) => return Err(ErrorCode::HttpProtocolError),
        };
        // It would turn the connection into a tunnel to wherever the guest says.
        if self.method == Method::Connect {
            return Err(ErrorCode::HttpRequestMethodInvalid);
        }
        let authority = self.authority.as_ref().ok_or(ErrorCode::HttpRequestUriInvalid)?;
        let path_with_query = match self.path_with_query.as_ref().map_or("", PathWithQuery::as_str) {
            "*" if self.method != Method::Options => return Err(ErrorCode::HttpRequestUriInvalid),
            path if path.is_empty() || path.starts_with('?') => format!("/{path}"),
            path => path.into(),
        };
        Ok(Target {
            tls,
            host: authority.host().clone(),
            port: authority.port().unwrap_or(if tls { 443 } else { 80 }),
            path_with_query,
            content_length: self.headers.content_length()?,
        })
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::super::FieldLimits;
    use super::*;

    #[test]
    fn methods_are_tokens_and_have_one_form() {
        assert_eq!(Method::parse("GET"), Some(Method::Get));
        assert_eq!(Method::parse("PATCH"), Some(Method::Patch));
        assert_eq!(Method::parse("get"), Some(Method::Other("get".into())));
        assert_eq!(Method::parse("PROPFIND").unwrap().as_str(), "PROPFIND");
        for text in ["", " GET", "GET ", "GET / HTTP/1.1\r\n", "G\0T", "GÄT", "a/b", &"x".repeat(65)] {
            assert_eq!(Method::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn schemes_are_words() {
        assert_eq!(Scheme::parse("HTTP"), Some(Scheme::Http));
        assert_eq!(Scheme::parse("https"), Some(Scheme::Https));
        assert_eq!(Scheme::parse("ws+unix").unwrap().as_str(), "ws+unix");
        for text in ["", "1a", "a:", "a b", "ä", "+a", &"x".repeat(65)] {
            assert_eq!(Scheme::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_authority_is_a_host_and_a_port_and_nothing_else() {
        let parsed = |text| {
            let authority = Authority::parse(text)?;
            assert_eq!(authority.as_str(), text);
            Some((authority.host().to_string(), authority.port()))
        };
        assert_eq!(parsed("Example.com."), Some(("example.com".into(), None)));
        assert_eq!(parsed("example.com:8080"), Some(("example.com".into(), Some(8080))));
        assert_eq!(parsed("[::1]"), Some(("[::1]".into(), None)));
        assert_eq!(parsed("[::ffff:127.0.0.1]:80"), Some(("127.0.0.1".into(), Some(80))));
        assert_eq!(parsed("127.0.0.1."), Some(("127.0.0.1".into(), None)));
        for text in [
            "",
            ":80",
            "example.com:",
            "example.com:0",
            "example.com:65536",
            "example.com:+80",
            "example.com:80:80",
            "user@example.com",
            "user:secret@example.com",
            "example.com/path",
            "example.com?q",
            "example.com#f",
            "exa mple.com",
            "example.com\r\n",
            "ex\0",
            "::1",
            "[::1",
            "[::1]80",
            "[fe80::1%eth0]",
            "[127.0.0.1]",
            "0x7f.1",
            "2130706433",
            "bücher.example",
            "%65xample.com",
            "example.com\\@evil.com",
            &"a.".repeat(600),
        ] {
            assert_eq!(parsed(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_path_cannot_leave_its_line() {
        for text in ["", "/", "/a/b?c=d&e", "?q", "*", "/%20", "/a:b@c/;{}|\"", &format!("/{}", "x".repeat(65_533))] {
            assert!(PathWithQuery::parse(text).is_some(), "{text:?}");
        }
        for text in [
            "a",
            "http://example.com/",
            "**",
            "/a b",
            "/a\r\nX: 1",
            "/\0",
            "/\x7f",
            "/ä",
            "/a#f",
            &format!("/{}", "x".repeat(65_534)),
        ] {
            assert!(PathWithQuery::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn status_codes_have_three_digits() {
        assert_eq!(StatusCode::default().get(), 200);
        assert!(StatusCode::new(100).is_some() && StatusCode::new(999).is_some());
        assert!(StatusCode::new(99).is_none() && StatusCode::new(1000).is_none() && StatusCode::new(0).is_none());
    }

    #[test]
    fn a_request_says_where_it_goes_or_why_it_cannot() {
        let request = || OutgoingRequest {
            authority: Authority::parse("Example.com"),
            ..OutgoingRequest::new(Fields::new(FieldLimits::default()))
        };
        let target = request().target().unwrap();
        assert_eq!((target.tls, target.port, target.path_with_query.as_str()), (true, 443, "/"));
        assert_eq!(target.host.to_string(), "example.com");
        let http =
            OutgoingRequest { scheme: Some(Scheme::Http), path_with_query: PathWithQuery::parse("?q=1"), ..request() };
        let target = http.target().unwrap();
        assert_eq!((target.tls, target.port, target.path_with_query.as_str()), (false, 80, "/?q=1"));

        let refused = |request: OutgoingRequest| request.target().unwrap_err();
        assert_eq!(refused(OutgoingRequest { authority: None, ..request() }), ErrorCode::HttpRequestUriInvalid);
        let scheme = Scheme::parse("ftp");
        assert_eq!(refused(OutgoingRequest { scheme, ..request() }), ErrorCode::HttpProtocolError);
        let method = Method::Connect;
        assert_eq!(refused(OutgoingRequest { method, ..request() }), ErrorCode::HttpRequestMethodInvalid);
        let path_with_query = PathWithQuery::parse("*");
        assert_eq!(refused(OutgoingRequest { path_with_query, ..request() }), ErrorCode::HttpRequestUriInvalid);
        let lengths = [("content-length", &b"1"[..]), ("Content-Length", b"2")];
        let headers = Fields::from_list(FieldLimits::default(), lengths).unwrap();
        assert_eq!(refused(OutgoingRequest { headers, ..request() }), ErrorCode::HttpProtocolError);
        let mut request = request();
        assert!(request.headers.append("a", b"b").is_err(), "the headers are the request's now");
    }
}
