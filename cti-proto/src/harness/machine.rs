//! Driving a session by its contract, and no otherwise.

use std::vec::Vec;

use super::event::{OwnedEvent, OwnedServerEvent};
use crate::session::{ClientSession, Event, Instant, Machine, ServerSession, Transport, Wake};

/// Calls in a row without an effect that shows: frames that a session handles by itself, sixteen a call.
const MAX_QUIET: u32 = 1_000;

/// A session whose events can be kept.
pub(super) trait Told: Machine {
    type Event;
    fn poll(&mut self, now: Instant) -> Option<Self::Event>;
    fn is_last(event: &Self::Event) -> bool;
}

impl Told for ClientSession<'_> {
    type Event = OwnedEvent;

    fn poll(&mut self, now: Instant) -> Option<OwnedEvent> {
        // Asked at times only: what it handles itself is to be handled without being asked, too.
        let is_promised = self.counters().frames.is_multiple_of(2) && self.has_event(now);
        // In turns with the other way to the same message.
        if self.counters().frames.is_multiple_of(3) && self.has_message() {
            let message = self.poll_message().map(Event::Message);
            assert!(message.is_some(), "has_message is as good as its word");
            return message.map(OwnedEvent::from);
        }
        let event = self.poll_event(now).map(OwnedEvent::from);
        assert!(event.is_some() || !is_promised, "has_event is as good as its word");
        event
    }

    fn is_last(event: &OwnedEvent) -> bool {
        matches!(event, OwnedEvent::Ended(_))
    }
}

impl Driven<ClientSession<'_>> {
    pub(super) fn connected(&mut self, now: Instant) {
        self.seen = self.seen.max(now);
        self.machine.connected(now);
    }
}

impl Told for ServerSession<'_> {
    type Event = OwnedServerEvent;

    fn poll(&mut self, now: Instant) -> Option<OwnedServerEvent> {
        let product = self.protocol().product();
        self.poll_event(now).map(|event| OwnedServerEvent::new(product, event))
    }

    fn is_last(event: &OwnedServerEvent) -> bool {
        matches!(event, OwnedServerEvent::Ended(_))
    }
}

/// A session with what is needed to hold it to its contract.
#[derive(Debug)]
pub(super) struct Driven<M> {
    pub(super) machine: M,
    /// Whose it is, for messages.
    name: &'static str,
    /// The latest moment that it was told.
    seen: Instant,
    quiet: u32,
    turns: u32,
    has_ended: bool,
}

/// What shows of a session from the outside.
#[derive(PartialEq)]
struct Look(Wake, Transport, usize, bool);

impl<M: Told> Driven<M> {
    pub(super) fn new(machine: M, name: &'static str, now: Instant) -> Self {
        Self { machine, name, seen: now, quiet: 0, turns: 0, has_ended: false }
    }

    /// Whether it wants to be called at `now`.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        match self.machine.wake() {
            Wake::Now => true,
            Wake::At(at) => at <= now,
            Wake::Idle => false,
        }
    }

    /// Whether everything has been told and nothing is left to do.
    pub(super) fn is_finished(&self) -> bool {
        self.has_ended && self.machine.transport() == Transport::None
    }

    /// Calls it if it is due, otherwise holds it to doing nothing. Gives whether it was called, and the event.
    pub(super) fn turn(&mut self, now: Instant) -> (bool, Option<M::Event>) {
        if !self.is_due(now) {
            self.assert_does_nothing();
            return (false, None);
        }
        self.turns = self.turns.wrapping_add(1);
        let before = self.look();
        // Where events wait, either call may come first.
        let first =
            if self.machine.wake() == Wake::Now && self.turns.is_multiple_of(2) { self.poll(now) } else { None };
        let event = first.or_else(|| {
            self.handle_timeout(now);
            self.poll(now)
        });
        if event.is_none() && self.look() == before {
            self.quiet = self.quiet.saturating_add(1);
            if self.quiet > MAX_QUIET {
                self.violates(3, "it wants to be called and does nothing");
            }
        } else {
            self.quiet = 0;
        }
        (true, event)
    }

    /// Contract 3, the other half: while it does not want to be called there is nothing that a call would do.
    fn assert_does_nothing(&mut self) {
        // At a moment that it knows already: a later one may well make something due.
        let (seen, before) = (self.seen, self.look());
        if self.machine.poll(seen).is_some() {
            self.violates(3, "there was an event while it did not want to be called");
        }
        self.machine.handle_timeout(seen);
        if self.look() != before {
            self.violates(3, "a call did something while it did not want to be called");
        }
        if self.has_ended && self.machine.wake() != Wake::Idle {
            self.violates(6, "it wants to be called after its end");
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.seen = self.seen.max(now);
        self.machine.handle_timeout(now);
        if matches!(self.machine.wake(), Wake::At(at) if at <= now) {
            self.violates(4, "it wants to be called at a moment that it was told of");
        }
    }

    fn poll(&mut self, now: Instant) -> Option<M::Event> {
        self.seen = self.seen.max(now);
        let event = self.machine.poll(now)?;
        if self.has_ended {
            self.violates(6, "there was an event after the last one");
        }
        self.has_ended = M::is_last(&event);
        Some(event)
    }

    /// Gives it bytes, in one of the two ways, and says how many it took.
    pub(super) fn receive(&mut self, now: Instant, bytes: &[u8]) -> usize {
        self.seen = self.seen.max(now);
        self.turns = self.turns.wrapping_add(1);
        // By turns, so that both ways are gone and a run can be repeated.
        let taken = if self.turns.is_multiple_of(2) {
            self.machine.receive(now, bytes)
        } else {
            let space = self.machine.space();
            let taken = space.len().min(bytes.len());
            space.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
            self.machine.received(now, taken);
            taken
        };
        if taken == 0 {
            self.violates(5, "bytes were welcome and not taken");
        }
        taken
    }

    pub(super) fn transport_closed(&mut self, now: Instant) {
        self.seen = self.seen.max(now);
        self.machine.transport_closed(now);
    }

    /// Bytes that it wants to send, at most `room`.
    pub(super) fn outgoing(&self, room: usize) -> Vec<u8> {
        let bytes = if self.machine.wants_write() { self.machine.transmit() } else { &[] };
        Vec::from(bytes.get(..room).unwrap_or(bytes))
    }

    fn look(&self) -> Look {
        let machine = &self.machine;
        Look(machine.wake(), machine.transport(), machine.transmit().len(), machine.wants_read())
    }

    #[allow(clippy::panic, reason = "this is what a test tool is for")]
    fn violates(&self, rule: u8, what: &str) -> ! {
        // The numbers are those of the contract in `session`.
        panic!("contract {rule} of the {}: {what}; told {:?}, wake {:?}", self.name, self.seen, self.machine.wake())
    }
}
