//! The executor: tasks run in thread mode, and the core sleeps while none is ready.

use core::sync::atomic::{AtomicBool, Ordering};

use cortex_m::asm;
use embassy_executor::Spawner;
use embassy_executor::raw::Executor;
use static_cell::StaticCell;

use crate::systick;

static READY: AtomicBool = AtomicBool::new(false);

#[unsafe(export_name = "__pender")]
fn pender(_: *mut ()) {
    READY.store(true, Ordering::Release);
}

/// Starts the time, calls `start` and runs the tasks for ever.
///
/// It sleeps by WFI. embassy's own executor sleeps by WFE, for which the emulator burns a whole core of its host.
pub fn run(start: impl FnOnce(Spawner)) -> ! {
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();
    let core = defmt::unwrap!(cortex_m::Peripherals::take());
    systick::start(core.SYST);
    let executor = EXECUTOR.init(Executor::new(core::ptr::null_mut()));
    start(executor.spawner());
    loop {
        // SAFETY: only this function polls, and it does not call itself.
        unsafe { executor.poll() };
        cortex_m::interrupt::disable();
        // An interrupt that comes here is pending, and WFI returns at once: no wake-up is lost.
        if !READY.swap(false, Ordering::AcqRel) {
            asm::wfi();
        }
        // SAFETY: they were on before.
        unsafe { cortex_m::interrupt::enable() };
    }
}
