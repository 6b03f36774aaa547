//! Time in whole seconds, in four bytes.

use core::time::Duration;

use crate::session::Instant;

/// A moment in whole seconds of the tracker's clock. Agents may be in a state, and calls in a queue, since
/// before its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Second(pub(crate) i32);

impl Second {
    pub(crate) fn of(now: Instant) -> Self {
        Self(i32::try_from(now.as_millis() / 1000).unwrap_or(i32::MAX))
    }

    pub(crate) fn before(self, seconds: u32) -> Self {
        Self(self.0.saturating_sub_unsigned(seconds))
    }

    /// Whether two moments are the same, as far as clocks of whole seconds at both ends can tell.
    pub(crate) const fn is_about(self, other: Self) -> bool {
        self.0.abs_diff(other.0) <= 2
    }

    pub(crate) fn until(self, now: Instant) -> Duration {
        Duration::from_secs(u64::from(Self::of(now).0.saturating_sub(self.0).max(0).unsigned_abs()))
    }
}
