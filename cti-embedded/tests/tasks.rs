//! Runner, events and requests on threads of their own, over real sockets: the lock is waited for in earnest, and futures
//! are dropped while they wait for it.

#[path = "common/blocking.rs"]
mod blocking;

use std::sync::Mutex;
use std::time::Duration;

use blocking::{RealTime, Tokio, block_on, listen, serve};
use cti_embedded::{Client, Clock, Connect, Events, Handle};
use cti_proto::message::{AgentStateEvent, QueryAgentStateReq};
use cti_proto::session::{ClientConfig, Event, RequestError, Side};
use cti_proto::value::{CtiService, FailureStatus};
use cti_proto::{Protocol, Storage};
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use tokio::net::TcpStream;

const EVENTS: u32 = 3_000;
/// Requests of either of two threads.
const REQUESTS: usize = 200;

struct Dialer {
    address: std::net::SocketAddr,
    stream: Option<TcpStream>,
}

impl Connect for Dialer {
    type Failure = std::io::Error;
    type Reader<'c> = Tokio<tokio::net::tcp::ReadHalf<'c>>;
    type Writer<'c> = Tokio<tokio::net::tcp::WriteHalf<'c>>;

    async fn connect(&mut self, _: Side) -> Result<(), std::io::Error> {
        self.stream = Some(TcpStream::connect(self.address).await?);
        Ok(())
    }

    fn halves(&mut self) -> (Self::Reader<'_>, Self::Writer<'_>) {
        let (reader, writer) = self.stream.as_mut().expect("there is a connection").split();
        (Tokio(reader), Tokio(writer))
    }

    async fn reset(&mut self) {
        self.stream = None;
    }
}

/// Events, and ends of requests, as they came.
#[derive(Debug, Default)]
struct Seen {
    opened: usize,
    events: Vec<u32>,
    confirmed: usize,
}

#[test]
fn three_threads_share_a_session() {
    let (address, accept) = listen();
    let server = std::thread::spawn(move || serve(accept(), EVENTS));
    let protocols = [Protocol::cce(24).unwrap()];
    let services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
    let config = ClientConfig::new(&protocols, "test".into(), services);
    let mut storage = Storage::<1_024, 512, 3, 2>::new();
    let time = RealTime(std::time::Instant::now());
    let mut client: Client<'_, CriticalSectionRawMutex, _> = Client::new(config, storage.parts(), time).unwrap();
    let (mut runner, handle, events) = client.split();
    let seen = Mutex::new(Seen::default());

    std::thread::scope(|threads| {
        threads.spawn(move || block_on(async { runner.run(&mut Dialer { address, stream: None }).await }));
        for first in [0, 1_000] {
            threads.spawn({
                let seen = &seen;
                move || block_on(ask(handle, first, seen))
            });
        }
        block_on(look(events, &seen));
    });

    let seen = seen.into_inner().unwrap();
    assert_eq!(seen.events, (1..=EVENTS).collect::<Vec<_>>(), "every event comes once, in order");
    assert_eq!(seen.confirmed, 2 * REQUESTS);
    let mut asked: Vec<usize> = server.join().unwrap().iter().map(|agent| agent.parse().unwrap()).collect();
    asked.sort_unstable();
    let expected: Vec<usize> = (0..REQUESTS).chain(1_000..1_000 + REQUESTS).collect();
    assert_eq!(asked, expected, "every request is sent once");
}

async fn look<C: Clock>(mut events: Events<'_, '_, CriticalSectionRawMutex, C>, seen: &Mutex<Seen>) {
    for n in 0_u64.. {
        let next = events.next(|event| {
            let mut seen = seen.lock().unwrap();
            match event {
                Event::Opened(_) => seen.opened += 1,
                Event::Message(frame) => {
                    if let Ok(event) = frame.decode::<AgentStateEvent<'_>>() {
                        seen.events.push(event.skill_group_id);
                    }
                }
                Event::Confirmed { .. } => seen.confirmed += 1,
                Event::Ended(_) => {}
                other => panic!("{other:?}"),
            }
        });
        if let Ok(None) = tokio::time::timeout(Duration::from_micros(n * 37 % 300), next).await {
            return;
        }
    }
}

async fn ask<C: Clock>(handle: Handle<'_, '_, CriticalSectionRawMutex, C>, first: usize, seen: &Mutex<Seen>) {
    while seen.lock().unwrap().opened == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for agent in first..first + REQUESTS {
        let agent = agent.to_string();
        let query = QueryAgentStateReq { agent_id: Some(agent.as_str().into()), ..Default::default() };
        loop {
            let asked = tokio::time::timeout(Duration::from_micros(50), handle.request(&query)).await;
            match asked {
                Ok(Ok(_)) => break,
                Err(_) | Ok(Err(RequestError::TooManyOutstanding | RequestError::Encode(_))) => {
                    tokio::task::yield_now().await;
                }
                Ok(Err(error)) => panic!("{error}"),
            }
        }
    }
    // Whoever comes last closes.
    loop {
        let done = {
            let seen = seen.lock().unwrap();
            seen.confirmed == 2 * REQUESTS && seen.events.len() == EVENTS as usize
        };
        if done {
            return handle.close(FailureStatus::E_CTI_NO_ERROR).await;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
