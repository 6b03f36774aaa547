//! Session management: opening, heartbeats, failures, closing, standby and maintenance.

#[allow(clippy::wildcard_imports, reason = "a table names types of all kinds")]
use crate::message::prelude::*;

messages! {
    ($) as session_messages;
    service Session;

    /// Sent by the server in place of a confirmation: the request with this `InvokeID` failed, and `Status` says
    /// why. Client Control requests may get `CONTROL_FAILURE_CONF` instead. As answer to a heartbeat it means the
    /// server is offline. Unified CCX adds an optional `Text`.
    ///
    /// Guide: "Session Management", FAILURE_CONF.
    FailureConf<'a> = FAILURE_CONF: Server {
        fixed { invoke_id, reason }
        floating { text, ctios_cil_client_id }
    }

    /// Sent by the server unasked when something failed outside any request. On `E_CTI_CTI_SERVER_OFFLINE` (15) the
    /// client closes the session and looks for the other side. Unified CCX adds an optional `Text`.
    ///
    /// Guide: "Session Management", FAILURE_EVENT.
    FailureEvent<'a> = FAILURE_EVENT: Server {
        fixed { status }
        floating { text(ccx_only()) }
    }

    /// Sent by the client first: names the version and the services it wants. `ClientID` and `ClientPassword` must
    /// be present; Client Events needs one of the agent's extension, ID or instrument. Unified CCX: `PeripheralID`
    /// 0, no agent fields with All Events.
    ///
    /// Guide: "Session Management", OPEN_REQ.
    OpenReq<'a> = OPEN_REQ: Client {
        fixed {
            invoke_id, version_number, idle_timeout, peripheral_id, services_requested, call_msg_mask,
            agent_state_mask, config_msg_mask, reserved1, reserved2, reserved3
        }
        floating {
            client_id(required()), client_password(required()), client_signature, agent_extension,
            agent_id / 194 (ccx_max(129)), agent_instrument, application_path_id, agent_id_long(cce_only()),
        }
    }

    /// Sent by the server: the session is open. `ServicesGranted` may be less than was asked; a `PGStatus` other
    /// than 0 is only a warning. Agent fields come only if the agent is logged in. Unified CCX has no
    /// `DepartmentID` or `SessionType`, and adds `ConfigMsgMaskGranted`.
    ///
    /// Guide: "Session Management", OPEN_CONF.
    OpenConf<'a> = OPEN_CONF: Server {
        fixed {
            invoke_id, services_granted, monitor_id, pg_status, icm_central_controller_time, peripheral_online,
            peripheral_type, agent_state, department_id(since(19)), session_type(since(24))
        }
        floating {
            agent_extension, agent_id / 194 (ccx_max(129)), agent_instrument, agent_id_long(cce_only()),
            agent_id12 / 5 (ccx_only()), config_msg_mask_granted(since(18), ccx_only()),
        }
        lists { peripherals: Peripheral[64] num_peripherals (since(14)) }
    }

    /// Sent by the client, never by the server, when it sent nothing for one heartbeat interval (at least 5
    /// seconds). After three without an answer the client resets the connection. Unified CCX: interval at most 30
    /// seconds.
    ///
    /// Guide: "Session Management", HEARTBEAT_REQ.
    HeartbeatReq = HEARTBEAT_REQ: Client {
        fixed { invoke_id }
    }

    /// Sent by the server at once as answer to a heartbeat. A `FAILURE_CONF` in its place means the server is
    /// offline.
    ///
    /// Guide: "Session Management", HEARTBEAT_CONF.
    HeartbeatConf = HEARTBEAT_CONF: Server {
        fixed { invoke_id }
    }

    /// Sent by the client to end the session; `Status` tells why: 0 normal, 15 server offline, 16 server did not
    /// answer. The client waits up to 5 seconds for the answer, then resets the connection.
    ///
    /// Guide: "Session Management", CLOSE_REQ.
    CloseReq = CLOSE_REQ: Client {
        fixed { invoke_id, status }
    }

    /// Sent by the server: the session is closed; the client then resets the connection.
    ///
    /// Guide: "Session Management", CLOSE_CONF.
    CloseConf = CLOSE_CONF: Server {
        fixed { invoke_id }
    }

    /// Sent by the server on a standby session when this side becomes active: requests may go here from now on.
    /// Version 24 and later; the body is taken as empty.
    ///
    /// Guide: "Session Management", STANDBY_ACTIVE_EVENT_MSG.
    StandbyActiveEventMsg = STANDBY_ACTIVE_EVENT_MSG: Server, since(24) {}

    /// Sent by the active server to each client with a standby session: it wants to go into maintenance. The client
    /// answers with `ACTIVE_MAINTENANCE_RESP_MSG` within 5 seconds; silence or one refusal cancels it. The one
    /// request whose `InvokeID` the server chooses.
    ///
    /// Guide: "Session Management", ACTIVE_MAINTENANCE_REQ_MSG.
    ActiveMaintenanceReqMsg = ACTIVE_MAINTENANCE_REQ_MSG: Server, since(24) {
        fixed { invoke_id }
    }

    /// Sent by the client within 5 seconds after `ACTIVE_MAINTENANCE_REQ_MSG`, with the same `InvokeID`: agrees to
    /// the switch or refuses it.
    ///
    /// Guide: "Session Management", ACTIVE_MAINTENANCE_RESP_MSG.
    ActiveMaintenanceRespMsg = ACTIVE_MAINTENANCE_RESP_MSG: Client, since(24) {
        fixed { invoke_id, maintenance_mode_accepted }
    }

    /// Sent by the active server after the clients answered: maintenance goes on or is cancelled. If it goes on,
    /// the client sends `STOPPING_REQUESTS_TO_THIS_SIDE_IND` within 5 seconds.
    ///
    /// Guide: "Session Management", ACTIVE_MAINTENANCE_EVENT_MSG.
    ActiveMaintenanceEventMsg = ACTIVE_MAINTENANCE_EVENT_MSG: Server, since(24) {
        fixed { maintenance_mode_status }
    }

    /// Sent by the client to the side that goes into maintenance, once it sends its requests to the other side. The
    /// server then drops the connection. The body is taken as empty.
    ///
    /// Guide: "Session Management", STOPPING_REQUESTS_TO_THIS_SIDE_IND.
    StoppingRequestsToThisSideInd = STOPPING_REQUESTS_TO_THIS_SIDE_IND: Client, since(24) {}
}
