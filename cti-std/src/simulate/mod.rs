//! A contact centre that is not there: agents, callers and queues as a state machine, without sockets and without a
//! clock, that speaks the protocol by the guide and obeys its clients. [`Simulator`] puts it behind real sockets.
//!
//! ```text
//! moments   -> ContactCentre::advance   -+
//! OPEN_REQ  -> ContactCentre::open      -+-> Sink: events and answers, for each session in its own version
//! requests  -> ContactCentre::request   -+
//! ```
//!
//! The same [`Config`], the same seed and the same inputs at the same moments make the same messages.
//!
//! # Both products at once
//!
//! There is one contact centre for all sessions, and each is told of it as its product and version have it: numbers of
//! the peripheral and of groups, logins, states and reasons of agents, kinds of calls, causes, and what the other product
//! has no event for. It goes by the rules of Unified CCE; to a session of Unified CCX an agent who talks with somebody but
//! a customer is not ready, for example, and a call that leaves a queue is diverted. Behind sockets the product of a
//! session is that of the address it came in by: see [`Endpoint`].
//!
//! # The world
//!
//! Agents log in with 1001 and on (Unified CCX: `agent1001`) at extensions 5001 and on, beyond 7000 from 100001;
//! every twelfth is the supervisor of a team. The peripheral is 5000 (Unified CCX: 1). Skill groups have numbers from 101 on, with a service from 201, a
//! call type from 5600 and a route point from 7001 on, which can be dialed. Calls from outside come to the voice portal
//! (ports from 20001 on), give their account number, and go to the agent of their group who has been available longest,
//! or wait; some are for two or three groups, and wait in the queues of all. Numbers of seven digits and more lead outside: those that end with 0000 are busy, those that end with 0001
//! are never answered. Other numbers lead nowhere. Every eighth agent has to give reasons and wrap-up data.
//!
//! A device has a connection of its own in each call, and events tell each connection its own side: ConnectionDeviceID is
//! the extension or the port. A transfer and a conference are told once, with both calls of the device that joins them;
//! the call that was on hold stays.
//!
//! # Whom clients drive
//!
//! See [`Habits`] for what agents do of their own. An agent is driven by a client from its first request that changes
//! the agent's state or handles the agent's calls, until the client logs the agent out or its session ends.
//!
//! # What is refused
//!
//! * Services of tasks and of agents that clients report are not granted: there is voice only.
//! * What a request may be answered by in place of its confirmation says [`refusals`], for each request.
//! * Named variables and arrays are those of an example: `user.Segment`, `user.CaseNumber`, `user.Language`, `user.layout`,
//!   `BAResponse`, `BACampaign` and `user.Order[0]` to `[4]`. BACampaign is the dialer's.
//! * What Unified CCX lacks, in its sessions: the services Peripheral Monitor, Client Monitor and Server are not granted,
//!   and DEFLECT_CALL_REQ, RELEASE_CALL_REQ, CLIENT_EVENT_REPORT_REQ, START_RECORDING_REQ and STOP_RECORDING_REQ are
//!   refused.
//!
//! # Scale
//!
//! Nothing is looked for by walking through all agents or calls but where a client asks for it, and an event is encoded
//! once for each version in use. 10,000 agents with 1,000 calls a minute make 470 events a second; to tell them to 200
//! clients, 95,000 deliveries a second, takes an eighth of one core of a small machine. What grows with the clients is
//! the number of deliveries, and the backlog of those that do not read, 4 MiB at most for each.
//!
//! # Where things are
//!
//! `world` and `people` are the state, `shown` how the products show it; `talk` what can be done with calls, `agent` what
//! follows for agents, `route` queues and arrivals, `habit` what happens by itself, `tell` the events. Requests are one
//! file per service in `request`. Only `simulator`, `server`, `sides` and `out` know of sockets.

mod agenda;
mod agent;
mod call;
mod config;
mod configuration;
mod fault;
mod floor;
mod habit;
mod out;
mod people;
mod random;
mod request;
mod route;
mod server;
mod session;
mod sessions;
mod shown;
mod sides;
mod simulator;
mod sink;
mod statistics;
mod table;
mod talk;
mod task;
mod tell;
mod world;

use std::time::Duration;

use cti_proto::Frame;
use cti_proto::message::OpenReq;
use cti_proto::session::{Instant, Request};
use cti_proto::value::FailureStatus;

pub use config::{Config, Day, Habits};
pub use fault::{FAULTS, Fault, Side, TimedFault, UnknownFault};
pub use random::Span;
pub use request::{Refusal, refusals};
pub use server::Simulation;
pub use sessions::Client;
pub use simulator::{Endpoint, Simulator, SimulatorOptions};
pub use sink::{Receiver, SessionId, Sink};
pub use world::Counts;

use agenda::Moment;
use floor::Floor;
use task::Task;
use world::World;

/// A simulated contact centre. See the [module](self).
#[derive(Debug)]
pub struct ContactCentre {
    world: World,
}

impl ContactCentre {
    /// A contact centre at the moment [`Instant::ZERO`], when its agents begin to come in.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let mut centre = Self { world: World::new(config) };
        centre.begin();
        centre
    }

    /// A contact centre that has been at work until `now` without anybody listening.
    #[must_use]
    pub fn at_work(config: Config, now: Instant) -> Self {
        let mut centre = Self::new(config);
        centre.advance(now, &mut Nobody);
        centre
    }

    /// Does everything that is due at `now`.
    pub fn advance<S: Sink>(&mut self, now: Instant, out: &mut S) {
        self.floor(out).advance(Moment::of(now));
    }

    /// When something is due next.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        self.world.agenda.next().map(Moment::instant)
    }

    /// A client asks for a session; the sink is told whether it gets one.
    pub fn open<S: Sink>(
        &mut self,
        now: Instant,
        session: SessionId,
        client: Client,
        request: &OpenReq<'_>,
        out: &mut S,
    ) {
        self.advance(now, out);
        self.floor(out).open(session, client, request);
    }

    /// A client has sent a request, which the sink is told the answer of.
    pub fn request<S: Sink>(
        &mut self,
        now: Instant,
        session: SessionId,
        request: Request,
        frame: &Frame<'_>,
        out: &mut S,
    ) {
        self.advance(now, out);
        self.floor(out).request(session, request, frame);
    }

    /// A client has sent a message that is no request.
    pub fn message<S: Sink>(&mut self, now: Instant, session: SessionId, frame: &Frame<'_>, out: &mut S) {
        self.advance(now, out);
        self.floor(out).message(session, frame);
    }

    /// A client has stopped a monitor, or changed its masks.
    pub fn monitor_stopped<S: Sink>(&mut self, now: Instant, monitor: u32, out: &mut S) {
        self.advance(now, out);
        self.floor(out).stop_monitor(monitor);
    }

    /// A session has ended.
    pub fn closed<S: Sink>(&mut self, now: Instant, session: SessionId, status: FailureStatus, out: &mut S) {
        self.advance(now, out);
        self.floor(out).close(session, status);
    }

    /// The peripheral goes out of service, which ends its calls, or comes back.
    pub fn set_online<S: Sink>(&mut self, now: Instant, online: bool, out: &mut S) {
        self.advance(now, out);
        self.floor(out).set_online(online);
    }

    /// The gateway loses the central controller, or has it back.
    pub fn set_controller<S: Sink>(&mut self, now: Instant, online: bool, out: &mut S) {
        self.advance(now, out);
        self.floor(out).set_controller(online);
    }

    /// The recorder of the network is lost, with what it records, or it is there again.
    pub fn set_recorder<S: Sink>(&mut self, now: Instant, online: bool, out: &mut S) {
        self.advance(now, out);
        self.floor(out).set_recorder(online);
    }

    /// An agent changes to another skill group, and whoever follows the configuration is told.
    pub fn reconfigure<S: Sink>(&mut self, now: Instant, out: &mut S) {
        self.advance(now, out);
        self.floor(out).reconfigure();
    }

    /// The side that a session is with has been on standby and is active now.
    pub fn activate<S: Sink>(&mut self, now: Instant, session: SessionId, out: &mut S) {
        self.advance(now, out);
        self.floor(out).activate(session);
    }

    /// What has become of the calls so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.world.counts
    }

    /// Calls that there are now.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.world.calls.len()
    }

    fn floor<'a, S: Sink>(&'a mut self, out: &'a mut S) -> Floor<'a, S> {
        Floor { world: &mut self.world, out }
    }

    /// Plans what begins by itself. Agents come in over the first minute, at least one at once.
    fn begin(&mut self) {
        let mut nobody = Nobody;
        let mut floor = self.floor(&mut nobody);
        let count = floor.world.agents.len();
        let keys: Vec<_> = floor.world.agents.keys().collect();
        let takes_breaks = floor.world.config.habits.between_breaks.is_some();
        for (place, key) in keys.into_iter().enumerate() {
            // Agents who came in together would take their breaks together.
            let share = if takes_breaks { place as f64 / count as f64 } else { 0.0 };
            // Stamp 0 is that of an agent to whom nothing has happened.
            floor.later(Duration::from_secs_f64(share * 30.0), Task::LogIn(key, 0));
        }
        floor.later(Duration::from_secs(60), Task::Minute);
        floor.plan_arrival();
        floor.plan_placing(true);
        floor.plan_placing(false);
    }
}

/// A sink before there is anybody.
struct Nobody;

impl Sink for Nobody {
    fn event<'m, M: cti_proto::Body<'m>>(&mut self, _: &[Receiver], _: &M) {}

    fn send<'m, M: cti_proto::Body<'m>>(&mut self, _: SessionId, _: &M) -> bool {
        true
    }

    fn confirm<'m, M: cti_proto::Body<'m>>(&mut self, _: SessionId, _: Request, _: &M) {}

    fn confirm_monitor(&mut self, _: SessionId, _: Request, _: u32) {}

    fn monitor_ended(&mut self, _: SessionId, _: u32) {}

    fn fail(&mut self, _: SessionId, _: Request, _: FailureStatus) {}

    fn fail_control(&mut self, _: SessionId, _: Request, _: cti_proto::value::ControlFailureCode, _: u32) {}

    fn accept(&mut self, _: SessionId, _: &cti_proto::message::OpenConf<'_>) {}

    fn refuse(&mut self, _: SessionId, _: FailureStatus) {}

    fn end(&mut self, _: SessionId, _: FailureStatus) {}
}
