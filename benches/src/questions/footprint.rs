//! How much memory does a loaded module take? Resident set before and after, in a process of its own.
//!
//! Counting one allocator would miss what the runtimes in C and the mapped linear memories take; the resident set of a
//! fresh process misses nothing. It includes the pages of code that ran.

use anyhow::{Context, Result, bail};

use super::{Selection, find, name_of};
use crate::guests;
use crate::peers::for_startup;
use crate::table::Table;
use crate::trial::in_child;

/// The hidden verb of a child that measures one program on one runtime and prints the outcome.
pub const CHILD: &str = "footprint-of";

/// Prints, in KiB, by how much a module that was loaded and instantiated enlarges a process, and its peak on the way.
pub fn table(selection: &Selection) -> Result<Table> {
    let entries = selection.runtimes(for_startup());
    let programs = guests::programs()?;
    let head = std::iter::once("program".to_string()).chain(entries.iter().map(|entry| name_of(entry).to_string()));
    let mut table = Table::new("Memory: KiB resident after load and instantiation (peak)", head);
    for program in programs.iter().filter(|program| selection.wants_guest(&program.name)) {
        eprintln!("{} …", program.name);
        let mut cells = vec![format!("{} ({} KB)", program.name, program.wasm.len() / 1000)];
        for entry in &entries {
            let name = name_of(entry);
            let outcome = match entry {
                Ok(_) => in_child(&[CHILD, &program.name, name]),
                Err(absent) => Err(absent.reason.to_string()),
            };
            cells.push(match outcome {
                Ok(text) => text,
                Err(reason) => table.absent(&format!("{name}: {reason}")),
            });
        }
        table.row(cells);
    }
    Ok(table)
}

/// The child's part: prints `after (peak)`, both as differences to before.
pub fn measure_here(program: &str, runtime: &str) -> Result<()> {
    let runtime = find(for_startup(), runtime)?;
    let program = guests::program(program)?;
    // The peak counts from here; what was needed to come here would hide it.
    std::fs::write("/proc/self/clear_refs", "5").context("the peak cannot be reset")?;
    let before = status("VmRSS")?;
    let mut instance = runtime.instantiate(&program.wasm, &program.imports)?;
    if !instance.has_function(&program.export) {
        bail!("export `{}` not found", program.export);
    }
    let (after, peak) = (status("VmRSS")?, status("VmHWM")?);
    drop(instance);
    println!("{} ({})", after.saturating_sub(before), peak.saturating_sub(before));
    Ok(())
}

/// A line of `/proc/self/status`, in KiB.
fn status(field: &str) -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/status").context("memory is measured through /proc, on Linux")?;
    let line = text.lines().find(|line| line.starts_with(field)).with_context(|| format!("no {field}"))?;
    let number = line.split_whitespace().nth(1).context("no number")?;
    Ok(number.parse()?)
}
