//! The events: how what happens is told, leg by leg, to those who watch.

/// Tells an event of a call to all its legs, each with its own connection: `|world, call, leg| Event { fields }`, where
/// `world` is as the receivers' product shows it; `only` one product, if it is given.
macro_rules! tell_legs {
    ($floor:ident, $call:expr, $(only $only:expr,)? |$world:ident, $entry:ident, $leg:ident| $event:ident {
        $($field:ident: $value:expr),* $(,)?
    }) => {
        for party in $floor.world.legs($call) {
            tell_leg!($floor, ($call, party), $(only $only,)? |$world, $entry, $leg| $event { $($field: $value),* });
        }
    };
}

/// Tells an event of a call to one leg.
macro_rules! tell_leg {
    ($floor:ident, $at:expr, |$world:ident, $entry:ident, $leg:ident| $event:ident { $($fields:tt)* }) => {
        tell_leg!(@ $floor, $at, None, |$world, $entry, $leg| $event { $($fields)* })
    };
    ($floor:ident, $at:expr, only $only:expr, |$world:ident, $entry:ident, $leg:ident| $event:ident {
        $($fields:tt)*
    }) => {
        tell_leg!(@ $floor, $at, Some($only), |$world, $entry, $leg| $event { $($fields)* })
    };
    (@ $floor:ident, $at:expr, $only:expr, |$world:ident, $entry:ident, $leg:ident| $event:ident {
        $($field:ident: $value:expr),* $(,)?
    }) => {{
        let at: Leg = $at;
        for (product, to) in $floor.world.by_product($floor.world.receivers(at), $only) {
            let Some(($entry, $leg)) = find($floor.world, at) else { break };
            let $world = $floor.world.shown(product);
            // In one expression, so that lists made on the way live long enough.
            $floor.out.event(&to, &$event {
                peripheral_id: $world.peripheral(),
                connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
                connection_call_id: at.0.0,
                connection_device_id: Some($leg.text()),
                $($field: $value,)*
                ..$event::default()
            });
        }
    }};
}

/// An event with the data of its call: `call, view, Event { fields }`; `view` is what its receivers get to see.
macro_rules! with_data {
    ($call:ident, $view:ident, $event:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {
        $event {
            ani: some(&$call.data.ani),
            user_to_user_info: user_to_user(&$call.data),
            dialed_number: some(&$call.data.dialed_number),
            caller_entered_digits: some(&$call.data.digits),
            call_variables: $view.variables,
            named_variables: List::new(&$view.named),
            named_arrays: List::new(&$view.arrays),
            $($field $(: $value)?,)*
            ..$event::default()
        }
    };
}

/// An event with nothing but its fields.
macro_rules! plain {
    ($event:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {
        $event { $($field $(: $value)?,)* ..$event::default() }
    };
}

mod agent;
mod join;
mod life;
mod recording;
mod route;

use cti_proto::message::{ConnectedParty, CtiClient};
use cti_proto::value::DeviceIdType;
use cti_proto::wire::{Bytes, Text, Time};

use super::call::{Call, CallData, Leg, MAX_PARTIES, Party, PartyId};
use super::world::World;
pub(super) use join::Joined;

/// The call and the party of a leg, if both are still there.
pub(super) fn find(world: &World, leg: Leg) -> Option<(&Call, &Party)> {
    let call = world.calls.get(&leg.0)?;
    Some((call, call.party(leg.1)?))
}

/// User-to-user information as messages hold it.
fn user_to_user(data: &CallData) -> Option<Bytes<'_>> {
    (!data.user_to_user.is_empty()).then_some(Bytes(&data.user_to_user))
}

/// The clients of a call, as many as a message has room for.
pub(super) fn clients(call: &Call) -> Vec<CtiClient<'_>> {
    let clients = call.clients.iter().take(16);
    clients
        .map(|(signature, since)| CtiClient { signature: signature.as_str().into(), timestamp: Time(*since) })
        .collect()
}

/// The device of a party.
fn device(call: &Call, party: PartyId) -> Option<Text<'_>> {
    call.party(party).map(Party::text)
}

/// What kind of device it is; none, if the party is gone.
fn device_type(call: &Call, party: PartyId) -> DeviceIdType {
    call.party(party).map(Party::device_type).unwrap_or_default()
}

/// The device that called, and the one that was called first.
fn ends<'w>(world: &World, call: &'w Call) -> ((&'w str, DeviceIdType), (&'w str, DeviceIdType)) {
    // The caller may have gone: a call can go on without.
    let calling = call.caller().map_or((call.data.ani.as_str(), DeviceIdType::DEVID_EXTERNAL), |party| {
        (party.device.as_str(), party.device_type())
    });
    let dialed = call.data.dialed_number.as_str();
    let called = if world.phone_of_extension(dialed).is_some() {
        DeviceIdType::DEVID_AGENT_DEVICE
    // What is called from outside is a number of ours, though it be no device.
    } else if world.group_of_number(dialed).is_some() || calling.1 == DeviceIdType::DEVID_EXTERNAL {
        DeviceIdType::DEVID_ROUTE_POINT
    } else {
        DeviceIdType::DEVID_EXTERNAL
    };
    (calling, (dialed, called))
}

/// The parties of a call that everybody may know of.
pub(super) fn connected_parties(call: &Call) -> Vec<ConnectedParty<'_>> {
    let parties = call.parties.iter().filter(|party| !party.is_hidden).take(MAX_PARTIES);
    let parties = parties.map(|party| ConnectedParty {
        call_id: call.id.0,
        device_id_type: party.device_type(),
        device_id: party.text(),
    });
    parties.collect()
}
