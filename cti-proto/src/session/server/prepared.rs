//! Events encoded once, for any number of sessions of the same protocol, and who wants them.

use crate::error::EncodeError;
use crate::message::{AgentStateEvent, Body, Direction, MessageInfo, MessageType, encode_for};
use crate::protocol::Protocol;
use crate::value::{AgentState, AgentStateMask, CallEventMask, CcxConfigMsgMask, ConfigMask, CtiService};
use crate::wire::{Frame, HEADER_LEN};

/// An event in wire form. Its monitor ID, if it has one, is filled in for each receiver.
#[derive(Clone, Copy, Debug)]
pub struct Prepared<'b> {
    pub(super) protocol: Protocol,
    pub(super) message: MessageType,
    pub(super) bytes: &'b [u8],
    pub(super) has_monitor_id: bool,
    pub(super) condition: Condition,
}

/// What a session must have asked for to get an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Nothing.
    Always,
    /// This call event, of Client Events, All Events or a monitor.
    Call(CallEventMask),
    /// This agent state, likewise. Empty where the state has no bit: then any agent state event will do.
    Agent(AgentStateMask),
    /// This service.
    Service(CtiService),
    /// This configuration, once the client has asked for configuration at all. Empty for begin and end.
    Config(ConfigMask),
}

impl<'b> Prepared<'b> {
    /// Encodes `event` into `buffer`, without the floating fields that the version lacks.
    ///
    /// # Errors
    /// [`EncodeError`] as of [`encode_for`].
    pub fn new<'m, M: Body<'m>>(protocol: Protocol, event: &M, buffer: &'b mut [u8]) -> Result<Self, EncodeError> {
        let bytes = encode_for(protocol, event, buffer)?;
        let body = bytes.get(HEADER_LEN..).unwrap_or_default();
        Ok(Self {
            protocol,
            message: M::TYPE,
            bytes,
            has_monitor_id: const { has_monitor_id(M::INFO) },
            condition: Condition::of(&Frame::new(protocol, M::TYPE, body)),
        })
    }

    /// The protocol that it is encoded in.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &'b [u8] {
        self.bytes
    }
}

/// Whether the first field is a MonitorID that the server fills in.
const fn has_monitor_id(info: &MessageInfo) -> bool {
    match (info.direction, info.fixed.first()) {
        (Direction::Server, Some(first)) => first.name.has_base("MonitorID"),
        _ => false,
    }
}

impl Condition {
    fn of(frame: &Frame<'_>) -> Self {
        let call = call_event(frame.message_type());
        if !call.is_empty() {
            return Self::Call(call);
        }
        match frame.message_type() {
            MessageType::AGENT_STATE_EVENT => {
                let state = frame.decode().map(|event: AgentStateEvent<'_>| event.agent_state);
                Self::Agent(state.map_or(AgentStateMask::EMPTY, agent_state))
            }
            MessageType::CLIENT_SESSION_OPENED_EVENT | MessageType::CLIENT_SESSION_CLOSED_EVENT => {
                Self::Service(CtiService::CTI_SERVICE_CLIENT_MONITOR)
            }
            message if frame.protocol().is_ccx() => ccx_configuration(message).map_or(Self::Always, Self::Config),
            message => configuration(message).map_or(Self::Always, Self::Config),
        }
    }
}

/// The mask bit of a call event.
fn call_event(message: MessageType) -> CallEventMask {
    match message {
        MessageType::CALL_DELIVERED_EVENT => CallEventMask::CALL_DELIVERED_MASK,
        MessageType::CALL_QUEUED_EVENT => CallEventMask::CALL_QUEUED_MASK,
        MessageType::CALL_ESTABLISHED_EVENT => CallEventMask::CALL_ESTABLISHED_MASK,
        MessageType::CALL_HELD_EVENT => CallEventMask::CALL_HELD_MASK,
        MessageType::CALL_RETRIEVED_EVENT => CallEventMask::CALL_RETRIEVED_MASK,
        MessageType::CALL_CLEARED_EVENT => CallEventMask::CALL_CLEARED_MASK,
        MessageType::CALL_CONNECTION_CLEARED_EVENT => CallEventMask::CALL_CONNECTION_CLEARED_MASK,
        MessageType::CALL_ORIGINATED_EVENT => CallEventMask::CALL_ORIGINATED_MASK,
        MessageType::CALL_CONFERENCED_EVENT => CallEventMask::CALL_CONFERENCED_MASK,
        MessageType::CALL_TRANSFERRED_EVENT => CallEventMask::CALL_TRANSFERRED_MASK,
        MessageType::CALL_DIVERTED_EVENT => CallEventMask::CALL_DIVERTED_MASK,
        MessageType::CALL_SERVICE_INITIATED_EVENT => CallEventMask::CALL_SERVICE_INITIATED_MASK,
        MessageType::CALL_TRANSLATION_ROUTE_EVENT => CallEventMask::CALL_TRANSLATION_ROUTE_MASK,
        MessageType::BEGIN_CALL_EVENT => CallEventMask::BEGIN_CALL_MASK,
        MessageType::END_CALL_EVENT => CallEventMask::END_CALL_MASK,
        MessageType::CALL_DATA_UPDATE_EVENT => CallEventMask::CALL_DATA_UPDATE_MASK,
        MessageType::CALL_FAILED_EVENT => CallEventMask::CALL_FAILED_MASK,
        MessageType::CALL_REACHED_NETWORK_EVENT => CallEventMask::CALL_REACHED_NETWORK_MASK,
        MessageType::CALL_DEQUEUED_EVENT => CallEventMask::CALL_DEQUEUED_MASK,
        MessageType::AGENT_PRE_CALL_EVENT => CallEventMask::AGENT_PRE_CALL_MASK,
        MessageType::AGENT_PRE_CALL_ABORT_EVENT => CallEventMask::AGENT_PRE_CALL_ABORT_MASK,
        MessageType::RTP_STARTED_EVENT => CallEventMask::RTP_STARTED_MASK,
        MessageType::RTP_STOPPED_EVENT => CallEventMask::RTP_STOPPED_MASK,
        MessageType::AGENT_TEAM_CONFIG_EVENT => CallEventMask::AGENT_TEAM_CONFIG_MASK,
        MessageType::CALL_ATTRIBUTE_CHANGE_EVENT => CallEventMask::CALL_ATTRIBUTE_CHANGE_MASK,
        MessageType::CALL_AGENT_GREETING_EVENT => CallEventMask::CALL_AGENT_GREETING_MASK,
        MessageType::NETWORK_RECORDING_STARTED_EVENT => CallEventMask::NETWORK_RECORDING_STARTED_MASK,
        MessageType::NETWORK_RECORDING_ENDED_EVENT => CallEventMask::NETWORK_RECORDING_ENDED_MASK,
        MessageType::NETWORK_RECORDING_FAILED_EVENT => CallEventMask::NETWORK_RECORDING_FAILED_MASK,
        MessageType::NETWORK_RECORDING_TARGET_INFO_EVENT => CallEventMask::NETWORK_RECORDING_TARGET_INFO_MASK,
        _ => CallEventMask::EMPTY,
    }
}

/// The mask bit of an agent state. Above RESERVED their orders differ.
fn agent_state(state: AgentState) -> AgentStateMask {
    match state {
        AgentState(number @ 0..=8) => AgentStateMask(1 << number),
        AgentState::AGENT_STATE_HOLD => AgentStateMask::AGENT_HOLD_MASK,
        AgentState::AGENT_STATE_ACTIVE => AgentStateMask::AGENT_ACTIVE_MASK,
        AgentState::AGENT_STATE_PAUSED => AgentStateMask::AGENT_PAUSED_MASK,
        AgentState::AGENT_STATE_INTERRUPTED => AgentStateMask::AGENT_INTERRUPTED_MASK,
        AgentState::AGENT_STATE_NOT_ACTIVE => AgentStateMask::AGENT_NOT_ACTIVE_MASK,
        _ => AgentStateMask::EMPTY,
    }
}

/// The mask bit of a configuration record; none for begin and end.
fn configuration(message: MessageType) -> Option<ConfigMask> {
    Some(match message {
        MessageType::CONFIG_BEGIN_EVENT | MessageType::CONFIG_END_EVENT => ConfigMask::EMPTY,
        MessageType::CONFIG_SERVICE_EVENT => ConfigMask::CONFIG_MSG_SERVICE_MASK,
        MessageType::CONFIG_SKILL_GROUP_EVENT => ConfigMask::CONFIG_MSG_SKILL_GROUP_MASK,
        MessageType::CONFIG_AGENT_EVENT => ConfigMask::CONFIG_MSG_AGENT_MASK,
        MessageType::CONFIG_DEVICE_EVENT => ConfigMask::CONFIG_MSG_DEVICE_MASK,
        MessageType::CONFIG_CALL_TYPE_EVENT => ConfigMask::CONFIG_MSG_CALL_TYPE_MASK,
        MessageType::CONFIG_MRD_EVENT => ConfigMask::CONFIG_MSG_MRD_MASK,
        MessageType::CONFIG_PERIPHERAL_EVENT => ConfigMask::CONFIG_MSG_PERIPHERAL_MASK,
        MessageType::CONFIG_AGENT_DESK_SETTINGS_EVENT => ConfigMask::CONFIG_MSG_AGENT_DESK_SETTINGS_MASK,
        MessageType::CONFIG_TERMINAL_EVENT => ConfigMask::CONFIG_MSG_TERMINAL_MASK,
        MessageType::CONFIG_AGENT_SERVICE_EVENT => ConfigMask::CONFIG_MSG_AGENT_SERVICE_MASK,
        _ => return None,
    })
}

/// The same for Unified CCX, whose mask has an order of its own.
fn ccx_configuration(message: MessageType) -> Option<ConfigMask> {
    let mask = match message {
        MessageType::CONFIG_SERVICE_EVENT => CcxConfigMsgMask::APPLICATION,
        MessageType::CONFIG_SKILL_GROUP_EVENT => CcxConfigMsgMask::CSQ,
        MessageType::CONFIG_AGENT_EVENT => CcxConfigMsgMask::AGENT,
        MessageType::CONFIG_DEVICE_EVENT => CcxConfigMsgMask::DEVICE,
        MessageType::CONFIG_TERMINAL_EVENT => CcxConfigMsgMask::TERMINAL,
        message => return configuration(message),
    };
    Some(mask.into())
}
