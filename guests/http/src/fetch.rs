//! A command that sends requests: `fetch [METHOD] URL [BODY]`, once or as many times as there are groups between `+`.
//!
//! Prints the status, the headers, the body and the trailers of each response. The first that fails prints its error code and ends the program with status 1.
//! `FETCH_TIMEOUT` is a number of milliseconds for each wait; `FETCH_CHUNKED` leaves the length of a body out.

mod client;

use std::{env, process};

use wasip2::http::types::Method;

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let timeout = env::var("FETCH_TIMEOUT").ok().map(|number| number.parse::<u64>().expect("a number") * 1_000_000);
    let chunked = env::var("FETCH_CHUNKED").is_ok();
    for words in words.split(|word| word == "+") {
        let (method, rest) = match words {
            [method, url, ..] if !method.contains('/') && url.contains("://") => (parse(method), &words[1..]),
            words => (Method::Get, words),
        };
        let body = rest.get(1).map_or("", |body| body);
        match client::send(method, &rest[0], body.as_bytes(), chunked, timeout) {
            Ok(answer) => {
                println!("{}", answer.status);
                for (name, value) in answer.headers {
                    println!("{name}: {}", String::from_utf8_lossy(&value));
                }
                println!("\n{}", String::from_utf8_lossy(&answer.body));
                for (name, value) in answer.trailers {
                    println!("{name}: {}", String::from_utf8_lossy(&value));
                }
            }
            Err(error) => {
                eprintln!("{}: {error:?}", rest[0]);
                process::exit(1);
            }
        }
    }
}

fn parse(method: &str) -> Method {
    match method {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        other => Method::Other(other.into()),
    }
}
