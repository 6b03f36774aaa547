//! Client Events Service: what happens to calls and agents.

#[allow(clippy::wildcard_imports, reason = "a table names types of all kinds")]
use crate::message::prelude::*;

messages! {
    ($) as client_events_messages;
    service ClientEvents;

    /// Sent by the server when a call is given to the client, before all other events of the call, with the first
    /// call data. Call ID, ID type and device ID together name the call; the call ID alone is not unique. Unified
    /// CCX: most of the floating part taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Events Service", BEGIN_CALL_EVENT.
    BeginCallEvent<'a> = BEGIN_CALL_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, [num_cti_clients cti_clients],
            [num_named_variables named_variables], [num_named_arrays named_arrays], call_type,
            connection_device_id_type, connection_call_id, called_party_disposition
        }
        floating {
            connection_device_id(required()), ani, user_to_user_info, dnis, dialed_number, caller_entered_digits,
            router_call_key_day, router_call_key_call_id, router_call_key_sequence_number, call_wrapup_data,
            call_reference_id(since(14)),
        }
        numbered { call_variables }
        lists {
            named_variables: NamedVariable<'a>[400],
            named_arrays: NamedArray<'a>[400],
            cti_clients: CtiClient<'a>[16],
        }
    }

    /// Sent by the server as the last event of a call: the client no longer has to do with it. The call itself may
    /// go on. Unified CCX: layout taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Events Service", END_CALL_EVENT.
    EndCallEvent<'a> = END_CALL_EVENT: Server {
        fixed { monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id }
        floating { connection_device_id(cce_required()) }
    }

    /// Sent by the server when an agent greeting starts, ends or cannot be played. Since version 15.
    ///
    /// Guide: "Client Events Service", CALL_AGENT_GREETING_EVENT.
    CallAgentGreetingEvent<'a> = CALL_AGENT_GREETING_EVENT: Server, since(15) {
        fixed {
            monitor_id, peripheral_id, connection_device_id_type, connection_call_id, event_code,
            peripheral_error_code
        }
        floating { connection_device_id(required()), agent_id / 194 (required(), ccx_max(129)) }
    }

    /// Sent by the server when call data changes, or the ID of the call. Holds what changed, but always all named
    /// variables (from version 22): replace the stored set. Unified CCX: part of the floating part taken from
    /// Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Events Service", CALL_DATA_UPDATE_EVENT.
    CallDataUpdateEvent<'a> = CALL_DATA_UPDATE_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, [num_cti_clients cti_clients],
            [num_named_variables named_variables], [num_named_arrays named_arrays], call_type,
            connection_device_id_type, connection_call_id, new_connection_device_id_type, new_connection_call_id,
            called_party_disposition, campaign_id, query_rule_id
        }
        floating {
            connection_device_id(required()), new_connection_device_id(required()), ani, user_to_user_info, dnis,
            dialed_number, caller_entered_digits, router_call_key_day, router_call_key_call_id,
            router_call_key_sequence_number, call_wrapup_data, customer_phone_number, customer_account_number,
            call_reference_id(since(14)),
        }
        numbered { call_variables }
        lists {
            named_variables: NamedVariable<'a>[400],
            named_arrays: NamedArray<'a>[400],
            cti_clients: CtiClient<'a>[16],
        }
    }

    /// Sent by the server when a call alerts at the agent's phone (`LCS_ALERTING`) or, with All Events, when an
    /// inbound trunk is seized (`LCS_INITIATE`). `SecondaryConnectionCallID` is set by Unified CCX only. Unified
    /// CCX: layout partly taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Events Service", CALL_DELIVERED_EVENT.
    CallDeliveredEvent<'a> = CALL_DELIVERED_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id, line_handle,
            line_type, service_number, service_id, skill_group_number, skill_group_id, skill_group_priority,
            alerting_device_type, calling_device_type, called_device_type, last_redirect_device_type,
            local_connection_state, event_cause, [num_named_variables named_variables](since(11)),
            [num_named_arrays named_arrays](since(11))
        }
        floating {
            connection_device_id(required()), alerting_device_id, calling_device_id, called_device_id,
            last_redirect_device_id, trunk_number, trunk_group_number, secondary_connection_call_id(since(11)),
            ani(since(11)), ani_ii(since(11)), user_to_user_info(since(11)), dnis(since(11)),
            dialed_number(since(11)), caller_entered_digits(since(11)), call_wrapup_data(since(11)),
        }
        numbered { call_variables }
        lists { named_variables: NamedVariable<'a>[400](since(11)), named_arrays: NamedArray<'a>[400](since(11)) }
    }

    /// Sent by the server when the agent's phone answers a call. Agent state and RTP events of the same moment may
    /// come before or after. Unified CCX: layout partly taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Events Service", CALL_ESTABLISHED_EVENT.
    CallEstablishedEvent<'a> = CALL_ESTABLISHED_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id, line_handle,
            line_type, service_number, service_id, skill_group_number, skill_group_id, skill_group_priority,
            answering_device_type, calling_device_type, called_device_type, last_redirect_device_type,
            local_connection_state, event_cause
        }
        floating {
            connection_device_id(cce_required()), answering_device_id, calling_device_id, called_device_id,
            last_redirect_device_id, trunk_number, trunk_group_number,
        }
    }

    /// Sent by the server when a call is put on hold at the agent's phone.
    ///
    /// Guide: "Client Events Service", CALL_HELD_EVENT.
    CallHeldEvent<'a> = CALL_HELD_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id,
            holding_device_type, local_connection_state, event_cause
        }
        floating { connection_device_id(required()), holding_device_id(ccx_required()) }
    }

    /// Sent by the server when a held call is taken up again at the agent's phone.
    ///
    /// Guide: "Client Events Service", CALL_RETRIEVED_EVENT.
    CallRetrievedEvent<'a> = CALL_RETRIEVED_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id,
            retrieving_device_type, local_connection_state, event_cause
        }
        floating { connection_device_id(required()), retrieving_device_id }
    }

    /// Sent by the server when a call ends, mostly as its last device leaves. Unified CCX: `ConnectionDeviceIDType`
    /// is always 0.
    ///
    /// Guide: "Client Events Service", CALL_CLEARED_EVENT.
    CallClearedEvent<'a> = CALL_CLEARED_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id,
            local_connection_state, event_cause
        }
        floating { connection_device_id(cce_required()) }
    }

    /// Sent by the server when one party leaves a conference call. Cause 28 (`CEC_REDIRECTED`): the party was the
    /// voice portal that queued the call, released as the call went to an agent.
    ///
    /// Guide: "Client Events Service", CALL_CONNECTION_CLEARED_EVENT.
    CallConnectionClearedEvent<'a> = CALL_CONNECTION_CLEARED_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id,
            releasing_device_type, local_connection_state, event_cause
        }
        floating { connection_device_id(required()), releasing_device_id(ccx_required()) }
    }

    /// Sent by the server when the peripheral starts an outbound call. Unified CCX: `LineType` is 3 for a monitored
    /// call, 10 for others; `CalledDeviceID` taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Events Service", CALL_ORIGINATED_EVENT.
    CallOriginatedEvent<'a> = CALL_ORIGINATED_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id, line_handle,
            line_type, service_number, service_id, skill_group_number, skill_group_id, skill_group_priority,
            calling_device_type, called_device_type, local_connection_state, event_cause
        }
        floating { connection_device_id(required()), calling_device_id(ccx_required()), called_device_id }
    }

    /// Sent by the server when a call cannot be completed; `EventCause` says why.
    ///
    /// Guide: "Client Events Service", CALL_FAILED_EVENT.
    CallFailedEvent<'a> = CALL_FAILED_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id,
            failing_device_type, called_device_type, local_connection_state, event_cause
        }
        floating { connection_device_id(required()), failing_device_id, called_device_id }
    }

    /// Sent by the server when calls are joined to a conference. One group of `ConnectedParty` fields per party,
    /// `NumParties` in all. Unified CCX: `SkillGroupNumber` is always 0xffffffff.
    ///
    /// Guide: "Client Events Service", CALL_CONFERENCED_EVENT.
    CallConferencedEvent<'a> = CALL_CONFERENCED_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, primary_device_id_type, primary_call_id, line_handle,
            line_type, skill_group_number, skill_group_id, skill_group_priority, [num_parties connected_parties],
            secondary_device_id_type, secondary_call_id, controller_device_type, added_party_device_type,
            local_connection_state, event_cause
        }
        floating {
            primary_device_id(cce_required()), secondary_device_id(cce_required()), controller_device_id,
            added_party_device_id,
        }
        lists { connected_parties: ConnectedParty<'a>[16] }
    }

    /// Sent by the server when a call was transferred. One group of `ConnectedParty` fields per party, `NumParties`
    /// in all. Unified CCX: layout partly taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Events Service", CALL_TRANSFERRED_EVENT.
    CallTransferredEvent<'a> = CALL_TRANSFERRED_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, primary_device_id_type, primary_call_id, line_handle,
            line_type, skill_group_number, skill_group_id, skill_group_priority, [num_parties connected_parties],
            secondary_device_id_type, secondary_call_id, transferring_device_type, transferred_device_type,
            local_connection_state, event_cause
        }
        floating {
            primary_device_id(cce_required()), secondary_device_id(cce_required()), transferring_device_id,
            transferred_device_id,
        }
        lists { connected_parties: ConnectedParty<'a>[16] }
    }

    /// Sent by the server when a call is taken away from a device it was delivered to. Unified CCX: sent when a
    /// call leaves a queue; floating part taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Events Service", CALL_DIVERTED_EVENT.
    CallDivertedEvent<'a> = CALL_DIVERTED_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id,
            service_number, service_id, diverting_device_type, called_device_type, local_connection_state,
            event_cause
        }
        floating { connection_device_id(cce_required()), diverting_device_id, called_device_id }
    }

    /// Sent by the server when the agent's phone gets dial tone, the start of an outgoing call. Unified CCX:
    /// `LineType` is always 3, and from version 14 `SkillGroupPriority` holds the line type (3 or 10).
    ///
    /// Guide: "Client Events Service", CALL_SERVICE_INITIATED_EVENT.
    CallServiceInitiatedEvent<'a> = CALL_SERVICE_INITIATED_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id, line_handle,
            line_type, service_number, service_id, skill_group_number, skill_group_id, skill_group_priority,
            calling_device_type, local_connection_state, event_cause
        }
        floating {
            connection_device_id(required()), calling_device_id(ccx_required()), call_reference_id(since(14)),
            coc_connection_call_id(since(14)), coc_call_connection_device_id_type(since(14)),
        }
    }

    /// Sent by the server when the state of an agent changes, for the agent or per skill group. `NumFltSkillGroups`
    /// 0: only the skill group of the fixed part counts. Unified CCX: no `DepartmentID`, `AgentIDLong` for the
    /// agent, `CTIClientSignature` in tag 23; `AgentInstrument` taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Events Service", AGENT_STATE_EVENT.
    AgentStateEvent<'a> = AGENT_STATE_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, session_id, peripheral_type, skill_group_state, state_duration,
            skill_group_number, skill_group_id, skill_group_priority, agent_state, event_reason_code, mrdid,
            num_tasks, agent_mode, max_task_limit, icm_agent_id, agent_availability_status,
            [num_flt_skill_groups flt_skill_groups](since(10)), department_id(since(19))
        }
        floating {
            cti_client_signature / 23, agent_id / 194 (ccx_max(129)), agent_extension, active_terminal(since(23)),
            agent_instrument, duration(since(10)), next_agent_state(since(10)), direction(since(16)),
            max_beyond_task_limit(since(22)),
        }
        lists { flt_skill_groups: FltSkillGroup[99](since(10)) }
    }

    /// Sent by the server when an outbound call enters another network. Unified CCX does not have it.
    ///
    /// Guide: "Client Events Service", CALL_REACHED_NETWORK_EVENT.
    CallReachedNetworkEvent<'a> = CALL_REACHED_NETWORK_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id, line_handle,
            line_type, trunk_used_device_type, called_device_type, local_connection_state, event_cause
        }
        floating {
            connection_device_id(required()), trunk_used_device_id, called_device_id, trunk_number,
            trunk_group_number,
        }
    }

    /// Sent by the server when a call is put in a queue to wait for a resource; lists up to 20 skill groups.
    /// Unified CCX: `NumQueued` is 0; floating part partly taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Events Service", CALL_QUEUED_EVENT.
    CallQueuedEvent<'a> = CALL_QUEUED_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id,
            service_number, service_id, queue_device_type, calling_device_type, called_device_type,
            last_redirect_device_type, num_queued, [num_skill_groups skill_groups], local_connection_state,
            event_cause
        }
        floating {
            connection_device_id(required()), queue_device_id, calling_device_id, called_device_id,
            last_redirect_device_id,
        }
        lists { skill_groups: QueueSkillGroup[20] }
    }

    /// Sent by the server when a call leaves queues; `NumSkillGroups` 0 means all of them. Unified CCX:
    /// `QueueDeviceType` stands after `ServiceID`; the skill groups are taken from Unified CCE, unconfirmed, and
    /// the event is not expected there.
    ///
    /// Guide: "Client Events Service", CALL_DEQUEUED_EVENT.
    CallDequeuedEvent<'a> = CALL_DEQUEUED_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, peripheral_type, connection_device_id_type, connection_call_id,
            queue_device_type(cce_only()), service_number, service_id, ^queue_device_type(ccx_only()), num_queued,
            [num_skill_groups skill_groups], local_connection_state, event_cause
        }
        floating { connection_device_id(required()), queue_device_id(required(), ccx_only()) }
        lists { skill_groups: QueueSkillGroup[20] }
    }

    /// Sent by the server when the call type or the service of a call changes; 0 in a field means unchanged. Since
    /// version 14.
    ///
    /// Guide: "Client Events Service", CALL_ATTRIBUTE_CHANGE_EVENT.
    CallAttributeChangeEvent<'a> = CALL_ATTRIBUTE_CHANGE_EVENT: Server, since(14) {
        fixed { monitor_id, peripheral_id, peripheral_type, connection_device_id_type, call_type_id, service_number }
        floating { connection_device_id }
    }

    /// Sent by the server to All Events clients and to the agent's client when Unified CCE routes a call or task to
    /// an agent, with the call data it will have. Mostly comes before `BEGIN_CALL_EVENT`, but may come later.
    ///
    /// Guide: "Client Events Service", AGENT_PRE_CALL_EVENT.
    AgentPreCallEvent<'a> = AGENT_PRE_CALL_EVENT: Server {
        fixed {
            monitor_id, [num_named_variables named_variables], [num_named_arrays named_arrays], service_number,
            service_id, skill_group_number, skill_group_id, skill_group_priority, mrdid,
            agent_skill_target_id(since(20))
        }
        floating {
            agent_instrument(required()), router_call_key_day(required()), router_call_key_call_id(required()),
            router_call_key_sequence_number(required()), ani, user_to_user_info, dialed_number,
            caller_entered_digits, flt_call_type_id(since(14)), pre_call_invoke_id(since(14)),
            agent_id / 194 (since(20), ccx_max(129)), protocol_reference_guid(since(24), max(40)),
            ccai_config_id(since(24)),
        }
        numbered { call_variables }
        lists {
            named_variables: NamedVariable<'a>[400],
            named_arrays: NamedArray<'a>[400],
            enabled_services: AgentService[20] num_of_enabled_services (since(24)),
        }
    }

    /// Sent by the server to All Events clients when a call announced by `AGENT_PRE_CALL_EVENT` could not be routed
    /// to the agent, for example as it was busy.
    ///
    /// Guide: "Client Events Service", AGENT_PRE_CALL_ABORT_EVENT.
    AgentPreCallAbortEvent<'a> = AGENT_PRE_CALL_ABORT_EVENT: Server {
        fixed { monitor_id, mrdid }
        floating {
            agent_instrument(required()), router_call_key_day(required()), router_call_key_call_id(required()),
            router_call_key_sequence_number(required()),
        }
    }

    /// Sent by the server when a media stream of the agent's phone starts: one event for input, one for output. May
    /// come before or after the call event of the same moment. Unified CCX: layout taken from Unified CCE,
    /// unconfirmed; the addresses have at most 16 bytes.
    ///
    /// Guide: "Client Events Service", RTP_STARTED_EVENT.
    RtpStartedEvent<'a> = RTP_STARTED_EVENT: Server {
        fixed {
            monitor_id, peripheral_id, client_port, direction, rtp_type, bit_rate, echo_cancellation, packet_size,
            payload_type, connection_device_id_type, connection_call_id
        }
        floating {
            connection_device_id(cce_required()), client_address(cce_required(), ccx_max(16)),
            agent_id / 194 (ccx_max(129)), agent_extension, agent_instrument,
            sending_address(since(10), ccx_max(16)), sending_port(since(10)),
            client_address_ipv6(since(14), until(18)), sending_address_ipv6(since(14), until(18)),
        }
    }

    /// Sent by the server when a media stream of the agent's phone stops, on hold and at the end of the call: one
    /// event for input, one for output. Unified CCX: the addresses have at most 16 bytes, `AgentIDLong` holds the
    /// agent.
    ///
    /// Guide: "Client Events Service", RTP_STOPPED_EVENT.
    RtpStoppedEvent<'a> = RTP_STOPPED_EVENT: Server {
        fixed { monitor_id, peripheral_id, client_port, direction, connection_device_id_type, connection_call_id }
        floating {
            connection_device_id(required()), client_address(required(), ccx_max(16)),
            agent_id / 194 (ccx_max(129)), agent_extension, agent_instrument,
            sending_address(since(10), ccx_max(16)), sending_port(since(10)),
            client_address_ipv6(since(14), until(18)), sending_address_ipv6(since(14), until(18)),
        }
    }

    /// Sent by the server when the recording server has started to record a call. Since version 23.
    ///
    /// Guide: "Client Events Service", NETWORK_RECORDING_STARTED_EVENT.
    NetworkRecordingStartedEvent<'a> = NETWORK_RECORDING_STARTED_EVENT: Server, since(23) {
        fixed { monitor_id, peripheral_id, connection_call_id, connection_device_id_type, recording_device_type }
        floating { connection_device_id(required()), recording_device_id }
    }

    /// Sent by the server when the recording of a call has ended. It may be missing: then `CALL_CLEARED_EVENT`
    /// marks the end. Since version 23.
    ///
    /// Guide: "Client Events Service", NETWORK_RECORDING_ENDED_EVENT.
    NetworkRecordingEndedEvent<'a> = NETWORK_RECORDING_ENDED_EVENT: Server, since(23) {
        fixed { monitor_id, peripheral_id, connection_call_id, connection_device_id_type, recording_device_type }
        floating { connection_device_id(required()), recording_device_id }
    }

    /// Sent by the server when the recording of a call failed; the cause is the code of Unified CM. Since version
    /// 23.
    ///
    /// Guide: "Client Events Service", NETWORK_RECORDING_FAILED_EVENT.
    NetworkRecordingFailedEvent<'a> = NETWORK_RECORDING_FAILED_EVENT: Server, since(23) {
        fixed {
            monitor_id, peripheral_id, connection_call_id, connection_device_id_type, recording_device_type,
            record_failure_cause
        }
        floating { connection_device_id(required()), recording_device_id }
    }

    /// Sent by the server to the client that started a recording, with data of the recorder and of the device that
    /// copies the media. Since version 23.
    ///
    /// Guide: "Client Events Service", NETWORK_RECORDING_TARGET_INFO_EVENT.
    NetworkRecordingTargetInfoEvent<'a> = NETWORK_RECORDING_TARGET_INFO_EVENT: Server, since(23) {
        fixed {
            monitor_id, peripheral_id, connection_call_id, connection_device_id_type, recording_device_type,
            recording_type, media_forking_device_type
        }
        floating {
            connection_device_id(required()), recording_device_id, recorder_address, terminal_name,
            media_forking_device_name, protocol_reference_guid, media_forking_cluster_id, recorder_uri,
            recorder_error_msg, recorder_type, recorder_status,
        }
    }
}
