//! The trackers with memory for a large contact centre.

use cti_proto::Frame;
use cti_proto::session::Instant;
use cti_proto::track::{
    AgentConfig, AgentParts, AgentSlot, AgentTracker, CallConfig, CallParts, CallSlot, CallTracker, GroupSlot,
    MemberSlot, Name, PartySlot,
};

/// Bytes of a login ID: Unified CCX has up to 128, of which these are enough to show.
pub(crate) const ID: usize = 32;

const AGENTS: usize = 12_000;
const GROUPS: usize = 4_000;
const MEMBERSHIPS: usize = 60_000;
const CALLS: usize = 16_000;
/// Bytes of data a call: all but the largest sets of variables.
const DATA: usize = 1_024;

/// Calls and agents, as the messages tell of them.
pub(crate) struct Tracked {
    pub(crate) calls: CallTracker<'static>,
    pub(crate) agents: AgentTracker<'static, ID>,
}

impl Tracked {
    /// Trackers that know nothing. Their memory is never given back: there is one in a program.
    pub(crate) fn new() -> Self {
        let calls = CallParts {
            calls: leak(vec![CallSlot::EMPTY; CALLS]),
            parties: leak(vec![PartySlot::EMPTY; 3 * CALLS]),
            names: leak(vec![Name::EMPTY; CALLS + AGENTS]),
            data: leak(vec![0; CALLS * DATA]),
        };
        let agents = AgentParts {
            agents: leak(vec![AgentSlot::EMPTY; AGENTS]),
            groups: leak(vec![GroupSlot::EMPTY; GROUPS]),
            members: leak(vec![MemberSlot::EMPTY; MEMBERSHIPS]),
        };
        Self {
            calls: CallTracker::new(CallConfig::new(), calls),
            agents: AgentTracker::new(AgentConfig::new(), agents),
        }
    }

    /// Takes a message. What cannot be decoded was said to be so by whoever shows messages.
    pub(crate) fn observe(&mut self, now: Instant, frame: &Frame<'_>) {
        let _ = self.calls.observe(now, frame);
        let _ = self.agents.observe(now, frame);
    }

    /// The session is gone.
    pub(crate) fn session_lost(&mut self) {
        self.calls.session_lost();
        self.agents.session_lost();
    }

    /// Everything that there is has been asked for.
    pub(crate) fn resynchronised(&mut self) {
        self.calls.resynchronised();
        self.agents.resynchronised();
    }

    /// Looks for what has expired, a little at a time.
    pub(crate) fn sweep(&mut self, now: Instant) {
        self.calls.sweep(now);
        self.agents.sweep();
    }
}

fn leak<T>(slots: Vec<T>) -> &'static mut [T] {
    slots.leak()
}
