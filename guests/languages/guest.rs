//! The guest of `README.md` beside it, in Rust.

use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    println!("arguments: {}", arguments.join(", "));
    println!("API_KEY: {}", env::var("API_KEY").unwrap_or("not set".into()));
    match copy() {
        Ok(count) => eprintln!("{count} lines"),
        Err(error) => {
            eprintln!("{:?}", error.kind());
            return ExitCode::FAILURE;
        }
    }
    match arguments.first().and_then(|word| word.strip_prefix("exit=")) {
        Some(status) => ExitCode::from(status.parse::<u8>().unwrap_or(u8::MAX)),
        None => ExitCode::SUCCESS,
    }
}

/// Writes what is in `in.txt` to `out.txt` in capitals, and counts its lines.
fn copy() -> io::Result<usize> {
    let text = fs::read_to_string("/app/data/in.txt")?;
    fs::write("/app/data/out.txt", text.to_uppercase())?;
    Ok(text.lines().count())
}
