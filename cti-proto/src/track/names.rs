//! Names that many entries share, each kept once: device IDs above all.

use crate::track::change::TableCounters;
use crate::track::link::{self, Chained, Link};
use crate::track::text::Kept;
use crate::wire::Text;

/// Bytes of a name that are kept as they are.
pub(crate) const NAME_LEN: usize = 19;

/// Room for one name. Storage is arrays of these.
///
/// A name of up to 19 bytes is kept as it is; of a longer one, see [`Kept`].
#[derive(Clone, Copy, Debug)]
// In one line of a cache, where there are such.
#[cfg_attr(not(target_pointer_width = "32"), repr(align(32)))]
pub struct Name {
    text: Kept<NAME_LEN>,
    uses: u32,
    next: Link,
    /// The list of those at this device, whose owner is the tracker.
    pub(crate) members: Link,
}

impl Name {
    /// Room with nothing in it.
    pub const EMPTY: Self = Self { text: Kept::EMPTY, uses: 0, next: Link::NONE, members: Link::NONE };
}

/// What names are found by: as many are needed as there is room for names. They are apart from these so that many are in
/// one line of a cache.
#[derive(Clone, Copy, Debug)]
pub struct NameBucket(Link);

impl NameBucket {
    /// One with nothing in it.
    pub const EMPTY: Self = Self(Link::NONE);
}

#[derive(Debug)]
struct Room<'s> {
    names: &'s mut [Name],
    buckets: &'s mut [NameBucket],
}

impl Chained for Room<'_> {
    type Slot = Name;

    fn buckets(&self) -> usize {
        self.buckets.len()
    }

    fn head(&self, number: usize) -> Option<Link> {
        Some(self.buckets.get(number)?.0)
    }

    fn head_mut(&mut self, number: usize) -> Option<&mut Link> {
        Some(&mut self.buckets.get_mut(number)?.0)
    }

    fn slot(&self, index: usize) -> Option<&Name> {
        self.names.get(index)
    }

    fn next(name: &Name, _: usize) -> Option<Link> {
        Some(name.next)
    }

    fn next_mut(&mut self, index: usize, _: usize) -> Option<&mut Link> {
        Some(&mut self.names.get_mut(index)?.next)
    }
}

/// Names over borrowed room, found in one comparison on average, 32 at most. A name stays as long as it has uses.
#[derive(Debug)]
pub(crate) struct Names<'s> {
    room: Room<'s>,
    /// Names that are free again, linked by their members. Without these, all those in use are in front of the others.
    free: Link,
    counters: TableCounters,
}

impl<'s> Names<'s> {
    /// No names, over whatever `names` and `buckets` hold; as many as there are of both.
    pub(crate) fn new(names: &'s mut [Name], buckets: &'s mut [NameBucket]) -> Self {
        let len = names.len().min(buckets.len()).min(u32::MAX as usize / 2);
        let names = names.get_mut(..len).unwrap_or_default();
        let buckets = buckets.get_mut(..len).unwrap_or_default();
        buckets.fill(NameBucket::EMPTY);
        let counters = TableCounters { capacity: len, ..TableCounters::default() };
        Self { room: Room { names, buckets }, free: Link::NONE, counters }
    }

    pub(crate) const fn counters(&self) -> TableCounters {
        self.counters
    }

    /// The name, if it is known. A name is a text without NULs, or any bytes that begin with one.
    pub(crate) fn find(&self, name: &[u8]) -> Option<Link> {
        self.find_under(Kept::<NAME_LEN>::hash_of(name), name)
    }

    fn find_under(&self, hash: u32, name: &[u8]) -> Option<Link> {
        link::find(&self.room, 0, hash, |other| other.text.has(name)).map(Link::to)
    }

    /// Whether a name is this one.
    pub(crate) fn is(&self, link: Link, name: &[u8]) -> bool {
        self.get(link).is_some_and(|other| other.text.has(name))
    }

    /// Whether [`take`](Self::take) would find the name, or room for it.
    pub(crate) fn has_room_for(&self, name: &[u8]) -> bool {
        self.counters.live < self.counters.capacity || self.find(name).is_some()
    }

    /// The name, once more in use; `None`, and counted, if there is no room for it.
    pub(crate) fn take(&mut self, name: &[u8]) -> Option<Link> {
        let hash = Kept::<NAME_LEN>::hash_of(name);
        if let Some(link) = self.find_under(hash, name) {
            self.take_again(link);
            return Some(link);
        }
        let added = self.add(hash, &Kept::of(name));
        if added.is_none() {
            self.counters.refused = self.counters.refused.saturating_add(1);
        }
        added
    }

    /// One use more of a name that is in use.
    pub(crate) fn take_again(&mut self, link: Link) {
        if let Some(name) = self.get_mut(link) {
            name.uses = name.uses.saturating_add(1);
        }
    }

    fn add(&mut self, hash: u32, text: &Kept<NAME_LEN>) -> Option<Link> {
        let has_free = !self.free.is_none();
        let link = if has_free { self.free } else { Link::to(self.counters.live) };
        let index = link.index()?;
        let next = self.room.names.get(index)?.members;
        let Some(()) = link::chain(&mut self.room, 0, hash, index) else {
            self.counters.crowded = self.counters.crowded.saturating_add(1);
            return None;
        };
        if has_free {
            self.free = next;
        }
        let name = self.room.names.get_mut(index)?;
        (name.text, name.uses, name.members) = (*text, 1, Link::NONE);
        self.counters.live = self.counters.live.saturating_add(1);
        self.counters.high_water = self.counters.high_water.max(self.counters.live);
        Some(link)
    }

    /// One use less. The last one forgets the name.
    pub(crate) fn put_back(&mut self, link: Link) {
        let Some(name) = self.get_mut(link) else { return };
        name.uses = name.uses.saturating_sub(1);
        if name.uses > 0 {
            return;
        }
        let hash = name.text.hash();
        if let Some(index) = link.index() {
            let _ = link::unchain(&mut self.room, 0, hash, index);
            self.release(index);
            self.counters.live = self.counters.live.saturating_sub(1);
        }
    }

    /// The bytes of a name that is no text.
    pub(crate) fn bytes(&self, link: Link) -> &[u8] {
        self.get(link).map_or(&[], |name| name.text.raw())
    }

    /// The text of a name; of none, nothing.
    pub(crate) fn text(&self, link: Link) -> Text<'_> {
        let name = link.index().and_then(|index| self.room.names.get(index));
        name.map_or_else(Text::default, |name| name.text.text())
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn get(&self, link: Link) -> Option<&Name> {
        self.room.names.get(link.index()?)
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn get_mut(&mut self, link: Link) -> Option<&mut Name> {
        self.room.names.get_mut(link.index()?)
    }

    fn release(&mut self, index: usize) {
        if let Some(name) = self.room.names.get_mut(index) {
            name.members = self.free;
            self.free = Link::to(index);
        }
    }
}
