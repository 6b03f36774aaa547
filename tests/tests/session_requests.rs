//! Requests: each ends exactly once, whatever happens.

use std::collections::HashMap;
use std::time::Duration;

use cti_proto::harness::{Conditions, End, Here, Memory, OwnedEvent, OwnedServerEvent, Pair, conditions};
use cti_proto::message::{
    AgentStateEvent, AgentTeam, FailureReason, ListAgentTeamConf, ListAgentTeamReq, MakeCallConf, MakeCallReq,
    QueryAgentStateConf, QueryAgentStateReq,
};
use cti_proto::session::{ClientConfig, Request, RequestError, ServerSession};
use cti_proto::strategy::OwnedFrame;
use cti_proto::value::{ControlFailureCode, FailureStatus, MoreFlag};
use cti_proto::{Blame, List, MessageType};
use cti_tests::session::{CCE24, beating, cce24, events, pair, secs, server_events, wire};
use proptest::prelude::*;

fn open<'s, const R: usize>(config: ClientConfig<'static>, memory: &'s mut Memory<R, 8>) -> Pair<'s> {
    let mut pair = pair(config, memory);
    pair.open();
    pair
}

fn query() -> QueryAgentStateReq<'static> {
    QueryAgentStateReq { agent_id: Some("1".into()), ..QueryAgentStateReq::default() }
}

fn call() -> MakeCallReq<'static> {
    MakeCallReq {
        agent_instrument: Some("5001".into()),
        dialed_number: Some("2065551234".into()),
        ..MakeCallReq::default()
    }
}

fn called() -> MakeCallConf<'static> {
    MakeCallConf { new_connection_device_id: Some("5001".into()), ..MakeCallConf::default() }
}

#[test]
fn a_request_is_confirmed_under_its_invoke_id() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    let request = pair.request(&query()).unwrap();
    pair.settle();
    let asked = server_events(&mut pair);
    assert!(matches!(&asked[..], [OwnedServerEvent::Request { request: asked, .. }] if *asked == request), "{asked:?}");
    pair.confirm(request, &QueryAgentStateConf::default());
    pair.settle();
    let told = events(&mut pair);
    let [OwnedEvent::Confirmed { request: confirmed, frame, more: false }] = &told[..] else { panic!("{told:?}") };
    assert_eq!(*confirmed, request);
    assert_eq!(frame.frame().decode::<QueryAgentStateConf>().unwrap().invoke_id, request.invoke_id);
    pair.run_until(secs(100));
    assert_eq!(events(&mut pair), [], "it ends once");
}

#[test]
fn a_request_fails_with_the_status_of_failure_conf() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    let request = pair.request(&query()).unwrap();
    pair.settle();
    pair.fail(request, FailureStatus::E_CTI_INVALID_AGENT_DATA);
    pair.run_until(secs(100));
    let reason = FailureReason::Status(FailureStatus::E_CTI_INVALID_AGENT_DATA);
    assert_eq!(events(&mut pair), [OwnedEvent::Failed { request, reason }]);
}

#[test]
fn a_control_request_fails_with_the_codes_of_control_failure_conf() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    let request = pair.request(&call()).unwrap();
    pair.settle();
    pair.fail_control(request, ControlFailureCode(9), 4_711);
    pair.run_until(secs(100));
    let reason = FailureReason::Control { failure_code: ControlFailureCode(9), peripheral_error_code: 4_711 };
    assert_eq!(events(&mut pair), [OwnedEvent::Failed { request, reason }]);
}

#[test]
fn an_answer_after_15_s_is_in_time() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    let request = pair.request(&call()).unwrap();
    pair.run_until(secs(15));
    pair.confirm(request, &called());
    pair.settle();
    assert!(matches!(&events(&mut pair)[..], [OwnedEvent::Confirmed { .. }]));
}

#[test]
fn a_request_without_an_answer_times_out_and_a_later_answer_is_late() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    let request = pair.request(&query()).unwrap();
    pair.run_until(secs(100));
    assert_eq!(pair.take_events(), [(secs(30), OwnedEvent::TimedOut(request))]);
    pair.confirm(request, &QueryAgentStateConf::default());
    pair.fail(request, FailureStatus::E_CTI_TIMEOUT);
    pair.settle();
    assert!(matches!(&events(&mut pair)[..], [OwnedEvent::Late(_), OwnedEvent::Late(_)]));
    let counters = pair.client().counters();
    assert_eq!((counters.timed_out, counters.late), (1, 2));
}

#[test]
fn requests_are_lost_with_the_session_and_before_its_loss_is_told() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    let requests = [pair.request(&query()).unwrap(), pair.request(&call()).unwrap()];
    pair.cut();
    pair.settle();
    let told = events(&mut pair);
    assert_eq!(told[..2], requests.map(OwnedEvent::Lost));
    let [
        OwnedEvent::Disconnected(_),
        OwnedEvent::Opened(_),
        OwnedEvent::Message(confirmation),
        OwnedEvent::ResyncReady,
    ] = &told[2..]
    else {
        panic!("{told:?}");
    };
    assert_eq!(confirmation.frame().message_type(), MessageType::OPEN_CONF, "it follows what it says in short");
}

#[test]
fn an_answer_that_arrived_before_the_loss_counts() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    let request = pair.request(&query()).unwrap();
    pair.settle();
    pair.confirm(request, &QueryAgentStateConf::default());
    pair.half_close(End::Client);
    let sent = pair.server(cti_proto::session::Side::A).unwrap().transmit().len();
    assert!(sent > 0);
    while pair.delivered(End::Server) < sent as u64 && pair.step() == cti_proto::harness::Step::Acted {}
    pair.settle();
    let told = events(&mut pair);
    assert_eq!(told.iter().filter(|event| event.ends() == Some(request)).count(), 1, "{told:?}");
}

#[test]
fn several_requests_are_answered_in_any_order() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    let requests: Vec<_> = (0..8).map(|_| pair.request(&query()).unwrap()).collect();
    pair.settle();
    for place in [3, 0, 7, 1, 6, 2, 5, 4] {
        pair.confirm(requests[place], &QueryAgentStateConf::default());
    }
    pair.settle();
    let ended: Vec<_> = events(&mut pair).iter().filter_map(OwnedEvent::ends).collect();
    assert_eq!(ended, [3, 0, 7, 1, 6, 2, 5, 4].map(|place: usize| requests[place]));
}

#[test]
fn no_two_outstanding_requests_have_the_same_invoke_id() {
    let mut memory = Memory::new();
    let mut pair = open(beating(), &mut memory);
    let mut seen = Vec::new();
    for round in 1..20_u64 {
        seen.extend((0..8).map(|_| pair.request(&query()).unwrap().invoke_id));
        pair.run_until(secs(40 * round));
    }
    seen.extend(pair.sent_by(End::Client).filter_map(|(_, frame)| {
        let body = frame.body().first_chunk().copied().map(u32::from_be_bytes);
        body.filter(|_| frame.message_type() == MessageType::HEARTBEAT_REQ)
    }));
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count);
    assert!(!seen.contains(&0), "which stands for the configuration conversation");
}

#[test]
fn events_may_come_before_and_after_the_confirmation_they_belong_to() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    let request = pair.request(&call()).unwrap();
    pair.settle();
    let _ = pair.emit(&AgentStateEvent::default());
    pair.confirm(request, &called());
    let _ = pair.emit(&AgentStateEvent::default());
    pair.settle();
    let told = events(&mut pair);
    assert!(matches!(told[..], [OwnedEvent::Message(_), OwnedEvent::Confirmed { .. }, OwnedEvent::Message(_)]));
}

#[test]
fn a_full_table_refuses_the_next_request_and_nothing_is_sent() {
    let mut memory = Memory::<8, 8>::with_buffers((12_500, 12_500), (12_500, 12_500));
    let mut pair = open(cce24(), &mut memory);
    let requests: Vec<_> = (0..8).map(|_| pair.request(&query()).unwrap()).collect();
    let waiting = pair.client().transmit().len();
    assert_eq!(pair.request(&query()), Err(RequestError::TooManyOutstanding));
    assert_eq!(RequestError::TooManyOutstanding.blame(), Blame::Capacity);
    assert_eq!(pair.client().transmit().len(), waiting);
    pair.settle();
    pair.confirm(requests[0], &QueryAgentStateConf::default());
    pair.settle();
    assert!(pair.request(&query()).is_ok(), "one has ended");
    assert_eq!(pair.client().counters().requests_high_water, 8);
}

#[test]
fn without_room_a_request_is_refused_whole_and_may_be_tried_again() {
    let mut memory = Memory::<16, 8>::with_buffers((12_500, 256), (12_500, 12_500));
    let mut pair = open(cce24(), &mut memory);
    pair.stall(End::Client, true);
    let mut requests = Vec::new();
    let error = loop {
        match pair.request(&call()) {
            Ok(request) => requests.push(request),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, RequestError::Encode(_)), "{error:?}");
    assert_eq!(error.blame(), Blame::Capacity);
    pair.stall(End::Client, false);
    pair.settle();
    requests.push(pair.request(&call()).unwrap());
    pair.settle();
    let asked: Vec<_> = server_events(&mut pair)
        .iter()
        .filter_map(|event| match event {
            OwnedServerEvent::Request { request, .. } => Some(*request),
            _ => None,
        })
        .collect();
    assert_eq!(asked, requests, "whole frames, and each once");
}

#[test]
fn what_is_not_a_request_is_not_sent_as_one() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    assert_eq!(pair.request(&AgentStateEvent::default()), Err(RequestError::NotARequest));
    assert_eq!(pair.request(&QueryAgentStateConf::default()), Err(RequestError::NotARequest));
    let now = pair.now();
    assert_eq!(pair.client_mut().send(now, &query()), Err(RequestError::NotARequest));
    pair.settle();
    assert_eq!(wire(&pair, End::Client), []);
}

#[test]
fn a_list_of_teams_comes_in_parts_and_ends_the_request_with_the_last() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    let request = pair.request(&ListAgentTeamReq::default()).unwrap();
    let teams = [AgentTeam { team_id: 1 }];
    for (second, more) in [(20, MoreFlag::MORE_TO_FOLLOW), (40, MoreFlag::MORE_TO_FOLLOW), (60, MoreFlag::LAST_MESSAGE)]
    {
        pair.run_until(secs(second));
        let part = ListAgentTeamConf { teams: List::from(&teams[..]), more, ..ListAgentTeamConf::default() };
        pair.confirm(request, &part);
    }
    pair.run_until(secs(200));
    let told: Vec<_> = pair
        .events()
        .iter()
        .map(|(at, event)| match event {
            OwnedEvent::Confirmed { request: confirmed, more, .. } if *confirmed == request => (*at, *more),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [(secs(20), true), (secs(40), true), (secs(60), false)]);
}

#[test]
fn a_list_of_teams_whose_next_part_does_not_come_times_out() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    let request = pair.request(&ListAgentTeamReq::default()).unwrap();
    pair.run_until(secs(20));
    pair.confirm(request, &ListAgentTeamConf { more: MoreFlag::MORE_TO_FOLLOW, ..ListAgentTeamConf::default() });
    pair.run_until(secs(200));
    assert_eq!(pair.events().last(), Some(&(secs(50), OwnedEvent::TimedOut(request))));
}

#[test]
fn a_failure_that_cannot_be_decoded_is_told_and_the_request_goes_on() {
    let mut memory = Memory::new();
    let mut pair = open(cce24(), &mut memory);
    let request = pair.request(&query()).unwrap();
    let short = OwnedFrame::from_parts(CCE24[0], MessageType::FAILURE_CONF, &request.invoke_id.to_be_bytes());
    pair.settle();
    pair.inject(End::Server, short.as_bytes());
    pair.run_until(secs(100));
    let told = events(&mut pair);
    assert!(matches!(told[..], [OwnedEvent::Malformed(_), OwnedEvent::TimedOut(_)]), "{told:?}");
}

/// What a run of the property does to the pair.
#[derive(Clone, Copy, Debug)]
enum Act {
    Ask,
    Answer(usize),
    Refuse(usize),
    Emit,
    Wait(u64),
    Cut,
    Leave,
    Stall(bool),
    Step,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => Just(Act::Ask),
        4 => (0..8_usize).prop_map(Act::Answer),
        2 => (0..8_usize).prop_map(Act::Refuse),
        2 => Just(Act::Emit),
        2 => (0..40_000_u64).prop_map(Act::Wait),
        1 => Just(Act::Cut),
        1 => Just(Act::Leave),
        1 => any::<bool>().prop_map(Act::Stall),
        8 => Just(Act::Step),
    ];
    proptest::collection::vec(act, 0..60)
}

/// Requests that reached the server and were not answered.
fn take_asked(pair: &mut Pair<'_>, asked: &mut Vec<Request>) {
    for event in server_events(pair) {
        match event {
            OwnedServerEvent::Request { request, .. } => asked.push(request),
            OwnedServerEvent::Ended(_) => asked.clear(),
            _ => {}
        }
    }
}

fn answering(pair: &mut Pair<'_>, asked: &mut Vec<Request>, place: usize, confirmed: bool) {
    take_asked(pair, asked);
    let Some(side) = pair.connection() else { return };
    let now = pair.now();
    let Some(session) = pair.server_mut(side).filter(|_| place < asked.len()) else { return };
    let request = asked.remove(place);
    let _ = match confirmed {
        true => session.confirm(now, request, &QueryAgentStateConf::default()),
        false => session.fail(now, request, FailureStatus::E_CTI_UNSPECIFIED_FAILURE),
    };
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_ends_exactly_once(up in conditions(), down in conditions(), seed in any::<u64>(), acts in acts()) {
        let mut memory = Memory::new();
        let mut pair = pair(beating(), &mut memory);
        pair.set_conditions(up, down);
        pair.mix(seed);
        let (mut sent, mut asked) = (Vec::new(), Vec::new());
        for act in acts {
            match act {
                Act::Ask => sent.extend(pair.request(&query()).ok()),
                Act::Answer(place) => answering(&mut pair, &mut asked, place, true),
                Act::Refuse(place) => answering(&mut pair, &mut asked, place, false),
                Act::Emit => {
                    if pair.connection().is_some_and(|side| pair.server(side).is_some_and(ServerSession::is_open)) {
                        let _ = pair.emit(&AgentStateEvent::default());
                    }
                }
                Act::Wait(millis) => pair.run_for(Duration::from_millis(millis)),
                Act::Cut => pair.cut(),
                Act::Leave => {
                    let now = pair.now();
                    pair.client_mut().reconnect(now);
                }
                Act::Stall(stalled) => pair.stall(End::Server, stalled),
                Act::Step => {
                    let _ = pair.step();
                }
            }
        }
        pair.run_for(Duration::from_secs(120));
        let mut ends: HashMap<u32, u32> = HashMap::new();
        for (_, event) in pair.events() {
            if let Some(request) = event.ends() {
                *ends.entry(request.invoke_id).or_default() += 1;
            }
        }
        for request in &sent {
            prop_assert_eq!(ends.remove(&request.invoke_id), Some(1), "{:?}", request);
        }
        prop_assert!(ends.is_empty(), "{:?}", ends);
    }
}

#[test]
fn an_application_answers_whatever_the_chunks() {
    for chunk in 1..40 {
        let mut memory = Memory::new();
        let mut pair = pair(cce24(), &mut memory);
        pair.serve(|session: &mut ServerSession<'_>, here: Here, event: &OwnedServerEvent| {
            if let OwnedServerEvent::Request { request, .. } = event {
                session.confirm(here.now, *request, &QueryAgentStateConf::default()).unwrap();
            }
        });
        let links = Conditions { chunk, latency: Duration::from_millis(3), ..Conditions::PERFECT };
        pair.set_conditions(links, links);
        pair.open();
        for _ in 0..16 {
            pair.request(&query()).unwrap();
        }
        pair.settle();
        assert_eq!(events(&mut pair).iter().filter_map(OwnedEvent::ends).count(), 16, "chunks of {chunk}");
    }
}
