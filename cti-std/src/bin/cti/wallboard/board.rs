//! What the wallboard shows, without how: rows that are made anew from the trackers for every picture.

use std::time::Duration;

use cti_proto::value::{AgentState, CtiService, LocalConnectionState};

/// Everything there is to see at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Board {
    /// Connections to servers, one a session.
    pub(crate) links: Vec<Link>,
    /// Agents, in no order.
    pub(crate) agents: Vec<Agent>,
    /// Queues, in no order.
    pub(crate) queues: Vec<Queue>,
    /// Calls in progress, in no order.
    pub(crate) calls: Vec<Call>,
    /// Calls that were answered in time.
    pub(crate) service_level: ServiceLevel,
    /// What the server lets us do.
    pub(crate) granted: CtiService,
    /// Events so far.
    pub(crate) events: u64,
    /// Events in a second, of late.
    pub(crate) rate: f64,
    /// Time of day.
    pub(crate) clock: String,
}

/// A connection.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// `A` or `B`.
    pub(crate) side: char,
    /// Where it goes.
    pub(crate) address: String,
    /// How it is.
    pub(crate) state: LinkState,
    /// How long it has been so.
    pub(crate) since: Duration,
    /// How long there was no connection, all in all.
    pub(crate) lost: Duration,
    /// Connections that were lost or failed.
    pub(crate) losses: u32,
}

/// How a connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LinkState {
    /// Being made.
    Connecting,
    /// Open.
    Open {
        /// Its protocol.
        protocol: String,
        /// Time between heartbeats, if there are any.
        heartbeat: Option<Duration>,
        /// Since the server was last heard.
        silence: Duration,
        /// Whether the server is the standby one.
        standby: bool,
        /// What is wrong although it is open: a peripheral is offline, say.
        warning: Option<String>,
    },
    /// Lost, or not to be had.
    Down {
        /// Why.
        reason: String,
        /// When it is tried again.
        retry: Option<Duration>,
    },
}

/// An agent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agent {
    pub(crate) peripheral: u32,
    /// Login ID.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) extension: String,
    /// What a request names the agent's device by.
    pub(crate) instrument: String,
    pub(crate) state: AgentState,
    /// How long the agent has been in the state.
    pub(crate) since: Duration,
    /// Reason of being not ready or logged out; 0 if none.
    pub(crate) reason: u16,
    /// Names of skill groups, with the state in each.
    pub(crate) groups: Vec<(String, AgentState)>,
}

/// A queue: a skill group, or a CSQ.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    pub(crate) peripheral: u32,
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) waiting: u32,
    /// How long the first of them has been waiting.
    pub(crate) longest: Duration,
    /// Agents who are ready.
    pub(crate) ready: u32,
    /// Agents who talk or work.
    pub(crate) busy: u32,
    pub(crate) service_level: ServiceLevel,
}

/// Calls answered in time, of those that count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ServiceLevel {
    /// What "in time" means.
    pub(crate) within: Duration,
    pub(crate) in_time: u32,
    /// Calls that `in_time` is a part of.
    pub(crate) counted: u32,
    pub(crate) answered: u32,
    pub(crate) abandoned: u32,
}

/// A call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    pub(crate) peripheral: u32,
    pub(crate) id: u32,
    /// Kind of call.
    pub(crate) kind: String,
    pub(crate) state: CallState,
    /// How long it has been so.
    pub(crate) since: Duration,
    /// How long there has been a call.
    pub(crate) age: Duration,
    /// Number of the caller.
    pub(crate) from: String,
    /// Number that was dialed.
    pub(crate) to: String,
    /// Name of the queue that it waits in or came from.
    pub(crate) queue: String,
    pub(crate) parties: Vec<Party>,
    /// Call variables and others, by name.
    pub(crate) data: Vec<(String, String)>,
}

/// What a call does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CallState {
    /// In a queue.
    Queued,
    /// With a voice portal: prompts, music, menus.
    Treated,
    /// At an agent's device.
    Ringing,
    /// All who talk have it on hold.
    Held,
    /// People talk.
    Talking,
    /// Not yet anywhere.
    #[default]
    Begun,
}

/// A device in a call.
#[derive(Clone, Debug)]
pub(crate) struct Party {
    pub(crate) device: String,
    /// Who sits there, where that is known.
    pub(crate) agent: String,
    pub(crate) state: LocalConnectionState,
    /// What requests name the connection by.
    pub(crate) connection: Connection,
}

/// A connection, as requests name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Connection {
    pub(crate) call_id: u32,
    pub(crate) device_id_type: u16,
    pub(crate) device_id: String,
}

/// States of agents, as a supervisor tells them apart: those that do not last, or should not, first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mood {
    Hold,
    Reserved,
    Work,
    NotReady,
    Talking,
    Ready,
    Other,
    LoggedOut,
}

impl Mood {
    /// In the order in which they are shown.
    pub(crate) const ALL: [Self; 8] = [
        Self::Hold,
        Self::Reserved,
        Self::Work,
        Self::NotReady,
        Self::Talking,
        Self::Ready,
        Self::Other,
        Self::LoggedOut,
    ];

    /// The one that a state of the protocol belongs to.
    pub(crate) const fn of(state: AgentState) -> Self {
        match state {
            AgentState::AGENT_STATE_TALKING | AgentState::AGENT_STATE_ACTIVE => Self::Talking,
            AgentState::AGENT_STATE_HOLD | AgentState::AGENT_STATE_PAUSED => Self::Hold,
            AgentState::AGENT_STATE_RESERVED => Self::Reserved,
            // What follows the work makes no difference while it lasts.
            AgentState::AGENT_STATE_WORK_NOT_READY | AgentState::AGENT_STATE_WORK_READY => Self::Work,
            AgentState::AGENT_STATE_AVAILABLE => Self::Ready,
            // Logged in and no more is not ready for a supervisor.
            AgentState::AGENT_STATE_NOT_READY | AgentState::AGENT_STATE_LOGIN => Self::NotReady,
            AgentState::AGENT_STATE_LOGOUT => Self::LoggedOut,
            _ => Self::Other,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Talking => "talking",
            Self::Hold => "hold",
            Self::Reserved => "reserved",
            Self::Work => "wrap-up",
            Self::Ready => "ready",
            Self::NotReady => "not ready",
            Self::Other => "other",
            Self::LoggedOut => "out",
        }
    }

    /// A sign that tells it without colour.
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Talking => "●",
            Self::Hold => "‖",
            Self::Reserved => "◌",
            Self::Work => "◆",
            Self::Ready => "✓",
            Self::NotReady => "×",
            Self::Other => "·",
            Self::LoggedOut => "-",
        }
    }
}

impl CallState {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Treated => "in menu",
            Self::Ringing => "ringing",
            Self::Held => "held",
            Self::Talking => "talking",
            Self::Begun => "begun",
        }
    }
}

impl ServiceLevel {
    /// Calls answered in time, of those that count; `None` before the first one.
    pub(crate) fn percent(self) -> Option<u32> {
        let percent = u64::from(self.in_time) * 100;
        percent.checked_div(u64::from(self.counted)).and_then(|percent| u32::try_from(percent).ok())
    }

    /// That of two queues together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            // Where they differ no one time is right; the longer one promises no more than was kept.
            within: self.within.max(other.within),
            in_time: self.in_time + other.in_time,
            counted: self.counted + other.counted,
            answered: self.answered + other.answered,
            abandoned: self.abandoned + other.abandoned,
        }
    }
}

impl Board {
    /// Agents in each state.
    pub(crate) fn moods(&self) -> impl Iterator<Item = (Mood, usize)> {
        let count = |mood| self.agents.iter().filter(|agent| Mood::of(agent.state) == mood).count();
        Mood::ALL.into_iter().map(move |mood| (mood, count(mood)))
    }
}

impl Agent {
    /// What it is told from others by.
    pub(crate) fn key(&self) -> (u32, String) {
        (self.peripheral, self.id.clone())
    }

    /// The name to show: the agent's, or else the ID.
    pub(crate) fn label(&self) -> &str {
        if self.name.is_empty() { &self.id } else { &self.name }
    }

    /// The names of the groups in one line.
    pub(crate) fn group_names(&self) -> String {
        self.groups.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl Queue {
    /// What it is told from others by.
    pub(crate) fn key(&self) -> (u32, String) {
        (self.peripheral, self.number.to_string())
    }
}

impl Call {
    /// What it is told from others by.
    pub(crate) fn key(&self) -> (u32, String) {
        (self.peripheral, self.id.to_string())
    }

    /// The parties in one line, without the caller, who has a column.
    pub(crate) fn party_names(&self) -> String {
        let others = self.parties.iter().filter(|party| party.device != self.from);
        // Who sits there tells more than the number, where it is known.
        let name = |party: &Party| if party.agent.is_empty() { party.device.clone() } else { party.agent.clone() };
        others.map(name).collect::<Vec<_>>().join(", ")
    }
}

/// A time to wait as people read it: `0:07`, `12:34`, `1:02:03`.
pub(crate) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
