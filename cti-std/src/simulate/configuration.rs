//! Configuration Acquisition: keys, uploads in parts, teams. What has no room waits until there is some.

use std::time::Duration;

use cti_proto::Product;
use cti_proto::message::*;
use cti_proto::session::Request;
use cti_proto::value::*;
use cti_proto::wire::{ConfigKey, List};

use super::floor::Floor;
use super::people::{Agent, DESK_SETTINGS};
use super::request::{Ask, Outcome};
use super::shown::Shown;
use super::sink::{Receiver, SessionId, Sink};
use super::table::{AgentKey, GroupKey, Key as _, PhoneKey, TeamKey};
use super::task::Task;
use super::world::VOICE;

/// Records of a message. Guide: "Configuration Acquisition": ten are the most.
const RECORDS: usize = 10;
/// Records of a block of an upload, which CONFIG_BEGIN_EVENT and CONFIG_END_EVENT enclose.
const BLOCK: usize = 500;
/// Pause when a client has no room for more.
const PAUSE: Duration = Duration::from_millis(20);
/// Parts that may wait for a client: more than a whole upload of the largest contact centre. Who asks again and again
/// without reading loses the session.
const MOST_WAITING: usize = 1 << 20;

/// A message of an upload, to be made when there is room for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A session that is open already, for a client that watches clients.
    Session(SessionId),
    /// A team, for a supervisor.
    Team(TeamKey),
    /// The keys of the configuration.
    Keys,
    /// A block of configuration begins.
    Begin(ConfigMask),
    /// Records from this one on.
    Records(Item, usize),
    /// A block ends.
    End(ConfigEndStatus),
    /// A team of Unified CCX.
    CcxTeam(TeamKey),
    /// The end of these.
    CcxTeamsDone(Request),
}

/// A kind of configuration record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Service,
    SkillGroup,
    Agent,
    AgentService,
    Device,
    CallType,
    Domain,
    Peripheral,
    DeskSettings,
    Terminal,
}

/// All kinds in the order in which they are sent, with their mask bits and messages.
#[rustfmt::skip]
const ITEMS: [(Item, ConfigMask, MessageType); 10] = [
    (Item::Service, ConfigMask::CONFIG_MSG_SERVICE_MASK, MessageType::CONFIG_SERVICE_EVENT),
    (Item::SkillGroup, ConfigMask::CONFIG_MSG_SKILL_GROUP_MASK, MessageType::CONFIG_SKILL_GROUP_EVENT),
    (Item::Agent, ConfigMask::CONFIG_MSG_AGENT_MASK, MessageType::CONFIG_AGENT_EVENT),
    (Item::AgentService, ConfigMask::CONFIG_MSG_AGENT_SERVICE_MASK, MessageType::CONFIG_AGENT_SERVICE_EVENT),
    (Item::Device, ConfigMask::CONFIG_MSG_DEVICE_MASK, MessageType::CONFIG_DEVICE_EVENT),
    (Item::CallType, ConfigMask::CONFIG_MSG_CALL_TYPE_MASK, MessageType::CONFIG_CALL_TYPE_EVENT),
    (Item::Domain, ConfigMask::CONFIG_MSG_MRD_MASK, MessageType::CONFIG_MRD_EVENT),
    (Item::Peripheral, ConfigMask::CONFIG_MSG_PERIPHERAL_MASK, MessageType::CONFIG_PERIPHERAL_EVENT),
    (Item::DeskSettings, ConfigMask::CONFIG_MSG_AGENT_DESK_SETTINGS_MASK, MessageType::CONFIG_AGENT_DESK_SETTINGS_EVENT),
    (Item::Terminal, ConfigMask::CONFIG_MSG_TERMINAL_MASK, MessageType::CONFIG_TERMINAL_EVENT),
];

impl<S: Sink> Floor<'_, S> {
    /// Sends these to a session, one after the other as there is room.
    pub(super) fn upload(&mut self, id: SessionId, parts: Vec<Part>) {
        let Some(session) = self.world.sessions.get_mut(&id) else { return };
        let waits = !session.upload.is_empty();
        // Looked at before these are added: one upload more than the limit is the most that ever waits.
        if session.upload.len() > MOST_WAITING {
            let status = FailureStatus::E_CTI_UNSPECIFIED_FAILURE;
            self.out.end(id, status);
            return self.close(id, status);
        }
        session.upload.extend(parts);
        // Where parts wait a task is noted already: one more for each request would never become fewer.
        if !waits {
            self.go_on_with_upload(id);
        }
    }

    /// Sends what waits for a session, as far as there is room.
    pub(super) fn go_on_with_upload(&mut self, id: SessionId) {
        while let Some(part) = self.world.sessions.get(&id).and_then(|session| session.upload.front()).copied() {
            // Taken out only once it is sent: the order of the parts is part of what they say.
            if !self.send_part(id, part) {
                return self.later(PAUSE, Task::Upload(id));
            }
            if let Some(session) = self.world.sessions.get_mut(&id) {
                session.upload.pop_front();
            }
        }
    }

    /// Sends one part. `false` if there was no room for it, so that it stays.
    fn send_part(&mut self, id: SessionId, part: Part) -> bool {
        match part {
            Part::Keys => {
                let keys = self.world.shown_to(id).keys();
                self.out.send(id, &keys)
            }
            Part::Session(other) => match self.world.sessions.get(&other) {
                Some(session) => {
                    let event = self.world.opened_event(session);
                    self.out.send(id, &event)
                }
                // It has closed while its turn came: nothing is left to tell, and nothing to try again.
                None => true,
            },
            Part::Team(team) => self.send_team(id, team),
            Part::Begin(items) => {
                let keys = self.world.shown_to(id).keys();
                let event = ConfigBeginEvent {
                    config_type: ConfigType::SOLICITED,
                    config_information: items,
                    service_config_key: keys.service_config_key,
                    skill_group_config_key: keys.skill_group_config_key,
                    agent_config_key: keys.agent_config_key,
                    device_config_key: keys.device_config_key,
                    call_type_config_key: keys.call_type_config_key,
                    peripheral_config_key: keys.peripheral_config_key,
                    agent_desk_settings_config_key: keys.agent_desk_settings_config_key,
                };
                self.out.send(id, &event)
            }
            Part::Records(item, from) => self.send_records(id, item, from),
            Part::End(status) => {
                self.out.send(id, &ConfigEndEvent { config_end_status: status, ..ConfigEndEvent::default() })
            }
            Part::CcxTeam(team) => self.send_ccx_team(id, team),
            Part::CcxTeamsDone(request) => {
                self.out.confirm(id, request, &TeamConfigConf::default());
                true
            }
        }
    }

    /// AGENT_TEAM_CONFIG_EVENT, for those who have asked for it.
    fn send_team(&mut self, id: SessionId, team: TeamKey) -> bool {
        // The mask may have been changed while the team waited for room.
        let wants = self
            .world
            .sessions
            .get(&id)
            .is_some_and(|session| session.masks.0.contains(CallEventMask::AGENT_TEAM_CONFIG_MASK));
        if !wants {
            return true;
        }
        let team = &self.world.teams[team];
        let world = self.world.shown_to(id);
        // As many as the message has room for; teams have twelve here.
        let members: Vec<_> = team.members.iter().take(64).map(|key| world.team_agent(*key)).collect();
        let event = AgentTeamConfigEvent {
            peripheral_id: world.peripheral(),
            team_id: team.id,
            config_operation: ConfigOperation::ADD_AGENT,
            agent_team_name: Some(team.name.as_str().into()),
            agents: List::new(&members),
            ..AgentTeamConfigEvent::default()
        };
        self.out.send(id, &event)
    }

    /// TEAM_CONFIG_EVENT.
    fn send_ccx_team(&mut self, id: SessionId, team: TeamKey) -> bool {
        let world = self.world.shown_to(id);
        let team = &world.teams[team];
        let members = team.members.iter().take(64).map(|key| {
            let agent = &world.agents[*key];
            let flags = if agent.is_supervisor { AgentFlags::PRIMARY_SUPERVISOR } else { AgentFlags::EMPTY };
            TeamMember { agent_id: world.login(agent), flags, ..TeamMember::default() }
        });
        let members: Vec<_> = members.collect();
        let event = TeamConfigEvent {
            team_id: team.id,
            operation: 1,
            team_name: Some(team.name.as_str().into()),
            members: List::new(&members),
            ..TeamConfigEvent::default()
        };
        self.out.send(id, &event)
    }

    /// CONFIG_REQUEST_KEY_EVENT: no invoke ID leads back to it, so that its answer waits in line with what is uploaded.
    pub(super) fn config_request_key(&mut self, id: SessionId) {
        self.upload(id, vec![Part::Keys]);
    }

    /// CONFIG_REQUEST_EVENT: the kinds asked for, each in blocks of [`BLOCK`] records. Guide: "Configuration Acquisition".
    pub(super) fn config_request(&mut self, id: SessionId, request: &ConfigRequestEvent) {
        let Some(session) = self.world.sessions.get(&id) else { return };
        let protocol = session.protocol;
        let world = self.world.shown(protocol.product());
        let is_elsewhere = !world.is_ccx()
            && request.peripheral_id != world.peripheral()
            && !matches!(request.peripheral_id, 0 | NULL_PERIPHERAL_ID);
        if is_elsewhere {
            // There is no answer of a request here, and the end of an upload is the only message with a status.
            return self.upload(id, vec![Part::End(ConfigEndStatus::CONFIGEND_UNKNOWN_CUSTOMER)]);
        }
        if !request.config_information.without(world.configuration()).is_empty() {
            return self.upload(id, vec![Part::End(ConfigEndStatus::CONFIGEND_INVALID)]);
        }
        let mut parts = Vec::new();
        for (item, mask, message) in ITEMS {
            let mask = if world.is_ccx() { ccx_mask(item) } else { Some(mask) };
            // Older versions lack some kinds: a client that asks for them all gets what there is.
            let exists = MessageInfo::of(message).is_some_and(|info| info.versions.include(protocol));
            let Some(mask) = mask.filter(|mask| request.config_information.contains(*mask) && exists) else { continue };
            let count = world.count(item);
            for block in (0..count).step_by(BLOCK) {
                // Blocks keep what a client has to hold before it may use any of it small.
                parts.push(Part::Begin(mask));
                let end = count.min(block + BLOCK);
                parts.extend((block..end).step_by(RECORDS).map(|from| Part::Records(item, from)));
                parts.push(Part::End(ConfigEndStatus::CONFIGEND_PARTIAL));
            }
        }
        // What was asked for may not exist in the version.
        let is_empty = parts.pop().is_none() && !request.config_information.is_empty();
        let status = if is_empty { ConfigEndStatus::CONFIGEND_EMPTY } else { ConfigEndStatus::CONFIGEND_SUCCESS };
        parts.push(Part::End(status));
        self.upload(id, parts);
    }

    /// TEAM_CONFIG_REQ: changes from now on, and with parameter 1 all that there is first.
    pub(super) fn team_config(&mut self, ask: Ask, request: &TeamConfigReq) -> Outcome {
        if !matches!(request.config_param, 1 | 2) {
            return Err(FailureStatus::E_CTI_UNSPECIFIED_FAILURE.into());
        }
        if let Some(session) = self.world.sessions.get_mut(&ask.session) {
            session.wants_teams = true;
        }
        let teams = self.world.teams.keys().filter(|_| request.config_param == 1);
        let mut parts: Vec<_> = teams.map(Part::CcxTeam).collect();
        // The confirmation ends the list, so that it waits in line behind it.
        parts.push(Part::CcxTeamsDone(ask.request));
        self.upload(ask.session, parts);
        Ok(())
    }

    /// An agent changes to the next skill group.
    pub(super) fn reconfigure(&mut self) {
        // By the seed, as all chance: a fault at a moment hits the same agent each time.
        let key = AgentKey::of(self.world.random.below(self.world.agents.len()));
        let place = self.world.agents[key].groups.first().map_or(0, |group| group.row());
        let next = GroupKey::of((place + 1) % self.world.groups.len());
        // What was so far belongs to the old groups.
        self.world.accrue(key);
        self.world.move_agent(key, next);
        self.world.configuration_changes += 1;
        for (product, to) in self.world.by_product(self.world.everybody(), None) {
            self.tell_agent_record(product, key, &to);
        }
        if self.world.agents[key].standing.is_idle() {
            self.serve(key);
        }
    }

    /// Tells these that an agent's record has changed.
    fn tell_agent_record(&mut self, product: Product, key: AgentKey, to: &[Receiver]) {
        let world = self.world.shown(product);
        let skills = world.agent_skills(key.row());
        let begin = ConfigBeginEvent {
            config_type: ConfigType::UNSOLICITED,
            config_information: match product {
                Product::Ccx => CcxConfigMask::AGENT.into(),
                Product::Cce => ConfigMask::CONFIG_MSG_AGENT_MASK,
            },
            agent_config_key: world.keys().agent_config_key,
            ..ConfigBeginEvent::default()
        };
        // Domains come with the first upload only.
        let record =
            AgentRecord { record_type: Some(RecordType::CONFIG_RECORD_CHANGE), ..world.agent(key.row(), &skills, &[]) };
        let end = ConfigEndEvent { config_end_status: ConfigEndStatus::CONFIGEND_SUCCESS, ..ConfigEndEvent::default() };
        self.out.event(to, &begin);
        self.out.event(to, &ConfigAgentEvent { records: List::new(&[record]) });
        self.out.event(to, &end);
    }

    /// Records of a kind from a place on, up to the end of the message or of the block.
    fn send_records(&mut self, id: SessionId, item: Item, from: usize) -> bool {
        let world = self.world.shown_to(id);
        let end = world.count(item).min((from / BLOCK + 1) * BLOCK).min(from + RECORDS);
        let places = from..end;
        /// One message with one kind of records.
        macro_rules! send {
            ($event:ident, $records:expr) => {{
                let records: Vec<_> = $records.collect();
                self.out.send(id, &$event { records: List::new(&records) })
            }};
        }
        match item {
            Item::Service => {
                let members: Vec<_> = places.clone().map(|place| [world.service_member(place)]).collect();
                send!(ConfigServiceEvent, places.zip(&members).map(|(place, members)| world.service(place, members)))
            }
            Item::SkillGroup => send!(ConfigSkillGroupEvent, places.map(|place| world.skill_group(place))),
            Item::Agent => {
                let skills: Vec<Vec<_>> = places.clone().map(|place| world.agent_skills(place)).collect();
                let domains = [AgentMrd { id: VOICE as u32, state: AgentState::AGENT_STATE_UNKNOWN }];
                send!(ConfigAgentEvent, places.zip(&skills).map(|(place, skills)| world.agent(place, skills, &domains)))
            }
            Item::AgentService => send!(
                ConfigAgentServiceEvent,
                places.map(|place| AgentServiceRecord {
                    record_type: Some(RecordType::CONFIG_RECORD_ADD),
                    agent_skill_target_id: Some(world.agents[AgentKey::of(place * 4)].id),
                    enabled_services: List::new(const { &[AgentService::AGENT_ASSIST, AgentService::TRANSCRIPT] }),
                })
            ),
            Item::Device => send!(ConfigDeviceEvent, places.map(|place| world.device(place))),
            Item::CallType => send!(ConfigCallTypeEvent, places.map(|place| world.call_type(place))),
            Item::Domain => send!(
                ConfigMrdEvent,
                places.map(|_| MrdRecord {
                    record_type: Some(RecordType::CONFIG_RECORD_ADD),
                    flt_mr_domain_id: Some(VOICE as u32),
                    flt_enterprise_name: Some("Cisco_Voice".into()),
                    flt_description: Some("Voice".into()),
                    flt_max_task_duration: Some(86_400),
                    flt_interruptible: Some(false),
                })
            ),
            Item::Peripheral => send!(
                ConfigPeripheralEvent,
                places.map(|_| PeripheralRecord {
                    record_type: Some(RecordType::CONFIG_RECORD_ADD),
                    config_peripheral_id: Some(world.peripheral()),
                    default_agent_desk_settings_id: Some(DESK_SETTINGS[0].0),
                })
            ),
            Item::DeskSettings => send!(ConfigAgentDeskSettingsEvent, places.map(|place| world.desk_record(place))),
            Item::Terminal => {
                let names: Vec<_> = places.clone().map(|place| format!("SEP{place:012X}")).collect();
                let instruments: Vec<_> = places.map(|place| [world.instrument(place)]).collect();
                let records = names.iter().zip(&instruments).map(|(name, instruments)| TerminalRecord {
                    record_type: Some(RecordType::CONFIG_RECORD_ADD),
                    terminal_type: Some(1),
                    terminal_device_name: Some(name.as_str().into()),
                    terminal_type_name: Some("Desk phone".into()),
                    instruments: if world.is_ccx() { List::new(instruments) } else { List::EMPTY },
                });
                send!(ConfigTerminalEvent, records)
            }
        }
    }
}

/// The mask bit of Unified CCX, which has fewer kinds.
fn ccx_mask(item: Item) -> Option<ConfigMask> {
    let mask = match item {
        Item::Service => CcxConfigMask::APPLICATION,
        Item::SkillGroup => CcxConfigMask::CSQ,
        Item::Agent => CcxConfigMask::AGENT,
        Item::Device => CcxConfigMask::DEVICE,
        Item::Terminal => CcxConfigMask::TERMINAL,
        _ => return None,
    };
    Some(mask.into())
}

impl<'w> Shown<'w> {
    /// The keys of the configuration, which a change changes.
    fn keys(self) -> ConfigKeyEvent {
        // Other starts have other keys, so that a client of yesterday's simulation does not think it knows this one.
        let number = u64::from(self.config.start.0) << 24 | u64::from(self.configuration_changes);
        let key = Some(ConfigKey(number.to_be_bytes()));
        ConfigKeyEvent {
            config_key_status: ConfigKeyStatus::CONFIG_SUCCESS,
            service_config_key: key,
            skill_group_config_key: key,
            agent_config_key: key,
            device_config_key: key,
            call_type_config_key: key.filter(|_| !self.is_ccx()),
            peripheral_config_key: key.filter(|_| !self.is_ccx()),
            agent_desk_settings_config_key: key.filter(|_| !self.is_ccx()),
        }
    }

    /// How many records of a kind there are.
    fn count(self, item: Item) -> usize {
        match item {
            Item::Service | Item::SkillGroup | Item::CallType => self.groups.len(),
            Item::Agent => self.agents.len(),
            Item::AgentService => self.agents.len().div_ceil(4),
            Item::Device => self.world.phones.len() + self.groups.len(),
            Item::Domain | Item::Peripheral => 1,
            Item::DeskSettings => DESK_SETTINGS.len(),
            Item::Terminal => self.world.phones.len(),
        }
    }

    /// A member of a team, with its state.
    fn team_agent(self, key: AgentKey) -> TeamAgent<'w> {
        let agent = &self.world.agents[key];
        TeamAgent {
            agent_id: self.login(agent),
            flags: if agent.is_supervisor { AgentFlags::PRIMARY_SUPERVISOR } else { AgentFlags::EMPTY },
            state: agent.standing.state,
            state_duration: self.now.seconds_since(agent.standing.since),
        }
    }

    /// The one skill group of a service: they come in pairs here.
    fn service_member(self, place: usize) -> ServiceMember {
        ServiceMember { id: self.groups[GroupKey::of(place)].id, priority: 1 }
    }

    /// The record of a service.
    fn service(self, place: usize, members: &'w [ServiceMember]) -> ServiceRecord<'w> {
        let group = &self.world.groups[GroupKey::of(place)];
        ServiceRecord {
            record_type: Some(RecordType::CONFIG_RECORD_ADD),
            flt_peripheral_id: Some(self.peripheral()),
            peripheral_number: Some(group.service_number),
            // No limit.
            max_queued: Some(u32::MAX),
            extension: Some(group.route_point.as_str().into()),
            service_skill_target_id: Some(group.service_id),
            peripheral_name: Some(group.name.as_str().into()),
            description: Some(group.name.as_str().into()),
            // Seconds, and what most centres promise; wallboards take theirs from here.
            service_level_threshold: Some(20),
            service_level_type: Some(1),
            flt_mr_domain_id: Some(VOICE as u32),
            members: if self.is_ccx() { List::EMPTY } else { List::new(members) },
            ..ServiceRecord::default()
        }
    }

    /// The record of a skill group.
    fn skill_group(self, place: usize) -> SkillGroupRecord<'w> {
        let group = &self.world.groups[GroupKey::of(place)];
        SkillGroupRecord {
            record_type: Some(RecordType::CONFIG_RECORD_ADD),
            flt_peripheral_id: Some(self.peripheral()),
            peripheral_number: Some(group.number),
            // Zero is none: there are no groups of one number and several priorities.
            flt_skill_group_priority: Some(0),
            skill_group_skill_target_id: Some(group.id),
            auto_work: Some(self.config.habits.work.is_some()),
            extension: Some(group.route_point.as_str().into()),
            peripheral_name: Some(group.name.as_str().into()),
            description: Some(group.name.as_str().into()),
            flt_mr_domain_id: Some(VOICE as u32),
            flt_precision_queue_id: Some(0),
            flt_precision_queue_name: Some("NULL".into()),
            ..SkillGroupRecord::default()
        }
    }

    /// The groups of an agent, as its record holds them.
    fn agent_skills(self, place: usize) -> Vec<AgentSkill> {
        let groups = &self.world.agents[AgentKey::of(place)].groups;
        groups.iter().map(|group| AgentSkill { number: self.groups[*group].number, priority: 0 }).collect()
    }

    /// The record of an agent, as it is now.
    fn agent(self, place: usize, skills: &'w [AgentSkill], domains: &'w [AgentMrd]) -> AgentRecord<'w> {
        let agent: &Agent = &self.world.agents[AgentKey::of(place)];
        let ccx = self.is_ccx();
        AgentRecord {
            record_type: Some(RecordType::CONFIG_RECORD_ADD),
            flt_peripheral_id: Some(self.peripheral()),
            active_terminal: agent.terminal.as_deref().map(Into::into),
            agent_type: Some(if agent.is_supervisor { AgentType::CONFIG_SUPERVISOR } else { AgentType::CONFIG_AGENT }),
            agent_desk_settings_id: Some(DESK_SETTINGS[agent.desk].0),
            login_id: Some(self.login(agent)),
            login_name: Some(self.login(agent)),
            last_name: Some(agent.last_name.as_str().into()),
            first_name: Some(agent.first_name.as_str().into()),
            // Who is out is shown at the phone of its own.
            extension: Some(self.world.phones[agent.phone.unwrap_or(agent.home)].extension.as_str().into()),
            agent_skill_target_id: Some(agent.id),
            sso_enabled: Some(SsoEnabled::SSO_DISABLED),
            ccx_agent_state: ccx.then_some(agent.ccx.state),
            ccx_mrd_id: ccx.then_some(VOICE),
            skills: List::new(skills),
            mrds: if ccx { List::EMPTY } else { List::new(domains) },
            ..AgentRecord::default()
        }
    }

    /// Phones first, then route points.
    fn device(self, place: usize) -> DeviceRecord<'w> {
        let base = DeviceRecord {
            record_type: Some(RecordType::CONFIG_RECORD_ADD),
            flt_peripheral_id: Some(self.peripheral()),
            ..DeviceRecord::default()
        };
        if place < self.world.phones.len() {
            let extension = self.world.phones[PhoneKey::of(place)].extension.as_str();
            return DeviceRecord {
                peripheral_number: extension.parse().ok(),
                device_type: Some(ConfigDeviceType::AGENT_DEVICE_EXTENSION),
                extension: Some(extension.into()),
                ..base
            };
        }
        let group = &self.world.groups[GroupKey::of(place - self.world.phones.len())];
        DeviceRecord {
            peripheral_number: group.route_point.parse().ok(),
            device_type: Some(ConfigDeviceType::ROUTE_POINT),
            flt_service_id: Some(group.service_id),
            dialed_number: Some(group.route_point.as_str().into()),
            dnis: Some(group.dnis.as_str().into()),
            extension: Some(group.route_point.as_str().into()),
            description: Some(group.name.as_str().into()),
            ..base
        }
    }

    /// The record of a call type.
    fn call_type(self, place: usize) -> CallTypeRecord<'w> {
        let group = &self.world.groups[GroupKey::of(place)];
        CallTypeRecord {
            record_type: Some(RecordType::CONFIG_RECORD_ADD),
            flt_call_type_id: Some(group.call_type),
            customer_definition_id: Some(0),
            enterprise_name: Some(group.name.as_str().into()),
            description: Some(group.name.as_str().into()),
            service_level_threshold: Some(20),
            service_level_type: Some(1),
        }
    }

    /// The phone behind a terminal.
    fn instrument(self, place: usize) -> Instrument<'w> {
        Instrument { instrument: self.world.phones[PhoneKey::of(place)].extension.as_str().into() }
    }

    /// The record of desk settings.
    fn desk_record(self, place: usize) -> AgentDeskSettingsRecord<'static> {
        let settings = self.desk_settings(place);
        AgentDeskSettingsRecord {
            record_type: Some(RecordType::CONFIG_RECORD_ADD),
            agent_desk_settings_id: Some(DESK_SETTINGS[place].0),
            flt_desk_settings_mask: Some(settings.desk_settings_mask),
            flt_wrap_up_data_incoming_mode: Some(settings.wrapup_data_incoming_mode),
            flt_wrap_up_data_outgoing_mode: Some(settings.wrapup_data_outgoing_mode),
            flt_logout_non_activity_time: Some(settings.logout_non_activity_time),
            flt_quality_recording_rate: Some(settings.quality_recording_rate),
            flt_ring_no_answer_time: Some(settings.ring_no_answer_time),
            flt_silent_monitor_warning_message: Some(settings.silent_monitor_warning_message),
            flt_silent_monitor_audible_indication: Some(settings.silent_monitor_audible_indication),
            flt_supervisor_assist_call_method: Some(settings.supervisor_assist_call_method),
            flt_emergency_call_method: Some(settings.emergency_call_method),
            flt_auto_record_on_emergency: Some(settings.auto_record_on_emergency),
            flt_recording_mode: Some(settings.recording_mode),
            flt_work_mode_timer: Some(settings.work_mode_timer),
            flt_ring_no_answer_dn_id: Some(settings.ring_no_answer_dn),
            play_zip_tone: settings.play_zip_tone,
            acd_shared_line_usage: settings.acd_shared_line_usage,
            ..AgentDeskSettingsRecord::default()
        }
    }
}
