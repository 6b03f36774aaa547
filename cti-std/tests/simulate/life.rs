//! What happens by itself: in every version, once each, the same each time.

use std::collections::BTreeMap;
use std::time::Duration;

use cti_proto::Product;
use cti_proto::message::{Direction, MESSAGES, Message, MessageType};
use cti_proto::value::{AgentState, LocalConnectionState};
use cti_std::simulate::{Config, Span};

use super::desk::{Desk, Heard, product};

/// Messages of a server that clients, or faults, cause: what is told besides happens by itself.
const CAUSED: [MessageType; 30] = [
    MessageType::FAILURE_CONF,
    MessageType::FAILURE_EVENT,
    MessageType::HEARTBEAT_CONF,
    MessageType::CLOSE_CONF,
    MessageType::STANDBY_ACTIVE_EVENT_MSG,
    MessageType::ACTIVE_MAINTENANCE_REQ_MSG,
    MessageType::ACTIVE_MAINTENANCE_EVENT_MSG,
    MessageType::CALL_FAILED_EVENT,
    MessageType::NETWORK_RECORDING_TARGET_INFO_EVENT,
    MessageType::CLIENT_SESSION_OPENED_EVENT,
    MessageType::CLIENT_SESSION_CLOSED_EVENT,
    MessageType::EMERGENCY_CALL_EVENT,
    MessageType::AGENT_TEAM_CONFIG_EVENT,
    MessageType::SUPERVISOR_ASSIST_EVENT,
    MessageType::USER_MESSAGE_EVENT,
    MessageType::CONTROL_FAILURE_CONF,
    MessageType::CONFIG_KEY_EVENT,
    MessageType::CONFIG_BEGIN_EVENT,
    MessageType::CONFIG_SERVICE_EVENT,
    MessageType::CONFIG_SKILL_GROUP_EVENT,
    MessageType::CONFIG_AGENT_EVENT,
    MessageType::CONFIG_TERMINAL_EVENT,
    MessageType::CONFIG_AGENT_DESK_SETTINGS_EVENT,
    MessageType::CONFIG_PERIPHERAL_EVENT,
    MessageType::CONFIG_DEVICE_EVENT,
    MessageType::CONFIG_CALL_TYPE_EVENT,
    MessageType::CONFIG_MRD_EVENT,
    MessageType::CONFIG_AGENT_SERVICE_EVENT,
    MessageType::CONFIG_END_EVENT,
    MessageType::TEAM_CONFIG_EVENT,
];

/// What Unified CCX has no message for, of what happens by itself.
const NOT_ON_CCX: [MessageType; 10] = [
    MessageType::CALL_DEQUEUED_EVENT,
    MessageType::CALL_REACHED_NETWORK_EVENT,
    MessageType::CALL_ATTRIBUTE_CHANGE_EVENT,
    MessageType::CALL_TRANSLATION_ROUTE_EVENT,
    MessageType::CALL_AGENT_GREETING_EVENT,
    MessageType::AGENT_PRE_CALL_EVENT,
    MessageType::AGENT_PRE_CALL_ABORT_EVENT,
    MessageType::NETWORK_RECORDING_STARTED_EVENT,
    MessageType::NETWORK_RECORDING_ENDED_EVENT,
    MessageType::NETWORK_RECORDING_FAILED_EVENT,
];

/// An hour of a busy small contact centre, as a client of each version hears it.
fn hour(of: Product, seed: u64) -> (Desk, Vec<cti_std::simulate::SessionId>) {
    let mut config = Config::new(of);
    config.seed = seed;
    config.calls_per_hour = 400.0;
    config.habits.recording_fails = 0.3;
    // So that some callers hang up while they are on their way to an agent.
    config.habits.delivery = Span::Uniform(Duration::from_millis(100), Duration::from_secs(3));
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
        let expected = MESSAGES.iter().filter(|info| info.direction == Direction::Server && info.confirms.is_none());
        let expected = expected.map(|info| info.message_type).filter(|message| !CAUSED.contains(message));
        let expected = expected.filter(|message| of == Product::Cce || !NOT_ON_CCX.contains(message));
        let missing: Vec<_> = expected.filter(|message| !most.contains_key(message)).collect();
        assert!(missing.is_empty(), "{of:?}: {missing:?}");
        let foreign: Vec<_> =
            most.keys().filter(|message| of == Product::Ccx && NOT_ON_CCX.contains(message)).collect();
        assert!(foreign.is_empty(), "{foreign:?}");
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
