//! Composite values: statistics counters, the reason of a failure, call variables.

use core::fmt;

use crate::error::EncodeErrorKind;
use crate::message::{FieldInfo, FieldName, FieldRule};
use crate::protocol::Protocol;
use crate::value::{ControlFailureCode, FailureStatus};
use crate::wire::{DataType, FieldValue, Fields, FixedValue, Head, Reader, Text, Writer};

/// Bytes of an invoke ID.
pub(crate) const INVOKE_ID_LEN: usize = 4;

/// Counters that stand one after the other, four bytes each, and are repeated for several periods.
macro_rules! counters {
    ($($(#[$attr:meta])* $name:ident { $($(#[$field_attr:meta])* $field:ident, $spec:literal;)* })*) => {$(
        $(#[$attr])*
        ///
        /// Guide: "Miscellaneous Service".
        #[derive(Clone, Copy, Default, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $name {
            $($(#[$field_attr])* pub $field: u32,)*
        }

        debug! { $name { $($field,)* } }

        impl FixedValue for $name {
            const TYPE: DataType = DataType::UInt;
            const DEFAULT: Self = Self { $($field: 0,)* };
            const COUNTERS: &'static [&'static str] = &[$($spec,)*];

            fn read(reader: &mut Reader<'_>) -> Self {
                Self { $($field: reader.read(),)* }
            }

            fn write(self, writer: &mut Writer<'_>) {
                $(writer.fixed(self.$field);)*
            }
        }
    )*};
}

counters! {
    /// Counters of an agent in one period.
    AgentStatistics {
        /// Seconds the agent was available in any skill group.
        avail_time, "AvailTime";
        /// Seconds the agent was logged on.
        logged_on_time, "LoggedOnTime";
        /// Seconds the agent was not ready in all skill groups.
        not_ready_time, "NotReadyTime";
        /// Seconds the agent was available to Unified CCE.
        icm_available_time, "ICMAvailableTime";
        /// Seconds the agent was routable in all skill groups.
        routable_time, "RoutableTime";
        /// Outbound ACD calls the agent completed.
        agent_out_calls, "AgentOutCalls";
        /// Seconds from start to wrap-up of outbound ACD calls the agent completed, hold included.
        agent_out_calls_talk_time, "AgentOutCallsTalkTime";
        /// Seconds from start to end of wrap-up of outbound ACD calls the agent completed, hold included.
        agent_out_calls_time, "AgentOutCallsTime";
        /// Completed outbound ACD calls that the agent held at least once.
        agent_out_calls_held, "AgentOutCallsHeld";
        /// Seconds that outbound ACD calls of the agent were on hold.
        agent_out_calls_held_time, "AgentOutCallsHeldTime";
        /// Inbound ACD calls the agent handled.
        handled_calls, "HandledCalls";
        /// Seconds of talk on inbound ACD calls the agent handled, hold included.
        handled_calls_talk_time, "HandledCallsTalkTime";
        /// Seconds of wrap-up after inbound ACD calls the agent handled.
        handled_calls_after_call_time, "HandledCallsAfterCallTime";
        /// Seconds from answer to end of wrap-up of inbound ACD calls the agent handled, hold included.
        handled_calls_time, "HandledCallsTime";
        /// Completed inbound ACD calls that the agent held at least once.
        incoming_calls_held, "IncomingCallsHeld";
        /// Seconds that completed inbound ACD calls of the agent were on hold.
        incoming_calls_held_time, "IncomingCallsHeldTime";
        /// Internal calls made by the agent.
        internal_calls, "InternalCalls";
        /// Seconds the agent spent on internal calls the agent made.
        internal_calls_time, "InternalCallsTime";
        /// Internal calls the agent received.
        internal_calls_rcvd, "InternalCallsRcvd";
        /// Seconds the agent spent on internal calls the agent received.
        internal_calls_rcvd_time, "InternalCallsRcvdTime";
        /// Internal calls that the agent held at least once.
        internal_calls_held, "InternalCallsHeld";
        /// Seconds that completed internal calls of the agent were on hold.
        internal_calls_held_time, "InternalCallsHeldTime";
        /// Predictive outbound calls the agent completed.
        auto_out_calls, "AutoOutCalls";
        /// Seconds from start to wrap-up of predictive outbound calls the agent completed, hold included.
        auto_out_calls_talk_time, "AutoOutCallsTalkTime";
        /// Seconds from start to end of wrap-up of predictive outbound calls the agent completed, hold included.
        auto_out_calls_time, "AutoOutCallsTime";
        /// Completed predictive outbound calls that the agent held at least once.
        auto_out_calls_held, "AutoOutCallsHeld";
        /// Seconds that predictive outbound calls of the agent were on hold.
        auto_out_calls_held_time, "AutoOutCallsHeldTime";
        /// Outbound preview calls the agent completed.
        preview_calls, "PreviewCalls";
        /// Seconds from start to wrap-up of outbound preview calls the agent completed, hold included.
        preview_calls_talk_time, "PreviewCallsTalkTime";
        /// Seconds from start to end of wrap-up of outbound preview calls the agent completed, hold included.
        preview_calls_time, "PreviewCallsTime";
        /// Completed outbound preview calls that the agent held at least once.
        preview_calls_held, "PreviewCallsHeld";
        /// Seconds that outbound preview calls of the agent were on hold.
        preview_calls_held_time, "PreviewCallsHeldTime";
        /// Agent reservation calls the agent completed.
        reservation_calls, "ReservationCalls";
        /// Seconds from start to wrap-up of agent reservation calls the agent completed, hold included.
        reservation_calls_talk_time, "ReservationCallsTalkTime";
        /// Seconds from start to end of wrap-up of agent reservation calls the agent completed, hold included.
        reservation_calls_time, "ReservationCallsTime";
        /// Completed agent reservation calls that the agent held at least once.
        reservation_calls_held, "ReservationCallsHeld";
        /// Seconds that agent reservation calls of the agent were on hold.
        reservation_calls_held_time, "ReservationCallsHeldTime";
        /// Supervisor barge-ins completed.
        barge_in_calls, "BargeInCalls";
        /// Supervisor interceptions completed.
        intercept_calls, "InterceptCalls";
        /// Supervisor monitorings completed.
        monitor_calls, "MonitorCalls";
        /// Supervisor whispers completed.
        whisper_calls, "WhisperCalls";
        /// Emergency calls.
        emergency_calls, "EmergencyCalls";
    }

    /// Agents of a skill group by state.
    SkillGroupAgents {
        /// Agents logged on to the group now.
        agents_logged_on, "AgentsLoggedOn";
        /// Agents of the group available now.
        agents_avail, "AgentsAvail";
        /// Agents of the group not ready now.
        agents_not_ready, "AgentsNotReady";
        /// Agents of the group ready now.
        agents_ready, "AgentsReady";
        /// Agents of the group talking on inbound calls now.
        agents_talking_in, "AgentsTalkingIn";
        /// Agents of the group talking on outbound calls now.
        agents_talking_out, "AgentsTalkingOut";
        /// Agents of the group talking on internal calls now, neither inbound nor outbound.
        agents_talking_other, "AgentsTalkingOther";
        /// Agents of the group in wrap-up now, not ready after it.
        agents_work_not_ready, "AgentsWorkNotReady";
        /// Agents of the group in wrap-up now, ready after it.
        agents_work_ready, "AgentsWorkReady";
        /// Agents busy now with calls of other groups.
        agents_busy_other, "AgentsBusyOther";
        /// Agents of the group reserved now.
        agents_reserved, "AgentsReserved";
        /// Calls of the group on hold now.
        agents_hold, "AgentsHold";
        /// Agents of the group available to Unified CCE now.
        agents_icm_available, "AgentsICMAvailable";
        /// Agents of the group available to the application now.
        agents_application_available, "AgentsApplicationAvailable";
        /// Agents of the group talking on predictive outbound calls now.
        agents_talking_auto_out, "AgentsTalkingAutoOut";
        /// Agents of the group talking on outbound preview calls now.
        agents_talking_preview, "AgentsTalkingPreview";
        /// Agents of the group talking on agent reservation calls now.
        agents_talking_reservation, "AgentsTalkingReservation";
    }

    /// Counters of a skill group in one period.
    SkillGroupStatistics {
        /// Seconds the agents of the group were available, added up.
        avail_time, "AvailTime";
        /// Seconds the agents of the group were logged on, added up.
        logged_on_time, "LoggedOnTime";
        /// Seconds the agents of the group were not ready, added up.
        not_ready_time, "NotReadyTime";
        /// Outbound ACD calls the group completed.
        agent_out_calls, "AgentOutCalls";
        /// Seconds from start to wrap-up of outbound ACD calls the group completed, hold included.
        agent_out_calls_talk_time, "AgentOutCallsTalkTime";
        /// Seconds from start to end of wrap-up of outbound ACD calls the group completed, hold included.
        agent_out_calls_time, "AgentOutCallsTime";
        /// Completed outbound ACD calls that agents of the group held at least once.
        agent_out_calls_held, "AgentOutCallsHeld";
        /// Seconds that outbound ACD calls of agents of the group were on hold.
        agent_out_calls_held_time, "AgentOutCallsHeldTime";
        /// Inbound ACD calls the group handled.
        handled_calls, "HandledCalls";
        /// Seconds of talk on inbound ACD calls the group handled, hold included.
        handled_calls_talk_time, "HandledCallsTalkTime";
        /// Seconds of wrap-up after inbound ACD calls the group handled.
        handled_calls_after_call_time, "HandledCallsAfterCallTime";
        /// Seconds from answer to end of wrap-up of inbound ACD calls the group handled, hold included.
        handled_calls_time, "HandledCallsTime";
        /// Completed inbound ACD calls that agents of the group held at least once.
        incoming_calls_held, "IncomingCallsHeld";
        /// Seconds that completed inbound ACD calls of agents of the group were on hold.
        incoming_calls_held_time, "IncomingCallsHeldTime";
        /// Internal calls received by agents of the group.
        internal_calls_rcvd, "InternalCallsRcvd";
        /// Seconds that agents of the group spent on internal calls they received.
        internal_calls_rcvd_time, "InternalCallsRcvdTime";
        /// Internal calls that agents of the group held at least once.
        internal_calls_held, "InternalCallsHeld";
        /// Seconds that completed internal calls of agents of the group were on hold.
        internal_calls_held_time, "InternalCallsHeldTime";
        /// Predictive outbound calls the group completed.
        auto_out_calls, "AutoOutCalls";
        /// Seconds from start to wrap-up of predictive outbound calls the group completed, hold included.
        auto_out_calls_talk_time, "AutoOutCallsTalkTime";
        /// Seconds from start to end of wrap-up of predictive outbound calls the group completed, hold included.
        auto_out_calls_time, "AutoOutCallsTime";
        /// Completed predictive outbound calls that agents of the group held at least once.
        auto_out_calls_held, "AutoOutCallsHeld";
        /// Seconds that predictive outbound calls of agents of the group were on hold.
        auto_out_calls_held_time, "AutoOutCallsHeldTime";
        /// Outbound preview calls the group completed.
        preview_calls, "PreviewCalls";
        /// Seconds from start to wrap-up of outbound preview calls the group completed, hold included.
        preview_calls_talk_time, "PreviewCallsTalkTime";
        /// Seconds from start to end of wrap-up of outbound preview calls the group completed, hold included.
        preview_calls_time, "PreviewCallsTime";
        /// Completed outbound preview calls that agents of the group held at least once.
        preview_calls_held, "PreviewCallsHeld";
        /// Seconds that outbound preview calls of agents of the group were on hold.
        preview_calls_held_time, "PreviewCallsHeldTime";
        /// Agent reservation calls the group completed.
        reservation_calls, "ReservationCalls";
        /// Seconds from start to wrap-up of agent reservation calls the group completed, hold included.
        reservation_calls_talk_time, "ReservationCallsTalkTime";
        /// Seconds from start to end of wrap-up of agent reservation calls the group completed, hold included.
        reservation_calls_time, "ReservationCallsTime";
        /// Agent reservation calls that agents of the group held at least once.
        reservation_calls_held, "ReservationCallsHeld";
        /// Seconds that agent reservation calls of agents of the group were on hold.
        reservation_calls_held_time, "ReservationCallsHeldTime";
        /// Supervisor barge-ins completed in the group.
        barge_in_calls, "BargeInCalls";
        /// Supervisor interceptions completed in the group.
        intercept_calls, "InterceptCalls";
        /// Supervisor monitorings completed in the group.
        monitor_calls, "MonitorCalls";
        /// Supervisor whispers completed in the group.
        whisper_calls, "WhisperCalls";
        /// Emergency calls the group completed.
        emergency_calls, "EmergencyCalls";
    }

    /// The queue of a skill group in one period.
    QueueStatistics {
        /// Calls queued to the group; 0xffffffff if unknown.
        calls_q, "CallsQ";
        /// Seconds that calls queued to the group have waited, added up; 0xffffffff if unknown.
        calls_q_time, "CallsQTime";
        /// Longest wait of a call queued to the group, in seconds; 0xffffffff if unknown.
        longest_call_q, "LongestCallQ";
    }
}

/// Why a request failed. The guides print two bodies of FAILURE_CONF: nearly all a status; that of version 24 the body
/// of CONTROL_FAILURE_CONF, ten bytes without a floating part. A body of just that length is read as the second.
///
/// Guide: "Session Management", FAILURE_CONF.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FailureReason {
    /// A status.
    Status(FailureStatus),
    /// A control failure.
    Control {
        /// What failed.
        failure_code: ControlFailureCode,
        /// Error of the peripheral.
        peripheral_error_code: u32,
    },
}

impl FailureReason {
    /// One line on what happened and what to do.
    #[must_use]
    pub fn explain(self) -> &'static str {
        match self {
            Self::Status(status) => status.explain(),
            Self::Control { failure_code, .. } => failure_code.explain(),
        }
    }

    /// The status, if there is one.
    #[must_use]
    pub const fn status(self) -> Option<FailureStatus> {
        match self {
            Self::Status(status) => Some(status),
            Self::Control { .. } => None,
        }
    }

    /// Whether what follows the invoke ID is the ten-byte form. Where tags and lengths have one byte, the last two
    /// bytes could also be an empty Text or CTIOSCILClientID behind a status; these are taken for that.
    pub(crate) fn is_control(protocol: Protocol, rest: &[u8]) -> bool {
        match rest {
            [_, _, code @ ..] => {
                code.try_into().is_ok_and(|code| Self::is_unambiguous(protocol, u32::from_be_bytes(code)))
            }
            _ => false,
        }
    }

    fn is_unambiguous(protocol: Protocol, peripheral_error_code: u32) -> bool {
        let [.., tag, length] = peripheral_error_code.to_be_bytes();
        // A wide field takes four bytes at least, so that two can be none.
        protocol.version() >= 20 || !(matches!(tag, 7 | 217) && length == 0)
    }
}

impl From<FailureStatus> for FailureReason {
    fn from(status: FailureStatus) -> Self {
        Self::Status(status)
    }
}

impl fmt::Debug for FailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for FailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => status.fmt(f),
            Self::Control { failure_code, peripheral_error_code } => {
                write!(f, "{failure_code} (peripheral error {peripheral_error_code})")
            }
        }
    }
}

impl FixedValue for FailureReason {
    const TYPE: DataType = DataType::UInt;
    const DEFAULT: Self = Self::Status(FailureStatus::E_CTI_NO_ERROR);
    const VALUES: Option<&'static crate::value::ValueTable> = <FailureStatus as FixedValue>::VALUES;

    fn read(reader: &mut Reader<'_>) -> Self {
        if !Self::is_control(reader.protocol(), reader.rest()) {
            return Self::Status(reader.read());
        }
        Self::Control { failure_code: reader.read(), peripheral_error_code: reader.read() }
    }

    fn write(self, writer: &mut Writer<'_>) {
        match self {
            Self::Status(status) => writer.fixed(status),
            Self::Control { failure_code, peripheral_error_code } => {
                writer.fixed(failure_code);
                writer.fixed(peripheral_error_code);
                // Behind them the body would have another length, and be read as a status.
                writer.forbid_fields();
                if !Self::is_unambiguous(writer.protocol(), peripheral_error_code) {
                    writer.fail(Some(FieldName::new("PeripheralErrorCode")), EncodeErrorKind::Ambiguous);
                }
            }
        }
    }
}

/// The ten call variables of a call: texts of up to 40 bytes whose meaning is the contact centre's own. In the guide
/// CallVariable1 to CallVariable10, and so they are numbered here.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CallVariables<'a>(
    /// The variables, the first of them CallVariable1.
    pub [Option<Text<'a>>; 10],
);

macro_rules! variable_rules {
    ($($name:literal $tag:literal)*) => {
        [$(FieldRule::new($name, DataType::String, $tag, 41)),*]
    };
}

const VARIABLE_RULES: &[FieldRule; 10] = &variable_rules! {
        "CallVariable1" 13 "CallVariable2" 14 "CallVariable3" 15 "CallVariable4" 16 "CallVariable5" 17
        "CallVariable6" 18 "CallVariable7" 19 "CallVariable8" 20 "CallVariable9" 21 "CallVariable10" 22
};

impl<'a> CallVariables<'a> {
    /// No variable.
    pub const NONE: Self = Self([None; 10]);
    pub(crate) const FIRST_TAG: u16 = 13;
    pub(crate) const LAST_TAG: u16 = 22;

    /// The variable with this number, 1 to 10, if it is there.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<Text<'a>> {
        self.0.get(number.checked_sub(1)?).copied().flatten()
    }

    /// The same variables with the one of this number, 1 to 10, set. Other numbers change nothing.
    #[must_use]
    pub fn with(mut self, number: usize, value: Text<'a>) -> Self {
        if let Some(slot) = number.checked_sub(1).and_then(|place| self.0.get_mut(place)) {
            *slot = Some(value);
        }
        self
    }

    /// The variables that are there, with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Text<'a>)> + use<'a> {
        (1..).zip(self.0).filter_map(|(number, value)| Some((number, value?)))
    }

    /// Fills the variable of a tag; `false` if there is none.
    #[inline(always)]
    pub(crate) fn set(&mut self, tag: u16, data: &'a [u8]) -> bool {
        // A tag below the first one wraps to a place that there is none of.
        let place = usize::from(tag.wrapping_sub(Self::FIRST_TAG));
        let slot = self.0.get_mut(place);
        slot.is_some_and(|slot| {
            *slot = Some(Text::new(data));
            true
        })
    }

    /// Fills the variables that are next in `fields`. One loop for all: which of them are there need not be guessed.
    #[inline(always)]
    pub(crate) fn read_next(&mut self, fields: &mut Fields<'a>) {
        let mut ahead = *fields;
        while let Some(field) = ahead.next() {
            if !self.set(field.tag, field.data) {
                break;
            }
            fields.go_to(&ahead);
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        for (rule, value) in VARIABLE_RULES.iter().zip(&self.0) {
            writer.optional(rule, value.as_ref().map(FieldValue::data));
        }
    }

    /// The same at speed; what is left of `place`, or `None`.
    #[inline(never)]
    pub(crate) fn write_plainly<'b, const WIDE: bool>(&self, mut place: &'b mut [u8]) -> Option<&'b mut [u8]> {
        let mut head = const { Head::<WIDE>::new(&VARIABLE_RULES[0]) }?;
        for value in &self.0 {
            if let Some(value) = value {
                place = head.put_any_text(place, value.raw())?;
            }
            head = head.next();
        }
        Some(place)
    }

    /// What is known of the variable at `place`, in the field `_field` of a message.
    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    pub(crate) const fn info(_field: &str, place: usize) -> FieldInfo {
        FieldInfo::plain(VARIABLE_RULES[place])
    }
}

impl fmt::Debug for CallVariables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
