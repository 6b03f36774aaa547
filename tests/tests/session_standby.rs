//! Active and standby servers, and the way into maintenance.

use std::time::Duration;

use cti_proto::MessageType;
use cti_proto::harness::{End, Memory, OwnedEvent, OwnedServerEvent, Pair};
use cti_proto::message::{
    ActiveMaintenanceEventMsg, ActiveMaintenanceReqMsg, ActiveMaintenanceRespMsg, CallDeliveredEvent,
    CallEstablishedEvent, QueryAgentStateReq, StandbyActiveEventMsg,
};
use cti_proto::session::{Cause, ClientConfig, Delivery, Ended, RequestError, ServerEnded, Side};
use cti_proto::value::{EventCause, FailureStatus, SessionType};
use cti_tests::session::{CCE23, beating, cce24, ccx15, events, for_standby, losses, pair, secs, server_events, wire};

fn query() -> QueryAgentStateReq<'static> {
    QueryAgentStateReq { agent_id: Some("1".into()), ..QueryAgentStateReq::default() }
}

/// A client whose side A is on standby.
fn with_standby<'s>(config: ClientConfig<'static>, memory: &'s mut Memory) -> Pair<'s> {
    let mut pair = pair(config, memory);
    pair.server_config_mut(Side::A).standby = true;
    pair
}

fn maintenance(goes_on: bool) -> ActiveMaintenanceEventMsg {
    ActiveMaintenanceEventMsg { maintenance_mode_status: goes_on }
}

/// The server goes into maintenance, and then takes nothing more from the client.
fn go_into_maintenance(pair: &mut Pair<'_>) {
    pair.open();
    pair.send(&maintenance(true));
    pair.settle();
    pair.stall(End::Client, true);
}

/// Answers to ACTIVE_MAINTENANCE_REQ_MSG: when, to which, and whether it was accepted.
fn answers(pair: &Pair<'_>) -> Vec<(u64, u32, bool)> {
    let answers = pair.sent_by(End::Client).filter_map(|(at, frame)| {
        let answer: ActiveMaintenanceRespMsg = frame.decode().ok()?;
        Some((at.as_millis(), answer.invoke_id, answer.maintenance_mode_accepted))
    });
    answers.collect()
}

#[test]
fn a_standby_session_opens_and_says_so() {
    let mut memory = Memory::new();
    let mut pair = with_standby(for_standby(), &mut memory);
    assert_eq!(pair.open().session_type, SessionType::STANDBY);
}

#[test]
fn an_old_client_is_refused_by_the_standby_side_with_15_and_goes_to_the_active_one() {
    let mut config = cce24();
    config.protocols = CCE23;
    let mut memory = Memory::new();
    let mut pair = with_standby(config, &mut memory);
    pair.run_until(secs(1));
    assert_eq!(losses(&pair)[0].2, Cause::Refused(FailureStatus::E_CTI_CTI_SERVER_OFFLINE.into()));
    assert_eq!(pair.client().opened().map(|opened| opened.side), Some(Side::B));
}

#[test]
fn a_client_without_the_standby_service_is_refused_with_107_and_goes_to_the_active_one() {
    let mut memory = Memory::new();
    let mut pair = with_standby(cce24(), &mut memory);
    pair.run_until(secs(1));
    assert_eq!(losses(&pair)[0].2, Cause::Refused(FailureStatus::E_CTI_INVALID_CLIENT_FOR_STANDBY.into()));
    assert_eq!(pair.client().opened().map(|opened| opened.side), Some(Side::B));
}

#[test]
fn a_standby_node_of_express_opens_no_sessions() {
    let mut memory = Memory::new();
    let mut pair = with_standby(ccx15(), &mut memory);
    pair.run_until(secs(10));
    assert_eq!(losses(&pair)[0].2, Cause::Refused(FailureStatus::E_CTI_SERVER_NOT_MASTER.into()));
}

#[test]
fn a_standby_session_takes_no_requests_and_is_kept_alive() {
    let mut config = for_standby();
    config.heartbeat = beating().heartbeat;
    let mut memory = Memory::new();
    let mut pair = with_standby(config, &mut memory);
    pair.open();
    assert_eq!(pair.request(&query()), Err(RequestError::Standby));
    pair.run_until(secs(60));
    assert!(wire(&pair, End::Client).iter().all(|(_, message)| *message == MessageType::HEARTBEAT_REQ));
    assert_eq!(pair.events(), []);
    pair.close(FailureStatus::E_CTI_NO_ERROR);
    pair.settle();
    assert_eq!(events(&mut pair), [OwnedEvent::Ended(Ended::Closed)]);
}

#[test]
fn a_standby_server_refuses_requests() {
    let mut memory = Memory::new();
    let mut pair = with_standby(for_standby(), &mut memory);
    pair.open();
    pair.inject_message(End::Client, &query());
    pair.settle();
    let refused = server_events(&mut pair);
    let [OwnedServerEvent::Refused { status, .. }] = &refused[..] else { panic!("{refused:?}") };
    assert_eq!(*status, FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE);
}

#[test]
fn a_standby_session_takes_requests_from_standby_active_event_msg_on() {
    let mut memory = Memory::new();
    let mut pair = with_standby(for_standby(), &mut memory);
    pair.open();
    pair.send(&StandbyActiveEventMsg::default());
    pair.settle();
    assert!(matches!(&events(&mut pair)[..], [OwnedEvent::Message(_)]));
    assert_eq!(pair.client().opened().map(|opened| opened.session_type), Some(SessionType::ACTIVE));
    let request = pair.request(&query()).unwrap();
    pair.settle();
    assert!(matches!(
        &server_events(&mut pair)[..],
        [OwnedServerEvent::Request { request: asked, .. }] if *asked == request
    ));
}

#[test]
fn a_promotion_may_also_be_sent_as_an_event() {
    let mut memory = Memory::new();
    let mut pair = with_standby(for_standby(), &mut memory);
    pair.open();
    assert_eq!(pair.emit(&StandbyActiveEventMsg::default()), Delivery::Sent);
    pair.settle();
    pair.request(&query()).unwrap();
    pair.settle();
    assert!(matches!(&server_events(&mut pair)[..], [OwnedServerEvent::Request { .. }]));
}

#[test]
fn maintenance_is_answered_at_once_as_configured() {
    for accepted in [true, false] {
        let mut config = for_standby();
        config.accept_maintenance = accepted;
        let mut memory = Memory::new();
        let mut pair = pair(config, &mut memory);
        pair.open();
        pair.run_until(secs(7));
        pair.send(&ActiveMaintenanceReqMsg { invoke_id: 4_711 });
        pair.settle();
        assert_eq!(answers(&pair), [(7_000, 4_711, accepted)], "under the server's invoke ID");
        let told = server_events(&mut pair);
        assert!(matches!(&told[..], [OwnedServerEvent::Message(_)]), "{told:?}");
    }
}

#[test]
fn maintenance_waits_where_there_is_no_room_to_answer() {
    let mut memory = Memory::<64, 8>::with_buffers((12_500, 256), (12_500, 12_500));
    let mut pair = pair(for_standby(), &mut memory);
    pair.open();
    pair.stall(End::Client, true);
    while pair.request(&query()).is_ok() {}
    let _ = pair.client_mut().transmit();
    // Down to the last bytes.
    while pair.client_mut().send(secs(0), &ActiveMaintenanceRespMsg::default()).is_ok() {}
    pair.send(&ActiveMaintenanceReqMsg { invoke_id: 4_711 });
    pair.send(&maintenance(false));
    pair.settle();
    assert_eq!(pair.events(), [], "it is not handed out before it can be answered, nor is what is behind it");
    pair.stall(End::Client, false);
    pair.settle();
    assert_eq!(answers(&pair).last(), Some(&(0, 4_711, true)));
    assert_eq!(events(&mut pair).len(), 2);
}

#[test]
fn the_side_in_maintenance_is_told_to_expect_no_requests_within_5_s() {
    let mut memory = Memory::new();
    let mut pair = pair(for_standby(), &mut memory);
    pair.open();
    pair.send(&maintenance(true));
    pair.run_until(secs(4));
    let stopping = MessageType::STOPPING_REQUESTS_TO_THIS_SIDE_IND;
    assert!(wire(&pair, End::Client).contains(&(4_000, stopping)));
}

#[test]
fn the_old_side_drops_the_connection_and_the_client_goes_to_the_other_one() {
    let mut memory = Memory::new();
    let mut pair = pair(for_standby(), &mut memory);
    pair.open();
    pair.send(&maintenance(true));
    pair.run_until(secs(4));
    assert!(server_events(&mut pair).contains(&OwnedServerEvent::Ended(ServerEnded::Left)));
    assert_eq!(losses(&pair), [(4_000, Side::A, Cause::Maintenance, Side::B, 4_000)]);
    assert_eq!(pair.client().opened().map(|opened| opened.side), Some(Side::B));
}

#[test]
fn the_application_can_leave_earlier() {
    let mut memory = Memory::new();
    let mut pair = pair(for_standby(), &mut memory);
    pair.open();
    pair.send(&maintenance(true));
    pair.run_until(secs(1));
    let now = pair.now();
    pair.client_mut().stop_requests(now).unwrap();
    pair.settle();
    assert_eq!(losses(&pair), [(1_000, Side::A, Cause::Maintenance, Side::B, 1_000)]);
    pair.run_until(secs(20));
    assert_eq!(losses(&pair).len(), 1);
}

#[test]
fn a_maintenance_that_is_cancelled_changes_nothing() {
    let mut memory = Memory::new();
    let mut pair = pair(for_standby(), &mut memory);
    pair.open();
    pair.send(&maintenance(true));
    pair.run_until(secs(1));
    pair.send(&maintenance(false));
    pair.run_until(secs(60));
    assert_eq!(pair.client().opened().map(|opened| opened.side), Some(Side::A));
    assert_eq!(wire(&pair, End::Client), []);
}

#[test]
fn a_side_in_maintenance_is_left_also_where_there_is_no_room_to_say_so() {
    let mut memory = Memory::<64, 8>::with_buffers((12_500, 256), (12_500, 12_500));
    let mut pair = pair(for_standby(), &mut memory);
    go_into_maintenance(&mut pair);
    while pair.client_mut().send(secs(0), &ActiveMaintenanceRespMsg::default()).is_ok() {}
    while pair.request(&query()).is_ok() {}
    pair.run_until(secs(5));
    pair.end(FailureStatus::E_CTI_SERVER_IN_MAINTENANCE_MODE);
    pair.settle();
    assert_eq!(losses(&pair)[0].2, Cause::Maintenance);
    assert_eq!(losses(&pair)[0].3, Side::B);
}

#[test]
fn a_side_in_maintenance_that_does_not_drop_the_connection_is_left_after_5_s() {
    let mut memory = Memory::new();
    let mut pair = pair(for_standby(), &mut memory);
    go_into_maintenance(&mut pair);
    pair.run_until(secs(8));
    assert_eq!((losses(&pair), pair.client().opened()), (vec![], None));
    assert_eq!(pair.request(&query()), Err(RequestError::NotOpen));
    pair.run_until(secs(20));
    assert_eq!(losses(&pair)[0], (9_000, Side::A, Cause::Maintenance, Side::B, 9_000));
}

#[test]
fn closing_on_the_way_into_maintenance_ends_in_order() {
    let mut memory = Memory::new();
    let mut pair = pair(for_standby(), &mut memory);
    go_into_maintenance(&mut pair);
    pair.close(FailureStatus::E_CTI_NO_ERROR);
    // The moment to leave passes while the client waits for CLOSE_CONF.
    pair.run_until(secs(10));
    assert_eq!(pair.events().last(), Some(&(secs(5), OwnedEvent::Ended(Ended::ClosedUnconfirmed))));
}

#[test]
fn a_server_in_maintenance_opens_no_sessions_and_the_client_goes_on() {
    let mut memory = Memory::new();
    let mut pair = pair(for_standby(), &mut memory);
    pair.server_config_mut(Side::A).maintenance = true;
    pair.run_until(secs(1));
    assert_eq!(losses(&pair)[0].2, Cause::Refused(FailureStatus::E_CTI_SERVER_IN_MAINTENANCE_MODE.into()));
    assert_eq!(pair.client().opened().map(|opened| opened.side), Some(Side::B));
}

#[test]
fn the_events_that_rebuild_the_calls_after_a_switch_are_delivered() {
    let mut memory = Memory::new();
    let mut pair = pair(for_standby(), &mut memory);
    pair.open();
    let cause = EventCause::CEC_CALL_PARTY_UPDATE_IND;
    let delivered = CallDeliveredEvent {
        connection_device_id: Some("1".into()),
        event_cause: cause,
        ..CallDeliveredEvent::default()
    };
    let established = CallEstablishedEvent {
        connection_device_id: Some("1".into()),
        event_cause: cause,
        ..CallEstablishedEvent::default()
    };
    assert_eq!((pair.emit(&delivered), pair.emit(&established)), (Delivery::Sent, Delivery::Sent));
    pair.run_for(Duration::ZERO);
    assert_eq!(events(&mut pair).len(), 2);
}
