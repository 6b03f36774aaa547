//! What each message says of an agent, in one form.

use crate::message::{AgentRecord, MessageType, OpenConf, TeamAgent, TeamMember};
use crate::track::agent::CCX_PERIPHERAL;
use crate::track::agent::entry::Tasks;
use crate::track::told::Told;
use crate::value::{AgentState, CallDirection, NULL_PERIPHERAL_ID};
use crate::wire::Text;

/// Who is meant.
#[derive(Clone, Copy)]
pub(super) struct Who<'a> {
    /// `NULL_PERIPHERAL_ID` if the message does not say.
    pub(super) peripheral: u32,
    pub(super) id: Option<Text<'a>>,
    pub(super) extension: Option<Text<'a>>,
    pub(super) instrument: Option<Text<'a>>,
    /// Skill target ID; 0 if the message does not say.
    pub(super) skill_target: i32,
}

/// The peripheral of an agent, where the message itself does not tell it.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// That of everyone, whatever a reserved field says.
    Everyone(u32),
    /// That of those of whom it is not said.
    Unsaid(u32),
}

/// What the agent does.
#[derive(Clone, Copy)]
pub(super) struct Doing {
    pub(super) state: AgentState,
    pub(super) reason: Option<u16>,
    /// Seconds in the state.
    pub(super) duration: Option<u32>,
    pub(super) next: Option<AgentState>,
    pub(super) direction: Option<CallDirection>,
    /// The media routing domain in which this is so.
    pub(super) domain: Option<i32>,
    pub(super) tasks: Option<Tasks>,
}

/// What a message says of one agent.
#[derive(Clone, Copy)]
pub(super) struct Report<'a> {
    pub(super) who: Who<'a>,
    pub(super) terminal: Option<Text<'a>>,
    pub(super) doing: Option<Doing>,
}

/// A text that says something.
fn said(text: Option<Text<'_>>) -> Option<Text<'_>> {
    text.filter(|text| !text.is_empty())
}

impl<'a> Who<'a> {
    pub(super) fn new(
        peripheral: u32,
        id: Option<Text<'a>>,
        extension: Option<Text<'a>>,
        instrument: Option<Text<'a>>,
    ) -> Self {
        Self { peripheral, id: said(id), extension: said(extension), instrument: said(instrument), skill_target: 0 }
    }

    /// The agent that a message is about.
    pub(super) fn of(told: &Told<'a>) -> Self {
        let who = Self::new(told.peripheral_id(), told.agent_id(), told.agent_extension(), told.agent_instrument());
        Self { skill_target: told.icm_agent_id(), ..who }
    }

    pub(super) fn of_id(peripheral: u32, id: Text<'a>) -> Self {
        Self::new(peripheral, Some(id), None, None)
    }

    pub(super) const fn is_named(&self) -> bool {
        self.id.is_some() || self.extension.is_some() || self.instrument.is_some()
    }

    pub(super) const fn at(self, place: Place) -> Self {
        let peripheral = match place {
            Place::Everyone(peripheral) => peripheral,
            Place::Unsaid(peripheral) if self.peripheral == NULL_PERIPHERAL_ID => peripheral,
            Place::Unsaid(_) => self.peripheral,
        };
        Self { peripheral, ..self }
    }
}

impl Doing {
    pub(super) const fn plain(state: AgentState) -> Self {
        Self { state, reason: None, duration: None, next: None, direction: None, domain: None, tasks: None }
    }
}

impl Tasks {
    fn of(told: &Told<'_>) -> Self {
        let short = |number| u16::try_from(number).unwrap_or(u16::MAX);
        Self {
            num_tasks: short(told.num_tasks()),
            max_task_limit: short(told.max_task_limit()),
            max_beyond_task_limit: short(told.max_beyond_task_limit().unwrap_or_default()),
            mode: told.agent_mode(),
            availability: told.agent_availability_status(),
        }
    }
}

impl<'a> Report<'a> {
    const fn new(who: Who<'a>, doing: Option<Doing>) -> Self {
        Self { who, terminal: None, doing }
    }

    pub(super) const fn at(self, place: Place) -> Self {
        Self { who: self.who.at(place), ..self }
    }

    /// What a message says of the agent that it is about: an event, or the answer to a query, which says less.
    pub(super) fn of(told: &Told<'a>) -> Self {
        let is_event = told.message_type() == MessageType::AGENT_STATE_EVENT;
        let doing = Doing {
            state: told.agent_state(),
            reason: is_event.then_some(told.event_reason_code()),
            duration: is_event.then_some(told.state_duration()),
            next: is_event.then_some(told.next_agent_state().unwrap_or(AgentState(u16::MAX))),
            direction: told.call_direction(),
            domain: Some(told.mrdid()),
            tasks: Some(Tasks::of(told)),
        };
        Self { who: Who::of(told), terminal: said(told.active_terminal()), doing: Some(doing) }
    }

    pub(super) fn of_open(conf: &OpenConf<'a>) -> Self {
        let id = said(conf.agent_id).or(conf.agent_id_long);
        let who = Who::new(NULL_PERIPHERAL_ID, id, conf.agent_extension, conf.agent_instrument);
        Self::new(who, Some(Doing::plain(conf.agent_state)))
    }

    pub(super) fn of_team_agent(peripheral: u32, agent: &TeamAgent<'a>) -> Self {
        let doing = Doing { duration: Some(agent.state_duration), ..Doing::plain(agent.state) };
        Self::new(Who::of_id(peripheral, agent.agent_id), Some(doing))
    }

    /// Unified CCX does not say what state a member is in: one who is not known is in no known state.
    pub(super) fn of_team_member(member: &TeamMember<'a>) -> Self {
        Self::new(Who::of_id(CCX_PERIPHERAL, member.agent_id), Some(Doing::plain(AgentState::AGENT_STATE_UNKNOWN)))
    }

    pub(super) fn of_record(record: &AgentRecord<'a>) -> Self {
        let who = Who::new(record.flt_peripheral_id.unwrap_or(NULL_PERIPHERAL_ID), record.login_id, None, None);
        let who = Who { skill_target: record.agent_skill_target_id.unwrap_or_default() as i32, ..who };
        let doing = record.ccx_agent_state.map(Doing::plain);
        Self { who, terminal: said(record.active_terminal), doing }
    }

    /// The same, with a state in a media routing domain.
    pub(super) const fn doing_in(self, domain: i32, state: AgentState) -> Self {
        Self { doing: Some(Doing { domain: Some(domain), ..Doing::plain(state) }), ..self }
    }
}
