//! A network that cuts, refuses, is silent, drips and floods, and what the client makes of it.

mod common;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use common::{Conditions, Network, Server, Task, VirtualTime, run};
use cti_embedded::{Client, Clock, Runner};
use cti_proto::message::{AgentStateEvent, QueryAgentStateReq};
use cti_proto::session::{Cause, ClientConfig, ClientCounters, Event, Side};
use cti_proto::value::CtiService;
use cti_proto::{Protocol, Storage};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;

/// What the application saw.
#[derive(Debug, Default)]
struct Seen {
    /// Numbers of the events, of the session that is open.
    events: Vec<u32>,
    /// Requests sent, and how many of them ended, in all sessions.
    sent: usize,
    confirmed: usize,
    lost: usize,
    skipped: usize,
    opened: Vec<Side>,
    causes: Vec<Cause>,
}

/// A world to be told a story of, until `is_done`.
struct Story {
    network: Network,
    server: RefCell<Server>,
    heartbeat: Option<u64>,
    /// Milliseconds that the application takes for every event.
    pause: u64,
}

impl Story {
    fn new(events: u32) -> Self {
        let server = RefCell::new(Server { events, ..Server::default() });
        Self { network: Network::default(), server, heartbeat: None, pause: 0 }
    }

    /// One request is made in every session.
    fn tell(&self, is_done: impl Fn(&Seen) -> bool) -> (Seen, ClientCounters, u64) {
        let time = VirtualTime::default();
        let protocols = [Protocol::cce(24).unwrap()];
        let services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
        let mut config = ClientConfig::new(&protocols, "test".into(), services);
        config.heartbeat = self.heartbeat.map(std::time::Duration::from_millis);
        let mut storage = Storage::<256, 512, 4, 2>::new();
        let mut client: Client<'_, NoopRawMutex, _> = Client::new(config, storage.parts(), time.clone()).unwrap();
        let (mut runner, handle, mut events) = client.split();
        let seen = Rc::new(RefCell::new(Seen::default()));
        let mut dialer = self.network.dialer();
        let done = Cell::new(false);
        let mut tasks = [
            Task::new(async move { Runner::run(&mut runner, &mut dialer).await }),
            Task::new({
                let (seen, time, done, is_done) = (seen.clone(), time.clone(), &done, &is_done);
                async move {
                    while events.next(|event| look(&event, &mut seen.borrow_mut())).await.is_some() {
                        let ask = {
                            let seen = seen.borrow();
                            seen.sent < seen.opened.len()
                        };
                        let query = QueryAgentStateReq { agent_id: Some("7".into()), ..Default::default() };
                        if ask && handle.request(&query).await.is_ok() {
                            seen.borrow_mut().sent += 1;
                        }
                        done.set(is_done(&seen.borrow()));
                        if self.pause > 0 {
                            let now = time.now().as_millis();
                            time.wait_until(cti_proto::session::Instant::from_millis(now + self.pause)).await;
                        }
                    }
                }
            }),
        ];
        run(&time, &self.network, &self.server, &mut tasks, || done.get());
        drop(tasks);
        let counters = client.into_session().counters();
        (Rc::into_inner(seen).unwrap().into_inner(), counters, time.now().as_millis())
    }
}

fn look(event: &Event<'_>, seen: &mut Seen) {
    match event {
        Event::Opened(opened) => {
            seen.opened.push(opened.side);
            seen.events.clear();
        }
        Event::Message(frame) => {
            if let Ok(event) = frame.decode::<AgentStateEvent<'_>>() {
                seen.events.push(event.skill_group_id);
            }
        }
        Event::Confirmed { .. } => seen.confirmed += 1,
        Event::Lost(_) => seen.lost += 1,
        Event::Skipped { .. } => seen.skipped += 1,
        Event::Disconnected(disconnected) => seen.causes.push(disconnected.cause),
        Event::ResyncReady => {}
        other => panic!("{other:?}"),
    }
}

/// All events of a session, and the ends of all requests.
fn is_whole(events: u32) -> impl Fn(&Seen) -> bool {
    move |seen| seen.events.len() == events as usize && seen.sent > 0 && seen.confirmed + seen.lost == seen.sent
}

#[test]
fn a_connection_cut_after_any_byte_is_made_again() {
    let cut = |up, down| Conditions { cut_up: up, cut_down: down, ..Conditions::default() };
    let cuts = (1..150).flat_map(|n| [cut(Some(n), None), cut(None, Some(n))]);
    let mut lost = 0;
    for conditions in cuts {
        let story = Story::new(5);
        story.network.state().conditions = [conditions].into();
        let (seen, counters, _) = story.tell(is_whole(5));
        assert_eq!(seen.events, [1, 2, 3, 4, 5], "{conditions:?}");
        assert_eq!(counters.disconnected as usize, seen.causes.len(), "{conditions:?}: {seen:?}");
        assert!(seen.causes.iter().all(|cause| *cause == Cause::TransportClosed), "{conditions:?}: {seen:?}");
        lost += seen.lost;
    }
    assert!(lost > 10, "some cuts come between a request and its answer: {lost}");
}

#[test]
fn bytes_that_drip_make_the_same_events() {
    for (capacity, chunk) in [(1, 1), (2, 1), (7, 3), (64, 64)] {
        let story = Story::new(20);
        story.network.state().conditions = [Conditions { capacity, chunk, ..Conditions::default() }].into();
        let (seen, counters, elapsed) = story.tell(is_whole(20));
        assert_eq!((seen.events, elapsed), ((1..=20).collect::<Vec<_>>(), 0));
        assert_eq!((counters.disconnected, seen.confirmed), (0, 1));
    }
}

#[test]
fn a_flood_waits_with_the_peer() {
    let story = Story::new(20_000);
    story.network.state().conditions = [Conditions { capacity: 4_096, ..Conditions::default() }].into();
    let (seen, counters, elapsed) = story.tell(is_whole(20_000));
    assert_eq!(seen.events, (1..=20_000).collect::<Vec<_>>());
    assert_eq!(elapsed, 0, "nothing waited for time to pass: every place that became free was taken at once");
    assert_eq!((counters.opened, counters.skipped), (1, 0));
}

#[test]
fn a_side_that_does_not_answer_is_given_up_for_the_other() {
    let story = Story::new(1);
    story.network.state().silent = 2;
    let (seen, _, elapsed) = story.tell(is_whole(1));
    assert_eq!(story.network.state().attempts, [Side::A, Side::B]);
    assert_eq!((seen.opened.as_slice(), seen.causes.as_slice()), (&[Side::B][..], &[Cause::ConnectFailed][..]));
    assert_eq!(elapsed, 10_000, "the time that connecting may take");
}

#[test]
fn heartbeats_go_on_while_events_wait_for_a_slow_application() {
    let mut story = Story::new(40);
    (story.heartbeat, story.pause) = (Some(5_000), 600);
    // A few events fit on the way: the rest waits, and the answers to heartbeats behind it.
    story.network.state().conditions = [Conditions { capacity: 128, ..Conditions::default() }].into();
    let (seen, counters, elapsed) = story.tell(|seen| seen.events.len() == 40);
    assert_eq!((seen.opened.len(), counters.disconnected), (1, 0), "{seen:?}");
    assert!(elapsed > 20_000, "{elapsed}");
}

#[test]
fn a_server_that_falls_silent_is_left_by_the_heartbeats() {
    let mut story = Story::new(1);
    story.heartbeat = Some(5_000);
    story.server.borrow_mut().deaf_from = 1;
    let (seen, _, _) = story.tell(|seen| seen.opened.len() == 2);
    assert_eq!(seen.causes, [Cause::HeartbeatLost]);
}
