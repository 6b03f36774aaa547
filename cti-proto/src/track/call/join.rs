//! Calls that become one: conferences, transfers, and calls that get another name. And calls that belong together:
//! consult calls and the call that they are about.

use crate::message::ConnectedParty;
use crate::track::call::entry::{PartyEntry, PartyRole};
use crate::track::call::event::is_consult;
use crate::track::call::parties::{Device, MOST_PARTIES, To};
use crate::track::call::{CallChanges, CallEnd, CallStage, CallTracker, Id, count};
use crate::track::handle::Spot;
use crate::track::link::Link;
use crate::track::told::Told;
use crate::value::{LocalConnectionState, NULL_CALL_ID};
use crate::wire::Elements;

/// What is done about the calls that calls belong to.
pub(super) struct Origins {
    /// Notes the call that a call belongs to.
    set: fn(&mut CallTracker<'_>, Spot, Spot),
    /// Ties a call that a device dials to the one that it is about.
    pub(super) tie: fn(&mut CallTracker<'_>, Spot, &Told<'_>, &Id<'_>, &Device<'_>),
    /// Takes what a snapshot says of it.
    pub(super) take: fn(&mut CallTracker<'_>, Spot, &Told<'_>),
}

impl Origins {
    pub(super) const ALL: Self = Self {
        set: |tracker, spot, origin| {
            let origin = tracker.calls.handle_of(origin);
            tracker.set(spot, |entry| &mut entry.origin, origin, CallChanges::ORIGIN);
        },
        tie: |tracker, spot, told, id, device| tracker.tie_to_origin(spot, told, id, device),
        take: |tracker, spot, told| tracker.take_origin(spot, told),
    };
}

/// The call that goes on, where it is known, and the two that become it.
type Joined = [Option<Spot>; 3];

impl CallTracker<'_> {
    /// Takes that two calls are one now, without the device that `leaves`.
    pub(super) fn join(&mut self, told: &Told<'_>, leaves: &Device<'_>) {
        let parties = told.items::<ConnectedParty<'_>>();
        let (mut result_id, mut is_listed) = (None, false);
        for party in parties.clone() {
            result_id = result_id.or(Some(party.call_id).filter(|call_id| *call_id != NULL_CALL_ID));
            is_listed = true;
        }
        let primary = self.meant(&Id::of(told));
        let secondary = self.meant(&Id::other(told)).filter(|spot| Some(*spot) != primary);
        let result = self.result(told, result_id, primary, secondary);
        let Some(result) = self.noted(result, told) else { return };
        let joined = &[Some(result), primary, secondary];
        match is_listed {
            true => self.take_listed(result, joined, parties),
            false => {
                let comes = Device::new(told.coming_device_id(), told.coming_device_type());
                self.take_over(result, joined, &comes, leaves);
            }
        }
        self.restage(result);
        for other in joined.iter().flatten().filter(|other| **other != result) {
            self.merge_into(*other, result);
        }
    }

    /// The call that goes on.
    fn result(
        &mut self,
        told: &Told<'_>,
        result_id: Option<u32>,
        primary: Option<Spot>,
        secondary: Option<Spot>,
    ) -> Option<Spot> {
        let known = result_id.and_then(|call_id| self.open_call(call_id, primary, secondary));
        if known.is_some() {
            return known;
        }
        let id = Id::of(told);
        let call_id = result_id.unwrap_or(id.call_id);
        let Some(spot) = primary.or(secondary) else {
            return self.meant_or_new(&Id { call_id, ..id }, told.peripheral_id());
        };
        let mut new = *self.calls.look(spot)?;
        if new.call_id != call_id {
            new.call_id = call_id;
            self.replace(spot, &new);
            self.calls.mark_at(spot, CallChanges::IDENTITY);
        }
        Some(spot)
    }

    /// The call of this call ID that is not over: best the primary one, else the secondary one, else any.
    fn open_call(&self, call_id: u32, primary: Option<Spot>, secondary: Option<Spot>) -> Option<Spot> {
        let open = self.of_call_id(call_id).filter(|(_, entry)| !entry.stage.is_over());
        let rank = |spot: Spot| match Some(spot) {
            spot if spot == primary => 2,
            spot => u8::from(spot == secondary),
        };
        let better = |best: Spot, other: Spot| if rank(other) > rank(best) { other } else { best };
        open.map(|(handle, _)| handle.spot()).reduce(better)
    }

    /// The parties of the list are those of the call.
    fn take_listed(&mut self, result: Spot, joined: &Joined, parties: Elements<'_, ConnectedParty<'_>>) {
        self.expect_list(result);
        for party in parties {
            let device = Device::new(Some(party.device_id), party.device_id_type);
            let known = self.known_party(joined, &device);
            let state = known.map_or(LocalConnectionState::LCS_CONNECT, |party| joined_state(party.state.value()));
            self.set_party(result, &device, To::state(state).with_role(known.map(|party| party.traits.role())));
        }
        self.leave_unlisted(result);
    }

    fn known_party(&self, joined: &Joined, device: &Device<'_>) -> Option<&PartyEntry> {
        joined.iter().flatten().find_map(|call| self.parties.get(self.party(*call, device.id)))
    }

    /// The parties of both calls are those of the one, without the device that transfers them.
    fn take_over(&mut self, result: Spot, joined: &Joined, comes: &Device<'_>, leaves: &Device<'_>) {
        for call in joined.iter().flatten() {
            self.move_parties(*call, result);
        }
        // One that takes part already stays as it is.
        if self.party(result, comes.id).is_none() {
            self.set_party(result, comes, To::state(LocalConnectionState::LCS_CONNECT));
        }
        self.leave(result, leaves.id);
    }

    /// Copies the parties of a call to another, or wakes those that are there already.
    fn move_parties(&mut self, from: Spot, to: Spot) {
        let mut next = self.calls.look(from).map_or(Link::NONE, |entry| entry.parties);
        for _ in 0..MOST_PARTIES {
            let Some(party) = self.parties.get(next).copied() else { return };
            next = party.next;
            if party.traits.role() != PartyRole::Queue {
                self.take_party(to, &party, joined_state(party.state.value()));
            }
        }
    }

    /// Ties what remains of a call to the call that it has become a part of.
    fn merge_into(&mut self, call: Spot, result: Spot) {
        self.leave_all(call, |_| true);
        self.set_origin(call, result);
        self.enter(call, CallStage::Merged);
        self.hear(call);
    }

    // ---- names --------------------------------------------------------------------------------

    /// The call of which an update speaks, under its new name.
    pub(super) fn renamed(&mut self, old: &Id<'_>, new: &Id<'_>, peripheral_id: u32) -> Option<Spot> {
        let changes = !new.is_null() && !new.device.is_empty() && new != old;
        if !changes {
            return self.meant_or_new(old, peripheral_id);
        }
        match (self.exactly(old), self.exactly(new)) {
            (None, Some(spot)) => Some(spot),
            (Some(from), Some(to)) => {
                self.move_parties(from, to);
                self.set_origin(from, to);
                self.end(from, CallEnd::Merged);
                self.restage(to);
                Some(to)
            }
            (from, None) => {
                let spot = match from.or_else(|| self.meant(old)) {
                    Some(spot) => spot,
                    None => return self.meant_or_new(new, peripheral_id),
                };
                self.name(spot, new);
                Some(spot)
            }
        }
    }

    // ---- consult calls ------------------------------------------------------------------------

    /// Ties a consult call to the call that it is about: the one that the event names, else the one that the device has
    /// on hold.
    fn tie_to_origin(&mut self, spot: Spot, told: &Told<'_>, id: &Id<'_>, device: &Device<'_>) {
        let named = told.coc_connection_call_id().map(|call_id| Id {
            call_id,
            device_type: told.coc_call_connection_device_id_type().unwrap_or(id.device_type),
            device: id.device,
        });
        let Some(entry) = self.calls.look(spot) else { return };
        if named.is_none() && (entry.origin.is_some() || !is_consult(entry.call_type)) {
            return;
        }
        let origin = match &named {
            Some(id) => self.meant(id),
            None => self.held_at(device.id, spot),
        };
        match origin.filter(|origin| *origin != spot) {
            Some(origin) => self.set_origin(spot, origin),
            None if named.is_some() => count(&mut self.counts.unknown),
            None => {}
        }
    }

    fn take_origin(&mut self, spot: Spot, told: &Told<'_>) {
        let Some(call_id) = told.coc_connection_call_id() else { return };
        let device_type = told.coc_call_connection_device_id_type().unwrap_or_default();
        let origin = self.meant(&Id::new(call_id, device_type, told.coc_call_connection_device_id()));
        if let Some(origin) = origin.filter(|origin| *origin != spot) {
            self.set_origin(spot, origin);
        }
    }

    fn set_origin(&mut self, spot: Spot, origin: Spot) {
        if let Some(origins) = self.origins {
            (origins.set)(self, spot, origin);
        }
    }

    fn held_at(&self, device: &[u8], except: Spot) -> Option<Spot> {
        let name = self.names.find(device)?;
        // Nobody has more calls than this on hold.
        let mut calls = self.calls_of(name).take(MOST_PARTIES);
        let held = calls.find(|(call, party)| {
            party.state.value() == LocalConnectionState::LCS_HOLD && call.handle().spot() != except
        });
        held.map(|(call, _)| call.handle().spot())
    }
}

/// The state of a party whose call is joined to another: who was on hold is connected.
fn joined_state(state: LocalConnectionState) -> LocalConnectionState {
    match state {
        LocalConnectionState::LCS_HOLD | LocalConnectionState::LCS_INITIATE => LocalConnectionState::LCS_CONNECT,
        other => other,
    }
}
