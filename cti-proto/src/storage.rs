//! The memory of a session: the only place with capacities.

use heapless::Vec;
use heapless::vec::VecView;

use crate::session::{Monitor, Pending};

/// Shortest receive buffer: shorter ones do not hold OPEN_CONF and FAILURE_CONF, and a header has to have room too.
pub(crate) const MIN_RX: usize = 64;
/// Shortest transmit buffer: shorter ones do not hold what a session sends by itself.
const MIN_TX: usize = 256;

/// What a session keeps, in fixed places. Put it into a `static` on a microcontroller; a session borrows it.
///
/// | capacity | bounds | how much | when full |
/// | --- | --- | --- | --- |
/// | `RX` | the largest frame that is received whole, and what waits to be handled | [`Protocol::max_message`](crate::Protocol::max_message) for all frames; 2 to 4 KiB for an appliance | larger frames are skipped and reported; else TCP holds the peer back |
/// | `TX` | what waits to be sent | the largest message to send, at least 256 bytes; for a server the backlog of a slow client | commands are refused; a server ends the session |
/// | `REQUESTS` | outstanding requests of a client, 16 bytes each | as many as the application has under way, and a few | further requests are refused |
/// | `MONITORS` | monitors: those that a client makes again after a loss, those that a server has given, 184 bytes each at most | as many as are made | a client no longer makes the further ones again, and counts them; a server refuses them |
#[derive(Debug)]
pub struct Storage<const RX: usize, const TX: usize, const REQUESTS: usize, const MONITORS: usize> {
    pub(crate) rx: [u8; RX],
    pub(crate) tx: [u8; TX],
    pub(crate) requests: Vec<Pending, REQUESTS>,
    pub(crate) monitors: Vec<Monitor, MONITORS>,
}

// What the table above says.
const _: () = assert!(size_of::<Pending>() <= 16 && size_of::<Monitor>() <= 184);

impl<const RX: usize, const TX: usize, const REQUESTS: usize, const MONITORS: usize>
    Storage<RX, TX, REQUESTS, MONITORS>
{
    /// Storage with nothing in it.
    #[must_use]
    pub const fn new() -> Self {
        const { assert!(RX >= MIN_RX && TX >= MIN_TX, "smaller buffers do not hold the messages of a session itself") };
        Self { rx: [0; RX], tx: [0; TX], requests: Vec::new(), monitors: Vec::new() }
    }

    /// The storage without its numbers, for a session to borrow.
    pub fn parts(&mut self) -> Parts<'_> {
        Parts { rx: &mut self.rx, tx: &mut self.tx, requests: &mut self.requests, monitors: &mut self.monitors }
    }
}

impl<const RX: usize, const TX: usize, const REQUESTS: usize, const MONITORS: usize> Default
    for Storage<RX, TX, REQUESTS, MONITORS>
{
    fn default() -> Self {
        Self::new()
    }
}

/// Borrowed storage. Those who own memory otherwise put it together themselves.
#[derive(Debug)]
pub struct Parts<'s> {
    /// Receive buffer, of 64 bytes at least.
    pub rx: &'s mut [u8],
    /// Transmit buffer, of 256 bytes at least.
    pub tx: &'s mut [u8],
    /// Outstanding requests.
    pub requests: &'s mut VecView<Pending>,
    /// Monitors.
    pub monitors: &'s mut VecView<Monitor>,
}
