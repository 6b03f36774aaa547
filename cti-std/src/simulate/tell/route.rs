//! Calls on their way: queues, call types, translation routes, and what is announced to agents.

use cti_proto::Product;
use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::wire::List;

use super::{ends, find, user_to_user};
use crate::simulate::call::{Call, CallId, Leg, some};
use crate::simulate::floor::Floor;
use crate::simulate::shown::{Audience, Shown};
use crate::simulate::sink::Sink;
use crate::simulate::table::{AgentKey, GroupKey};
use crate::simulate::world::{VOICE, World};

impl<S: Sink> Floor<'_, S> {
    /// The call waits in the queues of its groups.
    pub(in crate::simulate) fn tell_queued(&mut self, leg: Leg) {
        let route_point = self.route_point(leg.0);
        tell_leg!(self, leg, |world, call, _leg| CallQueuedEvent {
            peripheral_type: world.peripheral_type(),
            service_number: world.numbers_of(call)[0],
            service_id: world.numbers_of(call)[1],
            queue_device_type: DeviceIdType::DEVID_QUEUE,
            calling_device_type: ends(&world, call).0.1,
            called_device_type: ends(&world, call).1.1,
            // This call is among them already; Unified CCX has the field reserved.
            num_queued: if world.is_ccx() { 0 } else { queue_length(&world, call.group) },
            local_connection_state: LocalConnectionState::LCS_QUEUED,
            event_cause: EventCause::CEC_NONE,
            queue_device_id: some(&route_point),
            calling_device_id: some(ends(&world, call).0.0),
            called_device_id: some(ends(&world, call).1.0),
            skill_groups: List::new(&queue_groups(world, call)),
        });
    }

    /// The call leaves its queues. On Unified CCX that is a diversion.
    pub(in crate::simulate) fn tell_dequeued(&mut self, leg: Leg) {
        let route_point = self.route_point(leg.0);
        let queue = (route_point.as_str(), DeviceIdType::DEVID_QUEUE);
        self.tell_diverted_in(Product::Ccx, leg, queue, EventCause::CEC_NONE);
        tell_leg!(self, leg, only Product::Cce, |world, call, leg| CallDequeuedEvent {
            peripheral_type: world.peripheral_type(),
            queue_device_type: DeviceIdType::DEVID_QUEUE,
            service_number: world.numbers_of(call)[0],
            service_id: world.numbers_of(call)[1],
            num_queued: queue_length(&world, call.group),
            local_connection_state: leg.state,
            event_cause: EventCause::CEC_NONE,
            queue_device_id: some(&route_point),
            skill_groups: List::new(&queue_groups(world, call)),
        });
    }

    /// What kind of call it is by the router, and for which service.
    pub(in crate::simulate) fn tell_attributes(&mut self, leg: Leg) {
        for (_, to) in self.world.by_product(self.world.receivers(leg), Some(Product::Cce)) {
            let Some((call, party)) = find(self.world, leg) else { return };
            let world = self.world.shown(Product::Cce);
            let group = call.group.map(|group| &world.groups[group]);
            let event = CallAttributeChangeEvent {
                peripheral_id: world.peripheral(),
                peripheral_type: world.peripheral_type(),
                connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
                call_type_id: group.map_or(0, |group| group.call_type),
                service_number: group.map_or(0, |group| group.service_number),
                connection_device_id: Some(party.text()),
                ..CallAttributeChangeEvent::default()
            };
            self.out.event(&to, &event);
        }
    }

    /// The router has sent a call here, which will arrive soon. It has no leg yet: only clients of all events hear of it.
    pub(in crate::simulate) fn tell_translation_route(&mut self, call: CallId) {
        let to = self.world.bridges.clone();
        for Audience { variables, to, .. } in self.world.audiences(to, Some(Product::Cce)) {
            let Some(call) = self.world.calls.get(&call) else { return };
            let view = call.data.view(variables.as_ref());
            #[expect(clippy::needless_update, reason = "this one has no other field")]
            let event = with_data!(
                call,
                view,
                CallTranslationRouteEvent {
                    dnis: some(&call.data.dnis),
                    router_call_key_day: call.data.key.map(|key| key.0),
                    router_call_key_call_id: call.data.key.map(|key| key.1),
                    router_call_key_sequence_number: call.data.key.map(|key| key.2),
                }
            );
            self.out.event(&to, &event);
        }
    }

    /// A call has been given to an agent, whom it will reach soon.
    pub(in crate::simulate) fn tell_pre_call(&mut self, call: CallId, agent: AgentKey) {
        let to = self.world.agent_receivers(agent);
        for Audience { product, variables, to } in self.world.audiences(to, Some(Product::Cce)) {
            let world = self.world.shown(product);
            let Some(call) = self.world.calls.get(&call) else { return };
            let agent = &self.world.agents[agent];
            // Logged out in between: nobody has to be told what will not come.
            let Some(phone) = agent.phone else { return };
            let view = call.data.view(variables.as_ref());
            let [service_number, service_id, skill_group_number, skill_group_id] = world.numbers_of(call);
            let event = with_data!(
                call,
                view,
                AgentPreCallEvent {
                    service_number,
                    service_id,
                    skill_group_number,
                    skill_group_id,
                    mrdid: VOICE,
                    agent_skill_target_id: agent.id,
                    agent_instrument: Some(self.world.phones[phone].extension.as_str().into()),
                    router_call_key_day: Some(call.data.key.unwrap_or_default().0),
                    router_call_key_call_id: Some(call.data.key.unwrap_or_default().1),
                    router_call_key_sequence_number: Some(call.data.key.unwrap_or_default().2),
                    flt_call_type_id: call.group.map(|group| self.world.groups[group].call_type),
                    // It links the abort that may follow, and is unique for that.
                    pre_call_invoke_id: Some(call.id.0),
                    agent_id: Some(world.login(agent)),
                }
            );
            self.out.event(&to, &event);
        }
    }

    /// A call that was given to an agent does not come.
    pub(in crate::simulate) fn tell_pre_call_abort(&mut self, call: CallId, agent: AgentKey) {
        // Unlike the announcement, this is for clients of all events only. Guide: "AGENT_PRE_CALL_ABORT_EVENT".
        for (_, to) in self.world.by_product(self.world.bridges.clone(), Some(Product::Cce)) {
            let (Some(call), Some(phone)) = (self.world.calls.get(&call), self.world.agents[agent].phone) else {
                return;
            };
            let event = AgentPreCallAbortEvent {
                mrdid: VOICE,
                agent_instrument: Some(self.world.phones[phone].extension.as_str().into()),
                router_call_key_day: Some(call.data.key.unwrap_or_default().0),
                router_call_key_call_id: Some(call.data.key.unwrap_or_default().1),
                router_call_key_sequence_number: Some(call.data.key.unwrap_or_default().2),
                ..AgentPreCallAbortEvent::default()
            };
            self.out.event(&to, &event);
        }
    }

    /// The number that leads to the call's group.
    fn route_point(&self, call: CallId) -> String {
        let group = self.world.calls.get(&call).and_then(|call| call.group);
        group.map_or_else(String::new, |group| self.world.groups[group].route_point.clone())
    }
}

/// The groups whose queues the call is in.
fn queue_groups(world: Shown<'_>, call: &Call) -> Vec<QueueSkillGroup> {
    let groups = call.queued.as_ref().map_or(&[][..], |(groups, _)| groups);
    // As many as the message has room for.
    let groups = groups.iter().take(20).map(|group| {
        let [.., number, id] = world.numbers(Some(*group));
        QueueSkillGroup { number, id, priority: 0 }
    });
    groups.collect()
}

/// Calls that wait for a group.
fn queue_length(world: &World, group: Option<GroupKey>) -> u16 {
    group.map_or(0, |group| u16::try_from(world.groups[group].queue.len()).unwrap_or(u16::MAX))
}
