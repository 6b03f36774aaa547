//! Every public call of the trackers of agents, queues and configuration, in an order and with arguments that the input
//! decides, over storage of any size.

use core::hint::black_box;

use cti_proto::message::{
    AgentDeskSettingsRecord, AgentRecord, AgentServiceRecord, AgentStatistics, CallTypeRecord, DeviceRecord, MrdRecord,
    PeripheralRecord, ServiceRecord, SkillGroupRecord, TerminalRecord,
};
use cti_proto::session::Instant;
use cti_proto::track::{
    Agent, AgentConfig, AgentParts, AgentStorage, AgentTracker, Change, ConfigItem, ConfigKind, ConfigParts,
    ConfigScope, ConfigStorage, ConfigTracker, Group, GroupKey, Handle, Observed, PeriodFigures, Queue, QueueConfig,
    QueueKey, QueueParts, QueueStorage, QueueTracker, ServiceLevel,
};
use cti_proto::value::{AgentState, ConfigMask};
use cti_proto::{DecodeError, Frames, Protocol};

use crate::{Input, Sum};

/// Feeds some frames to a tracker.
fn hear(
    protocol: Protocol,
    input: &mut Input<'_>,
    sum: &mut Sum,
    mut observe: impl FnMut(&cti_proto::Frame<'_>) -> Result<Observed, DecodeError>,
) {
    let length = usize::from(input.byte()) << 4;
    for frame in Frames::new(protocol, input.bytes(length)).flatten() {
        match observe(&frame) {
            Ok(observed) => sum.print_debug(&observed),
            Err(error) => sum.decode_error(error),
        }
    }
}

fn moment(input: &mut Input<'_>) -> Instant {
    Instant::from_millis(u64::from(input.number()) << 16)
}

// ---- agents ---------------------------------------------------------------------------------------

pub fn agents(protocol: Protocol, input: &mut Input<'_>, sum: &mut Sum) {
    let mut room = AgentStorage::<3, 3, 7>::new();
    let AgentParts { agents, groups, members } = room.parts();
    let [some_agents, some_groups, some_members] = [(); 3].map(|()| usize::from(input.byte()));
    let parts = AgentParts {
        agents: agents.get_mut(..some_agents).unwrap_or_default(),
        groups: groups.get_mut(..some_groups).unwrap_or_default(),
        members: members.get_mut(..some_members).unwrap_or_default(),
    };
    let mut config = AgentConfig::new();
    config.watched_only = input.byte() == 0;
    let mut tracker = AgentTracker::new(config, black_box(parts));
    let (mut agent, mut group) = (None, None);
    while !input.0.is_empty() {
        let now = moment(input);
        let tracker = black_box(&mut tracker);
        match input.byte() {
            0 => tracker.session_lost(),
            1 => tracker.resynchronised(),
            2 => sum.add(usize::from(tracker.sweep())),
            3 => group = tracker.watch(group_key(input)),
            4 => group.into_iter().for_each(|group| tracker.unwatch(group)),
            5 => agent.into_iter().for_each(|agent| tracker.forget(agent)),
            6 => group.into_iter().for_each(|group| tracker.forget_group(group)),
            7 => agent = named(tracker.poll_change(), sum).or(agent),
            8 => group = named(tracker.poll_group_change(), sum).or(group),
            _ => hear(protocol, input, sum, |frame| tracker.observe(now, frame)),
        }
        look_at_agents(black_box(tracker), now, agent, group, input, sum);
    }
}

fn named<T: change::Changing>(change: Option<T>, sum: &mut Sum) -> Option<Handle<T::Entry>> {
    change?.named(sum)
}

/// Changes of any kind of entry.
mod change {
    use super::{Agent, Change, Group, Handle, Queue, Sum};
    use cti_proto::track::ConfigEntry;

    pub trait Changing {
        type Entry;
        fn named(self, sum: &mut Sum) -> Option<Handle<Self::Entry>>;
    }

    macro_rules! changing {
        ($($entry:ty)*) => {$(
            impl Changing for Change<$entry> {
                type Entry = $entry;

                fn named(self, sum: &mut Sum) -> Option<Handle<$entry>> {
                    sum.print_debug(&self);
                    match self {
                        Change::Changed(handle, _) | Change::Ended(handle, _) => Some(handle),
                        _ => None,
                    }
                }
            }
        )*};
    }

    changing!(Agent Group Queue ConfigEntry);
}

fn group_key(input: &mut Input<'_>) -> GroupKey {
    let (kind, peripheral_id, number) = (input.byte(), input.number(), input.number());
    match kind {
        0 => GroupKey::SkillGroup { peripheral_id, skill_group_number: number },
        1 => GroupKey::SkillGroupId(number),
        _ => GroupKey::Team(number),
    }
}

fn look_at_agents(
    tracker: &AgentTracker<'_>,
    now: Instant,
    agent: Option<Handle<Agent>>,
    group: Option<Handle<Group>>,
    input: &mut Input<'_>,
    sum: &mut Sum,
) {
    sum.print_debug(tracker);
    sum.print_debug(&tracker.counters());
    let (peripheral, text, number) = (input.number(), input.text(), input.number());
    let counts = tracker.counts();
    sum.number(counts.of(AgentState(number as u16)) ^ counts.logged_in() ^ counts.available() ^ counts.on_call());
    sum.number(counts.wrapping_up() ^ counts.not_ready() ^ counts.all());
    let found = [tracker.find(peripheral, text), tracker.at_device(peripheral, text), agent];
    for handle in found.into_iter().flatten() {
        if let Some(agent) = tracker.get(handle) {
            sum.print_debug(agent);
            sum.number(agent.state_duration(now).subsec_millis());
            sum.add(usize::from(agent.is_logged_in()) + usize::from(tracker.is_stale(agent)));
        }
        for domain in tracker.domains(handle) {
            sum.print_debug(&domain);
            sum.number(domain.state_duration(now).subsec_millis());
        }
        for member in tracker.memberships(handle) {
            sum.print_debug(&member);
            sum.number(member.state_duration(now).subsec_millis());
            sum.add(usize::from(member.is_supervisor()));
        }
    }
    for handle in [tracker.find_group(group_key(input)), group].into_iter().flatten() {
        if let Some(group) = tracker.group(handle) {
            sum.print_debug(group);
            sum.number(group.peripheral_id());
        }
        tracker.members(handle).for_each(|member| sum.print_debug(&member));
    }
    sum.add(tracker.iter().count() + tracker.groups().count() + tracker.stale().count() + tracker.supervised().count());
}

// ---- queues ---------------------------------------------------------------------------------------

pub fn queues(protocol: Protocol, input: &mut Input<'_>, sum: &mut Sum) {
    let mut room = QueueStorage::<3, 3, 7>::new();
    let QueueParts { queues, calls, waits } = room.parts();
    let [some_queues, some_calls, some_waits] = [(); 3].map(|()| usize::from(input.byte()));
    let parts = QueueParts {
        queues: queues.get_mut(..some_queues).unwrap_or_default(),
        calls: calls.get_mut(..some_calls).unwrap_or_default(),
        waits: waits.get_mut(..some_waits).unwrap_or_default(),
    };
    let mut config = QueueConfig::new();
    (config.watched_only, config.threshold) = (input.byte() == 0, input.number());
    config.patience = core::time::Duration::from_secs(input.number().into());
    let mut tracker = QueueTracker::new(config, black_box(parts));
    let mut queue = None;
    while !input.0.is_empty() {
        let now = moment(input);
        let tracker = black_box(&mut tracker);
        match input.byte() {
            0 => tracker.session_lost(),
            1 => tracker.resynchronised(),
            2 => sum.add(usize::from(tracker.sweep(now))),
            3 => queue = tracker.watch(queue_key(input)),
            4 => queue.into_iter().for_each(|queue| tracker.unwatch(queue)),
            5 => queue.into_iter().for_each(|queue| tracker.set_threshold(queue, input.number())),
            6 => queue.into_iter().for_each(|queue| tracker.reset(queue)),
            7 => queue = named(tracker.poll_change(), sum).or(queue),
            _ => hear(protocol, input, sum, |frame| tracker.observe(now, frame)),
        }
        look_at_queues(black_box(tracker), now, queue, input, sum);
    }
}

fn queue_key(input: &mut Input<'_>) -> QueueKey {
    let (kind, peripheral_id, number) = (input.byte(), input.number(), input.number());
    match kind {
        0 => QueueKey::SkillGroup { peripheral_id, skill_group_number: number },
        1 => QueueKey::SkillGroupId(number),
        _ => QueueKey::Service { peripheral_id, service_number: number },
    }
}

fn look_at_queues(
    tracker: &QueueTracker<'_>,
    now: Instant,
    queue: Option<Handle<Queue>>,
    input: &mut Input<'_>,
    sum: &mut Sum,
) {
    sum.print_debug(tracker);
    sum.print_debug(&tracker.counters());
    sum.add(tracker.calls() + tracker.iter().count());
    for handle in [tracker.find(queue_key(input)), queue].into_iter().flatten() {
        if let Some(queue) = tracker.get(handle) {
            sum.print_debug(queue);
            sum.number(queue.figures_age(now).map_or(0, |age| age.subsec_millis()));
            figures(queue, sum);
        }
        tracker.waiting(handle, now).for_each(|call| sum.print_debug(&call));
        sum.number(tracker.longest_wait(handle, now).map_or(0, |wait| wait.subsec_millis()));
    }
    let agent = AgentStatistics { handled_calls: input.number(), logged_on_time: input.number(), ..Default::default() };
    period(&PeriodFigures::of_agent(&agent), sum);
}

fn figures(queue: &Queue, sum: &mut Sum) {
    let outcomes = queue.outcomes;
    let kinds = [ServiceLevel::AbandonedIgnored, ServiceLevel::AbandonedNegative, ServiceLevel::AbandonedPositive];
    kinds.into_iter().for_each(|kind| sum.number(outcomes.service_level(kind).percent().unwrap_or_default()));
    sum.number(outcomes.abandon_rate().percent().unwrap_or_default());
    let times = [outcomes.average_answer(), outcomes.average_abandon(), queue.figures.longest_wait()];
    times.into_iter().flatten().for_each(|time| sum.number(time.as_secs() as u32));
    sum.number(queue.figures.calls_queued().unwrap_or_default());
    [queue.figures.to5, queue.figures.to_half, queue.figures.today].iter().for_each(|figures| period(figures, sum));
}

fn period(figures: &PeriodFigures, sum: &mut Sum) {
    let times = [figures.average_handle(), figures.average_talk(), figures.average_wrap_up(), figures.average_queue()];
    times.into_iter().flatten().for_each(|time| sum.number(time.as_secs() as u32));
    sum.number(figures.occupancy().percent().unwrap_or_default());
}

// ---- configuration --------------------------------------------------------------------------------

pub fn configuration(protocol: Protocol, input: &mut Input<'_>, sum: &mut Sum) {
    let mut room = ConfigStorage::<4, 40>::new();
    let ConfigParts { items, records } = room.parts();
    let [some_items, some_records] = [(); 2].map(|()| usize::from(input.byte()));
    let parts = ConfigParts {
        items: items.get_mut(..some_items).unwrap_or_default(),
        records: records.get_mut(..some_records).unwrap_or_default(),
    };
    let mut scope = ConfigScope::new();
    scope.kinds = ConfigMask(input.number());
    let mut tracker = ConfigTracker::new(scope, black_box(parts));
    let mut item = None;
    while !input.0.is_empty() {
        let tracker = black_box(&mut tracker);
        match input.byte() {
            0 => tracker.session_lost(),
            1 => sum.add(usize::from(tracker.sweep())),
            2 => item = named(tracker.poll_change(), sum).or(item),
            _ => hear(protocol, input, sum, |frame| tracker.observe(Instant::ZERO, frame)),
        }
        let tracker = black_box(&*tracker);
        if let Some(item) = item.and_then(|item| tracker.get(item)) {
            show(&item, sum);
        }
        look_at_configuration(tracker, protocol, input, sum);
    }
}

fn look_at_configuration(tracker: &ConfigTracker<'_>, protocol: Protocol, input: &mut Input<'_>, sum: &mut Sum) {
    sum.print_debug(tracker);
    sum.print_debug(&tracker.counters());
    sum.print_debug(&tracker.request(protocol));
    sum.print_debug(&tracker.last_status());
    sum.add(usize::from(tracker.is_empty()));
    let (peripheral, number, text) = (input.number(), input.number(), input.text());
    for kind in ConfigKind::ALL {
        sum.print_debug(kind);
        sum.number(kind.mask().0 ^ kind.ccx_mask().0);
        sum.add(tracker.len(*kind) + usize::from(tracker.is_complete(*kind)) + usize::from(tracker.is_current(*kind)));
        sum.print_debug(&tracker.key(*kind));
        tracker.iter(*kind).for_each(|item| show(&item, sum));
        let found = [
            tracker.find(*kind, peripheral, number),
            tracker.find_by_text(*kind, peripheral, text),
            tracker.find_by_target(*kind, number),
        ];
        found.iter().flatten().for_each(|item| show(item, sum));
    }
    sum.add(tracker.records::<AgentRecord<'_>>().count());
}

fn show(item: &ConfigItem<'_>, sum: &mut Sum) {
    sum.print_debug(item);
    sum.print_debug(&item.handle());
    sum.number(item.peripheral_id());
    sum.add(usize::from(item.is_cut()));
    sum.print_debug(&item.record::<ServiceRecord<'_>>());
    sum.print_debug(&item.record::<SkillGroupRecord<'_>>());
    sum.print_debug(&item.record::<AgentRecord<'_>>());
    sum.print_debug(&item.record::<AgentServiceRecord<'_>>());
    sum.print_debug(&item.record::<DeviceRecord<'_>>());
    sum.print_debug(&item.record::<CallTypeRecord<'_>>());
    sum.print_debug(&item.record::<MrdRecord<'_>>());
    sum.print_debug(&item.record::<PeripheralRecord>());
    sum.print_debug(&item.record::<AgentDeskSettingsRecord<'_>>());
    sum.print_debug(&item.record::<TerminalRecord<'_>>());
}
