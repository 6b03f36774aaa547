//! The pair itself: who does what next, and when.

use core::fmt;
use std::boxed::Box;
use std::vec;
use std::vec::Vec;

use super::link::{Dial, Link};
use super::machine::Driven;
use super::{Application, Clock, Conditions, End, Memory, OnOpen, OwnedEvent, OwnedServerEvent, Reach, Sent};
use crate::message::{Body, Handler};
use crate::session::{
    ClientConfig, ClientSession, ConfigError, Delivery, Instant, Prepared, Request, RequestError, ServerConfig,
    ServerSession, Side,
};
use crate::storage::Parts;
use crate::strategy::OwnedFrame;
use crate::value::{ControlFailureCode, FailureStatus};
use crate::wire::Frame;

/// A client and its servers, joined in memory, in virtual time. See the [module](crate::harness).
///
/// Settings hold from now on, for this connection and all further ones. Nothing happens but in [`step`](Self::step),
/// [`settle`](Self::settle), [`run_until`](Self::run_until), [`run_for`](Self::run_for) and [`open`](Self::open).
pub struct Pair<'s> {
    pub(super) now: Instant,
    pub(super) client: Driven<ClientSession<'s>>,
    /// The side that the client has a connection to.
    pub(super) attached: Option<Side>,
    pub(super) connecting: Option<Connecting>,
    pub(super) seats: Sides<Seat<'s>>,
    pub(super) links: Sides<Option<Link>>,
    pub(super) conditions: Sides<Ends<Conditions>>,
    pub(super) reach: Sides<Reach>,
    pub(super) on_open: Sides<OnOpen>,
    pub(super) configs: Sides<ServerConfig>,
    pub(super) application: Option<Box<dyn Application + 's>>,
    pub(super) dials: Ends<Dial>,
    pub(super) cuts: Ends<Option<usize>>,
    pub(super) delivered: Ends<u64>,
    pub(super) seed: u64,
    pub(super) events: Vec<(Instant, OwnedEvent)>,
    pub(super) server_events: Vec<(Instant, Side, OwnedServerEvent)>,
    pub(super) sent: Vec<Sent>,
}

#[derive(Clone, Copy)]
pub(super) struct Connecting {
    pub(super) side: Side,
    pub(super) reach: Reach,
    pub(super) at: Option<Instant>,
}

/// A server's place: its session, or the storage for one.
pub(super) struct Seat<'s> {
    pub(super) session: Option<Driven<ServerSession<'s>>>,
    pub(super) parts: Option<Parts<'s>>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Sides<T> {
    pub(super) a: T,
    pub(super) b: T,
}

impl<T> Sides<T> {
    pub(super) const fn get(&self, side: Side) -> &T {
        match side {
            Side::A => &self.a,
            Side::B => &self.b,
        }
    }

    pub(super) const fn get_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }
}

#[derive(Clone, Copy, Default)]
pub(super) struct Ends<T> {
    pub(super) client: T,
    pub(super) server: T,
}

impl<T> Ends<T> {
    pub(super) const fn get(&self, end: End) -> &T {
        match end {
            End::Client => &self.client,
            End::Server => &self.server,
        }
    }

    pub(super) const fn get_mut(&mut self, end: End) -> &mut T {
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
        // One cut is for one connection.
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
            // Not logged: no session has sent it.
            link.from(from).push(now, &conditions, bytes);
        }
    }

    /// Puts a message on the link as if `from` had sent it, whatever the session of `from` would say to that.
    ///
    /// # Panics
    /// If the message cannot be encoded.
    pub fn inject_message<'m, M: Body<'m>>(&mut self, from: End, message: &M) {
        let protocol = self.client.machine.protocol();
        match OwnedFrame::encode(protocol, message) {
            Ok(frame) => self.inject(from, frame.as_bytes()),
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

    /// The server that the client is connected to, or was last.
    fn serving(&mut self) -> (&mut ServerSession<'s>, Instant) {
        let now = self.told(End::Server);
        let side = self.attached.unwrap_or(Side::A);
        // Without a connection it is the one whose session has not ended yet.
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

fn expect<E: fmt::Display>(result: Result<(), E>, what: &str) {
    if let Err(error) = result {
        fail(format_args!("the server cannot {what}: {error}"));
    }
}

#[allow(clippy::panic, reason = "this is what a test tool is for")]
pub(super) fn fail(why: fmt::Arguments<'_>) -> ! {
    panic!("{why}")
}
