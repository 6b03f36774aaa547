//! From events to the board.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use cti_proto::message::{ConfigAgentEvent, ConfigSkillGroupEvent};
use cti_proto::session::{Attempt, Event, Instant, Opened, Side};
use cti_proto::track::{self, Agent, Call, CallStage, GroupKey, PartyRole, QueueKey};
use cti_proto::value::{AgentState, CtiService, NULL_PERIPHERAL_ID, RecordType, SessionType};
use cti_proto::{Frame, MessageType};
use cti_std::client::{Client, ClientOptions};
use jiff::Zoned;

use super::board::{self, Board, CallState, Connection, Link, LinkState, Party, Queue, ServiceLevel};
use super::resync::Resync;
use crate::output::side_name;
use crate::tracked::{AGENTS, GROUPS, ID, Tracked};

/// How long the rate of events looks back: long enough for a number that can be read, and short enough to be of now.
const RATE: Duration = Duration::from_secs(5);

/// Everything that is known.
pub(crate) struct Feed {
    tracked: Tracked,
    resync: Resync,
    /// Names of agents, by peripheral and login ID, from the configuration.
    agent_names: HashMap<(u32, String), String>,
    /// Names of skill groups, by peripheral and number, likewise.
    group_names: BTreeMap<(u32, u32), String>,
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

/// Events in a second, of late.
struct Rate {
    since: Instant,
    count: u64,
    /// What came of it the last time.
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
            // Late answers too: that we had given them up makes them no less true.
            Event::Message(frame) | Event::Late(frame) => self.message(frame, now),
            // Answers tell of agents and calls as events do.
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
        // Here and not with each message: up to a picture they are few, and it is one walk for all of them.
        self.forget_changes();
        self.rate.go_on(now);
        let received = client.traffic().received;
        // Heartbeats are no events: bytes tell that the server is there.
        if received != self.link.heard.0 {
            self.link.heard = (received, now);
        }
    }

    /// Takes a message: names from the configuration, everything else by the trackers.
    fn message(&mut self, frame: &Frame<'_>, now: Instant) {
        self.events += 1;
        self.rate.count(now);
        match frame.message_type() {
            MessageType::CONFIG_AGENT_EVENT => self.name_agents(frame),
            MessageType::CONFIG_SKILL_GROUP_EVENT => self.name_groups(frame),
            _ => {}
        }
        self.tracked.observe(now, frame);
    }

    /// Takes the names of agents.
    fn name_agents(&mut self, frame: &Frame<'_>) {
        let Ok(event) = frame.decode::<ConfigAgentEvent<'_>>() else { return };
        for record in event.records.iter() {
            let Some(id) = record.login_id.map(|id| id.to_string()) else { continue };
            let peripheral = record.flt_peripheral_id.unwrap_or(track::CCX_PERIPHERAL);
            if record.record_type == Some(RecordType::CONFIG_RECORD_DELETE) {
                self.agent_names.remove(&(peripheral, id));
                continue;
            }
            let parts = [record.first_name, record.last_name].map(|name| name.map(|name| name.to_string()));
            let name = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            // The configuration says who there is; how they are has to be asked for each of them.
            self.resync.agent(peripheral, &id);
            let agent = (peripheral, id);
            // The server decides how many there are, but not how much memory that takes: whom the tracker has no slot
            // for has no row that a name could stand in.
            if self.agent_names.len() < AGENTS || self.agent_names.contains_key(&agent) {
                self.agent_names.insert(agent, name);
            }
        }
    }

    /// Takes the names of skill groups.
    fn name_groups(&mut self, frame: &Frame<'_>) {
        let Ok(event) = frame.decode::<ConfigSkillGroupEvent<'_>>() else { return };
        for record in event.records.iter() {
            let Some(number) = record.peripheral_number else { continue };
            let peripheral = record.flt_peripheral_id.unwrap_or(track::CCX_PERIPHERAL);
            let group = (peripheral, number);
            if record.record_type == Some(RecordType::CONFIG_RECORD_DELETE) {
                self.group_names.remove(&group);
            } else if self.group_names.len() < GROUPS || self.group_names.contains_key(&group) {
                let name = record.peripheral_name.map(|name| name.to_string()).unwrap_or_default();
                self.group_names.insert(group, name);
            }
        }
    }

    /// Each picture is made anew from everything: what has changed since the last one does not matter.
    fn forget_changes(&mut self) {
        let Tracked { calls, agents, queues } = &mut self.tracked;
        while calls.poll_change().is_some() {}
        while agents.poll_change().is_some() || agents.poll_group_change().is_some() {}
        while queues.poll_change().is_some() {}
    }

    /// The board as it is now.
    pub(crate) fn board(&self, now: Instant) -> Board {
        let queues = self.queues(now);
        Board {
            links: vec![self.link.row(now)],
            agents: self.agents(now),
            service_level: queues.iter().fold(ServiceLevel::default(), |sum, queue| sum.and(queue.service_level)),
            queues,
            calls: self.calls(now),
            granted: self.granted,
            events: self.events,
            rate: self.rate.last,
            clock: Zoned::now().strftime("%H:%M:%S").to_string(),
        }
    }

    /// The rows of agents.
    fn agents(&self, now: Instant) -> Vec<board::Agent> {
        let agents = &self.tracked.agents;
        let rows = agents.iter().map(|(handle, agent)| {
            let groups = agents.memberships(handle).filter_map(|membership| {
                let group = agents.group(membership.group)?;
                // Teams are not what callers wait for, and a group that is known by its ID alone has no name to look up.
                let GroupKey::SkillGroup { peripheral_id, skill_group_number } = group.key else { return None };
                let name = self.group_name(peripheral_id, skill_group_number, &group.name.to_string());
                Some((name, membership.state))
            });
            board::Agent {
                peripheral: agent.peripheral_id,
                id: agent.id.to_string(),
                name: self.agent_name(agent),
                extension: agent.extension.to_string(),
                // Requests name the agent by it: where only an extension was told, that has to do.
                instrument: if agent.instrument.is_empty() { &agent.extension } else { &agent.instrument }.to_string(),
                state: agent.state,
                since: agent.state_duration(now),
                reason: agent.event_reason_code,
                groups: groups.collect(),
            }
        });
        rows.collect()
    }

    /// An agent's name in the configuration.
    fn agent_name(&self, agent: &Agent<ID>) -> String {
        self.agent_names.get(&(agent.peripheral_id, agent.id.to_string())).cloned().unwrap_or_default()
    }

    /// A group's name: of the configuration, else what events say, else its number.
    fn group_name(&self, peripheral: u32, number: u32, tracked: &str) -> String {
        let configured = self.group_names.get(&(peripheral, number)).filter(|name| !name.is_empty());
        match configured {
            Some(name) => name.clone(),
            None if !tracked.is_empty() => tracked.to_owned(),
            None => number.to_string(),
        }
    }

    /// The skill groups of which anybody told: the configuration, agents or calls.
    fn queues(&self, now: Instant) -> Vec<Queue> {
        let mut rows: BTreeMap<(u32, u32), Queue> = BTreeMap::new();
        let named = |(key, name): (&(u32, u32), &String)| {
            (*key, Queue { peripheral: key.0, number: key.1, name: name.clone(), ..Queue::default() })
        };
        // First, so that a group whose agents are all out, and where nobody waits, has a row as well.
        rows.extend(self.group_names.iter().map(named));
        for (_, group) in self.tracked.agents.groups() {
            let GroupKey::SkillGroup { peripheral_id, skill_group_number } = group.key else { continue };
            let row = rows.entry((peripheral_id, skill_group_number)).or_default();
            (row.peripheral, row.number, row.ready) = (peripheral_id, skill_group_number, group.counts.available());
            let reserved = group.counts.of(AgentState::AGENT_STATE_RESERVED);
            // Who is reserved has a call on the way, and takes no other.
            row.busy = group.counts.on_call() + group.counts.wrapping_up() + reserved;
        }
        for (handle, queue) in self.tracked.queues.iter() {
            let QueueKey::SkillGroup { peripheral_id, skill_group_number } = queue.key else { continue };
            let row = rows.entry((peripheral_id, skill_group_number)).or_default();
            // Again: a queue may be known of which neither agents nor the configuration told.
            (row.peripheral, row.number, row.waiting) = (peripheral_id, skill_group_number, queue.waiting);
            row.longest = self.tracked.queues.longest_wait(handle, now).unwrap_or_default();
            row.service_level = level_of(queue);
            if row.name.is_empty() {
                row.name = queue.name.to_string();
            }
        }
        rows.into_values().collect()
    }

    /// The rows of calls that go on.
    fn calls(&self, now: Instant) -> Vec<board::Call> {
        let calls = self.tracked.calls.iter();
        // A call that was only announced may never come, and one that is over is still tracked for a while.
        let shown = calls.filter(|call| !call.stage().is_over() && call.stage() != CallStage::Announced);
        let mut rows: Vec<_> = shown.map(|call| self.call(&call, now)).collect();
        // Servers may tell of a call once for each of its devices: a row is enough, the one that says most.
        rows.sort_by_key(|call| (call.peripheral, call.id, Reverse((call.parties.len(), call.data.len()))));
        rows.dedup_by_key(|call| (call.peripheral, call.id));
        rows
    }

    /// The row of a call.
    fn call(&self, call: &Call<'_>, now: Instant) -> board::Call {
        let peripheral = self.peripheral_of(call);
        let (id, data) = (call.id(), call.data());
        let queue = call.queues().next().map(|(peripheral, number, _)| (peripheral, number));
        // One that waits no more came from the group that has it.
        let queue = queue.or_else(|| Some((peripheral, call.skill_group_number()?)));
        let caller = call.parties().find(|party| party.role() == PartyRole::Caller);
        // The number that the network gives; a call from inside has none, but a device that calls.
        let from = data.ani().filter(|ani| !ani.is_empty()).or(caller.map(|caller| caller.device()));
        let to = data.dialed_number().or(data.dnis());
        let text = |text: Option<cti_proto::Text<'_>>| text.map(|text| text.to_string()).unwrap_or_default();
        board::Call {
            peripheral,
            id: id.call_id,
            kind: call.call_type().to_string(),
            state: state_of(call.stage()),
            since: now.since(call.stage_since()),
            age: call.times(now).total,
            from: text(from),
            to: text(to),
            queue: queue.map(|(peripheral, number)| self.group_name(peripheral, number, "")).unwrap_or_default(),
            parties: call.parties().map(|party| self.party(call, peripheral, &party)).collect(),
            data: data_of(&data),
        }
    }

    /// The peripheral of a call. Snapshots do not tell it: then it is that of the first agent in the call.
    fn peripheral_of(&self, call: &Call<'_>) -> u32 {
        let is_known = ![0, NULL_PERIPHERAL_ID].contains(&call.peripheral_id());
        let agents = &self.tracked.agents;
        let mut devices = call.parties().map(|party| party.device());
        let mut agent = || devices.find_map(|device| agents.get(agents.at_device(NULL_PERIPHERAL_ID, device)?));
        match is_known {
            true => call.peripheral_id(),
            false => agent().map_or(call.peripheral_id(), |agent| agent.peripheral_id),
        }
    }

    /// A device in a call, with who sits there.
    fn party(&self, call: &Call<'_>, peripheral: u32, party: &track::Party<'_>) -> Party {
        let agents = &self.tracked.agents;
        let agent = agents.at_device(peripheral, party.device()).and_then(|handle| agents.get(handle));
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

/// What a queue counted. Calls abandoned in time are left out of the service level.
fn level_of(queue: &track::Queue) -> ServiceLevel {
    let outcomes = &queue.outcomes;
    let share = outcomes.service_level(track::ServiceLevel::AbandonedIgnored);
    ServiceLevel {
        within: Duration::from_secs(queue.threshold.into()),
        in_time: share.part,
        counted: share.of,
        answered: outcomes.answered,
        abandoned: outcomes.abandoned,
    }
}

/// What a call does, as it is shown.
fn state_of(stage: CallStage) -> CallState {
    match stage {
        CallStage::Queued => CallState::Queued,
        CallStage::Treated => CallState::Treated,
        CallStage::Alerting => CallState::Ringing,
        CallStage::Talking => CallState::Talking,
        CallStage::Held => CallState::Held,
        _ => CallState::Begun,
    }
}

/// All data of a call that is not empty.
fn data_of(data: &track::CallData<'_>) -> Vec<(String, String)> {
    let variables = (1..=10).map(|number| (format!("CallVariable{number}"), data.variable(number)));
    let others = [("Wrapup".to_owned(), data.call_wrapup_data()), ("Digits".to_owned(), data.caller_entered_digits())];
    let texts = others.into_iter().chain(variables).filter_map(|(name, value)| Some((name, value?.to_string())));
    let named = data.named_variables().map(|variable| (variable.name.to_string(), variable.value.to_string()));
    let arrays = data.named_arrays();
    let arrays = arrays.map(|array| (format!("{}[{}]", array.name, array.index), array.value.to_string()));
    texts.chain(named).chain(arrays).filter(|(_, value)| !value.is_empty()).collect()
}

impl LinkFeed {
    /// A session has opened.
    fn opened(&mut self, opened: &Opened, now: Instant) {
        if let Some(gap) = opened.gap {
            self.lost += gap;
        }
        (self.opened, self.down, self.since) = (Some(*opened), None, now);
    }

    /// There is none, and the next attempt is this one.
    fn closed(&mut self, reason: String, next: Attempt, now: Instant) {
        // Attempts that fail one after the other are one loss.
        if self.opened.take().is_some() || self.down.is_none() {
            self.since = now;
            self.losses += 1;
        }
        self.down = Some((reason, next));
    }

    /// The connection as it is shown.
    fn row(&self, now: Instant) -> Link {
        let side = match (&self.opened, &self.down) {
            (Some(opened), _) => opened.side,
            // While there is no session, the side that is tried next.
            (None, Some((_, next))) => next.side,
            (None, None) => Side::A,
        };
        let [side_a, side_b] = &self.sides;
        let since = now.since(self.since);
        // The loss that goes on counts too, or the time lost would stand still while there is no session.
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

    /// How it is.
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
    /// Counts an event.
    fn count(&mut self, now: Instant) {
        self.count += 1;
        self.go_on(now);
    }

    /// The clock goes on, also without events: a rate that stood still would tell of a server that does not.
    fn go_on(&mut self, now: Instant) {
        let passed = now.since(self.since);
        if passed >= RATE {
            self.last = self.count as f64 / passed.as_secs_f64();
            (self.since, self.count) = (now, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use cti_proto::message::{AgentRecord, SkillGroupRecord};
    use cti_proto::wire::List;
    use cti_proto::{Parsed, encode};

    use super::*;

    #[test]
    fn a_server_that_names_agents_without_end_costs_no_more_memory_than_a_large_centre() {
        let protocol = cti_proto::Protocol::cce(24).unwrap();
        let at = Instant::from_millis(1_000);
        let mut feed = Feed::new(&ClientOptions::new("127.0.0.1"), at);
        let mut buffer = [0; 4_096];
        for number in 0..2 * AGENTS as u32 {
            let id = number.to_string();
            let record_type = Some(RecordType::CONFIG_RECORD_ADD);
            let login_id = Some(id.as_str().into());
            let agents =
                [AgentRecord { record_type, flt_peripheral_id: Some(5_000), login_id, ..AgentRecord::default() }];
            let groups = [SkillGroupRecord {
                record_type,
                flt_peripheral_id: Some(5_000),
                peripheral_number: Some(number),
                ..SkillGroupRecord::default()
            }];
            let agents = ConfigAgentEvent { records: List::new(&agents) };
            let groups = ConfigSkillGroupEvent { records: List::new(&groups) };
            for frame in [
                encode(protocol, &agents, &mut buffer).map(<[u8]>::to_vec),
                encode(protocol, &groups, &mut buffer).map(<[u8]>::to_vec),
            ] {
                let frame = frame.unwrap();
                let Ok(Parsed::Frame(frame, _)) = Frame::parse(protocol, &frame) else { panic!("no frame") };
                feed.event(&Event::Message(frame), at);
            }
        }
        assert_eq!((feed.agent_names.len(), feed.group_names.len()), (AGENTS, GROUPS));
    }

    #[test]
    fn the_rate_of_events_goes_down_when_none_come() {
        let at = Instant::from_millis;
        let mut rate = Rate { since: at(0), count: 0, last: 0.0 };
        (1..=50).for_each(|event| rate.count(at(event * 100)));
        assert_eq!(rate.last, 10.0);
        rate.go_on(at(9_000));
        assert_eq!(rate.last, 10.0, "not long enough to tell");
        rate.go_on(at(10_000));
        assert_eq!(rate.last, 0.0);
    }
}
