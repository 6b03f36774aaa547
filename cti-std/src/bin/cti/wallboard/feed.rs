//! From events to the board.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use cti_proto::message::{ConfigAgentEvent, ConfigSkillGroupEvent};
use cti_proto::session::{Attempt, Event, Instant, Opened, Side};
use cti_proto::track::{Agent, Call, CallChanges, CallStage, Change, GroupKey, PartyRole};
use cti_proto::value::{AgentState, CtiService, RecordType, SessionType};
use cti_proto::{Frame, MessageType};
use cti_std::client::{Client, ClientOptions};
use jiff::Zoned;

use super::board::{self, Board, CallState, Connection, Link, LinkState, Party, Queue, ServiceLevel};
use super::resync::Resync;
use crate::output::side_name;
use crate::tracked::{ID, Tracked};

/// What "in time" means, of answers to calls that waited.
const IN_TIME: Duration = Duration::from_secs(20);
/// How long the rate of events looks back.
const RATE: Duration = Duration::from_secs(5);

/// Everything that is known.
pub(crate) struct Feed {
    tracked: Tracked,
    resync: Resync,
    /// Names of agents, by peripheral and login ID, from the configuration.
    agent_names: HashMap<(u32, String), String>,
    /// Names of skill groups, by peripheral and number, likewise.
    group_names: BTreeMap<(u32, u32), String>,
    levels: Levels,
    link: LinkFeed,
    granted: CtiService,
    events: u64,
    rate: Rate,
}

/// The connection so far.
struct LinkFeed {
    sides: [String; 2],
    heartbeat: Option<Duration>,
    opened: Option<Opened>,
    /// Since when it has been as it is.
    since: Instant,
    /// Why there is none, and the next attempt.
    down: Option<(String, Attempt)>,
    lost: Duration,
    losses: u32,
    /// Bytes received when the server was last heard, and when that was.
    heard: (u64, Instant),
}

/// Calls that waited, and what became of them since we have been watching: by queue, and in all. Answered is a call when
/// someone talks with the caller after it was queued; in time, if queueing and ringing took no longer than
/// [`IN_TIME`]; abandoned, if it ends before.
#[derive(Default)]
struct Levels {
    waiting: HashMap<(u32, u32), (u32, u32)>,
    by_queue: HashMap<(u32, u32), ServiceLevel>,
    all: ServiceLevel,
}

/// Events in a second, of late.
struct Rate {
    since: Instant,
    count: u64,
    last: f64,
}

impl Feed {
    pub(crate) fn new(options: &ClientOptions, now: Instant) -> Self {
        let sides = [options.side_a.clone(), options.side_b.clone().unwrap_or_default()];
        Self {
            tracked: Tracked::new(),
            resync: Resync::default(),
            agent_names: HashMap::new(),
            group_names: BTreeMap::new(),
            levels: Levels::default(),
            link: LinkFeed {
                sides,
                heartbeat: options.config.heartbeat,
                opened: None,
                since: now,
                down: None,
                lost: Duration::ZERO,
                losses: 0,
                heard: (0, now),
            },
            granted: CtiService::EMPTY,
            events: 0,
            rate: Rate { since: now, count: 0, last: 0.0 },
        }
    }

    /// Takes an event of the client's.
    pub(crate) fn event(&mut self, event: &Event<'_>, now: Instant) -> Todo {
        match event {
            Event::Opened(opened) => {
                self.link.opened(opened, now);
                self.granted = opened.granted;
                return Todo::Begin;
            }
            Event::Message(frame) | Event::Late(frame) => self.message(frame, now),
            Event::Confirmed { request, frame, more } => {
                self.message(frame, now);
                if !more {
                    self.resync.ended(*request, Some(frame));
                    return Todo::Ask;
                }
            }
            Event::Failed { request, .. } | Event::TimedOut(request) | Event::Lost(request) => {
                self.resync.ended(*request, None);
                return Todo::Ask;
            }
            Event::ResyncReady => return Todo::Ask,
            Event::Disconnected(lost) => {
                self.tracked.session_lost();
                self.link.closed(lost.cause.to_string(), lost.next, now);
            }
            _ => {}
        }
        Todo::Nothing
    }

    /// Does what an event asks for, now that it is let go.
    pub(crate) fn follow_up(&mut self, todo: Todo, client: &mut Client) {
        let (resync, granted) = (&mut self.resync, self.granted);
        let is_over = client.with_session(|session, now| match todo {
            Todo::Nothing => false,
            Todo::Begin => {
                resync.begin(session, now, granted);
                false
            }
            Todo::Ask => resync.go_on(session, now),
        });
        if is_over {
            self.tracked.resynchronised();
        }
    }

    /// The clock goes on.
    pub(crate) fn tick(&mut self, client: &Client, now: Instant) {
        self.tracked.sweep(now);
        self.take_changes(now);
        let received = client.traffic().received;
        if received != self.link.heard.0 {
            self.link.heard = (received, now);
        }
    }

    fn message(&mut self, frame: &Frame<'_>, now: Instant) {
        self.events += 1;
        self.rate.count(now);
        match frame.message_type() {
            MessageType::CONFIG_AGENT_EVENT => self.name_agents(frame),
            MessageType::CONFIG_SKILL_GROUP_EVENT => self.name_groups(frame),
            _ => {}
        }
        self.tracked.observe(now, frame);
        self.take_changes(now);
    }

    fn name_agents(&mut self, frame: &Frame<'_>) {
        let Ok(event) = frame.decode::<ConfigAgentEvent<'_>>() else { return };
        for record in event.records.iter() {
            let Some(id) = record.login_id.map(|id| id.to_string()) else { continue };
            let peripheral = record.flt_peripheral_id.unwrap_or(cti_proto::track::CCX_PERIPHERAL);
            if record.record_type == Some(RecordType::CONFIG_RECORD_DELETE) {
                self.agent_names.remove(&(peripheral, id));
                continue;
            }
            let parts = [record.first_name, record.last_name].map(|name| name.map(|name| name.to_string()));
            let name = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            self.resync.agent(peripheral, &id);
            self.agent_names.insert((peripheral, id), name);
        }
    }

    fn name_groups(&mut self, frame: &Frame<'_>) {
        let Ok(event) = frame.decode::<ConfigSkillGroupEvent<'_>>() else { return };
        for record in event.records.iter() {
            let Some(number) = record.peripheral_number else { continue };
            let peripheral = record.flt_peripheral_id.unwrap_or(cti_proto::track::CCX_PERIPHERAL);
            if record.record_type == Some(RecordType::CONFIG_RECORD_DELETE) {
                self.group_names.remove(&(peripheral, number));
            } else {
                let name = record.peripheral_name.map(|name| name.to_string()).unwrap_or_default();
                self.group_names.insert((peripheral, number), name);
            }
        }
    }

    fn take_changes(&mut self, now: Instant) {
        while let Some(change) = self.tracked.calls.poll_change() {
            match change {
                Change::Changed(handle, what) if what.intersects(CallChanges::STAGE | CallChanges::QUEUES) => {
                    if let Some(call) = self.tracked.calls.get(handle) {
                        self.levels.changed(&call, now);
                    }
                }
                Change::Ended(handle, _) => {
                    if let Some(call) = self.tracked.calls.get(handle) {
                        self.levels.ended(&call);
                    }
                }
                Change::Lost => self.levels.waiting.clear(),
                _ => {}
            }
        }
        // Each picture is made anew from all agents: what has changed of them does not matter.
        while self.tracked.agents.poll_change().is_some() {}
        while self.tracked.agents.poll_group_change().is_some() {}
    }

    /// The board as it is now.
    pub(crate) fn board(&self, now: Instant) -> Board {
        Board {
            links: vec![self.link.row(now)],
            agents: self.agents(now),
            queues: self.queues(now),
            calls: self.calls(now),
            service_level: ServiceLevel { within: IN_TIME, ..self.levels.all },
            granted: self.granted,
            events: self.events,
            rate: self.rate.last,
            clock: Zoned::now().strftime("%H:%M:%S").to_string(),
        }
    }

    fn agents(&self, now: Instant) -> Vec<board::Agent> {
        let agents = &self.tracked.agents;
        let rows = agents.iter().map(|(handle, agent)| {
            let groups = agents.memberships(handle).filter_map(|membership| {
                let group = agents.group(membership.group)?;
                let GroupKey::SkillGroup { peripheral_id, skill_group_number } = group.key else { return None };
                let name = self.group_name(peripheral_id, skill_group_number, &group.name.to_string());
                Some((name, membership.state))
            });
            board::Agent {
                peripheral: agent.peripheral_id,
                id: agent.id.to_string(),
                name: self.agent_name(agent),
                extension: agent.extension.to_string(),
                instrument: if agent.instrument.is_empty() { &agent.extension } else { &agent.instrument }.to_string(),
                state: agent.state,
                since: agent.state_duration(now),
                reason: agent.event_reason_code,
                groups: groups.collect(),
            }
        });
        rows.collect()
    }

    fn agent_name(&self, agent: &Agent<ID>) -> String {
        self.agent_names.get(&(agent.peripheral_id, agent.id.to_string())).cloned().unwrap_or_default()
    }

    fn group_name(&self, peripheral: u32, number: u32, tracked: &str) -> String {
        let configured = self.group_names.get(&(peripheral, number)).filter(|name| !name.is_empty());
        match configured {
            Some(name) => name.clone(),
            None if !tracked.is_empty() => tracked.to_owned(),
            None => number.to_string(),
        }
    }

    fn queues(&self, now: Instant) -> Vec<Queue> {
        let mut queues = BTreeMap::new();
        let row = |(peripheral, number): (u32, u32)| {
            let (mut waiting, mut longest) = (0, Duration::ZERO);
            for (_, since) in self.tracked.calls.queued_at(peripheral, number) {
                waiting += 1;
                longest = longest.max(now.since(since));
            }
            let service_level = self.levels.by_queue.get(&(peripheral, number)).copied().unwrap_or_default();
            Queue {
                number,
                waiting,
                longest,
                service_level: ServiceLevel { within: IN_TIME, ..service_level },
                ..Queue::default()
            }
        };
        for (key, name) in &self.group_names {
            queues.insert(*key, Queue { name: name.clone(), ..row(*key) });
        }
        for (_, group) in self.tracked.agents.groups() {
            let GroupKey::SkillGroup { peripheral_id, skill_group_number } = group.key else { continue };
            let key = (peripheral_id, skill_group_number);
            let queue = queues.entry(key).or_insert_with(|| row(key));
            if queue.name.is_empty() {
                queue.name = group.name.to_string();
            }
            queue.ready = group.counts.available();
            queue.busy =
                group.counts.on_call() + group.counts.wrapping_up() + group.counts.of(AgentState::AGENT_STATE_RESERVED);
        }
        queues.into_values().collect()
    }

    fn calls(&self, now: Instant) -> Vec<board::Call> {
        let calls = self.tracked.calls.iter();
        let shown = calls.filter(|call| !call.stage().is_over() && call.stage() != CallStage::Announced);
        let mut rows: Vec<_> = shown.map(|call| self.call(&call, now)).collect();
        // Servers may tell of a call once for each of its devices: a row is enough, the one that says most.
        rows.sort_by_key(|call| (call.peripheral, call.id, Reverse((call.parties.len(), call.data.len()))));
        rows.dedup_by_key(|call| (call.peripheral, call.id));
        rows
    }

    fn call(&self, call: &Call<'_>, now: Instant) -> board::Call {
        let (id, data) = (call.id(), call.data());
        let queue = call.queues().next().map(|(peripheral, number, _)| (peripheral, number));
        let queue = queue.or_else(|| Some((call.peripheral_id(), call.skill_group_number()?)));
        let caller = call.parties().find(|party| party.role() == PartyRole::Caller);
        let from = data.ani().filter(|ani| !ani.is_empty()).or(caller.map(|caller| caller.device()));
        let to = data.dialed_number().or(data.dnis());
        let text = |text: Option<cti_proto::Text<'_>>| text.map(|text| text.to_string()).unwrap_or_default();
        board::Call {
            peripheral: call.peripheral_id(),
            id: id.call_id,
            kind: call.call_type().to_string(),
            state: state_of(call.stage()),
            since: now.since(call.stage_since()),
            age: call.times(now).total,
            from: text(from),
            to: text(to),
            queue: queue.map(|(peripheral, number)| self.group_name(peripheral, number, "")).unwrap_or_default(),
            parties: call.parties().map(|party| self.party(call, &party)).collect(),
            data: data_of(&data),
        }
    }

    fn party(&self, call: &Call<'_>, party: &cti_proto::track::Party<'_>) -> Party {
        let agents = &self.tracked.agents;
        let agent = agents.at_device(call.peripheral_id(), party.device()).and_then(|handle| agents.get(handle));
        let name = agent.map(|agent| match self.agent_name(agent) {
            name if name.is_empty() => agent.id.to_string(),
            name => name,
        });
        let id = call.id();
        let device_id = party.device().to_string();
        Party {
            agent: name.unwrap_or_default(),
            state: party.state(),
            connection: Connection {
                call_id: id.call_id,
                device_id_type: id.device_id_type.0,
                device_id: device_id.clone(),
            },
            device: device_id,
        }
    }
}

/// What is to be done once an event is let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Todo {
    Nothing,
    /// A session has opened.
    Begin,
    /// The next question may be asked.
    Ask,
}

fn state_of(stage: CallStage) -> CallState {
    match stage {
        CallStage::Queued | CallStage::Treated => CallState::Queued,
        CallStage::Alerting => CallState::Ringing,
        CallStage::Talking => CallState::Talking,
        CallStage::Held => CallState::Held,
        _ => CallState::Begun,
    }
}

fn data_of(data: &cti_proto::track::CallData<'_>) -> Vec<(String, String)> {
    let variables = (1..=10).map(|number| (format!("CallVariable{number}"), data.variable(number)));
    let others = [("Wrapup".to_owned(), data.call_wrapup_data()), ("Digits".to_owned(), data.caller_entered_digits())];
    let texts = others.into_iter().chain(variables).filter_map(|(name, value)| Some((name, value?.to_string())));
    let named = data.named_variables().map(|variable| (variable.name.to_string(), variable.value.to_string()));
    let arrays = data.named_arrays();
    let arrays = arrays.map(|array| (format!("{}[{}]", array.name, array.index), array.value.to_string()));
    texts.chain(named).chain(arrays).filter(|(_, value)| !value.is_empty()).collect()
}

impl Levels {
    fn changed(&mut self, call: &Call<'_>, now: Instant) {
        let key = key_of(call);
        match call.stage() {
            CallStage::Queued => {
                if let Some((peripheral, number, _)) = call.queues().next() {
                    self.waiting.insert(key, (peripheral, number));
                }
            }
            CallStage::Talking => {
                let Some(queue) = self.waiting.remove(&key) else { return };
                let times = call.times(now);
                let is_in_time = times.queued + times.alerting <= IN_TIME;
                self.count(queue, |level| {
                    level.answered += 1;
                    level.in_time += u32::from(is_in_time);
                });
            }
            stage if stage.is_over() => self.ended(call),
            _ => {}
        }
    }

    fn ended(&mut self, call: &Call<'_>) {
        if let Some(queue) = self.waiting.remove(&key_of(call)) {
            self.count(queue, |level| level.abandoned += 1);
        }
    }

    fn count(&mut self, queue: (u32, u32), count: impl Fn(&mut ServiceLevel)) {
        count(self.by_queue.entry(queue).or_default());
        count(&mut self.all);
    }
}

fn key_of(call: &Call<'_>) -> (u32, u32) {
    (call.peripheral_id(), call.id().call_id)
}

impl LinkFeed {
    fn opened(&mut self, opened: &Opened, now: Instant) {
        if let Some(gap) = opened.gap {
            self.lost += gap;
        }
        (self.opened, self.down, self.since) = (Some(*opened), None, now);
    }

    fn closed(&mut self, reason: String, next: Attempt, now: Instant) {
        if self.opened.take().is_some() || self.down.is_none() {
            self.since = now;
            self.losses += 1;
        }
        self.down = Some((reason, next));
    }

    fn row(&self, now: Instant) -> Link {
        let side = match (&self.opened, &self.down) {
            (Some(opened), _) => opened.side,
            (None, Some((_, next))) => next.side,
            (None, None) => Side::A,
        };
        let [side_a, side_b] = &self.sides;
        let since = now.since(self.since);
        let is_gone = self.opened.is_none() && self.down.is_some() && self.losses > 0;
        Link {
            side: side_name(side).chars().next().unwrap_or_default(),
            address: if side == Side::A { side_a } else { side_b }.clone(),
            state: self.state(now),
            since,
            lost: self.lost + if is_gone { since } else { Duration::ZERO },
            losses: self.losses,
        }
    }

    fn state(&self, now: Instant) -> LinkState {
        match (&self.opened, &self.down) {
            (Some(opened), _) => LinkState::Open {
                protocol: opened.protocol.to_string(),
                heartbeat: self.heartbeat,
                silence: now.since(self.heard.1),
                standby: opened.session_type == SessionType::STANDBY,
                warning: (!opened.peripheral_online).then(|| "the peripheral is offline".to_owned()),
            },
            (None, Some((reason, next))) => LinkState::Down { reason: reason.clone(), retry: Some(next.at.since(now)) },
            (None, None) => LinkState::Connecting,
        }
    }
}

impl Rate {
    fn count(&mut self, now: Instant) {
        self.count += 1;
        let passed = now.since(self.since);
        if passed >= RATE {
            self.last = self.count as f64 / passed.as_secs_f64();
            (self.since, self.count) = (now, 0);
        }
    }
}
