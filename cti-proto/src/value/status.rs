//! What the server says about itself and about requests that it refuses: status codes, system events, the health of
//! the peripheral gateway. The codes of refused call and agent control are in [`control`](super::ControlFailureCode).

open_enum! {
    /// Why a request failed or a session ends: the `Status` of FAILURE_CONF, FAILURE_EVENT and CLOSE_REQ.
    ///
    /// (Guide: "Failure Indication Message Status Codes".) Numbers 99 to 106 are not assigned.
    pub struct FailureStatus: u32 {
        E_CTI_NO_ERROR = 0, "No error.";
        E_CTI_INVALID_VERSION = 1,
            "The server does not speak the protocol version of OPEN_REQ: try another one on a new connection.";
        E_CTI_INVALID_MESSAGE_LENGTH = 2,
            "The length (older servers and Unified CCX: the type) of a message cannot be right.";
        E_CTI_INVALID_FIELD_TAG = 3, "A floating field has an unknown tag.";
        E_CTI_SESSION_NOT_OPEN = 4, "The connection has no open session: send OPEN_REQ first.";
        E_CTI_SESSION_ALREADY_OPEN = 5, "The connection already has a session: send OPEN_REQ once per connection.";
        E_CTI_REQUIRED_DATA_MISSING = 6, "A floating field that the request needs is missing.";
        E_CTI_INVALID_PERIPHERAL_ID = 7,
            "The PeripheralID is wrong (on Unified CCX: a reserved field of the fixed part is).";
        E_CTI_INVALID_AGENT_DATA = 8, "The extension, ID or instrument of the agent is not valid.";
        E_CTI_AGENT_NOT_LOGGED_ON = 9, "The agent is not logged on.";
        E_CTI_DEVICE_IN_USE = 10, "The device of the agent already belongs to the session of another client.";
        E_CTI_NEW_SESSION_OPENED = 11, "The session ends because the same client opened a newer one for this device.";
        E_CTI_FUNCTION_NOT_AVAILABLE = 12,
            "The session was not granted the service that the request belongs to: see ServicesGranted.";
        E_CTI_INVALID_CALLID = 13, "There is no call with this call ID.";
        E_CTI_PROTECTED_VARIABLE = 14, "The client is not allowed to change this variable.";
        E_CTI_CTI_SERVER_OFFLINE = 15, "The server is offline: close the session and try the other side.";
        E_CTI_TIMEOUT = 16, "The answer took too long, or the client was silent for longer than its IdleTimeout.";
        E_CTI_UNSPECIFIED_FAILURE = 17, "The request failed; the server gives no reason.";
        E_CTI_INVALID_TIMEOUT = 18,
            "IdleTimeout is too short: it must be 20 seconds (four heartbeats of 5 seconds) or more.";
        E_CTI_INVALID_SERVICE_MASK = 19, "ServicesRequested has bits set that are not assigned: clear them.";
        E_CTI_INVALID_CALL_MSG_MASK = 20, "CallMsgMask has bits set that are not assigned: clear them.";
        E_CTI_INVALID_AGENT_STATE_MASK = 21, "AgentStateMask has bits set that are not assigned: clear them.";
        E_CTI_INVALID_RESERVED_FIELD = 22, "A reserved field is not zero.";
        E_CTI_INVALID_FIELD_LENGTH = 23, "A floating field is longer than the protocol allows.";
        E_CTI_INVALID_DIGITS = 24, "A text that takes digits only holds something else.";
        E_CTI_BAD_MESSAGE_FORMAT = 25,
            "The message is malformed; often a fixed field is missing or has the wrong size.";
        E_CTI_INVALID_TAG_FOR_MSG_TYPE = 26, "A floating field does not belong to this type of message.";
        E_CTI_INVALID_DEVICE_ID_TYPE = 27, "A device ID type is not one of the DeviceIDType values.";
        E_CTI_INVALID_LCL_CONN_STATE = 28, "A local connection state is not one of the LocalConnectionState values.";
        E_CTI_INVALID_EVENT_CAUSE = 29, "An event cause is not one of the EventCause values.";
        E_CTI_INVALID_NUM_PARTIES = 30, "NumParties is above the limit of 16.";
        E_CTI_INVALID_SYS_EVENT_ID = 31, "A system event is not one of the SystemEventID values.";
        E_CTI_INCONSISTENT_AGENT_DATA = 32, "Extension, ID and instrument do not belong to the same agent.";
        E_CTI_INVALID_CONNECTION_ID_TYPE = 33, "A connection is not of one of the ConnectionDeviceIDType values.";
        E_CTI_INVALID_CALL_TYPE = 34, "A call type is not one of the CallType values.";
        E_CTI_NOT_CALL_PARTY = 35, "The client takes no part in the call that it wants to update or release.";
        E_CTI_INVALID_PASSWORD = 36, "ClientID and ClientPassword of OPEN_REQ do not match.";
        E_CTI_CLIENT_DISCONNECTED = 37, "The TCP connection of the client ended without CLOSE_REQ.";
        E_CTI_INVALID_OBJECT_STATE = 38, "The state given for an alarm object is not valid.";
        E_CTI_INVALID_NUM_SKILL_GROUPS = 39, "NumSkillGroups is not valid.";
        E_CTI_INVALID_NUM_LINES = 40, "NumLines is not valid.";
        E_CTI_INVALID_LINE_TYPE = 41, "A line type is not one of the LineType values.";
        E_CTI_INVALID_ALLOCATION_STATE = 42, "The allocation state is not one of the AllocationState values.";
        E_CTI_INVALID_ANSWERING_MACHINE = 43,
            "The answering machine action is not one of the AnsweringMachine values.";
        E_CTI_INVALID_CALL_MANNER_TYPE = 44, "The call manner is not one of the CallMannerType values.";
        E_CTI_INVALID_CALL_PLACEMENT_TYPE = 45, "The call placement is not one of the CallPlacementType values.";
        E_CTI_INVALID_CONSULT_TYPE = 46, "The purpose of the consultation is not one of the ConsultType values.";
        E_CTI_INVALID_FACILITY_TYPE = 47, "The facility is not one of the FacilityType values.";
        E_CTI_INVALID_MSG_TYPE_FOR_VERSION = 48, "The opened protocol version has no message of this type.";
        E_CTI_INVALID_TAG_FOR_VERSION = 49, "The opened protocol version has no floating field of this tag.";
        E_CTI_INVALID_AGENT_WORK_MODE = 50, "The work mode is not one of the AgentWorkMode values.";
        E_CTI_INVALID_CALL_OPTION = 51, "The call option is not one of the CallOption values.";
        E_CTI_INVALID_DESTINATION_COUNTRY = 52, "The country is not one of the DestinationCountry values.";
        E_CTI_INVALID_ANSWER_DETECT_MODE = 53, "The answer detection is not one of the AnswerDetectMode values.";
        E_CTI_MUTUALLY_EXCLUS_DEVICEID_TYPES = 54,
            "A monitor watches a call or a device: name one of them, not both.";
        E_CTI_INVALID_MONITORID = 55, "There is no monitor with this MonitorID.";
        E_CTI_SESSION_MONITOR_ALREADY_EXISTS = 56, "The session already has this session monitor.";
        E_CTI_SESSION_MONITOR_IS_CLIENTS = 57, "A client cannot monitor its own session.";
        E_CTI_INVALID_CALL_CONTROL_MASK = 58, "The call control mask is not valid.";
        E_CTI_INVALID_FEATURE_MASK = 59, "The feature mask is not valid.";
        E_CTI_INVALID_TRANSFER_CONFERENCE_SETUP_MASK = 60, "The transfer and conference setup mask is not valid.";
        E_CTI_INVALID_ARRAY_INDEX = 61, "The index is outside of the named array.";
        E_CTI_INVALID_CHARACTER = 62, "A character is not allowed where it stands.";
        E_CTI_CLIENT_NOT_FOUND = 63, "No open session has this ClientID.";
        E_CTI_SUPERVISOR_NOT_FOUND = 64, "The supervisor of the agent is not known or has no open session.";
        E_CTI_TEAM_NOT_FOUND = 65, "The agent belongs to no team.";
        E_CTI_NO_CALL_ACTIVE = 66, "The agent has no active call.";
        E_CTI_NAMED_VARIABLE_NOT_CONFIGURED = 67,
            "The contact center has no named variable of this name: configure it, or correct the name.";
        E_CTI_NAMED_ARRAY_NOT_CONFIGURED = 68,
            "The contact center has no named array of this name: configure it, or correct the name.";
        E_CTI_INVALID_CALL_VARIABLE_MASK = 69, "The call variable mask is not valid.";
        E_CTI_ELEMENT_NOT_FOUND = 70, "The server failed internally while it handled a named variable or array.";
        E_CTI_INVALID_DISTRIBUTION_TYPE = 71, "The distribution is not one of the Distribution values.";
        E_CTI_INVALID_SKILL_GROUP = 72, "There is no such skill group.";
        E_CTI_TOO_MUCH_DATA = 73, "The named variables and arrays of the message take more than 2000 bytes together.";
        E_CTI_VALUE_TOO_LONG = 74, "A named variable or array element is longer than it may be.";
        E_CTI_SCALAR_FUNCTION_ON_ARRAY = 75, "A named array was sent under the tag of a named variable.";
        E_CTI_ARRAY_FUNCTION_ON_SCALAR = 76, "A named variable was sent under the tag of a named array.";
        E_CTI_INVALID_NUM_NAMED_VARIABLES = 77,
            "NumNamedVariables differs from the number of named variables in the message.";
        E_CTI_INVALID_NUM_NAMED_ARRAYS = 78, "NumNamedArrays differs from the number of named arrays in the message.";
        E_CTI_INVALID_RTP_DIRECTION = 79, "The direction of a media stream is not valid.";
        E_CTI_INVALID_RTP_TYPE = 80, "The type of a media stream is not valid.";
        E_CTI_CALLED_PARTY_DISPOSITION = 81, "The disposition of the called party is not valid.";
        E_CTI_INVALID_SUPERVISORY_ACTION = 82, "The action is not one of the SupervisoryAction values.";
        E_CTI_AGENT_TEAM_MONITOR_ALREADY_EXISTS = 83, "The team is already being monitored.";
        E_CTI_INVALID_SERVICE = 84, "The ServiceNumber or ServiceID is not valid.";
        E_CTI_SERVICE_CONFLICT = 85, "ServiceNumber and ServiceID name different services.";
        E_CTI_SKILL_GROUP_CONFLICT = 86,
            "SkillGroupNumber (with its priority) and SkillGroupID name different skill groups.";
        E_CTI_INVALID_DEVICE = 87, "There is no such device.";
        E_CTI_INVALID_MR_DOMAIN = 88, "There is no such media routing domain.";
        E_CTI_MONITOR_ALREADY_EXISTS = 89, "There already is such a monitor.";
        E_CTI_MONITOR_TERMINATED = 90, "The monitor has ended.";
        E_CTI_INVALID_TASK_MSG_MASK = 91, "The task message mask is not valid.";
        E_CTI_SERVER_NOT_MASTER = 92, "The server is on standby: connect to another one.";
        E_CTI_INVALID_CSD = 93,
            "There is no such contact service queue (Unified CCX, which calls the code E_CTI_INVALID_CSQ).";
        E_CTI_JTAPI_CCM_PROBLEM = 94, "Unified Communications Manager or its JTAPI interface has a problem.";
        E_INVALID_CONFIG_MSG_MASK = 95 since 14, "ConfigMsgMask of OPEN_REQ is not valid.";
        E_CTI_AUTO_CONFIG_RESET = 96 since 14,
            "The configuration changed: ask for the keys and for the configuration anew (Unified CCX).";
        E_CTI_INVALID_MONITOR_STATUS = 97 since 14, "The monitor is not valid.";
        E_CTI_INVALID_REQUEST_TYPE = 98 since 14, "The type of a request ID is not valid.";
        E_CTI_INVALID_CLIENT_FOR_STANDBY = 107 since 24,
            "The server is on standby: ask for CTI_SERVICE_ACTIVE_STANDBY or use the active side.";
        E_CTI_INVALID_UNIQUE_INSTANCE_ID = 108, "UniqueInstanceID is empty: give it a value or leave it out.";
        E_CTI_DUPLICATE_UNIQUE_INSTANCE_ID = 109, "Another session already uses this UniqueInstanceID.";
        E_CTI_SERVER_IN_MAINTENANCE_MODE = 110, "The server goes into maintenance: use the other side.";
    }
    aliases {
        E_CTI_INVALID_MESSAGE_TYPE = 2,
            "Name of the code in older guides and on Unified CCX, see [`E_CTI_INVALID_MESSAGE_LENGTH`](Self::E_CTI_INVALID_MESSAGE_LENGTH).";
        E_CTI_INVALID_FIELD = 3,
            "Name of the code on Unified CCX, see [`E_CTI_INVALID_FIELD_TAG`](Self::E_CTI_INVALID_FIELD_TAG).";
        E_CTI_INVALID_CONFIG_MSG_MASK = 95,
            "Another spelling of [`E_INVALID_CONFIG_MSG_MASK`](Self::E_INVALID_CONFIG_MSG_MASK).";
        E_CTI_INVALID_REQUEST_ID_TYPE = 98,
            "Another spelling of [`E_CTI_INVALID_REQUEST_TYPE`](Self::E_CTI_INVALID_REQUEST_TYPE).";
        E_CTI_INVALID_CSQ = 93,
            "Name of the code on Unified CCX, see [`E_CTI_INVALID_CSD`](Self::E_CTI_INVALID_CSD).";
    }
    explain {
        "The request failed for a reason that this version of the protocol does not list."
    }
}

open_enum! {
    /// What a SYSTEM_EVENT reports. (Guide: "SystemEventID Values".)
    pub struct SystemEventId as "SystemEventID": u32 {
        SYS_CENTRAL_CONTROLLER_ONLINE = 1, "The peripheral gateway reached the central controller (again).";
        SYS_CENTRAL_CONTROLLER_OFFLINE = 2,
            "The peripheral gateway lost the central controller; call and agent events go on.";
        SYS_PERIPHERAL_ONLINE = 3, "A peripheral came into service; on Unified CCX (SYS_CCX_ONLINE) the server did.";
        SYS_PERIPHERAL_OFFLINE = 4,
            "A peripheral went out of service; on Unified CCX (SYS_CCX_OFFLINE) the server did.";
        SYS_TEXT_FYI = 5, "A text for the user, in the Text field.";
        SYS_PERIPHERAL_GATEWAY_OFFLINE = 6 since 5,
            "The server lost the peripheral gateway: no events come until it is back.";
        SYS_CTI_SERVER_OFFLINE = 7 since 6,
            "The connection to the server was lost; reported by software between server and application.";
        SYS_CTI_SERVER_ONLINE = 8 since 6,
            "The connection to the server is up; reported by software between server and application.";
        SYS_HALF_HOUR_CHANGE = 9 since 6, "A new half hour begins: statistics of the half hour start from zero.";
        SYS_INSTRUMENT_OUT_OF_SERVICE = 10 since 6, "An agent's instrument went out of service.";
        SYS_INSTRUMENT_BACK_IN_SERVICE = 11 since 6, "An agent's instrument is back in service.";
    }
    aliases {
        SYS_CCX_ONLINE = 3,
            "Name of the event on Unified CCX, see [`SYS_PERIPHERAL_ONLINE`](Self::SYS_PERIPHERAL_ONLINE).";
        SYS_CCX_OFFLINE = 4,
            "Name of the event on Unified CCX, see [`SYS_PERIPHERAL_OFFLINE`](Self::SYS_PERIPHERAL_OFFLINE).";
    }
}

bit_mask! {
    /// Health of the peripheral gateway: zero is well, any bit is an outage. (Guide: "PGStatusCode Values".)
    ///
    /// Unified CCX sends a plain number in this field: see [`PgStatus::ccx`].
    pub struct PgStatus as "PGStatus": u32 {
        PGS_OPC_DOWN = 0x00000001,
            "The server lost the gateway's peripheral controller process: no call or agent events come.";
        PGS_CC_DOWN = 0x00000002,
            "The gateway lost the central controller: post-routing and translation routing stop, events go on.";
        PGS_PERIPHERAL_OFFLINE = 0x00000004, "At least one peripheral of the gateway is offline.";
        PGS_CTI_SERVER_OFFLINE = 0x00000008 since 6,
            "The server cannot be reached; set by software between server and application.";
        PGS_LIMITED_FUNCTION = 0x00000010 since 6,
            "Only some functions work; set by software between server and application.";
    }
}
