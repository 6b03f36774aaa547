//! What is different on Unified CCX.

use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::wire::Secret;
use cti_proto::{Product, Protocol};
use cti_std::simulate::{Config, SessionId};

use super::desk::{Answer, DESKTOP, Desk, Heard, product};

const STATIC: ConnectionDeviceIdType = ConnectionDeviceIdType::CONNECTION_ID_STATIC;

fn quiet() -> Desk {
    let mut config = Config::new(Product::Ccx);
    config.calls_per_hour = 0.0;
    config.habits.internal_calls = 0.0;
    config.habits.outbound_calls = 0.0;
    config.habits.no_answer = 0.0;
    let mut desk = Desk::new(config);
    desk.pass(60);
    desk
}

fn kinds(heard: &[Heard]) -> Vec<MessageType> {
    heard.iter().map(Heard::message_type).collect()
}

fn agents(heard: &[Heard], extension: &str) -> Vec<(AgentState, u16)> {
    let events = heard.iter().filter_map(|heard| heard.frame().decode::<AgentStateEvent<'_>>().ok());
    let events = events.filter(|event| event.agent_extension.is_some_and(|found| found == extension));
    events.map(|event| (event.agent_state, event.event_reason_code)).collect()
}

fn hold(call: u32) -> HoldCallReq<'static> {
    HoldCallReq {
        peripheral_id: 1,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        agent_instrument: Some("5002".into()),
        ..HoldCallReq::default()
    }
}

/// An agent's desktop and a bridge, in one version.
fn two(protocol: Protocol) -> (Desk, SessionId, SessionId) {
    let mut desk = quiet();
    let client = desk.desktop(protocol, "agent1002");
    let bridge = desk.bridge(protocol);
    assert_eq!(desk.ears.refused, []);
    desk.ears.heard.clear();
    (desk, client, bridge)
}

#[test]
fn an_agent_calls_consults_and_joins_in_every_version() {
    for protocol in product(Product::Ccx) {
        let (mut desk, client, bridge) = two(protocol);
        let make = MakeCallReq {
            peripheral_id: 1,
            agent_instrument: Some("5002".into()),
            dialed_number: Some("92065551234".into()),
            ..MakeCallReq::default()
        };
        assert_eq!(desk.ask(client, &make), Answer::Confirmed, "{protocol}");
        desk.pass(30);
        let heard = desk.heard(client);
        let conf = heard.iter().find_map(|heard| heard.frame().decode::<MakeCallConf<'_>>().ok()).unwrap();
        let first = conf.new_connection_call_id;
        assert_eq!(
            agents(&heard, "5002").last(),
            Some(&(AgentState::AGENT_STATE_NOT_READY, CcxReasonCode::AGT_NON_ICD.0))
        );
        assert!(!kinds(&heard).contains(&MessageType::CALL_REACHED_NETWORK_EVENT));
        desk.heard(bridge);
        let consult = ConsultationCallReq {
            peripheral_id: 1,
            active_connection_call_id: first,
            active_connection_device_id_type: STATIC,
            active_connection_device_id: Some("5002".into()),
            agent_instrument: Some("5002".into()),
            dialed_number: Some("5003".into()),
            ..ConsultationCallReq::default()
        };
        assert_eq!(desk.ask(client, &consult), Answer::Confirmed);
        let heard = desk.heard(bridge);
        let second =
            heard.iter().rev().find_map(|heard| heard.frame().decode::<CallDeliveredEvent<'_>>().ok()).unwrap();
        assert_eq!(agents(&heard, "5003"), [(AgentState::AGENT_STATE_RESERVED, 0)]);
        desk.pass(15);
        let conference = ConferenceCallReq {
            peripheral_id: 1,
            active_connection_call_id: second.connection_call_id,
            held_connection_call_id: first,
            active_connection_device_id_type: STATIC,
            held_connection_device_id_type: STATIC,
            active_connection_device_id: Some("5002".into()),
            held_connection_device_id: Some("5002".into()),
            agent_instrument: Some("5002".into()),
            ..ConferenceCallReq::default()
        };
        desk.heard(bridge);
        assert_eq!(desk.ask(client, &conference), Answer::Confirmed);
        let heard = desk.heard(bridge);
        let event = heard.iter().find_map(|heard| heard.frame().decode::<CallConferencedEvent<'_>>().ok()).unwrap();
        assert_eq!((event.skill_group_number, event.connected_parties.len()), (NULL_CSQ, 3));
        assert_eq!((event.peripheral_id, event.peripheral_type), (1, PeripheralType::PT_ACMI_CRS));
        assert_eq!(desk.ask(client, &hold(first)), Answer::Confirmed);
    }
}

#[test]
fn what_unified_ccx_lacks_is_refused_and_failures_have_its_codes() {
    let protocol = Protocol::ccx(17).unwrap();
    let (mut desk, client, _) = two(protocol);
    assert_eq!(desk.ask(client, &hold(99)), Answer::Control(ControlFailureCode::CF_INVALID_CSTA_CALL_IDENTIFIER));
    let deflect = DeflectCallReq {
        peripheral_id: 1,
        connection_call_id: 99,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        called_device_id: Some("5003".into()),
        ..DeflectCallReq::default()
    };
    assert_eq!(desk.ask(client, &deflect), Answer::Control(ControlFailureCode::CF_UNRECOGNIZED_OPERATION_REJECTION));
    let both = CtiService(DESKTOP.0 | CtiService::CTI_SERVICE_ALL_EVENTS.0);
    let request = OpenReq { agent_id: Some("agent1003".into()), ..Desk::open_req(protocol, both) };
    let session = desk.open(protocol, &request);
    assert_eq!(desk.ears.refused, [(session, FailureStatus::E_CTI_INVALID_SERVICE_MASK)]);
}

#[test]
fn an_agent_logs_in_again_and_teams_are_told() {
    let protocol = Protocol::ccx(18).unwrap();
    let (mut desk, client, _) = two(protocol);
    let set = |state, password: Option<&'static str>| SetAgentStateReq {
        peripheral_id: 1,
        agent_state: state,
        event_reason_code: 7,
        agent_instrument: Some("5002".into()),
        agent_id: Some("agent1002".into()),
        agent_password: password.map(Secret::from),
        ..SetAgentStateReq::default()
    };
    assert_eq!(desk.ask(client, &set(AgentState::AGENT_STATE_LOGOUT, Some("x"))), Answer::Confirmed);
    assert_eq!(desk.ask(client, &set(AgentState::AGENT_STATE_LOGIN, Some("x"))), Answer::Confirmed);
    let heard = desk.heard(client);
    assert_eq!(
        agents(&heard, "5002"),
        [(AgentState::AGENT_STATE_LOGOUT, 7), (AgentState::AGENT_STATE_NOT_READY, CcxReasonCode::AGT_LOGON.0)]
    );
    let services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_SUPERVISOR;
    let boss = desk.open(protocol, &Desk::open_req(protocol, services));
    desk.heard(boss);
    assert_eq!(desk.ask(boss, &TeamConfigReq { config_param: 1, ..TeamConfigReq::default() }), Answer::Confirmed);
    let heard = desk.heard(boss);
    assert_eq!(
        kinds(&heard),
        [MessageType::TEAM_CONFIG_EVENT, MessageType::TEAM_CONFIG_EVENT, MessageType::TEAM_CONFIG_CONF]
    );
    let odd = TeamConfigReq { config_param: 9, ..TeamConfigReq::default() };
    assert_eq!(desk.ask(boss, &odd), Answer::Failed(FailureStatus::E_CTI_UNSPECIFIED_FAILURE));
}
