//! What a server's session knows, and how it goes from one state to the next.

use core::time::Duration;

use heapless::vec::VecView;

use crate::message::{FailureConf, OpenReq};
use crate::protocol::{Product, Protocol};
use crate::session::monitor::Monitors;
use crate::session::server::{AnswerError, ServerConfig, ServerEnded};
use crate::session::transmit::Transmit;
use crate::session::{Instant, Monitor, Transport, Wake};
use crate::value::{AgentStateMask, CallEventMask, ConfigMask, CtiService, FailureStatus};

/// How long a client may take to close, once it has been told to or has asked to.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Core<'s> {
    pub(super) config: ServerConfig,
    pub(super) tx: Transmit<'s>,
    pub(super) monitors: Monitors<'s>,
    pub(super) protocol: Protocol,
    pub(super) state: State,
    pub(super) now: Instant,
    pub(super) asked: Asked,
    pub(super) granted: CtiService,
    /// The monitor that opening made.
    pub(super) monitor_id: u32,
    /// Whether the client asked for configuration, which starts the updates.
    pub(super) wants_configuration: bool,
    /// The last event, once it is due.
    pub(super) ended: Option<ServerEnded>,
    /// The client closed the connection; what it had sent is still to be handled.
    pub(super) eof: bool,
    pub(super) last_heard: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    AwaitingOpen {
        deadline: Instant,
    },
    /// OPEN_REQ is with the application, which may take as long as it wants.
    Deciding {
        invoke_id: u32,
    },
    Open,
    /// The client is to close the connection.
    Leaving {
        deadline: Instant,
        ended: ServerEnded,
    },
    /// For the caller to reset the connection.
    Dropping,
    Ended,
}

/// What OPEN_REQ asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    pub(super) services: CtiService,
    pub(super) call_events: CallEventMask,
    pub(super) agent_states: AgentStateMask,
    pub(super) configuration: ConfigMask,
    pub(super) idle_timeout: Option<Duration>,
}

impl Asked {
    pub(super) fn of(request: &OpenReq<'_>) -> Self {
        let idle = request.idle_timeout;
        Self {
            services: request.services_requested,
            call_events: request.call_msg_mask,
            agent_states: request.agent_state_mask,
            configuration: request.config_msg_mask,
            idle_timeout: (idle != u32::MAX).then(|| Duration::from_secs(idle.into())),
        }
    }
}

impl<'s> Core<'s> {
    pub(super) fn new(
        config: ServerConfig,
        tx: &'s mut [u8],
        monitors: &'s mut VecView<Monitor>,
        now: Instant,
    ) -> Self {
        Self {
            config,
            tx: Transmit::new(tx),
            monitors: Monitors::new(monitors),
            protocol: newest(config),
            state: State::AwaitingOpen { deadline: now.after(config.open_timeout) },
            now,
            asked: Asked::default(),
            granted: CtiService::EMPTY,
            monitor_id: 0,
            wants_configuration: false,
            ended: None,
            eof: false,
            last_heard: now,
        }
    }

    pub(super) fn tick(&mut self, now: Instant) {
        // It may go back; deadlines do not.
        self.now = self.now.max(now);
    }

    /// `n` bytes came from the client.
    pub(super) fn heard(&mut self, now: Instant, n: usize) {
        self.tick(now);
        if n > 0 {
            self.last_heard = self.now;
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.state == State::Open && !self.eof
    }

    pub(super) fn is_connected(&self) -> bool {
        self.transport() == Transport::Keep && !self.eof
    }

    pub(super) fn transport(&self) -> Transport {
        match self.state {
            State::Dropping => Transport::Reset,
            State::Ended => Transport::None,
            _ => Transport::Keep,
        }
    }

    pub(super) fn transport_closed(&mut self) {
        match self.state {
            State::Dropping => self.state = State::Ended,
            State::Ended => {}
            _ => self.eof = true,
        }
    }

    /// Everything that the client sent before it closed has been handled.
    pub(super) fn finish(&mut self) {
        let ended = match self.state {
            State::Leaving { ended, .. } => ended,
            _ => ServerEnded::Disconnected,
        };
        self.drop_connection(ended);
    }

    /// Gives the connection up, unless the client has.
    pub(super) fn drop_connection(&mut self, ended: ServerEnded) {
        if matches!(self.state, State::Dropping | State::Ended) {
            return;
        }
        self.ended = Some(ended);
        self.state = if self.eof { State::Ended } else { State::Dropping };
        self.tx.clear();
        self.monitors.lost();
    }

    /// Waits for the client to close.
    pub(super) fn leave(&mut self, ended: ServerEnded) {
        self.state = State::Leaving { deadline: self.now.after(CLOSE_TIMEOUT), ended };
    }

    pub(super) fn refuse(&mut self, status: FailureStatus) -> Result<(), AnswerError> {
        let State::Deciding { invoke_id } = self.state else {
            return Err(AnswerError::NotOpen);
        };
        self.refuse_open(invoke_id, status);
        Ok(())
    }

    pub(super) fn refuse_open(&mut self, invoke_id: u32, status: FailureStatus) {
        let failure = FailureConf { invoke_id, reason: status.into(), ..FailureConf::default() };
        // Nothing has been sent before, so that there is room.
        let _ = self.tx.push(self.protocol, &failure);
        self.leave(ServerEnded::Refused(status));
    }

    pub(super) fn handle_timeout(&mut self) {
        // What came before the end of the connection is handled first, and that is the end then.
        if self.eof {
            return;
        }
        match self.state {
            State::AwaitingOpen { deadline } if deadline <= self.now => self.drop_connection(ServerEnded::NoOpen),
            State::Leaving { deadline, ended } if deadline <= self.now => self.drop_connection(ended),
            State::Open if self.idle_at().is_some_and(|at| at <= self.now) => {
                self.drop_connection(ServerEnded::IdleTimeout);
            }
            _ => {}
        }
    }

    fn idle_at(&self) -> Option<Instant> {
        self.asked.idle_timeout.map(|timeout| self.last_heard.after(timeout))
    }

    /// When to be called, apart from frames that wait.
    pub(super) fn wake(&self) -> Wake {
        if self.ended.is_some() {
            return Wake::Now;
        }
        let deadline = match self.state {
            _ if self.eof => None,
            State::AwaitingOpen { deadline } | State::Leaving { deadline, .. } => Some(deadline),
            State::Open => self.idle_at(),
            _ => None,
        };
        match deadline {
            Some(at) if at <= self.now => Wake::Now,
            Some(at) => Wake::At(at),
            None => Wake::Idle,
        }
    }
}

/// The newest protocol that a server speaks: what frames are cut by until OPEN_REQ names one.
fn newest(config: ServerConfig) -> Protocol {
    let fallback = match config.product {
        Product::Cce => const { newest_of(Product::Cce, Protocol::CCE_MAX) },
        Product::Ccx => const { newest_of(Product::Ccx, Protocol::CCX_MAX) },
    };
    // The versions are the application's, and may be none that there are.
    Protocol::new(config.product, config.versions.1).unwrap_or(fallback)
}

#[allow(clippy::panic, reason = "evaluated by the compiler")]
const fn newest_of(product: Product, version: u32) -> Protocol {
    match Protocol::new(product, version) {
        Ok(protocol) => protocol,
        Err(_) => panic!("the newest version is a version"),
    }
}
