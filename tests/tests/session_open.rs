//! Opening a session: what OPEN_REQ says, and what becomes of each answer.

use std::time::Duration;

use cti_proto::harness::{Conditions, End, Here, Memory, OnOpen, OwnedEvent, OwnedServerEvent, granting};
use cti_proto::message::{FailureEvent, HeartbeatConf, OpenConf, OpenReq, QueryAgentStateReq};
use cti_proto::session::{
    Cause, ClientConfig, ClientSession, ConfigError, Ended, Instant, RequestError, ServerConfig, ServerSession, Side,
};
use cti_proto::strategy::OwnedFrame;
use cti_proto::value::{
    AgentState, AgentStateMask, CallEventMask, ConfigMask, CtiService, FailureStatus, NULL_PERIPHERAL_ID,
    PeripheralType, PgStatus, SessionType,
};
use cti_proto::{Bytes, DecodeErrorKind, MessageType, Parts, Protocol, Secret, Storage, Time};
use cti_tests::session::{
    CCE_FALLBACK, CCE24, CCX15, SERVICES, beating, cce24, ccx15, events, last_sent, losses, pair, secs, wire,
};

/// Refusals that time, the other side or another version may mend.
const CURABLE: [FailureStatus; 10] = [
    FailureStatus::E_CTI_AGENT_NOT_LOGGED_ON,
    FailureStatus::E_CTI_DEVICE_IN_USE,
    FailureStatus::E_CTI_CTI_SERVER_OFFLINE,
    FailureStatus::E_CTI_TIMEOUT,
    FailureStatus::E_CTI_UNSPECIFIED_FAILURE,
    FailureStatus::E_CTI_SERVER_NOT_MASTER,
    FailureStatus::E_CTI_JTAPI_CCM_PROBLEM,
    FailureStatus::E_CTI_INVALID_CLIENT_FOR_STANDBY,
    FailureStatus::E_CTI_DUPLICATE_UNIQUE_INSTANCE_ID,
    FailureStatus::E_CTI_SERVER_IN_MAINTENANCE_MODE,
];

/// What an OPEN_REQ of this client says.
fn open_req_of(config: ClientConfig<'static>) -> OwnedFrame {
    let mut memory = Memory::new();
    let mut pair = pair(config, &mut memory);
    pair.settle();
    last_sent(&pair, End::Client, MessageType::OPEN_REQ).expect("an OPEN_REQ")
}

#[test]
fn open_req_is_the_first_message_and_nothing_goes_before_it() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    let query = QueryAgentStateReq { agent_id: Some("1".into()), ..QueryAgentStateReq::default() };
    assert_eq!(pair.request(&query), Err(RequestError::NotOpen));
    pair.set_conditions(Conditions::PERFECT, Conditions::PERFECT);
    pair.set_on_open(Side::A, OnOpen::Leave);
    pair.settle();
    assert_eq!(pair.request(&query), Err(RequestError::NotOpen));
    assert_eq!(wire(&pair, End::Client), [(0, MessageType::OPEN_REQ)]);
}

#[test]
fn a_second_open_req_cannot_be_sent() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    assert_eq!(pair.request(&OpenReq::default()), Err(RequestError::NotARequest));
}

#[test]
fn open_req_says_what_was_configured() {
    let mut config = beating();
    config.signature = Some("desk 7".into());
    config.password = Secret(Bytes(b"secret"));
    config.call_events = CallEventMask::BEGIN_CALL_MASK;
    config.agent_states = AgentStateMask::AGENT_LOGIN_MASK;
    config.config = ConfigMask::CONFIG_MSG_AGENT_MASK;
    let frame = open_req_of(config);
    let request: OpenReq = frame.frame().decode().unwrap();
    assert_eq!(request.version_number, 24);
    assert_eq!(request.idle_timeout, 20, "four heartbeats");
    assert_eq!(request.peripheral_id, NULL_PERIPHERAL_ID);
    assert_eq!(request.services_requested, SERVICES);
    assert_eq!(request.call_msg_mask, CallEventMask::BEGIN_CALL_MASK);
    assert_eq!(request.agent_state_mask, AgentStateMask::AGENT_LOGIN_MASK);
    assert_eq!(request.config_msg_mask, ConfigMask::CONFIG_MSG_AGENT_MASK);
    assert_eq!(request.client_id, Some("test".into()));
    assert_eq!(request.client_password, Some(Secret(Bytes(b"secret"))));
    assert_eq!(request.client_signature, Some("desk 7".into()));
}

#[test]
fn reserved_fields_and_unused_mask_bits_are_zero() {
    let mut config = cce24();
    config.config = ConfigMask::ALL;
    let frame = open_req_of(config);
    let request: OpenReq = frame.frame().decode().unwrap();
    assert_eq!((request.reserved1, request.reserved2, request.reserved3), (0, 0, 0));
    assert!(request.call_msg_mask.without(CallEventMask::ALL).is_empty());
    assert!(request.agent_state_mask.without(AgentStateMask::ALL).is_empty());
    assert!(request.config_msg_mask.without(ConfigMask::ALL).is_empty());
}

#[test]
fn an_empty_password_is_present_and_the_signature_is_left_to_the_server() {
    let frame = open_req_of(cce24());
    let request: OpenReq = frame.frame().decode().unwrap();
    assert_eq!(request.client_password, Some(Secret(Bytes(b""))));
    assert_eq!(request.client_signature, None);
}

#[test]
fn without_heartbeats_the_idle_timeout_is_off() {
    let frame = open_req_of(cce24());
    assert_eq!(frame.frame().decode::<OpenReq>().unwrap().idle_timeout, u32::MAX);
}

#[test]
fn express_writes_peripheral_0_and_a_finite_idle_timeout() {
    let frame = open_req_of(ccx15());
    let request: OpenReq = frame.frame().decode().unwrap();
    assert_eq!((request.peripheral_id, request.idle_timeout), (0, 20));
    assert_eq!((request.reserved1, request.reserved2, request.reserved3), (0, 0, 0));
    assert!(request.client_id.is_some() && request.client_password.is_some());
}

#[test]
fn what_breaks_a_rule_of_opening_is_refused_before_anything_is_sent() {
    type Change = fn(&mut ClientConfig<'static>);
    let cce: [(Change, Result<(), ConfigError>); 17] = [
        (|_| {}, Ok(())),
        (|c| c.protocols = &[], Err(ConfigError::NoProtocol)),
        (|c| c.client_id = "".into(), Err(ConfigError::NoClientId)),
        (|c| c.client_id = LONG.into(), Err(ConfigError::TooLong)),
        (|c| c.heartbeat = Some(Duration::from_millis(4_999)), Err(ConfigError::Heartbeat)),
        (|c| c.heartbeat = Some(Duration::from_secs(90)), Ok(())),
        (|c| c.idle_timeout = Some(Duration::from_secs(19)), Err(ConfigError::IdleTimeout)),
        (|c| c.idle_timeout = Some(Duration::from_secs(20)), Ok(())),
        (
            |c| (c.heartbeat, c.idle_timeout) = (Some(Duration::from_secs(6)), Some(Duration::from_secs(23))),
            Err(ConfigError::IdleTimeout),
        ),
        (|c| c.connect_timeout = Duration::ZERO, Err(ConfigError::Timeout)),
        (|c| c.open_timeout = Duration::ZERO, Err(ConfigError::Timeout)),
        (|c| c.request_timeout = Duration::ZERO, Err(ConfigError::Timeout)),
        (|c| c.services = CtiService::CTI_SERVICE_CLIENT_EVENTS, Err(ConfigError::NoAgent)),
        (
            |c| (c.services, c.agent_id) = (CtiService::CTI_SERVICE_CLIENT_EVENTS, Some("1".into())),
            Err(ConfigError::NoPeripheral),
        ),
        (|c| client_events(c, |c| c.agent_extension = Some("1".into())), Ok(())),
        (|c| client_events(c, |c| c.agent_id = Some("1".into())), Ok(())),
        (|c| client_events(c, |c| c.agent_instrument = Some("1".into())), Ok(())),
    ];
    for (number, (change, expected)) in cce.into_iter().enumerate() {
        let mut config = cce24();
        change(&mut config);
        let mut storage = Storage::<64, 1_024, 1, 0>::new();
        assert_eq!(ClientSession::new(config, storage.parts()).map(drop), expected, "case {number}");
    }
}

#[test]
fn a_session_has_room_for_its_own_messages() {
    let mut storage = Storage::<64, 256, 1, 0>::new();
    assert!(ClientSession::new(cce24(), storage.parts()).is_ok());
    let Parts { rx, tx, requests, monitors } = storage.parts();
    let parts = Parts { rx: &mut rx[..63], tx, requests, monitors };
    assert_eq!(ClientSession::new(cce24(), parts).map(drop), Err(ConfigError::SmallBuffer));
    let Parts { rx, tx, requests, monitors } = storage.parts();
    let parts = Parts { rx, tx: &mut tx[..50], requests, monitors };
    assert_eq!(ClientSession::new(cce24(), parts).map(drop), Err(ConfigError::SmallBuffer));
}

const LONG: &str = "a name of sixty-four bytes, which is one more than there is room";

fn client_events(config: &mut ClientConfig<'static>, change: fn(&mut ClientConfig<'static>)) {
    (config.services, config.peripheral_id) = (CtiService::CTI_SERVICE_CLIENT_EVENTS, 5_000);
    change(config);
}

#[test]
fn express_has_rules_of_its_own_for_services_heartbeats_and_idle_timeout() {
    type Change = fn(&mut ClientConfig<'static>);
    let agent = CtiService::CTI_SERVICE_CLIENT_EVENTS;
    let cases: [(Change, Result<(), ConfigError>); 10] = [
        (|_| {}, Ok(())),
        (|c| c.services |= CtiService::CTI_SERVICE_CLIENT_EVENTS, Err(ConfigError::NoAgent)),
        (|c| c.agent_id = Some("1".into()), Err(ConfigError::Services)),
        (|c| c.heartbeat = Some(Duration::from_secs(31)), Err(ConfigError::Heartbeat)),
        (|c| c.heartbeat = Some(Duration::from_secs(4)), Err(ConfigError::Heartbeat)),
        (|c| c.heartbeat = None, Err(ConfigError::IdleTimeout)),
        (|c| c.idle_timeout = Some(Duration::from_secs(120)), Err(ConfigError::IdleTimeout)),
        (|c| c.idle_timeout = Some(Duration::from_secs(119)), Ok(())),
        (
            |c| (c.heartbeat, c.idle_timeout) = (Some(Duration::from_secs(15)), Some(Duration::from_secs(29))),
            Err(ConfigError::IdleTimeout),
        ),
        (|c| (c.heartbeat, c.idle_timeout) = (Some(Duration::from_secs(15)), Some(Duration::from_secs(30))), Ok(())),
    ];
    for (number, (change, expected)) in cases.into_iter().enumerate() {
        let mut config = ccx15();
        change(&mut config);
        assert_eq!(config.check(), expected, "case {number}");
    }
    let mut agent_mode = ccx15();
    (agent_mode.services, agent_mode.agent_id) = (agent, Some("1".into()));
    assert_eq!(agent_mode.check(), Ok(()), "agent mode");

    let both = [CCE24[0], CCX15[0]];
    let mut config = cce24();
    config.protocols = &both;
    assert_eq!(config.check(), Err(ConfigError::IdleTimeout), "where Unified CCX comes second, too");
    config.heartbeat = Some(Duration::from_secs(5));
    assert_eq!(config.check(), Ok(()));
}

#[test]
fn a_refused_version_is_followed_by_the_next_one_on_a_new_connection() {
    let mut config = cce24();
    config.protocols = CCE_FALLBACK;
    let mut memory = Memory::new();
    let mut pair = pair(config, &mut memory);
    pair.server_config_mut(Side::A).versions = (9, 15);
    pair.run_until(secs(5));
    let refused = Cause::Refused(FailureStatus::E_CTI_INVALID_VERSION.into());
    assert_eq!(losses(&pair), [(0, Side::A, refused, Side::A, 1_000), (1_000, Side::A, refused, Side::A, 2_000)]);
    assert_eq!(pair.client().opened().map(|opened| opened.protocol), Protocol::cce(13).ok());
    let versions: Vec<_> = pair
        .sent_by(End::Client)
        .filter_map(|(_, frame)| Some(frame.decode::<OpenReq>().ok()?.version_number))
        .collect();
    assert_eq!(versions, [24, 19, 13]);
}

#[test]
fn the_version_opened_fixes_the_layout_of_every_message() {
    let mut config = cce24();
    config.protocols = CCE_FALLBACK;
    let mut memory = Memory::new();
    let mut pair = pair(config, &mut memory);
    pair.server_config_mut(Side::A).versions = (9, 13);
    pair.run_until(secs(5));
    let query = QueryAgentStateReq { agent_id: Some("1".into()), ..QueryAgentStateReq::default() };
    pair.request(&query).unwrap();
    pair.settle();
    let sent = last_sent(&pair, End::Client, MessageType::QUERY_AGENT_STATE_REQ).unwrap();
    assert!(sent.as_bytes().ends_with(&[5, 2, b'1', 0]), "tag and length of one byte: {sent:?}");
    assert_eq!(pair.server(Side::A).map(ServerSession::protocol), Protocol::cce(13).ok());
}

#[test]
fn the_last_version_refused_is_the_end() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.server_config_mut(Side::A).versions = (9, 23);
    pair.run_until(secs(1_000));
    let refused = FailureStatus::E_CTI_INVALID_VERSION.into();
    assert_eq!(events(&mut pair), [OwnedEvent::Ended(Ended::Refused(refused))]);
}

#[test]
fn every_refusal_is_final_unless_something_may_mend_it() {
    for (_, number) in FailureStatus::VALUES {
        let status = FailureStatus(*number);
        let mut memory = Memory::new();
        let mut pair = pair(cce24(), &mut memory);
        pair.set_on_open(Side::A, OnOpen::Refuse(status));
        pair.run_until(secs(3));
        if CURABLE.contains(&status) {
            let refused = Cause::Refused(status.into());
            assert_eq!(losses(&pair), [(0, Side::A, refused, Side::B, 1_000)], "{status}");
            assert_eq!(pair.client().opened().map(|opened| opened.side), Some(Side::B), "{status}");
        } else {
            assert_eq!(events(&mut pair), [OwnedEvent::Ended(Ended::Refused(status.into()))], "{status}");
            assert_eq!(pair.connection(), None);
        }
    }
}

#[test]
fn after_a_refusal_the_connection_is_reset_and_there_is_a_pause() {
    let offline = FailureStatus::E_CTI_CTI_SERVER_OFFLINE;
    for (config, pause) in [(cce24(), 1), (ccx15(), 10)] {
        let mut memory = Memory::new();
        let mut pair = pair(config, &mut memory);
        pair.set_on_open(Side::A, OnOpen::Refuse(offline));
        pair.set_on_open(Side::B, OnOpen::Refuse(offline));
        pair.settle();
        assert_eq!(pair.connection(), None, "reset at once");
        pair.run_until(secs(600));
        let opens: Vec<_> = pair.sent_by(End::Client).map(|(at, _)| at).collect();
        assert!(opens.len() > 5);
        assert!(opens.windows(2).all(|two| two[1].since(two[0]) >= Duration::from_secs(pause)), "{opens:?}");
    }
}

#[test]
fn an_answer_after_the_normal_5_s_is_waited_for() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.set_on_open(Side::A, OnOpen::Leave);
    pair.run_until(secs(29));
    let (now, confirmation) = (pair.now(), granting(CCE24[0], pair.now(), SERVICES));
    pair.server_mut(Side::A).unwrap().accept(now, &confirmation).unwrap();
    pair.open();
}

#[test]
fn no_answer_for_30_s_resets_the_connection_and_the_other_side_is_asked_after_a_pause() {
    for (config, pause) in [(cce24(), 1), (ccx15(), 10)] {
        let mut memory = Memory::new();
        let mut pair = pair(config, &mut memory);
        pair.set_on_open(Side::A, OnOpen::Leave);
        pair.run_until(secs(30));
        assert_eq!(losses(&pair), [(30_000, Side::A, Cause::NoAnswer, Side::B, 30_000 + pause * 1_000)]);
        assert_eq!(pair.connection(), None);
        pair.run_for(Duration::from_secs(pause));
        assert_eq!(pair.client().opened().map(|opened| opened.side), Some(Side::B));
    }
}

#[test]
fn a_server_that_ends_the_session_before_it_is_open_is_not_asked_again_at_once() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    for side in [Side::A, Side::B] {
        pair.set_on_open(side, OnOpen::Leave);
    }
    let status = FailureStatus::E_CTI_CTI_SERVER_OFFLINE;
    let mut next = Instant::ZERO;
    for _ in 0..4 {
        pair.run_until(next);
        pair.inject_message(End::Server, &FailureEvent { status, ..FailureEvent::default() });
        pair.settle();
        next = Instant::from_millis(losses(&pair).last().expect("a loss").4);
    }
    let cause = Cause::EndedByServer(status);
    assert_eq!(
        losses(&pair),
        [
            (0, Side::A, cause, Side::B, 1_000),
            (1_000, Side::B, cause, Side::A, 2_000),
            (2_000, Side::A, cause, Side::B, 3_000),
            (3_000, Side::B, cause, Side::A, 18_000)
        ]
    );
}

#[test]
fn fewer_services_than_asked_for_are_told() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.serve(|session: &mut ServerSession<'_>, here: Here, event: &OwnedServerEvent| {
        if let OwnedServerEvent::OpenRequested(_) = event {
            let granted = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_AGENT_STATE_CONTROL_ONLY;
            session.accept(here.now, &granting(session.protocol(), here.now, granted)).unwrap();
        }
    });
    let opened = pair.open();
    assert_eq!(opened.granted, CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_AGENT_STATE_CONTROL_ONLY);
    let stands_in_for = CtiService::CTI_SERVICE_CLIENT_CONTROL;
    assert_eq!(opened.missing, SERVICES.without(opened.granted).without(stands_in_for));
    assert!(!opened.missing.is_empty());
}

#[test]
fn open_conf_is_told_in_full_and_trouble_of_the_gateway_is_only_a_warning() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.serve(|session: &mut ServerSession<'_>, here: Here, event: &OwnedServerEvent| {
        if let OwnedServerEvent::OpenRequested(_) = event {
            let confirmation = OpenConf {
                monitor_id: 77,
                pg_status: PgStatus::PGS_CC_DOWN,
                icm_central_controller_time: Time(1_000_000),
                peripheral_online: false,
                peripheral_type: PeripheralType(17),
                agent_state: AgentState::AGENT_STATE_TALKING,
                ..granting(session.protocol(), here.now, SERVICES)
            };
            session.accept(here.now, &confirmation).unwrap();
        }
    });
    let opened = pair.open();
    assert_eq!((opened.side, opened.protocol, opened.monitor_id), (Side::A, CCE24[0], 77));
    assert_eq!((opened.pg_status, opened.peripheral_online), (PgStatus::PGS_CC_DOWN, false));
    assert_eq!((opened.peripheral_type, opened.agent_state), (PeripheralType(17), AgentState::AGENT_STATE_TALKING));
    assert_eq!((opened.session_type, opened.gap), (SessionType::ACTIVE, None));
    assert_eq!(opened.server_clock.time_at(secs(60)), Time(1_000_060));
}

#[test]
fn an_open_conf_that_cannot_be_decoded_fails_the_attempt() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.set_on_open(Side::A, OnOpen::Leave);
    pair.settle();
    let open = last_sent(&pair, End::Client, MessageType::OPEN_REQ).unwrap();
    let invoke_id = open.frame().decode::<OpenReq>().unwrap().invoke_id;
    let short = OwnedFrame::from_parts(CCE24[0], MessageType::OPEN_CONF, &invoke_id.to_be_bytes());
    pair.inject(End::Server, short.as_bytes());
    pair.settle();
    let [(_, _, Cause::BadAnswer(error), Side::B, 1_000)] = losses(&pair)[..] else { panic!("{:?}", pair.events()) };
    assert_eq!(error.kind, DecodeErrorKind::ShortFixedPart);
}

#[test]
fn only_the_answer_to_this_open_req_counts() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.set_on_open(Side::A, OnOpen::Leave);
    pair.settle();
    let other = OpenConf { invoke_id: 4_711, ..granting(CCE24[0], pair.now(), SERVICES) };
    pair.inject_message(End::Server, &other);
    pair.inject_message(End::Server, &HeartbeatConf { invoke_id: 4_711 });
    pair.settle();
    assert_eq!(pair.events(), []);
    let (now, confirmation) = (pair.now(), granting(CCE24[0], pair.now(), SERVICES));
    pair.server_mut(Side::A).unwrap().accept(now, &confirmation).unwrap();
    pair.open();
}

#[test]
fn express_18_down_to_10_opens_at_what_the_server_has() {
    static ALL: std::sync::LazyLock<Vec<Protocol>> =
        std::sync::LazyLock::new(|| (10..=18).rev().filter_map(|version| Protocol::ccx(version).ok()).collect());
    for newest in 10..=18 {
        let mut config = ccx15();
        config.protocols = &ALL;
        let mut memory = Memory::new();
        let mut pair = pair(config, &mut memory);
        pair.server_config_mut(Side::A).versions = (10, newest);
        pair.run_until(secs(10 * u64::from(18 - newest)));
        assert_eq!(pair.client().opened().map(|opened| opened.protocol), Protocol::ccx(newest).ok(), "{newest}");
        assert!(losses(&pair).iter().all(|loss| loss.4 - loss.0 == 10_000), "10 s between two versions");
    }
}

#[test]
fn a_client_of_express_opens_with_a_server_of_express() {
    let mut memory = Memory::new();
    let mut pair = pair(ccx15(), &mut memory);
    assert_eq!(ServerConfig::new(CCX15[0].product()).versions, (10, 18));
    let opened = pair.open();
    assert_eq!((opened.protocol, opened.session_type), (CCX15[0], SessionType::UNKNOWN));
    assert!(opened.peripheral_online);
}
