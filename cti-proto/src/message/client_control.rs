//! Client Control Service: agent state and call control.

#[allow(clippy::wildcard_imports, reason = "a table names types of all kinds")]
use crate::message::prelude::*;

messages! {
    ($) as client_control_messages;
    service ClientControl;

    /// Sent by the server in place of the confirmation of a Client Control request that failed;
    /// `PeripheralErrorCode` holds the code of the peripheral. Unified CCX: its own error codes (88001 and up)
    /// there, and an optional `Text`.
    ///
    /// Guide: "Client Control Service", CONTROL_FAILURE_CONF.
    ControlFailureConf<'a> = CONTROL_FAILURE_CONF: Server {
        fixed { invoke_id, failure_code, peripheral_error_code }
        floating { text(ccx_only()) }
    }

    /// Sent by the client to get the state of an agent. Name the agent by `ICMAgentID`, `AgentID`, `AgentExtension`
    /// or `AgentInstrument`. Unified CCX: `AgentIDLong` in place of `AgentID`.
    ///
    /// Guide: "Client Control Service", QUERY_AGENT_STATE_REQ.
    QueryAgentStateReq<'a> = QUERY_AGENT_STATE_REQ: Client {
        fixed { invoke_id, peripheral_id, mrdid, icm_agent_id }
        floating { agent_extension, agent_id / 194 (ccx_max(129)), agent_instrument }
    }

    /// Sent by the server with the state of the agent, in all and per skill group (20 at most). Unified CCX: no
    /// `DepartmentID`, `AgentIDLong` holds the agent.
    ///
    /// Guide: "Client Control Service", QUERY_AGENT_STATE_CONF.
    QueryAgentStateConf<'a> = QUERY_AGENT_STATE_CONF: Server, confirms(QUERY_AGENT_STATE_REQ) {
        fixed {
            invoke_id, agent_state, [num_skill_groups skill_groups], mrdid, num_tasks, agent_mode, max_task_limit,
            icm_agent_id, agent_availability_status, department_id(since(19))
        }
        floating {
            agent_id / 194 (ccx_max(129)), agent_id12 / 5 (ccx_only()), agent_extension, agent_instrument,
            internal_agent_state(since(19)), max_beyond_task_limit(since(22)),
        }
        lists { skill_groups: AgentSkillGroup[20] }
    }

    /// Sent by the client to log an agent in or out or to change the state. Login and logout need `AgentID` and,
    /// without single sign-on, `AgentPassword`; logout with no skill groups leaves all. Unified CCX: `AgentIDLong`,
    /// `NumSkillGroups` 0.
    ///
    /// Guide: "Client Control Service", SET_AGENT_STATE_REQ.
    SetAgentStateReq<'a> = SET_AGENT_STATE_REQ: Client {
        fixed {
            invoke_id, peripheral_id, agent_state, agent_work_mode, [num_skill_groups skill_groups],
            event_reason_code, forced_flag(since(10)), agent_service_req(since(12))
        }
        floating {
            agent_instrument(required()), active_terminal(since(23)), agent_id / 194 (ccx_max(129)), agent_password,
            position_id, supervisor_id, sso_enabled(since(20)),
        }
        lists { skill_groups: SelectedSkillGroup[10] }
    }

    /// Sent by the server: the request was taken. The state may not have changed: follow `AGENT_STATE_EVENT`.
    /// Unified CCX: layout taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Control Service", SET_AGENT_STATE_CONF.
    SetAgentStateConf = SET_AGENT_STATE_CONF: Server, confirms(SET_AGENT_STATE_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client to hold the active call and take the other one, held or alerting, at the same device.
    /// Unified CCX: `AgentInstrument` taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Control Service", ALTERNATE_CALL_REQ.
    AlternateCallReq<'a> = ALTERNATE_CALL_REQ: Client {
        fixed {
            invoke_id, peripheral_id, active_connection_call_id, other_connection_call_id,
            active_connection_device_id_type, other_connection_device_id_type
        }
        floating { active_connection_device_id(required()), other_connection_device_id(required()), agent_instrument }
    }

    /// Sent by the server: the request to alternate calls was taken.
    ///
    /// Guide: "Client Control Service", ALTERNATE_CALL_CONF.
    AlternateCallConf = ALTERNATE_CALL_CONF: Server, confirms(ALTERNATE_CALL_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client to answer a call that alerts at the device. Without a known call the call ID is
    /// 0xffffffff. Unified CCX: `ConnectionDeviceID` or `AgentInstrument` is needed, and `CONNECTION_ID_NONE` goes
    /// with 0xffffffff.
    ///
    /// Guide: "Client Control Service", ANSWER_CALL_REQ.
    AnswerCallReq<'a> = ANSWER_CALL_REQ: Client {
        fixed { invoke_id, peripheral_id, connection_call_id, connection_device_id_type }
        floating { connection_device_id, agent_instrument }
    }

    /// Sent by the server: the request to answer was taken. Unified CCX: layout taken from Unified CCE,
    /// unconfirmed.
    ///
    /// Guide: "Client Control Service", ANSWER_CALL_CONF.
    AnswerCallConf = ANSWER_CALL_CONF: Server, confirms(ANSWER_CALL_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client to hang up the whole call: all devices leave it.
    ///
    /// Guide: "Client Control Service", CLEAR_CALL_REQ.
    ClearCallReq<'a> = CLEAR_CALL_REQ: Client {
        fixed { invoke_id, peripheral_id, connection_call_id, connection_device_id_type }
        floating { connection_device_id(required()), agent_instrument }
    }

    /// Sent by the server: the request to clear the call was taken. Unified CCX: layout taken from Unified CCE,
    /// unconfirmed.
    ///
    /// Guide: "Client Control Service", CLEAR_CALL_CONF.
    ClearCallConf = CLEAR_CALL_CONF: Server, confirms(CLEAR_CALL_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client to hang up one device; the other parties stay in the call. `RequestingDeviceIDType` is
    /// treated as a floating field. Unified CCX has neither of the two requesting device fields.
    ///
    /// Guide: "Client Control Service", CLEAR_CONNECTION_REQ.
    ClearConnectionReq<'a> = CLEAR_CONNECTION_REQ: Client {
        fixed { invoke_id, peripheral_id, connection_call_id, connection_device_id_type }
        floating {
            connection_device_id(required()), agent_instrument, ctios_cil_client_id(since(13), until(24)),
            requesting_device_id(since(14)), requesting_device_id_type(since(14)),
        }
    }

    /// Sent by the server: the request to clear the connection was taken. Unified CCX: layout taken from Unified
    /// CCE, unconfirmed.
    ///
    /// Guide: "Client Control Service", CLEAR_CONNECTION_CONF.
    ClearConnectionConf = CLEAR_CONNECTION_CONF: Server, confirms(CLEAR_CONNECTION_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client to join a held and an active call, or to add a number in one step:
    /// `HeldConnectionDeviceID` or `DialedNumber` is needed. Unified CCX: the fields that say how to place the call
    /// are 0, and `AgentInstrument` is required.
    ///
    /// Guide: "Client Control Service", CONFERENCE_CALL_REQ.
    ConferenceCallReq<'a> = CONFERENCE_CALL_REQ: Client {
        fixed {
            invoke_id, peripheral_id, held_connection_call_id, active_connection_call_id,
            held_connection_device_id_type, active_connection_device_id_type, call_placement_type, call_manner_type,
            alert_rings, call_option, facility_type, answering_machine, priority, post_route,
            [num_named_variables named_variables], [num_named_arrays named_arrays]
        }
        floating {
            active_connection_device_id(required()), held_connection_device_id, agent_instrument(ccx_required()),
            dialed_number, user_to_user_info, call_wrapup_data, facility_code, authorization_code, account_code,
        }
        numbered { call_variables }
        lists { named_variables: NamedVariable<'a>[400], named_arrays: NamedArray<'a>[400] }
    }

    /// Sent by the server: the conference request was taken; names the resulting call and up to 16 parties.
    ///
    /// Guide: "Client Control Service", CONFERENCE_CALL_CONF.
    ConferenceCallConf<'a> = CONFERENCE_CALL_CONF: Server, confirms(CONFERENCE_CALL_REQ) {
        fixed {
            invoke_id, new_connection_call_id, new_connection_device_id_type, [num_parties connected_parties],
            line_handle, line_type
        }
        floating { new_connection_device_id(required()) }
        lists { connected_parties: ConnectedParty<'a>[16] }
    }

    /// Sent by the client to hold the active call and make a new one; call data given here replaces that of the
    /// active call. Fails if the call is held already. Unified CCX (`CONSULT_CALL_REQ`): call data fields taken
    /// from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Control Service", CONSULTATION_CALL_REQ.
    ConsultationCallReq<'a> = CONSULTATION_CALL_REQ: Client {
        fixed {
            invoke_id, peripheral_id, active_connection_call_id, active_connection_device_id_type,
            call_placement_type, call_manner_type, consult_type, alert_rings, call_option, facility_type,
            answering_machine, priority, post_route, [num_named_variables named_variables],
            [num_named_arrays named_arrays]
        }
        floating {
            active_connection_device_id(required()), dialed_number(required()), agent_instrument, user_to_user_info,
            call_wrapup_data, facility_code, authorization_code, account_code,
        }
        numbered { call_variables }
        lists { named_variables: NamedVariable<'a>[400], named_arrays: NamedArray<'a>[400] }
    }

    /// Sent by the server: the consultation was taken; names the new call. Unified CCX calls it
    /// `CONSULT_CALL_CONF`.
    ///
    /// Guide: "Client Control Service", CONSULTATION_CALL_CONF.
    ConsultationCallConf<'a> = CONSULTATION_CALL_CONF: Server, confirms(CONSULTATION_CALL_REQ) {
        fixed { invoke_id, new_connection_call_id, new_connection_device_id_type, line_handle, line_type }
        floating { new_connection_device_id(required()) }
    }

    /// Sent by the client to move an alerting call to another device. Unified CCX does not have it.
    ///
    /// Guide: "Client Control Service", DEFLECT_CALL_REQ.
    DeflectCallReq<'a> = DEFLECT_CALL_REQ: Client {
        fixed { invoke_id, peripheral_id, connection_call_id, connection_device_id_type, called_device_type }
        floating { connection_device_id(required()), called_device_id(required()), agent_instrument }
    }

    /// Sent by the server: the request to deflect was taken. Unified CCX does not have it.
    ///
    /// Guide: "Client Control Service", DEFLECT_CALL_CONF.
    DeflectCallConf = DEFLECT_CALL_CONF: Server, confirms(DEFLECT_CALL_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client to put a call on hold. Unified CCX: `Reservation` is 0.
    ///
    /// Guide: "Client Control Service", HOLD_CALL_REQ.
    HoldCallReq<'a> = HOLD_CALL_REQ: Client {
        fixed { invoke_id, peripheral_id, connection_call_id, connection_device_id_type, reservation }
        floating { connection_device_id(required()), agent_instrument }
    }

    /// Sent by the server: the request to hold was taken. Unified CCX: layout taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Control Service", HOLD_CALL_CONF.
    HoldCallConf = HOLD_CALL_CONF: Server, confirms(HOLD_CALL_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client to make a call from the agent's phone to `DialedNumber`. `SkillGroupNumber` from version
    /// 14, 0xffffffff for the default. Unified CCX: the fields that say how to place the call are 0; call data
    /// fields taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Control Service", MAKE_CALL_REQ.
    MakeCallReq<'a> = MAKE_CALL_REQ: Client {
        fixed {
            invoke_id, peripheral_id, call_placement_type, call_manner_type, alert_rings, call_option,
            facility_type, answering_machine, priority, post_route, [num_named_variables named_variables],
            [num_named_arrays named_arrays], skill_group_number(since(14))
        }
        floating {
            agent_instrument(required()), dialed_number(required()), user_to_user_info, call_wrapup_data,
            facility_code, authorization_code, account_code, cct,
        }
        numbered { call_variables }
        lists { named_variables: NamedVariable<'a>[400], named_arrays: NamedArray<'a>[400] }
    }

    /// Sent by the server: the call is being made; names it. Its events may come before.
    ///
    /// Guide: "Client Control Service", MAKE_CALL_CONF.
    MakeCallConf<'a> = MAKE_CALL_CONF: Server, confirms(MAKE_CALL_REQ) {
        fixed { invoke_id, new_connection_call_id, new_connection_device_id_type, line_handle, line_type }
        floating { new_connection_device_id(required()) }
    }

    /// Sent by the client to make an outbound call from an ACD device and join it to that device once the called
    /// end reaches `AllocationState`.
    ///
    /// Guide: "Client Control Service", MAKE_PREDICTIVE_CALL_REQ.
    MakePredictiveCallReq<'a> = MAKE_PREDICTIVE_CALL_REQ: Client {
        fixed {
            invoke_id, peripheral_id, call_placement_type, call_manner_type, alert_rings, call_option,
            facility_type, answering_machine, priority, allocation_state, destination_country, answer_detect_mode,
            answer_detect_time, answer_detect_control1, answer_detect_control2,
            [num_named_variables named_variables], [num_named_arrays named_arrays]
        }
        floating {
            originating_device_id(required()), dialed_number(required()), user_to_user_info, call_wrapup_data,
            facility_code, authorization_code, account_code, originating_line_id, cct,
        }
        numbered { call_variables }
        lists { named_variables: NamedVariable<'a>[400], named_arrays: NamedArray<'a>[400] }
    }

    /// Sent by the server: the predictive call is being made; names it.
    ///
    /// Guide: "Client Control Service", MAKE_PREDICTIVE_CALL_CONF.
    MakePredictiveCallConf<'a> = MAKE_PREDICTIVE_CALL_CONF: Server, confirms(MAKE_PREDICTIVE_CALL_REQ) {
        fixed { invoke_id, new_connection_call_id, new_connection_device_id_type, line_handle, line_type }
        floating { new_connection_device_id(required()) }
    }

    /// Sent by the client to clear the active call and take the held one.
    ///
    /// Guide: "Client Control Service", RECONNECT_CALL_REQ.
    ReconnectCallReq<'a> = RECONNECT_CALL_REQ: Client {
        fixed {
            invoke_id, peripheral_id, active_connection_call_id, held_connection_call_id,
            active_connection_device_id_type, held_connection_device_id_type
        }
        floating { active_connection_device_id(required()), held_connection_device_id(required()), agent_instrument }
    }

    /// Sent by the server: the request to reconnect was taken. Unified CCX: layout taken from Unified CCE,
    /// unconfirmed.
    ///
    /// Guide: "Client Control Service", RECONNECT_CALL_CONF.
    ReconnectCallConf = RECONNECT_CALL_CONF: Server, confirms(RECONNECT_CALL_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client to take a held call.
    ///
    /// Guide: "Client Control Service", RETRIEVE_CALL_REQ.
    RetrieveCallReq<'a> = RETRIEVE_CALL_REQ: Client {
        fixed { invoke_id, peripheral_id, held_connection_call_id, held_connection_device_id_type }
        floating { held_connection_device_id(required()), agent_instrument }
    }

    /// Sent by the server: the request to retrieve was taken. Unified CCX: layout taken from Unified CCE,
    /// unconfirmed.
    ///
    /// Guide: "Client Control Service", RETRIEVE_CALL_CONF.
    RetrieveCallConf = RETRIEVE_CALL_CONF: Server, confirms(RETRIEVE_CALL_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client to connect a held and an active call of one device, or to send the active call to
    /// `DialedNumber` in one step; then the held call ID is 0xffffffff with `CONNECTION_ID_NONE`. Unified CCX:
    /// `DialedNumber` and `AgentInstrument` taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Control Service", TRANSFER_CALL_REQ.
    TransferCallReq<'a> = TRANSFER_CALL_REQ: Client {
        fixed {
            invoke_id, peripheral_id, active_connection_call_id, held_connection_call_id,
            active_connection_device_id_type, held_connection_device_id_type, call_placement_type, call_manner_type,
            alert_rings, call_option, facility_type, answering_machine, priority, post_route,
            [num_named_variables named_variables], [num_named_arrays named_arrays]
        }
        floating {
            active_connection_device_id(required()), held_connection_device_id, agent_instrument, dialed_number,
            user_to_user_info, call_wrapup_data, facility_code, authorization_code, account_code,
        }
        numbered { call_variables }
        lists { named_variables: NamedVariable<'a>[400], named_arrays: NamedArray<'a>[400] }
    }

    /// Sent by the server: the transfer was taken; names the resulting call and up to 16 parties. Unified CCX: no
    /// `ConnectedParty` fields documented.
    ///
    /// Guide: "Client Control Service", TRANSFER_CALL_CONF.
    TransferCallConf<'a> = TRANSFER_CALL_CONF: Server, confirms(TRANSFER_CALL_REQ) {
        fixed {
            invoke_id, new_connection_call_id, new_connection_device_id_type, [num_parties connected_parties],
            line_handle, line_type
        }
        floating { new_connection_device_id(required()) }
        lists { connected_parties: ConnectedParty<'a>[16] }
    }

    /// Sent by the client to learn what a device can do. Unified CCX: layout taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Control Service", QUERY_DEVICE_INFO_REQ.
    QueryDeviceInfoReq<'a> = QUERY_DEVICE_INFO_REQ: Client {
        fixed { invoke_id, peripheral_id, reserved }
        floating { agent_instrument(required()) }
    }

    /// Sent by the server with the type, lines, limits and abilities of the device. Unified CCX: layout taken from
    /// Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Control Service", QUERY_DEVICE_INFO_CONF.
    QueryDeviceInfoConf<'a> = QUERY_DEVICE_INFO_CONF: Server, confirms(QUERY_DEVICE_INFO_REQ) {
        fixed {
            invoke_id, peripheral_type, type_of_device, class_of_device, [num_lines lines], reserved,
            max_active_calls, max_held_calls, max_devices_in_conference, make_call_setup, transfer_conference_setup,
            call_events_supported, call_control_supported, other_features_supported
        }
        lists { lines: Line[10] }
    }

    /// Sent by the client to get the data of a call and its devices.
    ///
    /// Guide: "Client Control Service", SNAPSHOT_CALL_REQ.
    SnapshotCallReq<'a> = SNAPSHOT_CALL_REQ: Client {
        fixed { invoke_id, peripheral_id, connection_call_id, connection_device_id_type }
        floating { connection_device_id(required()) }
    }

    /// Sent by the server with the data of the call and an entry for each of its devices (16 at most). Unified CCX:
    /// one INT more at the end of the fixed part from version 11; device entries taken from Unified CCE,
    /// unconfirmed.
    ///
    /// Guide: "Client Control Service", SNAPSHOT_CALL_CONF.
    SnapshotCallConf<'a> = SNAPSHOT_CALL_CONF: Server, confirms(SNAPSHOT_CALL_REQ) {
        fixed {
            invoke_id, call_type, [num_cti_clients cti_clients], [num_call_devices call_devices],
            [num_named_variables named_variables], [num_named_arrays named_arrays], called_party_disposition,
            mrd_id(ccx_only(), ccx_since(11))
        }
        floating {
            ani, user_to_user_info, dnis, dialed_number, caller_entered_digits, router_call_key_day,
            router_call_key_call_id, call_wrapup_data, call_reference_id(since(14)),
            coc_connection_call_id(since(14)), coc_call_connection_device_id_type(since(14)),
            coc_call_connection_device_id(since(14)), protocol_reference_guid(since(24), max(40)),
            ccai_config_id(since(24)),
        }
        numbered { call_variables }
        lists {
            named_variables: NamedVariable<'a>[400],
            named_arrays: NamedArray<'a>[400],
            cti_clients: CtiClient<'a>[16],
            call_devices: CallDevice<'a>[16],
            enabled_services: AgentService[20] num_of_enabled_services (since(24)),
        }
    }

    /// Sent by the client to get the calls at a device. Looking at any device takes Client Control and All Events;
    /// calls on secondary lines are left out with `CTI_SERVICE_ACD_LINE_ONLY`. `SnapshotDeviceType` from version
    /// 10.
    ///
    /// Guide: "Client Control Service", SNAPSHOT_DEVICE_REQ.
    SnapshotDeviceReq<'a> = SNAPSHOT_DEVICE_REQ: Client {
        fixed { invoke_id, peripheral_id, snapshot_device_type(since(10)) }
        floating { agent_instrument(required()) }
    }

    /// Sent by the server with an entry for each call at the device (16 at most). Unified CCX: `CallState` taken
    /// from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Control Service", SNAPSHOT_DEVICE_CONF.
    SnapshotDeviceConf<'a> = SNAPSHOT_DEVICE_CONF: Server, confirms(SNAPSHOT_DEVICE_REQ) {
        fixed { invoke_id, [num_calls calls] }
        lists { calls: DeviceCall<'a>[16] }
    }

    /// Sent by the client to have tones sent into a call.
    ///
    /// Guide: "Client Control Service", SEND_DTMF_SIGNAL_REQ.
    SendDtmfSignalReq<'a> = SEND_DTMF_SIGNAL_REQ: Client {
        fixed {
            invoke_id, peripheral_id, connection_call_id, connection_device_id_type, tone_duration, pause_duration
        }
        floating {
            connection_device_id(required()), dtmf_string(required(), digits()), agent_instrument,
            ctios_cil_client_id(since(13), until(24)),
        }
    }

    /// Sent by the server: the request to send tones was taken.
    ///
    /// Guide: "Client Control Service", SEND_DTMF_SIGNAL_CONF.
    SendDtmfSignalConf = SEND_DTMF_SIGNAL_CONF: Server, confirms(SEND_DTMF_SIGNAL_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client for an agent who needs the supervisor; call ID 0xffffffff if there is no call. All Events
    /// and Peripheral Monitor clients must give one agent field. Unified CCX: `AgentIDLong` in place of `AgentID`,
    /// `ConnectionDeviceID` required.
    ///
    /// Guide: "Client Control Service", SUPERVISOR_ASSIST_REQ.
    SupervisorAssistReq<'a> = SUPERVISOR_ASSIST_REQ: Client {
        fixed { invoke_id, peripheral_id, connection_call_id, connection_device_id_type }
        floating {
            connection_device_id(ccx_required()), agent_extension, agent_id / 194 (ccx_max(129)), agent_instrument,
        }
    }

    /// Sent by the server when a supervisor was found; names the call made to the supervisor. If none is found,
    /// `FAILURE_CONF` comes.
    ///
    /// Guide: "Client Control Service", SUPERVISOR_ASSIST_CONF.
    SupervisorAssistConf<'a> = SUPERVISOR_ASSIST_CONF: Server, confirms(SUPERVISOR_ASSIST_REQ) {
        fixed { invoke_id, connection_call_id, connection_device_id_type, line_handle, line_type }
        floating { connection_device_id(required()) }
    }

    /// Sent by the client for an agent who declares an emergency; call ID 0xffffffff if there is no call. It is
    /// always reported, with an `EMERGENCY_CALL_EVENT`. One agent field is needed with All Events or Peripheral
    /// Monitor. Unified CCX: `AgentIDLong`, no `AgentExtension`.
    ///
    /// Guide: "Client Control Service", EMERGENCY_CALL_REQ.
    EmergencyCallReq<'a> = EMERGENCY_CALL_REQ: Client {
        fixed { invoke_id, peripheral_id, connection_call_id, connection_device_id_type }
        floating {
            connection_device_id(ccx_required()), agent_extension, agent_id / 194 (ccx_max(129)), agent_instrument,
        }
    }

    /// Sent by the server when a supervisor was found; names the emergency call. If none is found, `FAILURE_CONF`
    /// comes. Unified CCX: layout taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Client Control Service", EMERGENCY_CALL_CONF.
    EmergencyCallConf<'a> = EMERGENCY_CALL_CONF: Server, confirms(EMERGENCY_CALL_REQ) {
        fixed { invoke_id, connection_call_id, connection_device_id_type, line_handle, line_type }
        floating { connection_device_id }
    }

    /// Sent by the client when the agent marks the line of a call as bad; trunk, gateway and devices are recorded
    /// for service staff.
    ///
    /// Guide: "Client Control Service", BAD_CALL_REQ.
    BadCallReq<'a> = BAD_CALL_REQ: Client {
        fixed { invoke_id, peripheral_id, connection_device_id_type, connection_call_id }
        floating { connection_device_id(required()), agent_id / 194 (ccx_max(129)) }
    }

    /// Sent by the server: the mark was taken.
    ///
    /// Guide: "Client Control Service", BAD_CALL_CONF.
    BadCallConf = BAD_CALL_CONF: Server, confirms(BAD_CALL_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client to stop the greeting being played, or to turn greetings off or on for the rest of the
    /// login. Turning off does not stop one that plays. Since version 15.
    ///
    /// Guide: "Client Control Service", AGENT_GREETING_CONTROL_REQ.
    AgentGreetingControlReq<'a> = AGENT_GREETING_CONTROL_REQ: Client, since(15) {
        fixed { invoke_id, peripheral_id, agent_action }
        floating { agent_id / 194 (required(), ccx_max(129)) }
    }

    /// Sent by the server: the greeting request was taken.
    ///
    /// Guide: "Client Control Service", AGENT_GREETING_CONTROL_CONF.
    AgentGreetingControlConf = AGENT_GREETING_CONTROL_CONF: Server, confirms(AGENT_GREETING_CONTROL_REQ), since(15) {
        fixed { invoke_id }
    }

    /// Sent by the client to record a call in the network; the call must be connected. Since version 23.
    ///
    /// Guide: "Client Control Service", START_NETWORK_RECORDING_REQ.
    StartNetworkRecordingReq<'a> = START_NETWORK_RECORDING_REQ: Client, since(23) {
        fixed { invoke_id, peripheral_id, connection_call_id, connection_device_id_type }
        floating { play_tone_direction, invocation_type, connection_device_id(required()), agent_instrument }
    }

    /// Sent by the server: the request was taken. The recording itself is told by
    /// `NETWORK_RECORDING_STARTED_EVENT`.
    ///
    /// Guide: "Client Control Service", START_NETWORK_RECORDING_CONF.
    StartNetworkRecordingConf = START_NETWORK_RECORDING_CONF: Server, confirms(START_NETWORK_RECORDING_REQ), since(23) {
        fixed { invoke_id }
    }

    /// Sent by the client to stop a network recording; the call must be connected. It fails if `InvocationType` is
    /// not the one used to start. Since version 23.
    ///
    /// Guide: "Client Control Service", STOP_NETWORK_RECORDING_REQ.
    StopNetworkRecordingReq<'a> = STOP_NETWORK_RECORDING_REQ: Client, since(23) {
        fixed { invoke_id, peripheral_id, connection_call_id, connection_device_id_type }
        floating { invocation_type, connection_device_id(required()), agent_instrument }
    }

    /// Sent by the server: the request was taken. The end itself is told by `NETWORK_RECORDING_ENDED_EVENT`.
    ///
    /// Guide: "Client Control Service", STOP_NETWORK_RECORDING_CONF.
    StopNetworkRecordingConf = STOP_NETWORK_RECORDING_CONF: Server, confirms(STOP_NETWORK_RECORDING_REQ), since(23) {
        fixed { invoke_id }
    }
}
