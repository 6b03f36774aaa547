//! The parties of a call, and the stage that follows from them.

use crate::track::call::entry::{CallEntry, PartyEntry, PartyRole, State, Traits, flag};
use crate::track::call::{Call, CallChanges, CallHandle, CallStage, CallTracker};
use crate::track::link::Link;
use crate::track::names::Names;
use crate::track::pool::Pool;
use crate::track::told::Told;
use crate::value::{DeviceIdType, LocalConnectionState};
use crate::wire::Text;

/// Parties and queues of one call at most: the guide's 16 and 20, and some that leave.
pub(super) const MOST_PARTIES: usize = 48;
/// Where a party stands among those of its device.
const BY_DEVICE: usize = 0;

/// The name of the queue of a skill group, which is no device's: it begins with a NUL.
pub(super) fn queue_name(peripheral_id: u32, number: u32) -> [u8; 9] {
    let mut name = [0; 9];
    let digits = peripheral_id.to_be_bytes().into_iter().chain(number.to_be_bytes());
    name.iter_mut().skip(1).zip(digits).for_each(|(place, byte)| *place = byte);
    name
}

/// Peripheral and number of the skill group whose queue has this name.
pub(super) fn queue_of(name: &[u8]) -> (u32, u32) {
    let mut numbers = name.get(1..).unwrap_or_default().as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// A device in an event; of no ID, if the event does not say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Device<'a> {
    pub(super) id: &'a [u8],
    pub(super) kind: DeviceIdType,
}

impl<'a> Device<'a> {
    pub(super) const NONE: Self = Self { id: &[], kind: DeviceIdType::DEVID_NONE };

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(super) fn new(id: Option<Text<'a>>, kind: DeviceIdType) -> Self {
        Self { id: id.map_or(&[], Text::as_bytes), kind }
    }

    /// The device of an event.
    pub(super) fn of(told: &Told<'a>) -> Self {
        Self::new(told.device(), told.device_type())
    }

    pub(super) fn calling(told: &Told<'a>) -> Self {
        Self::new(told.calling_device_id(), told.calling_device_type())
    }

    pub(super) fn is_none(&self) -> bool {
        self.id.is_empty()
    }

    /// This device, or the other if there is none.
    pub(super) fn or(self, other: Self) -> Self {
        if self.is_none() { other } else { self }
    }

    pub(super) const fn is_port(&self) -> bool {
        is_port(self.kind)
    }
}

/// Whether a device is where calls are treated and wait, and not where people talk.
const fn is_port(kind: DeviceIdType) -> bool {
    matches!(
        kind,
        DeviceIdType::DEVID_CTI_PORT
            | DeviceIdType::DEVID_ROUTE_POINT
            | DeviceIdType::DEVID_QUEUE
            | DeviceIdType::DEVID_TRUNK_IDENTIFIER
            | DeviceIdType::DEVID_TRUNK_GROUP_IDENTIFIER
    )
}

/// The parties of a call.
#[derive(Clone, Debug)]
struct Walk<'t> {
    parties: &'t Pool<'t, PartyEntry, 1>,
    next: Link,
    left: usize,
}

impl<'t> Iterator for Walk<'t> {
    type Item = (Link, &'t PartyEntry);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let link = self.next;
        let party = self.parties.get(link)?;
        self.next = party.next;
        Some((link, party))
    }
}

impl CallTracker<'_> {
    /// The party, and those behind it.
    pub(super) fn parties_from(&self, first: Link) -> impl Iterator<Item = &PartyEntry> + Clone {
        self.walk(first).map(|(_, party)| party)
    }

    fn walk(&self, first: Link) -> Walk<'_> {
        Walk { parties: &self.parties, next: first, left: MOST_PARTIES }
    }

    /// The calls that have a party of this name, with it.
    pub(super) fn calls_of(&self, name: Link) -> impl Iterator<Item = (Call<'_>, &PartyEntry)> + Clone {
        let members = self.names.get(name).map_or(Link::NONE, |name| name.members);
        self.parties.iter(BY_DEVICE, members).filter_map(|(_, party)| {
            let (handle, entry) = self.calls.at(party.call as usize)?;
            Some((Call::new(self, handle, entry), party))
        })
    }

    /// The party of a call at a device.
    pub(super) fn party_at(&self, entry: &CallEntry, device: &[u8]) -> Option<Link> {
        if device.is_empty() {
            return None;
        }
        let mut parties = self.walk(entry.parties);
        parties.find(|(_, party)| self.names.is(party.name, device)).map(|(link, _)| link)
    }

    /// The party of a call at a device, and its state.
    pub(super) fn party_state(&self, handle: CallHandle, device: &Device<'_>) -> Option<(Link, LocalConnectionState)> {
        let link = self.party_at(self.calls.get(handle)?, device.id)?;
        Some((link, self.parties.get(link)?.state.value()))
    }

    /// Has a device take part in a call, in a state.
    pub(super) fn set_party(&mut self, handle: CallHandle, device: Device<'_>, state: LocalConnectionState) {
        self.set_party_as(handle, device, state, None);
    }

    /// The same for the device that makes the call.
    pub(super) fn set_caller(&mut self, handle: CallHandle, device: Device<'_>, state: LocalConnectionState) {
        self.set_party_as(handle, device, state, Some(PartyRole::Caller));
    }

    pub(super) fn set_party_as(
        &mut self,
        handle: CallHandle,
        device: Device<'_>,
        state: LocalConnectionState,
        role: Option<PartyRole>,
    ) {
        if device.is_none() {
            return;
        }
        let link = self.calls.get(handle).and_then(|entry| self.party_at(entry, device.id));
        self.set_party_at(handle, link, device, state, role);
    }

    /// The same for a device that is this party, or none yet.
    pub(super) fn set_party_at(
        &mut self,
        handle: CallHandle,
        link: Option<Link>,
        device: Device<'_>,
        state: LocalConnectionState,
        role: Option<PartyRole>,
    ) {
        let Some(entry) = self.calls.get(handle) else { return };
        let (since, state) = (entry.offset(self.now), State::new(state));
        let Some(link) = link else {
            let mut new = PartyEntry {
                call: handle.slot() as u32,
                name: Link::NONE,
                next: Link::NONE,
                since,
                device_type: device.kind,
                state,
                traits: Traits::new(role.unwrap_or(PartyRole::Called)),
            };
            self.add_party(handle, device.id, &mut new, CallChanges::PARTIES);
            return;
        };
        let Some(party) = self.parties.get_mut(link) else { return };
        let before = (party.state, party.traits, party.device_type);
        if party.state != state {
            (party.state, party.since) = (state, since);
        }
        if let Some(role) = role {
            party.traits = party.traits.with_role(role);
        }
        if device.kind != DeviceIdType::DEVID_NONE {
            party.device_type = device.kind;
        }
        if before != (party.state, party.traits, party.device_type) {
            self.calls.mark(handle, CallChanges::PARTIES);
        }
    }

    /// Has media flow at a party, or no longer; `None` if the call has no such party.
    pub(super) fn set_party_media(
        &mut self,
        handle: CallHandle,
        devices: [&[u8]; 3],
        flags: u8,
        on: bool,
    ) -> Option<()> {
        let entry = self.calls.get(handle)?;
        let link = devices.into_iter().find_map(|device| self.party_at(entry, device))?;
        let party = self.parties.get_mut(link)?;
        let traits = party.traits.with_media(flags, on);
        if core::mem::replace(&mut party.traits, traits) != traits {
            self.calls.mark(handle, CallChanges::MEDIA);
        }
        Some(())
    }

    /// Has a call wait in the queue of a skill group.
    pub(super) fn set_queue(&mut self, handle: CallHandle, peripheral_id: u32, number: u32) {
        let name = queue_name(peripheral_id, number);
        let Some(entry) = self.calls.get(handle) else { return };
        if self.party_at(entry, &name).is_some() {
            return;
        }
        let mut new = PartyEntry {
            call: handle.slot() as u32,
            name: Link::NONE,
            next: Link::NONE,
            since: entry.offset(self.now),
            device_type: DeviceIdType::DEVID_QUEUE,
            state: State::new(LocalConnectionState::LCS_QUEUED),
            traits: Traits::new(PartyRole::Queue),
        };
        self.add_party(handle, &name, &mut new, CallChanges::QUEUES);
    }

    /// Has a party of another call take part in this one too. One that does already, comes to the state.
    pub(super) fn take_party(&mut self, handle: CallHandle, party: &PartyEntry, state: LocalConnectionState) {
        let Some(entry) = self.calls.get(handle) else { return };
        let (since, state) = (entry.offset(self.now), State::new(state));
        let known = self.walk(entry.parties).find(|(_, known)| known.name == party.name).map(|(link, _)| link);
        if let Some(known) = known.and_then(|link| self.parties.get_mut(link)) {
            if known.call == party.call && known.state != state {
                (known.state, known.since) = (state, since);
                self.calls.mark(handle, CallChanges::PARTIES);
            }
            return;
        }
        self.names.take_again(party.name);
        let new = PartyEntry { call: handle.slot() as u32, next: Link::NONE, since, state, ..*party };
        self.add_named(handle, &new, CallChanges::PARTIES);
    }

    fn add_party(&mut self, handle: CallHandle, name: &[u8], new: &mut PartyEntry, what: CallChanges) {
        // Mostly it is the device that the call is named by.
        let own = self.calls.get(handle).map(|entry| entry.device).filter(|own| self.names.is(*own, name));
        own.into_iter().for_each(|own| self.names.take_again(own));
        let Some(name) = own.or_else(|| self.take_name(name)) else { return self.is_crowded(handle) };
        new.name = name;
        self.add_named(handle, new, what);
    }

    /// Adds a party whose name is taken.
    fn add_named(&mut self, handle: CallHandle, new: &PartyEntry, what: CallChanges) {
        if self.try_add(handle, new).is_none() {
            self.names.put_back(new.name);
            return self.is_crowded(handle);
        }
        self.calls.mark(handle, what);
    }

    fn is_crowded(&mut self, handle: CallHandle) {
        if self.calls.get_mut(handle).is_some_and(|entry| entry.set(flag::CROWDED, true)) {
            self.calls.mark(handle, CallChanges::PARTIES);
        }
    }

    fn try_add(&mut self, handle: CallHandle, new: &PartyEntry) -> Option<()> {
        let first = self.calls.get(handle)?.parties;
        let (mut last, mut others) = (Link::NONE, 0_usize);
        for (link, _) in self.walk(first) {
            (last, others) = (link, others.saturating_add(1));
        }
        if others >= MOST_PARTIES {
            return None;
        }
        let party = self.parties.insert(*new)?;
        if let Some(name) = self.names.get_mut(new.name) {
            self.parties.join(BY_DEVICE, &mut name.members, party);
        }
        match self.parties.get_mut(last) {
            Some(last) => last.next = party,
            None => self.calls.get_mut(handle)?.parties = party,
        }
        Some(())
    }

    /// Has a device leave a call; the state that it was in.
    pub(super) fn leave(&mut self, handle: CallHandle, device: &[u8]) -> Option<LocalConnectionState> {
        let link = self.party_at(self.calls.get(handle)?, device)?;
        let state = self.parties.get(link)?.state.value();
        self.remove_party(handle, link);
        Some(state)
    }

    /// Has all parties and queues leave for which `goes` holds; whether there were any.
    pub(super) fn leave_all(&mut self, handle: CallHandle, goes: impl Fn(&PartyEntry) -> bool) -> bool {
        let mut any = false;
        let mut next = self.calls.get(handle).map_or(Link::NONE, |entry| entry.parties);
        for _ in 0..MOST_PARTIES {
            let link = next;
            let Some(party) = self.parties.get(link) else { break };
            next = party.next;
            if goes(party) {
                self.remove_party(handle, link);
                any = true;
            }
        }
        any
    }

    /// Has all parties leave that `stays` does not know. Queues stay.
    pub(super) fn keep_listed(&mut self, handle: CallHandle, stays: impl Fn(&Names<'_>, Link) -> bool) {
        let mut next = self.calls.get(handle).map_or(Link::NONE, |entry| entry.parties);
        for _ in 0..MOST_PARTIES {
            let link = next;
            let Some(party) = self.parties.get(link) else { return };
            next = party.next;
            if party.traits.role() != PartyRole::Queue && !stays(&self.names, party.name) {
                self.remove_party(handle, link);
            }
        }
    }

    /// Whether a call waits in the queue of any skill group.
    pub(super) fn waits_in_queues(&self, entry: &CallEntry) -> bool {
        self.parties_from(entry.parties).any(|party| party.traits.role() == PartyRole::Queue)
    }

    /// Has a call leave all queues; whether it was in any.
    pub(super) fn leave_queues(&mut self, handle: CallHandle) -> bool {
        let queued = State::new(LocalConnectionState::LCS_QUEUED);
        self.leave_all(handle, |party| party.traits.role() == PartyRole::Queue || party.state == queued)
    }

    pub(super) fn leave_queue(&mut self, handle: CallHandle, peripheral_id: u32, number: u32) {
        self.leave(handle, &queue_name(peripheral_id, number));
    }

    pub(super) fn remove_party(&mut self, handle: CallHandle, link: Link) {
        let Some(PartyEntry { name, next, traits, .. }) = self.parties.get(link).copied() else { return };
        let Some(first) = self.calls.get(handle).map(|entry| entry.parties) else { return };
        if first == link {
            if let Some(entry) = self.calls.get_mut(handle) {
                entry.parties = next;
            }
        } else {
            let before = self.walk(first).find(|(_, other)| other.next == link).map(|(before, _)| before);
            if let Some(before) = before.and_then(|before| self.parties.get_mut(before)) {
                before.next = next;
            }
        }
        if let Some(name) = self.names.get_mut(name) {
            self.parties.leave(BY_DEVICE, &mut name.members, link);
        }
        self.parties.remove(link);
        self.names.put_back(name);
        let what = if traits.role() == PartyRole::Queue { CallChanges::QUEUES } else { CallChanges::PARTIES };
        self.calls.mark(handle, what);
    }

    /// Sets the stage that follows from the parties.
    pub(super) fn restage(&mut self, handle: CallHandle) {
        let Some(entry) = self.calls.get(handle) else { return };
        if entry.stage.is_over() {
            return;
        }
        let stage = stage_of(self.parties_from(entry.parties));
        self.enter(handle, stage);
    }

    pub(super) fn enter(&mut self, handle: CallHandle, stage: CallStage) {
        let now = self.now;
        if self.calls.get_mut(handle).is_some_and(|entry| entry.enter(stage, now)) {
            self.calls.mark(handle, CallChanges::STAGE);
        }
    }
}

/// How far a call with these parties is.
fn stage_of<'p>(parties: impl Iterator<Item = &'p PartyEntry>) -> CallStage {
    let (mut connected, mut talkers, mut held, mut alerting) = (0_u32, false, false, false);
    let (mut queued, mut failed, mut treated, mut seized, mut dialing) = (false, false, false, false, false);
    for party in parties {
        let is_caller = party.traits.role() == PartyRole::Caller;
        match party.state.value() {
            LocalConnectionState::LCS_HOLD => held = true,
            LocalConnectionState::LCS_ALERTING => alerting = true,
            LocalConnectionState::LCS_QUEUED => queued = true,
            LocalConnectionState::LCS_FAIL => failed = true,
            LocalConnectionState::LCS_INITIATE if is_caller => dialing = true,
            LocalConnectionState::LCS_INITIATE => seized = true,
            LocalConnectionState::LCS_CONNECT if is_port(party.device_type) => treated |= !is_caller,
            LocalConnectionState::LCS_CONNECT => {
                connected = connected.saturating_add(1);
                talkers |= !is_caller;
                dialing |= is_caller;
            }
            _ => {}
        }
    }
    match () {
        () if held && connected <= 1 => CallStage::Held,
        () if held || talkers || connected >= 2 => CallStage::Talking,
        () if alerting => CallStage::Alerting,
        () if queued => CallStage::Queued,
        () if failed => CallStage::Failed,
        () if treated => CallStage::Treated,
        () if dialing && !seized => CallStage::Dialing,
        () => CallStage::Begun,
    }
}
