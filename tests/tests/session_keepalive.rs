//! Heartbeats and the idle timer.

use std::time::Duration;

use cti_proto::harness::{Conditions, End, Memory, OnOpen, OwnedServerEvent, Pair, granting};
use cti_proto::message::{AgentStateEvent, FailureConf, HeartbeatConf, HeartbeatReq, OpenReq, QueryAgentStateReq};
use cti_proto::session::{Cause, ClientConfig, ServerEnded, Side};
use cti_proto::value::FailureStatus;
use cti_proto::{Frame, MessageType};
use cti_tests::session::{
    CCE24, RawClient, SERVICES, ServerStorage, beating, cce24, ccx15, losses, open_request, pair, secs, server_events,
    wire,
};

const BEAT: MessageType = MessageType::HEARTBEAT_REQ;
const QUERY: MessageType = MessageType::QUERY_AGENT_STATE_REQ;

fn open<'s>(config: ClientConfig<'static>, memory: &'s mut Memory) -> Pair<'s> {
    let mut pair = pair(config, memory);
    pair.open();
    pair
}

/// A client whose silence the server puts up with.
fn patient() -> ClientConfig<'static> {
    let mut config = beating();
    config.idle_timeout = Some(Duration::from_secs(100_000));
    config
}

fn query() -> QueryAgentStateReq<'static> {
    QueryAgentStateReq { agent_id: Some("1".into()), ..QueryAgentStateReq::default() }
}

/// Invoke IDs of the heartbeats that were sent.
fn beats(pair: &Pair<'_>) -> Vec<u32> {
    let id = |frame: Frame<'_>| Some(frame.decode::<HeartbeatReq>().ok()?.invoke_id);
    pair.sent_by(End::Client).filter_map(|(_, frame)| id(frame)).collect()
}

#[test]
fn a_heartbeat_is_sent_when_nothing_was_sent_for_one_interval() {
    let mut memory = Memory::new();
    let mut pair = open(beating(), &mut memory);
    pair.run_until(secs(16));
    assert_eq!(wire(&pair, End::Client), [(5_000, BEAT), (10_000, BEAT), (15_000, BEAT)]);
}

#[test]
fn any_message_of_the_client_counts_as_traffic() {
    let mut memory = Memory::new();
    let mut pair = open(beating(), &mut memory);
    for second in [3, 7, 11] {
        pair.run_until(secs(second));
        pair.request(&query()).unwrap();
    }
    pair.run_until(secs(16));
    assert_eq!(wire(&pair, End::Client), [(3_000, QUERY), (7_000, QUERY), (11_000, QUERY), (16_000, BEAT)]);
}

#[test]
fn what_the_server_sends_does_not_count() {
    let mut memory = Memory::new();
    let mut pair = open(beating(), &mut memory);
    for second in 1..=11 {
        pair.run_until(secs(second));
        let _ = pair.emit(&AgentStateEvent::default());
    }
    assert_eq!(wire(&pair, End::Client), [(5_000, BEAT), (10_000, BEAT)]);
}

#[test]
fn the_server_answers_at_once_with_the_same_invoke_id() {
    let mut memory = Memory::new();
    let mut pair = open(beating(), &mut memory);
    pair.run_until(secs(6));
    let answers: Vec<_> =
        pair.sent_by(End::Server).map(|(at, frame)| (at, frame.decode::<HeartbeatConf>().unwrap().invoke_id)).collect();
    assert_eq!(answers, [(secs(5), beats(&pair)[0])]);
}

#[test]
fn only_the_client_sends_heartbeats() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    pair.run_until(secs(86_400));
    assert_eq!(pair.sent(), []);
}

#[test]
fn without_an_interval_there_are_no_heartbeats() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    assert_eq!(pair.next_time(), None, "nothing will ever happen");
    pair.run_until(secs(86_400));
    assert_eq!(wire(&pair, End::Client), []);
    assert!(pair.client().opened().is_some());
}

#[test]
fn three_unanswered_heartbeats_reset_the_connection() {
    let mut memory = Memory::new();
    let mut pair = open(patient(), &mut memory);
    pair.stall(End::Server, true);
    pair.run_until(secs(19));
    assert_eq!(wire(&pair, End::Client), [(5_000, BEAT), (10_000, BEAT), (15_000, BEAT)]);
    assert_eq!(pair.events(), []);
    pair.run_until(secs(20));
    assert_eq!(losses(&pair), [(20_000, Side::A, Cause::HeartbeatLost, Side::A, 20_000)]);
    assert_eq!(wire(&pair, End::Client)[3..], [(20_000, MessageType::OPEN_REQ)], "no fourth heartbeat");
}

#[test]
fn an_answer_ends_the_count() {
    let mut memory = Memory::new();
    let mut pair = open(beating(), &mut memory);
    for round in 0..20 {
        pair.stall(End::Server, true);
        pair.run_until(secs(15 * round + 14));
        pair.stall(End::Server, false);
        pair.settle();
    }
    assert_eq!(pair.events(), []);
}

#[test]
fn an_answer_counts_for_the_heartbeats_before_it() {
    let mut memory = Memory::new();
    let mut pair = open(patient(), &mut memory);
    pair.conditions_mut(Side::A, End::Client).latency = Duration::from_secs(1_000);
    pair.run_until(secs(16));
    let last = beats(&pair)[2];
    pair.inject_message(End::Server, &HeartbeatConf { invoke_id: last });
    // Three more may go unanswered.
    pair.run_until(secs(34));
    assert_eq!((beats(&pair).len(), losses(&pair).len()), (6, 0));
    pair.run_until(secs(35));
    assert_eq!(losses(&pair)[0].2, Cause::HeartbeatLost);
}

#[test]
fn an_answer_to_the_first_of_three_leaves_two_unanswered() {
    let mut memory = Memory::new();
    let mut pair = open(patient(), &mut memory);
    pair.conditions_mut(Side::A, End::Client).latency = Duration::from_secs(1_000);
    pair.run_until(secs(16));
    let first = beats(&pair)[0];
    pair.inject_message(End::Server, &HeartbeatConf { invoke_id: first });
    // The second and the third are unanswered, then the fourth: three.
    pair.run_until(secs(24));
    assert_eq!((beats(&pair).len(), losses(&pair).len()), (4, 0));
    pair.run_until(secs(25));
    assert_eq!(losses(&pair)[0].2, Cause::HeartbeatLost);
}

#[test]
fn an_answer_to_no_heartbeat_does_not_count() {
    let mut memory = Memory::new();
    let mut pair = open(patient(), &mut memory);
    pair.conditions_mut(Side::A, End::Client).latency = Duration::from_secs(1_000);
    pair.run_until(secs(16));
    pair.inject_message(End::Server, &HeartbeatConf { invoke_id: 4_711 });
    pair.run_until(secs(20));
    assert_eq!(losses(&pair)[0].2, Cause::HeartbeatLost);
}

#[test]
fn a_failure_in_answer_to_a_heartbeat_resets_the_connection() {
    for which in 0..3 {
        let mut memory = Memory::new();
        let mut pair = open(patient(), &mut memory);
        pair.conditions_mut(Side::A, End::Client).latency = Duration::from_secs(1_000);
        pair.run_until(secs(16));
        let failure = FailureConf {
            invoke_id: beats(&pair)[which],
            reason: FailureStatus::E_CTI_CTI_SERVER_OFFLINE.into(),
            ..FailureConf::default()
        };
        pair.inject_message(End::Server, &failure);
        pair.settle();
        let lost = losses(&pair);
        assert_eq!((lost[0].0, lost[0].2), (16_000, Cause::HeartbeatLost), "heartbeat {which}");
    }
}

#[test]
fn a_heartbeat_without_room_counts_as_unanswered() {
    let mut config = beating();
    config.request_timeout = Duration::from_secs(1_000);
    let mut memory = Memory::<16, 8>::with_buffers((12_500, 250), (12_500, 12_500));
    let mut pair = cti_tests::session::pair(config, &mut memory);
    pair.open();
    pair.stall(End::Client, true);
    while pair.request(&query()).is_ok() {}
    let full = pair.client().transmit().len();
    pair.run_until(secs(19));
    assert_eq!((pair.client().transmit().len(), losses(&pair).len()), (full, 0), "no heartbeat was written");
    pair.run_until(secs(20));
    assert_eq!(losses(&pair)[0].2, Cause::HeartbeatLost);
}

#[test]
fn heartbeats_keep_a_session_open_that_says_nothing_else() {
    for config in [beating(), ccx15()] {
        let mut memory = Memory::new();
        let mut pair = open(config, &mut memory);
        pair.run_until(secs(86_400));
        assert_eq!((pair.events(), pair.server_events()), (&[][..], &[][..]));
        assert!(wire(&pair, End::Client).len() == 86_400 / 5);
    }
}

#[test]
fn heartbeats_are_sent_also_on_slow_links() {
    let mut memory = Memory::new();
    let slow = Conditions { chunk: 1, ..Conditions::PERFECT };
    let mut pair = pair(beating(), &mut memory);
    pair.set_conditions(slow, slow);
    pair.open();
    pair.conditions_mut(Side::A, End::Client).latency = Duration::from_secs(6);
    pair.conditions_mut(Side::A, End::Server).latency = Duration::from_secs(6);
    pair.run_until(secs(1_000));
    assert_eq!(pair.events(), []);
}

#[test]
fn the_server_resets_a_connection_that_was_silent_for_the_idle_timeout() {
    let mut memory = Memory::new();
    let mut config = cce24();
    config.idle_timeout = Some(Duration::from_secs(20));
    let mut pair = open(config, &mut memory);
    pair.run_until(secs(19));
    assert_eq!(server_events(&mut pair), []);
    pair.run_until(secs(20));
    assert_eq!(server_events(&mut pair)[0], OwnedServerEvent::Ended(ServerEnded::IdleTimeout));
    assert_eq!(losses(&pair)[0].0, 20_000);
}

#[test]
fn nothing_that_arrives_does_not_count_for_the_idle_timeout() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open_with(OpenReq { idle_timeout: 20, ..open_request(CCE24[0]) }, &mut storage);
    assert_eq!(client.wait(Duration::from_secs(19)), []);
    assert_eq!(client.session.receive(client.now, &[]), 0);
    client.session.received(client.now, 0);
    assert_eq!(client.wait(Duration::from_secs(1)), [OwnedServerEvent::Ended(ServerEnded::IdleTimeout)]);
}

#[test]
fn anything_that_arrives_counts_for_the_idle_timeout() {
    let mut memory = Memory::new();
    let mut config = cce24();
    config.idle_timeout = Some(Duration::from_secs(20));
    let mut pair = open(config, &mut memory);
    for second in (15..=105).step_by(15) {
        pair.run_until(secs(second));
        // Not even a whole frame.
        pair.inject(End::Client, &[0]);
    }
    pair.run_until(secs(124));
    assert_eq!(server_events(&mut pair), []);
    pair.run_until(secs(125));
    assert_eq!(server_events(&mut pair)[0], OwnedServerEvent::Ended(ServerEnded::IdleTimeout));
}

#[test]
fn the_idle_timeout_begins_when_the_session_opens() {
    let mut memory = Memory::new();
    let mut config = cce24();
    config.idle_timeout = Some(Duration::from_secs(20));
    let mut pair = pair(config, &mut memory);
    pair.set_on_open(Side::A, OnOpen::Leave);
    pair.run_until(secs(25));
    let (now, confirmation) = (pair.now(), granting(CCE24[0], pair.now(), SERVICES));
    pair.server_mut(Side::A).unwrap().accept(now, &confirmation).unwrap();
    pair.run_until(secs(44));
    assert!(pair.server(Side::A).is_some_and(|session| session.is_open()));
    pair.run_until(secs(45));
    assert_eq!(losses(&pair)[0].0, 45_000);
}

#[test]
fn an_idle_timeout_that_is_off_never_ends_a_session() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    pair.run_until(secs(10_000_000));
    assert_eq!(pair.server_events(), []);
    assert!(pair.server(Side::A).is_some_and(|session| session.is_open()));
}
