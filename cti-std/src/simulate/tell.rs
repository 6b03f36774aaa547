//! The events: how what happens is told, leg by leg, to those who watch.

use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::wire::{Bytes, List, Text};

use super::call::{Call, CallData, CallId, End, Leg, Party, PartyId, some};
use super::floor::Floor;
use super::session::VariableFilter;
use super::sink::{Receiver, Sink};
use super::table::{AgentKey, GroupKey};
use super::world::{VOICE, World};

/// Tells an event of a call to all its legs, each with its own connection: `|world, call, leg| Event { fields }`.
macro_rules! tell_legs {
    ($floor:ident, $call:expr, |$world:ident, $entry:ident, $leg:ident| $event:ident {
        $($field:ident: $value:expr),* $(,)?
    }) => {
        for party in $floor.world.legs($call) {
            tell_leg!($floor, ($call, party), |$world, $entry, $leg| $event { $($field: $value),* });
        }
    };
}

/// Tells an event of a call to one leg.
macro_rules! tell_leg {
    ($floor:ident, $at:expr, |$world:ident, $entry:ident, $leg:ident| $event:ident {
        $($field:ident: $value:expr),* $(,)?
    }) => {{
        let at: Leg = $at;
        let to = $floor.world.receivers(at);
        if !to.is_empty()
            && let Some($entry) = $floor.world.calls.get(&at.0)
            && let Some($leg) = $entry.party(at.1)
        {
            let $world = &*$floor.world;
            let event = $event {
                peripheral_id: $world.peripheral(),
                connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
                connection_call_id: at.0.0,
                connection_device_id: Some($leg.text()),
                $($field: $value,)*
                ..$event::default()
            };
            $floor.out.event(&to, &event);
        }
    }};
}

impl<S: Sink> Floor<'_, S> {
    /// The call begins for this leg.
    pub(super) fn tell_begin(&mut self, leg: Leg) {
        let to = self.world.receivers(leg);
        self.tell_begin_to(leg, to);
    }

    /// Tells BEGIN_CALL_EVENT to these.
    pub(super) fn tell_begin_to(&mut self, leg: Leg, to: Vec<Receiver>) {
        for (filter, to) in by_variables(self.world, to) {
            let Some((call, party)) = find(self.world, leg) else { return };
            let view = call.data.view(filter.as_ref());
            let clients = clients(call);
            let event = BeginCallEvent {
                peripheral_id: self.world.peripheral(),
                peripheral_type: self.world.peripheral_type(),
                call_type: call.kind,
                connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
                connection_call_id: call.id.0,
                called_party_disposition: call.disposition,
                connection_device_id: Some(party.text()),
                ani: some(&call.data.ani),
                user_to_user_info: user_to_user(&call.data),
                dnis: some(&call.data.dnis),
                dialed_number: some(&call.data.dialed_number),
                caller_entered_digits: some(&call.data.digits),
                router_call_key_day: call.data.key.map(|key| key.0),
                router_call_key_call_id: call.data.key.map(|key| key.1),
                router_call_key_sequence_number: call.data.key.map(|key| key.2),
                call_wrapup_data: call.data.wrapup.as_deref().map(Text::from),
                call_reference_id: Some(Bytes(&call.reference)),
                call_variables: view.variables,
                named_variables: List::new(&view.named),
                named_arrays: List::new(&view.arrays),
                cti_clients: List::new(&clients),
                ..BeginCallEvent::default()
            };
            self.out.event(&to, &event);
        }
    }

    /// The leg has nothing more to do with the call.
    pub(super) fn tell_end(&mut self, leg: Leg) {
        tell_leg!(self, leg, |world, _call, _leg| EndCallEvent { peripheral_type: world.peripheral_type() });
    }

    /// Call data has changed, all of it told.
    pub(super) fn tell_data(&mut self, call: CallId) {
        for party in self.world.legs(call) {
            self.tell_data_of((call, party), call);
        }
    }

    /// The same for one leg, which is known as one of the call that it was in before.
    pub(super) fn tell_data_of(&mut self, (call, party): Leg, before: CallId) {
        let to = self.world.receivers((call, party));
        for (filter, to) in by_variables(self.world, to) {
            let Some((entry, leg)) = find(self.world, (call, party)) else { return };
            let view = entry.data.view(filter.as_ref());
            let clients = clients(entry);
            let event = CallDataUpdateEvent {
                peripheral_id: self.world.peripheral(),
                peripheral_type: self.world.peripheral_type(),
                call_type: entry.kind,
                connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
                connection_call_id: before.0,
                new_connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
                new_connection_call_id: call.0,
                called_party_disposition: entry.disposition,
                connection_device_id: Some(leg.text()),
                new_connection_device_id: Some(leg.text()),
                ani: some(&entry.data.ani),
                user_to_user_info: user_to_user(&entry.data),
                dnis: some(&entry.data.dnis),
                dialed_number: some(&entry.data.dialed_number),
                caller_entered_digits: some(&entry.data.digits),
                router_call_key_day: entry.data.key.map(|key| key.0),
                router_call_key_call_id: entry.data.key.map(|key| key.1),
                router_call_key_sequence_number: entry.data.key.map(|key| key.2),
                call_wrapup_data: entry.data.wrapup.as_deref().map(Text::from),
                customer_phone_number: entry.data.customer_phone.as_deref().map(Text::from),
                customer_account_number: entry.data.customer_account.as_deref().map(Text::from),
                call_reference_id: Some(Bytes(&entry.reference)),
                call_variables: view.variables,
                named_variables: List::new(&view.named),
                named_arrays: List::new(&view.arrays),
                cti_clients: List::new(&clients),
                ..CallDataUpdateEvent::default()
            };
            self.out.event(&to, &event);
        }
    }

    /// The call alerts at a device, or, where that is none, has seized a trunk.
    pub(super) fn tell_delivered(&mut self, call: CallId, alerting: Option<PartyId>, cause: EventCause) {
        for party in self.world.legs(call) {
            self.tell_delivered_to((call, party), alerting, cause, None);
        }
    }

    /// The same for one leg, and, if they are given, for these only.
    pub(super) fn tell_delivered_to(
        &mut self,
        leg: Leg,
        alerting: Option<PartyId>,
        cause: EventCause,
        to: Option<Vec<Receiver>>,
    ) {
        let to = to.unwrap_or_else(|| self.world.receivers(leg));
        for (filter, to) in by_variables(self.world, to) {
            let Some((call, party)) = find(self.world, leg) else { return };
            let view = call.data.view(filter.as_ref());
            let alerts = alerting.and_then(|id| call.party(id));
            let [service_number, service_id, skill_group_number, skill_group_id] = self.world.numbers(call.group);
            let (line_handle, line_type) = line(self.world, call, party);
            let (calling, called) = ends(self.world, call);
            let redirect = call.last_redirect.as_ref();
            let event = CallDeliveredEvent {
                peripheral_id: self.world.peripheral(),
                peripheral_type: self.world.peripheral_type(),
                connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
                connection_call_id: call.id.0,
                line_handle,
                line_type,
                service_number,
                service_id,
                skill_group_number,
                skill_group_id,
                alerting_device_type: alerts.map(Party::device_type).unwrap_or_default(),
                calling_device_type: calling.1,
                called_device_type: called.1,
                last_redirect_device_type: redirect.map(|redirect| redirect.1).unwrap_or_default(),
                local_connection_state: if alerts.is_some() { party.state } else { LocalConnectionState::LCS_INITIATE },
                event_cause: cause,
                connection_device_id: Some(party.text()),
                alerting_device_id: alerts.map(Party::text),
                calling_device_id: some(calling.0),
                called_device_id: some(called.0),
                last_redirect_device_id: redirect.map(|redirect| redirect.0.as_str().into()),
                trunk_number: call.trunk,
                trunk_group_number: call.trunk.map(|_| 1),
                ani: some(&call.data.ani),
                user_to_user_info: user_to_user(&call.data),
                dnis: some(&call.data.dnis),
                dialed_number: some(&call.data.dialed_number),
                caller_entered_digits: some(&call.data.digits),
                call_wrapup_data: call.data.wrapup.as_deref().map(Text::from),
                call_variables: view.variables,
                named_variables: List::new(&view.named),
                named_arrays: List::new(&view.arrays),
                ..CallDeliveredEvent::default()
            };
            self.out.event(&to, &event);
        }
    }

    /// A device has answered.
    pub(super) fn tell_established(&mut self, call: CallId, answering: PartyId, cause: EventCause) {
        for party in self.world.legs(call) {
            self.tell_established_to((call, party), answering, cause, None);
        }
    }

    /// The same for one leg, and, if they are given, for these only.
    pub(super) fn tell_established_to(
        &mut self,
        leg: Leg,
        answering: PartyId,
        cause: EventCause,
        to: Option<Vec<Receiver>>,
    ) {
        let to = to.unwrap_or_else(|| self.world.receivers(leg));
        let Some((call, party)) = find(self.world, leg) else { return };
        if to.is_empty() {
            return;
        }
        let answers = call.party(answering);
        let [service_number, service_id, skill_group_number, skill_group_id] = self.world.numbers(call.group);
        let (line_handle, line_type) = line(self.world, call, party);
        let (calling, called) = ends(self.world, call);
        let redirect = call.last_redirect.as_ref();
        let event = CallEstablishedEvent {
            peripheral_id: self.world.peripheral(),
            peripheral_type: self.world.peripheral_type(),
            connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            connection_call_id: call.id.0,
            line_handle,
            line_type,
            service_number,
            service_id,
            skill_group_number,
            skill_group_id,
            answering_device_type: answers.map(Party::device_type).unwrap_or_default(),
            calling_device_type: calling.1,
            called_device_type: called.1,
            last_redirect_device_type: redirect.map(|redirect| redirect.1).unwrap_or_default(),
            local_connection_state: party.state,
            event_cause: cause,
            connection_device_id: Some(party.text()),
            answering_device_id: answers.map(Party::text),
            calling_device_id: some(calling.0),
            called_device_id: some(called.0),
            last_redirect_device_id: redirect.map(|redirect| redirect.0.as_str().into()),
            trunk_number: call.trunk,
            trunk_group_number: call.trunk.map(|_| 1),
            ..CallEstablishedEvent::default()
        };
        self.out.event(&to, &event);
    }

    pub(super) fn tell_held(&mut self, (call, holder): Leg, cause: EventCause) {
        tell_legs!(self, call, |world, entry, leg| CallHeldEvent {
            peripheral_type: world.peripheral_type(),
            holding_device_type: device_type(entry, holder),
            holding_device_id: device(entry, holder),
            local_connection_state: leg.state,
            event_cause: cause,
        });
    }

    pub(super) fn tell_retrieved(&mut self, (call, holder): Leg, cause: EventCause) {
        tell_legs!(self, call, |world, entry, leg| CallRetrievedEvent {
            peripheral_type: world.peripheral_type(),
            retrieving_device_type: device_type(entry, holder),
            retrieving_device_id: device(entry, holder),
            local_connection_state: leg.state,
            event_cause: cause,
        });
    }

    /// A device is about to leave the call.
    pub(super) fn tell_connection_cleared(&mut self, (call, leaving): Leg, cause: EventCause) {
        tell_legs!(self, call, |world, entry, leg| CallConnectionClearedEvent {
            peripheral_type: world.peripheral_type(),
            releasing_device_type: device_type(entry, leaving),
            releasing_device_id: device(entry, leaving),
            local_connection_state: if leg.id == leaving { LocalConnectionState::LCS_NULL } else { leg.state },
            event_cause: cause,
        });
    }

    /// The whole call ends.
    pub(super) fn tell_cleared(&mut self, leg: Leg, cause: EventCause) {
        tell_leg!(self, leg, |world, _call, _leg| CallClearedEvent {
            peripheral_type: world.peripheral_type(),
            local_connection_state: LocalConnectionState::LCS_NULL,
            event_cause: cause,
        });
    }

    pub(super) fn tell_service_initiated(&mut self, leg: Leg, cause: EventCause) {
        let ccx = self.world.is_ccx();
        // Unified CCX has neither the call that is consulted about nor an identifier across systems.
        let origin = |call: &Call| call.consults_for.filter(|_| !ccx).map(|(origin, _)| origin);
        tell_leg!(self, leg, |world, call, leg| CallServiceInitiatedEvent {
            peripheral_type: world.peripheral_type(),
            line_handle: line(world, call, leg).0,
            line_type: if ccx { LineType::LINETYPE_UNKNOWN } else { line(world, call, leg).1 },
            service_number: world.numbers(call.group)[0],
            service_id: world.numbers(call.group)[1],
            skill_group_number: world.numbers(call.group)[2],
            skill_group_id: world.numbers(call.group)[3],
            skill_group_priority: if ccx { line(world, call, leg).1.0 } else { 0 },
            calling_device_type: leg.device_type(),
            calling_device_id: Some(leg.text()),
            local_connection_state: LocalConnectionState::LCS_INITIATE,
            event_cause: cause,
            call_reference_id: (!ccx).then_some(Bytes(&call.reference)),
            coc_connection_call_id: origin(call).map(|origin| origin.0),
            coc_call_connection_device_id_type: origin(call).map(|_| ConnectionDeviceIdType::CONNECTION_ID_STATIC),
        });
    }

    pub(super) fn tell_originated(&mut self, leg: Leg, cause: EventCause) {
        let ccx = self.world.is_ccx();
        tell_leg!(self, leg, |world, call, leg| CallOriginatedEvent {
            peripheral_type: world.peripheral_type(),
            line_handle: line(world, call, leg).0,
            line_type: line(world, call, leg).1,
            service_number: world.numbers(call.group)[0],
            service_id: world.numbers(call.group)[1],
            skill_group_number: world.numbers(call.group)[2],
            skill_group_id: world.numbers(call.group)[3],
            calling_device_type: leg.device_type(),
            called_device_type: ends(world, call).1.1,
            calling_device_id: Some(leg.text()),
            called_device_id: some(ends(world, call).1.0),
            local_connection_state: if ccx { LocalConnectionState::LCS_INITIATE } else { leg.state },
            event_cause: cause,
        });
    }

    pub(super) fn tell_reached_network(&mut self, leg: Leg) {
        if self.world.is_ccx() {
            return;
        }
        tell_leg!(self, leg, |world, call, leg| CallReachedNetworkEvent {
            peripheral_type: world.peripheral_type(),
            line_handle: line(world, call, leg).0,
            line_type: line(world, call, leg).1,
            trunk_used_device_type: DeviceIdType::DEVID_TRUNK_IDENTIFIER,
            called_device_type: DeviceIdType::DEVID_EXTERNAL,
            trunk_used_device_id: Some("T1".into()),
            called_device_id: some(ends(world, call).1.0),
            trunk_number: call.trunk,
            trunk_group_number: call.trunk.map(|_| 1),
            local_connection_state: leg.state,
            event_cause: EventCause::CEC_NONE,
        });
    }

    pub(super) fn tell_failed(&mut self, leg: Leg, cause: EventCause) {
        tell_leg!(self, leg, |world, call, leg| CallFailedEvent {
            peripheral_type: world.peripheral_type(),
            failing_device_type: ends(world, call).1.1,
            called_device_type: ends(world, call).1.1,
            failing_device_id: some(ends(world, call).1.0),
            called_device_id: some(ends(world, call).1.0),
            local_connection_state: LocalConnectionState::LCS_FAIL,
            event_cause: cause,
        });
    }

    /// The call is taken away from a device and goes to another.
    pub(super) fn tell_diverted(&mut self, (call, from): Leg, to: (&str, DeviceIdType), cause: EventCause) {
        tell_legs!(self, call, |world, entry, leg| CallDivertedEvent {
            peripheral_type: world.peripheral_type(),
            service_number: world.numbers(entry.group)[0],
            service_id: world.numbers(entry.group)[1],
            diverting_device_type: device_type(entry, from),
            called_device_type: to.1,
            diverting_device_id: device(entry, from),
            called_device_id: some(to.0),
            local_connection_state: if leg.id == from { LocalConnectionState::LCS_NULL } else { leg.state },
            event_cause: cause,
        });
    }

    pub(super) fn tell_queued(&mut self, leg: Leg) {
        let groups = self.queue_groups(leg.0);
        let route_point = self.route_point(leg.0);
        let ccx = self.world.is_ccx();
        tell_leg!(self, leg, |world, call, _leg| CallQueuedEvent {
            peripheral_type: world.peripheral_type(),
            service_number: world.numbers(call.group)[0],
            service_id: world.numbers(call.group)[1],
            queue_device_type: DeviceIdType::DEVID_QUEUE,
            calling_device_type: ends(world, call).0.1,
            called_device_type: ends(world, call).1.1,
            num_queued: if ccx { 0 } else { queue_length(world, call.group) },
            local_connection_state: LocalConnectionState::LCS_QUEUED,
            event_cause: EventCause::CEC_NONE,
            queue_device_id: some(&route_point),
            calling_device_id: some(ends(world, call).0.0),
            called_device_id: some(ends(world, call).1.0),
            skill_groups: List::new(&groups),
        });
    }

    pub(super) fn tell_dequeued(&mut self, leg: Leg) {
        let groups = self.queue_groups(leg.0);
        let route_point = self.route_point(leg.0);
        if self.world.is_ccx() {
            return self.tell_diverted(leg, (&route_point, DeviceIdType::DEVID_QUEUE), EventCause::CEC_NONE);
        }
        tell_leg!(self, leg, |world, call, leg| CallDequeuedEvent {
            peripheral_type: world.peripheral_type(),
            queue_device_type: DeviceIdType::DEVID_QUEUE,
            service_number: world.numbers(call.group)[0],
            service_id: world.numbers(call.group)[1],
            num_queued: queue_length(world, call.group),
            local_connection_state: leg.state,
            event_cause: EventCause::CEC_NONE,
            queue_device_id: some(&route_point),
            skill_groups: List::new(&groups),
        });
    }

    pub(super) fn tell_attributes(&mut self, leg: Leg) {
        if self.world.is_ccx() {
            return;
        }
        let to = self.world.receivers(leg);
        let Some((call, party)) = find(self.world, leg) else { return };
        let group = call.group.map(|group| &self.world.groups[group]);
        let event = CallAttributeChangeEvent {
            peripheral_id: self.world.peripheral(),
            peripheral_type: self.world.peripheral_type(),
            connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            call_type_id: group.map_or(0, |group| group.call_type),
            service_number: group.map_or(0, |group| group.service_number),
            connection_device_id: Some(party.text()),
            ..CallAttributeChangeEvent::default()
        };
        self.out.event(&to, &event);
    }

    pub(super) fn tell_translation_route(&mut self, call: CallId) {
        if self.world.is_ccx() {
            return;
        }
        let to = self.world.bridges.clone();
        for (filter, to) in by_variables(self.world, to) {
            let Some(call) = self.world.calls.get(&call) else { return };
            let view = call.data.view(filter.as_ref());
            let event = CallTranslationRouteEvent {
                ani: some(&call.data.ani),
                user_to_user_info: user_to_user(&call.data),
                dnis: some(&call.data.dnis),
                dialed_number: some(&call.data.dialed_number),
                router_call_key_day: call.data.key.map(|key| key.0),
                router_call_key_call_id: call.data.key.map(|key| key.1),
                router_call_key_sequence_number: call.data.key.map(|key| key.2),
                call_variables: view.variables,
                named_variables: List::new(&view.named),
                named_arrays: List::new(&view.arrays),
                ..CallTranslationRouteEvent::default()
            };
            self.out.event(&to, &event);
        }
    }

    /// A call has been given to an agent, whom it will reach soon.
    pub(super) fn tell_pre_call(&mut self, call: CallId, agent: AgentKey) {
        if self.world.is_ccx() {
            return;
        }
        let to = self.world.agent_receivers(agent);
        for (filter, to) in by_variables(self.world, to) {
            let Some(call) = self.world.calls.get(&call) else { return };
            let agent = &self.world.agents[agent];
            let Some(phone) = agent.phone else { return };
            let view = call.data.view(filter.as_ref());
            let [service_number, service_id, skill_group_number, skill_group_id] = self.world.numbers(call.group);
            let event = AgentPreCallEvent {
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
                ani: some(&call.data.ani),
                user_to_user_info: user_to_user(&call.data),
                dialed_number: some(&call.data.dialed_number),
                caller_entered_digits: some(&call.data.digits),
                flt_call_type_id: call.group.map(|group| self.world.groups[group].call_type),
                pre_call_invoke_id: Some(call.id.0),
                agent_id: Some(agent.login.as_str().into()),
                call_variables: view.variables,
                named_variables: List::new(&view.named),
                named_arrays: List::new(&view.arrays),
                ..AgentPreCallEvent::default()
            };
            self.out.event(&to, &event);
        }
    }

    /// A call that was given to an agent does not come.
    pub(super) fn tell_pre_call_abort(&mut self, call: CallId, agent: AgentKey) {
        if self.world.is_ccx() {
            return;
        }
        let to = self.world.bridges.clone();
        let (Some(call), Some(phone)) = (self.world.calls.get(&call), self.world.agents[agent].phone) else { return };
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

    /// The media streams of a phone start or stop: what comes in, and what goes out.
    pub(super) fn tell_media(&mut self, leg: Leg, starts: bool) {
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

    /// The calls of a device have been joined, as this leg sees it. `first` was on hold and stays; `second` is no more.
    pub(super) fn tell_conferenced(&mut self, join: &Joined, leg: Leg) {
        let to = self.world.receivers(leg);
        let Some((call, party)) = find(self.world, leg) else { return };
        let parties = connected_parties(call);
        let [.., skill_group_number, skill_group_id] = self.world.numbers(call.group);
        let event = CallConferencedEvent {
            peripheral_id: self.world.peripheral(),
            peripheral_type: self.world.peripheral_type(),
            primary_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            primary_call_id: join.first.0,
            line_handle: if self.world.is_ccx() { u16::MAX } else { 0 },
            line_type: LineType::LINETYPE_UNKNOWN,
            skill_group_number: if self.world.is_ccx() { NULL_CSQ } else { skill_group_number },
            skill_group_id,
            secondary_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            secondary_call_id: join.second.0,
            controller_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
            added_party_device_type: join.other_type,
            local_connection_state: party.state,
            event_cause: join.cause,
            primary_device_id: Some(party.text()),
            secondary_device_id: some(&join.controller),
            controller_device_id: some(&join.controller),
            added_party_device_id: some(&join.other),
            connected_parties: List::new(&parties),
            ..CallConferencedEvent::default()
        };
        self.out.event(&to, &event);
    }

    /// A device has left the two calls that it had, and they are one, as this leg sees it.
    pub(super) fn tell_transferred(&mut self, join: &Joined, leg: Leg) {
        let to = self.world.receivers(leg);
        let Some((call, party)) = find(self.world, leg) else { return };
        let parties = connected_parties(call);
        let [.., skill_group_number, skill_group_id] = self.world.numbers(call.group);
        let event = CallTransferredEvent {
            peripheral_id: self.world.peripheral(),
            peripheral_type: self.world.peripheral_type(),
            primary_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            primary_call_id: join.first.0,
            line_handle: if self.world.is_ccx() { u16::MAX } else { 0 },
            line_type: LineType::LINETYPE_UNKNOWN,
            skill_group_number: if self.world.is_ccx() { NULL_CSQ } else { skill_group_number },
            skill_group_id,
            secondary_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            secondary_call_id: join.second.0,
            transferring_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
            transferred_device_type: join.other_type,
            local_connection_state: if party.is_hidden { LocalConnectionState::LCS_NULL } else { party.state },
            event_cause: join.cause,
            primary_device_id: Some(party.text()),
            secondary_device_id: some(&join.controller),
            transferring_device_id: some(&join.controller),
            transferred_device_id: some(&join.other),
            connected_parties: List::new(&parties),
            ..CallTransferredEvent::default()
        };
        self.out.event(&to, &event);
    }

    /// An agent's greeting starts or ends.
    pub(super) fn tell_greeting(&mut self, leg: Leg, code: AgentGreetingEventCode) {
        let agent = self.world.party(leg).and_then(Party::phone).and_then(|phone| self.world.agent_at(phone));
        let Some(agent) = agent else { return };
        tell_leg!(self, leg, |world, _call, _leg| CallAgentGreetingEvent {
            event_code: code,
            agent_id: Some(world.agents[agent].login.as_str().into()),
        });
    }

    /// The state of an agent has changed.
    pub(super) fn tell_agent(&mut self, agent: AgentKey) {
        let to = self.world.agent_receivers(agent);
        self.tell_agent_to(agent, &to);
    }

    pub(super) fn tell_agent_to(&mut self, agent: AgentKey, to: &[Receiver]) {
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
    pub(super) fn tell_system(&mut self, event: SystemEventId, argument: u32, text: Option<&str>) {
        let to: Vec<_> = self
            .world
            .sessions
            .values()
            .filter(|session| !session.is_standby)
            .map(|session| session.receiver())
            .collect();
        self.tell_system_to(event, argument, text, &to);
    }

    pub(super) fn tell_system_to(&mut self, event: SystemEventId, argument: u32, text: Option<&str>, to: &[Receiver]) {
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

    fn queue_groups(&self, call: CallId) -> Vec<QueueSkillGroup> {
        let queued = self.world.calls.get(&call).and_then(|call| call.queued.as_ref());
        let groups = queued.map_or(&[][..], |(groups, _)| groups);
        let groups = groups.iter().take(20).map(|group| {
            let [.., number, id] = self.world.numbers(Some(*group));
            QueueSkillGroup { number, id, priority: 0 }
        });
        groups.collect()
    }

    fn route_point(&self, call: CallId) -> String {
        let group = self.world.calls.get(&call).and_then(|call| call.group);
        group.map_or_else(String::new, |group| self.world.groups[group].route_point.clone())
    }
}

/// Two calls that became one.
pub(super) struct Joined {
    /// The call that stays.
    pub(super) first: CallId,
    /// The call that is no more.
    pub(super) second: CallId,
    /// The device that joined them.
    pub(super) controller: String,
    /// The device that was added, or that was transferred to.
    pub(super) other: String,
    pub(super) other_type: DeviceIdType,
    pub(super) cause: EventCause,
}

pub(super) fn find(world: &World, leg: Leg) -> Option<(&Call, &Party)> {
    let call = world.calls.get(&leg.0)?;
    Some((call, call.party(leg.1)?))
}

/// The same receivers, apart by the variables that they have registered.
fn by_variables(world: &World, to: Vec<Receiver>) -> Vec<(Option<VariableFilter>, Vec<Receiver>)> {
    let filter =
        |receiver: &Receiver| world.sessions.get(&receiver.session).and_then(|session| session.variables.clone());
    if to.is_empty() {
        return Vec::new();
    }
    if world.picky == 0 || !to.iter().any(|receiver| filter(receiver).is_some()) {
        return vec![(None, to)];
    }
    let mut parts: Vec<(Option<VariableFilter>, Vec<Receiver>)> = Vec::new();
    for receiver in to {
        let wanted = filter(&receiver);
        match parts.iter_mut().find(|(filter, _)| *filter == wanted) {
            Some((_, part)) => part.push(receiver),
            None => parts.push((wanted, vec![receiver])),
        }
    }
    parts
}

fn user_to_user(data: &CallData) -> Option<Bytes<'_>> {
    (!data.user_to_user.is_empty()).then_some(Bytes(&data.user_to_user))
}

pub(super) fn clients(call: &Call) -> Vec<CtiClient<'_>> {
    let clients = call.clients.iter().take(16);
    clients
        .map(|(signature, since)| CtiClient {
            signature: signature.as_str().into(),
            timestamp: cti_proto::wire::Time(*since),
        })
        .collect()
}

fn device(call: &Call, party: PartyId) -> Option<Text<'_>> {
    call.party(party).map(Party::text)
}

fn device_type(call: &Call, party: PartyId) -> DeviceIdType {
    call.party(party).map(Party::device_type).unwrap_or_default()
}

/// The device that called, and the one that was called first.
fn ends<'w>(world: &World, call: &'w Call) -> ((&'w str, DeviceIdType), (&'w str, DeviceIdType)) {
    let calling = call.caller().map_or((call.data.ani.as_str(), DeviceIdType::DEVID_EXTERNAL), |party| {
        (party.device.as_str(), party.device_type())
    });
    let dialed = call.data.dialed_number.as_str();
    let called = if world.phone_of_extension(dialed).is_some() {
        DeviceIdType::DEVID_AGENT_DEVICE
    } else if world.group_of_number(dialed).is_some() || calling.1 == DeviceIdType::DEVID_EXTERNAL {
        DeviceIdType::DEVID_ROUTE_POINT
    } else {
        DeviceIdType::DEVID_EXTERNAL
    };
    (calling, (dialed, called))
}

/// The line that a call takes at a phone.
pub(super) fn line(world: &World, call: &Call, party: &Party) -> (u16, LineType) {
    if world.is_ccx() {
        let business = call.group.is_some();
        return (u16::MAX, if business { LineType::LINETYPE_UNKNOWN } else { LineType::LINETYPE_NON_ACD_IN });
    }
    if !matches!(party.end, End::Phone(_)) {
        return (u16::MAX, LineType(u16::MAX));
    }
    let line_type = match call.kind {
        _ if party.role.is_silent() => LineType::LINETYPE_SILENT_MONITOR,
        CallType::CALLTYPE_ASSIST | CallType::CALLTYPE_EMERGENCY => LineType::LINETYPE_HELP,
        CallType::CALLTYPE_AGENT_INSIDE | CallType::CALLTYPE_CONSULT => LineType::LINETYPE_INSIDE,
        CallType::CALLTYPE_OUT | CallType::CALLTYPE_AGENT_OUT => LineType::LINETYPE_OUTBOUND,
        CallType::CALLTYPE_AUTO_OUT => LineType::LINETYPE_OUTBOUND_ACD,
        _ => LineType::LINETYPE_INBOUND_ACD,
    };
    (0, line_type)
}

pub(super) fn connected_parties(call: &Call) -> Vec<ConnectedParty<'_>> {
    let parties = call.parties.iter().filter(|party| !party.is_hidden).take(super::call::MAX_PARTIES);
    let parties = parties.map(|party| ConnectedParty {
        call_id: call.id.0,
        device_id_type: party.device_type(),
        device_id: party.text(),
    });
    parties.collect()
}

fn phone_number(world: &World, phone: super::table::PhoneKey) -> u32 {
    world.phones[phone].extension.parse().unwrap_or_default()
}

fn queue_length(world: &World, group: Option<GroupKey>) -> u16 {
    group.map_or(0, |group| u16::try_from(world.groups[group].queue.len()).unwrap_or(u16::MAX))
}
