//! From events to the picture.

use crate::error::DecodeError;
use crate::message::{
    BeginCallEvent, Body, CallAgentGreetingEvent, CallAttributeChangeEvent, CallClearedEvent,
    CallConnectionClearedEvent, CallDataUpdateEvent, CallDeliveredEvent, CallDequeuedEvent, CallDivertedEvent,
    CallEstablishedEvent, CallFailedEvent, CallHeldEvent, CallOriginatedEvent, CallQueuedEvent,
    CallReachedNetworkEvent, CallRetrievedEvent, CallServiceInitiatedEvent, EndCallEvent, MessageType,
    NetworkRecordingEndedEvent, NetworkRecordingFailedEvent, NetworkRecordingStartedEvent, RtpStartedEvent,
    RtpStoppedEvent,
};
use crate::protocol::{Product, Protocol};
use crate::track::call::data::Source;
use crate::track::call::entry::{PartyRole, flag};
use crate::track::call::parties::Device;
use crate::track::call::{
    CallChanges, CallEnd, CallEntry, CallHandle, CallStage, CallTracker, Id, Playing, RouterCallKey, count,
};
use crate::value::{
    AgentGreetingEventCode, CallType, DeviceIdType, DispositionCode, EventCause, LocalConnectionState, NULL_SERVICE,
    NULL_SKILL_GROUP, RtpDirection,
};
use crate::wire::{Frame, Text};

/// The name of the call in an event.
macro_rules! id {
    ($event:ident) => {
        id!($event, connection_call_id, connection_device_id_type, connection_device_id)
    };
    ($event:ident, $call_id:ident, $device_id_type:ident, $device_id:ident) => {
        $crate::track::call::Id::new($event.$call_id, $event.$device_id_type, $event.$device_id)
    };
}
pub(super) use id;

/// The call data in a message that has these fields.
macro_rules! source {
    ($event:ident, $replaces_named:expr, $($field:ident)*) => {
        $crate::track::call::data::Source {
            $($field: $event.$field,)*
            variables: &$event.call_variables,
            named_variables: $event.named_variables,
            named_arrays: $event.named_arrays,
            replaces_named: $replaces_named,
            ..$crate::track::call::data::Source::NONE
        }
    };
}
pub(super) use source;

/// What most events have in common: a device comes to a state.
#[derive(Clone, Copy, Debug)]
struct Happening<'a> {
    id: Id<'a>,
    peripheral_id: u32,
    device: Device<'a>,
    state: LocalConnectionState,
    /// Whether the device makes the call.
    is_caller: bool,
    calling: Device<'a>,
    redirected_from: Device<'a>,
    attributes: Attributes,
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

    const fn cause(cause: EventCause) -> Self {
        Self { cause, ..Self::NONE }
    }
}

/// The two forms of the common part: events with service and skill group, and events with neither.
macro_rules! attributes {
    ($event:ident) => {
        Attributes {
            service: ($event.service_number, $event.service_id),
            skill_group: ($event.skill_group_number, $event.skill_group_id),
            cause: $event.event_cause,
        }
    };
}

/// The devices that an event of media may mean, those of the agent first.
macro_rules! devices {
    ($event:ident) => {
        [$event.agent_extension, $event.agent_instrument, $event.connection_device_id]
            .map(|device| device.map_or(&[][..], Text::as_bytes))
    };
}

impl CallTracker<'_> {
    /// Whether the frame is a message of calls.
    pub(super) fn observe_event(&mut self, frame: &Frame<'_>) -> Result<bool, DecodeError> {
        match frame.message_type() {
            MessageType::BEGIN_CALL_EVENT => self.tell(frame, Self::begin),
            MessageType::END_CALL_EVENT => self.tell(frame, Self::end_call),
            MessageType::CALL_DATA_UPDATE_EVENT => self.tell(frame, Self::data_update),
            MessageType::CALL_SERVICE_INITIATED_EVENT => self.tell(frame, Self::service_initiated),
            MessageType::CALL_ORIGINATED_EVENT => self.tell(frame, Self::originated),
            MessageType::CALL_DELIVERED_EVENT => self.tell(frame, Self::delivered),
            MessageType::CALL_QUEUED_EVENT => self.tell(frame, Self::queued),
            MessageType::CALL_DEQUEUED_EVENT => self.tell(frame, Self::dequeued),
            MessageType::CALL_ESTABLISHED_EVENT => self.tell(frame, Self::established),
            MessageType::CALL_HELD_EVENT => self.tell(frame, Self::held),
            MessageType::CALL_RETRIEVED_EVENT => self.tell(frame, Self::retrieved),
            MessageType::CALL_DIVERTED_EVENT => self.tell(frame, Self::diverted),
            MessageType::CALL_FAILED_EVENT => self.tell(frame, Self::failed),
            MessageType::CALL_REACHED_NETWORK_EVENT => self.tell(frame, Self::reached_network),
            MessageType::CALL_CONNECTION_CLEARED_EVENT => self.tell(frame, Self::connection_cleared),
            MessageType::CALL_CLEARED_EVENT => self.tell(frame, Self::cleared),
            MessageType::CALL_ATTRIBUTE_CHANGE_EVENT => self.tell(frame, Self::attribute_change),
            _ => self.observe_other(frame),
        }
    }

    /// Reads the message in the place where it is looked at, which spares a copy.
    #[inline(never)]
    pub(super) fn tell<'a, M: Body<'a>>(
        &mut self,
        frame: &Frame<'a>,
        handle: impl FnOnce(&mut Self, &M, &Frame<'a>),
    ) -> Result<bool, DecodeError> {
        let mut event = M::default();
        event.read(frame)?;
        handle(self, &event, frame);
        Ok(true)
    }

    /// Takes what a message says of the media of a call; whether it is one that does.
    pub(super) fn observe_media(&mut self, frame: &Frame<'_>) -> Result<bool, DecodeError> {
        match frame.message_type() {
            MessageType::RTP_STARTED_EVENT => self.tell(frame, Self::rtp_started),
            MessageType::RTP_STOPPED_EVENT => self.tell(frame, Self::rtp_stopped),
            MessageType::NETWORK_RECORDING_STARTED_EVENT => self.tell(frame, Self::recording_started),
            MessageType::NETWORK_RECORDING_ENDED_EVENT => self.tell(frame, Self::recording_ended),
            MessageType::NETWORK_RECORDING_FAILED_EVENT => self.tell(frame, Self::recording_failed),
            MessageType::CALL_AGENT_GREETING_EVENT => self.tell(frame, Self::greeting),
            _ => Ok(false),
        }
    }

    // ---- beginning and end --------------------------------------------------------------------

    fn begin(&mut self, event: &BeginCallEvent<'_>, frame: &Frame<'_>) {
        let id = id!(event);
        let key = RouterCallKey::new(
            event.router_call_key_day,
            event.router_call_key_call_id,
            event.router_call_key_sequence_number,
        );
        let mut new = CallEntry {
            peripheral_id: event.peripheral_id,
            call_type: event.call_type,
            disposition: event.called_party_disposition,
            key: key.unwrap_or_default(),
            ..CallEntry::UNKNOWN
        };
        new.set(flag::BEGUN, true);
        new.set(flag::KEY, key.is_some());
        let Some((handle, is_new)) = self.begun(&id, key, &mut new) else { return };
        if !is_new {
            self.begin_known(handle, &id, &new);
        }
        let source = source!(event, has_all_named(frame.protocol()), ani user_to_user_info dnis dialed_number
            caller_entered_digits call_wrapup_data call_reference_id);
        self.store(handle, &source.of(frame));
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
        match key.and_then(|key| self.announced(key)) {
            Some(handle) => Some((handle, false)),
            None => Some((self.take_up(Some(id), new)?, true)),
        }
    }

    fn end_call(&mut self, event: &EndCallEvent<'_>, _: &Frame<'_>) {
        // The end of one call must not end another that merely has its call ID.
        let id = id!(event);
        let named = if id.device.is_empty() { self.meant(&id) } else { self.exactly(&id) };
        match named {
            Some(handle) => self.end(handle, CallEnd::Ended),
            None => count(&mut self.counts.unknown),
        }
    }

    fn cleared(&mut self, event: &CallClearedEvent<'_>, _: &Frame<'_>) {
        let id = id!(event);
        let meant = self.meant_or_counted(&id);
        let Some(handle) = self.told(meant, event.peripheral_id, &Attributes::cause(event.event_cause)) else { return };
        self.leave_all(handle, |_| true);
        self.enter(handle, CallStage::Cleared);
        self.set_media(handle, flag::MEDIA, false);
        if self.calls.get(handle).is_some_and(|entry| entry.recording == Playing::Started) {
            self.set(handle, |entry| &mut entry.recording, Playing::Ended, CallChanges::MEDIA);
        }
    }

    // ---- devices and their states -------------------------------------------------------------

    fn service_initiated(&mut self, event: &CallServiceInitiatedEvent<'_>, _: &Frame<'_>) {
        let id = id!(event);
        let calling = Device::new(event.calling_device_id, event.calling_device_type).or(own_device(&id));
        let handle = self.happen(&Happening {
            id,
            peripheral_id: event.peripheral_id,
            device: calling,
            state: LocalConnectionState::LCS_INITIATE,
            is_caller: true,
            calling: Device::NONE,
            redirected_from: Device::NONE,
            attributes: attributes!(event),
        });
        let Some(handle) = handle else { return };
        if let Some(reference) = event.call_reference_id {
            self.store(handle, &Source { call_reference_id: Some(reference), ..Source::NONE });
        }
        let origin = event.coc_connection_call_id.map(|call_id| Id {
            call_id,
            device_type: event.coc_call_connection_device_id_type.unwrap_or(id.device_type),
            device: id.device,
        });
        self.tie_to_origin(handle, origin.as_ref(), &calling);
    }

    fn originated(&mut self, event: &CallOriginatedEvent<'_>, _: &Frame<'_>) {
        let id = id!(event);
        let calling = Device::new(event.calling_device_id, event.calling_device_type).or(own_device(&id));
        let state = match event.local_connection_state {
            LocalConnectionState::LCS_INITIATE => LocalConnectionState::LCS_INITIATE,
            _ => LocalConnectionState::LCS_CONNECT,
        };
        let handle = self.happen(&Happening {
            id,
            peripheral_id: event.peripheral_id,
            device: calling,
            state,
            is_caller: true,
            calling: Device::NONE,
            redirected_from: Device::NONE,
            attributes: attributes!(event),
        });
        if let Some(handle) = handle {
            self.tie_to_origin(handle, None, &calling);
        }
    }

    fn delivered(&mut self, event: &CallDeliveredEvent<'_>, frame: &Frame<'_>) {
        let id = id!(event);
        let state = match event.local_connection_state {
            LocalConnectionState::LCS_INITIATE => LocalConnectionState::LCS_INITIATE,
            _ => LocalConnectionState::LCS_ALERTING,
        };
        let handle = self.happen(&Happening {
            id,
            peripheral_id: event.peripheral_id,
            device: Device::new(event.alerting_device_id, event.alerting_device_type).or(own_device(&id)),
            state,
            is_caller: false,
            calling: Device::new(event.calling_device_id, event.calling_device_type),
            redirected_from: Device::new(event.last_redirect_device_id, event.last_redirect_device_type),
            attributes: attributes!(event),
        });
        let Some(handle) = handle else { return };
        // An event without any says nothing of the named variables, whatever the version.
        let has_named = !event.named_variables.is_empty() || !event.named_arrays.is_empty();
        let source = source!(event, has_named && has_all_named(frame.protocol()), ani user_to_user_info dnis dialed_number
            caller_entered_digits call_wrapup_data);
        self.store(handle, &source.of(frame));
    }

    fn established(&mut self, event: &CallEstablishedEvent<'_>, _: &Frame<'_>) {
        let id = id!(event);
        let answering = Device::new(event.answering_device_id, event.answering_device_type).or(own_device(&id));
        let handle = self.happen(&Happening {
            id,
            peripheral_id: event.peripheral_id,
            device: answering,
            state: LocalConnectionState::LCS_CONNECT,
            is_caller: false,
            calling: Device::new(event.calling_device_id, event.calling_device_type),
            redirected_from: Device::new(event.last_redirect_device_id, event.last_redirect_device_type),
            attributes: attributes!(event),
        });
        if let Some(handle) = handle.filter(|_| !answering.is_port())
            && self.leave_queues(handle)
        {
            self.restage(handle);
        }
    }

    fn held(&mut self, event: &CallHeldEvent<'_>, _: &Frame<'_>) {
        let id = id!(event);
        let device = Device::new(event.holding_device_id, event.holding_device_type);
        self.come_to(id, event.peripheral_id, device, LocalConnectionState::LCS_HOLD, event.event_cause);
    }

    fn retrieved(&mut self, event: &CallRetrievedEvent<'_>, _: &Frame<'_>) {
        let id = id!(event);
        let device = Device::new(event.retrieving_device_id, event.retrieving_device_type);
        self.come_to(id, event.peripheral_id, device, LocalConnectionState::LCS_CONNECT, event.event_cause);
    }

    fn failed(&mut self, event: &CallFailedEvent<'_>, _: &Frame<'_>) {
        let id = id!(event);
        let device = Device::new(event.failing_device_id, event.failing_device_type);
        self.come_to(id, event.peripheral_id, device, LocalConnectionState::LCS_FAIL, event.event_cause);
    }

    fn reached_network(&mut self, event: &CallReachedNetworkEvent<'_>, _: &Frame<'_>) {
        let id = id!(event);
        let meant = self.meant_or_new(&id, event.peripheral_id);
        let Some(handle) = self.told(meant, event.peripheral_id, &Attributes::cause(event.event_cause)) else { return };
        if self.calls.get_mut(handle).is_some_and(|entry| entry.set(flag::NETWORK, true)) {
            self.calls.mark(handle, CallChanges::ATTRIBUTES);
        }
    }

    fn connection_cleared(&mut self, event: &CallConnectionClearedEvent<'_>, _: &Frame<'_>) {
        let id = id!(event);
        let meant = self.meant_or_counted(&id);
        let Some(handle) = self.told(meant, event.peripheral_id, &Attributes::cause(event.event_cause)) else { return };
        let device = Device::new(event.releasing_device_id, event.releasing_device_type).or(own_device(&id));
        self.leave(handle, device.id);
        self.restage(handle);
    }

    fn diverted(&mut self, event: &CallDivertedEvent<'_>, frame: &Frame<'_>) {
        let id = id!(event);
        let service = (event.service_number, event.service_id);
        let attributes = Attributes { service, ..Attributes::cause(event.event_cause) };
        let meant = self.meant_or_new(&id, event.peripheral_id);
        let Some(handle) = self.told(meant, event.peripheral_id, &attributes) else { return };
        let device = Device::new(event.diverting_device_id, event.diverting_device_type);
        let was = self.leave(handle, device.id);
        // On Unified CCX this is how a call leaves its queues.
        let leaves_queues = frame.protocol().product() == Product::Ccx
            || device.kind == DeviceIdType::DEVID_QUEUE
            || was == Some(LocalConnectionState::LCS_QUEUED);
        if leaves_queues {
            self.leave_queues(handle);
        }
        self.restage(handle);
    }

    /// A device comes to a state, and the event says nothing else.
    fn come_to(
        &mut self,
        id: Id<'_>,
        peripheral_id: u32,
        device: Device<'_>,
        state: LocalConnectionState,
        cause: EventCause,
    ) {
        self.happen(&Happening {
            id,
            peripheral_id,
            device: device.or(own_device(&id)),
            state,
            is_caller: false,
            calling: Device::NONE,
            redirected_from: Device::NONE,
            attributes: Attributes::cause(cause),
        });
    }

    /// The call to which it happened, if it is not over.
    fn happen(&mut self, happening: &Happening<'_>) -> Option<CallHandle> {
        let meant = self.meant_or_new(&happening.id, happening.peripheral_id);
        let handle = self.told(meant, happening.peripheral_id, &happening.attributes)?;
        self.redirected(handle, &happening.redirected_from, &happening.device);
        self.calling(handle, happening.calling, &happening.device);
        match happening.is_caller {
            true => self.set_caller(handle, happening.device, happening.state),
            false => self.set_party(handle, happening.device, happening.state),
        }
        self.restage(handle);
        Some(handle)
    }

    /// The call that is meant, if it is not over, with what every event tells of it taken note of.
    pub(super) fn told(
        &mut self,
        meant: Option<CallHandle>,
        peripheral_id: u32,
        attributes: &Attributes,
    ) -> Option<CallHandle> {
        let handle = meant?;
        if self.is_late(handle) {
            return None;
        }
        self.hear(handle);
        self.set_attributes(handle, peripheral_id, attributes);
        Some(handle)
    }

    /// The device that a call was redirected from has nothing to do with it any more, if it only rang or queued it.
    fn redirected(&mut self, handle: CallHandle, from: &Device<'_>, to: &Device<'_>) {
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

    fn queued(&mut self, event: &CallQueuedEvent<'_>, _: &Frame<'_>) {
        let id = id!(event);
        let service = (event.service_number, event.service_id);
        let attributes = Attributes { service, ..Attributes::cause(event.event_cause) };
        let meant = self.meant_or_new(&id, event.peripheral_id);
        let Some(handle) = self.told(meant, event.peripheral_id, &attributes) else { return };
        let queue = Device::new(event.queue_device_id, event.queue_device_type);
        self.redirected(handle, &Device::new(event.last_redirect_device_id, event.last_redirect_device_type), &queue);
        self.calling(handle, Device::new(event.calling_device_id, event.calling_device_type), &queue);
        self.set_party(handle, queue, LocalConnectionState::LCS_QUEUED);
        let mut groups = 0_u32;
        for group in event.skill_groups.iter().filter(|group| group.number != NULL_SKILL_GROUP) {
            self.set_queue(handle, event.peripheral_id, group.number);
            groups = groups.saturating_add(1);
        }
        if queue.is_none() && groups == 0 {
            // Queued, and nobody says where.
            self.set_queue(handle, event.peripheral_id, NULL_SKILL_GROUP);
        }
        self.restage(handle);
    }

    fn dequeued(&mut self, event: &CallDequeuedEvent<'_>, _: &Frame<'_>) {
        let id = id!(event);
        let service = (event.service_number, event.service_id);
        let attributes = Attributes { service, ..Attributes::cause(event.event_cause) };
        let meant = self.meant_or_counted(&id);
        let Some(handle) = self.told(meant, event.peripheral_id, &attributes) else { return };
        for group in event.skill_groups {
            self.leave_queue(handle, event.peripheral_id, group.number);
        }
        let waits = self.calls.get(handle).is_some_and(|entry| self.waits_in_queues(entry));
        if event.skill_groups.is_empty() || !waits {
            self.leave_queues(handle);
        }
        self.restage(handle);
    }

    // ---- attributes ---------------------------------------------------------------------------

    #[allow(clippy::needless_update, reason = "the update has all that a source can have")]
    fn data_update(&mut self, event: &CallDataUpdateEvent<'_>, frame: &Frame<'_>) {
        let old = id!(event);
        let new = id!(event, new_connection_call_id, new_connection_device_id_type, new_connection_device_id);
        let Some(handle) = self.renamed(&old, &new, event.peripheral_id) else { return };
        self.hear(handle);
        self.set_attributes(handle, event.peripheral_id, &Attributes::NONE);
        self.set_call_type(handle, event.call_type);
        self.set_disposition(handle, event.called_party_disposition);
        let key = RouterCallKey::new(
            event.router_call_key_day,
            event.router_call_key_call_id,
            event.router_call_key_sequence_number,
        );
        self.set_key(handle, key);
        let source = source!(event, has_all_named(frame.protocol()), ani user_to_user_info dnis dialed_number
            caller_entered_digits call_wrapup_data customer_phone_number customer_account_number call_reference_id);
        self.store(handle, &source.of(frame));
    }

    fn attribute_change(&mut self, event: &CallAttributeChangeEvent<'_>, _: &Frame<'_>) {
        let device = event.connection_device_id.unwrap_or_default();
        let Some(handle) = self.only_at(device) else {
            count(&mut self.counts.unknown);
            return;
        };
        self.hear(handle);
        let service_number = if event.service_number == 0 { NULL_SERVICE } else { event.service_number };
        let attributes = Attributes { service: (service_number, NULL_SERVICE), ..Attributes::NONE };
        self.set_attributes(handle, event.peripheral_id, &attributes);
        if event.call_type_id != 0 {
            self.set(handle, |entry| &mut entry.call_type_id, event.call_type_id, CallChanges::ATTRIBUTES);
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

    fn rtp_started(&mut self, event: &RtpStartedEvent<'_>, _: &Frame<'_>) {
        self.rtp(&id!(event), devices!(event), event.direction, true);
    }

    fn rtp_stopped(&mut self, event: &RtpStoppedEvent<'_>, _: &Frame<'_>) {
        self.rtp(&id!(event), devices!(event), event.direction, false);
    }

    fn recording_started(&mut self, event: &NetworkRecordingStartedEvent<'_>, _: &Frame<'_>) {
        self.recording(&id!(event), Playing::Started);
    }

    fn recording_ended(&mut self, event: &NetworkRecordingEndedEvent<'_>, _: &Frame<'_>) {
        self.recording(&id!(event), Playing::Ended);
    }

    fn recording_failed(&mut self, event: &NetworkRecordingFailedEvent<'_>, _: &Frame<'_>) {
        self.recording(&id!(event), Playing::Failed);
    }

    /// Media flow at a party, or no longer; at a device that is no party (yet), they are the call's.
    fn rtp(&mut self, id: &Id<'_>, devices: [&[u8]; 3], direction: RtpDirection, on: bool) {
        let Some(handle) = self.meant_or_counted(id) else { return };
        if on && self.is_late(handle) {
            return;
        }
        self.hear(handle);
        let flags = match direction {
            RtpDirection::INPUT => flag::RTP_INPUT,
            RtpDirection::OUTPUT => flag::RTP_OUTPUT,
            _ => flag::MEDIA,
        };
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

    fn recording(&mut self, id: &Id<'_>, recording: Playing) {
        let Some(handle) = self.meant_or_counted(id) else { return };
        if recording == Playing::Started && self.is_late(handle) {
            return;
        }
        self.hear(handle);
        self.set(handle, |entry| &mut entry.recording, recording, CallChanges::MEDIA);
    }

    fn greeting(&mut self, event: &CallAgentGreetingEvent<'_>, _: &Frame<'_>) {
        let Some(handle) = self.meant_or_counted(&id!(event)) else { return };
        self.hear(handle);
        let greeting = match event.event_code {
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
    /// A key of floating fields: there is one if its first two are there. The sequence number may be missing.
    pub(super) fn new(day: Option<u32>, call_id: Option<u32>, sequence_number: Option<u32>) -> Option<Self> {
        let (day, call_id) = (day?, call_id?);
        (day != 0 || call_id != 0).then_some(Self { day, call_id, sequence_number: sequence_number.unwrap_or(0) })
    }
}

/// The device in the name of a call, where an event names none.
pub(super) fn own_device<'a>(id: &Id<'a>) -> Device<'a> {
    Device { id: id.device, kind: DeviceIdType::DEVID_NONE }
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
