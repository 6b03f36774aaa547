//! The checks that a CTI Server makes on what a client sends, and the status that each earns.

use crate::error::DecodeErrorKind;
use crate::message::{Body, Direction, FieldInfo, MESSAGES, MessageInfo, MessageType, OpenReq, Service, Value};
use crate::protocol::Protocol;
use crate::session::server::ServerConfig;
use crate::value::{
    AgentStateMask, CallEventMask, CcxConfigMsgMask, ConfigMask, CtiService, FailureStatus, NAMEDVAR_VALUE_MAX,
    NULL_PERIPHERAL_ID,
};
use crate::wire::{Frame, MAX_NAMED_DATA, NamedArray, NamedVariable, Text, is_digit};

/// Shortest idle timeout, in seconds.
const MIN_IDLE_TIMEOUT: u32 = 20;
/// A service bit without a name that CTI OS asks for and gets.
const CTI_OS_SERVICE: CtiService = CtiService(0x200);
/// From this version on a standby server opens sessions.
const STANDBY_VERSION: u32 = 24;

/// The protocol that an OPEN_REQ asks for.
pub(super) fn protocol_of(config: &ServerConfig, frame: &Frame<'_>) -> Result<Protocol, FailureStatus> {
    // By hand: InvokeID and VersionNumber come first in every version, and how to read the rest they tell.
    let (_, rest) = frame.body().split_first_chunk::<4>().ok_or(FailureStatus::E_CTI_BAD_MESSAGE_FORMAT)?;
    let version = rest.first_chunk().ok_or(FailureStatus::E_CTI_BAD_MESSAGE_FORMAT)?;
    let version = u32::from_be_bytes(*version);
    let (oldest, newest) = config.versions;
    match Protocol::new(config.product, version) {
        Ok(protocol) if (oldest..=newest).contains(&version) => Ok(protocol),
        _ => Err(FailureStatus::E_CTI_INVALID_VERSION),
    }
}

/// Checks an OPEN_REQ, in the order that `ServerSession` documents.
pub(super) fn check_open(config: &ServerConfig, frame: &Frame<'_>) -> Result<(), FailureStatus> {
    let request: OpenReq<'_> = frame.decode().map_err(|error| status_of(error.kind))?;
    let ccx = frame.protocol().is_ccx();
    let unknown_configuration = if ccx {
        !CcxConfigMsgMask(request.config_msg_mask.0).unknown_bits().is_empty()
    } else {
        request.config_msg_mask.intersects(ConfigMask(!ConfigMask::ALL.0))
    };
    let unknown_services = request.services_requested.without(CtiService::ALL).without(CTI_OS_SERVICE);
    let standby_service = request.services_requested.contains(CtiService::CTI_SERVICE_ACTIVE_STANDBY);
    let too_old_for_standby = request.version_number < STANDBY_VERSION;
    let client_events = request.services_requested.contains(CtiService::CTI_SERVICE_CLIENT_EVENTS);
    let names_agent = [request.agent_extension, request.agent_id, request.agent_id_long, request.agent_instrument]
        .iter()
        .any(Option::is_some);
    // The first that is wrong is told, as a client may be wrong in several ways.
    let checks = [
        (
            (request.reserved1, request.reserved2, request.reserved3) != (0, 0, 0),
            FailureStatus::E_CTI_INVALID_RESERVED_FIELD,
        ),
        (request.client_id.is_none() || request.client_password.is_none(), FailureStatus::E_CTI_REQUIRED_DATA_MISSING),
        (request.idle_timeout < MIN_IDLE_TIMEOUT, FailureStatus::E_CTI_INVALID_TIMEOUT),
        (!unknown_services.is_empty(), FailureStatus::E_CTI_INVALID_SERVICE_MASK),
        (!request.call_msg_mask.without(CallEventMask::ALL).is_empty(), FailureStatus::E_CTI_INVALID_CALL_MSG_MASK),
        (
            !request.agent_state_mask.without(AgentStateMask::ALL).is_empty(),
            FailureStatus::E_CTI_INVALID_AGENT_STATE_MASK,
        ),
        (unknown_configuration, FailureStatus::E_INVALID_CONFIG_MSG_MASK),
        (config.standby && ccx, FailureStatus::E_CTI_SERVER_NOT_MASTER),
        (config.standby && too_old_for_standby, FailureStatus::E_CTI_CTI_SERVER_OFFLINE),
        (config.standby && !standby_service, FailureStatus::E_CTI_INVALID_CLIENT_FOR_STANDBY),
        (config.maintenance, FailureStatus::E_CTI_SERVER_IN_MAINTENANCE_MODE),
        (
            client_events && !ccx && request.peripheral_id == NULL_PERIPHERAL_ID,
            FailureStatus::E_CTI_INVALID_PERIPHERAL_ID,
        ),
        (client_events && !names_agent, FailureStatus::E_CTI_REQUIRED_DATA_MISSING),
    ];
    match checks.into_iter().find(|(wrong, _)| *wrong) {
        Some((_, status)) => Err(status),
        None => check_fields(frame, <OpenReq<'_> as Body>::INFO),
    }
}

/// Checks a message of an open session: is it one for a server, in this version, granted, whole and well-formed?
pub(super) fn check_message(frame: &Frame<'_>, granted: CtiService) -> Result<&'static MessageInfo, FailureStatus> {
    // A server application may fail what it was asked for.
    let may_fail =
        granted.contains(CtiService::CTI_SERVICE_SERVER) && frame.message_type() == MessageType::FAILURE_CONF;
    let info = MessageInfo::of(frame.message_type());
    let info = info.filter(|info| may_fail || !matches!(info.direction, Direction::Server));
    let info = info.ok_or(FailureStatus::E_CTI_INVALID_MESSAGE_TYPE)?;
    if !info.versions.include(frame.protocol()) {
        return Err(FailureStatus::E_CTI_INVALID_MSG_TYPE_FOR_VERSION);
    }
    if !is_granted(info, granted) {
        return Err(FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE);
    }
    check_fields(frame, info)?;
    if !info.lists.is_empty() {
        check_counts(frame)?;
    }
    Ok(info)
}

fn is_granted(info: &MessageInfo, granted: CtiService) -> bool {
    let needed = match info.service {
        Service::PeripheralMonitor => CtiService::CTI_SERVICE_PERIPHERAL_MONITOR,
        Service::ClientMonitor => CtiService::CTI_SERVICE_CLIENT_MONITOR,
        Service::Supervisor => CtiService::CTI_SERVICE_SUPERVISOR,
        Service::CallDataUpdate => CtiService::CTI_SERVICE_CALL_DATA_UPDATE,
        Service::ServerService => CtiService::CTI_SERVICE_SERVER,
        Service::Configuration => match info.message_type {
            MessageType::TEAM_CONFIG_REQ => CtiService::CTI_SERVICE_SUPERVISOR,
            _ => CtiService::CTI_SERVICE_CONFIG_EVENTS,
        },
        Service::ClientControl => match info.message_type {
            MessageType::SET_AGENT_STATE_REQ | MessageType::QUERY_AGENT_STATE_REQ => {
                let either = CtiService::CTI_SERVICE_CLIENT_CONTROL.union(CtiService::CTI_AGENT_STATE_CONTROL_ONLY);
                return granted.intersects(either);
            }
            _ => CtiService::CTI_SERVICE_CLIENT_CONTROL,
        },
        Service::Session | Service::ClientEvents | Service::AllEvents | Service::Miscellaneous => CtiService::EMPTY,
    };
    granted.contains(needed)
}

/// Checks the fields one by one, and that the required ones are there.
fn check_fields(frame: &Frame<'_>, info: &'static MessageInfo) -> Result<(), FailureStatus> {
    let protocol = frame.protocol();
    for field in frame.fields() {
        let field = field.map_err(|error| status_of(error.kind))?;
        let Some(tag) = field.tag else { continue };
        // Decoding would let it pass; the guide has a CTI Server refuse it.
        let Some(known) = info.field(protocol, tag) else {
            return Err(status_of_unknown(protocol, tag));
        };
        if !known.rule.versions.include(protocol) {
            return Err(FailureStatus::E_CTI_INVALID_TAG_FOR_VERSION);
        }
        let length = match field.value {
            Value::Text(text) => text.raw().len(),
            Value::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        if length > known.rule.max_in(protocol) {
            return Err(FailureStatus::E_CTI_INVALID_FIELD_LENGTH);
        }
        match field.value {
            Value::Text(text) if known.rule.digits && !text.as_bytes().iter().all(|byte| is_digit(*byte)) => {
                return Err(FailureStatus::E_CTI_INVALID_DIGITS);
            }
            Value::NamedVariable(NamedVariable { value, .. }) | Value::NamedArray(NamedArray { value, .. })
                if value.as_bytes().len() >= NAMEDVAR_VALUE_MAX =>
            {
                return Err(FailureStatus::E_CTI_VALUE_TOO_LONG);
            }
            _ => {}
        }
    }
    let is_missing = |required: &FieldInfo| {
        let tag = Some(required.rule.tag_in(protocol));
        !frame.fields().any(|field| field.is_ok_and(|field| field.tag == tag))
    };
    let mut required = info.floating.iter().filter(|field| field.rule.required_in(protocol));
    if required.any(is_missing) {
        return Err(FailureStatus::E_CTI_REQUIRED_DATA_MISSING);
    }
    Ok(())
}

/// What fixed fields count, by the field that each element begins with, and the status where they differ.
const COUNTED: [(&str, &str, FailureStatus); 3] = [
    ("NumNamedVariables", "NamedVariable", FailureStatus::E_CTI_INVALID_NUM_NAMED_VARIABLES),
    ("NumNamedArrays", "NamedArray", FailureStatus::E_CTI_INVALID_NUM_NAMED_ARRAYS),
    ("NumSkillGroups", "SkillGroupNumber", FailureStatus::E_CTI_INVALID_NUM_SKILL_GROUPS),
];

/// Checks that there is as much in lists as the message says, and no more named data than it may bring.
fn check_counts(frame: &Frame<'_>) -> Result<(), FailureStatus> {
    let fields = |name: &'static str| {
        let fields = frame.fields().filter_map(Result::ok);
        fields.filter(move |field| field.name.is_some_and(|known| known == *name))
    };
    for (count, element, status) in COUNTED {
        let declared = fields(count).find_map(|field| match field.value {
            Value::Number(count) => Some(count),
            _ => None,
        });
        if declared.is_some_and(|declared| u32::try_from(fields(element).count()) != Ok(declared)) {
            return Err(status);
        }
    }
    let named = frame.fields().filter_map(Result::ok).map(|field| match field.value {
        Value::NamedVariable(variable) => named_len(variable.name, variable.value, 2),
        Value::NamedArray(element) => named_len(element.name, element.value, 3),
        _ => 0,
    });
    if named.fold(0, usize::saturating_add) > MAX_NAMED_DATA {
        return Err(FailureStatus::E_CTI_TOO_MUCH_DATA);
    }
    Ok(())
}

/// Bytes of a named variable, or of an element of a named array: name, value and what is around them.
fn named_len(name: Text<'_>, value: Text<'_>, around: usize) -> usize {
    name.as_bytes().len().saturating_add(value.as_bytes().len()).saturating_add(around)
}

/// A tag that the message does not have is one of another message's, or none at all.
fn status_of_unknown(protocol: Protocol, tag: u16) -> FailureStatus {
    // All messages are gone through only for a client that is wrong already.
    if MESSAGES.iter().any(|info| info.field(protocol, tag).is_some()) {
        FailureStatus::E_CTI_INVALID_TAG_FOR_MSG_TYPE
    } else {
        FailureStatus::E_CTI_INVALID_FIELD_TAG
    }
}

fn status_of(kind: DecodeErrorKind) -> FailureStatus {
    match kind {
        DecodeErrorKind::WrongSize { .. } => FailureStatus::E_CTI_INVALID_FIELD_LENGTH,
        _ => FailureStatus::E_CTI_BAD_MESSAGE_FORMAT,
    }
}
