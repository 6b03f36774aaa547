//! What the application answers and sends.

use crate::message::{
    Body, ControlFailureConf, FailureConf, FailureEvent, MessageType, MonitorAgentTeamStartConf, MonitorStartConf,
    OpenConf, SessionMonitorStartConf,
};
use crate::session::Request;
use crate::session::request::set_invoke_id;
use crate::session::server::prepared::Condition;
use crate::session::server::state::{Core, State};
use crate::session::server::{AnswerError, Delivery, Prepared, ServerEnded};
use crate::value::{AgentStateMask, CallEventMask, ControlFailureCode, CtiService, FailureStatus};
use crate::wire::HEADER_LEN;

impl Core<'_> {
    pub(super) fn accept(&mut self, confirmation: &OpenConf<'_>) -> Result<(), AnswerError> {
        let State::Deciding { invoke_id } = self.state else {
            return Err(AnswerError::NotOpen);
        };
        let services_granted = confirmation.services_granted & self.asked.services.union(self.stand_in());
        let confirmation = OpenConf { invoke_id, services_granted, ..*confirmation };
        self.tx.push_for(self.protocol, &confirmation)?;
        self.granted = services_granted;
        // The client could not know that it was heard before.
        self.last_heard = self.now;
        self.monitor_id = confirmation.monitor_id;
        self.state = State::Open;
        Ok(())
    }

    /// What may be granted in place of Client Control, where that was asked for.
    const fn stand_in(&self) -> CtiService {
        match self.asked.services.contains(CtiService::CTI_SERVICE_CLIENT_CONTROL) {
            true => CtiService::CTI_AGENT_STATE_CONTROL_ONLY,
            false => CtiService::EMPTY,
        }
    }

    pub(super) fn confirm<'m, M: Body<'m>>(&mut self, request: Request, answer: &M) -> Result<(), AnswerError> {
        self.check_open()?;
        let frame = self.tx.push_for(self.protocol, answer)?;
        set_invoke_id(frame, request.invoke_id);
        Ok(())
    }

    pub(super) fn confirm_monitor(&mut self, request: Request, monitor_id: u32) -> Result<(), AnswerError> {
        let invoke_id = request.invoke_id;
        match request.message {
            MessageType::SESSION_MONITOR_START_REQ => {
                self.confirm(request, &SessionMonitorStartConf { invoke_id, monitor_id })?;
            }
            MessageType::MONITOR_AGENT_TEAM_START_REQ => {
                self.confirm(request, &MonitorAgentTeamStartConf { invoke_id, monitor_id })?;
            }
            _ => self.confirm(request, &MonitorStartConf { invoke_id, monitor_id })?,
        }
        self.monitors.confirmed(invoke_id, monitor_id);
        Ok(())
    }

    pub(super) fn fail(&mut self, request: Request, status: FailureStatus) -> Result<(), AnswerError> {
        self.confirm(request, &FailureConf { reason: status.into(), ..FailureConf::default() })?;
        self.monitors.failed(request.invoke_id);
        Ok(())
    }

    pub(super) fn fail_control(
        &mut self,
        request: Request,
        failure_code: ControlFailureCode,
        peripheral_error_code: u32,
    ) -> Result<(), AnswerError> {
        let failure = ControlFailureConf { failure_code, peripheral_error_code, ..ControlFailureConf::default() };
        self.confirm(request, &failure)?;
        self.monitors.failed(request.invoke_id);
        Ok(())
    }

    pub(super) fn send<'m, M: Body<'m>>(&mut self, message: &M) -> Result<(), AnswerError> {
        self.check_open()?;
        self.tx.push_for(self.protocol, message)?;
        self.note_promotion(M::TYPE);
        Ok(())
    }

    pub(super) fn event(&mut self, event: &Prepared<'_>) -> Delivery {
        if !self.is_open() {
            return Delivery::NotOpen;
        }
        if !self.wants(event.condition) {
            return Delivery::NotWanted;
        }
        self.push(event, self.monitor_id)
    }

    pub(super) fn event_for(&mut self, monitor_id: u32, event: &Prepared<'_>) -> Delivery {
        if !self.is_open() {
            return Delivery::NotOpen;
        }
        let Some((call_events, agent_states)) = self.monitors.masks(self.protocol, monitor_id) else {
            return Delivery::NotWanted;
        };
        // What no mask decides about was sent for this monitor all the same.
        if !is_in(event.condition, call_events, agent_states).unwrap_or(true) {
            return Delivery::NotWanted;
        }
        self.push(event, monitor_id)
    }

    fn push(&mut self, event: &Prepared<'_>, monitor_id: u32) -> Delivery {
        // Prepared for the clients of another version: they have a frame of their own.
        if event.protocol != self.protocol {
            return Delivery::NotWanted;
        }
        let Some(frame) = self.tx.push_bytes(event.bytes) else {
            self.drop_connection(ServerEnded::Overflow);
            return Delivery::Overflow;
        };
        if event.has_monitor_id
            && let Some(place) = frame.get_mut(HEADER_LEN..).and_then(|body| body.first_chunk_mut())
        {
            *place = monitor_id.to_be_bytes();
        }
        self.note_promotion(event.message);
        Delivery::Sent
    }

    /// From STANDBY_ACTIVE_EVENT_MSG on a standby session takes requests.
    fn note_promotion(&mut self, sent: MessageType) {
        self.config.standby &= sent != MessageType::STANDBY_ACTIVE_EVENT_MSG;
    }

    fn wants(&self, condition: Condition) -> bool {
        let asked = &self.asked;
        if let Some(wanted) = is_in(condition, asked.call_events, asked.agent_states) {
            let events = CtiService::CTI_SERVICE_CLIENT_EVENTS.union(CtiService::CTI_SERVICE_ALL_EVENTS);
            let services = match condition {
                // A supervisor gets the team, with or without events of calls.
                Condition::Call(CallEventMask::AGENT_TEAM_CONFIG_MASK) => events | CtiService::CTI_SERVICE_SUPERVISOR,
                _ => events,
            };
            return wanted && self.granted.intersects(services);
        }
        match condition {
            Condition::Service(service) => self.granted.contains(service),
            Condition::Config(configuration) => {
                self.granted.contains(CtiService::CTI_SERVICE_CONFIG_EVENTS)
                    && self.wants_configuration
                    && asked.configuration.contains(configuration)
            }
            Condition::Always | Condition::Call(_) | Condition::Agent(_) => true,
        }
    }

    pub(super) fn end_by_server(&mut self, status: FailureStatus) {
        match self.state {
            State::Open => {
                // A client that has no room for the reason sees the end of the connection.
                let _ = self.tx.push(self.protocol, &FailureEvent { status, ..FailureEvent::default() });
                self.leave(ServerEnded::EndedByServer(status));
            }
            State::Deciding { invoke_id } => self.refuse_open(invoke_id, status),
            State::AwaitingOpen { .. } => self.drop_connection(ServerEnded::EndedByServer(status)),
            State::Leaving { .. } | State::Dropping | State::Ended => {}
        }
    }

    pub(super) fn check_open(&self) -> Result<(), AnswerError> {
        if self.is_open() { Ok(()) } else { Err(AnswerError::NotOpen) }
    }
}

/// Whether masks ask for an event, if masks decide about it.
fn is_in(condition: Condition, call_events: CallEventMask, agent_states: AgentStateMask) -> Option<bool> {
    match condition {
        Condition::Call(event) => Some(call_events.contains(event)),
        Condition::Agent(AgentStateMask::EMPTY) => Some(!agent_states.is_empty()),
        Condition::Agent(state) => Some(agent_states.contains(state)),
        Condition::Always | Condition::Service(_) | Condition::Config(_) => None,
    }
}
