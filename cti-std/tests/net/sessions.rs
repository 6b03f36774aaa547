//! Open, events, requests, commands from other threads, close.

use std::time::Duration;

use cti_proto::Protocol;
use cti_proto::message::{AgentStateEvent, MakeCallReq, MessageType, MonitorStartReq};
use cti_proto::session::{Event, RequestError, ServerEnded};
use cti_proto::value::{CtiService, FailureStatus};
use cti_std::Memory;
use cti_std::client::{CommandError, SetupError};

use crate::support::{PATIENCE, Seen, TestClient, TestServer, agent, agent_id, wait};

#[test]
fn a_session_opens_gets_events_in_order_and_closes() {
    let server = TestServer::start();
    let mut options = server.options();
    (options.client_id, options.password) = ("desk".into(), "s3cret".into());
    let mut client = TestClient::new(options);
    let opened = client.open();
    assert_eq!((opened.protocol.version(), opened.granted), (24, CtiService::CTI_SERVICE_ALL_EVENTS));
    let name = |seen: &Seen| match seen {
        Seen::Opened { name, password, version, .. } => Some((name.clone(), password.clone(), *version)),
        _ => None,
    };
    assert_eq!(server.wait_for(name), ("desk".to_string(), b"s3cret".to_vec(), 24));

    let sent: usize = server.ask(|_, sessions| (0..500).map(|n| sessions.event(&agent(&n.to_string())).unwrap()).sum());
    assert_eq!(sent, 500);
    for n in 0..500 {
        assert_eq!(client.frame(MessageType::AGENT_STATE_EVENT, agent_id), n.to_string());
    }
    assert_eq!(client.close(), "Ended(Closed)");
    let ended = server.wait_for(|seen| match seen {
        Seen::Ended { ended, .. } => Some(*ended),
        _ => None,
    });
    assert_eq!(ended, ServerEnded::Closed(FailureStatus::E_CTI_NO_ERROR));
    wait("the connection is gone", || server.ask(|_, sessions| (sessions.connections() == 0).then_some(())));
    let counters = server.ask(|_, sessions| sessions.counters());
    assert_eq!((counters.accepted, counters.opened, counters.ended, counters.events), (1, 1, 1, 500));
}

#[test]
fn a_client_that_never_waits_gets_its_events() {
    let server = TestServer::start();
    let mut client = server.client();
    wait("the session opens", || {
        let event = client.0.next_event(Some(Duration::ZERO)).unwrap();
        matches!(event, Some(Event::Opened(_))).then_some(())
    });
}

#[test]
fn each_client_gets_an_event_in_its_own_version() {
    let server = TestServer::start();
    let mut clients: Vec<TestClient> = [9, 14, 15, 19, 20, 24, 25]
        .into_iter()
        .map(|version| {
            let mut options = server.options();
            options.protocols = vec![Protocol::cce(version).unwrap()];
            let mut client = TestClient::new(options);
            assert_eq!(client.open().protocol.version(), version);
            client
        })
        .collect();
    assert_eq!(server.ask(|_, sessions| sessions.event(&agent("1001")).unwrap()), clients.len());
    for client in &mut clients {
        let version = client.0.session().protocol().version();
        let seen = client.frame(MessageType::AGENT_STATE_EVENT, |frame| (agent_id(frame), frame.protocol().version()));
        assert_eq!(seen, ("1001".to_string(), version));
    }
}

#[test]
fn requests_are_answered_each_by_its_own_answer() {
    let server = TestServer::start();
    let mut options = server.options();
    options.config.services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
    let mut client = TestClient::new(options);
    assert_eq!(client.0.request(&make_call()), Err(RequestError::NotOpen));
    client.open();
    let requests: Vec<_> = (0..20).map(|_| client.0.request(&make_call()).unwrap()).collect();
    for request in requests {
        let answered = client.wait_for("the answer", |event| match event {
            Event::Confirmed { request, frame, more: false } => Some((request, frame.message_type())),
            _ => None,
        });
        assert_eq!(answered, (request, MessageType::MAKE_CALL_CONF));
    }
    client.close();
}

fn make_call() -> MakeCallReq<'static> {
    MakeCallReq {
        peripheral_id: 5000,
        agent_instrument: Some("5001".into()),
        dialed_number: Some("5002".into()),
        ..MakeCallReq::default()
    }
}

#[test]
fn other_threads_give_requests_and_wait_where_there_is_no_room() {
    const THREADS: usize = 4;
    const EACH: usize = 50;
    let server = TestServer::start();
    let mut options = server.options();
    options.config.services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
    options.queue = 2;
    options.memory.requests = 4;
    let mut client = TestClient::new(options);
    client.open();
    let handle = client.0.handle();
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let handle = handle.clone();
            std::thread::spawn(move || {
                let tickets: Vec<_> = (0..EACH).map(|_| handle.request(make_call()).unwrap()).collect();
                tickets.iter().map(|ticket| ticket.wait(PATIENCE).unwrap().invoke_id).collect::<Vec<_>>()
            })
        })
        .collect();
    let mut confirmed = Vec::new();
    for _ in 0..THREADS * EACH {
        confirmed.push(client.wait_for("a confirmation", |event| match event {
            Event::Confirmed { request, .. } => Some(request.invoke_id),
            _ => None,
        }));
    }
    let mut given: Vec<u32> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    given.sort_unstable();
    confirmed.sort_unstable();
    assert_eq!(given, confirmed, "every request was answered once");
    assert!(client.0.session().counters().requests_high_water <= 4);

    handle.close();
    client.wait_for("the end", |event| matches!(event, Event::Ended(_)).then_some(()));
    assert!(client.0.is_ended());
    drop(client);
    assert_eq!(handle.try_request(make_call()).map(drop), Err(CommandError::Gone));
}

#[test]
fn a_queue_that_is_full_refuses() {
    let server = TestServer::start();
    let mut options = server.options();
    options.queue = 2;
    let client = TestClient::new(options);
    let handle = client.0.handle();
    let tickets: Vec<_> = (0..2).map(|_| handle.try_request(make_call()).unwrap()).collect();
    assert_eq!(handle.try_request(make_call()).map(drop), Err(CommandError::Full));
    assert_eq!(tickets[0].wait(Duration::ZERO), Err(CommandError::Waiting));
    let mut client = client;
    // They are taken in the first turn; whether the session opens in one of the next does not matter.
    let _ = client.0.has_event();
    assert_eq!(tickets[0].wait(Duration::ZERO), Err(CommandError::Request(RequestError::NotOpen)));
}

#[test]
fn monitors_are_made_and_their_events_told() {
    let server = TestServer::start();
    let mut options = server.options();
    options.config.services = CtiService::CTI_SERVICE_PERIPHERAL_MONITOR;
    let mut client = TestClient::new(options);
    client.open();
    let monitor = MonitorStartReq {
        peripheral_id: 5000,
        call_msg_mask: cti_proto::value::CallEventMask::ALL,
        agent_state_mask: cti_proto::value::AgentStateMask::ALL,
        monitored_device_id: Some("5001".into()),
        ..MonitorStartReq::default()
    };
    client.0.request(&monitor).unwrap();
    client.wait_for("the monitor", |event| matches!(event, Event::Confirmed { .. }).then_some(()));
    let session = server.only_session();
    let monitors = server.ask(move |_, sessions| sessions.monitors(session).map(|(id, _)| id).collect::<Vec<_>>());
    assert_eq!(monitors, [101]);
    server.ask(move |_, sessions| sessions.event_for(session, 101, &agent("1001")).map(drop)).unwrap();
    let monitor_id =
        client.frame(MessageType::AGENT_STATE_EVENT, |frame| frame.decode::<AgentStateEvent<'_>>().unwrap().monitor_id);
    assert_eq!(monitor_id, 101);
}

#[test]
fn an_answer_larger_than_the_backlog_has_room_later() {
    let mut options = cti_std::server::ServerOptions::new();
    options.memory.transmit = 2_048;
    let server = TestServer::with(options, |server| {
        vec![server.listen(crate::support::loopback(), crate::support::cce()).unwrap()]
    });
    let mut client = server.client();
    client.open();
    let session = server.only_session();
    let sent =
        server.ask(move |_, sessions| (0..1_000).take_while(|_| sessions.send(session, &agent("1")).is_ok()).count());
    assert!((10..1_000).contains(&sent), "{sent} fitted");
    for _ in 0..sent {
        client.frame(MessageType::AGENT_STATE_EVENT, agent_id);
    }
    server.wait_for(|seen| (*seen == Seen::HasRoom { id: session }).then_some(()));
    assert!(server.ask(move |_, sessions| sessions.is_open(session)));
}

#[test]
fn a_server_that_stops_ends_its_sessions_in_order() {
    let mut server = TestServer::start();
    let mut client = server.client();
    client.open();
    let thread = std::thread::spawn(move || {
        server.stop();
        server
    });
    let cause = client.wait_for("the end", |event| match event {
        Event::Disconnected(lost) => Some(lost.cause),
        _ => None,
    });
    assert_eq!(cause, cti_proto::session::Cause::EndedByServer(FailureStatus::E_CTI_CTI_SERVER_OFFLINE));
    drop(client);
    thread.join().unwrap();
}

/// A server is a source of another poll, beside whatever else that waits for.
#[cfg(unix)]
#[test]
fn a_server_serves_from_a_poll_of_the_programs_own() {
    use std::os::fd::AsRawFd;

    use cti_std::clock;
    use cti_std::server::{Server, ServerOptions};
    use mio::unix::SourceFd;
    use mio::{Events, Interest, Poll, Token};

    let mut server = Server::new(ServerOptions::new(), crate::support::Desk::default()).unwrap();
    let listener = server.listen(crate::support::loopback(), crate::support::cce()).unwrap();
    let address = server.sessions().address(listener).unwrap().to_string();
    let mut poll = Poll::new().unwrap();
    poll.registry().register(&mut SourceFd(&server.as_raw_fd()), Token(0), Interest::READABLE).unwrap();
    let client = std::thread::spawn(move || {
        let mut client = TestClient::new(cti_std::client::ClientOptions::new(address));
        client.open();
        client.close()
    });
    let mut events = Events::with_capacity(8);
    let end = std::time::Instant::now() + PATIENCE;
    while server.sessions().counters().ended == 0 {
        assert!(std::time::Instant::now() < end, "{server:?}");
        let timeout = clock::until(server.wake()).map_or(PATIENCE, |until| until.min(PATIENCE));
        poll.poll(&mut events, Some(timeout)).unwrap();
        server.turn(Some(Duration::ZERO)).unwrap();
    }
    assert_eq!(client.join().unwrap(), "Ended(Closed)");
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_sent() {
    let server = TestServer::start();
    let mut options = server.options();
    options.side_b = Some("host:port".into());
    assert!(
        matches!(cti_std::client::BlockingClient::new(options), Err(SetupError::Address(text)) if text == "host:port")
    );
    let mut options = server.options();
    options.client_id.clear();
    assert!(matches!(cti_std::client::BlockingClient::new(options), Err(SetupError::Config(_))));
    let mut options = server.options();
    options.memory = Memory::SERVER;
    options.memory.transmit = 0;
    options.client_id = "x".repeat(63);
    options.password = "y".repeat(64).into();
    options.signature = Some("z".repeat(63));
    options.agent_id = Some("1".repeat(12));
    options.agent_extension = Some("2".repeat(16));
    assert!(
        matches!(cti_std::client::BlockingClient::new(options), Err(SetupError::Config(_))),
        "OPEN_REQ does not fit"
    );
    assert_eq!(format!("{:?}", server.options().password), "***");
}
