//! The sessions of a server: what its application answers and sends through.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use cti_proto::message::{Body, OpenConf};
use cti_proto::session::{AnswerError, Delivery, Instant, Prepared, Request, ServerConfig, ServerSession, Wake};
use cti_proto::value::{ControlFailureCode, CtiService, FailureStatus};
use cti_proto::{EncodeError, EncodeErrorKind, Frame, Protocol};
use mio::{Interest, Registry, Token};

use crate::clock;
use crate::memory::{Buffers, Secret};
use crate::server::fault::{FaultState, Faults, ListenerFaults};
use crate::server::listener::{Listener, ListenerId};
use crate::server::options::{ServerCounters, ServerOptions};
use crate::server::slot::Slot;
use crate::server::timers::Timers;
use crate::trace::{debug, info, warn};

/// A session of a server. No two sessions of a server ever have the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId {
    serial: u64,
    index: u32,
}

/// The sessions of a server, and its listeners.
///
/// What is said here is written when the application returns. A session that is over takes nothing more, and says so.
/// What is said to one that does not keep up is refused at the limit of its backlog, [`AnswerError::Encode`] with
/// [`EncodeErrorKind::NoRoom`]; [`Application::has_room`](crate::server::Application::has_room) follows. An event that
/// has no room ends the session.
pub struct Sessions {
    slots: Vec<Option<Slot>>,
    free: Vec<u32>,
    /// Memory of connections that are gone, for those to come: what was never touched stays so, which an allocator
    /// would not promise.
    spare: Vec<Buffers>,
    serial: u64,
    count: usize,
    opening: usize,
    /// Open sessions by protocol.
    groups: Vec<(Protocol, Vec<u32>)>,
    listeners: Vec<Listener>,
    /// Sessions to be looked at.
    queue: VecDeque<u32>,
    pub(super) timers: Timers,
    /// When to try again to accept.
    accept_again: Option<Instant>,
    registry: Registry,
    pub(super) options: ServerOptions,
    pub(super) counters: ServerCounters,
    pub(super) now: Instant,
    pub(super) stopping: bool,
    /// For events.
    buffer: Vec<u8>,
}

/// Tokens below are the waker's and the listeners'.
const FIRST_SESSION: usize = 1 << 10;
const FIRST_LISTENER: usize = 1;
/// Connections that are accepted at a time, before other work is looked at.
const ACCEPTS: usize = 128;
/// Pause when the system has no more connections to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a token stands for.
pub(super) enum Source {
    Waker,
    Listener(usize),
    Session(usize),
}

impl Source {
    pub(super) const fn of(token: Token) -> Self {
        match token.0 {
            0 => Self::Waker,
            number if number < FIRST_SESSION => Self::Listener(number - FIRST_LISTENER),
            number => Self::Session(number - FIRST_SESSION),
        }
    }
}

/// What sessions are told, and asked.
impl Sessions {
    /// This moment, as all calls of one turn see it.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Opens a session. See [`ServerSession::accept`].
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn accept(&mut self, session: SessionId, confirmation: &OpenConf<'_>) -> Result<(), AnswerError> {
        self.answer(session, |session, now| session.accept(now, confirmation))?;
        self.counters.opened += 1;
        self.opening = self.opening.saturating_sub(1);
        self.join_group(session);
        Ok(())
    }

    /// Refuses a session.
    ///
    /// # Errors
    /// [`AnswerError::NotOpen`] if it did not ask to be opened.
    pub fn refuse(&mut self, session: SessionId, status: FailureStatus) -> Result<(), AnswerError> {
        self.answer(session, |session, now| session.refuse(now, status))
    }

    /// Confirms a request; the invoke ID is filled in.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn confirm<'m, M: Body<'m>>(
        &mut self,
        session: SessionId,
        request: Request,
        confirmation: &M,
    ) -> Result<(), AnswerError> {
        self.answer(session, |session, now| session.confirm(now, request, confirmation))
    }

    /// Confirms a request that makes a monitor, with an ID that is unique in the server.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn confirm_monitor(
        &mut self,
        session: SessionId,
        request: Request,
        monitor_id: u32,
    ) -> Result<(), AnswerError> {
        self.answer(session, |session, now| session.confirm_monitor(now, request, monitor_id))
    }

    /// Fails a request with a status.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn fail(&mut self, session: SessionId, request: Request, status: FailureStatus) -> Result<(), AnswerError> {
        self.answer(session, |session, now| session.fail(now, request, status))
    }

    /// Fails a Client Control request.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn fail_control(
        &mut self,
        session: SessionId,
        request: Request,
        code: ControlFailureCode,
        peripheral_error_code: u32,
    ) -> Result<(), AnswerError> {
        self.answer(session, |session, now| session.fail_control(now, request, code, peripheral_error_code))
    }

    /// Sends a message to one session, whatever its masks say.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn send<'m, M: Body<'m>>(&mut self, session: SessionId, message: &M) -> Result<(), AnswerError> {
        self.answer(session, |session, now| session.send(now, message))
    }

    /// Sends an event to every session that asked for such events: how many that were. It is encoded once for each
    /// protocol in use; versions that do not have it are passed over.
    ///
    /// # Errors
    /// [`EncodeError`] if it cannot be written for one of the protocols; sessions of the others have it.
    pub fn event<'m, M: Body<'m>>(&mut self, event: &M) -> Result<usize, EncodeError> {
        self.event_where(event, |_, _| true)
    }

    /// As [`event`](Self::event), for the sessions among them that `wanted` picks by ID and listener.
    ///
    /// # Errors
    /// As [`event`](Self::event).
    pub fn event_where<'m, M: Body<'m>>(
        &mut self,
        event: &M,
        mut wanted: impl FnMut(SessionId, ListenerId) -> bool,
    ) -> Result<usize, EncodeError> {
        let Self { slots, groups, queue, buffer, counters, now, .. } = self;
        let mut result = Ok(0);
        for (protocol, members) in groups.iter().filter(|(_, members)| !members.is_empty()) {
            let prepared = match Prepared::new(*protocol, event, buffer) {
                Ok(prepared) => prepared,
                Err(error) => {
                    if error.kind != EncodeErrorKind::MessageNotInVersion {
                        result = Err(error);
                    }
                    continue;
                }
            };
            for index in members {
                let Some(slot) = slots.get_mut(*index as usize).and_then(Option::as_mut) else { continue };
                if wanted(slot.id, slot.listener) && is_to_be_written(slot, &prepared, *now, counters) {
                    enqueue(slot, *index, queue);
                    if let Ok(sent) = &mut result {
                        *sent += 1;
                    }
                }
            }
        }
        result
    }

    /// Sends an event to one session, if it asked for such events.
    ///
    /// # Errors
    /// [`EncodeError`] if it cannot be written.
    pub fn event_to<'m, M: Body<'m>>(&mut self, session: SessionId, event: &M) -> Result<Delivery, EncodeError> {
        self.deliver(session, event, |session, prepared, now| session.event(now, prepared))
    }

    /// Sends an event to one session under one of its monitors, if the monitor asks for such events.
    ///
    /// # Errors
    /// [`EncodeError`] if it cannot be written.
    pub fn event_for<'m, M: Body<'m>>(
        &mut self,
        session: SessionId,
        monitor_id: u32,
        event: &M,
    ) -> Result<Delivery, EncodeError> {
        self.deliver(session, event, |session, prepared, now| session.event_for(now, monitor_id, prepared))
    }

    /// Ends a session from the server's side, by FAILURE_EVENT; one that is not open is reset.
    pub fn end(&mut self, session: SessionId, status: FailureStatus) {
        let _ = self.answer(session, |session, now| {
            session.end(now, status);
            Ok(())
        });
    }

    /// The IDs of all open sessions.
    pub fn ids(&self) -> impl Iterator<Item = SessionId> {
        let members = self.groups.iter().flat_map(|(_, members)| members);
        members.filter_map(|index| Some(self.slots.get(*index as usize)?.as_ref()?.id))
    }

    /// Open sessions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.groups.iter().map(|(_, members)| members.len()).sum()
    }

    /// Whether no session is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Connections, with an open session or without.
    #[must_use]
    pub const fn connections(&self) -> usize {
        self.count
    }

    /// Whether a session is open.
    #[must_use]
    pub fn is_open(&self, session: SessionId) -> bool {
        self.slot(session).is_some_and(|slot| slot.session.get().is_open())
    }

    /// The protocol of a session.
    #[must_use]
    pub fn protocol(&self, session: SessionId) -> Option<Protocol> {
        self.slot(session).map(|slot| slot.session.get().protocol())
    }

    /// The services granted to a session.
    #[must_use]
    pub fn granted(&self, session: SessionId) -> Option<CtiService> {
        self.slot(session).map(|slot| slot.session.get().granted())
    }

    /// The monitors of a session: their IDs, and the requests that made them.
    pub fn monitors(&self, session: SessionId) -> impl Iterator<Item = (u32, Frame<'_>)> {
        self.slot(session).into_iter().flat_map(|slot| slot.session.get().monitors())
    }

    /// The listener that a session came in by.
    #[must_use]
    pub fn listener(&self, session: SessionId) -> Option<ListenerId> {
        self.slot(session).map(|slot| slot.listener)
    }

    /// The client's address.
    #[must_use]
    pub fn peer(&self, session: SessionId) -> Option<SocketAddr> {
        self.slot(session).map(|slot| slot.peer)
    }

    /// Bytes that wait for a client, of those that may: [`Memory::transmit`](crate::Memory::transmit).
    #[must_use]
    pub fn backlog(&self, session: SessionId) -> usize {
        self.slot(session).map_or(0, |slot| slot.session.get().transmit().len())
    }

    /// What the server has done so far.
    #[must_use]
    pub const fn counters(&self) -> ServerCounters {
        self.counters
    }
}

/// The server's listeners.
impl Sessions {
    /// What a listener offers to clients that come.
    #[must_use]
    pub fn config(&self, listener: ListenerId) -> Option<&ServerConfig> {
        self.listeners.get(usize::from(listener.0)).map(|listener| &listener.config)
    }

    /// Changes what a listener offers: active or standby, maintenance, versions. Sessions that there are already are
    /// as they were.
    pub fn set_config(&mut self, listener: ListenerId, config: ServerConfig) {
        if let Some(listener) = self.listeners.get_mut(usize::from(listener.0)) {
            listener.config = config;
        }
    }

    /// Where a listener listens, with the port that it was given.
    #[must_use]
    pub fn address(&self, listener: ListenerId) -> Option<SocketAddr> {
        self.listeners.get(usize::from(listener.0)).map(|listener| listener.address)
    }

    /// All listeners, in the order in which they were made.
    pub fn listeners(&self) -> impl Iterator<Item = ListenerId> + use<> {
        (0..self.listeners.len()).map(|number| ListenerId(number as u16))
    }

    /// Stops listening: the system refuses connections. Sessions go on.
    pub fn close_listener(&mut self, listener: ListenerId) {
        if let Some(listener) = self.listeners.get_mut(usize::from(listener.0)) {
            listener.close();
        }
    }

    /// Listens again, at the same address.
    ///
    /// # Errors
    /// The system does not give the address out again.
    pub fn open_listener(&mut self, listener: ListenerId) -> io::Result<()> {
        let token = Token(FIRST_LISTENER + usize::from(listener.0));
        match self.listeners.get_mut(usize::from(listener.0)) {
            Some(listener) => listener.open(&self.registry, token),
            None => Ok(()),
        }
    }

    /// A side that dies: no listener, and all its connections reset.
    pub fn drop_listener(&mut self, listener: ListenerId) {
        self.close_listener(listener);
        let of_listener = self.slots.iter().flatten().filter(|slot| slot.listener == listener);
        for session in of_listener.map(|slot| slot.id).collect::<Vec<_>>() {
            self.reset(session);
        }
    }
}

/// Faults on request: for tests and simulations.
impl Sessions {
    /// Resets a connection, whatever is under way on it.
    pub fn reset(&mut self, session: SessionId) {
        let now = self.now;
        self.change(session, |slot| slot.reset(now));
    }

    /// Sets what is wrong with a connection from now on.
    pub fn set_faults(&mut self, session: SessionId, faults: Faults) {
        self.change(session, |slot| match &mut slot.faults {
            Some(state) => state.faults = faults,
            None => slot.faults = Some(Box::new(FaultState::new(faults))),
        });
    }

    /// Sets what is wrong with a listener from now on.
    pub fn set_listener_faults(&mut self, listener: ListenerId, faults: ListenerFaults) {
        if let Some(listener) = self.listeners.get_mut(usize::from(listener.0)) {
            listener.faults = faults;
            listener.is_ready = listener.is_open();
        }
    }

    /// Sends bytes that are no message, behind what waits already.
    pub fn inject(&mut self, session: SessionId, bytes: &[u8]) {
        self.change(session, |slot| {
            let pending = slot.session.get().transmit().len();
            slot.faults.get_or_insert_default().inject(bytes, pending);
        });
    }

    /// Resets a connection after so many more bytes, in the middle of a message if that is where they end.
    pub fn cut(&mut self, session: SessionId, after: usize) {
        self.change(session, |slot| slot.faults.get_or_insert_default().cut(after));
    }

    fn change(&mut self, session: SessionId, change: impl FnOnce(&mut Slot)) {
        let Some(slot) = slot_mut(&mut self.slots, session) else { return };
        change(slot);
        enqueue(slot, session.index, &mut self.queue);
    }
}

/// What the server itself does with them.
impl Sessions {
    pub(super) fn new(options: ServerOptions, registry: Registry) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            spare: Vec::new(),
            serial: 0,
            count: 0,
            opening: 0,
            groups: Vec::new(),
            listeners: Vec::new(),
            queue: VecDeque::new(),
            timers: Timers::default(),
            accept_again: None,
            registry,
            options,
            counters: ServerCounters::default(),
            now: clock::now(),
            stopping: false,
            buffer: vec![0; MAX_MESSAGE],
        }
    }

    pub(super) fn listen(&mut self, mut listener: Listener) -> io::Result<ListenerId> {
        let number = self.listeners.len();
        if FIRST_LISTENER + number >= FIRST_SESSION {
            return Err(io::Error::other("too many listeners"));
        }
        listener.open(&self.registry, Token(FIRST_LISTENER + number))?;
        info!("listening at {}", listener.address);
        self.listeners.push(listener);
        Ok(ListenerId(number as u16))
    }

    pub(super) fn handle_io(&mut self, event: &mio::event::Event) {
        match Source::of(event.token()) {
            Source::Waker => {}
            Source::Listener(number) => {
                if let Some(listener) = self.listeners.get_mut(number) {
                    listener.is_ready = true;
                }
            }
            Source::Session(index) => {
                // The event may be of a connection that is gone, and its place taken: then it is only too early.
                if let Some(slot) = self.slots.get_mut(index).and_then(Option::as_mut) {
                    slot.handle_io(event);
                    enqueue(slot, index as u32, &mut self.queue);
                }
            }
        }
    }

    /// Lets in those who wait.
    pub(super) fn accept_connections(&mut self) {
        if self.accept_again.is_some_and(|at| at > self.now) {
            return;
        }
        self.accept_again = None;
        for number in 0..self.listeners.len() {
            for _ in 0..ACCEPTS {
                match self.accept_from(number) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        warn!("no connection can be accepted: {}", error);
                        self.counters.accept_failures += 1;
                        self.accept_again = Some(self.now.after(ACCEPT_PAUSE));
                        break;
                    }
                }
            }
        }
    }

    /// Lets in one; whether there may be another.
    fn accept_from(&mut self, number: usize) -> io::Result<bool> {
        let Some(listener) = self.listeners.get_mut(number) else { return Ok(false) };
        if !listener.is_ready || listener.faults.ignore {
            return Ok(false);
        }
        let Some((mut socket, peer)) = listener.accept()? else {
            listener.is_ready = false;
            return Ok(false);
        };
        let is_full = self.count >= self.options.connections || self.opening >= self.options.opening;
        if is_full || listener.faults.refuse {
            debug!("{} turned away", peer);
            self.counters.turned_away += 1;
            crate::stream::Stream::Plain(socket).set_reset();
            return Ok(true);
        }
        let _ = socket.set_nodelay(true);
        let index = self.free.last().copied().unwrap_or(self.slots.len() as u32);
        let token = Token(FIRST_SESSION + index as usize);
        self.registry.register(&mut socket, token, Interest::READABLE | Interest::WRITABLE)?;
        let stream = listener.secure(socket)?;
        self.serial += 1;
        let id = SessionId { serial: self.serial, index };
        let (config, faults) = (listener.config, listener.faults.sessions);
        let buffers = self.spare.pop().unwrap_or_else(|| Buffers::new(self.options.memory, Secret::Received));
        let mut slot = Slot::new(id, ListenerId(number as u16), peer, stream, config, buffers, self.now);
        if faults != Faults::default() {
            slot.faults = Some(Box::new(FaultState::new(faults)));
        }
        debug!("{} connected", peer);
        self.count += 1;
        self.opening += 1;
        self.counters.accepted += 1;
        self.counters.most_connections = self.counters.most_connections.max(self.count);
        enqueue(&mut slot, index, &mut self.queue);
        match self.free.pop() {
            Some(_) => self.slots[index as usize] = Some(slot),
            None => self.slots.push(Some(slot)),
        }
        Ok(true)
    }

    /// The next session to be looked at.
    pub(super) fn next_queued(&mut self) -> Option<usize> {
        let index = self.queue.pop_front()?;
        if let Some(slot) = self.slots.get_mut(index as usize).and_then(Option::as_mut) {
            slot.is_queued = false;
        }
        Some(index as usize)
    }

    pub(super) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// A connection, and what is needed to work on it.
    pub(super) fn at(&mut self, index: usize) -> Option<(&mut Slot, &mut ServerCounters)> {
        Some((self.slots.get_mut(index)?.as_mut()?, &mut self.counters))
    }

    /// Puts sessions whose moment has come into the queue.
    pub(super) fn look_at_the_clock(&mut self) {
        self.now = clock::now().max(self.now);
        while let Some(session) = self.timers.take_due(self.now) {
            if let Some(slot) = slot_mut(&mut self.slots, session) {
                slot.scheduled = None;
                enqueue(slot, session.index, &mut self.queue);
            }
        }
        let slots = &self.slots;
        self.timers.tidy(self.count, |at, session| {
            let slot = slots.get(session.index as usize).and_then(Option::as_ref);
            slot.is_some_and(|slot| slot.id == session && slot.scheduled == Some(at))
        });
    }

    /// Sees to it that a session is looked at when something is due, or lets go of one that is over.
    pub(super) fn settle(&mut self, index: usize) {
        let Some(slot) = self.slots.get_mut(index).and_then(Option::as_mut) else { return };
        if slot.is_over() {
            return self.remove(index);
        }
        if slot.is_due() {
            return enqueue(slot, index as u32, &mut self.queue);
        }
        if let Wake::At(at) = slot.wake()
            && slot.scheduled.is_none_or(|scheduled| at < scheduled)
        {
            slot.scheduled = Some(at);
            self.timers.add(at, slot.id);
        }
    }

    fn remove(&mut self, index: usize) {
        let Some(slot) = self.slots.get_mut(index).and_then(Option::take) else { return };
        debug!("{} is gone", slot.peer);
        self.free.push(index as u32);
        self.count -= 1;
        self.counters.ended += 1;
        match slot.place {
            Some(place) => self.leave_group(slot.session.get().protocol(), place),
            None => {
                self.opening = self.opening.saturating_sub(1);
                self.counters.never_opened += 1;
            }
        }
        self.spare.push(slot.into_buffers());
    }

    pub(super) fn wake(&self) -> Wake {
        let accepts = self.listeners.iter().any(|listener| listener.is_ready && !listener.faults.ignore);
        let accept = match self.accept_again {
            Some(at) => Wake::At(at),
            None if accepts => Wake::Now,
            None => Wake::Idle,
        };
        if self.queue.is_empty() { accept.or(self.timers.wake()) } else { Wake::Now }
    }

    /// Begins to stop.
    pub(super) fn stop(&mut self, status: FailureStatus) {
        self.stopping = true;
        self.listeners.iter_mut().for_each(Listener::close);
        for session in self.slots.iter().flatten().map(|slot| slot.id).collect::<Vec<_>>() {
            // A connection that plays dead would never end.
            self.change(session, |slot| slot.faults = None);
            self.end(session, status);
        }
    }

    fn slot(&self, session: SessionId) -> Option<&Slot> {
        self.slots.get(session.index as usize)?.as_ref().filter(|slot| slot.id == session)
    }

    fn answer(
        &mut self,
        id: SessionId,
        answer: impl FnOnce(&mut ServerSession<'_>, Instant) -> Result<(), AnswerError>,
    ) -> Result<(), AnswerError> {
        let slot = slot_mut(&mut self.slots, id).ok_or(AnswerError::NotOpen)?;
        let now = self.now;
        let result = slot.session.with(|session| answer(session, now));
        let no_room = |error: &AnswerError| {
            matches!(error, AnswerError::Encode(EncodeError { kind: EncodeErrorKind::NoRoom { .. }, .. }))
        };
        slot.wants_room |= result.as_ref().is_err_and(no_room);
        if let Err(error) = &result {
            debug!("nothing sent to {}: {}", slot.peer, error);
        }
        enqueue(slot, id.index, &mut self.queue);
        result
    }

    fn deliver<'m, M: Body<'m>>(
        &mut self,
        id: SessionId,
        event: &M,
        deliver: impl FnOnce(&mut ServerSession<'_>, &Prepared<'_>, Instant) -> Delivery,
    ) -> Result<Delivery, EncodeError> {
        let Some(slot) = slot_mut(&mut self.slots, id) else { return Ok(Delivery::NotOpen) };
        let prepared = Prepared::new(slot.session.get().protocol(), event, &mut self.buffer)?;
        let now = self.now;
        let delivery = slot.session.with(|session| deliver(session, &prepared, now));
        self.counters.events += u64::from(delivery == Delivery::Sent);
        enqueue(slot, id.index, &mut self.queue);
        Ok(delivery)
    }

    fn join_group(&mut self, session: SessionId) {
        let Some(slot) = slot_mut(&mut self.slots, session) else { return };
        let protocol = slot.session.get().protocol();
        let number = match self.groups.iter().position(|(of, _)| *of == protocol) {
            Some(number) => number,
            None => {
                self.groups.push((protocol, Vec::new()));
                self.groups.len() - 1
            }
        };
        let (_, members) = &mut self.groups[number];
        slot.place = Some(members.len());
        members.push(session.index);
    }

    fn leave_group(&mut self, protocol: Protocol, place: usize) {
        let Some((_, members)) = self.groups.iter_mut().find(|(of, _)| *of == protocol) else { return };
        members.swap_remove(place);
        if let Some(moved) = members.get(place)
            && let Some(slot) = self.slots.get_mut(*moved as usize).and_then(Option::as_mut)
        {
            slot.place = Some(place);
        }
    }
}

/// Room for the largest message of any version.
const MAX_MESSAGE: usize = 12_500;

fn slot_mut(slots: &mut [Option<Slot>], session: SessionId) -> Option<&mut Slot> {
    slots.get_mut(session.index as usize)?.as_mut().filter(|slot| slot.id == session)
}

fn enqueue(slot: &mut Slot, index: u32, queue: &mut VecDeque<u32>) {
    if !slot.is_queued {
        slot.is_queued = true;
        queue.push_back(index);
    }
}

/// Hands an event to a session; whether it is to be looked at for that.
fn is_to_be_written(slot: &mut Slot, event: &Prepared<'_>, now: Instant, counters: &mut ServerCounters) -> bool {
    match slot.session.with(|session| session.event(now, event)) {
        Delivery::Sent => counters.events += 1,
        Delivery::Overflow => {}
        Delivery::NotWanted | Delivery::NotOpen => return false,
    }
    true
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("connections", &self.count)
            .field("open", &self.len())
            .field("listeners", &self.listeners)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}
