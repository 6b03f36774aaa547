//! A client of an active and a standby server at once.

use cti_proto::message::{
    ActiveMaintenanceEventMsg, ActiveMaintenanceReqMsg, MessageType, OpenConf, QueryDeviceInfoReq,
    StandbyActiveEventMsg,
};
use cti_proto::session::{
    ClientConfig, DuplexClient, Event, Instant, RequestError, ServerConfig, ServerEnded, ServerEvent, ServerSession,
    Side, Transport, Wake,
};
use cti_proto::value::{CtiService, FailureStatus, SessionType};
use cti_proto::{Product, Protocol, Storage};

const NOW: Instant = Instant::from_millis(1_000);
const SIDES: [Side; 2] = [Side::A, Side::B];

type Memory = Storage<4_096, 1_024, 4, 2>;

/// What a server saw, and the types of the messages.
type Seen = Vec<(Side, Result<MessageType, ServerEnded>)>;

struct Both<'s> {
    client: DuplexClient<'s>,
    servers: [ServerSession<'s>; 2],
    seen: Seen,
}

impl<'s> Both<'s> {
    /// Side A is active, side B on standby, and both sessions are open.
    fn open(protocols: &'s [Protocol], memory: &'s mut [Memory; 4]) -> Self {
        let [client_a, client_b, server_a, server_b] = memory.each_mut().map(Storage::parts);
        let config = ClientConfig::new(protocols, "duplex".into(), CtiService::CTI_SERVICE_CLIENT_CONTROL);
        let mut standby = ServerConfig::new(Product::Cce);
        standby.standby = true;
        let servers = [
            ServerSession::new(ServerConfig::new(Product::Cce), server_a, NOW),
            ServerSession::new(standby, server_b, NOW),
        ];
        let client = DuplexClient::new(config, client_a, client_b).unwrap();
        let mut both = Self { client, servers, seen: Vec::new() };
        both.client.handle_timeout(NOW);
        for side in SIDES {
            assert_eq!(both.client.session(side).transport(), Transport::Connect(side));
            both.client.session_mut(side).connected(NOW);
        }
        both.settle();
        both
    }

    /// Moves bytes and events until nothing moves any more.
    fn settle(&mut self) -> Vec<(Side, String)> {
        let mut events = Vec::new();
        for _ in 0..20 {
            self.client.handle_timeout(NOW);
            for (side, server) in SIDES.into_iter().zip(&mut self.servers) {
                let session = self.client.session_mut(side);
                let n = server.receive(NOW, session.transmit());
                session.transmitted(n);
                let n = session.receive(NOW, server.transmit());
                server.transmitted(n);
                serve(side, server, &mut self.seen);
            }
            while let Some((side, event)) = self.client.poll_event(NOW) {
                events.push((side, format!("{event:?}")));
                assert!(!matches!(event, Event::Malformed(_)));
            }
        }
        assert_ne!(self.client.wake(), Wake::Now);
        events
    }
}

fn serve(side: Side, server: &mut ServerSession<'_>, seen: &mut Seen) {
    while let Some(event) = server.poll_event(NOW) {
        let asked = match event {
            ServerEvent::OpenRequested(request) => Some(request.services_requested),
            ServerEvent::Message(frame) => {
                seen.push((side, Ok(frame.message_type())));
                None
            }
            ServerEvent::Request { request, .. } => {
                seen.push((side, Ok(request.message)));
                None
            }
            ServerEvent::Ended(ended) => {
                seen.push((side, Err(ended)));
                None
            }
            _ => None,
        };
        if let Some(services_granted) = asked {
            let session_type = if side == Side::A { SessionType::ACTIVE } else { SessionType::STANDBY };
            server.accept(NOW, &OpenConf { services_granted, session_type, ..OpenConf::default() }).unwrap();
        }
    }
}

fn query(both: &mut Both<'_>) -> Result<Side, RequestError> {
    let request = QueryDeviceInfoReq { agent_instrument: Some("5001".into()), ..QueryDeviceInfoReq::default() };
    both.client.request(NOW, &request).map(|(side, _)| side)
}

fn memory() -> [Memory; 4] {
    [const { Storage::new() }; 4]
}

#[test]
fn requests_go_to_the_active_side() {
    let (protocols, mut memory) = ([Protocol::cce(24).unwrap()], memory());
    let mut both = Both::open(&protocols, &mut memory);
    assert_eq!(both.client.active(), Some(Side::A));
    assert_eq!(query(&mut both), Ok(Side::A));
    both.settle();
    assert_eq!(both.seen, [(Side::A, Ok(MessageType::QUERY_DEVICE_INFO_REQ))]);
}

#[test]
fn maintenance_moves_the_requests_and_tells_the_old_side() {
    let (protocols, mut memory) = ([Protocol::cce(25).unwrap()], memory());
    let mut both = Both::open(&protocols, &mut memory);
    both.servers[0].send(NOW, &ActiveMaintenanceReqMsg { invoke_id: 9 }).unwrap();
    both.settle();
    assert_eq!(both.seen, [(Side::A, Ok(MessageType::ACTIVE_MAINTENANCE_RESP_MSG))]);

    both.servers[0].send(NOW, &ActiveMaintenanceEventMsg { maintenance_mode_status: true }).unwrap();
    both.settle();
    assert_eq!(both.client.active(), Some(Side::A), "until the other side is active");

    both.servers[1].send(NOW, &StandbyActiveEventMsg::default()).unwrap();
    both.settle();
    assert_eq!(both.client.active(), Some(Side::B));
    assert_eq!(both.seen.last(), Some(&(Side::A, Err(ServerEnded::Left))));
    assert_eq!(query(&mut both), Ok(Side::B));
    both.settle();
    assert_eq!(both.seen.last(), Some(&(Side::B, Ok(MessageType::QUERY_DEVICE_INFO_REQ))));
}

#[test]
fn a_lost_active_side_leaves_requests_to_the_other_one_once_that_is_active() {
    let (protocols, mut memory) = ([Protocol::cce(24).unwrap()], memory());
    let mut both = Both::open(&protocols, &mut memory);
    both.client.session_mut(Side::A).transport_closed(NOW);
    both.settle();
    assert_eq!(both.client.active(), None);
    assert_eq!(query(&mut both), Err(RequestError::NotOpen));
    both.servers[1].send(NOW, &StandbyActiveEventMsg::default()).unwrap();
    both.settle();
    assert_eq!(query(&mut both), Ok(Side::B));
}

#[test]
fn a_side_with_nothing_to_tell_does_not_hide_what_the_other_one_has() {
    let (protocols, mut memory) = ([Protocol::cce(24).unwrap()], memory());
    let mut both = Both::open(&protocols, &mut memory);
    both.client.session_mut(Side::A).transport_closed(NOW);
    assert!(matches!(both.client.poll_event(NOW), Some((Side::A, Event::Disconnected(_)))));
    assert_eq!(both.client.session(Side::A).wake(), Wake::Now, "it wants to connect, and to be told the time");
    for _ in 0..2 {
        both.servers[1].send(NOW, &StandbyActiveEventMsg::default()).unwrap();
    }
    let n = both.client.session_mut(Side::B).receive(NOW, both.servers[1].transmit());
    both.servers[1].transmitted(n);
    for _ in 0..2 {
        assert!(matches!(both.client.poll_event(NOW), Some((Side::B, Event::Message(_)))));
    }
    assert_eq!(both.client.poll_event(NOW), None);
}

#[test]
fn closing_closes_both_sessions() {
    let (protocols, mut memory) = ([Protocol::cce(24).unwrap()], memory());
    let mut both = Both::open(&protocols, &mut memory);
    both.client.close(NOW, FailureStatus::E_CTI_NO_ERROR);
    let mut events = both.settle();
    events.sort_by_key(|(side, _)| *side == Side::B);
    assert_eq!(events, SIDES.map(|side| (side, "Ended(Closed)".to_owned())));
}
