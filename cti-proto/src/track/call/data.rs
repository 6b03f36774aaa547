//! Call data, packed: what is kept of ANI, call variables, ECC variables and the rest, in a region of bytes per call.
//!
//! A region begins with the number of bytes in use (two bytes). Records follow: kind, index, length of the name, length
//! of the value, name, value.

use core::fmt;

use crate::message::CallVariables;
use crate::wire::{Bytes, List, NamedArray, NamedVariable, Text};

const USED_LEN: usize = 2;
const HEADER_LEN: usize = 4;

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
}

impl fmt::Debug for CallFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variables = (1..=10).filter(|number| self.contains(Self::variable(*number)));
        let names = Self::NAMES.iter().filter(|(bit, _)| self.0 & bit != 0).map(|(_, name)| name);
        f.debug_set().entries(variables).entries(names).finish()
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

    fn singles(&self) -> [(u8, Option<&'a [u8]>); 9] {
        let text = |text: Option<Text<'a>>| text.map(Text::as_bytes);
        let bytes = |bytes: Option<Bytes<'a>>| bytes.map(|bytes| bytes.0);
        [
            (kind::ANI, text(self.ani)),
            (kind::DNIS, text(self.dnis)),
            (kind::DIALED_NUMBER, text(self.dialed_number)),
            (kind::CALLER_ENTERED_DIGITS, text(self.caller_entered_digits)),
            (kind::USER_TO_USER_INFO, bytes(self.user_to_user_info)),
            (kind::CALL_WRAPUP_DATA, text(self.call_wrapup_data)),
            (kind::CUSTOMER_PHONE_NUMBER, text(self.customer_phone_number)),
            (kind::CUSTOMER_ACCOUNT_NUMBER, text(self.customer_account_number)),
            (kind::CALL_REFERENCE_ID, bytes(self.call_reference_id)),
        ]
    }

    fn named(&self, keep: CallFields) -> impl Iterator<Item = Record<'a>> + use<'a> {
        let variables = self.named_variables.iter().map(|variable| Record {
            kind: kind::NAMED_VARIABLES,
            index: 0,
            name: variable.name.as_bytes(),
            value: variable.value.as_bytes(),
        });
        let arrays = self.named_arrays.iter().map(|element| Record {
            kind: kind::NAMED_ARRAYS,
            index: element.index,
            name: element.name.as_bytes(),
            value: element.value.as_bytes(),
        });
        variables.chain(arrays).filter(move |record| keep.has(record.kind))
    }
}

/// What keeping data came to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stored {
    pub(super) changed: bool,
    /// Values for which there was no room.
    pub(super) dropped: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record<'a> {
    kind: u8,
    index: u8,
    name: &'a [u8],
    value: &'a [u8],
}

impl Record<'_> {
    fn len(&self) -> usize {
        HEADER_LEN.saturating_add(self.name.len()).saturating_add(self.value.len())
    }

    fn has_key_of(&self, other: &Record<'_>) -> bool {
        self.kind == other.kind && self.index == other.index && self.name == other.name
    }

    const fn is_named(&self) -> bool {
        matches!(self.kind, kind::NAMED_VARIABLES | kind::NAMED_ARRAYS)
    }
}

/// The records of a region.
#[derive(Clone, Copy, Debug)]
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let ([kind, index, name, value], rest) = self.0.split_first_chunk::<HEADER_LEN>()?;
        let (name, rest) = rest.split_at_checked(usize::from(*name))?;
        let (value, rest) = rest.split_at_checked(usize::from(*value))?;
        self.0 = rest;
        Some(Record { kind: *kind, index: *index, name, value })
    }
}

/// The region of one call, to be written.
#[derive(Debug)]
pub(super) struct Region<'t> {
    bytes: &'t mut [u8],
    keep: CallFields,
    /// Where the record that is set next probably is: servers keep to an order.
    cursor: usize,
    stored: Stored,
}

impl<'t> Region<'t> {
    pub(super) fn new(bytes: &'t mut [u8], keep: CallFields) -> Self {
        Self { bytes, keep, cursor: 0, stored: Stored::default() }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.set_used(0);
    }

    /// Keeps what a message says. What it does not say stays.
    pub(super) fn store(mut self, source: &Source<'_, '_>) -> Stored {
        if self.bytes.len() <= USED_LEN {
            return self.stored;
        }
        for (kind, value) in source.singles() {
            self.store_single(kind, value);
        }
        for (number, value) in (0..).zip(source.variables.0) {
            self.store_single(number, value.map(Text::as_bytes));
        }
        if source.replaces_named && !self.has_exactly(source) {
            self.forget_named();
        }
        for record in source.named(self.keep) {
            self.set(record);
        }
        self.stored
    }

    fn store_single(&mut self, kind: u8, value: Option<&[u8]>) {
        if let Some(value) = value.filter(|_| self.keep.has(kind)) {
            self.set(Record { kind, index: 0, name: &[], value });
        }
    }

    fn has_exactly(&self, source: &Source<'_, '_>) -> bool {
        self.records().filter(Record::is_named).eq(source.named(self.keep))
    }

    fn records(&self) -> Records<'_> {
        Records(used(self.bytes))
    }

    fn set(&mut self, record: Record<'_>) {
        let fits = record.name.len() <= u8::MAX.into() && record.value.len() <= u8::MAX.into();
        let old = self.find(&record);
        if let Some((_, _, true)) = old {
            return;
        }
        self.stored.changed = true;
        if let Some((at, len, false)) = old {
            self.remove(at, len);
        }
        if !fits || !self.append(&record) {
            self.stored.dropped = self.stored.dropped.saturating_add(1);
        }
    }

    /// Where the record with this key is, how long it is, and whether its value is the same.
    fn find(&mut self, wanted: &Record<'_>) -> Option<(usize, usize, bool)> {
        let ahead = used(self.bytes).get(self.cursor..).and_then(|bytes| Records(bytes).next());
        if let Some(record) = ahead.filter(|record| record.has_key_of(wanted)) {
            let (at, len, same) = (self.cursor, record.len(), record.value == wanted.value);
            self.cursor = if same { at.saturating_add(len) } else { 0 };
            return Some((at, len, same));
        }
        let mut at = 0_usize;
        for record in self.records() {
            let len = record.len();
            if record.has_key_of(wanted) {
                let same = record.value == wanted.value;
                self.cursor = if same { at.saturating_add(len) } else { 0 };
                return Some((at, len, same));
            }
            at = at.saturating_add(len);
        }
        None
    }

    fn remove(&mut self, at: usize, len: usize) {
        let used = self.used();
        self.move_down(at.saturating_add(len), used, at);
        self.set_used(used.saturating_sub(len));
    }

    fn forget_named(&mut self) {
        let (mut from, mut to) = (0_usize, 0_usize);
        while let Some(record) = used(self.bytes).get(from..).and_then(|bytes| Records(bytes).next()) {
            let (len, stays) = (record.len(), !record.is_named());
            let end = from.saturating_add(len);
            if stays {
                self.move_down(from, end, to);
                to = to.saturating_add(len);
            }
            from = end;
        }
        self.set_used(to);
        self.stored.changed = true;
        self.cursor = 0;
    }

    /// Moves the bytes from `from` to `end` down to `to`.
    fn move_down(&mut self, from: usize, end: usize, to: usize) {
        let Some(body) = self.bytes.get_mut(USED_LEN..) else { return };
        for (source, target) in (from..end).zip(to..) {
            let Some(byte) = body.get(source).copied() else { return };
            if let Some(place) = body.get_mut(target) {
                *place = byte;
            }
        }
    }

    fn append(&mut self, record: &Record<'_>) -> bool {
        let used = self.used();
        let end = used.saturating_add(record.len());
        let body = self.bytes.get_mut(USED_LEN..).unwrap_or_default();
        let Some(place) = body.get_mut(used..end).filter(|_| end <= u16::MAX.into()) else {
            return false;
        };
        let header = [record.kind, record.index, record.name.len() as u8, record.value.len() as u8];
        let bytes = header.iter().chain(record.name).chain(record.value);
        place.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
        self.set_used(end);
        self.cursor = end;
        true
    }

    fn used(&self) -> usize {
        used(self.bytes).len()
    }

    fn set_used(&mut self, used: usize) {
        if let Some((place, _)) = self.bytes.split_first_chunk_mut::<USED_LEN>() {
            *place = (used as u16).to_be_bytes();
        }
    }
}

/// The records of a region, as bytes.
fn used(region: &[u8]) -> &[u8] {
    let parts = region.split_first_chunk::<USED_LEN>();
    parts.and_then(|(used, body)| body.get(..u16::from_be_bytes(*used).into())).unwrap_or_default()
}

/// The data of a call, as far as it is kept: `None` if it is not, or was never said.
#[derive(Clone, Copy)]
pub struct CallData<'t> {
    region: &'t [u8],
}

impl<'t> CallData<'t> {
    pub(super) fn new(region: &'t [u8]) -> Self {
        Self { region: used(region) }
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
        let records = Records(self.region).filter(|record| record.kind == kind::NAMED_VARIABLES);
        records.map(|record| NamedVariable { name: Text::new(record.name), value: Text::new(record.value) })
    }

    /// The elements of the ECC arrays.
    pub fn named_arrays(&self) -> impl Iterator<Item = NamedArray<'t>> + use<'t> {
        let records = Records(self.region).filter(|record| record.kind == kind::NAMED_ARRAYS);
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
        Records(self.region).find(|record| record.kind == kind).map(|record| record.value)
    }
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
