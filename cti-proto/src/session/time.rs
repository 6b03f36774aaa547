//! Time as an argument: the core reads no clock.

use core::fmt;
use core::time::Duration;

/// A moment, in milliseconds since any beginning that the caller chooses, the same for all sessions it drives.
///
/// The machines expect it to grow and put up with it when it stands still or goes back: they then go on with the
/// latest moment they have seen.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Instant(u64);

impl Instant {
    /// The beginning.
    pub const ZERO: Self = Self(0);
    /// The last moment there is, which stands for none.
    pub(super) const NEVER: Self = Self(u64::MAX);

    /// A moment this many milliseconds after the beginning.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the beginning.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The moment `duration` later, or the last one there is.
    #[must_use]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub const fn after(self, duration: Duration) -> Self {
        let millis = duration.as_millis();
        Self(self.0.saturating_add(if millis > u64::MAX as u128 { u64::MAX } else { millis as u64 }))
    }

    /// The time since `earlier`; nothing if that is later.
    #[must_use]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Instant").field(&Decimal(self.0)).finish()
    }
}

/// A number to be printed. The optimizer cannot show that `u64`'s own way does not panic.
pub(super) struct Decimal(pub(super) u64);

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PART: u64 = 1_000_000_000;
        let (high, low) = (self.0 / PART, (self.0 % PART) as u32);
        match ((high / PART) as u32, (high % PART) as u32) {
            (0, 0) => write!(f, "{low}"),
            (0, middle) => write!(f, "{middle}{low:09}"),
            (top, middle) => write!(f, "{top}{middle:09}{low:09}"),
        }
    }
}

/// A duration to be printed, for the same reason.
pub(super) struct Span(pub(super) Duration);

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", Decimal(self.0.as_secs()))?;
        match self.0.subsec_millis() {
            0 => f.write_str("s"),
            millis => write!(f, ".{millis:03}s"),
        }
    }
}

/// When a machine wants to be called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub enum Wake {
    /// At once: something can be delivered or done.
    Now,
    /// At this moment, unless bytes come first.
    At(Instant),
    /// Only when bytes come or a command is given.
    Idle,
}

impl Wake {
    /// The earlier of two.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Now, _) | (_, Self::Now) => Self::Now,
            (Self::Idle, wake) | (wake, Self::Idle) => wake,
            (Self::At(a), Self::At(b)) => Self::At(a.min(b)),
        }
    }
}
