//! The handlers of the tail engine, disassembled, in what is handed out and in a build without any optimisation across units: dispatch is a jump, one for each way out of a branch, and hot
//! handlers leave the native stack alone.
//!
//! Stable Rust promises no tail call, so what the optimiser made of each handler is looked at: it returns nowhere, calls nothing but what is listed,
//! and ends in a jump. A handler that needed the stack would still be right, but slower than it may be, so that is refused of the hot rows only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, dist, shell};

/// Symbols of the handlers, demangled, begin like this.
const HANDLERS: &str = "whit_core::exec::dispatch::tail::";

/// What stands before the ops of a chain, whose handlers are named after all of them.
const CHAINS: &str = "OF_CHAINS::";

/// The handler that ends a run: the one that returns.
const LEAVE: &str = "leave";

/// What the handlers of some rows may call: moving as many slots as the row says is their work.
const COLD_CALLS: &[(&str, &[&str])] =
    &[("memmove", &["tail_call_local", "tail_call_import", "tail_call_indirect", "tail_call_ref", "return_many"])];

/// Beginnings of the names of hot rows: scalar arithmetic and comparisons, loads and stores of memory 0, branches, calls, returns, and what
/// stands between those everywhere.
const HOT: &[&str] = &[
    "i32_",
    "i64_",
    "f32_",
    "f64_",
    "br",
    "call_",
    "return_",
    "enter",
    "charge",
    "poll",
    "copy",
    "select_",
    "global_",
    "reload_memory",
];

/// Whether a row is a branch on something: both ways out of it end in an indirect jump of their own, because one for both is predicted badly.
fn has_two_ways(row: &str) -> bool {
    ["br_if_", "br_i32_", "br_i64_", "br_f32_", "br_f64_", "step_br_", "step2_br_"]
        .iter()
        .any(|beginning| row.starts_with(beginning))
}

/// Rows that begin so and are not hot: other memories than the first, any number of results, and those beside whose work a push is little: unsigned
/// divisions of 64 bits, which LLVM makes two instructions with fixed registers of, and atomic accesses.
fn is_not_hot(row: &str) -> bool {
    row.ends_with("_x") || row == "return_many" || row.starts_with("i64_div_u_") || row.contains("_atomic_")
}

/// Fewer handlers than this, and the binary is not what it should be: stripped, or without the tail engine.
const FLOOR: usize = 1000;

/// What was found.
#[derive(Default)]
struct Findings {
    handlers: usize,
    hot: usize,
    dispatches: usize,
    with_stack: usize,
    calls: BTreeMap<String, usize>,
    faults: Vec<String>,
}

/// A profile under which nothing is inlined across codegen units, and panics unwind: the least help that an embedder's own profile can give.
const APART: &[&str] = &["lto='off'", "codegen-units=16", "panic='unwind'"];

pub fn run(_: &[String]) -> Outcome {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        println!("asm: not available (the check reads the assembly of x86-64 Linux)");
        return Ok(());
    }
    if !shell::succeeds(Command::new("objdump").arg("--version")) {
        println!("asm: not available (no objdump)");
        return Ok(());
    }
    let shipped = check(&dist::build()?, true)?;

    let apart = check(&build_apart()?.join("hello"), false)?;

    if shipped + apart == 0 { Ok(()) } else { Err(format!("{} faults", shipped + apart)) }
}

/// Builds the examples under [`APART`], with the counts of ops that `cargo xtask dispatches` asks for, and says where they lie.
pub fn build_apart() -> Result<PathBuf, String> {
    let folder = shell::target_dir().join("apart");
    let mut build = shell::cargo(["build", "--quiet", "--release", "--package", "whit-core", "--features", "profile"]);
    build.args(["--example", "hello", "--example", "op_profile"]);
    build.args(APART.iter().flat_map(|setting| ["--config".to_string(), format!("profile.release.{setting}")]));
    shell::run(build.env("CARGO_TARGET_DIR", &folder))?;
    Ok(folder.join("release").join("examples"))
}

/// Prints what is to be said of the handlers in `program` and returns how many faults they have. How little stack hot ones use is asked
/// only of the profile that is tuned for it.
fn check(program: &Path, tuned: bool) -> Result<usize, String> {
    let mut objdump = Command::new("objdump");
    let output = objdump.args(["--disassemble", "--no-show-raw-insn", "--demangle"]).arg(program).output();
    let output = output.map_err(|e| format!("objdump: {e}"))?;
    if !output.status.success() {
        return Err(format!("objdump: {}", output.status));
    }
    let findings = examine(&String::from_utf8_lossy(&output.stdout), tuned);
    println!(
        "{} handlers, {} of them hot; {} indirect jumps; {} handlers use the stack",
        findings.handlers, findings.hot, findings.dispatches, findings.with_stack
    );
    for (callee, count) in &findings.calls {
        println!("{count} calls of {callee}");
    }
    if findings.handlers < FLOOR {
        return Err(format!("{} handlers in {}, fewer than {FLOOR}", findings.handlers, program.display()));
    }
    for fault in &findings.faults {
        println!("{fault}");
    }
    Ok(findings.faults.len())
}

/// Looks at every handler in a disassembly.
fn examine(assembly: &str, tuned: bool) -> Findings {
    let mut findings = Findings::default();
    let mut handler: Option<(&str, Vec<&str>)> = None;
    for line in assembly.lines().chain([""]) {
        if let Some((_, body)) = &mut handler
            && let Some((_, instruction)) = line.split_once(":\t")
        {
            // Padding behind the end is not of the handler.
            if !["int3", "nop", "data16", "cs nop", "xchg   %ax,%ax"]
                .iter()
                .any(|filler| instruction.starts_with(filler))
            {
                body.push(instruction.trim_end());
            }
            continue;
        }
        if let Some((row, body)) = handler.take() {
            findings.judge(row, &body, tuned);
        }
        let symbol = line.split_once('<').and_then(|(_, symbol)| symbol.strip_suffix(">:"));
        handler = symbol.and_then(|symbol| symbol.strip_prefix(HANDLERS)).map(|row| (row, Vec::new()));
    }
    findings
}

impl Findings {
    fn judge(&mut self, row: &str, body: &[&str], tuned: bool) {
        if row == LEAVE || row == "execute" || row == "HANDLERS" {
            return;
        }
        self.handlers += 1;
        let ops: Vec<&str> = row.strip_prefix(CHAINS).map_or_else(|| vec![row], |ops| ops.split("::").collect());
        let is_hot = |op: &&str| HOT.iter().any(|beginning| op.starts_with(beginning)) && !is_not_hot(op);
        let hot = ops.iter().all(is_hot);
        self.hot += usize::from(hot);
        let mut stack = None;
        let before = self.dispatches;
        for instruction in body {
            let (mnemonic, operands) = instruction.split_once(' ').unwrap_or((instruction, ""));
            match mnemonic {
                "call" => {
                    let callee = callee(operands);
                    let listed = COLD_CALLS.iter().any(|(name, rows)| callee.contains(name) && rows.contains(&row));
                    if !listed {
                        self.faults.push(format!("{row} calls {callee}"));
                    }
                    *self.calls.entry(callee.to_string()).or_default() += 1;
                }
                "ret" => self.faults.push(format!("{row} returns")),
                "jmp" if operands.contains('*') => self.dispatches += 1,
                // Out of the handler: only to another one, which has the same signature.
                "jmp" if !operands.contains(HANDLERS) => {
                    self.faults.push(format!("{row} jumps to {}", operands.trim()))
                }
                "push" => stack = Some(*instruction),
                _ if operands.ends_with(",%rsp") => stack = Some(*instruction),
                _ => {}
            }
        }
        if !body.last().is_some_and(|last| last.starts_with("jmp")) {
            self.faults.push(format!("{row} does not end in a jump: {}", body.last().unwrap_or(&"it is empty")));
        }
        // Each branch has one for its own way, besides the one at the end.
        let branches = ops.iter().filter(|op| has_two_ways(op)).count();
        if branches > 0 && self.dispatches - before < branches + 1 {
            self.faults.push(format!("{row} has one jump for both ways"));
        }
        if let Some(instruction) = stack {
            self.with_stack += 1;
            if hot && tuned {
                self.faults.push(format!("{row} is hot and uses the stack: {instruction}"));
            }
        }
    }
}

/// The symbol in the operands of a call, or the operands.
fn callee(operands: &str) -> &str {
    match operands.rsplit_once('<') {
        Some((_, symbol)) => symbol.trim_end().trim_end_matches('>').split('@').next().unwrap_or(symbol),
        None => operands.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(body: &str) -> Vec<String> {
        examine(body, true).faults
    }

    #[test]
    fn a_straight_line_to_a_jump_is_good() {
        let findings = examine(
            "0000000000001000 <whit_core::exec::dispatch::tail::i32_add_ss>:\n\
             \x20 1000:\tmovzwl 0x8(%rdi),%r8d\n\
             \x20 1008:\tjmp    *(%r9,%r8,8)\n\
             \x20 100d:\tint3\n\
             \n\
             0000000000001010 <whit_core::exec::dispatch::tail::unreachable>:\n\
             \x20 1010:\tjmp    3f8750 <whit_core::exec::dispatch::tail::leave>\n\
             \n\
             0000000000001020 <other>:\n\
             \x20 1020:\tret\n",
            true,
        );
        assert_eq!((findings.handlers, findings.hot, findings.dispatches), (2, 1, 1));
        assert!(findings.faults.is_empty(), "{:?}", findings.faults);
    }

    #[test]
    fn one_jump_for_both_ways_of_a_branch_is_found() {
        let merged = "0000000000001000 <whit_core::exec::dispatch::tail::br_if_s>:\n\
             \x20 1000:\tje     1008 <whit_core::exec::dispatch::tail::br_if_s+0x8>\n\
             \x20 1004:\tadd    %rax,%rdi\n\
             \x20 1008:\tjmp    *%rax\n";
        assert_eq!(faults(merged), ["br_if_s has one jump for both ways"]);
        assert!(faults(&merged.replace("add    %rax,%rdi", "jmp    *%rax")).is_empty());
    }

    #[test]
    fn branches_of_a_chain_have_jumps_of_their_own() {
        let chain = "0000000000001000 <whit_core::exec::dispatch::tail::OF_CHAINS::br_if_s::copy::br_if_s>:\n\
             \x20 1000:\tjmp    *%rax\n\
             \x20 1004:\tjmp    *%rax\n";
        assert_eq!(faults(chain), ["OF_CHAINS::br_if_s::copy::br_if_s has one jump for both ways"]);
        assert!(faults(&format!("{chain} 1008:\tjmp    *%rax\n")).is_empty());
    }

    #[test]
    fn a_real_call_is_found() {
        let found = faults(
            "0000000000001000 <whit_core::exec::dispatch::tail::i32_add_ss>:\n\
             \x20 1000:\tpush   %rax\n\
             \x20 1001:\tcall   *(%r9,%r8,8)\n\
             \x20 1005:\tpop    %rcx\n\
             \x20 1006:\tret\n",
        );
        assert_eq!(found.len(), 4, "{found:?}");
    }

    #[test]
    fn only_listed_rows_call_listed_functions() {
        let body = |row: &str| {
            format!(
                "1000 <whit_core::exec::dispatch::tail::{row}>:\n  1000:\tpush   %rax\n  1001:\tcall   *0x7ef9d(%rip)        # 46dc18 <memmove@GLIBC_2.2.5>\n  1007:\tpop    %rax\n  1008:\tjmp    *%rax\n"
            )
        };
        assert!(faults(&body("return_many")).is_empty());
        assert_eq!(faults(&body("return_int_s")).len(), 2);
    }
}
