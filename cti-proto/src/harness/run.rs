//! What happens in a pair: who does what next, and when.

use core::time::Duration;

use super::event::OwnedServerEvent;
use super::link::Link;
use super::machine::Driven;
use super::pair::{Connecting, Pair, fail};
use super::{End, Here, OnOpen, Reach, Sent, granting};
use crate::message::OpenReq;
use crate::session::{Instant, Opened, ServerSession, Side, Transport, Wake};
use crate::value::SessionType;
use crate::wire::Frame;

/// Things that one call does at most: more is an endless loop.
const MAX_STEPS: u32 = 5_000_000;
/// Kinds of things that are done.
const TASKS: u64 = 6;

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

impl Pair<'_> {
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
        // To what comes next, which may be a timer on the way to the arrival.
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
        // What is due by now either was done or cannot be: waiting for it would never end.
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
            // Xorshift, in which 0 stays 0.
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
        // An attempt that was given up would else be taken for the next one to that side.
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
                // As it is when the attempt begins: what changes while it is under way comes too late for it.
                let (reach, conditions) = (*self.reach.get(side), self.conditions.get(side));
                // SYN, and the answer to it.
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
            // What it had sent still arrives; what was on its way to it does not.
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
        // It tells of its end, and gives its storage back.
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
        // By the time that it really is, whatever the server was told.
        self.server_events.push((self.now, side, event));
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
        // For the log: the link itself only knows bytes.
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
            // A cut counts the bytes of the connection that the client has, not of one that it has left.
            let cut = self.cuts.client.filter(|_| self.attached == Some(side));
            let taken = session.receive(told, until_cut(bytes, cut));
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
