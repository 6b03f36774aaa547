//! What observing changes, and how it is told.

use crate::message::debug;
use core::fmt;

use crate::track::Handle;
use crate::track::table::Entry;

/// Something that is different since the last time that changes were taken: what a tracker's `poll_change` gives.
///
/// Changes are told once per entry, however often it changed in between. They are kept in the entries themselves and
/// need no room.
#[non_exhaustive]
pub enum Change<T: Entry> {
    /// The entry is new, or has changed: `T::What` says what of it.
    Changed(Handle<T>, T::What),
    /// The entry has ended. It can be looked at by its handle until the next `observe` or `poll_change`, with all that
    /// it was at its end; no other lookup finds it.
    Ended(Handle<T>, T::What),
    /// Entries went that nobody can be told of, as the table was full: forget what is displayed, and read it anew.
    Lost,
}

impl<T: Entry> Clone for Change<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Entry> Copy for Change<T> {}

impl<T: Entry> PartialEq for Change<T> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Changed(a, x), Self::Changed(b, y)) | (Self::Ended(a, x), Self::Ended(b, y)) => a == b && x == y,
            (Self::Lost, Self::Lost) => true,
            _ => false,
        }
    }
}

impl<T: Entry> Eq for Change<T> {}

impl<T: Entry> fmt::Debug for Change<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(handle, what) => f.debug_tuple("Changed").field(handle).field(what).finish(),
            Self::Ended(handle, what) => f.debug_tuple("Ended").field(handle).field(what).finish(),
            Self::Lost => f.write_str("Lost"),
        }
    }
}

#[cfg(feature = "defmt")]
impl<T: Entry<What: defmt::Format>> defmt::Format for Change<T> {
    fn format(&self, f: defmt::Formatter<'_>) {
        match self {
            Self::Changed(handle, what) => defmt::write!(f, "Changed({}, {})", handle, what),
            Self::Ended(handle, what) => defmt::write!(f, "Ended({}, {})", handle, what),
            Self::Lost => defmt::write!(f, "Lost"),
        }
    }
}

/// What a message was to a tracker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Observed {
    /// None of its messages.
    #[default]
    Irrelevant,
    /// One of its messages, which told it nothing new, or nothing that it keeps.
    Unchanged,
    /// Something is different now: `poll_change` tells what.
    Changed,
}

impl Observed {
    /// The more that two trackers make of a message.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }
}

/// How a table is doing.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct TableCounters {
    /// Entries that there is room for.
    pub capacity: usize,
    /// Entries that are there, without those that have ended.
    pub live: usize,
    /// The most that were there at one time.
    pub high_water: usize,
    /// Live entries that went as the table was full.
    pub evicted: u32,
    /// Entries that were not taken up, as the table was full and nothing in it could go.
    pub refused: u32,
    /// Ends that nobody was told of, as their room was needed before they were taken.
    pub lost: u32,
    /// Keys under which an entry cannot be found, as too many others have the same hash: a peer that means ill.
    pub crowded: u32,
}

debug! {
    TableCounters { capacity, live, high_water, evicted, refused, lost, crowded, }
}

/// Defines what can change of an entry: a mask of named bits.
macro_rules! change_mask {
    ($(#[$meta:meta])* pub struct $type:ident { $($name:ident = $bit:literal, $text:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Default, PartialEq, Eq)]
        #[must_use]
        pub struct $type(u16);

        impl $type {
            $(#[doc = $text] pub const $name: Self = Self(1 << $bit);)+
            /// Nothing.
            pub const NONE: Self = Self(0);
            /// Everything.
            pub const ALL: Self = Self(0 $(| 1 << $bit)+);

            /// Whether all of `other` is among it.
            #[must_use]
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether anything of `other` is among it.
            #[must_use]
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// Whether it is nothing.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            const NAMES: &[(u16, &str)] = &[$((1 << $bit, stringify!($name)),)+];
        }

        impl ::core::convert::From<u16> for $type {
            fn from(bits: u16) -> Self {
                Self(bits)
            }
        }

        impl ::core::convert::From<$type> for u16 {
            fn from(what: $type) -> Self {
                what.0
            }
        }

        impl ::core::ops::BitOr for $type {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl ::core::ops::BitOrAssign for $type {
            fn bitor_assign(&mut self, other: Self) {
                self.0 |= other.0;
            }
        }

        impl ::core::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::track::change::write_names(f, Self::NAMES, self.0)
            }
        }

        #[cfg(feature = "defmt")]
        impl ::defmt::Format for $type {
            fn format(&self, f: ::defmt::Formatter<'_>) {
                ::defmt::write!(f, "{}", ::defmt::Debug2Format(self));
            }
        }
    };
}
pub(crate) use change_mask;

/// Names of the bits that are set, with bars between them.
pub(crate) fn write_names(f: &mut fmt::Formatter<'_>, names: &[(u16, &str)], bits: u16) -> fmt::Result {
    let mut bar = "";
    for (_, name) in names.iter().filter(|(bit, _)| bits & bit != 0) {
        write!(f, "{bar}{name}")?;
        bar = "|";
    }
    f.write_str(if bar.is_empty() { "nothing" } else { "" })
}
