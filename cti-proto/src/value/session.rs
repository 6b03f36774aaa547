//! What a session is opened for and which events it gets: services, event masks, and the small values of messages
//! between clients and server applications.

bit_mask! {
    /// Services asked for in OPEN_REQ and granted in OPEN_CONF. (Guide: "CTI Service Masks".)
    ///
    /// An unassigned bit in a request earns
    /// [`E_CTI_INVALID_SERVICE_MASK`](super::FailureStatus::E_CTI_INVALID_SERVICE_MASK).
    pub struct CtiService: u32 {
        CTI_SERVICE_CLIENT_EVENTS = 0x00000001,
            "Call and agent events of one agent's device; excludes CTI_SERVICE_ALL_EVENTS on Unified CCX.";
        CTI_SERVICE_CALL_DATA_UPDATE = 0x00000002, "The client may change call data.";
        CTI_SERVICE_CLIENT_CONTROL = 0x00000004, "The client may control calls and agent states.";
        CTI_SERVICE_CONNECTION_MONITOR = 0x00000008, "Losing the connection of this client raises an alarm.";
        CTI_SERVICE_ALL_EVENTS = 0x00000010, "Call and agent events of all devices.";
        CTI_SERVICE_PERIPHERAL_MONITOR = 0x00000020 since 5,
            "The client may monitor devices and calls that it names.";
        CTI_SERVICE_CLIENT_MONITOR = 0x00000040 since 5, "Word of the sessions of other clients.";
        CTI_SERVICE_SUPERVISOR = 0x00000080 since 8, "Supervision, and the configuration of teams.";
        CTI_SERVICE_SERVER = 0x00000100 since 9, "The client is a server application that serves other clients.";
        CTI_SERVICE_AGENT_REPORTING = 0x00000400, "The client may report agents and their states.";
        CTI_SERVICE_ALL_TASK_EVENTS = 0x00000800, "Events of all tasks.";
        CTI_SERVICE_TASK_MONITOR = 0x00001000, "Events of tasks that are monitored.";
        CTI_AGENT_STATE_CONTROL_ONLY = 0x00002000 since 10,
            "Control of agent states without calls; may be granted in place of CTI_SERVICE_CLIENT_CONTROL.";
        CTI_DEVICE_STATE_CONTROL = 0x00008000 since 10,
            "The client registers resources and gets requests to change their state.";
        CTI_ROUTING = 0x00010000 since 10, "Routing; the number is deduced from the guide's list.";
        CTI_SERVICE_MINIMIZE_EVENTS = 0x00020000 since 10,
            "Fewer events; the number is deduced from the guide's list.";
        CTI_SERVICE_CONFIG_EVENTS = 0x00040000 since 10,
            "Configuration records and their changes; the number is printed for Unified CCX.";
        CTI_SERVICE_UPDATE_EVENTS = 0x00080000 since 10, "Notifications of updates, without the data.";
        CTI_SERVICE_IGNORE_DUPLICATE_AGENT_EVENTS = 0x00100000 since 10,
            "Agent state events that repeat the state are left out.";
        CTI_SERVICE_IGNORE_CONF = 0x00200000 since 14, "Requests on behalf of others are not confirmed.";
        CTI_SERVICE_ACD_LINE_ONLY = 0x00400000 since 14, "No events of lines that are not ACD lines (Unified CCE).";
        CTI_SERVICE_ACTIVE_STANDBY = 0x02000000 since 24,
            "The client can hold sessions with the active and the standby side.";
        CTI_SERVICE_DEBUG = 0x80000000, "Debugging.";
    }
}

bit_mask! {
    /// Call events asked for: the `CallMsgMask` of OPEN_REQ and of monitors. (Guide: "Call Event Message Masks".)
    ///
    /// An unassigned bit in a request earns
    /// [`E_CTI_INVALID_CALL_MSG_MASK`](super::FailureStatus::E_CTI_INVALID_CALL_MSG_MASK).
    pub struct CallEventMask: u32 {
        CALL_DELIVERED_MASK = 0x00000001, "CALL_DELIVERED_EVENT.";
        CALL_QUEUED_MASK = 0x00000002, "CALL_QUEUED_EVENT.";
        CALL_ESTABLISHED_MASK = 0x00000004, "CALL_ESTABLISHED_EVENT.";
        CALL_HELD_MASK = 0x00000008, "CALL_HELD_EVENT.";
        CALL_RETRIEVED_MASK = 0x00000010, "CALL_RETRIEVED_EVENT.";
        CALL_CLEARED_MASK = 0x00000020, "CALL_CLEARED_EVENT.";
        CALL_CONNECTION_CLEARED_MASK = 0x00000040, "CALL_CONNECTION_CLEARED_EVENT.";
        CALL_ORIGINATED_MASK = 0x00000080, "CALL_ORIGINATED_EVENT.";
        CALL_CONFERENCED_MASK = 0x00000100, "CALL_CONFERENCED_EVENT.";
        CALL_TRANSFERRED_MASK = 0x00000200, "CALL_TRANSFERRED_EVENT.";
        CALL_DIVERTED_MASK = 0x00000400, "CALL_DIVERTED_EVENT.";
        CALL_SERVICE_INITIATED_MASK = 0x00000800, "CALL_SERVICE_INITIATED_EVENT.";
        CALL_TRANSLATION_ROUTE_MASK = 0x00001000, "CALL_TRANSLATION_ROUTE_EVENT.";
        BEGIN_CALL_MASK = 0x00002000, "BEGIN_CALL_EVENT.";
        END_CALL_MASK = 0x00004000, "END_CALL_EVENT.";
        CALL_DATA_UPDATE_MASK = 0x00008000, "CALL_DATA_UPDATE_EVENT.";
        CALL_FAILED_MASK = 0x00010000, "CALL_FAILED_EVENT.";
        CALL_REACHED_NETWORK_MASK = 0x00020000, "CALL_REACHED_NETWORK_EVENT.";
        CALL_DEQUEUED_MASK = 0x00040000, "CALL_DEQUEUED_EVENT.";
        AGENT_PRE_CALL_MASK = 0x00080000 since 6, "AGENT_PRE_CALL_EVENT.";
        AGENT_PRE_CALL_ABORT_MASK = 0x00100000 since 6, "AGENT_PRE_CALL_ABORT_EVENT.";
        RTP_STARTED_MASK = 0x00200000 since 7, "RTP_STARTED_EVENT.";
        RTP_STOPPED_MASK = 0x00400000 since 7, "RTP_STOPPED_EVENT.";
        AGENT_TEAM_CONFIG_MASK = 0x00800000 since 8, "AGENT_TEAM_CONFIG_EVENT.";
        AGENT_LEGACY_PRE_CALL_MASK = 0x01000000, "AGENT_LEGACY_PRE_CALL_EVENT.";
        CALL_ATTRIBUTE_CHANGE_MASK = 0x02000000, "CALL_ATTRIBUTE_CHANGE_EVENT.";
        CALL_TERMINATION_MASK = 0x04000000, "Reserved for the server's own use.";
        CALL_AGENT_GREETING_MASK = 0x08000000 since 15, "CALL_AGENT_GREETING_EVENT.";
        NETWORK_RECORDING_STARTED_MASK = 0x10000000 since 23, "NETWORK_RECORDING_STARTED_EVENT.";
        NETWORK_RECORDING_ENDED_MASK = 0x20000000 since 23, "NETWORK_RECORDING_ENDED_EVENT.";
        NETWORK_RECORDING_FAILED_MASK = 0x40000000 since 23, "NETWORK_RECORDING_FAILED_EVENT.";
        NETWORK_RECORDING_TARGET_INFO_MASK = 0x80000000 since 23, "NETWORK_RECORDING_TARGET_INFO_EVENT.";
    }
}

open_enum! {
    /// Kind of session that OPEN_CONF of version 24 and later reports. Names coined here.
    pub struct SessionType: u16 {
        UNKNOWN = 0, "Not known.";
        ACTIVE = 1, "The server is the active side.";
        STANDBY = 2, "The server is on standby: only opening, heartbeats and closing are allowed.";
    }
}

open_enum! {
    /// How serious an event is that a client reports: `State` of CLIENT_EVENT_REPORT_REQ. Names coined here.
    pub struct ClientEventState: u16 {
        NORMAL = 0, "Normal, shown green.";
        WARNING = 1, "Warning, shown yellow.";
        ERROR = 2, "Error, shown red.";
    }
}

open_enum! {
    /// Whom USER_MESSAGE_REQ goes to.
    pub struct Distribution: u16 {
        DISTRIBUTE_TO_CLIENT = 0, "The client with the ClientID given.";
        DISTRIBUTE_TO_SUPERVISOR = 1, "The supervisor of the agent's team.";
        DISTRIBUTE_TO_TEAM = 2, "All clients of the agent's team.";
        DISTRIBUTE_TO_ALL = 3, "All clients of the server.";
    }
}

open_enum! {
    /// How requests are shared out between server applications of one service. Names coined here.
    pub struct ServerMode: u16 {
        EXCLUSIVE = 0, "The first application to register gets them all; others cannot register.";
        ROUND_ROBIN = 1, "The applications take turns.";
        PARALLEL = 2, "Every application gets every request, and all answers go to the client.";
    }
}

open_enum! {
    /// Whether more messages of a list follow. Names coined here.
    pub struct MoreFlag: u16 {
        LAST_MESSAGE = 0, "This is the last one.";
        MORE_TO_FOLLOW = 1, "More follow.";
    }
}
