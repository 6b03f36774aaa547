//! Configuration: stories of uploads, updates and keys, told to a tracker; and a model that is plainly right beside it.
//!
//! The seed of the model is fixed; `PROPTEST_RNG_SEED` sets another one, and `PROPTEST_CASES` how many cases there are.

use std::collections::{BTreeMap, BTreeSet};

use cti_proto::message::{
    AgentMrd, AgentRecord, AgentServiceRecord, AgentSkill, CallTypeRecord, ConfigAgentDeskSettingsEvent,
    ConfigAgentEvent, ConfigAgentServiceEvent, ConfigBeginEvent, ConfigCallTypeEvent, ConfigDeviceEvent,
    ConfigEndEvent, ConfigKeyEvent, ConfigMrdEvent, ConfigPeripheralEvent, ConfigServiceEvent, ConfigSkillGroupEvent,
    ConfigTerminalEvent, DeviceRecord, FailureEvent, OpenConf, ServiceRecord, SkillGroupRecord, TerminalRecord,
};
use cti_proto::session::Instant;
use cti_proto::strategy::{Generator, OwnedFrame, Upload, UploadStep, UploadedAgent, all_protocols};
use cti_proto::track::{
    Change, ConfigChanges, ConfigEntry, ConfigItem, ConfigKind, ConfigParts, ConfigRecord, ConfigScope, ConfigSlot,
    ConfigStorage, ConfigTracker, Handle, Observed,
};
use cti_proto::value::{
    AgentService, AgentState, CcxConfigMask, ConfigDeviceType, ConfigEndStatus, ConfigKeyStatus, ConfigMask,
    ConfigType, FailureStatus, RecordType,
};
use cti_proto::wire::ConfigKey;
use cti_proto::{Body, List, MessageType, Protocol, Text};
use cti_tests::track::{PERIPHERAL, with_frame};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

const ADD: Option<RecordType> = Some(RecordType::CONFIG_RECORD_ADD);
const CHANGE: Option<RecordType> = Some(RecordType::CONFIG_RECORD_CHANGE);
const DELETE: Option<RecordType> = Some(RecordType::CONFIG_RECORD_DELETE);
const SUCCESS: ConfigEndStatus = ConfigEndStatus::CONFIGEND_SUCCESS;
const PARTIAL: ConfigEndStatus = ConfigEndStatus::CONFIGEND_PARTIAL;

struct Room {
    items: Vec<ConfigSlot>,
    records: Vec<u8>,
}

impl Room {
    fn new(items: usize, record: usize) -> Self {
        Self { items: vec![ConfigSlot::EMPTY; items], records: vec![0; items * record] }
    }

    fn parts(&mut self) -> ConfigParts<'_> {
        ConfigParts { items: &mut self.items, records: &mut self.records }
    }
}

struct Story<'s> {
    tracker: ConfigTracker<'s>,
    protocol: Protocol,
}

impl<'s> Story<'s> {
    fn new(protocol: Protocol, room: &'s mut Room) -> Self {
        Self { tracker: ConfigTracker::new(ConfigScope::new(), room.parts()), protocol }
    }

    fn observe<'a, M: Body<'a>>(&mut self, message: &M) -> Observed {
        let tracker = &mut self.tracker;
        let observed = with_frame(self.protocol, message, |frame| tracker.observe(Instant::ZERO, frame).unwrap());
        check(tracker);
        observed
    }

    fn hear<'a, M: Body<'a>>(&mut self, message: &M) {
        self.observe(message);
    }

    fn hear_frame(&mut self, frame: &OwnedFrame) {
        self.tracker.observe(Instant::ZERO, &frame.frame()).unwrap();
        check(&self.tracker);
    }

    fn begin(&mut self, kinds: &[ConfigKind], config_type: ConfigType, key: Option<u8>) {
        let of = |kind: &ConfigKind| if self.protocol.is_ccx() { kind.ccx_mask().0 } else { kind.mask().0 };
        let mask = kinds.iter().fold(0, |mask, kind| mask | of(kind));
        let key = key.map(|key| ConfigKey([key; 8]));
        self.hear(&ConfigBeginEvent {
            config_type,
            config_information: ConfigMask(mask),
            agent_config_key: key.filter(|_| kinds.contains(&ConfigKind::Agent)),
            skill_group_config_key: key.filter(|_| kinds.contains(&ConfigKind::SkillGroup)),
            ..Default::default()
        });
    }

    fn end(&mut self, config_end_status: ConfigEndStatus) {
        self.hear(&ConfigEndEvent { config_end_status, ..Default::default() });
    }

    /// An upload of agents in one block.
    fn upload_agents(&mut self, ids: &[&str], key: Option<u8>) {
        self.begin(&[ConfigKind::Agent], ConfigType::SOLICITED, key);
        self.agents(ids);
        self.end(SUCCESS);
    }

    fn agents(&mut self, ids: &[&str]) {
        let records: Vec<_> = ids.iter().map(|id| agent(id)).collect();
        self.hear(&ConfigAgentEvent { records: List::new(&records) });
    }

    fn agent(&self, id: &str) -> Option<AgentRecord<'_>> {
        let item = self.tracker.find_by_text(ConfigKind::Agent, PERIPHERAL, id)?;
        Some(item.record().expect("the record of an agent"))
    }

    fn ids(&self) -> BTreeSet<String> {
        self.tracker.records::<AgentRecord<'_>>().map(|record| record.login_id.unwrap().to_string()).collect()
    }

    fn changes(&mut self) -> Vec<Change<ConfigEntry>> {
        std::iter::from_fn(|| self.tracker.poll_change()).collect()
    }
}

/// What always holds: what is counted is there, and found by what iteration shows.
fn check(tracker: &ConfigTracker<'_>) {
    for kind in ConfigKind::ALL {
        assert_eq!(tracker.iter(*kind).count(), tracker.len(*kind), "{kind:?}");
        assert!(!tracker.is_current(*kind) || tracker.is_complete(*kind));
    }
    for item in tracker.iter(ConfigKind::Agent) {
        let id = item.record::<AgentRecord<'_>>().unwrap().login_id.unwrap();
        let found = tracker.find_by_text(ConfigKind::Agent, item.peripheral_id(), id);
        assert_eq!(found.map(|found| found.handle()), Some(item.handle()));
    }
    assert_eq!(tracker.is_empty(), ConfigKind::ALL.iter().all(|kind| tracker.len(*kind) == 0));
}

fn agent(id: &str) -> AgentRecord<'_> {
    AgentRecord {
        record_type: ADD,
        flt_peripheral_id: Some(PERIPHERAL),
        login_id: Some(id.into()),
        first_name: Some("Ann".into()),
        last_name: Some("Smith".into()),
        ..Default::default()
    }
}

fn cce() -> Protocol {
    Protocol::cce(24).unwrap()
}

fn id_set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).into()).collect()
}

// ---- uploads --------------------------------------------------------------------------------------

#[test]
fn an_upload_in_parts_replaces_what_was_known() {
    let mut room = Room::new(32, 160);
    let mut story = Story::new(cce(), &mut room);
    story.upload_agents(&["1001", "1002", "1003"], Some(1));
    assert!(story.tracker.is_complete(ConfigKind::Agent) && story.tracker.is_current(ConfigKind::Agent));
    assert_eq!(story.tracker.key(ConfigKind::Agent), Some(ConfigKey([1; 8])));
    assert_eq!(story.changes().len(), 3);
    // Again, in two blocks; 1002 is no more, 1004 is new, 1001 says the same as before.
    story.begin(&[ConfigKind::Agent], ConfigType::SOLICITED, Some(2));
    story.agents(&["1001", "1004"]);
    story.end(PARTIAL);
    assert!(!story.tracker.is_complete(ConfigKind::Agent));
    assert_eq!(story.ids(), id_set(&["1001", "1002", "1003", "1004"]), "nothing has gone yet");
    story.begin(&[ConfigKind::Agent], ConfigType::SOLICITED, Some(2));
    story.agents(&["1003"]);
    story.end(SUCCESS);
    assert_eq!((story.ids(), story.tracker.len(ConfigKind::Agent)), (id_set(&["1001", "1003", "1004"]), 3));
    assert!(story.agent("1002").is_none());
    while !story.tracker.sweep() {}
    let changes = story.changes();
    assert!(matches!(changes[..], [Change::Ended(..), Change::Changed(_, what)] if what.contains(ConfigChanges::NEW)));
    assert_eq!(story.tracker.key(ConfigKind::Agent), Some(ConfigKey([2; 8])));
    assert_eq!(story.tracker.counters().items.live, 3);
}

#[test]
fn an_upload_of_several_kinds() {
    let mut room = Room::new(32, 160);
    let mut story = Story::new(cce(), &mut room);
    let (group, agents) = (ConfigKind::SkillGroup, ConfigKind::Agent);
    let skills = SkillGroupRecord {
        record_type: ADD,
        flt_peripheral_id: Some(PERIPHERAL),
        peripheral_number: Some(7),
        skill_group_skill_target_id: Some(700),
        peripheral_name: Some("Sales".into()),
        flt_mr_domain_id: Some(1),
        ..Default::default()
    };
    story.begin(&[group], ConfigType::SOLICITED, Some(1));
    story.hear(&ConfigSkillGroupEvent {
        records: List::new(&[
            skills,
            SkillGroupRecord { peripheral_number: Some(8), skill_group_skill_target_id: Some(800), ..skills },
        ]),
    });
    story.end(PARTIAL);
    story.begin(&[agents], ConfigType::SOLICITED, Some(1));
    story.agents(&["1001"]);
    assert!(!story.tracker.is_complete(group));
    story.end(SUCCESS);
    assert!(story.tracker.is_complete(group) && story.tracker.is_complete(agents));
    let item = story.tracker.find(group, PERIPHERAL, 7).unwrap();
    assert_eq!(item.record::<SkillGroupRecord<'_>>().unwrap().peripheral_name, Some("Sales".into()));
    assert!(item.record::<AgentRecord<'_>>().is_none(), "of another kind");
    let by_target = story.tracker.find_by_target(group, 800).unwrap();
    assert_eq!(by_target.handle(), story.tracker.find(group, PERIPHERAL, 8).unwrap().handle());
    assert!(
        story.tracker.find(group, PERIPHERAL + 1, 7).is_none()
            && story.tracker.find(ConfigKind::Service, PERIPHERAL, 7).is_none()
    );
}

#[test]
fn an_upload_that_fails_takes_nothing_away() {
    let mut room = Room::new(32, 160);
    let mut story = Story::new(cce(), &mut room);
    story.upload_agents(&["1001", "1002"], Some(1));
    story.begin(&[ConfigKind::Agent], ConfigType::SOLICITED, Some(2));
    story.agents(&["1003"]);
    story.end(ConfigEndStatus::CONFIGEND_INVALID);
    assert_eq!(story.ids(), id_set(&["1001", "1002", "1003"]));
    assert!(!story.tracker.is_current(ConfigKind::Agent));
    assert_eq!(
        (story.tracker.last_status(), story.tracker.key(ConfigKind::Agent)),
        (ConfigEndStatus::CONFIGEND_INVALID, None)
    );
    // The session breaks in the middle of the next one; the one after that is whole, and empty.
    story.begin(&[ConfigKind::Agent], ConfigType::SOLICITED, None);
    story.agents(&["1001"]);
    story.hear(&OpenConf::default());
    assert_eq!(story.ids().len(), 3);
    story.begin(&[ConfigKind::Agent], ConfigType::SOLICITED, None);
    story.end(ConfigEndStatus::CONFIGEND_EMPTY);
    assert_eq!((story.ids().len(), story.tracker.is_current(ConfigKind::Agent)), (0, true));
    // An end alone says nothing of what is known.
    story.end(ConfigEndStatus::CONFIGEND_NO_SERVICE_PROVIDER);
    assert!(story.tracker.is_current(ConfigKind::Agent));
}

// ---- updates --------------------------------------------------------------------------------------

#[test]
fn updates_add_change_and_delete() {
    let mut room = Room::new(32, 200);
    let mut story = Story::new(cce(), &mut room);
    let skills = [AgentSkill { number: 7, priority: 0 }, AgentSkill { number: 8, priority: 0 }];
    let mrds = [AgentMrd { id: 1, state: AgentState::AGENT_STATE_AVAILABLE }];
    story.begin(&[ConfigKind::Agent], ConfigType::SOLICITED, Some(1));
    let first = AgentRecord {
        skills: List::new(&skills),
        mrds: List::new(&mrds),
        agent_skill_target_id: Some(71),
        ..agent("1001")
    };
    story.hear(&ConfigAgentEvent { records: List::new(&[first, agent("1002")]) });
    story.end(SUCCESS);
    let record = story.agent("1001").unwrap();
    assert_eq!((record.skills.len(), record.mrds.len(), record.first_name), (2, 1, Some("Ann".into())));
    story.changes();

    story.begin(&[ConfigKind::Agent], ConfigType::UNSOLICITED, Some(2));
    // A change names only what is different: a name, a list, and the login ID, which another one had.
    let change = AgentRecord {
        record_type: CHANGE,
        flt_peripheral_id: Some(PERIPHERAL),
        old_login_id: Some("1001".into()),
        login_id: Some("1002".into()),
        first_name: Some("Berta".into()),
        skills: List::new(&skills[..1]),
        ..Default::default()
    };
    story.hear(&ConfigAgentEvent { records: List::new(&[change]) });
    let record = story.agent("1002").unwrap();
    assert_eq!((record.first_name, record.last_name), (Some("Berta".into()), Some("Smith".into())));
    assert_eq!((record.skills.len(), record.mrds.len(), record.agent_skill_target_id), (1, 0, Some(71)));
    assert!(story.agent("1001").is_none());
    assert_eq!(story.tracker.find_by_target(ConfigKind::Agent, 71).unwrap().record::<AgentRecord<'_>>(), Some(record));
    assert!(
        matches!(story.changes()[..], [Change::Ended(..), Change::Changed(_, what)] if what == ConfigChanges::RECORD)
    );
    // The same again, through a second monitor or by mistake.
    let again = AgentRecord { old_login_id: None, ..change };
    story.hear(&ConfigAgentEvent { records: List::new(&[again]) });
    assert_eq!(story.observe(&ConfigAgentEvent { records: List::new(&[again]) }), Observed::Unchanged);
    // Deleting, twice.
    let gone = AgentRecord { record_type: DELETE, ..agent("1002") };
    story.hear(&ConfigAgentEvent { records: List::new(&[gone]) });
    assert_eq!(story.observe(&ConfigAgentEvent { records: List::new(&[gone]) }), Observed::Unchanged);
    story.hear(&ConfigAgentEvent { records: List::new(&[agent("1003")]) });
    story.end(SUCCESS);
    assert_eq!((story.ids(), story.tracker.key(ConfigKind::Agent)), (id_set(&["1003"]), Some(ConfigKey([2; 8]))));
    assert!(story.tracker.is_current(ConfigKind::Agent), "updates keep it so");
}

#[test]
fn a_skill_group_gets_another_number() {
    let mut room = Room::new(32, 160);
    let mut story = Story::new(cce(), &mut room);
    let record = SkillGroupRecord {
        record_type: ADD,
        flt_peripheral_id: Some(PERIPHERAL),
        peripheral_number: Some(7),
        peripheral_name: Some("Sales".into()),
        ..Default::default()
    };
    story.hear(&ConfigSkillGroupEvent { records: List::new(&[record]) });
    let handle = story.tracker.find(ConfigKind::SkillGroup, PERIPHERAL, 7).unwrap().handle();
    let renumbered = SkillGroupRecord {
        record_type: CHANGE,
        flt_peripheral_id: Some(PERIPHERAL),
        peripheral_number: Some(9),
        old_peripheral_number: Some(7),
        ..Default::default()
    };
    story.hear(&ConfigSkillGroupEvent { records: List::new(&[renumbered]) });
    let item = story.tracker.find(ConfigKind::SkillGroup, PERIPHERAL, 9).unwrap();
    assert_eq!(
        (item.handle(), item.record::<SkillGroupRecord<'_>>().unwrap().peripheral_name),
        (handle, Some("Sales".into()))
    );
    assert!(story.tracker.find(ConfigKind::SkillGroup, PERIPHERAL, 7).is_none());
}

#[test]
fn every_kind_is_kept() {
    let mut room = Room::new(32, 200);
    let mut story = Story::new(cce(), &mut room);
    let device = DeviceRecord {
        record_type: ADD,
        flt_peripheral_id: Some(PERIPHERAL),
        device_type: Some(ConfigDeviceType::AGENT_DEVICE_EXTENSION),
        extension: Some("5001".into()),
        ..Default::default()
    };
    story.hear(&ConfigDeviceEvent {
        records: List::new(&[device, DeviceRecord { extension: Some("5002".into()), ..device }]),
    });
    let call_type = CallTypeRecord {
        record_type: ADD,
        flt_call_type_id: Some(5),
        enterprise_name: Some("Billing".into()),
        ..Default::default()
    };
    story.hear(&ConfigCallTypeEvent { records: List::new(&[call_type]) });
    let service = ServiceRecord {
        record_type: ADD,
        flt_peripheral_id: Some(PERIPHERAL),
        peripheral_number: Some(900),
        service_level_threshold: Some(20),
        ..Default::default()
    };
    story.hear(&ConfigServiceEvent { records: List::new(&[service]) });
    let terminal = TerminalRecord {
        record_type: ADD,
        terminal_type: Some(1),
        terminal_device_name: Some("SEP001122334455".into()),
        ..Default::default()
    };
    story.hear(&ConfigTerminalEvent { records: List::new(&[terminal]) });
    // The type of the record comes last here.
    let services = [AgentService::TRANSCRIPT];
    let of = |id| AgentServiceRecord {
        record_type: ADD,
        agent_skill_target_id: Some(id),
        enabled_services: List::new(&services),
    };
    story.hear(&ConfigAgentServiceEvent { records: List::new(&[of(71), of(72)]) });
    assert_eq!(story.tracker.len(ConfigKind::Device), 2);
    assert_eq!(story.tracker.records::<CallTypeRecord<'_>>().next().unwrap().enterprise_name, Some("Billing".into()));
    assert_eq!(story.tracker.find(ConfigKind::Service, PERIPHERAL, 900).unwrap().record(), Some(service));
    assert_eq!(
        story.tracker.find_by_text(ConfigKind::Terminal, PERIPHERAL, "SEP001122334455").unwrap().record(),
        Some(terminal)
    );
    let item = story.tracker.find(ConfigKind::AgentService, PERIPHERAL, 72).unwrap();
    assert_eq!(item.record::<AgentServiceRecord<'_>>().unwrap().enabled_services, List::new(&services));
}

/// The records of this type.
fn records_like<'t, R: ConfigRecord<'t>>(tracker: &'t ConfigTracker<'_>, _: R) -> Vec<R> {
    tracker.records().collect()
}

/// Whatever record a server may send comes back as it was decoded.
#[test]
fn records_come_back_as_they_were() {
    macro_rules! check {
        ($($event:ident)*) => {$(
            for protocol in [cce(), Protocol::cce(18).unwrap(), Protocol::ccx(15).unwrap()] {
                if !$event::INFO.versions.include(protocol) {
                    continue;
                }
                runner(60).run(&Generator::new(protocol).elements(1).typed::<$event>(), |owned| {
                    let event: $event = owned.frame().decode()?;
                    let mut records = event.records.iter();
                    let (Some(record), None) = (records.next(), records.next()) else { return Ok(()) };
                    let mut room = Room::new(4, 4_096);
                    let mut tracker = ConfigTracker::new(ConfigScope::new(), room.parts());
                    tracker.observe(Instant::ZERO, &owned.frame())?;
                    let is_kept = record.record_type != DELETE && tracker.counters().keyless == 0;
                    let expected: Vec<_> = is_kept.then_some(record).into_iter().collect();
                    prop_assert_eq!(records_like(&tracker, record), expected);
                    Ok(())
                }).unwrap();
            }
        )*};
    }
    check!(
        ConfigServiceEvent ConfigSkillGroupEvent ConfigAgentEvent ConfigAgentServiceEvent ConfigDeviceEvent
        ConfigCallTypeEvent ConfigMrdEvent ConfigPeripheralEvent ConfigAgentDeskSettingsEvent ConfigTerminalEvent
    );
}

// ---- keys -----------------------------------------------------------------------------------------

#[test]
fn keys_tell_that_nothing_has_changed() {
    let mut room = Room::new(32, 160);
    let mut story = Story::new(cce(), &mut room);
    let all = story.tracker.request(cce());
    assert_eq!(all.config_information.0, 0x3ff, "everything");
    assert_eq!(story.tracker.request(Protocol::cce(13).unwrap()).config_information.0, 0x1f);
    story.upload_agents(&["1001"], Some(1));
    assert!(!story.tracker.request(cce()).config_information.contains(ConfigKind::Agent.mask()));
    // The session is lost. The server still has the same key for agents: there is nothing to ask for.
    story.hear(&OpenConf::default());
    assert!(!story.tracker.is_current(ConfigKind::Agent) && story.tracker.is_complete(ConfigKind::Agent));
    let keys = |agents: u8| ConfigKeyEvent {
        agent_config_key: Some(ConfigKey([agents; 8])),
        skill_group_config_key: Some(ConfigKey([1; 8])),
        ..Default::default()
    };
    assert_eq!(story.observe(&keys(1)), Observed::Changed);
    assert!(story.tracker.is_current(ConfigKind::Agent) && !story.tracker.is_current(ConfigKind::SkillGroup));
    let request = story.tracker.request(cce());
    assert!(
        !request.config_information.contains(ConfigKind::Agent.mask())
            && request.config_msg_mask.contains(ConfigKind::Agent.mask())
    );
    // Another key, a key of zeros, or none: fetch.
    for event in
        [keys(2), keys(0), ConfigKeyEvent { config_key_status: ConfigKeyStatus::CONFIG_NO_KEY_SUPPORT, ..keys(1) }]
    {
        story.tracker.session_lost();
        story.hear(&event);
        assert!(!story.tracker.is_current(ConfigKind::Agent), "{event:?}");
    }
}

#[test]
fn unified_ccx() {
    let protocol = Protocol::ccx(15).unwrap();
    let mut room = Room::new(32, 200);
    let mut story = Story::new(protocol, &mut room);
    let request = story.tracker.request(protocol);
    let all = CcxConfigMask::APPLICATION
        | CcxConfigMask::CSQ
        | CcxConfigMask::AGENT
        | CcxConfigMask::DEVICE
        | CcxConfigMask::TERMINAL;
    assert_eq!((CcxConfigMask::from(request.config_information), request.customer_id), (all, Some(0)));
    // Agents and applications have other bits than on Unified CCE; the peripheral is a reserved field.
    story.begin(&[ConfigKind::Agent], ConfigType::SOLICITED, Some(1));
    let record = AgentRecord {
        record_type: ADD,
        flt_peripheral_id: Some(9),
        login_id: Some("a.long.login.id.of.someone".into()),
        ..Default::default()
    };
    story.hear(&ConfigAgentEvent { records: List::new(&[record]) });
    story.end(SUCCESS);
    assert!(story.tracker.is_current(ConfigKind::Agent) && !story.tracker.is_complete(ConfigKind::Service));
    assert!(story.tracker.find_by_text(ConfigKind::Agent, 1, "a.long.login.id.of.someone").is_some());
    let request = CcxConfigMask::from(story.tracker.request(protocol).config_information);
    assert!(!request.contains(CcxConfigMask::AGENT) && request.contains(CcxConfigMask::APPLICATION));
    // The server wants everything to be fetched anew.
    story.hear(&FailureEvent { status: FailureStatus::E_CTI_AUTO_CONFIG_RESET, ..Default::default() });
    assert!(!story.tracker.is_current(ConfigKind::Agent));
}

// ---- little room, bad messages --------------------------------------------------------------------

#[test]
fn little_room_keeps_the_key_and_what_fits() {
    let mut room = Room::new(2, 48);
    let mut story = Story::new(cce(), &mut room);
    let long =
        AgentRecord { description: Some("a description that does not fit into so few bytes".into()), ..agent("1001") };
    story.hear(&ConfigAgentEvent { records: List::new(&[long]) });
    let item = story.tracker.find_by_text(ConfigKind::Agent, PERIPHERAL, "1001").unwrap();
    assert!(item.is_cut());
    assert_eq!(item.record::<AgentRecord<'_>>().unwrap().description, None);
    assert_eq!(story.tracker.counters().cut, 1);
    // A change that does fit, and one that needs all the room.
    let change = AgentRecord {
        record_type: CHANGE,
        flt_peripheral_id: Some(PERIPHERAL),
        login_id: Some("1001".into()),
        first_name: Some("Al".into()),
        ..Default::default()
    };
    story.hear(&ConfigAgentEvent { records: List::new(&[change]) });
    assert_eq!(story.agent("1001").unwrap().first_name, Some("Al".into()));
    story.hear(&ConfigAgentEvent { records: List::new(&[AgentRecord { extension: Some("5001".into()), ..change }]) });
    assert!(story.agent("1001").is_some());
    // Keys that do not fit, none at all, and a third item.
    let id = "1".repeat(50);
    story.hear(&ConfigAgentEvent { records: List::new(&[agent(&id)]) });
    story.hear(&ConfigAgentEvent { records: List::new(&[AgentRecord { login_id: None, ..agent("") }]) });
    assert_eq!((story.tracker.counters().keyless, story.ids()), (2, id_set(&["1001"])));
    story.agents(&["1002", "1003"]);
    assert_eq!((story.ids(), story.tracker.counters().items.refused), (id_set(&["1001", "1002"]), 1));
    // What the next upload does not name makes room for what it does.
    story.upload_agents(&["1004", "1005"], None);
    story.upload_agents(&["1004", "1005"], None);
    assert_eq!(story.ids(), id_set(&["1004", "1005"]));
    let mut room = Room::new(0, 0);
    let mut story = Story::new(cce(), &mut room);
    story.upload_agents(&["1001"], None);
    assert!(story.tracker.is_empty());
}

#[test]
fn kinds_that_are_not_tracked_are_left_aside() {
    let mut room = Room::new(8, 160);
    let mut scope = ConfigScope::new();
    scope.kinds = ConfigKind::SkillGroup.mask();
    let mut story = Story { tracker: ConfigTracker::new(scope, room.parts()), protocol: cce() };
    story.upload_agents(&["1001"], Some(1));
    assert!(story.tracker.is_empty());
    assert_eq!(story.tracker.request(cce()).config_information, ConfigKind::SkillGroup.mask());
}

#[test]
fn what_cannot_be_read_is_refused() {
    let mut room = Room::new(8, 160);
    let mut tracker = ConfigTracker::new(ConfigScope::new(), room.parts());
    for body in [&[0_u8][..], &[0, 1, 0, 183, 0, 2, 0], &[0, 1, 9]] {
        let frame = cti_proto::Frame::new(cce(), MessageType::CONFIG_AGENT_EVENT, body);
        assert!(tracker.observe(Instant::ZERO, &frame).is_err(), "{body:?}");
    }
    let frame = cti_proto::Frame::new(cce(), MessageType::CONFIG_AGENT_EVENT, &[0, 0]);
    assert_eq!(tracker.observe(Instant::ZERO, &frame), Ok(Observed::Unchanged));
    let frame = cti_proto::Frame::new(cce(), MessageType::HEARTBEAT_CONF, &[0, 0, 0, 1]);
    assert_eq!(tracker.observe(Instant::ZERO, &frame), Ok(Observed::Irrelevant));
}

#[test]
fn what_the_memory_is() {
    println!("an item takes {} bytes beside its record", size_of::<ConfigSlot>());
    println!("80 items of 64 bytes: {} bytes", size_of::<ConfigStorage<80, 64>>());
    assert!(size_of::<ConfigSlot>() <= 80);
}

// ---- the model ------------------------------------------------------------------------------------

/// A step, and whether what has changed is drawn after it.
type Step = (UploadStep, bool);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    Upload::new().steps(0..60).prop_flat_map(|steps| {
        let draws = prop::collection::vec(prop::bool::weighted(0.15), steps.len());
        draws.prop_map(move |draws| steps.iter().cloned().zip(draws).collect())
    })
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Kept {
    name: Option<String>,
    extension: Option<String>,
    skills: Vec<u32>,
}

#[derive(Default)]
struct Model {
    agents: BTreeMap<String, Kept>,
    /// Those whom the upload that goes on has named.
    upload: Option<BTreeSet<String>>,
    is_current: bool,
}

impl Model {
    fn step(&mut self, step: &UploadStep) {
        match step {
            UploadStep::Begin(ConfigType::SOLICITED) => {
                self.upload.get_or_insert_default();
                self.is_current = false;
            }
            UploadStep::Agents(agents) => agents.iter().for_each(|agent| self.agent(agent)),
            UploadStep::End(PARTIAL) | UploadStep::Begin(_) => {}
            UploadStep::End(status) => {
                let is_whole = [SUCCESS, ConfigEndStatus::CONFIGEND_EMPTY].contains(status);
                if let Some(named) = self.upload.take() {
                    self.is_current = is_whole;
                    if is_whole {
                        self.agents.retain(|id, _| named.contains(id));
                    }
                }
            }
            UploadStep::Reopened => (self.upload, self.is_current) = (None, false),
        }
    }

    fn agent(&mut self, told: &UploadedAgent) {
        let id = &told.login_id;
        if Some(told.record_type) == DELETE {
            self.agents.remove(id);
            self.upload.iter_mut().for_each(|named| _ = named.remove(id));
            return;
        }
        let before = match &told.old_login_id {
            Some(old) if self.agents.contains_key(old) => {
                self.upload.iter_mut().for_each(|named| _ = named.remove(old));
                self.agents.remove(old)
            }
            _ => self.agents.get(id).cloned(),
        };
        let before = before.filter(|_| Some(told.record_type) == CHANGE).unwrap_or_default();
        let merged = Kept {
            name: told.first_name.clone().or(before.name),
            extension: told.extension.clone().or(before.extension),
            skills: if told.skills.is_empty() { before.skills } else { told.skills.clone() },
        };
        self.agents.insert(id.clone(), merged);
        self.upload.iter_mut().for_each(|named| _ = named.insert(id.clone()));
    }
}

fn tell(story: &mut Story<'_>, step: &UploadStep) {
    step.frame(story.protocol).iter().for_each(|frame| story.hear_frame(frame));
}

fn held(story: &Story<'_>) -> BTreeMap<String, Kept> {
    let text = |text: Option<Text<'_>>| text.map(|text| text.to_string());
    let kept = |record: AgentRecord<'_>| Kept {
        name: text(record.first_name),
        extension: text(record.extension),
        skills: record.skills.iter().map(|skill| skill.number).collect(),
    };
    story.tracker.records::<AgentRecord<'_>>().map(|record| (text(record.login_id).unwrap(), kept(record))).collect()
}

fn runner(cases: u32) -> TestRunner {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(4);
    }
    TestRunner::new(config)
}

#[test]
fn the_configuration_is_what_the_model_says() {
    runner(400)
        .run(&steps(), |steps| {
            let mut room = Room::new(24, 200);
            let mut story = Story::new(cce(), &mut room);
            let mut model = Model::default();
            let mut drawn = Drawn::new();
            for (step, draws) in &steps {
                tell(&mut story, step);
                model.step(step);
                prop_assert_eq!(&held(&story), &model.agents, "after {:?}", step);
                prop_assert_eq!(story.tracker.is_current(ConfigKind::Agent), model.is_current, "after {:?}", step);
                if *draws {
                    while !story.tracker.sweep() {}
                    draw(&mut story, &mut drawn);
                    let ids: BTreeSet<_> = drawn.values().cloned().collect();
                    prop_assert_eq!(ids, model.agents.keys().cloned().collect::<BTreeSet<_>>());
                    prop_assert_eq!(drawn.len(), model.agents.len());
                }
            }
            Ok(())
        })
        .unwrap();
}

/// Login IDs by their items.
type Drawn = BTreeMap<Handle<ConfigEntry>, String>;

/// Draws anew what has changed, or all, if the table was too full to say what.
fn draw(story: &mut Story<'_>, drawn: &mut Drawn) {
    let login_id = |item: ConfigItem<'_>| item.record::<AgentRecord<'_>>().unwrap().login_id.unwrap().to_string();
    for change in story.changes() {
        match change {
            Change::Changed(item, _) => drop(drawn.insert(item, login_id(story.tracker.get(item).unwrap()))),
            Change::Ended(item, _) => drop(drawn.remove(&item)),
            Change::Lost => {
                let all = story.tracker.iter(ConfigKind::Agent);
                *drawn = all.map(|item| (item.handle(), login_id(item))).collect();
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn small_tables_keep_their_promises() {
    let cases = (steps(), 0..6_usize, 0..60_usize);
    runner(200)
        .run(&cases, |(steps, items, record)| {
            let mut room = Room::new(items, record);
            let mut story = Story::new(cce(), &mut room);
            // Each message ends with a check.
            steps.iter().for_each(|(step, _)| tell(&mut story, step));
            tell(&mut story, &UploadStep::Reopened);
            story.upload_agents(&[], None);
            prop_assert!(story.tracker.is_empty());
            while !story.tracker.sweep() {}
            prop_assert_eq!(story.tracker.counters().items.live, 0);
            Ok(())
        })
        .unwrap();
}

/// Whatever protocol has a configuration has it kept.
#[test]
fn every_protocol_has_agents_configured() {
    for protocol in all_protocols().filter(|protocol| ConfigAgentEvent::INFO.versions.include(*protocol)) {
        let mut most = 0;
        for steps in cti_tests::values(&mut runner(10), &Upload::new().steps(40), 10) {
            let mut room = Room::new(24, 200);
            let mut story = Story::new(protocol, &mut room);
            for step in &steps {
                tell(&mut story, step);
                most = most.max(story.tracker.len(ConfigKind::Agent));
            }
        }
        assert!(most > 4, "{protocol}: {most}");
    }
}
