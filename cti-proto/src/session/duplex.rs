//! A client of an active and a standby server at once (version 24 and later).

use crate::message::{ActiveMaintenanceEventMsg, Body, MessageType};
use crate::session::{ClientConfig, ClientSession, ConfigError, Event, Instant, Request, RequestError, Side, Wake};
use crate::storage::Parts;
use crate::value::{CtiService, FailureStatus, SessionType};

/// Two sessions, one with either side, of which one is active.
///
/// Requests go to the active side. When that side goes into maintenance and the other one has become active, the old
/// side is told to expect no more, and drops its connection; when a side is lost, requests go to the other one as soon
/// as that is active. Each session is driven like a [`ClientSession`] of its own, with a connection of its own:
/// [`session`](Self::session) gives them out.
///
/// Guide: "Session Management", active and standby servers, maintenance mode.
#[derive(Debug)]
pub struct DuplexClient<'s> {
    a: ClientSession<'s>,
    b: ClientSession<'s>,
    /// The side that goes into maintenance.
    leaving: Option<Side>,
    /// Whether that side has been told to expect no more requests.
    told: bool,
    /// Whose turn it is to tell events.
    turn: Side,
}

impl<'s> DuplexClient<'s> {
    /// Two sessions of the same configuration, to which the service for standby sessions is added.
    ///
    /// # Errors
    /// As [`ClientSession::new`].
    pub fn new(config: ClientConfig<'s>, a: Parts<'s>, b: Parts<'s>) -> Result<Self, ConfigError> {
        let services = config.services | CtiService::CTI_SERVICE_ACTIVE_STANDBY;
        let side = |side| ClientConfig { services, only_side: Some(side), ..config };
        Ok(Self {
            a: ClientSession::new(side(Side::A), a)?,
            b: ClientSession::new(side(Side::B), b)?,
            leaving: None,
            told: false,
            turn: Side::A,
        })
    }

    /// The session with a side.
    #[must_use]
    pub const fn session(&self, side: Side) -> &ClientSession<'s> {
        match side {
            Side::A => &self.a,
            Side::B => &self.b,
        }
    }

    /// The session with a side, to move its bytes and to tell of its connection.
    pub const fn session_mut(&mut self, side: Side) -> &mut ClientSession<'s> {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }

    /// The side that takes requests, if one does. Between two active ones it is the one that is not being left.
    #[must_use]
    pub fn active(&self) -> Option<Side> {
        let is_active = |side: &Side| {
            let opened = self.session(*side).opened();
            // Below version 24 it is unknown, and there are only active ones.
            opened.is_some_and(|opened| opened.session_type != SessionType::STANDBY)
        };
        let sides = [Side::A, Side::B];
        let stays = |side: &Side| Some(*side) != self.leaving;
        let active = sides.into_iter().filter(is_active);
        active.clone().find(stays).or_else(|| active.into_iter().next())
    }

    /// Sends a request to the active side. Its end comes as an event of that side.
    ///
    /// # Errors
    /// [`RequestError`]; nothing was sent.
    pub fn request<'m, M: Body<'m>>(&mut self, now: Instant, message: &M) -> Result<(Side, Request), RequestError> {
        let side = self.active().ok_or(RequestError::NotOpen)?;
        let request = self.session_mut(side).request(now, message)?;
        Ok((side, request))
    }

    /// The next event of either side; they take turns.
    #[must_use]
    pub fn poll_event(&mut self, now: Instant) -> Option<(Side, Event<'_>)> {
        self.leave_if_possible(now);
        let first = self.turn;
        // That it is to be called says less: it may be for time to pass, with nothing to tell.
        let side = if self.session_mut(first).has_event(now) { first } else { first.other() };
        self.turn = side.other();
        let Self { a, b, leaving, told, .. } = self;
        let event = match side {
            Side::A => a.poll_event(now),
            Side::B => b.poll_event(now),
        }?;
        match &event {
            Event::Message(frame) if frame.message_type() == MessageType::ACTIVE_MAINTENANCE_EVENT_MSG => {
                let goes_on =
                    frame.decode().is_ok_and(|event: ActiveMaintenanceEventMsg| event.maintenance_mode_status);
                (*leaving, *told) = (goes_on.then_some(side), false);
            }
            Event::Disconnected(_) | Event::Ended(_) if *leaving == Some(side) => *leaving = None,
            _ => {}
        }
        Some((side, event))
    }

    /// Does what is due on either side.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.a.handle_timeout(now);
        self.b.handle_timeout(now);
        self.leave_if_possible(now);
    }

    /// When to call again.
    pub fn wake(&self) -> Wake {
        if self.can_leave().is_some() { Wake::Now } else { self.a.wake().or(self.b.wake()) }
    }

    /// Closes both sessions for good.
    pub fn close(&mut self, now: Instant, status: FailureStatus) {
        self.a.close(now, status);
        self.b.close(now, status);
    }

    /// Leaves the side that goes into maintenance once the other one is active. Where there is no room for the
    /// message, the session leaves by itself a little later.
    fn leave_if_possible(&mut self, now: Instant) {
        if let Some(side) = self.can_leave() {
            self.told = true;
            // Once only: if this fails the session's own time does it.
            let _ = self.session_mut(side).stop_requests(now);
        }
    }

    fn can_leave(&self) -> Option<Side> {
        self.leaving.filter(|side| !self.told && self.active() == Some(side.other()))
    }
}
