//! The memory of a pair.

use std::vec;
use std::vec::Vec;

use crate::session::{Monitor, Pending};
use crate::storage::Parts;

/// Storage for a client and two servers, on the heap: room for `REQUESTS` outstanding requests and `MONITORS` monitors
/// each.
#[derive(Debug)]
pub struct Memory<const REQUESTS: usize = 16, const MONITORS: usize = 8> {
    pub(super) client: Room<REQUESTS, MONITORS>,
    pub(super) a: Room<REQUESTS, MONITORS>,
    pub(super) b: Room<REQUESTS, MONITORS>,
}

#[derive(Debug)]
pub(super) struct Room<const REQUESTS: usize, const MONITORS: usize> {
    rx: Vec<u8>,
    tx: Vec<u8>,
    requests: heapless::Vec<Pending, REQUESTS>,
    monitors: heapless::Vec<Monitor, MONITORS>,
}

impl Memory {
    /// Room for every frame in both directions, for 16 requests and 8 monitors.
    #[must_use]
    pub fn new() -> Self {
        Self::with_buffers((12_500, 12_500), (12_500, 12_500))
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl<const REQUESTS: usize, const MONITORS: usize> Memory<REQUESTS, MONITORS> {
    /// Receive and transmit buffers of these sizes, for the client and for each server.
    #[must_use]
    pub fn with_buffers(client: (usize, usize), server: (usize, usize)) -> Self {
        let room = |(rx, tx): (usize, usize)| Room {
            rx: vec![0; rx],
            tx: vec![0; tx],
            requests: heapless::Vec::new(),
            monitors: heapless::Vec::new(),
        };
        Self { client: room(client), a: room(server), b: room(server) }
    }
}

impl<const REQUESTS: usize, const MONITORS: usize> Room<REQUESTS, MONITORS> {
    pub(super) fn parts(&mut self) -> Parts<'_> {
        Parts { rx: &mut self.rx, tx: &mut self.tx, requests: &mut self.requests, monitors: &mut self.monitors }
    }
}
