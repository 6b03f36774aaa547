//! An open session, seen from the server: requests, monitors, events, the end.

use std::time::Duration;

use cti_proto::harness::{End, Memory, OwnedServerEvent};
use cti_proto::message::{
    AgentStateEvent, AgentTeamConfigEvent, BeginCallEvent, CallDeliveredEvent, ChangeMonitorMaskReq,
    ClientSessionOpenedEvent, CloseConf, CloseReq, Direction, EndCallEvent, FailureConf, FailureEvent, HeartbeatConf,
    HeartbeatReq, ListInfo, MessageInfo, MonitorAgentTeamStartReq, MonitorStartReq, MonitorStopReq, OpenReq,
    QueryAgentStateReq, SendDtmfSignalReq, SessionMonitorStartReq, SetAgentStateReq, SetCallDataReq, SnapshotDeviceReq,
    SystemEvent,
};
use cti_proto::session::{
    AnswerError, Delivery, Instant, Prepared, Request, ServerConfig, ServerEnded, ServerSession, Side, Transport, Wake,
};
use cti_proto::strategy::OwnedFrame;
use cti_proto::value::{AgentState, AgentStateMask, CallEventMask, ControlFailureCode, CtiService, FailureStatus};
use cti_proto::{Body, MessageType, Product, Protocol};
use cti_tests::session::{CCE24, RawClient, SERVICES, ServerStorage, cce24, open_request, pair, secs};
use cti_tests::{Crafted, catalogue};

fn query(invoke_id: u32) -> QueryAgentStateReq<'static> {
    QueryAgentStateReq { invoke_id, agent_id: Some("1".into()), ..QueryAgentStateReq::default() }
}

fn device(invoke_id: u32, calls: CallEventMask, agents: AgentStateMask) -> MonitorStartReq<'static> {
    MonitorStartReq {
        invoke_id,
        call_msg_mask: calls,
        agent_state_mask: agents,
        monitored_device_id: Some("1001".into()),
        ..MonitorStartReq::default()
    }
}

/// The status with which the only message of these was refused.
fn refused(told: &[OwnedServerEvent]) -> FailureStatus {
    match told {
        [OwnedServerEvent::Refused { status, .. }] => *status,
        other => panic!("{other:?}"),
    }
}

/// Makes a monitor of a device, which gets this ID.
fn make(client: &mut RawClient<'_>, monitor_id: u32, calls: CallEventMask, agents: AgentStateMask) {
    let told = client.say(&device(1_000 + monitor_id, calls, agents));
    let [OwnedServerEvent::Request { request, .. }] = &told[..] else { panic!("{told:?}") };
    client.session.confirm_monitor(client.now, *request, monitor_id).unwrap();
    assert_eq!(client.heard().len(), 1);
}

fn prepared<'b, 'm, M: Body<'m>>(event: &M, buffer: &'b mut [u8]) -> Prepared<'b> {
    Prepared::new(CCE24[0], event, buffer).expect("an event of the protocol")
}

/// What becomes of an event.
fn emit<'m, M: Body<'m>>(client: &mut RawClient<'_>, event: &M) -> Delivery {
    client.session.event(client.now, &prepared(event, &mut [0; 1_024]))
}

fn emit_for<'m, M: Body<'m>>(client: &mut RawClient<'_>, monitor_id: u32, event: &M) -> Delivery {
    client.session.event_for(client.now, monitor_id, &prepared(event, &mut [0; 1_024]))
}

fn ready() -> AgentStateEvent<'static> {
    AgentStateEvent { agent_state: AgentState::AGENT_STATE_AVAILABLE, ..AgentStateEvent::default() }
}

fn delivered() -> CallDeliveredEvent<'static> {
    CallDeliveredEvent { connection_device_id: Some("1".into()), ..CallDeliveredEvent::default() }
}

#[test]
fn a_heartbeat_is_answered_at_once_under_its_invoke_id() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    assert_eq!(client.say(&HeartbeatReq { invoke_id: 77 }), []);
    assert_eq!(client.heard()[0].frame().decode::<HeartbeatConf>().unwrap().invoke_id, 77);
}

#[test]
fn a_request_of_a_service_that_was_not_granted_is_refused_with_12() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(CtiService::CTI_SERVICE_ALL_EVENTS, &mut storage);
    let status = FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE;
    assert_eq!(refused(&client.say(&query(5))), status);
    let heard = client.heard();
    let failure: FailureConf = heard[0].frame().decode().unwrap();
    assert_eq!((failure.invoke_id, failure.reason), (5, status.into()));
    assert_eq!(refused(&client.say(&device(6, CallEventMask::ALL, AgentStateMask::ALL))), status);
    assert_eq!(refused(&client.say(&SessionMonitorStartReq::default())), status);
    assert_eq!(refused(&client.say(&MonitorAgentTeamStartReq::default())), status);
}

#[test]
fn control_of_agent_states_alone_allows_agent_states_alone() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(CtiService::CTI_AGENT_STATE_CONTROL_ONLY, &mut storage);
    let set = SetAgentStateReq { agent_instrument: Some("1".into()), ..SetAgentStateReq::default() };
    assert!(matches!(client.say(&set)[..], [OwnedServerEvent::Request { .. }]));
    assert!(matches!(client.say(&query(1))[..], [OwnedServerEvent::Request { .. }]));
    let snapshot = SnapshotDeviceReq { agent_instrument: Some("1".into()), ..SnapshotDeviceReq::default() };
    assert_eq!(refused(&client.say(&snapshot)), FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE);
}

#[test]
fn what_is_no_request_is_refused_with_2() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    let status = FailureStatus::E_CTI_INVALID_MESSAGE_TYPE;
    assert_eq!(refused(&client.say_frame(MessageType(9_999), &[0, 0, 0, 5])), status);
    assert_eq!(client.heard()[0].frame().decode::<FailureConf>().unwrap().invoke_id, 5);
    assert_eq!(refused(&client.say(&ready())), status, "an event of the server's");
    assert!(client.heard()[0].frame().decode::<FailureEvent>().is_ok(), "it has no invoke ID");
}

#[test]
fn a_server_application_may_answer_by_a_failure_and_nobody_else() {
    let failure =
        FailureConf { invoke_id: 9, reason: FailureStatus::E_CTI_INVALID_CALLID.into(), ..Default::default() };
    for (services, may) in [(CtiService::CTI_SERVICE_SERVER, true), (SERVICES, false)] {
        let mut storage = ServerStorage::new();
        let mut client = RawClient::open(services, &mut storage);
        let told = client.say(&failure);
        match &told[..] {
            [OwnedServerEvent::Message(frame)] if may => {
                assert_eq!(frame.frame().decode::<FailureConf<'_>>().unwrap().invoke_id, 9);
            }
            told if !may => assert_eq!(refused(told), FailureStatus::E_CTI_INVALID_MESSAGE_TYPE),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_the_version_lacks_is_refused_with_48() {
    let protocol = Protocol::cce(23).unwrap();
    let mut storage = ServerStorage::new();
    let mut client = RawClient::new(ServerConfig::new(Product::Cce), protocol, &mut storage);
    client.say(&OpenReq { services_requested: SERVICES, ..open_request(protocol) });
    let confirmation = cti_proto::harness::granting(protocol, client.now, SERVICES);
    client.session.accept(client.now, &confirmation).unwrap();
    client.heard();
    let told = client.say_frame(MessageType::STOPPING_REQUESTS_TO_THIS_SIDE_IND, &[]);
    assert_eq!(refused(&told), FailureStatus::E_CTI_INVALID_MSG_TYPE_FOR_VERSION);
}

#[test]
fn bad_fields_have_their_statuses() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    // InvokeID, PeripheralID, MRDID, ICMAgentID.
    let fixed = [0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1];
    let cases: [(&[u8], u32); 6] = [
        (&[], 0),
        (&[0x7f, 0, 0, 0], 3),
        (&[0, 1, 0, 2, b'x', 0], 26),
        (&[0, 4, 0, 17, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 0], 23),
        (&[0, 4, 0, 17, 49], 25),
        (&[0, 4, 0], 25),
    ];
    for (field, status) in cases {
        let told = client.say_frame(MessageType::QUERY_AGENT_STATE_REQ, &[&fixed[..], field].concat());
        match status {
            0 => assert!(matches!(told[..], [OwnedServerEvent::Request { .. }]), "{told:?}"),
            status => assert_eq!(refused(&told), FailureStatus(status), "{field:?}"),
        }
    }
    let told = client.say_frame(MessageType::QUERY_AGENT_STATE_REQ, &fixed[..15]);
    assert_eq!(refused(&told), FailureStatus::E_CTI_BAD_MESSAGE_FORMAT);
    let without_instrument = Crafted::new(CCE24[0], <SetAgentStateReq<'_> as Body<'_>>::INFO).frame();
    let told = client.say_bytes(without_instrument.as_bytes());
    assert_eq!(refused(&told), FailureStatus::E_CTI_REQUIRED_DATA_MISSING);
}

#[test]
fn a_tag_that_the_version_lacks_is_refused_with_49() {
    let protocol = Protocol::cce(22).unwrap();
    let mut storage = ServerStorage::new();
    let mut client = RawClient::new(ServerConfig::new(Product::Cce), protocol, &mut storage);
    client.say(&OpenReq { services_requested: SERVICES, ..open_request(protocol) });
    client.session.accept(client.now, &cti_proto::harness::granting(protocol, client.now, SERVICES)).unwrap();
    let set = SetAgentStateReq { agent_instrument: Some("1".into()), ..SetAgentStateReq::default() };
    let mut buffer = [0; 256];
    let bytes = cti_proto::encode(protocol, &set, &mut buffer).unwrap();
    // ActiveTerminal, since version 23.
    let info = <SetAgentStateReq<'_> as Body<'_>>::INFO;
    let tag = info.floating.iter().find(|field| field.rule.name == *"ActiveTerminal").unwrap().rule.tag_in(CCE24[0]);
    let field = [&tag.to_be_bytes()[..], &[0, 2, b'1', 0]].concat();
    let told = client.say_frame(MessageType::SET_AGENT_STATE_REQ, &[&bytes[8..], &field].concat());
    assert_eq!(refused(&told), FailureStatus::E_CTI_INVALID_TAG_FOR_VERSION);
}

/// A client of this protocol, with every service that a request may need.
fn client(protocol: Protocol, storage: &mut ServerStorage) -> RawClient<'_> {
    let services = SERVICES | CtiService::CTI_SERVICE_CALL_DATA_UPDATE;
    let mut client = RawClient::new(ServerConfig::new(protocol.product()), protocol, storage);
    client.say(&OpenReq { services_requested: services, ..open_request(protocol) });
    client.session.accept(client.now, &cti_proto::harness::granting(protocol, client.now, services)).unwrap();
    client.heard();
    client
}

/// The lists of a client's messages that a fixed field counts, with where that field is.
fn counted(protocol: Protocol, info: &'static MessageInfo) -> impl Iterator<Item = (usize, &'static ListInfo)> {
    let mut at = 0;
    info.fixed_in(protocol).filter_map(move |field| {
        let place = at;
        at += field.length();
        let list = info.lists.iter().find(|list| field.counts == Some(list.rule.name))?;
        Some((place, list)).filter(|(_, list)| list.rule.versions.include(protocol))
    })
}

#[test]
fn counts_that_are_not_those_of_the_message_are_refused_with_39_77_or_78() {
    let mut seen = std::collections::BTreeSet::new();
    for (protocol, info) in catalogue().filter(|(_, info)| info.direction == Direction::Client) {
        let mut storage = ServerStorage::new();
        let mut client = client(protocol, &mut storage);
        for (place, list) in counted(protocol, info) {
            let mut body =
                Crafted::new(protocol, info).required(None).elements(list, 2).frame().frame().body().to_vec();
            let status = match list.rule.name {
                "skill_groups" => 39,
                "named_variables" => 77,
                "named_arrays" => 78,
                other => panic!("{other} of {}", info.message_type),
            };
            for count in [0, 1, 3, u16::MAX, 2] {
                body[place..place + 2].copy_from_slice(&count.to_be_bytes());
                let told = client.say_frame(info.message_type, &body);
                match count {
                    2 => assert!(matches!(told[..], [OwnedServerEvent::Request { .. }]), "{protocol} {told:?}"),
                    _ => assert_eq!(refused(&told), FailureStatus(status), "{protocol} {} {count}", info.message_type),
                }
            }
            seen.insert((info.message_type, status));
        }
    }
    assert!(seen.len() >= 12, "{seen:?}");
}

#[test]
fn more_named_data_than_a_message_may_bring_is_refused_with_73() {
    for protocol in cti_proto::strategy::all_protocols() {
        let mut storage = ServerStorage::new();
        let mut client = client(protocol, &mut storage);
        // Ten of 200 bytes, five of them elements of an array, are all that there may be.
        let named = |before: &[u8], length: usize| {
            let mut data = [before, &vec![b'x'; length - before.len() - 1], &[0]].concat();
            data.truncate(length);
            data
        };
        for (last, is_refused) in [(200, false), (201, true)] {
            let mut crafted = Crafted::new(protocol, <SetCallDataReq<'_> as Body<'_>>::INFO).required(None);
            for number in 0..5 {
                crafted = crafted.field(82, &named(b"name\0", 200));
                crafted = crafted.field(83, &named(b"\0name\0", if number == 4 { last } else { 200 }));
            }
            let mut body = crafted.frame().frame().body().to_vec();
            for (place, _) in counted(protocol, <SetCallDataReq<'_> as Body<'_>>::INFO) {
                body[place..place + 2].copy_from_slice(&[0, 5]);
            }
            let told = client.say_frame(MessageType::SET_CALL_DATA_REQ, &body);
            match is_refused {
                false => assert!(matches!(told[..], [OwnedServerEvent::Request { .. }]), "{protocol} {told:?}"),
                true => assert_eq!(refused(&told), FailureStatus::E_CTI_TOO_MUCH_DATA, "{protocol}"),
            }
        }
    }
}

#[test]
fn digits_that_are_none_are_refused_with_24_and_long_values_of_variables_with_74() {
    for protocol in cti_proto::strategy::all_protocols() {
        let mut storage = ServerStorage::new();
        let mut client = client(protocol, &mut storage);
        let info = <SendDtmfSignalReq<'_> as Body<'_>>::INFO;
        let digits = info.floating.iter().find(|field| field.rule.digits).unwrap().rule;
        for (text, status) in [(&b"159*#,aD\0"[..], None), (b"15e\0", Some(FailureStatus::E_CTI_INVALID_DIGITS))] {
            let message = Crafted::new(protocol, info).required(Some(&digits)).field(digits.tag_in(protocol), text);
            let told = client.say_bytes(message.frame().as_bytes());
            match status {
                None => assert!(matches!(told[..], [OwnedServerEvent::Request { .. }]), "{protocol} {told:?}"),
                Some(status) => assert_eq!(refused(&told), status, "{protocol}"),
            }
        }
        for (tag, before) in [(82, &b"n\0"[..]), (83, b"\0n\0")] {
            for (length, status) in [(210, None), (211, Some(FailureStatus::E_CTI_VALUE_TOO_LONG))] {
                let data = [before, &vec![b'x'; length], b"\0"].concat();
                let info = <SetCallDataReq<'_> as Body<'_>>::INFO;
                let message = Crafted::new(protocol, info).required(None).field(tag, &data).frame();
                let mut body = message.frame().body().to_vec();
                let (place, _) = counted(protocol, info).nth(usize::from(tag) - 82).unwrap();
                body[place + 1] = 1;
                let told = client.say_frame(MessageType::SET_CALL_DATA_REQ, &body);
                match status {
                    None => assert!(matches!(told[..], [OwnedServerEvent::Request { .. }]), "{protocol} {told:?}"),
                    Some(status) => assert_eq!(refused(&told), status, "{protocol}"),
                }
            }
        }
    }
}

#[test]
fn requests_wait_while_there_is_no_room_to_refuse_them() {
    let mut memory = Memory::<16, 8>::with_buffers((12_500, 12_500), (12_500, 256));
    let mut config = cce24();
    config.services = CtiService::CTI_SERVICE_ALL_EVENTS;
    let mut pair = pair(config, &mut memory);
    pair.open();
    pair.stall(End::Server, true);
    for invoke_id in 0..100 {
        pair.inject_message(End::Client, &query(invoke_id));
    }
    pair.settle();
    let waiting = pair.take_server_events().len();
    assert!((1..50).contains(&waiting), "{waiting}");
    pair.stall(End::Server, false);
    pair.settle();
    assert_eq!(waiting + pair.take_server_events().len(), 100, "none is dropped");
}

#[test]
fn close_req_is_answered_and_the_client_has_5_s_to_go() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    let status = FailureStatus::E_CTI_TIMEOUT;
    assert_eq!(client.say(&CloseReq { invoke_id: 12, status }), []);
    assert_eq!(client.heard()[0].frame().decode::<CloseConf>().unwrap().invoke_id, 12);
    assert_eq!(client.say(&query(1)), [], "nothing else counts");
    assert_eq!(emit(&mut client, &ready()), Delivery::NotOpen);
    assert_eq!(client.wait(Duration::from_secs(5)), [OwnedServerEvent::Ended(ServerEnded::Closed(status))]);
    assert_eq!(client.session.transport(), Transport::Reset);
    client.session.transport_closed(client.now);
    assert_eq!((client.session.transport(), client.events()), (Transport::None, vec![]));
}

#[test]
fn what_a_client_sent_before_it_closed_its_half_is_handled() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    pair.conditions_mut(Side::A, End::Client).chunk = 1;
    let requests: Vec<_> = (0..3).map(|_| pair.request(&query(0)).unwrap()).collect();
    while !pair.client().transmit().is_empty() {
        let _ = pair.step();
    }
    pair.half_close(End::Client);
    pair.settle();
    let told = pair.take_server_events();
    let asked: Vec<Request> = told
        .iter()
        .filter_map(|(_, _, event)| match event {
            OwnedServerEvent::Request { request, .. } => Some(*request),
            _ => None,
        })
        .collect();
    assert_eq!(asked, requests);
    assert_eq!(told[3].2, OwnedServerEvent::Ended(ServerEnded::Disconnected));
}

#[test]
fn ending_a_session_tells_the_client_why() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    let status = FailureStatus::E_CTI_NEW_SESSION_OPENED;
    client.session.end(client.now, status);
    assert_eq!(client.heard()[0].frame().decode::<FailureEvent>().unwrap().status, status);
    assert!(!client.session.is_open());
    assert_eq!(client.wait(Duration::from_secs(5)), [OwnedServerEvent::Ended(ServerEnded::EndedByServer(status))]);
    client.session.end(client.now, status);
    assert_eq!(client.wait(Duration::from_secs(50)), [], "once");
}

#[test]
fn ending_before_a_session_is_open_refuses_or_drops_it() {
    let status = FailureStatus::E_CTI_SERVER_IN_MAINTENANCE_MODE;
    let mut storage = ServerStorage::new();
    let mut client = RawClient::new(ServerConfig::new(Product::Cce), CCE24[0], &mut storage);
    client.session.end(client.now, status);
    assert_eq!(client.events(), [OwnedServerEvent::Ended(ServerEnded::EndedByServer(status))]);

    let mut storage = ServerStorage::new();
    let mut client = RawClient::new(ServerConfig::new(Product::Cce), CCE24[0], &mut storage);
    client.say(&open_request(CCE24[0]));
    client.session.end(client.now, status);
    assert_eq!(client.heard()[0].frame().decode::<FailureConf>().unwrap().reason, status.into());
    assert_eq!(client.wait(Duration::from_secs(5)), [OwnedServerEvent::Ended(ServerEnded::Refused(status))]);
}

#[test]
fn a_monitor_is_kept_with_its_id_until_it_is_stopped() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    make(&mut client, 71, CallEventMask::ALL, AgentStateMask::ALL);
    make(&mut client, 72, CallEventMask::ALL, AgentStateMask::ALL);
    let monitors: Vec<_> = client.session.monitors().map(|(id, frame)| (id, frame.message_type())).collect();
    assert_eq!(monitors, [(71, MessageType::MONITOR_START_REQ), (72, MessageType::MONITOR_START_REQ)]);
    let told = client.say(&MonitorStopReq { invoke_id: 8, monitor_id: 71 });
    assert_eq!(told, [OwnedServerEvent::MonitorStopped { monitor_id: 71 }]);
    assert_eq!(client.heard()[0].frame().message_type(), MessageType::MONITOR_STOP_CONF);
    let status = FailureStatus::E_CTI_INVALID_MONITORID;
    assert_eq!(refused(&client.say(&MonitorStopReq { invoke_id: 9, monitor_id: 71 })), status);
    assert_eq!(client.session.monitors().count(), 1);
}

#[test]
fn a_monitor_that_is_refused_takes_no_place() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    for round in 0..20 {
        let told = client.say(&device(round, CallEventMask::ALL, AgentStateMask::ALL));
        let [OwnedServerEvent::Request { request, .. }] = &told[..] else { panic!("{round}: {told:?}") };
        match round % 2 {
            0 => client.session.fail(client.now, *request, FailureStatus::E_CTI_INVALID_DEVICE).unwrap(),
            _ => client.session.fail_control(client.now, *request, ControlFailureCode(1), 2).unwrap(),
        }
        client.heard();
    }
    assert_eq!(client.session.monitors().count(), 0);
}

#[test]
fn a_full_table_refuses_further_monitors() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    (1..=4).for_each(|id| make(&mut client, id, CallEventMask::ALL, AgentStateMask::ALL));
    let told = client.say(&device(9, CallEventMask::ALL, AgentStateMask::ALL));
    assert_eq!(refused(&told), FailureStatus::E_CTI_UNSPECIFIED_FAILURE);
    client.heard();
    client.say(&MonitorStopReq { invoke_id: 8, monitor_id: 3 });
    client.heard();
    make(&mut client, 5, CallEventMask::ALL, AgentStateMask::ALL);
}

#[test]
fn the_masks_of_a_monitor_can_be_changed_and_so_can_those_of_the_session() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    make(&mut client, 71, CallEventMask::EMPTY, AgentStateMask::EMPTY);
    assert_eq!(emit_for(&mut client, 71, &delivered()), Delivery::NotWanted);
    let mut change = |monitor_id, calls, agents| {
        let change = ChangeMonitorMaskReq { invoke_id: 5, monitor_id, call_msg_mask: calls, agent_state_mask: agents };
        let told = client.say(&change);
        let heard = client.heard()[0].frame().message_type();
        match &told[..] {
            [] => {
                assert_eq!(heard, MessageType::CHANGE_MONITOR_MASK_CONF);
                None
            }
            told => Some(refused(told)),
        }
    };
    let (calls, agents) = (CallEventMask::CALL_DELIVERED_MASK, AgentStateMask::EMPTY);
    assert_eq!(change(71, calls, agents), None);
    assert_eq!(change(99, calls, agents), Some(FailureStatus::E_CTI_INVALID_MONITORID));
    let bad = AgentStateMask(0x8000_0000);
    assert_eq!(change(71, calls, bad), Some(FailureStatus::E_CTI_INVALID_AGENT_STATE_MASK));
    assert_eq!(change(0, CallEventMask::EMPTY, AgentStateMask::EMPTY), None, "that of the session");
    assert_eq!(emit_for(&mut client, 71, &delivered()), Delivery::Sent);
    assert_eq!(emit_for(&mut client, 71, &ready()), Delivery::NotWanted);
    assert_eq!(emit(&mut client, &delivered()), Delivery::NotWanted);
    assert_eq!(emit(&mut client, &ready()), Delivery::NotWanted);
}

#[test]
fn the_masks_of_a_team_cannot_be_changed() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    let told = client.say(&MonitorAgentTeamStartReq { invoke_id: 3, team_id: 4 });
    let [OwnedServerEvent::Request { request, .. }] = &told[..] else { panic!("{told:?}") };
    client.session.confirm_monitor(client.now, *request, 50).unwrap();
    let told = client.say(&ChangeMonitorMaskReq { monitor_id: 50, ..ChangeMonitorMaskReq::default() });
    assert_eq!(refused(&told), FailureStatus::E_CTI_INVALID_MONITORID);
    assert_eq!(emit_for(&mut client, 50, &ready()), Delivery::Sent);
}

#[test]
fn an_event_bears_the_id_of_the_monitor_that_caused_it() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    make(&mut client, 71, CallEventMask::ALL, AgentStateMask::ALL);
    make(&mut client, 72, CallEventMask::ALL, AgentStateMask::ALL);
    let mut buffer = [0; 1_024];
    let event = prepared(&delivered(), &mut buffer);
    assert_eq!(client.session.event(client.now, &event), Delivery::Sent);
    assert_eq!(client.session.event_for(client.now, 71, &event), Delivery::Sent);
    assert_eq!(client.session.event_for(client.now, 72, &event), Delivery::Sent);
    assert_eq!(client.session.event_for(client.now, 73, &event), Delivery::NotWanted);
    let ids: Vec<_> =
        client.heard().iter().map(|frame| frame.frame().decode::<CallDeliveredEvent>().unwrap().monitor_id).collect();
    assert_eq!(ids, [0, 71, 72], "one copy for each monitor");
}

#[test]
fn call_events_are_sent_as_the_mask_says() {
    let mask = CallEventMask::BEGIN_CALL_MASK | CallEventMask::END_CALL_MASK;
    let request = OpenReq { call_msg_mask: mask, ..open_request(CCE24[0]) };
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open_with(request, &mut storage);
    let begin = BeginCallEvent { connection_device_id: Some("1".into()), ..BeginCallEvent::default() };
    let end = EndCallEvent { connection_device_id: Some("1".into()), ..EndCallEvent::default() };
    assert_eq!(emit(&mut client, &begin), Delivery::Sent);
    assert_eq!(emit(&mut client, &end), Delivery::Sent);
    assert_eq!(emit(&mut client, &delivered()), Delivery::NotWanted);
}

#[test]
fn agent_states_are_sent_as_the_mask_says() {
    let request = OpenReq { agent_state_mask: AgentStateMask::AGENT_AVAILABLE_MASK, ..open_request(CCE24[0]) };
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open_with(request, &mut storage);
    assert_eq!(emit(&mut client, &ready()), Delivery::Sent);
    let talking = AgentStateEvent { agent_state: AgentState::AGENT_STATE_TALKING, ..AgentStateEvent::default() };
    assert_eq!(emit(&mut client, &talking), Delivery::NotWanted);
}

#[test]
fn events_need_the_services_they_belong_to() {
    let sessions = ClientSessionOpenedEvent {
        client_address: Some("10.0.0.1".into()),
        client_id: Some("x".into()),
        client_signature: Some("x".into()),
        ..ClientSessionOpenedEvent::default()
    };
    let team = AgentTeamConfigEvent { agent_team_name: Some("x".into()), ..AgentTeamConfigEvent::default() };
    let cases = [
        (CtiService::CTI_SERVICE_ALL_EVENTS, [Delivery::Sent, Delivery::Sent, Delivery::Sent, Delivery::NotWanted]),
        (
            CtiService::CTI_SERVICE_SUPERVISOR,
            [Delivery::NotWanted, Delivery::NotWanted, Delivery::Sent, Delivery::NotWanted],
        ),
        (
            CtiService::CTI_SERVICE_CLIENT_MONITOR,
            [Delivery::NotWanted, Delivery::NotWanted, Delivery::NotWanted, Delivery::Sent],
        ),
    ];
    for (services, expected) in cases {
        let mut storage = ServerStorage::new();
        let mut client = RawClient::open(services, &mut storage);
        let found = [
            emit(&mut client, &delivered()),
            emit(&mut client, &ready()),
            emit(&mut client, &team),
            emit(&mut client, &sessions),
        ];
        assert_eq!(found, expected, "{services:?}");
        assert_eq!(emit(&mut client, &SystemEvent::default()), Delivery::Sent, "to everybody");
    }
}

#[test]
fn an_event_is_encoded_once_for_all_sessions_of_its_protocol() {
    let mut buffer = [0; 1_024];
    let event = prepared(&ready(), &mut buffer);
    for version in [24, 23] {
        let protocol = Protocol::cce(version).unwrap();
        let mut storage = ServerStorage::new();
        let mut client = RawClient::new(ServerConfig::new(Product::Cce), protocol, &mut storage);
        client.say(&open_request(protocol));
        let services = CtiService::CTI_SERVICE_ALL_EVENTS;
        client.session.accept(client.now, &cti_proto::harness::granting(protocol, client.now, services)).unwrap();
        client.heard();
        let expected = if version == 24 { Delivery::Sent } else { Delivery::NotWanted };
        assert_eq!(client.session.event(client.now, &event), expected);
        let heard: Vec<OwnedFrame> = client.heard();
        assert!(heard.iter().all(|frame| frame.as_bytes() == event.bytes()));
    }
    assert_eq!(event.protocol(), CCE24[0]);
}

#[test]
fn a_client_that_is_too_slow_for_the_events_is_dropped() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    let mut sent = 0;
    let delivery = loop {
        match emit(&mut client, &ready()) {
            Delivery::Sent => sent += 1,
            other => break other,
        }
    };
    assert!(sent > 30);
    assert_eq!(delivery, Delivery::Overflow);
    assert_eq!(emit(&mut client, &ready()), Delivery::NotOpen);
    assert_eq!(client.events(), [OwnedServerEvent::Ended(ServerEnded::Overflow)]);
    assert_eq!(client.session.transport(), Transport::Reset);
}

#[test]
fn an_answer_without_room_is_to_be_tried_again() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    let told = client.say(&query(4));
    let [OwnedServerEvent::Request { request, .. }] = &told[..] else { panic!("{told:?}") };
    while client.session.fail(client.now, *request, FailureStatus::E_CTI_TIMEOUT).is_ok() {}
    let error = client.session.fail(client.now, *request, FailureStatus::E_CTI_TIMEOUT);
    assert!(matches!(error, Err(AnswerError::Encode(_))));
    assert!(client.session.is_open());
    client.heard();
    assert_eq!(client.session.fail(client.now, *request, FailureStatus::E_CTI_TIMEOUT), Ok(()));
}

#[test]
fn a_stream_that_cannot_be_cut_ends_the_session() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    let told = client.say_bytes(&[0xff; 8]);
    assert!(matches!(told[..], [OwnedServerEvent::Ended(ServerEnded::Framing(_))]), "{told:?}");
    assert_eq!(client.session.transport(), Transport::Reset);
    client.session.transport_closed(client.now);
    assert_eq!(client.events(), []);
}

#[test]
fn a_frame_larger_than_the_buffer_is_skipped_and_told() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    let length = 6_000_u32;
    let mut told = client.say_bytes(&[length.to_be_bytes(), MessageType::MAKE_CALL_REQ.0.to_be_bytes()].concat());
    for _ in 0..6 {
        told.extend(client.say_bytes(&[0; 1_000]));
    }
    assert_eq!(told, [OwnedServerEvent::Skipped { message: MessageType::MAKE_CALL_REQ, length }]);
    client.say(&HeartbeatReq { invoke_id: 3 });
    assert_eq!(client.heard()[0].frame().message_type(), MessageType::HEARTBEAT_CONF);
}

#[test]
fn garbage_and_the_end_of_the_connection_end_the_session_once() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    let _ = client.session.receive(client.now, &[0xff; 8]);
    client.session.transport_closed(client.now);
    assert!(matches!(client.events()[..], [OwnedServerEvent::Ended(ServerEnded::Framing(_))]));
    // There is no connection left to reset.
    assert_eq!((client.session.wake(), client.session.transport()), (Wake::Idle, Transport::None));
    client.session.transport_closed(client.now);
    assert_eq!((client.events(), client.session.transport()), (vec![], Transport::None));
}

#[test]
fn the_storage_of_a_session_serves_the_next_client() {
    let mut storage = ServerStorage::new();
    let mut client = RawClient::open(SERVICES, &mut storage);
    make(&mut client, 71, CallEventMask::ALL, AgentStateMask::ALL);
    let parts = client.session.into_parts();
    let session = ServerSession::new(ServerConfig::new(Product::Cce), parts, Instant::ZERO);
    assert_eq!((session.monitors().count(), session.transmit()), (0, &[][..]));
    assert!(session.wants_read() && !session.wants_write() && !session.is_open());
    assert_eq!(secs(0), Instant::ZERO);
}
