//! What a message tells, in one form for all messages that trackers look at: each field that any of them needs has a place,
//! and what it is called in the message does not matter any more. The device that alerts, answers, holds or leaves is the
//! device of the event.
//!
//! Where a field stands in a message, and what becomes of it, follows from the message tables; the compiler makes plans of
//! them, and one short function follows any plan. So a tracker has the code of one decoder, not of thirty, and what no
//! tracker looks at is passed over.

use crate::error::DecodeError;
use crate::message::dictionary::rule;
use crate::message::{
    AgentPreCallAbortEvent, AgentPreCallEvent, AgentStateEvent, BeginCallEvent, Body, CallAgentGreetingEvent,
    CallAttributeChangeEvent, CallClearedEvent, CallConferencedEvent, CallConnectionClearedEvent, CallDataUpdateEvent,
    CallDeliveredEvent, CallDequeuedEvent, CallDevice, CallDivertedEvent, CallEstablishedEvent, CallFailedEvent,
    CallHeldEvent, CallOriginatedEvent, CallQueuedEvent, CallReachedNetworkEvent, CallRetrievedEvent,
    CallServiceInitiatedEvent, CallTransferredEvent, CallTranslationRouteEvent, CallVariables, ConnectedParty,
    DeviceCall, ElementInfo, EndCallEvent, FieldName, FixedInfo, FltSkillGroup, MessageType,
    NetworkRecordingEndedEvent, NetworkRecordingFailedEvent, NetworkRecordingStartedEvent, QueryAgentStateConf,
    RtpStartedEvent, RtpStoppedEvent, SnapshotCallConf, SnapshotDeviceConf, Versions,
};
use crate::protocol::{FieldFormat, Product, Protocol};
use crate::value::{
    AgentAvailabilityStatus, AgentGreetingEventCode, AgentMode, AgentState, CallDirection, CallType,
    ConnectionDeviceIdType, DeviceIdType, DispositionCode, EventCause, LocalConnectionState, NULL_CALL_ID,
    NULL_PERIPHERAL_ID, NULL_SERVICE, NULL_SKILL_GROUP, RtpDirection,
};
use crate::wire::{
    Bytes, DataType, Element, FieldValue, Fields, Frame, List, NamedArray, NamedVariable, RawField, Text,
};

/// What a message tells. One that tells nothing consists of zeros, which is quickly said.
pub(super) struct Told<'a> {
    frame: Frame<'a>,
    format: FieldFormat,
    /// The numbers, each with the bits turned that its default has.
    numbers: [u32; NUMBERS],
    /// The first place takes what nobody looks at.
    data: [Span; DATA],
    lists: [Stretch; LISTS],
}

/// Where data stand in the body.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Span {
    from: u16,
    len: u16,
}

/// Where the fields of a list stand in the body.
#[derive(Clone, Copy)]
struct Stretch {
    /// From the first of them to the last.
    span: Span,
    /// Bytes of the fields themselves, without what may stand in between.
    own: u16,
}

impl Span {
    /// Nowhere: in front of data there is always something.
    const NONE: Self = Self { from: 0, len: 0 };

    const fn end(self) -> usize {
        (self.from as usize).wrapping_add(self.len as usize)
    }

    fn of(self, body: &[u8]) -> &[u8] {
        body.get(self.from.into()..self.end()).unwrap_or_default()
    }
}

impl Stretch {
    const EMPTY: Self = Self { span: Span::NONE, own: 0 };

    /// Extends it by a field, or several.
    #[inline(always)]
    fn extend(&mut self, span: Span) {
        if self.own == 0 {
            self.span.from = span.from;
        }
        self.span.len = (span.end() as u16).wrapping_sub(self.span.from);
        self.own = self.own.wrapping_add(span.len);
    }

    /// With the next one behind it, if nothing is in between.
    fn followed_by(self, next: Self) -> Option<Self> {
        let len = self.span.len.wrapping_add(next.span.len);
        let both = Self { span: Span { len, ..self.span }, own: self.own.wrapping_add(next.own) };
        match () {
            () if next.own == 0 => Some(self),
            () if self.own == 0 => Some(next),
            () => (self.span.end() == usize::from(next.span.from)).then_some(both),
        }
    }
}

/// Fixed fields: `name: type as number = default, "name in the guide" | "name in the guide of another message"`.
macro_rules! numbers {
    ($($name:ident: $type:ident as $repr:ident = $default:expr, $($spec:literal)|+;)*) => {
        #[allow(non_camel_case_types, reason = "named like the fields")]
        #[derive(Clone, Copy)]
        enum Number {
            $($name,)*
        }

        const NUMBERS: usize = [$(Number::$name),*].len();
        const DEFAULTS: [u32; NUMBERS] = [$({
            let default: $repr = $default;
            default as u32
        }),*];

        const fn place_of(name: FieldName) -> Option<u8> {
            $(if $(name.has_base($spec))||+ {
                return Some(Number::$name as u8);
            })*
            None
        }

        impl Told<'_> {
            $(pub(super) fn $name(&self) -> $type {
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
}

/// Floating fields: `name: type, tag | tag in another message`.
macro_rules! data {
    ($($name:ident: $type:ty, $($tag:ident)|+;)*) => {
        #[allow(non_camel_case_types, reason = "named like the fields")]
        #[derive(Clone, Copy)]
        enum Datum {
            Unwanted,
            $($name,)*
        }

        const DATA: usize = [Datum::Unwanted $(, Datum::$name)*].len();

        const fn with_data(mut codes: [u8; TAGS]) -> [u8; TAGS] {
            $($(
                codes = with_code(codes, rule::$tag.tag, Datum::$name as u8 | size_code(rule::$tag.data_type));
            )+)*
            codes
        }

        impl<'a> Told<'a> {
            $(pub(super) fn $name(&self) -> Option<$type> {
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
enum Place {
    Variables,
    NamedVariables,
    NamedArrays,
    /// Skill groups, parties, devices or calls.
    Items,
}

const LISTS: usize = [Place::Variables, Place::NamedVariables, Place::NamedArrays, Place::Items].len();

/// Tags beyond these are of fields that nobody looks at.
const TAGS: usize = 304;
/// What becomes of a floating field, by its tag: its place in the lowest bits, and above whether that is a list's, and its
/// size. 0 if nobody looks at it.
static CODES: [u8; TAGS] = {
    let codes = with_data([0; TAGS]);
    let codes = with_list(codes, Place::NamedVariables, NamedVariable::INFO);
    let codes = with_list(codes, Place::NamedArrays, NamedArray::INFO);
    let codes = with_list(codes, Place::Items, FltSkillGroup::INFO);
    let codes = with_list(codes, Place::Items, ConnectedParty::INFO);
    let codes = with_list(codes, Place::Items, CallDevice::INFO);
    let mut codes = with_list(codes, Place::Items, DeviceCall::INFO);
    let mut variable = CallVariables::FIRST_TAG;
    while variable <= CallVariables::LAST_TAG {
        codes = with_code(codes, variable, Place::Variables as u8 | IN_LIST);
        variable = variable.saturating_add(1);
    }
    codes
};
const PLACE: u8 = 0x1f;
const IN_LIST: u8 = 0x20;
const TWO_BYTES: u8 = 0x40;
const FOUR_BYTES: u8 = 0x80;

const fn size_code(data_type: DataType) -> u8 {
    match data_type.size() {
        None => 0,
        Some(2) => TWO_BYTES,
        size => {
            assert!(matches!(size, Some(4)), "a size that has no code");
            FOUR_BYTES
        }
    }
}

#[allow(clippy::indexing_slicing, reason = "the compiler does it, which refuses what is beyond the end")]
const fn with_code(mut codes: [u8; TAGS], tag: u16, code: u8) -> [u8; TAGS] {
    assert!(codes[tag as usize] == 0 || codes[tag as usize] == code, "a tag means one thing");
    codes[tag as usize] = code;
    codes
}

const fn with_list(mut codes: [u8; TAGS], place: Place, element: &ElementInfo) -> [u8; TAGS] {
    let mut fields = element.fields;
    while let Some((field, rest)) = fields.split_first() {
        codes = with_code(codes, field.rule.tag, place as u8 | IN_LIST | size_code(field.rule.data_type));
        fields = rest;
    }
    codes
}

/// How the fixed part of a message is read.
struct Plan {
    /// First those of four bytes, then those of two.
    steps: &'static [Step],
    wide: u8,
    /// Bytes that every version has.
    least: u8,
    /// What not every version has: it stands behind what is looked at, or is looked at and stands there alone.
    more: &'static [More],
}

/// A number that is looked at: where it stands, and where it is put.
#[derive(Clone, Copy)]
struct Step {
    at: u8,
    place: u8,
}

#[derive(Clone, Copy)]
struct More {
    versions: Versions,
    length: u8,
    place: Option<u8>,
}

/// The plan for a message, in both products or in one.
macro_rules! plan {
    ($message:ident) => {
        plan!($message, None)
    };
    ($message:ident, $product:expr) => {{
        const FIXED: &[FixedInfo] = <$message<'static> as Body<'static>>::INFO.fixed;
        const LAYOUT: Layout = Layout::of(FIXED, $product);
        const STEPS: &[Step; LAYOUT.steps] = &steps(FIXED, $product);
        const MORE: &[More; LAYOUT.more] = &more(FIXED, $product);
        const PLAN: &Plan = &Plan { steps: STEPS, wide: LAYOUT.wide, least: LAYOUT.least, more: MORE };
        PLAN
    }};
}

/// How long the parts of a plan are.
struct Layout {
    steps: usize,
    wide: u8,
    least: u8,
    more: usize,
}

/// What the compiler finds of a fixed field, one after the other.
struct Row {
    /// What stands in front of it in every version.
    at: u8,
    size: u8,
    place: Option<u8>,
    /// If not every version has it.
    versions: Option<Versions>,
}

/// The next row, and what is behind it. What the product never has is passed over.
const fn row(at: u8, mut fixed: &[FixedInfo], product: Option<Product>) -> Option<(Row, &[FixedInfo])> {
    while let Some((field, rest)) = fixed.split_first() {
        fixed = rest;
        let versions = match (product, field.versions) {
            (None, Versions::ALL)
            | (Some(Product::Cce), Versions { cce: (0, u8::MAX), .. })
            | (Some(Product::Ccx), Versions { ccx: (0, u8::MAX), .. }) => None,
            (Some(Product::Cce), Versions { cce: (0, 0), .. }) | (Some(Product::Ccx), Versions { ccx: (0, 0), .. }) => {
                continue;
            }
            (_, versions) => Some(versions),
        };
        return Some((Row { at, size: field.length() as u8, place: place_of(field.name), versions }, rest));
    }
    None
}

impl Layout {
    const fn of(mut fixed: &[FixedInfo], product: Option<Product>) -> Self {
        let mut layout = Self { steps: 0, wide: 0, least: 0, more: 0 };
        while let Some((row, rest)) = row(layout.least, fixed, product) {
            fixed = rest;
            if row.versions.is_some() {
                layout.more = layout.more.saturating_add(1);
                continue;
            }
            if row.place.is_some() {
                assert!(layout.more == 0 && (row.size == 4 || row.size == 2), "it stands at one place");
                layout.steps = layout.steps.saturating_add(1);
                layout.wide = layout.wide.saturating_add((row.size == 4) as u8);
            }
            layout.least = layout.least.saturating_add(row.size);
        }
        layout
    }
}

/// The steps of a plan: first those of four bytes, then those of two.
#[allow(clippy::indexing_slicing, reason = "the compiler does it, which refuses what is beyond the end")]
const fn steps<const N: usize>(all: &[FixedInfo], product: Option<Product>) -> [Step; N] {
    let mut steps = [Step { at: 0, place: 0 }; N];
    let (mut count, mut size) = (0usize, 4u8);
    while size >= 2 {
        let (mut at, mut fixed) = (0u8, all);
        while let Some((row, rest)) = row(at, fixed, product) {
            fixed = rest;
            if row.versions.is_some() {
                continue;
            }
            at = at.saturating_add(row.size);
            if let Some(place) = row.place
                && row.size == size
            {
                steps[count] = Step { at: row.at, place };
                count = count.saturating_add(1);
            }
        }
        size = size.saturating_sub(2);
    }
    steps
}

#[allow(clippy::indexing_slicing, reason = "the compiler does it, which refuses what is beyond the end")]
const fn more<const N: usize>(mut fixed: &[FixedInfo], product: Option<Product>) -> [More; N] {
    let mut all = [More { versions: Versions::NEVER, length: 0, place: None }; N];
    let mut count = 0usize;
    while let Some((row, rest)) = row(0, fixed, product) {
        fixed = rest;
        if let Some(versions) = row.versions {
            assert!(row.place.is_none() || row.size == 4, "it is read as four bytes");
            all[count] = More { versions, length: row.size, place: row.place };
            count = count.saturating_add(1);
        }
    }
    all
}

impl<'a> Told<'a> {
    /// Of a message that tells nothing yet.
    #[inline]
    pub(super) const fn new(frame: &Frame<'a>) -> Self {
        Self {
            frame: *frame,
            format: FieldFormat::Wide,
            numbers: [0; NUMBERS],
            data: [Span::NONE; DATA],
            lists: [Stretch::EMPTY; LISTS],
        }
    }

    /// Reads the message, in the place where it is looked at: that spares a copy. It is to be one that trackers look at.
    ///
    /// # Errors
    /// [`DecodeError`] if the body ends too soon, or a field that is looked at has a size that it cannot have.
    #[inline(never)]
    pub(super) fn read(&mut self) -> Result<(), DecodeError> {
        let Some(floating) = self.read_fixed() else { return Err(self.frame.ends_in_fixed_part()) };
        let fields = Fields::new(self.protocol(), floating);
        self.format = fields.format();
        match self.format {
            // In each arm the format is a constant, and the loop does not ask for it again.
            FieldFormat::Narrow if IS_FAST => self.read_floating(Fields::with_format(FieldFormat::Narrow, floating)),
            FieldFormat::Wide if IS_FAST => self.read_floating(Fields::with_format(FieldFormat::Wide, floating)),
            _ => self.read_floating(fields),
        }
    }

    /// Reads the fixed part of the messages that trackers look at, each by its plan: what stands behind it, if it is whole.
    fn read_fixed(&mut self) -> Option<&'a [u8]> {
        let ccx = self.protocol().is_ccx();
        match self.message_type() {
            MessageType::AGENT_STATE_EVENT => self.follow(plan!(AgentStateEvent)),
            MessageType::BEGIN_CALL_EVENT => self.follow(plan!(BeginCallEvent)),
            MessageType::END_CALL_EVENT => self.follow(plan!(EndCallEvent)),
            MessageType::CALL_DATA_UPDATE_EVENT => self.follow(plan!(CallDataUpdateEvent)),
            MessageType::CALL_SERVICE_INITIATED_EVENT => self.follow(plan!(CallServiceInitiatedEvent)),
            MessageType::CALL_ORIGINATED_EVENT => self.follow(plan!(CallOriginatedEvent)),
            MessageType::CALL_DELIVERED_EVENT => self.follow(plan!(CallDeliveredEvent)),
            MessageType::CALL_QUEUED_EVENT => self.follow(plan!(CallQueuedEvent)),
            MessageType::CALL_DEQUEUED_EVENT if ccx => self.follow(plan!(CallDequeuedEvent, Some(Product::Ccx))),
            MessageType::CALL_DEQUEUED_EVENT => self.follow(plan!(CallDequeuedEvent, Some(Product::Cce))),
            MessageType::CALL_ESTABLISHED_EVENT => self.follow(plan!(CallEstablishedEvent)),
            MessageType::CALL_HELD_EVENT => self.follow(plan!(CallHeldEvent)),
            MessageType::CALL_RETRIEVED_EVENT => self.follow(plan!(CallRetrievedEvent)),
            MessageType::CALL_DIVERTED_EVENT => self.follow(plan!(CallDivertedEvent)),
            MessageType::CALL_FAILED_EVENT => self.follow(plan!(CallFailedEvent)),
            MessageType::CALL_REACHED_NETWORK_EVENT => self.follow(plan!(CallReachedNetworkEvent)),
            MessageType::CALL_CONNECTION_CLEARED_EVENT => self.follow(plan!(CallConnectionClearedEvent)),
            MessageType::CALL_CLEARED_EVENT => self.follow(plan!(CallClearedEvent)),
            MessageType::CALL_CONFERENCED_EVENT => self.follow(plan!(CallConferencedEvent)),
            MessageType::CALL_TRANSFERRED_EVENT => self.follow(plan!(CallTransferredEvent)),
            MessageType::CALL_ATTRIBUTE_CHANGE_EVENT => self.follow(plan!(CallAttributeChangeEvent)),
            MessageType::CALL_TRANSLATION_ROUTE_EVENT => self.follow(plan!(CallTranslationRouteEvent)),
            MessageType::AGENT_PRE_CALL_EVENT => self.follow(plan!(AgentPreCallEvent)),
            MessageType::AGENT_PRE_CALL_ABORT_EVENT => self.follow(plan!(AgentPreCallAbortEvent)),
            MessageType::RTP_STARTED_EVENT => self.follow(plan!(RtpStartedEvent)),
            MessageType::RTP_STOPPED_EVENT => self.follow(plan!(RtpStoppedEvent)),
            MessageType::NETWORK_RECORDING_STARTED_EVENT => self.follow(plan!(NetworkRecordingStartedEvent)),
            MessageType::NETWORK_RECORDING_ENDED_EVENT => self.follow(plan!(NetworkRecordingEndedEvent)),
            MessageType::NETWORK_RECORDING_FAILED_EVENT => self.follow(plan!(NetworkRecordingFailedEvent)),
            MessageType::CALL_AGENT_GREETING_EVENT => self.follow(plan!(CallAgentGreetingEvent)),
            MessageType::SNAPSHOT_CALL_CONF => self.follow(plan!(SnapshotCallConf)),
            MessageType::SNAPSHOT_DEVICE_CONF => self.follow(plan!(SnapshotDeviceConf)),
            MessageType::QUERY_AGENT_STATE_CONF => self.follow(plan!(QueryAgentStateConf)),
            _ => None,
        }
    }

    /// Where speed counts, each plan becomes code of its own.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    fn follow(&mut self, plan: &Plan) -> Option<&'a [u8]> {
        let (fixed, mut rest) = self.frame.body().split_at_checked(plan.least.into())?;
        let (wide, narrow) = plan.steps.split_at_checked(plan.wide.into())?;
        for step in wide {
            self.put(step.place, u32::from_be_bytes(*fixed.get(step.at.into()..)?.first_chunk()?));
        }
        for step in narrow {
            self.put(step.place, u16::from_be_bytes(*fixed.get(step.at.into()..)?.first_chunk()?).into());
        }
        for more in plan.more {
            // What is missing altogether is missing in an older version too.
            if rest.is_empty() || !more.versions.include(self.protocol()) {
                continue;
            }
            let (number, behind) = rest.split_at_checked(more.length.into())?;
            if let Some((place, number)) = more.place.zip(number.first_chunk()) {
                self.put(place, u32::from_be_bytes(*number));
            }
            rest = behind;
        }
        Some(rest)
    }

    #[inline(always)]
    fn put(&mut self, place: u8, number: u32) {
        let place = usize::from(place);
        if let Some((slot, default)) = self.numbers.get_mut(place).zip(DEFAULTS.get(place)) {
            *slot = number ^ default;
        }
    }

    #[inline(always)]
    fn read_floating(&mut self, mut fields: Fields<'a>) -> Result<(), DecodeError> {
        let body = self.frame.body();
        loop {
            let from = fields.rest().len();
            let Some(field) = fields.next() else { break };
            let code = code_of(field.tag);
            if !has_size(code, field.data.len()) {
                return Err(self.frame.has_wrong_size(field, from));
            }
            let place = usize::from(code & PLACE);
            if code & IN_LIST == 0 {
                if let Some(slot) = self.data.get_mut(place) {
                    let behind = fields.rest().len().wrapping_add(field.data.len());
                    *slot = Span { from: body.len().wrapping_sub(behind) as u16, len: field.data.len() as u16 };
                }
                continue;
            }
            // Fields of a list come together.
            let mut ahead = fields;
            while let Some(next) = ahead.next()
                && is_beside(code, code_of(next.tag), next.data.len())
            {
                fields.go_to(&ahead);
            }
            if let Some(list) = self.lists.get_mut(place) {
                let len = from.wrapping_sub(fields.rest().len()) as u16;
                list.extend(Span { from: body.len().wrapping_sub(from) as u16, len });
            }
        }
        if fields.rest().is_empty() { Ok(()) } else { Err(self.frame.is_truncated(&fields)) }
    }

    /// The type of the message.
    pub(super) const fn message_type(&self) -> MessageType {
        self.frame.message_type()
    }

    /// The protocol that it is written in.
    pub(super) const fn protocol(&self) -> Protocol {
        self.frame.protocol()
    }

    fn number(&self, number: Number) -> u32 {
        let place = number as usize;
        self.numbers.get(place).zip(DEFAULTS.get(place)).map_or(0, |(number, default)| number ^ default)
    }

    fn datum(&self, datum: Datum) -> Option<&'a [u8]> {
        let span = self.data.get(datum as usize).filter(|span| **span != Span::NONE)?;
        Some(span.of(self.frame.body()))
    }

    // ---- what several fields say together -----------------------------------------------------

    /// The agent's login ID, which has another tag in Unified CCX.
    pub(super) fn agent_id(&self) -> Option<Text<'a>> {
        if self.protocol().is_ccx() { self.agent_id_long() } else { self.agent_id12() }
    }

    // ---- lists --------------------------------------------------------------------------------

    /// The fields of call variables.
    pub(super) fn variables(&self) -> impl Iterator<Item = RawField<'a>> + use<'a> {
        let fields = Fields::with_format(self.format, self.stretch_of_variables());
        fields.filter(|field| (CallVariables::FIRST_TAG..=CallVariables::LAST_TAG).contains(&field.tag))
    }

    /// The bytes that these stand in.
    pub(super) fn stretch_of_variables(&self) -> &'a [u8] {
        self.stretch(Place::Variables).span.of(self.frame.body())
    }

    pub(super) fn named_variables(&self) -> List<'a, NamedVariable<'a>> {
        self.list(Place::NamedVariables)
    }

    pub(super) fn named_arrays(&self) -> List<'a, NamedArray<'a>> {
        self.list(Place::NamedArrays)
    }

    /// Whether it has any named values.
    pub(super) fn has_named(&self) -> bool {
        [Place::NamedVariables, Place::NamedArrays].iter().any(|place| self.stretch(*place).own > 0)
    }

    /// Whether it has any call variables or named values.
    pub(super) fn has_lists(&self) -> bool {
        self.has_named() || self.stretch(Place::Variables).own > 0
    }

    /// The fields of call variables and named values, if they follow each other in this order with nothing in between.
    pub(super) fn run_of_lists(&self) -> Option<&'a [u8]> {
        let [variables, mut named, mut arrays, _] = self.lists;
        if arrays.span.from < named.span.from {
            (named, arrays) = (arrays, named);
        }
        let run = variables.followed_by(named)?.followed_by(arrays)?;
        (run.own == run.span.len).then(|| run.span.of(self.frame.body()))
    }

    /// The format of its floating fields.
    pub(super) const fn format(&self) -> FieldFormat {
        self.format
    }

    /// The skill groups, parties, devices or calls that the message lists: the type of the elements is the caller's to know.
    pub(super) fn items<T: Element<'a>>(&self) -> List<'a, T> {
        self.list(Place::Items)
    }

    fn stretch(&self, place: Place) -> Stretch {
        self.lists.get(place as usize).copied().unwrap_or(Stretch::EMPTY)
    }

    fn list<T: Element<'a>>(&self, place: Place) -> List<'a, T> {
        let (span, body) = (self.stretch(place).span, self.frame.body());
        let mut list = List::EMPTY;
        if span != Span::NONE {
            let from = body.get(span.from.into()..).unwrap_or_default();
            list.extend(self.format, from, body.len().saturating_sub(span.end()));
        }
        list
    }
}

#[inline(always)]
fn code_of(tag: u16) -> u8 {
    CODES.get(usize::from(tag)).copied().unwrap_or(0)
}

/// Whether a field of the code `next` and of `length` bytes is of the same list as one of `code`.
#[inline(always)]
const fn is_beside(code: u8, next: u8, length: usize) -> bool {
    (code ^ next) & (IN_LIST | PLACE) == 0 && has_size(next, length)
}

/// Whether a field of this code may have `length` bytes.
#[inline(always)]
const fn has_size(code: u8, length: usize) -> bool {
    match code & (TWO_BYTES | FOUR_BYTES) {
        0 => true,
        TWO_BYTES => length == 2,
        _ => length == 4,
    }
}

/// Whether speed counts more than room.
const IS_FAST: bool = cfg!(not(target_pointer_width = "32"));
