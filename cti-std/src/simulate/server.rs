//! The simulated contact centre behind real sockets: side A and side B, faults on request, and a clock that may run
//! faster than ours.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;
use std::net::SocketAddr;
#[cfg(feature = "tls")]
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use cti_proto::message::{
    ActiveMaintenanceEventMsg, ActiveMaintenanceReqMsg, ActiveMaintenanceRespMsg, MessageType, OpenConf, OpenReq,
};
use cti_proto::session::{Instant, Request, ServerConfig, ServerEnded, Wake};
use cti_proto::value::{ControlFailureCode, CtiService, FailureStatus};
use cti_proto::{Body, Frame, Protocol};

use super::fault::{Fault, Side, TimedFault};
use super::{Client, Config, ContactCentre, Receiver, SessionId, Sink};
use crate::server::{
    Application, Faults, ListenerFaults, ListenerId, Server, ServerHandle, ServerOptions, SessionId as Connection,
    Sessions,
};
#[cfg(feature = "tls")]
use crate::tls::ServerTls;

/// Where and how fast a simulation runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SimulatorOptions {
    /// The contact centre.
    pub config: Config,
    /// Side A, which is active at first. Port 0 stands for any free one.
    pub side_a: SocketAddr,
    /// Side B, on standby at first; `None` leaves it out.
    pub side_b: Option<SocketAddr>,
    /// Seconds that pass in the contact centre for each of ours.
    pub speed: f64,
    /// How long the contact centre has been at work, by its own clock, when the first client comes.
    pub head_start: Duration,
    /// What goes wrong, and when.
    pub faults: Vec<TimedFault>,
    /// What connections may use.
    pub server: ServerOptions,
    /// Makes both sides secured ones.
    #[cfg(feature = "tls")]
    pub tls: Option<Arc<ServerTls>>,
}

impl SimulatorOptions {
    /// Both sides on free ports of this machine, at our speed, and nothing wrong.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let local = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = ServerOptions::new();
        server.memory.transmit = 4 << 20;
        Self {
            config,
            side_a: local,
            side_b: Some(local),
            speed: 1.0,
            head_start: Duration::ZERO,
            faults: Vec::new(),
            server,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

/// A simulated contact centre at work, in a thread of its own. It stops when this is dropped.
#[derive(Debug)]
pub struct Simulator {
    handle: ServerHandle<Simulation>,
    thread: Option<JoinHandle<io::Result<()>>>,
    addresses: (SocketAddr, Option<SocketAddr>),
}

impl Simulator {
    /// Listens, and begins.
    ///
    /// # Errors
    /// The system does not give the addresses out, or has no thread.
    pub fn start(options: SimulatorOptions) -> io::Result<Self> {
        let mut server = Simulation::serve(options)?;
        let addresses = server.application().addresses;
        let handle = server.handle();
        let thread = std::thread::Builder::new().name("cti-simulation".into()).spawn(move || server.run())?;
        Ok(Self { handle, thread: Some(thread), addresses })
    }

    /// Where side A listens.
    #[must_use]
    pub const fn side_a(&self) -> SocketAddr {
        self.addresses.0
    }

    /// Where side B listens, if there is one.
    #[must_use]
    pub const fn side_b(&self) -> Option<SocketAddr> {
        self.addresses.1
    }

    /// Reaches the simulation from other threads.
    #[must_use]
    pub fn handle(&self) -> ServerHandle<Simulation> {
        self.handle.clone()
    }

    /// Makes something go wrong now.
    pub fn fault(&self, fault: Fault) {
        // A simulation that is over has nothing left to go wrong.
        let _ = self.handle.run(move |simulation, sessions| simulation.fault(fault, sessions));
    }

    /// Stops: every session is ended in order, which takes 5 s at most.
    ///
    /// # Errors
    /// What ended the server's thread.
    pub fn stop(mut self) -> io::Result<()> {
        self.finish()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.handle.stop();
        let Some(thread) = self.thread.take() else { return Ok(()) };
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the simulation has panicked")))
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // Nobody is left to tell.
        let _ = self.finish();
    }
}

/// The application of a server: a contact centre and who is who.
#[derive(Debug)]
pub struct Simulation {
    centre: ContactCentre,
    names: Names,
    sides: [Option<ListenerId>; 2],
    addresses: (SocketAddr, Option<SocketAddr>),
    speed: f64,
    head_start: Duration,
    began: Instant,
    faults: Vec<(Instant, Fault)>,
    refuses: Option<FailureStatus>,
    /// Which sides reset new connections.
    resets: [bool; 2],
    /// What is wrong with all connections, the new ones too.
    lasting: Faults,
    /// Until when stalled connections stay so.
    stalled_until: Option<Instant>,
    maintenance: Option<Maintenance>,
}

/// Sessions by the simulation's name and by the server's.
#[derive(Debug, Default)]
struct Names {
    connections: BTreeMap<SessionId, Connection>,
    sessions: HashMap<Connection, SessionId>,
    last: u32,
    /// Clients that know of standby servers.
    prepared: BTreeSet<SessionId>,
}

/// A side on its way into maintenance.
#[derive(Debug)]
struct Maintenance {
    side: Side,
    /// Who has not answered yet, and until when that may be; nobody once it is decided.
    waits_for: BTreeSet<SessionId>,
    deadline: Instant,
    decided: bool,
}

/// How long clients have to answer, and then to go.
const MAINTENANCE_TIME: Duration = Duration::from_secs(5);

impl Simulation {
    /// A server that is the simulation, to be run.
    ///
    /// # Errors
    /// The system does not give the addresses out.
    pub fn serve(options: SimulatorOptions) -> io::Result<Server<Self>> {
        let product = options.config.product;
        let began = crate::clock::now();
        let after = |fault: &TimedFault| (began.after(fault.after), fault.fault);
        let mut faults: Vec<_> = options.faults.iter().map(after).collect();
        faults.sort_by_key(|(at, _)| *at);
        let simulation = Self {
            centre: ContactCentre::at_work(options.config, Instant::ZERO.after(options.head_start)),
            names: Names::default(),
            sides: [None; 2],
            addresses: (options.side_a, options.side_b),
            speed: options.speed.clamp(0.001, 100_000.0),
            head_start: options.head_start,
            began,
            faults,
            refuses: None,
            resets: [false; 2],
            lasting: Faults::default(),
            stalled_until: None,
            maintenance: None,
        };
        let mut server = Server::new(options.server, simulation)?;
        let active = ServerConfig::new(product);
        let mut standby = active;
        standby.standby = true;
        let mut listen = |address, config| -> io::Result<(ListenerId, SocketAddr)> {
            #[cfg(feature = "tls")]
            let listener = match &options.tls {
                Some(tls) => server.listen_secured(address, config, Arc::clone(tls))?,
                None => server.listen(address, config)?,
            };
            #[cfg(not(feature = "tls"))]
            let listener = server.listen(address, config)?;
            Ok((listener, server.sessions().address(listener).unwrap_or(address)))
        };
        let side_a = listen(options.side_a, active)?;
        let side_b = options.side_b.map(|address| listen(address, standby)).transpose()?;
        let simulation = server.application();
        simulation.sides = [Some(side_a.0), side_b.map(|side| side.0)];
        simulation.addresses = (side_a.1, side_b.map(|side| side.1));
        Ok(server)
    }

    /// Where the sides listen.
    #[must_use]
    pub const fn addresses(&self) -> (SocketAddr, Option<SocketAddr>) {
        self.addresses
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
        let passed = (simulated.since(Instant::ZERO.after(self.head_start)).as_millis() as f64 / self.speed).ceil();
        self.began.after(Duration::from_millis(passed as u64))
    }

    /// Hands the centre something to do, with the present moment and everyone's ears.
    fn with(&mut self, sessions: &mut Sessions, action: impl FnOnce(&mut ContactCentre, Instant, &mut Out<'_>)) {
        let now = self.simulated(sessions.now());
        let mut out = Out { sessions, names: &self.names };
        action(&mut self.centre, now, &mut out);
    }

    /// Makes something go wrong.
    pub fn fault(&mut self, fault: Fault, sessions: &mut Sessions) {
        match fault {
            Fault::None => self.heal(sessions),
            Fault::RefuseOpen(status) => self.refuses = Some(status),
            Fault::Refuse(side) => {
                for known in [Side::A, Side::B] {
                    self.resets[known as usize] |= side.is_none_or(|side| side == known);
                }
                self.set_listener_faults(sessions);
            }
            Fault::HalfOpen(side) => {
                let faults = Faults { swallow: true, ..Faults::default() };
                self.set_faults(sessions, side, faults);
            }
            Fault::Drop(side) => self.drop_side(side, sessions),
            Fault::Restore(side) => self.restore_side(side, sessions),
            Fault::Stall(duration) => {
                self.set_lasting(sessions, Faults { stall_writes: true, ..self.lasting });
                self.stalled_until = duration.map(|duration| sessions.now().after(duration));
            }
            Fault::Delay(delay) => self.set_lasting(sessions, Faults { delay, ..self.lasting }),
            Fault::Reset(bytes) => {
                for connection in self.names.connections.values() {
                    let waiting = sessions.backlog(*connection);
                    sessions.cut(*connection, waiting + bytes);
                }
            }
            Fault::Garbage => {
                for connection in self.names.connections.values() {
                    sessions.inject(*connection, b"\xff\xff\xff\xffGARBAGE\x00");
                }
            }
            Fault::PeripheralOffline => self.with(sessions, |centre, now, out| centre.set_online(now, false, out)),
            Fault::PeripheralOnline => self.with(sessions, |centre, now, out| centre.set_online(now, true, out)),
            Fault::ControllerOffline => self.with(sessions, |centre, now, out| centre.set_controller(now, false, out)),
            Fault::ControllerOnline => self.with(sessions, |centre, now, out| centre.set_controller(now, true, out)),
            Fault::Reconfigure => self.with(sessions, |centre, now, out| centre.reconfigure(now, out)),
            Fault::Maintenance => self.begin_maintenance(sessions),
        }
    }

    fn heal(&mut self, sessions: &mut Sessions) {
        self.refuses = None;
        self.stalled_until = None;
        self.resets = [false; 2];
        self.set_lasting(sessions, Faults::default());
        self.with(sessions, |centre, now, out| {
            centre.set_online(now, true, out);
            centre.set_controller(now, true, out);
        });
        for side in [Side::A, Side::B] {
            self.restore_side(side, sessions);
        }
    }

    fn listener(&self, side: Side) -> Option<ListenerId> {
        self.sides[side as usize]
    }

    /// Something is wrong, or right again, with all connections that there are and with those that come.
    fn set_lasting(&mut self, sessions: &mut Sessions, faults: Faults) {
        self.lasting = faults;
        self.set_listener_faults(sessions);
        self.set_faults(sessions, None, faults);
    }

    fn set_listener_faults(&self, sessions: &mut Sessions) {
        for side in [Side::A, Side::B] {
            if let Some(listener) = self.listener(side) {
                let refuse = self.resets[side as usize];
                let faults = ListenerFaults { refuse, sessions: self.lasting, ..ListenerFaults::default() };
                sessions.set_listener_faults(listener, faults);
            }
        }
    }

    fn set_faults(&self, sessions: &mut Sessions, side: Option<Side>, faults: Faults) {
        let of_side = side.and_then(|side| self.listener(side));
        for connection in self.names.connections.values() {
            if side.is_none() || sessions.listener(*connection) == of_side {
                sessions.set_faults(*connection, faults);
            }
        }
    }

    /// A side dies, and the other one becomes active.
    fn drop_side(&mut self, side: Side, sessions: &mut Sessions) {
        let Some(listener) = self.listener(side) else { return };
        sessions.drop_listener(listener);
        let was_active = sessions.config(listener).is_some_and(|config| !config.standby);
        if was_active {
            self.activate(side.other(), sessions);
        }
    }

    /// A side comes back, on standby if the other one is active.
    fn restore_side(&mut self, side: Side, sessions: &mut Sessions) {
        let Some(listener) = self.listener(side) else { return };
        let is_active = |listener: ListenerId, sessions: &Sessions| {
            sessions.config(listener).is_some_and(|config| !config.standby && !config.maintenance)
        };
        let other_active = self.listener(side.other()).is_some_and(|other| is_active(other, sessions));
        if let Some(mut config) = sessions.config(listener).copied() {
            let was_away = config.maintenance || config.standby;
            config.maintenance = false;
            config.standby = other_active && (was_away || side == Side::B);
            sessions.set_config(listener, config);
        }
        // An address that somebody else has taken since stays closed, and clients see that.
        let _ = sessions.open_listener(listener);
    }

    /// A side that was on standby takes over.
    fn activate(&mut self, side: Side, sessions: &mut Sessions) {
        let Some(listener) = self.listener(side) else { return };
        let Some(mut config) = sessions.config(listener).copied() else { return };
        config.standby = false;
        sessions.set_config(listener, config);
        if let Some(other) = self.listener(side.other())
            && let Some(mut config) = sessions.config(other).copied()
        {
            config.standby = true;
            sessions.set_config(other, config);
        }
        let of_side =
            self.names.connections.iter().filter(|(_, connection)| sessions.listener(**connection) == Some(listener));
        let of_side: Vec<_> = of_side.map(|(session, _)| *session).collect();
        self.with(sessions, |centre, now, out| {
            of_side.into_iter().for_each(|session| centre.activate(now, session, out));
        });
    }

    /// Step 1 of maintenance: the active side asks those who know of standby servers.
    fn begin_maintenance(&mut self, sessions: &mut Sessions) {
        let is_active = |side: &Side| {
            let listener = self.listener(*side);
            listener.and_then(|listener| sessions.config(listener)).is_some_and(|config| !config.standby)
        };
        let Some(side) = [Side::A, Side::B].into_iter().find(is_active) else { return };
        let Some(listener) = self.listener(side) else { return };
        let mut waits_for = BTreeSet::new();
        for session in self.names.prepared.clone() {
            let Some(connection) = self.names.connections.get(&session).copied() else { continue };
            let asked = ActiveMaintenanceReqMsg { invoke_id: session.0 };
            if sessions.listener(connection) == Some(listener) && sessions.send(connection, &asked).is_ok() {
                waits_for.insert(session);
            }
        }
        let deadline = sessions.now().after(MAINTENANCE_TIME);
        self.maintenance = Some(Maintenance { side, waits_for, deadline, decided: false });
        self.decide_maintenance(sessions, true);
    }

    /// A client has answered, or nobody has to any more.
    fn decide_maintenance(&mut self, sessions: &mut Sessions, agrees: bool) {
        let Some(maintenance) = &mut self.maintenance else { return };
        if maintenance.decided || agrees && !maintenance.waits_for.is_empty() {
            return;
        }
        maintenance.decided = true;
        maintenance.deadline = sessions.now().after(MAINTENANCE_TIME);
        let side = maintenance.side;
        let event = ActiveMaintenanceEventMsg { maintenance_mode_status: agrees };
        let listener = self.listener(side);
        for session in &self.names.prepared {
            if let Some(connection) = self.names.connections.get(session)
                && sessions.listener(*connection) == listener
            {
                // A client without room for it is ended by the deadline.
                let _ = sessions.send(*connection, &event);
            }
        }
        if !agrees {
            self.maintenance = None;
            return;
        }
        if let Some(listener) = listener
            && let Some(mut config) = sessions.config(listener).copied()
        {
            config.maintenance = true;
            sessions.set_config(listener, config);
        }
        self.activate(side.other(), sessions);
    }

    /// The time of a step of maintenance is over: silence is a refusal, and who has not gone is sent away.
    fn maintenance_timeout(&mut self, sessions: &mut Sessions) {
        let Some(maintenance) = &self.maintenance else { return };
        if maintenance.deadline > sessions.now() {
            return;
        }
        if !maintenance.decided {
            return self.decide_maintenance(sessions, false);
        }
        let listener = self.listener(maintenance.side);
        self.maintenance = None;
        for connection in self.names.connections.values() {
            if sessions.listener(*connection) == listener {
                sessions.end(*connection, FailureStatus::E_CTI_SERVER_IN_MAINTENANCE_MODE);
            }
        }
    }

    fn maintenance_answered(&mut self, sessions: &mut Sessions, session: SessionId, answer: &ActiveMaintenanceRespMsg) {
        let Some(maintenance) = &mut self.maintenance else { return };
        if maintenance.waits_for.remove(&session) {
            self.decide_maintenance(sessions, answer.maintenance_mode_accepted);
        }
    }
}

impl Application for Simulation {
    fn open_requested(
        &mut self,
        sessions: &mut Sessions,
        connection: Connection,
        protocol: Protocol,
        request: &OpenReq<'_>,
    ) {
        if let Some(status) = self.refuses {
            // It asked a moment ago.
            let _ = sessions.refuse(connection, status);
            return;
        }
        let session = self.names.add(connection);
        if request.services_requested.contains(CtiService::CTI_SERVICE_ACTIVE_STANDBY) {
            self.names.prepared.insert(session);
        }
        let listener = sessions.listener(connection).and_then(|listener| sessions.config(listener));
        let client = Client {
            protocol,
            address: sessions.peer(connection).unwrap_or(self.addresses.0),
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
        next.or(fault).or(deadline).or(at(self.stalled_until))
    }

    fn handle_timeout(&mut self, sessions: &mut Sessions) {
        self.with(sessions, |centre, now, out| centre.advance(now, out));
        while let Some((_, fault)) = self.faults.first().filter(|(at, _)| *at <= sessions.now()).copied() {
            self.faults.remove(0);
            self.fault(fault, sessions);
        }
        if self.stalled_until.is_some_and(|until| until <= sessions.now()) {
            self.stalled_until = None;
            self.set_lasting(sessions, Faults { stall_writes: false, ..self.lasting });
        }
        self.maintenance_timeout(sessions);
    }
}

impl Names {
    fn add(&mut self, connection: Connection) -> SessionId {
        self.last = self.last.wrapping_add(1).max(1);
        let session = SessionId(self.last);
        self.connections.insert(session, connection);
        self.sessions.insert(connection, session);
        session
    }

    fn remove(&mut self, connection: Connection) -> Option<SessionId> {
        let session = self.sessions.remove(&connection)?;
        self.connections.remove(&session);
        self.prepared.remove(&session);
        Some(session)
    }
}

/// The sessions of a server, as the simulation speaks to them.
struct Out<'a> {
    sessions: &'a mut Sessions,
    names: &'a Names,
}

impl Out<'_> {
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
        let Some(connection) = self.connection(session) else { return true };
        match self.sessions.send(connection, message) {
            Err(cti_proto::session::AnswerError::Encode(error)) => {
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
