//! Agents at work: streams of events that a contact centre may send.

use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

use proptest::collection::{SizeRange, vec as vec_of};
use proptest::prelude::*;

use super::owned::{OwnedFrame, OwnedStream};
use crate::message::{
    AgentSkillGroup, AgentStateEvent, AgentTeamConfigEvent, Body, FltSkillGroup, QueryAgentStateConf, TeamAgent,
    TeamConfigEvent, TeamMember,
};
use crate::protocol::Protocol;
use crate::value::{AgentFlags, AgentMode, AgentState, CallDirection, ConfigOperation, NULL_SKILL_GROUP, RecordType};
use crate::wire::{List, Text};

/// Peripheral of all agents; on Unified CCX it is 1.
const PERIPHERAL: u32 = 5000;
/// First number of a team.
const FIRST_TEAM: u32 = 9_000;

/// Agents who log in, get ready, take calls, wrap up and leave, in skill groups and in teams, as the events tell that a
/// server sends. A plain value: every method gives a changed copy, or a strategy.
///
/// Login IDs are `1001` and up, extensions `5001` and up, skill groups 1 and up at peripheral 5000 (Unified CCX: 1),
/// teams 9000 and up. An agent mostly logs in at the extension of the same number, now and then at another one that is
/// free. Each event is one that may follow the one before, so that a shorter stream is a stream, too; losses and
/// duplicates are put in afterwards.
///
/// ```
/// use cti_proto::strategy::Shift;
/// use cti_proto::{MessageType, Protocol};
/// use proptest::prelude::*;
///
/// let events = Shift::new(Protocol::cce(24)?).agents(10).events(0..50);
/// proptest!(|(events in events)| {
///     prop_assert!(events.iter().all(|event| event.frame().message().is_ok()));
/// });
/// # Ok::<_, cti_proto::UnsupportedVersion>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Shift {
    protocol: Protocol,
    agents: u16,
    groups: u16,
    teams: u16,
    duplicates: f64,
    losses: f64,
    to_the_end: bool,
}

/// One thing that happens: to which agent, and what of all that may.
#[derive(Clone, Copy, Debug)]
struct Happening {
    agent: u16,
    choice: u8,
    is_lost: bool,
    is_doubled: bool,
}

impl Shift {
    /// Eight agents, four skill groups, two teams; nothing is lost or doubled.
    pub const fn new(protocol: Protocol) -> Self {
        Self { protocol, agents: 8, groups: 4, teams: 2, duplicates: 0.0, losses: 0.0, to_the_end: false }
    }

    /// How many agents there are at most, 1 to 1,000.
    pub const fn agents(self, agents: u16) -> Self {
        Self { agents: if agents == 0 { 1 } else { agents }, ..self }
    }

    /// How many skill groups there are; an agent is in up to three.
    pub const fn groups(self, groups: u16) -> Self {
        Self { groups, ..self }
    }

    /// How many teams there are; an agent is in one.
    pub const fn teams(self, teams: u16) -> Self {
        Self { teams, ..self }
    }

    /// How probable it is that an event comes twice, as through a second monitor; 0 to 1.
    pub const fn duplicates(self, probability: f64) -> Self {
        Self { duplicates: probability, ..self }
    }

    /// How probable it is that an event is lost; 0 to 1.
    pub const fn losses(self, probability: f64) -> Self {
        Self { losses: probability, ..self }
    }

    /// Whether at the end all agents log out and all teams are dissolved, none of which is lost.
    pub const fn to_the_end(self, to_the_end: bool) -> Self {
        Self { to_the_end, ..self }
    }

    /// The events of `len` happenings.
    pub fn events(self, len: impl Into<SizeRange>) -> BoxedStrategy<Vec<OwnedFrame>> {
        let clamp = |probability: f64| probability.clamp(0.0, 1.0);
        let happening = (
            0..self.agents,
            any::<u8>(),
            proptest::bool::weighted(clamp(self.losses)),
            proptest::bool::weighted(clamp(self.duplicates)),
        )
            .prop_map(|(agent, choice, is_lost, is_doubled)| Happening { agent, choice, is_lost, is_doubled });
        vec_of(happening, len).prop_map(move |happenings| Floor::new(self).play(&happenings)).boxed()
    }

    /// The same, one behind the other.
    pub fn stream(self, len: impl Into<SizeRange>) -> BoxedStrategy<OwnedStream> {
        let protocol = self.protocol;
        self.events(len).prop_map(move |events| OwnedStream::of(protocol, &events)).boxed()
    }
}

/// What is true, whether it is told or not.
struct Floor {
    shift: Shift,
    desks: Vec<Desk>,
    teams: Vec<Vec<u16>>,
}

#[derive(Clone, Copy)]
struct Desk {
    state: AgentState,
    extension: u16,
}

impl Floor {
    fn new(shift: Shift) -> Self {
        let away = Desk { state: AgentState::AGENT_STATE_LOGOUT, extension: 0 };
        Self { shift, desks: vec![away; shift.agents.into()], teams: vec![Vec::new(); shift.teams.into()] }
    }

    fn play(mut self, happenings: &[Happening]) -> Vec<OwnedFrame> {
        let mut told = Vec::new();
        for happening in happenings {
            let Some(event) = self.happens(happening.agent, happening.choice) else { continue };
            let times = if happening.is_lost { 0 } else { usize::from(happening.is_doubled).saturating_add(1) };
            told.extend(std::iter::repeat_n(event, times));
        }
        if self.shift.to_the_end {
            told.extend((0..self.shift.agents).map(|agent| {
                self.set(agent, AgentState::AGENT_STATE_LOGOUT);
                self.state_event(agent, 0)
            }));
            self.teams.iter_mut().for_each(Vec::clear);
            told.extend((0..self.shift.teams).map(|team| self.team_event(team, ConfigOperation(0), &[])));
        }
        told
    }

    fn happens(&mut self, agent: u16, choice: u8) -> Option<OwnedFrame> {
        match choice {
            // Of 256 choices nearly all are work.
            0..8 => self.change_team(agent, choice),
            8..24 => Some(self.confirmation(agent)),
            24..40 => Some(self.state_event(agent, choice)),
            _ => {
                self.work(agent, choice);
                Some(self.state_event(agent, choice))
            }
        }
    }

    fn desk(&self, agent: u16) -> Desk {
        let away = Desk { state: AgentState::AGENT_STATE_LOGOUT, extension: 0 };
        self.desks.get(usize::from(agent)).copied().unwrap_or(away)
    }

    fn set(&mut self, agent: u16, state: AgentState) {
        if let Some(desk) = self.desks.get_mut(usize::from(agent)) {
            desk.state = state;
        }
    }

    /// The agent does what may come next.
    fn work(&mut self, agent: u16, choice: u8) {
        const NOT_READY: AgentState = AgentState::AGENT_STATE_NOT_READY;
        const AVAILABLE: AgentState = AgentState::AGENT_STATE_AVAILABLE;
        const TALKING: AgentState = AgentState::AGENT_STATE_TALKING;
        const WORK_NOT_READY: AgentState = AgentState::AGENT_STATE_WORK_NOT_READY;
        let next: &[AgentState] = match self.desk(agent).state {
            AgentState::AGENT_STATE_LOGOUT => return self.log_in(agent, choice),
            NOT_READY => &[AVAILABLE, TALKING, AgentState::AGENT_STATE_LOGOUT],
            AVAILABLE => &[AgentState::AGENT_STATE_RESERVED, TALKING, NOT_READY],
            AgentState::AGENT_STATE_RESERVED => &[TALKING, TALKING, NOT_READY],
            TALKING => &[AgentState::AGENT_STATE_HOLD, WORK_NOT_READY, AgentState::AGENT_STATE_WORK_READY],
            AgentState::AGENT_STATE_HOLD => &[TALKING],
            AgentState::AGENT_STATE_WORK_READY => &[AVAILABLE],
            _ => &[NOT_READY],
        };
        let next = next.iter().cycle().nth(choice.into()).copied().unwrap_or(NOT_READY);
        // Unified CCX knows one kind of work, and nobody there is on hold.
        let next = match next {
            AgentState::AGENT_STATE_WORK_READY if self.shift.protocol.is_ccx() => WORK_NOT_READY,
            AgentState::AGENT_STATE_HOLD if self.shift.protocol.is_ccx() => WORK_NOT_READY,
            next => next,
        };
        self.set(agent, next);
    }

    /// Mostly at the own extension, if it is free.
    fn log_in(&mut self, agent: u16, choice: u8) {
        // Now and then at another desk: the tracker has to notice that the device has moved.
        let own = if choice.is_multiple_of(5) {
            u16::from(choice).checked_rem(self.shift.agents).unwrap_or(agent)
        } else {
            agent
        };
        let is_free = |extension: u16| {
            let mut taken = self.desks.iter().filter(|desk| desk.state != AgentState::AGENT_STATE_LOGOUT);
            !taken.any(|desk| desk.extension == extension)
        };
        let extension = core::iter::once(own).chain(0..self.shift.agents).find(|extension| is_free(*extension));
        if let Some((desk, extension)) = self.desks.get_mut(usize::from(agent)).zip(extension) {
            *desk = Desk { state: AgentState::AGENT_STATE_NOT_READY, extension };
        }
    }

    /// The skill groups of an agent, with its state in each: busy in all but the one that it talks for.
    fn groups(&self, agent: u16) -> Vec<(u32, AgentState)> {
        let state = self.desk(agent).state;
        // None to three, which overlap with those of the next agents.
        let count = (agent % 4).min(self.shift.groups);
        let number = |nth: u16| {
            u32::from((agent / 2).saturating_add(nth).checked_rem(self.shift.groups).unwrap_or_default())
                .saturating_add(1)
        };
        let of = |nth: u16| match state {
            AgentState::AGENT_STATE_TALKING if nth > 0 => AgentState::AGENT_STATE_BUSY_OTHER,
            state => state,
        };
        (0..count).map(|nth| (number(nth), of(nth))).collect()
    }

    fn peripheral(&self) -> u32 {
        if self.shift.protocol.is_ccx() { 1 } else { PERIPHERAL }
    }

    fn state_event(&self, agent: u16, choice: u8) -> OwnedFrame {
        let (desk, id) = (self.desk(agent), login_id(agent));
        let extension = format!("{}", 5_001 + u32::from(desk.extension));
        let groups: Vec<_> = self
            .groups(agent)
            .iter()
            .map(|&(number, state)| FltSkillGroup { number, id: NULL_SKILL_GROUP, priority: 0, state })
            .collect();
        // Events of the agent as a whole name no groups.
        let is_whole = choice.is_multiple_of(16);
        let is_ccx = self.shift.protocol.is_ccx();
        let on_call = desk.state == AgentState::AGENT_STATE_TALKING;
        let has_reason = [AgentState::AGENT_STATE_NOT_READY, AgentState::AGENT_STATE_LOGOUT].contains(&desk.state);
        let event = AgentStateEvent {
            peripheral_id: self.peripheral(),
            skill_group_state: if is_ccx { AgentState::AGENT_STATE_LOGIN } else { desk.state },
            agent_state: desk.state,
            event_reason_code: if has_reason { u16::from(choice % 4) } else { 0 },
            mrdid: 1,
            num_tasks: u32::from(on_call && !is_ccx),
            agent_mode: if is_ccx { AgentMode::NOT_ROUTABLE } else { AgentMode::ROUTABLE },
            icm_agent_id: if is_ccx { 0 } else { i32::from(agent).saturating_add(7_000) },
            agent_id: Some(Text::from(&*id)),
            agent_extension: Some(Text::from(&*extension)),
            direction: (self.shift.protocol.version() >= 16 && !is_ccx).then_some(if on_call {
                CallDirection::IN
            } else {
                CallDirection::NONE
            }),
            flt_skill_groups: if is_whole || self.shift.protocol.version() < 10 {
                List::EMPTY
            } else {
                List::new(&groups)
            },
            ..AgentStateEvent::default()
        };
        self.frame(&event)
    }

    fn confirmation(&self, agent: u16) -> OwnedFrame {
        let (desk, id) = (self.desk(agent), login_id(agent));
        let groups = if desk.state == AgentState::AGENT_STATE_LOGOUT { Vec::new() } else { self.groups(agent) };
        let groups: Vec<_> = groups
            .iter()
            .map(|&(number, state)| AgentSkillGroup { number, id: NULL_SKILL_GROUP, priority: 0, state })
            .collect();
        self.frame(&QueryAgentStateConf {
            agent_state: desk.state,
            mrdid: 1,
            agent_mode: AgentMode::ROUTABLE,
            agent_id: Some(Text::from(&*id)),
            skill_groups: List::new(&groups),
            ..QueryAgentStateConf::default()
        })
    }

    /// The agent joins its team, leaves it, or the team is told anew.
    fn change_team(&mut self, agent: u16, choice: u8) -> Option<OwnedFrame> {
        let team = agent.checked_rem(self.shift.teams)?;
        let members = self.teams.get_mut(usize::from(team))?;
        let is_member = members.contains(&agent);
        let operation = match choice % 4 {
            // Now and then the whole team is told anew.
            0 => ConfigOperation::RESTORE_PERMANENT_CONFIGURATION,
            _ if is_member => ConfigOperation::REMOVE_AGENT,
            _ => ConfigOperation::ADD_AGENT,
        };
        match operation {
            ConfigOperation::REMOVE_AGENT => members.retain(|member| *member != agent),
            ConfigOperation::ADD_AGENT => members.push(agent),
            _ => {}
        }
        let all = members.clone();
        let listed = if operation == ConfigOperation::RESTORE_PERMANENT_CONFIGURATION { &*all } else { &[agent] };
        Some(self.team_event(team, operation, listed))
    }

    /// At most 64 members are told.
    fn team_event(&self, team: u16, operation: ConfigOperation, members: &[u16]) -> OwnedFrame {
        let members = members.get(..members.len().min(64)).unwrap_or_default();
        let ids: Vec<String> = members.iter().map(|member| login_id(*member)).collect();
        let flags = |member: u16| AgentFlags(u16::from(member < self.shift.teams));
        let team_id = FIRST_TEAM + u32::from(team);
        if !self.shift.protocol.is_ccx() {
            let agents: Vec<_> = ids
                .iter()
                .zip(members)
                .map(|(id, member)| TeamAgent {
                    agent_id: Text::from(&**id),
                    flags: flags(*member),
                    state: self.desk(*member).state,
                    state_duration: 0,
                })
                .collect();
            return self.frame(&AgentTeamConfigEvent {
                peripheral_id: PERIPHERAL,
                team_id,
                config_operation: operation,
                agent_team_name: (self.shift.protocol.version() >= 16).then_some(Text::from("Team")),
                agents: List::new(&agents),
                ..AgentTeamConfigEvent::default()
            });
        }
        let record_type = match operation {
            ConfigOperation::REMOVE_AGENT => RecordType::CONFIG_RECORD_DELETE,
            _ => RecordType::CONFIG_RECORD_ADD,
        };
        let agents: Vec<_> = ids
            .iter()
            .zip(members)
            .map(|(id, member)| TeamMember {
                agent_id: Text::from(&**id),
                flags: flags(*member),
                record_type,
                member_type: 0,
            })
            .collect();
        // Added, removed (there is nobody left), changed.
        let operation = if members.is_empty() { 2 } else { 3 };
        self.frame(&TeamConfigEvent {
            team_id,
            operation,
            team_name: Some(Text::from("Team")),
            members: List::new(&agents),
            ..TeamConfigEvent::default()
        })
    }

    #[allow(clippy::panic, reason = "a frame that is not one would test nothing")]
    fn frame<'a, M: Body<'a>>(&self, message: &M) -> OwnedFrame {
        match OwnedFrame::encode(self.shift.protocol, message) {
            Ok(frame) => frame,
            Err(error) => panic!("a mistake of the strategy's: {error}"),
        }
    }
}

fn login_id(agent: u16) -> String {
    format!("{}", 1_001 + u32::from(agent))
}
