//! `method` of `wasi:http/types`.

use crate::host::http;

whit_component::variant! {
    /// `method`.
    pub(super) enum Method {
        Get = "get",
        Head = "head",
        Post = "post",
        Put = "put",
        Delete = "delete",
        Connect = "connect",
        Options = "options",
        Trace = "trace",
        Patch = "patch",
        Other(text: String) = "other",
    }
}

impl From<&http::Method> for Method {
    fn from(method: &http::Method) -> Self {
        match method {
            http::Method::Get => Self::Get,
            http::Method::Head => Self::Head,
            http::Method::Post => Self::Post,
            http::Method::Put => Self::Put,
            http::Method::Delete => Self::Delete,
            http::Method::Connect => Self::Connect,
            http::Method::Options => Self::Options,
            http::Method::Trace => Self::Trace,
            http::Method::Patch => Self::Patch,
            http::Method::Other(text) => Self::Other(text.to_string()),
        }
    }
}

impl Method {
    /// The method, unless it is malformed.
    pub(super) fn parse(self) -> Option<http::Method> {
        Some(match self {
            Self::Get => http::Method::Get,
            Self::Head => http::Method::Head,
            Self::Post => http::Method::Post,
            Self::Put => http::Method::Put,
            Self::Delete => http::Method::Delete,
            Self::Connect => http::Method::Connect,
            Self::Options => http::Method::Options,
            Self::Trace => http::Method::Trace,
            Self::Patch => http::Method::Patch,
            Self::Other(text) => return http::Method::parse(&text),
        })
    }
}
