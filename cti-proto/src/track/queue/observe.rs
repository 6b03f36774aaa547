//! Which message says what.

use crate::error::DecodeError;
use crate::message::table;
use crate::message::{
    Body as _, CallClearedEvent, CallConferencedEvent, CallConnectionClearedEvent, CallDataUpdateEvent,
    CallDeliveredEvent, CallDequeuedEvent, CallDivertedEvent, CallEstablishedEvent, CallQueuedEvent,
    CallTransferredEvent, ConfigServiceEvent, ConfigSkillGroupEvent, ConnectedParty, EndCallEvent, MessageInfo,
    MessageType, QuerySkillGroupStatisticsConf,
};
use crate::protocol::Protocol;
use crate::session::Instant;
use crate::track::agent::CCX_PERIPHERAL;
use crate::track::change::Observed;
use crate::track::handle::Handle;
use crate::track::heard::heard;
use crate::track::queue::QueueTracker;
use crate::track::queue::entry::{Queue, QueueChanges, QueueKey, WaitingEntry};
use crate::track::queue::figures::SkillGroupFigures;
use crate::track::queue::wait::{CallName, Outcome};
use crate::track::second::Second;
use crate::track::text::Kept;
use crate::value::{
    ConnectionDeviceIdType, DeviceIdType, EventCause, NULL_PERIPHERAL_ID, NULL_SERVICE, NULL_SKILL_GROUP,
};
use crate::value::{LocalConnectionState, RecordType};
use crate::wire::{Frame, List, Text};

/// Slots that are looked at for lost calls, with each message of calls.
const SWEPT_BY_MESSAGE: usize = 1;

heard! {
    /// Whether a message is one of queues.
    fn is_heard;

    impl['s] QueueTracker<'s>;
    fn hear(self, frame) {
        CALL_QUEUED_EVENT => self.queued(&frame.decode()?, frame.protocol());
        CALL_DEQUEUED_EVENT => self.dequeued(&frame.decode()?, frame.protocol());
        CALL_DIVERTED_EVENT => self.diverted(&frame.decode()?, frame.protocol());
        CALL_DELIVERED_EVENT => self.delivered(&frame.decode()?);
        CALL_ESTABLISHED_EVENT => self.established(&frame.decode()?);
        CALL_CONNECTION_CLEARED_EVENT => self.connection_cleared(&frame.decode()?);
        CALL_CLEARED_EVENT => self.cleared(&frame.decode()?);
        END_CALL_EVENT => self.ended(&frame.decode()?);
        CALL_TRANSFERRED_EVENT => self.transferred(&frame.decode()?);
        CALL_CONFERENCED_EVENT => self.conferenced(&frame.decode()?);
        CALL_DATA_UPDATE_EVENT => self.data_updated(&frame.decode()?);
        QUERY_SKILL_GROUP_STATISTICS_CONF => self.figures(&frame.decode()?);
        CONFIG_SERVICE_EVENT => self.service_config(&frame.decode()?, frame.protocol());
        CONFIG_SKILL_GROUP_EVENT => self.skill_group_config(&frame.decode()?, frame.protocol());
        OPEN_CONF => self.session_lost();
    }
}

impl QueueTracker<'_> {
    /// Takes what a message says of queues.
    ///
    /// # Errors
    /// [`DecodeError`] if the message is one of queues, and its body is not one of its type. Events of calls that wait
    /// nowhere are not decoded.
    #[inline]
    pub fn observe(&mut self, now: Instant, frame: &Frame<'_>) -> Result<Observed, DecodeError> {
        self.queues.forget_leaving();
        // Most messages are of something else.
        if is_heard(frame.message_type()) { self.listen(now, frame) } else { Ok(Observed::Irrelevant) }
    }

    fn listen(&mut self, now: Instant, frame: &Frame<'_>) -> Result<Observed, DecodeError> {
        self.now = Second::of(now);
        let before = self.queues.marks();
        if self.may_concern(frame) {
            self.hear(frame)?;
        } else if !self.purging {
            return Ok(Observed::Unchanged);
        }
        self.look_for_lost(SWEPT_BY_MESSAGE);
        Ok(if self.queues.marks() == before { Observed::Unchanged } else { Observed::Changed })
    }

    /// Whether an event can be about a call that is known, or make one known: most calls wait nowhere, and their events need
    /// not be decoded.
    fn may_concern(&self, frame: &Frame<'_>) -> bool {
        const PLACE: Option<usize> = call_id_of(CallEstablishedEvent::INFO);
        const PLACE_OF_UPDATE: Option<usize> = call_id_of(CallDataUpdateEvent::INFO);
        const NEW_ID: Option<usize> = table::place_of(CallDataUpdateEvent::INFO.fixed, "NewConnectionCallID");
        const {
            assert!(is_same(PLACE, call_id_of(CallClearedEvent::INFO)));
            assert!(is_same(PLACE, call_id_of(EndCallEvent::INFO)));
            assert!(is_same(PLACE, call_id_of(CallDivertedEvent::INFO)));
            assert!(is_same(PLACE, call_id_of(CallConnectionClearedEvent::INFO)));
        }
        let call_id = match frame.message_type() {
            message if !is_of_known_calls(message) => return true,
            _ if self.calls() == 0 => return false,
            MessageType::CALL_ESTABLISHED_EVENT
            | MessageType::CALL_CLEARED_EVENT
            | MessageType::END_CALL_EVENT
            | MessageType::CALL_DIVERTED_EVENT
            | MessageType::CALL_CONNECTION_CLEARED_EVENT => number_at(frame, PLACE),
            MessageType::CALL_DATA_UPDATE_EVENT => {
                let call_id = number_at(frame, PLACE_OF_UPDATE);
                // That a call is still there is of interest after a loss only.
                if self.unheard == 0 && call_id == number_at(frame, NEW_ID) {
                    return false;
                }
                call_id
            }
            _ => return true,
        };
        call_id.is_none_or(|call_id| self.has_call(call_id))
    }

    // ---- queues -------------------------------------------------------------------------------

    fn queued(&mut self, event: &CallQueuedEvent<'_>, protocol: Protocol) {
        let peripheral = event.peripheral_id;
        let name =
            name_of(peripheral, event.connection_call_id, event.connection_device_id_type, event.connection_device_id);
        let service = service_key(peripheral, event.service_number);
        let groups = event.skill_groups.iter().filter(|group| [group.number, group.id] != [NULL_SKILL_GROUP; 2]);
        if service.is_none() && groups.clone().next().is_none() {
            return;
        }
        let Some(call) = self.meet_call(&name) else { return };
        if let Some(queue) = service.and_then(|service| self.meet(service, NULL_SKILL_GROUP)) {
            self.wait(call, queue);
            self.set_num_queued(queue, event.num_queued, protocol);
        }
        for group in groups {
            if let Some(queue) = self.meet_skill_group(peripheral, group.number, group.id) {
                self.wait(call, queue);
            }
        }
        self.forget_if_nowhere(call);
    }

    fn dequeued(&mut self, event: &CallDequeuedEvent<'_>, protocol: Protocol) {
        let peripheral = event.peripheral_id;
        let service = service_key(peripheral, event.service_number).and_then(|service| self.queue_with_key(service));
        if let Some(service) = service {
            self.set_num_queued(service, event.num_queued, protocol);
        }
        let name =
            name_of(peripheral, event.connection_call_id, event.connection_device_id_type, event.connection_device_id);
        let Some(call) = self.hear_of(&name) else { return };
        if event.skill_groups.is_empty() {
            return self.leave(call, |_, _| true);
        }
        for group in event.skill_groups.iter() {
            if let Some(left) = self.skill_group(peripheral, group.number, group.id) {
                self.leave(call, |queue, _| queue == left);
            }
        }
        if !self.waits_for_skill_group(call) {
            self.leave(call, |_, queue| queue.key.is_service());
        }
    }

    /// Unified CCX does not count.
    fn set_num_queued(&mut self, queue: Handle<Queue>, num_queued: u16, protocol: Protocol) {
        if protocol.is_ccx() {
            return;
        }
        if let Some(about) = self.queues.get_mut(queue)
            && about.num_queued.replace(num_queued) != Some(num_queued)
        {
            self.queues.mark(queue, QueueChanges::FIGURES);
        }
    }

    fn figures(&mut self, conf: &QuerySkillGroupStatisticsConf) {
        let queue = self.meet_skill_group(conf.peripheral_id, conf.skill_group_number, conf.skill_group_id);
        let (told, figures) = (Some(self.now), SkillGroupFigures::new(conf));
        if let Some((queue, about)) = queue.and_then(|queue| Some((queue, self.queues.get_mut(queue)?))) {
            (about.told, about.figures) = (told, figures);
            self.queues.mark(queue, QueueChanges::FIGURES);
        }
    }

    // ---- calls --------------------------------------------------------------------------------

    fn delivered(&mut self, event: &CallDeliveredEvent<'_>) {
        let is_port = is_port(event.alerting_device_type);
        let name = name_of(
            event.peripheral_id,
            event.connection_call_id,
            event.connection_device_id_type,
            event.connection_device_id,
        );
        let call = self.hear_of(&name);
        if event.local_connection_state != LocalConnectionState::LCS_ALERTING || is_port {
            return;
        }
        if let Some(call) = call {
            self.leave(call, |_, _| true);
        }
        if is_offered(event) {
            self.offered(call, &name, event);
        }
    }

    /// The call rings for the queues that the event names, whether it has waited there or not.
    fn offered(&mut self, call: Option<Handle<WaitingEntry>>, name: &CallName<'_>, event: &CallDeliveredEvent<'_>) {
        let at = event.peripheral_id;
        let service = service_key(at, event.service_number);
        let service = service.and_then(|service| self.meet(service, NULL_SKILL_GROUP));
        let group = self.meet_skill_group(at, event.skill_group_number, event.skill_group_id);
        if service.or(group).is_none() {
            return;
        }
        let Some(call) = call.or_else(|| self.add_call(name)) else { return };
        for queue in [service, group].into_iter().flatten() {
            self.offer(call, queue);
        }
        self.forget_if_nowhere(call);
    }

    fn diverted(&mut self, event: &CallDivertedEvent<'_>, protocol: Protocol) {
        let name = name_of(
            event.peripheral_id,
            event.connection_call_id,
            event.connection_device_id_type,
            event.connection_device_id,
        );
        if let Some(call) = self.hear_of(&name)
            && (protocol.is_ccx() || event.diverting_device_type == DeviceIdType::DEVID_QUEUE)
        {
            self.leave(call, |_, _| true);
        }
    }

    fn established(&mut self, event: &CallEstablishedEvent<'_>) {
        let name = name_of(
            event.peripheral_id,
            event.connection_call_id,
            event.connection_device_id_type,
            event.connection_device_id,
        );
        if let Some(call) = self.hear_of(&name)
            && !is_port(event.answering_device_type)
        {
            self.finish(call, Outcome::Answered { number: event.skill_group_number, id: event.skill_group_id });
        }
    }

    fn cleared(&mut self, event: &CallClearedEvent<'_>) {
        self.gone(
            event.peripheral_id,
            event.connection_call_id,
            event.connection_device_id_type,
            event.connection_device_id,
        );
    }

    /// The call goes on elsewhere, under the same ID.
    fn connection_cleared(&mut self, event: &CallConnectionClearedEvent<'_>) {
        let name = name_of(
            event.peripheral_id,
            event.connection_call_id,
            event.connection_device_id_type,
            event.connection_device_id,
        );
        if event.event_cause == EventCause::CEC_REDIRECTED
            && let Some(call) = self.hear_of(&name)
            && let Some(call) = self.calls.get_mut(call)
        {
            call.redirected = true;
        }
    }

    fn ended(&mut self, event: &EndCallEvent<'_>) {
        let (at, id, kind) = (event.peripheral_id, event.connection_call_id, event.connection_device_id_type);
        let call = self.call(&name_of(at, id, kind, event.connection_device_id));
        let is_connection =
            call.and_then(|call| self.calls.get_mut(call)).is_some_and(|call| core::mem::take(&mut call.redirected));
        if !is_connection {
            self.gone(at, id, kind, event.connection_device_id);
        }
    }

    fn gone(&mut self, peripheral: u32, call_id: u32, kind: ConnectionDeviceIdType, device: Option<Text<'_>>) {
        if let Some(call) = self.call(&name_of(peripheral, call_id, kind, device)) {
            self.finish(call, Outcome::Abandoned);
        }
    }

    fn transferred(&mut self, event: &CallTransferredEvent<'_>) {
        let at = event.peripheral_id;
        let primary = name_of(at, event.primary_call_id, event.primary_device_id_type, event.primary_device_id);
        let secondary = name_of(at, event.secondary_call_id, event.secondary_device_id_type, event.secondary_device_id);
        self.joined(primary, secondary, &event.connected_parties);
    }

    fn conferenced(&mut self, event: &CallConferencedEvent<'_>) {
        let at = event.peripheral_id;
        let primary = name_of(at, event.primary_call_id, event.primary_device_id_type, event.primary_device_id);
        let secondary = name_of(at, event.secondary_call_id, event.secondary_device_id_type, event.secondary_device_id);
        self.joined(primary, secondary, &event.connected_parties);
    }

    /// Two calls become one: the one whose ID the parties have, mostly the primary one. Whichever waits, goes on waiting as
    /// that.
    fn joined(&mut self, primary: CallName<'_>, secondary: CallName<'_>, parties: &List<'_, ConnectedParty<'_>>) {
        let resulting = parties.iter().next().map_or(primary.call_id, |party| party.call_id);
        let result = match resulting {
            id if id == primary.call_id => primary,
            id if id == secondary.call_id => secondary,
            call_id => CallName { call_id, ..primary },
        };
        for waiting in [primary, secondary] {
            if let Some(call) = self.hear_of(&waiting) {
                self.rename_call(call, &result);
            }
        }
    }

    fn data_updated(&mut self, event: &CallDataUpdateEvent<'_>) {
        let name = name_of(
            event.peripheral_id,
            event.connection_call_id,
            event.connection_device_id_type,
            event.connection_device_id,
        );
        let new = name_of(
            event.peripheral_id,
            event.new_connection_call_id,
            event.new_connection_device_id_type,
            event.new_connection_device_id,
        );
        if let Some(call) = self.hear_of(&name)
            && new.call_id != name.call_id
        {
            self.rename_call(call, &new);
        }
    }

    // ---- configuration ------------------------------------------------------------------------

    fn service_config(&mut self, event: &ConfigServiceEvent<'_>, protocol: Protocol) {
        for record in event.records.iter() {
            let at = place(record.flt_peripheral_id, protocol);
            let key = |number| service_key(at, number);
            let old = record.old_peripheral_number.and_then(key).and_then(|key| self.queue_with_key(key));
            let Some(key) = record.peripheral_number.and_then(key) else { continue };
            let queue = old.or_else(|| self.queue_with_key(key));
            self.configure(queue, record.record_type, key, NULL_SKILL_GROUP, record.peripheral_name);
            let threshold = record.service_level_threshold.filter(|threshold| *threshold > 0);
            if let Some((queue, threshold)) = queue.zip(threshold) {
                self.set_threshold(queue, threshold);
            }
        }
    }

    fn skill_group_config(&mut self, event: &ConfigSkillGroupEvent<'_>, protocol: Protocol) {
        for record in event.records.iter() {
            let at = place(record.flt_peripheral_id, protocol);
            let key = |skill_group_number| QueueKey::SkillGroup { peripheral_id: at, skill_group_number };
            let id = record.skill_group_skill_target_id.unwrap_or(NULL_SKILL_GROUP);
            let Some(number) = record.peripheral_number else { continue };
            let old = record.old_peripheral_number.and_then(|old| self.queue_with_key(key(old)));
            let queue = old.or_else(|| self.skill_group(at, number, id));
            self.configure(queue, record.record_type, key(number), id, record.peripheral_name);
        }
    }

    /// What the configuration says of a queue that is known.
    fn configure(
        &mut self,
        queue: Option<Handle<Queue>>,
        record_type: Option<RecordType>,
        key: QueueKey,
        id: u32,
        name: Option<Text<'_>>,
    ) {
        let Some(queue) = queue else { return };
        if record_type == Some(RecordType::CONFIG_RECORD_DELETE) {
            // What waits there is told of by the events of the calls.
            return self.unwatch(queue);
        }
        if self.queue_with_key(key).is_none_or(|known| known == queue) {
            self.rename(queue, key, id);
        }
        if let Some((about, name)) = self.queues.get_mut(queue).zip(name)
            && !about.name.is(name)
        {
            about.name = Kept::new(name);
            self.queues.mark(queue, QueueChanges::NAME);
        }
    }
}

const fn name_of(
    peripheral: u32,
    call_id: u32,
    device_type: ConnectionDeviceIdType,
    device: Option<Text<'_>>,
) -> CallName<'_> {
    CallName { peripheral, call_id, device_type, device }
}

fn service_key(peripheral_id: u32, service_number: u32) -> Option<QueueKey> {
    (service_number != NULL_SERVICE).then_some(QueueKey::Service { peripheral_id, service_number })
}

fn place(said: Option<u32>, protocol: Protocol) -> u32 {
    if protocol.is_ccx() { CCX_PERIPHERAL } else { said.unwrap_or(NULL_PERIPHERAL_ID) }
}

/// Whether a device is one that treats calls, and not somebody's phone.
fn is_port(kind: DeviceIdType) -> bool {
    [DeviceIdType::DEVID_CTI_PORT, DeviceIdType::DEVID_ROUTE_POINT, DeviceIdType::DEVID_QUEUE].contains(&kind)
}

/// Whether an event that a phone rings says that a call was given to an agent of a skill group: not that a colleague calls
/// by number, nor that a call goes on which was answered before, or that what is known is said again.
fn is_offered(event: &CallDeliveredEvent<'_>) -> bool {
    let phones = [
        DeviceIdType::DEVID_AGENT_DEVICE,
        DeviceIdType::DEVID_NON_ACD_DEVICE_IDENTIFIER,
        DeviceIdType::DEVID_SHARED_DEVICE_IDENTIFIER,
    ];
    let goes_on = [
        EventCause::CEC_TRANSFER,
        EventCause::CEC_CONSULT,
        EventCause::CEC_KEY_CONFERENCE,
        EventCause::CEC_CALL_PARTY_UPDATE_IND,
        EventCause::CEC_SNAPSHOT,
    ];
    let is_from_colleague = phones.contains(&event.calling_device_type)
        && !is_port(event.last_redirect_device_type)
        && !is_port(event.called_device_type);
    let is_outside = event.alerting_device_type == DeviceIdType::DEVID_EXTERNAL;
    !is_from_colleague && !is_outside && !goes_on.contains(&event.event_cause)
}

const fn call_id_of(info: &MessageInfo) -> Option<usize> {
    table::place_of(info.fixed, "ConnectionCallID")
}

/// Whether both fields are there, at the same place.
const fn is_same(a: Option<usize>, b: Option<usize>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a == b)
}

/// The number at this place of the body; `None` if the body is shorter.
fn number_at(frame: &Frame<'_>, place: Option<usize>) -> Option<u32> {
    Some(u32::from_be_bytes(*frame.body().get(place?..)?.first_chunk()?))
}

/// Whether a message says something of calls that are known, and nothing of others.
const fn is_of_known_calls(message: MessageType) -> bool {
    matches!(
        message,
        MessageType::CALL_DEQUEUED_EVENT
            | MessageType::CALL_DIVERTED_EVENT
            | MessageType::CALL_ESTABLISHED_EVENT
            | MessageType::CALL_CONNECTION_CLEARED_EVENT
            | MessageType::CALL_CLEARED_EVENT
            | MessageType::END_CALL_EVENT
            | MessageType::CALL_TRANSFERRED_EVENT
            | MessageType::CALL_CONFERENCED_EVENT
            | MessageType::CALL_DATA_UPDATE_EVENT
    )
}
