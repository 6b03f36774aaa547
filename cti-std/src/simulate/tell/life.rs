//! Calls: how they begin, ring, are talked and end, leg by leg.

use cti_proto::Product;
use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::wire::{Bytes, List, Text};

use super::{clients, device, device_type, ends, find, user_to_user};
use crate::simulate::call::{Call, CallId, Leg, Party, PartyId, some};
use crate::simulate::floor::Floor;
use crate::simulate::shown::{Audience, PRODUCTS, Shown};
use crate::simulate::sink::{Receiver, Sink};

/// The two events that tell all that is known of a call, to a leg of it.
macro_rules! whole {
    (
        $world:ident, $call:ident, $leg:ident, $view:ident, $clients:ident,
        $event:ident { $($field:ident $(: $value:expr)?),* $(,)? }
    ) => {
        with_data!($call, $view, $event {
            peripheral_id: $world.peripheral(),
            peripheral_type: $world.peripheral_type(),
            call_type: $world.kind($call),
            called_party_disposition: $world.disposition($call),
            connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            connection_device_id: Some($leg.text()),
            dnis: some(&$call.data.dnis),
            router_call_key_day: $call.data.key.map(|key| key.0),
            router_call_key_call_id: $call.data.key.map(|key| key.1),
            router_call_key_sequence_number: $call.data.key.map(|key| key.2),
            call_wrapup_data: $call.data.wrapup.as_deref().map(Text::from),
            call_reference_id: Some(Bytes(&$call.reference)),
            cti_clients: List::new(&$clients),
            $($field $(: $value)?,)*
        })
    };
}

/// The two events of a call that reaches a device, as a leg hears them; `base` adds what else they have.
macro_rules! reached {
    (
        $base:ident($($arg:ident),*), $world:ident, $call:ident, $leg:ident, $cause:expr,
        $event:ident { $($field:ident $(: $value:expr)?),* $(,)? }
    ) => {{
        let [service_number, service_id, skill_group_number, skill_group_id] = $world.numbers_of($call);
        let (line_handle, line_type) = $world.line($call, $leg);
        let (calling, called) = ends(&$world, $call);
        let redirect = $call.last_redirect.as_ref();
        $base!($($arg,)* $event {
            peripheral_id: $world.peripheral(),
            peripheral_type: $world.peripheral_type(),
            connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            connection_call_id: $call.id.0,
            connection_device_id: Some($leg.text()),
            line_handle,
            line_type,
            service_number,
            service_id,
            skill_group_number,
            skill_group_id,
            calling_device_type: calling.1,
            called_device_type: called.1,
            last_redirect_device_type: redirect.map(|redirect| redirect.1).unwrap_or_default(),
            calling_device_id: some(calling.0),
            called_device_id: some(called.0),
            last_redirect_device_id: redirect.map(|redirect| redirect.0.as_str().into()),
            trunk_number: $call.trunk,
            trunk_group_number: $call.trunk.map(|_| 1),
            event_cause: $world.cause($cause),
            $($field $(: $value)?,)*
        })
    }};
}

impl<S: Sink> Floor<'_, S> {
    /// The call begins for this leg.
    pub(in crate::simulate) fn tell_begin(&mut self, leg: Leg) {
        let to = self.world.receivers(leg);
        self.tell_begin_to(leg, to);
    }

    /// Tells BEGIN_CALL_EVENT to these.
    pub(in crate::simulate) fn tell_begin_to(&mut self, leg: Leg, to: Vec<Receiver>) {
        for Audience { product, variables, to } in self.world.audiences(to, None) {
            let world = self.world.shown(product);
            let Some((call, party)) = find(self.world, leg) else { return };
            let view = call.data.view(variables.as_ref());
            let clients = clients(call);
            let event = whole!(world, call, party, view, clients, BeginCallEvent { connection_call_id: call.id.0 });
            self.out.event(&to, &event);
        }
    }

    /// The leg has nothing more to do with the call.
    pub(in crate::simulate) fn tell_end(&mut self, leg: Leg) {
        tell_leg!(self, leg, |world, _call, _leg| EndCallEvent { peripheral_type: world.peripheral_type() });
    }

    /// Call data has changed, all of it told.
    pub(in crate::simulate) fn tell_data(&mut self, call: CallId) {
        for party in self.world.legs(call) {
            self.tell_data_of((call, party), call);
        }
    }

    /// The same for one leg, which is known as one of the call that it was in before.
    pub(in crate::simulate) fn tell_data_of(&mut self, (call, party): Leg, before: CallId) {
        let to = self.world.receivers((call, party));
        for Audience { product, variables, to } in self.world.audiences(to, None) {
            let world = self.world.shown(product);
            let Some((entry, leg)) = find(self.world, (call, party)) else { return };
            let view = entry.data.view(variables.as_ref());
            let clients = clients(entry);
            let event = whole!(
                world,
                entry,
                leg,
                view,
                clients,
                CallDataUpdateEvent {
                    connection_call_id: before.0,
                    new_connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
                    new_connection_call_id: call.0,
                    new_connection_device_id: Some(leg.text()),
                    customer_phone_number: entry.data.customer_phone.as_deref().map(Text::from),
                    customer_account_number: entry.data.customer_account.as_deref().map(Text::from),
                }
            );
            self.out.event(&to, &event);
        }
    }

    /// The call alerts at a device, or, where that is none, has seized a trunk.
    pub(in crate::simulate) fn tell_delivered(&mut self, call: CallId, alerting: Option<PartyId>, cause: EventCause) {
        for party in self.world.legs(call) {
            self.tell_delivered_to((call, party), alerting, cause, None);
        }
    }

    /// The same for one leg, and, if they are given, for these only.
    pub(in crate::simulate) fn tell_delivered_to(
        &mut self,
        leg: Leg,
        alerting: Option<PartyId>,
        cause: EventCause,
        to: Option<Vec<Receiver>>,
    ) {
        // Given to one who comes in the middle of the call; the others have heard it.
        let to = to.unwrap_or_else(|| self.world.receivers(leg));
        for Audience { product, variables, to } in self.world.audiences(to, None) {
            let world = self.world.shown(product);
            let Some((call, party)) = find(self.world, leg) else { return };
            let view = call.data.view(variables.as_ref());
            // Without a device that alerts, the call has got as far as a trunk.
            let alerts = alerting.and_then(|id| call.party(id));
            let event = reached!(
                with_data(call, view),
                world,
                call,
                party,
                cause,
                CallDeliveredEvent {
                    alerting_device_type: alerts.map(Party::device_type).unwrap_or_default(),
                    alerting_device_id: alerts.map(Party::text),
                    local_connection_state: if alerts.is_some() {
                        party.state
                    } else {
                        LocalConnectionState::LCS_INITIATE
                    },
                    dnis: some(&call.data.dnis),
                    call_wrapup_data: call.data.wrapup.as_deref().map(Text::from),
                }
            );
            self.out.event(&to, &event);
        }
    }

    /// A device has answered.
    pub(in crate::simulate) fn tell_established(&mut self, call: CallId, answering: PartyId, cause: EventCause) {
        for party in self.world.legs(call) {
            self.tell_established_to((call, party), answering, cause, None);
        }
    }

    /// The same for one leg, and, if they are given, for these only.
    pub(in crate::simulate) fn tell_established_to(
        &mut self,
        leg: Leg,
        answering: PartyId,
        cause: EventCause,
        to: Option<Vec<Receiver>>,
    ) {
        let to = to.unwrap_or_else(|| self.world.receivers(leg));
        for (product, to) in self.world.by_product(to, None) {
            let world = self.world.shown(product);
            let Some((call, party)) = find(self.world, leg) else { return };
            let answers = call.party(answering);
            let event = reached!(
                plain(),
                world,
                call,
                party,
                cause,
                CallEstablishedEvent {
                    answering_device_type: answers.map(Party::device_type).unwrap_or_default(),
                    answering_device_id: answers.map(Party::text),
                    local_connection_state: party.state,
                }
            );
            self.out.event(&to, &event);
        }
    }

    /// A device has put the call on hold.
    pub(in crate::simulate) fn tell_held(&mut self, (call, holder): Leg, cause: EventCause) {
        tell_legs!(self, call, |world, entry, leg| CallHeldEvent {
            peripheral_type: world.peripheral_type(),
            holding_device_type: device_type(entry, holder),
            holding_device_id: device(entry, holder),
            local_connection_state: leg.state,
            event_cause: world.cause(cause),
        });
    }

    /// A device has taken the call back.
    pub(in crate::simulate) fn tell_retrieved(&mut self, (call, holder): Leg, cause: EventCause) {
        tell_legs!(self, call, |world, entry, leg| CallRetrievedEvent {
            peripheral_type: world.peripheral_type(),
            retrieving_device_type: device_type(entry, holder),
            retrieving_device_id: device(entry, holder),
            local_connection_state: leg.state,
            event_cause: world.cause(cause),
        });
    }

    /// A device is about to leave the call.
    pub(in crate::simulate) fn tell_connection_cleared(&mut self, (call, leaving): Leg, cause: EventCause) {
        tell_legs!(self, call, |world, entry, leg| CallConnectionClearedEvent {
            peripheral_type: world.peripheral_type(),
            releasing_device_type: device_type(entry, leaving),
            releasing_device_id: device(entry, leaving),
            local_connection_state: if leg.id == leaving { LocalConnectionState::LCS_NULL } else { leg.state },
            event_cause: world.cause(cause),
        });
    }

    /// The whole call ends.
    pub(in crate::simulate) fn tell_cleared(&mut self, leg: Leg, cause: EventCause) {
        tell_leg!(self, leg, |world, _call, _leg| CallClearedEvent {
            peripheral_type: world.peripheral_type(),
            // Whatever it was: nobody is connected any more.
            local_connection_state: LocalConnectionState::LCS_NULL,
            event_cause: world.cause(cause),
        });
    }

    /// A device has dial tone.
    pub(in crate::simulate) fn tell_service_initiated(&mut self, leg: Leg, cause: EventCause) {
        // Unified CCX has neither the call that is consulted about nor an identifier across systems.
        let origin =
            |world: Shown<'_>, call: &Call| call.consults_for.filter(|_| !world.is_ccx()).map(|(origin, _)| origin);
        tell_leg!(self, leg, |world, call, leg| CallServiceInitiatedEvent {
            peripheral_type: world.peripheral_type(),
            line_handle: world.line(call, leg).0,
            line_type: if world.is_ccx() { LineType::LINETYPE_UNKNOWN } else { world.line(call, leg).1 },
            service_number: world.numbers_of(call)[0],
            service_id: world.numbers_of(call)[1],
            skill_group_number: world.numbers_of(call)[2],
            skill_group_id: world.numbers_of(call)[3],
            // Unified CCX has the line type in this place, and reserves the other.
            skill_group_priority: if world.is_ccx() { world.line(call, leg).1.0 } else { 0 },
            calling_device_type: leg.device_type(),
            calling_device_id: Some(leg.text()),
            local_connection_state: LocalConnectionState::LCS_INITIATE,
            event_cause: world.cause(cause),
            call_reference_id: (!world.is_ccx()).then_some(Bytes(&call.reference)),
            coc_connection_call_id: origin(world, call).map(|origin| origin.0),
            coc_call_connection_device_id_type: origin(world, call)
                .map(|_| ConnectionDeviceIdType::CONNECTION_ID_STATIC),
        });
    }

    /// A device has dialed.
    pub(in crate::simulate) fn tell_originated(&mut self, leg: Leg, cause: EventCause) {
        tell_leg!(self, leg, |world, call, leg| CallOriginatedEvent {
            peripheral_type: world.peripheral_type(),
            line_handle: world.line(call, leg).0,
            line_type: world.line(call, leg).1,
            service_number: world.numbers_of(call)[0],
            service_id: world.numbers_of(call)[1],
            skill_group_number: world.numbers_of(call)[2],
            skill_group_id: world.numbers_of(call)[3],
            calling_device_type: leg.device_type(),
            called_device_type: ends(&world, call).1.1,
            calling_device_id: Some(leg.text()),
            called_device_id: some(ends(&world, call).1.0),
            local_connection_state: if world.is_ccx() { LocalConnectionState::LCS_INITIATE } else { leg.state },
            event_cause: world.cause(cause),
        });
    }

    /// The call leaves by a trunk. What happens behind it may never be known.
    pub(in crate::simulate) fn tell_reached_network(&mut self, leg: Leg) {
        tell_leg!(self, leg, only Product::Cce, |world, call, leg| CallReachedNetworkEvent {
            peripheral_type: world.peripheral_type(),
            line_handle: world.line(call, leg).0,
            line_type: world.line(call, leg).1,
            trunk_used_device_type: DeviceIdType::DEVID_TRUNK_IDENTIFIER,
            called_device_type: DeviceIdType::DEVID_EXTERNAL,
            trunk_used_device_id: Some("T1".into()),
            called_device_id: some(ends(&world, call).1.0),
            trunk_number: call.trunk,
            trunk_group_number: call.trunk.map(|_| 1),
            local_connection_state: leg.state,
            event_cause: EventCause::CEC_NONE,
        });
    }

    /// The call cannot be completed.
    pub(in crate::simulate) fn tell_failed(&mut self, leg: Leg, cause: EventCause) {
        tell_leg!(self, leg, |world, call, leg| CallFailedEvent {
            peripheral_type: world.peripheral_type(),
            failing_device_type: ends(&world, call).1.1,
            called_device_type: ends(&world, call).1.1,
            // The device that was to be reached is the one that fails.
            failing_device_id: some(ends(&world, call).1.0),
            called_device_id: some(ends(&world, call).1.0),
            local_connection_state: LocalConnectionState::LCS_FAIL,
            event_cause: world.cause(cause),
        });
    }

    /// The call is taken away from a device and goes to another.
    pub(in crate::simulate) fn tell_diverted(&mut self, from: Leg, to: (&str, DeviceIdType), cause: EventCause) {
        // Each in words of its own, as a diversion from a queue is told on Unified CCX only: see `tell_dequeued`.
        for product in PRODUCTS {
            self.tell_diverted_in(product, from, to, cause);
        }
    }

    /// The same for the sessions of one product.
    pub(in crate::simulate) fn tell_diverted_in(
        &mut self,
        product: Product,
        (call, from): Leg,
        to: (&str, DeviceIdType),
        cause: EventCause,
    ) {
        tell_legs!(self, call, only product, |world, entry, leg| CallDivertedEvent {
            peripheral_type: world.peripheral_type(),
            service_number: world.numbers_of(entry)[0],
            service_id: world.numbers_of(entry)[1],
            diverting_device_type: device_type(entry, from),
            called_device_type: to.1,
            diverting_device_id: device(entry, from),
            called_device_id: some(to.0),
            local_connection_state: if leg.id == from { LocalConnectionState::LCS_NULL } else { leg.state },
            event_cause: world.cause(cause),
        });
    }
}
