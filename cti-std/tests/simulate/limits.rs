//! Limits and counts: each failure that the guide names for them.

use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::wire::{List, NamedArray, NamedVariable, Secret};
use cti_proto::{Body, EncodeErrorKind, Product, Protocol, encode};
use cti_std::simulate::{Config, SessionId};

use super::desk::{Answer, Desk, product};

const STATIC: ConnectionDeviceIdType = ConnectionDeviceIdType::CONNECTION_ID_STATIC;
const NUMBER: &str = "92065551234";

fn quiet(of: Product) -> Desk {
    let mut config = Config::new(of);
    config.calls_per_hour = 0.0;
    config.habits.internal_calls = 0.0;
    config.habits.outbound_calls = 0.0;
    config.habits.no_answer = 0.0;
    let mut desk = Desk::new(config);
    desk.pass(60);
    desk
}

fn make_call(peripheral_id: u32) -> MakeCallReq<'static> {
    MakeCallReq {
        peripheral_id,
        agent_instrument: Some("5002".into()),
        dialed_number: Some(NUMBER.into()),
        ..MakeCallReq::default()
    }
}

/// A desktop of the agent 1002 and a call of the agent's to the outside, which is answered.
fn talking(protocol: Protocol) -> (Desk, SessionId, u32) {
    let mut desk = quiet(protocol.product());
    let (login, peripheral) = if protocol.is_ccx() { ("agent1002", 1) } else { ("1002", 5_000) };
    let client = desk.desktop(protocol, login);
    assert_eq!(desk.ask(client, &make_call(peripheral)), Answer::Confirmed);
    desk.pass(30);
    let heard = desk.heard(client);
    let conf = heard.iter().find_map(|heard| heard.frame().decode::<MakeCallConf<'_>>().ok()).unwrap();
    (desk, client, conf.new_connection_call_id)
}

fn set(call: u32, peripheral_id: u32) -> SetCallDataReq<'static> {
    SetCallDataReq {
        peripheral_id,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        ..SetCallDataReq::default()
    }
}

fn bytes<'m, M: Body<'m>>(protocol: Protocol, message: &M) -> Vec<u8> {
    let mut buffer = [0; 4_096];
    encode(protocol, message, &mut buffer).unwrap().to_vec()
}

/// The message `one` with the count of `two`, which differs in the count and what is counted.
fn with_count_of_other(one: &[u8], two: &[u8]) -> Vec<u8> {
    let header = 8;
    let count = (header..one.len()).find(|place| one[*place] != two[*place]).unwrap();
    assert_eq!((one[count], two[count]), (1, 2), "a count");
    let mut bytes = one.to_vec();
    bytes[count] = two[count];
    bytes
}

#[test]
fn counts_must_be_those_of_the_named_data() {
    for protocol in product(Product::Cce) {
        let (mut desk, client, call) = talking(protocol);
        let variable = |name: &'static str| NamedVariable { name: name.into(), value: "v".into() };
        let variables = [variable("user.Segment"), variable("user.Language")];
        let element = |index| NamedArray { name: "user.Order".into(), index, value: "v".into() };
        let elements = [element(0), element(1)];
        let named = |count| SetCallDataReq { named_variables: List::new(&variables[..count]), ..set(call, 5_000) };
        let arrays = |count| SetCallDataReq { named_arrays: List::new(&elements[..count]), ..set(call, 5_000) };
        for (one, two, status) in [
            (named(1), named(2), FailureStatus::E_CTI_INVALID_NUM_NAMED_VARIABLES),
            (arrays(1), arrays(2), FailureStatus::E_CTI_INVALID_NUM_NAMED_ARRAYS),
        ] {
            let wrong = with_count_of_other(&bytes(protocol, &one), &bytes(protocol, &two));
            let answer = desk.ask_bytes(client, &wrong);
            assert_eq!(answer, Answer::Failed(status), "{protocol}");
            assert_eq!(desk.ask(client, &one), Answer::Confirmed, "{protocol}: the same, counted well");
        }
    }
}

#[test]
fn named_data_of_a_call_has_room_for_2000_bytes() {
    for version in [9, 19, 24] {
        let protocol = Protocol::cce(version).unwrap();
        let (mut desk, client, call) = talking(protocol);
        let value = "x".repeat(210);
        let names = ["user.Segment", "user.CaseNumber", "user.Language", "user.layout", "BAResponse"];
        let variables = names.map(|name| NamedVariable { name: name.into(), value: value.as_str().into() });
        let order = |index| NamedArray { name: "user.Order".into(), index, value: value.as_str().into() };
        let elements = [0, 1, 2, 3, 4].map(order);
        let data = |variables, elements| SetCallDataReq {
            named_variables: List::new(variables),
            named_arrays: List::new(elements),
            ..set(call, 5_000)
        };
        // No message may bring as much: the call has it from two.
        let mut buffer = [0; 4_096];
        let whole = encode(protocol, &data(&variables, &elements), &mut buffer).map(<[u8]>::len);
        assert!(matches!(whole.unwrap_err().kind, EncodeErrorKind::TooMuchNamedData { .. }));
        assert_eq!(desk.ask(client, &data(&variables, &[])), Answer::Confirmed, "{protocol}");
        let too_much = Answer::Failed(FailureStatus::E_CTI_TOO_MUCH_DATA);
        assert_eq!(desk.ask(client, &data(&[], &elements)), too_much, "{protocol}");
        assert_eq!(desk.ask(client, &data(&[], &elements[..3])), Answer::Confirmed, "{protocol}: nothing was kept");
        assert_eq!(desk.ask(client, &data(&[], &elements[3..])), too_much, "{protocol}");
        // The same again takes no more room.
        assert_eq!(desk.ask(client, &data(&variables, &elements[..3])), Answer::Confirmed, "{protocol}");
    }
}

#[test]
fn unified_ccx_says_which_skill_group_it_does_not_know() {
    let unknown = Answer::Control(ControlFailureCode::CF_INVALID_SKILL_GROUP_SPECIFIED);
    for protocol in product(Product::Ccx) {
        let mut desk = quiet(Product::Ccx);
        let client = desk.desktop(protocol, "agent1002");
        let state = |agent_state| SetAgentStateReq {
            peripheral_id: 1,
            agent_state,
            event_reason_code: 7,
            agent_instrument: Some("5002".into()),
            agent_id: Some("agent1002".into()),
            agent_password: Some(Secret::from("x")),
            ..SetAgentStateReq::default()
        };
        assert_eq!(desk.ask(client, &state(AgentState::AGENT_STATE_LOGOUT)), Answer::Confirmed, "{protocol}");
        let login = state(AgentState::AGENT_STATE_LOGIN);
        let groups = [SelectedSkillGroup { number: 999, priority: 0 }];
        let other = SetAgentStateReq { skill_groups: List::from(&groups), ..login };
        assert_eq!(desk.ask(client, &other), unknown, "{protocol}");
        assert_eq!(desk.ask(client, &login), Answer::Confirmed, "{protocol}");
        let call = MakeCallReq { skill_group_number: 999, ..make_call(1) };
        // Before version 14 the request has no skill group.
        if protocol.version() >= 14 {
            assert_eq!(desk.ask(client, &call), unknown, "{protocol}");
        }
        assert_eq!(desk.ask(client, &make_call(1)), Answer::Confirmed, "{protocol}");
    }
}

fn single_step(call: u32, number: &str) -> ConferenceCallReq<'_> {
    ConferenceCallReq {
        peripheral_id: 5_000,
        active_connection_call_id: call,
        held_connection_call_id: NULL_CALL_ID,
        active_connection_device_id_type: STATIC,
        held_connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_NONE,
        active_connection_device_id: Some("5002".into()),
        dialed_number: Some(number.into()),
        ..ConferenceCallReq::default()
    }
}

#[test]
fn a_conference_has_room_for_sixteen() {
    let protocol = Protocol::cce(24).unwrap();
    let (mut desk, client, call) = talking(protocol);
    // The agent and the customer are two.
    for member in 3..=16 {
        let number = format!("9206555{:04}", 2_000 + member);
        assert_eq!(desk.ask(client, &single_step(call, &number)), Answer::Confirmed, "member {member}");
        desk.pass(15);
        let heard = desk.heard(client);
        let conf = heard.iter().find_map(|heard| heard.frame().decode::<ConferenceCallConf<'_>>().ok()).unwrap();
        assert_eq!(conf.connected_parties.len(), member, "member {member}");
    }
    let full = Answer::Control(ControlFailureCode::CF_CONFERENCE_MEMBER_LIMIT_EXCEEDED);
    assert_eq!(desk.ask(client, &single_step(call, "92065559999")), full);
    // Nor by a consultation.
    let consult = ConsultationCallReq {
        peripheral_id: 5_000,
        active_connection_call_id: call,
        active_connection_device_id_type: STATIC,
        active_connection_device_id: Some("5002".into()),
        dialed_number: Some("92065559999".into()),
        ..ConsultationCallReq::default()
    };
    assert_eq!(desk.ask(client, &consult), Answer::Confirmed);
    desk.pass(15);
    let heard = desk.heard(client);
    let conf = heard.iter().find_map(|heard| heard.frame().decode::<ConsultationCallConf<'_>>().ok()).unwrap();
    let second = conf.new_connection_call_id;
    let join = ConferenceCallReq {
        active_connection_call_id: second,
        held_connection_call_id: call,
        held_connection_device_id_type: STATIC,
        held_connection_device_id: Some("5002".into()),
        dialed_number: None,
        ..single_step(second, "")
    };
    assert_eq!(desk.ask(client, &join), full);
    let snapshot = SnapshotCallReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        ..SnapshotCallReq::default()
    };
    let bridge = desk.bridge(protocol);
    assert_eq!(desk.ask(bridge, &snapshot), Answer::Confirmed);
    let heard = desk.heard(bridge);
    let conf: SnapshotCallConf<'_> = heard.last().unwrap().frame().decode().unwrap();
    assert_eq!(conf.call_devices.len(), 16, "all are told of");
}
