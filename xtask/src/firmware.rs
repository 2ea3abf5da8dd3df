//! Bare-metal programs built, run in QEMU, and measured; and the library checked for their targets.
//!
//! `cargo xtask firmware` prints one line per board and program and fails if any program fails; docs/firmware.md says
//! how each figure comes about. What is missing (QEMU, a standard library for the target) is installed first where this
//! machine allows it, and is a failure where not: a board that was not run has shown nothing.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::{Outcome, shell};

/// A machine of QEMU.
struct Board {
    /// QEMU's name for it, and the feature of the firmware crates.
    name: &'static str,
    target: &'static str,
    emulator: &'static str,
    arguments: &'static [&'static str],
}

const BOARDS: &[Board] = &[
    Board { name: "mps2-an386", target: THUMB, emulator: "qemu-system-arm", arguments: &[] },
    Board { name: "netduinoplus2", target: THUMB, emulator: "qemu-system-arm", arguments: &[] },
    Board { name: "virt", target: RISCV, emulator: "qemu-system-riscv32", arguments: &["-bios", "none"] },
];

const THUMB: &str = "thumbv7em-none-eabihf";
const RISCV: &str = "riscv32imac-unknown-none-elf";

/// A program of `firmware/smoke`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Program {
    Fib,
    /// CoreMark where it is present, else a kernel that is checked in.
    Benchmark,
    /// A guest in Rust that declares more memory than the board has.
    Hello,
    /// Two components that call each other.
    Component,
}

/// Flash that the engine may take: measured on the program that adds next to nothing to it, on the architecture the
/// budget was set for. docs/firmware.md says where it goes.
const FLASH_BUDGET: u64 = 300 * 1000;

/// Flash that the engine with components may take, their parser included: on a part with 1 MB the other half is the firmware's own.
const COMPONENT_FLASH_BUDGET: u64 = 600 * 1000;

/// How long a program may run. The longest takes seconds; one that takes this long hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// `cargo xtask firmware [BOARD…]`
pub fn run(arguments: &[String]) -> Outcome {
    if let Some(unknown) = arguments.iter().find(|name| BOARDS.iter().all(|board| board.name != **name)) {
        return Err(format!("no board {unknown}"));
    }
    let coremark = coremark();
    let wanted = |board: &Board| arguments.is_empty() || arguments.iter().any(|name| name == board.name);
    let mut lanes = Vec::new();
    for target in [THUMB, RISCV] {
        let boards: Vec<&Board> = BOARDS.iter().filter(|board| board.target == target && wanted(board)).collect();
        if let Some(board) = boards.first() {
            install_emulator(board.emulator)?;
            lanes.push((Toolchain::for_target(target)?, boards));
        }
    }
    // A program is optimised as a whole, by one processor: the targets side by side.
    let reports: Vec<Report> = thread::scope(|scope| {
        let measure = |(toolchain, boards): &(Toolchain, Vec<&Board>)| measure(boards, toolchain, coremark.as_deref());
        let lanes: Vec<_> = lanes.iter().map(|lane| scope.spawn(move || measure(lane))).collect();
        lanes
            .into_iter()
            .map(|lane| lane.join().unwrap_or_else(|_| Err("a lane panicked".into())))
            .collect::<Result<_, _>>()
    })?;
    println!("{HEADING}");
    for line in reports.iter().flat_map(|report| &report.lines) {
        println!("{line}");
    }
    let failures: Vec<String> = reports.into_iter().flat_map(|report| report.failures).collect();
    if failures.is_empty() { Ok(()) } else { Err(failures.join("; ")) }
}

/// What came of the boards of one target.
#[derive(Default)]
struct Report {
    lines: Vec<String>,
    failures: Vec<String>,
}

/// Builds every program for each of `boards`, which have one target, and runs it.
fn measure(boards: &[&Board], toolchain: &Toolchain, coremark: Option<&Path>) -> Result<Report, String> {
    let mut report = Report::default();
    for board in boards {
        for program in [Program::Fib, Program::Benchmark, Program::Hello, Program::Component] {
            let binary = match (program, coremark) {
                (Program::Fib, _) => "fib",
                (Program::Benchmark, Some(_)) => "coremark",
                (Program::Benchmark, None) => "kernel",
                (Program::Hello, _) => "hello",
                (Program::Component, _) => "component",
            };
            let elf = build(board, binary, toolchain, coremark)?;
            let sizes = Sizes::of(&elf)?;
            let outcome = emulate(board, &elf);
            if let Err(why) = &outcome {
                report.failures.push(format!("{} {binary}: {why}", board.name));
            }
            let budget = match program {
                Program::Fib => FLASH_BUDGET,
                Program::Component => COMPONENT_FLASH_BUDGET,
                Program::Benchmark | Program::Hello => u64::MAX,
            };
            if board.target == THUMB && sizes.flash > budget {
                let flash = sizes.flash;
                report.failures.push(format!("{} {binary}: {flash} bytes of flash, more than {budget}", board.name));
            }
            report.lines.push(line(board.name, binary, &sizes, outcome.as_ref().ok()));
        }
    }
    Ok(report)
}

/// `cargo xtask embedded-check`: the library for both targets, with each feature set a device would choose.
pub fn check(_: &[String]) -> Outcome {
    const FEATURES: [&str; 8] =
        ["", "specialized-ops", "simd", "gc", "threads", "paged", "checked", "specialized-ops,simd,gc,threads,paged"];
    for target in [THUMB, RISCV] {
        let toolchain = Toolchain::for_target(target)?;
        for features in FEATURES {
            let words = ["check", "--quiet", "--package", "whit-core", "--no-default-features", "--features", features];
            shell::run(toolchain.apply(shell::cargo(words).args(["--target", target])))?;
        }
    }
    println!("{} feature sets on 2 targets", FEATURES.len());
    Ok(())
}

/// How code for a target is compiled.
enum Toolchain {
    /// With the standard library that rustup installed.
    Rustup,
    /// With a compiler of Debian's, and `core` and `alloc` built from its sources.
    BuildStd,
}

impl Toolchain {
    /// The first way that works here; says which.
    fn for_target(target: &str) -> Result<Self, String> {
        if shell::has_target(target) {
            println!("{target}: rustup's standard library");
            return Ok(Self::Rustup);
        }
        if Path::new(Self::DEBIAN).exists() || install(&["rustc-web", "rust-web-src"]) {
            println!("{target}: core and alloc built by {}", Self::DEBIAN);
            return Ok(Self::BuildStd);
        }
        Err(format!("{target}: not available (neither from rustup nor as Debian's rustc-web)"))
    }

    const DEBIAN: &str = "/usr/bin/rustc";

    fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        match self {
            Self::Rustup => command,
            Self::BuildStd => {
                command.env("RUSTC", Self::DEBIAN).env("RUSTC_BOOTSTRAP", "1").args(["-Z", "build-std=core,alloc"])
            }
        }
    }
}

/// Installs Debian packages; whether that worked.
fn install(packages: &[&str]) -> bool {
    let apt = |words: &[&str]| shell::run(Command::new("apt-get").args(words)).is_ok();
    // The lists of a fresh machine are empty. Recommended packages are graphical front ends.
    apt(&["update", "--quiet=2"])
        && apt(&[&["install", "--yes", "--quiet=2", "--no-install-recommends"], packages].concat())
}

fn install_emulator(emulator: &str) -> Outcome {
    let there = || shell::succeeds(Command::new(emulator).arg("--version"));
    if there() || (install(&["qemu-system-arm", "qemu-system-misc"]) && there()) {
        Ok(())
    } else {
        Err(format!("{emulator}: not available (Debian's qemu-system-arm, qemu-system-misc)"))
    }
}

/// CoreMark as a module, where it lies beside the project.
fn coremark() -> Option<PathBuf> {
    let path = shell::top().join("../shared/bench/coremark.wasm").canonicalize();
    if path.is_err() {
        println!("../shared/bench/coremark.wasm: not available; running a kernel of guests/ instead");
    }
    path.ok()
}

/// Builds one program for one board.
fn build(board: &Board, binary: &str, toolchain: &Toolchain, coremark: Option<&Path>) -> Result<PathBuf, String> {
    let folder = shell::top().join("firmware");
    // Out of the workspace's target folder, and each target in one of its own: two Cargos would wait for each other.
    let target_dir = folder.join("target").join(board.target);
    let features = match binary {
        "coremark" => format!("{},coremark", board.name),
        "hello" => format!("{},paged", board.name),
        "component" => format!("{},component", board.name),
        _ => board.name.to_owned(),
    };
    let words = ["build", "--quiet", "--release", "--package", "whit-smoke", "--bin", binary];
    let mut command = shell::cargo(words);
    command.current_dir(&folder).args(["--target", board.target, "--features", &features]);
    command.env("CARGO_TARGET_DIR", &target_dir);
    if let Some(path) = coremark {
        command.env("WHIT_COREMARK", path);
    }
    shell::run(toolchain.apply(&mut command))?;
    Ok(target_dir.join(board.target).join("release").join(binary))
}

/// What a program measured about itself.
struct Measured {
    heap: u64,
    stack: u64,
    instructions: u64,
}

/// Runs a program; its own figures if it says that all is well.
fn emulate(board: &Board, elf: &Path) -> Result<Measured, String> {
    let mut command = Command::new(board.emulator);
    command.args(["-M", board.name, "-nographic", "-monitor", "none", "-serial", "none"]).args(board.arguments);
    // An instruction takes a nanosecond of virtual time: counts are the same at every run.
    command.args(["-icount", "shift=0", "-semihosting-config", "enable=on,target=native", "-kernel"]).arg(elf);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn();
    let child = child.as_mut().map_err(|e| format!("{}: {e}", board.emulator))?;
    let status = wait(child)?;
    // A few lines: they fit the pipe, so that nobody had to read it while the program ran.
    let output = child.stdout.take().map(std::io::read_to_string).transpose().map_err(|e| e.to_string())?;
    let output = output.unwrap_or_default();
    for said in output.lines() {
        println!("  {}: {said}", board.name);
    }
    if !status.success() {
        return Err(output.lines().last().map_or_else(|| status.to_string(), |said| format!("{status}: {said}")));
    }
    Measured::read(&output).ok_or_else(|| "no figures in what it printed".to_owned())
}

/// Waits for `child` and ends it if it hangs.
fn wait(child: &mut Child) -> Result<std::process::ExitStatus, String> {
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if start.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                // Both can fail only if it has just ended by itself.
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("still running after {PATIENCE:?}"));
            }
            Err(e) => return Err(e.to_string()),
        }
    }
}

impl Measured {
    /// From the line `whit-board: heap=… stack=… instructions=…`.
    fn read(output: &str) -> Option<Self> {
        let line = output.lines().find_map(|line| line.strip_prefix("whit-board:"))?;
        let field = |name: &str| {
            line.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
        };
        Some(Self { heap: field("heap")?, stack: field("stack")?, instructions: field("instructions")? })
    }
}

/// What the linker laid out.
struct Sizes {
    /// Code, constants, vectors, and the initial values of variables.
    flash: u64,
    /// Variables. Heap and native stack are measured, not laid out.
    ram: u64,
}

impl Sizes {
    /// Reads the section headers of a 32-bit little-endian ELF file.
    fn of(elf: &Path) -> Result<Self, String> {
        let bytes = fs::read(elf).map_err(|e| format!("{}: {e}", elf.display()))?;
        Self::parse(&bytes).ok_or_else(|| format!("{}: not an ELF file of a 32-bit board", elf.display()))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        const HEADER: [u8; 6] = [0x7F, b'E', b'L', b'F', 1, 1];
        const PROGBITS: u32 = 1;
        const NOBITS: u32 = 8;
        const WRITE: u32 = 1;
        const ALLOC: u32 = 2;
        if !bytes.starts_with(&HEADER) {
            return None;
        }
        let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        let half = |at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
        let (sections, entry, count) = (word(0x20)? as usize, half(0x2E)?, half(0x30)?);
        let names = sections + usize::from(entry) * usize::from(half(0x32)?);
        let names = word(names + 16)? as usize;
        let mut sizes = Self { flash: 0, ram: 0 };
        for index in 0..usize::from(count) {
            let at = sections + usize::from(entry) * index;
            let (name, kind, flags, size) = (word(at)?, word(at + 4)?, word(at + 8)?, u64::from(word(at + 20)?));
            let name = bytes.get(names + name as usize..)?;
            // Room that a linker script sets aside, with nothing in it.
            let reserved = name.starts_with(b".heap\0") || name.starts_with(b".stack\0");
            if flags & ALLOC == 0 || reserved {
                continue;
            }
            if kind == PROGBITS {
                sizes.flash += size;
            }
            if flags & WRITE != 0 || (kind == NOBITS && size > 0) {
                sizes.ram += size;
            }
        }
        Some(sizes)
    }
}

const HEADING: &str = "board          program       flash  static RAM  peak heap  native stack   instructions";

fn line(board: &str, program: &str, sizes: &Sizes, measured: Option<&Measured>) -> String {
    let Sizes { flash, ram } = sizes;
    match measured {
        Some(Measured { heap, stack, instructions }) => {
            format!("{board:<14} {program:<10} {flash:>8} {ram:>11} {heap:>10} {stack:>13} {instructions:>14}  ok")
        }
        None => {
            format!("{board:<14} {program:<10} {flash:>8} {ram:>11} {:>10} {:>13} {:>14}  FAILED", "-", "-", "-")
        }
    }
}
