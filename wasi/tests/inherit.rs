//! The process's own standard streams: this program starts itself with pipes and plays the guest at the other end.

#[cfg(unix)]
#[allow(dead_code, clippy::disallowed_methods, reason = "shared with the tests of 0.1, which use all of it")]
#[path = "p1/guest.rs"]
mod guest;

#[cfg(not(unix))]
fn main() {
    println!("inherit: skipped, because only Unix can ask the process's own streams without blocking");
}

#[cfg(unix)]
fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("echo") => child::echo(),
        Some("flood") => child::flood(),
        Some("closed") => child::closed(),
        _ => {
            parent::input_is_waited_for_and_comes_to_an_end();
            parent::a_reader_that_is_slow_makes_the_guest_wait_not_the_host();
            parent::a_reader_that_is_gone_is_a_broken_pipe();
            println!("inherit: 3 passed");
        }
    }
}

#[cfg(unix)]
mod parent {
    use std::io::{Read, Write};
    use std::process::{Child, Command, Stdio};
    use std::thread::sleep;
    use std::time::Duration;

    fn start(role: &str) -> Child {
        let program = std::env::current_exe().unwrap();
        Command::new(program).arg(role).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
    }

    pub fn input_is_waited_for_and_comes_to_an_end() {
        let mut child = start("echo");
        let mut input = child.stdin.take().unwrap();
        for word in ["hello ", "world"] {
            sleep(Duration::from_millis(30));
            input.write_all(word.as_bytes()).unwrap();
        }
        drop(input);
        let mut text = String::new();
        child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "hello world");
        assert!(child.wait().unwrap().success());
    }

    pub fn a_reader_that_is_slow_makes_the_guest_wait_not_the_host() {
        let mut child = start("flood");
        sleep(Duration::from_millis(100));
        let mut bytes = Vec::new();
        child.stdout.take().unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len(), super::child::FLOOD as usize);
        assert!(bytes.iter().enumerate().all(|(index, &byte)| byte == (index % 251) as u8));
        assert!(child.wait().unwrap().success());
    }

    pub fn a_reader_that_is_gone_is_a_broken_pipe() {
        let mut child = start("closed");
        drop(child.stdout.take());
        child.stdin.take().unwrap().write_all(b"go").unwrap();
        assert!(child.wait().unwrap().success());
    }
}

#[cfg(unix)]
mod child {
    use std::time::{Duration, Instant};

    use whit_wasi::host::wait::Waited;
    use whit_wasi::p1::{Errno, Outcome};

    use super::guest::{DATA, Guest};

    pub const FLOOD: u32 = 3_000_000;

    fn guest() -> Guest {
        Guest::with(|builder| {
            builder.inherit_stdio();
        })
    }

    pub fn echo() {
        let mut guest = guest();
        let [iovs, count] = guest.iovecs(&[(DATA, 100)]);
        // Nothing has been sent yet, and the wait obeys a limit.
        let pending = guest.pending("fd_read", &[0, iovs, count, 0]);
        let limit = Instant::now() + Duration::from_millis(1);
        assert_eq!(pending.wait().block(Some(limit)), Waited::Limit);
        drop(pending);
        loop {
            match guest.read(0, 100).unwrap() {
                bytes if bytes.is_empty() => break,
                bytes => assert_eq!(guest.write(1, &bytes), Ok(bytes.len() as u32)),
            }
        }
    }

    pub fn flood() {
        let mut guest = guest();
        guest.memory = (0..FLOOD).map(|index| (index % 251) as u8).chain([0; 64]).collect();
        let iovec = FLOOD.next_multiple_of(8);
        guest.put(iovec, &[0; 4]);
        guest.put(iovec + 4, &FLOOD.to_le_bytes());
        let written = u64::from(iovec) + 8;
        let mut outcome = guest.start("fd_write", &[1, iovec.into(), 1, written]);
        let mut waited = 0;
        while let Ok(Outcome::Pending(pending)) = outcome {
            if !pending.wait().is_over() {
                waited += 1;
                let limit = Instant::now() + Duration::from_millis(1);
                let _ = pending.wait().block(Some(limit));
            }
            outcome = guest.resume(pending);
        }
        assert!(matches!(outcome, Ok(Outcome::Done(Errno::Success))), "{outcome:?}");
        assert!(waited > 0, "the reader sleeps, so the pipe fills");
        assert_eq!(guest.u32(iovec + 8), FLOOD);
    }

    pub fn closed() {
        let mut guest = guest();
        assert_eq!(guest.read(0, 2).unwrap(), b"go");
        assert_eq!(guest.write(1, b"into nothing"), Err(Errno::Pipe));
    }
}
