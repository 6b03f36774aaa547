//! The elements of lists: fields that are repeated together.

use crate::message::FieldInfo;
use crate::value::{
    AgentFlags, AgentService, AgentState, ConnectionDeviceIdType, DeviceIdType, LineType, LocalConnectionState,
    RecordType, SilentMonitorStatus,
};
use crate::wire::{DataType, Element, List, Text, Time, Walk, Writer};

groups! {
    /// A CTI client that took part in a call.
    CtiClient<'a> {
        /// Signature of the client.
        signature: Text<'a> = "CTIClientSignature", 23, 64;
        /// When the client was first given the call.
        timestamp: Time = "CTIClientTimestamp", 24, 4;
    }

    /// A party of a conference or transfer.
    ConnectedParty<'a> {
        /// Call ID of the party's connection.
        call_id: u32 = "ConnectedPartyCallID", 39, 4;
        /// What kind of ID `device_id` is.
        device_id_type: DeviceIdType = "ConnectedPartyDeviceIDType", 40, 2;
        /// Device of the party.
        device_id: Text<'a> = "ConnectedPartyDeviceID", 41, 64;
    }

    /// A skill group of an agent, with the agent's state in it, in AGENT_STATE_EVENT.
    FltSkillGroup {
        /// Number at the peripheral; `NULL_SKILL_GROUP` if there is none.
        number: u32 = "FltSkillGroupNumber", 62, 4;
        /// ID in the central database; `NULL_SKILL_GROUP` if there is none. Reserved in Unified CCX.
        id: u32 = "FltSkillGroupID", 63, 4;
        /// Priority; 0 if there is none. Reserved in Unified CCX.
        priority: u16 = "FltSkillGroupPriority", 64, 2;
        /// State of the agent in this group.
        state: AgentState = "FltSkillGroupState", 65, 2;
    }

    /// A skill group of an agent, with the agent's state in it, in QUERY_AGENT_STATE_CONF.
    AgentSkillGroup {
        /// Number at the peripheral; `NULL_SKILL_GROUP` if there is none.
        number: u32 = "SkillGroupNumber", 62, 4;
        /// ID in the central database; `NULL_SKILL_GROUP` if there is none. Reserved in Unified CCX.
        id: u32 = "SkillGroupID", 63, 4;
        /// Priority; 0 if there is none. Reserved in Unified CCX.
        priority: u16 = "SkillGroupPriority", 64, 2;
        /// State of the agent in this group.
        state: AgentState = "SkillGroupState", 65, 2;
    }

    /// A skill group that a call is queued to, or was.
    QueueSkillGroup {
        /// Number at the peripheral; `NULL_SKILL_GROUP` if there is none.
        number: u32 = "SkillGroupNumber", 62, 4;
        /// ID in the central database; `NULL_SKILL_GROUP` if there is none. Reserved in Unified CCX.
        id: u32 = "SkillGroupID", 63, 4;
        /// Priority; 0 if there is none. Reserved in Unified CCX.
        priority: u16 = "SkillGroupPriority", 64, 2;
    }

    /// A skill group that an agent logs in to.
    SelectedSkillGroup {
        /// Number at the peripheral.
        number: u32 = "SkillGroupNumber", 62, 4;
        /// Priority; 0 if there is none.
        priority: u16 = "SkillGroupPriority", 64, 2;
    }

    /// A member of an agent team.
    TeamAgent<'a> {
        /// Login ID of the agent.
        agent_id: Text<'a> = "AtcAgentID", 86, 12;
        /// Whether the agent is a supervisor, and for how long in the team.
        flags: AgentFlags = "AgentFlags", 87, 2;
        /// State of the agent.
        state: AgentState = "AtcAgentState", 88, 2;
        /// Seconds since the agent entered this state.
        state_duration: u32 = "AtcStateDuration", 89, 4;
    }

    /// A team of a supervisor.
    AgentTeam {
        /// ID of the team.
        team_id: u32 = "TeamID", 92, 4;
    }

    /// A line of a device.
    Line {
        /// Handle of the line.
        handle: u16 = "LineHandle", 70, 2;
        /// Kind of line.
        line_type: LineType = "LineType", 71, 2;
    }

    /// A device that takes part in a call, in SNAPSHOT_CALL_CONF.
    CallDevice<'a> {
        /// Call ID of the connection.
        call_id: u32 = "CallConnectionCallID", 56, 4;
        /// What kind of ID `connection_device_id` is.
        connection_device_id_type: ConnectionDeviceIdType = "CallConnectionDeviceIDType", 57, 2;
        /// Device part of the connection, opaque.
        connection_device_id: Text<'a> = "CallConnectionDeviceID", 58, 64;
        /// What kind of ID `device_id` is.
        device_type: DeviceIdType = "CallDeviceType", 59, 2;
        /// The device.
        device_id: Text<'a> = "CallDeviceID", 60, 64;
        /// State of the device's connection.
        state: LocalConnectionState = "CallDeviceConnectionState", 61, 2;
    }

    /// A call at a device, in SNAPSHOT_DEVICE_CONF.
    DeviceCall<'a> {
        /// Call ID of the connection.
        call_id: u32 = "CallConnectionCallID", 56, 4;
        /// What kind of ID `connection_device_id` is.
        connection_device_id_type: ConnectionDeviceIdType = "CallConnectionDeviceIDType", 57, 2;
        /// Device part of the connection, opaque.
        connection_device_id: Text<'a> = "CallConnectionDeviceID", 58, 64;
        /// State of the call at the device.
        state: LocalConnectionState = "CallState", 75, 2;
        ? {
            /// Whether the call is a silent monitor call.
            silent_monitor_status: SilentMonitorStatus = "SilentMonitorStatus", 218, 2 (since(13));
        }
    }

    /// A peripheral of the session, in OPEN_CONF.
    Peripheral {
        /// ID of the peripheral.
        peripheral_id: u32 = "FltPeripheralID", 208, 4;
        /// Lines of agents at the peripheral: 0 one, 1 several.
        multiline_agent_control: u16 = "MultilineAgentControl", 224, 2;
    }

    /// An instrument of a terminal. The tag is Unified CCX's; that of Unified CCE is not published.
    Instrument<'a> {
        /// The instrument.
        instrument: Text<'a> = "Instrument", 6, 64;
    }

    /// A member of a team in Unified CCX. The tags of record and member type are unconfirmed.
    TeamMember<'a> {
        /// Login ID of the agent, or the ID of the CSQ where `member_type` says so.
        agent_id: Text<'a> = "AgentID", 194, 129;
        /// Whether the agent is a supervisor.
        flags: AgentFlags = "AgentFlags", 87, 2;
        /// Whether the member was added, changed or removed.
        record_type: RecordType = "RecordType", 183, 2;
        /// Agent or CSQ.
        member_type: u16 = "MemberType", 205, 2;
    }
}

columns! {
    /// A skill group of an agent, in a configuration record.
    AgentSkill as pairs {
        /// Number of the skill group at the peripheral.
        number: u32 = "FltSkillGroupNumber", 62, 400;
        /// Priority of the skill group.
        priority: u16 = "FltSkillGroupPriority", 64, 200;
    }

    /// A media routing domain of an agent, in a configuration record.
    AgentMrd as pairs {
        /// ID of the domain.
        id: u32 = "FltAgentMRDID", 262, 160;
        /// State of the agent in the domain.
        state: AgentState = "FltAgentMRDState", 263, 80;
    }

    /// A skill group that serves a service, in a configuration record.
    ServiceMember as arrays {
        /// Skill target ID of the skill group.
        id: u32 = "ServiceMember", 187, 40;
        /// Priority of the skill group.
        priority: u16 = "ServicePriority", 188, 20;
    }
}

const SERVICES_TAG: u16 = 309;
const SERVICES_RULE: super::FieldRule =
    super::FieldRule::new("FltEnabledServices", DataType::UShort, SERVICES_TAG, 40).since(24);

/// Services enabled for an agent or a call: one column, in one field.
impl<'a> Element<'a> for AgentService {
    const INFO: &'static super::ElementInfo = &super::ElementInfo {
        name: "AgentService",
        fields: &[FieldInfo::of::<Self>(SERVICES_RULE).arrays()],
        lists: &[],
    };

    fn accepts(tag: u16, length: usize) -> Option<bool> {
        (tag == SERVICES_TAG).then_some(length.is_multiple_of(size_of::<Self>()))
    }

    fn next(walk: &mut Walk<'a>) -> Option<Self> {
        walk.fill_columns(size_of::<Self>(), SERVICES_TAG, None)?;
        walk.take_from_column(size_of::<Self>(), 0)
    }

    fn write_all(list: &List<'a, Self>, writer: &mut Writer<'_>) {
        writer.array_header(const { &SERVICES_RULE }, list.len(), size_of::<Self>());
        list.iter().for_each(|service| writer.fixed(service));
    }
}
