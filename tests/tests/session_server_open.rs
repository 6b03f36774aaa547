//! What a server says to OPEN_REQ: every check with its status, and the order of the checks.

use std::time::Duration;

use cti_proto::harness::{OwnedServerEvent, granting};
use cti_proto::message::{FailureConf, HeartbeatReq, OpenConf, OpenReq};
use cti_proto::session::{AnswerError, Request, ServerConfig, ServerEnded, Transport};
use cti_proto::value::{AgentStateMask, CallEventMask, CcxConfigMsgMask, ConfigMask, CtiService, FailureStatus};
use cti_proto::{Bytes, MessageType, Product, Protocol, Secret, encode};
use cti_tests::session::{CCE24, CCX15, RawClient, ServerStorage, open_request};

type Change = fn(&mut OpenReq<'_>);

/// What a server says to an OPEN_REQ: the status of the refusal, or nothing if it is handed out.
fn answer(config: ServerConfig, request: &OpenReq<'_>) -> Option<FailureStatus> {
    let protocol = Protocol::new(config.product, request.version_number).unwrap_or(CCE24[0]);
    let mut buffer = [0; 4_096];
    let bytes = encode(protocol, request, &mut buffer).expect("an OPEN_REQ that can be written");
    answer_to(config, protocol, bytes)
}

fn answer_to(config: ServerConfig, protocol: Protocol, bytes: &[u8]) -> Option<FailureStatus> {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::new(config, protocol, &mut storage);
    let told = client.say_bytes(bytes);
    let heard = client.heard();
    match &told[..] {
        [OwnedServerEvent::OpenRequested(_)] => {
            assert_eq!(heard, []);
            None
        }
        [OwnedServerEvent::Refused { request: Request { invoke_id: 1, message }, status }] => {
            assert_eq!(*message, MessageType::OPEN_REQ);
            let failure: FailureConf = heard[0].frame().decode().unwrap();
            assert_eq!((failure.invoke_id, failure.reason), (1, (*status).into()));
            assert_eq!(client.wait(Duration::from_secs(5)), [OwnedServerEvent::Ended(ServerEnded::Refused(*status))]);
            assert_eq!(client.session.transport(), Transport::Reset);
            Some(*status)
        }
        other => panic!("{other:?}"),
    }
}

fn cce() -> ServerConfig {
    ServerConfig::new(Product::Cce)
}

fn ccx() -> ServerConfig {
    ServerConfig::new(Product::Ccx)
}

fn standby() -> ServerConfig {
    let mut config = cce();
    config.standby = true;
    config
}

fn maintenance() -> ServerConfig {
    let mut config = cce();
    config.maintenance = true;
    config
}

fn with(change: Change) -> OpenReq<'static> {
    let mut request = open_request(CCE24[0]);
    change(&mut request);
    request
}

#[test]
fn an_open_req_in_order_is_handed_out() {
    for version in 9..=25 {
        assert_eq!(answer(cce(), &open_request(Protocol::cce(version).unwrap())), None);
    }
    for version in 10..=18 {
        assert_eq!(answer(ccx(), &open_request(Protocol::ccx(version).unwrap())), None);
    }
}

#[test]
fn a_version_that_the_server_does_not_speak_is_refused_with_1() {
    let status = Some(FailureStatus::E_CTI_INVALID_VERSION);
    for version in [0, 8, 26, u32::MAX] {
        assert_eq!(answer(cce(), &OpenReq { version_number: version, ..open_request(CCE24[0]) }), status);
    }
    let mut narrow = cce();
    narrow.versions = (13, 19);
    for (version, expected) in [(12, status), (13, None), (19, None), (20, status)] {
        assert_eq!(answer(narrow, &open_request(Protocol::cce(version).unwrap())), expected, "{version}");
    }
    assert_eq!(answer(ccx(), &OpenReq { version_number: 19, ..open_request(CCX15[0]) }), status);
    assert_eq!(answer(ccx(), &OpenReq { version_number: 9, ..open_request(CCX15[0]) }), status);
}

#[test]
fn each_rule_of_open_req_has_its_status() {
    let client_events = CtiService::CTI_SERVICE_CLIENT_EVENTS;
    assert_eq!(client_events.0, 1);
    let cases: [(ServerConfig, Change, u32); 15] = [
        (cce(), |r| r.reserved1 = 1, 22),
        (cce(), |r| r.reserved2 = 1, 22),
        (cce(), |r| r.reserved3 = 1, 22),
        (cce(), |r| r.idle_timeout = 19, 18),
        (cce(), |r| r.services_requested = CtiService(0x4000_0000), 19),
        (cce(), |r| r.agent_state_mask = AgentStateMask(0x8000_0000), 21),
        (cce(), |r| r.config_msg_mask = ConfigMask(0x8000_0000), 95),
        (standby(), |r| r.version_number = 23, 15),
        (standby(), |_| {}, 107),
        (standby(), |r| r.services_requested |= CtiService::CTI_SERVICE_ACTIVE_STANDBY, 0),
        (maintenance(), |_| {}, 110),
        (cce(), |r| r.services_requested = CtiService::CTI_SERVICE_CLIENT_EVENTS, 7),
        (cce(), |r| (r.services_requested, r.peripheral_id) = (CtiService::CTI_SERVICE_CLIENT_EVENTS, 5_000), 6),
        (cce(), |r| client_events_of(r, |r| r.agent_id = Some("1".into())), 0),
        (cce(), |r| r.idle_timeout = 20, 0),
    ];
    for (place, (config, change, status)) in cases.into_iter().enumerate() {
        let expected = (status != 0).then_some(FailureStatus(status));
        assert_eq!(answer(config, &with(change)), expected, "case {place}");
    }
}

fn client_events_of(request: &mut OpenReq<'_>, change: Change) {
    (request.services_requested, request.peripheral_id) = (CtiService::CTI_SERVICE_CLIENT_EVENTS, 5_000);
    change(request);
}

#[test]
fn each_name_of_the_agent_is_enough_for_client_events() {
    let names: [Change; 4] = [
        |r| r.agent_extension = Some("1".into()),
        |r| r.agent_id = Some("1".into()),
        |r| r.agent_instrument = Some("1".into()),
        |r| r.agent_id_long = Some("1".into()),
    ];
    for name in names {
        let mut request = open_request(CCE24[0]);
        client_events_of(&mut request, name);
        assert_eq!(answer(cce(), &request), None);
    }
}

#[test]
fn a_service_bit_without_a_name_that_cti_os_asks_for_is_let_pass() {
    assert_eq!(answer(cce(), &with(|r| r.services_requested |= CtiService(0x200))), None);
}

#[test]
fn the_configuration_mask_of_express_has_its_own_bits() {
    let mut request = open_request(Protocol::ccx(18).unwrap());
    request.config_msg_mask = CcxConfigMsgMask::ALL.into();
    assert_eq!(answer(ccx(), &request), None);
    request.config_msg_mask = ConfigMask(0x20);
    assert_eq!(answer(ccx(), &request), Some(FailureStatus::E_INVALID_CONFIG_MSG_MASK));
}

#[test]
fn a_standby_node_of_express_refuses_with_92() {
    let mut config = ccx();
    config.standby = true;
    assert_eq!(answer(config, &open_request(CCX15[0])), Some(FailureStatus::E_CTI_SERVER_NOT_MASTER));
}

/// Bytes of an OPEN_REQ with these floating fields.
fn raw(protocol: Protocol, change: Change, fields: &[&[u8]]) -> Vec<u8> {
    let mut request = open_request(protocol);
    change(&mut request);
    let mut buffer = [0; 4_096];
    let bytes = encode(protocol, &request, &mut buffer).unwrap();
    let mut bytes = bytes[..8 + 44].to_vec();
    fields.iter().for_each(|field| bytes.extend_from_slice(field));
    let length = u32::try_from(bytes.len() - 8).unwrap();
    bytes[..4].copy_from_slice(&length.to_be_bytes());
    bytes
}

const ID: &[u8] = &[0, 1, 0, 2, b'x', 0];
const PASSWORD: &[u8] = &[0, 2, 0, 0];

#[test]
fn name_and_password_must_be_there_and_the_password_may_be_empty() {
    let missing = Some(FailureStatus::E_CTI_REQUIRED_DATA_MISSING);
    for (fields, expected) in
        [(&[ID, PASSWORD][..], None), (&[PASSWORD, ID], None), (&[ID], missing), (&[PASSWORD], missing), (&[], missing)]
    {
        assert_eq!(answer_to(cce(), CCE24[0], &raw(CCE24[0], |_| {}, fields)), expected);
    }
}

#[test]
fn fields_that_do_not_belong_in_open_req_are_refused() {
    let cases: [(&[u8], u32); 5] = [
        // A tag of no message, a tag of another message, a tag of another version, a text too long, a field cut short.
        (&[0x7f, 0, 0, 0], 3),
        (&[0, 31, 0, 1, 0], 26),
        (&[0, 1, 0, 70], 25),
        (&[0, 4, 0, 17, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 0], 23),
        (&[0, 97, 0, 3, 0, 0, 0], 23),
    ];
    for (field, status) in cases {
        let bytes = raw(CCE24[0], |_| {}, &[ID, PASSWORD, field]);
        assert_eq!(answer_to(cce(), CCE24[0], &bytes), Some(FailureStatus(status)), "{field:?}");
    }
}

#[test]
fn a_fixed_part_that_is_not_whole_is_refused_with_25() {
    let bytes = raw(CCE24[0], |_| {}, &[]);
    for length in [8, 43] {
        let mut bytes = bytes[..8 + length].to_vec();
        bytes[3] = u8::try_from(length).unwrap();
        assert_eq!(answer_to(cce(), CCE24[0], &bytes), Some(FailureStatus::E_CTI_BAD_MESSAGE_FORMAT), "{length}");
    }
}

/// Every rule at once, mended one after the other: the checks come in the order that is documented.
#[test]
fn the_checks_come_in_order() {
    let mut config = standby();
    config.maintenance = true;
    let mut request = OpenReq {
        version_number: 26,
        reserved1: 1,
        idle_timeout: 1,
        services_requested: CtiService(0x4000_0001),
        agent_state_mask: AgentStateMask(0x8000_0000),
        config_msg_mask: ConfigMask(0x8000_0000),
        ..open_request(CCE24[0])
    };
    let mends: [(u32, Change); 11] = [
        (1, |r| r.version_number = 23),
        (22, |r| r.reserved1 = 0),
        (18, |r| r.idle_timeout = 20),
        (19, |r| r.services_requested = CtiService(1)),
        (21, |r| r.agent_state_mask = AgentStateMask::EMPTY),
        (95, |r| r.config_msg_mask = ConfigMask::EMPTY),
        (15, |r| r.version_number = 24),
        (107, |r| r.services_requested |= CtiService::CTI_SERVICE_ACTIVE_STANDBY),
        (110, |_| {}),
        (7, |r| r.peripheral_id = 5_000),
        (6, |r| r.agent_id = Some("1".into())),
    ];
    for (status, mend) in mends {
        assert_eq!(answer(config, &request), Some(FailureStatus(status)));
        mend(&mut request);
        config.maintenance &= status != 110;
    }
    assert_eq!(answer(config, &request), None);
}

#[test]
fn unassigned_call_events_are_refused_with_20() {
    // Every bit is assigned by now.
    assert_eq!(CallEventMask::ALL.without(CallEventMask(u32::MAX)), CallEventMask::EMPTY);
    let unassigned = CallEventMask(!CallEventMask::ALL.0);
    let request = OpenReq { call_msg_mask: unassigned, ..open_request(CCE24[0]) };
    let expected = (!unassigned.is_empty()).then_some(FailureStatus::E_CTI_INVALID_CALL_MSG_MASK);
    assert_eq!(answer(cce(), &request), expected);
}

#[test]
fn before_open_req_everything_is_refused_with_4() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::new(cce(), CCE24[0], &mut storage);
    let status = FailureStatus::E_CTI_SESSION_NOT_OPEN;
    let told = client.say(&HeartbeatReq { invoke_id: 7 });
    let request = Request { invoke_id: 7, message: MessageType::HEARTBEAT_REQ };
    assert_eq!(told, [OwnedServerEvent::Refused { request, status }]);
    assert_eq!(client.heard()[0].frame().decode::<FailureConf>().unwrap().reason, status.into());
    assert!(
        matches!(client.say(&open_request(CCE24[0]))[..], [OwnedServerEvent::OpenRequested(_)]),
        "it may still open"
    );
}

#[test]
fn a_second_open_req_is_refused_with_5_and_the_session_goes_on() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(CtiService::CTI_SERVICE_ALL_EVENTS, &mut storage);
    let told = client.say(&OpenReq { invoke_id: 9, ..open_request(CCE24[0]) });
    let request = Request { invoke_id: 9, message: MessageType::OPEN_REQ };
    assert_eq!(told, [OwnedServerEvent::Refused { request, status: FailureStatus::E_CTI_SESSION_ALREADY_OPEN }]);
    assert!(client.session.is_open());
}

#[test]
fn a_client_that_does_not_send_open_req_is_dropped() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::new(cce(), CCE24[0], &mut storage);
    assert_eq!(client.wait(Duration::from_millis(29_999)), []);
    assert_eq!(client.wait(Duration::from_millis(1)), [OwnedServerEvent::Ended(ServerEnded::NoOpen)]);
    assert_eq!(client.session.transport(), Transport::Reset);
}

#[test]
fn nothing_of_the_client_is_handled_until_open_req_is_decided() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::new(cce(), CCE24[0], &mut storage);
    assert_eq!(client.say(&open_request(CCE24[0])).len(), 1);
    assert_eq!(client.say(&HeartbeatReq { invoke_id: 8 }), []);
    assert_eq!(client.heard(), []);
    client.session.accept(client.now, &granting(CCE24[0], client.now, CtiService::EMPTY)).unwrap();
    assert_eq!(client.events(), []);
    let types: Vec<_> = client.heard().iter().map(|frame| frame.frame().message_type()).collect();
    assert_eq!(types, [MessageType::OPEN_CONF, MessageType::HEARTBEAT_CONF]);
}

#[test]
fn the_confirmation_grants_no_more_than_was_asked_for() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::new(cce(), CCE24[0], &mut storage);
    let asked = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
    client.say(&OpenReq { invoke_id: 44, services_requested: asked, ..open_request(CCE24[0]) });
    let stands_in = CtiService::CTI_AGENT_STATE_CONTROL_ONLY;
    let grant = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_SUPERVISOR | stands_in;
    client.session.accept(client.now, &granting(CCE24[0], client.now, grant)).unwrap();
    let heard = client.heard();
    let confirmation: OpenConf = heard[0].frame().decode().unwrap();
    assert_eq!(confirmation.invoke_id, 44, "the request's");
    assert_eq!(confirmation.services_granted, CtiService::CTI_SERVICE_ALL_EVENTS | stands_in);
    assert_eq!(client.session.granted(), confirmation.services_granted);

    let mut storage = ServerStorage::new();
    let mut client = RawClient::new(cce(), CCE24[0], &mut storage);
    client.say(&open_request(CCE24[0]));
    client.session.accept(client.now, &granting(CCE24[0], client.now, grant)).unwrap();
    assert_eq!(client.session.granted(), CtiService::CTI_SERVICE_ALL_EVENTS, "there is nothing to stand in for");
}

#[test]
fn the_application_refuses_with_a_status_of_its_own() {
    for status in [
        FailureStatus::E_CTI_INVALID_PASSWORD,
        FailureStatus::E_CTI_AGENT_NOT_LOGGED_ON,
        FailureStatus::E_CTI_DEVICE_IN_USE,
        FailureStatus::E_CTI_INVALID_AGENT_DATA,
        FailureStatus::E_CTI_INCONSISTENT_AGENT_DATA,
    ] {
        let mut storage = ServerStorage::new();
        let mut client = RawClient::new(cce(), CCE24[0], &mut storage);
        client.say(&OpenReq { client_password: Some(Secret(Bytes(b"wrong"))), ..open_request(CCE24[0]) });
        client.session.refuse(client.now, status).unwrap();
        assert_eq!(client.session.refuse(client.now, status), Err(AnswerError::NotOpen));
        assert_eq!(client.heard()[0].frame().decode::<FailureConf>().unwrap().reason, status.into());
        client.session.transport_closed(client.now);
        assert_eq!(client.events(), [OwnedServerEvent::Ended(ServerEnded::Refused(status))]);
    }
}
