//! Moments as the core wants them, from the clock of the system.

use std::sync::LazyLock;
use std::time::{Duration, Instant as StdInstant};

use cti_proto::session::{Instant, Wake};

/// When the clock was looked at first.
static BEGINNING: LazyLock<StdInstant> = LazyLock::new(StdInstant::now);

/// This moment. It begins anew with the process, never goes back, and is the same for all clients and servers in it:
/// what trackers are to be given along with a frame.
#[must_use]
pub fn now() -> Instant {
    Instant::ZERO.after(BEGINNING.elapsed())
}

/// How long it is until a wake-up: nothing if it is due, `None` if there is none.
#[must_use]
pub fn until(wake: Wake) -> Option<Duration> {
    match wake {
        Wake::Now => Some(Duration::ZERO),
        // A moment ahead of its millisecond would find that nothing is due.
        Wake::At(at) => Some(Duration::from_millis(at.as_millis()).saturating_sub(BEGINNING.elapsed())),
        Wake::Idle => None,
    }
}

/// The shorter of two times to wait, of which `None` is for ever.
pub(crate) fn shorter(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
