//! What a client session tells.

use core::fmt;
use core::time::Duration;

use crate::error::{DecodeError, FrameError};
use crate::message::{FailureReason, MessageType};
use crate::protocol::Protocol;
use crate::session::time::Span;
use crate::session::{Attempt, Instant, Request, Side};
use crate::value::{AgentState, CtiService, FailureStatus, PeripheralType, PgStatus, SessionType};
use crate::wire::{Frame, Time};

/// An event of a client session. It borrows from the receive buffer and must be let go before the next call.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
// Its tag by itself: as an impossible time of a field's it is a large number, which costs four bytes in each place.
#[cfg_attr(target_pointer_width = "32", repr(u8))]
pub enum Event<'a> {
    /// The session is open. OPEN_CONF itself follows as a [`Message`](Self::Message), with what varies in length: the
    /// peripherals, and the agent's extension, ID and instrument.
    Opened(Opened),
    /// The server sent something of its own accord.
    Message(Frame<'a>),
    /// A request is confirmed.
    Confirmed {
        /// The request.
        request: Request,
        /// The confirmation, to be decoded as the type that confirms the request. A peer that mixes the two up is found
        /// out then.
        frame: Frame<'a>,
        /// Whether further parts of the answer follow: the request is then still outstanding.
        more: bool,
    },
    /// A request failed.
    Failed {
        /// The request.
        request: Request,
        /// Why.
        reason: FailureReason,
    },
    /// No answer came in time. One that comes later is [`Event::Late`].
    TimedOut(Request),
    /// The session ended before the answer came; whether the request took effect is unknown.
    Lost(Request),
    /// An answer to a request that is not outstanding (any more).
    Late(Frame<'a>),
    /// A frame was larger than the receive buffer, and was skipped.
    Skipped {
        /// Its type.
        message: MessageType,
        /// Bytes after its header.
        length: u32,
    },
    /// A frame of the session itself could not be decoded. The session goes on without it.
    Malformed(DecodeError),
    /// The next request of a resynchronisation may be sent.
    ResyncReady,
    /// An attempt to connect or to open failed, or the connection is lost.
    Disconnected(Disconnected),
    /// The session is over and will not be opened again: the last event.
    Ended(Ended),
}

/// An open session.
///
/// Guide: "Session Management", OPEN_CONF.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Opened {
    /// The side it is with.
    pub side: Side,
    /// The protocol in force.
    pub protocol: Protocol,
    /// Services granted.
    pub granted: CtiService,
    /// Services asked for and not granted.
    pub missing: CtiService,
    /// The monitor that opening made; 0 if none.
    pub monitor_id: u32,
    /// State of the peripheral gateway.
    pub pg_status: PgStatus,
    /// Whether the peripheral, or all of them, are online.
    pub peripheral_online: bool,
    /// Type of the peripheral.
    pub peripheral_type: PeripheralType,
    /// State of the agent, for Client Events.
    pub agent_state: AgentState,
    /// Whether the server is active or standby; unknown before version 24.
    pub session_type: SessionType,
    /// The clock of the central controller at this moment.
    pub server_clock: ServerClock,
    /// How long there was no session, if there was one before: events of that time are lost, monitors are being made
    /// again, and a resynchronisation is due.
    pub gap: Option<Duration>,
}

/// What the central controller's clock showed at a moment of the session's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ServerClock {
    time: Time,
    at: Instant,
}

impl ServerClock {
    /// The controller's clock showed `time` at `at`.
    #[must_use]
    pub const fn new(time: Time, at: Instant) -> Self {
        Self { time, at }
    }

    /// What the controller's clock shows at `now`, as far as is known.
    #[must_use]
    pub fn time_at(&self, now: Instant) -> Time {
        let passed = u32::try_from(now.since(self.at).as_secs()).unwrap_or(u32::MAX);
        Time(self.time.0.saturating_add(passed))
    }
}

/// A connection that failed or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Disconnected {
    /// The side it was with.
    pub side: Side,
    /// Why.
    pub cause: Cause,
    /// The next attempt.
    pub next: Attempt,
}

/// Why there is no connection (any more).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Cause {
    /// TCP did not connect.
    ConnectFailed,
    /// The transport was closed or reset.
    TransportClosed,
    /// No answer to OPEN_REQ.
    NoAnswer,
    /// The server refused the session.
    Refused(FailureReason),
    /// Three heartbeats in a row were not answered, or one was answered by a failure.
    HeartbeatLost,
    /// The server ended the session by FAILURE_EVENT.
    EndedByServer(FailureStatus),
    /// The stream cannot be cut into frames.
    Framing(FrameError),
    /// The answer to OPEN_REQ could not be decoded.
    BadAnswer(DecodeError),
    /// This side went into maintenance, and the client has left it.
    Maintenance,
    /// The caller asked to leave this side.
    Left,
}

/// Why a session will not be opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Ended {
    /// The caller closed it, and the server confirmed.
    Closed,
    /// The caller closed it, and the server did not confirm within 5 s, or was not there.
    ClosedUnconfirmed,
    /// The server refused it for a reason that trying again does not mend: see [`FailureReason::explain`].
    Refused(FailureReason),
    /// Another client with the same identity opened a session instead (E_CTI_NEW_SESSION_OPENED). Opening again
    /// would end that one.
    TakenOver,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("side", &self.side)
            .field("protocol", &self.protocol)
            .field("granted", &self.granted)
            .field("missing", &self.missing)
            .field("monitor_id", &self.monitor_id)
            .field("pg_status", &self.pg_status)
            .field("peripheral_online", &self.peripheral_online)
            .field("peripheral_type", &self.peripheral_type)
            .field("agent_state", &self.agent_state)
            .field("session_type", &self.session_type)
            .field("server_clock", &self.server_clock)
            .field("gap", &self.gap.map(Span))
            .finish()
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConnectFailed => f.write_str("TCP did not connect"),
            Self::TransportClosed => f.write_str("the connection was closed"),
            Self::NoAnswer => f.write_str("the server did not answer OPEN_REQ"),
            Self::Refused(reason) => write!(f, "refused: {reason}: {}", reason.explain()),
            Self::HeartbeatLost => f.write_str("heartbeats were not answered"),
            Self::EndedByServer(status) => write!(f, "ended by the server: {status}: {}", status.explain()),
            Self::Framing(error) => error.fmt(f),
            // Not by the error's own `Display`: it names the field, and so links the names of all messages, which on a
            // microcontroller is most of its flash.
            Self::BadAnswer(error) => write!(f, "{} at offset {}: {}", error.message, error.offset, error.kind),
            Self::Maintenance => f.write_str("this side went into maintenance"),
            Self::Left => f.write_str("the side was left"),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("closed"),
            Self::ClosedUnconfirmed => f.write_str("closed without the server's word"),
            Self::Refused(reason) => write!(f, "refused: {reason}: {}", reason.explain()),
            Self::TakenOver => f.write_str("another client took the session over"),
        }
    }
}
