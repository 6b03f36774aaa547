//! The bounded table that every tracker is made of: slots with a free list, handles with generations, lookups by hash,
//! groups, and a list of what has changed.
//!
//! | operation | cost |
//! | --- | --- |
//! | by handle | one look |
//! | by a unique key | one comparison on average, 32 at most |
//! | insert, change a key, remove | the same, for each unique key |
//! | all of a group | as many steps as it has entries, and those of groups of the same hash |
//! | the first or the next change | one step |
//! | which entry goes when it is full | 64 looks at most |
//! | making the table anew, walking all of it | as many steps as it has slots |

use core::fmt::Debug;

use crate::track::change::{Change, TableCounters};
use crate::track::handle::{Handle, Spot};
use crate::track::link::{self, Chained, Link, Listed, Place};
use crate::track::links::{Links, Within};
use crate::wire::IS_FAST;

/// Slots that are looked at for the entry to go when the table is full.
const CANDIDATES: usize = 64;
/// The list of all entries with changes, or of all that have ended; groups follow.
const STATES: usize = 0;

/// What a table holds: a value that knows its keys.
pub trait Entry: Copy + Debug + 'static {
    /// What can change of it.
    type What: Copy + Eq + Debug + From<u16> + Into<u16>;
    /// What has the alignment that its slot is to have, at least.
    type Align: Copy + Debug;
    /// One that says nothing, best of zeros only.
    const EMPTY: Self;

    /// The hash of a key that no other entry has; `None` if the entry lacks the key.
    fn unique(&self, key: usize) -> Option<u32>;

    /// The hash of a key that entries share; `None` if the entry is in no such group.
    fn group(&self, key: usize) -> Option<u32>;
}

/// The alignment of large entries: so that each 32 bytes of them are in one line of a cache, where there are such.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(target_pointer_width = "32"), repr(align(32)))]
pub struct Quarter;

/// The alignment of entries that fill lines of a cache.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(target_pointer_width = "32"), repr(align(64)))]
pub struct Line;

/// Room for one entry, with `U` unique keys and `G` groups to be found by. Storage is arrays of these.
///
/// What every look needs is in front.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Slot<T: Entry, const U: usize, const G: usize, L = Within<U, G>> {
    align: [T::Align; 0],
    generation: u32,
    changes: u16,
    state: State,
    next: [Link; U],
    value: T,
    place: Place,
    links: L,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum State {
    Free = 0,
    /// Nothing to tell.
    Settled,
    /// With changes to tell.
    Changed,
    /// Only the end is to be told.
    Ended,
}

impl<T: Entry, const U: usize, const G: usize, L: Links> Slot<T, U, G, L> {
    /// Room with nothing in it.
    pub const EMPTY: Self = Self {
        align: [],
        generation: 0,
        changes: 0,
        state: State::Free,
        next: [Link::NONE; U],
        value: T::EMPTY,
        place: Place::EMPTY,
        links: L::EMPTY,
    };

    /// Forgets the entry and all links, but not how often the slot was given away.
    fn reset(&mut self) {
        let (generation, was_free) = (self.generation, self.state == State::Free);
        *self = Self::EMPTY;
        self.generation = if was_free { generation } else { generation.saturating_add(1) };
    }

    const fn is_live(&self) -> bool {
        matches!(self.state, State::Settled | State::Changed)
    }
}

/// Slots with their links.
#[derive(Debug)]
struct Room<'s, T: Entry, const U: usize, const G: usize, L: Links> {
    slots: &'s mut [Slot<T, U, G, L>],
    apart: &'s mut [L::Apart],
}

impl<T: Entry, const U: usize, const G: usize, L: Links> Chained for Room<'_, T, U, G, L> {
    type Slot = Slot<T, U, G, L>;

    fn buckets(&self) -> usize {
        self.slots.len()
    }

    fn head(&self, number: usize) -> Option<Link> {
        L::head(|index| Some(&self.slots.get(index)?.links), self.apart, number)
    }

    fn head_mut(&mut self, number: usize) -> Option<&mut Link> {
        let Self { slots, apart } = self;
        L::head_mut(|index| Some(&mut slots.get_mut(index)?.links), apart, number)
    }

    fn slot(&self, index: usize) -> Option<&Self::Slot> {
        self.slots.get(index)
    }

    fn next(slot: &Self::Slot, key: usize) -> Option<Link> {
        slot.next.get(key).copied()
    }

    fn next_mut(&mut self, index: usize, key: usize) -> Option<&mut Link> {
        self.slots.get_mut(index)?.next.get_mut(key)
    }
}

impl<T: Entry, const U: usize, const G: usize, L: Links> Listed for Room<'_, T, U, G, L> {
    fn place(&self, list: usize, index: usize) -> Option<&Place> {
        match list.checked_sub(1) {
            None => Some(&self.slots.get(index)?.place),
            Some(group) => L::place(|index| Some(&self.slots.get(index)?.links), self.apart, group, index),
        }
    }

    fn place_mut(&mut self, list: usize, index: usize) -> Option<&mut Place> {
        let Self { slots, apart } = self;
        match list.checked_sub(1) {
            None => Some(&mut slots.get_mut(index)?.place),
            Some(group) => L::place_mut(|index| Some(&mut slots.get_mut(index)?.links), apart, group, index),
        }
    }
}

/// A table over borrowed slots.
///
/// Entries with changes to tell are in one list, those that have ended in another, in the order in which they came there.
/// When there is no room, the oldest end that nobody took goes first; else a live entry must go.
#[derive(Debug)]
pub(crate) struct Table<'s, T: Entry, const U: usize, const G: usize, L: Links = Within<U, G>> {
    room: Room<'s, T, U, G, L>,
    free: Link,
    changed: Link,
    ended: Link,
    /// The ended entry that was told last, and can still be looked at.
    leaving: Link,
    /// Where the next entry to go is looked for.
    hand: usize,
    lost: bool,
    /// Whether the list of entries with changes has one only, to which nothing was ever linked there: mostly changes are
    /// taken after each event, and then the places of entries need not be looked at.
    is_one: bool,
    marks: u32,
    counters: TableCounters,
    groups: Option<&'static Groups<T, U, G, L>>,
}

/// The hashes of the groups that an entry is in.
type GroupKeys<const G: usize> = [Option<u32>; G];

/// What is done about groups, if entries are found by these: a program that looks for none does not have it.
#[derive(Debug)]
pub(crate) struct Groups<T: Entry, const U: usize, const G: usize, L: Links> {
    keys: fn(&T) -> GroupKeys<G>,
    /// Takes the entry in a slot out of some groups, and into others.
    relink: fn(&mut Table<'_, T, U, G, L>, usize, GroupKeys<G>, GroupKeys<G>),
}

impl<T: Entry, const U: usize, const G: usize, L: Links> Groups<T, U, G, L> {
    pub(crate) const ALL: Self = Self {
        keys: |value| core::array::from_fn(|key| value.group(key)),
        relink: |table, index, before, after| table.relink_groups(index, before, after),
    };
}

impl<'s, T: Entry, const U: usize, const G: usize> Table<'s, T, U, G> {
    /// An empty table over `slots`, whatever they hold.
    pub(crate) fn new(slots: &'s mut [Slot<T, U, G>]) -> Self {
        Self::with_links(slots, &mut [], if G > 0 { Some(&Groups::ALL) } else { None })
    }
}

impl<'s, T: Entry, const U: usize, const G: usize, L: Links> Table<'s, T, U, G, L> {
    /// The same with links that stand apart: as many entries as there are of both. Without `groups`, no entry
    /// is in one.
    #[inline]
    pub(crate) fn with_links(
        slots: &'s mut [Slot<T, U, G, L>],
        apart: &'s mut [L::Apart],
        groups: Option<&'static Groups<T, U, G, L>>,
    ) -> Self {
        let len = L::room(slots.len(), apart.len()).min(u32::MAX as usize / 2);
        let slots = slots.get_mut(..len).unwrap_or_default();
        let apart = apart.get_mut(..len).unwrap_or_default();
        apart.fill(L::APART);
        let counters = TableCounters { capacity: len, ..TableCounters::default() };
        let mut table = Self {
            room: Room { slots, apart },
            free: Link::NONE,
            changed: Link::NONE,
            ended: Link::NONE,
            leaving: Link::NONE,
            hand: 0,
            lost: false,
            is_one: false,
            marks: 0,
            counters,
            groups,
        };
        for index in (0..len).rev() {
            if let Some(slot) = table.room.slots.get_mut(index) {
                slot.reset();
            }
            table.release(index);
        }
        table
    }

    pub(crate) const fn counters(&self) -> TableCounters {
        self.counters
    }

    /// Grows whenever anything is marked as changed, and wraps around.
    pub(crate) const fn marks(&self) -> u32 {
        self.marks
    }

    // ---- looking ------------------------------------------------------------------------------

    /// The entry, also one that has ended and was not yet forgotten.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn get(&self, handle: Handle<T>) -> Option<&T> {
        let slot = self.room.slots.get(handle.slot())?;
        (slot.generation == handle.generation() && slot.state != State::Free).then_some(&slot.value)
    }

    /// The entry if it is live. Its keys must stay as they are: [`edit`](Self::edit) changes keys.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn get_mut(&mut self, handle: Handle<T>) -> Option<&mut T> {
        let slot = self.room.slots.get_mut(handle.slot())?;
        (slot.generation == handle.generation() && slot.is_live()).then_some(&mut slot.value)
    }

    pub(crate) fn is_live(&self, handle: Handle<T>) -> bool {
        self.room.slots.get(handle.slot()).is_some_and(|slot| slot.generation == handle.generation() && slot.is_live())
    }

    /// The live entry in slot `index`.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn at(&self, index: usize) -> Option<(Handle<T>, &T)> {
        let slot = self.room.slots.get(index).filter(|slot| slot.is_live())?;
        Some((Handle::new(index, slot.generation), &slot.value))
    }

    /// The entry in a slot, also one that has ended.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn look(&self, spot: Spot) -> Option<&T> {
        Some(&self.room.slots.get(spot.index())?.value)
    }

    /// The same, to be changed as by [`get_mut`](Self::get_mut).
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn look_mut(&mut self, spot: Spot) -> Option<&mut T> {
        Some(&mut self.room.slots.get_mut(spot.index())?.value)
    }

    /// What names the live entry in a slot.
    pub(crate) fn handle_of(&self, spot: Spot) -> Option<Handle<T>> {
        Some(self.at(spot.index())?.0)
    }

    /// The live entry that has the unique key `key` of this hash and for which `is` holds.
    #[inline]
    pub(crate) fn find(&self, key: usize, hash: u32, is: impl Fn(&T) -> bool) -> Option<Handle<T>> {
        Some(self.look_up(key, hash, is)?.0)
    }

    /// The same with the entry.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    pub(crate) fn look_up(&self, key: usize, hash: u32, is: impl Fn(&T) -> bool) -> Option<(Handle<T>, &T)> {
        let index = link::find(&self.room, key, hash, |slot| is(&slot.value))?;
        let slot = self.room.slots.get(index)?;
        Some((Handle::new(index, slot.generation), &slot.value))
    }

    /// The live entries whose unique key `key` may have this hash, 32 at most: for keys that a few entries share.
    pub(crate) fn under(&self, key: usize, hash: u32) -> impl Iterator<Item = (Handle<T>, &T)> + Clone {
        let slots = link::under(&self.room, key, hash);
        slots.map(|(index, slot)| (Handle::new(index, slot.generation), &slot.value))
    }

    /// The ended entry that was told last, and is forgotten next.
    pub(crate) fn leaving(&self) -> Option<(usize, &T)> {
        let index = self.leaving.index()?;
        Some((index, &self.room.slots.get(index)?.value))
    }

    /// The end that waits to be told for longest.
    pub(crate) fn oldest_end(&self) -> Option<(usize, &T)> {
        let index = self.ended.index()?;
        Some((index, &self.room.slots.get(index)?.value))
    }

    /// Whether a slot is free without anything being forgotten.
    pub(crate) const fn has_free(&self) -> bool {
        !self.free.is_none()
    }

    /// How many slots there are.
    pub(crate) const fn len(&self) -> usize {
        self.room.slots.len()
    }

    /// All live entries.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Handle<T>, &T)> + Clone {
        self.room
            .slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| slot.is_live())
            .map(|(index, slot)| (Handle::new(index, slot.generation), &slot.value))
    }

    /// The live entries whose group `key` has this hash, in the order in which they came to it: the caller leaves out
    /// those of other groups.
    pub(crate) fn group(&self, key: usize, hash: u32) -> impl Iterator<Item = (Handle<T>, &T)> + Clone {
        let mut link = self.group_head(key, hash).unwrap_or(Link::NONE);
        let mut left = self.room.slots.len();
        let list = key.wrapping_add(1);
        core::iter::from_fn({
            let room = &self.room;
            move || {
                left = left.checked_sub(1)?;
                let index = link.index()?;
                let slot = room.slots.get(index)?;
                link = room.place(list, index)?.next;
                Some((Handle::new(index, slot.generation), &slot.value))
            }
        })
    }

    // ---- changing -----------------------------------------------------------------------------

    /// Takes up an entry. `None` if all slots have live entries: then [`victim`](Self::victim) has to
    /// [`end`](Self::end) before.
    pub(crate) fn insert(&mut self, value: T) -> Option<Handle<T>> {
        self.forget_leaving();
        if self.free.is_none() {
            self.forget_oldest_end();
        }
        let index = self.free.index()?;
        let slot = self.room.slots.get_mut(index)?;
        self.free = slot.place.next;
        (slot.value, slot.state, slot.changes, slot.place) = (value, State::Settled, 0, Place::EMPTY);
        let handle = Handle::new(index, slot.generation);
        self.link_unique_keys(index);
        let groups = self.group_keys(index);
        self.relink(index, [None; G], groups);
        self.counters.live = self.counters.live.saturating_add(1);
        self.counters.high_water = self.counters.high_water.max(self.counters.live);
        Some(handle)
    }

    /// Whether [`insert`](Self::insert) would find room.
    pub(crate) const fn has_room(&self) -> bool {
        !(self.free.is_none() && self.leaving.is_none() && self.ended.is_none())
    }

    /// The entry that may go to make room: of the 64 slots behind those that were looked at last, the one that `rank`
    /// puts lowest, and of those the first. `None` as rank keeps an entry.
    pub(crate) fn victim<R: Ord>(&mut self, rank: impl Fn(Handle<T>, &T) -> Option<R>) -> Option<Handle<T>> {
        let mut lowest: Option<(R, Handle<T>)> = None;
        for _ in 0..CANDIDATES.min(self.room.slots.len()) {
            let index = self.hand;
            self.hand = if index.saturating_add(1) < self.room.slots.len() { index.saturating_add(1) } else { 0 };
            let ranked = self.at(index).and_then(|(handle, value)| Some((rank(handle, value)?, handle)));
            lowest = match (ranked, lowest) {
                (Some((rank, handle)), Some((low, _))) if rank < low => Some((rank, handle)),
                (ranked, None) => ranked,
                (_, lowest) => lowest,
            };
        }
        Some(lowest?.1)
    }

    /// Changes a live entry together with its keys.
    pub(crate) fn edit<R>(&mut self, handle: Handle<T>, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        if !self.is_live(handle) {
            return None;
        }
        let mut result = None;
        self.unlink_unique_keys(handle.slot());
        self.regroup(handle, |value| result = Some(change(value)));
        self.link_unique_keys(handle.slot());
        result
    }

    /// Changes a live entry together with the keys of its groups, but not those that are unique.
    pub(crate) fn regroup(&mut self, handle: Handle<T>, change: impl FnOnce(&mut T)) {
        let index = handle.slot();
        let before = self.group_keys(index);
        let Some(value) = self.get_mut(handle) else { return };
        change(value);
        let after = self.group_keys(index);
        self.relink(index, before, after);
    }

    /// Notes changes to be told.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn mark(&mut self, handle: Handle<T>, what: T::What) {
        if self.is_live(handle) {
            self.change_at(handle.slot(), |_| ((), what));
        }
    }

    /// Changes a live entry as by [`get_mut`](Self::get_mut), and notes what of it has changed, which comes second.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    pub(crate) fn change<R>(&mut self, handle: Handle<T>, change: impl FnOnce(&mut T) -> (R, T::What)) -> Option<R> {
        if IS_FAST {
            return if self.is_live(handle) { self.change_at(handle.slot(), change) } else { None };
        }
        let (result, what) = change(self.get_mut(handle)?);
        self.mark(handle, what);
        Some(result)
    }

    /// The same of the live entry in slot `index`.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    pub(crate) fn change_at<R>(&mut self, index: usize, change: impl FnOnce(&mut T) -> (R, T::What)) -> Option<R> {
        let slot = self.room.slots.get_mut(index).filter(|slot| slot.is_live())?;
        let (result, what) = change(&mut slot.value);
        if what.into() != 0 {
            slot.changes |= what.into();
            self.marks = self.marks.wrapping_add(1);
            if core::mem::replace(&mut slot.state, State::Changed) == State::Settled {
                self.is_one = self.changed.is_none();
                self.changed = link::append(&mut self.room, STATES, self.changed, index);
            }
        }
        Some(result)
    }

    /// Notes changes of the live entry in a slot.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn mark_at(&mut self, spot: Spot, what: T::What) {
        self.change_at(spot.index(), |_| ((), what));
    }

    /// Ends a live entry: from now on it is found by its handle only, until its end is told or its room is needed.
    pub(crate) fn end(&mut self, handle: Handle<T>) {
        if !self.is_live(handle) {
            return;
        }
        let index = handle.slot();
        self.unlink_unique_keys(index);
        let groups = self.group_keys(index);
        self.relink(index, groups, [None; G]);
        let Some(slot) = self.room.slots.get_mut(index) else { return };
        let was_changed = core::mem::replace(&mut slot.state, State::Ended) == State::Changed;
        if was_changed {
            self.take_changed(index);
        }
        self.ended = link::append(&mut self.room, STATES, self.ended, index);
        self.marks = self.marks.wrapping_add(1);
        self.counters.live = self.counters.live.saturating_sub(1);
    }

    /// Ends a live entry of which nobody is told: its slot is free at once.
    pub(crate) fn remove(&mut self, handle: Handle<T>) {
        if self.is_live(handle) {
            self.end(handle);
            self.ended = link::take_out(&mut self.room, STATES, self.ended, handle.slot());
            self.vacate(handle.slot());
        }
    }

    /// Ends a live entry as its room is needed.
    pub(crate) fn evict(&mut self, handle: Handle<T>) {
        if self.is_live(handle) {
            self.end(handle);
            self.counters.evicted = self.counters.evicted.saturating_add(1);
        }
    }

    /// Counts an entry that was not taken up.
    pub(crate) fn refuse(&mut self) {
        self.counters.refused = self.counters.refused.saturating_add(1);
    }

    /// The next change: first whether any were lost, then ends, then changes, each in their order.
    #[inline]
    pub(crate) fn poll(&mut self) -> Option<Change<T>> {
        let has_none = self.changed.is_none() && self.ended.is_none() && self.leaving.is_none() && !self.lost;
        if has_none { None } else { self.poll_any() }
    }

    fn poll_any(&mut self) -> Option<Change<T>> {
        self.forget_leaving();
        if core::mem::take(&mut self.lost) {
            return Some(Change::Lost);
        }
        if let Some(index) = self.ended.index() {
            self.ended = link::take_out(&mut self.room, STATES, self.ended, index);
            self.leaving = Link::to(index);
            let slot = self.room.slots.get_mut(index)?;
            let what = core::mem::take(&mut slot.changes);
            return Some(Change::Ended(Handle::new(index, slot.generation), what.into()));
        }
        let index = self.changed.index()?;
        self.take_changed(index);
        let slot = self.room.slots.get_mut(index)?;
        slot.state = State::Settled;
        let what = core::mem::take(&mut slot.changes);
        Some(Change::Changed(Handle::new(index, slot.generation), what.into()))
    }

    // ---- inside -------------------------------------------------------------------------------

    fn take_changed(&mut self, index: usize) {
        self.changed = match core::mem::take(&mut self.is_one) {
            true => Link::NONE,
            false => link::take_out(&mut self.room, STATES, self.changed, index),
        };
    }

    /// Forgets the end that was told last. To be called before anything is observed.
    pub(crate) fn forget_leaving(&mut self) {
        if let Some(index) = core::mem::take(&mut self.leaving).index() {
            self.vacate(index);
        }
    }

    /// Forgets the end that waits to be told for longest, which is then lost.
    pub(crate) fn forget_oldest_end(&mut self) {
        if let Some(index) = self.ended.index() {
            self.ended = link::take_out(&mut self.room, STATES, self.ended, index);
            self.vacate(index);
            self.lost = true;
            self.counters.lost = self.counters.lost.saturating_add(1);
        }
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn vacate(&mut self, index: usize) {
        if let Some(slot) = self.room.slots.get_mut(index) {
            slot.generation = slot.generation.saturating_add(1);
            slot.state = State::Free;
        }
        self.release(index);
    }

    /// Puts a slot on the free list, unless its generations are used up.
    fn release(&mut self, index: usize) {
        match self.room.slots.get_mut(index) {
            Some(slot) if slot.generation != u32::MAX => {
                slot.place.next = self.free;
                self.free = Link::to(index);
            }
            _ => self.counters.capacity = self.counters.capacity.saturating_sub(1),
        }
    }

    fn group_head(&self, key: usize, hash: u32) -> Option<Link> {
        link::head(&self.room, key.wrapping_add(U), hash)
    }

    fn set_group_head(&mut self, key: usize, hash: u32, head: Link) {
        if let Some(place) = link::head_mut(&mut self.room, key.wrapping_add(U), hash) {
            *place = head;
        }
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn group_keys(&self, index: usize) -> GroupKeys<G> {
        let slot = self.room.slots.get(index).filter(|_| G > 0);
        self.groups.zip(slot).map_or([None; G], |(groups, slot)| (groups.keys)(&slot.value))
    }

    fn relink(&mut self, index: usize, before: GroupKeys<G>, after: GroupKeys<G>) {
        if let Some(groups) = self.groups.filter(|_| G > 0) {
            (groups.relink)(self, index, before, after);
        }
    }

    fn relink_groups(&mut self, index: usize, before: GroupKeys<G>, after: GroupKeys<G>) {
        for (key, (old, new)) in before.into_iter().zip(after).enumerate() {
            if old != new {
                self.unlink_group(key, index, old);
                self.link_group(key, index, new);
            }
        }
    }

    /// Has the entry in this slot be found by the unique keys that it has.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn link_unique_keys(&mut self, index: usize) {
        for key in 0..U {
            let Some(hash) = self.unique_key(index, key) else { continue };
            if link::chain(&mut self.room, key, hash, index).is_none() {
                self.counters.crowded = self.counters.crowded.saturating_add(1);
            }
        }
    }

    /// Has it be found by them no longer. An entry that found its chain full is in none.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn unlink_unique_keys(&mut self, index: usize) {
        for key in 0..U {
            if let Some(hash) = self.unique_key(index, key) {
                let _ = link::unchain(&mut self.room, key, hash, index);
            }
        }
    }

    fn unique_key(&self, index: usize, key: usize) -> Option<u32> {
        self.room.slots.get(index)?.value.unique(key)
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn link_group(&mut self, key: usize, index: usize, hash: Option<u32>) {
        let Some((hash, head)) = hash.and_then(|hash| Some((hash, self.group_head(key, hash)?))) else { return };
        let head = link::append(&mut self.room, key.wrapping_add(1), head, index);
        self.set_group_head(key, hash, head);
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn unlink_group(&mut self, key: usize, index: usize, hash: Option<u32>) {
        let Some((hash, head)) = hash.and_then(|hash| Some((hash, self.group_head(key, hash)?))) else { return };
        let head = link::take_out(&mut self.room, key.wrapping_add(1), head, index);
        self.set_group_head(key, hash, head);
    }
}
