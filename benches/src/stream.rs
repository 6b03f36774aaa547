//! The stream that everything is measured on: the messages of a contact centre's calls, the same bytes in every run.

use core::fmt;

use cti_proto::message::{
    AgentStateEvent, BeginCallEvent, CallClearedEvent, CallDataUpdateEvent, CallDeliveredEvent, CallEstablishedEvent,
    CallVariables, EndCallEvent, FltSkillGroup, HeartbeatConf,
};
use cti_proto::value::{
    AgentAvailabilityStatus, AgentMode, AgentState, CallDirection, CallType, ConnectionDeviceIdType, DeviceIdType,
    EventCause, LineType, LocalConnectionState, PeripheralType,
};
use cti_proto::wire::NamedVariable;
use cti_proto::{Body, EncodeError, Frames, Protocol, Text, encode};

use crate::Random;

/// Calls in a stream.
pub const CALLS: usize = 8_000;
/// Versions of Unified CCE that are measured: with tags and lengths of one byte, and of two.
pub const VERSIONS: [u32; 2] = [19, 24];
/// Orders that are measured.
pub const ORDERS: [Order; 2] = [Order::Given, Order::Shuffled];
/// Messages of a call.
pub const MESSAGES_PER_CALL: usize = 13;

const SEED: u64 = 188;
const PERIPHERAL_ID: u32 = 5_000;
const MONITOR_ID: u32 = 1;
const DIGITS: &[u8] = b"0123456789";
const WORDS: &[u8] = b"abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789";
const AGENT_STATES: [AgentState; 5] = [
    AgentState::AGENT_STATE_RESERVED,
    AgentState::AGENT_STATE_TALKING,
    AgentState::AGENT_STATE_HOLD,
    AgentState::AGENT_STATE_WORK_READY,
    AgentState::AGENT_STATE_AVAILABLE,
];
const STATIC_ID: ConnectionDeviceIdType = ConnectionDeviceIdType::CONNECTION_ID_STATIC;
const EXTENSION: DeviceIdType = DeviceIdType::DEVID_DEVICE_IDENTIFIER;

/// How the messages of a stream stand, and how full they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Call by call, with every field that such a message has.
    Given,
    /// In any order, with each field that may be absent present in 80 % of the messages.
    Shuffled,
}

impl Order {
    const fn presence(self) -> u32 {
        match self {
            Self::Given => 100,
            Self::Shuffled => 80,
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Given => "in order",
            Self::Shuffled => "shuffled, 80 %",
        })
    }
}

/// A stream of whole frames.
#[derive(Clone, Debug)]
pub struct Stream {
    /// What it is written in.
    pub protocol: Protocol,
    /// How its messages stand.
    pub order: Order,
    /// Its frames, end to end.
    pub bytes: Vec<u8>,
    /// How many there are.
    pub messages: usize,
}

impl Stream {
    /// The messages of `calls` calls.
    ///
    /// # Errors
    /// [`EncodeError`] if the protocol forbids one of them, which none of the versions measured does.
    pub fn new(protocol: Protocol, order: Order, calls: usize) -> Result<Self, EncodeError> {
        Ok(Builder::of(protocol, order, None, calls)?.finish())
    }

    /// The messages of `calls` calls to `agents` agents, who are all busy at the same time: each takes one call after the
    /// other, and what happens to them comes in any order. The bytes are about the same for any number of agents.
    ///
    /// # Errors
    /// [`EncodeError`] as for [`new`](Self::new).
    pub fn of_agents(protocol: Protocol, agents: usize, calls: usize) -> Result<Self, EncodeError> {
        Ok(Builder::of(protocol, Order::Given, Some(agents), calls)?.interleave(agents))
    }

    /// The first `messages` of it.
    #[must_use]
    pub fn front(mut self, messages: usize) -> Self {
        let mut frames = Frames::new(self.protocol, &self.bytes);
        self.messages = frames.by_ref().flatten().take(messages).count();
        let length = self.bytes.len() - frames.rest().len();
        self.bytes.truncate(length);
        self
    }
}

/// What the messages of one call share.
struct Call {
    id: u32,
    peripheral_type: PeripheralType,
    device: Vec<u8>,
    agent: Vec<u8>,
    icm_agent_id: i32,
    instrument: Vec<u8>,
    ani: Vec<u8>,
    dnis: Vec<u8>,
    called: Vec<u8>,
    digits: Vec<u8>,
    variables: [Vec<u8>; 10],
    named: [(&'static str, Vec<u8>); 2],
    key: [u32; 3],
}

struct Builder {
    protocol: Protocol,
    order: Order,
    agents: Option<usize>,
    random: Random,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Builder {
    fn of(protocol: Protocol, order: Order, agents: Option<usize>, calls: usize) -> Result<Self, EncodeError> {
        let random = Random::new(SEED);
        let mut builder = Self { protocol, order, agents, random, bytes: Vec::new(), ends: Vec::new() };
        for number in 0..calls {
            builder.call(u32::try_from(number).unwrap_or(u32::MAX))?;
        }
        Ok(builder)
    }

    /// Makes the call one of its agent's, where the agents are counted.
    fn assign(&self, call: &mut Call, number: u32) {
        let Some(agents) = self.agents.and_then(|agents| u32::try_from(agents).ok()) else { return };
        let agent = number % agents;
        call.device = (10_000 + agent).to_string().into();
        call.agent = (30_000 + agent).to_string().into();
        call.instrument = format!("SEP{agent:012X}").into();
        call.icm_agent_id = i32::try_from(5_000 + agent).unwrap_or(i32::MAX);
    }

    fn call(&mut self, number: u32) -> Result<(), EncodeError> {
        let random = &mut self.random;
        let mut call = Call {
            id: 16_000_000 + number,
            peripheral_type: PeripheralType::PT_ENTERPRISE_AGENT,
            device: random.between(5_001, 5_999).to_string().into(),
            agent: random.between(1_000, 99_999).to_string().into(),
            icm_agent_id: 5_321,
            instrument: format!("SEP{:012X}", random.bits() >> 16).into(),
            ani: random.text(DIGITS, 10, 10),
            dnis: random.text(DIGITS, 10, 10),
            called: random.between(7_000, 7_999).to_string().into(),
            digits: random.text(DIGITS, 1, 16),
            variables: core::array::from_fn(|_| random.text(WORDS, 5, 30)),
            named: ["user.customer.id", "user.language"].map(|name| (name, random.text(WORDS, 5, 30))),
            key: [152_000 + number / 1_000, number, 1],
        };
        self.assign(&mut call, number);
        self.put(&HeartbeatConf { invoke_id: number })?;
        self.begin_call(&call)?;
        self.agent_state(&call, 0)?;
        self.delivered(&call)?;
        self.agent_state(&call, 1)?;
        self.established(&call)?;
        self.data_update(&call)?;
        self.agent_state(&call, 2)?;
        self.data_update(&call)?;
        self.agent_state(&call, 3)?;
        self.put(&CallClearedEvent {
            monitor_id: MONITOR_ID,
            peripheral_id: PERIPHERAL_ID,
            peripheral_type: call.peripheral_type,
            connection_device_id_type: STATIC_ID,
            connection_call_id: call.id,
            local_connection_state: LocalConnectionState::LCS_NULL,
            event_cause: EventCause::CEC_NONE,
            connection_device_id: Some(Text::new(&call.device)),
        })?;
        self.put(&EndCallEvent {
            monitor_id: MONITOR_ID,
            peripheral_id: PERIPHERAL_ID,
            peripheral_type: call.peripheral_type,
            connection_device_id_type: STATIC_ID,
            connection_call_id: call.id,
            connection_device_id: Some(Text::new(&call.device)),
        })?;
        self.agent_state(&call, 4)
    }

    fn agent_state(&mut self, call: &Call, step: usize) -> Result<(), EncodeError> {
        let state = AGENT_STATES.get(step).copied().unwrap_or_default();
        let version = self.protocol.version();
        let groups = [101, 202].map(|number| FltSkillGroup { number, id: 5_000 + number, priority: 1, state });
        // Elements come and go like fields, so that lists have any length.
        let groups: Vec<_> = groups.into_iter().filter(|_| self.is_present()).collect();
        let message = AgentStateEvent {
            monitor_id: MONITOR_ID,
            peripheral_id: PERIPHERAL_ID,
            peripheral_type: call.peripheral_type,
            skill_group_state: state,
            state_duration: self.random.between(0, 600),
            skill_group_number: 101,
            skill_group_id: 5_101,
            agent_state: state,
            mrdid: 1,
            num_tasks: 1,
            agent_mode: AgentMode(1),
            max_task_limit: 1,
            icm_agent_id: call.icm_agent_id,
            agent_availability_status: AgentAvailabilityStatus(1),
            agent_id: self.text(&call.agent),
            agent_extension: self.text(&call.device),
            // Drawn before it is left out: the numbers behind it are the same in every version.
            active_terminal: self.text(&call.instrument).filter(|_| version >= 23),
            agent_instrument: self.text(&call.device),
            duration: self.value(0),
            next_agent_state: self.value(AgentState::AGENT_STATE_AVAILABLE),
            direction: self.value(CallDirection::IN),
            max_beyond_task_limit: self.value(0).filter(|_| version >= 22),
            flt_skill_groups: (&groups[..]).into(),
            ..AgentStateEvent::default()
        };
        self.put(&message)
    }

    fn begin_call(&mut self, call: &Call) -> Result<(), EncodeError> {
        let named = self.named(call);
        let variables = CallVariables(call.variables.each_ref().map(|text| self.text(text)));
        let [day, key, sequence] = call.key.map(|number| self.value(number));
        let message = BeginCallEvent {
            monitor_id: MONITOR_ID,
            peripheral_id: PERIPHERAL_ID,
            peripheral_type: call.peripheral_type,
            call_type: CallType::CALLTYPE_ACD_IN,
            connection_device_id_type: STATIC_ID,
            connection_call_id: call.id,
            connection_device_id: Some(Text::new(&call.device)),
            ani: self.text(&call.ani),
            dnis: self.text(&call.dnis),
            dialed_number: self.text(&call.called),
            caller_entered_digits: self.text(&call.digits),
            router_call_key_day: day,
            router_call_key_call_id: key,
            router_call_key_sequence_number: sequence,
            call_variables: variables,
            named_variables: (&named[..]).into(),
            ..BeginCallEvent::default()
        };
        self.put(&message)
    }

    fn data_update(&mut self, call: &Call) -> Result<(), EncodeError> {
        let named = self.named(call);
        let variables = CallVariables(call.variables.each_ref().map(|text| self.text(text)));
        let [day, key, sequence] = call.key.map(|number| self.value(number));
        let message = CallDataUpdateEvent {
            monitor_id: MONITOR_ID,
            peripheral_id: PERIPHERAL_ID,
            peripheral_type: call.peripheral_type,
            call_type: CallType::CALLTYPE_ACD_IN,
            connection_device_id_type: STATIC_ID,
            connection_call_id: call.id,
            new_connection_device_id_type: STATIC_ID,
            new_connection_call_id: call.id,
            connection_device_id: Some(Text::new(&call.device)),
            new_connection_device_id: Some(Text::new(&call.device)),
            ani: self.text(&call.ani),
            dnis: self.text(&call.dnis),
            dialed_number: self.text(&call.called),
            router_call_key_day: day,
            router_call_key_call_id: key,
            router_call_key_sequence_number: sequence,
            call_variables: variables,
            named_variables: (&named[..]).into(),
            ..CallDataUpdateEvent::default()
        };
        self.put(&message)
    }

    fn delivered(&mut self, call: &Call) -> Result<(), EncodeError> {
        let message = CallDeliveredEvent {
            monitor_id: MONITOR_ID,
            peripheral_id: PERIPHERAL_ID,
            peripheral_type: call.peripheral_type,
            connection_device_id_type: STATIC_ID,
            connection_call_id: call.id,
            line_handle: 1,
            line_type: LineType::LINETYPE_INBOUND_ACD,
            skill_group_number: 101,
            skill_group_id: 5_101,
            alerting_device_type: EXTENSION,
            calling_device_type: DeviceIdType::DEVID_EXTERNAL,
            called_device_type: EXTENSION,
            last_redirect_device_type: DeviceIdType::DEVID_ROUTE_POINT,
            local_connection_state: LocalConnectionState::LCS_ALERTING,
            event_cause: EventCause::CEC_NONE,
            connection_device_id: Some(Text::new(&call.device)),
            alerting_device_id: self.text(&call.device),
            calling_device_id: self.text(&call.ani),
            called_device_id: self.text(&call.called),
            last_redirect_device_id: self.text(&call.called),
            trunk_number: self.value(17),
            trunk_group_number: self.value(4),
            ani: self.text(&call.ani),
            dnis: self.text(&call.dnis),
            dialed_number: self.text(&call.called),
            ..CallDeliveredEvent::default()
        };
        self.put(&message)
    }

    fn established(&mut self, call: &Call) -> Result<(), EncodeError> {
        let message = CallEstablishedEvent {
            monitor_id: MONITOR_ID,
            peripheral_id: PERIPHERAL_ID,
            peripheral_type: call.peripheral_type,
            connection_device_id_type: STATIC_ID,
            connection_call_id: call.id,
            line_handle: 1,
            line_type: LineType::LINETYPE_INBOUND_ACD,
            skill_group_number: 101,
            skill_group_id: 5_101,
            answering_device_type: EXTENSION,
            calling_device_type: DeviceIdType::DEVID_EXTERNAL,
            called_device_type: EXTENSION,
            last_redirect_device_type: DeviceIdType::DEVID_ROUTE_POINT,
            local_connection_state: LocalConnectionState::LCS_CONNECT,
            event_cause: EventCause::CEC_NONE,
            connection_device_id: Some(Text::new(&call.device)),
            answering_device_id: self.text(&call.device),
            calling_device_id: self.text(&call.ani),
            called_device_id: self.text(&call.called),
            last_redirect_device_id: self.text(&call.called),
            trunk_number: self.value(17),
            trunk_group_number: self.value(4),
            ..CallEstablishedEvent::default()
        };
        self.put(&message)
    }

    fn named<'a>(&mut self, call: &'a Call) -> Vec<NamedVariable<'a>> {
        let named = call.named.iter().filter(|_| self.is_present());
        named.map(|(name, value)| NamedVariable { name: (*name).into(), value: Text::new(value) }).collect()
    }

    fn text<'a>(&mut self, bytes: &'a [u8]) -> Option<Text<'a>> {
        self.value(Text::new(bytes))
    }

    fn value<T>(&mut self, value: T) -> Option<T> {
        self.is_present().then_some(value)
    }

    fn is_present(&mut self) -> bool {
        self.random.chance(self.order.presence())
    }

    fn put<'a, M: Body<'a>>(&mut self, message: &M) -> Result<(), EncodeError> {
        let mut buffer = [0; 4_096];
        self.bytes.extend_from_slice(encode(self.protocol, message, &mut buffer)?);
        self.ends.push(self.bytes.len());
        Ok(())
    }

    fn finish(mut self) -> Stream {
        let mut frames = self.frames();
        if self.order == Order::Shuffled {
            self.random.shuffle(&mut frames);
        }
        self.ordered(&frames)
    }

    /// Each agent's calls one after the other, and the agents in any order.
    fn interleave(mut self, agents: usize) -> Stream {
        let frames = self.frames();
        let calls: Vec<_> = frames.chunks(MESSAGES_PER_CALL).collect();
        let mut of_agents: Vec<_> =
            (0..agents).map(|agent| calls.iter().skip(agent).step_by(agents).copied().flatten()).collect();
        let mut ordered = Vec::with_capacity(frames.len());
        while !of_agents.is_empty() {
            let last = u32::try_from(of_agents.len() - 1).unwrap_or(u32::MAX);
            // Any agent who still has something to tell, so that calls end in each other's midst.
            let agent = self.random.between(0, last) as usize;
            match of_agents[agent].next() {
                Some(frame) => ordered.push(*frame),
                None => drop(of_agents.swap_remove(agent)),
            }
        }
        self.ordered(&ordered)
    }

    fn frames(&self) -> Vec<(usize, usize)> {
        let starts = core::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(self.ends.iter().copied()).collect()
    }

    fn ordered(self, frames: &[(usize, usize)]) -> Stream {
        let messages = self.ends.len();
        let bytes = frames.iter().filter_map(|&(from, to)| self.bytes.get(from..to)).flatten().copied().collect();
        Stream { protocol: self.protocol, order: self.order, bytes, messages }
    }
}

impl Random {
    /// Any text of `from` to `to` of these characters.
    fn text(&mut self, characters: &[u8], from: u32, to: u32) -> Vec<u8> {
        let last = u32::try_from(characters.len() - 1).unwrap_or(u32::MAX);
        (0..self.between(from, to)).map(|_| characters[self.between(0, last) as usize]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_the_same_in_every_run() {
        let protocol = Protocol::cce(24).unwrap();
        for order in [Order::Given, Order::Shuffled] {
            let [a, b] = [(); 2].map(|()| Stream::new(protocol, order, 20).unwrap());
            assert_eq!(a.bytes, b.bytes);
            assert_eq!(a.messages, 20 * MESSAGES_PER_CALL);
            assert_eq!(a.front(100).messages, 100);
        }
    }

    #[test]
    fn agents_take_one_call_after_the_other() {
        let protocol = Protocol::cce(24).unwrap();
        let stream = Stream::of_agents(protocol, 3, 20).unwrap();
        let mut at_work = std::collections::BTreeSet::new();
        let mut most = 0;
        for frame in Frames::new(protocol, &stream.bytes).flatten() {
            if let Ok(begin) = frame.decode::<BeginCallEvent<'_>>() {
                assert!(at_work.insert(begin.connection_device_id), "a second call of an agent at work");
                most = most.max(at_work.len());
            }
            if let Ok(end) = frame.decode::<EndCallEvent<'_>>() {
                assert!(at_work.remove(&end.connection_device_id));
            }
        }
        assert_eq!((stream.messages, most, at_work.len()), (20 * MESSAGES_PER_CALL, 3, 0));
    }
}
