//! Calls: who talks to whom, since when, with which data, and who waits.

mod announce;
mod data;
mod entry;
mod event;
mod join;
mod parties;
mod snapshot;
mod storage;
mod view;

use core::fmt;
use core::time::Duration;

pub use data::{CallData, CallFields};
pub use entry::{
    CallChanges, CallEnd, CallEntry, CallHandle, CallStage, PartyEntry, PartyRole, Playing, RouterCallKey,
};
pub use storage::{CallLinks, CallParts, CallSlot, CallStorage, PartySlot};
pub use view::{Call, CallTimes, Party};

use crate::error::DecodeError;
use crate::message::MessageType;
use crate::session::Instant;
use crate::track::change::{Change, Observed, TableCounters};
use crate::track::handle::Spot;
use crate::track::link::Link;
use crate::track::links::Beside;
use crate::track::names::Names;
use crate::track::pool::Pool;
use crate::track::table::{Groups, Table};
use crate::track::told::Told;
use crate::value::{ConnectionDeviceIdType, DeviceIdType, NULL_CALL_ID};
use crate::wire::{Frame, IS_FAST, Text};
use announce::Announcements;
use data::{Named, Region};
use entry::{BY_ID, BY_KEY, BY_SERVICE, BY_SKILL_GROUP, flag, hash_of_group, hash_of_id, hash_of_key};
use event::{is_announcement, is_heard, is_of_media};
use join::Origins;
use parties::Device;

/// Slots that are looked at for calls to be given up, at a time.
const SWEPT: usize = 64;
/// Milliseconds that messages let such looks wait at least.
const SWEEP_PAUSE: u64 = 100;
/// Ends that are forgotten at most to make room for a name.
const FORGOTTEN_FOR_A_NAME: usize = 4;

/// Something that is different of a call.
pub type CallChange = Change<CallEntry>;

/// What names a call: the three together, for several calls may share a call ID.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ConnectionId<'a> {
    /// `ConnectionCallID`.
    pub call_id: u32,
    /// `ConnectionDeviceIDType`.
    pub device_id_type: ConnectionDeviceIdType,
    /// `ConnectionDeviceID`, opaque.
    pub device_id: Text<'a>,
}

/// The same in an event, without what may stand behind the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Id<'a> {
    call_id: u32,
    device_type: ConnectionDeviceIdType,
    device: &'a [u8],
}

impl<'a> Id<'a> {
    fn new(call_id: u32, device_type: ConnectionDeviceIdType, device: Option<Text<'a>>) -> Self {
        Self { call_id, device_type, device: device.map_or(&[], Text::as_bytes) }
    }

    /// The name of the call in an event.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn of(told: &Told<'a>) -> Self {
        Self::new(told.call_id(), told.device_id_type(), told.device_id())
    }

    /// The other one, where there are two: its new name, or that of the secondary call.
    fn other(told: &Told<'a>) -> Self {
        Self::new(told.other_call_id(), told.other_device_id_type(), told.other_device_id())
    }

    /// The device in the name, where an event names none.
    const fn own_device(&self) -> Device<'a> {
        Device { id: self.device, kind: DeviceIdType::DEVID_NONE }
    }

    /// Whether it names anything.
    const fn is_null(&self) -> bool {
        self.call_id == NULL_CALL_ID
    }
}

/// How long the tracker waits for what may have been lost. A call that is given up ends with [`CallEnd::Expired`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Patience {
    /// For END_CALL_EVENT, when a call was cleared or merged.
    pub over: Duration,
    /// For a call that was announced.
    pub announced: Duration,
    /// For any word of a call that was never begun.
    pub unannounced: Duration,
    /// For any word of any other call.
    pub silent: Duration,
}

impl Patience {
    /// Two minutes, five minutes, an hour, a day.
    pub const USUAL: Self = Self {
        over: Duration::from_secs(120),
        announced: Duration::from_secs(300),
        unannounced: Duration::from_secs(3_600),
        silent: Duration::from_secs(86_400),
    };
}

/// How a call tracker works. What it does not do takes no flash.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallConfig {
    /// Which call data to keep, as far as the storage has room.
    pub keep: CallFields,
    /// Whether to follow media streams, recordings and greetings.
    pub media: bool,
    /// Whether to take up calls that are announced before they begin: by pre-calls and translation routes.
    pub announced: bool,
    /// Whether calls are found by skill group and by service: by [`in_skill_group`](CallTracker::in_skill_group) and
    /// [`in_service`](CallTracker::in_service), which find none otherwise.
    pub groups: bool,
    /// Whether to find out which call a call belongs to: see [`Call::origin`] and
    /// [`consults_of`](CallTracker::consults_of). Otherwise none belongs to another.
    pub origins: bool,
    /// When to give up calls.
    pub patience: Patience,
}

impl CallConfig {
    /// All data, media, announced calls, calls by their groups, their origins, the usual patience.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            keep: CallFields::ALL,
            media: true,
            announced: true,
            groups: true,
            origins: true,
            patience: Patience::USUAL,
        }
    }
}

impl Default for CallConfig {
    fn default() -> Self {
        Self::new()
    }
}

/// How a call tracker is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct CallCounters {
    /// The table of calls.
    pub calls: TableCounters,
    /// Parties and queues of all calls.
    pub parties: TableCounters,
    /// Devices and queues.
    pub names: TableCounters,
    /// Calls taken up by another event than BEGIN_CALL_EVENT, which was late, lost or before our time.
    pub unannounced: u32,
    /// Events that mean no call that is known.
    pub unknown: u32,
    /// Events that came when their call was over.
    pub late: u32,
    /// Calls that were given up as nothing was heard of them.
    pub expired: u32,
    /// Calls whose ID another one began with.
    pub superseded: u32,
    /// Calls that were not found again after a loss of the session, or in a snapshot.
    pub gone: u32,
    /// Values of call data for which there was no room.
    pub data_dropped: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    unannounced: u32,
    unknown: u32,
    late: u32,
    expired: u32,
    superseded: u32,
    gone: u32,
    data_dropped: u32,
}

/// How well a name fits a call of its call ID, the better the more.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Fit {
    CallId,
    /// Its device is a party.
    Party,
    /// There was no room to keep the device that the call is named by.
    Unnamed,
    Named,
}

/// Counts one more.
#[cfg_attr(target_pointer_width = "32", inline(never))]
fn count(counter: &mut u32) {
    *counter = counter.saturating_add(1);
}

/// The calls of a contact centre, or of an agent.
///
/// ```
/// use cti_proto::message::{BeginCallEvent, CallDeliveredEvent, CallEstablishedEvent};
/// use cti_proto::session::Instant;
/// use cti_proto::track::{CallConfig, CallStage, CallStorage, CallTracker, Change};
/// use cti_proto::value::DeviceIdType;
/// use cti_proto::{Frame, Parsed, Protocol, encode};
///
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// // In a `static` on a microcontroller: 32 calls, their parties, 64 bytes of data each.
/// let mut storage = CallStorage::<32, 64, 64, 64>::new();
/// let mut calls = CallTracker::new(CallConfig::new(), storage.parts());
///
/// # let protocol = Protocol::cce(24)?;
/// # let (mut a, mut b, mut c) = ([0; 512], [0; 512], [0; 512]);
/// # let begin = BeginCallEvent { connection_call_id: 7, connection_device_id: Some("5001".into()), ani: Some("2065551234".into()), ..Default::default() };
/// # let delivered = CallDeliveredEvent { connection_call_id: 7, connection_device_id: Some("5001".into()), alerting_device_type: DeviceIdType::DEVID_AGENT_DEVICE, alerting_device_id: Some("5001".into()), calling_device_id: Some("2065551234".into()), ..Default::default() };
/// # let established = CallEstablishedEvent { connection_call_id: 7, connection_device_id: Some("5001".into()), answering_device_id: Some("5001".into()), ..Default::default() };
/// # let frames = [encode(protocol, &begin, &mut a)?, encode(protocol, &delivered, &mut b)?, encode(protocol, &established, &mut c)?];
/// # let frames = frames.map(|bytes| match Frame::parse(protocol, bytes) { Ok(Parsed::Frame(frame, _)) => frame, _ => panic!() });
/// // With each frame that the session delivers:
/// let mut now = Instant::ZERO;
/// for frame in frames {
///     calls.observe(now, &frame)?;
///     now = Instant::from_millis(now.as_millis() + 1_000);
/// }
///
/// // Now and then:
/// while let Some(change) = calls.poll_change() {
///     if let Change::Changed(handle, what) = change {
///         println!("row {}: {:?} ({what:?})", handle.slot(), calls.get(handle));
///     }
/// }
///
/// let call = calls.at_device("5001".into()).next().ok_or("no call")?;
/// assert_eq!(call.stage(), CallStage::Talking);
/// assert_eq!(call.data().ani(), Some("2065551234".into()));
/// assert_eq!(call.times(now).alerting.as_secs(), 1);
/// # Ok(())
/// # }
/// ```
///
/// # How events become a picture
///
/// A call is an entry, named by the triple that BEGIN_CALL_EVENT gives it ([`ConnectionId`]). Events set the states of its
/// parties, and its stage follows from these. A party is a device; a device is in a call once. Setting a state twice
/// changes nothing, so that an event which comes twice, by two monitors or after a switch of sides, does no harm.
///
/// | event | parties |
/// | --- | --- |
/// | SERVICE_INITIATED, ORIGINATED | the calling device dials; with `LCS_CONNECT` or none it is connected |
/// | DELIVERED | the alerting device rings (with `LCS_INITIATE`: is seized), the calling one is connected; the device it was redirected from leaves, if it rang or queued |
/// | QUEUED, DEQUEUED | the skill groups named are queues of the call, or no longer; none named: all; the queue device queues |
/// | ESTABLISHED | the answering device is connected, and the calling one; if it is no port, all queues are left |
/// | HELD, RETRIEVED, FAILED | holding, connected, failed |
/// | DIVERTED, CONNECTION_CLEARED | the device leaves; from a queue: and all queues |
/// | CLEARED | all leave |
/// | CONFERENCED, TRANSFERRED | the list of parties is who is in the resulting call; without a list, those of both calls, without the transferring device; the other call is [`Merged`](CallStage::Merged) |
///
/// The resulting call is the one whose ID the parties have, mostly the primary one; if neither has it, the primary call
/// takes that ID.
///
/// # What goes wrong on the way
///
/// | case | what is made of it |
/// | --- | --- |
/// | an event names a device that no call of its call ID is named by | it is meant for the call of this call ID that the device takes part in, or else for the only one of this call ID |
/// | an event of a call that is not known: BEGIN is late, lost, or was before our time | the call is taken up, and counted (`unannounced`); BEGIN completes it. Events that tell of an end, of media, of recording and of greetings take nothing up (`unknown`) |
/// | BEGIN of a call that is known | completes it; but if it was over, that one ends ([`Superseded`](CallEnd::Superseded)) |
/// | END names another device than the call | it ends the only call of this call ID, if that is over |
/// | END is missing | when cleared or merged, the call is given up after [`Patience`]; a call of which nothing is heard, after a day |
/// | an event after CLEARED, or for a merged call | counted (`late`); nothing but END and data change it |
/// | an event after END | as for a call that is not known; what it takes up is given up after an hour |
/// | pre-call or translation route before BEGIN | [`Announced`](CallStage::Announced) under its router call key, until BEGIN brings the same key |
/// | pre-call after BEGIN | completes what the call does not have |
/// | pre-call aborted | the announced call ends; one that has begun stays |
/// | DATA_UPDATE with another identity | the call is renamed; if there is a call of this name already, the two become that one |
/// | CALL_ATTRIBUTE_CHANGE_EVENT, which names no call | meant for the only call at its device, else `unknown` |
/// | the session is lost | [`session_lost`](Self::session_lost): all calls are [stale](Call::is_stale) until something is heard of them; [`resynchronised`](Self::resynchronised): those still stale end |
/// | a call is in a snapshot | SNAPSHOT_CALL_CONF sets type, data and all parties; SNAPSHOT_DEVICE_CONF takes up the calls listed, and [`reconcile_device`](Self::reconcile_device) ends those that are not |
/// | the table is full | of 64 entries, taken in turn, the first goes that is over, else announced, else stale or never begun; if there is none, the new call is not taken up (`refused`) |
/// | parties or names are full | the call goes on without the party, and [says so](Call::is_incomplete) |
///
/// What is given up is looked for in 64 slots with a message of calls, at most ten times a second, and in
/// [`sweep`](Self::sweep): nothing here takes time that grows with the table.
pub struct CallTracker<'s> {
    calls: Table<'s, CallEntry, 2, 2, Beside<4>>,
    parties: Pool<'s, PartyEntry, 1>,
    names: Names<'s>,
    data: &'s mut [u8],
    /// Bytes of data a call.
    share: usize,
    config: CallConfig,
    /// What keeps data, if any are to be kept: a program that keeps none does not have it.
    keeper: Option<Keeper>,
    /// The same for media, and for announcements.
    media: Option<Taker>,
    announcements: Option<&'static Announcements>,
    origins: Option<&'static Origins>,
    now: Instant,
    /// Counts the sessions that were lost.
    epoch: u8,
    /// Whether stale calls end.
    purging: bool,
    /// The next slots to be looked at for calls to be given up: with messages, and in sweeps.
    cursor: usize,
    swept: usize,
    /// When messages made the tracker look for these last.
    looked: Instant,
    counts: Counts,
}

type Taker = fn(&mut CallTracker<'_>, &Told<'_>);
/// Takes data of a call: of a new one, none.
type Keeper = fn(&mut CallTracker<'_>, Spot, Option<&Told<'_>>, Named);

impl<'s> CallTracker<'s> {
    /// A tracker that knows no calls.
    #[must_use]
    #[inline]
    pub fn new(config: CallConfig, parts: CallParts<'s>) -> Self {
        let (data, share) = match config.keep {
            CallFields::NONE => (&mut [][..], 0),
            _ => shares(parts.data, parts.calls.len()),
        };
        let keeper: Keeper = |tracker, spot, told, named| tracker.keep(spot, told, named);
        let media: Taker = |tracker, told| tracker.hear_of_media(told);
        Self {
            calls: Table::with_links(parts.calls, parts.links, config.groups.then_some(&Groups::ALL)),
            parties: Pool::new(parts.parties),
            names: Names::new(parts.names, parts.name_buckets),
            data,
            share,
            config,
            keeper: (config.keep != CallFields::NONE).then_some(keeper),
            media: config.media.then_some(media),
            announcements: config.announced.then_some(&Announcements::ALL),
            origins: config.origins.then_some(&Origins::ALL),
            now: Instant::ZERO,
            epoch: 0,
            purging: false,
            cursor: 0,
            swept: 0,
            looked: Instant::ZERO,
            counts: Counts::default(),
        }
    }

    /// How it is doing.
    #[must_use]
    pub const fn counters(&self) -> CallCounters {
        let counts = self.counts;
        CallCounters {
            calls: self.calls.counters(),
            parties: self.parties.counters(),
            names: self.names.counters(),
            unannounced: counts.unannounced,
            unknown: counts.unknown,
            late: counts.late,
            expired: counts.expired,
            superseded: counts.superseded,
            gone: counts.gone,
            data_dropped: counts.data_dropped,
        }
    }

    /// How many calls there are, announced ones included.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.calls.counters().live
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    // ---- looking ------------------------------------------------------------------------------

    /// The call; also one whose end was told last.
    #[must_use]
    pub fn get(&self, handle: CallHandle) -> Option<Call<'_>> {
        let entry = self.calls.get(handle)?;
        Some(Call::new(self, handle, entry))
    }

    /// All calls, announced ones included, in no order.
    pub fn iter(&self) -> impl Iterator<Item = Call<'_>> + Clone {
        self.calls.iter().map(|(handle, entry)| Call::new(self, handle, entry))
    }

    /// The call of this name.
    #[must_use]
    pub fn find(&self, id: &ConnectionId<'_>) -> Option<Call<'_>> {
        self.with_call_id(id.call_id).find(|call| call.is_named(id))
    }

    /// The calls that share a call ID, 32 at most.
    pub fn with_call_id(&self, call_id: u32) -> impl Iterator<Item = Call<'_>> + Clone {
        self.of_call_id(call_id).map(|(handle, entry)| Call::new(self, handle, entry))
    }

    /// The calls that a task of the router has become, 32 at most.
    pub fn with_router_call_key(&self, key: RouterCallKey) -> impl Iterator<Item = Call<'_>> + Clone {
        let calls = self.calls.under(BY_KEY, hash_of_key(&key)).filter(move |(_, entry)| entry.key == key);
        calls.map(|(handle, entry)| Call::new(self, handle, entry))
    }

    /// The calls that a device takes part in, in the order in which it came to them: an agent's phone by its extension or
    /// its instrument, a route point, a number outside.
    pub fn at_device<'t>(&'t self, device: Text<'_>) -> impl Iterator<Item = Call<'t>> + Clone + use<'t, 's> {
        let name = self.names.find(device.as_bytes());
        self.calls_of(name.unwrap_or(Link::NONE)).map(|(call, _)| call)
    }

    /// The calls that wait in the queue of a skill group, with the moments since which they do, the longest wait first.
    pub fn queued_at(&self, peripheral_id: u32, skill_group_number: u32) -> impl Iterator<Item = (Call<'_>, Instant)> {
        let name = self.names.find(&parties::queue_name(peripheral_id, skill_group_number));
        let calls = self.calls_of(name.unwrap_or(Link::NONE));
        calls.map(|(call, party)| (call, party.since(call.began())))
    }

    /// The calls that are attributed to a skill group (Unified CCX: a CSQ).
    pub fn in_skill_group(&self, peripheral_id: u32, number: u32) -> impl Iterator<Item = Call<'_>> + Clone {
        let calls = self.calls.group(BY_SKILL_GROUP, hash_of_group(peripheral_id, number));
        let calls =
            calls.filter(move |(_, entry)| entry.peripheral_id == peripheral_id && entry.skill_group_number == number);
        calls.map(|(handle, entry)| Call::new(self, handle, entry))
    }

    /// The calls that are attributed to a service (Unified CCX: an application).
    pub fn in_service(&self, peripheral_id: u32, number: u32) -> impl Iterator<Item = Call<'_>> + Clone {
        let calls = self.calls.group(BY_SERVICE, hash_of_group(peripheral_id, number));
        let calls =
            calls.filter(move |(_, entry)| entry.peripheral_id == peripheral_id && entry.service_number == number);
        calls.map(|(handle, entry)| Call::new(self, handle, entry))
    }

    /// The consult calls that parties of this call have made, and that are still there.
    pub fn consults_of(&self, handle: CallHandle) -> impl Iterator<Item = Call<'_>> + Clone {
        let parties = self.calls.get(handle).map_or(Link::NONE, |entry| entry.parties);
        let calls = self.parties_from(parties).flat_map(|party| self.calls_of(party.name));
        calls.map(|(call, _)| call).filter(move |call| call.origin() == Some(handle) && !call.stage().is_over())
    }

    // ---- being told ---------------------------------------------------------------------------

    /// Takes what a message says of calls.
    ///
    /// # Errors
    /// [`DecodeError`] if the message is one of calls, and its body ends too soon, or has a field of a size that it cannot
    /// have. Of fields that say nothing to trackers the size is not looked at.
    pub fn observe(&mut self, now: Instant, frame: &Frame<'_>) -> Result<Observed, DecodeError> {
        if !self.hears(frame.message_type()) {
            return Ok(Observed::Irrelevant);
        }
        let mut told = Told::new(frame);
        if IS_FAST { told.read_with(|told| self.fetch(told)) } else { told.read() }?;
        Ok(self.take(now, &told))
    }

    /// Whether a message means anything to the tracker.
    #[inline]
    pub(super) fn hears(&self, message: MessageType) -> bool {
        is_heard(message) || self.taker(message).is_some()
    }

    /// Takes a message that not every tracker hears.
    fn hear_of_others(&mut self, told: &Told<'_>) {
        if let Some(take) = self.taker(told.message_type()) {
            take(self, told);
        }
    }

    /// What takes messages that not every tracker hears.
    #[inline]
    fn taker(&self, message: MessageType) -> Option<Taker> {
        match message {
            message if is_of_media(message) => self.media,
            message if is_announcement(message) => self.announcements.map(|announcements| announcements.hear),
            _ => None,
        }
    }

    /// Has a processor that works ahead fetch what is kept of the call of a message, while the rest of the message is read:
    /// of many calls, most are not in its caches.
    #[inline(always)]
    pub(super) fn fetch(&self, told: &Told<'_>) {
        if IS_FAST {
            let mut calls = self.calls.under(BY_ID, hash_of_id(told.call_id()));
            let first =
                calls.next().map(|(handle, call)| (call.stage_since, self.region_of(handle.slot()).first().copied()));
            core::hint::black_box(first);
        }
    }

    /// Takes what a message says that it hears.
    pub(super) fn take(&mut self, now: Instant, told: &Told<'_>) -> Observed {
        self.now = self.now.max(now);
        let before = self.calls.marks();
        self.hear_of_calls(told);
        if self.now.as_millis().saturating_sub(self.looked.as_millis()) >= SWEEP_PAUSE {
            self.looked = self.now;
            self.cursor = self.look_for_expired(self.cursor, SWEPT);
        }
        if self.calls.marks() == before { Observed::Unchanged } else { Observed::Changed }
    }

    /// What is different: to be taken until there is nothing more. See [`track`](crate::track#changes).
    #[must_use]
    pub fn poll_change(&mut self) -> Option<CallChange> {
        self.forget_leaving();
        self.calls.poll()
    }

    /// The session with the server is gone: calls go on, but nobody tells of them. All are stale from now on, each until
    /// something is heard of it. The stale are not told as changes: they are all.
    pub fn session_lost(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
        self.purging = false;
    }

    /// A new session has told of all calls there are, or the application has asked for them: those still stale end
    /// ([`CallEnd::Gone`]) as they are come across, all of them by the time that [`sweep`](Self::sweep) has gone round.
    ///
    /// A session for Client Events is told of calls in progress by BEGIN_CALL_EVENT; with All Events calls are heard of
    /// as they go on, and a snapshot tells of the others. A minute is a good time to wait.
    pub const fn resynchronised(&mut self) {
        self.purging = true;
    }

    /// Looks at the next 64 slots for calls to be given up. `true` when it has come to the end of the table, from where it
    /// begins anew. To be called now and then: events make the tracker do it too, but there may be none.
    pub fn sweep(&mut self, now: Instant) -> bool {
        self.now = self.now.max(now);
        self.swept = self.look_for_expired(self.swept, SWEPT);
        self.swept == 0
    }

    /// Forgets all calls, without telling of their ends.
    pub fn clear(&mut self) {
        for index in 0..self.calls.len() {
            self.end(Spot::at(index), CallEnd::Gone);
        }
        while self.poll_change().is_some() {}
    }

    // ---- the table ----------------------------------------------------------------------------

    /// Takes up a call, by its name or else as one that is announced. `None` if the table is full, and nothing may go.
    fn take_up(&mut self, id: Option<&Id<'_>>, peripheral_id: u32, key: Option<RouterCallKey>) -> Option<Spot> {
        self.make_room()?;
        let (began, epoch) = (self.now, self.epoch);
        let mut entry = CallEntry::UNKNOWN;
        (entry.began, entry.epoch, entry.peripheral_id) = (began, epoch, peripheral_id);
        if let Some(key) = key {
            entry.set_key(key);
        }
        match id {
            Some(id) => {
                (entry.call_id, entry.device_type) = (id.call_id, id.device_type);
                entry.device = self.take_name(id.device).unwrap_or(Link::NONE);
            }
            None => entry.stage = CallStage::Announced,
        }
        let Some(handle) = self.calls.insert(entry) else {
            self.names.put_back(entry.device);
            return None;
        };
        let spot = handle.spot();
        if let Some(keep) = self.keeper {
            keep(self, spot, None, Named::All);
        }
        self.calls.mark_at(spot, CallChanges::NEW);
        Some(spot)
    }

    fn make_room(&mut self) -> Option<()> {
        self.forget_leaving();
        if self.calls.has_free() {
            return Some(());
        }
        if self.calls.oldest_end().is_none() {
            let epoch = self.epoch;
            let victim = self.calls.victim(|_, entry| match entry.stage {
                stage if stage.is_over() => Some(0),
                CallStage::Announced => Some(1),
                _ => (entry.epoch != epoch || !entry.has(flag::BEGUN)).then_some(2),
            });
            let Some(victim) = victim else {
                self.calls.refuse();
                return None;
            };
            self.strip(victim.spot(), CallEnd::Evicted);
            self.calls.evict(victim);
        }
        self.forget_oldest_end();
        Some(())
    }

    /// Ends a call, for whatever reason.
    fn end(&mut self, spot: Spot, why: CallEnd) {
        if let Some(handle) = self.calls.handle_of(spot) {
            self.strip(spot, why);
            self.calls.end(handle);
        }
    }

    /// Takes from a call what others can have, before it ends.
    fn strip(&mut self, spot: Spot, why: CallEnd) {
        self.leave_all(spot, |_| true);
        let now = self.now;
        if let Some(entry) = self.calls.look_mut(spot) {
            let settled = entry.stage.is_over() || entry.stage == CallStage::Announced;
            if !settled {
                entry.enter(CallStage::Cleared, now);
            }
            entry.end = why;
        }
        self.calls.mark_at(spot, CallChanges::STAGE);
    }

    fn forget_leaving(&mut self) {
        if let Some(device) = self.calls.leaving().map(|(_, entry)| entry.device) {
            self.names.put_back(device);
            self.calls.forget_leaving();
        }
    }

    fn forget_oldest_end(&mut self) {
        if let Some(device) = self.calls.oldest_end().map(|(_, entry)| entry.device) {
            self.names.put_back(device);
            self.calls.forget_oldest_end();
        }
    }

    /// A name in use once more. For want of room, ends that nobody took are forgotten.
    fn take_name(&mut self, name: &[u8]) -> Option<Link> {
        for _ in 0..FORGOTTEN_FOR_A_NAME {
            if self.names.has_room_for(name) || self.calls.oldest_end().is_none() {
                break;
            }
            self.forget_oldest_end();
        }
        self.names.take(name)
    }

    /// Ends what was waited for long enough, among `slots` slots from `first` on. Where to go on: at the end, from 0.
    fn look_for_expired(&mut self, first: usize, slots: usize) -> usize {
        let end = first.saturating_add(slots);
        for index in first..end.min(self.calls.len()) {
            let expired = self.calls.at(index).and_then(|(handle, entry)| Some((handle.spot(), self.expiry(entry)?)));
            let Some((spot, why)) = expired else { continue };
            count(if why == CallEnd::Gone { &mut self.counts.gone } else { &mut self.counts.expired });
            self.end(spot, why);
        }
        if end < self.calls.len() { end } else { 0 }
    }

    fn expiry(&self, entry: &CallEntry) -> Option<CallEnd> {
        if entry.epoch != self.epoch && self.purging {
            return Some(CallEnd::Gone);
        }
        let patience = &self.config.patience;
        let patience = match entry.stage {
            CallStage::Announced => patience.announced,
            stage if stage.is_over() => patience.over,
            _ if entry.has(flag::BEGUN) => patience.silent,
            _ => patience.unannounced,
        };
        let silence = entry.offset(self.now).saturating_sub(entry.heard);
        (Duration::from_millis(silence.into()) > patience).then_some(CallEnd::Expired)
    }

    // ---- finding ------------------------------------------------------------------------------

    /// The call of exactly this name, or else the one of this call ID whose device there was no room to keep.
    fn exactly(&self, id: &Id<'_>) -> Option<Spot> {
        self.nearest(id, Fit::Unnamed)
    }

    /// The call that an event means by this name: the one of this name, else the one of this call ID that the device takes
    /// part in, else the only one of this call ID.
    fn meant(&self, id: &Id<'_>) -> Option<Spot> {
        if id.is_null() {
            return None;
        }
        // Mostly there is only one, whatever it is named by.
        let mut calls = self.of_call_id(id.call_id).map(|(handle, _)| handle.spot());
        let (only, other) = (calls.next(), calls.next());
        if other.is_none() { only } else { self.nearest(id, Fit::Party) }
    }

    fn of_call_id(&self, call_id: u32) -> impl Iterator<Item = (CallHandle, &CallEntry)> + Clone {
        self.calls.under(BY_ID, hash_of_id(call_id)).filter(move |(_, entry)| entry.call_id == call_id)
    }

    /// The call that a name fits best, if it fits as well as this.
    fn nearest(&self, id: &Id<'_>, least: Fit) -> Option<Spot> {
        let mut nearest = None;
        let mut best = Fit::CallId;
        for (handle, entry) in self.of_call_id(id.call_id) {
            let fit = self.fit(id, entry);
            if fit > best && fit >= least {
                (nearest, best) = (Some(handle.spot()), fit);
            }
        }
        nearest
    }

    fn fit(&self, id: &Id<'_>, entry: &CallEntry) -> Fit {
        let is_of_type = entry.device_type == id.device_type;
        match () {
            () if is_of_type && self.names.is(entry.device, id.device) => Fit::Named,
            () if is_of_type && entry.device.is_none() => Fit::Unnamed,
            () if !self.party_at(entry, id.device).is_none() => Fit::Party,
            () => Fit::CallId,
        }
    }

    /// The call that an event means; one that is not known is taken up.
    fn meant_or_new(&mut self, id: &Id<'_>, peripheral_id: u32) -> Option<Spot> {
        if let Some(spot) = self.meant(id) {
            return Some(spot);
        }
        if id.is_null() {
            count(&mut self.counts.unknown);
            return None;
        }
        let spot = self.take_up(Some(id), peripheral_id, None)?;
        count(&mut self.counts.unannounced);
        Some(spot)
    }

    /// The call that an event means, if it is known.
    fn meant_or_counted(&mut self, id: &Id<'_>) -> Option<Spot> {
        let spot = self.meant(id);
        if spot.is_none() {
            count(&mut self.counts.unknown);
        }
        spot
    }

    /// Notes that a call was heard of.
    fn hear(&mut self, spot: Spot) {
        let (now, epoch) = (self.now, self.epoch);
        let what = self.calls.look_mut(spot).map(|entry| entry.hear(now, epoch));
        self.calls.mark_at(spot, what.unwrap_or_default());
    }

    /// Changes a value of a call that is no key; `what` changes if it was another.
    fn set<T: PartialEq>(&mut self, spot: Spot, place: fn(&mut CallEntry) -> &mut T, value: T, what: CallChanges) {
        let Some(entry) = self.calls.look_mut(spot) else { return };
        let place = place(entry);
        if *place != value {
            *place = value;
            self.calls.mark_at(spot, what);
        }
    }

    /// Has a call be what `new` says, keys included.
    fn replace(&mut self, spot: Spot, new: &CallEntry) {
        if let Some(handle) = self.calls.handle_of(spot) {
            self.calls.edit(handle, |entry| *entry = *new);
        }
    }

    /// Sets or clears a flag; `what` changes if that is new.
    fn set_flag(&mut self, spot: Spot, flag: u8, on: bool, what: CallChanges) {
        if self.calls.look_mut(spot).is_some_and(|entry| entry.set(flag, on)) {
            self.calls.mark_at(spot, what);
        }
    }

    fn is_over(&self, spot: Spot) -> bool {
        self.calls.look(spot).is_some_and(|entry| entry.stage.is_over())
    }

    // ---- data ---------------------------------------------------------------------------------

    fn region_of(&self, slot: usize) -> &[u8] {
        let from = slot.saturating_mul(self.share);
        self.data.get(from..from.saturating_add(self.share)).unwrap_or_default()
    }

    /// Keeps the call data that a message has.
    fn store(&mut self, spot: Spot, told: &Told<'_>, named: Named) {
        if let Some(keep) = self.keeper {
            keep(self, spot, Some(told), named);
        }
    }

    fn keep(&mut self, spot: Spot, told: Option<&Told<'_>>, named: Named) {
        let from = spot.index().saturating_mul(self.share);
        let region = self.data.get_mut(from..from.saturating_add(self.share)).unwrap_or_default();
        let Some(region) = Region::new(region, self.config.keep) else { return };
        let Some(told) = told else { return region.clear() };
        let stored = region.store(told, named.are_all(told));
        if stored.changed {
            self.calls.mark_at(spot, CallChanges::DATA);
        }
        if stored.dropped > 0 {
            self.counts.data_dropped = self.counts.data_dropped.saturating_add(stored.dropped);
            if let Some(entry) = self.calls.look_mut(spot) {
                entry.set(flag::CUT, true);
            }
        }
    }
}

/// The data in equal shares of `calls`, and the bytes of one. Where there is room to spare, they begin where lines of a
/// cache do: what most messages are compared with is in the first of a share.
fn shares(data: &mut [u8], calls: usize) -> (&mut [u8], usize) {
    const LINE: usize = 64;
    let share_of = |data: &[u8]| data.len().checked_div(calls).unwrap_or(0);
    let share = share_of(data);
    let front = data.as_ptr().align_offset(LINE);
    let from = match data.get(front..) {
        Some(rest) if IS_FAST && share_of(rest) == share => front,
        _ => 0,
    };
    (data.get_mut(from..).unwrap_or_default(), share)
}

impl fmt::Debug for CallTracker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallTracker").field("calls", &self.len()).finish_non_exhaustive()
    }
}
