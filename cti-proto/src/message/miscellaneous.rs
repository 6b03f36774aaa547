//! Miscellaneous Service: system events, user messages, statistics, recording, desk settings.

#[allow(clippy::wildcard_imports, reason = "a table names types of all kinds")]
use crate::message::prelude::*;

messages! {
    ($) as miscellaneous_messages;
    service Miscellaneous;

    /// Sent by the server when the gateway, a peripheral or a device changes; after `OPEN_CONF` All Events clients
    /// get one per peripheral. A `PGStatus` other than 0 is a fault. Unified CCX: sent to every client, in service
    /// is 0x400.
    ///
    /// Guide: "Miscellaneous Service", SYSTEM_EVENT.
    SystemEvent<'a> = SYSTEM_EVENT: Server {
        fixed {
            pg_status, icm_central_controller_time, system_event_id, system_event_arg1, system_event_arg2,
            system_event_arg3, event_device_type(since(10))
        }
        floating { text, event_device_id(since(10)) }
    }

    /// Sent by the client to report an event, or the state of a named object, to the alarm system of Unified CCE.
    /// The same name from two clients means the same object. Unified CCX does not have it.
    ///
    /// Guide: "Miscellaneous Service", CLIENT_EVENT_REPORT_REQ.
    ClientEventReportReq<'a> = CLIENT_EVENT_REPORT_REQ: Client {
        fixed { invoke_id, state }
        floating { object_name, text(required()) }
    }

    /// Sent by the server: the report was taken. Unified CCX does not have it.
    ///
    /// Guide: "Miscellaneous Service", CLIENT_EVENT_REPORT_CONF.
    ClientEventReportConf = CLIENT_EVENT_REPORT_CONF: Server, confirms(CLIENT_EVENT_REPORT_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client to pass a text to another client, the supervisor, the team or all clients. `ClientID` is
    /// needed for one client; All Events and Peripheral Monitor clients give the peripheral and one agent field for
    /// supervisor or team.
    ///
    /// Guide: "Miscellaneous Service", USER_MESSAGE_REQ.
    UserMessageReq<'a> = USER_MESSAGE_REQ: Client {
        fixed { invoke_id, peripheral_id, distribution }
        floating {
            client_id, agent_extension, agent_id / 194 (ccx_max(129)), agent_instrument, text(required()),
            ctios_cil_client_id,
        }
    }

    /// Sent by the server: the text was passed on.
    ///
    /// Guide: "Miscellaneous Service", USER_MESSAGE_CONF.
    UserMessageConf = USER_MESSAGE_CONF: Server, confirms(USER_MESSAGE_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the server to deliver a text from another client; `ClientID` names the sender.
    ///
    /// Guide: "Miscellaneous Service", USER_MESSAGE_EVENT.
    UserMessageEvent<'a> = USER_MESSAGE_EVENT: Server {
        fixed { icm_central_controller_time, distribution }
        floating { client_id(required()), text(required()) }
    }

    /// Sent by the client to get the call statistics of an agent. All Events and Peripheral Monitor clients must
    /// give the agent's extension, ID or instrument. Ask sparingly, at most after each call.
    ///
    /// Guide: "Miscellaneous Service", QUERY_AGENT_STATISTICS_REQ.
    QueryAgentStatisticsReq<'a> = QUERY_AGENT_STATISTICS_REQ: Client {
        fixed { invoke_id, peripheral_id }
        floating { agent_extension, agent_id / 194 (ccx_max(129)), agent_instrument }
    }

    /// Sent by the server with the statistics of the agent, since login (`Session`) and since midnight (`Today`).
    /// Calls count once their wrap-up is over.
    ///
    /// Guide: "Miscellaneous Service", QUERY_AGENT_STATISTICS_CONF.
    QueryAgentStatisticsConf<'a> = QUERY_AGENT_STATISTICS_CONF: Server, confirms(QUERY_AGENT_STATISTICS_REQ) {
        fixed { invoke_id, peripheral_id, session, today }
        floating { agent_extension, agent_id / 194 (ccx_max(129)), agent_instrument }
    }

    /// Sent by the client to get the statistics of a skill group, named by number or by ID; the other one is
    /// 0xffffffff (`NULL_SKILL_GROUP`). Ask sparingly.
    ///
    /// Guide: "Miscellaneous Service", QUERY_SKILL_GROUP_STATISTICS_REQ.
    QuerySkillGroupStatisticsReq = QUERY_SKILL_GROUP_STATISTICS_REQ: Client {
        fixed { invoke_id, peripheral_id, skill_group_number, skill_group_id }
    }

    /// Sent by the server with the statistics of the skill group: now, five minutes (`To5`), half hour (`ToHalf`)
    /// and since midnight (`Today`). Calls count once their wrap-up is over.
    ///
    /// Guide: "Miscellaneous Service", QUERY_SKILL_GROUP_STATISTICS_CONF.
    QuerySkillGroupStatisticsConf = QUERY_SKILL_GROUP_STATISTICS_CONF: Server,
        confirms(QUERY_SKILL_GROUP_STATISTICS_REQ) {
        fixed {
            invoke_id, peripheral_id, skill_group_number, skill_group_id, agents, router_calls_q_now,
            longest_router_call_q_now, queue_now, to5, queue5, to_half, queue_half, skill_group_today, queue_today
        }
    }

    /// Sent by the client to name the call variables and named variables it wants; without it a client gets all.
    /// Values in the request are ignored. It fails if a variable is not configured.
    ///
    /// Guide: "Miscellaneous Service", REGISTER_VARIABLES_REQ.
    RegisterVariablesReq<'a> = REGISTER_VARIABLES_REQ: Client {
        fixed {
            invoke_id, call_variable_mask, [num_named_variables named_variables], [num_named_arrays named_arrays]
        }
        lists { named_variables: NamedVariable<'a>[400], named_arrays: NamedArray<'a>[400] }
    }

    /// Sent by the server: the variables are registered. If one is removed from the configuration later, a
    /// `FAILURE_EVENT` tells so.
    ///
    /// Guide: "Miscellaneous Service", REGISTER_VARIABLES_CONF.
    RegisterVariablesConf = REGISTER_VARIABLES_CONF: Server, confirms(REGISTER_VARIABLES_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client to set variables of an application path; variables left out stay as they are.
    ///
    /// Guide: "Miscellaneous Service", SET_APP_DATA_REQ.
    SetAppDataReq<'a> = SET_APP_DATA_REQ: Client {
        fixed { invoke_id }
        floating { application_path_id(required()), flt_call_type_id(since(14)), pre_call_invoke_id(since(14)) }
        numbered { call_variables }
    }

    /// Sent by the server: the variables are set and kept, even if the session is lost.
    ///
    /// Guide: "Miscellaneous Service", SET_APP_DATA_CONF.
    SetAppDataConf = SET_APP_DATA_CONF: Server, confirms(SET_APP_DATA_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client to start recording a call; the server passes it on to the recording servers registered
    /// for `Cisco:CallRecording` and fills in the client's ID and address. All Events and Peripheral Monitor
    /// clients must give one agent field.
    ///
    /// Guide: "Miscellaneous Service", START_RECORDING_REQ.
    StartRecordingReq<'a> = START_RECORDING_REQ: Both {
        fixed {
            invoke_id, peripheral_id, connection_call_id, client_port, bit_rate, packet_size,
            connection_device_id_type, direction, rtp_type, echo_cancellation, payload_type
        }
        floating {
            connection_device_id(required()), client_id, client_address, agent_extension,
            agent_id / 194 (ccx_max(129)), agent_instrument, client_address_ipv6(since(14), until(18)),
        }
    }

    /// Sent by the recording server when it records, and passed on by the server to the client. `SessionID` and
    /// `ServerData` must be repeated in the stop request. A recording server sets `SessionID` 0xffffffff to get the
    /// stop itself, 0 to let any server have it.
    ///
    /// Guide: "Miscellaneous Service", START_RECORDING_CONF.
    StartRecordingConf<'a> = START_RECORDING_CONF: Both, confirms(START_RECORDING_REQ) {
        fixed { invoke_id, session_id, server_data }
        floating { client_id, client_address, client_address_ipv6(since(14), until(18)) }
    }

    /// Sent by the client to stop a recording, with `SessionID` and `ServerData` of the start confirmation; the
    /// server passes it on to that recording server, or to any registered one if `SessionID` is 0.
    ///
    /// Guide: "Miscellaneous Service", STOP_RECORDING_REQ.
    StopRecordingReq<'a> = STOP_RECORDING_REQ: Both {
        fixed {
            invoke_id, peripheral_id, connection_call_id, client_port, session_id, server_data,
            connection_device_id_type, direction
        }
        floating {
            connection_device_id(required()), client_id, client_address, agent_extension,
            agent_id / 194 (ccx_max(129)), agent_instrument, client_address_ipv6(since(14), until(18)),
        }
    }

    /// Sent by the recording server when the recording has stopped, and passed on by the server to the client.
    ///
    /// Guide: "Miscellaneous Service", STOP_RECORDING_CONF.
    StopRecordingConf<'a> = STOP_RECORDING_CONF: Both, confirms(STOP_RECORDING_REQ) {
        fixed { invoke_id }
        floating { client_id, client_address, client_address_ipv6(since(14), until(18)) }
    }

    /// Sent by the client to get the desk settings of an agent.
    ///
    /// Guide: "Miscellaneous Service", AGENT_DESK_SETTINGS_REQ.
    AgentDeskSettingsReq<'a> = AGENT_DESK_SETTINGS_REQ: Client {
        fixed { invoke_id, peripheral_id }
        floating { agent_id / 194 (ccx_max(129)) }
    }

    /// Sent by the server with the desk settings of the agent.
    ///
    /// Guide: "Miscellaneous Service", AGENT_DESK_SETTINGS_CONF.
    AgentDeskSettingsConf<'a> = AGENT_DESK_SETTINGS_CONF: Server, confirms(AGENT_DESK_SETTINGS_REQ) {
        fixed {
            invoke_id, peripheral_id, desk_settings_mask, wrapup_data_incoming_mode, wrapup_data_outgoing_mode,
            logout_non_activity_time, quality_recording_rate, ring_no_answer_time, silent_monitor_warning_message,
            silent_monitor_audible_indication, supervisor_assist_call_method, emergency_call_method,
            auto_record_on_emergency, recording_mode, work_mode_timer, ring_no_answer_dn
        }
        floating { default_device_port_address, play_zip_tone(since(20)), acd_shared_line_usage(since(20)) }
    }

    /// Sent by the client to report how many suggested answers the agent found good or bad in a call. Since version
    /// 24.
    ///
    /// Guide: "Miscellaneous Service", SET_AGENT_SERVICE_DATA_REQ.
    SetAgentServiceDataReq<'a> = SET_AGENT_SERVICE_DATA_REQ: Client, since(24) {
        fixed {
            invoke_id, router_call_key_day, router_call_key_call_id, router_call_key_sequence_number,
            agent_skill_target_id
        }
        floating { num_positive_answers_suggestions, num_negative_answers_suggestions }
        lists { enabled_services: AgentService[20] num_of_enabled_services }
    }

    /// Sent by the server as answer to the agent service data; `Status` says how it went. Since version 24.
    ///
    /// Guide: "Miscellaneous Service", SET_AGENT_SERVICE_DATA_CONF.
    SetAgentServiceDataConf = SET_AGENT_SERVICE_DATA_CONF: Server, confirms(SET_AGENT_SERVICE_DATA_REQ), since(24) {
        fixed { invoke_id, status }
    }
}
