//! How many agents are in which state.

use core::fmt;

use crate::value::AgentState;

/// States with a name, and one place for all others.
const PLACES: usize = 16;
const OTHER: usize = PLACES - 1;

/// How many agents are in which state.
///
/// Always that of the agents counted: a tracker counts whenever an agent comes, goes or changes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct StateCounts {
    counts: [u32; PLACES],
}

impl StateCounts {
    pub(crate) const EMPTY: Self = Self { counts: [0; PLACES] };

    /// Agents in this state. All states that have no name count as one.
    #[must_use]
    pub fn of(&self, state: AgentState) -> u32 {
        self.counts.get(place(state)).copied().unwrap_or_default()
    }

    /// Agents in any of these states.
    #[must_use]
    pub fn of_any(&self, states: &[AgentState]) -> u32 {
        states.iter().fold(0, |sum: u32, state| sum.saturating_add(self.of(*state)))
    }

    /// All agents.
    #[must_use]
    pub fn all(&self) -> u32 {
        self.counts.iter().fold(0, |sum: u32, count| sum.saturating_add(*count))
    }

    /// Agents that are logged in: in any state but `AGENT_STATE_LOGOUT` and `AGENT_STATE_UNKNOWN`.
    #[must_use]
    pub fn logged_in(&self) -> u32 {
        let out = self.of_any(&[AgentState::AGENT_STATE_LOGOUT, AgentState::AGENT_STATE_UNKNOWN]);
        self.all().saturating_sub(out)
    }

    /// Agents ready for a call.
    #[must_use]
    pub fn available(&self) -> u32 {
        self.of(AgentState::AGENT_STATE_AVAILABLE)
    }

    /// Agents on a call, talking or with all their calls on hold.
    #[must_use]
    pub fn on_call(&self) -> u32 {
        self.of_any(&[AgentState::AGENT_STATE_TALKING, AgentState::AGENT_STATE_HOLD])
    }

    /// Agents working after a call, ready or not ready afterwards.
    #[must_use]
    pub fn wrapping_up(&self) -> u32 {
        self.of_any(&[AgentState::AGENT_STATE_WORK_NOT_READY, AgentState::AGENT_STATE_WORK_READY])
    }

    /// Agents not ready.
    #[must_use]
    pub fn not_ready(&self) -> u32 {
        self.of(AgentState::AGENT_STATE_NOT_READY)
    }

    /// Every state with at least one agent. States that have no name come as the one number 15.
    pub fn iter(&self) -> impl Iterator<Item = (AgentState, u32)> + use<'_> {
        (0..).map(AgentState).zip(self.counts).filter(|(_, count)| *count > 0)
    }

    pub(crate) fn add(&mut self, state: AgentState) {
        if let Some(count) = self.counts.get_mut(place(state)) {
            *count = count.saturating_add(1);
        }
    }

    pub(crate) fn remove(&mut self, state: AgentState) {
        if let Some(count) = self.counts.get_mut(place(state)) {
            *count = count.saturating_sub(1);
        }
    }
}

fn place(state: AgentState) -> usize {
    usize::from(state.0).min(OTHER)
}

impl fmt::Debug for StateCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        let mut comma = "";
        for (state, count) in self.iter() {
            write!(f, "{comma}{state:?}: {count}")?;
            comma = ", ";
        }
        f.write_str("}")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for StateCounts {
    fn format(&self, f: defmt::Formatter<'_>) {
        self.iter().for_each(|(state, count)| defmt::write!(f, "{}: {=u32} ", state, count));
    }
}
