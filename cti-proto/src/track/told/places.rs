//! Which field goes where. What a field is called in the messages stands here; where it stands in them, the tables say.

use crate::message::dictionary::rule;
use crate::message::{
    CallDevice, CallVariables, ConnectedParty, DeviceCall, ElementInfo, FieldName, FltSkillGroup, Peripheral,
};
use crate::track::told::Told;
use crate::value::{
    AgentAvailabilityStatus, AgentGreetingEventCode, AgentMode, AgentState, CallDirection, CallType,
    ConnectionDeviceIdType, DeviceIdType, DispositionCode, EventCause, LocalConnectionState, NULL_CALL_ID,
    NULL_PERIPHERAL_ID, NULL_SERVICE, NULL_SKILL_GROUP, RtpDirection, SystemEventId,
};
use crate::wire::{Bytes, DataType, Element, FieldValue, NamedArray, NamedVariable, Text};

/// Fixed fields: `name: type as number = default, "name in the guide" | "name in the guide of another message"`.
macro_rules! numbers {
    ($($name:ident: $type:ident as $repr:ident = $default:expr, $($spec:literal)|+;)*) => {
        #[allow(non_camel_case_types, reason = "named like the fields")]
        #[derive(Clone, Copy)]
        pub(super) enum Number {
            $($name,)*
        }

        pub(super) const NUMBERS: usize = [$(Number::$name),*].len();
        pub(super) const DEFAULTS: [u32; NUMBERS] = [$({
            let default: $repr = $default;
            default as u32
        }),*];

        pub(super) const fn place_of(name: FieldName) -> Option<u8> {
            $(if $(name.has_base($spec))||+ {
                return Some(Number::$name as u8);
            })*
            None
        }

        impl Told<'_> {
            $(pub(in crate::track) fn $name(&self) -> $type {
                $type::from(self.number(Number::$name) as $repr)
            })*
        }
    };
}

numbers! {
    peripheral_id: u32 as u32 = NULL_PERIPHERAL_ID, "PeripheralID";
    call_id: u32 as u32 = NULL_CALL_ID, "ConnectionCallID" | "PrimaryCallID";
    device_id_type: ConnectionDeviceIdType as u16 = ConnectionDeviceIdType::NONE_OR_ZERO.0,
        "ConnectionDeviceIDType" | "PrimaryDeviceIDType";
    other_call_id: u32 as u32 = NULL_CALL_ID, "NewConnectionCallID" | "SecondaryCallID";
    other_device_id_type: ConnectionDeviceIdType as u16 = ConnectionDeviceIdType::NONE_OR_ZERO.0,
        "NewConnectionDeviceIDType" | "SecondaryDeviceIDType";
    device_type: DeviceIdType as u16 = DeviceIdType::NONE_OR_ZERO.0,
        "AlertingDeviceType" | "AnsweringDeviceType" | "HoldingDeviceType" | "RetrievingDeviceType" | "FailingDeviceType"
        | "ReleasingDeviceType" | "DivertingDeviceType" | "QueueDeviceType" | "TransferringDeviceType";
    calling_device_type: DeviceIdType as u16 = DeviceIdType::NONE_OR_ZERO.0, "CallingDeviceType";
    called_device_type: DeviceIdType as u16 = DeviceIdType::NONE_OR_ZERO.0, "CalledDeviceType";
    last_redirect_device_type: DeviceIdType as u16 = DeviceIdType::NONE_OR_ZERO.0, "LastRedirectDeviceType";
    coming_device_type: DeviceIdType as u16 = DeviceIdType::NONE_OR_ZERO.0,
        "AddedPartyDeviceType" | "TransferredDeviceType";
    service_number: u32 as u32 = NULL_SERVICE, "ServiceNumber";
    service_id: u32 as u32 = NULL_SERVICE, "ServiceID";
    skill_group_number: u32 as u32 = NULL_SKILL_GROUP, "SkillGroupNumber";
    skill_group_id: u32 as u32 = NULL_SKILL_GROUP, "SkillGroupID";
    skill_group_priority: u16 as u16 = 0, "SkillGroupPriority";
    skill_group_state: AgentState as u16 = AgentState::NONE_OR_ZERO.0, "SkillGroupState";
    local_connection_state: LocalConnectionState as u16 = LocalConnectionState::NONE_OR_ZERO.0, "LocalConnectionState";
    event_cause: EventCause as u16 = EventCause::NONE_OR_ZERO.0, "EventCause";
    call_type: CallType as u16 = CallType::NONE_OR_ZERO.0, "CallType";
    called_party_disposition: DispositionCode as u16 = DispositionCode::NONE_OR_ZERO.0, "CalledPartyDisposition";
    call_type_id: u32 as u32 = 0, "CallTypeID";
    num_queued: u16 as u16 = 0, "NumQueued";
    event_code: AgentGreetingEventCode as u16 = AgentGreetingEventCode::NONE_OR_ZERO.0, "EventCode";
    direction: RtpDirection as u16 = RtpDirection::NONE_OR_ZERO.0, "Direction";
    agent_state: AgentState as u16 = AgentState::NONE_OR_ZERO.0, "AgentState";
    state_duration: u32 as u32 = 0, "StateDuration";
    event_reason_code: u16 as u16 = 0, "EventReasonCode";
    mrdid: i32 as i32 = 0, "MRDID";
    num_tasks: u32 as u32 = 0, "NumTasks";
    max_task_limit: u32 as u32 = 0, "MaxTaskLimit";
    agent_mode: AgentMode as u16 = AgentMode::NONE_OR_ZERO.0, "AgentMode";
    icm_agent_id: i32 as i32 = 0, "ICMAgentID" | "AgentSkillTargetID";
    agent_availability_status: AgentAvailabilityStatus as u32 = AgentAvailabilityStatus::NONE_OR_ZERO.0,
        "AgentAvailabilityStatus";
    system_event_id: SystemEventId as u32 = SystemEventId::NONE_OR_ZERO.0, "SystemEventID";
    system_event_arg1: u32 as u32 = 0, "SystemEventArg1";
}

/// Floating fields: `name: type, tag | tag in another message`.
macro_rules! data {
    ($($name:ident: $type:ty, $($tag:ident)|+;)*) => {
        #[allow(non_camel_case_types, reason = "named like the fields")]
        #[derive(Clone, Copy)]
        pub(super) enum Datum {
            Unwanted,
            $($name,)*
        }

        pub(super) const DATA: usize = [Datum::Unwanted $(, Datum::$name)*].len();

        const fn with_data(mut codes: [Code; TAGS]) -> [Code; TAGS] {
            $($(
                codes = with_code(codes, rule::$tag.tag, Code::new(Datum::$name as u8, rule::$tag.data_type));
            )+)*
            codes
        }

        impl<'a> Told<'a> {
            $(pub(in crate::track) fn $name(&self) -> Option<$type> {
                FieldValue::from_data(self.datum(Datum::$name)?)
            })*
        }
    };
}

data! {
    device_id: Text<'a>, connection_device_id | primary_device_id;
    other_device_id: Text<'a>, new_connection_device_id | secondary_device_id;
    device: Text<'a>,
        alerting_device_id | answering_device_id | holding_device_id | retrieving_device_id | failing_device_id
        | releasing_device_id | diverting_device_id | queue_device_id | transferring_device_id;
    calling_device_id: Text<'a>, calling_device_id;
    last_redirect_device_id: Text<'a>, last_redirect_device_id;
    coming_device_id: Text<'a>, added_party_device_id | transferred_device_id;
    ani: Text<'a>, ani;
    dnis: Text<'a>, dnis;
    dialed_number: Text<'a>, dialed_number;
    caller_entered_digits: Text<'a>, caller_entered_digits;
    user_to_user_info: Bytes<'a>, user_to_user_info;
    call_wrapup_data: Text<'a>, call_wrapup_data;
    customer_phone_number: Text<'a>, customer_phone_number;
    customer_account_number: Text<'a>, customer_account_number;
    call_reference_id: Bytes<'a>, call_reference_id;
    router_call_key_day: u32, router_call_key_day;
    router_call_key_call_id: u32, router_call_key_call_id;
    router_call_key_sequence_number: u32, router_call_key_sequence_number;
    coc_connection_call_id: u32, coc_connection_call_id;
    coc_call_connection_device_id_type: ConnectionDeviceIdType, coc_call_connection_device_id_type;
    coc_call_connection_device_id: Text<'a>, coc_call_connection_device_id;
    flt_call_type_id: u32, flt_call_type_id;
    agent_id12: Text<'a>, agent_id;
    agent_id_long: Text<'a>, agent_id_long;
    agent_extension: Text<'a>, agent_extension;
    agent_instrument: Text<'a>, agent_instrument;
    active_terminal: Text<'a>, active_terminal;
    next_agent_state: AgentState, next_agent_state;
    call_direction: CallDirection, direction;
    max_beyond_task_limit: u32, max_beyond_task_limit;
}

/// Lists. Those of different messages share a place: no message has two of them.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Variables,
    NamedVariables,
    NamedArrays,
    /// Skill groups, parties, devices, calls or peripherals.
    Items,
}

pub(super) const LISTS: usize = [Place::Variables, Place::NamedVariables, Place::NamedArrays, Place::Items].len();

/// What becomes of a floating field: its place, whether that is a list's, and its size.
#[derive(Clone, Copy)]
pub(super) struct Code(u8);

impl Code {
    const NONE: Self = Self(0);
    const PLACE: u8 = 0x1f;
    const IN_LIST: u8 = 0x20;
    const TWO_BYTES: u8 = 0x40;
    const FOUR_BYTES: u8 = 0x80;

    /// What becomes of a field with this tag.
    #[inline(always)]
    pub(super) fn of(tag: u16) -> Self {
        CODES.get(usize::from(tag)).copied().unwrap_or(Self::NONE)
    }

    const fn new(place: u8, data_type: DataType) -> Self {
        Self(match data_type.size() {
            None => place,
            Some(2) => place | Self::TWO_BYTES,
            size => {
                assert!(matches!(size, Some(4)), "a size that has no code");
                place | Self::FOUR_BYTES
            }
        })
    }

    const fn in_list(place: Place, data_type: DataType) -> Self {
        Self::new(place as u8 | Self::IN_LIST, data_type)
    }

    #[inline(always)]
    pub(super) const fn place(self) -> usize {
        (self.0 & Self::PLACE) as usize
    }

    #[inline(always)]
    pub(super) const fn is_in_list(self) -> bool {
        self.0 & Self::IN_LIST != 0
    }

    /// Whether a field may have `length` bytes.
    #[inline(always)]
    pub(super) const fn accepts(self, length: usize) -> bool {
        match self.0 & (Self::TWO_BYTES | Self::FOUR_BYTES) {
            0 => true,
            Self::TWO_BYTES => length == 2,
            _ => length == 4,
        }
    }

    /// Whether both are of the same list, one of them being of any.
    #[inline(always)]
    pub(super) const fn is_beside(self, other: Self) -> bool {
        (self.0 ^ other.0) & (Self::IN_LIST | Self::PLACE) == 0
    }
}

/// Tags beyond these are of fields that nobody looks at.
const TAGS: usize = 304;

/// The codes of all tags: a tag means the same in each message that is looked at.
static CODES: [Code; TAGS] = {
    let codes = with_data([Code::NONE; TAGS]);
    let codes = with_list(codes, Place::NamedVariables, NamedVariable::INFO);
    let codes = with_list(codes, Place::NamedArrays, NamedArray::INFO);
    let codes = with_list(codes, Place::Items, FltSkillGroup::INFO);
    let codes = with_list(codes, Place::Items, ConnectedParty::INFO);
    let codes = with_list(codes, Place::Items, CallDevice::INFO);
    let codes = with_list(codes, Place::Items, Peripheral::INFO);
    let mut codes = with_list(codes, Place::Items, DeviceCall::INFO);
    let mut variable = CallVariables::FIRST_TAG;
    while variable <= CallVariables::LAST_TAG {
        codes = with_code(codes, variable, Code::in_list(Place::Variables, DataType::String));
        variable = variable.saturating_add(1);
    }
    codes
};

#[allow(clippy::indexing_slicing, reason = "the compiler does it, which refuses what is beyond the end")]
const fn with_code(mut codes: [Code; TAGS], tag: u16, code: Code) -> [Code; TAGS] {
    let known = codes[tag as usize].0;
    assert!(known == 0 || known == code.0, "a tag means one thing");
    codes[tag as usize] = code;
    codes
}

const fn with_list(mut codes: [Code; TAGS], place: Place, element: &ElementInfo) -> [Code; TAGS] {
    let mut fields = element.fields;
    while let Some((field, rest)) = fields.split_first() {
        codes = with_code(codes, field.rule.tag, Code::in_list(place, field.rule.data_type));
        fields = rest;
    }
    codes
}
