//! Supervision, monitors, texts, data, statistics and the rest: each does what it says and refuses what it must.

use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::wire::{List, NamedArray, NamedVariable};
use cti_proto::{Product, Protocol};
use cti_std::simulate::{Config, SessionId};

use super::desk::{Answer, BRIDGE, DESKTOP, Desk, Heard};

const STATIC: ConnectionDeviceIdType = ConnectionDeviceIdType::CONNECTION_ID_STATIC;
const SUPERVISOR: CtiService = CtiService(DESKTOP.0 | CtiService::CTI_SERVICE_SUPERVISOR.0);

fn cce() -> Protocol {
    Protocol::cce(24).unwrap()
}

fn quiet(agents: usize) -> Desk {
    let mut config = Config::new(Product::Cce);
    config.agents = agents;
    config.calls_per_hour = 0.0;
    config.habits.internal_calls = 0.0;
    config.habits.outbound_calls = 0.0;
    config.habits.no_answer = 0.0;
    let mut desk = Desk::new(config);
    desk.pass(40);
    desk
}

fn kinds(heard: &[Heard]) -> Vec<MessageType> {
    heard.iter().map(Heard::message_type).collect()
}

fn find<'h, M: cti_proto::Body<'h>>(heard: &'h [Heard]) -> M {
    let message = heard.iter().rev().find(|heard| heard.message_type() == M::TYPE);
    message.unwrap_or_else(|| panic!("no {:?} in {:?}", M::TYPE, kinds(heard))).frame().decode().unwrap()
}

/// An agent's desktop, not ready, and a call of the agent's to the outside.
fn busy(desk: &mut Desk, login: &str, extension: &str, number: &str) -> (SessionId, u32) {
    let client = desk.desktop(cce(), login);
    let rest = SetAgentStateReq {
        peripheral_id: 5_000,
        agent_state: AgentState::AGENT_STATE_NOT_READY,
        event_reason_code: 1,
        agent_instrument: Some(extension.into()),
        ..SetAgentStateReq::default()
    };
    assert_eq!(desk.ask(client, &rest), Answer::Confirmed);
    let request = MakeCallReq {
        peripheral_id: 5_000,
        agent_instrument: Some(extension.into()),
        dialed_number: Some(number.into()),
        ..MakeCallReq::default()
    };
    assert_eq!(desk.ask(client, &request), Answer::Confirmed);
    desk.pass(30);
    let heard = desk.heard(client);
    (client, find::<MakeCallConf<'_>>(&heard).new_connection_call_id)
}

fn supervise(action: SupervisoryAction) -> SuperviseCallReq<'static> {
    SuperviseCallReq {
        peripheral_id: 5_000,
        supervisory_action: action,
        agent_id: Some("1002".into()),
        ..SuperviseCallReq::default()
    }
}

fn devices(
    desk: &mut Desk,
    session: SessionId,
    extension: &str,
) -> Vec<(u32, LocalConnectionState, SilentMonitorStatus)> {
    let request = SnapshotDeviceReq {
        peripheral_id: 5_000,
        agent_instrument: Some(extension.into()),
        ..SnapshotDeviceReq::default()
    };
    assert_eq!(desk.ask(session, &request), Answer::Confirmed);
    let heard = desk.heard(session);
    let conf: SnapshotDeviceConf<'_> = find(&heard);
    conf.calls.iter().map(|call| (call.call_id, call.state, call.silent_monitor_status.unwrap())).collect()
}

#[test]
fn a_supervisor_listens_whispers_joins_takes_over_and_leaves() {
    let mut desk = quiet(24);
    let bridge = desk.bridge(cce());
    let request =
        OpenReq { agent_id: Some("1001".into()), client_id: Some("boss".into()), ..Desk::open_req(cce(), SUPERVISOR) };
    let boss = desk.open(cce(), &request);
    let heard = desk.heard(boss);
    let team: AgentTeamConfigEvent<'_> = find(&heard);
    assert_eq!((team.team_id, team.agents.len()), (5_000, 12));
    use SupervisoryAction as A;
    assert_eq!(desk.ask(boss, &supervise(A::SUPERVISOR_MONITOR)), Answer::Failed(FailureStatus::E_CTI_NO_CALL_ACTIVE));
    let (agent, call) = busy(&mut desk, "1002", "5002", "92065551234");
    assert_eq!(desk.ask(boss, &supervise(A(9))), Answer::Failed(FailureStatus::E_CTI_INVALID_SUPERVISORY_ACTION));
    let stranger = SuperviseCallReq { agent_id: Some("99".into()), ..supervise(A::SUPERVISOR_MONITOR) };
    assert_eq!(desk.ask(boss, &stranger), Answer::Failed(FailureStatus::E_CTI_INVALID_AGENT_DATA));
    let (_, _) = busy(&mut desk, "1014", "5014", "92065551235");
    let other = SuperviseCallReq { agent_id: Some("1014".into()), ..supervise(A::SUPERVISOR_MONITOR) };
    let privilege = Answer::Control(ControlFailureCode::CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE);
    assert_eq!(desk.ask(boss, &other), privilege, "another team");

    assert_eq!(desk.ask(boss, &supervise(A::SUPERVISOR_MONITOR)), Answer::Confirmed);
    let heard = desk.heard(boss);
    let conf: SuperviseCallConf<'_> = find(&heard);
    assert_eq!((conf.connection_call_id, conf.connection_device_id.unwrap()), (call, "5002".into()));
    let begin: BeginCallEvent<'_> = find(&heard);
    assert_eq!(begin.call_type, CallType::CALLTYPE_SUPERVISOR_MONITOR);
    let target = devices(&mut desk, bridge, "5002");
    assert_eq!(target, [(call, LocalConnectionState::LCS_CONNECT, SilentMonitorStatus::SILENT_MONITOR_TARGET)]);
    let own = devices(&mut desk, bridge, "5001");
    assert_eq!(own[0].2, SilentMonitorStatus::SILENT_MONITOR_INITIATOR);
    let again = Answer::Control(ControlFailureCode::CF_GENERIC_STATE_INCOMPATIBILITY);
    assert_eq!(desk.ask(boss, &supervise(A::SUPERVISOR_MONITOR)), again);

    assert_eq!(desk.ask(boss, &supervise(A::SUPERVISOR_WHISPER)), Answer::Confirmed);
    assert_eq!(desk.ask(boss, &supervise(A::SUPERVISOR_BARGE_IN)), Answer::Confirmed);
    let heard = desk.heard(agent);
    let conference: CallConferencedEvent<'_> = find(&heard);
    assert_eq!(conference.event_cause, EventCause::CEC_SUPERVISOR_BARGE_IN);
    assert_eq!(conference.connected_parties.len(), 3);
    assert_eq!(desk.ask(boss, &supervise(A::SUPERVISOR_CLEAR)), Answer::Confirmed);
    let heard = desk.heard(agent);
    let cleared: CallConnectionClearedEvent<'_> = find(&heard);
    assert_eq!(cleared.event_cause, EventCause::CEC_SUPERVISOR_CLEAR);
    assert_eq!(cleared.releasing_device_id.unwrap(), "5001");
    let none = Answer::Control(ControlFailureCode::CF_NO_CONNECTION_TO_CLEAR);
    assert_eq!(desk.ask(boss, &supervise(A::SUPERVISOR_CLEAR)), none);

    assert_eq!(desk.ask(boss, &supervise(A::SUPERVISOR_INTERCEPT)), Answer::Confirmed);
    let heard = desk.heard(agent);
    assert_eq!(
        kinds(&heard).iter().filter(|kind| **kind == MessageType::END_CALL_EVENT).count(),
        1,
        "the agent is out"
    );
    assert_eq!(devices(&mut desk, bridge, "5002"), []);
    assert_eq!(devices(&mut desk, bridge, "5001").len(), 1);
}

#[test]
fn who_listens_is_cut_off_when_the_call_ends() {
    let mut desk = quiet(24);
    let request =
        OpenReq { agent_id: Some("1001".into()), client_id: Some("boss".into()), ..Desk::open_req(cce(), SUPERVISOR) };
    let boss = desk.open(cce(), &request);
    let (agent, call) = busy(&mut desk, "1002", "5002", "92065551234");
    assert_eq!(desk.ask(boss, &supervise(SupervisoryAction::SUPERVISOR_MONITOR)), Answer::Confirmed);
    let clear = ClearConnectionReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        ..ClearConnectionReq::default()
    };
    assert_eq!(desk.ask(agent, &clear), Answer::Confirmed);
    assert_eq!(desk.centre.calls(), 0);
    let heard = desk.heard(boss);
    let end: EndCallEvent<'_> = find(&heard);
    assert_ne!(end.connection_call_id, call);
}

#[test]
fn help_comes_from_the_supervisor_and_emergencies_are_always_told() {
    let mut desk = quiet(24);
    let bridge = desk.bridge(cce());
    let (agent, call) = busy(&mut desk, "1002", "5002", "92065551234");
    let assist = SupervisorAssistReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        ..SupervisorAssistReq::default()
    };
    assert_eq!(desk.ask(agent, &assist), Answer::Confirmed);
    let heard = desk.heard(agent);
    let begin: BeginCallEvent<'_> = find(&heard);
    assert_eq!(begin.call_type, CallType::CALLTYPE_ASSIST);
    let conf: SupervisorAssistConf<'_> = find(&heard);
    assert_eq!((conf.connection_call_id, conf.line_type), (begin.connection_call_id, LineType::LINETYPE_HELP));
    let delivered: CallDeliveredEvent<'_> = find(&heard);
    assert_eq!(delivered.alerting_device_id.unwrap(), "5001");
    // Both supervisors are busy: nobody is found, and the emergency is told all the same.
    busy(&mut desk, "1013", "5013", "92065551235");
    let (third, call) = busy(&mut desk, "1003", "5003", "92065551236");
    desk.heard(bridge);
    let emergency = EmergencyCallReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5003".into()),
        ..EmergencyCallReq::default()
    };
    assert_eq!(desk.ask(third, &emergency), Answer::Failed(FailureStatus::E_CTI_SUPERVISOR_NOT_FOUND));
    let heard = desk.heard(bridge);
    let event: EmergencyCallEvent<'_> = find(&heard);
    assert_eq!((event.connection_call_id, event.agent_id.unwrap()), (call, "1003".into()));
    assert_eq!(event.client_id.unwrap(), "1003");
}

#[test]
fn teams_are_listed_and_monitored() {
    let mut desk = quiet(24);
    let request =
        OpenReq { agent_id: Some("1001".into()), client_id: Some("boss".into()), ..Desk::open_req(cce(), SUPERVISOR) };
    let boss = desk.open(cce(), &request);
    let list = |id| ListAgentTeamReq { supervisor_id: id, ..ListAgentTeamReq::default() };
    assert_eq!(desk.ask(boss, &list(8_000)), Answer::Confirmed);
    let heard = desk.heard(boss);
    let conf: ListAgentTeamConf<'_> = find(&heard);
    assert_eq!(conf.teams.iter().map(|team| team.team_id).collect::<Vec<_>>(), [5_000]);
    assert_eq!(conf.more, MoreFlag::LAST_MESSAGE);
    assert_eq!(desk.ask(boss, &list(8_001)), Answer::Failed(FailureStatus::E_CTI_SUPERVISOR_NOT_FOUND));
    let start = |team_id| MonitorAgentTeamStartReq { team_id, ..MonitorAgentTeamStartReq::default() };
    assert_eq!(desk.ask(boss, &start(77)), Answer::Failed(FailureStatus::E_CTI_TEAM_NOT_FOUND));
    assert_eq!(desk.ask(boss, &start(5_001)), Answer::Failed(FailureStatus::E_CTI_SUPERVISOR_NOT_FOUND));
    let Answer::Monitor(id) = desk.ask(boss, &start(5_000)) else { panic!("no monitor") };
    assert_eq!(desk.ask(boss, &start(5_000)), Answer::Failed(FailureStatus::E_CTI_AGENT_TEAM_MONITOR_ALREADY_EXISTS));
    let states = |desk: &mut Desk| desk.heard(boss).iter().filter(|heard| heard.monitor == Some(id)).count();
    assert_eq!(states(&mut desk), 12, "everybody's state to begin with");
    busy(&mut desk, "1002", "5002", "92065551234");
    assert!(states(&mut desk) >= 2);
    desk.centre.monitor_stopped(desk.now, id, &mut desk.ears);
    busy(&mut desk, "1003", "5003", "92065551235");
    assert_eq!(states(&mut desk), 0);
}

#[test]
fn monitors_bring_the_events_of_a_device_a_call_or_a_session() {
    let mut desk = quiet(24);
    let services = CtiService::CTI_SERVICE_PERIPHERAL_MONITOR | CtiService::CTI_SERVICE_CLIENT_MONITOR;
    let watcher = desk.open(cce(), &Desk::open_req(cce(), services));
    let device = MonitorStartReq {
        peripheral_id: 5_000,
        connection_call_id: 0,
        call_msg_mask: CallEventMask::ALL,
        agent_state_mask: AgentStateMask::ALL,
        monitored_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
        monitored_device_id: Some("5002".into()),
        ..MonitorStartReq::default()
    };
    let failed = Answer::Failed;
    let mixed = MonitorStartReq { connection_call_id: 5, connection_device_id_type: STATIC, ..device };
    assert_eq!(desk.ask(watcher, &mixed), failed(FailureStatus::E_CTI_MUTUALLY_EXCLUS_DEVICEID_TYPES));
    let unknown = MonitorStartReq { monitored_device_id: Some("x".into()), ..device };
    assert_eq!(desk.ask(watcher, &unknown), failed(FailureStatus::E_CTI_INVALID_DEVICE));
    let Answer::Monitor(of_device) = desk.ask(watcher, &device) else { panic!("no monitor") };
    let (agent, call) = busy(&mut desk, "1002", "5002", "92065551234");
    let heard = desk.heard(watcher);
    let by_device = |heard: &[Heard]| heard.iter().filter(|heard| heard.monitor == Some(of_device)).count();
    assert!(by_device(&heard) > 8, "{:?}", kinds(&heard));
    let of_call = MonitorStartReq {
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        monitored_device_type: DeviceIdType::DEVID_NONE,
        monitored_device_id: None,
        ..device
    };
    let gone = MonitorStartReq { connection_call_id: call + 9, ..of_call };
    assert_eq!(desk.ask(watcher, &gone), failed(FailureStatus::E_CTI_INVALID_CALLID));
    let Answer::Monitor(of_call) = desk.ask(watcher, &of_call) else { panic!("no monitor") };
    let session = |session_id| SessionMonitorStartReq { session_id, ..SessionMonitorStartReq::default() };
    assert_eq!(desk.ask(watcher, &session(watcher.0)), failed(FailureStatus::E_CTI_SESSION_MONITOR_IS_CLIENTS));
    assert_eq!(desk.ask(watcher, &session(999)), failed(FailureStatus::E_CTI_CLIENT_NOT_FOUND));
    let Answer::Monitor(of_session) = desk.ask(watcher, &session(agent.0)) else { panic!("no monitor") };
    assert_eq!(desk.ask(watcher, &session(agent.0)), failed(FailureStatus::E_CTI_SESSION_MONITOR_ALREADY_EXISTS));
    desk.heard(watcher);
    let hold = HoldCallReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        ..HoldCallReq::default()
    };
    assert_eq!(desk.ask(agent, &hold), Answer::Confirmed);
    let heard = desk.heard(watcher);
    let held: Vec<_> = heard.iter().filter(|heard| heard.message_type() == MessageType::CALL_HELD_EVENT).collect();
    let mut monitors: Vec<_> = held.iter().filter_map(|heard| heard.monitor).collect();
    monitors.sort_unstable();
    assert_eq!(monitors, [of_device, of_call, of_session]);
    let status = FailureStatus::E_CTI_NO_ERROR;
    desk.centre.closed(desk.now, agent, status, &mut desk.ears);
    let heard = desk.heard(watcher);
    let closed: ClientSessionClosedEvent<'_> = find(&heard);
    assert_eq!((closed.session_id, closed.client_id.unwrap()), (agent.0, "1002".into()));
}

#[test]
fn texts_reach_a_client_the_supervisor_the_team_or_all() {
    let mut desk = quiet(24);
    let (a, b, elsewhere) = (desk.desktop(cce(), "1002"), desk.desktop(cce(), "1003"), desk.desktop(cce(), "1014"));
    let say = |distribution| UserMessageReq {
        peripheral_id: 5_000,
        distribution,
        text: Some("hello".into()),
        ..UserMessageReq::default()
    };
    assert_eq!(desk.ask(a, &say(Distribution(9))), Answer::Failed(FailureStatus::E_CTI_INVALID_DISTRIBUTION_TYPE));
    assert_eq!(
        desk.ask(a, &say(Distribution::DISTRIBUTE_TO_CLIENT)),
        Answer::Failed(FailureStatus::E_CTI_REQUIRED_DATA_MISSING)
    );
    let to =
        |name: &'static str| UserMessageReq { client_id: Some(name.into()), ..say(Distribution::DISTRIBUTE_TO_CLIENT) };
    assert_eq!(desk.ask(a, &to("nobody")), Answer::Failed(FailureStatus::E_CTI_CLIENT_NOT_FOUND));
    assert_eq!(
        desk.ask(a, &say(Distribution::DISTRIBUTE_TO_SUPERVISOR)),
        Answer::Failed(FailureStatus::E_CTI_SUPERVISOR_NOT_FOUND)
    );
    let boss = desk.desktop(cce(), "1001");
    let everyone = [a, b, elsewhere, boss];
    let mut reached = |request: &UserMessageReq<'_>| {
        everyone.iter().for_each(|session| drop(desk.heard(*session)));
        assert_eq!(desk.ask(a, request), Answer::Confirmed);
        everyone.map(|session| kinds(&desk.heard(session)).contains(&MessageType::USER_MESSAGE_EVENT))
    };
    assert_eq!(reached(&to("1003")), [false, true, false, false]);
    assert_eq!(reached(&say(Distribution::DISTRIBUTE_TO_SUPERVISOR)), [false, false, false, true]);
    assert_eq!(reached(&say(Distribution::DISTRIBUTE_TO_TEAM)), [true, true, false, true]);
    assert_eq!(reached(&say(Distribution::DISTRIBUTE_TO_ALL)), [true; 4]);
}

#[test]
fn call_data_is_set_by_those_who_may_and_told_to_those_who_want_it() {
    let mut desk = quiet(24);
    let (a, call) = busy(&mut desk, "1002", "5002", "92065551234");
    let b = desk.desktop(cce(), "1003");
    let bridge = desk.bridge(cce());
    let set = SetCallDataReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        call_variables: CallVariables::NONE.with(1, "one".into()).with(2, "two".into()),
        ..SetCallDataReq::default()
    };
    let failed = Answer::Failed;
    assert_eq!(desk.ask(b, &set), failed(FailureStatus::E_CTI_NOT_CALL_PARTY));
    assert_eq!(
        desk.ask(a, &SetCallDataReq { connection_call_id: 9, ..set }),
        failed(FailureStatus::E_CTI_INVALID_CALLID)
    );
    assert_eq!(
        desk.ask(a, &SetCallDataReq { call_type: CallType(777), ..set }),
        failed(FailureStatus::E_CTI_INVALID_CALL_TYPE)
    );
    let register = RegisterVariablesReq {
        call_variable_mask: CallVariableMask::CALL_VAR_2_MASK,
        ..RegisterVariablesReq::default()
    };
    let odd = RegisterVariablesReq { call_variable_mask: CallVariableMask(0x8000), ..register };
    assert_eq!(desk.ask(bridge, &odd), failed(FailureStatus::E_CTI_INVALID_CALL_VARIABLE_MASK));
    assert_eq!(desk.ask(bridge, &register), Answer::Confirmed);
    assert_eq!(desk.ask(a, &set), Answer::Confirmed);
    let variables = |heard: &[Heard]| {
        let update: CallDataUpdateEvent<'_> = find(heard);
        update.call_variables.iter().map(|(number, value)| (number, value.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(variables(&desk.heard(a)), [(1, "one".to_owned()), (2, "two".to_owned())]);
    assert_eq!(variables(&desk.heard(bridge)), [(2, "two".to_owned())], "what was registered");
    let named = |name: &'static str, value: &'static str| [NamedVariable { name: name.into(), value: value.into() }];
    let array = |name: &'static str, index| [NamedArray { name: name.into(), index, value: "v".into() }];
    for (name, status) in [
        ("user.Nothing", FailureStatus::E_CTI_NAMED_VARIABLE_NOT_CONFIGURED),
        ("BACampaign", FailureStatus::E_CTI_PROTECTED_VARIABLE),
        ("user.Order", FailureStatus::E_CTI_SCALAR_FUNCTION_ON_ARRAY),
    ] {
        let variables = named(name, "v");
        let request = SetCallDataReq { named_variables: List::from(&variables), ..set };
        assert_eq!(desk.ask(a, &request), failed(status), "{name}");
    }
    for (name, index, status) in [
        ("user.Nothing", 0, FailureStatus::E_CTI_NAMED_ARRAY_NOT_CONFIGURED),
        ("user.Segment", 0, FailureStatus::E_CTI_ARRAY_FUNCTION_ON_SCALAR),
        ("user.Order", 9, FailureStatus::E_CTI_INVALID_ARRAY_INDEX),
    ] {
        let arrays = array(name, index);
        let request = SetCallDataReq { named_arrays: List::from(&arrays), ..set };
        assert_eq!(desk.ask(a, &request), failed(status), "{name}");
    }
    let release = ReleaseCallReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        ..ReleaseCallReq::default()
    };
    assert_eq!(desk.ask(b, &release), failed(FailureStatus::E_CTI_NOT_CALL_PARTY));
    let clear = ClearCallReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        ..ClearCallReq::default()
    };
    assert_eq!(desk.ask(a, &clear), Answer::Confirmed);
    let wrapup = SetCallDataReq { call_variables: CallVariables::NONE, call_wrapup_data: Some("done".into()), ..set };
    assert_eq!(desk.ask(a, &wrapup), Answer::Confirmed, "it may follow the call");
    assert_eq!(desk.ask(a, &release), Answer::Confirmed);
    assert_eq!(desk.ask(a, &wrapup), failed(FailureStatus::E_CTI_INVALID_CALLID), "released");
    assert_eq!(desk.ask(a, &release), failed(FailureStatus::E_CTI_INVALID_CALLID));
}

#[test]
fn devices_and_calls_are_described() {
    let mut desk = quiet(24);
    let bridge = desk.bridge(cce());
    let (agent, call) = busy(&mut desk, "1002", "5002", "92065551234");
    let info = |device: &'static str| QueryDeviceInfoReq {
        peripheral_id: 5_000,
        agent_instrument: Some(device.into()),
        ..QueryDeviceInfoReq::default()
    };
    assert_eq!(
        desk.ask(bridge, &info("nothing")),
        Answer::Control(ControlFailureCode::CF_INVALID_CSTA_DEVICE_IDENTIFIER)
    );
    assert_eq!(
        desk.ask(agent, &info("5003")),
        Answer::Control(ControlFailureCode::CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE)
    );
    assert_eq!(desk.ask(bridge, &info("5002")), Answer::Confirmed);
    let heard = desk.heard(bridge);
    let conf: QueryDeviceInfoConf<'_> = find(&heard);
    assert_eq!((conf.type_of_device, conf.lines.len()), (TypeOfDevice::DEVT_STATION, 2));
    let snapshot = |call, device: &'static str| SnapshotCallReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some(device.into()),
        ..SnapshotCallReq::default()
    };
    assert_eq!(
        desk.ask(bridge, &snapshot(call + 1, "5002")),
        Answer::Control(ControlFailureCode::CF_INVALID_CSTA_CALL_IDENTIFIER)
    );
    assert_eq!(desk.ask(bridge, &snapshot(call, "5002")), Answer::Confirmed);
    let heard = desk.heard(bridge);
    let conf: SnapshotCallConf<'_> = find(&heard);
    let devices: Vec<_> = conf.call_devices.iter().map(|device| (device.device_id.to_string(), device.state)).collect();
    let connected = LocalConnectionState::LCS_CONNECT;
    assert_eq!(devices, [("5002".to_owned(), connected), ("92065551234".to_owned(), connected)]);
    assert_eq!(conf.call_type, CallType::CALLTYPE_OUT);
    let outsider = desk.desktop(cce(), "1003");
    assert_eq!(
        desk.ask(outsider, &snapshot(call, "5002")),
        Answer::Control(ControlFailureCode::CF_AGENT_NOT_PARTY_ON_CALL)
    );
    let settings =
        AgentDeskSettingsReq { peripheral_id: 5_000, agent_id: Some("1006".into()), ..AgentDeskSettingsReq::default() };
    assert_eq!(desk.ask(bridge, &settings), Answer::Confirmed);
    let heard = desk.heard(bridge);
    let conf: AgentDeskSettingsConf<'_> = find(&heard);
    assert!(conf.desk_settings_mask.contains(DeskSettingsMask::DESK_IDLE_REASON_REQUIRED_MASK));
    let unnamed = AgentDeskSettingsReq { peripheral_id: 5_000, ..AgentDeskSettingsReq::default() };
    assert_eq!(desk.ask(bridge, &unnamed), Answer::Failed(FailureStatus::E_CTI_REQUIRED_DATA_MISSING));
}

#[test]
fn the_statistics_of_a_group_are_those_of_its_calls() {
    let mut config = Config::new(Product::Cce);
    config.skill_groups = 1;
    config.calls_per_hour = 200.0;
    config.habits.consult = 0.0;
    config.habits.blind_transfer = 0.0;
    let mut desk = Desk::new(config);
    let bridge = desk.bridge(cce());
    desk.pass(3 * 3_600);
    let request = |number, id| QuerySkillGroupStatisticsReq {
        peripheral_id: 5_000,
        skill_group_number: number,
        skill_group_id: id,
        ..QuerySkillGroupStatisticsReq::default()
    };
    for (number, id, status) in [
        (999, NULL_SKILL_GROUP, FailureStatus::E_CTI_INVALID_SKILL_GROUP),
        (NULL_SKILL_GROUP, NULL_SKILL_GROUP, FailureStatus::E_CTI_INVALID_SKILL_GROUP),
    ] {
        assert_eq!(desk.ask(bridge, &request(number, id)), Answer::Failed(status));
    }
    let heard = desk.heard(bridge);
    let handled = heard.iter().filter_map(|heard| heard.frame().decode::<AgentStateEvent<'_>>().ok()).filter(|event| {
        matches!(event.agent_state, AgentState::AGENT_STATE_WORK_READY | AgentState::AGENT_STATE_WORK_NOT_READY)
    });
    let handled = handled.count() as u32;
    let queued = kinds(&heard).iter().filter(|kind| **kind == MessageType::CALL_DEQUEUED_EVENT).count() as u32;
    assert_eq!(desk.ask(bridge, &request(101, NULL_SKILL_GROUP)), Answer::Confirmed);
    let heard = desk.heard(bridge);
    let conf: QuerySkillGroupStatisticsConf = find(&heard);
    let agents = conf.agents;
    assert_eq!(agents.agents_logged_on, 24);
    let states = agents.agents_avail
        + agents.agents_not_ready
        + agents.agents_reserved
        + agents.agents_hold
        + agents.agents_work_ready
        + agents.agents_work_not_ready
        + agents.agents_busy_other
        + agents.agents_talking_in
        + agents.agents_talking_out
        + agents.agents_talking_other
        + agents.agents_talking_auto_out;
    assert_eq!(states, 24);
    // Work that goes on has not been counted yet.
    let working = agents.agents_work_ready + agents.agents_work_not_ready;
    assert_eq!(conf.skill_group_today.handled_calls, handled - working);
    assert_eq!(conf.queue_today.calls_q, queued);
    assert!(conf.to_half.handled_calls <= conf.skill_group_today.handled_calls);
    assert!(conf.to5.handled_calls <= conf.to_half.handled_calls.max(conf.to5.handled_calls));
    assert!(conf.skill_group_today.logged_on_time > 24 * 3 * 3_500);
    assert_eq!(desk.ask(bridge, &request(101, 5_200)), Answer::Confirmed);
}

#[test]
fn a_greeting_is_stopped_and_turned_off_and_a_recording_is_started_and_stopped() {
    let mut desk = quiet(24);
    let (agent, call) = busy(&mut desk, "1002", "5002", "92065551234");
    let control = Answer::Control;
    let greeting = |action| AgentGreetingControlReq {
        peripheral_id: 5_000,
        agent_action: action,
        agent_id: Some("1002".into()),
        ..AgentGreetingControlReq::default()
    };
    let no_greeting =
        AgentGreetingControlReq { agent_id: Some("1003".into()), ..greeting(AgentGreetingAction::DISABLE_GREETING) };
    let bridge = desk.bridge(cce());
    assert_eq!(
        desk.ask(bridge, &no_greeting),
        control(ControlFailureCode::CF_AGENT_GREETING_CONTROL_OPERATION_FAILURE)
    );
    assert_eq!(
        desk.ask(agent, &greeting(AgentGreetingAction::STOP_GREETING)),
        control(ControlFailureCode::CF_AGENT_GREETING_CONTROL_OPERATION_FAILURE)
    );
    assert_eq!(desk.ask(agent, &greeting(AgentGreetingAction(9))), control(ControlFailureCode::CF_VALUE_OUT_OF_RANGE));
    assert_eq!(desk.ask(agent, &greeting(AgentGreetingAction::DISABLE_GREETING)), Answer::Confirmed);
    let start = StartNetworkRecordingReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        ..StartNetworkRecordingReq::default()
    };
    let stop = StopNetworkRecordingReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        ..StopNetworkRecordingReq::default()
    };
    assert_eq!(desk.ask(agent, &stop), control(ControlFailureCode::CF_INVALID_OBJECT_STATE));
    desk.heard(agent);
    assert_eq!(desk.ask(agent, &start), Answer::Confirmed);
    let heard = desk.heard(agent);
    assert_eq!(
        kinds(&heard),
        [
            MessageType::START_NETWORK_RECORDING_CONF,
            MessageType::NETWORK_RECORDING_STARTED_EVENT,
            MessageType::NETWORK_RECORDING_TARGET_INFO_EVENT
        ]
    );
    assert_eq!(desk.ask(agent, &start), control(ControlFailureCode::CF_INVALID_OBJECT_STATE));
    let shown = StopNetworkRecordingReq { invocation_type: Some(InvocationType::USER_RECORDING), ..stop };
    assert_eq!(desk.ask(agent, &shown), control(ControlFailureCode::CF_REQUEST_INCOMPATIBLE_WITH_OBJECT));
    assert_eq!(desk.ask(agent, &stop), Answer::Confirmed);
    let heard = desk.heard(agent);
    assert_eq!(kinds(&heard).last(), Some(&MessageType::NETWORK_RECORDING_ENDED_EVENT));
}

#[test]
fn small_requests_do_what_they_say() {
    let mut desk = quiet(24);
    let (agent, call) = busy(&mut desk, "1002", "5002", "92065551234");
    let bridge = desk.bridge(cce());
    let failed = Answer::Failed;
    let attributes = SetDeviceAttributesReq {
        peripheral_id: 5_000,
        skill_group_number: 101,
        call_type: CallType::CALLTYPE_OUT,
        calling_device_id: Some("5003".into()),
        ..SetDeviceAttributesReq::default()
    };
    assert_eq!(
        desk.ask(bridge, &SetDeviceAttributesReq { calling_device_id: Some("x".into()), ..attributes }),
        failed(FailureStatus::E_CTI_INVALID_DEVICE)
    );
    assert_eq!(
        desk.ask(bridge, &SetDeviceAttributesReq { skill_group_number: 9, ..attributes }),
        failed(FailureStatus::E_CTI_INVALID_SKILL_GROUP)
    );
    assert_eq!(
        desk.ask(bridge, &SetDeviceAttributesReq { skill_group_id: 5_201, ..attributes }),
        failed(FailureStatus::E_CTI_SKILL_GROUP_CONFLICT)
    );
    assert_eq!(
        desk.ask(bridge, &SetDeviceAttributesReq { service_number: 9, ..attributes }),
        failed(FailureStatus::E_CTI_INVALID_SERVICE)
    );
    assert_eq!(
        desk.ask(bridge, &SetDeviceAttributesReq { service_number: 201, service_id: 9, ..attributes }),
        failed(FailureStatus::E_CTI_SERVICE_CONFLICT)
    );
    assert_eq!(desk.ask(bridge, &attributes), Answer::Confirmed);
    let (third, _) = busy(&mut desk, "1003", "5003", "92065551235");
    let statistics = QueryAgentStatisticsReq {
        peripheral_id: 5_000,
        agent_id: Some("1003".into()),
        ..QueryAgentStatisticsReq::default()
    };
    assert_eq!(desk.ask(third, &statistics), Answer::Confirmed);
    let data = SetAppDataReq {
        application_path_id: Some(5),
        call_variables: CallVariables::NONE.with(1, "x".into()),
        ..SetAppDataReq::default()
    };
    assert_eq!(desk.ask(bridge, &data), Answer::Confirmed);
    let report = ClientEventReportReq {
        state: ClientEventState::WARNING,
        object_name: Some("door".into()),
        text: Some("open".into()),
        ..ClientEventReportReq::default()
    };
    assert_eq!(desk.ask(bridge, &report), Answer::Confirmed);
    assert_eq!(
        desk.ask(bridge, &ClientEventReportReq { state: ClientEventState(9), ..report }),
        failed(FailureStatus::E_CTI_INVALID_OBJECT_STATE)
    );
    let rated = SetAgentServiceDataReq {
        agent_skill_target_id: 8_001,
        num_positive_answers_suggestions: Some(3),
        ..SetAgentServiceDataReq::default()
    };
    assert_eq!(desk.ask(bridge, &rated), Answer::Confirmed);
    assert_eq!(
        desk.ask(bridge, &SetAgentServiceDataReq { agent_skill_target_id: 1, ..rated }),
        failed(FailureStatus::E_CTI_INVALID_AGENT_DATA)
    );
    let bad = BadCallReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        ..BadCallReq::default()
    };
    assert_eq!(desk.ask(agent, &bad), Answer::Confirmed);
    let predictive = MakePredictiveCallReq {
        peripheral_id: 5_000,
        originating_device_id: Some("7001".into()),
        dialed_number: Some("92065551236".into()),
        ..MakePredictiveCallReq::default()
    };
    assert_eq!(
        desk.ask(agent, &predictive),
        Answer::Control(ControlFailureCode::CF_PRIVILEGE_VIOLATION_ON_CALLING_DEVICE),
        "of the dialer only"
    );
    let unknown = MakePredictiveCallReq { originating_device_id: Some("5002".into()), ..predictive };
    assert_eq!(desk.ask(bridge, &unknown), Answer::Control(ControlFailureCode::CF_INVALID_CALLING_DEVICE));
    let odd = MakePredictiveCallReq { allocation_state: AllocationState(7), ..predictive };
    assert_eq!(desk.ask(bridge, &odd), failed(FailureStatus::E_CTI_INVALID_ALLOCATION_STATE));
}

#[test]
fn a_ringing_call_is_deflected_or_comes_back_to_the_queue() {
    let mut desk = quiet(24);
    let bridge = desk.open(cce(), &Desk::open_req(cce(), BRIDGE));
    let b = desk.desktop(cce(), "1003");
    let rest = |extension: &'static str| SetAgentStateReq {
        peripheral_id: 5_000,
        agent_state: AgentState::AGENT_STATE_NOT_READY,
        event_reason_code: 1,
        agent_instrument: Some(extension.into()),
        ..SetAgentStateReq::default()
    };
    assert_eq!(desk.ask(b, &rest("5003")), Answer::Confirmed);
    assert_eq!(desk.ask(bridge, &rest("5002")), Answer::Confirmed);
    let make = MakeCallReq {
        peripheral_id: 5_000,
        agent_instrument: Some("5002".into()),
        dialed_number: Some("5003".into()),
        ..MakeCallReq::default()
    };
    assert_eq!(desk.ask(bridge, &make), Answer::Confirmed);
    let heard = desk.heard(bridge);
    let call = find::<MakeCallConf<'_>>(&heard).new_connection_call_id;
    let deflect = |to: &'static str| DeflectCallReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        called_device_type: DeviceIdType::DEVID_DEVICE_IDENTIFIER,
        connection_device_id: Some("5003".into()),
        called_device_id: Some(to.into()),
        ..DeflectCallReq::default()
    };
    assert_eq!(desk.ask(b, &deflect("1234")), Answer::Control(ControlFailureCode::CF_INVALID_DESTINATION));
    assert_eq!(desk.ask(b, &deflect("5004")), Answer::Confirmed);
    let heard = desk.heard(b);
    let diverted: CallDivertedEvent<'_> = find(&heard);
    assert_eq!(
        (diverted.diverting_device_id.unwrap(), diverted.called_device_id.unwrap()),
        ("5003".into(), "5004".into())
    );
    assert_eq!(kinds(&heard).last(), Some(&MessageType::END_CALL_EVENT));
    let heard = desk.heard(bridge);
    let delivered: CallDeliveredEvent<'_> = find(&heard);
    assert_eq!(
        (delivered.alerting_device_id.unwrap(), delivered.last_redirect_device_id.unwrap()),
        ("5004".into(), "5003".into())
    );
}
