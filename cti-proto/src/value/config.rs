//! Configuration upload: what is asked for, how records change, how an upload ends.

bit_mask! {
    /// Kinds of configuration: `ConfigMsgMask` of OPEN_REQ, `ConfigInformation` of CONFIG_REQUEST_EVENT.
    ///
    /// Only the name CONFIG_MSG_AGENT_SERVICE_MASK is printed; the others are coined after it. Unified CCX assigns
    /// the bits differently, and differently in the two places: convert to
    /// [`CcxConfigMsgMask`](super::CcxConfigMsgMask) or [`CcxConfigMask`](super::CcxConfigMask).
    pub struct ConfigMask: u32 {
        CONFIG_MSG_SERVICE_MASK = 0x00000001, "Services.";
        CONFIG_MSG_SKILL_GROUP_MASK = 0x00000002, "Skill groups.";
        CONFIG_MSG_AGENT_MASK = 0x00000004, "Agents.";
        CONFIG_MSG_DEVICE_MASK = 0x00000008, "Devices.";
        CONFIG_MSG_CALL_TYPE_MASK = 0x00000010 since 11, "Call types.";
        CONFIG_MSG_MRD_MASK = 0x00000020 since 20, "Media routing domains.";
        CONFIG_MSG_PERIPHERAL_MASK = 0x00000040 since 22, "Peripherals.";
        CONFIG_MSG_AGENT_DESK_SETTINGS_MASK = 0x00000080 since 22, "Agent desk settings.";
        CONFIG_MSG_TERMINAL_MASK = 0x00000100, "Terminals; listed for OPEN_REQ only, first version not documented.";
        CONFIG_MSG_AGENT_SERVICE_MASK = 0x00000200 since 24, "Agent services.";
    }
}

open_enum! {
    /// What CONFIG_BEGIN_EVENT begins. Names coined here.
    pub struct ConfigType: u16 {
        UNUSED = 0, "Not used.";
        SOLICITED = 1, "An upload that the client asked for.";
        UNSOLICITED = 2, "An update.";
    }
}

open_enum! {
    /// What a configuration record does.
    pub struct RecordType: u16 {
        CONFIG_RECORD_ADD = 0, "Adds an item.";
        CONFIG_RECORD_CHANGE = 1, "Changes an item.";
        CONFIG_RECORD_DELETE = 2, "Deletes an item.";
    }
}

open_enum! {
    /// How CONFIG_REQUEST_KEY_EVENT was answered.
    pub struct ConfigKeyStatus: u32 {
        CONFIG_SUCCESS = 0, "The keys follow.";
        CONFIG_SERVICE_PROVIDER = 1, "No keys: the server serves several customers.";
        CONFIG_NO_KEY_SUPPORT = 2, "The server has no configuration keys.";
        CONFIG_UNKNOWN_CUSTOMER = 3, "The server does not know the customer.";
    }
    aliases {
        CONFIG_UNKNOWN_DATA = 3,
            "Name of the status on Unified CCX, see [`CONFIG_UNKNOWN_CUSTOMER`](Self::CONFIG_UNKNOWN_CUSTOMER).";
    }
}

open_enum! {
    /// How a block of configuration records ends.
    ///
    /// Unified CCX numbers them alike, with other names.
    pub struct ConfigEndStatus: u32 {
        CONFIGEND_SUCCESS = 0, "All records were sent.";
        CONFIGEND_NO_SERVICE_PROVIDER = 1, "No records: the server serves several customers.";
        CONFIGEND_UNKNOWN_CUSTOMER = 2, "The server does not know the customer.";
        CONFIGEND_INVALID = 3, "The configuration that was sent is not valid.";
        CONFIGEND_EMPTY = 4, "The server has no configuration.";
        CONFIGEND_PARTIAL = 5, "Further blocks of the same upload follow.";
    }
}

open_enum! {
    /// Kind of device in a configuration record. Names coined here.
    pub struct ConfigDeviceType: u16 {
        UNKNOWN = 0, "Not known.";
        SERVICE = 1, "A service.";
        SKILL_GROUP = 2, "A skill group.";
        AGENT_ID = 3, "An agent.";
        AGENT_DEVICE_EXTENSION = 4, "The extension of an agent's device.";
        ROUTE_POINT = 5, "A CTI route point.";
        CTI_PORT = 6, "A CTI port.";
        CALL_CONTROL_GROUP = 7, "A call control group.";
    }
}
