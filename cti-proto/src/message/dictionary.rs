//! The dictionary: every field of the protocol once, with its type, its tag, its size and what it means. The message
//! tables name fields from here.
//!
//! A fixed field may have a default, which is what a new message holds and what a version without the field means.

use crate::message::FieldRule;
use crate::message::composite::*;
use crate::value::*;
use crate::wire::{Bytes, ConfigKey, DataType, FieldValue, FixedValue, Secret, Text, Time};

/// Fixed fields: `name: type = default, "name in the guide"`.
macro_rules! fixed_fields {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty $(= $default:expr)?, $spec:literal;)*) => {
        /// Documentation of a fixed field.
        macro_rules! fixed_doc {
            $(($name) => { concat!($($doc, "\n",)+ "\n\nIn the guide: ", $spec, ".") };)*
        }
        /// Type of a fixed field.
        macro_rules! fixed_type {
            $(($name) => { $type };)*
        }
        /// Name of a fixed field in the guide; of statistics, their period.
        macro_rules! fixed_name {
            $(($name) => { $spec };)*
        }
        /// What a message holds before anything is said.
        #[allow(non_upper_case_globals, dead_code, reason = "named like the fields, and counts hold nothing")]
        pub(crate) mod default {
            use super::*;
            $(pub(crate) const $name: $type = last![<$type as FixedValue>::DEFAULT $(, $default)?];)*
        }
    };
}

/// Floating fields: `name: type, tag, most bytes, "name in the guide"`.
macro_rules! floating_fields {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty, $tag:literal, $max:literal, $spec:literal;)*) => {
        /// Documentation of a floating field.
        macro_rules! floating_doc {
            $(($name) => { concat!($($doc, "\n",)+ "\n\nIn the guide: ", $spec, ".") };)*
        }
        /// Type of a floating field.
        macro_rules! floating_type {
            $(($name) => { $type };)*
        }
        /// Tags, as patterns.
        #[allow(non_upper_case_globals, reason = "named like the fields")]
        pub(crate) mod tag {
            $(pub(crate) const $name: u16 = $tag;)*
        }
        /// Rules, before a message adds its own.
        #[allow(non_upper_case_globals, reason = "named like the fields")]
        pub(crate) mod rule {
            use super::*;
            $(pub(crate) const $name: FieldRule = {
                #[allow(clippy::extra_unused_lifetimes, reason = "the types that borrow need it")]
                const fn data_type<'a>() -> DataType {
                    <$type as FieldValue<'a>>::TYPE
                }
                FieldRule::new($spec, data_type(), $tag, $max)
            };)*
        }
    };
}

/// The last of one or two values.
macro_rules! last {
    ($only:expr) => {
        $only
    };
    ($first:expr, $last:expr) => {
        $last
    };
}

fixed_fields! {
    /// Number chosen by the sender of a request; the confirmation or failure repeats it.
    invoke_id: u32, "InvokeID";
    /// Why the request failed.
    reason: FailureReason, "Status";
    /// Status code (`FailureStatus`): why the request failed or the session ends; 0 is success.
    status: FailureStatus, "Status";
    /// Protocol version asked for; it fixes the layout of every message of the session.
    version_number: u32, "VersionNumber";
    /// Seconds of silence after which the server drops the session; at least 20, 0xffffffff turns it off.
    idle_timeout: u32 = u32::MAX, "IdleTimeout";
    /// Peripheral (ACD) of the call, device, agent or team; 0xffffffff if none. Unified CCX: always 1, 0 in
    /// `OPEN_REQ`.
    peripheral_id: u32 = NULL_PERIPHERAL_ID, "PeripheralID";
    /// Bits of the services the client wants (`CtiService`); unused bits must be 0.
    services_requested: CtiService, "ServicesRequested";
    /// Bits of the call events the session or monitor wants; unused bits must be 0.
    call_msg_mask: CallEventMask, "CallMsgMask";
    /// Bits of the agent states whose changes the session or monitor wants; unused bits must be 0.
    agent_state_mask: AgentStateMask, "AgentStateMask";
    /// Bits of the configuration updates the client wants to receive; unused bits must be 0.
    config_msg_mask: ConfigMask, "ConfigMsgMask";
    /// Reserved, must be 0.
    reserved1: u32, "Reserved1";
    /// Reserved, must be 0.
    reserved2: u32, "Reserved2";
    /// Reserved, must be 0.
    reserved3: u32, "Reserved3";
    /// Bits of the services the server granted; may be fewer than were asked for.
    services_granted: CtiService, "ServicesGranted";
    /// Monitor that caused the event, or the one made or meant by the request; 0 if there is none.
    monitor_id: u32, "MonitorID";
    /// State of the Peripheral Gateway; 0 is normal. Unified CCX: 0 in `OPEN_CONF`, in service is 0x400 in
    /// `SYSTEM_EVENT`.
    pg_status: PgStatus, "PGStatus";
    /// Date and time at the central controller, in seconds since 1970-01-01 UTC.
    icm_central_controller_time: Time, "ICMCentralControllerTime";
    /// True if the agent's peripheral is online; without Client Events, only if all of the gateway's are.
    peripheral_online: bool, "PeripheralOnline";
    /// Kind of peripheral (`PeripheralType`). Unified CCX: 21, or 0 in `OPEN_CONF`.
    peripheral_type: PeripheralType, "PeripheralType";
    /// Overall state of the agent (`AgentState`), or the state asked for.
    agent_state: AgentState, "AgentState";
    /// Department of the agent or of the team.
    department_id: i32, "DepartmentID";
    /// Kind of server reached: 0 unknown, 1 active, 2 standby.
    session_type: SessionType, "SessionType";
    /// True if the client agrees to the switch to the other side.
    maintenance_mode_accepted: bool, "MaintenanceModeAccepted";
    /// True if maintenance mode goes on, false if it was cancelled.
    maintenance_mode_status: bool, "MaintenanceModeStatus";
    /// Number of CTI clients listed for the call, at most 16; counts the signature and timestamp fields.
    num_cti_clients: u16, "NumCTIClients";
    /// Number of `NamedVariable` fields in the floating part; must match.
    num_named_variables: u16, "NumNamedVariables";
    /// Number of `NamedArray` fields in the floating part; must match.
    num_named_arrays: u16, "NumNamedArrays";
    /// Class of the call (`CallType`); 0xffff (`NULL_CALLTYPE`) if not given.
    call_type: CallType, "CallType";
    /// Tells what kind of ID `ConnectionDeviceID` holds; `CONNECTION_ID_NONE` if there is no connection.
    connection_device_id_type: ConnectionDeviceIdType, "ConnectionDeviceIDType";
    /// Call ID, not unique on its own; 0xffffffff (`NULL_CALL_ID`) if no call is named, 0 for a device monitor.
    connection_call_id: u32 = NULL_CALL_ID, "ConnectionCallID";
    /// What became of the called party (`DispositionCode`).
    called_party_disposition: DispositionCode, "CalledPartyDisposition";
    /// What the greeting did: 0 started, 1 ended well, 2 could not be played.
    event_code: AgentGreetingEventCode, "EventCode";
    /// Error code of the peripheral that caused the failure; 0 if there was none.
    peripheral_error_code: u32, "PeripheralErrorCode";
    /// Tells what kind of ID `NewConnectionDeviceID` holds.
    new_connection_device_id_type: ConnectionDeviceIdType, "NewConnectionDeviceIDType";
    /// Call ID of the call that results, or the new ID of a call whose ID changes.
    new_connection_call_id: u32 = NULL_CALL_ID, "NewConnectionCallID";
    /// Outbound campaign shown in the real-time data of the agent; 0 if not used.
    campaign_id: u32, "CampaignID";
    /// Query rule of the campaign shown in the real-time data of the agent; 0 if not used.
    query_rule_id: u32, "QueryRuleID";
    /// Line of the phone that the call uses; 0xffff if not known.
    line_handle: u16 = u16::MAX, "LineHandle";
    /// Kind of line meant by `LineHandle` (`LineType`); 0xffff if there is none.
    line_type: LineType = LineType(u16::MAX), "LineType";
    /// Service of the call, by its number at the peripheral; 0xffffffff (`NULL_SERVICE`) if none, 0 if unchanged.
    service_number: u32 = NULL_SERVICE, "ServiceNumber";
    /// Service of the call, by its ID in Unified CCE; 0xffffffff (`NULL_SERVICE`) if none.
    service_id: u32 = NULL_SERVICE, "ServiceID";
    /// Skill group, by its number at the peripheral; 0xffffffff (`NULL_SKILL_GROUP`) if none or default.
    skill_group_number: u32 = NULL_SKILL_GROUP, "SkillGroupNumber";
    /// Skill group, by its ID in Unified CCE; 0xffffffff (`NULL_SKILL_GROUP`) if none.
    skill_group_id: u32 = NULL_SKILL_GROUP, "SkillGroupID";
    /// Priority of the skill group; 0 if none.
    skill_group_priority: u16, "SkillGroupPriority";
    /// Tells what kind of ID `AlertingDeviceID` holds.
    alerting_device_type: DeviceIdType, "AlertingDeviceType";
    /// Tells what kind of ID `CallingDeviceID` holds.
    calling_device_type: DeviceIdType, "CallingDeviceType";
    /// Tells what kind of ID `CalledDeviceID` holds.
    called_device_type: DeviceIdType, "CalledDeviceType";
    /// Tells what kind of ID `LastRedirectDeviceID` holds.
    last_redirect_device_type: DeviceIdType, "LastRedirectDeviceType";
    /// State of this end of the connection after the event.
    local_connection_state: LocalConnectionState, "LocalConnectionState";
    /// Why the event happened (`EventCause`).
    event_cause: EventCause, "EventCause";
    /// Tells what kind of ID `AnsweringDeviceID` holds.
    answering_device_type: DeviceIdType, "AnsweringDeviceType";
    /// Tells what kind of ID `HoldingDeviceID` holds.
    holding_device_type: DeviceIdType, "HoldingDeviceType";
    /// Tells what kind of ID `RetrievingDeviceID` holds.
    retrieving_device_type: DeviceIdType, "RetrievingDeviceType";
    /// Tells what kind of ID `ReleasingDeviceID` holds.
    releasing_device_type: DeviceIdType, "ReleasingDeviceType";
    /// Tells what kind of ID `FailingDeviceID` holds.
    failing_device_type: DeviceIdType, "FailingDeviceType";
    /// Tells what kind of ID `PrimaryDeviceID` holds.
    primary_device_id_type: ConnectionDeviceIdType, "PrimaryDeviceIDType";
    /// Call ID of the primary call, the first of the two joined.
    primary_call_id: u32 = NULL_CALL_ID, "PrimaryCallID";
    /// Number of connections left in the call, at most 16; counts the `ConnectedParty` groups.
    num_parties: u16, "NumParties";
    /// Tells what kind of ID `SecondaryDeviceID` holds.
    secondary_device_id_type: ConnectionDeviceIdType, "SecondaryDeviceIDType";
    /// Call ID of the secondary call.
    secondary_call_id: u32 = NULL_CALL_ID, "SecondaryCallID";
    /// Tells what kind of ID `ControllerDeviceID` holds.
    controller_device_type: DeviceIdType, "ControllerDeviceType";
    /// Tells what kind of ID `AddedPartyDeviceID` holds.
    added_party_device_type: DeviceIdType, "AddedPartyDeviceType";
    /// Tells what kind of ID `TransferringDeviceID` holds.
    transferring_device_type: DeviceIdType, "TransferringDeviceType";
    /// Tells what kind of ID `TransferredDeviceID` holds.
    transferred_device_type: DeviceIdType, "TransferredDeviceType";
    /// Tells what kind of ID `DivertingDeviceID` holds.
    diverting_device_type: DeviceIdType, "DivertingDeviceType";
    /// Number of a session of the server: of a client, or of a recording server; 0 if none or any.
    session_id: u32, "SessionID";
    /// State of the agent in the skill group of the fixed part (`AgentState`).
    skill_group_state: AgentState, "SkillGroupState";
    /// Seconds spent in the state so far, usually 0.
    state_duration: u32, "StateDuration";
    /// Reason for the state change, a code of the peripheral; used for not ready and logout.
    event_reason_code: u16, "EventReasonCode";
    /// Media routing domain, by its ID. Unified CCX: always 1.
    mrdid: i32, "MRDID";
    /// Tasks the agent has now: active, offered, paused and in wrap-up.
    num_tasks: u32, "NumTasks";
    /// Who assigns tasks: 1 routable, so Unified CCE does, 0 not routable.
    agent_mode: AgentMode, "AgentMode";
    /// Most tasks the agent may work on at once.
    max_task_limit: u32, "MaxTaskLimit";
    /// Agent, by the skill target ID in Unified CCE.
    icm_agent_id: i32, "ICMAgentID";
    /// Availability in the domain: 0 not available, 1 available to Unified CCE, 2 available to the application.
    agent_availability_status: AgentAvailabilityStatus, "AgentAvailabilityStatus";
    /// Number of skill groups in the floating part, at most 99; 0 if only the one of the fixed part counts.
    num_flt_skill_groups: u16, "NumFltSkillGroups";
    /// Tells what kind of ID `TrunkUsedDeviceID` holds.
    trunk_used_device_type: DeviceIdType, "TrunkUsedDeviceType";
    /// Tells what kind of ID `QueueDeviceID` holds.
    queue_device_type: DeviceIdType, "QueueDeviceType";
    /// Number of calls now in the queue of the service. Unified CCX: 0 when a call is queued.
    num_queued: u16, "NumQueued";
    /// Number of skill group entries in the floating part: at most 20, or 10 in `SET_AGENT_STATE_REQ`.
    num_skill_groups: u16, "NumSkillGroups";
    /// Call type of the call, by its ID in Unified CCE; 0 if unchanged.
    call_type_id: u32, "CallTypeID";
    /// Agent the call or task goes to, by the skill target ID in Unified CCE.
    agent_skill_target_id: u32, "AgentSkillTargetID";
    /// Port number: of the media stream in recording requests, otherwise of the client.
    client_port: u32, "ClientPort";
    /// Direction of the media stream: 0 input, 1 output, 2 both.
    direction: RtpDirection, "Direction";
    /// Kind of media: 0 audio, 1 video, 2 data.
    rtp_type: RtpType, "RTPType";
    /// Bit rate of the media, meant for G.723 only.
    bit_rate: u32, "BitRate";
    /// Echo cancellation on or off.
    echo_cancellation: u16, "EchoCancellation";
    /// Packet length in milliseconds.
    packet_size: u32, "PacketSize";
    /// Codec of the audio.
    payload_type: u16, "PayloadType";
    /// Tells what kind of ID `RecordingDeviceID` holds.
    recording_device_type: DeviceIdType, "RecordingDeviceType";
    /// Why the recording failed, a code handed through from Unified CM.
    record_failure_cause: u16, "RecordFailureCause";
    /// How the recording was started: 0 none, 1 automatic, 2 to 4 on demand.
    recording_type: RecordingType, "RecordingType";
    /// What copies the media to the recorder: 0 nothing, 1 phone, 2 gateway.
    media_forking_device_type: MediaForkingDeviceType, "MediaForkingDeviceType";
    /// Tells what kind of ID `MonitoredDeviceID` holds; `DEVID_NONE` when a call is to be monitored.
    monitored_device_type: DeviceIdType, "MonitoredDeviceType";
    /// Call ID of the agent's call; 0xffffffff (`NULL_CALL_ID`) for the call that is active now.
    agent_connection_call_id: u32 = NULL_CALL_ID, "AgentConnectionCallID";
    /// Call ID of the supervisor's call; must be 0xffffffff (`NULL_CALL_ID`) if there is none.
    supervisor_connection_call_id: u32 = NULL_CALL_ID, "SupervisorConnectionCallID";
    /// Tells what kind of ID `AgentConnectionDeviceID` holds.
    agent_connection_device_id_type: ConnectionDeviceIdType, "AgentConnectionDeviceIDType";
    /// Tells what kind of ID `SupervisorConnectionDeviceID` holds.
    supervisor_connection_device_id_type: ConnectionDeviceIdType, "SupervisorConnectionDeviceIDType";
    /// What the supervisor wants: clear, monitor, whisper, barge in or intercept.
    supervisory_action: SupervisoryAction, "SupervisoryAction";
    /// Agent team, by its ID.
    team_id: u32, "TeamID";
    /// Number of team members in the floating part, at most 64.
    number_of_agents: u16, "NumberOfAgents";
    /// Change of the team: 0 back to the permanent list, 1 agent added, 2 agent removed.
    config_operation: ConfigOperation, "ConfigOperation";
    /// Supervisor who asks, by the skill target ID.
    supervisor_id: u32, "SupervisorID";
    /// Number of `TeamID` fields in the floating part, at most 64.
    number_of_agent_teams: u16, "NumberOfAgentTeams";
    /// Number of this part of the answer.
    segment_number: u16, "SegmentNumber";
    /// Whether more confirmations follow: 1 yes, 0 this is the last.
    more: MoreFlag, "More";
    /// What happened (`SystemEventID`).
    system_event_id: SystemEventId, "SystemEventID";
    /// First argument of the system event; unused by some events.
    system_event_arg1: u32, "SystemEventArg1";
    /// Second argument of the system event; unused by some events.
    system_event_arg2: u32, "SystemEventArg2";
    /// Third argument of the system event; unused by some events.
    system_event_arg3: u32, "SystemEventArg3";
    /// Tells what kind of ID `EventDeviceID` holds; `DEVID_NONE` if that field is absent.
    event_device_type: DeviceIdType, "EventDeviceType";
    /// How serious it is, and the new state of the object: 0 normal, 1 warning, 2 error.
    state: ClientEventState, "State";
    /// Who gets the message: one client, the supervisor, the team or all clients.
    distribution: Distribution, "Distribution";
    /// The counters since the agent logged on.
    session: AgentStatistics, "Session";
    /// The counters since midnight.
    today: AgentStatistics, "Today";
    /// How many agents of the group are in which state now.
    agents: SkillGroupAgents, "";
    /// Calls that the router has queued for the group now; 0xffffffff if unknown.
    router_calls_q_now: u32, "RouterCallsQNow";
    /// Seconds that the longest of them has waited; 0xffffffff if unknown.
    longest_router_call_q_now: u32, "LongestRouterCallQNow";
    /// The queue now.
    queue_now: QueueStatistics, "Now";
    /// The counters of the last five minutes.
    to5: SkillGroupStatistics, "To5";
    /// The queue in the last five minutes.
    queue5: QueueStatistics, "5";
    /// The counters of the current half hour.
    to_half: SkillGroupStatistics, "ToHalf";
    /// The queue in the current half hour.
    queue_half: QueueStatistics, "Half";
    /// The counters since midnight.
    skill_group_today: SkillGroupStatistics, "Today";
    /// The queue since midnight.
    queue_today: QueueStatistics, "Today";
    /// Bits of the call variables 1 to 10 the client wants.
    call_variable_mask: CallVariableMask, "CallVariableMask";
    /// Value of the recording server that names this recording; the stop request must repeat it.
    server_data: u32, "ServerData";
    /// Bits of the yes/no desk settings (`DeskSettingsMask`).
    desk_settings_mask: DeskSettingsMask, "DeskSettingsMask";
    /// Wrap-up data after inbound calls: 0 required, 1 optional, 2 not allowed, 3 required with data.
    wrapup_data_incoming_mode: WrapupDataMode, "WrapupDataIncomingMode";
    /// Wrap-up data after outbound calls: 0 required, 1 optional, 2 not allowed.
    wrapup_data_outgoing_mode: WrapupDataMode, "WrapupDataOutgoingMode";
    /// Idle time at the desktop, in seconds, before the agent is logged out.
    logout_non_activity_time: u32, "LogoutNonActivityTime";
    /// How often calls of the agent are recorded.
    quality_recording_rate: u32, "QualityRecordingRate";
    /// Seconds of ringing before an unanswered call is sent elsewhere.
    ring_no_answer_time: u32, "RingNoAnswerTime";
    /// Non-zero if the agent's desktop shows a warning when silent monitoring starts.
    silent_monitor_warning_message: u32, "SilentMonitorWarningMessage";
    /// Non-zero if a click is heard when silent monitoring starts.
    silent_monitor_audible_indication: u32, "SilentMonitorAudibleIndication";
    /// How supervisor assistance is called: non-zero blind conference, 0 consultation.
    supervisor_assist_call_method: u32, "SupervisorAssistCallMethod";
    /// How an emergency call is made: non-zero blind conference, 0 consultation.
    emergency_call_method: u32, "EmergencyCallMethod";
    /// Non-zero if an emergency request starts a recording by itself.
    auto_record_on_emergency: u32, "AutoRecordOnEmergency";
    /// Non-zero if recording requests go through Unified CM.
    recording_mode: u32, "RecordingMode";
    /// Time after which wrap-up ends by itself.
    work_mode_timer: u32, "WorkModeTimer";
    /// Dialed number, by its ID, that gets calls the agent does not answer.
    ring_no_answer_dn: u32, "RingNoAnswerDN";
    /// First part of the call key of Unified CCE: the day.
    router_call_key_day: u32, "RouterCallKeyDay";
    /// Second part of the call key of Unified CCE: the call of the day.
    router_call_key_call_id: u32, "RouterCallKeyCallID";
    /// Third part of the call key of Unified CCE; with the others it makes the task ID.
    router_call_key_sequence_number: u32, "RouterCallKeySequenceNumber";
    /// Why the request failed (`ControlFailureCode`).
    failure_code: ControlFailureCode, "FailureCode";
    /// Work mode asked for (`AgentWorkMode`); for a remote agent how the phone is reached.
    agent_work_mode: AgentWorkMode, "AgentWorkMode";
    /// How to log in or out: 0 normally, 1 by force, 2 only check the password, with no state change.
    forced_flag: ForcedFlag, "ForcedFlag";
    /// Bits of the services the agent wants; 1 is outbound calling.
    agent_service_req: AgentServiceReq, "AgentServiceReq";
    /// Call ID of the call that is active now.
    active_connection_call_id: u32 = NULL_CALL_ID, "ActiveConnectionCallID";
    /// Call ID of the other call, the held or alerting one.
    other_connection_call_id: u32 = NULL_CALL_ID, "OtherConnectionCallID";
    /// Tells what kind of ID `ActiveConnectionDeviceID` holds.
    active_connection_device_id_type: ConnectionDeviceIdType, "ActiveConnectionDeviceIDType";
    /// Tells what kind of ID `OtherConnectionDeviceID` holds.
    other_connection_device_id_type: ConnectionDeviceIdType, "OtherConnectionDeviceIDType";
    /// Call ID of the held call; 0xffffffff (`NULL_CALL_ID`) in a single-step transfer.
    held_connection_call_id: u32 = NULL_CALL_ID, "HeldConnectionCallID";
    /// Tells what kind of ID `HeldConnectionDeviceID` holds; `CONNECTION_ID_NONE` if there is no held call.
    held_connection_device_id_type: ConnectionDeviceIdType, "HeldConnectionDeviceIDType";
    /// Way to place the call (`CallPlacementType`).
    call_placement_type: CallPlacementType, "CallPlacementType";
    /// Further ways to treat the call (`CallMannerType`).
    call_manner_type: CallMannerType, "CallMannerType";
    /// About how many rings the destination may alert; 0 for the default of the peripheral, mostly 10.
    alert_rings: u16, "AlertRings";
    /// Option of the peripheral for the call (`CallOption`).
    call_option: CallOption, "CallOption";
    /// Kind of facility to use (`FacilityType`).
    facility_type: FacilityType, "FacilityType";
    /// What to do if an answering machine answers (`AnsweringMachine`).
    answering_machine: AnsweringMachine, "AnsweringMachine";
    /// True to treat the call with priority.
    priority: bool, "Priority";
    /// True to let Unified CCE choose the destination from `DialedNumber`; not supported with Unified CM.
    post_route: bool, "PostRoute";
    /// Purpose of the consultation: 0 unspecified, 1 transfer, 2 conference.
    consult_type: ConsultType, "ConsultType";
    /// True to keep the facility for the held call; for ISDN phones.
    reservation: bool, "Reservation";
    /// State of the called end at which the call is joined to the originating device.
    allocation_state: AllocationState, "AllocationState";
    /// Country of the destination (`DestinationCountry`).
    destination_country: DestinationCountry, "DestinationCountry";
    /// How answering machine detection works (`AnswerDetectMode`).
    answer_detect_mode: AnswerDetectMode, "AnswerDetectMode";
    /// Seconds allowed for answering machine detection; 0 for the default of the peripheral.
    answer_detect_time: u16, "AnswerDetectTime";
    /// Control value of the peripheral for answering machine detection; 0 if not used.
    answer_detect_control1: u32, "AnswerDetectControl1";
    /// Second control value of the peripheral for answering machine detection; 0 if not used.
    answer_detect_control2: u32, "AnswerDetectControl2";
    /// Reserved, send 0.
    reserved: u16, "Reserved";
    /// Type of the device (`TypeOfDevice`).
    type_of_device: TypeOfDevice, "TypeOfDevice";
    /// Bits of the classes of the device: voice, data, image, other.
    class_of_device: ClassOfDevice, "ClassOfDevice";
    /// Number of lines in the floating part, at most 10.
    num_lines: u16, "NumLines";
    /// Limit of active calls at the device; 0xffff if unknown.
    max_active_calls: u16 = u16::MAX, "MaxActiveCalls";
    /// Limit of held calls at the device; 0xffff if unknown.
    max_held_calls: u16 = u16::MAX, "MaxHeldCalls";
    /// Most devices in a conference at the device; 0xffff if unknown.
    max_devices_in_conference: u16 = u16::MAX, "MaxDevicesInConference";
    /// Bits of the agent states in which a call can be made.
    make_call_setup: AgentStateMask, "MakeCallSetup";
    /// Bits of the ways a transfer or conference can be prepared at the device.
    transfer_conference_setup: TransferConferenceSetupMask, "TransferConferenceSetup";
    /// Bits of the call events that calls at the device can cause.
    call_events_supported: CallEventMask, "CallEventsSupported";
    /// Bits of the call control requests the device supports.
    call_control_supported: CallControlMask, "CallControlSupported";
    /// Bits of further features: post-routing, unique call IDs of consultations.
    other_features_supported: OtherFeatureMask, "OtherFeaturesSupported";
    /// Number of devices of the call in the floating part, at most 16.
    num_call_devices: u16, "NumCallDevices";
    /// Tells what `AgentInstrument` holds, for a device that is not an agent's.
    snapshot_device_type: DeviceIdType, "SnapshotDeviceType";
    /// Number of calls of the device in the floating part, at most 16.
    num_calls: u16, "NumCalls";
    /// Length of a tone in milliseconds; 0 for the default. The peripheral may ignore it.
    tone_duration: u16, "ToneDuration";
    /// Gap between tones in milliseconds; 0 for the default. The peripheral may ignore it.
    pause_duration: u32, "PauseDuration";
    /// What to do: 0 stop the greeting being played, 1 disable, 2 enable greetings for this login.
    agent_action: AgentGreetingAction, "AgentAction";
    /// How servers share the service: 0 exclusive, 1 round robin, 2 all of them. The same for all servers.
    server_mode: ServerMode, "ServerMode";
    /// Number of the registered service, needed to unregister it.
    registered_service_id: u32, "RegisteredServiceID";
    /// Outcome of the request for the keys; 0 is success.
    config_key_status: ConfigKeyStatus, "ConfigKeyStatus";
    /// Bits of the configuration asked for or included; 0 asks for updates only.
    config_information: ConfigMask, "ConfigInformation";
    /// Why the block is sent: 1 it was asked for, 2 it is an update.
    config_type: ConfigType, "ConfigType";
    /// Number of records that follow, 1 to 10.
    num_records: u16, "NumRecords";
    /// How the block ended: 0 success, 5 if more blocks follow; others are errors or nothing to send.
    config_end_status: ConfigEndStatus, "ConfigEndStatus";
    /// What is wanted: 1 the present configuration and updates, 2 updates only.
    config_param: u16, "ConfigParam";
    /// Reserved, 0.
    reserved8: [u8; 8], "Reserved";
    /// What happened to the team: 1 added, 2 removed (then nothing else is given), 3 changed.
    operation: u16, "Operation";
    /// Outcome: 0 success, 1 internal error.
    team_config_status: u32, "Status";
    /// Media routing domain, by its ID. Unified CCX: always 1.
    mrd_id: i32, "MRDID";
}

floating_fields! {
    /// Text of the message, or text that explains the event or error.
    text: Text<'a>, 7, 255, "Text";
    /// ID by which CTI OS knows one of its own clients.
    ctios_cil_client_id: Text<'a>, 217, 64, "CTIOSCILClientID";
    /// Name of the client, as it named itself when it opened its session; also the recipient of a message.
    client_id: Text<'a>, 1, 64, "ClientID";
    /// Password of the client; must be present, may be empty if clients are not authenticated.
    client_password: Secret<Bytes<'a>>, 2, 64, "ClientPassword";
    /// Name of the client shown in the history of calls; the `ClientID` if not given.
    client_signature: Text<'a>, 3, 64, "ClientSignature";
    /// Extension of the agent's phone.
    agent_extension: Text<'a>, 4, 16, "AgentExtension";
    /// Login ID of the agent at the peripheral. Unified CCX: up to 128 bytes, under a tag of its own.
    agent_id: Text<'a>, 5, 12, "AgentID";
    /// Instrument number of the phone or device. Remote agent login: instrument, `;`, agent's phone number.
    agent_instrument: Text<'a>, 6, 64, "AgentInstrument";
    /// Application path of the client, by its ID; the path the variables belong to.
    application_path_id: i32, 97, 4, "ApplicationPathID";
    /// Login ID of the agent where it does not fit `AgentID`, up to 128 bytes.
    agent_id_long: Text<'a>, 194, 129, "AgentIDLong";
    /// Number of `FltPeripheralID` and `MultilineAgentControl` pairs. Unified CCX: always 1.
    num_peripherals: u16, 228, 2, "NumPeripherals";
    /// Reserved in Unified CCX, to be ignored.
    agent_id12: Text<'a>, 5, 12, "AgentID12";
    /// Bits of the configuration updates granted (Unified CCX from its version 18).
    config_msg_mask_granted: u16, 248, 2, "ConfigMsgMaskGranted";
    /// Device part of the connection; an opaque value, kept and sent back unchanged.
    connection_device_id: Text<'a>, 25, 64, "ConnectionDeviceID";
    /// Number of the caller.
    ani: Text<'a>, 8, 40, "ANI";
    /// User-to-user information of ISDN, raw bytes.
    user_to_user_info: Bytes<'a>, 9, 131, "UserToUserInfo";
    /// Number by which the call came in (DNIS).
    dnis: Text<'a>, 10, 32, "DNIS";
    /// Number that was dialed, or is to be dialed.
    dialed_number: Text<'a>, 11, 40, "DialedNumber";
    /// Digits the caller entered when asked by the IVR.
    caller_entered_digits: Text<'a>, 12, 40, "CallerEnteredDigits";
    /// First part of the call key of Unified CCE, the day; only on calls routed after arrival or by translation
    /// route.
    router_call_key_day: u32, 72, 4, "RouterCallKeyDay";
    /// Second part of the call key of Unified CCE; the count starts anew at midnight.
    router_call_key_call_id: u32, 73, 4, "RouterCallKeyCallID";
    /// Third part of the call key of Unified CCE; with the others it makes the task ID.
    router_call_key_sequence_number: u32, 110, 4, "RouterCallKeySequenceNumber";
    /// Wrap-up data of the call, up to 39 characters.
    call_wrapup_data: Text<'a>, 46, 40, "CallWrapupData";
    /// Unique ID of the call, where Unified CM gives one; raw bytes.
    call_reference_id: Bytes<'a>, 223, 32, "CallReferenceID";
    /// Device part of the new connection; an opaque value.
    new_connection_device_id: Text<'a>, 47, 64, "NewConnectionDeviceID";
    /// Phone number of the customer, shown in the real-time data of the agent.
    customer_phone_number: Text<'a>, 95, 20, "CustomerPhoneNumber";
    /// Account number of the customer, shown in the real-time data of the agent.
    customer_account_number: Text<'a>, 96, 32, "CustomerAccountNumber";
    /// Device that is alerting.
    alerting_device_id: Text<'a>, 26, 64, "AlertingDeviceID";
    /// Device that calls.
    calling_device_id: Text<'a>, 27, 64, "CallingDeviceID";
    /// Device that was called first, or the one the call goes to now (diverted, deflected).
    called_device_id: Text<'a>, 28, 64, "CalledDeviceID";
    /// Device that alerted before, or sent the call on.
    last_redirect_device_id: Text<'a>, 29, 64, "LastRedirectDeviceID";
    /// Number of the trunk.
    trunk_number: u32, 121, 4, "TrunkNumber";
    /// Number of the trunk group.
    trunk_group_number: u32, 122, 4, "TrunkGroupNumber";
    /// Call ID of the consultation between CTI port and agent; Unified CCX only.
    secondary_connection_call_id: u32, 202, 4, "SecondaryConnectionCallID";
    /// ANI II digits, the kind of the calling line; not filled in at present.
    ani_ii: Text<'a>, 215, 2, "ANI_II";
    /// Device that answered.
    answering_device_id: Text<'a>, 30, 64, "AnsweringDeviceID";
    /// Device that put the call on hold.
    holding_device_id: Text<'a>, 31, 64, "HoldingDeviceID";
    /// Device that took the call off hold.
    retrieving_device_id: Text<'a>, 32, 64, "RetrievingDeviceID";
    /// Device that left the call; does not tell for sure who hung up first.
    releasing_device_id: Text<'a>, 33, 64, "ReleasingDeviceID";
    /// Device at which the call failed.
    failing_device_id: Text<'a>, 34, 64, "FailingDeviceID";
    /// Device part of the connection of the primary call.
    primary_device_id: Text<'a>, 35, 64, "PrimaryDeviceID";
    /// Device part of the connection of the secondary call.
    secondary_device_id: Text<'a>, 36, 64, "SecondaryDeviceID";
    /// Device that controls the conference.
    controller_device_id: Text<'a>, 37, 64, "ControllerDeviceID";
    /// Device added to the call.
    added_party_device_id: Text<'a>, 38, 64, "AddedPartyDeviceID";
    /// Device that transferred the call.
    transferring_device_id: Text<'a>, 42, 64, "TransferringDeviceID";
    /// Device the call was transferred to.
    transferred_device_id: Text<'a>, 43, 64, "TransferredDeviceID";
    /// Device the call was taken away from.
    diverting_device_id: Text<'a>, 44, 64, "DivertingDeviceID";
    /// Call ID of the original call, if this call consults for it.
    coc_connection_call_id: u32, 229, 4, "COCConnectionCallID";
    /// Tells what kind of connection ID the original call has, if this call consults for it.
    coc_call_connection_device_id_type: ConnectionDeviceIdType, 230, 2, "COCCallConnectionDeviceIDType";
    /// Signature of a CTI client of the call or of the agent.
    cti_client_signature: Text<'a>, 3, 64, "CTIClientSignature";
    /// Name of the terminal device the agent has chosen.
    active_terminal: Text<'a>, 303, 64, "ActiveTerminal";
    /// Seconds the agent is expected to stay in the state.
    duration: u32, 150, 4, "Duration";
    /// State that will follow, if known (`AgentState`); 0xffff if not.
    next_agent_state: AgentState, 123, 2, "NextAgentState";
    /// Call the agent is on: 0 none, 1 in, 2 out, 3 other in, 4 other out, 5 reserve, 6 preview, 7 predictive.
    direction: CallDirection, 244, 4, "Direction";
    /// Most tasks the agent may work on once the task limit is reached.
    max_beyond_task_limit: u32, 266, 4, "MaxBeyondTaskLimit";
    /// Trunk chosen for the call.
    trunk_used_device_id: Text<'a>, 48, 64, "TrunkUsedDeviceID";
    /// Device that holds the queue.
    queue_device_id: Text<'a>, 45, 64, "QueueDeviceID";
    /// Call type, by its ID in Unified CCE.
    flt_call_type_id: u32, 210, 4, "FltCallTypeID";
    /// Invoke number of the pre-call the message belongs to.
    pre_call_invoke_id: u32, 221, 4, "PreCallInvokeID";
    /// Reference GUID of the call in the protocol, for gateway recording and agent services.
    protocol_reference_guid: Text<'a>, 294, 64, "ProtocolReferenceGUID";
    /// Number of agent services in `FltEnabledServices`; 0 if none is enabled.
    num_of_enabled_services: u16, 310, 2, "NumOfEnabledServices";
    /// Configuration ID made by the AI service.
    ccai_config_id: Text<'a>, 311, 40, "CcaiConfigId";
    /// IP address of the client, or of the recording server in a recording confirmation.
    client_address: Text<'a>, 81, 64, "ClientAddress";
    /// IP address the client sends the media stream to.
    sending_address: Text<'a>, 125, 64, "SendingAddress";
    /// UDP port the client sends the media stream to.
    sending_port: u32, 126, 4, "SendingPort";
    /// IPv6 address of the client; versions 14 to 18 only.
    client_address_ipv6: Text<'a>, 226, 64, "ClientAddressIPV6";
    /// IPv6 address the client sends the media stream to; versions 14 to 18 only.
    sending_address_ipv6: Text<'a>, 227, 64, "SendingAddressIPV6";
    /// Device being recorded.
    recording_device_id: Text<'a>, 300, 64, "RecordingDeviceID";
    /// Address of the recorder.
    recorder_address: Text<'a>, 291, 64, "RecorderAddress";
    /// Name of the terminal of the recording device.
    terminal_name: Text<'a>, 292, 64, "TerminalName";
    /// Name of the device that copies the media, for gateway recording.
    media_forking_device_name: Text<'a>, 293, 64, "MediaForkingDeviceName";
    /// Cluster of the device that copies the media, for gateway recording.
    media_forking_cluster_id: Text<'a>, 295, 64, "MediaForkingClusterID";
    /// URI of the first recorder, a mandatory one if there is any; from Unified CM 12.5(1).
    recorder_uri: Text<'a>, 296, 64, "RecorderURI";
    /// Error message of the recorder named by `RecorderURI`; from Unified CM 12.5(1).
    recorder_error_msg: Text<'a>, 297, 64, "RecorderErrorMsg";
    /// Kind of recorder: 0 unknown, 1 optional, 2 mandatory; from Unified CM 12.5(1).
    recorder_type: RecorderType, 298, 2, "RecorderType";
    /// Status of the recorder: 0 unknown, 1 success, 2 failure; from Unified CM 12.5(1).
    recorder_status: RecorderStatus, 299, 2, "RecorderStatus";
    /// Device to monitor.
    monitored_device_id: Text<'a>, 76, 64, "MonitoredDeviceID";
    /// Device part of the connection of the agent's call.
    agent_connection_device_id: Text<'a>, 90, 64, "AgentConnectionDeviceID";
    /// Device part of the connection of the supervisor's call.
    supervisor_connection_device_id: Text<'a>, 91, 64, "SupervisorConnectionDeviceID";
    /// Instrument number of the supervisor's phone; needed with All Events or Peripheral Monitor.
    supervisor_instrument: Text<'a>, 85, 64, "SupervisorInstrument";
    /// Name of the team.
    agent_team_name: Text<'a>, 243, 32, "AgentTeamName";
    /// Letter `D` marks a call as made by the dialer; for the dialer only.
    call_originated_from: u8, 232, 1, "CallOriginatedFrom";
    /// Device the event is about; used by Unified CCX for devices in and out of service.
    event_device_id: Text<'a>, 206, 64, "EventDeviceID";
    /// Alarm object the report is about; made if it does not exist, shared by clients using the same name.
    object_name: Text<'a>, 66, 128, "ObjectName";
    /// Port address to use for the agent's phone in place of the default.
    default_device_port_address: Text<'a>, 93, 32, "DefaultDevicePortAddress";
    /// Zip tone at auto answer: 1 on, 0 off.
    play_zip_tone: PlayZipTone, 307, 4, "PlayZipTone";
    /// Whether the agent may use shared lines: 1 yes, 0 no.
    acd_shared_line_usage: AcdSharedLineUsage, 306, 4, "ACDSharedLineUsage";
    /// Number of suggested answers the agent marked as good.
    num_positive_answers_suggestions: u16, 312, 2, "NumPositiveAnswersSuggestions";
    /// Number of suggested answers the agent marked as bad.
    num_negative_answers_suggestions: u16, 313, 2, "NumNegativeAnswersSuggestions";
    /// Internal state of the agent with the transitions; reserved for Cisco's own use.
    internal_agent_state: AgentInternalState, 255, 2, "InternalAgentState";
    /// Password of the agent; needed to log in or out unless single sign-on is used.
    agent_password: Secret<Text<'a>>, 49, 64, "AgentPassword";
    /// Position of the agent; some peripherals need it at login.
    position_id: Text<'a>, 68, 12, "PositionID";
    /// Supervisor of the agent; some peripherals need it at login.
    supervisor_id: Text<'a>, 69, 12, "SupervisorID";
    /// Single sign-on of the agent: 0 off, 1 on.
    sso_enabled: SsoEnabled, 257, 2, "SSOEnabled";
    /// Device part of the connection of the active call.
    active_connection_device_id: Text<'a>, 50, 64, "ActiveConnectionDeviceID";
    /// Device part of the connection of the other call.
    other_connection_device_id: Text<'a>, 52, 64, "OtherConnectionDeviceID";
    /// Controller device that asks for the clearing.
    requesting_device_id: Text<'a>, 219, 64, "RequestingDeviceID";
    /// Tells what kind of ID `RequestingDeviceID` holds; `DEVID_NONE` is allowed.
    requesting_device_id_type: DeviceIdType, 220, 2, "RequestingDeviceIDType";
    /// Device part of the connection of the held call; left out if there is none (single step).
    held_connection_device_id: Text<'a>, 53, 64, "HeldConnectionDeviceID";
    /// Code that gives access to the facility, such as a trunk access code.
    facility_code: Text<'a>, 51, 40, "FacilityCode";
    /// Code that permits the use of what the call needs.
    authorization_code: Text<'a>, 77, 40, "AuthorizationCode";
    /// Cost account or client number the peripheral charges the call to.
    account_code: Text<'a>, 78, 40, "AccountCode";
    /// Call control table; Aspect needs it unless the placement type is `CPT_OUTBOUND`.
    cct: Text<'a>, 84, 4, "CCT";
    /// ACD device that makes the call.
    originating_device_id: Text<'a>, 79, 64, "OriginatingDeviceID";
    /// Originating line ID to use for the call; not supported everywhere.
    originating_line_id: Text<'a>, 80, 40, "OriginatingLineID";
    /// Device part of the connection of the original call, if this call consults for it.
    coc_call_connection_device_id: Text<'a>, 231, 64, "COCCallConnectionDeviceID";
    /// Tones to send.
    dtmf_string: Text<'a>, 67, 32, "DTMFString";
    /// Who hears a recording tone: 0 local, 1 remote, 2 both, 3 nobody; nobody if absent.
    play_tone_direction: PlayToneDirection, 289, 2, "PlayToneDirection";
    /// Recording shown on the phone: 1 no (silent), 2 yes (user); silent if absent. Stop must match start.
    invocation_type: InvocationType, 290, 2, "InvocationType";
    /// Name of the service offered; call recording is `Cisco:CallRecording`.
    service_name: Text<'a>, 94, 64, "ServiceName";
    /// Customer; not used by Unified CCE.
    customer_id: u32, 131, 4, "CustomerID";
    /// Key of the services (8 bytes); a new key means new data, all zero means fetch it.
    service_config_key: ConfigKey, 177, 8, "ServiceConfigKey";
    /// Key of the skill groups (8 bytes); a new key means new data, all zero means fetch it.
    skill_group_config_key: ConfigKey, 178, 8, "SkillGroupConfigKey";
    /// Key of the agents (8 bytes); a new key means new data, all zero means fetch it.
    agent_config_key: ConfigKey, 179, 8, "AgentConfigKey";
    /// Key of the devices (8 bytes); a new key means new data, all zero means fetch it.
    device_config_key: ConfigKey, 180, 8, "DeviceConfigKey";
    /// Key of the call types (8 bytes); a new key means new data, all zero means fetch it.
    call_type_config_key: ConfigKey, 209, 8, "CallTypeConfigKey";
    /// Key of the peripherals (8 bytes); a new key means new data, all zero means fetch it.
    peripheral_config_key: ConfigKey, 269, 8, "PeripheralConfigKey";
    /// Key of the agent desk settings (8 bytes); a new key means new data, all zero means fetch it.
    agent_desk_settings_config_key: ConfigKey, 270, 8, "AgentDeskSettingsConfigKey";
    /// What to do with the record: 0 add, 1 change, 2 delete.
    record_type: RecordType, 183, 2, "RecordType";
    /// Peripheral of the list entry or of the record.
    flt_peripheral_id: u32, 208, 4, "FltPeripheralID";
    /// Number of the service, skill group or device at the peripheral.
    peripheral_number: u32, 184, 4, "PeripheralNumber";
    /// Number the record had before, if a change gives it a new one.
    old_peripheral_number: u32, 213, 4, "OldPeripheralNumber";
    /// Most calls that may be queued for the service or device.
    max_queued: u32, 129, 4, "MaxQueued";
    /// Extension of the service, skill group, agent or device, if it has one.
    extension: Text<'a>, 173, 16, "Extension";
    /// Skill target ID of the service.
    service_skill_target_id: u32, 132, 4, "ServiceSkillTargetID";
    /// Name of the service or skill group at the peripheral.
    peripheral_name: Text<'a>, 133, 64, "PeripheralName";
    /// Free text that describes the record.
    description: Text<'a>, 134, 128, "Description";
    /// Service level threshold in seconds.
    service_level_threshold: u32, 174, 4, "ServiceLevelThreshold";
    /// Type of the service level.
    service_level_type: u32, 175, 4, "ServiceLevelType";
    /// Configuration parameter.
    config_param: Text<'a>, 176, 255, "ConfigParam";
    /// Media routing domain, by its ID.
    flt_mr_domain_id: u32, 216, 4, "FltMRDomainID";
    /// Number of elements in `ServiceMember` and `ServicePriority`, at most 10.
    num_service_members: u16, 186, 2, "NumServiceMembers";
    /// Priority of the skill group of the entry or record; 0 if none, always so on Unified CCE.
    flt_skill_group_priority: u16, 64, 2, "FltSkillGroupPriority";
    /// Skill target ID of the skill group.
    skill_group_skill_target_id: u32, 192, 4, "SkillGroupSkillTargetID";
    /// True if agents go to wrap-up after a call of the group; false if absent.
    auto_work: bool, 185, 2, "AutoWork";
    /// Precision queue of the skill group, by its ID; 0 for an ordinary group.
    flt_precision_queue_id: u32, 264, 4, "FltPrecisionQueueID";
    /// Name of the precision queue; the text `NULL` for an ordinary group.
    flt_precision_queue_name: Text<'a>, 265, 32, "FltPrecisionQueueName";
    /// Whether the record is of an agent or of a supervisor.
    agent_type: AgentType, 189, 2, "AgentType";
    /// Desk settings, by their ID; 0xffffffff (-1) is the default.
    agent_desk_settings_id: u32, 267, 4, "AgentDeskSettingsID";
    /// Login ID of the agent at the peripheral; the key of the record.
    login_id: Text<'a>, 190, 64, "LoginID";
    /// Login ID the agent had before, if a change gives a new one.
    old_login_id: Text<'a>, 214, 64, "OldLoginID";
    /// Login name of the agent; at most 32 bytes below version 20.
    login_name: Text<'a>, 207, 255, "LoginName";
    /// Last name of the agent.
    last_name: Text<'a>, 138, 32, "LastName";
    /// First name of the agent.
    first_name: Text<'a>, 137, 32, "FirstName";
    /// Agent, by the skill target ID in Unified CCE.
    agent_skill_target_id: u32, 141, 4, "AgentSkillTargetID";
    /// Number of elements in `FltSkillGroupNumber` and `FltSkillGroupPriority`, at most 100.
    num_skills: u16, 191, 2, "NumSkills";
    /// Number of elements in `FltAgentMRDID` and `FltAgentMRDState`, at most 40.
    num_mrds: u16, 261, 2, "NumMRDs";
    /// State of the agent at the time of the upload (Unified CCX).
    ccx_agent_state: AgentState, 247, 2, "agentState";
    /// Media routing domain of the agent (Unified CCX).
    ccx_mrd_id: i32, 246, 4, "MRD_ID";
    /// Type of the terminal.
    terminal_type: u16, 302, 2, "TerminalType";
    /// Device name of the terminal.
    terminal_device_name: Text<'a>, 303, 64, "TerminalDeviceName";
    /// Name of the type of the terminal.
    terminal_type_name: Text<'a>, 304, 100, "TerminalTypeName";
    /// Number of `Instrument` fields, at most 10.
    num_instruments: u16, 305, 2, "NumInstruments";
    /// Bits of the yes/no desk settings (`DeskSettingsMask`).
    flt_desk_settings_mask: DeskSettingsMask, 273, 4, "FltDeskSettingsMask";
    /// Wrap-up data after inbound calls: 0 required, 1 optional, 2 not allowed, 3 required with data.
    flt_wrap_up_data_incoming_mode: WrapupDataMode, 274, 4, "FltWrapUpDataIncomingMode";
    /// Wrap-up data after outbound calls: 0 required, 1 optional, 2 not allowed.
    flt_wrap_up_data_outgoing_mode: WrapupDataMode, 275, 4, "FltWrapUpDataOutgoingMode";
    /// Idle time at the desktop, in seconds, before the agent is logged out.
    flt_logout_non_activity_time: u32, 276, 4, "FltLogoutNonActivityTime";
    /// How often calls of the agent are recorded.
    flt_quality_recording_rate: u32, 277, 4, "FltQualityRecordingRate";
    /// Seconds of ringing before an unanswered call is sent elsewhere.
    flt_ring_no_answer_time: u32, 278, 4, "FltRingNoAnswerTime";
    /// Non-zero if the agent's desktop shows a warning when silent monitoring starts.
    flt_silent_monitor_warning_message: u32, 279, 4, "FltSilentMonitorWarningMessage";
    /// Non-zero if a click is heard when silent monitoring starts.
    flt_silent_monitor_audible_indication: u32, 280, 4, "FltSilentMonitorAudibleIndication";
    /// How supervisor assistance is called: non-zero blind conference, 0 consultation.
    flt_supervisor_assist_call_method: u32, 281, 4, "FltSupervisorAssistCallMethod";
    /// How an emergency call is made: non-zero blind conference, 0 consultation.
    flt_emergency_call_method: u32, 282, 4, "FltEmergencyCallMethod";
    /// Non-zero if an emergency request starts a recording by itself.
    flt_auto_record_on_emergency: u32, 283, 4, "FltAutoRecordOnEmergency";
    /// Non-zero if recording requests go through Unified CM.
    flt_recording_mode: u32, 284, 4, "FltRecordingMode";
    /// Time after which wrap-up ends by itself.
    flt_work_mode_timer: u32, 285, 4, "FltWorkModeTimer";
    /// Dialed number, by its ID, that gets calls the agent does not answer.
    flt_ring_no_answer_dn_id: u32, 286, 4, "FltRingNoAnswerDnId";
    /// Port address to use for the agent's phone in place of the default.
    flt_default_device_port_address: Text<'a>, 287, 32, "FltDefaultDevicePortAddress";
    /// Peripheral of the record.
    config_peripheral_id: u32, 271, 4, "ConfigPeripheralID";
    /// Desk settings, by their ID, that agents of the peripheral have by default.
    default_agent_desk_settings_id: u32, 272, 4, "DefaultAgentDeskSettingsID";
    /// Kind of device: 1 service, 2 skill group, 3 agent ID, 4 extension, 5 route point, 6 CTI port, 7 call control
    /// group.
    device_type: ConfigDeviceType, 195, 2, "DeviceType";
    /// Service the device belongs to, if any.
    flt_service_id: u32, 193, 4, "FltServiceID";
    /// Customer; always 0 on Unified CCE.
    customer_definition_id: u32, 211, 4, "CustomerDefinitionID";
    /// Name of the call type.
    enterprise_name: Text<'a>, 212, 32, "EnterpriseName";
    /// Name of the media routing domain.
    flt_enterprise_name: Text<'a>, 212, 32, "FltEnterpriseName";
    /// Free text that describes the media routing domain.
    flt_description: Text<'a>, 134, 128, "FltDescription";
    /// Longest duration of a task in seconds.
    flt_max_task_duration: u32, 250, 4, "FltMaxTaskDuration";
    /// True if tasks of another domain may interrupt the agent.
    flt_interruptible: bool, 251, 2, "FltInterruptible";
    /// Name of the team.
    team_name: Text<'a>, 204, 50, "TeamName";
}
