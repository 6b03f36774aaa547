//! The memory of an agent tracker.

use crate::track::agent::entry::Agent;
use crate::track::agent::group::Group;
use crate::track::agent::membership::MemberEntry;
use crate::track::pool::Cell;
use crate::track::table::Slot;

/// Room for an agent: 160 bytes with login IDs of 12.
pub type AgentSlot<const ID: usize = 12> = Slot<Agent<ID>, 3, 0>;
/// Room for a skill group or team.
pub type GroupSlot = Slot<Group, 2, 0>;
/// Room for a membership.
pub type MemberSlot = Cell<MemberEntry, 2>;

/// What an agent tracker keeps, in fixed places: all zeros, so that it takes no flash in a `static`.
///
/// | capacity | bounds | how much | bytes each | when full |
/// | --- | --- | --- | --- | --- |
/// | `AGENTS` | agents that are logged in, and those that a team lists | as many as there are | 160 with `ID` 12 | more are not taken up |
/// | `GROUPS` | skill groups and teams | those with agents in them, or only [watched](super::AgentConfig::watched_only) ones | 160 | more are not taken up |
/// | `MEMBERS` | an agent in a skill group, in a team, or in a media routing domain beside the main one | the skill groups of all agents together, and the teams | 48 | more are not taken up |
/// | `ID` | bytes of a login ID that are kept | 12 for Unified CCE, up to 128 for Unified CCX | 1 per agent | the front is kept |
#[derive(Debug)]
pub struct AgentStorage<const AGENTS: usize, const GROUPS: usize, const MEMBERS: usize, const ID: usize = 12> {
    agents: [AgentSlot<ID>; AGENTS],
    groups: [GroupSlot; GROUPS],
    members: [MemberSlot; MEMBERS],
}

impl<const AGENTS: usize, const GROUPS: usize, const MEMBERS: usize, const ID: usize>
    AgentStorage<AGENTS, GROUPS, MEMBERS, ID>
{
    /// Storage with nothing in it.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            agents: [AgentSlot::EMPTY; AGENTS],
            groups: [GroupSlot::EMPTY; GROUPS],
            members: [MemberSlot::EMPTY; MEMBERS],
        }
    }

    /// The storage without its numbers, for a tracker to borrow.
    pub fn parts(&mut self) -> AgentParts<'_, ID> {
        AgentParts { agents: &mut self.agents, groups: &mut self.groups, members: &mut self.members }
    }
}

impl<const AGENTS: usize, const GROUPS: usize, const MEMBERS: usize, const ID: usize> Default
    for AgentStorage<AGENTS, GROUPS, MEMBERS, ID>
{
    fn default() -> Self {
        Self::new()
    }
}

/// Borrowed storage. Those who own memory otherwise put it together themselves.
#[derive(Debug)]
pub struct AgentParts<'s, const ID: usize = 12> {
    /// Agents.
    pub agents: &'s mut [AgentSlot<ID>],
    /// Skill groups and teams.
    pub groups: &'s mut [GroupSlot],
    /// Memberships.
    pub members: &'s mut [MemberSlot],
}
