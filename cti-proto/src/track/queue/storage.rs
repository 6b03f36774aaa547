//! The memory of a queue tracker.

use crate::track::pool::Cell;
use crate::track::queue::entry::{Queue, WaitEntry, WaitingEntry};
use crate::track::table::Slot;

/// Room for a queue.
pub type QueueSlot = Slot<Queue, 2, 0>;
/// Room for a call in queues.
pub type WaitingSlot = Slot<WaitingEntry, 1, 0>;
/// Room for a call's wait in one queue.
pub type WaitSlot = Cell<WaitEntry, 2>;

/// What a queue tracker keeps, in fixed places: for a `static`.
///
/// | capacity | bounds | how much | bytes each | when full |
/// | --- | --- | --- | --- | --- |
/// | `QUEUES` | skill groups and services | those that are shown, [watched](super::QueueConfig::watched_only); else all that calls wait for | 352 | of 64 looked at in turn, the first goes where nobody waits, and that is not watched; else the new one is not taken up |
/// | `CALLS` | calls that wait, and those that ring for a queue | the calls that wait at one time, and one for each phone that may ring | 52 | of 64 looked at in turn, the first that does not wait any more goes (`elsewhere`); else the new one is not taken up |
/// | `WAITS` | a call in a queue | `CALLS` times the queues of a call: a service and its skill groups | 36 | the call does not wait there |
#[derive(Debug)]
pub struct QueueStorage<const QUEUES: usize, const CALLS: usize, const WAITS: usize> {
    queues: [QueueSlot; QUEUES],
    calls: [WaitingSlot; CALLS],
    waits: [WaitSlot; WAITS],
}

impl<const QUEUES: usize, const CALLS: usize, const WAITS: usize> QueueStorage<QUEUES, CALLS, WAITS> {
    /// Storage with nothing in it.
    #[must_use]
    pub const fn new() -> Self {
        Self { queues: [QueueSlot::EMPTY; QUEUES], calls: [WaitingSlot::EMPTY; CALLS], waits: [WaitSlot::EMPTY; WAITS] }
    }

    /// The storage without its numbers, for a tracker to borrow.
    pub fn parts(&mut self) -> QueueParts<'_> {
        QueueParts { queues: &mut self.queues, calls: &mut self.calls, waits: &mut self.waits }
    }
}

impl<const QUEUES: usize, const CALLS: usize, const WAITS: usize> Default for QueueStorage<QUEUES, CALLS, WAITS> {
    fn default() -> Self {
        Self::new()
    }
}

/// Borrowed memory of a queue tracker. Those who own memory otherwise put it together themselves: see [`QueueStorage`]
/// for the sizes.
#[derive(Debug)]
pub struct QueueParts<'s> {
    /// Queues.
    pub queues: &'s mut [QueueSlot],
    /// Calls in queues.
    pub calls: &'s mut [WaitingSlot],
    /// Waits.
    pub waits: &'s mut [WaitSlot],
}
