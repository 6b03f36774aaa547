//! The pair itself: who does what next, and when.

use core::fmt;
use core::time::Duration;
use std::boxed::Box;
use std::vec;
use std::vec::Vec;

use super::link::{Dial, Link};
use super::machine::Driven;
use super::{
    Application, Clock, Conditions, End, Here, Memory, OnOpen, OwnedEvent, OwnedServerEvent, Reach, Sent, granting,
};
use crate::message::{Body, Handler, OpenReq};
use crate::session::{
    ClientConfig, ClientSession, ConfigError, Delivery, Instant, Opened, Prepared, Request, RequestError, ServerConfig,
    ServerSession, Side, Transport, Wake,
};
use crate::storage::Parts;
use crate::strategy::OwnedFrame;
use crate::value::{ControlFailureCode, FailureStatus, SessionType};
use crate::wire::Frame;

/// Things that one call does at most: more is an endless loop.
const MAX_STEPS: u32 = 5_000_000;
/// Kinds of things that are done.
const TASKS: u64 = 6;

/// A client and its servers, joined in memory, in virtual time. See the [module](crate::harness).
///
/// Settings hold from now on, for this connection and all further ones. Nothing happens but in [`step`](Self::step),
/// [`settle`](Self::settle), [`run_until`](Self::run_until), [`run_for`](Self::run_for) and [`open`](Self::open).
pub struct Pair<'s> {
    now: Instant,
    client: Driven<ClientSession<'s>>,
    /// The side that the client has a connection to.
    attached: Option<Side>,
    connecting: Option<Connecting>,
    seats: Sides<Seat<'s>>,
    links: Sides<Option<Link>>,
    conditions: Sides<Ends<Conditions>>,
    reach: Sides<Reach>,
    on_open: Sides<OnOpen>,
    configs: Sides<ServerConfig>,
    application: Option<Box<dyn Application + 's>>,
    dials: Ends<Dial>,
    cuts: Ends<Option<usize>>,
    delivered: Ends<u64>,
    seed: u64,
    events: Vec<(Instant, OwnedEvent)>,
    server_events: Vec<(Instant, Side, OwnedServerEvent)>,
    sent: Vec<Sent>,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Something, at the present moment.
    Acted,
    /// There was nothing to do but to wait until this moment, which is now the present.
    Waited(Instant),
    /// There is nothing to do, ever, unless something comes from outside.
    Idle,
}

#[derive(Clone, Copy)]
struct Connecting {
    side: Side,
    reach: Reach,
    at: Option<Instant>,
}

/// A server's place: its session, or the storage for one.
struct Seat<'s> {
    session: Option<Driven<ServerSession<'s>>>,
    parts: Option<Parts<'s>>,
}

#[derive(Clone, Copy, Default)]
struct Sides<T> {
    a: T,
    b: T,
}

impl<T> Sides<T> {
    const fn get(&self, side: Side) -> &T {
        match side {
            Side::A => &self.a,
            Side::B => &self.b,
        }
    }

    const fn get_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Ends<T> {
    client: T,
    server: T,
}

impl<T> Ends<T> {
    const fn get(&self, end: End) -> &T {
        match end {
            End::Client => &self.client,
            End::Server => &self.server,
        }
    }

    const fn get_mut(&mut self, end: End) -> &mut T {
        match end {
            End::Client => &mut self.client,
            End::Server => &mut self.server,
        }
    }
}

impl<'s> Pair<'s> {
    /// A client, and two servers that offer the same. Nothing has happened yet; it is moment 0.
    ///
    /// # Errors
    /// Those of [`ClientSession::new`].
    pub fn new<const REQUESTS: usize, const MONITORS: usize>(
        client: ClientConfig<'s>,
        server: ServerConfig,
        memory: &'s mut Memory<REQUESTS, MONITORS>,
    ) -> Result<Self, ConfigError> {
        let Memory { client: client_room, a, b } = memory;
        Self::with_parts(client, server, client_room.parts(), [a.parts(), b.parts()])
    }

    /// The same in storage of the caller's: for the client, and for the servers of side A and side B.
    ///
    /// # Errors
    /// Those of [`ClientSession::new`].
    pub fn with_parts(
        client: ClientConfig<'s>,
        server: ServerConfig,
        client_parts: Parts<'s>,
        [a, b]: [Parts<'s>; 2],
    ) -> Result<Self, ConfigError> {
        let seat = |parts| Seat { session: None, parts: Some(parts) };
        Ok(Self {
            now: Instant::ZERO,
            client: Driven::new(ClientSession::new(client, client_parts)?, "client", Instant::ZERO),
            attached: None,
            connecting: None,
            seats: Sides { a: seat(a), b: seat(b) },
            links: Sides::default(),
            conditions: Sides::default(),
            reach: Sides::default(),
            on_open: Sides::default(),
            configs: Sides { a: server, b: server },
            application: None,
            dials: Ends::default(),
            cuts: Ends::default(),
            delivered: Ends::default(),
            seed: 0,
            events: Vec::new(),
            server_events: Vec::new(),
            sent: Vec::new(),
        })
    }

    // Settings.

    /// What links to `side` are like for bytes that `from` sends.
    pub const fn conditions_mut(&mut self, side: Side, from: End) -> &mut Conditions {
        self.conditions.get_mut(side).get_mut(from)
    }

    /// Sets what all links are like: for bytes of the client's, and for bytes of the servers'.
    pub const fn set_conditions(&mut self, from_client: Conditions, from_server: Conditions) {
        let both = Ends { client: from_client, server: from_server };
        self.conditions = Sides { a: both, b: both };
    }

    /// Stops or lets go what `from` sends, on every link: a peer that has stopped reading, a cable that was pulled.
    /// Connections can still be made; see [`set_reach`](Self::set_reach).
    pub const fn stall(&mut self, from: End, stalled: bool) {
        self.conditions.a.get_mut(from).stalled = stalled;
        self.conditions.b.get_mut(from).stalled = stalled;
    }

    /// How a side answers to TCP.
    pub const fn set_reach(&mut self, side: Side, reach: Reach) {
        *self.reach.get_mut(side) = reach;
    }

    /// What a side does about OPEN_REQ.
    pub const fn set_on_open(&mut self, side: Side, on_open: OnOpen) {
        *self.on_open.get_mut(side) = on_open;
    }

    /// What a side offers on further connections.
    pub const fn server_config_mut(&mut self, side: Side) -> &mut ServerConfig {
        self.configs.get_mut(side)
    }

    /// What the servers do by themselves. It comes before [`OnOpen`], which only does what is left to do.
    pub fn serve(&mut self, application: impl Application + 's) {
        self.application = Some(Box::new(application));
    }

    /// What an end is told to be the time.
    pub fn set_clock(&mut self, end: End, clock: Clock) {
        self.dials.get_mut(end).set(clock, self.now);
    }

    /// Mixes the order in which things are done that could be done at the same moment. 0 is the usual order.
    pub const fn mix(&mut self, seed: u64) {
        self.seed = seed;
    }

    /// Cuts the connection, or else the next one, when `n` more bytes of those that `from` sends have arrived.
    pub const fn cut_after(&mut self, from: End, n: usize) {
        *self.cuts.get_mut(from) = Some(n);
    }

    // What happens now, from outside.

    /// Cuts the connection, with all that is on its way; both ends are told. Without one nothing happens.
    pub fn cut(&mut self) {
        let Some(side) = self.attached.take() else { return };
        *self.links.get_mut(side) = None;
        self.cuts = Ends::default();
        self.client.transport_closed(self.told(End::Client));
        let now = self.told(End::Server);
        if let Some(session) = &mut self.seats.get_mut(side).session {
            session.transport_closed(now);
        }
    }

    /// `end` sends no more, but still reads. Without a connection nothing happens.
    pub fn half_close(&mut self, end: End) {
        let Some(side) = self.attached else { return };
        let (now, conditions) = (self.now, *self.conditions.get(side).get(end));
        if let Some(link) = self.links.get_mut(side) {
            link.from(end).finish(now, &conditions);
        }
    }

    /// Puts bytes on the link as if `from` had sent them. Without a connection nothing happens.
    pub fn inject(&mut self, from: End, bytes: &[u8]) {
        let Some(side) = self.attached else { return };
        let (now, conditions) = (self.now, *self.conditions.get(side).get(from));
        if let Some(link) = self.links.get_mut(side) {
            link.from(from).push(now, &conditions, bytes);
        }
    }

    /// Puts a message on the link as if `from` had sent it, whatever the session of `from` would say to that.
    ///
    /// # Panics
    /// If the message cannot be encoded.
    pub fn inject_message<'m, M: Body<'m>>(&mut self, from: End, message: &M) {
        let protocol = self.client.machine.protocol();
        let mut buffer = vec![0; protocol.max_message()];
        match crate::encode(protocol, message, &mut buffer) {
            Ok(bytes) => self.inject(from, bytes),
            Err(error) => fail(format_args!("the message cannot be encoded: {error}")),
        }
    }

    /// Sends a request of the client's.
    ///
    /// # Errors
    /// Those of [`ClientSession::request`].
    pub fn request<'m, M: Body<'m>>(&mut self, message: &M) -> Result<Request, RequestError> {
        let now = self.told(End::Client);
        self.client.machine.request(now, message)
    }

    /// Closes the client's session.
    pub fn close(&mut self, status: FailureStatus) {
        let now = self.told(End::Client);
        self.client.machine.close(now, status);
    }

    /// Confirms a request of the client's.
    ///
    /// # Panics
    /// If the server cannot.
    pub fn confirm<'m, M: Body<'m>>(&mut self, request: Request, confirmation: &M) {
        let (session, now) = self.serving();
        expect(session.confirm(now, request, confirmation), "confirm");
    }

    /// Confirms a request of the client's for a monitor.
    ///
    /// # Panics
    /// If the server cannot.
    pub fn confirm_monitor(&mut self, request: Request, monitor_id: u32) {
        let (session, now) = self.serving();
        expect(session.confirm_monitor(now, request, monitor_id), "confirm a monitor");
    }

    /// Fails a request of the client's.
    ///
    /// # Panics
    /// If the server cannot.
    pub fn fail(&mut self, request: Request, status: FailureStatus) {
        let (session, now) = self.serving();
        expect(session.fail(now, request, status), "fail a request");
    }

    /// Fails a Client Control request of the client's.
    ///
    /// # Panics
    /// If the server cannot.
    pub fn fail_control(&mut self, request: Request, failure_code: ControlFailureCode, peripheral_error_code: u32) {
        let (session, now) = self.serving();
        expect(session.fail_control(now, request, failure_code, peripheral_error_code), "fail a request");
    }

    /// Sends a message of the server's, whatever the masks say.
    ///
    /// # Panics
    /// If the server cannot.
    pub fn send<'m, M: Body<'m>>(&mut self, message: &M) {
        let (session, now) = self.serving();
        expect(session.send(now, message), "send");
    }

    /// Offers an event to the client's session, which gets it if it asked for it.
    ///
    /// # Panics
    /// If the event cannot be encoded.
    pub fn emit<'m, M: Body<'m>>(&mut self, event: &M) -> Delivery {
        self.prepare(event, |session, now, prepared| session.event(now, prepared))
    }

    /// Offers an event to a monitor of the client's.
    ///
    /// # Panics
    /// If the event cannot be encoded.
    pub fn emit_for<'m, M: Body<'m>>(&mut self, monitor_id: u32, event: &M) -> Delivery {
        self.prepare(event, |session, now, prepared| session.event_for(now, monitor_id, prepared))
    }

    /// Offers an event that a strategy made. One that cannot be decoded or is not documented is not wanted.
    ///
    /// # Panics
    /// If the event cannot be encoded.
    pub fn emit_frame(&mut self, frame: &OwnedFrame) -> Delivery {
        frame.frame().dispatch(&mut Emit(self)).unwrap_or(Delivery::NotWanted)
    }

    /// Ends the client's session from the server's side.
    ///
    /// # Panics
    /// If there is none.
    pub fn end(&mut self, status: FailureStatus) {
        let (session, now) = self.serving();
        session.end(now, status);
    }

    // What there is.

    /// The moment that it is.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// The moment that an end is told: the same, unless its clock was set.
    #[must_use]
    pub fn told(&self, end: End) -> Instant {
        self.dials.get(end).told(self.now)
    }

    /// The client's session.
    #[must_use]
    pub const fn client(&self) -> &ClientSession<'s> {
        &self.client.machine
    }

    /// The client's session, for all that has no method here. Give it the moment of [`told`](Self::told).
    pub const fn client_mut(&mut self) -> &mut ClientSession<'s> {
        &mut self.client.machine
    }

    /// The session of the server of a side, if a client is or was connected and its end is not yet handled.
    #[must_use]
    pub fn server(&self, side: Side) -> Option<&ServerSession<'s>> {
        self.seats.get(side).session.as_ref().map(|session| &session.machine)
    }

    /// The same, for all that has no method here. Give it the moment of [`told`](Self::told).
    pub fn server_mut(&mut self, side: Side) -> Option<&mut ServerSession<'s>> {
        self.seats.get_mut(side).session.as_mut().map(|session| &mut session.machine)
    }

    /// The side that the client is connected to.
    #[must_use]
    pub const fn connection(&self) -> Option<Side> {
        self.attached
    }

    /// Bytes of `from` that arrived since the beginning.
    #[must_use]
    pub const fn delivered(&self, from: End) -> u64 {
        *self.delivered.get(from)
    }

    /// The client's events, with their moments, since the beginning or since they were taken.
    #[must_use]
    pub fn events(&self) -> &[(Instant, OwnedEvent)] {
        &self.events
    }

    /// Takes the client's events.
    #[must_use = "`clear_logs` drops them"]
    pub fn take_events(&mut self) -> Vec<(Instant, OwnedEvent)> {
        core::mem::take(&mut self.events)
    }

    /// The servers' events, with their moments and sides, since the beginning or since they were taken.
    #[must_use]
    pub fn server_events(&self) -> &[(Instant, Side, OwnedServerEvent)] {
        &self.server_events
    }

    /// Takes the servers' events.
    #[must_use = "`clear_logs` drops them"]
    pub fn take_server_events(&mut self) -> Vec<(Instant, Side, OwnedServerEvent)> {
        core::mem::take(&mut self.server_events)
    }

    /// The frames that both ends handed to their transports, in order, since the beginning or since they were taken.
    #[must_use]
    pub fn sent(&self) -> &[Sent] {
        &self.sent
    }

    /// The frames that one end handed to its transport.
    pub fn sent_by(&self, end: End) -> impl Iterator<Item = (Instant, Frame<'_>)> {
        self.sent.iter().filter(move |sent| sent.by == end).map(|sent| (sent.at, sent.frame.frame()))
    }

    /// Takes the frames that were sent.
    #[must_use = "`clear_logs` drops them"]
    pub fn take_sent(&mut self) -> Vec<Sent> {
        core::mem::take(&mut self.sent)
    }

    /// Forgets all events and frames so far.
    pub fn clear_logs(&mut self) {
        self.events.clear();
        self.server_events.clear();
        self.sent.clear();
    }

    // Time.

    /// Does one thing: at the present moment if there is one to do, else it waits for the next.
    pub fn step(&mut self) -> Step {
        if self.act() {
            return Step::Acted;
        }
        match self.next_time() {
            Some(at) => {
                self.now = at;
                Step::Waited(at)
            }
            None => Step::Idle,
        }
    }

    /// Does what there is to do until `at`, and waits until then. In the past it only does what is due.
    ///
    /// # Panics
    /// If a session breaks its contract, or there is no end to what it does.
    pub fn run_until(&mut self, at: Instant) {
        self.run(|pair| pair.next_time().filter(|next| *next <= at));
        self.now = self.now.max(at);
    }

    /// The same until so much later.
    ///
    /// # Panics
    /// As [`run_until`](Self::run_until).
    pub fn run_for(&mut self, duration: Duration) {
        self.run_until(self.now.after(duration));
    }

    /// Does what there is to do until nothing is on its way and all that could happen is that time wakes somebody. With
    /// latency time moves on as far as needed.
    ///
    /// # Panics
    /// As [`run_until`](Self::run_until): also where there is always something on its way.
    pub fn settle(&mut self) {
        self.run(|pair| pair.next_arrival().and_then(|_| pair.next_time()));
    }

    /// Settles, gives the open session, and forgets all that led to it.
    ///
    /// # Panics
    /// If no session is open then.
    pub fn open(&mut self) -> Opened {
        self.settle();
        let Some(opened) = self.client.machine.opened().copied() else {
            fail(format_args!("the session did not open: {:?}", self.events))
        };
        self.clear_logs();
        opened
    }

    /// The next moment at which something happens by itself, if nothing is to be done at present.
    #[must_use]
    pub fn next_time(&self) -> Option<Instant> {
        let wakes = self.wake_of(End::Client, self.client.machine.wake());
        let servers = [Side::A, Side::B].into_iter().filter_map(|side| {
            let session = self.seats.get(side).session.as_ref()?;
            self.wake_of(End::Server, session.machine.wake())
        });
        servers.chain(wakes).chain(self.next_arrival()).filter(|at| *at > self.now).min()
    }

    fn wake_of(&self, end: End, wake: Wake) -> Option<Instant> {
        match wake {
            Wake::At(at) => self.dials.get(end).real(at),
            Wake::Now | Wake::Idle => None,
        }
    }

    /// The next moment at which a link brings something, or a connection is made.
    fn next_arrival(&self) -> Option<Instant> {
        let links = [Side::A, Side::B].into_iter().flat_map(|side| {
            let link = self.links.get(side).as_ref();
            let conditions = self.conditions.get(side);
            let reading = self.seats.get(side).session.as_ref().is_some_and(|session| session.machine.wants_read());
            let up = link.and_then(|link| link.up.next_arrival(&conditions.client, reading));
            let reading = self.client.machine.wants_read();
            let down = link.and_then(|link| link.down.next_arrival(&conditions.server, reading));
            up.into_iter().chain(down)
        });
        links.chain(self.connecting.and_then(|connecting| connecting.at)).filter(|at| *at > self.now).min()
    }

    fn run(&mut self, next: impl Fn(&Self) -> Option<Instant>) {
        for _ in 0..MAX_STEPS {
            if self.act() {
                continue;
            }
            match next(self) {
                Some(at) => self.now = at,
                None => return,
            }
        }
        fail(format_args!("there is no end to what happens at {:?}: {:?}", self.now, self.events.last()))
    }

    /// Does one thing at the present moment; `false` if there is none.
    fn act(&mut self) -> bool {
        let start = self.start();
        (0..TASKS).any(|task| match task.wrapping_add(start).checked_rem(TASKS) {
            Some(0) => self.manage_transport(),
            Some(1) => self.call_client(),
            Some(2) => self.call_server(Side::A),
            Some(3) => self.call_server(Side::B),
            Some(4) => self.send_all(),
            _ => self.deliver_all(),
        })
    }

    /// Which kind of thing comes first.
    const fn start(&mut self) -> u64 {
        if self.seed != 0 {
            self.seed ^= self.seed << 13;
            self.seed ^= self.seed >> 7;
            self.seed ^= self.seed << 17;
        }
        self.seed
    }

    // The client.

    fn call_client(&mut self) -> bool {
        let now = self.told(End::Client);
        let (called, event) = self.client.turn(now);
        self.events.extend(event.map(|event| (self.now, event)));
        if !matches!(self.client.machine.transport(), Transport::Connect(_)) {
            self.connecting = None;
        }
        called
    }

    fn manage_transport(&mut self) -> bool {
        match self.client.machine.transport() {
            Transport::Connect(side) => self.connect(side),
            Transport::Keep => false,
            Transport::None => self.detach_client(),
            Transport::Reset => {
                self.detach_client();
                self.client.transport_closed(self.told(End::Client));
                true
            }
        }
    }

    fn connect(&mut self, side: Side) -> bool {
        match self.connecting.filter(|connecting| connecting.side == side) {
            None => {
                let (reach, conditions) = (*self.reach.get(side), self.conditions.get(side));
                let there_and_back = conditions.client.latency.saturating_add(conditions.server.latency);
                let at = (reach != Reach::Silent).then(|| self.now.after(there_and_back));
                self.connecting = Some(Connecting { side, reach, at });
                true
            }
            Some(Connecting { reach, at: Some(at), .. }) if at <= self.now => {
                self.connecting = None;
                let now = self.told(End::Client);
                if reach == Reach::Accepts {
                    self.seat_server(side);
                    self.attached = Some(side);
                    self.client.connected(now);
                } else {
                    self.client.transport_closed(now);
                }
                true
            }
            Some(_) => false,
        }
    }

    fn detach_client(&mut self) -> bool {
        let Some(side) = self.attached.take() else { return false };
        let (now, conditions) = (self.now, self.conditions.get(side).client);
        if let Some(link) = self.links.get_mut(side) {
            link.down.drop_receiver();
            link.up.finish(now, &conditions);
        }
        true
    }

    // The servers.

    /// A client connects. Whatever session the server still has with it is over then, at the latest.
    fn seat_server(&mut self, side: Side) {
        let now = self.told(End::Server);
        if let Some(session) = &mut self.seats.get_mut(side).session {
            session.transport_closed(now);
        }
        for _ in 0..MAX_STEPS {
            if !self.call_server(side) {
                break;
            }
        }
        let config = *self.configs.get(side);
        let seat = self.seats.get_mut(side);
        let Some(parts) = seat.parts.take() else {
            fail(format_args!("the server of side {side:?} has not ended the session whose connection is gone"))
        };
        seat.session = Some(Driven::new(ServerSession::new(config, parts, now), "server", now));
        *self.links.get_mut(side) = Some(Link::default());
    }

    fn call_server(&mut self, side: Side) -> bool {
        let now = self.told(End::Server);
        let Some(session) = &mut self.seats.get_mut(side).session else { return false };
        let (called, event) = session.turn(now);
        if let Some(event) = event {
            self.handle(side, event);
        }
        self.manage_server(side) || called
    }

    fn manage_server(&mut self, side: Side) -> bool {
        let now = self.told(End::Server);
        let seat = self.seats.get_mut(side);
        let Some(session) = &mut seat.session else { return false };
        if session.machine.transport() == Transport::Reset {
            session.transport_closed(now);
            self.detach_server(side);
            return true;
        }
        if !session.is_finished() {
            return false;
        }
        seat.parts = seat.session.take().map(|session| session.machine.into_parts());
        self.detach_server(side);
        true
    }

    fn detach_server(&mut self, side: Side) {
        let (now, conditions) = (self.now, self.conditions.get(side).server);
        if let Some(link) = self.links.get_mut(side) {
            link.up.drop_receiver();
            link.down.finish(now, &conditions);
        }
    }

    fn handle(&mut self, side: Side, event: OwnedServerEvent) {
        let here = Here { now: self.told(End::Server), side };
        let (on_open, standby) = (*self.on_open.get(side), self.configs.get(side).standby);
        if let Some(session) = &mut self.seats.get_mut(side).session {
            if let Some(application) = &mut self.application {
                application.handle(&mut session.machine, here, &event);
            }
            if let OwnedServerEvent::OpenRequested(frame) = &event {
                answer_open(&mut session.machine, here, on_open, standby, &frame.frame());
            }
        }
        self.server_events.push((self.now, side, event));
    }

    /// The server that the client is connected to, or was last.
    fn serving(&mut self) -> (&mut ServerSession<'s>, Instant) {
        let now = self.told(End::Server);
        let side = self.attached.unwrap_or(Side::A);
        let side = if self.seats.get(side).session.is_some() { side } else { side.other() };
        match &mut self.seats.get_mut(side).session {
            Some(session) => (&mut session.machine, now),
            None => fail(format_args!("no client is connected")),
        }
    }

    fn prepare<'m, M: Body<'m>>(
        &mut self,
        event: &M,
        deliver: impl FnOnce(&mut ServerSession<'_>, Instant, &Prepared<'_>) -> Delivery,
    ) -> Delivery {
        let (session, now) = self.serving();
        let mut buffer = vec![0; session.protocol().max_message()];
        match Prepared::new(session.protocol(), event, &mut buffer) {
            Ok(prepared) => deliver(session, now, &prepared),
            Err(error) => fail(format_args!("the event cannot be encoded: {error}")),
        }
    }

    // The links.

    fn send_all(&mut self) -> bool {
        self.send_up() || self.send_down(Side::A) || self.send_down(Side::B)
    }

    fn send_up(&mut self) -> bool {
        let Some(side) = self.attached else { return false };
        let (now, conditions) = (self.now, self.conditions.get(side).client);
        let Some(link) = self.links.get_mut(side) else { return false };
        let bytes = self.client.outgoing(link.up.room(&conditions));
        if bytes.is_empty() {
            return false;
        }
        let frames = link.up.cut(self.client.machine.protocol(), &bytes);
        if !link.up.has_receiver && link.down.has_ended(now) {
            // Writing fails, and what was not read is void.
            link.down.drop_in_flight();
        }
        link.up.push(now, &conditions, &bytes);
        self.client.machine.transmitted(bytes.len());
        self.sent.extend(frames.into_iter().map(|frame| Sent { at: now, by: End::Client, frame }));
        true
    }

    fn send_down(&mut self, side: Side) -> bool {
        let (now, conditions) = (self.now, self.conditions.get(side).server);
        let (Some(link), Some(session)) = (self.links.get_mut(side), &mut self.seats.get_mut(side).session) else {
            return false;
        };
        let bytes = session.outgoing(link.down.room(&conditions));
        if bytes.is_empty() {
            return false;
        }
        let frames = link.down.cut(session.machine.protocol(), &bytes);
        if !link.down.has_receiver && link.up.has_ended(now) {
            link.up.drop_in_flight();
        }
        link.down.push(now, &conditions, &bytes);
        session.machine.transmitted(bytes.len());
        self.sent.extend(frames.into_iter().map(|frame| Sent { at: now, by: End::Server, frame }));
        true
    }

    fn deliver_all(&mut self) -> bool {
        if self.attached.is_some() && [self.cuts.client, self.cuts.server].contains(&Some(0)) {
            self.cut();
            return true;
        }
        [Side::A, Side::B].into_iter().any(|side| self.deliver_up(side) || self.deliver_down(side))
    }

    fn deliver_up(&mut self, side: Side) -> bool {
        let (now, told, conditions) = (self.now, self.told(End::Server), self.conditions.get(side).client);
        let (Some(link), Some(session)) = (self.links.get_mut(side), &mut self.seats.get_mut(side).session) else {
            return false;
        };
        if session.machine.wants_read()
            && let Some(bytes) = link.up.arrived(now, &conditions)
        {
            let taken = session.receive(told, until_cut(bytes, self.cuts.client));
            link.up.take(taken);
            self.count(End::Client, taken);
            return true;
        }
        if !link.up.ends(now, &conditions) {
            return false;
        }
        link.up.set_over();
        session.transport_closed(told);
        self.detach_server(side);
        true
    }

    fn deliver_down(&mut self, side: Side) -> bool {
        let (now, told, conditions) = (self.now, self.told(End::Client), self.conditions.get(side).server);
        let Some(link) = self.links.get_mut(side).as_mut().filter(|_| self.attached == Some(side)) else {
            return false;
        };
        if self.client.machine.wants_read()
            && let Some(bytes) = link.down.arrived(now, &conditions)
        {
            let taken = self.client.receive(told, until_cut(bytes, self.cuts.server));
            link.down.take(taken);
            self.count(End::Server, taken);
            return true;
        }
        if !link.down.ends(now, &conditions) {
            return false;
        }
        link.down.set_over();
        self.client.transport_closed(told);
        self.detach_client();
        true
    }

    fn count(&mut self, from: End, taken: usize) {
        let delivered = self.delivered.get_mut(from);
        *delivered = delivered.saturating_add(u64::try_from(taken).unwrap_or(u64::MAX));
        if let Some(left) = self.cuts.get_mut(from) {
            *left = left.saturating_sub(taken);
        }
    }
}

impl fmt::Debug for Pair<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair")
            .field("now", &self.now)
            .field("connection", &self.attached)
            .field("client", &self.client.machine.transport())
            .field("events", &self.events)
            .field("server_events", &self.server_events)
            .finish_non_exhaustive()
    }
}

struct Emit<'p, 's>(&'p mut Pair<'s>);

impl Handler for Emit<'_, '_> {
    type Output = Delivery;

    fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Delivery {
        self.0.emit(message)
    }

    fn other(&mut self, _: &Frame<'_>) -> Delivery {
        Delivery::NotWanted
    }
}

fn answer_open(session: &mut ServerSession<'_>, here: Here, on_open: OnOpen, standby: bool, frame: &Frame<'_>) {
    // The application may have answered already: then there is nothing left to answer.
    match on_open {
        OnOpen::Accept => {
            let asked = frame.decode().map(|request: OpenReq<'_>| request.services_requested).unwrap_or_default();
            let mut confirmation = granting(session.protocol(), here.now, asked);
            if standby {
                confirmation.session_type = SessionType::STANDBY;
            }
            let _ = session.accept(here.now, &confirmation);
        }
        OnOpen::Refuse(status) => {
            let _ = session.refuse(here.now, status);
        }
        OnOpen::Leave => {}
    }
}

fn until_cut(bytes: &[u8], cut: Option<usize>) -> &[u8] {
    cut.and_then(|left| bytes.get(..left)).unwrap_or(bytes)
}

fn expect<E: fmt::Display>(result: Result<(), E>, what: &str) {
    if let Err(error) = result {
        fail(format_args!("the server cannot {what}: {error}"));
    }
}

#[allow(clippy::panic, reason = "this is what a test tool is for")]
pub(super) fn fail(why: fmt::Arguments<'_>) -> ! {
    panic!("{why}")
}
