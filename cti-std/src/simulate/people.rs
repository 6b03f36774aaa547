//! Agents, their phones, skill groups and teams: what there is of them, and their beginning.

use std::collections::BTreeSet;

use cti_proto::message::AgentDeskSettingsConf;
use cti_proto::value::{AgentState, DeskSettingsMask, WrapupDataMode};

use super::agenda::Moment;
use super::agent::Standing;
use super::call::{CallId, Leg};
use super::shown::{Reason, Shown, USER};
use super::sink::{Receiver, SessionId};
use super::statistics::{Counter, History, Sums};
use super::table::{AgentKey, GroupKey, Key as _, PhoneKey, TeamKey};
use super::world::{FIRST, World};

/// Agents of a team, its supervisor included.
const TEAM: usize = 12;

/// An agent.
#[derive(Clone, Debug)]
pub(super) struct Agent {
    pub(super) key: AgentKey,
    /// The user's name, which Unified CCX logs in with: [`USER`] and the number that Unified CCE does.
    pub(super) user: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    /// Skill target ID.
    pub(super) id: u32,
    pub(super) team: TeamKey,
    pub(super) is_supervisor: bool,
    pub(super) groups: Vec<GroupKey>,
    /// Place in [`DESK_SETTINGS`].
    pub(super) desk: usize,
    /// The phone that is the agent's own, and the one logged in at.
    pub(super) home: PhoneKey,
    pub(super) phone: Option<PhoneKey>,
    /// As Unified CCE has it, which is what the contact centre goes by.
    pub(super) standing: Standing,
    /// As Unified CCX has it.
    pub(super) ccx: Standing,
    /// What comes between calls: ready or not, and why not.
    pub(super) rest: Rest,
    /// After-call work goes on; asked for while talking, it comes.
    pub(super) is_working: bool,
    /// Whether work was asked for while talking.
    pub(super) work_asked: bool,
    /// The call that is on its way.
    pub(super) promised: Option<CallId>,
    /// The client that drives the agent: see [`habit`](super::habit).
    pub(super) driver: Option<SessionId>,
    /// Told from every earlier state, as that of a party is.
    pub(super) stamp: u64,
    /// Whether the agent has recorded a greeting, and whether it is played in this login.
    pub(super) has_greeting: bool,
    pub(super) greets: bool,
    /// ActiveTerminal of the login.
    pub(super) terminal: Option<String>,
    /// The last call has its wrap-up data.
    pub(super) has_wrapup: bool,
    /// Of the login, or the last one.
    pub(super) logged_in_at: Moment,
    /// Up to when time has been added to the counters.
    pub(super) accrued: Moment,
    /// Counters since the login.
    pub(super) session_sums: Sums,
    /// Counters since midnight.
    pub(super) today: Sums,
    /// Calls that count once after-call work is over: what to count, group, talk, hold.
    pub(super) finished: Vec<Finished>,
    /// When after-call work began; [`Moment::ZERO`] stands for no work.
    pub(super) work_began: Moment,
    /// Sessions of the Client Events service for this agent.
    pub(super) watchers: Vec<SessionId>,
    /// Suggested answers that the agent found good, and bad.
    pub(super) answers_rated: (u32, u32),
}

/// What an agent does between calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    Ready,
    NotReady(Reason),
}

/// A call that an agent has finished.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finished {
    pub(super) kind: FinishedKind,
    pub(super) group: Option<GroupKey>,
    /// From the first word to the end, holds included.
    pub(super) talk: std::time::Duration,
    /// Of that, on hold; `None` if it never was.
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
    /// Who is logged in at it.
    pub(super) agent: Option<AgentKey>,
    /// Its calls, in the order in which they came.
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
    /// Calls that wait, those first that have waited longest.
    pub(super) queue: BTreeSet<(Moment, CallId)>,
    /// What statistics are made of.
    pub(super) history: History,
}

/// A team.
#[derive(Clone, Debug)]
pub(super) struct Team {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) supervisor: AgentKey,
    pub(super) members: Vec<AgentKey>,
    /// Monitors of the supervisor.
    pub(super) monitors: Vec<Receiver>,
}

/// Desk settings, by their place; the first are everyone's unless a record says otherwise.
pub(super) const DESK_SETTINGS: [(u32, DeskSettingsMask); 2] = [
    // All but the need for reasons.
    (5_001, DeskSettingsMask(0x1fe7)),
    (5_002, DeskSettingsMask(0x1fff)),
];

/// Extensions up to here come one after the other; behind them are the numbers of route points and ports.
const LAST_IN_ROW: u32 = FIRST[3] - 1;
/// Where extensions go on, behind all route points and the ports of as many calls as there will be.
const FURTHER: u32 = 100_001;

/// The extension of the phone at a place. No two devices may have one number: a call that is sent back to its route point
/// would ring at somebody's phone.
fn extension(place: u32) -> u32 {
    let number = FIRST[1] + place;
    if number <= LAST_IN_ROW { number } else { FURTHER + (number - LAST_IN_ROW - 1) }
}

impl World {
    /// One phone an agent, and a tenth more that nobody has.
    pub(super) fn add_people(&mut self) {
        // Logins, extensions and IDs are numbers of four bytes that must not meet each other.
        let agents = self.config.agents.clamp(1, 1_000_000);
        for place in 0..agents + agents.div_ceil(10) {
            let extension = extension(place as u32).to_string();
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
            self.add_agent(place);
        }
    }

    /// An agent, in a team and in one or two groups.
    fn add_agent(&mut self, place: usize) {
        let key = AgentKey::of(place);
        let number = (FIRST[0] + place as u32).to_string();
        let team = TeamKey::of(place / TEAM);
        let count = self.groups.len();
        let mut groups = vec![GroupKey::of(place % count)];
        // `lively_occupancy` counts on it: an agent in three has a second skill.
        if count > 1 && place.is_multiple_of(3) {
            groups.push(GroupKey::of((place + 1) % count));
        }
        for group in &groups {
            self.groups[*group].members.push(key);
        }
        self.teams[team].members.push(key);
        // Two lists of lengths without a common factor: it takes long until two agents have one name.
        let names = [FIRST_NAMES[place % FIRST_NAMES.len()], LAST_NAMES[(place / 7 + place) % LAST_NAMES.len()]];
        self.agents.push(Agent {
            key,
            user: format!("{USER}{number}"),
            first_name: names[0].to_owned(),
            last_name: names[1].to_owned(),
            id: 8_000 + place as u32,
            team,
            is_supervisor: place.is_multiple_of(TEAM),
            groups,
            desk: usize::from(place % 8 == 5),
            home: PhoneKey::of(place),
            phone: None,
            standing: Standing::LOGGED_OUT,
            ccx: Standing::LOGGED_OUT,
            rest: Rest::NotReady(Reason::NONE),
            is_working: false,
            work_asked: false,
            promised: None,
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
        self.agent_by_number.insert(number, key);
    }

    /// Makes this the only skill group of an agent.
    pub(super) fn move_agent(&mut self, key: AgentKey, group: GroupKey) {
        let agent = &mut self.agents[key];
        // The key that the agent stands under in the sets of its groups: taken before it can change.
        let idle = (agent.standing.since, key);
        let is_idle = agent.standing.state == AgentState::AGENT_STATE_AVAILABLE;
        for left in std::mem::replace(&mut agent.groups, vec![group]) {
            self.groups[left].idle.remove(&idle);
            self.groups[left].members.retain(|member| *member != key);
        }
        self.groups[group].members.push(key);
        if is_idle {
            self.groups[group].idle.insert(idle);
        }
    }
}

impl Shown<'_> {
    /// Desk settings of an agent, as the confirmation of AGENT_DESK_SETTINGS_REQ holds them.
    pub(super) fn desk_settings(self, desk: usize) -> AgentDeskSettingsConf<'static> {
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
}

/// The skill group at a place, with the numbers of all that leads to it.
pub(super) fn group(place: u32) -> Group {
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
