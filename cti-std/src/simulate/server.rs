//! The simulated contact centre behind real sockets: side A and side B, faults on request, and a clock that may run
//! faster than ours.

use std::io;
use std::net::SocketAddr;
#[cfg(feature = "tls")]
use std::sync::Arc;
use std::time::Duration;

use cti_proto::message::{MessageType, OpenReq};
use cti_proto::session::{Instant, Request, ServerConfig, ServerEnded, Wake};
use cti_proto::value::{CtiService, FailureStatus};
use cti_proto::{Frame, Protocol};

use super::fault::{Fault, Side, TimedFault};
use super::out::{Names, Out};
use super::sides::{Maintenance, Wrong};
use super::simulator::{Endpoint, SimulatorOptions};
use super::{Client, ContactCentre};
use crate::server::{Application, ListenerId, Server, SessionId as Connection, Sessions};

/// The application of a server: a contact centre and who is who.
#[derive(Debug)]
pub struct Simulation {
    pub(super) centre: ContactCentre,
    pub(super) names: Names,
    /// The main ones come first: side A, and side B if there is one.
    pub(super) doors: Vec<Door>,
    has_side_b: bool,
    /// Seconds in the contact centre for each of ours.
    speed: f64,
    /// Moment in the contact centre when the server began.
    head_start: Duration,
    /// Our moment at that time.
    began: Instant,
    /// What is still to go wrong, by our time, the next one first.
    faults: Vec<(Instant, Fault)>,
    pub(super) wrong: Wrong,
    pub(super) maintenance: Option<Maintenance>,
}

/// An address at which a side listens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Door {
    pub(super) side: Side,
    pub(super) listener: ListenerId,
    address: SocketAddr,
}

impl Simulation {
    /// A server that is the simulation, to be run.
    ///
    /// # Errors
    /// The system does not give the addresses out.
    pub fn serve(options: SimulatorOptions) -> io::Result<Server<Self>> {
        let began = crate::clock::now();
        let after = |fault: &TimedFault| (began.after(fault.after), fault.fault);
        let mut faults: Vec<_> = options.faults.iter().map(after).collect();
        // Stable: faults of one moment happen in the order in which they were written.
        faults.sort_by_key(|(at, _)| *at);
        let endpoints = options.endpoints();
        let simulation = Self {
            centre: ContactCentre::at_work(options.config, Instant::ZERO.after(options.head_start)),
            names: Names::default(),
            doors: Vec::new(),
            has_side_b: options.side_b.is_some(),
            // Neither a clock that stands still nor one whose milliseconds do not fit.
            speed: if options.speed.is_nan() { 1.0 } else { options.speed.clamp(0.001, 100_000.0) },
            head_start: options.head_start,
            began,
            faults,
            wrong: Wrong::default(),
            maintenance: None,
        };
        let mut server = Server::new(options.server, simulation)?;
        for endpoint in endpoints {
            let listener = listen(&mut server, &endpoint)?;
            // With port 0 the system has chosen one just now.
            let address = server.sessions().address(listener).unwrap_or(endpoint.address);
            server.application().doors.push(Door { side: endpoint.side, listener, address });
        }
        Ok(server)
    }

    /// Where the sides listen.
    #[must_use]
    pub fn addresses(&self) -> (SocketAddr, Option<SocketAddr>) {
        (self.doors[0].address, self.has_side_b.then(|| self.doors[1].address))
    }

    /// Where they listen besides, in the order of [`SimulatorOptions::more`].
    pub fn more(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.doors.iter().skip(1 + usize::from(self.has_side_b)).map(|door| door.address)
    }

    /// The contact centre.
    #[must_use]
    pub const fn centre(&self) -> &ContactCentre {
        &self.centre
    }

    /// The moment in the contact centre.
    fn simulated(&self, now: Instant) -> Instant {
        let passed = now.since(self.began).as_millis() as f64 * self.speed;
        Instant::from_millis(passed as u64).after(self.head_start)
    }

    /// Our moment at which that of the contact centre comes.
    fn real(&self, simulated: Instant) -> Instant {
        // Rounded up: woken too early, nothing would be due yet, and the server would turn without rest.
        let passed = (simulated.since(Instant::ZERO.after(self.head_start)).as_millis() as f64 / self.speed).ceil();
        self.began.after(Duration::from_millis(passed as u64))
    }

    /// Hands the centre something to do, with the present moment and everyone's ears.
    pub(super) fn with(
        &mut self,
        sessions: &mut Sessions,
        action: impl FnOnce(&mut ContactCentre, Instant, &mut Out<'_>),
    ) {
        let now = self.simulated(sessions.now());
        let mut out = Out { sessions, names: &self.names };
        action(&mut self.centre, now, &mut out);
    }
}

/// The other side is active at first.
fn listen(server: &mut Server<Simulation>, endpoint: &Endpoint) -> io::Result<ListenerId> {
    let mut config = ServerConfig::new(endpoint.product);
    config.standby = endpoint.side == Side::B;
    #[cfg(feature = "tls")]
    if let Some(tls) = &endpoint.tls {
        return server.listen_secured(endpoint.address, config, Arc::clone(tls));
    }
    server.listen(endpoint.address, config)
}

impl Application for Simulation {
    fn open_requested(
        &mut self,
        sessions: &mut Sessions,
        connection: Connection,
        protocol: Protocol,
        request: &OpenReq<'_>,
    ) {
        if let Some(status) = self.wrong.refuses {
            // It asked a moment ago.
            let _ = sessions.refuse(connection, status);
            return;
        }
        // Also for those who are refused in the end: `ended` follows for all of them.
        let session = self.names.add(connection);
        if request.services_requested.contains(CtiService::CTI_SERVICE_ACTIVE_STANDBY) {
            self.names.prepared.insert(session);
        }
        let listener = sessions.listener(connection).and_then(|listener| sessions.config(listener));
        let client = Client {
            protocol,
            address: sessions.peer(connection).unwrap_or(self.doors[0].address),
            standby: listener.is_some_and(|config| config.standby),
        };
        self.with(sessions, |centre, now, out| centre.open(now, session, client, request, out));
    }

    fn request(&mut self, sessions: &mut Sessions, connection: Connection, request: Request, frame: Frame<'_>) {
        let Some(session) = self.names.sessions.get(&connection).copied() else { return };
        self.with(sessions, |centre, now, out| centre.request(now, session, request, &frame, out));
    }

    fn message(&mut self, sessions: &mut Sessions, connection: Connection, frame: Frame<'_>) {
        let Some(session) = self.names.sessions.get(&connection).copied() else { return };
        if frame.message_type() == MessageType::ACTIVE_MAINTENANCE_RESP_MSG {
            if let Ok(answer) = frame.decode() {
                self.maintenance_answered(sessions, session, &answer);
            }
            return;
        }
        self.with(sessions, |centre, now, out| centre.message(now, session, &frame, out));
    }

    fn monitor_stopped(&mut self, sessions: &mut Sessions, _: Connection, monitor_id: u32) {
        self.with(sessions, |centre, now, out| centre.monitor_stopped(now, monitor_id, out));
    }

    fn ended(&mut self, sessions: &mut Sessions, connection: Connection, ended: ServerEnded) {
        // Connections that never asked for a session end, too.
        let Some(session) = self.names.remove(connection) else { return };
        let status = match ended {
            ServerEnded::Closed(status) | ServerEnded::Refused(status) | ServerEnded::EndedByServer(status) => status,
            ServerEnded::IdleTimeout => FailureStatus::E_CTI_TIMEOUT,
            _ => FailureStatus::E_CTI_CLIENT_DISCONNECTED,
        };
        self.with(sessions, |centre, now, out| centre.closed(now, session, status, out));
    }

    fn wake(&self) -> Wake {
        let at = |at: Option<Instant>| at.map_or(Wake::Idle, Wake::At);
        let next = at(self.centre.next().map(|next| self.real(next)));
        let fault = at(self.faults.first().map(|(at, _)| *at));
        let deadline = at(self.maintenance.as_ref().map(|maintenance| maintenance.deadline));
        next.or(fault).or(deadline).or(at(self.wrong.stalled_until))
    }

    fn handle_timeout(&mut self, sessions: &mut Sessions) {
        self.with(sessions, |centre, now, out| centre.advance(now, out));
        // Faults go by our clock, whatever the speed of the contact centre.
        while let Some((_, fault)) = self.faults.first().filter(|(at, _)| *at <= sessions.now()).copied() {
            self.faults.remove(0);
            self.fault(fault, sessions);
        }
        self.stall_timeout(sessions);
        self.maintenance_timeout(sessions);
    }
}
