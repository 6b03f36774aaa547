//! Which message says what.

use crate::error::DecodeError;
use crate::message::table;
use crate::message::{
    Body as _, CallClearedEvent, CallConnectionClearedEvent, CallDataUpdateEvent, CallDivertedEvent,
    CallEstablishedEvent, ConfigServiceEvent, ConfigSkillGroupEvent, ConnectedParty, EndCallEvent, FltSkillGroup,
    MessageInfo, MessageType, QuerySkillGroupStatisticsConf,
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
use crate::track::told::Told;
use crate::value::{DeviceIdType, EventCause, NULL_PERIPHERAL_ID, NULL_SERVICE, NULL_SKILL_GROUP};
use crate::value::{LocalConnectionState, RecordType};
use crate::wire::{Frame, Text};

/// Slots that are looked at for lost calls, with each message of calls.
const SWEPT_BY_MESSAGE: usize = 1;

heard! {
    /// Whether a message is one of calls that may wait.
    fn is_of_calls;

    impl['s] QueueTracker<'s>;
    fn hear_of_calls(self, told: &Told<'_>) {
        CALL_QUEUED_EVENT => self.queued(told);
        CALL_DEQUEUED_EVENT => self.dequeued(told);
        CALL_DIVERTED_EVENT => self.diverted(told);
        CALL_DELIVERED_EVENT => self.delivered(told);
        CALL_ESTABLISHED_EVENT => self.established(told);
        CALL_CONNECTION_CLEARED_EVENT => self.connection_cleared(told);
        CALL_CLEARED_EVENT => self.gone(told);
        END_CALL_EVENT => self.ended(told);
        CALL_TRANSFERRED_EVENT => self.joined(told);
        CALL_CONFERENCED_EVENT => self.joined(told);
        CALL_DATA_UPDATE_EVENT => self.data_updated(told);
    }
}

heard! {
    /// Whether a message is one of queues, whoever waits there.
    fn is_of_queues;

    impl['s] QueueTracker<'s>;
    fn hear_of_queues(self, frame: &Frame<'_>) -> Result<(), DecodeError> {
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
    /// [`DecodeError`] if the message is one of queues, and its body ends too soon, or has a field of a size that it cannot
    /// have. Events of calls that wait nowhere are not read.
    #[inline]
    pub fn observe(&mut self, now: Instant, frame: &Frame<'_>) -> Result<Observed, DecodeError> {
        if !self.hears(frame) {
            return self.observe_other(now, frame);
        }
        let mut told = Told::new(frame);
        told.read()?;
        Ok(self.take(now, &told))
    }

    /// Whether a message tells the tracker anything in the form that is common to all trackers.
    #[inline]
    pub(in crate::track) fn hears(&self, frame: &Frame<'_>) -> bool {
        is_of_calls(frame.message_type()) && self.may_concern(frame)
    }

    /// Takes what a message says that it hears.
    pub(in crate::track) fn take(&mut self, now: Instant, told: &Told<'_>) -> Observed {
        let before = self.begin(now);
        self.hear_of_calls(told);
        self.changed_since(before)
    }

    /// Takes what any other message says: the few that the tracker reads by itself.
    #[inline]
    pub(in crate::track) fn observe_other(&mut self, now: Instant, frame: &Frame<'_>) -> Result<Observed, DecodeError> {
        let before = self.begin(now);
        match frame.message_type() {
            message if is_of_queues(message) => self.hear_of_queues(frame)?,
            // A call that is unknown; those that are lost are looked for all the same.
            message if is_of_calls(message) && self.purging => {}
            message if is_of_calls(message) => return Ok(Observed::Unchanged),
            // Most messages are of something else.
            _ => return Ok(Observed::Irrelevant),
        }
        Ok(self.changed_since(before))
    }

    fn begin(&mut self, now: Instant) -> u32 {
        self.queues.forget_leaving();
        self.now = Second::of(now);
        self.queues.marks()
    }

    fn changed_since(&mut self, before: u32) -> Observed {
        self.look_for_lost(SWEPT_BY_MESSAGE);
        if self.queues.marks() == before { Observed::Unchanged } else { Observed::Changed }
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

    fn queued(&mut self, told: &Told<'_>) {
        let peripheral = told.peripheral_id();
        let service = service_key(peripheral, told.service_number());
        let groups = told.items::<FltSkillGroup>();
        let groups = groups.filter(|group| [group.number, group.id] != [NULL_SKILL_GROUP; 2]);
        if service.is_none() && groups.clone().next().is_none() {
            return;
        }
        let Some(call) = self.meet_call(&CallName::of(told)) else { return };
        if let Some(queue) = service.and_then(|service| self.meet(service, NULL_SKILL_GROUP)) {
            self.wait(call, queue);
            self.set_num_queued(queue, told);
        }
        for group in groups {
            if let Some(queue) = self.meet_skill_group(peripheral, group.number, group.id) {
                self.wait(call, queue);
            }
        }
        self.forget_if_nowhere(call);
    }

    fn dequeued(&mut self, told: &Told<'_>) {
        let peripheral = told.peripheral_id();
        let service = service_key(peripheral, told.service_number()).and_then(|service| self.queue_with_key(service));
        if let Some(service) = service {
            self.set_num_queued(service, told);
        }
        let Some(call) = self.hear_of(&CallName::of(told)) else { return };
        let mut groups = told.items::<FltSkillGroup>().peekable();
        if groups.peek().is_none() {
            return self.leave(call, |_, _| true);
        }
        for group in groups {
            if let Some(left) = self.skill_group(peripheral, group.number, group.id) {
                self.leave(call, |queue, _| queue == left);
            }
        }
        if !self.waits_for_skill_group(call) {
            self.leave(call, |_, queue| queue.key.is_service());
        }
    }

    /// Unified CCX does not count.
    fn set_num_queued(&mut self, queue: Handle<Queue>, told: &Told<'_>) {
        if told.protocol().is_ccx() {
            return;
        }
        let num_queued = told.num_queued();
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

    fn delivered(&mut self, told: &Told<'_>) {
        let name = CallName::of(told);
        let call = self.hear_of(&name);
        if told.local_connection_state() != LocalConnectionState::LCS_ALERTING || is_port(told.device_type()) {
            return;
        }
        if let Some(call) = call {
            self.leave(call, |_, _| true);
        }
        if is_offered(told) {
            self.offered(call, &name, told);
        }
    }

    /// The call rings for the queues that the event names, whether it has waited there or not.
    fn offered(&mut self, call: Option<Handle<WaitingEntry>>, name: &CallName<'_>, told: &Told<'_>) {
        let at = told.peripheral_id();
        let service = service_key(at, told.service_number());
        let service = service.and_then(|service| self.meet(service, NULL_SKILL_GROUP));
        let group = self.meet_skill_group(at, told.skill_group_number(), told.skill_group_id());
        if service.or(group).is_none() {
            return;
        }
        let Some(call) = call.or_else(|| self.add_call(name)) else { return };
        for queue in [service, group].into_iter().flatten() {
            self.offer(call, queue);
        }
        self.forget_if_nowhere(call);
    }

    fn diverted(&mut self, told: &Told<'_>) {
        if let Some(call) = self.hear_of(&CallName::of(told))
            && (told.protocol().is_ccx() || told.device_type() == DeviceIdType::DEVID_QUEUE)
        {
            self.leave(call, |_, _| true);
        }
    }

    fn established(&mut self, told: &Told<'_>) {
        if let Some(call) = self.hear_of(&CallName::of(told))
            && !is_port(told.device_type())
        {
            self.finish(call, Outcome::Answered { number: told.skill_group_number(), id: told.skill_group_id() });
        }
    }

    /// The call goes on elsewhere, under the same ID.
    fn connection_cleared(&mut self, told: &Told<'_>) {
        if told.event_cause() == EventCause::CEC_REDIRECTED
            && let Some(call) = self.hear_of(&CallName::of(told))
            && let Some(call) = self.calls.get_mut(call)
        {
            call.redirected = true;
        }
    }

    fn ended(&mut self, told: &Told<'_>) {
        let call = self.call(&CallName::of(told)).and_then(|call| self.calls.get_mut(call));
        let is_connection = call.is_some_and(|call| core::mem::take(&mut call.redirected));
        if !is_connection {
            self.gone(told);
        }
    }

    fn gone(&mut self, told: &Told<'_>) {
        if let Some(call) = self.call(&CallName::of(told)) {
            self.finish(call, Outcome::Abandoned);
        }
    }

    /// Two calls become one: the one whose ID the parties have, mostly the primary one. Whichever waits, goes on waiting as
    /// that.
    fn joined(&mut self, told: &Told<'_>) {
        let (primary, secondary) = (CallName::of(told), CallName::other(told));
        let resulting = told.items::<ConnectedParty<'_>>().next().map_or(primary.call_id, |party| party.call_id);
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

    fn data_updated(&mut self, told: &Told<'_>) {
        let (name, new) = (CallName::of(told), CallName::other(told));
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

impl<'a> CallName<'a> {
    fn of(told: &Told<'a>) -> Self {
        Self {
            peripheral: told.peripheral_id(),
            call_id: told.call_id(),
            device_type: told.device_id_type(),
            device: told.device_id(),
        }
    }

    /// The new name, or that of the secondary call.
    fn other(told: &Told<'a>) -> Self {
        Self {
            peripheral: told.peripheral_id(),
            call_id: told.other_call_id(),
            device_type: told.other_device_id_type(),
            device: told.other_device_id(),
        }
    }
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
fn is_offered(told: &Told<'_>) -> bool {
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
    let is_from_colleague = phones.contains(&told.calling_device_type())
        && !is_port(told.last_redirect_device_type())
        && !is_port(told.called_device_type());
    let is_outside = told.device_type() == DeviceIdType::DEVID_EXTERNAL;
    !is_from_colleague && !is_outside && !goes_on.contains(&told.event_cause())
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
