//! What ends a program early: a panic or a fault prints one line and leaves with its own status, so that a broken
//! program never just hangs.

use core::panic::PanicInfo;

use semihosting::{println, process};

/// The status Rust programs leave with after a panic.
const PANICKED: i32 = 101;
/// The status of a program the processor stopped.
const FAULTED: i32 = 102;

/// Where and why is said only with the feature `panic-message`: a handler that looks at them keeps the texts of every panic, and the code
/// that writes their numbers and names, in every program.
#[panic_handler]
fn panicked(info: &PanicInfo<'_>) -> ! {
    if cfg!(feature = "panic-message") {
        println!("{info}");
    } else {
        println!("panicked");
    }
    process::exit(PANICKED)
}

#[cfg(any(feature = "mps2-an386", feature = "netduinoplus2"))]
mod handlers {
    use cortex_m_rt::{ExceptionFrame, exception};

    #[exception]
    unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
        super::faulted(frame.pc() as usize)
    }

    #[exception]
    unsafe fn DefaultHandler(_: i16) -> ! {
        super::faulted(0)
    }
}

#[cfg(feature = "virt")]
mod handlers {
    use riscv::register::mepc;

    #[unsafe(export_name = "ExceptionHandler")]
    extern "C" fn exception(_: &riscv_rt::TrapFrame) -> ! {
        super::faulted(mepc::read())
    }
}

fn faulted(at: usize) -> ! {
    println!("fault at {at:#010x}");
    process::exit(FAULTED)
}
