//! The end of a session, from either side.

use cti_proto::harness::{End, Memory, OnOpen, OwnedEvent, OwnedServerEvent, Reach};
use cti_proto::message::{CloseConf, CloseReq, FailureConf, FailureEvent, QueryAgentStateConf, QueryAgentStateReq};
use cti_proto::session::{
    Cause, ClientSession, Ended, Event, Request, RequestError, ServerEnded, Side, Transport, Wake,
};
use cti_proto::value::FailureStatus;
use cti_proto::{Frame, MessageType, Storage, encode};
use cti_tests::session::{cce24, events, losses, pair, secs, server_events, wire};

const NORMAL: FailureStatus = FailureStatus::E_CTI_NO_ERROR;

fn query() -> QueryAgentStateReq<'static> {
    QueryAgentStateReq { agent_id: Some("1".into()), ..QueryAgentStateReq::default() }
}

fn status_of(frame: Frame<'_>) -> Option<FailureStatus> {
    Some(frame.decode::<CloseReq>().ok()?.status)
}

#[test]
fn an_orderly_close_waits_for_close_conf_and_resets_the_connection() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    pair.close(NORMAL);
    pair.settle();
    assert_eq!(pair.sent_by(End::Client).filter_map(|(_, frame)| status_of(frame)).collect::<Vec<_>>(), [NORMAL]);
    assert_eq!(wire(&pair, End::Server), [(0, MessageType::CLOSE_CONF)]);
    assert_eq!(events(&mut pair), [OwnedEvent::Ended(Ended::Closed)]);
    assert_eq!(server_events(&mut pair), [OwnedServerEvent::Ended(ServerEnded::Closed(NORMAL))]);
    assert_eq!((pair.client().transport(), pair.client().wake()), (Transport::None, Wake::Idle));
}

/// A session whose OPEN_REQ is on its way.
fn opening(storage: &mut Storage<256, 256, 1, 0>) -> ClientSession<'_> {
    let mut session = ClientSession::new(cce24(), storage.parts()).unwrap();
    session.handle_timeout(secs(0));
    session.connected(secs(0));
    session
}

#[test]
fn a_connection_that_is_gone_is_not_asked_to_be_reset() {
    let mut storage = Storage::new();
    let mut session = opening(&mut storage);
    let (mut buffer, reason) = ([0; 64], FailureStatus::E_CTI_CTI_SERVER_OFFLINE.into());
    let refusal = FailureConf { invoke_id: 1, reason, ..FailureConf::default() };
    let refusal = encode(session.protocol(), &refusal, &mut buffer).unwrap();
    assert_eq!(session.receive(secs(0), refusal), refusal.len());
    assert!(session.wants_write());
    session.transport_closed(secs(0));
    assert!(!session.wants_write(), "there is nobody to write to");
    let told = session.poll_event(secs(0));
    assert!(matches!(told, Some(Event::Disconnected(lost)) if lost.cause == Cause::Refused(reason)), "{told:?}");
    assert_eq!((session.transport(), session.wake()), (Transport::None, Wake::At(secs(1))));

    let mut storage = Storage::new();
    let mut session = opening(&mut storage);
    session.transport_closed(secs(0));
    // The end of the connection is known, whatever the time.
    session.handle_timeout(secs(1_000));
    let told = session.poll_event(secs(1_000));
    assert!(matches!(told, Some(Event::Disconnected(lost)) if lost.cause == Cause::TransportClosed), "{told:?}");

    let mut storage = Storage::new();
    let mut session = opening(&mut storage);
    session.transport_closed(secs(0));
    session.close(secs(0), NORMAL);
    assert_eq!(session.poll_event(secs(0)), Some(Event::Ended(Ended::ClosedUnconfirmed)));
    assert_eq!((session.transport(), session.wake()), (Transport::None, Wake::Idle));
}

#[test]
fn without_close_conf_the_connection_is_reset_after_5_s() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    pair.stall(End::Server, true);
    pair.close(NORMAL);
    pair.run_until(secs(4));
    assert_eq!(pair.events(), []);
    pair.run_until(secs(100));
    assert_eq!(pair.take_events(), [(secs(5), OwnedEvent::Ended(Ended::ClosedUnconfirmed))]);
    assert_eq!(pair.connection(), None);
}

#[test]
fn a_close_conf_for_another_request_does_not_count() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    pair.stall(End::Client, true);
    pair.close(NORMAL);
    pair.inject_message(End::Server, &CloseConf { invoke_id: 4_711 });
    pair.run_until(secs(100));
    assert_eq!(pair.take_events(), [(secs(5), OwnedEvent::Ended(Ended::ClosedUnconfirmed))]);
}

#[test]
fn a_connection_lost_while_closing_ends_the_session_too() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    pair.close(NORMAL);
    pair.cut();
    pair.settle();
    assert_eq!(events(&mut pair), [OwnedEvent::Ended(Ended::ClosedUnconfirmed)]);
    pair.run_until(secs(1_000));
    assert_eq!(events(&mut pair), []);
}

#[test]
fn a_close_without_room_for_close_req_ends_after_5_s() {
    let mut memory = Memory::<16, 8>::with_buffers((12_500, 250), (12_500, 12_500));
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    pair.stall(End::Client, true);
    while pair.request(&query()).is_ok() {}
    pair.close(NORMAL);
    pair.run_until(secs(5));
    assert_eq!(pair.events().last().map(|(_, event)| event), Some(&OwnedEvent::Ended(Ended::ClosedUnconfirmed)));
}

#[test]
fn closing_twice_or_after_the_end_changes_nothing() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    pair.close(NORMAL);
    pair.close(FailureStatus::E_CTI_TIMEOUT);
    while pair.events().is_empty() {
        let _ = pair.step();
    }
    assert_eq!(pair.client().transport(), Transport::Reset);
    pair.close(NORMAL);
    pair.settle();
    pair.close(NORMAL);
    let now = pair.now();
    pair.client_mut().reconnect(now);
    pair.client_mut().connected(now);
    pair.client_mut().transport_closed(now);
    pair.run_until(secs(1_000));
    assert_eq!(events(&mut pair), [OwnedEvent::Ended(Ended::Closed)]);
    assert_eq!(pair.request(&query()), Err(RequestError::NotOpen));
}

#[test]
fn closing_where_no_session_is_open_ends_at_once() {
    type Story = fn(&mut cti_proto::harness::Pair<'_>);
    let stories: [(&str, Story); 5] = [
        ("before the first attempt", |_| {}),
        ("while connecting", |pair| {
            pair.set_reach(Side::A, Reach::Silent);
            pair.settle();
        }),
        ("while opening", |pair| {
            pair.set_on_open(Side::A, OnOpen::Leave);
            pair.settle();
        }),
        ("between two attempts", |pair| {
            pair.set_reach(Side::A, Reach::Refuses);
            pair.set_reach(Side::B, Reach::Refuses);
            pair.run_until(secs(5));
        }),
        ("after a refusal", |pair| {
            pair.set_on_open(Side::A, OnOpen::Refuse(FailureStatus::E_CTI_CTI_SERVER_OFFLINE));
            pair.settle();
        }),
    ];
    for (name, story) in stories {
        let mut memory = Memory::new();
        let mut pair = pair(cce24(), &mut memory);
        story(&mut pair);
        pair.clear_logs();
        pair.close(NORMAL);
        pair.settle();
        assert_eq!(events(&mut pair), [OwnedEvent::Ended(Ended::ClosedUnconfirmed)], "{name}");
        pair.run_until(secs(1_000));
        assert_eq!((events(&mut pair), pair.connection()), (vec![], None), "{name}");
    }
}

#[test]
fn answers_that_come_before_close_conf_are_delivered_and_other_requests_are_lost_before_the_end() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    let answered = pair.request(&query()).unwrap();
    let lost = pair.request(&query()).unwrap();
    pair.settle();
    pair.confirm(answered, &QueryAgentStateConf::default());
    pair.close(NORMAL);
    assert_eq!(pair.request(&query()), Err(RequestError::NotOpen));
    pair.settle();
    let ends: Vec<Option<Request>> = events(&mut pair).iter().map(OwnedEvent::ends).collect();
    assert_eq!(ends, [Some(answered), Some(lost), None]);
}

#[test]
fn a_server_that_goes_offline_gets_close_req_with_status_15() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    let offline = FailureStatus::E_CTI_CTI_SERVER_OFFLINE;
    pair.end(offline);
    pair.settle();
    assert_eq!(pair.sent_by(End::Client).find_map(|(_, frame)| status_of(frame)), Some(offline));
    assert_eq!(server_events(&mut pair)[0], OwnedServerEvent::Ended(ServerEnded::EndedByServer(offline)));
    assert_eq!(losses(&pair)[0].2, Cause::EndedByServer(offline));
    assert_eq!(pair.client().opened().map(|opened| opened.side), Some(Side::B));
}

#[test]
fn a_server_that_goes_offline_and_does_not_confirm_is_left_after_5_s() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    pair.inject_message(
        End::Server,
        &FailureEvent { status: FailureStatus::E_CTI_CTI_SERVER_OFFLINE, ..FailureEvent::default() },
    );
    pair.stall(End::Client, true);
    pair.run_until(secs(6));
    assert_eq!(
        losses(&pair),
        [(5_000, Side::A, Cause::EndedByServer(FailureStatus::E_CTI_CTI_SERVER_OFFLINE), Side::B, 5_000)]
    );
}

#[test]
fn a_client_that_was_replaced_by_another_does_not_come_back() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    pair.end(FailureStatus::E_CTI_NEW_SESSION_OPENED);
    pair.run_until(secs(1_000));
    assert_eq!(events(&mut pair), [OwnedEvent::Ended(Ended::TakenOver)]);
    assert_eq!(pair.connection(), None);
}

#[test]
fn statuses_that_end_a_session_lead_to_the_other_side() {
    for status in [
        FailureStatus::E_CTI_TIMEOUT,
        FailureStatus::E_CTI_SERVER_NOT_MASTER,
        FailureStatus::E_CTI_SERVER_IN_MAINTENANCE_MODE,
    ] {
        let mut memory = Memory::new();
        let mut pair = pair(cce24(), &mut memory);
        pair.open();
        pair.end(status);
        pair.settle();
        assert_eq!(losses(&pair), [(0, Side::A, Cause::EndedByServer(status), Side::B, 0)], "{status}");
        assert_eq!(pair.client().opened().map(|opened| opened.side), Some(Side::B));
    }
}

#[test]
fn any_other_failure_event_is_only_told() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    for (_, number) in FailureStatus::VALUES {
        if ![11, 15, 16, 92, 110].contains(number) {
            pair.send(&FailureEvent { status: FailureStatus(*number), ..FailureEvent::default() });
            pair.settle();
            let told = events(&mut pair);
            assert!(matches!(&told[..], [OwnedEvent::Message(_)]), "{number}: {told:?}");
        }
    }
}

#[test]
fn a_close_is_normal_and_a_bare_disconnect_is_not() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    pair.half_close(End::Client);
    pair.settle();
    assert_eq!(server_events(&mut pair)[0], OwnedServerEvent::Ended(ServerEnded::Disconnected));
}
