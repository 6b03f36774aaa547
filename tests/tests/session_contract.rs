//! The contract of the machines. [`Pair`] holds them to rules 3 to 6 at every single step, so that it is held by all
//! stories; here are the stories that are made for it, and the sizes.

use std::time::Duration;

use cti_proto::harness::{Clock, Conditions, End, Memory, OwnedEvent, OwnedServerEvent, Pair, Step, conditions};
use cti_proto::message::{
    AgentStateEvent, FailureEvent, HeartbeatConf, QueryAgentStateConf, QueryAgentStateReq, SetAgentStateReq,
};
use cti_proto::session::{
    Cause, ClientSession, Ended, Instant, Monitor, Pending, ServerSession, Side, Transport, Wake,
};
use cti_proto::strategy::{self, OwnedFrame};
use cti_proto::value::FailureStatus;
use cti_proto::{MessageType, Protocol, Storage};
use cti_tests::session::{CCE24, beating, cce24, events, losses, pair, secs};
use proptest::prelude::*;

/// Buffers of the storage whose size is held.
const BUFFERS: (usize, usize) = (64, 256);

#[test]
fn a_client_session_with_eight_requests_takes_at_most_1_kib_besides_its_buffers() {
    let session = size_of::<ClientSession<'_>>();
    let storage = size_of::<Storage<{ BUFFERS.0 }, { BUFFERS.1 }, 8, 0>>() - BUFFERS.0 - BUFFERS.1;
    println!("client session {session} bytes, storage for 8 requests {storage} bytes, together {}", session + storage);
    println!("server session {} bytes", size_of::<ServerSession<'_>>());
    println!("a request {} bytes, a monitor {} bytes", size_of::<Pending>(), size_of::<Monitor>());
    assert!(session + storage <= 1_024);
    // As `Storage` says.
    assert!(size_of::<Pending>() <= 32 && size_of::<Monitor>() <= 200);
}

fn query() -> QueryAgentStateReq<'static> {
    QueryAgentStateReq { agent_id: Some("1".into()), ..QueryAgentStateReq::default() }
}

#[test]
fn a_partial_frame_does_not_want_to_be_handled() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    let frame = OwnedFrame::from_parts(CCE24[0], MessageType::HEARTBEAT_CONF, &[0; 4]);
    for byte in &frame.as_bytes()[..11] {
        pair.inject(End::Server, std::slice::from_ref(byte));
        pair.settle();
        assert_eq!(pair.client().wake(), Wake::Idle);
    }
}

#[test]
fn every_call_in_every_state_is_harmless() {
    let mut memory = Memory::new();
    let mut pair = pair(beating(), &mut memory);
    for _ in 0..200 {
        let now = pair.now();
        let client = pair.client_mut();
        client.handle_timeout(now);
        client.transmitted(0);
        let _ = client.receive(now, &[]);
        client.received(now, 0);
        client.finish_resync();
        let _ = (client.stop_requests(now), client.resync(now, &query()), client.send(now, &HeartbeatConf::default()));
        for side in [Side::A, Side::B] {
            if let Some(server) = pair.server_mut(side) {
                server.handle_timeout(now);
                let request = cti_proto::session::Request { invoke_id: 1, message: MessageType::MAKE_CALL_REQ };
                let _ = (server.confirm(now, request, &query()), server.confirm_monitor(now, request, 7));
            }
        }
        if pair.step() == Step::Idle {
            break;
        }
    }
}

#[test]
fn bytes_that_come_where_there_is_no_connection_are_void() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    assert!(!pair.client().wants_read());
    let _ = pair.client_mut().receive(Instant::ZERO, &[0xff; 64]);
    pair.client_mut().transport_closed(Instant::ZERO);
    assert_eq!(pair.open().side, Side::A);
}

#[test]
fn a_frame_larger_than_the_buffer_is_skipped_and_told_and_the_session_goes_on() {
    let mut memory = Memory::<16, 8>::with_buffers((256, 1_024), (12_500, 12_500));
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    let large = OwnedFrame::from_parts(CCE24[0], MessageType::CALL_DELIVERED_EVENT, &[0; 1_000]);
    for chunk in [1, 7, 300, 2_000] {
        pair.conditions_mut(Side::A, End::Server).chunk = chunk;
        pair.inject(End::Server, large.as_bytes());
        let _ = pair.emit(&AgentStateEvent::default());
        pair.settle();
        let told = events(&mut pair);
        let message = MessageType::CALL_DELIVERED_EVENT;
        assert_eq!(told[0], OwnedEvent::Skipped { message, length: 1_000 });
        assert!(matches!(told[1..], [OwnedEvent::Message(_)]));
    }
    assert_eq!(pair.client().counters().skipped, 4);
}

#[test]
fn a_stream_that_cannot_be_cut_is_given_up() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    pair.inject(End::Server, &[0xff; 8]);
    pair.settle();
    assert!(matches!(losses(&pair)[..], [(0, Side::A, Cause::Framing(_), Side::A, 0)]));
    assert!(pair.client().opened().is_some(), "and a new one is begun");
}

#[test]
fn a_client_that_does_not_read_holds_the_server_back_and_nothing_is_lost() {
    let mut memory = Memory::<16, 8>::with_buffers((512, 1_024), (12_500, 12_500));
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    // Without a window nothing moves until the client reads.
    pair.conditions_mut(Side::A, End::Server).window = 600;
    for _ in 0..50 {
        let _ = pair.emit(&AgentStateEvent::default());
    }
    pair.settle();
    assert_eq!(events(&mut pair).len(), 50);
}

#[test]
fn a_server_that_does_not_read_fills_the_clients_buffer_and_is_given_up_by_its_heartbeats() {
    let mut memory = Memory::<64, 8>::with_buffers((12_500, 256), (12_500, 12_500));
    let mut pair = pair(beating(), &mut memory);
    pair.open();
    pair.stall(End::Client, true);
    let mut sent = 0;
    while pair.request(&query()).is_ok() {
        sent += 1;
    }
    pair.run_until(secs(20));
    let told = events(&mut pair);
    assert_eq!(told.iter().filter(|event| matches!(event, OwnedEvent::Lost(_))).count(), sent);
    assert!(
        told.iter().any(|event| matches!(event, OwnedEvent::Disconnected(lost) if lost.cause == Cause::HeartbeatLost))
    );
    assert!(pair.client().counters().transmit_high_water > 200);
}

#[test]
fn a_clock_that_stands_still_stops_time_and_nothing_else() {
    let mut memory = Memory::new();
    let mut pair = pair(beating(), &mut memory);
    pair.open();
    pair.run_until(secs(3));
    pair.set_clock(End::Client, Clock::Stands);
    pair.run_until(secs(10));
    let request = pair.request(&query()).unwrap();
    pair.settle();
    pair.confirm(request, &QueryAgentStateConf::default());
    pair.settle();
    assert_eq!(pair.told(End::Client), secs(3));
    let told = events(&mut pair);
    assert!(matches!(&told[..], [OwnedEvent::Confirmed { .. }]), "{told:?}");
    pair.set_clock(End::Client, Clock::Runs);
    pair.run_until(secs(60));
    assert_eq!(pair.events(), [], "heartbeats go on");
}

#[test]
fn a_clock_that_goes_back_is_waited_for() {
    let mut memory = Memory::new();
    let mut pair = pair(beating(), &mut memory);
    pair.open();
    pair.run_until(secs(100));
    pair.clear_logs();
    pair.set_clock(End::Client, Clock::Behind(Duration::from_secs(10)));
    assert_eq!(pair.told(End::Client), secs(90));
    pair.run_until(secs(114));
    assert_eq!(pair.sent_by(End::Client).count(), 0, "five seconds after 100 are told at 115");
    pair.run_until(secs(115));
    assert_eq!(pair.sent_by(End::Client).count(), 1);
    assert_eq!(pair.events(), []);
}

#[test]
fn the_end_is_told_once_and_then_there_is_silence() {
    let mut memory = Memory::new();
    let mut pair = pair(beating(), &mut memory);
    pair.open();
    let request = pair.request(&query()).unwrap();
    pair.close(FailureStatus::E_CTI_NO_ERROR);
    pair.settle();
    assert_eq!(events(&mut pair), [OwnedEvent::Lost(request), OwnedEvent::Ended(Ended::Closed)]);
    pair.run_until(secs(86_400));
    let now = pair.now();
    let client = pair.client_mut();
    client.handle_timeout(now);
    client.connected(now);
    client.start_resync(now);
    let _ = client.receive(now, OwnedFrame::from_parts(CCE24[0], MessageType::HEARTBEAT_CONF, &[0; 4]).as_bytes());
    assert_eq!(client.poll_event(now), None);
    assert_eq!((client.wake(), client.transport()), (Wake::Idle, Transport::None));
    assert!(!client.wants_read() && !client.wants_write());
}

#[test]
fn work_per_call_is_bounded_however_much_arrives() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    let beat = OwnedFrame::from_parts(CCE24[0], MessageType::HEARTBEAT_CONF, &[0; 4]);
    let now = pair.now();
    let client = pair.client_mut();
    while client.receive(now, beat.as_bytes()) == beat.as_bytes().len() {}
    let mut calls = 0;
    while client.wake() == Wake::Now {
        assert_eq!(client.poll_event(now), None);
        calls += 1;
    }
    assert_eq!(calls, (12_500_usize / 12).div_ceil(16));
}

/// What the application of either end sees of a story, whatever the links do to it.
fn story(up: Conditions, down: Conditions, seed: u64) -> (Vec<OwnedEvent>, Vec<OwnedServerEvent>) {
    let mut memory = Memory::<16, 8>::with_buffers((700, 700), (700, 12_500));
    let mut pair = pair(cce24(), &mut memory);
    pair.set_conditions(up, down);
    pair.mix(seed);
    pair.open();
    for round in 0..4 {
        let _ = pair.emit(&AgentStateEvent { peripheral_id: round, ..AgentStateEvent::default() });
        let query = pair.request(&query()).unwrap();
        let set = SetAgentStateReq { agent_instrument: Some("1".into()), ..SetAgentStateReq::default() };
        let set = pair.request(&set).unwrap();
        pair.settle();
        pair.confirm(query, &QueryAgentStateConf::default());
        pair.fail(set, FailureStatus::E_CTI_INVALID_AGENT_DATA);
        pair.settle();
    }
    pair.close(FailureStatus::E_CTI_NO_ERROR);
    pair.settle();
    let told = pair.take_server_events().into_iter().map(|(_, _, event)| event).collect();
    (events(&mut pair), told)
}

#[test]
fn every_chunking_from_one_byte_up_gives_the_same_events() {
    let expected = story(Conditions::PERFECT, Conditions::PERFECT, 0);
    assert_eq!((expected.0.len(), expected.1.len()), (13, 9));
    for chunk in 1..64 {
        let links = Conditions { chunk, ..Conditions::PERFECT };
        assert_eq!(story(links, links, 0), expected, "chunks of {chunk}");
    }
}

#[test]
fn a_connection_cut_at_any_byte_is_told_once_and_made_again() {
    for from in [End::Client, End::Server] {
        for bytes in 0..200 {
            let mut memory = Memory::new();
            let mut pair = pair(cce24(), &mut memory);
            pair.open();
            let before = pair.delivered(from);
            pair.cut_after(from, bytes);
            for _ in 0..8 {
                if let Ok(request) = pair.request(&query()) {
                    pair.settle();
                    if pair.connection() == Some(Side::A) && losses(&pair).is_empty() {
                        pair.confirm(request, &QueryAgentStateConf::default());
                    }
                }
                pair.settle();
            }
            assert_eq!(losses(&pair).len(), 1, "after {bytes} bytes of {from:?}");
            assert!(pair.client().opened().is_some());
            assert!(pair.delivered(from) >= before + bytes as u64);
            let sides: Vec<_> = pair.server_events().iter().filter(|(_, _, event)| is_end(event)).collect();
            assert_eq!(sides.len(), 1, "the server is told once, too");
        }
    }
}

fn is_end(event: &OwnedServerEvent) -> bool {
    matches!(event, OwnedServerEvent::Ended(_))
}

/// Lets both ends live with what they were given, and says whether they still serve.
fn assert_usable(pair: &mut Pair<'_>) {
    pair.run_for(Duration::from_secs(200));
    if pair.client().transport() == Transport::None && pair.client().wake() == Wake::Idle {
        assert!(pair.events().iter().any(|(_, event)| matches!(event, OwnedEvent::Ended(_))), "{pair:?}");
    }
}

fn streams() -> impl Strategy<Value = strategy::OwnedStream> {
    strategy::damaged(strategy::stream(CCE24[0], 0..6))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slow_links_small_windows_and_any_order_give_the_same_events(
        up in conditions(), down in conditions(), seed in any::<u64>(),
    ) {
        let expected = story(Conditions::PERFECT, Conditions::PERFECT, 0);
        let found = story(up, down, seed);
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn nothing_that_a_server_sends_breaks_the_contract(
        stream in streams(), open in any::<bool>(), links in conditions(), seed in any::<u64>(),
    ) {
        let mut memory = Memory::<16, 8>::with_buffers((2_048, 256), (12_500, 12_500));
        let mut pair = pair(beating(), &mut memory);
        pair.set_conditions(links, links);
        pair.mix(seed);
        if open {
            pair.open();
        }
        for bytes in stream.as_bytes().chunks(100) {
            pair.inject(End::Server, bytes);
            let _ = pair.request(&query());
            let _ = pair.step();
        }
        assert_usable(&mut pair);
    }

    #[test]
    fn nothing_that_a_client_sends_breaks_the_contract(
        stream in streams(), open in any::<bool>(), links in conditions(), seed in any::<u64>(),
    ) {
        let mut memory = Memory::<16, 8>::with_buffers((12_500, 12_500), (2_048, 256));
        let mut pair = pair(beating(), &mut memory);
        pair.set_conditions(links, links);
        pair.mix(seed);
        if open {
            pair.open();
        }
        for bytes in stream.as_bytes().chunks(100) {
            pair.inject(End::Client, bytes);
            let _ = pair.step();
        }
        assert_usable(&mut pair);
    }

    #[test]
    fn events_of_every_protocol_arrive_as_they_were_sent(
        (protocol, frames) in strategy::protocols().prop_flat_map(|protocol| {
            (Just(protocol), proptest::collection::vec(strategy::events(protocol), 1..8))
        }),
        links in conditions(),
    ) {
        let protocols: &'static [Protocol] = Box::leak(Box::new([protocol]));
        let mut config = if protocol.is_ccx() { cti_tests::session::ccx15() } else { cce24() };
        config.protocols = protocols;
        let mut memory = Memory::new();
        let mut pair = pair(config, &mut memory);
        pair.set_conditions(links, links);
        pair.open();
        let mut expected = Vec::new();
        for frame in &frames {
            if frame.frame().message_type() != MessageType::FAILURE_EVENT
                && pair.emit_frame(frame) == cti_proto::session::Delivery::Sent
            {
                expected.push(frame.frame().message_type());
            }
        }
        pair.settle();
        let found: Vec<_> =
            pair.events().iter().filter_map(|(_, event)| Some(event.frame()?.message_type())).collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn failures_without_consequence_do_not_disturb() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    pair.inject_message(End::Server, &FailureEvent::default());
    pair.settle();
    assert!(matches!(&events(&mut pair)[..], [OwnedEvent::Message(_)]));
}
