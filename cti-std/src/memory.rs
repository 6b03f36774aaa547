//! The memory of a session, of sizes that are chosen while the program runs.

use cti_proto::Parts;
use cti_proto::session::{Monitor, Pending};
use heapless::{Vec as Bounded, VecView};
use zeroize::Zeroize;

/// What a session may keep. Pages that were never touched cost no memory, as far as the allocator has such, and a receive
/// buffer is filled from its front: large buffers are cheap for those who are rarely behind.
///
/// See [`Storage`](cti_proto::Storage) for what each bounds and what happens when it is full. The two numbers are
/// rounded up to one of 0, 4, 16, 64, 256 and 1,024, which is the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Memory {
    /// Bytes of the receive buffer: what one read brings at most, and the largest frame. Each read has TCP tell the sender
    /// that there is room again, which costs more than all else of it. For one who is behind, the system takes
    /// half as long for reads of 1 MiB as for reads of 64 KiB; beyond that little is left to gain. Under TLS a client
    /// reads 256 KiB at most, into a buffer in front of this one.
    pub receive: usize,
    /// Bytes of the transmit buffer: for a server the backlog that a slow client may have.
    pub transmit: usize,
    /// Outstanding requests; a server has none.
    pub requests: usize,
    /// Monitors.
    pub monitors: usize,
}

impl Memory {
    /// For a client: 1 MiB to receive, 64 KiB to send, 64 requests, 64 monitors. A program with hundreds of clients
    /// gives them less.
    pub const CLIENT: Self = Self { receive: 1 << 20, transmit: 64 << 10, requests: 64, monitors: 64 };
    /// For each session of a server: the largest frame to receive, 256 KiB to send, 16 monitors.
    pub const SERVER: Self = Self { receive: 12_500, transmit: 256 << 10, requests: 0, monitors: 16 };
}

/// The memory itself.
#[derive(Debug)]
pub(crate) struct Buffers {
    rx: Vec<u8>,
    tx: Vec<u8>,
    requests: Box<VecView<Pending>>,
    monitors: Box<VecView<Monitor>>,
    secret: Secret,
}

/// The buffer that an OPEN_REQ with its password passes through.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Secret {
    Received,
    Transmitted,
}

/// The least that the messages of a session itself take.
const MIN_RECEIVE: usize = 64;
const MIN_TRANSMIT: usize = 256;

impl Buffers {
    /// Memory of these sizes, through one buffer of which a password passes.
    pub(crate) fn new(memory: Memory, secret: Secret) -> Self {
        Self {
            // From the system as zeros, so that pages nobody writes to are never there.
            rx: vec![0; memory.receive.max(MIN_RECEIVE)],
            tx: vec![0; memory.transmit.max(MIN_TRANSMIT)],
            requests: bounded(memory.requests),
            monitors: bounded(memory.monitors),
            secret,
        }
    }

    /// As a session borrows it.
    pub(crate) fn parts(&mut self) -> Parts<'_> {
        Parts { rx: &mut self.rx, tx: &mut self.tx, requests: &mut self.requests, monitors: &mut self.monitors }
    }
}

impl Buffers {
    /// Wipes what a password may have passed through.
    pub(crate) fn wipe(&mut self) {
        match self.secret {
            Secret::Received => self.rx.as_mut_slice().zeroize(),
            Secret::Transmitted => self.tx.as_mut_slice().zeroize(),
        }
    }
}

impl Drop for Buffers {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// A bounded list with room for `n` at least.
fn bounded<T: 'static>(n: usize) -> Box<VecView<T>> {
    // A list knows its size when it is compiled: these are enough to choose from.
    match n {
        0 => Box::new(Bounded::<T, 0>::new()),
        1..=4 => Box::new(Bounded::<T, 4>::new()),
        5..=16 => Box::new(Bounded::<T, 16>::new()),
        17..=64 => Box::new(Bounded::<T, 64>::new()),
        65..=256 => Box::new(Bounded::<T, 256>::new()),
        _ => Box::new(Bounded::<T, 1_024>::new()),
    }
}
