//! Links between the slots of a slice: chains by hash, groups by key, and a heap of free slots.

use core::num::NonZeroUsize;

use crate::track::hash::bucket;

/// Entries of one chain at most: what a lookup compares with, however badly the keys of a hostile peer are chosen. With
/// as many buckets as slots, honest keys make a chain this long once in 10³⁶ tables.
pub(crate) const LONGEST_CHAIN: usize = 32;

/// Another slot of the same slice, or none. None is zero, so that empty storage is all zeros and needs no image in
/// flash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Link(u32);

impl Link {
    pub(crate) const NONE: Self = Self(0);

    pub(crate) const fn to(index: usize) -> Self {
        Self((index as u32).wrapping_add(1))
    }

    pub(crate) const fn index(self) -> Option<usize> {
        (self.0 as usize).checked_sub(1)
    }

    pub(crate) const fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// Slots that have chains: one for each kind of key.
///
/// The heads of the buckets stand in the slots too, but those of one kind close together, several to a slot: what is
/// looked for at random is to take few lines of a cache.
pub(crate) trait Chained {
    /// Heads in a slot.
    const HEADS: NonZeroUsize;

    fn head(&self, number: usize) -> Option<Link>;
    fn head_mut(&mut self, number: usize) -> Option<&mut Link>;
    /// The slot behind this one.
    fn next(&self, key: usize) -> Option<Link>;
    fn next_mut(&mut self, key: usize) -> Option<&mut Link>;
}

/// The slot and the number in it of the head for a kind of key and a hash.
fn place_of_head<S: Chained>(slots: &[S], key: usize, hash: u32) -> (usize, usize) {
    let place = key.wrapping_mul(slots.len()).wrapping_add(bucket(hash, slots.len()));
    (place / S::HEADS, place % S::HEADS)
}

/// The first slot under `hash`, and those that share its bucket.
#[inline]
pub(crate) fn head<S: Chained>(slots: &[S], key: usize, hash: u32) -> Option<Link> {
    let (slot, number) = place_of_head(slots, key, hash);
    slots.get(slot)?.head(number)
}

#[inline]
pub(crate) fn head_mut<S: Chained>(slots: &mut [S], key: usize, hash: u32) -> Option<&mut Link> {
    let (slot, number) = place_of_head(slots, key, hash);
    slots.get_mut(slot)?.head_mut(number)
}

/// The slot under `hash` for which `is` holds. At most [`LONGEST_CHAIN`] slots are looked at.
#[inline]
pub(crate) fn find<S: Chained>(slots: &[S], key: usize, hash: u32, is: impl Fn(&S) -> bool) -> Option<usize> {
    let mut link = head(slots, key, hash)?;
    for _ in 0..LONGEST_CHAIN {
        let index = link.index()?;
        let slot = slots.get(index)?;
        if is(slot) {
            return Some(index);
        }
        link = slot.next(key)?;
    }
    None
}

/// The slots under `hash`, and those that share its bucket: [`LONGEST_CHAIN`] at most.
pub(crate) fn under<S: Chained>(slots: &[S], key: usize, hash: u32) -> impl Iterator<Item = (usize, &S)> + Clone {
    let mut link = head(slots, key, hash).unwrap_or_default();
    let walk = core::iter::from_fn(move || {
        let index = link.index()?;
        let slot = slots.get(index)?;
        link = slot.next(key)?;
        Some((index, slot))
    });
    walk.take(LONGEST_CHAIN)
}

/// Puts a slot under `hash`; `None` if the chain there is as long as a chain may be.
pub(crate) fn chain<S: Chained>(slots: &mut [S], key: usize, hash: u32, index: usize) -> Option<()> {
    let first = head(slots, key, hash)?;
    let mut last = first;
    for _ in 1..LONGEST_CHAIN {
        let Some(index) = last.index() else { break };
        last = slots.get(index)?.next(key)?;
    }
    if !last.is_none() {
        return None;
    }
    *slots.get_mut(index)?.next_mut(key)? = first;
    *head_mut(slots, key, hash)? = Link::to(index);
    Some(())
}

/// Takes a slot away from under `hash`; `None` if it is not there.
pub(crate) fn unchain<S: Chained>(slots: &mut [S], key: usize, hash: u32, index: usize) -> Option<()> {
    let next = slots.get(index)?.next(key)?;
    let mut link = head(slots, key, hash)?;
    if link == Link::to(index) {
        *head_mut(slots, key, hash)? = next;
        return Some(());
    }
    for _ in 1..LONGEST_CHAIN {
        let before = slots.get_mut(link.index()?)?.next_mut(key)?;
        if *before == Link::to(index) {
            *before = next;
            return Some(());
        }
        link = *before;
    }
    None
}

/// Where a slot stands in a list that can be left in the middle. In the first slot `prev` is the last one; if it is none,
/// the slot stands there alone. A slot in no list is as one that stands in one alone, so that it need not be written to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) prev: Link,
    pub(crate) next: Link,
}

impl Place {
    pub(crate) const EMPTY: Self = Self { prev: Link::NONE, next: Link::NONE };
}

/// Slots that stand in lists: one for each `list`.
pub(crate) trait Listed {
    fn place(&self, list: usize) -> Option<&Place>;
    fn place_mut(&mut self, list: usize) -> Option<&mut Place>;
}

/// Puts a slot at the end of the list that begins at `head`, which is returned anew.
#[must_use]
pub(crate) fn append<S: Listed>(slots: &mut [S], list: usize, head: Link, index: usize) -> Link {
    let mut appended = || {
        let this = Link::to(index);
        let Some(first) = head.index() else { return Some(this) };
        let first = slots.get_mut(first)?.place_mut(list)?;
        let last = match core::mem::replace(&mut first.prev, this) {
            Link::NONE => head,
            last => last,
        };
        slots.get_mut(last.index()?)?.place_mut(list)?.next = this;
        *slots.get_mut(index)?.place_mut(list)? = Place { prev: last, next: Link::NONE };
        Some(head)
    };
    appended().unwrap_or(head)
}

/// Takes a slot out of the list that begins at `head`, which is returned anew.
#[must_use]
pub(crate) fn take_out<S: Listed>(slots: &mut [S], list: usize, head: Link, index: usize) -> Link {
    let mut taken_out = || {
        let place = core::mem::replace(slots.get_mut(index)?.place_mut(list)?, Place::EMPTY);
        let is_first = head == Link::to(index);
        match place.next.index() {
            Some(next) => slots.get_mut(next)?.place_mut(list)?.prev = place.prev,
            // The last one goes: the first one learns of the new last one.
            None if !is_first => slots.get_mut(head.index()?)?.place_mut(list)?.prev = place.prev,
            None => {}
        }
        if is_first {
            return Some(place.next);
        }
        slots.get_mut(place.prev.index()?)?.place_mut(list)?.next = place.next;
        Some(head)
    };
    taken_out().unwrap_or(head)
}
