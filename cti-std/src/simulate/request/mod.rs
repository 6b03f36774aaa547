//! Requests of clients: which there are, and what keeps them from being carried out.

mod agent_state;
mod call_control;
mod call_data;
mod greeting;
mod messages;
mod monitor;
mod network_recording;
mod query;
mod recording;
mod snapshot;
mod supervision;

use cti_proto::message::MessageType;
use cti_proto::session::Request;
use cti_proto::value::{
    CcxErrorCode, ConnectionDeviceIdType, ControlFailureCode, CtiService, FailureStatus, NULL_CALL_ID,
};
use cti_proto::wire::Text;
use cti_proto::{DecodeError, Frame};

use super::call::{CallId, Leg, Party};
use super::floor::Floor;
use super::session::Session;
use super::sink::{SessionId, Sink};
use super::table::{AgentKey, PhoneKey};

/// Who asks, and under which number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    pub(super) session: SessionId,
    pub(super) request: Request,
}

/// Why a request is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// By FAILURE_CONF.
    Status(FailureStatus),
    /// By CONTROL_FAILURE_CONF.
    Control(ControlFailureCode),
}

impl From<FailureStatus> for Refusal {
    fn from(status: FailureStatus) -> Self {
        Self::Status(status)
    }
}

impl From<ControlFailureCode> for Refusal {
    fn from(code: ControlFailureCode) -> Self {
        Self::Control(code)
    }
}

impl From<DecodeError> for Refusal {
    fn from(_: DecodeError) -> Self {
        Self::Status(FailureStatus::E_CTI_BAD_MESSAGE_FORMAT)
    }
}

pub(super) type Outcome = Result<(), Refusal>;

/// A connection as requests name it.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) call: u32,
    pub(super) device_type: ConnectionDeviceIdType,
    pub(super) device: Option<Text<'a>>,
    /// The agent's instrument, in place of the device or beside it.
    pub(super) instrument: Option<Text<'a>>,
}

/// A connection as a request names it: its only one, or one of two; with the instrument, if the request has one.
macro_rules! named {
    ($request:ident.connection $(, $instrument:expr)?) => {
        named!(@ $request connection_call_id connection_device_id_type connection_device_id $($instrument)?)
    };
    ($request:ident.active_connection $(, $instrument:expr)?) => {
        named!(@ $request active_connection_call_id active_connection_device_id_type active_connection_device_id
            $($instrument)?)
    };
    ($request:ident.held_connection $(, $instrument:expr)?) => {
        named!(@ $request held_connection_call_id held_connection_device_id_type held_connection_device_id
            $($instrument)?)
    };
    ($request:ident.other_connection $(, $instrument:expr)?) => {
        named!(@ $request other_connection_call_id other_connection_device_id_type other_connection_device_id
            $($instrument)?)
    };
    (@ $request:ident $call_id:ident $device_id_type:ident $device_id:ident) => {
        named!(@ $request $call_id $device_id_type $device_id None)
    };
    (@ $request:ident $call_id:ident $device_id_type:ident $device_id:ident $instrument:expr) => {
        $crate::simulate::request::Named {
            call: $request.$call_id,
            device_type: $request.$device_id_type,
            device: $request.$device_id,
            instrument: $instrument,
        }
    };
}
pub(super) use named;

impl<S: Sink> Floor<'_, S> {
    pub(super) fn request(&mut self, session: SessionId, request: Request, frame: &Frame<'_>) {
        let ask = Ask { session, request };
        match self.dispatch(ask, frame) {
            Ok(()) => {}
            Err(Refusal::Status(status)) => self.out.fail(session, request, status),
            Err(Refusal::Control(code)) => {
                let detail = if self.world.is_ccx() { ccx_detail(code).0 } else { 0 };
                self.out.fail_control(session, request, code, detail);
            }
        }
    }

    #[rustfmt::skip]
    fn dispatch(&mut self, ask: Ask, frame: &Frame<'_>) -> Outcome {
        use MessageType as M;
        if self.world.sessions.get(&ask.session).is_none_or(|session| session.is_standby) {
            return Err(FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE.into());
        }
        match frame.message_type() {
            M::ALTERNATE_CALL_REQ => self.alternate_call(ask, &frame.decode()?),
            M::ANSWER_CALL_REQ => self.answer_call(ask, &frame.decode()?),
            M::CLEAR_CALL_REQ => self.clear_call(ask, &frame.decode()?),
            M::CLEAR_CONNECTION_REQ => self.clear_connection(ask, &frame.decode()?),
            M::CONFERENCE_CALL_REQ => self.conference_call(ask, &frame.decode()?),
            M::CONSULTATION_CALL_REQ => self.consultation_call(ask, &frame.decode()?),
            M::DEFLECT_CALL_REQ => self.deflect_call(ask, &frame.decode()?),
            M::HOLD_CALL_REQ => self.hold_call(ask, &frame.decode()?),
            M::MAKE_CALL_REQ => self.make_call(ask, &frame.decode()?),
            M::MAKE_PREDICTIVE_CALL_REQ => self.make_predictive_call(ask, &frame.decode()?),
            M::RECONNECT_CALL_REQ => self.reconnect_call(ask, &frame.decode()?),
            M::RETRIEVE_CALL_REQ => self.retrieve_call(ask, &frame.decode()?),
            M::TRANSFER_CALL_REQ => self.transfer_call(ask, &frame.decode()?),
            M::SEND_DTMF_SIGNAL_REQ => self.send_dtmf(ask, &frame.decode()?),
            M::BAD_CALL_REQ => self.bad_call(ask, &frame.decode()?),
            M::SET_AGENT_STATE_REQ => self.set_agent_state(ask, &frame.decode()?),
            M::QUERY_AGENT_STATE_REQ => self.query_agent_state(ask, &frame.decode()?),
            M::QUERY_DEVICE_INFO_REQ => self.query_device_info(ask, &frame.decode()?),
            M::SNAPSHOT_CALL_REQ => self.snapshot_call(ask, &frame.decode()?),
            M::SNAPSHOT_DEVICE_REQ => self.snapshot_device(ask, &frame.decode()?),
            M::QUERY_AGENT_STATISTICS_REQ => self.query_agent_statistics(ask, &frame.decode()?),
            M::QUERY_SKILL_GROUP_STATISTICS_REQ => self.query_skill_group_statistics(ask, &frame.decode()?),
            M::AGENT_DESK_SETTINGS_REQ => self.agent_desk_settings(ask, &frame.decode()?),
            M::SET_CALL_DATA_REQ => self.set_call_data(ask, &frame.decode()?),
            M::RELEASE_CALL_REQ => self.release_call(ask, &frame.decode()?),
            M::SET_DEVICE_ATTRIBUTES_REQ => self.set_device_attributes(ask, &frame.decode()?),
            M::SET_APP_DATA_REQ => self.set_app_data(ask, &frame.decode()?),
            M::REGISTER_VARIABLES_REQ => self.register_variables(ask, &frame.decode()?),
            M::SET_AGENT_SERVICE_DATA_REQ => self.set_agent_service_data(ask, &frame.decode()?),
            M::SUPERVISE_CALL_REQ => self.supervise_call(ask, &frame.decode()?),
            M::SUPERVISOR_ASSIST_REQ => self.supervisor_assist(ask, &frame.decode()?),
            M::EMERGENCY_CALL_REQ => self.emergency_call(ask, &frame.decode()?),
            M::LIST_AGENT_TEAM_REQ => self.list_agent_team(ask, &frame.decode()?),
            M::MONITOR_START_REQ => self.monitor_start(ask, &frame.decode()?),
            M::SESSION_MONITOR_START_REQ => self.session_monitor_start(ask, &frame.decode()?),
            M::MONITOR_AGENT_TEAM_START_REQ => self.monitor_agent_team_start(ask, &frame.decode()?),
            M::USER_MESSAGE_REQ => self.user_message(ask, &frame.decode()?),
            M::CLIENT_EVENT_REPORT_REQ => self.client_event_report(ask, &frame.decode()?),
            M::REGISTER_SERVICE_REQ => self.register_service(ask, &frame.decode()?),
            M::UNREGISTER_SERVICE_REQ => self.unregister_service(ask, &frame.decode()?),
            M::START_RECORDING_REQ => self.start_recording(ask, &frame.decode()?),
            M::STOP_RECORDING_REQ => self.stop_recording(ask, &frame.decode()?),
            M::START_NETWORK_RECORDING_REQ => self.start_network_recording(ask, &frame.decode()?),
            M::STOP_NETWORK_RECORDING_REQ => self.stop_network_recording(ask, &frame.decode()?),
            M::AGENT_GREETING_CONTROL_REQ => self.agent_greeting_control(ask, &frame.decode()?),
            M::TEAM_CONFIG_REQ => self.team_config(ask, &frame.decode()?),
            _ => Err(FailureStatus::E_CTI_UNSPECIFIED_FAILURE.into()),
        }
    }

    /// A message that is no request: configuration, and answers of server applications.
    pub(super) fn message(&mut self, session: SessionId, frame: &Frame<'_>) {
        use MessageType as M;
        match frame.message_type() {
            M::CONFIG_REQUEST_KEY_EVENT => self.config_request_key(session),
            M::CONFIG_REQUEST_EVENT => {
                if let Ok(request) = frame.decode() {
                    self.config_request(session, &request);
                }
            }
            M::START_RECORDING_CONF => {
                if let Ok(answer) = frame.decode() {
                    self.recording_started(session, &answer);
                }
            }
            M::STOP_RECORDING_CONF => {
                if let Ok(answer) = frame.decode() {
                    self.recording_stopped(session, &answer);
                }
            }
            M::FAILURE_CONF => {
                if let Ok(answer) = frame.decode() {
                    self.recording_failed(session, &answer);
                }
            }
            _ => {}
        }
    }

    /// The peripheral must be the one that there is; on Unified CCX the field is reserved.
    pub(super) fn check_peripheral(&self, peripheral: u32) -> Outcome {
        if !self.world.is_ccx() && peripheral != self.world.peripheral() {
            return Err(FailureStatus::E_CTI_INVALID_PERIPHERAL_ID.into());
        }
        Ok(())
    }

    /// What Client Control needs at all.
    pub(super) fn check_control(&self, peripheral: u32) -> Outcome {
        self.check_peripheral(peripheral)?;
        if !self.world.is_online {
            return Err(ControlFailureCode::CF_RESOURCE_OUT_OF_SERVICE.into());
        }
        Ok(())
    }

    pub(super) fn session(&self, ask: Ask) -> Result<&Session, Refusal> {
        self.world.sessions.get(&ask.session).ok_or(FailureStatus::E_CTI_SESSION_NOT_OPEN.into())
    }

    /// A client of the Client Events service controls its own device only.
    pub(super) fn may_control(&self, ask: Ask, phone: PhoneKey) -> Outcome {
        let session = self.session(ask)?;
        let is_bound = session.services.contains(CtiService::CTI_SERVICE_CLIENT_EVENTS)
            && !session.services.contains(CtiService::CTI_SERVICE_ALL_EVENTS);
        if is_bound && session.phone != Some(phone) {
            return Err(ControlFailureCode::CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE.into());
        }
        Ok(())
    }

    /// The phone of an instrument, which the client may control and an agent is logged in at.
    pub(super) fn instrument(&self, ask: Ask, instrument: Option<Text<'_>>) -> Result<(PhoneKey, AgentKey), Refusal> {
        let phone = instrument.and_then(|text| text.to_str().ok()).and_then(|text| self.world.phone_of_extension(text));
        let phone = phone.ok_or(ControlFailureCode::CF_INVALID_CALLING_DEVICE)?;
        self.may_control(ask, phone)?;
        let agent = self.world.agent_at(phone).ok_or(FailureStatus::E_CTI_AGENT_NOT_LOGGED_ON)?;
        Ok((phone, agent))
    }

    /// The call of a number.
    pub(super) fn call(&self, id: u32) -> Result<CallId, Refusal> {
        let call = CallId(id);
        if !self.world.calls.contains_key(&call) {
            return Err(ControlFailureCode::CF_INVALID_CSTA_CALL_IDENTIFIER.into());
        }
        Ok(call)
    }

    /// The connection that a request names, whoever's it is.
    pub(super) fn connection(&self, named: Named<'_>) -> Result<Leg, Refusal> {
        let known_type = [
            ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            ConnectionDeviceIdType::CONNECTION_ID_DYNAMIC,
            ConnectionDeviceIdType::CONNECTION_ID_NONE,
        ];
        if !known_type.contains(&named.device_type) {
            return Err(FailureStatus::E_CTI_INVALID_CONNECTION_ID_TYPE.into());
        }
        let device = named.device.filter(|device| !device.is_empty()).or(named.instrument);
        let device = device.ok_or(FailureStatus::E_CTI_REQUIRED_DATA_MISSING)?;
        let call = self.call(named.call)?;
        let parties = self.world.calls.get(&call).map_or(&[][..], |call| &call.parties);
        if let Some(party) = parties.iter().find(|party| party.text() == device && !party.is_hidden) {
            return Ok((call, party.id));
        }
        let is_known = device.to_str().is_ok_and(|text| self.world.phone_of_extension(text).is_some());
        Err(if is_known {
            ControlFailureCode::CF_INVALID_CSTA_CONNECTION_IDENTIFIER.into()
        } else {
            ControlFailureCode::CF_INVALID_CSTA_DEVICE_IDENTIFIER.into()
        })
    }

    /// The connection that a request names, at a phone that the client may control; its agent is driven from now on.
    pub(super) fn controlled(&mut self, ask: Ask, named: Named<'_>) -> Result<(Leg, PhoneKey), Refusal> {
        let leg = self.connection(named)?;
        let phone = self.world.party(leg).and_then(Party::phone);
        let phone = phone.ok_or(ControlFailureCode::CF_INVALID_CSTA_CONNECTION_IDENTIFIER)?;
        self.may_control(ask, phone)?;
        Ok((leg, phone))
    }

    /// The client has control of the agent at a phone from now on.
    pub(super) fn take_over(&mut self, ask: Ask, phone: PhoneKey) {
        if let Some(agent) = self.world.agent_at(phone) {
            self.drive(agent, ask.session);
        }
    }

    /// The agent that the fields of a request name, or else that of the client's session.
    pub(super) fn agent(
        &self,
        ask: Ask,
        login: Option<Text<'_>>,
        extension: Option<Text<'_>>,
        instrument: Option<Text<'_>>,
    ) -> Result<AgentKey, Refusal> {
        let (agent, phone) = self.find_agent(login, extension, instrument)?;
        let at_phone = phone.map(|phone| self.world.agent_at(phone).ok_or(FailureStatus::E_CTI_AGENT_NOT_LOGGED_ON));
        let own = self.session(ask)?.agent;
        agent.or(at_phone.transpose()?).or(own).ok_or(FailureStatus::E_CTI_REQUIRED_DATA_MISSING.into())
    }

    /// Whether the phone has a call of this number and state.
    pub(super) fn has_call(named: u32) -> bool {
        named != NULL_CALL_ID
    }
}

/// Whether a number is one of its type's values.
macro_rules! check_known {
    ($($value:expr => $status:ident),* $(,)?) => {
        $(if $value.name().is_none() {
            return Err(cti_proto::value::FailureStatus::$status.into());
        })*
    };
}
pub(super) use check_known;

/// What Unified CCX says beside a failure code.
fn ccx_detail(code: ControlFailureCode) -> CcxErrorCode {
    match code {
        ControlFailureCode::CF_INVALID_CSTA_CALL_IDENTIFIER => CcxErrorCode::CCX_CALL_OBJECT_NULL,
        ControlFailureCode::CF_INVALID_CSTA_CONNECTION_IDENTIFIER => CcxErrorCode::CCX_TERMINAL_CONNECTION_NULL,
        ControlFailureCode::CF_INVALID_CSTA_DEVICE_IDENTIFIER => CcxErrorCode::CCX_LOOKUP_FAILURE,
        ControlFailureCode::CF_INVALID_AGENT_ID_SPECIFIED => CcxErrorCode::CCX_AGENT_INVALID,
        ControlFailureCode::CF_INVALID_LOGON_DEVICE_SPECIFIED => CcxErrorCode::CCX_AGENT_DEVICE_OFF,
        ControlFailureCode::CF_SPECIFIED_EXTENSION_ALREADY_IN_USE => CcxErrorCode::CCX_AGENT_DEVICE_BUSY,
        ControlFailureCode::CF_RESOURCE_OUT_OF_SERVICE => CcxErrorCode::CCX_JTAPI_PROVIDER_NULL,
        _ => CcxErrorCode::CCX_DEFAULT_ERROR_CODE,
    }
}
