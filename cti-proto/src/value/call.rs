//! Calls: their types and states, and how a client wants them placed, answered and consulted.

open_enum! {
    /// State of the connection between a device and a call. (Guide: "LocalConnectionState Values".)
    pub struct LocalConnectionState: u16, default LCS_NONE {
        LCS_NONE = 0xffff, "Does not apply.";
        LCS_NULL = 0, "Device and call have nothing to do with each other.";
        LCS_INITIATE = 1, "The device asks for service: it is dialing.";
        LCS_ALERTING = 2, "The device rings.";
        LCS_CONNECT = 3, "The device takes part in the call.";
        LCS_HOLD = 4, "The device has the call on hold.";
        LCS_QUEUED = 5, "The call waits for the device, or the device for the call.";
        LCS_FAIL = 6, "The attempt to connect failed.";
    }
}

open_enum! {
    /// Kind of a call. (Guide: "CallType Values".)
    ///
    /// RESERVATION_ and CUSTOMER_ types are calls of the outbound dialer, to the agent and to the customer. Unified CCX calls
    /// 1 CCX_IN, uses 34 for outbound calls of agents and 0 for an invalid type.
    pub struct CallType: u16, default NULL_CALLTYPE {
        NULL_CALLTYPE = 0xffff, "No call type is given.";
        CALLTYPE_ACD_IN = 1, "Inbound ACD call.";
        CALLTYPE_PREROUTE_ACD_IN = 2, "Inbound ACD call that was translation routed.";
        CALLTYPE_PREROUTE_DIRECT_AGENT = 3, "Call translation routed to one agent.";
        CALLTYPE_TRANSFER_IN = 4, "Inbound call that was transferred.";
        CALLTYPE_OVERFLOW_IN = 5, "Inbound call that overflowed from elsewhere.";
        CALLTYPE_OTHER_IN = 6, "Other inbound call.";
        CALLTYPE_AUTO_OUT = 7, "Outbound call made automatically.";
        CALLTYPE_AGENT_OUT = 8, "Outbound call of an agent.";
        CALLTYPE_OUT = 9, "Other outbound call.";
        CALLTYPE_AGENT_INSIDE = 10, "Internal call of an agent.";
        CALLTYPE_OFFERED = 11, "Call offered by a blind transfer.";
        CALLTYPE_CONSULT = 12, "Consultation call.";
        CALLTYPE_CONSULT_OFFERRED = 13,
            "Consultation call that was transferred blindly; the spelling is the guide's.";
        CALLTYPE_CONSULT_CONFERENCE = 14, "Conference with a consultation call.";
        CALLTYPE_CONFERENCE = 15, "Conference.";
        CALLTYPE_UNMONITORED = 16, "Call of devices that are not watched.";
        CALLTYPE_PREVIEW = 17 since 8, "Outbound call that the agent sees before it is dialed.";
        CALLTYPE_RESERVATION = 18 since 8, "Call that reserves an agent for an outbound call.";
        CALLTYPE_ASSIST = 19, "Call for a supervisor's help.";
        CALLTYPE_EMERGENCY = 20, "Emergency call.";
        CALLTYPE_SUPERVISOR_MONITOR = 21, "Supervisor listening to a call.";
        CALLTYPE_SUPERVISOR_WHISPER = 22, "Supervisor whispering to an agent.";
        CALLTYPE_SUPERVISOR_BARGEIN = 23, "Supervisor joining a call.";
        CALLTYPE_SUPERVISOR_INTERCEPT = 24, "Supervisor taking a call over.";
        CALLTYPE_TASK_ROUTED_BY_ICM = 25, "Task that the contact center assigned.";
        CALLTYPE_TASK_ROUTED_BY_APPLICATION = 26, "Task that an application assigned.";
        RESERVATION_PREVIEW = 27 since 19,
            "Reserves an agent for a preview call; up to version 18 the number meant a non-ACD call.";
        RESERVATION_PREVIEW_DIRECT = 28 since 19, "Reserves an agent for a direct preview call.";
        RESERVATION_PREDICTIVE = 29 since 19, "Reserves an agent for a predictive call.";
        RESERVATION_CALLBACK = 30 since 19, "Reserves an agent for a callback.";
        RESERVATION_PERSONAL_CALLBACK = 31 since 19, "Reserves the agent of a personal callback.";
        CUSTOMER_PREVIEW = 32 since 19, "Customer side of a preview call.";
        CUSTOMER_PREVIEW_DIRECT = 33 since 19, "Customer side of a direct preview call.";
        CUSTOMER_PREDICTIVE = 34 since 19,
            "Customer side of a predictive call; on Unified CCX an outbound call of an agent.";
        CUSTOMER_CALLBACK = 35 since 19, "Customer side of a callback.";
        CUSTOMER_PERSONAL = 36 since 19, "Customer side of a personal callback.";
        CUSTOMER_IVR = 37 since 19, "Customer side of a call for a voice response application.";
        CALLTYPE_NON_ACD = 38, "Call on a line that is not an ACD line.";
        CALLTYPE_PLAY_AGENT_GREETING = 39, "Call that plays an agent greeting.";
        CALLTYPE_RECORD_AGENT_GREETING = 40, "Call that records an agent greeting.";
        CALLTYPE_VOICE_CALL_BACK = 41, "Voice callback.";
    }
    aliases {
        CALLTYPE_NON_ACD_RETIRED = 27,
            "Retired: what CALLTYPE_NON_ACD was in versions 14 to 18; since version 19 the number is RESERVATION_PREVIEW and prints so.";
    }
}

open_enum! {
    /// Direction of the call that an agent is working on. Names coined here.
    pub struct CallDirection: u32 {
        NONE = 0, "No call.";
        IN = 1, "Inbound call.";
        OUT = 2, "Outbound call.";
        OTHER_IN = 3, "Other inbound call.";
        OTHER_OUT = 4, "Other outbound call.";
        OUTBOUND_RESERVE = 5, "Reservation call of the outbound dialer.";
        OUTBOUND_PREVIEW = 6, "Preview call of the outbound dialer.";
        OUTBOUND_PREDICTIVE = 7, "Predictive call of the outbound dialer.";
    }
}

open_enum! {
    /// When a predictive call is connected to the agent. (Guide: "AllocationState Values".)
    pub struct AllocationState: u16 {
        ALLOC_CALL_DELIVERED = 0, "As soon as it rings at the customer.";
        ALLOC_CALL_ESTABLISHED = 1, "When the customer has answered.";
    }
}

open_enum! {
    /// How a call is placed. (Guide: "CallPlacementType Values".)
    pub struct CallPlacementType: u16 {
        CPT_UNSPECIFIED = 0, "The default of the peripheral.";
        CPT_LINE_CALL = 1, "Internal call.";
        CPT_OUTBOUND = 2, "Outbound call.";
        CPT_OUTBOUND_NO_ACCESS_CODE = 3, "Outbound call without an access code.";
        CPT_DIRECT_POSITION = 4, "Call to a certain position.";
        CPT_DIRECT_AGENT = 5, "Call to a certain agent.";
        CPT_SUPERVISOR_ASSIST = 6, "Call for a supervisor's help.";
    }
}

open_enum! {
    /// What is done when the calling device is in use. (Guide: "CallMannerType Values".)
    pub struct CallMannerType: u16 {
        CMT_UNSPECIFIED = 0, "The default of the peripheral.";
        CMT_POLITE = 1, "Call only if the device is idle.";
        CMT_BELLIGERENT = 2, "Call always, and drop what the device is doing.";
        CMT_SEMI_POLITE = 3, "Call only if the device is idle or has dial tone.";
        CMT_RESERVED = 4, "Reserved.";
    }
}

open_enum! {
    /// Extras that some switches offer for a new call. (Guide: "CallOption Values".)
    pub struct CallOption: u16 {
        COPT_UNSPECIFIED = 0, "The default of the peripheral.";
        COPT_CALLING_AGENT_ONLINE = 1, "Call only if the calling agent is there to talk.";
        COPT_CALLING_AGENT_RESERVED = 2, "Call only if the calling agent's set is reserved from ACD calls.";
        COPT_CALLING_AGENT_NOT_RESERVED = 3, "Call only if the calling agent's set is not reserved from ACD calls.";
        COPT_CALLING_AGENT_BUZZ_BASE = 4, "Buzz at the base of the agent's phone when the call starts.";
        COPT_CALLING_AGENT_BEEP_HSET = 5, "Beep in the agent's headset when the call starts.";
        COPT_SERVICE_CIRCUIT_ON = 6, "Put a call classifier on the call.";
    }
}

open_enum! {
    /// What a consultation call is for. (Guide: "ConsultType Values".)
    pub struct ConsultType: u16 {
        CT_UNSPECIFIED = 0, "Not said.";
        CT_TRANSFER = 1, "A transfer.";
        CT_CONFERENCE = 2, "A conference.";
    }
}

open_enum! {
    /// Kind of facility that a call is placed through. (Guide: "FacilityType Values".)
    pub struct FacilityType: u16 {
        FT_UNSPECIFIED = 0, "The default of the peripheral.";
        FT_TRUNK_GROUP = 1, "A trunk group.";
        FT_SKILL_GROUP = 2, "A skill group.";
    }
}

open_enum! {
    /// What a predictive call does when a machine answers. (Guide: "AnsweringMachine Values".)
    pub struct AnsweringMachine: u16 {
        AM_UNSPECIFIED = 0, "The default of the peripheral.";
        AM_CONNECT = 1, "Connect the call to the agent.";
        AM_DISCONNECT = 2, "Drop the call.";
        AM_NONE = 3 since 5, "Do not look for machines.";
        AM_NONE_NO_MODEM = 4 since 5, "Do not look for machines, but drop modems.";
        AM_CONNECT_NO_MODEM = 5 since 5, "Connect machines and drop modems.";
    }
}

open_enum! {
    /// How an answered call is told. (Guide: "AnswerDetectMode Values".)
    pub struct AnswerDetectMode: u16 {
        ADM_UNSPECIFIED = 0, "The default of the peripheral.";
        ADM_VOICE_THRESHOLD = 1, "Voice that is loud enough.";
        ADM_VOICE_END = 2, "The end of what the voice says.";
        ADM_VOICE_END_DELAY = 3, "A delay after the end of the voice.";
        ADM_VOICE_AND_BEEP = 4, "Voice and then a beep.";
        ADM_BEEP = 5, "A beep.";
    }
}

open_enum! {
    /// Country of the called party. (Guide: "DestinationCountry Values".)
    pub struct DestinationCountry: u16 {
        DEST_UNSPECIFIED = 0, "Not said.";
        DEST_US_AND_CANADA = 1, "United States or Canada.";
    }
}

open_enum! {
    /// When calls of a device are forwarded. (Guide: "ForwardType Values".)
    pub struct ForwardType: u16 {
        FWT_IMMEDIATE = 0, "At once.";
        FWT_BUSY = 1, "When busy.";
        FWT_NO_ANS = 2, "When not answered.";
        FWT_BUSY_INT = 3, "When busy, internal calls.";
        FWT_BUSY_EXT = 4, "When busy, external calls.";
        FWT_NO_ANS_INT = 5, "When not answered, internal calls.";
        FWT_NO_ANS_EXT = 6, "When not answered, external calls.";
    }
}

bit_mask! {
    /// Which call variables a client wants: the `CallVariableMask` of REGISTER_VARIABLES_REQ.
    pub struct CallVariableMask: u16 {
        CALL_VAR_1_MASK = 0x0001, "CallVariable1.";
        CALL_VAR_2_MASK = 0x0002, "CallVariable2.";
        CALL_VAR_3_MASK = 0x0004, "CallVariable3.";
        CALL_VAR_4_MASK = 0x0008, "CallVariable4.";
        CALL_VAR_5_MASK = 0x0010, "CallVariable5.";
        CALL_VAR_6_MASK = 0x0020, "CallVariable6.";
        CALL_VAR_7_MASK = 0x0040, "CallVariable7.";
        CALL_VAR_8_MASK = 0x0080, "CallVariable8.";
        CALL_VAR_9_MASK = 0x0100, "CallVariable9.";
        CALL_VAR_10_MASK = 0x0200, "CallVariable10.";
    }
}
