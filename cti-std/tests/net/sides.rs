//! Side A and side B: one dies, the other takes over, the first one comes back.

use std::time::Duration;

use cti_proto::message::MessageType;
use cti_proto::session::{Cause, Ended, Event, ServerConfig, Side};
use cti_proto::value::FailureStatus;
use cti_proto::{Blame, Protocol};
use cti_std::client::ConnectionError;

use crate::support::{Desk, TestClient, TestServer, agent, disconnected, loopback};

#[test]
fn side_b_takes_over_from_a_dead_side_a_and_a_comes_back() {
    let server = TestServer::pair();
    let [a, b] = [server.listeners[0], server.listeners[1]];
    let mut client = server.client();
    assert_eq!(client.open().side, Side::A);

    server.ask(move |_, sessions| sessions.drop_listener(a));
    assert_eq!(client.wait_for("the loss", disconnected), (Side::A, Cause::TransportClosed));
    assert!(matches!(client.0.last_error(), Some(ConnectionError::Io(_))), "{:?}", client.0.last_error());
    // Side A is tried first, refuses, and B follows at once.
    assert_eq!(client.wait_for("the refusal", disconnected), (Side::A, Cause::ConnectFailed));
    let error = client.0.last_error().unwrap();
    assert!(matches!(error, ConnectionError::Connect { .. }) && error.blame() == Blame::Transport, "{error}");
    let opened = client.open();
    assert_eq!(opened.side, Side::B);
    assert!(opened.gap.is_some());
    client.wait_for("the resynchronisation", |event| (event == Event::ResyncReady).then_some(()));

    server.ask(move |_, sessions| {
        sessions.open_listener(a).unwrap();
        sessions.drop_listener(b);
    });
    assert_eq!(client.wait_for("the loss", disconnected), (Side::B, Cause::TransportClosed));
    assert_eq!(client.open().side, Side::A);
    let counters = client.0.session().counters();
    assert_eq!((counters.opened, client.0.traffic().connected), (3, 3));
    assert_eq!(client.close(), "Ended(Closed)");
}

#[test]
fn a_client_leaves_a_side_when_told_to() {
    let server = TestServer::pair();
    let mut client = server.client();
    assert_eq!(client.open().side, Side::A);
    client.0.reconnect();
    assert_eq!(client.wait_for("the leave", disconnected), (Side::A, Cause::Left));
    assert_eq!(client.open().side, Side::B);
}

#[test]
fn a_standby_side_sends_the_client_to_the_active_one() {
    let server = TestServer::pair();
    let mut standby = ServerConfig::new(cti_proto::Product::Cce);
    standby.standby = true;
    let a = server.listeners[0];
    server.ask(move |_, sessions| sessions.set_config(a, standby));
    let mut client = server.client();
    let (side, cause) = client.wait_for("the refusal", disconnected);
    assert_eq!(side, Side::A);
    let status = FailureStatus::E_CTI_INVALID_CLIENT_FOR_STANDBY;
    assert_eq!(cause, Cause::Refused(status.into()));
    assert_eq!(client.open().side, Side::B);
}

#[test]
fn an_older_version_is_tried_where_the_newest_is_refused() {
    let server = TestServer::with(cti_std::server::ServerOptions::new(), |server| {
        let mut config = ServerConfig::new(cti_proto::Product::Cce);
        config.versions = (9, 19);
        vec![server.listen(loopback(), config).unwrap()]
    });
    let mut options = server.options();
    options.protocols = [24, 20, 19].map(|version| Protocol::cce(version).unwrap()).to_vec();
    let mut client = TestClient::new(options);
    assert_eq!(client.open().protocol.version(), 19);
}

/// Which refusals end a client, and which ones it tries again after.
#[test]
fn refusals_end_the_client_or_are_tried_again() {
    let final_ones = [
        FailureStatus::E_CTI_INVALID_PASSWORD,
        FailureStatus::E_CTI_INVALID_AGENT_DATA,
        FailureStatus::E_CTI_INVALID_PERIPHERAL_ID,
        FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE,
    ];
    for status in final_ones {
        let server = TestServer::start();
        server.ask(move |desk, _| desk.refusals.push(status));
        let ended = server.client().wait_for("the end", |event| match event {
            Event::Ended(ended) => Some(ended),
            _ => None,
        });
        assert_eq!(ended, Ended::Refused(status.into()));
    }
    let server = TestServer::start();
    let status = FailureStatus::E_CTI_CTI_SERVER_OFFLINE;
    server.ask(move |desk, _| desk.refusals.push(status));
    let mut client = server.client();
    assert_eq!(client.wait_for("the refusal", disconnected), (Side::A, Cause::Refused(status.into())));
    client.open();
}

/// A name is looked up beside the loop, and of its addresses the one that answers is taken.
#[test]
fn names_are_resolved() {
    let server = TestServer::start();
    let mut options = server.options();
    options.side_a = format!("localhost:{}", server.addresses[0].port());
    TestClient::new(options).open();

    let mut options = server.options();
    options.side_b = Some(options.side_a);
    options.side_a = "no-such-host.invalid:42027".into();
    let mut client = TestClient::new(options);
    assert_eq!(client.wait_for("the failure", disconnected), (Side::A, Cause::ConnectFailed));
    assert!(
        matches!(client.0.last_error(), Some(ConnectionError::Resolve { host, .. }) if host == "no-such-host.invalid")
    );
    assert_eq!(client.open().side, Side::B);
}

/// Two clients in one poll, beside each other, driven by hand.
#[test]
fn clients_share_a_poll() {
    use std::sync::Arc;

    use cti_std::client::Client;
    use cti_std::clock;
    use mio::{Events, Poll, Token, Waker};

    let server = TestServer::start();
    let mut poll = Poll::new().unwrap();
    let waker = Arc::new(Waker::new(poll.registry(), Token(100)).unwrap());
    let mut clients: Vec<Client> = (0..2)
        .map(|token| Client::new(server.options(), poll.registry(), Token(token), Arc::clone(&waker)).unwrap())
        .collect();
    let mut events = Events::with_capacity(8);
    let mut agents = [0; 2];
    let mut is_sent = false;
    let end = std::time::Instant::now() + crate::support::PATIENCE;
    while agents != [3, 3] {
        assert!(std::time::Instant::now() < end, "{agents:?}");
        for (client, agents) in clients.iter_mut().zip(&mut agents) {
            while let Some(event) = client.poll_event() {
                *agents += usize::from(
                    matches!(event, Event::Message(frame) if frame.message_type() == MessageType::AGENT_STATE_EVENT),
                );
            }
        }
        if !is_sent && clients.iter().all(|client| client.session().opened().is_some()) {
            is_sent = true;
            server
                .handle
                .run(move |_: &mut Desk, sessions| (0..3).for_each(|_| assert_eq!(sessions.event(&agent("1")), Ok(2))))
                .unwrap();
        }
        let wake = clients.iter().fold(cti_proto::session::Wake::Idle, |wake, client| wake.or(client.wake()));
        let timeout = clock::until(wake).map_or(Duration::from_secs(1), |wake| wake.min(Duration::from_secs(1)));
        poll.poll(&mut events, Some(timeout)).unwrap();
        for event in &events {
            clients.iter_mut().for_each(|client| client.handle_io(event));
        }
    }
}

#[test]
fn a_server_that_stops_lets_nobody_in_again() {
    let mut server = TestServer::start();
    let listener = server.listeners[0];
    // It does not close, so that the server has to wait for it.
    let mut client = server.client();
    client.open();
    server.handle.stop();
    let opened = server.ask(move |_, sessions| sessions.open_listener(listener).map_err(|error| error.to_string()));
    assert_eq!(opened, Err("the server is stopping".to_owned()));
    assert!(!server.ask(move |_, sessions| sessions.is_listening(listener)));
    drop(client);
    server.stop();
}
