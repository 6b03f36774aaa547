//! What is kept of an item of the configuration.

use crate::protocol::FieldFormat;
use crate::track::change::change_mask;
use crate::track::config::kind::ConfigKind;
use crate::track::hash::Hash;
use crate::track::table::Entry;

change_mask! {
    /// What is different of an item of the configuration.
    pub struct ConfigChanges {
        NEW = 0, "The item was not there before.";
        RECORD = 1, "What the record says.";
    }
}

/// An item of the configuration, as the memory of a tracker holds it.
#[derive(Clone, Copy, Debug)]
pub struct ConfigEntry {
    pub(super) kind: ConfigKind,
    pub(super) format: FieldFormat,
    /// The upload in which it was last named.
    pub(super) epoch: u16,
    /// Not all of the record is kept.
    pub(super) is_cut: bool,
    /// Bytes of the record.
    pub(super) len: u16,
    pub(super) peripheral: u32,
    /// ID in the central database.
    pub(super) target: Option<u32>,
    pub(super) key_hash: u32,
    /// What the record said, if it came as a whole.
    pub(super) record_hash: Option<u32>,
}

/// The unique keys of an item.
pub(super) mod key {
    pub(in super::super) const ITEM: usize = 0;
    pub(in super::super) const TARGET: usize = 1;
}
/// The group of items of a kind.
pub(super) const BY_KIND: usize = 0;

pub(super) fn hash_of_kind(kind: ConfigKind) -> u32 {
    Hash::new().number(kind as u32).finish()
}

pub(super) fn hash_of_target(kind: ConfigKind, target: u32) -> u32 {
    Hash::new().number(kind as u32).number(target).finish()
}

impl Entry for ConfigEntry {
    type What = ConfigChanges;
    type Align = u32;
    const EMPTY: Self = Self {
        kind: ConfigKind::Service,
        format: FieldFormat::Narrow,
        epoch: 0,
        is_cut: false,
        len: 0,
        peripheral: 0,
        target: None,
        key_hash: 0,
        record_hash: None,
    };

    fn unique(&self, key: usize) -> Option<u32> {
        match key {
            key::ITEM => Some(self.key_hash),
            _ => self.target.map(|target| hash_of_target(self.kind, target)),
        }
    }

    fn group(&self, _: usize) -> Option<u32> {
        Some(hash_of_kind(self.kind))
    }
}
