//! Agents as they work: stories, each told to a tracker message by message.

use cti_proto::message::{
    AgentMrd, AgentPreCallAbortEvent, AgentPreCallEvent, AgentRecord, AgentSkillGroup, AgentStateEvent, AgentTeam,
    ConfigAgentEvent, ConfigSkillGroupEvent, ListAgentTeamConf, OpenConf, QueryAgentStateConf, RtpStartedEvent,
    RtpStoppedEvent, SkillGroupRecord, SystemEvent, TeamConfigConf, TeamConfigEvent, TeamMember,
};
use cti_proto::session::Instant;
use cti_proto::track::{
    Agent, AgentCall, AgentChanges, AgentConfig, AgentSlot, AgentStorage, AgentTracker, GroupChanges, GroupKey,
    GroupSlot, MemberSlot, listed_skill_groups,
};
use cti_proto::track::{Change, Observed};
use cti_proto::value::{
    AgentFlags, AgentState, ConfigOperation, MoreFlag, NULL_SKILL_GROUP, RecordType, SystemEventId,
};
use cti_proto::{Body, Frame, List, Protocol};
use cti_tests::agent::{PERIPHERAL, Room, Story, agent_at, agent_state, frame_of, in_group, team, team_agent};
use cti_tests::track::with_frame;

const LOGIN: AgentState = AgentState::AGENT_STATE_LOGIN;
const LOGOUT: AgentState = AgentState::AGENT_STATE_LOGOUT;
const NOT_READY: AgentState = AgentState::AGENT_STATE_NOT_READY;
const AVAILABLE: AgentState = AgentState::AGENT_STATE_AVAILABLE;
const TALKING: AgentState = AgentState::AGENT_STATE_TALKING;
const WORK_READY: AgentState = AgentState::AGENT_STATE_WORK_READY;
const BUSY_OTHER: AgentState = AgentState::AGENT_STATE_BUSY_OTHER;
const RESERVED: AgentState = AgentState::AGENT_STATE_RESERVED;
const UNKNOWN: AgentState = AgentState::AGENT_STATE_UNKNOWN;
const ACTIVE: AgentState = AgentState::AGENT_STATE_ACTIVE;

fn cce() -> Protocol {
    Protocol::cce(24).unwrap()
}

fn ccx() -> Protocol {
    Protocol::ccx(15).unwrap()
}

fn room() -> Room {
    Room::new(16, 8, 40)
}

// ---- what a message lists -------------------------------------------------------------------------

fn listed<'m, M: Body<'m>>(protocol: Protocol, message: &M) -> Option<(String, Vec<u32>)> {
    with_frame(protocol, message, |frame| {
        listed_skill_groups(frame).map(|(agent, groups)| (agent.to_str().unwrap().to_owned(), groups.collect()))
    })
}

#[test]
fn skill_groups_are_listed_by_the_messages_that_list_them() {
    let groups = [in_group(7, AVAILABLE), in_group(NULL_SKILL_GROUP, AVAILABLE), in_group(9, TALKING)];
    let event = agent_at("1001", "5001", AVAILABLE, &groups);
    for protocol in [Protocol::cce(13).unwrap(), cce()] {
        assert_eq!(listed(protocol, &event), Some(("1001".to_owned(), vec![7, NULL_SKILL_GROUP, 9])));
        assert_eq!(listed(protocol, &agent_at("1001", "5001", AVAILABLE, &[])), None);
    }
    let groups = [AgentSkillGroup { number: 8, ..AgentSkillGroup::default() }];
    let (agent_id, skill_groups) = (Some("1002".into()), List::new(&groups));
    let conf = QueryAgentStateConf { agent_id, skill_groups, ..QueryAgentStateConf::default() };
    assert_eq!(listed(cce(), &conf), Some(("1002".to_owned(), vec![8])));
    assert_eq!(listed(cce(), &SystemEvent::default()), None, "another message");
    let nobody = AgentStateEvent { agent_id: None, ..event };
    assert_eq!(listed(cce(), &nobody), None, "whose they are is not said");
}

// ---- one agent ------------------------------------------------------------------------------------

#[test]
fn what_stands_behind_the_nul_of_a_text_says_nothing() {
    let (mut room, protocol) = (room(), cce());
    let mut story = Story::new(protocol, &mut room);
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[]));
    story.hear(&agent_at("1002", "5002", AVAILABLE, &[]));
    // Writing refuses such texts: a peer does not.
    let mut with_nuls = |message: AgentStateEvent<'_>| {
        with_frame(protocol, &message, |frame| {
            let body = frame.body().iter().map(|byte| if *byte == b';' { 0 } else { *byte }).collect::<Vec<_>>();
            story.tracker.observe(story.now, &Frame::new(protocol, frame.message_type(), &body)).unwrap()
        })
    };
    assert_eq!(with_nuls(agent_at("1001;ab", "5001;2", AVAILABLE, &[])), Observed::Unchanged);
    assert_eq!(with_nuls(agent_at("1001;", ";5009", AVAILABLE, &[])), Observed::Unchanged);
    let nameless =
        AgentStateEvent { agent_instrument: Some("5002".into()), ..agent_at(";1009", "5001;", TALKING, &[]) };
    assert_eq!(with_nuls(nameless), Observed::Changed);
    assert_eq!(with_nuls(agent_at("1003;1002", "5003;02", AVAILABLE, &[])), Observed::Changed);
    assert_eq!((story.state("1001"), story.tracker.iter().count()), (Some(TALKING), 3));
    assert_eq!((story.agent("1003").extension.text(), story.state("1002")), ("5003".into(), Some(AVAILABLE)));
}

#[test]
fn an_agent_who_is_new_after_a_loss_was_never_stale() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    story.tracker.session_lost();
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[]));
    let new = AgentChanges::NEW | AgentChanges::STATE | AgentChanges::IDENTITY;
    assert!(matches!(story.agent_changes()[..], [Change::Changed(_, what)]
        if what.contains(new) && !what.contains(AgentChanges::STALE)));
}

#[test]
fn a_day_of_an_agent() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    let login = AgentStateEvent { event_reason_code: 7, ..agent_at("1001", "5001", NOT_READY, &[]) };
    assert_eq!(story.observe(&login), Observed::Changed);
    let agent = story.handle("1001").unwrap();
    assert!(matches!(story.agent_changes()[..], [Change::Changed(changed, what)]
        if changed == agent && what.contains(AgentChanges::STATE | AgentChanges::IDENTITY | AgentChanges::DEVICE)));
    story.wait(600);
    assert_eq!((story.seconds("1001"), story.agent("1001").event_reason_code), (600, 7));

    story.hear(&agent_at("1001", "5001", AVAILABLE, &[]));
    assert!(matches!(story.agent_changes()[..], [Change::Changed(_, what)] if what == AgentChanges::STATE));
    story.wait(20);
    for state in [RESERVED, TALKING, WORK_READY, AVAILABLE] {
        story.hear(&agent_at("1001", "5001", state, &[]));
        assert_eq!((story.state("1001"), story.seconds("1001")), (Some(state), 0));
        assert_eq!((story.tracker.counts().all(), story.tracker.counts().of(state)), (1, 1));
        story.wait(30);
    }
    story.hear(&AgentStateEvent { event_reason_code: 3, ..agent_at("1001", "5001", LOGOUT, &[]) });
    assert_eq!((story.state("1001"), story.tracker.iter().count()), (None, 0));
    let changes = story.agent_changes();
    assert!(matches!(changes[..], [Change::Ended(ended, _)] if ended == agent), "{changes:?}");
    assert!(story.tracker.get(agent).is_none(), "the end was told");
    assert_eq!(story.tracker.counts().all(), 0);
}

#[test]
fn who_has_left_can_be_read_until_the_next_change_is_taken() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[]));
    while story.tracker.poll_change().is_some() {}
    story.hear(&AgentStateEvent { event_reason_code: 3, ..agent_state("1001", LOGOUT) });
    let Some(Change::Ended(agent, what)) = story.tracker.poll_change() else { panic!("an end") };
    assert!(what.contains(AgentChanges::STATE));
    let left = story.tracker.get(agent).unwrap();
    assert_eq!((left.state, left.event_reason_code, left.extension.text()), (LOGOUT, 3, "5001".into()));
}

#[test]
fn the_time_in_a_state_is_the_servers() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    // Already half an hour in the state, which is longer than the clock here has been running.
    story.hear(&AgentStateEvent { state_duration: 1_800, ..agent_state("1001", NOT_READY) });
    assert_eq!(story.seconds("1001"), 1_800);
    story.wait(60);
    // The same once more: with no duration, with about the right one, and with one that corrects.
    assert_eq!(story.observe(&agent_state("1001", NOT_READY)), Observed::Unchanged);
    assert_eq!(
        story.observe(&AgentStateEvent { state_duration: 1_861, ..agent_state("1001", NOT_READY) }),
        Observed::Unchanged
    );
    assert_eq!(story.seconds("1001"), 1_860);
    assert_eq!(
        story.observe(&AgentStateEvent { state_duration: 30, ..agent_state("1001", NOT_READY) }),
        Observed::Changed
    );
    assert_eq!(story.seconds("1001"), 30);
    // Another reason begins anew.
    story.hear(&AgentStateEvent { event_reason_code: 9, ..agent_state("1001", NOT_READY) });
    assert_eq!((story.seconds("1001"), story.agent("1001").event_reason_code), (0, 9));
}

#[test]
fn a_clock_that_goes_back_harms_nothing() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    story.hear(&agent_state("1001", NOT_READY));
    story.now = Instant::ZERO;
    assert_eq!(story.seconds("1001"), 0);
    story.hear(&agent_state("1001", AVAILABLE));
    story.wait(5);
    assert_eq!(story.seconds("1001"), 5);
}

#[test]
fn tasks_mode_direction_and_terminal() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    let event = AgentStateEvent {
        num_tasks: 2,
        max_task_limit: 5,
        max_beyond_task_limit: Some(1),
        agent_mode: cti_proto::value::AgentMode::ROUTABLE,
        icm_agent_id: 12_345,
        direction: Some(cti_proto::value::CallDirection::OUT),
        next_agent_state: Some(NOT_READY),
        active_terminal: Some("SEP001122334455".into()),
        agent_instrument: Some("5001".into()),
        ..agent_at("1001", "5001", TALKING, &[])
    };
    story.hear(&event);
    let agent = story.agent("1001");
    assert_eq!((agent.tasks.num_tasks, agent.tasks.max_task_limit, agent.tasks.max_beyond_task_limit), (2, 5, 1));
    assert_eq!((agent.icm_agent_id, agent.next_state), (12_345, NOT_READY));
    assert_eq!(agent.direction, cti_proto::value::CallDirection::OUT);
    assert_eq!(agent.active_terminal.text(), "SEP001122334455");
    story.agent_changes();
    story.hear(&AgentStateEvent { num_tasks: 3, ..event });
    assert!(matches!(story.agent_changes()[..], [Change::Changed(_, what)] if what == AgentChanges::TASKS));
}

// ---- duplicates and disorder ----------------------------------------------------------------------

#[test]
fn a_duplicate_through_another_monitor_changes_nothing() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    let groups = [in_group(1, AVAILABLE), in_group(2, AVAILABLE)];
    let event = agent_at("1001", "5001", AVAILABLE, &groups);
    story.hear(&event);
    story.agent_changes();
    story.wait(1);
    for monitor_id in 1..4 {
        assert_eq!(story.observe(&AgentStateEvent { monitor_id, ..event }), Observed::Unchanged);
    }
    assert_eq!(story.seconds("1001"), 1);
    assert_eq!(story.agent_changes(), []);
    assert_eq!(story.observe(&agent_state("1002", LOGOUT)), Observed::Unchanged, "nobody known has left");
}

#[test]
fn an_agent_without_login_id_is_known_by_the_device() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    story.hear(&AgentStateEvent { agent_id: None, ..agent_at("", "5001", NOT_READY, &[]) });
    assert_eq!(story.tracker.iter().count(), 1);
    // Then the ID is said, then it is left out again: always the same agent.
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[]));
    story.hear(&AgentStateEvent { agent_id: None, ..agent_at("", "5001", TALKING, &[]) });
    assert_eq!((story.tracker.iter().count(), story.state("1001")), (1, Some(TALKING)));
    // An event that names nobody is counted.
    story.hear(&AgentStateEvent { agent_id: None, ..agent_state("", AVAILABLE) });
    assert_eq!((story.tracker.iter().count(), story.tracker.counters().unidentified), (1, 1));
}

#[test]
fn equal_login_ids_at_two_peripherals_are_two_agents() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    story.hear(&AgentStateEvent { icm_agent_id: 71, ..agent_state("1001", AVAILABLE) });
    story.hear(&AgentStateEvent { peripheral_id: 5001, icm_agent_id: 72, ..agent_state("1001", NOT_READY) });
    assert_eq!(story.tracker.iter().count(), 2);
    // A confirmation has no peripheral: the skill target ID decides, and without it nobody is meant.
    let conf =
        QueryAgentStateConf { agent_state: TALKING, agent_id: Some("1001".into()), mrdid: 1, ..Default::default() };
    story.hear(&conf);
    assert_eq!(story.tracker.counters().unidentified, 1);
    story.hear(&QueryAgentStateConf { icm_agent_id: 72, ..conf });
    let other = story.tracker.find(5001, "1001").unwrap();
    assert_eq!((story.state("1001"), story.tracker.get(other).unwrap().state), (Some(AVAILABLE), TALKING));
}

// ---- skill groups ---------------------------------------------------------------------------------

#[test]
fn several_skill_groups() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    let [sales, service] = [1, 2].map(|number| story.skill_group(number));
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[in_group(1, AVAILABLE), in_group(2, AVAILABLE)]));
    story.hear(&agent_at("1002", "5002", AVAILABLE, &[in_group(2, AVAILABLE)]));
    assert_eq!(
        (story.members(sales), story.members(service)),
        (vec!["1001".into()], vec!["1001".into(), "1002".into()])
    );
    story.group_changes();
    // A call for one group makes the agent busy for the other one.
    story.wait(10);
    story.hear(&agent_at("1001", "5001", TALKING, &[in_group(1, TALKING), in_group(2, BUSY_OTHER)]));
    assert_eq!((story.counts(sales).on_call(), story.counts(service).of(BUSY_OTHER)), (1, 1));
    assert_eq!((story.counts(service).available(), story.counts(service).logged_in()), (1, 2));
    let changes = story.group_changes();
    assert_eq!(changes.len(), 2);
    assert!(changes.iter().all(|change| matches!(change, Change::Changed(_, what) if *what == GroupChanges::COUNTS)));
    let agent = story.handle("1001").unwrap();
    let states: Vec<_> = story
        .tracker
        .memberships(agent)
        .map(|member| (member.state, member.state_duration(story.now).as_secs()))
        .collect();
    assert_eq!(states, [(TALKING, 0), (BUSY_OTHER, 0)]);
    // Out of one group, then out of all.
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[in_group(2, LOGOUT)]));
    assert_eq!((story.members(sales).len(), story.members(service)), (1, vec!["1002".into()]));
    story.hear(&agent_state("1001", LOGOUT));
    assert_eq!(story.tracker.find_group(sales), None, "nobody is in it");
    story.hear(&agent_state("1002", LOGOUT));
    assert_eq!((story.tracker.groups().count(), story.tracker.counters().members.live), (0, 0));
}

#[test]
fn a_skill_group_named_twice_in_a_message() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    let [sales, service] = [1, 2].map(|number| story.skill_group(number));
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[in_group(1, AVAILABLE), in_group(2, AVAILABLE)]));
    story.hear(&agent_at("1002", "5002", AVAILABLE, &[in_group(1, AVAILABLE), in_group(2, AVAILABLE)]));
    // Out of a group and in again, which is the last thing said: what was left is not taken for what is.
    story.hear(&agent_at("1001", "5001", TALKING, &[in_group(1, TALKING), in_group(2, LOGOUT), in_group(2, TALKING)]));
    story.hear(&agent_at("1001", "5001", TALKING, &[in_group(1, LOGOUT), in_group(1, TALKING)]));
    for group in [sales, service] {
        assert_eq!(story.members(group), ["1002", "1001"].map(String::from));
        assert_eq!((story.counts(group).on_call(), story.counts(group).available()), (1, 1));
    }
    assert_eq!(story.tracker.counters().members.live, 4);
}

#[test]
fn an_event_about_the_agent_as_a_whole_is_about_all_groups() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[in_group(1, AVAILABLE), in_group(2, AVAILABLE)]));
    story.hear(&agent_state("1001", NOT_READY));
    for number in [1, 2] {
        assert_eq!(story.counts(story.skill_group(number)).not_ready(), 1);
    }
    // One group in the fixed part.
    let event = AgentStateEvent { skill_group_number: 2, skill_group_priority: 3, ..agent_state("1001", AVAILABLE) };
    story.hear(&event);
    assert_eq!(story.counts(story.skill_group(1)).not_ready(), 1);
    assert_eq!(story.counts(story.skill_group(2)).available(), 1);
    let agent = story.handle("1001").unwrap();
    assert!(story.tracker.memberships(agent).any(|member| member.priority == 3));
}

#[test]
fn a_confirmation_with_a_short_list_is_complete() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[in_group(1, AVAILABLE), in_group(2, AVAILABLE)]));
    let groups = [2, 3].map(|number| AgentSkillGroup { number, id: NULL_SKILL_GROUP, priority: 0, state: NOT_READY });
    let conf = QueryAgentStateConf {
        agent_state: NOT_READY,
        agent_id: Some("1001".into()),
        mrdid: 1,
        skill_groups: List::new(&groups),
        ..Default::default()
    };
    story.hear(&conf);
    let agent = story.handle("1001").unwrap();
    let in_groups: Vec<_> = story
        .tracker
        .memberships(agent)
        .filter_map(|member| story.tracker.group(member.group))
        .map(|group| group.key)
        .collect();
    assert_eq!(in_groups, [2, 3].map(|number| story.skill_group(number)));
    let many: Vec<_> = (10..30).map(|number| AgentSkillGroup { number, ..groups[0] }).collect();
    let mut room = Room::new(4, 40, 60);
    let mut story = Story::new(cce(), &mut room);
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[in_group(1, AVAILABLE)]));
    story.hear(&QueryAgentStateConf { skill_groups: List::new(&many), ..conf });
    assert_eq!(story.tracker.groups().count(), 21, "a full list may go on");
}

#[test]
fn a_skill_group_by_number_by_id_and_by_both_is_one() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    story.hear(&AgentStateEvent { skill_group_id: 700, ..agent_state("1001", AVAILABLE) });
    assert_eq!(story.members(GroupKey::SkillGroupId(700)), ["1001"]);
    story.hear(&AgentStateEvent { skill_group_number: 7, skill_group_id: 700, ..agent_state("1002", AVAILABLE) });
    let by_number = story.skill_group(7);
    assert_eq!((story.members(by_number), story.tracker.groups().count()), (vec!["1001".into(), "1002".into()], 1));
    assert_eq!(story.tracker.find_group(GroupKey::SkillGroupId(700)), story.tracker.find_group(by_number));
    // Its configuration has a name for it, and later another number.
    let mut record = SkillGroupRecord {
        record_type: Some(RecordType::CONFIG_RECORD_CHANGE),
        flt_peripheral_id: Some(PERIPHERAL),
        peripheral_number: Some(7),
        peripheral_name: Some("Sales".into()),
        ..Default::default()
    };
    story.hear(&ConfigSkillGroupEvent { records: List::new(&[record]) });
    (record.peripheral_number, record.old_peripheral_number) = (Some(8), Some(7));
    story.hear(&ConfigSkillGroupEvent { records: List::new(&[record]) });
    let group = story.tracker.find_group(story.skill_group(8)).unwrap();
    assert_eq!(story.tracker.group(group).unwrap().name.text(), "Sales");
    record.record_type = Some(RecordType::CONFIG_RECORD_DELETE);
    story.hear(&ConfigSkillGroupEvent { records: List::new(&[record]) });
    assert_eq!((story.tracker.groups().count(), story.tracker.iter().count()), (0, 2));
}

#[test]
fn an_appliance_keeps_the_groups_that_it_watches() {
    let mut room = room();
    let mut config = AgentConfig::new();
    config.watched_only = true;
    let mut story = Story::with(config, cce(), &mut room);
    let sales = story.tracker.watch(story.skill_group(1)).unwrap();
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[in_group(1, AVAILABLE), in_group(2, AVAILABLE)]));
    assert_eq!((story.tracker.groups().count(), story.members(story.skill_group(1)).len()), (1, 1));
    story.hear(&agent_state("1001", LOGOUT));
    assert_eq!(story.tracker.group(sales).unwrap().counts.all(), 0, "watched, though empty");
    story.tracker.unwatch(sales);
    assert_eq!(story.tracker.groups().count(), 0);
}

#[test]
fn what_a_tracker_is_not_to_do_is_irrelevant_to_it() {
    let mut room = Room::new(4, 0, 0);
    let mut config = AgentConfig::new();
    (config.watched_only, config.configuration, config.calls) = (true, false, false);
    let mut story = Story::with(config, cce(), &mut room);
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[in_group(1, AVAILABLE)]));
    let started = RtpStartedEvent {
        peripheral_id: PERIPHERAL,
        connection_call_id: 7,
        connection_device_id: Some("5001".into()),
        client_address: Some("10.0.0.1".into()),
        agent_id: Some("1001".into()),
        ..RtpStartedEvent::default()
    };
    assert_eq!(story.observe(&started), Observed::Irrelevant);
    let record = AgentRecord {
        record_type: Some(RecordType::CONFIG_RECORD_DELETE),
        flt_peripheral_id: Some(PERIPHERAL),
        login_id: Some("1001".into()),
        ..AgentRecord::default()
    };
    assert_eq!(story.observe(&ConfigAgentEvent { records: List::new(&[record]) }), Observed::Irrelevant);
    assert_eq!(story.observe(&ListAgentTeamConf::default()), Observed::Irrelevant);
    assert_eq!((story.state("1001"), story.agent("1001").call), (Some(AVAILABLE), AgentCall::None));
    story.hear(&agent_state("1001", LOGOUT));
    assert_eq!((story.tracker.iter().count(), story.tracker.counters().groups.refused), (0, 0));
}

// ---- logging in elsewhere, restarts ---------------------------------------------------------------

#[test]
fn a_login_elsewhere_takes_the_place_over() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    story.hear(&AgentStateEvent { agent_instrument: Some("SEP1".into()), ..agent_at("1001", "5001", AVAILABLE, &[]) });
    story.hear(&agent_at("1002", "5002", AVAILABLE, &[]));
    let [one, two] = ["1001", "1002"].map(|id| story.handle(id).unwrap());
    assert_eq!(story.tracker.at_device(PERIPHERAL, "SEP1"), Some(one));
    story.agent_changes();
    // The logout of 1001 and of 1002 was missed, and 1001 is now where 1002 was.
    story.hear(&agent_at("1001", "5002", NOT_READY, &[]));
    assert_eq!(story.tracker.at_device(PERIPHERAL, "5002"), Some(one));
    assert_eq!(story.tracker.at_device(PERIPHERAL, "5001"), None);
    assert_eq!(story.tracker.at_device(PERIPHERAL, "SEP1"), None, "the instrument of the new place is not known");
    let stale: Vec<_> = story.tracker.stale().map(|(agent, _)| agent).collect();
    assert_eq!(stale, [two]);
    let changes = story.agent_changes();
    assert!(changes.iter().any(|change| matches!(change, Change::Changed(agent, what)
        if *agent == two && what.contains(AgentChanges::STALE | AgentChanges::DEVICE))));
    // It turns out to be at another phone.
    story.hear(&agent_at("1002", "5003", AVAILABLE, &[]));
    assert_eq!((story.tracker.stale().count(), story.tracker.at_device(PERIPHERAL, "5003")), (0, Some(two)));
}

#[test]
fn a_server_that_restarts() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    for (id, extension) in [("1001", "5001"), ("1002", "5002"), ("1003", "5003")] {
        story.hear(&agent_at(id, extension, AVAILABLE, &[in_group(1, AVAILABLE)]));
    }
    story.hear(&OpenConf::default());
    assert_eq!(story.tracker.stale().count(), 3, "whatever happened meanwhile");
    // One is heard of, one is asked for, one is not known to the server any more.
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[]));
    story.hear(&QueryAgentStateConf {
        agent_state: NOT_READY,
        agent_id: Some("1002".into()),
        mrdid: 1,
        ..Default::default()
    });
    let stale: Vec<_> = story.tracker.stale().map(|(agent, _)| agent).collect();
    assert_eq!(stale, [story.handle("1003").unwrap()]);
    story.agent_changes();
    assert!(story.tracker.sweep() && story.tracker.stale().count() == 1, "not before everyone was asked for");
    story.tracker.resynchronised();
    assert!(story.tracker.sweep(), "16 slots are looked at together");
    story.check();
    assert!(matches!(story.agent_changes()[..], [Change::Ended(agent, _)] if agent == stale[0]));
    assert_eq!((story.tracker.counts().all(), story.tracker.stale().count()), (2, 0));
    assert_eq!(story.members(story.skill_group(1)), ["1001"], "the confirmation named no groups of 1002");
}

#[test]
fn a_peripheral_that_goes_offline() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    story.hear(&agent_state("1001", AVAILABLE));
    story.hear(&AgentStateEvent { peripheral_id: 5001, ..agent_state("2001", AVAILABLE) });
    let offline = SystemEvent {
        system_event_id: SystemEventId::SYS_PERIPHERAL_OFFLINE,
        system_event_arg1: 5001,
        ..Default::default()
    };
    story.hear(&offline);
    let stale =
        |story: &Story<'_>| -> Vec<_> { story.tracker.stale().map(|(_, agent)| agent.id.to_string()).collect() };
    assert_eq!(stale(&story), ["2001"]);
    story.hear(&AgentStateEvent { peripheral_id: 5001, ..agent_state("2001", AVAILABLE) });
    assert_eq!(stale(&story), [""; 0]);
    // More peripherals than can be told apart: then all are stale.
    for peripheral in 6000..6020 {
        story.hear(&SystemEvent { system_event_arg1: peripheral, ..offline });
    }
    assert_eq!(stale(&story), ["1001", "2001"]);
    story.hear(&SystemEvent { system_event_id: SystemEventId::SYS_CTI_SERVER_OFFLINE, ..offline });
    assert_eq!(stale(&story).len(), 2);
}

#[test]
fn the_agent_of_a_client_events_session_comes_with_the_open() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    story.hear(&OpenConf {
        agent_state: NOT_READY,
        agent_id: Some("1001".into()),
        agent_extension: Some("5001".into()),
        ..Default::default()
    });
    assert_eq!(story.tracker.iter().count(), 1);
    // The peripheral is said later: it is the same agent.
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[]));
    assert_eq!((story.tracker.iter().count(), story.state("1001")), (1, Some(AVAILABLE)));
}

// ---- media routing domains ------------------------------------------------------------------------

#[test]
fn voice_is_the_main_domain_once_it_is_heard_of() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    let chat = |state| AgentStateEvent { mrdid: 5_000, num_tasks: 2, ..agent_state("1001", state) };
    story.hear(&chat(ACTIVE));
    let agent = story.handle("1001").unwrap();
    assert_eq!((story.agent("1001").mrdid, story.state("1001")), (5_000, Some(ACTIVE)));
    story.wait(5);
    story.hear(&agent_state("1001", AVAILABLE));
    let domains = |story: &Story<'_>| -> Vec<_> {
        story
            .tracker
            .domains(agent)
            .map(|domain| (domain.mrdid, domain.state, domain.state_duration(story.now).as_secs()))
            .collect()
    };
    assert_eq!(domains(&story), [(1, AVAILABLE, 0), (5_000, ACTIVE, 5)]);
    assert_eq!(story.tracker.counts().available(), 1);
    story.hear(&chat(NOT_READY));
    assert_eq!(domains(&story), [(1, AVAILABLE, 0), (5_000, NOT_READY, 0)]);
    // Logged out of voice, the agent still chats; logged out of that, too, the agent leaves.
    story.hear(&agent_state("1001", LOGOUT));
    assert_eq!(domains(&story), [(5_000, NOT_READY, 0)]);
    assert_eq!((story.state("1001"), story.agent("1001").tasks.num_tasks), (Some(NOT_READY), 2));
    story.hear(&chat(LOGOUT));
    assert_eq!((story.tracker.iter().count(), story.tracker.counters().members.live), (0, 0));
}

#[test]
fn without_room_for_memberships_only_the_main_domain_is_followed() {
    let mut room = Room::new(4, 0, 0);
    let mut config = AgentConfig::new();
    config.watched_only = true;
    let mut story = Story::with(config, cce(), &mut room);
    let chat = |state| AgentStateEvent { mrdid: 5_000, ..agent_state("1001", state) };
    story.hear(&chat(ACTIVE));
    assert_eq!((story.agent("1001").mrdid, story.state("1001")), (5_000, Some(ACTIVE)));
    story.hear(&agent_state("1001", AVAILABLE));
    assert_eq!((story.agent("1001").mrdid, story.state("1001")), (1, Some(AVAILABLE)), "voice is the main one");
    story.hear(&chat(NOT_READY));
    assert_eq!(story.state("1001"), Some(AVAILABLE), "what is beside it is left aside");
    assert_eq!(story.tracker.domains(story.handle("1001").unwrap()).count(), 1);
    story.hear(&agent_state("1001", LOGOUT));
    assert_eq!((story.tracker.iter().count(), story.tracker.counters().members.refused), (0, 0));
}

#[test]
fn the_first_upload_of_agents_has_their_domains() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    let mrds = [AgentMrd { id: 5_000, state: NOT_READY }, AgentMrd { id: 1, state: TALKING }];
    let mut record = AgentRecord {
        record_type: Some(RecordType::CONFIG_RECORD_ADD),
        flt_peripheral_id: Some(PERIPHERAL),
        login_id: Some("1001".into()),
        agent_skill_target_id: Some(12_345),
        mrds: List::new(&mrds),
        ..Default::default()
    };
    story.hear(&ConfigAgentEvent { records: List::new(&[record]) });
    assert_eq!((story.state("1001"), story.agent("1001").icm_agent_id), (Some(TALKING), 12_345));
    // An agent that is configured, but is in no domain, is not logged in.
    record.mrds = List::EMPTY;
    story.hear(&ConfigAgentEvent { records: List::new(&[AgentRecord { login_id: Some("1002".into()), ..record }]) });
    assert_eq!(story.tracker.iter().count(), 1);
    // The login ID changes; then the agent is deleted.
    record.record_type = Some(RecordType::CONFIG_RECORD_CHANGE);
    (record.login_id, record.old_login_id) = (Some("1003".into()), Some("1001".into()));
    story.hear(&ConfigAgentEvent { records: List::new(&[record]) });
    assert_eq!((story.state("1001"), story.state("1003")), (None, Some(TALKING)));
    let deleted = AgentRecord { record_type: Some(RecordType::CONFIG_RECORD_DELETE), old_login_id: None, ..record };
    story.hear(&ConfigAgentEvent { records: List::new(&[deleted]) });
    assert_eq!(story.tracker.iter().count(), 0);
}

// ---- calls ----------------------------------------------------------------------------------------

#[test]
fn the_call_of_an_agent() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    story.hear(&AgentStateEvent { agent_instrument: Some("5001".into()), ..agent_at("1001", "5001", AVAILABLE, &[]) });
    let pre_call = AgentPreCallEvent {
        agent_instrument: Some("5001".into()),
        router_call_key_day: Some(152_000),
        router_call_key_call_id: Some(77),
        router_call_key_sequence_number: Some(0),
        ..Default::default()
    };
    let announced = AgentCall::Announced { router_call_key_day: 152_000, router_call_key_call_id: 77 };
    story.hear(&pre_call);
    assert_eq!(story.agent("1001").call, announced);
    let abort = AgentPreCallAbortEvent {
        agent_instrument: Some("5001".into()),
        router_call_key_day: Some(152_000),
        router_call_key_call_id: Some(78),
        router_call_key_sequence_number: Some(0),
        ..Default::default()
    };
    assert_eq!(story.observe(&abort), Observed::Unchanged, "of another call");
    story.hear(&AgentPreCallAbortEvent { router_call_key_call_id: Some(77), ..abort });
    assert_eq!(story.agent("1001").call, AgentCall::None);

    // The media may start before or after the agent is talking, and the pre-call may come last of all.
    let media = RtpStartedEvent {
        peripheral_id: PERIPHERAL,
        connection_call_id: 16_777_985,
        connection_device_id: Some("5001".into()),
        client_address: Some("10.0.0.1".into()),
        agent_id: Some("1001".into()),
        ..Default::default()
    };
    story.hear(&media);
    story.hear(&agent_state("1001", TALKING));
    story.hear(&pre_call);
    assert_eq!(story.agent("1001").call, AgentCall::Talking { connection_call_id: 16_777_985 });
    assert_eq!(story.observe(&media), Observed::Unchanged, "the other direction");
    let stopped = RtpStoppedEvent {
        peripheral_id: PERIPHERAL,
        connection_call_id: 1,
        connection_device_id: Some("5001".into()),
        client_address: Some("10.0.0.1".into()),
        agent_extension: Some("5001".into()),
        ..Default::default()
    };
    assert_eq!(story.observe(&stopped), Observed::Unchanged, "of a call before");
    story.hear(&agent_state("1001", WORK_READY));
    assert_eq!(story.agent("1001").call, AgentCall::None, "over, though no event said that the media stopped");
}

// ---- teams ----------------------------------------------------------------------------------------

#[test]
fn a_team_and_its_supervisors() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    let key = GroupKey::Team(7);
    let members = [team_agent("1001", 0, LOGOUT), team_agent("1002", 0, AVAILABLE), team_agent("2001", 1, NOT_READY)];
    let list = team(7, ConfigOperation::RESTORE_PERMANENT_CONFIGURATION, &members);
    story.hear(&list);
    let group = story.tracker.find_group(key).unwrap();
    assert_eq!(story.tracker.group(group).unwrap().name.text(), "Sales");
    assert_eq!(
        (story.members(key).len(), story.counts(key).logged_in(), story.tracker.counts().logged_in()),
        (3, 2, 2)
    );
    let supervisors = story.tracker.members(group).filter(|member| member.is_supervisor()).count();
    assert_eq!(supervisors, 1);

    // Logging in and out: the members stay.
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[in_group(1, AVAILABLE)]));
    assert_eq!((story.counts(key).available(), story.counts(key).logged_in()), (2, 3));
    story.hear(&agent_state("1001", LOGOUT));
    assert_eq!((story.state("1001"), story.counts(key).logged_in()), (Some(LOGOUT), 2));
    assert!(story.agent("1001").extension.is_empty() && story.tracker.find_group(story.skill_group(1)).is_none());
    assert_eq!(story.observe(&agent_state("1001", LOGOUT)), Observed::Unchanged);

    // For the time being, until the permanent team is restored.
    story.hear(&team(7, ConfigOperation::ADD_AGENT, &[team_agent("1003", 2, TALKING)]));
    assert_eq!(story.members(key).len(), 4);
    assert_eq!(story.observe(&list), Observed::Changed);
    assert_eq!((story.members(key).len(), story.state("1003")), (3, Some(TALKING)), "still at work");
    story.hear(&team(
        7,
        ConfigOperation::REMOVE_AGENT,
        &[team_agent("1001", 0, LOGOUT), team_agent("1002", 0, AVAILABLE)],
    ));
    assert_eq!(
        (story.members(key), story.state("1001"), story.state("1002")),
        (vec!["2001".into()], None, Some(AVAILABLE))
    );
    // A supervisor more, who is one already; then nobody is left.
    story.hear(&team(7, ConfigOperation::ADD_AGENT, &[team_agent("2001", 4, NOT_READY)]));
    assert_eq!(story.tracker.members(group).map(|member| member.flags).collect::<Vec<_>>(), [AgentFlags::SUPERVISOR]);
    story.hear(&team(7, ConfigOperation::RESTORE_PERMANENT_CONFIGURATION, &[]));
    assert_eq!((story.tracker.find_group(key), story.state("2001")), (None, Some(NOT_READY)));
}

#[test]
fn an_agent_in_two_teams_stays_until_out_of_both() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    for id in [1, 2] {
        story.hear(&team(id, ConfigOperation::ADD_AGENT, &[team_agent("1001", 0, LOGOUT)]));
    }
    story.hear(&team(1, ConfigOperation::REMOVE_AGENT, &[team_agent("1001", 0, LOGOUT)]));
    assert_eq!(story.state("1001"), Some(LOGOUT));
    let second = story.tracker.find_group(GroupKey::Team(2)).unwrap();
    story.tracker.forget_group(second);
    story.check();
    assert_eq!((story.state("1001"), story.tracker.iter().count()), (None, 0));
}

#[test]
fn a_team_of_more_than_64_comes_in_parts() {
    let mut room = Room::new(200, 8, 300);
    let mut story = Story::new(cce(), &mut room);
    let key = GroupKey::Team(7);
    let ids: Vec<String> = (0..150).map(|number| format!("{}", 1000 + number)).collect();
    let members: Vec<_> = ids.iter().map(|id| team_agent(id, 0, LOGOUT)).collect();
    let list = ConfigOperation::RESTORE_PERMANENT_CONFIGURATION;
    let (whole, smaller) = ([&members[..64], &members[64..128], &members[128..]], [&members[..64], &members[100..110]]);
    for _ in 0..2 {
        whole.iter().for_each(|part| story.hear(&team(7, list, part)));
        assert_eq!(story.members(key).len(), 150);
    }
    smaller.iter().for_each(|part| story.hear(&team(7, list, part)));
    assert_eq!((story.members(key).len(), story.tracker.iter().count()), (74, 74));
}

// ---- Unified CCX ----------------------------------------------------------------------------------

#[test]
fn a_supervisor_asks_for_the_teams() {
    const MORE: MoreFlag = MoreFlag::MORE_TO_FOLLOW;
    const LAST: MoreFlag = MoreFlag::LAST_MESSAGE;
    fn listed(more: MoreFlag, teams: &[AgentTeam]) -> ListAgentTeamConf<'_> {
        ListAgentTeamConf { more, teams: List::new(teams), ..Default::default() }
    }
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    let supervised = |story: &Story<'_>| -> Vec<_> {
        let mut keys: Vec<_> = story.tracker.supervised().map(|(_, group)| group.key).collect();
        keys.sort_by_key(|key| if let GroupKey::Team(id) = key { *id } else { 0 });
        keys
    };
    story.hear(&team(9001, ConfigOperation::ADD_AGENT, &[team_agent("1001", 0, AVAILABLE)]));
    let teams = [9001, 9002, 9003].map(|team_id| AgentTeam { team_id });
    // In two parts.
    story.hear(&listed(MORE, &teams[..2]));
    assert_eq!(supervised(&story), [9001, 9002].map(GroupKey::Team));
    story.hear(&listed(LAST, &teams[2..]));
    assert_eq!(supervised(&story), [9001, 9002, 9003].map(GroupKey::Team));
    assert_eq!(story.observe(&listed(LAST, &teams)), Observed::Unchanged);
    // One whose members left is kept; the next list has two teams less, one with an agent in it.
    story.hear(&team(9003, ConfigOperation::ADD_AGENT, &[team_agent("1001", 0, AVAILABLE)]));
    story.hear(&team(9003, ConfigOperation::REMOVE_AGENT, &[team_agent("1001", 0, AVAILABLE)]));
    let empty = story.tracker.find_group(GroupKey::Team(9003)).unwrap();
    assert_eq!(story.tracker.members(empty).count(), 0);
    while story.tracker.poll_group_change().is_some() {}
    story.hear(&listed(LAST, &teams[1..2]));
    assert_eq!(supervised(&story), [GroupKey::Team(9002)]);
    assert!(story.tracker.find_group(GroupKey::Team(9001)).is_some(), "an agent is in it");
    assert!(story.tracker.find_group(GroupKey::Team(9003)).is_none(), "it was kept as it could be monitored");
    let changes: Vec<_> = std::iter::from_fn(|| story.tracker.poll_group_change()).collect();
    assert!(matches!(changes[..], [Change::Ended(..), Change::Changed(_, GroupChanges::SUPERVISED)]), "{changes:?}");
    // The session breaks between two parts: what the first one named does not count.
    story.hear(&listed(MORE, &teams));
    story.tracker.session_lost();
    story.hear(&listed(LAST, &teams[..1]));
    assert_eq!(supervised(&story), [GroupKey::Team(9001)]);
    assert_eq!(story.tracker.groups().count(), 1);
}

#[test]
fn agents_of_unified_ccx() {
    let mut room = room();
    let mut story = Story::new(ccx(), &mut room);
    // The peripheral is a reserved field, whatever it holds; queues come in a list, the whole agent with state 0.
    let queues = [in_group(1, AVAILABLE), in_group(2, AVAILABLE)];
    story.hear(&AgentStateEvent { peripheral_id: 1, ..agent_at("jsmith", "5001", AVAILABLE, &queues) });
    story.hear(&AgentStateEvent {
        peripheral_id: 9,
        skill_group_number: 1,
        skill_group_state: LOGIN,
        ..agent_state("jsmith", NOT_READY)
    });
    assert_eq!((story.state("jsmith"), story.tracker.iter().count()), (Some(NOT_READY), 1));
    assert_eq!([1, 2].map(|number| story.counts(story.skill_group(number)).not_ready()), [1, 1]);
    story.hear(&AgentStateEvent { skill_group_number: 2, ..agent_state("jsmith", AVAILABLE) });
    assert_eq!(story.counts(story.skill_group(1)).not_ready(), 1);
    // The server goes offline.
    story.hear(&SystemEvent { system_event_id: SystemEventId::SYS_CCX_OFFLINE, ..Default::default() });
    assert_eq!(story.tracker.stale().count(), 1);
}

#[test]
fn teams_of_unified_ccx() {
    let mut room = room();
    let mut story = Story::new(ccx(), &mut room);
    let member = |id: &'static str, flags, record_type, member_type| TeamMember {
        agent_id: id.into(),
        flags: AgentFlags(flags),
        record_type,
        member_type,
    };
    let (add, delete) = (RecordType::CONFIG_RECORD_ADD, RecordType::CONFIG_RECORD_DELETE);
    fn team<'a>(team_id: u32, operation: u16, members: &'a [TeamMember<'a>]) -> TeamConfigEvent<'a> {
        let members = List::new(members);
        TeamConfigEvent { team_id, operation, team_name: Some("Sales".into()), members, ..Default::default() }
    }
    story.hear(&agent_state("jsmith", AVAILABLE));
    story.hear(&team(3, 1, &[member("jsmith", 0, add, 0), member("boss", 1, add, 0), member("17", 0, add, 2)]));
    story.hear(&team(4, 1, &[member("jsmith", 0, add, 0)]));
    story.hear(&TeamConfigConf::default());
    assert_eq!(story.members(GroupKey::Team(3)), ["jsmith", "boss"], "a queue is no agent");
    assert_eq!((story.state("boss"), story.counts(GroupKey::Team(3)).logged_in()), (Some(UNKNOWN), 1));
    story.hear(&team(3, 3, &[member("boss", 1, delete, 0)]));
    assert_eq!((story.members(GroupKey::Team(3)), story.state("boss")), (vec!["jsmith".into()], None));
    // After a loss all teams are told anew: the one that is not told has gone.
    story.hear(&OpenConf::default());
    story.hear(&team(4, 1, &[member("jsmith", 0, add, 0)]));
    story.hear(&TeamConfigConf::default());
    assert_eq!((story.members(GroupKey::Team(3)).len(), story.members(GroupKey::Team(4)).len()), (0, 1));
    story.hear(&team(4, 2, &[]));
    assert_eq!((story.tracker.groups().count(), story.state("jsmith")), (0, Some(AVAILABLE)));
}

#[test]
fn long_login_ids_are_told_apart() {
    let mut storage = AgentStorage::<4, 2, 4, 32>::new();
    let mut tracker = AgentTracker::new(AgentConfig::new(), storage.parts());
    let ids = ["first", "second"].map(|end| format!("a.very.long.name.of.a.person@{end}.example.com"));
    for id in &ids {
        let frame = frame_of(ccx(), &agent_state(id, AVAILABLE));
        assert_eq!(tracker.observe(Instant::ZERO, &frame.frame()), Ok(Observed::Changed));
    }
    let [first, second] = ids.each_ref().map(|id| tracker.find(1, id.as_str()).unwrap());
    assert_ne!(first, second);
    assert_eq!(tracker.get(first).unwrap().id.text(), "a.very.long.name.of.a.pe");
    cti_tests::agent::check(&tracker);
}

// ---- full tables, bad messages --------------------------------------------------------------------

#[test]
fn a_full_table_takes_up_those_who_come_when_there_is_room() {
    let mut room = Room::new(2, 1, 2);
    let mut story = Story::new(cce(), &mut room);
    for (id, extension) in [("1001", "5001"), ("1002", "5002"), ("1003", "5003")] {
        story.hear(&agent_at(id, extension, AVAILABLE, &[in_group(1, AVAILABLE), in_group(2, AVAILABLE)]));
    }
    assert_eq!((story.tracker.counts().all(), story.state("1003")), (2, None));
    let counters = story.tracker.counters();
    assert_eq!((counters.agents.refused, counters.groups.refused, counters.members.refused), (1, 2, 0));
    story.hear(&agent_state("1001", LOGOUT));
    story.hear(&agent_at("1003", "5003", NOT_READY, &[in_group(1, NOT_READY)]));
    assert_eq!(
        (story.state("1003"), story.members(story.skill_group(1))),
        (Some(NOT_READY), vec!["1002".into(), "1003".into()])
    );
}

#[test]
fn no_room_for_anything_is_no_trouble() {
    let mut room = Room::new(0, 0, 0);
    let mut story = Story::new(cce(), &mut room);
    story.hear(&agent_at("1001", "5001", AVAILABLE, &[in_group(1, AVAILABLE)]));
    story.hear(&team(7, ConfigOperation::ADD_AGENT, &[team_agent("1001", 0, LOGOUT)]));
    assert_eq!((story.tracker.iter().count(), story.tracker.counters().agents.refused), (0, 1));
}

#[test]
fn what_cannot_be_decoded_is_refused() {
    let mut room = room();
    let mut story = Story::new(cce(), &mut room);
    let frame =
        cti_proto::strategy::OwnedFrame::from_parts(cce(), cti_proto::MessageType::AGENT_STATE_EVENT, &[1, 2, 3]);
    assert!(story.tracker.observe(story.now, &frame.frame()).is_err());
    let other = frame_of(cce(), &cti_proto::message::HeartbeatConf::default());
    assert_eq!(story.tracker.observe(story.now, &other.frame()), Ok(Observed::Irrelevant));
}

#[test]
fn what_the_memory_is() {
    let sizes = [size_of::<AgentSlot>(), size_of::<GroupSlot>(), size_of::<MemberSlot>()];
    println!("an agent takes {} bytes, a group {}, a membership {}", sizes[0], sizes[1], sizes[2]);
    println!("64 agents, 16 groups, 200 memberships: {} bytes", size_of::<AgentStorage<64, 16, 200>>());
    assert!(size_of::<AgentSlot>() <= 160, "an agent takes {} bytes", sizes[0]);
    let _: Option<Agent> = None;
}
