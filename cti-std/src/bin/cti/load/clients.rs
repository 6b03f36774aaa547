//! The clients of a load, in one poll.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cti_proto::Protocol;
use cti_proto::session::{Ended, Event, Wake};
use cti_std::client::{Client, ClientOptions};
use cti_std::clock;
use mio::{Events, Poll, Token, Waker};

use super::figures::Figures;
use crate::prepared::Prepared;

const WAKER: Token = Token(0);

/// All clients, and when to look at which.
pub(super) struct Clients {
    poll: Poll,
    waker: Arc<Waker>,
    events: Events,
    options: ClientOptions,
    clients: Vec<One>,
    /// Clients that are to be looked at again in this turn.
    due: Vec<usize>,
    /// When to look at clients again if nothing comes.
    alarms: BTreeSet<(Instant, usize)>,
    figures: Figures,
    sessions: Sessions,
    /// The client that sends the next request.
    next: usize,
    /// Whether this is the time of the load.
    counts: bool,
    begun: Instant,
}

/// How many sessions there are.
#[derive(Default)]
struct Sessions {
    /// Those that are open now.
    open: u32,
    /// Those that are over for good: closed by us, refused, or taken over by another client. They never open again.
    ended: u32,
}

/// One of them.
struct One {
    client: Client,
    /// When the attempt to open began.
    attempt: Instant,
    /// What its session speaks, while it is open.
    protocol: Option<Protocol>,
    /// Whether it was ever open.
    has_opened: bool,
    /// When to look at it again, as noted in the alarms.
    alarm: Option<Instant>,
    /// When requests were sent, by invoke ID.
    pending: HashMap<u32, Instant>,
    /// Bytes that it had received at the last look.
    received: u64,
}

impl Clients {
    pub(super) fn new(options: ClientOptions, clients: u32) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        Ok(Self {
            poll,
            waker,
            events: Events::with_capacity(1_024),
            options,
            clients: Vec::with_capacity(clients as usize),
            due: Vec::new(),
            alarms: BTreeSet::new(),
            figures: Figures::new(clients),
            sessions: Sessions::default(),
            next: 0,
            counts: false,
            begun: Instant::now(),
        })
    }

    /// Ends the wait of a turn, from another thread.
    pub(super) fn waker(&self) -> Arc<Waker> {
        Arc::clone(&self.waker)
    }

    /// Makes the clients that there should be by now.
    pub(super) fn open_at_rate(&mut self, elapsed: Duration, rate: u32) -> io::Result<()> {
        // One at once, so that a slow rate does not begin with a pause.
        let wanted = (elapsed.as_secs_f64() * f64::from(rate)) as usize + 1;
        let wanted = wanted.min(self.figures.clients as usize);
        while self.clients.len() < wanted {
            let place = self.clients.len();
            let (options, waker) = (self.options.clone(), Arc::clone(&self.waker));
            let client =
                Client::new(options, self.poll.registry(), Token(place + 1), waker).map_err(io::Error::other)?;
            self.clients.push(One {
                client,
                attempt: Instant::now(),
                protocol: None,
                has_opened: false,
                alarm: None,
                pending: HashMap::new(),
                received: 0,
            });
            self.due.push(place);
        }
        Ok(())
    }

    /// Whether every session is open, or will never be: nothing is left to wait for.
    pub(super) const fn are_settled(&self) -> bool {
        self.sessions.open + self.sessions.ended == self.figures.clients
    }

    /// How many sessions are open now.
    pub(super) const fn open_count(&self) -> u32 {
        self.sessions.open
    }

    /// What it has come to so far.
    pub(super) const fn figures(&self) -> &Figures {
        &self.figures
    }

    pub(super) fn into_figures(self) -> Figures {
        self.figures
    }

    /// Begins the time in which events count.
    pub(super) fn begin(&mut self) {
        (self.counts, self.begun) = (true, Instant::now());
    }

    /// Ends it. Answers still count.
    pub(super) fn end(&mut self) {
        self.counts = false;
        self.figures.lasted = self.begun.elapsed();
    }

    /// Whether answers are still to come.
    pub(super) fn are_waiting(&self) -> bool {
        self.clients.iter().any(|one| !one.pending.is_empty())
    }

    /// Closes all sessions.
    pub(super) fn close(&mut self) {
        self.clients.iter_mut().for_each(|one| one.client.close());
        self.due.extend(0..self.clients.len());
    }

    /// Whether all sessions are over.
    pub(super) fn are_closed(&self) -> bool {
        // Counted: this is asked in every turn, and there may be many.
        self.sessions.ended as usize == self.clients.len()
    }

    /// Sends a request in the next session that takes it; `false` if none does for now.
    pub(super) fn send(&mut self, request: &Prepared) -> bool {
        for _ in 0..self.clients.len() {
            let place = self.next;
            self.next = (self.next + 1) % self.clients.len();
            let Some(one) = self.clients.get_mut(place) else { return false };
            let Some(protocol) = one.protocol else { continue };
            // A session that does not take it now may be full; the next one has its turn.
            if let Ok(request) = request.send(protocol, &mut one.client) {
                one.pending.insert(request.invoke_id, Instant::now());
                self.figures.sent += 1;
                self.due.push(place);
                return true;
            }
        }
        false
    }

    /// Waits for what comes, for `most` at most, and handles it.
    pub(super) fn turn(&mut self, most: Duration) -> io::Result<()> {
        let now = Instant::now();
        let alarm = self.alarms.first().map(|(at, _)| at.saturating_duration_since(now));
        let wait = if self.due.is_empty() { alarm.unwrap_or(most).min(most) } else { Duration::ZERO };
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        for event in &self.events {
            let Some(place) = event.token().0.checked_sub(1) else {
                // A name was looked up: whose it is only the clients know.
                self.due.extend(0..self.clients.len());
                continue;
            };
            if let Some(one) = self.clients.get_mut(place) {
                one.client.handle_io(event);
                self.due.push(place);
            }
        }
        let now = Instant::now();
        while let Some((_, place)) = self.alarms.first().copied().filter(|(at, _)| *at <= now) {
            self.alarms.pop_first();
            self.due.push(place);
        }
        // Several reasons for a look make one.
        self.due.sort_unstable();
        self.due.dedup();
        for place in std::mem::take(&mut self.due) {
            self.look_at(place);
        }
        Ok(())
    }

    /// Takes a client's events, and notes when to look again.
    fn look_at(&mut self, place: usize) {
        let Some(one) = self.clients.get_mut(place) else { return };
        if let Some(alarm) = one.alarm.take() {
            self.alarms.remove(&(alarm, place));
        }
        one.take_events(&mut self.figures, &mut self.sessions, self.counts);
        match one.client.wake() {
            Wake::Now => self.due.push(place),
            wake => {
                one.alarm = clock::until(wake).map(|wait| Instant::now() + wait);
                self.alarms.extend(one.alarm.map(|alarm| (alarm, place)));
            }
        }
    }
}

impl One {
    /// Counts what has happened to a client.
    fn take_events(&mut self, figures: &mut Figures, sessions: &mut Sessions, counts: bool) {
        let now = clock::now();
        while let Some(event) = self.client.poll_event() {
            match event {
                Event::Message(_) if counts => figures.events += 1,
                Event::Opened(opened) => {
                    self.protocol = Some(opened.protocol);
                    figures.opened += u32::from(!self.has_opened);
                    self.has_opened = true;
                    sessions.open += 1;
                    figures.opening.record(self.attempt.elapsed());
                }
                Event::Disconnected(disconnected) => {
                    match self.protocol.take() {
                        // Only a session that was open can be lost.
                        Some(_) => (figures.lost, sessions.open) = (figures.lost + 1, sessions.open - 1),
                        None => figures.failed += 1,
                    }
                    let detail = self.client.last_error().map(|error| format!(" ({error})")).unwrap_or_default();
                    figures.last_trouble = Some(format!("{}{detail}", disconnected.cause));
                    // The pause before the next attempt is not the server's.
                    self.attempt = Instant::now() + disconnected.next.at.since(now);
                }
                Event::Ended(ended) => {
                    sessions.ended += 1;
                    let was_open = self.protocol.take().is_some();
                    sessions.open -= u32::from(was_open);
                    // What we close ourselves, at the end, is no loss.
                    if was_open && !matches!(ended, Ended::Closed | Ended::ClosedUnconfirmed) {
                        figures.lost += 1;
                        figures.last_trouble = Some(ended.to_string());
                    } else if !self.has_opened {
                        figures.failed += 1;
                        figures.last_trouble.get_or_insert_with(|| ended.to_string());
                    }
                }
                Event::Confirmed { request, more: false, .. } => {
                    if let Some(sent) = self.pending.remove(&request.invoke_id) {
                        figures.confirmed += 1;
                        figures.answers.record(sent.elapsed());
                    }
                }
                Event::Failed { request, reason } => {
                    if let Some(sent) = self.pending.remove(&request.invoke_id) {
                        figures.refused += 1;
                        figures.answers.record(sent.elapsed());
                        figures.last_refusal = Some(reason.to_string());
                    }
                }
                Event::TimedOut(request) | Event::Lost(request) => {
                    figures.unanswered += u64::from(self.pending.remove(&request.invoke_id).is_some());
                }
                _ => {}
            }
        }
        let received = self.client.traffic().received;
        if counts {
            figures.bytes += received - self.received;
        }
        self.received = received;
    }
}
