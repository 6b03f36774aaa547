//! Writing at speed what has nothing unusual about it: a message of Unified CCE that the version has, all its fields
//! too, and for which there is room. Whatever else there is, [`PlainWriter`] gives up, and all is written once more by
//! [`Writer`](crate::wire::Writer), which knows every case and says what is wrong.

use crate::message::{FieldRule, ListRule};
use crate::value::{NAMEDVAR_NAME_MAX, NAMEDVAR_VALUE_MAX};
use crate::wire::types::copy_text;
use crate::wire::{Data, Element, List};

/// Writes the floating fields of one message, with tags and lengths of two bytes each if `WIDE`, else of one. Each
/// call hands it on, so that it stays in registers, or gives up with `None`.
#[derive(Debug)]
pub(crate) struct PlainWriter<'b, const WIDE: bool> {
    rest: &'b mut [u8],
    version: u32,
}

impl<'b, const WIDE: bool> PlainWriter<'b, WIDE> {
    /// Writes for this version of Unified CCE to the front of `place`.
    #[inline(always)]
    pub(crate) const fn new(version: u32, place: &'b mut [u8]) -> Self {
        Self { rest: place, version }
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
            None => (!rule.required_in_cce(self.version)).then_some(self),
        }
    }

    /// Writes a field. Where the rule is known, what it says is no more than numbers.
    #[inline(always)]
    pub(crate) fn field(self, rule: &'static FieldRule, data: Data<'_>) -> Option<Self> {
        if rule.digits || !rule.versions.include_cce(self.version) {
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
        if count > rule.max || !rule.versions.include_cce(self.version) {
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
struct Head<const WIDE: bool> {
    tag: u16,
    max: u16,
}

impl<const WIDE: bool> Head<WIDE> {
    /// `None` if the format has no room for the tag.
    #[inline(always)]
    const fn new(rule: &'static FieldRule) -> Option<Self> {
        const NARROW: u16 = 0xff;
        match WIDE {
            true => Some(Self { tag: rule.tag, max: rule.max }),
            false if rule.tag > NARROW => None,
            false if rule.max > NARROW => Some(Self { tag: rule.tag, max: NARROW }),
            false => Some(Self { tag: rule.tag, max: rule.max }),
        }
    }

    /// Writes tag and length; the place for the data, and what is behind it.
    #[inline(always)]
    fn open(self, rest: &mut [u8], length: usize) -> Option<(&mut [u8], &mut [u8])> {
        if length > usize::from(self.max) {
            return None;
        }
        let (place, rest) = rest.split_at_mut_checked(length.wrapping_add(head_length(WIDE)))?;
        if WIDE {
            let (head, place) = place.split_first_chunk_mut()?;
            *head = (u32::from(self.tag) << 16 | length as u32).to_be_bytes();
            Some((place, rest))
        } else {
            let (head, place) = place.split_first_chunk_mut()?;
            *head = [self.tag as u8, length as u8];
            Some((place, rest))
        }
    }

    #[inline(never)]
    fn put_text<'b>(self, rest: &'b mut [u8], raw: &[u8]) -> Option<&'b mut [u8]> {
        let text = without_final_nul(raw);
        let (place, rest) = self.open(rest, text.len().wrapping_add(1))?;
        let (end, place) = place.split_last_mut()?;
        *end = 0;
        copy_text(place, text, rest)
    }

    #[inline(never)]
    fn put_bytes<'b>(self, rest: &'b mut [u8], bytes: &[u8]) -> Option<&'b mut [u8]> {
        let (place, rest) = self.open(rest, bytes.len())?;
        place.copy_from_slice(bytes);
        Some(rest)
    }
}

/// Writes a named variable (`index` is `None`) or an element of a named array to the front of `rest`; what is left.
#[inline(never)]
pub(crate) fn put_named<'b, const WIDE: bool>(
    rest: &'b mut [u8],
    rule: &'static FieldRule,
    index: Option<u8>,
    name: &[u8],
    value: &[u8],
) -> Option<&'b mut [u8]> {
    let (name, value) = (without_final_nul(name), without_final_nul(value));
    if name.is_empty() || name.len() >= NAMEDVAR_NAME_MAX || value.len() >= NAMEDVAR_VALUE_MAX {
        return None;
    }
    let prefix = if index.is_some() { 3usize } else { 2 };
    let length = prefix.wrapping_add(name.len()).wrapping_add(value.len());
    let (mut place, rest) = Head::<WIDE>::new(rule)?.open(rest, length)?;
    if let Some(index) = index {
        let (first, behind) = place.split_first_mut()?;
        *first = index;
        place = behind;
    }
    let (end, place) = place.split_last_mut()?;
    *end = 0;
    let (name_place, place) = place.split_at_mut_checked(name.len())?;
    let (end, value_place) = place.split_first_mut()?;
    *end = 0;
    copy_text(value_place, value, copy_text(name_place, name, rest)?)
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
    use crate::wire::{Frame, HEADER_LEN, Writer};

    /// The body written at speed, if it is, and by [`Writer`].
    struct Both(Protocol);

    impl Handler for Both {
        type Output = (Option<Vec<u8>>, Vec<u8>);

        fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Self::Output {
            let mut buffer = vec![0; self.0.max_message()];
            let plain = message.write_plainly(self.0, &mut buffer).map(|length| buffer[..length].to_vec());
            let mut writer = Writer::new(self.0, M::TYPE, &mut buffer);
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
        for protocol in strategy::all_protocols().filter(|protocol| !protocol.is_ccx()) {
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
