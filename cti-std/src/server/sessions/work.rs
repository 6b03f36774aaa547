//! What the server itself does with its sessions.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use cti_proto::session::Wake;
use cti_proto::value::FailureStatus;
use mio::{Interest, Registry, Token};

use super::{FIRST_LISTENER, FIRST_SESSION, SessionId, Sessions, enqueue, slot_mut};
use crate::clock;
use crate::memory::{Buffers, Secret};
use crate::server::fault::{FaultState, Faults};
use crate::server::listener::{Listener, ListenerId};
use crate::server::options::{ServerCounters, ServerOptions};
use crate::server::slot::Slot;
use crate::server::timers::Timers;
use crate::trace::{debug, info, warn};

/// Connections that are accepted at a time, before other work is looked at.
const ACCEPTS: usize = 128;
/// Pause when the system has no more connections to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Room for the largest message of any version.
const MAX_MESSAGE: usize = 12_500;

/// What a token stands for.
pub(in crate::server) enum Source {
    Waker,
    Listener(usize),
    Session(usize),
}

impl Source {
    pub(in crate::server) const fn of(token: Token) -> Self {
        match token.0 {
            0 => Self::Waker,
            number if number < FIRST_SESSION => Self::Listener(number - FIRST_LISTENER),
            number => Self::Session(number - FIRST_SESSION),
        }
    }
}

/// What the server itself does with them.
impl Sessions {
    pub(in crate::server) fn new(options: ServerOptions, registry: Registry) -> Self {
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

    /// Opens a listener.
    pub(in crate::server) fn listen(&mut self, mut listener: Listener) -> io::Result<ListenerId> {
        let number = self.listeners.len();
        if FIRST_LISTENER + number >= FIRST_SESSION {
            return Err(io::Error::other("too many listeners"));
        }
        listener.open(&self.registry, Token(FIRST_LISTENER + number))?;
        info!("listening at {}", listener.address);
        self.listeners.push(listener);
        Ok(ListenerId(number as u16))
    }

    /// Takes note of an event of the poll.
    pub(in crate::server) fn handle_io(&mut self, event: &mio::event::Event) {
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
    pub(in crate::server) fn accept_connections(&mut self) {
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
                        // The connection still waits, and so the poll would wake us without rest.
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
        // Accepted all the same: in the system's queue it would keep others from coming in.
        let is_full = self.count >= self.options.connections || self.opening >= self.options.opening;
        if is_full || listener.faults.refuse {
            debug!("{} turned away", peer);
            self.counters.turned_away += 1;
            crate::stream::Stream::Plain(socket).set_reset();
            return Ok(true);
        }
        // Events are small, and are written together as it is.
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
        // What came along with the connection is not announced again.
        enqueue(&mut slot, index, &mut self.queue);
        match self.free.pop() {
            Some(_) => self.slots[index as usize] = Some(slot),
            None => self.slots.push(Some(slot)),
        }
        Ok(true)
    }

    /// The next session to be looked at.
    pub(in crate::server) fn next_queued(&mut self) -> Option<usize> {
        let index = self.queue.pop_front()?;
        if let Some(slot) = self.slots.get_mut(index as usize).and_then(Option::as_mut) {
            slot.is_queued = false;
        }
        Some(index as usize)
    }

    /// Sessions to be looked at.
    pub(in crate::server) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// A connection, and what is needed to work on it.
    pub(in crate::server) fn at(&mut self, index: usize) -> Option<(&mut Slot, &mut ServerCounters)> {
        Some((self.slots.get_mut(index)?.as_mut()?, &mut self.counters))
    }

    /// Puts sessions whose moment has come into the queue.
    pub(in crate::server) fn look_at_the_clock(&mut self) {
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
    pub(in crate::server) fn settle(&mut self, index: usize) {
        let Some(slot) = self.slots.get_mut(index).and_then(Option::as_mut) else { return };
        if slot.is_over() {
            return self.remove(index);
        }
        if slot.is_due() {
            return enqueue(slot, index as u32, &mut self.queue);
        }
        if let Wake::At(at) = slot.wake()
            // A later moment needs no entry: the one that is there looks again.
            && slot.scheduled.is_none_or(|scheduled| at < scheduled)
        {
            slot.scheduled = Some(at);
            self.timers.add(at, slot.id);
        }
    }

    /// Lets go of a connection; its memory and its place are for the next one.
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
                // Scanners and health checks, mostly: the counter tells them from clients that were refused.
                self.counters.never_opened += 1;
            }
        }
        self.spare.push(slot.into_buffers());
    }

    /// When there is something to do by the clock, or at once.
    pub(in crate::server) fn wake(&self) -> Wake {
        let accepts = self.listeners.iter().any(|listener| listener.is_ready && !listener.faults.ignore);
        let accept = match self.accept_again {
            Some(at) => Wake::At(at),
            // More were waiting than one turn takes.
            None if accepts => Wake::Now,
            None => Wake::Idle,
        };
        if self.queue.is_empty() { accept.or(self.timers.wake()) } else { Wake::Now }
    }

    /// Begins to stop.
    pub(in crate::server) fn stop(&mut self, status: FailureStatus) {
        self.stopping = true;
        self.listeners.iter_mut().for_each(Listener::close);
        for session in self.slots.iter().flatten().map(|slot| slot.id).collect::<Vec<_>>() {
            // A connection that plays dead would never end.
            self.change(session, |slot| slot.faults = None);
            self.end(session, status);
        }
    }
}
