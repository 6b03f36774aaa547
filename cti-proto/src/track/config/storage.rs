//! The memory of a configuration tracker.

use crate::track::config::entry::ConfigEntry;
use crate::track::table::Slot;

/// Room for an item of the configuration, without its record.
pub type ConfigSlot = Slot<ConfigEntry, 2, 1>;

/// What a configuration tracker keeps, in fixed places: for a `static`.
///
/// | capacity | bounds | how much | bytes each | when full |
/// | --- | --- | --- | --- | --- |
/// | `ITEMS` | items of all kinds that are [tracked](super::ConfigScope::kinds) | the configuration, and a tenth | 76 | of 64 looked at in turn, an item goes that the last upload did not name; else the new one is not taken up |
/// | `RECORD` | bytes of a record that are kept | 160 for most; 64 for the key and a name; at least 32 | 1 an item | fields are left out, and the item [says so](super::ConfigItem::is_cut); keys always stay |
#[derive(Debug)]
pub struct ConfigStorage<const ITEMS: usize, const RECORD: usize> {
    items: [ConfigSlot; ITEMS],
    records: [[u8; RECORD]; ITEMS],
}

impl<const ITEMS: usize, const RECORD: usize> ConfigStorage<ITEMS, RECORD> {
    /// Storage with nothing in it.
    #[must_use]
    pub const fn new() -> Self {
        Self { items: [ConfigSlot::EMPTY; ITEMS], records: [[0; RECORD]; ITEMS] }
    }

    /// The storage without its numbers, for a tracker to borrow.
    pub fn parts(&mut self) -> ConfigParts<'_> {
        ConfigParts { items: &mut self.items, records: self.records.as_flattened_mut() }
    }
}

impl<const ITEMS: usize, const RECORD: usize> Default for ConfigStorage<ITEMS, RECORD> {
    fn default() -> Self {
        Self::new()
    }
}

/// Borrowed memory of a configuration tracker. Those who own memory otherwise put it together themselves: see
/// [`ConfigStorage`] for the sizes.
#[derive(Debug)]
pub struct ConfigParts<'s> {
    /// Items.
    pub items: &'s mut [ConfigSlot],
    /// Records: each item has an equal share.
    pub records: &'s mut [u8],
}
