//! Requests of clients: which there are, and what keeps them from being carried out.

mod agent_state;
mod call_control;
mod call_data;
mod declared;
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
use cti_proto::{DecodeError, Frame, Product};
pub(super) use declared::is_declared;
pub use declared::{Refusal, refusals};

use super::call::{CallId, Leg, Party};
use super::floor::Floor;
use super::session::Session;
use super::shown::Shown;
use super::sink::{SessionId, Sink};
use super::table::{AgentKey, PhoneKey};

/// Who asks, and under which number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    pub(super) session: SessionId,
    pub(super) request: Request,
}

impl From<DecodeError> for Refusal {
    fn from(_: DecodeError) -> Self {
        Self::Status(FailureStatus::E_CTI_BAD_MESSAGE_FORMAT)
    }
}

/// Whether a request was carried out.
pub(super) type Outcome = Result<(), Refusal>;

/// A connection as requests name it.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    /// ConnectionCallID.
    pub(super) call: u32,
    /// What kind of name `device` is.
    pub(super) device_type: ConnectionDeviceIdType,
    /// ConnectionDeviceID: the device, as it stands in events.
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
    /// A request: it is carried out and confirmed, or refused. It is answered in any case, now or later.
    pub(super) fn request(&mut self, session: SessionId, request: Request, frame: &Frame<'_>) {
        let ask = Ask { session, request };
        let product = self.world.product_of(session);
        if let Err(refusal) = self.dispatch(ask, product, frame) {
            self.refuse(ask, product, refusal);
        }
    }

    /// Carries a request out, if the session takes part and its product has it.
    fn dispatch(&mut self, ask: Ask, product: Product, frame: &Frame<'_>) -> Outcome {
        if self.world.sessions.get(&ask.session).is_none_or(|session| session.is_standby) {
            return Err(FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE.into());
        }
        match declared::lacking(product, frame.message_type()) {
            Some(refusal) => Err(refusal),
            None => self.carry_out(ask, frame),
        }
    }

    /// Answers a request by a failure.
    pub(super) fn refuse(&mut self, ask: Ask, product: Product, refusal: Refusal) {
        let refusal = declared::in_words_of(product, refusal);
        // The list of refusals is a promise: tests walk through all that can be asked, and this sees each answer.
        debug_assert!(
            declared::is_declared(product, ask.request.message, refusal),
            "{} is answered by {refusal}, which is not declared",
            ask.request.message
        );
        match refusal {
            Refusal::Status(status) => self.out.fail(ask.session, ask.request, status),
            Refusal::Control(code) => {
                let detail = if product == Product::Ccx { ccx_detail(code).0 } else { 0 };
                self.out.fail_control(ask.session, ask.request, code, detail);
            }
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

    /// The peripheral must be the one that there is; on Unified CCX the field is reserved, and always 1.
    pub(super) fn check_peripheral(&self, ask: Ask, peripheral: u32) -> Outcome {
        if peripheral != self.shown(ask).peripheral() {
            return Err(FailureStatus::E_CTI_INVALID_PERIPHERAL_ID.into());
        }
        Ok(())
    }

    /// What Client Control needs at all.
    pub(super) fn check_control(&self, ask: Ask, peripheral: u32) -> Outcome {
        self.check_peripheral(ask, peripheral)?;
        if !self.world.is_online {
            // Queries are answered all the same: only what needs the switch fails.
            return Err(ControlFailureCode::CF_RESOURCE_OUT_OF_SERVICE.into());
        }
        Ok(())
    }

    /// The world as the client's product shows it.
    pub(super) fn shown(&self, ask: Ask) -> Shown<'_> {
        self.world.shown_to(ask.session)
    }

    /// The session that asks.
    pub(super) fn session(&self, ask: Ask) -> Result<&Session, Refusal> {
        self.world.sessions.get(&ask.session).ok_or(FailureStatus::E_CTI_SESSION_NOT_OPEN.into())
    }

    /// A client of the Client Events service controls its own device only.
    pub(super) fn may_control(&self, ask: Ask, phone: PhoneKey) -> Outcome {
        let session = self.session(ask)?;
        // With All Events besides it is a server for many agents, and controls any device.
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
        // Desktops fill in either of the two, and some an empty text in the other.
        let device = named.device.filter(|device| !device.is_empty()).or(named.instrument);
        let device = device.ok_or(FailureStatus::E_CTI_REQUIRED_DATA_MISSING)?;
        let call = self.call(named.call)?;
        let parties = self.world.calls.get(&call).map_or(&[][..], |call| &call.parties);
        if let Some(party) = parties.iter().find(|party| party.text() == device && !party.is_hidden) {
            return Ok((call, party.id));
        }
        // A device that exists is in another call; one that does not is the client's mistake.
        let is_known = device.to_str().is_ok_and(|text| self.world.phone_of_extension(text).is_some());
        Err(if is_known {
            ControlFailureCode::CF_INVALID_CSTA_CONNECTION_IDENTIFIER.into()
        } else {
            ControlFailureCode::CF_INVALID_CSTA_DEVICE_IDENTIFIER.into()
        })
    }

    /// The connection that a request names, at a phone that the client may control. Whoever carries the request out calls
    /// [`take_over`](Self::take_over) once nothing can be refused any more.
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
        let (agent, phone) = self.find_agent(self.shown(ask).product, login, extension, instrument)?;
        let at_phone = phone.map(|phone| self.world.agent_at(phone).ok_or(FailureStatus::E_CTI_AGENT_NOT_LOGGED_ON));
        let own = self.session(ask)?.agent;
        agent.or(at_phone.transpose()?).or(own).ok_or(FailureStatus::E_CTI_REQUIRED_DATA_MISSING.into())
    }

    /// Whether a request names a call at all.
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
