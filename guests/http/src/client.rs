//! Sends one request and waits for what comes back.

use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};
use wasip2::io::streams::StreamError;

/// What came back.
#[allow(dead_code, reason = "the handler passes only a part of it on")]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    pub trailers: Vec<(String, Vec<u8>)>,
}

/// Sends `method` with `body` to `url`; its length is declared unless `chunked`.
pub fn send(method: Method, url: &str, body: &[u8], chunked: bool, timeout: Option<u64>) -> Result<Answer, ErrorCode> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let headers = Fields::new();
    let malformed = |()| ErrorCode::HttpRequestUriInvalid;
    if !body.is_empty() && !chunked {
        let length = body.len().to_string().into_bytes();
        headers.append("Content-Length", &length).map_err(|_| ErrorCode::HttpProtocolError)?;
    }
    let request = OutgoingRequest::new(headers);
    request.set_method(&method).map_err(|()| ErrorCode::HttpRequestMethodInvalid)?;
    request.set_scheme(Some(&if scheme == "https" { Scheme::Https } else { Scheme::Http })).map_err(malformed)?;
    request.set_authority(Some(authority)).map_err(malformed)?;
    request.set_path_with_query(Some(path)).map_err(malformed)?;
    let outgoing = request.body().map_err(malformed)?;
    let options = RequestOptions::new();
    for set in [
        RequestOptions::set_connect_timeout,
        RequestOptions::set_first_byte_timeout,
        RequestOptions::set_between_bytes_timeout,
    ] {
        set(&options, timeout).map_err(|()| ErrorCode::ConfigurationError)?;
    }
    let response = handle(request, Some(options))?;
    let stream = outgoing.write().map_err(malformed)?;
    for piece in body.chunks(4096) {
        if stream.blocking_write_and_flush(piece).is_err() {
            break;
        }
    }
    drop(stream);
    OutgoingBody::finish(outgoing, None)?;

    response.subscribe().block();
    let response = response.get().expect("it is ready").expect("it is asked for once")?;
    let incoming = response.consume().expect("it is consumed once");
    let stream = incoming.stream().expect("it is asked for once");
    let mut body = Vec::new();
    loop {
        match stream.blocking_read(1 << 16) {
            Ok(piece) => body.extend(piece),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(wasip2::http::types::http_error_code(&error).expect("the stream is one of HTTP"));
            }
        }
    }
    drop(stream);
    let trailers = IncomingBody::finish(incoming);
    trailers.subscribe().block();
    let trailers = trailers.get().expect("they are ready").expect("they are asked for once")?;
    Ok(Answer {
        status: response.status(),
        headers: response.headers().entries(),
        body,
        trailers: trailers.map(|trailers| trailers.entries()).unwrap_or_default(),
    })
}
