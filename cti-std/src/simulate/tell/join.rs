//! Transfers and conferences.

use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::wire::List;

use super::{connected_parties, find};
use crate::simulate::call::{CallId, Leg, some};
use crate::simulate::floor::Floor;
use crate::simulate::sink::Sink;

/// Two calls that became one.
pub(in crate::simulate) struct Joined {
    /// The call that stays.
    pub(in crate::simulate) first: CallId,
    /// The call that is no more.
    pub(in crate::simulate) second: CallId,
    /// The device that joined them.
    pub(in crate::simulate) controller: String,
    /// The device that was added, or that was transferred to.
    pub(in crate::simulate) other: String,
    pub(in crate::simulate) other_type: DeviceIdType,
    pub(in crate::simulate) cause: EventCause,
}

/// Tells one leg of two calls that became one: with the fields that both events have, and those given.
macro_rules! tell_joined {
    ($floor:ident, $join:ident, $at:ident, |$party:ident| $event:ident { $($field:ident: $value:expr),* $(,)? }) => {
        for (product, to) in $floor.world.by_product($floor.world.receivers($at), None) {
            let Some((call, $party)) = find($floor.world, $at) else { return };
            let world = $floor.world.shown(product);
            $floor.out.event(&to, &$event {
                peripheral_id: world.peripheral(),
                peripheral_type: world.peripheral_type(),
                primary_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
                primary_call_id: $join.first.0,
                line_handle: if world.is_ccx() { u16::MAX } else { 0 },
                line_type: LineType::LINETYPE_UNKNOWN,
                skill_group_number: if world.is_ccx() { NULL_CSQ } else { world.numbers_of(call)[2] },
                skill_group_id: world.numbers_of(call)[3],
                secondary_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
                secondary_call_id: $join.second.0,
                event_cause: world.cause($join.cause),
                primary_device_id: Some($party.text()),
                secondary_device_id: some(&$join.controller),
                // Who is in the call from now on: receivers replace what they knew of the two calls by it.
                connected_parties: List::new(&connected_parties(call)),
                $($field: $value,)*
                ..$event::default()
            });
        }
    };
}

impl<S: Sink> Floor<'_, S> {
    /// The calls of a device have been joined, as this leg sees it. `first` was on hold and stays; `second` is no more.
    pub(in crate::simulate) fn tell_conferenced(&mut self, join: &Joined, leg: Leg) {
        tell_joined!(self, join, leg, |party| CallConferencedEvent {
            controller_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
            // The device of the call that is no more: the others were in the first one already.
            added_party_device_type: join.other_type,
            local_connection_state: party.state,
            controller_device_id: some(&join.controller),
            added_party_device_id: some(&join.other),
        });
    }

    /// A device has left the two calls that it had, and they are one, as this leg sees it.
    pub(in crate::simulate) fn tell_transferred(&mut self, join: &Joined, leg: Leg) {
        tell_joined!(self, join, leg, |party| CallTransferredEvent {
            transferring_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
            transferred_device_type: join.other_type,
            // Whoever transfers is out of it.
            local_connection_state: if party.is_hidden { LocalConnectionState::LCS_NULL } else { party.state },
            transferring_device_id: some(&join.controller),
            transferred_device_id: some(&join.other),
        });
    }
}
