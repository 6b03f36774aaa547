//! A client with a session on either side of a pair at once.

use std::fmt;
use std::sync::Arc;

use cti_proto::Body;
use cti_proto::session::{ClientSession, DuplexClient as Machine, Event, Instant, Request, RequestError, Side, Wake};
use cti_proto::value::FailureStatus;
use mio::{Registry, Token, Waker};
use self_cell::{MutBorrow, self_cell};

use crate::client::connecting::Connector;
use crate::client::line::{Line, Reading};
use crate::client::{ClientOptions, ConnectionError, PATIENCE, SetupError, TURNS, Traffic};
use crate::clock;
use crate::memory::{Buffers, Secret};

/// A client of an active and a standby server at once, in a poll of the program's own (version 24 and later).
///
/// A [`Client`](crate::client::Client) of a pair has one session, and opens another one after a loss. This one has a
/// session with either side all the time: events come from the active side, requests go to it, and when that side goes
/// into maintenance or is lost, the other one takes over without being connected to first. See
/// [`cti_proto::session::DuplexClient`] for what it does when.
///
/// It is two sources with a token each, a waker, and a moment to be called again at. The loop around it is that of a
/// `Client`; commands from other threads are the program's own to pass on.
///
/// ```no_run
/// use std::sync::Arc;
/// use cti_std::client::{ClientOptions, DuplexClient};
/// use cti_std::clock;
/// use mio::{Events, Poll, Token, Waker};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut poll = Poll::new()?;
/// let waker = Arc::new(Waker::new(poll.registry(), Token(0))?);
/// let mut options = ClientOptions::new("pg1a.example:42027");
/// options.side_b = Some("pg1b.example:43027".into());
/// let mut client = DuplexClient::new(options, poll.registry(), [Token(1), Token(2)], waker)?;
/// let mut events = Events::with_capacity(64);
/// while !client.is_ended() {
///     while let Some((side, event)) = client.poll_event() {
///         println!("{side:?} {event:?}");
///     }
///     poll.poll(&mut events, clock::until(client.wake()))?;
///     for event in &events {
///         client.handle_io(event);
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct DuplexClient {
    sessions: Sessions,
    /// Side A first.
    lines: [Line; 2],
    now: Instant,
    /// Events until the next look at sockets and clock.
    patience: u32,
    ended: [bool; 2],
}

/// What the sessions borrow.
struct Owner {
    options: ClientOptions,
    buffers: [MutBorrow<Buffers>; 2],
}

self_cell!(
    struct Sessions {
        owner: Owner,

        #[covariant]
        dependent: Machine,
    }
);

const SIDES: [Side; 2] = [Side::A, Side::B];

impl DuplexClient {
    /// A client that connects to both sides as soon as events are asked for. Its sockets are registered under `tokens`,
    /// side A's first. `waker` is as for [`Client::new`](crate::client::Client::new). Each session has the memory that
    /// the options name.
    ///
    /// # Errors
    /// [`SetupError`], with [`SetupError::OneSide`] where the options name one server only; nothing was sent.
    pub fn new(
        options: ClientOptions,
        registry: &Registry,
        tokens: [Token; 2],
        waker: Arc<Waker>,
    ) -> Result<Self, SetupError> {
        // Before anything is registered, so that a client that cannot be made leaves nothing in the poll.
        let hosts = options.hosts()?;
        if hosts.iter().any(Option::is_none) {
            return Err(SetupError::OneSide);
        }
        let line = |token| {
            let registry = registry.try_clone().map_err(SetupError::Io)?;
            Ok(Line::new(Connector::new(&options, hosts.clone(), registry, token, Arc::clone(&waker))))
        };
        let [a, b] = tokens.map(line);
        let lines = [a?, b?];
        let buffers = [(); 2].map(|()| MutBorrow::new(Buffers::new(options.memory, Secret::Transmitted)));
        let sessions = Sessions::try_new(Owner { options, buffers }, |owner| {
            let [a, b] = owner.buffers.each_ref().map(|buffers| buffers.borrow_mut().parts());
            Machine::new(owner.options.config(), a, b)
        });
        Ok(Self {
            sessions: sessions.map_err(SetupError::Config)?,
            lines,
            now: clock::now(),
            patience: PATIENCE,
            ended: [false; 2],
        })
    }

    /// Takes note of an event of the poll. Events of other tokens are passed over.
    pub fn handle_io(&mut self, event: &mio::event::Event) {
        self.lines.iter_mut().for_each(|line| line.handle_io(event));
    }

    /// Does what is due, and moves what can be moved. [`poll_event`](Self::poll_event) does the same.
    pub fn handle_timeout(&mut self) {
        let _ = self.turn();
    }

    /// The next event, if there is one, and the side that it is of; the sides take turns.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<(Side, Event<'_>)> {
        // A program that is slow with events still keeps its sessions alive.
        self.patience -= 1;
        if self.patience == 0 {
            let _ = self.turn();
        }
        for _ in 0..TURNS {
            if self.has_event() || !self.turn() {
                break;
            }
        }
        let (now, ended) = (self.now, &mut self.ended);
        self.sessions.with_dependent_mut(|_, sessions| {
            let (side, event) = sessions.poll_event(now)?;
            ended[side as usize] |= matches!(event, Event::Ended(_));
            Some((side, event))
        })
    }

    /// When to ask for events again, unless something comes first: to be asked for when there are none left.
    pub fn wake(&self) -> Wake {
        let sessions = self.sessions.borrow_dependent();
        let of_side = |side: Side| self.lines[side as usize].wake(sessions.session(side));
        sessions.wake().or(of_side(Side::A)).or(of_side(Side::B))
    }

    /// Whether both sessions are over for good, and their last events told.
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        matches!(self.ended, [true, true])
    }

    /// The side that takes requests, if one does.
    #[must_use]
    pub fn active(&self) -> Option<Side> {
        self.sessions.borrow_dependent().active()
    }

    /// Sends a request to the active side. Its end is an event of that side.
    ///
    /// # Errors
    /// [`RequestError`], with [`RequestError::NotOpen`] where no side is active; nothing was sent.
    pub fn request<'m, M: Body<'m>>(&mut self, message: &M) -> Result<(Side, Request), RequestError> {
        self.now = clock::now();
        let now = self.now;
        self.sessions.with_dependent_mut(|_, sessions| sessions.request(now, message))
    }

    /// Closes both sessions for good; [`Event::Ended`] follows from either side.
    pub fn close(&mut self) {
        self.now = clock::now();
        let now = self.now;
        self.sessions.with_dependent_mut(|_, sessions| sessions.close(now, FailureStatus::E_CTI_NO_ERROR));
    }

    /// The session with a side, for what can be asked of it.
    #[must_use]
    pub fn session(&self, side: Side) -> &ClientSession<'_> {
        self.sessions.borrow_dependent().session(side)
    }

    /// Does something with the session of one side. Its bytes, its events and its connection are the client's own.
    pub fn with_session<R>(&mut self, side: Side, command: impl FnOnce(&mut ClientSession<'_>, Instant) -> R) -> R {
        self.now = clock::now();
        let now = self.now;
        self.sessions.with_dependent_mut(|_, sessions| command(sessions.session_mut(side), now))
    }

    /// What the client was made with.
    #[must_use]
    pub fn options(&self) -> &ClientOptions {
        &self.sessions.borrow_owner().options
    }

    /// What stands behind the last connection of a side that failed or ended.
    #[must_use]
    pub const fn last_error(&self, side: Side) -> Option<&ConnectionError> {
        self.lines[side as usize].last_error()
    }

    /// What went through the connections of a side so far.
    #[must_use]
    pub const fn traffic(&self, side: Side) -> Traffic {
        self.lines[side as usize].traffic()
    }

    /// The moment that the last event was handed out at: for trackers.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Whether either side has one.
    fn has_event(&mut self) -> bool {
        let now = self.now;
        self.sessions
            .with_dependent_mut(|_, sessions| SIDES.iter().any(|side| sessions.session_mut(*side).has_event(now)))
    }

    /// One look at clock and sockets; whether there is more to do.
    fn turn(&mut self) -> bool {
        self.patience = PATIENCE;
        self.now = clock::now();
        let Self { lines, now, .. } = self;
        self.sessions.with_dependent_mut(|_, sessions| {
            sessions.handle_timeout(*now);
            let mut goes_on = false;
            for (side, line) in SIDES.into_iter().zip(lines) {
                let session = sessions.session_mut(side);
                // See [`Reading`]: events lie in the buffer that would be read into.
                let reading = if session.has_event(*now) { Reading::Not } else { Reading::Once };
                goes_on |= line.turn(session, *now, reading);
            }
            goes_on
        })
    }
}

impl fmt::Debug for DuplexClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DuplexClient")
            .field("sessions", self.sessions.borrow_dependent())
            .field("lines", &self.lines)
            .finish_non_exhaustive()
    }
}
