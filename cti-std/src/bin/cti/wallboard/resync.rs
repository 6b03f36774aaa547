//! The first picture, and the one after a loss: what is to be asked of the server, step by step.

use std::collections::{HashMap, VecDeque};

use cti_proto::message::{
    ConfigRequestEvent, QueryAgentStateConf, QueryAgentStateReq, SnapshotCallReq, SnapshotDeviceConf, SnapshotDeviceReq,
};
use cti_proto::session::{ClientSession, Instant, Request, RequestError};
use cti_proto::value::{AgentState, ConfigMask, ConnectionDeviceIdType, CtiService, DeviceIdType};
use cti_proto::{Frame, MessageType};

use crate::tracked::AGENTS;

/// What is still to be asked.
#[derive(Debug, Default)]
pub(crate) struct Resync {
    steps: VecDeque<Step>,
    /// Requests whose answers may bring further steps, and the peripherals that they are about.
    pending: HashMap<u32, u32>,
    /// Whether there is anything left to ask, or to wait for.
    goes_on: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Agent { peripheral: u32, id: String },
    Device { peripheral: u32, instrument: String },
    Call { peripheral: u32, call_id: u32, device_id_type: u16, device_id: String },
}

/// Who there is at all: the configuration says so.
const CONFIGURATION: ConfigMask =
    ConfigMask(ConfigMask::CONFIG_MSG_SKILL_GROUP_MASK.0 | ConfigMask::CONFIG_MSG_AGENT_MASK.0);

impl Resync {
    /// A session has opened: asks for the configuration.
    pub(crate) fn begin(&mut self, session: &mut ClientSession<'_>, now: Instant, granted: CtiService) {
        *self = Self::default();
        // Questions about agents and calls are control requests.
        if !granted.contains(CtiService::CTI_SERVICE_CLIENT_CONTROL) {
            session.finish_resync();
            return;
        }
        let request = ConfigRequestEvent {
            config_information: CONFIGURATION,
            config_msg_mask: CONFIGURATION,
            customer_id: session.protocol().is_ccx().then_some(0),
            ..ConfigRequestEvent::default()
        };
        self.goes_on = true;
        if let Ok(request) = session.request(now, &request) {
            self.pending.insert(request.invoke_id, 0);
        }
        session.start_resync(now);
    }

    /// An agent is to be asked for.
    pub(crate) fn agent(&mut self, peripheral: u32, id: &str) {
        // As many as can be shown: a server that names more, or the same ones again and again, is not asked for them.
        if self.goes_on && self.steps.len() < AGENTS {
            self.steps.push_back(Step::Agent { peripheral, id: id.into() });
        }
    }

    /// A request has ended, with an answer or without. Answers may bring further steps; those about calls come first:
    /// they pass.
    pub(crate) fn ended(&mut self, request: Request, answer: Option<&Frame<'_>>) {
        let Some(peripheral) = self.pending.remove(&request.invoke_id) else { return };
        match (request.message, answer) {
            (MessageType::QUERY_AGENT_STATE_REQ, Some(frame)) => self.agent_answered(frame, peripheral),
            (MessageType::SNAPSHOT_DEVICE_REQ, Some(frame)) => self.device_answered(frame, peripheral),
            _ => {}
        }
    }

    /// An agent who is in has a device, which may have calls.
    fn agent_answered(&mut self, frame: &Frame<'_>, peripheral: u32) {
        let Ok(agent) = frame.decode::<QueryAgentStateConf<'_>>() else { return };
        let instrument = agent.agent_instrument.or(agent.agent_extension).filter(|device| !device.is_empty());
        let is_out = agent.agent_state == AgentState::AGENT_STATE_LOGOUT;
        if let Some(instrument) = instrument.filter(|_| !is_out) {
            self.steps.push_front(Step::Device { peripheral, instrument: instrument.to_string() });
        }
    }

    /// The calls of a device are asked for next.
    fn device_answered(&mut self, frame: &Frame<'_>, peripheral: u32) {
        let Ok(device) = frame.decode::<SnapshotDeviceConf<'_>>() else { return };
        for call in device.calls.iter() {
            self.steps.push_front(Step::Call {
                peripheral,
                call_id: call.call_id,
                device_id_type: call.connection_device_id_type.0,
                device_id: call.connection_device_id.to_string(),
            });
        }
    }

    /// Asks the next question, if it is time for one. `true` when there is none, and none will come: once.
    pub(crate) fn go_on(&mut self, session: &mut ClientSession<'_>, now: Instant) -> bool {
        if !self.goes_on {
            return false;
        }
        let Some(step) = self.steps.pop_front() else {
            // Answers that are still to come may bring further steps.
            self.goes_on = !self.pending.is_empty();
            if !self.goes_on {
                session.finish_resync();
            }
            return !self.goes_on;
        };
        match step.ask(session, now) {
            Ok(request) => drop(self.pending.insert(request.invoke_id, step.peripheral())),
            // Later: it is too early, or too many are on their way.
            Err(RequestError::TooManyOutstanding | RequestError::TooEarly) => self.steps.push_front(step),
            // The version cannot say it: there is nothing to wait for.
            Err(_) => {}
        }
        false
    }
}

impl Step {
    /// The peripheral that it is about.
    const fn peripheral(&self) -> u32 {
        match self {
            Self::Agent { peripheral, .. } | Self::Device { peripheral, .. } | Self::Call { peripheral, .. } => {
                *peripheral
            }
        }
    }

    /// Asks the question, as a resynchronisation: at its pace, behind what the program itself wants.
    fn ask(&self, session: &mut ClientSession<'_>, now: Instant) -> Result<Request, RequestError> {
        match self {
            Self::Agent { peripheral, id } => session.resync(
                now,
                &QueryAgentStateReq {
                    peripheral_id: *peripheral,
                    agent_id: Some(id.as_str().into()),
                    ..QueryAgentStateReq::default()
                },
            ),
            Self::Device { peripheral, instrument } => session.resync(
                now,
                &SnapshotDeviceReq {
                    peripheral_id: *peripheral,
                    snapshot_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
                    agent_instrument: Some(instrument.as_str().into()),
                    ..SnapshotDeviceReq::default()
                },
            ),
            Self::Call { peripheral, call_id, device_id_type, device_id } => session.resync(
                now,
                &SnapshotCallReq {
                    peripheral_id: *peripheral,
                    connection_call_id: *call_id,
                    connection_device_id_type: ConnectionDeviceIdType(*device_id_type),
                    connection_device_id: Some(device_id.as_str().into()),
                    ..SnapshotCallReq::default()
                },
            ),
        }
    }
}
