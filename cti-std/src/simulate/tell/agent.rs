//! Agents: their states, their phones' media, their greetings; and the system.

use cti_proto::Product;
use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::wire::{List, Text};

use super::find;
use crate::simulate::call::{Leg, Party};
use crate::simulate::floor::Floor;
use crate::simulate::sink::{Receiver, Sink};
use crate::simulate::table::{AgentKey, PhoneKey};
use crate::simulate::world::{VOICE, World};

impl<S: Sink> Floor<'_, S> {
    /// The media streams of a phone start or stop: what comes in, and what goes out.
    pub(in crate::simulate) fn tell_media(&mut self, leg: Leg, starts: bool) {
        // Whoever ends a call stops the media, whether there were any or not.
        let Some(party) = self.world.party_mut(leg).filter(|party| party.has_media != starts) else { return };
        party.has_media = starts;
        let Some(phone) = party.phone() else { return };
        let number = phone_number(self.world, phone);
        let address = format!("10.{}.{}.{}", 64 + (number >> 16 & 63), number >> 8 & 255, number & 255);
        // Even, as RTP has them, and in the range that Unified CM uses.
        let port = 24_576 + number % 4_096 * 2;
        let agent = self.world.agent_at(phone);
        // An event for each stream: a recorder needs to know where both of them are.
        for direction in [RtpDirection::INPUT, RtpDirection::OUTPUT] {
            /// With the fields that both events have.
            macro_rules! tell_stream {
                ($event:ident { $($field:ident: $value:expr),* $(,)? }) => {
                    tell_leg!(self, leg, |world, _call, party| $event {
                        client_port: port,
                        direction: direction,
                        client_address: Some(address.as_str().into()),
                        agent_id: agent.map(|agent| world.login(&self.world.agents[agent])),
                        agent_extension: Some(party.text()),
                        agent_instrument: Some(party.text()),
                        sending_address: Some("10.63.0.1".into()),
                        sending_port: Some(16_384 + number % 8_192 * 2),
                        $($field: $value),*
                    })
                };
            }
            match starts {
                true => tell_stream!(RtpStartedEvent { rtp_type: RtpType::AUDIO, packet_size: 20, payload_type: 4 }),
                false => tell_stream!(RtpStoppedEvent {}),
            }
        }
    }

    /// An agent's greeting starts or ends.
    pub(in crate::simulate) fn tell_greeting(&mut self, leg: Leg, code: AgentGreetingEventCode) {
        let agent = self.world.party(leg).and_then(Party::phone).and_then(|phone| self.world.agent_at(phone));
        let Some(agent) = agent else { return };
        tell_leg!(self, leg, only Product::Cce, |world, _call, _leg| CallAgentGreetingEvent {
            event_code: code,
            agent_id: Some(world.login(&self.world.agents[agent])),
        });
    }

    /// The state of an agent has changed, for everybody or as one product has it.
    pub(in crate::simulate) fn tell_agent(&mut self, agent: AgentKey, only: Option<Product>) {
        let to = self.world.agent_receivers(agent);
        for (product, to) in self.world.by_product(to, only) {
            self.tell_agent_in(product, agent, &to);
        }
    }

    /// Tells these of the state of an agent.
    pub(in crate::simulate) fn tell_agent_to(&mut self, agent: AgentKey, to: Vec<Receiver>) {
        for (product, to) in self.world.by_product(to, None) {
            self.tell_agent_in(product, agent, &to);
        }
    }

    /// AGENT_STATE_EVENT as one product has it.
    fn tell_agent_in(&mut self, product: Product, agent: AgentKey, to: &[Receiver]) {
        let world = self.world.shown(product);
        let skills = world.flt_skill_groups(agent);
        let agent = &world.agents[agent];
        let phone = agent.phone.map(|phone| Text::from(world.phones[phone].extension.as_str()));
        let standing = world.standing(agent);
        // There is room for one group in the fixed part: that of the call at hand, else the first; all follow behind.
        let first = standing.group.or(agent.groups.first().copied());
        let [.., number, id] = world.numbers(first);
        let session = agent.watchers.first().filter(|_| !world.is_ccx()).map_or(0, |session| session.0);
        let tasks = world.tasks(agent);
        let signature = agent.watchers.first().and_then(|session| world.sessions.get(session));
        let has_reason = matches!(standing.state, AgentState::AGENT_STATE_NOT_READY | AgentState::AGENT_STATE_LOGOUT);
        let event = AgentStateEvent {
            peripheral_id: world.peripheral(),
            session_id: session,
            peripheral_type: world.peripheral_type(),
            skill_group_state: if world.is_ccx() { AgentState::AGENT_STATE_LOGIN } else { standing.state_in(first) },
            // Not always 0: who asks for a team, or watches an agent anew, comes in the middle of a state.
            state_duration: world.now.seconds_since(standing.since),
            skill_group_number: number,
            skill_group_id: id,
            agent_state: standing.state,
            // Unified CCE has reasons for these two states only.
            event_reason_code: if has_reason || world.is_ccx() { world.reason(agent) } else { 0 },
            mrdid: VOICE,
            num_tasks: tasks.number,
            agent_mode: tasks.mode,
            max_task_limit: tasks.limit,
            icm_agent_id: if world.is_ccx() { 0 } else { agent.id as i32 },
            agent_availability_status: tasks.availability,
            cti_client_signature: signature.map(|session| session.signature.as_str().into()),
            agent_id: Some(world.login(agent)),
            agent_extension: phone,
            active_terminal: agent.terminal.as_deref().map(Text::from),
            agent_instrument: phone,
            next_agent_state: Some(world.next_state(agent)),
            direction: Some(standing.direction),
            max_beyond_task_limit: Some(0),
            flt_skill_groups: List::new(&skills),
            ..AgentStateEvent::default()
        };
        self.out.event(to, &event);
    }

    /// A system event, to all sessions.
    pub(in crate::simulate) fn tell_system(&mut self, event: SystemEventId) {
        let to = self.world.everybody();
        self.tell_system_to(event, to, None);
    }

    /// A system event that only one product has.
    pub(in crate::simulate) fn tell_system_in(&mut self, product: Product, event: SystemEventId) {
        let to = self.world.everybody();
        self.tell_system_to(event, to, Some(product));
    }

    /// A system event to these.
    pub(in crate::simulate) fn tell_system_to(
        &mut self,
        event: SystemEventId,
        to: Vec<Receiver>,
        only: Option<Product>,
    ) {
        let names_peripheral =
            matches!(event, SystemEventId::SYS_PERIPHERAL_ONLINE | SystemEventId::SYS_PERIPHERAL_OFFLINE);
        for (product, to) in self.world.by_product(to, only) {
            let world = self.world.shown(product);
            let event = SystemEvent {
                pg_status: world.status(),
                icm_central_controller_time: world.time(),
                system_event_id: event,
                // Of these two the first argument is the peripheral; Unified CCX has it reserved.
                system_event_arg1: if names_peripheral && !world.is_ccx() { world.peripheral() } else { 0 },
                ..SystemEvent::default()
            };
            self.out.event(&to, &event);
        }
    }
}

/// The extension as a number, from which address and port are made up.
fn phone_number(world: &World, phone: PhoneKey) -> u32 {
    world.phones[phone].extension.parse().unwrap_or_default()
}
