//! What happens by itself when time passes.

use core::time::Duration;

use crate::message::{HeartbeatReq, StoppingRequestsToThisSideInd};
use crate::session::client::state::{Core, State};
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
        if self.due_at() <= self.now {
            match self.state {
                State::Waiting => self.start_attempt(),
                State::Connecting => self.fail(Cause::ConnectFailed),
                State::Opening | State::Closing(_) => self.fail(Cause::NoAnswer),
                State::Open => self.keep_open(),
                State::Dropping(_) | State::Ended => {}
            }
        }
        if self.state == State::Open {
            self.make_monitors_again();
        }
        matches!(self.state, State::Dropping(_))
    }

    fn keep_open(&mut self) {
        if self.handover <= self.now {
            // Without room for the message this side is left all the same.
            let _ = self.send(&StoppingRequestsToThisSideInd::default());
            return self.hand_over();
        }
        if self.heartbeat_at() <= self.now {
            self.beat();
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
        match self.due_at().min(self.requests.deadline()) {
            Instant::NEVER => Wake::Idle,
            at if at <= self.now => Wake::Now,
            at => Wake::At(at),
        }
    }

    /// When time does something to the session itself.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn due_at(&self) -> Instant {
        match self.state {
            State::Waiting => self.attempt.at,
            State::Connecting | State::Opening | State::Closing(_) => self.deadline,
            State::Open => self.heartbeat_at().min(self.handover).min(self.resync_at),
            // Dropping waits for the caller, whose time the session does not know.
            State::Dropping(_) | State::Ended => Instant::NEVER,
        }
    }
}
