//! Call data, packed: what is kept of ANI, call variables, ECC variables and the rest, in a region of bytes per call.
//!
//! A region begins with the number of bytes in use, of all and of the single values (two bytes each), and with the mask of
//! the single values that are there (four bytes); on larger targets, with a digest too of the bytes in which call
//! variables and named values came last, for they come again and again. Floating fields follow as in
//! [`FieldFormat::Wide`], so that most can be taken as they come: those of single values, then those of named ones.

use core::fmt;

use crate::message::CallVariables;
use crate::message::dictionary::tag;
use crate::protocol::{FieldFormat, Product};
use crate::track::hash::Digest;
use crate::track::text::{same, trimmed};
use crate::track::told::Told;
use crate::wire::{
    Bytes, Fields, IS_FAST, NAMED_ARRAY_TAG, NAMED_VARIABLE_TAG, NamedArray, NamedVariable, RawField, Text,
};

/// With a digest where speed counts.
const HEAD_LEN: usize = if IS_FAST { 16 } else { 8 };
/// Bytes of tag and length in front of a value.
const FIELD_LEN: usize = 4;

macro_rules! call_fields {
    ($($name:ident = $bit:literal $($tag:ident)?, $text:literal;)+) => {
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

        /// The kinds of single values.
        mod kind {
            use super::{Kind, tag};

            $($(pub(super) const $name: Kind = Kind { bit: $bit, tag: tag::$tag };)?)+
        }
    };
}

/// A kind of single value: its bit in the mask, and the tag of its field.
#[derive(Clone, Copy, Debug)]
struct Kind {
    bit: u8,
    tag: u16,
}

impl Kind {
    /// The call variable with `bit` before it.
    const fn variable(bit: u8) -> Self {
        Self { bit, tag: CallVariables::FIRST_TAG.wrapping_add(bit as u16) }
    }

    /// The call variable in this field.
    const fn of(variable: &RawField<'_>) -> Self {
        Self::variable(variable.tag.wrapping_sub(CallVariables::FIRST_TAG) as u8)
    }

    const fn is_variable(self) -> bool {
        CallFields::CALL_VARIABLES.has(self)
    }
}

call_fields! {
    ANI = 10 ani, "The caller's number.";
    DNIS = 11 dnis, "The number that the network says was called.";
    DIALED_NUMBER = 12 dialed_number, "The number dialled.";
    CALLER_ENTERED_DIGITS = 13 caller_entered_digits, "What the caller typed.";
    USER_TO_USER_INFO = 14 user_to_user_info, "The ISDN information element.";
    CALL_WRAPUP_DATA = 15 call_wrapup_data, "Wrap-up data.";
    CUSTOMER_PHONE_NUMBER = 16 customer_phone_number, "The customer's number in an outbound campaign.";
    CUSTOMER_ACCOUNT_NUMBER = 17 customer_account_number, "The customer's account in an outbound campaign.";
    CALL_REFERENCE_ID = 18 call_reference_id, "The call's reference at Unified CM.";
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

    const fn has(self, kind: Kind) -> bool {
        self.0 >> (kind.bit & 31) & 1 == 1
    }

    const fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << (kind.bit & 31))
    }

    const fn without(self, kind: Kind) -> Self {
        Self(self.0 & !(1 << (kind.bit & 31)))
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

/// What keeping data came to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stored {
    pub(super) changed: bool,
    /// Values for which there was no room.
    pub(super) dropped: u32,
}

/// What a message has of the named values of its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// All there are.
    All,
    /// From version 22 on all there are, before that those that are new.
    ByVersion,
    /// The same, but if it has none it says nothing of them.
    ByVersionIfAny,
}

impl Named {
    /// Whether those of a message are all that the call has.
    pub(super) fn are_all(self, told: &Told<'_>) -> bool {
        let protocol = told.protocol();
        let by_version = protocol.product() == Product::Cce && protocol.version() >= 22;
        match self {
            Self::All => true,
            Self::ByVersion => by_version,
            Self::ByVersionIfAny => by_version && told.has_named(),
        }
    }
}

/// An ECC variable, or an element of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct EccValue<'a> {
    index: Option<u8>,
    name: &'a [u8],
    value: &'a [u8],
}

impl<'a> EccValue<'a> {
    fn variable(variable: NamedVariable<'a>) -> Self {
        Self { index: None, name: trimmed(variable.name), value: trimmed(variable.value) }
    }

    fn array(element: NamedArray<'a>) -> Self {
        Self { index: Some(element.index), name: trimmed(element.name), value: trimmed(element.value) }
    }

    fn of(field: RawField<'a>) -> Option<Self> {
        match field.tag {
            NAMED_VARIABLE_TAG => Some(Self::variable(NamedVariable::from_data(field.data))),
            NAMED_ARRAY_TAG => Some(Self::array(NamedArray::from_data(field.data))),
            _ => None,
        }
    }
}

/// The named values of a message that are kept.
fn named<'a>(told: &Told<'a>, keep: CallFields) -> impl Iterator<Item = EccValue<'a>> + use<'a> {
    let variables = keep.contains(CallFields::NAMED_VARIABLES).then(|| told.named_variables());
    let arrays = keep.contains(CallFields::NAMED_ARRAYS).then(|| told.named_arrays());
    let variables = variables.unwrap_or_default().into_iter().map(EccValue::variable);
    variables.chain(arrays.unwrap_or_default().into_iter().map(EccValue::array))
}

/// The fields of a region.
fn fields(bytes: &[u8]) -> Fields<'_> {
    Fields::with_format(FieldFormat::Wide, bytes)
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
    /// The digest of what was kept last, as long as it is all there; else 0.
    digest: u64,
    /// Where the single that is set next probably is: servers keep to an order.
    cursor: usize,
    keep: CallFields,
    stored: Stored,
}

impl<'t> Region<'t> {
    /// `None` if there is no room for anything.
    pub(super) fn new(bytes: &'t mut [u8], keep: CallFields) -> Option<Self> {
        let (head, body) = bytes.split_first_chunk_mut::<HEAD_LEN>()?;
        let Head { used, singles, present, digest } = Head::read(head);
        Some(Self { head, body, used, singles, present, digest, cursor: 0, keep, stored: Stored::default() })
    }

    /// Forgets everything.
    pub(super) fn clear(self) {
        *self.head = [0; HEAD_LEN];
    }

    /// Keeps what a message says. What it does not say stays.
    pub(super) fn store(mut self, told: &Told<'_>, replaces_named: bool) -> Stored {
        let before = self.digest;
        self.single(kind::ANI, told.ani().map(trimmed));
        self.single(kind::DNIS, told.dnis().map(trimmed));
        self.single(kind::DIALED_NUMBER, told.dialed_number().map(trimmed));
        self.single(kind::CALLER_ENTERED_DIGITS, told.caller_entered_digits().map(trimmed));
        self.single(kind::USER_TO_USER_INFO, told.user_to_user_info().map(|bytes| bytes.0));
        self.single(kind::CALL_WRAPUP_DATA, told.call_wrapup_data().map(trimmed));
        self.single(kind::CUSTOMER_PHONE_NUMBER, told.customer_phone_number().map(trimmed));
        self.single(kind::CUSTOMER_ACCOUNT_NUMBER, told.customer_account_number().map(trimmed));
        self.single(kind::CALL_REFERENCE_ID, told.call_reference_id().map(|bytes| bytes.0));
        if replaces_named || told.has_lists() {
            self.lists(told, replaces_named);
        }
        if self.stored.changed || self.digest != before {
            let Self { used, singles, present, digest, .. } = self;
            *self.head = Head { used, singles, present, digest }.bytes();
        }
        self.stored
    }

    /// The call variables and named values, unless they are those of last time.
    fn lists(&mut self, told: &Told<'_>, replaces_named: bool) {
        let run = if IS_FAST { told.run_of_lists() } else { None };
        let digest = run.map_or(0, |run| Digest::new(replaces_named.into()).bytes(run).finish());
        if digest != 0 && digest == self.digest {
            return;
        }
        let dropped = self.stored.dropped;
        let may_take = replaces_named && told.format() == FieldFormat::Wide;
        if run.filter(|_| may_take).and_then(|run| self.take(told, run)).is_none() {
            for variable in told.variables() {
                self.put_single(Kind::of(&variable), variable.data);
            }
            match replaces_named {
                true => self.replace_named(told),
                false => named(told, self.keep).for_each(|named| self.set_named(&named)),
            }
        }
        // What did not fit is tried again.
        self.digest = if self.stored.dropped == dropped { digest } else { 0 };
    }

    /// Takes fields as they came, where there are none of their kinds yet: as a call begins.
    fn take(&mut self, told: &Told<'_>, run: &[u8]) -> Option<()> {
        const LISTS: CallFields =
            CallFields::CALL_VARIABLES.and(CallFields::NAMED_VARIABLES).and(CallFields::NAMED_ARRAYS);
        let has_none = self.used == self.singles && self.present.0 & CallFields::CALL_VARIABLES.0 == 0;
        let end = self.used.saturating_add(run.len());
        if !has_none || end > u16::MAX.into() || !self.keep.contains(LISTS) {
            return None;
        }
        copy(self.body.get_mut(self.used..end)?, run)?;
        (self.used, self.singles) = (end, self.singles.saturating_add(told.stretch_of_variables().len()));
        for variable in told.variables() {
            self.present = self.present.with(Kind::of(&variable));
        }
        self.stored.changed |= !run.is_empty();
        Some(())
    }

    #[inline(always)]
    fn single(&mut self, kind: Kind, value: Option<&[u8]>) {
        if let Some(value) = value {
            self.put_single(kind, value);
        }
    }

    fn put_single(&mut self, kind: Kind, value: &[u8]) {
        match fields(self.body.get(self.cursor..self.singles).unwrap_or_default()).next() {
            Some(old) if old.tag == kind.tag && same(old.data, value) => self.cursor = after(self.cursor, value),
            None if self.used == self.singles && !self.present.has(kind) => self.append_single(kind, value),
            _ => self.set_single(kind, value),
        }
    }

    /// Puts a new single behind the others, where no named ones are: as a call begins.
    #[inline(never)]
    fn append_single(&mut self, kind: Kind, value: &[u8]) {
        if !self.keep.has(kind) {
            return;
        }
        self.stored.changed = true;
        if self.insert_single(kind, value).is_none() {
            self.stored.dropped = self.stored.dropped.saturating_add(1);
        }
    }

    /// Sets a single that is not where it was expected, or is another.
    #[inline(never)]
    fn set_single(&mut self, kind: Kind, value: &[u8]) {
        if !(self.present.has(kind) && self.find_single(kind, value)) {
            self.append_single(kind, value);
        }
    }

    /// Whether the single has this value; another one is removed.
    fn find_single(&mut self, kind: Kind, value: &[u8]) -> bool {
        let mut at = 0_usize;
        let singles = self.body.get(..self.singles).unwrap_or_default();
        let found = fields(singles).find_map(|old| {
            let from = at;
            at = after(at, old.data);
            // Variables are kept with the NULs that they came with, or without.
            let is_it = match kind.is_variable() {
                true => trimmed(Text::new(old.data)) == trimmed(Text::new(value)),
                false => old.data == value,
            };
            (old.tag == kind.tag).then_some((from, at, is_it))
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
    fn insert_single(&mut self, kind: Kind, value: &[u8]) -> Option<()> {
        let len = u16::try_from(value.len()).ok()?;
        let (from, end) = (self.singles, after(self.singles, value));
        let used = self.used.saturating_add(end.saturating_sub(from));
        if used > self.body.len() || used > u16::MAX.into() {
            return None;
        }
        self.move_up(from, end);
        write(self.body.get_mut(from..end)?, kind.tag, len, |place| copy(place, value))?;
        (self.used, self.singles, self.cursor) = (used, end, end);
        self.present = self.present.with(kind);
        Some(())
    }

    fn replace_named(&mut self, told: &Told<'_>) {
        let known = self.body.get(self.singles..self.used).unwrap_or_default();
        if fields(known).filter_map(EccValue::of).eq(named(told, self.keep)) {
            return;
        }
        self.stored.changed = true;
        self.used = self.singles;
        for named in named(told, self.keep) {
            self.append_named(&named);
        }
    }

    fn set_named(&mut self, named: &EccValue<'_>) {
        let mut at = self.singles;
        let known = self.body.get(self.singles..self.used).unwrap_or_default();
        let found = fields(known).find_map(|field| {
            let from = at;
            at = after(at, field.data);
            let known = EccValue::of(field).filter(|known| (known.index, known.name) == (named.index, named.name))?;
            Some((from, at, known.value == named.value))
        });
        match found {
            Some((_, _, true)) => return,
            Some((from, end, false)) => self.remove(from, end.saturating_sub(from)),
            None => {}
        }
        self.stored.changed = true;
        self.append_named(named);
    }

    fn append_named(&mut self, named: &EccValue<'_>) {
        if self.try_append_named(named).is_none() {
            self.stored.dropped = self.stored.dropped.saturating_add(1);
        }
    }

    fn try_append_named(&mut self, named: &EccValue<'_>) -> Option<()> {
        let ends = if named.index.is_some() { 3_usize } else { 2 };
        let len = named.name.len().saturating_add(named.value.len()).saturating_add(ends);
        let end = self.used.saturating_add(FIELD_LEN).saturating_add(len);
        if end > u16::MAX.into() {
            return None;
        }
        let tag = if named.index.is_some() { NAMED_ARRAY_TAG } else { NAMED_VARIABLE_TAG };
        write(self.body.get_mut(self.used..end)?, tag, len as u16, |place| {
            let index = named.index.as_slice();
            let (index_place, place) = place.split_at_mut_checked(index.len())?;
            copy(index_place, index)?;
            let (name, place) = place.split_at_mut_checked(named.name.len())?;
            copy(name, named.name)?;
            let (nul, place) = place.split_first_mut()?;
            let (last, value) = place.split_last_mut()?;
            (*nul, *last) = (0, 0);
            copy(value, named.value)
        })?;
        self.used = end;
        Some(())
    }

    /// Closes the gap of a field that goes.
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

/// Behind a field of these data.
const fn after(at: usize, data: &[u8]) -> usize {
    at.saturating_add(FIELD_LEN).saturating_add(data.len())
}

/// Writes a field that fills its place.
#[inline(always)]
fn write(place: &mut [u8], tag: u16, len: u16, data: impl FnOnce(&mut [u8]) -> Option<()>) -> Option<()> {
    let (head, place) = place.split_first_chunk_mut::<FIELD_LEN>()?;
    *head = (u32::from(tag) << 16 | u32::from(len)).to_be_bytes();
    data(place)
}

/// Copies bytes to a place of the same size.
fn copy(place: &mut [u8], bytes: &[u8]) -> Option<()> {
    (place.len() == bytes.len()).then(|| place.copy_from_slice(bytes))
}

/// The beginning of a region.
#[derive(Clone, Copy, Debug)]
struct Head {
    used: usize,
    singles: usize,
    present: CallFields,
    digest: u64,
}

impl Head {
    fn read(head: &[u8; HEAD_LEN]) -> Self {
        let [a, b, c, d, e, f, g, h, digest @ ..] = *head;
        Self {
            used: u16::from_le_bytes([a, b]).into(),
            singles: u16::from_le_bytes([c, d]).into(),
            present: CallFields(u32::from_le_bytes([e, f, g, h])),
            digest: digest.first_chunk().copied().map_or(0, u64::from_le_bytes),
        }
    }

    fn bytes(self) -> [u8; HEAD_LEN] {
        let head = u64::from(self.present.0) << 32 | (self.singles as u64) << 16 | self.used as u64;
        let mut bytes = [0; HEAD_LEN];
        let (words, _) = bytes.as_chunks_mut();
        words.iter_mut().zip([head, self.digest]).for_each(|(place, word)| *place = word.to_le_bytes());
        bytes
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
        self.text(Kind::variable(number.checked_sub(1).filter(|bit| *bit < 10)?))
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
        let variables = fields(self.named).filter(|field| field.tag == NAMED_VARIABLE_TAG);
        variables.map(|field| NamedVariable::from_data(field.data))
    }

    /// The elements of the ECC arrays.
    pub fn named_arrays(&self) -> impl Iterator<Item = NamedArray<'t>> + use<'t> {
        let elements = fields(self.named).filter(|field| field.tag == NAMED_ARRAY_TAG);
        elements.map(|field| NamedArray::from_data(field.data))
    }

    fn text(&self, kind: Kind) -> Option<Text<'t>> {
        self.single(kind).map(Text::new)
    }

    fn single(&self, kind: Kind) -> Option<&'t [u8]> {
        fields(self.singles).find(|field| field.tag == kind.tag).map(|field| field.data)
    }
}

/// The fields of single values and those of named ones.
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
