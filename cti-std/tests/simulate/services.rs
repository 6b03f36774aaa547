//! Configuration, recording, monitors, supervision, texts: what is not call control.

use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::{Product, Protocol};
use cti_std::simulate::{Config, SessionId};

use super::desk::{Answer, BRIDGE, DESKTOP, Desk, kinds, product, quiet};
use super::stage::Stage;

const STATIC: ConnectionDeviceIdType = ConnectionDeviceIdType::CONNECTION_ID_STATIC;

fn cce() -> Protocol {
    Protocol::cce(24).unwrap()
}

#[test]
fn the_configuration_comes_in_order_and_in_parts_as_there_is_room() {
    for protocol in product(Product::Cce).chain(product(Product::Ccx)).filter(|protocol| protocol.version() >= 11) {
        let mut config = Config::new(protocol.product());
        config.agents = 600;
        let mut desk = Desk::new(config);
        let client = desk.bridge(protocol);
        desk.heard(client);
        desk.tell(client, &ConfigRequestKeyEvent::default());
        let keys = desk.heard(client);
        assert_eq!(kinds(&keys), [MessageType::CONFIG_KEY_EVENT]);
        desk.ears.room = Some(7);
        let mask = if protocol.is_ccx() { ConfigMask(0xf) } else { ConfigMask(0x3ff) };
        desk.tell(
            client,
            &ConfigRequestEvent {
                config_information: mask,
                customer_id: protocol.is_ccx().then_some(0),
                ..ConfigRequestEvent::default()
            },
        );
        assert_eq!(desk.heard(client).len(), 7, "as much as there is room for");
        desk.ears.room = None;
        desk.pass(1);
        let heard: Vec<_> = desk.heard(client).into_iter().filter(|heard| heard.session == client).collect();
        let mut agents = 0;
        let mut ends = Vec::new();
        for message in &heard {
            match message.message() {
                Message::ConfigAgentEvent(event) => agents += event.records.iter().count(),
                Message::ConfigEndEvent(event) => ends.push(event.config_end_status),
                _ => {}
            }
        }
        assert!(agents > 500, "{protocol:?}: {agents} agents");
        let (last, others) = ends.split_last().unwrap();
        assert_eq!(*last, ConfigEndStatus::CONFIGEND_SUCCESS);
        assert!(others.iter().all(|status| *status == ConfigEndStatus::CONFIGEND_PARTIAL));
        let expected = [
            MessageType::CONFIG_SERVICE_EVENT,
            MessageType::CONFIG_SKILL_GROUP_EVENT,
            MessageType::CONFIG_AGENT_EVENT,
            MessageType::CONFIG_AGENT_SERVICE_EVENT,
            MessageType::CONFIG_DEVICE_EVENT,
            MessageType::CONFIG_CALL_TYPE_EVENT,
            MessageType::CONFIG_MRD_EVENT,
            MessageType::CONFIG_PERIPHERAL_EVENT,
            MessageType::CONFIG_AGENT_DESK_SETTINGS_EVENT,
            MessageType::CONFIG_TERMINAL_EVENT,
        ];
        let places: Vec<_> =
            kinds(&heard).iter().filter_map(|kind| expected.iter().position(|known| known == kind)).collect();
        assert!(places.is_sorted(), "{places:?}");
    }
}

#[test]
fn a_request_for_configuration_that_cannot_be_met_ends_at_once_with_its_status() {
    let end = |protocol: Protocol, peripheral_id, mask| {
        let mut desk = Desk::new(quiet(protocol.product()));
        let client = desk.bridge(protocol);
        desk.heard(client);
        let request =
            ConfigRequestEvent { config_information: ConfigMask(mask), peripheral_id, ..ConfigRequestEvent::default() };
        desk.tell(client, &request);
        let heard = desk.heard(client);
        assert_eq!(kinds(&heard), [MessageType::CONFIG_END_EVENT], "{protocol}");
        heard[0].frame().decode::<ConfigEndEvent<'_>>().unwrap().config_end_status
    };
    let (services, terminals) = (ConfigMask::CONFIG_MSG_SERVICE_MASK.0, ConfigMask::CONFIG_MSG_TERMINAL_MASK.0);
    assert_eq!(end(cce(), 7, services), ConfigEndStatus::CONFIGEND_UNKNOWN_CUSTOMER);
    assert_eq!(end(cce(), 5_000, 0x8000_0000), ConfigEndStatus::CONFIGEND_INVALID);
    assert_eq!(end(cce(), 5_000, 0), ConfigEndStatus::CONFIGEND_SUCCESS, "updates only");
    let old = Protocol::cce(14).unwrap();
    assert_eq!(end(old, 5_000, terminals), ConfigEndStatus::CONFIGEND_EMPTY, "it has no terminals");
}

#[test]
fn a_change_of_the_configuration_changes_its_keys_and_is_told_as_an_update() {
    let mut desk = Desk::new(quiet(Product::Cce));
    let client = desk.bridge(cce());
    let mut keys = || {
        desk.tell(client, &ConfigRequestKeyEvent::default());
        let heard = desk.heard(client);
        heard.iter().find_map(|heard| heard.frame().decode::<ConfigKeyEvent>().ok()).unwrap().agent_config_key
    };
    let before = keys();
    assert_eq!(before, keys());
    desk.centre.reconfigure(desk.now, &mut desk.ears);
    let heard = desk.heard(client);
    use MessageType as M;
    assert_eq!(kinds(&heard), [M::CONFIG_BEGIN_EVENT, M::CONFIG_AGENT_EVENT, M::CONFIG_END_EVENT]);
    let begin: ConfigBeginEvent = heard[0].frame().decode().unwrap();
    assert_eq!(begin.config_type, ConfigType::UNSOLICITED);
    let event: ConfigAgentEvent<'_> = heard[1].frame().decode().unwrap();
    let record = event.records.iter().next().unwrap();
    assert_eq!((record.record_type, record.skills.iter().count()), (Some(RecordType::CONFIG_RECORD_CHANGE), 1));
    assert_ne!(begin.agent_config_key, before);
    desk.tell(client, &ConfigRequestKeyEvent::default());
    let heard = desk.heard(client);
    let key: ConfigKeyEvent = heard[0].frame().decode().unwrap();
    assert_eq!(key.agent_config_key, begin.agent_config_key);
    desk.centre.set_controller(desk.now, false, &mut desk.ears);
    let heard = desk.heard(client);
    let event: SystemEvent<'_> = heard[0].frame().decode().unwrap();
    assert_eq!(
        (event.system_event_id, event.pg_status),
        (SystemEventId::SYS_CENTRAL_CONTROLLER_OFFLINE, PgStatus::PGS_CC_DOWN)
    );
}

/// A client that records.
fn server(desk: &mut Desk, name: &str) -> SessionId {
    let request = OpenReq { client_id: Some(name.into()), ..Desk::open_req(cce(), CtiService::CTI_SERVICE_SERVER) };
    desk.open(cce(), &request)
}

fn register(mode: ServerMode) -> RegisterServiceReq<'static> {
    RegisterServiceReq {
        server_mode: mode,
        service_name: Some("Cisco:CallRecording".into()),
        ..RegisterServiceReq::default()
    }
}

/// A call of the agent 1002 to the outside, and the client who made it.
fn call() -> (Desk, SessionId, u32) {
    let mut stage = Stage::at(cce(), "outside");
    stage.heard('a');
    let (client, call) = (stage.session('a'), stage.number("call"));
    (stage.desk, client, call)
}

fn record(call: u32) -> StartRecordingReq<'static> {
    StartRecordingReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        ..StartRecordingReq::default()
    }
}

#[test]
fn recording_goes_to_the_servers_that_have_registered_and_their_answers_come_back() {
    let (mut desk, client, id) = call();
    let nobody = Answer::Control(ControlFailureCode::CF_REQUESTED_SERVICE_NOT_REGISTERED);
    assert_eq!(desk.ask(client, &record(id)), nobody);
    let (one, two) = (server(&mut desk, "one"), server(&mut desk, "two"));
    let named = RegisterServiceReq { service_name: Some("Other".into()), ..register(ServerMode::EXCLUSIVE) };
    assert_eq!(desk.ask(one, &named), Answer::Failed(FailureStatus::E_CTI_INVALID_SERVICE));
    assert_eq!(desk.ask(one, &register(ServerMode::ROUND_ROBIN)), Answer::Confirmed);
    assert_eq!(
        desk.ask(two, &register(ServerMode::PARALLEL)),
        Answer::Failed(FailureStatus::E_CTI_UNSPECIFIED_FAILURE)
    );
    assert_eq!(desk.ask(two, &register(ServerMode::ROUND_ROBIN)), Answer::Confirmed);
    for server in [one, two, one] {
        desk.heard(server);
        let request = desk.say(client, &record(id));
        let heard = desk.heard(server);
        let relayed: StartRecordingReq<'_> = heard.last().unwrap().frame().decode().unwrap();
        assert_eq!(relayed.client_id.unwrap(), "a");
        assert_eq!(relayed.client_address.unwrap(), "127.0.0.1");
        let answer = StartRecordingConf {
            invoke_id: relayed.invoke_id,
            session_id: u32::MAX,
            server_data: 77,
            ..StartRecordingConf::default()
        };
        desk.tell(server, &answer);
        assert_eq!(desk.ears.answers.last(), Some(&(client, request, Answer::Confirmed)));
        let heard = desk.heard(client);
        let conf: StartRecordingConf<'_> = heard.last().unwrap().frame().decode().unwrap();
        assert_eq!((conf.session_id, conf.server_data), (server.0, 77), "the stop is for this server");
        let stop = StopRecordingReq {
            peripheral_id: 5_000,
            connection_call_id: id,
            session_id: conf.session_id,
            server_data: 77,
            connection_device_id_type: STATIC,
            connection_device_id: Some("5002".into()),
            ..StopRecordingReq::default()
        };
        let request = desk.say(client, &stop);
        let heard = desk.heard(server);
        let relayed: StopRecordingReq<'_> = heard.last().unwrap().frame().decode().unwrap();
        desk.tell(server, &StopRecordingConf { invoke_id: relayed.invoke_id, ..StopRecordingConf::default() });
        assert_eq!(desk.ears.answers.last(), Some(&(client, request, Answer::Confirmed)));
    }
    // A server may say no.
    let request = desk.say(client, &record(id));
    let heard = desk.heard(two);
    let relayed: StartRecordingReq<'_> = heard.last().unwrap().frame().decode().unwrap();
    let status = FailureStatus::E_CTI_INVALID_CALLID;
    let failure = FailureConf { invoke_id: relayed.invoke_id, reason: status.into(), ..FailureConf::default() };
    desk.tell(two, &failure);
    assert_eq!(desk.ears.answers.last(), Some(&(client, request, Answer::Failed(status))));
    let request = desk.say(client, &record(id));
    desk.pass(15);
    let late = Answer::Control(ControlFailureCode::CF_REQUEST_TIMEOUT_REJECTION);
    assert_eq!(desk.ears.answers.last(), Some(&(client, request, late)));
    let unknown = Answer::Failed(FailureStatus::E_CTI_INVALID_CALLID);
    assert_eq!(desk.ask(client, &record(id + 1)), unknown);
}

#[test]
fn services_that_are_not_simulated_are_not_granted() {
    let mut desk = Desk::new(quiet(Product::Cce));
    let asked = BRIDGE | CtiService::CTI_SERVICE_ALL_TASK_EVENTS | DESKTOP;
    let request = OpenReq { agent_id: Some("1002".into()), ..Desk::open_req(cce(), asked) };
    let client = desk.open(cce(), &request);
    let heard = desk.heard(client);
    let conf: OpenConf<'_> = heard[0].frame().decode().unwrap();
    assert_eq!(conf.services_granted, asked.without(CtiService::CTI_SERVICE_ALL_TASK_EVENTS));
    assert_eq!(kinds(&heard), [MessageType::OPEN_CONF, MessageType::SYSTEM_EVENT]);
}

/// Three servers that have registered in one mode, and a client with a call.
fn recorded(mode: ServerMode, names: &[&str]) -> (Desk, Vec<SessionId>, SessionId, u32) {
    let (mut desk, client, id) = call();
    let servers: Vec<_> = names.iter().map(|name| server(&mut desk, name)).collect();
    for server in &servers {
        assert_eq!(desk.ask(*server, &register(mode)), Answer::Confirmed);
        desk.heard(*server);
    }
    (desk, servers, client, id)
}

/// The requests to record that a server has heard.
fn asked(desk: &mut Desk, server: SessionId) -> Vec<u32> {
    let heard = desk.heard(server);
    let requests = heard.iter().filter_map(|heard| heard.frame().decode::<StartRecordingReq<'_>>().ok());
    requests.map(|request| request.invoke_id).collect()
}

fn started(invoke_id: u32, server_data: u32) -> StartRecordingConf<'static> {
    StartRecordingConf { invoke_id, session_id: u32::MAX, server_data, ..StartRecordingConf::default() }
}

fn stop(call: u32, session_id: u32) -> StopRecordingReq<'static> {
    StopRecordingReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        session_id,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        ..StopRecordingReq::default()
    }
}

#[test]
fn an_exclusive_server_keeps_others_out_until_it_leaves() {
    let (mut desk, servers, client, id) = recorded(ServerMode::EXCLUSIVE, &["one"]);
    let two = server(&mut desk, "two");
    let taken = Answer::Failed(FailureStatus::E_CTI_UNSPECIFIED_FAILURE);
    for mode in [ServerMode::EXCLUSIVE, ServerMode::ROUND_ROBIN, ServerMode::PARALLEL] {
        assert_eq!(desk.ask(two, &register(mode)), taken, "{mode:?}");
    }
    desk.heard(two);
    for _ in 0..2 {
        let request = desk.say(client, &record(id));
        let [invoke] = asked(&mut desk, servers[0])[..] else { panic!("one request") };
        assert!(asked(&mut desk, two).is_empty());
        desk.tell(two, &started(invoke, 1));
        assert_ne!(desk.ears.answers.last().map(|answer| answer.1), Some(request), "nobody asked the other one");
        desk.tell(servers[0], &started(invoke, 1));
        assert_eq!(desk.ears.answers.last(), Some(&(client, request, Answer::Confirmed)));
    }
    // It leaves while a request waits for it.
    let request = desk.say(client, &record(id));
    desk.centre.closed(desk.now, servers[0], FailureStatus::E_CTI_CLIENT_DISCONNECTED, &mut desk.ears);
    let late = Answer::Control(ControlFailureCode::CF_REQUEST_TIMEOUT_REJECTION);
    assert_eq!(desk.ears.answers.last(), Some(&(client, request, late)));
    let nobody = Answer::Control(ControlFailureCode::CF_REQUESTED_SERVICE_NOT_REGISTERED);
    assert_eq!(desk.ask(client, &record(id)), nobody);
    assert_eq!(desk.ask(two, &register(ServerMode::PARALLEL)), Answer::Confirmed, "the mode is free again");
    let conf: RegisterServiceConf = desk.heard(two).last().unwrap().frame().decode().unwrap();
    let leave =
        UnregisterServiceReq { registered_service_id: conf.registered_service_id, ..UnregisterServiceReq::default() };
    let three = server(&mut desk, "three");
    assert_eq!(desk.ask(three, &leave), Answer::Failed(FailureStatus::E_CTI_INVALID_SERVICE), "of another client");
    assert_eq!(desk.ask(two, &leave), Answer::Confirmed);
    assert_eq!(desk.ask(client, &record(id)), nobody);
}

#[test]
fn parallel_servers_all_record_and_each_answer_is_passed_on() {
    let (mut desk, servers, client, id) = recorded(ServerMode::PARALLEL, &["one", "two", "three"]);
    desk.heard(client);
    let request = desk.say(client, &record(id));
    for (place, server) in (1..).zip(&servers) {
        let [invoke] = asked(&mut desk, *server)[..] else { panic!("each is asked once") };
        desk.tell(*server, &started(invoke, place));
        desk.tell(*server, &started(invoke, place + 10));
    }
    let confs = |desk: &mut Desk| {
        let heard = desk.heard(client);
        let confs = heard.iter().filter_map(|heard| heard.frame().decode::<StartRecordingConf<'_>>().ok());
        confs.map(|conf| (conf.session_id, conf.server_data)).collect::<Vec<_>>()
    };
    let expected: Vec<_> = servers.iter().map(|server| server.0).zip(1..).collect();
    assert_eq!(confs(&mut desk), expected, "one of each, the second is nobody's");
    let answered = desk.ears.answers.iter().filter(|answer| answer.1 == request && answer.0 == client);
    assert_eq!(answered.count(), 3);
    // The stop is for the server named, or for all.
    desk.say(client, &stop(id, servers[1].0));
    let stops = |desk: &mut Desk| -> Vec<usize> {
        let count =
            |server| kinds(&desk.heard(server)).iter().filter(|kind| **kind == MessageType::STOP_RECORDING_REQ).count();
        servers.iter().copied().map(count).collect()
    };
    assert_eq!(stops(&mut desk), [0, 1, 0]);
    desk.say(client, &stop(id, 0));
    assert_eq!(stops(&mut desk), [1, 1, 1]);
    let unknown = Answer::Control(ControlFailureCode::CF_REQUESTED_SERVICE_NOT_REGISTERED);
    assert_eq!(desk.ask(client, &stop(id, 9_999)), unknown);
    // One answer is enough: the others' silence is no failure.
    let request = desk.say(client, &record(id));
    let [invoke] = asked(&mut desk, servers[2])[..] else { panic!("a request") };
    desk.tell(servers[2], &started(invoke, 3));
    desk.pass(20);
    let answers: Vec<_> = desk.ears.answers.iter().filter(|answer| answer.1 == request).collect();
    assert_eq!(answers, [&(client, request, Answer::Confirmed)]);
}
