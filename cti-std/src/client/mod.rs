//! A client of a CTI Server, or of a pair of them, over real sockets.
//!
//! [`BlockingClient`] is for a thread that has nothing else to do. [`Client`] is the same without a poll: it goes into
//! a [`mio::Poll`] of the program's own, beside whatever else that waits for. Both do what
//! [`ClientSession`] says: choose the side, open, keep alive, open again after a loss, make monitors again, close.

mod blocking;
mod connecting;
mod error;
mod options;
mod queue;
mod resolve;

use std::fmt;
use std::io;
use std::sync::Arc;

use cti_proto::Body;
use cti_proto::session::{ClientSession, Event, Instant, Request, RequestError, Side, Transport, Wake};
use cti_proto::value::FailureStatus;
use mio::{Registry, Token, Waker};
use self_cell::{MutBorrow, self_cell};

pub use blocking::BlockingClient;
pub use error::ConnectionError;
pub use options::{ClientOptions, SetupError};
pub use queue::{CommandError, Handle, Ticket};
pub use resolve::Resolver;

use crate::clock;
use crate::memory::{Buffers, Secret};
use crate::stream::{Stream, Taken};
use crate::trace::{debug, info};
use connecting::{Connecting, Connector};
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
    link: Link,
    connector: Connector,
    queue: Queue,
    now: Instant,
    /// Events until the next look at socket, clock and queue.
    patience: u32,
    /// Whether something happened that nobody has looked at.
    touched: bool,
    is_ended: bool,
    last_error: Option<ConnectionError>,
    traffic: Traffic,
}

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

#[derive(Debug)]
enum Link {
    None,
    Connecting(Connecting),
    Up(Connection),
}

#[derive(Debug)]
struct Connection {
    stream: Stream,
    readable: bool,
    writable: bool,
    /// The server has closed, or the connection broke: nothing will tell of that again.
    is_ending: bool,
    /// Writing failed. What the server had sent before is still there to be read.
    broken: Option<io::Error>,
}

/// Whether a turn reads. While there are events it does not: a read into what they have left free would move those that
/// are still there.
#[derive(Clone, Copy)]
enum Reading {
    Once,
    Not,
}

/// What went through the connections of a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    /// Connections made, TLS included.
    pub connected: u64,
    /// Bytes received, as the session saw them.
    pub received: u64,
    /// Bytes sent, likewise.
    pub sent: u64,
    /// Reads and writes that moved bytes.
    pub transfers: u64,
}

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
            link: Link::None,
            connector,
            queue,
            now: clock::now(),
            patience: PATIENCE,
            touched: true,
            is_ended: false,
            last_error: None,
            traffic: Traffic::default(),
        })
    }

    /// Takes note of an event of the poll. Events of other tokens are passed over.
    pub fn handle_io(&mut self, event: &mio::event::Event) {
        if event.token() != self.connector.token() {
            return;
        }
        self.touched = true;
        if let Link::Up(connection) = &mut self.link {
            connection.is_ending |= event.is_read_closed() || event.is_error();
            connection.readable |= event.is_readable() || connection.is_ending;
            connection.writable |= event.is_writable() || event.is_write_closed() || event.is_error();
        }
    }

    /// Does what is due, and moves what can be moved. [`poll_event`](Self::poll_event) does the same.
    pub fn handle_timeout(&mut self) {
        let _ = self.turn(Reading::Once);
    }

    /// The next event, if there is one. After [`Event::Ended`] the socket is closed by the next call of any kind, or when
    /// the client is dropped.
    #[must_use]
    #[inline]
    pub fn poll_event(&mut self) -> Option<Event<'_>> {
        if self.has_event() { self.take_event() } else { None }
    }

    /// The event that [`has_event`](Self::has_event) has just found.
    #[inline]
    fn take_event(&mut self) -> Option<Event<'_>> {
        let now = self.now;
        let event = self.session.with_dependent_mut(|_, session| session.poll_event(now));
        self.is_ended |= matches!(event, Some(Event::Ended(_)));
        event
    }

    /// Whether [`poll_event`](Self::poll_event) has an event now; it does the same work.
    #[must_use]
    #[inline]
    pub fn has_event(&mut self) -> bool {
        self.patience -= 1;
        if self.patience == 0 {
            let _ = self.turn(Reading::Not);
        }
        let now = self.now;
        self.session.with_dependent_mut(|_, session| session.has_event(now)) || self.wait_for_event()
    }

    /// When to ask for events again, unless something comes first: to be asked for when there are none left.
    pub fn wake(&self) -> Wake {
        let session = self.session();
        let (is_due, until) = match &self.link {
            Link::Up(connection) => (connection.can_move(session), Wake::Idle),
            Link::Connecting(connecting) => (false, connecting.wake()),
            Link::None => (matches!(session.transport(), Transport::Connect(_)), Wake::Idle),
        };
        let is_due = is_due || session.transport() == Transport::Reset;
        if is_due || self.touched || self.queue.is_woken() { Wake::Now } else { session.wake().or(until) }
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
        self.last_error.as_ref()
    }

    /// What went through the connections so far.
    #[must_use]
    pub const fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// The moment that the last event was handed out at: for trackers.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    #[inline(never)]
    fn wait_for_event(&mut self) -> bool {
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
        self.touched = false;
        self.now = clock::now();
        let now = self.now;
        let queue = &mut self.queue;
        let transport = self.session.with_dependent_mut(|_, session| {
            if queue.takes_close() {
                session.close(now, FailureStatus::E_CTI_NO_ERROR);
            }
            queue.run(session, now);
            session.handle_timeout(now);
            session.transport()
        });
        let moved = match transport {
            Transport::Connect(side) => self.connect(side),
            Transport::Keep => self.exchange(reading),
            Transport::Reset => {
                self.reset();
                true
            }
            _ => {
                self.give_up_connecting();
                false
            }
        };
        moved || self.session().wake() == Wake::Now
    }

    fn connect(&mut self, side: Side) -> bool {
        if !matches!(&self.link, Link::Connecting(connecting) if connecting.side == side) {
            debug!("connecting to side {:?}", side);
            self.link = Link::Connecting(Connecting::new(side));
        }
        let Link::Connecting(connecting) = &mut self.link else { return false };
        match connecting.advance(&mut self.connector, self.now) {
            Ok(None) => return false,
            Ok(Some(stream)) => {
                info!("connected to side {:?}", side);
                self.traffic.connected += 1;
                self.link = Link::Up(Connection::new(stream));
                self.with_session(|session, now| session.connected(now));
            }
            Err(error) => self.lost(error),
        }
        true
    }

    fn exchange(&mut self, reading: Reading) -> bool {
        let Link::Up(connection) = &mut self.link else {
            // A session that wants to keep a connection has one.
            self.lost(ConnectionError::Closed);
            return true;
        };
        let (now, traffic) = (self.now, &mut self.traffic);
        let moved = self.session.with_dependent_mut(|_, session| {
            connection.write(session, traffic);
            match reading {
                Reading::Once => connection.read(session, traffic, now),
                Reading::Not => Ok(false),
            }
        });
        match moved {
            Ok(moved) => moved,
            Err(error) => {
                self.lost(error);
                true
            }
        }
    }

    /// The connection is gone, or does not come about.
    fn lost(&mut self, error: ConnectionError) {
        info!("no connection: {}", error);
        self.link = Link::None;
        self.last_error = Some(error);
        self.with_session(|session, now| session.transport_closed(now));
    }

    fn reset(&mut self) {
        if let Link::Up(connection) = &mut self.link {
            debug!("connection reset");
            connection.stream.set_reset();
        }
        self.link = Link::None;
        self.with_session(|session, now| session.transport_closed(now));
    }

    /// The session's time for connecting is over.
    fn give_up_connecting(&mut self) {
        if let Link::Connecting(connecting) = std::mem::replace(&mut self.link, Link::None) {
            self.last_error = Some(connecting.timed_out(&self.connector));
        }
    }
}

impl Connection {
    const fn new(stream: Stream) -> Self {
        Self { stream, readable: true, writable: true, is_ending: false, broken: None }
    }

    fn can_move(&self, session: &ClientSession<'_>) -> bool {
        (self.readable && session.wants_read()) || (self.writable && session.wants_write())
    }

    fn write(&mut self, session: &mut ClientSession<'_>, traffic: &mut Traffic) {
        if self.writable
            && let Err(error) = self.stream.flush()
        {
            return self.fail(error);
        }
        while self.writable && session.wants_write() {
            match self.stream.write(session.transmit()) {
                Ok(Some(n)) => {
                    session.transmitted(n);
                    traffic.sent += n as u64;
                    traffic.transfers += 1;
                }
                Ok(None) => self.writable = false,
                Err(error) => self.fail(error),
            }
        }
    }

    fn fail(&mut self, error: io::Error) {
        (self.writable, self.readable, self.broken) = (false, true, Some(error));
    }

    fn read(
        &mut self,
        session: &mut ClientSession<'_>,
        traffic: &mut Traffic,
        now: Instant,
    ) -> Result<bool, ConnectionError> {
        if !self.readable || !session.wants_read() {
            return Ok(false);
        }
        match self.stream.read(session.space())? {
            Taken::Some { n, more } => {
                session.received(now, n);
                traffic.received += n as u64;
                traffic.transfers += 1;
                self.readable = more || self.is_ending || self.broken.is_some();
                Ok(true)
            }
            Taken::None => {
                self.readable = false;
                self.broken.take().map_or(Ok(false), |error| Err(error.into()))
            }
            Taken::End => Err(ConnectionError::Closed),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("session", self.session())
            .field("link", &self.link)
            .field("queue", &self.queue)
            .field("traffic", &self.traffic)
            .finish_non_exhaustive()
    }
}
