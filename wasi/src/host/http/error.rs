//! `error-code` of `wasi:http`: why a message could not be sent or received, after the IANA's proxy error types.

use core::fmt;

/// What a name service said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DnsError {
    /// Its response code, as a word.
    pub rcode: Option<String>,
    /// Its extended error number.
    pub info_code: Option<u16>,
}

/// The alert by which a TLS peer ended the connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsAlert {
    /// Its number.
    pub id: Option<u8>,
    /// Its name.
    pub message: Option<String>,
}

/// The field that was too large.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSize {
    /// Its name.
    pub name: Option<String>,
    /// Its size in bytes.
    pub size: Option<u32>,
}

macro_rules! error_codes {
    ($($name:ident $(($payload:ty))? = $text:literal,)*) => {
        /// Why a message could not be sent or received.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum ErrorCode {
            $(#[doc = concat!("“", $text, "”")] $name $(($payload))?,)*
        }

        impl fmt::Display for ErrorCode {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(error_codes!(@pattern $name $(($payload))?) => $text,)* })?;
                match self {
                    ErrorCode::InternalError(Some(text)) => write!(f, ": {text}"),
                    _ => Ok(()),
                }
            }
        }
    };
    (@pattern $name:ident) => { ErrorCode::$name };
    (@pattern $name:ident ($payload:ty)) => { ErrorCode::$name(_) };
}

error_codes! {
    DnsTimeout = "the name service did not answer in time",
    DnsError(DnsError) = "the name service failed",
    DestinationNotFound = "destination not found",
    DestinationUnavailable = "destination unavailable",
    DestinationIpProhibited = "destination address prohibited",
    DestinationIpUnroutable = "destination address unroutable",
    ConnectionRefused = "connection refused",
    ConnectionTerminated = "connection terminated",
    ConnectionTimeout = "connection timed out",
    ConnectionReadTimeout = "reading from the connection timed out",
    ConnectionWriteTimeout = "writing to the connection timed out",
    ConnectionLimitReached = "too many connections",
    TlsProtocolError = "TLS failed",
    TlsCertificateError = "the TLS certificate is not trusted",
    TlsAlertReceived(TlsAlert) = "the TLS peer sent an alert",
    HttpRequestDenied = "request denied",
    HttpRequestLengthRequired = "request without a length",
    HttpRequestBodySize(Option<u64>) = "request body of another size than declared",
    HttpRequestMethodInvalid = "request method invalid",
    HttpRequestUriInvalid = "request URI invalid",
    HttpRequestUriTooLong = "request URI too long",
    HttpRequestHeaderSectionSize(Option<u32>) = "request headers too large",
    HttpRequestHeaderSize(Option<FieldSize>) = "request header too large",
    HttpRequestTrailerSectionSize(Option<u32>) = "request trailers too large",
    HttpRequestTrailerSize(FieldSize) = "request trailer too large",
    HttpResponseIncomplete = "response incomplete",
    HttpResponseHeaderSectionSize(Option<u32>) = "response headers too large",
    HttpResponseHeaderSize(FieldSize) = "response header too large",
    HttpResponseBodySize(Option<u64>) = "response body of another size than declared",
    HttpResponseTrailerSectionSize(Option<u32>) = "response trailers too large",
    HttpResponseTrailerSize(FieldSize) = "response trailer too large",
    HttpResponseTransferCoding(Option<String>) = "response transfer coding not understood",
    HttpResponseContentCoding(Option<String>) = "response content coding not understood",
    HttpResponseTimeout = "the response did not come in time",
    HttpUpgradeFailed = "upgrade failed",
    HttpProtocolError = "HTTP protocol error",
    LoopDetected = "request loop detected",
    ConfigurationError = "configuration error",
    InternalError(Option<String>) = "internal error",
}

impl core::error::Error for ErrorCode {}
