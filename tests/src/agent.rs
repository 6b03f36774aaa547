//! Messages about agents, and a tracker that hears them in the order of a story.

use std::time::Duration;

use cti_proto::message::{AgentStateEvent, AgentTeamConfigEvent, Body, FltSkillGroup, TeamAgent};
use cti_proto::session::Instant;
use cti_proto::strategy::OwnedFrame;
use cti_proto::track::{Agent, Change, Group, Handle, Observed};
use cti_proto::track::{
    AgentConfig, AgentParts, AgentSlot, AgentTracker, GroupKey, GroupSlot, MemberSlot, StateCounts,
};
use cti_proto::value::{AgentFlags, AgentState, ConfigOperation, NULL_SKILL_GROUP};
use cti_proto::{List, Protocol, Text};

/// The peripheral of the stories.
pub const PERIPHERAL: u32 = 5000;

/// A message as a frame of its own.
///
/// # Panics
/// If the protocol does not have it so.
#[must_use]
pub fn frame_of<'a, M: Body<'a>>(protocol: Protocol, message: &M) -> OwnedFrame {
    OwnedFrame::encode(protocol, message).expect("a message that the protocol has")
}

/// AGENT_STATE_EVENT about the agent as a whole.
#[must_use]
pub fn agent_state(id: &str, state: AgentState) -> AgentStateEvent<'_> {
    AgentStateEvent {
        peripheral_id: PERIPHERAL,
        skill_group_state: state,
        agent_state: state,
        mrdid: 1,
        agent_id: Some(id.into()),
        ..AgentStateEvent::default()
    }
}

/// The same for an agent at an extension, with the state in skill groups.
#[must_use]
pub fn agent_at<'a>(
    id: &'a str,
    extension: &'a str,
    state: AgentState,
    groups: &'a [FltSkillGroup],
) -> AgentStateEvent<'a> {
    AgentStateEvent {
        agent_extension: Some(extension.into()),
        flt_skill_groups: List::new(groups),
        ..agent_state(id, state)
    }
}

/// The state in a skill group.
#[must_use]
pub const fn in_group(number: u32, state: AgentState) -> FltSkillGroup {
    FltSkillGroup { number, id: NULL_SKILL_GROUP, priority: 0, state }
}

/// A member of a team.
#[must_use]
pub fn team_agent(id: &str, flags: u16, state: AgentState) -> TeamAgent<'_> {
    TeamAgent { agent_id: id.into(), flags: AgentFlags(flags), state, state_duration: 0 }
}

/// AGENT_TEAM_CONFIG_EVENT.
#[must_use]
pub fn team<'a>(id: u32, operation: ConfigOperation, agents: &'a [TeamAgent<'a>]) -> AgentTeamConfigEvent<'a> {
    AgentTeamConfigEvent {
        peripheral_id: PERIPHERAL,
        team_id: id,
        config_operation: operation,
        agent_team_name: Some(Text::from("Sales")),
        agents: List::new(agents),
        ..AgentTeamConfigEvent::default()
    }
}

/// The memory of a tracker.
#[derive(Debug)]
pub struct Room {
    agents: Vec<AgentSlot>,
    groups: Vec<GroupSlot>,
    members: Vec<MemberSlot>,
}

impl Room {
    /// Room for so many.
    #[must_use]
    pub fn new(agents: usize, groups: usize, members: usize) -> Self {
        Self {
            agents: vec![AgentSlot::EMPTY; agents],
            groups: vec![GroupSlot::EMPTY; groups],
            members: vec![MemberSlot::EMPTY; members],
        }
    }

    /// For a tracker to borrow.
    pub fn parts(&mut self) -> AgentParts<'_> {
        AgentParts { agents: &mut self.agents, groups: &mut self.groups, members: &mut self.members }
    }
}

/// A tracker, the protocol that it hears, and the time.
#[derive(Debug)]
pub struct Story<'s> {
    /// The tracker.
    pub tracker: AgentTracker<'s>,
    /// The protocol.
    pub protocol: Protocol,
    /// The time.
    pub now: Instant,
}

impl<'s> Story<'s> {
    /// A story that begins at second 1,000 with nobody there.
    #[must_use]
    pub fn new(protocol: Protocol, room: &'s mut Room) -> Self {
        Self::with(AgentConfig::new(), protocol, room)
    }

    /// The same with a tracker that is to work in another way.
    #[must_use]
    pub fn with(config: AgentConfig, protocol: Protocol, room: &'s mut Room) -> Self {
        Self { tracker: AgentTracker::new(config, room.parts()), protocol, now: Instant::from_millis(1_000_000) }
    }

    /// So many seconds pass.
    pub fn wait(&mut self, seconds: u64) {
        self.now = self.now.after(Duration::from_secs(seconds));
    }

    /// The tracker hears a message.
    pub fn hear<'a, M: Body<'a>>(&mut self, message: &M) {
        let _ = self.observe(message);
    }

    /// The tracker hears a message, and says what it was to it.
    pub fn observe<'a, M: Body<'a>>(&mut self, message: &M) -> Observed {
        let frame = frame_of(self.protocol, message);
        let observed = self.tracker.observe(self.now, &frame.frame()).expect("a message that can be decoded");
        self.check();
        observed
    }

    /// The agent of the peripheral with this login ID.
    #[must_use]
    pub fn handle(&self, id: &str) -> Option<Handle<Agent>> {
        self.tracker.find(self.peripheral(), id)
    }

    /// The same.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn agent(&self, id: &str) -> &Agent {
        self.handle(id).and_then(|agent| self.tracker.get(agent)).expect("an agent who is there")
    }

    /// The state of an agent who is there.
    #[must_use]
    pub fn state(&self, id: &str) -> Option<AgentState> {
        Some(self.tracker.get(self.handle(id)?)?.state)
    }

    /// Seconds that an agent has been in the state.
    #[must_use]
    pub fn seconds(&self, id: &str) -> u64 {
        self.agent(id).state_duration(self.now).as_secs()
    }

    /// The key of a skill group of the peripheral.
    #[must_use]
    pub const fn skill_group(&self, number: u32) -> GroupKey {
        GroupKey::SkillGroup { peripheral_id: self.peripheral(), skill_group_number: number }
    }

    const fn peripheral(&self) -> u32 {
        if self.protocol.is_ccx() { 1 } else { PERIPHERAL }
    }

    /// The counts of a group, none if it is not there.
    #[must_use]
    pub fn counts(&self, key: GroupKey) -> StateCounts {
        self.tracker
            .find_group(key)
            .and_then(|group| self.tracker.group(group))
            .map_or_else(StateCounts::default, |group| group.counts)
    }

    /// The login IDs of those in a group, in order.
    #[must_use]
    pub fn members(&self, key: GroupKey) -> Vec<String> {
        let group = self.tracker.find_group(key);
        let members = group.into_iter().flat_map(|group| self.tracker.members(group));
        members.filter_map(|member| Some(self.tracker.get(member.agent)?.id.to_string())).collect()
    }

    /// All changes of agents.
    pub fn agent_changes(&mut self) -> Vec<Change<Agent>> {
        std::iter::from_fn(|| self.tracker.poll_change()).collect()
    }

    /// All changes of groups.
    pub fn group_changes(&mut self) -> Vec<Change<Group>> {
        std::iter::from_fn(|| self.tracker.poll_group_change()).collect()
    }

    /// What always holds.
    ///
    /// # Panics
    /// If it does not.
    pub fn check(&self) {
        check(&self.tracker);
    }
}

/// What always holds of a tracker: counts are those of the agents, nobody is anywhere twice, both sides of a
/// membership know of it, nobody shares a device, lookups find what iteration shows.
///
/// # Panics
/// If it does not.
pub fn check<const ID: usize>(tracker: &AgentTracker<'_, ID>) {
    let counted = |states: &mut dyn Iterator<Item = AgentState>| {
        let mut counts = std::collections::BTreeMap::new();
        // States that the guide does not have are counted together.
        states.for_each(|state| *counts.entry(state.0.min(15)).or_insert(0) += 1);
        counts
    };
    let shown = |counts: &StateCounts| counts.iter().map(|(state, count)| (state.0, count)).collect();
    let all: std::collections::BTreeMap<u16, u32> = shown(tracker.counts());
    assert_eq!(counted(&mut tracker.iter().map(|(_, agent)| agent.state)), all, "the counts of all agents");
    let mut memberships = 0;
    for (handle, group) in tracker.groups() {
        let members: Vec<_> = tracker.members(handle).collect();
        memberships += members.len();
        let counts: std::collections::BTreeMap<u16, u32> = shown(&group.counts);
        assert_eq!(counted(&mut members.iter().map(|member| member.state)), counts, "the counts of {:?}", group.key);
        let agents: std::collections::BTreeSet<_> = members.iter().map(|member| member.agent).collect();
        assert_eq!(agents.len(), members.len(), "nobody is in {:?} twice", group.key);
        assert!(!members.is_empty() || group.watched || group.supervised, "{:?} has nobody", group.key);
        assert_eq!(tracker.find_group(group.key), Some(handle));
        for member in &members {
            assert!(tracker.memberships(member.agent).any(|other| other == *member), "an agent knows its groups");
        }
    }
    let mut domains = 0;
    let mut devices = std::collections::BTreeSet::new();
    for (handle, agent) in tracker.iter() {
        // Counted up by the groups, and down again by the agents.
        memberships -= tracker.memberships(handle).count();
        let mrdids: Vec<_> = tracker.domains(handle).map(|domain| domain.mrdid).collect();
        domains += mrdids.len() - 1;
        assert_eq!(mrdids.iter().collect::<std::collections::BTreeSet<_>>().len(), mrdids.len(), "each domain once");
        if !agent.id.is_cut() && !agent.id.is_empty() {
            let id = agent.id.to_string();
            assert_eq!(tracker.find(agent.peripheral_id, &*id), Some(handle));
        }
        for (kind, device) in [(0, agent.extension), (1, agent.instrument)] {
            assert!(
                device.is_empty() || devices.insert((kind, agent.peripheral_id, device.to_string())),
                "one agent a device"
            );
        }
    }
    assert_eq!(memberships, 0, "groups and agents know of the same memberships");
    let members = tracker.counters().members;
    let joined: usize = tracker.groups().map(|(group, _)| tracker.members(group).count()).sum();
    assert_eq!(members.live, joined + domains, "no membership is lost");
}
