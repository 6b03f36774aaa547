//! Calls, agents and queues together: stories told to a picture, and the picture beside its trackers apart.

use cti_proto::message::{AgentPreCallEvent, OpenConf, QueueSkillGroup};
use cti_proto::session::Instant;
use cti_proto::strategy::{Hotline, OwnedFrame, Shift, Traffic, Upload};
use cti_proto::track::{
    AgentCall, AgentConfig, AgentStorage, AgentTracker, CallConfig, CallStage, CallStorage, CallTracker, GroupKey,
    Observed, Picture, QueueConfig, QueueKey, QueueOutcomes, QueueStorage, QueueTracker, ServiceLevel, Share,
};
use cti_proto::value::{AgentState, CallType, DeviceIdType, LocalConnectionState, NULL_SERVICE, NULL_SKILL_GROUP};
use cti_proto::{Body, List, Protocol};
use cti_tests::agent::{agent_at, in_group};
use cti_tests::track::{PERIPHERAL, with_frame};
use proptest::prelude::*;

const SALES: u32 = 1;
const QUEUE: QueueKey = QueueKey::SkillGroup { peripheral_id: PERIPHERAL, skill_group_number: SALES };
const GROUP: GroupKey = GroupKey::SkillGroup { peripheral_id: PERIPHERAL, skill_group_number: SALES };
const AVAILABLE: AgentState = AgentState::AGENT_STATE_AVAILABLE;
const RESERVED: AgentState = AgentState::AGENT_STATE_RESERVED;
const TALKING: AgentState = AgentState::AGENT_STATE_TALKING;

type Calls = CallStorage<64, 128, 128, 256>;
type Agents = AgentStorage<64, 32, 192>;
type Queues = QueueStorage<16, 64, 192>;

/// An event of a call, with the fields that all of them have.
macro_rules! call_event {
    ($call:expr, $event:ident { $($field:ident: $value:expr),* $(,)? }) => {
        cti_proto::message::$event {
            peripheral_id: PERIPHERAL,
            connection_device_id_type: cti_proto::value::ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            connection_call_id: $call,
            connection_device_id: Some("7001".into()),
            $($field: $value,)*
            ..Default::default()
        }
    };
}
#[derive(Default)]
struct Room {
    calls: Box<Calls>,
    agents: Box<Agents>,
    queues: Box<Queues>,
}

impl Room {
    fn picture(&mut self) -> Picture<'_> {
        Picture::new(
            (CallConfig::new(), self.calls.parts()),
            (AgentConfig::new(), self.agents.parts()),
            (QueueConfig::new(), self.queues.parts()),
        )
    }
}

struct Story<'s> {
    picture: Picture<'s>,
    seconds: u64,
}

impl<'s> Story<'s> {
    fn new(room: &'s mut Room) -> Self {
        Self { picture: room.picture(), seconds: 1_000 }
    }

    fn now(&self) -> Instant {
        Instant::from_millis(self.seconds * 1_000)
    }

    fn wait(&mut self, seconds: u64) {
        self.seconds += seconds;
    }

    fn hear<'a, M: Body<'a>>(&mut self, message: &M) {
        let (now, picture) = (self.now(), &mut self.picture);
        let protocol = Protocol::cce(24).unwrap();
        let observed = with_frame(protocol, message, |frame| picture.observe(now, frame).unwrap());
        assert_ne!(observed, Observed::Irrelevant);
    }

    /// Who is how in the skill group, and how many wait there.
    fn board(&self) -> (u32, u32, u32) {
        let group = self.picture.agents.find_group(GROUP).and_then(|group| self.picture.agents.group(group));
        let counts = group.map(|group| group.counts).unwrap_or_default();
        let queue = self.picture.queues.find(QUEUE).and_then(|queue| self.picture.queues.get(queue));
        (counts.available(), counts.on_call(), queue.map_or(0, |queue| queue.waiting))
    }

    fn outcomes(&self) -> QueueOutcomes {
        let queue = self.picture.queues.find(QUEUE).and_then(|queue| self.picture.queues.get(queue));
        queue.map(|queue| queue.outcomes).unwrap_or_default()
    }

    /// The call of an agent by all that is known of it: what the agent tells, the stage of the call at the phone.
    fn call_of(&self, id: &str) -> (AgentCall, Vec<CallStage>) {
        let agent = self.picture.agents.find(PERIPHERAL, id).unwrap();
        let stages = self.picture.calls_of(agent).map(|call| call.stage()).collect();
        (self.picture.agents.get(agent).unwrap().call, stages)
    }

    fn is(&mut self, id: &'static str, extension: &'static str, state: AgentState) {
        self.hear(&agent_at(id, extension, state, &[in_group(SALES, state)]));
    }

    fn begins(&mut self, call: u32) {
        self.hear(&call_event!(
            call,
            BeginCallEvent {
                call_type: CallType::CALLTYPE_ACD_IN,
                router_call_key_day: Some(1),
                router_call_key_call_id: Some(call),
                router_call_key_sequence_number: Some(0),
            }
        ));
    }

    fn rings(&mut self, call: u32, extension: &'static str) {
        self.hear(&call_event!(
            call,
            CallDeliveredEvent {
                alerting_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
                alerting_device_id: Some(extension.into()),
                calling_device_type: DeviceIdType::DEVID_EXTERNAL,
                calling_device_id: Some("2065551234".into()),
                service_number: NULL_SERVICE,
                skill_group_number: SALES,
                local_connection_state: LocalConnectionState::LCS_ALERTING,
            }
        ));
    }

    fn answers(&mut self, call: u32, extension: &'static str) {
        self.hear(&call_event!(
            call,
            CallEstablishedEvent {
                answering_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
                answering_device_id: Some(extension.into()),
                calling_device_type: DeviceIdType::DEVID_EXTERNAL,
                calling_device_id: Some("2065551234".into()),
                service_number: NULL_SERVICE,
                skill_group_number: SALES,
                local_connection_state: LocalConnectionState::LCS_CONNECT,
            }
        ));
    }

    fn ends(&mut self, call: u32) {
        self.hear(&call_event!(call, CallClearedEvent {}));
        self.hear(&call_event!(call, EndCallEvent {}));
    }
}

#[test]
fn a_caller_waits_for_the_only_agent_who_then_wraps_up() {
    let mut room = Room::default();
    let mut story = Story::new(&mut room);
    story.is("1001", "5001", AVAILABLE);
    assert_eq!(story.board(), (1, 0, 0));
    // The first caller finds the agent free, the second one has to wait.
    story.begins(1);
    story.is("1001", "5001", RESERVED);
    story.rings(1, "5001");
    assert_eq!(story.call_of("1001").1, [CallStage::Alerting]);
    story.wait(3);
    story.answers(1, "5001");
    story.is("1001", "5001", TALKING);
    assert_eq!((story.board(), story.call_of("1001").1), ((0, 1, 0), vec![CallStage::Talking]));
    let groups = [QueueSkillGroup { number: SALES, id: NULL_SKILL_GROUP, priority: 0 }];
    story.begins(2);
    story.hear(&call_event!(2, CallQueuedEvent { service_number: NULL_SERVICE, skill_groups: List::new(&groups) }));
    assert_eq!(story.board(), (0, 1, 1));
    story.wait(60);
    story.ends(1);
    story.is("1001", "5001", AgentState::AGENT_STATE_WORK_READY);
    assert_eq!((story.board(), story.call_of("1001").1), ((0, 0, 1), vec![]));
    story.wait(30);
    // The router announces the second one.
    story.hear(&AgentPreCallEvent {
        agent_instrument: Some("5001".into()),
        agent_id: Some("1001".into()),
        router_call_key_day: Some(1),
        router_call_key_call_id: Some(2),
        router_call_key_sequence_number: Some(0),
        ..Default::default()
    });
    assert!(matches!(story.call_of("1001").0, AgentCall::Announced { router_call_key_call_id: 2, .. }));
    story.hear(&call_event!(2, CallDequeuedEvent { service_number: NULL_SERVICE }));
    story.rings(2, "5001");
    story.answers(2, "5001");
    story.is("1001", "5001", TALKING);
    assert_eq!(story.board(), (0, 1, 0));
    let outcomes = story.outcomes();
    assert_eq!((outcomes.offered, outcomes.answered, outcomes.answer_seconds), (2, 2, 3 + 90));
    assert_eq!(outcomes.service_level(ServiceLevel::default()), Share { part: 1, of: 2 });
    story.ends(2);
    assert_eq!((story.picture.calls.len(), story.picture.queues.calls()), (0, 0));
}

#[test]
fn a_server_restarts_while_one_talks_and_one_waits() {
    let mut room = Room::default();
    let mut story = Story::new(&mut room);
    let groups = [QueueSkillGroup { number: SALES, id: NULL_SKILL_GROUP, priority: 0 }];
    story.is("1001", "5001", TALKING);
    story.is("1002", "5002", AVAILABLE);
    for call in 1..=3 {
        story.begins(call);
    }
    story.rings(1, "5001");
    story.answers(1, "5001");
    for call in [2, 3] {
        story.hear(&call_event!(
            call,
            CallQueuedEvent { service_number: NULL_SERVICE, skill_groups: List::new(&groups) }
        ));
    }
    assert_eq!(story.board(), (1, 1, 2));
    story.hear(&OpenConf::default());
    story.picture.session_lost();
    assert_eq!(story.picture.agents.stale().count(), 2);
    story.wait(20);
    // The new session tells of the agent who talks, of the talk, and of one who waits.
    story.is("1001", "5001", TALKING);
    story.answers(1, "5001");
    story.hear(&call_event!(
        2,
        CallDataUpdateEvent { new_connection_call_id: 2, new_connection_device_id: Some("7001".into()) }
    ));
    story.picture.resynchronised();
    for _ in 0..8 {
        let now = story.now();
        story.picture.sweep(now);
    }
    assert_eq!(story.board(), (0, 1, 1));
    assert_eq!((story.picture.agents.iter().count(), story.picture.calls.len()), (1, 2));
    assert_eq!((story.outcomes().elsewhere, story.outcomes().answered), (1, 1));
    assert_eq!(story.call_of("1001").1, [CallStage::Talking]);
}

/// Streams of everything, one woven into the other.
fn streams() -> impl Strategy<Value = Vec<OwnedFrame>> {
    let protocol = Protocol::cce(24).unwrap();
    let calls = Traffic::new(protocol).losses(0.1).duplicates(0.1).disorder(0.1).events(0..40);
    let agents = Shift::new(protocol).losses(0.1).duplicates(0.1).events(0..60);
    let queues = Hotline::new().events(protocol, 0..40);
    let configuration = Upload::new().events(protocol, 0..20);
    (calls, agents, queues, configuration, any::<u64>()).prop_map(|(calls, agents, queues, configuration, order)| {
        let mut all = [calls, agents, queues, configuration].map(Vec::into_iter);
        let mut woven = Vec::new();
        let mut turn = order;
        while all.iter().any(|events| events.len() > 0) {
            turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            woven.extend(all[(turn >> 62) as usize].next());
        }
        woven
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// A picture is what its trackers are, each by itself, and says the more that one of them says.
    #[test]
    fn together_is_apart(events in streams()) {
        let (mut room, mut apart) = (Room::default(), Room::default());
        let mut picture = room.picture();
        let mut calls = CallTracker::new(CallConfig::new(), apart.calls.parts());
        let mut agents: AgentTracker<'_> = AgentTracker::new(AgentConfig::new(), apart.agents.parts());
        let mut queues = QueueTracker::new(QueueConfig::new(), apart.queues.parts());
        for (number, event) in events.iter().enumerate() {
            let (now, frame) = (Instant::from_millis(number as u64 * 500), event.frame());
            let told = calls.observe(now, &frame)?.or(agents.observe(now, &frame)?).or(queues.observe(now, &frame)?);
            prop_assert_eq!(picture.observe(now, &frame)?, told, "{:?}", event);
            prop_assert_eq!(picture.agents.counts(), agents.counts());
        }
        prop_assert_eq!(picture.calls.counters(), calls.counters());
        prop_assert_eq!(picture.agents.counters(), agents.counters());
        prop_assert_eq!(picture.queues.counters(), queues.counters());
        let outcomes = |queues: &QueueTracker<'_>| -> Vec<_> { queues.iter().map(|(_, queue)| (queue.key, queue.outcomes)).collect() };
        prop_assert_eq!(outcomes(&picture.queues), outcomes(&queues));
        // What is of nobody is irrelevant, and told so by all.
        let nothing = OwnedFrame::from_parts(Protocol::cce(24).unwrap(), cti_proto::MessageType::HEARTBEAT_CONF, &[0; 4]);
        prop_assert_eq!(picture.observe(Instant::ZERO, &nothing.frame())?, Observed::Irrelevant);
    }
}
