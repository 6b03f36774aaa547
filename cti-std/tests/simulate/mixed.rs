//! Sessions of all versions of both products with one contact centre: the same calls, each session in its own words.

use std::collections::BTreeSet;

use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::{Product, Protocol};
use cti_std::simulate::{Config, SessionId};

use super::desk::{Answer, Desk, Heard, protocols, quiet};

const STATIC: ConnectionDeviceIdType = ConnectionDeviceIdType::CONNECTION_ID_STATIC;

fn busy() -> Config {
    let mut config = Config::new(Product::Cce);
    config.calls_per_hour = 400.0;
    config.habits.consult = 0.2;
    config.habits.internal_calls = 3.0;
    config
}

/// What a client alone with the contact centre hears.
fn alone(protocol: Protocol, seconds: u64) -> Vec<Vec<u8>> {
    let mut desk = Desk::new(busy());
    let session = desk.bridge(protocol);
    desk.pass(seconds);
    desk.heard(session).into_iter().map(|heard| heard.bytes).collect()
}

fn begun(heard: &[Heard]) -> BTreeSet<u32> {
    let begun = heard.iter().filter_map(|heard| heard.frame().decode::<BeginCallEvent<'_>>().ok());
    begun.map(|event| event.connection_call_id).collect()
}

#[test]
fn all_versions_of_both_products_hear_the_same_calls_at_once_and_each_what_it_would_hear_alone() {
    const SECONDS: u64 = 1_800;
    let mut desk = Desk::new(busy());
    let sessions: Vec<_> = protocols().map(|protocol| (protocol, desk.bridge(protocol))).collect();
    desk.pass(SECONDS);
    let all: Vec<(Protocol, Vec<Heard>)> =
        sessions.into_iter().map(|(protocol, session)| (protocol, desk.heard(session))).collect();
    let calls = begun(&all[0].1);
    assert!(calls.len() > 100, "{}", calls.len());
    for (protocol, heard) in &all {
        assert_eq!(begun(heard), calls, "{protocol}");
        let peripheral = if protocol.is_ccx() { 1 } else { 5_000 };
        let events = heard.iter().filter_map(|heard| heard.frame().decode::<CallEstablishedEvent<'_>>().ok());
        assert!(events.clone().count() > 50);
        assert!(events.clone().all(|event| event.peripheral_id == peripheral), "{protocol}");
    }
    let some = [Protocol::cce(9), Protocol::cce(15), Protocol::cce(19), Protocol::cce(24), Protocol::ccx(10)];
    for protocol in some.into_iter().chain([Protocol::ccx(18)]).map(Result::unwrap) {
        let (_, heard) = all.iter().find(|(known, _)| *known == protocol).unwrap();
        let heard: Vec<_> = heard.iter().map(|heard| heard.bytes.clone()).collect();
        assert!(heard == alone(protocol, SECONDS), "{protocol}: others change what it hears");
    }
}

/// The last state of the agent at an extension that a session has heard of.
fn state(heard: &[Heard], extension: &str) -> Option<(AgentState, u16)> {
    let events = heard.iter().filter_map(|heard| heard.frame().decode::<AgentStateEvent<'_>>().ok());
    let mut events = events.filter(|event| event.agent_extension.is_some_and(|found| found == extension));
    events.next_back().map(|event| (event.agent_state, event.event_reason_code))
}

fn login(heard: &[Heard], extension: &str) -> Option<String> {
    let events = heard.iter().filter_map(|heard| heard.frame().decode::<AgentStateEvent<'_>>().ok());
    let mut events = events.filter(|event| event.agent_extension.is_some_and(|found| found == extension));
    events.next().and_then(|event| event.agent_id).map(|login| login.to_string())
}

fn hold(call: u32, device: &'static str, peripheral_id: u32) -> HoldCallReq<'static> {
    HoldCallReq {
        peripheral_id,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some(device.into()),
        agent_instrument: Some(device.into()),
        ..HoldCallReq::default()
    }
}

#[test]
fn a_desktop_of_one_product_calls_a_desktop_of_the_other() {
    let (cce, ccx) = (Protocol::cce(24).unwrap(), Protocol::ccx(18).unwrap());
    let mut desk = Desk::new(quiet(Product::Cce));
    desk.pass(60);
    let caller = desk.desktop(ccx, "agent1002");
    let called = desk.desktop(cce, "1003");
    assert_eq!(desk.ears.refused, []);
    // Each product has logins of its own.
    let wrong = [(ccx, "1004"), (cce, "agent1004")].map(|(protocol, login)| desk.desktop(protocol, login));
    assert_eq!(desk.ears.refused, wrong.map(|session| (session, FailureStatus::E_CTI_INVALID_AGENT_DATA)));
    let bridges: [SessionId; 2] = [desk.bridge(cce), desk.bridge(ccx)];
    // The called agent is driven from now on, and does not answer by habit.
    let ready = SetAgentStateReq {
        peripheral_id: 5_000,
        agent_state: AgentState::AGENT_STATE_AVAILABLE,
        agent_instrument: Some("5003".into()),
        ..SetAgentStateReq::default()
    };
    assert_eq!(desk.ask(called, &ready), Answer::Confirmed);
    desk.ears.heard.clear();
    let make = MakeCallReq {
        peripheral_id: 1,
        agent_instrument: Some("5002".into()),
        dialed_number: Some("5003".into()),
        ..MakeCallReq::default()
    };
    assert_eq!(desk.ask(caller, &make), Answer::Confirmed);
    let (own, rings) = (desk.heard(caller), desk.heard(called));
    assert_eq!(begun(&own), begun(&rings));
    let call = begun(&rings).into_iter().next().unwrap();
    let answer = AnswerCallReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5003".into()),
        agent_instrument: Some("5003".into()),
        ..AnswerCallReq::default()
    };
    assert_eq!(desk.ask(called, &answer), Answer::Confirmed);
    // Unified CCX knows talking for business calls only.
    let other_call = (AgentState::AGENT_STATE_NOT_READY, CcxReasonCode::AGT_NON_ICD.0);
    let [heard_cce, heard_ccx] = bridges.map(|bridge| desk.heard(bridge));
    assert_eq!(state(&heard_cce, "5003"), Some((AgentState::AGENT_STATE_TALKING, 0)));
    assert_eq!(state(&heard_ccx, "5003"), Some(other_call));
    assert_eq!(
        [login(&heard_cce, "5003"), login(&heard_ccx, "5003")],
        [Some("1003".to_owned()), Some("agent1003".to_owned())]
    );
    assert_eq!(state(&desk.heard(called), "5003"), Some((AgentState::AGENT_STATE_TALKING, 0)));
    assert_eq!(state(&own, "5002"), Some(other_call));
    // Each may name its own peripheral only; on Unified CCX the field is reserved.
    let elsewhere = Answer::Failed(FailureStatus::E_CTI_INVALID_PERIPHERAL_ID);
    assert_eq!(desk.ask(called, &hold(call, "5003", 1)), elsewhere);
    assert_eq!(desk.ask(called, &hold(call, "5003", 5_000)), Answer::Confirmed);
    let [heard_cce, heard_ccx] = bridges.map(|bridge| desk.heard(bridge));
    assert_eq!(state(&heard_cce, "5003"), Some((AgentState::AGENT_STATE_HOLD, 0)));
    assert_eq!(state(&heard_ccx, "5003"), None, "nothing new");
    let query = QueryAgentStateReq { peripheral_id: 1, agent_extension: Some("5003".into()), ..Default::default() };
    assert_eq!(desk.ask(bridges[1], &query), Answer::Confirmed);
    let heard = desk.heard(bridges[1]);
    let conf: QueryAgentStateConf<'_> = heard.last().unwrap().frame().decode().unwrap();
    assert_eq!(conf.agent_state, AgentState::AGENT_STATE_NOT_READY);
}

#[test]
fn what_only_one_product_knows_is_not_told_to_the_other() {
    let mut config = busy();
    config.habits.translation_route = 0.5;
    let mut desk = Desk::new(config);
    let (cce, ccx) = (desk.bridge(Protocol::cce(24).unwrap()), desk.bridge(Protocol::ccx(18).unwrap()));
    desk.pass(3_600);
    let kinds = |heard: Vec<Heard>| heard.iter().map(Heard::message_type).collect::<BTreeSet<_>>();
    let (cce_heard, ccx_heard) = (desk.heard(cce), desk.heard(ccx));
    let types = ccx_heard.iter().filter_map(|heard| heard.frame().decode::<BeginCallEvent<'_>>().ok());
    assert!(types.clone().all(|event| event.call_type != CallType::CALLTYPE_PREROUTE_ACD_IN));
    let (cce, ccx) = (kinds(cce_heard), kinds(ccx_heard));
    for only in [
        MessageType::CALL_TRANSLATION_ROUTE_EVENT,
        MessageType::CALL_DEQUEUED_EVENT,
        MessageType::CALL_REACHED_NETWORK_EVENT,
        MessageType::CALL_ATTRIBUTE_CHANGE_EVENT,
        MessageType::CALL_AGENT_GREETING_EVENT,
        MessageType::AGENT_PRE_CALL_EVENT,
        MessageType::NETWORK_RECORDING_STARTED_EVENT,
        MessageType::NETWORK_RECORDING_FAILED_EVENT,
    ] {
        assert!(cce.contains(&only) && !ccx.contains(&only), "{only:?}");
    }
}
