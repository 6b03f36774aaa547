//! Call data, packed: what is kept of ANI, call variables, ECC variables and the rest, in a region of bytes per call.
//!
//! A region begins with the number of bytes in use, of all and of the single values (two bytes each), and with the mask of
//! the single values that are there (four bytes). Records of single values follow (kind, length, value), then those of
//! named ones (kind, index, length of the name, length of the value, name, value).

use core::fmt;

use crate::message::CallVariables;
use crate::track::text::{same, trimmed};
use crate::wire::{Bytes, List, NamedArray, NamedVariable, Text};

const HEAD_LEN: usize = 8;
const SINGLE_LEN: usize = 2;
const NAMED_LEN: usize = 4;

macro_rules! call_fields {
    ($($name:ident = $bit:literal, $text:literal;)+) => {
        /// Which call data to keep.
        #[derive(Clone, Copy, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[must_use]
        pub struct CallFields(u32);

        impl CallFields {
            $(#[doc = $text] pub const $name: Self = Self(1 << $bit);)+
            /// All ten call variables.
            pub const CALL_VARIABLES: Self = Self(0x3ff);
            /// Everything.
            pub const ALL: Self = Self(0x3ff $(| 1 << $bit)+);

            const NAMES: &[(u32, &str)] = &[$((1 << $bit, stringify!($name)),)+];
        }

        /// The kinds of records: the numbers of the bits.
        mod kind {
            $(pub(super) const $name: u8 = $bit;)+
        }
    };
}

call_fields! {
    ANI = 10, "The caller's number.";
    DNIS = 11, "The number that the network says was called.";
    DIALED_NUMBER = 12, "The number dialled.";
    CALLER_ENTERED_DIGITS = 13, "What the caller typed.";
    USER_TO_USER_INFO = 14, "The ISDN information element.";
    CALL_WRAPUP_DATA = 15, "Wrap-up data.";
    CUSTOMER_PHONE_NUMBER = 16, "The customer's number in an outbound campaign.";
    CUSTOMER_ACCOUNT_NUMBER = 17, "The customer's account in an outbound campaign.";
    CALL_REFERENCE_ID = 18, "The call's reference at Unified CM.";
    NAMED_VARIABLES = 19, "ECC variables.";
    NAMED_ARRAYS = 20, "ECC arrays.";
}

impl CallFields {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// One call variable, 1 to 10. Other numbers are nothing.
    pub const fn variable(number: u32) -> Self {
        match number {
            1..=10 => Self(1 << number.wrapping_sub(1)),
            _ => Self::NONE,
        }
    }

    /// These and those.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` are among them.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    const fn has(self, kind: u8) -> bool {
        self.0 >> (kind & 31) & 1 == 1
    }

    const fn with(self, kind: u8) -> Self {
        Self(self.0 | 1 << (kind & 31))
    }

    const fn without(self, kind: u8) -> Self {
        Self(self.0 & !(1 << (kind & 31)))
    }
}

impl fmt::Debug for CallFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bar = "";
        for number in (1..=10).filter(|number| self.contains(Self::variable(*number))) {
            write!(f, "{bar}CALL_VARIABLE_{number}")?;
            bar = "|";
        }
        for (_, name) in Self::NAMES.iter().filter(|(bit, _)| self.0 & bit != 0) {
            write!(f, "{bar}{name}")?;
            bar = "|";
        }
        f.write_str(if bar.is_empty() { "nothing" } else { "" })
    }
}

/// The data of a message, whichever it has.
#[derive(Clone, Copy)]
pub(super) struct Source<'m, 'a> {
    pub(super) ani: Option<Text<'a>>,
    pub(super) dnis: Option<Text<'a>>,
    pub(super) dialed_number: Option<Text<'a>>,
    pub(super) caller_entered_digits: Option<Text<'a>>,
    pub(super) user_to_user_info: Option<Bytes<'a>>,
    pub(super) call_wrapup_data: Option<Text<'a>>,
    pub(super) customer_phone_number: Option<Text<'a>>,
    pub(super) customer_account_number: Option<Text<'a>>,
    pub(super) call_reference_id: Option<Bytes<'a>>,
    pub(super) variables: &'m CallVariables<'a>,
    pub(super) named_variables: List<'a, NamedVariable<'a>>,
    pub(super) named_arrays: List<'a, NamedArray<'a>>,
    /// Whether the named ones are all that the call has, and not only what is new.
    pub(super) replaces_named: bool,
}

impl<'a> Source<'_, 'a> {
    pub(super) const NONE: Source<'static, 'static> = Source {
        ani: None,
        dnis: None,
        dialed_number: None,
        caller_entered_digits: None,
        user_to_user_info: None,
        call_wrapup_data: None,
        customer_phone_number: None,
        customer_account_number: None,
        call_reference_id: None,
        variables: &CallVariables::NONE,
        named_variables: List::EMPTY,
        named_arrays: List::EMPTY,
        replaces_named: false,
    };

    fn named(&self, keep: CallFields) -> impl Iterator<Item = Named<'a>> + use<'a> {
        let variables = keep.has(kind::NAMED_VARIABLES).then_some(self.named_variables);
        let arrays = keep.has(kind::NAMED_ARRAYS).then_some(self.named_arrays);
        let variables = variables.unwrap_or_default().into_iter().map(|variable| Named {
            kind: kind::NAMED_VARIABLES,
            index: 0,
            name: trimmed(variable.name),
            value: trimmed(variable.value),
        });
        let arrays = arrays.unwrap_or_default().into_iter().map(|element| Named {
            kind: kind::NAMED_ARRAYS,
            index: element.index,
            name: trimmed(element.name),
            value: trimmed(element.value),
        });
        variables.chain(arrays)
    }
}

/// What keeping data came to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stored {
    pub(super) changed: bool,
    /// Values for which there was no room.
    pub(super) dropped: u32,
}

/// An ECC variable, or an element of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Named<'a> {
    kind: u8,
    index: u8,
    name: &'a [u8],
    value: &'a [u8],
}

/// The records of single values.
#[derive(Clone, Copy, Debug)]
struct Singles<'a>(&'a [u8]);

impl<'a> Iterator for Singles<'a> {
    type Item = (u8, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let ([kind, len], rest) = self.0.split_first_chunk::<SINGLE_LEN>()?;
        let (value, rest) = rest.split_at_checked(usize::from(*len))?;
        self.0 = rest;
        Some((*kind, value))
    }
}

/// The records of named values.
#[derive(Clone, Copy, Debug)]
struct Nameds<'a>(&'a [u8]);

impl<'a> Iterator for Nameds<'a> {
    type Item = Named<'a>;

    #[inline]
    fn next(&mut self) -> Option<Named<'a>> {
        let ([kind, index, name, value], rest) = self.0.split_first_chunk::<NAMED_LEN>()?;
        let (name, rest) = rest.split_at_checked(usize::from(*name))?;
        let (value, rest) = rest.split_at_checked(usize::from(*value))?;
        self.0 = rest;
        Some(Named { kind: *kind, index: *index, name, value })
    }
}

/// The region of one call, to be written.
#[derive(Debug)]
pub(super) struct Region<'t> {
    head: &'t mut [u8; HEAD_LEN],
    body: &'t mut [u8],
    used: usize,
    singles: usize,
    /// The singles that are there.
    present: CallFields,
    /// Where the single that is set next probably is: servers keep to an order.
    cursor: usize,
    keep: CallFields,
    stored: Stored,
}

impl<'t> Region<'t> {
    /// `None` if there is no room for anything.
    pub(super) fn new(bytes: &'t mut [u8], keep: CallFields) -> Option<Self> {
        let (head, body) = bytes.split_first_chunk_mut::<HEAD_LEN>()?;
        let Head { used, singles, present } = Head::read(head);
        Some(Self { head, body, used, singles, present, cursor: 0, keep, stored: Stored::default() })
    }

    /// Forgets everything.
    pub(super) fn clear(self) {
        *self.head = [0; HEAD_LEN];
    }

    /// Keeps what a message says. What it does not say stays.
    pub(super) fn store(mut self, source: &Source<'_, '_>) -> Stored {
        self.single(kind::ANI, source.ani.map(trimmed));
        self.single(kind::DNIS, source.dnis.map(trimmed));
        self.single(kind::DIALED_NUMBER, source.dialed_number.map(trimmed));
        self.single(kind::CALLER_ENTERED_DIGITS, source.caller_entered_digits.map(trimmed));
        self.single(kind::USER_TO_USER_INFO, source.user_to_user_info.map(|bytes| bytes.0));
        self.single(kind::CALL_WRAPUP_DATA, source.call_wrapup_data.map(trimmed));
        self.single(kind::CUSTOMER_PHONE_NUMBER, source.customer_phone_number.map(trimmed));
        self.single(kind::CUSTOMER_ACCOUNT_NUMBER, source.customer_account_number.map(trimmed));
        self.single(kind::CALL_REFERENCE_ID, source.call_reference_id.map(|bytes| bytes.0));
        for (number, value) in (0..).zip(&source.variables.0) {
            self.single(number, value.map(trimmed));
        }
        match source.replaces_named {
            true => self.replace_named(source),
            false => source.named(self.keep).for_each(|named| self.set_named(&named)),
        }
        if self.stored.changed {
            *self.head = Head { used: self.used, singles: self.singles, present: self.present }.bytes();
        }
        self.stored
    }

    #[inline]
    fn single(&mut self, kind: u8, value: Option<&[u8]>) {
        let Some(value) = value else { return };
        let next = self.body.get(self.cursor..self.singles).and_then(|rest| Singles(rest).next());
        match next {
            Some((known, old)) if known == kind && same(old, value) => self.cursor = after(self.cursor, value),
            None if self.used == self.singles && !self.present.has(kind) => self.append_single(kind, value),
            _ => self.set_single(kind, value),
        }
    }

    /// Puts a new single behind the others, where no named ones are: as a call begins.
    #[inline(never)]
    fn append_single(&mut self, kind: u8, value: &[u8]) {
        if !self.keep.has(kind) {
            return;
        }
        self.stored.changed = true;
        let end = after(self.singles, value);
        let place = self.body.get_mut(self.singles..end.min(u16::MAX.into()));
        let place = place.and_then(<[u8]>::split_first_chunk_mut::<SINGLE_LEN>);
        match (place, u8::try_from(value.len())) {
            (Some((header, place)), Ok(len)) if place.len() == value.len() => {
                *header = [kind, len];
                place.copy_from_slice(value);
                (self.used, self.singles, self.cursor) = (end, end, end);
                self.present = self.present.with(kind);
            }
            _ => self.stored.dropped = self.stored.dropped.saturating_add(1),
        }
    }

    /// Sets a single that is not where it was expected, or is another.
    #[inline(never)]
    fn set_single(&mut self, kind: u8, value: &[u8]) {
        if !self.keep.has(kind) {
            return;
        }
        if self.present.has(kind) && self.find_single(kind, value) {
            return;
        }
        self.stored.changed = true;
        if self.insert_single(kind, value).is_none() {
            self.stored.dropped = self.stored.dropped.saturating_add(1);
        }
    }

    /// Whether the single has this value; another one is removed.
    fn find_single(&mut self, kind: u8, value: &[u8]) -> bool {
        let mut at = 0_usize;
        let singles = self.body.get(..self.singles).unwrap_or_default();
        let found = Singles(singles).find_map(|(known, old)| {
            let from = at;
            at = after(at, old);
            (known == kind).then_some((from, at, old == value))
        });
        match found {
            Some((_, end, true)) => self.cursor = end,
            Some((from, end, false)) => {
                let len = end.saturating_sub(from);
                self.remove(from, len);
                self.singles = self.singles.saturating_sub(len);
                self.present = self.present.without(kind);
            }
            None => {}
        }
        matches!(found, Some((_, _, true)))
    }

    /// Puts a single behind the others, in front of the named.
    fn insert_single(&mut self, kind: u8, value: &[u8]) -> Option<()> {
        let len = u8::try_from(value.len()).ok()?;
        let (from, end) = (self.singles, after(self.singles, value));
        let used = self.used.saturating_add(end.saturating_sub(from));
        if used > self.body.len() || used > u16::MAX.into() {
            return None;
        }
        self.move_up(from, end);
        let (header, place) = self.body.get_mut(from..end)?.split_first_chunk_mut::<SINGLE_LEN>()?;
        *header = [kind, len];
        copy(place, value);
        (self.used, self.singles, self.cursor) = (used, end, end);
        self.present = self.present.with(kind);
        Some(())
    }

    fn replace_named(&mut self, source: &Source<'_, '_>) {
        let known = self.body.get(self.singles..self.used).unwrap_or_default();
        if Nameds(known).eq(source.named(self.keep)) {
            return;
        }
        self.stored.changed = true;
        self.used = self.singles;
        for named in source.named(self.keep) {
            self.append_named(&named);
        }
    }

    fn set_named(&mut self, named: &Named<'_>) {
        let mut at = self.singles;
        let known = self.body.get(self.singles..self.used).unwrap_or_default();
        let found = Nameds(known).find_map(|known| {
            let from = at;
            at = at.saturating_add(NAMED_LEN).saturating_add(known.name.len()).saturating_add(known.value.len());
            let same_key = (known.kind, known.index, known.name) == (named.kind, named.index, named.name);
            same_key.then_some((from, at, known.value == named.value))
        });
        match found {
            Some((_, _, true)) => return,
            Some((from, end, false)) => self.remove(from, end.saturating_sub(from)),
            None => {}
        }
        self.stored.changed = true;
        self.append_named(named);
    }

    fn append_named(&mut self, named: &Named<'_>) {
        if self.try_append_named(named).is_none() {
            self.stored.dropped = self.stored.dropped.saturating_add(1);
        }
    }

    fn try_append_named(&mut self, named: &Named<'_>) -> Option<()> {
        let lengths = [u8::try_from(named.name.len()).ok()?, u8::try_from(named.value.len()).ok()?];
        let place = self.body.get_mut(self.used..).unwrap_or_default();
        let (header, place) = place.split_first_chunk_mut::<NAMED_LEN>()?;
        let (name, place) = place.split_at_mut_checked(named.name.len())?;
        let (value, _) = place.split_at_mut_checked(named.value.len())?;
        let len = NAMED_LEN.saturating_add(name.len()).saturating_add(value.len());
        let used = self.used.saturating_add(len);
        if used > u16::MAX.into() {
            return None;
        }
        *header = [named.kind, named.index, lengths[0], lengths[1]];
        copy(name, named.name);
        copy(value, named.value);
        self.used = used;
        Some(())
    }

    /// Closes the gap of a record that goes.
    fn remove(&mut self, from: usize, len: usize) {
        let end = from.saturating_add(len);
        for (source, target) in (end..self.used).zip(from..) {
            let byte = self.body.get(source).copied().unwrap_or_default();
            if let Some(place) = self.body.get_mut(target) {
                *place = byte;
            }
        }
        self.used = self.used.saturating_sub(len);
        self.cursor = 0;
    }

    /// Moves what is behind `from` up to `to`.
    fn move_up(&mut self, from: usize, to: usize) {
        let distance = to.saturating_sub(from);
        for source in (from..self.used).rev() {
            let byte = self.body.get(source).copied().unwrap_or_default();
            if let Some(place) = self.body.get_mut(source.saturating_add(distance)) {
                *place = byte;
            }
        }
    }
}

/// Behind a single of this value.
const fn after(at: usize, value: &[u8]) -> usize {
    at.saturating_add(SINGLE_LEN).saturating_add(value.len())
}

/// Copies bytes to a place of the same size.
fn copy(place: &mut [u8], bytes: &[u8]) {
    if place.len() == bytes.len() {
        place.copy_from_slice(bytes);
    }
}

/// The beginning of a region.
#[derive(Clone, Copy, Debug)]
struct Head {
    used: usize,
    singles: usize,
    present: CallFields,
}

impl Head {
    fn read(head: &[u8; HEAD_LEN]) -> Self {
        let [a, b, c, d, present @ ..] = *head;
        Self {
            used: u16::from_be_bytes([a, b]).into(),
            singles: u16::from_be_bytes([c, d]).into(),
            present: CallFields(u32::from_be_bytes(present)),
        }
    }

    fn bytes(self) -> [u8; HEAD_LEN] {
        let ([a, b], [c, d]) = ((self.used as u16).to_be_bytes(), (self.singles as u16).to_be_bytes());
        let [e, f, g, h] = self.present.0.to_be_bytes();
        [a, b, c, d, e, f, g, h]
    }
}

/// The data of a call, as far as it is kept: `None` if it is not, or was never said.
#[derive(Clone, Copy)]
pub struct CallData<'t> {
    singles: &'t [u8],
    named: &'t [u8],
}

impl<'t> CallData<'t> {
    pub(super) fn new(region: &'t [u8]) -> Self {
        let (singles, named) = parts(region).unwrap_or_default();
        Self { singles, named }
    }

    /// The caller's number.
    #[must_use]
    pub fn ani(&self) -> Option<Text<'t>> {
        self.text(kind::ANI)
    }

    /// The number that the network says was called.
    #[must_use]
    pub fn dnis(&self) -> Option<Text<'t>> {
        self.text(kind::DNIS)
    }

    /// The number dialled.
    #[must_use]
    pub fn dialed_number(&self) -> Option<Text<'t>> {
        self.text(kind::DIALED_NUMBER)
    }

    /// What the caller typed.
    #[must_use]
    pub fn caller_entered_digits(&self) -> Option<Text<'t>> {
        self.text(kind::CALLER_ENTERED_DIGITS)
    }

    /// The ISDN information element.
    #[must_use]
    pub fn user_to_user_info(&self) -> Option<Bytes<'t>> {
        self.single(kind::USER_TO_USER_INFO).map(Bytes)
    }

    /// Wrap-up data.
    #[must_use]
    pub fn call_wrapup_data(&self) -> Option<Text<'t>> {
        self.text(kind::CALL_WRAPUP_DATA)
    }

    /// The customer's number in an outbound campaign.
    #[must_use]
    pub fn customer_phone_number(&self) -> Option<Text<'t>> {
        self.text(kind::CUSTOMER_PHONE_NUMBER)
    }

    /// The customer's account in an outbound campaign.
    #[must_use]
    pub fn customer_account_number(&self) -> Option<Text<'t>> {
        self.text(kind::CUSTOMER_ACCOUNT_NUMBER)
    }

    /// The call's reference at Unified CM.
    #[must_use]
    pub fn call_reference_id(&self) -> Option<Bytes<'t>> {
        self.single(kind::CALL_REFERENCE_ID).map(Bytes)
    }

    /// The call variable of this number, 1 to 10.
    #[must_use]
    pub fn variable(&self, number: u8) -> Option<Text<'t>> {
        self.text(number.checked_sub(1).filter(|kind| *kind < 10)?)
    }

    /// The ECC variable of this name.
    #[must_use]
    pub fn named_variable(&self, name: &str) -> Option<Text<'t>> {
        self.named_variables().find(|variable| variable.name == name).map(|variable| variable.value)
    }

    /// The element of an ECC array.
    #[must_use]
    pub fn named_array(&self, name: &str, index: u8) -> Option<Text<'t>> {
        let mut elements = self.named_arrays();
        elements.find(|element| element.index == index && element.name == name).map(|element| element.value)
    }

    /// The ECC variables.
    pub fn named_variables(&self) -> impl Iterator<Item = NamedVariable<'t>> + use<'t> {
        let records = Nameds(self.named).filter(|record| record.kind == kind::NAMED_VARIABLES);
        records.map(|record| NamedVariable { name: Text::new(record.name), value: Text::new(record.value) })
    }

    /// The elements of the ECC arrays.
    pub fn named_arrays(&self) -> impl Iterator<Item = NamedArray<'t>> + use<'t> {
        let records = Nameds(self.named).filter(|record| record.kind == kind::NAMED_ARRAYS);
        records.map(|record| NamedArray {
            index: record.index,
            name: Text::new(record.name),
            value: Text::new(record.value),
        })
    }

    fn text(&self, kind: u8) -> Option<Text<'t>> {
        self.single(kind).map(Text::new)
    }

    fn single(&self, kind: u8) -> Option<&'t [u8]> {
        Singles(self.singles).find(|(known, _)| *known == kind).map(|(_, value)| value)
    }
}

/// The records of single values and those of named ones.
fn parts(region: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, body) = region.split_first_chunk::<HEAD_LEN>()?;
    let Head { used, singles, .. } = Head::read(head);
    body.get(..used)?.split_at_checked(singles)
}

impl fmt::Debug for CallData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallData")
            .field("ani", &self.ani())
            .field("dnis", &self.dnis())
            .field("dialed_number", &self.dialed_number())
            .finish_non_exhaustive()
    }
}
