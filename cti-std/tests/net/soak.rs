//! Random faults for some time, and an account of every event sent and received and of every request. A third of the
//! clients speak TLS, where that is built in.
//!
//! It takes 12 s; `CTI_SOAK_SECONDS` and `CTI_SOAK_SEED` set another time and another course.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use cti_proto::Frame;
use cti_proto::Protocol;
use cti_proto::message::{AgentStateEvent, MessageType, OpenConf, OpenReq, QueryAgentStateReq};
use cti_proto::session::{Delivery, Ended, Event, Request, ServerEnded};
use cti_proto::value::{CtiService, FailureStatus};
use cti_std::client::Client;
use cti_std::server::{Application, Faults, ListenerId, Server, ServerOptions, SessionId, Sessions};

use crate::many::Crowd;
use crate::support::{PATIENCE, agent, cce, loopback};

const CLIENTS: usize = 12;

/// The books of the server: each session's events, by the number that OPEN_CONF names it with.
#[derive(Debug, Default)]
struct Books {
    numbers: HashMap<SessionId, u32>,
    accounts: HashMap<u32, Account>,
    requests: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Account {
    sent: u32,
    ended: Option<ServerEnded>,
    /// Whether a fault hit it, after which the end of what was sent may be missing.
    is_faulted: bool,
    is_secured: bool,
}

/// Whether a client speaks TLS.
const fn is_secured(number: usize) -> bool {
    cfg!(feature = "tls") && number.is_multiple_of(3)
}

/// Two plain listeners and, where there is TLS, two secured ones.
const PLAIN: usize = 2;

impl Application for Books {
    fn open_requested(&mut self, sessions: &mut Sessions, id: SessionId, _: Protocol, request: &OpenReq<'_>) {
        let number = self.accounts.len() as u32 + 1;
        self.numbers.insert(id, number);
        let listener = sessions.listeners().position(|listener| sessions.listener(id) == Some(listener));
        let is_secured = listener.is_some_and(|number| number >= PLAIN);
        self.accounts.insert(number, Account { is_secured, ..Account::default() });
        let services_granted = request.services_requested;
        let confirmation = OpenConf { services_granted, monitor_id: number, ..OpenConf::default() };
        sessions.accept(id, &confirmation).unwrap();
    }

    fn request(&mut self, sessions: &mut Sessions, id: SessionId, request: Request, _: Frame<'_>) {
        self.requests += 1;
        // Where there is no room the client learns by its time-out.
        let _ = sessions.fail(id, request, FailureStatus::E_CTI_AGENT_NOT_LOGGED_ON);
    }

    fn ended(&mut self, _: &mut Sessions, id: SessionId, ended: ServerEnded) {
        self.account(id).ended = Some(ended);
    }
}

impl Books {
    fn account(&mut self, id: SessionId) -> &mut Account {
        let number = self.numbers[&id];
        self.accounts.get_mut(&number).unwrap()
    }

    fn send(&mut self, sessions: &mut Sessions, id: SessionId) {
        let account = self.account(id);
        let next = account.sent.to_string();
        match sessions.event_to(id, &agent(&next)) {
            Ok(Delivery::Sent) => account.sent += 1,
            Ok(Delivery::Overflow) => account.is_faulted = true,
            Ok(Delivery::NotOpen) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Numbers from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// What a client has of a session.
#[derive(Clone, Copy, Debug, Default)]
struct Receipts {
    received: u32,
    is_closed: bool,
}

#[derive(Default)]
struct Customer {
    session: Option<u32>,
    outstanding: HashMap<u32, ()>,
    asked: u64,
    answered: u64,
    is_ended: bool,
}

#[test]
fn random_faults_and_an_account_of_every_event() {
    let number = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let (seconds, seed) = (number("CTI_SOAK_SECONDS", 12), number("CTI_SOAK_SEED", 0x5eed));
    println!("seed {seed}, {seconds} s");

    let mut server = Server::new(ServerOptions::new(), Books::default()).unwrap();
    for _ in 0..PLAIN {
        server.listen(loopback(), cce()).unwrap();
    }
    #[cfg(feature = "tls")]
    let authority = crate::authority::Authority::new("authority");
    #[cfg(feature = "tls")]
    {
        let tls = authority.server();
        for _ in 0..2 {
            server.listen_secured(loopback(), cce(), tls.clone()).unwrap();
        }
    }
    let sides: Vec<ListenerId> = server.sessions().listeners().collect();
    let addresses: Vec<_> = sides.iter().map(|side| server.sessions().address(*side).unwrap().to_string()).collect();
    let handle = server.handle();
    let thread = std::thread::spawn(move || {
        server.run().unwrap();
        server.into_application()
    });
    let mut crowd = Crowd::new(CLIENTS, |number| {
        let pair = if is_secured(number) { &addresses[PLAIN..] } else { &addresses[..PLAIN] };
        let mut options = cti_std::client::ClientOptions::new(pair[number % 2].clone());
        options.side_b = Some(pair[(number + 1) % 2].clone());
        #[cfg(feature = "tls")]
        if is_secured(number) {
            options.tls = Some(authority.client());
        }
        options.client_id = format!("client {number}");
        options.config.services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
        options.config.request_timeout = Duration::from_secs(2);
        options.memory.receive = 2_048;
        options
    });
    let mut customers: Vec<Customer> = (0..CLIENTS).map(|_| Customer::default()).collect();
    let mut receipts: HashMap<u32, Receipts> = HashMap::new();
    let mut random = Random(seed | 1);

    let end = Instant::now() + Duration::from_secs(seconds);
    let mut next_fault = Instant::now();
    while Instant::now() < end {
        crowd.turn(|number, event| note(&mut customers[number], &mut receipts, event));
        ask(&mut crowd.clients, &mut customers, &mut random);
        handle.run(send_some(random.below(1 << 32))).unwrap();
        if Instant::now() >= next_fault {
            next_fault = Instant::now() + Duration::from_millis(20 + random.below(80));
            let pick = random.below(1 << 32);
            handle.run(move |books, sessions| fault(books, sessions, pick)).unwrap();
            if random.below(20) == 0 {
                // A client leaves of its own accord: what is under way then is void.
                let number = random.below(CLIENTS as u64) as usize;
                if let Some(session) = customers[number].session {
                    handle.with(move |books, _| books.accounts.get_mut(&session).unwrap().is_faulted = true).unwrap();
                }
                crowd.clients[number].reconnect();
            }
        }
    }

    // Everything is mended, everybody comes back, gets what is theirs, and closes.
    handle.with(|_, sessions| mend(sessions)).unwrap();
    let patience = Instant::now() + 3 * PATIENCE;
    let settled = |customers: &[Customer], clients: &[Client]| {
        let is_settled = |(customer, client): (&Customer, &Client)| {
            client.session().opened().is_some() && customer.outstanding.is_empty()
        };
        customers.iter().zip(clients).all(is_settled)
    };
    while !settled(&customers, &crowd.clients) {
        assert!(Instant::now() < patience, "they do not come back");
        crowd.turn(|number, event| note(&mut customers[number], &mut receipts, event));
    }
    handle
        .with(|books: &mut Books, sessions| {
            let ids: Vec<SessionId> = sessions.ids().collect();
            (0..100).for_each(|_| ids.iter().for_each(|id| books.send(sessions, *id)));
        })
        .unwrap();
    crowd.clients.iter_mut().for_each(Client::close);
    while !customers.iter().all(|customer| customer.is_ended) {
        assert!(Instant::now() < patience, "they do not close");
        crowd.turn(|number, event| note(&mut customers[number], &mut receipts, event));
    }
    drop(crowd);
    let counters = handle.with(|_, sessions| sessions.counters()).unwrap();
    handle.stop();
    let books = thread.join().unwrap();
    settle_accounts(&books, &receipts, counters.events);

    let (asked, answered) =
        customers.iter().fold((0, 0), |(a, b), customer| (a + customer.asked, b + customer.answered));
    assert_eq!(asked, answered, "every request ended once");
    assert!(books.requests <= asked);
    println!("{asked} requests, {} events", counters.events);
    for secured in [false, true] {
        let of_kind = || books.accounts.values().filter(move |account| account.is_secured == secured);
        let clients = (0..CLIENTS).filter(|number| is_secured(*number) == secured).count();
        let (all, clean) = (of_kind().count(), of_kind().filter(|account| !account.is_faulted).count());
        println!("{all} sessions, {clean} without a fault, {}", if secured { "TLS" } else { "plain" });
        assert!(clean >= clients && (all > clients || clients == 0), "faults and clean ends both came about");
    }
}

/// Every event that was sent has come, in order and once; only behind a fault the last ones may be missing.
fn settle_accounts(books: &Books, receipts: &HashMap<u32, Receipts>, events: u64) {
    let total: u64 = books.accounts.values().map(|account| u64::from(account.sent)).sum();
    assert_eq!(total, events, "the server counts what the application sent");
    for (number, account) in &books.accounts {
        let receipt = receipts.get(number).copied().unwrap_or_default();
        let is_whole = receipt.received == account.sent;
        assert!(
            is_whole || (account.is_faulted && receipt.received < account.sent),
            "session {number}: {account:?}, {receipt:?}"
        );
        let closed = account.ended == Some(ServerEnded::Closed(FailureStatus::E_CTI_NO_ERROR));
        assert!(!receipt.is_closed || (closed && is_whole), "session {number}: {account:?}, {receipt:?}");
    }
}

fn note(customer: &mut Customer, receipts: &mut HashMap<u32, Receipts>, event: Event<'_>) {
    match event {
        Event::Opened(opened) => {
            customer.session = Some(opened.monitor_id);
            let is_new = receipts.insert(opened.monitor_id, Receipts::default()).is_none();
            assert!(is_new, "a session opens once");
        }
        Event::Message(frame) if frame.message_type() == MessageType::AGENT_STATE_EVENT => {
            let event = frame.decode::<AgentStateEvent<'_>>().unwrap();
            let session = customer.session.expect("events come in a session");
            assert_eq!(event.monitor_id, session, "an event is of its own session");
            let receipt = receipts.get_mut(&session).unwrap();
            assert_eq!(event.agent_id.unwrap().to_string(), receipt.received.to_string(), "in order and once");
            receipt.received += 1;
        }
        Event::Failed { request, .. } | Event::TimedOut(request) | Event::Lost(request) => {
            assert!(customer.outstanding.remove(&request.invoke_id).is_some(), "a request ends once");
            customer.answered += 1;
        }
        Event::Disconnected(_) => customer.session = None,
        Event::Ended(ended) => {
            assert_eq!(ended, Ended::Closed);
            customer.is_ended = true;
            if let Some(session) = customer.session {
                receipts.get_mut(&session).unwrap().is_closed = true;
            }
        }
        _ => {}
    }
}

fn ask(clients: &mut [Client], customers: &mut [Customer], random: &mut Random) {
    let number = random.below(CLIENTS as u64) as usize;
    let query = QueryAgentStateReq { agent_id: Some("1".into()), ..QueryAgentStateReq::default() };
    if let Ok(request) = clients[number].request(&query) {
        assert!(customers[number].outstanding.insert(request.invoke_id, ()).is_none());
        customers[number].asked += 1;
    }
}

fn send_some(pick: u64) -> impl FnOnce(&mut Books, &mut Sessions) + Send {
    move |books, sessions| {
        let ids: Vec<SessionId> = sessions.ids().collect();
        for n in 0..pick % 40 {
            if let Some(id) = ids.get(((pick >> 8) + n) as usize % ids.len().max(1)) {
                books.send(sessions, *id);
            }
        }
    }
}

/// Something goes wrong. One side at a time is down, so that there is always one to go to.
fn fault(books: &mut Books, sessions: &mut Sessions, pick: u64) {
    mend(sessions);
    let ids: Vec<SessionId> = sessions.ids().collect();
    let Some(id) = ids.get((pick >> 8) as usize % ids.len().max(1)).copied() else { return };
    let mut faults = Faults::default();
    match pick % 8 {
        0 => {
            let sides: Vec<ListenerId> = sessions.listeners().collect();
            let side = sides[(pick >> 4) as usize % sides.len()];
            for id in ids.into_iter().filter(|id| sessions.listener(*id) == Some(side)) {
                books.account(id).is_faulted = true;
            }
            return sessions.drop_listener(side);
        }
        1 => sessions.reset(id),
        2 => sessions.cut(id, (pick >> 16) as usize % 500),
        3 => sessions.inject(id, &[0xff; 32]),
        4 => faults.stall_writes = true,
        5 => faults.stall_reads = true,
        6 => faults.delay = Duration::from_millis(5),
        // In order: nothing is lost.
        _ => return sessions.end(id, FailureStatus::E_CTI_CTI_SERVER_OFFLINE),
    }
    if pick % 8 < 4 {
        books.account(id).is_faulted = true;
    } else {
        sessions.set_faults(id, faults);
    }
}

fn mend(sessions: &mut Sessions) {
    for side in sessions.listeners() {
        sessions.open_listener(side).unwrap();
    }
    for id in sessions.ids().collect::<Vec<_>>() {
        sessions.set_faults(id, Faults::default());
    }
}
