//! What a device does: the module lies in flash, the guest's memory is a region of RAM, and everything else has a limit.
//! Next: `firmware/smoke/src/lib.rs`, where this runs bare metal; sizes are in `docs/firmware.md`.
//!
//! Only `main` needs an operating system, to print. `cargo run -p whit-core --no-default-features --example no_std_embed` builds all of it as a device
//! would, whose allocator is a `#[global_allocator]` over the RAM that is left: here that takes stacks, tables and translated code.

#![no_std]

extern crate alloc;
extern crate std;

use alloc::boxed::Box;
use core::sync::atomic::{AtomicI32, Ordering};

use whit_core::{Config, Engine, Linker, Memory, MemoryType, Module, ModuleLimits, Result, Store, StoreLimits};

/// `wat::parse_str` of
/// ```wat
/// (module
///   (import "board" "ram" (memory 4096 4096 (pagesize 1)))
///   (import "board" "led" (func $led (param i32)))
///   (func (export "sum") (param $n i32) (result i32) (local $sum i32)
///     (block (loop
///       (br_if 1 (i32.eqz (local.get $n)))
///       (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
///       (br 0)))
///     (call $led (local.get $sum))
///     (local.get $sum)))
/// ```
static FLASH: &[u8] = &[
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic, version
    0x01, 0x0a, 0x02, 0x60, 0x01, 0x7f, 0x00, 0x60, 0x01, 0x7f, 0x01, 0x7f, // types
    0x02, 0x1e, 0x02, 0x05, b'b', b'o', b'a', b'r', b'd', 0x03, b'r', b'a', b'm', 0x02, 0x09, 0x80, 0x20, 0x80, 0x20,
    0x00, 0x05, b'b', b'o', b'a', b'r', b'd', 0x03, b'l', b'e', b'd', 0x00, 0x00, // imports
    0x03, 0x02, 0x01, 0x01, // functions
    0x07, 0x07, 0x01, 0x03, b's', b'u', b'm', 0x00, 0x01, // exports
    0x0a, 0x28, 0x01, 0x26, 0x01, 0x01, 0x7f, 0x02, 0x40, 0x03, 0x40, 0x20, 0x00, 0x45, 0x0d, 0x01, 0x20, 0x01, 0x20,
    0x00, 0x41, 0x01, 0x6b, 0x22, 0x00, 0x2d, 0x00, 0x00, 0x6a, 0x21, 0x01, 0x0c, 0x00, 0x0b, 0x0b, 0x20, 0x01, 0x10,
    0x00, 0x20, 0x01, 0x0b, // code
];

/// What the guest's memory takes of the RAM: its bytes, and some for its length.
const RAM: usize = 4096 + 64;

/// A peripheral.
static LED: AtomicI32 = AtomicI32::new(0);

/// Runs the program in flash on some samples.
fn device(ram: &'static mut [u8], samples: &[u8]) -> Result<i32> {
    let mut config = Config::new();
    config.max_wasm_stack(4 << 10).max_call_depth(50).wasm_backtrace(false);
    config.limits(ModuleLimits::new().module_size(16 << 10).types(100).functions(200).imports(20));
    config.store_limits(StoreLimits::new().memory_size(4096).table_elements(100).heap_size(1 << 10));
    let engine = Engine::new(&config)?;

    // A `&'static [u8]` is not copied: bodies and data are read where they lie.
    let module = Module::new(&engine, FLASH)?;
    let mut store = Store::try_new(&engine, ())?;
    let ty = MemoryType::new(4096, Some(4096)).with_page_size_log2(0);
    let memory = Memory::in_slice(&mut store, ty, ram)?;
    memory.write(&mut store, 0, samples)?;

    let mut linker = Linker::new(&engine);
    linker.define(&store, "board", "ram", memory)?;
    linker.func_wrap("board", "led", |value: i32| LED.store(value, Ordering::Relaxed))?;
    let instance = linker.instantiate(&mut store, &module)?;
    instance.get_typed_func::<i32, i32>(&mut store, "sum")?.call(&mut store, samples.len() as i32)
}

fn main() -> Result<()> {
    // On a device: a static in a section of its own, handed out once.
    let ram: &'static mut [u8] = Box::leak(Box::new([0; RAM]));
    let sum = device(ram, &[10, 20, 12])?;
    std::println!("the samples make {sum}, and the LED shows {}", LED.load(Ordering::Relaxed));
    Ok(())
}
