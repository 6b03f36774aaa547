//! What happens by itself when time passes.

use core::time::Duration;

use crate::message::{HeartbeatReq, StoppingRequestsToThisSideInd};
use crate::session::client::state::{Core, Resync, State};
use crate::session::{Cause, Instant, Wake};

/// A side that goes into maintenance wants to be left within 5 s.
pub(super) const HANDOVER: Duration = Duration::from_secs(4);

impl Core<'_> {
    /// Does what is due, and says whether the connection was given up, so that what it brought is void.
    pub(super) fn handle_timeout(&mut self) -> bool {
        // What is to be told, and what came before the end of the connection, comes before what time does.
        if self.notice.is_some() || self.eof {
            return false;
        }
        match self.state {
            State::Waiting if self.attempt_at() <= self.now => self.start_attempt(),
            State::Connecting { deadline } if deadline <= self.now => self.fail(Cause::ConnectFailed),
            State::Opening { deadline, .. } if deadline <= self.now => self.fail(Cause::NoAnswer),
            State::Closing { deadline, .. } if deadline <= self.now => self.fail(Cause::NoAnswer),
            State::Open => self.keep_open(),
            _ => {}
        }
        matches!(self.state, State::Dropping { .. })
    }

    fn keep_open(&mut self) {
        if self.handover.is_some_and(|at| at <= self.now) {
            // Without room for the message this side is left all the same.
            let _ = self.send(&StoppingRequestsToThisSideInd::default());
            return self.hand_over();
        }
        if self.heartbeat_at() <= self.now {
            self.beat();
        }
        if self.state == State::Open {
            self.make_monitors_again();
        }
    }

    /// Where there is no room for a heartbeat the peer has stopped reading: it counts as unanswered.
    fn beat(&mut self) {
        let invoke_id = self.requests.next_id();
        // Counted when the next one is due: the last of the three has had its interval, too.
        let Some(place) = self.heartbeats.iter_mut().find(|heartbeat| **heartbeat == 0) else {
            return self.fail(Cause::HeartbeatLost);
        };
        *place = invoke_id;
        let _ = self.tx.push(self.protocol(), &HeartbeatReq { invoke_id });
        self.last_sent = self.now;
    }

    fn heartbeat_at(&self) -> Instant {
        self.config.heartbeat.map_or(Instant::NEVER, |interval| self.last_sent.after(interval))
    }

    /// When to be called, apart from frames that wait.
    pub(super) fn wake(&self) -> Wake {
        if self.can_tell() || self.can_make_a_monitor() {
            return Wake::Now;
        }
        let at = match self.state {
            State::Waiting => self.attempt_at(),
            State::Connecting { deadline } | State::Opening { deadline, .. } | State::Closing { deadline, .. } => {
                deadline
            }
            State::Open => self.due_while_open(),
            // Dropping waits for the caller, whose time the session does not know.
            State::Dropping { .. } | State::Ended => Instant::NEVER,
        };
        match at.min(self.requests.deadline()) {
            Instant::NEVER => Wake::Idle,
            at if at <= self.now => Wake::Now,
            at => Wake::At(at),
        }
    }

    fn due_while_open(&self) -> Instant {
        let resync = match self.resync {
            Resync::Due(at) => at,
            Resync::Off | Resync::Announced => Instant::NEVER,
        };
        self.heartbeat_at().min(self.handover.unwrap_or(Instant::NEVER)).min(resync)
    }
}
