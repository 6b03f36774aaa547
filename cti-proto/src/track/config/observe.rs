//! Which message says what.

use crate::error::{DecodeError, DecodeErrorKind};
use crate::message::{ConfigBeginEvent, ConfigEndEvent, ConfigKeyEvent, FailureEvent, MessageType};
use crate::protocol::Protocol;
use crate::session::Instant;
use crate::track::agent::CCX_PERIPHERAL;
use crate::track::change::Observed;
use crate::track::config::ConfigTracker;
use crate::track::config::entry::{ConfigChanges, ConfigEntry};
use crate::track::config::kind::ConfigKind;
use crate::track::config::record::{Key, Record, records};
use crate::track::handle::Handle;
use crate::track::table::Entry as _;
use crate::value::{ConfigEndStatus, ConfigKeyStatus, ConfigType, FailureStatus, RecordType};
use crate::wire::{ConfigKey, Fields, Frame};

/// Slots that are looked at for items which are gone, with each message of configuration.
const SWEPT_BY_MESSAGE: usize = 8;

impl ConfigTracker<'_> {
    /// Takes what a message says of the configuration. The time does not matter: it is there so that all trackers are told
    /// alike.
    ///
    /// # Errors
    /// [`DecodeError`] if the message is one of configuration, and its body is not one of its type.
    pub fn observe(&mut self, _: Instant, frame: &Frame<'_>) -> Result<Observed, DecodeError> {
        self.items.forget_leaving();
        let (marks, before) = (self.items.marks(), self.progress());
        match frame.message_type() {
            MessageType::CONFIG_KEY_EVENT => self.keys_told(&frame.decode()?),
            MessageType::CONFIG_BEGIN_EVENT => self.begun(&frame.decode()?, frame.protocol()),
            MessageType::CONFIG_END_EVENT => self.ended(&frame.decode()?),
            MessageType::OPEN_CONF => self.session_lost(),
            MessageType::FAILURE_EVENT => self.failed(&frame.decode()?),
            message => match ConfigKind::of_message(message) {
                Some(kind) => self.records_came(kind, frame)?,
                None => return Ok(Observed::Irrelevant),
            },
        }
        self.look_for_gone(SWEPT_BY_MESSAGE);
        let is_unchanged = (marks, before) == (self.items.marks(), self.progress());
        Ok(if is_unchanged { Observed::Unchanged } else { Observed::Changed })
    }

    /// How far uploads are, as one number: two bits a kind.
    fn progress(&self) -> u32 {
        self.known
            .iter()
            .fold(0, |all, known| all << 2 | u32::from(known.is_complete) << 1 | u32::from(known.is_current))
    }

    // ---- keys and blocks ----------------------------------------------------------------------

    fn keys_told(&mut self, event: &ConfigKeyEvent) {
        let has_keys = event.config_key_status == ConfigKeyStatus::CONFIG_SUCCESS;
        for kind in ConfigKind::ALL {
            let told = keys_of_event(event, *kind).filter(|key| has_keys && *key != ConfigKey::default());
            if let Some(place) = self.told.get_mut(kind.index()) {
                *place = told;
            }
            if let Some(known) = self.known.get_mut(kind.index()) {
                known.is_current =
                    known.is_complete && told.is_some() && known.held == told || known.is_current && told.is_none();
            }
        }
    }

    fn begun(&mut self, event: &ConfigBeginEvent, protocol: Protocol) {
        let is_upload = event.config_type != ConfigType::UNSOLICITED;
        for kind in ConfigKind::ALL.iter().filter(|kind| kind.is_in(event.config_information, protocol)) {
            let Some(known) = self.known.get_mut(kind.index()) else { continue };
            known.coming = keys_of_begin(event, *kind).or(known.coming);
            if is_upload && !known.is_uploading {
                (known.is_uploading, known.is_complete, known.is_current) = (true, false, false);
                // Of uploads that never end more than can be counted are taken for one.
                let is_countable = known.epoch.wrapping_sub(known.floor) < u16::MAX;
                known.epoch = known.epoch.wrapping_add(u16::from(is_countable));
                known.named = 0;
            }
        }
    }

    fn ended(&mut self, event: &ConfigEndEvent<'_>) {
        self.status = event.config_end_status;
        if event.config_end_status == ConfigEndStatus::CONFIGEND_PARTIAL {
            return;
        }
        let is_whole =
            [ConfigEndStatus::CONFIGEND_SUCCESS, ConfigEndStatus::CONFIGEND_EMPTY].contains(&event.config_end_status);
        for known in &mut self.known {
            let key = known.coming.take();
            if known.is_uploading {
                (known.is_uploading, known.is_complete, known.is_current) = (false, is_whole, is_whole);
                known.held = key.filter(|_| is_whole);
                if is_whole {
                    (known.count, known.floor) = (known.named, known.epoch);
                    self.cursor = 0;
                }
            } else if is_whole {
                // An update brings its key, if the server has one.
                known.held = key.or(known.held);
            }
        }
    }

    fn failed(&mut self, event: &FailureEvent<'_>) {
        if event.status == FailureStatus::E_CTI_AUTO_CONFIG_RESET {
            self.session_lost();
        }
    }

    // ---- records ------------------------------------------------------------------------------

    fn records_came(&mut self, kind: ConfigKind, frame: &Frame<'_>) -> Result<(), DecodeError> {
        let body = frame.body();
        let error = |offset: usize, kind| DecodeError {
            message: frame.message_type(),
            protocol: frame.protocol(),
            offset,
            kind,
        };
        let Some((_, floating)) = body.split_first_chunk::<2>() else {
            return Err(error(body.len(), DecodeErrorKind::ShortFixedPart));
        };
        let fields = Fields::new(frame.protocol(), floating);
        let mut walk = fields;
        walk.by_ref().for_each(drop);
        if !walk.rest().is_empty() {
            let offset = body.len().saturating_sub(walk.rest().len());
            return Err(error(offset, DecodeErrorKind::TruncatedField { tag: walk.truncated_tag() }));
        }
        if self.is_tracked(kind) {
            records(kind, fields).for_each(|record| self.record_came(&record, frame.protocol()));
        }
        Ok(())
    }

    fn record_came(&mut self, record: &Record<'_>, protocol: Protocol) {
        let peripheral = if protocol.is_ccx() { CCX_PERIPHERAL } else { record.peripheral() };
        let key = record.key();
        if key.is_missing() {
            self.keyless = self.keyless.saturating_add(1);
            return;
        }
        let known = self.with_key(record.kind, peripheral, &key);
        match record.record_type() {
            RecordType::CONFIG_RECORD_DELETE => {
                if let Some(item) = known {
                    self.delete(item);
                }
            }
            RecordType::CONFIG_RECORD_CHANGE => {
                let old = record.old_key().and_then(|old| self.with_key(record.kind, peripheral, &old));
                if let Some(taken) = known.filter(|known| old.is_some_and(|old| old != *known)) {
                    self.delete(taken);
                }
                self.put(old.or(known), record, peripheral, &key, true);
            }
            _ => self.put(known, record, peripheral, &key, false),
        }
    }

    /// Enters a record: over that of an item, into it, or as a new item.
    fn put(
        &mut self,
        known: Option<Handle<ConfigEntry>>,
        record: &Record<'_>,
        peripheral: u32,
        key: &Key<'_>,
        into: bool,
    ) {
        let Some(item) = known.or_else(|| self.add(record.kind)) else { return };
        let Some(before) = self.items.get(item).copied() else { return };
        self.name(item);
        let into = into && known.is_some();
        let hash = (!into).then(|| record.hash());
        let is_same = if into {
            record.says_nothing_beside(&self.item(item, &before).kept())
        } else {
            before.record_hash == hash
        };
        if known.is_some() && is_same && before.key_hash == key.hash(record.kind) {
            return;
        }
        let Some((len, is_whole)) = self.write(item, &before, record, into) else {
            self.keyless = self.keyless.saturating_add(1);
            return self.delete(item);
        };
        self.cut = self.cut.saturating_add(u32::from(!is_whole));
        self.items.edit(item, |entry| {
            entry.format = record.format();
            entry.len = len as u16;
            entry.is_cut = !is_whole || into && before.is_cut;
            entry.peripheral = peripheral;
            entry.target = record.target().or(before.target);
            (entry.key_hash, entry.record_hash) = (key.hash(record.kind), hash);
        });
        self.items.mark(item, ConfigChanges::RECORD);
    }

    fn write(
        &mut self,
        item: Handle<ConfigEntry>,
        before: &ConfigEntry,
        record: &Record<'_>,
        into: bool,
    ) -> Option<(usize, bool)> {
        let from = item.slot().saturating_mul(self.share);
        let place = self.records.get_mut(from..from.saturating_add(self.share))?;
        if into && before.format == record.format() {
            let len = record.make_room_in(place, before.len.into());
            if let Some(written) = record.append_to(place, len) {
                return Some(written);
            }
        }
        record.write_to(place)
    }

    fn add(&mut self, kind: ConfigKind) -> Option<Handle<ConfigEntry>> {
        if !self.items.has_room() {
            let known = self.known;
            let is_gone =
                |entry: &ConfigEntry| known.get(entry.kind.index()).is_some_and(|known| known.is_past(entry.epoch));
            if let Some(gone) = self.items.victim(|_, entry| is_gone(entry).then_some(())) {
                self.items.end(gone);
            }
        }
        let epoch = self.known(kind).epoch;
        let added = self.items.insert(ConfigEntry { kind, epoch, ..ConfigEntry::EMPTY });
        let Some(item) = added else {
            self.items.refuse();
            return None;
        };
        self.items.mark(item, ConfigChanges::NEW);
        if let Some(known) = self.known.get_mut(kind.index()) {
            known.count = known.count.saturating_add(1);
            known.named = known.named.saturating_add(u32::from(known.is_uploading));
        }
        Some(item)
    }

    /// Notes that the item is named: by the upload that goes on, or by an update.
    fn name(&mut self, item: Handle<ConfigEntry>) {
        let Some(entry) = self.items.get_mut(item) else { return };
        let Some(known) = self.known.get_mut(entry.kind.index()) else { return };
        if core::mem::replace(&mut entry.epoch, known.epoch) != known.epoch {
            known.named = known.named.saturating_add(u32::from(known.is_uploading));
        }
    }

    fn delete(&mut self, item: Handle<ConfigEntry>) {
        let Some(entry) = self.items.get(item).filter(|_| self.items.is_live(item)) else { return };
        let (kind, epoch, is_gone) = (entry.kind, entry.epoch, self.is_gone(entry));
        self.items.end(item);
        if let Some(known) = self.known.get_mut(kind.index()).filter(|_| !is_gone) {
            known.count = known.count.saturating_sub(1);
            if known.is_uploading && epoch == known.epoch {
                known.named = known.named.saturating_sub(1);
            }
        }
    }

    /// Ends items in the next slots that the last upload did not name. `true` at the end of the table.
    pub(super) fn look_for_gone(&mut self, slots: usize) -> bool {
        for _ in 0..slots {
            if let Some((item, _)) = self.items.at(self.cursor).filter(|(_, entry)| self.is_gone(entry)) {
                self.items.end(item);
            }
            self.cursor = self.cursor.wrapping_add(1);
            if self.cursor >= self.items.len() {
                self.cursor = 0;
                return true;
            }
        }
        false
    }
}

/// The keys of two messages that have the same fields.
macro_rules! keys_of {
    ($name:ident, $event:ident) => {
        fn $name(event: &$event, kind: ConfigKind) -> Option<ConfigKey> {
            match kind {
                ConfigKind::Service => event.service_config_key,
                ConfigKind::SkillGroup => event.skill_group_config_key,
                ConfigKind::Agent => event.agent_config_key,
                ConfigKind::Device => event.device_config_key,
                ConfigKind::CallType => event.call_type_config_key,
                ConfigKind::Peripheral => event.peripheral_config_key,
                ConfigKind::DeskSettings => event.agent_desk_settings_config_key,
                ConfigKind::AgentService | ConfigKind::MediaDomain | ConfigKind::Terminal => None,
            }
        }
    };
}

keys_of!(keys_of_event, ConfigKeyEvent);
keys_of!(keys_of_begin, ConfigBeginEvent);
