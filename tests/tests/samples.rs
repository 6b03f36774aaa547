//! Messages worked out by hand from the tables of the guides: what their bytes mean, and that they are written so.

use std::fmt::Debug;

use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::wire::{NamedArray, NamedVariable, Time};
use cti_proto::{EncodeErrorKind, FieldFormat, Frame, Parsed, Protocol, encode, encoded_len};
use cti_tests::hex;

fn cce(version: u32) -> Protocol {
    Protocol::cce(version).unwrap()
}

fn ccx(version: u32) -> Protocol {
    Protocol::ccx(version).unwrap()
}

/// The bytes are one frame, which holds the message; and the message is written in just these bytes.
fn assert_is<'a, M: Body<'a> + Debug>(protocol: Protocol, bytes: &'a [u8], message: &M) {
    assert_means(protocol, bytes, message);
    let mut buffer = vec![0; bytes.len()];
    assert_eq!(encode(protocol, message, &mut buffer), Ok(bytes));
    assert_eq!(encoded_len(protocol, message), Ok(bytes.len()));
}

/// The bytes are one frame, which holds the message.
fn assert_means<'a, M: Body<'a> + Debug>(protocol: Protocol, bytes: &'a [u8], message: &M) {
    let Ok(Parsed::Frame(frame, [])) = Frame::parse(protocol, bytes) else {
        panic!("not one frame of {protocol}: {bytes:02x?}");
    };
    assert_eq!(frame.message_type(), M::TYPE);
    assert_eq!(frame.decode::<M>().as_ref(), Ok(message));
    assert!(frame.fields().all(|field| field.is_ok_and(|field| field.name.is_some())));
}

macro_rules! assert_sample {
    ($protocol:expr, $hex:expr, $message:expr) => {
        let bytes = hex($hex);
        assert_is($protocol, &bytes, &$message);
    };
}

// Session management.

#[test]
fn open_req_of_unified_cce() {
    assert_sample!(
        cce(9),
        "00000043 00000003 # MessageLength 44 + 5 + 4 + 7 + 7, OPEN_REQ
         00000001          # InvokeID
         00000009          # VersionNumber
         0000001e          # IdleTimeout
         00001388          # PeripheralID
         00000005          # ServicesRequested: client events, client control
         ffffffff          # CallMsgMask
         00003fff          # AgentStateMask
         0000000f          # ConfigMsgMask
         00000000          # Reserved1
         00000000          # Reserved2
         00000000          # Reserved3
         01 03 637400      # ClientID 'ct'
         02 02 7077        # ClientPassword 'pw', no NUL: it is UNSPEC
         04 05 3530303100  # AgentExtension '5001'
         05 05 3130303100  # AgentID '1001'",
        OpenReq {
            invoke_id: 1,
            version_number: 9,
            idle_timeout: 30,
            peripheral_id: 5000,
            services_requested: CtiService::CTI_SERVICE_CLIENT_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL,
            call_msg_mask: CallEventMask(u32::MAX),
            agent_state_mask: AgentStateMask(0x3fff),
            config_msg_mask: ConfigMask(15),
            client_id: Some("ct".into()),
            client_password: Some("pw".into()),
            agent_extension: Some("5001".into()),
            agent_id: Some("1001".into()),
            ..OpenReq::default()
        }
    );
}

#[test]
fn open_req_of_unified_ccx_has_the_agent_in_tag_194() {
    assert_sample!(
        ccx(10),
        "00000038 00000003 # MessageLength 44 + 3 + 2 + 7, OPEN_REQ
         00000001 0000000a 0000003c 00000000 # InvokeID, VersionNumber, IdleTimeout, PeripheralID (reserved)
         00000001 00000000 00000000 00000000 # ServicesRequested, CallMsgMask, AgentStateMask, ConfigMsgMask
         00000000 00000000 00000000          # reserved
         01 01 00          # ClientID ''
         02 00             # ClientPassword, nothing
         c2 05 61646d3100  # AgentID 'adm1'",
        OpenReq {
            invoke_id: 1,
            version_number: 10,
            idle_timeout: 60,
            peripheral_id: 0,
            services_requested: CtiService::CTI_SERVICE_CLIENT_EVENTS,
            client_id: Some("".into()),
            client_password: Some("".into()),
            agent_id: Some("adm1".into()),
            ..OpenReq::default()
        }
    );
}

fn open_conf() -> OpenConf<'static> {
    OpenConf {
        invoke_id: 1,
        services_granted: CtiService::CTI_SERVICE_ALL_EVENTS,
        monitor_id: 0,
        pg_status: PgStatus(0),
        icm_central_controller_time: Time(0x5746_cc1e),
        peripheral_online: true,
        peripheral_type: PeripheralType(17),
        agent_state: AgentState(3),
        ..OpenConf::default()
    }
}

#[test]
fn open_conf_has_peripherals_from_14_a_department_from_19_and_a_session_type_from_24() {
    // InvokeID, ServicesGranted, MonitorID, PGStatus, time, PeripheralOnline, PeripheralType, AgentState.
    let fixed = "00000001 00000010 00000000 00000000 5746cc1e 0001 0011 0003";
    assert_sample!(
        cce(13),
        &format!("00000021 00000004 {fixed} 04 05 3530303100 # AgentExtension '5001'"),
        OpenConf { agent_extension: Some("5001".into()), ..open_conf() }
    );
    let peripherals = [
        Peripheral { peripheral_id: 5000, multiline_agent_control: 0 },
        Peripheral { peripheral_id: 5001, multiline_agent_control: 1 },
    ];
    let narrow = "e4 02 0002                    # NumPeripherals
                  d0 04 00001388 e0 02 0000     # FltPeripheralID, MultilineAgentControl
                  d0 04 00001389 e0 02 0001";
    let conf = OpenConf { peripherals: (&peripherals).into(), ..open_conf() };
    assert_sample!(cce(14), &format!("00000032 00000004 {fixed} {narrow}"), conf);
    assert_sample!(cce(18), &format!("00000032 00000004 {fixed} {narrow}"), conf);
    assert_sample!(ccx(14), &format!("00000032 00000004 {fixed} {narrow}"), conf);
    // The DepartmentID is an INT.
    let conf = OpenConf { department_id: -1, ..conf };
    assert_sample!(cce(19), &format!("00000036 00000004 {fixed} ffffffff {narrow}"), conf);
    let wide = "00e4 0002 0002
                00d0 0004 00001388 00e0 0002 0000
                00d0 0004 00001389 00e0 0002 0001";
    assert_sample!(cce(23), &format!("00000040 00000004 {fixed} ffffffff {wide}"), conf);
    let conf = OpenConf { session_type: SessionType(2), ..conf };
    assert_sample!(cce(24), &format!("00000042 00000004 {fixed} ffffffff 0002 {wide}"), conf);
}

#[test]
fn failures_of_unified_ccx_have_a_text() {
    assert_sample!(
        ccx(10),
        "0000000e 00000002         # MessageLength 4 + 10, FAILURE_EVENT
         0000005c                  # Status 92, E_CTI_SERVER_NOT_MASTER
         07 08 7374616e64627900    # Text 'standby'",
        FailureEvent { status: FailureStatus(92), text: Some("standby".into()) }
    );
    assert_sample!(
        ccx(12),
        "00000010 00000023         # MessageLength 10 + 6, CONTROL_FAILURE_CONF
         00000009 000d 000157c1    # InvokeID, FailureCode 13, PeripheralErrorCode 88001
         07 04 43544100            # Text 'CTA'",
        ControlFailureConf {
            invoke_id: 9,
            failure_code: ControlFailureCode(13),
            peripheral_error_code: 88_001,
            text: Some("CTA".into()),
        }
    );
}

#[test]
fn unified_ccx_18_is_read_in_each_of_its_forms_and_written_with_lengths_of_two_bytes() {
    let event = FailureEvent { status: FailureStatus(92), text: Some("off".into()) };
    // Tag, length, 'off'.
    let wide = "0000000c 00000002 0000005c 0007 0004 6f666600";
    let wide_tag = "0000000b 00000002 0000005c 0007 04 6f666600";
    assert_sample!(ccx(18), wide, event);
    assert_sample!(ccx(18).with_format(FieldFormat::Wide), wide, event);
    assert_sample!(ccx(18).with_format(FieldFormat::WideTagNamedNarrow), wide, event);
    assert_sample!(ccx(18).with_format(FieldFormat::WideTag), wide_tag, event);
    assert_means(ccx(18), &hex(wide_tag), &event);
}

#[test]
fn a_standby_side_says_that_it_is_active_with_nothing_but_a_header() {
    assert_sample!(cce(24), "00000000 00000115", StandbyActiveEventMsg {});
    assert_sample!(cce(25), "00000000 00000119", StoppingRequestsToThisSideInd {});
    assert_sample!(
        cce(24),
        "00000006 00000117 00000007 0001",
        ActiveMaintenanceRespMsg { invoke_id: 7, maintenance_mode_accepted: true }
    );
}

// Client events.

fn call_delivered_event() -> CallDeliveredEvent<'static> {
    CallDeliveredEvent {
        monitor_id: 1,
        peripheral_id: 5000,
        peripheral_type: PeripheralType(17),
        connection_device_id_type: ConnectionDeviceIdType(0),
        connection_call_id: 101,
        skill_group_number: 7,
        skill_group_id: 5005,
        alerting_device_type: DeviceIdType(76),
        calling_device_type: DeviceIdType(1),
        local_connection_state: LocalConnectionState::LCS_ALERTING,
        event_cause: EventCause(22),
        connection_device_id: Some("abc".into()),
        ..CallDeliveredEvent::default()
    }
}

/// What all versions have.
const CALL_DELIVERED: &str = "
    00000001          # MonitorID
    00001388          # PeripheralID
    0011              # PeripheralType
    0000              # ConnectionDeviceIDType
    00000065          # ConnectionCallID
    ffff ffff         # LineHandle, LineType
    ffffffff ffffffff # ServiceNumber, ServiceID
    00000007 0000138d # SkillGroupNumber, SkillGroupID
    0000              # SkillGroupPriority
    004c 0001         # AlertingDeviceType, CallingDeviceType
    ffff ffff         # CalledDeviceType, LastRedirectDeviceType
    0002 0016         # LocalConnectionState, EventCause
";

#[test]
fn call_delivered_event_counts_named_variables_from_11() {
    assert_sample!(
        cce(9),
        &format!(
            "00000046 00000009 # MessageLength 50 + 6 + 7 + 7, CALL_DELIVERED_EVENT
             {CALL_DELIVERED}
             19 04 61626300    # ConnectionDeviceID 'abc'
             1b 05 3230363500  # CallingDeviceID '2065'
             0d 05 676f6c6400  # CallVariable1 'gold'"
        ),
        CallDeliveredEvent {
            calling_device_id: Some("2065".into()),
            call_variables: CallVariables::NONE.with(1, "gold".into()),
            ..call_delivered_event()
        }
    );
    assert_sample!(ccx(10), &format!("00000038 00000009 {CALL_DELIVERED} 19 04 61626300"), call_delivered_event());
    let named = "
        0001 0001                         # NumNamedVariables, NumNamedArrays
        19 04 61626300                    # ConnectionDeviceID 'abc'
        08 02 3100                        # ANI '1'
        52 09 757365722e7800 3100         # NamedVariable 'user.x' = '1'
        53 09 02 757365722e6100 00        # NamedArray 'user.a'[2] = ''
    ";
    let variables = [NamedVariable { name: "user.x".into(), value: "1".into() }];
    let elements = [NamedArray { index: 2, name: "user.a".into(), value: "".into() }];
    let event = CallDeliveredEvent {
        ani: Some("1".into()),
        named_variables: (&variables).into(),
        named_arrays: (&elements).into(),
        ..call_delivered_event()
    };
    // MessageLength 54 + 6 + 4 + 11 + 11.
    assert_sample!(cce(11), &format!("00000056 00000009 {CALL_DELIVERED} {named}"), event);
    assert_sample!(ccx(11), &format!("00000056 00000009 {CALL_DELIVERED} {named}"), event);
}

#[test]
fn agent_state_event_grows_with_10_19_and_23() {
    // Without NumFltSkillGroups: version 9.
    let fixed = "
        00000001          # MonitorID
        00001388          # PeripheralID
        00000000          # SessionID
        0011              # PeripheralType
        0000              # SkillGroupState
        00000000          # StateDuration
        ffffffff ffffffff # SkillGroupNumber, SkillGroupID
        0000              # SkillGroupPriority
        0002              # AgentState: not ready
        7fff              # EventReasonCode
        00000001          # MRDID
        00000000          # NumTasks
        0001              # AgentMode
        00000001          # MaxTaskLimit
        000003e9          # ICMAgentID
        00000000          # AgentAvailabilityStatus
    ";
    let event = AgentStateEvent {
        monitor_id: 1,
        peripheral_id: 5000,
        peripheral_type: PeripheralType(17),
        agent_state: AgentState::AGENT_STATE_NOT_READY,
        event_reason_code: 32_767,
        mrdid: 1,
        agent_mode: AgentMode(1),
        max_task_limit: 1,
        icm_agent_id: 1001,
        agent_id: Some("1001".into()),
        ..AgentStateEvent::default()
    };
    assert_sample!(cce(9), &format!("0000003f 0000001e {fixed} 05 05 3130303100"), event);

    let groups = [FltSkillGroup { number: 7, id: 5005, priority: 0, state: AgentState(3) }];
    let with_groups = AgentStateEvent {
        agent_extension: Some("5001".into()),
        duration: Some(60),
        flt_skill_groups: (&groups).into(),
        ..event
    };
    assert_sample!(
        cce(10),
        &format!(
            "00000062 0000001e # MessageLength 58 + 7 + 7 + 6 + 20
             {fixed}
             0001              # NumFltSkillGroups
             05 05 3130303100  # AgentID '1001'
             04 05 3530303100  # AgentExtension '5001'
             96 04 0000003c    # Duration
             3e 04 00000007    # FltSkillGroupNumber
             3f 04 0000138d    # FltSkillGroupID
             40 02 0000        # FltSkillGroupPriority
             41 02 0003        # FltSkillGroupState"
        ),
        with_groups
    );
    let with_direction = AgentStateEvent { direction: Some(CallDirection(2)), ..event };
    assert_sample!(cce(16), &format!("00000047 0000001e {fixed} 0000 05 05 3130303100 f4 04 00000002"), with_direction);
    assert_sample!(
        cce(19),
        &format!("0000004b 0000001e {fixed} 0000 0000000c 05 05 3130303100 f4 04 00000002"),
        AgentStateEvent { department_id: 12, ..with_direction }
    );
    assert_sample!(
        cce(23),
        &format!(
            "00000057 0000001e   # MessageLength 62 + 9 + 8 + 8
             {fixed}
             0000 0000000c       # NumFltSkillGroups, DepartmentID
             0005 0005 3130303100 # AgentID '1001'
             012f 0004 53455000  # ActiveTerminal 'SEP'
             010a 0004 00000002  # MaxBeyondTaskLimit"
        ),
        AgentStateEvent {
            department_id: 12,
            active_terminal: Some("SEP".into()),
            max_beyond_task_limit: Some(2),
            ..event
        }
    );
    assert_sample!(
        ccx(14),
        &format!(
            "00000051 0000001e # MessageLength 58 + 6 + 6 + 7 + 4
             {fixed}
             0000              # NumFltSkillGroups
             17 04 61707000    # CTIClientSignature 'app', in Unified CCX tag 23
             c2 04 616c6100    # AgentID 'ala', in Unified CCX tag 194
             04 05 3230303100  # AgentExtension '2001'
             7b 02 ffff        # NextAgentState"
        ),
        AgentStateEvent {
            cti_client_signature: Some("app".into()),
            agent_id: Some("ala".into()),
            agent_extension: Some("2001".into()),
            next_agent_state: Some(AgentState(0xffff)),
            ..event
        }
    );
}

#[test]
fn call_agent_greeting_event_exists_from_15() {
    assert_sample!(
        cce(15),
        "00000021 000000f8 # MessageLength 20 + 6 + 7, CALL_AGENT_GREETING_EVENT
         00000000 00001388 # MonitorID, PeripheralID
         0000 00000065     # ConnectionDeviceIDType, ConnectionCallID
         0002 0000000d     # EventCode, PeripheralErrorCode
         19 04 61626300    # ConnectionDeviceID 'abc'
         05 05 3130303100  # AgentID '1001'",
        CallAgentGreetingEvent {
            peripheral_id: 5000,
            connection_device_id_type: ConnectionDeviceIdType(0),
            connection_call_id: 101,
            event_code: AgentGreetingEventCode(2),
            peripheral_error_code: 13,
            connection_device_id: Some("abc".into()),
            agent_id: Some("1001".into()),
            ..CallAgentGreetingEvent::default()
        }
    );
}

#[test]
fn call_dequeued_event_has_the_queue_in_another_place_in_unified_ccx() {
    let event = CallDequeuedEvent {
        peripheral_id: 1,
        peripheral_type: PeripheralType(21),
        connection_device_id_type: ConnectionDeviceIdType(0),
        connection_call_id: 101,
        queue_device_type: DeviceIdType(77),
        service_number: 3,
        num_queued: 4,
        local_connection_state: LocalConnectionState(5),
        event_cause: EventCause(28),
        connection_device_id: Some("abc".into()),
        ..CallDequeuedEvent::default()
    };
    assert_sample!(
        ccx(14),
        "0000002d 00000056 # MessageLength 34 + 6 + 5, CALL_DEQUEUED_EVENT
         00000000 00000001 # MonitorID, PeripheralID
         0015 0000         # PeripheralType, ConnectionDeviceIDType
         00000065          # ConnectionCallID
         00000003 ffffffff # ServiceNumber, ServiceID
         004d              # QueueDeviceType
         0004 0000         # NumQueued, NumSkillGroups
         0005 001c         # LocalConnectionState, EventCause
         19 04 61626300    # ConnectionDeviceID 'abc'
         2d 03 513100      # QueueDeviceID 'Q1'",
        CallDequeuedEvent { queue_device_id: Some("Q1".into()), ..event }
    );
    let groups = [QueueSkillGroup { number: 7, id: 5005, priority: 1 }];
    assert_sample!(
        cce(14),
        "00000038 00000056 # MessageLength 34 + 6 + 16
         00000000 00000001
         0015 0000
         00000065
         004d              # QueueDeviceType
         00000003 ffffffff # ServiceNumber, ServiceID
         0004 0001         # NumQueued, NumSkillGroups
         0005 001c
         19 04 61626300
         3e 04 00000007 3f 04 0000138d 40 02 0001 # SkillGroupNumber, SkillGroupID, SkillGroupPriority",
        CallDequeuedEvent { skill_groups: (&groups).into(), ..event }
    );
}

#[test]
fn agent_pre_call_event_names_the_agent_from_20_and_services_from_24() {
    let fixed = "
        00000000          # MonitorID
        0000 0000         # NumNamedVariables, NumNamedArrays
        00000003 0000138b # ServiceNumber, ServiceID
        00000007 0000138d # SkillGroupNumber, SkillGroupID
        0000 00000001     # SkillGroupPriority, MRDID
    ";
    let event = AgentPreCallEvent {
        service_number: 3,
        service_id: 5003,
        skill_group_number: 7,
        skill_group_id: 5005,
        mrdid: 1,
        agent_instrument: Some("5001".into()),
        router_call_key_day: Some(150_316),
        router_call_key_call_id: Some(17),
        router_call_key_sequence_number: Some(0),
        ..AgentPreCallEvent::default()
    };
    assert_sample!(
        cce(19),
        &format!(
            "00000037 00000069 # MessageLength 30 + 7 + 18, AGENT_PRE_CALL_EVENT
             {fixed}
             06 05 3530303100  # AgentInstrument '5001'
             48 04 00024b2c    # RouterCallKeyDay
             49 04 00000011    # RouterCallKeyCallID
             6e 04 00000000    # RouterCallKeySequenceNumber"
        ),
        event
    );
    let wide = "0006 0005 3530303100 0048 0004 00024b2c 0049 0004 00000011 006e 0004 00000000";
    assert_sample!(
        cce(20),
        // MessageLength 34 + 9 + 24 + 9.
        &format!("0000004c 00000069 {fixed} 000003e9 {wide} 0005 0005 3130303100"),
        AgentPreCallEvent { agent_skill_target_id: 1001, agent_id: Some("1001".into()), ..event }
    );
    let services = [AgentService(1), AgentService(2)];
    assert_sample!(
        cce(24),
        &format!(
            "0000005e 00000069     # MessageLength 34 + 9 + 24 + 7 + 6 + 6 + 8
             {fixed} 000003e9 {wide}
             0126 0003 673100      # ProtocolReferenceGUID 'g1'
             0137 0002 6300        # CcaiConfigId 'c'
             0136 0002 0002        # NumOfEnabledServices
             0135 0004 0001 0002   # FltEnabledServices"
        ),
        AgentPreCallEvent {
            agent_skill_target_id: 1001,
            protocol_reference_guid: Some("g1".into()),
            ccai_config_id: Some("c".into()),
            enabled_services: (&services).into(),
            ..event
        }
    );
}

// All events.

#[test]
fn call_translation_route_event() {
    assert_sample!(
        cce(9),
        "0000001d 00000016 # MessageLength 4 + 7 + 18, CALL_TRANSLATION_ROUTE_EVENT
         0000 0000         # NumNamedVariables, NumNamedArrays
         0a 05 3830303000  # DNIS '8000'
         48 04 00024b2c    # RouterCallKeyDay
         49 04 00000011    # RouterCallKeyCallID
         6e 04 00000002    # RouterCallKeySequenceNumber",
        CallTranslationRouteEvent {
            dnis: Some("8000".into()),
            router_call_key_day: Some(150_316),
            router_call_key_call_id: Some(17),
            router_call_key_sequence_number: Some(2),
            ..CallTranslationRouteEvent::default()
        }
    );
}

// Peripheral monitor.

#[test]
fn monitor_start_req_for_a_device() {
    assert_sample!(
        cce(14),
        "0000001f 0000005d # MessageLength 24 + 7, MONITOR_START_REQ
         00000002 00001388 # InvokeID, PeripheralID
         00000000          # ConnectionCallID
         00000001          # CallMsgMask: CALL_DELIVERED_MASK
         00000004          # AgentStateMask: AGENT_NOT_READY_MASK
         ffff 0000         # ConnectionDeviceIDType, MonitoredDeviceType
         4c 05 3530303100  # MonitoredDeviceID '5001'",
        MonitorStartReq {
            invoke_id: 2,
            peripheral_id: 5000,
            connection_call_id: 0,
            call_msg_mask: CallEventMask::CALL_DELIVERED_MASK,
            agent_state_mask: AgentStateMask::AGENT_NOT_READY_MASK,
            connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_NONE,
            monitored_device_type: DeviceIdType(0),
            monitored_device_id: Some("5001".into()),
            ..MonitorStartReq::default()
        }
    );
}

// Client monitor.

#[test]
fn client_session_opened_event_has_an_ipv6_address_from_14_to_18() {
    let fixed = "
        00000005 ffffffff # SessionID, PeripheralID
        00000010 00000000 # ServicesGranted, CallMsgMask
        00000000 0000c350 # AgentStateMask, ClientPort
        51 05 31302e3100  # ClientAddress '10.1'
        01 03 636300      # ClientID 'cc'
        03 03 736700      # ClientSignature 'sg'
    ";
    let event = ClientSessionOpenedEvent {
        session_id: 5,
        services_granted: CtiService(0x10),
        client_port: 50_000,
        client_address: Some("10.1".into()),
        client_id: Some("cc".into()),
        client_signature: Some("sg".into()),
        ..ClientSessionOpenedEvent::default()
    };
    let both = ClientSessionOpenedEvent { client_address_ipv6: Some("::1".into()), ..event };
    assert_sample!(cce(13), &format!("00000029 00000063 {fixed}"), event);
    assert_sample!(cce(14), &format!("0000002f 00000063 {fixed} e2 04 3a3a3100"), both);
    assert_sample!(cce(18), &format!("0000002f 00000063 {fixed} e2 04 3a3a3100"), both);
    assert_sample!(cce(19), &format!("00000029 00000063 {fixed}"), event);
    assert!(encoded_len(cce(19), &both).is_err());
}

// Supervisor.

#[test]
fn supervise_call_req() {
    assert_sample!(
        cce(16),
        "00000023 0000007c # MessageLength 22 + 6 + 7, SUPERVISE_CALL_REQ
         00000003 00001388 # InvokeID, PeripheralID
         00000065 ffffffff # AgentConnectionCallID, SupervisorConnectionCallID
         0000 ffff 0003    # AgentConnectionDeviceIDType, SupervisorConnectionDeviceIDType, SupervisoryAction
         5a 04 61626300    # AgentConnectionDeviceID 'abc'
         55 05 3530303200  # SupervisorInstrument '5002'",
        SuperviseCallReq {
            invoke_id: 3,
            peripheral_id: 5000,
            agent_connection_call_id: 101,
            agent_connection_device_id_type: ConnectionDeviceIdType(0),
            supervisory_action: SupervisoryAction(3),
            agent_connection_device_id: Some("abc".into()),
            supervisor_instrument: Some("5002".into()),
            ..SuperviseCallReq::default()
        }
    );
}

#[test]
fn agent_team_config_event_has_a_name_from_16_and_a_department_from_19() {
    let agent = TeamAgent {
        agent_id: "1001".into(),
        flags: AgentFlags::PRIMARY_SUPERVISOR,
        state: AgentState(2),
        state_duration: 10,
    };
    let agents = [agent];
    let event = AgentTeamConfigEvent {
        peripheral_id: 5000,
        team_id: 5001,
        config_operation: ConfigOperation(1),
        agents: (&agents).into(),
        ..AgentTeamConfigEvent::default()
    };
    // PeripheralID, TeamID, NumberOfAgents, ConfigOperation; AtcAgentID, AgentFlags, AtcAgentState, AtcStateDuration.
    let fixed = "00001388 00001389 0001 0001";
    let member = "56 05 3130303100 57 02 0001 58 02 0002 59 04 0000000a";
    assert_sample!(cce(15), &format!("00000021 00000080 {fixed} {member}"), event);
    let event = AgentTeamConfigEvent { agent_team_name: Some("red".into()), ..event };
    assert_sample!(cce(16), &format!("00000027 00000080 {fixed} f3 04 72656400 {member}"), event);
    let event = AgentTeamConfigEvent { department_id: 12, ..event };
    assert_sample!(cce(19), &format!("0000002b 00000080 {fixed} 0000000c f3 04 72656400 {member}"), event);
}

// Call data update.

#[test]
fn set_call_data_req() {
    let variables = [NamedVariable { name: "a".into(), value: "bc".into() }];
    let request = SetCallDataReq {
        invoke_id: 4,
        peripheral_id: 5000,
        connection_device_id_type: ConnectionDeviceIdType(0),
        connection_call_id: 101,
        called_party_disposition: DispositionCode(13),
        connection_device_id: Some("abc".into()),
        call_variables: CallVariables::NONE.with(10, "ok".into()),
        call_wrapup_data: Some("wup".into()),
        named_variables: (&variables).into(),
        ..SetCallDataReq::default()
    };
    let start = "
        00000004 00001388 # InvokeID, PeripheralID
        0000 00000065     # ConnectionDeviceIDType, ConnectionCallID
        0001 0000         # NumNamedVariables, NumNamedArrays
        ffff 000d         # CallType, CalledPartyDisposition
        00000000 00000000 # CampaignID, QueryRuleID
        19 04 61626300    # ConnectionDeviceID 'abc'
        2e 04 77757000    # CallWrapupData 'wup'
    ";
    // MessageLength 30 + 6 + 6 + 5 + 7, and 3 for CallOriginatedFrom 'D'; CallVariable10 'ok', NamedVariable 'a' = 'bc'.
    let rest = "16 03 6f6b00 52 05 6100 626300";
    assert_sample!(cce(13), &format!("00000036 0000001a {start} {rest}"), request);
    let request = SetCallDataReq { call_originated_from: Some(b'D'), ..request };
    assert_sample!(cce(14), &format!("00000039 0000001a {start} e8 01 44 {rest}"), request);
}

// Miscellaneous.

#[test]
fn system_event_names_a_device_from_10() {
    let event = SystemEvent {
        pg_status: PgStatus(0),
        icm_central_controller_time: Time(0x5746_cc1e),
        system_event_id: SystemEventId(4),
        system_event_arg1: 5003,
        text: Some("on".into()),
        ..SystemEvent::default()
    };
    // PGStatus, time, SystemEventID, SystemEventArg1 to 3, EventDeviceType; Text 'on', EventDeviceID '5001'.
    let fixed = "00000000 5746cc1e 00000004 0000138b 00000000 00000000";
    assert_sample!(cce(9), &format!("0000001d 0000001f {fixed} 07 03 6f6e00"), event);
    assert_sample!(
        cce(10),
        &format!("00000026 0000001f {fixed} 004c 07 03 6f6e00 ce 05 3530303100"),
        SystemEvent { event_device_type: DeviceIdType(76), event_device_id: Some("5001".into()), ..event }
    );
    assert_sample!(ccx(10), &format!("0000001f 0000001f {fixed} ffff 07 03 6f6e00"), event);
}

// Client control.

#[test]
fn set_agent_state_req_grows_with_10_12_20_and_23() {
    // InvokeID, PeripheralID, AgentState, AgentWorkMode, NumSkillGroups, EventReasonCode.
    let fixed = "00000005 00001388 0000 0000 0000 0000";
    let request = SetAgentStateReq {
        invoke_id: 5,
        peripheral_id: 5000,
        agent_state: AgentState::AGENT_STATE_LOGIN,
        agent_instrument: Some("5001".into()),
        ..SetAgentStateReq::default()
    };
    let groups = [SelectedSkillGroup { number: 7, priority: 1 }];
    assert_sample!(
        cce(9),
        "0000002e 00000026 # MessageLength 16 + 7 + 7 + 6 + 10, SET_AGENT_STATE_REQ
         00000005 00001388
         0000 0000         # AgentState, AgentWorkMode
         0001 0000         # NumSkillGroups, EventReasonCode
         06 05 3530303100  # AgentInstrument '5001'
         05 05 3130303100  # AgentID '1001'
         31 04 70773100    # AgentPassword 'pw1'
         3e 04 00000007    # SkillGroupNumber
         40 02 0001        # SkillGroupPriority",
        SetAgentStateReq {
            agent_id: Some("1001".into()),
            agent_password: Some("pw1".into()),
            skill_groups: (&groups).into(),
            ..request
        }
    );
    let forced = SetAgentStateReq { forced_flag: ForcedFlag(1), ..request };
    assert_sample!(cce(10), &format!("00000018 00000026 {fixed} 01 06 05 3530303100"), forced);
    let with_service = SetAgentStateReq { agent_service_req: AgentServiceReq(1), ..forced };
    assert_sample!(cce(12), &format!("0000001c 00000026 {fixed} 01 00000001 06 05 3530303100"), with_service);
    let with_sso = SetAgentStateReq { sso_enabled: Some(SsoEnabled(1)), ..with_service };
    assert_sample!(
        cce(20),
        // SSOEnabled in tag 257.
        &format!("00000024 00000026 {fixed} 01 00000001 0006 0005 3530303100 0101 0002 0001"),
        with_sso
    );
    assert_sample!(
        cce(23),
        &format!("0000002c 00000026 {fixed} 01 00000001 0006 0005 3530303100 012f 0004 53455000 0101 0002 0001"),
        SetAgentStateReq { active_terminal: Some("SEP".into()), ..with_sso }
    );
    assert_sample!(
        ccx(12),
        &format!("00000023 00000026 {fixed} 02 00000000 06 05 3530303100 c2 05 61646d3100"),
        SetAgentStateReq { forced_flag: ForcedFlag(2), agent_id: Some("adm1".into()), ..request }
    );
}

#[test]
fn make_call_req_names_a_skill_group_from_14() {
    let request = MakeCallReq {
        invoke_id: 6,
        peripheral_id: 5000,
        call_placement_type: CallPlacementType(1),
        priority: true,
        agent_instrument: Some("5001".into()),
        dialed_number: Some("911".into()),
        ..MakeCallReq::default()
    };
    // InvokeID, PeripheralID; CallPlacementType, CallMannerType, AlertRings, CallOption, FacilityType,
    // AnsweringMachine, Priority, PostRoute, NumNamedVariables, NumNamedArrays.
    let fixed = "00000006 00001388 0001 0000 0000 0000 0000 0000 0001 0000 0000 0000";
    assert_sample!(cce(13), &format!("00000029 00000038 {fixed} 06 05 3530303100 0b 04 39313100"), request);
    let request = MakeCallReq { skill_group_number: 7, ..request };
    assert_sample!(cce(14), &format!("0000002d 00000038 {fixed} 00000007 06 05 3530303100 0b 04 39313100"), request);
}

#[test]
fn snapshot_device_conf_tells_of_silent_monitoring_from_13() {
    // CallConnectionCallID, CallConnectionDeviceIDType, CallConnectionDeviceID 'abc', CallState, SilentMonitorStatus.
    let call = DeviceCall {
        call_id: 101,
        connection_device_id_type: ConnectionDeviceIdType(0),
        connection_device_id: "abc".into(),
        state: LocalConnectionState::LCS_CONNECT,
        silent_monitor_status: None,
    };
    let monitored = DeviceCall { silent_monitor_status: Some(SilentMonitorStatus(2)), ..call };
    let fields = "38 04 00000065 39 02 0000 3a 04 61626300 4b 02 0003";
    assert_sample!(
        cce(12),
        &format!("0000002e 00000055 00000007 0002 {fields} {fields}"),
        SnapshotDeviceConf { invoke_id: 7, calls: (&[call, call]).into() }
    );
    assert_sample!(
        cce(13),
        &format!("00000032 00000055 00000007 0002 {fields} da 02 0002 {fields}"),
        SnapshotDeviceConf { invoke_id: 7, calls: (&[monitored, call]).into() }
    );
    let refused = encoded_len(cce(12), &SnapshotDeviceConf { invoke_id: 7, calls: (&[monitored]).into() });
    assert_eq!(refused.unwrap_err().kind, EncodeErrorKind::FieldNotInVersion);
}

#[test]
fn snapshot_call_conf_has_one_number_more_in_unified_ccx_from_11() {
    let client = CtiClient { signature: "app".into(), timestamp: Time(0x5746_cc1e) };
    let device = CallDevice {
        call_id: 101,
        connection_device_id_type: ConnectionDeviceIdType(0),
        connection_device_id: "abc".into(),
        device_type: DeviceIdType(76),
        device_id: "5001".into(),
        state: LocalConnectionState(3),
    };
    let (clients, devices) = ([client], [device]);
    let conf = SnapshotCallConf {
        invoke_id: 8,
        call_type: CallType(1),
        called_party_disposition: DispositionCode(13),
        cti_clients: (&clients).into(),
        call_devices: (&devices).into(),
        ..SnapshotCallConf::default()
    };
    // InvokeID, CallType, NumCTIClients, NumCallDevices, NumNamedVariables, NumNamedArrays, CalledPartyDisposition.
    let fixed = "00000008 0001 0001 0001 0000 0000 000d";
    let lists = "
        17 04 61707000    # CTIClientSignature 'app'
        18 04 5746cc1e    # CTIClientTimestamp
        38 04 00000065    # CallConnectionCallID
        39 02 0000        # CallConnectionDeviceIDType
        3a 04 61626300    # CallConnectionDeviceID 'abc'
        3b 02 004c        # CallDeviceType
        3c 05 3530303100  # CallDeviceID '5001'
        3d 02 0003        # CallDeviceConnectionState
    ";
    // MessageLength 16 + 12 + 31, and 4 for the number.
    assert_sample!(cce(11), &format!("0000003b 00000053 {fixed} {lists}"), conf);
    assert_sample!(ccx(10), &format!("0000003b 00000053 {fixed} {lists}"), conf);
    let conf = SnapshotCallConf { mrd_id: 1, ..conf };
    assert_sample!(ccx(11), &format!("0000003f 00000053 {fixed} 00000001 {lists}"), conf);
}

#[test]
fn start_network_recording_req_exists_from_23() {
    assert_sample!(
        cce(23),
        "00000022 0000010c   # MessageLength 14 + 6 + 6 + 8, START_NETWORK_RECORDING_REQ
         00000009 00001388   # InvokeID, PeripheralID
         00000065 0000       # ConnectionCallID, ConnectionDeviceIDType
         0121 0002 0002      # PlayToneDirection
         0122 0002 0001      # InvocationType
         0019 0004 61626300  # ConnectionDeviceID 'abc'",
        StartNetworkRecordingReq {
            invoke_id: 9,
            peripheral_id: 5000,
            connection_call_id: 101,
            connection_device_id_type: ConnectionDeviceIdType(0),
            play_tone_direction: Some(PlayToneDirection(2)),
            invocation_type: Some(InvocationType(1)),
            connection_device_id: Some("abc".into()),
            ..StartNetworkRecordingReq::default()
        }
    );
}

// Server service.

#[test]
fn register_service_req() {
    assert_sample!(
        cce(9),
        "0000001c 0000008f # MessageLength 6 + 22, REGISTER_SERVICE_REQ
         0000000a 0001     # InvokeID, ServerMode: round robin
         5e 14 436973636f3a 43616c6c5265636f7264696e67 00 # ServiceName 'Cisco:CallRecording'",
        RegisterServiceReq {
            invoke_id: 10,
            server_mode: ServerMode(1),
            service_name: Some("Cisco:CallRecording".into()),
        }
    );
}

// Configuration.

#[test]
fn configuration_requests_name_a_peripheral_from_11_and_a_mask_from_24() {
    assert_sample!(cce(10), "00000000 000000e6", ConfigRequestKeyEvent::default());
    assert_sample!(
        cce(11),
        "0000000a 000000e6 00001388 83 04 00000000 # PeripheralID, CustomerID",
        ConfigRequestKeyEvent { peripheral_id: 5000, customer_id: Some(0) }
    );
    assert_sample!(ccx(10), "00000000 000000e6", ConfigRequestKeyEvent::default());

    let request = ConfigRequestEvent { config_information: ConfigMask(15), ..ConfigRequestEvent::default() };
    assert_sample!(cce(10), "00000004 000000e8 0000000f", request);
    let request = ConfigRequestEvent { peripheral_id: 5000, ..request };
    assert_sample!(cce(11), "00000008 000000e8 0000000f 00001388", request);
    assert_sample!(cce(23), "00000008 000000e8 0000000f 00001388", request);
    let request = ConfigRequestEvent { config_msg_mask: ConfigMask(5), ..request };
    assert_sample!(cce(24), "0000000c 000000e8 0000000f 00000005 00001388", request);
}

#[test]
fn configuration_keys_have_eight_bytes() {
    let key = cti_proto::wire::ConfigKey([1, 2, 3, 4, 5, 6, 7, 8]);
    let event = ConfigKeyEvent { service_config_key: Some(key), ..ConfigKeyEvent::default() };
    assert_sample!(cce(10), "0000000e 000000e7 00000000 b1 08 0102030405060708", event);
    assert_sample!(
        cce(22),
        "0000001c 000000e7 00000000 00b1 0008 0102030405060708 010d 0008 0102030405060708",
        ConfigKeyEvent { peripheral_config_key: Some(key), ..event }
    );
}

#[test]
fn config_agent_event_has_skills_in_pairs_or_in_columns_and_domains_from_21() {
    let skills = [AgentSkill { number: 7, priority: 1 }, AgentSkill { number: 8, priority: 0 }];
    let mrds = [AgentMrd { id: 1, state: AgentState(3) }];
    let agent = AgentRecord {
        record_type: Some(RecordType(1)),
        flt_peripheral_id: Some(5000),
        agent_type: Some(AgentType::CONFIG_AGENT),
        login_id: Some("1001".into()),
        last_name: Some("Le".into()),
        agent_skill_target_id: Some(1001),
        skills: (&skills).into(),
        mrds: (&mrds).into(),
        ..AgentRecord::default()
    };
    let gone =
        AgentRecord { record_type: Some(RecordType(2)), login_id: Some("1002".into()), ..AgentRecord::default() };
    let start = "
        000000ed             # CONFIG_AGENT_EVENT
        0002                 # NumRecords
        00b7 0002 0001       # RecordType
        00d0 0004 00001388   # FltPeripheralID
        00bd 0002 0000       # AgentType
        00be 0005 3130303100 # LoginID '1001'
        008a 0003 4c6500     # LastName 'Le'
        008d 0004 000003e9   # AgentSkillTargetID
        00bf 0002 0002       # NumSkills
    ";
    let end = "
        0105 0002 0001                        # NumMRDs
        0106 0004 00000001 0107 0002 0003     # FltAgentMRDID, FltAgentMRDState
        00b7 0002 0002       # RecordType
        00be 0005 3130303200 # LoginID '1002'
    ";
    let pairs = "003e 0004 00000007 0040 0002 0001 003e 0004 00000008 0040 0002 0000";
    let columns = "003e 0008 00000007 00000008 0040 0004 0001 0000";
    let records = [agent, gone];
    let event = ConfigAgentEvent { records: (&records).into() };
    // MessageLength 2 + 6 + 8 + 6 + 9 + 7 + 8 + 6 + 28 + 6 + 14 + 6 + 9, and in columns 8 less.
    assert_sample!(cce(21), &format!("00000073 {start} {pairs} {end}"), event);
    let bytes = hex(&format!("0000006b {start} {columns} {end}"));
    assert_means(cce(21), &bytes, &event);

    let records = [AgentRecord {
        record_type: Some(RecordType(0)),
        agent_type: Some(AgentType(1)),
        login_id: Some("adm1".into()),
        agent_skill_target_id: Some(7),
        skills: (&skills[..1]).into(),
        ccx_mrd_id: Some(1),
        ..AgentRecord::default()
    }];
    assert_sample!(
        ccx(17),
        "0000002b 000000ed # MessageLength 2 + 4 + 4 + 7 + 6 + 6 + 4 + 10
         0001              # NumRecords
         b7 02 0000        # RecordType
         bd 02 0001        # AgentType
         be 05 61646d3100  # LoginID 'adm1'
         8d 04 00000007    # AgentSkillTargetID
         f6 04 00000001    # MRD_ID
         bf 02 0001        # NumSkills
         3e 04 00000007 40 02 0001",
        ConfigAgentEvent { records: (&records).into() }
    );
}

#[test]
fn config_service_event_has_members_in_columns() {
    let members = [ServiceMember { id: 5005, priority: 1 }, ServiceMember { id: 5006, priority: 2 }];
    let records = [ServiceRecord {
        record_type: Some(RecordType(0)),
        peripheral_number: Some(3),
        members: (&members).into(),
        ..ServiceRecord::default()
    }];
    assert_sample!(
        cce(10),
        "00000020 000000eb          # MessageLength 2 + 4 + 6 + 4 + 10 + 6, CONFIG_SERVICE_EVENT
         0001                       # NumRecords
         b7 02 0000                 # RecordType
         b8 04 00000003             # PeripheralNumber
         ba 02 0002                 # NumServiceMembers
         bb 08 0000138d 0000138e    # ServiceMember
         bc 04 0001 0002            # ServicePriority",
        ConfigServiceEvent { records: (&records).into() }
    );
}

#[test]
fn config_mrd_event_exists_from_20() {
    let records = [MrdRecord {
        record_type: Some(RecordType(0)),
        flt_mr_domain_id: Some(1),
        flt_enterprise_name: Some("Voice".into()),
        flt_max_task_duration: Some(3_600),
        flt_interruptible: Some(true),
        ..MrdRecord::default()
    }];
    assert_sample!(
        cce(20),
        "00000028 000000fe      # MessageLength 2 + 6 + 8 + 10 + 8 + 6, CONFIG_MRD_EVENT
         0001                   # NumRecords
         00b7 0002 0000         # RecordType
         00d8 0004 00000001     # FltMRDomainID
         00d4 0006 566f69636500 # FltEnterpriseName 'Voice'
         00fa 0004 00000e10     # FltMaxTaskDuration
         00fb 0002 0001         # FltInterruptible",
        ConfigMrdEvent { records: (&records).into() }
    );
}

#[test]
fn config_peripheral_event_exists_from_22() {
    let records = [PeripheralRecord {
        record_type: Some(RecordType(0)),
        config_peripheral_id: Some(5000),
        default_agent_desk_settings_id: Some(1000),
    }];
    assert_sample!(
        cce(22),
        "00000018 00000104 0001 00b7 0002 0000 010f 0004 00001388 0110 0004 000003e8",
        ConfigPeripheralEvent { records: (&records).into() }
    );
}

#[test]
fn config_agent_service_event_exists_from_24_and_is_read_in_any_order() {
    let services = [AgentService(1), AgentService(2)];
    let records = [AgentServiceRecord {
        agent_skill_target_id: Some(1001),
        record_type: Some(RecordType(0)),
        enabled_services: (&services).into(),
    }];
    let event = ConfigAgentServiceEvent { records: (&records).into() };
    assert_sample!(
        cce(24),
        "0000001e 0000011a   # MessageLength 2 + 8 + 6 + 6 + 8, CONFIG_AGENT_SERVICE_EVENT
         0001                # NumRecords
         00b7 0002 0000      # RecordType
         008d 0004 000003e9  # AgentSkillTargetID
         0136 0002 0002      # NumOfEnabledServices
         0135 0004 0001 0002 # FltEnabledServices",
        event
    );
    // The order of the guide, and each service in a field of its own.
    for services in ["0135 0004 0001 0002", "0135 0002 0001 0135 0002 0002"] {
        let body = hex(&format!("0001 008d 0004 000003e9 0136 0002 0002 {services} 00b7 0002 0000"));
        let frame = Frame::new(cce(24), MessageType::CONFIG_AGENT_SERVICE_EVENT, &body);
        assert_eq!(frame.decode::<ConfigAgentServiceEvent<'_>>(), Ok(event));
    }
}

#[test]
fn config_terminal_event_of_unified_ccx_has_instruments() {
    let instruments = [Instrument { instrument: "2001".into() }, Instrument { instrument: "2002".into() }];
    let records = [TerminalRecord {
        record_type: Some(RecordType(0)),
        terminal_type: Some(1),
        terminal_device_name: Some("SEP001".into()),
        instruments: (&instruments).into(),
        ..TerminalRecord::default()
    }];
    assert_sample!(
        ccx(18),
        "00000031 00000114         # MessageLength 2 + 6 + 6 + 11 + 6 + 18, CONFIG_TERMINAL_EVENT
         0001                      # NumRecords
         00b7 0002 0000            # RecordType
         012e 0002 0001            # TerminalType
         012f 0007 53455030303100  # TerminalDeviceName 'SEP001'
         0131 0002 0002            # NumInstruments
         0006 0005 3230303100      # Instrument '2001'
         0006 0005 3230303200      # Instrument '2002'",
        ConfigTerminalEvent { records: (&records).into() }
    );
}

#[test]
fn team_config_event_of_unified_ccx() {
    let members =
        [TeamMember { agent_id: "ala".into(), flags: AgentFlags(1), record_type: RecordType(0), member_type: 0 }];
    assert_sample!(
        ccx(12),
        "00000028 000000f3 # MessageLength 16 + 6 + 18, TEAM_CONFIG_EVENT
         00000005          # TeamID
         0001 0001         # NumRecords, Operation
         00000000 00000000 # reserved
         cc 04 72656400    # TeamName 'red'
         c2 04 616c6100    # AgentID 'ala'
         57 02 0001        # AgentFlags
         b7 02 0000        # RecordType
         cd 02 0000        # MemberType",
        TeamConfigEvent {
            team_id: 5,
            operation: 1,
            team_name: Some("red".into()),
            members: (&members).into(),
            ..TeamConfigEvent::default()
        }
    );
}
