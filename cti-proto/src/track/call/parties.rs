//! The parties of a call, and the stage that follows from them.

use crate::track::call::entry::{CallEntry, PartyEntry, PartyRole, State, Traits, flag};
use crate::track::call::{Call, CallChanges, CallStage, CallTracker};
use crate::track::handle::Spot;
use crate::track::link::Link;
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
    let ([a, b, c, d], [e, f, g, h]) = (peripheral_id.to_be_bytes(), number.to_be_bytes());
    [0, a, b, c, d, e, f, g, h]
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

/// What a device comes to in a call.
#[derive(Clone, Copy)]
pub(super) struct To {
    state: State,
    /// What it is to the call from now on; else what it was, or else a device that was called.
    role: Option<PartyRole>,
    /// The only state in which a device that takes part already may be.
    from: Option<State>,
}

impl To {
    pub(super) const fn state(state: LocalConnectionState) -> Self {
        Self { state: State::new(state), role: None, from: None }
    }

    /// Of the device that makes the call.
    pub(super) const fn caller(state: LocalConnectionState) -> Self {
        Self::state(state).with_role(Some(PartyRole::Caller))
    }

    pub(super) const fn with_role(self, role: Option<PartyRole>) -> Self {
        Self { role, ..self }
    }

    /// The same only from this state, if the device takes part already.
    pub(super) const fn only_from(self, state: LocalConnectionState) -> Self {
        Self { from: Some(State::new(state)), ..self }
    }
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

/// The calls of a device, and what it is to them.
#[derive(Clone)]
pub(super) struct OfDevice<'t> {
    tracker: &'t CallTracker<'t>,
    next: Link,
    left: usize,
}

impl<'t> Iterator for OfDevice<'t> {
    type Item = (Call<'t>, &'t PartyEntry);

    fn next(&mut self) -> Option<Self::Item> {
        let Self { tracker, next, left } = self;
        loop {
            *left = left.checked_sub(1)?;
            let link = *next;
            let party = tracker.parties.get(link)?;
            *next = tracker.parties.next(BY_DEVICE, link);
            if let Some((spot, entry)) = tracker.calls.at(party.call as usize) {
                return Some((Call::new(tracker, spot, entry), party));
            }
        }
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
    pub(super) fn calls_of(&self, name: Link) -> OfDevice<'_> {
        let members = self.names.get(name).map_or(Link::NONE, |name| name.members);
        OfDevice { tracker: self, next: members, left: self.parties.counters().capacity }
    }

    /// The party of a call at a device, if there is one.
    pub(super) fn party_at(&self, entry: &CallEntry, device: &[u8]) -> Link {
        if device.is_empty() {
            return Link::NONE;
        }
        let mut parties = self.walk(entry.parties);
        parties.find(|(_, party)| self.names.is(party.name, device)).map_or(Link::NONE, |(link, _)| link)
    }

    /// The same of the call in a slot.
    pub(super) fn party(&self, spot: Spot, device: &[u8]) -> Link {
        self.calls.look(spot).map_or(Link::NONE, |entry| self.party_at(entry, device))
    }

    /// Whether there is such a party, and it is in this state.
    pub(super) fn is_in(&self, party: Link, state: LocalConnectionState) -> bool {
        self.parties.get(party).is_some_and(|party| party.state == State::new(state))
    }

    /// Has a device take part in a call, or come to another state.
    pub(super) fn set_party(&mut self, spot: Spot, device: &Device<'_>, to: To) {
        if device.is_none() {
            return;
        }
        let Some(entry) = self.calls.look(spot) else { return };
        let (since, state) = (entry.offset(self.now), to.state);
        let known = self.party_at(entry, device.id);
        let Some(party) = self.parties.get_mut(known) else {
            let mut new = PartyEntry {
                call: spot.index() as u32,
                name: Link::NONE,
                next: Link::NONE,
                since,
                device_type: device.kind,
                state,
                traits: Traits::new(to.role.unwrap_or_default()),
            };
            return self.add_party(spot, device.id, &mut new);
        };
        if to.from.is_some_and(|from| party.state != from) {
            return;
        }
        party.traits = party.traits.listed(true);
        let before = (party.state, party.traits, party.device_type);
        if party.state != state {
            (party.state, party.since) = (state, since);
        }
        if let Some(role) = to.role {
            party.traits = party.traits.with_role(role);
        }
        if device.kind != DeviceIdType::DEVID_NONE {
            party.device_type = device.kind;
        }
        if before != (party.state, party.traits, party.device_type) {
            self.calls.mark_at(spot, CallChanges::PARTIES);
        }
    }

    /// Has a call wait in the queue of a skill group.
    pub(super) fn set_queue(&mut self, spot: Spot, peripheral_id: u32, number: u32) {
        let queue = Device { id: &queue_name(peripheral_id, number), kind: DeviceIdType::DEVID_QUEUE };
        let to = To::state(LocalConnectionState::LCS_QUEUED).with_role(Some(PartyRole::Queue));
        self.set_party(spot, &queue, to);
    }

    /// Has media flow at a party, or no longer; `None` if the call has no such party.
    pub(super) fn set_party_media(&mut self, spot: Spot, devices: [&[u8]; 3], flags: u8, on: bool) -> Option<()> {
        let entry = self.calls.look(spot)?;
        let link = devices.into_iter().map(|device| self.party_at(entry, device)).find(|link| !link.is_none())?;
        let party = self.parties.get_mut(link)?;
        let traits = party.traits.with_media(flags, on);
        if core::mem::replace(&mut party.traits, traits) != traits {
            self.calls.mark_at(spot, CallChanges::MEDIA);
        }
        Some(())
    }

    /// Has a party of another call take part in this one too. One that does already, comes to the state.
    pub(super) fn take_party(&mut self, spot: Spot, party: &PartyEntry, state: LocalConnectionState) {
        let Some(entry) = self.calls.look(spot) else { return };
        let (since, state) = (entry.offset(self.now), State::new(state));
        let known = self.walk(entry.parties).find(|(_, known)| known.name == party.name);
        if let Some(known) = self.parties.get_mut(known.map_or(Link::NONE, |(link, _)| link)) {
            if known.call == party.call && known.state != state {
                (known.state, known.since) = (state, since);
                self.calls.mark_at(spot, CallChanges::PARTIES);
            }
            return;
        }
        self.names.take_again(party.name);
        let new = PartyEntry { call: spot.index() as u32, next: Link::NONE, since, state, ..*party };
        self.add_named(spot, &new);
    }

    fn add_party(&mut self, spot: Spot, name: &[u8], new: &mut PartyEntry) {
        // Mostly it is the device that the call is named by.
        let own = self.calls.look(spot).map(|entry| entry.device).filter(|own| self.names.is(*own, name));
        own.into_iter().for_each(|own| self.names.take_again(own));
        let Some(name) = own.or_else(|| self.take_name(name)) else { return self.is_crowded(spot) };
        new.name = name;
        self.add_named(spot, new);
    }

    /// Adds a party whose name is taken.
    fn add_named(&mut self, spot: Spot, new: &PartyEntry) {
        if self.try_add(spot, new).is_none() {
            self.names.put_back(new.name);
            return self.is_crowded(spot);
        }
        self.calls.mark_at(spot, new.traits.changes());
    }

    fn is_crowded(&mut self, spot: Spot) {
        self.set_flag(spot, flag::CROWDED, true, CallChanges::PARTIES);
    }

    fn try_add(&mut self, spot: Spot, new: &PartyEntry) -> Option<()> {
        let first = self.calls.look(spot)?.parties;
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
            None => self.calls.look_mut(spot)?.parties = party,
        }
        Some(())
    }

    /// Has a device leave a call, if it takes part.
    pub(super) fn leave(&mut self, spot: Spot, device: &[u8]) {
        self.remove_party(spot, self.party(spot, device));
    }

    /// Has all parties and queues leave for which `goes` holds.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(super) fn leave_all(&mut self, spot: Spot, goes: fn(&PartyEntry) -> bool) {
        let mut next = self.calls.look(spot).map_or(Link::NONE, |entry| entry.parties);
        for _ in 0..MOST_PARTIES {
            let link = next;
            let Some(party) = self.parties.get(link) else { return };
            next = party.next;
            if goes(party) {
                self.remove_party(spot, link);
            }
        }
    }

    /// Before a list of all parties is taken: who is not in it leaves by [`leave_unlisted`](Self::leave_unlisted). Queues
    /// stay.
    pub(super) fn expect_list(&mut self, spot: Spot) {
        let mut next = self.calls.look(spot).map_or(Link::NONE, |entry| entry.parties);
        for _ in 0..MOST_PARTIES {
            let Some(party) = self.parties.get_mut(next) else { return };
            next = party.next;
            party.traits = party.traits.listed(party.traits.role() == PartyRole::Queue);
        }
    }

    pub(super) fn leave_unlisted(&mut self, spot: Spot) {
        self.leave_all(spot, |party| !party.traits.is_listed());
    }

    /// Whether a call waits in the queue of any skill group.
    pub(super) fn waits_in_queues(&self, spot: Spot) -> bool {
        let first = self.calls.look(spot).map_or(Link::NONE, |entry| entry.parties);
        self.parties_from(first).any(|party| party.traits.role() == PartyRole::Queue)
    }

    /// Has a call leave all queues.
    pub(super) fn leave_queues(&mut self, spot: Spot) {
        self.leave_all(spot, |party| party.state == State::new(LocalConnectionState::LCS_QUEUED));
    }

    pub(super) fn remove_party(&mut self, spot: Spot, link: Link) {
        let Some(PartyEntry { name, next, traits, .. }) = self.parties.get(link).copied() else { return };
        let Some(first) = self.calls.look(spot).map(|entry| entry.parties) else { return };
        if first == link {
            if let Some(entry) = self.calls.look_mut(spot) {
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
        self.calls.mark_at(spot, traits.changes());
    }

    /// Sets the stage that follows from the parties.
    pub(super) fn restage(&mut self, spot: Spot) {
        let Some(entry) = self.calls.look(spot) else { return };
        if entry.stage.is_over() {
            return;
        }
        let stage = stage_of(self.parties_from(entry.parties));
        self.enter(spot, stage);
    }

    pub(super) fn enter(&mut self, spot: Spot, stage: CallStage) {
        let now = self.now;
        if self.calls.look_mut(spot).is_some_and(|entry| entry.enter(stage, now)) {
            self.calls.mark_at(spot, CallChanges::STAGE);
        }
    }
}

/// How far a call with these parties is.
fn stage_of<'p>(parties: impl Iterator<Item = &'p PartyEntry>) -> CallStage {
    /// What there is in a call, each a bit: what comes first settles the stage.
    const HELD: u32 = 1;
    const TALKING: u32 = 2;
    const ALERTING: u32 = 4;
    const QUEUED: u32 = 8;
    const FAILED: u32 = 16;
    const TREATED: u32 = 32;
    const SEIZED: u32 = 64;
    const DIALING: u32 = 128;

    let (mut seen, mut connected) = (0, 0_u32);
    for party in parties {
        let is_caller = party.traits.role() == PartyRole::Caller;
        seen |= match party.state.value() {
            LocalConnectionState::LCS_HOLD => HELD,
            LocalConnectionState::LCS_ALERTING => ALERTING,
            LocalConnectionState::LCS_QUEUED => QUEUED,
            LocalConnectionState::LCS_FAIL => FAILED,
            LocalConnectionState::LCS_INITIATE if is_caller => DIALING,
            LocalConnectionState::LCS_INITIATE => SEIZED,
            LocalConnectionState::LCS_CONNECT if is_port(party.device_type) => {
                if is_caller {
                    0
                } else {
                    TREATED
                }
            }
            LocalConnectionState::LCS_CONNECT => {
                connected = connected.saturating_add(1);
                if is_caller { DIALING } else { TALKING }
            }
            _ => 0,
        };
    }
    let has = |what: u32| seen & what != 0;
    match () {
        () if has(HELD) && connected <= 1 => CallStage::Held,
        () if has(HELD | TALKING) || connected >= 2 => CallStage::Talking,
        () if has(ALERTING) => CallStage::Alerting,
        () if has(QUEUED) => CallStage::Queued,
        () if has(FAILED) => CallStage::Failed,
        () if has(TREATED) => CallStage::Treated,
        () if has(DIALING) && !has(SEIZED) => CallStage::Dialing,
        () => CallStage::Begun,
    }
}
