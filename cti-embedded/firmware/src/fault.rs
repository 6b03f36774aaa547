//! What ends the program: a log line, and failure for the emulator.

use core::panic::PanicInfo;

use crate::parameters;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    match info.location() {
        Some(at) => defmt::error!("panic in {=str}, line {=u32}", at.file(), at.line()),
        None => defmt::error!("panic"),
    }
    parameters::exit(false)
}

#[defmt::panic_handler]
fn defmt_panic() -> ! {
    parameters::exit(false)
}

#[cortex_m_rt::exception]
unsafe fn HardFault(frame: &cortex_m_rt::ExceptionFrame) -> ! {
    defmt::error!("hard fault at {=u32:#x}, called from {=u32:#x}", frame.pc(), frame.lr());
    parameters::exit(false)
}
