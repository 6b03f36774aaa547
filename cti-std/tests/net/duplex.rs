//! A client of an active and a standby server at once.

use std::sync::Arc;
use std::time::Instant;

use cti_proto::message::{
    ActiveMaintenanceEventMsg, ActiveMaintenanceReqMsg, MakeCallReq, MessageType, StandbyActiveEventMsg,
};
use cti_proto::session::{Cause, Delivery, Ended, Event, RequestError, ServerConfig, ServerEnded, Side};
use cti_proto::value::{CtiService, SessionType};
use cti_std::client::{DuplexClient, SetupError};
use cti_std::clock;
use cti_std::server::{ServerOptions, SessionId};
use mio::{Events, Poll, Token, Waker};

use crate::support::{PATIENCE, Seen, TestServer, agent, agent_id, cce, loopback, wait};

fn standby() -> ServerConfig {
    let mut config = cce();
    config.standby = true;
    config
}

/// A server whose side A is active, and whose side B is on standby.
fn server() -> TestServer {
    TestServer::with(ServerOptions::new(), |server| {
        [cce(), standby()].map(|config| server.listen(loopback(), config).unwrap()).into()
    })
}

/// A client in a poll, that waits for what it expects.
struct Both {
    client: DuplexClient,
    poll: Poll,
    events: Events,
}

impl Both {
    fn new(server: &TestServer) -> Self {
        let poll = Poll::new().unwrap();
        let waker = Arc::new(Waker::new(poll.registry(), Token(0)).unwrap());
        let mut options = server.options();
        options.config.services |= CtiService::CTI_SERVICE_CLIENT_CONTROL;
        let client = DuplexClient::new(options, poll.registry(), [Token(1), Token(2)], waker).unwrap();
        Self { client, poll, events: Events::with_capacity(8) }
    }

    /// Both sessions are open, and each has told of it.
    fn open(server: &TestServer) -> Self {
        let mut both = Self::new(server);
        for _ in 0..2 {
            both.wait_for("the sessions open", |_, event| matches!(event, Event::Opened(_)).then_some(()));
        }
        both
    }

    fn wait_for<T>(&mut self, what: &str, mut wanted: impl FnMut(Side, Event<'_>) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            while let Some((side, event)) = self.client.poll_event() {
                if let Some(found) = wanted(side, event) {
                    return found;
                }
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited in vain: {what}; {:?}", self.client);
            let timeout = clock::until(self.client.wake()).map_or(left, |until| until.min(left));
            self.poll.poll(&mut self.events, Some(timeout)).unwrap();
            self.events.iter().for_each(|event| self.client.handle_io(event));
        }
    }

    fn message(&mut self, message: MessageType) -> Side {
        self.wait_for(&message.to_string(), |side, event| match event {
            Event::Message(frame) if frame.message_type() == message => Some(side),
            _ => None,
        })
    }

    /// The side that answers a request.
    fn call(&mut self) -> Side {
        let call = MakeCallReq {
            agent_instrument: Some("5001".into()),
            dialed_number: Some("5002".into()),
            ..MakeCallReq::default()
        };
        let (asked, request) = self.client.request(&call).unwrap();
        self.wait_for("the answer", |side, event| match event {
            Event::Confirmed { request: confirmed, .. } => {
                assert_eq!((side, confirmed), (asked, request));
                Some(side)
            }
            _ => None,
        })
    }

    /// Closes both sessions; how each of them ended.
    fn close(&mut self) -> [Option<Ended>; 2] {
        self.client.close();
        let mut ended = [None; 2];
        while !self.client.is_ended() {
            let (side, how) = self.wait_for("the end", |side, event| match event {
                Event::Ended(ended) => Some((side, ended)),
                _ => None,
            });
            ended[side as usize] = Some(how);
        }
        ended
    }
}

/// The session that came in at a side.
fn session(server: &TestServer, side: Side) -> SessionId {
    let listener = server.listeners[side as usize];
    wait("the side has a session", || {
        server.ask(move |_, sessions| sessions.ids().find(|id| sessions.listener(*id) == Some(listener)))
    })
}

#[test]
fn both_sides_are_open_and_the_active_one_is_asked() {
    let server = server();
    let mut both = Both::open(&server);
    let types = [Side::A, Side::B].map(|side| both.client.session(side).opened().unwrap().session_type);
    assert_eq!(types, [SessionType::ACTIVE, SessionType::STANDBY]);
    assert_eq!((both.client.active(), both.call()), (Some(Side::A), Side::A));

    let a = session(&server, Side::A);
    server.ask(move |_, sessions| {
        for n in 0..500 {
            assert_eq!(sessions.event_to(a, &agent(&n.to_string())), Ok(Delivery::Sent));
        }
    });
    for n in 0..500 {
        let (side, id) = both.wait_for("the event", |side, event| match event {
            Event::Message(frame) if frame.message_type() == MessageType::AGENT_STATE_EVENT => {
                Some((side, agent_id(frame)))
            }
            _ => None,
        });
        assert_eq!((side, id), (Side::A, n.to_string()));
    }
    assert_eq!([Side::A, Side::B].map(|side| both.client.traffic(side).connected), [1, 1]);
    assert_eq!(both.close(), [Some(Ended::Closed); 2]);
}

#[test]
fn maintenance_of_the_active_side_moves_the_requests() {
    let server = server();
    let mut both = Both::open(&server);
    let [a, b] = [Side::A, Side::B].map(|side| session(&server, side));
    server.ask(move |_, sessions| sessions.send(a, &ActiveMaintenanceReqMsg { invoke_id: 9 }).unwrap());
    both.message(MessageType::ACTIVE_MAINTENANCE_REQ_MSG);
    server.ask(move |_, sessions| {
        sessions.send(a, &ActiveMaintenanceEventMsg { maintenance_mode_status: true }).unwrap();
    });
    both.message(MessageType::ACTIVE_MAINTENANCE_EVENT_MSG);
    assert_eq!(both.call(), Side::A, "until the other side is active");

    server.ask(move |_, sessions| sessions.send(b, &StandbyActiveEventMsg::default()).unwrap());
    assert_eq!(both.message(MessageType::STANDBY_ACTIVE_EVENT_MSG), Side::B);
    assert_eq!((both.client.active(), both.call()), (Some(Side::B), Side::B));
    let ended = server.wait_for(|seen| match seen {
        Seen::Ended { id, ended } if *id == a => Some(*ended),
        _ => None,
    });
    assert_eq!(ended, ServerEnded::Left, "side A is told to expect no more");
    // Side A is on its way back.
    assert_eq!(both.close()[1], Some(Ended::Closed));
}

#[test]
fn a_lost_side_is_taken_over_from_and_comes_back() {
    let server = server();
    let mut both = Both::open(&server);
    let listener = server.listeners[0];
    let [a, b] = [Side::A, Side::B].map(|side| session(&server, side));
    server.ask(move |_, sessions| {
        sessions.set_config(listener, standby());
        sessions.reset(a);
    });
    let lost = both.wait_for("the loss", |side, event| match event {
        Event::Disconnected(lost) => Some((side, lost.cause)),
        _ => None,
    });
    assert_eq!((lost, both.client.active()), ((Side::A, Cause::TransportClosed), None));
    assert!(both.client.last_error(Side::A).is_some() && both.client.last_error(Side::B).is_none());
    assert_eq!(both.client.request(&MakeCallReq::default()), Err(RequestError::NotOpen));

    server.ask(move |_, sessions| sessions.send(b, &StandbyActiveEventMsg::default()).unwrap());
    both.message(MessageType::STANDBY_ACTIVE_EVENT_MSG);
    assert_eq!(both.call(), Side::B);

    while both.client.session(Side::A).opened().is_none() {
        both.wait_for("side A is back", |_, _| Some(()));
    }
    assert_eq!((both.client.active(), both.call()), (Some(Side::B), Side::B), "the standby is not asked");
    assert_eq!(both.close(), [Some(Ended::Closed); 2]);
}

#[test]
fn one_server_is_none_for_two_sessions() {
    let server = TestServer::start();
    let poll = Poll::new().unwrap();
    let waker = Arc::new(Waker::new(poll.registry(), Token(0)).unwrap());
    let client = DuplexClient::new(server.options(), poll.registry(), [Token(1), Token(2)], waker);
    assert!(matches!(client, Err(SetupError::OneSide)));
}
