//! What is kept of an agent.

use crate::message::debug;
use core::time::Duration;

use crate::session::Instant;
use crate::track::change::change_mask;
use crate::track::hash::Hash;
use crate::track::link::Link;
use crate::track::second::Second;
use crate::track::table::{Entry, Quarter};
use crate::track::text::Kept;
use crate::value::{AgentAvailabilityStatus, AgentMode, AgentState, CallDirection, NULL_PERIPHERAL_ID};

change_mask! {
    /// What changes of an [`Agent`].
    pub struct AgentChanges {
        NEW = 0, "The agent was not there before.";
        STATE = 1, "The state, its reason, or since when.";
        DEVICE = 2, "Extension, instrument or terminal.";
        TASKS = 3, "Tasks, limits, mode or availability in the main media routing domain.";
        DETAIL = 4, "The next state or the direction.";
        CALL = 5, "The call, or that one is announced.";
        SKILL_GROUPS = 6, "The skill groups, or the state in one.";
        TEAMS = 7, "The teams, or the part in one.";
        DOMAINS = 8, "What is said of a media routing domain other than the main one.";
        IDENTITY = 9, "Login ID, skill target ID or peripheral.";
        STALE = 10, "Whether it is still known to be so.";
    }
}

debug! {
    Agent [const ID] { id, extension, instrument, active_terminal, peripheral_id, icm_agent_id, mrdid, state, next_state, event_reason_code, tasks, direction, call, }
}

/// The tasks of an agent in a media routing domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tasks {
    /// Tasks now: active, offered, paused and in wrap-up; 65535 stands for more, too.
    pub num_tasks: u16,
    /// Most tasks at once.
    pub max_task_limit: u16,
    /// Most tasks beyond that limit; 0 if not said.
    pub max_beyond_task_limit: u16,
    /// Who assigns tasks.
    pub mode: AgentMode,
    /// Whether and by whom a task can be assigned.
    pub availability: AgentAvailabilityStatus,
}

impl Tasks {
    pub(super) const EMPTY: Self = Self {
        num_tasks: 0,
        max_task_limit: 0,
        max_beyond_task_limit: 0,
        mode: AgentMode(0),
        availability: AgentAvailabilityStatus(0),
    };
}

/// The call of an agent, as far as messages tell that name the agent. A call tracker knows all calls at the agent's
/// extension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AgentCall {
    /// None is known.
    #[default]
    None,
    /// A call is on its way: AGENT_PRE_CALL_EVENT announced it.
    Announced {
        /// `RouterCallKeyDay` of the call.
        router_call_key_day: u32,
        /// `RouterCallKeyCallID` of the call.
        router_call_key_call_id: u32,
    },
    /// A call whose media runs at the agent's phone.
    Talking {
        /// `ConnectionCallID` of the call.
        connection_call_id: u32,
    },
}

/// An agent: what the last messages said.
///
/// In the order of its memory: what each message is compared with, and what comes with calls at the end.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Agent<const ID: usize = 12> {
    /// Login ID. Kept in `ID` bytes: 11 characters are the most on Unified CCE, 128 on Unified CCX.
    pub id: Kept<ID>,
    /// Another agent is at the device.
    pub(super) displaced: bool,
    /// Which loss of events was the last when the agent was heard of.
    pub(super) heard: u16,
    /// Peripheral; `NULL_PERIPHERAL_ID` if no message has said yet.
    pub peripheral_id: u32,
    /// Skill target ID in Unified CCE; 0 if not said, always so on Unified CCX.
    pub icm_agent_id: i32,
    /// Main media routing domain: the voice domain (1) if the agent is in it, else the first one heard of; 0 if no
    /// message has said yet. State, reason and tasks here are those of this domain.
    pub mrdid: i32,
    pub(super) members: Link,
    pub(super) entered: Second,
    /// Direction of the call that the agent is on.
    pub direction: CallDirection,
    /// Tasks.
    pub tasks: Tasks,
    /// State.
    pub state: AgentState,
    /// State that will follow; 0xffff if not known.
    pub next_state: AgentState,
    /// Reason for the state; kept while the state lasts. Meant for not ready and logged out.
    pub event_reason_code: u16,
    /// Whether one of the memberships may be that of a team.
    pub(super) in_teams: bool,
    /// Extension of the phone; empty if not said.
    pub extension: Kept<15>,
    /// Instrument number of the phone; empty if not said.
    pub instrument: Kept<15>,
    /// Name of the terminal device that the agent has chosen; empty if not said.
    pub active_terminal: Kept<15>,
    /// The call.
    pub call: AgentCall,
}

impl<const ID: usize> Agent<ID> {
    /// How long the agent has been in the state, in whole seconds.
    #[must_use]
    pub fn state_duration(&self, now: Instant) -> Duration {
        self.entered.until(now)
    }

    /// Whether the agent is logged in, as far as is known.
    #[must_use]
    pub fn is_logged_in(&self) -> bool {
        is_logged_in(self.state)
    }

    /// Whether `peripheral` may be this agent's: it is, or one of the two is not known.
    pub(super) fn may_be_at(&self, peripheral: u32) -> bool {
        self.peripheral_id == peripheral || [self.peripheral_id, peripheral].contains(&NULL_PERIPHERAL_ID)
    }
}

pub(super) fn is_logged_in(state: AgentState) -> bool {
    !matches!(state, AgentState::AGENT_STATE_LOGOUT | AgentState::AGENT_STATE_UNKNOWN)
}

/// The unique keys of an agent.
pub(super) mod key {
    pub(in super::super) const ID: usize = 0;
    pub(in super::super) const EXTENSION: usize = 1;
    pub(in super::super) const INSTRUMENT: usize = 2;
}

impl<const ID: usize> Agent<ID> {
    /// Whether this text is its key.
    #[inline]
    pub(super) fn has(&self, key: usize, text: &[u8]) -> bool {
        match key {
            key::ID => self.id.has(text),
            key::EXTENSION => self.extension.has(text),
            _ => self.instrument.has(text),
        }
    }

    /// The hash of an agent that has this text as its key.
    #[inline]
    pub(super) fn hash_of(key: usize, text: &[u8]) -> u32 {
        if key == key::ID { Kept::<ID>::hash_of(text) } else { Kept::<15>::hash_of(text) }
    }
}

impl<const ID: usize> Entry for Agent<ID> {
    type What = AgentChanges;
    type Align = Quarter;
    const EMPTY: Self = Self {
        id: Kept::EMPTY,
        extension: Kept::EMPTY,
        instrument: Kept::EMPTY,
        active_terminal: Kept::EMPTY,
        peripheral_id: 0,
        icm_agent_id: 0,
        mrdid: 0,
        state: AgentState(0),
        next_state: AgentState(0),
        event_reason_code: 0,
        tasks: Tasks::EMPTY,
        direction: CallDirection(0),
        call: AgentCall::None,
        entered: Second(0),
        heard: 0,
        displaced: false,
        in_teams: false,
        members: Link::NONE,
    };

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn unique(&self, key: usize) -> Option<u32> {
        let hashed = match key {
            key::ID => self.id.hashed(),
            key::EXTENSION => self.extension.hashed(),
            _ => self.instrument.hashed(),
        };
        (!hashed.is_empty()).then(|| Hash::new().bytes(hashed).finish())
    }

    fn group(&self, _: usize) -> Option<u32> {
        None
    }
}

#[cfg(feature = "defmt")]
impl<const ID: usize> defmt::Format for Agent<ID> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "agent {} at {}: {}, {}", self.id, self.extension, self.state, self.call);
    }
}
