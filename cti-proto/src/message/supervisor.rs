//! Supervisor Service: supervision of calls, teams and their monitors.

#[allow(clippy::wildcard_imports, reason = "a table names types of all kinds")]
use crate::message::prelude::*;

messages! {
    ($) as supervisor_messages;
    service Supervisor;

    /// Sent by a supervisor's client to monitor, whisper, barge in, intercept or, at the end, clear. Give the
    /// agent's connection, or one of the agent's extension, ID or instrument for the active call. Unified CCX: no
    /// agent or instrument fields documented.
    ///
    /// Guide: "Supervisor Service", SUPERVISE_CALL_REQ.
    SuperviseCallReq<'a> = SUPERVISE_CALL_REQ: Client {
        fixed {
            invoke_id, peripheral_id, agent_connection_call_id, supervisor_connection_call_id,
            agent_connection_device_id_type, supervisor_connection_device_id_type, supervisory_action
        }
        floating {
            agent_connection_device_id, supervisor_connection_device_id, agent_extension,
            agent_id / 194 (ccx_max(129)), agent_instrument, supervisor_instrument,
        }
    }

    /// Sent by the server: the supervision request was carried out; names the connection of the supervised call.
    ///
    /// Guide: "Supervisor Service", SUPERVISE_CALL_CONF.
    SuperviseCallConf<'a> = SUPERVISE_CALL_CONF: Server, confirms(SUPERVISE_CALL_REQ) {
        fixed { invoke_id, connection_call_id, connection_device_id_type }
        floating { connection_device_id(required()) }
    }

    /// Sent by the server to All Events clients and recording servers when an agent declares an emergency, with or
    /// without a supervisor found. Unified CCX: layout taken from Unified CCE, unconfirmed.
    ///
    /// Guide: "Supervisor Service", EMERGENCY_CALL_EVENT.
    EmergencyCallEvent<'a> = EMERGENCY_CALL_EVENT: Server {
        fixed { peripheral_id, connection_call_id, connection_device_id_type, session_id }
        floating {
            connection_device_id, client_id, client_address, agent_extension, agent_id / 194 (ccx_max(129)),
            agent_instrument, client_address_ipv6(since(14), until(18)),
        }
    }

    /// Sent by the server to a supervisor's client after the session opens, with the team members, and again when
    /// the team changes. `AgentFlags` 4 in a change: the supervisor was added or removed.
    ///
    /// Guide: "Supervisor Service", AGENT_TEAM_CONFIG_EVENT.
    AgentTeamConfigEvent<'a> = AGENT_TEAM_CONFIG_EVENT: Server {
        fixed { peripheral_id, team_id, [number_of_agents agents], config_operation, department_id(since(19)) }
        floating { agent_team_name(required(), since(16)) }
        lists { agents: TeamAgent<'a>[64] }
    }

    /// Sent by a supervisor's client to ask which teams it may monitor; `SupervisorID` is the skill target ID.
    ///
    /// Guide: "Supervisor Service", LIST_AGENT_TEAM_REQ.
    ListAgentTeamReq = LIST_AGENT_TEAM_REQ: Client {
        fixed { invoke_id, supervisor_id }
    }

    /// Sent by the server with the teams of the supervisor, 64 at most per message; one request may bring several
    /// confirmations, the last with `More` 0.
    ///
    /// Guide: "Supervisor Service", LIST_AGENT_TEAM_CONF.
    ListAgentTeamConf<'a> = LIST_AGENT_TEAM_CONF: Server, confirms(LIST_AGENT_TEAM_REQ) {
        fixed { invoke_id, [number_of_agent_teams teams], segment_number, more }
        lists { teams: AgentTeam[64] }
    }

    /// Sent by a supervisor's client to get the agent states of a team until it stops the monitor.
    ///
    /// Guide: "Supervisor Service", MONITOR_AGENT_TEAM_START_REQ.
    MonitorAgentTeamStartReq = MONITOR_AGENT_TEAM_START_REQ: Client {
        fixed { invoke_id, team_id }
    }

    /// Sent by the server: the team is being monitored; `MonitorID` is needed to stop.
    ///
    /// Guide: "Supervisor Service", MONITOR_AGENT_TEAM_START_CONF.
    MonitorAgentTeamStartConf = MONITOR_AGENT_TEAM_START_CONF: Server, confirms(MONITOR_AGENT_TEAM_START_REQ) {
        fixed { invoke_id, monitor_id }
    }

    /// Sent by a supervisor's client to stop monitoring a team.
    ///
    /// Guide: "Supervisor Service", MONITOR_AGENT_TEAM_STOP_REQ.
    MonitorAgentTeamStopReq = MONITOR_AGENT_TEAM_STOP_REQ: Client {
        fixed { invoke_id, monitor_id }
    }

    /// Sent by the server: the team is no longer monitored.
    ///
    /// Guide: "Supervisor Service", MONITOR_AGENT_TEAM_STOP_CONF.
    MonitorAgentTeamStopConf = MONITOR_AGENT_TEAM_STOP_CONF: Server, confirms(MONITOR_AGENT_TEAM_STOP_REQ) {
        fixed { invoke_id }
    }

    /// Unified CCX: sent by the server to clients that supervise when an agent asked for help.
    ///
    /// Unified CCX guide: SUPERVISOR_ASSIST_EVENT. Unified CCE has the number, but its layout is not published.
    SupervisorAssistEvent<'a> = SUPERVISOR_ASSIST_EVENT: Server, ccx_only() {
        fixed { peripheral_id, connection_call_id, connection_device_id_type, session_id }
        floating { connection_device_id(required()), client_id(required()), text }
    }
}
