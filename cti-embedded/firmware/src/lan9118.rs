//! The Ethernet adapter SMSC LAN9118, as both boards have it.

use core::task::Context;

use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_sync::waitqueue::AtomicWaker;
use static_cell::ConstStaticCell;

use crate::board::{ETHERNET, ETHERNET_INTERRUPT};

const RX_DATA: usize = 0x00;
const TX_DATA: usize = 0x20;
const RX_STATUS: usize = 0x40;
const TX_STATUS: usize = 0x48;
const IRQ_CONFIG: usize = 0x54;
const INTERRUPTS: usize = 0x58;
const INTERRUPTS_ENABLED: usize = 0x5c;
const BYTE_TEST: usize = 0x64;
const FIFO_INTERRUPTS: usize = 0x68;
const RX_CONFIG: usize = 0x6c;
const TX_CONFIG: usize = 0x70;
const HARDWARE_CONFIG: usize = 0x74;
const RX_FIFO: usize = 0x7c;
const TX_FIFO: usize = 0x80;
const MAC_COMMAND: usize = 0xa4;
const MAC_DATA: usize = 0xa8;

/// Registers of the MAC.
const CONTROL: u32 = 1;
const ADDRESS_HIGH: u32 = 2;
const ADDRESS_LOW: u32 = 3;
const PHY_ACCESS: u32 = 6;
const PHY_DATA: u32 = 7;

/// Registers of the PHY.
const PHY_STATUS: u32 = 1;
const PHY_INTERRUPTS: u32 = 29;
const PHY_INTERRUPT_MASK: u32 = 30;
const PHY_LINK_UP: u32 = 1 << 2;
/// Energy, negotiation complete, link down.
const PHY_LINK_CHANGES: u32 = 1 << 7 | 1 << 6 | 1 << 4;

const BUSY: u32 = 1 << 31;
const READ: u32 = 1 << 30;
const RECEIVED: u32 = 1 << 3;
const PHY: u32 = 1 << 18;

/// A frame with its checksum, rounded up to words.
const FRAME: usize = 1_520;
/// Bytes of a frame without its checksum.
const MTU: usize = 1_514;
/// Frames that the adapter holds. With 1, TCP would offer a window of one segment, and every segment would wait for its
/// delayed acknowledgement.
const BURST: usize = 6;

static WAKER: AtomicWaker = AtomicWaker::new();

/// The adapter. One frame is held in either direction; the adapter's own memory holds six more.
pub struct Lan9118 {
    address: [u8; 6],
    received: &'static mut [u8; FRAME],
    sending: &'static mut [u8; FRAME],
}

impl Lan9118 {
    /// Resets the adapter and sets it up.
    ///
    /// # Panics
    /// If it is not there, or if it was started before.
    #[must_use]
    pub fn start() -> Self {
        static RECEIVED_FRAME: ConstStaticCell<[u8; FRAME]> = ConstStaticCell::new([0; FRAME]);
        static SENT_FRAME: ConstStaticCell<[u8; FRAME]> = ConstStaticCell::new([0; FRAME]);
        defmt::assert_eq!(ETHERNET.read(BYTE_TEST), 0x8765_4321, "there is no LAN9118");
        ETHERNET.write(HARDWARE_CONFIG, 1);
        while ETHERNET.read(HARDWARE_CONFIG) & 1 != 0 {}
        let (low, high) = (read_mac(ADDRESS_LOW).to_le_bytes(), read_mac(ADDRESS_HIGH).to_le_bytes());
        // Enabled, active high: after a reset the line is active low, and so asserted.
        ETHERNET.write(IRQ_CONFIG, 0x111);
        ETHERNET.write(INTERRUPTS, u32::MAX);
        ETHERNET.write(FIFO_INTERRUPTS, 0);
        ETHERNET.write(RX_CONFIG, 0);
        ETHERNET.write(TX_CONFIG, 2);
        // Full duplex, both directions on.
        write_mac(CONTROL, 0x0010_000c);
        write_phy(PHY_INTERRUPT_MASK, PHY_LINK_CHANGES);
        ETHERNET.write(INTERRUPTS_ENABLED, RECEIVED | PHY);
        ETHERNET_INTERRUPT.enable();
        Self {
            address: [low[0], low[1], low[2], low[3], high[0], high[1]],
            received: RECEIVED_FRAME.take(),
            sending: SENT_FRAME.take(),
        }
    }

    /// Takes a frame from the adapter; gives its length.
    fn take_frame(&mut self) -> Option<usize> {
        if ETHERNET.read(RX_FIFO) >> 16 & 0xff == 0 {
            return None;
        }
        let length = (ETHERNET.read(RX_STATUS) >> 16 & 0x3fff) as usize;
        let words = length.div_ceil(4);
        let mut places = self.received.chunks_exact_mut(4);
        for _ in 0..words {
            let word = ETHERNET.read(RX_DATA).to_le_bytes();
            if let Some(place) = places.next() {
                place.copy_from_slice(&word);
            }
        }
        // The last four bytes are the checksum.
        Some(length.saturating_sub(4).min(FRAME))
    }
}

/// Wakes the network's task.
pub(crate) fn on_interrupt() {
    let causes = ETHERNET.read(INTERRUPTS);
    if causes & PHY != 0 {
        // Reading clears them.
        read_phy(PHY_INTERRUPTS);
    }
    ETHERNET.write(INTERRUPTS, causes);
    WAKER.wake();
}

impl Driver for Lan9118 {
    type RxToken<'a>
        = Received<'a>
    where
        Self: 'a;
    type TxToken<'a>
        = Sending<'a>
    where
        Self: 'a;

    fn receive(&mut self, context: &mut Context<'_>) -> Option<(Received<'_>, Sending<'_>)> {
        // First the waker: a frame that comes after the look wakes.
        WAKER.register(context.waker());
        let length = self.take_frame()?;
        Some((Received(&mut self.received[..length]), Sending(self.sending)))
    }

    fn transmit(&mut self, context: &mut Context<'_>) -> Option<Sending<'_>> {
        WAKER.register(context.waker());
        Some(Sending(self.sending))
    }

    fn link_state(&mut self, context: &mut Context<'_>) -> LinkState {
        WAKER.register(context.waker());
        let is_up = cortex_m::interrupt::free(|_| read_phy(PHY_STATUS)) & PHY_LINK_UP != 0;
        if is_up { LinkState::Up } else { LinkState::Down }
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = MTU;
        capabilities.max_burst_size = Some(BURST);
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet(self.address)
    }
}

/// A frame that came.
pub struct Received<'a>(&'a mut [u8]);

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, take: F) -> R {
        take(self.0)
    }
}

/// Room for a frame to be sent.
pub struct Sending<'a>(&'a mut [u8; FRAME]);

impl TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, fill: F) -> R {
        let result = fill(&mut self.0[..length]);
        // One piece, the first and the last.
        ETHERNET.write(TX_DATA, 0x3000 | length as u32);
        ETHERNET.write(TX_DATA, length as u32);
        for word in self.0[..length.next_multiple_of(4)].chunks_exact(4) {
            ETHERNET.write(TX_DATA, u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
        }
        while ETHERNET.read(TX_FIFO) >> 16 & 0xff != 0 {
            ETHERNET.read(TX_STATUS);
        }
        result
    }
}

fn wait_for_mac() {
    while ETHERNET.read(MAC_COMMAND) & BUSY != 0 {}
}

fn read_mac(register: u32) -> u32 {
    ETHERNET.write(MAC_COMMAND, BUSY | READ | register);
    wait_for_mac();
    ETHERNET.read(MAC_DATA)
}

fn write_mac(register: u32, value: u32) {
    ETHERNET.write(MAC_DATA, value);
    ETHERNET.write(MAC_COMMAND, BUSY | register);
    wait_for_mac();
}

/// Access to a register of PHY 1.
const fn phy(register: u32, write: bool) -> u32 {
    1 << 11 | register << 6 | (write as u32) << 1 | 1
}

fn read_phy(register: u32) -> u32 {
    write_mac(PHY_ACCESS, phy(register, false));
    read_mac(PHY_DATA)
}

fn write_phy(register: u32, value: u32) {
    write_mac(PHY_DATA, value);
    write_mac(PHY_ACCESS, phy(register, true));
}
