//! The floor under the trackers: the picture as an application makes it that has only the decoder, for the messages of the
//! stream, in maps and vectors of the standard library. It knows no transfers, no losses and no bounds.

use std::collections::HashMap;

use cti_proto::message::{
    AgentStateEvent, BeginCallEvent, CallClearedEvent, CallDataUpdateEvent, CallDeliveredEvent, CallEstablishedEvent,
    CallVariables, EndCallEvent,
};
use cti_proto::value::{AgentState, LocalConnectionState};
use cti_proto::wire::NamedVariable;
use cti_proto::{Body, DecodeError, Frame, Frames, List, MessageType, Text};

use crate::Stream;

/// Calls by their IDs, agents by theirs, and how many agents are in which state, for each skill group.
#[derive(Debug, Default)]
pub struct Plain {
    calls: HashMap<u32, Call>,
    agents: HashMap<Vec<u8>, Agent>,
    groups: HashMap<u32, HashMap<AgentState, usize>>,
    changed_calls: Vec<u32>,
    changed_agents: Vec<Vec<u8>>,
}

#[derive(Debug, Default)]
struct Call {
    device: Vec<u8>,
    ani: Vec<u8>,
    dnis: Vec<u8>,
    dialed_number: Vec<u8>,
    caller_entered_digits: Vec<u8>,
    key: [Option<u32>; 3],
    variables: [Vec<u8>; 10],
    named: HashMap<Vec<u8>, Vec<u8>>,
    parties: Vec<(Vec<u8>, LocalConnectionState)>,
}

#[derive(Debug, Default)]
struct Agent {
    extension: Vec<u8>,
    instrument: Vec<u8>,
    terminal: Vec<u8>,
    state: AgentState,
    state_duration: u32,
    reason: u16,
    tasks: [u32; 2],
    groups: Vec<(u32, AgentState)>,
}

impl Plain {
    /// A picture of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether no call is left over.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    fn observe(&mut self, frame: &Frame<'_>) -> Result<(), DecodeError> {
        match frame.message_type() {
            MessageType::AGENT_STATE_EVENT => self.agent_state(&decoded(frame)?),
            MessageType::BEGIN_CALL_EVENT => self.begin_call(&decoded(frame)?),
            MessageType::CALL_DATA_UPDATE_EVENT => self.data_update(&decoded(frame)?),
            MessageType::CALL_DELIVERED_EVENT => self.delivered(&decoded(frame)?),
            MessageType::CALL_ESTABLISHED_EVENT => self.established(&decoded(frame)?),
            MessageType::CALL_CLEARED_EVENT => self.cleared(&decoded(frame)?),
            MessageType::END_CALL_EVENT => self.end_call(&decoded(frame)?),
            _ => {}
        }
        Ok(())
    }

    fn agent_state(&mut self, event: &AgentStateEvent<'_>) {
        let id = event.agent_id.unwrap_or_default().as_bytes();
        if !self.agents.contains_key(id) {
            self.agents.insert(id.to_vec(), Agent::default());
        }
        let Some(agent) = self.agents.get_mut(id) else { return };
        keep(&mut agent.extension, event.agent_extension);
        keep(&mut agent.instrument, event.agent_instrument);
        keep(&mut agent.terminal, event.active_terminal);
        (agent.state, agent.state_duration, agent.reason) =
            (event.agent_state, event.state_duration, event.event_reason_code);
        agent.tasks = [event.num_tasks, event.max_task_limit];
        for group in &event.flt_skill_groups {
            let counts = self.groups.entry(group.number).or_default();
            match agent.groups.iter_mut().find(|(number, _)| *number == group.number) {
                Some((_, state)) => {
                    counts.entry(*state).and_modify(|count| *count -= 1);
                    *state = group.state;
                }
                None => agent.groups.push((group.number, group.state)),
            }
            *counts.entry(group.state).or_default() += 1;
        }
        self.changed_agents.push(id.to_vec());
    }

    fn begin_call(&mut self, event: &BeginCallEvent<'_>) {
        let call = self.calls.entry(event.connection_call_id).or_default();
        keep(&mut call.device, event.connection_device_id);
        keep(&mut call.ani, event.ani);
        keep(&mut call.dnis, event.dnis);
        keep(&mut call.dialed_number, event.dialed_number);
        keep(&mut call.caller_entered_digits, event.caller_entered_digits);
        call.key = [event.router_call_key_day, event.router_call_key_call_id, event.router_call_key_sequence_number];
        call.keep_variables(&event.call_variables, &event.named_variables);
        self.changed_calls.push(event.connection_call_id);
    }

    fn data_update(&mut self, event: &CallDataUpdateEvent<'_>) {
        let Some(call) = self.calls.get_mut(&event.connection_call_id) else { return };
        keep(&mut call.ani, event.ani);
        keep(&mut call.dnis, event.dnis);
        keep(&mut call.dialed_number, event.dialed_number);
        call.keep_variables(&event.call_variables, &event.named_variables);
        self.changed_calls.push(event.connection_call_id);
    }

    fn delivered(&mut self, event: &CallDeliveredEvent<'_>) {
        let Some(call) = self.calls.get_mut(&event.connection_call_id) else { return };
        call.set(event.calling_device_id, LocalConnectionState::LCS_CONNECT);
        call.set(event.alerting_device_id, LocalConnectionState::LCS_ALERTING);
        self.changed_calls.push(event.connection_call_id);
    }

    fn established(&mut self, event: &CallEstablishedEvent<'_>) {
        let Some(call) = self.calls.get_mut(&event.connection_call_id) else { return };
        call.set(event.answering_device_id, LocalConnectionState::LCS_CONNECT);
        self.changed_calls.push(event.connection_call_id);
    }

    fn cleared(&mut self, event: &CallClearedEvent<'_>) {
        let Some(call) = self.calls.get_mut(&event.connection_call_id) else { return };
        call.parties.clear();
        self.changed_calls.push(event.connection_call_id);
    }

    fn end_call(&mut self, event: &EndCallEvent<'_>) {
        if self.calls.remove(&event.connection_call_id).is_some() {
            self.changed_calls.push(event.connection_call_id);
        }
    }
}

impl Call {
    fn set(&mut self, device: Option<Text<'_>>, state: LocalConnectionState) {
        let device = device.unwrap_or_default().as_bytes();
        match self.parties.iter_mut().find(|(known, _)| known == device) {
            Some((_, known)) => *known = state,
            None => self.parties.push((device.to_vec(), state)),
        }
    }

    fn keep_variables(&mut self, variables: &CallVariables<'_>, named: &List<'_, NamedVariable<'_>>) {
        for (kept, said) in self.variables.iter_mut().zip(variables.0) {
            keep(kept, said);
        }
        for variable in named {
            match self.named.get_mut(variable.name.as_bytes()) {
                Some(kept) => keep(kept, Some(variable.value)),
                None => {
                    self.named.insert(variable.name.as_bytes().to_vec(), variable.value.as_bytes().to_vec());
                }
            }
        }
    }
}

fn decoded<'a, M: Body<'a>>(frame: &Frame<'a>) -> Result<M, DecodeError> {
    let mut message = M::default();
    message.read(frame)?;
    Ok(message)
}

fn keep(kept: &mut Vec<u8>, said: Option<Text<'_>>) {
    if let Some(said) = said {
        kept.clear();
        kept.extend_from_slice(said.as_bytes());
    }
}

/// Tells the plain picture each frame, and takes the changes; how many there were.
#[inline(never)]
pub fn track_plainly(plain: &mut Plain, stream: &Stream) -> u64 {
    let mut sum = 0;
    for frame in Frames::new(stream.protocol, &stream.bytes).map_while(Result::ok) {
        if plain.observe(&frame).is_err() {
            break;
        }
        sum += (plain.changed_calls.drain(..).count() + plain.changed_agents.drain(..).count()) as u64;
    }
    sum
}
