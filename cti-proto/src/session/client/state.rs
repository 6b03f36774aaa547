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
    Attempt, Cause, ClientConfig, ConfigError, Disconnected, Ended, Health, Instant, Monitor, Opened, Pending, Side,
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

#[derive(Debug)]
pub(super) struct Core<'s> {
    pub(super) config: ClientConfig<'s>,
    pub(super) tx: Transmit<'s>,
    pub(super) requests: Requests<'s>,
    pub(super) monitors: Monitors<'s>,
    /// What is done about monitors where there is room for any: a program without room does not have it.
    pub(super) remaking: Option<&'static Remaking>,
    pub(super) now: Instant,
    pub(super) state: State,
    pub(super) opened: Option<Opened>,
    pub(super) health: Health,
    pub(super) last_sent: Instant,
    /// Invoke IDs of the heartbeats that are not answered yet, in the order in which they were sent; behind them 0.
    pub(super) heartbeats: [u32; MAX_UNANSWERED],
    /// Whether the upload that is under way was not asked for.
    pub(super) unsolicited: bool,
    pub(super) resync: Resync,
    /// When to leave a side that goes into maintenance.
    pub(super) handover: Option<Instant>,
    /// An event without a frame that waits to be delivered.
    pub(super) notice: Option<Notice>,
    pub(super) counters: ClientCounters,
    /// The peer closed the connection; what it had sent is still to be handled.
    pub(super) eof: bool,
    sides: Sides,
    attempt: Attempt,
    protocol: Protocol,
    further_protocols: &'s [Protocol],
    /// When the last open session was lost, until another one opens.
    lost_at: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    /// For the time of the next attempt.
    Waiting,
    Connecting {
        deadline: Instant,
    },
    Opening {
        deadline: Instant,
        invoke_id: u32,
    },
    Open,
    Closing {
        deadline: Instant,
        invoke_id: u32,
        after: After,
    },
    /// For the caller to reset the connection.
    Dropping {
        after: Next,
    },
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

/// Where a resynchronisation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resync {
    Off,
    /// Ready at this moment.
    Due(Instant),
    /// The application has been told that it may send.
    Announced,
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
        tx: &'s mut [u8],
        requests: &'s mut VecView<Pending>,
        monitors: &'s mut VecView<Monitor>,
        remaking: Option<&'static Remaking>,
    ) -> Result<Self, ConfigError> {
        config.check_for(tx.len())?;
        let (protocol, further_protocols) = config.protocols.split_first().ok_or(ConfigError::NoProtocol)?;
        let mut sides = Sides::new(config.pair, config.only_side, config.expected_clients, config.random);
        // Due at once, whatever moment the first call tells.
        let attempt = sides.next(Instant::ZERO);
        Ok(Self {
            config,
            tx: Transmit::new(tx),
            requests: Requests::new(requests),
            remaking,
            monitors: Monitors::new(monitors),
            now: Instant::ZERO,
            state: State::Waiting,
            opened: None,
            health: Health::default(),
            last_sent: Instant::ZERO,
            heartbeats: [0; MAX_UNANSWERED],
            unsolicited: false,
            resync: Resync::Off,
            handover: None,
            notice: None,
            counters: ClientCounters::default(),
            eof: false,
            sides,
            attempt,
            protocol: *protocol,
            further_protocols,
            lost_at: None,
        })
    }

    pub(super) fn tick(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    pub(super) const fn protocol(&self) -> Protocol {
        self.protocol
    }

    pub(super) const fn side(&self) -> Side {
        self.attempt.side
    }

    pub(super) const fn attempt_at(&self) -> Instant {
        self.attempt.at
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
            State::Connecting { .. } => Transport::Connect(self.side()),
            State::Opening { .. } | State::Open | State::Closing { .. } => Transport::Keep,
            State::Dropping { .. } => Transport::Reset,
        }
    }

    pub(super) fn has_transport(&self) -> bool {
        self.transport() == Transport::Keep && !self.eof
    }

    pub(super) fn start_attempt(&mut self) {
        self.state = State::Connecting { deadline: self.now.after(self.config.connect_timeout) };
    }

    pub(super) fn connected(&mut self) -> bool {
        if !matches!(self.state, State::Connecting { .. }) {
            return false;
        }
        self.eof = false;
        self.tx.clear();
        let invoke_id = self.requests.next_id();
        let request = self.config.open_request(self.protocol, invoke_id);
        // It fits: that was checked when the session was made.
        let _ = self.tx.push(self.protocol, &request);
        self.last_sent = self.now;
        self.state = State::Opening { deadline: self.now.after(self.config.open_timeout), invoke_id };
        true
    }

    pub(super) fn transport_closed(&mut self) {
        match self.state {
            State::Connecting { .. } => self.fail(Cause::ConnectFailed),
            // What it brought before is still to be handled: the end comes behind the last whole frame.
            State::Opening { .. } | State::Open | State::Closing { .. } => self.eof = true,
            State::Dropping { after: Next::Attempt } => self.state = State::Waiting,
            State::Dropping { after: Next::Nothing } => self.state = State::Ended,
            State::Waiting | State::Ended => {}
        }
    }

    /// The session is open.
    pub(super) fn open(&mut self, opened: Opened) {
        self.sides.succeeded(self.side());
        self.state = State::Open;
        self.counters.opened = self.counters.opened.saturating_add(1);
        let gap = self.lost_at.take().map(|lost_at| self.now.since(lost_at));
        // After the first opening the application has nothing that is out of date, and begins by itself.
        if gap.is_some() {
            self.start_resync();
        }
        self.opened = Some(Opened { gap, ..opened });
        // OPEN_CONF is still at the front of the buffer, and is handed out behind this.
        self.notice = Some(Notice::Opened);
    }

    pub(super) fn start_resync(&mut self) {
        self.resync = Resync::Due(self.now);
    }

    /// The connection failed or is to be given up.
    pub(super) fn fail(&mut self, cause: Cause) {
        // A session that is being closed is not lost for what happens to come last.
        let (cause, closing) = match self.state {
            State::Closing { after, .. } => (after.cause().unwrap_or(cause), after == After::End),
            _ => (cause, false),
        };
        // Where there is no connection the caller is not asked to reset one.
        let gone = self.eof || matches!(self.state, State::Connecting { .. });
        self.note_loss();
        let ended = if closing { Some(Ended::ClosedUnconfirmed) } else { self.end_of(cause) };
        if let Some(ended) = ended {
            return self.end(ended, gone);
        }
        let side = self.side();
        // It goes by what is now: the session that was open, and the side.
        self.plan(cause);
        self.counters.disconnected = self.counters.disconnected.saturating_add(1);
        self.notice = Some(Notice::Disconnected(Disconnected { side, cause, next: self.attempt }));
        self.state = if gone { State::Waiting } else { State::Dropping { after: Next::Attempt } };
        self.opened = None;
    }

    /// The session is over for good. `gone` says whether the connection is.
    pub(super) fn end(&mut self, ended: Ended, gone: bool) {
        self.note_loss();
        self.notice = Some(Notice::Ended(ended));
        self.state = if gone { State::Ended } else { State::Dropping { after: Next::Nothing } };
        self.opened = None;
    }

    /// What the connection carried is over.
    fn note_loss(&mut self) {
        // Only a session can be lost, and only once: attempts that fail in between lengthen the gap.
        if matches!(self.state, State::Open | State::Closing { .. }) && self.lost_at.is_none() {
            self.lost_at = Some(self.now);
        }
        self.tx.clear();
        if let Some(remaking) = self.remaking {
            (remaking.lost)(self);
        }
        self.eof = false;
        self.heartbeats = [0; MAX_UNANSWERED];
        (self.unsolicited, self.resync, self.handover) = (false, Resync::Off, None);
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
        let refused = match cause {
            Cause::Refused(reason) => Some(reason),
            _ => None,
        };
        // What a server says about itself counts from the moment at which it is open. Unified CCX asks for the next
        // server after any loss.
        let leaves = match cause {
            Cause::Maintenance | Cause::Left => true,
            Cause::EndedByServer(_) => was_open,
            _ => was_open && self.protocol.is_ccx(),
        };
        let invalid_version = FailureReason::Status(FailureStatus::E_CTI_INVALID_VERSION);
        // The same side again: it is there, and speaks something older. There is no way back to a newer version.
        match self.further_protocols.split_first() {
            Some((protocol, further)) if refused == Some(invalid_version) => {
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
        // Not after a mere loss: the guide lets clients come back at once when a server has failed.
        let asked_in_vain = match cause {
            Cause::Refused(_) | Cause::NoAnswer | Cause::BadAnswer(_) => true,
            Cause::EndedByServer(_) => !was_open,
            _ => false,
        };
        if asked_in_vain {
            let pause = if self.protocol.is_ccx() { AFTER_CCX_REFUSAL } else { AFTER_REFUSAL };
            self.attempt.at = self.attempt.at.max(self.now.after(pause));
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
