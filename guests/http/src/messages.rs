//! A command that builds messages without sending them and checks what the interface says of each: one step for each argument.

use wasip2::http::types::{
    ErrorCode, Fields, HeaderError, Method, OutgoingBody, OutgoingRequest, OutgoingResponse, RequestOptions, Scheme,
    http_error_code,
};
use wasip2::io::streams::StreamError;

fn main() {
    for step in std::env::args().skip(1) {
        match step.as_str() {
            "fields" => fields(),
            "immutable" => immutable(),
            "request" => request(),
            "options" => options(),
            "response" => response(),
            "length" => length(),
            "trailers" => trailers(),
            "large" => {
                let fields = Fields::new();
                let _ = fields.append("a", &vec![b'x'; 200 << 10]);
            }
            "many" => {
                let fields = Fields::new();
                for number in 0..40_000 {
                    let _ = fields.append(&format!("n{number}"), b"");
                }
            }
            "hoard-fields" => std::mem::forget((0..100_000).map(|_| Fields::new()).collect::<Vec<_>>()),
            "hoard-bodies" => {
                let requests: Vec<_> = (0..1_000).map(|_| OutgoingResponse::new(Fields::new())).collect();
                let bodies = requests.iter().filter_map(|request| request.body().ok()).count();
                println!("{bodies} bodies");
            }
            "finish-lent" => {
                let (body, stream) = body();
                let _ = OutgoingBody::finish(body, None);
                drop(stream);
            }
            "drop-lent" => {
                let (body, stream) = body();
                drop(body);
                drop(stream);
            }
            other => panic!("no step {other}"),
        }
        println!("{step}: ok");
    }
}

fn body() -> (OutgoingBody, wasip2::io::streams::OutputStream) {
    let body = OutgoingResponse::new(Fields::new()).body().unwrap();
    let stream = body.write().unwrap();
    (body, stream)
}

fn fields() {
    let list = [("A".to_string(), b"1".to_vec()), ("b".to_string(), b"2".to_vec()), ("a".to_string(), b"3".to_vec())];
    let fields = Fields::from_list(&list).unwrap();
    assert_eq!(fields.entries(), list);
    assert_eq!(fields.get("a"), [b"1", b"3"]);
    assert!(fields.has("B") && !fields.has("c") && !fields.has("not a name") && fields.get("c").is_empty());
    fields.set("c", &[b"x".to_vec(), b"y".to_vec()]).unwrap();
    fields.delete("A").unwrap();
    let copy = fields.clone();
    fields.append("B", b"4").unwrap();
    assert_eq!(fields.get("b"), [b"2", b"4"]);
    assert_eq!(copy.entries().len(), 3);
    for name in ["", "a b", "a:", "ä", "a\r\nb", "a\0"] {
        assert!(matches!(fields.append(name, b""), Err(HeaderError::InvalidSyntax)), "{name:?}");
        assert!(matches!(Fields::from_list(&[(name.into(), vec![])]), Err(HeaderError::InvalidSyntax)));
    }
    for value in ["a\r\nb", "\n", "\0"] {
        assert!(matches!(fields.append("a", value.as_bytes()), Err(HeaderError::InvalidSyntax)), "{value:?}");
        assert!(matches!(fields.set("a", &[value.into()]), Err(HeaderError::InvalidSyntax)), "{value:?}");
    }
    for name in ["Host", "connection", "Transfer-Encoding", "upgrade", "keep-alive", "proxy-authorization"] {
        assert!(matches!(fields.append(name, b"a"), Err(HeaderError::Forbidden)), "{name}");
        assert!(matches!(fields.set(name, &[]), Err(HeaderError::Forbidden)), "{name}");
        assert!(matches!(fields.delete(name), Err(HeaderError::Forbidden)), "{name}");
    }
}

fn immutable() {
    let headers = Fields::new();
    headers.append("a", b"1").unwrap();
    let request = OutgoingRequest::new(headers);
    let headers = request.headers();
    assert!(matches!(headers.append("b", b"2"), Err(HeaderError::Immutable)));
    assert!(matches!(headers.set("a", &[]), Err(HeaderError::Immutable)));
    assert!(matches!(headers.delete("a"), Err(HeaderError::Immutable)));
    headers.clone().append("b", b"2").unwrap();
    assert_eq!(headers.entries().len(), 1);
}

fn request() {
    let request = OutgoingRequest::new(Fields::new());
    assert!(matches!(request.method(), Method::Get));
    assert!(request.scheme().is_none() && request.authority().is_none() && request.path_with_query().is_none());
    request.set_method(&Method::Other("PROPFIND".into())).unwrap();
    request.set_method(&Method::Other("BAD METHOD\r\n".into())).unwrap_err();
    assert!(matches!(request.method(), Method::Other(method) if method == "PROPFIND"));
    request.set_scheme(Some(&Scheme::Https)).unwrap();
    request.set_scheme(Some(&Scheme::Other("a b".into()))).unwrap_err();
    assert!(matches!(request.scheme(), Some(Scheme::Https)));
    request.set_authority(Some("example.com:8080")).unwrap();
    for wrong in ["user@example.com", "a b", "example.com/", "example.com:x", ""] {
        request.set_authority(Some(wrong)).unwrap_err();
    }
    assert_eq!(request.authority().as_deref(), Some("example.com:8080"));
    request.set_path_with_query(Some("/a?b=c")).unwrap();
    for wrong in ["a", "/a b", "/a\r\nX: y", "/#a"] {
        request.set_path_with_query(Some(wrong)).unwrap_err();
    }
    assert_eq!(request.path_with_query().as_deref(), Some("/a?b=c"));
    request.set_authority(None).unwrap();
    assert!(request.authority().is_none());
    let _body = request.body().unwrap();
    assert!(request.body().is_err());
}

fn options() {
    let options = RequestOptions::new();
    assert!(options.connect_timeout().is_none());
    options.set_connect_timeout(Some(1)).unwrap();
    options.set_first_byte_timeout(Some(2)).unwrap();
    options.set_between_bytes_timeout(Some(u64::MAX)).unwrap();
    assert_eq!(options.connect_timeout(), Some(1));
    assert_eq!(options.first_byte_timeout(), Some(2));
    assert_eq!(options.between_bytes_timeout(), Some(u64::MAX));
    options.set_connect_timeout(None).unwrap();
    assert!(options.connect_timeout().is_none());
}

fn response() {
    let response = OutgoingResponse::new(Fields::new());
    assert_eq!(response.status_code(), 200);
    response.set_status_code(404).unwrap();
    for wrong in [0, 99, 1000, u16::MAX] {
        response.set_status_code(wrong).unwrap_err();
    }
    assert_eq!(response.status_code(), 404);
    let body = response.body().unwrap();
    assert!(response.body().is_err());
    let stream = body.write().unwrap();
    assert!(body.write().is_err());
    drop(stream);
    OutgoingBody::finish(body, None).unwrap();
}

/// Declares four bytes and writes more, fewer, and as many.
fn length() {
    let body = || {
        let headers = Fields::new();
        headers.append("Content-Length", b"4").unwrap();
        let response = OutgoingResponse::new(headers);
        let body = response.body().unwrap();
        // Without its response a body has no reader.
        (response, body)
    };
    let (_response, long) = body();
    let stream = long.write().unwrap();
    let Err(StreamError::LastOperationFailed(error)) = stream.blocking_write_and_flush(b"abcde") else {
        panic!("there is no room for it");
    };
    assert!(matches!(http_error_code(&error), Some(ErrorCode::HttpResponseBodySize(_))));
    drop(error);
    drop(stream);
    let (_response, short) = body();
    let stream = short.write().unwrap();
    stream.blocking_write_and_flush(b"abc").unwrap();
    drop(stream);
    assert!(matches!(OutgoingBody::finish(short, None), Err(ErrorCode::HttpResponseBodySize(Some(3)))));
    let (_response, whole) = body();
    let stream = whole.write().unwrap();
    stream.blocking_write_and_flush(b"abcd").unwrap();
    drop(stream);
    OutgoingBody::finish(whole, None).unwrap();
}

fn trailers() {
    let finish = |name: &str| {
        let trailers = Fields::new();
        trailers.append(name, b"1").unwrap();
        OutgoingBody::finish(OutgoingResponse::new(Fields::new()).body().unwrap(), Some(trailers))
    };
    finish("X-Sum").unwrap();
    for name in ["Content-Length", "authorization", "set-cookie", "Trailer"] {
        assert!(matches!(finish(name), Err(ErrorCode::HttpProtocolError)), "{name}");
    }
}
