//! The simulation behind real sockets: all versions at once, both sides, maintenance, and what goes wrong on request.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use cti_proto::message::*;
use cti_proto::session::{Cause, Ended, Event, Side as ClientSide};
use cti_proto::value::*;
use cti_proto::{Body, Frame, Frames, Product, Protocol, encode};
use cti_std::client::{BlockingClient, ClientOptions};
use cti_std::simulate::{Config, Endpoint, Fault, Side, Simulator, SimulatorOptions};

use super::desk::{BRIDGE, Desk, Heard, protocols};

/// How long anything may take on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

fn simulator(of: Product) -> Simulator {
    simulator_with(of, |_| {})
}

fn simulator_with(of: Product, change: impl FnOnce(&mut SimulatorOptions)) -> Simulator {
    let mut config = Config::new(of);
    config.calls_per_hour = 600.0;
    let mut options = SimulatorOptions::new(config);
    options.speed = 20.0;
    options.head_start = Duration::from_secs(600);
    change(&mut options);
    Simulator::start(options).unwrap()
}

fn options(simulator: &Simulator, protocol: Protocol) -> ClientOptions {
    let mut options = ClientOptions::new(simulator.side_a().to_string());
    options.side_b = simulator.side_b().map(|side| side.to_string());
    options.protocols = vec![protocol];
    options.client_id = format!("client {protocol}");
    options.config.heartbeat = Some(Duration::from_secs(15));
    options.config.idle_timeout = Some(Duration::from_secs(60));
    options.config.services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
    options
}

/// Waits for an event; those before it are passed over.
fn wait<T>(client: &mut BlockingClient, what: &str, mut wanted: impl FnMut(Event<'_>) -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let event = client.next_event(Some(left)).unwrap().unwrap_or_else(|| panic!("waited in vain: {what}"));
        if let Some(found) = wanted(event) {
            return found;
        }
    }
}

fn is_message(event: Event<'_>, message: MessageType) -> Option<()> {
    matches!(event, Event::Message(frame) if frame.message_type() == message).then_some(())
}

#[test]
fn clients_of_all_versions_of_both_products_follow_the_same_calls_at_once() {
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let simulator = simulator_with(Product::Cce, |options| {
        options.more = [Side::A, Side::B].map(|side| Endpoint::new(side, local, Product::Ccx)).to_vec();
    });
    let mut clients: Vec<_> = protocols()
        .map(|protocol| {
            let mut options = options(&simulator, protocol);
            if protocol.is_ccx() {
                options.side_a = simulator.more()[0].to_string();
                options.side_b = Some(simulator.more()[1].to_string());
            }
            BlockingClient::new(options).unwrap()
        })
        .collect();
    for client in &mut clients {
        let opened = |event: Event<'_>| match event {
            Event::Opened(opened) => Some(opened.protocol),
            Event::Disconnected(lost) => panic!("{lost:?}"),
            _ => None,
        };
        let protocol = wait(client, "the session opens", opened);
        assert!(client.options().protocols.contains(&protocol));
    }
    let begun = |event: Event<'_>| match event {
        Event::Message(frame) => frame.decode::<BeginCallEvent<'_>>().ok().map(|event| event.connection_call_id),
        _ => None,
    };
    // All the others were there when it began.
    let call = wait(clients.last_mut().unwrap(), "a call", begun);
    for client in &mut clients {
        let ended = |event: Event<'_>| match event {
            Event::Message(frame) => {
                let event: EndCallEvent<'_> = frame.decode().ok()?;
                (event.connection_call_id == call).then_some(event.peripheral_id)
            }
            _ => None,
        };
        let peripheral = if client.options().protocols[0].is_ccx() { 1 } else { 5_000 };
        assert_eq!(wait(client, "its end", ended), peripheral);
    }
    drop(clients);
    simulator.stop().unwrap();
}

#[test]
fn side_b_takes_over_when_side_a_dies_and_the_other_way_round() {
    let simulator = simulator(Product::Cce);
    let mut client = BlockingClient::new(options(&simulator, Protocol::cce(19).unwrap())).unwrap();
    let side = |event: Event<'_>| match event {
        Event::Opened(opened) => Some(opened.side),
        _ => None,
    };
    assert_eq!(wait(&mut client, "a session", side), ClientSide::A);
    simulator.fault(Fault::Drop(Side::A));
    assert_eq!(wait(&mut client, "a session with the other side", side), ClientSide::B);
    wait(&mut client, "a call", |event| is_message(event, MessageType::BEGIN_CALL_EVENT));
    simulator.fault(Fault::Restore(Side::A));
    simulator.fault(Fault::Drop(Side::B));
    assert_eq!(wait(&mut client, "a session with the first side", side), ClientSide::A);
    // Both are dead now, and the one that comes back first is the active one.
    simulator.fault(Fault::Drop(Side::A));
    simulator.fault(Fault::Restore(Side::B));
    assert_eq!(wait(&mut client, "a session with the other side", side), ClientSide::B);
    wait(&mut client, "a call", |event| is_message(event, MessageType::BEGIN_CALL_EVENT));
}

#[test]
fn connections_break_stall_and_lie_on_request() {
    let simulator = simulator(Product::Cce);
    let mut client = BlockingClient::new(options(&simulator, Protocol::cce(22).unwrap())).unwrap();
    let open = |client: &mut BlockingClient| {
        wait(client, "a session", |event| matches!(event, Event::Opened(_)).then_some(()))
    };
    let cause = |event: Event<'_>| match event {
        Event::Disconnected(lost) => Some(lost.cause),
        _ => None,
    };
    open(&mut client);
    simulator.fault(Fault::Garbage);
    assert!(matches!(wait(&mut client, "garbage", cause), Cause::Framing(_)));
    open(&mut client);
    simulator.fault(Fault::Reset(5));
    assert_eq!(wait(&mut client, "the cut", cause), Cause::TransportClosed);
    open(&mut client);
    simulator.fault(Fault::PeripheralOffline);
    let system = |event: Event<'_>| match event {
        Event::Message(frame) => frame.decode::<SystemEvent<'_>>().ok().map(|event| event.system_event_id),
        _ => None,
    };
    let offline = |event: Event<'_>| system(event).filter(|event| *event == SystemEventId::SYS_PERIPHERAL_OFFLINE);
    wait(&mut client, "the peripheral goes", offline);
    let request = MakeCallReq {
        peripheral_id: 5_000,
        agent_instrument: Some("5002".into()),
        dialed_number: Some("92065551234".into()),
        ..MakeCallReq::default()
    };
    client.request(&request).unwrap();
    let refused = wait(&mut client, "the refusal", |event| match event {
        Event::Failed { reason, .. } => Some(reason),
        _ => None,
    });
    let code = ControlFailureCode::CF_RESOURCE_OUT_OF_SERVICE;
    assert_eq!(refused, FailureReason::Control { failure_code: code, peripheral_error_code: 0 });
    simulator.fault(Fault::PeripheralOnline);
    let online = |event: Event<'_>| system(event).filter(|event| *event == SystemEventId::SYS_PERIPHERAL_ONLINE);
    wait(&mut client, "the peripheral comes back", online);
    simulator.fault(Fault::RefuseOpen(FailureStatus::E_CTI_INVALID_PASSWORD));
    client.reconnect();
    // Side B is on standby, and has reasons of its own to refuse. A wrong password ends the client.
    let reason = wait(&mut client, "the refusal", |event| match event {
        Event::Ended(Ended::Refused(reason)) => Some(reason),
        _ => None,
    });
    assert_eq!(reason, FailureStatus::E_CTI_INVALID_PASSWORD.into());
}

/// A client that does what it is told and nothing else.
struct Raw {
    socket: TcpStream,
    protocol: Protocol,
    bytes: Vec<u8>,
}

impl Raw {
    fn connect(address: SocketAddr, protocol: Protocol) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, protocol, bytes: Vec::new() }
    }

    fn open(address: SocketAddr, protocol: Protocol, services: CtiService) -> Self {
        let mut client = Self::connect(address, protocol);
        client.say(&OpenReq { invoke_id: 1, ..Desk::open_req(protocol, services) });
        client
    }

    fn say<'m, M: Body<'m>>(&mut self, message: &M) {
        let mut buffer = [0; 1_024];
        let bytes = encode(self.protocol, message, &mut buffer).unwrap();
        self.socket.write_all(bytes).unwrap();
    }

    /// The next message of one of these types; `None` if the connection ends before it.
    fn next(&mut self, wanted: &[MessageType]) -> Option<Heard> {
        loop {
            while let Some(heard) = self.take() {
                if wanted.contains(&heard.message_type()) {
                    return Some(heard);
                }
            }
            let mut more = [0; 4_096];
            match self.socket.read(&mut more) {
                Ok(0) | Err(_) => return None,
                Ok(n) => self.bytes.extend_from_slice(&more[..n]),
            }
        }
    }

    fn take(&mut self) -> Option<Heard> {
        let mut frames = Frames::new(self.protocol, &self.bytes);
        let frame: Frame<'_> = frames.next()?.ok()?;
        let length = frame.body().len() + 8;
        let bytes = self.bytes.drain(..length).collect();
        let session = cti_std::simulate::SessionId(0);
        Some(Heard { session, monitor: None, protocol: self.protocol, bytes })
    }
}

const PREPARED: CtiService = CtiService(BRIDGE.0 | CtiService::CTI_SERVICE_ACTIVE_STANDBY.0);

#[test]
fn the_standby_side_takes_those_who_know_of_it_and_tells_them_when_it_takes_over() {
    let simulator = simulator(Product::Cce);
    let side_b = simulator.side_b().unwrap();
    let new = Protocol::cce(24).unwrap();
    let answers = [MessageType::OPEN_CONF, MessageType::FAILURE_CONF];
    let status = |heard: Option<Heard>| {
        let heard = heard.unwrap();
        let conf: FailureConf<'_> = heard.frame().decode().unwrap();
        conf.reason.status().unwrap()
    };
    let mut old = Raw::open(side_b, Protocol::cce(19).unwrap(), BRIDGE);
    assert_eq!(status(old.next(&answers)), FailureStatus::E_CTI_CTI_SERVER_OFFLINE);
    let mut unprepared = Raw::open(side_b, new, BRIDGE);
    assert_eq!(status(unprepared.next(&answers)), FailureStatus::E_CTI_INVALID_CLIENT_FOR_STANDBY);
    let mut client = Raw::open(side_b, new, PREPARED);
    let heard = client.next(&answers).unwrap();
    let conf: OpenConf<'_> = heard.frame().decode().unwrap();
    assert_eq!(conf.session_type, SessionType::STANDBY);
    simulator.fault(Fault::Drop(Side::A));
    let told = [MessageType::STANDBY_ACTIVE_EVENT_MSG, MessageType::SYSTEM_EVENT, MessageType::BEGIN_CALL_EVENT];
    assert_eq!(client.next(&told).unwrap().message_type(), MessageType::STANDBY_ACTIVE_EVENT_MSG);
    assert_eq!(client.next(&told).unwrap().message_type(), MessageType::SYSTEM_EVENT);
    assert_eq!(client.next(&told).unwrap().message_type(), MessageType::BEGIN_CALL_EVENT);
}

#[test]
fn a_side_goes_into_maintenance_if_all_its_clients_agree() {
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let simulator = simulator_with(Product::Cce, |options| {
        options.more = vec![Endpoint::new(Side::A, local, Product::Ccx)];
    });
    let (side_a, side_b) = (simulator.side_a(), simulator.side_b().unwrap());
    let protocol = Protocol::cce(25).unwrap();
    let mut express = Raw::open(simulator.more()[0], Protocol::ccx(18).unwrap(), CtiService::CTI_SERVICE_ALL_EVENTS);
    assert!(express.next(&[MessageType::OPEN_CONF]).is_some());
    let mut active = Raw::open(side_a, protocol, PREPARED);
    let mut standby = Raw::open(side_b, protocol, PREPARED);
    for client in [&mut active, &mut standby] {
        assert!(client.next(&[MessageType::OPEN_CONF]).is_some());
    }
    for agrees in [false, true] {
        simulator.fault(Fault::Maintenance);
        // Nobody is asked twice while it is under way.
        simulator.fault(Fault::Maintenance);
        let heard = active.next(&[MessageType::ACTIVE_MAINTENANCE_REQ_MSG]).unwrap();
        let asked: ActiveMaintenanceReqMsg = heard.frame().decode().unwrap();
        active.say(&ActiveMaintenanceRespMsg { invoke_id: asked.invoke_id, maintenance_mode_accepted: agrees });
        let answers = [MessageType::ACTIVE_MAINTENANCE_REQ_MSG, MessageType::ACTIVE_MAINTENANCE_EVENT_MSG];
        let heard = active.next(&answers).unwrap();
        let event: ActiveMaintenanceEventMsg = heard.frame().decode().unwrap();
        assert_eq!(event.maintenance_mode_status, agrees);
    }
    assert!(standby.next(&[MessageType::STANDBY_ACTIVE_EVENT_MSG]).is_some());
    active.say(&StoppingRequestsToThisSideInd::default());
    assert!(active.next(&[MessageType::CLOSE_CONF]).is_none(), "the side drops the connection");
    // It was not asked, since Unified CCX knows nothing of maintenance.
    let heard = express.next(&[MessageType::FAILURE_EVENT]).unwrap();
    let event: FailureEvent<'_> = heard.frame().decode().unwrap();
    assert_eq!(event.status, FailureStatus::E_CTI_SERVER_NOT_MASTER);
    let mut late = Raw::open(side_a, protocol, BRIDGE);
    let heard = late.next(&[MessageType::OPEN_CONF, MessageType::FAILURE_CONF]).unwrap();
    let conf: FailureConf<'_> = heard.frame().decode().unwrap();
    assert_ne!(conf.reason.status(), None, "the side takes no clients");
    assert!(standby.next(&[MessageType::BEGIN_CALL_EVENT]).is_some());
}

/// As many as a session may have at a time, and more: with what it watches a monitor ends, and makes room for the next.
#[test]
fn monitors_of_what_is_over_make_room_for_others() {
    let protocol = Protocol::cce(24).unwrap();
    let simulator = simulator(Product::Cce);
    let mut of_watcher = options(&simulator, protocol);
    of_watcher.config.services = CtiService::CTI_SERVICE_CLIENT_MONITOR;
    let mut watcher = BlockingClient::new(of_watcher).unwrap();
    wait(&mut watcher, "the session opens", |event| matches!(event, Event::Opened(_)).then_some(()));
    for round in 1..=40 {
        let mut watched = BlockingClient::new(options(&simulator, protocol)).unwrap();
        wait(&mut watched, "the session opens", |event| matches!(event, Event::Opened(_)).then_some(()));
        let session_id = wait(&mut watcher, "a session to watch", |event| match event {
            Event::Message(frame) => {
                frame.decode::<ClientSessionOpenedEvent<'_>>().ok().map(|opened| opened.session_id)
            }
            _ => None,
        });
        watcher.request(&SessionMonitorStartReq { session_id, ..SessionMonitorStartReq::default() }).unwrap();
        wait(&mut watcher, "the monitor", |event| match event {
            Event::Failed { reason, .. } => panic!("monitor {round}: {reason}"),
            event => matches!(event, Event::Confirmed { .. }).then_some(()),
        });
        watched.shut_down(|_| {}).unwrap();
        wait(&mut watcher, "its end", |event| is_message(event, MessageType::CLIENT_SESSION_CLOSED_EVENT));
    }
    simulator.stop().unwrap();
}

#[test]
fn whoever_waits_for_a_simulation_is_told_that_it_is_over() {
    let simulator = simulator(Product::Cce);
    assert!(simulator.is_running());
    simulator.handle().run(|_, _| panic!("for this test")).unwrap();
    let end = Instant::now() + PATIENCE;
    while simulator.is_running() {
        assert!(Instant::now() < end, "it never ends");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(simulator.stop().unwrap_err().to_string(), "the simulation has panicked");
}

/// The guide's clients that know of standby servers have a session with either side, also those of one agent.
#[test]
fn an_agent_has_a_session_with_either_side_and_hears_of_everything_once() {
    let protocol = Protocol::cce(24).unwrap();
    let simulator = simulator(Product::Cce);
    let of = |address: SocketAddr| {
        let mut options = options(&simulator, protocol);
        (options.side_a, options.side_b) = (address.to_string(), None);
        options.client_id = "desktop".into();
        (options.agent_id, options.config.peripheral_id) = (Some("1001".into()), 5_000);
        options.config.services = CtiService::CTI_SERVICE_CLIENT_EVENTS
            | CtiService::CTI_SERVICE_CLIENT_CONTROL
            | CtiService::CTI_SERVICE_ACTIVE_STANDBY;
        BlockingClient::new(options).unwrap()
    };
    let opened = |event: Event<'_>| match event {
        Event::Opened(opened) => Some(opened.session_type),
        Event::Disconnected(lost) => panic!("{lost:?}"),
        _ => None,
    };
    let mut active = of(simulator.side_a());
    assert_eq!(wait(&mut active, "the session opens", opened), SessionType::ACTIVE);
    let mut standby = of(simulator.side_b().unwrap());
    assert_eq!(wait(&mut standby, "the session opens", opened), SessionType::STANDBY);
    let not_ready = SetAgentStateReq {
        peripheral_id: 5_000,
        agent_state: AgentState::AGENT_STATE_NOT_READY,
        event_reason_code: 7,
        agent_id: Some("1001".into()),
        agent_instrument: Some("5001".into()),
        ..SetAgentStateReq::default()
    };
    active.request(&not_ready).unwrap();
    wait(&mut active, "the state of the agent", |event| match event {
        Event::Ended(_) | Event::Disconnected(_) => panic!("{event:?}"),
        Event::Message(frame) => {
            let state = frame.decode::<AgentStateEvent<'_>>().ok()?;
            (state.event_reason_code == 7).then_some(())
        }
        _ => None,
    });
    // The standby side has something else to say now, and had nothing before.
    simulator.fault(Fault::Drop(Side::A));
    let mut heard = Vec::new();
    wait(&mut standby, "that it is active", |event| match event {
        Event::Message(frame) => {
            heard.push(frame.message_type());
            (frame.message_type() == MessageType::STANDBY_ACTIVE_EVENT_MSG).then_some(())
        }
        Event::Ended(_) | Event::Disconnected(_) => panic!("{event:?}"),
        _ => None,
    });
    assert!(!heard.contains(&MessageType::AGENT_STATE_EVENT), "{heard:?}");
    standby.request(&SetAgentStateReq { event_reason_code: 8, ..not_ready }).unwrap();
    wait(&mut standby, "the state of the agent", |event| match event {
        Event::Message(frame) => {
            let state = frame.decode::<AgentStateEvent<'_>>().ok()?;
            (state.event_reason_code == 8).then_some(())
        }
        _ => None,
    });
    drop((active, standby));
    simulator.stop().unwrap();
}
