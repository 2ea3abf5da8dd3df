//! HTTP on the command line: `whit serve` before clients that behave and clients that do not, and requests of guests to servers of both kinds.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn guest(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests/wasm").join(name);
    path.to_str().expect("the repository's path is text").to_string()
}

/// A running `whit serve`.
struct Server {
    child: Child,
    address: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// With the guest `proxy`.
    fn start(options: &[&str]) -> Self {
        Self::of(guest("proxy.wasm").as_ref(), options)
    }

    fn of(handler: &Path, options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whit"));
        command.args(["serve", "--addr", "127.0.0.1:0"]).args(options).arg(handler);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let address = first.strip_prefix("Serving HTTP on http://").and_then(|rest| rest.strip_suffix('/'));
        let address = address.unwrap_or_else(|| panic!("{first}")).parse().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let written = log.clone();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                written.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        Self { child, address, log }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends `text` as it is and returns all that comes back until the server closes.
    fn raw(&self, text: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect();
        // A server that refuses what it has read of this need not read the rest.
        let _ = stream.write_all(text.as_ref());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(&self, path: &str) -> (u16, String) {
        let answer = self.raw(format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{path}: {answer:?}"));
        (status(head), body.to_string())
    }

    /// Waits until the log contains `text`.
    fn logged(&self, text: &str) -> bool {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if self.log.lock().unwrap().contains(text) {
                return true;
            }
            thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// Reads one response whose length is declared.
fn response(stream: &mut BufReader<TcpStream>) -> (u16, String) {
    let (mut code, mut length) = (0, 0);
    for number in 0.. {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        if number == 0 {
            code = status(&line);
        }
        if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = text.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    (code, String::from_utf8(body).unwrap())
}

#[test]
fn a_component_answers_with_what_it_is_asked() {
    let server = Server::start(&[]);
    assert_eq!(server.get("/"), (200, "hello, world\n".into()));
    assert_eq!(server.get("/nowhere").0, 404);
    let shown = server.raw("PROPFIND /request HTTP/1.1\r\nHost: example.com:81\r\nX-Y: 1\r\nConnection: close\r\n\r\n");
    assert!(shown.contains("Method::Other(\"PROPFIND\")") && shown.contains("\"example.com:81\""), "{shown}");
    // The connection is the host's.
    let body = shown.split_once("\r\n\r\n").unwrap().1;
    assert!(body.contains("\nx-y: 1\n") && !body.contains("connection:") && !body.contains("host:"), "{shown}");
    let chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
                   3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";
    assert!(server.raw(chunked).contains("abcdef"));
    let head = server.raw("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(head.contains("content-length: 13") && head.ends_with("\r\n\r\n"), "{head}");
    let trailers = "GET /trailers HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: close\r\n\r\n";
    assert!(server.raw(trailers).ends_with("0\r\nx-sum: 7\r\n\r\n"));
}

#[test]
fn sixty_four_clients_at_once_get_their_answers() {
    sixty_four_clients(&Server::start(&[]));
}

/// `guests/languages/handler.js`, which is large, and built by `cargo xtask languages`.
#[test]
fn sixty_four_clients_at_once_get_the_answers_of_a_handler_in_javascript() {
    // Beside the folder for tests in the one that Cargo builds to.
    let handler = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("languages/language_javascript_handler.wasm");
    if !handler.exists() {
        // Past the test harness, which swallows what a passing test prints.
        let _ = writeln!(
            std::io::stderr(),
            "ABSENT: target/languages/language_javascript_handler.wasm: `cargo xtask languages` builds it"
        );
        return;
    }
    let server = Server::of(&handler, &[]);
    let echoed = server.raw("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nConnection: close\r\n\r\nabcdef");
    assert!(echoed.contains("abcdef"), "{echoed}");
    assert_eq!(server.get("/nowhere").0, 404);
    sixty_four_clients(&server);
}

/// As many clients, each with a connection for five requests that it sends one after the other.
fn sixty_four_clients(server: &Server) {
    let address = server.address;
    let clients: Vec<_> = (0..64)
        .map(|number| {
            thread::spawn(move || {
                let stream = TcpStream::connect(address).unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                let mut stream = BufReader::new(stream);
                for round in 0..5 {
                    // A wait is among them.
                    let (path, body) = match round {
                        2 => ("/sleep?50".into(), "slept\n".into()),
                        _ => ("/".to_string(), "hello, world\n".to_string()),
                    };
                    let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
                    stream.get_mut().write_all(request.as_bytes()).unwrap();
                    assert_eq!(response(&mut stream), (200, body), "client {number}, round {round}");
                }
            })
        })
        .collect();
    for client in clients {
        client.join().unwrap();
    }
    assert_eq!(server.log.lock().unwrap().as_str(), "");
}

#[test]
fn a_request_that_traps_is_a_500_with_its_frames_in_the_log_and_others_go_on() {
    let server = Server::start(&[]);
    assert_eq!(server.get("/trap"), (500, String::new()));
    assert!(server.logged("error: GET /trap: trap: unreachable"));
    assert!(server.logged("guest frames"));
    assert_eq!(server.get("/"), (200, "hello, world\n".into()));
    assert_eq!(server.get("/silence").0, 500);
    assert!(server.logged("error: GET /silence: the component gave no response"));
    // What broke off does not look whole: three of ten bytes at most.
    for path in ["/break", "/late-trap"] {
        let answer = server.raw(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert!(!answer.contains("\r\n\r\n") || answer.len() < answer.find("\r\n\r\n").unwrap() + 4 + 10, "{answer}");
    }
    assert_eq!(server.get("/").0, 200);
}

#[test]
fn limits_end_a_request_and_not_the_server() {
    let server = Server::start(&["-W", "timeout=300ms"]);
    for path in ["/spin", "/sleep?600000"] {
        let start = Instant::now();
        assert_eq!(server.get(path).0, 500, "{path}");
        assert!(start.elapsed() < PATIENCE / 2);
        assert!(server.logged(&format!("GET {path}: trap: the time limit of 300ms is over (-W timeout)")));
    }
    assert_eq!(server.get("/").0, 200);
    let server = Server::start(&["-W", "fuel=1000"]);
    assert_eq!(server.get("/").0, 500);
    assert!(server.logged("-W fuel"));
}

#[test]
fn requests_that_are_too_large_or_none_are_refused_before_the_component_sees_them() {
    let server = Server::start(&["--max-headers", "8K", "--max-body", "10"]);
    let ask = |headers: &str| format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n");
    let large = ask(&format!("X: {}\r\n", "x".repeat(9 << 10)));
    let huge = ask(&format!("X: {}\r\n", "x".repeat(1 << 20)));
    let many = ask(&"A: b\r\n".repeat(1_001));
    let no_host = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n".to_string();
    for (request, expected) in [
        (large, 431),
        (huge, 431),
        (many, 431),
        (no_host, 400),
        (ask("Host: b\r\n"), 400),
        (ask("X: a\0b\r\n"), 400),
        (ask("X : a\r\n"), 400),
        (ask("X: a\r\n b\r\n"), 400),
        (ask("Content-Length: 1\r\nContent-Length: 2\r\n"), 400),
        (ask("Content-Length: -1\r\n"), 400),
        (ask("Transfer-Encoding: gzip\r\n"), 400),
        (ask("Content-Length: 11\r\n"), 413),
        (ask("Expect: a miracle\r\n"), 417),
        (ask("").replace("Host: a", "Host: user@a"), 400),
        ("CONNECT a:80 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".into(), 501),
        ("GET / HTTP/9.9\r\nHost: a\r\n\r\n".into(), 400),
        ("\r\n\0\r\n\r\n".into(), 400),
    ] {
        let answer = server.raw(&request);
        let shown: String = request.chars().take(100).collect();
        assert_eq!(status(&answer), expected, "{shown:?}: {answer}");
    }
    // A body that grows past what is allowed breaks off, and with it what is made of it.
    let endless =
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n";
    assert!(!server.raw(endless).ends_with("0\r\n\r\n"));
    // Chunks that are none, or larger than there are numbers, break a body off as well.
    for chunk in [
        "fffffffffffffffff\r\n",
        "ffffffffffffffff\r\nabc",
        "-1\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "x\r\n",
    ] {
        let request = format!("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}");
        let (mut stream, mut answer) = (server.connect(), String::new());
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let _ = stream.read_to_string(&mut answer);
        assert!(!answer.ends_with("0\r\n\r\n"), "{chunk:?}: {answer}");
    }
    assert_eq!(server.get("/").0, 200);
}

#[test]
fn clients_that_leave_do_not_end_the_server() {
    let server = Server::start(&[]);
    for text in [
        "",
        "GET",
        "GET /flood?100000 HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
    ] {
        let mut stream = server.connect();
        stream.write_all(text.as_bytes()).unwrap();
        if text.contains("flood") {
            stream.read_exact(&mut [0; 10]).unwrap();
        }
        drop(stream);
    }
    let flood = server.raw("GET /flood?2000 HTTP/1.0\r\n\r\n");
    assert_eq!(flood.matches('.').count() - flood.split("\r\n\r\n").next().unwrap().matches('.').count(), 2000 << 10);
    assert_eq!(server.get("/").0, 200);
}

#[test]
fn a_request_whose_client_has_left_is_given_up_where_it_waits() {
    let server = Server::start(&["--max-requests", "1"]);
    let start = Instant::now();
    for _ in 0..3 {
        let mut stream = server.connect();
        stream.write_all(b"GET /sleep?50000 HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        // The one request that is answered at a time has begun.
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(server.get("/").0, 200);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    assert!(server.logged("the client has left; its request is given up"));
}

#[test]
fn only_so_many_requests_are_answered_at_a_time() {
    let server = Server::start(&["--max-requests", "1", "--max-connections", "2"]);
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| assert_eq!(server.get("/sleep?100").0, 200));
        }
    });
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[test]
fn a_component_reaches_nothing_that_is_not_granted_and_the_log_names_the_flag() {
    let server = Server::start(&[]);
    let address = server.address;
    assert_eq!(server.get(&format!("/fetch?http://{address}/")), (502, "ErrorCode::HttpRequestDenied\n".into()));
    assert!(server.logged(&format!("note: connecting to {address} is not granted (--allow-net {address} grants it)")));
    assert_eq!(server.get("/fetch?http://example.com/"), (502, "ErrorCode::HttpRequestDenied\n".into()));
    assert!(server.logged("--allow-net example.com:80"));
    assert_eq!(server.get("/env"), (200, "[]\n".into()));
    assert_eq!(server.get("/file?/etc/hostname").0, 403);

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("text"), "granted\n").unwrap();
    let grant = format!("{}::/data:ro", folder.path().display());
    let granted = Server::start(&["--dir", &grant, "--env", "A=b", "--allow-net", &address.to_string()]);
    assert_eq!(granted.get("/env"), (200, "[(\"A\", \"b\")]\n".into()));
    assert_eq!(granted.get("/file?/data/text"), (200, "granted\n".into()));
    assert_eq!(granted.get(&format!("/fetch?http://{address}/")), (200, "hello, world\n".into()));
}

#[test]
fn what_is_no_handler_is_not_served() {
    for (name, words) in [("command.wasm", "whit run"), ("hello.wasm", "only a component")] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_whit")).args(["serve", "--addr", "127.0.0.1:0", &guest(name)]).output();
        let output = output.unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && stderr.contains(words), "{name}: {stderr}");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_whit")).arg(guest("proxy.wasm")).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("whit serve"));
}

#[cfg(unix)]
#[test]
fn a_server_that_is_asked_to_end_finishes_what_runs_and_accepts_nothing_more() {
    let mut server = Server::start(&[]);
    let mut idle = server.connect();
    let address = server.address;
    let running = thread::spawn(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /sleep?1000 HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    thread::sleep(Duration::from_millis(300));
    assert!(Command::new("kill").args(["-TERM", &server.child.id().to_string()]).status().unwrap().success());
    // An idle connection is closed at once.
    assert_eq!(idle.read(&mut [0; 1]).unwrap(), 0);
    while TcpStream::connect(server.address).is_ok() {
        thread::sleep(Duration::from_millis(10));
    }
    assert!(running.join().unwrap().ends_with("slept\n"));
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

/// Runs the guest `fetch`: the status, what it printed, and what it said.
fn fetch(options: &[&str], words: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whit"));
    command.args(options).arg(guest("fetch.wasm")).args(words).stdin(Stdio::null());
    let trusted = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls/ca.pem");
    let output = command.env("SSL_CERT_FILE", trusted).env_remove("SSL_CERT_DIR").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_guest_sends_requests_where_it_may() {
    let server = Server::start(&[]);
    let (rule, url) = (server.address.to_string(), format!("http://{}", server.address));
    let (status, _, stderr) = fetch(&[], &[&url]);
    assert_eq!(status, 1);
    assert!(stderr.contains("HttpRequestDenied") && stderr.contains(&format!("--allow-net {rule}")), "{stderr}");

    let grant = ["--allow-net", &rule];
    let (status, stdout, stderr) =
        fetch(&grant, &[&url, "+", "POST", &format!("{url}/echo"), "sent", "+", "HEAD", &url]);
    assert_eq!(status, 0, "{stderr}");
    assert!(stdout.contains("hello, world\n") && stdout.contains("\nsent\n"), "{stdout}");
    let (status, stdout, _) =
        fetch(&[&grant[..], &["--env", "FETCH_CHUNKED=1"]].concat(), &["PUT", &format!("{url}/echo"), "more"]);
    assert!(status == 0 && stdout.contains("\nmore\n"), "{stdout}");
    for (path, error) in [("/break", "HttpResponseIncomplete"), ("/late-trap", "HttpResponseIncomplete")] {
        let (status, _, stderr) = fetch(&grant, &[&format!("{url}{path}")]);
        assert!(status == 1 && stderr.contains(error), "{path}: {stderr}");
    }
    let (_, _, stderr) =
        fetch(&[&grant[..], &["--env", "FETCH_TIMEOUT=100"]].concat(), &[&format!("{url}/sleep?60000")]);
    assert!(stderr.contains("HttpResponseTimeout"), "{stderr}");
    let (_, _, stderr) = fetch(&[&grant[..], &["--env", "FETCH_TIMEOUT=0"]].concat(), &[&url]);
    assert!(stderr.contains("Timeout"), "{stderr}");
    // Half a millennium is no overflow.
    let forever = ["--env", "FETCH_TIMEOUT=18446744073709"];
    let (status, stdout, stderr) = fetch(&[&grant[..], &forever].concat(), &[&url]);
    assert!(status == 0 && stdout.contains("hello, world"), "{stderr}");
}

#[test]
fn a_name_needs_a_grant_of_its_own_and_does_not_lead_past_it() {
    let server = Server::start(&[]);
    let port = server.address.port();
    let url = format!("http://localhost:{port}/");
    // The address is granted, the name is not; nor does a grant of all hosts look names up.
    let (_, _, stderr) = fetch(&["--allow-net", &format!("127.0.0.1:{port}")], &[&url]);
    assert!(
        stderr.contains("HttpRequestDenied") && stderr.contains(&format!("--allow-net localhost:{port}")),
        "{stderr}"
    );
    let (_, _, stderr) = fetch(&["--allow-net", &format!("*:{port}")], &[&url]);
    assert!(stderr.contains("HttpRequestDenied") && stderr.contains("--allow-dns"), "{stderr}");
    for options in
        [&["--allow-net", &format!("localhost:{port}")][..], &["--allow-net", &format!("*:{port}"), "--allow-dns"]]
    {
        let (status, stdout, stderr) = fetch(options, &[&url]);
        assert!(status == 0 && stdout.contains("hello, world"), "{options:?}: {stderr}");
    }
    let everywhere = ["--allow-net", "*:*", "--allow-dns"];
    for (url, error) in [
        ("http://user@localhost/", "HttpRequestUriInvalid"),
        ("http://0x7f.1/", "HttpRequestUriInvalid"),
        ("http://localhost:0/", "HttpRequestUriInvalid"),
        ("http://0.0.0.0/", "HttpRequestDenied"),
        ("http://[::]/", "HttpRequestDenied"),
        ("http://169.254.169.254/", "HttpRequestDenied"),
        ("http://nowhere.invalid/", "DnsError"),
    ] {
        let (status, _, stderr) = fetch(&everywhere, &[url]);
        assert!(status == 1 && stderr.contains(error), "{url}: {stderr}");
    }
}

/// A server that answers each connection with `answer` and closes it.
fn answering(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = BufReader::new(stream);
            let mut line = String::new();
            while stream.read_line(&mut line).is_ok_and(|size| size > 2) {
                line.clear();
            }
            let _ = stream.get_mut().write_all(answer);
        }
    });
    address
}

#[test]
fn servers_that_misbehave_are_errors() {
    let large: &'static [u8] =
        Box::leak(format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(1 << 20)).into_bytes().into_boxed_slice());
    let many: &'static [u8] =
        Box::leak(format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(1_001)).into_bytes().into_boxed_slice());
    for (answer, error) in [
        (&b""[..], "HttpResponseIncomplete"),
        (b"no HTTP\r\n\r\n", "HttpProtocolError"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "HttpResponseIncomplete"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "HttpProtocolError"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "Http"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", "HttpResponseIncomplete"),
        (b"HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", "HttpProtocolError"),
        (large, "HttpResponseHeaderSectionSize"),
        (many, "HttpResponseHeaderSectionSize"),
    ] {
        let address = answering(answer).to_string();
        let (status, _, stderr) = fetch(&["--allow-net", &address], &[&format!("http://{address}/")]);
        let shown = String::from_utf8_lossy(&answer[..answer.len().min(80)]).into_owned();
        assert!(status == 1 && stderr.contains(error), "{shown:?}: {stderr}");
    }
    // Where a redirection leads is the guest's to ask for, and to be granted.
    let address =
        answering(b"HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n").to_string();
    let (status, stdout, _) = fetch(&["--allow-net", &address], &[&format!("http://{address}/")]);
    assert!(status == 0 && stdout.starts_with("302\n"), "{stdout}");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (_, _, stderr) = fetch(&["--allow-net", &free], &[&format!("http://{free}/")]);
    assert!(stderr.contains("ConnectionRefused"), "{stderr}");
}

/// A server behind TLS that answers one connection after the other.
#[cfg(feature = "tls")]
fn secured() -> SocketAddr {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut connection = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut request = Vec::new();
            let mut tls = rustls::Stream::new(&mut connection, &mut stream);
            while !request.ends_with(b"\r\n\r\n") {
                let mut piece = [0; 100];
                match tls.read(&mut piece) {
                    Ok(size) if size > 0 => request.extend_from_slice(&piece[..size]),
                    _ => break,
                }
            }
            if request.is_empty() {
                continue;
            }
            let whole = !request.starts_with(b"GET /cut");
            let _ = tls.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nunder seal\n");
            if whole {
                connection.send_close_notify();
            }
            while connection.wants_write() && connection.write_tls(&mut stream).is_ok() {}
        }
    });
    address
}

#[cfg(feature = "tls")]
#[test]
fn a_guest_talks_to_servers_that_prove_who_they_are_and_to_no_others() {
    let port = secured().port();
    for host in ["localhost", "127.0.0.1"] {
        let rule = format!("{host}:{port}");
        let (status, stdout, stderr) = fetch(&["--allow-net", &rule], &[&format!("https://{rule}/")]);
        assert!(status == 0 && stdout.contains("under seal"), "{host}: {stderr}");
    }
    // A body without a length ends where TLS says so, and not where a connection is cut.
    let rule = format!("localhost:{port}");
    let (status, _, stderr) = fetch(&["--allow-net", &rule], &[&format!("https://{rule}/cut")]);
    assert!(status == 1 && stderr.contains("HttpResponseIncomplete"), "{stderr}");
    // The certificate is for other names.
    let name = format!("other.localhost:{port}");
    let (_, _, stderr) = fetch(&["--allow-net", &name], &[&format!("https://{name}/")]);
    assert!(stderr.contains("TlsCertificateError") || stderr.contains("DnsError"), "{stderr}");
    // Nobody trusts the authority here.
    let mut command = Command::new(env!("CARGO_BIN_EXE_whit"));
    command.args(["--allow-net", &format!("localhost:{port}")]).arg(guest("fetch.wasm"));
    command.arg(format!("https://localhost:{port}/")).env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
    let stderr = command.output().unwrap().stderr;
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(stderr.contains("TlsCertificateError") || stderr.contains("no certificates"), "{stderr}");
    // A server that does not speak TLS at all.
    let plain = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let rule = format!("localhost:{}", plain.port());
    let (_, _, stderr) = fetch(&["--allow-net", &rule], &[&format!("https://{rule}/")]);
    assert!(stderr.contains("TlsProtocolError"), "{stderr}");
}

#[test]
fn messages_keep_the_rules_of_the_interface() {
    let run = |step: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_whit")).args([&guest("messages.wasm"), step]).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    for step in ["fields", "immutable", "request", "options", "response", "length", "trailers"] {
        assert_eq!(run(step), (Some(0), format!("{step}: ok\n"), String::new()), "{step}");
    }
    assert!(run("hoard-bodies").1.starts_with("256 bodies\n"));
    for (step, words) in [
        ("large", "too many or too large fields"),
        ("many", "too many or too large fields"),
        ("hoard-fields", "as many sets of HTTP fields as the host allows"),
        ("finish-lent", "finished or dropped before its stream"),
        ("drop-lent", "finished or dropped before its stream"),
    ] {
        let (status, _, stderr) = run(step);
        assert!(status != Some(0) && stderr.contains(words), "{step}: {stderr}");
    }
}
