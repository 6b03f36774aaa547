//! Our client with the peer as its server.

use std::time::Duration;

use cti_proto::message::{ConfigRequestEvent, ConfigRequestKeyEvent, FailureReason, MessageType, QueryAgentStateReq};
use cti_proto::session::{Cause, Ended, Event, Request, RequestError, Side};
use cti_proto::value::{ConfigMask, CtiService, FailureStatus};
use cti_proto::{Body, Frame, Handler, Parsed, Product, Protocol};
use cti_std::client::{BlockingClient, ClientOptions};
use cti_std::decode;
use serde_json::Value;

use crate::frames::differences;
use crate::peer::{Peer, bytes_of, product, protocols};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_whole_session_in_every_version() {
    for protocol in protocols() {
        whole_session(protocol);
    }
}

fn whole_session(protocol: Protocol) {
    let server = Peer::start("server", protocol, &["whole_session"]);
    let mut options = options(protocol, &server.line());
    options.side_b = None;
    let requests = server.line()["requests"].take();
    let mut session = Recorder::new(options);
    session.until_opened();
    for pair in requests.as_array().unwrap().chunks(2) {
        let confirmed = session.ask(protocol, pair[0].as_str().unwrap());
        assert_eq!(confirmed, Answer::Confirmed);
        let refused = session.ask(protocol, pair[1].as_str().unwrap());
        assert!(matches!(refused, Answer::Failed(_)), "{refused:?}");
    }
    if protocol.version() >= 10 {
        session.configure();
    }
    session.close();
    let told = server.finish();
    let sent: Vec<Value> = told.iter().filter_map(|line| line.get("sent").cloned()).collect();
    let found: Vec<_> =
        sent.iter().zip(&session.received).flat_map(|(a, b)| differences(product(protocol), a, b)).collect();
    assert!(found.is_empty(), "{protocol:?}: {:#?}", &found[..found.len().min(10)]);
    assert_eq!(sent.len(), session.received.len(), "{protocol:?}");
    check_open_req(protocol, &told[0]["received"]);
}

/// A client of this version with the peer as its servers, which live by this scenario.
fn start(version: u32, scenario: &str) -> (Peer, ClientOptions) {
    let protocol = Protocol::cce(version).unwrap();
    let server = Peer::start("server", protocol, &[scenario]);
    let options = options(protocol, &server.line());
    (server, options)
}

#[test]
fn a_refused_version_is_followed_by_the_next() {
    let (server, mut options) = start(24, "refused_versions");
    options.protocols = [24, 19, 9].map(|version| Protocol::cce(version).unwrap()).to_vec();
    let mut session = Recorder::new(options);
    let refused = Cause::Refused(FailureReason::Status(FailureStatus::E_CTI_INVALID_VERSION));
    assert_eq!([session.until_disconnected(), session.until_disconnected()], [refused; 2]);
    session.until_opened();
    assert_eq!(session.client.session().protocol(), Protocol::cce(9).unwrap());
    session.close();
    server.finish();
}

#[test]
fn a_refused_password_ends_it() {
    let (server, options) = start(19, "refused_password");
    let mut session = Recorder::new(options);
    let ended = session.until(|event| match event {
        Event::Ended(ended) => Some(*ended),
        _ => None,
    });
    let reason = FailureReason::Status(FailureStatus::E_CTI_INVALID_PASSWORD);
    assert_eq!(ended, Ended::Refused(reason));
    assert!(session.client.next_event(Some(PATIENCE)).unwrap().is_none());
    server.finish();
}

#[test]
fn the_other_side_takes_over_and_back() {
    let (server, options) = start(24, "other_side");
    let mut session = Recorder::new(options);
    let offline = FailureStatus::E_CTI_CTI_SERVER_OFFLINE;
    assert_eq!(session.until_disconnected(), Cause::Refused(FailureReason::Status(offline)));
    assert_eq!(session.until_opened(), Side::B);
    assert_eq!(session.until_disconnected(), Cause::EndedByServer(offline));
    assert_eq!(session.until_opened(), Side::A);
    session.close();
    server.finish();
}

#[test]
fn a_silent_server_is_left() {
    let (server, mut options) = start(20, "silent");
    options.config.open_timeout = Duration::from_secs(1);
    let mut session = Recorder::new(options);
    assert_eq!(session.until_disconnected(), Cause::NoAnswer);
    session.until_opened();
    session.close();
    server.finish();
}

#[test]
fn a_reset_amid_a_frame_is_survived() {
    let (server, options) = start(14, "resets");
    let mut session = Recorder::new(options);
    for _ in 0..3 {
        session.until_opened();
        assert_eq!(session.until_disconnected(), Cause::TransportClosed);
    }
    session.until_opened();
    session.close();
    server.finish();
}

#[test]
fn heartbeats_keep_a_session() {
    let (server, mut options) = start(15, "keeps_alive");
    options.config.heartbeat = Some(Duration::from_secs(5));
    let mut session = Recorder::new(options);
    session.until_opened();
    assert_eq!(session.until_disconnected(), Cause::HeartbeatLost);
    session.until_opened();
    session.close();
    server.finish();
}

#[test]
fn a_standby_server_takes_requests_when_it_is_active() {
    let (server, mut options) = start(24, "standby_turns_active");
    options.config.services |= CtiService::CTI_SERVICE_ACTIVE_STANDBY;
    let mut session = Recorder::new(options);
    session.until_opened();
    let query = QueryAgentStateReq { agent_id: Some("1001".into()), ..Default::default() };
    assert_eq!(session.client.request(&query), Err(RequestError::Standby));
    session.until(|event| match event {
        Event::Message(frame) => (frame.message_type() == MessageType::STANDBY_ACTIVE_EVENT_MSG).then_some(()),
        _ => None,
    });
    session.converse(&query, "QUERY_AGENT_STATE_CONF");
    session.close();
    server.finish();
}

#[test]
fn a_server_that_goes_into_maintenance_is_left() {
    let (server, mut options) = start(24, "maintenance");
    options.config.services |= CtiService::CTI_SERVICE_ACTIVE_STANDBY;
    let mut session = Recorder::new(options);
    assert_eq!(session.until_opened(), Side::A);
    assert_eq!(session.until_disconnected(), Cause::Maintenance);
    assert_eq!(session.until_opened(), Side::B);
    session.close();
    server.finish();
}

/// The OPEN_REQ that the peer got has what the options say.
fn check_open_req(protocol: Protocol, open: &Value) {
    let is_ccx = protocol.product() == Product::Ccx;
    let peripheral = if is_ccx { 0 } else { 5000 };
    for (field, value) in [("IdleTimeout", 40), ("PeripheralID", peripheral), ("ServicesRequested", 0x0004_0085)] {
        assert_eq!(open["fixed"][field], value, "{protocol:?}: {field}");
    }
    let mut floating = vec![("ClientID", Value::from("interop")), ("ClientPassword", Value::Null)];
    floating.extend([("ClientSignature", "sig".into()), ("AgentExtension", "3001".into())]);
    floating.extend([("AgentID", "1001".into()), ("AgentInstrument", "3001@cucm".into())]);
    if !is_ccx {
        floating.push(("ApplicationPathID", 5.into()));
    }
    let mut found: Vec<_> = open["floating"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["name"].as_str().unwrap(), f["value"].clone()))
        .collect();
    floating.sort_by_key(|field| field.0);
    found.sort_by_key(|field| field.0);
    assert_eq!(found, floating, "{protocol:?}");
}

/// A client for Client Events, which fills every field of OPEN_REQ.
fn options(protocol: Protocol, server: &Value) -> ClientOptions {
    let side = |side: usize| format!("127.0.0.1:{}", server["ports"][side]);
    let mut options = ClientOptions::new(side(0));
    options.side_b = Some(side(1));
    options.protocols = vec![protocol];
    options.client_id = "interop".into();
    options.password = "secret".into();
    options.signature = Some("sig".into());
    options.agent_extension = Some("3001".into());
    options.agent_id = Some("1001".into());
    options.agent_instrument = Some("3001@cucm".into());
    options.config.services = CtiService::CTI_SERVICE_CLIENT_EVENTS
        | CtiService::CTI_SERVICE_CLIENT_CONTROL
        | CtiService::CTI_SERVICE_SUPERVISOR
        | CtiService::CTI_SERVICE_CONFIG_EVENTS;
    options.config.config = ConfigMask::ALL;
    options.config.heartbeat = Some(Duration::from_secs(10));
    if protocol.product() == Product::Ccx {
        options.config.peripheral_id = 0;
    } else {
        options.config.peripheral_id = 5000;
        options.config.application_path_id = Some(5);
    }
    options
}

/// A client that keeps what every frame says.
struct Recorder {
    client: BlockingClient,
    received: Vec<Value>,
}

#[derive(Debug, PartialEq)]
enum Answer {
    Confirmed,
    Failed(FailureReason),
}

impl Recorder {
    fn new(options: ClientOptions) -> Self {
        Self { client: BlockingClient::new(options).unwrap(), received: Vec::new() }
    }

    /// Takes events until `wanted` makes something of one.
    fn until<T>(&mut self, mut wanted: impl FnMut(&Event<'_>) -> Option<T>) -> T {
        loop {
            let event = self.client.next_event(Some(PATIENCE)).unwrap().expect("an event");
            let found = wanted(&event);
            match event {
                Event::Message(frame) | Event::Confirmed { frame, .. } => self.received.push(says(&frame)),
                Event::Late(_) | Event::Skipped { .. } | Event::Malformed(_) | Event::TimedOut(_) | Event::Lost(_) => {
                    panic!("{event:?}")
                }
                _ => {}
            }
            if let Some(found) = found {
                return found;
            }
        }
    }

    fn until_opened(&mut self) -> Side {
        self.until(|event| match event {
            Event::Opened(opened) => Some(opened.side),
            Event::Ended(ended) => panic!("{ended}"),
            _ => None,
        })
    }

    fn until_disconnected(&mut self) -> Cause {
        self.until(|event| match event {
            Event::Disconnected(disconnected) => Some(disconnected.cause),
            _ => None,
        })
    }

    /// Sends the request of this frame and waits for its answer.
    fn ask(&mut self, protocol: Protocol, hex: &str) -> Answer {
        let bytes = bytes_of(hex);
        let Parsed::Frame(frame, _) = Frame::parse(protocol, &bytes).unwrap() else { panic!("{hex}") };
        let request = frame.dispatch(&mut Ask(&mut self.client)).unwrap().unwrap();
        self.until(|event| match event {
            Event::Confirmed { request: of, more: false, .. } if *of == request => Some(Answer::Confirmed),
            Event::Failed { request: of, reason } if *of == request => Some(Answer::Failed(*reason)),
            _ => None,
        })
    }

    /// Asks for keys and configuration: conversations, of which only one may be open, that end with a message.
    fn configure(&mut self) {
        let peripheral_id = self.client.options().config.peripheral_id;
        let customer_id = Some(0);
        let keys = ConfigRequestKeyEvent { peripheral_id, customer_id };
        self.converse(&keys, "CONFIG_KEY_EVENT");
        let config_information = ConfigMask(0xF);
        let upload = ConfigRequestEvent { config_information, peripheral_id, customer_id, ..Default::default() };
        self.converse(&upload, "CONFIG_END_EVENT");
    }

    fn converse<'m, M: Body<'m>>(&mut self, message: &M, last: &str) {
        let request = self.client.request(message).unwrap();
        self.until(|event| match event {
            Event::Confirmed { request: of, more: false, frame } if *of == request => {
                assert_eq!(frame.message_type().name(), Some(last));
                Some(())
            }
            _ => None,
        });
    }

    fn close(&mut self) {
        self.client.close();
        let ended = self.until(|event| match event {
            Event::Ended(ended) => Some(*ended),
            _ => None,
        });
        assert_eq!(ended, Ended::Closed);
        // The connection ends with the next call.
        assert!(self.client.next_event(Some(PATIENCE)).unwrap().is_none());
    }
}

/// Sends a message as a request.
struct Ask<'c>(&'c mut BlockingClient);

impl Handler for Ask<'_> {
    type Output = Result<Request, RequestError>;

    fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Self::Output {
        self.0.request(message)
    }

    fn other(&mut self, frame: &Frame<'_>) -> Self::Output {
        panic!("{:?} is not in the catalogue", frame.message_type())
    }
}

fn says(frame: &Frame<'_>) -> Value {
    let origin = decode::Origin { from: Some(decode::Side::Server), ..Default::default() };
    Value::Object(decode::json::message(frame, &origin, false).unwrap())
}
