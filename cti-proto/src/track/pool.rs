//! Members of things: small values that stand in lists of their owners, and are nobody's to name from outside.

use crate::track::change::TableCounters;
use crate::track::link::{self, Link, Listed, Place};

/// Room for one member, which stands in `L` lists. Storage is arrays of these.
#[derive(Clone, Copy, Debug)]
pub struct Cell<T, const L: usize> {
    places: [Place; L],
    pub(crate) value: T,
}

impl<T: Member, const L: usize> Cell<T, L> {
    /// Room with nothing in it.
    pub const EMPTY: Self = Self { places: [Place::EMPTY; L], value: T::EMPTY };
}

/// What a pool holds.
pub trait Member: Copy {
    /// One that says nothing, best of zeros only.
    const EMPTY: Self;
}

impl<T, const L: usize> Listed for &mut [Cell<T, L>] {
    fn place(&self, list: usize, index: usize) -> Option<&Place> {
        self.get(index)?.places.get(list)
    }

    fn place_mut(&mut self, list: usize, index: usize) -> Option<&mut Place> {
        self.get_mut(index)?.places.get_mut(list)
    }
}

/// A pool over borrowed cells. Taking, giving back, joining and leaving a list are one step each. Who owns a list keeps
/// its head.
#[derive(Debug)]
pub(crate) struct Pool<'s, T, const L: usize> {
    cells: &'s mut [Cell<T, L>],
    /// Cells that are free again. Without these, all those in use are in front of the others.
    free: Link,
    counters: TableCounters,
}

impl<'s, T: Member, const L: usize> Pool<'s, T, L> {
    /// An empty pool over `cells`, whatever they hold.
    pub(crate) fn new(cells: &'s mut [Cell<T, L>]) -> Self {
        let cells = cells.get_mut(..cells.len().min(u32::MAX as usize / 2)).unwrap_or_default();
        let counters = TableCounters { capacity: cells.len(), ..TableCounters::default() };
        Self { cells, free: Link::NONE, counters }
    }

    pub(crate) const fn counters(&self) -> TableCounters {
        self.counters
    }

    /// Takes a cell, which is then in no list; `None`, and counted, if there is none.
    pub(crate) fn insert(&mut self, value: T) -> Option<Link> {
        let has_free = !self.free.is_none();
        let link = if has_free { self.free } else { Link::to(self.counters.live) };
        let Some(cell) = link.index().and_then(|index| self.cells.get_mut(index)) else {
            self.counters.refused = self.counters.refused.saturating_add(1);
            return None;
        };
        if has_free {
            self.free = cell.places.first()?.next;
        }
        (cell.places, cell.value) = ([Place::EMPTY; L], value);
        self.counters.live = self.counters.live.saturating_add(1);
        self.counters.high_water = self.counters.high_water.max(self.counters.live);
        Some(link)
    }

    /// Gives a cell back that is in no list any more.
    pub(crate) fn remove(&mut self, link: Link) {
        if let Some(index) = link.index() {
            self.release(index);
            self.counters.live = self.counters.live.saturating_sub(1);
        }
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn get(&self, link: Link) -> Option<&T> {
        Some(&self.cells.get(link.index()?)?.value)
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn get_mut(&mut self, link: Link) -> Option<&mut T> {
        Some(&mut self.cells.get_mut(link.index()?)?.value)
    }

    /// Puts a cell at the end of the list that begins at `head`.
    pub(crate) fn join(&mut self, list: usize, head: &mut Link, member: Link) {
        if let Some(index) = member.index() {
            *head = link::append(&mut self.cells, list, *head, index);
        }
    }

    /// Takes a cell out of the list that begins at `head`.
    pub(crate) fn leave(&mut self, list: usize, head: &mut Link, member: Link) {
        if let Some(index) = member.index() {
            *head = link::take_out(&mut self.cells, list, *head, index);
        }
    }

    /// The member behind `member` in a list.
    pub(crate) fn next(&self, list: usize, member: Link) -> Link {
        let place = member.index().and_then(|index| self.cells.place(list, index));
        place.map_or(Link::NONE, |place| place.next)
    }

    /// The members of the list that begins at `head`, in the order in which they joined it.
    pub(crate) fn iter(&self, list: usize, head: Link) -> impl Iterator<Item = (Link, &T)> + Clone {
        let mut next = head;
        let mut left = self.cells.len();
        let cells = &*self.cells;
        core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let link = next;
            let cell = cells.get(link.index()?)?;
            next = cell.places.get(list)?.next;
            Some((link, &cell.value))
        })
    }

    fn release(&mut self, index: usize) {
        if let Some(place) = self.cells.get_mut(index).and_then(|cell| cell.places.first_mut()) {
            place.next = self.free;
            self.free = Link::to(index);
        }
    }
}
