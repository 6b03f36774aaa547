//! The sessions of a server, as the simulation speaks to them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use cti_proto::Body;
use cti_proto::message::OpenConf;
use cti_proto::session::Request;
use cti_proto::value::{ControlFailureCode, FailureStatus};

use super::{Receiver, SessionId, Sink};
use crate::server::{SessionId as Connection, Sessions};

/// Sessions by the simulation's name and by the server's.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) connections: BTreeMap<SessionId, Connection>,
    pub(super) sessions: HashMap<Connection, SessionId>,
    last: u32,
    /// Clients that know of standby servers.
    pub(super) prepared: BTreeSet<SessionId>,
}

impl Names {
    /// Names a session that asks to be opened.
    pub(super) fn add(&mut self, connection: Connection) -> SessionId {
        // 0 is no session in messages.
        self.last = self.last.wrapping_add(1).max(1);
        let session = SessionId(self.last);
        self.connections.insert(session, connection);
        self.sessions.insert(connection, session);
        session
    }

    /// Forgets a session, if it was named.
    pub(super) fn remove(&mut self, connection: Connection) -> Option<SessionId> {
        let session = self.sessions.remove(&connection)?;
        self.connections.remove(&session);
        self.prepared.remove(&session);
        Some(session)
    }
}

/// The sessions of a server, as the simulation speaks to them.
pub(super) struct Out<'a> {
    pub(super) sessions: &'a mut Sessions,
    pub(super) names: &'a Names,
}

impl Out<'_> {
    /// The connection of a session that is still there.
    fn connection(&self, session: SessionId) -> Option<Connection> {
        self.names.connections.get(&session).copied()
    }

    /// An answer that has no room is never sent: the client is so far behind that it had better begin anew.
    fn answer<E>(&mut self, session: SessionId, answer: impl FnOnce(&mut Sessions, Connection) -> Result<(), E>) {
        if let Some(connection) = self.connection(session)
            && answer(self.sessions, connection).is_err()
        {
            self.sessions.reset(connection);
        }
    }
}

/// Receivers from which on an event is told to all at once.
const MANY: usize = 4;

impl Sink for Out<'_> {
    fn event<'m, M: Body<'m>>(&mut self, to: &[Receiver], event: &M) {
        let own = to.iter().filter(|receiver| receiver.monitor.is_none());
        let own = own.filter_map(|receiver| self.connection(receiver.session));
        // What a version does not have is not an error, and nothing else goes wrong with what the simulation says.
        // For many the server looks at each of its sessions once, and encodes once for each version; for few that is
        // the longer way.
        if own.clone().count() >= MANY {
            let wanted: HashSet<Connection> = own.collect();
            let _ = self.sessions.event_where(event, |connection, _| wanted.contains(&connection));
        } else {
            for connection in own.collect::<Vec<_>>() {
                let _ = self.sessions.event_to(connection, event);
            }
        }
        for receiver in to {
            if let (Some(monitor), Some(connection)) = (receiver.monitor, self.connection(receiver.session)) {
                let _ = self.sessions.event_for(connection, monitor, event);
            }
        }
    }

    fn send<'m, M: Body<'m>>(&mut self, session: SessionId, message: &M) -> bool {
        // Nobody is there to wait for.
        let Some(connection) = self.connection(session) else { return true };
        match self.sessions.send(connection, message) {
            Err(cti_proto::session::AnswerError::Encode(error)) => {
                // Only the lack of room passes: to try anything else again would not help.
                !matches!(error.kind, cti_proto::EncodeErrorKind::NoRoom { .. })
            }
            _ => true,
        }
    }

    fn confirm<'m, M: Body<'m>>(&mut self, session: SessionId, request: Request, confirmation: &M) {
        self.answer(session, |sessions, connection| sessions.confirm(connection, request, confirmation));
    }

    fn confirm_monitor(&mut self, session: SessionId, request: Request, monitor_id: u32) {
        self.answer(session, |sessions, connection| sessions.confirm_monitor(connection, request, monitor_id));
    }

    fn monitor_ended(&mut self, session: SessionId, monitor_id: u32) {
        if let Some(connection) = self.connection(session) {
            self.sessions.end_monitor(connection, monitor_id);
        }
    }

    fn fail(&mut self, session: SessionId, request: Request, status: FailureStatus) {
        self.answer(session, |sessions, connection| sessions.fail(connection, request, status));
    }

    fn fail_control(&mut self, session: SessionId, request: Request, code: ControlFailureCode, detail: u32) {
        self.answer(session, |sessions, connection| sessions.fail_control(connection, request, code, detail));
    }

    fn accept(&mut self, session: SessionId, confirmation: &OpenConf<'_>) {
        self.answer(session, |sessions, connection| sessions.accept(connection, confirmation));
    }

    fn refuse(&mut self, session: SessionId, status: FailureStatus) {
        self.answer(session, |sessions, connection| sessions.refuse(connection, status));
    }

    fn end(&mut self, session: SessionId, status: FailureStatus) {
        if let Some(connection) = self.connection(session) {
            self.sessions.end(connection, status);
        }
    }
}
