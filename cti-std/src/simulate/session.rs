//! Clients' sessions: what they are bound to, what they watch, and who they are.

use std::collections::{BTreeSet, VecDeque};

use cti_proto::Protocol;
use cti_proto::value::{CallVariableMask, CtiService};

use super::call::CallId;
use super::configuration::Part;
use super::sink::{Receiver, SessionId};
use super::table::{AgentKey, PhoneKey, TeamKey};

/// A session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: SessionId,
    pub(super) protocol: Protocol,
    /// The services granted.
    pub(super) services: CtiService,
    pub(super) client_id: String,
    pub(super) signature: String,
    pub(super) address: String,
    pub(super) port: u32,
    /// Masks of calls and agents as it opened, for those who watch clients. The server's session filters.
    pub(super) masks: (cti_proto::value::CallEventMask, cti_proto::value::AgentStateMask),
    /// The agent and the phone of a Client Events session.
    pub(super) agent: Option<AgentKey>,
    pub(super) phone: Option<PhoneKey>,
    /// Whether its side is on standby, so that it takes no part yet.
    pub(super) is_standby: bool,
    /// The variables that it wants to see; all if it has registered none.
    pub(super) variables: Option<VariableFilter>,
    /// Session monitors of others on this one.
    pub(super) watchers: Vec<Receiver>,
    /// What is to be sent as soon as there is room; while there is any, a [`Task::Upload`](super::task::Task::Upload) is noted.
    pub(super) upload: VecDeque<Part>,
    /// Agents whom the client drives.
    pub(super) drives: BTreeSet<AgentKey>,
    /// Whether it has asked for changes of teams (TEAM_CONFIG_REQ).
    pub(super) wants_teams: bool,
}

/// What a monitor watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Phone(PhoneKey),
    Device(String),
    Call(CallId),
    Session(SessionId),
    Team(TeamKey),
}

/// A monitor.
#[derive(Clone, Debug)]
pub(super) struct Monitor {
    pub(super) session: SessionId,
    pub(super) subject: Subject,
}

/// The variables that a client has registered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct VariableFilter {
    pub(super) mask: CallVariableMask,
    pub(super) named: BTreeSet<String>,
}

impl VariableFilter {
    /// Whether the variable at this place, from 0, was registered.
    pub(super) fn wants_variable(&self, place: usize) -> bool {
        self.mask.0 & 1 << place != 0
    }

    /// Whether the named variable, or the array of this name, was registered.
    pub(super) fn wants_named(&self, name: &str) -> bool {
        self.named.contains(name)
    }
}

impl Session {
    /// Whether it gets everything.
    pub(super) fn is_bridge(&self) -> bool {
        self.services.contains(CtiService::CTI_SERVICE_ALL_EVENTS) && !self.is_standby
    }

    /// The session as one who gets events.
    pub(super) fn receiver(&self) -> Receiver {
        Receiver { session: self.id, monitor: None }
    }
}
