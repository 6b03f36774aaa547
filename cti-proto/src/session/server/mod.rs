//! The server's machine: one client's session, for gateways and test servers.

mod inbound;
mod outbound;
mod prepared;
mod state;
mod validate;

use core::fmt;
use core::time::Duration;

use heapless::vec::VecView;

use crate::error::FrameError;
use crate::message::{Body, MessageType, OpenConf, OpenReq};
use crate::protocol::{Product, Protocol};
use crate::session::{Instant, Pending, Request, Transport, Wake};
use crate::storage::Parts;
use crate::value::{ControlFailureCode, CtiService, FailureStatus};
use crate::wire::{Frame, FrameBuffer};
pub use prepared::Prepared;
use state::Core;

/// What a server offers, to every client alike.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ServerConfig {
    /// The product it is.
    pub product: Product,
    /// Oldest and newest version that it speaks; both are among them.
    pub versions: (u32, u32),
    /// Whether this side is on standby (version 24 and later). For a session that is open already this ends when
    /// STANDBY_ACTIVE_EVENT_MSG is sent on it.
    pub standby: bool,
    /// Whether it is in maintenance mode, and opens no sessions.
    pub maintenance: bool,
    /// How long a client may take to send OPEN_REQ.
    pub open_timeout: Duration,
}

impl ServerConfig {
    /// An active server of `product`, of every version.
    #[must_use]
    pub const fn new(product: Product) -> Self {
        let versions = match product {
            Product::Cce => (Protocol::CCE_MIN, Protocol::CCE_MAX),
            Product::Ccx => (Protocol::CCX_MIN, Protocol::CCX_MAX),
        };
        Self { product, versions, standby: false, maintenance: false, open_timeout: Duration::from_secs(30) }
    }
}

/// A client's session, seen from the server.
///
/// See the [module](crate::session) for the calls and the contract. The machine keeps the rules; what the client may
/// have, and what its requests do, the application decides:
///
/// * It checks OPEN_REQ and hands it out; [`accept`](Self::accept) or [`refuse`](Self::refuse) answers it. Until then
///   nothing else of the client is handled. The checks come in this order, each with its status: fixed part whole
///   (25), version (1), reserved fields (22), client's name and password present (6), idle timeout (18), services
///   (19), call events (20), agent states (21), configuration (95), standby (15 below version 24, else 107),
///   maintenance (110), peripheral (7) and agent (6) for Client Events, fields known (3, 23, 26, 49).
/// * It answers heartbeats and CLOSE_REQ, and resets a connection that was silent for the idle timeout or that the
///   client leaves for the other side.
/// * It refuses what comes before OPEN_REQ (4), a second OPEN_REQ (5), what is no request (2), what the version lacks
///   (48), what was not granted (12), what cannot be decoded (25, 23, 3, 26, 49), digits that are none (24), values of
///   named variables that are too long (74), what lacks a required field (6), and what has more or less in it than it
///   says: skill groups (39), named variables (77), named arrays (78), and more than 2,000 bytes of the latter two
///   together (73). Everything else is [`ServerEvent::Request`] or [`ServerEvent::Message`].
/// * It keeps the monitors with their IDs and masks, and sends an event only where it is wanted.
/// * What the application says is written as far as the client's version has fields for it.
///
/// What waits to be sent is bounded by the transmit buffer. Requests wait while there is no room to refuse them. An
/// event without room ends the session ([`ServerEnded::Overflow`]) and resets the connection: a client that is too slow
/// is to connect again and take the picture anew, rather than go on with a hole in it that it does not know of.
pub struct ServerSession<'s> {
    rx: FrameBuffer<'s>,
    core: Core<'s>,
    /// A client's, and of no use to a server: kept to be given back.
    requests: &'s mut VecView<Pending>,
}

/// An event of a server's session. It borrows from the receive buffer and must be let go before the next call.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "there is no allocator to box with")]
pub enum ServerEvent<'a> {
    /// A client asks for a session. To be answered by [`ServerSession::accept`] or [`ServerSession::refuse`].
    OpenRequested(OpenReq<'a>),
    /// A request, to be answered under its invoke ID.
    Request {
        /// The request.
        request: Request,
        /// Its frame.
        frame: Frame<'a>,
    },
    /// A message that is not answered under an invoke ID: the configuration conversation, answers and failures of
    /// applications that serve others, maintenance.
    Message(Frame<'a>),
    /// The client stopped a monitor; it has been confirmed.
    MonitorStopped {
        /// ID of the monitor.
        monitor_id: u32,
    },
    /// A request was refused by the machine.
    Refused {
        /// The request; invoke ID 0 if it has none.
        request: Request,
        /// Why.
        status: FailureStatus,
    },
    /// A frame was larger than the receive buffer, and was skipped.
    Skipped {
        /// Its type.
        message: MessageType,
        /// Bytes after its header.
        length: u32,
    },
    /// The session is over: the last event.
    Ended(ServerEnded),
}

/// How a server's session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ServerEnded {
    /// The client closed it with this status.
    Closed(FailureStatus),
    /// The connection was closed without CLOSE_REQ.
    Disconnected,
    /// The client was silent for its idle timeout.
    IdleTimeout,
    /// The client did not send OPEN_REQ in time.
    NoOpen,
    /// The session was refused with this status.
    Refused(FailureStatus),
    /// The client read too slowly.
    Overflow,
    /// The stream cannot be cut into frames.
    Framing(FrameError),
    /// The client has left for the other side, as this one goes into maintenance (STOPPING_REQUESTS_TO_THIS_SIDE_IND).
    Left,
    /// The server ended it with this status.
    EndedByServer(FailureStatus),
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub enum Delivery {
    /// It is on its way.
    Sent,
    /// The client did not ask for it, or its version does not have it.
    NotWanted,
    /// There is no open session.
    NotOpen,
    /// There is no room: the session has ended.
    Overflow,
}

/// Why an answer was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AnswerError {
    /// There is no open session, or no OPEN_REQ to answer.
    NotOpen,
    /// The message cannot be written, or there is no room for it now.
    Encode(crate::EncodeError),
}

impl From<crate::EncodeError> for AnswerError {
    fn from(error: crate::EncodeError) -> Self {
        Self::Encode(error)
    }
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOpen => f.write_str("no session is open"),
            Self::Encode(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for AnswerError {}

impl<'s> ServerSession<'s> {
    /// The session of a client that has just connected.
    #[must_use]
    pub fn new(config: ServerConfig, storage: Parts<'s>, now: Instant) -> Self {
        let Parts { rx, tx, requests, monitors } = storage;
        Self { rx: FrameBuffer::new(rx), core: Core::new(config, tx, monitors, now), requests }
    }

    /// Gives the storage back, for the session of the next client.
    #[must_use]
    pub fn into_parts(self) -> Parts<'s> {
        let Core { tx, monitors, .. } = self.core;
        Parts {
            rx: self.rx.into_inner(),
            tx: tx.into_buffer(),
            requests: self.requests,
            monitors: monitors.into_inner(),
        }
    }

    /// What is to become of the connection: [`Transport::Keep`], [`Transport::Reset`] or [`Transport::None`].
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.core.transport()
    }

    /// The connection was closed by the client, or reset as asked. What arrived before is still delivered; until it is,
    /// time does nothing.
    pub fn transport_closed(&mut self, now: Instant) {
        self.core.tick(now);
        self.core.transport_closed();
    }

    /// Room for bytes from the client.
    pub fn space(&mut self) -> &mut [u8] {
        self.rx.space()
    }

    /// `n` bytes were put at the front of [`space`](Self::space).
    pub fn received(&mut self, now: Instant, n: usize) {
        self.core.heard(now, n);
        self.rx.commit(n);
    }

    /// Takes what there is room for, and says how many bytes that were.
    #[must_use = "bytes that were not taken must be offered again"]
    pub fn receive(&mut self, now: Instant, bytes: &[u8]) -> usize {
        // Also bytes that there is no room for: a client that is held back is not silent.
        self.core.heard(now, bytes.len());
        self.rx.receive(bytes)
    }

    /// Bytes for the client.
    #[must_use]
    pub fn transmit(&self) -> &[u8] {
        self.core.tx.bytes()
    }

    /// The first `n` bytes of [`transmit`](Self::transmit) were handed to the transport.
    pub fn transmitted(&mut self, n: usize) {
        self.core.tx.consume(n);
    }

    /// Whether bytes from the client are welcome.
    #[must_use]
    pub fn wants_read(&self) -> bool {
        self.core.is_connected() && self.rx.has_space()
    }

    /// Whether there are bytes for the client.
    #[must_use]
    pub fn wants_write(&self) -> bool {
        self.core.is_connected() && !self.transmit().is_empty()
    }

    /// The next event, if there is one. It decodes one frame at most.
    #[must_use]
    pub fn poll_event(&mut self, now: Instant) -> Option<ServerEvent<'_>> {
        self.core.tick(now);
        inbound::poll(&mut self.rx, &mut self.core)
    }

    /// Does what is due at `now`. Calling it too early or too often does no harm.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.core.tick(now);
        self.core.handle_timeout();
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) or [`poll_event`](Self::poll_event) next.
    pub fn wake(&self) -> Wake {
        if inbound::can_deliver(&self.rx, &self.core) { Wake::Now } else { self.core.wake() }
    }

    /// Opens the session: the answer to [`ServerEvent::OpenRequested`]. Services that were not asked for are not
    /// granted; the invoke ID is filled in.
    ///
    /// # Errors
    /// [`AnswerError`]; the request is then still to be answered.
    pub fn accept(&mut self, now: Instant, confirmation: &OpenConf<'_>) -> Result<(), AnswerError> {
        self.core.tick(now);
        self.core.accept(confirmation)
    }

    /// Refuses the session and ends it, once the client has been told or has had 5 s for it.
    ///
    /// # Errors
    /// [`AnswerError::NotOpen`] if there is no OPEN_REQ to answer.
    pub fn refuse(&mut self, now: Instant, status: FailureStatus) -> Result<(), AnswerError> {
        self.core.tick(now);
        self.core.refuse(status)
    }

    /// Confirms a request; the invoke ID is filled in.
    ///
    /// # Errors
    /// [`AnswerError`]; where there is no room, try again when bytes have been transmitted.
    pub fn confirm<'m, M: Body<'m>>(
        &mut self,
        now: Instant,
        request: Request,
        confirmation: &M,
    ) -> Result<(), AnswerError> {
        self.core.tick(now);
        self.core.confirm(request, confirmation)
    }

    /// Confirms a request that makes a monitor, and gives the monitor this ID, which is to be unique in the server.
    ///
    /// # Errors
    /// As [`confirm`](Self::confirm).
    pub fn confirm_monitor(&mut self, now: Instant, request: Request, monitor_id: u32) -> Result<(), AnswerError> {
        self.core.tick(now);
        self.core.confirm_monitor(request, monitor_id)
    }

    /// Fails a request with a status.
    ///
    /// # Errors
    /// As [`confirm`](Self::confirm).
    pub fn fail(&mut self, now: Instant, request: Request, status: FailureStatus) -> Result<(), AnswerError> {
        self.core.tick(now);
        self.core.fail(request, status)
    }

    /// Fails a Client Control request.
    ///
    /// # Errors
    /// As [`confirm`](Self::confirm).
    pub fn fail_control(
        &mut self,
        now: Instant,
        request: Request,
        failure_code: ControlFailureCode,
        peripheral_error_code: u32,
    ) -> Result<(), AnswerError> {
        self.core.tick(now);
        self.core.fail_control(request, failure_code, peripheral_error_code)
    }

    /// Sends a message whatever the masks say: the parts of an upload that was asked for, requests of the server's.
    ///
    /// # Errors
    /// As [`confirm`](Self::confirm).
    pub fn send<'m, M: Body<'m>>(&mut self, now: Instant, message: &M) -> Result<(), AnswerError> {
        self.core.tick(now);
        self.core.send(message)
    }

    /// Sends an event if the services granted and the masks of OPEN_REQ ask for it, under the monitor of the session.
    pub fn event(&mut self, now: Instant, event: &Prepared<'_>) -> Delivery {
        self.core.tick(now);
        self.core.event(event)
    }

    /// Sends an event if the masks of the monitor ask for it, under the monitor's ID.
    pub fn event_for(&mut self, now: Instant, monitor_id: u32, event: &Prepared<'_>) -> Delivery {
        self.core.tick(now);
        self.core.event_for(monitor_id, event)
    }

    /// Forgets a monitor that has ended by itself, as that of a call does with its call and that of a session with the
    /// session: it makes room for another one. The client is not told, as the guide has no message for it; its events
    /// have told it. Guide: "MONITOR_START_REQ".
    pub fn end_monitor(&mut self, monitor_id: u32) {
        self.core.monitors.stopped(monitor_id);
    }

    /// The monitors that the client has: their IDs, and the requests that made them.
    pub fn monitors(&self) -> impl Iterator<Item = (u32, Frame<'_>)> {
        self.core.monitors.made(self.core.protocol)
    }

    /// Ends the session from the server's side: the client is told by FAILURE_EVENT and has 5 s to close. An OPEN_REQ
    /// that is not answered yet is refused with `status`; without one the connection is reset.
    pub fn end(&mut self, now: Instant, status: FailureStatus) {
        self.core.tick(now);
        self.core.end_by_server(status);
    }

    /// Whether a session is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.core.is_open()
    }

    /// The protocol that the client asked for; before OPEN_REQ, the newest one.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.core.protocol
    }

    /// The services granted.
    #[must_use]
    pub const fn granted(&self) -> CtiService {
        self.core.granted
    }
}

impl fmt::Debug for ServerSession<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSession")
            .field("transport", &self.transport())
            .field("wake", &self.wake())
            .field("protocol", &self.protocol())
            .field("is_open", &self.is_open())
            .field("granted", &self.granted())
            .finish_non_exhaustive()
    }
}
