//! Client Monitor Service: the sessions of other clients.

#[allow(clippy::wildcard_imports, reason = "a table names types of all kinds")]
use crate::message::prelude::*;

messages! {
    ($) as client_monitor_messages;
    service ClientMonitor;

    /// Sent by the server to Client Monitor sessions when another client opens a session, and once for each session
    /// that is open already when the monitoring session starts.
    ///
    /// Guide: "Client Monitor Service", CLIENT_SESSION_OPENED_EVENT.
    ClientSessionOpenedEvent<'a> = CLIENT_SESSION_OPENED_EVENT: Server {
        fixed { session_id, peripheral_id, services_granted, call_msg_mask, agent_state_mask, client_port }
        floating {
            client_address(required()), client_id(required()), client_signature(required()), agent_extension,
            agent_id / 194 (ccx_max(129)), agent_instrument, client_address_ipv6(since(14), until(18)),
        }
    }

    /// Sent by the server to Client Monitor sessions when a session of another client ends; `Status` says why, 37
    /// if the connection was lost without `CLOSE_REQ`.
    ///
    /// Guide: "Client Monitor Service", CLIENT_SESSION_CLOSED_EVENT.
    ClientSessionClosedEvent<'a> = CLIENT_SESSION_CLOSED_EVENT: Server {
        fixed { session_id, peripheral_id, status, client_port }
        floating {
            client_address(required()), client_id(required()), client_signature(required()), agent_extension,
            agent_id / 194 (ccx_max(129)), agent_instrument, client_address_ipv6(since(14), until(18)),
        }
    }

    /// Sent by the client to follow the session of another client (Client Monitor).
    ///
    /// Guide: "Client Monitor Service", SESSION_MONITOR_START_REQ.
    SessionMonitorStartReq = SESSION_MONITOR_START_REQ: Client {
        fixed { invoke_id, session_id }
    }

    /// Sent by the server: the session is being monitored; `MonitorID` marks the events and is needed to stop.
    ///
    /// Guide: "Client Monitor Service", SESSION_MONITOR_START_CONF.
    SessionMonitorStartConf = SESSION_MONITOR_START_CONF: Server, confirms(SESSION_MONITOR_START_REQ) {
        fixed { invoke_id, monitor_id }
    }

    /// Sent by the client to stop following the session of another client.
    ///
    /// Guide: "Client Monitor Service", SESSION_MONITOR_STOP_REQ.
    SessionMonitorStopReq = SESSION_MONITOR_STOP_REQ: Client {
        fixed { invoke_id, monitor_id }
    }

    /// Sent by the server: the session is no longer monitored.
    ///
    /// Guide: "Client Monitor Service", SESSION_MONITOR_STOP_CONF.
    SessionMonitorStopConf = SESSION_MONITOR_STOP_CONF: Server, confirms(SESSION_MONITOR_STOP_REQ) {
        fixed { invoke_id }
    }
}
