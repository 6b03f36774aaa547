//! The board: its clock, where its devices are, and its interrupts.

use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::NVIC;

use crate::mmio::Registers;

/// Where a board has things.
struct Board {
    core_hz: u32,
    ethernet: usize,
    ethernet_interrupt: u16,
    serial: usize,
    serial_receive_interrupt: u16,
    serial_transmit_interrupt: u16,
}

/// Cortex-M4.
#[cfg(board = "mps2_an386")]
const BOARD: Board = Board {
    core_hz: 25_000_000,
    ethernet: 0x4020_0000,
    ethernet_interrupt: 13,
    serial: 0x4000_4000,
    serial_receive_interrupt: 0,
    serial_transmit_interrupt: 1,
};

/// Cortex-M33, by its secure addresses.
#[cfg(board = "mps2_an505")]
const BOARD: Board = Board {
    core_hz: 20_000_000,
    ethernet: 0x5200_0000,
    ethernet_interrupt: 48,
    serial: 0x5020_0000,
    serial_receive_interrupt: 32,
    serial_transmit_interrupt: 33,
};

/// Ticks of the core's clock in a second.
pub const CORE_HZ: u32 = BOARD.core_hz;

// SAFETY: these devices are there, and each has one driver.
pub(crate) const ETHERNET: Registers = unsafe { Registers::new(BOARD.ethernet) };
// SAFETY: as above.
pub(crate) const SERIAL: Registers = unsafe { Registers::new(BOARD.serial) };

/// An interrupt of a device.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interrupt(u16);

pub(crate) const ETHERNET_INTERRUPT: Interrupt = Interrupt(BOARD.ethernet_interrupt);
pub(crate) const SERIAL_RECEIVE: Interrupt = Interrupt(BOARD.serial_receive_interrupt);
pub(crate) const SERIAL_TRANSMIT: Interrupt = Interrupt(BOARD.serial_transmit_interrupt);

// SAFETY: the numbers are the board's own.
unsafe impl InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        self.0
    }
}

impl Interrupt {
    pub(crate) fn enable(self) {
        // SAFETY: no critical section relies on interrupts being masked one by one.
        unsafe { NVIC::unmask(self) }
    }
}

/// All interrupts of devices come here.
#[cortex_m_rt::exception]
unsafe fn DefaultHandler(number: i16) {
    match u16::try_from(number).map(Interrupt) {
        Ok(ETHERNET_INTERRUPT) => crate::lan9118::on_interrupt(),
        Ok(SERIAL_RECEIVE | SERIAL_TRANSMIT) => crate::serial::on_interrupt(),
        _ => defmt::panic!("an interrupt that nobody asked for: {}", number),
    }
}
