//! The trackers with memory for a large contact centre.

use cti_proto::Frame;
use cti_proto::session::Instant;
use cti_proto::track::{
    AgentConfig, AgentParts, AgentSlot, AgentTracker, CallConfig, CallLinks, CallParts, CallSlot, CallTracker,
    GroupSlot, MemberSlot, Name, NameBucket, PartySlot, QueueConfig, QueueParts, QueueSlot, QueueTracker, WaitSlot,
    WaitingSlot,
};

/// Most bytes of a login ID that are kept: Unified CCX has up to 128, and longer ones are cut, which is enough to show.
pub(crate) const ID: usize = 32;

/// Slots for agents: what a large contact centre has. Those beyond are counted by the tracker, and not shown.
pub(crate) const AGENTS: usize = 12_000;
/// Slots for skill groups and teams, and for queues.
pub(crate) const GROUPS: usize = 4_000;
/// Agents in groups: five groups for each agent.
const MEMBERSHIPS: usize = 60_000;
/// Calls at one time: one for each agent, and a third more that wait or are in a menu.
const CALLS: usize = 16_000;
/// Bytes of data a call: all but the largest sets of variables.
const DATA: usize = 1_024;

/// Calls that wait at one time.
const WAITING: usize = 8_000;

/// Calls, agents and queues, as the messages tell of them.
pub(crate) struct Tracked {
    pub(crate) calls: CallTracker<'static>,
    pub(crate) agents: AgentTracker<'static, ID>,
    pub(crate) queues: QueueTracker<'static>,
}

impl Tracked {
    /// Trackers that know nothing. Their memory is never given back: there is one in a program.
    pub(crate) fn new() -> Self {
        let calls = CallParts {
            calls: leak(vec![CallSlot::EMPTY; CALLS]),
            links: leak(vec![CallLinks::EMPTY; CALLS]),
            // A caller, an agent, and one more for those who consult or confer.
            parties: leak(vec![PartySlot::EMPTY; 3 * CALLS]),
            // Devices: those of agents are in many calls, and each call has a caller of its own.
            names: leak(vec![Name::EMPTY; CALLS + AGENTS]),
            name_buckets: leak(vec![NameBucket::EMPTY; CALLS + AGENTS]),
            // 63 more, so that the data of each call begin at a line of the cache: see `CallParts`.
            data: leak(vec![0; CALLS * DATA + 63]),
        };
        let agents = AgentParts {
            agents: leak(vec![AgentSlot::EMPTY; AGENTS]),
            groups: leak(vec![GroupSlot::EMPTY; GROUPS]),
            members: leak(vec![MemberSlot::EMPTY; MEMBERSHIPS]),
        };
        let queues = QueueParts {
            queues: leak(vec![QueueSlot::EMPTY; GROUPS]),
            calls: leak(vec![WaitingSlot::EMPTY; WAITING]),
            // A call may wait in the queues of several groups.
            waits: leak(vec![WaitSlot::EMPTY; 3 * WAITING]),
        };
        Self {
            calls: CallTracker::new(CallConfig::new(), calls),
            agents: AgentTracker::new(AgentConfig::new(), agents),
            queues: QueueTracker::new(QueueConfig::new(), queues),
        }
    }

    /// Takes a message. What cannot be decoded was said to be so by whoever shows messages.
    pub(crate) fn observe(&mut self, now: Instant, frame: &Frame<'_>) {
        let _ = self.calls.observe(now, frame);
        let _ = self.agents.observe(now, frame);
        let _ = self.queues.observe(now, frame);
    }

    /// The session is gone.
    pub(crate) fn session_lost(&mut self) {
        self.calls.session_lost();
        self.agents.session_lost();
        self.queues.session_lost();
    }

    /// Everything that there is has been asked for.
    pub(crate) fn resynchronised(&mut self) {
        self.calls.resynchronised();
        self.agents.resynchronised();
        self.queues.resynchronised();
    }

    /// Looks for what has expired, a little at a time.
    pub(crate) fn sweep(&mut self, now: Instant) {
        self.calls.sweep(now);
        self.agents.sweep();
        self.queues.sweep(now);
    }
}

/// Memory for as long as the program runs.
fn leak<T>(slots: Vec<T>) -> &'static mut [T] {
    slots.leak()
}
