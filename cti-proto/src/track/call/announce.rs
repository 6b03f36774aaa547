//! Calls that are announced before they begin: pre-calls and translation routes.

use crate::track::call::data::Named;
use crate::track::call::entry::{BY_KEY, hash_of_key};
use crate::track::call::event::Attributes;
use crate::track::call::{CallChanges, CallEnd, CallEntry, CallStage, CallTracker, Id, RouterCallKey, Taker, count};
use crate::track::handle::Spot;
use crate::track::told::Told;

/// What is done about announced calls.
pub(super) struct Announcements {
    pub(super) hear: Taker,
    /// The call that is announced under a key begins by a name, if there is one.
    pub(super) begin: fn(&mut CallTracker<'_>, &Id<'_>, RouterCallKey) -> Option<Spot>,
}

impl Announcements {
    pub(super) const ALL: Self = Self {
        hear: |tracker, told| tracker.hear_of_announcements(told),
        begin: |tracker, id, key| tracker.begin_announced(id, key),
    };
}

impl CallTracker<'_> {
    pub(super) fn pre_call(&mut self, told: &Told<'_>) {
        let Some(key) = RouterCallKey::of(told) else {
            count(&mut self.counts.unknown);
            return;
        };
        let begun = self.with_router_call_key(key).find(|call| call.stage() != CallStage::Announced);
        let begun = begun.map(|call| (call.handle().spot(), call.service_number(), call.skill_group_number()));
        let mut attributes = Attributes::of(told);
        let spot = match begun {
            Some((spot, service, skill_group)) => {
                // Late: what the call has by now is newer.
                let none = Attributes::at(0);
                if service.is_some() {
                    attributes.service = none.service;
                }
                if skill_group.is_some() {
                    attributes.skill_group = none.skill_group;
                }
                spot
            }
            None => match self.announce(key) {
                Some(spot) => {
                    self.store(spot, told, Named::All);
                    spot
                }
                None => return,
            },
        };
        attributes.peripheral_id = self.calls.look(spot).map_or(0, |entry| entry.peripheral_id);
        self.hear_of(spot, &attributes);
        if let Some(call_type_id) = told.flt_call_type_id() {
            self.set(spot, |entry| &mut entry.call_type_id, call_type_id, CallChanges::ATTRIBUTES);
        }
    }

    pub(super) fn pre_call_abort(&mut self, told: &Told<'_>) {
        let key = RouterCallKey::of(told);
        match key.and_then(|key| self.announced(&key)) {
            Some(spot) => self.end(spot, CallEnd::Aborted),
            // A call that has begun goes on, or its own events tell its end.
            None if key.is_some_and(|key| self.with_router_call_key(key).next().is_some()) => {}
            None => count(&mut self.counts.unknown),
        }
    }

    pub(super) fn translation_route(&mut self, told: &Told<'_>) {
        let Some(key) = RouterCallKey::of(told) else {
            count(&mut self.counts.unknown);
            return;
        };
        if self.with_router_call_key(key).any(|call| call.stage() != CallStage::Announced) {
            return;
        }
        let Some(spot) = self.announce(key) else { return };
        self.hear(spot);
        self.store(spot, told, Named::All);
    }

    fn begin_announced(&mut self, id: &Id<'_>, key: RouterCallKey) -> Option<Spot> {
        let spot = self.announced(&key)?;
        self.name(spot, id);
        self.calls.mark_at(spot, CallChanges::STAGE);
        Some(spot)
    }

    /// The call that is announced under this key.
    fn announced(&self, key: &RouterCallKey) -> Option<Spot> {
        let is_it = |entry: &CallEntry| entry.stage == CallStage::Announced && entry.key == *key;
        self.calls.find(BY_KEY, hash_of_key(key), is_it).map(|handle| handle.spot())
    }

    fn announce(&mut self, key: RouterCallKey) -> Option<Spot> {
        if let Some(spot) = self.announced(&key) {
            return Some(spot);
        }
        let spot = self.take_up(None, 0, Some(key))?;
        self.calls.mark_at(spot, CallChanges::ATTRIBUTES);
        Some(spot)
    }

    /// Gives a call another name; an announced one, its first, with which it begins.
    pub(super) fn name(&mut self, spot: Spot, id: &Id<'_>) {
        let Some(mut new) = self.calls.look(spot).copied() else { return };
        let Some(device) = self.take_name(id.device) else { return };
        let before = new.device;
        (new.call_id, new.device_type, new.device) = (id.call_id, id.device_type, device);
        if new.stage == CallStage::Announced {
            (new.began, new.heard, new.stage_since) = (self.now, 0, 0);
            new.stage = CallStage::Begun;
        }
        self.replace(spot, &new);
        self.names.put_back(before);
        self.calls.mark_at(spot, CallChanges::IDENTITY);
    }
}
