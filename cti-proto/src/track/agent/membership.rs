//! Memberships: agents in skill groups, in teams, and in media routing domains beside the main one.

use crate::track::agent::AgentTracker;
use crate::track::agent::entry::{Agent, AgentChanges, is_logged_in};
use crate::track::agent::group::{Group, GroupChanges, GroupKey, MediaDomain, key};
use crate::track::handle::Handle;
use crate::track::link::Link;
use crate::track::pool;
use crate::track::second::Second;
use crate::value::{AgentFlags, AgentState, NULL_PERIPHERAL_ID, NULL_SKILL_GROUP};

/// The list of an agent's memberships.
pub(super) const OF_AGENT: usize = 0;
/// The list of a group's members.
pub(super) const OF_GROUP: usize = 1;

/// A membership, as the memory of a tracker holds it.
#[derive(Clone, Copy, Debug)]
pub struct MemberEntry {
    /// Slot of the agent.
    pub(super) agent: u32,
    pub(super) of: Of,
}

/// What it is a membership of. Groups by their slots.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    SkillGroup { group: u32, state: AgentState, priority: u16, entered: Second },
    Team { group: u32, flags: AgentFlags, is_listed: bool },
    Domain(MediaDomain),
}

impl pool::Member for MemberEntry {
    const EMPTY: Self =
        Self { agent: 0, of: Of::SkillGroup { group: 0, state: AgentState(0), priority: 0, entered: Second(0) } };
}

impl Of {
    /// Slot of the group.
    pub(super) fn group(&self) -> Option<usize> {
        match self {
            Self::SkillGroup { group, .. } | Self::Team { group, .. } => Some(*group as usize),
            Self::Domain(_) => None,
        }
    }

    pub(super) const fn is_team(&self) -> bool {
        matches!(self, Self::Team { .. })
    }

    pub(super) fn is_in(&self, group: Handle<Group>) -> bool {
        self.group() == Some(group.slot())
    }

    const fn changes(&self) -> AgentChanges {
        match self {
            Self::SkillGroup { .. } => AgentChanges::SKILL_GROUPS,
            Self::Team { .. } => AgentChanges::TEAMS,
            Self::Domain(_) => AgentChanges::DOMAINS,
        }
    }
}

/// Memberships of an agent.
#[derive(Clone, Copy)]
pub(super) enum Such {
    Any,
    NoTeam,
    /// In this media routing domain.
    Domain(i32),
}

impl Such {
    pub(super) fn is(self, of: &Of) -> bool {
        match self {
            Self::Any => true,
            Self::NoTeam => !of.is_team(),
            Self::Domain(mrdid) => matches!(of, Of::Domain(beside) if beside.mrdid == mrdid),
        }
    }
}

/// What a message says of an agent in a skill group.
#[derive(Clone, Copy)]
pub(super) struct InSkillGroup {
    pub(super) number: u32,
    pub(super) id: u32,
    pub(super) priority: u16,
    pub(super) state: AgentState,
}

impl InSkillGroup {
    /// A number says nothing where the peripheral is not known.
    const fn known_at(self, peripheral: u32) -> Self {
        let number = if peripheral == NULL_PERIPHERAL_ID { NULL_SKILL_GROUP } else { self.number };
        Self { number, ..self }
    }

    pub(super) const fn is_named(&self) -> bool {
        self.number != NULL_SKILL_GROUP || self.id != NULL_SKILL_GROUP
    }
}

impl<const ID: usize> AgentTracker<'_, ID> {
    // ---- groups -------------------------------------------------------------------------------

    pub(super) fn group_with_key(&self, key: GroupKey) -> Option<Handle<Group>> {
        self.groups.find(key::GROUP, key.hash(), |group| group.key == key)
    }

    pub(super) fn skill_group_with_id(&self, id: u32) -> Option<Handle<Group>> {
        let hash = GroupKey::SkillGroupId(id).hash();
        self.groups.find(key::SKILL_GROUP_ID, hash, |group| group.skill_group_id == id)
    }

    /// The skill group that a message names by number, ID or both.
    pub(super) fn skill_group(&self, peripheral_id: u32, number: u32, id: u32) -> Option<Handle<Group>> {
        let by_number = GroupKey::SkillGroup { peripheral_id, skill_group_number: number };
        let found = (number != NULL_SKILL_GROUP).then(|| self.group_with_key(by_number)).flatten();
        let by_id = || (id != NULL_SKILL_GROUP).then(|| self.skill_group_with_id(id)).flatten();
        // A group that was known by its ID only may be of any number; one of another number is another one.
        let nameless = |group: &Handle<Group>| {
            number == NULL_SKILL_GROUP
                || self.groups.get(*group).is_some_and(|group| matches!(group.key, GroupKey::SkillGroupId(_)))
        };
        found.or_else(|| by_id().filter(nameless))
    }

    /// The same, taken up if it is not known yet.
    pub(super) fn meet_skill_group(&mut self, peripheral_id: u32, number: u32, id: u32) -> Option<Handle<Group>> {
        let by_number = GroupKey::SkillGroup { peripheral_id, skill_group_number: number };
        let key = if number == NULL_SKILL_GROUP { GroupKey::SkillGroupId(id) } else { by_number };
        let Some(group) = self.skill_group(peripheral_id, number, id) else {
            return self.add_group(Group { skill_group_id: id, ..Group::new(key) });
        };
        self.name_skill_group(group, key, id);
        Some(group)
    }

    /// Notes what a group is called, too.
    pub(super) fn name_skill_group(&mut self, group: Handle<Group>, key: GroupKey, id: u32) {
        let Some(known) = self.groups.get(group) else { return };
        let id = if id == NULL_SKILL_GROUP { known.skill_group_id } else { id };
        let key = if matches!(key, GroupKey::SkillGroupId(_)) { known.key } else { key };
        if (known.key, known.skill_group_id) == (key, id) {
            return;
        }
        // An ID has one group: the one that was last said to have it.
        if let Some(other) = self.skill_group_with_id(id).filter(|other| *other != group) {
            self.groups.edit(other, |other| other.skill_group_id = NULL_SKILL_GROUP);
        }
        self.groups.edit(group, |group| (group.key, group.skill_group_id) = (key, id));
        self.groups.mark(group, GroupChanges::NAME);
    }

    pub(super) fn meet_team(&mut self, id: u32) -> Option<Handle<Group>> {
        let key = GroupKey::Team(id);
        self.group_with_key(key).or_else(|| self.add_group(Group::new(key)))
    }

    fn add_group(&mut self, group: Group) -> Option<Handle<Group>> {
        if self.config.watched_only { None } else { self.insert_group(group) }
    }

    pub(super) fn insert_group(&mut self, group: Group) -> Option<Handle<Group>> {
        let added = self.groups.insert(group);
        match added {
            Some(group) => self.groups.mark(group, GroupChanges::NEW),
            None => self.groups.refuse(),
        }
        added
    }

    pub(super) fn end_if_empty(&mut self, group: Handle<Group>) {
        if self.groups.get(group).is_some_and(|group| group.members.is_none() && !group.is_kept()) {
            self.groups.end(group);
        }
    }

    /// Everyone leaves, and the group goes.
    pub(super) fn dissolve(&mut self, group: Handle<Group>) {
        if let Some(group) = self.groups.get_mut(group) {
            (group.watched, group.supervised, group.listed) = (false, false, false);
        }
        self.each_in(group, |this, member, _| {
            this.leave(member);
        });
        self.end_if_empty(group);
    }

    // ---- members ------------------------------------------------------------------------------

    /// The membership of an agent for which `is` holds. The search begins at `hint` and goes around.
    pub(super) fn member(&self, agent: Handle<Agent<ID>>, hint: Link, is: impl Fn(&Of) -> bool) -> Option<Link> {
        let first = self.agents.get(agent)?.members;
        let mut all = self.members.iter(OF_AGENT, hint).chain(self.members.iter(OF_AGENT, first));
        all.find(|(_, member)| is(&member.of)).map(|(link, _)| link)
    }

    /// Enters a membership, which is not there yet. `None` if there is no room.
    pub(super) fn join(&mut self, agent: Handle<Agent<ID>>, of: Of) -> Option<Link> {
        let about = self.agents.get_mut(agent)?;
        let member = self.members.insert(MemberEntry { agent: agent.slot() as u32, of })?;
        self.members.join(OF_AGENT, &mut about.members, member);
        about.in_teams |= of.is_team();
        let state = about.state;
        self.agents.mark(agent, of.changes());
        if let Some((group, _)) = of.group().and_then(|group| self.groups.at(group)) {
            if let Some(group) = self.groups.get_mut(group) {
                self.members.join(OF_GROUP, &mut group.members, member);
                group.counts.add(counted(&of, state));
            }
            self.groups.mark(group, GroupChanges::COUNTS | GroupChanges::MEMBERS);
        }
        Some(member)
    }

    /// Ends a membership; a group that nobody is in goes, and an agent that is logged out and in no team. `None` if
    /// there is no such membership.
    pub(super) fn leave(&mut self, member: Link) -> Option<()> {
        let MemberEntry { agent, of } = *self.members.get(member)?;
        let (agent, _) = self.agents.at(agent as usize)?;
        let about = self.agents.get_mut(agent)?;
        self.members.leave(OF_AGENT, &mut about.members, member);
        about.in_teams &= !about.members.is_none();
        let (state, in_nothing) = (about.state, about.members.is_none());
        self.agents.mark(agent, of.changes());
        if let Some((group, _)) = of.group().and_then(|group| self.groups.at(group)) {
            if let Some(group) = self.groups.get_mut(group) {
                self.members.leave(OF_GROUP, &mut group.members, member);
                group.counts.remove(counted(&of, state));
            }
            self.groups.mark(group, GroupChanges::COUNTS | GroupChanges::MEMBERS);
            self.end_if_empty(group);
        }
        self.members.remove(member);
        if of.is_team() && in_nothing && !is_logged_in(state) {
            self.end(agent);
        }
        Some(())
    }

    /// Ends all memberships of an agent that are `such`.
    pub(super) fn leave_all(&mut self, agent: Handle<Agent<ID>>, such: impl Fn(&Of) -> bool) {
        self.each_of(agent, |this, member, of| {
            if such(of) {
                this.leave(member);
            }
        });
    }

    /// Does something with each membership of an agent, which may end it.
    fn each_of(&mut self, agent: Handle<Agent<ID>>, act: impl FnMut(&mut Self, Link, &Of)) {
        let first = self.agents.get(agent).map_or(Link::NONE, |agent| agent.members);
        self.each(OF_AGENT, first, act);
    }

    /// Does something with each member of a group, which may take it out.
    fn each_in(&mut self, group: Handle<Group>, act: impl FnMut(&mut Self, Link, &Of)) {
        let first = self.groups.get(group).map_or(Link::NONE, |group| group.members);
        self.each(OF_GROUP, first, act);
    }

    fn each(&mut self, list: usize, first: Link, mut act: impl FnMut(&mut Self, Link, &Of)) {
        let mut member = first;
        while let Some(MemberEntry { of, .. }) = self.members.get(member).copied() {
            let next = self.members.next(list, member);
            act(self, member, &of);
            member = next;
        }
    }

    // ---- skill groups -------------------------------------------------------------------------

    /// What a message says of an agent in skill groups of its peripheral.
    pub(super) fn in_skill_groups(
        &mut self,
        agent: Handle<Agent<ID>>,
        said: impl Iterator<Item = InSkillGroup>,
        entered: Second,
    ) {
        let Some(&Agent { peripheral_id, members, .. }) = self.agents.get(agent) else { return };
        let (mut hint, mut is_changed) = (members, false);
        // Messages name the groups of an agent in the same order each time: the next one is mostly where it was. A list is
        // walked faster by its own loop.
        said.map(|said| said.known_at(peripheral_id)).filter(InSkillGroup::is_named).for_each(|said| {
            let known = self.in_same_group(hint, peripheral_id, &said, entered);
            is_changed |= known == Some(true);
            let member = match known {
                Some(_) => Some(hint),
                None => self.in_skill_group(agent, peripheral_id, said, entered, hint),
            };
            hint = member.map_or(Link::NONE, |member| self.members.next(OF_AGENT, member));
        });
        if is_changed {
            self.agents.mark(agent, AgentChanges::SKILL_GROUPS);
        }
    }

    /// If a membership is in the skill group that a message names, by all that the message calls it: what is said of it
    /// there, and whether that is new.
    fn in_same_group(&mut self, member: Link, peripheral_id: u32, said: &InSkillGroup, since: Second) -> Option<bool> {
        let named = GroupKey::SkillGroup { peripheral_id, skill_group_number: said.number };
        let Some(MemberEntry { of: Of::SkillGroup { group, state, priority, entered }, .. }) =
            self.members.get_mut(member)
        else {
            return None;
        };
        let changed = self.groups.change_at(*group as usize, |about| {
            let has_id = [about.skill_group_id, NULL_SKILL_GROUP].contains(&said.id);
            let is_meant = said.number != NULL_SKILL_GROUP && about.key == named && has_id;
            if !is_meant || said.state == AgentState::AGENT_STATE_LOGOUT {
                return (None, GroupChanges::NONE);
            }
            let is_other_priority = core::mem::replace(priority, said.priority) != said.priority;
            let old = core::mem::replace(state, said.state);
            if old == said.state {
                return (Some(is_other_priority), GroupChanges::NONE);
            }
            *entered = since;
            about.counts.remove(old);
            about.counts.add(said.state);
            (Some(true), GroupChanges::COUNTS)
        });
        changed?
    }

    /// The same of any group, which may be new to the agent. The membership, if there is one then.
    fn in_skill_group(
        &mut self,
        agent: Handle<Agent<ID>>,
        peripheral_id: u32,
        said: InSkillGroup,
        since: Second,
        hint: Link,
    ) -> Option<Link> {
        if said.state == AgentState::AGENT_STATE_LOGOUT {
            let group = self.skill_group(peripheral_id, said.number, said.id)?;
            self.leave(self.member(agent, hint, |of| of.is_in(group))?);
            return None;
        }
        let group = self.meet_skill_group(peripheral_id, said.number, said.id)?;
        let Some(member) = self.member(agent, hint, |of| of.is_in(group)) else {
            let (state, priority) = (said.state, said.priority);
            let joined =
                self.join(agent, Of::SkillGroup { group: group.slot() as u32, state, priority, entered: since });
            self.end_if_empty(group);
            return joined;
        };
        self.set_in_skill_group(agent, member, &said, since);
        Some(member)
    }

    fn set_in_skill_group(&mut self, agent: Handle<Agent<ID>>, member: Link, said: &InSkillGroup, since: Second) {
        if let Some(MemberEntry { of: Of::SkillGroup { priority, .. }, .. }) = self.members.get_mut(member)
            && core::mem::replace(priority, said.priority) != said.priority
        {
            self.agents.mark(agent, AgentChanges::SKILL_GROUPS);
        }
        self.set_state_in_group(agent, member, said.state, since);
    }

    fn set_state_in_group(&mut self, agent: Handle<Agent<ID>>, member: Link, new: AgentState, since: Second) {
        let Some(MemberEntry { of: Of::SkillGroup { group, state, entered, .. }, .. }) = self.members.get_mut(member)
        else {
            return;
        };
        let old = core::mem::replace(state, new);
        if old == new {
            return;
        }
        *entered = since;
        self.agents.mark(agent, AgentChanges::SKILL_GROUPS);
        if let Some((group, _)) = self.groups.at(*group as usize) {
            self.move_count(group, old, new);
        }
    }

    fn move_count(&mut self, group: Handle<Group>, old: AgentState, new: AgentState) {
        self.groups.change(group, |group| {
            group.counts.remove(old);
            group.counts.add(new);
            ((), GroupChanges::COUNTS)
        });
    }

    /// The skill groups named are all that the agent is in.
    pub(super) fn only_in_skill_groups(
        &mut self,
        agent: Handle<Agent<ID>>,
        named: impl Iterator<Item = InSkillGroup> + Clone,
    ) {
        let Some(peripheral) = self.agents.get(agent).map(|agent| agent.peripheral_id) else { return };
        self.each_of(agent, |this, member, of| {
            let mut named = named.clone().filter_map(|named| this.skill_group(peripheral, named.number, named.id));
            if matches!(of, Of::SkillGroup { .. }) && !named.any(|group| of.is_in(group)) {
                this.leave(member);
            }
        });
    }

    /// A message about the agent as a whole: its skill groups of the domain take the state over, and those of which
    /// the domain is not known if it is the main one.
    pub(super) fn in_all_skill_groups(
        &mut self,
        agent: Handle<Agent<ID>>,
        domain: i32,
        state: AgentState,
        now: Second,
    ) {
        let main = self.agents.get(agent).map_or(0, |agent| agent.mrdid);
        let is_of = |group: &Group| group.mrdid == domain || group.mrdid == 0 && [0, main].contains(&domain);
        self.each_of(agent, |this, member, of| {
            let group = of.group().and_then(|group| this.groups.at(group));
            if group.is_some_and(|(_, group)| !group.is_team() && is_of(group)) {
                this.set_state_in_group(agent, member, state, now);
            }
        });
    }

    // ---- teams --------------------------------------------------------------------------------

    /// The agent is in the team; whether it was known to be and, in the list that is being read, was already named.
    pub(super) fn in_team(&mut self, agent: Handle<Agent<ID>>, team: Handle<Group>, now: AgentFlags) {
        let Some(member) = self.member(agent, Link::NONE, |of| of.is_in(team)) else {
            self.join(agent, Of::Team { group: team.slot() as u32, flags: now, is_listed: true });
            return;
        };
        let Some(MemberEntry { of: Of::Team { flags, is_listed, .. }, .. }) = self.members.get_mut(member) else {
            return;
        };
        *is_listed = true;
        if core::mem::replace(flags, now) != now {
            self.agents.mark(agent, AgentChanges::TEAMS);
            self.groups.mark(team, GroupChanges::MEMBERS);
        }
    }

    /// The state of an agent has changed from `old` to `new`: its teams count anew.
    pub(super) fn count_in_teams(&mut self, agent: Handle<Agent<ID>>, old: AgentState, new: AgentState) {
        if !self.agents.get(agent).is_some_and(|agent| agent.in_teams) {
            return;
        }
        self.each_of(agent, |this, _, of| {
            let group = of.group().filter(|_| of.is_team()).and_then(|group| this.groups.at(group));
            if let Some((team, _)) = group {
                this.move_count(team, old, new);
            }
        });
    }

    /// Whether the list of members that is being read has named the agent already.
    pub(super) fn is_listed(&self, agent: Handle<Agent<ID>>, team: Handle<Group>) -> bool {
        let listed = |of: &Of| of.is_in(team) && matches!(of, Of::Team { is_listed: true, .. });
        self.member(agent, Link::NONE, listed).is_some()
    }

    /// A list of members begins.
    pub(super) fn begin_list(&mut self, team: Handle<Group>) {
        self.each_in(team, |this, member, _| {
            if let Some(MemberEntry { of: Of::Team { is_listed, .. }, .. }) = this.members.get_mut(member) {
                *is_listed = false;
            }
        });
    }

    /// A list of members is complete: who is not in it is not in the team.
    pub(super) fn end_list(&mut self, team: Handle<Group>) {
        self.each_in(team, |this, member, of| {
            if matches!(of, Of::Team { is_listed: false, .. }) {
                this.leave(member);
            }
        });
    }
}

/// The state in which a group counts a member.
fn counted(of: &Of, own: AgentState) -> AgentState {
    match of {
        Of::SkillGroup { state, .. } => *state,
        _ => own,
    }
}
