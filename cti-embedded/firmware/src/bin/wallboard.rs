//! A wallboard: agents, queues and calls of a contact centre, as text on a terminal at the serial line.
//!
//! Parameters: `first=1001 agents=64 peripheral=5000 group=101 password=`, and those of the network.
#![no_std]
#![no_main]

use core::cell::RefCell;
use core::time::Duration;

use cti_embedded::embassy::Uptime;
use cti_embedded::{Client, Clock};
use cti_firmware::executor;
use cti_firmware::network::{self, Happenings, Requests, Station};
use cti_firmware::parameters::Parameters;
use cti_firmware::screen::Screen;
use cti_firmware::serial::Serial;
use cti_firmware::text::Line;
use cti_firmware::wall::{self, AGENTS, Board, CALLS, Cell, Foot, Head, Place, Wall};
use cti_proto::message::{QueryAgentStateReq, SnapshotCallReq};
use cti_proto::session::{
    Cause, ClientConfig, ClientCounters, ClientSession, Event, Instant, Request, RequestError, Side,
};
use cti_proto::track::{
    Agent, AgentConfig, AgentStorage, AgentTracker, Call, CallConfig, CallFields, CallHandle, CallStage, CallStorage,
    CallTracker, Change, ConnectionId, Handle, listed_skill_groups,
};
use cti_proto::value::{AgentState, CtiService};
use cti_proto::{Frame, Protocol, Storage};
use embassy_time::Timer;
use static_cell::{ConstStaticCell, StaticCell};

/// How long a question waits that finds no room.
const PATIENCE: embassy_time::Duration = embassy_time::Duration::from_millis(20);

/// What is spoken.
static PROTOCOLS: [Protocol; 1] = match Protocol::cce(24) {
    Ok(protocol) => [protocol],
    Err(_) => panic!("a version that there is"),
};

/// What the board shows.
struct Picture {
    agents: AgentTracker<'static>,
    calls: CallTracker<'static>,
    /// Whom each agent takes calls of, by the agent's slot: a bit for each queue. The tracker's memberships would take 48
    /// bytes for each.
    skills: [Skills; AGENTS],
    plan: Plan,
    /// The next question that is to be asked.
    question: u32,
    /// Questions that are on their way.
    unanswered: u32,
    link: Link,
}

/// The session, as the board shows it.
#[derive(Clone, Copy)]
struct Link {
    side: Option<Side>,
    last_cause: Option<Cause>,
    counters: ClientCounters,
}

/// What there is to be shown, and where it is asked for.
#[derive(Clone, Copy)]
struct Plan {
    peripheral_id: u32,
    first_agent: u32,
    agents: u32,
    first_group: u32,
}

/// A bit for each of [`wall::QUEUES`].
type Skills = u16;
type Shared = &'static RefCell<Picture>;
/// No groups: no tracker has to tell who takes calls of which queue.
type Agents = AgentStorage<AGENTS, 0, 0>;
/// Names of 64 devices, and two parties for each call.
type Calls = CallStorage<CALLS, 64, 64, 0>;

#[cortex_m_rt::entry]
fn main() -> ! {
    static STORAGE: ConstStaticCell<Storage<2_048, 256, 4, 0>> = ConstStaticCell::new(Storage::new());
    static STATION: StaticCell<Station> = StaticCell::new();
    static AGENT_STORAGE: ConstStaticCell<Agents> = ConstStaticCell::new(Agents::new());
    static CALL_STORAGE: ConstStaticCell<Calls> = ConstStaticCell::new(Calls::new());
    static PICTURE: StaticCell<RefCell<Picture>> = StaticCell::new();
    static SCREEN: StaticCell<Screen> = StaticCell::new();

    executor::run(|spawner| {
        let parameters = Parameters::take();
        let network = network::start(spawner, parameters);
        let plan = Plan {
            peripheral_id: parameters.value("peripheral", 5_000),
            first_agent: parameters.value("first", 1_001),
            agents: parameters.value("agents", AGENTS as u32),
            first_group: parameters.value("group", 101),
        };

        let services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
        let mut config = ClientConfig::new(&PROTOCOLS, "wallboard".into(), services);
        config.password = parameters.text("password").unwrap_or_default().into();
        config.heartbeat = Some(Duration::from_secs(5));
        config.random = parameters.value("seed", 1);
        config.resync_interval = Duration::from_millis(20);

        let client = defmt::unwrap!(Client::new(config, STORAGE.take().parts(), Uptime));
        let (runner, requests, events) = STATION.init(client).split();
        let picture = PICTURE.init_with(|| Picture::new(AGENT_STORAGE.take(), CALL_STORAGE.take(), plan).into());
        let (output, _) = Serial::start().split();
        let screen = SCREEN.init(Screen::new(output));

        spawner.spawn(defmt::unwrap!(network::session(runner, network::tcp(network, parameters))));
        spawner.spawn(defmt::unwrap!(follow(picture, events, requests)));
        spawner.spawn(defmt::unwrap!(show(picture, requests, screen)));
    })
}

// --- events ---------------------------------------------------------------------------------------------------------

/// What is to be done once an event is let go.
#[derive(PartialEq)]
enum Todo {
    Nothing,
    /// A session is open: the picture is to be asked for.
    Begin,
    /// The next question may be asked.
    Ask,
    /// A question is answered; it may have been the last one.
    Check,
}

/// Feeds the trackers, and asks for the picture when a session opens.
#[embassy_executor::task]
async fn follow(picture: Shared, mut events: Happenings, requests: Requests) {
    while let Some(todo) = events.next(|event| picture.borrow_mut().take(event)).await {
        if todo == Todo::Nothing {
            continue;
        }
        if requests.with(|session, now| picture.borrow_mut().go_on(todo, session, now)).await.is_err() {
            // Others are on their way. The network is to have its turn before it is asked again.
            Timer::after(PATIENCE).await;
            requests.with(|session, now| session.start_resync(now)).await;
        }
    }
    defmt::error!("the session has ended");
}

/// There is no room for a question now.
struct NoRoom;

/// The picture is asked for: each agent's state, then each call that may have gone. Agents are known by their numbers;
/// calls that nothing was heard of yet are heard of as they go on.
impl Picture {
    fn go_on(&mut self, todo: Todo, session: &mut ClientSession<'_>, now: Instant) -> Result<(), NoRoom> {
        match todo {
            Todo::Begin => {
                self.question = 0;
                session.start_resync(now);
            }
            Todo::Ask => self.ask_next(session, now)?,
            Todo::Nothing | Todo::Check => {}
        }
        if self.question == self.plan.questions() && self.unanswered == 0 {
            self.question += 1;
            session.finish_resync();
            self.is_complete();
        }
        Ok(())
    }

    fn ask_next(&mut self, session: &mut ClientSession<'_>, now: Instant) -> Result<(), NoRoom> {
        while self.question < self.plan.questions() {
            match self.ask(session, now) {
                Some(Ok(_)) => self.unanswered += 1,
                Some(Err(RequestError::TooManyOutstanding | RequestError::Encode(_))) => return Err(NoRoom),
                // The session is lost; there is a new picture with the next one.
                Some(Err(_)) => return Ok(()),
                // The next one.
                None => {
                    self.question += 1;
                    continue;
                }
            }
            self.question += 1;
            break;
        }
        Ok(())
    }

    /// Asks the next question; `None` if there is nothing to ask.
    fn ask(&self, session: &mut ClientSession<'_>, now: Instant) -> Option<Result<Request, RequestError>> {
        let Plan { peripheral_id, first_agent, agents, .. } = self.plan;
        if let Some(slot) = self.question.checked_sub(agents) {
            let ConnectionId { call_id, device_id_type, device_id } = self.stale_call(slot as usize)?;
            let snapshot = SnapshotCallReq {
                peripheral_id,
                connection_call_id: call_id,
                connection_device_id_type: device_id_type,
                connection_device_id: Some(device_id),
                ..SnapshotCallReq::default()
            };
            return Some(session.resync(now, &snapshot));
        }
        let login = Line::<12>::of(format_args!("{}", first_agent + self.question));
        let agent_id = Some(login.as_str().into());
        Some(session.resync(now, &QueryAgentStateReq { peripheral_id, agent_id, ..QueryAgentStateReq::default() }))
    }

    /// The call in a slot, if it may have gone.
    fn stale_call(&self, slot: usize) -> Option<ConnectionId<'_>> {
        self.calls.iter().find(|call| call.handle().slot() == slot && call.is_stale()).map(|call| call.id())
    }

    /// Everything was asked for: what has not shown up is gone.
    fn is_complete(&mut self) {
        self.agents.resynchronised();
        self.calls.resynchronised();
        while !self.agents.sweep() {}
        self.calls.sweep(Uptime.now());
    }
}

impl Plan {
    const fn questions(self) -> u32 {
        self.agents + CALLS as u32
    }
}

impl Picture {
    fn new(agents: &'static mut Agents, calls: &'static mut Calls, plan: Plan) -> Self {
        let link = Link { side: None, last_cause: None, counters: ClientCounters::default() };
        let (agents, calls) = (agent_tracker(agents), call_tracker(calls));
        Self { agents, calls, skills: [0; AGENTS], plan, question: 0, unanswered: 0, link }
    }

    fn take(&mut self, event: Event<'_>) -> Todo {
        match event {
            Event::Opened(opened) => {
                self.link.side = Some(opened.side);
                self.unanswered = 0;
                self.agents.session_lost();
                self.calls.session_lost();
                Todo::Begin
            }
            Event::Message(frame) => {
                self.observe(&frame);
                Todo::Nothing
            }
            Event::Confirmed { frame, .. } => {
                self.observe(&frame);
                self.unanswered = self.unanswered.saturating_sub(1);
                Todo::Check
            }
            Event::Failed { .. } | Event::TimedOut(_) => {
                self.unanswered = self.unanswered.saturating_sub(1);
                Todo::Check
            }
            Event::ResyncReady => Todo::Ask,
            Event::Disconnected(disconnected) => {
                defmt::warn!("no session with side {}: {=str}", disconnected.side, reason_of(disconnected.cause));
                (self.link.side, self.link.last_cause) = (None, Some(disconnected.cause));
                Todo::Nothing
            }
            Event::Skipped { message, length } => {
                defmt::warn!("skipped a message of type {} and {} bytes", message.0, length);
                Todo::Nothing
            }
            _ => Todo::Nothing,
        }
    }

    fn observe(&mut self, frame: &Frame<'_>) {
        let now = Uptime.now();
        let observed = (self.agents.observe(now, frame), self.calls.observe(now, frame));
        if let (Err(error), _) | (_, Err(error)) = observed {
            // In numbers: names of all messages are not for a small flash.
            defmt::warn!("message {=u32} cannot be read at offset {=usize}", error.message.0, error.offset);
        }
        self.note_skills(frame);
    }

    /// Notes which queues an agent takes calls of. A message that lists any lists all.
    fn note_skills(&mut self, frame: &Frame<'_>) {
        let Some((agent, groups)) = listed_skill_groups(frame) else { return };
        let Some(agent) = self.agents.find(self.plan.peripheral_id, agent) else { return };
        let queues = groups.map(|number| number.wrapping_sub(self.plan.first_group));
        let bits = queues.map(|queue| (1 as Skills).checked_shl(queue).unwrap_or(0));
        self.skills[agent.slot()] = bits.fold(0, |all, one| all | one);
    }
}

/// Not inlined, as is the next one: what is large is then moved as a whole.
#[inline(never)]
fn agent_tracker(storage: &'static mut Agents) -> AgentTracker<'static> {
    // No group is watched: what waits in a queue, the calls tell.
    let mut watched = AgentConfig::new();
    watched.watched_only = true;
    (watched.configuration, watched.calls) = (false, false);
    AgentTracker::new(watched, storage.parts())
}

#[inline(never)]
fn call_tracker(storage: &'static mut Calls) -> CallTracker<'static> {
    let mut kept = CallConfig::new();
    kept.keep = CallFields::NONE;
    (kept.media, kept.announced, kept.groups, kept.origins) = (false, false, false, false);
    CallTracker::new(kept, storage.parts())
}

// --- the screen -----------------------------------------------------------------------------------------------------

#[embassy_executor::task]
async fn show(picture: Shared, requests: Requests, screen: &'static mut Screen) {
    let mut wall = Wall::new(screen).await;
    loop {
        let counters = requests.with(|session, _| session.counters()).await;
        picture.borrow_mut().link.counters = counters;
        wall.refresh(picture).await;
        Timer::after(wall::REFRESH).await;
    }
}

impl Board for Picture {
    fn next_change(&mut self, now: embassy_time::Instant) -> Option<(Place, Cell)> {
        match self.agents.poll_change() {
            Some(Change::Changed(agent, _)) => return self.agent(agent, instant(now)),
            Some(Change::Ended(agent, _)) => {
                self.skills[agent.slot()] = 0;
                return Some((Place::Agent(agent.slot()), Cell::new()));
            }
            // The board asks for no more agents than it has room for, so that none has to go unseen.
            Some(_) | None => {}
        }
        match self.calls.poll_change()? {
            Change::Changed(call, _) => self.call(call, instant(now)),
            Change::Ended(call, _) => Some((Place::Call(call.slot()), Cell::new())),
            // Those that are there are drawn with the next second.
            _ => Some((Place::Calls, Cell::new())),
        }
    }

    fn nth(&self, entry: usize, now: embassy_time::Instant) -> Option<(Place, Cell)> {
        match entry.checked_sub(AGENTS) {
            None => self.agents.iter().nth(entry).and_then(|(agent, _)| self.agent(agent, instant(now))),
            Some(entry) => self.calls.iter().nth(entry).and_then(|call| self.call(call.handle(), instant(now))),
        }
    }

    /// How many calls wait, and the longest of them.
    fn queue(&self, queue: usize, now: embassy_time::Instant) -> Cell {
        let number = self.plan.first_group + queue as u32;
        let ready = self.agents.iter().filter(|(agent, entry)| {
            entry.state == AgentState::AGENT_STATE_AVAILABLE && self.skills[agent.slot()] & 1 << queue != 0
        });
        let (mut waiting, mut longest) = (0, None);
        for (_, since) in self.calls.queued_at(self.plan.peripheral_id, number) {
            waiting += 1;
            longest.get_or_insert(since);
        }
        wall::queue_cell(number, ready.count(), waiting, longest.map(|since| instant(now).since(since)))
    }

    fn head(&self) -> Head {
        let counts = self.agents.counts();
        let peer = match self.link.side {
            Some(Side::A) => "side A",
            Some(Side::B) => "side B",
            None => "no session",
        };
        let (agents, ready, talking) = (counts.logged_in(), counts.available(), counts.on_call());
        Head { peer, agents, ready, talking, calls: self.calls.len() }
    }

    fn foot(&self) -> Foot {
        let Link { side, last_cause, counters } = &self.link;
        Foot {
            frames: counters.frames,
            opened: counters.opened,
            lost: counters.disconnected,
            skipped: counters.skipped,
            reason: last_cause.filter(|_| side.is_none()).map(reason_of),
        }
    }
}

impl Picture {
    fn agent(&self, handle: Handle<Agent>, now: Instant) -> Option<(Place, Cell)> {
        let cell = self.agents.get(handle).map(|agent| {
            // A `Text` prints as it is, without regard to widths.
            let id = agent.id.text().to_str().unwrap_or("?");
            wall::agent_cell(id, state_of(agent), agent.state_duration(now))
        });
        Some((Place::Agent(handle.slot()), cell.unwrap_or_default()))
    }

    fn call(&self, handle: CallHandle, now: Instant) -> Option<(Place, Cell)> {
        let cell = self
            .calls
            .get(handle)
            .map(|call| wall::call_cell(call.id().call_id, stage_of(&call), now.since(call.stage_since())));
        Some((Place::Call(handle.slot()), cell.unwrap_or_default()))
    }
}

fn instant(now: embassy_time::Instant) -> Instant {
    Instant::from_millis(now.as_millis())
}

/// Why there is no session, in a word or two: the causes' own texts explain every status, and take 20 KB of flash.
fn reason_of(cause: Cause) -> &'static str {
    match cause {
        Cause::ConnectFailed => "no answer",
        Cause::TransportClosed => "closed",
        Cause::NoAnswer => "not opened",
        Cause::Refused(_) => "refused",
        Cause::HeartbeatLost => "silent",
        Cause::EndedByServer(_) => "ended by the server",
        Cause::Maintenance | Cause::Left => "left",
        _ => "unreadable",
    }
}

/// Four letters for a state.
fn state_of(agent: &Agent) -> &'static str {
    match agent.state {
        AgentState::AGENT_STATE_LOGIN => "in",
        AgentState::AGENT_STATE_LOGOUT => "out",
        AgentState::AGENT_STATE_NOT_READY => "paus",
        AgentState::AGENT_STATE_AVAILABLE => "redy",
        AgentState::AGENT_STATE_TALKING => "talk",
        AgentState::AGENT_STATE_WORK_NOT_READY | AgentState::AGENT_STATE_WORK_READY => "work",
        AgentState::AGENT_STATE_BUSY_OTHER => "busy",
        AgentState::AGENT_STATE_RESERVED => "rsvd",
        AgentState::AGENT_STATE_HOLD => "hold",
        _ => "?",
    }
}

/// Four letters for a stage.
fn stage_of(call: &Call<'_>) -> &'static str {
    match call.stage() {
        CallStage::Begun => "new",
        CallStage::Announced => "soon",
        CallStage::Dialing => "dial",
        CallStage::Treated => "ivr",
        CallStage::Queued => "wait",
        CallStage::Alerting => "ring",
        CallStage::Talking => "talk",
        CallStage::Held => "hold",
        CallStage::Failed => "fail",
        CallStage::Cleared => "end",
        CallStage::Merged => "join",
    }
}
