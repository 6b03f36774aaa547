//! The client's machine: one session at a time, opened, kept alive, and opened again after a loss.

mod inbound;
mod outbound;
mod state;
mod timers;

use core::fmt;

use crate::message::Body;
use crate::protocol::Protocol;
use crate::session::time::Decimal;
use crate::session::{ClientConfig, ConfigError, Event, Health, Instant, Opened, Request, RequestError, Side, Wake};
use crate::storage::{MIN_RX, Parts};
use crate::value::FailureStatus;
use crate::wire::{Frame, FrameBuffer};
use state::{Core, Remaking};

/// A session with a CTI Server, or with either server of a pair.
///
/// See the [module](crate::session) for the calls and the contract. The machine says through
/// [`transport`](Self::transport) which connection it wants; the caller makes it, drops it and moves the bytes:
///
/// ```
/// use cti_proto::session::{ClientConfig, ClientSession, Instant, Transport};
/// use cti_proto::value::CtiService;
/// use cti_proto::{Protocol, Storage};
///
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// let protocols = [Protocol::cce(24)?, Protocol::cce(19)?];
/// let config = ClientConfig::new(&protocols, "wallboard".into(), CtiService::CTI_SERVICE_ALL_EVENTS);
/// let mut storage = Storage::<12_500, 2_048, 8, 4>::new();
/// let mut session = ClientSession::new(config, storage.parts())?;
///
/// let now = Instant::ZERO;
/// session.handle_timeout(now);
/// assert!(matches!(session.transport(), Transport::Connect(_)));
/// session.connected(now);
/// assert!(session.wants_write(), "OPEN_REQ is on its way");
/// # Ok(())
/// # }
/// ```
pub struct ClientSession<'s> {
    rx: FrameBuffer<'s>,
    core: Core<'s>,
}

/// The connection that a session wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Transport {
    /// None now; [`ClientSession::wake`] says when.
    None,
    /// A new one to this side. Call [`ClientSession::connected`] or [`ClientSession::transport_closed`].
    Connect(Side),
    /// The one that there is.
    Keep,
    /// The one that there is shall be reset: dropped hard, with no bytes left behind. Then call
    /// [`ClientSession::transport_closed`].
    Reset,
}

/// What went through a session since it was made.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct ClientCounters {
    /// Sessions opened.
    pub opened: u32,
    /// Connections lost, refused or failed.
    pub disconnected: u32,
    /// Frames handed out.
    pub frames: u64,
    /// Frames skipped because they were larger than the receive buffer.
    pub skipped: u32,
    /// Answers that came after their request had ended.
    pub late: u32,
    /// Requests without an answer in time.
    pub timed_out: u32,
    /// Monitors that there was no room to remember.
    pub monitors_forgotten: u32,
    /// Most bytes that ever waited to be sent.
    pub transmit_high_water: usize,
    /// Most requests that were ever outstanding.
    pub requests_high_water: usize,
}

impl<'s> ClientSession<'s> {
    /// A session that will connect at the first [`handle_timeout`](Self::handle_timeout).
    ///
    /// # Errors
    /// [`ConfigError`] if the configuration breaks a rule of the protocol, or the messages of a session do not fit the
    /// storage.
    // Inlined, so that the compiler sees how much room there is, and which parts are not needed for it.
    #[inline]
    pub fn new(config: ClientConfig<'s>, storage: Parts<'s>) -> Result<Self, ConfigError> {
        let protocol = Self::check(&config, &storage)?;
        let remaking = Remaking::with_room(storage.monitors.capacity());
        Ok(Self::with_parts(config, protocol, storage, remaking))
    }

    /// Whether there can be such a session: the protocol to begin with.
    fn check(config: &ClientConfig<'_>, storage: &Parts<'_>) -> Result<Protocol, ConfigError> {
        if storage.rx.len() < MIN_RX {
            return Err(ConfigError::SmallBuffer);
        }
        config.check_for(storage.tx.len())?;
        config.protocols.first().copied().ok_or(ConfigError::NoProtocol)
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn with_parts(
        config: ClientConfig<'s>,
        protocol: Protocol,
        storage: Parts<'s>,
        remaking: Option<&'static Remaking>,
    ) -> Self {
        let Parts { rx, tx, requests, monitors } = storage;
        Self { rx: FrameBuffer::new(rx), core: Core::new(config, protocol, tx, requests, monitors, remaking) }
    }

    /// Gives the storage back.
    #[must_use]
    pub fn into_parts(self) -> Parts<'s> {
        let Core { tx, requests, monitors, .. } = self.core;
        Parts {
            rx: self.rx.into_inner(),
            tx: tx.into_buffer(),
            requests: requests.into_inner(),
            monitors: monitors.into_inner(),
        }
    }

    /// The connection that the session wants now.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.core.transport()
    }

    /// The connection that [`transport`](Self::transport) asked for is made.
    pub fn connected(&mut self, now: Instant) {
        self.core.tick(now);
        if self.core.connected() {
            self.rx.clear();
        }
    }

    /// The connection could not be made, was closed by the peer, or was reset as asked. What arrived before is still
    /// delivered; until it is, time does nothing.
    pub fn transport_closed(&mut self, now: Instant) {
        self.core.tick(now);
        self.core.transport_closed();
    }

    /// Room for bytes from the peer.
    pub fn space(&mut self) -> &mut [u8] {
        self.rx.space()
    }

    /// `n` bytes were put at the front of [`space`](Self::space).
    pub fn received(&mut self, now: Instant, n: usize) {
        self.core.tick(now);
        self.rx.commit(n);
    }

    /// Takes what there is room for, and says how many bytes that were.
    #[must_use = "bytes that were not taken must be offered again"]
    pub fn receive(&mut self, now: Instant, bytes: &[u8]) -> usize {
        self.core.tick(now);
        self.rx.receive(bytes)
    }

    /// Bytes for the peer.
    #[must_use]
    pub fn transmit(&self) -> &[u8] {
        self.core.transmit()
    }

    /// The first `n` bytes of [`transmit`](Self::transmit) were handed to the transport.
    pub fn transmitted(&mut self, n: usize) {
        self.core.transmitted(n);
    }

    /// Whether bytes from the peer are welcome.
    #[must_use]
    pub fn wants_read(&self) -> bool {
        self.core.has_transport() && self.rx.has_space()
    }

    /// Whether there are bytes for the peer.
    #[must_use]
    pub fn wants_write(&self) -> bool {
        self.core.has_transport() && !self.transmit().is_empty()
    }

    /// The next event, if there is one. It decodes one frame at most.
    #[must_use]
    #[inline]
    pub fn poll_event(&mut self, now: Instant) -> Option<Event<'_>> {
        self.core.tick(now);
        inbound::poll(&mut self.rx, &mut self.core)
    }

    /// Whether [`poll_event`](Self::poll_event) has an event now. Like it, this handles what the session handles by
    /// itself; for loops that cannot hold an event and go on.
    #[must_use]
    #[inline]
    pub fn has_event(&mut self, now: Instant) -> bool {
        self.core.tick(now);
        inbound::has_event(&mut self.rx, &mut self.core)
    }

    /// The next event, if that is a message which the session itself has nothing to do with, as nearly all are: what
    /// [`poll_event`](Self::poll_event) would wrap into [`Event::Message`]. Where it has none there may be events all the
    /// same.
    ///
    /// It does nothing but take the message, and reads no clock: for adapters that hand out many in a row, between the
    /// calls that tell the time.
    #[must_use]
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    pub fn poll_message(&mut self) -> Option<Frame<'_>> {
        let header = inbound::message(&self.rx, &self.core)?;
        Some(inbound::take_message(&mut self.rx, &mut self.core, header))
    }

    /// Whether [`poll_message`](Self::poll_message) has a message now. It looks at no more than a header, and asking first
    /// costs nothing where both calls stand together.
    #[must_use]
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    pub fn has_message(&self) -> bool {
        inbound::message(&self.rx, &self.core).is_some()
    }

    /// Does what is due at `now`. Calling it too early or too often does no harm.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.core.tick(now);
        if self.core.handle_timeout() {
            self.rx.clear();
        }
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) or [`poll_event`](Self::poll_event) next.
    pub fn wake(&self) -> Wake {
        if inbound::can_deliver(&self.rx, &self.core) { Wake::Now } else { self.core.wake() }
    }

    /// Sends a request, whatever invoke ID it bears: the session gives it one. It ends by exactly one of
    /// [`Event::Confirmed`] (without `more`), [`Event::Failed`], [`Event::TimedOut`] and [`Event::Lost`]. A request
    /// that makes a monitor of a device or a team is repeated when the session opens again, with the masks that
    /// CHANGE_MONITOR_MASK_REQ gave it last; that is another request, which ends by an event of its own. The masks of
    /// OPEN_REQ are then those of the configuration again.
    ///
    /// The two requests of the configuration conversation, CONFIG_REQUEST_KEY_EVENT and CONFIG_REQUEST_EVENT, have
    /// no invoke ID (theirs is 0 here), and only one of them may be outstanding. Begin and records of an upload are
    /// [`Event::Message`]s; its end confirms it, or, where it is partial, is one part of the answer. To a
    /// CONFIG_REQUEST_EVENT that asks for updates only a server may say nothing: it then ends by [`Event::TimedOut`], and
    /// updates come all the same.
    ///
    /// # Errors
    /// [`RequestError`]; nothing was sent.
    pub fn request<'m, M: Body<'m>>(&mut self, now: Instant, message: &M) -> Result<Request, RequestError> {
        self.core.tick(now);
        self.core.request(message)
    }

    /// Sends a message that is not a request: an answer to a request of the server's, for applications that serve
    /// others.
    ///
    /// # Errors
    /// [`RequestError`]; nothing was sent.
    pub fn send<'m, M: Body<'m>>(&mut self, now: Instant, message: &M) -> Result<(), RequestError> {
        self.core.tick(now);
        self.core.send(message)
    }

    /// Sends the next request of a resynchronisation: after [`Event::ResyncReady`], at the rate that the
    /// configuration allows. A session that opens after a gap announces itself ready; what is to be asked for only
    /// the application knows.
    ///
    /// # Errors
    /// [`RequestError`], with [`RequestError::TooEarly`] between the announcements; nothing was sent.
    pub fn resync<'m, M: Body<'m>>(&mut self, now: Instant, message: &M) -> Result<Request, RequestError> {
        self.core.tick(now);
        self.core.resync(message)
    }

    /// Begins a resynchronisation: for the first picture after opening.
    pub fn start_resync(&mut self, now: Instant) {
        self.core.tick(now);
        self.core.start_resync();
    }

    /// Ends a resynchronisation: there is nothing left to ask for.
    pub fn finish_resync(&mut self) {
        self.core.finish_resync();
    }

    /// Tells this side that requests go elsewhere from now on, as the last step of its way into maintenance. The server
    /// then drops the connection, or the session does after 5 s; it takes no more requests. The session does all this by
    /// itself 4 s after the server said that maintenance goes on.
    ///
    /// # Errors
    /// [`RequestError`]; nothing was sent.
    pub fn stop_requests(&mut self, now: Instant) -> Result<(), RequestError> {
        self.core.tick(now);
        self.core.stop_requests()
    }

    /// Closes the session for good: with CLOSE_REQ and up to 5 s for the answer where one is open, at once where
    /// none is. [`Event::Ended`] follows.
    pub fn close(&mut self, now: Instant, status: FailureStatus) {
        self.core.tick(now);
        self.core.close(status);
    }

    /// Drops the connection and tries the sides anew, the other one first.
    pub fn reconnect(&mut self, now: Instant) {
        self.core.tick(now);
        self.core.leave();
        self.rx.clear();
    }

    /// The open session, if one is open.
    #[must_use]
    pub fn opened(&self) -> Option<&Opened> {
        self.core.opened()
    }

    /// The protocol in force, or the one that will be tried next.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.core.protocol()
    }

    /// State of gateway and peripherals, as far as the session was told.
    #[must_use]
    pub const fn health(&self) -> &Health {
        self.core.health()
    }

    /// What went through since the session was made.
    #[must_use]
    pub fn counters(&self) -> ClientCounters {
        self.core.counters()
    }
}

impl fmt::Debug for ClientSession<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSession")
            .field("transport", &self.transport())
            .field("wake", &self.wake())
            .field("protocol", &self.protocol())
            .field("opened", &self.opened())
            .field("health", self.health())
            .field("counters", &self.counters())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ClientCounters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCounters")
            .field("opened", &self.opened)
            .field("disconnected", &self.disconnected)
            .field("frames", &Decimal(self.frames))
            .field("skipped", &self.skipped)
            .field("late", &self.late)
            .field("timed_out", &self.timed_out)
            .field("monitors_forgotten", &self.monitors_forgotten)
            .field("transmit_high_water", &self.transmit_high_water)
            .field("requests_high_water", &self.requests_high_water)
            .finish()
    }
}
