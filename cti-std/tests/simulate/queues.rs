//! Calls that are for several skill groups at once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cti_proto::message::*;
use cti_proto::track::{QueueConfig, QueueKey, QueueStorage, QueueTracker};
use cti_proto::value::*;
use cti_proto::wire::Secret;
use cti_proto::{Product, Protocol};
use cti_std::simulate::{Config, Habits, Span};

use super::desk::{Answer, Desk};

#[test]
fn a_call_waits_in_several_queues_and_goes_to_whoever_is_free_first() {
    let mut config = Config::new(Product::Cce);
    config.calls_per_hour = 420.0;
    config.habits.several_groups = 0.6;
    // A call is queued once then, and answered by whom it was given to.
    (config.habits.no_answer, config.habits.consult, config.habits.blind_transfer) = (0.0, 0.0, 0.0);
    (config.habits.internal_calls, config.habits.outbound_calls) = (0.0, 0.0);
    let mut desk = Desk::new(config);
    let client = desk.bridge(Protocol::cce(24).unwrap());
    let ccx = desk.bridge(Protocol::ccx(18).unwrap());
    let mut storage = Box::new(QueueStorage::<64, 512, 1_024>::new());
    let mut tracker = QueueTracker::new(QueueConfig::new(), storage.parts());
    let mut queued: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut first: BTreeMap<u32, u32> = BTreeMap::new();
    let (mut sizes, mut others) = (BTreeSet::new(), 0);
    let mut handled: BTreeMap<u32, u32> = BTreeMap::new();
    for _ in 0..2 * 360 {
        desk.pass(10);
        for heard in desk.heard(client) {
            tracker.observe(desk.now, &heard.frame()).unwrap();
            while tracker.poll_change().is_some() {}
            match heard.message() {
                Message::CallQueuedEvent(event) => {
                    let groups: Vec<_> = event.skill_groups.iter().map(|group| group.number).collect();
                    sizes.insert(groups.len());
                    assert_eq!(event.service_number, groups[0] + 100, "the service is that of the first");
                    first.insert(event.connection_call_id, groups[0]);
                    assert_eq!(queued.insert(event.connection_call_id, groups), None);
                }
                Message::CallDequeuedEvent(event) => {
                    let groups: Vec<_> = event.skill_groups.iter().map(|group| group.number).collect();
                    assert_eq!(queued[&event.connection_call_id], groups, "it leaves all queues that it was in");
                }
                Message::CallEstablishedEvent(event)
                    if event.answering_device_type == DeviceIdType::DEVID_AGENT_DEVICE =>
                {
                    *handled.entry(event.skill_group_number).or_default() += 1;
                    let Some(groups) = queued.get(&event.connection_call_id) else { continue };
                    assert!(groups.contains(&event.skill_group_number), "{event:?}");
                    assert_eq!(event.service_number, groups[0] + 100);
                    others += u32::from(first[&event.connection_call_id] != event.skill_group_number);
                }
                _ => {}
            }
        }
    }
    assert_eq!(sizes, BTreeSet::from([1, 2, 3]));
    assert!(others > 20, "{others} went to another group than their first");
    // Each group has handled the calls that its agents have answered, but for those that still go on.
    for (_, queue) in tracker.iter() {
        let QueueKey::SkillGroup { skill_group_number: number, .. } = queue.key else { continue };
        let request =
            QuerySkillGroupStatisticsReq { peripheral_id: 5_000, skill_group_number: number, ..Default::default() };
        assert_eq!(desk.ask(client, &request), Answer::Confirmed);
        let heard = desk.heard(client);
        let conf: QuerySkillGroupStatisticsConf = heard.last().unwrap().frame().decode().unwrap();
        let answered = handled.get(&number).copied().unwrap_or_default();
        let counted = conf.skill_group_today.handled_calls;
        assert!(counted <= answered && answered - counted <= 24, "{number}: {counted} of {answered}");
        let outcomes = &queue.outcomes;
        let over = outcomes.answered + outcomes.abandoned + outcomes.elsewhere;
        assert!(outcomes.offered >= over && outcomes.offered - over <= 24, "{number}: {outcomes:?}");
        assert!(outcomes.elsewhere > 0, "{number}: {outcomes:?}");
    }
    let several = desk
        .heard(ccx)
        .iter()
        .filter_map(|heard| heard.frame().decode::<CallQueuedEvent<'_>>().ok())
        .filter(|event| event.skill_groups.len() > 1)
        .count();
    assert!(several > 0);
}

#[test]
fn a_call_whose_agent_logs_out_before_it_rings_goes_to_another_agent() {
    let mut config = Config::new(Product::Cce);
    (config.agents, config.skill_groups, config.calls_per_hour) = (2, 1, 200.0);
    config.habits = Habits::textbook(Duration::from_secs(5));
    config.habits.delivery = Span::Fixed(Duration::from_secs(10));
    let mut desk = Desk::new(config);
    let client = desk.bridge(Protocol::cce(24).unwrap());
    let mut promised = None;
    while promised.is_none() {
        desk.pass(1);
        promised = desk.heard(client).iter().find_map(|heard| {
            let event: AgentPreCallEvent<'_> = heard.frame().decode().ok()?;
            Some((event.pre_call_invoke_id?, event.agent_id?.to_string(), event.agent_instrument?.to_string()))
        });
    }
    let (call, agent, phone) = promised.unwrap();
    let logout = SetAgentStateReq {
        peripheral_id: 5_000,
        agent_state: AgentState::AGENT_STATE_LOGOUT,
        forced_flag: ForcedFlag::TRUE,
        agent_instrument: Some(phone.as_str().into()),
        agent_id: Some(agent.as_str().into()),
        agent_password: Some(Secret("".into())),
        ..SetAgentStateReq::default()
    };
    assert_eq!(desk.ask(client, &logout), Answer::Confirmed);
    let heard = desk.heard(client);
    let aborts = heard.iter().filter_map(|heard| heard.frame().decode::<AgentPreCallAbortEvent<'_>>().ok());
    assert_eq!(aborts.map(|event| event.agent_instrument.unwrap().to_string()).collect::<Vec<_>>(), [phone.as_str()]);
    desk.pass(60);
    let heard = desk.heard(client);
    let answered = heard.iter().filter_map(|heard| heard.frame().decode::<CallEstablishedEvent<'_>>().ok());
    let by: Vec<_> = answered.filter(|event| event.connection_call_id == call).collect();
    let is_agent = |event: &&CallEstablishedEvent<'_>| event.answering_device_type == DeviceIdType::DEVID_AGENT_DEVICE;
    let by = by.iter().find(is_agent).expect("another agent answers").answering_device_id.unwrap().to_string();
    assert_ne!(by, phone);
}
