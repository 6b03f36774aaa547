//! The two sides of the server: what goes wrong with them, who is active, and maintenance.

use std::collections::BTreeSet;
use std::time::Duration;

use cti_proto::Protocol;
use cti_proto::message::{ActiveMaintenanceEventMsg, ActiveMaintenanceReqMsg, ActiveMaintenanceRespMsg};
use cti_proto::session::{Instant, ServerConfig};
use cti_proto::value::FailureStatus as Status;

use super::fault::{Fault, Side};
use super::server::Simulation;
use super::sink::SessionId;
use crate::server::{Faults, ListenerFaults, ListenerId, SessionId as Connection, Sessions};

/// A side on its way into maintenance.
#[derive(Debug)]
pub(super) struct Maintenance {
    side: Side,
    /// Who has not answered yet, and until when that may be; nobody once it is decided.
    waits_for: BTreeSet<SessionId>,
    pub(super) deadline: Instant,
    /// Whether all have agreed, so that they have to go now.
    decided: bool,
}

/// How sessions end on a side that goes into maintenance.
const MAINTENANCE: Status = Status::E_CTI_SERVER_IN_MAINTENANCE_MODE;
/// How long clients have to answer, and then to go.
const MAINTENANCE_TIME: Duration = Duration::from_secs(5);

/// What is wrong, until it is right again.
#[derive(Debug, Default)]
pub(super) struct Wrong {
    /// Why OPEN_REQ is refused.
    pub(super) refuses: Option<Status>,
    sides: [WrongSide; 2],
    /// Nothing is written, and until when.
    stalls: bool,
    pub(super) stalled_until: Option<Instant>,
    /// How much later everything is written.
    delay: Duration,
}

/// What is wrong with a side.
#[derive(Clone, Copy, Debug, Default)]
struct WrongSide {
    /// New connections are reset.
    refuses: bool,
    /// Connections play dead.
    is_half_open: bool,
}

impl Wrong {
    /// Changes a side, or both.
    fn with(&mut self, side: Option<Side>, change: impl Fn(&mut WrongSide)) {
        for known in [Side::A, Side::B] {
            if side.is_none_or(|side| side == known) {
                change(&mut self.sides[known as usize]);
            }
        }
    }
}

impl Simulation {
    /// Makes something go wrong.
    pub fn fault(&mut self, fault: Fault, sessions: &mut Sessions) {
        match fault {
            Fault::None => self.heal(sessions),
            Fault::RefuseOpen(status) => self.wrong.refuses = Some(status),
            Fault::Refuse(side) => {
                self.wrong.with(side, |wrong| wrong.refuses = true);
                self.set_faults(sessions);
            }
            Fault::HalfOpen(side) => {
                self.wrong.with(side, |wrong| wrong.is_half_open = true);
                self.set_faults(sessions);
            }
            Fault::Drop(side) => self.drop_side(side, sessions),
            Fault::Restore(side) => self.restore_side(side, sessions),
            Fault::Stall(duration) => {
                self.wrong.stalls = true;
                self.wrong.stalled_until = duration.map(|duration| sessions.now().after(duration));
                self.set_faults(sessions);
            }
            Fault::Delay(delay) => {
                self.wrong.delay = delay;
                self.set_faults(sessions);
            }
            Fault::Reset(bytes) => {
                for connection in self.names.connections.values() {
                    // What is on its way is whole; the cut goes through the message behind it.
                    let waiting = sessions.backlog(*connection);
                    sessions.cut(*connection, waiting.saturating_add(bytes));
                }
            }
            Fault::Garbage => {
                for connection in self.names.connections.values() {
                    // As a length this is far beyond any limit, so that no client can take it for a message.
                    sessions.inject(*connection, b"\xff\xff\xff\xffGARBAGE\x00");
                }
            }
            Fault::PeripheralOffline => self.with(sessions, |centre, now, out| centre.set_online(now, false, out)),
            Fault::PeripheralOnline => self.with(sessions, |centre, now, out| centre.set_online(now, true, out)),
            Fault::ControllerOffline => self.with(sessions, |centre, now, out| centre.set_controller(now, false, out)),
            Fault::ControllerOnline => self.with(sessions, |centre, now, out| centre.set_controller(now, true, out)),
            Fault::RecorderOffline => self.with(sessions, |centre, now, out| centre.set_recorder(now, false, out)),
            Fault::RecorderOnline => self.with(sessions, |centre, now, out| centre.set_recorder(now, true, out)),
            Fault::Reconfigure => self.with(sessions, |centre, now, out| centre.reconfigure(now, out)),
            Fault::Maintenance => self.begin_maintenance(sessions),
        }
    }

    /// Whatever is wrong is right again.
    fn heal(&mut self, sessions: &mut Sessions) {
        self.wrong = Wrong::default();
        self.set_faults(sessions);
        self.with(sessions, |centre, now, out| {
            centre.set_online(now, true, out);
            centre.set_controller(now, true, out);
            centre.set_recorder(now, true, out);
        });
        for side in [Side::A, Side::B] {
            self.restore_side(side, sessions);
        }
    }

    /// A stall for a time may be over.
    pub(super) fn stall_timeout(&mut self, sessions: &mut Sessions) {
        if self.wrong.stalled_until.is_some_and(|until| until <= sessions.now()) {
            (self.wrong.stalls, self.wrong.stalled_until) = (false, None);
            self.set_faults(sessions);
        }
    }

    /// Brings all connections up to date with what is wrong, those that there are and those that come.
    fn set_faults(&self, sessions: &mut Sessions) {
        for door in &self.doors {
            let of_side = self.wrong.sides[door.side as usize];
            let faults = Faults {
                stall_writes: self.wrong.stalls,
                delay: self.wrong.delay,
                swallow: of_side.is_half_open,
                ..Faults::default()
            };
            let of_listener = ListenerFaults { refuse: of_side.refuses, sessions: faults, ..ListenerFaults::default() };
            sessions.set_listener_faults(door.listener, of_listener);
            sessions.set_faults_of(door.listener, faults);
        }
    }

    /// The addresses of a side.
    fn listeners(&self, side: Side) -> impl Iterator<Item = ListenerId> + use<> {
        let of_side: Vec<_> = self.doors.iter().filter(|door| door.side == side).map(|door| door.listener).collect();
        of_side.into_iter()
    }

    /// The side that a connection came in by.
    fn side_of(&self, connection: Connection, sessions: &Sessions) -> Option<Side> {
        let listener = sessions.listener(connection)?;
        self.doors.iter().find(|door| door.listener == listener).map(|door| door.side)
    }

    /// What the addresses of a side offer; but for the product they do all the same.
    fn config(&self, side: Side, sessions: &Sessions) -> Option<ServerConfig> {
        self.listeners(side).next().and_then(|listener| sessions.config(listener).copied())
    }

    /// Whether a side takes sessions that take part.
    fn is_active(&self, side: Side, sessions: &Sessions) -> bool {
        self.is_up(side, sessions)
            && self.config(side, sessions).is_some_and(|config| !config.standby && !config.maintenance)
    }

    /// Whether anybody can reach a side.
    fn is_up(&self, side: Side, sessions: &Sessions) -> bool {
        self.listeners(side).any(|listener| sessions.is_listening(listener))
    }

    /// Changes what all addresses of a side offer.
    fn set_config(&self, side: Side, sessions: &mut Sessions, change: impl Fn(&mut ServerConfig)) {
        for listener in self.listeners(side) {
            if let Some(mut config) = sessions.config(listener).copied() {
                change(&mut config);
                sessions.set_config(listener, config);
            }
        }
    }

    /// A side dies, and the other one becomes active.
    fn drop_side(&mut self, side: Side, sessions: &mut Sessions) {
        let was_active = self.config(side, sessions).is_some_and(|config| !config.standby);
        self.listeners(side).for_each(|listener| sessions.drop_listener(listener));
        // A side that is dead too takes nothing over: whichever is restored first will be the active one.
        if was_active && self.is_up(side.other(), sessions) {
            self.activate(side.other(), sessions);
        }
    }

    /// A side comes back, on standby if the other one is active.
    fn restore_side(&mut self, side: Side, sessions: &mut Sessions) {
        let other_active = self.is_active(side.other(), sessions);
        self.set_config(side, sessions, |config| {
            // A side that never was away stays what it is: `none` restores both, whatever was wrong.
            let was_away = config.maintenance || config.standby;
            config.maintenance = false;
            config.standby = other_active && (was_away || side == Side::B);
        });
        for listener in self.listeners(side) {
            // An address that somebody else has taken since stays closed, and clients see that.
            let _ = sessions.open_listener(listener);
        }
    }

    /// A side that was on standby takes over.
    fn activate(&mut self, side: Side, sessions: &mut Sessions) {
        if self.config(side, sessions).is_none() {
            return;
        }
        self.set_config(side, sessions, |config| config.standby = false);
        // Never two active sides: clients that come now must not find one there.
        self.set_config(side.other(), sessions, |config| config.standby = true);
        let known = self.names.connections.iter();
        let of_side = known.filter(|(_, connection)| self.side_of(**connection, sessions) == Some(side));
        let of_side: Vec<_> = of_side.map(|(session, _)| *session).collect();
        self.with(sessions, |centre, now, out| {
            of_side.into_iter().for_each(|session| centre.activate(now, session, out));
        });
    }

    /// Step 1 of maintenance: the active side asks those who know of standby servers.
    fn begin_maintenance(&mut self, sessions: &mut Sessions) {
        // One after the other: those who are to leave for the first must not be forgotten for the second.
        if self.maintenance.is_some() {
            return;
        }
        let is_active =
            |side: &Side| self.config(*side, sessions).is_some_and(|config| !config.standby && !config.maintenance);
        let Some(side) = [Side::A, Side::B].into_iter().find(is_active) else { return };
        let mut waits_for = BTreeSet::new();
        for (session, connection) in self.prepared_at(side, sessions) {
            // Any number tells the answers apart; the session's is at hand.
            let asked = ActiveMaintenanceReqMsg { invoke_id: session.0 };
            if sessions.send(connection, &asked).is_ok() {
                waits_for.insert(session);
            }
        }
        let deadline = sessions.now().after(MAINTENANCE_TIME);
        self.maintenance = Some(Maintenance { side, waits_for, deadline, decided: false });
        self.decide_maintenance(sessions, true);
    }

    /// Clients of a side who know of standby servers.
    fn prepared_at(&self, side: Side, sessions: &Sessions) -> Vec<(SessionId, Connection)> {
        let known = self.names.prepared.iter();
        let known = known.filter_map(|session| Some((*session, *self.names.connections.get(session)?)));
        known.filter(|(_, connection)| self.side_of(*connection, sessions) == Some(side)).collect()
    }

    /// A client has answered, or nobody has to any more.
    fn decide_maintenance(&mut self, sessions: &mut Sessions, agrees: bool) {
        let Some(maintenance) = &mut self.maintenance else { return };
        // One refusal decides; agreement takes all of them.
        if maintenance.decided || agrees && !maintenance.waits_for.is_empty() {
            return;
        }
        maintenance.decided = true;
        maintenance.deadline = sessions.now().after(MAINTENANCE_TIME);
        let side = maintenance.side;
        let event = ActiveMaintenanceEventMsg { maintenance_mode_status: agrees };
        for (_, connection) in self.prepared_at(side, sessions) {
            // A client without room for it is ended by the deadline.
            let _ = sessions.send(connection, &event);
        }
        if !agrees {
            self.maintenance = None;
            return;
        }
        // First this side, so that nobody who leaves it now comes back to it.
        self.set_config(side, sessions, |config| config.maintenance = true);
        self.activate(side.other(), sessions);
    }

    /// The time of a step of maintenance is over: silence is a refusal, and who has not gone is sent away.
    pub(super) fn maintenance_timeout(&mut self, sessions: &mut Sessions) {
        let Some(maintenance) = &self.maintenance else { return };
        if maintenance.deadline > sessions.now() {
            return;
        }
        if !maintenance.decided {
            return self.decide_maintenance(sessions, false);
        }
        let side = maintenance.side;
        self.maintenance = None;
        for connection in self.names.connections.values() {
            if self.side_of(*connection, sessions) == Some(side) {
                // Unified CCX has no such mode: what it has is a master that is none any more.
                let ccx = sessions.protocol(*connection).is_some_and(Protocol::is_ccx);
                sessions.end(*connection, if ccx { Status::E_CTI_SERVER_NOT_MASTER } else { MAINTENANCE });
            }
        }
    }

    /// ACTIVE_MAINTENANCE_RESP_MSG.
    pub(super) fn maintenance_answered(
        &mut self,
        sessions: &mut Sessions,
        session: SessionId,
        answer: &ActiveMaintenanceRespMsg,
    ) {
        let Some(maintenance) = &mut self.maintenance else { return };
        // Who was not asked, or has answered already, decides nothing.
        if maintenance.waits_for.remove(&session) {
            self.decide_maintenance(sessions, answer.maintenance_mode_accepted);
        }
    }
}
