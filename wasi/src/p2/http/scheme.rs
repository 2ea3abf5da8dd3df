//! `scheme` of `wasi:http/types`.

use crate::host::http;

whit_component::variant! {
    /// `scheme`.
    pub(super) enum Scheme {
        Http = "HTTP",
        Https = "HTTPS",
        Other(text: String) = "other",
    }
}

impl From<&http::Scheme> for Scheme {
    fn from(scheme: &http::Scheme) -> Self {
        match scheme {
            http::Scheme::Http => Self::Http,
            http::Scheme::Https => Self::Https,
            http::Scheme::Other(text) => Self::Other(text.to_string()),
        }
    }
}

impl Scheme {
    /// The scheme, unless it is malformed.
    pub(super) fn parse(self) -> Option<http::Scheme> {
        match self {
            Self::Http => Some(http::Scheme::Http),
            Self::Https => Some(http::Scheme::Https),
            Self::Other(text) => http::Scheme::parse(&text),
        }
    }
}
