//! Writing a message into a buffer, or only counting its bytes.

use crate::error::{EncodeError, EncodeErrorKind};
use crate::message::{FieldName, FieldRule, ListRule, MessageType, Versions};
use crate::protocol::{FieldFormat, Protocol};
use crate::value::{NAMEDVAR_NAME_MAX, NAMEDVAR_VALUE_MAX};
use crate::wire::named::{MAX_NAMED_DATA, NAMED_ARRAY_TAG, NAMED_VARIABLE_TAG};
use crate::wire::{Element, FixedValue, HEADER_LEN, List};

/// Writes one frame. It cannot index: when the buffer is full it goes on counting, so that an empty buffer measures
/// a message. The first error is kept and reported at the end.
#[derive(Debug)]
pub struct Writer<'b> {
    rest: &'b mut [u8],
    length: usize,
    protocol: Protocol,
    format: FieldFormat,
    message: MessageType,
    named: usize,
    is_bare: bool,
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
    /// Writes a frame of type `message` behind a header that [`finish`](Self::finish) fills in.
    pub(crate) fn new(protocol: Protocol, message: MessageType, buffer: &'b mut [u8]) -> Self {
        let format = protocol.format().unwrap_or(FieldFormat::Wide);
        let mut writer =
            Self { rest: buffer, length: 0, protocol, format, message, named: 0, is_bare: false, error: None };
        writer.put([0; HEADER_LEN]);
        writer
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

    /// Writes `N` bytes as they are.
    #[inline(always)]
    pub fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.length = self.length.saturating_add(N);
        match core::mem::take(&mut self.rest).split_first_chunk_mut() {
            Some((place, rest)) => {
                *place = bytes;
                self.rest = rest;
            }
            None => self.rest = &mut [],
        }
    }

    /// Refuses every floating field from here on: with one the fixed part would be read as another.
    pub(crate) fn forbid_fields(&mut self) {
        self.is_bare = true;
    }

    fn put_slice(&mut self, bytes: &[u8]) {
        self.length = self.length.saturating_add(bytes.len());
        match core::mem::take(&mut self.rest).split_at_mut_checked(bytes.len()) {
            Some((place, rest)) => {
                place.copy_from_slice(bytes);
                self.rest = rest;
            }
            None => self.rest = &mut [],
        }
    }

    /// Writes tag and length of a floating field whose data, `length` bytes, comes next by [`put`](Self::put).
    pub(crate) fn field_header(&mut self, tag: u16, length: usize) {
        if self.format == FieldFormat::Narrow && (tag > 0xff || length > 0xff) {
            return self.fail(None, EncodeErrorKind::NotInNarrowFormat);
        }
        if self.is_bare {
            return self.fail(None, EncodeErrorKind::Ambiguous);
        }
        let [.., length1, length0] = (length as u32).to_be_bytes();
        let [tag1, tag0] = tag.to_be_bytes();
        match self.format {
            FieldFormat::Narrow => self.put([tag0, length0]),
            FieldFormat::Wide => self.put([tag1, tag0, length1, length0]),
            FieldFormat::WideTag => self.put([tag1, tag0, length0]),
            FieldFormat::WideTagNamedNarrow if matches!(tag, NAMED_VARIABLE_TAG | NAMED_ARRAY_TAG) => {
                self.put([tag1, tag0, length0]);
            }
            FieldFormat::WideTagNamedNarrow => self.put([tag1, tag0, length1, length0]),
        }
    }

    /// Writes an optional floating field, refusing what `rule` forbids.
    #[inline]
    pub(crate) fn optional(&mut self, rule: &'static FieldRule, data: Option<Data<'_>>) {
        match data {
            Some(data) => self.field(rule, data),
            None if rule.required_in(self.protocol) => self.fail(Some(rule.name), EncodeErrorKind::Missing),
            None => {}
        }
    }

    /// Writes a floating field, refusing what `rule` forbids.
    pub(crate) fn field(&mut self, rule: &'static FieldRule, data: Data<'_>) {
        if !rule.versions.include(self.protocol) {
            return self.fail(Some(rule.name), EncodeErrorKind::FieldNotInVersion);
        }
        let tag = rule.tag_in(self.protocol);
        match data {
            Data::Number { value, size } => self.number(tag, value, size),
            Data::Text(raw) => self.text(rule, tag, raw),
            Data::Bytes(bytes) => {
                if self.fits(rule, bytes.len()) {
                    self.field_header(tag, bytes.len());
                    self.put_slice(bytes);
                }
            }
        }
    }

    fn number(&mut self, tag: u16, value: u32, size: u8) {
        self.field_header(tag, usize::from(size));
        let [a, b, c, d] = value.to_be_bytes();
        match size {
            1 => self.put([d]),
            2 => self.put([c, d]),
            _ => self.put([a, b, c, d]),
        }
    }

    fn text(&mut self, rule: &'static FieldRule, tag: u16, raw: &[u8]) {
        let text = without_final_nuls(raw);
        if !self.fits(rule, text.len().saturating_add(1)) {
            return;
        }
        if text.contains(&0) {
            return self.fail(Some(rule.name), EncodeErrorKind::EmbeddedNul);
        }
        if rule.digits && !text.iter().all(|byte| is_digit(*byte)) {
            return self.fail(Some(rule.name), EncodeErrorKind::NotDigits);
        }
        self.field_header(tag, text.len().saturating_add(1));
        self.put_slice(text);
        self.put([0]);
    }

    fn fits(&mut self, rule: &'static FieldRule, length: usize) -> bool {
        let max = rule.max_in(self.protocol);
        if length > max {
            self.fail(Some(rule.name), EncodeErrorKind::TooLong { length, max });
        }
        length <= max
    }

    /// Writes the fixed field that counts `list`.
    pub(crate) fn count<'a, T: Element<'a>>(&mut self, list: &List<'a, T>) {
        self.fixed(u16::try_from(list.len()).unwrap_or(u16::MAX));
    }

    /// Writes a list, behind the floating field that counts it where there is one, refusing what `rule` forbids.
    pub(crate) fn list<'a, T: Element<'a>>(&mut self, rule: &'static ListRule, list: &List<'a, T>) {
        let count = list.len();
        if count == 0 && (rule.count.is_none() || list.declared().is_none()) {
            return;
        }
        if !rule.versions.include(self.protocol) {
            return self.fail(Some(FieldName::new(rule.name)), EncodeErrorKind::FieldNotInVersion);
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
        let length = count.saturating_mul(size);
        if self.fits(rule, length) {
            self.field_header(rule.tag_in(self.protocol), length);
        }
    }

    /// Refuses a message that the protocol lacks.
    pub(crate) fn require(&mut self, versions: Versions) {
        if !versions.include(self.protocol) {
            self.fail(None, EncodeErrorKind::MessageNotInVersion);
        }
    }

    /// Writes a named variable (`index` is `None`) or an element of a named array.
    pub(crate) fn named(&mut self, rule: &'static FieldRule, index: Option<u8>, name: &[u8], value: &[u8]) {
        let (name, value) = (without_final_nuls(name), without_final_nuls(value));
        for (text, max) in [(name, NAMEDVAR_NAME_MAX), (value, NAMEDVAR_VALUE_MAX)] {
            let length = text.len().saturating_add(1);
            if length > max {
                return self.fail(Some(rule.name), EncodeErrorKind::TooLong { length, max });
            }
            if text.contains(&0) {
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
        self.field_header(tag, length);
        if let Some(index) = index {
            self.put([index]);
        }
        self.put_slice(name);
        self.put([0]);
        self.put_slice(value);
        self.put([0]);
    }

    /// Records an error; only the first one counts.
    #[cold]
    pub(crate) fn fail(&mut self, field: Option<FieldName>, kind: EncodeErrorKind) {
        self.error.get_or_insert(EncodeError { message: self.message, field, kind });
    }

    /// Ends the frame: its length with header. The header itself is written by [`crate::encode`], which owns the
    /// whole buffer.
    pub(crate) fn finish(mut self) -> Result<usize, EncodeError> {
        if self.named > MAX_NAMED_DATA {
            self.fail(None, EncodeErrorKind::TooMuchNamedData { bytes: self.named });
        }
        let limit = self.protocol.max_message();
        if self.length > limit {
            self.fail(None, EncodeErrorKind::MessageTooLong { length: self.length, limit });
        }
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.length),
        }
    }
}

fn without_final_nuls(mut text: &[u8]) -> &[u8] {
    while let Some((0, before)) = text.split_last() {
        text = before;
    }
    text
}

fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'D' | b'a'..=b'd' | b'*' | b'#' | b',')
}
