//! Tracked changes in words: what is different of a call, an agent, a group of agents, a queue.

use std::fmt::{Debug, Display};

use cti_proto::track::{
    Agent, AgentTracker, Call, CallEnd, CallTracker, Change, Group, GroupKey, PartyRole, Queue, QueueKey, QueueTracker,
};
use serde_json::{Map, Value, json};

use crate::tracked::{ID, Tracked};

/// A change, in both forms.
pub(crate) struct Line {
    /// For JSON: name and value.
    pub(crate) fields: Vec<(&'static str, Value)>,
    /// For people.
    pub(crate) words: String,
}

/// Takes all changes there are.
pub(crate) fn take(tracked: &mut Tracked) -> Vec<Line> {
    let mut lines = Vec::new();
    // To the end: what is left would come with a later message, and be taken for its doing.
    while let Some(change) = tracked.calls.poll_change() {
        lines.extend(call(&tracked.calls, change));
    }
    while let Some(change) = tracked.agents.poll_change() {
        lines.extend(agent(&tracked.agents, change));
    }
    while let Some(change) = tracked.agents.poll_group_change() {
        lines.extend(group(&tracked.agents, change));
    }
    while let Some(change) = tracked.queues.poll_change() {
        lines.extend(queue(&tracked.queues, change));
    }
    lines
}

/// What has changed of a call.
fn call(calls: &CallTracker<'_>, change: cti_proto::track::CallChange) -> Option<Line> {
    let (handle, what, is_end) = match change {
        Change::Changed(handle, what) => (handle, what, false),
        Change::Ended(handle, what) => (handle, what, true),
        _ => return Some(lost("call")),
    };
    let call = calls.get(handle)?;
    let parties: Vec<String> = call.parties().map(|party| format!("{} {}", party.device(), party.state())).collect();
    let stage = if is_end { format!("{:?}", call.end()) } else { format!("{:?}", call.stage()) };
    let words = format!("call {} {stage}: {} ({what:?})", call.id().call_id, parties.join(", "));
    Some(line("call", &what, is_end, call_object(&call), words))
}

/// A call in JSON, with what is known of it now.
fn call_object(call: &Call<'_>) -> Value {
    let (id, data) = (call.id(), call.data());
    let party = |party: cti_proto::track::Party<'_>| {
        let role = if party.role() == PartyRole::Caller { "caller" } else { "called" };
        json!({ "device": party.device().to_string(), "role": role, "state": party.state().to_string() })
    };
    let queues = call.queues().map(|(peripheral, number, _)| json!({ "peripheral": peripheral, "number": number }));
    let mut texts = Map::new();
    // Absent and empty are not the same: a text that was cleared is told as an empty one.
    let mut keep = |name: String, text: Option<cti_proto::Text<'_>>| {
        if let Some(text) = text {
            texts.insert(name, json!(text.to_string()));
        }
    };
    keep("ANI".into(), data.ani());
    keep("DNIS".into(), data.dnis());
    keep("DialedNumber".into(), data.dialed_number());
    keep("CallerEnteredDigits".into(), data.caller_entered_digits());
    keep("CallWrapupData".into(), data.call_wrapup_data());
    (1..=10).for_each(|number| keep(format!("CallVariable{number}"), data.variable(number)));
    data.named_variables().for_each(|variable| keep(variable.name.to_string(), Some(variable.value)));
    data.named_arrays().for_each(|array| keep(format!("{}[{}]", array.name, array.index), Some(array.value)));
    json!({
        "peripheral": call.peripheral_id(),
        "id": id.call_id,
        "device": id.device_id.to_string(),
        "type": call.call_type().to_string(),
        "stage": format!("{:?}", call.stage()),
        "end": (call.end() != CallEnd::None).then(|| format!("{:?}", call.end())),
        "parties": call.parties().map(party).collect::<Vec<_>>(),
        "queues": queues.collect::<Vec<_>>(),
        "data": texts,
    })
}

/// What has changed of an agent.
fn agent(agents: &AgentTracker<'_, ID>, change: Change<Agent<ID>>) -> Option<Line> {
    let (handle, what, is_end) = match change {
        Change::Changed(handle, what) => (handle, what, false),
        Change::Ended(handle, what) => (handle, what, true),
        _ => return Some(lost("agent")),
    };
    let agent = agents.get(handle)?;
    let groups = agents.memberships(handle).filter_map(|membership| {
        let group = agents.group(membership.group)?;
        Some(json!({ "group": group_name(group), "state": membership.state.to_string() }))
    });
    let object = json!({
        "peripheral": agent.peripheral_id,
        "id": agent.id.to_string(),
        "extension": agent.extension.to_string(),
        "instrument": agent.instrument.to_string(),
        "state": agent.state.to_string(),
        "reason": agent.event_reason_code,
        "groups": groups.collect::<Vec<_>>(),
    });
    let gone = if is_end { " gone" } else { "" };
    let words = format!("agent {}{gone} at {}: {} ({what:?})", agent.id, or_nothing(&agent.extension), agent.state);
    Some(line("agent", &what, is_end, object, words))
}

/// What has changed of a group of agents.
fn group(agents: &AgentTracker<'_, ID>, change: Change<Group>) -> Option<Line> {
    let (handle, what, is_end) = match change {
        Change::Changed(handle, what) => (handle, what, false),
        Change::Ended(handle, what) => (handle, what, true),
        _ => return Some(lost("group")),
    };
    let group = agents.group(handle)?;
    let counts: Map<String, Value> =
        group.counts.iter().map(|(state, count)| (state.to_string(), json!(count))).collect();
    let numbers: Vec<String> = group.counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
    let words = format!("{}: {} ({what:?})", group_name(group), or_nothing(&numbers.join(", ")));
    let object = json!({ "group": group_name(group), "name": group.name.to_string(), "counts": counts });
    Some(line("group", &what, is_end, object, words))
}

/// What has changed of a queue.
fn queue(queues: &QueueTracker<'_>, change: Change<Queue>) -> Option<Line> {
    let (handle, what, is_end) = match change {
        Change::Changed(handle, what) => (handle, what, false),
        Change::Ended(handle, what) => (handle, what, true),
        _ => return Some(lost("queue")),
    };
    let queue = queues.get(handle)?;
    let name = match queue.key {
        QueueKey::SkillGroup { peripheral_id, skill_group_number } => {
            format!("skill group {skill_group_number} at {peripheral_id}")
        }
        QueueKey::SkillGroupId(id) => format!("skill group with ID {id}"),
        QueueKey::Service { peripheral_id, service_number } => format!("service {service_number} at {peripheral_id}"),
    };
    let outcomes = &queue.outcomes;
    let words = format!(
        "queue of {name}: {} waiting, {} answered, {} abandoned ({what:?})",
        queue.waiting, outcomes.answered, outcomes.abandoned
    );
    let object = json!({
        "queue": name,
        "name": queue.name.to_string(),
        "waiting": queue.waiting,
        "offered": outcomes.offered,
        "answered": outcomes.answered,
        "answered_in_time": outcomes.answered_in_time,
        "abandoned": outcomes.abandoned,
        "elsewhere": outcomes.elsewhere,
    });
    Some(line("queue", &what, is_end, object, words))
}

/// What a group is called here: trackers know numbers, and names not always.
fn group_name(group: &Group) -> String {
    match group.key {
        GroupKey::SkillGroup { peripheral_id, skill_group_number } => {
            format!("skill group {skill_group_number} at {peripheral_id}")
        }
        GroupKey::SkillGroupId(id) => format!("skill group with ID {id}"),
        GroupKey::Team(id) => format!("team {id}"),
    }
}

/// A text, or a word for none.
fn or_nothing(text: &impl Display) -> String {
    let text = text.to_string();
    if text.is_empty() { "nothing".into() } else { text }
}

/// A change in both forms.
fn line(kind: &'static str, what: &impl Debug, ended: bool, object: Value, words: String) -> Line {
    // The flags print as `A|B`, which JSON has a list for.
    let names: Vec<String> = format!("{what:?}").split('|').map(str::to_owned).collect();
    let fields = vec![("change", json!(kind)), ("what", json!(names)), ("ended", json!(ended)), (kind, object)];
    Line { fields, words }
}

/// More changed than the table could keep.
fn lost(kind: &'static str) -> Line {
    let fields = vec![("change", json!("lost")), ("of", json!(kind))];
    Line { fields, words: format!("changes were lost: the table of {kind}s was full") }
}
