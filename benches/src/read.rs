//! Reading every field of the messages of the stream.

use cti_proto::message::{
    AgentStateEvent, BeginCallEvent, CallClearedEvent, CallDataUpdateEvent, CallDeliveredEvent, CallEstablishedEvent,
    CallVariables, CtiClient, EndCallEvent, FltSkillGroup, HeartbeatConf,
};
use cti_proto::value::{
    AgentAvailabilityStatus, AgentMode, AgentState, CallDirection, CallType, ConnectionDeviceIdType, DeviceIdType,
    DispositionCode, EventCause, LineType, LocalConnectionState, PeripheralType,
};
use cti_proto::wire::{Element, NamedArray, NamedVariable};
use cti_proto::{Bytes, List, Text, Time};

/// A value that is read completely, so that no part of decoding it can be left out.
pub trait ReadAll {
    /// The sum of its numbers, of the first byte and the length of each text, and of all that over each list.
    fn read_all(&self) -> u64;

    /// The same of a field that may be absent.
    #[inline(always)]
    fn read_optional(value: Option<&Self>) -> u64 {
        value.map_or(0, Self::read_all)
    }
}

macro_rules! numbers {
    ($($type:ty)*) => {$(
        impl ReadAll for $type {
            #[inline(always)]
            fn read_all(&self) -> u64 {
                *self as u64
            }
        }
    )*};
}

macro_rules! named_numbers {
    ($($type:ty)*) => {$(
        impl ReadAll for $type {
            #[inline(always)]
            fn read_all(&self) -> u64 {
                u64::from(self.0)
            }
        }
    )*};
}

numbers! { u8 u16 u32 i32 bool }

named_numbers! {
    AgentAvailabilityStatus AgentMode AgentState CallDirection CallType ConnectionDeviceIdType DeviceIdType
    DispositionCode EventCause LineType LocalConnectionState PeripheralType Time
}

impl ReadAll for [u8] {
    #[inline(always)]
    fn read_all(&self) -> u64 {
        u64::from(*self.first().unwrap_or(&0)).wrapping_add(self.len() as u64)
    }
}

impl ReadAll for Text<'_> {
    #[inline(always)]
    fn read_all(&self) -> u64 {
        self.raw().read_all()
    }

    // Absent is read like empty: whether it is there need not be guessed.
    #[inline(always)]
    fn read_optional(text: Option<&Self>) -> u64 {
        text.copied().unwrap_or_default().read_all()
    }
}

impl ReadAll for Bytes<'_> {
    #[inline(always)]
    fn read_all(&self) -> u64 {
        self.0.read_all()
    }

    #[inline(always)]
    fn read_optional(bytes: Option<&Self>) -> u64 {
        bytes.copied().unwrap_or_default().read_all()
    }
}

impl ReadAll for CallVariables<'_> {
    #[inline(always)]
    fn read_all(&self) -> u64 {
        self.0.iter().fold(0, |sum, variable| sum.wrapping_add(variable.read_all()))
    }
}

impl<T: ReadAll> ReadAll for Option<T> {
    #[inline(always)]
    fn read_all(&self) -> u64 {
        T::read_optional(self.as_ref())
    }
}

impl<'a, T: Element<'a> + ReadAll> ReadAll for List<'a, T> {
    #[inline]
    fn read_all(&self) -> u64 {
        self.iter().fold(self.declared().read_all(), |sum, item| sum.wrapping_add(item.read_all()))
    }
}

/// Reads the fields of structs; one that is not named does not compile. Lists come first: what else is read need not be
/// moved out of its registers for them.
macro_rules! structs {
    ($($name:ident $(<$lt:lifetime>)? { $($field:ident),* $(,)? })*) => {$(
        impl ReadAll for $name $(<$lt>)? {
            #[inline]
            fn read_all(&self) -> u64 {
                let Self { $($field),* } = self;
                0u64 $(.wrapping_add($field.read_all()))*
            }
        }
    )*};
}

structs! {
    NamedVariable<'_> { name, value }
    NamedArray<'_> { index, name, value }
    CtiClient<'_> { signature, timestamp }
    FltSkillGroup { number, id, priority, state }
    AgentStateEvent<'_> {
        flt_skill_groups, monitor_id, peripheral_id, session_id, peripheral_type, skill_group_state, state_duration,
        skill_group_number, skill_group_id, skill_group_priority, agent_state, event_reason_code, mrdid, num_tasks,
        agent_mode, max_task_limit, icm_agent_id, agent_availability_status, department_id, cti_client_signature,
        agent_id, agent_extension, active_terminal, agent_instrument, duration, next_agent_state, direction,
        max_beyond_task_limit,
    }
    BeginCallEvent<'_> {
        named_variables, named_arrays, cti_clients, monitor_id, peripheral_id, peripheral_type, call_type,
        connection_device_id_type, connection_call_id, called_party_disposition, connection_device_id, ani,
        user_to_user_info, dnis, dialed_number, caller_entered_digits, router_call_key_day, router_call_key_call_id,
        router_call_key_sequence_number, call_variables, call_wrapup_data, call_reference_id,
    }
    CallDeliveredEvent<'_> {
        named_variables, named_arrays, monitor_id, peripheral_id, peripheral_type, connection_device_id_type,
        connection_call_id, line_handle, line_type, service_number, service_id, skill_group_number, skill_group_id,
        skill_group_priority, alerting_device_type, calling_device_type, called_device_type,
        last_redirect_device_type, local_connection_state, event_cause, connection_device_id, alerting_device_id,
        calling_device_id, called_device_id, last_redirect_device_id, trunk_number, trunk_group_number,
        secondary_connection_call_id, ani, ani_ii, user_to_user_info, dnis, dialed_number, caller_entered_digits,
        call_variables, call_wrapup_data,
    }
    CallEstablishedEvent<'_> {
        monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id, line_handle,
        line_type, service_number, service_id, skill_group_number, skill_group_id, skill_group_priority,
        answering_device_type, calling_device_type, called_device_type, last_redirect_device_type,
        local_connection_state, event_cause, connection_device_id, answering_device_id, calling_device_id,
        called_device_id, last_redirect_device_id, trunk_number, trunk_group_number,
    }
    CallDataUpdateEvent<'_> {
        named_variables, named_arrays, cti_clients, monitor_id, peripheral_id, peripheral_type, call_type,
        connection_device_id_type, connection_call_id, new_connection_device_id_type, new_connection_call_id,
        called_party_disposition, campaign_id, query_rule_id, connection_device_id, new_connection_device_id, ani,
        user_to_user_info, dnis, dialed_number, caller_entered_digits, router_call_key_day, router_call_key_call_id,
        router_call_key_sequence_number, call_variables, call_wrapup_data, customer_phone_number,
        customer_account_number, call_reference_id,
    }
    CallClearedEvent<'_> {
        monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id,
        local_connection_state, event_cause, connection_device_id,
    }
    EndCallEvent<'_> {
        monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id,
        connection_device_id,
    }
    HeartbeatConf { invoke_id }
}
