//! Where the links of a table are kept: in its slots, or apart from them.

use core::fmt::Debug;
use core::num::NonZeroUsize;

use crate::track::link::{Link, Place};

/// The heads of a table's buckets, and the places of its entries in groups.
///
/// Heads have numbers: those of the first unique key, as many as there are slots, then those of the next; then those of
/// the groups.
pub trait Links: Copy + Debug + 'static {
    /// What stands apart from the slots, and as many of them.
    type Apart: Copy + Debug;
    const EMPTY: Self;
    const APART: Self::Apart;

    /// How many entries there is room for.
    fn room(slots: usize, apart: usize) -> usize;
    fn head<'l>(slot: impl Fn(usize) -> Option<&'l Self>, apart: &[Self::Apart], number: usize) -> Option<Link>;
    fn head_mut<'l>(
        slot: impl FnOnce(usize) -> Option<&'l mut Self>,
        apart: &'l mut [Self::Apart],
        number: usize,
    ) -> Option<&'l mut Link>;
    fn place<'l>(
        slot: impl Fn(usize) -> Option<&'l Self>,
        apart: &'l [Self::Apart],
        group: usize,
        index: usize,
    ) -> Option<&'l Place>;
    fn place_mut<'l>(
        slot: impl FnOnce(usize) -> Option<&'l mut Self>,
        apart: &'l mut [Self::Apart],
        group: usize,
        index: usize,
    ) -> Option<&'l mut Place>;
}

/// Heads and places stand in the slots, whichever entry these hold: heads of one kind close together, several to a slot.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Within<const U: usize, const G: usize> {
    heads: [Link; U],
    group_heads: [Link; G],
    places: [Place; G],
}

impl<const U: usize, const G: usize> Within<U, G> {
    const HEADS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(U.saturating_add(G).saturating_sub(1));
}

impl<const U: usize, const G: usize> Links for Within<U, G> {
    type Apart = ();
    const EMPTY: Self = Self { heads: [Link::NONE; U], group_heads: [Link::NONE; G], places: [Place::EMPTY; G] };
    const APART: () = ();

    fn room(slots: usize, _: usize) -> usize {
        slots
    }

    fn head<'l>(slot: impl Fn(usize) -> Option<&'l Self>, _: &[()], number: usize) -> Option<Link> {
        let (slot, at) = (slot(number / Self::HEADS)?, number % Self::HEADS);
        match at.checked_sub(U) {
            None => slot.heads.get(at).copied(),
            Some(at) => slot.group_heads.get(at).copied(),
        }
    }

    fn head_mut<'l>(
        slot: impl FnOnce(usize) -> Option<&'l mut Self>,
        _: &'l mut [()],
        number: usize,
    ) -> Option<&'l mut Link> {
        let (slot, at) = (slot(number / Self::HEADS)?, number % Self::HEADS);
        match at.checked_sub(U) {
            None => slot.heads.get_mut(at),
            Some(at) => slot.group_heads.get_mut(at),
        }
    }

    fn place<'l>(
        slot: impl Fn(usize) -> Option<&'l Self>,
        _: &'l [()],
        group: usize,
        index: usize,
    ) -> Option<&'l Place> {
        slot(index)?.places.get(group)
    }

    fn place_mut<'l>(
        slot: impl FnOnce(usize) -> Option<&'l mut Self>,
        _: &'l mut [()],
        group: usize,
        index: usize,
    ) -> Option<&'l mut Place> {
        slot(index)?.places.get_mut(group)
    }
}

/// Heads and places stand apart from the slots, in `N` [pairs](Pairs) of links for each: what is looked for at random in a
/// large table takes as few lines of a cache as can be, and the slots are smaller. Half as many pairs as there are unique
/// keys and groups are of heads; one for each group follows.
#[derive(Clone, Copy, Debug)]
pub struct Beside<const N: usize>;

/// Links of a table that stand beside its slots: as many of these are needed as there are slots.
#[derive(Clone, Copy, Debug)]
pub struct Pairs<const N: usize>([Place; N]);

impl<const N: usize> Pairs<N> {
    /// Room with nothing in it.
    pub const EMPTY: Self = Self([Place::EMPTY; N]);

    const LEN: NonZeroUsize = NonZeroUsize::MIN.saturating_add(N.saturating_sub(1));

    fn pair(all: &[Self], number: usize) -> Option<&Place> {
        all.get(number / Self::LEN)?.0.get(number % Self::LEN)
    }

    fn pair_mut(all: &mut [Self], number: usize) -> Option<&mut Place> {
        all.get_mut(number / Self::LEN)?.0.get_mut(number % Self::LEN)
    }

    /// The number of the pair that is a place in a group, counted from the last one.
    const fn number_of_place(all: &[Self], group: usize, index: usize) -> usize {
        let before = N.wrapping_sub(1).wrapping_sub(group);
        before.wrapping_mul(all.len()).wrapping_add(index)
    }
}

impl<const N: usize> Links for Beside<N> {
    type Apart = Pairs<N>;
    const EMPTY: Self = Self;
    const APART: Pairs<N> = Pairs::EMPTY;

    fn room(slots: usize, apart: usize) -> usize {
        slots.min(apart)
    }

    fn head<'l>(_: impl Fn(usize) -> Option<&'l Self>, apart: &[Pairs<N>], number: usize) -> Option<Link> {
        let pair = Pairs::pair(apart, number / 2)?;
        Some(if number.is_multiple_of(2) { pair.prev } else { pair.next })
    }

    fn head_mut<'l>(
        _: impl FnOnce(usize) -> Option<&'l mut Self>,
        apart: &'l mut [Pairs<N>],
        number: usize,
    ) -> Option<&'l mut Link> {
        let pair = Pairs::pair_mut(apart, number / 2)?;
        Some(if number.is_multiple_of(2) { &mut pair.prev } else { &mut pair.next })
    }

    fn place<'l>(
        _: impl Fn(usize) -> Option<&'l Self>,
        apart: &'l [Pairs<N>],
        group: usize,
        index: usize,
    ) -> Option<&'l Place> {
        Pairs::pair(apart, Pairs::number_of_place(apart, group, index))
    }

    fn place_mut<'l>(
        _: impl FnOnce(usize) -> Option<&'l mut Self>,
        apart: &'l mut [Pairs<N>],
        group: usize,
        index: usize,
    ) -> Option<&'l mut Place> {
        let number = Pairs::number_of_place(apart, group, index);
        Pairs::pair_mut(apart, number)
    }
}
