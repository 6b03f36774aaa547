//! Writing at speed what has nothing unusual about it: a message of Unified CCE that the version has, all its fields
//! too, and for which there is room. Whatever else there is, [`PlainWriter`] gives up, and all is written once more by
//! [`Writer`](crate::wire::Writer), which knows every case and says what is wrong.

use crate::message::{FieldInfo, FieldRule, ListRule, Versions};
use crate::protocol::{FieldFormat, Protocol};
use crate::value::{NAMEDVAR_NAME_MAX, NAMEDVAR_VALUE_MAX};
use crate::wire::types::{copy_any_text, copy_text};
use crate::wire::{Data, Element, HEADER_LEN, List, MAX_NAMED_DATA};

/// The first version of Unified CCE whose tags and lengths have two bytes each.
pub(crate) const WIDE_FROM: u32 = 20;

/// The oldest version that is written at speed: whether version 9 has a field need not be asked then.
const OLDEST: u32 = 10;

/// Whether messages of `protocol` may be written at speed.
#[inline(always)]
pub(crate) fn may_be_plain(protocol: Protocol) -> bool {
    let format = if protocol.version() < WIDE_FROM { FieldFormat::Narrow } else { FieldFormat::Wide };
    !protocol.is_ccx() && protocol.version() >= OLDEST && protocol.format() == Some(format)
}

/// Writes the floating fields of one message, with tags and lengths of two bytes each if `WIDE`, else of one. Each
/// call hands it on, so that it stays in registers, or gives up with `None`.
#[derive(Debug)]
pub(crate) struct PlainWriter<'b, const WIDE: bool> {
    rest: &'b mut [u8],
    version: u32,
}

impl<'b, const WIDE: bool> PlainWriter<'b, WIDE> {
    /// The versions of Unified CCE that are written so.
    const VERSIONS: (u32, u32) = if WIDE { (WIDE_FROM, Protocol::CCE_MAX) } else { (OLDEST, WIDE_FROM - 1) };

    /// The longest body that such a version allows.
    const MAX_BODY: usize = match Protocol::cce(Self::VERSIONS.0) {
        Ok(protocol) => protocol.max_message().saturating_sub(HEADER_LEN),
        Err(_) => 0,
    };

    /// Writes for this version, one of those that are written so, to the front of `place`.
    #[inline(always)]
    pub(crate) const fn new(version: u32, place: &'b mut [u8]) -> Self {
        Self { rest: place, version }
    }

    /// Whether the version is among these: no question where all versions of this form are, or none.
    #[inline(always)]
    const fn is_in(&self, versions: Versions) -> bool {
        let (first, last) = (versions.cce.0 as u32, versions.cce.1 as u32);
        let (oldest, newest) = Self::VERSIONS;
        let is_in_some = first <= newest && oldest <= last;
        is_in_some && (first <= oldest || first <= self.version) && (newest <= last || self.version <= last)
    }

    /// Goes on behind what `write` writes.
    #[inline(always)]
    pub(crate) fn by(self, write: impl FnOnce(&'b mut [u8]) -> Option<&'b mut [u8]>) -> Option<Self> {
        let rest = write(self.rest)?;
        Some(Self { rest, ..self })
    }

    /// How long the body is that began with this room, if it may be that long. One with named data is held to what
    /// these may take together, which is less.
    #[inline(always)]
    pub(crate) fn length(&self, room: usize, has_named_data: bool) -> Option<usize> {
        let length = room.wrapping_sub(self.rest.len());
        let limit = if has_named_data { MAX_NAMED_DATA } else { Self::MAX_BODY };
        (length <= limit).then_some(length)
    }

    /// The room that is left.
    #[inline(always)]
    pub(crate) const fn rest(self) -> &'b mut [u8] {
        self.rest
    }

    /// Writes an optional field.
    #[inline(always)]
    pub(crate) fn optional(self, rule: &'static FieldRule, data: Option<Data<'_>>) -> Option<Self> {
        match data {
            Some(data) => self.field(rule, data),
            None => (!(self.is_in(rule.required) && self.is_in(rule.versions))).then_some(self),
        }
    }

    /// Writes a field. Where the rule is known, what it says is no more than numbers.
    #[inline(always)]
    pub(crate) fn field(self, rule: &'static FieldRule, data: Data<'_>) -> Option<Self> {
        if rule.digits || !self.is_in(rule.versions) {
            return None;
        }
        match data {
            Data::Number { value, size } => self.number(rule.tag, value, size),
            Data::Text(raw) => self.text(rule, raw),
            Data::Bytes(bytes) => {
                let rest = Head::<WIDE>::new(rule)?.put_bytes(self.rest, bytes)?;
                Some(Self { rest, ..self })
            }
        }
    }

    #[inline(always)]
    fn number(self, tag: u16, value: u32, size: u8) -> Option<Self> {
        let [tag1, tag0] = tag.to_be_bytes();
        let [a, b, c, d] = value.to_be_bytes();
        match (WIDE, size) {
            (false, 1) if tag1 == 0 => self.put::<3, 2, 1>([tag0, 1], [d]),
            (false, 2) if tag1 == 0 => self.put::<4, 2, 2>([tag0, 2], [c, d]),
            (false, 4) if tag1 == 0 => self.put::<6, 2, 4>([tag0, 4], [a, b, c, d]),
            (true, 1) => self.put::<5, 4, 1>([tag1, tag0, 0, 1], [d]),
            (true, 2) => self.put::<6, 4, 2>([tag1, tag0, 0, 2], [c, d]),
            (true, 4) => self.put::<8, 4, 4>([tag1, tag0, 0, 4], [a, b, c, d]),
            _ => None,
        }
    }

    /// Writes two parts, of which the first is a constant and so has a store of its own.
    #[inline(always)]
    fn put<const BOTH: usize, const HEAD: usize, const DATA: usize>(
        self,
        head: [u8; HEAD],
        data: [u8; DATA],
    ) -> Option<Self> {
        let (place, rest) = self.rest.split_first_chunk_mut::<BOTH>()?;
        *place.first_chunk_mut()? = head;
        *place.last_chunk_mut()? = data;
        Some(Self { rest, ..self })
    }

    /// Writes a text by a rule that lets all characters pass.
    #[inline(always)]
    pub(crate) fn text(self, rule: &'static FieldRule, raw: &[u8]) -> Option<Self> {
        let rest = Head::<WIDE>::new(rule)?.put_text(self.rest, raw)?;
        Some(Self { rest, ..self })
    }

    /// Writes a list, behind the field that counts it where there is one.
    #[inline(always)]
    pub(crate) fn list<'a, T: Element<'a>>(mut self, rule: &'static ListRule, list: &List<'a, T>) -> Option<Self> {
        let count = list.len();
        if count == 0 && (rule.count.is_none() || list.declared().is_none()) {
            return Some(self);
        }
        if count > rule.max || !self.is_in(rule.versions) {
            return None;
        }
        if let Some(field) = &rule.count {
            self = self.field(field, Data::Number { value: count as u32, size: 2 })?;
        }
        if count == 0 {
            return Some(self);
        }
        let rest = T::write_plainly::<WIDE>(list, self.version, self.rest)?;
        Some(Self { rest, ..self })
    }
}

/// What stands in front of a text or of bytes, and how long these may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<const WIDE: bool> {
    /// The tag where it stands beside the length.
    tag: u32,
    max: usize,
}

impl<const WIDE: bool> Head<WIDE> {
    /// `None` if the format has no room for the tag.
    #[inline(always)]
    pub(crate) const fn new(rule: &FieldRule) -> Option<Self> {
        const NARROW: u16 = 0xff;
        let (tag, max) = (rule.tag as u32, rule.max as usize);
        match WIDE {
            true => Some(Self { tag: tag << 16, max }),
            false if rule.tag > NARROW => None,
            false if rule.max > NARROW => Some(Self { tag: tag << 8, max: NARROW as usize }),
            false => Some(Self { tag: tag << 8, max }),
        }
    }

    /// The same for the next tag.
    #[inline(always)]
    pub(crate) const fn next(self) -> Self {
        let tag = self.tag.wrapping_add(if WIDE { 1 << 16 } else { 1 << 8 });
        Self { tag, ..self }
    }

    /// Writes tag and length; the place for the data, and what is behind it.
    #[inline(always)]
    fn open(self, rest: &mut [u8], length: usize) -> Option<(&mut [u8], &mut [u8])> {
        if length > self.max {
            return None;
        }
        let (place, rest) = rest.split_at_mut_checked(length.wrapping_add(head_length(WIDE)))?;
        Some((self.begin(place, length)?, rest))
    }

    /// Writes tag and length; what is behind them.
    #[inline(always)]
    fn begin(self, rest: &mut [u8], length: usize) -> Option<&mut [u8]> {
        if WIDE {
            let (head, rest) = rest.split_first_chunk_mut()?;
            *head = (self.tag | length as u32).to_be_bytes();
            Some(rest)
        } else {
            let (head, rest) = rest.split_first_chunk_mut()?;
            *head = ((self.tag | length as u32) as u16).to_be_bytes();
            Some(rest)
        }
    }

    #[inline(never)]
    fn put_text<'b>(self, rest: &'b mut [u8], raw: &[u8]) -> Option<&'b mut [u8]> {
        let (place, rest, text) = self.open_text(rest, raw)?;
        copy_text(place, text).then_some(rest)
    }

    /// Writes a text of any length.
    #[inline(always)]
    pub(crate) fn put_any_text<'b>(self, rest: &'b mut [u8], raw: &[u8]) -> Option<&'b mut [u8]> {
        let (place, rest, text) = self.open_text(rest, raw)?;
        copy_any_text(place, text).then_some(rest)
    }

    /// Writes what is around a text; its place, what is behind it, and the text itself.
    #[inline(always)]
    fn open_text<'b, 't>(self, rest: &'b mut [u8], raw: &'t [u8]) -> Option<(&'b mut [u8], &'b mut [u8], &'t [u8])> {
        let text = without_final_nul(raw);
        let (place, rest) = self.open(rest, text.len().wrapping_add(1))?;
        let (place, end) = place.split_at_mut_checked(text.len())?;
        *end.first_mut()? = 0;
        Some((place, rest, text))
    }

    #[inline(never)]
    fn put_bytes<'b>(self, rest: &'b mut [u8], bytes: &[u8]) -> Option<&'b mut [u8]> {
        let (place, rest) = self.open(rest, bytes.len())?;
        place.copy_from_slice(bytes);
        Some(rest)
    }
}

/// Bytes of a list's element with tags and lengths, if all have the same.
pub(crate) const fn element_length<const WIDE: bool>(mut fields: &[FieldInfo]) -> Option<usize> {
    let mut length = 0usize;
    while let Some((field, rest)) = fields.split_first() {
        match field.rule.data_type.size() {
            Some(size) if field.rule.required.cce.1 > 0 => {
                length = length.saturating_add(head_length(WIDE)).saturating_add(size);
            }
            _ => return None,
        }
        fields = rest;
    }
    Some(length)
}

/// Writes a named variable (`index` is `None`) or an element of a named array to the front of `rest`; what is left.
#[inline(always)]
pub(crate) fn put_named<'b, const WIDE: bool>(
    rest: &'b mut [u8],
    rule: &'static FieldRule,
    index: Option<u8>,
    name: &[u8],
    value: &[u8],
) -> Option<&'b mut [u8]> {
    let (name, value) = (without_final_nul(name), without_final_nul(value));
    if name.is_empty() || name.len() >= NAMEDVAR_NAME_MAX {
        return None;
    }
    let prefix = if index.is_some() { 3usize } else { 2 };
    let length = prefix.wrapping_add(name.len()).wrapping_add(value.len());
    let mut rest = Head::<WIDE>::new(rule)?.begin(rest, length)?;
    if let Some(index) = index {
        let (first, behind) = rest.split_first_mut()?;
        *first = index;
        rest = behind;
    }
    let (place, rest) = split_terminated(rest, name.len())?;
    if !copy_text(place, name) || value.len() >= NAMEDVAR_VALUE_MAX {
        return None;
    }
    let (place, rest) = split_terminated(rest, value.len())?;
    copy_any_text(place, value).then_some(rest)
}

/// The place for a text of this length, in front of the NUL that is written, and what is behind it.
#[inline(always)]
fn split_terminated(rest: &mut [u8], length: usize) -> Option<(&mut [u8], &mut [u8])> {
    let (place, rest) = rest.split_at_mut_checked(length)?;
    let (end, rest) = rest.split_first_mut()?;
    *end = 0;
    Some((place, rest))
}

const fn head_length(is_wide: bool) -> usize {
    if is_wide { 4 } else { 2 }
}

#[inline(always)]
fn without_final_nul(raw: &[u8]) -> &[u8] {
    match raw {
        [text @ .., 0] => text,
        _ => raw,
    }
}

#[cfg(all(test, feature = "proptest"))]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use proptest::strategy::{Strategy as _, ValueTree as _};
    use proptest::test_runner::TestRunner;

    use crate::message::{Body, Handler, MESSAGES};
    use crate::protocol::Protocol;
    use crate::strategy;
    use crate::wire::{Frame, HEADER_LEN, Writer, may_be_plain};

    /// The body written at speed, if it is, and by [`Writer`].
    struct Both(Protocol);

    impl Handler for Both {
        type Output = (Option<Vec<u8>>, Vec<u8>);

        fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Self::Output {
            let mut buffer = vec![0; self.0.max_message()];
            let plain = message.write_plainly(self.0, &mut buffer).map(|length| buffer[..length].to_vec());
            let mut writer = Writer::new(self.0, M::TYPE, &mut buffer, false);
            message.write(&mut writer);
            let length = writer.finish().unwrap();
            (plain, buffer[HEADER_LEN..length].to_vec())
        }

        fn other(&mut self, frame: &Frame<'_>) -> Self::Output {
            panic!("{frame:?} has a layout")
        }
    }

    #[test]
    fn what_is_written_at_speed_is_what_is_written_with_care() {
        let mut runner = TestRunner::deterministic();
        let (mut plain, mut all) = (0, 0);
        for protocol in strategy::all_protocols().filter(|protocol| may_be_plain(*protocol)) {
            for info in MESSAGES.iter().filter(|info| info.versions.include(protocol)) {
                let frames = strategy::message(protocol, info.message_type);
                for _ in 0..4 {
                    let frame = frames.new_tree(&mut runner).unwrap().current();
                    let (quickly, carefully) = frame.frame().dispatch(&mut Both(protocol)).unwrap();
                    all += 1;
                    if let Some(quickly) = quickly {
                        assert_eq!(quickly, carefully, "{}", info.message_type);
                        plain += 1;
                    }
                }
            }
        }
        assert!(plain > all / 10 * 9, "only {plain} of {all} messages are plain");
    }
}
