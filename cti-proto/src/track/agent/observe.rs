//! Which message says what.

use crate::error::DecodeError;
use crate::message::{
    AgentTeamConfigEvent, ConfigAgentEvent, ConfigSkillGroupEvent, FltSkillGroup, ListAgentTeamConf, MessageType,
    Peripheral, TeamAgent, TeamConfigConf, TeamConfigEvent,
};
use crate::session::Instant;
use crate::track::Observed;
use crate::track::agent::entry::key;
use crate::track::agent::entry::{Agent, AgentCall, AgentChanges};
use crate::track::agent::group::{Group, GroupChanges, GroupKey};
use crate::track::agent::membership::{InSkillGroup, Such};
use crate::track::agent::report::{Doing, Who};
use crate::track::agent::{AgentConfig, AgentParts, AgentTracker, CCX_PERIPHERAL};
use crate::track::handle::Handle;
use crate::track::heard::heard;
use crate::track::second::Second;
use crate::track::text::Kept;
use crate::track::told::Told;
use crate::value::{AgentState, ConfigOperation, MoreFlag, NULL_PERIPHERAL_ID, RecordType, SystemEventId};
use crate::wire::{Frame, List, Text};

/// Slots that are looked at for stale agents to be forgotten, with each message.
const SWEPT_BY_MESSAGE: usize = 1;
/// Skill groups in a QUERY_AGENT_STATE_CONF at most: a list that is shorter is complete.
const MOST_SKILL_GROUPS: usize = 20;
/// Members in an AGENT_TEAM_CONFIG_EVENT at most: a list that is shorter is complete.
const MOST_TEAM_AGENTS: usize = 64;
/// `Operation` of TEAM_CONFIG_EVENT: the team was removed.
const TEAM_REMOVED: u16 = 2;
/// `MemberType` of TEAM_CONFIG_EVENT up to which a member is an agent; the others are queues. The numbers are not
/// documented.
const LAST_AGENT_TYPE: u16 = 1;

heard! {
    /// Whether a message says what an agent does, or of all that it may not be known any more.
    fn is_of_states;

    impl['s, const ID: usize] AgentTracker<'s, ID>;
    fn hear_of_states(self, told: &Told<'_>, now) {
        AGENT_STATE_EVENT => self.agent_state(told, now);
        QUERY_AGENT_STATE_CONF => self.agent_state(told, now);
        OPEN_CONF => self.opened(told, now);
        SYSTEM_EVENT => self.system_event(told);
    }
}

heard! {
    /// Whether a message is one of skill groups or teams.
    fn is_of_groups;

    impl['s, const ID: usize] AgentTracker<'s, ID>;
    fn hear_of_groups(self, frame: &Frame<'_>, now) -> Result<(), DecodeError> {
        AGENT_TEAM_CONFIG_EVENT => self.team_config(&frame.decode()?, now);
        TEAM_CONFIG_EVENT => self.ccx_team_config(&frame.decode()?, now);
        TEAM_CONFIG_CONF => self.ccx_teams_told(&frame.decode()?);
        LIST_AGENT_TEAM_CONF => self.supervised_teams(&frame.decode()?);
        CONFIG_SKILL_GROUP_EVENT => self.group_config(&frame.decode()?, frame);
    }
}

heard! {
    /// Whether a message is one of the calls that agents are in.
    fn is_of_calls;

    impl['s, const ID: usize] AgentTracker<'s, ID>;
    fn hear_of_calls(self, told: &Told<'_>) {
        AGENT_PRE_CALL_EVENT => self.pre_call(told);
        AGENT_PRE_CALL_ABORT_EVENT => self.pre_call_abort(told);
        RTP_STARTED_EVENT => self.rtp(told, true);
        RTP_STOPPED_EVENT => self.rtp(told, false);
    }
}

heard! {
    /// Whether a message is one of the configuration of agents.
    fn is_of_configuration;

    impl['s, const ID: usize] AgentTracker<'s, ID>;
    fn hear_of_configuration(self, frame: &Frame<'_>, now) -> Result<(), DecodeError> {
        CONFIG_AGENT_EVENT => self.agent_config(&frame.decode()?, frame, now);
    }
}

/// What not every tracker does. It is called by pointers that are set where a tracker is made, so that a program has only
/// what it uses.
#[derive(Clone, Copy)]
pub(super) struct Extras<const ID: usize> {
    pub(super) members: Option<&'static Members<ID>>,
    groups: Option<&'static Groups<ID>>,
    calls: Option<fn(&mut AgentTracker<'_, ID>, &Told<'_>)>,
    configuration: Option<Hearing<ID>>,
}

type Hearing<const ID: usize> = fn(&mut AgentTracker<'_, ID>, &Frame<'_>, Second) -> Result<(), DecodeError>;

/// What is done about skill groups and teams.
struct Groups<const ID: usize> {
    hear: Hearing<ID>,
    of_agent: fn(&mut AgentTracker<'_, ID>, Handle<Agent<ID>>, &Told<'_>, Second),
    forget_leaving: fn(&mut AgentTracker<'_, ID>),
}

impl<const ID: usize> Groups<ID> {
    const ALL: Self = Self {
        hear: |tracker, frame, now| tracker.hear_of_groups(frame, now),
        of_agent: |tracker, agent, told, now| tracker.groups_of_agent(agent, told, now),
        forget_leaving: |tracker| tracker.groups.forget_leaving(),
    };
}

/// What is done about memberships of an agent, where its own states are told of.
pub(super) struct Members<const ID: usize> {
    /// Ends those that are such.
    pub(super) leave: fn(&mut AgentTracker<'_, ID>, Handle<Agent<ID>>, Such),
    /// Puts the main domain beside the others.
    pub(super) demote_main: fn(&mut AgentTracker<'_, ID>, Handle<Agent<ID>>),
    /// Takes that the agent is logged out of the main domain.
    pub(super) log_out: fn(&mut AgentTracker<'_, ID>, Handle<Agent<ID>>, &Doing, Second),
    /// Takes what is said of a domain beside the main one.
    pub(super) apply_beside: fn(&mut AgentTracker<'_, ID>, Handle<Agent<ID>>, &Doing, Second),
    /// Has the teams count a new state in the place of the old one.
    pub(super) count_in_teams: fn(&mut AgentTracker<'_, ID>, Handle<Agent<ID>>, AgentState, AgentState),
}

impl<const ID: usize> Members<ID> {
    const ALL: Self = Self {
        leave: |tracker, agent, such| tracker.leave_all(agent, |of| such.is(of)),
        demote_main: |tracker, agent| tracker.demote_main(agent),
        log_out: |tracker, agent, doing, now| tracker.log_out(agent, doing, now),
        apply_beside: |tracker, agent, doing, now| tracker.apply_beside(agent, doing, now),
        count_in_teams: |tracker, agent, old, new| tracker.count_in_teams(agent, old, new),
    };
}

impl<const ID: usize> Extras<ID> {
    #[inline]
    pub(super) fn new(config: &AgentConfig, parts: &AgentParts<'_, ID>) -> Self {
        // Without room, groups that are not watched would still be counted as refused.
        let has_groups = !parts.groups.is_empty() || !config.watched_only;
        let configuration: Hearing<ID> = |tracker, frame, now| tracker.hear_of_configuration(frame, now);
        Self {
            members: (has_groups || !parts.members.is_empty()).then_some(&Members::ALL),
            groups: has_groups.then_some(&Groups::ALL),
            calls: if config.calls { Some(|tracker, told| tracker.hear_of_calls(told)) } else { None },
            configuration: config.configuration.then_some(configuration),
        }
    }

    fn hearing(&self, message: MessageType) -> Option<Hearing<ID>> {
        match message {
            message if is_of_groups(message) => self.groups.map(|groups| groups.hear),
            message if is_of_configuration(message) => self.configuration,
            _ => None,
        }
    }
}

impl<const ID: usize> AgentTracker<'_, ID> {
    /// Takes what a message says of agents, skill groups and teams.
    ///
    /// # Errors
    /// [`DecodeError`] if the message is one of these, and its body ends too soon, or has a field of a size that it cannot
    /// have. Of fields that say nothing to trackers the size is not looked at.
    #[inline]
    pub fn observe(&mut self, now: Instant, frame: &Frame<'_>) -> Result<Observed, DecodeError> {
        if !self.hears(frame.message_type()) {
            return self.observe_other(now, frame);
        }
        let mut told = Told::new(frame);
        told.read()?;
        Ok(self.take(now, &told))
    }

    /// Whether a message tells the tracker anything in the form that is common to all trackers.
    #[inline]
    pub(in crate::track) fn hears(&self, message: MessageType) -> bool {
        is_of_states(message) || self.extras.calls.is_some() && is_of_calls(message)
    }

    /// Takes what a message says that it hears.
    pub(in crate::track) fn take(&mut self, now: Instant, told: &Told<'_>) -> Observed {
        self.forget_leaving();
        let before = self.marks();
        match self.extras.calls {
            Some(hear_of_calls) if is_of_calls(told.message_type()) => hear_of_calls(self, told),
            _ => self.hear_of_states(told, Second::of(now)),
        }
        self.changed_since(before)
    }

    /// Takes what any other message says: the few that the tracker reads by itself.
    #[inline]
    pub(in crate::track) fn observe_other(&mut self, now: Instant, frame: &Frame<'_>) -> Result<Observed, DecodeError> {
        self.forget_leaving();
        // Most messages are of something else.
        let Some(hearing) = self.extras.hearing(frame.message_type()) else { return Ok(Observed::Irrelevant) };
        let before = self.marks();
        hearing(self, frame, Second::of(now))?;
        Ok(self.changed_since(before))
    }

    fn forget_leaving(&mut self) {
        self.agents.forget_leaving();
        if let Some(groups) = self.extras.groups.filter(|_| self.groups.leaving().is_some()) {
            (groups.forget_leaving)(self);
        }
    }

    const fn marks(&self) -> (u32, u32) {
        (self.agents.marks(), self.groups.marks())
    }

    fn changed_since(&mut self, before: (u32, u32)) -> Observed {
        self.look_for_stale(SWEPT_BY_MESSAGE);
        if before == self.marks() { Observed::Unchanged } else { Observed::Changed }
    }

    // ---- states -------------------------------------------------------------------------------

    fn agent_state(&mut self, told: &Told<'_>, now: Second) {
        let agent = self.tell(&Who::of(told, self.home), &Doing::of(told), now);
        if let (Some(agent), Some(groups)) = (agent, self.extras.groups) {
            (groups.of_agent)(self, agent, told, now);
        }
    }

    fn groups_of_agent(&mut self, agent: Handle<Agent<ID>>, told: &Told<'_>, now: Second) {
        match told.message_type() {
            MessageType::QUERY_AGENT_STATE_CONF => self.groups_of_query(agent, told, now),
            _ => self.groups_of_event(agent, told, now),
        }
    }

    fn groups_of_event(&mut self, agent: Handle<Agent<ID>>, told: &Told<'_>, now: Second) {
        let entered = now.before(told.state_duration());
        let mut is_listed = false;
        let listed = told.items::<FltSkillGroup>().inspect(|_| is_listed = true);
        self.in_skill_groups(agent, listed.map(InSkillGroup::from), entered);
        if is_listed {
            return;
        }
        let group = InSkillGroup {
            number: told.skill_group_number(),
            id: told.skill_group_id(),
            priority: told.skill_group_priority(),
            state: told.skill_group_state(),
        };
        // Unified CCX tells of the agent as a whole with the state 0 in the place of a queue's.
        let is_whole = told.protocol().is_ccx() && group.state == AgentState::AGENT_STATE_LOGIN;
        if group.is_named() && !is_whole {
            return self.in_skill_groups(agent, core::iter::once(group), entered);
        }
        self.in_all_skill_groups(agent, told.mrdid(), told.agent_state(), entered);
    }

    fn groups_of_query(&mut self, agent: Handle<Agent<ID>>, told: &Told<'_>, now: Second) {
        let groups = told.items::<FltSkillGroup>().map(InSkillGroup::from);
        if groups.clone().count() < MOST_SKILL_GROUPS {
            self.only_in_skill_groups(agent, groups.clone());
        }
        self.in_skill_groups(agent, groups, now);
    }

    /// Notes who the agent is and what it does. The agent, if it is logged in then.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    fn tell(&mut self, who: &Who<'_>, doing: &Doing, now: Second) -> Option<Handle<Agent<ID>>> {
        let agent = self.meet(who, doing, false, now)?;
        self.apply(agent, doing, now).then_some(agent)
    }

    fn opened(&mut self, told: &Told<'_>, now: Second) {
        self.losses.everywhere();
        let only = told.numbers_of_items::<Peripheral>().map(Some).reduce(|_, _| None);
        self.home = only.flatten().unwrap_or(NULL_PERIPHERAL_ID);
        let who = Who::of_open(told, self.home);
        if who.is_named() {
            self.tell(&who, &Doing::plain(told.agent_state()), now);
        }
    }

    fn system_event(&mut self, told: &Told<'_>) {
        match told.system_event_id() {
            SystemEventId::SYS_PERIPHERAL_OFFLINE if !told.protocol().is_ccx() => {
                self.losses.at(told.system_event_arg1());
            }
            SystemEventId::SYS_PERIPHERAL_OFFLINE
            | SystemEventId::SYS_PERIPHERAL_GATEWAY_OFFLINE
            | SystemEventId::SYS_CTI_SERVER_OFFLINE => self.losses.everywhere(),
            _ => {}
        }
    }

    // ---- calls --------------------------------------------------------------------------------

    fn pre_call(&mut self, told: &Told<'_>) {
        let Some(agent) = self.whom(&Who::of(told, self.home).cut()) else { return };
        let announced = announced(told);
        // One that comes late, behind the call itself, tells nothing new.
        self.change_call(agent, |call| if matches!(call, AgentCall::Talking { .. }) { call } else { announced });
    }

    fn pre_call_abort(&mut self, told: &Told<'_>) {
        let Some(instrument) = told.agent_instrument().map(Text::as_bytes) else { return };
        let Some(agent) = self.at_place(key::INSTRUMENT, NULL_PERIPHERAL_ID, instrument) else { return };
        let announced = announced(told);
        self.change_call(agent, |call| if call == announced { AgentCall::None } else { call });
    }

    fn rtp(&mut self, told: &Told<'_>, on: bool) {
        let Some(agent) = self.whom(&Who::of(told, self.home).cut()) else { return };
        let talking = AgentCall::Talking { connection_call_id: told.call_id() };
        self.change_call(agent, |call| match on {
            true => talking,
            false if call == talking => AgentCall::None,
            false => call,
        });
    }

    fn change_call(&mut self, agent: Handle<Agent<ID>>, change: impl FnOnce(AgentCall) -> AgentCall) {
        let Some(about) = self.agents.get_mut(agent) else { return };
        let call = change(about.call);
        if core::mem::replace(&mut about.call, call) != call {
            self.agents.mark(agent, AgentChanges::CALL);
        }
    }

    // ---- teams --------------------------------------------------------------------------------

    fn team_config(&mut self, event: &AgentTeamConfigEvent<'_>, now: Second) {
        let Some(team) = self.meet_team(event.team_id) else { return };
        self.rename(team, event.agent_team_name);
        let agents = &event.agents;
        match event.config_operation {
            ConfigOperation::REMOVE_AGENT => self.remove_from_team(team, event.peripheral_id, agents),
            ConfigOperation::ADD_AGENT => self.add_to_team(team, event.peripheral_id, agents, now),
            _ => self.list_team(team, event.peripheral_id, agents, now),
        }
        self.end_if_empty(team);
    }

    /// The members listed are the team. A list of 64 is taken up by the next one, unless that begins with an agent
    /// already listed.
    fn list_team(&mut self, team: Handle<Group>, peripheral: u32, agents: &List<'_, TeamAgent<'_>>, now: Second) {
        let first = agents.iter().next().and_then(|agent| self.whom(&Who::of_id(peripheral, agent.agent_id)));
        let goes_on = self.groups.get(team).is_some_and(|team| team.is_partial)
            && !first.is_some_and(|first| self.is_listed(first, team));
        if !goes_on {
            self.begin_list(team);
        }
        self.add_to_team(team, peripheral, agents, now);
        let is_partial = agents.len() >= MOST_TEAM_AGENTS;
        if let Some(team) = self.groups.get_mut(team) {
            team.is_partial = is_partial;
        }
        if !is_partial {
            self.end_list(team);
        }
    }

    fn add_to_team(&mut self, team: Handle<Group>, peripheral: u32, agents: &List<'_, TeamAgent<'_>>, now: Second) {
        for member in agents.iter() {
            let (who, doing) = (Who::of_id(peripheral, member.agent_id), Doing::of_team_agent(&member));
            let Some(agent) = self.meet(&who, &doing, true, now) else { continue };
            self.in_team(agent, team, member.flags);
            self.apply(agent, &doing, now);
        }
    }

    fn remove_from_team(&mut self, team: Handle<Group>, peripheral: u32, agents: &List<'_, TeamAgent<'_>>) {
        for member in agents.iter() {
            if let Some(agent) = self.whom(&Who::of_id(peripheral, member.agent_id)) {
                self.leave_all(agent, |of| of.is_in(team));
            }
        }
    }

    fn rename(&mut self, group: Handle<Group>, name: Option<Text<'_>>) {
        let Some((group_now, name)) = self.groups.get_mut(group).zip(name) else { return };
        if !group_now.name.is(name) {
            group_now.name = Kept::new(name);
            self.groups.mark(group, GroupChanges::NAME);
        }
    }

    fn ccx_team_config(&mut self, event: &TeamConfigEvent<'_>, now: Second) {
        if event.operation == TEAM_REMOVED {
            if let Some(team) = self.group_with_key(GroupKey::Team(event.team_id)) {
                self.dissolve(team);
            }
            return;
        }
        let Some(team) = self.meet_team(event.team_id) else { return };
        self.rename(team, event.team_name);
        if let Some(team) = self.groups.get_mut(team) {
            team.heard = self.losses.latest();
        }
        for member in event.members.iter().filter(|member| member.member_type <= LAST_AGENT_TYPE) {
            let who = Who::of_team_member(&member);
            // What state a member is in is not said.
            let doing = Doing::plain(AgentState::AGENT_STATE_UNKNOWN);
            if member.record_type == RecordType::CONFIG_RECORD_DELETE {
                if let Some(agent) = self.whom(&who) {
                    self.leave_all(agent, |of| of.is_in(team));
                }
            } else if let Some(agent) = self.meet(&who, &doing, true, now) {
                self.in_team(agent, team, member.flags);
            }
        }
        self.end_if_empty(team);
    }

    /// All teams were told: those that were not are none any more.
    fn ccx_teams_told(&mut self, conf: &TeamConfigConf<'_>) {
        if conf.team_config_status != 0 {
            return;
        }
        let latest = self.losses.latest();
        for slot in 0..self.groups.counters().capacity {
            if let Some((group, _)) = self.groups.at(slot).filter(|(_, group)| group.is_team() && group.heard != latest)
            {
                self.dissolve(group);
            }
        }
    }

    /// The teams that the supervisor may monitor: those that no part of the list names are none of them any more.
    fn supervised_teams(&mut self, conf: &ListAgentTeamConf<'_>) {
        let latest = self.losses.latest();
        for named in conf.teams.iter() {
            if let Some(team) = self.meet_team(named.team_id) {
                self.supervise(team, true);
                if let Some(team) = self.groups.get_mut(team) {
                    (team.listed, team.heard) = (true, latest);
                }
            }
        }
        if conf.more != MoreFlag::LAST_MESSAGE {
            return;
        }
        for slot in 0..self.groups.counters().capacity {
            let Some((team, _)) = self.groups.at(slot) else { continue };
            let Some(about) = self.groups.get_mut(team) else { continue };
            let is_named = core::mem::take(&mut about.listed) && about.heard == latest;
            self.supervise(team, is_named);
            self.end_if_empty(team);
        }
    }

    fn supervise(&mut self, team: Handle<Group>, supervised: bool) {
        if let Some(about) = self.groups.get_mut(team)
            && core::mem::replace(&mut about.supervised, supervised) != supervised
        {
            self.groups.mark(team, GroupChanges::SUPERVISED);
        }
    }

    // ---- configuration ------------------------------------------------------------------------

    fn agent_config(&mut self, event: &ConfigAgentEvent<'_>, frame: &Frame<'_>, now: Second) {
        for record in event.records.iter() {
            let who = Who::of_record(&record, frame.protocol(), self.home);
            if let Some(old) = record.old_login_id.and_then(|old| self.whom(&Who::of_id(who.peripheral, old))) {
                self.rename_agent(old, record.login_id);
            }
            if record.record_type == Some(RecordType::CONFIG_RECORD_DELETE) {
                if let Some(agent) = self.whom(&who) {
                    self.forget(agent);
                }
                continue;
            }
            for domain in record.mrds.iter() {
                self.tell(&who, &Doing { domain: domain.id as i32, ..Doing::plain(domain.state) }, now);
            }
            if let Some(state) = record.ccx_agent_state {
                self.tell(&who, &Doing::plain(state), now);
            } else if let Some(agent) = self.whom(&who) {
                self.identify(agent, &who);
            }
        }
    }

    /// The login ID of an agent is another one now.
    fn rename_agent(&mut self, agent: Handle<Agent<ID>>, id: Option<Text<'_>>) {
        let Some((about, id)) = self.agents.get(agent).zip(id.map(Text::as_bytes)) else { return };
        if about.id.has(id) {
            return;
        }
        if self.by_id(about.peripheral_id, id, 0).is_some() {
            return self.forget(agent);
        }
        self.agents.edit(agent, |agent| agent.id = Kept::of(id));
        self.agents.mark(agent, AgentChanges::IDENTITY);
    }

    fn group_config(&mut self, event: &ConfigSkillGroupEvent<'_>, frame: &Frame<'_>) {
        for record in event.records.iter() {
            let ccx = frame.protocol().is_ccx();
            let said = record.flt_peripheral_id.unwrap_or(NULL_PERIPHERAL_ID);
            let peripheral_id = if ccx { CCX_PERIPHERAL } else { said };
            let Some(number) = record.peripheral_number else { continue };
            let by = |number| GroupKey::SkillGroup { peripheral_id, skill_group_number: number };
            let old = record.old_peripheral_number.and_then(|old| self.group_with_key(by(old)));
            let Some(group) = old.or_else(|| self.group_with_key(by(number))) else { continue };
            if record.record_type == Some(RecordType::CONFIG_RECORD_DELETE) {
                self.dissolve(group);
                continue;
            }
            if let Some(taken) = self.group_with_key(by(number)).filter(|taken| *taken != group) {
                self.dissolve(taken);
            }
            self.name_skill_group(group, by(number), record.skill_group_skill_target_id.unwrap_or(u32::MAX));
            self.rename(group, record.peripheral_name);
            if let Some((group, mrdid)) = self.groups.get_mut(group).zip(record.flt_mr_domain_id) {
                group.mrdid = mrdid as i32;
            }
        }
    }
}

fn announced(told: &Told<'_>) -> AgentCall {
    AgentCall::Announced {
        router_call_key_day: told.router_call_key_day().unwrap_or_default(),
        router_call_key_call_id: told.router_call_key_call_id().unwrap_or_default(),
    }
}

impl From<FltSkillGroup> for InSkillGroup {
    fn from(FltSkillGroup { number, id, priority, state }: FltSkillGroup) -> Self {
        Self { number, id, priority, state }
    }
}
