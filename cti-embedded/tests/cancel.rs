//! Futures are dropped wherever they wait, and nothing is lost, sent twice or told twice.

mod common;

use std::cell::{Cell, RefCell};

use common::{Conditions, Dialer, Drops, Network, Server, Task, VirtualTime, dropping, run};
use cti_embedded::{Client, Events, Halves, Handle, Runner};
use cti_proto::message::{AgentStateEvent, QueryAgentStateReq};
use cti_proto::session::{ClientConfig, Event, RequestError};
use cti_proto::value::{CtiService, FailureStatus};
use cti_proto::{Protocol, Storage};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;

/// Events that the server tells, and requests that the client makes.
const EVENTS: u32 = 12;
const REQUESTS: usize = 6;

/// How the runner is driven.
#[derive(Clone, Copy, Debug)]
enum Drive {
    /// By `run`.
    Run,
    /// By `wanted`, `connect` and `exchange`, over a connection that does not split by itself.
    ByHand,
}

/// What is dropped.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Victim {
    Runner,
    Events,
    Requests,
}

/// Runs a session from its opening to its close, and gives back the drops.
fn story(drive: Drive, victim: Victim, drops: Drops, conditions: Conditions) -> Drops {
    let (time, network) = (VirtualTime::default(), Network::default());
    network.state().conditions = std::iter::repeat_n(conditions, 100).collect();
    let server = RefCell::new(Server { events: EVENTS, ..Server::default() });
    let protocols = [Protocol::cce(24).unwrap()];
    let services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
    let mut storage = Storage::<256, 512, 2, 2>::new();
    let config = ClientConfig::new(&protocols, "test".into(), services);
    let mut client: Client<'_, NoopRawMutex, _> = Client::new(config, storage.parts(), time.clone()).unwrap();
    let (runner, handle, events) = client.split();

    let drops = RefCell::new(drops);
    let never = RefCell::new(Drops::Never(0));
    let of = |task| if task == victim { &drops } else { &never };
    let (seen, confirmed) = (RefCell::new(Vec::new()), Cell::new(0));
    let (opened, ended) = (Cell::new(false), Cell::new(false));
    let mut tasks = [
        Task::new(drive_runner(drive, runner, network.dialer(), of(Victim::Runner))),
        Task::new(look_at_events(events, of(Victim::Events), &seen, &confirmed, &opened, &ended)),
        Task::new(make_requests(handle, of(Victim::Requests), &opened, &confirmed, &seen)),
    ];
    run(&time, &network, &server, &mut tasks, || ended.get());
    drop(tasks);

    let server = server.into_inner();
    let expected: Vec<String> = (0..REQUESTS).map(|n| n.to_string()).collect();
    assert_eq!(server.asked, expected, "every request is sent once, in order");
    assert_eq!(*seen.borrow(), (1..=EVENTS).collect::<Vec<_>>(), "every event is told once, in order");
    assert_eq!(confirmed.get(), REQUESTS);
    assert_eq!(server.sessions, 1, "dropping does not cost the connection");
    let close: Vec<_> = server.complaints.iter().filter(|complaint| !complaint.contains("Ended(Closed")).collect();
    assert!(close.is_empty(), "{close:?}");
    drops.into_inner()
}

async fn drive_runner(
    drive: Drive,
    mut runner: Runner<'_, '_, NoopRawMutex, VirtualTime>,
    mut dialer: Dialer,
    drops: &RefCell<Drops>,
) {
    match drive {
        Drive::Run => dropping(drops, async || runner.run(&mut dialer).await).await,
        Drive::ByHand => {
            use cti_embedded::Connect;
            while let Some(side) = dropping(drops, async || runner.wanted().await).await {
                let connected = dropping(drops, async || runner.connect(dialer.connect(side)).await).await;
                if connected.is_some() {
                    let mut halves = Halves::new(dialer.halves().0);
                    dropping(drops, async || {
                        let (reader, writer) = halves.split();
                        runner.exchange(reader, writer).await;
                    })
                    .await;
                }
                dialer.reset().await;
            }
        }
    }
}

async fn look_at_events(
    mut events: Events<'_, '_, NoopRawMutex, VirtualTime>,
    drops: &RefCell<Drops>,
    seen: &RefCell<Vec<u32>>,
    confirmed: &Cell<usize>,
    opened: &Cell<bool>,
    ended: &Cell<bool>,
) {
    let look = |event: Event<'_>| match event {
        Event::Opened(_) => opened.set(true),
        Event::Message(frame) => {
            if let Ok(event) = frame.decode::<AgentStateEvent<'_>>() {
                seen.borrow_mut().push(event.skill_group_id);
            }
        }
        Event::Confirmed { .. } => confirmed.set(confirmed.get() + 1),
        Event::Ended(_) => ended.set(true),
        other => panic!("{other:?}"),
    };
    while dropping(drops, async || events.next(look).await).await.is_some() {}
    assert!(events.next(look).await.is_none(), "nothing comes after the end");
}

async fn make_requests(
    handle: Handle<'_, '_, NoopRawMutex, VirtualTime>,
    drops: &RefCell<Drops>,
    opened: &Cell<bool>,
    confirmed: &Cell<usize>,
    seen: &RefCell<Vec<u32>>,
) {
    until(|| opened.get()).await;
    for agent in 0..REQUESTS {
        let agent = agent.to_string();
        let query = QueryAgentStateReq { agent_id: Some(agent.as_str().into()), ..Default::default() };
        loop {
            match dropping(drops, async || handle.request(&query).await).await {
                Ok(_) => break,
                Err(RequestError::TooManyOutstanding | RequestError::Encode(_)) => until(|| true).await,
                Err(error) => panic!("{error}"),
            }
        }
    }
    until(|| confirmed.get() == REQUESTS && seen.borrow().len() == EVENTS as usize).await;
    dropping(drops, async || handle.close(FailureStatus::E_CTI_NO_ERROR).await).await;
}

/// Waits for another task, by coming back again and again.
async fn until(is_so: impl Fn() -> bool) {
    let mut first = true;
    std::future::poll_fn(|context| {
        if !std::mem::replace(&mut first, false) && is_so() {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

const DRIVES: [Drive; 2] = [Drive::Run, Drive::ByHand];
const VICTIMS: [Victim; 3] = [Victim::Runner, Victim::Events, Victim::Requests];
/// Everything at once; and bytes one by one through a pipe that holds three, so that everything waits.
const CONDITIONS: [Conditions; 2] = [
    Conditions { capacity: usize::MAX, chunk: usize::MAX, cut_up: None, cut_down: None },
    Conditions { capacity: 3, chunk: 1, cut_up: None, cut_down: None },
];

fn each(mut test: impl FnMut(Drive, Victim, Conditions)) {
    for drive in DRIVES {
        for victim in VICTIMS {
            CONDITIONS.iter().for_each(|conditions| test(drive, victim, *conditions));
        }
    }
}

#[test]
fn dropped_once_at_every_place_where_it_waits() {
    let mut dropped = 0;
    each(|drive, victim, conditions| {
        let Drops::Never(places) = story(drive, victim, Drops::Never(0), conditions) else { unreachable!() };
        for place in 0..places {
            let left = story(drive, victim, Drops::Once(place), conditions);
            assert!(matches!(left, Drops::Never(_)), "place {place} of {places} is met: {drive:?} {victim:?}");
        }
        dropped += places;
    });
    assert!(dropped > 1_000, "{dropped} places");
}

#[test]
fn dropped_at_random_places() {
    each(|drive, victim, conditions| {
        for seed in 0..20 {
            story(drive, victim, Drops::Random(seed, 3), conditions);
        }
    });
}

#[test]
fn dropped_at_every_place_again_and_again() {
    // A flush that waits is dropped for ever and comes never to its end.
    story(Drive::Run, Victim::Events, Drops::Random(0, 1), Conditions::default());
    story(Drive::Run, Victim::Requests, Drops::Random(0, 1), Conditions::default());
}
