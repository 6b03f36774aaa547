//! What a client session knows, and how it goes from one state to the next.

use core::time::Duration;

use heapless::vec::VecView;

use crate::message::FailureReason;
use crate::protocol::Protocol;
use crate::session::client::{ClientCounters, Transport};
use crate::session::monitor::Monitors;
use crate::session::request::Requests;
use crate::session::sides::Sides;
use crate::session::transmit::Transmit;
use crate::session::{
    Attempt, Cause, ClientConfig, Disconnected, Ended, Health, Instant, Monitor, Opened, Pending, Side,
};
use crate::value::FailureStatus;

/// Heartbeats that may go unanswered.
// Guide: "Session Management", heartbeats. There they are three for either product.
pub(super) const MAX_UNANSWERED: usize = 3;
/// Least time between an OPEN_REQ that was refused or not answered and the next one.
// The guide only says to wait a little. A second keeps a server that refuses from being asked in a loop.
const AFTER_REFUSAL: Duration = Duration::from_secs(1);
/// The same for Unified CCX, from its guide.
const AFTER_CCX_REFUSAL: Duration = Duration::from_secs(10);

/// In this order, as what stands in front is reached by shorter instructions.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Core<'s> {
    pub(super) state: State,
    /// The peer closed the connection; what it had sent is still to be handled.
    pub(super) eof: bool,
    /// Whether the application has been told that it may send the next request of a resynchronisation.
    pub(super) may_resync: bool,
    /// Whether the upload that is under way was not asked for.
    pub(super) unsolicited: bool,
    protocol: Protocol,
    /// The invoke ID of the OPEN_REQ or CLOSE_REQ that is to be answered.
    pub(super) awaited: u32,
    /// Invoke IDs of the heartbeats that are not answered yet, in the order in which they were sent; behind them 0.
    pub(super) heartbeats: [u32; MAX_UNANSWERED],
    pub(super) now: Instant,
    /// When connecting, opening or closing has taken too long.
    pub(super) deadline: Instant,
    pub(super) last_sent: Instant,
    /// When the next request of a resynchronisation may be sent; never where there is none, or it may already.
    pub(super) resync_at: Instant,
    /// When to leave a side that goes into maintenance, if it does.
    pub(super) handover: Instant,
    /// When the last open session was lost, until another one opens.
    lost_at: Instant,
    pub(super) attempt: Attempt,
    pub(super) requests: Requests<'s>,
    pub(super) tx: Transmit<'s>,
    /// What is done about monitors where there is room for any: a program without room does not have it.
    pub(super) remaking: Option<&'static Remaking>,
    /// An event without a frame that waits to be delivered.
    pub(super) notice: Option<Notice>,
    pub(super) counters: ClientCounters,
    pub(super) health: Health,
    pub(super) opened: Option<Opened>,
    sides: Sides,
    further_protocols: &'s [Protocol],
    pub(super) monitors: Monitors<'s>,
    pub(super) config: ClientConfig<'s>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    /// For the time of the next attempt.
    Waiting,
    Connecting,
    Opening,
    Open,
    Closing(After),
    /// For the caller to reset the connection.
    Dropping(Next),
    Ended,
}

/// Why a session is being closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// The caller wants it.
    End,
    /// The server is offline; another one is to be found.
    Offline,
    /// The server goes into maintenance; another one is to be found.
    Maintenance,
}

impl After {
    /// Why the session is lost then; `None` if it is not, but over.
    pub(super) const fn cause(self) -> Option<Cause> {
        match self {
            Self::End => None,
            Self::Offline => Some(Cause::EndedByServer(FailureStatus::E_CTI_CTI_SERVER_OFFLINE)),
            Self::Maintenance => Some(Cause::Maintenance),
        }
    }
}

/// An event that is not told yet. What an opening says is kept with the session.
#[derive(Clone, Copy, Debug)]
pub(super) enum Notice {
    Opened,
    Disconnected(Disconnected),
    Ended(Ended),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Attempt,
    Nothing,
}

/// What it takes to remember monitors, and to make them again.
#[derive(Debug)]
pub(super) struct Remaking {
    made: fn(&mut Core<'_>, u32, u32),
    failed: fn(&mut Core<'_>, u32),
    lost: fn(&mut Core<'_>),
    pub(super) make: fn(&mut Core<'_>),
    pub(super) can_make: fn(&Core<'_>) -> bool,
    translate: fn(&mut Core<'_>, Protocol),
}

impl Remaking {
    /// Nothing where there is no room for monitors.
    #[inline]
    pub(super) fn with_room(monitors: usize) -> Option<&'static Self> {
        (monitors > 0).then_some(&Self::ALL)
    }

    const ALL: Self = Self {
        made: |core, invoke_id, monitor_id| core.monitors.confirmed(invoke_id, monitor_id),
        failed: |core, invoke_id| core.monitors.failed(invoke_id),
        lost: |core| core.monitors.lost(),
        make: |core| core.make_lost_monitors(),
        can_make: |core| core.has_a_monitor_to_make(),
        translate: |core, to| core.translate_monitors(to),
    };
}

impl<'s> Core<'s> {
    pub(super) fn new(
        config: ClientConfig<'s>,
        protocol: Protocol,
        tx: &'s mut [u8],
        requests: &'s mut VecView<Pending>,
        monitors: &'s mut VecView<Monitor>,
        remaking: Option<&'static Remaking>,
    ) -> Self {
        let mut sides = Sides::new(config.pair, config.only_side, config.expected_clients, config.random);
        // Due at once, whatever moment the first call tells.
        let attempt = sides.next(Instant::ZERO);
        Self {
            state: State::Waiting,
            eof: false,
            may_resync: false,
            unsolicited: false,
            protocol,
            awaited: 0,
            heartbeats: [0; MAX_UNANSWERED],
            now: Instant::ZERO,
            deadline: Instant::ZERO,
            last_sent: Instant::ZERO,
            resync_at: Instant::NEVER,
            handover: Instant::NEVER,
            lost_at: Instant::NEVER,
            attempt,
            requests: Requests::new(requests),
            tx: Transmit::new(tx),
            remaking,
            notice: None,
            counters: ClientCounters::default(),
            health: Health::default(),
            opened: None,
            sides,
            further_protocols: config.protocols.get(1..).unwrap_or_default(),
            monitors: Monitors::new(monitors),
            config,
        }
    }

    pub(super) fn tick(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    /// The moment this long from now.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(super) const fn after(&self, time: &Duration) -> Instant {
        self.now.after(*time)
    }

    pub(super) const fn protocol(&self) -> Protocol {
        self.protocol
    }

    pub(super) const fn side(&self) -> Side {
        self.attempt.side
    }

    pub(super) fn opened(&self) -> Option<&Opened> {
        self.opened.as_ref().filter(|_| self.state == State::Open)
    }

    pub(super) const fn health(&self) -> &Health {
        &self.health
    }

    pub(super) fn counters(&self) -> ClientCounters {
        ClientCounters {
            monitors_forgotten: self.monitors.forgotten(),
            transmit_high_water: self.tx.high_water(),
            requests_high_water: self.requests.high_water(),
            ..self.counters
        }
    }

    pub(super) fn transport(&self) -> Transport {
        match self.state {
            State::Waiting | State::Ended => Transport::None,
            State::Connecting => Transport::Connect(self.side()),
            State::Opening | State::Open | State::Closing(_) => Transport::Keep,
            State::Dropping(_) => Transport::Reset,
        }
    }

    pub(super) fn has_transport(&self) -> bool {
        self.transport() == Transport::Keep && !self.eof
    }

    pub(super) fn start_attempt(&mut self) {
        self.state = State::Connecting;
        self.deadline = self.after(&self.config.connect_timeout);
    }

    pub(super) fn connected(&mut self) -> bool {
        if self.state != State::Connecting {
            return false;
        }
        self.eof = false;
        self.tx.clear();
        self.awaited = self.requests.next_id();
        let request = self.config.open_request(self.protocol, self.awaited);
        // It fits: that was checked when the session was made.
        let _ = self.tx.push(self.protocol, &request);
        self.last_sent = self.now;
        self.state = State::Opening;
        self.deadline = self.after(&self.config.open_timeout);
        true
    }

    pub(super) fn transport_closed(&mut self) {
        match self.state {
            State::Connecting => self.fail(Cause::ConnectFailed),
            // What it brought before is still to be handled: the end comes behind the last whole frame.
            State::Opening | State::Open | State::Closing(_) => self.eof = true,
            State::Dropping(Next::Attempt) => self.state = State::Waiting,
            State::Dropping(Next::Nothing) => self.state = State::Ended,
            State::Waiting | State::Ended => {}
        }
    }

    /// The session is open.
    pub(super) fn open(&mut self, opened: Opened) {
        self.sides.succeeded(self.side());
        self.state = State::Open;
        self.counters.opened = self.counters.opened.saturating_add(1);
        let lost_at = core::mem::replace(&mut self.lost_at, Instant::NEVER);
        let gap = (lost_at != Instant::NEVER).then(|| self.now.since(lost_at));
        // After the first opening the application has nothing that is out of date, and begins by itself.
        if gap.is_some() {
            self.start_resync();
        }
        self.opened = Some(Opened { gap, ..opened });
        // OPEN_CONF is still at the front of the buffer, and is handed out behind this.
        self.notice = Some(Notice::Opened);
    }

    pub(super) fn start_resync(&mut self) {
        (self.resync_at, self.may_resync) = (self.now, false);
    }

    /// The connection failed or is to be given up.
    pub(super) fn fail(&mut self, mut cause: Cause) {
        // Where there is no connection the caller is not asked to reset one.
        let gone = self.eof || self.state == State::Connecting;
        // A session that is being closed is not lost for what happens to come last.
        if let State::Closing(after) = self.state {
            match after.cause() {
                None => return self.end(Ended::ClosedUnconfirmed, gone),
                Some(before) => cause = before,
            }
        }
        if let Some(ended) = self.end_of(cause) {
            return self.end(ended, gone);
        }
        self.note_loss();
        let side = self.side();
        // It goes by what is now: the session that was open, and the side.
        self.plan(cause);
        self.counters.disconnected = self.counters.disconnected.saturating_add(1);
        self.notice = Some(Notice::Disconnected(Disconnected { side, cause, next: self.attempt }));
        self.state = if gone { State::Waiting } else { State::Dropping(Next::Attempt) };
        self.opened = None;
    }

    /// The session is over for good. `gone` says whether the connection is.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(super) fn end(&mut self, ended: Ended, gone: bool) {
        self.note_loss();
        self.notice = Some(Notice::Ended(ended));
        self.state = if gone { State::Ended } else { State::Dropping(Next::Nothing) };
        self.opened = None;
    }

    /// What the connection carried is over.
    fn note_loss(&mut self) {
        // Only a session can be lost, and only once: attempts that fail in between lengthen the gap.
        if matches!(self.state, State::Open | State::Closing(_)) && self.lost_at == Instant::NEVER {
            self.lost_at = self.now;
        }
        self.tx.clear();
        if let Some(remaking) = self.remaking {
            (remaking.lost)(self);
        }
        self.eof = false;
        self.heartbeats = [0; MAX_UNANSWERED];
        self.unsolicited = false;
        self.handover = Instant::NEVER;
        self.finish_resync();
    }

    /// A request that made a monitor is confirmed.
    pub(super) fn note_monitor_made(&mut self, invoke_id: u32, monitor_id: u32) {
        if let Some(remaking) = self.remaking {
            (remaking.made)(self, invoke_id, monitor_id);
        }
    }

    /// A request failed; it may have been for a monitor.
    pub(super) fn note_monitor_failed(&mut self, invoke_id: u32) {
        if let Some(remaking) = self.remaking {
            (remaking.failed)(self, invoke_id);
        }
    }

    /// Makes what monitors are remembered by fit another protocol.
    pub(super) fn translate_monitors(&mut self, to: Protocol) {
        self.monitors.translate(self.protocol, to);
    }

    /// Chooses the next attempt.
    fn plan(&mut self, cause: Cause) {
        let was_open = self.opened.is_some();
        let is_ccx = self.protocol.is_ccx();
        // Whether the other side comes first: what a server says about itself counts from the moment at which it is open,
        // and Unified CCX asks for the next server after any loss. And whether to wait: not after a mere loss, as the guide
        // lets clients come back at once when a server has failed.
        let (leaves, waits) = match cause {
            Cause::Maintenance | Cause::Left => (true, false),
            Cause::EndedByServer(_) => (was_open, !was_open),
            Cause::Refused(_) | Cause::NoAnswer | Cause::BadAnswer(_) => (was_open && is_ccx, true),
            _ => (was_open && is_ccx, false),
        };
        let invalid_version =
            matches!(cause, Cause::Refused(FailureReason::Status(FailureStatus::E_CTI_INVALID_VERSION)));
        // The same side again: it is there, and speaks something older. There is no way back to a newer version.
        match self.further_protocols.split_first() {
            Some((protocol, further)) if invalid_version => {
                if let Some(remaking) = self.remaking {
                    (remaking.translate)(self, *protocol);
                }
                (self.protocol, self.further_protocols) = (*protocol, further);
                self.attempt.at = self.now;
            }
            _ => {
                if leaves {
                    self.sides.succeeded(self.side().other());
                }
                self.attempt = self.sides.next(self.now);
            }
        }
        if waits {
            let pause = if self.protocol.is_ccx() { AFTER_CCX_REFUSAL } else { AFTER_REFUSAL };
            self.attempt.at = self.attempt.at.max(self.after(&pause));
        }
    }

    /// Whether `cause` is one after which trying again makes no sense.
    fn end_of(&self, cause: Cause) -> Option<Ended> {
        match cause {
            // Two clients of one identity would end each other in turns for ever.
            Cause::EndedByServer(FailureStatus::E_CTI_NEW_SESSION_OPENED) => Some(Ended::TakenOver),
            Cause::Refused(reason) if !self.may_be_granted_later(reason) => Some(Ended::Refused(reason)),
            _ => None,
        }
    }

    /// Whether a refusal may give way to time, to the other side or to another version.
    fn may_be_granted_later(&self, reason: FailureReason) -> bool {
        match reason {
            FailureReason::Status(FailureStatus::E_CTI_INVALID_VERSION) => !self.further_protocols.is_empty(),
            FailureReason::Status(
                FailureStatus::E_CTI_AGENT_NOT_LOGGED_ON
                | FailureStatus::E_CTI_DEVICE_IN_USE
                | FailureStatus::E_CTI_CTI_SERVER_OFFLINE
                | FailureStatus::E_CTI_TIMEOUT
                | FailureStatus::E_CTI_UNSPECIFIED_FAILURE
                | FailureStatus::E_CTI_SERVER_NOT_MASTER
                | FailureStatus::E_CTI_JTAPI_CCM_PROBLEM
                | FailureStatus::E_CTI_INVALID_CLIENT_FOR_STANDBY
                | FailureStatus::E_CTI_DUPLICATE_UNIQUE_INSTANCE_ID
                | FailureStatus::E_CTI_SERVER_IN_MAINTENANCE_MODE,
            ) => true,
            FailureReason::Status(_) => false,
            // No server is known to refuse a session by this, so that nothing is known of what it means.
            FailureReason::Control { .. } => true,
        }
    }
}
