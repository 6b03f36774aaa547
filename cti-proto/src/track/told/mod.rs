//! What a message tells, in one form for all messages that trackers look at: each field that any of them needs has a place,
//! and what it is called in the message does not matter any more. The device that alerts, answers, holds or leaves is the
//! device of the event.
//!
//! Where a field stands in a message, and what becomes of it, follows from the message tables; the compiler makes plans of
//! them, and one short function follows any plan. So a tracker has the code of one decoder, not of thirty, and what no
//! tracker looks at is passed over.

mod places;
mod plan;
#[cfg(test)]
mod tests;

use crate::error::DecodeError;
use crate::message::table::skip_elements;
use crate::message::{
    AgentPreCallAbortEvent, AgentPreCallEvent, AgentStateEvent, BeginCallEvent, Body, CallAgentGreetingEvent,
    CallAttributeChangeEvent, CallClearedEvent, CallConferencedEvent, CallConnectionClearedEvent, CallDataUpdateEvent,
    CallDeliveredEvent, CallDequeuedEvent, CallDivertedEvent, CallEstablishedEvent, CallFailedEvent, CallHeldEvent,
    CallOriginatedEvent, CallQueuedEvent, CallReachedNetworkEvent, CallRetrievedEvent, CallServiceInitiatedEvent,
    CallTransferredEvent, CallTranslationRouteEvent, CallVariables, ElementInfo, EndCallEvent, FltSkillGroup,
    MessageType, NetworkRecordingEndedEvent, NetworkRecordingFailedEvent, NetworkRecordingStartedEvent, OpenConf,
    QueryAgentStateConf, RtpStartedEvent, RtpStoppedEvent, SnapshotCallConf, SnapshotDeviceConf, SystemEvent,
};
use crate::protocol::{FieldFormat, Product, Protocol};
use crate::track::told::places::{Code, DATA, DEFAULTS, Datum, LISTS, NUMBERS, Number, Place};
use crate::track::told::plan::{Plan, plan};
use crate::wire::{
    Element, Elements, FieldValue, Fields, Frame, IS_FAST, List, NamedArray, NamedVariable, RawField, Text,
};

/// What a message tells. One that tells nothing consists of zeros, which is quickly said.
// In this order zeros are written in two runs that are short enough to need no call.
#[cfg_attr(not(target_pointer_width = "32"), repr(C))]
pub(super) struct Told<'a> {
    /// The numbers, each with the bits turned that its default has.
    numbers: [u32; NUMBERS],
    frame: Frame<'a>,
    format: FieldFormat,
    /// The first place takes what nobody looks at.
    data: [Span; DATA],
    lists: [Stretch; LISTS],
}

/// Where data stand in the body.
#[derive(Clone, Copy)]
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

    /// Whether it is nowhere: seen in one look at both numbers.
    const fn is_none(self) -> bool {
        (self.len as u32) << 16 | self.from as u32 == 0
    }

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
        self.read_with(|_| ())
    }

    /// The same; `meanwhile` is given what the fixed part says.
    #[inline(always)]
    pub(super) fn read_with(&mut self, meanwhile: impl FnOnce(&Self)) -> Result<(), DecodeError> {
        let Some(floating) = self.read_fixed() else { return Err(self.frame.ends_in_fixed_part()) };
        meanwhile(self);
        let fields = Fields::new(self.protocol(), floating);
        // Frames that were received are far shorter: positions are kept in two bytes.
        if self.frame.body().len() > u16::MAX.into() {
            return Err(self.frame.is_truncated(&fields));
        }
        self.format = fields.format();
        match self.format {
            // In each arm the format is a constant, and the loop does not ask for it again.
            FieldFormat::Narrow if IS_FAST => self.read_floating(Fields::with_format(FieldFormat::Narrow, floating)),
            FieldFormat::Wide if IS_FAST => self.read_floating(Fields::with_format(FieldFormat::Wide, floating)),
            _ => self.read_floating(fields),
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
            let rest = fields.rest();
            let from = rest.len();
            let Some(field) = fields.next() else { break };
            let code = Code::of(field.tag);
            if !code.accepts(field.data.len()) {
                return Err(self.frame.has_wrong_size(field, from));
            }
            if code.is_in_list() {
                // Nearly all that come in such numbers are skill groups.
                skip_elements::<FltSkillGroup>(&mut fields, rest);
                go_behind_list(code, &mut fields);
                if let Some(list) = self.lists.get_mut(code.place()) {
                    let len = from.wrapping_sub(fields.rest().len()) as u16;
                    list.extend(Span { from: body.len().wrapping_sub(from) as u16, len });
                }
            } else if let Some(slot) = self.data.get_mut(code.place()) {
                let behind = fields.rest().len().wrapping_add(field.data.len());
                *slot = Span { from: body.len().wrapping_sub(behind) as u16, len: field.data.len() as u16 };
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

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn datum(&self, datum: Datum) -> Option<&'a [u8]> {
        let span = self.data.get(datum as usize).filter(|span| !span.is_none())?;
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
        self.bytes_of(Place::Variables)
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

    /// The skill groups, parties, devices, calls or peripherals that the message lists: the type of the elements is the
    /// caller's to know.
    pub(super) fn items<T: Element<'a>>(&self) -> Elements<'a, T> {
        Elements::new(self.format, self.stretch_of_items())
    }

    /// Of each item the number that is its first field: where nothing else is of interest, an item need not be put together.
    pub(super) fn numbers_of_items<T: Element<'a>>(&self) -> impl Iterator<Item = u32> + use<'a, T> {
        let fields = Fields::with_format(self.format, self.stretch_of_items());
        fields.filter(|field| field.tag == const { first_tag(T::INFO) }).filter_map(|field| u32::from_data(field.data))
    }

    /// Whether the message lists anything.
    pub(super) fn has_items(&self) -> bool {
        !self.stretch_of_items().is_empty()
    }

    fn stretch_of_items(&self) -> &'a [u8] {
        self.bytes_of(Place::Items)
    }

    fn stretch(&self, place: Place) -> Stretch {
        self.lists.get(place as usize).copied().unwrap_or(Stretch::EMPTY)
    }

    fn list<T: Element<'a>>(&self, place: Place) -> List<'a, T> {
        List::received(self.format, self.bytes_of(place))
    }

    /// The bytes that a list stands in.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn bytes_of(&self, place: Place) -> &'a [u8] {
        self.stretch(place).span.of(self.frame.body())
    }
}

const fn first_tag(element: &ElementInfo) -> u16 {
    match element.fields {
        [first, ..] => first.rule.tag,
        [] => 0,
    }
}

/// Goes behind the fields that are of the same list: they come together.
#[inline(always)]
fn go_behind_list(code: Code, fields: &mut Fields<'_>) {
    let mut ahead = *fields;
    while let Some(next) = ahead.next()
        && code.is_beside(Code::of(next.tag))
        && Code::of(next.tag).accepts(next.data.len())
    {
        fields.go_to(&ahead);
    }
}

/// The messages that trackers look at, each with its plan; at the end those that each product lays out in a way of its own.
macro_rules! plans {
    ($($number:ident $message:ident)* ; $($own_number:ident $own_message:ident)*) => {
        impl<'a> Told<'a> {
            /// Reads the fixed part: what stands behind it, if it is whole.
            fn read_fixed(&mut self) -> Option<&'a [u8]> {
                match (self.message_type(), self.protocol().product()) {
                    $((MessageType::$number, _) => self.follow(plan!($message, None)),)*
                    $(
                        (MessageType::$own_number, Product::Cce) => self.follow(plan!($own_message, Some(Product::Cce))),
                        (MessageType::$own_number, Product::Ccx) => self.follow(plan!($own_message, Some(Product::Ccx))),
                    )*
                    _ => None,
                }
            }
        }

        #[cfg(test)]
        const PLANNED: &[&crate::message::MessageInfo] =
            &[$(<$message<'static> as Body<'static>>::INFO,)* $(<$own_message<'static> as Body<'static>>::INFO,)*];
    };
}

plans! {
    OPEN_CONF OpenConf
    SYSTEM_EVENT SystemEvent
    AGENT_STATE_EVENT AgentStateEvent
    BEGIN_CALL_EVENT BeginCallEvent
    END_CALL_EVENT EndCallEvent
    CALL_DATA_UPDATE_EVENT CallDataUpdateEvent
    CALL_SERVICE_INITIATED_EVENT CallServiceInitiatedEvent
    CALL_ORIGINATED_EVENT CallOriginatedEvent
    CALL_DELIVERED_EVENT CallDeliveredEvent
    CALL_QUEUED_EVENT CallQueuedEvent
    CALL_ESTABLISHED_EVENT CallEstablishedEvent
    CALL_HELD_EVENT CallHeldEvent
    CALL_RETRIEVED_EVENT CallRetrievedEvent
    CALL_DIVERTED_EVENT CallDivertedEvent
    CALL_FAILED_EVENT CallFailedEvent
    CALL_REACHED_NETWORK_EVENT CallReachedNetworkEvent
    CALL_CONNECTION_CLEARED_EVENT CallConnectionClearedEvent
    CALL_CLEARED_EVENT CallClearedEvent
    CALL_CONFERENCED_EVENT CallConferencedEvent
    CALL_TRANSFERRED_EVENT CallTransferredEvent
    CALL_ATTRIBUTE_CHANGE_EVENT CallAttributeChangeEvent
    CALL_TRANSLATION_ROUTE_EVENT CallTranslationRouteEvent
    AGENT_PRE_CALL_EVENT AgentPreCallEvent
    AGENT_PRE_CALL_ABORT_EVENT AgentPreCallAbortEvent
    RTP_STARTED_EVENT RtpStartedEvent
    RTP_STOPPED_EVENT RtpStoppedEvent
    NETWORK_RECORDING_STARTED_EVENT NetworkRecordingStartedEvent
    NETWORK_RECORDING_ENDED_EVENT NetworkRecordingEndedEvent
    NETWORK_RECORDING_FAILED_EVENT NetworkRecordingFailedEvent
    CALL_AGENT_GREETING_EVENT CallAgentGreetingEvent
    SNAPSHOT_CALL_CONF SnapshotCallConf
    SNAPSHOT_DEVICE_CONF SnapshotDeviceConf
    QUERY_AGENT_STATE_CONF QueryAgentStateConf
    ;
    CALL_DEQUEUED_EVENT CallDequeuedEvent
}
