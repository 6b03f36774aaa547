//! What is to happen when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use cti_proto::session::Instant;

/// Tasks in the order of their moments; those of one moment in the order in which they were noted.
#[derive(Debug)]
pub(super) struct Agenda<T> {
    /// Reversed: the earliest on top.
    entries: BinaryHeap<Reverse<Entry<T>>>,
    noted: u64,
}

#[derive(Debug)]
struct Entry<T> {
    /// Nanoseconds since the beginning: chance is finer than a millisecond.
    at: u64,
    noted: u64,
    task: T,
}

/// A moment of the simulation, finer than [`Instant`], so that rounding does not add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(u64);

impl Moment {
    /// The beginning.
    pub(super) const ZERO: Self = Self(0);

    /// So much later; the end of all time at most.
    pub(super) fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)))
    }

    /// How much later it is than `earlier`; nothing, if it is not.
    pub(super) fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// Whole seconds since `earlier`.
    pub(super) fn seconds_since(self, earlier: Self) -> u32 {
        u32::try_from(self.since(earlier).as_secs()).unwrap_or(u32::MAX)
    }

    /// The moment of a session's clock, which counts milliseconds.
    pub(super) fn of(instant: Instant) -> Self {
        Self(instant.as_millis().saturating_mul(1_000_000))
    }

    /// The first millisecond that is not before it.
    pub(super) fn instant(self) -> Instant {
        Instant::from_millis(self.0.div_ceil(1_000_000))
    }
}

impl<T> Agenda<T> {
    /// Nothing is to happen.
    pub(super) fn new() -> Self {
        Self { entries: BinaryHeap::new(), noted: 0 }
    }

    /// Notes a task. One for a moment that is over comes at the next look.
    pub(super) fn note(&mut self, at: Moment, task: T) {
        // A heap does not keep the order of equals; the same seed must give the same sequence.
        self.noted += 1;
        self.entries.push(Reverse(Entry { at: at.0, noted: self.noted, task }));
    }

    /// The moment of the next task.
    pub(super) fn next(&self) -> Option<Moment> {
        self.entries.peek().map(|Reverse(entry)| Moment(entry.at))
    }

    /// The next task, if it is due.
    pub(super) fn take(&mut self, now: Moment) -> Option<(Moment, T)> {
        // Looked at before it is taken: a heap cannot be given back what is not due.
        self.next().filter(|at| *at <= now)?;
        self.entries.pop().map(|Reverse(entry)| (Moment(entry.at), entry.task))
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.noted) == (other.at, other.noted)
    }
}

impl<T> Eq for Entry<T> {}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.noted).cmp(&(other.at, other.noted))
    }
}
