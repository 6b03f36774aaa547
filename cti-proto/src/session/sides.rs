//! Which side to connect to, and when: the sequence of attempts.

use core::time::Duration;

use crate::session::Instant;

/// One of the two servers of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Side {
    /// Side A.
    A,
    /// Side B.
    B,
}

impl Side {
    /// The other side.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// An attempt to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Attempt {
    /// The side to connect to.
    pub side: Side,
    /// When to begin.
    pub at: Instant,
}

/// The sequence of attempts: both sides at once, beginning with the last good one; both after a random wait that
/// spreads the clients; then after 15, 30 and 60 seconds, and after 120 seconds for ever.
///
/// The guide starts the sequence anew whenever TCP connects. Here it starts anew when a session opens: a pair of
/// servers that accept connections and refuse sessions would else be asked without a pause. The other side comes first
/// where the last good one is known to be going, or was left; and for Unified CCX, as its guide has it, after any loss.
///
/// Guide: "Session Management", connecting; see there also for the number of clients.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides {
    pair: bool,
    /// In seconds.
    spread: u32,
    first: Side,
    round: u8,
    tried_first: bool,
}

/// The wait in front of the third round, in seconds. In front of each round behind it, it is twice as long, until it has
/// doubled so many times.
const WAIT: u32 = 15;
const DOUBLED: u8 = 3;

impl Sides {
    /// `random` spreads the clients, of which there are `clients`.
    pub(super) fn new(pair: bool, only: Option<Side>, clients: u32, random: u32) -> Self {
        // Guide: a whole number of seconds from 0 to a tenth of the clients.
        let most = clients / 10;
        Self {
            pair: pair && only.is_none(),
            spread: random.checked_rem(most.saturating_add(1)).unwrap_or(0),
            first: only.unwrap_or(Side::A),
            round: 0,
            tried_first: false,
        }
    }

    /// A session opened on `side`.
    pub(super) fn succeeded(&mut self, side: Side) {
        if self.pair {
            self.first = side;
        }
        (self.round, self.tried_first) = (0, false);
    }

    /// The next attempt. After a loss the first one is due at once.
    pub(super) fn next(&mut self, now: Instant) -> Attempt {
        // The two sides of a round follow each other without a wait.
        if self.tried_first && self.pair {
            self.tried_first = false;
            self.round = self.round.saturating_add(1);
            return Attempt { side: self.first.other(), at: now };
        }
        let wait = Duration::from_secs(self.wait().into());
        self.tried_first = true;
        if !self.pair {
            self.round = self.round.saturating_add(1);
        }
        Attempt { side: self.first, at: now.after(wait) }
    }

    /// The wait in front of this round, in seconds.
    fn wait(&self) -> u32 {
        match self.round {
            0 => 0,
            1 => self.spread,
            round => WAIT.wrapping_shl(round.saturating_sub(2).min(DOUBLED).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn attempts(sides: &mut Sides, n: usize) -> Vec<(Side, u64)> {
        let mut now = Instant::ZERO;
        core::iter::repeat_with(|| {
            let attempt = sides.next(now);
            let waited = attempt.at.since(now).as_secs();
            now = attempt.at;
            (attempt.side, waited)
        })
        .take(n)
        .collect()
    }

    #[test]
    fn both_sides_are_tried_with_growing_waits() {
        use Side::{A, B};
        let mut sides = Sides::new(true, None, 1_000, 42);
        let expected = [(A, 0), (B, 0), (A, 42), (B, 0), (A, 15), (B, 0), (A, 30), (B, 0), (A, 60), (B, 0)];
        assert_eq!(attempts(&mut sides, 10), expected);
        assert_eq!(attempts(&mut sides, 4), [(A, 120), (B, 0), (A, 120), (B, 0)]);
    }

    #[test]
    fn the_last_good_side_comes_first_after_a_loss() {
        let mut sides = Sides::new(true, None, 0, 7);
        let _ = attempts(&mut sides, 6);
        sides.succeeded(Side::B);
        assert_eq!(attempts(&mut sides, 3), [(Side::B, 0), (Side::A, 0), (Side::B, 0)]);
    }

    #[test]
    fn a_single_server_is_tried_with_the_same_waits() {
        let mut sides = Sides::new(false, None, 100, 5);
        let expected = [(Side::A, 0), (Side::A, 5), (Side::A, 15), (Side::A, 30), (Side::A, 60), (Side::A, 120)];
        assert_eq!(attempts(&mut sides, 6), expected);
    }
}
