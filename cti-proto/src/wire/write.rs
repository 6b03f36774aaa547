//! Writing a message into a buffer, or only counting its bytes.

use crate::error::{EncodeError, EncodeErrorKind};
use crate::message::{FieldName, FieldRule, ListRule, MessageType, Versions};
use crate::protocol::{FieldFormat, Protocol};
use crate::value::{NAMEDVAR_NAME_MAX, NAMEDVAR_VALUE_MAX};
use crate::wire::named::{MAX_NAMED_DATA, NAMED_ARRAY_TAG, NAMED_VARIABLE_TAG};
use crate::wire::types::nul_at;
use crate::wire::{Element, FixedValue, HEADER_LEN, List};

/// Writes one frame. It cannot index: when the buffer is full it goes on counting, so that an empty buffer measures
/// a message. The first error is kept and reported at the end.
#[derive(Debug)]
pub struct Writer<'b> {
    rest: &'b mut [u8],
    /// How long the frame is when `rest` is full.
    end: usize,
    protocol: Protocol,
    /// The format of floating fields; `None` if there may be none.
    format: Option<FieldFormat>,
    message: MessageType,
    named: usize,
    /// Whether fields that the version lacks are left out rather than refused.
    leaves_out: bool,
    error: Option<EncodeError>,
}

/// The data of a floating field on its way out.
#[derive(Clone, Copy, Debug)]
pub enum Data<'a> {
    /// A number: the last `size` bytes count.
    Number {
        /// The number.
        value: u32,
        /// Bytes on the wire, 1 to 4.
        size: u8,
    },
    /// A STRING, to be ended by a NUL.
    Text(&'a [u8]),
    /// An UNSPEC.
    Bytes(&'a [u8]),
}

impl<'b> Writer<'b> {
    /// Writes a frame of type `message` behind the place for its header. `leaves_out` says whether
    /// floating fields that the version lacks are left out rather than refused.
    pub(crate) fn new(protocol: Protocol, message: MessageType, buffer: &'b mut [u8], leaves_out: bool) -> Self {
        let format = Some(protocol.format().unwrap_or(FieldFormat::Wide));
        let end = buffer.len().max(HEADER_LEN);
        let rest = buffer.get_mut(HEADER_LEN..).unwrap_or_default();
        Self { rest, end, protocol, format, message, named: 0, leaves_out, error: None }
    }

    /// Writes a fixed part to the front of `place`.
    #[inline(always)]
    pub(crate) fn in_place(protocol: Protocol, message: MessageType, place: &'b mut [u8]) -> Self {
        let end = place.len();
        Self {
            rest: place,
            end,
            protocol,
            format: protocol.format(),
            message,
            named: 0,
            leaves_out: false,
            error: None,
        }
    }

    /// Ends a fixed part: the place for the floating fields; `None` after an error, or if there may be no fields.
    #[inline(always)]
    pub(crate) fn behind_fixed_part(self) -> Option<&'b mut [u8]> {
        (self.error.is_none() && self.format.is_some()).then_some(self.rest)
    }

    /// The protocol to write in.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Writes a fixed field.
    #[inline(always)]
    pub fn fixed<T: FixedValue>(&mut self, value: T) {
        value.write(self);
    }

    /// Bytes of the frame so far, those included for which there was no room.
    #[inline(always)]
    fn length(&self) -> usize {
        self.end.wrapping_sub(self.rest.len())
    }

    /// Counts what has no room, after which nothing has.
    #[inline(always)]
    fn overflow(&mut self, length: usize) {
        self.end = self.length().wrapping_add(length);
        self.rest = &mut [];
    }

    /// Writes `N` bytes as they are.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        if self.rest.len() < N {
            return self.overflow(N);
        }
        if let Some((place, rest)) = core::mem::take(&mut self.rest).split_first_chunk_mut() {
            *place = bytes;
            self.rest = rest;
        }
    }

    /// Refuses every floating field from here on: with one the fixed part would be read as another.
    pub(crate) fn forbid_fields(&mut self) {
        self.format = None;
    }

    /// The next `length` bytes, to be written; none if there is no room for them.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn room(&mut self, length: usize) -> &'b mut [u8] {
        if length > self.rest.len() {
            self.overflow(length);
        }
        let Some((place, rest)) = core::mem::take(&mut self.rest).split_at_mut_checked(length) else {
            return &mut [];
        };
        self.rest = rest;
        place
    }

    /// Writes tag and length of a floating field, and gives the place for its data.
    #[inline(always)]
    fn open(&mut self, tag: u16, length: usize) -> &'b mut [u8] {
        self.open_in_part(tag, length, length)
    }

    /// The same, where only the first `here` bytes of the data are given a place, and the others come next.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn open_in_part(&mut self, tag: u16, length: usize, here: usize) -> &'b mut [u8] {
        if !self.allows(tag, length) {
            return &mut [];
        }
        let [tag1, tag0] = tag.to_be_bytes();
        let [length1, length0] = (length as u16).to_be_bytes();
        match self.format {
            Some(FieldFormat::Narrow) => split(self.room(here.wrapping_add(2)), [tag0, length0]),
            Some(FieldFormat::Wide) => split(self.room(here.wrapping_add(4)), [tag1, tag0, length1, length0]),
            _ => self.open_mixed(tag, length, here),
        }
    }

    fn allows(&mut self, tag: u16, length: usize) -> bool {
        // Of the form 0, 0xff or 0xffff, so that both are told by their bits together.
        let (largest, kind) = match self.format {
            None => (0, EncodeErrorKind::Ambiguous),
            Some(FieldFormat::Narrow) => (0xff, EncodeErrorKind::NotInNarrowFormat),
            Some(_) => (0xffff, EncodeErrorKind::NotInNarrowFormat),
        };
        let allows = (usize::from(tag) | length) <= largest;
        if !allows {
            self.fail(None, kind);
        }
        allows
    }

    /// The same in the formats that hardly any peer has.
    #[cold]
    fn open_mixed(&mut self, tag: u16, length: usize, here: usize) -> &'b mut [u8] {
        let [tag1, tag0] = tag.to_be_bytes();
        let [length1, length0] = (length as u16).to_be_bytes();
        if self.format == Some(FieldFormat::WideTag) || matches!(tag, NAMED_VARIABLE_TAG | NAMED_ARRAY_TAG) {
            split(self.room(here.wrapping_add(3)), [tag1, tag0, length0])
        } else {
            split(self.room(here.wrapping_add(4)), [tag1, tag0, length1, length0])
        }
    }

    /// Writes an optional floating field, refusing what `rule` forbids.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn optional(&mut self, rule: &'static FieldRule, data: Option<Data<'_>>) {
        match data {
            Some(data) => self.field(rule, data),
            None if rule.required_in(self.protocol) => self.fail(Some(rule.name), EncodeErrorKind::Missing),
            None => {}
        }
    }

    /// Writes a floating field, refusing what `rule` forbids. Where it is known, what it says is no more than numbers.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn field(&mut self, rule: &'static FieldRule, data: Data<'_>) {
        if !rule.versions.include(self.protocol) {
            return self.lack(rule.name);
        }
        let number;
        let (bytes, is_text) = match data {
            Data::Number { value, size } => {
                number = value.to_be_bytes();
                (number.get(number.len().wrapping_sub(usize::from(size))..).unwrap_or(&number), false)
            }
            Data::Text(raw) => (without_final_nuls(raw), true),
            Data::Bytes(bytes) => (bytes, false),
        };
        let (length, max) = (bytes.len().wrapping_add(usize::from(is_text)), rule.max_in(self.protocol));
        if length > max {
            return self.fail(Some(rule.name), EncodeErrorKind::TooLong { length, max });
        }
        let end = fill(self.open(rule.tag_in(self.protocol), length), bytes);
        if is_text {
            split(end, [0]);
            self.check_text(rule, bytes);
        }
    }

    /// Refuses a text that its field cannot hold.
    #[inline(always)]
    fn check_text(&mut self, rule: &'static FieldRule, text: &[u8]) {
        if nul_at(text) < text.len() {
            return self.fail(Some(rule.name), EncodeErrorKind::EmbeddedNul);
        }
        if rule.digits && !text.iter().all(|byte| is_digit(*byte)) {
            self.fail(Some(rule.name), EncodeErrorKind::NotDigits);
        }
    }

    /// Writes the fixed field that counts `list`.
    pub(crate) fn count<'a, T: Element<'a>>(&mut self, list: &List<'a, T>) {
        self.fixed(list.len() as u16);
    }

    /// Writes a list, behind the floating field that counts it where there is one, refusing what `rule` forbids.
    pub(crate) fn list<'a, T: Element<'a>>(&mut self, rule: &'static ListRule, list: &List<'a, T>) {
        let count = list.len();
        if count == 0 && (rule.count.is_none() || list.declared().is_none()) {
            return;
        }
        if !rule.versions.include(self.protocol) {
            return self.lack(FieldName::new(rule.name));
        }
        if count > rule.max {
            return self.fail(Some(FieldName::new(rule.name)), EncodeErrorKind::TooMany { count, max: rule.max });
        }
        if let Some(field) = &rule.count {
            self.field(field, Data::Number { value: u32::try_from(count).unwrap_or(u32::MAX), size: 2 });
        }
        if count == 0 {
            return;
        }
        T::write_all(list, self);
    }

    /// Writes the header of a field that holds `count` values of `size` bytes, which come next.
    pub(crate) fn array_header(&mut self, rule: &'static FieldRule, count: usize, size: usize) {
        let (length, max) = (count.saturating_mul(size), rule.max_in(self.protocol));
        if length > max {
            return self.fail(Some(rule.name), EncodeErrorKind::TooLong { length, max });
        }
        self.open_in_part(rule.tag_in(self.protocol), length, 0);
    }

    /// Refuses a message that the protocol lacks.
    pub(crate) fn require(&mut self, versions: Versions) {
        if !versions.include(self.protocol) {
            self.fail(None, EncodeErrorKind::MessageNotInVersion);
        }
    }

    /// Writes a named variable (`index` is `None`) or an element of a named array, or refuses it.
    pub(crate) fn named(&mut self, rule: &'static FieldRule, index: Option<u8>, name: &[u8], value: &[u8]) {
        let (name, value) = (without_final_nuls(name), without_final_nuls(value));
        for (text, max) in [(name, NAMEDVAR_NAME_MAX), (value, NAMEDVAR_VALUE_MAX)] {
            let length = text.len().saturating_add(1);
            if length > max {
                return self.fail(Some(rule.name), EncodeErrorKind::TooLong { length, max });
            }
            if nul_at(text) < text.len() {
                return self.fail(Some(rule.name), EncodeErrorKind::EmbeddedNul);
            }
        }
        if name.is_empty() {
            return self.fail(Some(rule.name), EncodeErrorKind::EmptyName);
        }
        let (tag, prefix) = match index {
            None => (NAMED_VARIABLE_TAG, 2),
            Some(_) => (NAMED_ARRAY_TAG, 3),
        };
        let length = name.len().saturating_add(value.len()).saturating_add(prefix);
        self.named = self.named.saturating_add(length);
        let mut place = self.open(tag, length);
        if let Some(index) = index {
            place = split(place, [index]);
        }
        fill_text(fill_text(place, name), value);
    }

    /// Leaves out or refuses a field that the version lacks.
    #[cold]
    #[inline(never)]
    fn lack(&mut self, field: FieldName) {
        if !self.leaves_out {
            self.fail(Some(field), EncodeErrorKind::FieldNotInVersion);
        }
    }

    /// Records an error; only the first one counts.
    #[cold]
    #[inline(never)]
    pub(crate) fn fail(&mut self, field: Option<FieldName>, kind: EncodeErrorKind) {
        self.error.get_or_insert(EncodeError { message: self.message, field, kind });
    }

    /// Ends the frame: its length with header. The header itself is written by [`crate::encode`], which owns the
    /// whole buffer.
    #[cfg_attr(not(target_pointer_width = "32"), inline)]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn finish(&mut self) -> Result<usize, EncodeError> {
        if self.named > MAX_NAMED_DATA {
            self.fail(None, EncodeErrorKind::TooMuchNamedData { bytes: self.named });
        }
        let limit = self.protocol.max_message();
        let length = self.length();
        if length > limit {
            self.fail(None, EncodeErrorKind::MessageTooLong { length, limit });
        }
        match self.error {
            Some(error) => Err(error),
            None => Ok(length),
        }
    }
}

/// Writes `bytes` at the front of `place`, if they fit; what is behind them.
#[inline(always)]
fn split<const N: usize>(place: &mut [u8], bytes: [u8; N]) -> &mut [u8] {
    let Some((front, rest)) = place.split_first_chunk_mut() else {
        return &mut [];
    };
    *front = bytes;
    rest
}

#[inline(always)]
fn fill<'b>(place: &'b mut [u8], bytes: &[u8]) -> &'b mut [u8] {
    let Some((front, rest)) = place.split_at_mut_checked(bytes.len()) else {
        return &mut [];
    };
    front.copy_from_slice(bytes);
    rest
}

/// Writes `text` and a NUL.
#[inline(always)]
fn fill_text<'b>(place: &'b mut [u8], text: &[u8]) -> &'b mut [u8] {
    split(fill(place, text), [0])
}

fn without_final_nuls(mut text: &[u8]) -> &[u8] {
    while let Some((0, before)) = text.split_last() {
        text = before;
    }
    text
}

/// Whether it can be dialled: what fields of digits hold.
pub(crate) fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'D' | b'a'..=b'd' | b'*' | b'#' | b',')
}
