//! The configuration: what there is, built from uploads in several parts and from updates.

mod entry;
mod kind;
mod observe;
mod record;
mod storage;

use core::fmt;

pub use self::entry::{ConfigChanges, ConfigEntry};
pub use self::kind::{ConfigKind, ConfigRecord};
pub use self::storage::{ConfigParts, ConfigSlot, ConfigStorage};

use self::entry::{BY_KIND, hash_of_kind, hash_of_target, key};
use self::kind::KINDS;
use self::record::{Key, Record};
use crate::message::ConfigRequestEvent;
use crate::protocol::Protocol;
use crate::track::change::{Change, TableCounters};
use crate::track::handle::Handle;
use crate::track::table::Table;
use crate::value::{ConfigEndStatus, ConfigMask, NULL_PERIPHERAL_ID};
use crate::wire::{ConfigKey, List, Text};

/// Slots that [`ConfigTracker::sweep`] looks at.
const SWEPT: usize = 64;

/// What of the configuration a tracker keeps.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ConfigScope {
    /// Which kinds to keep: the sum of [`ConfigKind::mask`]. Others are left aside.
    pub kinds: ConfigMask,
}

impl ConfigScope {
    /// All kinds.
    #[must_use]
    pub const fn new() -> Self {
        Self { kinds: ConfigMask(u32::MAX) }
    }
}

impl Default for ConfigScope {
    fn default() -> Self {
        Self::new()
    }
}

/// How a configuration tracker is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct ConfigCounters {
    /// The table of items.
    pub items: TableCounters,
    /// Records without a key, or whose key does not fit: they are not kept.
    pub keyless: u32,
    /// Records of which fields were left out, for want of room.
    pub cut: u32,
}

/// What is known of a kind.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// Counts the uploads.
    epoch: u16,
    /// The last upload that came to its end: items that were not named since are gone.
    floor: u16,
    /// An upload is going on: what it has not named yet may come.
    is_uploading: bool,
    /// An upload has come to its end: what it did not name is not there.
    is_complete: bool,
    /// Nothing can have been missed since.
    is_current: bool,
    /// Items.
    count: u32,
    /// Items that the upload has named so far.
    named: u32,
    /// The key of what is held.
    held: Option<ConfigKey>,
    /// The key that the upload going on brings.
    coming: Option<ConfigKey>,
}

impl Known {
    /// Whether an item is gone that upload number `epoch` was the last to name.
    const fn is_past(&self, epoch: u16) -> bool {
        self.epoch.wrapping_sub(epoch) > self.epoch.wrapping_sub(self.floor)
    }

    const NOTHING: Self = Self {
        epoch: 0,
        floor: 0,
        is_uploading: false,
        is_complete: false,
        is_current: false,
        count: 0,
        named: 0,
        held: None,
        coming: None,
    };
}

/// The configuration of a contact centre: services, skill groups, agents, devices, call types, media routing domains,
/// peripherals, agent desk settings, terminals and agent services.
///
/// Of each item the last record is kept as it came, and read when it is asked for. How much of a record is kept is the
/// storage's choice.
///
/// # Getting it
///
/// ```text
/// CONFIG_REQUEST_KEY_EVENT ->  CONFIG_KEY_EVENT <-  observe: kinds whose key is that of what is held are current
/// request(protocol)        ->  CONFIG_BEGIN_EVENT, records, CONFIG_END_EVENT <-  observe: what was not named goes
///                              CONFIG_BEGIN_EVENT (update), records, CONFIG_END_EVENT <-  observe
/// ```
///
/// [`request`](Self::request) asks for the kinds that are not current: for nothing, if the keys say that nothing has
/// changed since the last session. It must be sent also then, for without it no updates come.
///
/// # Rules
///
/// * **Which item.** An item is what its kind and its key say, and its peripheral, as far as both records name one. The
///   key is the `PeripheralNumber` of services and skill groups, the `LoginID` of agents, the ID of call types, domains,
///   peripherals, desk settings and (skill target ID) agent services, the name of terminals; of devices, which have none in
///   the guide, type, number, extension and dialed number together.
/// * **Upload.** The blocks of an upload belong together until one ends with another status than `CONFIGEND_PARTIAL`. With
///   `CONFIGEND_SUCCESS`, items of the uploaded kinds that were not named are gone: no lookup finds them from then on, and
///   their ends are told as the tracker comes across them ([`sweep`](Self::sweep)). Ended otherwise, nothing goes, and the
///   kinds are not current; with `CONFIGEND_EMPTY`, there is nothing.
/// * **Add** replaces what is known of the item. **Change** replaces the fields that it has, and lists as a whole; with
///   `OldPeripheralNumber` or `OldLoginID` it gives the item its new key, and an item that had it goes. What a change does
///   not name stays, but for the domains of an agent, which come in the first upload only. **Delete** ends the item.
/// * **Duplicates** change nothing, and neither does a record that says the same as before.
/// * **Loss.** With [`session_lost`](Self::session_lost) (or OPEN_CONF) all kinds are no longer current: what is held stays,
///   until keys or an upload say more. A FAILURE_EVENT with `E_CTI_AUTO_CONFIG_RESET` does the same.
/// * **Full.** See [`ConfigStorage`]. A kind is complete also if items were not taken up; [`ConfigCounters`] tells.
pub struct ConfigTracker<'s> {
    items: Table<'s, ConfigEntry, 2, 1>,
    records: &'s mut [u8],
    /// Bytes of a record.
    share: usize,
    scope: ConfigScope,
    known: [Known; KINDS],
    /// The keys that the server has told, if it has any.
    told: [Option<ConfigKey>; KINDS],
    status: ConfigEndStatus,
    cursor: usize,
    keyless: u32,
    cut: u32,
}

/// An item of the configuration.
#[derive(Clone, Copy)]
pub struct ConfigItem<'t> {
    handle: Handle<ConfigEntry>,
    entry: &'t ConfigEntry,
    bytes: &'t [u8],
}

impl<'s> ConfigTracker<'s> {
    /// A tracker that knows nothing.
    #[must_use]
    pub fn new(scope: ConfigScope, parts: ConfigParts<'s>) -> Self {
        let share = parts.records.len().checked_div(parts.items.len()).unwrap_or(0);
        Self {
            items: Table::new(parts.items),
            records: parts.records,
            share: share.min(u16::MAX.into()),
            scope,
            known: [Known::NOTHING; KINDS],
            told: [None; KINDS],
            status: ConfigEndStatus::CONFIGEND_SUCCESS,
            cursor: 0,
            keyless: 0,
            cut: 0,
        }
    }

    /// How it is doing.
    #[must_use]
    pub const fn counters(&self) -> ConfigCounters {
        ConfigCounters { items: self.items.counters(), keyless: self.keyless, cut: self.cut }
    }

    // ---- looking ------------------------------------------------------------------------------

    /// The item; also one whose end was told last.
    #[must_use]
    pub fn get(&self, item: Handle<ConfigEntry>) -> Option<ConfigItem<'_>> {
        Some(self.item(item, self.items.get(item)?))
    }

    /// All items of a kind.
    pub fn iter(&self, kind: ConfigKind) -> impl Iterator<Item = ConfigItem<'_>> + Clone {
        let items = self.items.group(BY_KIND, hash_of_kind(kind));
        items
            .filter(move |(_, entry)| entry.kind == kind && !self.is_gone(entry))
            .map(|(item, entry)| self.item(item, entry))
    }

    /// All records of a type, such as [`AgentRecord`](crate::message::AgentRecord).
    pub fn records<'t, R: ConfigRecord<'t>>(&'t self) -> impl Iterator<Item = R> {
        self.iter(R::KIND).filter_map(|item| item.record())
    }

    /// The item of this kind with a number as its key: see [the rules](Self#rules).
    #[must_use]
    pub fn find(&self, kind: ConfigKind, peripheral_id: u32, number: u32) -> Option<ConfigItem<'_>> {
        self.with_key(kind, peripheral_id, &Key::of_number(number)).and_then(|item| self.get(item))
    }

    /// The item of this kind with a text as its key: an agent by login ID, or a terminal by name.
    #[must_use]
    pub fn find_by_text<'a>(
        &self,
        kind: ConfigKind,
        peripheral_id: u32,
        text: impl Into<Text<'a>>,
    ) -> Option<ConfigItem<'_>> {
        self.with_key(kind, peripheral_id, &Key::of_text(text.into())).and_then(|item| self.get(item))
    }

    /// The service, skill group or agent with this skill target ID.
    #[must_use]
    pub fn find_by_target(&self, kind: ConfigKind, skill_target_id: u32) -> Option<ConfigItem<'_>> {
        let is =
            |entry: &ConfigEntry| entry.kind == kind && entry.target == Some(skill_target_id) && !self.is_gone(entry);
        self.items.find(key::TARGET, hash_of_target(kind, skill_target_id), is).and_then(|item| self.get(item))
    }

    /// How many items of a kind there are.
    #[must_use]
    pub fn len(&self, kind: ConfigKind) -> usize {
        self.known(kind).count as usize
    }

    /// Whether nothing is known at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.iter().all(|known| known.count == 0)
    }

    // ---- how much is known --------------------------------------------------------------------

    /// Whether all items of a kind are known that there were when they were uploaded last.
    #[must_use]
    pub fn is_complete(&self, kind: ConfigKind) -> bool {
        self.known(kind).is_complete
    }

    /// Whether all items of a kind are known, and nothing can have changed since without the tracker having heard of it:
    /// they were uploaded in this session, or the server's key is the one that came with them. For updates the session must
    /// have asked (`ConfigMsgMask` of OPEN_REQ).
    #[must_use]
    pub fn is_current(&self, kind: ConfigKind) -> bool {
        self.known(kind).is_current
    }

    /// The configuration key that came with what is held of a kind.
    #[must_use]
    pub fn key(&self, kind: ConfigKind) -> Option<ConfigKey> {
        self.known(kind).held
    }

    /// How the last upload or update ended.
    #[must_use]
    pub const fn last_status(&self) -> ConfigEndStatus {
        self.status
    }

    /// The request for all kinds that are tracked, that the protocol has, and that are not current.
    #[must_use]
    pub fn request(&self, protocol: Protocol) -> ConfigRequestEvent {
        let mask = |of: fn(ConfigKind) -> u32, wanted: &dyn Fn(ConfigKind) -> bool| {
            ConfigKind::ALL.iter().filter(|kind| wanted(**kind)).fold(0, |mask, kind| mask | of(*kind))
        };
        let of: fn(ConfigKind) -> u32 = if protocol.is_ccx() { |kind| kind.ccx_mask().0 } else { |kind| kind.mask().0 };
        let exists = |kind: ConfigKind| {
            self.is_tracked(kind) && (protocol.is_ccx() || protocol.version() >= first_version(kind))
        };
        ConfigRequestEvent {
            config_information: ConfigMask(mask(of, &|kind| exists(kind) && !self.is_current(kind))),
            config_msg_mask: ConfigMask(mask(of, &exists)),
            customer_id: protocol.is_ccx().then_some(0),
            ..ConfigRequestEvent::default()
        }
    }

    /// The session with the server is gone: nothing is current any more. OPEN_CONF does this by itself.
    pub fn session_lost(&mut self) {
        for known in &mut self.known {
            (known.is_current, known.is_uploading) = (false, false);
        }
        self.told = [None; KINDS];
    }

    /// The next item that is different: see [`track`](crate::track#changes).
    pub fn poll_change(&mut self) -> Option<Change<ConfigEntry>> {
        self.items.poll()
    }

    /// Looks at the next 64 slots for items that the last upload did not name. `true` when it has come to the end of the
    /// table. Messages of configuration do this too, a few slots each.
    pub fn sweep(&mut self) -> bool {
        self.look_for_gone(SWEPT)
    }

    // ---- inside -------------------------------------------------------------------------------

    fn item<'t>(&'t self, handle: Handle<ConfigEntry>, entry: &'t ConfigEntry) -> ConfigItem<'t> {
        let from = handle.slot().saturating_mul(self.share);
        let bytes = self.records.get(from..from.saturating_add(entry.len.into())).unwrap_or_default();
        ConfigItem { handle, entry, bytes }
    }

    fn known(&self, kind: ConfigKind) -> &Known {
        self.known.get(kind.index()).unwrap_or(const { &Known::NOTHING })
    }

    fn is_tracked(&self, kind: ConfigKind) -> bool {
        self.scope.kinds.contains(kind.mask())
    }

    /// Whether the last upload did not name the item.
    fn is_gone(&self, entry: &ConfigEntry) -> bool {
        self.known(entry.kind).is_past(entry.epoch)
    }

    fn with_key(&self, kind: ConfigKind, peripheral: u32, key: &Key<'_>) -> Option<Handle<ConfigEntry>> {
        let hash = key.hash(kind);
        let candidates = self.items.under(key::ITEM, hash).filter(|(_, entry)| {
            let at =
                [entry.peripheral, NULL_PERIPHERAL_ID].contains(&peripheral) || entry.peripheral == NULL_PERIPHERAL_ID;
            entry.kind == kind && entry.key_hash == hash && at && !self.is_gone(entry)
        });
        let mut found = candidates.filter(|(item, entry)| self.item(*item, entry).kept().key() == *key);
        found.next().map(|(item, _)| item)
    }
}

/// The first version of Unified CCE that has a kind.
fn first_version(kind: ConfigKind) -> u32 {
    match kind {
        ConfigKind::CallType => 11,
        ConfigKind::MediaDomain => 20,
        ConfigKind::Peripheral | ConfigKind::DeskSettings => 22,
        ConfigKind::Terminal => 23,
        ConfigKind::AgentService => 24,
        _ => 10,
    }
}

impl<'t> ConfigItem<'t> {
    /// Its handle.
    #[must_use]
    pub const fn handle(&self) -> Handle<ConfigEntry> {
        self.handle
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ConfigKind {
        self.entry.kind
    }

    /// Its peripheral; `NULL_PERIPHERAL_ID` if the record does not say.
    #[must_use]
    pub const fn peripheral_id(&self) -> u32 {
        self.entry.peripheral
    }

    /// Whether fields of the record were left out, for want of room.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.entry.is_cut
    }

    /// The record; `None` if it is of another kind.
    #[must_use]
    pub fn record<R: ConfigRecord<'t>>(&self) -> Option<R> {
        if R::KIND != self.kind() {
            return None;
        }
        let mut list: List<'t, R> = List::EMPTY;
        list.extend(self.entry.format, self.bytes, 0);
        list.iter().next()
    }

    fn kept(&self) -> Record<'t> {
        Record::kept(self.kind(), self.entry.format, self.bytes)
    }
}

impl fmt::Debug for ConfigItem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigItem").field("handle", &self.handle).field("kind", &self.kind()).finish_non_exhaustive()
    }
}

impl fmt::Debug for ConfigTracker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigTracker").field("counters", &self.counters()).finish_non_exhaustive()
    }
}
