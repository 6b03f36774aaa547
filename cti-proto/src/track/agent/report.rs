//! What each message says of an agent, in one form.

use crate::message::{AgentRecord, MessageType, TeamAgent, TeamMember};
use crate::protocol::Protocol;
use crate::track::agent::CCX_PERIPHERAL;
use crate::track::agent::entry::Tasks;
use crate::track::text::trimmed;
use crate::track::told::Told;
use crate::value::{AgentState, CallDirection, NULL_PERIPHERAL_ID};
use crate::wire::{IS_FAST, Text};

/// Who is meant, and where. A text that is not said is empty.
#[derive(Clone, Copy)]
pub(super) struct Who<'a> {
    /// `NULL_PERIPHERAL_ID` if the message does not say.
    pub(super) peripheral: u32,
    /// Skill target ID; 0 if the message does not say.
    pub(super) skill_target: i32,
    pub(super) id: &'a [u8],
    pub(super) extension: &'a [u8],
    pub(super) instrument: &'a [u8],
    pub(super) terminal: &'a [u8],
}

/// What the agent does.
#[derive(Clone, Copy)]
pub(super) struct Doing {
    pub(super) state: AgentState,
    pub(super) reason: Option<u16>,
    /// Seconds in the state; 0 if the message does not say.
    pub(super) duration: u32,
    pub(super) next: Option<AgentState>,
    pub(super) direction: Option<CallDirection>,
    /// The media routing domain in which this is so; 0 if the message does not say.
    pub(super) domain: i32,
    pub(super) tasks: Option<Tasks>,
}

impl<'a> Who<'a> {
    pub(super) const NOBODY: Self = Self {
        peripheral: NULL_PERIPHERAL_ID,
        skill_target: 0,
        id: &[],
        extension: &[],
        instrument: &[],
        terminal: &[],
    };

    /// The agent that a message is about, at the peripheral `home` if it does not say where, and in Unified CCX at the only
    /// one. A NUL in the middle of a text may not have been looked for: [`cut`](Self::cut) does that.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    pub(super) fn of(told: &Told<'a>, home: u32) -> Self {
        Self {
            peripheral: place(told.protocol(), told.peripheral_id(), home),
            skill_target: told.icm_agent_id(),
            id: said(told.agent_id()),
            extension: said(told.agent_extension()),
            instrument: said(told.agent_instrument()),
            terminal: said(told.active_terminal()),
        }
    }

    /// The same with each text up to its first NUL, as they are kept.
    pub(super) fn cut(self) -> Self {
        if !IS_FAST {
            return self;
        }
        let cut = |text| Text::new(text).as_bytes();
        Self {
            id: cut(self.id),
            extension: cut(self.extension),
            instrument: cut(self.instrument),
            terminal: cut(self.terminal),
            ..self
        }
    }

    pub(super) fn of_id(peripheral: u32, id: Text<'a>) -> Self {
        Self { peripheral, id: id.as_bytes(), ..Self::NOBODY }
    }

    /// The agent whose client has opened a session.
    pub(super) fn of_open(told: &Told<'a>, home: u32) -> Self {
        let who = Self::of(told, home).cut();
        let id = if who.id.is_empty() { said(told.agent_id_long()) } else { who.id };
        Self { id, ..who }.cut()
    }

    pub(super) fn of_team_member(member: &TeamMember<'a>) -> Self {
        Self::of_id(CCX_PERIPHERAL, member.agent_id)
    }

    pub(super) fn of_record(record: &AgentRecord<'a>, protocol: Protocol, home: u32) -> Self {
        Self {
            peripheral: place(protocol, record.flt_peripheral_id.unwrap_or(NULL_PERIPHERAL_ID), home),
            skill_target: record.agent_skill_target_id.unwrap_or_default() as i32,
            id: said(record.login_id),
            terminal: said(record.active_terminal),
            ..Self::NOBODY
        }
        .cut()
    }

    pub(super) const fn is_named(&self) -> bool {
        !(self.id.is_empty() && self.extension.is_empty() && self.instrument.is_empty())
    }
}

/// A text without the NUL at its end; with one in the middle, it is mostly not worth the time to look for that.
#[cfg_attr(target_pointer_width = "32", inline(never))]
fn said(text: Option<Text<'_>>) -> &[u8] {
    let Some(text) = text else { return &[] };
    if IS_FAST { trimmed(text) } else { text.as_bytes() }
}

/// The peripheral of an agent that is said to be at `said`.
fn place(protocol: Protocol, said: u32, home: u32) -> u32 {
    match said {
        // Whatever a reserved field says.
        _ if protocol.is_ccx() => CCX_PERIPHERAL,
        NULL_PERIPHERAL_ID => home,
        said => said,
    }
}

impl Doing {
    pub(super) const fn plain(state: AgentState) -> Self {
        Self { state, reason: None, duration: 0, next: None, direction: None, domain: 0, tasks: None }
    }

    /// What a message says: an event, or the answer to a query, which says less.
    pub(super) fn of(told: &Told<'_>) -> Self {
        let is_event = told.message_type() == MessageType::AGENT_STATE_EVENT;
        Self {
            state: told.agent_state(),
            reason: is_event.then_some(told.event_reason_code()),
            duration: told.state_duration(),
            next: is_event.then_some(told.next_agent_state().unwrap_or(AgentState(u16::MAX))),
            direction: told.call_direction(),
            domain: told.mrdid(),
            tasks: Some(Tasks::of(told)),
        }
    }

    pub(super) const fn of_team_agent(agent: &TeamAgent<'_>) -> Self {
        Self { duration: agent.state_duration, ..Self::plain(agent.state) }
    }

    /// Whether it is logged out, of the domain or altogether.
    pub(super) fn is_out(&self) -> bool {
        self.state == AgentState::AGENT_STATE_LOGOUT
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
