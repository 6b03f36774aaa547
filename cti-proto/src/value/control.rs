//! Why call and agent control requests are refused: the codes of CONTROL_FAILURE_CONF.

open_enum! {
    /// Why a Client Control request failed: the `FailureCode` of CONTROL_FAILURE_CONF.
    ///
    /// (Guide: "ControlFailureCode Values" and its extended codes.) Codes up to 79 follow the CSTA standard, those from 256
    /// on are additions. `PeripheralErrorCode` of the same message often says more, in the terms of the peripheral.
    pub struct ControlFailureCode: u16 {
        CF_GENERIC_UNSPECIFIED = 0, "The request failed for a reason that no other code describes.";
        CF_GENERIC_OPERATION = 1, "The operation failed; no details are known.";
        CF_REQUEST_INCOMPATIBLE_WITH_OBJECT = 2, "The request does not suit the call or device that it names.";
        CF_VALUE_OUT_OF_RANGE = 3, "A parameter is out of its range.";
        CF_OBJECT_NOT_KNOWN = 4, "A parameter names something that the server does not know.";
        CF_INVALID_CALLING_DEVICE = 5, "The calling device is not valid.";
        CF_INVALID_CALLED_DEVICE = 6, "The called device is not valid.";
        CF_INVALID_FORWARDING_DESTINATION = 7, "Calls cannot be forwarded to this destination.";
        CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE = 8, "The device may not use the service.";
        CF_PRIVILEGE_VIOLATION_ON_CALLED_DEVICE = 9, "The called device may not use the service.";
        CF_PRIVILEGE_VIOLATION_ON_CALLING_DEVICE = 10, "The calling device may not use the service.";
        CF_INVALID_CSTA_CALL_IDENTIFIER = 11, "There is no call with this call ID.";
        CF_INVALID_CSTA_DEVICE_IDENTIFIER = 12, "There is no device with this device ID.";
        CF_INVALID_CSTA_CONNECTION_IDENTIFIER = 13, "Call ID and device ID name no connection.";
        CF_INVALID_DESTINATION = 14, "The destination is not valid.";
        CF_INVALID_FEATURE = 15, "The feature is not valid.";
        CF_INVALID_ALLOCATION_STATE = 16, "The allocation state is not valid.";
        CF_INVALID_CROSS_REF_ID = 17, "The cross-reference ID is not in use.";
        CF_INVALID_OBJECT_TYPE = 18, "The type of the object does not fit the request.";
        CF_SECURITY_VIOLATION = 19, "The request is against the security rules; no details are known.";
        CF_GENERIC_STATE_INCOMPATIBILITY = 21, "A device involved is in a state that does not allow the request.";
        CF_INVALID_OBJECT_STATE = 22, "The call or device is in a state that does not allow the request.";
        CF_INVALID_CONNECTION_ID_FOR_ACTIVE_CALL = 23, "The connection ID does not belong to the active call.";
        CF_NO_ACTIVE_CALL = 24, "There is no active call to act on.";
        CF_NO_HELD_CALL = 25, "There is no held call to act on.";
        CF_NO_CALL_TO_CLEAR = 26, "There is no call to clear.";
        CF_NO_CONNECTION_TO_CLEAR = 27, "There is no connection to clear.";
        CF_NO_CALL_TO_ANSWER = 28, "There is no ringing call to answer.";
        CF_NO_CALL_TO_COMPLETE = 29, "There is no call to complete.";
        CF_GENERIC_SYSTEM_RESOURCE_AVAILABILITY = 31, "The system lacks a resource for the request.";
        CF_SERVICE_BUSY = 32, "The service is busy: try again later.";
        CF_RESOURCE_BUSY = 33, "An internal resource is busy: try again later.";
        CF_RESOURCE_OUT_OF_SERVICE = 34, "An internal resource is out of service.";
        CF_NETWORK_BUSY = 35, "The network is busy: try again later.";
        CF_NETWORK_OUT_OF_SERVICE = 36, "The network is out of service.";
        CF_OVERALL_MONITOR_LIMIT_EXCEEDED = 37, "The system has as many monitors as it can have.";
        CF_CONFERENCE_MEMBER_LIMIT_EXCEEDED = 38, "The conference has as many members as it can have.";
        CF_GENERIC_SUBSCRIBED_RESOURCE_AVAILABILITY = 41, "A resource that was bought or contracted for is used up.";
        CF_OBJECT_MONITOR_LIMIT_EXCEEDED = 42, "The call or device has as many monitors as it can have.";
        CF_EXTERNAL_TRUNK_LIMIT_EXCEEDED = 43, "The request needs more external trunks than are allowed.";
        CF_OUTSTANDING_REQUEST_LIMIT_EXCEEDED = 44,
            "Too many requests are waiting for their answers: wait for some of them.";
        CF_GENERIC_PERFORMANCE_MANAGEMENT = 51, "The system refused the request to protect its performance.";
        CF_PERFORMANCE_LIMIT_EXCEEDED = 52, "A limit on load was reached: send fewer requests.";
        CF_SEQUENCE_NUMBER_VIOLATED = 61, "The security check failed: a sequence number is wrong.";
        CF_TIME_STAMP_VIOLATED = 62, "The security check failed: a time stamp is wrong.";
        CF_PAC_VIOLATED = 63, "The security check failed: the privilege certificate is wrong.";
        CF_SEAL_VIOLATED = 64, "The security check failed: the seal is wrong.";
        CF_GENERIC_UNSPECIFIED_REJECTION = 70, "The request was rejected; no reason is given.";
        CF_GENERIC_OPERATION_REJECTION = 71, "The operation was rejected; no details are known.";
        CF_DUPLICATE_INVOCATION_REJECTION = 72, "A request with the same InvokeID is still waiting for its answer.";
        CF_UNRECOGNIZED_OPERATION_REJECTION = 73, "The operation is not known.";
        CF_MISTYPED_ARGUMENT_REJECTION = 74, "An argument of the request has the wrong type.";
        CF_RESOURCE_LIMITATION_REJECTION = 75, "The request needs more resources than there are.";
        CF_ACS_HANDLE_TERMINATION_REJECTION = 76, "The link to the switch is being closed.";
        CF_SERVICE_TERMINATION_REJECTION = 77, "The service is being ended.";
        CF_REQUEST_TIMEOUT_REJECTION = 78, "The request was not answered in time.";
        CF_REQUESTS_ON_DEVICE_EXCEEDED_REJECTION = 79, "The device has as many requests waiting as it can have.";
        CF_INVALID_AGENT_ID_SPECIFIED = 256, "There is no agent with this AgentID.";
        CF_INVALID_PASSWORD_SPECIFIED = 257, "The password of the agent is wrong.";
        CF_INVALID_AGENT_ID_OR_PASSWORD_SPECIFIED = 258, "The AgentID or the password is wrong.";
        CF_SPECIFIED_AGENT_ALREADY_SIGNED_ON = 259, "The agent is already logged in.";
        CF_INVALID_LOGON_DEVICE_SPECIFIED = 260, "The agent cannot log in at this device.";
        CF_INVALID_ANSWERING_DEVICE_SPECIFIED = 261, "The answering device is not valid.";
        CF_INVALID_SKILL_GROUP_SPECIFIED = 262, "There is no such skill group for the agent.";
        CF_INVALID_CLASS_OF_SERVICE_SPECIFIED = 263, "The class of service is not valid.";
        CF_INVALID_TEAM_SPECIFIED = 264, "There is no such team.";
        CF_INVALID_AGENT_WORKMODE = 265, "The work mode is not valid.";
        CF_INVALID_AGENT_REASON_CODE = 266, "The reason code of the agent is not valid.";
        CF_ADJUNCT_SWITCH_COMM_ERROR = 267, "The link between contact center and switch has an error.";
        CF_AGENT_NOT_PARTY_ON_CALL = 268, "The agent takes no part in this call.";
        CF_INTERNAL_PROCESSING_ERROR = 269, "The switch failed internally.";
        CF_TAKE_CALL_CONTROL_REJECTION = 270, "The switch does not let the contact center control this call.";
        CF_TAKE_DOMAIN_CONTROL_REJECTION = 271, "The switch does not let the contact center control this domain.";
        CF_REQUESTED_SERVICE_NOT_REGISTERED = 272,
            "No server application has registered the service that was asked for.";
        CF_INVALID_CONSULT_TYPE = 273, "The purpose of the consultation is not valid.";
        CF_ANSMAP_OR_ADPARAM_FIELD_NOT_VALID = 274,
            "The answer mapping or the answer detection parameters are not valid.";
        CF_INVALID_CALL_CONTROL_TABLE_SPECIFIED = 275, "There is no such call control table.";
        CF_INVALID_DIGITS_RNATIMEOUT_AMSDELAY_OR_COUNTRY = 276,
            "Digits, no-answer timeout, machine delay or country are not valid.";
        CF_ANSWER_DETECT_PORT_UNAVAILABLE = 277, "No port for answer detection is free: try again later.";
        CF_VIRTUAL_AGENT_UNAVAILABLE = 278, "No virtual agent is free: try again later.";
        CF_TAKEBACK_N_XFER_ROUTE_END = 279, "The route ended in a takeback and transfer by the network.";
        CF_WRAPUP_DATA_REQUIRED = 280, "The agent must enter wrap-up data first.";
        CF_REASON_CODE_REQUIRED = 281, "The agent must give a reason code.";
        CF_INVALID_TRUNK_ID_SPECIFIED = 282 since 14, "There is no such trunk.";
        CF_SPECIFIED_EXTENSION_ALREADY_IN_USE = 283 since 14, "Another agent is logged in at this extension.";
        CF_ARBITRARY_CONF_OR_XFER_NOT_SUPPORTED = 284 since 14,
            "Two calls not made by a consultation cannot be joined here.";
        CF_NETWORK_TRANSFER_OR_CONSULT = 285 since 14,
            "The request became a transfer or consultation in the network.";
        CF_NETWORK_TRANSFER_OR_CONSULT_FAILED = 286 since 14, "The transfer or consultation in the network failed.";
        CF_DEVICE_RESTRICTED = 287 since 14,
            "The device may not be controlled: it is marked restricted in Unified Communications Manager.";
        CF_LINE_RESTRICTED = 288 since 14,
            "The line may not be controlled: it is marked restricted in Unified Communications Manager.";
        CF_AGENT_ACCOUNT_LOCKED_OUT = 289 since 14, "The account of the agent is locked.";
        CF_DROP_ANY_PARTY_NOT_ENABLED_CTI = 290, "Dropping any party of a conference is not enabled for CTI.";
        CF_MAXIMUM_LINE_LIMIT_EXCEEDED = 291 since 14, "The device has more lines than are supported.";
        CF_SHARED_LINES_NOT_SUPPORTED = 292 since 14, "Lines shared between devices are not supported.";
        CF_EXTENSION_NOT_UNIQUE = 293 since 14, "Several devices have this extension: name the device as well.";
        CF_UNKNOWN_INTERFACE_CTRLR_ID = 1001, "The interface controller is not known.";
        CF_INVALID_INTERFACE_CTRLR_TYPE = 1002, "The type of the interface controller is not valid.";
        CF_SOFTWARE_REV_NO_SUPPORTED = 1003, "The software revision is not supported.";
        CF_UNKNOWN_PID = 1004, "The peripheral ID is not known.";
        CF_INVALID_TABLE_SPECIFIED = 1005, "There is no such table.";
        CF_PD_SERVICE_INACTIVE = 1006, "The service of the peripheral is not active.";
        CF_UNKNOWN_ROUTING_CLIENT_ID = 1007, "The routing client is not known.";
        CF_RC_SERVICE_INACTIVATE = 1008, "The service of the routing client is not active.";
        CF_INVALID_DIALED_NUMBER = 1009, "The dialed number is not valid.";
        CF_INVALID_PARAMETER = 1010, "A parameter is not valid.";
        CF_UNKNOWN_ROUTING_PROBLEM = 1011, "Routing failed for an unknown reason.";
        CF_UNSUPPORTED_PD_MESSAGE_REVISION = 1012, "The peripheral uses a message revision that is not supported.";
        CF_UNSUPPORTED_RC_MESSAGE_REVISION = 1013,
            "The routing client uses a message revision that is not supported.";
        CF_UNSUPPORTED_IC_MESSAGE_REVISION = 1014,
            "The interface controller uses a message revision that is not supported.";
        CF_RC_SERVICE_INACTIVATE_PIM = 1015,
            "The service of the routing client is not active in the peripheral interface.";
        CF_AGENT_GREETING_CONTROL_OPERATION_FAILURE = 1016 since 15, "The agent greeting could not be controlled.";
    }
    explain {
        "The request failed for a reason that this version of the protocol does not list."
    }
}
