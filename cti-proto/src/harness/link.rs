//! What lies between client and server.

use core::time::Duration;
use std::collections::VecDeque;
use std::vec::Vec;

use proptest::prelude::*;

use super::{Clock, End};
use crate::protocol::Protocol;
use crate::session::Instant;
use crate::strategy::OwnedFrame;
use crate::wire::{Frame, HEADER_LEN, Parsed};

/// How bytes travel in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Time from one end to the other.
    pub latency: Duration,
    /// Most bytes that move at once, at least 1.
    pub chunk: usize,
    /// Bytes that may be on the way or wait at the other end: the window of TCP.
    pub window: usize,
    /// Nothing moves.
    pub stalled: bool,
}

impl Conditions {
    /// Everything arrives at once and whole.
    pub const PERFECT: Self = Self { latency: Duration::ZERO, chunk: usize::MAX, window: usize::MAX, stalled: false };
}

impl Default for Conditions {
    fn default() -> Self {
        Self::PERFECT
    }
}

/// Conditions under which bytes still arrive in time: up to 500 ms late or through windows from one byte up, in chunks
/// from one byte up. Shrinks to [`Conditions::PERFECT`] but for the chunk, which shrinks to a byte.
pub fn conditions() -> impl Strategy<Value = Conditions> + Clone {
    let chunk = prop_oneof![1..=64_usize, Just(usize::MAX)];
    // A small window on a long way would let through a few bytes a second.
    let way = prop_oneof![
        (0..=500_u64).prop_map(|latency| (latency, usize::MAX)),
        (1..=4_096_usize).prop_map(|window| (0, window)),
    ];
    (way, chunk).prop_map(|((latency, window), chunk)| Conditions {
        latency: Duration::from_millis(latency),
        chunk,
        window,
        stalled: false,
    })
}

/// A frame that an end handed to its transport.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// When its last byte was handed over.
    pub at: Instant,
    /// By whom.
    pub by: End,
    /// The frame.
    pub frame: OwnedFrame,
}

/// A connection.
#[derive(Debug, Default)]
pub(super) struct Link {
    /// From the client.
    pub(super) up: Pipe,
    /// From the server.
    pub(super) down: Pipe,
}

impl Link {
    /// The direction of what `end` sends.
    pub(super) const fn from(&mut self, end: End) -> &mut Pipe {
        match end {
            End::Client => &mut self.up,
            End::Server => &mut self.down,
        }
    }
}

/// One direction of a connection.
#[derive(Debug)]
pub(super) struct Pipe {
    segments: VecDeque<(Instant, Vec<u8>)>,
    in_flight: usize,
    last_arrival: Instant,
    /// When the end of the stream arrives.
    fin: Option<Instant>,
    /// Whether the end of the stream has been told.
    is_over: bool,
    /// Whether somebody still takes what arrives.
    pub(super) has_receiver: bool,
    /// The beginning of a frame, for the log; `None` once the stream cannot be cut.
    partial: Option<Vec<u8>>,
}

impl Default for Pipe {
    fn default() -> Self {
        Self {
            segments: VecDeque::new(),
            in_flight: 0,
            last_arrival: Instant::ZERO,
            fin: None,
            is_over: false,
            has_receiver: true,
            partial: Some(Vec::new()),
        }
    }
}

impl Pipe {
    /// Bytes that may be handed over now.
    pub(super) fn room(&self, conditions: &Conditions) -> usize {
        if conditions.stalled || self.fin.is_some() {
            return 0;
        }
        // A chunk of nothing would never move anything.
        conditions.window.saturating_sub(self.in_flight).min(conditions.chunk.max(1))
    }

    pub(super) fn push(&mut self, now: Instant, conditions: &Conditions, bytes: &[u8]) {
        // Into the void, as with a socket whose peer is gone: the sender learns of it later.
        if !self.has_receiver || self.fin.is_some() || bytes.is_empty() {
            return;
        }
        let arrival = self.arrival(now, conditions);
        self.in_flight = self.in_flight.saturating_add(bytes.len());
        self.segments.push_back((arrival, Vec::from(bytes)));
    }

    /// The sender sends no more.
    pub(super) fn finish(&mut self, now: Instant, conditions: &Conditions) {
        if self.fin.is_none() {
            self.fin = Some(self.arrival(now, conditions));
        }
    }

    /// Nothing behind what was sent overtakes it.
    fn arrival(&mut self, now: Instant, conditions: &Conditions) -> Instant {
        self.last_arrival = self.last_arrival.max(now.after(conditions.latency));
        self.last_arrival
    }

    /// Drops what is on the way, as the receiver is gone.
    pub(super) fn drop_receiver(&mut self) {
        self.has_receiver = false;
        self.drop_in_flight();
    }

    pub(super) fn drop_in_flight(&mut self) {
        self.segments.clear();
        self.in_flight = 0;
    }

    /// What has arrived, at most a chunk of it.
    pub(super) fn arrived(&self, now: Instant, conditions: &Conditions) -> Option<&[u8]> {
        let (at, bytes) = self.segments.front().filter(|_| !conditions.stalled)?;
        let chunk = bytes.get(..conditions.chunk.max(1)).unwrap_or(bytes);
        (*at <= now).then_some(chunk)
    }

    pub(super) fn take(&mut self, n: usize) {
        if let Some((_, bytes)) = self.segments.front_mut() {
            let n = n.min(bytes.len());
            bytes.drain(..n);
            self.in_flight = self.in_flight.saturating_sub(n);
            if bytes.is_empty() {
                self.segments.pop_front();
            }
        }
    }

    /// Whether the end of the stream is there and was not told.
    pub(super) fn ends(&self, now: Instant, conditions: &Conditions) -> bool {
        self.has_receiver
            && !self.is_over
            && !conditions.stalled
            && self.segments.is_empty()
            && self.fin.is_some_and(|at| at <= now)
    }

    /// Whether the end of the stream is there, behind whatever is.
    pub(super) fn has_ended(&self, now: Instant) -> bool {
        self.fin.is_some_and(|at| at <= now)
    }

    pub(super) const fn set_over(&mut self) {
        self.is_over = true;
    }

    /// When something will arrive that the receiver is to be told.
    pub(super) fn next_arrival(&self, conditions: &Conditions, wants_read: bool) -> Option<Instant> {
        if conditions.stalled || !self.has_receiver || self.is_over {
            return None;
        }
        match self.segments.front() {
            Some((at, _)) => wants_read.then_some(*at),
            // The end comes behind everything else.
            None => self.fin,
        }
    }

    /// Notes bytes for the log, and gives the frames that they complete.
    pub(super) fn cut(&mut self, protocol: Protocol, bytes: &[u8]) -> Vec<OwnedFrame> {
        let mut frames = Vec::new();
        let Some(mut partial) = self.partial.take() else { return frames };
        partial.extend_from_slice(bytes);
        loop {
            match Frame::parse(protocol, &partial) {
                Ok(Parsed::Frame(frame, _)) => {
                    let length = HEADER_LEN.saturating_add(frame.body().len());
                    frames.push(frame.into());
                    // What the other end makes of the stream is its own business.
                    partial.drain(..length.min(partial.len()));
                }
                Ok(Parsed::More(_)) => {
                    self.partial = Some(partial);
                    return frames;
                }
                Err(_) => return frames,
            }
        }
    }
}

/// What an end is told to be the time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dial {
    clock: Clock,
    frozen: Instant,
}

impl Dial {
    pub(super) fn set(&mut self, clock: Clock, now: Instant) {
        // What the end was told last, by the clock that it had.
        self.frozen = self.told(now);
        self.clock = clock;
    }

    pub(super) fn told(&self, now: Instant) -> Instant {
        match self.clock {
            Clock::Runs => now,
            Clock::Stands => self.frozen,
            // It stands at the beginning until the time has caught up.
            Clock::Behind(by) => Instant::ZERO.after(now.since(Instant::ZERO.after(by))),
        }
    }

    /// When the end will be told `at`, if ever.
    pub(super) fn real(&self, at: Instant) -> Option<Instant> {
        match self.clock {
            Clock::Runs => Some(at),
            Clock::Stands => None,
            Clock::Behind(by) => Some(at.after(by)),
        }
    }
}
