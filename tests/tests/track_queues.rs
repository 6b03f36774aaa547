//! Queues: stories of calls that wait, told to a tracker; and a model that is plainly right beside it.
//!
//! The seed of the model is fixed; `PROPTEST_RNG_SEED` sets another one, and `PROPTEST_CASES` how many cases there are.

use std::collections::BTreeMap;
use std::time::Duration;

use cti_proto::message::{
    CallClearedEvent, CallConnectionClearedEvent, CallDataUpdateEvent, CallDeliveredEvent, CallDequeuedEvent,
    CallDivertedEvent, CallEstablishedEvent, CallQueuedEvent, CallTransferredEvent, ConfigServiceEvent,
    ConfigSkillGroupEvent, ConnectedParty, EndCallEvent, OpenConf, QuerySkillGroupStatisticsConf, QueueSkillGroup,
    QueueStatistics, ServiceRecord, SkillGroupRecord, SkillGroupStatistics,
};
use cti_proto::session::Instant;
use cti_proto::strategy::{Hotline, HotlineStep, OwnedFrame, all_protocols};
use cti_proto::track::{
    Change, Observed, PeriodFigures, Queue, QueueChanges, QueueConfig, QueueKey, QueueOutcomes, QueueParts, QueueSlot,
    QueueStorage, QueueTracker, ServiceLevel, Share, WaitSlot, WaitingSlot,
};
use cti_proto::value::{
    ConnectionDeviceIdType, DeviceIdType, EventCause, LocalConnectionState, NULL_SERVICE, NULL_SKILL_GROUP, RecordType,
};
use cti_proto::{Body, List, Protocol};
use cti_tests::track::{PERIPHERAL, with_frame};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

const STATIC: ConnectionDeviceIdType = ConnectionDeviceIdType::CONNECTION_ID_STATIC;
const SERVICE: QueueKey = QueueKey::Service { peripheral_id: PERIPHERAL, service_number: 900 };

fn group(skill_group_number: u32) -> QueueKey {
    QueueKey::SkillGroup { peripheral_id: PERIPHERAL, skill_group_number }
}

struct Room {
    queues: Vec<QueueSlot>,
    calls: Vec<WaitingSlot>,
    waits: Vec<WaitSlot>,
}

impl Room {
    fn new(queues: usize, calls: usize, waits: usize) -> Self {
        Self {
            queues: vec![QueueSlot::EMPTY; queues],
            calls: vec![WaitingSlot::EMPTY; calls],
            waits: vec![WaitSlot::EMPTY; waits],
        }
    }

    fn parts(&mut self) -> QueueParts<'_> {
        QueueParts { queues: &mut self.queues, calls: &mut self.calls, waits: &mut self.waits }
    }
}

struct Story<'s> {
    tracker: QueueTracker<'s>,
    protocol: Protocol,
    now: Instant,
}

impl<'s> Story<'s> {
    fn new(room: &'s mut Room) -> Self {
        Self::with(QueueConfig::new(), Protocol::cce(24).unwrap(), room)
    }

    fn with(config: QueueConfig, protocol: Protocol, room: &'s mut Room) -> Self {
        Self { tracker: QueueTracker::new(config, room.parts()), protocol, now: Instant::from_millis(1_000_000) }
    }

    fn wait(&mut self, seconds: u64) {
        self.now = self.now.after(Duration::from_secs(seconds));
    }

    fn observe<'a, M: Body<'a>>(&mut self, message: &M) -> Observed {
        let (now, tracker) = (self.now, &mut self.tracker);
        let observed = with_frame(self.protocol, message, |frame| tracker.observe(now, frame).unwrap());
        check(tracker, now);
        observed
    }

    fn hear<'a, M: Body<'a>>(&mut self, message: &M) {
        self.observe(message);
    }

    fn hear_frame(&mut self, frame: &OwnedFrame) {
        self.tracker.observe(self.now, &frame.frame()).unwrap();
        check(&self.tracker, self.now);
    }

    fn queue(&self, key: QueueKey) -> &Queue {
        self.tracker.find(key).and_then(|queue| self.tracker.get(queue)).expect("a queue that is there")
    }

    fn outcomes(&self, key: QueueKey) -> QueueOutcomes {
        self.queue(key).outcomes
    }

    /// Call IDs and seconds of those that wait, in order.
    fn waiting(&self, key: QueueKey) -> Vec<(u32, u64)> {
        let queue = self.tracker.find(key).expect("a queue that is there");
        let calls = self.tracker.waiting(queue, self.now);
        calls.map(|call| (call.connection_call_id, call.wait.as_secs())).collect()
    }

    fn changes(&mut self) -> Vec<Change<Queue>> {
        std::iter::from_fn(|| self.tracker.poll_change()).collect()
    }
}

/// What always holds: those who wait are counted, first come first; every call offered is somewhere.
fn check(tracker: &QueueTracker<'_>, now: Instant) {
    let mut waiting = 0;
    for (handle, queue) in tracker.iter() {
        let calls: Vec<_> = tracker.waiting(handle, now).collect();
        assert_eq!(calls.len(), queue.waiting as usize);
        assert!(calls.is_sorted_by_key(|call| std::cmp::Reverse(call.wait)), "the longest wait comes first");
        assert_eq!(tracker.longest_wait(handle, now), calls.first().map(|call| call.wait));
        let outcomes = queue.outcomes;
        let decided = outcomes.answered + outcomes.abandoned + outcomes.elsewhere;
        assert!(decided + queue.waiting <= outcomes.offered, "{outcomes:?}");
        assert!(outcomes.answered_in_time <= outcomes.answered && outcomes.abandoned_in_time <= outcomes.abandoned);
        assert_eq!(tracker.find(queue.key), Some(handle));
        waiting += calls.len();
    }
    assert!(waiting <= tracker.counters().waits.live);
}

// ---- messages -------------------------------------------------------------------------------------

const fn in_group(number: u32) -> QueueSkillGroup {
    QueueSkillGroup { number, id: NULL_SKILL_GROUP, priority: 0 }
}

fn queued(call: u32, groups: &[QueueSkillGroup]) -> CallQueuedEvent<'_> {
    CallQueuedEvent {
        peripheral_id: PERIPHERAL,
        connection_device_id_type: STATIC,
        connection_call_id: call,
        connection_device_id: Some("P7001".into()),
        service_number: 900,
        num_queued: 1,
        skill_groups: List::new(groups),
        ..Default::default()
    }
}

fn dequeued(call: u32, groups: &[QueueSkillGroup]) -> CallDequeuedEvent<'_> {
    CallDequeuedEvent {
        peripheral_id: PERIPHERAL,
        connection_device_id_type: STATIC,
        connection_call_id: call,
        connection_device_id: Some("P7001".into()),
        service_number: 900,
        skill_groups: List::new(groups),
        ..Default::default()
    }
}

fn delivered(call: u32) -> CallDeliveredEvent<'static> {
    CallDeliveredEvent {
        peripheral_id: PERIPHERAL,
        connection_device_id_type: STATIC,
        connection_call_id: call,
        connection_device_id: Some("5001".into()),
        alerting_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
        alerting_device_id: Some("5001".into()),
        local_connection_state: LocalConnectionState::LCS_ALERTING,
        ..Default::default()
    }
}

/// Rings at an agent's phone for a skill group, having come from outside.
fn rings_for(call: u32, skill_group_number: u32) -> CallDeliveredEvent<'static> {
    CallDeliveredEvent { service_number: 900, skill_group_number, ..delivered(call) }
}

/// Answered at an agent's phone, for a skill group if it is not `NULL_SKILL_GROUP`.
fn established(call: u32, skill_group_number: u32) -> CallEstablishedEvent<'static> {
    CallEstablishedEvent {
        peripheral_id: PERIPHERAL,
        connection_device_id_type: STATIC,
        connection_call_id: call,
        connection_device_id: Some("5001".into()),
        answering_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
        answering_device_id: Some("5001".into()),
        skill_group_number,
        local_connection_state: LocalConnectionState::LCS_CONNECT,
        ..Default::default()
    }
}

fn cleared(call: u32) -> CallClearedEvent<'static> {
    CallClearedEvent {
        peripheral_id: PERIPHERAL,
        connection_device_id_type: STATIC,
        connection_call_id: call,
        connection_device_id: Some("P7001".into()),
        ..Default::default()
    }
}

fn ended(call: u32) -> EndCallEvent<'static> {
    EndCallEvent {
        peripheral_id: PERIPHERAL,
        connection_device_id_type: STATIC,
        connection_call_id: call,
        connection_device_id: Some("P7001".into()),
        ..Default::default()
    }
}

// ---- stories --------------------------------------------------------------------------------------

#[test]
fn a_call_waits_for_two_skill_groups_and_one_answers() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    story.hear(&queued(1, &[in_group(1), in_group(2)]));
    assert!(story.changes().iter().all(|change| matches!(change, Change::Changed(_, what)
        if what.contains(QueueChanges::NEW | QueueChanges::WAITING))));
    story.wait(5);
    story.hear(&queued(2, &[in_group(2)]));
    story.wait(10);
    assert_eq!(story.waiting(group(1)), [(1, 15)]);
    assert_eq!(story.waiting(group(2)), [(1, 15), (2, 10)]);
    assert_eq!(story.waiting(SERVICE), [(1, 15), (2, 10)]);
    // An agent is found: the call rings, and waits no more.
    story.hear(&dequeued(1, &[]));
    assert_eq!((story.waiting(group(1)).len(), story.waiting(group(2))), (0, vec![(2, 10)]));
    story.hear(&delivered(1));
    story.wait(4);
    story.hear(&established(1, 2));
    let served = story.outcomes(group(2));
    assert_eq!((served.offered, served.answered, served.answered_in_time, served.answer_seconds), (2, 1, 1, 19));
    assert_eq!(served.average_answer(), Some(Duration::from_secs(19)));
    assert_eq!((story.outcomes(group(1)).elsewhere, story.outcomes(SERVICE).answered), (1, 1));
    // Its end is nobody's business any more; the other caller hangs up.
    story.hear(&cleared(1));
    story.wait(6);
    story.hear(&cleared(2));
    story.hear(&ended(2));
    let served = story.outcomes(group(2));
    assert_eq!((served.abandoned, served.abandoned_in_time, served.abandon_seconds), (1, 1, 20));
    assert_eq!((story.tracker.calls(), story.tracker.counters().waits.live), (0, 0));
    assert_eq!(served.abandon_rate().percent(), Some(50));
}

#[test]
fn a_call_that_is_redirected_from_a_port_goes_on_under_its_id() {
    let redirected = |call| CallConnectionClearedEvent {
        peripheral_id: PERIPHERAL,
        connection_device_id_type: STATIC,
        connection_call_id: call,
        connection_device_id: Some("P7001".into()),
        event_cause: EventCause::CEC_REDIRECTED,
        ..Default::default()
    };
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    for call in [1, 2] {
        story.hear(&queued(call, &[in_group(1)]));
        story.wait(5);
        story.hear(&dequeued(call, &[]));
        story.hear(&redirected(call));
        // The end of the port's connection is not that of the call.
        story.hear(&ended(call));
        story.hear(&delivered(call));
        assert_eq!(story.outcomes(group(1)).abandoned, 0);
    }
    story.hear(&established(1, 1));
    story.hear(&ended(2));
    let outcomes = story.outcomes(group(1));
    assert_eq!((outcomes.answered, outcomes.abandoned, story.tracker.calls()), (1, 1, 0));
}

#[test]
fn who_hangs_up_while_it_rings_was_abandoned_too() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    story.hear(&queued(1, &[in_group(1)]));
    story.wait(30);
    story.hear(&dequeued(1, &[in_group(1)]));
    story.hear(&delivered(1));
    story.wait(3);
    story.hear(&cleared(1));
    let outcomes = story.outcomes(group(1));
    assert_eq!((outcomes.abandoned, outcomes.abandoned_in_time, outcomes.abandon_seconds), (1, 0, 33));
    assert_eq!(outcomes.longest_seconds, 33);
}

#[test]
fn a_call_that_finds_an_agent_free_was_answered_too() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    story.hear(&rings_for(1, 1));
    assert_eq!((story.waiting(group(1)).len(), story.outcomes(group(1)).offered), (0, 1));
    story.wait(4);
    story.hear(&established(1, 1));
    let outcomes = story.outcomes(group(1));
    assert_eq!((outcomes.answered, outcomes.answered_in_time, outcomes.answer_seconds), (1, 1, 4));
    assert_eq!(story.outcomes(SERVICE), outcomes, "and for the service");
    // Another one waits too long: together half of them were answered in time.
    story.hear(&queued(2, &[in_group(1)]));
    story.wait(21);
    story.hear(&dequeued(2, &[]));
    story.hear(&rings_for(2, 1));
    story.hear(&established(2, 1));
    let outcomes = story.outcomes(group(1));
    assert_eq!((outcomes.offered, outcomes.answered), (2, 2), "a call that waited is not offered again when it rings");
    assert_eq!(outcomes.service_level(ServiceLevel::AbandonedIgnored), Share { part: 1, of: 2 });
    // The caller hangs up while it rings; a colleague hears of it twice.
    story.hear(&rings_for(3, 1));
    story.hear(&CallDeliveredEvent { monitor_id: 7, ..rings_for(3, 1) });
    story.wait(9);
    story.hear(&cleared(3));
    let outcomes = story.outcomes(group(1));
    assert_eq!((outcomes.offered, outcomes.abandoned, outcomes.abandoned_in_time), (3, 1, 1));
    assert_eq!((story.tracker.calls(), story.tracker.counters().waits.live), (0, 0));
}

#[test]
fn only_who_was_given_the_call_by_its_skill_group_answers_for_it() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    let agent = DeviceIdType::DEVID_AGENT_DEVICE;
    let colleague = CallDeliveredEvent { calling_device_type: agent, ..rings_for(1, 1) };
    let transferred = CallDeliveredEvent { event_cause: EventCause::CEC_TRANSFER, ..rings_for(2, 1) };
    let again = CallDeliveredEvent { event_cause: EventCause::CEC_CALL_PARTY_UPDATE_IND, ..rings_for(3, 1) };
    let outside = CallDeliveredEvent { alerting_device_type: DeviceIdType::DEVID_EXTERNAL, ..rings_for(4, 1) };
    let portal = CallDeliveredEvent { alerting_device_type: DeviceIdType::DEVID_CTI_PORT, ..rings_for(5, 1) };
    let nobody = CallDeliveredEvent { service_number: NULL_SERVICE, ..rings_for(6, NULL_SKILL_GROUP) };
    for event in [colleague, transferred, again, outside, portal, nobody] {
        assert_eq!(story.observe(&event), Observed::Unchanged);
        story.hear(&established(event.connection_call_id, 1));
    }
    assert_eq!((story.tracker.iter().count(), story.tracker.calls()), (0, 0));
    // A colleague who dialled the number of the skill group is one of its callers.
    let passed_on = CallDeliveredEvent { last_redirect_device_type: DeviceIdType::DEVID_CTI_PORT, ..colleague };
    story.hear(&passed_on);
    story.hear(&established(1, 1));
    assert_eq!((story.outcomes(group(1)).offered, story.outcomes(group(1)).answered), (1, 1));
}

#[test]
fn a_call_that_nobody_answers_goes_to_the_queue_and_to_another_skill_group() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    story.hear(&rings_for(1, 1));
    story.wait(10);
    // The phone rings in vain.
    story.hear(&queued(1, &[in_group(1)]));
    story.wait(15);
    assert_eq!((story.waiting(group(1)), story.outcomes(group(1)).offered), (vec![(1, 15)], 1));
    story.hear(&dequeued(1, &[]));
    // An agent of another skill group takes over.
    story.hear(&rings_for(1, 2));
    story.wait(2);
    story.hear(&established(1, 2));
    let [first, second] = [group(1), group(2)].map(|key| story.outcomes(key));
    assert_eq!((first.answered, first.elsewhere), (0, 1));
    assert_eq!((second.offered, second.answered, second.answer_seconds), (1, 1, 2));
    assert_eq!(story.outcomes(SERVICE).answered, 1);
}

#[test]
fn skill_groups_that_have_no_number_answer_by_their_id() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    let of_id = |id| QueueSkillGroup { number: NULL_SKILL_GROUP, id, priority: 0 };
    story.hear(&queued(1, &[of_id(70), of_id(71)]));
    story.hear(&CallEstablishedEvent { skill_group_id: 71, ..established(1, NULL_SKILL_GROUP) });
    let [first, second] = [70, 71].map(|id| story.outcomes(QueueKey::SkillGroupId(id)));
    assert_eq!((first.answered, first.elsewhere, second.answered, second.elsewhere), (0, 1, 1, 0));
}

#[test]
fn a_call_that_comes_back_waits_anew() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    story.hear(&queued(1, &[in_group(1)]));
    story.wait(10);
    story.hear(&queued(2, &[in_group(1)]));
    story.hear(&delivered(1));
    story.wait(10);
    // Nobody answers: back to the queue, behind the other one.
    story.hear(&queued(1, &[in_group(1)]));
    story.wait(1);
    assert_eq!(story.waiting(group(1)), [(2, 11), (1, 1)]);
    assert_eq!(story.outcomes(group(1)).offered, 2);
}

#[test]
fn ports_and_route_points_answer_nobody() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    story.hear(&queued(1, &[in_group(1)]));
    let port = CallEstablishedEvent { answering_device_type: DeviceIdType::DEVID_CTI_PORT, ..established(1, 1) };
    story.hear(&port);
    let seized = CallDeliveredEvent { local_connection_state: LocalConnectionState::LCS_INITIATE, ..delivered(1) };
    story.hear(&seized);
    assert_eq!(story.waiting(group(1)).len(), 1);
}

#[test]
fn partly_dequeued() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    story.hear(&queued(1, &[in_group(1), in_group(2)]));
    story.hear(&dequeued(1, &[in_group(1)]));
    assert_eq!([group(1), group(2), SERVICE].map(|key| story.waiting(key).len()), [0, 1, 1]);
    story.hear(&dequeued(1, &[in_group(2)]));
    assert_eq!([group(1), group(2), SERVICE].map(|key| story.waiting(key).len()), [0, 0, 0]);
    story.hear(&established(1, NULL_SKILL_GROUP));
    assert_eq!(
        [group(1), group(2), SERVICE].map(|key| story.outcomes(key).answered),
        [1, 1, 1],
        "nobody said for whom"
    );
}

#[test]
fn duplicates_and_strangers_change_nothing() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    assert_eq!(story.observe(&established(9, 1)), Observed::Unchanged);
    story.hear(&queued(1, &[in_group(1)]));
    story.wait(2);
    for monitor_id in 1..4 {
        assert_eq!(story.observe(&CallQueuedEvent { monitor_id, ..queued(1, &[in_group(1)]) }), Observed::Unchanged);
    }
    for _ in 0..2 {
        story.hear(&dequeued(1, &[]));
    }
    assert_eq!(story.observe(&dequeued(7, &[])), Observed::Unchanged);
    assert_eq!(story.observe(&cleared(7)), Observed::Unchanged);
    story.hear(&established(1, 1));
    assert_eq!(story.observe(&established(1, 1)), Observed::Unchanged);
    let outcomes = story.outcomes(group(1));
    assert_eq!((outcomes.offered, outcomes.answered, outcomes.elsewhere), (1, 1, 0));
}

#[test]
fn a_call_that_changes_its_id_goes_on_waiting() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    story.hear(&queued(1, &[in_group(1)]));
    let renamed = CallDataUpdateEvent {
        peripheral_id: PERIPHERAL,
        connection_device_id_type: STATIC,
        connection_call_id: 1,
        connection_device_id: Some("P7001".into()),
        new_connection_device_id_type: STATIC,
        new_connection_call_id: 2,
        new_connection_device_id: Some("P7001".into()),
        ..Default::default()
    };
    story.hear(&renamed);
    assert_eq!(story.waiting(group(1)), [(2, 0)]);
    // An agent consults the queue with call 2, and hands the customer of call 3 over to it.
    let parties =
        [ConnectedParty { call_id: 3, device_id_type: DeviceIdType::DEVID_EXTERNAL, device_id: "2065551234".into() }];
    let transferred = CallTransferredEvent {
        peripheral_id: PERIPHERAL,
        primary_device_id_type: STATIC,
        primary_call_id: 3,
        primary_device_id: Some("5002".into()),
        secondary_device_id_type: STATIC,
        secondary_call_id: 2,
        secondary_device_id: Some("P7001".into()),
        connected_parties: List::new(&parties),
        ..Default::default()
    };
    story.wait(5);
    story.hear(&transferred);
    assert_eq!(story.waiting(group(1)), [(3, 5)]);
    story.hear(&established(3, 1));
    assert_eq!(story.outcomes(group(1)).answered, 1);
}

#[test]
fn equal_call_ids_are_told_apart_by_their_devices() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::with(QueueConfig::new(), Protocol::ccx(15).unwrap(), &mut room);
    let groups = [in_group(1)];
    let first = CallQueuedEvent { peripheral_id: 1, ..queued(1, &groups) };
    let second = CallQueuedEvent { connection_device_id: Some("P7002".into()), ..first };
    story.hear(&first);
    story.hear(&second);
    // On Unified CCX the second is taken for the first, whose ID it shares and which is the only one.
    let key = QueueKey::SkillGroup { peripheral_id: 1, skill_group_number: 1 };
    assert_eq!(story.waiting(key).len(), 1);
    // It leaves its queues by being diverted.
    let diverted = CallDivertedEvent {
        peripheral_id: 1,
        connection_device_id_type: STATIC,
        connection_call_id: 1,
        connection_device_id: Some("P7001".into()),
        ..Default::default()
    };
    story.hear(&diverted);
    assert_eq!((story.waiting(key).len(), story.tracker.calls()), (0, 1));
    assert_eq!(story.queue(key).num_queued, None);
}

#[test]
fn a_session_that_was_lost() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    story.hear(&queued(1, &[in_group(1)]));
    story.hear(&queued(2, &[in_group(1)]));
    story.hear(&OpenConf::default());
    // Something is heard of the first; the second has gone meanwhile.
    story.hear(&queued(1, &[in_group(1)]));
    story.tracker.resynchronised();
    assert!(story.tracker.sweep(story.now));
    check(&story.tracker, story.now);
    assert_eq!((story.waiting(group(1)), story.tracker.counters().given_up), (vec![(1, 0)], 1));
    assert_eq!((story.outcomes(group(1)).elsewhere, story.outcomes(group(1)).abandoned), (1, 0));
    // Of the first nothing is heard any more.
    story.wait(86_401);
    story.tracker.sweep(story.now);
    assert_eq!((story.tracker.calls(), story.tracker.counters().given_up), (0, 2));
}

#[test]
fn after_a_loss_any_word_says_that_a_call_is_there() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    let data = |call| CallDataUpdateEvent {
        peripheral_id: PERIPHERAL,
        connection_device_id_type: STATIC,
        connection_call_id: call,
        connection_device_id: Some("P7001".into()),
        new_connection_device_id_type: STATIC,
        new_connection_call_id: call,
        new_connection_device_id: Some("P7001".into()),
        ..Default::default()
    };
    (1..=4).for_each(|call| story.hear(&queued(call, &[in_group(1)])));
    assert_eq!(story.observe(&data(1)), Observed::Unchanged);
    story.hear(&OpenConf::default());
    // One by its data, one as it is queued, one that comes anew; the second and the third have gone.
    [data(1), data(9)].iter().for_each(|update| story.hear(update));
    story.hear(&queued(4, &[in_group(1)]));
    story.hear(&queued(5, &[in_group(1)]));
    story.tracker.resynchronised();
    assert!(story.tracker.sweep(story.now));
    assert_eq!(story.waiting(group(1)).iter().map(|(call, _)| *call).collect::<Vec<_>>(), [1, 4, 5]);
    assert_eq!(story.tracker.counters().given_up, 2);
    // Lost again, with calls that end before they are heard of.
    story.hear(&OpenConf::default());
    [cleared(1), cleared(4)].iter().for_each(|end| story.hear(end));
    story.hear(&data(5));
    story.tracker.resynchronised();
    assert!(story.tracker.sweep(story.now));
    assert_eq!((story.waiting(group(1)), story.outcomes(group(1)).abandoned), (vec![(5, 0)], 2));
    // Events of any call make the tracker look for those that are gone.
    story.hear(&OpenConf::default());
    story.tracker.resynchronised();
    (0..8).for_each(|_| story.hear(&cleared(77)));
    assert_eq!((story.tracker.calls(), story.tracker.counters().given_up), (0, 3));
}

#[test]
fn a_contact_service_queue_of_unified_ccx() {
    const CCX: u32 = cti_proto::track::CCX_PERIPHERAL;
    let csq = QueueKey::SkillGroup { peripheral_id: CCX, skill_group_number: 7 };
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::with(QueueConfig::new(), Protocol::ccx(15).unwrap(), &mut room);
    let groups = [in_group(7)];
    // Two callers wait for the application's queue; one gives up.
    for call in [1, 2] {
        story.hear(&CallQueuedEvent { peripheral_id: CCX, ..queued(call, &groups) });
        story.wait(15);
    }
    story.hear(&CallClearedEvent { peripheral_id: CCX, ..cleared(2) });
    assert_eq!(story.waiting(csq), [(1, 30)]);
    // An agent is found: Unified CCX tells of it by a diversion.
    let diverted = CallDivertedEvent {
        peripheral_id: CCX,
        connection_device_id_type: STATIC,
        connection_call_id: 1,
        connection_device_id: Some("P7001".into()),
        diverting_device_type: DeviceIdType::DEVID_CTI_PORT,
        ..Default::default()
    };
    story.hear(&diverted);
    assert_eq!(story.waiting(csq), []);
    story.hear(&CallDeliveredEvent { peripheral_id: CCX, ..rings_for(1, 7) });
    story.wait(5);
    story.hear(&CallEstablishedEvent { peripheral_id: CCX, ..established(1, 7) });
    // A third one finds the agent free.
    story.hear(&CallDeliveredEvent { peripheral_id: CCX, ..rings_for(3, 7) });
    story.wait(3);
    story.hear(&CallEstablishedEvent { peripheral_id: CCX, ..established(3, 7) });
    let outcomes = story.outcomes(csq);
    assert_eq!((outcomes.offered, outcomes.answered, outcomes.answered_in_time), (3, 2, 1));
    assert_eq!((outcomes.answer_seconds, outcomes.abandoned_in_time), (38, 1));
    assert_eq!(story.queue(QueueKey::Service { peripheral_id: CCX, service_number: 900 }).outcomes.answered, 2);
    assert_eq!(story.queue(csq).num_queued, None, "nobody counts there");
}

#[test]
fn what_the_server_says() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    let conf = QuerySkillGroupStatisticsConf {
        peripheral_id: PERIPHERAL,
        skill_group_number: NULL_SKILL_GROUP,
        skill_group_id: 700,
        router_calls_q_now: 3,
        longest_router_call_q_now: 61,
        queue_now: QueueStatistics { calls_q: u32::MAX, calls_q_time: u32::MAX, longest_call_q: u32::MAX },
        to_half: SkillGroupStatistics {
            handled_calls: 4,
            handled_calls_time: 1_000,
            handled_calls_talk_time: 800,
            handled_calls_after_call_time: 200,
            logged_on_time: 3_600,
            not_ready_time: 600,
            avail_time: 750,
            ..Default::default()
        },
        queue_half: QueueStatistics { calls_q: 5, calls_q_time: 100, longest_call_q: 40 },
        ..Default::default()
    };
    story.hear(&conf);
    assert_eq!(story.queue(QueueKey::SkillGroupId(700)).figures.calls_queued(), Some(3));
    story.hear(&QuerySkillGroupStatisticsConf { skill_group_number: 7, ..conf });
    assert_eq!(story.tracker.iter().count(), 1, "the same by number");
    story.wait(30);
    let queue = story.queue(group(7));
    assert_eq!(queue.figures.longest_wait(), Some(Duration::from_secs(61)));
    assert_eq!(queue.figures_age(story.now), Some(Duration::from_secs(30)));
    let half = queue.figures.to_half;
    let seconds = Duration::from_secs;
    assert_eq!(
        (half.average_handle(), half.average_talk(), half.average_wrap_up()),
        (Some(seconds(250)), Some(seconds(200)), Some(seconds(50)))
    );
    assert_eq!((half.average_queue(), half.occupancy()), (Some(seconds(20)), Share { part: 2_250, of: 3_000 }));
    assert_eq!(half.occupancy().percent(), Some(75));
    assert_eq!(
        (PeriodFigures::default().average_handle(), PeriodFigures::default().occupancy().percent()),
        (None, None)
    );
    // The service's own count of its queue.
    story.hear(&CallQueuedEvent { num_queued: 12, ..queued(1, &[]) });
    assert_eq!((story.queue(SERVICE).num_queued, story.queue(SERVICE).waiting), (Some(12), 1));
    story.hear(&CallDequeuedEvent { num_queued: 11, ..dequeued(1, &[]) });
    assert_eq!(story.queue(SERVICE).num_queued, Some(11));
}

#[test]
fn service_levels() {
    let outcomes = QueueOutcomes {
        offered: 12,
        answered: 7,
        answered_in_time: 5,
        abandoned: 3,
        abandoned_in_time: 2,
        ..Default::default()
    };
    assert_eq!(outcomes.service_level(ServiceLevel::AbandonedIgnored), Share { part: 5, of: 8 });
    assert_eq!(outcomes.service_level(ServiceLevel::AbandonedNegative), Share { part: 5, of: 10 });
    assert_eq!(outcomes.service_level(ServiceLevel::AbandonedPositive).percent(), Some(70));
    assert_eq!(QueueOutcomes::default().service_level(ServiceLevel::AbandonedIgnored).percent(), None);
}

#[test]
fn the_configuration_names_queues_and_sets_thresholds() {
    let mut room = Room::new(8, 8, 24);
    let mut story = Story::new(&mut room);
    story.hear(&queued(1, &[in_group(1)]));
    let service = ServiceRecord {
        record_type: Some(RecordType::CONFIG_RECORD_CHANGE),
        flt_peripheral_id: Some(PERIPHERAL),
        peripheral_number: Some(900),
        peripheral_name: Some("Hotline".into()),
        service_level_threshold: Some(5),
        ..Default::default()
    };
    let skills = SkillGroupRecord {
        record_type: Some(RecordType::CONFIG_RECORD_CHANGE),
        flt_peripheral_id: Some(PERIPHERAL),
        peripheral_number: Some(2),
        old_peripheral_number: Some(1),
        skill_group_skill_target_id: Some(700),
        peripheral_name: Some("Sales".into()),
        ..Default::default()
    };
    story.hear(&ConfigServiceEvent { records: List::new(&[service]) });
    story.hear(&ConfigSkillGroupEvent { records: List::new(&[skills]) });
    assert_eq!((story.queue(SERVICE).name.text(), story.queue(SERVICE).threshold), ("Hotline".into(), 5));
    assert_eq!(story.queue(QueueKey::SkillGroupId(700)).key, group(2));
    assert_eq!((story.queue(group(2)).name.text(), story.waiting(group(2)).len()), ("Sales".into(), 1));
    story.wait(10);
    story.hear(&established(1, 2));
    assert_eq!((story.outcomes(SERVICE).answered_in_time, story.outcomes(group(2)).answered_in_time), (0, 1));
}

#[test]
fn an_appliance_watches_a_few_queues() {
    let mut room = Room::new(2, 8, 24);
    let mut config = QueueConfig::new();
    (config.watched_only, config.threshold) = (true, 60);
    let mut story = Story::with(config, Protocol::cce(24).unwrap(), &mut room);
    let queue = story.tracker.watch(group(1)).unwrap();
    story.hear(&queued(1, &[in_group(1), in_group(2)]));
    story.hear(&queued(2, &[in_group(2)]));
    assert_eq!((story.tracker.iter().count(), story.tracker.calls()), (1, 1));
    story.tracker.set_threshold(queue, 10);
    story.wait(11);
    story.hear(&established(1, 1));
    assert_eq!((story.outcomes(group(1)).answered, story.outcomes(group(1)).answered_in_time), (1, 0));
    story.tracker.reset(queue);
    assert_eq!(story.outcomes(group(1)), QueueOutcomes::default());
}

#[test]
fn full_tables() {
    let mut room = Room::new(2, 2, 3);
    let mut story = Story::new(&mut room);
    let only = |call, number| CallQueuedEvent {
        service_number: NULL_SERVICE,
        ..queued(call, Box::leak(Box::new([in_group(number)])))
    };
    story.hear(&only(1, 1));
    story.hear(&only(2, 2));
    // No room for a third call or a third queue, as somebody waits everywhere.
    story.hear(&only(3, 3));
    let counters = story.tracker.counters();
    assert_eq!((counters.calls.refused, story.tracker.iter().count()), (1, 2));
    // A call that has left its queue makes room, and so does a queue where nobody waits.
    story.hear(&dequeued(1, &[]));
    story.hear(&only(3, 3));
    assert_eq!((story.tracker.calls(), story.waiting(group(3)).len(), story.tracker.find(group(1))), (2, 1, None));
    assert_eq!(story.tracker.counters().queues.evicted, 1);
    let mut room = Room::new(0, 0, 0);
    let mut story = Story::new(&mut room);
    story.hear(&only(1, 1));
    assert_eq!(story.tracker.calls(), 0);
}

#[test]
fn what_the_memory_is() {
    let [queue, call, wait] = [size_of::<QueueSlot>(), size_of::<WaitingSlot>(), size_of::<WaitSlot>()];
    println!("a queue takes {queue} bytes, a call in queues {call}, a wait {wait}");
    println!("16 queues, 32 calls, 64 waits: {} bytes", size_of::<QueueStorage<16, 32, 64>>());
    assert!(queue <= 400 && call <= 56 && wait <= 36);
}

// ---- the model ------------------------------------------------------------------------------------

#[derive(Default)]
struct Model {
    /// Call, queue, since when, whether it has left; in the order in which they came to the queue last.
    waits: Vec<(u32, QueueKey, u64, bool)>,
    outcomes: BTreeMap<String, (QueueKey, QueueOutcomes)>,
}

impl Model {
    fn outcome(&mut self, key: QueueKey) -> &mut QueueOutcomes {
        &mut self.outcomes.entry(format!("{key:?}")).or_insert((key, QueueOutcomes::default())).1
    }

    fn finish(&mut self, call: u32, now: u64, outcome: impl Fn(QueueKey) -> usize) {
        let (gone, left) = std::mem::take(&mut self.waits).into_iter().partition(|wait| wait.0 == call);
        self.waits = left;
        let gone: Vec<(u32, QueueKey, u64, bool)> = gone;
        for (_, key, since, _) in gone {
            let (seconds, kind) = ((now - since) as u32, outcome(key));
            let outcomes = self.outcome(key);
            let in_time = u32::from(seconds <= 20);
            match kind {
                0 => {
                    outcomes.answered += 1;
                    outcomes.answered_in_time += in_time;
                    outcomes.answer_seconds += seconds;
                }
                1 => {
                    outcomes.abandoned += 1;
                    outcomes.abandoned_in_time += in_time;
                    outcomes.abandon_seconds += seconds;
                }
                _ => outcomes.elsewhere += 1,
            }
            if kind < 2 {
                outcomes.longest_seconds = outcomes.longest_seconds.max(seconds);
            }
        }
    }

    fn step(&mut self, step: &HotlineStep, now: u64) {
        match step {
            HotlineStep::Queued { call, with_service, groups } => {
                let service = with_service.then_some(SERVICE);
                for key in service.into_iter().chain(groups.iter().map(|number| group(*number))) {
                    let known = self.waits.iter().position(|wait| (wait.0, wait.1) == (*call, key));
                    match known {
                        Some(known) if self.waits[known].3 => drop(self.waits.remove(known)),
                        Some(_) => continue,
                        None => self.outcome(key).offered += 1,
                    }
                    self.waits.push((*call, key, now, false));
                }
            }
            HotlineStep::Dequeued { call, groups } => {
                for wait in self.waits.iter_mut().filter(|wait| wait.0 == *call) {
                    wait.3 |= groups.is_empty() || groups.iter().any(|number| wait.1 == group(*number));
                }
                let mut mine = self.waits.iter().filter(|wait| wait.0 == *call && wait.1 != SERVICE);
                if mine.all(|wait| wait.3) {
                    self.waits.iter_mut().filter(|wait| wait.0 == *call).for_each(|wait| wait.3 = true);
                }
            }
            HotlineStep::Rings { call, with_service, group: named } => {
                self.waits.iter_mut().filter(|wait| wait.0 == *call).for_each(|wait| wait.3 = true);
                for key in with_service.then_some(SERVICE).into_iter().chain(named.map(group)) {
                    if !self.waits.iter().any(|wait| (wait.0, wait.1) == (*call, key)) {
                        self.outcome(key).offered += 1;
                        self.waits.push((*call, key, now, true));
                    }
                }
            }
            HotlineStep::Answered { call, group: named } => {
                let named = named.map(group);
                let is_told = self.waits.iter().any(|wait| wait.0 == *call && Some(wait.1) == named);
                self.finish(*call, now, |key| if !is_told || key == SERVICE || Some(key) == named { 0 } else { 2 });
            }
            HotlineStep::Cleared { call } => self.finish(*call, now, |_| 1),
            HotlineStep::Pass(_) => {}
            HotlineStep::Reopened(heard) => {
                let mut calls: Vec<_> = self.waits.iter().map(|wait| wait.0).collect();
                calls.retain(|call| !heard.contains(call));
                calls.into_iter().for_each(|call| self.finish(call, now, |_| 2));
            }
        }
    }
}

fn tell(story: &mut Story<'_>, step: &HotlineStep) {
    if let HotlineStep::Pass(time) = step {
        story.wait(time.as_secs());
    }
    step.frames(story.protocol).iter().for_each(|frame| story.hear_frame(frame));
    if matches!(step, HotlineStep::Reopened(_)) {
        story.tracker.resynchronised();
        while !story.tracker.sweep(story.now) {}
    }
    check(&story.tracker, story.now);
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
fn queues_are_what_the_model_says() {
    runner(400)
        .run(&Hotline::new().steps(0..80), |steps| {
            let mut room = Room::new(8, 16, 64);
            let mut story = Story::new(&mut room);
            let mut model = Model::default();
            for step in &steps {
                tell(&mut story, step);
                let now = story.now.as_millis() / 1_000;
                model.step(step, now);
                let mut keys = model.outcomes.values().copied().collect::<Vec<_>>();
                prop_assert_eq!(keys.len(), story.tracker.iter().count());
                for (key, outcomes) in keys.drain(..) {
                    prop_assert_eq!(story.outcomes(key), outcomes, "{:?} after {:?}", key, step);
                    let waits = model.waits.iter().filter(|wait| wait.1 == key && !wait.3);
                    let waits: Vec<_> = waits.map(|wait| (wait.0, now - wait.2)).collect();
                    prop_assert_eq!(story.waiting(key), waits, "{:?} after {:?}", key, step);
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn small_tables_keep_their_promises() {
    let cases = (Hotline::new().steps(0..80), (0..4_usize, 0..4_usize, 0..8_usize));
    runner(300)
        .run(&cases, |(steps, (queues, calls, waits))| {
            let mut room = Room::new(queues, calls, waits);
            let mut story = Story::new(&mut room);
            // Each step ends with a check.
            steps.iter().for_each(|step| tell(&mut story, step));
            (1..8).for_each(|call| story.hear(&cleared(call)));
            prop_assert_eq!((story.tracker.calls(), story.tracker.counters().waits.live), (0, 0));
            Ok(())
        })
        .unwrap();
}

/// A service of every protocol has its calls counted.
#[test]
fn every_protocol_has_queues() {
    for protocol in all_protocols() {
        let steps = Hotline::new().losses(false).steps(60);
        let mut counted = QueueOutcomes::default();
        for steps in cti_tests::values(&mut runner(10), &steps, 10) {
            let mut room = Room::new(8, 16, 64);
            let mut story = Story::with(QueueConfig::new(), protocol, &mut room);
            steps.iter().for_each(|step| tell(&mut story, step));
            for (_, queue) in story.tracker.iter() {
                counted.offered += queue.outcomes.offered;
                counted.answered += queue.outcomes.answered;
                counted.abandoned += queue.outcomes.abandoned;
            }
        }
        assert!(counted.offered > counted.answered && counted.answered > counted.abandoned, "{protocol}: {counted:?}");
        assert!(counted.abandoned > 0, "{protocol}: {counted:?}");
    }
}
