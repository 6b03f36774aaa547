//! The sessions of a server: what its application answers and sends through.

mod control;
mod work;

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;

use cti_proto::message::{Body, OpenConf};
use cti_proto::session::{AnswerError, Delivery, Instant, Prepared, Request, ServerSession};
use cti_proto::value::{ControlFailureCode, CtiService, FailureStatus};
use cti_proto::{EncodeError, EncodeErrorKind, Frame, Protocol};
use mio::Registry;

use crate::memory::Buffers;
use crate::server::listener::{Listener, ListenerId};
use crate::server::options::{ServerCounters, ServerOptions};
use crate::server::slot::Slot;
use crate::server::timers::Timers;
use crate::trace::debug;

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
    /// Connections by their place, which is also in their tokens.
    slots: Vec<Option<Slot>>,
    /// Places of connections that are gone, for those to come.
    free: Vec<u32>,
    /// Memory of connections that are gone, for those to come: what was never touched stays so, which an allocator
    /// would not promise.
    spare: Vec<Buffers>,
    serial: u64,
    /// Connections.
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
        // From now on events for its protocol are for it, too.
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
                    // Clients of versions without the event miss nothing; that is no error of the caller's.
                    if error.kind != EncodeErrorKind::MessageNotInVersion {
                        result = Err(error);
                    }
                    continue;
                }
            };
            for index in members {
                // Members leave their group before their place is given to another: what is there is theirs.
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

    /// Forgets a monitor that has ended with what it watched, a call or a session: see [`ServerSession::end_monitor`].
    /// A session has [`Memory::monitors`](crate::Memory::monitors) at a time, and refuses more.
    pub fn end_monitor(&mut self, session: SessionId, monitor_id: u32) {
        // Nothing is to be written, so that nobody has to look at the session for it.
        if let Some(slot) = slot_mut(&mut self.slots, session) {
            slot.session.with(|session| session.end_monitor(monitor_id));
        }
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

/// What the calls above have in common.
impl Sessions {
    /// The connection of a session; none if its place has been taken since.
    fn slot(&self, session: SessionId) -> Option<&Slot> {
        self.slots.get(session.index as usize)?.as_ref().filter(|slot| slot.id == session)
    }

    /// Says something in a session; what has no room is told later that there is some.
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
        // Noted here, for the look at the session that finds the room.
        slot.wants_room |= result.as_ref().is_err_and(no_room);
        if let Err(error) = &result {
            // The error names fields and sizes, never what stands in them.
            debug!("nothing sent to {}: {}", slot.peer, error);
        }
        enqueue(slot, id.index, &mut self.queue);
        result
    }

    /// Hands an event to one session, and has it written.
    fn deliver<'m, M: Body<'m>>(
        &mut self,
        id: SessionId,
        event: &M,
        deliver: impl FnOnce(&mut ServerSession<'_>, &Prepared<'_>, Instant) -> Delivery,
    ) -> Result<Delivery, EncodeError> {
        // Ended while the event was made: no fault of the caller.
        let Some(slot) = slot_mut(&mut self.slots, id) else { return Ok(Delivery::NotOpen) };
        let prepared = Prepared::new(slot.session.get().protocol(), event, &mut self.buffer)?;
        let now = self.now;
        let delivery = slot.session.with(|session| deliver(session, &prepared, now));
        // Looked at in any case: an event that had no room has ended the session.
        self.counters.events += u64::from(delivery == Delivery::Sent);
        enqueue(slot, id.index, &mut self.queue);
        Ok(delivery)
    }

    /// Puts an open session among those of its protocol, which events are encoded for together.
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

    /// Takes it out again.
    fn leave_group(&mut self, protocol: Protocol, place: usize) {
        let Some((_, members)) = self.groups.iter_mut().find(|(of, _)| *of == protocol) else { return };
        // The last one takes the place of the one that leaves: no walk through the others.
        members.swap_remove(place);
        if let Some(moved) = members.get(place)
            && let Some(slot) = self.slots.get_mut(*moved as usize).and_then(Option::as_mut)
        {
            slot.place = Some(place);
        }
    }
}

/// The same, to be changed.
fn slot_mut(slots: &mut [Option<Slot>], session: SessionId) -> Option<&mut Slot> {
    slots.get_mut(session.index as usize)?.as_mut().filter(|slot| slot.id == session)
}

/// Has a session looked at: once, however often that is asked for.
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
