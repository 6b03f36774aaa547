//! Monitors of calls, devices, sessions and teams. The masks are the session's business.

use cti_proto::message::*;
use cti_proto::value::{
    AgentStateMask, ConnectionDeviceIdType, CtiService, DeviceIdType, EventCause, FailureStatus as Status, NULL_CALL_ID,
};

use super::{Ask, Outcome, check_known};
use crate::simulate::call::CallId;
use crate::simulate::floor::Floor;
use crate::simulate::session::{Monitor, Subject};
use crate::simulate::sink::{Receiver, SessionId, Sink};

impl<S: Sink> Floor<'_, S> {
    /// MONITOR_START_REQ: a call by its connection, or a device, not both.
    pub(super) fn monitor_start(&mut self, ask: Ask, request: &MonitorStartReq<'_>) -> Outcome {
        self.check_peripheral(ask, request.peripheral_id)?;
        if !request.agent_state_mask.without(AgentStateMask::ALL).is_empty() {
            return Err(Status::E_CTI_INVALID_AGENT_STATE_MASK.into());
        }
        // Either field shows that a call is meant; clients leave the other at none or 0.
        let of_call = request.connection_device_id_type != ConnectionDeviceIdType::CONNECTION_ID_NONE
            || !matches!(request.connection_call_id, 0 | NULL_CALL_ID);
        let of_device = request.monitored_device_type != DeviceIdType::DEVID_NONE;
        let subject = match (of_call, of_device) {
            (true, true) => return Err(Status::E_CTI_MUTUALLY_EXCLUS_DEVICEID_TYPES.into()),
            (false, false) => return Err(Status::E_CTI_REQUIRED_DATA_MISSING.into()),
            (true, false) => {
                check_known!(request.connection_device_id_type => E_CTI_INVALID_CONNECTION_ID_TYPE);
                let call = CallId(request.connection_call_id);
                let named = request.connection_device_id.unwrap_or_default();
                let entry = self.world.calls.get(&call).ok_or(Status::E_CTI_INVALID_CALLID)?;
                if !named.is_empty() && !entry.parties.iter().any(|party| party.text() == named) {
                    return Err(Status::E_CTI_INVALID_CALLID.into());
                }
                Subject::Call(call)
            }
            (false, true) => {
                if request.monitored_device_type.name().is_none() {
                    return Err(Status::E_CTI_INVALID_DEVICE_ID_TYPE.into());
                }
                let device = request.monitored_device_id.ok_or(Status::E_CTI_REQUIRED_DATA_MISSING)?.to_string();
                // By the number alone: whether the type is the right one for the device is not asked.
                match self.world.phone_of_extension(&device) {
                    Some(phone) => Subject::Phone(phone),
                    None if self.is_device(&device) => Subject::Device(device),
                    None => return Err(Status::E_CTI_INVALID_DEVICE.into()),
                }
            }
        };
        self.make_monitor(ask, subject)
    }

    /// Whether it is a route point, or may be a port of the voice portal.
    fn is_device(&self, device: &str) -> bool {
        self.world.group_of_number(device).is_some() || self.world.is_port(device)
    }

    /// SESSION_MONITOR_START_REQ: from now on one gets what the other session gets.
    pub(super) fn session_monitor_start(&mut self, ask: Ask, request: &SessionMonitorStartReq) -> Outcome {
        let subject = SessionId(request.session_id);
        if subject == ask.session {
            return Err(Status::E_CTI_SESSION_MONITOR_IS_CLIENTS.into());
        }
        if !self.world.sessions.contains_key(&subject) {
            return Err(Status::E_CTI_CLIENT_NOT_FOUND.into());
        }
        self.check_new(ask, &Subject::Session(subject), Status::E_CTI_SESSION_MONITOR_ALREADY_EXISTS)?;
        self.make_monitor(ask, Subject::Session(subject))
    }

    /// MONITOR_AGENT_TEAM_START_REQ: states of the members of a team of the supervisor's own.
    pub(super) fn monitor_agent_team_start(&mut self, ask: Ask, request: &MonitorAgentTeamStartReq) -> Outcome {
        let team = self.world.teams.find(|team| team.id == request.team_id).ok_or(Status::E_CTI_TEAM_NOT_FOUND)?;
        let session = self.session(ask)?;
        let all = session.services.contains(CtiService::CTI_SERVICE_ALL_EVENTS);
        if !all && session.agent != Some(self.world.teams[team].supervisor) {
            return Err(Status::E_CTI_SUPERVISOR_NOT_FOUND.into());
        }
        self.check_new(ask, &Subject::Team(team), Status::E_CTI_AGENT_TEAM_MONITOR_ALREADY_EXISTS)?;
        self.make_monitor(ask, Subject::Team(team))?;
        // The states of now come first.
        let to: Vec<_> = self.world.teams[team].monitors.last().copied().into_iter().collect();
        for agent in self.world.teams[team].members.clone() {
            self.tell_agent_to(agent, to.clone());
        }
        Ok(())
    }

    /// A session watches the same thing once.
    fn check_new(&self, ask: Ask, subject: &Subject, status: Status) -> Outcome {
        let known =
            self.world.monitors.values().any(|monitor| monitor.session == ask.session && monitor.subject == *subject);
        if known { Err(status.into()) } else { Ok(()) }
    }

    /// Makes a monitor, confirms it, and tells what is there already.
    fn make_monitor(&mut self, ask: Ask, subject: Subject) -> Outcome {
        // Never used again, so that a late event cannot be taken for one of another monitor.
        let id = self.world.next_monitor;
        self.world.next_monitor += 1;
        let receiver = Receiver { session: ask.session, monitor: Some(id) };
        // The confirmation first: until then the session has no monitor that an event could be for.
        self.out.confirm_monitor(ask.session, ask.request, id);
        let mut calls = Vec::new();
        match &subject {
            // Monitors are kept with what they watch: events come by the thousand, and look there only.
            Subject::Phone(phone) => {
                self.world.phones[*phone].receivers.push(receiver);
                calls.clone_from(&self.world.phones[*phone].legs);
            }
            Subject::Device(device) => self.world.device_monitors.entry(device.clone()).or_default().push(receiver),
            Subject::Call(call) => {
                if let Some(entry) = self.world.calls.get_mut(call) {
                    entry.monitors.push((ask.session, id));
                }
                calls.extend(self.world.legs(*call).into_iter().map(|party| (*call, party)));
            }
            Subject::Session(session) => {
                if let Some(session) = self.world.sessions.get_mut(session) {
                    session.watchers.push(receiver);
                }
            }
            Subject::Team(team) => self.world.teams[*team].monitors.push(receiver),
        }
        self.world.note_bridges();
        self.world.monitors.insert(id, Monitor { session: ask.session, subject });
        // Calls that are there already begin for the monitor.
        for leg in calls {
            self.tell_begin_to(leg, vec![receiver]);
            self.tell_state_to(leg, EventCause::CEC_CALL_PARTY_UPDATE_IND, &[receiver]);
        }
        Ok(())
    }

    /// A monitor is no more.
    pub(in crate::simulate) fn stop_monitor(&mut self, id: u32) {
        let Some(monitor) = self.world.monitors.remove(&id) else { return };
        let is_other = |receiver: &Receiver| receiver.monitor != Some(id);
        match &monitor.subject {
            Subject::Phone(phone) => self.world.phones[*phone].receivers.retain(is_other),
            Subject::Device(device) => {
                // An entry without monitors would stay for good: there are as many devices as ports were ever taken.
                self.world.device_monitors.retain(|known, receivers| {
                    if known == device {
                        receivers.retain(is_other);
                    }
                    !receivers.is_empty()
                });
            }
            Subject::Call(call) => {
                if let Some(call) = self.world.calls.get_mut(call) {
                    call.monitors.retain(|(_, known)| *known != id);
                }
            }
            Subject::Session(session) => {
                if let Some(session) = self.world.sessions.get_mut(session) {
                    session.watchers.retain(is_other);
                }
            }
            Subject::Team(team) => self.world.teams[*team].monitors.retain(is_other),
        }
        self.world.note_bridges();
    }
}
