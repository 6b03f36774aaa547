//! A wallboard: agents, queues and calls of a contact centre, as text on a terminal at the serial line.
//!
//! Parameters: `first=1001 agents=64 peripheral=5000 group=101 password=`, and those of the network.
#![no_std]
#![no_main]

use core::cell::RefCell;
use core::fmt;
use core::time::Duration;

use cti_embedded::embassy::Uptime;
use cti_embedded::{Client, Clock};
use cti_firmware::executor;
use cti_firmware::network::{self, Happenings, Requests, Station};
use cti_firmware::parameters::Parameters;
use cti_firmware::screen::Screen;
use cti_firmware::serial::Serial;
use cti_firmware::stack;
use cti_firmware::text::Line;
use cti_proto::message::{QueryAgentStateReq, SnapshotCallReq};
use cti_proto::session::{Cause, ClientConfig, ClientCounters, Event, Instant, Request, RequestError, Side};
use cti_proto::track::{
    Agent, AgentConfig, AgentParts, AgentStorage, AgentTracker, Call, CallConfig, CallFields, CallHandle, CallParts,
    CallStage, CallStorage, CallTracker, Change, ConnectionId, GroupKey, Handle,
};
use cti_proto::value::{AgentState, ConnectionDeviceIdType, CtiService};
use cti_proto::{Frame, Protocol, Storage};
use embassy_time::Timer;
use static_cell::{ConstStaticCell, StaticCell};

const AGENTS: usize = 64;
const QUEUES: usize = 16;
const CALLS: usize = 32;

/// How often the board looks for what is different.
const REFRESH: embassy_time::Duration = embassy_time::Duration::from_millis(200);

/// What the board shows.
struct Picture {
    agents: AgentTracker<'static>,
    calls: CallTracker<'static>,
    /// Questions that are on their way.
    unanswered: u32,
    /// What the places on the screen show.
    agent_rows: [Option<Handle<Agent>>; AGENTS],
    call_rows: [Option<CallHandle>; CALLS],
    link: Link,
}

/// The session, as the board shows it.
#[derive(Clone, Copy)]
struct Link {
    side: Option<Side>,
    last_cause: Option<Cause>,
}

/// What there is to be shown, and where it is asked for.
#[derive(Clone, Copy)]
struct Plan {
    peripheral_id: u32,
    first_agent: u32,
    agents: u32,
    first_group: u32,
}

type Shared = &'static RefCell<Picture>;

#[cortex_m_rt::entry]
fn main() -> ! {
    static PROTOCOLS: StaticCell<[Protocol; 1]> = StaticCell::new();
    static STORAGE: ConstStaticCell<Storage<2_048, 320, 4, 0>> = ConstStaticCell::new(Storage::new());
    static STATION: StaticCell<Station> = StaticCell::new();
    static AGENT_STORAGE: ConstStaticCell<AgentStorage<AGENTS, QUEUES, 0>> = ConstStaticCell::new(AgentStorage::new());
    static CALL_STORAGE: ConstStaticCell<CallStorage<CALLS, 56, 48, 0>> = ConstStaticCell::new(CallStorage::new());
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

        let protocol = defmt::unwrap!(Protocol::cce(parameters.value("version", 24)));
        let services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
        let mut config = ClientConfig::new(PROTOCOLS.init([protocol]), "wallboard".into(), services);
        config.password = parameters.text("password").unwrap_or_default().into();
        config.heartbeat = Some(Duration::from_secs(5));
        config.random = parameters.value("seed", 1);
        config.resync_interval = Duration::from_millis(20);

        let client = defmt::unwrap!(Client::new(config, STORAGE.take().parts(), Uptime));
        let (runner, requests, events) = STATION.init(client).split();
        let picture =
            PICTURE.init(RefCell::new(Picture::new(AGENT_STORAGE.take().parts(), CALL_STORAGE.take().parts(), plan)));
        let (output, _) = Serial::start().split();
        let screen = SCREEN.init(Screen::new(output));

        spawner.spawn(defmt::unwrap!(network::session(runner, network::tcp(network, parameters))));
        spawner.spawn(defmt::unwrap!(follow(picture, plan, events, requests)));
        spawner.spawn(defmt::unwrap!(show(picture, plan, requests, screen)));
    })
}

// --- events ---------------------------------------------------------------------------------------------------------

/// What is to be done once an event is let go.
enum Todo {
    Nothing,
    /// A session is open: the picture is to be asked for.
    Begin,
    /// The next question may be asked.
    Ask,
}

/// Feeds the trackers, and asks for the picture when a session opens.
#[embassy_executor::task]
async fn follow(picture: Shared, plan: Plan, mut events: Happenings, requests: Requests) {
    let mut questions = 0;
    while let Some(todo) = events.next(|event| picture.borrow_mut().take(event)).await {
        match todo {
            Todo::Nothing => {}
            Todo::Begin => {
                questions = 0;
                requests.with(|session, now| session.start_resync(now)).await;
            }
            Todo::Ask => ask_next(picture, plan, requests, &mut questions).await,
        }
        if questions == plan.questions() && picture.borrow().unanswered == 0 {
            questions += 1;
            requests.with(|session, _| session.finish_resync()).await;
            picture.borrow_mut().is_complete();
        }
    }
    defmt::error!("the session has ended");
}

/// Asks for an agent's state, then for a call that may have gone. Agents are known by their numbers; calls that nothing
/// was heard of yet are heard of as they go on.
async fn ask_next(picture: Shared, plan: Plan, requests: Requests, questions: &mut u32) {
    while *questions < plan.questions() {
        let question = *questions;
        let asked = if question < plan.agents {
            plan.ask_for_agent(requests, question).await
        } else {
            let call = picture.borrow().stale_call((question - plan.agents) as usize);
            let Some(call) = call else {
                *questions += 1;
                continue;
            };
            plan.ask_for_call(requests, &call).await
        };
        match asked {
            Ok(_) => {
                *questions += 1;
                picture.borrow_mut().unanswered += 1;
            }
            Err(RequestError::TooManyOutstanding | RequestError::Encode(_)) => {
                // It is asked again: there is another announcement.
                requests.with(|session, now| session.start_resync(now)).await;
            }
            Err(error) => defmt::debug!("{}", error),
        }
        return;
    }
}

/// A call as a request names it.
struct Named {
    call_id: u32,
    device_id_type: ConnectionDeviceIdType,
    device_id: Line<24>,
}

impl Plan {
    const fn questions(self) -> u32 {
        self.agents + CALLS as u32
    }

    async fn ask_for_agent(self, requests: Requests, agent: u32) -> Result<Request, RequestError> {
        let login = Line::<12>::of(format_args!("{}", self.first_agent + agent));
        let query = QueryAgentStateReq {
            peripheral_id: self.peripheral_id,
            agent_id: Some(login.as_str().into()),
            ..QueryAgentStateReq::default()
        };
        requests.with(|session, now| session.resync(now, &query)).await
    }

    async fn ask_for_call(self, requests: Requests, call: &Named) -> Result<Request, RequestError> {
        let snapshot = SnapshotCallReq {
            peripheral_id: self.peripheral_id,
            connection_call_id: call.call_id,
            connection_device_id_type: call.device_id_type,
            connection_device_id: Some(call.device_id.as_str().into()),
            ..SnapshotCallReq::default()
        };
        requests.with(|session, now| session.resync(now, &snapshot)).await
    }
}

impl Picture {
    fn new(agents: AgentParts<'static>, calls: CallParts<'static>, plan: Plan) -> Self {
        let mut watched = AgentConfig::new();
        watched.watched_only = true;
        let mut agents = AgentTracker::new(watched, agents);
        for number in 0..QUEUES as u32 {
            let group = GroupKey::SkillGroup {
                peripheral_id: plan.peripheral_id,
                skill_group_number: plan.first_group + number,
            };
            defmt::unwrap!(agents.watch(group));
        }
        let mut kept = CallConfig::new();
        kept.keep = CallFields::NONE;
        let link = Link { side: None, last_cause: None };
        let calls = CallTracker::new(kept, calls);
        Self { agents, calls, unanswered: 0, agent_rows: [None; AGENTS], call_rows: [None; CALLS], link }
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
                Todo::Nothing
            }
            Event::Failed { .. } | Event::TimedOut(_) => {
                self.unanswered = self.unanswered.saturating_sub(1);
                Todo::Nothing
            }
            Event::ResyncReady => Todo::Ask,
            Event::Disconnected(disconnected) => {
                defmt::warn!("disconnected: {}", disconnected);
                self.link = Link { side: None, last_cause: Some(disconnected.cause) };
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
            defmt::warn!("{}", error);
        }
    }

    /// The call in a row, if it may have gone.
    fn stale_call(&self, row: usize) -> Option<Named> {
        let call = self.calls.get((*self.call_rows.get(row)?)?).filter(Call::is_stale)?;
        let ConnectionId { call_id, device_id_type, device_id } = call.id();
        Some(Named { call_id, device_id_type, device_id: Line::of(format_args!("{device_id}")) })
    }

    /// Everything was asked for: what has not shown up is gone.
    fn is_complete(&mut self) {
        self.agents.resynchronised();
        self.calls.resynchronised();
        while !self.agents.sweep() {}
        self.calls.sweep(Uptime.now());
    }
}

// --- the screen -----------------------------------------------------------------------------------------------------

/// Where things are on the screen, and how wide: rows, columns.
const AGENT_ROW: usize = 2;
const AGENT_COLUMNS: usize = 5;
const QUEUE_ROW: usize = 16;
const CALL_ROW: usize = 21;
const COLUMNS: usize = 4;
const STATUS_ROW: usize = 29;

/// What a place on the screen shows now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Agent(usize),
    Call(usize),
}

/// Shows the picture and what becomes of it: what has changed, and once a second the times.
#[embassy_executor::task]
async fn show(picture: Shared, plan: Plan, requests: Requests, screen: &'static mut Screen) {
    screen.clear().await;
    screen.put::<80>(AGENT_ROW - 1, 0, format_args!("Agents")).await;
    screen.put::<80>(QUEUE_ROW - 1, 0, format_args!("Queues")).await;
    screen.put::<80>(CALL_ROW - 1, 0, format_args!("Calls")).await;
    let mut second = 0;
    loop {
        let now = Uptime.now();
        loop {
            // Not as the condition of a `while let`: the picture would be borrowed while it is drawn.
            let change = picture.borrow_mut().next_change();
            let Some(place) = change else { break };
            draw(picture, screen, place, now).await;
        }
        for queue in 0..QUEUES {
            let cell = picture.borrow().queue_cell(plan, queue as u32, now);
            screen.put::<19>(QUEUE_ROW + queue / COLUMNS, queue % COLUMNS * 20, format_args!("{cell}")).await;
        }
        if core::mem::replace(&mut second, now.as_millis() / 1_000) != second {
            for place in (0..AGENTS).map(Place::Agent).chain((0..CALLS).map(Place::Call)) {
                draw(picture, screen, place, now).await;
            }
        }
        head(picture, screen, now).await;
        let counters = requests.with(|session, _| session.counters()).await;
        foot(picture, screen, &counters).await;
        Timer::after(REFRESH).await;
    }
}

async fn draw(picture: Shared, screen: &mut Screen, place: Place, now: Instant) {
    match place {
        Place::Agent(slot) => {
            let cell = picture.borrow().agent_cell(slot, now);
            screen.put::<15>(AGENT_ROW + slot / AGENT_COLUMNS, slot % AGENT_COLUMNS * 16, format_args!("{cell}")).await;
        }
        Place::Call(slot) => {
            let cell = picture.borrow().call_cell(slot, now);
            screen.put::<19>(CALL_ROW + slot / COLUMNS, slot % COLUMNS * 20, format_args!("{cell}")).await;
        }
    }
}

async fn head(picture: Shared, screen: &mut Screen, now: Instant) {
    let text = {
        let picture = picture.borrow();
        let counts = picture.agents.counts();
        let (agents, calls) = (counts.logged_in(), picture.calls.len());
        let (ready, talking) = (counts.available(), counts.on_call());
        let time = Clocked(Duration::from_millis(now.as_millis()));
        let side = match picture.link.side {
            Some(Side::A) => "side A",
            Some(Side::B) => "side B",
            None => "no session",
        };
        Line::<80>::of(format_args!(
            "CTI wallboard  {side}  agents {agents} ready {ready} talking {talking}  calls {calls}  up {time}"
        ))
    };
    screen.put::<80>(0, 0, format_args!("{text}")).await;
}

async fn foot(picture: Shared, screen: &mut Screen, counters: &ClientCounters) {
    let text = {
        let link = picture.borrow().link;
        let stack = stack::usage();
        let mut text = Line::<80>::of(format_args!(
            "frames {} opened {} lost {} skipped {} stack {}/{}",
            counters.frames, counters.opened, counters.disconnected, counters.skipped, stack.peak, stack.size
        ));
        if let (None, Some(cause)) = (link.side, link.last_cause) {
            let _ = fmt::write(&mut text, format_args!(" {cause}"));
        }
        text
    };
    screen.put::<80>(STATUS_ROW, 0, format_args!("{text}")).await;
}

type Cell = Line<19>;

impl Picture {
    /// The next place that shows something else now.
    fn next_change(&mut self) -> Option<Place> {
        match self.agents.poll_change() {
            Some(Change::Changed(agent, _)) => return Some(self.set_agent(agent.slot(), Some(agent))),
            Some(Change::Ended(agent, _)) => return Some(self.set_agent(agent.slot(), None)),
            // The board asks for no more than it has room for, so that nothing has to go; the times draw it anew.
            Some(_) | None => {}
        }
        match self.calls.poll_change()? {
            Change::Changed(call, _) => Some(self.set_call(call.slot(), Some(call))),
            Change::Ended(call, _) => Some(self.set_call(call.slot(), None)),
            _ => {
                self.call_rows = [None; CALLS];
                let rows = &mut self.call_rows;
                self.calls.iter().for_each(|call| set(rows, call.handle().slot(), Some(call.handle())));
                Some(Place::Call(0))
            }
        }
    }

    fn set_agent(&mut self, slot: usize, agent: Option<Handle<Agent>>) -> Place {
        set(&mut self.agent_rows, slot, agent);
        Place::Agent(slot)
    }

    fn set_call(&mut self, slot: usize, call: Option<CallHandle>) -> Place {
        set(&mut self.call_rows, slot, call);
        Place::Call(slot)
    }

    /// An agent: login, state and time in it.
    fn agent_cell(&self, slot: usize, now: Instant) -> Cell {
        let Some(agent) = self.agent_rows[slot].and_then(|agent| self.agents.get(agent)) else { return Cell::new() };
        let time = Clocked(agent.state_duration(now));
        // A `Text` prints as it is, without regard to widths.
        let id = agent.id.text().to_str().unwrap_or("?");
        Cell::of(format_args!("{id:<5}{:<5}{time}", state_of(agent)))
    }

    /// A queue: its number, how many wait, and the longest of them.
    fn queue_cell(&self, plan: Plan, queue: u32, now: Instant) -> Cell {
        let number = plan.first_group + queue;
        let mut waiting = self.calls.queued_at(plan.peripheral_id, number);
        let Some((_, since)) = waiting.next() else { return Cell::of(format_args!("{number:<6}  0")) };
        let count = 1 + waiting.count();
        Cell::of(format_args!("{number:<6}{count:>3} {}", Clocked(now.since(since))))
    }

    /// A call: its ID, its stage and the time in it.
    fn call_cell(&self, slot: usize, now: Instant) -> Cell {
        let Some(call) = self.call_rows[slot].and_then(|call| self.calls.get(call)) else { return Cell::new() };
        let time = Clocked(now.since(call.stage_since()));
        Cell::of(format_args!("{:<8}{:<5}{time}", call.id().call_id, stage_of(&call)))
    }
}

/// Puts into a row what it shows from now on.
fn set<T>(rows: &mut [Option<T>], slot: usize, entry: Option<T>) {
    if let Some(row) = rows.get_mut(slot) {
        *row = entry;
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

/// A time as minutes and seconds.
struct Clocked(Duration);

impl fmt::Display for Clocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs() as u32;
        write!(f, "{}:{:02}", seconds / 60, seconds % 60)
    }
}
