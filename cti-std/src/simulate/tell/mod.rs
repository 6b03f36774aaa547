//! The events: how what happens is told, leg by leg, to those who watch.

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

mod agent;
mod join;
mod life;
mod route;

use cti_proto::message::{ConnectedParty, CtiClient};
use cti_proto::value::{CallType, DeviceIdType, LineType};
use cti_proto::wire::{Bytes, Text, Time};

use super::call::{Call, CallData, End, Leg, MAX_PARTIES, Party, PartyId};
use super::session::VariableFilter;
use super::sink::Receiver;
use super::world::World;
pub(super) use join::Joined;

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
        .map(|(signature, since)| CtiClient { signature: signature.as_str().into(), timestamp: Time(*since) })
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
    let parties = call.parties.iter().filter(|party| !party.is_hidden).take(MAX_PARTIES);
    let parties = parties.map(|party| ConnectedParty {
        call_id: call.id.0,
        device_id_type: party.device_type(),
        device_id: party.text(),
    });
    parties.collect()
}
