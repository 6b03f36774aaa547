//! From events to the picture.

use crate::message::FltSkillGroup;
use crate::protocol::{Product, Protocol};
use crate::track::call::entry::{PartyRole, flag};
use crate::track::call::parties::Device;
use crate::track::call::{
    CallChanges, CallEnd, CallEntry, CallHandle, CallStage, CallTracker, Id, Playing, RouterCallKey, count,
};
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
        BEGIN_CALL_EVENT => self.begin(told);
        END_CALL_EVENT => self.end_call(told);
        CALL_DATA_UPDATE_EVENT => self.data_update(told);
        CALL_SERVICE_INITIATED_EVENT => self.service_initiated(told);
        CALL_ORIGINATED_EVENT => self.originated(told);
        CALL_DELIVERED_EVENT => self.delivered(told);
        CALL_QUEUED_EVENT => self.queued(told);
        CALL_DEQUEUED_EVENT => self.dequeued(told);
        CALL_ESTABLISHED_EVENT => self.established(told);
        CALL_HELD_EVENT => self.come_to(told, LocalConnectionState::LCS_HOLD);
        CALL_RETRIEVED_EVENT => self.come_to(told, LocalConnectionState::LCS_CONNECT);
        CALL_FAILED_EVENT => self.come_to(told, LocalConnectionState::LCS_FAIL);
        CALL_DIVERTED_EVENT => self.diverted(told);
        CALL_REACHED_NETWORK_EVENT => self.reached_network(told);
        CALL_CONNECTION_CLEARED_EVENT => self.connection_cleared(told);
        CALL_CLEARED_EVENT => self.cleared(told);
        CALL_CONFERENCED_EVENT => self.join(told, Device::NONE);
        CALL_TRANSFERRED_EVENT => self.join(told, Device::of(told).or(Id::of(told).own_device()));
        CALL_ATTRIBUTE_CHANGE_EVENT => self.attribute_change(told);
        SNAPSHOT_CALL_CONF => self.snapshot_call(told);
        SNAPSHOT_DEVICE_CONF => self.snapshot_device(told);
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

/// What an event says of the call as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes {
    pub(super) service: (u32, u32),
    pub(super) skill_group: (u32, u32),
    pub(super) cause: EventCause,
}

impl Attributes {
    pub(super) const NONE: Self = Self {
        service: (NULL_SERVICE, NULL_SERVICE),
        skill_group: (NULL_SKILL_GROUP, NULL_SKILL_GROUP),
        cause: EventCause::CEC_NONE,
    };

    pub(super) fn of(told: &Told<'_>) -> Self {
        Self {
            service: (told.service_number(), told.service_id()),
            skill_group: (told.skill_group_number(), told.skill_group_id()),
            cause: told.event_cause(),
        }
    }
}

impl CallTracker<'_> {
    // ---- beginning and end --------------------------------------------------------------------

    fn begin(&mut self, told: &Told<'_>) {
        let id = Id::of(told);
        let key = RouterCallKey::of(told);
        let mut new = CallEntry {
            peripheral_id: told.peripheral_id(),
            call_type: told.call_type(),
            disposition: told.called_party_disposition(),
            key: key.unwrap_or_default(),
            ..CallEntry::UNKNOWN
        };
        new.set(flag::BEGUN, true);
        new.set(flag::KEY, key.is_some());
        let Some((handle, is_new)) = self.begun(&id, key, &mut new) else { return };
        if !is_new {
            self.begin_known(handle, &id, &new);
        }
        self.store(handle, told, has_all_named(told.protocol()));
    }

    /// Completes a call that was announced, or that other events told of before.
    fn begin_known(&mut self, handle: CallHandle, id: &Id<'_>, new: &CallEntry) {
        if self.calls.get(handle).is_some_and(|entry| entry.stage == CallStage::Announced) {
            self.name(handle, id);
            self.calls.mark(handle, CallChanges::STAGE);
        }
        self.hear(handle);
        self.calls.edit(handle, |entry| {
            entry.peripheral_id = new.peripheral_id;
            entry.set(flag::BEGUN, true);
        });
        self.set_key(handle, new.has(flag::KEY).then_some(new.key));
        self.set_call_type(handle, new.call_type);
        self.set_disposition(handle, new.disposition);
    }

    /// The call that begins: one of this name that is not over, one that was announced, or a new one.
    fn begun(&mut self, id: &Id<'_>, key: Option<RouterCallKey>, new: &mut CallEntry) -> Option<(CallHandle, bool)> {
        if let Some(handle) = self.exactly(id) {
            if !self.calls.get(handle)?.stage.is_over() {
                return Some((handle, false));
            }
            count(&mut self.counts.superseded);
            self.end(handle, CallEnd::Superseded);
        }
        let key = key.filter(|_| self.announcements.is_some());
        match key.and_then(|key| self.announced(key)) {
            Some(handle) => Some((handle, false)),
            None => Some((self.take_up(Some(id), new)?, true)),
        }
    }

    fn end_call(&mut self, told: &Told<'_>) {
        // The end of one call must not end another that merely has its call ID, unless that one is over anyway: it may have
        // been taken up under another name.
        let id = Id::of(told);
        let is_over = |handle: &CallHandle| self.calls.get(*handle).is_some_and(|entry| entry.stage.is_over());
        let named = match id.device.is_empty() {
            true => self.meant(&id),
            false => self.exactly(&id).or_else(|| self.meant(&id).filter(is_over)),
        };
        match named {
            Some(handle) => self.end(handle, CallEnd::Ended),
            None => count(&mut self.counts.unknown),
        }
    }

    fn cleared(&mut self, told: &Told<'_>) {
        let meant = self.meant_or_counted(&Id::of(told));
        let Some(handle) = self.noted(meant, told) else { return };
        self.leave_all(handle, |_| true);
        self.enter(handle, CallStage::Cleared);
        self.set_media(handle, flag::MEDIA, false);
        if self.calls.get(handle).is_some_and(|entry| entry.recording == Playing::Started) {
            self.set(handle, |entry| &mut entry.recording, Playing::Ended, CallChanges::MEDIA);
        }
    }

    // ---- devices and their states -------------------------------------------------------------

    fn service_initiated(&mut self, told: &Told<'_>) {
        let Some((handle, calling)) = self.dial(told, LocalConnectionState::LCS_INITIATE) else { return };
        self.store(handle, told, false);
        let id = Id::of(told);
        let origin = told.coc_connection_call_id().map(|call_id| Id {
            call_id,
            device_type: told.coc_call_connection_device_id_type().unwrap_or(id.device_type),
            device: id.device,
        });
        self.tie_to_origin(handle, origin.as_ref(), &calling);
    }

    fn originated(&mut self, told: &Told<'_>) {
        let state = match told.local_connection_state() {
            LocalConnectionState::LCS_INITIATE => LocalConnectionState::LCS_INITIATE,
            _ => LocalConnectionState::LCS_CONNECT,
        };
        if let Some((handle, calling)) = self.dial(told, state) {
            self.tie_to_origin(handle, None, &calling);
        }
    }

    /// The device that makes the call comes to a state.
    fn dial<'a>(&mut self, told: &Told<'a>, state: LocalConnectionState) -> Option<(CallHandle, Device<'a>)> {
        let id = Id::of(told);
        let calling = Device::calling(told).or(id.own_device());
        let meant = self.meant_or_new(&id, told.peripheral_id());
        let handle = self.noted(meant, told)?;
        self.set_caller(handle, calling, state);
        self.restage(handle);
        Some((handle, calling))
    }

    fn delivered(&mut self, told: &Told<'_>) {
        let state = match told.local_connection_state() {
            LocalConnectionState::LCS_INITIATE => LocalConnectionState::LCS_INITIATE,
            _ => LocalConnectionState::LCS_ALERTING,
        };
        let Some((handle, _)) = self.happen(told, state) else { return };
        // An event without any says nothing of the named variables, whatever the version.
        self.store(handle, told, told.has_named() && has_all_named(told.protocol()));
    }

    fn established(&mut self, told: &Told<'_>) {
        if let Some((handle, answering)) = self.happen(told, LocalConnectionState::LCS_CONNECT)
            && !answering.is_port()
            && self.leave_queues(handle)
        {
            self.restage(handle);
        }
    }

    /// A device comes to a state, and the event says nothing else.
    fn come_to(&mut self, told: &Told<'_>, state: LocalConnectionState) {
        self.happen(told, state);
    }

    /// The device of the event comes to a state: the call, if it is not over, and the device.
    fn happen<'a>(&mut self, told: &Told<'a>, state: LocalConnectionState) -> Option<(CallHandle, Device<'a>)> {
        let id = Id::of(told);
        let device = Device::of(told).or(id.own_device());
        let meant = self.meant_or_new(&id, told.peripheral_id());
        let handle = self.noted(meant, told)?;
        self.redirected(handle, told, &device);
        self.calling(handle, Device::calling(told), &device);
        self.set_party(handle, device, state);
        self.restage(handle);
        Some((handle, device))
    }

    fn reached_network(&mut self, told: &Told<'_>) {
        let meant = self.meant_or_new(&Id::of(told), told.peripheral_id());
        let Some(handle) = self.noted(meant, told) else { return };
        if self.calls.get_mut(handle).is_some_and(|entry| entry.set(flag::NETWORK, true)) {
            self.calls.mark(handle, CallChanges::ATTRIBUTES);
        }
    }

    fn connection_cleared(&mut self, told: &Told<'_>) {
        let id = Id::of(told);
        let meant = self.meant_or_counted(&id);
        let Some(handle) = self.noted(meant, told) else { return };
        self.leave(handle, Device::of(told).or(id.own_device()).id);
        self.restage(handle);
    }

    fn diverted(&mut self, told: &Told<'_>) {
        let meant = self.meant_or_new(&Id::of(told), told.peripheral_id());
        let Some(handle) = self.noted(meant, told) else { return };
        let device = Device::of(told);
        let was = self.leave(handle, device.id);
        // On Unified CCX this is how a call leaves its queues.
        let leaves_queues = told.protocol().is_ccx()
            || device.kind == DeviceIdType::DEVID_QUEUE
            || was == Some(LocalConnectionState::LCS_QUEUED);
        if leaves_queues {
            self.leave_queues(handle);
        }
        self.restage(handle);
    }

    /// The call that is meant, if it is not over, with what every event tells of it taken note of.
    pub(super) fn noted(&mut self, meant: Option<CallHandle>, told: &Told<'_>) -> Option<CallHandle> {
        let handle = meant?;
        if self.is_late(handle) {
            return None;
        }
        self.hear(handle);
        self.set_attributes(handle, told.peripheral_id(), &Attributes::of(told));
        Some(handle)
    }

    /// The device that a call was redirected from has nothing to do with it any more, if it only rang or queued it.
    fn redirected(&mut self, handle: CallHandle, told: &Told<'_>, to: &Device<'_>) {
        let from = &Device::new(told.last_redirect_device_id(), told.last_redirect_device_type());
        if from.is_none() || from.id == to.id {
            return;
        }
        let party = self.party_state(handle, from);
        if let Some((link, LocalConnectionState::LCS_ALERTING | LocalConnectionState::LCS_QUEUED)) = party {
            self.remove_party(handle, link);
        }
    }

    /// Who calls is connected as soon as the call goes anywhere, unless it has done something else since.
    fn calling(&mut self, handle: CallHandle, calling: Device<'_>, other: &Device<'_>) {
        if calling.is_none() || calling.id == other.id {
            return;
        }
        let party = self.party_state(handle, &calling);
        if matches!(party, None | Some((_, LocalConnectionState::LCS_INITIATE))) {
            let link = party.map(|(link, _)| link);
            self.set_party_at(handle, link, calling, LocalConnectionState::LCS_CONNECT, Some(PartyRole::Caller));
        }
    }

    // ---- queues -------------------------------------------------------------------------------

    fn queued(&mut self, told: &Told<'_>) {
        let meant = self.meant_or_new(&Id::of(told), told.peripheral_id());
        let Some(handle) = self.noted(meant, told) else { return };
        let queue = Device::of(told);
        self.redirected(handle, told, &queue);
        self.calling(handle, Device::calling(told), &queue);
        self.set_party(handle, queue, LocalConnectionState::LCS_QUEUED);
        let mut groups = 0_u32;
        for group in told.items::<FltSkillGroup>().iter().filter(|group| group.number != NULL_SKILL_GROUP) {
            self.set_queue(handle, told.peripheral_id(), group.number);
            groups = groups.saturating_add(1);
        }
        if queue.is_none() && groups == 0 {
            // Queued, and nobody says where.
            self.set_queue(handle, told.peripheral_id(), NULL_SKILL_GROUP);
        }
        self.restage(handle);
    }

    fn dequeued(&mut self, told: &Told<'_>) {
        let meant = self.meant_or_counted(&Id::of(told));
        let Some(handle) = self.noted(meant, told) else { return };
        let mut groups = 0_u32;
        for group in told.items::<FltSkillGroup>() {
            self.leave_queue(handle, told.peripheral_id(), group.number);
            groups = groups.saturating_add(1);
        }
        let waits = self.calls.get(handle).is_some_and(|entry| self.waits_in_queues(entry));
        if groups == 0 || !waits {
            self.leave_queues(handle);
        }
        self.restage(handle);
    }

    // ---- attributes ---------------------------------------------------------------------------

    fn data_update(&mut self, told: &Told<'_>) {
        let Some(handle) = self.renamed(&Id::of(told), &Id::other(told), told.peripheral_id()) else { return };
        self.hear(handle);
        self.set_attributes(handle, told.peripheral_id(), &Attributes::of(told));
        self.set_call_type(handle, told.call_type());
        self.set_disposition(handle, told.called_party_disposition());
        self.set_key(handle, RouterCallKey::of(told));
        self.store(handle, told, has_all_named(told.protocol()));
    }

    fn attribute_change(&mut self, told: &Told<'_>) {
        let Some(handle) = self.only_at(told.device_id().unwrap_or_default()) else {
            count(&mut self.counts.unknown);
            return;
        };
        self.hear(handle);
        let service_number = if told.service_number() == 0 { NULL_SERVICE } else { told.service_number() };
        let attributes = Attributes { service: (service_number, NULL_SERVICE), ..Attributes::NONE };
        self.set_attributes(handle, told.peripheral_id(), &attributes);
        if told.call_type_id() != 0 {
            self.set(handle, |entry| &mut entry.call_type_id, told.call_type_id(), CallChanges::ATTRIBUTES);
        }
    }

    /// The only call of a device that is not over.
    fn only_at(&self, device: Text<'_>) -> Option<CallHandle> {
        let mut calls = self.at_device(device).filter(|call| !call.stage().is_over());
        let (only, other) = (calls.next()?, calls.next());
        other.is_none().then(|| only.handle())
    }

    /// Sets what an event says of the call as a whole. What it does not say stays.
    pub(super) fn set_attributes(&mut self, handle: CallHandle, peripheral_id: u32, attributes: &Attributes) {
        let Some(entry) = self.calls.get_mut(handle) else { return };
        let keys = (
            peripheral_id,
            said(attributes.service.0, NULL_SERVICE, entry.service_number),
            said(attributes.skill_group.0, NULL_SKILL_GROUP, entry.skill_group_number),
        );
        let others = (
            said(attributes.service.1, NULL_SERVICE, entry.service_id),
            said(attributes.skill_group.1, NULL_SKILL_GROUP, entry.skill_group_id),
            if attributes.cause == EventCause::CEC_NONE { entry.cause } else { attributes.cause },
        );
        let same_keys = keys == (entry.peripheral_id, entry.service_number, entry.skill_group_number);
        if same_keys && others == (entry.service_id, entry.skill_group_id, entry.cause) {
            return;
        }
        (entry.service_id, entry.skill_group_id, entry.cause) = others;
        if !same_keys {
            self.calls.regroup(handle, |entry| {
                (entry.peripheral_id, entry.service_number, entry.skill_group_number) = keys;
            });
        }
        self.calls.mark(handle, CallChanges::ATTRIBUTES);
    }

    pub(super) fn set_disposition(&mut self, handle: CallHandle, disposition: DispositionCode) {
        if disposition != DispositionCode(0) {
            self.set(handle, |entry| &mut entry.disposition, disposition, CallChanges::ATTRIBUTES);
        }
    }

    pub(super) fn set_key(&mut self, handle: CallHandle, key: Option<RouterCallKey>) {
        let (Some(key), Some(entry)) = (key, self.calls.get(handle)) else { return };
        if entry.has(flag::KEY) && entry.key == key {
            return;
        }
        self.calls.edit(handle, |entry| {
            entry.key = key;
            entry.set(flag::KEY, true);
        });
        self.calls.mark(handle, CallChanges::ATTRIBUTES);
    }

    // ---- media --------------------------------------------------------------------------------

    /// Media flow at a party, or no longer; at a device that is no party (yet), they are the call's.
    fn rtp(&mut self, told: &Told<'_>, on: bool) {
        let Some(handle) = self.meant_or_counted(&Id::of(told)) else { return };
        if on && self.is_late(handle) {
            return;
        }
        self.hear(handle);
        let flags = match told.direction() {
            RtpDirection::INPUT => flag::RTP_INPUT,
            RtpDirection::OUTPUT => flag::RTP_OUTPUT,
            _ => flag::MEDIA,
        };
        // The devices that may be meant, those of the agent first.
        let devices = [told.agent_extension(), told.agent_instrument(), told.device_id()];
        let devices = devices.map(|device| device.map_or(&[][..], Text::as_bytes));
        let party = self.set_party_media(handle, devices, flags, on);
        if party.is_none() || !on {
            self.set_media(handle, flags, on);
        }
    }

    fn set_media(&mut self, handle: CallHandle, flags: u8, on: bool) {
        if self.calls.get_mut(handle).is_some_and(|entry| entry.set(flags, on)) {
            self.calls.mark(handle, CallChanges::MEDIA);
        }
    }

    fn recording(&mut self, told: &Told<'_>, recording: Playing) {
        let Some(handle) = self.meant_or_counted(&Id::of(told)) else { return };
        if recording == Playing::Started && self.is_late(handle) {
            return;
        }
        self.hear(handle);
        self.set(handle, |entry| &mut entry.recording, recording, CallChanges::MEDIA);
    }

    fn greeting(&mut self, told: &Told<'_>) {
        let Some(handle) = self.meant_or_counted(&Id::of(told)) else { return };
        self.hear(handle);
        let greeting = match told.event_code() {
            AgentGreetingEventCode::GREETING_STARTED => Playing::Started,
            AgentGreetingEventCode::GREETING_ENDED => Playing::Ended,
            _ => Playing::Failed,
        };
        self.set(handle, |entry| &mut entry.greeting, greeting, CallChanges::MEDIA);
    }

    /// Whether the call is over, which is counted.
    pub(super) fn is_late(&mut self, handle: CallHandle) -> bool {
        let late = self.calls.get(handle).is_some_and(|entry| entry.stage.is_over());
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

/// What an event says, or else what is known.
const fn said(value: u32, null: u32, known: u32) -> u32 {
    if value == null { known } else { value }
}

/// Whether a message has all named variables of its call. Before version 22 it has those that are new.
fn has_all_named(protocol: Protocol) -> bool {
    protocol.product() == Product::Cce && protocol.version() >= 22
}

/// Whether a call of this type is made to consult about another.
pub(super) const fn is_consult(call_type: CallType) -> bool {
    matches!(
        call_type,
        CallType::CALLTYPE_CONSULT | CallType::CALLTYPE_CONSULT_OFFERRED | CallType::CALLTYPE_CONSULT_CONFERENCE
    )
}
