//! The serial line: the board's UART (CMSDK), by interrupts in both directions.

use core::fmt;
use core::future::poll_fn;
use core::sync::atomic::{AtomicU32, Ordering};
use core::task::Poll;

use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::pipe::Pipe;
use embassy_sync::waitqueue::AtomicWaker;
use heapless::String;

use crate::board::{self, SERIAL};
use crate::text::Line;

const DATA: usize = 0x00;
const STATE: usize = 0x04;
const CONTROL: usize = 0x08;
const INTERRUPTS: usize = 0x0c;
const BAUD_DIVISOR: usize = 0x10;

const TRANSMIT: u32 = 1 << 0;
const RECEIVE: u32 = 1 << 1;

const BAUD: u32 = 115_200;
/// Bytes that wait for a reader.
const WAITING: usize = 128;

static INPUT: Pipe<CriticalSectionRawMutex, WAITING> = Pipe::new();
static OUTPUT: AtomicWaker = AtomicWaker::new();
static LOST: AtomicU32 = AtomicU32::new(0);

/// The line, in both directions.
pub struct Serial(());

impl Serial {
    /// Sets it up, 115200 baud. There is one: the second call would share it.
    #[must_use]
    pub fn start() -> Self {
        SERIAL.write(BAUD_DIVISOR, board::CORE_HZ / BAUD);
        // Both directions, with their interrupts.
        SERIAL.write(CONTROL, 0b1111);
        board::SERIAL_RECEIVE.enable();
        board::SERIAL_TRANSMIT.enable();
        Self(())
    }

    /// Its halves, for two tasks.
    #[must_use]
    pub fn split(self) -> (Output, Input) {
        (Output(()), Input(()))
    }
}

/// What is written.
pub struct Output(());

impl Output {
    /// Writes everything. Dropped, it has written a part.
    pub async fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            poll_fn(|context| {
                if SERIAL.read(STATE) & TRANSMIT == 0 {
                    SERIAL.write(DATA, u32::from(*byte));
                    return Poll::Ready(());
                }
                OUTPUT.register(context.waker());
                // It may have become free since.
                if SERIAL.read(STATE) & TRANSMIT == 0 {
                    context.waker().wake_by_ref();
                }
                Poll::Pending
            })
            .await;
        }
    }

    /// Writes a line of up to 160 bytes; longer ones are cut.
    pub async fn line(&mut self, line: fmt::Arguments<'_>) {
        self.write(Line::<160>::of(line).as_str().as_bytes()).await;
        self.write(b"\r\n").await;
    }
}

/// What comes in.
pub struct Input(());

impl Input {
    /// Waits for a line of up to `N` bytes, without its end. Longer ones are cut, empty ones passed over.
    pub async fn line<const N: usize>(&mut self) -> String<N> {
        let mut line = String::new();
        loop {
            let mut byte = [0];
            INPUT.read(&mut byte).await;
            match byte[0] {
                b'\r' | b'\n' if line.is_empty() => {}
                b'\r' | b'\n' => return line,
                byte @ b' '..=b'~' => drop(line.push(char::from(byte))),
                _ => {}
            }
        }
    }

    /// Bytes that came while no room was left for them.
    #[must_use]
    pub fn lost(&self) -> u32 {
        LOST.load(Ordering::Relaxed)
    }
}

pub(crate) fn on_interrupt() {
    SERIAL.write(INTERRUPTS, TRANSMIT | RECEIVE);
    OUTPUT.wake();
    while SERIAL.read(STATE) & RECEIVE != 0 {
        let byte = SERIAL.read(DATA) as u8;
        if INPUT.try_write(&[byte]).is_err() {
            LOST.fetch_add(1, Ordering::Relaxed);
        }
    }
}
