//! Everything there is: agents, phones, skill groups, teams, calls and sessions, and how they find one another.

use std::collections::{BTreeMap, HashMap};

use cti_proto::session::Request;
use cti_proto::value::{CallType, DispositionCode, LocalConnectionState, ServerMode};
use cti_proto::wire::Time;

use super::agenda::{Agenda, Moment};
use super::call::{Call, CallData, CallId, End, Leg, Party, PartyId, Role};
use super::config::Config;
use super::people::{Agent, Group, Phone, Team, group};
use super::random::Random;
use super::session::{Monitor, Session};
use super::sink::{Receiver, SessionId};
use super::table::{AgentKey, GroupKey, Key as _, PhoneKey, PortKey, Table, TeamKey};
use super::task::Task;

/// Media routing domain of voice.
pub(super) const VOICE: i32 = 1;
/// The first login, the first extension, the first port of the voice portal, the first route point. Route points end
/// in front of the ports: there are 10,000 at most.
pub(super) const FIRST: [u32; 4] = [1_001, 5_001, 20_001, 7_001];
/// Names of named variables that the contact centre has.
pub(super) const NAMED_VARIABLES: [&str; 6] =
    ["user.Segment", "user.CaseNumber", "user.Language", "user.layout", "BAResponse", "BACampaign"];
/// Names of named arrays, and how many elements each has.
pub(super) const NAMED_ARRAYS: [(&str, u8); 1] = [("user.Order", 5)];

/// The state of a simulation.
#[derive(Debug)]
pub(super) struct World {
    pub(super) config: Config,
    pub(super) random: Random,
    pub(super) agenda: Agenda<Task>,
    /// Up to when everything has happened.
    pub(super) now: Moment,
    pub(super) agents: Table<AgentKey, Agent>,
    pub(super) phones: Table<PhoneKey, Phone>,
    pub(super) groups: Table<GroupKey, Group>,
    pub(super) teams: Table<TeamKey, Team>,
    /// Ports that are free.
    ports: Vec<PortKey>,
    /// Ports that there are, free or not.
    ports_made: usize,
    /// Agents by the number of their login.
    pub(super) agent_by_number: HashMap<String, AgentKey>,
    pub(super) phone_by_extension: HashMap<String, PhoneKey>,
    /// In the order of their numbers, so that whoever walks through them comes to the same sequence each time.
    pub(super) calls: BTreeMap<CallId, Call>,
    /// Calls that have ended and whose wrap-up data may still come, by device.
    pub(super) ended: BTreeMap<CallId, BTreeMap<String, CallData>>,
    /// Calls by which supervisors listen, by the leg that they listen to.
    pub(super) listeners: BTreeMap<Leg, Vec<CallId>>,
    /// Number of the next call.
    next_call: u32,
    /// The last stamp.
    stamps: u64,
    /// Day of the last key that the router has given, counted from 1601; 0 before the first one.
    router_day: u32,
    /// Calls of that day that it has given a key to.
    router_calls: u32,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    /// Sessions of the All Events service, as receivers.
    pub(super) bridges: Vec<Receiver>,
    /// Whether there are sessions of Unified CCE, and of Unified CCX.
    pub(super) speaks: [bool; 2],
    pub(super) monitors: BTreeMap<u32, Monitor>,
    /// Monitors of devices that are no phones, by device.
    pub(super) device_monitors: HashMap<String, Vec<Receiver>>,
    /// Monitors of sessions.
    pub(super) watched: usize,
    /// Sessions that have registered variables.
    pub(super) picky: usize,
    /// ID of the next monitor. Not 0, which stands for none.
    pub(super) next_monitor: u32,
    pub(super) servers: Servers,
    pub(super) is_online: bool,
    /// Whether the central controller can be reached.
    pub(super) has_controller: bool,
    /// Whether the recorder of the network can be reached.
    pub(super) has_recorder: bool,
    pub(super) counts: Counts,
    /// Changes to the configuration so far: part of its keys.
    pub(super) configuration_changes: u32,
    /// Alarm objects that clients have reported, with their states.
    pub(super) alarms: BTreeMap<String, cti_proto::value::ClientEventState>,
    /// Defaults for calls of phones, by extension (SET_DEVICE_ATTRIBUTES_REQ).
    pub(super) device_attributes: HashMap<String, (Option<GroupKey>, CallType)>,
    /// Variables by application path (SET_APP_DATA_REQ).
    pub(super) application_data: BTreeMap<i32, [Option<String>; 10]>,
}

/// Calls by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that came from outside.
    pub offered: u64,
    /// Of these, those that an agent has answered.
    pub answered: u64,
    /// Of these, those whose caller hung up before.
    pub abandoned: u64,
    /// Of these, those that had to wait in a queue.
    pub queued: u64,
    /// Milliseconds that calls which agents have answered waited in queues, added up.
    pub waited: u64,
    /// Calls of agents, to one another and to the outside.
    pub placed: u64,
    /// Calls that have begun, of all kinds.
    pub begun: u64,
    /// Calls that have ended.
    pub ended: u64,
}

/// Server applications, and the requests that wait for them.
#[derive(Debug, Default)]
pub(super) struct Servers {
    /// The mode of those that have registered.
    pub(super) mode: Option<ServerMode>,
    /// Those that have registered, the one first that has waited longest for a request.
    pub(super) registered: Vec<(u32, SessionId)>,
    pub(super) next_service: u32,
    pub(super) next_invoke: u32,
    /// Requests passed on: by the invoke ID that was given them.
    pub(super) pending: BTreeMap<u32, Relayed>,
}

/// A request of a client that servers are to answer.
#[derive(Clone, Debug)]
pub(super) struct Relayed {
    /// Who asked.
    pub(super) client: SessionId,
    pub(super) request: Request,
    /// Those that have not answered yet.
    pub(super) servers: Vec<SessionId>,
    /// Whether one has, so that silence of the others is no failure.
    pub(super) answered: bool,
}

impl World {
    pub(super) fn new(config: Config) -> Self {
        let random = Random::new(config.seed);
        let group_count = config.skill_groups.clamp(1, 10_000);
        let groups = (0..group_count).map(|place| group(place as u32)).collect();
        let mut world = Self {
            random,
            agenda: Agenda::new(),
            now: Moment::default(),
            agents: Table::default(),
            phones: Table::default(),
            groups,
            teams: Table::default(),
            ports: Vec::new(),
            ports_made: 0,
            agent_by_number: HashMap::new(),
            phone_by_extension: HashMap::new(),
            calls: BTreeMap::new(),
            ended: BTreeMap::new(),
            listeners: BTreeMap::new(),
            // Like numbers of real switches: large enough not to be taken for something else.
            next_call: 0x0100_0001,
            stamps: 0,
            router_day: 0,
            router_calls: 0,
            sessions: BTreeMap::new(),
            bridges: Vec::new(),
            speaks: [false; 2],
            monitors: BTreeMap::new(),
            device_monitors: HashMap::new(),
            watched: 0,
            picky: 0,
            next_monitor: 1,
            servers: Servers::default(),
            is_online: true,
            has_controller: true,
            has_recorder: true,
            counts: Counts::default(),
            configuration_changes: 0,
            alarms: BTreeMap::new(),
            device_attributes: HashMap::new(),
            application_data: BTreeMap::new(),
            config,
        };
        world.add_people();
        world
    }

    /// The time at the central controller.
    pub(super) fn time(&self) -> Time {
        let passed = u32::try_from(self.now.since(Moment::default()).as_secs()).unwrap_or(u32::MAX);
        Time(self.config.start.0.saturating_add(passed))
    }

    /// A stamp that was never given before.
    pub(super) fn stamp(&mut self) -> u64 {
        self.stamps += 1;
        self.stamps
    }

    /// The phone that is called by this number.
    pub(super) fn phone_of_extension(&self, extension: &str) -> Option<PhoneKey> {
        self.phone_by_extension.get(extension).copied()
    }

    /// The group behind a route point or a DNIS.
    pub(super) fn group_of_number(&self, number: &str) -> Option<GroupKey> {
        let place = number.parse::<u32>().ok()?.checked_sub(FIRST[3])? as usize;
        (place < self.groups.len())
            .then(|| GroupKey::of(place))
            // `07001` and `+7001` are read as the same number, and lead nowhere.
            .filter(|group| self.groups[*group].route_point == number)
    }

    /// Whether a device is a port of the voice portal.
    pub(super) fn is_port(&self, device: &str) -> bool {
        let place = device.parse::<u32>().ok().and_then(|number| number.checked_sub(FIRST[2]));
        place.is_some_and(|place| (place as usize) < self.ports_made)
    }

    /// The agent at a phone.
    pub(super) fn agent_at(&self, phone: PhoneKey) -> Option<AgentKey> {
        self.phones[phone].agent
    }

    /// The call key that the router gives next.
    pub(super) fn next_key(&mut self) -> (u32, u32, u32) {
        /// Days from 1601, when routers begin to count, to 1970.
        const SINCE_1601: u32 = 134_774;
        let (day, second) = (self.time().0 / 86_400 + SINCE_1601, self.time().0 % 86_400);
        if day != self.router_day {
            // Numbers begin anew at midnight: only day and number together are a key. A router that starts in the middle
            // of a day may have given some already, and begins with the milliseconds of the day.
            let given = if self.router_day == 0 { 1_000 * second } else { 0 };
            (self.router_day, self.router_calls) = (day, given);
        }
        self.router_calls += 1;
        (day, self.router_calls, 0)
    }

    /// A call without parties.
    pub(super) fn new_call(&mut self, kind: CallType) -> CallId {
        let id = CallId(self.next_call);
        self.next_call = self.next_call.wrapping_add(1);
        let mut reference = [0; 16];
        reference[..4].copy_from_slice(&self.time().0.to_be_bytes());
        reference[12..].copy_from_slice(&id.0.to_be_bytes());
        self.counts.begun += 1;
        self.calls.insert(
            id,
            Call {
                id,
                kind,
                parties: Vec::new(),
                data: CallData::default(),
                group: None,
                other_group: None,
                queued: None,
                promised: None,
                consults_for: None,
                disposition: DispositionCode(0),
                last_redirect: None,
                clients: Vec::new(),
                trunk: None,
                listens_to: None,
                next_party: 0,
                monitors: Vec::new(),
                recording: None,
                greeting: false,
                bad_line: 0,
                reference,
            },
        );
        id
    }

    /// A party in this state. Nobody is told.
    pub(super) fn add_party(&mut self, call: CallId, end: End, device: String, state: LocalConnectionState) -> Leg {
        let stamp = self.stamp();
        // A leg that leads to nothing: all that is done with it finds no party.
        let Some(entry) = self.calls.get_mut(&call) else { return (call, PartyId(u32::MAX)) };
        let id = PartyId(entry.next_party);
        entry.next_party += 1;
        // Whoever is there first has called.
        let called = !entry.parties.is_empty();
        entry.parties.push(Party {
            id,
            end,
            device,
            state,
            stamp,
            role: Role::Member,
            called,
            talking_since: (state == LocalConnectionState::LCS_CONNECT).then_some(self.now),
            held_since: None,
            held: std::time::Duration::ZERO,
            was_held: false,
            left: None,
            has_media: false,
            is_hidden: false,
        });
        if let End::Phone(phone) = end {
            self.phones[phone].legs.push((call, id));
        }
        (call, id)
    }

    /// A port of the voice portal that is free.
    pub(super) fn take_port(&mut self) -> (End, String) {
        // There are as many as calls need: the voice portal is never full.
        let port = self.ports.pop().unwrap_or_else(|| {
            self.ports_made += 1;
            PortKey::of(self.ports_made - 1)
        });
        (End::Port(port), (FIRST[2] + port.row() as u32).to_string())
    }

    /// The port is free for another call.
    pub(super) fn give_port_back(&mut self, port: PortKey) {
        self.ports.push(port);
    }

    /// The party at a leg, if it is still there.
    pub(super) fn party(&self, (call, party): Leg) -> Option<&Party> {
        self.calls.get(&call)?.party(party)
    }

    /// The same, to be changed.
    pub(super) fn party_mut(&mut self, (call, party): Leg) -> Option<&mut Party> {
        self.calls.get_mut(&call)?.party_mut(party)
    }

    /// Puts a party into a state; planned things that belong to the earlier one do not happen.
    pub(super) fn set_state(&mut self, leg: Leg, state: LocalConnectionState) {
        let stamp = self.stamp();
        let now = self.now;
        let Some(party) = self.party_mut(leg) else { return };
        party.stamp = stamp;
        party.state = state;
        // Out of hold, whatever state comes.
        if let Some(since) = party.held_since.take() {
            party.held += now.since(since);
        }
        match state {
            // Back from hold it has talked since the first time.
            LocalConnectionState::LCS_CONNECT if party.talking_since.is_none() => party.talking_since = Some(now),
            LocalConnectionState::LCS_HOLD => (party.held_since, party.was_held) = (Some(now), true),
            _ => {}
        }
    }

    /// The parties of a call whose devices are watched.
    pub(super) fn legs(&self, call: CallId) -> Vec<PartyId> {
        let parties = self.calls.get(&call).map_or(&[][..], |call| &call.parties);
        parties.iter().filter(|party| party.is_leg()).map(|party| party.id).collect()
    }

    /// Who gets the events of a leg.
    pub(super) fn receivers(&self, leg: Leg) -> Vec<Receiver> {
        let mut to = self.bridges.clone();
        let Some(call) = self.calls.get(&leg.0) else { return to };
        if let Some(party) = call.party(leg.1) {
            match party.phone() {
                Some(phone) => to.extend(&self.phones[phone].receivers),
                None => to.extend(self.device_monitors.get(&party.device).into_iter().flatten()),
            }
        }
        to.extend(
            call.monitors.iter().map(|(session, monitor)| Receiver { session: *session, monitor: Some(*monitor) }),
        );
        self.with_watchers(to)
    }

    /// Who gets what concerns an agent.
    pub(super) fn agent_receivers(&self, agent: AgentKey) -> Vec<Receiver> {
        let mut to = self.bridges.clone();
        let agent = &self.agents[agent];
        if let Some(phone) = agent.phone {
            to.extend(&self.phones[phone].receivers);
        }
        for watcher in &agent.watchers {
            let receiver = Receiver { session: *watcher, monitor: None };
            // A session that is bound to agent and phone hears it once.
            if !to.contains(&receiver) {
                to.push(receiver);
            }
        }
        to.extend(&self.teams[agent.team].monitors);
        self.with_watchers(to)
    }

    /// Whoever monitors a session gets what it gets.
    fn with_watchers(&self, mut to: Vec<Receiver>) -> Vec<Receiver> {
        if self.watched == 0 {
            return to;
        }
        // Up to the end of now: whoever watches a session that watches another one is not told of both.
        for place in 0..to.len() {
            if to[place].monitor.is_none()
                && let Some(session) = self.sessions.get(&to[place].session)
            {
                to.extend(&session.watchers);
            }
        }
        to
    }
}
