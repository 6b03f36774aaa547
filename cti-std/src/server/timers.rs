//! When each session is to be looked at again.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use cti_proto::session::{Instant, Wake};

use crate::server::SessionId;

/// Moments without a session that may pile up.
const SLACK: usize = 1_024;

/// The sessions' next moments. A moment that became later is found out when it comes, so that bytes which only put
/// off a deadline cost nothing here.
#[derive(Debug, Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, SessionId)>>,
}

impl Timers {
    /// Notes a moment. An earlier one of the same session stays, and finds nothing due.
    pub(super) fn add(&mut self, at: Instant, session: SessionId) {
        self.heap.push(Reverse((at, session)));
    }

    /// The next session whose moment has come.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<SessionId> {
        let Reverse((at, _)) = self.heap.peek()?;
        if *at > now {
            return None;
        }
        self.heap.pop().map(|Reverse((_, session))| session)
    }

    /// Forgets the moments that nobody waits for any more, once they are many beside `count` sessions.
    pub(super) fn tidy(&mut self, count: usize, is_wanted: impl Fn(Instant, SessionId) -> bool) {
        // So seldom that it costs each moment a fixed share, however many there are.
        if self.heap.len() > 2 * count + SLACK {
            self.heap.retain(|Reverse((at, session))| is_wanted(*at, *session));
        }
    }

    /// The next moment.
    pub(super) fn wake(&self) -> Wake {
        self.heap.peek().map_or(Wake::Idle, |Reverse((at, _))| Wake::At(*at))
    }
}
