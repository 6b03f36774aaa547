//! Agents, their skill groups and teams: who is ready, since when, and how many are.

mod apply;
mod counts;
mod entry;
mod group;
mod listed;
mod membership;
mod observe;
mod report;
mod storage;

use core::fmt;

pub use self::counts::StateCounts;
pub use self::entry::{Agent, AgentCall, AgentChanges, Tasks};
pub use self::group::{Group, GroupChanges, GroupKey, MediaDomain, Membership};
pub use self::listed::listed_skill_groups;
pub use self::membership::MemberEntry;
pub use self::storage::{AgentParts, AgentSlot, AgentStorage, GroupSlot, MemberSlot};

use self::apply::Losses;
use self::entry::key;
use self::membership::{OF_AGENT, OF_GROUP, Of, Such};
use self::observe::Extras;
use crate::track::change::{Change, TableCounters};
use crate::track::handle::Handle;
use crate::track::pool::Pool;
use crate::track::table::Table;
use crate::value::{AgentFlags, NULL_PERIPHERAL_ID};
use crate::wire::Text;

/// Slots that [`AgentTracker::sweep`] looks at.
const SWEPT: usize = 64;
/// The peripheral of everything on Unified CCX.
pub const CCX_PERIPHERAL: u32 = 1;
/// The media routing domain of voice calls.
pub const VOICE_DOMAIN: i32 = 1;

/// Agents, skill groups and teams, as the messages say that they are.
///
/// `ID` is the number of bytes in which login IDs are kept, 12 to 254; of longer ones the front is kept, and they are
/// still told apart.
///
/// ```
/// use cti_proto::message::{AgentStateEvent, FltSkillGroup};
/// use cti_proto::session::Instant;
/// use cti_proto::track::{AgentConfig, AgentStorage, AgentTracker, GroupKey};
/// use cti_proto::value::{AgentState, NULL_SKILL_GROUP};
/// use cti_proto::{Frame, List, Parsed, Protocol, encode};
///
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// // In a `static` on a microcontroller: 64 agents, 16 skill groups and teams, 200 memberships.
/// let mut storage = AgentStorage::<64, 16, 200>::new();
/// let mut agents = AgentTracker::new(AgentConfig::new(), storage.parts());
///
/// # let protocol = Protocol::cce(24)?;
/// # let state = AgentState::AGENT_STATE_AVAILABLE;
/// # let groups = [FltSkillGroup { number: 7, id: NULL_SKILL_GROUP, priority: 0, state }];
/// # let event = AgentStateEvent { peripheral_id: 5000, agent_state: state, mrdid: 1, agent_id: Some("1001".into()), agent_extension: Some("5001".into()), flt_skill_groups: List::new(&groups), ..Default::default() };
/// # let mut buffer = [0; 512];
/// # let Parsed::Frame(frame, _) = Frame::parse(protocol, encode(protocol, &event, &mut buffer)?)? else { panic!() };
/// // With each frame that the session delivers:
/// let now = Instant::from_millis(90_000);
/// agents.observe(now, &frame)?;
///
/// let key = GroupKey::SkillGroup { peripheral_id: 5000, skill_group_number: 7 };
/// let sales = agents.find_group(key).ok_or("no such group")?;
/// assert_eq!(agents.group(sales).ok_or("gone")?.counts.available(), 1);
/// for member in agents.members(sales) {
///     let agent = agents.get(member.agent).ok_or("gone")?;
///     println!("{} at {}: {} for {:?}", agent.id, agent.extension, agent.state, agent.state_duration(now));
/// }
/// while let Some(change) = agents.poll_change() {
///     println!("{change:?}");
/// }
/// # Ok(())
/// # }
/// ```
///
/// # What is heard
///
/// | message | what it is taken for |
/// | --- | --- |
/// | AGENT_STATE_EVENT | everything about the agent; the state in the skill groups that it names, or in all if it names none |
/// | QUERY_AGENT_STATE_CONF | state and tasks; fewer than 20 skill groups are all that the agent has |
/// | OPEN_CONF | all that was known is stale; the state of the agent of a Client Events session |
/// | AGENT_TEAM_CONFIG_EVENT, TEAM_CONFIG_EVENT | teams, their members and supervisors, and what state they are in |
/// | LIST_AGENT_TEAM_CONF | the teams that the supervisor of the session may monitor, also those of which nobody is known: all of them once the last part has come |
/// | CONFIG_AGENT_EVENT | the state in each media routing domain; a new login ID; an agent deleted |
/// | CONFIG_SKILL_GROUP_EVENT | name, ID and domain of a skill group that is known |
/// | AGENT_PRE_CALL_EVENT, AGENT_PRE_CALL_ABORT_EVENT | a call is on its way to the agent, or is not any more |
/// | RTP_STARTED_EVENT, RTP_STOPPED_EVENT | the call that the agent talks in; all calls of the agent's phone are at [`CallTracker::at_device`](crate::track::CallTracker::at_device) |
/// | SYSTEM_EVENT | what was known of a peripheral that goes offline is stale |
///
/// # Rules
///
/// * **Who.** An agent is its login ID at its peripheral. A message without login ID means the agent at the extension or
///   the instrument. A message without peripheral means that of the session, if it has one only (OPEN_CONF), else the agent with
///   this login ID, if that is only one; skill groups are numbered by peripheral, and are left aside where it is not known.
/// * **State.** State, reason and tasks of an agent are those in the main media routing domain: voice (1) if the agent
///   is in it, else the first that was heard of. What is said without a domain is about the main one.
/// * **Since when.** The time in a state counts from when it was heard of, less the `StateDuration` that the message
///   gives. The same state once more, from another monitor or with other tasks, does not begin anew; but if the server
///   gives a time by then that is more than two seconds off, the server is right.
/// * **Login elsewhere.** An extension or instrument has one agent. When another is said to be there, the one before
///   loses it, and is [stale](Self::is_stale) until heard of again.
/// * **Logout.** An agent leaves the table when logged out of every domain. But as long as a team lists it, it stays,
///   in the state `AGENT_STATE_LOGOUT` and at no device.
/// * **Skill groups.** The agent is in those in which a message gives it a state, until logged out of the group or
///   altogether. A message about the agent as a whole sets the state in all its groups, as far as they are of that
///   domain.
/// * **Order, duplicates, loss.** The last message about an agent counts, whatever monitor it came through; one that
///   says what is known changes nothing. Events of an agent that is not known make it known. What was missed is put right
///   by the next message about the same agent: ask the server with QUERY_AGENT_STATE_REQ for those that are
///   [stale](Self::stale), and [forget](Self::forget) those that the server does not know.
/// * **Full.** Agents and memberships that find no room are not taken up, which is counted, and are taken up by the
///   next message about them when there is room. Counts are always those of the agents in the tables.
pub struct AgentTracker<'s, const ID: usize = 12> {
    agents: Table<'s, Agent<ID>, 3, 0>,
    groups: Table<'s, Group, 2, 0>,
    members: Pool<'s, MemberEntry, 2>,
    counts: StateCounts,
    losses: Losses,
    /// The one peripheral of the session, if it has only one.
    home: u32,
    config: AgentConfig,
    extras: Extras<ID>,
    /// Whether stale agents go.
    purging: bool,
    cursor: usize,
    unidentified: u32,
}

/// How an agent tracker works. What it does not do takes no flash: without room for groups and with `watched_only` nothing
/// that concerns groups does, and without room for memberships too, nothing that concerns media routing domains beside
/// the main one.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AgentConfig {
    /// Whether to leave all skill groups and teams aside that are not [watched](AgentTracker::watch), as an appliance
    /// does that shows a few groups of many.
    pub watched_only: bool,
    /// Whether to take what CONFIG_AGENT_EVENT says, which only sessions for configuration have.
    pub configuration: bool,
    /// Whether to follow which call an agent is in.
    pub calls: bool,
}

impl AgentConfig {
    /// All groups, configuration and calls.
    #[must_use]
    pub const fn new() -> Self {
        Self { watched_only: false, configuration: true, calls: true }
    }
}

impl Default for AgentConfig {
    fn default() -> Self {
        Self::new()
    }
}

/// How an agent tracker is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct AgentCounters {
    /// The table of agents.
    pub agents: TableCounters,
    /// The table of skill groups and teams.
    pub groups: TableCounters,
    /// Memberships: an agent in a skill group, in a team, or in a media routing domain beside the main one.
    pub members: TableCounters,
    /// Messages about an agent that could not be told from others, or that was not named at all.
    pub unidentified: u32,
}

impl<'s, const ID: usize> AgentTracker<'s, ID> {
    /// A tracker that knows nobody, on this memory.
    #[must_use]
    #[inline]
    pub fn new(config: AgentConfig, parts: AgentParts<'s, ID>) -> Self {
        Self {
            extras: Extras::new(&config, &parts),
            agents: Table::new(parts.agents),
            groups: Table::new(parts.groups),
            members: Pool::new(parts.members),
            counts: StateCounts::EMPTY,
            losses: Losses::NONE,
            home: NULL_PERIPHERAL_ID,
            config,
            purging: false,
            cursor: 0,
            unidentified: 0,
        }
    }

    // ---- agents -------------------------------------------------------------------------------

    /// The agent. One that has left can be looked at until the next `observe` or [`poll_change`](Self::poll_change).
    #[must_use]
    pub fn get(&self, agent: Handle<Agent<ID>>) -> Option<&Agent<ID>> {
        self.agents.get(agent)
    }

    /// All agents.
    pub fn iter(&self) -> impl Iterator<Item = (Handle<Agent<ID>>, &Agent<ID>)> + Clone {
        self.agents.iter()
    }

    /// The agent with this login ID.
    #[must_use]
    pub fn find<'a>(&self, peripheral_id: u32, agent_id: impl Into<Text<'a>>) -> Option<Handle<Agent<ID>>> {
        self.by_id(peripheral_id, agent_id.into().as_bytes(), 0)
    }

    /// The agent at this extension or instrument, an extension first.
    #[must_use]
    pub fn at_device<'a>(&self, peripheral_id: u32, device: impl Into<Text<'a>>) -> Option<Handle<Agent<ID>>> {
        let device = device.into().as_bytes();
        let at = |key| self.at_place(key, peripheral_id, device);
        at(key::EXTENSION).or_else(|| at(key::INSTRUMENT))
    }

    /// How many agents are in which state.
    #[must_use]
    pub const fn counts(&self) -> &StateCounts {
        &self.counts
    }

    /// The media routing domains of an agent, the main one first.
    pub fn domains(&self, agent: Handle<Agent<ID>>) -> impl Iterator<Item = MediaDomain> {
        let agent = self.agents.get(agent);
        let main = agent.map(|agent| MediaDomain {
            mrdid: agent.mrdid,
            state: agent.state,
            tasks: agent.tasks,
            entered: agent.entered,
        });
        let others = agent.into_iter().flat_map(|agent| self.members.iter(OF_AGENT, agent.members));
        main.into_iter().chain(others.filter_map(|(_, member)| match member.of {
            Of::Domain(domain) => Some(domain),
            _ => None,
        }))
    }

    // ---- groups -------------------------------------------------------------------------------

    /// The skill group or team.
    #[must_use]
    pub fn group(&self, group: Handle<Group>) -> Option<&Group> {
        self.groups.get(group)
    }

    /// All skill groups and teams.
    pub fn groups(&self) -> impl Iterator<Item = (Handle<Group>, &Group)> + Clone {
        self.groups.iter()
    }

    /// The skill group or team with this key.
    #[must_use]
    pub fn find_group(&self, key: GroupKey) -> Option<Handle<Group>> {
        match key {
            GroupKey::SkillGroupId(id) => self.skill_group_with_id(id),
            _ => self.group_with_key(key),
        }
    }

    /// The teams that the supervisor who asked for them may monitor. Walks all groups.
    pub fn supervised(&self) -> impl Iterator<Item = (Handle<Group>, &Group)> + Clone {
        self.groups().filter(|(_, group)| group.supervised)
    }

    /// The agents of a skill group or team, in the order in which they came to it.
    pub fn members(&self, group: Handle<Group>) -> impl Iterator<Item = Membership<ID>> {
        let group = self.groups.get(group);
        let members = group.into_iter().flat_map(|group| self.members.iter(OF_GROUP, group.members));
        members.filter_map(|(_, member)| self.membership(member))
    }

    /// The skill groups and teams of an agent.
    pub fn memberships(&self, agent: Handle<Agent<ID>>) -> impl Iterator<Item = Membership<ID>> {
        let agent = self.agents.get(agent);
        let members = agent.into_iter().flat_map(|agent| self.members.iter(OF_AGENT, agent.members));
        members.filter_map(|(_, member)| self.membership(member))
    }

    fn membership(&self, member: &MemberEntry) -> Option<Membership<ID>> {
        let (agent, about) = self.agents.at(member.agent as usize)?;
        let (group, _) = self.groups.at(member.of.group()?)?;
        let (state, priority, flags, entered) = match member.of {
            Of::SkillGroup { state, priority, entered, .. } => (state, priority, AgentFlags::default(), entered),
            Of::Team { flags, .. } => (about.state, 0, flags, about.entered),
            Of::Domain(_) => return None,
        };
        Some(Membership { agent, group, state, priority, flags, entered })
    }

    /// Keeps a skill group or team in the table, also when no agent is in it. `None` if the table is full.
    pub fn watch(&mut self, key: GroupKey) -> Option<Handle<Group>> {
        let group = self.find_group(key).or_else(|| self.insert_group(Group::new(key)))?;
        self.groups.get_mut(group)?.watched = true;
        Some(group)
    }

    /// No longer keeps a skill group or team that nobody is in.
    pub fn unwatch(&mut self, group: Handle<Group>) {
        if let Some(watched) = self.groups.get_mut(group) {
            watched.watched = false;
            self.end_if_empty(group);
        }
    }

    // ---- changes ------------------------------------------------------------------------------

    /// The next agent that is different: see [`Change`].
    pub fn poll_change(&mut self) -> Option<Change<Agent<ID>>> {
        self.agents.poll()
    }

    /// The next skill group or team that is different: see [`Change`].
    pub fn poll_group_change(&mut self) -> Option<Change<Group>> {
        self.groups.poll()
    }

    /// How the tracker is doing.
    #[must_use]
    pub const fn counters(&self) -> AgentCounters {
        AgentCounters {
            agents: self.agents.counters(),
            groups: self.groups.counters(),
            members: self.members.counters(),
            unidentified: self.unidentified,
        }
    }

    // ---- loss and resynchronisation -----------------------------------------------------------

    /// The session with the server is gone, or events were lost otherwise: all agents are stale, each until something
    /// is heard of it. OPEN_CONF does this by itself, and SYSTEM_EVENT for a peripheral that goes offline.
    pub fn session_lost(&mut self) {
        self.purging = false;
        self.losses.everywhere();
    }

    /// The application has asked for all agents that were stale, or has waited long enough: those still stale go, as they
    /// are come across, all of them by the time that [`sweep`](Self::sweep) has gone round.
    pub const fn resynchronised(&mut self) {
        (self.purging, self.cursor) = (true, 0);
    }

    /// Looks at the next 64 slots for stale agents to be forgotten after [`resynchronised`](Self::resynchronised); `true`
    /// when all have been looked at. Messages do this too, a slot each.
    pub fn sweep(&mut self) -> bool {
        self.look_for_stale(SWEPT)
    }

    /// Whether events about the agent may have been lost since it was heard of, or another agent is at its device.
    #[must_use]
    pub fn is_stale(&self, agent: &Agent<ID>) -> bool {
        agent.displaced || self.losses.since(agent.peripheral_id, agent.heard)
    }

    /// The agents that are stale: those to ask the server for. Walks all agents.
    pub fn stale(&self) -> impl Iterator<Item = (Handle<Agent<ID>>, &Agent<ID>)> + Clone {
        self.iter().filter(|(_, agent)| self.is_stale(agent))
    }

    /// Forgets an agent, and that a team lists it: for those that the server says it does not know.
    pub fn forget(&mut self, agent: Handle<Agent<ID>>) {
        self.leave_such(agent, Such::Any);
        self.end(agent);
    }

    fn look_for_stale(&mut self, slots: usize) -> bool {
        for _ in 0..slots {
            if !self.purging {
                break;
            }
            if let Some((agent, _)) = self.agents.at(self.cursor).filter(|(_, agent)| self.is_stale(agent)) {
                self.forget(agent);
            }
            self.cursor = self.cursor.wrapping_add(1);
            self.purging = self.cursor < self.agents.len();
        }
        !self.purging
    }

    /// Forgets a skill group or team, also a watched one: nobody is in it any more.
    pub fn forget_group(&mut self, group: Handle<Group>) {
        self.dissolve(group);
    }
}

impl<const ID: usize> fmt::Debug for AgentTracker<'_, ID> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentTracker").field("counts", &self.counts).field("counters", &self.counters()).finish()
    }
}
