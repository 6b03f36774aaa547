//! What is kept of a group of agents, and of an agent in one.

use crate::message::debug;
use core::time::Duration;

use crate::session::Instant;
use crate::track::Handle;
use crate::track::agent::counts::StateCounts;
use crate::track::agent::entry::{Agent, Tasks};
use crate::track::change::change_mask;
use crate::track::hash::Hash;
use crate::track::link::Link;
use crate::track::second::Second;
use crate::track::table::Entry;
use crate::track::text::Kept;
use crate::value::{AgentFlags, AgentState, NULL_PERIPHERAL_ID, NULL_SKILL_GROUP};

change_mask! {
    /// What changes of a [`Group`].
    pub struct GroupChanges {
        NEW = 0, "The group was not there before.";
        COUNTS = 1, "How many agents are in which state.";
        MEMBERS = 2, "Which agents are in it, or the part that one has.";
        NAME = 3, "The name, or another number of it.";
        SUPERVISED = 4, "Whether the supervisor of the session may monitor it.";
    }
}

debug! {
    Group { key, skill_group_id, mrdid, name, counts, watched, supervised, }
}

/// Names a group of agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum GroupKey {
    /// A skill group, by its number at a peripheral. Unified CCX: a contact service queue (CSQ) by its ID, at
    /// [`CCX_PERIPHERAL`](super::CCX_PERIPHERAL).
    SkillGroup {
        /// `PeripheralID`.
        peripheral_id: u32,
        /// `SkillGroupNumber`.
        skill_group_number: u32,
    },
    /// A skill group, by its ID in Unified CCE.
    SkillGroupId(u32),
    /// A team of agents, by its ID.
    Team(u32),
}

/// A group of agents: a skill group or a team.
///
/// A group is there as long as an agent is in it, the supervisor of the session may monitor it, or the application
/// [watches](super::AgentTracker::watch) it.
#[derive(Clone, Copy)]
pub struct Group {
    /// What messages call it: of a skill group the number if it is known, else the ID.
    pub key: GroupKey,
    /// ID of the skill group in Unified CCE; `NULL_SKILL_GROUP` if not said, and for teams.
    pub skill_group_id: u32,
    /// Media routing domain of the skill group, from its configuration; 0 if not said, and for teams.
    pub mrdid: i32,
    /// Name: of a team from its own messages, of a skill group from its configuration. Empty if not said.
    pub name: Kept<31>,
    /// How many of its agents are in which state: of a skill group the state in the group, of a team the agents' own.
    /// A team counts those that are logged out, too.
    pub counts: StateCounts,
    /// Whether the application watches it.
    pub watched: bool,
    /// Whether LIST_AGENT_TEAM_CONF names the team: the supervisor who asked may monitor it, by
    /// MONITOR_AGENT_TEAM_START_REQ.
    pub supervised: bool,
    /// The list of teams that has not come to its end yet names it.
    pub(super) listed: bool,
    /// Which loss of events was the last when it was told of as a team.
    pub(super) heard: u16,
    /// The last list of members was full: another part may follow.
    pub(super) is_partial: bool,
    pub(super) members: Link,
}

/// An agent in a group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Membership<const ID: usize = 12> {
    /// The agent.
    pub agent: Handle<Agent<ID>>,
    /// The group.
    pub group: Handle<Group>,
    /// State of the agent in the skill group; in a team the agent's own.
    pub state: AgentState,
    /// Priority of the skill group for the agent; 0 if none.
    pub priority: u16,
    /// What the agent is in the team: a supervisor, a temporary member, or zero.
    pub flags: AgentFlags,
    pub(super) entered: Second,
}

debug! {
    Membership [const ID] { agent, group, state, priority, flags, }
}

impl<const ID: usize> Membership<ID> {
    /// How long the agent has been in the state, in whole seconds.
    #[must_use]
    pub fn state_duration(&self, now: Instant) -> Duration {
        self.entered.until(now)
    }

    /// Whether the agent supervises the team.
    #[must_use]
    pub fn is_supervisor(&self) -> bool {
        self.flags.intersects(AgentFlags::PRIMARY_SUPERVISOR | AgentFlags::SUPERVISOR)
    }
}

/// An agent in a media routing domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaDomain {
    /// ID of the domain; 1 is voice. 0 if no message has said yet.
    pub mrdid: i32,
    /// State in the domain.
    pub state: AgentState,
    /// Tasks in the domain.
    pub tasks: Tasks,
    pub(super) entered: Second,
}

impl MediaDomain {
    /// How long the agent has been in the state, in whole seconds.
    #[must_use]
    pub fn state_duration(&self, now: Instant) -> Duration {
        self.entered.until(now)
    }
}

impl GroupKey {
    pub(super) fn hash(self) -> u32 {
        match self {
            Self::SkillGroup { peripheral_id, skill_group_number } => {
                Hash::new().number(peripheral_id).number(skill_group_number).finish()
            }
            Self::SkillGroupId(id) => Hash::new().number(id).number(1).number(1).finish(),
            Self::Team(id) => Hash::new().number(id).number(2).number(2).finish(),
        }
    }
}

/// The unique keys of a group.
pub(super) mod key {
    pub(in super::super) const GROUP: usize = 0;
    pub(in super::super) const SKILL_GROUP_ID: usize = 1;
}

impl Group {
    pub(super) const fn new(key: GroupKey) -> Self {
        let skill_group_id = match key {
            GroupKey::SkillGroupId(id) => id,
            _ => NULL_SKILL_GROUP,
        };
        Self { key, skill_group_id, ..Self::EMPTY }
    }

    pub(super) const fn is_team(&self) -> bool {
        matches!(self.key, GroupKey::Team(_))
    }

    /// Whether it stays though nobody is in it.
    pub(super) const fn is_kept(&self) -> bool {
        self.watched || self.supervised
    }

    /// The peripheral, where the key says.
    #[must_use]
    pub const fn peripheral_id(&self) -> u32 {
        match self.key {
            GroupKey::SkillGroup { peripheral_id, .. } => peripheral_id,
            _ => NULL_PERIPHERAL_ID,
        }
    }
}

impl Entry for Group {
    type What = GroupChanges;
    type Align = u32;
    const EMPTY: Self = Self {
        key: GroupKey::SkillGroup { peripheral_id: 0, skill_group_number: 0 },
        skill_group_id: 0,
        mrdid: 0,
        name: Kept::EMPTY,
        counts: StateCounts::EMPTY,
        watched: false,
        supervised: false,
        listed: false,
        heard: 0,
        is_partial: false,
        members: Link::NONE,
    };

    fn unique(&self, key: usize) -> Option<u32> {
        match key {
            key::GROUP => Some(self.key.hash()),
            key::SKILL_GROUP_ID if self.skill_group_id != NULL_SKILL_GROUP => {
                Some(GroupKey::SkillGroupId(self.skill_group_id).hash())
            }
            _ => None,
        }
    }

    fn group(&self, _: usize) -> Option<u32> {
        None
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Group {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{} {}: {}", self.key, self.name, self.counts);
    }
}
