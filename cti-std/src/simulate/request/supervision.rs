//! Supervision: teams, and supervisors on the calls of their agents.

use cti_proto::Product;
use cti_proto::message::*;
use cti_proto::value::{
    CallType, ConnectionDeviceIdType, ControlFailureCode as Code, CtiService, EventCause, FailureStatus as Status,
    LineType, LocalConnectionState as State, MoreFlag, SupervisoryAction,
};
use cti_proto::wire::{List, Text};

use super::{Ask, Named, Outcome, Refusal};
use crate::simulate::call::{Ending, Leg, Party, Role};
use crate::simulate::floor::Floor;
use crate::simulate::sink::{Receiver, Sink};
use crate::simulate::table::{AgentKey, PhoneKey};
use crate::simulate::talk::Dial;

/// The fields by which two requests for help name the call and the agent.
struct Help<'a> {
    call: u32,
    device_type: ConnectionDeviceIdType,
    device: Option<Text<'a>>,
    login: Option<Text<'a>>,
    extension: Option<Text<'a>>,
    instrument: Option<Text<'a>>,
}

macro_rules! help {
    ($request:ident) => {
        Help {
            call: $request.connection_call_id,
            device_type: $request.connection_device_id_type,
            device: $request.connection_device_id,
            login: $request.agent_id,
            extension: $request.agent_extension,
            instrument: $request.agent_instrument,
        }
    };
}

impl<S: Sink> Floor<'_, S> {
    /// SUPERVISE_CALL_REQ, of the supervisor of the agent's team only (CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE).
    /// E_CTI_NO_CALL_ACTIVE where the agent has none, E_CTI_INVALID_SUPERVISORY_ACTION for what is no action.
    pub(super) fn supervise_call(&mut self, ask: Ask, request: &SuperviseCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        if request.supervisory_action.name().is_none() {
            return Err(Status::E_CTI_INVALID_SUPERVISORY_ACTION.into());
        }
        let phone = self.supervisor_phone(ask, request)?;
        if request.supervisory_action == SupervisoryAction::SUPERVISOR_CLEAR {
            // First of all: to leave, a supervisor need not name whom it was about.
            return self.clear_supervisor(ask, phone);
        }
        let target = self.supervised(ask, request)?;
        let agent = self.agent_of(target).ok_or(Status::E_CTI_AGENT_NOT_LOGGED_ON)?;
        let supervisor = self.world.agent_at(phone).ok_or(Status::E_CTI_AGENT_NOT_LOGGED_ON)?;
        let team = self.world.agents[agent].team;
        if self.world.teams[team].supervisor != supervisor {
            return Err(Code::CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE.into());
        }
        // Nobody supervises oneself, though supervisors are members of their teams.
        if agent == supervisor {
            return Err(Code::CF_REQUEST_INCOMPATIBLE_WITH_OBJECT.into());
        }
        if !self.world.party(target).is_some_and(|party| matches!(party.state, State::LCS_CONNECT | State::LCS_HOLD)) {
            return Err(Status::E_CTI_NO_CALL_ACTIVE.into());
        }
        let role = match request.supervisory_action {
            SupervisoryAction::SUPERVISOR_MONITOR => Role::Monitor,
            SupervisoryAction::SUPERVISOR_WHISPER => Role::Whisper,
            SupervisoryAction::SUPERVISOR_BARGE_IN => Role::BargeIn,
            _ => Role::Intercept,
        };
        self.prepare_supervisor(phone, target, role)?;
        let device = self.world.party(target).map(|party| party.device.clone()).unwrap_or_default();
        let confirmation = SuperviseCallConf {
            connection_call_id: target.0.0,
            connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            connection_device_id: Some(device.as_str().into()),
            ..SuperviseCallConf::default()
        };
        self.out.confirm(ask.session, ask.request, &confirmation);
        self.take_over(ask, phone);
        self.supervise(phone, target, role);
        Ok(())
    }

    /// The supervisor's phone: the own one, or for clients of all events the one named.
    fn supervisor_phone(&self, ask: Ask, request: &SuperviseCallReq<'_>) -> Result<PhoneKey, Refusal> {
        let own = self.session(ask)?.phone;
        let device = request.supervisor_instrument.or(request.supervisor_connection_device_id);
        let named = device.filter(|device| !device.is_empty()).map(|device| {
            let phone = device.to_str().ok().and_then(|device| self.world.phone_of_extension(device));
            phone.ok_or(Code::CF_INVALID_CSTA_DEVICE_IDENTIFIER)
        });
        let phone = named.transpose()?.or(own).ok_or(Status::E_CTI_REQUIRED_DATA_MISSING)?;
        self.may_control(ask, phone)?;
        Ok(phone)
    }

    /// The agent's connection: as named, or that of the agent's active call.
    fn supervised(&self, ask: Ask, request: &SuperviseCallReq<'_>) -> Result<Leg, Refusal> {
        if Self::has_call(request.agent_connection_call_id) {
            return self.connection(Named {
                call: request.agent_connection_call_id,
                device_type: request.agent_connection_device_id_type,
                device: request.agent_connection_device_id.or(request.agent_extension),
                instrument: request.agent_instrument,
            });
        }
        let names = request.agent_id.or(request.agent_extension).or(request.agent_instrument);
        if names.is_none() {
            return Err(Status::E_CTI_REQUIRED_DATA_MISSING.into());
        }
        let agent = self.agent(ask, request.agent_id, request.agent_extension, request.agent_instrument)?;
        let phone = self.world.agents[agent].phone.ok_or(Status::E_CTI_AGENT_NOT_LOGGED_ON)?;
        self.active_leg(phone).ok_or(Status::E_CTI_NO_CALL_ACTIVE.into())
    }

    /// A supervisor has one call at a time; one who listens may go on to join the same call.
    fn prepare_supervisor(&mut self, phone: PhoneKey, target: Leg, role: Role) -> Outcome {
        let legs = self.world.phones[phone].legs.clone();
        for leg in legs {
            let listens = self.world.calls.get(&leg.0).and_then(|call| call.listens_to);
            let takes_part = leg.0 == target.0;
            match (listens, takes_part) {
                (Some(listened), _) if listened == target && role != Role::Monitor => {
                    self.hang_up(leg, Ending::by(EventCause::CEC_SUPERVISOR_CLEAR));
                }
                (None, true) if role == Role::Intercept => {}
                _ => return Err(Code::CF_GENERIC_STATE_INCOMPATIBILITY.into()),
            }
        }
        if !role.is_silent() && !self.has_room(target.0, 1) {
            return Err(Code::CF_CONFERENCE_MEMBER_LIMIT_EXCEEDED.into());
        }
        Ok(())
    }

    /// A supervisor listens, joins, or takes the call over.
    fn supervise(&mut self, phone: PhoneKey, target: Leg, role: Role) {
        if role.is_silent() {
            self.listen(phone, target, role);
            return;
        }
        // Who has joined already goes on from there.
        let own = self.world.phones[phone].legs.iter().copied().find(|leg| leg.0 == target.0);
        let leg = own.unwrap_or_else(|| self.barge_in(phone, target, role));
        if role == Role::Intercept {
            if let Some(party) = self.world.party_mut(leg) {
                party.role = role;
            }
            let cause = EventCause::CEC_SUPERVISOR_INTERCEPT;
            // With the supervisor in it the call goes on without the agent.
            self.hang_up(target, Ending { connection: cause, call: cause });
        }
    }

    /// The supervisor leaves the call that is listened to, or that was joined.
    fn clear_supervisor(&mut self, ask: Ask, phone: PhoneKey) -> Outcome {
        let supervises = |leg: &&Leg| self.world.party(**leg).is_some_and(|party| party.role != Role::Member);
        let leg = self.world.phones[phone].legs.iter().find(supervises).copied();
        let leg = leg.ok_or(Code::CF_NO_CONNECTION_TO_CLEAR)?;
        let device = self.world.party(leg).map(|party| party.device.clone()).unwrap_or_default();
        let confirmation = SuperviseCallConf {
            connection_call_id: leg.0.0,
            connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            connection_device_id: Some(device.as_str().into()),
            ..SuperviseCallConf::default()
        };
        self.out.confirm(ask.session, ask.request, &confirmation);
        let cause = EventCause::CEC_SUPERVISOR_CLEAR;
        self.hang_up(leg, Ending { connection: cause, call: cause });
        Ok(())
    }

    /// SUPERVISOR_ASSIST_REQ: E_CTI_SUPERVISOR_NOT_FOUND if no supervisor is free.
    pub(super) fn supervisor_assist(&mut self, ask: Ask, request: &SupervisorAssistReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        let help = help!(request);
        let (agent, call) = self.who_needs_help(ask, &help)?;
        let leg =
            self.call_supervisor(ask, agent, call, CallType::CALLTYPE_ASSIST, EventCause::CEC_SUPERVISOR_ASSIST)?;
        self.tell_assist(ask, leg);
        let device = self.world.party(leg).map(|party| party.device.clone()).unwrap_or_default();
        let ccx = self.shown(ask).is_ccx();
        let confirmation = SupervisorAssistConf {
            connection_call_id: leg.0.0,
            connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            // Unified CCX has the two reserved.
            line_handle: if ccx { u16::MAX } else { 0 },
            line_type: if ccx { LineType(0) } else { LineType::LINETYPE_HELP },
            connection_device_id: Some(device.as_str().into()),
            ..SupervisorAssistConf::default()
        };
        self.out.confirm(ask.session, ask.request, &confirmation);
        Ok(())
    }

    /// Unified CCX tells the clients that supervise of it.
    fn tell_assist(&mut self, ask: Ask, leg: Leg) {
        let to: Vec<Receiver> = self
            .world
            .sessions
            .values()
            .filter(|session| {
                session.protocol.is_ccx()
                    && session.services.contains(CtiService::CTI_SERVICE_SUPERVISOR)
                    && session.id != ask.session
            })
            .map(|session| session.receiver())
            .collect();
        let (Some(party), Some(session)) = (self.world.party(leg), self.world.sessions.get(&ask.session)) else {
            return;
        };
        let event = SupervisorAssistEvent {
            peripheral_id: self.world.shown(Product::Ccx).peripheral(),
            connection_call_id: leg.0.0,
            connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            session_id: ask.session.0,
            connection_device_id: Some(party.text()),
            client_id: Some(session.client_id.as_str().into()),
            ..SupervisorAssistEvent::default()
        };
        self.out.event(&to, &event);
    }

    /// EMERGENCY_CALL_REQ: as an assistance, with an event for everybody first.
    pub(super) fn emergency_call(&mut self, ask: Ask, request: &EmergencyCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        let help = help!(request);
        let (agent, call) = self.who_needs_help(ask, &help)?;
        // It is told whether a supervisor is found or not.
        self.tell_emergency(ask, agent, &help);
        let leg =
            self.call_supervisor(ask, agent, call, CallType::CALLTYPE_EMERGENCY, EventCause::CEC_EMERGENCY_CALL)?;
        let device = self.world.party(leg).map(|party| party.device.clone()).unwrap_or_default();
        let confirmation = EmergencyCallConf {
            connection_call_id: leg.0.0,
            connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            line_handle: 0,
            line_type: LineType::LINETYPE_HELP,
            connection_device_id: Some(device.as_str().into()),
            ..EmergencyCallConf::default()
        };
        self.out.confirm(ask.session, ask.request, &confirmation);
        Ok(())
    }

    /// EMERGENCY_CALL_EVENT, for clients of all events and for servers, who may record it.
    fn tell_emergency(&mut self, ask: Ask, agent: AgentKey, help: &Help<'_>) {
        let mut to = self.world.bridges.clone();
        let servers = self.world.servers.registered.iter().map(|(_, session)| *session);
        to.extend(servers.map(|session| Receiver { session, monitor: None }));
        // A server application may be a client of all events, too, and is told once.
        // Sorted, since only neighbours are found to be the same.
        to.sort_unstable();
        to.dedup();
        for (product, to) in self.world.by_product(to, None) {
            let Some(session) = self.world.sessions.get(&ask.session) else { return };
            let world = self.world.shown(product);
            let agent = &world.agents[agent];
            let phone = agent.phone.map(|phone| Text::from(world.phones[phone].extension.as_str()));
            let event = EmergencyCallEvent {
                peripheral_id: world.peripheral(),
                connection_call_id: help.call,
                connection_device_id_type: help.device_type,
                session_id: ask.session.0,
                connection_device_id: help.device,
                client_id: Some(session.client_id.as_str().into()),
                client_address: Some(session.address.as_str().into()),
                agent_extension: phone,
                agent_id: Some(world.login(agent)),
                agent_instrument: phone,
                ..EmergencyCallEvent::default()
            };
            self.out.event(&to, &event);
        }
    }

    /// The agent who needs help, and the call that it is needed for, if there is one.
    fn who_needs_help(&mut self, ask: Ask, help: &Help<'_>) -> Result<(AgentKey, Option<Leg>), Refusal> {
        if Self::has_call(help.call) {
            let (leg, phone) = self.controlled(
                ask,
                Named {
                    call: help.call,
                    device_type: help.device_type,
                    device: help.device.or(help.extension),
                    instrument: help.instrument,
                },
            )?;
            let agent = self.world.agent_at(phone).ok_or(Status::E_CTI_AGENT_NOT_LOGGED_ON)?;
            return Ok((agent, Some(leg)));
        }
        let agent = self.agent(ask, help.login, help.extension, help.instrument)?;
        let phone = self.world.agents[agent].phone.ok_or(Status::E_CTI_AGENT_NOT_LOGGED_ON)?;
        self.may_control(ask, phone)?;
        Ok((agent, None))
    }

    /// Calls the supervisor of the team, or else any who is free: by a consultation, or, where the desk settings say so, by
    /// a conference in one step.
    fn call_supervisor(
        &mut self,
        ask: Ask,
        agent: AgentKey,
        call: Option<Leg>,
        kind: CallType,
        cause: EventCause,
    ) -> Result<Leg, Refusal> {
        let own = self.world.teams[self.world.agents[agent].team].supervisor;
        let is_free = |key: AgentKey| {
            let candidate = &self.world.agents[key];
            key != agent
                && candidate.phone.is_some_and(|phone| self.world.phones[phone].legs.is_empty())
                && candidate.promised.is_none()
        };
        let others = self.world.teams.iter().map(|team| team.supervisor);
        // The own one first. That it comes again among the others does no harm.
        let supervisor = std::iter::once(own).chain(others).find(|key| is_free(*key));
        let supervisor = supervisor.ok_or(Status::E_CTI_SUPERVISOR_NOT_FOUND)?;
        let number = self.world.agents[supervisor].phone.map(|phone| self.world.phones[phone].extension.clone());
        let number = number.ok_or(Status::E_CTI_SUPERVISOR_NOT_FOUND)?;
        let phone = self.world.agents[agent].phone.ok_or(Status::E_CTI_AGENT_NOT_LOGGED_ON)?;
        let active = call.or_else(|| self.active_leg(phone));
        if active.and_then(|leg| self.world.party(leg)).is_some_and(|party: &Party| party.state != State::LCS_CONNECT) {
            return Err(Code::CF_NO_ACTIVE_CALL.into());
        }
        let method = self.world.shown_to(ask.session).desk_settings(self.world.agents[agent].desk);
        let by_conference = if kind == CallType::CALLTYPE_EMERGENCY {
            method.emergency_call_method != 0
        } else {
            method.supervisor_assist_call_method != 0
        };
        self.take_over(ask, phone);
        // The desk settings choose: a conference brings the supervisor in at once, a consultation lets the agent speak first.
        if let (Some(leg), true) = (active, by_conference) {
            self.send_on(leg, &number, true);
            return Ok(leg);
        }
        let data = active.and_then(|leg| self.world.calls.get(&leg.0)).map(|call| call.data.clone());
        if let Some(leg) = active {
            self.hold(leg, cause);
        }
        let leg = self.dial(
            phone,
            Dial {
                kind,
                number: &number,
                data: data.unwrap_or_default(),
                group: None,
                consults_for: active.map(|leg| leg.0),
                cause,
            },
        );
        Ok(leg)
    }

    /// LIST_AGENT_TEAM_REQ: teams by the skill target ID of their supervisor, 64 a message.
    pub(super) fn list_agent_team(&mut self, ask: Ask, request: &ListAgentTeamReq) -> Outcome {
        let supervisor = self.world.agents.find(|agent| agent.id == request.supervisor_id && agent.is_supervisor);
        let supervisor = supervisor.ok_or(Status::E_CTI_SUPERVISOR_NOT_FOUND)?;
        let own = self.session(ask)?.agent;
        if own.is_some_and(|own| own != supervisor) {
            return Err(Status::E_CTI_SUPERVISOR_NOT_FOUND.into());
        }
        let teams = self.world.teams.iter().filter(|team| team.supervisor == supervisor);
        let teams: Vec<_> = teams.map(|team| AgentTeam { team_id: team.id }).collect();
        // One message even if there are none: the request has to be confirmed.
        let last = teams.len().div_ceil(64).max(1) - 1;
        for segment in 0..=last {
            let part = teams.chunks(64).nth(segment).unwrap_or_default();
            let confirmation = ListAgentTeamConf {
                segment_number: segment as u16 + 1,
                more: if segment == last { MoreFlag::LAST_MESSAGE } else { MoreFlag::MORE_TO_FOLLOW },
                teams: List::new(part),
                ..ListAgentTeamConf::default()
            };
            self.out.confirm(ask.session, ask.request, &confirmation);
        }
        Ok(())
    }
}
