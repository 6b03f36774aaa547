//! Handles: names of entries that never come to mean another entry.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::num::NonZeroU32;

/// An entry of a table: its slot, and how often the slot had been given away before.
///
/// A handle of an entry that has gone finds nothing, also when the slot has a new entry: a slot whose count is at its
/// end (4,294,967,295 entries) is not used again. Handles are for the table that gave them, also across a new tracker
/// on the same storage.
pub struct Handle<T> {
    /// One more than the slot, so that no handle takes no room.
    place: NonZeroU32,
    generation: u32,
    entry: PhantomData<fn() -> T>,
}

impl<T> Handle<T> {
    pub(crate) const fn new(index: usize, generation: u32) -> Self {
        Self { place: NonZeroU32::MIN.saturating_add(index as u32), generation, entry: PhantomData }
    }

    /// The slot: below the capacity of the table, and nobody else's while the entry is there. A display can use it as
    /// the number of a row.
    #[must_use]
    pub const fn slot(self) -> usize {
        self.place.get().wrapping_sub(1) as usize
    }

    pub(crate) const fn spot(self) -> Spot {
        Spot(self.place)
    }

    pub(crate) const fn generation(self) -> u32 {
        self.generation
    }

    const fn key(self) -> (u32, u32) {
        (self.place.get(), self.generation)
    }
}

/// The slot of a live entry: its name for as long as it is sure to be there, and nothing is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot(NonZeroU32);

impl Spot {
    pub(crate) const fn at(index: usize) -> Self {
        Self(NonZeroU32::MIN.saturating_add(index as u32))
    }

    pub(crate) const fn index(self) -> usize {
        self.0.get().wrapping_sub(1) as usize
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Handle<T> {}

impl<T> PartialEq for Handle<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<T> Eq for Handle<T> {}

impl<T> PartialOrd for Handle<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Handle<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl<T> Hash for Handle<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}.{}", self.slot(), self.generation)
    }
}

#[cfg(feature = "defmt")]
impl<T> defmt::Format for Handle<T> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "#{=usize}.{=u32}", self.slot(), self.generation);
    }
}
