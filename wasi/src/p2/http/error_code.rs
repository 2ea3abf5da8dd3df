//! `error-code` of `wasi:http/types`: the host's own with names for WIT.

use whit_core::Error;

use crate::ctx::WasiCtx;
use crate::host::http::{self, DnsError, FieldSize, TlsAlert};
use crate::p2::interface::Code;

whit_component::record! {
    /// `DNS-error-payload`.
    pub(crate) struct DnsErrorPayload {
        rcode: Option<String> = "rcode",
        info_code: Option<u16> = "info-code",
    }
}

whit_component::record! {
    /// `TLS-alert-received-payload`.
    pub(crate) struct TlsAlertReceivedPayload {
        alert_id: Option<u8> = "alert-id",
        alert_message: Option<String> = "alert-message",
    }
}

whit_component::record! {
    /// `field-size-payload`.
    pub(crate) struct FieldSizePayload {
        field_name: Option<String> = "field-name",
        field_size: Option<u32> = "field-size",
    }
}

whit_component::variant! {
    /// `error-code`.
    pub(crate) enum ErrorCode {
        DnsTimeout = "DNS-timeout",
        DnsError(payload: DnsErrorPayload) = "DNS-error",
        DestinationNotFound = "destination-not-found",
        DestinationUnavailable = "destination-unavailable",
        DestinationIpProhibited = "destination-IP-prohibited",
        DestinationIpUnroutable = "destination-IP-unroutable",
        ConnectionRefused = "connection-refused",
        ConnectionTerminated = "connection-terminated",
        ConnectionTimeout = "connection-timeout",
        ConnectionReadTimeout = "connection-read-timeout",
        ConnectionWriteTimeout = "connection-write-timeout",
        ConnectionLimitReached = "connection-limit-reached",
        TlsProtocolError = "TLS-protocol-error",
        TlsCertificateError = "TLS-certificate-error",
        TlsAlertReceived(payload: TlsAlertReceivedPayload) = "TLS-alert-received",
        HttpRequestDenied = "HTTP-request-denied",
        HttpRequestLengthRequired = "HTTP-request-length-required",
        HttpRequestBodySize(size: Option<u64>) = "HTTP-request-body-size",
        HttpRequestMethodInvalid = "HTTP-request-method-invalid",
        HttpRequestUriInvalid = "HTTP-request-URI-invalid",
        HttpRequestUriTooLong = "HTTP-request-URI-too-long",
        HttpRequestHeaderSectionSize(size: Option<u32>) = "HTTP-request-header-section-size",
        HttpRequestHeaderSize(field: Option<FieldSizePayload>) = "HTTP-request-header-size",
        HttpRequestTrailerSectionSize(size: Option<u32>) = "HTTP-request-trailer-section-size",
        HttpRequestTrailerSize(field: FieldSizePayload) = "HTTP-request-trailer-size",
        HttpResponseIncomplete = "HTTP-response-incomplete",
        HttpResponseHeaderSectionSize(size: Option<u32>) = "HTTP-response-header-section-size",
        HttpResponseHeaderSize(field: FieldSizePayload) = "HTTP-response-header-size",
        HttpResponseBodySize(size: Option<u64>) = "HTTP-response-body-size",
        HttpResponseTrailerSectionSize(size: Option<u32>) = "HTTP-response-trailer-section-size",
        HttpResponseTrailerSize(field: FieldSizePayload) = "HTTP-response-trailer-size",
        HttpResponseTransferCoding(text: Option<String>) = "HTTP-response-transfer-coding",
        HttpResponseContentCoding(text: Option<String>) = "HTTP-response-content-coding",
        HttpResponseTimeout = "HTTP-response-timeout",
        HttpUpgradeFailed = "HTTP-upgrade-failed",
        HttpProtocolError = "HTTP-protocol-error",
        LoopDetected = "loop-detected",
        ConfigurationError = "configuration-error",
        InternalError(text: Option<String>) = "internal-error",
    }
}

impl Code for http::ErrorCode {
    type Code = ErrorCode;

    fn code(self, _: &mut WasiCtx) -> Result<ErrorCode, Error> {
        Ok(self.into())
    }
}

impl From<http::ErrorCode> for ErrorCode {
    fn from(error: http::ErrorCode) -> Self {
        match error {
            http::ErrorCode::DnsTimeout => Self::DnsTimeout,
            http::ErrorCode::DnsError(payload) => Self::DnsError(payload.into()),
            http::ErrorCode::DestinationNotFound => Self::DestinationNotFound,
            http::ErrorCode::DestinationUnavailable => Self::DestinationUnavailable,
            http::ErrorCode::DestinationIpProhibited => Self::DestinationIpProhibited,
            http::ErrorCode::DestinationIpUnroutable => Self::DestinationIpUnroutable,
            http::ErrorCode::ConnectionRefused => Self::ConnectionRefused,
            http::ErrorCode::ConnectionTerminated => Self::ConnectionTerminated,
            http::ErrorCode::ConnectionTimeout => Self::ConnectionTimeout,
            http::ErrorCode::ConnectionReadTimeout => Self::ConnectionReadTimeout,
            http::ErrorCode::ConnectionWriteTimeout => Self::ConnectionWriteTimeout,
            http::ErrorCode::ConnectionLimitReached => Self::ConnectionLimitReached,
            http::ErrorCode::TlsProtocolError => Self::TlsProtocolError,
            http::ErrorCode::TlsCertificateError => Self::TlsCertificateError,
            http::ErrorCode::TlsAlertReceived(payload) => Self::TlsAlertReceived(payload.into()),
            http::ErrorCode::HttpRequestDenied => Self::HttpRequestDenied,
            http::ErrorCode::HttpRequestLengthRequired => Self::HttpRequestLengthRequired,
            http::ErrorCode::HttpRequestBodySize(size) => Self::HttpRequestBodySize(size),
            http::ErrorCode::HttpRequestMethodInvalid => Self::HttpRequestMethodInvalid,
            http::ErrorCode::HttpRequestUriInvalid => Self::HttpRequestUriInvalid,
            http::ErrorCode::HttpRequestUriTooLong => Self::HttpRequestUriTooLong,
            http::ErrorCode::HttpRequestHeaderSectionSize(size) => Self::HttpRequestHeaderSectionSize(size),
            http::ErrorCode::HttpRequestHeaderSize(field) => Self::HttpRequestHeaderSize(field.map(Into::into)),
            http::ErrorCode::HttpRequestTrailerSectionSize(size) => Self::HttpRequestTrailerSectionSize(size),
            http::ErrorCode::HttpRequestTrailerSize(field) => Self::HttpRequestTrailerSize(field.into()),
            http::ErrorCode::HttpResponseIncomplete => Self::HttpResponseIncomplete,
            http::ErrorCode::HttpResponseHeaderSectionSize(size) => Self::HttpResponseHeaderSectionSize(size),
            http::ErrorCode::HttpResponseHeaderSize(field) => Self::HttpResponseHeaderSize(field.into()),
            http::ErrorCode::HttpResponseBodySize(size) => Self::HttpResponseBodySize(size),
            http::ErrorCode::HttpResponseTrailerSectionSize(size) => Self::HttpResponseTrailerSectionSize(size),
            http::ErrorCode::HttpResponseTrailerSize(field) => Self::HttpResponseTrailerSize(field.into()),
            http::ErrorCode::HttpResponseTransferCoding(text) => Self::HttpResponseTransferCoding(text),
            http::ErrorCode::HttpResponseContentCoding(text) => Self::HttpResponseContentCoding(text),
            http::ErrorCode::HttpResponseTimeout => Self::HttpResponseTimeout,
            http::ErrorCode::HttpUpgradeFailed => Self::HttpUpgradeFailed,
            http::ErrorCode::HttpProtocolError => Self::HttpProtocolError,
            http::ErrorCode::LoopDetected => Self::LoopDetected,
            http::ErrorCode::ConfigurationError => Self::ConfigurationError,
            http::ErrorCode::InternalError(text) => Self::InternalError(text),
        }
    }
}

impl From<ErrorCode> for http::ErrorCode {
    fn from(error: ErrorCode) -> Self {
        match error {
            ErrorCode::DnsTimeout => Self::DnsTimeout,
            ErrorCode::DnsError(payload) => Self::DnsError(payload.into()),
            ErrorCode::DestinationNotFound => Self::DestinationNotFound,
            ErrorCode::DestinationUnavailable => Self::DestinationUnavailable,
            ErrorCode::DestinationIpProhibited => Self::DestinationIpProhibited,
            ErrorCode::DestinationIpUnroutable => Self::DestinationIpUnroutable,
            ErrorCode::ConnectionRefused => Self::ConnectionRefused,
            ErrorCode::ConnectionTerminated => Self::ConnectionTerminated,
            ErrorCode::ConnectionTimeout => Self::ConnectionTimeout,
            ErrorCode::ConnectionReadTimeout => Self::ConnectionReadTimeout,
            ErrorCode::ConnectionWriteTimeout => Self::ConnectionWriteTimeout,
            ErrorCode::ConnectionLimitReached => Self::ConnectionLimitReached,
            ErrorCode::TlsProtocolError => Self::TlsProtocolError,
            ErrorCode::TlsCertificateError => Self::TlsCertificateError,
            ErrorCode::TlsAlertReceived(payload) => Self::TlsAlertReceived(payload.into()),
            ErrorCode::HttpRequestDenied => Self::HttpRequestDenied,
            ErrorCode::HttpRequestLengthRequired => Self::HttpRequestLengthRequired,
            ErrorCode::HttpRequestBodySize(size) => Self::HttpRequestBodySize(size),
            ErrorCode::HttpRequestMethodInvalid => Self::HttpRequestMethodInvalid,
            ErrorCode::HttpRequestUriInvalid => Self::HttpRequestUriInvalid,
            ErrorCode::HttpRequestUriTooLong => Self::HttpRequestUriTooLong,
            ErrorCode::HttpRequestHeaderSectionSize(size) => Self::HttpRequestHeaderSectionSize(size),
            ErrorCode::HttpRequestHeaderSize(field) => Self::HttpRequestHeaderSize(field.map(Into::into)),
            ErrorCode::HttpRequestTrailerSectionSize(size) => Self::HttpRequestTrailerSectionSize(size),
            ErrorCode::HttpRequestTrailerSize(field) => Self::HttpRequestTrailerSize(field.into()),
            ErrorCode::HttpResponseIncomplete => Self::HttpResponseIncomplete,
            ErrorCode::HttpResponseHeaderSectionSize(size) => Self::HttpResponseHeaderSectionSize(size),
            ErrorCode::HttpResponseHeaderSize(field) => Self::HttpResponseHeaderSize(field.into()),
            ErrorCode::HttpResponseBodySize(size) => Self::HttpResponseBodySize(size),
            ErrorCode::HttpResponseTrailerSectionSize(size) => Self::HttpResponseTrailerSectionSize(size),
            ErrorCode::HttpResponseTrailerSize(field) => Self::HttpResponseTrailerSize(field.into()),
            ErrorCode::HttpResponseTransferCoding(text) => Self::HttpResponseTransferCoding(text),
            ErrorCode::HttpResponseContentCoding(text) => Self::HttpResponseContentCoding(text),
            ErrorCode::HttpResponseTimeout => Self::HttpResponseTimeout,
            ErrorCode::HttpUpgradeFailed => Self::HttpUpgradeFailed,
            ErrorCode::HttpProtocolError => Self::HttpProtocolError,
            ErrorCode::LoopDetected => Self::LoopDetected,
            ErrorCode::ConfigurationError => Self::ConfigurationError,
            ErrorCode::InternalError(text) => Self::InternalError(text),
        }
    }
}

impl From<DnsError> for DnsErrorPayload {
    fn from(error: DnsError) -> Self {
        Self { rcode: error.rcode, info_code: error.info_code }
    }
}

impl From<DnsErrorPayload> for DnsError {
    fn from(payload: DnsErrorPayload) -> Self {
        Self { rcode: payload.rcode, info_code: payload.info_code }
    }
}

impl From<TlsAlert> for TlsAlertReceivedPayload {
    fn from(alert: TlsAlert) -> Self {
        Self { alert_id: alert.id, alert_message: alert.message }
    }
}

impl From<TlsAlertReceivedPayload> for TlsAlert {
    fn from(payload: TlsAlertReceivedPayload) -> Self {
        Self { id: payload.alert_id, message: payload.alert_message }
    }
}

impl From<FieldSize> for FieldSizePayload {
    fn from(size: FieldSize) -> Self {
        Self { field_name: size.name, field_size: size.size }
    }
}

impl From<FieldSizePayload> for FieldSize {
    fn from(payload: FieldSizePayload) -> Self {
        Self { name: payload.field_name, size: payload.field_size }
    }
}
