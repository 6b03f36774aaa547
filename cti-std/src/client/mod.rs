//! A client of a CTI Server, or of a pair of them, over real sockets.
//!
//! [`BlockingClient`] is for a thread that has nothing else to do. [`Client`] is the same without a poll: it goes into
//! a [`mio::Poll`] of the program's own, beside whatever else that waits for. Both do what
//! [`ClientSession`] says: choose the side, open, keep alive, open again after a loss, make monitors again, close.
//!
//! [`DuplexClient`] has a session with either side of a pair at once.

mod blocking;
mod connecting;
mod duplex;
mod error;
mod line;
mod options;
mod queue;
mod resolve;

use std::fmt;
use std::sync::Arc;

use cti_proto::session::{ClientSession, Event, Instant, Request, RequestError, Wake};
use cti_proto::value::FailureStatus;
use cti_proto::{Body, Frame};
use mio::{Registry, Token, Waker};
use self_cell::{MutBorrow, self_cell};

pub use blocking::BlockingClient;
pub use duplex::DuplexClient;
pub use error::ConnectionError;
pub use line::Traffic;
pub use options::{ClientOptions, SetupError};
pub use queue::{CommandError, Handle, Ticket};
pub use resolve::Resolver;

use crate::clock;
use crate::memory::{Buffers, Secret};
use connecting::Connector;
use line::{Line, Reading};
use queue::Queue;

/// A client in a poll of the program's own.
///
/// It is one source with one token, a waker, and a moment to be called again at. The loop around it:
///
/// ```no_run
/// use std::sync::Arc;
/// use cti_std::client::{Client, ClientOptions};
/// use cti_std::clock;
/// use mio::{Events, Poll, Token, Waker};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut poll = Poll::new()?;
/// let waker = Arc::new(Waker::new(poll.registry(), Token(0))?);
/// let options = ClientOptions::new("pg1a.example:42027");
/// let mut client = Client::new(options, poll.registry(), Token(1), waker)?;
/// let mut events = Events::with_capacity(64);
/// while !client.is_ended() {
///     while let Some(event) = client.poll_event() {
///         println!("{event:?}");
///     }
///     poll.poll(&mut events, clock::until(client.wake()))?;
///     for event in &events {
///         client.handle_io(event);
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// [`poll_event`](Self::poll_event) does everything: it tells the time to the session, connects, reads and writes.
/// Nothing waits and nothing is read ahead of what the receive buffer holds, so that a program which is slow
/// to take events holds the server back and not itself. A client that is dropped leaves without a word:
/// [`close`](Self::close) ends the session in order.
pub struct Client {
    session: Session,
    line: Line,
    queue: Queue,
    now: Instant,
    /// Events until the next look at socket, clock and queue.
    patience: u32,
    is_ended: bool,
}

/// What the session borrows.
struct Owner {
    options: ClientOptions,
    buffers: MutBorrow<Buffers>,
}

self_cell!(
    struct Session {
        owner: Owner,

        #[covariant]
        dependent: ClientSession,
    }
);

/// Events that are handed out at most before socket, clock and queue are looked at again.
const PATIENCE: u32 = 32;
/// Turns that one call takes at most.
const TURNS: usize = 64;

impl Client {
    /// A client that connects as soon as events are asked for. Its socket is registered under `token`. `waker`
    /// belongs to the same poll, may serve any number of clients, and rings when a client is to be asked for events.
    ///
    /// # Errors
    /// [`SetupError`]; nothing was sent.
    pub fn new(
        options: ClientOptions,
        registry: &Registry,
        token: Token,
        waker: Arc<Waker>,
    ) -> Result<Self, SetupError> {
        let hosts = options.hosts()?;
        let registry = registry.try_clone().map_err(SetupError::Io)?;
        let connector = Connector::new(&options, hosts, registry, token, Arc::clone(&waker));
        let queue = Queue::new(options.queue, waker);
        let buffers = MutBorrow::new(Buffers::new(options.memory, Secret::Transmitted));
        let session = Session::try_new(Owner { options, buffers }, |owner| {
            ClientSession::new(owner.options.config(), owner.buffers.borrow_mut().parts())
        });
        Ok(Self {
            session: session.map_err(SetupError::Config)?,
            line: Line::new(connector),
            queue,
            now: clock::now(),
            patience: PATIENCE,
            is_ended: false,
        })
    }

    /// Takes note of an event of the poll. Events of other tokens are passed over.
    pub fn handle_io(&mut self, event: &mio::event::Event) {
        self.line.handle_io(event);
    }

    /// Does what is due, and moves what can be moved. [`poll_event`](Self::poll_event) does the same.
    pub fn handle_timeout(&mut self) {
        let _ = self.turn(Reading::Once);
    }

    /// The next event, if there is one. After [`Event::Ended`] the socket is closed by the next call of any kind, or when
    /// the client is dropped.
    #[must_use]
    #[inline(always)]
    pub fn poll_event(&mut self) -> Option<Event<'_>> {
        // A way of its own for nearly all events, and a short one, that comes to lie where the caller is: a message that is
        // put together in memory, in pieces, is waited for where it is taken apart.
        if self.has_message() {
            return self.take_message().map(Event::Message);
        }
        // For the same reason this one is not returned as it comes: it is then put together in a place of its own.
        let event = self.poll_slowly()?;
        Some(event)
    }

    /// Whether [`poll_event`](Self::poll_event) has an event now; it does the same work.
    #[must_use]
    #[inline]
    pub fn has_event(&mut self) -> bool {
        self.has_message() || self.find_event()
    }

    /// Whether the next event is a message that is here, with nothing else to be looked at first.
    #[inline(always)]
    fn has_message(&mut self) -> bool {
        self.patience -= 1;
        self.patience > 0 && self.session().has_message()
    }

    /// The message that was just found.
    #[inline(always)]
    fn take_message(&mut self) -> Option<Frame<'_>> {
        self.session.with_dependent_mut(|_, session| session.poll_message())
    }

    /// The next event, of whatever kind.
    #[inline(never)]
    fn poll_slowly(&mut self) -> Option<Event<'_>> {
        if self.find_event() { self.take_event() } else { None }
    }

    /// Whether there is an event, of whatever kind.
    #[inline(never)]
    fn find_event(&mut self) -> bool {
        if self.patience == 0 {
            // The event that may be waiting lies in the receive buffer.
            let _ = self.turn(Reading::Not);
        }
        let now = self.now;
        self.session.with_dependent_mut(|_, session| session.has_event(now)) || self.wait_for_event()
    }

    /// The event that was just found.
    fn take_event(&mut self) -> Option<Event<'_>> {
        let now = self.now;
        let event = self.session.with_dependent_mut(|_, session| session.poll_event(now));
        // Noted when it is handed out, not when it is there: whoever asks before has not heard of the end yet.
        self.is_ended |= matches!(event, Some(Event::Ended(_)));
        event
    }

    /// When to ask for events again, unless something comes first: to be asked for when there are none left.
    pub fn wake(&self) -> Wake {
        if self.queue.is_woken() { Wake::Now } else { self.line.wake(self.session()) }
    }

    /// Whether the session is over for good, and its last event told.
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        self.is_ended
    }

    /// Sends a request: see [`ClientSession::request`].
    ///
    /// # Errors
    /// [`RequestError`]; nothing was sent.
    pub fn request<'m, M: Body<'m>>(&mut self, message: &M) -> Result<Request, RequestError> {
        self.with_session(|session, now| session.request(now, message))
    }

    /// Closes the session for good: with CLOSE_REQ and up to 5 s for the answer. [`Event::Ended`] follows, after
    /// everything that the server sent before.
    pub fn close(&mut self) {
        self.with_session(|session, now| session.close(now, FailureStatus::E_CTI_NO_ERROR));
    }

    /// Drops the connection and tries the sides anew, the other one first.
    pub fn reconnect(&mut self) {
        self.with_session(|session, now| session.reconnect(now));
    }

    /// The session, for what can be asked of it.
    #[must_use]
    #[inline]
    pub fn session(&self) -> &ClientSession<'_> {
        self.session.borrow_dependent()
    }

    /// Does something with the session: resynchronisation and the other commands that it has. Its bytes, its events and
    /// its connection are the client's own.
    pub fn with_session<R>(&mut self, command: impl FnOnce(&mut ClientSession<'_>, Instant) -> R) -> R {
        self.now = clock::now();
        let now = self.now;
        self.session.with_dependent_mut(|_, session| command(session, now))
    }

    /// A handle to give commands with from other threads.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.queue.handle()
    }

    /// What the client was made with.
    #[must_use]
    pub fn options(&self) -> &ClientOptions {
        &self.session.borrow_owner().options
    }

    /// What stands behind the last connection that failed or ended.
    #[must_use]
    pub const fn last_error(&self) -> Option<&ConnectionError> {
        self.line.last_error()
    }

    /// What went through the connections so far.
    #[must_use]
    pub const fn traffic(&self) -> Traffic {
        self.line.traffic()
    }

    /// The moment that the last event was handed out at: for trackers.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Turns until there is an event, or nothing more to do.
    fn wait_for_event(&mut self) -> bool {
        // Bounded, so that a server which sends nothing but what we pass over does not keep the program here.
        for _ in 0..TURNS {
            let goes_on = self.turn(Reading::Once);
            let now = self.now;
            if self.session.with_dependent_mut(|_, session| session.has_event(now)) {
                return true;
            }
            if !goes_on {
                return false;
            }
        }
        false
    }

    /// One look at clock, queue and socket; whether there is more to do.
    fn turn(&mut self, reading: Reading) -> bool {
        self.patience = PATIENCE;
        self.now = clock::now();
        let Self { line, queue, now, .. } = self;
        self.session.with_dependent_mut(|_, session| {
            // In front of the queue, so that a full one does not delay it.
            if queue.takes_close() {
                session.close(*now, FailureStatus::E_CTI_NO_ERROR);
            }
            queue.run(session, *now);
            session.handle_timeout(*now);
            line.turn(session, *now, reading)
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("session", self.session())
            .field("line", &self.line)
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}
