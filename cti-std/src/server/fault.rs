//! Faults on request: what a network or a failing server does to its clients, for tests and simulations.

use std::collections::VecDeque;
use std::time::Duration;

use cti_proto::session::{Instant, Wake};

/// What is wrong with a connection, on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Faults {
    /// Nothing is read: the client's bytes pile up, first here, then there.
    pub stall_reads: bool,
    /// Nothing is written: events pile up to the backlog's limit.
    pub stall_writes: bool,
    /// The connection is half-open: what the client sends disappears, nothing comes back, and nothing happens by
    /// itself.
    pub swallow: bool,
    /// How much later everything is written.
    pub delay: Duration,
}

/// What is wrong with a listener, on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenerFaults {
    /// New connections are reset at once.
    pub refuse: bool,
    /// New connections are left to the system, which makes them; nobody answers.
    pub ignore: bool,
    /// What is wrong with each new connection.
    pub sessions: Faults,
}

/// The faults of a connection, and where they stand.
#[derive(Debug, Default)]
pub(super) struct FaultState {
    pub(super) faults: Faults,
    /// Bytes that the session does not know of.
    pub(super) raw: VecDeque<u8>,
    /// Bytes of the session that come before them.
    raw_after: usize,
    /// Bytes until the connection is cut.
    cut_after: Option<usize>,
    /// Moments, and the bytes that may be written from then on.
    held: VecDeque<(Instant, usize)>,
    /// Bytes that may be written now.
    released: usize,
}

/// What may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allowed {
    /// So many bytes of the session.
    Session(usize),
    /// So many bytes of `raw`.
    Raw(usize),
    /// Nothing more, ever.
    Cut,
}

impl FaultState {
    pub(super) fn new(faults: Faults) -> Self {
        Self { faults, ..Self::default() }
    }

    /// Puts bytes behind the `pending` ones that wait already.
    pub(super) fn inject(&mut self, bytes: &[u8], pending: usize) {
        if self.raw.is_empty() {
            self.raw_after = pending;
        }
        self.raw.extend(bytes);
    }

    /// Cuts the connection after so many more bytes.
    pub(super) const fn cut(&mut self, after: usize) {
        self.cut_after = Some(after);
    }

    /// What may be written, of `pending` bytes that wait.
    pub(super) fn allowed(&mut self, pending: usize, now: Instant) -> Allowed {
        let cut_after = self.cut_after.unwrap_or(usize::MAX);
        // In front of all else: a connection that stalls is cut all the same.
        if cut_after == 0 {
            return Allowed::Cut;
        }
        // Not even bytes of faults: nothing at all comes of such a connection.
        if self.faults.stall_writes || self.faults.swallow {
            return Allowed::Session(0);
        }
        if !self.raw.is_empty() && self.raw_after == 0 {
            return Allowed::Raw(self.raw.len().min(cut_after));
        }
        let before_raw = if self.raw.is_empty() { usize::MAX } else { self.raw_after };
        let released = self.release(pending, now);
        Allowed::Session(pending.min(released).min(before_raw).min(cut_after))
    }

    /// `n` bytes of the session were written.
    pub(super) fn wrote(&mut self, n: usize) {
        self.released = self.released.saturating_sub(n);
        // Those in front have gone: the others come the sooner.
        self.raw_after = self.raw_after.saturating_sub(n);
        self.count(n);
    }

    /// `n` bytes of `raw` were written.
    pub(super) fn wrote_raw(&mut self, n: usize) {
        self.raw.drain(..n.min(self.raw.len()));
        self.count(n);
    }

    /// When more may be written.
    pub(super) fn wake(&self) -> Wake {
        self.held.front().map_or(Wake::Idle, |(at, _)| Wake::At(*at))
    }

    /// Counts bytes down to the cut.
    fn count(&mut self, n: usize) {
        if let Some(after) = &mut self.cut_after {
            *after = after.saturating_sub(n);
        }
    }

    /// Bytes of the session whose delay is over.
    fn release(&mut self, pending: usize, now: Instant) -> usize {
        // What is new since the last look gets a moment of its own.
        let known = self.released + self.held.iter().map(|(_, n)| n).sum::<usize>();
        if pending > known {
            self.held.push_back((now.after(self.faults.delay), pending - known));
        }
        while let Some((_, n)) = self.held.front().filter(|(at, _)| *at <= now).copied() {
            self.held.pop_front();
            self.released += n;
        }
        self.released
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(1_000);

    #[test]
    fn bytes_are_held_for_the_delay_and_let_go_in_order() {
        let mut state = FaultState::new(Faults { delay: Duration::from_millis(50), ..Faults::default() });
        assert_eq!(state.allowed(10, NOW), Allowed::Session(0));
        assert_eq!(state.wake(), Wake::At(NOW.after(Duration::from_millis(50))));
        let later = NOW.after(Duration::from_millis(20));
        assert_eq!(state.allowed(15, later), Allowed::Session(0));
        let then = NOW.after(Duration::from_millis(50));
        assert_eq!(state.allowed(15, then), Allowed::Session(10));
        state.wrote(4);
        assert_eq!(state.allowed(11, then), Allowed::Session(6));
        assert_eq!(state.allowed(11, then.after(Duration::from_millis(20))), Allowed::Session(11));
    }

    #[test]
    fn raw_bytes_come_behind_those_that_waited_and_a_cut_counts_both() {
        let mut state = FaultState::default();
        state.inject(b"xyz", 4);
        state.cut(6);
        assert_eq!(state.allowed(9, NOW), Allowed::Session(4));
        state.wrote(4);
        assert_eq!(state.allowed(5, NOW), Allowed::Raw(2));
        state.wrote_raw(2);
        assert_eq!(state.allowed(5, NOW), Allowed::Cut);
    }
}
