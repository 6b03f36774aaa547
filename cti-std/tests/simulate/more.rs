//! Monitors, texts, data, descriptions, statistics, greetings: what requests do. What they are refused for is in
//! `requests`.

use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::{Product, Protocol};
use cti_std::simulate::Config;

use super::desk::{Answer, Desk, Heard, kinds, last};
use super::stage::Stage;

fn cce() -> Protocol {
    Protocol::cce(24).unwrap()
}

#[test]
fn monitors_bring_the_events_of_a_device_a_call_or_a_session() {
    let mut stage = Stage::new(cce());
    let services = CtiService::CTI_SERVICE_PERIPHERAL_MONITOR | CtiService::CTI_SERVICE_CLIENT_MONITOR;
    stage.come_in_with('w', services);
    stage.does("w MONITOR_START_REQ MonitoredDeviceType=76 MonitoredDeviceID=5002 ConnectionCallID=0 > device");
    stage.does("a MAKE_CALL_REQ AgentInstrument=5002 DialedNumber=92065551234 > call");
    stage.does("wait 30");
    let by = |stage: &Stage, heard: &[Heard], name| {
        heard.iter().filter(|heard| heard.monitor == Some(stage.number(name))).count()
    };
    let heard = stage.heard('w');
    assert!(by(&stage, &heard, "device") > 8, "{:?}", kinds(&heard));
    stage.does("w MONITOR_START_REQ at=call/5002 > ofcall");
    stage.does("w SESSION_MONITOR_START_REQ SessionID=@a > session");
    stage.heard('w');
    stage.does("a HOLD_CALL_REQ at=call/5002");
    let heard = stage.heard('w');
    let held: Vec<_> = heard.into_iter().filter(|heard| heard.message_type() == MessageType::CALL_HELD_EVENT).collect();
    assert_eq!(["device", "ofcall", "session"].map(|name| by(&stage, &held, name)), [1, 1, 1]);
    assert_eq!(held.len(), 3);
    let (agent, status) = (stage.session('a'), FailureStatus::E_CTI_NO_ERROR);
    stage.desk.centre.closed(stage.desk.now, agent, status, &mut stage.desk.ears);
    let heard = stage.heard('w');
    let closed: ClientSessionClosedEvent<'_> = last(&heard);
    assert_eq!((closed.session_id, closed.client_id.unwrap()), (agent.0, "a".into()));
}

#[test]
fn a_monitor_of_a_call_ends_with_the_call() {
    let mut stage = Stage::new(cce());
    stage.come_in_with('w', CtiService::CTI_SERVICE_PERIPHERAL_MONITOR);
    // More than a session may have at a time.
    for _ in 0..20 {
        stage.does("a MAKE_CALL_REQ AgentInstrument=5002 DialedNumber=92065551234 > call");
        assert_eq!(stage.answer("w MONITOR_START_REQ at=call/5002"), "ok");
        stage.does("wait 30");
        stage.does("a CLEAR_CALL_REQ at=call/5002");
        let heard = stage.heard('w');
        assert_eq!(heard.last().map(Heard::message_type), Some(MessageType::END_CALL_EVENT), "{:?}", kinds(&heard));
        stage.does("wait 200");
    }
}

#[test]
fn nothing_is_kept_of_what_is_over() {
    let mut stage = Stage::new(cce());
    stage.come_in_with('w', CtiService::CTI_SERVICE_PERIPHERAL_MONITOR);
    ['s', 'a'].into_iter().for_each(|who| stage.come_in(who));
    stage.does("w MONITOR_START_REQ MonitoredDeviceType=76 MonitoredDeviceID=7001 ConnectionCallID=0 > device");
    stage.does("a MAKE_CALL_REQ AgentInstrument=5002 DialedNumber=92065551234 > call");
    stage.does("wait 30");
    stage.does("s SUPERVISE_CALL_REQ AgentID=@1002 SupervisorInstrument=5001 SupervisoryAction=SUPERVISOR_MONITOR");
    // The agent leaves first, and with the call that is listened to the supervisor's own ends.
    stage.does("a CLEAR_CALL_REQ at=call/5002");
    stage.does("w MONITOR_STOP_REQ MonitorID=device");
    stage.does("wait 300");
    let kept = format!("{:?}", stage.desk.centre);
    for empty in ["listeners: {}", "device_monitors: {}", "ended: {}", "calls: {}"] {
        assert!(kept.contains(empty), "{empty}");
    }
}

#[test]
fn texts_reach_a_client_the_supervisor_the_team_or_all() {
    let mut stage = Stage::new(cce());
    // The supervisor o has another team.
    ['a', 'b', 'o', 's'].into_iter().for_each(|who| stage.come_in(who));
    let mut reached = |line| {
        ['a', 'b', 'o', 's'].into_iter().for_each(|who| drop(stage.heard(who)));
        stage.does(line);
        ['a', 'b', 'o', 's'].map(|who| kinds(&stage.heard(who)).contains(&MessageType::USER_MESSAGE_EVENT))
    };
    let to_client = "a USER_MESSAGE_REQ Distribution=DISTRIBUTE_TO_CLIENT ClientID=b Text=hello";
    assert_eq!(reached(to_client), [false, true, false, false]);
    let to_supervisor = "a USER_MESSAGE_REQ Distribution=DISTRIBUTE_TO_SUPERVISOR Text=hello";
    assert_eq!(reached(to_supervisor), [false, false, false, true]);
    assert_eq!(reached("a USER_MESSAGE_REQ Distribution=DISTRIBUTE_TO_TEAM Text=hello"), [true, true, false, true]);
    assert_eq!(reached("a USER_MESSAGE_REQ Distribution=DISTRIBUTE_TO_ALL Text=hello"), [true; 4]);
}

#[test]
fn data_of_a_call_is_told_to_those_who_want_it() {
    let mut stage = Stage::at(cce(), "outside");
    stage.does("c REGISTER_VARIABLES_REQ CallVariableMask=CALL_VAR_2_MASK user.Segment=");
    stage.does("a SET_CALL_DATA_REQ at=call/5002 CallVariable1=one CallVariable2=two user.Segment=gold user.layout=x");
    let told = |heard: &[Heard]| {
        let update: CallDataUpdateEvent<'_> = last(heard);
        let variables = update.call_variables.iter().map(|(number, value)| (number, value.to_string()));
        let named = update.named_variables.iter().map(|variable| (0, variable.name.to_string()));
        variables.chain(named).collect::<Vec<_>>()
    };
    let text = |number, text: &str| (number, text.to_owned());
    let all = [text(1, "one"), text(2, "two"), text(0, "user.Segment"), text(0, "user.layout")];
    assert_eq!(told(&stage.heard('a')), all);
    assert_eq!(told(&stage.heard('c')), [text(2, "two"), text(0, "user.Segment")], "what was registered");
}

#[test]
fn wrap_up_data_may_follow_a_call_until_it_is_released() {
    let mut stage = Stage::at(cce(), "gone");
    stage.does("a SET_CALL_DATA_REQ at=call/5002 CallWrapupData=done");
    stage.does("a RELEASE_CALL_REQ at=call/5002");
    assert_eq!(stage.answer("a SET_CALL_DATA_REQ at=call/5002 CallWrapupData=done"), "E_CTI_INVALID_CALLID");
    assert_eq!(stage.answer("a RELEASE_CALL_REQ at=call/5002"), "E_CTI_INVALID_CALLID");
}

#[test]
fn devices_calls_and_desk_settings_are_described() {
    let mut stage = Stage::at(cce(), "outside");
    stage.does("c QUERY_DEVICE_INFO_REQ AgentInstrument=5002");
    let heard = stage.heard('c');
    let conf: QueryDeviceInfoConf<'_> = last(&heard);
    assert_eq!((conf.type_of_device, conf.lines.len()), (TypeOfDevice::DEVT_STATION, 2));
    stage.does("c SNAPSHOT_CALL_REQ at=call/5002");
    let heard = stage.heard('c');
    let conf: SnapshotCallConf<'_> = last(&heard);
    let devices: Vec<_> = conf.call_devices.iter().map(|device| (device.device_id.to_string(), device.state)).collect();
    let connected = LocalConnectionState::LCS_CONNECT;
    assert_eq!(devices, [("5002".to_owned(), connected), ("92065551234".to_owned(), connected)]);
    assert_eq!(conf.call_type, CallType::CALLTYPE_OUT);
    let reasons = DeskSettingsMask::DESK_IDLE_REASON_REQUIRED_MASK | DeskSettingsMask::DESK_LOGOUT_REASON_REQUIRED_MASK;
    for (line, strict) in
        [("c AGENT_DESK_SETTINGS_REQ AgentID=@1006", true), ("c AGENT_DESK_SETTINGS_REQ AgentID=@1002", false)]
    {
        stage.does(line);
        let heard = stage.heard('c');
        let conf: AgentDeskSettingsConf<'_> = last(&heard);
        assert_eq!(conf.desk_settings_mask.contains(reasons), strict);
        assert_eq!(conf.desk_settings_mask.intersects(reasons), strict);
    }
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
    let conf: QuerySkillGroupStatisticsConf = last(&heard);
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
fn a_greeting_is_stopped_or_not_played_at_all() {
    let mut stage = Stage::at(cce(), "greeted");
    let codes = |heard: Vec<Heard>| -> Vec<_> {
        let events = heard.iter().filter_map(|heard| heard.frame().decode::<CallAgentGreetingEvent<'_>>().ok());
        events.map(|event| event.event_code).collect()
    };
    assert_eq!(codes(stage.heard('t')), [AgentGreetingEventCode::GREETING_STARTED]);
    stage.does("t AGENT_GREETING_CONTROL_REQ AgentAction=STOP_GREETING AgentID=@1006");
    assert_eq!(codes(stage.heard('t')), [AgentGreetingEventCode::GREETING_ENDED]);
    let mut stage = Stage::at(cce(), "alone");
    stage.does("t AGENT_GREETING_CONTROL_REQ AgentAction=DISABLE_GREETING AgentID=@1006");
    stage.does("c SET_DEVICE_ATTRIBUTES_REQ CallingDeviceID=5002 SkillGroupNumber=102 CallType=1 ServiceNumber=none");
    stage.does("a MAKE_CALL_REQ AgentInstrument=5002 DialedNumber=7002");
    stage.does("wait 10");
    stage.does("t hears call");
    stage.does("t ANSWER_CALL_REQ at=call/5006");
    assert_eq!(codes(stage.heard('t')), []);
}

#[test]
fn a_recording_in_the_network_is_told_from_beginning_to_end() {
    use MessageType as M;
    let mut stage = Stage::at(cce(), "outside");
    stage.heard('a');
    stage.does("a START_NETWORK_RECORDING_REQ at=call/5002");
    let started =
        [M::START_NETWORK_RECORDING_CONF, M::NETWORK_RECORDING_STARTED_EVENT, M::NETWORK_RECORDING_TARGET_INFO_EVENT];
    assert_eq!(kinds(&stage.heard('a')), started);
    stage.does("a STOP_NETWORK_RECORDING_REQ at=call/5002");
    assert_eq!(kinds(&stage.heard('a')).last(), Some(&M::NETWORK_RECORDING_ENDED_EVENT));
}

#[test]
fn a_request_that_is_refused_changes_no_data() {
    let mut stage = Stage::at(cce(), "outside");
    stage.heard('a');
    for line in [
        "a CONFERENCE_CALL_REQ active=call/5002 DialedNumber=nobody CallVariable1=x",
        "a TRANSFER_CALL_REQ active=call/5002 DialedNumber=nobody CallVariable1=x",
    ] {
        assert_eq!(stage.answer(line), "CF_INVALID_CALLED_DEVICE");
        assert!(!kinds(&stage.heard('a')).contains(&MessageType::CALL_DATA_UPDATE_EVENT), "{line}");
    }
}

#[test]
fn a_session_takes_neither_the_agent_nor_the_phone_from_another_client() {
    let mut desk = Desk::new(Config::new(Product::Cce));
    // The last agent is not in yet, and the phone is nobody's.
    let open = |agent: Option<&'static str>, extension: Option<&'static str>, client: &'static str| OpenReq {
        agent_id: agent.map(Into::into),
        agent_extension: extension.map(Into::into),
        client_id: Some(client.into()),
        ..Desk::open_req(cce(), CtiService::CTI_SERVICE_CLIENT_EVENTS)
    };
    let first = desk.open(cce(), &open(None, Some("5025"), "x"));
    desk.open(cce(), &open(Some("1024"), None, "y"));
    let third = desk.open(cce(), &open(Some("1024"), Some("5025"), "x"));
    assert_eq!(desk.ears.refused, [(third, FailureStatus::E_CTI_DEVICE_IN_USE)]);
    // The same client may take all that it has.
    desk.open(cce(), &open(None, Some("5025"), "x"));
    assert_eq!(desk.ears.ended, [(first, FailureStatus::E_CTI_NEW_SESSION_OPENED)]);
}
