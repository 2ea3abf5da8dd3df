//! Standard streams: what waits, what ends, what is cut.

use whit_wasi::host::HostError;
use whit_wasi::host::stream::{MemoryPipe, OutputStream};
use whit_wasi::host::wait::{Ready, Source, Waited};
use whit_wasi::p1::{Errno, Outcome};

use crate::guest::{DATA, Guest};

fn done(outcome: Result<Outcome, whit_wasi::p1::Fault>) -> Errno {
    match outcome {
        Ok(Outcome::Done(errno)) => errno,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_read_waits_for_input_and_goes_on_with_it() {
    let input = MemoryPipe::default();
    let mut guest = Guest::with(|builder| {
        builder.stdin(input.clone());
    });
    let [iovs, count] = guest.iovecs(&[(DATA, 3), (DATA + 100, 10)]);
    let pending = guest.pending("fd_read", &[0, iovs, count, 0]);
    assert_eq!(pending.wait().deadline(), None);
    assert!(!pending.wait().is_over());
    // Resumed too early it waits again.
    let Ok(Outcome::Pending(pending)) = guest.resume(pending) else { panic!("nothing to read yet") };
    input.push(b"hello").unwrap();
    assert_eq!(pending.wait().block(None), Waited::Over);
    assert_eq!(done(guest.resume(pending)), Errno::Success);
    assert_eq!(guest.u32(0), 5);
    assert_eq!((guest.bytes(DATA, 3), guest.bytes(DATA + 100, 2)), (&b"hel"[..], &b"lo"[..]));
    input.close();
    assert_eq!(guest.read(0, 10).unwrap(), b"");
}

#[test]
fn input_from_another_thread_ends_a_blocked_wait() {
    let input = MemoryPipe::default();
    let writer = input.clone();
    let mut guest = Guest::with(|builder| {
        builder.stdin(input);
    });
    let thread = std::thread::spawn(move || {
        for byte in b"abc" {
            writer.push(&[*byte]).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        writer.close();
    });
    let mut text = Vec::new();
    loop {
        match guest.read(0, 10).unwrap() {
            bytes if bytes.is_empty() => break,
            bytes => text.extend(bytes),
        }
    }
    thread.join().unwrap();
    assert_eq!(text, b"abc");
}

#[test]
fn a_dropped_wait_leaves_the_guest_usable() {
    let input = MemoryPipe::default();
    let mut guest = Guest::with(|builder| {
        builder.stdin(input.clone());
    });
    let [iovs, count] = guest.iovecs(&[(DATA, 3)]);
    drop(guest.pending("fd_read", &[0, iovs, count, 0]));
    input.push(b"later").unwrap();
    assert_eq!(guest.read(0, 10).unwrap(), b"later");
}

#[test]
fn closing_the_stream_while_a_call_waits_for_it_is_an_error() {
    let input = MemoryPipe::default();
    let mut guest = Guest::with(|builder| {
        builder.stdin(input.clone());
    });
    let [iovs, count] = guest.iovecs(&[(DATA, 3)]);
    let pending = guest.pending("fd_read", &[0, iovs, count, 0]);
    guest.close(0).unwrap();
    assert_eq!(done(guest.resume(pending)), Errno::Badf);
}

#[test]
fn a_write_waits_until_all_of_it_is_out() {
    let output = MemoryPipe::new(4);
    let mut guest = Guest::with(|builder| {
        builder.stdout(output.clone());
    });
    guest.put(DATA, b"0123456789");
    let [iovs, count] = guest.iovecs(&[(DATA, 3), (DATA + 3, 0), (DATA + 3, 7)]);
    let mut outcome = guest.start("fd_write", &[1, iovs, count, 0]);
    let mut text = Vec::new();
    while let Ok(Outcome::Pending(pending)) = outcome {
        assert!(!pending.wait().is_over());
        let mut buffer = [0; 10];
        let size = output.pull(&mut buffer);
        text.extend_from_slice(&buffer[..size]);
        assert_eq!(pending.wait().block(None), Waited::Over);
        outcome = guest.resume(pending);
    }
    assert_eq!(done(outcome), Errno::Success);
    assert_eq!(guest.u32(0), 10);
    text.extend(output.contents());
    assert_eq!(text, b"0123456789");
}

#[test]
fn a_closed_output_is_a_broken_pipe_however_much_is_written() {
    let output = MemoryPipe::default();
    output.close();
    let mut guest = Guest::with(|builder| {
        builder.stdout(output.clone());
    });
    assert_eq!(guest.write(1, b"x"), Err(Errno::Pipe));
    // A gigabyte, spelt as many buffers over the same bytes.
    let whole = guest.memory.len() as u32;
    let buffers = vec![(0, whole); 1024];
    let [iovs, count] = guest.iovecs(&buffers);
    assert_eq!(guest.call("fd_write", &[1, iovs, count, 0x8000 + 0x3000]), Err(Errno::Pipe));
}

#[test]
fn closing_the_output_mid_write_reports_what_went_out() {
    let output = MemoryPipe::new(4);
    let mut guest = Guest::with(|builder| {
        builder.stdout(output.clone());
    });
    guest.put(DATA, b"0123456789");
    let [iovs, count] = guest.iovecs(&[(DATA, 10)]);
    let pending = guest.pending("fd_write", &[1, iovs, count, 0]);
    output.close();
    assert_eq!(done(guest.resume(pending)), Errno::Success);
    assert_eq!(guest.u32(0), 4);
    assert_eq!(guest.write(1, b"x"), Err(Errno::Pipe));
}

#[test]
fn a_huge_write_can_be_interrupted_in_between() {
    let mut guest = Guest::with(|_| {});
    let whole = guest.memory.len() as u32;
    let buffers = vec![(0, whole); 64];
    let [iovs, count] = guest.iovecs(&buffers);
    let mut outcome = guest.start("fd_write", &[1, iovs, count, 0x8000 + 0x3000]);
    let mut pauses = 0;
    while let Ok(Outcome::Pending(pending)) = outcome {
        assert!(pending.wait().is_over(), "it waits for nothing");
        pauses += 1;
        outcome = guest.resume(pending);
    }
    assert_eq!(done(outcome), Errno::Success);
    assert_eq!(guest.u32(0x8000 + 0x3000), 64 * whole);
    assert!(pauses >= 15, "{pauses}");
}

/// Claims more than it was given, then nothing.
struct Lying(u32);

impl OutputStream for Lying {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, HostError> {
        self.0 += 1;
        Ok(if self.0 % 2 == 1 { bytes.len() * 1_000 } else { 0 })
    }

    fn source(&self) -> std::sync::Arc<dyn Source> {
        std::sync::Arc::new(Ready)
    }
}

#[test]
fn a_custom_stream_that_lies_confuses_only_itself() {
    let mut guest = Guest::with(|builder| {
        builder.stdout(Lying(0));
    });
    assert_eq!(guest.write(1, b"0123456789"), Ok(10));
    assert_eq!(guest.write(1, b"0123456789"), Ok(10));
}

#[test]
fn random_bytes_come_in_steps_and_repeat_for_a_seed() {
    let bytes = || {
        let mut guest = Guest::with(|builder| {
            builder.deterministic(Default::default(), 7);
        });
        guest.memory.resize(0x40_0000, 0);
        let mut outcome = guest.start("random_get", &[8, 0x3f_0000]);
        let mut pauses = 0;
        while let Ok(Outcome::Pending(pending)) = outcome {
            pauses += 1;
            outcome = guest.resume(pending);
        }
        assert_eq!(done(outcome), Errno::Success);
        assert_eq!(pauses, 3);
        assert_eq!((guest.bytes(0, 8), guest.bytes(0x3f_0008, 8)), (&[0; 8][..], &[0; 8][..]));
        guest.memory
    };
    assert!(bytes() == bytes());
    let mut guest = Guest::with(|_| {});
    guest.call("random_get", &[0, 0]).unwrap();
    let end = guest.memory.len() as u64;
    assert!(guest.start("random_get", &[0, end + 1]).is_err());
    assert!(guest.start("random_get", &[end, 1]).is_err());
    assert!(guest.start("random_get", &[u32::MAX.into(), u32::MAX.into()]).is_err());
}

#[test]
fn exit_statuses_are_the_guests_up_to_125() {
    let mut guest = Guest::with(|_| {});
    for status in [0, 1, 33, 125] {
        assert!(matches!(guest.start("proc_exit", &[status]), Ok(Outcome::Exit(code)) if u64::from(code) == status));
    }
    for status in [126, 255, u64::from(u32::MAX)] {
        let fault = guest.start("proc_exit", &[status]).unwrap_err();
        assert!(fault.to_string().contains("exit with invalid exit status"), "{fault}");
    }
    assert_eq!(guest.call("proc_raise", &[9]), Err(Errno::NotSup));
    assert_eq!(guest.call("sched_yield", &[]), Ok(()));
}
