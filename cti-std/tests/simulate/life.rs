//! What happens by itself: in every version, once each, the same each time.

use std::collections::BTreeMap;

use cti_proto::Product;
use cti_proto::message::{Message, MessageType};
use cti_proto::value::{AgentState, LocalConnectionState};
use cti_std::simulate::Config;

use super::desk::{Desk, Heard, product};

/// An hour of a busy small contact centre, as a client of each version hears it.
fn hour(of: Product, seed: u64) -> (Desk, Vec<cti_std::simulate::SessionId>) {
    let mut config = Config::new(of);
    config.seed = seed;
    config.calls_per_hour = 400.0;
    let mut desk = Desk::new(config);
    let clients = product(of).map(|protocol| desk.bridge(protocol)).collect();
    desk.pass(3_600);
    (desk, clients)
}

#[test]
fn every_version_can_say_what_happens_and_hears_all_that_it_has() {
    for of in [Product::Cce, Product::Ccx] {
        let (mut desk, clients) = hour(of, 1);
        let mut most: BTreeMap<MessageType, usize> = BTreeMap::new();
        for client in clients {
            let heard = desk.heard(client);
            let mut counts: BTreeMap<MessageType, usize> = BTreeMap::new();
            for message in &heard {
                assert!(message.frame().message().is_ok());
                *counts.entry(message.message_type()).or_default() += 1;
            }
            for (message, count) in counts {
                let known = most.entry(message).or_insert(count);
                assert_eq!(*known, count, "all versions hear the same: {message:?} {:?}", heard[0].protocol);
            }
        }
        let expected: &[MessageType] = match of {
            Product::Cce => &[
                MessageType::BEGIN_CALL_EVENT,
                MessageType::END_CALL_EVENT,
                MessageType::CALL_DATA_UPDATE_EVENT,
                MessageType::CALL_DELIVERED_EVENT,
                MessageType::CALL_ESTABLISHED_EVENT,
                MessageType::CALL_HELD_EVENT,
                MessageType::CALL_RETRIEVED_EVENT,
                MessageType::CALL_CLEARED_EVENT,
                MessageType::CALL_CONNECTION_CLEARED_EVENT,
                MessageType::CALL_ORIGINATED_EVENT,
                MessageType::CALL_CONFERENCED_EVENT,
                MessageType::CALL_TRANSFERRED_EVENT,
                MessageType::CALL_DIVERTED_EVENT,
                MessageType::CALL_SERVICE_INITIATED_EVENT,
                MessageType::CALL_QUEUED_EVENT,
                MessageType::CALL_DEQUEUED_EVENT,
                MessageType::CALL_REACHED_NETWORK_EVENT,
                MessageType::CALL_ATTRIBUTE_CHANGE_EVENT,
                MessageType::CALL_TRANSLATION_ROUTE_EVENT,
                MessageType::CALL_AGENT_GREETING_EVENT,
                MessageType::AGENT_PRE_CALL_EVENT,
                MessageType::AGENT_STATE_EVENT,
                MessageType::RTP_STARTED_EVENT,
                MessageType::RTP_STOPPED_EVENT,
                MessageType::SYSTEM_EVENT,
            ],
            Product::Ccx => &[
                MessageType::BEGIN_CALL_EVENT,
                MessageType::END_CALL_EVENT,
                MessageType::CALL_DELIVERED_EVENT,
                MessageType::CALL_ESTABLISHED_EVENT,
                MessageType::CALL_CLEARED_EVENT,
                MessageType::CALL_TRANSFERRED_EVENT,
                MessageType::CALL_CONFERENCED_EVENT,
                MessageType::CALL_DIVERTED_EVENT,
                MessageType::AGENT_STATE_EVENT,
            ],
        };
        let missing: Vec<_> = expected.iter().filter(|message| !most.contains_key(message)).collect();
        assert!(missing.is_empty(), "{of:?}: {missing:?}");
        if of == Product::Ccx {
            let foreign = [MessageType::CALL_DEQUEUED_EVENT, MessageType::AGENT_PRE_CALL_EVENT];
            assert!(foreign.iter().all(|message| !most.contains_key(message)));
        }
    }
}

/// Connections that have begun and not ended, by call and device.
fn open_connections(heard: &[Heard]) -> BTreeMap<(u32, String), usize> {
    let mut open: BTreeMap<(u32, String), usize> = BTreeMap::new();
    let name = |device: Option<cti_proto::Text<'_>>| device.map(|device| device.to_string()).unwrap_or_default();
    for message in heard {
        match message.message() {
            Message::BeginCallEvent(event) => {
                let key = (event.connection_call_id, name(event.connection_device_id));
                assert_eq!(open.insert(key.clone(), 1), None, "{key:?} begins twice");
            }
            Message::EndCallEvent(event) => {
                let key = (event.connection_call_id, name(event.connection_device_id));
                assert_eq!(open.remove(&key), Some(1), "{key:?} ends without a beginning");
            }
            // A connection of the second call is one of the first from now on.
            Message::CallDataUpdateEvent(event) => {
                let key = (event.connection_call_id, name(event.connection_device_id));
                let new = (event.new_connection_call_id, name(event.new_connection_device_id));
                assert_eq!(open.remove(&key), Some(1), "{key:?} is not open");
                assert_eq!(open.insert(new, 1), None);
            }
            Message::CallEstablishedEvent(event) => {
                assert!(open.contains_key(&(event.connection_call_id, name(event.connection_device_id))), "{event:?}");
            }
            Message::CallDeliveredEvent(event) => {
                assert!(open.contains_key(&(event.connection_call_id, name(event.connection_device_id))), "{event:?}");
            }
            Message::CallClearedEvent(event) => {
                assert_eq!(event.local_connection_state, LocalConnectionState::LCS_NULL);
                assert!(open.contains_key(&(event.connection_call_id, name(event.connection_device_id))), "{event:?}");
            }
            _ => {}
        }
    }
    open
}

#[test]
fn every_connection_that_begins_ends_once() {
    for of in [Product::Cce, Product::Ccx] {
        for seed in 1..4 {
            let (mut desk, clients) = hour(of, seed);
            let heard = desk.heard(*clients.last().unwrap());
            let open = open_connections(&heard);
            let counts = desk.centre.counts();
            assert!(counts.offered > 300, "{counts:?}");
            assert!(counts.answered > 200, "{counts:?}");
            assert_eq!(counts.begun - counts.ended, desk.centre.calls() as u64);
            assert!(open.len() < 100, "{} connections of {} calls are open", open.len(), desk.centre.calls());
        }
    }
}

#[test]
fn all_calls_end_when_no_more_come() {
    let mut config = Config::new(Product::Cce);
    config.calls_per_hour = 0.0;
    config.habits.internal_calls = 30.0;
    config.habits.outbound_calls = 30.0;
    let mut desk = Desk::new(config);
    let client = desk.bridge(cti_proto::Protocol::cce(24).unwrap());
    desk.pass(3_600);
    let counts = desk.centre.counts();
    assert!(counts.placed > 100, "{counts:?}");
    assert_eq!(counts.offered, 0);
    let heard = desk.heard(client);
    let open = open_connections(&heard);
    let calls: std::collections::BTreeSet<_> = open.keys().map(|(call, _)| *call).collect();
    assert_eq!(calls.len(), desk.centre.calls());
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let bytes = |seed| {
        let (mut desk, clients) = hour(Product::Cce, seed);
        desk.heard(clients[3])
    };
    let first = bytes(7);
    assert!(first.len() > 5_000);
    assert!(first == bytes(7), "the same seed");
    assert!(first != bytes(8), "another seed");
}

#[test]
fn agents_are_told_in_the_states_that_they_are_in() {
    let (mut desk, clients) = hour(Product::Cce, 5);
    let heard = desk.heard(clients[15]);
    let mut states: BTreeMap<String, AgentState> = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    for message in &heard {
        let Message::AgentStateEvent(event) = message.message() else { continue };
        let agent = event.agent_id.unwrap().to_string();
        let before = states.insert(agent.clone(), event.agent_state);
        seen.insert(event.agent_state.0);
        assert_ne!(before, Some(event.agent_state), "{agent} is told twice to be {:?}", event.agent_state);
        let groups: Vec<_> = event.flt_skill_groups.iter().collect();
        assert!(!groups.is_empty() && groups.len() <= 2);
    }
    assert_eq!(states.len(), 24);
    for state in [
        AgentState::AGENT_STATE_NOT_READY,
        AgentState::AGENT_STATE_AVAILABLE,
        AgentState::AGENT_STATE_RESERVED,
        AgentState::AGENT_STATE_TALKING,
        AgentState::AGENT_STATE_HOLD,
        AgentState::AGENT_STATE_WORK_READY,
    ] {
        assert!(seen.contains(&state.0), "nobody was {state:?}");
    }
}
