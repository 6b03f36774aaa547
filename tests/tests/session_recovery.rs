//! After a loss: monitors made again, and the picture taken anew at a pace.

use std::time::Duration;

use cti_proto::harness::{End, Memory, OwnedEvent, OwnedServerEvent, Pair, Reach};
use cti_proto::message::{
    AgentStateEvent, ChangeMonitorMaskConf, ChangeMonitorMaskReq, MonitorAgentTeamStartReq, MonitorStartReq,
    MonitorStopReq, QueryAgentStateReq,
};
use cti_proto::session::{Delivery, Request, RequestError, Side};
use cti_proto::strategy::OwnedFrame;
use cti_proto::value::{AgentStateMask, CallEventMask, ConnectionDeviceIdType, DeviceIdType, FailureStatus};
use cti_proto::{FieldFormat, MessageType, Protocol};
use cti_tests::session::{CCE_FALLBACK, cce24, events, pair, secs, server_events};

fn device(device: &str) -> MonitorStartReq<'_> {
    MonitorStartReq {
        peripheral_id: 5_000,
        call_msg_mask: CallEventMask::ALL,
        agent_state_mask: AgentStateMask::ALL,
        monitored_device_type: DeviceIdType(0),
        monitored_device_id: Some(device.into()),
        ..MonitorStartReq::default()
    }
}

fn call() -> MonitorStartReq<'static> {
    MonitorStartReq {
        peripheral_id: 5_000,
        connection_call_id: 17,
        connection_device_id_type: ConnectionDeviceIdType(0),
        connection_device_id: Some("17".into()),
        ..MonitorStartReq::default()
    }
}

/// Requests that reached the servers, with their frames' types and devices.
fn asked(pair: &mut Pair<'_>) -> Vec<(Request, String)> {
    pair.settle();
    let asked = server_events(pair).into_iter().filter_map(|event| match event {
        OwnedServerEvent::Request { request, frame } => {
            let device = frame.frame().decode::<MonitorStartReq>().ok().and_then(|request| request.monitored_device_id);
            let device = device.map(|device| device.to_string());
            Some((request, device.unwrap_or_default()))
        }
        _ => None,
    });
    asked.collect()
}

/// Makes a monitor, which gets this ID.
fn make(pair: &mut Pair<'_>, request: &MonitorStartReq<'_>, monitor_id: u32) {
    let request = pair.request(request).unwrap();
    pair.settle();
    pair.confirm_monitor(request, monitor_id);
    pair.settle();
    pair.clear_logs();
}

fn lose_and_reopen(pair: &mut Pair<'_>) {
    pair.cut();
    pair.settle();
    assert!(pair.client().opened().is_some());
}

#[test]
fn monitors_of_devices_and_teams_are_made_again_after_a_loss() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    make(&mut pair, &device("1001"), 71);
    make(&mut pair, &device("1002"), 72);
    let team = pair.request(&MonitorAgentTeamStartReq { team_id: 9, ..MonitorAgentTeamStartReq::default() }).unwrap();
    pair.settle();
    pair.confirm_monitor(team, 73);
    pair.settle();
    pair.clear_logs();
    lose_and_reopen(&mut pair);
    let again = asked(&mut pair);
    let devices: Vec<_> = again.iter().map(|(request, device)| (request.message, device.as_str())).collect();
    assert_eq!(
        devices,
        [
            (MessageType::MONITOR_START_REQ, "1001"),
            (MessageType::MONITOR_START_REQ, "1002"),
            (MessageType::MONITOR_AGENT_TEAM_START_REQ, "")
        ]
    );
    // They get new IDs, which hold for the next loss.
    for (monitor_id, (request, _)) in (81..).zip(again) {
        pair.confirm_monitor(request, monitor_id);
    }
    pair.settle();
    let confirmed = events(&mut pair).iter().filter(|event| matches!(event, OwnedEvent::Confirmed { .. })).count();
    assert_eq!(confirmed, 3);
    pair.request(&MonitorStopReq { monitor_id: 81, ..MonitorStopReq::default() }).unwrap();
    pair.settle();
    pair.clear_logs();
    lose_and_reopen(&mut pair);
    assert_eq!(asked(&mut pair).len(), 2, "the first one was stopped");
}

#[test]
fn monitors_of_calls_end_with_the_session() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    make(&mut pair, &call(), 71);
    lose_and_reopen(&mut pair);
    assert_eq!(asked(&mut pair), []);
    assert_eq!(pair.client().counters().monitors_forgotten, 0);
}

#[test]
fn the_servers_monitors_end_with_the_session() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    make(&mut pair, &device("1001"), 71);
    assert_eq!(pair.server(Side::A).unwrap().monitors().count(), 1);
    assert_eq!(pair.emit_for(71, &AgentStateEvent::default()), Delivery::Sent);
    lose_and_reopen(&mut pair);
    assert_eq!(pair.server(Side::A).unwrap().monitors().count(), 0);
    assert_eq!(pair.emit_for(71, &AgentStateEvent::default()), Delivery::NotWanted);
}

#[test]
fn a_monitor_that_was_refused_or_timed_out_is_not_made_again() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    let refused = pair.request(&device("1001")).unwrap();
    pair.request(&device("1002")).unwrap();
    pair.settle();
    pair.fail(refused, FailureStatus::E_CTI_INVALID_DEVICE);
    pair.run_until(secs(31));
    pair.clear_logs();
    lose_and_reopen(&mut pair);
    assert_eq!(asked(&mut pair), []);
}

#[test]
fn a_monitor_whose_answer_was_lost_is_made_again() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    let request = pair.request(&device("1001")).unwrap();
    lose_and_reopen(&mut pair);
    assert!(pair.events().iter().any(|(_, event)| *event == OwnedEvent::Lost(request)));
    assert_eq!(asked(&mut pair).len(), 1);
}

#[test]
fn a_monitor_is_made_again_with_the_masks_it_was_changed_to() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    make(&mut pair, &device("1001"), 71);
    let masks = (CallEventMask::BEGIN_CALL_MASK, AgentStateMask::AGENT_LOGIN_MASK);
    let change = ChangeMonitorMaskReq {
        monitor_id: 71,
        call_msg_mask: masks.0,
        agent_state_mask: masks.1,
        ..ChangeMonitorMaskReq::default()
    };
    pair.request(&change).unwrap();
    pair.settle();
    assert!(pair.events()[0].1.frame().unwrap().decode::<ChangeMonitorMaskConf>().is_ok());
    pair.clear_logs();
    lose_and_reopen(&mut pair);
    let again: Vec<_> = pair
        .sent_by(End::Client)
        .filter_map(|(_, frame)| frame.decode::<MonitorStartReq>().ok())
        .map(|request| (request.call_msg_mask, request.agent_state_mask))
        .collect();
    assert_eq!(again, [masks]);
}

#[test]
fn a_monitor_is_made_again_in_the_version_that_the_next_session_opens_with() {
    let mut config = cce24();
    config.protocols = CCE_FALLBACK;
    let mut memory = Memory::new();
    let mut pair = pair(config, &mut memory);
    pair.open();
    make(&mut pair, &device("1001"), 71);
    pair.server_config_mut(Side::A).versions = (9, 19);
    pair.cut();
    pair.run_until(secs(10));
    assert_eq!(pair.client().opened().map(|opened| opened.protocol), Protocol::cce(19).ok());
    assert_eq!(pair.client().protocol().format(), Some(FieldFormat::Narrow));
    assert_eq!(asked(&mut pair).iter().map(|(_, device)| device.as_str()).collect::<Vec<_>>(), ["1001"]);
    assert_eq!(pair.client().counters().monitors_forgotten, 0);
}

#[test]
fn monitors_without_room_to_be_remembered_are_counted() {
    let mut memory = Memory::<16, 2>::with_buffers((12_500, 12_500), (12_500, 12_500));
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    for device_id in ["1001", "1002", "1003"] {
        pair.request(&device(device_id)).unwrap();
    }
    assert_eq!(pair.client().counters().monitors_forgotten, 1);
    lose_and_reopen(&mut pair);
    assert_eq!(asked(&mut pair).iter().map(|(_, device)| device.as_str()).collect::<Vec<_>>(), ["1001", "1002"]);
}

#[test]
fn monitors_wait_for_room_to_be_made_again() {
    let mut memory = Memory::<2, 8>::with_buffers((12_500, 256), (12_500, 12_500));
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    for number in 0..8 {
        make(&mut pair, &device(&format!("100{number}")), number + 1);
    }
    lose_and_reopen(&mut pair);
    let mut made = 0;
    while made < 8 {
        let asked = asked(&mut pair);
        assert!(!asked.is_empty() && asked.len() <= 2, "{asked:?}");
        for (request, _) in asked {
            made += 1;
            pair.confirm_monitor(request, 100 + made);
        }
    }
    assert_eq!(pair.server(Side::A).unwrap().monitors().count(), 8);
}

#[test]
fn nothing_is_kept_for_a_client_that_is_away() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    pair.set_reach(Side::A, Reach::Refuses);
    pair.set_reach(Side::B, Reach::Refuses);
    pair.cut();
    assert_eq!(pair.emit(&AgentStateEvent::default()), Delivery::NotOpen);
    pair.run_until(secs(10));
    pair.set_reach(Side::A, Reach::Accepts);
    pair.run_until(secs(100));
    assert!(pair.client().opened().is_some());
    let is_state = |frame: &OwnedFrame| frame.frame().message_type() == MessageType::AGENT_STATE_EVENT;
    let told = pair.events();
    assert!(!told.iter().any(|(_, event)| matches!(event, OwnedEvent::Message(frame) if is_state(frame))));
}

fn query() -> QueryAgentStateReq<'static> {
    QueryAgentStateReq { agent_id: Some("1".into()), ..QueryAgentStateReq::default() }
}

#[test]
fn a_resynchronisation_is_announced_after_a_gap_and_paced() {
    let mut config = cce24();
    config.resync_interval = Duration::from_millis(250);
    let mut memory = Memory::new();
    let mut pair = pair(config, &mut memory);
    pair.open();
    assert_eq!(pair.events(), [], "not at the first opening");
    lose_and_reopen(&mut pair);
    assert!(matches!(
        &events(&mut pair)[..],
        [_, OwnedEvent::Opened(_), OwnedEvent::Message(_), OwnedEvent::ResyncReady]
    ));
    for round in 0..4 {
        let now = pair.now();
        assert_eq!(now.as_millis(), round * 250);
        pair.client_mut().resync(now, &query()).unwrap();
        assert_eq!(pair.client_mut().resync(now, &query()), Err(RequestError::TooEarly));
        pair.run_for(Duration::from_millis(249));
        assert_eq!(events(&mut pair), []);
        pair.run_for(Duration::from_millis(1));
        assert_eq!(events(&mut pair), [OwnedEvent::ResyncReady]);
    }
    pair.client_mut().finish_resync();
    let now = pair.now();
    assert_eq!(pair.client_mut().resync(now, &query()), Err(RequestError::TooEarly));
    pair.run_for(Duration::from_secs(10));
    assert_eq!(events(&mut pair), []);
    assert!(pair.request(&query()).is_ok(), "other requests are not held up");
}

#[test]
fn a_resynchronisation_can_be_begun_for_the_first_picture() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    let now = pair.now();
    pair.client_mut().start_resync(now);
    pair.settle();
    assert_eq!(events(&mut pair), [OwnedEvent::ResyncReady]);
    pair.cut();
    pair.settle();
    assert_eq!(events(&mut pair).iter().filter(|event| **event == OwnedEvent::ResyncReady).count(), 1);
}
