//! The connection that a session wants: made, kept, and its bytes moved.

use std::io;

use cti_proto::session::{ClientSession, Instant, Side, Transport, Wake};
use mio::Token;

use crate::client::ConnectionError;
use crate::client::connecting::{Connecting, Connector};
use crate::stream::{Stream, Taken};
use crate::trace::{debug, info};

/// The connection of one session, and all attempts to make it.
#[derive(Debug)]
pub(super) struct Line {
    /// The connection, or how far it is.
    link: Link,
    connector: Connector,
    /// Whether something happened that nobody has looked at.
    touched: bool,
    last_error: Option<ConnectionError>,
    traffic: Traffic,
}

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
pub(super) enum Reading {
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

impl Line {
    pub(super) fn new(connector: Connector) -> Self {
        Self { link: Link::None, connector, touched: true, last_error: None, traffic: Traffic::default() }
    }

    /// What the socket is registered under.
    pub(super) const fn token(&self) -> Token {
        self.connector.token()
    }

    /// Why the last connection failed or ended.
    pub(super) const fn last_error(&self) -> Option<&ConnectionError> {
        self.last_error.as_ref()
    }

    /// What went through all connections.
    pub(super) const fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Takes note of an event of the poll. Events of other tokens are passed over.
    pub(super) fn handle_io(&mut self, event: &mio::event::Event) {
        if event.token() != self.token() {
            return;
        }
        // Also where nothing is up: TCP may have connected.
        self.touched = true;
        if let Link::Up(connection) = &mut self.link {
            // Edge-triggered: what is not noted now is not told again.
            connection.is_ending |= event.is_read_closed() || event.is_error();
            connection.readable |= event.is_readable() || connection.is_ending;
            connection.writable |= event.is_writable() || event.is_write_closed() || event.is_error();
        }
    }

    /// When there is something to do for the session.
    pub(super) fn wake(&self, session: &ClientSession<'_>) -> Wake {
        let (is_due, until) = match &self.link {
            Link::Up(connection) => (connection.can_move(session), Wake::Idle),
            Link::Connecting(connecting) => (false, connecting.wake()),
            Link::None => (matches!(session.transport(), Transport::Connect(_)), Wake::Idle),
        };
        let is_due = is_due || session.transport() == Transport::Reset;
        if is_due || self.touched { Wake::Now } else { session.wake().or(until) }
    }

    /// Does what the session wants done, which was told the time; whether there is more to do.
    pub(super) fn turn(&mut self, session: &mut ClientSession<'_>, now: Instant, reading: Reading) -> bool {
        self.touched = false;
        // What the session wants is asked each time: an event that was taken, or a command, may have changed it.
        let moved = match session.transport() {
            Transport::Connect(side) => self.connect(side, session, now),
            Transport::Keep => self.exchange(session, now, reading),
            Transport::Reset => {
                self.reset(session, now);
                true
            }
            _ => {
                self.give_up_connecting();
                false
            }
        };
        // What the session wants now may have come of this very turn.
        moved || session.wake() == Wake::Now
    }

    /// Goes on connecting; whether something has come of it.
    fn connect(&mut self, side: Side, session: &mut ClientSession<'_>, now: Instant) -> bool {
        // The session may have given the other side up meanwhile.
        if !matches!(&self.link, Link::Connecting(connecting) if connecting.side == side) {
            debug!("connecting to side {:?}", side);
            self.link = Link::Connecting(Connecting::new(side));
        }
        let Link::Connecting(connecting) = &mut self.link else { return false };
        match connecting.advance(&mut self.connector, now) {
            Ok(None) => return false,
            Ok(Some(stream)) => {
                info!("connected to side {:?}", side);
                self.traffic.connected += 1;
                self.link = Link::Up(Connection::new(stream));
                session.connected(now);
            }
            Err(error) => self.lost(error, session, now),
        }
        true
    }

    /// Writes, and reads once; whether something was moved.
    fn exchange(&mut self, session: &mut ClientSession<'_>, now: Instant, reading: Reading) -> bool {
        let Link::Up(connection) = &mut self.link else {
            // A session that wants to keep a connection has one.
            self.lost(ConnectionError::Closed, session, now);
            return true;
        };
        // Before reading: what the server has to say of a request comes the sooner.
        connection.write(session, &mut self.traffic);
        let moved = match reading {
            Reading::Once => connection.read(session, &mut self.traffic, now),
            Reading::Not => Ok(false),
        };
        match moved {
            Ok(moved) => moved,
            Err(error) => {
                self.lost(error, session, now);
                true
            }
        }
    }

    /// The connection is gone, or does not come about.
    fn lost(&mut self, error: ConnectionError, session: &mut ClientSession<'_>, now: Instant) {
        info!("no connection: {}", error);
        self.link = Link::None;
        self.last_error = Some(error);
        session.transport_closed(now);
    }

    /// Drops the connection at once, as the session wants it.
    fn reset(&mut self, session: &mut ClientSession<'_>, now: Instant) {
        if let Link::Up(connection) = &mut self.link {
            debug!("connection reset");
            // With a reset, so that the server does not keep the session open for answers that nobody waits for.
            connection.stream.set_reset();
        }
        self.link = Link::None;
        session.transport_closed(now);
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

    /// Whether another turn would move something.
    fn can_move(&self, session: &ClientSession<'_>) -> bool {
        (self.readable && session.wants_read()) || (self.writable && session.wants_write())
    }

    /// Writes until the socket is full or nothing waits.
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
                // Until the poll tells that there is room again.
                Ok(None) => self.writable = false,
                Err(error) => self.fail(error),
            }
        }
    }

    /// Writing is over; what the server has sent is still to be read.
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
                // To the very end, where nothing announces that there is more.
                self.readable = more || self.is_ending || self.broken.is_some();
                Ok(true)
            }
            Taken::None => {
                self.readable = false;
                // Everything that came before the break is read now.
                self.broken.take().map_or(Ok(false), |error| Err(error.into()))
            }
            Taken::End => Err(ConnectionError::Closed),
        }
    }
}
