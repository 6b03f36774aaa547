//! Devices, lines, trunks and the peripherals that they belong to, with what a device can do.

open_enum! {
    /// What a device identifier names. (Guide: "DeviceIDType Values".)
    pub struct DeviceIdType as "DeviceIDType": u16, default DEVID_NONE {
        DEVID_NONE = 0xffff, "No device identifier.";
        DEVID_DEVICE_IDENTIFIER = 0, "An extension.";
        DEVID_TRUNK_IDENTIFIER = 70, "A trunk.";
        DEVID_TRUNK_GROUP_IDENTIFIER = 71, "A trunk group.";
        DEVID_IP_PHONE_MAC_IDENTIFIER = 72, "An IP phone, by its MAC address.";
        DEVID_CTI_PORT = 73, "A CTI port.";
        DEVID_ROUTE_POINT = 74, "A CTI route point.";
        DEVID_EXTERNAL = 75, "A number outside.";
        DEVID_AGENT_DEVICE = 76, "The phone of an agent.";
        DEVID_QUEUE = 77, "A queue.";
        DEVID_NON_ACD_DEVICE_IDENTIFIER = 78 since 14, "A line of an agent's phone that is not its ACD line.";
        DEVID_SHARED_DEVICE_IDENTIFIER = 79 since 14, "A line shared between phones.";
    }
}

open_enum! {
    /// What the device part of a connection identifier is. (Guide: "ConnectionDeviceIDType Values".)
    pub struct ConnectionDeviceIdType as "ConnectionDeviceIDType": u16, default CONNECTION_ID_NONE {
        CONNECTION_ID_NONE = 0xffff, "No connection identifier.";
        CONNECTION_ID_STATIC = 0, "The identifier of the device, the same for all its calls.";
        CONNECTION_ID_DYNAMIC = 1, "An identifier made for this connection.";
    }
}

open_enum! {
    /// Kind of a teleset line. Fields that have no line hold 0xffff. (Guide: "LineType Values".)
    ///
    /// Unified CCX uses 3 for business calls and 10 for others, from version 14 on.
    pub struct LineType: u16 {
        LINETYPE_INBOUND_ACD = 0, "Inbound ACD calls.";
        LINETYPE_OUTBOUND_ACD = 1, "Outbound ACD calls.";
        LINETYPE_INSIDE = 2, "Internal calls.";
        LINETYPE_UNKNOWN = 3, "Not known; on Unified CCX a business call.";
        LINETYPE_SUPERVISOR = 4, "Calls of a supervisor.";
        LINETYPE_MESSAGE = 5, "Voice messages.";
        LINETYPE_HELP = 6, "Calls for help.";
        LINETYPE_OUTBOUND = 7 since 6, "Outbound calls.";
        LINETYPE_DID = 8 since 6, "Calls that are dialed in directly.";
        LINETYPE_SILENT_MONITOR = 9, "Silent monitoring.";
        LINETYPE_NON_ACD_IN = 10 since 14, "Inbound calls on a line that is not an ACD line.";
        LINETYPE_NON_ACD_OUT = 11 since 14, "Outbound calls on a line that is not an ACD line.";
    }
}

open_enum! {
    /// Make of a peripheral. (Guide: "PeripheralType Values".) 27 is reserved; three members were dropped in version 25.
    ///
    /// Unified CCX always sends [`PT_ACMI_CRS`](Self::PT_ACMI_CRS), and 0 in OPEN_CONF.
    pub struct PeripheralType: u16, default PT_NONE {
        PT_NONE = 0xffff, "Not said.";
        PT_MERIDIAN = 2, "Nortel Meridian.";
        PT_G2 = 3, "AT&T Definity G2.";
        PT_DEFINITY_ECS_NON_EAS = 4, "Definity ECS without Expert Agent Selection.";
        PT_DEFINITY_ECS_EAS = 5, "Definity ECS with Expert Agent Selection.";
        PT_GALAXY = 6, "Rockwell Galaxy.";
        PT_SPECTRUM = 7, "Rockwell Spectrum.";
        PT_VRU = 8, "Voice response unit.";
        PT_VRU_POLLED = 9, "Voice response unit that is polled.";
        PT_DMS100 = 10, "Nortel DMS-100.";
        PT_SIEMENS_9006 = 11, "Siemens 9006.";
        PT_SIEMENS_9005 = 12 since 5, "Siemens 9005.";
        PT_ALCATEL = 13 since 5, "Alcatel.";
        PT_NEC_NEAX_2x00 = 14, "NEC NEAX 2x00.";
        PT_ACP_1000 = 15, "Ericsson ACP 1000.";
        PT_ENTERPRISE_AGENT = 17, "Unified CCE agents on Unified Communications Manager.";
        PT_MD110 = 18, "Ericsson MD110.";
        PT_MEDIA_ROUTING = 19, "Media routing, for channels other than voice.";
        PT_GENERIC = 20;
        PT_ACMI_CRS = 21, "Unified CCX.";
        PT_ACMI_IPCC = 22, "Unified CCE as the child of another contact center.";
        PT_ARS = 24;
        PT_ACMI_ERS = 25;
        PT_ACMI_EXPERT_ADVISOR = 26;
        PT_ASPECT = 1, "Aspect. Retired: last listed in version 24.";
        PT_SYMPOSIUM = 16, "Nortel Symposium. Retired: last listed in version 24.";
        PT_SIMPLIFIED_IPCC = 23, "Simplified IPCC. Retired: last listed in version 24.";
    }
}

open_enum! {
    /// Kind of a device. (Guide: "TypeOfDevice Values".)
    pub struct TypeOfDevice: u16 {
        DEVT_STATION = 0, "A phone.";
        DEVT_LINE = 1, "A line of a phone.";
        DEVT_BUTTON = 2, "A button of a phone.";
        DEVT_ACD = 3, "An ACD.";
        DEVT_TRUNK = 4, "A trunk.";
        DEVT_OPERATOR = 5, "An operator.";
        DEVT_STATION_GROUP = 16, "Several phones.";
        DEVT_LINE_GROUP = 17, "Several lines.";
        DEVT_BUTTON_GROUP = 18, "Several buttons.";
        DEVT_ACD_GROUP = 19, "Several ACDs.";
        DEVT_TRUNK_GROUP = 20, "Several trunks.";
        DEVT_OPERATOR_GROUP = 21, "Several operators.";
        DEVT_CTI_PORT_SCCP = 22 since 14, "A CTI port of an SCCP phone.";
        DEVT_CTI_PORT_SIP = 23 since 14, "A CTI port of a SIP phone.";
        DEVT_OTHER = 255, "Something else.";
    }
}

bit_mask! {
    /// Media that a device handles. (Guide: "ClassOfDevice Values", printed there as 10x to 80x.)
    pub struct ClassOfDevice: u16 {
        DEVC_OTHER = 0x0010, "Other media.";
        DEVC_IMAGE = 0x0020, "Images.";
        DEVC_DATA = 0x0040, "Data.";
        DEVC_VOICE = 0x0080, "Voice.";
    }
}

bit_mask! {
    /// Client Control requests that a device supports: `CallControlSupported` of QUERY_DEVICE_INFO_CONF.
    pub struct CallControlMask: u32 {
        CONTROL_QUERY_AGENT_STATE = 0x00000001, "QUERY_AGENT_STATE_REQ.";
        CONTROL_SET_AGENT_STATE = 0x00000002, "SET_AGENT_STATE_REQ.";
        CONTROL_ALTERNATE_CALL = 0x00000004, "ALTERNATE_CALL_REQ.";
        CONTROL_ANSWER_CALL = 0x00000008, "ANSWER_CALL_REQ.";
        CONTROL_CLEAR_CALL = 0x00000010, "CLEAR_CALL_REQ.";
        CONTROL_CLEAR_CONNECTION = 0x00000020, "CLEAR_CONNECTION_REQ.";
        CONTROL_CONFERENCE_CALL = 0x00000040, "CONFERENCE_CALL_REQ.";
        CONTROL_CONSULTATION_CALL = 0x00000080, "CONSULTATION_CALL_REQ.";
        CONTROL_DEFLECT_CALL = 0x00000100, "DEFLECT_CALL_REQ.";
        CONTROL_HOLD_CALL = 0x00000200, "HOLD_CALL_REQ.";
        CONTROL_MAKE_CALL = 0x00000400, "MAKE_CALL_REQ.";
        CONTROL_MAKE_PREDICTIVE_CALL = 0x00000800, "MAKE_PREDICTIVE_CALL_REQ.";
        CONTROL_RECONNECT_CALL = 0x00001000, "RECONNECT_CALL_REQ.";
        CONTROL_RETRIEVE_CALL = 0x00002000, "RETRIEVE_CALL_REQ.";
        CONTROL_TRANSFER_CALL = 0x00004000, "TRANSFER_CALL_REQ.";
        CONTROL_QUERY_DEVICE_INFO = 0x00008000, "QUERY_DEVICE_INFO_REQ.";
        CONTROL_SNAPSHOT_CALL = 0x00010000, "SNAPSHOT_CALL_REQ.";
        CONTROL_SNAPSHOT_DEVICE = 0x00020000, "SNAPSHOT_DEVICE_REQ.";
        CONTROL_SEND_DTMF_SIGNAL = 0x00040000, "SEND_DTMF_SIGNAL_REQ.";
    }
}

bit_mask! {
    /// Which calls a device can join: `TransferConferenceSetup` of QUERY_DEVICE_INFO_CONF.
    pub struct TransferConferenceSetupMask: u32 {
        CONF_SETUP_CONSULT_SPECIFIC = 0x00000001,
            "An ACD call and a consultation made for just this, transfer or conference.";
        CONF_SETUP_CONSULT_ANY = 0x00000002, "An ACD call and a consultation made for any purpose.";
        CONF_SETUP_CONN_HELD = 0x00000004, "Any connected call and any held call.";
        CONF_SETUP_ANY_TWO_CALLS = 0x00000008, "Any two calls.";
        CONF_SETUP_SINGLE_ACD_CALL = 0x00000010 since 6, "One ACD call, as a blind conference.";
        TRANS_SETUP_SINGLE_ACD_CALL = 0x00000020 since 6, "One ACD call, as a blind transfer.";
        CONF_SETUP_ANY_SINGLE_CALL = 0x00000040, "Any connected call, as a blind conference.";
        TRANS_SETUP_ANY_SINGLE_CALL = 0x00000080 since 6, "Any connected call, as a blind transfer.";
    }
}

bit_mask! {
    /// Further features of a device: `OtherFeaturesSupported` of QUERY_DEVICE_INFO_CONF.
    pub struct OtherFeatureMask: u32 {
        FEATURE_POST_ROUTE = 0x00000001, "The contact center can route its calls (post-routing).";
        FEATURE_UNIQUE_CONSULT_CALLID = 0x00000002, "Consultation calls have call IDs of their own.";
    }
}
