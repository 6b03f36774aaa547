//! Agents: their states, their phones' media, their greetings; and the system.

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
        let Some(party) = self.world.party_mut(leg).filter(|party| party.has_media != starts) else { return };
        party.has_media = starts;
        let Some(phone) = party.phone() else { return };
        let number = phone_number(self.world, phone);
        let address = format!("10.{}.{}.{}", 64 + (number >> 16 & 63), number >> 8 & 255, number & 255);
        let port = 24_576 + number % 4_096 * 2;
        let agent = self.world.agent_at(phone);
        for direction in [RtpDirection::INPUT, RtpDirection::OUTPUT] {
            let to = self.world.receivers(leg);
            let Some((call, party)) = find(self.world, leg).filter(|_| !to.is_empty()) else { return };
            let agent_id = agent.map(|agent| Text::from(self.world.agents[agent].login.as_str()));
            if starts {
                let event = RtpStartedEvent {
                    peripheral_id: self.world.peripheral(),
                    client_port: port,
                    direction,
                    rtp_type: RtpType::AUDIO,
                    packet_size: 20,
                    payload_type: 4,
                    connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
                    connection_call_id: call.id.0,
                    connection_device_id: Some(party.text()),
                    client_address: Some(address.as_str().into()),
                    agent_id,
                    agent_extension: Some(party.text()),
                    agent_instrument: Some(party.text()),
                    sending_address: Some("10.63.0.1".into()),
                    sending_port: Some(16_384 + number % 8_192 * 2),
                    ..RtpStartedEvent::default()
                };
                self.out.event(&to, &event);
            } else {
                let event = RtpStoppedEvent {
                    peripheral_id: self.world.peripheral(),
                    client_port: port,
                    direction,
                    connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
                    connection_call_id: call.id.0,
                    connection_device_id: Some(party.text()),
                    client_address: Some(address.as_str().into()),
                    agent_id,
                    agent_extension: Some(party.text()),
                    agent_instrument: Some(party.text()),
                    sending_address: Some("10.63.0.1".into()),
                    sending_port: Some(16_384 + number % 8_192 * 2),
                    ..RtpStoppedEvent::default()
                };
                self.out.event(&to, &event);
            }
        }
    }

    /// An agent's greeting starts or ends.
    pub(in crate::simulate) fn tell_greeting(&mut self, leg: Leg, code: AgentGreetingEventCode) {
        let agent = self.world.party(leg).and_then(Party::phone).and_then(|phone| self.world.agent_at(phone));
        let Some(agent) = agent else { return };
        tell_leg!(self, leg, |world, _call, _leg| CallAgentGreetingEvent {
            event_code: code,
            agent_id: Some(world.agents[agent].login.as_str().into()),
        });
    }

    /// The state of an agent has changed.
    pub(in crate::simulate) fn tell_agent(&mut self, agent: AgentKey) {
        let to = self.world.agent_receivers(agent);
        self.tell_agent_to(agent, &to);
    }

    pub(in crate::simulate) fn tell_agent_to(&mut self, agent: AgentKey, to: &[Receiver]) {
        if to.is_empty() {
            return;
        }
        let skills = self.world.flt_skill_groups(agent);
        let world = &*self.world;
        let agent = &world.agents[agent];
        let phone = agent.phone.map(|phone| Text::from(world.phones[phone].extension.as_str()));
        let first = agent.group.or(agent.groups.first().copied());
        let [.., number, id] = world.numbers(first);
        let state = world.state_in(agent, first);
        let session = agent.watchers.first().filter(|_| !world.is_ccx()).map_or(0, |session| session.0);
        let tasks = world.tasks(agent);
        let signature = agent.watchers.first().and_then(|session| world.sessions.get(session));
        let has_reason =
            matches!(agent.state, AgentState::AGENT_STATE_NOT_READY | AgentState::AGENT_STATE_LOGOUT) || world.is_ccx();
        let event = AgentStateEvent {
            peripheral_id: world.peripheral(),
            session_id: session,
            peripheral_type: world.peripheral_type(),
            skill_group_state: if world.is_ccx() { AgentState::AGENT_STATE_LOGIN } else { state },
            state_duration: world.now.seconds_since(agent.since),
            skill_group_number: number,
            skill_group_id: id,
            agent_state: agent.state,
            event_reason_code: if has_reason { agent.reason } else { 0 },
            mrdid: VOICE,
            num_tasks: tasks.number,
            agent_mode: tasks.mode,
            max_task_limit: tasks.limit,
            icm_agent_id: if world.is_ccx() { 0 } else { agent.id as i32 },
            agent_availability_status: tasks.availability,
            cti_client_signature: signature.map(|session| session.signature.as_str().into()),
            agent_id: Some(agent.login.as_str().into()),
            agent_extension: phone,
            active_terminal: agent.terminal.as_deref().map(Text::from),
            agent_instrument: phone,
            next_agent_state: Some(world.next_state(agent)),
            direction: Some(agent.direction),
            max_beyond_task_limit: Some(0),
            flt_skill_groups: List::new(&skills),
            ..AgentStateEvent::default()
        };
        self.out.event(to, &event);
    }

    /// A system event, to all sessions.
    pub(in crate::simulate) fn tell_system(&mut self, event: SystemEventId, argument: u32, text: Option<&str>) {
        let to: Vec<_> = self
            .world
            .sessions
            .values()
            .filter(|session| !session.is_standby)
            .map(|session| session.receiver())
            .collect();
        self.tell_system_to(event, argument, text, &to);
    }

    pub(in crate::simulate) fn tell_system_to(
        &mut self,
        event: SystemEventId,
        argument: u32,
        text: Option<&str>,
        to: &[Receiver],
    ) {
        let event = SystemEvent {
            pg_status: self.world.status(),
            icm_central_controller_time: self.world.time(),
            system_event_id: event,
            system_event_arg1: argument,
            text: text.map(Text::from),
            ..SystemEvent::default()
        };
        self.out.event(to, &event);
    }
}

fn phone_number(world: &World, phone: PhoneKey) -> u32 {
    world.phones[phone].extension.parse().unwrap_or_default()
}
