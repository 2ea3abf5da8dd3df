//! A command for WASI 0.2 that does what its arguments say, one step each: `VERB` or `VERB=VALUE`.
//!
//! Every step prints what came of it. The first that fails prints its error and ends the program with status 1.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs, process, thread};

fn main() {
    for step in env::args().skip(1) {
        let (verb, value) = step.split_once('=').unwrap_or((&step, ""));
        match run(verb, value) {
            Ok(text) => println!("{step}: {text}"),
            Err(error) => {
                // The number of an error is the C library's; its kind says the same everywhere.
                eprintln!("{step}: {:?}", error.kind());
                process::exit(1);
            }
        }
    }
}

fn run(verb: &str, value: &str) -> io::Result<String> {
    match verb {
        "args" => Ok(format!("{:?}", env::args().collect::<Vec<_>>())),
        "env" if value.is_empty() => Ok(format!("{:?}", env::vars().collect::<Vec<_>>())),
        "env" => Ok(format!("{:?}", env::var(value))),
        "cwd" => Ok(env::current_dir()?.display().to_string()),
        "stdin" => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text)?;
            Ok(text.to_uppercase())
        }
        "stderr" => io::stderr().write_all(value.as_bytes()).map(|()| value.len().to_string()),
        "flood" => {
            let line = [b'.'; 4096];
            (0..parse(value)).try_for_each(|_| io::stdout().write_all(&line))?;
            Ok("done".into())
        }
        "read" => fs::read_to_string(value),
        "write" => fs::write(value, "written\n").map(|()| "ok".into()),
        "append" => {
            fs::OpenOptions::new().append(true).open(value)?.write_all(b"more\n")?;
            fs::read_to_string(value)
        }
        "size" => Ok(fs::metadata(value)?.len().to_string()),
        "list" => {
            let mut names = fs::read_dir(value)?
                .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
                .collect::<io::Result<Vec<_>>>()?;
            names.sort();
            Ok(names.join(" "))
        }
        "mkdir" => fs::create_dir(value).map(|()| "ok".into()),
        "rmdir" => fs::remove_dir(value).map(|()| "ok".into()),
        "remove" => fs::remove_file(value).map(|()| "ok".into()),
        "rename" => {
            let (from, to) = value.split_once(',').unwrap_or_default();
            fs::rename(from, to).map(|()| "ok".into())
        }
        "sleep" => {
            let start = Instant::now();
            thread::sleep(Duration::from_millis(parse(value)));
            Ok((start.elapsed() >= Duration::from_millis(parse(value))).to_string())
        }
        "now" => {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            Ok((now > Duration::from_secs(946_684_799)).to_string())
        }
        "random" => Ok((RandomState::new().hash_one(1) != RandomState::new().hash_one(2)).to_string()),
        "tcp" => tcp(value),
        "echo" => echo(value),
        "udp" => udp(value),
        "exit" => process::exit(parse(value) as i32),
        "panic" => panic!("as asked"),
        "spin" => loop {
            std::hint::spin_loop();
        },
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn parse(value: &str) -> u64 {
    value.parse().unwrap_or(0)
}

/// Sends a line to a server and gives its answer.
fn tcp(address: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"hello\n")?;
    stream.shutdown(std::net::Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Serves one connection: sends back what comes in.
fn echo(address: &str) -> io::Result<String> {
    let listener = TcpListener::bind(address)?;
    println!("{}", listener.local_addr()?);
    let (mut stream, _) = listener.accept()?;
    let mut text = Vec::new();
    stream.read_to_end(&mut text)?;
    stream.write_all(&text)?;
    Ok(text.len().to_string())
}

/// Sends a datagram and gives the answer.
fn udp(address: &str) -> io::Result<String> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.send_to(b"hello", address)?;
    let mut buffer = [0; 64];
    let (size, _) = socket.recv_from(&mut buffer)?;
    Ok(String::from_utf8_lossy(&buffer[..size]).into_owned())
}
