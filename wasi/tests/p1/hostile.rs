//! Every function with arguments from everywhere: no panic, no wait, no file outside the directory.

use std::fs;

use tempfile::TempDir;
use whit_wasi::host::random::{RandomSource, SeededRandom};
use whit_wasi::host::stream::MemoryPipe;
use whit_wasi::p1::{FUNCTIONS, GuestMemory, Outcome, Param};
use whit_wasi::{Access, WasiCtx};

use crate::guest::snapshot;

struct Dice(SeededRandom);

impl Dice {
    fn next(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes).unwrap();
        u64::from_le_bytes(bytes)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A number that some argument finds interesting: descriptors, flags, addresses, lengths, ends of ranges.
    fn argument(&mut self, memory: u64) -> u64 {
        match self.below(10) {
            0..4 => self.below(16),
            4 => 1 << self.below(64),
            5 => u64::MAX - self.below(16),
            6 => memory.wrapping_sub(self.below(64)),
            7 => u64::from(u32::MAX) - self.below(64),
            8 => self.below(memory) & !7,
            _ => self.next(),
        }
    }
}

#[test]
fn no_arguments_make_a_function_panic_or_leave_the_directory() {
    let root = TempDir::new().unwrap();
    fs::create_dir(root.path().join("inside")).unwrap();
    fs::create_dir(root.path().join("outside")).unwrap();
    fs::write(root.path().join("outside/secret"), "secret").unwrap();
    let outside = snapshot(&root.path().join("outside"));
    let mut dice = Dice(SeededRandom::new(0x5eed));
    let paths: &[&[u8]] =
        &[b"a", b"b", b"a/b", b"../outside/secret", b"..", b".", b"a/", b"", b"a\0", b"\xff", b"/", b"a/../b", b"b//"];
    for _round in 0..30 {
        let mut builder = WasiCtx::builder();
        builder.stdin(MemoryPipe::default()).stdout(MemoryPipe::new(64)).max_descriptors(16);
        builder.dir(root.path().join("inside"), "/", Access::ReadWrite).unwrap();
        builder.dir(root.path().join("inside"), "/ro", Access::ReadOnly).unwrap();
        builder.preopen_socket(std::net::TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
        builder.args(["x", "y"]).unwrap().env("k", "v").unwrap();
        let mut ctx = builder.build().unwrap();
        let mut memory = vec![0; 0x2000];
        for _call in 0..3_000 {
            let function = &FUNCTIONS[dice.below(FUNCTIONS.len() as u64) as usize];
            // Something to point at: a path, and numbers that are addresses and lengths in their turn.
            let path = paths[dice.below(paths.len() as u64) as usize];
            memory[8..8 + path.len()].copy_from_slice(path);
            let at = (dice.below(0x400) * 8) as usize;
            let value = dice.argument(memory.len() as u64);
            memory[at..at + 8].copy_from_slice(&value.to_le_bytes());
            let size = memory.len() as u64;
            let mut args: Vec<u64> = function.params.iter().map(|_| dice.argument(size)).collect();
            if dice.below(2) == 0 {
                // Half of the path calls get a path that is one.
                for index in 0..args.len().saturating_sub(1) {
                    if function.name.starts_with("path_") && function.params[index] == Param::I32 && dice.below(3) == 0
                    {
                        (args[index], args[index + 1]) = (8, path.len() as u64);
                    }
                }
            }
            // Disks are finite: files grow by a few megabytes at most.
            if function.name == "fd_filestat_set_size" || function.name == "fd_pwrite" {
                for arg in &mut args[1..] {
                    *arg &= 0x8000_0000_000f_ffff;
                }
            }
            if function.name == "fd_seek" {
                args[1] &= 0x8000_0000_000f_ffff;
            }
            let mut view = GuestMemory::new(&mut memory);
            let mut outcome = Outcome::of((function.call)(&mut ctx, &mut view, &args));
            for _ in 0..3 {
                let Ok(Outcome::Pending(pending)) = outcome else { break };
                outcome = pending.resume(&mut ctx, &mut view);
            }
        }
    }
    assert_eq!(snapshot(&root.path().join("outside")), outside);
    let names: Vec<_> = fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn missing_arguments_are_zeros() {
    let mut ctx = WasiCtx::default();
    let mut memory = vec![0; 64];
    for function in FUNCTIONS {
        let _ = (function.call)(&mut ctx, &mut GuestMemory::new(&mut memory), &[]);
    }
}

#[test]
fn an_empty_memory_is_no_more_than_an_error() {
    for function in FUNCTIONS {
        let mut ctx = WasiCtx::default();
        let args = vec![1; function.params.len()];
        let _ = (function.call)(&mut ctx, &mut GuestMemory::new(&mut []), &args);
    }
}

#[test]
fn the_table_is_the_specifications() {
    assert_eq!(FUNCTIONS.len(), 46);
    let mut names: Vec<_> = FUNCTIONS.iter().map(|function| function.name).collect();
    names.dedup();
    assert_eq!(names.len(), 46);
    assert_eq!(
        FUNCTIONS.iter().filter(|function| !function.returns).map(|f| f.name).collect::<Vec<_>>(),
        ["proc_exit"]
    );
}
