//! Everything there is: agents, phones, skill groups, teams, calls and sessions, and how they find one another.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cti_proto::Product;
use cti_proto::message::AgentDeskSettingsConf;
use cti_proto::session::Request;
use cti_proto::value::{
    AgentState, CallDirection, CallType, ConfigMask, DeskSettingsMask, DispositionCode, LocalConnectionState,
    NULL_SKILL_GROUP, PeripheralType, ServerMode, WrapupDataMode,
};
use cti_proto::wire::Time;

use super::agenda::{Agenda, Moment};
use super::call::{Call, CallData, CallId, End, Leg, Party, PartyId, Role};
use super::config::Config;
use super::random::Random;
use super::session::{Monitor, Session};
use super::sink::{Receiver, SessionId};
use super::statistics::{Counter, History, Sums};
use super::table::{AgentKey, GroupKey, Key as _, PhoneKey, PortKey, Table, TeamKey};
use super::task::Task;

/// Media routing domain of voice.
pub(super) const VOICE: i32 = 1;
/// The first login, the first extension, the first port of the voice portal, the first route point.
const FIRST: [u32; 4] = [1_001, 5_001, 20_001, 7_001];
/// Agents of a team, its supervisor included.
const TEAM: usize = 12;
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
    pub(super) now: Moment,
    pub(super) agents: Table<AgentKey, Agent>,
    pub(super) phones: Table<PhoneKey, Phone>,
    pub(super) groups: Table<GroupKey, Group>,
    pub(super) teams: Table<TeamKey, Team>,
    ports: Vec<PortKey>,
    ports_made: usize,
    agent_by_login: HashMap<String, AgentKey>,
    phone_by_extension: HashMap<String, PhoneKey>,
    pub(super) calls: BTreeMap<CallId, Call>,
    /// Calls that have ended and whose wrap-up data may still come, by device.
    pub(super) ended: BTreeMap<CallId, BTreeMap<String, CallData>>,
    /// Calls by which supervisors listen, by the leg that they listen to.
    pub(super) listeners: BTreeMap<Leg, Vec<CallId>>,
    next_call: u32,
    stamps: u64,
    router_calls: u32,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    /// Sessions of the All Events service, as receivers.
    pub(super) bridges: Vec<Receiver>,
    pub(super) monitors: BTreeMap<u32, Monitor>,
    /// Monitors of devices that are no phones, by device.
    pub(super) device_monitors: HashMap<String, Vec<Receiver>>,
    /// Monitors of sessions.
    pub(super) watched: usize,
    /// Sessions that have registered variables.
    pub(super) picky: usize,
    pub(super) next_monitor: u32,
    pub(super) servers: Servers,
    pub(super) is_online: bool,
    /// Whether the central controller can be reached.
    pub(super) has_controller: bool,
    pub(super) counts: Counts,
    /// Changes to the configuration so far: part of its keys.
    pub(super) configuration_changes: u32,
    /// Alarm objects that clients have reported, with their states.
    pub(super) alarms: BTreeMap<String, cti_proto::value::ClientEventState>,
    pub(super) device_attributes: HashMap<String, (Option<GroupKey>, CallType)>,
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

/// An agent.
#[derive(Clone, Debug)]
pub(super) struct Agent {
    pub(super) key: AgentKey,
    pub(super) login: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    /// Skill target ID.
    pub(super) id: u32,
    pub(super) team: TeamKey,
    pub(super) is_supervisor: bool,
    pub(super) groups: Vec<GroupKey>,
    pub(super) desk: usize,
    /// The phone that is the agent's own, and the one logged in at.
    pub(super) home: PhoneKey,
    pub(super) phone: Option<PhoneKey>,
    pub(super) state: AgentState,
    pub(super) since: Moment,
    pub(super) reason: u16,
    /// What comes between calls: ready or not, and why not.
    pub(super) rest: Rest,
    /// After-call work goes on; asked for while talking, it comes.
    pub(super) is_working: bool,
    pub(super) work_asked: bool,
    /// The call that is on its way.
    pub(super) promised: Option<CallId>,
    /// Group of the call at hand, and where it goes.
    pub(super) group: Option<GroupKey>,
    pub(super) direction: CallDirection,
    pub(super) driver: Option<SessionId>,
    pub(super) stamp: u64,
    /// Whether the agent has recorded a greeting, and whether it is played in this login.
    pub(super) has_greeting: bool,
    pub(super) greets: bool,
    pub(super) terminal: Option<String>,
    /// The last call has its wrap-up data.
    pub(super) has_wrapup: bool,
    pub(super) logged_in_at: Moment,
    pub(super) accrued: Moment,
    pub(super) session_sums: Sums,
    pub(super) today: Sums,
    /// Calls that count once after-call work is over: what to count, group, talk, hold.
    pub(super) finished: Vec<Finished>,
    pub(super) work_began: Moment,
    pub(super) watchers: Vec<SessionId>,
    pub(super) answers_rated: (u32, u32),
}

/// What an agent does between calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    Ready,
    NotReady(u16),
}

/// A call that an agent has finished.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finished {
    pub(super) kind: FinishedKind,
    pub(super) group: Option<GroupKey>,
    pub(super) talk: std::time::Duration,
    pub(super) held: Option<std::time::Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FinishedKind {
    In,
    Out,
    AutoOut,
    Internal,
    InternalRcvd,
    Supervision(Counter),
}

/// A phone.
#[derive(Clone, Debug)]
pub(super) struct Phone {
    pub(super) extension: String,
    pub(super) agent: Option<AgentKey>,
    pub(super) legs: Vec<Leg>,
    /// Sessions and monitors that get its events.
    pub(super) receivers: Vec<Receiver>,
}

/// A skill group, and the service, call type and route point that lead to it.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) number: u32,
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) service_number: u32,
    pub(super) service_id: u32,
    pub(super) call_type: u32,
    pub(super) route_point: String,
    pub(super) dnis: String,
    pub(super) members: Vec<AgentKey>,
    /// Agents who are available, those first who have been so longest.
    pub(super) idle: BTreeSet<(Moment, AgentKey)>,
    pub(super) queue: BTreeSet<(Moment, CallId)>,
    pub(super) history: History,
}

/// A team.
#[derive(Clone, Debug)]
pub(super) struct Team {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) supervisor: AgentKey,
    pub(super) members: Vec<AgentKey>,
    pub(super) monitors: Vec<Receiver>,
}

/// Server applications, and the requests that wait for them.
#[derive(Debug, Default)]
pub(super) struct Servers {
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
    pub(super) client: SessionId,
    pub(super) request: Request,
    pub(super) servers: Vec<SessionId>,
    pub(super) answered: bool,
}

/// Desk settings, by their place; the first are everyone's unless a record says otherwise.
pub(super) const DESK_SETTINGS: [(u32, DeskSettingsMask); 2] = [
    (5_001, DeskSettingsMask(0x1fff)),
    (
        5_002,
        DeskSettingsMask(
            0x1fff
                | DeskSettingsMask::DESK_IDLE_REASON_REQUIRED_MASK.0
                | DeskSettingsMask::DESK_LOGOUT_REASON_REQUIRED_MASK.0,
        ),
    ),
];

impl World {
    pub(super) fn new(config: Config) -> Self {
        let random = Random::new(config.seed);
        let ccx = config.product == Product::Ccx;
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
            agent_by_login: HashMap::new(),
            phone_by_extension: HashMap::new(),
            calls: BTreeMap::new(),
            ended: BTreeMap::new(),
            listeners: BTreeMap::new(),
            next_call: 0x0100_0001,
            stamps: 0,
            router_calls: 0,
            sessions: BTreeMap::new(),
            bridges: Vec::new(),
            monitors: BTreeMap::new(),
            device_monitors: HashMap::new(),
            watched: 0,
            picky: 0,
            next_monitor: 1,
            servers: Servers::default(),
            is_online: true,
            has_controller: true,
            counts: Counts::default(),
            configuration_changes: 0,
            alarms: BTreeMap::new(),
            device_attributes: HashMap::new(),
            application_data: BTreeMap::new(),
            config,
        };
        world.add_people(ccx);
        world
    }

    /// One phone an agent, and a tenth more that nobody has.
    fn add_people(&mut self, ccx: bool) {
        let agents = self.config.agents.clamp(1, 1_000_000);
        for place in 0..agents + agents.div_ceil(10) {
            let extension = (FIRST[1] + place as u32).to_string();
            let phone = Phone { extension: extension.clone(), agent: None, legs: Vec::new(), receivers: Vec::new() };
            let key = self.phones.push(phone);
            self.phone_by_extension.insert(extension, key);
        }
        for place in 0..agents {
            if place.is_multiple_of(TEAM) {
                let number = self.teams.len() as u32;
                self.teams.push(Team {
                    id: 5_000 + number,
                    name: format!("Team{}", number + 1),
                    supervisor: AgentKey::of(place),
                    members: Vec::new(),
                    monitors: Vec::new(),
                });
            }
            self.add_agent(place, ccx);
        }
    }

    fn add_agent(&mut self, place: usize, ccx: bool) {
        let key = AgentKey::of(place);
        let number = (FIRST[0] + place as u32).to_string();
        let login = if ccx { format!("agent{number}") } else { number };
        let team = TeamKey::of(place / TEAM);
        let count = self.groups.len();
        let mut groups = vec![GroupKey::of(place % count)];
        if count > 1 && place.is_multiple_of(3) {
            groups.push(GroupKey::of((place + 1) % count));
        }
        for group in &groups {
            self.groups[*group].members.push(key);
        }
        self.teams[team].members.push(key);
        let names = [FIRST_NAMES[place % FIRST_NAMES.len()], LAST_NAMES[(place / 7 + place) % LAST_NAMES.len()]];
        self.agent_by_login.insert(login.clone(), key);
        self.agents.push(Agent {
            key,
            login,
            first_name: names[0].to_owned(),
            last_name: names[1].to_owned(),
            id: 8_000 + place as u32,
            team,
            is_supervisor: place.is_multiple_of(TEAM),
            groups,
            desk: usize::from(place % 8 == 5),
            home: PhoneKey::of(place),
            phone: None,
            state: AgentState::AGENT_STATE_LOGOUT,
            since: Moment::default(),
            reason: 0,
            rest: Rest::NotReady(0),
            is_working: false,
            work_asked: false,
            promised: None,
            group: None,
            direction: CallDirection::NONE,
            driver: None,
            stamp: 0,
            has_greeting: place % 4 == 1,
            greets: place % 4 == 1,
            terminal: None,
            has_wrapup: false,
            logged_in_at: Moment::default(),
            accrued: Moment::default(),
            session_sums: Sums::default(),
            today: Sums::default(),
            finished: Vec::new(),
            work_began: Moment::default(),
            watchers: Vec::new(),
            answers_rated: (0, 0),
        });
    }

    pub(super) fn is_ccx(&self) -> bool {
        self.config.product == Product::Ccx
    }

    pub(super) fn peripheral(&self) -> u32 {
        if self.is_ccx() { 1 } else { 5_000 }
    }

    pub(super) fn peripheral_type(&self) -> PeripheralType {
        if self.is_ccx() { PeripheralType::PT_ACMI_CRS } else { PeripheralType::PT_ENTERPRISE_AGENT }
    }

    /// The time at the central controller.
    pub(super) fn time(&self) -> Time {
        let passed = u32::try_from(self.now.since(Moment::default()).as_secs()).unwrap_or(u32::MAX);
        Time(self.config.start.0.saturating_add(passed))
    }

    pub(super) fn stamp(&mut self) -> u64 {
        self.stamps += 1;
        self.stamps
    }

    pub(super) fn agent_of_login(&self, login: &str) -> Option<AgentKey> {
        self.agent_by_login.get(login).copied()
    }

    pub(super) fn phone_of_extension(&self, extension: &str) -> Option<PhoneKey> {
        self.phone_by_extension.get(extension).copied()
    }

    /// The group behind a route point or a DNIS.
    pub(super) fn group_of_number(&self, number: &str) -> Option<GroupKey> {
        let place = number.parse::<u32>().ok()?.checked_sub(FIRST[3])? as usize;
        (place < self.groups.len())
            .then(|| GroupKey::of(place))
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
        self.router_calls += 1;
        (self.time().0 / 86_400 + 36_159, self.router_calls, 0)
    }

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

    pub(super) fn add_party(&mut self, call: CallId, end: End, device: String, state: LocalConnectionState) -> Leg {
        let stamp = self.stamp();
        let Some(entry) = self.calls.get_mut(&call) else { return (call, PartyId(u32::MAX)) };
        let id = PartyId(entry.next_party);
        entry.next_party += 1;
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
        let port = self.ports.pop().unwrap_or_else(|| {
            self.ports_made += 1;
            PortKey::of(self.ports_made - 1)
        });
        (End::Port(port), (FIRST[2] + port.row() as u32).to_string())
    }

    pub(super) fn give_port_back(&mut self, port: PortKey) {
        self.ports.push(port);
    }

    pub(super) fn party(&self, (call, party): Leg) -> Option<&Party> {
        self.calls.get(&call)?.party(party)
    }

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
        if let Some(since) = party.held_since.take() {
            party.held += now.since(since);
        }
        match state {
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
        for place in 0..to.len() {
            if to[place].monitor.is_none()
                && let Some(session) = self.sessions.get(&to[place].session)
            {
                to.extend(&session.watchers);
            }
        }
        to
    }

    /// Numbers of a group as events give them: service number and ID, skill group number, ID.
    pub(super) fn numbers(&self, group: Option<GroupKey>) -> [u32; 4] {
        let Some(group) = group else { return [NULL_SKILL_GROUP; 4] };
        let group = &self.groups[group];
        if self.is_ccx() {
            return [group.service_number, u32::MAX, group.number, u32::MAX];
        }
        [group.service_number, group.service_id, group.number, group.id]
    }

    /// Desk settings of an agent, as the confirmation of AGENT_DESK_SETTINGS_REQ holds them.
    pub(super) fn desk_settings(&self, desk: usize) -> AgentDeskSettingsConf<'static> {
        let strict = desk == 1;
        let mode = if strict { WrapupDataMode::REQUIRED_WITH_WRAPUP_DATA } else { WrapupDataMode::OPTIONAL };
        AgentDeskSettingsConf {
            peripheral_id: self.peripheral(),
            desk_settings_mask: DESK_SETTINGS[desk].1,
            wrapup_data_incoming_mode: mode,
            wrapup_data_outgoing_mode: WrapupDataMode::OPTIONAL,
            logout_non_activity_time: 3_600,
            quality_recording_rate: 0,
            ring_no_answer_time: u32::try_from(self.config.habits.ring_no_answer.as_secs()).unwrap_or(u32::MAX),
            silent_monitor_warning_message: 1,
            silent_monitor_audible_indication: 0,
            supervisor_assist_call_method: 0,
            emergency_call_method: u32::from(strict),
            auto_record_on_emergency: u32::from(strict),
            recording_mode: 0,
            work_mode_timer: 120,
            ring_no_answer_dn: 0,
            play_zip_tone: Some(cti_proto::value::PlayZipTone::DISABLED),
            acd_shared_line_usage: Some(cti_proto::value::AcdSharedLineUsage::PROHIBITED),
            ..AgentDeskSettingsConf::default()
        }
    }

    /// Makes this the only skill group of an agent.
    pub(super) fn move_agent(&mut self, key: AgentKey, group: GroupKey) {
        let agent = &mut self.agents[key];
        let idle = (agent.since, key);
        let is_idle = agent.state == AgentState::AGENT_STATE_AVAILABLE;
        for left in std::mem::replace(&mut agent.groups, vec![group]) {
            self.groups[left].idle.remove(&idle);
            self.groups[left].members.retain(|member| *member != key);
        }
        self.groups[group].members.push(key);
        if is_idle {
            self.groups[group].idle.insert(idle);
        }
    }

    /// The kinds of configuration that there are.
    pub(super) fn configuration(&self) -> ConfigMask {
        if self.is_ccx() { ConfigMask(0x1f) } else { ConfigMask(0x3ff) }
    }
}

fn group(place: u32) -> Group {
    let names = ["Sales", "Service", "Billing", "Support", "Claims", "Orders", "Travel", "Loans"];
    let name = names[place as usize % names.len()];
    let round = place as usize / names.len();
    Group {
        number: 101 + place,
        id: 5_200 + place,
        name: if round == 0 { name.to_owned() } else { format!("{name}{}", round + 1) },
        service_number: 201 + place,
        service_id: 5_400 + place,
        call_type: 5_600 + place,
        route_point: (FIRST[3] + place).to_string(),
        dnis: format!("80055501{:02}", place % 100),
        members: Vec::new(),
        idle: BTreeSet::new(),
        queue: BTreeSet::new(),
        history: History::default(),
    }
}

const FIRST_NAMES: [&str; 16] = [
    "Ada", "Ben", "Chiara", "Dmitri", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jonas", "Kamala", "Liam", "Mei",
    "Noor", "Olga", "Pablo",
];
const LAST_NAMES: [&str; 13] = [
    "Adler", "Brandt", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanova", "Jensen", "Kim",
    "Lopez", "Mbeki",
];
