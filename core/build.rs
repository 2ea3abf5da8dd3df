//! Decides which execution engine is compiled: `cfg(tail)` for direct-threaded tail calls, else the loop engine.
//!
//! A handler may end in a tail call only where the optimiser turns it into a jump: on these three architectures, in
//! optimised code. The crate cannot see its own optimisation level, so this script looks at Cargo's variables.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(tail)");
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let forced = |name: &str| std::env::var_os(name).is_some();
    let architecture = matches!(variable("CARGO_CFG_TARGET_ARCH").as_str(), "x86_64" | "aarch64" | "riscv64");
    let optimised = matches!(variable("OPT_LEVEL").as_str(), "2" | "3" | "s" | "z");
    let loop_engine = forced("CARGO_FEATURE_FORCE_LOOP_ENGINE");
    let tail_engine = forced("CARGO_FEATURE_FORCE_TAIL_ENGINE");
    if !loop_engine && (tail_engine || (architecture && optimised)) {
        println!("cargo::rustc-cfg=tail");
    }
}
