//! How a call looks from outside.

use core::fmt;
use core::time::Duration;

use crate::session::Instant;
use crate::track::call::entry::{CallEntry, PartyEntry, flag};
use crate::track::call::{
    CallData, CallEnd, CallHandle, CallStage, CallTracker, ConnectionId, PartyRole, Playing, RouterCallKey, parties,
};
use crate::value::{
    CallType, DeviceIdType, DispositionCode, EventCause, LocalConnectionState, NULL_SERVICE, NULL_SKILL_GROUP,
};
use crate::wire::Text;

/// A call, as the tracker knows it.
#[derive(Clone, Copy)]
pub struct Call<'t> {
    pub(super) tracker: &'t CallTracker<'t>,
    handle: CallHandle,
    pub(super) entry: &'t CallEntry,
}

/// How long a call was in its stages, the present one included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct CallTimes {
    /// From its beginning, or the announcement, until now or its end.
    pub total: Duration,
    /// Waiting in queues.
    pub queued: Duration,
    /// Ringing.
    pub alerting: Duration,
    /// Talking.
    pub talking: Duration,
    /// On hold.
    pub held: Duration,
}

impl<'t> Call<'t> {
    pub(super) fn new(tracker: &'t CallTracker<'_>, handle: CallHandle, entry: &'t CallEntry) -> Self {
        Self { tracker, handle, entry }
    }

    /// What names it in the tracker.
    #[must_use]
    pub const fn handle(&self) -> CallHandle {
        self.handle
    }

    /// What names it at the server; of an announced call, nothing.
    #[must_use]
    pub fn id(&self) -> ConnectionId<'t> {
        ConnectionId {
            call_id: self.entry.call_id,
            device_id_type: self.entry.device_type,
            device_id: self.tracker.names.text(self.entry.device),
        }
    }

    /// Whether it is the call of this name.
    #[must_use]
    pub fn is_named(&self, id: &ConnectionId<'_>) -> bool {
        self.entry.call_id == id.call_id
            && self.entry.device_type == id.device_id_type
            && self.tracker.names.is(self.entry.device, id.device_id.as_bytes())
    }

    /// How far it is.
    #[must_use]
    pub const fn stage(&self) -> CallStage {
        self.entry.stage
    }

    /// Why it went, if it has.
    #[must_use]
    pub const fn end(&self) -> CallEnd {
        self.entry.end
    }

    /// When it began, or was announced, as the events told it.
    #[must_use]
    pub const fn began(&self) -> Instant {
        self.entry.began
    }

    /// Since when it is at its stage.
    #[must_use]
    pub const fn stage_since(&self) -> Instant {
        later(self.entry.began, self.entry.stage_since)
    }

    /// When anything was heard of it last.
    #[must_use]
    pub const fn heard(&self) -> Instant {
        later(self.entry.began, self.entry.heard)
    }

    /// How long it was at its stages. A time is told up to 49 days.
    #[must_use]
    pub fn times(&self, now: Instant) -> CallTimes {
        let mut entry = *self.entry;
        if entry.end == CallEnd::None && !entry.stage.is_over() {
            entry.enter(CallStage::Cleared, now);
        }
        let [queued, alerting, talking, held] = entry.spent.map(|millis| Duration::from_millis(millis.into()));
        let total = Duration::from_millis(entry.stage_since.into());
        CallTimes { total, queued, alerting, talking, held }
    }

    /// Its parties, in the order in which they came to it.
    pub fn parties(&self) -> impl Iterator<Item = Party<'t>> + Clone + use<'t> {
        self.listed().filter(|party| party.entry.traits.role() != PartyRole::Queue)
    }

    /// The party at a device.
    #[must_use]
    pub fn party(&self, device: Text<'_>) -> Option<Party<'t>> {
        self.parties().find(|party| self.tracker.names.is(party.entry.name, device.as_bytes()))
    }

    /// The skill groups that it waits for, by peripheral and number, and since when.
    pub fn queues(&self) -> impl Iterator<Item = (u32, u32, Instant)> + Clone + use<'t> {
        let (tracker, began) = (self.tracker, self.entry.began);
        self.listed().filter(|party| party.entry.traits.role() == PartyRole::Queue).map(move |party| {
            let (peripheral_id, number) = parties::queue_of(tracker.names.bytes(party.entry.name));
            (peripheral_id, number, later(began, party.entry.since))
        })
    }

    fn listed(&self) -> impl Iterator<Item = Party<'t>> + Clone + use<'t> {
        let (tracker, began) = (self.tracker, self.entry.began);
        tracker.parties_from(self.entry.parties).map(move |entry| Party { tracker, entry, began })
    }

    /// The call that this one was made to consult about, or that it was merged into, as long as that is there.
    #[must_use]
    pub fn origin(&self) -> Option<CallHandle> {
        self.entry.origin.filter(|origin| self.tracker.calls.is_live(*origin))
    }

    /// The same, to be looked at.
    #[must_use]
    pub fn origin_call(&self) -> Option<Self> {
        let handle = self.origin()?;
        Some(Self { handle, entry: self.tracker.calls.get(handle)?, ..*self })
    }

    /// Its data, as far as it is kept.
    #[must_use]
    pub fn data(&self) -> CallData<'t> {
        CallData::new(self.tracker.region_of(self.handle.slot()))
    }

    /// Its type; `NULL_CALLTYPE` if it is not known.
    #[must_use]
    pub const fn call_type(&self) -> CallType {
        self.entry.call_type
    }

    /// The peripheral that it is at; of an announced call, 0.
    #[must_use]
    pub const fn peripheral_id(&self) -> u32 {
        self.entry.peripheral_id
    }

    /// The service that it is attributed to, by its number at the peripheral (Unified CCX: the application).
    #[must_use]
    pub fn service_number(&self) -> Option<u32> {
        Some(self.entry.service_number).filter(|number| *number != NULL_SERVICE)
    }

    /// The service, by its ID in the central database.
    #[must_use]
    pub fn service_id(&self) -> Option<u32> {
        Some(self.entry.service_id).filter(|id| *id != NULL_SERVICE)
    }

    /// The skill group that it is attributed to, by its number at the peripheral (Unified CCX: the CSQ).
    #[must_use]
    pub fn skill_group_number(&self) -> Option<u32> {
        Some(self.entry.skill_group_number).filter(|number| *number != NULL_SKILL_GROUP)
    }

    /// The skill group, by its ID in the central database.
    #[must_use]
    pub fn skill_group_id(&self) -> Option<u32> {
        Some(self.entry.skill_group_id).filter(|id| *id != NULL_SKILL_GROUP)
    }

    /// The ID of its call type in the central database; 0 if it is not known.
    #[must_use]
    pub const fn call_type_id(&self) -> u32 {
        self.entry.call_type_id
    }

    /// The router's key, if it was routed.
    #[must_use]
    pub fn router_call_key(&self) -> Option<RouterCallKey> {
        self.entry.has(flag::KEY).then_some(self.entry.key)
    }

    /// The cause that its last event with a cause gave.
    #[must_use]
    pub const fn cause(&self) -> EventCause {
        self.entry.cause
    }

    /// What became of the called party; 0 if nothing was said.
    #[must_use]
    pub const fn disposition(&self) -> DispositionCode {
        self.entry.disposition
    }

    /// What its recording is at.
    #[must_use]
    pub const fn recording(&self) -> Playing {
        self.entry.recording
    }

    /// What its agent greeting is at.
    #[must_use]
    pub const fn greeting(&self) -> Playing {
        self.entry.greeting
    }

    /// Whether media goes to any phone of the call, and whether it comes from any: of an agent, for only these are told
    /// of. Which phone it is, its [`Party`] says.
    #[must_use]
    pub fn media(&self) -> (bool, bool) {
        let parties = self.tracker.parties_from(self.entry.parties);
        directions(parties.fold(self.entry.flags, |flags, party| flags | party.traits.media()))
    }

    /// Whether BEGIN_CALL_EVENT was seen.
    #[must_use]
    pub const fn is_begun(&self) -> bool {
        self.entry.has(flag::BEGUN)
    }

    /// Whether it has left for another network.
    #[must_use]
    pub const fn has_reached_network(&self) -> bool {
        self.entry.has(flag::NETWORK)
    }

    /// Whether parties or queues of it could not be kept.
    #[must_use]
    pub const fn is_incomplete(&self) -> bool {
        self.entry.has(flag::CROWDED)
    }

    /// Whether data of it could not be kept.
    #[must_use]
    pub const fn is_data_cut(&self) -> bool {
        self.entry.has(flag::CUT)
    }

    /// Whether nothing was heard of it since the session was lost.
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        self.entry.epoch != self.tracker.epoch
    }
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Parties<'a, 't>(&'a Call<'t>);
        impl fmt::Debug for Parties<'_, '_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_list().entries(self.0.parties()).finish()
            }
        }
        f.debug_struct("Call")
            .field("id", &self.id())
            .field("stage", &self.stage())
            .field("parties", &Parties(self))
            .finish_non_exhaustive()
    }
}

/// A device that takes part in a call.
#[derive(Clone, Copy)]
pub struct Party<'t> {
    tracker: &'t CallTracker<'t>,
    entry: &'t PartyEntry,
    began: Instant,
}

impl<'t> Party<'t> {
    /// The device; cut if its ID has more than 19 bytes.
    #[must_use]
    pub fn device(&self) -> Text<'t> {
        self.tracker.names.text(self.entry.name)
    }

    /// What kind of device it is.
    #[must_use]
    pub const fn device_type(&self) -> DeviceIdType {
        self.entry.device_type
    }

    /// The state of its connection.
    #[must_use]
    pub const fn state(&self) -> LocalConnectionState {
        self.entry.state.value()
    }

    /// What it is to the call.
    #[must_use]
    pub const fn role(&self) -> PartyRole {
        self.entry.traits.role()
    }

    /// Whether media goes to its phone, and whether it comes from there.
    #[must_use]
    pub const fn media(&self) -> (bool, bool) {
        directions(self.entry.traits.media())
    }

    /// Since when its connection is in this state.
    #[must_use]
    pub const fn since(&self) -> Instant {
        later(self.began, self.entry.since)
    }
}

impl fmt::Debug for Party<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}", self.device(), self.state())
    }
}

impl PartyEntry {
    /// Since when, for a call that began then.
    pub(super) const fn since(&self, began: Instant) -> Instant {
        later(began, self.since)
    }
}

/// Input and output.
const fn directions(flags: u8) -> (bool, bool) {
    (flags & flag::RTP_INPUT != 0, flags & flag::RTP_OUTPUT != 0)
}

/// The moment `millis` after `began`.
const fn later(began: Instant, millis: u32) -> Instant {
    began.after(Duration::from_millis(millis as u64))
}
