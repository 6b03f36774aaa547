//! Repeated fields: read from the wire while iterating, written from slices.

use core::fmt;
use core::marker::PhantomData;

use crate::message::ElementInfo;
use crate::protocol::FieldFormat;
use crate::wire::{FieldValue, Fields, IS_FAST, RawField, Writer};

/// A list of a message: either a region of received bytes, decoded while iterating, or a slice to be written.
///
/// Equality compares the elements, however they are held.
#[derive(Clone, Copy)]
pub struct List<'a, T> {
    items: Items<'a, T>,
    declared: Option<u16>,
}

#[derive(Clone, Copy)]
enum Items<'a, T> {
    /// From the first field of the list to the end of the body, of which `tail` bytes lie behind its last field.
    Wire {
        from: &'a [u8],
        tail: usize,
        format: FieldFormat,
    },
    Slice(&'a [T]),
}

/// A list's element: one field, or several that are repeated together.
pub trait Element<'a>: Copy + PartialEq + fmt::Debug + 'a {
    /// Its fields.
    const INFO: &'static ElementInfo;

    /// Whether a field is of this list, and if so, whether `length` is a size it may have.
    fn accepts(tag: u16, length: usize) -> Option<bool>;

    /// The next element of the region that `walk` is in.
    fn next(walk: &mut Walk<'a>) -> Option<Self>;

    /// The element at the front of `fields`, if it is written in the order of its fields; else nothing is taken.
    #[inline(always)]
    fn in_order(_: &mut Fields<'a>) -> Option<Self> {
        None
    }

    /// Goes on behind the element at the front of `fields`, if it is written in the order of its fields.
    #[inline(always)]
    fn skip(fields: &mut Fields<'a>) -> bool {
        Self::in_order(fields).is_some()
    }

    /// Writes the fields of all elements.
    fn write_all(list: &List<'a, Self>, writer: &mut Writer<'_>);

    /// The same at speed for this version of Unified CCE, with tags and lengths of two bytes if `WIDE`, else of one:
    /// what is left of `place`, or `None` if [`write_all`](Self::write_all) must look at something unusual.
    #[inline(always)]
    fn write_plainly<'b, const WIDE: bool>(_: &List<'a, Self>, _: u32, _: &'b mut [u8]) -> Option<&'b mut [u8]> {
        None
    }
}

/// A walk through the region of a list.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    /// The fields not yet walked.
    pub fields: Fields<'a>,
    /// What is left of fields that hold several elements, one column a field.
    pub columns: [&'a [u8]; 2],
}

impl<'a> Walk<'a> {
    /// The next field whose tag is wanted.
    #[inline]
    pub fn find(&mut self, wanted: impl Fn(u16) -> bool) -> Option<RawField<'a>> {
        self.fields.by_ref().find(|field| wanted(field.tag))
    }

    /// Makes sure that the first column has a value, from the next field with its tag and the field behind that,
    /// if it is the second column's; `None` at the end.
    pub(crate) fn fill_columns(&mut self, size: usize, first: u16, second: Option<u16>) -> Option<()> {
        let [column, other] = &mut self.columns;
        while column.len() < size {
            *column = self.fields.by_ref().find(|field| field.tag == first)?.data;
            let mut ahead = self.fields;
            // The columns come in pairs: a second one of another pair is not this one's.
            let beside = ahead.next().filter(|field| Some(field.tag) == second);
            *other = beside.map_or(&[], |field| field.data);
            if beside.is_some() {
                self.fields = ahead;
            }
        }
        Some(())
    }

    /// The next value of a column, `size` bytes wide.
    pub(crate) fn take_from_column<T: FieldValue<'a>>(&mut self, size: usize, column: usize) -> Option<T> {
        let column = self.columns.get_mut(column)?;
        let (value, rest) = column.split_at_checked(size)?;
        *column = rest;
        T::from_data(value)
    }
}

impl<'a, T: Element<'a>> List<'a, T> {
    /// A list of nothing.
    pub const EMPTY: Self = Self { items: Items::Slice(&[]), declared: None };

    /// A list to be written.
    #[must_use]
    pub const fn new(items: &'a [T]) -> Self {
        Self { items: Items::Slice(items), declared: None }
    }

    /// A list that was received in these bytes.
    pub(crate) const fn received(format: FieldFormat, from: &'a [u8]) -> Self {
        Self { items: Items::Wire { from, tail: 0, format }, declared: None }
    }

    /// The elements.
    #[inline]
    pub fn iter(&self) -> Iter<'a, T> {
        Iter(match self.items {
            Items::Wire { format, .. } => Source::Wire(Elements::new(format, self.region().unwrap_or_default())),
            Items::Slice(items) => Source::Slice(items.iter()),
        })
    }

    /// How many elements there are. A received list is walked to count them.
    #[must_use]
    #[cfg_attr(not(target_pointer_width = "32"), inline)]
    pub fn len(&self) -> usize {
        match self.items {
            Items::Wire { .. } => self.count(),
            Items::Slice(items) => items.len(),
        }
    }

    #[cfg_attr(not(target_pointer_width = "32"), inline(never))]
    fn count(&self) -> usize {
        self.iter().count()
    }

    /// Hands each element on with what came of the one before, until nothing comes of one.
    #[inline(always)]
    pub(crate) fn try_each<B>(&self, mut all: B, mut each: impl FnMut(B, &T) -> Option<B>) -> Option<B> {
        match self.items {
            // Two loops, as elements of a slice need not be copied.
            Items::Wire { .. } => {
                for item in self.iter() {
                    all = each(all, &item)?;
                }
            }
            Items::Slice(items) => {
                for item in items {
                    all = each(all, item)?;
                }
            }
        }
        Some(all)
    }

    /// The bytes that a received list stands in, between which may be fields that are none of its own.
    #[inline]
    pub(crate) fn region(&self) -> Option<&'a [u8]> {
        match self.items {
            Items::Wire { from, tail, .. } => from.get(..from.len().saturating_sub(tail)),
            Items::Slice(items) => items.is_empty().then_some(&[]),
        }
    }

    /// Whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The count that the sender wrote for the list; decoding does not hold the list to it.
    #[must_use]
    pub const fn declared(&self) -> Option<u16> {
        self.declared
    }

    pub(crate) fn declare(&mut self, count: u16) {
        self.declared = Some(count);
    }

    /// Extends the region of a list by the field at the front of `from`, behind which `tail` bytes are left.
    #[inline(always)]
    pub(crate) fn extend(&mut self, format: FieldFormat, from: &'a [u8], tail: usize) {
        match &mut self.items {
            // Foreign fields in between stay in the region; a walk passes over them.
            Items::Wire { tail: last, .. } => *last = tail,
            items @ Items::Slice(_) => *items = Items::Wire { from, tail, format },
        }
    }
}

impl<'a, T: Element<'a>> Default for List<'a, T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<'a, T: Element<'a>> From<&'a [T]> for List<'a, T> {
    fn from(items: &'a [T]) -> Self {
        Self::new(items)
    }
}

impl<'a, T: Element<'a>, const N: usize> From<&'a [T; N]> for List<'a, T> {
    fn from(items: &'a [T; N]) -> Self {
        Self::new(items)
    }
}

impl<'a, T: Element<'a>> PartialEq for List<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a, T: Element<'a>> fmt::Debug for List<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(feature = "defmt")]
impl<'a, T: Element<'a> + defmt::Format> defmt::Format for List<'a, T> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "[");
        for item in self.iter() {
            defmt::write!(f, "{}, ", item);
        }
        defmt::write!(f, "]");
    }
}

impl<'a, T: Element<'a>> IntoIterator for List<'a, T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T: Element<'a>> IntoIterator for &List<'a, T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

/// Iterator over the elements of a [`List`].
#[derive(Clone, Debug)]
pub struct Iter<'a, T>(Source<'a, T>);

#[derive(Clone, Debug)]
enum Source<'a, T> {
    Wire(Elements<'a, T>),
    Slice(core::slice::Iter<'a, T>),
}

/// Iterator over elements that were received.
#[derive(Clone, Debug)]
pub(crate) struct Elements<'a, T>(Walk<'a>, PhantomData<T>);

impl<'a, T: Element<'a>> Elements<'a, T> {
    /// Those in `region`.
    #[inline]
    pub(crate) const fn new(format: FieldFormat, region: &'a [u8]) -> Self {
        Self(Walk { fields: Fields::with_format(format, region), columns: [&[]; 2] }, PhantomData)
    }
}

impl<'a, T: Element<'a>> Iterator for Iter<'a, T> {
    type Item = T;

    #[cfg_attr(not(target_pointer_width = "32"), inline)]
    fn next(&mut self) -> Option<T> {
        match &mut self.0 {
            Source::Wire(received) => received.next(),
            Source::Slice(items) => items.next().copied(),
        }
    }

    /// Looks only once at where the elements come from.
    #[inline]
    fn fold<B, F: FnMut(B, T) -> B>(self, init: B, mut f: F) -> B {
        match self.0 {
            Source::Wire(received) => received.fold(init, f),
            Source::Slice(items) => items.fold(init, |all, item| f(all, *item)),
        }
    }
}

impl<'a, T: Element<'a>> Iterator for Elements<'a, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        T::next(&mut self.0)
    }

    /// Keeps its place in registers.
    #[inline]
    fn fold<B, F: FnMut(B, T) -> B>(self, init: B, f: F) -> B {
        let Self(mut walk, _) = self;
        let rest = walk.fields.rest();
        // In each arm the format is a constant, and the loop does not ask for it again.
        match walk.fields.format() {
            FieldFormat::Narrow if IS_FAST => {
                walk.fields = Fields::with_format(FieldFormat::Narrow, rest);
                core::iter::from_fn(|| T::next(&mut walk)).fold(init, f)
            }
            FieldFormat::Wide if IS_FAST => {
                walk.fields = Fields::with_format(FieldFormat::Wide, rest);
                core::iter::from_fn(|| T::next(&mut walk)).fold(init, f)
            }
            _ => core::iter::from_fn(|| T::next(&mut walk)).fold(init, f),
        }
    }
}
