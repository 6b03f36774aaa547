//! A thousand clients on one thread, and their server on another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cti_proto::message::MessageType;
use cti_proto::session::{Event, Wake};
use cti_std::client::Client;
use cti_std::clock;
use cti_std::server::ServerOptions;
use mio::{Events, Poll, Token, Waker};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::support::{PATIENCE, TestServer, agent, agent_id, cce, loopback};

/// Clients in one poll, and what each has seen.
pub(crate) struct Crowd {
    pub(crate) clients: Vec<Client>,
    poll: Poll,
    events: Events,
}

impl Crowd {
    pub(crate) fn new(count: usize, options: impl Fn(usize) -> cti_std::client::ClientOptions) -> Self {
        let poll = Poll::new().unwrap();
        let waker = Arc::new(Waker::new(poll.registry(), Token(count)).unwrap());
        let client = |number| Client::new(options(number), poll.registry(), Token(number), Arc::clone(&waker)).unwrap();
        let clients = (0..count).map(client).collect();
        Self { clients, poll, events: Events::with_capacity(1_024) }
    }

    /// Hands every event that there is to `handle`, and waits for what comes next, a little while at most.
    pub(crate) fn turn(&mut self, mut handle: impl FnMut(usize, Event<'_>)) {
        let mut wake = Wake::Idle;
        for (number, client) in self.clients.iter_mut().enumerate() {
            while let Some(event) = client.poll_event() {
                handle(number, event);
            }
            wake = wake.or(client.wake());
        }
        let a_while = Duration::from_millis(20);
        let timeout = clock::until(wake).map_or(a_while, |until| until.min(a_while));
        self.poll.poll(&mut self.events, Some(timeout)).unwrap();
        for event in &self.events {
            if let Some(client) = self.clients.get_mut(event.token().0) {
                client.handle_io(event);
            }
        }
    }
}

/// Raises the limit of open files as far as the system allows; whether that is enough.
fn can_open(files: u64) -> bool {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.maximum.map_or(files, |maximum| maximum.min(files)).max(limit.current.unwrap_or(u64::MAX));
    let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(current), maximum: limit.maximum });
    getrlimit(Resource::Nofile).current.is_none_or(|limit| limit >= files)
}

#[test]
fn a_thousand_clients_get_every_event_in_order() {
    const CLIENTS: usize = 1_000;
    const EVENTS: usize = 50;
    assert!(can_open(4 * CLIENTS as u64), "the system allows too few open files for this test");
    let server = TestServer::with(ServerOptions::new(), |server| vec![server.listen(loopback(), cce()).unwrap()]);
    let mut crowd = Crowd::new(CLIENTS, |number| {
        let mut options = server.options();
        options.client_id = format!("client {number}");
        (options.memory.receive, options.memory.transmit) = (4_096, 1_024);
        options
    });
    let end = Instant::now() + 2 * PATIENCE;
    let mut open = 0;
    while open < CLIENTS {
        assert!(Instant::now() < end, "{open} are open");
        crowd.turn(|number, event| match event {
            Event::Opened(_) => open += 1,
            Event::Disconnected(lost) => panic!("client {number}: {lost:?}"),
            _ => {}
        });
    }
    let handle = server.handle.clone();
    handle
        .run(|_, sessions| {
            (0..EVENTS).for_each(|n| assert_eq!(sessions.event(&agent(&n.to_string())), Ok(CLIENTS)));
        })
        .unwrap();
    let mut seen = vec![0; CLIENTS];
    while seen.iter().any(|seen| *seen < EVENTS) {
        assert!(Instant::now() < end, "{} events", seen.iter().sum::<usize>());
        crowd.turn(|number, event| match event {
            Event::Message(frame) if frame.message_type() == MessageType::AGENT_STATE_EVENT => {
                assert_eq!(agent_id(frame), seen[number].to_string(), "client {number}");
                seen[number] += 1;
            }
            Event::Disconnected(lost) => panic!("client {number}: {lost:?}"),
            _ => {}
        });
    }
    crowd.clients.iter_mut().for_each(Client::close);
    while !crowd.clients.iter().all(Client::is_ended) {
        assert!(Instant::now() < end, "they do not close");
        crowd.turn(|_, _| ());
    }
    let counters = server.ask(|_, sessions| sessions.counters());
    assert_eq!((counters.opened, counters.events), (CLIENTS as u64, (CLIENTS * EVENTS) as u64));
}
