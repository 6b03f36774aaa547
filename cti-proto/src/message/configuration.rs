//! Configuration acquisition: keys, uploads and updates, and the records they consist of.

#[allow(clippy::wildcard_imports, reason = "a table names types of all kinds")]
use crate::message::prelude::*;

messages! {
    ($) as configuration_messages;
    service Configuration;

    /// Sent by the client to ask for the configuration keys, so as to see whether its stored configuration is old.
    /// It has no `InvokeID`: one configuration request at a time. The fixed part is empty in version 10. Unified
    /// CCX: the fields are reserved, 0.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_REQUEST_KEY_EVENT.
    ConfigRequestKeyEvent = CONFIG_REQUEST_KEY_EVENT: Client, since(10) {
        fixed { peripheral_id(since(11)) }
        floating { customer_id }
    }

    /// Sent by the server with the configuration keys. A key of zeros means: fetch that part. A server without
    /// separate keys sends the same one everywhere. Unified CCX: the keys are of applications, queues, agents and
    /// devices.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_KEY_EVENT.
    ConfigKeyEvent = CONFIG_KEY_EVENT: Server, since(10) {
        fixed { config_key_status }
        floating {
            service_config_key, skill_group_config_key, agent_config_key, device_config_key,
            call_type_config_key(since(11)), peripheral_config_key(since(22)),
            agent_desk_settings_config_key(since(22)),
        }
    }

    /// Sent by the client to fetch configuration; must be sent even with mask 0, for without it no updates come.
    /// Has no `InvokeID`. Unified CCX: no `ConfigMsgMask`, and `CustomerID` is required, 0.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_REQUEST_EVENT.
    ConfigRequestEvent = CONFIG_REQUEST_EVENT: Client, since(10) {
        fixed { config_information, config_msg_mask(since(24)), peripheral_id(since(11)) }
        floating { customer_id(ccx_required()) }
    }

    /// Sent by the server to open a block of configuration records, ended by `CONFIG_END_EVENT`. A full upload may
    /// come in several blocks. Unified CCX: mask bit 0x10 means terminals, not call types.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_BEGIN_EVENT.
    ConfigBeginEvent = CONFIG_BEGIN_EVENT: Server, since(10) {
        fixed { config_type, config_information }
        floating {
            service_config_key, skill_group_config_key, agent_config_key, device_config_key,
            call_type_config_key(since(11)), peripheral_config_key(since(22)),
            agent_desk_settings_config_key(since(22)),
        }
    }

    /// Sent by the server with services; `PeripheralNumber` is the key of a record. `NumRecords` records stand one
    /// after the other. Unified CCX (`CONFIG_APPLICATION_EVENT`): applications, without service members.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_SERVICE_EVENT.
    ConfigServiceEvent<'a> = CONFIG_SERVICE_EVENT: Server, since(10) {
        fixed { [num_records records] }
        lists { records: ServiceRecord<'a>[10] }
    }

    /// Sent by the server with skill groups; `PeripheralNumber` is the key of a record. Unified CCX
    /// (`CONFIG_CSQ_EVENT`): contact service queues; `FltPeripheralID` may come with the tag of `PeripheralNumber`
    /// (184).
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_SKILL_GROUP_EVENT.
    ConfigSkillGroupEvent<'a> = CONFIG_SKILL_GROUP_EVENT: Server, since(10) {
        fixed { [num_records records] }
        lists { records: SkillGroupRecord<'a>[10] }
    }

    /// Sent by the server with agents; `LoginID` is the key of a record. Domain data comes in the first upload
    /// only, not in updates. Unified CCX: up to 25 queues per agent as pairs of fields, `LoginID` up to 129 bytes;
    /// the domain field is not fully known.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_AGENT_EVENT.
    ConfigAgentEvent<'a> = CONFIG_AGENT_EVENT: Server, since(10) {
        fixed { [num_records records] }
        lists { records: AgentRecord<'a>[10] }
    }

    /// Sent by the server with terminals and their extensions. On Unified CCX since its version 18; there the
    /// message number is unconfirmed.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_TERMINAL_EVENT.
    ConfigTerminalEvent<'a> = CONFIG_TERMINAL_EVENT: Server, since(23), ccx_since(18) {
        fixed { [num_records records] }
        lists { records: TerminalRecord<'a>[10] }
    }

    /// Sent by the server with agent desk settings; agents refer to them by `AgentDeskSettingsID`. Since version
    /// 22.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_AGENT_DESK_SETTINGS_EVENT.
    ConfigAgentDeskSettingsEvent<'a> = CONFIG_AGENT_DESK_SETTINGS_EVENT: Server, since(22) {
        fixed { [num_records records] }
        lists { records: AgentDeskSettingsRecord<'a>[10] }
    }

    /// Sent by the server with peripherals and the desk settings their agents have by default. Since version 22.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_PERIPHERAL_EVENT.
    ConfigPeripheralEvent<'a> = CONFIG_PERIPHERAL_EVENT: Server, since(22) {
        fixed { [num_records records] }
        lists { records: PeripheralRecord[10] }
    }

    /// Sent by the server with devices: services, skill groups, agents' phones, route points, CTI ports. Unified
    /// CCX: what the fields mean depends on `DeviceType`, and `DialedNumber` may hold a login ID of up to 129
    /// bytes.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_DEVICE_EVENT.
    ConfigDeviceEvent<'a> = CONFIG_DEVICE_EVENT: Server, since(10) {
        fixed { [num_records records] }
        lists { records: DeviceRecord<'a>[10] }
    }

    /// Sent by the server with call types; `FltCallTypeID` is the key of a record. Since version 11.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_CALL_TYPE_EVENT.
    ConfigCallTypeEvent<'a> = CONFIG_CALL_TYPE_EVENT: Server, since(11) {
        fixed { [num_records records] }
        lists { records: CallTypeRecord<'a>[10] }
    }

    /// Sent by the server with media routing domains; `FltMRDomainID` is the key of a record. Since version 20.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_MRD_EVENT.
    ConfigMrdEvent<'a> = CONFIG_MRD_EVENT: Server, since(20) {
        fixed { [num_records records] }
        lists { records: MrdRecord<'a>[10] }
    }

    /// Sent by the server with the agent services enabled for agents: at start if there is any, and at each change;
    /// a count of 0 means all were removed. `RecordType` is the last field of a record here. Since version 24.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_AGENT_SERVICE_EVENT.
    ConfigAgentServiceEvent<'a> = CONFIG_AGENT_SERVICE_EVENT: Server, since(24) {
        fixed { [num_records records] }
        lists { records: AgentServiceRecord<'a>[10] }
    }

    /// Sent by the server to end a block of configuration, or alone if there is nothing to send or an error. Status
    /// 5 (`CONFIGEND_PARTIAL`): more blocks of the first upload follow.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_END_EVENT.
    ConfigEndEvent<'a> = CONFIG_END_EVENT: Server, since(10) {
        fixed { config_end_status }
        floating { text }
    }

    /// Unified CCX: sent by the client to get the teams, and to be told of changes.
    ///
    /// Unified CCX guide: TEAM_CONFIG_REQ; the number is taken from Unified CCE, unconfirmed.
    TeamConfigReq = TEAM_CONFIG_REQ: Client, ccx_only() {
        fixed { invoke_id, config_param, reserved8 }
    }

    /// Unified CCX: sent by the server for each team, before the confirmation and later when a team changes.
    ///
    /// Unified CCX guide: TEAM_CONFIG_EVENT; number and the tags of some members are unconfirmed.
    TeamConfigEvent<'a> = TEAM_CONFIG_EVENT: Server, ccx_only() {
        fixed { team_id, [num_records members], operation, reserved8 }
        floating { team_name(required()) }
        lists { members: TeamMember<'a>[64] }
    }

    /// Unified CCX: sent by the server after the last team.
    ///
    /// Unified CCX guide: TEAM_CONFIG_CONF; the number is taken from Unified CCE, unconfirmed.
    TeamConfigConf<'a> = TEAM_CONFIG_CONF: Server, confirms(TEAM_CONFIG_REQ), ccx_only() {
        fixed { invoke_id, team_config_status }
        floating { text(max(128)) }
    }
}
