//! From events to the picture.

use crate::message::{FltSkillGroup, MessageType};
use crate::track::call::data::Named;
use crate::track::call::entry::flag;
use crate::track::call::parties::{Device, To, queue_name};
use crate::track::call::{CallChanges, CallEnd, CallStage, CallTracker, Id, Playing, RouterCallKey, count};
use crate::track::handle::Spot;
use crate::track::heard::heard;
use crate::track::told::Told;
use crate::value::{
    AgentGreetingEventCode, CallType, DeviceIdType, DispositionCode, EventCause, LocalConnectionState, NULL_SERVICE,
    NULL_SKILL_GROUP, RtpDirection,
};
use crate::wire::Text;

heard! {
    /// Whether a message is one of calls.
    pub(super) fn is_heard;

    impl['s] CallTracker<'s>;
    pub(super) fn hear_of_calls(self, told: &Told<'_>) {
        BEGIN_CALL_EVENT => drop(self.begin(told));
        END_CALL_EVENT => self.end_call(told);
        CALL_DATA_UPDATE_EVENT => self.data_update(told);
        CALL_SERVICE_INITIATED_EVENT => self.happen(told, Event::Dialed);
        CALL_ORIGINATED_EVENT => self.happen(told, Event::Dialed);
        CALL_DELIVERED_EVENT => self.happen(told, Event::Delivered);
        CALL_QUEUED_EVENT => self.happen(told, Event::Queued);
        CALL_DEQUEUED_EVENT => self.happen(told, Event::Dequeued);
        CALL_ESTABLISHED_EVENT => self.happen(told, Event::Established);
        CALL_HELD_EVENT => self.happen(told, Event::CameTo(LocalConnectionState::LCS_HOLD));
        CALL_RETRIEVED_EVENT => self.happen(told, Event::CameTo(LocalConnectionState::LCS_CONNECT));
        CALL_FAILED_EVENT => self.happen(told, Event::CameTo(LocalConnectionState::LCS_FAIL));
        CALL_DIVERTED_EVENT => self.happen(told, Event::Diverted);
        CALL_REACHED_NETWORK_EVENT => self.happen(told, Event::ReachedNetwork);
        CALL_CONNECTION_CLEARED_EVENT => self.happen(told, Event::ConnectionCleared);
        CALL_CLEARED_EVENT => self.happen(told, Event::Cleared);
        CALL_CONFERENCED_EVENT => self.join(told, &Device::NONE);
        CALL_TRANSFERRED_EVENT => self.join(told, &Device::of(told).or(Id::of(told).own_device()));
        CALL_ATTRIBUTE_CHANGE_EVENT => self.attribute_change(told);
        SNAPSHOT_CALL_CONF => self.snapshot_call(told);
        SNAPSHOT_DEVICE_CONF => self.snapshot_device(told);
        _ => self.hear_of_others(told);
    }
}

heard! {
    /// Whether a message announces calls.
    pub(super) fn is_announcement;

    impl['s] CallTracker<'s>;
    pub(super) fn hear_of_announcements(self, told: &Told<'_>) {
        AGENT_PRE_CALL_EVENT => self.pre_call(told);
        AGENT_PRE_CALL_ABORT_EVENT => self.pre_call_abort(told);
        CALL_TRANSLATION_ROUTE_EVENT => self.translation_route(told);
    }
}

heard! {
    /// Whether a message is one of the media of calls.
    pub(super) fn is_of_media;

    impl['s] CallTracker<'s>;
    pub(super) fn hear_of_media(self, told: &Told<'_>) {
        RTP_STARTED_EVENT => self.rtp(told, true);
        RTP_STOPPED_EVENT => self.rtp(told, false);
        NETWORK_RECORDING_STARTED_EVENT => self.recording(told, Playing::Started);
        NETWORK_RECORDING_ENDED_EVENT => self.recording(told, Playing::Ended);
        NETWORK_RECORDING_FAILED_EVENT => self.recording(told, Playing::Failed);
        CALL_AGENT_GREETING_EVENT => self.greeting(told);
    }
}

/// What happens to a call, or to a device in it.
#[derive(Clone, Copy)]
enum Event {
    Dialed,
    Delivered,
    Queued,
    Dequeued,
    Established,
    /// The device comes to a state, and the event says nothing else.
    CameTo(LocalConnectionState),
    Diverted,
    ReachedNetwork,
    ConnectionCleared,
    Cleared,
}

impl Event {
    /// Whether it tells of an end: then it takes no call up.
    const fn is_an_end(self) -> bool {
        matches!(self, Self::Dequeued | Self::ConnectionCleared | Self::Cleared)
    }
}

/// What an event says of the call as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes {
    pub(super) peripheral_id: u32,
    pub(super) service: (u32, u32),
    pub(super) skill_group: (u32, u32),
    pub(super) cause: EventCause,
}

impl Attributes {
    /// None, at this peripheral.
    pub(super) const fn at(peripheral_id: u32) -> Self {
        Self {
            peripheral_id,
            service: (NULL_SERVICE, NULL_SERVICE),
            skill_group: (NULL_SKILL_GROUP, NULL_SKILL_GROUP),
            cause: EventCause::CEC_NONE,
        }
    }

    pub(super) fn of(told: &Told<'_>) -> Self {
        Self {
            peripheral_id: told.peripheral_id(),
            service: (told.service_number(), told.service_id()),
            skill_group: (told.skill_group_number(), told.skill_group_id()),
            cause: told.event_cause(),
        }
    }
}

impl CallTracker<'_> {
    // ---- beginning and end --------------------------------------------------------------------

    fn begin(&mut self, told: &Told<'_>) -> Option<()> {
        let id = Id::of(told);
        let key = RouterCallKey::of(told);
        let peripheral_id = told.peripheral_id();
        let (spot, what) = self.begun(&id, key, peripheral_id)?;
        if what != CallChanges::NEW {
            self.hear(spot);
            let mut new = *self.calls.look(spot)?;
            new.peripheral_id = peripheral_id;
            self.replace(spot, &new);
        }
        if let Some(entry) = self.calls.look_mut(spot) {
            entry.set(flag::BEGUN, true);
        }
        self.complete(spot, told, key, what);
        self.store(spot, told, Named::ByVersion);
        Some(())
    }

    /// The call that begins: one of this name that is not over, one that was announced, or a new one; and what changes of
    /// it by what the event says.
    fn begun(&mut self, id: &Id<'_>, key: Option<RouterCallKey>, peripheral_id: u32) -> Option<(Spot, CallChanges)> {
        if let Some(spot) = self.exactly(id) {
            if !self.is_over(spot) {
                return Some((spot, CallChanges::ATTRIBUTES));
            }
            count(&mut self.counts.superseded);
            self.end(spot, CallEnd::Superseded);
        }
        let announced = self.announcements.zip(key).and_then(|(all, key)| (all.begin)(self, id, key));
        if let Some(spot) = announced {
            return Some((spot, CallChanges::ATTRIBUTES));
        }
        Some((self.take_up(Some(id), peripheral_id, key)?, CallChanges::NEW))
    }

    fn end_call(&mut self, told: &Told<'_>) {
        // The end of one call must not end another that merely has its call ID, unless that one is over anyway: it may have
        // been taken up under another name.
        let id = Id::of(told);
        let is_named = !id.device.is_empty();
        let named = self.exactly(&id).filter(|_| is_named);
        match named.or_else(|| self.meant(&id).filter(|meant| !is_named || self.is_over(*meant))) {
            Some(spot) => self.end(spot, CallEnd::Ended),
            None => count(&mut self.counts.unknown),
        }
    }

    // ---- devices and their states -------------------------------------------------------------

    /// An event of a call, if it is not over, and of a device in it.
    fn happen(&mut self, told: &Told<'_>, event: Event) {
        let id = Id::of(told);
        let meant = match event.is_an_end() {
            true => self.meant_or_counted(&id),
            false => self.meant_or_new(&id, told.peripheral_id()),
        };
        let Some(spot) = self.noted(meant, told) else { return };
        let (named, own) = (&Device::of(told), &id.own_device());
        let device = if named.is_none() { own } else { named };
        match event {
            Event::Dialed => self.dial(spot, told, &id),
            Event::Delivered => {
                self.come(spot, told, device, initiated_or(told, LocalConnectionState::LCS_ALERTING));
                self.store(spot, told, Named::ByVersionIfAny);
            }
            Event::Queued => self.queue(spot, told, named),
            Event::Dequeued => self.dequeue(spot, told),
            Event::Established => {
                self.come(spot, told, device, LocalConnectionState::LCS_CONNECT);
                if !device.is_port() {
                    self.leave_queues(spot);
                }
            }
            Event::CameTo(state) => self.come(spot, told, device, state),
            Event::Diverted => self.divert(spot, told, named),
            Event::ReachedNetwork => {
                self.set_flag(spot, flag::NETWORK, true, CallChanges::ATTRIBUTES);
            }
            Event::ConnectionCleared => self.leave(spot, device.id),
            Event::Cleared => self.clear_call(spot),
        }
        self.restage(spot);
    }

    /// The call that is meant, if it is not over, with what every event tells of it taken note of.
    pub(super) fn noted(&mut self, meant: Option<Spot>, told: &Told<'_>) -> Option<Spot> {
        let spot = meant?;
        if self.is_late(spot) {
            return None;
        }
        self.hear_all(spot, told);
        Some(spot)
    }

    /// A device comes to a state.
    fn come(&mut self, spot: Spot, told: &Told<'_>, device: &Device<'_>, state: LocalConnectionState) {
        self.redirected(spot, told, device);
        self.calling(spot, told, device);
        self.set_party(spot, device, To::state(state));
    }

    /// The device that a call was redirected from has nothing to do with it any more, if it only rang or queued it.
    fn redirected(&mut self, spot: Spot, told: &Told<'_>, to: &Device<'_>) {
        let from = told.last_redirect_device_id().map_or(&[][..], Text::as_bytes);
        if from.is_empty() || from == to.id {
            return;
        }
        let party = self.party(spot, from);
        if self.is_in(party, LocalConnectionState::LCS_ALERTING) || self.is_in(party, LocalConnectionState::LCS_QUEUED)
        {
            self.remove_party(spot, party);
        }
    }

    /// Who calls is connected as soon as the call goes anywhere, unless it has done something else since.
    fn calling(&mut self, spot: Spot, told: &Told<'_>, other: &Device<'_>) {
        let calling = &Device::calling(told);
        if calling.id != other.id {
            let to = To::caller(LocalConnectionState::LCS_CONNECT);
            self.set_party(spot, calling, to.only_from(LocalConnectionState::LCS_INITIATE));
        }
    }

    /// The device that makes the call dials.
    fn dial(&mut self, spot: Spot, told: &Told<'_>, id: &Id<'_>) {
        let state = match told.message_type() {
            MessageType::CALL_SERVICE_INITIATED_EVENT => LocalConnectionState::LCS_INITIATE,
            _ => initiated_or(told, LocalConnectionState::LCS_CONNECT),
        };
        let calling = &Device::calling(told).or(id.own_device());
        self.set_party(spot, calling, To::caller(state));
        self.store(spot, told, Named::ByVersionIfAny);
        if let Some(origins) = self.origins {
            (origins.tie)(self, spot, told, id, calling);
        }
    }

    fn divert(&mut self, spot: Spot, told: &Told<'_>, device: &Device<'_>) {
        let party = self.party(spot, device.id);
        let was_queued = self.is_in(party, LocalConnectionState::LCS_QUEUED);
        self.remove_party(spot, party);
        // On Unified CCX this is how a call leaves its queues.
        let leaves_queues = told.protocol().is_ccx() || device.kind == DeviceIdType::DEVID_QUEUE || was_queued;
        if leaves_queues {
            self.leave_queues(spot);
        }
    }

    fn clear_call(&mut self, spot: Spot) {
        self.leave_all(spot, |_| true);
        self.enter(spot, CallStage::Cleared);
        self.set_flag(spot, flag::MEDIA, false, CallChanges::MEDIA);
        if self.calls.look(spot).is_some_and(|entry| entry.recording == Playing::Started) {
            self.set(spot, |entry| &mut entry.recording, Playing::Ended, CallChanges::MEDIA);
        }
    }

    fn queue(&mut self, spot: Spot, told: &Told<'_>, queue: &Device<'_>) {
        self.come(spot, told, queue, LocalConnectionState::LCS_QUEUED);
        let mut is_somewhere = !queue.is_none();
        for group in told.items::<FltSkillGroup>().filter(|group| group.number != NULL_SKILL_GROUP) {
            self.set_queue(spot, told.peripheral_id(), group.number);
            is_somewhere = true;
        }
        if !is_somewhere {
            // Queued, and nobody says where.
            self.set_queue(spot, told.peripheral_id(), NULL_SKILL_GROUP);
        }
    }

    fn dequeue(&mut self, spot: Spot, told: &Told<'_>) {
        let mut leaves_all = true;
        for group in told.items::<FltSkillGroup>() {
            self.leave(spot, &queue_name(told.peripheral_id(), group.number));
            leaves_all = false;
        }
        if leaves_all || !self.waits_in_queues(spot) {
            self.leave_queues(spot);
        }
    }

    // ---- attributes ---------------------------------------------------------------------------

    fn data_update(&mut self, told: &Told<'_>) {
        let Some(spot) = self.renamed(&Id::of(told), &Id::other(told), told.peripheral_id()) else { return };
        self.hear_all(spot, told);
        self.complete(spot, told, RouterCallKey::of(told), CallChanges::ATTRIBUTES);
        self.store(spot, told, Named::ByVersion);
    }

    fn attribute_change(&mut self, told: &Told<'_>) {
        let Some(spot) = self.only_at(told.device_id().unwrap_or_default()) else {
            count(&mut self.counts.unknown);
            return;
        };
        let mut attributes = Attributes::at(told.peripheral_id());
        if told.service_number() != 0 {
            attributes.service.0 = told.service_number();
        }
        self.hear_of(spot, &attributes);
        self.set_call_type_id(spot, told.call_type_id());
    }

    pub(super) fn set_call_type_id(&mut self, spot: Spot, id: u32) {
        if id != 0 {
            self.set(spot, |entry| &mut entry.call_type_id, id, CallChanges::ATTRIBUTES);
        }
    }

    /// The only call of a device that is not over.
    fn only_at(&self, device: Text<'_>) -> Option<Spot> {
        let mut calls = self.at_device(device).filter(|call| !call.stage().is_over());
        let (only, other) = (calls.next()?, calls.next());
        other.is_none().then(|| only.handle().spot())
    }

    /// Notes that a call was heard of, and all that an event says of it as a whole.
    fn hear_all(&mut self, spot: Spot, told: &Told<'_>) {
        self.hear_of(spot, &Attributes::of(told));
    }

    /// Notes that a call was heard of, and what an event says of it as a whole. What it does not say stays.
    pub(super) fn hear_of(&mut self, spot: Spot, attributes: &Attributes) {
        let (now, epoch) = (self.now, self.epoch);
        let Some(entry) = self.calls.look_mut(spot) else { return };
        let mut what = entry.hear(now, epoch);
        let is_new = take_said(&mut entry.service_id, attributes.service.1, NULL_SERVICE)
            | take_said(&mut entry.skill_group_id, attributes.skill_group.1, NULL_SKILL_GROUP)
            | take_said(&mut entry.cause, attributes.cause, EventCause::CEC_NONE);
        let (mut service, mut skill_group) = (entry.service_number, entry.skill_group_number);
        let has_new_keys = take_said(&mut service, attributes.service.0, NULL_SERVICE)
            | take_said(&mut skill_group, attributes.skill_group.0, NULL_SKILL_GROUP)
            | (attributes.peripheral_id != entry.peripheral_id);
        if has_new_keys && let Some(handle) = self.calls.handle_of(spot) {
            self.calls.regroup(handle, |entry| {
                (entry.peripheral_id, entry.service_number) = (attributes.peripheral_id, service);
                entry.skill_group_number = skill_group;
            });
        }
        if is_new || has_new_keys {
            what |= CallChanges::ATTRIBUTES;
        }
        if !what.is_empty() {
            self.calls.mark_at(spot, what);
        }
    }

    /// Sets what a message says of a call's type and disposition, and its key; `what` changes if any of it is new. What is
    /// not said stays.
    pub(super) fn complete(&mut self, spot: Spot, told: &Told<'_>, key: Option<RouterCallKey>, what: CallChanges) {
        let (call_type, disposition) = (told.call_type(), told.called_party_disposition());
        let Some(entry) = self.calls.look_mut(spot) else { return };
        let before = (entry.call_type, entry.disposition);
        if call_type != CallType::NULL_CALLTYPE {
            entry.call_type = call_type;
        }
        if disposition != DispositionCode(0) {
            entry.disposition = disposition;
        }
        let mut is_new = before != (entry.call_type, entry.disposition);
        if let Some(key) = key
            && (!entry.has(flag::KEY) || entry.key != key)
        {
            let mut new = *entry;
            new.set_key(key);
            self.replace(spot, &new);
            is_new = true;
        }
        if is_new {
            self.calls.mark_at(spot, what);
        }
    }

    // ---- media --------------------------------------------------------------------------------

    /// Media flow at a party, or no longer; at a device that is no party (yet), they are the call's.
    fn rtp(&mut self, told: &Told<'_>, on: bool) {
        let Some(spot) = self.meant_or_counted(&Id::of(told)) else { return };
        if on && self.is_late(spot) {
            return;
        }
        self.hear(spot);
        let flags = match told.direction() {
            RtpDirection::INPUT => flag::RTP_INPUT,
            RtpDirection::OUTPUT => flag::RTP_OUTPUT,
            _ => flag::MEDIA,
        };
        // The devices that may be meant, those of the agent first.
        let devices = [told.agent_extension(), told.agent_instrument(), told.device_id()];
        let devices = devices.map(|device| device.map_or(&[][..], Text::as_bytes));
        let party = self.set_party_media(spot, devices, flags, on);
        if party.is_none() || !on {
            self.set_flag(spot, flags, on, CallChanges::MEDIA);
        }
    }

    fn recording(&mut self, told: &Told<'_>, recording: Playing) {
        let Some(spot) = self.meant_or_counted(&Id::of(told)) else { return };
        if recording == Playing::Started && self.is_late(spot) {
            return;
        }
        self.hear(spot);
        self.set(spot, |entry| &mut entry.recording, recording, CallChanges::MEDIA);
    }

    fn greeting(&mut self, told: &Told<'_>) {
        let Some(spot) = self.meant_or_counted(&Id::of(told)) else { return };
        self.hear(spot);
        let greeting = match told.event_code() {
            AgentGreetingEventCode::GREETING_STARTED => Playing::Started,
            AgentGreetingEventCode::GREETING_ENDED => Playing::Ended,
            _ => Playing::Failed,
        };
        self.set(spot, |entry| &mut entry.greeting, greeting, CallChanges::MEDIA);
    }

    /// Whether the call is over, which is counted.
    pub(super) fn is_late(&mut self, spot: Spot) -> bool {
        let late = self.is_over(spot);
        if late {
            count(&mut self.counts.late);
        }
        late
    }
}

impl RouterCallKey {
    /// The key in a message: there is one if its first two fields are there. The sequence number may be missing.
    pub(super) fn of(told: &Told<'_>) -> Option<Self> {
        let (day, call_id) = (told.router_call_key_day()?, told.router_call_key_call_id()?);
        let sequence_number = told.router_call_key_sequence_number().unwrap_or(0);
        (day != 0 || call_id != 0).then_some(Self { day, call_id, sequence_number })
    }
}

/// Takes what an event says, unless it says nothing; whether that is new.
fn take_said<T: PartialEq>(known: &mut T, said: T, nothing: T) -> bool {
    let is_new = said != nothing && said != *known;
    if is_new {
        *known = said;
    }
    is_new
}

/// The state that an event says, if it is this one, or else the other.
fn initiated_or(told: &Told<'_>, other: LocalConnectionState) -> LocalConnectionState {
    match told.local_connection_state() {
        LocalConnectionState::LCS_INITIATE => LocalConnectionState::LCS_INITIATE,
        _ => other,
    }
}

/// Whether a call of this type is made to consult about another.
pub(super) const fn is_consult(call_type: CallType) -> bool {
    matches!(
        call_type,
        CallType::CALLTYPE_CONSULT | CallType::CALLTYPE_CONSULT_OFFERRED | CallType::CALLTYPE_CONSULT_CONFERENCE
    )
}
