//! Links between the slots of a slice: chains by hash, and lists.

use crate::track::hash::bucket;

/// Entries of one chain at most: what a lookup compares with, however badly the keys of a hostile peer are chosen. With
/// as many buckets as slots, honest keys make a chain this long once in 10³⁶ tables.
pub(crate) const LONGEST_CHAIN: usize = 32;

/// Another slot of the same slice, or none. None is zero, so that empty storage is all zeros and needs no image in
/// flash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link(u32);

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
pub(crate) trait Chained {
    type Slot;

    /// Buckets of each kind of key.
    fn buckets(&self) -> usize;
    /// The first slot of a bucket. Those of one kind of key are numbered first, then those of the next.
    fn head(&self, number: usize) -> Option<Link>;
    fn head_mut(&mut self, number: usize) -> Option<&mut Link>;
    fn slot(&self, index: usize) -> Option<&Self::Slot>;
    /// The slot behind this one.
    fn next(slot: &Self::Slot, key: usize) -> Option<Link>;
    fn next_mut(&mut self, index: usize, key: usize) -> Option<&mut Link>;
}

fn number_of_head<C: Chained>(chains: &C, key: usize, hash: u32) -> usize {
    key.wrapping_mul(chains.buckets()).wrapping_add(bucket(hash, chains.buckets()))
}

/// The first slot under `hash`, and those that share its bucket.
#[inline]
pub(crate) fn head<C: Chained>(chains: &C, key: usize, hash: u32) -> Option<Link> {
    chains.head(number_of_head(chains, key, hash))
}

#[inline]
pub(crate) fn head_mut<C: Chained>(chains: &mut C, key: usize, hash: u32) -> Option<&mut Link> {
    chains.head_mut(number_of_head(chains, key, hash))
}

/// The slot under `hash` for which `is` holds. At most [`LONGEST_CHAIN`] slots are looked at.
#[cfg_attr(not(target_pointer_width = "32"), inline(always))]
pub(crate) fn find<C: Chained>(chains: &C, key: usize, hash: u32, is: impl Fn(&C::Slot) -> bool) -> Option<usize> {
    let mut link = head(chains, key, hash)?;
    for _ in 0..LONGEST_CHAIN {
        let index = link.index()?;
        let slot = chains.slot(index)?;
        if is(slot) {
            return Some(index);
        }
        link = C::next(slot, key)?;
    }
    None
}

/// The slots under `hash`, and those that share its bucket: [`LONGEST_CHAIN`] at most.
pub(crate) fn under<C: Chained>(chains: &C, key: usize, hash: u32) -> impl Iterator<Item = (usize, &C::Slot)> + Clone {
    let mut link = head(chains, key, hash).unwrap_or_default();
    let walk = core::iter::from_fn(move || {
        let index = link.index()?;
        let slot = chains.slot(index)?;
        link = C::next(slot, key)?;
        Some((index, slot))
    });
    walk.take(LONGEST_CHAIN)
}

/// Puts a slot under `hash`; `None` if the chain there is as long as a chain may be.
pub(crate) fn chain<C: Chained>(chains: &mut C, key: usize, hash: u32, index: usize) -> Option<()> {
    let number = number_of_head(chains, key, hash);
    let first = chains.head(number)?;
    let mut last = first;
    for _ in 1..LONGEST_CHAIN {
        let Some(index) = last.index() else { break };
        last = C::next(chains.slot(index)?, key)?;
    }
    if !last.is_none() {
        return None;
    }
    *chains.next_mut(index, key)? = first;
    *chains.head_mut(number)? = Link::to(index);
    Some(())
}

/// Takes a slot away from under `hash`; `None` if it is not there.
pub(crate) fn unchain<C: Chained>(chains: &mut C, key: usize, hash: u32, index: usize) -> Option<()> {
    let next = C::next(chains.slot(index)?, key)?;
    let head = head_mut(chains, key, hash)?;
    let mut link = *head;
    if link == Link::to(index) {
        *head = next;
        return Some(());
    }
    for _ in 1..LONGEST_CHAIN {
        let before = chains.next_mut(link.index()?, key)?;
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
pub struct Place {
    pub(crate) prev: Link,
    pub(crate) next: Link,
}

impl Place {
    pub(crate) const EMPTY: Self = Self { prev: Link::NONE, next: Link::NONE };
}

/// Slots that stand in lists: one for each `list`.
pub(crate) trait Listed {
    fn place(&self, list: usize, index: usize) -> Option<&Place>;
    fn place_mut(&mut self, list: usize, index: usize) -> Option<&mut Place>;
}

/// Puts a slot at the end of the list that begins at `head`, which is returned anew.
#[must_use]
pub(crate) fn append<S: Listed>(slots: &mut S, list: usize, head: Link, index: usize) -> Link {
    let mut appended = || {
        let this = Link::to(index);
        let Some(first) = head.index() else { return Some(this) };
        let first = slots.place_mut(list, first)?;
        let last = match core::mem::replace(&mut first.prev, this) {
            Link::NONE => head,
            last => last,
        };
        slots.place_mut(list, last.index()?)?.next = this;
        *slots.place_mut(list, index)? = Place { prev: last, next: Link::NONE };
        Some(head)
    };
    appended().unwrap_or(head)
}

/// Takes a slot out of the list that begins at `head`, which is returned anew.
#[must_use]
pub(crate) fn take_out<S: Listed>(slots: &mut S, list: usize, head: Link, index: usize) -> Link {
    let mut taken_out = || {
        let place = core::mem::replace(slots.place_mut(list, index)?, Place::EMPTY);
        let is_first = head == Link::to(index);
        match place.next.index() {
            Some(next) => slots.place_mut(list, next)?.prev = place.prev,
            // The last one goes: the first one learns of the new last one.
            None if !is_first => slots.place_mut(list, head.index()?)?.prev = place.prev,
            None => {}
        }
        if is_first {
            return Some(place.next);
        }
        slots.place_mut(list, place.prev.index()?)?.next = place.next;
        Some(head)
    };
    taken_out().unwrap_or(head)
}
